'use strict'
// The package: one line for each thing it exports, so that `import { … }` finds the names.

const { ReceivablesError } = require('./lib/errors.js')
const columns = require('./lib/dense.js')
const {
  Aging, CreditDesk, DunningRun, DunningSimulation, Exposure, Kpis, Ledger, Proposal, Provision, Settlement, View, kpiRegistry,
  lintDunning,
} = require('./lib/ledger.js')
const letters = require('./lib/letters.js')
const { CashForecast, PredictionModel } = require('./lib/prediction.js')
const tools = require('./lib/tools.js')

exports.Aging = Aging
exports.CashForecast = CashForecast
exports.CreditDesk = CreditDesk
exports.DunningRun = DunningRun
exports.DunningSimulation = DunningSimulation
exports.Exposure = Exposure
exports.Kpis = Kpis
exports.Ledger = Ledger
exports.PredictionModel = PredictionModel
exports.Proposal = Proposal
exports.Provision = Provision
exports.ReceivablesError = ReceivablesError
exports.Settlement = Settlement
exports.View = View
exports.businessDay = tools.businessDay
exports.checkCreditorReference = letters.checkCreditorReference
exports.columns = columns
exports.creditorReference = letters.creditorReference
exports.dayCount = tools.dayCount
exports.debtInterest = tools.debtInterest
exports.discountRates = tools.discountRates
exports.dueDates = tools.dueDates
exports.engineVersion = tools.engineVersion
exports.explainDueDates = tools.explainDueDates
exports.fromMinor = tools.fromMinor
exports.importText = tools.importText
exports.kpiRegistry = kpiRegistry
exports.letter = letters.letter
exports.localDate = letters.localDate
exports.localMoney = letters.localMoney
exports.lintDunning = lintDunning
exports.money = tools.money
exports.noticeLetters = letters.noticeLetters
exports.profile = tools.profile
exports.profiles = tools.profiles
exports.schema = tools.schema
exports.schemas = tools.schemas
exports.split = tools.split
exports.toMinor = tools.toMinor
