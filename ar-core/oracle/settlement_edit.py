"""A settlement with changes (docs/specification.md 7): lines changed or left out, discounts accepted or refused."""

import copy
from fractions import Fraction

from values import Failure, Refused, exact, fail, money


def refuse(code, n, field):
    raise Failure([{"code": code, "table": "edits", "index": n, "field": field}])


class Editing:
    def edit(self, edits):
        """Changes of lines, by number, or decisions about the discounts of documents."""
        decided, changes = dict(self.prices.decided), {}
        of_lines = any(e.get("line") is not None for e in edits)
        for n, e in enumerate(edits):
            if (e.get("line") is None) == (e.get("document") is None):
                refuse("edit_invalid", n, "line")
            if e.get("line") is None:
                self.decide(decided, e, self.decidable(n, e, of_lines))
            else:
                changes[e["line"]] = self.change_of(n, e, changes, decided)
        if changes:
            return self.changed(changes, decided)
        return type(self)(self.view, self.policy, decided) if edits else self

    def decidable(self, n, e, of_lines):
        if e.get("discount") is None:
            refuse("edit_invalid", n, "discount")
        if of_lines or self.edited or any(e.get(name) is not None for name in ("amount", "reason")) or e.get("drop"):
            refuse("edit_invalid", n, "document")
        items = [q["at"]["debit"] for q in self.asked if "at" in q] + [debit for _, debit, _ in self.wondered]
        if e["discount"] == "refused":
            items += [line["debit"] for line in self.made if line["discount"]]
        items += self.decided_late()
        items = [i for i in items if i["document"] == e["document"] and e.get("instalment") in (None, i["instalment"])]
        if not items:
            refuse("unknown_value", n, "document")
        return items

    def decided_late(self):
        """The items of which it was decided before what becomes of a late discount."""
        return [debit for _, debits in self.desks for debit in debits if self.prices.said(debit) in ("accepted", "late refused")]

    def is_late(self, line):
        return bool(line["discount"] and line["tier"]["late"])

    def decide(self, decided, e, items):
        """Of a document as a whole, whatever was said of its instalments before; or of one instalment. Refused is what is late, if anything is, or was when
        it was decided about before."""
        late = [q["at"]["debit"] for q in self.asked if "at" in q] + [debit for _, debit, _ in self.wondered] + [line["debit"] for line in self.made if self.is_late(line)] + self.decided_late()
        word = e["discount"]
        if word == "refused" and any(one is item for one in late for item in items):
            word = "late refused"
        if e.get("instalment") is None:
            for name in [name for name in decided if name[0] == e["document"]]:
                del decided[name]
        decided[e["document"], e.get("instalment")] = word

    def change_of(self, n, e, changes, decided):
        if e.get("instalment") is not None:
            refuse("edit_invalid", n, "instalment")
        if not 0 <= e["line"] < len(self.made):
            refuse("unknown_value", n, "line")
        said = [e.get(name) is not None for name in ("amount", "discount", "reason")]
        if e["line"] in changes:
            refuse("edit_invalid", n, "line")
        if e.get("drop") and any(said):
            refuse("edit_invalid", n, "drop")
        if not e.get("drop") and not any(said):
            refuse("edit_invalid", n, "line")
        line = self.made[e["line"]]
        if e.get("discount") is not None:
            asked = any(q.get("at") is line for q in self.asked)
            if not asked and (e["discount"] == "accepted" or not line["discount"]):
                refuse("edit_invalid", n, "discount")
            late = asked or self.is_late(line)
            decided[line["debit"]["document"], line["debit"]["instalment"]] = e["discount"] if e["discount"] == "accepted" or not late else "late refused"
        amount = None
        if e.get("amount") is not None:
            try:
                amount = money(Fraction(exact(e["amount"])), self.ledger.digits_of(line["credit"]["doc"]))
            except Refused as refused:
                refuse(refused.code, n, "amount")
            if amount <= 0:
                refuse("edit_invalid", n, "amount")
        remade = bool(e.get("drop")) or amount is not None or e.get("discount") is not None
        return {"n": n, "amount": amount, "drop": bool(e.get("drop")), "remade": remade, "reason": e.get("reason")}

    def without(self, numbers):
        if any(not 0 <= n < len(self.made) for n in numbers):
            fail("unknown_value", "lines")
        changes = {}
        for n, number in enumerate(numbers):
            changes.setdefault(number, {"n": n, "amount": None, "drop": True, "remade": True, "reason": None})
        try:
            return self.changed(changes, dict(self.prices.decided))
        except Failure as failure:
            fail(failure.problems[0]["code"], "lines")

    def changed(self, changes, decided):
        new = copy.copy(self)
        new.prices = copy.copy(self.prices)
        new.prices.decided, new.prices.let_go, new.prices.room, new.prices.spent = decided, {}, new.room, set()
        new.made, new.asked, new.edited = [], [q for q in self.asked if "at" not in q], True
        new.touched = set(self.touched)
        new.open_all()
        affected = {self.desk_of(self.made[n]["credit"]) for n in changes}
        dirty, checked = {}, set()
        # A limit is had once: what stays has had its part, wherever it stands.
        for line in self.kept(changes):
            if self.desk_of(line["credit"]) in affected:
                new.note(line)
                self.deal_has_spent(new, line)
        for number, line in enumerate(self.made):
            change, desk = changes.get(number), self.desk_of(line["credit"])
            if desk in affected and desk not in checked:
                checked.add(desk)
                self.has_enough(new, changes, desk)
                new.prices.debits = next(debits for credits, debits in self.desks if any(c is line["credit"] for c in credits))
            because = change["n"] if change and change["remade"] else dirty.get(id(line["debit"]))
            reason = change["reason"] if change and change["reason"] is not None else line.get("reason")
            if because is None:
                new.keep(line, reason, self.asked)
                continue
            dirty.setdefault(id(line["debit"]), because)
            new.touched.add(id(line["credit"]))
            if not (change and change["drop"]):
                amount = line["amount"] if not change or change["amount"] is None else change["amount"]
                first = len(new.made)
                stated = bool(change) and change["amount"] is not None
                new.remake(line, amount, reason, because, "amount" if stated else "line", stated)
                for made in new.made[first:]:
                    self.deal_has_spent(new, made)
        for desk in affected:
            new.leave_residuals([line for line in new.made if self.desk_of(line["credit"]) == desk])
        return new

    def kept(self, changes):
        """The lines of which nothing is changed, nor of an earlier line on their item."""
        dirty, out = set(), []
        for number, line in enumerate(self.made):
            if id(line["debit"]) in dirty or (number in changes and changes[number]["remade"]):
                dirty.add(id(line["debit"]))
            else:
                out.append(line)
        return out

    def note(self, line):
        """What a line lets go, beside it or within its discount, counts for those that are made anew."""
        short = sum(one["amount"] for one in line["beside"] if one["side"] == "debit" and one["kind"] in ("tolerance", "write_off"))
        if short or line["within"] > 0:
            self.lets_go(line["debit"], "under", short + max(0, line["within"]))
        self.has_spent(line)

    def deal_has_spent(self, new, line):
        """What one line of a best match lets go, all payments of that deal have had."""
        if line["strategy"] != "best_match" or not (line["within"] or any(one["kind"] in ("tolerance", "write_off") for one in line["beside"])):
            return
        for other in self.made:
            if other["strategy"] == "best_match" and self.desk_of(other["credit"]) == self.desk_of(line["credit"]):
                new.prices.spent.add((other["credit"]["document"], "tolerance"))

    def has_spent(self, line):
        kinds = {one["kind"] for one in line["beside"]}
        if kinds & {"tolerance", "write_off"} or line["within"]:
            self.prices.spent.add((line["credit"]["document"], "tolerance"))
        if "bank_charge" in kinds:
            self.prices.spent.add((line["credit"]["document"], "bank_charge"))

    def has_enough(self, new, changes, desk):
        paid = {}
        for number, line in enumerate(self.made):
            change = changes.get(number)
            over = sum(one["amount"] for one in line["beside"] if one["side"] == "credit")
            amount = line["amount"] + over
            if change and change["remade"]:
                amount = 0 if change["drop"] else line["amount"] if change["amount"] is None else change["amount"]
            paid[id(line["credit"])] = paid.get(id(line["credit"]), 0) + amount
        raised = sorted((change["n"], number) for number, change in changes.items() if change["amount"] is not None)
        for n, number in raised:
            credit = self.made[number]["credit"]
            if self.desk_of(credit) == desk and paid[id(credit)] > new.starts[id(credit)]:
                refuse("over_allocation", n, "amount")

    def keep(self, line, reason, asked):
        """A line that stays, perhaps with another reason."""
        kept = {**line, "beside": list(line["beside"])}
        if reason != line.get("reason"):
            kept["reason"] = reason
        self.made.append(kept)
        self.asked += [{**q, "at": kept} for q in asked if q.get("at") is line]
        self.take(line["credit"], line["amount"])
        self.take(line["debit"], line["debit_amount"] + line["discount"])
        line["debit"]["discounted"] += line["discount"]
        self.was_paid(line["debit"], line["credit"], line["debit_amount"])
        if line["discount"]:
            self.was_with_discount(line, line["discount"])
        for one in line["beside"]:
            self.take(line[one["side"]], one["amount"])

    def remake(self, line, amount, reason, n, field, stated):
        """The line as if its credit had so much and paid this item alone."""
        credit, debit, strategy, first = line["credit"], line["debit"], line["strategy"], len(self.made)
        before = credit["left"]
        credit["left"] = amount
        q = self.prices.quote(credit, debit) if self.room(debit) > 0 else None
        if q is None or self.room(credit) < amount:
            refuse("over_allocation", n, field)
        plan, leaves = None, q["kept"] and not stated and amount > q["price"]
        if self.prices.blocked(debit):
            self.one_blocked(strategy, credit, amount, q)
        else:
            plan = self.solution(credit, [q], strategy, ("exact", "rounded", "short", "charged"))
            if plan is not None:
                self.carry_out(credit, plan, strategy)
            elif leaves:
                self.carry_out(credit, self.plan(credit, amount, [q], strategy, ("above",)), strategy)
            elif self.policy["partial"] == "refused":
                refuse("over_allocation" if amount > q["gross"] else "edit_invalid", n, field)
            else:
                q = q if amount < q["price"] else self.prices.in_full(q)
                if amount < q["price"]:
                    self.in_part(strategy, credit, amount, q)
        if len(self.made) == first or (credit["left"] > 0 and not leaves):
            refuse("over_allocation", n, field)
        self.made[first]["reason"] = reason
        if "score" in line:
            self.made[first]["score"] = line["score"]
        credit["left"] = before - amount + credit["left"]
