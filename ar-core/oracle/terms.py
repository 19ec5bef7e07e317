"""Due dates, instalments, business days and day counts (docs/terms.md)."""

import calendar
import datetime
import re
from fractions import Fraction
from math import ceil, floor, lcm

from values import Failure, Refused, add_months, day, exact, fail, money, show

ROUNDINGS = "half_away_from_zero half_toward_zero half_even half_ceiling half_floor up down ceiling floor".split()
ROLLS = "none following preceding modified_following modified_preceding".split()
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
DEFAULTS = {
    "version": 1,
    "id": "",
    "currency": None,
    "due": [],
    "roll": "none",
    "calendar": None,
    "instalments": [],
    "start": "document",
    "rounding": "half_away_from_zero",
    "place": None,
    "residue": "largest_remainder",
    "base": "by_amount",
    "discounts": [],
}
CHOICES = {
    "roll": ROLLS,
    "start": ["document", "previous"],
    "rounding": ROUNDINGS,
    "residue": ["largest_remainder", "last"],
    "base": ["by_amount", "by_share"],
}


def bad(path):
    fail("policy_invalid", path)


def is_whole(value, low, high):
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def number(value, path, fractions=False):
    if fractions and isinstance(value, str) and re.fullmatch(r"[0-9]+/[0-9]+", value):
        n, d = map(int, value.split("/"))
        if d == 0:
            bad(path)
        return Fraction(n, d)
    try:
        return exact(value)
    except Refused:
        bad(path)


def keys(value, allowed, path):
    if not isinstance(value, dict):
        bad(path)
    for name in sorted(value):
        if name not in allowed:
            bad(f"{path}.{name}" if path else name)


# --- proving ---------------------------------------------------------------------------------------------------------------


def prove(raw, digits):
    """Terms with every default filled in, or the first offence."""
    if not isinstance(raw, dict):
        bad(None)
    version = raw.get("version", 1)
    if not is_whole(version, -(10**30), 10**30):
        bad("version")
    if version != 1:
        fail("unsupported_version", "version")
    keys(raw, DEFAULTS, "")
    t = {name: default if raw.get(name) is None else raw[name] for name, default in DEFAULTS.items()}
    if not isinstance(t["id"], str):
        bad("id")
    if t["currency"] is not None and (not isinstance(t["currency"], str) or t["currency"] not in digits):
        bad("currency")
    t["due"] = steps(t["due"], "due")
    for name in ("roll",):
        if t[name] not in CHOICES[name]:
            bad(name)
    t["calendar"] = business_calendar(t["calendar"], "calendar")
    lines = t["instalments"]
    if not isinstance(lines, list) or len(lines) > 100:
        bad("instalments")
    t["instalments"] = [line(one, f"instalments[{i}]") for i, one in enumerate(lines)]
    for name in ("start", "rounding", "residue", "base"):
        if t[name] not in CHOICES[name]:
            bad(name)
    if t["place"] is not None:
        t["place"] = number(t["place"], "place")
        if t["place"] <= 0:
            bad("place")
    well_formed(t)
    if not isinstance(t["discounts"], list):
        bad("discounts")
    for i, d in enumerate(t["discounts"]):
        path = f"discounts[{i}]"
        keys(d, ("percent", "due"), path)
        percent(d.get("percent"), f"{path}.percent")
        steps(d.get("due", []), f"{path}.due")
    return t


def percent(value, path):
    found = number(value, path, fractions=True)
    if not 0 < found <= 100 or found.denominator > 10**15:
        bad(path)
    return found


def steps(raw, path):
    if not isinstance(raw, list) or len(raw) > 16:
        bad(path)
    return [one_step(s, f"{path}[{i}]") for i, s in enumerate(raw)]


def one_step(raw, path):
    if not isinstance(raw, dict) or len(raw) != 1:
        bad(path)
    (kind, v), = raw.items()
    here = f"{path}.{kind}"
    limits = {"days": (-36525, 36525), "business_days": (1, 2600), "months": (-1200, 1200), "end_of_month": (-1200, 1200),
              "end_of_quarter": (-400, 400)}
    if kind in limits:
        if not is_whole(v, *limits[kind]):
            bad(here)
    elif kind == "day_of_month":
        keys(v, ("day", "months"), here)
        if not is_whole(v.get("day"), 1, 31):
            bad(f"{here}.day")
        if not is_whole(v.get("months", 0), -1200, 1200):
            bad(f"{here}.months")
        v = (v["day"], v.get("months", 0))
    elif kind == "cutoff":
        v = bands(v, here)
    elif kind == "payment_days":
        if not isinstance(v, list) or not v or not all(is_whole(d, 1, 31) for d in v) or any(a >= b for a, b in zip(v, v[1:])):
            bad(here)
    elif kind == "weekday":
        if v not in WEEKDAYS:
            bad(here)
    elif kind == "next_date":
        keys(v, ("month", "day"), here)
        if not is_whole(v.get("month"), 1, 12):
            bad(f"{here}.month")
        if not is_whole(v.get("day"), 1, calendar.monthrange(2024, v["month"])[1]):
            bad(f"{here}.day")
        v = (v["month"], v["day"])
    elif kind == "date":
        try:
            v = day(v)
        except Refused:
            bad(here)
    else:
        bad(here)
    return kind, v


def bands(raw, path):
    if not isinstance(raw, list) or not raw:
        bad(path)
    out = []
    for i, band in enumerate(raw):
        here = f"{path}[{i}]"
        keys(band, ("up_to", "day", "months"), here)
        up_to, at, months = band.get("up_to", 31), band.get("day"), band.get("months", 0)
        for name, value, low, high in (("up_to", up_to, 1, 31), ("day", at, 1, 31), ("months", months, -1200, 1200)):
            if not is_whole(value, low, high):
                bad(f"{here}.{name}")
        out.append((up_to, at, months))
    for a, b in zip(out, out[1:]):
        if a[0] >= b[0] or (b[2], b[1]) < (a[2], a[1]):
            bad(path)
    if out[-1][0] != 31 or (out[-1][2], out[-1][1]) > (out[0][2] + 1, out[0][1]):
        bad(path)
    return out


def business_calendar(raw, path):
    raw = {} if raw is None else raw
    keys(raw, ("weekend", "holidays"), path)
    weekend = raw.get("weekend", ["saturday", "sunday"])
    if not isinstance(weekend, list) or any(w not in WEEKDAYS for w in weekend) or len(set(weekend)) == 7:
        bad(f"{path}.weekend")
    holidays = raw.get("holidays", [])
    if not isinstance(holidays, list):
        bad(f"{path}.holidays")
    try:
        return {"weekend": set(weekend), "holidays": {day(h) for h in holidays}}
    except Refused:
        bad(f"{path}.holidays")


def line(raw, path):
    keys(raw, ("share", "due", "repeat", "every"), path)
    share, here = raw.get("share"), f"{path}.share"
    if share == "remainder":
        share = ("remainder", None)
    elif isinstance(share, dict) and len(share) == 1:
        (kind, v), = share.items()
        if kind in ("percent", "percent_of_rest"):
            v = percent(v, f"{here}.{kind}")
        elif kind == "fixed":
            v = number(v, f"{here}.fixed")
            if v <= 0:
                bad(f"{here}.fixed")
        elif kind == "weight":
            if not is_whole(v, 1, 4_294_967_295):
                bad(f"{here}.weight")
        else:
            bad(f"{here}.{kind}")
        share = (kind, v)
    else:
        bad(here)
    repeat = raw.get("repeat", 1)
    if not is_whole(repeat, 1, 1200):
        bad(f"{path}.repeat")
    every = raw.get("every")
    if every is not None:
        keys(every, ("months", "days"), f"{path}.every")
        if len(every) != 1 or not is_whole(*[every.get(k) for k in every], 1, 120 if "months" in every else 3660):
            bad(f"{path}.every")
    elif "repeat" in raw and repeat > 1:
        bad(f"{path}.every")
    return {"share": share, "due": steps(raw.get("due", []), f"{path}.due"), "repeat": repeat, "every": every}


def well_formed(t):
    lines = t["instalments"]
    if not lines:
        return
    if sum(one["repeat"] for one in lines) > 1200:
        bad("instalments")
    if t["start"] == "previous" and any(one["repeat"] > 1 for one in lines):
        bad("instalments")
    written = [one["share"] for one in lines for _ in range(one["repeat"])]
    kinds = [kind for kind, _ in written]
    if kinds.count("remainder") > 1 or ("remainder" in kinds and "weight" in kinds):
        bad("instalments")
    percents = [v for kind, v in written if kind == "percent"]
    if "remainder" not in kinds and "weight" not in kinds:
        if sum(percents) != 100 or "percent_of_rest" in kinds or ("fixed" in kinds and t["residue"] != "last"):
            bad("instalments")
        common = lcm(*[v.denominator for v in percents]) if percents else 1
        if any(v * common >= 2**64 for v in percents):
            bad("instalments")


# --- dates -----------------------------------------------------------------------------------------------------------------


def out_of_range():
    fail("impossible_date", "document_date")


def moved(d, n):
    try:
        return d + datetime.timedelta(days=n)
    except OverflowError:
        out_of_range()


def months_later(d, n):
    found = add_months(d, n)
    if found is None:
        out_of_range()
    return found


def on_day(year, month, at):
    if not 1 <= year <= 9999:
        out_of_range()
    return datetime.date(year, month, min(at, calendar.monthrange(year, month)[1]))


def day_in(d, months, at):
    """Day `at`, clamped, of the month so many months from that of d."""
    number = d.year * 12 + d.month - 1 + months
    return on_day(number // 12, number % 12 + 1, at)


def is_business(d, cal):
    return WEEKDAYS[d.weekday()] not in cal["weekend"] and d not in cal["holidays"]


def take(step, d, cal):
    kind, v = step
    if kind == "days":
        return moved(d, v)
    if kind == "business_days":
        for _ in range(v):
            d = moved(d, 1)
            while not is_business(d, cal):
                d = moved(d, 1)
        return d
    if kind == "months":
        return months_later(d, v)
    if kind == "end_of_month":
        return day_in(d, v, 31)
    if kind == "end_of_quarter":
        return day_in(d, (-d.month) % 3 + 3 * v, 31)
    if kind == "day_of_month":
        return day_in(d, v[1], v[0])
    if kind == "cutoff":
        for up_to, at, months in v:
            if d.day <= up_to:
                return day_in(d, months, at)
    if kind == "payment_days":
        for months in (0, 1):
            for at in v:
                if day_in(d, months, at) >= d:
                    return day_in(d, months, at)
    if kind == "weekday":
        while WEEKDAYS[d.weekday()] != v:
            d = moved(d, 1)
        return d
    if kind == "next_date":
        found = on_day(d.year, *v)
        return found if found >= d else on_day(d.year + 1, *v)
    if kind == "date":
        return v
    raise AssertionError(kind)


def roll(d, how, cal):
    if how == "none" or is_business(d, cal):
        return d

    def go(direction):
        at = d
        while not is_business(at, cal):
            at = moved(at, direction)
        return at

    if how == "following":
        return go(1)
    if how == "preceding":
        return go(-1)
    first, second = (1, -1) if how == "modified_following" else (-1, 1)
    found = go(first)
    return found if found.month == d.month else go(second)


def named(some):
    return [(kind, kind, v) for kind, v in some]


def walk(start, some, cal, trace):
    """Takes (name, kind, value) steps; months that follow one another are added up first."""
    merged = []
    for name, kind, v in some:
        if kind == "months" and merged and merged[-1][1] == "months":
            v += merged.pop()[2]
        merged.append((name, kind, v))
    for name, kind, v in merged:
        to = take((kind, v), start, cal)
        trace.append((f"terms.{name}", start, to))
        start = to
    return start


def rolled(d, t, trace):
    to = roll(d, t["roll"], t["calendar"])
    if to != d:
        trace.append(("terms.roll", d, to))
    return to


# --- amounts ---------------------------------------------------------------------------------------------------------------


def rounded(x, how):
    """A Fraction >= 0 to a whole number."""
    low, rest = floor(x), x - floor(x)
    if rest == 0:
        return low
    if how in ("up", "ceiling"):
        return ceil(x)
    if how in ("down", "floor"):
        return low
    if rest != Fraction(1, 2):
        return low + (1 if rest > Fraction(1, 2) else 0)
    if how == "half_even":
        return low + low % 2
    return low + (1 if how in ("half_away_from_zero", "half_ceiling") else 0)


def rule_s(total, weights, p):
    places = total // p
    whole = sum(weights)
    parts = [places * w // whole for w in weights]
    rests = [Fraction(places * w) / whole - part for w, part in zip(weights, parts)]
    for i in sorted(range(len(parts)), key=lambda i: (-rests[i], i))[: places - sum(parts)]:
        parts[i] += 1
    parts = [int(part) * p for part in parts]
    last = max(i for i, w in enumerate(weights) if w > 0)
    parts[last] += total % p
    return parts


def shared(total, written, t, p):
    """Amounts of the written-out lines, with how each came about: (amount, rule, of, share)."""

    def fit(x):
        return p * rounded(Fraction(x) / p, t["rounding"])

    kinds = [kind for kind, _ in written]
    if t["residue"] == "largest_remainder" and all(kind == "percent" for kind in kinds):
        parts = rule_s(total, [v for _, v in written], p)
        return [(part, "terms.percent", total, v / 100) for part, (_, v) in zip(parts, written)]
    out, left = [None] * len(written), total
    for i, (kind, v) in enumerate(written):
        if t["residue"] == "last" and i == len(written) - 1 and "weight" not in kinds and "remainder" not in kinds:
            out[i] = (left, "terms.last", left, None)
            left = 0
        elif kind in ("percent", "percent_of_rest"):
            of = total if kind == "percent" else left
            part = min(fit(of * v / 100), left)
            out[i] = (part, f"terms.{kind}", of, v / 100)
            left -= part
        elif kind == "fixed":
            part = min(v, left)
            out[i] = (part, "terms.fixed", left, None)
            left -= part
    if "remainder" in kinds:
        out[kinds.index("remainder")] = (left, "terms.remainder", left, None)
    places = [i for i, kind in enumerate(kinds) if kind == "weight"]
    if places:
        weights = [written[i][1] for i in places]
        if t["residue"] == "largest_remainder":
            for i, part in zip(places, rule_s(left, weights, p)):
                out[i] = (part, "terms.weight", left, Fraction(written[i][1], sum(weights)))
        else:
            of = left
            for i in places[:-1]:
                part = min(fit(Fraction(of * written[i][1], sum(weights))), left)
                out[i] = (part, "terms.weight", of, Fraction(written[i][1], sum(weights)))
                left -= part
            out[places[-1]] = (left, "terms.last", left, None)
    return out


def base_parts(total, base, amounts, written, t):
    if t["base"] == "by_share":
        sized = []
        for (kind, v), amount in zip(written, amounts):
            if kind == "fixed":
                v = rounded(Fraction(base * amount, total), t["rounding"]) if total else 0
            sized.append((kind, v))
        return [part for part, _, _, _ in shared(base, sized, t, 1)]
    if not any(amounts):
        return [0] * (len(amounts) - 1) + [base]
    if t["residue"] == "largest_remainder":
        return rule_s(base, amounts, 1)
    last = max(i for i, a in enumerate(amounts) if a)
    out, left = [], base
    for i, a in enumerate(amounts):
        part = left if i == last else min(rounded(Fraction(base * a, total), t["rounding"]), left)
        out.append(part)
        left -= part
    return out


def units(number, digits, path):
    try:
        return money(number, digits)
    except Refused as refused:
        fail(refused.code, path)


def schedule(t, start, amount, digits, base=None):
    """The listed instalments of an amount in minor units (base likewise, or None), with their reasons."""
    cal, way = t["calendar"], -1 if amount < 0 else 1
    base_way = way if base is None or base == 0 else -1 if base < 0 else 1
    total = abs(amount)
    if not t["instalments"]:
        trace = []
        due = rolled(walk(start, named(t["due"]), cal, trace), t, trace)
        return [
            {"number": 0, "due": due, "amount": amount, "base": base, "line": 0, "repetition": 0, "dates": trace, "rule": "terms.whole", "of": amount, "share": None}
        ]
    p = 1
    if t["place"] is not None:
        p = 1 if t["place"] * 10**digits < 1 else units(t["place"], digits, "place")
    written, places = [], []
    for i, one in enumerate(t["instalments"]):
        kind, v = one["share"]
        if kind == "fixed":
            v = units(v, digits, f"instalments[{i}].share.fixed")
        for k in range(one["repeat"]):
            written.append((kind, v))
            places.append((i, k))
    parts = shared(total, written, t, p)
    amounts = [part for part, _, _, _ in parts]
    bases = [None] * len(parts) if base is None else base_parts(total, abs(base), amounts, written, t)
    out, previous = [], None
    for (i, k), (part, rule, of, share), b in zip(places, parts, bases):
        one = t["instalments"][i]
        dates, own = [], named(one["due"])
        if t["start"] == "previous" and previous is not None:
            at = walk(previous, own, cal, dates)
        else:
            later = [("every", unit, k * n) for unit, n in (one["every"] or {}).items() if k]
            at = walk(start, named(t["due"]) + later + own, cal, dates)
        at = rolled(at, t, dates)
        previous = at
        out.append(
            {
                "due": at,
                "amount": way * part,
                "base": None if b is None else base_way * b,
                "line": i + 1,
                "repetition": k + 1,
                "dates": dates,
                "rule": rule,
                "of": way * of,
                "share": share,
            }
        )
    listed = [one for one in out if one["amount"] or one["base"]] or out[-1:]
    return [{"number": n, **one} for n, one in enumerate(listed, 1)]


# --- what others ask -------------------------------------------------------------------------------------------------------


def of_document(proven, row, digits):
    """(due date, generated schedule or None) of a document."""
    if proven["currency"] is not None and proven["currency"] != row["currency"]:
        bad("currency")
    found = schedule(proven, row["document_date"], row["amount"], digits)
    if not proven["instalments"]:
        return found[0]["due"], None
    return None, [(one["number"], one["due"], one["amount"]) for one in found]


def discounts(proven, row):
    """Tiers (until, percent, None, None) that the terms of a document offer."""
    if proven["currency"] is not None and proven["currency"] != row["currency"]:
        return []
    out = []
    for d in proven["discounts"]:
        try:
            until = walk(row["document_date"], named(steps(d.get("due", []), "due")), proven["calendar"], [])
        except Failure:
            continue
        out.append((until, percent(d["percent"], "percent"), None, None))
    return out


def day_count(convention, a, b):
    if b < a:
        days, fraction = day_count(convention, b, a)
        return -days, -fraction
    actual = (b - a).days
    if convention == "actual_365_fixed":
        return actual, Fraction(actual, 365)
    if convention == "actual_360":
        return actual, Fraction(actual, 360)
    if convention == "actual_actual_isda":
        leap = sum(1 for n in range(actual) if calendar.isleap((a + datetime.timedelta(n)).year))
        return actual, Fraction(leap, 366) + Fraction(actual - leap, 365)
    d1, d2 = a.day, b.day

    def ends_february(d):
        return d.month == 2 and d.day == calendar.monthrange(d.year, 2)[1]

    if convention in ("thirty_360_bond", "thirty_360_us"):
        if convention == "thirty_360_us" and ends_february(a):
            d1 = 30
            if ends_february(b):
                d2 = 30
        if d1 == 31:
            d1 = 30
        if d2 == 31 and d1 == 30:
            d2 = 30
    elif convention in ("thirty_e_360", "thirty_360_german"):
        if d1 == 31 or (convention == "thirty_360_german" and ends_february(a)):
            d1 = 30
        if d2 == 31 or (convention == "thirty_360_german" and ends_february(b)):
            d2 = 30
    else:
        bad("convention")
    days = 360 * (b.year - a.year) + 30 * (b.month - a.month) + d2 - d1
    return days, Fraction(days, 360)


def root(n, degree):
    """The largest whole number whose power of this degree is not above n."""
    if n < 2 or degree == 1:
        return n
    x = 1 << -(-n.bit_length() // degree)
    while True:
        y = ((degree - 1) * x + n // x ** (degree - 1)) // degree
        if y >= x:
            return x
        x = y


def discount_rates(percent, discount_days, net_days):
    """The verb discount_rates: docs/terms.md 7."""
    part = number(percent, "percent", fractions=True) / 100
    if not 0 <= part < 1 or (part * 100).denominator > 10**15:
        bad("percent")
    if discount_days < 0:
        bad("discount_days")
    if not discount_days < net_days <= 3660:
        bad("net_days")
    days = net_days - discount_days
    cost = part / (1 - part)

    def shown(hundredths):
        return f"{hundredths // 100}.{hundredths % 100:02}"

    def simple(year):
        return shown(rounded(cost * year / days * 10000, "half_away_from_zero"))

    def compounded(year):
        # 20,000 (1 + cost)^(year / days), cut off: an odd number or more is half a hundredth of a percent reached.
        power = Fraction(year, days)
        grown = (1 + cost) ** power.numerator * 20000**power.denominator
        halves = root(floor(grown), power.denominator) - 20000
        hundredths = (halves + 1) // 2
        return None if hundredths >= 10**14 else shown(hundredths)

    return {
        "days": days,
        "cost": lowest(cost),
        "simple_360": simple(360),
        "simple_365": simple(365),
        "compounded_360": compounded(360),
        "compounded_365": compounded(365),
    }


def lowest(fraction):
    fraction = Fraction(fraction)
    return f"{fraction.numerator}/{fraction.denominator}"


def answer(step, settings, explain):
    """The verbs due_dates and explain_due_dates."""
    digits = settings.digits
    raw = step["terms"]
    if isinstance(raw, str):
        if raw not in settings.terms:
            fail("unknown_reference", "terms")
        raw = settings.terms[raw]
    t = prove(raw, digits)
    currency, base_currency = step["currency"], step.get("base_currency")
    for name, other in (("base_amount", "base_currency"), ("base_currency", "base_amount")):
        if step.get(name) is None and step.get(other) is not None:
            fail("missing_field", name)
    for name, code in (("currency", currency), ("base_currency", base_currency)):
        if code is not None and code not in digits:
            fail("unknown_currency", name)
    if t["currency"] is not None and t["currency"] != currency:
        bad("currency")
    base = None
    try:
        at = "amount"
        amount = money(exact(step["amount"]), digits[currency])
        if step.get("base_amount") is not None:
            at = "base_amount"
            base = money(exact(step["base_amount"]), digits[base_currency])
        at = "document_date"
        start = day(step["document_date"])
    except Refused as refused:
        fail(refused.code, at)
    out = []
    for one in schedule(t, start, amount, digits[currency], base):
        row = {
            "number": one["number"],
            "due_date": one["due"].isoformat(),
            "amount": show(one["amount"], digits[currency]),
            "base_amount": None if one["base"] is None else show(one["base"], digits[base_currency]),
        }
        if explain:
            row.update(
                line=one["line"],
                repetition=one["repetition"],
                dates=[{"rule": rule, "from": a.isoformat(), "to": b.isoformat()} for rule, a, b in one["dates"]],
                rule=one["rule"],
                of=show(one["of"], digits[currency]),
                share=None if one["share"] is None else lowest(one["share"]),
            )
        out.append(row)
    return {"instalments": out}
