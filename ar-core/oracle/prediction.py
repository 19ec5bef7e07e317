"""When a customer would pay if it paid as it has paid before (docs/prediction.md, "The customer's own past"), in plain floats.

Models are never trained here: cases stay below `least_paid_invoices`. Answers are told with four digits, days and minor units,
which differ from the engine's only where a float lies within 1e-6 of a boundary.
"""

import bisect
import datetime
import math

import policy as policies
import promises
from habits import DAYS, MONTH, NOTED, by_day, evened, habit_of, looked_at, usual_of
from ledger import leg
from policy import bad, is_whole
from values import Refused, day, fail, key, show
from view import View, legs_by_name, spread

EPOCH = datetime.date(1970, 1, 1)
FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2199, 12, 31)
MONDAY = datetime.date(1880, 1, 5)
PAID_FOR = ("invoice", "debit_note", "charge", "journal")
EARLIEST, LATEST = -90, 240
COVERED, AFTERWARDS = 128, 0.03
# By how much a chance that is asked for, and what runs have to weigh, are moved: to see whether an answer hangs on the last digits of floats.
NUDGED = {"share": 0.0, "clearer": 0.0}
DEFAULT = {
    "version": 1,
    "id": "",
    "holidays": [],
    "interval_percent": 80,
    "burn_in_days": 31,
    "least_paid_invoices": 500,
    "most_invoices": 60_000,
}


def policy(raw):
    if not isinstance(raw, dict):
        bad(None)
    policies.envelope({name: value for name, value in raw.items() if name in ("version", "id")}, {"version": 1, "id": ""})
    for name in raw:
        if name not in DEFAULT:
            bad(name)
    p = {**DEFAULT, **raw}
    try:
        p["holidays"] = {day(one) for one in p["holidays"]}
    except Refused:
        bad("holidays")
    if longest_shut(p["holidays"]) > 366:
        bad("holidays")
    if not is_whole(p["interval_percent"]) or not 1 <= p["interval_percent"] <= 99:
        bad("interval_percent")
    if not is_whole(p["most_invoices"]) or p["most_invoices"] < 1:
        bad("most_invoices")
    return p


def longest_shut(holidays):
    """The days from a holiday to a later one between which every day from Monday to Friday is one; of the longest such time."""
    longest, since, before = 0, None, None
    for one in sorted(holidays):
        between = [before + datetime.timedelta(days=n) for n in range(1, min(5, (one - before).days))] if before else []
        since = one if before is None or any(d.weekday() < 5 for d in between) else since
        longest, before = max(longest, (one - since).days + 1), one
    return longest


def ratio(chance):
    return show(int(min(max(chance, 0.0), 1.0) * 10_000 + 0.5), 4)


class Model:
    """What a view knew: here, that it was not enough to train."""

    def __init__(self, view, raw):
        self.policy, self.trained_on = policy(raw), view.on
        in_range(view.on)
        # Of a view that knows all, what was recorded by its day is learnt from.
        self.known = view.on if view.known is None else view.known
        view = View(view.ledger, view.on, self.known)
        found = invoices(view)
        # What was posted in the first days is history alone: no tree learns from it.
        first = min((one["posted"] for one in found), default=view.on) + datetime.timedelta(days=self.policy["burn_in_days"])
        self.paid = sum(1 for one in found if one["cleared"] is not None and one["posted"] >= first)
        assert self.paid < max(1, self.policy["least_paid_invoices"]), "the oracle trains no model"


def in_range(on):
    if not FIRST <= on <= LAST:
        fail("impossible_date", "day")


def knows_no_more(model, view):
    """A model may not know what a view does not: of a later day, or recorded after the day to which the view is narrowed."""
    if model.trained_on > view.on or (view.known is not None and model.known > view.known):
        fail("model_knows_later", "model")


def takes_part(one):
    days = [one["posted"], one["due"]] + ([one["cleared"]] if one["cleared"] else [])
    return all(FIRST <= d <= LAST for d in days) and abs((one["due"] - one["posted"]).days) <= 3_653


def received(view, settling):
    """The day on which the money of what settles came: that of its credit, or of the credit that a difference stands beside."""
    on = settling["effective"]
    if "document" in settling:
        if "allocation" not in settling or settling["kind"] == "residual":
            return on
        settling = view.ledger.find_settling(settling["allocation"])
        if settling["effective"] != on:
            return on
    return min(on, view.ledger.documents[settling["credit"]]["effective"])


def holding(view, document, start):
    """What settles a document and is not taken back, with the day on which the credit came; no earlier than it is owed, unless it was
    matched earlier."""
    live = [a for a in view.settling(document) if leg(a, document) and view.counted(a) and view.ledger.live(a, view.on, view.known)]
    return [(a, min(a["effective"], max(start, received(view, a)))) for a in live]


def cleared(view, document):
    """The day from which nothing of a document is open; None while something is."""
    settled = 0
    for a, on in sorted(holding(view, document, document["effective"]), key=lambda one: one[1]):
        settled += leg(a, document)
        if settled >= document["amount"]:
            return on
    return None


def known(view, document, since, start):
    """The day from which it is known that something of a document was settled by a day."""
    out = since
    for a, on in holding(view, document, start):
        if on <= since:
            out = max(out, a["effective"], min(a["recorded"], view.on) if a["recorded"] > document["recorded"] else a["effective"])
    return out


def posted(view, document):
    """The day from which its schedule is in force, as far as was known; its posting without one."""
    best = view.ledger.best_schedule(document, view.on, view.known)
    if best is None:
        return document["effective"]
    return max(document["effective"], best["effective"], min(best["recorded"], view.on))


def instalment_cleared(view, document, rows, number, start):
    """The day from which nothing of an instalment, owed from a day on, is open; None while something is."""
    legs = holding(view, document, start)
    room = {n: amount for n, _, amount in rows if amount > 0}
    sequence = [n for n, due, _ in sorted(rows, key=lambda r: (r[1], r[0])) if n in room]
    since = None
    for on in sorted({on for _, on in legs}):
        named, unnamed = legs_by_name([a for a, day in legs if day <= on], document)
        taken, _ = spread(unnamed, named, room, sequence)
        since = (since or on) if taken[number] == room[number] else None
    return since


def invoices(view):
    """What a customer pays, by instalment where a schedule is in force, without cancelled documents."""
    out = []
    for d in view.ledger.rows["documents"]:
        if not view.counted(d) or d["amount"] <= 0 or d["kind"] not in PAID_FOR or view.cancelled(d):
            continue
        rows, scheduled = view.ledger.schedule_in_force(d, view.on, view.known)
        one = {"customer": d["customer"], "posted": d["effective"], "due": d["due"] or d["effective"], "amount": d["amount"]}
        if not scheduled:
            since = cleared(view, d)
            start, found = d["effective"], [{**one, "cleared": None if since is None else max(since, d["effective"])}]
        else:
            start, found = posted(view, d), []
            for number, due, amount in rows:
                since = instalment_cleared(view, d, rows, number, start) if amount > 0 else None
                # One that was settled before its schedule came into force was never open as such.
                if amount > 0 and (since is None or since >= start):
                    found.append({**one, "posted": start, "due": due, "amount": amount, "cleared": since})
        for row in found:
            row["known"] = None if row["cleared"] is None else max(row["cleared"], known(view, d, row["cleared"], start))
        out += [row for row in found if takes_part(row)]
    return out


class Banking:
    """Days on which this ledger's customers pay."""

    def __init__(self, paid, holidays):
        # Of each customer a day with payments counts once.
        counts = [0] * 7
        for _, on in {(one["customer"], one["cleared"]) for one in paid}:
            counts[on.weekday()] += 1
        self.open = [d < 5 for d in range(7)] if sum(counts) < 50 else [c * 50 >= sum(counts) for c in counts]
        self.holidays, self.counted = holidays, {}

    def is_open(self, on):
        return self.open[on.weekday()] and on not in self.holidays

    def roll(self, on):
        while not self.is_open(on):
            on += datetime.timedelta(days=1)
        return on

    def back(self, on):
        while not self.is_open(on):
            on -= datetime.timedelta(days=1)
        return on

    def step(self, on, count):
        """So many banking days from a banking day."""
        way = 1 if count > 0 else -1
        while count:
            on += datetime.timedelta(days=way)
            count -= way if self.is_open(on) else 0
        return on

    def steps(self, due, paid):
        """Banking days from one day to the other, both rolled forward."""
        return self.before(self.roll(paid)) - self.before(self.roll(due))

    def before(self, on):
        """The banking days before a day, since a Monday before all."""
        if on not in self.counted:
            weeks, rest = divmod((on - MONDAY).days, 7)
            shut = sum(1 for one in self.holidays if MONDAY <= one < on and self.open[one.weekday()])
            self.counted[on] = weeks * sum(self.open) + sum(self.open[:rest]) - shut
        return self.counted[on]


def replayed(known):
    """The latest 240 payments, of each day ten at most: where more came, the middle one of each of ten parts that are as long as can be."""
    if all(n <= 10 for n in by_day(known[-240:]).values()):
        return known[-240:]
    taken = []
    for day in sorted({p["cleared"] for p in known}):
        its = [p for p in known if p["cleared"] == day]
        parts = min(10, len(its))
        taken += [its[(2 * n + 1) * len(its) // (2 * parts)] for n in range(parts)]
    return taken[-240:]


class Book:
    def __init__(self, view, holidays):
        self.invoices = invoices(view)
        paid = [one for one in self.invoices if one["cleared"] is not None]
        self.banking = Banking(paid, holidays)
        for one in paid:
            one["steps"] = self.banking.steps(one["due"], one["cleared"])
            one["delay"] = (one["cleared"] - one["due"]).days
        self.early = min(126, max([75] + [-one["delay"] for one in paid]))
        self.paid = sorted(paid, key=lambda one: (one["cleared"], one["posted"], one["due"], one["amount"]))
        self.general, self.habits, self.replayed = {}, {}, {}

    def habit_of(self, customer, known):
        """The habit of a customer by the payments that are known, found once."""
        if (customer, len(known)) not in self.habits:
            self.habits[customer, len(known)] = habit_of(self, known)
        return self.habits[customer, len(known)]

    def past(self, customer, on):
        return [one for one in self.paid if one["customer"] == customer and one["known"] < on]

    def in_general(self, on, weekday):
        """What all customers did with invoices due on a day of the week, before the week of a day."""
        monday = on - datetime.timedelta(days=on.weekday())
        if (monday, weekday) not in self.general:
            since = monday - datetime.timedelta(days=120)
            paid = [one for one in self.paid if since <= one["cleared"] and one["known"] < monday and one["due"].weekday() == weekday]
            counts = {}
            for one in paid:
                counts[one["customer"]] = counts.get(one["customer"], 0) + 1
            sums = [1e-6] * (LATEST - EARLIEST + 1)
            for one in paid:
                sums[place(one["steps"])] += 1 / math.sqrt(counts[one["customer"]])
            smooth = [0.0] * len(sums)
            for at, mass in enumerate(sums):
                for shift, share in zip(range(-2, 3), (0.05, 0.15, 0.6, 0.15, 0.05)):
                    if 0 <= at + shift < len(sums):
                        smooth[at + shift] += mass * share
            whole = sum(smooth)
            self.general[monday, weekday] = [mass / whole for mass in smooth], 1e-6 / whole
        return self.general[monday, weekday]

    def forecast(self, one, on):
        """Days with their chances, together 1, of an invoice that is open on the morning of a day."""
        mass, added = self.in_general(on, one["due"].weekday())
        evidence = 0.0
        size = math.log(1 + max(0, one["amount"]) / 100)
        known = self.past(one["customer"], on)
        days, past = self.in_runs(one, known, on) or (None, replayed(known))
        mass = list(mass)
        for paid in past:
            if days and paid["run"] is not None:
                continue
            apart = min(127, int(abs(math.log(1 + max(0, paid["amount"]) / 100) - size) * 16))
            weight = 0.1 + 0.9 * math.exp(-0.5 * (apart / 16 / 1.5) ** 2)
            weight *= 8 if paid["due"].weekday() == one["due"].weekday() else 1
            weight *= 2 ** (-min(1199, (on - paid["cleared"]).days) / 180)
            mass[place(paid["steps"])] += weight
            evidence += weight
        mass, added = [m / (1 + evidence) for m in mass], added / (1 + evidence)
        first = self.banking.roll(max(on, one["due"] - datetime.timedelta(days=self.early)))
        steps = self.banking.steps(one["due"], first)
        left = sum(mass[place(steps):])
        chances, still = [], 1.0
        for ahead in range(COVERED):
            inside = EARLIEST <= steps + ahead < LATEST and left > 1e-7
            # Where nothing that was ever seen is left there is only what was added everywhere.
            spread_out, seen = added * (LATEST + 1 - steps - ahead), 1 - 331 * added
            unseen = seen > 0 and left <= 2 * spread_out and left - spread_out <= 0.01 * seen
            hazard = min(1.0, mass[steps + ahead - EARLIEST] / left) if inside and not unseen else 0.05
            left -= mass[steps + ahead - EARLIEST] if inside else 0
            chances.append(still * hazard)
            still *= 1 - hazard
        if days:
            # What comes in runs, of those that are not over; the rest on other days, whichever are over.
            coming, share = in_runs(self.banking, days, past, one["due"], first, on)
            chances = [chance * (1 - share) for chance in chances]
            for run, chance in coming:
                at = self.banking.steps(first, run)
                if at < COVERED:
                    chances[at] += share * chance
            still = 1 - sum(chances)
        while still > 1e-4 and len(chances) < COVERED + 400:
            chances.append(still * AFTERWARDS)
            still *= 1 - AFTERWARDS
        whole = sum(chances)
        out, at = [], first
        for chance in chances:
            out.append((at, chance / whole))
            at = self.banking.step(at, 1)
        return out

    def in_runs(self, one, known, on):
        """The days of runs and the payments that tell of them, where an invoice is forecast by runs; else None."""
        at = (one["customer"], one["due"], len(known), on)
        if at not in self.replayed:
            self.replayed[at] = self.replay(one, known, on)
        return self.replayed[at]

    def replay(self, one, known, on):
        sure, past = self.habit_of(one["customer"], known), replayed(known)
        if not sure:
            NOTED.add("no sure runs")
            return None
        days = list(sure.days(min(p["due"] for p in past + [one]) - 8 * MONTH, max(on, one["due"]) + 21 * MONTH))
        runs = [{**p, "run": self.run_of(days, p["cleared"], sure.stragglers)} for p in past]
        runs = [p for p in runs if p["run"] is not None or p["cleared"] >= sure.since]
        how = tells_more(days, runs, on, sure.easy)
        NOTED.update({f"by {sure.kind}", *sure.notes, *({"told by the wait alone"} if how == "wait" else ())} if how else {"sure runs that tell no more"})
        return (days, runs) if how else None

    def run_of(self, days, paid, stragglers):
        """The number of the run that a payment of a day is of, and the banking days that it came after it; None where it is of none."""
        near = datetime.timedelta(days=60)
        for late in (0, 1) if stragglers else (0,):
            for number in range(bisect.bisect_right(days, paid - near), bisect.bisect_left(days, paid + near)):
                if self.banking.steps(days[number], paid) == late:
                    return number, late
        return None


def of_age(paid, on):
    return 2 ** (-min(1199, (on - paid["cleared"]).days) / 180)


def first_after(days, day):
    return bisect.bisect_left(days, day)


def number_of(days, paid):
    """How many runs after the first from its due day on a payment came."""
    return min(17, max(-6, paid["run"][0] - first_after(days, paid["due"])))


def tells_more(days, past, on, easy):
    """Whether payments are more of one number of runs than of one number of banking days ("number"): in all, or, where runs are found
    easily, of one for each day of the week due; or of one for each wait until the first run, against either ("wait")."""
    runs, steps, of_weekday, of_wait = {}, {}, {}, {}
    for paid in past:
        weight, step = of_age(paid, on), place(paid["steps"])
        steps[step] = steps.get(step, 0.0) + weight
        of_weekday.setdefault((paid["due"].weekday(), step), []).append(weight)
        if paid["run"] is not None:
            number = number_of(days, paid)
            runs[number] = runs.get(number, 0.0) + weight
            wait = min(39, (days[first_after(days, paid["due"])] - paid["due"]).days)
            of_wait.setdefault((wait, number), []).append(weight)
    most, by_weekday, by_wait = max(steps.values()), apart(of_weekday), apart(of_wait)
    either, clearer = max(most, by_weekday), 1.25 * (1 + NUDGED["clearer"])
    if max(runs.values(), default=0.0) > clearer * (either if easy else most):
        return "number"
    return "wait" if by_wait > clearer * either else None


def apart(weights):
    """What the heaviest of each class weigh together; what came so only once is left out."""
    classes = {of for of, _ in weights}
    return sum(max((sum(w) for (its, _), w in weights.items() if its == of and len(w) > 1), default=0.0) for of in classes)


def in_runs(banking, days, past, due, first, on):
    """The days of payment, from the first on, with the chances, together 1, of what is due on a day and comes in runs; and the share of
    payments that were in runs."""
    wait = lambda day: (days[first_after(days, day)] - day).days
    numbers, whole, inside, late = {}, 0.0, 0.0, 0.0
    for paid in past:
        weight = of_age(paid, on)
        whole += weight
        if paid["run"] is not None:
            inside += weight
            late += weight * paid["run"][1]
            number = number_of(days, paid)
            alike = abs(wait(paid["due"]) - wait(due)) <= 1
            numbers[number] = numbers.get(number, 0.0) + weight * (20 if alike else 1)
    of_runs = {n: inside * weight / sum(numbers.values()) for n, weight in numbers.items()}
    start = first_after(days, due)
    over = first_after(days, first) - start
    left, chances = 1.0, []
    NOTED.update({"beyond all runs"} if over > 17 else ())
    # Beyond what is looked at the runs to come stand for all.
    for n in range(-6 if over <= 17 else over, max(17, over + 17) + 1):
        unknown = 0.0 if n < 0 else left * (2 / 3 if n < 2 else 1 / 4)
        left -= unknown
        chance = of_runs.get(n, 0.0) + unknown
        chances += [(days[start + n], chance * (1 - late / inside)), (banking.step(days[start + n], 1), chance * late / inside)]
    chances = [(run, chance) for run, chance in chances if run >= first]
    everything = sum(chance for _, chance in chances)
    return [(run, chance / everything) for run, chance in chances], (inside + 0.5) / (whole + 1)


def place(steps):
    return min(max(steps, EARLIEST), LATEST) - EARLIEST


def quantile(forecast, share):
    total = 0.0
    for on, chance in forecast:
        total += chance
        if total >= share - 1e-9 + NUDGED["share"]:
            return on
    return forecast[-1][0]


def paid_by(forecast, on):
    return sum(chance for d, chance in forecast if d <= on)


def asked_about(view, item):
    """The invoice that an open item is asked about as; None when it is none."""
    d = item["doc"]
    if item["open"] <= 0 or d["kind"] not in PAID_FOR:
        return None
    amount, start = (d["amount"], d["effective"]) if item["instalment"] == 0 else (item["amount"], posted(view, d))
    one = {"customer": d["customer"], "posted": start, "due": item["due"] or d["effective"], "amount": amount, "cleared": None}
    return one if takes_part(one) else None


def median(values):
    return sorted(values)[(len(values) - 1) // 2]


class Runs:
    """How the payment runs of a customer lie (docs/prediction.md, Reasons)."""

    def __init__(self, book, paid):
        counts = looked_at(by_day(paid))
        self.book, self.days, self.shared = book, sorted(counts), 2 * len(counts) <= sum(counts.values())
        gaps = [(b - a).days for a, b in zip(self.days, self.days[1:])]
        self.gap = median(gaps) if len(self.days) >= 3 else None
        self.counts = evened(counts)
        self.usual = usual_of(self.counts)
        self.habit = book.habit_of(paid[0]["customer"], paid) if paid else None

    def after(self, on):
        """The runs that are foretold after a day."""
        if self.gap is None:
            return
        if self.habit:
            yield from (run for run in self.habit.days(on - 2 * MONTH, on + 45 * MONTH) if run > on)
            return
        day = self.days[-1]
        while day <= on:
            day += datetime.timedelta(days=self.gap)
        while day < LAST:
            run = day
            day += datetime.timedelta(days=self.gap)
            if self.usual is not None:
                run = next(d for n in range(-3, 4) if (d := run + datetime.timedelta(days=n)).weekday() == self.usual)
            run = self.book.banking.roll(run)
            if run > on:
                yield run


def of_dealings(view, banking, d):
    """The dispute that a document is in, and the promise about it that counts."""
    out = []
    disputes = [x for x in view.ledger.rows["disputes"] if x["document"] == d["id"] and view.counted(x) and not view.closed(x)]
    if disputes:
        oldest = min(disputes, key=lambda x: (told_on(view, x), x["effective"]))
        out.append({"rule": "prediction.disputed", "since": oldest["effective"].isoformat()})
    about = [p for p in view.ledger.rows["promises"] if view.counted(p) and covers(view, p, d)]
    if not about:
        return out
    last = lambda p: banking.roll(p["promised_date"])
    withdrawn = lambda p: any(told_on(view, c) < p["promised_date"] for c in view.ledger.rows["closings"] if c["of"] == p["id"] and view.counted(c))
    order = sorted(about, key=lambda p: (p["promised_date"], told_on(view, p)))
    ahead = [p for p in order if last(p) > view.on and not view.closed(p)]
    over = [p for p in order if last(p) <= view.on and not withdrawn(p)]
    if ahead:
        out.append({"rule": "prediction.promised", "on": ahead[0]["promised_date"].isoformat()})
    elif over:
        rows = [p for p in view.ledger.rows["promises"] if view.counted(p) and last(p) <= view.on and not withdrawn(p)]
        came = promises.serve(view, [{**p, "until": last(p)} for p in rows])
        if came[over[-1]["id"]] != over[-1]["amount"]:
            out.append({"rule": "prediction.promise_broken", "on": over[-1]["promised_date"].isoformat()})
    return out


def told_on(view, row):
    """The day from which a fact that a view counts is known to it."""
    return max(row["effective"], min(row["recorded"], view.on))


def covers(view, p, d):
    """Is a promise about a document: the one it names, else what its customer owed when it became known, earliest due first?"""
    if "document" in p:
        return p["document"] == d["id"]
    on, rest = told_on(view, p), p["amount"]
    owed = [x for x in view.ledger.rows["documents"] if x["kind"] in PAID_FOR and (x["customer"], x["currency"]) == (p["customer"], p["currency"])]
    owed = [(x["due"] or x["effective"], key(x["id"]), x) for x in owed if view.counted(x) and x["amount"] > 0]
    for _, _, x in sorted(owed, key=lambda one: one[:2]):
        part = min(left_then(view, x, on), rest)
        if part > 0 and x is d:
            return True
        rest -= part
    return False


def left_then(view, d, on):
    """What is left of a document at the end of a day, as far as was known then; what was recorded no later than it counts from its own day."""
    if d["effective"] > on or any(c["document"] == d["id"] and view.counted(c) and c["effective"] <= on for c in view.ledger.rows["cancellations"]):
        return 0
    taken = 0
    for a in view.ledger.settling():
        if leg(a, d) and view.counted(a):
            end = view.ledger.taken_back(a, view.known)
            if (told_on(view, a) if a["recorded"] > d["recorded"] else a["effective"]) <= on:
                taken += leg(a, d) if end is None or end > on else 0
    return max(0, d["amount"] - taken)


def reasons(view, book, one, d, on, expected, by_runs=False):
    past = book.past(one["customer"], on)
    paid, out = past[-60:], of_dealings(view, book.banking, d)
    late = (on - one["due"]).days - 1
    lie = Runs(book, past)
    if late > 0:
        out.append({"rule": "prediction.overdue", "days": late})
        since = sum(1 for run in lie.days if run > one["due"])
        if since:
            out.append({"rule": "prediction.left_out", "runs": since})
    if not paid:
        out.append({"rule": "prediction.no_payments"})
    else:
        usual = median([p["delay"] for p in paid])
        out.append({"rule": "prediction.usual_delay", "payments": len(paid), "days": usual})
        same = [p["delay"] for p in paid if p["due"].weekday() == one["due"].weekday()]
        if len(same) >= 3 and median(same) != usual:
            out.append({"rule": "prediction.due_weekday", "weekday": DAYS[one["due"].weekday()], "payments": len(same), "days": median(same)})
    if lie.usual is not None:
        count = sum(n for day, n in lie.counts.items() if day.weekday() == lie.usual)
        out.append({"rule": "prediction.pays_on", "weekday": DAYS[lie.usual], "percent": count * 100 // sum(lie.counts.values())})
    # Sure runs are told where the forecast goes by them, or ends on one; with cash at risk always, whose next run is one.
    near, by_runs = datetime.timedelta(days=40), by_runs or (lie.habit and book.in_runs(one, past, on))
    sure = lie.habit if lie.habit and (by_runs or expected in lie.habit.days(expected - near, expected + near)) else None
    told = None
    NOTED.update({"sure runs not told"} if lie.habit and not sure else ())
    if sure and (by_runs or lie.shared or sure.reason["rule"] != "prediction.payment_runs"):
        told = sure.reason
    elif not sure and len(lie.days) >= 3 and lie.shared:
        gaps = len(lie.days) - 1
        every = ((lie.days[-1] - lie.days[0]).days + gaps // 2) // gaps
        told = {"rule": "prediction.payment_runs", "every_days": every, "last": lie.days[-1].isoformat()}
    if told:
        out.append(told)
        missed = None
        for run in lie.after(on - datetime.timedelta(days=1)):
            if run >= expected:
                if missed is not None and run == expected:
                    out.append({"rule": "prediction.misses_run", "run": missed.isoformat(), "next": run.isoformat()})
                break
            missed = run
    following = book.banking.roll(one["due"])
    if late <= 0 and following != one["due"]:
        out.append({"rule": "prediction.no_banking_day", "next": following.isoformat()})
    return out, len(past)


def asked(view, model):
    """Every open item that can be asked about, with its invoice and forecast, and the book."""
    in_range(view.on)
    knows_no_more(model, view)
    book = Book(view, model.policy["holidays"])
    on = view.on + datetime.timedelta(days=1)
    out = []
    for item in view.open_items():
        one = asked_about(view, item)
        out.append((item, one, None if one is None else book.forecast(one, on)))
    return out, book


def asked_beside(ask):
    """The percentages and days that are asked beside the rest."""
    for name in ask:
        if name not in ("quantiles", "paid_by"):
            bad(name)
    percentages = ask.get("quantiles", [])
    if not all(is_whole(one) and 1 <= one <= 99 for one in percentages) or percentages != sorted(set(percentages)):
        bad("quantiles")
    days = []
    for n, text in enumerate(ask.get("paid_by", [])):
        try:
            days.append(datetime.date.fromisoformat(text))
        except ValueError:
            bad(f"paid_by[{n}]")
        if not 1900 <= days[-1].year <= 2199:
            fail("impossible_date", f"paid_by[{n}]")
    return percentages, days


def predict(view, model, ask):
    percentages, days = asked_beside(ask)
    found, book = asked(view, model)
    half = (100 - model.policy["interval_percent"]) / 200
    out = []
    for item, one, forecast in found:
        if one is None:
            continue
        why, known = reasons(view, book, one, item["doc"], view.on + datetime.timedelta(days=1), quantile(forecast, 0.5))
        digits = view.ledger.digits_of(item["doc"])
        row = {
            "document": item["document"],
            "instalment": item["instalment"],
            "customer": one["customer"],
            "currency": item["doc"]["currency"],
            "open": show(item["open"], digits),
            "due_date": one["due"].isoformat(),
            "expected": quantile(forecast, 0.5).isoformat(),
            "earliest": quantile(forecast, half).isoformat(),
            "latest": quantile(forecast, 1 - half).isoformat(),
            "late": ratio(1 - paid_by(forecast, one["due"])),
            "basis": "own_past" if known else "not_enough_history",
            "reasons": why,
            "quantiles": [quantile(forecast, one / 100).isoformat() for one in percentages],
            "paid_by": [ratio(paid_by(forecast, day)) for day in days],
        }
        for later in (30, 60, 90):
            row[f"open_after_{later}"] = ratio(1 - paid_by(forecast, view.on + datetime.timedelta(days=later)))
        out.append(row)
    return {"items": out}


def next_call(book, customer, on, notice):
    """The next run that a call can change, and the last day to call; None when there are too few runs, with their number."""
    lie = Runs(book, book.past(customer, on + datetime.timedelta(days=1)))
    for run in lie.after(on):
        call = book.banking.step(run, -notice)
        if call > on:
            return (run, call), len(lie.days)
    return None, len(lie.days)


def drift(view, model):
    in_range(view.on)
    knows_no_more(model, view)
    book = Book(view, model.policy["holidays"])
    year = datetime.timedelta(days=364)
    before = [p for p in book.paid if model.trained_on - year <= p["cleared"] <= model.trained_on]
    since = [p for p in book.paid if model.trained_on < p["cleared"] <= view.on]
    enough = len(before) >= 50 and len(since) >= 50
    index = sum((q - p) * math.log(q / p) for p, q in zip(shares(before), shares(since)))
    late = lambda paid: ratio(sum(1 for p in paid if p["delay"] > 0) / len(paid)) if paid else None
    return {
        "outcome": "not_enough_history" if not enough else "stable" if index < 0.1 else "shifted" if index < 0.25 else "drifted",
        "trained_on": model.trained_on.isoformat(),
        "until": view.on.isoformat(),
        "payments_before": len(before),
        "payments_since": len(since),
        "median_before": median([p["delay"] for p in before]) if before else None,
        "median_since": median([p["delay"] for p in since]) if since else None,
        "late_before": late(before),
        "late_since": late(since),
        "index": show(int(index * 10_000 + 0.5), 4) if enough else None,
    }


def shares(paid):
    counts = [0] * 8
    for p in paid:
        counts[sum(1 for end in (-8, -1, 0, 7, 14, 30, 60) if end < p["delay"])] += 1
    return [(count + 0.5) / (len(paid) + 4) for count in counts]


def calibration(ledger, view_of, raw, on, span):
    """How a model trained `span` days before a day, with what was known then, would have held since."""
    p = policy(raw)
    if not is_whole(span) or not 7 <= span <= 366:
        bad("days")
    in_range(on)
    cut = on - datetime.timedelta(days=span)
    in_range(cut)
    # What came after the last recorded day is not known.
    on = max(cut, min(on, ledger.last_recorded or cut))
    model = Model(view_of(cut, cut), raw)
    truth, half = view_of(on, None), (100 - p["interval_percent"]) / 200
    tenths, inside, questions, errors = [0.0] * 10, 0.0, 0, []
    for monday in (cut + datetime.timedelta(days=n) for n in range((on - cut).days)):
        if monday.weekday() != 0:
            continue
        then = view_of(monday, monday)
        found, _ = asked(then, model)
        for item, one, forecast in found:
            if one is None or truth.cancelled(item["doc"]):
                continue
            if item["instalment"] == 0:
                paid = cleared(truth, item["doc"])
            else:
                # An instalment is what it was on the Monday, whatever schedule is in force since.
                rows, _ = then.ledger.schedule_in_force(item["doc"], then.on, then.known)
                paid = instalment_cleared(truth, item["doc"], rows, item["instalment"], one["posted"])
            # An answer is about what is open at the end of the day: what was paid by then, and recorded later, was not.
            if paid is not None and paid <= monday:
                continue
            low = paid_by(forecast, on if paid is None else paid - datetime.timedelta(days=1))
            high = 1.0 if paid is None else paid_by(forecast, paid)
            questions += 1
            for n in range(10):
                tenths[n] += within(low, high, n / 10, (n + 1) / 10)
            inside += within(low, high, half, 1 - half)
            if paid is not None:
                errors.append((quantile(forecast, 0.5) - paid).days)
    enough = len(errors) >= 50
    mean = lambda values: show(rounded(sum(values) * 100, len(values)), 2) if enough else None
    return {
        "outcome": "measured" if enough else "not_enough_history",
        "trained_on": cut.isoformat(),
        "until": on.isoformat(),
        "is_trained": False,
        "questions": questions,
        "paid": len(errors),
        "tenths": [ratio(t / questions) for t in tenths] if enough else [],
        "inside": ratio(inside / questions) if enough else None,
        "stated": show(p["interval_percent"], 2),
        "mean_error": mean([abs(e) for e in errors]),
        "mean_bias": mean(errors),
    }


def rounded(up, down):
    from fractions import Fraction

    from values import half_away

    return half_away(Fraction(up, down))


def within(low, high, start, end):
    low, high = min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)
    if high - low > 1e-12:
        return max(0.0, min(high, end) - max(low, start)) / (high - low)
    return 1.0 if low >= start and (low < end or end >= 1) else 0.0
