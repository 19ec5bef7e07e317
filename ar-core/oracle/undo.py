"""Taking settlements back, and what foreign items are worth today (docs/specification.md 7)."""

from fractions import Fraction

from ledger import leg, names
from values import Failure, Refused, half_away, money, show


def refuse(code, n):
    raise Failure([{"code": code, "table": "ids", "index": n, "field": None}])


def undo(view, ids):
    """Rows of reversals and cancellations that take these allocations and differences back."""
    ledger = view.ledger
    rows = {row["id"]: row for row in ledger.settling()}
    taken_back, cancellations = [], []
    for n, name in enumerate(ids):
        row = rows.get(name)
        holds = row is not None and can_be_taken_back(view, row)
        rests = residuals(view, row) if row is not None else []
        if not holds and not rests:
            refuse("unknown_reference", n)
        if name in ids[:n]:
            continue
        taken_back += [row] if holds else []
        for other in rests:
            if any(c["document"] == other["id"] and view.is_known(c) for c in ledger.rows["cancellations"]):
                refuse("in_the_way", n)
            settling = [some for some in ledger.settling() if leg(some, other) and view.is_known(some) and not has_ended(view, some)]
            if any(some["id"] not in ids and some.get("allocation") not in ids for some in settling):
                refuse("in_the_way", n)
            if other["id"] not in [c["document"] for c in cancellations]:
                cancellations.append({"document": other["id"], "effective": view.on.isoformat()})
    ended = [c["document"] for c in cancellations]
    goes = [row for row in taken_back if row.get("allocation") in ids or any(name in ended for name in names(row))]
    reversals = [{"allocation": row["id"], "effective": view.on.isoformat()} for row in taken_back if row not in goes]
    return {"reversals": reversals, "cancellations": cancellations}


def has_ended(view, row):
    end = view.ledger.taken_back(row, view.known)
    return end is not None and end <= view.on


def can_be_taken_back(view, row):
    """Counted, not ended by the view's day, and no reversal of it or of the allocation it goes with known, whatever its day."""
    reversed_ids = {r["allocation"] for r in view.ledger.rows["reversals"] if view.is_known(r)}
    others = {row["id"]} if "moved_to" in row else {row["id"], row.get("allocation")}
    return view.counted(row) and not has_ended(view, row) and not reversed_ids & others


def residuals(view, row):
    """The documents that the rest moved to, of a difference or of those made beside an allocation, as far as they hold."""
    if "document" not in row and not can_be_taken_back(view, row) and not has_ended(view, row):
        return []
    moved = [d for d in view.ledger.rows["differences"] if "moved_to" in d and row["id"] in (d["id"], d["allocation"])]
    return [view.ledger.documents[d["moved_to"]] for d in moved if can_be_taken_back(view, d)]


def revaluation(view):
    ledger, digits = view.ledger, view.ledger.settings.digits
    items, totals, problems = [], {}, []
    for n, item in enumerate(view.open_items()):
        document, base = item["doc"], ledger.base_currency_of(item["doc"])
        if base is None or base == document["currency"]:
            continue
        rate = latest(view, document["currency"], base)
        missing = ("base_amount_missing", "base_open") if item["base"] is None else ("rate_missing", "rate") if rate is None else None
        if missing:
            problems.append({"code": missing[0], "table": "open_items", "index": n, "field": missing[1]})
            continue
        revalued = half_away(Fraction(item["open"], 10 ** digits[document["currency"]]) * rate * 10 ** digits[base])
        try:
            money(Fraction(revalued), 0)
        except Refused as refused:
            problems.append({"code": refused.code, "table": "open_items", "index": n, "field": "revalued"})
            continue
        sums = totals.setdefault(base, [0, 0])
        sums[0] += item["base"]
        sums[1] += revalued
        items.append(
            {
                "document": item["document"],
                "instalment": item["instalment"],
                "customer": document["customer"],
                "currency": document["currency"],
                "open": show(item["open"], digits[document["currency"]]),
                "base_currency": base,
                **figures(item["base"], revalued, digits[base]),
                "rate": plain(rate),
            }
        )
    if problems:
        raise Failure(problems)
    return {"items": items, "totals": [{"currency": base, **figures(*totals[base], digits[base])} for base in sorted(totals)]}


def figures(base, revalued, digits):
    return {"base_open": show(base, digits), "revalued": show(revalued, digits), "difference": show(revalued - base, digits)}


def latest(view, currency, base, on=None):
    """The latest rate that counts; with `on` of those effective until that day."""
    best = None
    for r in view.ledger.rows["rates"]:
        if r["currency"] == currency and r["base"] == base and view.counted(r) and (on is None or r["effective"] <= on):
            if best is None or (r["effective"], r["recorded"]) >= (best["effective"], best["recorded"]):
                best = r
    return None if best is None else best["rate"]


def plain(rate):
    """A rate as text, with as many digits as it needs."""
    digits = next(n for n in range(13) if (rate * 10**n).denominator == 1)
    return show(int(rate * 10**digits), digits)
