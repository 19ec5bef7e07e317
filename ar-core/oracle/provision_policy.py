"""The policy of provisions, with every default filled in, or the first offence (docs/specification.md 14)."""

import re
from fractions import Fraction

import policy as policies
from policy import bad, is_texts, is_whole
from terms import ROUNDINGS
from values import Failure, Refused, day, exact, fail

CREDITS = ["excluded", "in_bucket", "against_oldest"]
DISPUTED = ["in_bucket", "excluded", "own_rate"]
PROVISION = "version id aging where pools matrices credits disputed disputed_rate specific rounding journal".split()
MATRIX = "pool currency rates overlay".split()
OVERLAY = "factors points above_one reason".split()
SPECIFIC = "customer document currency rate amount reason".split()
JOURNAL = "expense allowance release".split()


def version_of(raw):
    if not isinstance(raw, dict):
        bad(None)
    version = raw.get("version", 1)
    if not is_whole(version):
        bad("version")
    if version != 1:
        fail("unsupported_version", "version")


def keys(raw, names, path=""):
    for name in sorted(raw):
        if name not in names:
            bad(f"{path}{name}")


def text(raw, name, path, needed=False, default=None):
    if name not in raw and not needed:
        return default
    value = raw.get(name)
    if value is None and not needed:
        return None
    if not isinstance(value, str):
        bad(f"{path}{name}" if name in raw else path.rstrip("."))
    return value


def ratio(value, path):
    """A decimal or a fraction of two whole numbers, as text; or a whole number."""
    if is_whole(value):
        return Fraction(value)
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        return Fraction(value)
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+/-?[0-9]+", value):
        above, below = value.split("/")
        if int(below) != 0:
            return Fraction(int(above), int(below))
    bad(path)


def word(raw, name, words, path=""):
    value = raw.get(name, words[0])
    if value not in words:
        bad(f"{path}{name}")
    return value


def where(raw):
    filters = raw.get("where", {})
    if not isinstance(filters, dict) or not all(is_texts(values) for values in filters.values()):
        bad("where")
    return filters


def aging_of(raw):
    if not isinstance(raw.get("aging"), dict):
        bad("aging" if "aging" in raw else None)
    try:
        return policies.aging(raw["aging"])
    except Failure as failure:
        for problem in failure.problems:
            problem["field"] = "aging" if problem["field"] is None else f"aging.{problem['field']}"
        raise


def texts(raw, name, path=""):
    value = raw.get(name, [])
    if not is_texts(value):
        bad(f"{path}{name}")
    return value


def ratios(raw, name, path):
    value = raw.get(name, [])
    if not isinstance(value, list):
        bad(f"{path}{name}")
    return [ratio(v, f"{path}{name}[{i}]") for i, v in enumerate(value)]


def check_pools(pools):
    for i, name in enumerate(pools):
        if name == "currency" or name in pools[:i]:
            bad(f"pools[{i}]")


def provision(raw):
    version_of(raw)
    keys(raw, PROVISION)
    p = {"id": text(raw, "id", "", default=""), "where": where(raw), "pools": texts(raw, "pools")}
    if not isinstance(raw.get("matrices"), list):
        bad("matrices" if "matrices" in raw else None)
    p["matrices"] = [shape_of_matrix(m, f"matrices[{i}]") for i, m in enumerate(raw["matrices"])]
    p["credits"], p["disputed"] = word(raw, "credits", CREDITS), word(raw, "disputed", DISPUTED)
    p["disputed_rate"] = None if raw.get("disputed_rate") is None else ratio(raw["disputed_rate"], "disputed_rate")
    p["specific"] = [shape_of_specific(s, f"specific[{i}]") for i, s in enumerate(raw.get("specific", []))]
    p["rounding"] = word(raw, "rounding", ROUNDINGS)
    journal = raw.get("journal", {})
    keys(journal, JOURNAL, "journal.")
    p["journal"] = {"expense": "impairment loss", "allowance": "loss allowance", "release": None, **journal}
    p["aging"] = aging_of(raw)
    check(p)
    return p


def shape_of_matrix(m, path):
    if not isinstance(m, dict):
        bad(path)
    keys(m, MATRIX, f"{path}.")
    out = {"pool": m.get("pool"), "currency": text(m, "currency", f"{path}.")}
    if out["pool"] is not None and not is_texts(out["pool"]):
        bad(f"{path}.pool")
    if "rates" not in m:
        bad(path)
    out["rates"] = ratios(m, "rates", f"{path}.")
    overlay = m.get("overlay")
    if overlay is not None:
        keys(overlay, OVERLAY, f"{path}.overlay.")
        overlay = {
            "factors": ratios(overlay, "factors", f"{path}.overlay."),
            "points": ratios(overlay, "points", f"{path}.overlay."),
            "above_one": word(overlay, "above_one", ["capped", "kept"], f"{path}.overlay."),
            "reason": text(overlay, "reason", f"{path}.overlay.", needed=True),
        }
    out["overlay"] = overlay
    return out


def shape_of_specific(s, path):
    if not isinstance(s, dict):
        bad(path)
    keys(s, SPECIFIC, f"{path}.")
    out = {name: text(s, name, f"{path}.") for name in ("customer", "document", "currency")}
    out["rate"] = None if s.get("rate") is None else ratio(s["rate"], f"{path}.rate")
    try:
        out["amount"] = None if s.get("amount") is None else exact(s["amount"])
    except Refused:
        bad(f"{path}.amount")
    out["reason"] = text(s, "reason", f"{path}.", needed=True)
    return out


def check(p):
    check_pools(p["pools"])
    buckets = len(p["aging"]["edges"]) + 1
    if not p["matrices"]:
        bad("matrices")
    for i, m in enumerate(p["matrices"]):
        path = f"matrices[{i}]"
        if m["pool"] is not None and len(m["pool"]) != len(p["pools"]):
            bad(f"{path}.pool")
        if len(m["rates"]) != buckets:
            bad(f"{path}.rates")
        for n, rate in enumerate(m["rates"]):
            if not 0 <= rate <= 1:
                bad(f"{path}.rates[{n}]")
        overlay = m["overlay"]
        if overlay is not None:
            for name in ("factors", "points"):
                if len(overlay[name]) > 1 and len(overlay[name]) != buckets:
                    bad(f"{path}.overlay.{name}")
            for n, factor in enumerate(overlay["factors"]):
                if factor < 0:
                    bad(f"{path}.overlay.factors[{n}]")
            if overlay["reason"] == "":
                bad(f"{path}.overlay.reason")
        if any((o["pool"], o["currency"]) == (m["pool"], m["currency"]) for o in p["matrices"][:i]):
            bad(path)
    rate = p["disputed_rate"]
    if (rate is not None) != (p["disputed"] == "own_rate") or (rate is not None and not 0 <= rate <= 1):
        bad("disputed_rate")
    for i, s in enumerate(p["specific"]):
        check_specific(s, f"specific[{i}]")
        for other in p["specific"][:i]:
            apart = other["currency"] is not None and s["currency"] is not None and other["currency"] != s["currency"]
            if (other["customer"], other["document"]) == (s["customer"], s["document"]) and not apart:
                bad(f"specific[{i}]")
    journal = p["journal"]
    for name in ("expense", "allowance", "release"):
        account = journal[name] if journal[name] is not None else journal["expense"]
        if account == "" or (name != "allowance" and account == journal["allowance"]):
            bad(f"journal.{name}")


def check_specific(s, path):
    if (s["customer"] is None) == (s["document"] is None):
        bad(path)
    if (s["rate"] is None) == (s["amount"] is None):
        bad(path)
    if s["rate"] is not None and not 0 <= s["rate"] <= 1:
        bad(f"{path}.rate")
    if s["amount"] is not None and s["currency"] is None:
        bad(f"{path}.currency")
    if s["amount"] is not None and s["amount"] < 0:
        bad(f"{path}.amount")
    if s["reason"] == "":
        bad(f"{path}.reason")


# --- loss rates ------------------------------------------------------------------------------------------------------------

LOSS_RATES = "version id aging where pools method from to step step_days loss_kinds still_open last_rate minimum_items digits rounding".split()
KINDS = "discount discount_tax tolerance write_off bank_charge cash_rounding residual other".split()


def loss_rates(raw):
    version_of(raw)
    keys(raw, LOSS_RATES)
    p = {"where": where(raw), "pools": texts(raw, "pools")}
    p["method"], p["step"] = word(raw, "method", ["cohort", "roll_rates"]), word(raw, "step", ["month_ends", "days"])
    p["still_open"], p["rounding"] = word(raw, "still_open", ["lost", "not_lost"]), word(raw, "rounding", ROUNDINGS)
    if "from" not in raw:
        bad(None)
    for name in ("from", "to"):
        try:
            p[name] = None if raw.get(name) is None else day(raw[name])
        except Refused:
            bad(name)
    for name, default in (("step_days", None), ("minimum_items", 1), ("digits", None)):
        p[name] = raw.get(name, default)
        if p[name] is not None and not is_whole(p[name]):
            bad(name)
    p["loss_kinds"] = texts({"loss_kinds": raw.get("loss_kinds", ["write_off"])}, "loss_kinds")
    p["last_rate"] = ratio(raw.get("last_rate", 1), "last_rate")
    p["aging"] = aging_of(raw)
    if p["aging"]["currency"] != "document":
        bad("aging.currency")
    check_pools(p["pools"])
    if p["to"] is not None and p["to"] < p["from"]:
        bad("to")
    if (p["step_days"] is not None) != (p["step"] == "days") or p["step_days"] == 0:
        bad("step_days")
    check_kinds(p["loss_kinds"])
    if not 0 <= p["last_rate"] <= 1:
        bad("last_rate")
    if p["minimum_items"] == 0:
        bad("minimum_items")
    if p["digits"] is not None and p["digits"] > 12:
        bad("digits")
    return p


def check_kinds(kinds):
    for i, kind in enumerate(kinds):
        if kind not in KINDS:
            bad(f"loss_kinds[{i}]")
