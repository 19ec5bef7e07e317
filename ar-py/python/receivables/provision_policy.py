"""How losses are provided for: plain frozen data, checked by the engine, the same JSON in every language."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from receivables import _checks

if TYPE_CHECKING:
    from receivables.policies import AgingPolicy

__all__ = ["ProvisionPolicy"]


@dataclass(frozen=True)
class ProvisionPolicy:
    """What is lost of what is owed, by pool and bucket; see the specification, section 14. What is left out has its default.

    ``matrices`` are mappings with ``rates``, one a bucket of ``aging``, and may name a ``pool``, a ``currency`` and an ``overlay``;
    ``specific`` are mappings about what is judged by itself.

    >>> ProvisionPolicy(aging={"edges": [0, 30]}, matrices=[{"rates": ["0.003", "0.016", "1/4"]}]).to_json()
    '{"version": 1, "aging": {"edges": [0, 30]}, "matrices": [{"rates": ["0.003", "0.016", "1/4"]}]}'
    """

    aging: AgingPolicy | Mapping[str, Any]
    matrices: Sequence[Mapping[str, Any]]
    pools: Sequence[str] | None = None
    where: Mapping[str, Sequence[str]] | None = None
    credits: Literal["excluded", "in_bucket", "against_oldest"] | None = None
    disputed: Literal["in_bucket", "excluded", "own_rate"] | None = None
    disputed_rate: Decimal | int | str | None = None
    specific: Sequence[Mapping[str, Any]] | None = None
    rounding: str | None = None
    journal: Mapping[str, str] | None = None
    id: str | None = None
    version: int = 1

    def to_json(self) -> str:
        """The policy as the JSON that every front end reads."""
        names = ["version", "id", "where", "pools", "matrices", "credits", "disputed", "disputed_rate"]
        names += ["specific", "rounding", "journal"]
        values: dict[str, Any] = {name: getattr(self, name) for name in names}
        aging = self.aging if isinstance(self.aging, Mapping) else json.loads(self.aging.to_json())
        values = {"version": self.version, "id": self.id, "aging": aging, **values}
        return _checks.encoded({name: value for name, value in values.items() if value is not None}, "policy")
