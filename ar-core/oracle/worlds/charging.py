"""Small ledgers and single debts, and questions about the interest and compensation that they bear."""

import datetime

import interest

VERBS = {"interest", "explain_interest", "debt_interest"}
MATTERS = (
    "step interest|step explain_interest|step debt_interest|error policy_invalid|error rate_missing|error unknown_reference|error over_allocation"
    "|interest.accrued|interest.not_late|interest.in_grace|interest.charged|interest.below_minimum|several segments|several rates|several balances|a gap between segments"
    "|compounded|compounded on a changed balance|basis outstanding|basis balance_due|rounded per_segment|rounded per_day|per days|closed|item of an instalment|disputed out|late after the proof"
    "|two rates of one day|locked|floating|at_payment|half_year|half_year_before|rate of zero|grace free|grace threshold|longest|minimum of an account"
    "|compensation|compensation of a claim|compensation of a later item|charged|charged an instalment|known_on"
).split("|") + [f"count {name}" for name in interest.COUNTS]


def world(World):
    """The world of the other questions with larger amounts and more that is late."""

    class Charging(World):
        def size(self):
            return self.pick([1000, 9999, 10000, 36500, 100000, 100000, 123456, self.rng.randint(1, 5_000_000), 999_999_999])

    return Charging


# --- policies -------------------------------------------------------------------------------------------------------------------


def rates(rng, world, least):
    days = sorted(rng.sample(range(-200, 300), rng.choice([1, 1, 2, 3, 5])))
    days[0] = rng.choice([-400, -400, -400, -400, -400, -400, days[0]])
    percents = ["0", "1", "5", "8", "8", "9.5", "12.25", "12.25", "0.000001", "3.333333", "100"] + (["-0.88", "-8", "-12.5"] if least < 0 else [])
    return [{"from": world.text(d), "percent": rng.choice(percents)} for d in sorted(set(days))]


def policy(rng, world):
    p = {}
    if rng.random() < 0.5:
        p["rates"] = rates(rng, world, 0)
    else:
        p["reference"] = {"margin": rng.choice(["8", "8", "9", "0", "9.2", "-1"]), "rates": rates(rng, world, -1000)}
        if rng.random() < 0.8:
            p["reference"]["rule"] = rng.choice(["floating", "locked", "at_payment"])
        if rng.random() < 0.7:
            p["reference"]["periods"] = rng.choice(["as_listed", "half_year", "half_year_before"])
    if rng.random() < 0.2:
        p["per"] = {"days": rng.choice([1, 7, 30, 30, 365])}
    if rng.random() < 0.65:
        p["day_count"] = rng.choice(interest.COUNTS)
    if rng.random() < 0.3:
        p["basis"] = rng.choice(interest.CHOICES["basis"])
    if rng.random() < 0.3:
        p["paid_from"] = rng.choice(["credit", "match"])
    if rng.random() < 0.25 and p.get("basis") != "balance_due":
        p["compounding"] = "monthly"
        p["day_count"] = rng.choice(["actual_360", "actual_365_fixed"])
        if p.get("reference", {}).get("rule") == "at_payment" and rng.random() < 0.9:
            p["reference"]["rule"] = "locked"
    elif rng.random() < 0.5:
        p["rounded"] = rng.choice(["once", "per_segment", "per_segment", "per_day"])
    if rng.random() < 0.3:
        p["rounding"] = rng.choice(interest.ROUNDINGS)
    if rng.random() < 0.35:
        p |= {"grace_days": rng.choice([0, 1, 10, 30, 100]), "grace": rng.choice(["threshold", "free"])}
    if rng.random() < 0.15:
        p["longest_days"] = rng.choice([1, 30, 60, 365])
    if rng.random() < 0.25:
        currencies = rng.sample(["EUR", "USD", "JPY", "KWD"], rng.choice([1, 2, 4]))
        p["minimum"] = [{"currency": c, "amount": rng.choice(["0", "1", "5.00", "5", "20", "0.333"])} for c in currencies]
        if rng.random() < 0.6:
            p["minimum_per"] = "account"
    if rng.random() < 0.25:
        p["kinds"] = rng.choice([["invoice"], ["invoice", "debit_note", "charge", "refund", "journal"], ["charge"], ["payment", "invoice", "credit_note", "advance", "journal"]])
    if rng.random() < 0.45:
        p["closed"] = "included"
    if rng.random() < 0.45:
        p["disputed"] = "excluded"
    if rng.random() < 0.15:
        p["requirements"] = rng.choice(["respected", "ignored", "ignored"])
    if rng.random() < 0.5:
        tiers = [{"currency": c, "amount": rng.choice(["40", "40", "12.345"])} for c in ("EUR", "USD", "JPY")]
        tiers += [{"currency": c, "from": "1000", "amount": "70"} for c in ("EUR", "JPY")]
        p["compensation"] = {"tiers": tiers, "per": rng.choice(["invoice", "claim"])}
    if rng.random() < 0.03:
        spoil(rng, p, world)
    return p


def spoil(rng, p, world):
    day = world.text(0)
    name, value = rng.choice(
        [
            ("rates", []), ("rates", [{"from": day, "percent": "1"}, {"from": day, "percent": "2"}]), ("rates", [{"from": day, "percent": "-1"}]),
            ("rates", [{"from": day, "percent": "1.0000001"}]), ("rates", [{"from": day}]), ("rates", [{"from": day, "percent": "x"}]), ("rates", ["x"]),
            ("reference", {"rates": [{"from": day, "percent": "1"}]}), ("reference", {"margin": "8"}), ("reference", {"margin": "8", "rule": "fixed"}),
            ("reference", {"margin": "8", "colour": 1}), ("reference", {"margin": "1001", "rates": [{"from": day, "percent": "1"}]}), ("per", {"days": 0}),
            ("per", {"days": 3661}), ("day_count", "actual"), ("compounding", "daily"), ("basis", "average"), ("rounded", "never"), ("rounding", "nearest"),
            ("grace", "none"), ("grace_days", 3661), ("longest_days", 0), ("longest_days", 36601), ("kinds", []), ("kinds", ["bill"]), ("closed", "yes"),
            ("minimum", [{"currency": "EUR", "amount": "1"}, {"currency": "EUR", "amount": "1"}]), ("minimum", [{"currency": "EUR"}]),
            ("minimum", [{"currency": "EUR", "amount": "-1"}]), ("compensation", {"tiers": []}), ("compensation", {"per": "claim"}),
            ("compensation", {"tiers": [{"currency": "EUR", "amount": "40"}, {"currency": "EUR", "amount": "70"}]}), ("compensation", {"tiers": [{"amount": "40"}]}),
            ("compensation", {"tiers": [{"currency": "EUR", "amount": "-40"}]}), ("first_day", "1900-01-01"), ("version", 2), ("colour", "blue"),
        ]
    )
    if name == "rates":
        p.pop("reference", None)
    if name == "reference":
        p.pop("rates", None)
    p[name] = value


# --- questions --------------------------------------------------------------------------------------------------------------------


def ask(rng, world):
    """Steps, one after the other; each gets its answer sent back."""
    for _ in range(rng.choice([1, 2, 3])):
        step = {"do": rng.choice(["interest", "explain_interest", "explain_interest"])}
        step["as_of"] = world.text(max(world.days) + rng.choice([0, 10, 31, 60, 60, 120, 200]))
        if rng.random() < 0.1:
            step["known_on"] = world.text(rng.choice(world.days) + rng.choice([0, 5, 20, 40]))
        step["policy"] = policy(rng, world)
        if rng.random() < 0.4:
            step["question"] = question(rng, world)
        yield step
    for _ in range(rng.choice([1, 2])):
        yield debt(rng, world)


def question(rng, world):
    documents = [d["id"] for d in world.everything("documents") if not d["amount"].startswith("-")] or ["I1"]
    q = {}
    if rng.random() < 0.7:
        q["charged"] = []
        for _ in range(rng.choice([1, 2, 3])):
            row = {"document": rng.choice(documents), "until": world.text(rng.choice(world.days) + rng.choice([0, 10, 30, 90]))}
            if rng.random() < 0.3:
                row["instalment"] = rng.choice([0, 1, 2, 3])
            q["charged"].append(row)
    if rng.random() < 0.5:
        q["compensated"] = rng.sample(documents, min(len(documents), rng.choice([1, 2])))
    if rng.random() < 0.2:
        q["documents"] = rng.sample(documents, min(len(documents), 2)) + ["nothing"]
    if rng.random() < 0.2:
        q["customers"] = ["C1", "C9"]
    if rng.random() < 0.05:
        q["compensated"] = ["nothing"]
    return q


def debt(rng, world):
    currency = rng.choice(["EUR", "EUR", "JPY", "KWD"])
    minor = world.size()
    due = rng.choice([-30, -1, 0, 14, 15, 16, 45, 46])
    until = due + rng.choice([-1, 0, 1, 2, 30, 31, 60, 89, 90, 91, 150, 300])
    step = {"do": "debt_interest", "policy": policy(rng, world), "currency": currency, "amount": world.money(minor, currency)}
    step |= {"due_date": world.text(due), "until": world.text(until)}
    left, payments = minor, []
    for _ in range(rng.choice([0, 0, 1, 2, 3])):
        paid = rng.choice([left, left // 2, left // 3, 1, left])
        if payments and rng.random() < 0.3:
            paid = -payments[-1][1]
        if rng.random() < 0.02:
            paid = left + 1
        payments.append((max([d for d, _ in payments], default=due - 5) + rng.choice([0, 1, 5, 30, 40]), paid))
        left -= paid
    reference = step["policy"].get("reference", {})
    if reference.get("rule") == "at_payment" and "rates" in reference and payments and rng.random() < 0.6:
        step["policy"].pop("basis", None)
        reference |= {"periods": "as_listed", "rates": [{"from": world.text(d), "percent": rng.choice(["1", "4.25", "8"])} for d in range(-60, 300, 12)]}
    if payments:
        step["payments"] = [{"date": world.text(d), "amount": world.money(m, currency)} for d, m in payments]
    if rng.random() < 0.25:
        step["charged_until"] = world.text(due + rng.choice([-1, 0, 1, 30, 31, 60]))
    return step


# --- what a case is about -------------------------------------------------------------------------------------------------------


def classes(step, answer):
    if step["do"] not in VERBS:
        return set()
    found, p = set(), step["policy"]
    one = step["do"] == "debt_interest"
    items = [answer] if one else answer["items"]
    for item in items:
        found.add(item["rule"])
        if float(item["compensation"]):
            found.add("compensation of a claim" if p["compensation"].get("per") == "claim" else "compensation")
        if not one and item["days"] < (datetime.date.fromisoformat(step["as_of"]) - datetime.date.fromisoformat(item["due_date"])).days:
            found.add("late after the proof")
        if not one and item["instalment"]:
            found.add("item of an instalment")
        if not one and p.get("closed") == "included" and not float(item["open"]) and float(item["accrued"]):
            found.add("closed")
        if float(item["accrued"]):
            found |= accrued_classes(p, item["segments"])
    found |= {"compensation of a later item" for a, b in zip(items, items[1:]) if not float(a["compensation"]) and float(b["compensation"])}
    if any(float(i["accrued"]) for i in items):
        q = step.get("question", {})
        found |= {"charged"} if q.get("charged") or "charged_until" in step else set()
        found |= {"charged an instalment" for row in q.get("charged", []) if "instalment" in row}
        if p.get("disputed") == "excluded":
            found.add("disputed out")
        if p.get("minimum_per") == "account":
            found.add("minimum of an account")
    return found


def accrued_classes(p, segments):
    found = {f"count {p.get('day_count', 'actual_365_fixed')}"}
    found |= {f"{name} {p[name]}" for name in ("basis", "rounded") if p.get(name) not in (None, "daily_balance", "once")}
    found |= {"per days"} if "per" in p else set()
    found |= {f"grace {p['grace']}"} if p.get("grace_days") else set()
    found |= {"longest"} if "longest_days" in p else set()
    if "reference" in p:
        found |= {p["reference"].get("rule", "floating"), p["reference"].get("periods", "as_listed")}
    if len(segments) > 1:
        found.add("several segments")
    if len({s["percent"] for s in segments}) > 1:
        found.add("several rates")
    if len({s["balance"] for s in segments}) > 1:
        found.add("several balances")
    if len({s["from"] for s in segments}) < len(segments):
        found.add("two rates of one day")
    if any(s["percent"] == "0" for s in segments):
        found.add("rate of zero")
    for a, b in zip(segments, segments[1:]):
        if (datetime.date.fromisoformat(b["from"]) - datetime.date.fromisoformat(a["until"])).days > 1:
            found.add("a gap between segments")
    added = [s for s in segments if float(s["compounded"])]
    if added:
        found.add("compounded")
    if len({s["balance"] for s in added}) > 1:
        found.add("compounded on a changed balance")
    return found
