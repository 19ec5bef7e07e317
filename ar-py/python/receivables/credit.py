"""May this order ship, how much more could, who may let it through, and what is everybody exposed to?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from receivables import _checks, _native
from receivables._facts import rows_of
from receivables._frozen import Answer, Asked
from receivables.reports import ExposureRow, ExposureTotal, MadeBy
from receivables.tables import Framed, Listing

if TYPE_CHECKING:
    _Kind = Literal["order", "draft", "delivery", "invoice"]

__all__ = [
    "CheckOutcome",
    "CreditAlert",
    "CreditAlerts",
    "CreditChange",
    "CreditCheck",
    "CreditDecision",
    "CreditDesk",
    "Exposure",
    "ExposureAmount",
    "LimitProposal",
    "LimitReason",
]


class CreditDecision(NamedTuple):
    """``pass``, ``warn``, ``block`` or ``released``; how much could be asked for (``None``: no limit); the release, if any."""

    decision: Literal["pass", "warn", "block", "released"]
    headroom: Decimal | None
    release: str | None


@dataclass(frozen=True)
class ExposureAmount:
    """A part of an exposure, and whether the policy counts it."""

    part: str
    amount: Decimal
    counts: bool


@dataclass(frozen=True)
class CheckOutcome:
    """A check with its operands: ``figure`` was compared with ``limit``, both as text. ``company`` is ``None`` for all."""

    check: str
    part: str
    line: str
    customer: str
    company: str | None
    currency: str
    figure: str | None
    limit: str | None
    headroom: Decimal | None
    passed: bool
    reaction: str
    parts: tuple[ExposureAmount, ...]


@dataclass(frozen=True)
class CreditChange:
    """Something that is no longer as it was at the last release."""

    what: str
    before: str
    now: str


@dataclass(frozen=True)
class CreditCheck:
    """A decision with its reasons: every check, who may release it, what changed since the last release."""

    customer: str
    company: str
    kind: str
    currency: str
    amount: Decimal
    order: str | None
    decision: Literal["pass", "warn", "block", "released"]
    headroom: Decimal | None
    release: str | None
    may_release: tuple[str, ...]
    checks: tuple[CheckOutcome, ...]
    changed: tuple[CreditChange, ...]


@dataclass(frozen=True)
class CreditAlert:
    """Something that became true: ``key`` tells this crossing from every other."""

    rule: str
    when: str
    key: str
    customer: str
    document: str
    day: date
    figure: str | None
    limit: str | None


@dataclass(frozen=True)
class CreditAlerts:
    """What became true between two views, and the facts to append so that it is never told again."""

    alerts: tuple[CreditAlert, ...]
    facts: Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class LimitReason:
    """A step on the way to a limit: what was looked at, the part that was taken, the amount after it."""

    step: str
    figure: str | None
    percent: str | None
    amount: Decimal


@dataclass(frozen=True)
class LimitProposal:
    """A limit with its reasons."""

    customer: str | None
    currency: str
    limit: Decimal
    reasons: tuple[LimitReason, ...]


def _alerts(told: tuple[str, str]) -> CreditAlerts:
    alerts = [CreditAlert(**{**one, "day": date.fromisoformat(one["day"])}) for one in json.loads(told[0])]
    return CreditAlerts(tuple(alerts), rows_of(told[1]))


def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _outcome(held: dict[str, Any]) -> CheckOutcome:
    parts = tuple(ExposureAmount(one["part"], Decimal(one["amount"]), one["counts"]) for one in held["parts"])
    return CheckOutcome(**{**held, "headroom": _money(held["headroom"]), "parts": parts})


def _check(text: str) -> CreditCheck:
    held = json.loads(text)
    held["amount"], held["headroom"] = Decimal(held["amount"]), _money(held["headroom"])
    held["may_release"] = tuple(held["may_release"])
    held["checks"] = tuple(_outcome(one) for one in held["checks"])
    held["changed"] = tuple(CreditChange(**one) for one in held["changed"])
    return CreditCheck(**held)


class CreditDesk(Answer):
    """Answers about one customer at a time from the ledger's index: a check costs the same in a large ledger as in a small one.

    It is about one ledger on one day; after an append make a new one, which costs next to nothing.

    >>> from receivables import CreditPolicy, Ledger
    >>> ledger = Ledger.from_tables(
    ...     customers=[{"id": "C"}],
    ...     documents=[{"id": "INV", "customer": "C", "kind": "invoice", "currency": "EUR", "amount": "100.00",
    ...                 "document_date": "2026-01-01"}],
    ...     credit_lines=[{"id": "L", "kind": "limit", "customer": "C", "currency": "EUR", "amount": "500.00",
    ...                    "effective": "2026-01-01"}],
    ... )
    >>> desk = ledger.credit(CreditPolicy(), "2026-02-01")
    >>> desk.check("C", Decimal("400.00"), "EUR")
    CreditDecision(decision='pass', headroom=Decimal('400.00'), release=None)
    >>> desk.explain("C", "400.01", "EUR").checks[0].figure
    '500.01'
    """

    __slots__ = ("_held",)

    _held: _native.CreditDesk

    def __init__(self, native: _native.CreditDesk, question: Asked) -> None:
        self._hold(_held=native, _question=question)

    @property
    def day(self) -> date:
        """The day that it is about."""
        return self._held.day

    @property
    def made_by(self) -> MadeBy:
        """The policy and the engine that made it."""
        return self._held.made_by

    def check(
        self,
        customer: str,
        amount: Decimal | int | str,
        currency: str,
        *,
        kind: _Kind | None = None,
        company: str | None = None,
        order: str | None = None,
        follows: str | None = None,
        expected_date: date | str | None = None,
        net: Decimal | int | str | None = None,
        terms: str | None = None,
    ) -> CreditDecision:
        """Whether a document may go, and how much more could.

        ``order`` is its id: it stands in the place of the commitment of that id, and a release may name it. What is not told of it
        is as it was posted; ``kind`` is else ``order``. ``follows`` is the commitment that it lowers.
        """
        if kind is company is order is follows is expected_date is net is terms is None:
            decision: CreditDecision = self._held.check(customer, amount, currency)
            return decision
        more = _more(kind, company, order, follows, expected_date, net, terms)
        return self._held.check(_checks.text(customer, "customer"), amount, _checks.text(currency, "currency"), more)

    def explain(
        self,
        customer: str,
        amount: Decimal | int | str,
        currency: str,
        *,
        kind: _Kind | None = None,
        company: str | None = None,
        order: str | None = None,
        follows: str | None = None,
        expected_date: date | str | None = None,
        net: Decimal | int | str | None = None,
        terms: str | None = None,
    ) -> CreditCheck:
        """:meth:`check` with every check and its operands, who may release it and what changed since the last release."""
        more = _more(kind, company, order, follows, expected_date, net, terms)
        return _check(self._held.explain(_checks.text(customer, "customer"), amount, _checks.text(currency, "currency"), more))

    def propose_limit(
        self,
        currency: str,
        *,
        customer: str | None = None,
        monthly_volume: Decimal | int | str | None = None,
        score: str | None = None,
    ) -> LimitProposal:
        """How much credit a customer should have, known or new, with the reasons; by ``proposal`` of the policy."""
        texts = [_checks.text(value, name, optional=True) for name, value in (("customer", customer), ("score", score))]
        held = json.loads(self._held.propose_limit(_checks.text(currency, "currency"), texts[0], monthly_volume, texts[1]))
        held["limit"] = Decimal(held["limit"])
        held["reasons"] = tuple(LimitReason(**{**one, "amount": Decimal(one["amount"])}) for one in held["reasons"])
        return LimitProposal(**held)

    def __repr__(self) -> str:
        return f"<CreditDesk of {self.day}>"


def _more(
    kind: object,
    company: object,
    order: object,
    follows: object,
    expected_date: date | str | None,
    net: Decimal | int | str | None,
    terms: object,
) -> _native._More:
    texts = [
        _checks.text(value, name, optional=True)
        for name, value in (("kind", kind), ("company", company), ("order", order), ("follows", follows))
    ]
    return (texts[0], texts[1], texts[2], texts[3], expected_date, net, _checks.text(terms, "terms", optional=True))


class Exposure(Framed, Answer):
    """What every customer, or family, is exposed to, part by part: :attr:`rows`, and :attr:`totals` by currency.

    Data frame libraries take it as they take :attr:`rows`.
    """

    __slots__ = ("_held", "rows", "totals")

    _held: _native.Exposure
    rows: Listing[ExposureRow]
    totals: Listing[ExposureTotal]

    def __init__(self, native: _native.Exposure, question: Asked) -> None:
        self._hold(
            _held=native,
            _question=question,
            rows=Listing(native.rows, native.rows_table),
            totals=Listing(native.totals, native.totals_table),
        )

    @property
    def on(self) -> date:
        """The view's day."""
        return self._held.on

    @property
    def made_by(self) -> MadeBy:
        """The policy and the engine that made it."""
        return self._held.made_by

    def __repr__(self) -> str:
        return f"Exposure on {self.on}\n\n{self.rows!r}\n\n{self.totals!r}"

    def _repr_html_(self) -> str:
        return f"<p>Exposure on {self.on}</p>{self.rows._repr_html_()}{self.totals._repr_html_()}"
