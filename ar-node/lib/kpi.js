'use strict'
// Kpis: a handle that never changes. What it answers is made when it is asked for.

const { asking } = require('./errors.js')
const { Handle, of } = require('./handle.js')
const native = require('./native.js')

class Kpis extends Handle {
  get madeBy() {
    return asking(() => JSON.parse(of(this).madeBy()))
  }

  get by() {
    return asking(() => of(this).by())
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

// Every key figure with its formula, window, convention, unit and source.
const kpiRegistry = () => asking(() => JSON.parse(native.kpiRegistry()))

module.exports = { Kpis, kpiRegistry }
