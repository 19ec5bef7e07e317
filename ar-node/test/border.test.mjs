// What may cross the border into the engine, and what is refused there.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'

import {
  businessDay, dayCount, dueDates, engineVersion, explainDueDates, fromMinor, Ledger, money, ReceivablesError, split, toMinor,
} from '../index.js'

const require = createRequire(import.meta.url)

/** The refusal of a call as code, table, index, field. */
function refusal(call) {
  try {
    call()
  } catch (error) {
    assert.ok(error instanceof ReceivablesError && error instanceof Error, `${error.stack}`)
    assert.equal(error.problems[0].code, error.code)
    assert.ok(error.total >= error.problems.length)
    return [error.code, error.table, error.index, error.field]
  }
  return assert.fail('not refused')
}

test('the package and the engine have one version', () => {
  assert.equal(engineVersion(), require('../package.json').version)
})

test('money is exact, and has two faces', () => {
  assert.equal(money('10.1', 'EUR'), '10.10')
  assert.equal(money(-5n, 'JPY'), '-5')
  assert.equal(toMinor('-0.05', 'EUR'), -5n)
  assert.equal(toMinor('92233720368547758.07', 'EUR'), 2n ** 63n - 1n)
  assert.equal(fromMinor(-(2n ** 63n - 1n), 'KWD'), '-9223372036854775.807')
  assert.equal(money('1.23456789', 'GOLD', { currencies: { GOLD: 8 } }), '1.23456789')
})

const values = [
  [10.1, 'float_refused', 'value'],
  [10, 'float_refused', 'value'],
  [NaN, 'not_a_number', 'value'],
  [Infinity, 'not_a_number', 'value'],
  [true, 'wrong_type', 'value'],
  [undefined, 'missing_field', 'value'],
  [null, 'missing_field', 'value'],
  [{}, 'wrong_type', 'value'],
  [[], 'wrong_type', 'value'],
  [new Date(0), 'datetime_refused', 'value'],
  ['NaN', 'not_a_number', 'value'],
  ['1e2', 'not_a_number', 'value'],
  ['9'.repeat(40), 'too_large', 'value'],
  [10n ** 40n, 'too_large', 'value'],
  ['10.001', 'too_many_digits', 'value'],
]
for (const [value, code, field] of values) {
  test(`as money, ${typeof value} ${String(value).slice(0, 12)} is ${code}`, () => {
    assert.deepEqual(refusal(() => money(value, 'EUR')), [code, null, null, field])
  })
}

test('the other values of a call are checked as strictly', () => {
  assert.equal(refusal(() => money('1', 'eur'))[0], 'unknown_currency')
  assert.equal(refusal(() => money('1', 7))[0], 'wrong_type')
  assert.equal(refusal(() => fromMinor(2n ** 63n, 'EUR'))[0], 'too_large')
  assert.equal(refusal(() => fromMinor(1, 'EUR'))[0], 'wrong_type')
  assert.equal(refusal(() => split('1', 'EUR', [0.5]))[3], 'weights')
  assert.equal(refusal(() => split('1', 'EUR', [-1n]))[3], 'weights')
  assert.equal(refusal(() => split('1', 'EUR', []))[0], 'policy_invalid')
  assert.deepEqual(refusal(() => dayCount('actual_360', '2026-01-01', new Date()))[0], 'datetime_refused')
  assert.deepEqual(refusal(() => dayCount('actual_360', '2026-02-30', '2026-03-01'))[3], 'from')
  assert.equal(refusal(() => dayCount('weekly', '2026-01-01', '2026-02-01'))[0], 'policy_invalid')
  assert.equal(refusal(() => businessDay('2026-01-01', 'sideways'))[0], 'policy_invalid')
  assert.equal(refusal(() => dueDates({ terms: 'X', documentDate: '2026-01-01', currency: 'EUR', amount: '1' }))[3], 'terms')
  assert.equal(refusal(() => dueDates({ terms: {}, documentDate: '2026-01-01', currency: 'EUR', amount: 1.5 }))[0], 'float_refused')
  assert.equal(refusal(() => dueDates())[0], 'wrong_type')
  assert.equal(refusal(() => money('1', 'EUR', { basecurrency: 'EUR' }))[0], 'policy_invalid')
})

test('terms are read in either spelling and answered in one', () => {
  const question = { documentDate: '2026-01-31', currency: 'EUR', amount: '100.00' }
  const camel = dueDates({ ...question, terms: { due: [{ endOfMonth: 1 }] } })
  assert.deepEqual(camel, [{ number: 0, dueDate: '2026-02-28', amount: '100.00', baseAmount: null }])
  assert.deepEqual(dueDates({ ...question, terms: { due: [{ end_of_month: 1 }] } }), camel)
  assert.deepEqual(dueDates({ ...question, terms: 'EOM' }, { terms: { EOM: { due: [{ endOfMonth: 1 }] } } }), camel)
  const [first] = explainDueDates({ ...question, terms: { due: [{ endOfMonth: 1 }] } })
  assert.deepEqual(first.dates, [{ rule: 'terms.end_of_month', from: '2026-01-31', to: '2026-02-28' }])
  const twice = { due: [{ end_of_month: 1, endOfMonth: 1 }] }
  assert.equal(refusal(() => dueDates({ ...question, terms: twice }))[0], 'policy_invalid')
})

const invoice = { id: 'I', customer: 'C', kind: 'invoice', currency: 'EUR', amount: '10.00', documentDate: '2026-01-01' }
const load = (changed, more = {}) => Ledger.from({ customers: [{ id: 'C' }], documents: [{ ...invoice, ...changed }], ...more })

const cells = [
  [{ amount: 10.1 }, 'float_refused', 'amount'],
  [{ amount: 10 }, 'float_refused', 'amount'],
  [{ amount: NaN }, 'not_a_number', 'amount'],
  [{ amount: '9'.repeat(40) }, 'too_large', 'amount'],
  [{ amount: 10n ** 60n }, 'too_large', 'amount'],
  [{ amount: '0.001' }, 'too_many_digits', 'amount'],
  [{ amount: true }, 'wrong_type', 'amount'],
  [{ amount: [] }, 'wrong_type', 'amount'],
  [{ amount: null }, 'missing_field', 'amount'],
  [{ amount: undefined }, 'missing_field', 'amount'],
  [{ amountMinor: 1000n }, 'unknown_field', 'amountMinor'],
  [{ documentDate: new Date(0) }, 'datetime_refused', 'document_date'],
  [{ documentDate: '2026-01-01T00:00' }, 'datetime_refused', 'document_date'],
  [{ documentDate: '2026-02-30' }, 'impossible_date', 'document_date'],
  [{ documentDate: 20454 }, 'wrong_type', 'document_date'],
  [{ kind: 'bill' }, 'unknown_kind', 'kind'],
  [{ customer: 'X' }, 'unknown_reference', 'customer'],
  [{ customer: {} }, 'wrong_type', 'customer'],
  [{ customer: Symbol('C') }, 'wrong_type', 'customer'],
  [{ customer: '\ud83d' }, 'wrong_type', 'customer'],
  [{ dimensions: { region: 7.5 } }, 'wrong_type', 'dimensions'],
  [{ colour: 'red' }, 'unknown_field', 'colour'],
  [{ __proto__: null, colour: 'red' }, 'unknown_field', 'colour'],
]
for (const [changed, code, field] of cells) {
  test(`in a row, ${Object.keys(changed)} ${String(Object.values(changed)[0]?.toString?.()).slice(0, 12)} is ${code}`, () => {
    assert.deepEqual(refusal(() => load(changed)), [code, 'documents', 0, field])
  })
}

test('tables are refused by their shape', () => {
  assert.deepEqual(refusal(() => Ledger.from({ invoices: [] })), ['unknown_field', 'invoices', null, null])
  assert.deepEqual(refusal(() => Ledger.from({ documents: 7 })), ['wrong_type', 'documents', null, null])
  assert.deepEqual(refusal(() => Ledger.from({ documents: [null] })), ['wrong_type', 'documents', 0, null])
  assert.deepEqual(refusal(() => Ledger.from({ documents: ['I'] })), ['wrong_type', 'documents', 0, null])
  assert.deepEqual(refusal(() => Ledger.from({ documents: [{}] })).slice(0, 3), ['missing_field', 'documents', 0])
  assert.deepEqual(refusal(() => Ledger.from(7))[0], 'wrong_type')
  assert.deepEqual(refusal(() => Ledger.from([]))[0], 'wrong_type')
  assert.deepEqual(refusal(() => Ledger.fromJson('{'))[0], 'wrong_type')
  assert.deepEqual(refusal(() => Ledger.fromJson(7))[0], 'wrong_type')
  assert.deepEqual(refusal(() => Ledger.fromArrow({ documents: new Uint8Array(9) })).slice(0, 2), ['wrong_type', 'documents'])
  assert.deepEqual(refusal(() => Ledger.fromArrow({ documents: 'bytes' })).slice(0, 2), ['wrong_type', 'documents'])
  assert.deepEqual(refusal(() => new Ledger())[0], 'wrong_type')
})

test('columns are refused by their shape', () => {
  const columns = (documents) => refusal(() => Ledger.from({ documents }))
  assert.deepEqual(columns({ id: ['1', '2'], amount: ['1'] }), ['wrong_type', 'documents', null, 'amount'])
  assert.deepEqual(columns({ id: ['1'], colour: ['red'] }), ['unknown_field', 'documents', null, 'colour'])
  assert.deepEqual(columns({ id: '1' }), ['wrong_type', 'documents', null, 'id'])
  assert.deepEqual(columns({ id: new DataView(new ArrayBuffer(8)) }), ['wrong_type', 'documents', null, 'id'])
  assert.deepEqual(columns({ id: ['1'], amount: ['1'], amountMinor: [1n] }), ['duplicate_id', 'documents', null, 'amount'])
  const complete = { id: ['I'], customer: ['C'], kind: ['invoice'], currency: ['EUR'], documentDate: ['2026-01-01'] }
  const amounts = (column) => refusal(() => Ledger.from({ customers: [{ id: 'C' }], documents: { ...complete, ...column } }))
  assert.deepEqual(amounts({ amount: Float64Array.of(1) }), ['float_refused', 'documents', 0, 'amount'])
  assert.deepEqual(amounts({ amountMinor: [1] }), ['float_refused', 'documents', 0, 'amount'])
  assert.deepEqual(amounts({ amountMinor: [2n ** 63n] }), ['too_large', 'documents', 0, 'amount'])
  assert.deepEqual(amounts({ amountMinor: BigInt64Array.of(-(2n ** 63n)) }), ['too_large', 'documents', 0, 'amount'])
  assert.deepEqual(amounts({ amountMinor: ['100'] }), ['wrong_type', 'documents', 0, 'amount'])
})

test('what only looks like an object is refused, not read as an empty one', () => {
  const row = { id: 'I', customer: 'C', kind: 'invoice', currency: 'EUR', amount: '1.00', documentDate: '2026-01-01' }
  const ledger = Ledger.from({ customers: [{ id: 'C' }], documents: [row] })
  const view = ledger.asOf('2026-02-01')
  assert.equal(refusal(() => view.aging({ edges: [0], where: new Map([['customer', ['C']]]) }))[0], 'policy_invalid')
  assert.equal(refusal(() => view.propose({ filter: new Map([['customers', ['C']]]) }))[0], 'policy_invalid')
  assert.deepEqual(refusal(() => Ledger.from({ customers: new Map([['id', ['C']]]) })), ['wrong_type', 'customers', null, null])
  assert.deepEqual(refusal(() => ledger.append({ documents: new Set([row]) }, { recorded: '2026-03-01' })), ['wrong_type', 'documents', null, null])
  assert.equal(refusal(() => Ledger.from({ customers: Promise.resolve([{ id: 'C' }]) }))[0], 'wrong_type')
  assert.equal(refusal(() => Ledger.from({ settings: new Map([['baseCurrency', 'EUR']]) }))[0], 'policy_invalid')
  assert.equal(refusal(() => ledger.appendArrow({ documents: new Uint8Array(0) }, { recorded: '2026-03-01' }))[0], 'wrong_type')
  const columns = { id: ['X'], customer: ['C'], kind: ['invoice'], currency: ['EUR'], amountMinor: new BigInt64Array([1n]), documentDate: ['2026-01-01'] }
  const beyond = { ...columns, controlAccount: { keys: new Uint32Array([9]), values: ['1400'] } }
  assert.deepEqual(refusal(() => ledger.append({ documents: beyond }, { recorded: '2026-03-01' })), ['wrong_type', 'documents', 0, 'control_account'])
  assert.deepEqual(view.aging({ edges: new Int32Array([0, 30]) }).labels, view.aging({ edges: [0, 30] }).labels)
})

test('what contradicts the ledger is refused, and changes nothing', () => {
  assert.deepEqual(refusal(() => load({}, { documents: [invoice, invoice] })), ['duplicate_id', 'documents', 1, 'id'])
  const circle = [{ id: 'A', parent: 'B' }, { id: 'B', parent: 'A' }]
  assert.deepEqual(refusal(() => Ledger.from({ customers: circle })).slice(0, 2), ['cyclic_parent', 'customers'])
  const ledger = load({})
  const payment = { ...invoice, id: 'P', kind: 'payment', amount: '-10.00' }
  const good = { id: 'a', credit: 'P', debit: 'I', amount: '10.00' }
  const options = { recorded: '2026-02-01' }
  assert.deepEqual(
    refusal(() => ledger.append({ documents: [payment], allocations: [good, { ...good, id: 'b' }] }, options)),
    ['over_allocation', 'allocations', 1, 'amount'],
  )
  assert.equal(ledger.documentCount, 1)
  assert.deepEqual(refusal(() => ledger.append({}, { recorded: '2025-01-01' })), ['recorded_backwards', null, null, 'recorded'])
  assert.deepEqual(refusal(() => ledger.append({})), ['missing_field', null, null, 'recorded'])
  assert.deepEqual(refusal(() => ledger.append({}, '2026-02-01'))[0], 'wrong_type')
  assert.deepEqual(refusal(() => ledger.asOf('31.01.2026')), ['impossible_date', null, null, 'day'])
  assert.deepEqual(refusal(() => ledger.asOf('2026-01-31', { knownOn: new Date() })), ['datetime_refused', null, null, 'knownOn'])
})

test('a long list of problems is capped, its count is not', () => {
  const documents = Array.from({ length: 150 }, (_, at) => ({ ...invoice, id: `${at}`, amount: 0.5 }))
  try {
    Ledger.from({ customers: [{ id: 'C' }], documents })
  } catch (error) {
    assert.deepEqual([error.problems.length, error.total, error.problems[99].index], [100, 150, 99])
    return
  }
  assert.fail('not refused')
})

test('questions are refused by their options', () => {
  const view = load({}).asOf('2026-03-01')
  const aging = (options) => refusal(() => view.aging(options))
  assert.equal(aging({})[0], 'policy_invalid')
  assert.equal(aging()[0], 'policy_invalid')
  assert.deepEqual(aging({ edges: [30, 0] })[0], 'policy_invalid')
  assert.deepEqual(aging({ edges: [0.5] })[0], 'policy_invalid')
  assert.deepEqual(aging({ edges: [NaN] })[0], 'policy_invalid')
  assert.deepEqual(aging({ edges: [0], unit: 'hours' })[3], 'unit')
  assert.deepEqual(aging({ edges: [0], edgeRule: 'up_to_inclusive', edge_rule: 'up_to_inclusive' })[0], 'policy_invalid')
  assert.deepEqual(aging({ edges: [0], version: 2 })[0], 'unsupported_version')
  assert.deepEqual(aging({ edges: [0], by: ['colour'] })[0], 'unknown_dimension')
  assert.deepEqual(aging({ edges: [0], by: 'customer' })[3], 'by')
  assert.deepEqual(aging({ edges: [0], where: { customer: ['X'] } })[0], 'unknown_value')
  assert.deepEqual(aging({ edges: [0], where: { customer: 'C' } })[0], 'policy_invalid')
  assert.deepEqual(aging({ edges: [0], policy: { edges: [0] } })[0], 'policy_invalid')
  assert.deepEqual(refusal(() => view.propose({ strategies: [] }))[0], 'policy_invalid')
  assert.deepEqual(refusal(() => view.propose({ filter: { creditMin: NaN } }))[0], 'policy_invalid')
  assert.deepEqual(refusal(() => view.propose({ filter: { dueUntil: new Date() } }))[0], 'policy_invalid')
  assert.deepEqual(refusal(() => view.propose().facts())[0], 'wrong_type')
  const settle = (policy) => refusal(() => view.settle(policy))
  assert.deepEqual(settle({ strategies: [] }), ['policy_invalid', null, null, 'strategies'])
  assert.deepEqual(settle({ version: 2 })[0], 'unsupported_version')
  assert.deepEqual(settle({ crossCurrency: 'allowed' }), ['policy_invalid', null, null, 'cross_currency'])
  assert.deepEqual(settle({ discount: { graceDays: 400 } }), ['policy_invalid', null, null, 'discount.grace_days'])
  assert.deepEqual(settle({ tolerance: { limits: [{ amount: '1' }] } }), ['policy_invalid', null, null, 'tolerance.limits[0].currency'])
  assert.deepEqual(settle({ tolerance: { limits: [{ percent: 0.5 }] } })[0], 'policy_invalid')
  assert.deepEqual(settle({ search: { items: 13 } }), ['policy_invalid', null, null, 'search.items'])
  assert.deepEqual(settle({ profile: 'nobody' }), ['unknown_kind', null, null, 'profile'])
  assert.deepEqual(settle({ profile: 'sap', scope: 'family' }), ['policy_invalid', null, null, 'profile'])
  assert.deepEqual(refusal(() => view.settle().facts())[0], 'wrong_type')
  assert.deepEqual(refusal(() => view.settle().toArrow('facts')), ['unknown_field', null, null, 'what'])
  assert.deepEqual(refusal(() => view.settle().toColumns('proof')), ['unknown_field', null, null, 'what'])
  assert.deepEqual(refusal(() => view.settle().without([0])), ['unknown_value', null, null, 'lines'])
  for (const lines of [undefined, 0, '0', ['0'], [-1], [0.5], [2 ** 32]]) {
    assert.deepEqual(refusal(() => view.settle().without(lines)), ['wrong_type', null, null, 'lines'])
  }
  assert.deepEqual(refusal(() => view.undo(['x'])), ['unknown_reference', 'ids', 0, null])
  for (const ids of [undefined, 'x', [1], { ids: [] }]) assert.deepEqual(refusal(() => view.undo(ids)), ['wrong_type', null, null, 'ids'])
  assert.deepEqual(refusal(() => view.carriedTo('2026-02-01')), ['impossible_date', null, null, 'day'])
  assert.deepEqual(refusal(() => view.aging({ edges: [0] }).toArrow('everything'))[3], 'what')
  assert.deepEqual(refusal(() => view.aging({ edges: [0] }).explain({ instalment: 'x' }))[3], 'instalment')
  const balance = (row) => refusal(() => view.reconcile([row]))
  assert.deepEqual(balance({ currency: 'EUR', balance: 1.5 }), ['float_refused', 'balances', 0, 'balance'])
  assert.deepEqual(balance({ currency: 'EUR' }), ['missing_field', 'balances', 0, 'balance'])
  assert.deepEqual(balance({ balance: '1' }), ['missing_field', 'balances', 0, 'currency'])
  assert.deepEqual(balance({ currency: 'EUR', balance: '1', note: '' }), ['unknown_field', 'balances', 0, 'note'])
  assert.deepEqual(balance({ currency: 'eur', balance: '1' }).slice(0, 3), ['unknown_currency', 'balances', 0])
  assert.deepEqual(refusal(() => view.reconcile({}))[0], 'wrong_type')
  const itself = {}
  itself.itself = itself
  assert.equal(refusal(() => view.aging(itself))[0], 'limit_exceeded')
})

test('an option that there is not is refused, not skipped', async () => {
  const ledger = load({})
  const view = ledger.asOf('2026-02-01')
  const aging = view.aging({ edges: [0] })
  const recorded = '2026-02-01'
  const calls = [
    ['known_on', () => ledger.asOf(recorded, { known_on: recorded })],
    ['knownon', () => ledger.asOf(recorded, { knownOn: recorded, knownon: recorded })],
    ['knownOn', () => ledger.append({}, { recorded, knownOn: recorded })],
    ['record', () => ledger.appendJson('{}', { record: recorded })],
    ['record', () => ledger.appendArrow({}, { recorded, record: recorded })],
    ['record', () => ledger.appendFiles({}, {}, { recorded, record: recorded })],
    ['custmer', () => aging.explain({ custmer: 'C' })],
    ['custmer', () => aging.explain({ custmer: undefined })],
    ['credits', () => view.propose().explain({ credits: 'I' })],
    ['credits', () => view.settle().explain({ credits: 'I' })],
    ['base_currency', () => dueDates({ terms: 'net 30', documentDate: recorded, currency: 'EUR', amount: '1', base_currency: 'EUR' })],
    ['settings', () => explainDueDates({ terms: 'net 30', documentDate: recorded, currency: 'EUR', amount: '1', settings: {} })],
  ]
  for (const [key, call] of calls) assert.deepEqual(refusal(call), ['unknown_field', null, null, key])
  await assert.rejects(ledger.appendAsync({}, { recorded, record: recorded }), { code: 'unknown_field', field: 'record' })
  // What is a document of the engine is judged by the engine.
  assert.equal(refusal(() => view.aging({ edges: [0], unti: 'days' }))[0], 'policy_invalid')
  assert.equal(refusal(() => view.propose({ strategy: [] }))[0], 'policy_invalid')
  assert.equal(refusal(() => view.settle({ discounts: {} }))[0], 'policy_invalid')
  assert.equal(refusal(() => businessDay(recorded, 'following', { holiday: [] }))[0], 'policy_invalid')
  assert.ok(refusal(() => load({ setting: {} }))[0])
})

test('a promise is rejected with the same refusal', async () => {
  const rejected = (promise) => assert.rejects(promise, (error) => error instanceof ReceivablesError)
  await rejected(Ledger.fromAsync({ documents: [{}] }))
  await rejected(Ledger.fromAsync({ nothing: [] }))
  await rejected(Ledger.fromJsonAsync('['))
  await rejected(Ledger.fromArrowAsync({ documents: Uint8Array.of(1, 2, 3) }))
  await rejected(load({}).appendAsync({ documents: [invoice] }, { recorded: '2026-02-01' }))
  await rejected(load({}).appendAsync({}, {}))
  await rejected(load({}).asOf('2026-02-01').agingAsync({}))
  await rejected(load({}).asOf('2026-02-01').proposeAsync({ strategies: [] }))
  await rejected(load({}).asOf('2026-02-01').settleAsync({ strategies: [] }))
})

test('a panic is an error, here and on another thread, and the process lives', async (t) => {
  const { panicForTheTest, panicForTheTestAsync } = require('../receivables.node')
  if (!panicForTheTest) return t.skip('this build is without the feature panic-for-the-test')
  assert.throws(panicForTheTest, /on purpose/)
  await assert.rejects(panicForTheTestAsync(), /on purpose/)
})
