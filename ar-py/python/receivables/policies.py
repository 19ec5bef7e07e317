"""Policies and settings: plain frozen data, checked by the engine, the same JSON in every language."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from receivables import _checks, _native
from receivables.credit_policy import CreditPolicy
from receivables.interest_policy import InterestPolicy
from receivables.dunning_policy import DunningPolicy
from receivables.provision_policy import ProvisionPolicy
from receivables.kpi_policy import KpiPolicy
from receivables.settlement_policy import SettlementPolicy

__all__ = ["AgingPolicy", "AllocationPolicy", "Settings", "profile", "profiles", "schema", "schemas"]


def _json(values: Mapping[str, Any]) -> str:
    return _checks.encoded({key: value for key, value in values.items() if value is not None}, "policy")


@dataclass(frozen=True)
class AgingPolicy:
    """How to age open items.

    ``edges`` rise, and n edges make n + 1 buckets; those below 0 part what is not yet due. ``edge_rule`` says whether day 30
    is the last of 1-30 (``up_to_inclusive``) or the first of the next (``from_inclusive``). See the specification, section 5.

    >>> AgingPolicy(edges=[0, 30, 60, 90]).to_json()
    '{"version": 1, "edges": [0, 30, 60, 90]}'
    """

    edges: Sequence[int]
    basis: Literal["due_date", "document_date", "posting_date"] | None = None
    missing_due_date: Literal["document_date", "not_due"] | None = None
    unit: Literal["days", "weeks", "months", "calendar_months"] | None = None
    edge_rule: Literal["up_to_inclusive", "from_inclusive"] | None = None
    credits: Literal["own_date", "on_invoice", "apart"] | None = None
    disputed: Literal["included", "apart"] | None = None
    held: Literal["included", "apart"] | None = None
    currency: Literal["document", "base", "revalued"] | None = None
    columns: Sequence[Mapping[str, Any]] | None = None
    labels: Sequence[str] | None = None
    id: str | None = None
    version: int = 1

    def to_json(self) -> str:
        """The policy as the JSON that every front end reads."""
        names = ["version", "id", "basis", "missing_due_date", "unit", "edges", "edge_rule", "credits"]
        names += ["disputed", "held", "currency", "columns", "labels"]
        return _json({name: getattr(self, name) for name in names})


@dataclass(frozen=True)
class AllocationPolicy:
    """How to propose allocations; see the specification, section 6.

    >>> AllocationPolicy(strategies=["oldest_due"]).to_json()
    '{"version": 1, "strategies": ["oldest_due"]}'
    """

    strategies: Sequence[str] | None = None
    credit_order: Literal["oldest_first", "newest_first"] | None = None
    credit_kinds: Sequence[str] | None = None
    partial: Literal["allowed", "refused"] | None = None
    user_order: Sequence[str] | None = None
    filter: Mapping[str, Any] | None = None
    id: str | None = None
    version: int = 1

    def to_json(self) -> str:
        """The policy as the JSON that every front end reads."""
        names = ["version", "id", "strategies", "credit_order", "credit_kinds", "partial", "user_order", "filter"]
        return _json({name: getattr(self, name) for name in names})


@dataclass(frozen=True)
class Settings:
    """What a ledger must know before its first fact; see the specification, section 2.

    >>> Settings(base_currency="EUR").to_json()
    '{"base_currency": "EUR"}'
    """

    base_currency: str | None = None
    companies: Mapping[str, Mapping[str, str]] | None = None
    currencies: Mapping[str, int] | None = None
    terms: Mapping[str, Mapping[str, Any]] | None = None
    hierarchies: Mapping[str, Mapping[str, str]] | None = None
    instalment_sign: Literal["same", "any"] | None = None

    def to_json(self) -> str:
        """The settings as the JSON that every front end reads."""
        names = ["base_currency", "companies", "currencies", "terms", "hierarchies", "instalment_sign"]
        return _json({name: getattr(self, name) for name in names})


def to_json(
    policy: AgingPolicy
    | AllocationPolicy
    | CreditPolicy
    | DunningPolicy
    | InterestPolicy
    | ProvisionPolicy
    | KpiPolicy
    | SettlementPolicy
    | Settings
    | Mapping[str, Any],
    argument: str = "policy",
) -> str:
    """A policy or settings as JSON, given as its own class or as a mapping."""
    own = (AgingPolicy, AllocationPolicy, CreditPolicy, DunningPolicy, InterestPolicy, ProvisionPolicy, KpiPolicy, SettlementPolicy, Settings)
    if isinstance(policy, own):
        return policy.to_json()
    if isinstance(policy, Mapping):
        return _json(policy)
    _checks.refuse("wrong_type", f"expected {argument} or a mapping, got {type(policy).__name__}", argument)


def profile(room: Literal["aging", "allocation", "credit", "dunning", "interest", "kpi", "settlement"], name: str) -> dict[str, Any]:
    """The policy that reproduces an existing system's conventions, such as ``profile("aging", "sap")``; of the room ``interest`` a
    statute's, to which the published rates are added.
    """
    policy: dict[str, Any] = json.loads(_native.profile(_checks.text(room, "room"), _checks.text(name, "name")))
    return policy


def profiles(room: Literal["aging", "allocation", "credit", "dunning", "interest", "kpi", "settlement"]) -> list[str]:
    """The names of the profiles of a room."""
    return _native.profiles(_checks.text(room, "room"))


def schema(
    name: Literal["aging", "allocation", "cash", "credit", "dunning", "interest", "kpi", "letter", "letters", "loss_rates", "mapping", "picture", "prediction", "provision", "settings", "settlement", "stationery", "terms"],
) -> dict[str, Any]:
    """The JSON Schema of a policy of a room, of a mapping of files, of settings or of terms.

    >>> schema("aging")["required"]
    ['edges']
    """
    held: dict[str, Any] = json.loads(_native.schema(_checks.text(name, "name")))
    return held


def schemas() -> list[str]:
    """The names of the schemas."""
    return _native.schemas()
