"""Interest and compensation of the lines of a run (docs/specification.md 9, by section 8)."""

import interest
from values import Failure, fail


class Charging:
    def asked(self, name):
        """The lines at a level with interest, or with compensation, in their order."""
        out = []
        for line in self.all_debits:
            procedure = self.policy["procedures"][line["place"][3]]
            if procedure["levels"][line["level"] - 1][name]:
                out.append(line)
        return out

    def report(self, lines):
        """Section 8 for the documents of some lines: place of an item -> what accrued."""
        p = {**self.policy["interest"], "disputed": "excluded"}
        names = {line["item"]["document"] for line in lines}
        out = []
        for item in interest.overdue(self.view, p):
            if item["document"] not in names:
                continue
            until = None if self.policy["charges"] == "shown" else self.history.charged_until(item["document"], item["instalment"])
            found = self.accrued(p, item, until)
            if found is None:
                continue
            out.append({"item": item, "found": found, "compensation": 0, **self.owed(p, item, found)})
        interest.let_go(self.view, p, out)
        return p, out

    def owed(self, p, item, found):
        """The interest to charge, after what was charged before turned out to be too much, or too little."""
        change = self.correction(p, item)
        if change == 0 or found.rule not in ("interest.accrued", "interest.charged"):
            return {"interest": found.accrued, "rule": found.rule}
        sum_of_both = interest.in_range(found.accrued + change)
        if sum_of_both > 0:
            return {"interest": sum_of_both, "rule": "interest.accrued"}
        return {"interest": 0, "rule": "interest.charged"}

    def correction(self, p, item):
        """What the days that were charged bear by what is known now, less what was charged for them."""
        if self.policy["charges"] == "shown" or self.policy["charged_interest"] == "final":
            return 0
        return self.change(p, item, self.uncovered)

    def change(self, p, item, less):
        """`less`: what to take off the balances of an item."""
        begin, total, periods = None, 0, {}
        for until, *one in self.history.charged(item["document"], item["instalment"], item.get("terms_on", self.view.on)):
            periods.setdefault(until, []).append(one)
        for until in sorted(periods):
            lines = sorted(periods[until], key=lambda one: one[0])
            beside = [one for one in lines[1:] if one[2] != "noticed" and one[1] not in (None, "other")]
            own = [one for one in lines if one[1] != "other" and not any(one is other for other in beside)]
            if own and all(amount is not None for _, amount, _ in own):
                change = self.change_of_days(p, item, less, own, begin, until)
                total = with_change(total, change, any(how == "forgiven" for _, _, how in own))
            for _, amount, how in beside:
                total = with_change(total, -amount.own(), how == "forgiven")
            begin = until
        return min(0, total) if self.policy["charged_interest"] == "lowered" else total

    def change_of_days(self, p, item, less, own, begin, until):
        """What the days after one up to another bear, less what these lines have charged for them."""
        sent, _, how = own[0]
        as_of = until if how == "noticed" else max(until, sent)
        then = {**item, "terms_on": max(sent, item["doc"]["effective"])}
        balance = less(item, interest.balances(self.view, then, p))
        try:
            right = interest.Accrued(p, item["late_after"], balance, as_of, begin, until).accrued
        except Failure:
            return 0
        charged = [amount for _, amount, _ in own]
        if len(charged) == 1 and charged[0].of(right) == charged[0].amount:
            return 0
        return right - sum(one.own() for one in charged)

    def accrued(self, p, item, until):
        """What an item bears, after the cash that covers it; None where there is no rate for it."""
        try:
            return interest.Accrued(p, item["late_after"], self.uncovered(item, interest.balances(self.view, item, p)), self.view.on, until)
        except Failure as failure:
            if failure.problems[0]["code"] != "rate_missing":
                raise
            return None

    def has_rates(self):
        """A table of rates that begins after the day is of no use to any item."""
        p = self.policy["interest"]
        levels = [level for one in self.policy["procedures"].values() for level in one["levels"]]
        if any(level["interest"] or level["compensation"] for level in levels) and interest.rate_on(p, self.view.on) is None:
            fail("rate_missing", f"interest.{p['field']}[0].from")

    def lacks_rate(self, line):
        """Is an item older than the rates that its level asks for?"""
        level = self.procedure(line["item"])["levels"][line["level"] - 1]
        if not level["interest"] and not level["compensation"]:
            return False
        p = {**self.policy["interest"], "disputed": "excluded"}
        for item in interest.overdue(self.view, p):
            if place(item) == place(line["item"]):
                until = None if self.policy["charges"] == "shown" else self.history.charged_until(*place(item))
                try:
                    return self.accrued(p, item, until) is None
                except Failure:
                    return False
        return False

    def uncovered(self, item, balance):
        """What is left of an item after the cash that covers it, each part from its day on."""
        same = [i for i in self.items if place(i) == place(item)]
        cash = self.cash.get(id(same[0]), []) if same else []
        return lambda on: balance(on) - sum(part for day, part in cash if day <= on) if cash else balance(on)

    def closing_interest(self):
        """What paid items bore that no notice has charged: (item, interest, its last day), in the order of open items."""
        if self.policy["interest"] is None or "shown" == self.policy["charges"] or self.policy["paid_interest"] == "dropped" or self.quiet(self.view.on):
            return []
        p, rows = {**self.policy["interest"], "disputed": "excluded", "closed": "included"}, []
        for item in interest.overdue(self.view, p):
            if item["open"] > 0 or not self.asked_for(item) or self.kept_back(item["doc"]):
                continue
            until = self.history.charged_until(item["document"], item["instalment"])
            found = self.accrued(p, item, until)
            if found is None:
                continue
            rows.append({"item": item, "found": found, "until": until, **self.owed(p, item, found)})
        interest.let_go(self.view, p, rows)
        some = [row for row in rows if row["rule"] == "interest.accrued" and row["interest"]]
        return [(row["item"], row["interest"], max((s["until"] for s in row["found"].segments), default=row["until"])) for row in some]

    def asked_for(self, item):
        """Has a notice of an earlier day asked for interest of a paid item, or of what is left of it?"""
        parts = [(item["document"], item["instalment"])]
        for other in self.ledger.rows["documents"]:
            above = self.view.with_those_above(other)[1:]
            if any(name == item["document"] and number in (0, item["instalment"]) for name, number in above):
                parts.append((other["id"], 0))
        return any(self.interest_until_before(*part) for part in parts)

    def interest_until_before(self, document, instalment):
        """Does a line about the item, of a notice before the day, say up to when its interest was charged?"""
        items = self.history.left_of(document, instalment)
        for notice in [*self.history.notices, *self.history.closings]:
            if notice["effective"] < self.view.on:
                named = [[x for x in self.history.lines_of(notice) if x["document"] == d and x.get("instalment", i) == i] for d, i in items]
                nearest = next((lines for lines in named if lines), [])
                if any(line.get("interest_until") is not None for line in (nearest if notice["level"] else sum(named, []))):
                    return True
        return False

    def kept_back(self, document):
        if self.leaves_out("blocked") and self.blocked(document["customer"]):
            return True
        return self.leaves_out("held") and self.holds_on(document) != []

    def charge_all(self, debits):
        """Puts interest and compensation on the lines of all notices."""
        self.all_debits = debits
        for line in debits:
            line |= {"interest": 0, "compensation": 0, "interest_until": None}
        if self.asked("interest"):
            self.charge_interest(self.asked("interest"))
        if self.asked("compensation"):
            self.charge_compensation(self.asked("compensation"))

    def charge_interest(self, lines):
        _, rows = self.report(lines)
        found = {place(row["item"]): row for row in rows}
        for line in lines:
            row = found.get(place(line["item"]))
            if row is not None and row["rule"] == "interest.accrued":
                line["interest"] = self.figure(row["interest"], line["item"]["doc"]["currency"], line["place"][2])
                if line["interest"] > 0 and self.policy["charges"] != "shown":
                    line["interest_until"] = self.view.on

    def charge_compensation(self, lines):
        p, rows = self.report(lines)
        interest.compensate(self.view, p, rows, [row["item"]["document"] for row in rows if self.compensated(row["item"])])
        sums = {}
        for row in rows:
            sums[row["item"]["document"]] = sums.get(row["item"]["document"], 0) + row["compensation"]
        for line in lines:  # the first line of a document has it
            name = line["item"]["document"]
            line["compensation"] = self.figure(sums.pop(name, 0), line["item"]["doc"]["currency"], line["place"][2])

    def compensated(self, item):
        if self.policy["charges"] == "shown":
            return False
        names = {d for d, _ in self.history.left_of(item["document"], 0)}
        return any(names & self.history.claimed_with(one, self.policy) for one in self.history.sums_charged())


def with_change(total, change, forgiven):
    """A change more; one of what was forgiven makes up for those before it, and no more."""
    return max(min(total, 0), min(max(total, 0), total + change)) if forgiven else total + change


def place(item):
    return item["document"], item["instalment"]
