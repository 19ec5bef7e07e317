"""What an item costs a credit: its discount, its price, and what may be missing (docs/specification.md 7)."""

from fractions import Fraction
from math import floor

from terms import rounded
from values import LIMIT, half_away, split
from view import NEVER, sign

UNLIMITED = 10**40


class Desk:
    """What prices are asked of: the view, the policy, and what documents have open on the other side."""

    def __init__(self, view, policy, items):
        self.view, self.policy, self.ledger = view, policy, view.ledger
        self.mixed = {i["document"] for i in items if sign(i["open"]) != sign(i["doc"]["amount"])}

    def digits(self, item):
        return self.ledger.digits_of(item["doc"])

    def blocked(self, item):
        """A document with an open item of the opposite sign is settled as in section 6 alone."""
        return item["document"] in self.mixed

    # --- rates ------------------------------------------------------------------------------------------------------------

    def rate(self, currency, base, pay_day):
        if currency == base:
            return Fraction(1)
        best = None
        for r in self.ledger.rows["rates"]:
            if r["currency"] == currency and r["base"] == base and self.view.counted(r) and r["effective"] <= pay_day:
                if best is None or (r["effective"], r["recorded"]) >= (best["effective"], best["recorded"]):
                    best = r
        return None if best is None else best["rate"]

    def factor(self, credit, item):
        """Minor units of the credit's currency for one of the item's; None without a rate."""
        mine, theirs = credit["doc"]["currency"], item["doc"]["currency"]
        if mine == theirs:
            return Fraction(1)
        base, pay_day = self.ledger.base_currency_of(credit["doc"]), credit["doc"]["document_date"]
        if base is None:
            return None
        there, here = self.rate(theirs, base, pay_day), self.rate(mine, base, pay_day)
        if there is None or here is None:
            return None
        return there / here * Fraction(10 ** self.digits(credit), 10 ** self.digits(item))

    # --- discounts -----------------------------------------------------------------------------------------------------------

    def tiers(self, document):
        names = ("until", "percent", "amount", "basis")
        return [{name: v for name, v in zip(names, tier) if v is not None} for tier in self.view.offers(document)]

    def net(self, document):
        if "net" in document:
            return document["net"]
        lines = [r["amount"] for r in self.ledger.rows["document_lines"] if r["document"] == document["id"] and r["kind"] == "net"]
        return sum(lines) if lines else document["amount"]

    def basis(self, document, tier):
        if "basis" in tier:
            return tier["basis"]
        return document["amount"] if self.policy["discount"]["of"] == "gross" else self.net(document)

    def worth(self, document, tier):
        """D of a tier."""
        if "amount" in tier:
            return tier["amount"]
        found = self.basis(document, tier) * Fraction(tier["percent"]) / 100
        return rounded(found, self.policy["discount"]["rounding"]) if found > 0 else 0

    def tier(self, credit, document, asked):
        """The tier that is taken, with whether it is late; `asked` as if tiers asked about were accepted."""
        p, pay_day = self.policy["discount"], credit["doc"]["document_date"]
        best, best_rank = None, None
        for tier in self.tiers(document):
            over = (pay_day - tier["until"]).days
            if over > p["grace_days"]:
                continue
            if over > 0 and p["late"] != "accepted" and not (asked and p["late"] == "asked"):
                continue
            rank = (self.worth(document, tier), over <= 0, tier["until"])
            if best is None or rank > best_rank:
                best, best_rank = {**tier, "late": over > 0}, rank
        return best

    def share(self, item, tier):
        """The part of D that is an instalment's."""
        document = item["doc"]
        whole = self.worth(document, tier)
        rows, scheduled = self.ledger.schedule_in_force(document, self.view.on, self.view.known)
        if not scheduled:
            return whole
        rows = sorted(rows, key=lambda r: (r[1] is None, r[1] or NEVER, r[0]))
        parts = split(whole, [max(0, amount) for _, _, amount in rows])
        return next(part for (number, _, _), part in zip(rows, parts) if number == item["instalment"])

    def discount(self, credit, item, asked=False):
        """(d, tier) of a debit item for a credit."""
        p = self.policy["discount"]
        if p is None or credit["doc"]["kind"] not in ("payment", "advance", "journal") or self.blocked(item):
            return 0, None
        tier = self.tier(credit, item["doc"], asked)
        if tier is None:
            return 0, None
        d = self.share(item, tier)
        if p["part_payments"] == "untouched" and item["left"] != item["amount"]:
            d = 0
        if p["part_payments"] == "proportional":
            d = half_away(Fraction(d * item["left"], item["amount"]))
        return (d, tier) if 0 < d < item["left"] else (0, None)

    # --- prices ----------------------------------------------------------------------------------------------------------------

    def quote(self, credit, item):
        """What an item costs a credit; None when it is no candidate."""
        factor = self.factor(credit, item)
        if factor is None:
            return None
        d, tier = self.discount(credit, item)
        price = half_away((item["left"] - d) * factor)
        if not 0 < price <= LIMIT:
            return None
        same = credit["doc"]["currency"] == item["doc"]["currency"]
        gross = half_away(item["left"] * factor)
        return {"item": item, "d": d, "tier": tier, "price": price, "gross": gross, "factor": factor, "same": same}

    # --- what may be missing, or over ----------------------------------------------------------------------------------------

    def holds(self, strategy):
        t = self.policy["tolerance"]
        return t is not None and (t["strategies"] is None or strategy in t["strategies"])

    def per_payment(self):
        t = self.policy["tolerance"]
        return t is not None and t["per"] == "payment"

    def limit(self, side, credit, customer, base, strategy):
        """What the entries allow, of a base; UNLIMITED when nothing limits."""
        t, currency = self.policy["tolerance"], credit["doc"]["currency"]
        if not self.holds(strategy):
            return 0
        found = []
        for e in t["limits"]:
            if e["side"] not in ("both", side) or (e["customers"] and customer not in e["customers"]):
                continue
            if (e["clerk"] is not None and e["clerk"] != t["clerk"]) or (e["currency"] is not None and e["currency"] != currency):
                continue
            blank = 0 if t["blank"] == "none" else UNLIMITED
            amount = blank if e["amount"] is None else floor(e["amount"] * 10 ** self.digits(credit))
            percent = blank if e["percent"] is None else floor(base * e["percent"] / 100)
            found.append(min(amount, percent))
        return min(found, default=0)

    def limits(self, side, credit, quotes, c, strategy):
        """Limits item by item, and what is allowed together."""
        if self.per_payment():
            return [UNLIMITED] * len(quotes), self.limit(side, credit, credit["doc"]["customer"], c, strategy)
        each = [self.limit(side, credit, q["item"]["doc"]["customer"], q["gross"], strategy) for q in quotes]
        return each, sum(each)

    def bank_charge(self, credit, strategy):
        for e in self.policy["tolerance"]["bank_charges"] if self.holds(strategy) else []:
            if e["currency"] == credit["doc"]["currency"]:
                return floor(e["amount"] * 10 ** self.digits(credit))
        return 0

    def cash(self, credit, price):
        """The price as cash is rounded, in minor units (perhaps no whole number); the price itself without an entry."""
        for e in self.policy["cash_rounding"]:
            if e["currency"] == credit["doc"]["currency"]:
                place = e["place"] * 10 ** self.digits(credit)
                return rounded(Fraction(price) / place, e["rounding"]) * place
        return price
