// JSON as the case harness needs it: numbers stay exact, and what is written is canonical.

import java.math.BigDecimal

class BadJson(at: Int, what: String) : Exception("$what at $at")

/** Reads text to Map, List, String, Long, BigDecimal, Boolean and null. */
class Json private constructor(private val text: String) {
    private var at = 0

    companion object {
        fun read(text: String): Any? = Json(text).run { value().also { if (peek() != null) fail("more text") } }

        /** Keys sorted by their bytes, no spaces. */
        fun write(value: Any?): String = StringBuilder().also { write(value, it) }.toString()

        private fun write(value: Any?, to: StringBuilder) {
            when (value) {
                null, is Boolean, is Int, is Long, is UInt, is ULong -> to.append(value)
                is BigDecimal -> to.append(value.toPlainString())
                is String -> quote(value, to)
                is List<*> -> {
                    to.append('[')
                    value.forEachIndexed { place, part -> if (place > 0) to.append(','); write(part, to) }
                    to.append(']')
                }
                is Map<*, *> -> {
                    to.append('{')
                    value.entries.sortedBy { it.key as String }.forEachIndexed { place, (key, part) ->
                        if (place > 0) to.append(',')
                        quote(key as String, to)
                        to.append(':')
                        write(part, to)
                    }
                    to.append('}')
                }
                else -> throw IllegalArgumentException("no JSON for ${value::class}")
            }
        }

        private fun quote(text: String, to: StringBuilder) {
            to.append('"')
            for (c in text) when {
                c == '"' || c == '\\' -> to.append('\\').append(c)
                c < ' ' -> to.append("\\u%04x".format(c.code))
                else -> to.append(c)
            }
            to.append('"')
        }
    }

    private fun fail(what: String): Nothing = throw BadJson(at, what)

    /** The next character that is no space, not yet taken. */
    private fun peek(): Char? {
        while (at < text.length && text[at] in " \t\r\n") at++
        return text.getOrNull(at)
    }

    private fun take(c: Char): Boolean = (peek() == c).also { if (it) at++ }

    private fun expect(c: Char) { if (!take(c)) fail("expected $c") }

    private fun value(): Any? = when (peek()) {
        '{' -> buildMap {
            expect('{')
            if (!take('}')) do {
                val key = string()
                expect(':')
                put(key, value())
            } while (take(',') || !take('}').also { if (!it) fail("expected }") })
        }
        '[' -> buildList {
            expect('[')
            if (!take(']')) do add(value()) while (take(',') || !take(']').also { if (!it) fail("expected ]") })
        }
        '"' -> string()
        't' -> word("true", true)
        'f' -> word("false", false)
        'n' -> word("null", null)
        else -> number()
    }

    private fun word(word: String, value: Boolean?): Boolean? {
        if (!text.startsWith(word, at)) fail("expected $word")
        at += word.length
        return value
    }

    private fun number(): Any {
        val from = at
        while (at < text.length && text[at] in "+-.0123456789eE") at++
        val digits = text.substring(from, at)
        return digits.toLongOrNull() ?: digits.toBigDecimalOrNull() ?: fail("expected a value")
    }

    private fun string(): String {
        expect('"')
        val out = StringBuilder()
        while (true) {
            val c = text.getOrNull(at++) ?: fail("expected a closing quote")
            when (c) {
                '"' -> return out.toString()
                '\\' -> out.append(escaped())
                else -> out.append(c)
            }
        }
    }

    private fun escaped(): Char = when (val c = text.getOrNull(at++)) {
        'b' -> '\b'
        'f' -> '\u000c'
        'n' -> '\n'
        'r' -> '\r'
        't' -> '\t'
        'u' -> text.substring(at, at + 4).toInt(16).toChar().also { at += 4 }
        null -> fail("expected an escape")
        else -> c
    }
}
