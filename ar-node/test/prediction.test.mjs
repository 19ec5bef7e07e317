import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'

import { CashForecast, Ledger, PredictionModel, ReceivablesError, engineVersion } from '../index.js'

const DAY = 86_400_000
const date = (days) => new Date(Date.UTC(2023, 0, 2) + days * DAY).toISOString().slice(0, 10)

/** Four customers who pay on Fridays; the same ledger in every front end. */
function fixed() {
  const documents = []
  const allocations = []
  for (let customer = 0; customer < 4; customer++) {
    for (let turn = 0; turn < 40; turn++) {
      const posted = 7 * turn + customer
      const due = posted + 14
      const wait = due + 2 * customer + (turn % 5 === 0 ? 7 : 0)
      const paid = wait + ((4 - (wait % 7) + 7) % 7)
      const [name, amount] = [`${customer}-${turn}`, `${100 + 7 * turn}.00`]
      const row = { customer: `C${customer}`, currency: 'EUR' }
      documents.push({ ...row, id: `I${name}`, kind: 'invoice', amount, documentDate: date(posted), dueDate: date(due) })
      documents.push({ ...row, id: `P${name}`, kind: 'payment', amount: `-${amount}`, documentDate: date(paid) })
      allocations.push({ id: `A${name}`, credit: `P${name}`, debit: `I${name}`, amount, effective: date(paid) })
    }
  }
  return Ledger.from({ customers: [0, 1, 2, 3].map((n) => ({ id: `C${n}` })), documents, allocations })
}

const ledger = fixed()
const view = ledger.asOf('2023-09-29', { knownOn: '2023-09-29' })
const POLICY = { leastPaidInvoices: 100 }
const model = view.trainPrediction(POLICY)

test('a fixed ledger trains the model that every front end trains', async () => {
  assert.equal(model.isTrained, true)
  assert.deepEqual([model.trainedOn, model.knownOn], ['2023-09-29', '2023-09-29'])
  const text = model.toText().replace(`"engine":"${engineVersion()}"`, '"engine":""')
  assert.equal(createHash('sha256').update(text).digest('hex'), '9e7365b53c2b9e5c16d79e7cd6eecff042ded19b69d86e9648b69f006be27281')
  assert.equal(PredictionModel.fromText(model.toText()).toText(), model.toText())
  assert.equal((await view.trainPredictionAsync(POLICY, { threads: 2 })).toText(), model.toText())
  const cash = view.cashForecast(model, { horizonDays: 28, period: 'week' })
  assert.deepEqual(cash.totals().map((row) => row.expected), ['0.00', '1780.98', '1401.15', '977.36', '132.37'])
})

test('predictions have reasons, cash is kept and compared', () => {
  const found = view.predict(model)
  assert.equal(found.length, view.openItems().length)
  assert.ok(found.every((one) => one.reasons.some((reason) => reason.rule === 'prediction.pays_on')))
  const [asked] = view.predict(model, { quantiles: [50], paidBy: ['2023-09-29', '2199-12-31'] })
  assert.deepEqual([asked.quantiles, asked.paidBy, found[0].quantiles], [[found[0].expected], ['0.0000', '1.0000'], []])
  const made = view.cashForecast(model, {}, { by: ['customer'], where: { customer: ['C1'] } })
  assert.deepEqual(made.sums().map((row) => row.by), [['C1']])
  const kept = CashForecast.fromText(made.toText())
  assert.deepEqual([kept.day, kept.knownOn, kept.rows()], [made.day, '2023-09-29', made.rows()])
  assert.ok(ledger.compareForecast(kept).rows.length > 0)
  const told = ledger.forecastAccuracy(model, { from: '2023-09-29', to: '2023-10-06', policy: { accuracyDays: 7 } })
  assert.equal(told.rows.length, 8)
  assert.ok(view.cashAtRisk(model).every((one) => one.bestContactDay < one.nextRun))
  assert.equal(view.predictionDrift(model).outcome, 'not_enough_history')
  assert.equal(ledger.predictionCalibration('2023-09-29', { leastPaidInvoices: 9999 }, { days: 56 }).isTrained, false)
})

test('progress is told, stops, and throws through', () => {
  const told = []
  view.trainPrediction(POLICY, { progress: (done, all) => { told.push([done, all]) } })
  // Before the first tree, and after each.
  assert.deepEqual([told[0][0], told.at(-1)], [0, [told.length - 1, told.length - 1]])
  const code = (call) => {
    try {
      call()
    } catch (error) {
      return error instanceof ReceivablesError ? error.code : error.message
    }
  }
  assert.equal(code(() => view.trainPrediction(POLICY, { progress: (done) => done < 3 })), 'cancelled')
  assert.match(code(() => view.trainPrediction(POLICY, { progress: () => { throw new Error('enough') } })), /enough/)
  assert.equal(code(() => view.trainPrediction(POLICY, { threads: 0 })), 'wrong_type')
  assert.equal(code(() => view.predict({})), 'wrong_type')
  assert.equal(code(() => view.predict(model, { quantiles: [50, 40] })), 'policy_invalid')
  assert.equal(code(() => view.predict(model, { days: [] })), 'unknown_field')
  assert.equal(code(() => PredictionModel.fromText('{}')), 'wrong_type')
  assert.equal(code(() => view.cashForecast(model, { horizonDays: 0 })), 'policy_invalid')
  assert.equal(code(() => view.cashForecast(model, {}, { by: ['colour'] })), 'unknown_dimension')
})
