"""May this order ship, and what is everybody exposed to? (docs/specification.md 12)."""

import datetime
from fractions import Fraction

import credit_policy
import promises
from dunning_history import History, last
from ledger import leg, names
from values import LIMIT, Failure, Refused, day, exact, fail, half_away, key, money, show
from view import View

ORDER = ["open_items", "credit_notes", "unapplied", "prepayments", "deliveries", "orders", "later", "drafts", "document", "guarantees", "insurance"]
STORED = [part for part in ORDER if part not in ("later", "document")]
PART_OF_KIND = {"credit_note": "credit_notes", "payment": "unapplied", "advance": "prepayments"}
PART_OF_COMMITMENT = {"delivery": "deliveries", "order": "orders", "draft": "drafts"}
PART_OF_LINE = {"guarantee": "guarantees", "insurance": "insurance"}
PART_OF_REQUEST = {"invoice": "open_items", "delivery": "deliveries", "order": "orders", "draft": "drafts"}


def is_asked_invoice(row):
    return "asked" in row and row["kind"] == "invoice"


def amount_in(entries, currency, digits, field):
    """The amount of the first entry of a currency, in minor units."""
    for one in entries or []:
        if one["currency"] == currency:
            try:
                return money(one["amount"], digits)
            except Refused as refused:
                fail(refused.code, field)
    return None


class Credit:
    def __init__(self, view, policy):
        self.view, self.policy, self.ledger = view, policy, view.ledger
        self.digits = view.ledger.settings.digits
        self.items = view.open_items()
        self.history = None

    # --- what counts on the day -------------------------------------------------------------------------------------

    def live(self, row):
        """Counted, not closed, and not past its last day."""
        return self.view.counted(row) and not self.view.closed(row) and ("until" not in row or row["until"] >= self.view.on)

    def parent(self, customer):
        return self.view.attribute(customer, "parent") or None

    def top(self, customer):
        while self.parent(customer) is not None:
            customer = self.parent(customer)
        return customer

    def family(self, head):
        """Everybody who has the head above, or is it."""
        out = []
        for name in self.ledger.customers:
            at = name
            while at is not None and at != head:
                at = self.parent(at)
            if at == head:
                out.append(name)
        return out

    def lines(self):
        """All credit lines in force."""
        return [row for row in self.ledger.rows["credit_lines"] if self.live(row)]

    def own_lines(self, customer, kind):
        """Those of a customer, with the limit that its attribute sets."""
        out = [line for line in self.lines() if line["kind"] == kind and line.get("customer") == customer]
        one = self.limit_attribute(customer) if kind == "limit" else None
        return out if one is None else [*out, one]

    def limit_attribute(self, customer):
        best = None
        for change in self.ledger.rows["customer_changes"]:
            if change["customer"] == customer and change["attribute"] == "limit" and self.view.counted(change):
                if best is None or (change["effective"], change["recorded"]) >= (best["effective"], best["recorded"]):
                    best = change
        if best is None or "value" not in best:
            return None
        text, _, code = best["value"].partition(" ")
        if " " not in best["value"]:
            code = self.ledger.settings.base_currency
        try:
            number = exact(text)
            if code not in self.digits:
                raise Refused("unknown_currency")
            amount = money(number, self.digits[code])
            if amount < 0:
                raise Refused("wrong_sign")
        except Refused as refused:
            fail(refused.code, "limit")
        line = {"id": "", "kind": "limit", "customer": customer, "currency": code, "amount": amount}
        return {**line, "effective": best["effective"], "recorded": best["recorded"]}

    def standing(self, request=None):
        """All counted commitments, as rows with `closed` and `order`; with a request, the document as asked among them, as `asked`."""
        rows = [{**row, "closed": self.view.closed(row)} for row in self.ledger.rows["commitments"] if self.view.counted(row)]
        if request is None:
            return rows
        mine = [row for row in rows if row["id"] == request.get("order")]
        asked = {name: request[name] for name in ("customer", "kind", "company", "currency", "amount", "net", "expected_date") if name in request}
        asked |= {"id": request.get("order"), "closed": False, "asked": True}
        follows = request.get("follows") or (mine[0].get("order") if mine else None)
        if follows:
            asked["order"] = follows
        return [row for row in rows if row not in mine] + [asked]

    def gone(self, row, rows, above=()):
        """What is gone of a commitment, among such rows; `above` are those that are being looked at already."""
        if row["id"] is None:
            return 0
        following = self.following(row["id"], row["currency"], rows, above)
        taken = sum(self.takes(other, rows, (row["id"], *above)) for other in following if not is_asked_invoice(other))
        return taken + self.bill(row["id"], row["currency"], rows, above)[1]

    def following(self, order, currency, rows, above):
        return [row for row in rows if row.get("order") == order and row["currency"] == currency and row["id"] not in (order, *above)]

    def takes(self, row, rows, above):
        """What a commitment takes off what it follows."""
        below = max(0, self.gone(row, rows, above))
        if row["closed"]:
            return below
        return row["amount"] + below if row["amount"] < 0 else max(row["amount"], below)

    def bill(self, order, currency, rows, above):
        """What the invoices that name an order bill: ([(delivery, part)], the rest)."""
        following = self.following(order, currency, rows, above)
        rest = sum(self.takes(row, rows, (order, *above)) for row in following if is_asked_invoice(row))
        for other in self.ledger.rows["documents"]:
            if other["kind"] not in ("invoice", "debit_note", "credit_note"):
                continue  # money for an order, say
            if other.get("order") == order and other["currency"] == currency and self.view.counted(other) and not self.view.cancelled(other):
                rest += 0 if self.view.is_residual(other) else other["amount"]
        parts = []
        if rest > 0:
            for row in sorted((row for row in following if row["kind"] == "delivery" and not row["closed"]), key=self.age):
                part = min(rest, max(0, min(row["amount"] - self.gone(row, rows, (order, *above)), row["amount"])))
                rest -= part
                parts.append((row, part))
        return parts, rest

    def age(self, row):
        """The oldest first; one that is asked in the place of another is as old, else the youngest."""
        for at, posted in enumerate(self.ledger.rows["commitments"]):
            if posted["id"] == row["id"] and self.view.counted(posted):
                return 0, posted["effective"], posted["recorded"], at
        return (1,)

    def left(self, row, rows):
        if row["closed"]:
            return 0
        if row["amount"] < 0:
            return row["amount"]
        billed = 0
        if row["kind"] == "delivery" and "order" in row:
            billed = sum(part for other, part in self.bill(row["order"], row["currency"], rows, ())[0] if other is row)
        return max(0, min(row["amount"] - self.gone(row, rows) - billed, row["amount"]))

    def commitments(self, request=None):
        """(row, what is left of it) of all that have something left, and of the document."""
        rows = self.standing(request)
        found = [(row, self.left(row, rows)) for row in rows]
        return [(row, left) for row, left in found if left != 0 or "asked" in row]

    def worth(self, row, left):
        """What counts of what is left."""
        if self.policy["amounts"] == "gross" or "net" not in row:
            return left
        return half_away(Fraction(row["net"] * left, row["amount"])) if row["amount"] else 0

    # --- money -------------------------------------------------------------------------------------------------------------------

    def rate(self, one, other):
        best = None
        for row in self.ledger.rows["rates"]:
            if (row["currency"], row["base"]) == (one, other) and self.view.counted(row):
                if best is None or (row["effective"], row["recorded"]) >= (best["effective"], best["recorded"]):
                    best = row
        return None if best is None else best["rate"]

    def factor(self, one, other):
        rate, back = self.rate(one, other), self.rate(other, one)
        return rate if rate is not None else None if back is None else 1 / back

    def step(self, amount, one, other):
        """An amount by the rate between two currencies, or None without one."""
        factor = self.factor(one, other)
        if factor is None:
            return None
        found = half_away(Fraction(amount, 10 ** self.digits[one]) * factor * 10 ** self.digits[other])
        if abs(found) > LIMIT:
            fail("too_large")
        return found

    def convert(self, amount, one, other):
        if one == other or amount == 0:
            return amount
        if abs(amount) > LIMIT:
            fail("too_large")
        found = self.step(amount, one, other)
        base = self.ledger.settings.base_currency
        if found is None and base not in (None, one, other):
            half = self.step(amount, one, base)
            if half == 0:
                return 0
            found = None if half is None else self.step(half, base, other)
        if found is None:
            fail("rate_missing")
        return found

    def most(self, amount, of, currency):
        """The most of a currency that is, converted, no more than an amount of another: the way back, each step rounded down."""
        if of == currency or amount == 0:
            return amount
        base = self.ledger.settings.base_currency
        for way in ([currency, of], [currency, base, of]):
            if None in way or len(set(way)) < len(way):
                continue
            factors = [self.factor(one, other) for one, other in zip(way, way[1:])]
            if None in factors:
                continue
            for n in range(len(way) - 1, 0, -1):
                exact = Fraction(amount, 10 ** self.digits[way[n]]) / factors[n - 1] * 10 ** self.digits[way[n - 1]]
                amount = exact.numerator // exact.denominator
                if abs(amount) > LIMIT:
                    fail("too_large")
            return amount
        fail("rate_missing")

    # --- exposure ----------------------------------------------------------------------------------------------------------------

    def amounts(self, customers, company, request=None, horizon=None):
        """part, currency -> amount, of customers in a company (None: in all); only of things that there are."""
        out = {}

        def add(part, currency, amount):
            out[part, currency] = out.get((part, currency), 0) + amount

        for item in self.items:
            d = item["doc"]
            if d["customer"] in customers and company in (None, d.get("company", "")):
                add(PART_OF_KIND.get(d["kind"], "open_items"), d["currency"], item["open"])
        among = self.commitments(request)
        if request is not None and "document" not in self.policy["parts"]:
            # It takes nothing off, but is in the place of the one that is there.
            among = [one for one in self.commitments() if one[0]["id"] != request.get("order")] + [one for one in among if "asked" in one[0]]
        again = request is not None and "document" in self.policy["parts"] and self.is_again(request) and self.is_put_off(request, horizon)
        stood = {row["id"]: self.worth(row, left) for row, left in self.commitments()} if again else {}
        for row, left in among:
            if "asked" in row:
                worth = self.worth(row, left)
                stays = worth
                if self.is_put_off(row, horizon):
                    taken = self.taken_over(request, among, customers, company, horizon, again)
                    stays = taken if again else taken - (self.value(request) - worth)
                    stays = max(0, min(stays, max(0, worth)))
                add("document", row["currency"], stays)
                add("later", row["currency"], worth - stays)
            elif row["customer"] in customers and company in (None, row.get("company", "")):
                put_off, part, worth = self.is_put_off(row, horizon), PART_OF_COMMITMENT[row["kind"]], self.worth(row, left)
                if again and not put_off and part in self.policy["parts"]:
                    worth = min(worth, stood.get(row["id"], 0))
                add("later" if put_off else part, row["currency"], worth)
        for line in self.ledger.rows["credit_lines"]:
            if line["kind"] in PART_OF_LINE and self.live(line) and line["customer"] in customers and (company is None or line.get("company", company) == company):
                add(PART_OF_LINE[line["kind"]], line["currency"], -line["amount"])
        return out

    def is_again(self, request):
        """Is it in the place of a commitment that is not closed and follows the same?"""
        posted = self.posted(request)
        return posted is not None and not self.view.closed(posted) and request.get("follows", posted.get("order")) == posted.get("order")

    def taken_over(self, request, among, customers, company, horizon, again):
        """What the document takes off the parts that count; of one that is asked again what the posted one has not taken off."""
        if "document" not in self.policy["parts"]:
            return 0
        rows = self.standing() if again else self.standing(request)[:-1]
        now = {row["id"]: left for row, left in among if "asked" not in row}
        total = 0
        for row in rows:
            if PART_OF_COMMITMENT[row["kind"]] in self.policy["parts"] and not self.is_put_off(row, horizon):
                if row["customer"] in customers and company in (None, row.get("company", "")) and row["id"] != request.get("order"):
                    before, after = self.worth(row, self.left(row, rows)), self.worth(row, now.get(row["id"], 0))
                    total += before - (min(before, after) if again else after)
        return total

    def is_put_off(self, row, horizon):
        """Whether it is an order that is expected after the horizon."""
        return row["kind"] == "order" and self.is_late(row.get("expected_date"), horizon)

    def is_late(self, expected, horizon):
        return horizon is not None and expected is not None and (expected - self.view.on).days > horizon

    def value(self, request):
        return request["net"] if self.policy["amounts"] == "net" and "net" in request else request["amount"]

    def exposure(self, amounts, currency):
        """part -> amount in one currency."""
        parts = dict.fromkeys(ORDER, 0)
        for (part, held), amount in amounts.items():
            if self.policy["currencies"] == "converted" or held == currency:
                parts[part] += self.convert(amount, held, currency)
        return parts

    def counted(self, parts):
        return sum(parts[part] for part in set(self.policy["parts"]))

    # --- lines -------------------------------------------------------------------------------------------------------------------

    def real(self, lines, zero):
        """Without those that are as if they were not there."""
        if zero != "inherits":
            return lines
        ended = {}
        for line in lines:
            key = self.place(line)
            if line.get("amount", 0) == 0 and (key not in ended or self.is_newer(line, ended[key])):
                ended[key] = line
        real = [line for line in lines if line.get("amount", 0) != 0]
        return [line for line in real if self.place(line) not in ended or self.is_newer(line, ended[self.place(line)])]

    def place(self, line):
        """Whose limit it is, of what: a later one takes its place."""
        currency = line["currency"] if self.policy["currencies"] == "apart" else None
        return line["kind"], line.get("customer"), line.get("group"), line.get("company"), currency

    def is_newer(self, line, other):
        when = lambda one: (one["effective"], one["recorded"])
        return when(line) > when(other) or (when(line) == when(other) and self.is_later(line, other))

    def zero_of(self, kind):
        """What a line of 0 means to the first check of a kind."""
        return next((rule["zero"] for rule in self.policy["checks"] if rule["check"] == kind), None)

    def sets(self, lines, company, currency):
        """(company of the set or None, the line asked of it), the set of no company first."""
        apart = self.policy["companies"] == "apart"
        if self.policy["currencies"] == "apart":
            lines = [line for line in lines if line["currency"] == currency]
        lines = [line for line in lines if line.get("company", company) == company]
        if apart:
            groups = [(company, lines)]
        else:
            groups = [(None, [l for l in lines if "company" not in l]), (company, [l for l in lines if "company" in l])]
        return [(of, self.asked(group)) for of, group in groups if group]

    def asked(self, lines):
        best, best_rank = None, None
        for line in lines:
            owner = 0 if "customer" in line else 1 if "group" in line else 2
            rank = (-owner, "company" in line, line["effective"], line["recorded"])
            if best is None or rank > best_rank or (rank == best_rank and self.is_later(line, best)):
                best, best_rank = line, rank
        return best

    def is_later(self, line, other):
        """Of one effective and recorded day: by sequence."""
        return self.sequence(line) > self.sequence(other)

    def sequence(self, line):
        """The batches say which came first; in one batch, changes of customers are taken in before credit lines."""
        rows = self.ledger.rows["credit_lines"]
        at = next((i for i, row in enumerate(rows) if row is line), -1)
        return at

    def lines_of(self, customer, kind):
        group = self.view.attribute(customer, "group")
        out = self.own_lines(customer, kind)
        for line in self.lines():
            of_group = "group" in line and group != "" and line["group"] == group
            if line["kind"] == kind and (of_group or not {"customer", "group"} & set(line)):
                out.append(line)
        return out

    # --- one request ---------------------------------------------------------------------------------------------------------------

    def know_company(self, company, field):
        rows = self.ledger.rows
        named = {row.get("company", "") for table in ("documents", "commitments", "credit_lines") for row in rows[table]}
        if company not in {"", *self.ledger.settings.companies, *named}:
            fail("unknown_value", field)

    def read(self, step):
        if step["customer"] not in self.ledger.customers:
            fail("unknown_value", "customer")
        self.know_company(step.get("company", ""), "company")
        if step["currency"] not in self.digits:
            fail("unknown_currency", "currency")
        request = {"customer": step["customer"], "currency": step["currency"]} | {name: step[name] for name in ("kind", "company") if step.get(name)}
        for name in ("amount", "net"):
            if name in step:
                try:
                    request[name] = money(exact(step[name]), self.digits[step["currency"]])
                except Refused as refused:
                    fail(refused.code, name)
        if request.get("kind", "order") not in PART_OF_REQUEST:
            fail("unknown_kind", "kind")
        if "expected_date" in step:
            request["expected_date"] = day(step["expected_date"])
        request |= {name: step[name] for name in ("order", "follows", "terms") if name in step and (step[name] or name == "terms")}
        at, way = request.get("follows"), []
        while at not in (None, "", request.get("order")) and at not in way:
            way.append(at)
            at = next((row.get("order") for row in self.ledger.rows["commitments"] if row["id"] == at), None)
        if way and at and at == request.get("order"):
            fail("cyclic_parent", "follows")
        return self.as_posted(request)

    def posted(self, request):
        """The counted commitment in whose place the document of a request stands."""
        return next((row for row in self.ledger.rows["commitments"] if row["id"] == request.get("order") and self.view.counted(row)), None)

    def as_posted(self, request):
        """With what the request leaves out as it was posted."""
        row = self.posted(request) or {}
        left_out = {name: row[name] for name in ("kind", "company", "expected_date") if name in row and name not in request}
        if "net" in row and "net" not in request and row["currency"] == request["currency"] and (row["amount"] or not request["amount"]):
            left_out["net"] = half_away(Fraction(row["net"] * request["amount"], row["amount"])) if row["amount"] else 0
        return {"kind": "order", "company": ""} | left_out | request

    def outcomes(self, request):
        out = []
        for rule in self.policy["checks"]:
            for found in getattr(self, "ask_" + rule["check"])(rule, request):
                out.append({**self.blank(rule, request), **found, "rule": rule})
        return out

    def check(self, step):
        request = self.read(step)
        outcomes = self.outcomes(request)
        decision = self.decision(outcomes, request)
        release = self.release(request, outcomes) if decision == "block" else None
        if release is not None:
            decision = "released"
        digits = self.digits[request["currency"]]
        headroom = self.headroom(outcomes, request)
        return {
            "customer": request["customer"],
            "company": request["company"],
            "kind": request["kind"],
            "currency": request["currency"],
            "amount": show(request["amount"], digits),
            "order": step.get("order"),
            "decision": decision,
            "headroom": None if headroom is None else show(headroom, digits),
            "release": None if release is None else release["id"],
            "may_release": self.may_release(outcomes) if decision == "block" else [],
            "checks": [self.shown(one) for one in outcomes],
            "changed": self.changed(request),
        }

    def blank(self, rule, request):
        return {
            "check": rule["check"],
            "part": "",
            "line": "",
            "customer": request["customer"],
            "company": request["company"] if self.policy["companies"] == "apart" else None,
            "currency": request["currency"],
            "figure": None,
            "limit": None,
            "headroom": None,
            "passed": True,
            "reaction": rule["reaction"],
            "parts": [],
        }

    def shown(self, one):
        digits = self.digits[one["currency"]]
        out = {name: value for name, value in one.items() if name not in ("rule", "excess")}
        for name in ("figure", "limit", "headroom"):
            if isinstance(out[name], int):
                out[name] = show(out[name], digits)
        out["parts"] = [
            {"part": part, "amount": show(amount, digits), "counts": part in self.policy["parts"]} for part, amount in out["parts"]
        ]
        return out

    def within(self, rule, figure, limit):
        return figure < limit if rule["edge"] == "below" else figure <= limit

    def against(self, rule, line, figure, before):
        """Outcome of a figure against a line, with and without the document."""
        limit = line.get("amount")
        if limit == 0 and rule["zero"] == "unlimited":
            limit = None
        out = {"line": line["id"], "currency": line["currency"], "figure": figure, "limit": limit}
        if limit is not None:
            out |= {"headroom": limit - before, "passed": self.within(rule, figure, limit), "excess": figure - limit}
        return out

    def against_line(self, rule, request, customer, customers, company, line):
        parts = self.exposure(self.amounts(customers, company, request, rule["horizon_days"]), line["currency"])
        figure = self.counted(parts)
        before = figure - (parts["document"] if "document" in self.policy["parts"] else 0)
        return {**self.against(rule, line, figure, before), "customer": customer, "company": company, "parts": [(p, parts[p]) for p in ORDER]}

    def ask_limit(self, rule, request):
        lines = self.real(self.lines_of(request["customer"], "limit"), rule["zero"])
        sets = self.sets(lines, request["company"], request["currency"])
        found = [self.against_line(rule, request, request["customer"], [request["customer"]], of, line) for of, line in sets]
        return found or [{"passed": rule["missing"] != "fails"}]

    def ask_family_limit(self, rule, request):
        found, head = [], request["customer"]
        while head is not None:
            lines = [line for line in self.lines() if line["kind"] == "family_limit" and line["customer"] == head]
            for of, line in self.sets(self.real(lines, rule["zero"]), request["company"], request["currency"]):
                found.append(self.against_line(rule, request, head, self.family(head), of, line))
            head = self.parent(head)
        return found or ([{"passed": False}] if rule["missing"] == "fails" else [])

    def ask_part(self, rule, request):
        found = []
        lines = self.real(self.lines_of(request["customer"], rule["part"]), rule["zero"])
        for of, line in self.sets(lines, request["company"], request["currency"]):
            if rule["part"] == "overdue":
                figure = before = self.open_of([d for d in self.debits(request, of, line["currency"]) if d["late"] > (rule["days"] or 0)], line["currency"])
            else:
                if PART_OF_REQUEST[request["kind"]] == rule["part"]:
                    parts = self.exposure(self.amounts([request["customer"]], of, request), line["currency"])
                    before, figure = parts[rule["part"]], parts[rule["part"]] + parts["document"]
                else:
                    before = figure = self.part_alone(rule["part"], request, of, line["currency"])
            found.append({**self.against(rule, line, figure, before), "part": rule["part"], "company": of})
        return found or [{"passed": rule["missing"] != "fails", "part": rule["part"]}]

    def part_alone(self, part, request, company, currency):
        """A part as it stands, without the commitment in whose place the document is."""
        amounts = self.amounts([request["customer"]], company)
        for row, left in self.commitments():
            if row["id"] == request.get("order") and row["customer"] == request["customer"] and company in (None, row.get("company", "")):
                amounts[PART_OF_COMMITMENT[row["kind"]], row["currency"]] -= self.worth(row, left)
        return self.exposure(amounts, currency)[part]

    def maximum(self, rule, request, figure):
        at = next(i for i, one in enumerate(self.policy["checks"]) if one is rule)
        limit = amount_in(rule["maximum"], request["currency"], self.digits[request["currency"]], f"checks[{at}].maximum")
        return [{"figure": figure, "limit": limit, "passed": limit is None or self.within(rule, figure, limit)}]

    def ask_document_value(self, rule, request):
        return self.maximum(rule, request, self.value(request))

    def ask_overdue_amount(self, rule, request):
        late = self.open_of([d for d in self.debits(request) if d["late"] > rule["days"]], request["currency"])
        if rule["credits"] == "netted":
            late = max(0, late - self.open_of(self.due_credits(request), request["currency"]))
        return self.maximum(rule, request, late)

    def due_credits(self, request):
        """Open items below zero that are due, without their sign."""
        out = []
        for item in self.items:
            d = item["doc"]
            company = request["company"] if self.policy["companies"] == "apart" else d.get("company", "")
            currency = request["currency"] if self.policy["currencies"] == "apart" else d["currency"]
            if (d["customer"], d.get("company", ""), d["currency"]) == (request["customer"], company, currency) and item["open"] < 0:
                if (item["due"] or d["effective"]) < self.view.on:
                    out.append({"currency": d["currency"], "open": -item["open"]})
        return out

    def debits(self, request, company="", currency=None):
        """Open items above zero, each with the days since it fell due."""
        if company == "":
            company = request["company"] if self.policy["companies"] == "apart" else None
        out = []
        for item in self.items:
            d = item["doc"]
            if d["customer"] != request["customer"] or item["open"] <= 0 or company not in (None, d.get("company", "")):
                continue
            if self.policy["currencies"] == "apart" and d["currency"] != request["currency"]:
                continue
            out.append({"item": item, "currency": d["currency"], "open": item["open"], "late": 0 if item["due"] is None else (self.view.on - item["due"]).days})
        return out

    def open_of(self, debits, currency):
        sums = {}
        for d in debits:
            sums[d["currency"]] = sums.get(d["currency"], 0) + d["open"]
        return sum(self.convert(amount, held, currency) for held, amount in sums.items())

    def ask_overdue_share(self, rule, request):
        debits = self.debits(request)
        whole = self.open_of(debits, request["currency"])
        late = self.open_of([d for d in debits if d["late"] > rule["days"]], request["currency"])
        share = Fraction(100 * late, whole) if whole else Fraction(0)
        return [{"figure": show(half_away(share * 100), 2), "limit": show(half_away(rule["percent"] * 100), 2), "passed": self.within(rule, share, rule["percent"])}]

    def ask_oldest_open(self, rule, request):
        debits = self.debits(request)
        late = sorted({d["late"] for d in debits if d["late"] > 0}, reverse=True)
        credits = self.due_credits(request) if rule["credits"] == "netted" else []
        if credits and late:
            off = self.open_of(credits, request["currency"])
            left = (n for n in late if self.open_of([d for d in debits if d["late"] >= n], request["currency"]) > off)
            late = [next(left, 0)]
        oldest = max([0, *late])
        return [{"figure": str(oldest), "limit": str(rule["days"]), "passed": self.within(rule, oldest, rule["days"])}]

    def ask_dunning_level(self, rule, request):
        if self.history is None:
            self.history = History.of(self.view)
        highest = 0
        for d in self.debits(request):
            about = self.history.about(d["item"]["document"], d["item"]["instalment"])
            # One without lines counts for the customer that it was sent to.
            about = [pair for pair in about if pair[0]["customer"] == request["customer"] or pair[1] in pair[0]["lines"]]
            found = last(about)
            highest = max(highest, 0 if found is None else found[1]["level"])
        return [{"figure": str(highest), "limit": str(rule["level"]), "passed": self.within(rule, highest, rule["level"])}]

    def ask_review_date(self, rule, request):
        text = self.view.attribute(request["customer"], "review_date")
        if text == "":
            return [{"passed": rule["missing"] != "fails"}]
        until = day(text) + datetime.timedelta(days=rule["buffer_days"] or 0)
        return [{"figure": text, "limit": until.isoformat(), "passed": self.view.on <= until}]

    def ask_critical_fields(self, rule, request):
        after = self.view.on - datetime.timedelta(days=rule["within_days"])
        for name in rule["fields"]:
            for change in self.ledger.rows["customer_changes"]:
                if (change["customer"], change["attribute"]) == (request["customer"], name) and self.view.counted(change) and change["effective"] > after:
                    return [{"figure": name, "passed": False}]
            if name == "terms" and "terms" in request and request["terms"] != self.view.attribute(request["customer"], "terms"):
                return [{"figure": name, "passed": False}]
        return [{}]

    def ask_score(self, rule, request):
        text = self.view.attribute(request["customer"], "score")
        try:
            passed = exact(text) >= rule["minimum"]
        except Refused:
            passed = rule["missing"] != "fails"
        return [{"figure": text or None, "limit": plain(rule["minimum"]), "passed": passed}]

    def ask_blocked(self, rule, request):
        text = self.view.attribute(request["customer"], "blocked")
        blocks = text != "" and (rule["blocks"] is None or text in rule["blocks"])
        return [{"figure": text or None, "passed": not blocks}]

    # --- what follows ----------------------------------------------------------------------------------------------------------------

    def decision(self, outcomes, request):
        if self.policy["reductions"] == "pass" and request["amount"] <= 0:
            return "pass"
        reactions = {one["reaction"] for one in outcomes if not one["passed"]}
        return next((word for word in ("block", "warn") if word in reactions), "pass")

    def headroom(self, outcomes, request):
        found = []
        for one in outcomes:
            if one["check"] in ("limit", "family_limit") and one["reaction"] != "pass" and one["headroom"] is not None:
                room = one["headroom"] - (1 if one["rule"]["edge"] == "below" else 0)
                found.append(self.most(room, one["currency"], request["currency"]))
        return min(found, default=None)

    def releases(self, customer, order=None):
        """Counted and not closed, the latest last."""
        found = []
        for n, row in enumerate(self.ledger.rows["releases"]):
            if row["customer"] == customer and order in (None, row["order"]) and self.view.counted(row) and not self.view.closed(row):
                found.append(((row["effective"], row["recorded"], n), row))
        return [row for _, row in sorted(found, key=lambda one: one[0])]

    def had_failed(self, row, request, blocking):
        """Had all that blocks failed when the order was released, as it was known then?"""
        if self.policy["release_covers"] == "anything":
            return True
        then = Credit(View(self.ledger, row["effective"], row["recorded"]), self.policy)
        asked = {name: value for name, value in request.items() if name != "net"} | {"amount": row["amount"]}
        try:
            failed = [one for one in then.outcomes(asked) if not one["passed"]]
        except Failure:
            return False
        # Whose line it is, and of which company, not which: a line that took its place is the same limit.
        lined = lambda one: one["check"] in ("limit", "family_limit", "part") and one["figure"] is not None
        same = lambda a, b: a["rule"] is b["rule"] and (a["customer"], a["company"], lined(a)) == (b["customer"], b["company"], lined(b))
        return all(any(same(one, other) for other in failed) for one in blocking)

    def release(self, request, outcomes):
        if request.get("order") is None:
            return None
        blocking = [one for one in outcomes if not one["passed"] and one["reaction"] == "block"]
        roles = self.may_release(outcomes)
        best = None
        for row in self.releases(request["customer"], request["order"]):
            fresh = self.policy["release_days"] is None or (self.view.on - row["effective"]).days <= self.policy["release_days"]
            until = "until" not in row or row["until"] >= self.view.on
            enough = row["currency"] == request["currency"] and request["amount"] * 100 <= row["amount"] * (100 + self.policy["release_percent"])
            role = not self.policy["release"] or row.get("by", "") in roles
            if fresh and until and enough and role and self.had_failed(row, request, blocking):
                best = row
        return best

    def may_release(self, outcomes):
        blocking = [one for one in outcomes if not one["passed"] and one["reaction"] == "block"]
        return [rule["role"] for rule in self.policy["release"] if all(self.may(rule, one) for one in blocking)]

    def may(self, rule, one):
        if rule["checks"] is not None and one["check"] not in rule["checks"]:
            return False
        if rule["up_to"] is None or one["check"] not in ("limit", "family_limit", "part"):
            return True
        if one["limit"] is None:
            return False
        for entry in rule["up_to"]:
            if entry["currency"] == one["currency"]:
                room = entry["amount"] * 10 ** self.digits[one["currency"]]
                return room.denominator == 1 and abs(room) <= LIMIT and one["excess"] <= room
        return False

    def changed(self, request):
        customer = request["customer"]
        found = (self.releases(customer, request["order"]) if request.get("order") is not None else []) or self.releases(customer)
        if not found:
            return []
        then = Credit(View(self.ledger, found[-1]["effective"], found[-1]["recorded"]), self.policy)
        company = request["company"] if self.policy["companies"] == "apart" else None
        old, new = then.amounts([customer], company), self.amounts([customer], company)
        out = []
        for part in STORED:
            for currency in sorted({c for _, c in [*old, *new]}, key=key):
                texts = [show(a.get((part, currency), 0), self.digits[currency]) for a in (old, new)]
                out.append((f"{part} {currency}", *texts))
        limits = [dict(one.limits(request)) for one in (then, self)]
        out.append(("limit", *[one.get(False, "") for one in limits]))
        out.append((f"limit {request['company']}", *[one.get(True, "") for one in limits]))
        for name in ("blocked", "score", "review_date", "terms", "group", "parent"):
            out.append((name, *[one.view.attribute(customer, name) for one in (then, self)]))
        return [dict(zip(("what", "before", "now"), row)) for row in out if row[1] != row[2]]

    def limits(self, request):
        """(is of a company, what its line says) for the sets of `limit`."""
        lines = self.real(self.lines_of(request["customer"], "limit"), self.zero_of("limit"))
        for of, line in self.sets(lines, request["company"], request["currency"]):
            text = "none" if "amount" not in line else f"{show(line['amount'], self.digits[line['currency']])} {line['currency']}"
            yield of is not None and self.policy["companies"] == "together", text

    # --- all ---------------------------------------------------------------------------------------------------------------------------

    def all(self, per, company):
        if per in ("customer", "family"):
            self.know_company(company or "", "company")
        rows = self.rows(per, company)
        return {"rows": [self.shown_row(row) for row in rows], "totals": self.totals(rows)}

    def rows(self, per, company):
        if per not in ("customer", "family"):
            fail("unknown_kind", "per")
        kind = "limit" if per == "customer" else "family_limit"
        heads = {name: name if per == "customer" else self.top(name) for name in self.ledger.customers}
        rows = []
        # Which lines there are is known before any amount is converted.
        zero = self.zero_of(kind)
        lines_of_heads = {head: self.real(self.own_lines(head, kind), zero) for head in sorted(set(heads.values()), key=key)}
        for head in sorted(set(heads.values()), key=key):
            customers = [name for name in heads if heads[name] == head]
            amounts = self.amounts(customers, company)
            own = [l for l in lines_of_heads[head] if company is None or l.get("company", company) == company]
            if not amounts and not own:
                continue
            lines = self.real(self.lines_of(head, kind), zero)
            currencies = {currency for _, currency in amounts}
            if self.policy["currencies"] == "apart":
                for currency in sorted(currencies | {l["currency"] for l in own}, key=key):
                    rows.append(self.row(head, amounts, currency, self.line(lines, company, currency)))
                continue
            line = self.line(lines, company, None)
            if line is not None:
                currency = line["currency"]
            elif len(currencies) == 1:
                currency = next(iter(currencies))
            elif not currencies:
                currency = min((l["currency"] for l in own), key=key)
            else:
                currency = self.ledger.settings.base_currency or fail("unknown_currency")
            rows.append(self.row(head, amounts, currency, line))
        return rows

    def rows_within(self, company):
        """A row for each family within another whose head has a limit of its own for it, and each such limit."""
        rows = []
        for head in sorted(self.ledger.customers, key=key):
            lines = self.real(self.own_lines(head, "family_limit"), self.zero_of("family_limit"))
            if self.parent(head) is None or not lines:
                continue
            currencies = sorted({line["currency"] for line in lines}, key=key) if self.policy["currencies"] == "apart" else [None]
            for currency in currencies:
                line = self.line(lines, company, currency)
                if line is not None:
                    rows.append(self.row(head, self.amounts(self.family(head), company), line["currency"], line))
        return rows

    def line(self, lines, company, currency):
        """The line asked about a row: of no company, or of the company."""
        if company is None:
            lines = [line for line in lines if "company" not in line]
            company = ""
        elif self.policy["companies"] == "together":
            lines = [line for line in lines if "company" in line]
        sets = self.sets(lines, company, currency)
        return sets[0][1] if sets else None

    def row(self, customer, amounts, currency, line):
        parts = self.exposure(amounts, currency)
        return {"customer": customer, "currency": currency, "parts": parts, "exposure": self.counted(parts), "limit": None if line is None else self.limit_of(line)}

    def limit_of(self, line):
        zero = self.zero_of("family_limit" if line["kind"] == "family_limit" else "limit")
        return None if zero == "unlimited" and line.get("amount") == 0 else line.get("amount")

    def shown_row(self, row):
        digits = self.digits[row["currency"]]
        limit = row["limit"]
        out = {"customer": row["customer"], "currency": row["currency"], **{part: show(row["parts"][part], digits) for part in STORED}}
        out |= {"exposure": show(row["exposure"], digits), "limit": None, "headroom": None, "used": None}
        if limit is not None:
            out |= {"limit": show(limit, digits), "headroom": show(limit - row["exposure"], digits)}
            if limit > 0:
                out["used"] = show(half_away(Fraction(row["exposure"] * 10_000, limit)), 2)
        return out

    def totals(self, rows):
        out = []
        for currency in sorted({row["currency"] for row in rows}, key=key):
            own = [row for row in rows if row["currency"] == currency]
            sums = {part: show(sum(row["parts"][part] for row in own), self.digits[currency]) for part in STORED}
            out.append({"currency": currency, "customers": len(own), **sums, "exposure": show(sum(row["exposure"] for row in own), self.digits[currency])})
        return out


def plain(number):
    """A decimal without trailing zeros."""
    sign, number = ("-" if number < 0 else ""), abs(number)
    digits = 0
    while (number * 10**digits).denominator != 1:
        digits += 1
    return sign + show(int(number * 10**digits), digits)


# --- alerts ---------------------------------------------------------------------------------------------------------------------


class Alerts:
    def __init__(self, now, before, policy):
        self.now, self.before, self.policy = Credit(now, policy), Credit(before, policy), policy

    def all(self):
        sent = {n["id"]: n["effective"] for n in self.now.ledger.rows["notices"] if self.now.view.counted(n)}
        out = []
        for at, rule in enumerate(self.policy["alerts"]):
            self.now.know_company(rule["company"] or "", f"alerts[{at}].company")
        for rule in self.policy["alerts"]:
            watch = getattr(self, rule["when"])
            # What is not so now is no alert, whatever was: then the earlier day is not looked at.
            true = watch(self.now, rule)
            old = watch(self.before, rule) if true else {}
            found = []
            for subject, alert in true.items():
                if subject in old:
                    continue
                thing = alert.pop("thing", None)
                on = alert.pop("day", None) or self.since(watch, rule, subject)
                name = f"{rule['id']}/{thing}" if thing else "/".join([rule["id"], *subject, on.isoformat()])
                if name not in sent and (thing or not any(self.is_told(name, on, *one) for one in sent.items())):
                    found.append({"rule": rule["id"], "when": rule["when"], "key": name, "day": on.isoformat(), **alert})
            out += sorted(found, key=lambda one: key(one["key"]))
        return out

    def is_told(self, name, on, other, told):
        """Does a notice tell of what began on a day as having begun on another: later, or earlier but told since that day?"""
        whom, day_told = other[:-10], other[-10:]
        try:
            began = datetime.date.fromisoformat(day_told)
        except ValueError:
            return False
        return whom == name[:-10] and began <= self.now.view.on and (began >= on or told >= on)

    def since(self, watch, rule, subject):
        """The first day since which, with all that is known now, it has been true on each day. A day that cannot be told is none."""
        on = self.now.view.on
        while True:
            earlier = on - datetime.timedelta(days=1)
            try:
                true = watch(Credit(View(self.now.ledger, earlier, self.now.view.known), self.policy), rule)
            except Failure:
                return on
            if subject not in true:
                return on
            on = earlier

    def alert(self, customer, document="", figure=None, limit=None, **more):
        return {"customer": customer, "document": document, "figure": figure, "limit": limit, **more}

    def score_below(self, credit, rule):
        out = {}
        for name in credit.ledger.customers:
            text = credit.view.attribute(name, "score")
            try:
                low = exact(text) < rule["minimum"]
            except Refused:
                low = False
            if low:
                out[(name,)] = self.alert(name, figure=text, limit=plain(rule["minimum"]))
        return out

    def limit_used(self, credit, rule):
        out = {}
        rows = credit.rows(rule["per"] or "customer", rule["company"])
        if rule["per"] == "family":
            rows += credit.rows_within(rule["company"])
        for row in rows:
            if row["limit"] is not None and row["exposure"] * 100 > row["limit"] * rule["percent"]:
                used = show(half_away(Fraction(row["exposure"] * 10_000, row["limit"])), 2) if row["limit"] else None
                subject = (row["customer"], row["currency"]) if self.policy["currencies"] == "apart" else (row["customer"],)
                out[subject] = self.alert(row["customer"], figure=used, limit=show(half_away(rule["percent"] * 100), 2))
        return out

    def overdue(self, credit, rule):
        out = {}
        for item in credit.items:
            late = 0 if item["due"] is None else (credit.view.on - item["due"]).days
            name = item["doc"]["customer"]
            if item["open"] > 0 and late > rule["days"] and ((name,) not in out or late > int(out[(name,)]["figure"])):
                out[(name,)] = self.alert(name, item["document"], str(late), str(rule["days"]))
        return out

    def dispute_opened(self, credit, rule):
        out = {}
        for d in credit.ledger.rows["disputes"]:
            if credit.view.counted(d) and not credit.view.closed(d):
                customer = credit.ledger.documents[d["document"]]["customer"]
                out[(d["id"],)] = self.alert(customer, d["document"], day=d["effective"], thing=d["id"])
        return out

    def promise_broken(self, credit, rule):
        out, grace = {}, datetime.timedelta(days=rule["days"] or 0)
        came = promises.settled(credit.view, rule["days"] or 0)
        for p in credit.ledger.rows["promises"]:
            if credit.view.counted(p) and not credit.view.closed(p) and p["promised_date"] + grace < credit.view.on:
                if promises.broken(credit.view, {**p, "until": p["promised_date"] + grace}, credit.items, came):
                    on = p["promised_date"] + grace + datetime.timedelta(days=1)
                    out[(p["id"],)] = self.alert(p["customer"], p.get("document", ""), day=on, thing=p["id"])
        return out

    def concentration(self, credit, rule):
        rows = credit.rows(rule["per"] or "customer", None)
        base = credit.ledger.settings.base_currency
        if base is None:
            if len({row["currency"] for row in rows}) > 1:
                fail("unknown_currency")
            base = rows[0]["currency"] if rows else None
        sums = {}
        for row in rows:
            sums[row["customer"]] = sums.get(row["customer"], 0) + credit.convert(row["exposure"], row["currency"], base)
        whole = sum(amount for amount in sums.values() if amount > 0)
        out = {}
        for name, amount in sums.items():
            if amount * 100 > rule["percent"] * whole:
                share = show(half_away(Fraction(amount * 10_000, whole)), 2) if whole else None
                limit = show(half_away(rule["percent"] * 100), 2)
                out[(name,)] = self.alert(name, figure=share, limit=limit)
        return out


def alert_facts(alerts, on):
    rows = []
    for one in alerts:
        row = {"id": one["key"], "customer": one["customer"], "level": 0, "effective": on.isoformat()}
        rows.append(row | ({"document": one["document"]} if one["document"] else {}))
    return rows


# --- a limit, proposed ------------------------------------------------------------------------------------------------------------


def tier_of(tiers, value):
    found = [tier for tier in tiers if tier["from"] <= value]
    return found[-1]["percent"] if found else None


class Proposed:
    def __init__(self, credit, step):
        self.credit, self.step = credit, step
        self.policy = credit.policy["proposal"] or credit_policy.shape_of_proposal({})
        self.reasons = []

    def answer(self):
        credit, step = self.credit, self.step
        name = step.get("customer")
        if name is not None and name not in credit.ledger.customers:
            fail("unknown_value", "customer")
        if step["currency"] not in credit.digits:
            fail("unknown_currency", "currency")
        self.digits = credit.digits[step["currency"]]
        amount = self.volume(name)
        amount = self.scored(name, amount)
        amount = self.behaved(name, amount)
        amount = self.bounded(amount)
        amount = self.blocked(name, amount)
        return {"customer": name, "currency": step["currency"], "limit": show(amount, self.digits), "reasons": self.reasons}

    def say(self, what, figure, percent, amount):
        self.reasons.append({"step": what, "figure": figure, "percent": None if percent is None else plain(percent), "amount": show(amount, self.digits)})
        return amount

    def after(self):
        return self.credit.view.on - datetime.timedelta(days=self.policy["history_days"])

    def volume(self, name):
        days = self.policy["volume_days"]
        if "monthly_volume" in self.step:
            try:
                volume = money(exact(self.step["monthly_volume"]), self.digits)
            except Refused as refused:
                fail(refused.code, "monthly_volume")
            if volume < 0:
                fail("wrong_sign", "monthly_volume")
            return self.say("volume", show(volume, self.digits), None, volume * days // 30)
        if name is None:
            fail("missing_field", "monthly_volume")
        sums = {}
        for d in self.credit.ledger.rows["documents"]:
            if d["customer"] == name and d["kind"] in ("invoice", "debit_note", "credit_note") and self.credit.view.counted(d):
                if not self.credit.view.cancelled(d) and not self.credit.view.is_residual(d) and d["document_date"] > self.after():
                    sums[d["currency"]] = sums.get(d["currency"], 0) + d["amount"]
        sales = max(0, sum(self.credit.convert(amount, held, self.step["currency"]) for held, amount in sums.items()))
        return self.say("sales", show(sales, self.digits), None, sales * days // self.policy["history_days"])

    def scored(self, name, amount):
        text = self.step.get("score") or (self.credit.view.attribute(name, "score") if name is not None else "")
        try:
            score = exact(text)
        except Refused:
            if "score" in self.step:
                fail("not_a_number", "score")
            return amount
        if not self.policy["score"]:
            return amount
        percent = tier_of(self.policy["score"], score) or Fraction(0)
        return self.say("score", plain(score), percent, int(amount * percent // 100))

    def paid(self, d):
        """(day, due date) of each allocation and each instalment with a due date that it paid something of."""
        view, ledger = self.credit.view, self.credit.ledger
        rows, _ = ledger.schedule_in_force(d, view.on, view.known)
        room = {number: amount for number, _, amount in rows}
        due = {number: on for number, on, _ in rows}
        live = [a for a in ledger.settling() if ledger.live(a, view.on, view.known) and leg(a, d)]
        live.sort(key=lambda a: (a["effective"], key(a["id"])))
        over, pairs = [], set()
        for at, a in enumerate(live):
            number = a.get("instalment") if names(a)[-1] == d["id"] else None
            part = max(0, min(leg(a, d), room.get(number, 0)))
            if part:
                room[number] -= part
                pairs.add((at, number))
            over.append(leg(a, d) - part)
        for at, rest in enumerate(over):
            for number in sorted(room, key=lambda n: (due[n] is None, due[n] or d["document_date"], n)):
                part = max(0, min(rest, room[number]))
                if part:
                    room[number] -= part
                    rest -= part
                    pairs.add((at, number))
        return [(live[at]["effective"], due[number]) for at, number in pairs if due[number] is not None and "credit" in live[at]]

    def behaved(self, name, amount):
        days = []
        for d in self.credit.ledger.rows["documents"]:
            if name is not None and d["customer"] == name and d["kind"] in ("invoice", "debit_note") and self.credit.view.counted(d):
                days += [(on - due).days for on, due in self.paid(d) if on > self.after()]
        for item in self.credit.items:
            d = item["doc"]
            if name is not None and d["customer"] == name and d["kind"] in ("invoice", "debit_note") and item["open"] > 0 and item["due"] is not None:
                if item["due"] < self.credit.view.on:
                    days.append((self.credit.view.on - item["due"]).days)
        if not days and not self.policy["late"] and self.policy["new_percent"] == 100:
            return amount
        if not days:
            return self.say("new", None, self.policy["new_percent"], int(amount * self.policy["new_percent"] // 100))
        if not self.policy["late"]:
            return amount
        mean = Fraction(half_away(Fraction(sum(days) * 100, len(days))), 100)
        percent = tier_of(self.policy["late"], mean)
        percent = Fraction(100) if percent is None else percent
        return self.say("late", show(half_away(mean * 100), 2), percent, int(amount * percent // 100))

    def bounded(self, amount):
        currency = self.step["currency"]
        step, least, most = (amount_in(self.policy[n], currency, self.digits, f"proposal.{n}") for n in ("step", "minimum", "maximum"))
        if amount <= 0:
            least = None
        if least is not None and amount < least:
            amount = self.say("minimum", show(least, self.digits), None, least)
        if step and amount % step:
            down = amount - amount % step
            amount = self.say("step", show(step, self.digits), None, down if least is None or down >= least else down + step)
        if most is not None and amount > most:
            amount = self.say("maximum", show(most, self.digits), None, most)
        return amount

    def blocked(self, name, amount):
        text = "" if name is None else self.credit.view.attribute(name, "blocked")
        blocks = self.policy["blocks"]
        if text != "" and (blocks is None or text in blocks):
            return self.say("blocked", text, None, 0)
        return amount
