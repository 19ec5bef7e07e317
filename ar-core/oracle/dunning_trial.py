"""A policy tried on the recorded past, compared with another, held against what was sent (docs/specification.md 9)."""

import datetime

import aging
import policy as policies
from dunning import Run
from dunning_history import Charged, History, lines_of
from dunning_levels import moved
from dunning_report import iso
from undo import latest
from values import fail, key, show
from view import View

EARLY = "not_due in_grace waiting interval noticed_today minimum_days below_minimum nothing_to_claim max_notices last_level".split()
FEES = ("fee", "fee_tax", "line_fees")


def days_from(start, end):
    if end < start:
        fail("impossible_date", "to")
    if (end - start).days + 1 > 3_660:
        fail("limit_exceeded", "to")
    return [start + datetime.timedelta(days=n) for n in range((end - start).days + 1)]


# --- simulation ------------------------------------------------------------------------------------------------------------


class Simulation:
    def __init__(self, ledger, policy, start, end):
        self.ledger, self.runs, sent = ledger, [], []
        for day in days_from(start, end):
            view = View(ledger, day, day)
            run = Run(view, policy, History(view, list(sent)))
            self.runs.append((day, run))
            for notice in run.notices:
                lines = []
                for line in notice["lines"]:
                    item = line["item"]
                    if item["open"] > 0:
                        row = {"document": item["document"], "level": line["level"], "interest_until": line["interest_until"], "compensation": line["compensation"]}
                        of, to = item["doc"]["currency"], notice["currency"]
                        if line["interest"]:
                            row["charged"] = Charged(ledger, line["interest"], to, of, 1 if of == to else latest(view, of, to))
                        lines.append({**row, **({"instalment": item["instalment"]} if item["instalment"] else {})})
                row = {"customer": notice["customer"], "level": notice["level"], "effective": day, "recorded": day, "lines": lines}
                row |= {name: notice[name] for name in ("company", "currency", "procedure") if notice[name]}
                if notice["due_date"] is not None:
                    row["due_date"] = notice["due_date"]
                sent.append(row)

    def debits(self):
        """(day, run, notice, line) of every debit line."""
        for day, run in self.runs:
            for notice in run.notices:
                for line in notice["lines"]:
                    if line["item"]["open"] > 0:
                        yield day, run, notice, line

    def answer(self):
        notices, days, touched, totals = [], [], set(), {}
        for day, run in self.runs:
            for notice, row in zip(run.notices, run.notice_rows()):
                notices.append({"day": iso(day), **row})
                touched.add(notice["customer"])
                sums = totals.setdefault(notice["currency"], {"claims": 0, "fees": 0, "interest": 0, "compensation": 0, "notices": 0})
                for name in ("claims", "interest", "compensation"):
                    sums[name] += notice[name]
                sums["fees"] += sum(notice[name] for name in FEES)
                sums["notices"] += 1
            if run.notices:
                days.append({"day": iso(day), "notices": len(run.notices), "lines": sum(len(n["lines"]) for n in run.notices)})
        digits = self.ledger.settings.digits
        rows = []
        for currency in sorted(totals, key=key):
            sums = totals[currency]
            rows.append({"currency": currency, **{name: n if name == "notices" else show(n, digits[currency]) for name, n in sums.items()}})
        return {"notices": notices, "days": days, "customers": len(touched), "totals": rows, "paid_already": self.paid_already()}

    def paid_already(self):
        out, now = [], {}
        for day, run, notice, line in self.debits():
            if day not in now:
                now[day] = Hindsight(LaterMatches(self.ledger, day, None), {**run.policy, "in_flight": "covers"}, run.history)
            item = line["item"]
            document, number = item["doc"], item["instalment"]
            numbers = {n for n, _, _ in self.ledger.schedule_in_force(document, day, None)[0]}
            still = [i for i in now[day].items if i["document"] == item["document"] and (i["instalment"] == number or number not in numbers)]
            owed = [i for i in still if i["instalment"] != number or not now[day].had_money(i)]
            owed += [i for i in now[day].items if now[day].is_left_of(i, item["document"], number) and not now[day].had_money(i)]
            if not owed:
                row = {"day": iso(day), "customer": document["customer"], "document": item["document"], "instalment": number}
                out.append({**row, "level": line["level"], "amount": show(line["amount"], self.ledger.settings.digits[notice["currency"]])})
        return out


class LaterMatches(View):
    """A view to which nothing is to come but what its own credits are matched with later."""

    def spread_pending(self, document, way, items):
        mine = [row for row in self.ledger.settling() if self.counts_credit(row)]
        self.ledger.settling = lambda: mine
        super().spread_pending(document, way, items)
        del self.ledger.settling  # that of the class again

    def counts_credit(self, row):
        if "document" in row:  # a difference goes with its allocation
            row = next((a for a in self.ledger.rows["allocations"] if a["id"] == row.get("allocation")), None)
        return row is not None and "credit" in row and self.ledger.documents[row["credit"]]["effective"] <= self.on

    def pending_receipts(self):
        return []


class Hindsight(Run):
    """A run that stops where credits have covered what they cover."""

    def __init__(self, view, policy, history):
        self.view, self.policy, self.ledger, self.history, self.today = view, policy, view.ledger, history, history
        self.items = view.open_items()
        self.scope = aging.Aging(view, policies.aging({"edges": [0]}), (), policy["where"])
        self.what_is_left()

    def is_left_of(self, item, document, instalment):
        above = self.view.with_those_above(item["doc"], item["instalment"])[1:]
        return any(name == document and number in (0, instalment) for name, number in above)

    def had_money(self, item):
        return self.reasons.get(id(item), ("",))[0] in ("in_flight", "covered")


# --- comparison ------------------------------------------------------------------------------------------------------------


def compare(ledger, one, other, start, end):
    sides = {"a": Simulation(ledger, one, start, end), "b": Simulation(ledger, other, start, end)}
    lines = {"a": {}, "b": {}}
    for side, simulation in sides.items():
        for day, _, notice, line in simulation.debits():
            item = line["item"]
            lines[side].setdefault(notice["customer"], []).append((day, item["document"], item["instalment"], line["level"]))
    rows = []
    for customer in sorted({*lines["a"], *lines["b"]}, key=key):
        a, b = lines["a"].get(customer, []), lines["b"].get(customer, [])
        differ = [(line, "a") for line in a if line not in b] + [(line, "b") for line in b if line not in a]
        if not differ:
            continue
        row = {"customer": customer}
        for side, simulation in sides.items():
            notices = [n for _, run in simulation.runs for n in run.notices if n["customer"] == customer]
            row |= {f"notices_{side}": len(notices), f"level_{side}": max([n["level"] for n in notices], default=0)}
            row[f"charges_{side}"] = charges(ledger, notices)
        (day, document, instalment, level), side = min(differ, key=lambda d: (d[0][0], key(d[0][1]), d[0][2], d[0][3], d[1]))
        row |= {"day": iso(day), "document": document, "instalment": instalment, "in": side, "level": level}
        level, reason = standing(sides["b" if side == "a" else "a"], day, document, instalment)
        rows.append({**row, "other_level": level, "other_reason": reason})
    return {"rows": rows}


def charges(ledger, notices):
    sums = {}
    for n in notices:
        sums[n["currency"]] = sums.get(n["currency"], 0) + sum(n[name] for name in (*FEES, "interest", "compensation"))
    return [{"currency": c, "amount": show(sums[c], ledger.settings.digits[c])} for c in sorted(sums, key=key) if sums[c] != 0]


def standing(simulation, day, document, instalment):
    """(level, reason) of an item in a run: the level of its line, or why it has none."""
    return placed(next(run for on, run in simulation.runs if on == day), document, instalment)


def placed(run, document, instalment):
    for notice in run.notices:
        for line in notice["lines"]:
            if line["item"]["open"] > 0 and (line["item"]["document"], line["item"]["instalment"]) == (document, instalment):
                return line["level"], ""
    for item in run.items:
        if (item["document"], item["instalment"]) == (document, instalment):
            return 0, run.reasons[id(item)][0] if id(item) in run.reasons else ""
    return 0, "not_open"


# --- audit -------------------------------------------------------------------------------------------------------------------


def audit(ledger, policy, start, end, tolerance):
    deviations, missing = [], set()
    for day in days_from(start, end):
        view = View(ledger, day, day)
        before, until_now = History.of(view, before=day), History.of(view)
        run = Run(view, policy, before, until_now)
        rows = []
        for notice in sorted(until_now.notices, key=lambda n: n["recorded"]):  # of one recorded day as they came
            if notice["effective"] == day:
                rows += [(notice, *one) for one in sorted(expanded(run, notice), key=lambda one: (key(one[0]), one[1]))]
        seen = set()
        for notice, document, instalment, sent in rows:
            level, why = placed(run, document, instalment)
            second = (document, instalment) in seen
            seen.add((document, instalment))
            if second:
                kind, why = "duplicate", ""
            elif level > 0:
                if level == sent:
                    continue
                kind, why = "wrong_level", ""
            else:
                kind = kind_of(why, sent, run.in_time(document, instalment))
            deviations.append(deviation(ledger, day, notice["id"], document, instalment, kind, sent, level, why))
        found = []
        later = History.of(View(ledger, moved(day, tolerance) or datetime.date.max, None))
        for notice in run.notices:
            for line in notice["lines"]:
                item = line["item"]
                if item["open"] > 0:
                    name = item["document"], item["instalment"], line["level"]
                    sent = [n for n, _ in later.about(*name[:2]) if n["effective"] >= day]
                    if not sent and name not in missing:
                        missing.add(name)
                        found.append(deviation(ledger, day, "", name[0], name[1], "missed", 0, name[2], ""))
        deviations += found
    deviations.sort(key=lambda d: (d["day"], key(d["notice"]), key(d["document"]), d["instalment"]))
    return {"deviations": deviations}


def expanded(run, notice):
    """(document, instalment, level) of what a notice stands for on its day."""
    out = []
    lines = notice["lines"] if notice["lines"] else lines_of(notice)
    for line in lines:
        if line.get("instalment") is not None:
            out.append((line["document"], line["instalment"], line["level"]))
            continue
        numbers = [i["instalment"] for i in run.items if i["document"] == line["document"]] or [0]
        out += [(line["document"], n, line["level"]) for n in numbers]
    return out


def kind_of(why, sent, before):
    if why in ("not_open", "in_flight", "covered"):
        return "paid"
    if any(line["level"] >= sent for _, line in before):
        return "duplicate"
    return "early" if why in EARLY else "blocked"


def deviation(ledger, day, notice, document, instalment, kind, sent, expected, reason):
    row = {"day": iso(day), "notice": notice, "customer": ledger.documents[document]["customer"], "document": document, "instalment": instalment}
    return {**row, "kind": kind, "sent": sent, "expected": expected, "reason": reason}
