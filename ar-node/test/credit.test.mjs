import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Ledger } from '../index.js'

const invoice = { customer: 'C', kind: 'invoice', currency: 'EUR', documentDate: '2026-01-01', dueDate: '2026-01-31' }
const ledger = Ledger.from({
  customers: [{ id: 'C' }],
  documents: [{ ...invoice, id: 'I', amount: '700.00' }],
  commitments: [{ id: 'O', customer: 'C', kind: 'order', currency: 'EUR', amount: '100.00', effective: '2026-01-05' }],
  creditLines: [{ id: 'L', kind: 'limit', customer: 'C', currency: 'EUR', amount: '1000.00', effective: '2026-01-01' }],
})

test('a check is short and its reasons are long', () => {
  const desk = ledger.credit({ release: [{ role: 'head' }] }, '2026-02-01')
  assert.deepEqual(desk.check('C', '200.00', 'EUR'), { decision: 'pass', headroom: '200.00', release: null })
  assert.equal(desk.check('C', 200n, 'EUR', { kind: 'delivery', follows: 'O' }).headroom, '300.00')
  const told = desk.explain('C', '200.01', 'EUR')
  assert.deepEqual([told.decision, told.mayRelease, told.checks[0].figure], ['block', ['head'], '1000.01'])
  assert.equal(desk.day, '2026-02-01')
})

test('what a check does not take is refused where it stands', () => {
  const desk = ledger.asOf('2026-02-01').credit()
  const cases = [
    [['X', '1.00', 'EUR'], 'unknown_value', 'customer'],
    [['C', 1.5, 'EUR'], 'float_refused', 'amount'],
    [['C', '1.001', 'EUR'], 'too_many_digits', 'amount'],
    [['C', '1.00', 'XXQ'], 'unknown_currency', 'currency'],
    [[7, '1.00', 'EUR'], 'wrong_type', 'customer'],
    [['C', '1.00', 'EUR', { kind: 'gift' }], 'unknown_kind', 'kind'],
    [['C', '1.00', 'EUR', { colour: 'red' }], 'unknown_field', 'colour'],
  ]
  for (const [asked, code, field] of cases) {
    assert.throws(() => desk.check(...asked), (error) => error.code === code && error.field === field, JSON.stringify(asked, (_, v) => v))
  }
})

test('the exposure of all, alerts that are told once, and a proposed limit', () => {
  const exposure = ledger.asOf('2026-02-01').exposure()
  assert.deepEqual(exposure.rows().map(({ exposure, used }) => [exposure, used]), [['800.00', '80.00']])
  assert.equal(exposure.totals()[0].exposure, '800.00')
  assert.ok(exposure.toArrow().length > 0)
  const policy = { alerts: [{ id: 'late', when: 'overdue', days: 0 }] }
  const { alerts, facts } = ledger.asOf('2026-02-02').creditAlerts(ledger.asOf('2026-01-31'), policy)
  assert.deepEqual(alerts.map(({ key }) => key), ['late/C/2026-02-01'])
  const posted = ledger.append(facts, { recorded: '2026-02-02' })
  assert.deepEqual(posted.asOf('2026-02-02').creditAlerts(posted.asOf('2026-01-31'), policy).alerts, [])
  const { limit, reasons } = ledger.credit({}, '2026-02-01').proposeLimit({ currency: 'EUR', monthlyVolume: '1000' })
  assert.deepEqual([limit, reasons[0].step], ['2000.00', 'volume'])
})
