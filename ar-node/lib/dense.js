'use strict'
// Aging and allocation straight from typed arrays, in any order: no ledger, nothing kept.

const native = require('./native.js')
const { asking, refusal } = require('./errors.js')
const { policyText } = require('./json.js')
const { known } = require('./options.js')

const SHAPES = { customer: Uint32Array, currency: Uint8Array, day: Int32Array, minor: BigInt64Array }

// Four arrays of one length, under the names that the addon has for them.
function packed(given, table, names) {
  const columns = known(given, Object.values(names))
  const out = {}
  for (const [name, Shape] of Object.entries(SHAPES)) {
    const column = columns[names[name]]
    const place = { table, field: names[name] }
    if (column === undefined || column === null) throw refusal('missing_field', 'expected the column', place)
    if (!(column instanceof Shape)) throw refusal('wrong_type', `expected a ${Shape.name}`, place)
    if (column.length !== columns[names.customer].length) {
      throw refusal('wrong_type', `expected ${columns[names.customer].length} values, got ${column.length}`, place)
    }
    out[name] = column
  }
  return out
}

const itemsOf = (items) => packed(items, 'items', { customer: 'customer', currency: 'currency', day: 'due', minor: 'openMinor' })
const paymentsOf = (payments) =>
  packed(payments, 'payments', { customer: 'customer', currency: 'currency', day: 'day', minor: 'amountMinor' })

const age = (items, day, policy) => asking(() => native.ageDense(itemsOf(items), day, policyText(policy)))
const allocate = (items, payments) => asking(() => native.allocateDense(itemsOf(items), paymentsOf(payments)))

module.exports = { age, allocate }
