"""Small ledgers of payers in runs and without, and questions about when what is open is paid.

Answers are made from chances, the engine's partly in 32 bits, the oracle's in 64; sums of 32 bits are right to a few millionths. So here
chances may differ by one in the last digit, amounts that are made from them by one and so many millionths of what is open, and a day only
where a chance lies so near to the one that was asked for.
"""

from datetime import date, timedelta

import habits
import prediction
from run_cases import answers_of

VERBS = {"predict", "cash_at_risk"}
MATTERS = (
    "step predict|step cash_at_risk|by runs in weeks|by runs every 14 days|by runs every 21 days|by runs every 28 days|by runs on days of the month"
    "|sure runs that tell no more|sure runs not told|stragglers counted|told by the wait alone|told by the latest six days|given up|given up and a run let pass"
    "|a day of clearing up|runs of more than ten|a moved run|beyond all runs|no sure runs"
    "|prediction.usual_delay|prediction.due_weekday|prediction.pays_on|prediction.misses_run|prediction.left_out|prediction.overdue"
    "|prediction.no_payments|prediction.no_banking_day|prediction.no_runs|asked beside"
).split("|")
# By what chances may differ.
SLACK = 5e-6
WEEKS = [[2, 4], [2, 4], [2, 4], [1, 3], [1], [2], [3], [4], [5], [5], [1, 5], [2, 5]]
MONTH_DAYS = [[15, 31], [15, 31], [5, 15, 25], [5, 15, 25], [10], [1], [31], [20], [1, 15], [30], [29], [10, 20, 31]]


def world(World):
    """Payers with their invoices and payments; everything is loaded at once."""

    class Paying(World):
        def build(self):
            self.notes = set()
            self.currencies = [self.pick(["EUR", "EUR", "EUR", "JPY", "KWD"])]
            self.end = self.rng.randint(0, 400)
            self.days = [self.end]
            self.week = self.pick([range(5)] * 12 + [range(6), range(1, 6), range(7)])
            self.shut, self.shown = set(), []
            count = self.pick([1, 1, 1, 2, 2, 3])
            # What rarely comes by itself.
            self.plan = self.pick([None] * 4 + ["changed", "changed", "given up", "given up", "many", "moved", "waits"])
            payers = [self.habit() for _ in range(count)]
            self.close(payers)
            for habit in payers:
                self.payer(habit, count)
            self.batches.append((None, self.facts))

        def weekday(self, n):
            return self.date(n).weekday()

        def date(self, n):
            return date.fromisoformat("2026-01-15") + timedelta(days=n)

        def banking(self, n, way=1):
            while self.weekday(n) not in self.week or n in self.shut:
                n += way
            return n

        # when somebody pays

        def habit(self):
            """How somebody pays: the nominal days of runs from long ago to long ahead, and where they go when nobody pays on them."""
            kind = self.pick(["weeks"] * 4 + ["steps"] * 4 + ["month"] * 5 + ["weekly", "free", "free", "delay"])
            kind = "steps" if self.plan == "moved" else kind
            kind = self.pick(["weeks", "weeks", "steps"]) if self.plan == "waits" else kind
            habit = {"kind": kind, "way": self.pick([1, 1, 1, -1]), "lag": self.pick([0, 0, 0, 0, 0, 1, 2, 3, 3, 5, 8, -1, -2, -5]), "days": []}
            every = range(self.end - 900, self.end + 400)
            usual = self.pick(list(self.week) + [3, 4])
            if kind == "weeks":
                weeks = self.pick(WEEKS)
                habit["days"] = [n for n in every if self.weekday(n) == usual and habits.weeks_of(self.date(n)) & set(weeks)]
            if kind == "steps":
                step = self.pick([14, 14, 14, 21, 21, 28])
                anchor = self.end + self.rng.randint(0, 40)
                anchor += (usual - self.weekday(anchor)) % 7
                habit["days"] = [n for n in every if (n - anchor) % step == 0]
            if kind == "month":
                numbers = self.pick(MONTH_DAYS) if self.chance(0.8) else self.rng.sample(range(1, 32), self.rng.randint(1, 3))
                habit["way"] = self.pick([1, 1, -1])
                habit["days"] = [n for n in every if any(habits.is_day(self.date(n), number) for number in numbers)]
            if kind == "weekly":
                habit["days"] = [n for n in every if self.weekday(n) == usual]
            return habit

        def close(self, payers):
            """Holidays, many of them on a day of a run; and those of them that are told."""
            runs = [n for habit in payers for n in habit["days"] if self.end - 250 <= n <= self.end + 40]
            for _ in range(self.pick([1, 2, 3] if self.plan == "moved" else [0, 0, 1, 2, 4])):
                self.shut.add(self.pick(runs) if runs and self.chance(0.8) else self.end - self.rng.randint(-40, 200))
            told = "none" if self.plan == "moved" else self.pick(["all", "all", "none", "some"])
            self.shown = sorted(self.text(n) for n in self.shut if told == "all" or (told == "some" and self.chance(0.5)))
            if self.chance(0.1):
                self.shown = sorted({*self.shown, self.text(self.end + self.rng.randint(1, 40))})

        def paid_on(self, habit, due):
            """The day on which something due on a day is paid."""
            kind, lag = habit["kind"], habit["lag"]
            if kind == "free":
                return self.banking(due + self.rng.randint(habit["lag"] - 3, habit["lag"] + habit["spread"]))
            if kind == "delay":
                return self.banking(due + lag + self.pick([0] * 9 + [1, 7]))
            runs = [run for run in habit["runs"] if run >= due + lag]
            at = 0
            while self.chance(habit["skips"]):
                at += 1
            paid = runs[min(at, len(runs) - 1)]
            if self.chance(habit["stray"]):
                return self.banking(due + self.rng.randint(-5, 20))
            if self.chance(habit["late"]) or paid in habit["late_runs"]:
                paid = self.banking(paid + 1)
            return paid

        def noise(self, habit):
            """What disturbs a habit: half of them nothing."""
            calm = self.chance(0.5) or self.plan is not None
            habit["runs"] = sorted({self.banking(n, habit["way"]) for n in habit["days"]})
            habit["spread"] = self.pick([0, 5, 20, 40])
            habit["skips"] = self.pick([0, 0, 0.05, 0.3])
            habit["stray"] = 0 if calm else self.pick([0, 0, 1 / 25, 1 / 12])
            habit["late"] = 0 if calm else self.pick([0, 1 / 12, 1 / 7])
            habit["late_runs"] = {run for run in habit["runs"] if self.chance(0.12)} if self.chance(0.15) and not calm else set()
            return habit

        # what is paid

        def payer(self, habit, count):
            customer = self.add("customers", {"id": self.name("C")})["id"]
            self.noise(habit)
            other, changed = None, None
            if self.plan == "changed" or self.chance(0.1):
                other = self.noise(self.habit())
                changed = self.end - other["lag"] - self.apart(other) * self.rng.randint(5, 9)
            if self.plan == "given up" or self.chance(0.05):
                # Since then all is paid on any day.
                other, changed = self.noise({**self.habit(), "kind": "free", "lag": 5}), self.end - self.rng.randint(5, 40)
            few, some, many = self.rng.randint(5, 12), self.rng.randint(12, 40), self.rng.randint(60, 120) // count
            number = self.pick({"many": [120], "waits": [40, 60]}.get(self.plan, [0, few] + [some] * 4 + [many] * 3))
            self.weight = self.pick([None, None, self.rng.randint(100, 500_000)])
            paid, opened = {}, 0
            for posted, due in self.rng.sample(self.posted(number, habit), number):
                when = habit if other is None or due < changed else other
                on = max(posted, self.paid_on(when, due))
                if self.chance(0.01):
                    on = self.banking(on + self.rng.randint(30, 200))
                if on > self.end:
                    opened += 1
                    if opened > 4:
                        continue
                paid.setdefault(on, []).append(self.invoice(customer, posted, due))
            self.left_open(customer)
            if number and self.chance(0.15):
                self.clear_up(customer, paid)
            for on, invoices in sorted(paid.items()):
                self.pay(customer, on, invoices)

        def apart(self, habit):
            """The days from one run to the next, about."""
            days = habit["days"]
            return (days[-1] - days[0]) // len(days) if days else 14

        def posted(self, number, habit):
            """Days of posting and due days, falling from the day that is asked about, of some runs."""
            span = min(450, max(60, self.apart(habit) * self.rng.randint(7, 8 if self.plan == "many" else 16)))
            terms = self.pick([7, 14, 30, 30, 30, 45])
            at_once = self.pick([1, 1, 1, 1, 2, 4, 15])
            gap = max(1, span * at_once // max(number, 1))
            weekly = self.plan == "waits" or self.chance(0.2)
            gap = 7 * max(1, gap // 7) if weekly else gap
            fixed = weekly or self.chance(0.2)
            day, out = self.end + self.rng.randint(0, 3), []
            while len(out) < number:
                for _ in range(self.rng.randint(1, at_once) if self.chance(0.5) else at_once):
                    out.append((day, day + (terms if fixed else terms + self.pick([0] * 8 + [1, 15]))))
                day -= gap if fixed else max(1, gap + self.rng.randint(-1, 2))
            return out[:number]

        def invoice(self, customer, posted, due):
            minor = self.weight or self.rng.randint(1, 500_000)
            row = {"id": self.name("I"), "customer": customer, "kind": "invoice", "currency": self.currencies[0]}
            row |= {"amount": self.money(minor, self.currencies[0]), "document_date": self.text(posted), "due_date": self.text(due)}
            return self.add("documents", row)

        def left_open(self, customer):
            """What is open long after its day, or not due for long."""
            for _ in range(self.pick([0, 0, 1, 2])):
                due = self.end - self.pick([self.rng.randint(1, 40), self.rng.randint(40, 120), self.rng.randint(120, 700), -self.rng.randint(0, 60)])
                self.invoice(customer, due - 30, due)

        def clear_up(self, customer, paid):
            """A day on which much that was left out for long is paid."""
            on = self.banking(self.end - self.rng.randint(0, 90))
            for _ in range(self.rng.randint(6, 25)):
                due = on - self.rng.randint(40, 300)
                paid.setdefault(on, []).append(self.invoice(customer, due - 30, due))

        def pay(self, customer, on, invoices):
            currency = self.currencies[0]
            whole = sum(self.minor_of(one) for one in invoices)
            payment = self.add("documents", {"id": self.name("P"), "customer": customer, "kind": "payment", "currency": currency, "amount": self.money(-whole, currency), "document_date": self.text(on)})
            for one in invoices:
                row = {"id": self.name("a"), "credit": payment["id"], "debit": one["id"], "amount": one["amount"]}
                if self.chance(0.01):
                    row["effective"] = self.text(on + self.rng.randint(1, 20))
                if self.chance(0.01):
                    row["recorded"] = self.text(on + self.rng.randint(1, 20))
                self.add("allocations", row)

    return Paying


def ask(rng, world):
    """Steps, one after the other."""
    day = world.end - rng.choice([0, 0, 0, 0, 0, rng.randint(0, 20), rng.randint(-20, 0), rng.randint(0, 90)])
    settings = {"least_paid_invoices": 10_000}
    if world.shown:
        settings["holidays"] = world.shown
    if rng.random() < 0.3:
        settings["interval_percent"] = rng.choice([50, 90, 33])
    for verb in rng.choice([["predict"], ["cash_at_risk"], ["predict", "cash_at_risk"], ["predict", "cash_at_risk"]]):
        step = {"do": verb, "as_of": world.text(day), "prediction": settings}
        if rng.random() < 0.05:
            step["known_on"] = world.text(day + rng.choice([0, 5, 30]))
        if verb == "predict" and rng.random() < 0.4:
            step["ask"] = {}
            if rng.random() < 0.7:
                step["ask"]["quantiles"] = sorted(rng.sample(range(1, 100), rng.randint(1, 3)))
            if rng.random() < 0.7:
                step["ask"]["paid_by"] = [world.text(day + rng.randint(-3, 60)) for _ in range(rng.randint(1, 3))]
        if verb == "cash_at_risk" and rng.random() < 0.6:
            step["policy"] = {"notice_banking_days": rng.choice([0, 1, 3, 10, 60]), "at_risk_days": rng.choice([1, 7, 30, 90])}
        habits.NOTED.clear()
        yield step
        world.notes |= habits.NOTED


# --- what is close enough -------------------------------------------------------------------------------------------------------


def near(case, number, ours, theirs):
    """Whether answers differ by no more than floats may. What a day may be beside the oracle's is found by asking it again, with the
    chances that are asked for, or with what runs have to weigh, that much more or less."""
    if any(set(answer) != {"items"} for answer in (ours, theirs)) or len(ours["items"]) != len(theirs["items"]):
        return False
    if all(close(a, b) for a, b in zip(ours["items"], theirs["items"])):
        return True
    grid = [[again(case, number, share, clearer)["items"] for share in (0, -SLACK, SLACK)] for clearer in (0, -SLACK, SLACK)]
    return all(any(fits([asked[n] for asked in line], its) for line in grid) for n, its in enumerate(theirs["items"]))


def again(case, number, share, clearer):
    prediction.NUDGED.update(share=share, clearer=clearer)
    try:
        return answers_of({**case, "steps": case["steps"][: number + 1]})[number]
    finally:
        prediction.NUDGED.update(share=0, clearer=0)


def fits(ours, theirs):
    """Whether each part of an item is that of one of the oracle's."""
    parts = [["expected", "reasons"], ["earliest"], ["latest"], ["quantiles"]]
    for part in parts:
        part[:] = [name for name in part if name in theirs]
    parts.append([name for name in theirs if name not in sum(parts, [])])
    of = lambda item, names: {name: item.get(name) for name in names}
    return set(ours[0]) == set(theirs) and all(any(close({**theirs, **of(item, names)}, theirs) for item in ours) for names in parts)


def close(ours, theirs):
    return set(ours) == set(theirs) and all(alike(name, ours[name], theirs[name], ours["open"]) for name in ours)


def alike(name, ours, theirs, opened):
    if ours == theirs:
        return True
    if name == "paid_by" and len(ours) == len(theirs):
        return all(abs(float(a) - float(b)) < 1.5e-4 for a, b in zip(ours, theirs))
    if None in (ours, theirs):
        return False
    if name in ("late", "open_after_30", "open_after_60", "open_after_90", "paid_by_run"):
        return abs(float(ours) - float(theirs)) < 1.5e-4
    if name == "at_risk":
        unit = 0.1 ** len(ours.partition(".")[2])
        return abs(float(ours) - float(theirs)) < 1.5 * unit + SLACK * float(opened)
    return False


# --- what a case is about -------------------------------------------------------------------------------------------------------


def classes(step, answer):
    if step["do"] not in VERBS:
        return set()
    found = {"asked beside"} if any(one.get("quantiles") and one.get("paid_by") for one in answer["items"]) else set()
    return found | {reason["rule"] for one in answer["items"] for reason in one["reasons"]}
