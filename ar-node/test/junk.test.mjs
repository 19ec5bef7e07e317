// Whatever is handed to whichever call: an answer or a ReceivablesError, and nothing else.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import * as receivables from '../index.js'

const { Ledger, ReceivablesError } = receivables

const itself = {}
itself.itself = itself
const JUNK = [
  undefined, null, 0, 1.5, -0, NaN, 1e300, '', 'x', '2026-01-01', '\ud83d', 1n, 10n ** 80n, true, Symbol('s'), () => 1, [], [[]], [null],
  {}, { a: {} }, itself, Object.create(null), new Proxy({}, {}), new Date(0), new Date(NaN), new Map(), /x/,
  new Uint8Array(3), new Float32Array(2), new BigInt64Array(1), new DataView(new ArrayBuffer(2)), new Int32Array(new SharedArrayBuffer(8)),
  { values: new Int32Array(2), present: new Uint8Array(1) }, { keys: Uint32Array.of(9), values: ['a'] }, { keys: Uint32Array.of(0), values: [1] },
]

const invoice = { id: 'I', customer: 'C', kind: 'invoice', currency: 'EUR', amount: '1', documentDate: '2026-01-01' }
const ledger = Ledger.from({ customers: [{ id: 'C' }], documents: [invoice] })
const view = ledger.asOf('2026-02-01')
const aging = view.aging({ edges: [0] })
const proposal = view.propose()
const settlement = view.settle()

const thanks = {
  kind: 'thanks', language: 'en', date: '2026-10-31', sender: { name: 'N' }, customer: { id: 'C', name: 'K' }, currency: 'EUR', total: '1',
}

const CALLS = {
  tables: (x) => Ledger.from(x),
  table: (x) => Ledger.from({ documents: x }),
  row: (x) => Ledger.from({ documents: [x] }),
  cell: (x) => Ledger.from({ documents: [{ id: x, amount: x, documentDate: x, dimensions: x }], instalments: [{ number: x }] }),
  column: (x) => Ledger.from({ documents: { id: x, amountMinor: x, documentDate: x, dim_a: x, dimensions: x } }),
  settings: (x) => Ledger.from({ settings: x }),
  'a setting': (x) => Ledger.from({ settings: { terms: x, companies: x, currencies: x, baseCurrency: x } }),
  json: (x) => Ledger.fromJson(x, x),
  arrow: (x) => Ledger.fromArrow(x),
  'arrow bytes': (x) => Ledger.fromArrow({ documents: x }),
  files: (x) => Ledger.fromFiles(x, x, x),
  append: (x) => ledger.append(x, x),
  recorded: (x) => ledger.append({}, { recorded: x }),
  appendJson: (x) => ledger.appendJson(x, { recorded: '2026-03-01' }),
  appendFiles: (x) => ledger.appendFiles(x, x, x),
  asOf: (x) => ledger.asOf(x, x),
  customerAsOf: (x) => ledger.customerAsOf(x, x, x),
  'a customer': (x) => ledger.customerAsOf(x, '2026-02-01', { knownOn: x }),
  knownOn: (x) => ledger.asOf('2026-02-01', { knownOn: x }),
  carriedTo: (x) => view.carriedTo(x),
  aging: (x) => view.aging(x),
  edges: (x) => view.aging({ edges: x, columns: x, labels: x }),
  by: (x) => view.aging({ edges: [0], by: x }),
  'a key': (x) => view.aging({ edges: [0], by: [x] }),
  where: (x) => view.aging({ edges: [0], where: x }),
  'a filter': (x) => view.aging({ edges: [0], where: { customer: x } }),
  policy: (x) => view.aging({ policy: x }),
  profile: (x) => view.aging({ profile: x }),
  propose: (x) => view.propose(x),
  filter: (x) => view.propose({ profile: x, filter: { creditMin: x, dueUntil: x } }),
  facts: (x) => proposal.facts(x),
  settle: (x) => view.settle(x),
  tolerance: (x) => view.settle({ profile: x, discount: x, tolerance: { limits: x }, cashRounding: [x], search: x }),
  'a limit': (x) => view.settle({ discount: { graceDays: x }, tolerance: { limits: [{ amount: x, percent: x, currency: 'EUR' }] } }),
  undo: (x) => view.undo(x),
  'an id': (x) => view.undo([x]),
  without: (x) => settlement.without(x),
  'a line': (x) => settlement.without([x]),
  'facts of a settlement': (x) => settlement.facts(x),
  'explain a settlement': (x) => settlement.explain(x),
  'columns of a settlement': (x) => settlement.toColumns(x),
  explain: (x) => aging.explain(x),
  instalment: (x) => aging.explain({ instalment: x, customer: x }),
  'explain lines': (x) => proposal.explain(x),
  toColumns: (x) => aging.toColumns(x),
  toArrow: (x) => proposal.toArrow(x),
  balances: (x) => view.reconcile(x),
  balance: (x) => view.reconcile([x]),
  'a balance': (x) => view.reconcile([{ currency: x, balance: x }]),
  money: (x) => receivables.money(x, x, x),
  toMinor: (x) => receivables.toMinor(x, 'EUR'),
  fromMinor: (x) => receivables.fromMinor(x, 'EUR'),
  split: (x) => receivables.split(x, 'EUR', x),
  dueDates: (x) => receivables.dueDates(x, x),
  terms: (x) => receivables.dueDates({ ...invoice, terms: x }),
  due: (x) => receivables.explainDueDates({ terms: {}, documentDate: x, currency: x, amount: x, baseAmount: x, baseCurrency: x }),
  dayCount: (x) => receivables.dayCount(x, x, x),
  discountRates: (x) => receivables.discountRates(x, x),
  'a discount': (x) => receivables.discountRates(x, { discountDays: x, netDays: x }),
  businessDay: (x) => receivables.businessDay(x, x, x),
  letter: (x) => receivables.letter(x, x),
  'a line of a letter': (x) => receivables.letter({ ...thanks, lines: [x], total: x, customer: { id: x, name: x } }),
  'a policy of letters': (x) => receivables.letter(thanks, { templates: x, words: { en: x }, layout: { accent: x } }),
  creditorReference: (x) => receivables.creditorReference(x),
  checkCreditorReference: (x) => receivables.checkCreditorReference(x),
  localMoney: (x) => receivables.localMoney(x, x, x, x),
  localDate: (x) => receivables.localDate(x, x),
  importText: (x) => receivables.importText(x, x),
  'a profile': (x) => receivables.profile(x, x),
  profiles: (x) => receivables.profiles(x),
  schema: (x) => receivables.schema(x),
  'columns.age': (x) => receivables.columns.age(x, x, x),
  'columns.allocate': (x) => receivables.columns.allocate(x, x),
}

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name}: an answer or a refusal`, () => {
    for (const junk of JUNK) {
      try {
        call(junk)
      } catch (error) {
        assert.ok(error instanceof ReceivablesError, error?.stack)
        assert.match(error.code, /^[a-z_]+$/)
      }
    }
  })
}

test('bytes of Arrow that are broken anywhere are refused, or read as something else', () => {
  for (const name of ['documents.arrow', 'documents.arrows']) {
    const bytes = readFileSync(new URL(name, import.meta.url))
    for (let at = 0; at < bytes.length; at += 11) {
      const flipped = Uint8Array.from(bytes, (byte, place) => (place === at ? byte ^ 0x81 : byte))
      for (const documents of [bytes.subarray(0, at), flipped]) {
        try {
          Ledger.fromArrow({ documents })
        } catch (error) {
          assert.ok(error instanceof ReceivablesError, error?.stack)
        }
      }
    }
  }
})
