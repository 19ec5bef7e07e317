"""What cash will come of what is open, how good such forecasts were, what is at risk, and whether a model still holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from receivables import _checks, _native
from receivables._frozen import Frozen
from receivables.reports import MadeBy

__all__ = [
    "AccuracyRow",
    "AccuracyTotal",
    "Calibration",
    "CashAtRisk",
    "CashForecast",
    "CashRow",
    "CashSum",
    "Drift",
    "ForecastAccuracy",
]


@dataclass(frozen=True)
class CashRow:
    """The cash of a period, from its first to its last day.

    ``quantiles`` belong to the percentages of the forecast: below each lie so many of 100 outcomes. ``cumulative`` counts from the
    first day of the forecast.
    """

    by: tuple[str, ...]
    currency: str
    start: date
    end: date
    expected: Decimal
    quantiles: tuple[Decimal, ...]
    cumulative: Decimal
    cumulative_quantiles: tuple[Decimal, ...]


@dataclass(frozen=True)
class CashSum:
    """What becomes of what is open: ``open`` is the sum of all amounts that follow it."""

    by: tuple[str, ...]
    currency: str
    items: int
    not_enough_history: Decimal
    """What of ``expected``, ``discount`` and ``later`` is spread over days without enough history to say when it comes."""
    open: Decimal
    expected: Decimal
    discount: Decimal
    later: Decimal
    disputed: Decimal
    covered: Decimal
    unforeseen: Decimal


class CashForecast(Frozen):
    """The cash that is expected of what is open, by key, currency and period.

    ``CashForecast.from_text(forecast.to_text())`` is the same forecast; it pickles so, too. Keep it, and compare it later with
    what came: :meth:`Ledger.compare_forecast`.
    """

    __slots__ = ("_held", "by", "day", "known_on", "last_day", "made_by", "quantiles", "rows", "sums", "total_sums", "totals", "trained_on")

    _held: _native.CashForecast
    by: tuple[str, ...]
    day: date
    known_on: date | None
    last_day: date
    made_by: MadeBy
    quantiles: tuple[int, ...]
    rows: tuple[CashRow, ...]
    """By key, currency and period; periods without any cash are left out."""
    totals: tuple[CashRow, ...]
    """By currency and period, every period."""
    sums: tuple[CashSum, ...]
    total_sums: tuple[CashSum, ...]
    trained_on: date

    def __init__(self, native: _native.CashForecast) -> None:
        told = json.loads(native.text())
        self._hold(
            _held=native,
            by=tuple(told["by"]),
            day=date.fromisoformat(told["day"]),
            known_on=_day(told["known_on"]),
            last_day=date.fromisoformat(told["last_day"]),
            made_by=MadeBy(**told["made_by"]),
            quantiles=tuple(told["quantiles"]),
            rows=tuple(_row(row) for row in told["rows"]),
            totals=tuple(_row(row) for row in told["totals"]),
            sums=tuple(_sum(row) for row in told["sums"]),
            total_sums=tuple(_sum(row) for row in told["total_sums"]),
            trained_on=date.fromisoformat(told["trained_on"]),
        )

    def to_text(self) -> str:
        """The forecast as JSON text."""
        return self._held.text()

    @classmethod
    def from_text(cls, text: str) -> CashForecast:
        """The forecast that :meth:`to_text` wrote."""
        return cls(_native.CashForecast.from_text(_checks.text(text, "forecast")))

    def __reduce__(self) -> tuple[Callable[[str], CashForecast], tuple[str]]:
        return CashForecast.from_text, (self.to_text(),)

    def __eq__(self, other: object) -> bool:
        return self.to_text() == other.to_text() if isinstance(other, CashForecast) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.to_text())

    def __repr__(self) -> str:
        return f"<CashForecast of {self.day} to {self.last_day}, {len(self.rows)} rows>"


@dataclass(frozen=True)
class AccuracyRow:
    """A forecast made on ``day`` about ``start`` to ``end``, beside what came and what the due dates said."""

    day: date
    start: date
    end: date
    currency: str
    expected: Decimal
    low: Decimal | None
    high: Decimal | None
    actual: Decimal
    by_due_date: Decimal


@dataclass(frozen=True)
class AccuracyTotal:
    """What the rows of a currency come to. ``bias`` is above zero when too much was expected; ``error`` sums the differences
    without their signs; ``coverage`` is the share of forecasts in which what came lay from the lowest to the highest quantile.
    """

    currency: str
    forecasts: int
    expected: Decimal
    actual: Decimal
    by_due_date: Decimal
    bias: Decimal
    error: Decimal
    due_date_bias: Decimal
    due_date_error: Decimal
    coverage: Decimal | None


@dataclass(frozen=True)
class ForecastAccuracy:
    """Forecasts beside what came."""

    rows: tuple[AccuracyRow, ...]
    totals: tuple[AccuracyTotal, ...]
    made_by: MadeBy


@dataclass(frozen=True)
class CashAtRisk:
    """Cash that may not come. A call on ``best_contact_day`` or before can still change the payer's ``next_run``.

    That day may lie before ``due_date``. ``paid_by_run`` is the share that is expected to be paid, or covered, by the run anyway.
    """

    document: str
    instalment: int
    customer: str
    currency: str
    open: Decimal
    due_date: date
    at_risk: Decimal
    next_run: date | None
    best_contact_day: date | None
    paid_by_run: Decimal | None
    basis: Literal["model", "few_payments", "own_past", "not_enough_history"]
    reasons: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Calibration:
    """How the chances of a model trained before a span held in it; ``tenths`` are 0.1 each when all hold."""

    outcome: Literal["measured", "not_enough_history"]
    trained_on: date
    until: date
    is_trained: bool
    questions: int
    paid: int
    tenths: tuple[Decimal, ...]
    inside: Decimal | None
    stated: Decimal
    mean_error: Decimal | None
    mean_bias: Decimal | None


@dataclass(frozen=True)
class Drift:
    """How payments since the training differ from those of the year before it; ``index`` is the population stability index."""

    outcome: Literal["stable", "shifted", "drifted", "not_enough_history"]
    trained_on: date
    until: date
    payments_before: int
    payments_since: int
    median_before: int | None
    median_since: int | None
    late_before: Decimal | None
    late_since: Decimal | None
    index: Decimal | None


def _day(given: str | None) -> date | None:
    return None if given is None else date.fromisoformat(given)


def _number(given: str | None) -> Decimal | None:
    return None if given is None else Decimal(given)


def _numbers(given: list[str]) -> tuple[Decimal, ...]:
    return tuple(Decimal(one) for one in given)


def _row(row: Mapping[str, Any]) -> CashRow:
    return CashRow(
        by=tuple(row["by"]),
        currency=row["currency"],
        start=date.fromisoformat(row["from"]),
        end=date.fromisoformat(row["to"]),
        expected=Decimal(row["expected"]),
        quantiles=_numbers(row["quantiles"]),
        cumulative=Decimal(row["cumulative"]),
        cumulative_quantiles=_numbers(row["cumulative_quantiles"]),
    )


def _sum(row: dict[str, Any]) -> CashSum:
    amounts = ("not_enough_history", "open", "expected", "discount", "later", "disputed", "covered", "unforeseen")
    return CashSum(**{**row, "by": tuple(row["by"]), **{name: Decimal(row[name]) for name in amounts}})


def accuracy(text: str) -> ForecastAccuracy:
    """The engine's answer as rows."""
    told = json.loads(text)
    rows = []
    for row in told["rows"]:
        days = {name: date.fromisoformat(row.pop(own)) for name, own in (("day", "day"), ("start", "from"), ("end", "to"))}
        amounts = {name: _number(given) for name, given in row.items() if name != "currency"}
        rows.append(AccuracyRow(**days, currency=row["currency"], **amounts))  # type: ignore[arg-type]
    totals = []
    for row in told["totals"]:
        amounts = {name: _number(given) for name, given in row.items() if name not in ("currency", "forecasts")}
        totals.append(AccuracyTotal(currency=row["currency"], forecasts=row["forecasts"], **amounts))  # type: ignore[arg-type]
    return ForecastAccuracy(tuple(rows), tuple(totals), MadeBy(**told["made_by"]))


def at_risk(text: str) -> list[CashAtRisk]:
    """The engine's answer as rows."""
    found = []
    for row in json.loads(text):
        for name in ("due_date", "next_run", "best_contact_day"):
            row[name] = _day(row[name])
        for name in ("open", "at_risk", "paid_by_run"):
            row[name] = _number(row[name])
        row["reasons"] = tuple(row["reasons"])
        found.append(CashAtRisk(**row))
    return found


def _dated(row: dict[str, Any], numbers: tuple[str, ...]) -> dict[str, Any]:
    days = {name: date.fromisoformat(row[name]) for name in ("trained_on", "until")}
    return {**row, **days, **{name: _number(row[name]) for name in numbers}}


def calibration(text: str) -> Calibration:
    """The engine's answer as a row."""
    row = json.loads(text)
    return Calibration(**{**_dated(row, ("inside", "stated", "mean_error", "mean_bias")), "tenths": _numbers(row["tenths"])})


def drift(text: str) -> Drift:
    """The engine's answer as a row."""
    return Drift(**_dated(json.loads(text), ("late_before", "late_since", "index")))
