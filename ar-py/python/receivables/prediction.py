"""When open items will be paid: a model that learns from a view, and its answers with their reasons."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from receivables import _checks, _native
from receivables._frozen import Frozen

__all__ = ["Prediction", "PredictionModel"]


@dataclass(frozen=True)
class Prediction:
    """When an open item will be paid.

    ``expected`` is the day by which it is paid as likely as not; from ``earliest`` to ``latest`` is the interval of the policy.
    ``late`` is the chance that it is paid after its due day; ``open_after_30`` that it is still open 30 days after the view's day.
    Each of ``reasons`` names its ``rule`` and what it rests on. ``quantiles`` are the days of the percentages that were asked for,
    ``paid_by`` the chances of the days, in the order asked.
    """

    document: str
    instalment: int
    customer: str
    currency: str
    open: Decimal
    due_date: date
    expected: date
    earliest: date
    latest: date
    late: Decimal
    open_after_30: Decimal
    open_after_60: Decimal
    open_after_90: Decimal
    basis: Literal["model", "few_payments", "own_past", "not_enough_history"]
    reasons: tuple[dict[str, Any], ...]
    quantiles: tuple[date, ...]
    paid_by: tuple[Decimal, ...]


class PredictionModel(Frozen):
    """What was learnt from a view. It is kept as text, and answers the same on any machine.

    ``PredictionModel.from_text(model.to_text())`` is the same model; it pickles so, too.
    """

    __slots__ = ("_held",)

    _held: _native.PredictionModel

    def __init__(self, native: _native.PredictionModel) -> None:
        self._hold(_held=native)

    def to_text(self) -> str:
        """The model as JSON text."""
        return self._held.text()

    @classmethod
    def from_text(cls, text: str) -> PredictionModel:
        """The model that :meth:`to_text` wrote, proved sound."""
        return cls(_native.PredictionModel.from_text(_checks.text(text, "text")))

    @property
    def trained_on(self) -> date:
        """The last day that was known."""
        return self._held.trained_on

    @property
    def known_on(self) -> date | None:
        """The day by which what it learnt from was recorded; None for a model kept before models said so."""
        return self._held.known_on

    @property
    def paid_invoices(self) -> int:
        """How many paid invoices it saw."""
        return self._held.paid_invoices

    @property
    def is_trained(self) -> bool:
        """Whether there was enough to learn from; if not, answers come from each customer's own past."""
        return self._held.is_trained

    def __reduce__(self) -> tuple[Callable[[str], PredictionModel], tuple[str]]:
        return PredictionModel.from_text, (self.to_text(),)

    def __eq__(self, other: object) -> bool:
        return self.to_text() == other.to_text() if isinstance(other, PredictionModel) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.to_text())

    def __repr__(self) -> str:
        return f"<PredictionModel of {self.trained_on}, {self.paid_invoices} paid invoices>"


def held_model(model: object) -> _native.PredictionModel:
    """The engine's own of a model."""
    if not isinstance(model, PredictionModel):
        _checks.refuse("wrong_type", f"expected a PredictionModel, got {type(model).__name__}", "model")
    return model._held


def thread_count(threads: object) -> int:
    """A number of threads."""
    if not isinstance(threads, int) or isinstance(threads, bool) or not 1 <= threads <= 64:
        _checks.refuse("wrong_type", "expected a number of threads from 1 to 64", "threads")
    return threads


_DATES = ("due_date", "expected", "earliest", "latest")
_NUMBERS = ("open", "late", "open_after_30", "open_after_60", "open_after_90")


def predictions(text: str) -> list[Prediction]:
    """The engine's answer as rows."""
    found = []
    for row in json.loads(text):
        for name in _DATES:
            row[name] = date.fromisoformat(row[name])
        for name in _NUMBERS:
            row[name] = Decimal(row[name])
        row["reasons"] = tuple(row["reasons"])
        row["quantiles"] = tuple(date.fromisoformat(day) for day in row["quantiles"])
        row["paid_by"] = tuple(Decimal(chance) for chance in row["paid_by"])
        found.append(Prediction(**row))
    return found
