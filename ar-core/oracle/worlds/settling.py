"""Small ledgers with discounts, families and several currencies, and questions about how they settle.

Amounts are made to meet: a payment is the price of an item, of a set or of everything, a limit more or less, or nothing of the kind.
"""

import settlement_policy
from policy import STRATEGIES

BALANCES = ("whole_balance", "past_due_balance", "past_due_by_term")
VERBS = {"settle", "settle_without", "settle_edit", "post_settlement", "undo", "revaluation"}
SMALL = [1, 2, 5, 5, 10, 10, 100]
# What a world may be about, so that rare things come often enough: its amounts and its policies fit one another.
THEMES = "within within within within charged charged tiers tiers subset ambiguous many many best best cash cash cash cash cash cash under under under over over late late late late late residual residual residual cross cross cross cross guard guard deducted deducted deducted mixed mixed parts parts asked asked asked asked asked asked asked asked asked asked guard scored scored scored scored net net net anew anew anew anew anew anew anew halves halves halves halves".split()
MATTERS = (
    "step settle|step settle_without|step settle_edit|error edit_invalid|error over_allocation|edit amount|edit discount of a line|edit discount of a document|edit reason|edit drop|step post_settlement|step undo|step revaluation|error policy_invalid|error in_the_way|error unknown_reference|error rate_missing"
    "|error base_amount_missing|error unknown_value|posted settlement|undone|scope customer|scope family|across currencies settled|guard changes a leg|exchange"
    "|kind discount|kind discount_tax|kind tolerance|kind write_off|kind bank_charge|kind cash_rounding|kind residual|discount.in_time|discount.late"
    "|tolerance.under|tolerance.over"
    "|cash_rounding over|limit met|shares|closed at several|discount of a part|discount of an instalment|question late_discount|question ambiguous"
    "|question ambiguous of a debit|unapplied ambiguous|unapplied not_searched_further|unapplied rate_missing|unapplied edited|unapplied no_match"
    "|unapplied no_open_debit|lines near_amount|lines whole_balance|lines past_due_balance|lines past_due_by_term|lines subset|lines many_to_one|lines scored|scored several named|lines best_match|lines reference"
    "|lines exact_amount|when deducted|when exact|when usable|settled again|limit of company|of a company|reason|unapplied discount_asked|lines largest_first|lines user_order|best match short|best match over|priority|per payment|first discount|subset of three|credits in a balance|limit in base currency|discount of an instalment cut anew|edit accepts one and refuses another"
).split("|")


def world(World):
    """The world of settlement, on top of that of the other questions."""

    class Settling(World):
        def build(self):
            rng = self.rng
            self.theme = self.pick(THEMES) if self.chance(0.8) else None
            self.limit = self.pick(["0.05", "0.10", "0.10", "1.00"])
            if self.chance(0.85) or self.theme in ("cross", "guard"):
                self.settings["base_currency"] = "KWD" if self.theme == "guard" or (self.theme == "cross" and self.chance(0.4)) else "EUR"
            if self.chance(0.1) or self.theme == "mixed":
                self.settings["instalment_sign"] = "any"
            self.settings["terms"] = {
                "N10": {"due": [{"days": 10}]},
                "S2": {"due": [{"days": 30}], "discounts": [{"percent": "2", "due": [{"days": 10}]}]},
                "S32": {"due": [{"days": 30}], "discounts": [{"percent": "3", "due": [{"days": 5}]}, {"percent": "2", "due": [{"days": 14}]}]},
                "HALF": {
                    "instalments": [{"share": {"percent": "50"}, "repeat": 2, "every": {"months": 1}}],
                    "discounts": [{"percent": "2", "due": [{"days": 10}]}],
                },
            }
            self.one = True
            self.firms = ["X", "Y"] if self.chance(0.3) else []
            self.currencies = self.pick([["EUR"], ["EUR"], ["EUR"], ["EUR", "USD"], ["EUR", "JPY"], ["USD", "KWD"], ["CHF"]])
            if self.theme == "cross":
                self.currencies = self.pick([["EUR", "USD"], ["EUR", "USD"], ["EUR", "KWD"], ["EUR", "JPY"]])
            elif self.theme:
                self.currencies = ["EUR"]
            for _ in range(1 if self.theme and self.chance(0.8) else rng.choice([1, 1, 2, 3])):
                self.customer()
            self.wares = []
            for _ in range(rng.choice([3, 4, 5] if self.theme in ("subset", "ambiguous") else [1, 2, 2, 3, 4, 5])):
                self.ware()
            if self.theme == "within":
                for ware in self.wares:
                    self.granted(*ware)
            elif self.theme == "anew":
                self.parted_wares = list(self.wares)
                self.wares = [(row, max(1, minor - self.in_parts(row, minor, day)), day) for row, minor, day in self.wares]
            elif self.theme == "halves":
                self.parted_wares = self.wares[:2]
                self.wares = [(row, max(1, minor - self.half_paid(row, minor, day)), day) for row, minor, day in self.parted_wares]
            for _ in range(0 if self.theme in ("within", "anew", "halves") else rng.choice([1, 1, 2] if self.theme else [1, 1, 2, 2, 3, 4])):
                self.money_in()
            for _ in range(3 if self.theme == "cross" else rng.choice([0, 1, 2, 3])):
                self.exchange()
            if self.chance(0.2):
                self.settle(rng.randint(1, 2))
            if self.chance(0.15):
                self.extras()
            self.batches.append((None, self.facts))
            if self.theme in ("anew", "halves") or self.chance(0.15):
                self.facts = {table: [] for table in self.facts}
                self.now = max(self.days) + 30
                if self.theme == "anew":
                    self.cut_anew()
                    self.bounced(0.2)
                if self.theme == "halves":
                    self.cut_in_two()
                else:
                    self.money_in()
                self.batches.append((self.text(self.now), self.facts))
            elif self.theme == "within" and self.chance(0.5):
                self.facts = {table: [] for table in self.facts}
                self.now = max(self.days) + 30
                for row, _, _ in self.wares:
                    for table, rows in self.anew(row).items():
                        self.facts[table] += rows
                self.bounced(0.4)
                self.batches.append((self.text(self.now), self.facts))

        def bounced(self, chance):
            """Something that paid is cancelled: what was let go beside others stays what it was."""
            paid = [d for _, facts in self.batches for d in facts["documents"] if d["id"].startswith("B")]
            if paid and self.chance(chance):
                self.add("cancellations", {"document": self.pick(paid)["id"], "effective": self.text(self.now)})

        def anew(self, row):
            """Another offer and other instalments of a document, told later: what was let go before stays what it was."""
            minor, base, facts = abs(self.minor_of(row)), self.effective(row), {"discounts": [], "instalments": []}
            day = {} if self.chance(0.7) else {"effective": self.text(base + self.pick([3, 8, 30]))}
            if self.chance(0.7):
                for until in self.pick([[10], [40], [5, 40]]):
                    facts["discounts"].append({"document": row["id"], "until": self.text(base + until), "percent": self.pick(["1", "2", "3", "5", "10"])} | day)
            if self.chance(0.5):
                parts = self.pick([[minor], [minor // 2, minor - minor // 2], [minor // 4, minor - minor // 4], [minor // 3, minor // 3, minor - 2 * (minor // 3)]])
                for number, part in enumerate(parts, 1):
                    due = self.text(base + 10 * number)
                    facts["instalments"].append({"document": row["id"], "number": number, "due_date": due, "amount": self.money(part if self.minor_of(row) > 0 else -part, row["currency"])} | day)
            return facts

        def customer(self):
            row = {"id": self.name("C")}
            others = self.everything("customers")
            if others and self.chance(0.7):
                row["parent"] = self.pick(others)["id"]
            if self.chance(0.2):
                row["terms"] = self.pick(["S2", "S32", "N10"])
            if self.chance(0.5):
                row["dimensions"] = {"area": self.pick(["north", "south"])}
            self.add("customers", row)

        def ware(self):
            """Something to be paid, perhaps with a discount."""
            currency = self.pick(self.currencies)
            minor = self.pick([100, 200, 300, 500, 500, 1000, 1000, 1003, 1999, 10000, 10000, 11900, 12345, self.rng.randint(2, 15000)])
            if self.theme in ("ambiguous", "many"):
                minor = self.pick([500, 500, 1000])
            if self.theme == "guard":
                minor = self.rng.randint(600, 2000)
            if self.theme == "cash":
                minor = self.rng.randint(2, 3000)
                if self.wares and self.chance(0.5):
                    # What makes a multiple of a coin together with what there is.
                    minor = -sum(w[1] for w in self.wares) % 5 or 5
            if self.theme == "tiers" and self.wares and self.chance(0.6):
                # 3 % of it is 2 % of two, so that lists have one price in several ways.
                minor = self.pick([2 * self.wares[-1][1], self.wares[-1][1] // 2 or 1])
            day = self.pick(self.days[:1] if self.theme == "tiers" else self.days)
            row = {"id": self.name("I"), "customer": self.pick(self.everything("customers"))["id"]}
            row["kind"] = self.pick(["invoice"] * 5 + ["debit_note", "charge", "journal", "refund"])
            row |= {"currency": currency, "amount": self.money(minor, currency), "document_date": self.text(day)}
            if self.chance(0.5):
                row["due_date"] = self.text(day + self.pick([0, 10, 30, 30]))
            plain = self.theme in ("cash", "under", "over")
            if self.firms:
                row["company"] = self.pick(["X", "X", "Y"])
            if self.theme == "within":
                row["kind"], row["terms"] = "invoice", self.pick(["S2", "S32", "S32", "HALF"])
            elif self.theme == "anew":
                row["kind"] = "invoice"
                self.lasting(row, minor, day)
            elif self.theme == "halves":
                row["kind"], self.percent = "invoice", self.pick([20, 30, 50])
                minor = max(minor, 200)
                row["amount"] = self.money(minor, currency)
                self.add("discounts", {"document": row["id"], "until": self.text(day + self.pick([8, 300, 300])), "percent": f"{self.percent / 10:.1f}"})
            elif self.theme == "asked" and self.chance(0.3):
                row["terms"] = "HALF"
            elif self.theme == "parts":
                row["terms"] = self.pick(["HALF", "HALF", "HALF", "S2", "S32"])
            elif self.theme == "charged" and self.chance(0.6):
                row["terms"] = self.pick(["S2", "S32", "HALF"])
            elif self.theme == "tiers":
                row["terms"] = "S32"
            elif self.theme == "mixed" and self.chance(0.5):
                row["terms"] = self.pick(["S2", "S32"])
            elif self.chance(0.1 if plain else 0.35):
                row["terms"] = self.pick(["S2", "S32", "HALF"])
            if self.chance(0.25):
                row["reference"] = self.pick(["R1", "R2", "PO-77", "PO-77/8", "7788"])
            if self.chance(0.2):
                row["dimensions"] = {"area": self.pick(["north", "south"])}
            if self.chance(0.08) and not self.theme:
                row["control_account"] = "1210"
            self.taxes(row, minor, currency)
            if currency != self.settings.get("base_currency") and "base_currency" in self.settings and self.chance(0.8):
                row["rate"] = "0.333" if self.theme == "guard" else self.booked()
            self.add("documents", row)
            if self.theme == "mixed" and "terms" not in row:
                self.of_both_signs(row, minor, day)
            elif self.chance(0.12) and self.theme not in ("anew", "halves"):
                self.schedule(row)
            if self.chance(0 if self.theme in ("anew", "halves") else 0.8 if self.theme in ("late", "deducted", "asked") else 0.1 if plain else 0.3):
                self.tiers(row, minor, currency, day)
            if self.chance(0.35 if self.theme in ("parts", "under", "over", "charged") else 0 if self.theme == "halves" else 0.05) and minor > 50:
                minor -= self.let_go(row, minor, currency, day)
            self.wares.append((row, minor, day))

        def lasting(self, row, minor, day):
            """An offer that lasts long enough for what is paid later."""
            for until, percent in self.pick([[(300, "3")], [(300, "2")], [(20, "3"), (300, "2")], [(150, "3"), (300, "2")], [(300, None)], [(self.pick([10, 20]) + (max(self.days) + 30 - day if self.chance(0.5) else 0), "3")]]):
                row_of = {"percent": percent} if percent else {"amount": self.money(max(1, minor * 3 // 100), row["currency"])}
                self.add("discounts", {"document": row["id"], "until": self.text(day + until)} | row_of)

        def of_both_signs(self, row, minor, day):
            """Instalments of which one is the other way: together they are what the document has."""
            off = self.pick([minor // 5 or 1, 100, minor])
            parts = self.pick([[minor + off, -off], [minor // 2, minor - minor // 2 + off, -off], [minor // 2 + off, -off, minor - minor // 2]])
            for number, part in enumerate(parts, 1):
                self.add("instalments", {"document": row["id"], "number": number, "due_date": self.text(day + self.pick([0, 10, 40])), "amount": self.money(part, row["currency"])})

        def let_go(self, row, minor, currency, day):
            """Half of it was paid, and something let go beside that: too little, too much, within a discount, or as a bank charge."""
            half, limit = minor // 2, int(self.limit.replace(".", ""))
            how = self.pick(["under", "over", "over", "within", "within", "charge"])
            more = min(half // 2, self.pick([limit, limit // 2 or 1, 1]))
            came = half + (more if how == "over" else 0) + (self.pick([0, 0, half, half - limit]) if half > limit else 0)
            paid = {name: row[name] for name in ("customer", "company", "control_account") if row.get(name)}
            paid |= {"id": self.name("B"), "kind": "payment", "currency": currency, "amount": self.money(-came, currency), "document_date": self.text(day)}
            self.add("documents", paid)
            allocation = {"id": self.name("b"), "credit": paid["id"], "debit": row["id"], "amount": self.money(half, currency)}
            kind = {"within": "discount", "charge": "bank_charge"}.get(how) or self.pick(["tolerance", "tolerance", "write_off"])
            off = {"id": self.name("bd"), "document": paid["id"] if how == "over" else row["id"], "kind": kind, "allocation": allocation["id"]}
            off["amount"] = self.money(more + (minor // 50 if how == "within" else 0), currency)
            if row.get("terms") == "HALF" and how != "over":
                allocation["instalment"] = off["instalment"] = 1
            self.add("allocations", allocation)
            self.add("differences", off)
            return half + (0 if how == "over" else more + (minor // 50 if how == "within" else 0))

        def granted(self, row, minor, day):
            """A half was paid with a discount, perhaps more than was offered; then comes the rest, or the limit less or a part of it."""
            currency, limit, half = row["currency"], int(self.limit.replace(".", "")), minor // 2
            if minor < 400:
                return
            beyond = self.pick([0, 0, limit, limit // 2, 1, limit + 1, -1])
            after, share = self.pick([(0, 3), (5, 3), (6, 2), (14, 2), (16, 2), (20, 0)]) if row["terms"] == "S32" else self.pick([(0, 2), (10, 2), (11, 2), (40, 0)])
            whole = half if row["terms"] == "HALF" or self.chance(0.2) else minor
            taken = max(1, whole * share // 100 + beyond)
            common = {name: row[name] for name in ("customer", "company", "control_account") if row.get(name)} | {"currency": currency}
            more = self.pick([0, 0, minor - half - taken, minor - half - taken - limit, half - taken - limit])
            rest = minor - half - self.pick([0, 0, 0, limit, limit // 2, limit - beyond, limit - beyond + 1]) - (minor * self.pick([0, 0, 1, 2, 3]) // 100)
            parts = [("B", "payment", half - taken + max(0, more), after, half - taken, taken)]
            if self.chance(0.4):
                note = self.pick([half // 4, half // 2])
                parts.insert(self.rng.randint(0, 1), ("B", self.pick(["credit_note", "payment"]), note, self.pick([0, 7, after]), note, self.pick([0, 0, note // 50])))
                rest -= note
            for at, (letter, kind, amount, days, paid, off) in enumerate(parts):
                document = {"id": self.name(letter), "kind": kind, "amount": self.money(-amount, currency), "document_date": self.text(day + days)} | common
                if kind == "credit_note":
                    document["related"] = row["id"]
                self.add("documents", document)
                one = {"instalment": self.pick([1, 1, 2])} if row["terms"] == "HALF" else {}
                allocation = {"id": self.name("b"), "credit": document["id"], "debit": row["id"], "amount": self.money(paid, currency)} | one
                late = {"recorded": self.text(max(self.days) + self.pick([30, 30, 31]))} if self.chance(0.2) else {}
                self.add("allocations", allocation | late)
                if off:
                    beside = late if self.chance(0.1) else late | {"allocation": allocation["id"]}
                    self.add("differences", {"id": self.name("bd"), "document": row["id"], "kind": "discount", "amount": self.money(off, currency)} | one | beside)
            if rest > 0 and self.chance(0.7):
                self.receipt(rest, currency, row, [(row, minor, day)], day)

        def in_parts(self, row, minor, day):
            """Parts of it were paid, with discounts or without, of the instalments of its first schedule or of none."""
            old = self.pick([[], [], [minor // 2, minor - minor // 2], [minor // 3, minor // 3, minor - 2 * (minor // 3)]])
            for number, part in enumerate(old, 1):
                self.add("instalments", {"document": row["id"], "number": number, "due_date": self.text(day + 10 * number), "amount": self.money(part, row["currency"])})
            left, gone = {number: part for number, part in enumerate(old, 1)} or {0: minor}, 0
            for _ in range(self.pick([1, 1, 2, 3])):
                number = self.pick(left)
                almost = [left[number] * 97 // 100, left[number] * 97 // 200, left[number] * 49 // 100]
                settled = self.pick([left[number], left[number], left[number] // 2, left[number] // 3, *almost])
                off = self.pick([0, settled * 3 // 100, settled * 3 // 100, settled * 2 // 100, settled // 10])
                if self.chance(0.15):
                    settled, off = min(left[number], self.pick([1, 5, 24, 24, 33, 48, 49])), 0
                if settled - off < 1:
                    continue
                left[number] -= settled
                gone += settled
                kind = self.pick(["payment"] * 4 + ["credit_note"])
                paid = {name: row[name] for name in ("customer", "company", "control_account") if row.get(name)} | {"id": self.name("B"), "kind": kind, "currency": row["currency"]}
                paid |= {"amount": self.money(off - settled, row["currency"]), "document_date": self.text(day + self.pick([0, 3, 12, 25]))}
                if kind == "credit_note":
                    paid["related"] = row["id"]
                self.add("documents", paid)
                named = {"instalment": number} if number and self.chance(0.8) else {}
                allocation = {"id": self.name("b"), "credit": paid["id"], "debit": row["id"], "amount": self.money(settled - off, row["currency"])} | named
                self.add("allocations", allocation)
                if off:
                    named = named if self.chance(0.8) else {"instalment": self.pick(left)} if old else {}
                    beside = {"allocation": allocation["id"]} if self.chance(0.85) else {"effective": paid["document_date"]}
                    kind = self.pick(["discount"] * 6 + ["discount_tax", "tolerance"])
                    self.add("differences", {"id": self.name("bd"), "document": row["id"], "kind": kind, "amount": self.money(off, row["currency"])} | named | beside)
            return gone

        def half_paid(self, row, minor, day):
            """The first half of it is paid but for its discount, perhaps a part of it credited; or that and some of the second."""
            credited = self.pick([0, 0, minor // 10, minor // 5])
            came = (minor // 2 - credited) * (1000 - self.percent) // 1000 + self.pick([0, 0, 0, 1, -1, minor // 10])
            settled = 0
            for kind, amount in (("credit_note", credited), ("payment", came)):
                if amount < 1:
                    continue
                paid = {name: row[name] for name in ("customer", "company", "control_account") if row.get(name)} | {"id": self.name("B"), "kind": kind, "currency": row["currency"]}
                paid |= {"amount": self.money(-amount, row["currency"]), "document_date": self.text(day + self.pick([3, 12]))}
                if kind == "credit_note":
                    paid["related"] = row["id"]
                self.add("documents", paid)
                self.add("allocations", {"id": self.name("b"), "credit": paid["id"], "debit": row["id"], "amount": self.money(amount, row["currency"])})
                settled += amount
            return settled + (minor - credited) * self.percent // 1000

        def cut_in_two(self):
            for row, minor, day in self.parted_wares:
                parts = self.pick([[minor // 2, minor - minor // 2], [minor // 2, minor - minor // 2], [minor // 2, minor // 4, minor - minor // 2 - minor // 4]])
                for number, part in enumerate(parts, 5):
                    self.add("instalments", {"document": row["id"], "number": number, "due_date": self.text(day + 10 * number), "amount": self.money(max(1, part), row["currency"])})
            for row, minor, day in self.wares:
                self.receipt(minor + self.pick([0, 0, 0, 1, -1, minor // 20]), row["currency"], row, [(row, minor, day)], day)

        def cut_anew(self):
            """Another schedule for each, most with other numbers."""
            for row, minor, day in self.parted_wares:
                parts = self.pick([[minor], [minor], [minor // 2, minor - minor // 2], [minor // 4, minor - minor // 4], [minor // 3, minor // 3, minor - 2 * (minor // 3)]])
                if min(parts) < 1 or self.chance(0.1):
                    continue
                first = self.pick([1, 1, 5, 5])
                late = self.pick([{}, {}, {"effective": self.text(self.now)}, {"effective": self.text(day + 5)}])
                for number, part in enumerate(parts, first):
                    self.add("instalments", {"document": row["id"], "number": number, "due_date": self.text(day + 10 * (number - first)), "amount": self.money(part, row["currency"])} | late)

        def booked(self):
            if self.settings["base_currency"] == "KWD":
                return self.pick(["0.333", "0.333", "0.333", "0.3333", "0.306"])
            return self.pick(["0.9", "1.1", "1.1", "1.15", "0.0062"])

        def taxes(self, row, minor, currency):
            net = minor * 100 // 119
            if self.chance(0.5):
                row["net"], row["tax"] = self.money(net, currency), self.money(minor - net, currency)
            elif self.chance(0.15):
                self.add("document_lines", {"document": row["id"], "kind": "net", "amount": self.money(net, currency)})
                self.add("document_lines", {"document": row["id"], "kind": "tax", "amount": self.money(minor - net, currency)})

        def tiers(self, document, minor, currency, day):
            for _ in range(self.pick([1, 1, 2])):
                row = {"document": document["id"], "until": self.text(day + self.pick([0, 5, 10, 20]))}
                if self.chance(0.7):
                    row["percent"] = self.pick(["1", "2", "2", "3", "2.5", "50"])
                    if self.chance(0.3):
                        row["basis"] = self.money(self.pick([minor, minor // 2 or 1, minor * 100 // 119 or 1]), currency)
                else:
                    row["amount"] = self.money(self.pick([1, 5, minor // 50 or 1, minor]), currency)
                self.add("discounts", row)

        def price(self, ware):
            """What somebody may pay for it: all, or less a discount that he thinks he has."""
            row, minor, _ = ware
            rates = [r.get("percent") for r in self.everything("discounts") if r["document"] == row["id"]] + [None]
            taken = {"S2": "2", "S32": self.pick(["3", "2"])}.get(row.get("terms")) or self.pick(rates)
            if taken is None or self.chance(0.05 if self.theme in ("asked", "tiers") else 0.35):
                return minor
            return minor - round(minor * float(taken) / 100)

        def money_in(self):
            first = self.pick(self.wares)
            alike = [w for w in self.wares if all(w[0].get(name) == first[0].get(name) for name in ("customer", "company", "currency", "control_account"))]
            some = self.rng.sample(alike, min(len(alike), 3 if self.theme == "subset" else 2 if self.theme == "ambiguous" else self.pick([1, 1, 1, 2, 2, 3])))
            if self.chance(0.7 if self.theme in ("under", "over", "best", "cash", "net", "tiers", "mixed", "asked") else 0.15):
                some = alike
            row, _, day = max(some, key=lambda w: w[2])
            currency = row["currency"] if self.chance(0.85) and self.theme != "cross" else self.pick(self.currencies)
            total = sum(self.price(w) for w in some)
            if self.theme == "tiers" and self.chance(0.4):
                total = sum(w[1] - round(w[1] * 0.02) for w in some)
            limit = int(self.limit.replace(".", ""))
            how = self.rng.random()
            if self.theme in ("subset", "ambiguous") and how < 0.8:
                total = sum(w[1] for w in some)
            elif self.theme == "many" and how < 0.7:
                for part in self.pick([[250, 250], [250, 250, 250], [250, 250, 250], [500, 500, 500], [500, 250, 250], [200, 300, 100], [200, 300, 200]]):
                    self.receipt(part, currency, row, some, day)
                return
            elif self.theme == "best" and how < 0.8:
                total = sum(w[1] for w in some) + self.pick([-limit, limit, 0, limit + 1, -1, 1])
            elif self.theme == "cash" and how < 0.3:
                total = sum(w[1] for w in some)
            elif self.theme == "cash" and how < 0.8:
                total = (total + self.pick([2, 2, 2, 0, 4])) // 5 * 5
            elif self.theme in ("deducted", "tiers", "mixed") and how < 0.45:
                total += self.pick([1, 1, 2, 5, 10, 50, -1, -1, -limit, 1 - limit])
            elif self.theme in ("deducted", "asked", "net", "tiers", "mixed") and how < 0.7:
                pass
            elif self.theme == "parts" and how < 0.6:
                total -= self.pick([limit, 2 * limit, limit - 1, -limit])
            elif self.theme == "parts" and how < 0.85:
                total = total // 2 + self.pick([limit, -limit, limit - 1, limit // 2])
            elif self.theme in ("under", "over") and how < 0.8:
                total += self.pick([1, len(some), len(some)]) * self.pick([limit, limit, limit - 1, limit + 1]) * (1 if self.theme == "over" else -1)
            elif how < 0.3:
                total += self.pick([-1, 1]) * self.pick(SMALL)
            elif how < 0.4:
                total += self.pick([-1, 1]) * max(1, total // 100)
            elif how < 0.5:
                total = total // 2
            elif how < 0.55:
                total = total // 5 * 5
            elif how < 0.62:
                total += self.pick([700, 5000])
            parts = [total]
            if self.chance(0.9 if self.theme == "net" else 0.15) and total > 3:
                parts = [total // 3, total - total // 3] if self.chance(0.6) else [total // 4, total // 4, total - 2 * (total // 4)]
            if currency != row["currency"] and self.theme == "cross" and self.chance(0.7):
                parts = [round(part * self.worth(row["currency"]) / self.worth(currency)) for part in parts]
            for part in parts:
                self.receipt(max(1, part), currency, row, some, day)

        def receipt(self, minor, currency, row, some, day):
            paid = self.text(day + self.pick([11, 12, 15, 16, 6, 21] if self.theme in ("late", "asked") else [0, 4, 5, 9, 12, 16] if self.theme == "tiers" else [0, 4, 5, 9, 10, 11, 15, 16, 40]))
            kind = self.pick(["payment"] * (3 if self.theme == "net" else 7) + ["credit_note", "advance", "journal"])
            new = {"id": self.name("P" if kind == "payment" else "K"), "customer": row["customer"], "kind": kind, "currency": currency}
            if self.chance(0.15):
                new["customer"] = self.pick(self.everything("customers"))["id"]
            new |= {"amount": self.money(-minor, currency), "document_date": paid}
            if self.now is not None:
                new["document_date"] = self.text(self.now)
            if kind == "credit_note" and self.chance(0.7):
                new["related"] = row["id"]
                if self.chance(0.6):
                    new["amount"] = self.money(-max(1, minor // self.pick([2, 3, 10])), currency)
            if self.chance(0.6 if self.theme in ("under", "over", "cash", "scored", "tiers") else 0.35):
                new["reference"] = " ".join(w[0]["id"] for w in some)
            elif self.chance(0.15):
                new["reference"] = self.pick(["R1", "R1, R2", "I1", "PO-77/8/1", "x:PO-77", "PO-778", "I1/R1 7788/PO-77", "(7788)", "PO-77/8"])
            for name in ("control_account", "company"):
                if row.get(name):
                    new[name] = row[name]
            if currency != self.settings.get("base_currency") and "base_currency" in self.settings and self.chance(0.8):
                new["rate"] = "0.3331" if self.theme == "guard" else self.booked()
            self.add("documents", new)
            if self.chance(0.4 if self.theme in ("under", "over", "charged") and len(some) > 1 else 0.04):
                self.parted(new, minor, some)

        def parted(self, payment, minor, some):
            """A payment in instalments, each of what one of the wares costs or a little more or less."""
            parts = [max(1, w[1] + self.pick([0, 0, -1, 1]) * int(self.limit.replace(".", ""))) for w in some]
            if len(parts) < 2 or sum(parts) <= 0:
                parts = [minor // 2, minor - minor // 2]
            payment["amount"] = self.money(-sum(parts), payment["currency"])
            for number, part in enumerate(parts, 1):
                self.add("instalments", {"document": payment["id"], "number": number, "due_date": payment["document_date"], "amount": self.money(-part, payment["currency"])})

        def worth(self, currency):
            """What a minor unit is worth, in thousandths of a KWD or in cents."""
            if self.settings["base_currency"] == "KWD":
                return {"USD": 3.06, "EUR": 3.33}.get(currency, 1)
            return {"USD": 0.9, "JPY": 0.62, "KWD": 0.301}.get(currency, 1)

        def exchange(self):
            base = self.settings.get("base_currency", "EUR")
            if base == "KWD":
                currency, rate = self.pick([("USD", "0.306"), ("EUR", "0.333"), ("EUR", "0.333"), ("EUR", "0.3333")])
            else:
                currency, rate = self.pick([("USD", "0.9"), ("USD", "0.9"), ("USD", "1"), ("JPY", "0.0062"), ("KWD", "3.01"), ("CHF", "1.05")])
            self.add("rates", {"currency": currency, "base": base, "rate": rate, "effective": self.text(self.pick([-60, -60, min(self.days), max(self.days)]))})

    return Settling


# --- policies --------------------------------------------------------------------------------------------------------------------


def policy(rng, world):
    def chance(p):
        return rng.random() < p

    p = {}
    searching = settlement_policy.SEARCHING
    themes = {
        "subset": ["subset"],
        "ambiguous": ["subset", "near_amount"],
        "many": ["many_to_one"],
        "best": ["best_match"],
        "cash": ["whole_balance", "reference", "oldest_due", "near_amount"],
        "under": ["whole_balance", "whole_balance", "reference", "reference", "past_due_balance", "past_due_by_term", "near_amount"],
        "over": ["whole_balance", "reference", "oldest_due", "largest_first"],
        "mixed": ["reference", "oldest_due", "oldest_due", "newest_due", "largest_first", "exact_amount"],
        "deducted": ["reference", "oldest_due", "oldest_due", "newest_due", "exact_amount", "near_amount", "whole_balance", "subset"],
        "parts": ["whole_balance", "reference", "oldest_due", "near_amount"],
        "within": ["oldest_due", "oldest_due", "near_amount", "reference"],
        "anew": ["oldest_due", "oldest_due", "oldest_due", "exact_amount", "reference", "near_amount", "whole_balance", "subset"],
        "charged": ["near_amount", "oldest_due", "reference"],
        "tiers": ["whole_balance", "reference", "reference", "oldest_due", "subset"],
        "scored": ["scored"],
        "net": [*BALANCES, "whole_balance"],
        "asked": ["exact_amount", "near_amount", "whole_balance", "subset", "past_due_balance", "reference", "reference", "oldest_due", "oldest_due"],
    }
    if world.theme in themes and chance(0.85):
        p["strategies"] = [rng.choice(themes[world.theme])] + rng.choice([[], [], ["oldest_due"], ["subset"]])
        p["strategies"] = list(dict.fromkeys(p["strategies"]))
    elif chance(0.85):
        first = rng.choice([*searching, *searching, "reference", "exact_amount", "oldest_due", "largest_first"])
        rest = rng.sample(STRATEGIES + searching, rng.choice([0, 0, 1, 2]))
        p["strategies"] = list(dict.fromkeys([first, *rest]))
    if "scored" in p.get("strategies", []) and chance(0.98):
        p["match_rules"] = match_rules(rng)
    if "user_order" in p.get("strategies", []):
        p["user_order"] = [f"I{n}" for n in rng.sample(range(1, 6), 4)]
    for name, words, often in (
        ("scope", ["account", "customer", "family"], 0.5),
        ("exchange_guard", ["none", "half_minor_unit", "half_minor_unit"], 0.9 if world.theme in ("cross", "guard") else 0.2),
        ("credit_notes", ["by_date", "first", "last"], 0.3),
        ("past_due_on", ["view_day", "pay_day"], 0.3),
        ("partial", ["allowed", "refused", "residual"], 0.4),
        ("credit_order", ["oldest_first", "newest_first"], 0.3),
    ):
        if chance(often):
            p[name] = rng.choice(words)
    balances = set(BALANCES) & set(p.get("strategies", []))
    if chance(0.95 if world.theme == "net" else 0.4 if balances else 0.1):
        p["balance_credits"] = rng.choice([["credit_note"], ["payment", "credit_note", "advance", "journal"], ["payment"], ["credit_note", "journal", "advance"]])
        if chance(0.5):
            p["credit_kinds"] = rng.choice([["payment"], ["payment", "advance"]])
    if p.get("scope") in ("customer", "family") and chance(0.6):
        p["cross_currency"] = "allowed"
    if len(world.currencies) > 1 and chance(0.9 if world.theme == "cross" else 0.4):
        p["scope"], p["cross_currency"] = rng.choice(["customer", "family"]), "allowed"
    if chance(0.2):
        p["priority"] = rng.choice(
            [
                [{"kinds": ["charge"]}],
                [{"dimension": "area", "values": ["south"]}, {"kinds": ["debit_note", "journal"]}],
                [{"kinds": ["invoice"], "dimension": "area", "values": ["north", ""]}],
            ]
        )
    if chance(0.95 if world.theme in ("late", "asked") else 0.6):
        p["discount"] = discount(rng)
        if world.theme == "late":
            p["discount"] |= {"late": rng.choice(["asked", "accepted", "accepted"]), "grace_days": rng.choice([5, 30])}
        if world.theme == "asked":
            p["discount"] = {"late": "asked", "grace_days": 30, "when": rng.choice(["deducted", "usable"])}
            p["strategies"] = p.get("strategies", [])[:1] or ["exact_amount"]
    if world.theme == "tiers" and chance(0.8):
        p["discount"] = rng.choice([{}, {"late": "accepted", "grace_days": 30}, {"late": "accepted", "grace_days": 5}, {"when": "usable"}])
        if chance(0.7):
            p["tolerance"] = {"limits": [{"currency": "EUR", "amount": world.limit}], "per": rng.choice(["document", "payment"]), "first": rng.choice(["tolerance", "tolerance", "discount"])}
    if world.theme in ("mixed", "anew") and chance(0.7):
        p["discount"] = rng.choice([{}, {"part_payments": "proportional"}, {"part_payments": "proportional"}, {"credited": "lowered"}, {"in_time": "closing"}]) if world.theme == "anew" else {}
        if world.theme == "anew" and chance(0.3):
            p["discount"] |= {"late": rng.choice(["asked", "asked", "accepted"]), "grace_days": rng.choice([5, 30])}
        if world.theme == "anew" and chance(0.3):
            p["tolerance"] = {"first": "discount", "limits": [{"currency": "EUR", "amount": world.limit}]}
    if world.theme == "halves":
        p["strategies"] = ["oldest_due"]
        p["discount"] = rng.choice([{}, {"credited": "lowered"}, {"part_payments": "proportional"}])
        if chance(0.5):
            p["discount"] |= {"late": rng.choice(["asked", "asked", "accepted"]), "grace_days": 300}
        if chance(0.6):
            p["tolerance"] = {"first": "discount", "limits": [{"currency": "EUR", "amount": world.limit}]}
    if world.theme == "deducted" and "discount" not in p:
        p["discount"] = discount(rng)
    if world.theme == "residual":
        p["partial"] = "residual"
    if world.theme in ("under", "over", "best", "parts", "charged", "within") or chance(0 if "tolerance" in p else 0.6):
        p["tolerance"] = tolerance(rng, world)
        if world.theme == "charged":
            p["tolerance"] |= {"per": "payment", "limits": [{"currency": "EUR", "amount": world.limit}], "bank_charges": rng.choice([[], [{"currency": "EUR", "amount": world.limit}]])}
            p["tolerance"].pop("strategies", None)
            if chance(0.5):
                p["tolerance"]["first"], p["discount"] = "discount", p.get("discount", {})
        if world.theme == "within":
            p["tolerance"] = {"first": "discount", "per": rng.choice(["document", "payment"]), "limits": [{"currency": "EUR", "amount": world.limit}]}
            p["discount"] = rng.choice([{}, {}, {"part_payments": "proportional"}, {"credited": "lowered"}, {"part_payments": "untouched"}, {"late": "accepted", "grace_days": 5}, {"late": "asked", "grace_days": 5}, {"in_time": "closing"}])
        if world.theme == "parts":
            p["tolerance"] |= {"limits": [rng.choice([{"currency": "EUR", "amount": world.limit}, {"percent": rng.choice(["1", "2"])}])], "per": "document"}
            p["tolerance"].pop("strategies", None)
        if world.theme in ("under", "over", "best") and chance(0.85):
            p["tolerance"] |= {"limits": [{"currency": "EUR", "amount": world.limit}]}
            p["tolerance"].pop("strategies", None)
            p["tolerance"].pop("blank", None)
    if chance(0.9 if world.theme == "cash" else 0.3):
        p["cash_rounding"] = [{"currency": c, "place": rng.choice(["0.05", "0.05", "0.10", "1"])} for c in rng.sample(world.currencies, 1)]
        if chance(0.4):
            p["cash_rounding"][0]["rounding"] = rng.choice(["half_even", "down", "up", "half_toward_zero"])
    if chance(0.45):
        p["search"] = {k: v for k, v in {"items": rng.choice([1, 2, 3]), "work": rng.choice([1, 3, 6, 10, 1000]), "ambiguous": rng.choice(["refused", "first"])}.items() if chance(0.5)}
    if chance(0.1):
        p["filter"] = rng.choice([{"companies": ["X"]}, {"companies": [""]}, {"debits": ["I1", "I2"]}, {"customers": ["C1"]}, {"debit_min": "2"}, {"disputed": "excluded"}, {"due_until": world.text(max(world.days))}])
    if world.firms and chance(0.2):
        p["filter"] = {"companies": [rng.choice(["X", "Y", "Z"])]}
    if chance(0.2):
        p["reasons"] = {name: f"R-{name}" for name in settlement_policy.REASONS if chance(0.6)}
    if chance(0.03):
        spoil(rng, p)
    return p


def match_rules(rng):
    """Any rules in any order, most of them about a thing or two; without conditions one matches everything."""
    def rule():
        facts = {name: rng.choice(words) for name, words in settlement_policy.MATCH.items() if rng.random() < 0.5}
        return facts | {"confidence": rng.choice(settlement_policy.CONFIDENCE), "priority": rng.choice([0, 1, 1, 5, 9, 999])}

    return [rule() for _ in range(rng.choice([1, 2, 3, 4, 6]))]


def discount(rng):
    out = {}
    for name, words in {
        "when": ["deducted", "deducted", "exact", "exact", "usable"],
        "late": ["refused", "asked", "asked", "asked", "accepted"],
        "part_payments": ["when_cleared", "untouched", "proportional", "proportional", "proportional"],
        "in_time": ["all", "closing"],
        "credited": ["kept", "lowered"],
        "of": ["gross", "net"],
        "tax": ["whole", "split", "split", "split"],
        "rounding": ["half_away_from_zero", "down", "up", "half_even"],
        "grace_days": [0, 1, 5, 30],
    }.items():
        if rng.random() < 0.6:
            out[name] = rng.choice(words)
    return out


def tolerance(rng, world):
    t = {}
    if rng.random() < 0.9:
        t["limits"] = [limit(rng, world) for _ in range(rng.choice([1, 1, 1, 2]))]
    for name, words in {
        "blank": ["no_limit", "none"],
        "per": ["document", "payment"],
        "kind": ["tolerance", "write_off"],
        "reason": ["small", "agreed"],
        "clerk": ["eve", "adam"],
        "first": ["tolerance", "discount"],
        "valued": ["document", "day_rate"],
        "strategies": [["reference", "oldest_due", "near_amount"], [s for s in settlement_policy.STRATEGIES if s not in settlement_policy.EXACT]],
    }.items():
        if rng.random() < ({"per": 0.4, "first": 0.6}.get(name, 0.25)):
            t[name] = rng.choice(words)
    named = [e["clerk"] for e in t.get("limits", []) if "clerk" in e]
    if "clerk" in t and t["clerk"] not in named and rng.random() < 0.95:
        del t["clerk"]
    if named and rng.random() < 0.5:
        t["clerk"] = rng.choice(named)
    if rng.random() < 0.35:
        t["bank_charges"] = [{"currency": c, "amount": rng.choice(["0.10", "0.5", "1", "7"])} for c in rng.sample(world.currencies, 1)]
    return t


def limit(rng, world):
    e = {}
    if rng.random() < 0.3:
        e["side"] = rng.choice(["both", "under", "over"])
    if rng.random() < 0.1:
        e["customers"] = [rng.choice(["C1", "C2"])]
    if rng.random() < (0.85 if world.firms else 0.05):
        e["companies"] = rng.choice([["X"], ["X"], ["X", "Z"], ["X", "Y"], [""], ["Y"], []])
    if rng.random() < 0.2:
        e["clerk"] = rng.choice(["eve", "adam"])
    if rng.random() < 0.6:
        e["currency"] = rng.choice(world.currencies)
        e["amount"] = rng.choice(["0.01", "0.05", "0.10", "0.1", "1", "1.00", "10", "0", "0.015"])
        if rng.random() < (0.3 if world.currencies == ["EUR"] else 0.6):
            e["amount_in"] = rng.choice(["base", "base", "base", "credit"])
            if rng.random() < 0.9:
                e["currency"] = world.settings.get("base_currency", "EUR")
    if "amount" not in e or rng.random() < 0.3:
        e["percent"] = rng.choice(["1", "1", "0.5", "2", "10", "0", "100", "33.333"])
    return e


def spoil(rng, p):
    name, value = rng.choice(
        [
            ("scope", "world"), ("cross_currency", "yes"), ("strategies", []), ("strategies", ["fifo"]), ("colour", "blue"), ("version", 2),
            ("discount", {"late": "never"}), ("discount", {"when": "never"}), ("reasons", {"discount": 1}), ("reasons", {"colour": "x"}), ("reasons", "x"), ("discount", {"grace_days": 367}), ("discount", {"grace_days": -1}), ("discount", {"colour": 1}),
            ("discount", {"rounding": "nearest"}), ("tolerance", {"limits": [{}]}), ("tolerance", {"limits": [{"percent": "101"}]}),
            ("tolerance", {"limits": [{"percent": "1"}, {"amount": "1"}]}), ("tolerance", {"limits": [{"currency": "EUR", "amount": "-1"}]}),
            ("tolerance", {"limits": [{"percent": "1", "side": "left"}]}), ("tolerance", {"limits": [{"percent": "x"}]}), ("tolerance", {"limits": [{"percent": "1"}, {"percent": "1", "customers": "C1"}]}),
            ("cash_rounding", [{"currency": "EUR", "place": "1", "rounding": "nearest"}]), ("tolerance", {"limits": ["x"]}), ("priority", [{"kinds": "invoice"}]),
           
            ("tolerance", {"limits": [{"percent": "1", "colour": "x"}]}), ("tolerance", {"strategies": ["fifo"]}), ("tolerance", {"strategies": ["reference", "subset"]}), ("tolerance", {"strategies": ["many_to_one"], "clerk": "eve", "bank_charges": [{"currency": "EUR", "amount": "0"}]}), ("tolerance", {"per": "item"}), ("tolerance", {"limits": [{"currency": "EUR", "amount": "1", "amount_in": "document"}]}),
            ("tolerance", {"bank_charges": [{"currency": "EUR", "amount": "0"}]}), ("tolerance", {"bank_charges": [{"currency": "EUR"}]}),
            ("cash_rounding", [{"currency": "EUR", "place": "0"}]), ("cash_rounding", [{"currency": "EUR"}]), ("search", {"items": 13}),
            ("search", {"items": 0}), ("search", {"work": 0}), ("search", {"ambiguous": "last"}), ("search", {"colour": 1}), ("priority", [{}]),
            ("priority", [{"kinds": ["invoice"]}, {"dimension": "area"}]), ("priority", [{"values": ["x"]}]), ("priority", [{"kinds": ["bill"]}]),
            ("priority", [{"colour": 1}]), ("balance_credits", ["bill"]), ("balance_credits", "payment"), ("past_due_on", "today"), ("partial", "some"), ("exchange_guard", "always"), ("match_rules", [{}]), ("match_rules", [{"confidence": "high", "priority": 1000}]), ("match_rules", [{"confidence": "sure", "priority": 1}]), ("match_rules", [{"confidence": "low", "priority": 1, "amount": "two"}]), ("match_rules", [{"confidence": "low", "priority": -1}]), ("match_rules", "x"), ("match_rules", [{"confidence": "low", "priority": 1, "colour": 1}]), ("credit_notes", "never"),
        ]
    )
    p[name] = value


# --- questions ----------------------------------------------------------------------------------------------------------------------


def view_of(rng, world):
    step = {"as_of": world.text(max(world.days) + rng.choice([0, 16, 40, 60, 60, 60, 60, 60]))}
    if rng.random() < 0.05:
        step["known_on"] = world.text(rng.choice(world.days) + rng.choice([0, 5, 20, 40]))
    return step


def ask(rng, world):
    """Steps, one after the other; each gets its answer sent back."""
    view = view_of(rng, world)
    if rng.random() < (0.25 if world.currencies != ["EUR"] else 0.02):
        yield {"do": "revaluation", **view}
    if rng.random() < 0.05:
        yield {"do": "undo", **view, "ids": rng.sample(["a1", "a2", "a3", "p-1", "a1"], 2)}
    for _ in range(rng.choice([1, 2, 2, 3])):
        used = policy(rng, world)
        answer = yield {"do": "settle", **view, "policy": used}
    if "error" in answer:
        return
    if rng.random() < 0.2:
        count = len(answer["lines"])
        lines = sorted(rng.sample(range(count), min(count, rng.choice([1, 1, 2]))))
        if rng.random() < 0.15:
            lines = [count + rng.choice([0, 1])]
        yield {"do": "settle_without", "lines": lines}
    if rng.random() < (0.9 if len({q["document"] for q in answer["questions"]}) > 1 else 0.5):
        for _ in range(rng.choice([1, 1, 2])):
            said = edits(rng, answer)
            found = yield {"do": "settle_edit", "edits": said}
            answer = answer if "error" in found else found
            documents = [e for e in said if "document" in e]
            if documents and "error" not in found and rng.random() < 0.6:
                # The same again, or what is said instead.
                again = [{**rng.choice(documents), "discount": rng.choice(["refused", "refused", "accepted"])}]
                found = yield {"do": "settle_edit", "edits": again}
                answer = answer if "error" in found else found
    if rng.random() < 0.5:
        return
    recorded = world.text((world.now or max(world.days) + 60) + 60)
    posted = yield {"do": "post_settlement", "id_prefix": "s", "recorded": recorded}
    if "error" in posted:
        return
    if rng.random() < 0.5:
        yield {"do": "open_items", **view}
    if rng.random() < (0.8 if world.theme in ("parts", "over") else 0.3):
        yield from paid_again(rng, world, view, used, recorded)
    if world.theme == "halves" and rng.random() < 0.7:
        yield from bounced(rng, world, view, used, recorded)
    ids = [row["id"] for table in ("allocations", "differences") for row in posted[table]]
    if posted["documents"] and rng.random() < 0.4:
        yield from by_hand(rng, view, posted, recorded)
    if posted["documents"] and rng.random() < 0.95:
        rest = posted["documents"][0]
        paid = {"id": "X1", "customer": rest["customer"], "kind": "payment", "currency": rest["currency"], "amount": "-1", "document_date": view["as_of"]}
        yield {"do": "append", "recorded": recorded, "facts": {"documents": [paid]}}
        yield {"do": "settle", "as_of": view["as_of"], "policy": {"strategies": ["oldest_due"], "filter": {"debits": [rest["id"]], "credits": ["X1"]}}}
        yield {"do": "post_settlement", "id_prefix": "t", "recorded": recorded}
        if rng.random() < 0.9:
            rests = [d["id"] for d in posted["differences"] if d["kind"] == "residual"]
            yield {"do": "undo", **view, "ids": rests + (["t-1"] if rng.random() < 0.15 else [])}
    if ids and rng.random() < 0.7:
        chosen = ids if rng.random() < 0.3 else rng.sample(ids, rng.randint(1, min(3, len(ids))))
        if rng.random() < 0.05:
            chosen = [*chosen, "nothing"]
        step = {"do": "undo", **view, "ids": chosen}
        if rng.random() < 0.7:
            step["recorded"] = recorded
        answer = yield step
        if "recorded" in step and "error" not in answer and rng.random() < 0.6:
            yield {"do": "open_items", **view}
            if rng.random() < 0.3:
                yield {"do": "undo", **view, "ids": chosen[:1]}
            # What was let go before is not had again.
            if rng.random() < 0.7:
                yield {"do": "settle", **view, "policy": {**used, "id": "again"}}


def paid_again(rng, world, view, used, recorded):
    """Another payment of what is still open, a limit more or less: what was let go before is not had again."""
    found = yield {"do": "open_items", "as_of": view["as_of"]}
    owed = [i for i in found.get("items", []) if not i["open"].startswith("-")]
    if not owed:
        return
    item = rng.choice(owed)
    digits = len(item["open"].partition(".")[2])
    limit = int(float(world.limit) * 10**digits)
    minor = int(item["open"].replace(".", "")) + rng.choice([limit, limit, -limit, -limit, limit // 2, 1, -1, 0])
    same = {name: item[name] for name in ("customer", "company", "control_account", "currency") if item.get(name)}
    paid = {"id": "X2", "kind": "payment", **same, "amount": world.money(-max(1, minor), item["currency"]), "document_date": view["as_of"]}
    if rng.random() < 0.5:
        paid["reference"] = item["document"]
    facts = {"documents": [paid]}
    row = next((d for d in world.everything("documents") if d["id"] == item["document"]), None)
    if row is not None and rng.random() < (0.5 if used.get("tolerance", {}).get("first") == "discount" else 0.1):
        facts |= world.anew(row)
    yield {"do": "append", "recorded": recorded, "facts": facts}
    yield {"do": "settle", "as_of": view["as_of"], "policy": {**used, "id": "again"}}


def bounced(rng, world, view, used, recorded):
    """What paid the first half bounces, and it is paid again, the limit more or less."""
    paid = [d for d in world.everything("documents") if d["id"].startswith("B")]
    yield {"do": "append", "recorded": recorded, "facts": {"cancellations": [{"document": rng.choice(paid)["id"], "effective": view["as_of"]}]}} if paid else {"do": "open_items", "as_of": view["as_of"]}
    yield from paid_again(rng, world, view, used, recorded)


def by_hand(rng, view, posted, recorded):
    """A step around a residual is taken back without undo: by cancellations and reversals."""
    rest = rng.choice(posted["documents"])
    one = next(a for a in posted["allocations"] if f"{a['id']}-r" == rest["id"])
    cancelled = [one["credit"], one["debit"], rest["id"]]
    reversed_ = [one["id"], *(d["id"] for d in posted["differences"] if d["allocation"] == one["id"])]
    for _ in range(rng.choice([1, 2])):
        facts = {
            "cancellations": [{"document": name, "effective": view["as_of"]} for name in rng.sample(cancelled, rng.choice([0, 1, 1, 2]))],
            "reversals": [{"allocation": name, "effective": view["as_of"]} for name in rng.sample(reversed_, rng.choice([0, 0, 1]))],
        }
        yield {"do": "append", "recorded": recorded, "facts": facts}
        yield {"do": "open_items", **view}
    yield {"do": "matches", **view}


def edits(rng, answer):
    """Changes of a settlement, most of them good."""
    lines, asked = answer["lines"], [q for q in answer["questions"] if q["kind"] == "late_discount"]
    granted = [d for d in answer["differences"] if d["kind"] == "discount"]
    names = sorted({q["document"] for q in asked})
    if len(names) > 1 and rng.random() < 0.9:
        # Of several that are asked about some are accepted and others refused.
        said = rng.choice([["accepted", "refused"], ["refused", "accepted"]])
        return [{"document": name, "discount": word} for name, word in zip(rng.sample(names, len(names)), [*said, "accepted", *said])]
    if (asked or granted) and (not lines or rng.random() < 0.3):
        about = rng.choice(asked + granted)
        out = [{"document": about["document"], "discount": rng.choice(["accepted", "refused"] if about in asked else ["refused"])}]
        if rng.random() < 0.5:
            out[0]["instalment"] = about["instalment"]
        return out if rng.random() < 0.95 else [*out, {"line": 0, "drop": True}]
    out = []
    for n in rng.sample(range(len(lines)), min(len(lines), rng.choice([1, 1, 2]))) or [0]:
        if rng.random() < 0.04 or not lines:
            out.append({"line": n + rng.choice([0, 90])})
            continue
        of_it = [d for d in granted if d["line"] == n]
        what = rng.random()
        if what < 0.9 and (of_it or asked) and rng.random() < 0.85:
            out.append({"line": n, "discount": "refused" if of_it else "accepted"})
        elif what < 0.4:
            out.append({"line": n, "amount": amount(rng, lines[n])})
        elif what < 0.6:
            out.append({"line": n, "drop": True})
        elif what < 0.8 and (of_it or asked):
            out.append({"line": n, "discount": rng.choice(["refused", "accepted"])})
        else:
            out.append({"line": n, "reason": rng.choice(["", "R-own"])})
        if what < 0.1:
            out[-1]["reason"] = "R-own"
    return out


def amount(rng, line):
    """Less than it was, more, what the credit or the debit has, or what nobody has."""
    digits = len(line["amount"].partition(".")[2])
    was, has, open_ = (int(line[name].replace(".", "")) for name in ("amount", "credit_left", "debit_left"))
    minor = rng.choice([was - 1, was // 2, has, min(has, open_), min(has, open_), open_, was + 1, was + 5])
    text = f"{minor:0{digits + 1}d}"
    return f"{text[:-digits]}.{text[-digits:]}" if digits else text


# --- what a case is about -------------------------------------------------------------------------------------------------------


def classes(step, answer):
    found, verb = set(), step["do"]
    if verb == "undo" and answer["reversals"]:
        found.add("undone")
    if verb == "post_settlement" and answer["allocations"]:
        found.add("posted settlement")
    for e in step["edits"] if verb == "settle_edit" else []:
        found |= {f"edit {name}" for name in ("amount", "reason", "drop") if name in e}
        if "discount" in e:
            found.add("edit discount of a " + ("line" if "line" in e else "document"))
    if verb == "settle_edit" and {e.get("discount") for e in step["edits"] if "document" in e} == {"accepted", "refused"}:
        found.add("edit accepts one and refuses another")
    if verb not in ("settle", "settle_without", "settle_edit"):
        return found
    p = step.get("policy", {})
    lines, differences = answer["lines"], answer["differences"]
    found |= {f"lines {line['strategy']}" for line in lines}
    scored = [line["credit"] for line in lines if line["strategy"] == "scored"]
    if len(scored) > len(set(scored)):
        found.add("scored several named")
    found |= {f"unapplied {u['reason']}" for u in answer["unapplied"]}
    if lines and p.get("scope", "account") != "account":
        found.add(f"scope {p['scope']}")
    if lines and p.get("priority"):
        found.add("priority")
    for line in lines:
        if line["currency"] != line["debit_currency"]:
            found.add("across currencies settled")
        if line["exchange"] is not None and float(line["exchange"]):
            found.add("exchange")
        if p.get("exchange_guard") == "half_minor_unit" and line["exchange"] == "0.000" and line["currency"] == "EUR" and float(line["amount"]) > 5:
            found.add("guard changes a leg")
    if lines and p.get("id") == "again":
        found.add("settled again")
    if lines and p.get("filter", {}).get("companies"):
        found.add("of a company")
    if any(d["reason"].startswith("R-") for d in differences):
        found.add("reason")
    if any(d["rule"].startswith("discount.") for d in differences):
        found.add("when " + (p.get("discount") or {}).get("when", "deducted"))
    if any(d["rule"].startswith("tolerance.") and d["limit"] for d in differences) and any(e.get("companies") for e in p.get("tolerance", {}).get("limits", [])):
        found.add("limit of company")
    if any(e.get("amount_in") == "base" for e in p.get("tolerance", {}).get("limits", [])):
        if any(d["limit"] and d["rule"].startswith("tolerance.") for d in differences):
            found.add("limit in base currency")
    sizes = {}
    for line in lines:
        if line["strategy"] == "subset":
            sizes[line["credit"]] = sizes.get(line["credit"], 0) + 1
    if any(n > 2 for n in sizes.values()):
        found.add("subset of three")
    if p.get("balance_credits") and any(len({line["credit"] for line in lines if line["strategy"] == name}) > 1 for name in BALANCES):
        found.add("credits in a balance")
    found |= difference_classes(p, lines, differences)
    for q in answer["questions"]:
        found.add(f"question {q['kind']}" + (" of a debit" if q["kind"] == "ambiguous" and q["document"] else ""))
    return found


def difference_classes(p, lines, differences):
    found, credits = set(), {line["credit"] for line in lines}
    over, shares = {}, {}
    for d in differences:
        line = lines[d["line"]]
        found |= {f"kind {d['kind']}", d["rule"]}
        on_credit = d["document"] in credits
        if on_credit:
            over[d["document"]] = over.get(d["document"], 0) + 1
            if d["kind"] == "cash_rounding":
                found.add("cash_rounding over")
        if d["limit"] == d["amount"]:
            found.add("limit met")
        if d["rule"] in ("tolerance.under", "tolerance.over"):
            if p.get("tolerance", {}).get("per") == "payment":
                found.add("per payment")
            if line["strategy"] == "best_match":
                found.add("best match over" if on_credit else "best match short")
        if d["rule"] in ("tolerance.under", "tolerance.bank_charge") and line["strategy"] != "best_match":
            shares[line["credit"]] = shares.get(line["credit"], 0) + 1
        if d["rule"].startswith("discount."):
            if d["instalment"]:
                found.add("discount of an instalment" + (" cut anew" if d["instalment"] > 4 else ""))
            if p.get("tolerance", {}).get("first") == "discount":
                found.add("first discount")
            together = float(line["debit_amount"]) + sum(float(e["amount"]) for e in differences if e["line"] == d["line"] and e["document"] == d["document"])
            if together < float(line["debit_left"]) - 0.00001:
                found.add("discount of a part")
    if any(n > 1 for n in over.values()):
        found.add("closed at several")
    if any(n > 1 for n in shares.values()):
        found.add("shares")
    return found
