// Runs the expanded cases in $AR_CASES_JSON through the Kotlin package: each step builds its public types and calls its
// public functions, and what they answer is compared as canonical bytes. The format is in ar-core/cases/README.md.

import java.io.File
import java.math.BigDecimal
import java.time.LocalDate
import kotlin.system.exitProcess
import receivables.*

/** A fault of a case or of this file, no answer of the engine. */
class Unusable(what: String) : Exception(what)

private typealias Table = Map<String, Any?>

@Suppress("UNCHECKED_CAST")
private fun table(value: Any?): Table = value as? Table ?: throw Unusable("expected an object, got $value")

private fun list(value: Any?): List<Any?> = value as? List<*> ?: throw Unusable("expected a list, got $value")

/** An object of a case: a row of facts or a step. Every field of a row must be asked for, or it would be lost. */
private class Row(val fields: Table) {
    private val asked = mutableSetOf<String>()

    fun get(name: String): Any? = fields[name].also { asked += name }
    fun maybeText(name: String): String? = get(name) as String?
    fun text(name: String): String = maybeText(name) ?: throw Unusable("no $name")
    fun maybeMoney(name: String): BigDecimal? = maybeText(name)?.let(::BigDecimal)
    fun money(name: String): BigDecimal = BigDecimal(text(name))
    fun maybeDay(name: String): LocalDate? = maybeText(name)?.let(LocalDate::parse)
    fun day(name: String): LocalDate = LocalDate.parse(text(name))
    fun maybeNumber(name: String): Long? = get(name) as Long?
    fun number(name: String): Long = maybeNumber(name) ?: throw Unusable("no $name")
    fun texts(name: String): List<String> = list(get(name) ?: emptyList<Any>()).map { it as String }
    fun dimensions(): Map<String, String> = table(get("dimensions") ?: emptyMap<String, Any>()).mapValues { it.value as String }

    fun done() {
        val lost = fields.keys - asked
        if (lost.isNotEmpty()) throw Unusable("columns not read: $lost")
    }
}

private fun facts(tables: Table): Facts {
    val left = tables.keys.toMutableSet()
    fun <T> rows(name: String, build: Row.() -> T): List<T> {
        left -= name
        return list(tables[name] ?: emptyList<Any>()).map { Row(table(it)).run { build().also { done() } } }
    }
    val facts = Facts(
        customers = rows("customers") {
            Customer(text("id"), maybeText("name"), maybeText("parent"), maybeText("group"), maybeText("terms"), dimensions())
        },
        customerChanges = rows("customer_changes") {
            CustomerChange(text("customer"), text("attribute"), day("effective"), maybeText("value"), maybeDay("recorded"))
        },
        documents = rows("documents") {
            Document(
                id = text("id"), customer = text("customer"), kind = text("kind"), currency = text("currency"),
                amount = money("amount"), documentDate = day("document_date"), postingDate = maybeDay("posting_date"),
                dueDate = maybeDay("due_date"), terms = maybeText("terms"), company = maybeText("company"),
                controlAccount = maybeText("control_account"), reference = maybeText("reference"),
                related = maybeText("related"), order = maybeText("order"), net = maybeMoney("net"),
                tax = maybeMoney("tax"), baseAmount = maybeMoney("base_amount"), rate = maybeMoney("rate"),
                dimensions = dimensions(), recorded = maybeDay("recorded"),
            )
        },
        documentLines = rows("document_lines") {
            DocumentLine(text("document"), text("kind"), money("amount"), maybeText("code"))
        },
        instalments = rows("instalments") {
            Instalment(
                text("document"), number("number"), day("due_date"), money("amount"), plan = maybeText("plan"),
                effective = maybeDay("effective"), recorded = maybeDay("recorded"),
            )
        },
        allocations = rows("allocations") {
            Allocation(
                text("id"), text("credit"), text("debit"), money("amount"), debitAmount = maybeMoney("debit_amount"),
                instalment = maybeNumber("instalment"), baseCredit = maybeMoney("base_credit"),
                baseDebit = maybeMoney("base_debit"), effective = maybeDay("effective"), recorded = maybeDay("recorded"),
            )
        },
        reversals = rows("reversals") {
            Reversal(text("allocation"), day("effective"), maybeText("reason"), maybeDay("recorded"))
        },
        cancellations = rows("cancellations") {
            Cancellation(text("document"), day("effective"), maybeText("reason"), maybeDay("recorded"))
        },
        disputes = rows("disputes") {
            Dispute(
                text("id"), text("document"), text("reason"), day("effective"), amount = maybeMoney("amount"),
                recorded = maybeDay("recorded"),
            )
        },
        holds = rows("holds") {
            Hold(
                text("id"), text("reason"), day("effective"), customer = maybeText("customer"),
                document = maybeText("document"), until = maybeDay("until"), recorded = maybeDay("recorded"),
            )
        },
        promises = rows("promises") {
            Promise(
                text("id"), text("customer"), text("currency"), money("amount"), day("promised_date"), day("effective"),
                document = maybeText("document"), recorded = maybeDay("recorded"),
            )
        },
        plans = rows("plans") {
            Plan(text("id"), text("customer"), day("effective"), maybeText("reason"), maybeDay("recorded"))
        },
        notices = rows("notices") {
            Notice(
                text("id"), text("customer"), number("level"), day("effective"), document = maybeText("document"),
                channel = maybeText("channel"), recorded = maybeDay("recorded"),
            )
        },
        commitments = rows("commitments") {
            Commitment(
                text("id"), text("customer"), text("kind"), text("currency"), money("amount"), day("effective"),
                company = maybeText("company"), expectedDate = maybeDay("expected_date"), recorded = maybeDay("recorded"),
            )
        },
        requirements = rows("requirements") {
            Requirement(text("document"), text("requirement"), text("state"), day("effective"), maybeDay("recorded"))
        },
        closings = rows("closings") {
            Closing(text("of"), day("effective"), maybeText("outcome"), maybeDay("recorded"))
        },
        rates = rows("rates") {
            Rate(text("currency"), text("base"), money("rate"), day("effective"), maybeDay("recorded"))
        },
    )
    if (left.isNotEmpty()) throw Unusable("tables not read: $left")
    return facts
}

private fun shown(amount: BigDecimal?): String? = amount?.toPlainString()
private fun shown(amounts: List<BigDecimal>): List<String> = amounts.map { it.toPlainString() }
private fun shown(day: LocalDate?): String? = day?.toString()

private fun openItem(item: OpenItem) = mapOf(
    "company" to item.company, "control_account" to item.controlAccount, "customer" to item.customer,
    "currency" to item.currency, "document" to item.document, "instalment" to item.instalment, "kind" to item.kind,
    "document_date" to shown(item.documentDate), "due_date" to shown(item.dueDate), "open" to shown(item.open),
    "base_open" to shown(item.baseOpen), "disputed" to shown(item.disputed), "held" to shown(item.held),
    "pending" to shown(item.pending),
)

private fun agingRow(keys: List<String>, row: AgingRow) = keys.zip(row.by).toMap() + mapOf(
    "currency" to row.currency, "buckets" to shown(row.buckets), "columns" to row.columns?.let(::shown),
    "total" to shown(row.total), "disputed" to shown(row.disputed), "held" to shown(row.held),
    "unapplied" to shown(row.unapplied), "pending" to shown(row.pending), "items" to row.items, "share" to row.share,
    "average_age" to row.averageAge,
)

private fun agingItem(item: AgingItem) = mapOf(
    "document" to item.document, "instalment" to item.instalment, "customer" to item.customer,
    "currency" to item.currency, "due_date" to shown(item.dueDate), "basis_date" to shown(item.basisDate),
    "age" to item.age, "open" to shown(item.open), "bucket" to item.bucket, "disputed" to shown(item.disputed),
    "held" to shown(item.held), "pending" to shown(item.pending), "would_settle" to shown(item.wouldSettle),
    "rule" to item.rule,
)

private fun proposed(lines: List<ProposalLine>, unapplied: List<UnappliedCredit>) = mapOf(
    "lines" to lines.map {
        mapOf(
            "credit" to it.credit, "debit" to it.debit, "instalment" to it.instalment, "amount" to shown(it.amount),
            "strategy" to it.strategy, "credit_left" to shown(it.creditLeft), "debit_left" to shown(it.debitLeft),
        )
    },
    "unapplied" to unapplied.map { mapOf("credit" to it.credit, "amount" to shown(it.amount), "reason" to it.reason) },
)

/** One case: the ledger so far, and the last proposal. */
private class Engine(settings: Table) {
    private val settings = Json.write(settings)
    private var ledger: Ledger? = null
    private var proposal: Proposal? = null

    fun step(step: Row): Table = when (val verb = step.text("do")) {
        "load" -> {
            ledger = null
            ledger = if (step.get("raw") == true) Ledger.fromJson(step.text("json"), settings)
            else Ledger.load(facts(table(step.get("facts"))), settings)
            emptyMap()
        }
        "append" -> {
            ledger = if (step.get("raw") == true) ledger().appendJson(step.text("json"), step.day("recorded"))
            else ledger().append(facts(table(step.get("facts"))), step.day("recorded"))
            emptyMap()
        }
        "open_items" -> mapOf("items" to view(step).openItems().map(::openItem))
        "pending" -> pending(view(step))
        "aging" -> aging(step)
        "aging_items" -> mapOf("items" to aged(step).items().map(::agingItem))
        "explain_aging" -> {
            val question = AgingQuestion(
                step.maybeText("customer"), step.maybeText("document"), step.maybeNumber("instalment")?.toUInt(),
                step.maybeText("bucket"),
            )
            mapOf("items" to aged(step).explain(question).map(::agingItem))
        }
        "reconcile" -> reconcile(step)
        "propose" -> view(step).propose(policy(step, "allocation")).let {
            proposal = it
            proposed(it.lines(), it.unapplied())
        }
        "explain_proposal" -> proposal().explain(step.maybeText("credit"), step.maybeText("debit")).let {
            proposed(it.lines, it.unapplied)
        }
        "post" -> post(step)
        "money" -> money(step)
        "split" -> {
            val weights = list(step.get("weights")).map { (it as? Long)?.toULong() ?: (it as BigDecimal).toBigIntegerExact().toString().toULong() }
            mapOf("parts" to shown(split(step.money("amount"), step.text("currency"), weights, settings)))
        }
        "due_dates" -> mapOf("instalments" to dueDates(terms(step), termsDocument(step), settings).map {
            mapOf(
                "number" to it.number, "due_date" to shown(it.dueDate), "amount" to shown(it.amount),
                "base_amount" to shown(it.baseAmount),
            )
        })
        "explain_due_dates" -> mapOf(
            "instalments" to explainDueDates(terms(step), termsDocument(step), settings).map(::explained),
        )
        "day_count" -> dayCount(step.text("convention"), step.day("from"), step.day("to")).let {
            mapOf("days" to it.days, "fraction" to it.fraction)
        }
        "business_day" -> {
            val calendar = Json.write(step.get("calendar") ?: emptyMap<String, Any>())
            mapOf("day" to shown(businessDay(step.day("day"), step.text("roll"), calendar)))
        }
        else -> throw Unusable("no verb $verb")
    }

    /** A case may ask without having loaded anything. */
    private fun ledger(): Ledger = ledger ?: Ledger.load(Facts()).also { ledger = it }

    private fun proposal(): Proposal = proposal ?: throw Unusable("no proposal yet")

    private fun view(step: Row): View = ledger().asOf(step.day("as_of"), step.maybeDay("known_on"))

    private fun policy(step: Row, room: String): String =
        step.maybeText("profile")?.let { profile(room, it) } ?: Json.write(step.get("policy") ?: emptyMap<String, Any>())

    private fun aged(step: Row): Aging {
        val where = table(step.get("where") ?: emptyMap<String, Any>()).mapValues { (_, values) -> list(values).map { it as String } }
        return view(step).aging(policy(step, "aging"), step.texts("by"), where)
    }

    private fun aging(step: Row): Table {
        val aging = aged(step)
        return mapOf(
            "labels" to aging.labels(), "column_labels" to aging.columnLabels(),
            "rows" to aging.rows().map { agingRow(aging.by(), it) },
            "totals" to aging.totals().map { agingRow(emptyList(), it) },
        )
    }

    private fun pending(view: View) = mapOf(
        "facts" to view.pending().map {
            mapOf(
                "table" to it.table, "id" to it.id, "effective" to shown(it.effective), "recorded" to shown(it.recorded),
            )
        },
        "receipts" to view.pendingReceipts().map {
            mapOf(
                "company" to it.company, "control_account" to it.controlAccount, "customer" to it.customer,
                "currency" to it.currency, "amount" to shown(it.amount),
            )
        },
    )

    private fun reconcile(step: Row): Table {
        val balances = list(step.get("balances")).map {
            Row(table(it)).run {
                ControlBalance(text("currency"), money("balance"), maybeText("company"), maybeText("control_account")).also { done() }
            }
        }
        return mapOf("differences" to view(step).reconcile(balances).map {
            mapOf(
                "company" to it.company, "control_account" to it.controlAccount, "currency" to it.currency,
                "ledger" to shown(it.ledger), "control" to shown(it.control), "difference" to shown(it.difference),
            )
        })
    }

    private fun post(step: Row): Table {
        val facts = proposal().facts(step.text("id_prefix"))
        ledger = ledger().append(facts, step.day("recorded"))
        return mapOf("allocations" to facts.allocations.map {
            mapOf(
                "id" to it.id, "credit" to it.credit, "debit" to it.debit, "amount" to shown(it.amount),
                "instalment" to it.instalment, "effective" to shown(it.effective),
            )
        })
    }

    /** A value that a BigDecimal cannot hold goes down as the text it was typed as. */
    private fun money(step: Row): Table {
        val value = step.get("value") as? String ?: throw Unusable("a BigDecimal cannot hold ${step.get("value")}")
        val money = if (Regex("-?[0-9]+(\\.[0-9]+)?").matches(value)) money(BigDecimal(value), step.text("currency"), settings)
        else moneyFromText(value, step.text("currency"), settings)
        return mapOf("money" to money.text, "minor" to money.minor.toString())
    }

    private fun terms(step: Row): String = step.get("terms").let { it as? String ?: Json.write(it) }

    private fun termsDocument(step: Row) = TermsDocument(
        step.day("document_date"), step.text("currency"), step.money("amount"), step.maybeText("base_currency"),
        step.maybeMoney("base_amount"),
    )

    private fun explained(it: ExplainedInstalment) = mapOf(
        "number" to it.number, "due_date" to shown(it.dueDate), "amount" to shown(it.amount),
        "base_amount" to shown(it.baseAmount), "line" to it.line, "repetition" to it.repetition,
        "dates" to it.dates.map { mapOf("rule" to it.rule, "from" to shown(it.from), "to" to shown(it.to)) },
        "rule" to it.rule, "of" to shown(it.of), "share" to it.share,
    )
}

private fun refusal(e: ReceivablesException.Refused): Table = mapOf(
    "code" to e.code, "table" to e.table, "index" to e.index, "field" to e.field, "total" to e.total,
    "problems" to e.problems.map { mapOf("code" to it.code, "table" to it.table, "index" to it.index, "field" to it.field) },
)

/** The part of an answer that an expectation is about. */
private fun stated(answer: Any?, expect: Any?): Any? = when {
    answer is Map<*, *> && expect is Map<*, *> ->
        expect.filterKeys { it in answer }.mapValues { (key, part) -> stated(answer[key], part) }
    answer is List<*> && expect is List<*> && answer.size == expect.size ->
        answer.zip(expect).map { (one, part) -> stated(one, part) }
    else -> answer
}

/** What went wrong with a case, or null. */
private fun wrong(case: Table): String? {
    val engine = Engine(table(case["settings"]))
    list(case["steps"]).forEachIndexed { number, value ->
        val step = Row(table(value))
        var failed = false
        val answer = try {
            engine.step(step)
        } catch (e: ReceivablesException.Refused) {
            failed = true
            refusal(e)
        }
        val where = "step ${number + 1} (${step.text("do")})"
        if (failed != ("expect_error" in step.fields)) return "$where: answered ${Json.write(answer)}"
        val expect = step.get(if (failed) "expect_error" else "expect") ?: emptyMap<String, Any>()
        val (ours, theirs) = Json.write(stated(answer, expect)) to Json.write(expect)
        if (ours != theirs) return "$where:\n  expected $theirs\n  answered $ours"
    }
    return null
}

fun main() {
    var passed = 0
    var failed = 0
    val folder = File(System.getenv("AR_CASES_JSON") ?: throw Unusable("AR_CASES_JSON names no folder"))
    for (file in folder.listFiles { file -> file.name.endsWith(".json") }!!.sorted()) {
        for (case in list(table(Json.read(file.readText()))["cases"]).map(::table)) {
            // A case that cannot be run has failed; the others go on.
            val what = runCatching { wrong(case) }.getOrElse { it.toString() }
            if (what == null) passed++ else failed++.also { println("${case["file"]}: ${case["name"]}: $what") }
        }
    }
    println("cases kotlin $passed passed, $failed failed")
    if (failed > 0 || passed == 0) exitProcess(1)
}
