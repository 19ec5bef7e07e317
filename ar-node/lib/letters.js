'use strict'
// Letters, creditor references, dates and amounts as a language writes them.

const native = require('./native.js')
const { asking } = require('./errors.js')
const { lettersText, policyText, settingsText } = require('./json.js')

const letter = (given, letters) => asking(() => JSON.parse(native.letter(policyText(given), lettersText(letters))))
const creditorReference = (text) => asking(() => JSON.parse(native.creditorReference(text)))
const checkCreditorReference = (text) => asking(() => JSON.parse(native.checkCreditorReference(text)))
const localMoney = (value, currency, language, settings) =>
  asking(() => native.localMoney(value, currency, language, settingsText(settings)))
const localDate = (day, language) => asking(() => native.localDate(day, language))

module.exports = { checkCreditorReference, creditorReference, letter, localDate, localMoney }
