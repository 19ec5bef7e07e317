"""Small ledgers of several months, and questions about how well was collected."""

import datetime

import kpi_policy

START = datetime.date(2026, 1, 15)  # that of every world

VERBS = {"kpis", "explain_dso"}
MATTERS = (
    "step kpis|step explain_dso|error policy_invalid|error unknown_value|error unknown_dimension|error base_amount_missing|figures in base|a series|grouped|filtered|rated"
    "|change explained|change of a group"
).split("|")
MATTERS += [f"value {name}" for name in kpi_policy.KPIS if name != "auto_match_rate"]
MATTERS += [f"none {why}" for why in sorted({why for why in kpi_policy.UNDEFINED.values() if why} | {"truncated_history", "truncated_no_sales", "negative_receivables"})]
KEYS = ["company", "control_account", "customer", "parent", "top_parent", "group", "kind", "document", "dim_area", "currency"]


def world(World):
    """The world of the other questions with promises, over fewer days apart, most of it settled."""

    class Measuring(World):
        def build(self):
            super().build()
            self.leave_some()
            self.promise_some()

        def leave_some(self):
            """Invoices of which a short payment left a document, which another payment pays."""
            facts = self.batches[0][1]
            for n in range(self.pick([0, 0, 1, 1, 2])):
                on, minor = self.pick(self.days), self.pick([1000, 10000])
                row = {"customer": self.pick(facts["customers"])["id"], "currency": self.pick(self.currencies)}
                invoice, rest = f"whole{n}", f"short{n}-r"
                text = lambda part: self.money(minor * part, row["currency"])
                facts["documents"] += [
                    {**row, "id": invoice, "kind": "invoice", "amount": text(10), "document_date": self.text(on)},
                    {**row, "id": f"money{n}", "kind": "payment", "amount": f"-{text(6)}", "document_date": self.text(on + 5)},
                    {**row, "id": f"more{n}", "kind": "payment", "amount": f"-{text(4)}", "document_date": self.text(on + self.pick([5, 6, 9, 40])), "related": self.pick([invoice, rest])},
                    {**row, "id": rest, "kind": "debit_note", "amount": text(4), "document_date": self.text(on + 6), "related": invoice},
                ]
                facts["allocations"].append({"id": f"short{n}", "credit": f"money{n}", "debit": invoice, "amount": text(6), "effective": self.text(on + 6)})
                if self.chance(0.5):
                    facts["allocations"].append({"id": f"full{n}", "credit": f"more{n}", "debit": rest, "amount": text(self.pick([1, 4])), "effective": self.text(on + 40)})
                facts["differences"].append({"id": f"left{n}", "document": invoice, "kind": "residual", "amount": text(4), "allocation": f"short{n}", "effective": self.text(on + 6)})

        def left_days(self):
            """By document of which something was left, or that was left, the day of that."""
            left = {}
            for _, facts, *_ in self.batches:
                for d in facts["differences"]:
                    if d.get("kind") == "residual" and "allocation" in d and isinstance(d.get("effective"), str):
                        left[d["document"]] = left[f"{d['allocation']}-r"] = d["effective"]
            return left

        def promise_some(self):
            facts = self.batches[0][1]
            customers = [c["id"] for c in facts["customers"]]
            cash = [d for d in facts["documents"] if d.get("kind") in ("payment", "advance") and isinstance(d.get("amount"), str)]
            for credit in cash:
                named = [d["id"] for d in facts["documents"] if d.get("customer") == credit.get("customer") and d.get("kind") == "invoice"]
                if named and "related" not in credit and self.chance(0.3):
                    credit["related"] = self.pick(named)
            left = self.left_days()
            for n in range(self.pick([0, 1, 2, 3, 3, 5, 7])):
                on = self.pick(self.days)
                row = {"id": f"promise{n}", "customer": self.pick(customers), "currency": self.pick(self.currencies)}
                paid = [d for d in cash if d.get("currency") in self.currencies]
                if paid and self.chance(0.6):
                    one = self.pick(paid)
                    row |= {"customer": one.get("customer", row["customer"]), "currency": one["currency"]}
                of = [d for d in facts["documents"] if d.get("customer") == row["customer"] and isinstance(d.get("amount"), str) and not d["amount"].startswith("-")]
                rested = [d for d in of if d["id"] in left]
                if of and self.chance(0.7):
                    document = self.pick(rested if rested and self.chance(0.7) else of)
                    row |= {"document": document["id"], "currency": document["currency"]}
                    if document["id"] in left and self.chance(0.7):
                        on = (datetime.date.fromisoformat(left[document["id"]]) - START).days - self.pick([0, 1, 5])
                row["amount"] = self.money(self.size(), row["currency"])
                facts["promises"].append({**row, "promised_date": self.text(on + self.pick([0, 5, 30])), "effective": self.text(on)})
                if self.chance(0.2):
                    facts["closings"].append({"of": row["id"], "effective": self.text(on + self.pick([1, 5, 31]))})
            for dispute in facts["disputes"]:
                if self.chance(0.5) and isinstance(dispute.get("effective"), str):
                    facts["closings"].append({"of": dispute["id"], "effective": self.text(self.pick(self.days) + 40)})

    return Measuring


def policy(rng):
    p = {}
    if rng.random() < 0.7:
        p["kpis"] = rng.sample(kpi_policy.KPIS, rng.randint(1, 12))
    for name, values in (("months", [1, 1, 2, 3, 12]), ("history_months", [1, 2, 3, 6]), ("series_months", [1, 2, 3]), ("at_risk_days", [0, 1, 30]), ("top", [1, 2]), ("tolerance_days", [0, 5, 30]), ("digits", [0, 1, 4, 8])):
        if rng.random() < 0.4:
            p[name] = rng.choice(values)
    for name, words in kpi_policy.CHOICES.items():
        if rng.random() < 0.25:
            p[name] = rng.choice(words)
    if rng.random() < 0.3:
        names = p.get("kpis", kpi_policy.KPIS)
        p["ratings"] = [
            {"rating": rating, "conditions": [{"kpi": rng.choice(names), rng.choice(["at_least", "at_most"]): rng.choice(["0", "10", "99.5", "-3"])} for _ in range(rng.choice([0, 1, 1, 2]))]}
            for rating in rng.sample(["good", "average", "bad"], rng.choice([1, 2, 3]))
        ]
    if rng.random() < 0.06:
        spoil(rng, p)
    return p


def spoil(rng, p):
    name, value = rng.choice(
        [("months", 0), ("history_months", 121), ("series_months", "2"), ("digits", 9), ("top", 0), ("early", "late"), ("kpis", ["dso"]), ("kpis", []), ("kpis", ["cei", "cei"])]
        + [("ratings", [{"rating": ""}]), ("ratings", [{"rating": "A", "conditions": [{"kpi": "cei"}]}]), ("ratings", {}), ("window", 3), ("at_risk_days", 36526), ("rounding", "half_up")]
    )
    p[name] = value


def ask(rng, world):
    from differential import where

    day = rng.choice(world.days[len(world.days) // 2 :]) + rng.choice([0, 1, 10, 30, 31, 60, 75])
    step = {"do": rng.choice(["kpis", "kpis", "kpis", "explain_dso"]), "as_of": world.text(day), "policy": policy(rng)}
    if rng.random() < 0.3:
        step["known_on"] = world.text(rng.choice(world.days) + rng.choice([-1, 0, 20, 40]))
    if rng.random() < 0.6:
        step["by"] = rng.sample(KEYS + (["colour"] if rng.random() < 0.1 else []), rng.choice([1, 1, 2]))
    if rng.random() < 0.25:
        step["where"] = where(rng, world)
    if step["do"] == "explain_dso":
        step["before"] = world.text(day - rng.choice([0, 1, 30, 31, 45]))
        if rng.random() < 0.2:
            step["before_known_on"] = world.text(day)
    yield step


def classes(step, answer):
    if step["do"] not in VERBS:
        return set()
    found = set()
    if step["policy"].get("currency") == "base":
        found.add("figures in base")
    if step["policy"].get("series_months", 1) > 1:
        found.add("a series")
    if step.get("by"):
        found.add("grouped")
    if step.get("where"):
        found.add("filtered")
    for row in answer["rows"]:
        for value in row.get("values", ()):
            found.add(f"none {value['undefined']}" if value["value"] is None else f"value {value['kpi']}")
        if row.get("rating"):
            found.add("rated")
        if row.get("mix") is not None:
            found.add("change explained")
            if len(answer["rows"]) > 1:
                found.add("change of a group")
    return found
