"""What became of the items of a document: what settled it, and the discounts in that, on the instalments of a schedule (docs/specification.md 7)."""

from fractions import Fraction

from settlement_given import DISCOUNTS, is_credit_note_for
from values import half_away
from view import NEVER

NOTHING = {"granted": 0, "with_discount": 0, "settled": 0, "credited": 0}


class Carrying:
    """Of a desk's prices: asks the ledger, the view and `share_of` a tier."""

    def matches_of(self, document):
        """What settles a debit and stands: allocations with the differences beside them, and differences alone, as recorded."""
        paying = [a for a in self.ledger.rows["allocations"] if a["debit"] == document["id"] and self.stands(a)]
        off = [r for r in self.ledger.rows["differences"] if r["document"] == document["id"] and self.stands(r)]
        found = {a["id"]: {"recorded": a["recorded"], "paid": a, "off": []} for a in self.ledger.rows["allocations"]}
        for row in off:
            if "allocation" in row:
                found[row["allocation"]]["off"].append(row)
        for name, one in found.items():
            one["paid"] = one["paid"] if any(a["id"] == name for a in paying) else None
        matches = [one for one in found.values() if one["paid"] or one["off"]]
        matches += [{"recorded": r["recorded"], "paid": None, "off": [r]} for r in off if "allocation" not in r]
        return sorted(matches, key=lambda one: (one["recorded"], one["paid"] is None and "allocation" not in one["off"][0]))

    def number_of(self, match):
        """The number by which a match settles."""
        if match["paid"] and match["paid"].get("instalment"):
            return match["paid"]["instalment"]
        return min((r["instalment"] for r in match["off"] if r["kind"] in DISCOUNTS and r.get("instalment")), default=0)

    def parts_of(self, match, document):
        """What a match settled: its allocation with the discounts of its number, other discounts by number, other differences."""
        own, paid = self.number_of(match), match["paid"]
        number = lambda r: r.get("instalment") or own
        discounts = [r for r in match["off"] if r["kind"] in DISCOUNTS]
        for n in sorted({number(r) for r in discounts} | ({own} if paid else set())):
            d = sum(abs(r["amount"]) for r in discounts if number(r) == n)
            here = paid if paid and n == own else None
            credit = here and self.ledger.documents[here["credit"]]
            amount = d + (here["debit_amount"] if here else 0)
            part = {"number": n, "amount": amount, "d": d, "day": credit and credit["document_date"], "note": bool(credit) and is_credit_note_for(credit, document)}
            some = [r for r in discounts if number(r) == n]
            part["by"] = self.ledger.best_schedule(document, *self.when_granted(some)) if some else None
            yield part
        for r in match["off"]:
            if r["kind"] not in DISCOUNTS:
                yield {"number": r.get("instalment") or 0, "amount": abs(r["amount"]), "d": 0, "day": None, "note": False}

    def carried(self, document, number, matches, then):
        """What these matches did to an instalment, by the schedule of then; to the document, where that has no such number."""
        parts = [part for match in matches for part in self.parts_of(match, document)]
        rows, scheduled = self.ledger.schedule_in_force(document, *then)
        rows = sorted(rows, key=lambda r: (r[1] is None, r[1] or NEVER, r[0]))
        if not scheduled or number not in [n for n, _, _ in rows]:
            return self.summed((part, part["amount"], part["d"]) for part in parts)
        if not parts:
            return self.summed([])
        now = self.ledger.best_schedule(document, *then)
        largest = max(self.tiers(document, then), key=lambda t: self.worth(document, t), default=None)
        most = {n: self.share_of(document, n, largest, then) if largest else 0 for n, _, _ in rows}
        room = {n: max(0, amount) for n, _, amount in rows}
        order, pieces, over = list(room), {n: [] for n in room}, 0
        parts = [{**part, "gone": 0} for part in sorted(parts, key=lambda part: not part["d"])]
        had = lambda n: sum(d for _, _, d in pieces[n])

        def cut(part, amount):
            ends = [half_away(Fraction(part["d"] * end, part["amount"])) for end in (part["gone"], part["gone"] + amount)]
            part["gone"] += amount
            return ends[1] - ends[0]

        for stage in ("named", "others"):
            for part in parts:
                for n in order:
                    amount = min(part["amount"] - part["gone"], room[n])
                    if amount <= 0 or (stage == "named" and n != part["number"]):
                        continue
                    room[n] -= amount
                    d = cut(part, amount)
                    kept = d if stage == "named" and d and part["by"] is now else min(d, max(0, most[n] - had(n)))
                    over += d - kept
                    pieces[n].append((part, amount, kept))
        last = [n for n, _, amount in rows if amount > 0][-1:] or order[:1]
        for part in parts:
            rest = part["amount"] - part["gone"]
            if rest:
                over += cut(part, rest)
                pieces[last[0]].append((part, rest, 0))
        for n in order:
            more = min(over, max(0, most[n] - had(n)))
            over -= more
            pieces[n].append(({"d": 0, "day": None, "note": False}, 0, more))
        return self.summed(pieces[number])

    def summed(self, pieces):
        found = {**NOTHING, "days": []}
        for part, amount, d in pieces:
            found["settled"] += amount
            found["granted"] += d
            found["with_discount"] += amount if part["d"] else 0
            found["credited"] += amount - d if part["note"] else 0
            found["days"] += [part["day"]] if part["day"] else []
        return found

    def became(self, item):
        """What became of an open item before."""
        if "became" not in item:
            item["became"] = self.carried(item["doc"], item["instalment"], self.matches_of(item["doc"]), self.now())
        return item["became"]
