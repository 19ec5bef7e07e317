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
    "DebtInterest",
    "Difference",
    "DiscountRates",
    "DueInstalment",
    "ExchangeTotal",
    "ExplainedInstalment",
    "ExposureRow",
    "ExposureTotal",
    "InterestItem",
    "InterestSegment",
    "InterestTotal",
    "LineDifference",
    "Match",
    "OpenItem",
    "PendingFact",
    "PendingReceipts",
    "ProofRow",
    "ProposalLine",
    "Question",
    "RevaluationTotal",
    "RevaluedItem",
    "SettlementExplanation",
    "SettlementLine",
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
    """What stays on account of a credit, and why: ``no_open_debit`` or ``no_match``.

    Of a settlement also ``ambiguous``, ``not_searched_further``, ``discount_asked``, ``rate_missing`` and ``edited``.
    """

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
class SettlementLine:
    """What a credit pays of a debit: ``amount`` in the credit's ``currency``, ``debit_amount`` in ``debit_currency``.

    ``score`` says how sure a match of ``scored`` is (1 to 4000, 3001 and above is high; 0 of other strategies).
    ``credit_left`` and ``debit_left`` are those before it. Base amounts are None where the documents have none;
    ``exchange`` is what was received less what it clears, a gain above zero.
    """

    credit: str
    debit: str
    instalment: int
    currency: str
    amount: Decimal
    debit_currency: str
    debit_amount: Decimal
    strategy: str
    score: int
    credit_left: Decimal
    debit_left: Decimal
    base_credit: Decimal | None
    base_debit: Decimal | None
    exchange: Decimal | None


@dataclass(frozen=True)
class LineDifference:
    """What closes a part of a document beyond the money, beside the line of number ``line`` (from 0).

    ``kind`` is ``discount``, ``discount_tax``, ``tolerance``, ``write_off``, ``bank_charge``, ``cash_rounding`` or
    ``residual``; ``rule`` let it go, ``limit`` is what it allowed at most, ``until`` the discount's last day. Where the policy
    values it at the rate of the day, ``base_amount`` is what it is worth in base currency, ``base_document`` what it takes off
    the document, ``exchange`` the difference between the two.
    """

    document: str
    instalment: int
    currency: str
    kind: str
    amount: Decimal
    line: int
    reason: str
    rule: str
    limit: Decimal | None
    until: date | None
    base_amount: Decimal | None
    base_document: Decimal | None
    exchange: Decimal | None


@dataclass(frozen=True)
class Question:
    """What somebody has to decide: a ``late_discount`` worth ``amount``, or several ``choices`` of sets (``ambiguous``).

    ``choices`` has at most 20 sets of ``document`` or ``document/instalment``; ``total`` is how many there are.
    """

    kind: str
    credit: str
    document: str
    instalment: int
    amount: Decimal | None
    choices: tuple[tuple[str, ...], ...]
    total: int


@dataclass(frozen=True)
class ProofRow:
    """That nothing was lost in a currency.

    ``received`` = ``applied`` + ``closed`` + ``unapplied``, and ``claims`` = ``paid`` + every kind of difference + ``open``.
    ``matched_share`` is what of ``received`` is taken up, in per cent, none where nothing was received: of a settlement as it
    was proposed, before anybody changed it, the auto-match rate.
    """

    currency: str
    received: Decimal
    applied: Decimal
    closed: Decimal
    unapplied: Decimal
    claims: Decimal
    paid: Decimal
    discount: Decimal
    discount_tax: Decimal
    tolerance: Decimal
    write_off: Decimal
    bank_charge: Decimal
    cash_rounding: Decimal
    residual: Decimal
    open: Decimal
    matched_share: Decimal | None


@dataclass(frozen=True)
class ExchangeTotal:
    """The exchange differences in one base currency: gains less losses."""

    currency: str
    amount: Decimal


@dataclass(frozen=True)
class SettlementExplanation:
    """The part of a settlement that is about one credit or debit; ``line`` of a difference counts all lines."""

    lines: list[SettlementLine]
    differences: list[LineDifference]
    unapplied: list[UnappliedCredit]


@dataclass(frozen=True)
class RevaluedItem:
    """An open item in another currency than the base: ``difference`` is ``revalued`` less ``base_open``."""

    document: str
    instalment: int
    customer: str
    currency: str
    open: Decimal
    base_currency: str
    base_open: Decimal
    rate: Decimal
    revalued: Decimal
    difference: Decimal


@dataclass(frozen=True)
class RevaluationTotal:
    """The sums of one base currency."""

    currency: str
    base_open: Decimal
    revalued: Decimal
    difference: Decimal


@dataclass(frozen=True)
class InterestSegment:
    """Days with one balance and one rate, from ``start`` to ``until``, both included.

    ``percent`` is per year or period, of which ``part`` (such as ``31/365``) are the days; ``compounded`` is earlier interest that
    earns interest.
    """

    start: date
    until: date
    days: int
    balance: Decimal
    compounded: Decimal
    percent: Decimal
    part: str
    interest: Decimal


@dataclass(frozen=True)
class InterestItem:
    """What an overdue item bears: ``interest`` is what ``accrued`` from ``start`` to ``until``, or nothing below the minimum.

    ``segments`` are what ``accrued`` re-adds from, when they were asked for.
    """

    document: str
    instalment: int
    customer: str
    currency: str
    due_date: date
    days: int
    open: Decimal
    start: date | None
    until: date | None
    accrued: Decimal
    interest: Decimal
    compensation: Decimal
    rule: str
    segments: tuple[InterestSegment, ...]


@dataclass(frozen=True)
class InterestTotal:
    """The sums of one currency."""

    currency: str
    items: int
    open: Decimal
    interest: Decimal
    compensation: Decimal


@dataclass(frozen=True)
class DebtInterest:
    """What one debt bears; ``open`` is what is left of it on the last day."""

    open: Decimal
    accrued: Decimal
    interest: Decimal
    compensation: Decimal
    rule: str
    segments: tuple[InterestSegment, ...]


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


@dataclass(frozen=True)
class DiscountRates:
    """A discount for early payment as a rate for a year: percent with two digits, rounded once.

    ``days`` are those by which the payment comes earlier, ``cost`` is the discount as a part of what is paid, in lowest terms. A
    compounded rate of 10^12 percent or more is ``None``.
    """

    days: int
    cost: str
    simple_360: Decimal
    simple_365: Decimal
    compounded_360: Decimal | None
    compounded_365: Decimal | None


@dataclass(frozen=True)
class ExposureRow:
    """What a customer, or a family under its top parent, is exposed to, in ``currency``; ``used`` is per cent of the limit."""

    customer: str
    currency: str
    open_items: Decimal
    credit_notes: Decimal
    unapplied: Decimal
    prepayments: Decimal
    deliveries: Decimal
    orders: Decimal
    drafts: Decimal
    guarantees: Decimal
    insurance: Decimal
    exposure: Decimal
    limit: Decimal | None
    headroom: Decimal | None
    used: Decimal | None


@dataclass(frozen=True)
class ExposureTotal:
    """The sums of one currency over so many rows."""

    currency: str
    customers: int
    open_items: Decimal
    credit_notes: Decimal
    unapplied: Decimal
    prepayments: Decimal
    deliveries: Decimal
    orders: Decimal
    drafts: Decimal
    guarantees: Decimal
    insurance: Decimal
    exposure: Decimal
