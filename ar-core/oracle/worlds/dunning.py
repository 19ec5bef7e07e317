"""Small ledgers on which somebody is late, and questions about reminding them.

Everything lies around one day, so that edges are met: due dates, notices and promises are a few days off it, as the levels of the policies are.
"""

import copy
import datetime

import dunning_policy

START = datetime.date(2026, 1, 15)  # that of every world
VERBS = {"dun", "dun_without", "post_dunning", "simulate_dunning", "compare_dunning", "audit_dunning", "lint_dunning"}
REASONS = (
    "out_of_scope no_procedure quiet_day blocked held credit_covers credit_ignored credit_unlisted credit_waits requirement_missing disputed in_plan unfounded promised in_flight covered"
    " noticed_today interval no_due_date not_due in_grace waiting last_level max_notices rate_missing minimum_days below_minimum nothing_to_claim refused"
).split()
MATTERS = [f"step {verb}" for verb in sorted(VERBS)] + [f"reason {word}" for word in REASONS]
MATTERS += [f"event {word}" for word in dunning_policy.WHEN]
MATTERS += [f"deviation {word}" for word in "wrong_level paid duplicate early blocked missed".split()]
MATTERS += (
    "error policy_invalid|error rate_missing|error unknown_value|error impossible_date|noticed|level 2|level 3|a level again|a level left out|listed credit|part of an item"
    "|fee|fee tax|line fee|interest|compensation|no next date|next date|family|per document|unit customer|converted|two notices|line of an instalment|events|posted|charges posted"
    "|empty on the day|known_on|simulated|paid already|compared|other reason|lint"
).split("|")
DUES = [-30, -5, 0, 1, 1, 2, 3, 5, 6, 10, 10, 11, 15, 20, 21, 30, 31, 45]
SENT = [0, 1, 1, 3, 5, 7, 7, 8, 10, 14, 20]
LEVELS = [-5, 0, 1, 1, 1, 5, 10, 10, 20, 30]


def world(World):
    """The world of dunning, on top of that of the other questions."""

    class Dunning(World):
        def build(self):
            self.today = self.pick([36, 37, 38, 39, 40, 41, 42])
            self.theme = self.pick(["paid", "twice", "credit", "fall", "charged", "charged"]) if self.chance(0.3) else None
            self.days = [self.today - 60, self.today]
            if self.chance(0.9):
                self.settings["base_currency"] = "EUR"
            if self.chance(0.25):
                self.settings["companies"] = {"X": {"base_currency": "USD"}}
            self.one = False
            self.currencies = self.pick([["EUR"], ["EUR"], ["EUR"], ["EUR", "USD"], ["USD"], ["EUR", "JPY"]])
            self.companies = self.pick([[None], [None], [None], ["X"], [None, "X"], ["X", "Y"]])
            for _ in range(self.pick([1, 1, 2, 3])):
                self.debtor()
            for _ in range(self.pick([1, 2, 2, 3, 3, 4, 5])):
                self.claim()
            for _ in range(self.pick([0, 1, 1, 1, 2])):
                self.money_in()
            if self.chance(0.75):
                for currency in ("USD", "JPY"):
                    for base in ("EUR", "USD"):
                        if currency != base and self.chance(0.8):
                            rate = {"USD": ["0.5", "0.9"], "JPY": ["0.0062", "0.01"]}[currency]
                            self.add("rates", self.at({"currency": currency, "base": base, "rate": self.pick(rate)}, self.pick([60, 60, 1, -5])))
            self.match()
            if self.theme == "paid":
                self.paid_unseen()
            if self.theme == "twice":
                for ago in (10, 9, self.pick([9, 5])):
                    d = self.facts["documents"][0]
                    self.add("notices", {"id": self.name("N"), "customer": d["customer"], "document": d["id"], "level": self.pick([1, 1, 2]), "effective": self.text(self.today - ago)})
            if self.theme == "fall":
                self.paid_since()
            if self.theme == "credit":
                d = self.facts["documents"][0]
                row = {"id": self.name("P"), "customer": d["customer"], "kind": "payment", "currency": d["currency"], "amount": self.money(-self.minor_of(d) - 30000, d["currency"])}
                self.add("documents", {**row, "document_date": self.text(self.today - 1), "company": d.get("company")})
            for make, often in ((self.notice, 0.65), (self.notice, 0.5), (self.notice, 0.35), (self.notice, 0.2), (self.promise, 0.35), (self.promise, 0.1), (self.dispute, 0.28), (self.hold, 0.12)):
                if self.chance(often):
                    make()
            if self.chance(0.25):
                self.requirement()
            if self.chance(0.2):
                self.plan()
            for thing in [r for t in ("notices", "promises", "disputes", "holds", "plans") for r in self.facts[t]]:
                if self.chance(0.12):
                    self.add("closings", self.at({"of": thing["id"]}, self.pick([-1, 0, 1, 5])))
            for name, values in {"blocked": ["legal", "All", None], "channel": ["post"], "language": ["de"], "contact": ["Ann"], "group": ["g2"]}.items():
                if self.chance(0.14):
                    row = {"customer": self.who(), "attribute": name, "value": self.pick(values)}
                    if self.chance(0.4 if name == "blocked" else 0.01):
                        row["until"] = self.text(self.today + self.pick([-1, 0, 1, 5]))
                    self.add("customer_changes", self.at(row, self.pick([20, 5, 0, -1])))
            for line in self.facts["notice_lines"]:
                if self.chance(0.3):
                    self.charged_before(line)
            self.batches.append((None, self.facts))

        def charged_before(self, line):
            """What another system has charged with a notice, or something that looks like it."""
            about = next(d for d in self.facts["documents"] if d["id"] == line["document"])
            notice = next(n for n in self.facts["notices"] if n["id"] == line["notice"])
            name = f"{line['notice']}-{self.pick(['1', '1', '2', '07', 'x'])}-{self.pick('ccif')}"
            if self.chance(0.25):
                name = f"{line['notice']}-f"
            if any(d["id"] == name for d in self.facts["documents"]):
                return
            row = {k: about[k] for k in ("customer", "currency", "company") if k in about}
            row |= {"id": name, "kind": self.pick(["charge", "charge", "charge", "invoice"]), "amount": self.money(4000, about["currency"]), "document_date": notice["effective"]}
            if self.chance(0.9):
                row["related"] = about["id"]
            self.add("documents", row)
            if self.chance(0.15):
                self.add("cancellations", {"document": name, "effective": self.text(self.today)})
            elif row["kind"] == "charge" and self.chance(0.4):
                self.paid_before(about, notice)

        def paid_before(self, about, notice):
            """It is paid by the day of the notice, so that what that has charged is for nothing."""
            if any(about["id"] in (a["debit"], a["credit"]) for a in self.facts["allocations"]) or "recorded" in about or self.minor_of(about) <= 0:
                return
            day = max(about["document_date"], notice["effective"])
            row = {k: about[k] for k in ("customer", "currency", "company") if k in about}
            row |= {"id": self.name("P"), "kind": "payment", "amount": self.money(-self.minor_of(about), about["currency"]), "document_date": day}
            self.add("documents", row)
            self.add("allocations", {"id": self.name("a"), "credit": row["id"], "debit": about["id"], "amount": about["amount"], "effective": day})

        def at(self, row, ago):
            """Effective so many days before the day; now and then learnt on another."""
            row["effective"] = self.text(self.today - ago)
            if self.chance(0.12):
                row["recorded"] = self.text(self.today - ago + self.pick([1, 3, 10, 25]))
            return {k: v for k, v in row.items() if v is not None}

        def who(self):
            return self.pick(self.everything("customers"))["id"]

        def debtor(self):
            row = {"id": self.name("C"), "group": self.pick([None, "g1", "g2"])}
            others = self.everything("customers")
            if others and self.chance(0.5):
                row["parent"] = self.pick(others)["id"]
            self.add("customers", row)

        def paper(self, prefix, kind, minor, ago):
            currency = self.pick(self.currencies)
            row = {"id": self.name(prefix), "customer": self.who(), "kind": kind, "currency": currency, "amount": self.money(minor, currency)}
            row |= {"document_date": self.text(self.today - ago), "company": self.pick(self.companies)}
            if self.chance(0.1):
                row["control_account"] = self.pick(["1200", "1210"])
            if self.chance(0.12):
                row["recorded"] = self.text(self.today - ago + self.pick([1, 5, 20, 40]))
            return self.add("documents", row)

        def claim(self):
            kind = self.pick(["invoice"] * 8 + ["debit_note", "journal", "charge", "refund"])
            due = self.pick(DUES)
            others = [d for d in self.facts["documents"] if d["kind"] in ("invoice", "debit_note", "charge")]
            if others and self.chance(0.25):
                kind = "charge"
            row = self.paper("I", kind, self.pick([100, 1000, 1000, 2000, 5000, 5000, 10000, 10000, 10001, 12345]), max(due, 0) + self.pick([0, 10, 30]))
            if kind == "charge" and others and self.chance(0.85):
                other = self.pick(others)
                row["related"] = other["id"]
                if self.chance(0.9):
                    row["customer"] = other["customer"]
            if self.chance(0.93):
                row["due_date"] = self.text(self.today - due)
            if self.chance(0.4 if self.theme == "charged" else 0.15):
                minor = self.minor_of(row)
                # Agreed when some of it is past due.
                known = {"recorded": self.text(self.today - self.pick([0, 1, 3, 6]))} if self.chance(0.3) and "recorded" not in row else {}
                for n, (part, late) in enumerate(zip((minor // 3, minor - minor // 3), sorted((self.pick(DUES), self.pick(DUES)), reverse=True)), 1):
                    self.add("instalments", {"document": row["id"], "number": n, "due_date": self.text(self.today - late), "amount": self.money(part, row["currency"]), **known})

        def money_in(self):
            kind = self.pick(["payment", "payment", "payment", "advance", "credit_note", "credit_note", "journal"])
            row = self.paper("P", kind, -self.pick([100, 100, 500, 1000, 2000, 5000, 10000, 10000]), self.pick([40, 20, 20, 5, 1, 0, -1, -3, -3]))
            if self.chance(0.4):  # learnt late
                row["recorded"] = self.text(self.effective(row) + self.pick([5, 15, 20, 30]))

        def paid_unseen(self):
            """Money that came three weeks ago and was booked the other day."""
            d = self.facts["documents"][0]
            d |= {"document_date": self.text(self.today - 60), "due_date": self.text(self.today - 30)}
            d.pop("recorded", None)
            known = self.text(self.today + self.pick([-2, 0, 3]))
            row = {"id": self.name("P"), "customer": d["customer"], "kind": "payment", "currency": d["currency"], "amount": self.money(-self.minor_of(d), d["currency"])}
            self.add("documents", {**row, "document_date": self.text(self.today - 20), "company": d.get("company"), "recorded": known})
            self.add("allocations", {"id": self.name("a"), "credit": row["id"], "debit": d["id"], "amount": d["amount"], "recorded": known})

        def paid_since(self):
            """What a customer was reminded of is paid since; something newer is late, or will be."""
            old = self.paper("I", "invoice", 5000, 60)
            new = {**old, "id": self.name("I"), "due_date": self.text(self.today - self.pick([1, 5, 12, 15, 22]))}
            old["due_date"] = self.text(self.today - self.pick([25, 32, 46]))
            self.add("documents", new)
            for ago in (14, self.pick([9, 10])):
                self.add("notices", {"id": self.name("N"), "customer": old["customer"], "document": old["id"], "level": self.pick([1, 2, 3]), "effective": self.text(self.today - ago)})
            row = {"id": self.name("P"), "customer": old["customer"], "kind": "payment", "currency": old["currency"], "amount": self.money(-self.minor_of(old), old["currency"])}
            self.add("documents", {**row, "document_date": self.text(self.today - self.pick([3, 8, 9, 12])), "company": old.get("company")})
            if self.chance(0.6):  # else it stays on account
                self.add("allocations", {"id": self.name("a"), "credit": row["id"], "debit": old["id"], "amount": old["amount"]})

        def match(self):
            credits = [d for d in self.facts["documents"] if self.minor_of(d) < 0]
            debits = [d for d in self.facts["documents"] if self.minor_of(d) > 0]
            for c in credits:
                same = [d for d in debits if d["currency"] == c["currency"]]
                if same and self.chance(0.5):
                    d = self.pick(same)
                    minor = min(abs(self.minor_of(c)), self.minor_of(d))
                    row = {"id": self.name("a"), "credit": c["id"], "debit": d["id"], "amount": self.money(self.pick([minor, minor, minor // 2 or 1]), c["currency"])}
                    first = max(self.effective(c), self.effective(d))
                    row["effective"] = self.text(max(first, self.today + self.pick([-20, -20, -1, 0, 1, 2])))
                    known = max((datetime.date.fromisoformat(d.get("recorded", row["effective"])) - START).days for d in (c, d))
                    if self.chance(0.5):
                        row["recorded"] = self.text(max(first, known, self.today - self.pick([20, 1, 0, -5])))
                    self.add("allocations", row)
                    rest = self.minor_of(d) - abs(self.minor_of(row | {"currency": c["currency"]}))
                    if rest > 0 and self.chance(0.5):
                        self.leave(row, d, rest)
                    if self.chance(0.1):
                        self.add("reversals", {"allocation": row["id"], "effective": self.text(self.today + self.pick([-1, 0, 1, 5]))})
            if credits and self.chance(0.06):
                self.add("cancellations", {"document": self.pick(credits)["id"], "effective": self.text(self.today + self.pick([0, 1, 40]))})

        def leave(self, allocation, document, minor):
            """What a payment leaves of a document, owed as a document of its own."""
            row = {"id": self.name("r"), "document": document["id"], "kind": "residual", "amount": self.money(minor, document["currency"]), "allocation": allocation["id"]}
            row |= {"effective": allocation["effective"], "recorded": allocation.get("recorded")}
            rest = {k: document[k] for k in ("customer", "currency", "company", "control_account", "due_date") if k in document}
            rest |= {"id": f"{allocation['id']}-r", "kind": "debit_note", "amount": row["amount"], "related": document["id"]}
            self.add("documents", {**rest, "document_date": allocation["effective"], "recorded": allocation.get("recorded")})
            self.add("differences", row)
            if self.chance(0.5):
                promise = {"id": self.name("Q"), "customer": document["customer"], "currency": document["currency"], "document": document["id"], "amount": document["amount"]}
                self.add("promises", promise | {"effective": document["document_date"], "promised_date": self.text(self.today + self.pick([-3, 0, 5]))})

        def notice(self):
            documents = [d for d in self.facts["documents"] if self.minor_of(d) > 0]
            d = self.pick(documents)
            row = {"id": self.name("N"), "customer": self.pick([d["customer"], d["customer"], d["customer"], self.who()]), "level": self.pick([1, 1, 1, 2, 2, 3, 5, 0])}
            how = self.pick(["document", "lines", "lines", "nothing"])
            if how == "document":
                row["document"] = d["id"]
            if self.chance(0.5):
                row |= {"company": d.get("company"), "currency": d["currency"]}
            ago = self.pick(SENT)
            if self.chance(0.4):
                row["due_date"] = self.text(self.today - ago + self.pick([0, 5, 7]))
            row = self.add("notices", self.at(row, ago))
            if how == "lines" or self.chance(0.1):
                for d in self.rng.sample(documents, min(len(documents), self.pick([1, 1, 2]))):
                    line = {"notice": row["id"], "document": d["id"], "level": self.pick([row["level"], row["level"], 1])}
                    if self.chance(0.25):
                        line["instalment"] = self.pick([0, 1, 2])
                    if self.chance(0.2):
                        line["interest_until"] = row["effective"]
                    self.add("notice_lines", line)

        def rested(self, documents):
            """Now and then only those of which something was left, or that were left."""
            left = {d["document"] for d in self.facts["differences"]}
            rested = [d for d in documents if d["id"] in left or d.get("related") in left]
            return rested if rested and self.chance(0.6) else documents

        def promise(self):
            d = self.pick(self.rested([d for d in self.facts["documents"] if self.minor_of(d) > 0]))
            row = {"id": self.name("Q"), "customer": d["customer"], "currency": self.pick([d["currency"], d["currency"], d["currency"], "EUR"])}
            if self.chance(0.5):
                row["document"] = d["id"]
            minor = self.pick([100, 500, self.minor_of(d), self.minor_of(d), 100000])
            row |= {"amount": self.money(minor, row["currency"]), "promised_date": self.text(self.today + self.pick([-8, -3, -2, -1, -1, 0, 0, 1, 10]))}
            self.add("promises", self.at(row, self.pick([20, 10, 3, 0, -1])))

        def dispute(self):
            d = self.pick(self.facts["documents"])
            row = {"id": self.name("T"), "document": d["id"], "reason": self.pick(["PRICE", "RETURN"])}
            if self.chance(0.5):
                row["amount"] = self.money(self.pick([1, 500, abs(self.minor_of(d))]), d["currency"])
            self.add("disputes", self.at(row, self.pick([10, 3, 0, -1])))

        def hold(self):
            row = {"id": self.name("H"), "reason": self.pick(["legal", "claim"]), "until": self.pick([None, self.text(self.today), self.text(self.today + 3), self.text(self.today - 1)])}
            row |= {"document": self.pick(self.facts["documents"])["id"]} if self.chance(0.6) else {"customer": self.who()}
            self.add("holds", self.at(row, self.pick([10, 3, 0])))

        def requirement(self):
            d = self.pick(self.facts["documents"])
            if self.chance(0.5):
                proof = {"document": d["id"], "requirement": "pod"}
                self.add("requirements", self.at({**proof, "state": "missing"}, 60))
                self.add("requirements", self.at({**proof, "state": "fulfilled"}, self.pick([20, 10, 5, 3, 1, 0])))
                return
            for _ in range(self.pick([1, 1, 2])):
                row = {"document": d["id"], "requirement": self.pick(["po", "pod"]), "state": self.pick(["missing", "missing", "fulfilled", "waived"])}
                self.add("requirements", self.at(row, self.pick([10, 3, 0])))

        def plan(self):
            plan = self.add("plans", self.at({"id": self.name("L"), "customer": self.who()}, 10))
            for d in [d for d in self.facts["documents"] if self.minor_of(d) > 0][: self.pick([1, 1, 2])]:
                minor = self.minor_of(d)
                late = self.pick([-5, 0, 0, 1, 2])
                for n, (part, ago) in enumerate(((minor // 2, late), (minor - minor // 2, late - 20)), 1):
                    row = {"document": d["id"], "number": n, "due_date": self.text(self.today - ago), "amount": self.money(part, d["currency"]), "plan": plan["id"]}
                    self.add("instalments", {**row, "effective": self.text(max(self.effective(d), self.today - 9))})

    return Dunning


# --- policies ------------------------------------------------------------------------------------------------------------------


def amounts(rng, world):
    codes = rng.sample(["EUR", "USD"], rng.choice([1, 1, 2]))
    return [{"currency": c, "amount": rng.choice(["0", "5", "10.00", "20.00", "50", "100.00", "100.01", "150"])} for c in codes]


def fee(rng):
    out = {"currencies": []}
    for name, words in (("of", ["amount", "original"]), ("mode", ["single", "accumulated"]), ("once", ["per_level", "per_notice"])):
        if rng.random() < 0.5:
            out[name] = rng.choice(words)
    for c in rng.sample(["EUR", "USD", "JPY"], rng.choice([1, 1, 2])):
        tiers = []
        for start in [None, "20", "60.5", "100"][: rng.choice([1, 1, 2, 3])]:
            tier = {} if start is None else {"from": start}
            if rng.random() < 0.7:
                tier["amount"] = rng.choice(["1", "2.50", "5", "40"])
            if rng.random() < 0.5:
                tier["percent"] = rng.choice(["1", "2.5", "10", "0.333"])
            for name, values in (("minimum", ["0.5", "2"]), ("maximum", ["2", "6"])):
                if rng.random() < 0.2:
                    tier[name] = rng.choice(values)
            tiers.append(tier)
        entry = {"currency": c, "tiers": tiers}
        if rng.random() < 0.4:
            entry["tax_percent"] = rng.choice(["19", "7", "8.1"])
        out["currencies"].append(entry)
    return out


def procedure(rng, world, charging):
    p, levels = {}, []
    days = sorted(rng.sample(LEVELS, rng.choice([1, 2, 2, 3, 3])))
    for n, d in enumerate(days):
        level = {"days": d}
        if n and rng.random() < 0.3:
            level = {"days": rng.choice([0, 1, 3, 7, 7, 10]), "count_from": rng.choice(["last_notice", "last_notice_due"])}
        elif d >= 0 and rng.random() < 0.1:
            level["count_from"] = "end_of_month"
        for name, make, often in (
            ("name", lambda: f"L{n}", 0.3),
            ("minimum", lambda: amounts(rng, world), 0.2),
            ("minimum_percent", lambda: rng.choice(["10", "40", "50", "100", "33.3"]), 0.12),
            ("minimum_count", lambda: rng.choice([1, 2]), 0.1),
            ("always", lambda: True, 0.15),
            ("pay_within_days", lambda: rng.choice([0, 7, 10]), 0.35),
            ("notice_fee", lambda: fee(rng), 0.3),
            ("line_fee", lambda: fee(rng), 0.2),
            ("channel", lambda: "email", 0.2),
            ("tone", lambda: "firm", 0.1),
            ("interest", lambda: True, 0.6 if charging else 0),
            ("compensation", lambda: True, 0.4 if charging else 0),
        ):
            if rng.random() < often:
                level[name] = make()
        levels.append(level)
    seen = {}
    for level in levels:  # days of one count do not fall
        count = level.get("count_from", "due_date")
        if count in ("due_date", "end_of_month"):
            level["days"] = seen[count] = max(level["days"], seen.get(count, level["days"]))
    if rng.random() < 0.15:
        levels[-1]["hand_over"] = "agency"
    p["levels"] = levels
    for name, values, often in (
        ("grace_days", [1, 3, 5], 0.3),
        ("grace", ["threshold", "free"], 0.5),
        ("edge", ["reached", "passed"], 0.5),
        ("escalation", ["step", "jump", "jump"], 0.7),
        ("after_last", ["stop", "repeat", "repeat"], 0.6),
        ("unchanged", ["with_new"], 0.3),
        ("interval_days", [1, 5, 7, 7, 10], 0.3),
        ("count", ["business_days"], 0.25),
        ("interval_count", ["business_days"], 0.25),
        ("pay_within_count", ["business_days"], 0.25),
        ("interval_edge", ["reached", "passed"], 0.3),
        ("interval_per", ["customer"], 0.3),
        ("minimum_of", ["level"], 0.3),
        ("minimum_credits", ["deducted"], 0.3),
        ("minimum_days", [1, 5, 10, 20, 20], 0.25),
        ("max_notices", [0, 1, 1, 2, 3], 0.12),
    ):
        if rng.random() < often:
            p[name] = rng.choice(values)
    if rng.random() < 0.2:
        p["minimum"] = amounts(rng, world)
    return p


def policy(rng, world):
    p = {}
    if rng.random() < 0.3:
        p["interest"] = {"rates": [{"from": world.text(rng.choice([-400] * 8 + [world.today - 20, world.today - 5, world.today + 2])), "percent": rng.choice(["10", "36.5", "100"])}], "kinds": ["invoice", "debit_note", "journal"]}
        if rng.random() < 0.6:
            p["interest"]["compensation"] = {"per": rng.choice(["invoice", "claim"]), "tiers": [{"currency": c, "amount": "40"} for c in ("EUR", "USD")]}
        if rng.random() < 0.3:
            p["interest"]["minimum"] = [{"currency": "EUR", "amount": "0.10"}]
        if rng.random() < 0.2:
            p["interest"]["grace_days"] = rng.choice([3, 10])
    names = rng.choice([["standard"], ["standard"], ["standard"], ["a", "b"]])
    p["procedures"] = {name: procedure(rng, world, "interest" in p) for name in names}
    if len(names) > 1 and rng.random() < 0.8:
        p["procedure"] = rng.choice(names)
    if rng.random() < 0.2:
        p["assign"] = []
        for _ in range(rng.choice([1, 2])):
            kind, values = rng.choice([("customers", ["C1", "C2"]), ("groups", ["g1", "g2", ""]), ("companies", ["X", ""])])
            one = {kind: rng.sample(values, 1)}
            if rng.random() < 0.7:
                one["procedure"] = rng.choice(names)
            p["assign"].append(one)
    for name, words in dunning_policy.CHOICES.items():
        often = {"unit": 0.6, "notice_per": 0.6, "currency": 0.5 if len(world.currencies) > 1 or world.currencies != ["EUR"] else 0.2, "basis": 0.15, "quiet_days": 0.3, "held": 0.15, "blocked": 0.15}
        if rng.random() < often.get(name, 0.4 if name in ("credit_notes", "unapplied") else 0.2):
            p[name] = rng.choice([*words, "listed", "listed", "listed_when_due"] if "listed" in words else words)
    for name, values, often in (
        ("kinds", [["invoice"], ["invoice", "charge", "refund"]], 0.1),
        ("minimum_item", [amounts(rng, world)], 0.1),
        ("blocks", [["legal"], ["All", "legal"]], 0.15),
        ("promise_tolerance_days", [1, 2, 3], 0.3),
        ("plan_tolerance_days", [1, 2], 0.3),
        ("weekend", [["friday"], ["tuesday", "saturday"], []], 0.15),
        ("holidays", [[world.text(world.today)], [world.text(world.today + n) for n in (-31, -11, -7, -1, 1, 4)], [world.text(world.today - 3), world.text(world.today + 3)]], 0.25),
    ):
        if rng.random() < often:
            p[name] = rng.choice(values)
    if rng.random() < 0.1:
        p["where"] = rng.choice([{"customer": ["C1"]}, {"kind": ["invoice", "payment"]}, {"currency": ["EUR"]}, {"group": ["g1"]}, {"colour": ["red"]}, {"customer": ["nobody"]}, {"customer": []}])
    if rng.random() < 0.4:
        p["triggers"] = []
        often = [*dunning_policy.WHEN, "promise_broken", "dispute_opened"]
        for n, when in enumerate(dict.fromkeys(rng.sample(often, rng.choice([1, 2, 3])))):
            t = {"id": f"t{n}", "when": when, "action": "write"}
            for name, values in (("count", ["business_days"]), ("days", [-3, 0, 5, 10]), ("within_days", [0, 1, 7, 7, 14, 30, 60]), ("channel", ["email"]), ("template", ["thanks"])):
                if rng.random() < 0.5 and (name != "count" or when == "days_past_due" or rng.random() < 0.01):
                    t[name] = rng.choice(values)
            p["triggers"].append(t)
    if rng.random() < 0.03:
        spoil(rng, p)
    return p


def spoil(rng, p):
    standard = p["procedures"][min(p["procedures"])]
    where, name, value = rng.choice(
        [
            (p, "unit", "all"), (p, "colour", "blue"), (p, "version", 2), (p, "kinds", []), (p, "minimum_item", [{"currency": "eur", "amount": "1"}]), (p, "minimum_item", [{"currency": "EUR", "amount": "1"}] * 2),
            (p, "currencies", ["a b"]), (p, "templates", [""]), (p, "triggers", [{"id": "", "when": "new_customer", "action": "x"}]), (p, "triggers", [{"id": "a/b", "when": "new_customer", "action": "x"}]),
            (p, "triggers", [{"id": "t", "when": "new_customer", "action": "x", "template": "vip"}]), (standard["levels"][0], "tone", "angry"), (standard["levels"][-1], "template", "vip"),
            (standard["levels"][-1], "line_fee", {"currencies": [{"currency": "EUR", "tiers": [{"minimum": "3", "maximum": "2"}]}]}), (standard["levels"][0], "minimum", [{"currency": "Eur", "amount": "1"}]),
            (standard["levels"][-1], "notice_fee", {"currencies": [{"currency": "EUR", "tiers": []}, {"currency": "EUR", "tiers": []}]}), (standard, "unchanged", "never"),
            (p, "procedures", {}), (p, "procedure", "other"), (p, "assign", [{}]),
            (p, "assign", [{"customers": ["C1"], "groups": ["g1"]}]), (p, "assign", [{"customers": ["C1"], "procedure": "other"}]), (p, "kinds", ["bill"]),
            (p, "minimum_item", [{"currency": "EUR"}]), (p, "minimum_item", [{"currency": "EUR", "amount": "-1"}]), (p, "promise_tolerance_days", -1), (p, "weekend", ["caturday"]),
            (p, "holidays", ["2026-02-30"]), (p, "triggers", [{"id": "t"}]), (p, "triggers", [{"id": "t", "when": "never", "action": "x"}]), (p, "interest", {}),
            (standard, "levels", []), (standard, "interval_days", -1), (standard, "count", "workdays"), (standard, "colour", "blue"), (standard, "edge", "near"), (standard, "minimum", [{"amount": "1"}]),
            (standard["levels"][0], "days", "x"), (standard["levels"][0], "colour", "x"), (standard["levels"][0], "minimum_percent", "101"), (standard["levels"][0], "pay_within_days", -1),
            (standard["levels"][-1], "notice_fee", {}), (standard["levels"][-1], "line_fee", {"currencies": [{"currency": "EUR", "tiers": [{"from": "1"}, {"from": "1"}]}]}),
            (standard["levels"][-1], "count_from", "birth"), (standard["levels"][-1], "always", "yes"),
        ]
    )
    where[name] = value


# --- questions ------------------------------------------------------------------------------------------------------------------


def ask(rng, world):
    """Steps, one after the other; each gets its answer sent back."""
    day = world.today + rng.choice([0, 0, 0, 0, 0, 0, 1, 7])
    p = policy(rng, world)
    step = {"do": "dun", "as_of": world.text(day), "policy": p}
    if rng.random() < 0.15:
        step["known_on"] = world.text(day + rng.choice([0, 0, -1, -5, 3]))
    kind = rng.random()
    if world.theme and rng.random() < 0.85:
        kind = {"paid": 0, "twice": 0.2, "credit": 1, "fall": 1, "charged": 1}[world.theme]
        for name in ("where", "minimum_item", "assign", "held", "blocked") + (("unapplied", "unit") if world.theme == "credit" else ()):
            p.pop(name, None)
        if world.theme == "charged":
            tiers = [{"currency": currency, "amount": "40"} for currency in world.currencies]
            p["interest"] = {"rates": [{"from": world.text(-400), "percent": "36.5"}], "compensation": {"per": rng.choice(["invoice", "claim"]), "tiers": tiers}}
            for one in p["procedures"].values():
                one.pop("minimum", None)
                for level in one["levels"]:
                    level.pop("minimum", None)
                    level |= {name: True for name in ("interest", "compensation") if rng.random() < 0.9}
            for name in ("kinds", "charges", "procedure"):
                p.pop(name, None)
        if world.theme == "fall":
            p["unit"] = "customer"
            if rng.random() < 0.7:
                p["unapplied"] = "covers"
        if world.theme == "credit":
            p["unapplied"] = "listed"
            p["procedures"] = {name: {k: v for k, v in one.items() if k != "minimum"} for name, one in p["procedures"].items()}
    if kind < 0.13:
        start = world.today - rng.choice([5, 20, 20])
        end = start + rng.choice([0, 5, 15, 20, 30]) if rng.random() < 0.95 else start - 1
        yield {"do": "simulate_dunning", "policy": p, "from": world.text(start), "to": world.text(end)}
        if rng.random() < 0.5:
            other = policy(rng, world) if rng.random() < 0.5 else {**p, rng.choice(["credit_notes", "unapplied"]): "ignored", "quiet_days": "skip"}
            yield {"do": "compare_dunning", "policy": p, "other": other, "from": world.text(start), "to": world.text(min(end, start + 10))}
        return
    if kind < 0.33:
        start = world.today - rng.choice([3, 8, 14, 20] if world.theme != "twice" else [11, 14, 20])
        yield {"do": "audit_dunning", "policy": p, "from": world.text(start), "to": world.text(start + rng.choice([0, 8, 14, 20] if world.theme != "twice" else [14, 20])), "tolerance_days": rng.choice([0, 0, 1, 3])}
        return
    if kind < 0.37:
        yield {"do": "lint_dunning", "policy": p}
        return
    answer = yield step
    if "error" in answer:
        return
    if rng.random() < 0.15:
        count = len(answer["notices"])
        numbers = sorted(rng.sample(range(count), min(count, rng.choice([1, 1, 2]))))
        if rng.random() < 0.1:
            numbers = [count]
        answer = yield {"do": "dun_without", "notices": numbers}
        if "error" in answer:
            return
    if rng.random() < 0.6 or world.theme == "charged":
        posting = {"do": "post_dunning", "id_prefix": "d"}
        if rng.random() < 0.9:
            posting["recorded"] = world.text(world.today + 60)
        posted = yield posting
        if "error" in posted or "recorded" not in posting:
            return
        yield {"do": "dun", "as_of": step["as_of"], "policy": p}
        charged = any(line["interest_until"] for line in posted["notice_lines"])
        if rng.random() < (0.8 if charged else 0.1):
            yield {"do": "append", "recorded": world.text(world.today + 60), "facts": learnt_late(rng, world, posted)}
        if rng.random() < (0.9 if charged else 0.6):
            later = day + rng.choice([1, 5, 7, 8, 10, 30])
            p = revised(rng, p) if rng.random() < 0.4 else p
            answer = yield {"do": "dun", "as_of": world.text(later), "policy": p}
            if "error" not in answer and rng.random() < (0.6 if charged else 0.3):
                posted = yield {"do": "post_dunning", "id_prefix": "e", "recorded": world.text(world.today + 60)}
                if "error" not in posted and posted["documents"] and rng.random() < 0.4:
                    yield {"do": "dun", "as_of": world.text(later + rng.choice([5, 10, 20])), "policy": revised(rng, p)}
                elif "error" not in posted and rng.random() < 0.7:
                    rows = [row for d in world.everything("documents") if world.minor_of(d) > 1 and rng.random() < 0.4 for row in agreed_late(rng, world, d)]
                    if rows:
                        yield {"do": "append", "recorded": world.text(world.today + 60), "facts": {"instalments": rows}}
                    yield {"do": "dun", "as_of": world.text(day + rng.choice([30, 31, 40])), "policy": p}


def revised(rng, p):
    """A policy whose levels ask for other things; now and then the procedure of a customer is another, or has another name."""
    p = copy.deepcopy(p)
    if "interest" not in p:
        return p
    for one in p["procedures"].values():
        for level in one["levels"]:
            level |= {name: rng.random() < 0.6 for name in ("interest", "compensation") if rng.random() < 0.7}
    if rng.random() < 0.3:
        p["procedures"]["new"] = copy.deepcopy(p["procedures"][min(p["procedures"])])
        p["procedure"] = "new"
        p.pop("assign", None)
    return p


def learnt_late(rng, world, posted):
    """What changes what was owed on days for which interest was charged."""
    documents = world.everything("documents")
    debits, credits = ([d for d in documents if (world.minor_of(d) > 0) == above] for above in (True, False))
    told = {line["document"] for line in posted["notice_lines"]}
    d = rng.choice([d for d in debits if d["id"] in told and rng.random() < 0.8] or debits)
    kind = rng.choice(["paid", "paid", "paid", "all paid", "all paid", "all paid", "all paid", "cash", "dispute", "over", "bounced", "gone", "gone"])
    facts = {}
    if rng.random() < 0.3:
        facts["instalments"] = agreed_late(rng, world, d)
        kind = rng.choice(["paid", "all paid", kind])
    if kind == "gone":
        return {"cancellations": [{"document": d["id"], "effective": world.text(world.today)}]}
    if kind == "all paid":
        debts = [d for d in debits if d["id"] in told and d["kind"] != "charge"]
        for n, d in enumerate(debts):
            row = {"id": f"late{n}", "customer": d["customer"], "kind": "payment", "currency": d["currency"], "amount": world.money(-world.minor_of(d), d["currency"]), "document_date": world.text(world.today - rng.choice([4, 20, 45, 45, 45]))}
            facts.setdefault("documents", []).append(row | ({"company": d["company"]} if d.get("company") else {}))
            facts.setdefault("allocations", []).append({"id": f"late{n}", "credit": f"late{n}", "debit": d["id"], "amount": row["amount"].lstrip("-")})
        return facts
    if kind == "bounced" and credits:
        facts["cancellations"] = [{"document": rng.choice(credits)["id"], "effective": world.text(world.today - rng.choice([1, 5, 20]))}]
    elif kind == "over" and world.everything("disputes"):
        facts["closings"] = [{"of": rng.choice(world.everything("disputes"))["id"], "effective": world.text(world.today)}]
    elif kind == "dispute":
        facts["disputes"] = [{"id": "late", "document": d["id"], "reason": "PRICE", "amount": world.money(rng.choice([500, world.minor_of(d)]), d["currency"]), "effective": world.text(world.today)}]
    else:
        minor = rng.choice([world.minor_of(d), world.minor_of(d) // 2 or 1])
        row = {"id": "late", "customer": d["customer"], "kind": "payment", "currency": d["currency"], "amount": world.money(-minor, d["currency"]), "document_date": world.text(world.today - rng.choice([1, 4, 9, 20, 45]))}
        facts["documents"] = [row | ({"company": d["company"]} if d.get("company") else {})]
        if kind == "paid":
            facts["allocations"] = [{"id": "late", "credit": "late", "debit": d["id"], "amount": world.money(minor, d["currency"])}]
    return facts


def agreed_late(rng, world, d):
    """A schedule for a document, or another than it has: with the same numbers or others, some of it as it was."""
    minor, agreed = world.minor_of(d), world.text(max(world.effective(d), world.today + rng.choice([8, 8, 1, 1, 0, -20])))
    first, held = rng.choice([1, 1, 1, 2, 3]), [row for row in world.everything("instalments") if row["document"] == d["id"]]
    parts = zip((minor // 2, minor - minor // 2), (world.today + rng.choice([-20, -20, -3, 5]), world.today + rng.choice([-10, 6, 30])))
    rows = [{"number": n, "due_date": world.text(due), "amount": world.money(part, d["currency"])} for n, (part, due) in enumerate(parts, first)]
    if held and rng.random() < 0.5:
        rows = [{name: row[name] for name in ("number", "due_date", "amount")} for row in held[-2:]]
        rows[rng.choice([0, -1])]["due_date"] = world.text(world.today + rng.choice([-20, -3, 6, 30]))
    return [row | {"document": d["id"], "effective": agreed} for row in rows if minor > 1]


# --- what a case is about ---------------------------------------------------------------------------------------------------------


def classes(step, answer):
    found, verb, p = set(), step["do"], step.get("policy", {})
    if verb == "lint_dunning":
        return {"lint"} if answer["warnings"] else found
    if verb == "compare_dunning":
        found |= {"compared"} if answer["rows"] else set()
        return found | {"other reason" for row in answer["rows"] if row["other_reason"]}
    if verb == "audit_dunning":
        return {f"deviation {d['kind']}" for d in answer["deviations"]}
    if verb == "post_dunning":
        found |= {"posted"} if answer["notices"] else set()
        return found | ({"charges posted"} if answer["documents"] else set())
    if verb == "simulate_dunning":
        found |= {"simulated"} if answer["notices"] else set()
        found |= {"paid already"} if answer["paid_already"] else set()
    if verb not in ("dun", "dun_without", "simulate_dunning"):
        return found
    found |= {f"reason {row['reason']}" for row in answer.get("skipped", [])}
    whens = {t["id"]: t["when"] for t in p.get("triggers", [])}
    found |= {f"event {whens[e['trigger']]}" for e in answer.get("events", []) if e["trigger"] in whens}
    if answer.get("events"):
        found.add("events")
    if verb == "dun" and not answer["notices"] and any(row["reason"] == "noticed_today" for row in answer["skipped"]):
        found.add("empty on the day")
    if len(answer["notices"]) > 1:
        found.add("two notices")
    for n in answer["notices"]:
        found |= {"noticed", f"level {n['level']}", "next date" if n["next_date"] else "no next date"}
        for name, word in (("fee", "fee"), ("fee_tax", "fee tax"), ("line_fees", "line fee"), ("interest", "interest"), ("compensation", "compensation")):
            if float(n[name]):
                found.add(word)
        if p.get("unit") == "customer":
            found.add("unit customer")
        if p.get("notice_per") == "document":
            found.add("per document")
        for line in n["lines"]:
            if line["customer"] != n["customer"]:
                found.add("family")
            if line["level"] == 0:
                found.add("listed credit")
                continue
            if line["level"] == line["previous"]:
                found.add("a level again")
            if line["level"] > line["previous"] + 1:
                found.add("a level left out")
            if line["amount"] != line["open"]:
                found.add("part of an item")
            if line["instalment"]:
                found.add("line of an instalment")
        if p.get("currency") in ("base", "single") and n["currency"] != "USD":
            found.add("converted")
    return found
