// The gallery of errors through the public API: every input of docs/errors.md is refused as shown there.
//
// usage: node run_gallery.mjs FOLDER (ar-core/tests/gallery). Prints each failure, then one line.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { creditorReference, importText, Ledger, letter, ReceivablesError } from '../index.js'

const folder = process.argv[2]
const read = (name) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())

/** A value as JavaScript has it: not a number and a time are what they are, not text. */
function native(value) {
  if (value === 'NaN') return NaN
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return new Date(`${value}Z`)
  return value
}

// Whole numbers are fine as they are where they are counts; where text is meant they are as wrong as in JSON.
const spelled = (row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [camel(name), native(value)]))
const tables = (facts) =>
  Object.fromEntries(Object.entries(facts).map(([name, rows]) => [camel(name), Array.isArray(rows) ? rows.map(spelled) : rows]))

const load = (settings, facts) => Ledger.from({ settings, ...tables(facts) })
const given = read('given')
const held = () => load(given.settings, given.facts)

/** Whether a document may go, or for a limit. */
function askCredit(view, input) {
  const desk = view.credit(JSON.stringify(input.credit_policy))
  if ('check' in input) return desk.check(input.check.customer, input.check.amount, input.check.currency)
  return 'propose_limit' in input ? desk.proposeLimit(spelled(input.propose_limit)) : desk
}

/** Does what an input asks for; it is meant to be refused. */
function run(input) {
  if ('load' in input) return load(input.settings, input.load)
  if ('settings' in input) return load(input.settings, {})
  if ('mapping' in input) return importText(input.mapping, '')
  if ('allocation_policy' in input) return load(undefined, {}).asOf('2026-02-01').propose(input.allocation_policy)
  if ('interest_policy' in input) return load(undefined, {}).asOf('2026-02-01').interest(input.interest_policy)
  if ('creditor_reference' in input) return creditorReference(input.creditor_reference)
  if ('letter' in input) return letter(input.letter, input.letters)
  if ('append' in input) {
    const ledger = held().append(tables(input.append), { recorded: input.recorded })
    if ('prediction_policy' in input) return trained(ledger.asOf(input.recorded), input)
    if ('dunning_policy' in input) return ledger.asOf(input.recorded).dun(input.dunning_policy)
    if ('credit_policy' in input) return askCredit(ledger.asOf(input.recorded), input)
    return 'undo' in input ? ledger.asOf(input.recorded).undo(input.undo) : ledger
  }
  if ('credit_policy' in input) return askCredit(held().asOf(input.as_of), input)
  if ('provision_policy' in input) {
    const view = held().asOf(input.as_of)
    const policy = JSON.stringify(input.provision_policy)
    return 'then' in input ? view.backTest(held().asOf(input.then), policy) : view.provision(policy, { before: input.before })
  }
  if ('loss_rate_policy' in input) return held().asOf(input.as_of).lossRates(JSON.stringify(input.loss_rate_policy))
  if ('prediction_policy' in input) return held().asOf(input.as_of).predictionDrift(trained(held().asOf(input.trained), input))
  if ('dunning_policy' in input) return held().asOf(input.as_of).dun(input.dunning_policy)
  if ('settle' in input) return held().asOf(input.as_of).settle(input.settle).edit(input.edit)
  const { aging_policy: policy, by, where } = input
  return held().asOf(input.as_of).aging({ policy, by, where }).rows()
}

/** A model; an input that is stopped stops after the first tree. */
function trained(view, { prediction_policy: policy, stopped }) {
  return view.trainPrediction(policy, { progress: () => !stopped })
}

function refusalOf(input) {
  try {
    run(input)
  } catch (error) {
    if (!(error instanceof ReceivablesError)) throw error
    return { problems: error.problems.map(({ code, table, index, field }) => [code, table, index, field]), total: error.total }
  }
  return 'was not refused'
}

function countsOf(input) {
  const view = load(undefined, input.load).asOf(input.as_of)
  const aging = view.aging({ policy: input.aging_policy })
  const proposal = view.propose()
  const counts = { open_items: view.openItems(), rows: aging.rows(), totals: aging.totals(), items: aging.items() }
  const all = { ...counts, lines: proposal.lines(), unapplied: proposal.unapplied() }
  return Object.fromEntries(Object.entries(all).map(([name, rows]) => [name, rows.length]))
}

const text = (value) => JSON.stringify(value, (_, part) => (part && !Array.isArray(part) && typeof part === 'object' ? Object.fromEntries(Object.entries(part).sort()) : part))

let [shown, notMade, failed] = [0, 0, 0]
function check(name, input, expected, got) {
  if (text(expected) === text(got)) shown += 1
  else {
    failed += 1
    console.log(`FAILED ${name}: ${JSON.stringify(input)}: expected ${text(expected)}, got ${text(got)}`)
  }
}

const refusals = read('refusals')
const inputs = read('errors').flatMap(({ code, inputs }) => inputs.map((input) => [code, input]))
inputs.forEach(([code, input], at) => {
  // Half a thousand million rows would have to be held to be handed over.
  if ('rows' in input) notMade += 1
  else check(code, input, refusals[at], refusalOf(input))
})
for (const input of read('answers')) check(input.name, input, input.answer, countsOf(input))
if (inputs.length !== refusals.length) throw new Error('refusals.json is of other inputs')
console.log(`gallery node ${shown} as shown, ${notMade} not made, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
