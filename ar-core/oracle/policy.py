"""Policies: defaults filled in, every broken rule refused with its field."""

from fractions import Fraction

from ledger import WORDS
from values import Refused, day, exact, fail

AGING = {
    "version": 1,
    "id": "",
    "basis": ["due_date", "document_date", "posting_date"],
    "missing_due_date": ["document_date", "not_due"],
    "unit": ["days", "weeks", "months", "calendar_months"],
    "edges": None,
    "edge_rule": ["up_to_inclusive", "from_inclusive"],
    "credits": ["own_date", "on_invoice", "apart"],
    "disputed": ["included", "apart"],
    "held": ["included", "apart"],
    "currency": ["document", "base", "revalued"],
    "columns": None,
    "labels": None,
}
STRATEGIES = "reference exact_amount oldest_due newest_due oldest_document newest_document largest_first user_order".split()
ALLOCATION = {
    "version": 1,
    "id": "",
    "strategies": None,
    "credit_order": ["oldest_first", "newest_first"],
    "credit_kinds": None,
    "partial": ["allowed", "refused"],
    "user_order": None,
    "filter": None,
}


def bad(field):
    fail("policy_invalid", field)


def is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def is_texts(value):
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def envelope(raw, fields):
    if not isinstance(raw, dict):
        bad(None)
    version = raw.get("version", 1)
    if not is_whole(version):
        bad("version")
    if version != 1:
        fail("unsupported_version", "version")
    for name in sorted(raw):
        if name not in fields:
            bad(name)
    policy = {}
    for name, values in fields.items():
        value = raw.get(name)
        if name == "id" and not isinstance(raw.get("id", ""), str):
            bad("id")
        if isinstance(values, list):
            value = raw.get(name, values[0])
            if value not in values:
                bad(name)
        policy[name] = value
    return policy


def aging(raw):
    p = envelope(raw, AGING)
    edges = p["edges"]
    if not isinstance(edges, list) or not all(is_whole(e) for e in edges) or not 1 <= len(edges) <= 64:
        bad("edges")
    if any(not -(2**31) <= e <= 2_147_483_647 for e in edges):
        bad("edges")
    for n, (a, b) in enumerate(zip(edges, edges[1:]), 1):
        if a >= b:
            bad(f"edges[{n}]")
    if p["columns"] is not None:
        if not isinstance(p["columns"], list):
            bad("columns")
        for c in p["columns"]:
            if not isinstance(c, dict) or set(c) != {"label", "from", "to"} or not isinstance(c["label"], str):
                bad("columns")
            if not (is_whole(c["from"]) and is_whole(c["to"]) and c["from"] >= 0 and c["to"] >= 0):
                bad("columns")
        for n, c in enumerate(p["columns"]):
            if not c["from"] <= c["to"] <= len(edges):
                bad(f"columns[{n}]")
    p["labels"] = None if p["labels"] == [] else p["labels"]
    if p["labels"] is not None and (not is_texts(p["labels"]) or len(p["labels"]) != len(edges) + 1):
        bad("labels")
    return p


def allocation(raw):
    p = envelope(raw, ALLOCATION)
    if p["strategies"] is None:
        p["strategies"] = ["reference", "exact_amount", "oldest_due"]
    if not is_texts(p["strategies"]) or not p["strategies"] or any(s not in STRATEGIES for s in p["strategies"]):
        bad("strategies")
    if p["credit_kinds"] is None:
        p["credit_kinds"] = ["payment", "advance", "credit_note", "journal"]
    if not is_texts(p["credit_kinds"]) or any(k not in WORDS["kind"] for k in p["credit_kinds"]):
        bad("credit_kinds")
    p["user_order"] = p["user_order"] or []
    if not is_texts(p["user_order"]):
        bad("user_order")
    if "filter" in raw and raw["filter"] is None:
        bad("filter")
    p["filter"] = selection(p["filter"] or {})
    return p


def selection(raw):
    if not isinstance(raw, dict):
        bad("filter")
    out = {}
    for name in sorted(raw):
        if name not in "companies customers currencies credits debits credit_min credit_max debit_min debit_max due_until disputed held".split():
            bad(f"filter.{name}")
    for name in ("companies", "customers", "currencies", "credits", "debits"):
        out[name] = raw.get(name) or []
        if not is_texts(out[name]):
            bad(f"filter.{name}")
    name = None
    try:
        for name in ("credit_min", "credit_max", "debit_min", "debit_max"):
            out[name] = None if raw.get(name) is None else Fraction(exact(raw[name]))
        name = "due_until"
        out["due_until"] = None if raw.get("due_until") is None else day(raw["due_until"])
    except Refused:
        bad(f"filter.{name}")
    for name in ("disputed", "held"):
        out[name] = raw.get(name, "included")
        if out[name] not in ("included", "excluded"):
            bad(f"filter.{name}")
    return out
