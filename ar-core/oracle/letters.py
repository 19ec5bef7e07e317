"""Letters: creditor references, local dates and amounts, and what can be told of a letter without writing it.

The subject of a letter is the first part of its template, of which this reads no more than a name between braces and `if`
with `else`. Of the body it knows the pieces that must stand in it: names, numbers, dates, amounts, the reference.
"""

import re
from pathlib import Path

from values import Refused, day, exact, fail, money, show

MONTHS = "January February March April May June July August September October November December".split()
LANGUAGES = ("en", "de", "fr", "es")
KINDS = ("notice", "statement", "activity", "invoice", "thanks")
TONES = ("friendly", "firm", "urgent", "final")
SHIPPED = Path(__file__).resolve().parent.parent / "letters"
NO_BREAK, NARROW = "\u00a0", "\u202f"


# --- references ------------------------------------------------------------------------------------------------------


def fours(text):
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def plain(text):
    own = text.replace(" ", "")
    if not re.fullmatch(r"[0-9A-Za-z]*", own):
        fail("reference_invalid", "text")
    return own.upper()


def reference(own):
    if not 1 <= len(own) <= 21:
        fail("reference_invalid", "text")
    number = int("".join(str(int(letter, 36)) for letter in own + "RF00"))
    whole = f"RF{98 - number % 97:02d}{own}"
    return {"reference": whole, "printed": fours(whole)}


def made(text):
    return reference(plain(text))


def checked(text):
    whole = plain(text)
    if not re.match(r"RF[0-9][0-9]", whole):
        fail("reference_invalid", "text")
    good = reference(whole[4:])
    if good["reference"] != whole:
        fail("reference_invalid", "text")
    return good


# --- dates and amounts -----------------------------------------------------------------------------------------------


def known_language(language):
    if language not in LANGUAGES:
        fail("unknown_kind", "language")


def local_date(date, language):
    if language == "en":
        return f"{date.day} {MONTHS[date.month - 1]} {date.year}"
    if language == "de":
        return f"{date.day:02d}.{date.month:02d}.{date.year}"
    if language == "fr":
        return f"{date.day:02d}/{date.month:02d}/{date.year}"
    return f"{date.day}/{date.month}/{date.year}"


def local_amount(minor, digits, language):
    whole, _, rest = show(abs(minor), digits).partition(".")
    group, point = {"en": (",", "."), "fr": (NARROW, ",")}.get(language, (".", ","))
    text = f"{int(whole):,}".replace(",", group) + (point + rest if rest else "")
    return "-" + text if minor < 0 else text


def local_money(minor, digits, currency, language):
    amount = local_amount(minor, digits, language)
    return f"{currency}{NO_BREAK}{amount}" if language == "en" else f"{amount}{NO_BREAK}{currency}"


# --- text ------------------------------------------------------------------------------------------------------------


def harmless(text):
    text = re.sub("\r\n|[\t\n\v\f\r\x85\u2028\u2029]", " ", text)
    return re.sub("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "\ufffd", text)


def escaped(text):
    for letter, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        text = text.replace(letter, entity)
    return text


# --- templates -------------------------------------------------------------------------------------------------------

# What a template may name, as far as cases ask.
VARIABLES = set(
    "kind tone language currency date pay_by document period_from period_to sender customer salutation lines credits count"
    " late days level subtotal credit_total disputed overdue fees interest compensation opening_balance on_account total"
    " owed payment".split()
)
FIELDS = {"sender": {"name", "address"}, "customer": {"id", "name", "address", "contact"}}
WORDS = {"if", "else", "elif", "endif", "for", "in", "endfor", "and", "or", "not", "is"}


def parts(text):
    found, above = [[]], [0]
    for number, line in enumerate(text.split("\n"), 1):
        if line.rstrip() == "---":
            found.append([])
            above.append(number)
        else:
            found[-1].append(line)
    return ["\n".join(part) for part in found]


def prove(key, text):
    names = key.split("/")
    good = len(names) in (2, 3) and names[0] in LANGUAGES and names[1] in KINDS
    if not good or (len(names) == 2 and names[1] == "notice") or not all(re.fullmatch("[a-z0-9_-]{1,40}", n) for n in names[2:]):
        fail("policy_invalid", f"templates.{key}")
    if len(parts(text)) != 3:
        fail("policy_invalid", f"templates.{key}")
    for number, line in enumerate(text.split("\n"), 1):
        for code in re.findall(r"\{\{(.*?)\}\}|\{%(.*?)%\}", line):
            for name, _, field in re.findall(r"([a-z_]+)(\.([a-z_]+))?", "".join(code)):
                if name not in VARIABLES | WORDS or (field and field not in FIELDS.get(name, {field})):
                    fail("policy_invalid", f"templates.{key}:{number}")


def said(text, values):
    """A subject: `{% if name %}…{% else %}…{% endif %}` not nested, and `{{ name }}`."""

    def branch(match):
        yes, _, no = match[2].partition("{% else %}")
        return yes if values.get(match[1]) else no

    text = re.sub(r"\{% if (\w+) %\}(.*?)\{% endif %\}", branch, text, flags=re.S)
    text = re.sub(r"\{\{ ([\w.]+) \}\}", lambda match: values[match[1]], text)
    return " ".join(word for word in re.split("[ \n\r\t]", text) if word)


# --- letters ---------------------------------------------------------------------------------------------------------


def amount_of(value, path):
    try:
        return exact(value)
    except Refused as refused:
        fail(refused.code, path)


def word(letter, name, words):
    if letter.get(name) is not None and letter[name] not in words:
        fail("unknown_kind", name)


def letter(step, digits):
    one, policy = step["letter"], step.get("letters", {})
    word(one, "kind", KINDS)
    word(one, "tone", TONES)
    word(one, "language", LANGUAGES)
    amount_of(one["total"], "total")
    own = policy.get("templates", {})
    for key in sorted(own):
        prove(key, own[key])
    kind, language = one["kind"], one["language"]
    name = one.get("template")
    if name is None:
        if kind == "notice" and one.get("tone") is None:
            fail("missing_field", "tone")
        name = f"notice/{one['tone']}" if kind == "notice" else kind
    key = f"{language}/{name}"
    file = SHIPPED / f"{key}.txt"
    if name.split("/")[0] != kind or (key not in own and not file.is_file()):
        fail("unknown_reference", "template")
    text = own.get(key) or file.read_text(encoding="utf-8")
    currency = one["currency"]
    if currency not in digits:
        fail("unknown_currency", "currency")
    if one.get("tone") is not None and kind != "notice":
        fail("unknown_field", "tone")
    values, pieces = figures(one, digits[currency])
    values["customer.name"] = harmless(one["customer"]["name"])
    values["document"] = harmless(one.get("document") or "")
    pieces += [harmless(one[who]["name"]) for who in ("sender", "customer")]
    body = [escaped(piece) for piece in pieces] if one.get("format") == "html" else pieces
    return {
        "subject": said(parts(text)[0], values),
        "format": one.get("format", "text"),
        "language": language,
        "template": key,
        "found": [any(asked in piece for piece in body) for asked in step.get("find", [])],
    }


def figures(one, digits):
    language, date = one["language"], day(one["date"])

    def minor(value, path):
        try:
            return money(exact(value), digits)
        except Refused as refused:
            fail(refused.code, path)

    def shown(amount):
        return local_amount(amount, digits, language)

    total = minor(one["total"], "total")
    link = (one.get("payment") or {}).get("link")
    if link is not None and not re.fullmatch(r"https?://[!#-;=?-\[\]_a-~]+", link):
        fail("letter_invalid", "payment.link")
    quoted = (one.get("payment") or {}).get("reference") or ""
    if re.match("RF[0-9][0-9]", quoted.replace(" ", "").upper()):
        try:
            quoted = checked(quoted)["printed"]
        except Exception:
            fail("reference_invalid", "payment.reference")
    charges = [minor(one.get(name) or "0", name) for name in ("fees", "interest", "compensation")]
    amounts = opened = disputed = late = 0
    pieces = [quoted, *[shown(charge) for charge in charges if charge], shown(total), local_date(date, language)]
    for at, line in enumerate(one.get("lines", [])):
        amount = minor(line["amount"], f"lines[{at}].amount")
        left = minor(line["open"], f"lines[{at}].open") if line.get("open") is not None else amount
        apart = minor(line.get("disputed") or "0", f"lines[{at}].disputed")
        amounts, opened, disputed = amounts + amount, opened + left, disputed + apart
        pieces += [harmless(line["document"]), shown(amount), shown(left), shown(apart)]
        pieces.append(local_date(day(line["document_date"]), language))
        if line.get("due_date"):
            due = day(line["due_date"])
            days = (date - due).days
            late += left >= 0 and days > 0
            pieces += [local_date(due, language), str(days) if days > 0 else ""]
    expected = {
        "notice": opened - disputed + sum(charges),
        "statement": opened + sum(charges),
        "activity": minor(one.get("opening_balance") or "0", "opening_balance") + amounts,
        "invoice": amounts + sum(minor(tax["amount"], "taxes") for tax in one.get("taxes", [])),
        "thanks": max(total, amounts),
    }[one["kind"]]
    if expected != total:
        fail("does_not_add_up", "total")
    pay_by = local_date(day(one["due_date"]), language) if one.get("due_date") else ""
    period = one.get("period")
    pieces += [pay_by, shown(-disputed)]
    values = {
        "total": local_money(total, digits, one["currency"], language),
        "date": local_date(date, language),
        "late": late,
        "pay_by": pay_by,
        "period_from": local_date(day(period["from"]), language) if period else "",
        "period_to": local_date(day(period["to"]), language) if period else "",
    }
    return values, pieces
