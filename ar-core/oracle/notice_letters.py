"""The letters of a dunning run, before they are written (docs/specification.md 10, Letters of a run)."""

import re

from letters import LANGUAGES, TONES, local_money, made
from values import Refused, fail, show

DEFAULTS = {"version": 1, "id": "", "sender": {"name": ""}, "companies": {}, "customers": {}, "language": "en", "languages": {}}
DEFAULTS |= {"format": "text", "id_prefix": "", "link": None, "reference": "document", "aging_days": []}
SENDER = dict.fromkeys("email phone bank iban bic tax_id signatory".split())
ACCOUNT = {"en": "Account", "de": "Konto", "fr": "Compte", "es": "Cuenta"}
LEFT_OUT = {
    "en": "Of {} open, {} is promised, on its way or covered by credits, and not asked for here.",
    "de": "Von offenen {} sind {} zugesagt, unterwegs oder durch Gutschriften gedeckt und werden hier nicht verlangt.",
    "fr": "Sur {} restant dus, {} sont promis, en cours de paiement ou couverts par des avoirs et ne sont pas réclamés ici.",
    "es": "De {} pendientes, {} están prometidos, en camino o cubiertos por abonos y no se reclaman aquí.",
}


def stationery(given):
    for name in given:
        if name not in DEFAULTS:
            fail("policy_invalid", name)
    one = {**DEFAULTS, **given}
    if one["reference"] not in ("document", "customer", "none"):
        fail("policy_invalid", "reference")
    if one["version"] != 1:
        fail("unsupported_version", "version")
    if one["link"] is not None:
        whole = re.sub(r"\{(customer|notice|reference)\}", "x", one["link"])
        if not re.fullmatch(r"https?://[!#-;=?-\[\]_a-~]+", whole) or re.search("[{}]", whole):
            fail("policy_invalid", "link")
    if any(low >= high for low, high in zip(one["aging_days"], one["aging_days"][1:])):
        fail("policy_invalid", "aging_days")
    return one


def language_of(one, code):
    code = code.strip().lower()
    if not code:
        return one["language"]
    for part in (code, re.split("[-_]", code)[0]):
        if part in one["languages"]:
            return one["languages"][part]
        if part in LANGUAGES:
            return part
    return None


def tone_of(notice, levels):
    if notice["tone"]:
        return notice["tone"] if notice["tone"] in TONES else None
    if notice["hand_over"]:
        return "final"
    if notice["level"] == 1:
        return "friendly"
    return {0: "final", 1: "urgent"}.get(levels - notice["level"], "firm")


def references(run, of):
    made_of = []
    for notice in run.notices:
        text = {"document": notice["lines"][0]["item"]["document"], "customer": notice["customer"], "none": ""}[of]
        try:
            made_of.append(made(re.sub("[^0-9A-Za-z]", "", text)[-21:])["reference"])
        except Refused:
            made_of.append(None)
    return [one if made_of.count(one) == 1 else None for one in made_of]


def quoted(text):
    return re.sub(rb"[^0-9A-Za-z._~-]", lambda byte: b"%%%02X" % byte[0][0], text.encode()).decode("ascii")


def letters(run, given):
    one = stationery(given)
    return [letter(run, one, place, *both) for place, both in enumerate(zip(run.notices, references(run, one["reference"])))]


def letter(run, one, place, notice, reference):
    digits = run.digits(notice["currency"])
    tone = tone_of(notice, len(run.policy["procedures"][notice["procedure"]]["levels"]))
    language = language_of(one, notice["language"])
    for name, found in (("tone", tone), ("language", language)):
        if found is None:
            fail("unknown_kind", f"notices[{place}].{name}")
    number = f"{one['id_prefix']}-{place + 1}" if one["id_prefix"] else str(place + 1)
    entry = {"name": "", "address": [], "contact": None, "salutation": None, **one["customers"].get(notice["customer"], {})}
    told = {"customer": notice["customer"], "notice": number, "reference": reference or ""}
    link = one["link"] and re.sub(r"\{(customer|notice|reference)\}", lambda name: quoted(told[name[1]]), one["link"])

    def charged(minor):
        return show(minor, digits) if minor else None

    return {
        "kind": "notice",
        "tone": tone,
        "template": notice["template"] or None,
        "language": language,
        "format": one["format"],
        "date": run.view.on.isoformat(),
        "sender": {"address": [], **SENDER, **one["companies"].get(notice["company"], one["sender"])},
        "customer": {
            "id": notice["customer"],
            "name": entry["name"] if entry["name"].strip() else notice["customer"],
            "address": entry["address"],
            "contact": notice["contact"] or entry["contact"],
            "salutation": entry["salutation"],
        },
        "currency": notice["currency"],
        "document": number if one["id_prefix"] else None,
        "period": None,
        "lines": [line_of(run, notice, line, language, digits) for line in notice["lines"]],
        "opening_balance": None,
        "taxes": [],
        "fees": charged(notice["fee"] + notice["fee_tax"] + notice["line_fees"]),
        "interest": charged(notice["interest"]),
        "compensation": charged(notice["compensation"]),
        "total": show(notice["total"], digits),
        "due_date": notice["due_date"] and notice["due_date"].isoformat(),
        "instalments": [],
        "payment": {"link": link, "reference": reference},
        "aging": aging(run, one["aging_days"], notice, digits),
        "message": None,
    }


def days_late(run, item):
    return None if item["due"] is None else (run.view.on - item["due"]).days


def line_of(run, notice, line, language, digits):
    item, document = line["item"], line["item"]["doc"]

    def figure(minor):
        return run.figure(minor, document["currency"], notice["currency"])

    off = max(line["open"] - line["amount"], 0)
    disputed = min(max(figure(item["disputed"]) if run.leaves_out("disputed") else 0, 0), off)
    notes = []
    if document["customer"] != notice["customer"]:
        notes.append(f"{ACCOUNT[language]} {document['customer']}")
    if off > disputed:
        parts = [local_money(minor, digits, notice["currency"], language) for minor in (line["open"], off - disputed)]
        notes.append(LEFT_OUT[language].format(*parts))
    fee = line["line_fee"] + line["line_fee_tax"]
    return {
        "document": item["document"],
        "instalment": item["instalment"] or None,
        "reference": document.get("reference") or None,
        "document_date": document["document_date"].isoformat(),
        "due_date": item["due"] and item["due"].isoformat(),
        "days_past_due": days_late(run, item),
        "amount": show(figure(item["amount"]), digits),
        "open": show(line["amount"] + disputed, digits),
        "level": line["level"] or None,
        "disputed": show(disputed, digits) if disputed else None,
        "interest": show(line["interest"], digits) if line["interest"] else None,
        "fee": show(fee, digits) if fee else None,
        "note": " · ".join(notes) or None,
    }


def aging(run, edges, notice, digits):
    if not edges:
        return []
    labels = [f"≤ {edges[0]}", *(f"{low + 1}–{high}" for low, high in zip(edges, edges[1:])), f"> {edges[-1]}"]
    sums = [0] * len(labels)
    for line in notice["lines"]:
        if line["level"]:
            late = days_late(run, line["item"])
            sums[sum(late is not None and late > edge for edge in edges)] += line["amount"]
    return [{"label": label, "amount": show(minor, digits)} for label, minor in zip(labels, sums)]
