// Provision from Node: figures are exact text, tie to their items, and rates come from the ledger.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Ledger, ReceivablesError } from '../index.js'

const invoice = (id, customer, amount, dueDate) => ({
  id, customer, kind: 'invoice', currency: 'EUR', amount, documentDate: '2026-01-01', dueDate,
})
const ledger = Ledger.from({
  customers: [{ id: 'A' }, { id: 'B' }],
  documents: [
    invoice('I1', 'A', '15000.00', '2026-05-31'),
    invoice('I2', 'A', '7500.00', '2026-04-15'),
    invoice('I3', 'B', '900.00', '2026-04-15'),
    { id: 'P1', customer: 'A', kind: 'payment', currency: 'EUR', amount: '-7500.00', documentDate: '2026-06-10' },
  ],
  allocations: [{ id: 'X', credit: 'P1', debit: 'I2', amount: '7500.00', effective: '2026-06-10' }],
  differences: [{ id: 'W', document: 'I3', kind: 'write_off', amount: '300.00', effective: '2026-07-01' }],
})
const view = ledger.asOf('2026-04-30')
const policy = {
  aging: { edges: [0, 30] },
  matrices: [{ rates: ['0.003', '0.016', '0.1'] }],
  specific: [{ customer: 'B', rate: '2/3', reason: 'insolvent' }],
}

test('figures are exact and tie to their items', () => {
  const made = view.provision(policy, { before: [{ currency: 'EUR', amount: '1000.00' }] })
  assert.deepEqual(made.rows.map(({ bucket, base, provision }) => [bucket, base, provision]), [
    ['not due', '15000.00', '45.00'], ['1-30', '7500.00', '120.00'], ['over 30', '0.00', '0.00'],
  ])
  assert.deepEqual(made.totals.map(({ provision, movement }) => [provision, movement]), [['765.00', '-235.00']])
  assert.deepEqual(made.explain({ customer: 'B' }).map(({ document, rule, applied }) => [document, rule, applied]), [
    ['I3', 'provision.specific', '2/3'],
  ])
})

test('last year’s figure stands beside what became of it, and rates come from the history', () => {
  const [total] = ledger.asOf('2026-12-31').backTest(view, policy).totals
  assert.deepEqual([total.owed, total.settled, total.writtenOff, total.stillOpen], ['23400.00', '7500.00', '300.00', '15600.00'])
  const found = ledger.asOf('2026-12-31').lossRates({ aging: { edges: [0, 30] }, method: 'roll_rates', from: '2026-03-01' })
  assert.deepEqual(found.rows.map(({ bucket }) => bucket), ['not due', '1-30', 'over 30'])
})

test('a bad policy is refused with its path', () => {
  const refused = (given) => {
    try {
      view.provision(given)
    } catch (error) {
      assert.ok(error instanceof ReceivablesError)
      return [error.code, error.field]
    }
    return assert.fail('not refused')
  }
  assert.deepEqual(refused({ aging: { edges: [30, 0] }, matrices: [] }), ['policy_invalid', 'aging.edges[1]'])
  assert.deepEqual(refused({ aging: { edges: [0] }, matrices: [] })[0], 'policy_invalid')
})
