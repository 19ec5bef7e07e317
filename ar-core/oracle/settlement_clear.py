"""How a set of items is cleared with what is left of a credit, or one item paid in part (docs/specification.md 7)."""

from fractions import Fraction

from settlement_carried import PAYING
from settlement_given import is_credit_note_for
from settlement_price import UNLIMITED
from values import half_away


class Clearing:
    # --- can a set be cleared? -------------------------------------------------------------------------------------------------

    def plan(self, credit, c, quotes, strategy, ways):
        """How c clears the set, by the first of the ways that fits; None when none does.

        Ways: exact, rounded, short, charged, over (by at most the limits), above (by whatever it is).
        """
        price = sum(q["price"] for q in quotes)
        if c == price:
            return {"how": "exact", "quotes": quotes, "shares": [0] * len(quotes)} if "exact" in ways else None
        if "rounded" in ways and c == self.prices.cash(credit, price):
            return self.sharing("rounded", quotes, None, max(0, price - c), None)
        side = "under" if c < price else "over"
        each, whole = self.prices.limits(side, credit, quotes, c, strategy)
        if c < price:
            if "short" in ways and price - c <= whole and self.policy["tolerance"] is not None:
                return self.sharing("short", quotes, each, price - c, whole)
            charge = self.prices.bank_charge(credit, strategy)
            if "charged" in ways and price - c <= charge:
                return self.sharing("charged", quotes, None, price - c, charge)
            return None
        if "above" in ways or ("over" in ways and c - price <= whole):
            return {"how": "above" if "above" in ways else "over", "quotes": quotes, "shares": [0] * len(quotes)}
        return None

    def sharing(self, how, quotes, each, shortage, shown):
        """A plan that lays the shortage on the items; None when they cannot hold it.

        `each`: what is left to let go of every document, or None when they have no limits of their own.
        """
        raises = how == "short" and self.policy["tolerance"] is not None and self.policy["tolerance"]["first"] == "discount"
        holders = []
        for n, q in enumerate(quotes):
            room = 0 if not q["same"] and q["item"]["left"] - q["d"] < 2 else q["price"] - 1
            holders.append({"at": n, "later": raises and not q["d"], "size": q["price"], "room": room, "document": q["item"]["document"]})
        laid = self.lay(shortage, holders, each)
        if laid is None:
            return None
        return {"how": how, "quotes": quotes, "shares": [share for share, _ in laid], "shown": [shown if each is None else limit for _, limit in laid]}

    def lay(self, amount, holders, each):
        """[(share, limit of the document then)] of each holder: all on the largest that holds it, else the largest first as far as each
        goes; those that come later hold what the others do not. None when they cannot."""
        rest_of = dict(each or {})
        laid = [(0, None)] * len(holders)
        for later in (False, True):
            some = sorted((h for h in holders if h["later"] == later), key=lambda h: -h["size"])
            able = [h for h in some if min(h["room"], rest_of.get(h["document"], UNLIMITED)) >= amount]
            for h in able[:1] or some:
                limit = rest_of.get(h["document"], UNLIMITED)
                share = min(amount, h["room"], limit)
                laid[holders.index(h)] = share, limit
                amount -= share
                for name in rest_of if share else ():
                    if rest_of[name] < UNLIMITED and self.prices.claim_name(name) == self.prices.claim_name(h["document"]):
                        rest_of[name] = max(0, rest_of[name] - share)
        return None if amount else laid

    def carry_out(self, credit, plan, strategy):
        """The lines of a plan, and what is closed at once."""
        before, first = self.room(credit), len(self.made)
        for n, (q, share) in enumerate(zip(plan["quotes"], plan["shares"])):
            self.cleared(strategy, credit, q, share, plan["how"], plan["shown"][n] if share else None)
        lines = self.made[first:]
        if plan["how"] == "rounded" and self.room(credit) > 0:
            price = sum(q["price"] for q in plan["quotes"])
            self.beside_credit(lines[0], before - price, "cash_rounding", "tolerance.cash_rounding", None)
        if plan["how"] == "over":
            self.close(credit, lines, before)

    # --- lines -----------------------------------------------------------------------------------------------------------------------

    def put(self, strategy, credit, debit, amount, debit_amount, clears):
        line = {"credit": credit, "debit": debit, "amount": amount, "debit_amount": debit_amount, "strategy": strategy}
        line |= {"clears": clears, "discount": 0, "tier": None, "beside": [], "over": 0, "within": 0}
        self.made.append(line)
        self.take(credit, amount)
        self.take(debit, debit_amount)
        self.was_paid(debit, credit, debit_amount)
        return line

    def was_paid(self, debit, credit, debit_amount):
        debit["paid_here"] = [*debit["paid_here"], credit["doc"]["document_date"]]
        if credit["doc"]["kind"] in PAYING:
            debit["plain_here"] = [*debit["plain_here"], (credit["doc"]["document_date"], debit_amount, debit_amount)]
        if is_credit_note_for(credit["doc"], debit["doc"]):
            debit["credited_here"] += debit_amount

    def take(self, item, amount):
        item["left"] -= amount
        self.together[item["document"]] -= amount

    def beside_debit(self, line, amount, kind, rule, limit):
        line["beside"].append({"side": "debit", "amount": amount, "kind": kind, "rule": rule, "limit": limit})
        self.take(line["debit"], amount)

    def beside_credit(self, line, amount, kind, rule, limit):
        line["beside"].append({"side": "credit", "amount": amount, "kind": kind, "rule": rule, "limit": limit})
        self.take(line["credit"], amount)

    def give_discount(self, line, d, tier):
        if d:
            line["discount"], line["tier"] = d, tier
            line["debit"]["discounted"] += d
            self.was_with_discount(line, d)
            self.take(line["debit"], d)

    def was_with_discount(self, line, d):
        """What it paid was not without one."""
        line["debit"]["with_discount_here"] += line["debit_amount"] + d
        line["debit"]["plain_here"] = line["debit"]["plain_here"][:-1]

    def cleared(self, strategy, credit, q, share, how, limit):
        item, d = q["item"], q["d"]
        over = 0 if self.prices.per_payment() else self.prices.of_document("over", credit, item, strategy)
        # Nothing is asked where it is cleared with a discount in time.
        asked = 0 if q.get("given_up") or d else q["late"]
        amount, left = q["price"] - share, item["left"] - d
        if q["same"]:
            debit_amount = amount
        elif share == 0:
            debit_amount = left
        else:
            debit_amount = max(1, min(half_away(amount / q["factor"]), left - 1))
        line = self.put(strategy, credit, item, amount, debit_amount, True)
        line["over"] = over
        short = left - debit_amount
        if how == "short":
            self.lets_go(item, "under", short)
        if short and how == "short" and d and self.policy["tolerance"]["first"] == "discount":
            self.give_discount(line, d + short, q["tier"])
            line["within"] = short
        else:
            self.give_discount(line, d, q["tier"])
            if short:
                kind = {"rounded": "cash_rounding", "charged": "bank_charge"}.get(how) or self.policy["tolerance"]["kind"]
                rule = {"rounded": "tolerance.cash_rounding", "charged": "tolerance.bank_charge", "short": "tolerance.under"}[how]
                self.beside_debit(line, short, kind, rule, limit)
        self.has_spent(line)
        self.ask_late(line, asked, d)

    def in_part(self, strategy, credit, c, q):
        """c is less than the price."""
        item, d = q["item"], q["d"]
        discount = self.policy["discount"]
        proportional = d > 0 and discount["part_payments"] == "proportional" and discount["when"] != "exact"
        most = item["left"] - (d if proportional else 0) - 1
        if most < 1:
            return
        asked = 0 if q.get("given_up") else q["late"]
        debit_amount = c if q["same"] else max(1, min(half_away(c / q["factor"]), most))
        taken = half_away(Fraction(debit_amount * d, item["left"] - d)) if proportional else 0
        line = self.put(strategy, credit, item, c, debit_amount, False)
        self.give_discount(line, taken, q["tier"])
        self.ask_late(line, asked, taken)

    def leave_residuals(self, lines):
        """When all credits are done: what is left of an item that was paid in part is a residual beside its last line."""
        if self.policy["partial"] != "residual":
            return
        last = {id(line["debit"]): line for line in lines}
        for line in last.values():
            item = line["debit"]
            ended = any(c["document"] == item["document"] and self.view.is_known(c) for c in self.view.ledger.rows["cancellations"])
            if item["left"] > 0 and not self.prices.blocked(item) and not ended:
                self.beside_debit(line, item["left"], "residual", "residual", None)

    def one_blocked(self, strategy, credit, c, q):
        """An item of a document with open items of both signs: a line of what both have, as in section 6."""
        item = q["item"]
        most = self.room(item)
        asked = self.late(credit, item)
        price = half_away(most * q["factor"])
        if price <= 0:
            return
        amount, debit_amount = price, most
        if c < price:
            amount = c
            if q["same"]:
                debit_amount = c
            elif most < 2:
                return
            else:
                debit_amount = max(1, min(half_away(c / q["factor"]), most - 1))
        if self.policy["partial"] != "allowed" and debit_amount != item["left"]:
            return
        clears = debit_amount == item["left"]
        line = self.put(strategy, credit, item, amount, debit_amount, clears)
        self.ask_late(line, asked, 0)

    # --- what is over -----------------------------------------------------------------------------------------------------------------

    def close(self, credit, lines, before):
        """Closes what is left of a credit when the limits of the items of these lines allow it. `before`: what it was tried with."""
        rest = self.room(credit)
        lines = [line for line in lines if line["clears"]]
        if rest <= 0 or not lines:
            return
        each, most = None, None
        if self.prices.per_payment():
            most = self.prices.limit("over", credit, credit["doc"]["customer"], before, lines[-1]["strategy"])
        else:
            each = {}
            for line in lines:
                if line["debit"]["document"] not in each:
                    each[line["debit"]["document"]] = self.prices.rest_of("over", credit, line["debit"], line["over"])
        if rest <= (most if each is None else self.prices.in_all(each)):
            self.close_beside(credit, lines, each, most)

    def close_beside(self, credit, lines, each, most):
        """Lays what is left of a credit on the documents of these lines, as far as each goes; without any, beside any line."""
        rest, holders, seen = self.room(credit), [], set()
        for at, line in enumerate(lines):
            document = line["debit"]["document"]
            if self.policy["tolerance"]["first"] == "discount" and line["discount"] and credit["doc"]["currency"] == line["debit"]["doc"]["currency"]:
                holders.append({"at": at, "later": False, "size": line["discount"], "room": line["discount"], "document": document})
            if each is None or document not in seen:
                holders.append({"at": at, "later": True, "size": line["amount"], "room": UNLIMITED, "document": document})
            seen.add(document)
        laid = list(zip(holders, self.lay(rest, holders, each)))
        for at, line in enumerate(lines):
            parts = [(share, limit, h["later"]) for h, (share, limit) in laid if h["at"] == at and share]
            if parts:
                off, over = (sum(share for share, _, later in parts if later == which) for which in (False, True))
                self.charge(line, off, over, most if each is None else parts[0][1])

    def lets_go(self, item, side, amount):
        name = item["document"], side
        self.prices.let_go[name] = self.prices.let_go.get(name, 0) + amount

    def charge(self, line, off, over, limit):
        """Closes a part of a credit beside a line: `off` lowers the discount, the rest is a difference."""
        self.lets_go(line["debit"], "over", half_away(Fraction((off + over) * line["debit_amount"], line["amount"])))
        line["within"] -= off
        line["discount"] -= off
        line["amount"] += off
        line["debit_amount"] += off
        self.take(line["credit"], off)
        if over:
            self.beside_credit(line, over, self.policy["tolerance"]["kind"], "tolerance.over", limit)
        self.has_spent(line)

    def close_at_the_end(self, credit):
        lines = [line for line in self.made if line["credit"] is credit]
        self.close(credit, lines, self.starts[id(credit)])

    # --- late discounts ------------------------------------------------------------------------------------------------------------------

    def late(self, credit, item):
        """What a late tier would be worth if asked about tiers counted."""
        if not self.prices.asks(item):
            return 0
        d, tier = self.prices.discount(credit, item, asked=True)
        return d if tier is not None and tier["late"] else 0

    def ask_late(self, line, worth, taken):
        if worth > taken:
            self.asked.append({"kind": "late_discount", "at": line, "amount": worth - taken})
