"""Was a promise kept? (docs/specification.md 13, Promises): asked by dunning, credit and key figures."""

import datetime

from ledger import leg, names


def first(view, document):
    """The document that one is left of in the end, by residuals; itself, where it is left of none."""
    if view.ledger.moved:
        while (above := view.left_over_of(document)) is not None:
            document = above
    return document


def chain(view, document):
    return [name for name, _ in view.with_those_above(document)] if view.ledger.moved else [document["id"]]


def claim(view, document):
    """A document and all that is left of it."""
    if not view.ledger.moved:
        return [document]
    return [d for d in view.ledger.rows["documents"] if document["id"] in chain(view, d)]


def is_for(view, named, promised):
    """Is what is for one document for a promise about the other: is one left of the other?"""
    return promised["id"] in chain(view, named) or named["id"] in chain(view, promised)


def leaves_over(view, a):
    """A residual by which something is left of a document."""
    return "moved_to" in a and view.left_over_of(view.ledger.documents[a["moved_to"]]) is not None


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


def left_on(view, document, day):
    """What is left of a document at the end of a day, debit or credit; nothing before it counts or once it is cancelled."""
    if not view.counted(document) or document["effective"] > day:
        return 0
    if any(x["document"] == document["id"] and view.counted(x) and x["effective"] <= day for x in view.ledger.rows["cancellations"]):
        return 0
    return max(0, abs(document["amount"]) - taken(view, document, day))


DESK = ("customer", "company", "currency")


def meant(view, credit, day):
    """The document that a credit is for by what it names, and how much of what is left of it: what is open, oldest credit first."""
    ledger = view.ledger
    own = ledger.documents.get(credit.get("related"))
    desk = lambda d: [d.get(name) for name in DESK]
    if own is None or own["amount"] <= 0 or credit["amount"] >= 0 or desk(own) != desk(credit):
        return None, 0
    whole = claim(view, first(view, own))
    named = {d["id"] for d in whole if d["amount"] > 0}
    rivals = [c for c in ledger.rows["documents"] if c["amount"] < 0 and c.get("related") in named and desk(c) == desk(own)]
    owed = sum(left_on(view, d, day) for d in whole)
    for c in sorted(rivals, key=lambda c: (c["effective"], c["id"])):
        part = min(owed, left_on(view, c, day))
        if c is credit:
            return own, part
        owed -= part
    raise AssertionError("a credit is among those that name its document")


LAST = 3


def sources(view, p, named):
    """What may keep a promise, in the order of use: (what pays, the document that it came off or is for, amount, all that came off it)."""
    ledger, until = view.ledger, p["until"]
    promised = lambda d: first(view, d)["id"] in named
    mine = lambda c: (c["customer"], c["currency"]) == (p["customer"], p["currency"])
    about, of = [d for d in ledger.rows["documents"] if mine(d) and d["amount"] > 0], None
    if "document" in p:
        of = ledger.documents[p["document"]]
        about = claim(view, of)
        mine = lambda c: all(c.get(name) == of.get(name) for name in ("customer", "currency", "company"))
    amounts, in_all = {}, {}
    for d in about:
        rank = LAST if of is None and promised(d) else 0
        for since, totals in ((p["effective"], amounts), (None, in_all)):
            for a, amount in came_off(view, d, since, until):
                if not leaves_over(view, a):
                    place = rank, payer_of(ledger, a, d), d["id"]
                    totals[place] = totals.get(place, 0) + amount

    def cash(rank, payer, name, amount):
        place = rank, payer, name
        amounts[place] = amounts.get(place, 0) + amount
        if place in in_all:
            in_all[place] += amount

    for c in ledger.rows["documents"]:
        if mine(c) and c["kind"] in ("payment", "advance") and c["amount"] < 0 and p["effective"] <= c["effective"] <= until:
            payer, free = (c["effective"], c["id"], False), left_on(view, c, until)
            own, part = meant(view, c, until)
            if own is not None:
                free -= part
                if of is None and promised(own):
                    cash(LAST, payer, own["id"], part)
                elif of is None:
                    cash(1, payer, "", part)
                elif is_for(view, own, of):
                    cash(1, payer, of["id"], part)
            cash(2, payer, p.get("document", ""), free)
    currency = p["currency"] if of is None else of["currency"]
    order = sorted(amounts.items(), key=lambda one: one[0])
    return currency, [(payer, name, amount, in_all.get((rank, payer, name))) for (rank, payer, name), amount in order]


def payer_of(ledger, a, d):
    """What settles a document: (its day, its id, whether it is a difference)."""
    if "document" in a:
        return a["effective"], a["id"], True
    other = ledger.documents[a["debit"] if a["credit"] == d["id"] else a["credit"]]
    return other["effective"], other["id"], False


def left_of_credit(view, credit, of, until, named, used):
    """What is left of a credit for a document (empty: for whatever the customer owes) beside what is settled or used elsewhere."""
    ledger = view.ledger

    def place(name):
        """Each document that is promised stands for itself; a customer's other debits are one."""
        if name == "":
            return credit["customer"], None
        d = ledger.documents[name]
        if d["currency"] != credit["currency"]:
            return None
        if first(view, d)["id"] in named:
            return None, first(view, d)["id"]
        return (d["customer"], None) if d["amount"] > 0 else None

    settled, kept = {}, {}
    for a, amount in came_off(view, credit, None, until):
        _, name, is_difference = payer_of(ledger, a, credit)
        at = None if is_difference else place(name)
        settled[at] = settled.get(at, 0) + amount
    own, part = meant(view, credit, until)
    if own is not None:
        settled[place(own["id"])] = settled.get(place(own["id"]), 0) + part
    for name, amount in used.items():
        if place(name) is not None:
            kept[place(name)] = kept.get(place(name), 0) + amount
    mine = place(of)
    elsewhere = sum(max(settled.get(at, 0), kept.get(at, 0)) for at in {*settled, *kept} - {mine})
    return abs(credit["amount"]) - kept.get(mine, 0) - elsewhere


def serve(view, asked):
    """What came of each of these promises, by id, served in the order of their days: each takes what those before it have left."""
    ledger, out, used = view.ledger, {}, {}
    order = {p["id"]: n for n, p in enumerate(ledger.rows["promises"])}
    for p in sorted(asked, key=lambda p: (p["promised_date"], order[p["id"]])):
        told = [o for o in ledger.rows["promises"] if "document" in o and view.counted(o) and o["effective"] <= p["until"]]
        named = {first(view, ledger.documents[o["document"]])["id"] for o in told}
        currency, came = sources(view, p, named)
        whole = wanted = min(max(sum(one[2] for one in came), 0), p["amount"])
        for payer, of, amount, in_all in came:
            uses = used.setdefault(payer, {})
            left = amount if in_all is None else min(amount, in_all - uses.get(of, 0))
            _, name, is_difference = payer
            if not is_difference and ledger.documents[name]["currency"] == currency:
                left = min(left, left_of_credit(view, ledger.documents[name], of, p["until"], named, uses))
            part = max(0, min(left, wanted))
            uses[of] = uses.get(of, 0) + part
            wanted -= part
        out[p["id"]] = whole - wanted
    return out


def settled(view, days, so_far=False):
    """What came of each promise that is over, by id; `so_far` of the others too, by the day."""
    asked, grace = [], datetime.timedelta(days=days)
    last = datetime.date.max - grace
    for p in view.ledger.rows["promises"]:
        p = {**p, "until": min(p["promised_date"], last) + grace}
        if so_far:
            p["until"] = min(p["until"], view.on)
        elif p["until"] >= view.on:
            continue
        ends = [c for c in view.ledger.rows["closings"] if c["of"] == p["id"] and c["effective"] <= p["until"] and view.is_known(c)]
        if view.counted(p) and not ends:
            asked.append(p)
    return serve(view, asked)


def broken(view, p, items, came):
    """Was it not kept, and is something open of what was owed on its last day?"""
    still = any(i["open"] > 0 and is_about(view, p, i["doc"]) and first(view, i["doc"])["effective"] <= p["until"] for i in items)
    return still and came.get(p["id"], 0) < p["amount"]


def is_about(view, p, d):
    if "document" in p:
        return p["document"] in chain(view, d)
    return (d["customer"], d["currency"]) == (p["customer"], p["currency"])
