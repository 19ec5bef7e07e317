"""What dunning answers, as plain frozen rows.

Amounts are :class:`decimal.Decimal` at the scale of the row's currency; dates are :class:`datetime.date`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

__all__ = [
    "AuditRow",
    "ChargeTotal",
    "ComparedCustomer",
    "DunningEvent",
    "DunningExplanation",
    "DunningLine",
    "DunningNotice",
    "DunningStep",
    "PaidAlready",
    "PolicyWarning",
    "SimulatedDay",
    "SimulatedNotice",
    "SimulatedTotal",
    "SkippedItem",
]


@dataclass(frozen=True)
class DunningLine:
    """An item on a notice, in the notice's currency. ``level`` is 0 for a credit that is listed.

    ``amount`` is what is asked for: ``open`` without what is disputed, promised, on its way or covered. ``days`` are those since
    the basis date.
    """

    customer: str
    document: str
    instalment: int
    due_date: date | None
    days: int | None
    open: Decimal
    amount: Decimal
    level: int
    previous: int
    line_fee: Decimal
    line_fee_tax: Decimal
    interest: Decimal
    compensation: Decimal
    interest_until: date | None

    def __str__(self) -> str:
        return f"{self.document}/{self.instalment}" if self.instalment else self.document


@dataclass(frozen=True)
class DunningNotice:
    """A notice to one addressee about what is owed to a company in a currency.

    ``claims``, ``fee``, ``fee_tax``, ``line_fees``, ``interest`` and ``compensation`` add up to ``total``. ``due_date`` is until when
    it asks to be paid, ``next_date`` when there would be another one if nothing happens until then.
    """

    company: str
    customer: str
    currency: str
    procedure: str
    level: int
    name: str
    tone: str
    template: str
    channel: str
    contact: str
    language: str
    hand_over: str
    due_date: date | None
    next_date: date | None
    claims: Decimal
    fee: Decimal
    fee_tax: Decimal
    line_fees: Decimal
    interest: Decimal
    compensation: Decimal
    total: Decimal
    lines: tuple[DunningLine, ...]


@dataclass(frozen=True)
class SimulatedNotice(DunningNotice):
    """A notice, and the ``day`` on which it would have been sent."""

    day: date


@dataclass(frozen=True)
class SkippedItem:
    """An item that is on no notice, in its own currency, with the first predicate that failed.

    ``detail`` names what stands in the way, ``until`` is the last day on which it does.
    """

    customer: str
    document: str
    instalment: int
    currency: str
    open: Decimal
    reason: str
    detail: str
    until: date | None


@dataclass(frozen=True)
class DunningEvent:
    """Something that happened and what to do about it; ``key`` makes it happen once."""

    trigger: str
    key: str
    customer: str
    document: str
    instalment: int
    day: date
    action: str
    channel: str
    template: str


@dataclass(frozen=True)
class DunningStep:
    """A question asked of an item: the reason that it would be skipped for, whether it passed, and what was looked at."""

    predicate: str
    passed: bool
    operands: str


@dataclass(frozen=True)
class DunningExplanation:
    """What a run says of one item: each question in its turn, up to the first that failed.

    ``level`` is 0 and ``reason`` says why when it is on no notice.
    """

    document: str
    instalment: int
    level: int
    reason: str
    steps: tuple[DunningStep, ...]


@dataclass(frozen=True)
class SimulatedDay:
    """A day of a simulation on which something was sent."""

    day: date
    notices: int
    lines: int


@dataclass(frozen=True)
class SimulatedTotal:
    """What a simulation comes to in a currency; an item counts again with every notice."""

    currency: str
    notices: int
    claims: Decimal
    fees: Decimal
    interest: Decimal
    compensation: Decimal


@dataclass(frozen=True)
class PaidAlready:
    """A line of a simulation about an item of which, as is known now, nothing was open on the day."""

    day: date
    customer: str
    document: str
    instalment: int
    level: int
    amount: Decimal


@dataclass(frozen=True)
class ChargeTotal:
    """Fees, interest and compensation in one currency."""

    currency: str
    amount: Decimal

    def __str__(self) -> str:
        return f"{self.amount:,f} {self.currency}"


@dataclass(frozen=True)
class ComparedCustomer:
    """An addressee whom two policies treat differently, and the first line that only one of them (``within``) has.

    ``other_level`` is the other's level for that item on that day, 0 without; ``other_reason`` says why then.
    """

    customer: str
    notices_a: int
    notices_b: int
    level_a: int
    level_b: int
    charges_a: tuple[ChargeTotal, ...]
    charges_b: tuple[ChargeTotal, ...]
    day: date
    document: str
    instalment: int
    within: str
    level: int
    other_level: int
    other_reason: str


@dataclass(frozen=True)
class AuditRow:
    """What was sent and should not have been so, or (``kind`` ``missed``) the other way round.

    ``kind`` is ``wrong_level``, ``paid``, ``duplicate``, ``early``, ``blocked`` or ``missed``; ``sent`` and ``expected`` are
    levels, 0 for none.
    """

    day: date
    notice: str
    customer: str
    document: str
    instalment: int
    kind: str
    sent: int
    expected: int
    reason: str


@dataclass(frozen=True)
class PolicyWarning:
    """A doubt about a policy that is well-formed: a stable code, where it is, why, and who says so."""

    code: str
    path: str
    reason: str
    source: str
