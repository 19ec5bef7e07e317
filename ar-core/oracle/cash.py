"""What cash comes of what is open (docs/prediction.md, "Cash"): whole numbers from the chances on, so every figure is exact."""

import datetime
from fractions import Fraction

import policy as policies
import prediction
import promises
from aging import Aging
from ledger import leg
from policy import bad, is_whole
from values import fail, half_away, key, show, split
from view import View, legs_by_name

WHOLE = 10**9
DEFAULT = {
    "version": 1,
    "id": "",
    "horizon_days": 91,
    "period": "day",
    "quantiles": [10, 50, 90],
    "draws": 1000,
    "promises": "kept_rate",
    "discounts": "taken",
    "at_risk_days": 30,
    "notice_banking_days": 2,
    "accuracy_days": 1,
}
ONE = datetime.timedelta(days=1)


def policy(raw):
    if not isinstance(raw, dict):
        bad(None)
    policies.envelope({name: value for name, value in raw.items() if name in ("version", "id")}, {"version": 1, "id": ""})
    for name in raw:
        if name not in DEFAULT:
            bad(name)
    p = {**DEFAULT, **raw}
    for name, words in (("period", ("day", "week")), ("promises", ("kept_rate", "ignored")), ("discounts", ("taken", "ignored"))):
        if p[name] not in words:
            bad(name)
    quantiles = p["quantiles"]
    rising = isinstance(quantiles, list) and all(is_whole(q) and 1 <= q <= 99 for q in quantiles) and quantiles == sorted(set(quantiles))
    for name, least, most in (("horizon_days", 1, 366), ("draws", 1, 10_000), ("at_risk_days", 1, 366), ("notice_banking_days", 0, 60), ("accuracy_days", 1, 92)):
        if name == "draws" and (not rising or len(quantiles) > 9):
            bad("quantiles")
        if not is_whole(p[name]) or not least <= p[name] <= most:
            bad(name)
    return p


def outcomes(customer, draws):
    """SplitMix64 from the FNV-1a hash of the customer's id, each number below 10^9."""
    state = 0xCBF29CE484222325
    for byte in customer.encode():
        state = (state ^ byte) * 0x100000001B3 % 2**64
    out = []
    for _ in range(draws):
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        z = state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        out.append((z ^ (z >> 31)) * WHOLE >> 64)
    return out


def curve(forecast):
    total, told, out = 0.0, 0, []
    for on, chance in forecast:
        total += chance
        upto = min(WHOLE, max(told, int(min(total, 1.0) * WHOLE + 0.5)))
        out.append([on, upto - told])
        told = upto
    out[-1][1] += WHOLE - told
    return [(on, chance) for on, chance in out if chance]


def promised(days, on, kept):
    later = [(d, chance) for d, chance in days if d > on]
    if not later:
        return [(on, WHOLE)]
    parts = split(WHOLE - kept, [chance for _, chance in later])
    return [(d, c) for d, c in [(on, kept), *((d, part) for (d, _), part in zip(later, parts))] if c]


class Coming:
    """The debts of a view, each in parts."""

    def __init__(self, view, model, p):
        self.view, self.ledger, self.policy = view, view.ledger, p
        found, self.book = prediction.asked(view, model)
        self.first, self.came = view.on + ONE, None
        # Of what happens later a forecast knows what was recorded by its day.
        known = view.on if view.known is None else min(view.known, view.on)
        self.later = View(view.ledger, view.on, known)
        self.items = []
        for item, one, forecast in found:
            if item["open"] > 0:
                row = {**item, "asked": one, "expected": forecast and prediction.quantile(forecast, 0.5), "curve": forecast and curve(forecast), "parts": [], "covered": 0, "guessed": 0}
                row["left"] = item["open"] - item["disputed"]
                self.items.append(row)
        self.known()
        self.covers()
        if p["promises"] == "kept_rate" and any(item["curve"] for item in self.items):
            self.promises()
        for item in self.items:
            if item["curve"]:
                item["guessed"] = 0 if self.payments(item) else max(0, item["left"])
                self.take(item, item["left"], item["curve"])
            if p["discounts"] == "taken":
                self.offer(item)

    def payments(self, item):
        """How many payments of the customer are known."""
        return len(self.book.past(item["doc"]["customer"], self.first))

    def take(self, item, amount, days):
        amount = max(0, min(amount, item["left"]))
        if amount:
            item["left"] -= amount
            item["parts"].append({"amount": amount, "curve": days, "tiers": []})
        return amount

    def cover(self, item, amount):
        amount = max(0, min(amount, item["left"]))
        item["left"] -= amount
        item["covered"] += amount
        return amount

    def ends(self, document):
        """Whether a document is known to be cancelled on a later day."""
        return any(c["document"] == document["id"] and c["effective"] > self.view.on and self.later.is_known(c) for c in self.ledger.rows["cancellations"])

    def cash_day(self, settling):
        """The day on which what settles brings cash; None when it brings none, or has brought it."""
        if "credit" not in settling:
            return None
        credit = self.document(settling["credit"])
        return credit["effective"] if credit["kind"] in ("payment", "advance") and credit["effective"] > self.view.on else None

    def settle(self, item, amount, on):
        return self.cover(item, amount) if on is None else self.take(item, amount, [(on, WHOLE)])

    def known(self):
        """What is known to be settled later, and what is known to be cancelled."""
        for item in self.items:
            if self.ends(item["doc"]):
                self.cover(item, item["left"])
        for name in {i["document"] for i in self.items}:
            own = sorted((i for i in self.items if i["document"] == name), key=lambda i: (i["due"] or datetime.date.max, i["instalment"]))
            settling = [a for a in self.ledger.settling() if leg(a, own[0]["doc"]) and a["effective"] > self.view.on]
            settling = [a for a in settling if self.later.is_known(a) and self.ledger.taken_back(a, self.later.known) is None]
            rest = {}
            for on in sorted({self.cash_day(a) for a in settling}, key=lambda d: d or datetime.date.min):
                named, unnamed = legs_by_name([a for a in settling if self.cash_day(a) == on], own[0]["doc"])
                for number in sorted(named):
                    for item in own:
                        if item["instalment"] == number:
                            named[number] -= self.settle(item, named[number], on)
                rest[on] = unnamed + sum(named.values())
            for on, left in rest.items():
                for item in own:
                    left -= self.settle(item, left, on)

    def covers(self):
        def account(d):
            return (d.get("company", ""), d.get("control_account", ""), d["customer"], d["currency"])

        by_due = sorted(self.items, key=lambda i: i["due"] or datetime.date.max)
        receipts = []
        for d in self.later.pending_receipts():
            taken = sum(leg(a, d) for a in self.ledger.settling() if self.later.is_known(a) and self.ledger.taken_back(a, self.later.known) is None)
            receipts.append((account(d), d["effective"], abs(d["amount"]) - taken))
        for whose, on, left in sorted(receipts):
            for item in by_due:
                if account(item["doc"]) == whose:
                    left -= self.take(item, left, [(on, WHOLE)])
        for credit in self.view.open_items():
            if credit["open"] > 0 or self.ends(credit["doc"]):
                continue
            d = credit["doc"]
            later = [a for a in self.ledger.settling() if a["effective"] > self.view.on and self.later.is_known(a)]
            left = abs(credit["open"]) - sum(leg(a, d) for a in later if self.ledger.taken_back(a, self.later.known) is None)
            for item in by_due:
                if account(item["doc"]) == account(d):
                    left -= self.cover(item, left)

    def document(self, name):
        return next(d for d in self.ledger.rows["documents"] if d["id"] == name)

    def debtor(self, promise):
        return self.document(promise["document"])["customer"] if "document" in promise else promise["customer"]

    def promises(self):
        order = sorted(self.items, key=lambda i: (i["due"] or datetime.date.max, key(i["document"]), i["instalment"]))
        live = [p for p in self.ledger.rows["promises"] if self.view.counted(p) and not self.view.closed(p) and self.until(p) > self.view.on]
        for promise in sorted(live, key=lambda p: (p["promised_date"], key(p["id"]))):
            on = self.book.banking.roll(max(promise["promised_date"], self.first))
            kept = self.kept(self.debtor(promise))
            left = promise["amount"] - self.came[promise["id"]]
            for item in order:
                d = item["doc"]
                if promises.is_about(self.view, promise, d) and d["currency"] == promise["currency"] and item["curve"] and left:
                    left -= self.take(item, left, promised(item["curve"], on, kept))

    def kept(self, customer):
        good, over = 1, 2
        if self.came is None:
            rows = [{**p, "until": min(self.until(p), self.view.on)} for p in self.ledger.rows["promises"] if self.view.counted(p) and not self.withdrawn(p)]
            self.came = promises.serve(self.view, rows)
        for p in self.ledger.rows["promises"]:
            if p["customer"] == customer and self.is_over(p):
                over += 1
                good += self.came[p["id"]] == p["amount"]
        return WHOLE * good // over

    def until(self, promise):
        """The last day on which it is kept: its own, or the next banking day."""
        return self.book.banking.roll(promise["promised_date"])

    def is_over(self, p):
        """Its last day is over, and it was not closed before its day."""
        return self.view.counted(p) and self.until(p) <= self.view.on and not self.withdrawn(p)

    def withdrawn(self, p):
        ends = [c for c in self.ledger.rows["closings"] if c["of"] == p["id"] and self.view.counted(c)]
        return any(c["effective"] < p["promised_date"] for c in ends)

    def offer(self, item):
        d = item["doc"]
        if d["kind"] not in prediction.PAID_FOR:
            return
        for until, percent, amount, basis in self.view.offers(d):
            if until < self.first:
                continue
            whole = half_away(Fraction(d["amount"] if basis is None else basis) * Fraction(percent) / 100) if percent is not None else amount
            whole = min(max(whole, 0), d["amount"])
            for part in item["parts"]:
                part["tiers"].append((until, min(half_away(Fraction(whole * part["amount"], d["amount"])), part["amount"])))


def discount(part, on):
    return next((d for until, d in part["tiers"] if until >= on), 0)


def periods(on, days, by):
    out = []
    for n in range(1, days + 1):
        d = on + n * ONE
        if out and by == "week" and d.weekday() != 0:
            out[-1][1] = d
        else:
            out.append([d, d])
    return out


def figures(items, spans, p):
    """Expected cash by period, discount, later; and the quantiles of each period and of all up to it."""
    def period(on):
        return next((n for n, (start, end) in enumerate(spans) if start <= on <= end), None)

    expected, off, later = [0] * len(spans), 0, 0
    cash = [[0] * len(spans) for _ in range(p["draws"])]
    numbers = {i["doc"]["customer"]: outcomes(i["doc"]["customer"], p["draws"]) for i in items}
    for item in items:
        for part in item["parts"]:
            days = part["curve"]
            where = [period(on) for on, _ in days]
            for (on, _), at, amount in zip(days, where, split(part["amount"], [c for _, c in days])):
                if at is None:
                    later += amount
                    continue
                its = half_away(Fraction(discount(part, on) * amount, part["amount"]))
                expected[at] += amount - its
                off += its
            for n, number in enumerate(numbers[item["doc"]["customer"]]):
                total = 0
                for (on, chance), at in zip(days, where):
                    total += chance
                    if number < total:
                        if at is not None:
                            cash[n][at] += part["amount"] - discount(part, on)
                        break
    def quantiles(values):
        values = sorted(values)
        return [values[-(-q * len(values) // 100) - 1] for q in p["quantiles"]]

    own = [quantiles([c[n] for c in cash]) for n in range(len(spans))]
    upto = [quantiles([sum(c[: n + 1]) for c in cash]) for n in range(len(spans))]
    return expected, off, later, own, upto


def forecast(view, model, raw, by, where):
    p = policy(raw)
    keys = Aging.__new__(Aging)
    keys.view, keys.ledger, keys.by, keys.where = view, view.ledger, list(by), dict(where)
    for name in keys.by:
        keys.check_key(name)
    for name in sorted(keys.where, key=key):
        keys.check_key(name)
    for name in sorted(keys.where, key=key):
        for value in keys.where[name]:
            keys.check_value(name, value)
    by = [name for name in by if name != "currency"]
    items = [i for i in Coming(view, model, p).items if keys.matches(i["doc"])]
    spans = periods(view.on, p["horizon_days"], p["period"])
    out = {
        "day": view.on.isoformat(),
        "known_on": view.known and view.known.isoformat(),
        "last_day": spans[-1][1].isoformat(),
        "by": by,
        "quantiles": p["quantiles"],
        "trained_on": model.trained_on.isoformat(),
        "rows": [],
        "totals": [],
        "sums": [],
        "total_sums": [],
    }
    for rows, sums, names in (("rows", "sums", by), ("totals", "total_sums", [])):
        groups = {}
        for item in items:
            values = tuple(keys.value(item["doc"], name) for name in names)
            groups.setdefault((values, item["doc"]["currency"]), []).append(item)
        for values, currency in sorted(groups, key=lambda g: ([key(v) for v in g[0]], key(g[1]))):
            own = groups[values, currency]
            told = figures(own, spans, p)
            made = told_rows(list(values), currency, spans, told, view.ledger.settings.digits[currency])
            out[rows] += [row for row, something in made if something or rows == "totals"]
            out[sums].append(told_sum(list(values), currency, own, told, view.ledger.settings.digits[currency]))
    return out


def told_rows(by, currency, spans, told, digits):
    expected, _, _, own, upto = told
    total = 0
    for (start, end), amount, quantiles, cumulative in zip(spans, expected, own, upto):
        total += amount
        yield {
            "by": by,
            "currency": currency,
            "from": start.isoformat(),
            "to": end.isoformat(),
            "expected": show(amount, digits),
            "quantiles": [show(q, digits) for q in quantiles],
            "cumulative": show(total, digits),
            "cumulative_quantiles": [show(q, digits) for q in cumulative],
        }, amount or any(quantiles)


def told_sum(by, currency, items, told, digits):
    expected, off, later, _, _ = told
    return {
        "by": by,
        "currency": currency,
        "items": len(items),
        "not_enough_history": show(sum(i["guessed"] for i in items), digits),
        "open": show(sum(i["open"] for i in items), digits),
        "expected": show(sum(expected), digits),
        "discount": show(off, digits),
        "later": show(later, digits),
        "disputed": show(sum(i["disputed"] for i in items), digits),
        "covered": show(sum(i["covered"] for i in items), digits),
        "unforeseen": show(sum(i["left"] for i in items), digits),
    }


def paid_by(days, on):
    return sum(c for d, c in days if d <= on)


def settled_by(item, on):
    """Of 10,000 parts of an item, how many are paid or covered by a day, as far as is expected."""
    paid = sum(Fraction(part["amount"] * paid_by(part["curve"], on), WHOLE) for part in item["parts"])
    return half_away((paid + item["covered"]) / item["open"] * 10_000)


def at_risk(view, model, raw):
    p = policy(raw)
    coming = Coming(view, model, p)
    until = view.on + p["at_risk_days"] * ONE
    out = []
    for item in coming.items:
        if item["curve"] is None:
            continue
        risk = sum(half_away(Fraction(part["amount"] * (WHOLE - paid_by(part["curve"], until)), WHOLE)) for part in item["parts"])
        why, _ = prediction.reasons(view, coming.book, item["asked"], item["doc"], coming.first, item["expected"], True)
        call, runs = prediction.next_call(coming.book, item["doc"]["customer"], view.on, p["notice_banking_days"])
        if call is None:
            why = [*why, {"rule": "prediction.no_runs", "runs": runs}]
        digits = view.ledger.digits_of(item["doc"])
        out.append(
            {
                "document": item["document"],
                "instalment": item["instalment"],
                "customer": item["doc"]["customer"],
                "currency": item["doc"]["currency"],
                "open": show(item["open"], digits),
                "due_date": item["asked"]["due"].isoformat(),
                "at_risk": show(risk + item["disputed"], digits),
                "next_run": call and call[0].isoformat(),
                "best_contact_day": call and call[1].isoformat(),
                "basis": "own_past" if coming.payments(item) else "not_enough_history",
                "paid_by_run": call and show(settled_by(item, call[0]), 4),
                "reasons": why,
            }
        )
    return {"items": out}


# --- yesterday's forecast ---------------------------------------------------------------------------------------------------


def came(items, now, start, end):
    """What receipts from one day to another brought for the documents of these items, whenever they were matched."""
    total = 0
    for name in {i["document"] for i in items}:
        own = [i for i in items if i["document"] == name]
        amount = 0
        for a in now.ledger.rows["allocations"]:
            credit = next(d for d in now.ledger.rows["documents"] if d["id"] == a["credit"])
            stands = now.is_known(a) and now.ledger.taken_back(a, now.known) is None
            if a["debit"] == name and credit["kind"] in ("payment", "advance") and stands and start <= credit["effective"] <= end:
                amount += leg(a, own[0]["doc"])
        total += min(max(amount, 0), sum(i["open"] for i in own))
    return total


def due_in(items, banking, start, end):
    return sum(i["open"] for i in items if i["due"] and start <= banking.roll(i["due"]) <= end)


def compared(all_of_them, digits):
    rows, totals = [], {}
    for on, start, end, currency, expected, ends, actual, due in all_of_them:
        t = totals.setdefault(currency, {"n": 0, "e": 0, "a": 0, "d": 0, "error": 0, "due": 0, "asked": 0, "inside": 0})
        t["n"] += 1
        t["e"] += expected
        t["a"] += actual
        t["d"] += due
        t["error"] += abs(expected - actual)
        t["due"] += abs(due - actual)
        if ends:
            t["asked"] += 1
            t["inside"] += ends[0] <= actual <= ends[1]
        n = digits[currency]
        row = {"day": on.isoformat(), "from": start.isoformat(), "to": end.isoformat(), "currency": currency}
        row |= {"expected": show(expected, n), "low": ends and show(ends[0], n), "high": ends and show(ends[1], n)}
        rows.append(row | {"actual": show(actual, n), "by_due_date": show(due, n)})
    out = []
    for currency, t in sorted(totals.items(), key=lambda c: key(c[0])):
        n = digits[currency]
        out.append(
            {
                "currency": currency,
                "forecasts": t["n"],
                "expected": show(t["e"], n),
                "actual": show(t["a"], n),
                "by_due_date": show(t["d"], n),
                "bias": show(t["e"] - t["a"], n),
                "error": show(t["error"], n),
                "due_date_bias": show(t["d"] - t["a"], n),
                "due_date_error": show(t["due"], n),
                "coverage": prediction.ratio(t["inside"] / t["asked"]) if t["asked"] else None,
            }
        )
    return {"rows": rows, "totals": out}


def accuracy(ledger, view_of, model, raw, start, end):
    p = policy(raw)
    if end < start:
        fail("impossible_date", "to")
    if (end - start).days >= 400:
        fail("limit_exceeded", "to")
    if max(model.trained_on, model.known) > start:
        fail("model_knows_later", "model")
    known, found = ledger.last_recorded, []
    now = view_of(end, None)
    on = start
    while on <= end and known is not None and on + p["accuracy_days"] * ONE <= known:
        view = view_of(on, on)
        coming = Coming(view, model, p)
        last = on + p["accuracy_days"] * ONE
        for currency in sorted({i["doc"]["currency"] for i in coming.items}, key=key):
            own = [i for i in coming.items if i["doc"]["currency"] == currency]
            expected, _, _, quantiles, _ = figures(own, [(on + ONE, last)], p)
            ends = (quantiles[0][0], quantiles[0][-1]) if len(p["quantiles"]) > 1 else None
            due = due_in(own, coming.book.banking, on + ONE, last) if any(i["curve"] for i in coming.items) else 0
            found.append((on, on + ONE, last, currency, expected[0], ends, came(own, now, on + ONE, last), due))
        on += ONE
    return compared(found, ledger.settings.digits)


def compare(ledger, view_of, made, about):
    """A forecast that was kept, beside what came; `about` are the holidays of its model and its filter."""
    on = datetime.date.fromisoformat(made["day"])
    view, now, known = view_of(on, on if made["known_on"] is None else datetime.date.fromisoformat(made["known_on"])), view_of(on, None), ledger.last_recorded
    holidays, where = about
    banking, found = prediction.Book(view, holidays).banking, []
    keys = Aging.__new__(Aging)
    keys.view, keys.ledger, keys.by, keys.where = view, ledger, [], where
    debts = [i for i in view.open_items() if i["open"] > 0 and keys.matches(i["doc"])]
    for row in made["totals"]:
        start, end = datetime.date.fromisoformat(row["from"]), datetime.date.fromisoformat(row["to"])
        if known is None or end > known:
            continue
        n = ledger.settings.digits[row["currency"]]
        minor = lambda text: int(Fraction(text) * 10**n)
        own = [i for i in debts if i["doc"]["currency"] == row["currency"]]
        ends = (minor(row["quantiles"][0]), minor(row["quantiles"][-1])) if len(row["quantiles"]) > 1 else None
        found.append((on, start, end, row["currency"], minor(row["expected"]), ends, came(own, now, start, end), due_in(own, banking, start, end)))
    return compared(found, ledger.settings.digits)
