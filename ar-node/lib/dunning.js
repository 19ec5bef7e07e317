'use strict'
// DunningRun and DunningSimulation: handles that never change. What they answer is made when it is asked for.

const { asking, refusal } = require('./errors.js')
const { Handle, OURS, isCount, of } = require('./handle.js')
const { columns } = require('./report.js')

class DunningRun extends Handle {
  get madeBy() {
    return asking(() => JSON.parse(of(this).madeBy()))
  }

  get day() {
    return asking(() => of(this).day())
  }

  get noticeCount() {
    return asking(() => of(this).counts())[0]
  }

  get lineCount() {
    return asking(() => of(this).counts())[1]
  }

  get skippedCounts() {
    return asking(() => JSON.parse(of(this).skippedCounts()))
  }

  notices() {
    return asking(() => JSON.parse(of(this).notices()))
  }

  skipped() {
    return asking(() => JSON.parse(of(this).skipped()))
  }

  events() {
    return asking(() => JSON.parse(of(this).events()))
  }

  explain(document, instalment = 0) {
    if (typeof document !== 'string') {
      throw refusal('wrong_type', `expected text, got a ${typeof document}`, { field: 'document' })
    }
    if (!isCount(instalment)) throw refusal('wrong_type', 'expected the number of an instalment', { field: 'instalment' })
    return asking(() => JSON.parse(of(this).explain(document, instalment)))
  }

  without(notices) {
    if (!Array.isArray(notices) || !notices.every(isCount)) {
      throw refusal('wrong_type', 'expected a list of the numbers of notices', { field: 'notices' })
    }
    return asking(() => new DunningRun(OURS, of(this).without(notices)))
  }

  facts(idPrefix) {
    return asking(() => JSON.parse(of(this).facts(idPrefix)))
  }

  toColumns(what = 'lines') {
    return asking(() => columns(of(this).columns(what)))
  }

  toArrow(what = 'lines') {
    return asking(() => of(this).arrow(what))
  }
}

class DunningSimulation extends Handle {
  get madeBy() {
    return asking(() => JSON.parse(of(this).madeBy()))
  }

  get customers() {
    return asking(() => of(this).customers())
  }

  notices() {
    return asking(() => JSON.parse(of(this).notices()))
  }

  days() {
    return asking(() => JSON.parse(of(this).days()))
  }

  totals() {
    return asking(() => JSON.parse(of(this).totals()))
  }

  paidAlready() {
    return asking(() => JSON.parse(of(this).paidAlready()))
  }

  toArrow(what = 'lines') {
    return asking(() => of(this).arrow(what))
  }
}

module.exports = { DunningRun, DunningSimulation }
