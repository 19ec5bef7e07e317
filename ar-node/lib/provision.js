'use strict'
// Provision: a handle that never changes. Its figures are made when they are first asked for.

const { asking, refusal } = require('./errors.js')
const { Handle, of } = require('./handle.js')
const { policyText } = require('./json.js')
const { known } = require('./options.js')

/** What was provided before, as JSON text; nothing when left out. */
function rowsOfBefore(before = []) {
  if (!Array.isArray(before)) throw refusal('wrong_type', `expected a list of rows, got a ${typeof before}`, { field: 'before' })
  return `[${before.map((row) => policyText(row)).join(',')}]`
}

const QUESTION = ['customer', 'document', 'currency', 'pool', 'bucket']
const told = new WeakMap()

class Provision extends Handle {
  get #report() {
    if (!told.has(this)) told.set(this, asking(() => JSON.parse(of(this).report())))
    return told.get(this)
  }

  get labels() {
    return this.#report.labels
  }

  get rows() {
    return this.#report.rows
  }

  get pools() {
    return this.#report.pools
  }

  get specific() {
    return this.#report.specific
  }

  get totals() {
    return this.#report.totals
  }

  get journal() {
    return this.#report.journal
  }

  get madeBy() {
    return this.#report.madeBy
  }

  explain(question) {
    return asking(() => JSON.parse(of(this).explain(policyText(known(question, QUESTION)))))
  }
}

module.exports = { Provision, rowsOfBefore }
