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

/** A refusal found before the engine is asked. */
function refusal(code, reason, { table = null, index = null, field = null } = {}, options) {
  return new ReceivablesError({ problems: [{ code, reason, table, index, field }] }, options)
}

/** The error a caller sees for one that came out of the addon. */
function refused(error) {
  const text = error?.message ?? ''
  if (text.startsWith(MARK)) return new ReceivablesError(JSON.parse(text.slice(MARK.length)))
  // napi's own refusal of an argument: a missing field, an object where an array is meant; it stumbles when it would quote what
  // JSON has not.
  if (/^(InvalidArg|[A-Za-z]+Expected)$/.test(error?.code ?? '') || (error instanceof TypeError && /serialize a BigInt|structure to JSON/.test(text))) {
    return refusal('wrong_type', 'expected an argument of another type: see index.d.ts', {}, { cause: error })
  }
  // Text or an array longer than V8 holds; an object inside itself.
  if (error instanceof RangeError) {
    return refusal('limit_exceeded', `expected less: ${error.message}`, {}, { cause: error })
  }
  return error
}

/** The answer of a call, with refusals thrown, or rejected, as ReceivablesError. */
function asking(call) {
  try {
    const answer = call()
    return answer instanceof Promise
      ? answer.catch((error) => {
          throw refused(error)
        })
      : answer
  } catch (error) {
    throw refused(error)
  }
}

module.exports = { ReceivablesError, asking, refusal, refused }
