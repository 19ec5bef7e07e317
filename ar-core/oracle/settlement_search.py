"""Strategies that look for matches and sets: scored, one near amount, a whole balance, subsets, many credits for one debit, the best match."""

from itertools import combinations
from math import comb

from values import key


CONFIDENCE = ["none", "low", "medium", "high"]


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

    def sets(self, n, least, fits, factor=1):
        """The first size with solutions: (solutions as lists of places, stopped for work?)."""
        work = sum(comb(n, k) * factor**k for k in range(1, least))
        for k in range(least, min(self.policy["search"]["items"], n) + 1):
            work += comb(n, k) * factor**k
            if work > self.policy["search"]["work"]:
                return [], True
            found = [some for some in combinations(range(n), k) if fits(some)]
            if found:
                return found, False
        return [], False

    def near_amount(self, credit, quotes):
        c = self.room(credit)
        ways = ("exact", "rounded", "short", "charged", "over")
        found = [(q, self.solution(credit, [q], "near_amount", ways)) for q in quotes]
        plans = [plan for _, plan in found if plan is not None]
        if not plans:
            late = [q for q, _ in found if q["more"]]
            self.wonder_each(credit, [q for q in late if self.plan(credit, c, [self.prices.with_late(q)], "near_amount", ways[:4]) is not None])
        if len(plans) > 1:
            items = [[plan["quotes"][0]["item"]] for plan in plans]
            if self.ambiguous(items, credit=credit) is None:
                self.mark(credit, "ambiguous")
                return
        if plans:
            self.carry_out(credit, plans[0], "near_amount")

    def whole_balance(self, credit, quotes, strategy="whole_balance"):
        """All of these, less what the other credits of the balance pay of them first."""
        others = self.others_in_balance(credit, strategy)
        before = [(item, item["left"], item["paid_here"], item["credited_here"], item["plain_here"]) for item in self.items], dict(self.together), len(self.made), len(self.asked)
        for other in others:
            for q in quotes:
                amount = min(self.room(other), self.room(q["item"]))
                if amount > 0 and q["same"]:
                    self.plainly(strategy, other, q["item"], amount)
        if not any(self.room(other) > 0 for other in others):
            rest = self.quotes(credit, [q["item"] for q in quotes]) if others else quotes
            plan = self.solution(credit, rest, strategy, ("exact", "rounded", "short", "over"))
            if plan is not None:
                self.carry_out(credit, plan, strategy)
                return True
            self.wonder(credit, rest)
        for item, left, paid, credited, plain in before[0]:
            item["left"], item["paid_here"], item["credited_here"], item["plain_here"] = left, paid, credited, plain
        self.together = before[1]
        del self.made[before[2] :], self.asked[before[3] :]
        return False

    def others_in_balance(self, credit, strategy):
        currency, pay_day = credit["doc"]["currency"], credit["doc"]["document_date"]
        others = [c for c in self.in_balances if c is not credit and c["doc"]["currency"] == currency and self.room(c) > 0]
        others = [c for c in others if not self.prices.blocked(c)]
        return [c for c in others if strategy == "whole_balance" or c["doc"]["document_date"] <= pay_day]

    def late_ones(self, credit, quotes):
        on = credit["doc"]["document_date"] if self.policy["past_due_on"] == "pay_day" else self.view.on
        return [q for q in quotes if q["item"]["due"] is not None and q["item"]["due"] < on]

    def past_due_balance(self, credit, quotes):
        self.whole_balance(credit, self.late_ones(credit, quotes), "past_due_balance")

    def past_due_by_term(self, credit, quotes):
        terms = {}
        for q in self.late_ones(credit, quotes):
            terms.setdefault(self.view.ledger.terms_code(q["item"]["doc"]), []).append(q)
        any(self.whole_balance(credit, some, "past_due_by_term") for some in terms.values())

    def subset(self, credit, quotes):
        c = self.room(credit)
        prices = [{one["price"] for one in self.prices.choices(credit, q)} for q in quotes]

        def costs(some):
            sums = {0}
            for n in some:
                sums = {s + price for s in sums for price in prices[n]}
            return c in sums

        factor = max((len(set(some)) - 1 for some in prices), default=1)
        found, stopped = self.sets(len(quotes), 1, costs, max(1, factor))
        if stopped:
            self.mark(credit, "not_searched_further")
        elif not found and any(q["more"] for q in quotes):
            late = [self.prices.with_late(q)["price"] for q in quotes]
            sets, _ = self.sets(len(quotes), 1, lambda some: sum(late[n] for n in some) == c)
            if len(sets) == 1:
                self.wonder(credit, [quotes[n] for n in sets[0]])
        if not found:
            return
        chosen = found[0]
        if len(found) > 1 and self.ambiguous([[quotes[n]["item"] for n in some] for some in found], credit=credit) is None:
            self.mark(credit, "ambiguous")
            return
        self.carry_out(credit, self.found_solution(credit, [quotes[n] for n in chosen]), "subset")

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
        asked, over = self.late(credit, debit), self.over(credit, debit, strategy)
        line = self.put(strategy, credit, debit, amount, amount, amount == debit["left"])
        if line["clears"]:
            line["over"] = over
        self.ask_late(line, asked, 0)
        return line

    # --- scored ----------------------------------------------------------------------------------------------------------------------

    def scored(self, credits, debits):
        """All matches that the rules know, the surest first."""
        found = [match for credit in credits if self.room(credit) > 0 for match in self.matches(credit, debits)]
        order = {id(item): n for n, item in enumerate(self.in_order(debits))}
        turn = {id(credit): n for n, credit in enumerate(credits)}
        used = set()
        for score, n in sorted({(-m["score"], turn[id(m["credit"])]) for m in found}):
            some = [m for m in found if (-m["score"], turn[id(m["credit"])]) == (score, n) and id(m["item"]) not in used]
            some.sort(key=lambda m: order[id(m["item"])])
            credit = credits[n]
            if id(credit) in used or not some:
                continue
            used.add(id(credit))
            if some[0]["document"] != "several" and len(some) > 1:
                if self.ambiguous([[m["item"]] for m in some], credit=credit) is None:
                    self.mark(credit, "ambiguous")
                    continue
                some = some[:1]
            used |= {id(m["item"]) for m in some}
            first = len(self.made)
            quotes = self.quotes(credit, debits)
            self.pay_named(credit, [q for m in some for q in quotes if q["item"] is m["item"]], "scored")
            for line in self.made[first:]:
                line["score"] = -score

    def matches(self, credit, debits):
        quotes = [q for q in self.quotes(credit, debits) if not self.prices.blocked(q["item"])]
        able = [d for d in debits if self.room(d) > 0 and not self.prices.blocked(d)]
        named = [id(item) for item in self.candidates("reference", credit, able)]
        ways = ("exact", "rounded", "short", "charged", "over")
        fits = [q["item"] for q in quotes if self.solution(credit, [q], "scored", ways) is not None]
        for q in quotes:
            item = q["item"]
            customer = item["doc"]["customer"]
            facts = {"party": "customer" if customer == credit["doc"]["customer"] else "other", "document": "not_named", "amount": "none"}
            if id(item) in named:
                facts["document"] = "several" if len(named) > 1 else "named"
            if any(other is item for other in fits):
                facts["amount"] = "several" if sum(other["doc"]["customer"] == customer for other in fits) > 1 else "one"
            rules = [rule for rule in self.policy["match_rules"] if all(rule[name] in (None, fact) for name, fact in facts.items())]
            if rules:
                score = max((CONFIDENCE.index(rule["confidence"]) + 1) * 1000 - rule["priority"] for rule in rules)
                yield {"score": score, "credit": credit, "item": item, "document": facts["document"]}

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

    def over(self, credit, debit, strategy):
        return 0 if self.prices.per_payment() else self.prices.of_document("over", credit, debit, strategy)

    def settle_match(self, short, credits, debits):
        if short < 0:
            debits_of_last = self.cleared_by_last(credits, debits)
            each, most = self.match_limits("over", credits[-1], credits, debits_of_last)
        else:
            each, most = self.match_limits("under", credits[0], credits, debits)
        if abs(short) > most or (short and self.policy["tolerance"] is None):
            return
        first = len(self.made)
        quotes = [{"item": d, "price": d["left"], "d": 0, "same": True} for d in debits]
        plan = self.sharing("short", quotes, each if short > 0 else None, max(0, short), most)
        if plan is None:
            return
        for debit, share, shown in zip(debits, plan["shares"], plan["shown"]):
            for credit in credits:
                amount = min(self.room(credit), debit["left"] - share)
                if amount > 0:
                    self.matched(credit, debit, amount, amount == debit["left"] - share, share, shown)
        if short < 0:
            self.close_beside(credits[-1], [line for line in self.made[first:] if line["credit"] is credits[-1]], each, most)

    def cleared_by_last(self, credits, debits):
        """The debits that the last of the credits clears, when they pay in their order."""
        paid, owed, some = sum(self.room(c) for c in credits[:-1]), 0, []
        for debit in debits:
            owed += debit["left"]
            if owed > paid:
                some.append(debit)
        return some

    def matched(self, credit, debit, amount, last, share, shown):
        asked, over = self.late(credit, debit), self.over(credit, debit, "best_match")
        line = self.put("best_match", credit, debit, amount, amount, last)
        if last:
            line["over"] = over
            if share:
                self.lets_go(debit, "under", share)
                self.beside_debit(line, share, self.policy["tolerance"]["kind"], "tolerance.under", shown)
                self.has_spent(line)
        self.ask_late(line, asked, 0)
        return line

    def match_limits(self, side, credit, credits, debits):
        """What may be let go document by document, and together; per payment once for all credits, by the lowest of their limits."""
        if self.prices.per_payment():
            paid = sum(self.room(c) for c in credits)
            return None, min(self.prices.limit(side, c, c["doc"]["customer"], paid, "best_match") for c in credits)
        return self.prices.limits(side, credit, [{"item": d} for d in debits], None, "best_match")  # all are of one currency
