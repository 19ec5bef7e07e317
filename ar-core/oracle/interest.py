"""Interest and compensation for late payment (docs/specification.md 8), day by day."""

import datetime
import re
from fractions import Fraction

from ledger import WORDS, leg
from policy import bad, is_texts, is_whole
from settlement_policy import entries, fields, known_keys, number, word
from terms import ROUNDINGS, day_count, lowest, rounded
from values import DIGITS, LIMIT, Refused, day, exact, fail, half_away, money, show
from view import NEVER, View, legs_by_name, order, spread

COUNTS = "actual_365_fixed actual_360 actual_actual_isda thirty_360_bond thirty_360_us thirty_e_360 thirty_360_german".split()
CHOICES = {
    "day_count": COUNTS,
    "compounding": ["none", "monthly"],
    "basis": ["daily_balance", "outstanding", "balance_due"],
    "paid_from": ["credit", "match"],
    "rounded": ["once", "per_segment", "per_day"],
    "rounding": ROUNDINGS,
    "grace": ["threshold", "free"],
    "minimum_per": ["item", "account"],
    "closed": ["excluded", "included"],
    "disputed": ["included", "excluded"],
    "requirements": ["respected", "ignored"],
}
OTHERS = "version id source checked rates reference first_day per grace_days longest_days minimum kinds compensation currencies".split()
ONE = datetime.timedelta(1)
LAST = datetime.date.max


# --- the policy -----------------------------------------------------------------------------------------------------------------


def is_code(text):
    """Has a text the shape of a currency's code?"""
    return re.fullmatch(r"[A-Za-z0-9_.-]{1,12}", text) is not None


def policy(raw, known=()):
    """A policy with every default filled in, or the first offence; `known`: currencies beside those of ISO 4217 and its own."""
    if not isinstance(raw, dict):
        bad(None)
    version = raw.get("version", 1)
    if not is_whole(version):
        bad("version")
    if version != 1:
        fail("unsupported_version", "version")
    for name in sorted(raw):
        if name not in CHOICES and name not in OTHERS:
            bad(name)
    p = {name: word(raw, name, words, name) for name, words in CHOICES.items()}
    for name in ("id", "source"):
        if not isinstance(raw.get(name, ""), str):
            bad(name)
    optional_day(raw, "checked")
    p["first_day"] = optional_day(raw, "first_day")
    p["per"] = raw.get("per", "year")
    if p["per"] != "year" and not (isinstance(p["per"], dict) and list(p["per"]) == ["days"]):
        bad("per")
    for name, default in (("grace_days", 0), ("longest_days", None)):
        p[name] = raw.get(name, default)
        if p[name] is not None and (not is_whole(p[name]) or p[name] < 0):
            bad(name)
    p["kinds"] = raw.get("kinds", ["invoice", "debit_note"])
    if not isinstance(p["kinds"], list) or any(kind not in WORDS["kind"] for kind in p["kinds"]):
        bad("kinds")
    p["currencies"] = raw.get("currencies", [])
    if not is_texts(p["currencies"]):
        bad("currencies")
    p["minimum"] = [minimum(entry, i) for i, entry in enumerate(entries(raw, "minimum", "minimum"))]
    p["compensation"] = None if raw.get("compensation") is None else compensation(raw["compensation"])
    listed = [dated(entry, "rates", i) for i, entry in enumerate(entries(raw, "rates", "rates"))]
    reference = raw.get("reference")
    if reference is not None:
        fields(reference, ("rates", "margin", "rule", "periods"), "reference")
        if "margin" not in reference:
            bad("reference")
        margin = number(reference, "margin", "reference")
        published = [dated(entry, "reference.rates", i) for i, entry in enumerate(entries(reference, "rates", "reference.rates"))]
        p["rule"] = word(reference, "rule", ["floating", "locked", "at_payment"], "reference.rule")
        p["periods"] = word(reference, "periods", ["as_listed", "half_year", "half_year_before"], "reference.periods")
    if (reference is None) == (not listed):
        bad("rates")
    if reference is None:
        p |= {"rule": "floating", "periods": "as_listed", "margin": 0, "field": "rates", "rates": table("rates", listed, 0)}
    else:
        p |= {"field": "reference.rates", "rates": table("reference.rates", published, -1000), "margin": margin}
        if not percentage(margin, -1000):
            bad("reference.margin")
    if p["first_day"] is not None and rate_on(p, p["first_day"]) is None:
        bad(f"{p['field']}[0].from")
    check(p, known)
    return p


def optional_day(raw, name):
    if raw.get(name) is None:
        return None
    try:
        return day(raw[name])
    except Refused:
        bad(name)


def dated(entry, path, i):
    known_keys(entry, ("from", "percent"), path)
    if "from" not in entry or "percent" not in entry:
        bad(path)
    try:
        start = day(entry["from"])
    except Refused:
        bad(f"{path}[{i}].from")
    return start, number(entry, "percent", f"{path}[{i}]")


def percentage(value, least):
    return least <= value <= 1000 and (value * 10**6).denominator == 1


def table(path, rates, least):
    if not 1 <= len(rates) <= 1000:
        bad(path)
    for i, (start, percent) in enumerate(rates):
        if i and rates[i - 1][0] >= start:
            bad(f"{path}[{i}].from")
        if not percentage(percent, least):
            bad(f"{path}[{i}].percent")
    return rates


def code(entry, path):
    if not isinstance(entry["currency"], str):
        bad(f"{path}.currency")


def minimum(entry, i):
    known_keys(entry, ("currency", "amount"), "minimum")
    if len(entry) != 2:
        bad("minimum")
    code(entry, f"minimum[{i}]")
    return entry["currency"], number(entry, "amount", f"minimum[{i}]")


def compensation(raw):
    fields(raw, ("tiers", "per"), "compensation")
    if "tiers" not in raw:
        bad("compensation")
    tiers = []
    for i, entry in enumerate(entries(raw, "tiers", "compensation.tiers")):
        known_keys(entry, ("currency", "from", "amount"), "compensation.tiers")
        if "currency" not in entry or "amount" not in entry:
            bad("compensation.tiers")
        path = f"compensation.tiers[{i}]"
        code(entry, path)
        tiers.append((entry["currency"], number(entry, "from", path) if "from" in entry else Fraction(0), number(entry, "amount", path)))
    return {"tiers": tiers, "per": word(raw, "per", ["invoice", "claim"], "compensation.per")}


def check(p, known):
    if p["per"] != "year" and not (is_whole(p["per"]["days"]) and 1 <= p["per"]["days"] <= 3660):
        bad("per.days")
    if p["compounding"] == "monthly":
        if p["day_count"] not in ("actual_360", "actual_365_fixed") or p["basis"] == "balance_due" or p["rule"] == "at_payment":
            bad("compounding")
        if p["rounded"] != "once":
            bad("rounded")
    if p["grace_days"] > 3660:
        bad("grace_days")
    if p["longest_days"] is not None and not 1 <= p["longest_days"] <= 36600:
        bad("longest_days")
    if not p["kinds"]:
        bad("kinds")
    for i, code in enumerate(p["currencies"]):
        if not is_code(code):
            bad(f"currencies[{i}]")
    own = [*p["currencies"], *known]
    for i, (currency, amount) in enumerate(p["minimum"]):
        if currency not in DIGITS and currency not in own:
            bad(f"minimum[{i}].currency")
        if amount < 0:
            bad(f"minimum[{i}].amount")
        if currency in [c for c, _ in p["minimum"][:i]]:
            bad(f"minimum[{i}].currency")
    if p["compensation"] is not None:
        tiers = p["compensation"]["tiers"]
        if not tiers:
            bad("compensation.tiers")
        for i, (currency, start, amount) in enumerate(tiers):
            if currency not in DIGITS and currency not in own:
                bad(f"compensation.tiers[{i}].currency")
            if start < 0:
                bad(f"compensation.tiers[{i}].from")
            if amount < 0:
                bad(f"compensation.tiers[{i}].amount")
            if [s for c, s, _ in tiers[:i] if c == currency and s >= start]:
                bad(f"compensation.tiers[{i}].from")


# --- rates ----------------------------------------------------------------------------------------------------------------------


def rate_on(p, on):
    """Per cent on a day; None when there is none."""
    if p["periods"] != "as_listed":
        on = datetime.date(on.year, 1 if on.month <= 6 else 7, 1)
        if p["periods"] == "half_year_before":
            on -= ONE
    held = [percent for start, percent in p["rates"] if start <= on]
    return max(held[-1] + p["margin"], Fraction(0)) if held else None


def needed(p, on):
    percent = rate_on(p, on)
    if percent is None:
        fail("rate_missing", p["field"])
    return percent


def later(on, days):
    return on + datetime.timedelta(days) if (LAST - on).days >= days else LAST


# --- one debt ---------------------------------------------------------------------------------------------------------------------


class Accrued:
    """The interest of one debt: `balance(day)` is what is left at the end of a day, in minor units."""

    def __init__(self, p, due, balance, until, charged=None, last=None):
        """`last`: the last day that may bear interest, where that is before the day as of which it is asked."""
        self.p, self.segments, self.accrued, self.debt, self.until = p, [], 0, 0, until
        past = later(due, p["grace_days"])
        self.origin = past if p["grace"] == "free" else due
        late = [y for y in days_after(self.origin, until) if balance(y - ONE) > 0]
        if not late:
            self.rule = "interest.not_late"
            return
        self.last = late[-1]
        if self.last <= past:
            self.rule = "interest.in_grace"
            return
        self.debt = balance(late[0] - ONE)
        end = until if p["longest_days"] is None else min(until, later(self.origin, p["longest_days"]))
        end = end if last is None else min(end, last)
        begin = self.origin if charged is None else max(self.origin, charged)
        daily = p["basis"] == "daily_balance"
        bearing = [y for y in late if begin < y <= end] if daily else days_after(begin, end)
        if not bearing:
            self.rule = "interest.charged"
            return
        self.rule = "interest.accrued"
        left = None if daily else balance(until)
        if left is not None and left <= 0:
            return
        if p["basis"] == "balance_due":
            on = {"locked": self.origin + ONE, "at_payment": self.last, "floating": end}[p["rule"]]
            percent = needed(p, on)
            whole = left * percent / 100
            self.show(bearing[0], bearing[-1], left, 0, percent, Fraction(1), in_range(rounded(whole, p["rounding"])))
        elif p["rule"] == "at_payment" and daily:
            self.reckon_runs(self.runs_by_payment(bearing, balance), begin)
        else:
            self.reckon([(y, balance(y - ONE) if daily else left) for y in bearing], begin)
        self.accrued = in_range(sum(segment["interest"] for segment in self.segments))

    def rates(self, first, last):
        """Per cent by day, of the days from the first to the last."""
        p = self.p
        if p["rule"] != "floating":
            one = needed(p, self.origin + ONE if p["rule"] == "locked" else self.last)
            return lambda _: one
        found = {}
        for y in days_after(first - ONE, last):
            found[y] = needed(p, y)
        return lambda y: found[y]

    def part(self, after, until):
        """The part of the year or period that days are, counted from the origin."""
        p = self.p
        if p["per"] == "year":
            return day_count(p["day_count"], self.origin, until)[1] - day_count(p["day_count"], self.origin, after)[1]
        return Fraction(self.count(after, until), p["per"]["days"])

    def count(self, after, until):
        return day_count(self.p["day_count"], self.origin, until)[0] - day_count(self.p["day_count"], self.origin, after)[0]

    def reckon(self, bearing, begin):
        p = self.p
        rate = self.rates(bearing[0][0], bearing[-1][0])
        monthly = p["compounding"] == "monthly"
        runs = []
        for y, balance in bearing:
            month = (y - begin - ONE).days // 30 if monthly else 0
            key = (balance, rate(y), month)
            if runs and runs[-1]["key"] == key and runs[-1]["until"] == y - ONE:
                runs[-1]["until"] = y
            else:
                runs.append({"key": key, "from": y, "until": y})
        self.reckon_runs(runs, begin)

    def runs_by_payment(self, bearing, balance):
        """Each part of a day's balance at the rate of the day on which it is paid; what is left at that of the last day."""
        drops = [t for t in days_after(bearing[0] - ONE, self.until) if balance(t) < balance(t - ONE)]
        runs = []
        for y in bearing:
            rest, parts = balance(y - ONE), {}
            for t in [t for t in drops if t >= y]:
                part = rest - min(rest, max(balance(t), 0))
                if part:
                    percent = needed(self.p, t)
                    parts[percent] = parts.get(percent, 0) + part
                    rest -= part
            if rest:
                percent = needed(self.p, self.until)
                parts[percent] = parts.get(percent, 0) + rest
            for percent in sorted(parts):
                key = (parts[percent], percent, 0)
                held = next((run for run in reversed(runs) if run["key"][1] == percent), None)
                if held is not None and held["key"] == key and held["until"] == y - ONE:
                    held["until"] = y
                else:
                    runs.append({"key": key, "from": y, "until": y})
        return runs

    def reckon_runs(self, runs, begin):
        p = self.p
        total, shown, added, pending, at = Fraction(0), 0, Fraction(0), Fraction(0), 0
        for run in runs:
            balance, percent, month = run["key"]
            if month > at:
                added, pending, at = added + pending, Fraction(0), month
                if month > 400:
                    fail("too_large", "amount")
            after = run["from"] - ONE
            interest = (balance + added) * percent / 100 * self.part(after, run["until"])
            pending += interest
            total += interest
            if p["rounded"] == "once":
                amount = in_range(rounded(total, p["rounding"])) - shown
                shown += amount
            elif p["rounded"] == "per_segment":
                amount = in_range(rounded(interest, p["rounding"]))
            else:
                amount = sum(rounded(balance * percent / 100 * self.part(y - ONE, y), p["rounding"]) for y in days_after(after, run["until"]))
            self.show(run["from"], run["until"], balance, rounded(added, p["rounding"]), percent, self.part(after, run["until"]), amount)

    def show(self, first, last, balance, added, percent, part, amount):
        self.segments.append(
            {"from": first, "until": last, "days": self.count(first - ONE, last), "balance": balance, "compounded": added, "percent": percent, "part": part, "interest": amount}
        )

    def segment_rows(self, digits):
        out = []
        for s in self.segments:
            row = {"from": s["from"].isoformat(), "until": s["until"].isoformat(), "days": s["days"], "part": lowest(s["part"]), "percent": plain(s["percent"])}
            out.append(row | {name: show(s[name], digits) for name in ("balance", "compounded", "interest")})
        return out


def days_after(after, until):
    return [after + datetime.timedelta(n) for n in range(1, (until - after).days + 1)]


def in_range(minor):
    if abs(minor) > LIMIT:
        fail("too_large", "amount")
    return minor


def plain(percent):
    """A percentage without trailing zeros."""
    text = show(int(percent * 10**6), 6)
    return text.rstrip("0").rstrip(".")


def least(p, currency, digits):
    """The least that is charged, in minor units; 0: anything."""
    return next((amount * 10**digits for code, amount in p["minimum"] if code == currency), 0)


def fixed_sum(p, currency, digits, debt):
    if p["compensation"] is None or debt <= 0:
        return 0
    reached = [amount for code, start, amount in p["compensation"]["tiers"] if code == currency and start * 10**digits <= debt]
    return half_away(reached[-1] * 10**digits) if reached else 0


def debt(step, settings):
    p = policy(step.get("policy", {}))
    if step["currency"] not in settings.digits:
        fail("unknown_currency", "currency")
    digits = settings.digits[step["currency"]]
    amount = minor(step["amount"], digits, "amount")
    if amount < 0:
        fail("wrong_sign", "amount")
    payments = []
    for index, row in enumerate(step.get("payments", [])):
        payments.append((day(row["date"]), index, minor(row["amount"], digits, "amount", "payments", index)))
    left = amount
    for _, index, paid in sorted(payments):
        left -= paid
        if left < 0:
            fail("over_allocation", "amount", "payments", index)
        if left > LIMIT:
            fail("too_large", "amount", "payments", index)

    def balance(on):
        return amount - sum(paid for date, _, paid in payments if date <= on)

    until = day(step["until"])
    charged = None if step.get("charged_until") is None else day(step["charged_until"])
    found = Accrued(p, day(step["due_date"]), balance, until, charged)
    charge, rule = found.accrued, found.rule
    if charge and charge < least(p, step["currency"], digits):
        charge, rule = 0, "interest.below_minimum"
    return {
        "open": show(balance(until), digits),
        "accrued": show(found.accrued, digits),
        "interest": show(charge, digits),
        "compensation": show(fixed_sum(p, step["currency"], digits, found.debt), digits),
        "rule": rule,
        "segments": found.segment_rows(digits),
    }


def minor(value, digits, field, table=None, index=None):
    try:
        return money(exact(value), digits)
    except Refused as refused:
        fail(refused.code, field, table, index)


# --- a view -----------------------------------------------------------------------------------------------------------------------


def overdue(view, p, terms_on=None):
    """The items that are asked about, whatever the question; with `terms_on` by the schedules in force on that day."""
    items, then = [], view.on if terms_on is None else terms_on
    for d in view.ledger.rows["documents"]:
        if d["amount"] <= 0 or d["kind"] not in p["kinds"] or not view.counted(d) or view.cancelled(d):
            continue
        held = {i["instalment"]: i for i in view.items_of(d)}
        for number, due, amount in view.ledger.schedule_in_force(d, then, view.known)[0]:
            if amount <= 0 or due is None or due >= view.on:
                continue
            bare = {"doc": d, "document": d["id"], "instalment": number, "due": due, "open": 0, "disputed": 0}
            item = held.get(number, bare) if terms_on is None else {**bare, "terms_on": terms_on}
            item = {**item, "late_after": late_after(view, d, due, p)}
            if item["open"] > 0 or p["closed"] == "included":
                items.append(item)
    return sorted(items, key=order)


def late_after(view, d, due, p):
    """The day after which an item is late; what lacks something on every day since is late on none."""
    found = due if p["requirements"] == "ignored" else view.payable_from(d, due)
    return view.on if found is None else min(found, view.on)


def balances(view, item, p):
    """What is left of an item at the end of a day."""
    d, ledger = item["doc"], view.ledger
    rows, _ = ledger.schedule_in_force(d, item.get("terms_on", view.on), view.known)
    room = {n: amount for n, _, amount in rows if amount > 0}
    sequence = [n for n, due, _ in sorted(rows, key=lambda r: (r[1] is None, r[1] or LAST, r[0])) if n in room]
    mine = [a for a in ledger.settling() if leg(a, d)]
    mine = [a for a in mine if view.counted(a)]
    begins = [there_from(view, a) if p.get("paid_from") == "credit" else a["effective"] for a in mine]
    ends = [ledger.taken_back(a, view.known) or NEVER for a in mine]
    known = {}

    def balance(on):
        if on < d["effective"]:
            return 0
        live = tuple(n for n, a in enumerate(mine) if begins[n] <= on <= view.on and on < ends[n])
        if live not in known:
            named, unnamed = legs_by_name([mine[n] for n in live], d)
            taken, _ = spread(unnamed, named, room, sequence)
            known[live] = room[item["instalment"]] - taken[item["instalment"]]
        return known[live] - (item["disputed"] if p["disputed"] == "excluded" else 0)

    return balance


def there_from(view, match):
    """The day from which the money of an allocation or difference was there."""
    ledger = view.ledger
    if not ledger.live(match, view.on, view.known):
        return match["effective"]
    if "document" in match:
        beside = ledger.find_settling(match["allocation"]) if "allocation" in match else None
        if beside is None or match["kind"] == "residual" or beside["effective"] != match["effective"]:
            return match["effective"]
        match = beside
    credit = ledger.documents[match["credit"]]
    days = [credit["effective"]]
    for other in ledger.settling():
        if other["id"] != match["id"] and leg(other, credit) and view.counted(other):
            back = ledger.taken_back(other, view.known)
            if back is not None and max(back, other["effective"]) <= match["effective"]:
                days.append(max(back, other["effective"]))
    return min(match["effective"], max(days))


def report(view: View, step):
    p = policy(step.get("policy", {}))
    question = step.get("question", {})
    for table, ids in (("charged", [row["document"] for row in question.get("charged", [])]), ("compensated", question.get("compensated", []))):
        for index, name in enumerate(ids):
            if name not in view.ledger.documents:
                fail("unknown_reference", "document", table, index)
    all_items = []
    for item in overdue(view, p):
        d = item["doc"]
        asked = not question.get("customers") or d["customer"] in question["customers"]
        if not asked or (question.get("documents") and d["id"] not in question["documents"]):
            continue
        charged = [day(row["until"]) for row in question.get("charged", []) if row["document"] == d["id"] and row.get("instalment") in (None, item["instalment"])]
        found = Accrued(p, item["late_after"], balances(view, item, p), view.on, max(charged, default=None))
        all_items.append({"item": item, "found": found, "interest": found.accrued, "rule": found.rule, "compensation": 0})
    let_go(view, p, all_items)
    compensate(view, p, all_items, question.get("compensated", []))
    rows, sums = [], {}
    for one in all_items:
        item, found = one["item"], one["found"]
        d, digits = item["doc"], view.ledger.digits_of(item["doc"])
        amounts = {"open": item["open"], "accrued": found.accrued, "interest": one["interest"], "compensation": one["compensation"]}
        rows.append(
            {
                "document": d["id"],
                "instalment": item["instalment"],
                "customer": d["customer"],
                "currency": d["currency"],
                "due_date": item["due"].isoformat(),
                "days": (view.on - item["late_after"]).days,
                "from": found.segments[0]["from"].isoformat() if found.segments else None,
                "until": max(s["until"] for s in found.segments).isoformat() if found.segments else None,
                "rule": one["rule"],
                "segments": found.segment_rows(digits) if step["do"] == "explain_interest" else [],
                **{name: show(amount, digits) for name, amount in amounts.items()},
            }
        )
        total = sums.setdefault(d["currency"], {"items": 0, "open": 0, "interest": 0, "compensation": 0})
        total["items"] += 1
        for name in ("open", "interest", "compensation"):
            total[name] += amounts[name]
    totals = []
    for currency, total in sorted(sums.items()):
        digits = view.ledger.settings.digits[currency]
        totals.append({"currency": currency, "items": total["items"], **{n: show(total[n], digits) for n in ("open", "interest", "compensation")}})
    return {"items": rows, "totals": totals}


def let_go(view, p, all_items):
    owed = {id(one): one["interest"] for one in all_items}
    for one in all_items:
        d = one["item"]["doc"]
        place = order(one["item"])[:4]
        alike = [o for o in all_items if o is one or (p["minimum_per"] == "account" and order(o["item"])[:4] == place)]
        if owed[id(one)] and sum(owed[id(o)] for o in alike) < least(p, d["currency"], view.ledger.digits_of(d)):
            one["interest"], one["rule"] = 0, "interest.below_minimum"


def compensate(view, p, all_items, done):
    if p["compensation"] is None:
        return

    def group(one):
        d = one["item"]["doc"]
        return d["id"] if p["compensation"]["per"] == "invoice" else (d.get("company", ""), d["customer"], d["currency"])

    all_items = [one for one in all_items if one["item"]["doc"]["kind"] != "charge"]
    given = {group(one) for one in all_items if one["item"]["document"] in done}
    for one in all_items:
        if one["found"].debt <= 0 or group(one) in given:
            continue
        given.add(group(one))
        d = one["item"]["doc"]
        whole = sum(o["found"].debt for o in all_items if group(o) == group(one))
        one["compensation"] = fixed_sum(p, d["currency"], view.ledger.digits_of(d), whole)
