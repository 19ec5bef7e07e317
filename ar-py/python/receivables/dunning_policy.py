"""How to dun: plain frozen data, checked by the engine, the same JSON in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from receivables import _checks
from receivables.interest_policy import InterestPolicy

__all__ = [
    "DunningAssignment",
    "DunningLevel",
    "DunningPolicy",
    "DunningProcedure",
    "DunningTrigger",
    "FeeInCurrency",
    "FeePolicy",
    "FeeTier",
    "MoneyLimit",
]

_Amount = Decimal | int | str


@dataclass(frozen=True)
class MoneyLimit:
    """An amount in a currency."""

    currency: str
    amount: _Amount


@dataclass(frozen=True)
class FeeTier:
    """What a fee is from an amount on, inclusive: an amount, a percentage, or both, within bounds."""

    start: _Amount | None = None
    amount: _Amount | None = None
    percent: _Amount | None = None
    minimum: _Amount | None = None
    maximum: _Amount | None = None


@dataclass(frozen=True)
class FeeInCurrency:
    """A fee in one currency; tiers rise by ``start``, which JSON calls ``from``."""

    currency: str
    tiers: Sequence[FeeTier | Mapping[str, Any]]
    tax_percent: _Amount | None = None


@dataclass(frozen=True)
class FeePolicy:
    """A fee by currency; one that is not listed is converted from the base currency."""

    currencies: Sequence[FeeInCurrency | Mapping[str, Any]]
    of: Literal["amount", "original"] | None = None
    mode: Literal["single", "accumulated"] | None = None
    once: Literal["per_level", "per_notice"] | None = None


@dataclass(frozen=True)
class DunningLevel:
    """A level: reached ``days`` after what ``count_from`` says, and what its notice says and costs."""

    days: int
    name: str | None = None
    count_from: Literal["due_date", "end_of_month", "last_notice", "last_notice_due"] | None = None
    minimum: Sequence[MoneyLimit | Mapping[str, Any]] | None = None
    minimum_percent: _Amount | None = None
    minimum_count: int | None = None
    always: bool | None = None
    pay_within_days: int | None = None
    notice_fee: FeePolicy | Mapping[str, Any] | None = None
    line_fee: FeePolicy | Mapping[str, Any] | None = None
    interest: bool | None = None
    compensation: bool | None = None
    tone: str | None = None
    template: str | None = None
    channel: str | None = None
    hand_over: str | None = None


@dataclass(frozen=True)
class DunningProcedure:
    """Levels, the first of them level 1, and when an item rises from one to the next."""

    levels: Sequence[DunningLevel | Mapping[str, Any]]
    grace_days: int | None = None
    grace: Literal["threshold", "free"] | None = None
    count: Literal["calendar_days", "business_days"] | None = None
    edge: Literal["reached", "passed"] | None = None
    escalation: Literal["step", "jump"] | None = None
    after_last: Literal["stop", "repeat"] | None = None
    unchanged: Literal["left_out", "with_new"] | None = None
    interval_days: int | None = None
    interval_count: Literal["calendar_days", "business_days"] | None = None
    interval_edge: Literal["reached", "passed"] | None = None
    interval_per: Literal["desk", "customer"] | None = None
    pay_within_count: Literal["calendar_days", "business_days"] | None = None
    minimum_days: int | None = None
    max_notices: int | None = None
    minimum: Sequence[MoneyLimit | Mapping[str, Any]] | None = None
    minimum_of: Literal["level_and_above", "level"] | None = None
    minimum_credits: Literal["apart", "deducted"] | None = None


@dataclass(frozen=True)
class DunningAssignment:
    """Which customers have a procedure, by one of the three lists; without ``procedure`` they are not dunned."""

    customers: Sequence[str] | None = None
    groups: Sequence[str] | None = None
    companies: Sequence[str] | None = None
    procedure: str | None = None


@dataclass(frozen=True)
class DunningTrigger:
    """An event, and what to do when it happens."""

    id: str
    when: Literal[
        "new_customer", "invoice_issued", "days_past_due", "promise_broken", "payment_received", "dispute_opened"
    ]
    action: str
    days: int | None = None
    count: Literal["calendar_days", "business_days"] | None = None
    within_days: int | None = None
    channel: str | None = None
    template: str | None = None


@dataclass(frozen=True)
class DunningPolicy:
    """How to dun; see the specification, section 9. What is left out has its default.

    The parts may be given as mappings too: ``DunningPolicy(**profile("dunning", "sap"))`` is a profile to change.

    >>> DunningPolicy({"standard": DunningProcedure([DunningLevel(3, name="reminder"), DunningLevel(14)])}).to_json()
    '{"version": 1, "procedures": {"standard": {"levels": [{"days": 3, "name": "reminder"}, {"days": 14}]}}}'
    """

    procedures: Mapping[str, DunningProcedure | Mapping[str, Any]]
    procedure: str | None = None
    assign: Sequence[DunningAssignment | Mapping[str, Any]] | None = None
    unit: Literal["item", "customer"] | None = None
    notice_per: Literal["customer", "family", "document"] | None = None
    currency: Literal["document", "base", "single"] | None = None
    basis: Literal["due_date", "document_date"] | None = None
    kinds: Sequence[str] | None = None
    where: Mapping[str, Sequence[str]] | None = None
    minimum_item: Sequence[MoneyLimit | Mapping[str, Any]] | None = None
    credit_notes: Literal["covers", "listed", "listed_when_due", "ignored"] | None = None
    unapplied: Literal["covers", "listed", "listed_when_due", "ignored"] | None = None
    in_flight: Literal["covers", "ignored"] | None = None
    disputed: Literal["left_out", "dunned"] | None = None
    held: Literal["left_out", "dunned"] | None = None
    blocked: Literal["left_out", "dunned"] | None = None
    requirements: Literal["left_out", "dunned"] | None = None
    promises: Literal["left_out", "dunned"] | None = None
    plans: Literal["left_out", "dunned"] | None = None
    unfounded: Literal["left_out", "dunned"] | None = None
    blocks: Sequence[str] | None = None
    promise_tolerance_days: int | None = None
    plan_tolerance_days: int | None = None
    quiet_days: Literal["send", "skip"] | None = None
    weekend: Sequence[str] | None = None
    holidays: Sequence[date | str] | None = None
    currencies: Sequence[str] | None = None
    templates: Sequence[str] | None = None
    tones: Sequence[str] | None = None
    interest: InterestPolicy | Mapping[str, Any] | None = None
    paid_interest: Literal["charged", "dropped"] | None = None
    charged_interest: Literal["lowered", "corrected", "final"] | None = None
    charges: Literal["posted", "shown"] | None = None
    channel_of: Literal["level", "customer"] | None = None
    related_charges: Literal["with_item", "apart"] | None = None
    triggers: Sequence[DunningTrigger | Mapping[str, Any]] | None = None
    id: str | None = None
    version: int = 1

    def to_json(self) -> str:
        """The policy as the JSON that every front end reads."""
        names = ["version", "id", *(part.name for part in fields(self) if part.name not in ("version", "id"))]
        values = {name: _plain(getattr(self, name)) for name in names}
        return _checks.encoded({name: value for name, value in values.items() if value is not None}, "policy")


# A word of the language has another name here.
_PUBLISHED: dict[tuple[type, str], str] = {(FeeTier, "start"): "from"}


def _plain(value: object) -> object:
    """The parts of a policy as mappings; what is left out is not there."""
    if is_dataclass(value) and not isinstance(value, type):
        parts = {
            _PUBLISHED.get((type(value), part.name), part.name): _plain(getattr(value, part.name)) for part in fields(value)
        }
        return {name: part for name, part in parts.items() if part is not None}
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray, memoryview)):
        return [_plain(one) for one in value]
    return value
