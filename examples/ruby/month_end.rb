# A month end: what is owed and how old it is, whether it ties to the general ledger, which invoices a payment clears, and
# what is left. What it prints is examples/month_end.txt, the same as from Kotlin.
require "receivables"

include Receivables

def invoice(id, customer, amount, date)
  Document.new(id: id, customer: customer, kind: "invoice", currency: "EUR", amount: BigDecimal(amount),
               document_date: date, terms: "NET30")
end

# A BigDecimal keeps no trailing zeros; the engine prints money at the scale of its currency.
def euro(amount) = Receivables.money(amount, "EUR").text

settings = '{ "terms": { "NET30": { "due": [{ "days": 30 }] } } }'
january = Ledger.load(
  Facts.new(
    customers: [Customer.new(id: "ACME"), Customer.new(id: "Globex")],
    documents: [
      invoice("OLD-3", "ACME", "50.00", Date.new(2025, 11, 1)),
      invoice("INV-1", "ACME", "100.00", Date.new(2026, 1, 1)),
    ]
  ),
  settings
)
# Facts are only ever added; a ledger never changes, append gives another.
february = january.append(
  Facts.new(documents: [
    invoice("INV-2", "Globex", "200.00", Date.new(2026, 2, 10)),
    Document.new(id: "PAY-7", customer: "ACME", kind: "payment", currency: "EUR", amount: BigDecimal("-120.00"),
                 document_date: Date.new(2026, 2, 15), reference: "your OLD-3"),
  ]),
  Date.new(2026, 2, 15)
)

view = february.as_of(Date.new(2026, 2, 28))
puts "as of #{view.day}"
aging = view.aging('{ "edges": [0, 30] }', ["customer"])
puts "customer".ljust(10) + [*aging.labels, "total"].map { |label| label.rjust(9) }.join
aging.rows.each do |row|
  puts row.by.first.ljust(10) + [*row.buckets, row.total].map { |sum| euro(sum).rjust(9) }.join
end
view.reconcile([ControlBalance.new(currency: "EUR", balance: BigDecimal("235.00"))]).each do |off|
  puts "the general ledger has #{euro(off.control)}, the open items are #{euro(off.ledger)}"
end

puts
proposal = view.propose
proposal.lines.each { |line| puts "#{line.credit} pays #{line.debit} with #{euro(line.amount)}: #{line.strategy}" }

puts "\nafter posting"
posted = february.append(proposal.facts("run"), Date.new(2026, 2, 28))
posted.as_of(Date.new(2026, 2, 28)).open_items.each { |item| puts "#{item.document} #{euro(item.open)}" }
before = posted.as_of(Date.new(2026, 1, 31)).open_items.sort_by(&:document)
puts "and the month before still says: #{before.map { |item| "#{item.document} #{euro(item.open)}" }.join(', ')}"
