"""Small ledgers with limits, orders and releases, and questions about exposure, checks, alerts and limits."""

from datetime import timedelta

from values import day

VERBS = {"exposure", "credit_check", "credit_alerts", "propose_limit"}
CHECKS = "limit family_limit part document_value overdue_share oldest_open dunning_level overdue_amount review_date critical_fields score blocked".split()
ALERTS = "score_below limit_used overdue dispute_opened promise_broken concentration".split()
MATTERS = (
    "step exposure|step credit_check|step credit_alerts|step propose_limit|decision pass|decision warn|decision block|decision released"
    "|headroom|no headroom|may release|changed since|a row with a limit|a row without|family rows|used|error unknown_value|error rate_missing"
    "|error unknown_currency|reason volume|reason sales|reason score|reason late|reason new|reason maximum|reason minimum|reason step|reason blocked|alerts posted"
).split("|") + [f"check {name}" for name in CHECKS] + [f"failed {name}" for name in CHECKS] + [f"alert {name}" for name in ALERTS]


def world(World):
    """The world of the other questions with more that counts for credit."""

    class Crediting(World):
        def extras(self):
            super().extras()
            customers, documents = self.everything("customers"), self.everything("documents")
            for _ in range(self.rng.choice([0, 1, 2, 3])):
                self.line(customers)
            for _ in range(self.rng.choice([0, 1, 2, 3, 5])):
                self.commit(customers, documents)
            for _ in range(self.pick([0, 1, 1, 2])):
                row = {"id": self.name("r"), "customer": self.pick(customers)["id"], "order": self.pick(["O1", "O2"]), "currency": self.pick(self.currencies)}
                row["amount"] = self.money(self.pick([1000, 20000, 100000, 1_000_000, 1_000_000, 10_000_000]), row["currency"])
                self.add("releases", self.when({**row, "by": self.pick(["head", "head", "head", "clerk", "anna"])}, self.day()))
            for commitment in self.everything("commitments"):
                if self.chance(0.2):
                    self.add("closings", self.when({"of": commitment["id"]}, self.day()))
            for document in documents:
                if self.everything("commitments") and "order" not in document and self.chance(0.25):
                    alike = [one for one in self.everything("commitments") if one["currency"] == document["currency"]]
                    one = self.pick(alike if alike and self.chance(0.5) else self.everything("commitments"))
                    # An invoice names the order behind a delivery as often as the delivery.
                    document["order"] = one.get("order", one["id"]) if self.chance(0.5) else one["id"]
            for _ in range(self.rng.choice([0, 1, 2, 3, 4])):
                self.attribute(customers)
            for _ in range(self.rng.choice([0, 1, 2, 3])):
                row = {"id": self.name("n"), "customer": self.pick(customers)["id"], "level": self.rng.randint(1, 4)}
                if documents and self.chance(0.8):
                    document = self.pick(documents)
                    row["document"] = document["id"]
                    if self.chance(0.8):
                        row["customer"] = document["customer"]
                self.add("notices", self.when(row, self.day()))
            for _ in range(self.rng.choice([0, 0, 1, 2, 3])):
                self.promise(customers, documents)

        def promise(self, customers, documents):
            row = {"id": self.name("t"), "customer": self.pick(customers)["id"], "currency": self.pick(self.currencies)}
            if documents and self.chance(0.3):
                document = self.pick(documents)
                row |= {"document": document["id"], "customer": document["customer"], "currency": document["currency"]}
            made = self.day()
            row["promised_date"] = self.text(made + self.pick([0, 3, 10, 40]))
            row["amount"] = self.money(self.pick([500, 1000, 10000]), row["currency"])
            self.add("promises", self.when(row, made))

        def line(self, customers):
            kind = self.pick(["limit", "limit", "limit", "family_limit", "family_limit", "guarantee", "insurance", "open_items", "overdue", "orders", "deliveries", "drafts"])
            row = {"id": self.name("l"), "kind": kind, "currency": self.pick(self.currencies)}
            if kind in ("family_limit", "guarantee", "insurance") or self.chance(0.7):
                row["customer"] = self.pick(customers)["id"]
            elif self.chance(0.5):
                row["group"] = self.pick(["g1", "g2"])
            if kind in ("guarantee", "insurance") or self.chance(0.9):
                row["amount"] = self.money(self.pick([0, 100, 1000, 10000, 20000, 50000, 1_000_000]), row["currency"])
            if self.chance(0.2) and not self.one:
                row["company"] = self.pick(["X", "Y"])
            day = self.day()
            if self.chance(0.2):
                row["until"] = self.text(day + self.pick([0, 10, 60, 200]))
            self.add("credit_lines", self.when(row, day))

        def commit(self, customers, documents):
            kind = self.pick(["draft", "order", "order", "delivery"])
            row = {"id": self.name("O"), "customer": self.pick(customers)["id"], "kind": kind, "currency": self.pick(self.currencies)}
            minor = self.size()
            row["amount"] = self.money(minor, row["currency"])
            if self.chance(0.4):
                row["net"] = self.money(minor * 100 // 119, row["currency"])
            if self.chance(0.5):
                row["expected_date"] = self.text(self.day() + self.pick([0, 20, 60]))
            others = self.everything("commitments")
            if others and self.chance(0.5):
                one = self.pick(others)
                row["order"] = one["id"]
                if self.chance(0.7):
                    row |= {"customer": one["customer"], "currency": one["currency"], "amount": self.money(minor, one["currency"])}
                    row.pop("net", None)
            if self.chance(0.2) and not self.one:
                row["company"] = self.pick(["X", "Y"])
            self.add("commitments", self.when(row, self.day()))

        def attribute(self, customers):
            name = self.pick(["credit_score", "score", "score", "score", "blocked", "blocked", "review_date", "name", "terms", "limit"])
            value = {"credit_score": ["10"], "score": ["10", "50", "80.5", "x"], "blocked": ["all", "orders", ""], "name": ["N", "M"], "terms": ["N10"], "limit": ["100.00", "0.00", "100.00 EUR", "5 ?"]}
            row = {"customer": self.pick(customers)["id"], "attribute": name}
            row["value"] = self.text(self.day()) if name == "review_date" else self.pick(value[name])
            self.add("customer_changes", self.when(row, self.day()))

    return Crediting


# --- policies -------------------------------------------------------------------------------------------------------------------


def amounts(rng, values):
    return [{"currency": c, "amount": rng.choice(values)} for c in rng.sample(["EUR", "USD", "JPY"], rng.choice([1, 2, 3]))]


def check(rng):
    kind = rng.choice(CHECKS)
    one = {"check": kind}
    line = kind in ("limit", "family_limit", "part")
    if rng.random() < 0.4:
        one["reaction"] = rng.choice(["block", "warn", "pass"])
    if kind in ("limit", "family_limit") and rng.random() < 0.3:
        one["horizon_days"] = rng.choice([0, 10, 30, 90])
    if (line or kind in ("document_value", "overdue_share", "oldest_open", "dunning_level", "overdue_amount")) and rng.random() < 0.3:
        one["edge"] = rng.choice(["up_to", "below"])
    if line and rng.random() < 0.3:
        one["zero"] = rng.choice(["nothing", "unlimited", "inherits", "inherits"])
    if (line or kind in ("review_date", "score")) and rng.random() < 0.4:
        one["missing"] = rng.choice(["passes", "fails"])
    if kind == "part":
        one["part"] = rng.choice(["open_items", "overdue", "deliveries", "orders", "drafts"])
        if one["part"] == "overdue" and rng.random() < 0.5:
            one["days"] = rng.choice([0, 10, 30])
    if kind in ("overdue_share", "oldest_open", "overdue_amount"):
        one["days"] = rng.choice([0, 1, 10, 30, 31, 60])
    if kind in ("oldest_open", "overdue_amount") and rng.random() < 0.4:
        one["credits"] = rng.choice(["apart", "netted", "netted"])
    if kind == "overdue_share":
        one["percent"] = rng.choice(["0", "10", "33.33", "50", "100"])
    if kind in ("document_value", "overdue_amount"):
        one["maximum"] = amounts(rng, ["0", "1", "10.00", "50", "100"])
    if kind == "dunning_level":
        one["level"] = rng.choice([0, 0, 0, 1, 2])
    if kind == "review_date" and rng.random() < 0.5:
        one["buffer_days"] = rng.choice([0, 10, 30])
    if kind == "critical_fields":
        one |= {"fields": rng.choice([["terms"], ["name", "terms"], ["parent"]]), "within_days": rng.choice([0, 10, 90])}
    if kind == "score":
        one["minimum"] = rng.choice(["20", "50", "80.5"])
    if kind == "blocked" and rng.random() < 0.4:
        one["blocks"] = [rng.choice(["all", "orders"])]
    return one


def policy(rng):
    p = {}
    if rng.random() < 0.8:
        p["checks"] = [check(rng) for _ in range(rng.choice([1, 2, 3, 5]))]
    for name, words in (("currencies", ["converted", "apart"]), ("companies", ["together", "apart"]), ("amounts", ["gross", "net"]), ("reductions", ["checked", "pass"])):
        if rng.random() < 0.35:
            p[name] = rng.choice(words)
    if rng.random() < 0.3:
        p["parts"] = rng.sample(["open_items", "credit_notes", "unapplied", "prepayments", "deliveries", "orders", "drafts", "document", "guarantees", "insurance"], rng.choice([3, 6, 9]))
    if rng.random() < 0.7:
        p["release"] = [{"role": "head"}, {"role": "clerk", "up_to": amounts(rng, ["10", "100"])}][: rng.choice([1, 2])]
        if rng.random() < 0.3:
            p["release"][0]["checks"] = rng.sample(CHECKS, 3)
    if rng.random() < 0.3:
        p["release_days"] = rng.choice([0, 5, 60])
    if rng.random() < 0.3:
        p["release_percent"] = rng.choice(["0", "10", "33.3"])
    if rng.random() < 0.3:
        p["release_covers"] = rng.choice(["what_failed", "anything"])
    return p


def alerts(rng):
    rules = []
    for at in range(rng.choice([1, 2, 3])):
        one = {"id": f"a{at}", "when": rng.choice([*ALERTS, "limit_used"])}
        if one["when"] == "score_below":
            one["minimum"] = rng.choice(["20", "60", "90"])
        if one["when"] in ("limit_used", "concentration"):
            one["percent"] = rng.choice(["0", "0", "10", "50", "100"])
        if one["when"] == "limit_used" and rng.random() < 0.4:
            one |= rng.choice([{"per": "family"}, {"per": "family"}, {"per": "customer"}, {"company": rng.choice(["", "X", "X", "Y", "none"])}, {"per": "family", "company": rng.choice(["X", "Y"])}])
        if one["when"] == "concentration" and rng.random() < 0.4:
            one["per"] = rng.choice(["family", "customer"])
        if rng.random() < 0.02:
            one |= rng.choice([{"id": ""}, {"id": "a/b"}, {"per": "family"}, {"company": "X"}, {"per": "group"}])
        if one["when"] == "overdue" or (one["when"] == "promise_broken" and rng.random() < 0.4):
            one["days"] = rng.choice([0, 1, 10, 30])
        rules.append(one)
    return {"alerts": rules, **{name: value for name, value in policy(rng).items() if name in ("currencies", "companies", "parts")}}


def proposal(rng):
    p = {}
    if rng.random() < 0.5:
        p |= {"volume_days": rng.choice([0, 30, 60]), "history_days": rng.choice([1, 90, 365])}
    if rng.random() < 0.6:
        p["score"] = [{"from": "20", "percent": "50"}, {"from": "60", "percent": "100"}][: rng.choice([1, 2])]
    if rng.random() < 0.85:
        p["late"] = [{"from": "1", "percent": "80"}, {"from": "10.5", "percent": "33.3"}][: rng.choice([1, 2])]
    if rng.random() < 0.3:
        p["blocks"] = rng.choice([[], ["all"], ["orders", "all"]])
    if rng.random() < 0.4:
        p["new_percent"] = rng.choice(["0", "50", "120"])
    for name, values in (("step", ["1", "10", "7"]), ("minimum", ["0", "100", "2000", "2500.5"]), ("maximum", ["0", "50", "1000"])):
        if rng.random() < 0.35:
            p[name] = amounts(rng, values)
    return p


# --- questions --------------------------------------------------------------------------------------------------------------------


def ask(rng, world):
    """Steps, one after the other; each gets its answer sent back."""
    last = world.now if world.now is not None else max(world.days)
    for _ in range(rng.choice([1, 2, 3])):
        view = {"as_of": world.text(max(world.days) + rng.choice([-20, 0, 10, 31, 90]))}
        if rng.random() < 0.15:
            view["known_on"] = world.text(rng.choice(world.days) + rng.choice([0, 5, 20, 40]))
        customers = [c["id"] for c in world.everything("customers")]
        who, currency = rng.choice(customers), rng.choice(world.currencies)
        verb = rng.choice([*["credit_check"] * 5, "exposure", "exposure", *["credit_alerts"] * 4, *["propose_limit"] * 2])
        # An alert looks at many days; which of them it is refused for, where one lacks a rate, nobody has fixed.
        used = {row["currency"] for table in ("documents", "commitments", "credit_lines") for row in world.everything(table)}
        if verb == "credit_alerts" and len(used) > 1:
            verb = "exposure"
        step = {"do": verb, **view, "policy": policy(rng)}
        if verb == "exposure":
            if rng.random() < 0.5:
                step["per"] = rng.choice(["customer", "family"])
            if rng.random() < 0.2:
                step["company"] = rng.choice(["", "X", "Y"])
        if verb == "credit_check":
            minor = rng.choice([0, 1, 100, 1000, 5000, 10000, 50000])
            step |= {"customer": who if rng.random() > 0.04 else "nobody", "amount": world.money(minor, currency), "currency": currency if rng.random() > 0.04 else "GBP"}
            for name, values, part in (
                ("kind", ["order", "draft", "delivery", "invoice"], 0.4), ("company", ["X", "Y"], 0.2), ("order", ["O1", "O2"], 0.5),
                ("follows", ["O1", "O2", "O3"], 0.2), ("terms", ["N10", "N90"], 0.2),
            ):
                if rng.random() < part:
                    step[name] = rng.choice(values)
            if rng.random() < 0.3:
                step["expected_date"] = world.text(rng.choice(world.days) + rng.choice([0, 30, 100]))
            if rng.random() < 0.2:
                step["net"] = world.money(minor * 100 // 119, currency)
            posted = world.everything("commitments")
            if posted and rng.random() < 0.4:
                posted_again(rng, step, rng.choice(posted), posted)
        if verb == "credit_alerts":
            step |= {"policy": alerts(rng), "before": world.text(rng.choice(world.days) + rng.choice([-30, -5, 0, 5]))}
            if rng.random() < 0.4:
                step["before_known_on"] = world.text(rng.choice(world.days) + rng.choice([0, 5, 20]))
        if verb == "propose_limit":
            step["policy"] = {"proposal": proposal(rng)} if rng.random() < 0.8 else {}
            step["currency"] = currency
            if rng.random() < 0.8:
                step["customer"] = who
            if rng.random() < 0.5:
                step["monthly_volume"] = rng.choice(["1000", "0", "33", "-1"] if rng.random() < 0.1 else ["1000", "0", "33"])
            if rng.random() < 0.4:
                step["score"] = rng.choice(["10", "60", "99.9"])
        told = yield step
        if verb == "credit_alerts" and told and told.get("alerts") and "known_on" not in view and rng.random() < 0.9:
            again = {**step, "recorded": max(view["as_of"], world.text(last))}
            if again["recorded"] == view["as_of"]:
                yield again
                if rng.random() < 0.5:
                    yield learnt_late(rng, world, told["alerts"], again["recorded"])
                    step = {**step, "before": world.text(min(world.days) - 40)}
                yield {**step}


def learnt_late(rng, world, alerts, recorded):
    """That some weeks ago all was well for a while: what was told began later, then."""
    changes = []
    for alert in alerts:
        on = day(alert["day"]) + timedelta(days=rng.choice([0, 1, 3, 10]))
        for n, score in ((0, "99"), (rng.choice([1, 3]), rng.choice(["10", "50"]))):
            changes.append({"customer": alert["customer"], "attribute": "score", "value": score, "effective": min((on + timedelta(days=n)).isoformat(), recorded)})
    return {"do": "append", "recorded": recorded, "facts": {"customer_changes": changes}}


def posted_again(rng, step, row, posted):
    """Makes a check one of a document that is posted: as it stands, or nearly."""
    step |= {"customer": row["customer"], "currency": row["currency"], "order": row["id"], "kind": row["kind"]}
    for name in ("net", "expected_date", "company"):
        step.pop(name, None)
        if name in row and rng.random() < 0.5:
            step[name] = row[name]
    if rng.random() < 0.4:
        step.pop("kind")
    step.pop("follows", None)
    if "order" in row and rng.random() < 0.5:
        step["follows"] = row["order"]
    elif rng.random() < 0.2:
        step["follows"] = rng.choice(posted)["id"]
    step["amount"] = row["amount"]
    if rng.random() < 0.3:
        step["amount"] = rng.choice(posted)["amount"]
    if rng.random() < 0.2:
        step["kind"] = rng.choice(["order", "draft", "delivery", "invoice"])


# --- what a case is about -------------------------------------------------------------------------------------------------------


def classes(step, answer):
    if step["do"] not in VERBS:
        return set()
    found = set()
    if step["do"] == "exposure":
        rows = answer["rows"]
        found |= {"a row with a limit" if row["limit"] is not None else "a row without" for row in rows}
        found |= {"used" for row in rows if row["used"] is not None}
        found |= {"family rows"} if rows and step.get("per") == "family" else set()
    if step["do"] == "credit_check":
        found.add(f"decision {answer['decision']}")
        found.add("no headroom" if answer["headroom"] is None else "headroom")
        found |= {"may release"} if answer["may_release"] else set()
        found |= {"changed since"} if answer["changed"] else set()
        for one in answer["checks"]:
            found.add(f"check {one['check']}")
            found |= set() if one["passed"] else {f"failed {one['check']}"}
    if step["do"] == "credit_alerts":
        found |= {f"alert {one['when']}" for one in answer["alerts"]}
        found |= {"alerts posted"} if step.get("recorded") and answer["alerts"] else set()
    if step["do"] == "propose_limit":
        found |= {f"reason {one['step']}" for one in answer["reasons"]}
    return found
