'use strict'
// Money, payment terms, day counts, business days: questions that need no ledger.

const native = require('./native.js')
const { asking, refusal } = require('./errors.js')
const { bytesOf, mappingText } = require('./files.js')
const { NAMED_PARTS, policyText, settingsText } = require('./json.js')
const { camel } = require('./names.js')
const { known } = require('./options.js')

const both = (value, currency, settings) => asking(() => native.money(value, currency, settingsText(settings)))

const money = (value, currency, settings) => both(value, currency, settings).money
const toMinor = (value, currency, settings) => both(value, currency, settings).minor
const fromMinor = (minor, currency, settings) => asking(() => native.fromMinor(minor, currency, settingsText(settings)))

function split(amount, currency, weights, settings) {
  const whole = (weight) => {
    if (typeof weight === 'bigint') return weight
    if (Number.isSafeInteger(weight)) return BigInt(weight)
    throw refusal('policy_invalid', 'expected whole numbers as weights', { field: 'weights' })
  }
  if (!Array.isArray(weights)) throw refusal('policy_invalid', 'expected a list of weights', { field: 'weights' })
  return asking(() => native.split(amount, currency, weights.map(whole), settingsText(settings)))
}

const QUESTION = ['terms', 'documentDate', 'currency', 'amount', 'baseCurrency', 'baseAmount']

// `terms` is a code of `settings.terms`, or terms themselves.
function due(question, settings, explained) {
  if (question === null || typeof question !== 'object') {
    throw refusal('wrong_type', 'expected an object of terms, documentDate, currency and amount')
  }
  const terms = policyText(known(question, QUESTION).terms)
  return asking(() => JSON.parse(native.dueDates({ ...question, terms }, settingsText(settings), explained)))
}

const dueDates = (question, settings) => due(question, settings, false)
const explainDueDates = (question, settings) => due(question, settings, true)

const DEBT = ['policy', 'currency', 'amount', 'dueDate', 'until', 'payments', 'chargedUntil']

function debtInterest(question, settings) {
  if (question === null || typeof question !== 'object') {
    throw refusal('wrong_type', 'expected an object of policy, currency, amount, dueDate and until')
  }
  const policy = policyText(known(question, DEBT).policy)
  if (question.payments != null && !Array.isArray(question.payments)) {
    throw refusal('wrong_type', 'expected a list of payments', { field: 'payments' })
  }
  return asking(() => JSON.parse(native.debtInterest({ ...question, policy }, settingsText(settings))))
}

const dayCount = (convention, from, to) => asking(() => JSON.parse(native.dayCount(convention, from, to)))
// A number is whole; one with digits after the point is text.
function percentText(percent) {
  if (typeof percent === 'string') return percent
  if (typeof percent === 'bigint' || Number.isSafeInteger(percent)) return String(percent)
  const code = typeof percent === 'number' ? 'float_refused' : 'wrong_type'
  throw refusal(code, `expected text or a whole number, got a ${typeof percent}`, { field: 'percent' })
}

function wholeDays(days, field) {
  if (Number.isSafeInteger(days)) return days
  throw refusal('wrong_type', `expected a whole number, got a ${typeof days}`, { field })
}

function discountRates(percent, offer) {
  const { discountDays, netDays } = known(offer, ['discountDays', 'netDays'])
  const days = [wholeDays(discountDays, 'discount_days'), wholeDays(netDays, 'net_days')]
  return asking(() => JSON.parse(native.discountRates(percentText(percent), ...days)))
}

const businessDay = (day, roll, calendar) => asking(() => native.businessDay(day, roll, policyText(calendar)))

// A profile is a document of the engine, spelled as JavaScript spells it, so that a field of it can be set anew.
function spelledHere(value) {
  if (Array.isArray(value)) return value.map(spelledHere)
  if (value === null || typeof value !== 'object') return value
  const byName = (parts) => Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, spelledHere(part)]))
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [camel(key), NAMED_PARTS.has(key) ? byName(one) : spelledHere(one)]),
  )
}
const profile = (room, name) => asking(() => spelledHere(JSON.parse(native.profile(room, name))))
const profiles = (room) => asking(() => native.profiles(room))
const schema = (name) => asking(() => JSON.parse(native.schema(name)))
const schemas = () => asking(() => native.schemas())

function importText(mapping, text) {
  const { facts, report } = asking(() => native.importText(mappingText(mapping), bytesOf(text, 'text')))
  return { facts: JSON.parse(facts), report: JSON.parse(report) }
}

const engineVersion = () => asking(() => native.engineVersion())

module.exports = {
  businessDay,
  dayCount,
  debtInterest,
  discountRates,
  dueDates,
  engineVersion,
  explainDueDates,
  fromMinor,
  importText,
  money,
  profile,
  profiles,
  schema,
  schemas,
  split,
  toMinor,
}
