'use strict'
// Files and their mapping on the way in: bytes, and text.

const { refusal } = require('./errors.js')
const { mapText } = require('./json.js')
const { isObject } = require('./objects.js')

function bytesOf(content, field) {
  if (typeof content === 'string') return Buffer.from(content, 'utf8')
  if (content instanceof Uint8Array) return content
  throw refusal('wrong_type', 'expected text or a Uint8Array', { field })
}

function packFiles(files) {
  if (!isObject(files)) {
    throw refusal('wrong_type', 'expected an object of files by name', { field: 'files' })
  }
  return Object.entries(files).map(([name, content]) => ({ name, bytes: bytesOf(content, `files.${name}`) }))
}

module.exports = { bytesOf, mappingText: mapText, packFiles }
