// A made-up ledger of any size: invoices of ten months, two of three paid, a limit for each customer.

const day = (number) => new Date(Date.UTC(2026, 0, 1 + number)).toISOString().slice(0, 10)

export function seed(store, { customers = 1000, documents = 20_000 } = {}) {
  const names = Array.from({ length: customers }, (_, at) => `C-${String(at).padStart(5, '0')}`)
  const facts = { customers: names.map((id) => ({ id })), documents: [], allocations: [], creditLines: [] }
  for (let at = 0; at < documents; at++) {
    const customer = names[(at * 7919) % customers]
    const amount = `${100 + ((at * 37) % 900)}.${String(at % 100).padStart(2, '0')}`
    const dated = (at * 11) % 300
    const plain = { customer, currency: 'EUR', amount, documentDate: day(dated) }
    facts.documents.push({ ...plain, id: `I-${at}`, kind: 'invoice', dueDate: day(dated + 30) })
    if (at % 3 > 0) {
      facts.documents.push({ ...plain, id: `P-${at}`, kind: 'payment', amount: `-${amount}`, documentDate: day(dated + 25) })
      facts.allocations.push({ id: `A-${at}`, credit: `P-${at}`, debit: `I-${at}`, amount })
    }
  }
  for (const customer of names) {
    facts.creditLines.push({ id: `L-${customer}`, kind: 'limit', customer, currency: 'EUR', amount: '100000.00', effective: day(0) })
  }
  store.add(facts)
  return names
}
