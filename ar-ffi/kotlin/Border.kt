// What may cross the border into the engine, and what is refused there. Prints one line for each failure and a
// closing count.

import java.math.BigDecimal
import java.time.LocalDate
import kotlin.system.exitProcess
import receivables.ArException
import receivables.checkAmount
import receivables.engineVersion

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
    } catch (e: ArException.Ar) {
        e.code == code && e.problems.first().code == code && e.total == 1UL
    }

fun main() {
    val day = LocalDate.of(2026, 1, 31)
    check("the engine has a version") { engineVersion().isNotEmpty() }
    check("exact money keeps every digit") {
        val checked = checkAmount(BigDecimal("10.1"), "EUR", day)
        checked.amount == BigDecimal("10.10") && checked.on == day
    }
    check("an exponent is written out") { checkAmount(BigDecimal("1E+2"), "EUR", day).amount == BigDecimal("100.00") }
    check("too many digits") { refused("too_large") { checkAmount(BigDecimal("1E+40"), "EUR", day) } }
    check("too many places") { refused("too_many_digits") { checkAmount(BigDecimal("10.001"), "EUR", day) } }
    println("kotlin: $passed passed, $failed failed")
    if (failed > 0) exitProcess(1)
}
