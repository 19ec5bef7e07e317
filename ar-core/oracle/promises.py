"""Was a promise kept? (docs/specification.md 13, Promises): asked by dunning, credit and key figures."""

from ledger import leg, names


def taken(view, document, since, until):
    """What came off a document by allocations and differences that count from one day to another, less what was taken back then."""
    total = 0
    for a in view.ledger.settling():
        if document["id"] in names(a) and view.counted(a):
            end = view.ledger.taken_back(a, view.known)
            if end is not None and end <= a["effective"]:
                continue  # a document was cancelled before it counted
            if since is None or since <= a["effective"]:
                total += leg(a, document) if a["effective"] <= until else 0
            if end is not None and end <= min(until, view.on) and (since is None or since <= end):
                total -= leg(a, document)
    return total


def settled(view, p):
    """`p["until"]` is the last day on which something counts for the promise."""
    ledger, until = view.ledger, p["until"]
    if "document" in p:
        d = ledger.documents[p["document"]]
        debits = [d]
        mine = lambda c: all(c.get(name) == d.get(name) for name in ("customer", "currency", "company"))
    else:
        mine = lambda c: (c["customer"], c["currency"]) == (p["customer"], p["currency"])
        debits = [d for d in ledger.rows["documents"] if mine(d) and d["amount"] > 0]
    total = sum(taken(view, d, p["effective"], until) for d in debits)
    for c in ledger.rows["documents"]:
        if mine(c) and c["kind"] in ("payment", "advance") and c["amount"] < 0 and view.counted(c) and p["effective"] <= c["effective"] <= until:
            if not any(x["document"] == c["id"] and view.counted(x) and x["effective"] <= until for x in ledger.rows["cancellations"]):
                total += max(0, -c["amount"] - taken(view, c, None, until))
    return min(max(total, 0), p["amount"])


def broken(view, p, items):
    """Was it not kept, and is something open of what was owed on its last day?"""
    mine = lambda d: d["id"] == p["document"] if "document" in p else (d["customer"], d["currency"]) == (p["customer"], p["currency"])
    still = any(i["open"] > 0 and mine(i["doc"]) and i["doc"]["effective"] <= p["until"] for i in items)
    return still and settled(view, p) < p["amount"]
