"""How credit is checked: plain frozen data, checked by the engine, the same JSON in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from receivables import _checks

__all__ = ["CreditPolicy"]


@dataclass(frozen=True)
class CreditPolicy:
    """What is asked before an order ships; see the specification, section 12. What is left out has its default.

    ``checks`` are mappings: ``{"check": "limit"}``, ``{"check": "oldest_open", "days": 60, "reaction": "warn"}``, and so on.

    >>> CreditPolicy(checks=[{"check": "limit", "horizon_days": 30}]).to_json()
    '{"version": 1, "checks": [{"check": "limit", "horizon_days": 30}]}'
    """

    checks: Sequence[Mapping[str, Any]] | None = None
    parts: Sequence[str] | None = None
    currencies: Literal["converted", "apart"] | None = None
    companies: Literal["together", "apart"] | None = None
    amounts: Literal["gross", "net"] | None = None
    reductions: Literal["checked", "pass"] | None = None
    release: Sequence[Mapping[str, Any]] | None = None
    release_days: int | None = None
    release_percent: Decimal | int | str | None = None
    release_covers: Literal["what_failed", "anything"] | None = None
    alerts: Sequence[Mapping[str, Any]] | None = None
    proposal: Mapping[str, Any] | None = None
    id: str | None = None
    version: int = 1

    def to_json(self) -> str:
        """The policy as the JSON that every front end reads."""
        names = ["version", "id", "parts", "currencies", "companies", "amounts", "reductions", "checks", "release"]
        names += ["release_days", "release_percent", "release_covers", "alerts", "proposal"]
        values = {name: getattr(self, name) for name in names}
        return _checks.encoded({name: value for name, value in values.items() if value is not None}, "policy")
