// Key figures as a Node user meets them.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Ledger, kpiRegistry } from '../index.js'

const invoice = (id, customer, amount, documentDate, dueDate) => ({
  id, customer, kind: 'invoice', currency: 'EUR', amount, documentDate, dueDate,
})
const ledger = Ledger.from({
  customers: [{ id: 'C' }, { id: 'D' }],
  documents: [
    invoice('A', 'C', '700.00', '2026-04-10', '2026-05-10'),
    invoice('B', 'C', '800.00', '2026-05-10', '2026-06-09'),
    invoice('E', 'C', '1000.00', '2026-06-10', '2026-07-10'),
    invoice('F', 'D', '900.00', '2025-11-10', '2025-12-10'),
    { id: 'P', customer: 'C', kind: 'payment', currency: 'EUR', amount: '-380.00', documentDate: '2026-05-25' },
  ],
  allocations: [{ id: 'a', credit: 'P', debit: 'A', amount: '380.00' }],
})

test('a figure has a value, or a reason why there is none', async () => {
  const asked = { kpis: ['dso_countback'], days: 'thirty', by: ['customer'] }
  const kpis = ledger.asOf('2026-06-30').kpis(asked)
  const [ours, theirs] = kpis.rows()
  assert.deepEqual(ours.values, [
    { kpi: 'dso_countback', value: '73.71', numerator: '5160000', denominator: '70000', undefined: null },
  ])
  assert.deepEqual([theirs.by, theirs.values[0].value, theirs.values[0].undefined], [['D'], null, 'truncated_no_sales'])
  assert.deepEqual((await ledger.asOf('2026-06-30').kpisAsync(asked)).rows(), kpis.rows())
  assert.deepEqual(kpis.by, ['customer'])
  for (const what of ['rows', 'totals', 'values']) assert.ok(kpis.toArrow(what).length > 0)
  assert.throws(() => kpis.toArrow('items'), { code: 'unknown_field' })
})

test('every figure is defined, and what is wrong is told', () => {
  assert.equal(kpiRegistry().length, 31)
  assert.ok(kpiRegistry().every(({ formula, window, source }) => formula && window && source))
  const view = ledger.asOf('2026-06-30')
  assert.throws(() => view.kpis({ months: 0 }), { code: 'policy_invalid', field: 'months' })
  assert.throws(() => view.kpis({ profile: 'oracle', months: 1 }), { code: 'policy_invalid' })
  assert.throws(() => view.explainDso(ledger), { code: 'wrong_type', field: 'before' })
})

test('a change adds up', () => {
  const change = ledger.asOf('2026-06-30').explainDso(ledger.asOf('2026-05-31'), { months: 1, by: ['customer'] })
  const total = change.totals[0]
  const sum = (names) => names.reduce((all, name) => all + BigInt(total[name]), 0n)
  assert.equal(
    change.rows.reduce((all, row) => all + BigInt(row.mixNumerator), 0n),
    sum(['mixNumerator']),
  )
  const cents = (text) => Math.round(Number(text) * 100)
  assert.equal(cents(total.change), cents(total.mix) + cents(total.terms) + cents(total.delay))
})
