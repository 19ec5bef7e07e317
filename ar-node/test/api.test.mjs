// The API from end to end: load, ask, propose, post, tie; and every door gives the same ledger.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { inspect } from 'node:util'

import { engineVersion, importText, Ledger, profile, profiles, schema, schemas, toMinor } from '../index.js'

const require = createRequire(import.meta.url)

const FACTS = {
  customers: [{ id: 'ACME', parent: 'GROUP', dimensions: { region: 'Nörd' } }, { id: 'GROUP' }, { id: 'Ωmega', group: '€' }],
  documents: [
    { id: 'I1', customer: 'ACME', kind: 'invoice', currency: 'EUR', amount: '100.00', documentDate: '2026-01-01', dueDate: '2026-01-31' },
    { id: 'I2', customer: 'ACME', kind: 'invoice', currency: 'EUR', amount: '50.50', documentDate: '2026-02-01', dueDate: '2026-03-03' },
    { id: 'P1', customer: 'ACME', kind: 'payment', currency: 'EUR', amount: '-120.00', documentDate: '2026-02-10', reference: 'I1' },
    { id: 'J1', customer: 'Ωmega', kind: 'invoice', currency: 'JPY', amount: '9000', documentDate: '2026-01-15', controlAccount: '1200' },
  ],
  instalments: [
    { document: 'J1', number: 1, dueDate: '2026-01-20', amount: '4000' },
    { document: 'J1', number: 2, dueDate: '2026-02-20', amount: '5000' },
  ],
}
const ledger = () => Ledger.from({ settings: { baseCurrency: 'EUR' }, ...FACTS })

test('a ledger is aged, paid and tied to the general ledger', () => {
  const first = ledger()
  const view = first.asOf('2026-03-05')
  assert.deepEqual([view.day, view.knownOn, first.lastRecorded, first.documentCount], ['2026-03-05', null, '2026-02-10', 4])

  const aging = view.aging({ edges: [0, 30], by: ['control_account', 'customer', 'top_parent', 'dim_region'] })
  assert.deepEqual(aging.labels, ['not due', '1-30', 'over 30'])
  assert.equal(aging.columnLabels, null)
  assert.deepEqual(
    aging.rows().map(({ controlAccount, customer, topParent, dim_region, currency, buckets, items }) => [
      controlAccount, customer, topParent, dim_region, currency, buckets, items,
    ]),
    [
      ['', 'ACME', 'GROUP', 'Nörd', 'EUR', ['0.00', '-69.50', '100.00'], 3],
      ['1200', 'Ωmega', 'Ωmega', '', 'JPY', ['0', '5000', '4000'], 2],
    ],
  )
  assert.deepEqual(aging.totals().map(({ currency, total }) => [currency, total]), [['EUR', '30.50'], ['JPY', '9000']])
  const [late] = aging.explain({ document: 'J1', instalment: 1 })
  assert.deepEqual([late.bucket, late.rule, late.pastEdge, late.age], ['over 30', 'aging.past_edge', 30, 44])

  const proposal = view.propose()
  assert.deepEqual(
    proposal.lines().map(({ credit, debit, amount, strategy, creditLeft }) => [credit, debit, amount, strategy, creditLeft]),
    [
      ['P1', 'I1', '100.00', 'reference', '120.00'],
      ['P1', 'I2', '20.00', 'oldest_due', '20.00'],
    ],
  )
  assert.deepEqual(proposal.unapplied(), [])
  assert.equal(proposal.explain({ debit: 'I2' }).lines.length, 1)

  const next = first.append(proposal.facts('run'), { recorded: '2026-03-05' })
  assert.equal(first.asOf('2026-03-05').openItems().length, 5)
  assert.deepEqual(next.asOf('2026-03-05').openItems().map(({ document, open }) => [document, open]), [
    ['I2', '30.50'], ['J1', '4000'], ['J1', '5000'],
  ])
  assert.equal(next.asOf('2026-03-05', { knownOn: '2026-03-04' }).openItems().length, 5)
  const balances = [{ currency: 'EUR', balance: '30.50' }, { controlAccount: '1200', currency: 'JPY', balance: 8999n }]
  assert.deepEqual(next.asOf('2026-03-05').reconcile(balances), [
    { company: '', controlAccount: '1200', currency: 'JPY', ledger: '9000', control: '8999', difference: '1' },
  ])
  const undone = next.append({ reversals: [{ allocation: 'run-1', effective: '2026-03-06' }] }, { recorded: '2026-03-06' })
  assert.equal(undone.asOf('2026-03-06').openItems().find(({ document }) => document === 'I1').open, '100.00')
})

test('facts come back, and load into the same ledger', () => {
  const view = ledger().asOf('2026-03-05')
  const facts = view.facts()
  assert.deepEqual(facts.customers.find(({ id }) => id === 'ACME').dimensions, { region: 'Nörd' })
  assert.deepEqual(facts.instalments.map(({ number, dueDate, amount }) => [number, dueDate, amount]), [
    [1, '2026-01-20', '4000'], [2, '2026-02-20', '5000'],
  ])
  const again = Ledger.from({ settings: { baseCurrency: 'EUR' }, ...facts }).asOf('2026-03-05')
  assert.deepEqual(again.openItems(), view.openItems())
  assert.deepEqual(again.facts(), facts)
})

test('one customer is asked alone', () => {
  const one = ledger().customerAsOf('Ωmega', '2026-03-05')
  assert.deepEqual(one.openItems(), ledger().asOf('2026-03-05').openItems().filter(({ customer }) => customer === 'Ωmega'))
  assert.equal(one.openItems().length, 2)
  assert.deepEqual(ledger().customerAsOf('ACME', '2026-03-05', { knownOn: '2025-12-31' }).openItems(), [])
  for (const [customer, code] of [['NOBODY', 'unknown_value'], [7, 'wrong_type'], [undefined, 'missing_field']]) {
    assert.throws(() => ledger().customerAsOf(customer, '2026-03-05'), (error) => error.code === code && error.field === 'customer')
  }
})

test('what counts later is pending', () => {
  const view = ledger().asOf('2026-02-05')
  assert.deepEqual(view.pending().map(({ table, id, effective }) => [table, id, effective]), [['documents', 'P1', '2026-02-10']])
  assert.deepEqual(view.pendingReceipts(), [
    { company: '', controlAccount: '', customer: 'ACME', currency: 'EUR', amount: '-120.00' },
  ])
  assert.deepEqual(view.carriedTo('2026-03-05').openItems(), view.openItems())
  assert.equal(view.carriedTo('2026-03-05').day, '2026-03-05')
})

test('minor units may come in 32 bits', () => {
  const of = (amountMinor) =>
    Ledger.from({
      customers: { id: ['A'] },
      documents: { id: ['1', '2'], customer: ['A', 'A'], kind: ['invoice', 'invoice'], currency: ['EUR', 'EUR'], amountMinor, documentDate: ['2026-01-01', '2026-01-02'] },
    }).asOf('2026-02-01').openItems().map((item) => item.open)
  assert.deepEqual(of(new Int32Array([100, 250])), ['1.00', '2.50'])
  assert.deepEqual(of(new BigInt64Array([100n, 250n])), ['1.00', '2.50'])
})

test('an aging is shown as a table', () => {
  const documents = [{ id: 'I', customer: 'ACME', kind: 'invoice', currency: 'EUR', amount: '12345.60', documentDate: '2026-01-01' }]
  const aging = Ledger.from({ customers: [{ id: 'ACME' }], documents }).asOf('2026-02-01').aging({ edges: [0, 30], by: ['customer'] })
  assert.equal(
    inspect(aging),
    'customer  currency  not due  1-30    over 30      total\n' +
      '--------  --------  -------  ----  ---------  ---------\n' +
      'ACME      EUR          0.00  0.00  12,345.60  12,345.60',
  )
})

test('an empty ledger answers with empty reports', () => {
  const view = Ledger.from({}).asOf('2026-01-01')
  const aging = view.aging({ edges: [0], by: ['customer'] })
  assert.deepEqual([view.openItems(), aging.rows(), aging.totals(), aging.items(), view.propose().lines(), view.reconcile([])], [[], [], [], [], [], []])
  assert.deepEqual(aging.toColumns().customer, [])
  assert.equal(aging.toColumns().totalMinor.length, 0)
  assert.equal(Ledger.from({}).lastRecorded, null)
})

// ---- one ledger by every door

const EPOCH = Date.UTC(1970, 0, 1)
const days = (text) => (Date.parse(text) - EPOCH) / 86_400_000
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

function typedColumns(rows) {
  const fields = [...new Set(rows.flatMap(Object.keys))]
  return Object.fromEntries(
    fields.flatMap((field) => {
      const cells = rows.map((row) => row[field])
      const present = Uint8Array.from(cells, (cell) => Number(cell !== undefined))
      if (field === 'dimensions') return [['dim_region', cells.map((cell) => cell?.region)]]
      if (field === 'amount') {
        return [['amountMinor', BigInt64Array.from(rows, ({ amount, currency = 'JPY' }) => toMinor(amount, currency))]]
      }
      if (/Date$/.test(field)) return [[field, { values: Int32Array.from(cells, (cell) => (cell ? days(cell) : 0)), present }]]
      if (field === 'number') return [[field, BigInt64Array.from(cells, BigInt)]]
      if (field === 'customer' || field === 'currency') {
        const values = [...new Set(cells)]
        return [[field, { keys: Uint32Array.from(cells, (cell) => values.indexOf(cell)), values }]]
      }
      return [[field, cells]]
    }),
  )
}

function published(rows) {
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [snake(name), value])))
}

const everyTable = (facts, table) => Object.fromEntries(Object.entries(facts).map(([name, rows]) => [name, table(rows)]))

const figures = (ledger) => {
  const view = ledger.asOf('2026-03-05')
  const aging = view.aging({ edges: [0, 30], by: ['customer', 'dim_region'] })
  return [view.openItems(), aging.rows(), aging.items(), view.propose().lines()]
}

test('rows, lists of columns, typed arrays and JSON give one ledger, here and on another thread', async () => {
  const expected = figures(ledger())
  const settings = { base_currency: 'EUR' }
  const json = JSON.stringify(everyTable(FACTS, published))
  const lists = everyTable(FACTS, (rows) => {
    const fields = [...new Set(rows.flatMap(Object.keys))].filter((field) => field !== 'dimensions')
    const columns = Object.fromEntries(fields.map((field) => [field, rows.map((row) => row[field])]))
    const some = rows.some((row) => row.dimensions)
    return some ? { ...columns, dimensions: { region: rows.map((row) => row.dimensions?.region) } } : columns
  })
  const typed = everyTable(FACTS, typedColumns)
  assert.deepEqual(figures(Ledger.fromJson(json, settings)), expected)
  assert.deepEqual(figures(Ledger.from({ settings, ...lists })), expected)
  assert.deepEqual(figures(Ledger.from({ settings, ...typed })), expected)
  assert.deepEqual(figures(Ledger.from({ settings, ...everyTable(FACTS, published) })), expected)
  assert.deepEqual(figures(await Ledger.fromAsync({ settings, ...typed })), expected)
  assert.deepEqual(figures(await Ledger.fromJsonAsync(json, JSON.stringify(settings))), expected)
  const appended = Ledger.from({ settings, customers: FACTS.customers })
  const { customers, ...more } = FACTS
  const late = everyTable(more, published)
  const later = { recorded: '2026-03-01' }
  assert.deepEqual(figures(appended.append(more, later)), expected)
  assert.deepEqual(figures(appended.appendJson(JSON.stringify(late), later)), expected)
  assert.deepEqual(figures(await appended.appendAsync(typed.documents ? { documents: typed.documents, instalments: typed.instalments } : {}, later)), expected)
})

test('Arrow bytes come in and go out', async () => {
  // The engine's own bytes are a stream that any Arrow library reads; here they are read back as facts.
  const allocations = ledger().asOf('2026-03-05').propose().toArrow('lines')
  assert.ok(allocations instanceof Uint8Array)
  assert.throws(() => Ledger.fromArrow({ allocations }), (error) => error.code === 'unknown_field')
  const view = ledger().asOf('2026-03-05')
  const aging = view.aging({ edges: [0], by: ['customer'] })
  for (const bytes of [view.toArrow(), aging.toArrow(), aging.toArrow('totals'), aging.toArrow('items'), view.propose().toArrow('unapplied')]) {
    assert.ok(bytes.length > 100)
  }
  // documents.arrow (a file) and documents.arrows (a stream) are one table as pyarrow writes it: decimals, dictionaries, a gap.
  const [file, stream] = ['documents.arrow', 'documents.arrows'].map((name) => readFileSync(new URL(name, import.meta.url)))
  const customers = [{ id: 'A' }, { id: 'B' }]
  const base = Ledger.from({ customers })
  const loaded = base.appendArrow({ documents: [stream] }, { recorded: '2026-02-01' })
  assert.deepEqual(
    loaded.asOf('2026-02-01').openItems().map(({ document, customer, open, dueDate }) => [document, customer, open, dueDate]),
    [
      ['1', 'A', '12.50', '2026-01-31'],
      ['2', 'B', '9007199254740993.00', null],
    ],
  )
  const again = base.appendArrow({ documents: file }, { recorded: '2026-02-01' })
  assert.deepEqual(again.asOf('2026-02-01').openItems(), loaded.asOf('2026-02-01').openItems())
  await assert.rejects(Ledger.fromArrowAsync({ documents: file }), (error) => error.code === 'unknown_reference')
  assert.throws(() => base.appendArrow({ documents: [file, stream] }, { recorded: '2026-02-01' }), (error) => error.code === 'duplicate_id')
})

test('columns are the rows in typed arrays', () => {
  const view = ledger().asOf('2026-03-05')
  const items = view.openItems()
  const columns = view.toColumns()
  items.forEach((item, at) => {
    assert.equal(columns.openMinor[at], toMinor(item.open, item.currency))
    assert.equal(columns.documentDate[at], days(item.documentDate))
    assert.equal(columns.dueDate.present[at] === 1, item.dueDate !== null)
    if (item.dueDate) assert.equal(columns.dueDate.values[at], days(item.dueDate))
    for (const field of ['company', 'controlAccount', 'customer', 'currency', 'document', 'instalment', 'kind']) {
      assert.equal(columns[field][at], item[field])
    }
  })
  const aging = view.aging({ edges: [0, 30], by: ['customer'], columns: [{ label: 'late', from: 1, to: 2 }] })
  const groups = aging.toColumns()
  aging.rows().forEach((row, at) => {
    assert.deepEqual(groups.bucketsMinor.map((bucket) => bucket[at]), row.buckets.map((amount) => toMinor(amount, row.currency)))
    assert.deepEqual(groups.columnsMinor.map((bucket) => bucket[at]), row.columns.map((amount) => toMinor(amount, row.currency)))
    assert.deepEqual([groups.customer[at], groups.share[at], groups.items[at]], [row.customer, row.share, row.items])
  })
  assert.deepEqual(aging.toColumns('items').rule, aging.items().map(({ rule }) => rule))
  assert.deepEqual([...aging.toColumns('items').age], aging.items().map(({ age }) => age))
  assert.deepEqual(view.propose().toColumns().amountMinor, BigInt64Array.of(10000n, 2000n))
  assert.equal(aging.toColumns('totals').customer, undefined)
})

test('cells and buckets are the rows without a row between', () => {
  const policies = [
    [{ edges: [0, 30] }, ['customer']], [{ edges: [0, 30], credits: 'apart' }, ['kind', 'dim_region', 'currency']], [{ edges: [0] }, []],
    [{ edges: [0, 30] }, ['control_account', 'top_parent', 'document']],
  ]
  for (const [policy, by] of policies) {
    const aging = ledger().asOf('2026-03-05').aging({ ...policy, by })
    const keys = by.filter((key) => key !== 'currency').map((key) => key.replace(/_([a-z])/g, (_, letter) => (key.startsWith('dim_') ? `_${letter}` : letter.toUpperCase())))
    const texts = ({ keys: numbers, values }, row) => values[numbers[row]]
    const name = (columns, row) => [...keys, 'currency'].map((key) => texts(columns[key], row)).join('|')
    const rows = new Map(aging.rows().map((row) => [[...keys, 'currency'].map((key) => row[key]).join('|'), row]))

    const buckets = aging.toColumns('buckets')
    assert.equal(buckets.items.length, rows.size)
    buckets.items.forEach((items, at) => {
      const row = rows.get(name(buckets, at))
      assert.equal(items, row.items)
      assert.deepEqual(buckets.bucketsMinor.map((bucket) => bucket[at]), row.buckets.map((amount) => toMinor(amount, row.currency)))
    })
    const cells = aging.toColumns('cells')
    const sums = new Map()
    cells.bucket.forEach((bucket, at) => {
      const row = rows.get(name(cells, at))
      assert.equal(cells.openMinor[at], toMinor(row.buckets[bucket], row.currency))
      sums.set(row, (sums.get(row) ?? 0) + cells.items[at])
    })
    for (const row of rows.values()) assert.equal(sums.get(row), row.items)
    for (const column of [...keys, 'currency'].map((key) => cells[key])) assert.equal(new Set(column.values).size, column.values.length)
    assert.ok(aging.toArrow('cells').length > 100)
  }
})

test('sums pass 64 bits, and say so where only 64 bits are at hand', () => {
  const most = (2n ** 63n - 1n).toString()
  const documents = ['1', '2', '3'].map((id) => ({
    id, customer: 'C', kind: 'invoice', currency: 'JPY', amount: most, documentDate: '2026-01-01',
  }))
  const aging = Ledger.from({ customers: [{ id: 'C' }], documents }).asOf('2026-01-01').aging({ edges: [0] })
  assert.equal(aging.totals()[0].total, (3n * (2n ** 63n - 1n)).toString())
  assert.throws(() => aging.toColumns(), (error) => error.code === 'too_large')
  assert.deepEqual(aging.toColumns('items').openMinor, BigInt64Array.of(2n ** 63n - 1n, 2n ** 63n - 1n, 2n ** 63n - 1n))
})

test('text of every language is an id, and one id is one id', () => {
  const ids = ['a', '\u00e9', 'e\u0301', '🙂', '漢字', ' ', "'\"\\\n", 'x'.repeat(5000)]
  const view = Ledger.from({
    customers: ids.map((id) => ({ id })),
    documents: ids.map((customer, at) => ({ id: `${at}`, customer, kind: 'invoice', currency: 'EUR', amount: '1', documentDate: '2026-01-01' })),
  }).asOf('2026-01-01')
  assert.deepEqual(new Set(view.openItems().map(({ customer }) => customer)), new Set(ids))
  const whole = view.aging({ edges: [0], by: ['customer'] })
  assert.deepEqual(whole.toColumns().customer, whole.rows().map(({ customer }) => customer))
  // Two halves that stand beside each other in memory are still two halves.
  const halves = [{ id: '\ud83d' }, { id: '\ude42' }, { id: 'é' }]
  assert.throws(() => Ledger.from({ customers: halves }), (error) => error.total === 2 && error.code === 'wrong_type')
})

test('long work leaves the main thread free', async () => {
  const n = 20_000
  const documents = {
    id: Array.from({ length: n }, (_, at) => `D${at}`),
    customer: { keys: Uint32Array.from({ length: n }, (_, at) => at % 100), values: Array.from({ length: 100 }, (_, at) => `C${at}`) },
    kind: new Array(n).fill('invoice'),
    currency: new Array(n).fill('EUR'),
    amountMinor: BigInt64Array.from({ length: n }, (_, at) => BigInt(at)),
    documentDate: new Int32Array(n).fill(days('2026-01-01')),
  }
  const customers = { id: Array.from({ length: 100 }, (_, at) => `C${at}`) }
  const loading = Ledger.fromAsync({ customers, documents })
  // What is written afterwards is not read any more.
  documents.amountMinor.fill(7n)
  const view = (await loading).asOf('2026-03-01')
  const [aging, proposal] = await Promise.all([view.agingAsync({ edges: [0], by: ['customer'] }), view.proposeAsync()])
  assert.equal(aging.rows().length, 100)
  assert.deepEqual(proposal.lines(), [])
  assert.equal(aging.totals()[0].total, '1999900.00')
})

const MAPPING = {
  file: [
    {
      fact: [
        { table: 'customers', once: true, fields: { id: '{who}' } },
        {
          table: 'documents',
          fields: { id: '{no}', customer: '{who}', kind: 'invoice', currency: 'EUR', amount: '{sum}', document_date: '{day}' },
        },
      ],
    },
  ],
}
const CSV = 'no,who,sum,day\n1,Zoë,10.00,2026-01-01\n2,Zoë,ten,2026-01-02\n3,Zoë,5.50,2026-01-03\n'

test('files become facts or a ledger, with an account of every row', () => {
  const { facts, report } = importText(MAPPING, CSV)
  assert.deepEqual(importText(JSON.stringify(MAPPING), Buffer.from(CSV)), { facts, report })
  assert.deepEqual([report.rows, report.accepted, report.rejected], [3, 2, 1])
  assert.deepEqual([report.rejections[0].line, report.rejections[0].column, report.rejections[0].code], [3, 'sum', 'not_a_number'])
  assert.deepEqual(facts.documents.map(({ id, documentDate }) => [id, documentDate]), [['1', '2026-01-01'], ['3', '2026-01-03']])
  assert.equal(Ledger.from(facts).asOf('2026-02-01').openItems().length, 2)
  const whole = Ledger.fromFiles(MAPPING, { '': CSV }, {})
  assert.deepEqual([whole.ledger.documentCount, whole.report.rejected], [2, 1])
  const documentsAlone = { file: [{ fact: [MAPPING.file[0].fact[1]] }] }
  const more = whole.ledger.appendFiles(documentsAlone, { '': 'no,who,sum,day\n3,Zoë,1.00,2026-01-03\n4,Zoë,1.00,2026-01-04\n' }, { recorded: '2026-02-01' })
  assert.deepEqual([more.ledger.documentCount, more.report.rejections[0].code], [3, 'duplicate_id'])
  assert.throws(() => importText({ file: [] }, CSV), (error) => error.code === 'mapping_invalid')
  assert.throws(() => importText(MAPPING, 7), (error) => error.code === 'wrong_type' && error.field === 'text')
  assert.throws(() => Ledger.fromFiles(MAPPING, { '': 7 }), (error) => error.code === 'wrong_type')
})

test('a report says what made it', () => {
  const view = Ledger.from({}).asOf('2026-01-31')
  const { madeBy } = view.aging({ edges: [0, 30] })
  // The same in every language: SHA-256 of the policy with its defaults.
  const policyHash = '7b7de67795c24c8d5e6e2ef6fd20e923b5644f4a8776140b7266cde4347ab295'
  assert.deepEqual(madeBy, { policy: '', policyHash, engine: engineVersion() })
  const named = view.aging({ edges: [0, 30], id: 'month-end' }).madeBy
  assert.equal(named.policy, 'month-end')
  assert.notEqual(named.policyHash, policyHash)
  assert.deepEqual(view.propose({ partial: 'allowed' }).madeBy, view.propose().madeBy)
})

test('what a policy may say is published as a schema', () => {
  assert.deepEqual(schemas(), ['aging', 'allocation', 'cash', 'credit', 'dunning', 'interest', 'kpi', 'letter', 'letters', 'loss_rates', 'mapping', 'picture', 'prediction', 'provision', 'settings', 'settlement', 'stationery', 'terms'])
  assert.deepEqual(schema('aging').required, ['edges'])
  assert.ok('credit_order' in schema('allocation').properties)
  assert.throws(() => schema('nobody'), (error) => error.code === 'unknown_kind' && error.field === 'schema')
})

test('profiles are policies, by name or to change', () => {
  const [name] = profiles('allocation')
  const view = ledger().asOf('2026-03-05')
  assert.deepEqual(view.propose({ profile: name }).lines(), view.propose(profile('allocation', name)).lines())
  assert.ok(profile('allocation', name).strategies.length > 0)
  const own = { ...profile('allocation', name), strategies: ['newest_due'], creditOrder: 'newest_first' }
  assert.equal(view.propose(own).lines()[0].debit, 'I2')
  const tryton = view.aging({ profile: 'tryton', by: ['customer'] })
  assert.deepEqual(view.aging({ ...profile('aging', 'tryton'), by: ['customer'] }).rows(), tryton.rows())
  assert.deepEqual(profiles('aging').map((one) => view.aging({ policy: profile('aging', one) }).totals().length), profiles('aging').map(() => 2))
  for (const room of ['aging', 'allocation', 'settlement']) {
    assert.throws(() => profile(room, 'nobody'), (error) => error.code === 'unknown_kind')
  }
  assert.throws(() => view.propose({ profile: name, partial: 'refused' }), (error) => error.code === 'policy_invalid')
})

test('the declarations name every table and column', () => {
  const { tables } = require('../lib/native.js')
  const text = readFileSync(new URL('../index.d.ts', import.meta.url), 'utf8')
  const body = (name) => new RegExp(`interface ${name}\\b[^{]*\\{([^}]*(?:\\{[^}]*\\}[^}]*)*?)\\n\\}`).exec(text)?.[1] ?? ''
  const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())
  const rows = body('FactRows')
  for (const { name, columns } of tables()) {
    const row = new RegExp(`\\b${camel(name)}: (\\w+)`).exec(rows)?.[1]
    assert.ok(row, `FactRows has no ${camel(name)}`)
    const fields = body(row) + (new RegExp(`interface ${row} extends Envelope`).test(text) ? body('Envelope') : '')
    for (const column of columns) {
      const mark = column.required ? ':' : '\\?:'
      assert.match(fields, new RegExp(`\\b${camel(column.name)}${mark}`), `${row}.${camel(column.name)}`)
    }
  }
})
