"""Was a promise kept? (docs/specification.md 13, Promises): asked by dunning, credit and key figures."""

import datetime

from ledger import leg, names


def came_off(view, document, since, until):
    """Who settled how much of a document from one day to another, less what was taken back then: (credit or difference, amount)."""
    out = []
    for a in view.ledger.settling():
        if document["id"] in names(a) and view.counted(a):
            end = view.ledger.taken_back(a, view.known)
            if end is not None and end <= a["effective"]:
                continue  # a document was cancelled before it counted
            total = 0
            if since is None or since <= a["effective"]:
                total += leg(a, document) if a["effective"] <= until else 0
            if end is not None and end <= min(until, view.on) and (since is None or since <= end):
                total -= leg(a, document)
            out.append((a, total))
    return out


def taken(view, document, until):
    return sum(amount for _, amount in came_off(view, document, None, until))


def sources(view, p):
    """What may keep a promise: (rank, what pays, the document that it came off or None, amount), in the order of use."""
    ledger, until = view.ledger, p["until"]
    about = [ledger.documents[p["document"]]] if "document" in p else []
    if about:
        mine = lambda c: all(c.get(name) == about[0].get(name) for name in ("customer", "currency", "company"))
    else:
        mine = lambda c: (c["customer"], c["currency"]) == (p["customer"], p["currency"])
        about = [d for d in ledger.rows["documents"] if mine(d) and d["amount"] > 0]
    named = {o["document"] for o in ledger.rows["promises"] if "document" in o and view.counted(o) and o["effective"] <= until}
    amounts = {}
    for d in about:
        rank = 2 if "document" not in p and d["id"] in named else 0
        for a, amount in came_off(view, d, p["effective"], until):
            if "document" in a:
                payer = (a["effective"], a["id"], True)
            else:
                credit = ledger.documents[a["debit"] if a["credit"] == d["id"] else a["credit"]]
                payer = (credit["effective"], credit["id"], False)
            amounts[rank, payer, d["id"]] = amounts.get((rank, payer, d["id"]), 0) + amount
    for c in ledger.rows["documents"]:
        if mine(c) and c["kind"] in ("payment", "advance") and c["amount"] < 0 and view.counted(c) and p["effective"] <= c["effective"] <= until:
            if not any(x["document"] == c["id"] and view.counted(x) and x["effective"] <= until for x in ledger.rows["cancellations"]):
                amounts[1, (c["effective"], c["id"], False), ""] = max(0, -c["amount"] - taken(view, c, until))
    currency = about[0]["currency"] if about else p["currency"]
    return currency, [(payer, of, amount) for (rank, payer, of), amount in sorted(amounts.items(), key=lambda one: one[0])]


def settled(view, days, so_far=False):
    """What came of each promise that is over, by id: each takes what those before it have left; `so_far` of the others too, by the day."""
    ledger, out, of_pair, of_payer = view.ledger, {}, {}, {}
    grace = datetime.timedelta(days=days)
    last = datetime.date.max - grace
    order = sorted(enumerate(ledger.rows["promises"]), key=lambda one: (one[1]["promised_date"], one[0]))
    for p in [{**p, "until": min(p["promised_date"], last) + grace} for _, p in order]:
        if so_far:
            p["until"] = min(p["until"], view.on)
        elif p["until"] >= view.on:
            continue
        if not view.counted(p):
            continue
        if any(c["of"] == p["id"] and c["effective"] <= p["until"] and view.is_known(c) for c in ledger.rows["closings"]):
            continue
        currency, came = sources(view, p)
        whole = wanted = min(max(sum(amount for _, _, amount in came), 0), p["amount"])
        for payer, of, amount in came:
            left = amount - (of_pair.get((payer, of), 0) if of else 0)
            _, name, is_difference = payer
            if not is_difference and ledger.documents[name]["currency"] == currency:
                left = min(left, abs(ledger.documents[name]["amount"]) - of_payer.get(payer, 0))
            part = max(0, min(left, wanted))
            of_pair[payer, of] = of_pair.get((payer, of), 0) + part
            of_payer[payer] = of_payer.get(payer, 0) + part
            wanted -= part
        out[p["id"]] = whole - wanted
    return out


def broken(view, p, items, came):
    """Was it not kept, and is something open of what was owed on its last day?"""
    mine = lambda d: d["id"] == p["document"] if "document" in p else (d["customer"], d["currency"]) == (p["customer"], p["currency"])
    still = any(i["open"] > 0 and mine(i["doc"]) and i["doc"]["effective"] <= p["until"] for i in items)
    return still and came.get(p["id"], 0) < p["amount"]
