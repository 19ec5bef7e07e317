"""How late-payment interest is charged: plain frozen data, checked by the engine, the same JSON in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from receivables import _checks

__all__ = ["InterestPolicy"]


@dataclass(frozen=True)
class InterestPolicy:
    """Interest and compensation for late payment; see the specification, section 8. What is left out has its default.

    It has ``rates`` or a ``reference``. ``InterestPolicy(**profile("interest", "uk-1998-act"))`` is a statute that waits for
    its published rates.

    >>> InterestPolicy(rates=[{"from": "2026-01-01", "percent": "8"}], grace_days=3).to_json()
    '{"version": 1, "rates": [{"from": "2026-01-01", "percent": "8"}], "grace_days": 3}'
    """

    rates: Sequence[Mapping[str, Any]] | None = None
    reference: Mapping[str, Any] | None = None
    first_day: date | str | None = None
    per: Literal["year"] | Mapping[str, int] | None = None
    day_count: Literal[
        "actual_365_fixed", "actual_360", "actual_actual_isda", "thirty_360_bond", "thirty_360_us", "thirty_e_360",
        "thirty_360_german",
    ] | None = None
    compounding: Literal["none", "monthly"] | None = None
    basis: Literal["daily_balance", "outstanding", "balance_due"] | None = None
    paid_from: Literal["credit", "match"] | None = None
    rounded: Literal["once", "per_segment", "per_day"] | None = None
    rounding: Literal[
        "half_away_from_zero", "half_toward_zero", "half_even", "half_ceiling", "half_floor", "up", "down", "ceiling", "floor"
    ] | None = None
    grace_days: int | None = None
    grace: Literal["threshold", "free"] | None = None
    longest_days: int | None = None
    minimum: Sequence[Mapping[str, Any]] | None = None
    minimum_per: Literal["item", "account"] | None = None
    currencies: Sequence[str] | None = None
    kinds: Sequence[str] | None = None
    closed: Literal["excluded", "included"] | None = None
    disputed: Literal["included", "excluded"] | None = None
    requirements: Literal["respected", "ignored"] | None = None
    compensation: Mapping[str, Any] | None = None
    id: str | None = None
    source: str | None = None
    checked: date | str | None = None
    version: int = 1

    def to_json(self) -> str:
        """The policy as the JSON that every front end reads."""
        names = ["version", "id", "source", "checked", "rates", "reference", "first_day", "per", "day_count", "compounding"]
        names += ["basis", "paid_from", "rounded", "rounding", "grace_days", "grace", "longest_days", "minimum", "minimum_per", "currencies"]
        names += ["kinds", "closed", "disputed", "requirements", "compensation"]
        values = {name: getattr(self, name) for name in names}
        return _checks.encoded({name: value for name, value in values.items() if value is not None}, "policy")
