// Settlement: what it takes, asks and proves; what becomes of it; what items in foreign currency are worth.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { engineVersion, Ledger, profile, profiles, toMinor } from '../index.js'

const SETTLING = {
  settings: { baseCurrency: 'EUR' },
  customers: [{ id: 'A' }],
  documents: [
    { id: 'I1', customer: 'A', kind: 'invoice', currency: 'EUR', amount: '1000.00', documentDate: '2026-01-01', dueDate: '2026-01-31' },
    { id: 'I2', customer: 'A', kind: 'invoice', currency: 'EUR', amount: '500.00', documentDate: '2026-01-02', dueDate: '2026-02-01' },
    { id: 'I3', customer: 'A', kind: 'invoice', currency: 'EUR', amount: '300.00', documentDate: '2026-01-03', dueDate: '2026-02-02' },
    { id: 'P1', customer: 'A', kind: 'payment', currency: 'EUR', amount: '-980.00', documentDate: '2026-01-10', reference: 'I1' },
    { id: 'P2', customer: 'A', kind: 'payment', currency: 'EUR', amount: '-200.00', documentDate: '2026-01-10', reference: 'I3' },
    { id: 'U1', customer: 'A', kind: 'invoice', currency: 'USD', amount: '100.00', rate: '0.90', documentDate: '2026-01-05', dueDate: '2026-02-05' },
    { id: 'U2', customer: 'A', kind: 'payment', currency: 'USD', amount: '-100.00', rate: '0.92', documentDate: '2026-01-10' },
    { id: 'U3', customer: 'A', kind: 'invoice', currency: 'USD', amount: '10.00', rate: '0.90', documentDate: '2026-01-06', dueDate: '2026-02-06' },
  ],
  discounts: [
    { document: 'I1', until: '2026-01-15', percent: '2' },
    { document: 'I3', until: '2026-01-09', percent: '1' },
  ],
  rates: [{ currency: 'USD', base: 'EUR', rate: '0.95', effective: '2026-01-10' }],
}
const POLICY = { partial: 'residual', discount: { late: 'asked', graceDays: 2 } }

test('a settlement takes discounts, asks, proves itself, is edited, posted and taken back', async () => {
  const ledger = Ledger.from(SETTLING)
  const view = ledger.asOf('2026-01-10')
  const settlement = view.settle(POLICY)
  assert.deepEqual(
    settlement.lines().map(({ credit, debit, debitAmount, debitLeft, strategy, exchange }) => [credit, debit, debitAmount, debitLeft, strategy, exchange]),
    [
      ['P1', 'I1', '980.00', '1000.00', 'reference', '0.00'],
      ['P2', 'I3', '200.00', '300.00', 'reference', '0.00'],
      ['U2', 'U1', '100.00', '100.00', 'exact_amount', '2.00'],
    ],
  )
  assert.deepEqual(
    settlement.differences().map(({ document, kind, amount, line, rule, until, limit }) => [document, kind, amount, line, rule, until, limit]),
    [
      ['I1', 'discount', '20.00', 0, 'discount.in_time', '2026-01-15', null],
      ['I3', 'residual', '100.00', 1, 'residual', null, null],
    ],
  )
  assert.deepEqual(settlement.unapplied(), [])
  assert.deepEqual(settlement.questions(), [
    { kind: 'late_discount', credit: 'P2', document: 'I3', instalment: 0, amount: '3.00', choices: [], total: 0 },
  ])
  assert.deepEqual(settlement.exchange(), [{ currency: 'EUR', amount: '2.00' }])
  for (const row of settlement.proof()) {
    const sum = (...names) => names.reduce((total, name) => total + toMinor(row[name], row.currency), 0n)
    assert.equal(sum('received'), sum('applied', 'closed', 'unapplied'))
    const kinds = ['discount', 'discountTax', 'tolerance', 'writeOff', 'bankCharge', 'cashRounding', 'residual']
    assert.equal(sum('claims'), sum('paid', ...kinds, 'open'))
    assert.equal(row.matchedShare, '100.00')
  }
  const about = settlement.explain({ debit: 'I3' })
  assert.deepEqual([about.lines.length, about.differences[0].line, about.unapplied], [1, 1, []])

  const edited = settlement.without([1])
  assert.deepEqual([settlement.lines().length, edited.lines().length], [3, 2])
  assert.deepEqual(edited.unapplied(), [{ credit: 'P2', currency: 'EUR', amount: '200.00', reason: 'edited' }])

  const [first] = settlement.edit([{ line: 0, reason: 'agreed' }]).differences()
  assert.equal(first.reason, 'agreed')
  assert.throws(() => settlement.edit([{ line: 0, amount: '0' }]), { code: 'edit_invalid', table: 'edits', index: 0, field: 'amount' })
  assert.throws(() => settlement.edit({}), { code: 'wrong_type', field: 'edits' })

  const facts = settlement.facts('s')
  assert.deepEqual(Object.keys(facts), ['allocations', 'differences', 'documents'])
  assert.deepEqual(facts.differences.map(({ id, allocation }) => [id, allocation]), [['s-1-d1', 's-1'], ['s-2-d1', 's-2']])
  const next = ledger.append(facts, { recorded: '2026-01-10' })
  const open = (ledger, day) => ledger.asOf(day).openItems().map(({ document, open }) => `${document} ${open}`)
  assert.deepEqual(open(next, '2026-01-10'), ['I2 500.00', 's-2-r 100.00', 'U3 10.00'])
  const undone = next.asOf('2026-01-12').undo(['s-1', 's-2', 's-3'])
  assert.deepEqual(undone.cancellations.map(({ document, effective }) => [document, effective]), [['s-2-r', '2026-01-12']])
  const back = next.append(undone, { recorded: '2026-01-12' })
  assert.deepEqual(open(back, '2026-01-12'), open(ledger, '2026-01-12'))
  assert.deepEqual(open(back, '2026-01-11'), open(next, '2026-01-11'))
  const paid = next.append({
    documents: [{ id: 'P3', customer: 'A', kind: 'payment', currency: 'EUR', amount: '-100.00', documentDate: '2026-01-11' }],
    allocations: [{ id: 'a', credit: 'P3', debit: 's-2-r', amount: '100.00' }],
  }, { recorded: '2026-01-11' })
  assert.throws(() => paid.asOf('2026-01-12').undo(['s-2']), { code: 'in_the_way', table: 'ids', index: 0 })

  assert.deepEqual((await view.settleAsync(POLICY)).lines(), settlement.lines())
  assert.deepEqual(view.settle().lines().map(({ amount }) => amount), view.propose().lines().map(({ amount }) => amount))
  assert.deepEqual(view.settle(JSON.stringify({ partial: 'residual', discount: { late: 'asked', grace_days: 2 } })).lines(), settlement.lines())
})

test('a settlement says what made it', () => {
  const view = Ledger.from(SETTLING).asOf('2026-01-10')
  const { madeBy } = view.settle({ ...POLICY, id: 'daily' })
  assert.deepEqual([madeBy.policy, madeBy.engine, madeBy.policyHash.length], ['daily', engineVersion(), 64])
  assert.deepEqual(view.settle({ partial: 'allowed' }).madeBy, view.settle().without([0]).madeBy)
  assert.notEqual(view.settle(POLICY).madeBy.policyHash, view.settle().madeBy.policyHash)
})

test('a settlement as columns and as Arrow bytes', () => {
  const settlement = Ledger.from(SETTLING).asOf('2026-01-10').settle(POLICY)
  const [lines, differences] = [settlement.toColumns(), settlement.toColumns('differences')]
  settlement.lines().forEach((line, at) => {
    for (const name of ['credit', 'debit', 'instalment', 'currency', 'debitCurrency', 'strategy']) assert.equal(lines[name][at], line[name])
    for (const name of ['amount', 'debitAmount', 'creditLeft', 'debitLeft']) {
      assert.equal(lines[`${name}Minor`][at], toMinor(line[name], name.startsWith('debit') ? line.debitCurrency : line.currency))
    }
    for (const name of ['baseCredit', 'baseDebit', 'exchange']) {
      assert.deepEqual([lines[`${name}Minor`].values[at], lines[`${name}Minor`].present[at]], [toMinor(line[name], 'EUR'), 1])
    }
  })
  settlement.differences().forEach((row, at) => {
    for (const name of ['document', 'instalment', 'currency', 'kind', 'line', 'reason', 'rule']) assert.equal(differences[name][at], row[name])
    assert.equal(differences.amountMinor[at], toMinor(row.amount, row.currency))
    assert.equal(differences.until.present[at] === 1, row.until !== null)
    assert.equal(differences.limitMinor.present[at], 0)
  })
  assert.deepEqual(settlement.toColumns('unapplied').credit, [])
  for (const what of ['lines', 'differences', 'unapplied', 'questions', 'proof', 'exchange']) assert.ok(settlement.toArrow(what).length > 100)
})

test('a revaluation is what items in foreign currency are worth', () => {
  const { on, reversedOn, items, totals } = Ledger.from(SETTLING).asOf('2026-01-31').revaluation()
  assert.deepEqual([on, reversedOn], ['2026-01-31', '2026-02-01'])
  assert.deepEqual(items.map(({ document }) => document), ['U1', 'U3', 'U2'])
  assert.deepEqual(items[1], {
    document: 'U3', instalment: 0, customer: 'A', currency: 'USD', open: '10.00', baseCurrency: 'EUR', baseOpen: '9.00', rate: '0.95',
    revalued: '9.50', difference: '0.50',
  })
  assert.deepEqual(totals, [{ currency: 'EUR', baseOpen: '7.00', revalued: '9.50', difference: '2.50' }])
  const { rates, ...unrated } = SETTLING
  assert.throws(() => Ledger.from(unrated).asOf('2026-01-31').revaluation(), { code: 'rate_missing' })
})

test('profiles of settlement are policies', () => {
  const view = Ledger.from(SETTLING).asOf('2026-01-10')
  assert.ok(profiles('settlement').includes('business-central'))
  for (const name of profiles('settlement')) {
    assert.deepEqual(view.settle({ profile: name }).explain(), view.settle(profile('settlement', name)).explain())
  }
})
