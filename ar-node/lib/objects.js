'use strict'
// What is an object of named values, and what only looks like one: a `Map`, a `Set` or a promise has no named values, so that
// reading it as an object would lose without a word what it holds.

const isObject = (given) =>
  given !== null &&
  typeof given === 'object' &&
  !Array.isArray(given) &&
  !(given instanceof Date) &&
  !ArrayBuffer.isView(given) &&
  typeof given[Symbol.iterator] !== 'function' &&
  typeof given.then !== 'function'

/** What a value is, in a word. */
const kindOf = (given) =>
  typeof given !== 'object' ? typeof given : given === null ? 'null' : Array.isArray(given) ? 'list' : (given.constructor?.name ?? 'object')

module.exports = { isObject, kindOf }
