// The gallery of errors through the Kotlin package: every input of docs/errors.md is refused as shown there. What its types
// cannot hold is handed over as JSON text.
//
// One argument: the folder ar-core/tests/gallery. Prints each failure, then one line.

import java.io.File
import java.math.BigDecimal
import java.time.LocalDate
import kotlin.system.exitProcess
import receivables.*

private class Gallery(private val folder: String) {
    private val given = table(read("given"))

    fun read(name: String): Any? = Json.read(File(folder, "$name.json").readText())

    private fun held() = Ledger.load(facts(table(given["facts"])), Json.write(given["settings"]))

    /** Does what an input asks for; it is meant to be refused. */
    private fun run(input: Table) {
        val asText = asText(input)
        val settings = Json.write(input["settings"] ?: emptyMap<String, Any>())
        fun day(name: String) = LocalDate.parse(input[name] as String)
        when {
            "load" in input && asText -> Ledger.fromJson(Json.write(input["load"]), settings)
            "load" in input -> Ledger.load(facts(table(input["load"])), settings)
            "settings" in input -> Ledger.load(Facts(), settings)
            "mapping" in input -> importText(Json.write(input["mapping"]), ByteArray(0))
            "allocation_policy" in input -> held().asOf(LocalDate.of(2026, 2, 1)).propose(Json.write(input["allocation_policy"]))
            "interest_policy" in input -> held().asOf(LocalDate.of(2026, 2, 1)).interest(Json.write(input["interest_policy"]))
            "creditor_reference" in input -> creditorReference(input["creditor_reference"] as String)
            "letter" in input -> letter(Json.write(input["letter"]), Json.write(input["letters"] ?: emptyMap<String, Any>()))
            "append" in input && asText -> held().appendJson(Json.write(input["append"]), day("recorded"))
            "append" in input -> {
                val ledger = held().append(facts(table(input["append"])), day("recorded"))
                if ("prediction_policy" in input) {
                    val watch = TrainingWatch.create()
                    if (input["stopped"] == true) watch.stop()
                    ledger.asOf(day("recorded")).trainPrediction(Json.write(input["prediction_policy"]), watch = watch)
                }
                if ("dunning_policy" in input) ledger.asOf(day("recorded")).dun(Json.write(input["dunning_policy"]))
                if ("credit_policy" in input) askCredit(ledger, day("recorded"), input)
                if ("undo" in input) ledger.asOf(day("recorded")).undo(list(input["undo"]).map { it as String })
            }
            "credit_policy" in input -> askCredit(held(), day("as_of"), input)
            "provision_policy" in input -> {
                val (view, policy) = held().asOf(day("as_of")) to Json.write(input["provision_policy"])
                val before = list(input["before"] ?: emptyList<Any>()).map {
                    table(it).run { ProvidedBefore(get("currency") as String, BigDecimal(get("amount") as String)) }
                }
                if ("then" in input) view.backTest(held().asOf(day("then")), policy)
                view.provision(policy, before)
            }
            "loss_rate_policy" in input -> held().asOf(day("as_of")).lossRates(Json.write(input["loss_rate_policy"]))
            "prediction_policy" in input -> {
                val model = held().asOf(day("trained")).trainPrediction(Json.write(input["prediction_policy"]))
                held().asOf(day("as_of")).predictionDrift(model)
            }
            "dunning_policy" in input -> held().asOf(day("as_of")).dun(Json.write(input["dunning_policy"]))
            "settle" in input -> {
                val edits = list(input["edit"]).map { SettlementEdit(reason = table(it)["reason"] as String) }
                held().asOf(day("as_of")).settle(Json.write(input["settle"])).edit(edits)
            }
            else -> {
                val where = table(input["where"] ?: emptyMap<String, Any>()).mapValues { (_, values) -> list(values).map { it as String } }
                val by = list(input["by"] ?: emptyList<Any>()).map { it as String }
                held().asOf(day("as_of")).aging(Json.write(input["aging_policy"]), by, where).rows()
            }
        }
    }

    /** Whether a document may go, or for a limit. */
    fun askCredit(ledger: Ledger, day: LocalDate, input: Table) {
        val desk = ledger.credit(Json.write(input["credit_policy"]), day)
        input["check"]?.let { asked ->
            table(asked).run { desk.check(CreditRequest(get("customer") as String, BigDecimal(get("amount") as String), get("currency") as String)) }
        }
        input["propose_limit"]?.let { asked ->
            table(asked).run {
                val volume = (get("monthly_volume") as String?)?.let(::BigDecimal)
                desk.proposeLimit(get("currency") as String, get("customer") as String?, volume, get("score") as String?)
            }
        }
    }

    fun asText(input: Table) = "kotlin" in list(input["not_in"] ?: emptyList<Any>())

    fun refusalOf(input: Table): Any? = try {
        run(input)
        "was not refused"
    } catch (e: ReceivablesException.Refused) {
        mapOf("problems" to e.problems.map { listOf(it.code, it.table, it.index, it.field) }, "total" to e.total)
    } catch (e: Exception) {
        e.toString()
    }

    fun countsOf(input: Table): Any? {
        val view = Ledger.load(facts(table(input["load"]))).asOf(LocalDate.parse(input["as_of"] as String))
        val aging = view.aging(Json.write(input["aging_policy"]))
        val proposal = view.propose()
        return mapOf(
            "open_items" to view.openItems(), "rows" to aging.rows(), "totals" to aging.totals(), "items" to aging.items(),
            "lines" to proposal.lines(), "unapplied" to proposal.unapplied(),
        ).mapValues { it.value.size }
    }
}

fun main(arguments: Array<String>) {
    val gallery = Gallery(arguments[0])
    val inputs = list(gallery.read("errors")).map(::table).flatMap { entry -> list(entry["inputs"]).map { entry["code"] to table(it) } }
    // Half a thousand million rows would have to be held to be handed over.
    val made = inputs.zip(list(gallery.read("refusals"))).filter { (input, _) -> "rows" !in input.second }
    val refused = made.map { (input, shown) -> Triple(input, shown, gallery.refusalOf(input.second)) }
    val answered = list(gallery.read("answers")).map(::table).map { Triple(it["name"] to it, it["answer"], gallery.countsOf(it)) }
    val failed = (refused + answered).filter { (_, shown, got) -> Json.write(shown) != Json.write(got) }
    for ((input, shown, got) in failed) {
        println("FAILED ${input.first}: ${Json.write(input.second)}: expected ${Json.write(shown)}, got ${Json.write(got)}")
    }
    println("${made.count { gallery.asText(it.first.second) }} inputs that Kotlin's types cannot hold were JSON text")
    val shown = refused.size + answered.size - failed.size
    println("gallery kotlin $shown as shown, ${inputs.size - made.size} not made, ${failed.size} failed")
    if (failed.isNotEmpty()) exitProcess(1)
}
