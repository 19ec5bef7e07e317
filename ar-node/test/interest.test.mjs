// Interest and compensation: what overdue items bear, what one debt bears, what is refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { debtInterest, engineVersion, Ledger, profile, profiles } from '../index.js'

const LEDGER = Ledger.from({
  customers: [{ id: 'A' }],
  documents: [
    { id: 'I', customer: 'A', kind: 'invoice', currency: 'EUR', amount: '3650.00', documentDate: '2026-01-01', dueDate: '2026-01-31' },
    { id: 'P', customer: 'A', kind: 'payment', currency: 'EUR', amount: '-1825.00', documentDate: '2026-02-10' },
  ],
  allocations: [{ id: 'a', credit: 'P', debit: 'I', amount: '1825.00' }],
})
const POLICY = {
  id: 'house',
  rates: [{ from: '2026-01-01', percent: '10' }],
  minimumPer: 'account',
  compensation: { tiers: [{ currency: 'EUR', amount: '40' }] },
}

test('a report says what items bear, and explains it when asked', () => {
  const view = LEDGER.asOf('2026-02-28')
  const { on, items, totals, madeBy } = view.interest(POLICY)
  assert.equal(on, '2026-02-28')
  assert.deepEqual([items[0].interest, items[0].compensation, items[0].from, items[0].segments], ['19.00', '40.00', '2026-02-01', []])
  assert.deepEqual(totals, [{ currency: 'EUR', items: 1, open: '1825.00', interest: '19.00', compensation: '40.00' }])
  assert.deepEqual([madeBy.policy, madeBy.engine], ['house', engineVersion()])
  const [item] = view.explainInterest(POLICY).items
  assert.deepEqual(item.segments.map(({ days, balance, part, interest }) => [days, balance, part, interest]), [
    [10, '3650.00', '2/73', '10.00'],
    [18, '1825.00', '18/365', '9.00'],
  ])
  const [rest] = view.interest(POLICY, { charged: [{ document: 'I', until: '2026-02-18' }], compensated: ['I'] }).items
  assert.deepEqual([rest.interest, rest.compensation], ['5.00', '0.00'])
  assert.throws(() => view.interest(POLICY, { charge: [] }), { code: 'unknown_field', field: 'charge' })
  assert.throws(() => view.interest({}), { code: 'policy_invalid', field: 'rates' })
})

test('a statute is a policy once it has the published rates', () => {
  assert.ok(profiles('interest').includes('germany-288'))
  const policy = profile('interest', 'uk-1998-act')
  policy.reference.rates = [{ from: '2023-08-03', percent: '4.25' }]
  const debt = { policy, currency: 'GBP', amount: 5000n, dueDate: '2024-07-01', until: '2024-10-10' }
  const { interest, compensation, rule } = debtInterest(debt)
  assert.deepEqual([interest, compensation, rule], ['169.49', '70.00', 'interest.accrued'])
  assert.throws(() => debtInterest({ ...debt, amount: 1.5 }), { code: 'float_refused', field: 'amount' })
  const payments = [{ date: '2024-08-01', amount: '1' }, { date: '2024-08-01', amount: 1 }]
  assert.throws(() => debtInterest({ ...debt, payments }), { code: 'float_refused', table: 'payments', index: 1, field: 'amount' })
  assert.throws(() => debtInterest({ ...debt, payments: 'none' }), { code: 'wrong_type', field: 'payments' })
  assert.throws(() => debtInterest({ ...debt, due: '2024-07-01' }), { code: 'unknown_field', field: 'due' })
  assert.throws(() => debtInterest(), { code: 'wrong_type' })
})
