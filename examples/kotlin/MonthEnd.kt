// A month end: what is owed and how old it is, whether it ties to the general ledger, which invoices a payment clears, and
// what is left. What it prints is examples/month_end.txt, the same as from Ruby.

import java.math.BigDecimal
import java.time.LocalDate
import receivables.*

private fun invoice(id: String, customer: String, amount: String, date: LocalDate) = Document(
    id = id, customer = customer, kind = "invoice", currency = "EUR", amount = BigDecimal(amount), documentDate = date,
    terms = "NET30",
)

fun main() {
    val settings = """{ "terms": { "NET30": { "due": [{ "days": 30 }] } } }"""
    val january = Ledger.load(
        Facts(
            customers = listOf(Customer("ACME"), Customer("Globex")),
            documents = listOf(
                invoice("OLD-3", "ACME", "50.00", LocalDate.of(2025, 11, 1)),
                invoice("INV-1", "ACME", "100.00", LocalDate.of(2026, 1, 1)),
            ),
        ),
        settings,
    )
    // Facts are only ever added; a ledger never changes, append gives another.
    val february = january.append(
        Facts(
            documents = listOf(
                invoice("INV-2", "Globex", "200.00", LocalDate.of(2026, 2, 10)),
                Document(
                    id = "PAY-7", customer = "ACME", kind = "payment", currency = "EUR", amount = BigDecimal("-120.00"),
                    documentDate = LocalDate.of(2026, 2, 15), reference = "your OLD-3",
                ),
            ),
        ),
        recorded = LocalDate.of(2026, 2, 15),
    )

    val view = february.asOf(LocalDate.of(2026, 2, 28))
    println("as of ${view.day()}")
    val aging = view.aging("""{ "edges": [0, 30] }""", by = listOf("customer"))
    println("customer".padEnd(10) + (aging.labels() + "total").joinToString("") { it.padStart(9) })
    for (row in aging.rows()) {
        println(row.by.first().padEnd(10) + (row.buckets + row.total).joinToString("") { it.toPlainString().padStart(9) })
    }
    for (off in view.reconcile(listOf(ControlBalance("EUR", BigDecimal("235.00"))))) {
        println("the general ledger has ${off.control}, the open items are ${off.ledger}")
    }

    println()
    val proposal = view.propose()
    for (line in proposal.lines()) println("${line.credit} pays ${line.debit} with ${line.amount}: ${line.strategy}")

    println("\nafter posting")
    val posted = february.append(proposal.facts("run"), recorded = LocalDate.of(2026, 2, 28))
    for (item in posted.asOf(LocalDate.of(2026, 2, 28)).openItems()) println("${item.document} ${item.open}")
    val before = posted.asOf(LocalDate.of(2026, 1, 31)).openItems().sortedBy { it.document }
    println("and the month before still says: " + before.joinToString { "${it.document} ${it.open}" })
}
