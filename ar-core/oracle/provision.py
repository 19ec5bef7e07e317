"""What is provided for of what is owed, and what is booked (docs/specification.md 14)."""

from fractions import Fraction

import aging
from terms import rounded as rounded_up
from values import Refused, fail, key, money, ratio, show
from view import account, account_order, due_order

MIRROR = {"half_ceiling": "half_floor", "half_floor": "half_ceiling", "ceiling": "floor", "floor": "ceiling"}


def rounded(number, how):
    """A Fraction to a whole number; the ways of terms are for what is not below zero."""
    if number >= 0:
        return int(rounded_up(number, how))
    how = MIRROR.get(how, how)
    return -int(rounded_up(-number, how))


def shown(number):
    """A ratio as decimal text where that is exact within 30 digits, else as a fraction."""
    for digits in range(31):
        if (number * 10**digits).denominator == 1:
            return show(int(number * 10**digits), digits)
    return f"{number.numerator}/{number.denominator}"


class Provision:
    def __init__(self, view, policy, before):
        self.view, self.policy, self.digits = view, policy, view.ledger.settings.digits
        self.aging = aging.Aging(view, policy["aging"], policy["pools"], policy["where"])
        self.find_specific()
        self.before = self.read_before(before)
        self.items = self.shares()
        self.labels = self.aging.plain
        self.rows, self.pools, self.specific, self.totals = [], [], [], {}
        self.provide_pools()
        self.provide_specific()

    def find_specific(self):
        ids = {name: {r["id"] for r in self.view.ledger.rows[f"{name}s"]} for name in ("customer", "document")}
        for i, entry in enumerate(self.policy["specific"]):
            for name in ("customer", "document"):
                if entry[name] is not None and entry[name] not in ids[name]:
                    fail("unknown_reference", f"specific[{i}].{name}")
        for i, entry in enumerate(self.policy["specific"]):
            entry["minor"] = None
            if entry["currency"] is not None and entry["currency"] not in self.digits:
                fail("unknown_currency", f"specific[{i}].currency")
            if entry["amount"] is not None:
                try:
                    entry["minor"] = money(entry["amount"], self.digits[entry["currency"]])
                except Refused as refused:
                    fail(refused.code, f"specific[{i}].amount")

    def read_before(self, rows):
        out = {}
        for i, row in enumerate(rows):
            if row["currency"] not in self.digits:
                fail("unknown_currency", "currency", "before", i)
            try:
                minor = money(row["amount"], self.digits[row["currency"]])
            except Refused as refused:
                fail(refused.code, "amount", "before", i)
            if minor < 0:
                fail("wrong_sign", "amount", "before", i)
            if row["currency"] in out:
                fail("duplicate_id", "currency", "before", i)
            out[row["currency"]] = minor
        return out

    # --- items ---------------------------------------------------------------------------------------------------------

    def entry_of(self, line):
        """The number of the specific entry of an item: its document's, else its customer's."""
        for name in ("document", "customer"):
            for i, entry in enumerate(self.policy["specific"]):
                if entry[name] == line[name] and entry["currency"] in (None, line["currency"]):
                    return i
        return None

    def shares(self):
        out = []
        for line in self.aging.items:
            bucket = 0 if line["basis_date"] is None else sum(
                aging.is_past(self.view, self.policy["aging"], line["basis_date"], edge) for edge in self.policy["aging"]["edges"]
            )
            entry = self.entry_of(line)
            disputed = 0
            if self.policy["disputed"] != "in_bucket" and entry is None and line["open"] > 0:
                disputed = min(max(line["disputed"], 0), line["open"])
            pool = [self.aging.value(line["doc"], name) for name in self.policy["pools"]]
            out.append({**line, "number": bucket, "entry": entry, "apart": disputed, "taken": 0, "pool": pool})
        if self.policy["credits"] == "against_oldest":
            self.take_off_oldest(out)
        return out

    def take_off_oldest(self, items):
        pooled = [i for i in items if i["entry"] is None]
        for place in {account(i["doc"]) for i in pooled}:
            mine = [i for i in pooled if account(i["doc"]) == place]
            credit = -sum(i["open"] for i in mine if i["open"] < 0)
            for i in sorted(mine, key=lambda i: due_order({**i, "due": i["due_date"]})):
                i["taken"] = min(max(i["open"], 0), credit)
                credit -= i["taken"]
                i["apart"] = min(i["apart"], max(i["open"], 0) - i["taken"])

    # --- pools ---------------------------------------------------------------------------------------------------------

    def matrix(self, pool, currency):
        best, found = -1, None
        for m in self.policy["matrices"]:
            if m["pool"] not in (None, pool) or m["currency"] not in (None, currency):
                continue
            rank = 2 * (m["pool"] is not None) + (m["currency"] is not None)
            if rank > best:
                best, found = rank, m
        if found is None:
            fail("loss_rate_missing", "matrices")
        return found

    def rates(self, matrix):
        out = []
        for i, rate in enumerate(matrix["rates"]):
            overlay = matrix["overlay"] or {"factors": [], "points": [], "above_one": "kept"}

            def of(name, none):
                values = overlay[name]
                return none if not values else values[0] if len(values) == 1 else values[i]

            factor, points = of("factors", Fraction(1)), of("points", Fraction(0))
            applied = max(Fraction(0), rate * factor + points)
            if overlay["above_one"] == "capped":
                applied = min(applied, Fraction(1))
            out.append({"rate": rate, "factor": factor, "points": points, "applied": applied})
        return out

    def sums(self, items, netted):
        debits = sum(i["open"] for i in items if i["open"] > 0)
        credits = sum(i["open"] for i in items if i["open"] < 0)
        apart, taken = sum(i["apart"] for i in items), sum(i["taken"] for i in items)
        if netted:
            taken = min(-credits, debits - apart)
        return {"items": len(items), "open": debits + credits, "credits": credits, "disputed": apart, "taken": taken, "base": debits - apart - taken}

    def total(self, currency):
        return self.totals.setdefault(currency, {"items": 0, "open": 0, "specific_open": 0, "base": 0, "pooled": 0, "specific": 0})

    def provide_pools(self):
        groups = {}
        for i in self.items:
            if i["entry"] is None:
                groups.setdefault((*i["pool"], i["currency"]), []).append(i)
        self.rates_of = {}
        for place, items in sorted(groups.items(), key=lambda g: account_order(g[0])):
            pool, currency = list(place[:-1]), place[-1]
            n, how = self.digits[currency], self.policy["rounding"]
            rates = self.rates_of[place] = self.rates(self.matrix(pool, currency))
            whole, exact = {"items": 0, "open": 0, "base": 0, "provision": 0}, Fraction(0)
            for number, (label, rate) in enumerate(zip(self.labels, rates)):
                mine = [i for i in items if i["number"] == number]
                sums = self.sums(mine, self.policy["credits"] == "in_bucket")
                parts = [sums["base"] * rate["applied"], sums["disputed"] * (self.policy["disputed_rate"] or Fraction(0))]
                exact += sum(parts)
                provision = sum(rounded(part, how) for part in parts)
                row = {"pool": pool, "currency": currency, "bucket": label, "items": sums["items"]}
                row |= {name: show(sums[name], n) for name in ("open", "credits", "disputed", "taken", "base")}
                row |= {"rate": shown(rate["rate"]), "applied": shown(rate["applied"]), "provision": show(provision, n)}
                self.rows.append(row)
                for name in ("items", "open", "base"):
                    whole[name] += sums[name]
                whole["provision"] += provision
            self.pools.append(
                {
                    "pool": pool,
                    "currency": currency,
                    "items": whole["items"],
                    **{name: show(whole[name], n) for name in ("open", "base", "provision")},
                    "rounded_once": show(rounded(exact, how), n),
                    "coverage": self.coverage(whole["provision"], whole["open"]),
                }
            )
            total = self.total(currency)
            for name in ("items", "open", "base"):
                total[name] += whole[name]
            total["pooled"] += whole["provision"]

    def coverage(self, provision, opened):
        return None if opened == 0 else ratio(Fraction(provision, opened), 4)

    # --- what is judged by itself ----------------------------------------------------------------------------------------

    def provide_specific(self):
        groups = {}
        for i in self.items:
            if i["entry"] is not None:
                groups.setdefault((i["entry"], i["currency"]), []).append(i)
        for (at, currency), items in sorted(groups.items(), key=lambda g: (g[0][0], key(g[0][1]))):
            entry, n = self.policy["specific"][at], self.digits[currency]
            sums = self.sums(items, self.policy["credits"] != "excluded")
            if entry["rate"] is not None:
                provision, rule = rounded(sums["base"] * entry["rate"], self.policy["rounding"]), "provision.specific_rate"
            elif entry["minor"] <= sums["base"]:
                provision, rule = entry["minor"], "provision.specific_amount"
            else:
                provision, rule = sums["base"], "provision.specific_capped"
            self.specific.append(
                {
                    "customer": entry["customer"],
                    "document": entry["document"],
                    "currency": currency,
                    "items": sums["items"],
                    "open": show(sums["open"], n),
                    "base": show(sums["base"], n),
                    "rate": None if entry["rate"] is None else shown(entry["rate"]),
                    "provision": show(provision, n),
                    "rule": rule,
                    "reason": entry["reason"],
                }
            )
            total = self.total(currency)
            total["items"] += sums["items"]
            total["open"] += sums["open"]
            total["specific_open"] += sums["open"]
            total["specific"] += provision

    # --- answers ---------------------------------------------------------------------------------------------------------

    def answer(self):
        totals, journal = [], []
        for currency in self.before:
            self.total(currency)
        for currency, total in sorted(self.totals.items(), key=lambda t: key(t[0])):
            n = self.digits[currency]
            provision, before = total["pooled"] + total["specific"], self.before.get(currency, 0)
            movement = provision - before
            row = {"currency": currency, "items": total["items"]}
            row |= {name: show(total[name], n) for name in ("open", "specific_open", "base", "pooled", "specific")}
            row |= {"provision": show(provision, n), "before": show(before, n), "movement": show(movement, n)}
            totals.append({**row, "coverage": self.coverage(provision, total["open"])})
            accounts = self.policy["journal"]
            release = accounts["expense"] if accounts["release"] is None else accounts["release"]
            debited, credited = (accounts["expense"], accounts["allowance"]) if movement > 0 else (accounts["allowance"], release)
            if movement != 0:
                amount, nothing = show(abs(movement), n), show(0, n)
                journal.append({"currency": currency, "account": debited, "debit": amount, "credit": nothing})
                journal.append({"currency": currency, "account": credited, "debit": nothing, "credit": amount})
        return {"labels": self.labels, "rows": self.rows, "pools": self.pools, "specific": self.specific, "totals": totals, "journal": journal}

    def explain(self, question):
        out = []
        for i in self.items:
            label, n = self.labels[i["number"]], self.digits[i["currency"]]
            own = {"customer": i["customer"], "document": i["document"], "currency": i["currency"], "pool": i["pool"], "bucket": label}
            if any(question.get(name) is not None and question[name] != value for name, value in own.items()):
                continue
            entry = None if i["entry"] is None else self.policy["specific"][i["entry"]]
            netted = self.policy["credits"] == "in_bucket" or (entry is not None and self.policy["credits"] != "excluded")
            counts = i["open"] >= 0 or netted
            base = (i["open"] if counts else 0) - i["apart"] - i["taken"]
            rate = None
            if entry is None and counts:
                rate = self.rates_of[(*i["pool"], i["currency"])][i["number"]]
            of_entry = None if entry is None or entry["rate"] is None else shown(entry["rate"])
            out.append(
                {
                    **own,
                    "instalment": i["instalment"],
                    "age": i["age"],
                    "open": show(i["open"], n),
                    "disputed": show(i["apart"], n),
                    "taken": show(i["taken"], n),
                    "base": show(base, n),
                    "rule": "provision.specific" if entry else "provision.matrix" if counts else "provision.credit",
                    "rate": of_entry if rate is None else shown(rate["rate"]),
                    "factor": None if rate is None else shown(rate["factor"]),
                    "points": None if rate is None else shown(rate["points"]),
                    "applied": of_entry if rate is None else shown(rate["applied"]),
                    "reason": None if entry is None else entry["reason"],
                }
            )
        return {"items": out}
