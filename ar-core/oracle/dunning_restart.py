"""When the level of a customer begins anew (docs/specification.md 9, Falling): asked day by day, of every day."""

import datetime

import interest
from dunning_history import lines_of
from dunning_levels import reached, takes_part

ONE = datetime.timedelta(1)


class Restarts:
    """What still counts of a desk's notices: mixed into a run."""

    def still(self, desk):
        """(last notice, its level by now, how many count) of a desk; (None, 0, 0) when none counts."""
        if desk not in self.stills:
            self.stills[desk] = self.find_still(desk)
        return self.stills[desk]

    def find_still(self, desk):
        found = self.history.of_desk(desk)
        found.sort(key=lambda one: (one[0]["effective"], one[0]["recorded"]))  # sequence: sorting keeps the order they came in
        if self.policy["unit"] == "item" or not found:
            return (found[-1][0], found[-1][1], len(found)) if found else (None, 0, 0)
        procedure = self.policy["procedures"].get(self.procedure_of(*desk[:2]))
        parts = self.parts_of(desk)
        out = (None, 0, 0)
        for n, (notice, level) in enumerate(found):
            end = found[n + 1][0]["effective"] if n + 1 < len(found) else self.view.on
            about = self.about_since(desk, notice)
            on, now = notice["effective"], level
            while on < end:
                late = [basis for basis, owes in parts if takes_part(on, basis) and owes(on)]
                if not late:
                    now = 0
                elif min(late) > about:
                    now = min(now, self.level_of(procedure, on, min(late)))
                on += ONE
            out = (notice, now, out[2] + 1) if now > 0 else (None, 0, 0)
        return out

    def level_of(self, procedure, on, basis):
        numbers = range(1, len(procedure["levels"]) + 1)
        return max((n for n in numbers if reached(procedure, n, on, basis, None)), default=0)

    def owing_documents(self, desk):
        out = []
        for d in self.ledger.rows["documents"]:
            if self.desk({"doc": d}) == desk and d["amount"] > 0 and d["kind"] in self.policy["kinds"]:
                if self.view.counted(d) and not self.view.cancelled(d) and self.scope.matches(d):
                    out.append(d)
        return out

    def bases_of(self, d):
        """(instalment, basis date) of a document's instalments in the schedule in force."""
        rows = self.ledger.schedule_in_force(d, self.view.on, self.view.known)[0]
        return [(n, d["document_date"] if self.policy["basis"] == "document_date" else due) for n, due, amount in rows if amount > 0]

    def parts_of(self, desk):
        """(basis date, is it owed at the end of a day?) of everything that the desk may ever have owed."""
        out = []
        for d in self.owing_documents(desk):
            least = self.policy["minimum_item"].get(d["currency"], 0) * 10 ** self.ledger.digits_of(d)
            for number, basis in self.bases_of(d):
                if basis is not None:
                    left = interest.balances(self.view, {"doc": d, "instalment": number}, {"disputed": "included"})
                    out.append((basis, lambda on, left=left, least=least: left(on) > 0 and left(on) >= least))
        return out

    def about_since(self, desk, notice):
        """The earliest basis date of what a notice is about on a desk, or the day before it."""
        out = []
        for line in lines_of(notice):
            if self.history.desk_of(line["document"]) == desk:
                bases = self.bases_of(self.ledger.documents[line["document"]])
                own = [basis for number, basis in bases if number == line.get("instalment")]
                out += [basis for basis in (own if line.get("instalment") in dict(bases) else dict(bases).values()) if basis is not None]
        return min(out, default=notice["effective"] - ONE)
