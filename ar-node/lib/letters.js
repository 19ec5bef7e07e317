'use strict'
// Letters, creditor references, dates and amounts as a language writes them.

const native = require('./native.js')
const { DunningRun } = require('./dunning.js')
const { asking, refusal } = require('./errors.js')
const { of } = require('./handle.js')
const { lettersText, policyText, settingsText, stationeryText } = require('./json.js')

const letter = (given, letters) => asking(() => JSON.parse(native.letter(policyText(given), lettersText(letters))))
const noticeLetters = (run, stationery) => {
  if (!(run instanceof DunningRun)) throw refusal('wrong_type', 'expected a dunning run', { field: 'run' })
  return asking(() => JSON.parse(native.noticeLetters(of(run), stationeryText(stationery))))
}
const creditorReference = (text) => asking(() => JSON.parse(native.creditorReference(text)))
const checkCreditorReference = (text) => asking(() => JSON.parse(native.checkCreditorReference(text)))
const localMoney = (value, currency, language, settings) =>
  asking(() => native.localMoney(value, currency, language, settingsText(settings)))
const localDate = (day, language) => asking(() => native.localDate(day, language))

module.exports = { checkCreditorReference, creditorReference, letter, localDate, localMoney, noticeLetters }
