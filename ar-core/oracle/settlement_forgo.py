"""Discounts that a payment gives up, since the customer did not deduct them (docs/specification.md 7)."""

from itertools import combinations, product
from math import comb, prod

WITH_TOO_MUCH = ("exact", "rounded", "short", "charged", "above")


class Forgoing:
    def takes(self, word):
        return self.policy["discount"] is not None and self.policy["discount"]["when"] == word

    def given_up(self, quotes, more):
        """Which of these give up their discounts, so that they cost so much more together; None when no few of them do."""
        off = {n: q["gross"] - q["price"] for n, q in enumerate(quotes) if q["gross"] > q["price"]}
        every = sum(off.values())
        if more == 0:
            return set()
        if more == every:
            return set(off)
        work = 0
        for k in range(1, min(self.policy["search"]["items"], len(off) // 2) + 1):
            work += comb(len(off), k)
            if work > self.policy["search"]["work"]:
                return None
            for some in combinations(off, k):
                if sum(off[n] for n in some) == more:
                    return set(some)
            for some in combinations(off, k):
                if sum(off[n] for n in some) == every - more:
                    return set(off) - set(some)
        return None

    def apart(self, quotes, which):
        return [self.prices.in_full(q) if n in which else q for n, q in enumerate(quotes)]

    def solution(self, credit, quotes, strategy, ways):
        """A plan to clear a set: exactly, whichever of its items in full; else with all discounts or with none, the nearer first."""
        if not quotes:
            return None
        c = self.room(credit)
        if "exact" in ways:
            which = self.given_up(quotes, c - sum(q["price"] for q in quotes))
            if which is not None:
                return self.plan(credit, c, self.apart(quotes, which), strategy, ("exact",))
            others = self.other_discounts(credit, quotes)
            if others is not None:
                return self.plan(credit, c, others, strategy, ("exact",))
        both = [quotes]
        if any(q["d"] for q in quotes):
            both.append([self.prices.in_full(q) for q in quotes])
        if not self.adjusts():
            both.sort(key=lambda some: abs(sum(q["price"] for q in some) - c))
        for some in both:
            plan = self.plan(credit, c, some, strategy, ways)
            if plan is not None:
                return plan
        return None

    def other_discounts(self, credit, quotes):
        """The items with other discounts than those they would have by themselves, so that they cost what the credit has; None without."""
        choices = [self.prices.choices(credit, q) for q in quotes]
        own = [{q["price"], q["gross"]} for q in quotes]
        if all(one["price"] in two for some, two in zip(choices, own) for one in some):
            return None
        if prod(len(some) for some in choices) > self.policy["search"]["work"]:
            return None
        return next((list(some) for some in product(*choices) if sum(q["price"] for q in some) == self.room(credit)), None)

    def adjusts(self):
        """Whether a tolerance is taken into the discount."""
        return self.policy["tolerance"] is not None and self.policy["tolerance"]["first"] == "discount"

    def spend(self, credit, quotes, strategy):
        """A credit against items one after the other."""
        in_full = self.paid_in_full(credit, quotes, strategy)
        for n, q in enumerate(quotes):
            self.one_item(strategy, credit, q["item"], n in in_full)

    def paid_in_full(self, credit, quotes, strategy):
        """The places of the items that are paid without the discount that they have."""
        if self.policy["discount"] is None or self.takes("usable"):
            return set()
        cleared, rest = self.walked(credit, quotes, strategy)
        if not any(q["d"] for _, q in cleared):
            return set()
        which = self.given_up([q for _, q in cleared], rest)
        if which is not None:
            rest = 0
        else:
            which = set()
            for n, (_, q) in enumerate(cleared):
                off = q["gross"] - q["price"]
                if 0 < off <= rest:
                    which.add(n)
                    rest -= off
        last = len(cleared) - 1
        if rest and last not in which:
            q = cleared[last][1]
            short = q["gross"] - q["price"] - rest
            limits = ("over", credit, [q for _, q in cleared], self.room(credit), strategy)
            adjusted = self.policy["tolerance"] and self.policy["tolerance"]["first"] == "discount" and rest <= self.prices.limits(*limits)[1]
            if short < rest and not adjusted and self.plan(credit, q["price"] + rest, [self.prices.in_full(q)], strategy, WITH_TOO_MUCH) is not None:
                which.add(last)
                rest = 0
        if self.takes("exact") and rest and any(q["d"] for n, (_, q) in enumerate(cleared) if n not in which):
            return set(range(len(quotes)))
        return {cleared[n][0] for n in which}

    def walked(self, credit, quotes, strategy):
        """What would be cleared with every discount, as (place, quote), and what is left of the credit then."""
        cleared, rest = [], self.room(credit)
        for n, q in enumerate(quotes):
            if not rest:
                break
            if self.prices.blocked(q["item"]):
                continue
            plan = self.plan(credit, rest, [q], strategy, WITH_TOO_MUCH)
            if plan is None:
                if self.policy["partial"] == "refused":
                    continue
                break
            cleared.append((n, q))
            rest = rest - q["price"] if plan["how"] in ("exact", "above") else 0
        return cleared, rest

    # --- asking ----------------------------------------------------------------------------------------------------------------

    def wonder(self, credit, quotes):
        """Asks about the late discounts of a set that they would make exact."""
        if sum(self.prices.with_late(q)["price"] for q in quotes) == self.room(credit):
            self.wonder_each(credit, quotes)

    def wonder_each(self, credit, quotes):
        self.wondered += [(credit, q["item"], q["more"]) for q in quotes if q["more"]]
