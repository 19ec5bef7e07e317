// What may cross the border into the engine, and what is refused there.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'

import { checkAmount, engineVersion, ReceivablesError } from '../index.js'

const require = createRequire(import.meta.url)
const DAY = '2026-01-31'

test('the package and the engine have one version', () => {
  assert.equal(engineVersion(), require('../package.json').version)
})

test('exact money keeps every digit', () => {
  assert.equal(checkAmount('10.1', 'EUR', DAY), '10.10')
  assert.equal(checkAmount('-0.05', 'EUR', DAY), '-0.05')
})

const refusals = [
  [[10.1, 'EUR', DAY], 'float_refused', 'amount'],
  [[true, 'EUR', DAY], 'wrong_type', 'amount'],
  [[10n, 'EUR', DAY], 'wrong_type', 'amount'],
  [[undefined, 'EUR', DAY], 'wrong_type', 'amount'],
  [['NaN', 'EUR', DAY], 'not_a_number', 'amount'],
  [['1e2', 'EUR', DAY], 'not_a_number', 'amount'],
  [['9'.repeat(40), 'EUR', DAY], 'too_large', 'amount'],
  [['10.001', 'EUR', DAY], 'too_many_digits', 'amount'],
  [['1', 'eur', DAY], 'unknown_currency', 'currency'],
  [['1', 7, DAY], 'wrong_type', null],
  [['1', 'EUR', new Date(DAY)], 'datetime_refused', 'on'],
  [['1', 'EUR', '2026-02-30'], 'impossible_date', 'on'],
]
for (const [args, code, field] of refusals) {
  test(`${code} for ${args.map(String).join(', ')}`, () => {
    assert.throws(() => checkAmount(...args), (error) => {
      assert.ok(error instanceof ReceivablesError && error instanceof Error)
      assert.deepEqual([error.code, error.field, error.total], [code, field, 1])
      assert.equal(error.problems[0].code, code)
      return true
    })
  })
}

test('a panic is an error, and the process lives', (t) => {
  const { panicForTheTest } = require('../receivables.node')
  if (!panicForTheTest) return t.skip('a release build has no such export')
  assert.throws(panicForTheTest, /on purpose/)
})
