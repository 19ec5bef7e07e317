// Runs the case suite through the public API: each step builds what a caller of this package would write and calls it.
//
// AR_CASES_JSON is the folder of expanded cases; see ar-core/cases/README.md. Prints each failure, then one line.
// `--engine` answers cases one a line instead, for ar-core/oracle/differential.py; `--columns` hands typed facts over as columns.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import * as receivables from '../index.js'

const { Ledger, ReceivablesError } = receivables

const COLUMNS = process.argv.includes('--columns')

const camel = (name) => (name.startsWith('dim_') ? name : name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()))
const published = (name) =>
  name.startsWith('dim_') ? name : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^(open_after)(\d)/, '$1_$2')

/** The value with its keys spelled another way, at every depth; names that a user gave stay. */
function spelled(value, name) {
  if (Array.isArray(value)) return value.map((one) => spelled(one, name))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      if (key === 'dimensions') return [key, one]
      const named = key === 'procedures' && one !== null && typeof one === 'object' && !Array.isArray(one)
      const parts = () => Object.fromEntries(Object.entries(one).map(([own, part]) => [own, spelled(part, name)]))
      return [name(key), named ? parts() : spelled(one, name)]
    }),
  )
}

// ---- values that a case spells because they are of the wrong type

const WRONG = {
  float: Number,
  int: BigInt,
  bool: (value) => value,
  datetime: (value) => new Date(value),
  nan: () => NaN,
  null: () => null,
  list: () => [],
}

function wrongKind(value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  const [kind, ...more] = Object.keys(value)
  return more.length === 0 && kind in WRONG ? kind : undefined
}

const cell = (value) => {
  const kind = wrongKind(value)
  return kind === undefined ? value : WRONG[kind](value[kind])
}

/** Tables of facts as a caller writes them. */
const nativeFacts = (facts) =>
  Object.fromEntries(
    Object.entries(facts).map(([table, rows]) => [
      camel(table),
      rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [camel(name), cell(value)]))),
    ]),
  )

/** The same tables as columns. */
const asColumns = (facts) =>
  Object.fromEntries(
    Object.entries(facts).map(([table, rows]) => {
      const fields = [...new Set(rows.flatMap(Object.keys))]
      const dimensions = [...new Set(rows.flatMap((row) => Object.keys(row.dimensions ?? {})))]
      return [
        table,
        Object.fromEntries([
          ...fields.filter((field) => field !== 'dimensions').map((field) => [field, rows.map((row) => row[field])]),
          ...dimensions.map((name) => [`dim_${name}`, rows.map((row) => row.dimensions?.[name])]),
        ]),
      ]
    }),
  )

// A float that is a whole number is no float in JavaScript, and text is no Date.
const asInJson = (facts) =>
  Object.values(facts).every((rows) =>
    rows.every((row) =>
      Object.entries(row).every(([name, value]) => {
        const kind = wrongKind(value)
        if (kind === 'float') return !(['number', 'instalment', 'level'].includes(name) && Number.isInteger(Number(value.float)))
        return true
      }),
    ),
  )

// ---- answers that have more than the case format

const UNAPPLIED = ['credit', 'amount', 'reason']
const POSTED = {
  allocations: ['id', 'credit', 'debit', 'amount', 'debitAmount', 'instalment', 'baseCredit', 'baseDebit', 'effective'],
  differences: ['id', 'document', 'kind', 'amount', 'allocation', 'instalment', 'reason', 'baseAmount', 'baseDocument', 'effective'],
  documents: [
    'id', 'customer', 'kind', 'currency', 'amount', 'documentDate', 'postingDate', 'dueDate', 'company', 'controlAccount',
    'reference', 'related', 'order', 'baseAmount',
  ],
}
const DUNNED = {
  notices: [
    'id', 'customer', 'level', 'channel', 'procedure', 'company', 'currency', 'dueDate', 'document', 'effective',
  ],
  noticeLines: ['notice', 'document', 'instalment', 'level', 'interestUntil'],
  documents: [
    'id', 'customer', 'kind', 'currency', 'amount', 'net', 'tax', 'documentDate', 'dueDate', 'company', 'controlAccount', 'related',
  ],
}
const UNDONE = { reversals: ['allocation', 'effective'], cancellations: ['document', 'effective'] }

const fieldsOf = (rows, names) => rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])))
const tablesOf = (facts, tables) =>
  Object.fromEntries(Object.entries(tables).map(([table, names]) => [table, fieldsOf(facts[table], names)]))

/** Rows whose keys stand by name. */
const keyed = (rows, names) =>
  rows.map(({ by, ...row }) => ({ ...Object.fromEntries(names.map((name, at) => [name, by[at]])), ...row }))

// ---- verbs

class Engine {
  constructor(settings) {
    this.settings = settings
    this.ledger = Ledger.from({})
  }

  view({ as_of, known_on }) {
    return this.ledger.asOf(as_of, { knownOn: known_on })
  }

  aged({ profile, policy = {}, by, where, ...view }) {
    const chosen = profile === undefined ? { policy: spelled(policy, camel) } : { profile }
    return this.view(view).aging({ ...chosen, by, where })
  }

  /** Raw facts by both doors, which must agree; typed facts as rows. */
  facts(step, byRows, byJson) {
    if (!step.raw) return byRows(COLUMNS ? asColumns(nativeFacts(step.facts)) : nativeFacts(step.facts))
    const json = attempt(() => byJson(step.json))
    if (asInJson(step.facts)) {
      const rows = attempt(() => byRows(nativeFacts(step.facts)))
      const [one, other] = [json, rows].map(({ error }) => canonical(error && problemsOf(error)))
      if (one !== other) throw new Error(`as JSON ${one}\n  as rows ${other}`)
    }
    if (json.error) throw json.error
    return json.value
  }

  load(step) {
    const { settings } = this
    const byRows = (tables) => Ledger.from({ settings, ...tables })
    this.ledger = this.facts(step, byRows, (json) => Ledger.fromJson(json, settings))
    return {}
  }

  append(step) {
    const { recorded } = step
    const byRows = (tables) => this.ledger.append(tables, { recorded })
    this.ledger = this.facts(step, byRows, (json) => this.ledger.appendJson(json, { recorded }))
    return {}
  }

  open_items(step) {
    return { items: this.view(step).openItems() }
  }

  matches(step) {
    return { matches: this.view(step).matches() }
  }

  pending(step) {
    const view = this.view(step)
    return { facts: view.pending(), receipts: view.pendingReceipts() }
  }

  aging(step) {
    const aging = this.aged(step)
    return { labels: aging.labels, columnLabels: aging.columnLabels, rows: aging.rows(), totals: aging.totals() }
  }

  aging_items(step) {
    return { items: this.aged(step).items() }
  }

  explain_aging({ customer, document, instalment, bucket, ...step }) {
    return { items: this.aged(step).explain({ customer, document, instalment, bucket }) }
  }

  reconcile(step) {
    const balances = step.balances.map((row) => spelled(row, camel))
    return { differences: this.view(step).reconcile(balances) }
  }

  propose(step) {
    const policy = step.profile === undefined ? spelled(step.policy, camel) : { profile: step.profile }
    this.proposal = this.view(step).propose(policy)
    return { lines: this.proposal.lines(), unapplied: this.proposal.unapplied() }
  }

  explain_proposal({ credit, debit }) {
    return this.proposal.explain({ credit, debit })
  }

  post({ id_prefix, recorded }) {
    const facts = this.proposal.facts(id_prefix)
    this.ledger = this.ledger.append(facts, { recorded })
    return facts
  }

  settle(step) {
    const policy = step.profile === undefined ? spelled(step.policy, camel) : { profile: step.profile }
    return this.settled(this.view(step).settle(policy))
  }

  settle_without({ lines }) {
    return this.settled(this.settlement.without(lines))
  }

  settle_edit({ edits }) {
    return this.settled(this.settlement.edit(edits))
  }

  settled(settlement) {
    this.settlement = settlement
    const { lines, differences } = settlement.explain()
    if (canonical([lines, differences]) !== canonical([settlement.lines(), settlement.differences()])) throw new Error('explain differs')
    return {
      lines,
      differences,
      unapplied: fieldsOf(settlement.unapplied(), UNAPPLIED),
      questions: settlement.questions(),
      proof: settlement.proof(),
      exchange: settlement.exchange(),
    }
  }

  post_settlement({ id_prefix, recorded }) {
    const facts = this.settlement.facts(id_prefix)
    this.ledger = this.ledger.append(facts, { recorded })
    return tablesOf(facts, POSTED)
  }

  undo({ ids, recorded, ...step }) {
    const facts = this.view(step).undo(ids)
    if (recorded) this.ledger = this.ledger.append(facts, { recorded })
    return tablesOf(facts, UNDONE)
  }

  dunningPolicy({ profile, policy = {} }) {
    return profile === undefined ? spelled(policy, camel) : { profile }
  }

  dun(step) {
    return this.dunned(this.view(step).dun(this.dunningPolicy(step)))
  }

  dun_without({ notices }) {
    return this.dunned(this.run.without(notices))
  }

  dunned(run) {
    this.run = run
    const [notices, skipped] = [run.notices(), run.skipped()]
    const counts = Object.values(run.skippedCounts).reduce((sum, count) => sum + count, 0)
    const lines = notices.reduce((sum, notice) => sum + notice.lines.length, 0)
    if (run.noticeCount !== notices.length || counts !== skipped.length || run.toColumns().notice.length !== lines) {
      throw new Error('the counts of a run differ')
    }
    for (const { document, instalment, reason } of skipped.slice(0, 3)) {
      if (run.explain(document, instalment).reason !== reason) throw new Error(`${document} is explained otherwise`)
    }
    return { notices, skipped, events: run.events() }
  }

  post_dunning({ id_prefix, recorded }) {
    const facts = this.run.facts(id_prefix)
    if (recorded) this.ledger = this.ledger.append(facts, { recorded })
    return tablesOf(facts, DUNNED)
  }

  simulate_dunning({ from, to, ...step }) {
    const made = this.ledger.simulateDunning(this.dunningPolicy(step), { from, to })
    const { customers } = made
    return { notices: made.notices(), days: made.days(), customers, totals: made.totals(), paidAlready: made.paidAlready() }
  }

  compare_dunning({ from, to, other, other_profile, ...step }) {
    const against = this.dunningPolicy({ profile: other_profile, policy: other })
    return { rows: this.ledger.compareDunning(this.dunningPolicy(step), against, { from, to }) }
  }

  audit_dunning({ from, to, tolerance_days, ...step }) {
    return { deviations: this.ledger.auditDunning(this.dunningPolicy(step), { from, to, toleranceDays: tolerance_days }) }
  }

  lint_dunning(step) {
    return { warnings: receivables.lintDunning(this.dunningPolicy(step)) }
  }

  picture({ policy, ...step }) {
    const { title, data, spec } = this.view(step).picture(policy ?? {})
    return { title: title.text, subtitle: title.subtitle, values: data.values, colours: spec.encoding.color?.scale.range ?? null }
  }

  model({ trained, as_of, prediction }) {
    const model = this.ledger.asOf(trained ?? as_of).trainPrediction(prediction)
    return receivables.PredictionModel.fromText(model.toText())
  }

  predict(step) {
    const { quantiles, paid_by: paidBy } = step.ask ?? {}
    const ask = Object.fromEntries(Object.entries({ quantiles, paidBy }).filter(([, given]) => given !== undefined))
    return { items: this.view(step).predict(this.model(step), ask) }
  }

  cash_forecast(step) {
    const made = this.view(step).cashForecast(this.model(step), step.policy, { by: step.by, where: step.where })
    this.forecast = receivables.CashForecast.fromText(made.toText())
    const { day, knownOn, lastDay, by, quantiles, trainedOn } = made
    const lists = { rows: made.rows(), totals: made.totals(), sums: made.sums(), total_sums: made.totalSums() }
    return { day, knownOn, lastDay, by, quantiles, trainedOn, ...lists }
  }

  cash_at_risk(step) {
    return { items: this.view(step).cashAtRisk(this.model(step), step.policy) }
  }

  forecast_accuracy({ from, to, policy, ...step }) {
    return this.ledger.forecastAccuracy(this.model(step), { from, to, policy })
  }

  compare_forecast() {
    return this.ledger.compareForecast(this.forecast)
  }

  prediction_drift(step) {
    return this.view(step).predictionDrift(this.model(step))
  }

  prediction_calibration({ day, prediction, span }) {
    return this.ledger.predictionCalibration(day, prediction, { days: span })
  }

  exposure({ per, company, ...step }) {
    const exposure = this.view(step).exposure(this.dunningPolicy(step), { per, company })
    return { rows: exposure.rows(), totals: exposure.totals() }
  }

  credit_alerts({ before, before_known_on, recorded, ...step }) {
    const earlier = this.ledger.asOf(before, { knownOn: before_known_on })
    const { alerts, facts } = this.view(step).creditAlerts(earlier, this.dunningPolicy(step))
    if (recorded) this.ledger = this.ledger.append(facts, { recorded })
    return { alerts }
  }

  propose_limit({ customer, currency, monthly_volume: monthlyVolume, score, ...step }) {
    return this.view(step).credit(this.dunningPolicy(step)).proposeLimit({ customer, currency, monthlyVolume, score })
  }

  credit_check({ customer, amount, currency, kind, company, order, follows, expected_date, net, terms, ...step }) {
    const { as_of, known_on } = step
    const given = { kind, company, order, follows, expectedDate: expected_date, net, terms }
    const more = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    const asked = [customer, amount, currency, ...(Object.keys(more).length > 0 ? [more] : [])]
    const told = this.view(step).credit(this.dunningPolicy(step)).explain(...asked)
    const short = this.ledger.credit(this.dunningPolicy(step), as_of, { knownOn: known_on }).check(...asked)
    const { decision, headroom, release } = told
    if (canonical(short) !== canonical({ decision, headroom, release })) throw new Error(`the short answer is another: ${canonical(short)}`)
    return told
  }

  provided({ before, ...step }) {
    return this.view(step).provision(this.dunningPolicy(step), before === undefined ? {} : { before })
  }

  provision(step) {
    const { labels, rows, pools, specific, totals, journal } = this.provided(step)
    return { labels, rows, pools, specific, totals, journal }
  }

  explain_provision({ customer, document, currency, pool, bucket, ...step }) {
    const asked = Object.entries({ customer, document, currency, pool, bucket }).filter(([, value]) => value !== undefined)
    return { items: this.provided(step).explain(Object.fromEntries(asked)) }
  }

  loss_rates(step) {
    return this.view(step).lossRates(this.dunningPolicy(step))
  }

  back_test({ then, then_known_on: knownOn, loss_kinds: lossKinds, still_open: stillOpen, ...step }) {
    const asked = Object.entries({ lossKinds, stillOpen }).filter(([, value]) => value !== undefined)
    const earlier = this.ledger.asOf(then, { knownOn })
    return this.view(step).backTest(earlier, this.dunningPolicy(step), Object.fromEntries(asked))
  }

  kpis({ profile, policy = {}, by, where, ...view }) {
    const chosen = profile === undefined ? { policy: spelled(policy, camel) } : { profile }
    const kpis = this.view(view).kpis({ ...chosen, by, where })
    return { rows: keyed(kpis.rows(), kpis.by), totals: keyed(kpis.totals(), []) }
  }

  kpi_registry() {
    return { kpis: receivables.kpiRegistry() }
  }

  explain_dso({ profile, policy = {}, by = [], where, before, before_known_on, ...view }) {
    const chosen = profile === undefined ? { policy: spelled(policy, camel) } : { profile }
    const earlier = this.ledger.asOf(before, { knownOn: before_known_on })
    const { rows, totals } = this.view(view).explainDso(earlier, { ...chosen, by, where })
    return { rows: keyed(rows, by.filter((key) => key !== 'currency')), totals: keyed(totals, []) }
  }

  revaluation(step) {
    const { items, totals } = this.view(step).revaluation()
    return { items, totals }
  }

  interest({ policy, question, ...step }) {
    const { items, totals } = this.view(step).interest(spelled(policy, camel), spelled(question, camel))
    return { items, totals }
  }

  explain_interest({ policy, question, ...step }) {
    const { items, totals } = this.view(step).explainInterest(spelled(policy, camel), spelled(question, camel))
    return { items, totals }
  }

  debt_interest({ policy, currency, amount, due_date: dueDate, until, payments, charged_until: chargedUntil }) {
    const question = { policy: spelled(policy, camel), currency, amount, dueDate, until, payments, chargedUntil }
    return receivables.debtInterest(question, this.settings)
  }

  money({ value, currency }) {
    const minor = receivables.toMinor(cell(value), currency, this.settings)
    const money = receivables.money(cell(value), currency, this.settings)
    if (receivables.fromMinor(minor, currency, this.settings) !== money) throw new Error(`${minor} is not ${money}`)
    return { money, minor: minor.toString() }
  }

  split({ amount, currency, weights }) {
    return { parts: receivables.split(amount, currency, weights, this.settings) }
  }

  due_dates(step) {
    return { instalments: receivables.dueDates(this.question(step), this.settings) }
  }

  explain_due_dates(step) {
    return { instalments: receivables.explainDueDates(this.question(step), this.settings) }
  }

  question({ terms, document_date, currency, amount, base_currency, base_amount }) {
    return {
      terms: typeof terms === 'string' ? terms : spelled(terms, camel),
      documentDate: document_date,
      currency,
      amount,
      baseCurrency: base_currency,
      baseAmount: base_amount,
    }
  }

  day_count({ convention, from, to }) {
    return receivables.dayCount(convention, from, to)
  }

  discount_rates({ percent, discount_days, net_days }) {
    const rates = receivables.discountRates(percent, { discountDays: discount_days, netDays: net_days })
    return Object.fromEntries(Object.entries(rates).map(([key, value]) => [key.replace('36', '_36'), value]))
  }

  business_day({ day, roll, calendar }) {
    return { day: receivables.businessDay(day, roll, spelled(calendar, camel)) }
  }

  creditor_reference({ text }) {
    return receivables.creditorReference(text)
  }

  check_creditor_reference({ text }) {
    return receivables.checkCreditorReference(text)
  }

  local_money({ value, currency, language }) {
    return { text: receivables.localMoney(value, currency, language, this.settings) }
  }

  local_date({ day, language }) {
    return { text: receivables.localDate(day, language) }
  }

  letter({ letter, letters, find = [] }) {
    const written = receivables.letter(spelled(letter, camel), letters)
    return { ...written, found: find.map((text) => written.body.includes(text)) }
  }

  notice_letters({ stationery }) {
    const letters = receivables.noticeLetters(this.run, stationery)
    for (const one of letters) receivables.letter(one)
    return { letters }
  }

  import({ mapping, text }) {
    const fromText = receivables.importText(mapping, text)
    const fromBytes = receivables.importText(mapping, new TextEncoder().encode(text))
    if (canonical(fromText) !== canonical(fromBytes)) throw new Error('text and bytes differ')
    return fromText
  }
}

// ---- comparing

function attempt(call) {
  try {
    return { value: call() }
  } catch (error) {
    return { error }
  }
}

function problemsOf(error) {
  if (!(error instanceof ReceivablesError)) throw error
  const place = ({ code, table, index, field }) => ({ code, table, index, field })
  return { ...place(error), total: error.total, problems: error.problems.map(place) }
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'nothing'
  const keys = Object.keys(value).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`
}

/** The part of an answer that an expectation is about. */
function stated(answer, expected) {
  if (Array.isArray(answer) && Array.isArray(expected) && answer.length === expected.length) {
    return answer.map((one, at) => stated(one, expected[at]))
  }
  const objects = [answer, expected].every((one) => one !== null && typeof one === 'object' && !Array.isArray(one))
  if (!objects) return answer
  const keys = Object.keys(expected).filter((key) => Object.hasOwn(answer, key))
  return Object.fromEntries(keys.map((key) => [key, stated(answer[key], expected[key])]))
}

/** What is different, or nothing. */
function difference(engine, step) {
  if (!Object.hasOwn(Engine.prototype, step.do) || step.do === 'constructor') return `no verb ${step.do}`
  const { value, error } = attempt(() => engine[step.do](step))
  if (error && !(error instanceof ReceivablesError)) return error.stack
  if (!error !== !step.expect_error) return error ? `answered ${error.message}` : `answered ${canonical(value)}`
  const expected = step.expect_error ?? step.expect ?? {}
  const ours = canonical(stated(error ? problemsOf(error) : spelled(value, published), expected))
  const theirs = canonical(expected)
  return ours === theirs ? undefined : `\n  expected ${theirs}\n  answered ${ours}`
}

// What the API says beyond the case format.
const BEYOND = {
  aging_items: ['past_edge', 'next_edge'],
  explain_aging: ['past_edge', 'next_edge'],
  propose: ['currency'],
  explain_proposal: ['currency'],
  post: ['debit_amount', 'base_credit', 'base_debit', 'recorded'],
}

/** The answers of a case in full, as the case format has them. */
function answers({ settings, steps }) {
  const engine = new Engine(settings)
  return steps.map((step) => {
    const { value, error } = attempt(() => engine[step.do](step))
    if (error) return { error: problemsOf(error) }
    const beyond = new Set(BEYOND[step.do])
    return JSON.parse(JSON.stringify(spelled(value, published), (key, one) => (beyond.has(key) ? undefined : one)))
  })
}

function runFolder(folder) {
  let passed = 0
  let failed = 0
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json')).sort()) {
    for (const { name, file: source, settings, steps } of JSON.parse(readFileSync(join(folder, file), 'utf8')).cases) {
      const engine = new Engine(settings)
      let wrong
      let at = 0
      while (wrong === undefined && at < steps.length) wrong = difference(engine, steps[at++])
      if (wrong === undefined) passed++
      else {
        failed++
        console.log(`node: ${source}: ${name}: step ${at} (${steps[at - 1].do}): ${wrong}`)
      }
    }
  }
  console.log(`cases node ${passed} passed, ${failed} failed`)
  return failed === 0 && passed > 0
}

if (process.argv.includes('--engine')) {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim()) console.log(JSON.stringify(answers(JSON.parse(line))))
  }
} else {
  const folder = process.env.AR_CASES_JSON
  if (!folder) throw new Error('AR_CASES_JSON must name the folder of expanded cases')
  process.exitCode = runFolder(folder) ? 0 : 1
}
