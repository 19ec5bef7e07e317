"""Which notices were sent, about what, and which is the last (docs/specification.md 9, Facts)."""

import re
from fractions import Fraction

from undo import latest
from values import half_away


class Charged:
    """What was charged in a currency about something in another, at a rate from the latter to the former."""

    def __init__(self, ledger, amount, currency, of, rate):
        digits = ledger.settings.digits
        self.amount, self.by = amount, Fraction(rate) * Fraction(10 ** digits[currency], 10 ** digits[of])
        self.same = currency == of

    def own(self):
        return self.amount if self.same else half_away(self.amount / self.by)

    def of(self, own):
        return own if self.same else half_away(own * self.by)


class History:
    """Notices that count, in the order they came, each with its lines: of a ledger's view, or of a simulation's own runs."""

    def __init__(self, view, notices, closings=(), kept=(), withdrawn=()):
        """`closings`: notices of level 0, whose lines remember interest that was charged; `kept`: what withdrawn notices have charged."""
        self.view, self.ledger, self.notices, self.closings, self.kept = view, view.ledger, notices, closings, kept
        self.withdrawn = withdrawn

    @staticmethod
    def of(view, before=None):
        """The notices counted in a view and not withdrawn; with `before` only those of earlier days."""
        found, closings, kept, withdrawn = [], [], [], []
        for row in view.ledger.rows["notices"]:
            if view.counted(row) and (before is None or row["effective"] < before):
                notice = with_lines(view.ledger, row)
                charge_lines(view, notice)
                if view.closed(row):
                    kept += kept_of(view, notice)
                    withdrawn += [notice] if row["level"] > 0 else []
                else:
                    (found if row["level"] > 0 else closings).append(notice)
        return History(view, found, closings, kept, withdrawn)

    def left_of(self, document, instalment):
        """An item, and those that it is left of."""
        return self.view.with_those_above(self.ledger.documents[document], instalment)

    def sums_charged(self):
        """Every fixed sum that was charged: about what, on which day, at which level, and its charge, none in a simulation."""
        out = []
        for notice in self.notices:
            out += [{"document": x["document"], "day": notice["effective"], "level": x["level"], "charge": None} for x in notice["lines"] if x.get("compensation")]
        posted = {notice["id"]: notice for notice in [*self.notices, *self.withdrawn] if "id" in notice}
        for charge in self.ledger.rows["documents"]:
            parts = re.fullmatch("(.*)-[0-9]+-c", charge["id"], re.DOTALL)
            if charge["kind"] != "charge" or not parts or parts[1] not in posted or not self.view.counted(charge):
                continue
            notice = posted[parts[1]]
            levels = [x["level"] for x in notice["lines"] if x["document"] == charge.get("related")]
            if levels and not (notice in self.withdrawn and self.view.cancelled(charge)):
                out.append({"document": charge["related"], "day": notice["effective"], "level": min(levels), "charge": charge["id"]})
        return out

    def claimed_with(self, one, policy):
        """The documents that such a sum was for: one, or with one sum for a claim what was claimed that day of the same account."""
        names, terms = {one["document"]}, policy["interest"] and policy["interest"]["compensation"]
        if not terms or terms["per"] == "invoice":
            return names
        for notice in [*self.notices, *self.withdrawn]:
            levels = policy["procedures"].get(notice.get("procedure"), {"levels": []})["levels"]
            asking = [n for n, level in enumerate(levels, 1) if level["compensation"]]
            for x in notice["lines"] if notice["effective"] == one["day"] else []:
                kind = self.ledger.documents[x["document"]]["kind"]
                bears = kind in policy["interest"]["kinds"] and kind != "charge" and x["level"] > 0
                if bears and self.desk_of(x["document"]) == self.desk_of(one["document"]) and (x["level"] >= one["level"] or x["level"] in asking):
                    names.add(x["document"])
        return names

    def kept_of_item(self, document, instalment):
        items = self.left_of(document, instalment)
        return [k for k in self.kept if any(self.names(k["notice"], k["line"], d, i) for d, i in items)]

    def part(self, document, number, on=None):
        """(due date, amount) of an instalment in the schedule in force on a day, or on the view's; None when it has no such."""
        d = self.ledger.documents[document]
        rows = self.ledger.schedule_in_force(d, max(on or self.view.on, d["effective"]), self.view.known)[0]
        return next(((due, amount) for n, due, amount in rows if n == number), None)

    def names(self, notice, line, document, number):
        """Does a line name an item: its number, none, or one that is gone, when the item was not there yet?"""
        if line["document"] != document:
            return False
        if line.get("instalment", number) == number:
            return True
        return self.part(document, number, notice["effective"]) is None and self.part(document, line["instalment"]) is None and self.ever_parted(document)

    def charges_for(self, notice, line, document, number, on):
        """Are the days up to which a line has charged interest charged for an item of the schedule of a day?"""
        if line["document"] != document:
            return False
        if line.get("instalment", number) == number:
            return True
        if not self.ever_parted(document):
            return False
        sent = notice["effective"]
        return self.part(document, number, sent) != self.part(document, number, on) or self.part(document, line["instalment"], sent) is None

    def ever_parted(self, document):
        d = self.ledger.documents[document]
        return bool(d["generated"]) or any(row["document"] == document for row in self.ledger.rows["instalments"])

    def lines_with_interest(self):
        """(notice, line) of all lines that have charged interest."""
        for notice in self.notices + list(self.closings):
            for line in notice["lines"]:
                if line.get("interest_until") is not None:
                    yield notice, line
        for k in self.kept:
            if k["interest"] and k["line"].get("interest_until") is not None:
                yield k["notice"], k["line"]

    def keeps_fee(self, found, kept, ever):
        """Is one of these kept charges later than the last notice about the item, or does any do?"""
        newest = last(found)
        return any(ever or newest is None or last([newest, (k["notice"], None)])[0] is k["notice"] for k in kept)

    def charged_until(self, document, instalment):
        """The last day for which interest on an item was charged, by whatever notice."""
        days = [line["interest_until"] for _, line in self.about(document, instalment) if line.get("interest_until") is not None]
        for d, i in self.left_of(document, instalment):
            days += [line["interest_until"] for notice, line in self.lines_with_interest() if self.charges_for(notice, line, d, i, self.view.on)]
        return max(days, default=None)

    def charged(self, document, instalment, on):
        """(last day, day of the notice, amount, how) of the interest that was charged for an item of the schedule of a day; the amount is
        none where nobody knows it, and "other" where it was charged for something else; how: "noticed", "closed", "forgiven" since."""
        out, seen, same = [], [], self.part(document, instalment, on)
        for notice, line in self.lines_with_interest():
            if not self.charges_for(notice, line, document, instalment, on):
                continue
            amount = "other"
            if line.get("instalment", instalment) == instalment:
                if any(one is notice for one in seen):
                    continue
                seen.append(notice)
                if self.part(document, instalment, notice["effective"]) == same:
                    amount = line.get("charged") if line.get("instalment", 0) == instalment else None
            how = "noticed" if notice["level"] else "forgiven" if line.get("forgiven") else "closed"
            out.append((line["interest_until"], notice["effective"], amount, how))
        return out

    def about(self, document, instalment):
        """(notice, its line) for every notice about an item."""
        out, items = [], self.left_of(document, instalment)
        for notice in self.notices:
            lines = [self.line_about(notice, *item) for item in items]
            first = next((line for line in lines if line is not None), None)
            if first is not None:
                out.append((notice, first))
        return out

    def line_about(self, notice, document, instalment):
        """The first line of a notice that names the item, else the notice's own document."""
        return next((line for line in lines_of(notice) if self.names(notice, line, document, instalment)), None)

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

    def last_day_of_customer(self, company, customer):
        """The day of the last notice that names a customer in a company, or is about a document of it there."""
        days = []
        for notice in self.notices:
            about = any(self.desk_of(line["document"])[:2] == (company, customer) for line in lines_of(notice))
            if about or (notice["customer"] == customer and notice.get("company") in (None, company)):
                days.append(notice["effective"])
        return max(days, default=None)

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


def kept_of(view, notice):
    """By line of a withdrawn notice which of its charges are still owed."""
    ids = {d["id"] for d in view.ledger.rows["documents"] if d["kind"] == "charge" and view.counted(d) and not view.cancelled(d)}
    name, out = notice["id"], []
    for line in notice["lines"]:
        number = line["n"]
        if notice["level"] == 0:
            charged = {"interest": f"{name}-i" in ids}
        else:
            charged = {"interest": f"{name}-{number}-i" in ids}
            charged |= {"line_fee": f"{name}-{number}-f" in ids, "notice_fee": f"{name}-f" in ids}
        out.append({"notice": notice, "line": line, "line_fee": False, "notice_fee": False, **charged})
    return out


def charge_lines(view, notice):
    """What each line of a notice has charged as interest, and the rate of its day, when it is in another currency than the document."""
    for line in notice["lines"]:
        d = view.ledger.documents.get(f"{notice['id']}-i" if notice["level"] == 0 else f"{notice['id']}-{line['n']}-i")
        if d is not None and d["kind"] == "charge" and d.get("related") == line["document"] and view.counted(d):
            if view.cancelled(d):
                if notice["level"] > 0:
                    continue
                line["forgiven"] = True
            about = view.ledger.documents[line["document"]]
            rate = 1 if d["currency"] == about["currency"] else latest(view, about["currency"], d["currency"], notice["effective"])
            if rate is not None:
                line["charged"] = Charged(view.ledger, d["amount"], d["currency"], about["currency"], rate)


def with_lines(ledger, row):
    lines = [dict(line) for line in ledger.rows["notice_lines"] if line["notice"] == row["id"]]
    named = {}  # by document the numbers in the ids of charges for it
    for d in ledger.rows["documents"]:
        parts = re.fullmatch("(.*)-([1-9][0-9]*)-[fic]", d["id"], re.DOTALL)
        if d["kind"] == "charge" and parts and parts[1] == row["id"] and int(parts[2]) < 2**32:
            named.setdefault(d.get("related"), set()).add(int(parts[2]))
    for n, line in enumerate(lines, 1):
        said = named.get(line["document"], {n})
        is_only = [other["document"] for other in lines].count(line["document"]) == 1
        line["n"] = n if n in said or not is_only else min(said)
    return {**row, "lines": lines}


def lines_of(notice):
    """The lines of a notice; its own document is one more, at the notice's level."""
    out = list(notice["lines"])
    if "document" in notice:
        out.append({"document": notice["document"], "level": notice["level"]})
    return out


def last(found):
    """Of (notice, …) the one of the latest effective day, then recorded day, then sequence."""
    best = None
    for one in found:
        if best is None or (one[0]["effective"], one[0]["recorded"]) >= (best[0]["effective"], best[0]["recorded"]):
            best = one
    return best
