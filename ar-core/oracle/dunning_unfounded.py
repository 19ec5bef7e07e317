"""Charges that turn out to be for nothing (docs/specification.md 9, Unfounded charges)."""

import interest
from dunning_history import Charged
from interest import leg, there_from
from undo import latest
from values import Failure, key


class Unfounding:
    def unfounded(self):
        """id of an item -> what of it is for nothing. Beside it `disputed_with`: what is not asked for while its document is disputed."""
        self.disputed_with = {}
        if not self.leaves_out("unfounded"):
            return {}
        self.charges = {i["document"]: i for i in self.items if i["doc"]["kind"] == "charge" and i["open"] > 0}
        out, interests = {}, {}
        # Notices of a simulation have charged nothing in the ledger.
        known = [(notice, line["n"], line) for notice in self.history.notices if "id" in notice for line in notice["lines"]]
        known += [(notice, 0, line) for notice in self.history.closings if "id" in notice for line in notice["lines"]]
        known += [(k["notice"], k["line"]["n"] if k["notice"]["level"] else 0, k["line"]) for k in self.history.kept]
        paid = {}
        for notice, n, line in known:
            document = self.ledger.documents[line["document"]]
            gone = self.view.cancelled(document)
            was_paid = gone or (not self.has_left(document) and self.left_by(document, line.get("instalment", 0), notice["effective"]) <= 0)
            was_paid = was_paid or (not self.has_left(document) and not self.was_payable(document, line.get("instalment", 0), notice["effective"]))
            paid.setdefault((notice["effective"], notice["id"]), []).append((was_paid, document["id"]))
            charge = lambda what: self.charge_about(notice, n, what, document)
            if n and was_paid and charge("f"):
                out[id(charge("f"))] = charge("f")["open"]
            if charge("i"):
                part = self.history.part(document["id"], line.get("instalment", 0), notice["effective"])
                interests.setdefault((document["id"], line.get("instalment"), part), []).append((notice["effective"], charge("i")))
        for one in self.history.sums_charged():
            item, claim = self.charges.get(one["charge"]), self.history.claimed_with(one, self.policy)
            if item and all(self.never_late(self.ledger.documents[name], one["day"]) for name in claim):
                out[id(item)] = item["open"]
        for (name, number, part), charges in interests.items():
            document = self.ledger.documents[name]
            where = document, number or 0, part, max(day for day, _ in charges)
            self.take_interest(out, document, charges, self.too_much(*where, "included"))
            if self.leaves_out("disputed"):
                self.take_interest(self.disputed_with, document, charges, self.too_much(*where, "excluded"))
                self.disputed_with |= {id(item): max(0, self.disputed_with[id(item)] - out[id(item)]) for _, item in charges}
        for _, name in sorted(paid, key=lambda one: one[0]):
            lines = paid[_, name]
            principal = [one for one in lines if self.ledger.documents[one[1]]["kind"] != "charge"]
            lines = principal or lines
            nothing = lambda one: one in self.charges and out.get(id(self.charges[one])) == self.charges[one]["open"]
            if f"{name}-f" in self.charges and all(was_paid or nothing(about) for was_paid, about in lines):
                item = self.charges[f"{name}-f"]
                out[id(item)] = item["open"]
        return out

    def take_interest(self, out, document, charges, left):
        """Takes so much off the charges of interest, the latest first; None: all of each."""
        for day, item in sorted(charges, key=lambda one: (one[0], key(one[1]["document"])), reverse=True):
            of, to = document["currency"], item["doc"]["currency"]
            rate = 1 if of == to else latest(self.view, of, to, day)
            if left is None or rate is None:
                out[id(item)] = item["open"] if left is None else 0
                continue
            charged = Charged(self.ledger, item["open"], to, of, rate)
            out[id(item)] = item["open"] if left >= charged.own() else min(item["open"], charged.of(left))
            left = max(0, left - charged.own())

    def borne_by_rest(self, p, document, number, until):
        """What documents that are left of an item bore up to a day."""
        total = 0
        for item in interest.overdue(self.view, {**p, "closed": "included"}):
            above = self.view.with_those_above(item["doc"])[1:]
            if any(name == document["id"] and n in (0, number) for name, n in above):
                try:
                    found = interest.Accrued(p, item["late_after"], interest.balances(self.view, item, p), until)
                    total += found.accrued if found.rule == "interest.accrued" else 0
                except Failure:
                    pass
        return total

    def charge_about(self, notice, n, what, document):
        item = self.charges.get(f"{notice['id']}-{n}-{what}" if n else f"{notice['id']}-i")
        if item is not None and item["doc"].get("related") == document["id"]:
            return item
        return None

    def has_left(self, document):
        """Did a residual leave something of it?"""
        above = [self.view.left_over_of(d) for d in self.ledger.rows["documents"]] if self.ledger.moved else []
        return any(d is not None and d["id"] == document["id"] for d in above)

    def left_by(self, document, number, on):
        """What was left of an item of the schedule in force on a day, or of the document, at its end; something, when it did not count then."""
        p = {"paid_from": (self.policy["interest"] or {"paid_from": "credit"})["paid_from"], "disputed": "included"}
        if on < document["effective"]:
            return 1
        if number in [n for n, _, amount in self.ledger.schedule_in_force(document, on, self.view.known)[0] if amount > 0]:
            return interest.balances(self.view, {"doc": document, "instalment": number, "disputed": 0, "terms_on": on}, p)(on)
        left = document["amount"]
        for a in self.ledger.settling():
            if leg(a, document) and self.view.counted(a):
                begin = there_from(self.view, a) if p["paid_from"] == "credit" else a["effective"]
                end = self.ledger.taken_back(a, self.view.known) or interest.NEVER
                left -= leg(a, document) if begin <= on <= self.view.on and on < end else 0
        return left

    def was_payable(self, document, number, on):
        """Could it be asked for before a day on which a notice took it for late? Not while it lacked what it had lacked when it fell due."""
        dues = {n: due for n, due, _ in self.ledger.schedule_in_force(document, on, self.view.known)[0]}
        due = dues.get(number, document["due"])
        if due is None or due >= on:
            return True
        payable = self.payable(document, due)
        return payable is not None and payable < on

    def overdue_of(self, document, terms_on=None):
        p = {**self.policy["interest"], "closed": "included"}
        return [i for i in interest.overdue(self.view, p, terms_on) if i["document"] == document["id"]]

    def never_late(self, document, terms_on):
        if self.view.cancelled(document):
            return True
        if self.policy["interest"] is None or self.has_left(document):
            return False
        p, items = {**self.policy["interest"], "disputed": "included"}, self.overdue_of(document, terms_on)
        for item in items:
            try:
                if interest.Accrued(p, item["late_after"], interest.balances(self.view, item, p), self.view.on).rule != "interest.not_late":
                    return False
            except Failure:
                return False
        return items != []

    def too_much(self, document, number, part, last, disputed):
        """What was charged too much for an item as it was, the last of it on a day, and no later interest makes up for; None: all of it."""
        if self.policy["charged_interest"] == "final":
            return 0
        if self.view.cancelled(document):
            return None
        if self.policy["interest"] is None:
            return 0
        p = {**self.policy["interest"], "disputed": disputed}
        stands = self.history.part(document["id"], number) == part
        until = self.history.charged_until(document["id"], number)
        for item in self.overdue_of(document) if stands else self.overdue_of(document, last):
            if item["instalment"] == number:
                if not stands:
                    own = [day for day, _, amount, _ in self.history.charged(document["id"], number, last) if amount != "other"]
                    until = max(own, default=None)
                balance = interest.balances(self.view, item, p)
                try:
                    found = interest.Accrued(p, item["late_after"], balance, self.view.on, until)
                except Failure:
                    return 0
                since = found.accrued if found.rule == "interest.accrued" and stands else 0
                over = max(0, -(since + self.change(p, item, lambda _, balance: balance)))
                return max(0, over - (0 if until is None else self.borne_by_rest(p, document, number, until)))
        return 0
