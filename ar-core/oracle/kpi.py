"""Key figures (docs/specification.md 13), document by document and day by day."""

import datetime
import math
from fractions import Fraction

import promises
from aging import Aging
from ledger import base_leg_of, leg, names
from values import add_months, fail, half_away, key, show
from kpi_policy import UNDEFINED
from view import View, account, account_order

ONE = datetime.timedelta(days=1)
RECEIPTS = ("payment", "advance")
INVOICES = ("invoice", "debit_note")
MONEY = ("at_risk_cash", "discount_taken")


def rounded(number, mode):
    """A Fraction to a whole number."""
    down, up = math.floor(number), math.ceil(number)
    if down == up:
        return down
    out, inward = (down, up) if number < 0 else (up, down)
    if mode in ("up", "down", "ceiling", "floor"):
        return {"up": out, "down": inward, "ceiling": up, "floor": down}[mode]
    if number - down != Fraction(1, 2):
        return down if number - down < Fraction(1, 2) else up
    even = down if down % 2 == 0 else up
    halves = {"half_away_from_zero": out, "half_toward_zero": inward, "half_even": even, "half_ceiling": up, "half_floor": down}
    return halves[mode]


def months_before(day, months):
    back = add_months(day, -months)
    if back is None:
        fail("impossible_date", "months")
    if (day + ONE).month == day.month:
        return back
    while (back + ONE).month == back.month:
        back += ONE
    return back


class Keys(Aging):
    """The keys and the filter of an aging, without its items."""

    def __init__(self, view, by, where):
        self.view, self.ledger = view, view.ledger
        self.by, self.where = list(by), dict(where or {})
        for name in [*self.by, *sorted(self.where, key=key)]:
            self.check_key(name)
        for name in sorted(self.where, key=key):
            for value in self.where[name]:
                self.check_value(name, value)


class Kpis:
    """The figures of one view, at its day."""

    def __init__(self, view, policy, by=(), where=None):
        self.view, self.policy, self.ledger = view, policy, view.ledger
        wanted = max(policy["months"], policy["history_months"] if "dso_countback" in policy["kpis"] else 0)
        self.ends = [months_before(view.on, back) for back in range(wanted + 1)]
        self.keys = Keys(view, by, where)
        self.n = policy["months"]
        self.start = self.ends[self.n]
        self.days = sum(self.days_of(k) for k in range(self.n))
        self.groups = {}
        for document in self.ledger.rows["documents"]:
            if view.counted(document) and self.keys.matches(document):
                self.groups.setdefault(self.group(document), []).append(document)

    def days_of(self, k):
        return 30 if self.policy["days"] == "thirty" else (self.ends[k] - self.ends[k + 1]).days

    def in_window(self, day):
        return self.start < day <= self.view.on

    # --- groups and amounts ------------------------------------------------------------------------------------------

    def currency(self, document):
        if self.policy["currency"] == "document":
            return document["currency"]
        return self.ledger.base_currency_of(document) or ""

    def group(self, document):
        return self.keys.group_of(document, self.currency(document))

    def digits(self, currency):
        return self.ledger.settings.digits.get(currency, 0)

    def in_base(self):
        return self.policy["currency"] == "base"

    def amount(self, document):
        if not self.in_base():
            return document["amount"]
        if document["base"] is None:
            fail("base_amount_missing")
        return document["base"]

    def part(self, document, part):
        if not self.in_base():
            return part
        base = self.amount(document)
        return half_away(Fraction(base * part, document["amount"])) if document["amount"] else 0

    def is_invoice(self, document):
        return document["kind"] in INVOICES and self.is_new(document)

    def is_new(self, document):
        """Neither cancelled nor a part of another document."""
        return not self.view.cancelled(document) and not self.view.is_residual(document)

    def sold(self, document):
        if self.policy["sales"] == "net" and document.get("net") is not None:
            return self.part(document, document["net"])
        return self.amount(document)

    def sales_documents(self, documents):
        kinds = INVOICES if self.policy["credit_notes"] == "left_out" else (*INVOICES, "credit_note")
        return [d for d in documents if d["kind"] in kinds and self.is_new(d)]

    def sales(self, documents, k=None):
        first, last = (self.start, self.view.on) if k is None else (self.ends[k + 1], self.ends[k])
        return sum(self.sold(d) for d in self.sales_documents(documents) if first < d["effective"] <= last)

    def items(self, documents):
        ids = {d["id"] for d in documents}
        return [i for i in self.open_items() if i["document"] in ids]

    def open_items(self):
        if not hasattr(self, "held"):
            self.held = self.view.open_items()
        return self.held

    def figure(self, item, part):
        if not self.in_base():
            return part
        if item["base"] is None:
            fail("base_amount_missing")
        return half_away(Fraction(item["base"] * part, item["open"]))

    def owed(self, item):
        """What an item is of receivables."""
        whole = self.figure(item, item["open"])
        if self.policy["unapplied"] == "left_out" and item["doc"]["kind"] in RECEIPTS:
            return 0
        if self.policy["disputed"] == "left_out":
            whole -= self.figure(item, item["disputed"])
        return whole

    def receivables(self, documents, over=None):
        """Of all items, or of those overdue by more than so many days."""
        total = 0
        for item in self.items(documents):
            owed = self.owed(item)
            late = -1 if item["due"] is None else (self.view.on - item["due"]).days
            if over is None or late > over:
                total += owed
        return total

    def current(self, documents):
        return self.receivables(documents) - self.receivables(documents, 0)

    def at_end(self, documents, k):
        """Receivables on the k-th end."""
        then = View(self.ledger, self.ends[k], self.view.known)
        total = 0
        for d in documents:
            if self.policy["unapplied"] == "left_out" and d["kind"] in RECEIPTS:
                continue
            whole = self.amount(d)
            if not then.counted(d) or then.cancelled(d):
                continue
            of = base_leg_of if self.in_base() else leg
            live = [a for a in self.ledger.settling() if self.ledger.live(a, then.on, then.known)]
            settled = sum(of(a, d) for a in live)
            below = whole < 0 or (whole == 0 and d["amount"] < 0)
            total += whole + settled if below else whole - settled
            if self.policy["disputed"] == "left_out":
                total -= sum(self.figure(i, i["disputed"]) for i in then.items_of(d) if i["disputed"])
        return total

    # --- what took how long ---------------------------------------------------------------------------------------------

    def due(self, document):
        rows, scheduled = self.ledger.schedule_in_force(document, self.view.on, self.view.known)
        return max(due for _, due, _ in rows) if scheduled else document["due"]

    def parts(self, document):
        """(document, the residual that left it) of a document and of all that residuals which hold left of it."""
        out, moved = [(document, None)], [d for d in self.ledger.rows["differences"] if "moved_to" in d and self.ledger.live(d, self.view.on, self.view.known)]
        for one, _ in out:
            for d in moved:
                other = self.ledger.documents[d["moved_to"]]
                above = self.view.left_over_of(other)
                if above is not None and above["id"] == one["id"]:
                    out.append((other, d))
        return out

    def changes_of_all(self, document, of=leg):
        """Those of a document and of what is left of it, but for the residuals themselves."""
        parts = self.parts(document)
        residuals = [d for _, d in parts if d is not None]
        out = []
        for one, _ in parts:
            out += self.changes(one, lambda a, d: 0 if any(a is r for r in residuals) else of(a, d) or 0)
        return out

    def changes(self, document, of=leg):
        """(day, what is settled more from it on), of everything that settles a document."""
        out = []
        for a in self.ledger.settling():
            amount = of(a, document)
            end = self.ledger.taken_back(a, self.view.known)
            never = end is not None and end <= a["effective"]  # a document was cancelled before it counted
            if document["id"] not in names(a) or not self.view.counted(a) or never:
                continue
            out.append((a["effective"], amount))
            if end is not None and end <= self.view.on:
                out.append((end, -amount))
        return out

    def invoiced(self, documents):
        return [d for d in documents if self.is_invoice(d) and self.in_window(d["effective"])]

    def cleared(self, documents):
        """(document, day cleared)."""
        out = []
        for d in documents:
            if not self.is_invoice(d) or d["amount"] <= 0:
                continue
            parts, days = [one for one, _ in self.parts(d)], []
            for one in parts:
                by_day = {}
                for day, amount in self.changes(one):
                    by_day[day] = by_day.get(day, 0) + amount
                days += [day for day, amount in by_day.items() if amount]
            if sum(amount for _, amount in self.changes_of_all(d)) != d["amount"] or not days or not self.in_window(max(days)):
                continue
            if any(self.is_money(a, one) for a in self.ledger.rows["allocations"] for one in parts):
                out.append((d, max(days)))
        return out

    def is_money(self, a, document):
        credit = self.ledger.documents[a["credit"]]
        return a["debit"] == document["id"] and credit["kind"] in RECEIPTS and self.ledger.live(a, self.view.on, self.view.known)

    def late(self, documents):
        """(document, days late) of those that count."""
        out = []
        for d, day in self.cleared(documents):
            due = self.due(d)
            if due is None:
                continue
            late = (day - due).days
            if self.policy["early"] == "zero":
                late = max(late, 0)
            if self.policy["early"] != "left_out" or late > 0:
                out.append((d, late))
        return out

    # --- what stands beside -----------------------------------------------------------------------------------------------

    def differences(self, documents, kinds):
        ids = {d["id"]: d for d in documents}
        out = []
        for a in self.ledger.rows["differences"]:
            if a["kind"] in kinds and a["document"] in ids and self.in_window(a["effective"]) and self.ledger.live(a, self.view.on, self.view.known):
                document = ids[a["document"]]
                if self.in_base() and a["leg"] is None:
                    fail("base_amount_missing")
                amount = a["leg"] if self.in_base() else a["amount"]
                out.append((a, document, -amount if document["amount"] < 0 else amount))
        return out

    def promises(self, group):
        """(promised, settled in time) of those that fell due."""
        out = []
        came = promises.settled(self.view, self.policy["tolerance_days"])
        for p in self.ledger.rows["promises"]:
            until = p["promised_date"] + datetime.timedelta(days=self.policy["tolerance_days"])
            if not self.view.counted(p) or not self.in_window(until + ONE):
                continue
            if any(c["of"] == p["id"] and c["effective"] <= until and self.view.is_known(c) for c in self.ledger.rows["closings"]):
                continue
            if "document" in p:
                place = self.ledger.documents[p["document"]]
                if not self.view.counted(place):
                    continue
            else:
                mine = [d for d in self.ledger.rows["documents"] if self.view.counted(d) and (d["customer"], d["currency"]) == (p["customer"], p["currency"])]
                first = min(mine, key=lambda d: (d["effective"], d["id"]), default=None)
                if first is None:
                    continue
                place = {**dict(zip(("company", "control_account", "customer", "currency"), account(first))), "id": "", "kind": ""}
            if not self.keys.matches(place) or self.group(place) != group:
                continue
            out.append((p["amount"], came[p["id"]]))
        return out

    def disputes(self, documents):
        ids = {d["id"]: d for d in documents}
        return [(d, ids[d["document"]]) for d in self.ledger.rows["disputes"] if d["document"] in ids and self.view.counted(d)]

    def closed_on(self, dispute):
        days = [c["effective"] for c in self.ledger.rows["closings"] if c["of"] == dispute["id"] and self.view.counted(c)]
        return min(days, default=None)

    def customers(self, documents):
        sums = {}
        for i in self.items(documents):
            sums[i["doc"]["customer"]] = sums.get(i["doc"]["customer"], 0) + self.figure(i, i["open"])
        return sorted((b for b in sums.values() if b > 0), reverse=True)

    # --- figures --------------------------------------------------------------------------------------------------------------

    def ratio(self, name, group, documents):
        """Numerator and denominator, or why there is none."""
        p, days, n = self.policy, self.days, self.n
        s = lambda: self.sales(documents)  # noqa: E731
        a = lambda: self.receivables(documents)  # noqa: E731
        if name == "dso_simple":
            return a() * days, s()
        if name in ("dso_best_possible", "days_credit_granted"):
            return self.current(documents) * days, s()
        if name == "average_days_delinquent":
            return self.receivables(documents, 0) * days, s()
        if name == "dso_countback":
            return self.countback(documents)
        if name == "dso_rolling":
            return sum(self.at_end(documents, k) for k in range(n)) * days, n * s()
        if name == "dso_true":
            total = 0
            for d in self.invoiced(documents):
                changes = self.changes_of_all(d, base_leg_of if self.in_base() else leg)
                left = self.amount(d) - sum(amount for _, amount in changes)
                total += sum(amount * (day - d["document_date"]).days for day, amount in changes)
                total += left * (self.view.on - d["document_date"]).days
            return total, sum(self.amount(d) for d in self.invoiced(documents))
        if name == "payment_terms_days":
            return self.terms(documents)
        if name == "extended_dso":
            current = self.current(documents)  # refused without base amounts, whether or not there is a value
            terms, amount = self.terms(documents)
            if s() <= 0 or amount <= 0:
                return "no_sales" if s() <= 0 else "nothing_invoiced"
            return current * days * amount - terms * s(), s() * amount
        if name in ("cei", "cei_monthly_average"):
            m = 1 if name == "cei" else n
            open_ = m * self.at_end(documents, n) + s()
            return 100 * (open_ - m * a()), open_ - m * self.current(documents)
        if name == "ar_turnover":
            return 2 * s(), self.at_end(documents, n) + a()
        if name in ("days_to_pay", "days_to_pay_weighted"):
            pairs = [(d, (day - d["document_date"]).days) for d, day in self.cleared(documents)]
            return self.mean(pairs, name.endswith("weighted"))
        if name in ("days_late", "days_late_weighted"):
            return self.mean(self.late(documents), name.endswith("weighted"))
        if name == "percent_current":
            return 100 * self.current(documents), a()
        if name == "percent_past_due":
            return 100 * self.receivables(documents, 0), a()
        if name == "at_risk_cash":
            return self.receivables(documents, p["at_risk_days"]), 10 ** self.digits(group[1])
        if name == "bad_debt_ratio":
            return 100 * sum(amount for _, _, amount in self.differences(documents, ["write_off"])), s()
        if name == "unapplied_share":
            items = self.items(documents)
            [self.figure(i, i["open"]) for i in items]  # refused when one has no base amount, whether or not it is added
            cash = -sum(self.figure(i, i["open"]) for i in items if i["doc"]["kind"] in RECEIPTS and i["open"] < 0)
            return 100 * cash, sum(self.figure(i, i["open"]) for i in items if i["open"] > 0)
        if name == "concentration_top":
            balances = self.customers(documents)
            return 100 * sum(balances[: p["top"]]), sum(balances)
        if name == "concentration_herfindahl":
            balances = self.customers(documents)
            return 10_000 * sum(b * b for b in balances), sum(balances) ** 2
        if name.startswith("promise"):
            promises = self.promises(group[0])
            if name == "promise_kept_rate":
                return 100 * sum(settled == amount for amount, settled in promises), len(promises)
            if name == "promise_partly_kept_rate":
                return 100 * sum(0 < settled < amount for amount, settled in promises), len(promises)
            if self.in_base():
                return "not_in_ledger"
            return 100 * sum(settled for _, settled in promises), sum(amount for amount, _ in promises)
        if name == "dispute_cycle_days":
            closed = [(self.closed_on(d), d["effective"]) for d, _ in self.disputes(documents)]
            closed = [(end - start).days for end, start in closed if end is not None and self.in_window(end)]
            return sum(closed), len(closed)
        if name == "days_deductions_outstanding":
            open_ = sum(max(0, self.figure(i, i["disputed"])) for i in self.items(documents))
            raised = 0
            for d, document in self.disputes(documents):
                if document["amount"] > 0 and self.in_window(d["effective"]):
                    raised += self.part(document, min(d.get("amount", document["amount"]), document["amount"]))
            return open_ * days, raised
        if name == "discount_taken":
            found = self.differences(documents, ["discount", "discount_tax"])
            return sum(amount for _, _, amount in found), 10 ** self.digits(group[1])
        if name == "discount_earned_share":
            found = self.differences(documents, ["discount", "discount_tax"])
            earned = [x for row, d, x in found if any(until >= row["effective"] for until, *_ in self.view.offers(d))]
            return 100 * sum(earned), sum(amount for _, _, amount in found)
        assert name == "auto_match_rate", name
        return "not_in_ledger"

    def terms(self, documents):
        due = [(d, self.due(d)) for d in self.invoiced(documents)]
        due = [(self.amount(d), (end - d["document_date"]).days) for d, end in due if end is not None]
        return sum(amount * days for amount, days in due), sum(amount for amount, _ in due)

    def mean(self, pairs, weighted):
        weights = [self.amount(d) if weighted else 1 for d, _ in pairs]
        return sum(w * days for w, (_, days) in zip(weights, pairs)), sum(weights)

    def countback(self, documents):
        left, days, k = self.receivables(documents), 0, 0
        if left < 0:
            return "negative_receivables"
        first = min((d["effective"] for d in self.sales_documents(documents)), default=None)
        while left > 0:
            if k == self.policy["history_months"] or first is None or self.ends[k] < first:
                return "truncated_history"
            sales = self.sales(documents, k)
            if sales <= 0:
                return "truncated_no_sales"
            if left < sales:
                return days * sales + left * self.days_of(k), sales
            left, days, k = left - sales, days + self.days_of(k), k + 1
        return days, 1

    # --- rows --------------------------------------------------------------------------------------------------------------------

    def rows(self):
        out = []
        for group, documents in sorted(self.groups.items(), key=lambda g: account_order(g[0])):
            currency = self.currency(documents[0])
            row = {**dict(zip(self.names(), group)), "currency": currency}
            row |= {"from": (self.start + ONE).isoformat(), "to": self.view.on.isoformat()}
            shown = {name: self.value(name, (group, currency), documents) for name in self.policy["kpis"]}
            rating, checks = self.rate(shown)
            out.append({**row, "values": list(shown.values()), "rating": rating, "checks": checks})
        return out

    def names(self):
        return self.keys.by if "currency" in self.keys.by else [*self.keys.by, "currency"]

    def value(self, name, group, documents):
        out = {"kpi": name, "value": None, "numerator": None, "denominator": None, "undefined": None}
        ratio = self.ratio(name, group, documents)
        if isinstance(ratio, str):
            return {**out, "undefined": ratio}
        numerator, denominator = ratio
        if denominator <= 0:
            return {**out, "undefined": UNDEFINED[name]}
        digits = self.digits(group[1]) if name in MONEY else self.policy["digits"]
        text = show(rounded(Fraction(numerator * 10**digits, denominator), self.policy["rounding"]), digits)
        return {**out, "value": text, "numerator": str(numerator), "denominator": str(denominator)}

    def rate(self, shown):
        checks = []
        for rule in self.policy["ratings"]:
            holds = True
            for c in rule["conditions"]:
                value = shown[c["kpi"]]["value"]
                number = None if value is None else Fraction(value)
                holds = number is not None and (c["at_least"] is None or number >= c["at_least"]) and (c["at_most"] is None or number <= c["at_most"])
                limits = {name: c[name + "_text"] for name in ("at_least", "at_most")}
                checks.append({"rating": rule["rating"], "kpi": c["kpi"], "value": value, **limits, "passed": holds})
                if not holds:
                    break
            if holds:
                return rule["rating"], checks
        return None, checks


def report(view, policy, by, where):
    rows, totals = [], []
    for back in reversed(range(policy["series_months"])):
        then = View(view.ledger, months_before(view.on, back), view.known)
        rows += Kpis(then, policy, by, where).rows()
        totals += Kpis(then, policy, (), where).rows()
    return {"rows": rows, "totals": totals}


class Change:
    """Why days sales outstanding changed."""

    def __init__(self, now, before, policy, by, where):
        self.policy = {**policy, "kpis": ["dso_simple"], "ratings": []}
        self.before, self.now = (Kpis(view, self.policy, by, where) for view in (before, now))

    def side(self, kpis, group):
        documents = kpis.groups.get(group, [])
        overdue = kpis.receivables(documents, 0)
        return kpis.sales(documents), kpis.receivables(documents) - overdue, overdue

    def expected(self, before, now):
        if before[0] <= 0:
            return now[1:]
        scale = Fraction(max(now[0], 0) * self.before.days, before[0] * self.now.days)
        return half_away(before[1] * scale), half_away(before[2] * scale)

    def answer(self):
        groups = {}
        for kpis in (self.before, self.now):
            for group, documents in kpis.groups.items():
                groups[group] = kpis.currency(documents[0])
        pairs, sums = {}, {}
        for group, currency in groups.items():
            before, now = self.side(self.before, group), self.side(self.now, group)
            pairs[group] = (before, now, self.expected(before, now))
            held = sums.get(currency, ((0, 0, 0), (0, 0, 0), (0, 0)))
            sums[currency] = tuple(tuple(x + y for x, y in zip(a, b)) for a, b in zip(held, pairs[group]))
        rows = []
        for group, pair in sorted(pairs.items(), key=lambda g: account_order(g[0])):
            named = dict(zip(self.now.names(), group))
            rows.append({**named, **self.row(groups[group], pair, sums[groups[group]], False)})
        return {"rows": rows, "totals": [self.row(currency, held, held, True) for currency, held in sorted(sums.items())]}

    def show(self, number):
        digits = self.policy["digits"]
        return show(rounded(number * 10**digits, self.policy["rounding"]), digits)

    def row(self, currency, pair, whole, is_total):
        before, now, expected = pair
        out = {"currency": currency, **dict.fromkeys(("before", "now", "change", "mix", "terms", "delay"))}
        out |= dict.fromkeys(("mix_numerator", "terms_numerator", "delay_numerator", "denominator"))
        for name, side, days in (("before", before, self.before.days), ("now", now, self.now.days)):
            if side[0] > 0:
                out[name] = self.show(Fraction((side[1] + side[2]) * days, side[0]))
        then, this = whole[0][0], whole[1][0]
        if then <= 0 or this <= 0:
            return out
        d, d_before = self.now.days, self.before.days
        mix = sum(expected) * d * then - (before[1] + before[2]) * d_before * this
        parts = [mix, (now[1] - expected[0]) * d * then, (now[2] - expected[1]) * d * then]
        denominator = then * this
        out["change"] = self.show(Fraction(sum(parts), denominator))
        shown = [self.show(Fraction(part, denominator)) for part in parts]
        if is_total:
            shown = self.adding_up([Fraction(part, denominator) for part in parts], out["change"])
        for name, text, part in zip(("mix", "terms", "delay"), shown, parts):
            out |= {name: text, f"{name}_numerator": str(part)}
        return {**out, "denominator": str(denominator)}

    def adding_up(self, parts, change):
        digits = self.policy["digits"]
        scaled = [part * 10**digits for part in parts]
        down = [math.floor(part) for part in scaled]
        left = int(Fraction(change) * 10**digits) - sum(down)
        for n in sorted(range(3), key=lambda n: (down[n] - scaled[n], n))[: max(left, 0)]:
            down[n] += 1
        return [show(part, digits) for part in down]
