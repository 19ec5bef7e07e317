"""How items with a level become notices, and what a notice costs (docs/specification.md 9, Notices and Fees)."""

from fractions import Fraction

from dunning_interest import Charging
from dunning_levels import next_date, some_later
from undo import latest
from values import Refused, fail, half_away, key, money
from view import account_order, due_order


class Notices(Charging):
    # --- currencies ------------------------------------------------------------------------------------------------------------

    def digits(self, currency):
        return self.ledger.settings.digits[currency]

    def convert(self, minor, currency, to):
        """Minor units of another currency at the latest rate; None without a rate."""
        if currency == to:
            return minor
        rate = latest(self.view, currency, to)
        if rate is None:
            return None
        return in_range(half_away(Fraction(minor, 10 ** self.digits(currency)) * rate * 10 ** self.digits(to)))

    def figure(self, minor, currency, to):
        found = self.convert(minor, currency, to)
        if found is None:
            fail("rate_missing")
        return found

    def addressee(self, customer):
        if self.policy["notice_per"] == "family":
            while self.view.attribute(customer, "parent"):
                customer = self.view.attribute(customer, "parent")
        return customer

    def notice_currency(self, item):
        """The currency of the notice an item stands on; None when its company has no base currency to convert to."""
        document, how = item["doc"], self.policy["currency"]
        if how == "document":
            return document["currency"]
        company, customer, _ = self.desk(item)
        if how == "single":
            who = self.addressee(customer)
            others = {
                i["doc"]["currency"] for i in self.items if i["doc"].get("company", "") == company and self.addressee(i["doc"]["customer"]) == who
            }
            if len(others) == 1:
                return document["currency"]
        return self.ledger.base_currency_of(document)

    def place(self, item):
        company, customer, _ = self.desk(item)
        document = item["document"] if self.policy["notice_per"] == "document" else ""
        return company, self.addressee(customer), self.notice_currency(item), self.procedure_of(company, customer), document

    # --- gathering ---------------------------------------------------------------------------------------------------------------

    def make_notices(self, lines):
        self.notices = []
        gathered, told = {}, [(line["item"], self.place(line["item"])) for line in lines]
        for line in lines:
            place = self.place(line["item"])
            if place[2] is None:
                fail("rate_missing")
            if place[4] and self.policy["related_charges"] == "with_item":  # a charge is on the letter of its claim
                claim = [other for i in self.claim_of(line["item"]) for one, other in told if one is i and other[:4] == place[:4]]
                place = (claim + [place])[0]
            line["place"] = place
            self.price(line, place[2])
            gathered.setdefault(place, []).append(line)
        places = sorted(gathered, key=lambda p: tuple(key(part) for part in p))
        for place in places:
            gathered[place] = self.level_minima(place, gathered[place])
        left = [place for place in places if gathered[place]]
        credits = {}
        for item in self.listed:
            where = next((place for place in left if place[:4] == self.place(item)[:4]), None)
            if where is None:
                self.skip(item, "credit_unlisted")
            else:
                line = {"item": item, "level": 0, "previous": 0, "count": 0, "new": False}
                self.price(line, where[2])
                credits.setdefault(where, []).append(line)
        left = [place for place in left if self.is_enough(place, gathered[place], credits.get(place, []))]
        for place in left:
            gathered[place].sort(key=lambda line: line_order(line["item"]))
        self.charge_all([line for place in left for line in gathered[place]])
        for place in left:
            self.one_notice(place, gathered[place], sorted(credits.get(place, []), key=lambda line: line_order(line["item"])))

    def price(self, line, currency):
        item = line["item"]
        own = item["doc"]["currency"]
        line["open"] = self.figure(item["open"], own, currency)
        line["amount"] = self.figure(self.left.get(id(item), item["open"]), own, currency)

    def level_minima(self, place, lines):
        company, who, currency, name, _ = place
        levels = self.policy["procedures"][name]["levels"]
        beside = self.policy["procedures"][name]["unchanged"] == "with_new"
        for number in range(len(levels), 0, -1):
            level = levels[number - 1]
            some = [line for line in lines if line["level"] == number]
            if not some or self.holds(level, place, [line for line in lines if line["level"] >= number], number):
                continue
            for line in some:
                below = number - 1
                always = below > 0 and levels[below - 1]["always"]
                if below == 0 or below < line["previous"] or (below == line["previous"] and not always and not beside):
                    self.skip(line["item"], "below_minimum")
                    lines = [other for other in lines if other is not line]
                elif below == line["previous"]:
                    line |= {"level": below, "new": always, "why": "below_minimum"}
                else:
                    line["level"] = below
        if not any(line["new"] for line in lines):
            for line in lines:
                self.skip(line["item"], line["why"])
            lines = []
        return lines

    def holds(self, level, place, lines, number):
        company, who, currency, name, _ = place
        procedure = self.policy["procedures"][name]
        if procedure["minimum_of"] == "level":
            lines = [line for line in lines if line["level"] == number]
        total, net = sum(line["amount"] for line in lines), procedure["minimum_credits"] == "deducted"
        if net and (level["minimum"] or level["minimum_percent"] is not None):
            for item in self.listed:
                if self.place(item)[:4] == place[:4]:
                    total += self.figure(item["open"], item["doc"]["currency"], currency)
        if not self.enough(level["minimum"], total, company, currency):
            return False
        if level["minimum_count"] is not None and len(lines) < level["minimum_count"]:
            return False
        return level["minimum_percent"] is None or total * 100 >= level["minimum_percent"] * self.all_open(company, who, currency, net)

    def enough(self, minimum, total, company, currency):
        """Is a total at least the entry of its currency, else of the company's base currency?"""
        if currency in minimum:
            return Fraction(total, 10 ** self.digits(currency)) >= minimum[currency]
        base = self.ledger.settings.base_of(company)
        if base is None or base not in minimum:
            return True
        converted = self.convert(total, currency, base)
        return converted is None or Fraction(converted, 10 ** self.digits(base)) >= minimum[base]

    def all_open(self, company, who, currency, net):
        total = 0
        for item in self.items:
            document = item["doc"]
            own = item["open"] > 0 and self.today.is_charge_of(document, self.view.on)
            if (net or item["open"] > 0) and not own and document.get("company", "") == company and self.addressee(document["customer"]) == who:
                if self.policy["currency"] != "document" or document["currency"] == currency:
                    total += self.figure(item["open"], document["currency"], currency)
        return max(0, total)

    # --- one notice ----------------------------------------------------------------------------------------------------------------

    def is_enough(self, place, debits, credits):
        """The minimum of the procedure, after listed credits."""
        company, _, currency, name, _ = place
        procedure = self.policy["procedures"][name]
        claims = sum(line["amount"] for line in debits + credits)
        why = None
        if not self.enough(procedure["minimum"], claims, company, currency):
            why = "below_minimum"
        elif claims <= 0:
            why = "nothing_to_claim"
        if why is not None:
            for line in debits:
                self.skip(line["item"], why)
            for line in credits:
                self.skip(line["item"], "credit_unlisted")
        return why is None

    def one_notice(self, place, debits, credits):
        company, who, currency, name, _ = place
        procedure = self.policy["procedures"][name]
        claims = sum(line["amount"] for line in debits + credits)
        highest = max(line["level"] for line in debits)
        level = procedure["levels"][highest - 1]
        due = level["pay_within_days"]
        if due is not None:
            due = some_later(procedure["pay_within_count"], procedure["calendar"], self.view.on, due)
        for line in debits:
            self.charges_of_line(line, procedure["levels"][line["level"] - 1], company, currency)
        for line in credits:
            line |= {"line_fee": 0, "line_fee_tax": 0, "interest": 0, "compensation": 0, "interest_until": None}
        fee, fee_tax = self.notice_fee(level["notice_fee"], highest, debits, credits, company, currency)
        notice = {"company": company, "customer": who, "currency": currency, "procedure": name, "level": highest, "lines": debits + credits}
        notice |= {name: level[name] for name in ("name", "tone", "template", "hand_over")}
        channels = [level["channel"], self.view.attribute(who, "channel")]
        if self.policy["channel_of"] == "customer":
            channels.reverse()
        notice["channel"] = channels[0] or channels[1]
        notice |= {name: self.view.attribute(who, name) for name in ("contact", "language")}
        notice |= {"due_date": due, "next_date": next_date(self.policy, procedure, self.view.on, due, self.groups(debits, highest))}
        notice |= {"claims": claims, "fee": fee, "fee_tax": fee_tax, "line_fees": sum(line["line_fee"] + line["line_fee_tax"] for line in debits)}
        notice |= {name: sum(line[name] for line in debits) for name in ("interest", "compensation")}
        notice["total"] = in_range(sum(notice[part] for part in ("claims", "fee", "fee_tax", "line_fees", "interest", "compensation")))
        self.notices.append(notice)

    def groups(self, debits, highest):
        """What goes on together after this notice: (basis dates, level, count) of a line, or of a desk."""
        if self.policy["unit"] == "item":
            return [([self.basis(line["item"])], line["level"], line["count"] + 1) for line in debits]
        desks = {}
        for line in debits:
            desks.setdefault(self.desk(line["item"]), []).append(line)
        return [
            ([self.basis(line["item"]) for line in lines], max(line["level"] for line in lines), lines[0]["count"] + 1) for lines in desks.values()
        ]

    # --- fees --------------------------------------------------------------------------------------------------------------------

    def notice_fee(self, fee, level, debits, credits, company, currency):
        bearing = [line for line in debits if line["item"]["doc"]["kind"] != "charge"]
        if fee is None or not bearing:
            return 0, 0
        per_level = fee["once"] == "per_level"
        if per_level and all(line["level"] < level or level in self.levels_before(line) for line in debits):
            return 0, 0
        for line in debits:
            item = line["item"]
            kept = [k for k in self.history.kept_of_item(item["document"], item["instalment"]) if k["notice_fee"] and k["notice"]["level"] == level]
            if self.history.keeps_fee(self.about(item), kept, per_level):
                return 0, 0
        base = sum(self.fee_base(fee, line, currency) for line in bearing)
        if fee["of"] == "amount":
            base = max(0, base + sum(line["amount"] for line in credits))
        return self.fee(fee, base, company, currency)

    def fee_base(self, fee, line, currency):
        item = line["item"]
        return line["amount"] if fee["of"] == "amount" else self.figure(item["amount"], item["doc"]["currency"], currency)

    def charges_of_line(self, line, level, company, currency):
        item, fee = line["item"], level["line_fee"]
        line["line_fee"], line["line_fee_tax"] = 0, 0
        if item["doc"]["kind"] == "charge" or fee is None:
            return
        per_level = fee["once"] != "per_notice"
        kept = [k for k in self.history.kept_of_item(item["document"], item["instalment"]) if k["line_fee"] and k["line"]["level"] == line["level"]]
        if not (per_level and line["level"] in self.levels_before(line)) and not self.history.keeps_fee(self.about(item), kept, per_level):
            line["line_fee"], line["line_fee_tax"] = self.fee(fee, self.fee_base(fee, line, currency), company, currency)

    def levels_before(self, line):
        return [one["level"] for _, one in self.about(line["item"])]

    def fee(self, fee, base, company, currency):
        """(fee, its tax) of a base, in minor units of the notice's currency."""
        entry = fee["currencies"].get(currency)
        if entry is not None:
            found = of_tiers(fee["mode"], entry["tiers"], base, self.digits(currency))
        else:
            own = self.ledger.settings.base_of(company)
            entry = fee["currencies"].get(own)
            rate = None if own is None or own == currency else latest(self.view, currency, own)
            if entry is None or rate is None:
                return 0, 0
            found = of_tiers(fee["mode"], entry["tiers"], self.convert(base, currency, own), self.digits(own))
            found = half_away(Fraction(found, 10 ** self.digits(own)) / rate * 10 ** self.digits(currency))
        return in_range(found), half_away(found * entry["tax_percent"] / 100)


def of_tiers(mode, tiers, minor, digits):
    base, total = Fraction(minor, 10**digits), 0
    for n, tier in enumerate(tiers):
        above = tiers[n + 1]["from"] if n + 1 < len(tiers) else None
        if mode == "single":
            if tier["from"] <= base and (above is None or base < above):
                total += bounded(tier, base, digits)
        elif tier["from"] < base:
            total += bounded(tier, (base if above is None else min(base, above)) - tier["from"], digits)
    return total


def bounded(tier, part, digits):
    fee = tier["amount"] + part * tier["percent"] / 100
    if tier["maximum"] is not None:
        fee = min(fee, tier["maximum"])
    if tier["minimum"] is not None:
        fee = max(fee, tier["minimum"])
    return half_away(fee * 10**digits)


def in_range(minor):
    try:
        return money(Fraction(minor), 0)
    except Refused as refused:
        fail(refused.code)


def line_order(item):
    document = item["doc"]
    return (*account_order((document["customer"], document.get("control_account", ""))), *due_order(item))
