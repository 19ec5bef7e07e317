"""The case suite through the public Python API: reads the expanded cases, compares canonical bytes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import receivables as ar

Json = Any

MONEY = {"money", "opt_money", "number"}
COLUMNS = {name: {c[0]: c[1] for c in ar._native.table_columns(name)} for name in ar._native.tables()}


def native(kind: str, value: Json) -> Json:
    """A cell of a case as Python has it."""
    if isinstance(value, Mapping) and kind != "dimensions":
        return misfit(value)
    if value is None:
        return None
    if kind in ("money", "number"):
        return Decimal(value) if isinstance(value, str) else value
    if kind == "day":
        return date.fromisoformat(value)
    return value


def misfit(value: Mapping[str, Json]) -> Json:
    """A value of the wrong type, built natively."""
    ((kind, given),) = value.items()
    if kind == "float":
        return float(given)
    if kind == "nan":
        return Decimal("NaN")
    if kind == "datetime":
        return datetime.fromisoformat(given)
    if kind == "int":
        return int(given)
    if kind == "bool":
        return bool(given)
    if kind == "list":
        return []
    return None


def typed(facts: Mapping[str, Json]) -> dict[str, Json]:
    tables: dict[str, Json] = {}
    for name, rows in facts.items():
        kinds = COLUMNS[name]
        tables[name] = [{key: native(kinds[key], value) for key, value in row.items()} for row in rows]
    return tables


def plain(value: Json) -> Json:
    """An answer as canonical JSON has it."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def spanned(row: dict[str, Json]) -> dict[str, Json]:
    """A row whose first and last day go by the names of the cases."""
    return {{"start": "from", "end": "to"}.get(name, name): value for name, value in row.items()}


class Harness:
    """One case: its ledger, its last proposal and settlement, and a method per verb."""

    def __init__(self, case: Mapping[str, Json]) -> None:
        self.case = case
        self.settings = case.get("settings") or {}
        self.ledger: ar.Ledger | None = None
        self.proposal: ar.Proposal | None = None
        self.settlement: ar.Settlement | None = None
        self.dunning: ar.DunningRun | None = None
        self.forecast: ar.CashForecast | None = None

    def run(self, step: Mapping[str, Json]) -> Json:
        verb = str(step["do"])
        return plain(getattr(self, "import_" if verb == "import" else verb)(step))

    def view(self, step: Mapping[str, Json]) -> ar.View:
        assert self.ledger is not None
        return self.ledger.as_of(date.fromisoformat(step["as_of"]), known_on=step.get("known_on"))

    def policy(self, room: Any, step: Mapping[str, Json]) -> Json:
        if "policy" in step:
            return step["policy"]
        name = step.get("profile") or self.case.get("profile")
        return ar.profile(room, name) if name else None

    # the ledger

    def load(self, step: Mapping[str, Json]) -> Json:
        settings = step.get("settings", self.settings)
        if step.get("raw"):
            self.both(
                lambda: ar.Ledger.from_json(step["json"], settings=settings),
                lambda: ar.Ledger.from_tables(settings=settings, **loose(step)),
                step,
            )
            self.ledger = ar.Ledger.from_json(step["json"], settings=settings)
        else:
            self.ledger = ar.Ledger.from_tables(settings=settings, **typed(step.get("facts", {})))
        return {}

    def append(self, step: Mapping[str, Json]) -> Json:
        held = self.ledger
        assert held is not None
        recorded = step["recorded"]
        if step.get("raw"):
            self.both(
                lambda: held.append_json(step["json"], recorded=recorded),
                lambda: held.append(recorded=recorded, **loose(step)),
                step,
            )
            self.ledger = held.append_json(step["json"], recorded=recorded)
        else:
            self.ledger = held.append(recorded=recorded, **typed(step.get("facts", {})))
        return {}

    def both(self, from_json: Any, from_python: Any, step: Mapping[str, Json]) -> None:
        """A raw step is refused natively for the same reason as from JSON text."""
        if not buildable(step):
            return
        codes: list[str | None] = []
        for door in (from_json, from_python):
            try:
                door()
                codes.append(None)
            except ar.ReceivablesError as error:
                codes.append(error.code)
        if codes[0] != codes[1]:
            raise AssertionError(f"from JSON {codes[0]}, from Python {codes[1]}")

    def open_items(self, step: Mapping[str, Json]) -> Json:
        return {"items": [asdict(item) for item in self.view(step).open_items()]}

    def matches(self, step: Mapping[str, Json]) -> Json:
        return {"matches": [asdict(one) for one in self.view(step).matches()]}

    def pending(self, step: Mapping[str, Json]) -> Json:
        view = self.view(step)
        return {
            "facts": [asdict(fact) for fact in view.pending()],
            "receipts": [asdict(row) for row in view.pending_receipts()],
        }

    # aging

    def aged(self, step: Mapping[str, Json]) -> ar.Aging:
        return self.view(step).aging(self.policy("aging", step), by=step.get("by", []), where=step.get("where"))

    def aging(self, step: Mapping[str, Json]) -> Json:
        aging = self.aged(step)
        rows = []
        for row in aging.rows:
            answer = asdict(row)
            answer.update(zip(aging.by, answer.pop("by"), strict=True))
            rows.append(answer)
        totals = [asdict(row) for row in aging.totals]
        for total in totals:
            total.pop("by")
        return {"labels": aging.labels, "column_labels": aging.column_labels, "rows": rows, "totals": totals}

    def aging_items(self, step: Mapping[str, Json]) -> Json:
        return {"items": [asdict(item) for item in self.aged(step).items]}

    def explain_aging(self, step: Mapping[str, Json]) -> Json:
        asked = {key: step[key] for key in ("customer", "document", "instalment", "bucket") if key in step}
        return {"items": [asdict(item) for item in self.aged(step).explain(**asked)]}

    def reconcile(self, step: Mapping[str, Json]) -> Json:
        balances = [{**row, "balance": Decimal(row["balance"])} for row in step["balances"]]
        return {"differences": [asdict(row) for row in self.view(step).reconcile(balances)]}

    # allocation

    def propose(self, step: Mapping[str, Json]) -> Json:
        self.proposal = self.view(step).propose(self.policy("allocation", step))
        return {
            "lines": [asdict(line) for line in self.proposal.lines],
            "unapplied": [asdict(one) for one in self.proposal.unapplied],
        }

    def explain_proposal(self, step: Mapping[str, Json]) -> Json:
        assert self.proposal is not None
        lines, unapplied = self.proposal.explain(credit=step.get("credit"), debit=step.get("debit"))
        return {"lines": [asdict(line) for line in lines], "unapplied": [asdict(one) for one in unapplied]}

    def post(self, step: Mapping[str, Json]) -> Json:
        assert self.proposal is not None and self.ledger is not None
        rows = self.proposal.facts(step["id_prefix"])
        self.ledger = self.ledger.append(recorded=step["recorded"], allocations=rows)
        return {"allocations": rows}

    # settlement

    def settled(self, settlement: ar.Settlement) -> Json:
        self.settlement = settlement
        parts: list[Any] = ["lines", "differences", "unapplied", "questions", "proof", "exchange"]
        for part in parts:
            if len(settlement.table(part)) != len(getattr(settlement, part)):
                raise AssertionError(f"{part} has other rows as a table")
        return {part: [asdict(row) for row in getattr(settlement, part)] for part in parts}

    def settle(self, step: Mapping[str, Json]) -> Json:
        return self.settled(self.view(step).settle(self.policy("settlement", step)))

    def settle_without(self, step: Mapping[str, Json]) -> Json:
        assert self.settlement is not None
        return self.settled(self.settlement.without(step["lines"]))

    def settle_edit(self, step: Mapping[str, Json]) -> Json:
        assert self.settlement is not None
        return self.settled(self.settlement.edit(ar.SettlementEdit(**row) for row in step["edits"]))

    def post_settlement(self, step: Mapping[str, Json]) -> Json:
        assert self.settlement is not None and self.ledger is not None
        rows = self.settlement.facts(step["id_prefix"])
        self.ledger = self.ledger.append(recorded=step["recorded"], **rows)
        return {table: rows.get(table, []) for table in ("allocations", "differences", "documents")}

    def undo(self, step: Mapping[str, Json]) -> Json:
        assert self.ledger is not None
        rows = self.view(step).undo(step["ids"])
        if step.get("recorded") is not None:
            self.ledger = self.ledger.append(recorded=step["recorded"], **rows)
        return {table: rows.get(table, []) for table in ("reversals", "cancellations")}

    def revaluation(self, step: Mapping[str, Json]) -> Json:
        revaluation = self.view(step).revaluation()
        items, totals = revaluation.items, revaluation.totals
        if len(items.to_polars()) != len(items):
            raise AssertionError("the items have other rows as a table")
        return {"items": [asdict(row) for row in items], "totals": [asdict(row) for row in totals]}

    def picture(self, step: Mapping[str, Json]) -> Json:
        picture = self.view(step).picture(step.get("policy", {}))
        title, scale = picture.spec["title"], picture.spec["spec"]["encoding"].get("color", {}).get("scale", {})
        return {"title": title["text"], "subtitle": title["subtitle"], "values": picture.values, "colours": scale.get("range")}

    # credit

    def exposure(self, step: Mapping[str, Json]) -> Json:
        policy = self.policy("credit", step)
        exposure = self.view(step).exposure(policy, per=step.get("per", "customer"), company=step.get("company"))
        if len(exposure.rows.to_polars()) != len(exposure.rows) or len(exposure.totals.to_polars()) != len(exposure.totals):
            raise AssertionError("the rows are others as a table")
        return {"rows": [asdict(row) for row in exposure.rows], "totals": [asdict(row) for row in exposure.totals]}

    def credit_alerts(self, step: Mapping[str, Json]) -> Json:
        assert self.ledger is not None
        before = self.ledger.as_of(date.fromisoformat(step["before"]), known_on=step.get("before_known_on"))
        told = self.view(step).credit_alerts(before, self.policy("credit", step) or {})
        if "recorded" in step:
            self.ledger = self.ledger.append(recorded=date.fromisoformat(step["recorded"]), **told.facts)
        return {"alerts": [asdict(alert) for alert in told.alerts]}

    # predictions

    def model(self, step: Mapping[str, Json]) -> ar.PredictionModel:
        """The model of a step: sent as text and read back."""
        assert self.ledger is not None
        trained = step.get("trained", step.get("as_of"))
        model = self.ledger.as_of(date.fromisoformat(trained)).train_prediction(step.get("prediction"))
        return ar.PredictionModel.from_text(model.to_text())

    def predict(self, step: Mapping[str, Json]) -> Json:
        return {"items": [asdict(row) for row in self.view(step).predict(self.model(step), **step.get("ask", {}))]}

    def cash_forecast(self, step: Mapping[str, Json]) -> Json:
        asked = {"by": step.get("by", ()), "where": step.get("where")}
        made = self.view(step).cash_forecast(self.model(step), step.get("policy"), **asked)
        self.forecast = ar.CashForecast.from_text(made.to_text())
        listed = ("rows", "totals", "sums", "total_sums")
        told = {name: getattr(made, name) for name in ("day", "known_on", "last_day", "by", "quantiles", "trained_on")}
        return {**told, **{name: [spanned(asdict(row)) for row in getattr(made, name)] for name in listed}}

    def cash_at_risk(self, step: Mapping[str, Json]) -> Json:
        return {"items": [asdict(row) for row in self.view(step).cash_at_risk(self.model(step), step.get("policy"))]}

    def forecast_accuracy(self, step: Mapping[str, Json]) -> Json:
        assert self.ledger is not None
        made = self.ledger.forecast_accuracy(self.model(step), step["from"], step["to"], step.get("policy"))
        return {"rows": [spanned(asdict(row)) for row in made.rows], "totals": [asdict(row) for row in made.totals]}

    def compare_forecast(self, step: Mapping[str, Json]) -> Json:
        assert self.ledger is not None and self.forecast is not None
        made = self.ledger.compare_forecast(self.forecast)
        return {"rows": [spanned(asdict(row)) for row in made.rows], "totals": [asdict(row) for row in made.totals]}

    def prediction_drift(self, step: Mapping[str, Json]) -> Json:
        return asdict(self.view(step).prediction_drift(self.model(step)))

    def prediction_calibration(self, step: Mapping[str, Json]) -> Json:
        assert self.ledger is not None
        return asdict(self.ledger.prediction_calibration(step["day"], step.get("prediction"), days=step["span"]))

    def propose_limit(self, step: Mapping[str, Json]) -> Json:
        volume = step.get("monthly_volume")
        asked = {"customer": step.get("customer"), "score": step.get("score")}
        desk = self.view(step).credit(self.policy("credit", step))
        return asdict(desk.propose_limit(step["currency"], monthly_volume=None if volume is None else Decimal(volume), **asked))

    def credit_check(self, step: Mapping[str, Json]) -> Json:
        assert self.ledger is not None
        policy = self.policy("credit", step)
        names = ("kind", "company", "order", "follows", "terms")
        more = {name: step[name] for name in names if name in step}
        if "expected_date" in step:
            more["expected_date"] = date.fromisoformat(step["expected_date"])
        if "net" in step:
            more["net"] = Decimal(step["net"])
        asked = (step["customer"], Decimal(step["amount"]), step["currency"])
        known_on = step.get("known_on")
        told = self.view(step).credit(policy).explain(*asked, **more)
        short = self.ledger.credit(policy, date.fromisoformat(step["as_of"]), known_on=known_on).check(*asked, **more)
        if tuple(short) != (told.decision, told.headroom, told.release):
            raise AssertionError(f"the short answer is another: {short}")
        return asdict(told)

    # provision

    def provided(self, step: Mapping[str, Json]) -> ar.Provision:
        return self.view(step).provision(self.policy("provision", step) or {}, before=step.get("before", ()))

    def provision(self, step: Mapping[str, Json]) -> Json:
        made = self.provided(step)
        tables = ("rows", "pools", "specific", "totals", "journal")
        return {"labels": list(made.labels), **{table: [asdict(row) for row in getattr(made, table)] for table in tables}}

    def explain_provision(self, step: Mapping[str, Json]) -> Json:
        names = ("customer", "document", "currency", "pool", "bucket")
        items = self.provided(step).explain(**{name: step[name] for name in names if name in step})
        return {"items": [asdict(item) for item in items]}

    def loss_rates(self, step: Mapping[str, Json]) -> Json:
        made = asdict(self.view(step).loss_rates(self.policy("loss_rates", step) or {}))
        made["moves"] = [{**{key: value for key, value in move.items() if key != "origin"}, "from": move["origin"]} for move in made["moves"]]
        return made

    def back_test(self, step: Mapping[str, Json]) -> Json:
        assert self.ledger is not None
        then = self.ledger.as_of(date.fromisoformat(step["then"]), known_on=step.get("then_known_on"))
        asked = {name: step[name] for name in ("loss_kinds", "still_open") if name in step}
        return asdict(self.view(step).back_test(then, self.policy("provision", step) or {}, **asked))

    # key figures

    def kpis(self, step: Mapping[str, Json]) -> Json:
        kpis = self.view(step).kpis(self.policy("kpi", step), by=step.get("by", ()), where=step.get("where"))
        if kpis.rows.to_polars().height != len(kpis.rows) or len(kpis.totals.to_polars()) != len(kpis.totals):
            raise AssertionError("the rows are others as a table")
        return {"rows": [figures(row, kpis.by) for row in kpis.rows], "totals": [figures(row, []) for row in kpis.totals]}

    def kpi_registry(self, step: Mapping[str, Json]) -> Json:
        return {"kpis": [asdict(one) for one in ar.kpi_registry()]}

    def explain_dso(self, step: Mapping[str, Json]) -> Json:
        assert self.ledger is not None
        before = self.ledger.as_of(date.fromisoformat(step["before"]), known_on=step.get("before_known_on"))
        by = [key for key in step.get("by", ()) if key != "currency"]
        told = self.view(step).explain_dso(before, self.policy("kpi", step), by=step.get("by", ()), where=step.get("where"))
        return {"rows": [figures(row, by) for row in told.rows], "totals": [figures(row, []) for row in told.totals]}

    # interest

    def reckoned(self, interest: ar.Interest) -> Json:
        if len(interest.items.to_polars()) != len(interest.items):
            raise AssertionError("the items have other rows as a table")
        return {"items": [renamed(asdict(row)) for row in interest.items], "totals": [asdict(row) for row in interest.totals]}

    def interest(self, step: Mapping[str, Json]) -> Json:
        return self.reckoned(self.view(step).interest(step.get("policy", {}), **step.get("question", {})))

    def explain_interest(self, step: Mapping[str, Json]) -> Json:
        return self.reckoned(self.view(step).explain_interest(step.get("policy", {}), **step.get("question", {})))

    def debt_interest(self, step: Mapping[str, Json]) -> Json:
        charged = step.get("charged_until")
        answer = ar.debt_interest(
            step.get("policy", {}),
            currency=step["currency"],
            amount=Decimal(step["amount"]),
            due_date=date.fromisoformat(step["due_date"]),
            until=date.fromisoformat(step["until"]),
            payments=[(date.fromisoformat(row["date"]), Decimal(row["amount"])) for row in step.get("payments", [])],
            charged_until=None if charged is None else date.fromisoformat(charged),
            settings=self.settings,
        )
        return renamed(asdict(answer))

    # dunning

    def dunned(self, run: ar.DunningRun) -> Json:
        self.dunning = run
        parts: list[Any] = ["notices", "skipped", "events"]
        for part in parts:
            if len(run.table(part)) != len(getattr(run, part)):
                raise AssertionError(f"{part} has other rows as a table")
        if len(run.table("lines")) != sum(len(notice.lines) for notice in run.notices):
            raise AssertionError("the lines have other rows as a table")
        if sum(run.skipped_counts.values()) != len(run.skipped):
            raise AssertionError("the counts of what was skipped differ")
        for item in run.skipped[:3]:
            if run.explain(item.document, item.instalment).reason != item.reason:
                raise AssertionError(f"explain of {item.document} gives another reason than {item.reason}")
        return {part: [asdict(row) for row in getattr(run, part)] for part in parts}

    def dun(self, step: Mapping[str, Json]) -> Json:
        return self.dunned(self.view(step).dun(self.dunning_policy(step)))

    def dunning_policy(self, step: Mapping[str, Json], policy: str = "policy", profile: str = "profile") -> Json:
        return ar.profile("dunning", step[profile]) if profile in step else step.get(policy, {})

    def dun_without(self, step: Mapping[str, Json]) -> Json:
        assert self.dunning is not None
        return self.dunned(self.dunning.without(step["notices"]))

    def post_dunning(self, step: Mapping[str, Json]) -> Json:
        assert self.dunning is not None and self.ledger is not None
        rows = self.dunning.facts(step["id_prefix"])
        if step.get("recorded") is not None:
            self.ledger = self.ledger.append(recorded=step["recorded"], **rows)
        return {table: rows.get(table, []) for table in ("notices", "notice_lines", "documents")}

    def simulate_dunning(self, step: Mapping[str, Json]) -> Json:
        assert self.ledger is not None
        made = self.ledger.simulate_dunning(self.dunning_policy(step), step["from"], step["to"])
        parts: list[Any] = ["notices", "days", "totals", "paid_already"]
        for part in parts:
            if len(made.table(part)) != len(getattr(made, part)):
                raise AssertionError(f"{part} has other rows as a table")
        return {"customers": made.customers, **{part: [asdict(row) for row in getattr(made, part)] for part in parts}}

    def compare_dunning(self, step: Mapping[str, Json]) -> Json:
        assert self.ledger is not None
        policies = self.dunning_policy(step), self.dunning_policy(step, "other", "other_profile")
        rows = self.ledger.compare_dunning(*policies, step["from"], step["to"])
        if len(rows.to_pyarrow()) != len(rows):
            raise AssertionError("the comparison has other rows as a table")
        return {"rows": [{"in": row.within, **asdict(row)} for row in rows]}

    def audit_dunning(self, step: Mapping[str, Json]) -> Json:
        assert self.ledger is not None
        days = step.get("tolerance_days", 0)
        rows = self.ledger.audit_dunning(self.dunning_policy(step), step["from"], step["to"], tolerance_days=days)
        if len(rows.to_pyarrow()) != len(rows):
            raise AssertionError("the audit has other rows as a table")
        return {"deviations": [asdict(row) for row in rows]}

    def lint_dunning(self, step: Mapping[str, Json]) -> Json:
        return {"warnings": [asdict(one) for one in ar.lint_dunning(self.dunning_policy(step))]}

    # terms

    def money(self, step: Mapping[str, Json]) -> Json:
        value = step["value"]
        value = misfit(value) if isinstance(value, Mapping) else value
        printed, minor = ar.money(value, step["currency"], settings=step.get("settings", self.settings))
        return {"money": printed, "minor": str(minor)}

    def split(self, step: Mapping[str, Json]) -> Json:
        parts = ar.split(Decimal(step["amount"]), step["currency"], step["weights"], settings=self.settings)
        return {"parts": parts}

    def terms_asked(self, step: Mapping[str, Json]) -> dict[str, Json]:
        terms = step["terms"]
        terms = self.settings.get("terms", {}).get(terms) if isinstance(terms, str) else terms
        base = step.get("base_amount")
        return {
            "terms": terms,
            "document_date": step["document_date"],
            "currency": step["currency"],
            "amount": Decimal(step["amount"]),
            "base_currency": step.get("base_currency"),
            "base_amount": None if base is None else Decimal(base),
            "settings": self.settings,
        }

    def due_dates(self, step: Mapping[str, Json]) -> Json:
        return {"instalments": [asdict(one) for one in ar.due_dates(**self.terms_asked(step))]}

    def explain_due_dates(self, step: Mapping[str, Json]) -> Json:
        rows = [asdict(one) for one in ar.explain_due_dates(**self.terms_asked(step))]
        for row in rows:
            row["dates"] = [{"rule": d["rule"], "from": d["start"], "to": d["end"]} for d in row["dates"]]
        return {"instalments": rows}

    def day_count(self, step: Mapping[str, Json]) -> Json:
        return asdict(ar.day_count(step["convention"], step["from"], step["to"]))

    def creditor_reference(self, step: Mapping[str, Json]) -> Json:
        return asdict(ar.creditor_reference(step["text"]))

    def check_creditor_reference(self, step: Mapping[str, Json]) -> Json:
        return asdict(ar.check_creditor_reference(step["text"]))

    def local_money(self, step: Mapping[str, Json]) -> Json:
        value = Decimal(step["value"])
        return {"text": ar.local_money(value, step["currency"], step["language"], settings=self.settings)}

    def local_date(self, step: Mapping[str, Json]) -> Json:
        return {"text": ar.local_date(date.fromisoformat(step["day"]), step["language"])}

    def letter(self, step: Mapping[str, Json]) -> Json:
        written = asdict(ar.letter(step["letter"], step.get("letters")))
        return {**written, "found": [text in written["body"] for text in step.get("find", ())]}

    def notice_letters(self, step: Mapping[str, Json]) -> Json:
        assert self.dunning is not None
        letters = ar.notice_letters(self.dunning, step.get("stationery", {}))
        for one in letters:
            ar.letter(one)
        return {"letters": letters}

    def discount_rates(self, step: Mapping[str, Json]) -> Json:
        return asdict(ar.discount_rates(step["percent"], discount_days=step["discount_days"], net_days=step["net_days"]))

    def import_(self, step: Mapping[str, Json]) -> Json:
        facts, report = ar.import_text(step["mapping"], step["text"])
        return {"facts": facts, "report": asdict(report)}

    def business_day(self, step: Mapping[str, Json]) -> Json:
        return {"day": ar.business_day(step["day"], step["roll"], step.get("calendar"))}


def figures(row: ar.KpiRow | ar.DsoChangeRow, by: list[str]) -> Json:
    """A row with its keys by name; whole numbers as the texts that the case format has."""
    held = asdict(row)
    if isinstance(row, ar.KpiRow):
        held |= {"from": held.pop("start"), "to": held.pop("end")}
    held |= dict(zip(by, held.pop("by")))
    for one in [held, *held.get("values", ())]:
        one |= {name: str(one[name]) for name in one if name.endswith(("numerator", "denominator")) and one[name] is not None}
    return held


def renamed(row: dict[str, Json]) -> Json:
    """A row with `from` by its own name, which Python keeps for itself."""
    row["from"] = row.pop("start", None)
    for segment in row["segments"]:
        segment["from"] = segment.pop("start")
    return row


def buildable(step: Mapping[str, Json]) -> bool:
    """Whether Python can hand over the same rows natively: all tables and columns exist."""
    facts = step.get("facts", {})
    if not isinstance(facts, Mapping):
        return False
    return all(
        name in COLUMNS and isinstance(rows, list) and all(isinstance(row, Mapping) and set(row) <= set(COLUMNS[name]) for row in rows)
        for name, rows in facts.items()
    )


def loose(step: Mapping[str, Json]) -> dict[str, Json]:
    """Rows of a raw step: wrong values built natively, the rest as text."""
    return {
        name: [
            {key: misfit(value) if isinstance(value, Mapping) and key != "dimensions" else value for key, value in row.items()}
            for row in rows
        ]
        for name, rows in step.get("facts", {}).items()
    }


def canonical(value: Json) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def projected(answer: Json, expect: Json) -> Json:
    """The answer on the keys that are expected."""
    if isinstance(expect, Mapping) and isinstance(answer, Mapping):
        return {key: projected(answer[key], one) if key in answer else "(no such key)" for key, one in expect.items()}
    if isinstance(expect, list) and isinstance(answer, list) and len(expect) == len(answer):
        return [projected(a, e) for a, e in zip(answer, expect, strict=True)]
    return answer


def failure(case: Mapping[str, Json], harness_of: type[Harness] = Harness) -> str | None:
    harness = harness_of(case)
    for number, step in enumerate(case["steps"]):
        try:
            got: Json = {"answer": harness.run(step)}
        except ar.ReceivablesError as error:
            problems = [{k: v for k, v in asdict(p).items() if k != "reason"} for p in error.problems]
            got = {"error": {**problems[0], "total": error.total, "problems": problems}}
        key = "error" if "expect_error" in step else "answer"
        expect = step.get("expect_error", step.get("expect", {}))
        if key not in got or canonical(projected(got[key], expect)) != canonical(expect):
            shown = canonical(projected(got[key], expect)) if key in got else canonical(got)
            return f"step {number} ({step['do']})\n  expected {canonical(expect)}\n  got      {shown}"
    return None


def main() -> int:
    passed = failed = 0
    for path in sorted(Path(os.environ["AR_CASES_JSON"]).glob("*.json")):
        room = json.loads(path.read_text())
        for case in room["cases"]:
            try:
                wrong = failure(case)
            except Exception as error:  # a case that breaks the harness has failed, and the others still run
                wrong = f"{type(error).__name__}: {error}"
            if wrong is None:
                passed += 1
            else:
                failed += 1
                print(f"FAILED {room['room']}: {case['name']}: {wrong}")
    print(f"cases python {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
