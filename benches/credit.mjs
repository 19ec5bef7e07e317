// How long one credit check takes from Node, on a ledger that is held.
//
//   node ar-node/scripts/build.mjs --release && node benches/credit.mjs [sizes] [checks]
//
// A check is `desk.check(customer, amount, currency)`: *first* of customers not asked about before, *again* of the same ones, by
// then compiled. Sizes are invoices, separated by commas; a customer has twenty of them and a limit.

import { Ledger } from '../ar-node/index.js'

const DAY = '2026-06-30'
const day = (number) => new Date(Date.UTC(2025, 0, 1 + number)).toISOString().slice(0, 10)

function ledgerOf(invoices) {
  const names = Array.from({ length: Math.max(1, Math.floor(invoices / 20)) }, (_, at) => `C${at}`)
  const documents = Array.from({ length: invoices }, (_, at) => ({
    id: `I${at}`,
    customer: names[(at * 7919) % names.length],
    kind: 'invoice',
    currency: 'EUR',
    amount: `${100 + ((at * 37) % 900)}.00`,
    documentDate: day((at * 11) % 365),
    dueDate: day(((at * 11) % 365) + 30),
  }))
  const creditLines = names.map((customer) => ({
    id: `L-${customer}`,
    kind: 'limit',
    customer,
    currency: 'EUR',
    amount: '100000.00',
    effective: '2025-01-01',
  }))
  return { ledger: Ledger.from({ customers: names.map((id) => ({ id })), documents, creditLines }), names }
}

/** The names in another order, the same every time. */
function shuffled(names) {
  const all = [...names]
  let state = 7
  for (let at = all.length - 1; at > 0; at--) {
    state = (state * 48271) % 2147483647
    const other = state % (at + 1)
    ;[all[at], all[other]] = [all[other], all[at]]
  }
  return all
}

function microseconds(desk, customers) {
  const from = process.hrtime.bigint()
  for (const customer of customers) desk.check(customer, '100.00', 'EUR')
  return Number(process.hrtime.bigint() - from) / 1000 / customers.length
}

const [sizes = '10000,1000000', checks = '20000'] = process.argv.slice(2)
for (const invoices of sizes.split(',').map(Number)) {
  const { ledger, names } = ledgerOf(invoices)
  const warm = ledger.credit({}, DAY)
  const asked = shuffled(names).slice(0, Number(checks))
  // Balances are summed up and code is compiled before anything is measured, by another desk.
  for (let turn = 0; turn < 20_000; turn++) warm.check(asked[turn % Math.min(asked.length, 50)], '100.00', 'EUR')
  const desk = ledger.credit({}, DAY)
  const [first, again] = [microseconds(desk, asked), microseconds(desk, asked)]
  console.log(`check  ${invoices.toLocaleString('en')} items, ${asked.length} customers: first ${first.toFixed(2)} us, again ${again.toFixed(2)} us`)
}
