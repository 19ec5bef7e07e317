"""In which runs a customer surely pays (docs/prediction.md, "Payment runs"): in weeks of the month, every two to four weeks, on days of
the month."""

import datetime
import itertools

MONTH = datetime.timedelta(days=31)
# What was met on the way to answers; random ledgers are counted by it.
NOTED = set()
KINDS = {"prediction.pays_in_weeks": "runs in weeks", "prediction.payment_runs": "runs every {} days", "prediction.pays_on_days": "runs on days of the month"}
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()


def looked_at(counts):
    """The days from which habits are told: the latest that have sixty payments together, or all where they are fewer; twenty-four at least."""
    days, taken = sorted(counts, reverse=True), []
    for day in days:
        if len(taken) >= 24 and sum(counts[d] for d in taken) >= 60:
            break
        taken.append(day)
    return {day: counts[day] for day in sorted(taken)}


def fourth(counts):
    return sorted(counts.values(), reverse=True)[3] if len(counts) > 3 else None


def evened(counts):
    """No day counts for more payments than the one with the fourth most."""
    most = fourth(counts)
    return counts if most is None else {day: min(n, most) for day, n in counts.items()}


def by_day(paid):
    counts = {}
    for p in paid:
        counts[p["cleared"]] = counts.get(p["cleared"], 0) + 1
    return counts


def usual_of(counts):
    """The day of the week of more than half of the payments, five at least."""
    whole = sum(counts.values())
    usual = [w for w in range(7) if whole >= 5 and 2 * sum(n for day, n in counts.items() if day.weekday() == w) > whole]
    return usual[0] if usual else None


class Habit:
    """Runs that are sure: how they are told, and a function to their days."""

    def __init__(self, told, days, share, runs, stragglers):
        self.reason = told if told["rule"] == "prediction.payment_runs" else {**told, "percent": share}
        self.days, self.share, self.stragglers, self.since = days, share, stragglers, runs[0]
        self.easy = stragglers or told["rule"] == "prediction.pays_on_days"
        self.kind = KINDS[told["rule"]].format(told.get("every_days"))
        self.notes = {"stragglers counted"} if stragglers else set()


def habit_of(book, paid):
    """The habit of the days looked at, else that of the large ones among the latest sixty, else that of the latest six, where all of them
    are on it."""
    plain = by_day(paid)
    recent = looked_at(plain)
    counts = evened(recent)
    found, days = habit_among(book.banking, counts), sorted(counts)
    if found is None:
        far = evened({day: plain[day] for day in sorted(plain)[-60:]})
        small = {day: n for day, n in far.items() if 5 * n < (fourth(far) or 0)}
        large = sorted(set(far) - set(small))[-24:]
        if small and (found := habit_among(book.banking, {day: far[day] for day in large}, small)):
            found.easy = True
            found.notes.add("told by the large days")
    if found is None and len(days) > 6:
        found = habit_among(book.banking, {day: counts[day] for day in days[-6:]})
        if found and found.share < 100:
            return None
        if found:
            found.easy = True
            found.notes.add("told by the latest six days")
    if found and counts != recent:
        found.notes.add("a day of clearing up")
    if found and sum(1 for n in counts.values() if n > 10) >= 6:
        found.notes.add("runs of more than ten")
    return found


def habit_among(banking, counts, small={}):
    usual = usual_of(counts)
    if usual is not None:
        runs, stragglers = as_of_runs(banking, counts, usual)
        for way in (in_weeks, in_steps):
            if found := habit(banking, way, runs, stragglers, small, usual):
                return found
    if found := habit(banking, in_month, counts, False, small):
        return found
    # What came a banking day after a run is of it, where no more than a quarter came so.
    runs, late, run = {}, 0, None
    for day in sorted(counts):
        apart = 2 if run is None else banking.steps(run, day)
        run = day if apart > 1 else run
        late += counts[day] * (apart == 1)
        runs[run] = runs.get(run, 0) + counts[day]
    return habit(banking, in_month, runs, True, small) if late and 4 * late <= sum(counts.values()) else None


def habit(banking, way, runs, stragglers, small, *usual):
    """The habit of the latest twelve runs that is found in a way, where it holds and was not given up."""
    days = sorted(runs)[-12:]
    if len(days) < 6 or (found := way(banking, days, [runs[day] for day in days], *usual)) is None:
        return None
    told, its_days, fits = found
    if not holds([runs[day] for day in days], fits, sum(n for day, n in small.items() if day >= days[0])):
        return None
    # Since the latest run that was not moved.
    kept = max((n for n, fit in enumerate(fits) if fit == "on"), default=None)
    if kept is None or len(days) - 1 - kept > 2:
        NOTED.add("given up")
        return None
    last = banking.roll(days[kept])
    following = [run for run in its_days(days[kept], days[kept] + 5 * MONTH) if run > last]
    if len(days) - 1 - kept == 2 and days[-1] >= following[0]:
        NOTED.add("given up and a run let pass")
        return None
    if small and max(small) >= following[1]:
        NOTED.add("given up for small payments")
        return None
    share = sum(1 for fit in fits if fit != "off") * 100 // len(fits)
    found = Habit(told, its_days, share, days, stragglers)
    found.notes |= {"a moved run"} if "moved" in fits else set()
    return found


def holds(counts, fits, beside=0):
    """Four of five payments are on the habit, also of those that came beside, and three of five days."""
    on = [count for count, fit in zip(counts, fits) if fit != "off"]
    return 5 * len(on) >= 3 * len(counts) and 5 * sum(on) >= 4 * (sum(counts) + beside)


def as_of_runs(banking, counts, usual):
    """The days of payments, where it is of a run the usual day of the week that it is of, and how many came; and whether stragglers count."""
    strict, loose, on_time, in_time, late = {}, {}, set(), 0, 0
    for cleared in sorted(counts):
        run = next(d for n in range(7) if (d := cleared - datetime.timedelta(days=n)).weekday() == usual)
        apart = banking.steps(run, cleared)
        for runs, most in ((strict, 0), (loose, 1)):
            day = run if apart <= most else cleared
            runs[day] = runs.get(day, 0) + counts[cleared]
        if apart == 0:
            on_time.add(run)
            in_time += counts[cleared]
        late += counts[cleared] * (apart == 1)
    # At most a quarter of the payments of runs, and three of the latest twelve runs have one on the day itself.
    latest = sorted(loose)[-12:]
    if late and 4 * late <= late + in_time and len(on_time & set(latest)) >= 3:
        return loose, True
    return strict, False


def months_of(runs):
    return (runs[-1].year - runs[0].year) * 12 + runs[-1].month - runs[0].month + 1


def in_weeks(banking, runs, counts, usual):
    """Weeks of the month."""
    own = [day for day in runs if day.weekday() == usual]
    count = {n: sum(1 for day in own if n in weeks_of(day)) for n in (1, 2, 3, 4, 5)}
    weeks = [n for n in count if 3 * count[n] >= 2 * months_of(runs)]
    # The fourth and the last are mostly one day: the one that more runs fall on stands, of as many the fourth.
    if 4 in weeks and 5 in weeks:
        weeks.remove(4 if count[5] > count[4] else 5)
    if len(weeks) not in (1, 2):
        return None
    is_run = lambda d: d.weekday() == usual and bool(set(weeks) & weeks_of(d))
    told = {"rule": "prediction.pays_in_weeks", "weekday": DAYS[usual], "weeks": weeks}
    return told, lambda first, last: rolled(banking, filter(is_run, weekly(first, last, usual))), ["on" if is_run(day) else "off" for day in runs]


def in_steps(banking, runs, counts, usual):
    """Every two, three or four weeks, whichever day of the week's steps the runs tell together."""
    ahead = lambda day, n: day + datetime.timedelta(days=n)
    nominal = {}
    for run in runs:
        near = [d for n in (0, -1, 1, -2, 2) if (d := ahead(run, n)).weekday() == usual]
        following = next(d for n in range(7) if (d := ahead(run, n)).weekday() == usual)
        before = not banking.is_open(following) and banking.roll(run) == banking.back(following)
        nominal[run] = near[0] if near else following if before else None
    for step in (14, 21, 28):
        for anchor in (ahead(d, 7 * n) for d in daily(runs[0], ahead(runs[0], 6)) if d.weekday() == usual for n in range(step // 7)):
            on_step = lambda d, anchor=anchor, step=step: (d - anchor).days % step == 0
            moved = [r for r in runs if nominal[r] not in (None, r) and on_step(nominal[r]) and nominal[r] not in runs]
            moved = moved if 6 * len(moved) <= len(runs) else []
            fits = ["on" if nominal[r] == r and on_step(r) else "moved" if r in moved else "off" for r in runs]
            if not holds(counts, fits):
                continue
            told = [nominal[r] for r, fit in zip(runs, fits) if fit != "off"]
            steps = (max(told) - min(told)).days // step + 1
            gaps = sorted((b - a).days for a, b in zip(told, told[1:]))
            if gaps[(len(gaps) - 1) // 2] == step and 3 * len(told) >= 2 * steps:
                reason = {"rule": "prediction.payment_runs", "every_days": step, "last": banking.roll(max(told)).isoformat()}
                return reason, lambda first, last: rolled(banking, filter(on_step, weekly(first, last, usual))), fits
    return None


def in_month(banking, runs, counts):
    """Days of the month, each moved to the banking day before or after where it is none; told by forty days at least."""
    if (runs[-1] - runs[0]).days < 40:
        return None
    days = lambda n, before, first, last: {banking.back(d) if before else banking.roll(d) for d in of_months(n, first, last)}
    found, on = [], [False] * len(runs)
    calendar = {(n, before): days(n, before, runs[0] - 2 * MONTH, runs[-1] + 2 * MONTH) for n in range(1, 32) for before in (False, True)}
    while len(found) < 3 and not all(on):
        hits = []
        for (n, before), its in calendar.items():
            count = sum(1 for run, is_on in zip(runs, on) if not is_on and banking.roll(run) in its)
            hits.append((count, n, before == (n == 31), before))
        count, n, _, before = max(hits)
        if count < 3 or 3 * count < 2 * months_of(runs):
            break
        found.append((n, before))
        on = [is_on or banking.roll(run) in calendar[n, before] for run, is_on in zip(runs, on)]
    told = {"rule": "prediction.pays_on_days", "month_days": sorted({n for n, _ in found})}
    its_days = lambda first, last: sorted(set().union(*(days(n, before, first, last) for n, before in found)))
    return (told, its_days, ["on" if is_on else "off" for is_on in on]) if found else None


def is_day(day, number):
    """Whether it is a day of its month of that number; of a shorter month the last."""
    is_last = (day + datetime.timedelta(days=1)).day == 1
    return day.day == number or (is_last and day.day < number)


def of_months(number, first, last):
    """The days from one to another that are a day of their month of a number."""
    month = first.replace(day=1)
    while month <= last:
        following = (month + MONTH).replace(day=1)
        day = min(month + datetime.timedelta(days=number - 1), following - datetime.timedelta(days=1))
        if first <= day <= last:
            yield day
        month = following


def rolled(banking, days):
    return sorted({banking.roll(day) for day in days})


def daily(first, last):
    return (first + datetime.timedelta(days=n) for n in range((last - first).days + 1))


def weekly(first, last, usual):
    """The days of a day of the week from one to another."""
    return itertools.islice(daily(first, last), (usual - first.weekday()) % 7, None, 7)


def weeks_of(day):
    """Which of a month's such days it is: from 1 to 5; 5 is the last."""
    number = (day.day - 1) // 7 + 1
    later = day + datetime.timedelta(days=7)
    return ({number} if number < 5 else set()) | ({5} if later.month != day.month else set())
