"""What an item costs a credit: its discount, its price, and what may be missing (docs/specification.md 7)."""

from fractions import Fraction
from math import floor

from settlement_carried import Carrying
from settlement_given import DISCOUNTS
from terms import rounded
from values import LIMIT, half_away, split
from view import NEVER, sign

UNLIMITED = 10**40


class Desk(Carrying):
    """What prices are asked of: the view, the policy, and what documents have open on the other side."""

    def __init__(self, view, policy, items):
        self.view, self.policy, self.ledger = view, policy, view.ledger
        self.debits, self.let_go, self.decided, self.spent, self.tried = [], {}, {}, set(), set()
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

    def tiers(self, document, then=None):
        """What a document offers; `then`: (day, recorded day, batch) of something that was booked."""
        names = ("until", "percent", "amount", "basis")
        offers = self.ledger.offer_in_force(document, *(then or self.now()))
        return [{name: v for name, v in zip(names, tier) if v is not None} for tier in sorted(offers, key=lambda tier: tier[0])]

    def now(self):
        return self.view.on, self.view.known, None

    def when_granted(self, rows):
        """The day of differences, and when they were recorded, the last of them."""
        recorded, batch = max((r["recorded"], r.batch) for r in rows)
        return max(r["effective"] for r in rows), recorded, batch

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
        found = self.exactly(document, tier)
        return found if "amount" in tier else rounded(found, self.policy["discount"]["rounding"]) if found > 0 else 0

    def exactly(self, document, tier):
        """D before it is rounded."""
        return tier["amount"] if "amount" in tier else self.basis(document, tier) * Fraction(tier["percent"]) / 100

    def lowered(self, document, instalment, whole, tier, off, then):
        """The part of D on an instalment without so much of it, rounded once."""
        rows, scheduled = self.ledger.schedule_in_force(document, *then)
        of_it = scheduled and any(number == instalment for number, _, _ in rows)
        together = sum(max(0, amount) for _, _, amount in rows) if of_it else whole
        found = self.exactly(document, tier) * Fraction(max(0, whole - off), together)
        return min(self.share_of(document, instalment, tier, then), rounded(found, self.policy["discount"]["rounding"]) if found > 0 else 0)

    def said(self, item):
        """What somebody said about the item's discounts, or about its document: accepted, late refused, refused, or nothing."""
        return self.decided.get((item["document"], item["instalment"])) or self.decided.get((item["document"], None))

    def tier(self, credit, item, asked, largest=False):
        """The tier that is taken, with whether it is late; `asked` as if late tiers were accepted; `largest` whatever the credit has."""
        document, counting = item["doc"], self.counting(credit, item, asked)
        if self.keeps(credit, item):
            counting = [t for t in counting if t["late"]]
        late = asked or self.takes_late(item)
        paid = [t for t in counting if self.pays(credit, item, t, late) and not largest]
        in_time = [t for t in paid if not t["late"]]
        return max(in_time or paid or counting, key=lambda t: (self.worth(document, t), not t["late"], t["until"]), default=None)

    def keeps(self, credit, item):
        """Whether the item has its late discount in any case: somebody accepted it, and for this credit it is the largest."""
        if self.said(item) != "accepted":
            return False
        largest = max(self.counting(credit, item, True), key=lambda t: (self.worth(item["doc"], t), not t["late"], t["until"]), default=None)
        return largest is not None and largest["late"] and self.off(item, largest, True) > 0

    def counting(self, credit, item, asked):
        """The tiers in time, and the late ones if they count, each with whether it is late."""
        p = self.policy["discount"]
        pay_day = max([credit["doc"]["document_date"], *self.paid_on(item)])
        found = []
        for tier in self.tiers(item["doc"]):
            over = (pay_day - tier["until"]).days
            if over <= 0 or (over <= p["grace_days"] and (asked or self.takes_late(item))):
                found.append({**tier, "late": over > 0})
        return found

    def takes_late(self, item):
        """Whether late discounts count for the item, as the policy has it and as somebody said."""
        said = self.said(item)
        return self.policy["discount"]["late"] == "accepted" if said is None else said == "accepted"

    def paid_on(self, item):
        """The document dates of what paid an item before, where every payment has to be in time."""
        p = self.policy["discount"]
        if p["part_payments"] != "when_cleared" or p["in_time"] != "all":
            return []
        return self.became(item)["days"] + item["paid_here"]

    def credited(self, item):
        """What credit notes for the document paid of the item, before and here."""
        return self.became(item)["credited"] + item["credited_here"]

    def pays(self, credit, item, tier, late):
        """Whether what the credit has left is the item's price less this discount, to the minor unit."""
        d, factor = self.off(item, tier, late), self.factor(credit, item)
        return d > 0 and factor is not None and half_away((item["left"] - d) * factor) == self.room(credit)

    def share(self, item, tier):
        """The part of D that is an item's."""
        return self.share_of(item["doc"], item["instalment"], tier, self.now())

    def share_of(self, document, instalment, tier, then):
        """The part of D that is an instalment's; all of it where none of the schedule is meant."""
        whole = self.worth(document, tier)
        rows, scheduled = self.ledger.schedule_in_force(document, *then)
        if not scheduled or all(number != instalment for number, _, _ in rows):
            return whole
        rows = sorted(rows, key=lambda r: (r[1] is None, r[1] or NEVER, r[0]))
        parts = split(whole, [max(0, amount) for _, _, amount in rows])
        return next(part for (number, _, _), part in zip(rows, parts) if number == instalment)

    def may_have(self, credit, item):
        """Whether the item may have a discount for the credit."""
        if self.policy["discount"] is None or credit["doc"]["kind"] not in ("payment", "advance", "journal"):
            return False
        return not self.blocked(item) and self.said(item) != "refused"

    def choices(self, credit, q):
        """What an item may cost: as it is, less each other discount that counts, the largest first, and in full; each price once."""
        item, others = q["item"], []
        if self.may_have(credit, item):
            for tier in self.counting(credit, item, False):
                d = 0 if q["kept"] and not tier["late"] else self.off(item, tier, self.takes_late(item))
                price = half_away((item["left"] - d) * q["factor"])
                if d and price > 0:
                    others.append({**q, "d": d, "tier": tier, "price": price, "more": 0, "given_up": True})
        others.sort(key=lambda o: o["tier"]["until"], reverse=True)
        others.sort(key=lambda o: (-o["d"], o["tier"]["late"]))
        prices = {}
        for one in [q, *others, self.in_full(q)]:
            prices.setdefault(one["price"], one)
        return list(prices.values())

    def discount(self, credit, item, asked=False, largest=False):
        """(d, tier) of a debit item for a credit."""
        if not self.may_have(credit, item):
            return 0, None
        tier = self.tier(credit, item, asked, largest)
        d = 0 if tier is None else self.off(item, tier, asked or self.takes_late(item))
        return (d, tier) if d else (0, None)

    def off(self, item, tier, late):
        """What a tier takes off an item, where late ones count or not; 0 where it is none for it."""
        p, was, whole, now = self.policy["discount"], self.became(item), item["amount"], self.now()
        if was["paid_up"][late] or (p["part_payments"] == "untouched" and item["left"] != whole):
            return 0
        without = self.credited(item) if p["credited"] == "lowered" else 0
        if p["part_payments"] == "proportional":
            together = self.together_of(item["doc"], item["instalment"], now)
            small = self.in_small(item["doc"], was["plain"] + item["plain_here"], tier, together, late)
            without = whole - item["left"] - was["with_discount"] - item["with_discount_here"] - small
        share = self.lowered(item["doc"], item["instalment"], whole, tier, without, now) if without > 0 else self.share(item, tier)
        share += was["moved"].get((self.named(item["doc"], tier), late), 0)
        d = share - was["granted"] - item["discounted"]
        return d if 0 < d < item["left"] else 0

    def stands(self, row):
        """Whether the view knows it, and it is not taken back by the view's day."""
        end = self.ledger.taken_back(row, self.view.known)
        return self.view.is_known(row) and (end is None or end > self.view.on)

    def given(self, document, kind):
        """What known differences of a kind took off a document that are not taken back."""
        rows = [r for r in self.ledger.rows["differences"] if r["document"] == document["id"] and r["kind"] == kind and self.stands(r)]
        return sum(abs(r["amount"]) for r in rows)

    def given_over(self, document):
        """What was paid too much on a document and let go: on credits, beside the allocations that pay it, in its currency."""
        sums = 0
        for row, allocation in self.beside_allocations():
            if row["kind"] == self.policy["tolerance"]["kind"] and allocation["debit"] == document["id"] and row["document"] == allocation["credit"]:
                sums += half_away(Fraction(abs(row["amount"]) * allocation["debit_amount"], allocation["amount"]))
        return sums

    def beside_allocations(self):
        """The differences that stand beside allocations, with these."""
        for row in self.ledger.rows["differences"]:
            if "allocation" in row and self.stands(row):
                yield row, next(a for a in self.ledger.rows["allocations"] if a["id"] == row["allocation"])

    def let_go_within(self, document):
        """[(id of the allocation, amount)] of the matches that took more discount than was to be had with them."""
        found, every = [], self.ever_matched(document)
        for at, match in enumerate(every):
            match = self.standing(match, self.stands)
            granted = [r for r in match["off"] if r["kind"] in DISCOUNTS] if match else []
            own = match and self.number_of(match)
            for number in sorted({r.get("instalment") or own for r in granted}):
                some = [r for r in granted if (r.get("instalment") or own) == number]
                taken, then = sum(abs(r["amount"]) for r in some), self.when_granted(some)
                before = [self.standing(one, lambda row: self.stood(row, then)) for one in every[:at]]
                most = self.to_be_had(document, number, match, [one for one in before if one], then)
                if 0 < most < taken:
                    found.append((match["paid"] and match["paid"]["id"], taken - most))
        return found

    def stood(self, row, then):
        """Whether it was not taken back then, as was known then."""
        on, known, batch = then
        end = self.ledger.taken_back(row, known, batch)
        return end is None or end > on

    def to_be_had(self, document, number, match, before, then):
        """The largest discount of an instalment (0: of what names none) with a match, by the matches before it and what was offered then."""
        p, paid = self.policy["discount"], match["paid"]
        was = self.carried(document, number, before, then)
        credit = paid and self.ledger.documents[paid["credit"]]
        if credit and credit["kind"] not in ("payment", "advance", "journal"):
            return 0
        tiers = [{**t, "late": False} for t in self.tiers(document, then)]
        if credit:
            days = [credit["document_date"]]
            if p["part_payments"] == "when_cleared" and p["in_time"] == "all":
                days += was["days"]
            past = lambda t: (max(days) - t["until"]).days
            tiers = [{**t, "late": past(t) > 0} for t in tiers if past(t) <= (0 if p["late"] == "refused" else p["grace_days"])]
        if not tiers:
            return 0
        tier = max(tiers, key=lambda t: (self.worth(document, t), not t["late"], t["until"]))
        whole, late = self.amount_of(document, number, then), p["late"] != "refused"
        left = whole - was["settled"]
        if was["paid_up"][late] or (p["part_payments"] == "untouched" and left != whole):
            return 0
        without = was["credited"] if p["credited"] == "lowered" else 0
        if p["part_payments"] == "proportional":
            small = self.in_small(document, was["plain"], tier, self.together_of(document, number, then), late)
            without = was["settled"] - was["with_discount"] - small
        share = self.lowered(document, number, whole, tier, without, then) if without > 0 else self.share_of(document, number, tier, then)
        rest = share + was["moved"].get((self.named(document, tier), late), 0) - was["granted"]
        return rest if 0 < rest < left else 0

    def amount_of(self, document, number, then):
        """The amount of an instalment in the schedule in force then; of the document where none of it is meant."""
        rows, scheduled = self.ledger.schedule_in_force(document, *then)
        return next((amount for one, _, amount in rows if scheduled and one == number), document["amount"])

    def has_had(self, credit, what):
        """Whether the payment of a credit had its tolerance, or its bank charge, on another line or before."""
        kind = "bank_charge" if what == "bank_charge" else self.policy["tolerance"]["kind"]
        before = any(row["kind"] == kind and allocation["credit"] == credit["document"] for row, allocation in self.beside_allocations())
        return before or (credit["document"], what) in self.spent or (what == "tolerance" and self.has_had_within(credit))

    def has_had_within(self, credit):
        """Whether a payment let something go within a discount before."""
        if self.policy["tolerance"]["first"] != "discount" or self.policy["discount"] is None:
            return False
        own = [a for a in self.ledger.rows["allocations"] if a["credit"] == credit["document"] and self.stands(a)]
        return any(name == a["id"] for a in own for name, _ in self.let_go_within(self.ledger.documents[a["debit"]]))

    def with_discount(self, item):
        """What was settled of an item with a discount before."""
        return self.became(item)["with_discount"]

    def granted(self, item):
        return self.became(item)["granted"]

    # --- prices ----------------------------------------------------------------------------------------------------------------

    def quote(self, credit, item, largest=False):
        """What an item costs a credit; None when it is no candidate. `largest`: with the largest of its discounts."""
        factor = self.factor(credit, item)
        if factor is None:
            return None
        d, tier = self.discount(credit, item, largest=largest)
        price = half_away((item["left"] - d) * factor)
        if not 0 < price <= LIMIT:
            return None
        same = credit["doc"]["currency"] == item["doc"]["currency"]
        gross = half_away(item["left"] * factor)
        q = {"item": item, "d": d, "tier": tier, "price": price, "gross": gross, "factor": factor, "same": same, "more": 0, "late": 0}
        q["kept"] = d > 0 and self.keeps(credit, item)
        if self.asks(item):
            late, its = self.discount(credit, item, asked=True)
            q["late"] = late if its is not None and its["late"] else 0
            if q["late"] > d:
                q["more"], q["late_price"] = late - d, half_away((item["left"] - late) * factor)
        return q

    def asks(self, item):
        return self.policy["discount"] is not None and self.policy["discount"]["late"] == "asked" and self.said(item) is None

    def in_full(self, q):
        """The item without its discount, where it does not keep it."""
        return q if not q["d"] or q["kept"] else {**q, "d": 0, "tier": None, "price": q["gross"], "more": 0, "given_up": True}

    def with_late(self, q):
        """The item as if the late discount that is asked about were granted: its price alone."""
        return {**q, "price": q["late_price"]} if q["more"] else q

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
        if not self.holds(strategy) or (self.per_payment() and self.has_had(credit, "tolerance")):
            return 0
        found = []
        for e in t["limits"]:
            if e["side"] not in ("both", side) or (e["customers"] and customer not in e["customers"]):
                continue
            if e["companies"] and credit["doc"].get("company", "") not in e["companies"]:
                continue
            if e["clerk"] is not None and e["clerk"] != t["clerk"]:
                continue
            base_currency = self.ledger.base_currency_of(credit["doc"]) or currency
            if e["currency"] is not None and e["currency"] != (currency if e["amount_in"] == "credit" else base_currency):
                continue
            blank = 0 if t["blank"] == "none" else UNLIMITED
            if e["amount"] is None:
                amount = blank
            elif e["amount_in"] == "base":
                amount = self.worth_at_most(credit, base_currency, e["amount"])
            else:
                amount = floor(e["amount"] * 10 ** self.digits(credit))
            percent = blank if e["percent"] is None else floor(base * e["percent"] / 100)
            found.append(min(amount, percent))
        return min(found, default=0)

    def worth_at_most(self, credit, base_currency, amount):
        """The most of the credit's currency of which the worth in base currency, rounded, is not above the amount."""
        document = credit["doc"]
        most = floor(amount * 10 ** self.ledger.settings.digits[base_currency])
        rate = Fraction(1) if base_currency == document["currency"] else Fraction(document["base"] or 0, document["amount"])
        if not rate:
            return 0
        found = floor(Fraction(2 * most + 1, 2) / rate)
        return found if half_away(found * rate) <= most else found - 1

    def of_document(self, side, credit, item, strategy):
        """What may be let go of an item's document, before what was: a limit on what all its debits here have left."""
        factor = self.factor(credit, item)
        left = sum(i["left"] for i in self.debits if i["document"] == item["document"] and id(i) not in self.tried)
        return self.limit(side, credit, item["doc"]["customer"], half_away(left * factor), strategy)

    def rest_of(self, side, credit, item, limit):
        """What of a limit is left: less what was let go of the document here and before."""
        if not limit or limit >= UNLIMITED:
            return limit
        claim = self.claim_of(item["doc"])
        used = sum(self.let_go.get((document["id"], side), 0) + self.let_go_before(side, document) for document in claim)
        return max(0, limit - half_away(used * self.factor(credit, item)))

    def claim_of(self, document):
        """A document with what it is left of and what is left of these, and so on: one claim."""
        pairs = [{d["id"], d["related"]} for d in self.ledger.rows["documents"] if self.view.is_residual(d)]
        names = {document["id"]}
        while any(len(pair & names) == 1 for pair in pairs):
            names = names.union(*(pair for pair in pairs if pair & names))
        return [self.ledger.documents[name] for name in names]

    def let_go_before(self, side, document):
        """What earlier settlements let go of a document within tolerance, and within its discounts where a tolerance raises them."""
        if side == "over":
            return self.given_over(document)
        used = self.given(document, self.policy["tolerance"]["kind"])
        if self.policy["tolerance"]["first"] == "discount" and self.policy["discount"] is not None:
            used += sum(amount for _, amount in self.let_go_within(document))
        return used

    def limits(self, side, credit, quotes, c, strategy):
        """What may be let go document by document, and together; per payment no document has a limit of its own."""
        if self.per_payment():
            return None, self.limit(side, credit, credit["doc"]["customer"], c, strategy)
        each = {}
        for q in quotes:
            if q["item"]["document"] not in each:
                limit = self.of_document(side, credit, q["item"], strategy)
                each[q["item"]["document"]] = self.rest_of(side, credit, q["item"], limit)
        return each, self.in_all(each)

    def in_all(self, each):
        """What may be let go of documents together: of those of one claim, what the most generous of them allows."""
        claims = {}
        for name, limit in each.items():
            one = self.claim_name(name)
            claims[one] = max(limit, claims.get(one, 0))
        return sum(claims.values())

    def claim_name(self, name):
        return min(document["id"] for document in self.claim_of(self.ledger.documents[name]))

    def bank_charge(self, credit, strategy):
        for e in self.policy["tolerance"]["bank_charges"] if self.holds(strategy) else []:
            if e["currency"] == credit["doc"]["currency"] and not self.has_had(credit, "bank_charge"):
                return floor(e["amount"] * 10 ** self.digits(credit))
        return 0

    def cash(self, credit, price):
        """The price as cash is rounded, in minor units (perhaps no whole number); the price itself without an entry."""
        for e in self.policy["cash_rounding"]:
            if e["currency"] == credit["doc"]["currency"]:
                place = e["place"] * 10 ** self.digits(credit)
                return rounded(Fraction(price) / place, e["rounding"]) * place
        return price

    def cash_place(self, credit):
        """To what cash of the credit's currency is rounded, in minor units; 0 where it is not."""
        for e in self.policy["cash_rounding"]:
            if e["currency"] == credit["doc"]["currency"]:
                return e["place"] * 10 ** self.digits(credit)
        return 0
