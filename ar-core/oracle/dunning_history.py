"""Which notices were sent, about what, and which is the last (docs/specification.md 9, Facts)."""


class History:
    """Notices that count, in the order they came, each with its lines: of a ledger's view, or of a simulation's own runs."""

    def __init__(self, ledger, notices, closings=()):
        """`closings`: notices of level 0, whose lines remember interest that was charged."""
        self.ledger, self.notices, self.closings = ledger, notices, closings

    @staticmethod
    def of(view, before=None):
        """The notices counted in a view and not withdrawn; with `before` only those of earlier days."""
        found, closings = [], []
        for row in view.ledger.rows["notices"]:
            if view.counted(row) and not view.closed(row) and (before is None or row["effective"] < before):
                (found if row["level"] > 0 else closings).append(with_lines(view.ledger, row))
        return History(view.ledger, found, closings)

    def charged_until(self, document, instalment):
        """The last day for which interest on an item was charged, by whatever notice."""
        lines = [line for _, line in self.about(document, instalment)]
        for notice in self.closings:
            lines += [line for line in notice["lines"] if line["document"] == document and line.get("instalment", instalment) == instalment]
        return max((line["interest_until"] for line in lines if line.get("interest_until") is not None), default=None)

    def about(self, document, instalment):
        """(notice, its line) for every notice about an item."""
        out = []
        for notice in self.notices:
            line = line_about(notice, document, instalment)
            if line is not None:
                out.append((notice, line))
        return out

    @staticmethod
    def lines_of(notice):
        return lines_of(notice)

    def of_desk(self, desk):
        """(notice, level of the desk there) for every notice of a desk (company, customer, currency)."""
        company, customer, currency = desk
        out = []
        for notice in self.notices:
            levels = [line["level"] for line in lines_of(notice) if self.desk_of(line["document"]) == desk]
            named = notice["customer"] == customer
            named = named and notice.get("company") in (None, company) and notice.get("currency") in (None, currency)
            if levels:
                out.append((notice, max(levels)))
            elif named:
                out.append((notice, notice["level"]))
        return out

    def desk_of(self, name):
        document = self.ledger.documents[name]
        return document.get("company", ""), document["customer"], document["currency"]

    def is_charge_of(self, document, on):
        """A charge of the day whose related document a notice of that day is about."""
        if document["kind"] != "charge" or document["document_date"] != on:
            return False
        names = [line["document"] for n in self.notices if n["effective"] == on for line in lines_of(n)]
        names += [line["document"] for n in self.closings if n["effective"] == on for line in n["lines"] if line.get("interest_until") is not None]
        return document.get("related") in names


def with_lines(ledger, row):
    return {**row, "lines": [line for line in ledger.rows["notice_lines"] if line["notice"] == row["id"]]}


def lines_of(notice):
    """The lines of a notice; its own document is one more, at the notice's level."""
    out = list(notice["lines"])
    if "document" in notice:
        out.append({"document": notice["document"], "level": notice["level"]})
    return out


def line_about(notice, document, instalment):
    """The first line of a notice that names the item, else the notice's own document."""
    for line in lines_of(notice):
        if line["document"] == document and line.get("instalment", instalment) == instalment:
            return line
    return None


def last(found):
    """Of (notice, …) the one of the latest effective day, then recorded day, then sequence."""
    best = None
    for one in found:
        if best is None or (one[0]["effective"], one[0]["recorded"]) >= (best[0]["effective"], best[0]["recorded"]):
            best = one
    return best
