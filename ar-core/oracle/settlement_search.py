"""Strategies that look for sets: one near amount, a whole balance, subsets, many credits for one debit, the best match."""

from itertools import combinations
from math import comb

from settlement_price import UNLIMITED
from values import key


def place(item):
    return f"{item['document']}/{item['instalment']}" if item["instalment"] else item["document"]


class Search:
    def mark(self, credit, word):
        self.marks.setdefault(id(credit), set()).add(word)

    def ambiguous(self, solutions, **about):
        """Tells of several solutions; the one that is taken, if any."""
        if self.policy["search"]["ambiguous"] == "first":
            return solutions[0]
        choices = [[place(item) for item in some] for some in solutions[:20]]
        self.asked.append({"kind": "ambiguous", "choices": choices, "total": len(solutions), **about})
        return None

    def sets(self, n, least, fits):
        """The first size with solutions: (solutions as lists of places, stopped for work?)."""
        work = sum(comb(n, k) for k in range(1, least))
        for k in range(least, min(self.policy["search"]["items"], n) + 1):
            work += comb(n, k)
            if work > self.policy["search"]["work"]:
                return [], True
            found = [some for some in combinations(range(n), k) if fits(some)]
            if found:
                return found, False
        return [], False

    def near_amount(self, credit, quotes):
        c = self.room(credit)
        ways = ("exact", "rounded", "short", "charged", "over")
        plans = [plan for plan in (self.plan(credit, c, [q], "near_amount", ways) for q in quotes) if plan is not None]
        if len(plans) > 1:
            items = [[plan["quotes"][0]["item"]] for plan in plans]
            if self.ambiguous(items, credit=credit) is None:
                self.mark(credit, "ambiguous")
                return
        if plans:
            self.carry_out(credit, plans[0], "near_amount")

    def whole_balance(self, credit, quotes, strategy="whole_balance"):
        plan = self.plan(credit, self.room(credit), quotes, strategy, ("exact", "rounded", "short", "over")) if quotes else None
        if plan is not None:
            self.carry_out(credit, plan, strategy)
        return plan is not None

    def late_ones(self, quotes):
        return [q for q in quotes if q["item"]["due"] is not None and q["item"]["due"] < self.view.on]

    def past_due_balance(self, credit, quotes):
        self.whole_balance(credit, self.late_ones(quotes), "past_due_balance")

    def past_due_by_term(self, credit, quotes):
        terms = {}
        for q in self.late_ones(quotes):
            terms.setdefault(self.view.ledger.terms_code(q["item"]["doc"]), []).append(q)
        any(self.whole_balance(credit, some, "past_due_by_term") for some in terms.values())

    def subset(self, credit, quotes):
        c = self.room(credit)
        found, stopped = self.sets(len(quotes), 1, lambda some: sum(quotes[n]["price"] for n in some) == c)
        if stopped:
            self.mark(credit, "not_searched_further")
        if not found:
            return
        chosen = found[0]
        if len(found) > 1 and self.ambiguous([[quotes[n]["item"] for n in some] for some in found], credit=credit) is None:
            self.mark(credit, "ambiguous")
            return
        self.carry_out(credit, self.plan(credit, c, [quotes[n] for n in chosen], "subset", ("exact",)), "subset")

    def many_to_one(self, credits, debits):
        for debit in self.in_order(debits):
            if self.room(debit) <= 0 or self.prices.blocked(debit):
                continue
            some = [c for c in credits if self.room(c) > 0 and not self.prices.blocked(c) and c["doc"]["currency"] == debit["doc"]["currency"]]
            found, stopped = self.sets(len(some), 2, lambda s: sum(self.room(some[n]) for n in s) == debit["left"])
            if stopped:
                for credit in some:
                    self.mark(credit, "not_searched_further")
            if not found:
                continue
            if len(found) > 1 and self.ambiguous([[some[n] for n in s] for s in found], debit=debit) is None:
                for credit in some:
                    self.mark(credit, "ambiguous")
                continue
            for n in found[0]:
                self.plainly("many_to_one", some[n], debit, self.room(some[n]))

    def plainly(self, strategy, credit, debit, amount):
        """A line without discount, in one currency."""
        asked, gross = self.late(credit, debit), debit["left"]
        line = self.put(strategy, credit, debit, amount, amount, amount == debit["left"])
        if line["clears"]:
            line["over"] = self.prices.limit("over", credit, debit["doc"]["customer"], gross, strategy)
        self.ask_late(line, asked, 0)
        return line

    # --- best match ------------------------------------------------------------------------------------------------------------------

    def best_match(self, credits, debits):
        credits, debits = ([i for i in side if self.room(i) > 0] for side in (credits, debits))
        if len({i["doc"]["currency"] for i in credits + debits}) != 1:
            return
        credits, debits = ([i for i in side if not self.prices.blocked(i)] for side in (credits, debits))

        def by_day(items):
            return sorted(items, key=lambda i: (i["doc"]["effective"], key(i["document"]), i["instalment"]))

        credits, debits = by_day(credits), by_day(debits)
        best = None
        while credits and debits:
            over = sum(d["left"] for d in debits) - sum(self.room(c) for c in credits)
            if best is None or abs(over) < abs(best[0]):
                best = over, list(credits), list(debits)
            if over == 0:
                break
            (debits if over > 0 else credits).pop()
        if best is not None:
            self.settle_match(*best)

    def settle_match(self, short, credits, debits):
        under, over, shown_under, shown_over = self.match_limits(credits, debits)
        most = shown_under[0] if self.prices.per_payment() else sum(under)
        if short > most or -short > shown_over:
            return
        shares, rest = [], max(0, short)
        for debit, limit in zip(debits, under):
            shares.append(min(rest, limit, debit["left"] - 1))
            rest -= shares[-1]
        if rest:
            return
        line = None
        for debit, share, shown in zip(debits, shares, shown_under):
            for credit in credits:
                amount = min(self.room(credit), debit["left"] - share)
                if amount > 0:
                    line = self.matched(credit, debit, amount, amount == debit["left"] - share, share, shown, over)
        if line is not None and self.room(line["credit"]) > 0:
            self.beside_credit(line, self.room(line["credit"]), self.policy["tolerance"]["kind"], "tolerance.over", shown_over)

    def matched(self, credit, debit, amount, last, share, shown, over):
        asked, position = self.late(credit, debit), id(debit)
        line = self.put("best_match", credit, debit, amount, amount, last)
        if last:
            line["over"] = over[position]
            if share:
                self.beside_debit(line, share, self.policy["tolerance"]["kind"], "tolerance.under", shown)
        self.ask_late(line, asked, 0)
        return line

    def match_limits(self, credits, debits):
        """Limits under of each debit, limits over by debit, what is shown for under, and the limit over in all."""
        if self.prices.per_payment():
            def whole(side):
                return sum(self.prices.limit(side, c, c["doc"]["customer"], self.room(c), "best_match") for c in credits)

            return [UNLIMITED] * len(debits), {id(d): 0 for d in debits}, [whole("under")] * len(debits), whole("over")
        credit = credits[0]  # they are all of one currency

        def each(side):
            return [self.prices.limit(side, credit, d["doc"]["customer"], d["left"], "best_match") for d in debits]

        under, over = each("under"), each("over")
        return under, {id(d): limit for d, limit in zip(debits, over)}, under, sum(over)
