// Dunning: what it says, its facts, its columns, policies tried on the past, on the thread and off it.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { DunningRun, Ledger, engineVersion, lintDunning, profile, profiles, toMinor } from '../index.js'

const document = (id, customer, amount, dueDate) => ({
  id, customer, kind: 'invoice', currency: 'EUR', amount, documentDate: '2026-01-01', dueDate,
})
const DUNNING = {
  settings: { baseCurrency: 'EUR' },
  customers: [{ id: 'ACME' }, { id: 'BOLT' }, { id: 'CORP' }],
  customerChanges: [{ customer: 'BOLT', attribute: 'channel', value: 'letter', effective: '2026-01-01' }],
  documents: [
    document('A1', 'ACME', '100.00', '2026-01-31'),
    document('A2', 'ACME', '50.00', '2026-03-01'),
    document('B1', 'BOLT', '200.00', '2026-01-20'),
    document('C1', 'CORP', '30.00', '2026-01-20'),
  ],
  disputes: [{ id: 'D', document: 'C1', reason: 'price', effective: '2026-02-01' }],
  notices: [{ id: 'N', customer: 'BOLT', level: 1, effective: '2026-01-25', currency: 'EUR', dueDate: '2026-02-01' }],
  noticeLines: [{ notice: 'N', document: 'B1', level: 1 }],
}
const POLICY = {
  procedures: {
    my_own: {
      graceDays: 2,
      intervalDays: 7,
      levels: [
        { days: 3, name: 'reminder', payWithinDays: 7 },
        {
          days: 14, name: 'second', payWithinDays: 7, handOver: 'agency',
          noticeFee: { currencies: [{ currency: 'EUR', taxPercent: 19, tiers: [{ amount: '2.50' }, { from: 100, percent: 1 }] }] },
        },
      ],
    },
  },
  triggers: [{ id: 'hello', when: 'new_customer', withinDays: 31, action: 'welcome' }],
}
const PERIOD = { from: '2026-01-20', to: '2026-02-28' }

test('a run says whom to remind of what, and why not the others', async () => {
  const view = Ledger.from(DUNNING).asOf('2026-02-10')
  const run = view.dun(POLICY)
  assert.ok(run instanceof DunningRun)
  assert.deepEqual([run.day, run.noticeCount, run.lineCount], ['2026-02-10', 2, 2])
  const [first, second] = run.notices()
  assert.deepEqual([first.customer, first.name, first.total, first.dueDate], ['ACME', 'reminder', '100.00', '2026-02-17'])
  const { customer, procedure, level, channel, handOver, claims, fee, feeTax, total } = second
  assert.deepEqual(
    { customer, procedure, level, channel, handOver, claims, fee, feeTax, total },
    {
      customer: 'BOLT', procedure: 'my_own', level: 2, channel: 'letter', handOver: 'agency', claims: '200.00', fee: '2.00',
      feeTax: '0.38', total: '202.38',
    },
  )
  assert.deepEqual(second.lines.map(({ document, days, level, previous }) => [document, days, level, previous]), [['B1', 21, 2, 1]])
  assert.deepEqual(run.skipped().map(({ document, reason, detail, until }) => [document, reason, detail, until]), [
    ['A2', 'not_due', '', null],
    ['C1', 'disputed', 'price', null],
  ])
  assert.deepEqual(run.skippedCounts, { disputed: 1, not_due: 1 })
  const { reason, steps } = run.explain('C1')
  assert.deepEqual([reason, steps.at(-1).predicate, steps.at(-1).passed], ['disputed', 'disputed', false])
  assert.throws(() => run.explain('A1', 7), { code: 'unknown_value', field: 'document' })
  assert.throws(() => run.explain(3), { code: 'wrong_type', field: 'document' })
  assert.throws(() => run.explain('A1', '0'), { code: 'wrong_type', field: 'instalment' })
  assert.deepEqual((await view.dunAsync(POLICY)).notices(), run.notices())
  assert.deepEqual(view.dun({ ...POLICY, id: 'daily' }).madeBy.policy, 'daily')
  assert.deepEqual([run.madeBy.engine, run.without([0]).madeBy], [engineVersion(), run.madeBy])
})

test('a run is edited and posted, and says nothing a second time', () => {
  const ledger = Ledger.from(DUNNING)
  const run = ledger.asOf('2026-02-10').dun(POLICY)
  const edited = run.without([1])
  assert.deepEqual(edited.skipped().map(({ document, reason }) => [document, reason]), [
    ['A2', 'not_due'], ['B1', 'refused'], ['C1', 'disputed'],
  ])
  assert.throws(() => run.without([2]), { code: 'unknown_value', field: 'notices' })
  assert.throws(() => run.without('1'), { code: 'wrong_type', field: 'notices' })
  const facts = run.facts('dun')
  assert.deepEqual(Object.keys(facts), ['documents', 'notices', 'noticeLines'])
  assert.deepEqual(facts.notices.map(({ id, level, procedure, dueDate }) => [id, level, procedure, dueDate]), [
    ['dun-1', 1, 'my_own', '2026-02-17'], ['dun-2', 2, 'my_own', '2026-02-17'],
  ])
  assert.deepEqual(facts.documents.map(({ id, kind, amount, tax, related }) => [id, kind, amount, tax, related]), [
    ['dun-2-f', 'charge', '2.38', '0.38', 'B1'],
  ])
  const posted = ledger.append(facts, { recorded: '2026-02-10' })
  assert.equal(posted.asOf('2026-02-10').dun(POLICY).noticeCount, 0)
  assert.deepEqual(posted.asOf('2026-02-10').facts().noticeLines.at(-1).document, 'B1')
  assert.ok(posted.asOf(run.notices()[0].nextDate).dun(POLICY).notices().some(({ customer }) => customer === 'ACME'))
})

test('events happen once', () => {
  const ledger = Ledger.from(DUNNING)
  const run = ledger.asOf('2026-01-10').dun(POLICY)
  assert.deepEqual(run.events()[0], {
    trigger: 'hello', key: 'hello/ACME', customer: 'ACME', document: '', instalment: 0, day: '2026-01-01', action: 'welcome',
    channel: '', template: '',
  })
  assert.deepEqual(run.facts('x').notices.map(({ id, level }) => [id, level]), [['hello/ACME', 0], ['hello/BOLT', 0], ['hello/CORP', 0]])
})

test('a run as columns and as Arrow bytes', () => {
  const run = Ledger.from(DUNNING).asOf('2026-02-10').dun(POLICY)
  const [lines, notices, skipped] = [run.toColumns(), run.toColumns('notices'), run.toColumns('skipped')]
  run.notices().forEach((notice, at) => {
    for (const name of ['company', 'customer', 'currency', 'procedure', 'level']) assert.equal(notices[name][at], notice[name])
    for (const name of ['claims', 'fee', 'feeTax', 'lineFees', 'interest', 'compensation', 'total']) {
      assert.equal(notices[`${name}Minor`][at], toMinor(notice[name], 'EUR'))
    }
    const [line] = notice.lines
    assert.deepEqual([notices.notice[at], lines.notice[at], lines.document[at], lines.currency[at]], [at, at, line.document, 'EUR'])
    for (const name of ['level', 'previous', 'instalment']) assert.equal(lines[name][at], line[name])
    for (const name of ['open', 'amount', 'lineFee', 'lineFeeTax', 'interest', 'compensation']) {
      assert.equal(lines[`${name}Minor`][at], toMinor(line[name], 'EUR'))
    }
    assert.deepEqual([lines.days.values[at], lines.days.present[at], lines.interestUntil.present[at]], [line.days, 1, 0])
  })
  assert.deepEqual([skipped.reason, [...skipped.openMinor], [...skipped.until.present]], [['not_due', 'disputed'], [5000n, 3000n], [0, 0]])
  for (const what of ['lines', 'levels', 'notices', 'claims', 'skipped', 'events']) assert.ok(run.toArrow(what).length > 100)
  assert.throws(() => run.toColumns('events'), { code: 'unknown_field', field: 'what' })
})

test('policies are tried on the recorded past', async () => {
  const ledger = Ledger.from(DUNNING)
  const made = ledger.simulateDunning(POLICY, PERIOD)
  const [notices, days, totals] = [made.notices(), made.days(), made.totals()]
  assert.equal(made.customers, new Set(notices.map(({ customer }) => customer)).size)
  assert.equal(days.reduce((sum, day) => sum + day.notices, 0), notices.length)
  assert.equal(notices[0].day, days[0].day)
  const claims = notices.reduce((sum, notice) => sum + toMinor(notice.claims, 'EUR'), 0n)
  assert.deepEqual(totals.map((total) => [total.currency, toMinor(total.claims, 'EUR')]), [['EUR', claims]])
  assert.deepEqual([made.paidAlready(), made.madeBy.engine], [[], engineVersion()])
  for (const what of ['lines', 'notices', 'days', 'totals', 'paidAlready']) assert.ok(made.toArrow(what).length > 100)
  assert.deepEqual((await ledger.simulateDunningAsync(POLICY, PERIOD)).notices(), notices)

  const later = { procedures: { other: { levels: [{ days: 10 }], intervalDays: 30 } } }
  const rows = ledger.compareDunning(POLICY, later, PERIOD)
  assert.deepEqual(rows.map(({ customer }) => customer), [...new Set(notices.map(({ customer }) => customer))].sort())
  assert.ok(rows.every((row) => row.in === 'a' || row.in === 'b'))
  assert.ok(rows.some(({ chargesA }) => chargesA.length === 1 && chargesA[0].currency === 'EUR'))
  assert.deepEqual(await ledger.compareDunningAsync(POLICY, later, PERIOD), rows)
  assert.deepEqual(ledger.compareDunning(POLICY, POLICY, PERIOD), [])

  const audited = ledger.auditDunning(POLICY, PERIOD)
  assert.ok(audited.some(({ kind }) => kind === 'missed'))
  assert.deepEqual(await ledger.auditDunningAsync(POLICY, PERIOD), audited)
  assert.ok(ledger.auditDunning(POLICY, { ...PERIOD, toleranceDays: 400 }).length <= audited.length)

  assert.throws(() => ledger.simulateDunning(POLICY, { from: '2026-02-01', to: '2026-01-01' }), { code: 'impossible_date', field: 'to' })
  assert.throws(() => ledger.compareDunning(POLICY, POLICY, { from: '2000-01-01', to: '2026-01-01' }), { code: 'limit_exceeded', field: 'to' })
  assert.throws(() => ledger.auditDunning(POLICY, { ...PERIOD, toleranceDays: -1 }), { code: 'wrong_type', field: 'toleranceDays' })
  assert.throws(() => ledger.simulateDunning(POLICY, { ...PERIOD, until: '2026-03-01' }), { code: 'unknown_field', field: 'until' })
  await assert.rejects(ledger.auditDunningAsync({}, PERIOD), { code: 'policy_invalid', field: 'procedures' })
})

test('policies are proved, doubted, and go by the names of their user', () => {
  const view = Ledger.from(DUNNING).asOf('2026-02-10')
  assert.deepEqual(lintDunning({ procedures: { myOwn: { levels: [{ days: 3 }] } } }).map(({ code, path }) => [code, path]), [
    ['no_final_step', 'procedures.myOwn.levels[0]'],
  ])
  assert.deepEqual(lintDunning(POLICY).map(({ code }) => code), ['fee_above_custom'])
  assert.throws(() => view.dun({ procedures: { a_b: { levels: [{ days: 9 }, { days: 3 }] } } }), {
    code: 'policy_invalid', field: 'procedures.a_b.levels[1].days',
  })
  assert.throws(() => view.dun({ profile: 'sap', currency: 'base' }), { code: 'policy_invalid', field: 'profile' })
  const spelled = { procedures: { a: { grace_days: 2, levels: [{ days: 3, pay_within_days: 7 }] } } }
  assert.deepEqual(view.dun(JSON.stringify(spelled)).notices(), view.dun(spelled).notices())
  assert.ok(profiles('dunning').includes('business-central'))
  for (const name of profiles('dunning')) {
    const [named, whole] = [view.dun({ profile: name }), view.dun(profile('dunning', name))]
    assert.deepEqual([named.notices(), named.skippedCounts], [whole.notices(), whole.skippedCounts])
    assert.equal(named.madeBy.policyHash, whole.madeBy.policyHash)
  }
})
