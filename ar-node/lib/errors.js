'use strict'
// What the engine says when it refuses. Branch on `code`, which is stable; show `reason` to a person.

const MARK = 'receivables-refusal '

function sentence({ code, reason, table, index, field }) {
  const where = [table, index == null ? null : `row ${index}`, field].filter(Boolean).join(' ')
  return `${code}: ${reason}${where ? ` (${where})` : ''}`
}

class ReceivablesError extends Error {
  constructor({ problems, total }, options) {
    const first = problems[0]
    super(sentence(first), options)
    this.name = 'ReceivablesError'
    this.code = first.code
    this.reason = first.reason
    this.table = first.table ?? null
    this.index = first.index ?? null
    this.field = first.field ?? null
    this.problems = problems
    this.total = total ?? problems.length
  }
}

/** The error a caller sees for one that came out of the addon. */
function refused(error) {
  const text = error?.message ?? ''
  if (text.startsWith(MARK)) return new ReceivablesError(JSON.parse(text.slice(MARK.length)))
  // napi's own refusal of an argument: a missing field, an object where an array is meant.
  if (/^(InvalidArg|[A-Za-z]+Expected)$/.test(error?.code ?? '')) {
    const reason = 'expected an argument of another type: see index.d.ts'
    return new ReceivablesError({ problems: [{ code: 'wrong_type', reason, table: null, index: null, field: null }] }, { cause: error })
  }
  return error
}

/** The native function with refusals thrown, or rejected, as ReceivablesError. */
function fronting(native) {
  return function (...args) {
    try {
      const answer = native.apply(this, args)
      return answer instanceof Promise ? answer.catch((error) => { throw refused(error) }) : answer
    } catch (error) {
      throw refused(error)
    }
  }
}

module.exports = { ReceivablesError, fronting }
