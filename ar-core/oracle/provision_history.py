"""What became of what was owed: loss rates by cohort and by roll rates, and the back-test of a matrix (docs/specification.md 14)."""

from datetime import timedelta
from fractions import Fraction

import aging
from provision import Provision, rounded, shown
from provision_policy import check_kinds
from values import add_months, fail, key, ratio, show
from view import View, account_order


def month_end(d):
    return add_months(d.replace(day=1), 1) - timedelta(days=1)


def bucket_of(view, policy, line):
    if line["basis_date"] is None:
        return 0
    return sum(aging.is_past(view, policy, line["basis_date"], edge) for edge in policy["edges"])


def parts_of(view, policy, documents):
    """What is open of each document by bucket, oldest bucket first: {document: [[bucket, open], …]}."""
    out = {}
    for line in aging.Aging(view, policy).items:
        if line["open"] > 0 and line["document"] in documents:
            out.setdefault(line["document"], []).append([bucket_of(view, policy, line), line["open"]])
    return {document: sorted(parts, key=lambda p: -p[0]) for document, parts in out.items()}


def written_off(view, kinds, after, until):
    """What was written off of each document after one day and until another, and holds in the view."""
    out = {}
    for d in view.ledger.rows["differences"]:
        on = d["effective"]
        if d["kind"] in kinds and view.ledger.live(d, view.on, view.known) and (after is None or on > after) and on <= until:
            if view.ledger.documents[d["document"]]["amount"] > 0:
                out[d["document"]] = out.get(d["document"], 0) + d["amount"]
    return out


def follow(sources, sinks, written):
    """(source or None, place, amount): written off first, then settled, then what is still open, oldest bucket first."""
    fell = max(0, sum(s[1] for s in sources) - sum(s[1] for s in sinks))
    lost = min(written, fell)
    ways = [("written_off", lost), ("settled", fell - lost)] + [(s[0], s[1]) for s in sinks]
    left = [[source, source[1]] for source in sources]
    for to, amount in ways:
        while amount > 0 and left:
            moved = min(amount, left[0][1])
            yield left[0][0], to, moved
            amount -= moved
            left[0][1] -= moved
            if left[0][1] == 0:
                left.pop(0)
        if amount > 0:
            yield None, to, amount


class LossRates:
    def __init__(self, view, policy):
        self.view, self.policy, self.ledger = view, policy, view.ledger
        self.labels = aging.labels_of(policy["aging"])
        self.days = self.days_of()
        self.pool_of = self.find_pools()
        self.pools = sorted(set(self.pool_of.values()), key=account_order)
        n = len(self.labels)
        self.tally = {
            pool: {
                "reached": [0] * n, "lost": [0] * n, "rolled": [0] * n, "items": [0] * n, "seen": [set() for _ in range(n)],
                "moves": [{place: 0 for place in [*range(n), "settled", "written_off"]} for _ in range(n)],
            }
            for pool in self.pools
        }
        self.last = self.walk()

    def days_of(self):
        p, until, out = self.policy, self.view.on, []
        d = month_end(p["from"]) if p["step"] == "month_ends" else p["from"]
        while d <= until:
            out.append(d)
            if len(out) > 1000:
                fail("policy_invalid", "from")
            d = month_end(d + timedelta(days=1)) if p["step"] == "month_ends" else d + timedelta(days=p["step_days"])
        if p["method"] == "cohort" and (not out or out[-1] < until):
            out.append(until)
        return out

    def find_pools(self):
        p, out = self.policy, {}
        # Values of keys are those of the view's day.
        values = aging.Aging(self.view, p["aging"], p["pools"], p["where"])
        for d in self.ledger.rows["documents"]:
            if d["amount"] <= 0 or not self.view.counted(d) or self.view.cancelled(d) or not values.matches(d):
                continue
            if p["method"] == "cohort" and not p["from"] <= d["document_date"] <= (p["to"] or self.view.on):
                continue
            out[d["id"]] = (*(values.value(d, name) for name in p["pools"]), d["currency"])
        return out

    def walk(self):
        p, before, on = self.policy, {}, None
        cohort = p["method"] == "cohort"
        if cohort:
            written = written_off(self.view, p["loss_kinds"], None, self.view.on)
            for document, pool in self.pool_of.items():
                t = self.tally[pool]
                t["items"][0] += 1
                t["reached"][0] += self.ledger.documents[document]["amount"]
                t["lost"][0] += written.get(document, 0)
        for d in self.days:
            after = parts_of(View(self.ledger, d, self.view.known), p["aging"], self.pool_of)
            written = written_off(self.view, p["loss_kinds"], on, d)
            for document in set(before) | set(after):
                t = self.tally[self.pool_of[document]]
                for source, to, amount in follow(before.get(document, []), after.get(document, []), written.get(document, 0)):
                    if source is not None:
                        t["moves"][source[0]][to] += amount
                    if cohort:
                        self.take_cohort(t, document, source, to, amount)
            if not cohort and d != self.days[-1]:
                for document, parts in after.items():
                    for bucket, amount in parts:
                        t = self.tally[self.pool_of[document]]
                        t["items"][bucket] += 1
                        t["reached"][bucket] += amount
            before, on = after, d
        return before

    def take_cohort(self, t, document, source, to, amount):
        bucket = 0 if source is None else source[0]
        if to == "written_off":
            for i in range(1, bucket + 1):
                t["lost"][i] += amount
        elif to != "settled":
            for i in range(bucket + 1, to + 1):
                t["reached"][i] += amount
                if document not in t["seen"][i]:
                    t["seen"][i].add(document)
                    t["items"][i] += 1

    # --- rates ---------------------------------------------------------------------------------------------------------

    def cohort_rates(self, pool):
        p, t = self.policy, self.tally[pool]
        young = False
        for document, parts in self.last.items():
            for bucket, amount in parts if self.pool_of[document] == pool else []:
                young = young or bucket < len(self.labels) - 1
                if p["still_open"] == "lost":
                    for i in range(bucket + 1):
                        t["lost"][i] += amount
        out = []
        for i in range(len(self.labels)):
            t["lost"][i] = min(t["lost"][i], t["reached"][i])
            if young:
                out.append((None, "not_enough_history"))
            elif t["reached"][i] == 0:
                out.append((None, "nothing_reached"))
            elif t["items"][i] < p["minimum_items"]:
                out.append((None, "too_few_items"))
            else:
                exact = Fraction(t["lost"][i], t["reached"][i])
                out.append((exact if p["digits"] is None else self.rounded(exact, p["digits"]), "derived"))
        return out

    def rounded(self, number, digits):
        return Fraction(rounded(number * 10**digits, self.policy["rounding"]), 10**digits)

    def roll_rates(self, pool):
        p, t, n = self.policy, self.tally[pool], len(self.labels)
        digits = 12 if p["digits"] is None else p["digits"]
        first = self.days[0] if self.days else None
        begun = first is not None and any(self.ledger.documents[d]["effective"] <= first for d, own in self.pool_of.items() if own == pool)
        out = [None] * n
        for i in reversed(range(n)):
            moves = t["moves"][i]
            t["lost"][i] = moves["written_off"]
            t["rolled"][i] = sum(moves[j] for j in range(i + 1, n))
            left = t["reached"][i] - moves[i]
            unknown = any(moves[j] > 0 and out[j][0] is None for j in range(i + 1, n))
            if not begun or len(self.days) < 2:
                out[i] = (None, "not_enough_history")
            elif i == n - 1:
                out[i] = (self.rounded(p["last_rate"], digits), "given")
            elif t["reached"][i] == 0:
                out[i] = (None, "nothing_reached")
            elif t["items"][i] < p["minimum_items"]:
                out[i] = (None, "too_few_items")
            elif unknown or left == 0:
                out[i] = (None, "not_enough_history")
            else:
                lost = moves["written_off"] + sum(moves[j] * out[j][0] for j in range(i + 1, n) if moves[j] > 0)
                out[i] = (self.rounded(lost / left, digits), "derived")
        return out

    def answer(self):
        rows, moves, matrices, whole = [], [], [], bool(self.pools)
        for pool in self.pools:
            rates = self.cohort_rates(pool) if self.policy["method"] == "cohort" else self.roll_rates(pool)
            t, n = self.tally[pool], self.ledger.settings.digits[pool[-1]]
            place = {"pool": list(pool[:-1]), "currency": pool[-1]}
            for i, (label, (rate, outcome)) in enumerate(zip(self.labels, rates)):
                row = {name: show(t[name][i], n) for name in ("reached", "lost", "rolled")}
                rate = None if rate is None else shown(Fraction(rate))
                rows.append({**place, "bucket": label, "items": t["items"][i], **row, "rate": rate, "outcome": outcome})
                for to, amount in t["moves"][i].items():
                    to = to if isinstance(to, str) else self.labels[to]
                    moves.append({**place, "from": label, "to": to, "amount": show(amount, n)})
            if all(rate is not None for rate, _ in rates):
                matrices.append({**place, "rates": [shown(Fraction(rate)) for rate, _ in rates]})
            else:
                whole = False
        return {
            "method": self.policy["method"],
            "outcome": "derived" if whole else "not_enough_history",
            "days": [d.isoformat() for d in self.days],
            "labels": self.labels,
            "rows": rows,
            "moves": moves,
            "matrices": matrices,
        }


def back_test(now, then, policy, kinds, still_open):
    check_kinds(kinds)
    made = Provision(then, policy, [])
    if policy["aging"]["currency"] != "document":
        fail("policy_invalid", "aging.currency")
    if then.on >= now.on:
        fail("impossible_date", "then")
    units = [{**row, "customer": None, "document": None} for row in made.rows]
    units += [{**row, "pool": [], "bucket": ""} for row in made.specific]
    sources = {}
    for item in made.items:
        if item["open"] <= 0:
            continue
        for at, unit in enumerate(units):
            entry = None if item["entry"] is None else policy["specific"][item["entry"]]
            own = {"currency": item["currency"]}
            own |= {"pool": item["pool"], "bucket": made.labels[item["number"]], "customer": None, "document": None} if entry is None else {"customer": entry["customer"], "document": entry["document"]}
            if all(unit[name] == value for name, value in own.items()):
                sources.setdefault(item["document"], []).append((item["number"], item["open"], at))
    sums = [dict.fromkeys(("owed", "settled", "written_off", "still_open"), 0) for _ in units]
    after = parts_of(now, policy["aging"], sources)
    written = written_off(now, kinds, then.on, now.on)
    for document, parts in sources.items():
        parts = sorted(parts, key=lambda p: -p[0])
        for source, to, amount in follow(parts, after.get(document, []), written.get(document, 0)):
            if source is not None:
                sums[source[2]]["owed"] += amount
                sums[source[2]][to if isinstance(to, str) else "still_open"] += amount
    digits = now.ledger.settings.digits
    rows, totals = [], {}
    for unit, own in zip(units, sums):
        n = digits[unit["currency"]]
        own["provided"] = int(Fraction(unit["provision"]) * 10**n)
        total = totals.setdefault(unit["currency"], dict.fromkeys(own, 0))
        for name in own:
            total[name] += own[name]
        place = {name: unit[name] for name in ("pool", "customer", "document", "currency", "bucket")}
        rows.append({**place, **told(own, still_open, n)})
    none = {"pool": [], "customer": None, "document": None, "bucket": ""}
    out = [{**none, "currency": currency, **told(total, still_open, digits[currency])} for currency, total in sorted(totals.items(), key=lambda t: key(t[0]))]
    return {"then": then.on.isoformat(), "until": now.on.isoformat(), "rows": rows, "totals": out}


def told(own, still_open, n):
    lost = own["written_off"] + (own["still_open"] if still_open == "lost" else 0)
    out = {name: show(own[name], n) for name in ("owed", "provided", "settled", "written_off", "still_open")}
    part = lambda of: None if own["owed"] == 0 else ratio(Fraction(of, own["owed"]), 6)
    return {**out, "lost": show(lost, n), "expected_rate": part(own["provided"]), "actual_rate": part(lost), "difference": show(own["provided"] - lost, n)}
