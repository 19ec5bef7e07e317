"""When the level of a customer begins anew (docs/specification.md 9, Falling): asked day by day, of every day."""

import datetime

import interest
from dunning_history import lines_of
from dunning_levels import reached, takes_part
from ledger import leg
from view import due_order

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
        owed = self.owed_by_family(desk)
        out = (None, 0, 0)
        for n, (notice, level) in enumerate(found):
            end = found[n + 1][0]["effective"] if n + 1 < len(found) else self.view.on
            about = self.about_since(desk, notice)
            on, now = notice["effective"], level
            while on < end:
                late = [basis for basis in self.owing_on(owed, desk, on) if takes_part(on, basis)]
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

    def documents_of(self, desk):
        """The documents of a desk that count, are not cancelled, and let in."""
        for d in self.ledger.rows["documents"]:
            if self.desk({"doc": d}) == desk and self.view.counted(d) and not self.view.cancelled(d) and self.lets_in(d, d["amount"]):
                yield d

    def bases_of(self, d):
        """(instalment, basis date) of a document's instalments in the schedule in force."""
        rows = self.ledger.schedule_in_force(d, self.view.on, self.view.known)[0]
        bases = [(n, d["document_date"] if self.policy["basis"] == "document_date" else due) for n, due, amount in rows if amount > 0]
        return [(n, self.payable(d, basis)) for n, basis in bases]

    def owed_by_family(self, desk):
        """What the desks that share what covers them may ever have owed, and their credits that cover."""
        family = self.family({"doc": {"company": desk[0], "customer": desk[1], "currency": desk[2]}})
        desks = sorted({self.desk(i) for i in self.items if self.family(i) == family and self.procedure_of(*self.desk(i)[:2]) is not None} | {desk})
        parts, credits = [], []
        for one in desks:
            for d in self.documents_of(one):
                if d["amount"] > 0 and d["kind"] in self.policy["kinds"]:
                    parts += self.parts_of(one, d)
                name = "unapplied" if d["kind"] in ("payment", "advance") else "credit_notes"
                if d["amount"] < 0 and self.policy[name] == "covers":
                    credits.append({"desk": one, "related": d.get("related"), "doc": d})
        parts.sort(key=lambda part: due_order(part))
        return desks, parts, credits

    def parts_of(self, desk, d):
        dues = {n: due for n, due, _ in self.ledger.schedule_in_force(d, self.view.on, self.view.known)[0]}
        out = []
        for number, basis in self.bases_of(d):
            balance = interest.balances(self.view, {"doc": d, "instalment": number}, {"disputed": "included"})
            nothing = sum(self.for_nothing.get(id(i), 0) for i in self.items if (i["document"], i["instalment"]) == (d["id"], number))
            left = lambda on, balance=balance, nothing=nothing: balance(on) - nothing if nothing else balance(on)
            out.append({"desk": desk, "document": d["id"], "instalment": number, "due": self.payable(d, dues[number]), "basis": basis, "open": left, "doc": d})
        return out

    def rest_of_credit(self, d, on):
        """What is left of a credit at the end of a day."""
        if on < d["effective"]:
            return 0
        return max(0, -d["amount"] - sum(leg(a, d) for a in self.ledger.settling() if self.ledger.live(a, on, self.view.known)))

    def owing_on(self, owed, desk, on):
        """The basis dates of what a desk owes at the end of a day after what is covered then."""
        desks, parts, credits = owed
        left = {n: part["open"](on) for n, part in enumerate(parts)}
        takes = [n for n, part in enumerate(parts) if left[n] > 0 and self.is_large(part["doc"], left[n])]
        room, pools = {}, dict.fromkeys(desks, 0)
        for n, part in enumerate(parts):
            room[part["document"]] = room.get(part["document"], 0) + left[n]

        def take(pool, some):
            for n in some:
                part = min(pool, left[n])
                left[n] -= part
                pool -= part
            return pool

        for credit in credits:
            rest = self.rest_of_credit(credit["doc"], on)
            own = min(rest, room.get(credit["related"], 0))
            if own > 0:
                room[credit["related"]] -= own
                take(own, [n for n in takes if parts[n]["document"] == credit["related"]])
            pools[credit["desk"]] += rest - own
        over = sum(take(pools[one], [n for n in takes if parts[n]["desk"] == one]) for one in desks)
        take(over, takes)
        return [parts[n]["basis"] for n in takes if left[n] > 0 and parts[n]["desk"] == desk and parts[n]["basis"] is not None]

    def about_since(self, desk, notice):
        """The earliest basis date of what a notice is about on a desk, or the day before it."""
        out = []
        for line in lines_of(notice):
            if self.history.desk_of(line["document"]) == desk:
                bases = self.bases_of(self.ledger.documents[line["document"]])
                own = [basis for number, basis in bases if number == line.get("instalment")]
                out += [basis for basis in (own if line.get("instalment") in dict(bases) else dict(bases).values()) if basis is not None]
        return min(out, default=notice["effective"] - ONE)
