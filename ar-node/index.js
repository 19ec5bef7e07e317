'use strict'
// The package: one line for each thing it exports, so that `import { … }` finds the names.

const native = require('./lib/native.js')
const { ReceivablesError, fronting } = require('./lib/errors.js')

exports.ReceivablesError = ReceivablesError
exports.engineVersion = fronting(native.engineVersion)
exports.checkAmount = fronting(native.checkAmount)
