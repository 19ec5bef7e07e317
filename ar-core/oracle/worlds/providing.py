"""Small ledgers with disputes and write-offs, and questions about what is provided for and what history says."""

VERBS = {"provision", "explain_provision", "loss_rates", "back_test"}
RULES = "provision.matrix provision.specific provision.credit".split()
MATTERS = (
    "step provision|step explain_provision|step loss_rates|step back_test|error loss_rate_missing|error policy_invalid|error rate_missing"
    "|error base_amount_missing|a journal up|a journal down|taken|disputed apart|rounding shows|capped|coverage"
    "|provision.specific_rate|provision.specific_amount|provision.specific_capped|derived|given|nothing_reached|too_few_items|not_enough_history"
    "|a matrix of history|lost in history|rolled on|written off since|settled since|still open since|a specific entry since"
).split("|") + [f"rule {rule}" for rule in RULES]


def world(World):
    """The world of the other questions with more that is never paid."""

    class Providing(World):
        def size(self):
            return self.pick([1000, 9999, 10000, 100000, 123456, self.rng.randint(1, 5_000_000), 7])

        def settle(self, count):
            super().settle(count)
            for _ in range(self.rng.choice([0, 1, 2])):
                debits = [d for d in self.everything("documents") if self.minor_of(d) > 0]
                if debits:
                    document = self.pick(debits)
                    row = {"id": self.name("d"), "document": document["id"], "kind": "write_off"}
                    row["amount"] = self.money(max(1, self.minor_of(document) // self.pick([1, 2, 5])), document["currency"])
                    self.add("differences", {**row, "effective": self.text(self.effective(document) + self.pick([0, 10, 40, 90]))})

    return Providing


def aging(rng, currency=True):
    p = {"edges": rng.choice([[0], [0, 30], [0, 30, 60, 90], [-1, 10], [5, 20, 40]])}
    for name, words in (("edge_rule", ["from_inclusive"]), ("basis", ["document_date", "posting_date"]), ("credits", ["apart", "on_invoice"]), ("disputed", ["apart"]), ("held", ["apart"])):
        if rng.random() < 0.15:
            p[name] = rng.choice(words)
    if currency and rng.random() < 0.15:
        p["currency"] = rng.choice(["base", "revalued"])
    return p


def rates(rng, count):
    return [rng.choice(["0", "0.003", "0.016", "1/3", "2/23", "0.5", "0.123456789012", "1"]) for _ in range(count)]


def policy(rng, world, currency=True):
    p = {"aging": aging(rng, currency)}
    count = len(p["aging"]["edges"]) + 1
    if rng.random() < 0.5:
        p["pools"] = rng.sample(["customer", "group", "dim_area", "company", "kind", "parent"], rng.choice([1, 1, 2]))
        if "dim_area" in p["pools"] and not any("dimensions" in r for r in world.everything("customers") + world.everything("documents")):
            p["pools"].remove("dim_area")
    p["matrices"] = []
    if rng.random() < 0.93:
        p["matrices"].append({"rates": rates(rng, count)})
    if rng.random() < 0.3 or not p["matrices"]:
        p["matrices"].append({"currency": rng.choice(world.currencies), "rates": rates(rng, count)})
    if p.get("pools") == ["customer"] and rng.random() < 0.5:
        p["matrices"].append({"pool": ["C1"], "rates": rates(rng, count)})
    for m in p["matrices"]:
        if rng.random() < 0.4:
            m["overlay"] = {"reason": "r", "factors": rng.choice([[], ["1.1"], ["0"], ["2.5"]]), "points": rng.choice([[], ["0.01"], ["-0.1"]])}
            if rng.random() < 0.3:
                m["overlay"]["above_one"] = "kept"
    p["credits"] = rng.choice(["excluded", "in_bucket", "against_oldest"])
    p["disputed"] = rng.choice(["in_bucket", "excluded", "own_rate"])
    if p["disputed"] == "own_rate":
        p["disputed_rate"] = rng.choice(["0.25", "1/3"])
    if rng.random() < 0.5:
        p["specific"] = [specific(rng, world)]
    if rng.random() < 0.4:
        p["rounding"] = rng.choice("half_even half_toward_zero half_ceiling half_floor up down ceiling floor".split())
    if rng.random() < 0.03:
        p["pools"] = ["currency"]
    return p


def specific(rng, world):
    entry = {"reason": "r"}
    documents = world.everything("documents")
    if documents and rng.random() < 0.5:
        document = rng.choice(documents)
        entry["document"], currency = document["id"], document["currency"]
    else:
        entry["customer"], currency = rng.choice(world.everything("customers"))["id"], rng.choice(world.currencies)
    if rng.random() < 0.5:
        entry["rate"] = rng.choice(["0", "1/3", "0.8", "1"])
    else:
        entry |= {"currency": currency, "amount": world.money(rng.choice([0, 100, 5000, 99_000_000]), currency)}
    return entry


def ask(rng, world):
    """Steps, one after the other; each gets its answer sent back."""
    for _ in range(rng.choice([1, 2, 3])):
        view = {"as_of": world.text(max(world.days) + rng.choice([-20, 0, 10, 31, 90]))}
        if rng.random() < 0.15:
            view["known_on"] = world.text(rng.choice(world.days) + rng.choice([0, 5, 20, 40]))
        verb = rng.choice(["provision", "provision", "explain_provision", "loss_rates", "loss_rates", "back_test"])
        if verb == "loss_rates":
            p = {"aging": aging(rng, False), "method": rng.choice(["cohort", "roll_rates"]), "from": world.text(rng.choice(world.days) + rng.choice([-60, -20, 0, 5]))}
            if rng.random() < 0.4:
                p["to"] = world.text(max(world.days) + rng.choice([-10, 0, 20]))
                if p["to"] < p["from"]:
                    del p["to"]
            if rng.random() < 0.7:
                p |= {"step": "days", "step_days": rng.choice([1, 3, 10, 30])}
            if rng.random() < 0.4:
                p["pools"] = rng.choice([["customer"], ["group"], ["kind"]])
            for name, values in (("still_open", ["not_lost"]), ("last_rate", ["0.5", "1/3", "0"]), ("minimum_items", [2, 3]), ("digits", [0, 2, 6, 12]), ("loss_kinds", [["write_off", "other"], ["tolerance"]])):
                if rng.random() < 0.3:
                    p[name] = rng.choice(values)
            yield {"do": verb, **view, "policy": p}
            continue
        step = {"do": verb, **view, "policy": policy(rng, world, verb != "back_test")}
        if verb == "back_test":
            step["then"] = world.text(rng.choice(world.days) + rng.choice([0, 5, 20]))
            if rng.random() < 0.3:
                step["still_open"] = "not_lost"
        elif verb == "explain_provision":
            if rng.random() < 0.5:
                step["customer"] = "C1"
        elif rng.random() < 0.6:
            step["before"] = [{"currency": c, "amount": world.money(rng.choice([0, 100, 50000, 9_000_000]), c)} for c in world.currencies]
        yield step


def classes(step, answer):
    if step["do"] not in VERBS:
        return set()
    found = set()
    if step["do"] == "provision":
        rows = answer["rows"]
        found |= {"taken" for row in rows if float(row["taken"])} | {"disputed apart" for row in rows if float(row["disputed"])}
        found |= {"capped" for row in rows if row["applied"] == "1" and row["rate"] != "1"}
        found |= {"rounding shows" for pool in answer["pools"] if pool["rounded_once"] != pool["provision"]}
        found |= {row["rule"] for row in answer["specific"]} | {"coverage" for pool in answer["pools"] if pool["coverage"]}
        found |= {"a journal down" if total["movement"].startswith("-") else "a journal up" for total in answer["totals"] if float(total["movement"])}
    if step["do"] == "explain_provision":
        found |= {f"rule {item['rule']}" for item in answer["items"]}
    if step["do"] == "loss_rates":
        found |= {row["outcome"] for row in answer["rows"]} | {"a matrix of history" for _ in answer["matrices"]}
        found |= {"lost in history" for row in answer["rows"] if float(row["lost"])} | {"rolled on" for row in answer["rows"] if float(row["rolled"])}
    if step["do"] == "back_test":
        for name in ("written_off", "settled", "still_open"):
            found |= {f"{name.replace('_', ' ')} since" for row in answer["rows"] if float(row[name])}
        found |= {"a specific entry since" for row in answer["rows"] if row["customer"] or row["document"]}
    return found
