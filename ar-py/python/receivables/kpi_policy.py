"""Which key figures, over which window, by which conventions: plain frozen data, the same JSON in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from receivables import _checks

__all__ = ["KpiPolicy"]


@dataclass(frozen=True)
class KpiPolicy:
    """How well do we collect: see the specification, section 13. What is left out has its default.

    >>> KpiPolicy(kpis=["dso_simple", "cei"], months=12).to_json()
    '{"version": 1, "kpis": ["dso_simple", "cei"], "months": 12}'
    """

    kpis: Sequence[str] | None = None
    months: int | None = None
    history_months: int | None = None
    series_months: int | None = None
    days: Literal["calendar", "thirty"] | None = None
    currency: Literal["document", "base"] | None = None
    sales: Literal["gross", "net"] | None = None
    credit_notes: Literal["lower", "left_out"] | None = None
    unapplied: Literal["included", "left_out"] | None = None
    disputed: Literal["included", "left_out"] | None = None
    early: Literal["negative", "zero", "left_out"] | None = None
    at_risk_days: int | None = None
    top: int | None = None
    tolerance_days: int | None = None
    digits: int | None = None
    rounding: str | None = None
    ratings: Sequence[Mapping[str, Any]] | None = None
    id: str | None = None
    version: int = 1

    def to_json(self) -> str:
        """The policy as the JSON that every front end reads."""
        names = ["version", "id", "kpis", "months", "history_months", "series_months", "days", "currency", "sales", "credit_notes"]
        names += ["unapplied", "disputed", "early", "at_risk_days", "top", "tolerance_days", "digits", "rounding", "ratings"]
        values = {name: getattr(self, name) for name in names}
        return _checks.encoded({name: value for name, value in values.items() if value is not None}, "policy")
