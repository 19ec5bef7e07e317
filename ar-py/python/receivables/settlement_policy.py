"""How to settle: plain frozen data, checked by the engine, the same JSON in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any, Literal

from receivables import _checks

__all__ = [
    "BankCharge",
    "CashRounding",
    "DiscountPolicy",
    "MatchRule",
    "PriorityClass",
    "Reasons",
    "SearchPolicy",
    "SettlementEdit",
    "SettlementPolicy",
    "ToleranceLimit",
    "TolerancePolicy",
]

_Amount = Decimal | int | str


@dataclass(frozen=True)
class PriorityClass:
    """A class of debits: of one of these kinds, with one of these values of a dimension, or both."""

    kinds: Sequence[str] | None = None
    dimension: str | None = None
    values: Sequence[str] | None = None


@dataclass(frozen=True)
class DiscountPolicy:
    """Early-payment discounts: whether a payment in full has one, what becomes of late ones, and what part payments do."""

    when: Literal["deducted", "exact", "usable"] | None = None
    late: Literal["refused", "asked", "accepted"] | None = None
    grace_days: int | None = None
    part_payments: Literal["when_cleared", "untouched", "proportional"] | None = None
    in_time: Literal["all", "closing"] | None = None
    credited: Literal["kept", "lowered"] | None = None
    of: Literal["gross", "net"] | None = None
    tax: Literal["whole", "split"] | None = None
    rounding: Literal[
        "half_away_from_zero", "half_toward_zero", "half_even", "half_ceiling", "half_floor", "up", "down", "ceiling", "floor"
    ] | None = None


@dataclass(frozen=True)
class ToleranceLimit:
    """A limit of what is let go: of those that apply the lowest holds. ``amount`` needs ``currency``.

    With ``amount_in="base"`` it is in the company's base currency, whatever the payment's.
    """

    side: Literal["both", "under", "over"] | None = None
    companies: Sequence[str] | None = None
    customers: Sequence[str] | None = None
    clerk: str | None = None
    currency: str | None = None
    amount: _Amount | None = None
    amount_in: Literal["credit", "base"] | None = None
    percent: _Amount | None = None


@dataclass(frozen=True)
class BankCharge:
    """How much of a shortage in a currency may be bank charges."""

    currency: str
    amount: _Amount


@dataclass(frozen=True)
class TolerancePolicy:
    """Differences that are let go."""

    limits: Sequence[ToleranceLimit | Mapping[str, Any]] | None = None
    blank: Literal["no_limit", "none"] | None = None
    per: Literal["document", "payment"] | None = None
    kind: Literal["tolerance", "write_off"] | None = None
    reason: str | None = None
    clerk: str | None = None
    first: Literal["tolerance", "discount"] | None = None
    valued: Literal["document", "day_rate"] | None = None
    bank_charges: Sequence[BankCharge | Mapping[str, Any]] | None = None
    strategies: Sequence[str] | None = None


@dataclass(frozen=True)
class CashRounding:
    """To which multiple of ``place`` a payment in a currency may be rounded."""

    currency: str
    place: _Amount
    rounding: Literal[
        "half_away_from_zero", "half_toward_zero", "half_even", "half_ceiling", "half_floor", "up", "down", "ceiling", "floor"
    ] | None = None


@dataclass(frozen=True)
class Reasons:
    """The reasons that differences are booked with, by what they are; ``under`` and ``over`` are of tolerance and write-off."""

    discount: str | None = None
    under: str | None = None
    over: str | None = None
    bank_charge: str | None = None
    cash_rounding: str | None = None
    residual: str | None = None


@dataclass(frozen=True)
class MatchRule:
    """What makes a credit and a debit a match for ``scored``, and how sure it is; what is None may be anything.

    The score is (confidence + 1) x 1000 - priority, where ``none`` is 0 and ``high`` 3; ``priority`` is 0 to 999.
    """

    confidence: Literal["none", "low", "medium", "high"]
    priority: int
    party: Literal["customer", "other"] | None = None
    document: Literal["several", "named", "not_named"] | None = None
    amount: Literal["one", "several", "none"] | None = None


@dataclass(frozen=True)
class SearchPolicy:
    """How far sets of items are searched, and what to do when several have the amount."""

    items: int | None = None
    work: int | None = None
    ambiguous: Literal["refused", "first"] | None = None


@dataclass(frozen=True)
class SettlementPolicy:
    """How to settle; see the specification, section 7. What is left out has its default.

    The parts may be given as mappings too: ``SettlementPolicy(**profile("settlement", "sap"))`` is a profile to change.

    >>> SettlementPolicy(strategies=["reference"], discount=DiscountPolicy(late="asked", grace_days=3)).to_json()
    '{"version": 1, "strategies": ["reference"], "discount": {"late": "asked", "grace_days": 3}}'
    """

    strategies: Sequence[str] | None = None
    credit_order: Literal["oldest_first", "newest_first"] | None = None
    credit_notes: Literal["by_date", "first", "last"] | None = None
    credit_kinds: Sequence[str] | None = None
    balance_credits: Sequence[str] | None = None
    past_due_on: Literal["view_day", "pay_day"] | None = None
    partial: Literal["allowed", "refused", "residual"] | None = None
    user_order: Sequence[str] | None = None
    filter: Mapping[str, Any] | None = None
    scope: Literal["account", "customer", "family"] | None = None
    cross_currency: Literal["refused", "allowed"] | None = None
    exchange_guard: Literal["none", "half_minor_unit"] | None = None
    priority: Sequence[PriorityClass | Mapping[str, Any]] | None = None
    discount: DiscountPolicy | Mapping[str, Any] | None = None
    tolerance: TolerancePolicy | Mapping[str, Any] | None = None
    cash_rounding: Sequence[CashRounding | Mapping[str, Any]] | None = None
    match_rules: Sequence[MatchRule | Mapping[str, Any]] | None = None
    search: SearchPolicy | Mapping[str, Any] | None = None
    reasons: Reasons | Mapping[str, Any] | None = None
    id: str | None = None
    version: int = 1

    def to_json(self) -> str:
        """The policy as the JSON that every front end reads."""
        names = ["version", "id", "strategies", "credit_order", "credit_notes", "credit_kinds", "balance_credits", "partial"]
        names += ["past_due_on", "user_order", "filter", "scope", "cross_currency", "exchange_guard", "priority", "discount", "tolerance"]
        names += ["cash_rounding", "match_rules", "search", "reasons"]
        values = {name: _plain(getattr(self, name)) for name in names}
        return _checks.encoded({name: value for name, value in values.items() if value is not None}, "policy")


@dataclass(frozen=True)
class SettlementEdit:
    """A change of a settlement: of a line by its number from 0, or of the discounts of a ``document`` (and ``instalment``).

    Of a line: ``amount`` is what it takes from its credit, ``drop`` leaves it out, ``discount`` is taken or not, ``reason`` is that of
    what stands beside it. A decision by ``document`` settles everything anew.

    >>> SettlementEdit(line=0, amount=Decimal("80.00")).to_dict()
    {'line': 0, 'amount': Decimal('80.00')}
    """

    line: int | None = None
    document: str | None = None
    instalment: int | None = None
    amount: _Amount | None = None
    drop: bool | None = None
    discount: Literal["accepted", "refused"] | None = None
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """What is given of it."""
        return {part.name: value for part in fields(self) if (value := getattr(self, part.name)) is not None}


def _plain(value: object) -> object:
    """The parts of a policy as mappings; what is left out is not there."""
    if is_dataclass(value) and not isinstance(value, type):
        parts = {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
        return {name: part for name, part in parts.items() if part is not None}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray, memoryview)):
        return [_plain(one) for one in value]
    return value
