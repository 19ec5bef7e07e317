"""Which level an item or a desk has reached, and on which day the next (docs/specification.md 9, Levels)."""

import calendar
import datetime

from terms import is_business

FURTHEST = 3_660
DAY = datetime.timedelta(1)


def moved(day, days):
    """A day some days on, or None past the calendar."""
    try:
        return day + datetime.timedelta(days=days)
    except OverflowError:
        return None


def apart(count, cal, start, on):
    """How many days of a kind `on` is after `start`; of business days the most that do not lead beyond it."""
    if count == "calendar_days":
        return (on - start).days
    if on < start:  # the n-th business day before `start` is the first of these that is not after `on`
        return -1 - apart(count, cal, on, start - DAY)
    weeks, days = divmod((on - start).days, 7)
    whole = start + 7 * DAY * weeks
    found = weeks * (7 - len(cal["weekend"])) + sum(is_business(whole + DAY * n, {**cal, "holidays": ()}) for n in range(1, days + 1))
    return found - sum(start < h <= on and is_business(h, {**cal, "holidays": ()}) for h in cal["holidays"])


def some_later(count, cal, day, days):
    """The day so many days of a kind later, or None past the calendar."""
    if count == "calendar_days":
        return moved(day, days)
    step = 1 if days > 0 else -1
    while day is not None and days:
        day = moved(day, step)
        if day is not None and is_business(day, cal):
            days -= step
    return day


def last_of_month(day):
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def reached(procedure, number, on, basis, sent):
    """Is level `number` (from 1) reached on a day? `sent` is the last notice (its day, its due date), or None."""
    level, how = procedure["levels"][number - 1], (procedure["count"], procedure["calendar"])
    d = apart(*how, basis, on)
    passed = procedure["edge"] == "passed"

    def beyond(n, least):
        return n > least if passed else n >= least

    if level["count_from"] == "end_of_month":
        end = some_later(*how, basis, level["days"])
        if end is None:
            return False
        end = last_of_month(end)
        return end < on if passed else end <= on
    if level["count_from"] != "due_date" and sent is not None:
        day, due = sent
        start = due if level["count_from"] == "last_notice_due" and due is not None else day
        return beyond(apart(*how, start, on), level["days"])
    if procedure["grace"] == "free":
        return beyond(max(0, d - procedure["grace_days"]) if d > 0 else d, level["days"])
    if d <= procedure["grace_days"] and level["days"] > 0:
        return False
    return beyond(d, level["days"])


def level_on(procedure, on, basis, previous, sent):
    """The new or repeated level of an item or desk on a day, or None."""
    levels = procedure["levels"]
    n = len(levels)
    if procedure["escalation"] == "step":
        above = [previous + 1] if previous < n else []
    else:
        above = range(n, previous, -1)
    for number in above:
        if reached(procedure, number, on, basis, sent):
            return number
    again = min(previous, n)
    if previous > 0 and reached(procedure, again, on, basis, sent):
        if levels[again - 1]["always"] or (previous >= n and procedure["after_last"] == "repeat"):
            return again
    return None


def stays(procedure, on, basis, previous, sent):
    """The level at which an item stays that may stand beside others, or None."""
    again = min(previous, len(procedure["levels"]))
    if procedure["unchanged"] == "with_new" and previous > 0 and reached(procedure, again, on, basis, sent):
        return again
    return None


def reason(procedure, on, basis, previous, sent):
    """Why there is no level."""
    levels = procedure["levels"]
    d = (on - basis).days
    if not any(reached(procedure, number, on, basis, sent) for number in range(1, len(levels) + 1)):
        if d <= 0:
            return "not_due"
        counted = apart(procedure["count"], procedure["calendar"], basis, on)
        if procedure["grace_days"] > 0 and counted <= procedure["grace_days"]:
            return "in_grace"
    if previous >= len(levels) and not levels[-1]["always"] and procedure["after_last"] == "stop":
        return "last_level"
    return "waiting"


def takes_part(on, basis):
    """Is an item one of those that share their desk's level?"""
    return (on - basis).days >= 1


def too_soon(procedure, on, sent):
    """The last day that the interval hinders, or None when it does not."""
    if procedure["interval_days"] == 0 or sent is None:
        return None
    how = procedure["interval_count"], procedure["calendar"]
    needed = procedure["interval_days"] + (procedure["interval_edge"] == "passed")
    if apart(*how, sent[0], on) >= needed:
        return None
    first = some_later(*how, sent[0], needed)
    return on if first is None else first - DAY


def next_date(policy, procedure, on, due, lines):
    """The first later day on which one of these (basis dates, level, count) groups would be told again, this notice being the last.

    A group is a line alone, or with `unit = "customer"` the lines of a desk.
    """
    sent = (on, due)
    for n in range(1, FURTHEST + 1):
        day = moved(on, n)
        if day is None:
            return None
        if policy["quiet_days"] == "skip" and not is_business(day, policy["calendar"]):
            continue
        if too_soon(procedure, day, sent) is not None:
            continue
        for bases, level, count in lines:
            if procedure["max_notices"] is not None and count >= procedure["max_notices"]:
                continue
            number = level_on(procedure, day, min(bases), level, sent)
            if number is not None and (policy["unit"] == "item" or any(takes_part(day, b) for b in bases)):
                return day
    return None
