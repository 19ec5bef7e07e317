"""What was owed on a day, as known on a day (docs/specification.md 3)."""

import datetime
from fractions import Fraction

from ledger import SHAPE, TABLES, base_leg_of, leg, names
from values import half_away, key, split

NEVER = datetime.date.max


def order(item):
    """The order of open items."""
    d = item["doc"]
    return (*account_order(account(d)), *due_order(item))


def due_order(item):
    due = item["due"]
    return (due is None, due or NEVER, key(item["document"]), item["instalment"])


def account(document):
    return (document.get("company", ""), document.get("control_account", ""), document["customer"], document["currency"])


def account_order(a):
    return tuple(key(part) for part in a)


def sign(number):
    return (number > 0) - (number < 0)


def spread(amount, named, room, sequence):
    """Puts amounts on items: named ones first, as far as each goes, what is over and the rest in sequence.

    `room` is instalment -> what fits; `sequence` its instalments in order. Gives instalment -> taken, and what found no place.
    """
    taken = {n: 0 for n in room}
    for number, part in named.items():
        fits = min(part, room.get(number, 0))
        if number in taken:
            taken[number] += fits
        amount += part - fits
    for number in sequence:
        fits = min(amount, room[number] - taken[number])
        taken[number] += fits
        amount -= fits
    return taken, amount


class View:
    def __init__(self, ledger, on, known=None):
        self.ledger, self.on, self.known = ledger, on, known
        self.by_document = {}

    def settling(self, document):
        """What settles a document, on whichever day."""
        rows = self.ledger.settling()
        if self.by_document.get(None) != len(rows):
            self.by_document = {None: len(rows)}
            for row in rows:
                for name in names(row):
                    self.by_document.setdefault(name, []).append(row)
        return self.by_document.get(document["id"], [])

    def counted(self, row):
        return row["effective"] <= self.on and self.is_known(row)

    def is_known(self, row):
        return self.known is None or row["recorded"] <= self.known

    def cancelled(self, document):
        return any(c["document"] == document["id"] and self.counted(c) for c in self.ledger.rows["cancellations"])

    def closed(self, thing):
        return any(c["of"] == thing["id"] and self.counted(c) for c in self.ledger.rows["closings"])

    def attribute(self, customer, name):
        return self.ledger.attribute(customer, name, self.on, self.known)

    # --- open items -------------------------------------------------------------------------------------------------

    def open_items(self):
        items = []
        for document in self.ledger.rows["documents"]:
            if document["amount"] != 0 and self.counted(document) and not self.cancelled(document):
                items += self.items_of(document)
        return sorted(items, key=order)

    def items_of(self, document):
        way = -1 if document["amount"] < 0 else 1
        rows, _ = self.ledger.schedule_in_force(document, self.on, self.known)
        live = [a for a in self.settling(document) if self.ledger.live(a, self.on, self.known) and leg(a, document)]
        room = {n: way * amount for n, _, amount in rows if way * amount > 0}
        sequence = [n for n, due, _ in sorted(rows, key=lambda r: (r[1] is None, r[1] or NEVER, r[0])) if n in room]
        named, unnamed = legs_by_name(live, document)
        taken, over = spread(unnamed, named, room, sequence)
        assert over == 0, "settled beyond the document"
        items = []
        for number, due, amount in rows:
            left = amount - way * taken.get(number, 0)
            if left != 0:
                items.append({"doc": document, "document": document["id"], "instalment": number, "due": due, "amount": amount, "open": left})
        items.sort(key=order)
        self.spread_base(document, way, live, items)
        self.spread_disputes(document, items)
        self.mark_held(document, items)
        self.spread_pending(document, way, items)
        return items

    def spread_base(self, document, way, live, items):
        if document["base"] is None:
            for item in items:
                item["base"] = None
            return
        if document["amount"] == 0:
            for item in items:
                item["base"] = 0
            return
        left = document["base"] - way * sum(base_leg_of(a, document) for a in live)
        others = []
        for item in items:
            if sign(item["open"]) == way:
                others.append(item)
            else:
                item["base"] = half_away(Fraction(document["base"] * item["open"], document["amount"]))
                left -= item["base"]
        if others:
            for item, part in zip(others, split(left, [abs(i["open"]) for i in others])):
                item["base"] = part
        elif items:
            items[0]["base"] += left

    def spread_disputes(self, document, items):
        whole, amount = self.disputed_of(document, items)
        for item in items:
            part = abs(item["open"]) if whole else min(amount, abs(item["open"]))
            amount -= min(amount, part)
            item["disputed"] = sign(item["open"]) * part

    def disputed_of(self, document, items):
        """Is a document disputed as a whole, and with what amount at most: its own disputes and those handed down to it."""
        if not any("moved_to" in d for d in self.ledger.rows["differences"]):
            return self.own_disputes(document)
        first = document
        while self.left_over_of(first) is not None:
            first = self.left_over_of(first)
        placed = {}
        self.place_disputes(first, (False, 0), placed)
        return placed[document["id"]]

    def place_disputes(self, document, handed, placed):
        """Puts the disputes of a document and those handed to it on what it has open, then on what is left of it; gives what finds no place of what was handed."""
        own = self.own_disputes(document)
        whole, amount = own[0] or handed[0], own[1] + handed[1]
        placed[document["id"]] = whole, amount
        if not whole:
            amount -= min(amount, self.open_of(document))
        for other in sorted(self.ledger.rows["documents"], key=lambda d: key(d["id"])):
            above = self.left_over_of(other)
            if above is not None and above["id"] == document["id"]:
                whole, amount = self.place_disputes(other, (whole, amount), placed)
        return handed if whole else (False, min(amount, handed[1]))

    def open_of(self, document):
        if document["amount"] == 0 or not self.counted(document) or self.cancelled(document):
            return 0
        way = -1 if document["amount"] < 0 else 1
        rows, _ = self.ledger.schedule_in_force(document, self.on, self.known)
        live = [a for a in self.ledger.settling() if self.ledger.live(a, self.on, self.known) and leg(a, document)]
        against = sum(abs(amount) for _, _, amount in rows if way * amount < 0)
        return sum(way * amount for _, _, amount in rows if way * amount > 0) - sum(leg(a, document) for a in live) + against

    def own_disputes(self, document):
        whole, amount = False, 0
        for d in self.ledger.rows["disputes"]:
            if d["document"] == document["id"] and self.counted(d) and not self.closed(d):
                if "amount" in d:
                    amount += d["amount"]
                else:
                    whole = True
        return whole, amount

    def left_over_of(self, document):
        """The document of the same account that a document is left of; None for one that would be left of itself."""
        seen, at = [document["id"]], self.above(document)
        while at is not None:
            if at["id"] == document["id"]:
                return None
            if at["id"] in seen:
                break
            seen.append(at["id"])
            at = self.above(at)
        return self.above(document)

    def above(self, document):
        if self.is_residual(document):
            for other in self.ledger.rows["documents"]:
                if other["id"] == document["related"] and account(other) == account(document):
                    return other
        return None

    def with_those_above(self, document, instalment=0):
        """(id, instalment) of an item, and of those that it is left of."""
        out = [(document["id"], instalment)]
        while (above := self.left_over_of(document)) is not None:
            (moved,) = [d for d in self.ledger.rows["differences"] if d.get("moved_to") == document["id"]]
            out.append((above["id"], moved.get("instalment", 0)))
            document = above
        return out

    def payable_from(self, document, day, recorded=None):
        """The first day, not before another, on which nothing is missing that a document or one that it is left of requires; None without one."""
        about = [name for name, _ in self.with_those_above(document)]
        facts = [(n, r) for n, r in enumerate(self.ledger.rows["requirements"]) if r["document"] in about and self.counted(r) and (recorded is None or r["recorded"] <= recorded)]
        for on in sorted({day} | {r["effective"] for _, r in facts if r["effective"] > day}):
            states = {}
            for n, r in sorted(facts, key=lambda one: (one[1]["effective"], one[1]["recorded"], one[0])):
                if r["effective"] <= on:
                    states[r["document"], r["requirement"]] = r["state"]
            if "missing" not in states.values():
                return on
        return None

    def payable_learnt(self, document, day, payable):
        """Since when is it known that a document is payable from a day, and not from another? Not before that day."""
        about = [name for name, _ in self.with_those_above(document)]
        known = sorted({r["recorded"] for r in self.ledger.rows["requirements"] if r["document"] in about and self.counted(r)})
        says = [self.payable_from(document, day, recorded) == payable for recorded in known]
        wrong = max((n for n, is_so in enumerate(says) if not is_so), default=-1)
        return max(payable, known[wrong + 1])

    def due_learnt(self, document, number, due):
        """Since when is it known that an instalment of a document is due on a day, as it is now?"""
        schedules = [s for s in self.ledger.schedules if s["document"] == document["id"] and self.counted(s)]
        days = sorted({max(row["effective"], row["recorded"]) for row in [document, *schedules]})
        first = days[-1]
        for day in reversed(days):
            rows, _ = self.ledger.schedule_in_force(document, day, day)
            if (number, due) not in [(n, on) for n, on, _ in rows]:
                break
            first = day
        return first

    def mark_held(self, document, items):
        chain = [name for name, _ in self.with_those_above(document)]
        held = False
        for h in self.ledger.rows["holds"]:
            about = h["document"] in chain if "document" in h else h["customer"] == document["customer"]
            if about and self.counted(h) and not self.closed(h) and ("until" not in h or h["until"] >= self.on):
                held = True
        for item in items:
            item["held"] = item["open"] if held else 0

    def spread_pending(self, document, way, items):
        coming = []
        for a in self.settling(document):
            if leg(a, document) and self.is_known(a) and a["effective"] > self.on and self.ledger.taken_back(a, self.known) is None:
                coming.append(a)
        room = {i["instalment"]: abs(i["open"]) for i in items if sign(i["open"]) == way}
        sequence = [i["instalment"] for i in items if i["instalment"] in room]
        named, unnamed = legs_by_name(coming, document)
        taken, _ = spread(unnamed, named, room, sequence)
        spoken = self.spoken_for(document, items)
        for item in items:
            item["pending"] = way * taken.get(item["instalment"], 0)
            item["spoken_for"] = spoken.get(item["instalment"], 0)

    def spoken_for(self, document, items):
        """What later days need of each item: instalment -> amount, above zero."""
        way = -1 if document["amount"] < 0 else 1
        known = [r for r in self.settling(document) if leg(r, document) and self.is_known(r)]
        named_now, unnamed_now = legs_by_name([r for r in known if self.ledger.live(r, self.on, self.known)], document)
        now = unnamed_now + sum(named_now.values())
        whole, named = 0, {}
        for on in {r["effective"] for r in known if r["effective"] > self.on}:
            then, unnamed = legs_by_name([r for r in known if self.ledger.live(r, on, self.known)], document)
            whole = max(whole, unnamed + sum(then.values()) - now)
            for n, amount in then.items():
                if n != 0:  # 0 names nothing
                    named[n] = max(named.get(n, 0), amount - named_now.get(n, 0))
        room = {i["instalment"]: abs(i["open"]) for i in items if sign(i["open"]) == way}
        taken, rest = {n: min(named.get(n, 0), room[n]) for n in room}, whole
        rest -= sum(taken.values())
        for i in items:
            n = i["instalment"]
            if n in room and rest > 0:
                part = min(rest, room[n] - taken[n])
                taken[n] += part
                rest -= part
        return taken

    # --- what settles ----------------------------------------------------------------------------------------------------

    def offers(self, document):
        """Tiers (until, percent, amount, basis) in force, earliest first; each has a percent or an amount."""
        return sorted(self.ledger.offer_in_force(document, self.on, self.known), key=lambda tier: tier[0])

    def is_residual(self, document):
        return self.ledger.is_residual(document, self.on, self.known)

    def matches(self):
        """Allocations and differences that hold on the day."""
        out = []
        for table in ("allocations", "differences"):
            held = [r for r in self.ledger.rows[table] if self.ledger.live(r, self.on, self.known)]
            out += sorted(held, key=lambda r: key(r["id"]))
        return out

    # --- what is to come --------------------------------------------------------------------------------------------------

    def pending_receipts(self):
        """Documents of payments and advances that are known and effective later."""
        out = []
        for d in self.ledger.rows["documents"]:
            if d["kind"] in ("payment", "advance") and self.is_known(d) and d["effective"] > self.on:
                if not any(c["document"] == d["id"] and self.is_known(c) for c in self.ledger.rows["cancellations"]):
                    out.append(d)
        return out

    def pending_facts(self):
        out = []
        for table in TABLES:
            for row in self.ledger.rows[table]:
                if "effective" in row and self.is_known(row) and row["effective"] > self.on:
                    out.append((row["effective"], table, row.get("id", row.get(SHAPE[table][0][0])), row["recorded"]))
        return sorted(out, key=lambda f: (f[0], TABLES.index(f[1]), key(f[2]), f[3]))


def legs_by_name(allocations, document):
    """Legs of allocations on a document: instalment -> amount of those naming one, and the rest."""
    named, unnamed = {}, 0
    for a in allocations:
        if names(a)[-1] == document["id"] and "instalment" in a:
            named[a["instalment"]] = named.get(a["instalment"], 0) + leg(a, document)
        else:
            unnamed += leg(a, document)
    return named, unnamed
