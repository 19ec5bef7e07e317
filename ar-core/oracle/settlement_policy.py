"""The policy of a settlement: that of an allocation, and what section 7 of docs/specification.md adds."""

from fractions import Fraction

import policy as policies
from ledger import WORDS
from policy import bad, is_texts, is_whole
from terms import ROUNDINGS
from values import Refused, exact

SEARCHING = "near_amount whole_balance past_due_balance past_due_by_term subset many_to_one scored best_match".split()
STRATEGIES = policies.STRATEGIES + SEARCHING
# Those that let nothing go.
EXACT = ["exact_amount", "subset", "many_to_one"]
CHOICES = {
    "scope": ["account", "customer", "family"],
    "cross_currency": ["refused", "allowed"],
    "exchange_guard": ["none", "half_minor_unit"],
    "past_due_on": ["view_day", "pay_day"],
    "credit_notes": ["by_date", "first", "last"],
    "partial": ["allowed", "refused", "residual"],
}
DISCOUNT = {
    "when": ["deducted", "exact", "usable"],
    "late": ["refused", "asked", "accepted"],
    "part_payments": ["when_cleared", "untouched", "proportional"],
    "in_time": ["all", "closing"],
    "credited": ["kept", "lowered"],
    "of": ["gross", "net"],
    "tax": ["whole", "split"],
    "rounding": ["half_away_from_zero", *ROUNDINGS],
}
TOLERANCE = {
    "blank": ["no_limit", "none"],
    "per": ["document", "payment"],
    "kind": ["tolerance", "write_off"],
    "first": ["tolerance", "discount"],
    "valued": ["document", "day_rate"],
}
MATCH = {"party": ["customer", "other"], "document": ["several", "named", "not_named"], "amount": ["one", "several", "none"]}
CONFIDENCE = ["none", "low", "medium", "high"]
SEARCH = ("items", "work", "ambiguous")
REASONS = ["discount", "under", "over", "bank_charge", "cash_rounding", "residual"]
SIDES = ["both", "under", "over"]
ADDED = ["balance_credits", "past_due_on", "scope", "cross_currency", "exchange_guard", "credit_notes", "priority", "discount", "tolerance", "cash_rounding", "match_rules", "search", "reasons"]


# What has the right shape and contradicts: told only when the whole policy has its shape.
_CONTRADICTIONS = []


def contradicts(field):
    _CONTRADICTIONS.append(field)


def settlement(raw):
    """A policy with every default filled in, or the first offence: of shape before that of sense."""
    if not isinstance(raw, dict):
        bad(None)
    _CONTRADICTIONS.clear()
    plain = {name: value for name, value in raw.items() if name not in ADDED and name not in ("strategies", "partial")}
    strategies = raw.get("strategies")
    policies.envelope(plain, policies.ALLOCATION)
    if strategies is not None and (not is_texts(strategies) or not strategies or any(s not in STRATEGIES for s in strategies)):
        bad("strategies")
    p = policies.allocation(plain)
    if strategies is not None:
        p["strategies"] = strategies
    for name, words in CHOICES.items():
        p[name] = word(raw, name, words, name)
    p["balance_credits"] = raw.get("balance_credits", [])
    if not is_texts(p["balance_credits"]) or any(kind not in WORDS["kind"] for kind in p["balance_credits"]):
        bad("balance_credits")
    if p["cross_currency"] == "allowed" and p["scope"] == "account":
        contradicts("cross_currency")
    p["priority"] = [priority(entry, i) for i, entry in enumerate(entries(raw, "priority", "priority"))]
    p["discount"] = None if raw.get("discount") is None else discount(raw["discount"])
    p["tolerance"] = None if raw.get("tolerance") is None else tolerance(raw["tolerance"])
    p["cash_rounding"] = [rounding(entry, i) for i, entry in enumerate(entries(raw, "cash_rounding", "cash_rounding"))]
    once(p["cash_rounding"], "cash_rounding")
    p["match_rules"] = [match_rule(entry, i) for i, entry in enumerate(entries(raw, "match_rules", "match_rules"))]
    fields(raw.get("search", {}), SEARCH, "search")
    p["reasons"] = reasons(raw.get("reasons", {}))
    if not p["match_rules"] and "scored" in p["strategies"]:
        contradicts("match_rules")
    for i, rule in enumerate(p["match_rules"]):
        if rule["priority"] > 999:
            contradicts(f"match_rules[{i}].priority")
    p["search"] = search(raw.get("search", {}))
    if _CONTRADICTIONS:
        bad(_CONTRADICTIONS[0])
    return p


def word(raw, name, words, path):
    value = raw.get(name, words[0])
    if not isinstance(value, str) or value not in words:
        bad(path)
    return value


def entries(raw, name, path):
    found = raw.get(name, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        bad(path)
    return found


def fields(entry, known, path):
    """The keys of a table."""
    if not isinstance(entry, dict):
        bad(path)
    for name in sorted(entry):
        if name not in known:
            bad(f"{path}.{name}")


def known_keys(entry, known, path):
    """The keys of a member of a list: the list is named."""
    if any(name not in known for name in entry):
        bad(path)


def number(entry, name, path):
    """A decimal of an entry, or None: text or a whole number."""
    if name not in entry or entry[name] is None:
        return None
    try:
        return Fraction(exact(entry[name]))
    except Refused:
        bad(f"{path}.{name}")


def texts(entry, name, path, whole):
    """A list of texts: what is no list names itself, a wrong member of it the outer list."""
    if not isinstance(entry.get(name, []), list):
        bad(f"{path}.{name}")
    if not is_texts(entry.get(name, [])):
        bad(whole)


def priority(entry, i):
    known_keys(entry, ("kinds", "dimension", "values"), "priority")
    for name in ("kinds", "values"):
        texts(entry, name, f"priority[{i}]", "priority")
    if any(kind not in WORDS["kind"] for kind in entry.get("kinds", [])):
        bad("priority")
    if not isinstance(entry.get("dimension", ""), str):
        bad(f"priority[{i}].dimension")
    if "kinds" not in entry and "dimension" not in entry and "values" not in entry:
        contradicts(f"priority[{i}]")
    if "dimension" in entry and "values" not in entry:
        contradicts(f"priority[{i}].values")
    if "values" in entry and "dimension" not in entry:
        contradicts(f"priority[{i}].dimension")
    return entry


def discount(raw):
    fields(raw, [*DISCOUNT, "grace_days"], "discount")
    out = {name: word(raw, name, words, f"discount.{name}") for name, words in DISCOUNT.items()}
    out["grace_days"] = raw.get("grace_days", 0)
    if not is_whole(out["grace_days"]) or out["grace_days"] < 0:
        bad("discount.grace_days")
    if out["grace_days"] > 366:
        contradicts("discount.grace_days")
    return out


def tolerance(raw):
    fields(raw, [*TOLERANCE, "limits", "reason", "clerk", "bank_charges", "strategies"], "tolerance")
    out = {name: word(raw, name, words, f"tolerance.{name}") for name, words in TOLERANCE.items()}
    for name in ("reason", "clerk"):
        out[name] = raw.get(name, "" if name == "reason" else None)
        if out[name] is not None and not isinstance(out[name], str):
            bad(f"tolerance.{name}")
    out["strategies"] = raw.get("strategies")
    if out["strategies"] is not None and (not is_texts(out["strategies"]) or any(s not in STRATEGIES for s in out["strategies"])):
        bad("tolerance.strategies")
    out["limits"] = [limit(entry, i) for i, entry in enumerate(entries(raw, "limits", "tolerance.limits"))]
    if out["clerk"] is not None and all(limit["clerk"] != out["clerk"] for limit in out["limits"]):
        contradicts("tolerance.clerk")
    out["bank_charges"] = [charge(entry, i) for i, entry in enumerate(entries(raw, "bank_charges", "tolerance.bank_charges"))]
    once(out["bank_charges"], "tolerance.bank_charges")
    if set(EXACT) & set(out["strategies"] or []):
        contradicts("tolerance.strategies")
    return out


def once(entries, path):
    """One entry a currency."""
    for i, entry in enumerate(entries):
        if any(other["currency"] == entry["currency"] for other in entries[:i]):
            contradicts(f"{path}[{i}].currency")


def limit(entry, i):
    path = f"tolerance.limits[{i}]"
    known_keys(entry, ("side", "companies", "customers", "clerk", "currency", "amount", "amount_in", "percent"), "tolerance.limits")
    if entry.get("side", "both") not in SIDES:
        bad(f"{path}.side")
    if entry.get("amount_in", "credit") not in ("credit", "base"):
        bad(f"{path}.amount_in")
    for name in ("companies", "customers"):
        texts(entry, name, path, "tolerance.limits")
    for name in ("clerk", "currency"):
        if not isinstance(entry.get(name, ""), str):
            bad(f"{path}.{name}")
    if "amount" not in entry and "percent" not in entry:
        contradicts(path)
    amount, percent = number(entry, "amount", path), number(entry, "percent", path)
    if amount is not None and amount < 0:
        contradicts(f"{path}.amount")
    if amount is not None and "currency" not in entry:
        contradicts(f"{path}.currency")
    if percent is not None and (not 0 <= percent <= 100 or (percent * 10**12).denominator != 1):
        contradicts(f"{path}.percent")
    out = {"amount_in": entry.get("amount_in", "credit"), "side": entry.get("side", "both"), "customers": entry.get("customers", []), "companies": entry.get("companies", [])}
    return {**out, "clerk": entry.get("clerk"), "currency": entry.get("currency"), "amount": amount, "percent": percent}


def charge(entry, i):
    known_keys(entry, ("currency", "amount"), "tolerance.bank_charges")
    path = f"tolerance.bank_charges[{i}]"
    if len(entry) != 2:
        bad("tolerance.bank_charges")
    if not isinstance(entry["currency"], str):
        bad(f"{path}.currency")
    amount = number(entry, "amount", path)
    if amount is None:
        bad(f"{path}.amount")
    if amount <= 0:
        contradicts(f"{path}.amount")
    return {"currency": entry["currency"], "amount": amount}


def rounding(entry, i):
    known_keys(entry, ("currency", "place", "rounding"), "cash_rounding")
    path = f"cash_rounding[{i}]"
    if "currency" not in entry or "place" not in entry:
        bad("cash_rounding")
    if not isinstance(entry["currency"], str):
        bad(f"{path}.currency")
    place = number(entry, "place", path)
    if place is None:
        bad(f"{path}.place")
    if place <= 0:
        contradicts(f"{path}.place")
    return {"currency": entry["currency"], "place": place, "rounding": word(entry, "rounding", ["half_away_from_zero", *ROUNDINGS], f"{path}.rounding")}


def match_rule(entry, i):
    known_keys(entry, (*MATCH, "confidence", "priority"), "match_rules")
    path = f"match_rules[{i}]"
    rule = {name: None if entry.get(name) is None else word(entry, name, words, f"{path}.{name}") for name, words in MATCH.items()}
    if "confidence" not in entry or "priority" not in entry:
        bad("match_rules")
    rule["confidence"] = word(entry, "confidence", CONFIDENCE, f"{path}.confidence")
    rule["priority"] = entry["priority"]
    if not is_whole(rule["priority"]) or not 0 <= rule["priority"] < 2**32:
        bad(f"{path}.priority")
    return rule


def reasons(raw):
    fields(raw, REASONS, "reasons")
    for name in REASONS:
        if not isinstance(raw.get(name, ""), str):
            bad(f"reasons.{name}")
    return {name: raw.get(name, "") for name in REASONS}


def search(raw):
    """Its fields are known."""
    out = {"items": raw.get("items", 6), "work": raw.get("work", 1_000_000)}
    for name, most in (("items", 12), ("work", 100_000_000)):
        if not is_whole(out[name]) or out[name] < 0:
            bad(f"search.{name}")
        if not 1 <= out[name] <= most:
            contradicts(f"search.{name}")
    out["ambiguous"] = word(raw, "ambiguous", ["refused", "first"], "search.ambiguous")
    return out
