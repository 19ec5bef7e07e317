'use strict'
// Options of a call. A key that no option has is refused: skipped, it would change the question and say nothing.

const { refusal } = require('./errors.js')
const { isObject, kindOf } = require('./objects.js')

/** An object of options; none when left out. */
function options(given, name) {
  if (given === undefined || given === null) return {}
  if (isObject(given)) return given
  throw refusal('wrong_type', `expected an object of options, got a ${kindOf(given)}`, { field: name })
}

/** An object of no options but these. */
function known(given, names) {
  const checked = options(given)
  for (const key of Object.keys(checked)) {
    if (!names.includes(key)) throw refusal('unknown_field', `expected no option but ${names.join(', ')}`, { field: key })
  }
  return checked
}

module.exports = { known, options }
