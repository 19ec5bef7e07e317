// Runs the expanded cases in $AR_CASES_JSON through the Kotlin package: each step builds its public types and calls its
// public functions, and what they answer is compared as canonical bytes. The format is in ar-core/cases/README.md.

import java.io.File
import java.math.BigDecimal
import java.time.LocalDate
import kotlin.system.exitProcess
import receivables.*

/** A fault of a case or of this file, no answer of the engine. */
class Unusable(what: String) : Exception(what)

internal typealias Table = Map<String, Any?>

@Suppress("UNCHECKED_CAST")
internal fun table(value: Any?): Table = value as? Table ?: throw Unusable("expected an object, got $value")

internal fun list(value: Any?): List<Any?> = value as? List<*> ?: throw Unusable("expected a list, got $value")

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

internal fun facts(tables: Table): Facts {
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
            CustomerChange(text("customer"), text("attribute"), day("effective"), maybeText("value"), maybeDay("until"), maybeDay("recorded"))
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
        discounts = rows("discounts") {
            Discount(
                text("document"), day("until"), percent = maybeMoney("percent"), amount = maybeMoney("amount"),
                basis = maybeMoney("basis"), effective = maybeDay("effective"), recorded = maybeDay("recorded"),
            )
        },
        allocations = rows("allocations") {
            Allocation(
                text("id"), text("credit"), text("debit"), money("amount"), debitAmount = maybeMoney("debit_amount"),
                instalment = maybeNumber("instalment"), baseCredit = maybeMoney("base_credit"),
                baseDebit = maybeMoney("base_debit"), effective = maybeDay("effective"), recorded = maybeDay("recorded"),
            )
        },
        differences = rows("differences") {
            SettlementDifference(
                text("id"), text("document"), text("kind"), money("amount"), allocation = maybeText("allocation"),
                instalment = maybeNumber("instalment"), reason = maybeText("reason"), baseAmount = maybeMoney("base_amount"),
                baseDocument = maybeMoney("base_document"), effective = maybeDay("effective"), recorded = maybeDay("recorded"),
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
                channel = maybeText("channel"), procedure = maybeText("procedure"), company = maybeText("company"),
                currency = maybeText("currency"), dueDate = maybeDay("due_date"), recorded = maybeDay("recorded"),
            )
        },
        noticeLines = rows("notice_lines") {
            NoticeLine(
                text("notice"), text("document"), number("level"), instalment = maybeNumber("instalment"),
                interestUntil = maybeDay("interest_until"),
            )
        },
        commitments = rows("commitments") {
            Commitment(
                text("id"), text("customer"), text("kind"), text("currency"), money("amount"), day("effective"),
                company = maybeText("company"), expectedDate = maybeDay("expected_date"), net = maybeMoney("net"),
                order = maybeText("order"), recorded = maybeDay("recorded"),
            )
        },
        creditLines = rows("credit_lines") {
            CreditLine(
                text("id"), text("kind"), text("currency"), day("effective"), customer = maybeText("customer"),
                group = maybeText("group"), company = maybeText("company"), amount = maybeMoney("amount"),
                until = maybeDay("until"), recorded = maybeDay("recorded"),
            )
        },
        releases = rows("releases") {
            Release(
                text("id"), text("customer"), text("order"), text("currency"), money("amount"), day("effective"),
                by = maybeText("by"), reason = maybeText("reason"), until = maybeDay("until"), recorded = maybeDay("recorded"),
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

/** An answer of the package as the case format has it: records by their getters, money and days as text. */
private fun plain(value: Any?): Any? = when (value) {
    null, is String, is Boolean, is Number, is UInt, is ULong -> if (value is BigDecimal) value.toPlainString() else value
    is LocalDate -> value.toString()
    is List<*> -> value.map(::plain)
    is Map<*, *> -> value.mapValues { plain(it.value) }
    else -> fields(value)
}

private fun fields(record: Any): Table = record.javaClass.declaredMethods
    // That of a truth value is called as its field when that begins with `is`.
    .filter { (it.name.startsWith("get") || it.name.matches(Regex("is[A-Z].*"))) && it.parameterCount == 0 }
    // The getter of an unsigned number has a suffix, and gives a signed one.
    .associate { snake(it.name.removePrefix("get").substringBefore('-')) to plain(it.invoke(record)) }

private fun snake(name: String) = name.replaceFirstChar { it.lowercase() }.replace(Regex("[A-Z]")) { "_" + it.value.lowercase() }
    .replace(Regex("^(open_after)([0-9])"), "$1_$2")

private fun row(keys: List<String>, row: AgingRow): Table = keyed(keys, row, row.by)

private fun keyed(keys: List<String>, row: Any, by: List<String>): Table = fields(row) - "by" + keys.zip(by)

private fun proposed(lines: List<ProposalLine>, unapplied: List<UnappliedCredit>) =
    mapOf("lines" to plain(lines), "unapplied" to plain(unapplied))

/** One case: the ledger so far, the last proposal, settlement and dunning run. */
private class Engine(settings: Table) {
    private val settings = Json.write(settings)
    private var ledger: Ledger? = null
    private var proposal: Proposal? = null
    private var settlement: Settlement? = null
    private var run: DunningRun? = null
    private var forecast: CashForecast? = null

    fun step(step: Row): Table = when (val verb = step.text("do")) {
        "load" -> {
            ledger = if (step.get("raw") == true) Ledger.fromJson(step.text("json"), settings)
            else Ledger.load(facts(table(step.get("facts"))), settings)
            emptyMap()
        }
        "append" -> {
            ledger = if (step.get("raw") == true) ledger().appendJson(step.text("json"), step.day("recorded"))
            else ledger().append(facts(table(step.get("facts"))), step.day("recorded"))
            emptyMap()
        }
        "open_items" -> mapOf("items" to plain(view(step).openItems()))
        "matches" -> mapOf("matches" to plain(view(step).matches()))
        "pending" -> view(step).let { mapOf("facts" to plain(it.pending()), "receipts" to plain(it.pendingReceipts())) }
        "aging" -> aging(step)
        "aging_items" -> mapOf("items" to plain(aged(step).items()))
        "explain_aging" -> {
            val question = AgingQuestion(
                step.maybeText("customer"), step.maybeText("document"), step.maybeNumber("instalment")?.toUInt(),
                step.maybeText("bucket"),
            )
            mapOf("items" to plain(aged(step).explain(question)))
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
        "settle" -> settled(view(step).settle(policy(step, "settlement")))
        "settle_edit" -> settled(settlement().edit(list(step.get("edits")).map { Row(table(it)).settlementEdit() }))
        "settle_without" -> settled(settlement().without(list(step.get("lines")).map { (it as Long).toULong() }))
        "post_settlement" -> {
            val facts = settlement().facts(step.text("id_prefix"))
            ledger = ledger().append(facts, step.day("recorded"))
            mapOf(
                "allocations" to plain(facts.allocations), "differences" to plain(facts.differences),
                "documents" to plain(facts.documents),
            )
        }
        "dun" -> dunned(view(step).dun(dunningPolicy(step)))
        "dun_without" -> dunned(run().without(list(step.get("notices")).map { (it as Long).toULong() }))
        "post_dunning" -> {
            val facts = run().facts(step.text("id_prefix"))
            step.maybeDay("recorded")?.let { ledger = ledger().append(facts, it) }
            mapOf(
                "notices" to plain(facts.notices), "notice_lines" to plain(facts.noticeLines),
                "documents" to plain(facts.documents),
            )
        }
        "simulate_dunning" -> {
            val made = ledger().simulateDunning(dunningPolicy(step), step.day("from"), step.day("to"))
            fields(made) + mapOf("notices" to made.notices.map { fields(it.notice) + mapOf("day" to plain(it.day)) })
        }
        "compare_dunning" -> {
            val other = dunningPolicy(step, "other_profile", "other")
            val rows = ledger().compareDunning(dunningPolicy(step), other, step.day("from"), step.day("to"))
            mapOf("rows" to rows.map { fields(it) + mapOf("in" to it.within) })
        }
        "audit_dunning" -> {
            val tolerance = (step.maybeNumber("tolerance_days") ?: 0L).toUInt()
            mapOf("deviations" to plain(ledger().auditDunning(dunningPolicy(step), step.day("from"), step.day("to"), tolerance)))
        }
        "lint_dunning" -> mapOf("warnings" to plain(lintDunning(dunningPolicy(step))))
        "undo" -> {
            val facts = view(step).undo(step.texts("ids"))
            step.maybeDay("recorded")?.let { ledger = ledger().append(facts, it) }
            mapOf("reversals" to plain(facts.reversals), "cancellations" to plain(facts.cancellations))
        }
        "picture" -> drawn(view(step).picture(Json.write(step.get("policy") ?: emptyMap<String, Any>())))
        "predict" -> {
            val ask = step.get("ask") as? Map<*, *> ?: emptyMap<String, Any>()
            val quantiles = (ask["quantiles"] as? List<*>).orEmpty().map { (it as Number).toInt().toUInt() }
            val paidBy = (ask["paid_by"] as? List<*>).orEmpty().map { LocalDate.parse(it as String) }
            mapOf("items" to told(view(step).predict(model(step), quantiles, paidBy)))
        }
        "cash_forecast" -> {
            val made = view(step).cashForecast(model(step), maybePolicy(step, "policy"), step.texts("by"), where(step))
            forecast = CashForecast.fromText(made.toText())
            mapOf(
                "day" to plain(made.day()), "known_on" to plain(made.knownOn()), "last_day" to plain(made.lastDay()), "by" to made.by(),
                "quantiles" to plain(made.quantiles()), "trained_on" to plain(made.trainedOn()), "rows" to plain(made.rows()),
                "totals" to plain(made.totals()), "sums" to plain(made.sums()), "total_sums" to plain(made.totalSums()),
            )
        }
        "cash_at_risk" -> mapOf("items" to told(view(step).cashAtRisk(model(step), maybePolicy(step, "policy"))))
        "forecast_accuracy" ->
            fields(ledger().forecastAccuracy(model(step), step.day("from"), step.day("to"), maybePolicy(step, "policy")))
        "compare_forecast" -> fields(ledger().compareForecast(forecast ?: throw Unusable("no forecast yet")))
        "prediction_drift" -> fields(view(step).predictionDrift(model(step)))
        "prediction_calibration" ->
            fields(ledger().predictionCalibration(step.day("day"), maybePolicy(step, "prediction"), step.number("span").toUInt()))
        "exposure" -> {
            val made = view(step).exposure(policy(step, "credit"), step.maybeText("per") ?: "customer", step.maybeText("company"))
            mapOf("rows" to plain(made.rows), "totals" to plain(made.totals))
        }
        "credit_alerts" -> {
            val told = view(step).creditAlerts(ledger().asOf(step.day("before"), step.maybeDay("before_known_on")), policy(step, "credit"))
            step.maybeDay("recorded")?.let { ledger = ledger().append(told.facts, it) }
            mapOf("alerts" to plain(told.alerts))
        }
        "propose_limit" -> {
            val desk = ledger().credit(policy(step, "credit"), step.day("as_of"), step.maybeDay("known_on"))
            fields(desk.proposeLimit(step.text("currency"), step.maybeText("customer"), step.maybeMoney("monthly_volume"), step.maybeText("score")))
        }
        "provision" -> provided(step).let {
            mapOf(
                "labels" to it.labels(), "rows" to plain(it.rows()), "pools" to plain(it.pools()), "specific" to plain(it.specific()),
                "totals" to plain(it.totals()), "journal" to plain(it.journal()),
            )
        }
        "loss_rates" -> fields(view(step).lossRates(policy(step, "loss_rates")))
        "back_test" -> {
            val question = listOf("loss_kinds", "still_open").mapNotNull { name -> step.get(name)?.let { name to it } }.toMap()
            val then = ledger().asOf(step.day("then"), step.maybeDay("then_known_on"))
            fields(view(step).backTest(then, policy(step, "provision"), Json.write(question)))
        }
        "explain_provision" -> {
            val question = ProvisionQuestion(
                step.maybeText("customer"), step.maybeText("document"), step.maybeText("currency"),
                step.get("pool")?.let { step.texts("pool") }, step.maybeText("bucket"),
            )
            mapOf("items" to plain(provided(step).explain(question)))
        }
        "credit_check" -> {
            val request = CreditRequest(
                step.text("customer"), step.money("amount"), step.text("currency"), step.maybeText("kind"), step.maybeText("company"),
                step.maybeText("order"), step.maybeText("follows"), step.maybeDay("expected_date"), step.maybeMoney("net"),
                step.maybeText("terms"),
            )
            val desk = ledger().credit(policy(step, "credit"), step.day("as_of"), step.maybeDay("known_on"))
            val (told, short) = desk.explain(request) to desk.check(request)
            if (CreditDecision(told.decision, told.headroom, told.release) != short) throw Unusable("the short answer is another: $short")
            fields(told)
        }
        "kpis" -> {
            val made = view(step).kpis(policy(step, "kpi"), step.texts("by"), where(step))
            mapOf("rows" to made.rows.map { keyed(made.by, it, it.by) }, "totals" to made.totals.map { keyed(emptyList(), it, it.by) })
        }
        "kpi_registry" -> mapOf("kpis" to plain(kpiRegistry()))
        "explain_dso" -> {
            val before = ledger().asOf(step.day("before"), step.maybeDay("before_known_on"))
            val keys = step.texts("by")
            val made = view(step).explainDso(before, policy(step, "kpi"), keys, where(step))
            val named = keys - "currency"
            mapOf("rows" to made.rows.map { keyed(named, it, it.by) }, "totals" to made.totals.map { keyed(emptyList(), it, it.by) })
        }
        "revaluation" -> view(step).revaluation().let { mapOf("items" to plain(it.items), "totals" to plain(it.totals)) }
        "interest" -> reckoned(view(step).interest(policy(step, "interest"), interestQuestion(step)))
        "explain_interest" -> reckoned(view(step).explainInterest(policy(step, "interest"), interestQuestion(step)))
        "debt_interest" -> {
            val payments = list(step.get("payments") ?: emptyList<Any>()).map {
                Row(table(it)).run { PaymentOnDebt(day("date"), money("amount")).also { done() } }
            }
            val debt = Debt(
                step.text("currency"), step.money("amount"), step.day("due_date"), step.day("until"), payments, step.maybeDay("charged_until"),
            )
            fields(debtInterest(policy(step, "interest"), debt, settings))
        }
        "money" -> money(step)
        "split" -> {
            val weights = list(step.get("weights")).map { it.toString().toULong() }
            mapOf("parts" to plain(split(step.money("amount"), step.text("currency"), weights, settings)))
        }
        "due_dates" -> mapOf("instalments" to plain(dueDates(terms(step), termsDocument(step), settings)))
        "explain_due_dates" -> mapOf("instalments" to plain(explainDueDates(terms(step), termsDocument(step), settings)))
        "day_count" -> fields(dayCount(step.text("convention"), step.day("from"), step.day("to")))
        "discount_rates" -> {
            val days = { name: String -> step.get(name).toString().toLong() }
            fields(discountRates(step.text("percent"), days("discount_days"), days("net_days"))).mapKeys { it.key.replace("36", "_36") }
        }
        "business_day" -> {
            val calendar = Json.write(step.get("calendar") ?: emptyMap<String, Any>())
            mapOf("day" to plain(businessDay(step.day("day"), step.text("roll"), calendar)))
        }
        "creditor_reference" -> fields(creditorReference(step.text("text")))
        "check_creditor_reference" -> fields(checkCreditorReference(step.text("text")))
        "local_money" -> mapOf("text" to localMoney(step.money("value"), step.text("currency"), step.text("language"), settings))
        "local_date" -> mapOf("text" to localDate(step.day("day"), step.text("language")))
        "letter" -> {
            val written = letter(Json.write(step.get("letter")), Json.write(step.get("letters") ?: emptyMap<String, Any>()))
            fields(written) + mapOf("found" to step.texts("find").map { it in written.body })
        }
        "notice_letters" -> {
            val letters = noticeLetters(run(), Json.write(step.get("stationery") ?: emptyMap<String, Any>()))
            letters.forEach { letter(it) }
            mapOf("letters" to letters.map { Json.read(it) })
        }
        "import" -> fields(importText(Json.write(step.get("mapping")), step.text("text").toByteArray()))
        else -> throw Unusable("no verb $verb")
    }

    /** A case may ask without having loaded anything. */
    private fun ledger(): Ledger = ledger ?: Ledger.load(Facts()).also { ledger = it }

    private fun proposal(): Proposal = proposal ?: throw Unusable("no proposal yet")

    private fun settlement(): Settlement = settlement ?: throw Unusable("no settlement yet")

    /** The last settlement from now on. What it tells about all of itself is all that it tells. */
    private fun settled(made: Settlement): Table {
        settlement = made
        val about = made.explain()
        if (about.lines != made.lines() || about.differences != made.differences()) throw Unusable("explain differs")
        return fields(about) + mapOf(
            "unapplied" to plain(made.unapplied()), "questions" to plain(made.questions()), "proof" to plain(made.proof()),
            "exchange" to plain(made.exchange()),
        )
    }

    private fun run(): DunningRun = run ?: throw Unusable("no run yet")

    /** The last run from now on. What it counts and what it explains is what it tells. */
    private fun provided(step: Row): Provision {
        val before = list(step.get("before") ?: emptyList<Any>()).map {
            Row(table(it)).run { ProvidedBefore(text("currency"), money("amount")).also { done() } }
        }
        return view(step).provision(policy(step, "provision"), before)
    }

    private fun dunned(made: DunningRun): Table {
        run = made
        val (notices, skipped) = made.notices() to made.skipped()
        if (made.skippedCounts().values.sum() != skipped.size.toULong()) throw Unusable("counts differ")
        for (item in skipped.take(3)) {
            if (made.explain(item.document, item.instalment).reason != item.reason) throw Unusable("explain differs")
        }
        return mapOf("notices" to plain(notices), "skipped" to plain(skipped), "events" to plain(made.events()))
    }

    private fun dunningPolicy(step: Row, named: String = "profile", spelled: String = "policy"): String =
        step.maybeText(named)?.let { profile("dunning", it) } ?: Json.write(step.get(spelled) ?: emptyMap<String, Any>())

    private fun view(step: Row): View = ledger().asOf(step.day("as_of"), step.maybeDay("known_on"))

    private fun drawn(text: String): Table {
        val spec = table(Json.read(text))
        val title = table(spec["title"])
        val colour = table(table(table(spec["spec"])["encoding"])["color"] ?: emptyMap<String, Any>())
        val colours = table(colour["scale"] ?: emptyMap<String, Any>())["range"]
        return mapOf("title" to title["text"], "subtitle" to title["subtitle"], "values" to table(spec["data"])["values"], "colours" to colours)
    }

    private fun maybePolicy(step: Row, name: String): String = Json.write(step.get(name) ?: emptyMap<String, Any>())

    /** The model of a step: sent as text and read back. */
    private fun model(step: Row): PredictionModel {
        val trained = ledger().asOf(step.maybeDay("trained") ?: step.day("as_of"), null)
        return PredictionModel.fromText(trained.trainPrediction(maybePolicy(step, "prediction")).toText())
    }

    /** Rows with their reasons, of which each has what its rule looks at. */
    private fun told(rows: List<Any>): List<Table> = rows.map { row ->
        val all = fields(row)
        all + ("reasons" to list(all["reasons"]).map { reason -> table(reason).filterValues { it != null } })
    }

    private fun policy(step: Row, room: String): String =
        step.maybeText("profile")?.let { profile(room, it) } ?: Json.write(step.get("policy") ?: emptyMap<String, Any>())

    private fun reckoned(report: InterestReport): Table = mapOf("items" to plain(report.items), "totals" to plain(report.totals))

    private fun Row.settlementEdit() = SettlementEdit(
        maybeNumber("line")?.toULong(), maybeText("document"), maybeNumber("instalment")?.toUInt(), maybeMoney("amount"),
        get("drop") as Boolean? ?: false, maybeText("discount")?.let { DiscountDecision.valueOf(it.uppercase()) }, maybeText("reason"),
    ).also { done() }

    private fun interestQuestion(step: Row): InterestQuestion = Row(table(step.get("question") ?: emptyMap<String, Any>())).run {
        val charged = list(get("charged") ?: emptyList<Any>()).map {
            Row(table(it)).run { ChargedInterest(text("document"), day("until"), maybeNumber("instalment")?.toUInt()).also { done() } }
        }
        InterestQuestion(charged, texts("compensated"), texts("customers"), texts("documents")).also { done() }
    }

    private fun aged(step: Row): Aging = view(step).aging(policy(step, "aging"), step.texts("by"), where(step))

    private fun where(step: Row): Map<String, List<String>> =
        table(step.get("where") ?: emptyMap<String, Any>()).mapValues { (_, values) -> list(values).map { it as String } }

    private fun aging(step: Row): Table {
        val aging = aged(step)
        return mapOf(
            "labels" to aging.labels(), "column_labels" to aging.columnLabels(),
            "rows" to aging.rows().map { row(aging.by(), it) }, "totals" to aging.totals().map { row(emptyList(), it) },
        )
    }

    private fun reconcile(step: Row): Table {
        val balances = list(step.get("balances")).map {
            Row(table(it)).run {
                ControlBalance(text("currency"), money("balance"), maybeText("company"), maybeText("control_account")).also { done() }
            }
        }
        return mapOf("differences" to plain(view(step).reconcile(balances)))
    }

    private fun post(step: Row): Table {
        val facts = proposal().facts(step.text("id_prefix"))
        ledger = ledger().append(facts, step.day("recorded"))
        return mapOf("allocations" to plain(facts.allocations))
    }

    /**
     * Text that is no decimal goes down as it was typed. What a JSON reader would have made of another value a BigDecimal
     * cannot hold, so it is asked of the one door that takes it: an amount among facts as JSON text.
     */
    private fun money(step: Row): Table {
        val currency = step.text("currency")
        val value = step.get("value")
        if (value !is String) return looseMoney(table(value), currency)
        val exact = Regex("-?[0-9]+(\\.[0-9]+)?").matches(value)
        val money = if (exact) money(BigDecimal(value), currency, settings) else moneyFromText(value, currency, settings)
        return mapOf("money" to money.text, "minor" to money.minor.toString())
    }

    private fun looseMoney(spelled: Table, currency: String): Table {
        val (kind, inner) = spelled.entries.single()
        val amount = when (kind) {
            "float", "int" -> inner.toString()
            "nan" -> "\"NaN\""
            "list" -> "[]"
            "null" -> "null"
            else -> Json.write(inner)
        }
        val document = """{"id":"D","customer":"C","kind":"journal","currency":"$currency","document_date":"2026-01-01","amount":$amount}"""
        try {
            val item = Ledger.fromJson("""{"customers":[{"id":"C"}],"documents":[$document]}""", settings)
                .asOf(LocalDate.of(2026, 1, 1)).openItems().single()
            return mapOf("money" to plain(item.open), "minor" to item.open.unscaledValue().toString())
        } catch (e: ReceivablesException.Refused) {
            val place = mapOf("code" to e.code, "table" to null, "index" to null, "field" to "value")
            throw Answered(place + mapOf("total" to e.total, "problems" to listOf(place)))
        }
    }

    private fun terms(step: Row): String = step.get("terms").let { it as? String ?: Json.write(it) }

    private fun termsDocument(step: Row) = TermsDocument(
        step.day("document_date"), step.text("currency"), step.money("amount"), step.maybeText("base_currency"),
        step.maybeMoney("base_amount"),
    )
}

/** A refusal whose place was put into the words of the step. */
private class Answered(val refusal: Table) : Exception()

private fun refusal(e: ReceivablesException.Refused): Table = mapOf(
    "code" to e.code, "table" to e.table, "index" to e.index, "field" to e.field, "total" to e.total,
    "problems" to plain(e.problems),
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
        } catch (e: Answered) {
            failed = true
            e.refusal
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
