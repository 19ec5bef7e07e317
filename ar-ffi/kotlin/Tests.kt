// The package as a Kotlin user meets it: a month of one ledger from end to end, and everything that is refused. Prints
// one line for each failure and a closing count.

import java.math.BigDecimal
import java.time.LocalDate
import kotlin.system.exitProcess
import receivables.*

private var passed = 0
private var failed = 0

private fun check(name: String, body: () -> Unit) {
    val error = runCatching(body).exceptionOrNull()
    if (error == null) passed++ else failed++.also { println("FAILED $name: $error") }
}

private fun same(expected: Any?, got: Any?) {
    if (expected != got) throw AssertionError("expected $expected, got $got")
}

/** The refusal of a call: its code, and where. */
private fun refused(code: String, table: String? = null, index: Int? = null, field: String? = null, body: () -> Unit) {
    try {
        body()
    } catch (e: ReceivablesException.Refused) {
        same(listOf(code, table, index?.toULong(), field), listOf(e.code, e.table, e.index, e.field))
        val first = e.problems.first()
        same(listOf(e.code, e.reason, e.table, e.index, e.field), listOf(first.code, first.reason, first.table, first.index, first.field))
        if (e.reason.isEmpty() || e.total < e.problems.size.toULong()) throw AssertionError("no reason, or no total")
        return
    }
    throw AssertionError("was not refused")
}

private fun code(body: () -> Unit): String? =
    runCatching(body).exceptionOrNull().let { (it as? ReceivablesException.Refused)?.code }

private fun money(text: String) = BigDecimal(text)
private fun day(text: String) = LocalDate.parse(text)

private val customer = Customer(id = "C", dimensions = mapOf("region" to "north"))

private fun invoice(
    id: String = "INV", amount: String = "100.00", date: String = "2026-01-01", due: String? = "2026-01-31",
    customer: String = "C", currency: String = "EUR", kind: String = "invoice",
) = Document(
    id = id, customer = customer, kind = kind, currency = currency, amount = money(amount), documentDate = day(date),
    dueDate = due?.let(::day),
)

private fun load(vararg documents: Document) = Ledger.load(Facts(customers = listOf(customer), documents = documents.toList()))

private val policy = """{"edges":[0,30]}"""

private fun values() {
    check("the engine has a version") { same(true, engineVersion().isNotEmpty()) }
    check("exact money keeps every digit") { same("10.10", money(money("10.1"), "EUR").text) }
    check("an exponent is written out") { same(10_000L, money(money("1E+2"), "EUR").minor) }
    check("own currencies come from settings") {
        same("0.00000001", money(money("0.00000001"), "BTC", """{"currencies":{"BTC":8}}""").text)
    }
    check("text is read as it was typed, or refused") {
        same("12.50", moneyFromText("12.5", "EUR").text)
        refused("not_a_number", field = "value") { moneyFromText("12,50", "EUR") }
    }
    check("too large") { refused("too_large", field = "value") { money(money("1E+40"), "EUR") } }
    check("too many digits") { refused("too_many_digits", field = "value") { money(money("10.001"), "EUR") } }
    check("a split adds up") { same(listOf("33.34", "33.33", "33.33"), split(money("100"), "EUR", listOf(1u, 1u, 1u)).map { it.toString() }) }
    check("weights of nothing") { refused("policy_invalid", field = "weights") { split(money("1"), "EUR", listOf(0u)) } }
    check("days of a year") { same(YearFraction(31, "31/365"), dayCount("actual_365_fixed", day("2026-01-01"), day("2026-02-01"))) }
    check("what a discount is worth in a year") { same("36.73", discountRates("2", 10, 30).simple360) }
    check("an unknown convention") { refused("policy_invalid", field = "convention") { dayCount("lunar", day("2026-01-01"), day("2026-02-01")) } }
    check("a Sunday is moved to Monday") { same(day("2026-02-02"), businessDay(day("2026-02-01"), "following")) }
    check("due dates by terms and by a code of the settings") {
        val document = TermsDocument(documentDate = day("2026-01-01"), currency = "EUR", amount = money("100"))
        val terms = """{"due":[{"days":30}]}"""
        val due = listOf(DueInstalment(0u, day("2026-01-31"), money("100.00"), null))
        same(due, dueDates(terms, document))
        same(due, dueDates("NET30", document, """{"terms":{"NET30":$terms}}"""))
        same("terms.days", explainDueDates(terms, document).single().dates.single().rule)
        refused("unknown_reference", field = "terms") { dueDates("NET30", document) }
    }
}

private fun month() {
    val ledger = load(invoice(), invoice("OLD", "50.00", "2025-11-01", "2025-12-01"))
        .append(Facts(documents = listOf(invoice("PAY", "-120.00", "2026-02-10", null, kind = "payment"))), day("2026-02-10"))

    check("the ledger knows what it holds") {
        same(listOf(3u, day("2026-02-10")), listOf(ledger.documents(), ledger.lastRecorded()))
        same(null, Ledger.load(Facts()).lastRecorded())
        same(emptyList<OpenItem>(), Ledger.load(Facts()).asOf(day("2026-01-01")).openItems())
    }
    check("open items as of a day, as known on another") {
        same(listOf("OLD", "INV", "PAY"), ledger.asOf(day("2026-02-28")).openItems().map { it.document })
        val before = ledger.asOf(day("2026-02-28"), day("2026-02-01"))
        same(listOf("OLD", "INV"), before.openItems().map { it.document })
        same(listOf(day("2026-02-28"), day("2026-02-01")), listOf(before.day(), before.knownOn()))
    }
    check("one customer alone") {
        val facts = Facts(customers = listOf(customer, Customer(id = "D")), documents = listOf(invoice(), invoice("OTHER", customer = "D")))
        val both = Ledger.load(facts)
        same(listOf("OTHER"), both.customerAsOf("D", day("2026-02-28")).openItems().map { it.document })
        same(0, both.customerAsOf("C", day("2026-02-28"), day("2025-12-31")).openItems().size)
        refused("unknown_value", field = "customer") { both.customerAsOf("E", day("2026-02-28")) }
    }
    check("the facts that count are read back, and load again") {
        val view = ledger.asOf(day("2026-02-28"))
        same(listOf("INV", "OLD", "PAY"), view.facts().documents.map { it.id })
        same(customer, view.facts().customers.single())
        same(view.openItems(), Ledger.load(view.facts()).asOf(day("2026-02-28")).openItems())
    }
    check("a receipt of later is pending") {
        val view = ledger.asOf(day("2026-02-01"))
        same(listOf(PendingFact("documents", "PAY", day("2026-02-10"), day("2026-02-10"))), view.pending())
        same(listOf(money("-120.00")), view.pendingReceipts().map { it.amount })
    }
    check("the same items carried to a later day") {
        same(day("2026-03-31"), ledger.asOf(day("2026-02-28")).carriedTo(day("2026-03-31")).day())
        refused("impossible_date", field = "day") { ledger.asOf(day("2026-02-28")).carriedTo(day("2026-01-01")) }
    }
    check("an aging by group, with a filter and the line of every item") {
        val aging = ledger.asOf(day("2026-02-28")).aging(policy, by = listOf("customer", "dim_region"))
        same(listOf("not due", "1-30", "over 30"), aging.labels())
        val row = aging.rows().single()
        same(listOf("C", "north"), row.by)
        same(listOf("0.00", "-20.00", "50.00"), row.buckets.map { it.toString() })
        same(money("30.00"), aging.totals().single().total)
        same(null, aging.columnLabels())
        same("aging.past_edge", aging.explain(AgingQuestion(document = "OLD")).single().rule)
        same(3, aging.items().size)
        val filtered = ledger.asOf(day("2026-02-28")).aging(policy, where = mapOf("document" to listOf("OLD")))
        same(money("50.00"), filtered.totals().single().total)
    }
    check("the general ledger ties, or the difference is told") {
        val view = ledger.asOf(day("2026-02-28"))
        same(emptyList<Difference>(), view.reconcile(listOf(ControlBalance("EUR", money("30.00")))))
        same(money("-1.00"), view.reconcile(listOf(ControlBalance("EUR", money("31.00")))).single().difference)
        refused("too_large", "balances", 0, "balance") { view.reconcile(listOf(ControlBalance("EUR", money("1E+40")))) }
    }
    check("a proposal is posted, taken back, and both stay in history") {
        val proposal = ledger.asOf(day("2026-02-28")).propose()
        same(listOf("OLD", "INV"), proposal.lines().map { it.debit })
        same(listOf("50.00", "70.00"), proposal.lines().map { it.amount.toString() })
        same(listOf("OLD"), proposal.explain(debit = "OLD").lines.map { it.debit })
        same(emptyList<UnappliedCredit>(), proposal.unapplied())
        val posted = ledger.append(proposal.facts("run"), day("2026-02-28"))
        same(listOf("30.00"), posted.asOf(day("2026-02-28")).openItems().map { it.open.toString() })
        val undone = posted.append(Facts(reversals = listOf(Reversal("run-1", day("2026-03-01")))), day("2026-03-01"))
        same(3, undone.asOf(day("2026-03-01")).openItems().size)
        same(1, undone.asOf(day("2026-02-28")).openItems().size)
        same(3, ledger.asOf(day("2026-02-28")).openItems().size)
    }
    check("a report says what made it") {
        val view = ledger.asOf(day("2026-02-28"))
        // The same in every language: SHA-256 of the policy with its defaults.
        val hash = "7b7de67795c24c8d5e6e2ef6fd20e923b5644f4a8776140b7266cde4347ab295"
        same(MadeBy("", hash, engineVersion()), view.aging(policy).madeBy())
        same("month-end", view.aging("""{"edges":[0,30],"id":"month-end"}""").madeBy().policy)
        same(view.propose().madeBy(), view.propose("""{"partial":"allowed"}""").madeBy())
        same(view.settle().madeBy(), view.settle("""{"partial":"allowed"}""").madeBy())
    }
    check("what crosses as JSON has a schema") {
        same(listOf("aging", "allocation", "cash", "credit", "dunning", "interest", "kpi", "letter", "letters", "loss_rates", "mapping", "picture", "prediction", "provision", "settings", "settlement", "stationery", "terms"), schemas())
        same(listOf("edges"), (Json.read(schema("aging")) as Map<*, *>)["required"])
        refused("unknown_kind", field = "schema") { schema("none") }
    }
    check("a desk says whether an order may go, why not, and who may release it") {
        val limit = CreditLine("L", "limit", currency = "EUR", effective = day("2026-01-01"), customer = "C", amount = money("1000.00"))
        val ledger = Ledger.load(Facts(customers = listOf(customer), documents = listOf(invoice("INV", "700.00")), creditLines = listOf(limit)))
        val desk = ledger.credit("""{"release":[{"role":"head"}]}""", day("2026-02-01"))
        same(CreditDecision("pass", money("300.00"), null), desk.check(CreditRequest("C", money("300.00"), "EUR")))
        val told = desk.explain(CreditRequest("C", money("300.01"), "EUR"))
        same(listOf("block", listOf("head"), "1000.01"), listOf(told.decision, told.mayRelease, told.checks.first().figure))
        same(day("2026-02-01"), desk.day())
        refused("unknown_value", field = "customer") { desk.check(CreditRequest("X", money("1.00"), "EUR")) }
        refused("unknown_currency", field = "currency") { desk.check(CreditRequest("C", money("1.00"), "XXQ")) }
        refused("policy_invalid", field = "checks") { ledger.credit("""{"checks":[{"check":"luck"}]}""", day("2026-02-01")) }
        val (row) = ledger.asOf(day("2026-02-01")).exposure("{}").rows
        same(listOf(money("700.00"), money("300.00"), "70.00"), listOf(row.exposure, row.headroom, row.used))
        val late = """{"alerts":[{"id":"late","when":"overdue","days":0}]}"""
        val (before, now) = ledger.asOf(day("2026-01-31")) to ledger.asOf(day("2026-03-31"))
        val told2 = now.creditAlerts(before, late)
        val posted = ledger.append(told2.facts, day("2026-03-31"))
        same(emptyList<CreditAlert>(), posted.asOf(day("2026-03-31")).creditAlerts(posted.asOf(day("2026-01-31")), late).alerts)
        same(money("2000.00"), desk.proposeLimit("EUR", null, money("1000")).limit)
    }
    check("a provision adds up, is explained and booked") {
        val view = load(invoice("INV", "1000.00")).asOf(day("2026-02-15"))
        val made = view.provision("""{"aging":{"edges":[0,30]},"matrices":[{"rates":["0.1","0.1","0.1"]}]}""", listOf(ProvidedBefore("EUR", money("120.00"))))
        same(listOf(money("100.00"), money("-20.00")), made.totals().first().let { listOf(it.provision, it.movement) })
        same(listOf("loss allowance", "impairment loss"), made.journal().map { it.account })
        same("0.1", made.explain(ProvisionQuestion(document = "INV")).first().applied)
        refused("policy_invalid", field = "matrices") { view.provision("""{"aging":{"edges":[0]},"matrices":[]}""") }
        refused("impossible_date", field = "then") { view.backTest(view, """{"aging":{"edges":[0]},"matrices":[{"rates":["0","1"]}]}""") }
        same("not_enough_history", view.lossRates("""{"aging":{"edges":[0,90]},"from":"2026-01-01"}""").outcome)
    }
    check("a settlement takes discounts, proves itself, is edited, posted and taken back") {
        val tier = Discount("INV", day("2026-02-10"), percent = money("2"))
        val paid = load(invoice(), invoice("MORE", "50.00", "2026-01-02")).append(
            Facts(discounts = listOf(tier), documents = listOf(
                invoice("PAY", "-98.00", "2026-02-10", null, kind = "payment").copy(reference = "INV"),
                invoice("SHORT", "-49.75", "2026-02-10", null, kind = "payment").copy(reference = "MORE"),
            )),
            day("2026-02-10"),
        )
        val view = paid.asOf(day("2026-02-28"))
        val settlement = view.settle("""{"discount":{},"tolerance":{"limits":[{"percent":"1"}],"reason":"small"}}""")
        same(listOf("INV" to money("98.00"), "MORE" to money("49.75")), settlement.lines().map { it.debit to it.debitAmount })
        val (discount, tolerance) = settlement.differences()
        same(
            LineDifference("INV", 0u, "EUR", "discount", money("2.00"), 0uL, "", "discount.in_time", null, day("2026-02-10"), null, null, null),
            discount,
        )
        same(
            LineDifference("MORE", 0u, "EUR", "tolerance", money("0.25"), 1uL, "small", "tolerance.under", money("0.50"), null, null, null, null),
            tolerance,
        )
        val proof = settlement.proof().single()
        same(listOf("147.75", "147.75", "0.00"), listOf(proof.received, proof.applied, proof.unapplied).map { it.toString() })
        same(
            listOf("150.00", "147.75", "2.00", "0.25", "0.00"),
            listOf(proof.claims, proof.paid, proof.discount, proof.tolerance, proof.open).map { it.toString() },
        )
        same("100.00", proof.matchedShare)
        same(SettlementExplanation(settlement.lines().drop(1), listOf(tolerance), emptyList()), settlement.explain(debit = "MORE"))
        same(listOf(emptyList<Any>(), emptyList(), emptyList()), listOf(settlement.unapplied(), settlement.questions(), settlement.exchange()))
        val edited = settlement.without(listOf(tolerance.line))
        same(listOf(UnappliedCredit("SHORT", "EUR", money("49.75"), "edited")), edited.unapplied())
        refused("unknown_value", field = "lines") { edited.without(listOf(1uL)) }
        same("agreed", settlement.edit(listOf(SettlementEdit(line = tolerance.line, reason = "agreed"))).differences().last().reason)
        refused("edit_invalid", "edits", 0, "line") { settlement.edit(listOf(SettlementEdit(line = 0uL))) }
        val posted = paid.append(settlement.facts("run"), day("2026-02-28"))
        same(emptyList<OpenItem>(), posted.asOf(day("2026-02-28")).openItems())
        val undone = posted.append(posted.asOf(day("2026-03-01")).undo(listOf("run-1")), day("2026-03-01"))
        same(listOf("100.00", "-98.00"), undone.asOf(day("2026-03-01")).openItems().map { it.open.toString() })
        refused("unknown_reference", "ids", 1) { posted.asOf(day("2026-03-01")).undo(listOf("run-1", "nothing")) }
        same(view.propose().lines().map { it.debit }, view.settle().lines().map { it.debit })
    }
    check("a revaluation is what items in foreign currency are worth") {
        val rates = listOf(Rate("USD", "EUR", money("0.95"), day("2026-01-31")))
        val documents = listOf(invoice(currency = "USD").copy(baseAmount = money("90.00")))
        val foreign = Ledger.load(Facts(customers = listOf(customer), documents = documents, rates = rates), """{"base_currency":"EUR"}""")
        val (on, reversedOn, items, totals) = foreign.asOf(day("2026-01-31")).revaluation()
        same(listOf(day("2026-01-31"), day("2026-02-01")), listOf(on, reversedOn))
        same(
            RevaluedItem("INV", 0u, "C", "USD", money("100.00"), "EUR", money("90.00"), money("0.95"), money("95.00"), money("5.00")),
            items.single(),
        )
        same(listOf(RevaluationTotal("EUR", money("90.00"), money("95.00"), money("5.00"))), totals)
        refused("rate_missing", "open_items", 0, "rate") { foreign.asOf(day("2026-01-30")).revaluation() }
    }
    check("overdue items and single debts bear interest") {
        val policy = """{"rates":[{"from":"2026-01-01","percent":"10"}],"compensation":{"tiers":[{"currency":"EUR","amount":"40"}]}}"""
        val view = load(invoice(amount = "3650.00")).asOf(day("2026-03-31"))
        val (on, items, totals) = view.interest(policy)
        same(day("2026-03-31"), on)
        same(items.single().interest, totals.single().interest)
        val charged = InterestQuestion(charged = listOf(ChargedInterest("INV", on)), compensated = listOf("INV"))
        same(listOf("interest.charged"), view.explainInterest(policy, charged).items.map { it.rule })
        val payments = listOf(PaymentOnDebt(day("2026-02-10"), money("1825.00")))
        val debt = Debt("EUR", money("3650.00"), day("2026-01-31"), day("2026-02-28"), payments)
        same(listOf(money("10.00"), money("9.00")), debtInterest(policy, debt).segments.map { it.interest })
        refused("policy_invalid", field = "rates") { debtInterest("{}", debt) }
    }
    check("a dunning run says whom to remind, is edited, posted, and tried on the past") {
        val levels = """[{"days":7,"name":"reminder","pay_within_days":7},{"days":30,"name":"last","hand_over":"agency"}]"""
        val reminders = """{"procedures":{"standard":{"interval_days":7,"levels":$levels}},"id":"ours"}"""
        val late = load(invoice(), invoice("NEW", "50.00", "2026-02-01", "2026-03-01"))
        val run = late.asOf(day("2026-02-10")).dun(reminders)
        val notice = run.notices().single()
        same(listOf("C", "reminder", day("2026-02-17"), day("2026-03-02"), money("100.00")), notice.run { listOf(customer, name, dueDate, nextDate, total) })
        same(listOf("INV" to 10), notice.lines.map { it.document to it.days })
        same(SkippedItem("C", "NEW", 0u, "EUR", money("50.00"), "not_due", "", null), run.skipped().single())
        same(mapOf("not_due" to 1uL), run.skippedCounts())
        same(listOf(day("2026-02-10"), "ours", emptyList<DunningEvent>()), listOf(run.day(), run.madeBy().policy, run.events()))
        same("not_due", run.explain("NEW").let { if (it.steps.last().passed) "passed" else it.reason })
        refused("unknown_value", field = "document") { run.explain("NEW", 3u) }
        same(listOf("refused", "not_due"), run.without(listOf(0uL)).skipped().map { it.reason })
        refused("unknown_value", field = "notices") { run.without(listOf(1uL)) }
        val facts = run.facts("dun")
        same(listOf(NoticeLine("dun-1", "INV", 1L)), facts.noticeLines)
        same(listOf("dun-1" to day("2026-02-17")), facts.notices.map { it.id to it.dueDate })
        val posted = late.append(facts, day("2026-02-10"))
        same(emptyList<DunningNotice>(), posted.asOf(day("2026-02-10")).dun(reminders).notices())

        val paper = """{"sender":{"name":"N"},"id_prefix":"dun"}"""
        val written = letter(noticeLetters(run, paper).single())
        same(listOf("en/notice/friendly", true), listOf(written.template, "INV" in written.body))
        refused("policy_invalid", field = "link") { noticeLetters(run, """{"link":"javascript:alert(1)"}""") }

        val made = late.simulateDunning(reminders, day("2026-02-01"), day("2026-03-31"))
        same(listOf(day("2026-02-07") to 1u, day("2026-03-02") to 2u), made.notices.map { it.day to it.notice.level }.take(2))
        same(listOf("EUR", 1uL, emptyList<PaidAlready>()), listOf(made.totals.single().currency, made.customers, made.paidAlready))
        val eager = """{"procedures":{"standard":{"levels":[{"days":1}]}}}"""
        val differs = late.compareDunning(reminders, eager, day("2026-02-01"), day("2026-03-31")).single()
        same(listOf("C", "b", day("2026-02-01"), "INV", "waiting"), differs.run { listOf(customer, within, day, document, otherReason) })
        same(listOf("missed"), late.auditDunning(reminders, day("2026-02-01"), day("2026-02-10")).map { it.kind })
        same(0, posted.auditDunning(reminders, day("2026-02-01"), day("2026-02-10"), 3u).size)
        same(listOf("no_final_step"), lintDunning(eager).map { it.code })
        refused("policy_invalid", field = "procedures") { late.asOf(day("2026-02-10")).dun("{}") }
        refused("impossible_date", field = "to") { late.simulateDunning(reminders, day("2026-02-02"), day("2026-02-01")) }
    }
    check("profiles are policies") {
        val name = profiles("allocation").first()
        ledger.asOf(day("2026-02-28")).propose(profile("allocation", name))
        val based = Ledger.load(Facts(customers = listOf(customer), documents = listOf(invoice())), """{"base_currency":"EUR"}""")
        for (one in profiles("dunning")) same(day("2026-02-28"), based.asOf(day("2026-02-28")).dun(profile("dunning", one)).day())
        for (one in profiles("settlement")) ledger.asOf(day("2026-02-28")).settle(profile("settlement", one))
        refused("unknown_kind", field = "profile") { profile("allocation", "none") }
        refused("unknown_kind", field = "room") { profiles("none") }
    }
    check("facts as JSON text") {
        val facts = """{"customers":[{"id":"C"}],"documents":[{"id":"D","customer":"C","kind":"invoice","currency":"EUR","amount":"1.00","document_date":"2026-01-01"}]}"""
        val read = Ledger.fromJson(facts)
        same(1u, read.documents())
        same(2u, read.appendJson("""{"customers":[],"documents":[{"id":"E","customer":"C","kind":"invoice","currency":"EUR","amount":2,"document_date":"2026-01-02"}]}""", day("2026-01-02")).documents())
        refused("float_refused", "documents", 0, "amount") { Ledger.fromJson(facts.replace("\"1.00\"", "1.00")) }
        refused("wrong_type") { Ledger.fromJson("[]") }
    }
    check("a file by a mapping, with an account of every row") {
        val mapping = """
            [[file]]
            [[file.fact]]
            table = "customers"
            once = true
            fields = { id = "{customer}" }
            [[file.fact]]
            table = "documents"
            fields = { id = "{no}", customer = "{customer}", kind = "invoice", currency = "EUR", amount = "{amount}", document_date = "{date}" }
        """.trimIndent()
        val csv = "customer,no,amount,date\nC,1,12.50,2026-01-31\nC,2,7.00,2026-02-30\n".toByteArray()
        val read = importText(mapping, csv)
        same(listOf(2uL, 1uL, 1uL), listOf(read.report.rows, read.report.accepted, read.report.rejected))
        same("impossible_date", read.report.rejections.single().code)
        same(1u, Ledger.load(read.facts).documents())
        val file = ImportFile("", csv)
        same(1u, importLedger(mapping, listOf(file)).ledger.documents())
        refused("mapping_invalid", field = "file") { importText("file = 1", csv) }
    }
}

private fun refusals() {
    val ledger = load(invoice())
    check("forty digits") { refused("too_large", "documents", 0, "amount") { load(invoice(amount = "1" + "0".repeat(39))) } }
    check("forty digits after the point") { refused("too_many_digits", "documents", 0, "amount") { load(invoice(amount = "0." + "1".repeat(40))) } }
    check("a year past 9999") {
        refused("impossible_date", "documents", 0, "document_date") { load(invoice().copy(documentDate = LocalDate.of(10_000, 1, 1))) }
        refused("impossible_date", field = "day") { ledger.asOf(LocalDate.of(-1, 1, 1)) }
    }
    check("an id twice") { refused("duplicate_id", "documents", 1, "id") { load(invoice(), invoice()) } }
    check("an unknown customer") { refused("unknown_reference", "documents", 0, "customer") { load(invoice(customer = "X")) } }
    check("an unknown currency") { refused("unknown_currency", "documents", 0, "currency") { load(invoice(currency = "ZZZ")) } }
    check("an unknown kind") { refused("unknown_kind", "documents", 0, "kind") { load(invoice(kind = "bill")) } }
    check("a wrong sign") { refused("wrong_sign", "documents", 0, "amount") { load(invoice(amount = "-1.00")) } }
    check("an empty id") { refused("missing_field", "documents", 0, "id") { load(invoice(id = "")) } }
    check("a parent of itself") {
        refused("cyclic_parent", "customers", 0, "parent") { Ledger.load(Facts(customers = listOf(Customer("A", parent = "A")))) }
    }
    check("all problems at once, in order") {
        try {
            load(invoice(customer = "X"), invoice("B", kind = "bill"), invoice("B"))
            throw AssertionError("was not refused")
        } catch (e: ReceivablesException.Refused) {
            same(listOf(0uL to "customer", 1uL to "kind", 2uL to "id"), e.problems.map { it.index to it.field })
            same(3uL, e.total)
        }
    }
    check("more than a hundred problems") {
        try {
            load(*Array(250) { invoice("I$it", customer = "X") })
            throw AssertionError("was not refused")
        } catch (e: ReceivablesException.Refused) {
            same(listOf(100, 250uL), listOf(e.problems.size, e.total))
        }
    }
    check("settings and policies are proved before they are used") {
        val view = ledger.asOf(day("2026-02-28"))
        refused("policy_invalid", field = "settings.colour") { Ledger.load(Facts(), """{"colour":1}""") }
        same("policy_invalid", code { view.aging("""{"edges":[30,0]}""") })
        same("unsupported_version", code { view.aging("""{"version":9,"edges":[0]}""") })
        same("unknown_dimension", code { view.aging(policy, by = listOf("colour")) })
        same("policy_invalid", code { view.propose("""{"strategies":["luck"]}""") })
        same("policy_invalid", code { view.settle("""{"tolerance":{"limits":[{"amount":1.5}]}}""") })
        refused("policy_invalid", field = "discount.grace_days") { view.settle("""{"discount":{"grace_days":400}}""") }
        refused("unsupported_version", field = "version") { view.settle("""{"version":2}""") }
    }
    check("recorded backwards, and nothing is changed") {
        val later = ledger.append(Facts(documents = listOf(invoice("B"))), day("2026-02-01"))
        refused("recorded_backwards", field = "recorded") { later.append(Facts(documents = listOf(invoice("D"))), day("2026-01-01")) }
        same(2u, later.documents())
    }
    check("a closed handle is an error, not a crash") {
        val closed = load(invoice())
        closed.close()
        same(true, runCatching { closed.documents() }.isFailure)
    }
}

/** Four customers who pay on Fridays; the same ledger in every front end. */
private fun payers(): Ledger {
    val documents = mutableListOf<String>()
    val allocations = mutableListOf<String>()
    for (customer in 0L..3L) for (turn in 0L..39L) {
        val posted = day("2023-01-02").plusDays(7 * turn + customer)
        val due = posted.plusDays(14)
        val wait = due.plusDays(2 * customer + if (turn % 5 == 0L) 7 else 0)
        val paid = wait.plusDays(Math.floorMod(5L - wait.dayOfWeek.value, 7L))
        val (name, amount) = "$customer-$turn" to "${100 + 7 * turn}.00"
        val row = """"customer":"C$customer","currency":"EUR""""
        documents += """{$row,"id":"I$name","kind":"invoice","amount":"$amount","document_date":"$posted","due_date":"$due"}"""
        documents += """{$row,"id":"P$name","kind":"payment","amount":"-$amount","document_date":"$paid"}"""
        allocations += """{"id":"A$name","credit":"P$name","debit":"I$name","amount":"$amount","effective":"$paid"}"""
    }
    val customers = (0..3).map { """{"id":"C$it"}""" }
    return Ledger.fromJson("""{"customers":$customers,"documents":$documents,"allocations":$allocations}""")
}

private fun predictions() {
    check("a fixed ledger trains the model that every front end trains") {
        val ledger = payers()
        val view = ledger.asOf(day("2023-09-29"), day("2023-09-29"))
        val policy = """{"least_paid_invoices":100}"""
        val model = view.trainPrediction(policy)
        same(true, model.isTrained())
        same(listOf(java.time.LocalDate.parse("2023-09-29"), java.time.LocalDate.parse("2023-09-29")), listOf(model.trainedOn(), model.knownOn()))
        val text = model.toText().replace(""""engine":"${engineVersion()}"""", """"engine":""""")
        val digest = java.security.MessageDigest.getInstance("SHA-256").digest(text.toByteArray())
        same("9e7365b53c2b9e5c16d79e7cd6eecff042ded19b69d86e9648b69f006be27281", digest.joinToString("") { "%02x".format(it) })
        same(model.toText(), PredictionModel.fromText(model.toText()).toText())
        val cash = view.cashForecast(model, """{"horizon_days":28,"period":"week"}""")
        same(listOf("0.00", "1780.98", "1401.15", "977.36", "132.37"), cash.totals().map { it.expected.toPlainString() })
        same(view.openItems().size, view.predict(model).size)
        val asked = view.predict(model, listOf(50u), listOf(day("2023-09-29"), day("2199-12-31"))).first()
        same(listOf(asked.expected), asked.quantiles)
        same(listOf("0.0000", "1.0000"), asked.paidBy.map { it.toPlainString() })
        refused("policy_invalid", field = "quantiles") { view.predict(model, listOf(100u)) }
        same(true, view.cashAtRisk(model).all { it.bestContactDay!! < it.nextRun!! })
        same(true, ledger.compareForecast(CashForecast.fromText(cash.toText())).rows.isNotEmpty())
        val watch = TrainingWatch.create()
        same(model.toText(), view.trainPrediction(policy, 2u, watch).toText())
        same(true, watch.done() > 0uL && watch.done() == watch.all())
        watch.stop()
        refused("cancelled") { view.trainPrediction(policy, 1u, watch) }
    }
}

fun main() {
    values()
    predictions()
    month()
    refusals()
    println("kotlin: $passed passed, $failed failed")
    if (failed > 0) exitProcess(1)
}
