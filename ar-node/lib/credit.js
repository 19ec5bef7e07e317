'use strict'
// CreditDesk and Exposure: handles that never change. What they answer is made when it is asked for.

const { asking, refusal } = require('./errors.js')
const { Handle, of } = require('./handle.js')
const { known } = require('./options.js')

const MORE = ['kind', 'company', 'order', 'follows', 'expectedDate', 'net', 'terms']

function texts(customer, currency) {
  if (typeof customer !== 'string') throw refusal('wrong_type', `expected text, got a ${typeof customer}`, { field: 'customer' })
  if (typeof currency !== 'string') throw refusal('wrong_type', `expected text, got a ${typeof currency}`, { field: 'currency' })
}

class CreditDesk extends Handle {
  get day() {
    return asking(() => of(this).day())
  }

  get madeBy() {
    return asking(() => JSON.parse(of(this).madeBy()))
  }

  check(customer, amount, currency, more) {
    texts(customer, currency)
    const asked = more === undefined ? undefined : known(more, MORE)
    return asking(() => decided(of(this).check(customer, amount, currency, asked)))
  }

  proposeLimit(given) {
    const { customer, currency, monthlyVolume, score } = known(given, ['customer', 'currency', 'monthlyVolume', 'score'])
    if (typeof currency !== 'string') throw refusal('wrong_type', `expected text, got a ${typeof currency}`, { field: 'currency' })
    return asking(() => JSON.parse(of(this).proposeLimit(currency, customer, monthlyVolume, score)))
  }

  explain(customer, amount, currency, more) {
    texts(customer, currency)
    const asked = more === undefined ? undefined : known(more, MORE)
    return asking(() => JSON.parse(of(this).explain(customer, amount, currency, asked)))
  }
}

// What there is none of is null, as in every answer.
function decided(answer) {
  const { decision, headroom = null, release = null } = answer
  return { decision, headroom, release }
}

class Exposure extends Handle {
  get madeBy() {
    return asking(() => JSON.parse(of(this).madeBy()))
  }

  rows() {
    return asking(() => JSON.parse(of(this).rows()))
  }

  totals() {
    return asking(() => JSON.parse(of(this).totals()))
  }

  toArrow(what = 'rows') {
    return asking(() => of(this).arrow(what))
  }
}

module.exports = { CreditDesk, Exposure }
