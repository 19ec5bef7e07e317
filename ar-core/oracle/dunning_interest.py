"""Interest and compensation of the lines of a run (docs/specification.md 9, by section 8)."""

import interest


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
            until = [line["interest_until"] for _, line in self.about(item) if line.get("interest_until") is not None]
            found = interest.Accrued(p, item["due"], interest.balances(self.view, item, p), self.view.on, max(until, default=None))
            out.append({"item": item, "found": found, "interest": found.accrued, "rule": found.rule, "compensation": 0})
        interest.let_go(self.view, p, out)
        return p, out

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
        """Is a notice about the document at a level with compensation?"""
        levels = self.procedure(item)["levels"]
        for notice in self.history.notices:
            for line in self.history.lines_of(notice):
                if line["document"] == item["document"] and 0 < line["level"] <= len(levels) and levels[line["level"] - 1]["compensation"]:
                    return True
        return False


def place(item):
    return item["document"], item["instalment"]
