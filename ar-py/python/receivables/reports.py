"""What the engine answers, as plain frozen rows.

Amounts are :class:`decimal.Decimal` at the scale of the row's ``currency``; dates are :class:`datetime.date`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

__all__ = [
    "AgingItem",
    "AgingRow",
    "DateStep",
    "Difference",
    "DueInstalment",
    "ExplainedInstalment",
    "Match",
    "OpenItem",
    "PendingFact",
    "PendingReceipts",
    "ProposalLine",
    "UnappliedCredit",
    "YearFraction",
]


@dataclass(frozen=True)
class OpenItem:
    """What is left of a document, or of one of its instalments, on the view's day.

    ``instalment`` is 0 when the document has no schedule. ``disputed``, ``held`` and ``pending`` are parts of ``open``,
    with its sign.
    """

    company: str
    control_account: str
    customer: str
    currency: str
    document: str
    instalment: int
    kind: str
    document_date: date
    due_date: date | None
    open: Decimal
    base_open: Decimal | None
    disputed: Decimal
    held: Decimal
    pending: Decimal


@dataclass(frozen=True)
class AgingRow:
    """One group of an aging: its values of ``by``, then amounts; a total has no values.

    ``buckets`` add up to ``total``. ``share`` is of the currency's total, ``average_age`` in days weighted by what is open;
    both are None when that total is zero.
    """

    by: tuple[str, ...]
    currency: str
    buckets: tuple[Decimal, ...]
    columns: tuple[Decimal, ...] | None
    total: Decimal
    disputed: Decimal
    held: Decimal
    unapplied: Decimal
    pending: Decimal
    items: int
    share: Decimal | None
    average_age: Decimal | None


@dataclass(frozen=True)
class AgingItem:
    """One open item, its bucket, and the rule with its operands that put it there."""

    document: str
    instalment: int
    customer: str
    currency: str
    due_date: date | None
    basis_date: date | None
    age: int
    open: Decimal
    bucket: str
    disputed: Decimal
    held: Decimal
    pending: Decimal
    would_settle: Decimal
    rule: str
    past_edge: int | None
    next_edge: int | None


@dataclass(frozen=True)
class Difference:
    """Where ledger and general ledger differ: ``difference`` is ``ledger`` less ``control``."""

    company: str
    control_account: str
    currency: str
    ledger: Decimal
    control: Decimal
    difference: Decimal


@dataclass(frozen=True)
class ProposalLine:
    """One proposed allocation: amounts are above zero, ``credit_left`` and ``debit_left`` those before it."""

    credit: str
    debit: str
    instalment: int
    currency: str
    amount: Decimal
    strategy: str
    credit_left: Decimal
    debit_left: Decimal


@dataclass(frozen=True)
class UnappliedCredit:
    """What stays on account of a credit, and why: ``no_open_debit`` or ``no_match``."""

    credit: str
    currency: str
    amount: Decimal
    reason: str


@dataclass(frozen=True)
class Match:
    """An allocation, or a difference (``kind`` says which), that counts on the view's day and is not taken back.

    ``amount`` is taken off the credit, ``debit_amount`` off the debit; a difference has one of the two sides. ``base_credit`` and
    ``base_debit`` are in base currency, ``exchange`` is the one less the other. ``beside`` is the allocation that a difference
    stands beside; ``instalment`` is 0 when none is named.
    """

    id: str
    kind: str
    credit: str | None
    debit: str | None
    instalment: int
    amount: Decimal | None
    debit_amount: Decimal | None
    currency: str | None
    debit_currency: str | None
    base_credit: Decimal | None
    base_debit: Decimal | None
    exchange: Decimal | None
    effective: date
    beside: str | None
    reason: str | None


@dataclass(frozen=True)
class PendingFact:
    """A fact that is known and counts later."""

    table: str
    id: str
    effective: date
    recorded: date


@dataclass(frozen=True)
class PendingReceipts:
    """Receipts of an account that are known and count later; ``amount`` is below zero."""

    company: str
    control_account: str
    customer: str
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class MadeBy:
    """What made a report: the policy's id, the SHA-256 of the policy with its defaults, and the engine's version."""

    policy: str
    policy_hash: str
    engine: str


@dataclass(frozen=True)
class DueInstalment:
    """A part of a document and when it is due; ``number`` is 0 when the whole is due at once."""

    number: int
    due_date: date
    amount: Decimal
    base_amount: Decimal | None


@dataclass(frozen=True)
class DateStep:
    """One step on the way to a due date."""

    rule: str
    start: date
    end: date


@dataclass(frozen=True)
class ExplainedInstalment:
    """A part of a document with the steps that gave its date and its amount."""

    number: int
    due_date: date
    amount: Decimal
    base_amount: Decimal | None
    line: int
    repetition: int
    dates: tuple[DateStep, ...]
    rule: str
    of: Decimal
    share: str | None


@dataclass(frozen=True)
class YearFraction:
    """A fraction of a year: the days that the convention counts, and the fraction in lowest terms."""

    days: int
    fraction: str
