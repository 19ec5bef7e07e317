// Dense columns: what the kernels answer, and what they refuse.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { columns, ReceivablesError } from '../index.js'

const DAY = (text) => Date.parse(text) / 86_400_000
const items = (rows) => ({
  customer: Uint32Array.from(rows, (row) => row[0]),
  currency: Uint8Array.from(rows, (row) => row[1]),
  due: Int32Array.from(rows, (row) => DAY(row[2])),
  openMinor: BigInt64Array.from(rows, (row) => row[3]),
})
const payments = (rows) => {
  const { customer, currency, due, openMinor } = items(rows)
  return { customer, currency, day: due, amountMinor: openMinor }
}
const plain = (answer) => Object.fromEntries(Object.entries(answer).map(([name, column]) => [name, [...column]]))

const OPEN = [
  [1, 0, '2026-01-31', 100n], [0, 0, '2026-03-01', 50n], [1, 0, '2026-02-10', 70n], [1, 1, '2026-01-31', 9n], [0, 0, '2026-03-02', -20n],
]

test('items are aged by customer, currency and bucket', () => {
  assert.deepEqual(plain(columns.age(items(OPEN), '2026-03-02', { edges: [0, 29] })), {
    customer: [0, 0, 1, 1, 1],
    currency: [0, 0, 0, 0, 1],
    bucket: [1, 0, 2, 1, 2],
    openMinor: [50n, -20n, 100n, 70n, 9n],
    items: [1, 1, 1, 1, 1],
  })
  assert.deepEqual(plain(columns.age(items([]), '2026-03-02', { edges: [0] })), {
    customer: [], currency: [], bucket: [], openMinor: [], items: [],
  })
})

test('payments are spent on the oldest due first', () => {
  const paid = columns.allocate(items(OPEN), payments([[1, 0, '2026-03-01', 120n], [2, 0, '2026-03-01', 5n], [0, 0, '2026-03-01', 60n]]))
  assert.deepEqual(plain(paid), { payment: [2, 0, 0], item: [1, 0, 2], amountMinor: [50n, 100n, 20n] })
})

test('a million items tie', () => {
  const n = 1_000_000
  const many = { customer: new Uint32Array(n), currency: new Uint8Array(n), due: new Int32Array(n), openMinor: new BigInt64Array(n) }
  let total = 0n
  for (let at = 0; at < n; at++) {
    many.customer[at] = (at * 7919) % 50_021
    many.currency[at] = at % 3
    many.due[at] = 20_000 + ((at * 31) % 400)
    many.openMinor[at] = BigInt((at * 131) % 100_000) - 20_000n
    total += many.openMinor[at]
  }
  const aged = columns.age(many, '2025-06-01', { edges: [0, 30, 60, 90] })
  assert.equal(aged.openMinor.reduce((sum, open) => sum + open, 0n), total)
  assert.equal(aged.items.reduce((sum, count) => sum + count, 0), n)
})

const good = items(OPEN)
const refused = {
  'no items': [() => columns.age(undefined, '2026-03-02', { edges: [0] }), 'missing_field', 'items', 'customer'],
  'no column': [() => columns.age({ ...good, due: undefined }, '2026-03-02', { edges: [0] }), 'missing_field', 'items', 'due'],
  'a column too many': [() => columns.age({ ...good, day: good.due }, '2026-03-02', { edges: [0] }), 'unknown_field', null, 'day'],
  'plain numbers': [() => columns.age({ ...good, openMinor: [1] }, '2026-03-02', { edges: [0] }), 'wrong_type', 'items', 'openMinor'],
  'floats': [() => columns.age({ ...good, openMinor: new Float64Array(5) }, '2026-03-02', { edges: [0] }), 'wrong_type', 'items', 'openMinor'],
  'two lengths': [() => columns.age({ ...good, currency: new Uint8Array(4) }, '2026-03-02', { edges: [0] }), 'wrong_type', 'items', 'currency'],
  'a Date': [() => columns.age(good, new Date(), { edges: [0] }), 'datetime_refused', null, 'day'],
  'a policy that needs more': [() => columns.age(good, '2026-03-02', { edges: [0], credits: 'apart' }), 'policy_invalid', null, 'credits'],
  'edges that fall': [() => columns.age(good, '2026-03-02', { edges: [30, 0] }), 'policy_invalid', null, 'edges[1]'],
  'payments without a day': [() => columns.allocate(good, good), 'unknown_field', null, 'due'],
  'a sum past 64 bits': [
    () => columns.age(items([[0, 0, '2026-01-01', 2n ** 63n - 1n], [0, 0, '2026-01-01', 1n]]), '2026-03-02', { edges: [0] }),
    'too_large', null, 'open_minor',
  ],
}
for (const [name, [call, ...place]] of Object.entries(refused)) {
  test(`${name}: refused`, () => {
    assert.throws(call, (error) => {
      assert.ok(error instanceof ReceivablesError, error?.stack)
      assert.deepEqual([error.code, error.table, error.field], place)
      return true
    })
  })
}
