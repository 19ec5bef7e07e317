'use strict'
// Ledger, View, Aging, Proposal, Settlement, and those of credit.js, dunning.js and provision.js: handles that never change. What they answer is made when it is asked for.

const native = require('./native.js')
const { CreditDesk, Exposure } = require('./credit.js')
const { Provision, rowsOfBefore } = require('./provision.js')
const { DunningRun, DunningSimulation } = require('./dunning.js')
const { asking, refusal } = require('./errors.js')
const { Handle, OURS, isCount, of } = require('./handle.js')
const { mapText, policyText, settingsText } = require('./json.js')
const { camel } = require('./names.js')
const { packArrow, packBalances, packTables } = require('./pack.js')
const { mappingText, packFiles } = require('./files.js')
const { Kpis, kpiRegistry } = require('./kpi.js')
const { known, options } = require('./options.js')
const prediction = require('./prediction.js')
const { columns } = require('./report.js')
const shown = require('./shown.js')

const text = (given, field) => {
  if (given === undefined || given === null) return undefined
  if (typeof given === 'string') return given
  throw refusal('wrong_type', `expected text, got a ${typeof given}`, { field })
}

class Ledger extends Handle {
  static from(given) {
    const { settings, ...tables } = options(given)
    return asking(() => new Ledger(OURS, native.loadLedger(packTables(tables), settingsText(settings))))
  }

  static async fromAsync(given) {
    const { settings, ...tables } = options(given)
    const loaded = asking(() => native.loadLedgerAsync(packTables(tables), settingsText(settings)))
    return new Ledger(OURS, await loaded)
  }

  static fromJson(json, settings) {
    return asking(() => new Ledger(OURS, native.loadLedger({ json }, settingsText(settings))))
  }

  static async fromJsonAsync(json, settings) {
    return new Ledger(OURS, await asking(() => native.loadLedgerAsync({ json }, settingsText(settings))))
  }

  static fromArrow(given) {
    const { settings, ...tables } = options(given)
    return asking(() => new Ledger(OURS, native.loadLedger(packArrow(tables), settingsText(settings))))
  }

  static async fromArrowAsync(given) {
    const { settings, ...tables } = options(given)
    const loaded = asking(() => native.loadLedgerAsync(packArrow(tables), settingsText(settings)))
    return new Ledger(OURS, await loaded)
  }

  static fromFiles(mapping, files, settings) {
    const own = settings == null ? undefined : settingsText(settings)
    return asking(() => imported(native.importLedger(mappingText(mapping), packFiles(files), own)))
  }

  append(tables, given) {
    const { recorded } = known(given, ['recorded'])
    return asking(() => new Ledger(OURS, of(this).append(packTables(tables), recorded)))
  }

  async appendAsync(tables, given) {
    const { recorded } = known(given, ['recorded'])
    return new Ledger(OURS, await asking(() => of(this).appendAsync(packTables(tables), recorded)))
  }

  appendJson(json, given) {
    const { recorded } = known(given, ['recorded'])
    return asking(() => new Ledger(OURS, of(this).append({ json }, recorded)))
  }

  appendArrow(tables, given) {
    const { recorded } = known(given, ['recorded'])
    return asking(() => new Ledger(OURS, of(this).append(packArrow(tables), recorded)))
  }

  appendFiles(mapping, files, given) {
    const { recorded } = known(given, ['recorded'])
    return asking(() => imported(native.importAppend(of(this), mappingText(mapping), packFiles(files), recorded)))
  }

  asOf(day, given) {
    const { knownOn } = known(given, ['knownOn'])
    return asking(() => new View(OURS, of(this).asOf(day, knownOn)))
  }

  credit(policy, day, given) {
    const { knownOn } = known(given, ['knownOn'])
    return asking(() => new CreditDesk(OURS, native.creditDesk(of(this), chosenPolicy('credit', policy), day, knownOn)))
  }

  customerAsOf(customer, day, given) {
    const { knownOn } = known(given, ['knownOn'])
    const id = text(customer, 'customer')
    if (id === undefined) throw refusal('missing_field', 'expected the id of a customer', { field: 'customer' })
    return asking(() => new View(OURS, of(this).customerAsOf(id, day, knownOn)))
  }

  simulateDunning(policy, given) {
    const { from, to } = known(given, ['from', 'to'])
    return asking(() => new DunningSimulation(OURS, native.simulateDunning(of(this), dunningPolicy(policy), from, to)))
  }

  async simulateDunningAsync(policy, given) {
    const { from, to } = known(given, ['from', 'to'])
    const made = asking(() => native.simulateDunningAsync(of(this), dunningPolicy(policy), from, to))
    return new DunningSimulation(OURS, await made)
  }

  compareDunning(policy, other, given) {
    const { from, to } = known(given, ['from', 'to'])
    const policies = [dunningPolicy(policy), dunningPolicy(other)]
    return asking(() => JSON.parse(native.compareDunning(of(this), ...policies, from, to)))
  }

  async compareDunningAsync(policy, other, given) {
    const { from, to } = known(given, ['from', 'to'])
    const policies = [dunningPolicy(policy), dunningPolicy(other)]
    return JSON.parse(await asking(() => native.compareDunningAsync(of(this), ...policies, from, to)))
  }

  auditDunning(policy, given) {
    return asking(() => JSON.parse(native.auditDunning(of(this), dunningPolicy(policy), ...auditArguments(given))))
  }

  async auditDunningAsync(policy, given) {
    const rows = asking(() => native.auditDunningAsync(of(this), dunningPolicy(policy), ...auditArguments(given)))
    return JSON.parse(await rows)
  }

  forecastAccuracy(model, given) {
    return prediction.accuracy(of(this), model, given)
  }

  compareForecast(forecast) {
    return prediction.compare(of(this), forecast)
  }

  predictionCalibration(day, policy, given) {
    return prediction.calibration(of(this), day, policy, given)
  }

  get lastRecorded() {
    return asking(() => of(this).lastRecorded())
  }

  get documentCount() {
    return asking(() => of(this).documents())
  }
}

// Options of an aging or of key figures: the policy, by name, as a document or spelled out; how to group and filter.
function agingArguments(given, room = 'aging') {
  const { by = [], where, profile, policy, ...spelled } = options(given)
  const named = [profile, policy].filter((one) => one !== undefined && one !== null)
  if (named.length + (Object.keys(spelled).length > 0) > 1) {
    throw refusal('policy_invalid', 'expected one of a profile, a policy, or its fields', { field: 'policy' })
  }
  const chosen = profile != null ? native.profile(room, profile) : policyText(policy ?? spelled)
  if (!Array.isArray(by) || by.some((key) => typeof key !== 'string')) {
    throw refusal('wrong_type', 'expected a list of keys', { field: 'by' })
  }
  return [chosen, by, mapText(where ?? {})]
}

// A policy by name, as a document or spelled out.
function chosenPolicy(room, given) {
  if (typeof given === 'string') return given
  const { profile, ...spelled } = options(given)
  if (profile == null) return policyText(spelled)
  if (Object.keys(spelled).length > 0) {
    throw refusal('policy_invalid', 'expected a profile or the fields of a policy', { field: 'profile' })
  }
  return native.profile(room, profile)
}

// What is asked about interest beside the day.
const askedInterest = (given) => policyText(known(given, ['charged', 'compensated', 'customers', 'documents']))

const dunningPolicy = (given) => asking(() => chosenPolicy('dunning', given))

// Doubts about a dunning policy.
const lintDunning = (policy) => asking(() => JSON.parse(native.lintDunning(dunningPolicy(policy))))

function auditArguments(given) {
  const { from, to, toleranceDays = 0 } = known(given, ['from', 'to', 'toleranceDays'])
  if (!isCount(toleranceDays)) throw refusal('wrong_type', 'expected a number of days', { field: 'toleranceDays' })
  return [from, to, toleranceDays]
}

// What became of files: a ledger, and a report on every row.
const imported = (native) => ({ ledger: new Ledger(OURS, native.ledger()), report: JSON.parse(native.report()) })

class View extends Handle {
  get day() {
    return asking(() => of(this).day())
  }

  get knownOn() {
    return asking(() => of(this).knownOn()) ?? null
  }

  carriedTo(day) {
    return asking(() => new View(OURS, of(this).carriedTo(day)))
  }

  openItems() {
    return asking(() => JSON.parse(of(this).openItems()))
  }

  toColumns() {
    return asking(() => columns(of(this).columns()))
  }

  toArrow() {
    return asking(() => of(this).arrow())
  }

  facts() {
    return asking(() => JSON.parse(of(this).facts()))
  }

  matches() {
    return asking(() => JSON.parse(of(this).matches()))
  }

  pending() {
    return asking(() => JSON.parse(of(this).pending()))
  }

  pendingReceipts() {
    return asking(() => JSON.parse(of(this).pendingReceipts()))
  }

  aging(given) {
    return asking(() => new Aging(OURS, of(this).aging(...agingArguments(given))))
  }

  async agingAsync(given) {
    return new Aging(OURS, await asking(() => of(this).agingAsync(...agingArguments(given))))
  }

  reconcile(balances) {
    return asking(() => JSON.parse(of(this).reconcile(packBalances(balances))))
  }

  propose(policy) {
    return asking(() => new Proposal(OURS, of(this).propose(chosenPolicy('allocation', policy))))
  }

  async proposeAsync(policy) {
    return new Proposal(OURS, await asking(() => of(this).proposeAsync(chosenPolicy('allocation', policy))))
  }

  settle(policy) {
    return asking(() => new Settlement(OURS, of(this).settle(chosenPolicy('settlement', policy))))
  }

  async settleAsync(policy) {
    return new Settlement(OURS, await asking(() => of(this).settleAsync(chosenPolicy('settlement', policy))))
  }

  dun(policy) {
    return asking(() => new DunningRun(OURS, native.dun(of(this), dunningPolicy(policy))))
  }

  async dunAsync(policy) {
    return new DunningRun(OURS, await asking(() => native.dunAsync(of(this), dunningPolicy(policy))))
  }

  credit(policy) {
    return asking(() => new CreditDesk(OURS, native.creditDeskOfView(of(this), chosenPolicy('credit', policy))))
  }

  creditAlerts(before, policy) {
    if (!(before instanceof View)) throw refusal('wrong_type', 'expected a view', { field: 'before' })
    return asking(() => JSON.parse(native.creditAlerts(of(this), of(before), chosenPolicy('credit', policy))))
  }

  provision(policy, given) {
    const { before } = known(given, ['before'])
    const asked = [chosenPolicy('provision', policy), rowsOfBefore(before)]
    return asking(() => new Provision(OURS, native.provision(of(this), ...asked)))
  }

  lossRates(policy) {
    return asking(() => JSON.parse(native.lossRates(of(this), chosenPolicy('loss_rates', policy))))
  }

  backTest(then, policy, given) {
    if (!(then instanceof View)) throw refusal('wrong_type', 'expected a view', { field: 'then' })
    const question = policyText(known(given, ['lossKinds', 'stillOpen']))
    return asking(() => JSON.parse(native.backTest(of(this), of(then), chosenPolicy('provision', policy), question)))
  }

  kpis(given = {}) {
    return asking(() => new Kpis(OURS, native.kpis(of(this), ...agingArguments(given, 'kpi'))))
  }

  async kpisAsync(given = {}) {
    return new Kpis(OURS, await asking(() => native.kpisAsync(of(this), ...agingArguments(given, 'kpi'))))
  }

  explainDso(before, given = {}) {
    if (!(before instanceof View)) throw refusal('wrong_type', 'expected a view', { field: 'before' })
    return asking(() => JSON.parse(native.explainDso(of(this), of(before), ...agingArguments(given, 'kpi'))))
  }

  exposure(policy, given) {
    const { per, company } = known(given, ['per', 'company'])
    const asked = [chosenPolicy('credit', policy), text(per, 'per'), text(company, 'company')]
    return asking(() => new Exposure(OURS, native.exposure(of(this), ...asked)))
  }

  picture(policy) {
    return asking(() => JSON.parse(native.picture(of(this), policyText(policy))))
  }

  undo(ids) {
    if (!Array.isArray(ids) || ids.some((id) => typeof id !== 'string')) {
      throw refusal('wrong_type', 'expected a list of ids', { field: 'ids' })
    }
    return asking(() => JSON.parse(of(this).undo(ids)))
  }

  revaluation() {
    return asking(() => JSON.parse(of(this).revaluation()))
  }

  interest(policy, question) {
    return asking(() => JSON.parse(of(this).interest(chosenPolicy('interest', policy), askedInterest(question), false)))
  }

  explainInterest(policy, question) {
    return asking(() => JSON.parse(of(this).interest(chosenPolicy('interest', policy), askedInterest(question), true)))
  }

  trainPrediction(policy, given) {
    return prediction.train(of(this), policy, given)
  }

  async trainPredictionAsync(policy, given) {
    return prediction.trainAsync(of(this), policy, given)
  }

  predict(model, given) {
    return prediction.predict(of(this), model, given)
  }

  cashForecast(model, policy, given) {
    return prediction.cashForecast(of(this), model, policy, given)
  }

  cashAtRisk(model, policy) {
    return prediction.cashAtRisk(of(this), model, policy)
  }

  predictionDrift(model) {
    return prediction.drift(of(this), model)
  }
}

class Aging extends Handle {
  get madeBy() {
    return asking(() => JSON.parse(of(this).madeBy()))
  }

  get labels() {
    return asking(() => of(this).labels())
  }

  get columnLabels() {
    return asking(() => of(this).columnLabels()) ?? null
  }

  rows() {
    const keys = asking(() => of(this).by()).map(camel)
    return asking(() => JSON.parse(of(this).rows())).map(({ by, ...figures }) => {
      const row = {}
      keys.forEach((key, at) => (row[key] = by[at]))
      return Object.assign(row, figures)
    })
  }

  totals() {
    return asking(() => JSON.parse(of(this).totals())).map(({ by, ...figures }) => figures)
  }

  items() {
    return asking(() => JSON.parse(of(this).items()))
  }

  explain(given) {
    const { customer, document, instalment, bucket } = known(given, ['customer', 'document', 'instalment', 'bucket'])
    if (instalment != null && !isCount(instalment)) {
      throw refusal('wrong_type', 'expected the number of an instalment', { field: 'instalment' })
    }
    const wanted = [text(customer, 'customer'), text(document, 'document'), instalment ?? undefined, text(bucket, 'bucket')]
    return asking(() => JSON.parse(of(this).explain(...wanted)))
  }

  toColumns(what = 'rows') {
    return asking(() => columns(of(this).columns(what)))
  }

  toArrow(what = 'rows') {
    return asking(() => of(this).arrow(what))
  }

  [Symbol.for('nodejs.util.inspect.custom')]() {
    return shown.aging(this)
  }
}

class Proposal extends Handle {
  get madeBy() {
    return asking(() => JSON.parse(of(this).madeBy()))
  }

  lines() {
    return asking(() => JSON.parse(of(this).lines()))
  }

  unapplied() {
    return asking(() => JSON.parse(of(this).unapplied()))
  }

  explain(given) {
    const { credit, debit } = known(given, ['credit', 'debit'])
    return asking(() => JSON.parse(of(this).explain(text(credit, 'credit'), text(debit, 'debit'))))
  }

  facts(idPrefix) {
    return asking(() => ({ allocations: JSON.parse(of(this).facts(idPrefix)) }))
  }

  toColumns(what = 'lines') {
    return asking(() => columns(of(this).columns(what)))
  }

  toArrow(what = 'lines') {
    return asking(() => of(this).arrow(what))
  }
}

class Settlement extends Handle {
  get madeBy() {
    return asking(() => JSON.parse(of(this).madeBy()))
  }

  lines() {
    return asking(() => JSON.parse(of(this).lines()))
  }

  differences() {
    return asking(() => JSON.parse(of(this).differences()))
  }

  unapplied() {
    return asking(() => JSON.parse(of(this).unapplied()))
  }

  questions() {
    return asking(() => JSON.parse(of(this).questions()))
  }

  proof() {
    return asking(() => JSON.parse(of(this).proof()))
  }

  exchange() {
    return asking(() => JSON.parse(of(this).exchange()))
  }

  explain(given) {
    const { credit, debit } = known(given, ['credit', 'debit'])
    return asking(() => JSON.parse(of(this).explain(text(credit, 'credit'), text(debit, 'debit'))))
  }

  without(lines) {
    if (!Array.isArray(lines) || !lines.every(isCount)) {
      throw refusal('wrong_type', 'expected a list of the numbers of lines', { field: 'lines' })
    }
    return asking(() => new Settlement(OURS, of(this).without(lines)))
  }

  edit(edits) {
    if (!Array.isArray(edits)) throw refusal('wrong_type', 'expected a list of changes', { field: 'edits' })
    const rows = edits.map((edit) => policyText(known(edit, ['line', 'document', 'instalment', 'amount', 'drop', 'discount', 'reason'])))
    return asking(() => new Settlement(OURS, of(this).edit(`[${rows.join()}]`)))
  }

  facts(idPrefix) {
    return asking(() => JSON.parse(of(this).facts(idPrefix)))
  }

  toColumns(what = 'lines') {
    return asking(() => columns(of(this).columns(what)))
  }

  toArrow(what = 'lines') {
    return asking(() => of(this).arrow(what))
  }
}

module.exports = { Aging, CreditDesk, DunningRun, DunningSimulation, Exposure, Kpis, Ledger, Proposal, Provision, Settlement, View, kpiRegistry, lintDunning }
