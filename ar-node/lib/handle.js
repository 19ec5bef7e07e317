'use strict'
// What holds a native object and never changes. Who holds the key may construct; users come by `Ledger.from` and its like.

const { refusal } = require('./errors.js')

const OURS = Symbol('receivables')

class Handle {
  #native
  constructor(key, inner) {
    if (key !== OURS) throw refusal('wrong_type', 'expected Ledger.from, fromJson or fromArrow instead of new')
    this.#native = inner
  }

  /** The native object, for those who hold the key. */
  static of(handle) {
    return handle.#native
  }
}

const isCount = (given) => Number.isInteger(given) && given >= 0 && given < 2 ** 32

module.exports = { Handle, OURS, isCount, of: Handle.of }
