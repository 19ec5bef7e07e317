'use strict'
// PredictionModel and CashForecast: handles that never change, kept as text. View and Ledger ask through the functions here.

const native = require('./native.js')
const { asking, refusal } = require('./errors.js')
const { Handle, OURS, isCount, of } = require('./handle.js')
const { mapText, policyText } = require('./json.js')
const { known } = require('./options.js')

const PROGRESS = ['threads', 'progress']

function kept(text, field) {
  if (typeof text === 'string') return text
  throw refusal('wrong_type', `expected text, got a ${typeof text}`, { field })
}

function modelOf(given) {
  if (given instanceof PredictionModel) return of(given)
  throw refusal('wrong_type', 'expected a PredictionModel', { field: 'model' })
}

function threadsOf(threads = 1) {
  if (isCount(threads) && threads >= 1 && threads <= 64) return threads
  throw refusal('wrong_type', 'expected a number of threads from 1 to 64', { field: 'threads' })
}

function progressOf(progress) {
  if (progress === undefined || progress === null) return undefined
  if (typeof progress !== 'function') throw refusal('wrong_type', `expected a function, got a ${typeof progress}`, { field: 'progress' })
  return (done, all) => progress(done, all) !== false
}

class PredictionModel extends Handle {
  static fromText(text) {
    return asking(() => new PredictionModel(OURS, native.predictionModelFromText(kept(text, 'text'))))
  }

  toText() {
    return asking(() => of(this).text())
  }

  get trainedOn() {
    return asking(() => of(this).trainedOn())
  }

  get knownOn() {
    return asking(() => of(this).knownOn())
  }

  get paidInvoices() {
    return asking(() => of(this).paidInvoices())
  }

  get isTrained() {
    return asking(() => of(this).isTrained())
  }
}

class CashForecast extends Handle {
  #told

  static fromText(text) {
    return asking(() => new CashForecast(OURS, native.cashForecastFromText(kept(text, 'forecast'))))
  }

  toText() {
    return asking(() => of(this).text())
  }

  get #all() {
    this.#told ??= asking(() => JSON.parse(of(this).told()))
    return this.#told
  }

  get day() {
    return this.#all.day
  }

  get knownOn() {
    return this.#all.knownOn
  }

  get lastDay() {
    return this.#all.lastDay
  }

  get by() {
    return this.#all.by
  }

  get quantiles() {
    return this.#all.quantiles
  }

  get trainedOn() {
    return this.#all.trainedOn
  }

  get madeBy() {
    return this.#all.madeBy
  }

  rows() {
    return this.#all.rows
  }

  totals() {
    return this.#all.totals
  }

  sums() {
    return this.#all.sums
  }

  totalSums() {
    return this.#all.totalSums
  }
}

function train(view, policy, given) {
  const { threads, progress } = known(given, PROGRESS)
  const asked = [policyText(policy), threadsOf(threads), progressOf(progress)]
  return asking(() => new PredictionModel(OURS, native.trainPrediction(view, ...asked)))
}

async function trainAsync(view, policy, given) {
  const { threads } = known(given, ['threads'])
  const asked = [policyText(policy), threadsOf(threads)]
  return new PredictionModel(OURS, await asking(() => native.trainPredictionAsync(view, ...asked)))
}

function predict(view, model, given) {
  const ask = policyText(known(given, ['quantiles', 'paidBy']))
  return asking(() => JSON.parse(modelOf(model).predict(view, ask)))
}

function cashForecast(view, model, policy, given) {
  const { by = [], where } = known(given, ['by', 'where'])
  if (!Array.isArray(by)) throw refusal('wrong_type', 'expected a list of keys', { field: 'by' })
  return asking(() => new CashForecast(OURS, modelOf(model).cashForecast(view, policyText(policy), by, mapText(where))))
}

function cashAtRisk(view, model, policy) {
  return asking(() => JSON.parse(modelOf(model).cashAtRisk(view, policyText(policy))))
}

function drift(view, model) {
  return asking(() => JSON.parse(modelOf(model).drift(view)))
}

function accuracy(ledger, model, given) {
  const { from, to, policy } = known(given, ['from', 'to', 'policy'])
  return asking(() => JSON.parse(modelOf(model).accuracy(ledger, policyText(policy), from, to)))
}

function compare(ledger, forecast) {
  if (!(forecast instanceof CashForecast)) throw refusal('wrong_type', 'expected a CashForecast', { field: 'forecast' })
  return asking(() => JSON.parse(of(forecast).compare(ledger)))
}

function calibration(ledger, day, policy, given) {
  const { days = 61, threads, progress } = known(given, ['days', ...PROGRESS])
  if (!isCount(days)) throw refusal('wrong_type', 'expected a whole number', { field: 'days' })
  const asked = [policyText(policy), day, days, threadsOf(threads), progressOf(progress)]
  return asking(() => JSON.parse(native.predictionCalibration(ledger, ...asked)))
}

module.exports = {
  CashForecast, PredictionModel, accuracy, calibration, cashAtRisk, cashForecast, compare, drift, predict, train, trainAsync,
}
