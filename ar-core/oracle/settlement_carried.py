"""What became of the items of a document: what settled it, and the discounts in that, on the instalments of a schedule (docs/specification.md 7)."""

from fractions import Fraction

from settlement_given import DISCOUNTS, is_credit_note_for
from values import half_away
from view import NEVER

NOTHING = {"granted": 0, "with_discount": 0, "settled": 0, "credited": 0}
PAYING = ("payment", "advance", "journal")


class Carrying:
    """Of a desk's prices: asks the ledger, the view and `share_of` a tier."""

    def matches_of(self, document, stands=None):
        """What settles a debit and stands: allocations with the differences beside them, and differences alone, as recorded."""
        every = self.ever_matched(document)
        return [one for one in (self.standing(match, stands or self.stands) for match in every) if one]

    def ever_matched(self, document):
        """The same, with what was taken back."""
        paying = [a for a in self.ledger.rows["allocations"] if a["debit"] == document["id"] and self.view.is_known(a)]
        off = [r for r in self.ledger.rows["differences"] if r["document"] == document["id"] and self.view.is_known(r)]
        found = {a["id"]: {"recorded": a["recorded"], "paid": None, "off": []} for a in self.ledger.rows["allocations"]}
        for row in off:
            if "allocation" in row:
                found[row["allocation"]]["off"].append(row)
        for row in paying:
            found[row["id"]]["paid"] = row
        matches = [one for one in found.values() if one["paid"] or one["off"]]
        matches += [{"recorded": r["recorded"], "paid": None, "off": [r]} for r in off if "allocation" not in r]
        return sorted(matches, key=lambda one: (one["recorded"], one["paid"] is None and "allocation" not in one["off"][0]))

    def standing(self, match, stands):
        """What of a match stands; None when nothing does."""
        paid, off = match["paid"], [r for r in match["off"] if stands(r)]
        paid = paid if paid and stands(paid) else None
        return {**match, "paid": paid, "off": off} if paid or off else None

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
            part = {"number": n, "amount": amount, "d": d, "day": credit and credit["document_date"], "note": bool(credit) and is_credit_note_for(credit, document), "pays": bool(credit) and credit["kind"] in PAYING}
            some = [r for r in discounts if number(r) == n]
            part["by"] = self.ledger.best_schedule(document, *self.when_granted(some or [here]))
            yield part
        for r in match["off"]:
            if r["kind"] not in DISCOUNTS:
                by = self.ledger.best_schedule(document, *self.when_granted([r]))
                yield {"number": r.get("instalment") or 0, "amount": abs(r["amount"]), "d": 0, "day": None, "note": False, "pays": False, "by": by}

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
            pieces[n].append(({"amount": 0, "d": 0, "day": None, "note": False, "pays": False}, 0, more))
        found = {n: self.summed(pieces[n]) for n in order}
        if self.policy["discount"]["part_payments"] != "untouched":
            self.cut_anew(document, found, pieces, (largest, {n: max(0, amount) for n, _, amount in rows}), then)
        return found[number]

    def cut_anew(self, document, found, pieces, shape, then):
        """What of the discounts is left over for what other schedules paid up goes to the others; what these had too much of it comes off."""
        p, now, (largest, amounts) = self.policy["discount"], self.ledger.best_schedule(document, *then), shape
        closing = p["part_payments"] == "when_cleared"
        foreign = {n: [piece for piece in pieces[n] if piece[1] and piece[0]["by"] is not now] for n in found}
        most = {n: self.share_of(document, n, largest, then) if largest else 0 for n in found}
        paid_up, room = [], {}
        for n in found:
            left = max(0, amounts[n] - sum(amount for _, amount, _ in foreign[n]))
            noted = sum(amount - d for part, amount, d in foreign[n] if part["note"])
            share = most[n]
            if noted and closing and largest and p["credited"] == "lowered":
                share = self.lowered(document, n, amounts[n], largest, noted, then)
            own = sum(d for part, amount, d in pieces[n] if amount and part["by"] is now)
            rest = max(0, share - (found[n]["granted"] - own))
            if foreign[n] and (rest >= left and rest > 0 if closing else left == 0):
                paid_up.append(n)
            else:
                room[n] = max(0, left - rest - 1)
        days = [part["day"] for n in paid_up for part, _, _ in foreign[n] if part["day"]]
        most_moved, some = dict.fromkeys(found, 0), [False, False]
        for tier in self.tiers(document, then) if paid_up else []:
            for late in (False, True):
                rest = sum(max(0, self.share_after(document, n, amounts[n], tier, found[n], then, late) - found[n]["granted"]) for n in paid_up)
                grace = p["grace_days"] if late else 0
                too_late = closing and p["in_time"] == "all" and any((day - tier["until"]).days > grace for day in days)
                if rest > sum(room.values()) or too_late:
                    continue
                for n in room:
                    here = min(rest, room[n])
                    rest -= here
                    found[n]["moved"][self.named(document, tier), late] = here
                    some[late] |= here > 0
                    if late == (p["late"] != "refused"):
                        most_moved[n] = max(most_moved[n], here)
        for n in paid_up:
            found[n]["paid_up"] = tuple(some)
        over = sum(max(0, found[n]["granted"] - most[n] - most_moved[n]) for n in found)
        if over and self.ever_by_another(document, now, then):
            for n in room:
                more = min(over, max(0, most[n] - found[n]["granted"]))
                found[n]["granted"] += more
                over -= more

    def share_after(self, document, n, amount, tier, found, then, late):
        """The share of a discount of an instalment as what was settled of it lowers that."""
        p, off = self.policy["discount"], 0
        if p["part_payments"] == "proportional":
            together = self.together_of(document, n, then)
            off = found["settled"] - found["with_discount"] - self.in_small(document, found["plain"], tier, together, late)
        elif p["credited"] == "lowered":
            off = found["credited"]
        return self.lowered(document, n, amount, tier, off, then) if off > 0 else self.share_of(document, n, tier, then)

    def in_small(self, document, plain, tier, together, late):
        """What payments settled without a discount that were in time, and so small that their part of it is less than a minor unit."""
        p, worth = self.policy["discount"], self.worth(document, tier)
        if p["part_payments"] != "proportional" or p["when"] == "exact":
            return 0
        days = p["grace_days"] if late else 0
        return sum(amount for day, whole, amount in plain if (day - tier["until"]).days <= days and whole * worth < together - worth)

    def together_of(self, document, number, then):
        """What all instalments of a schedule are; the document, where none of one is meant."""
        rows, scheduled = self.ledger.schedule_in_force(document, *then)
        if not scheduled or number not in [n for n, _, _ in rows]:
            return document["amount"]
        return sum(max(0, amount) for _, _, amount in rows)

    def named(self, document, tier):
        return tier["until"], self.worth(document, tier)

    def ever_by_another(self, document, now, then):
        """Whether anything that was recorded by then, taken back or not, was settled by another schedule."""
        _, known, batch = then
        rows = [r for r in self.ledger.rows["allocations"] if r["debit"] == document["id"]]
        rows += [r for r in self.ledger.rows["differences"] if r["document"] == document["id"]]
        rows = [r for r in rows if known is None or r["recorded"] < known or (r["recorded"] == known and (batch is None or r.batch <= batch))]
        return any(self.ledger.best_schedule(document, *self.when_granted([r])) is not now for r in rows)

    def summed(self, pieces):
        found = {**NOTHING, "days": [], "plain": [], "moved": {}, "paid_up": (False, False)}
        for part, amount, d in pieces:
            found["settled"] += amount
            found["granted"] += d
            found["with_discount"] += amount if part["d"] else 0
            found["credited"] += amount - d if part["note"] else 0
            found["days"] += [part["day"]] if part["day"] else []
            found["plain"] += [(part["day"], part["amount"], amount)] if part["pays"] and not part["d"] and amount else []
        return found

    def became(self, item):
        """What became of an open item before."""
        if "became" not in item:
            item["became"] = self.carried(item["doc"], item["instalment"], self.matches_of(item["doc"]), self.now())
        return item["became"]
