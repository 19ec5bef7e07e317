"""The policy of dunning, with every default filled in, or the first offence (docs/specification.md 9)."""

from fractions import Fraction

import interest
import policy as policies
from ledger import WORDS
from policy import bad, is_texts, is_whole
from terms import business_calendar
from values import DIGITS, Failure, Refused, exact, fail

CHOICES = {
    "unit": ["item", "customer"],
    "notice_per": ["customer", "family", "document"],
    "currency": ["document", "base", "single"],
    "basis": ["due_date", "document_date"],
    "credit_notes": ["covers", "listed", "listed_when_due", "ignored"],
    "unapplied": ["covers", "listed", "listed_when_due", "ignored"],
    "in_flight": ["covers", "ignored"],
    **{name: ["left_out", "dunned"] for name in ("disputed", "held", "blocked", "requirements", "promises", "plans", "unfounded")},
    "quiet_days": ["send", "skip"],
    "paid_interest": ["charged", "dropped"],
    "charged_interest": ["lowered", "corrected", "final"],
    "charges": ["posted", "shown"],
    "channel_of": ["level", "customer"],
    "related_charges": ["with_item", "apart"],
}
OTHERS = ["version", "id", "procedures", "procedure", "assign", "kinds", "where", "minimum_item", "blocks", "promise_tolerance_days", "plan_tolerance_days"]
OTHERS += ["weekend", "holidays", "interest", "triggers", "currencies", "templates", "tones"]
SHIPPED = {"tone": ["friendly", "firm", "urgent", "final"], "template": ["activity", "invoice", "statement", "thanks"]}
SHIPPED["template"] += [f"notice/{tone}" for tone in SHIPPED["tone"]]
KINDS = ["invoice", "debit_note", "charge", "journal"]
PROCEDURE = {
    "grace": ["threshold", "free"],
    "edge": ["reached", "passed"],
    **{name: ["calendar_days", "business_days"] for name in ("count", "interval_count", "pay_within_count")},
    "escalation": ["step", "jump"],
    "after_last": ["stop", "repeat"],
    "unchanged": ["left_out", "with_new"],
    "interval_edge": ["reached", "passed"],
    "interval_per": ["desk", "customer"],
    "minimum_of": ["level_and_above", "level"],
    "minimum_credits": ["apart", "deducted"],
}
COUNT_FROM = ["due_date", "end_of_month", "last_notice", "last_notice_due"]
TEXTS = ["name", "tone", "template", "channel", "hand_over"]
FLAGS = ["always", "interest", "compensation"]
FEE = {"of": ["amount", "original"], "mode": ["single", "accumulated"], "once": ["per_level", "per_notice"]}
WHEN = "new_customer invoice_issued days_past_due promise_broken payment_received dispute_opened".split()
MOST_DAYS = 36_525


def dunning(raw):
    if not isinstance(raw, dict):
        bad(None)
    policies.envelope({name: value for name, value in raw.items() if name in ("version", "id")}, {"version": 1, "id": ""})
    procedures = raw.get("procedures")
    if not isinstance(procedures, dict) or not procedures:
        bad("procedures")
    known(raw, [*CHOICES, *OTHERS], "")
    p = {"id": raw.get("id", ""), **{name: word(raw, name, words, name) for name, words in CHOICES.items()}}
    own = names_of_its_own(raw)
    p["interest"] = None if raw.get("interest") is None else below("interest", lambda one: interest.policy(one, own["currencies"]), raw["interest"])
    if p["interest"] is not None and p["requirements"] == "dunned":
        p["interest"] = {**p["interest"], "requirements": "ignored"}
    p["procedures"] = {name: procedure(procedures[name], f"procedures.{name}", own, p["interest"]) for name in sorted(procedures)}
    p["procedure"] = raw.get("procedure")
    if p["procedure"] is None:
        p["procedure"] = next(iter(procedures)) if len(procedures) == 1 else None
    elif not isinstance(p["procedure"], str) or p["procedure"] not in procedures:
        bad("procedure")
    p["assign"] = [assignment(one, f"assign[{i}]", procedures) for i, one in enumerate(tables(raw, "assign", "assign"))]
    p["kinds"] = raw.get("kinds", KINDS)
    if not is_texts(p["kinds"]) or not p["kinds"] or any(kind not in WORDS["kind"] for kind in p["kinds"]):
        bad("kinds")
    p["where"] = raw.get("where") or {}
    if not isinstance(p["where"], dict) or not all(is_texts(values) for values in p["where"].values()):
        bad("where")
    p["minimum_item"] = minimum(raw, "minimum_item", "minimum_item", own)
    p["blocks"] = raw.get("blocks")
    if p["blocks"] is not None and not is_texts(p["blocks"]):
        bad("blocks")
    for name in ("promise_tolerance_days", "plan_tolerance_days"):
        p[name] = days(raw, name, name, 0)
    p["calendar"] = calendar(raw)
    for one in p["procedures"].values():
        one["calendar"] = p["calendar"]
    p["triggers"] = triggers(raw, own)
    for name in sorted(procedures):
        for i, one in enumerate(p["procedures"][name]["levels"]):
            if p["unit"] == "customer" and one["days"] < 0:
                bad(f"procedures.{name}.levels[{i}].days")
    return p


def names_of_its_own(raw):
    """Currencies, templates and tones that the policy lists beside those that there are."""
    own = {}
    for name in ("currencies", "templates", "tones"):
        own[name] = raw.get(name, [])
        if not is_texts(own[name]):
            bad(name)
    for name in ("currencies", "templates", "tones"):
        for i, text in enumerate(own[name]):
            if not text or (name == "currencies" and not interest.is_code(text)):
                bad(f"{name}[{i}]")
    return own


def named(name, value, own, path):
    """A tone or template: none, one that is shipped, or one's own."""
    if value and value not in SHIPPED[name] and value not in own[f"{name}s"]:
        bad(f"{path}.{name}")


def below(path, read, raw):
    """What another page says of a policy inside of this one, its path put below ours."""
    try:
        return read(raw)
    except Failure as failure:
        at = failure.problems[0]
        fail(at["code"], path + (f".{at['field']}" if at["field"] else ""))


# --- small readers -------------------------------------------------------------------------------------------------------------


def known(entry, names, path):
    if not isinstance(entry, dict):
        bad(path)
    for name in sorted(entry):
        if name not in names:
            bad(f"{path}.{name}" if path else name)


def word(raw, name, words, path):
    value = raw.get(name, words[0])
    if not isinstance(value, str) or value not in words:
        bad(path)
    return value


def tables(raw, name, path):
    found = raw.get(name)
    found = [] if found is None else found
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        bad(path)
    return found


def members(raw, name, path, names, required):
    """The tables of a list; one with a field that is not known, or without one it needs, is the list's offence."""
    found = tables(raw, name, path)
    if any(set(one) - set(names) or not set(required) <= {k for k, v in one.items() if v is not None} for one in found):
        bad(path)
    return found


def days(raw, name, path, default, least=0):
    value = raw.get(name, default)
    if value is None and default is None:
        return None
    if not is_whole(value) or not least <= value <= MOST_DAYS:
        bad(path)
    return value


def count(raw, name, path):
    value = raw.get(name)
    if value is not None and (not is_whole(value) or not 0 <= value <= 2_147_483_647):
        bad(path)
    return value


def amount(raw, name, path, default=None):
    if raw.get(name) is None:
        return default
    try:
        value = Fraction(exact(raw[name]))
    except Refused:
        bad(path)
    if value < 0:
        bad(path)
    return value


def percent(raw, name, path, default=None):
    value = amount(raw, name, path, default)
    if value is not None and value > 100:
        bad(path)
    return value


def currency(entry, path, own, before):
    """A currency that is known and that no entry before has."""
    code = entry["currency"]
    if not isinstance(code, str) or (code not in DIGITS and code not in own["currencies"]) or code in before:
        bad(f"{path}.currency")
    return code


def minimum(raw, name, path, own):
    """Currency -> amount in major units."""
    out = {}
    for i, entry in enumerate(members(raw, name, path, ("currency", "amount"), ("currency", "amount"))):
        here = f"{path}[{i}]"
        code = currency(entry, here, own, out)
        out[code] = amount(entry, "amount", f"{here}.amount")
    return out


def calendar(raw):
    given = {name: raw[name] for name in ("weekend", "holidays") if raw.get(name) is not None}
    try:
        return business_calendar(given, "x")
    except Failure as failure:
        bad(failure.problems[0]["field"].removeprefix("x."))


# --- procedures and levels -------------------------------------------------------------------------------------------------


def procedure(raw, path, own, charging):
    known(raw, [*PROCEDURE, "levels", "grace_days", "interval_days", "minimum_days", "max_notices", "minimum"], path)
    p = {name: word(raw, name, words, f"{path}.{name}") for name, words in PROCEDURE.items()}
    p["grace_days"] = days(raw, "grace_days", f"{path}.grace_days", 0)
    p["interval_days"] = days(raw, "interval_days", f"{path}.interval_days", 0)
    p["minimum_days"] = days(raw, "minimum_days", f"{path}.minimum_days", None)
    p["max_notices"] = count(raw, "max_notices", f"{path}.max_notices")
    p["minimum"] = minimum(raw, "minimum", f"{path}.minimum", own)
    names = ["days", "count_from", "minimum", "minimum_percent", "minimum_count", "pay_within_days", "notice_fee", "line_fee", *TEXTS, *FLAGS]
    levels = members(raw, "levels", f"{path}.levels", names, ("days",))
    if not 1 <= len(levels) <= 99:
        bad(f"{path}.levels")
    p["levels"] = [level(one, f"{path}.levels[{i}]", own, charging) for i, one in enumerate(levels)]
    for i, one in enumerate(p["levels"]):
        if one["days"] < 0 and one["count_from"] != "due_date":
            bad(f"{path}.levels[{i}].days")
        if one["count_from"] in ("due_date", "end_of_month"):
            before = [other["days"] for other in p["levels"][:i] if other["count_from"] == one["count_from"]]
            if before and one["days"] < before[-1]:
                bad(f"{path}.levels[{i}].days")
        if one["hand_over"] and i + 1 < len(p["levels"]):
            bad(f"{path}.levels[{i}].hand_over")
    return p


def level(raw, path, own, charging):
    out = {"days": days(raw, "days", f"{path}.days", 0, -MOST_DAYS), "count_from": word(raw, "count_from", COUNT_FROM, f"{path}.count_from")}
    for name in TEXTS:
        out[name] = raw.get(name) if raw.get(name) is not None else ""
        if not isinstance(out[name], str):
            bad(f"{path}.{name}")
    for name in FLAGS:
        out[name] = raw.get(name, False)
        if not isinstance(out[name], bool):
            bad(f"{path}.{name}")
        if name != "always" and out[name] and charging is None:
            bad(f"{path}.{name}")
    out["minimum"] = minimum(raw, "minimum", f"{path}.minimum", own)
    named("tone", out["tone"], own, path)
    named("template", out["template"], own, path)
    if out["template"] in SHIPPED["template"][:4] and out["template"] not in own["templates"]:
        bad(f"{path}.template")  # a letter of another kind
    out["minimum_percent"] = percent(raw, "minimum_percent", f"{path}.minimum_percent")
    out["minimum_count"] = count(raw, "minimum_count", f"{path}.minimum_count")
    out["pay_within_days"] = days(raw, "pay_within_days", f"{path}.pay_within_days", None)
    for name in ("notice_fee", "line_fee"):
        out[name] = None if raw.get(name) is None else fee(raw[name], f"{path}.{name}", own)
    return out


def fee(raw, path, own):
    known(raw, [*FEE, "currencies"], path)
    out = {name: word(raw, name, words, f"{path}.{name}") for name, words in FEE.items()}
    if raw.get("once") is None:
        out["once"] = None
    if raw.get("currencies") is None:
        bad(f"{path}.currencies")
    out["currencies"] = {}
    names = ("currency", "tax_percent", "tiers")
    for i, entry in enumerate(members(raw, "currencies", f"{path}.currencies", names, ("currency", "tiers"))):
        here = f"{path}.currencies[{i}]"
        code = currency(entry, here, own, out["currencies"])
        one = {"tax_percent": percent(entry, "tax_percent", f"{here}.tax_percent", Fraction(0)), "tiers": []}
        for j, tier in enumerate(members(entry, "tiers", f"{here}.tiers", ("from", "amount", "percent", "minimum", "maximum"), ())):
            at = f"{here}.tiers[{j}]"
            new = {"from": amount(tier, "from", f"{at}.from", Fraction(0)), "amount": amount(tier, "amount", f"{at}.amount", Fraction(0))}
            new["percent"] = percent(tier, "percent", f"{at}.percent", Fraction(0))
            new |= {name: amount(tier, name, f"{at}.{name}") for name in ("minimum", "maximum")}
            if None not in (new["minimum"], new["maximum"]) and new["minimum"] > new["maximum"]:
                bad(f"{at}.maximum")
            if one["tiers"] and new["from"] <= one["tiers"][-1]["from"]:
                bad(f"{at}.from")
            one["tiers"].append(new)
        out["currencies"][code] = one
    return out


# --- who has which procedure, and what else is told -----------------------------------------------------------------------


def assignment(raw, path, procedures):
    if any(name not in ("customers", "groups", "companies", "procedure") for name in raw):
        bad("assign")
    lists = [name for name in ("customers", "groups", "companies") if raw.get(name) is not None]
    if len(lists) != 1:
        bad(path)
    for name in lists:
        if not is_texts(raw[name]):
            bad(f"{path}.{name}")
    name = raw.get("procedure")
    if name is not None and (not isinstance(name, str) or name not in procedures):
        bad(f"{path}.procedure")
    return {"list": lists[0], "names": raw[lists[0]], "procedure": name}


def triggers(raw, own):
    out = []
    names = ("id", "when", "days", "count", "within_days", "action", "channel", "template")
    for i, one in enumerate(members(raw, "triggers", "triggers", names, ("id", "when", "action"))):
        path = f"triggers[{i}]"
        new = {name: one.get(name) if one.get(name) is not None else "" for name in ("id", "action", "channel", "template")}
        for name, value in new.items():
            if not isinstance(value, str):
                bad(f"{path}.{name}")
        if not new["id"] or "/" in new["id"] or new["id"] in [other["id"] for other in out]:
            bad(f"{path}.id")
        named("template", new["template"], own, path)
        new["when"] = word(one, "when", WHEN, f"{path}.when")
        new["count"] = word(one, "count", PROCEDURE["count"], f"{path}.count")
        if new["count"] != "calendar_days" and new["when"] != "days_past_due":
            bad(f"{path}.count")
        new["days"] = days(one, "days", f"{path}.days", 0, -MOST_DAYS)
        new["within_days"] = days(one, "within_days", f"{path}.within_days", 7)
        out.append(new)
    return out
