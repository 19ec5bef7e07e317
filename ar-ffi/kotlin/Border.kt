// What may cross the border into the engine, and what is refused there. Prints one line for each failure and a
// closing count.

import java.math.BigDecimal
import kotlin.system.exitProcess
import receivables.ReceivablesException
import receivables.engineVersion
import receivables.money

private var passed = 0
private var failed = 0

private fun check(name: String, body: () -> Boolean) {
    val error = runCatching { if (body()) null else "was not so" }.getOrElse { it.toString() }
    if (error == null) passed++ else failed++.also { println("FAILED $name: $error") }
}

private fun refused(code: String, body: () -> Unit): Boolean =
    try {
        body()
        false
    } catch (e: ReceivablesException.Refused) {
        e.code == code && e.problems.first().code == code && e.total == 1UL
    }

fun main() {
    check("the engine has a version") { engineVersion().isNotEmpty() }
    check("exact money keeps every digit") { money(BigDecimal("10.1"), "EUR").text == "10.10" }
    check("an exponent is written out") { money(BigDecimal("1E+2"), "EUR").minor == 10_000L }
    check("too many digits") { refused("too_large") { money(BigDecimal("1E+40"), "EUR") } }
    check("too many places") { refused("too_many_digits") { money(BigDecimal("10.001"), "EUR") } }
    println("kotlin: $passed passed, $failed failed")
    if (failed > 0) exitProcess(1)
}
