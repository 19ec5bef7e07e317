"""Discounts that a payment gives up, since the customer did not deduct them (docs/specification.md 7)."""

from itertools import combinations, product
from math import comb, prod

from values import half_away

WITH_TOO_MUCH = ("exact", "rounded", "short", "charged", "above")


class Forgoing:
    def takes(self, word):
        return self.policy["discount"] is not None and self.policy["discount"]["when"] == word

    def who_gives_up(self, off):
        """Sets of places that give up their discounts, those looked at first before the others."""
        yield set()
        yield set(off)
        work = 0
        for k in range(1, min(self.policy["search"]["items"], len(off) // 2) + 1):
            work += comb(len(off), k)
            if work > self.policy["search"]["work"]:
                return
            yield from (set(some) for some in combinations(off, k))
            yield from (set(off) - set(some) for some in combinations(off, k))

    def in_turn(self, off, there):
        """Those that give up one after the other while there is enough for it."""
        which = set()
        for n, worth in off.items():
            if worth <= there:
                which.add(n)
                there -= worth
        return which

    def ways_to_pay(self, credit, quotes, there, keeps):
        """Lists of quotes, in the order in which they are preferred. `keeps`: what has a discount is not paid in full."""
        off = {n: q["gross"] - q["price"] for n, q in enumerate(quotes) if q["gross"] > q["price"] and not q["kept"]}
        if keeps:
            off = {}
        for which in self.who_gives_up(off):
            yield self.apart(quotes, which)
        yield self.apart(quotes, self.in_turn(off, there - self.cost(quotes)))
        choices = [self.prices.choices(credit, q) for q in quotes]
        if keeps:
            choices = [[one for one in some if one["d"] or not q["d"]] for some, q in zip(choices, quotes)]
        plain = [{q["price"], q["gross"]} for q in quotes]
        if any(one["price"] not in two for some, two in zip(choices, plain) for one in some):
            if prod(len(some) for some in choices) <= self.policy["search"]["work"]:
                yield from (list(some) for some in product(*choices))

    def dearest(self, credit, quotes, there, keeps=False):
        """The dearest way to pay these that costs no more than is there, by rank; None when none does."""
        some = [way for way in self.ways_to_pay(credit, quotes, there, keeps) if self.cost(way) <= there]
        return min(some, key=lambda way: (-self.cost(way), *self.lateness(way)), default=None)

    def lateness(self, quotes):
        """How many late discounts there are, and what they are worth to the credit."""
        late = [q["gross"] - q["price"] for q in quotes if q["d"] and q["tier"]["late"]]
        return len(late), sum(late)

    def cost(self, quotes):
        return sum(q["price"] for q in quotes)

    def apart(self, quotes, which):
        return [self.prices.in_full(q) if n in which else q for n, q in enumerate(quotes)]

    def solution(self, credit, quotes, strategy, ways):
        """A plan to clear a set: exactly, whichever of its items in full; else by a way that is nearer above; else with all discounts or with
        none, the nearer first."""
        if not quotes:
            return None
        c = self.room(credit)
        if "exact" in ways:
            way = self.dearest(credit, quotes, c)
            if way is not None and self.cost(way) == c:
                return self.plan(credit, c, way, strategy, ("exact",))
            a_little = [one for one in ways if one in ("rounded", "short", "charged")]
            if way is not None and any(q["d"] for q in quotes) and not (self.adjusts() and self.is_over(credit, quotes, c, c - self.cost(way), strategy)):
                found = self.nearer_above(
                    credit, quotes, c, self.cost(way), self.missing_at_most(credit, quotes, c, strategy, a_little), False,
                    lambda some: self.plan(credit, c, some, strategy, a_little),
                )
                if found is not None:
                    return found[1]
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

    def found_solution(self, credit, quotes):
        """A plan to clear a set exactly of which it is known that it can be, whatever the number of choices."""
        c = self.room(credit)
        way = self.dearest(credit, quotes, c)
        if way is None or self.cost(way) != c:
            way = next(list(some) for some in product(*(self.prices.choices(credit, q) for q in quotes)) if self.cost(some) == c)
        return self.plan(credit, c, way, "subset", ("exact",))

    def adjusts(self):
        """Whether a tolerance is taken into the discount."""
        return self.policy["tolerance"] is not None and self.policy["tolerance"]["first"] == "discount"

    def spend(self, credit, quotes, strategy):
        """A credit against items one after the other."""
        quotes = self.with_largest(credit, quotes)
        exact = self.exact_in_order(credit, quotes) if self.prices.cash_place(credit) else None
        if exact is not None:
            for n, q in enumerate(quotes):
                if self.prices.blocked(q["item"]):
                    self.one_item(strategy, credit, q["item"])
                elif n in exact:
                    self.carry_out(credit, {"how": "exact", "quotes": [exact[n]], "shares": [0], "shown": [None]}, strategy)
            return
        others = self.other_prices(credit, quotes, strategy)
        for n, q in enumerate(quotes):
            self.one_item(strategy, credit, q["item"], others.get(n))

    def exact_in_order(self, credit, quotes):
        """The items, by place, with the prices that add up to what the credit has, when it goes through them and nothing is let go or rounded."""
        places, cleared, rest, _ = self.walked(credit, quotes, None, enough=lambda q, rest: rest >= q["price"])
        there = rest + self.cost(cleared)
        way = self.dearest(credit, cleared, there, keeps=self.takes("usable"))
        return dict(zip(places, way)) if cleared and self.cost(way) == there else None

    def with_largest(self, credit, quotes):
        """The items with the largest of their discounts, whatever the credit has."""
        found = [self.prices.quote(credit, q["item"], largest=True) for q in quotes]
        return [q for q in found if q is not None]

    def other_prices(self, credit, quotes, strategy):
        """The items that have another discount than the largest, or none, by place."""
        if self.policy["discount"] is None:
            return {}
        places, cleared, rest, ends_blocked = self.walked(credit, quotes, strategy)
        if not rest or not any(q["d"] for q in cleared):
            return {}
        there = rest + self.cost(cleared)
        way = self.dearest(credit, cleared, there, keeps=self.takes("usable"))
        if self.takes("deducted") and self.cost(way) < there and self.goes_on(quotes):
            return {}
        rest = there - self.cost(way)
        above = None if ends_blocked else self.short_at_the_last(credit, cleared, there, way, strategy)
        if above is not None:
            way, rest = above, 0
        if self.takes("exact") and rest and any(q["d"] for q in way):
            return {n: self.prices.in_full(q) for n, q in enumerate(quotes)}
        return {n: q for n, q, before in zip(places, way, cleared) if q["d"] != before["d"]}

    def goes_on(self, quotes):
        """Whether what is left pays a part of the first that is not cleared, with its part of a discount."""
        if self.policy["discount"]["part_payments"] != "proportional" or self.policy["partial"] == "refused":
            return False
        return self.stopped_at is not None and quotes[self.stopped_at]["d"] > 0

    def short_at_the_last(self, credit, quotes, there, way, strategy):
        """Another way to pay these, nearer to what is there than the dearest, though a little is missing at the last that is let go."""
        if self.adjusts() and self.is_over(credit, quotes, self.room(credit), there - self.cost(way), strategy):
            return None
        ways = ("rounded", "short", "charged")
        for_last = lambda some: there - self.cost(some[:-1])
        self.prices.tried = {id(one["item"]) for one in quotes[:-1]}
        missing = self.missing_at_most(credit, quotes[-1:], for_last(quotes), strategy, ways)
        plan = lambda some: self.plan(credit, for_last(some), some[-1:], strategy, ways)
        found = self.nearer_above(credit, quotes, there, self.cost(way), missing, self.takes("usable"), plan)
        self.prices.tried = set()
        return None if found is None else found[0]

    def is_over(self, credit, quotes, c, rest, strategy):
        """Whether so much is within the limits of what may be paid too much on these."""
        return self.policy["tolerance"] is not None and rest <= self.prices.limits("over", credit, quotes, c, strategy)[1]

    def missing_at_most(self, credit, quotes, c, strategy, ways):
        """What may be missing of these at most to be let go, charged or rounded."""
        found = [0, self.prices.cash_place(credit)] if "rounded" in ways else [0]
        if self.policy["tolerance"] is not None and "short" in ways:
            found.append(self.prices.limits("under", credit, quotes, c, strategy)[1])
            found.append(self.prices.bank_charge(credit, strategy) if "charged" in ways else 0)
        return max(found)

    def nearer_above(self, credit, quotes, there, cost, missing, keeps, plan):
        """(way, plan) of the nearest way that costs more than is there, by less than the dearest that can be paid leaves, and no more than
        may be missing, for which there is a plan; of as many of them as sets have items."""
        most = there + min(missing, there - cost - 1)
        if most <= there:
            return None
        above = {}
        for way in self.ways_to_pay(credit, quotes, most, keeps):
            costs = self.cost(way)
            if there < costs <= most and (costs not in above or self.lateness(way) < self.lateness(above[costs])):
                above[costs] = way
        for costs in sorted(above)[: self.policy["search"]["items"]]:
            found = plan(above[costs])
            if found is not None:
                return above[costs], found
        return None

    def walked(self, credit, quotes, strategy, enough=None):
        """What would be cleared with every discount, by place, what is left of the credit then, and whether the last was of a document with items
        of both signs."""
        places, cleared, rest, taken, ends_blocked = [], [], self.room(credit), {}, False
        self.stopped_at = None
        for n, q in enumerate(quotes):
            if not rest:
                break
            if self.prices.blocked(q["item"]):
                cost = self.blocked_cost(q, rest, taken)
                if cost is None:
                    break
                rest, ends_blocked = rest - cost, ends_blocked or cost > 0
                continue
            if enough is None:
                plan = self.plan(credit, rest, [q], strategy, WITH_TOO_MUCH)
            else:
                plan = {"how": "above"} if enough(q, rest) else None
            if plan is None:
                if self.policy["partial"] == "refused":
                    continue
                self.stopped_at = n
                break
            places.append(n)
            cleared.append(q)
            ends_blocked = False
            self.prices.tried.add(id(q["item"]))
            rest = rest - q["price"] if plan["how"] in ("exact", "above") else 0
        self.prices.tried.clear()
        return places, cleared, rest, ends_blocked

    def blocked_cost(self, q, rest, taken):
        """What an item of a document with items of both signs costs when its turn comes, 0 when nothing is paid of it; None when the credit
        ends with it. `taken` of each such document so far."""
        item = q["item"]
        most = min(item["left"], self.together[item["document"]] - taken.get(item["document"], 0))
        cost = half_away(most * q["factor"])
        if most <= 0 or cost <= 0:
            return 0
        if self.policy["partial"] != "allowed" and (most != item["left"] or rest < cost):
            return 0
        if rest < cost:
            return None if q["same"] or most > 1 else 0
        taken[item["document"]] = taken.get(item["document"], 0) + most
        return cost

    # --- asking ----------------------------------------------------------------------------------------------------------------

    def wonder(self, credit, quotes):
        """Asks about the late discounts of a set that they would make exact."""
        if sum(self.prices.with_late(q)["price"] for q in quotes) == self.room(credit):
            self.wonder_each(credit, quotes)

    def wonder_each(self, credit, quotes):
        self.wondered += [(credit, q["item"], q["more"]) for q in quotes if q["more"]]
