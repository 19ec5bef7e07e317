"""The policy of credit, with every default filled in, or the first offence (docs/specification.md 12)."""

import policy as policies
from ledger import WORDS
from policy import bad, is_texts, is_whole
from values import Refused, exact, fail

PARTS = ["open_items", "credit_notes", "unapplied", "prepayments", "deliveries", "orders", "drafts", "document", "guarantees", "insurance"]
CHOICES = {
    "currencies": ["converted", "apart"],
    "companies": ["together", "apart"],
    "amounts": ["gross", "net"],
    "reductions": ["checked", "pass"],
    "release_covers": ["what_failed", "anything"],
}
WORDS_OF_CHECK = {
    "reaction": ["block", "warn", "pass"],
    "edge": ["up_to", "below"],
    "zero": ["nothing", "unlimited", "inherits"],
    "missing": ["passes", "fails"],
    "part": ["open_items", "overdue", "deliveries", "orders", "drafts"],
    "credits": ["apart", "netted"],
}
# check -> fields that it may have, those that it must have first
LINE = ["edge", "zero", "missing"]
CHECKS = {
    "limit": ([], ["horizon_days", *LINE]),
    "family_limit": ([], ["horizon_days", *LINE]),
    "part": (["part"], ["days", *LINE]),
    "document_value": (["maximum"], ["edge"]),
    "overdue_share": (["days", "percent"], ["edge"]),
    "oldest_open": (["days"], ["edge", "credits"]),
    "dunning_level": (["level"], ["edge"]),
    "overdue_amount": (["days", "maximum"], ["edge", "credits"]),
    "review_date": ([], ["buffer_days", "missing"]),
    "critical_fields": (["fields", "within_days"], []),
    "score": (["minimum"], ["missing"]),
    "blocked": ([], ["blocks"]),
}
FIELDS = "horizon_days edge zero missing part days percent maximum level buffer_days fields within_days minimum blocks credits".split()
ALERTS = {
    "score_below": (["minimum"], []),
    "limit_used": (["percent"], ["per", "company"]),
    "overdue": (["days"], []),
    "dispute_opened": ([], []),
    "promise_broken": ([], ["days"]),
    "concentration": (["percent"], ["per"]),
}
MOST_DAYS = 36_525
PROPOSAL = ["volume_days", "history_days", "score", "late", "new_percent", "step", "minimum", "maximum", "blocks"]


def credit(raw):
    names = ["version", "id", "parts", *CHOICES, "checks", "release", "release_days", "release_percent", "alerts", "proposal"]
    p = policies.envelope(raw, {"version": 1, "id": "", **CHOICES, **{n: None for n in names if n not in ("version", "id", *CHOICES)}})
    # What is wrong with a shape is told before what is wrong with a value.
    p["id"] = raw.get("id", "")
    p["parts"] = raw.get("parts", [part for part in PARTS if part != "drafts"])
    if not is_texts(p["parts"]) or any(part not in PARTS for part in p["parts"]):
        bad("parts")
    p["checks"] = [shape_of_check(one) for one in members(raw, "checks", [{"check": "limit"}, {"check": "family_limit"}])]
    p["release"] = [shape_of_release(one) for one in members(raw, "release", [])]
    p["release_days"] = whole(raw, "release_days", "release_days")
    p["release_percent"] = number(raw.get("release_percent", 0), "release_percent")
    p["alerts"] = [shape_of_alert(one) for one in members(raw, "alerts", [])]
    p["proposal"] = None if raw.get("proposal") is None else shape_of_proposal(raw["proposal"])
    for i, one in enumerate(p["checks"]):
        prove_check(one, f"checks[{i}]")
    for i, one in enumerate(p["release"]):
        not_below_zero(one["up_to"] or [], f"release[{i}].up_to")
    most_days(p["release_days"], "release_days")
    if p["release_percent"] < 0:
        bad("release_percent")
    for i, one in enumerate(p["alerts"]):
        prove_alert(one, f"alerts[{i}]")
        if one["id"] in [other["id"] for other in p["alerts"][:i]]:
            bad(f"alerts[{i}].id")
    if p["proposal"] is not None:
        prove_proposal(p["proposal"])
    return p


def members(raw, name, default):
    value = raw.get(name, default)
    if not isinstance(value, list) or any(not isinstance(one, dict) for one in value):
        bad(name)
    return value


def number(value, field):
    try:
        return exact(value)
    except Refused:
        bad(field)


def whole(raw, name, field):
    value = raw.get(name)
    if value is not None and (not is_whole(value) or not 0 <= value <= 4_294_967_295):
        bad(field)
    return value


def amounts(value, field):
    if value is None:
        return None
    if not isinstance(value, list):
        bad(field)
    out = []
    for one in value:
        if not isinstance(one, dict) or set(one) != {"currency", "amount"} or not isinstance(one["currency"], str):
            bad(field)
        out.append({"currency": one["currency"], "amount": number(one["amount"], field)})
    return out


def shape_of_check(one):
    if one.get("check") not in CHECKS or any(name not in ("check", "reaction", *FIELDS) for name in one):
        bad("checks")
    out = {"check": one["check"]}
    for name, words in WORDS_OF_CHECK.items():
        value = one.get(name)
        if value is not None and value not in words:
            bad("checks")
        out[name] = value
    out["reaction"] = one.get("reaction", "block")
    if out["reaction"] not in WORDS_OF_CHECK["reaction"]:
        bad("checks")
    for name in ("horizon_days", "days", "level", "buffer_days", "within_days"):
        out[name] = whole(one, name, "checks")
    for name in ("percent", "minimum"):
        out[name] = None if one.get(name) is None else number(one[name], "checks")
    out["maximum"] = amounts(one.get("maximum"), "checks")
    for name in ("fields", "blocks"):
        out[name] = one.get(name)
        if out[name] is not None and not is_texts(out[name]):
            bad("checks")
    return out


def prove_check(one, path):
    must, may = CHECKS[one["check"]]
    may = [name for name in may if name != "days" or one["part"] == "overdue"]
    for name in FIELDS:
        if (one[name] is not None and name not in must + may) or (one[name] is None and name in must):
            bad(f"{path}.{name}")
    most_days(one["horizon_days"], f"{path}.horizon_days")
    most_days(one["days"], f"{path}.days")
    if one["percent"] is not None and not 0 <= one["percent"] <= 100:
        bad(f"{path}.percent")
    not_below_zero(one["maximum"] or [], f"{path}.maximum")
    most_days(one["buffer_days"], f"{path}.buffer_days")
    if any(name not in WORDS["attribute"] for name in one["fields"] or []):
        bad(f"{path}.fields")
    most_days(one["within_days"], f"{path}.within_days")


def shape_of_release(one):
    if not isinstance(one.get("role"), str) or any(name not in ("role", "checks", "up_to") for name in one):
        bad("release")
    checks = one.get("checks")
    if checks is not None and (not is_texts(checks) or any(word not in CHECKS for word in checks)):
        bad("release")
    return {"role": one["role"], "checks": checks, "up_to": amounts(one.get("up_to"), "release")}


def shape_of_alert(one):
    fields = ["minimum", "percent", "days", "per", "company"]
    if not isinstance(one.get("id"), str) or one.get("when") not in ALERTS or any(name not in ("id", "when", *fields) for name in one):
        bad("alerts")
    out = {"id": one["id"], "when": one["when"], "days": whole(one, "days", "alerts")}
    for name in ("minimum", "percent"):
        out[name] = None if one.get(name) is None else number(one[name], "alerts")
    out["per"], out["company"] = one.get("per"), one.get("company")
    if out["per"] not in (None, "customer", "family") or not isinstance(out["company"], str | None):
        bad("alerts")
    return out


def prove_alert(one, path):
    must, may = ALERTS[one["when"]]
    if one["id"] == "" or "/" in one["id"]:  # the first slash of a key ends the id
        bad(f"{path}.id")
    for name in ("minimum", "percent", "days", "per", "company"):
        if (one[name] is not None and name not in must + may) or (one[name] is None and name in must):
            bad(f"{path}.{name}")
    if one["percent"] is not None and not 0 <= one["percent"] <= 100:
        bad(f"{path}.percent")
    most_days(one["days"], f"{path}.days")


def shape_of_proposal(raw):
    if not isinstance(raw, dict):
        bad("proposal")
    for name in sorted(raw):
        if name not in PROPOSAL:
            bad(f"proposal.{name}")
    out = {}
    for name, default in (("volume_days", 60), ("history_days", 365)):
        out[name] = whole({name: raw.get(name, default)}, name, f"proposal.{name}")
    for name in ("score", "late"):
        out[name] = []
        for one in members(raw, name, []) if isinstance(raw.get(name, []), list) else bad(f"proposal.{name}"):
            if set(one) != {"from", "percent"}:
                bad(f"proposal.{name}")
            out[name].append({key: number(one[key], f"proposal.{name}") for key in ("from", "percent")})
    out["new_percent"] = number(raw.get("new_percent", 100), "proposal.new_percent")
    for name in ("step", "minimum", "maximum"):
        out[name] = amounts(raw.get(name, []), f"proposal.{name}")
    out["blocks"] = raw.get("blocks")
    if out["blocks"] is not None and not is_texts(out["blocks"]):
        bad("proposal.blocks")
    return out


def prove_proposal(p):
    most_days(p["volume_days"], "proposal.volume_days")
    most_days(p["history_days"], "proposal.history_days")
    if p["history_days"] == 0:
        bad("proposal.history_days")
    for name in ("score", "late"):
        for i, tier in enumerate(p[name]):
            if i and tier["from"] <= p[name][i - 1]["from"]:
                bad(f"proposal.{name}[{i}].from")
            if tier["percent"] < 0:
                bad(f"proposal.{name}[{i}].percent")
    if p["new_percent"] < 0:
        bad("proposal.new_percent")
    for name in ("step", "minimum", "maximum"):
        not_below_zero(p[name], f"proposal.{name}")


def most_days(value, field):
    if value is not None and value > MOST_DAYS:
        bad(field)


def not_below_zero(entries, field):
    for i, one in enumerate(entries):
        if one["amount"] < 0:
            bad(f"{field}[{i}].amount")
