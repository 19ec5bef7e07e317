'use strict'
// Policies and settings as JSON text. A document in the published spelling passes as it is, text too; an object may also be
// spelled in camel case. Nothing is dropped or rounded on the way: what JSON has not is written so that the engine refuses it.

const { refusal } = require('./errors.js')
const { published } = require('./names.js')
const { isObject, kindOf } = require('./objects.js')

// Keys whose object has a user's names as keys, and what its values are.
const USERS_NAMES = {
  companies: 'document',
  currencies: 'raw',
  terms: 'document',
  hierarchies: 'raw',
}
// The same in a policy: procedures go by the names that their user gave.
const NAMED_PARTS = new Set(['procedures'])
const DEEPEST = 32

function value(given, raw, depth) {
  if (depth > DEEPEST) throw refusal('limit_exceeded', `expected at most ${DEEPEST} levels`)
  switch (typeof given) {
    case 'string':
    case 'boolean':
      return given
    case 'number':
      return Number.isFinite(given) ? given : String(given)
    case 'bigint':
      return given.toString()
    case 'object':
      if (given === null) return null
      if (Array.isArray(given)) return given.map((one) => value(one, raw, depth + 1))
      if (given instanceof Date) return `a Date: ${given.getTime()}`
      if (ArrayBuffer.isView(given) && !(given instanceof DataView)) return Array.from(given, (one) => value(one, raw, depth + 1))
      if (!isObject(given)) return `a ${kindOf(given)}`
      return object(given, raw ? (name) => name : published, (name, one) =>
        !raw && NAMED_PARTS.has(name) && isObject(one)
          ? object(one, (own) => own, (_, part) => value(part, raw, depth + 2))
          : value(one, raw, depth + 1),
      )
    default:
      return `a ${typeof given}`
  }
}

function object(given, name, value) {
  const out = new Map()
  for (const key of Object.keys(given)) {
    if (given[key] === undefined) continue
    const spelled = name(key)
    if (out.has(spelled)) throw refusal('policy_invalid', 'expected a field once, in one spelling', { field: spelled })
    out.set(spelled, value(spelled, given[key]))
  }
  return Object.fromEntries(out)
}

/** A policy as JSON text. */
function policyText(given = {}) {
  return typeof given === 'string' ? given : JSON.stringify(value(given, false, 0))
}

/** A map whose keys are a user's own, as JSON text. */
function mapText(given = {}) {
  return typeof given === 'string' ? given : JSON.stringify(value(given, true, 0))
}

/** Settings as JSON text. */
function settingsText(given = {}) {
  if (typeof given === 'string') return given
  if (!isObject(given)) return JSON.stringify(value(given, true, 0))
  const field = (name, one) => {
    const kind = USERS_NAMES[name]
    if (kind !== 'document' || !isObject(one)) {
      return value(one, kind !== undefined, 0)
    }
    return object(one, (code) => code, (_, document) => value(document, false, 0))
  }
  return JSON.stringify(object(given, published, field))
}

/** A policy of letters as JSON text: templates, words and currencies are named by a user. */
function lettersText(given = {}) {
  if (typeof given === 'string') return given
  if (!isObject(given)) return JSON.stringify(value(given, true, 0))
  return JSON.stringify(object(given, published, (name, one) => value(one, name !== 'layout', 0)))
}

/** A stationery as JSON text: companies, customers and languages are named by a user. */
function stationeryText(given = {}) {
  if (typeof given === 'string') return given
  if (!isObject(given)) return JSON.stringify(value(given, true, 0))
  const users = new Set(['companies', 'customers', 'languages'])
  const field = (name, one) =>
    users.has(name) && isObject(one) ? object(one, (own) => own, (_, part) => value(part, false, 1)) : value(one, false, 0)
  return JSON.stringify(object(given, published, field))
}

module.exports = { NAMED_PARTS, lettersText, mapText, policyText, settingsText, stationeryText }
