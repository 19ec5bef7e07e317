"""What will not be paid of what is owed, and what is booked for it?"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from receivables import _checks, _native
from receivables._frozen import Answer, Asked
from receivables.reports import MadeBy

__all__ = [
    "BackTest",
    "BackTestRow",
    "DerivedMatrix",
    "JournalLine",
    "LossRate",
    "LossRates",
    "Provision",
    "ProvisionItem",
    "ProvisionPool",
    "ProvisionRow",
    "ProvisionTotal",
    "RollMove",
    "SpecificRow",
]


@dataclass(frozen=True)
class ProvisionRow:
    """A bucket of a pool: ``base`` at the rate ``applied``; rates are exact, as text."""

    pool: tuple[str, ...]
    currency: str
    bucket: str
    items: int
    open: Decimal
    credits: Decimal
    disputed: Decimal
    taken: Decimal
    base: Decimal
    rate: str
    applied: str
    provision: Decimal


@dataclass(frozen=True)
class ProvisionPool:
    """A pool: the sum of its rows. ``rounded_once`` is the provision rounded at the end instead of bucket by bucket."""

    pool: tuple[str, ...]
    currency: str
    items: int
    open: Decimal
    base: Decimal
    provision: Decimal
    rounded_once: Decimal | None
    coverage: str | None


@dataclass(frozen=True)
class SpecificRow:
    """What is judged by itself: a customer, or a document."""

    customer: str | None
    document: str | None
    currency: str
    items: int
    open: Decimal
    base: Decimal
    rate: str | None
    provision: Decimal
    rule: str
    reason: str


@dataclass(frozen=True)
class ProvisionTotal:
    """All of a currency: ``movement`` is what is booked, ``provision`` less ``before``."""

    currency: str
    items: int
    open: Decimal
    specific_open: Decimal
    base: Decimal
    pooled: Decimal
    specific: Decimal
    provision: Decimal
    before: Decimal
    movement: Decimal
    coverage: str | None


@dataclass(frozen=True)
class JournalLine:
    """A line to book: one of ``debit`` and ``credit`` is zero."""

    currency: str
    account: str
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True)
class ProvisionItem:
    """An open item, what of it is provided for, at which rate, by which rule."""

    document: str
    instalment: int
    customer: str
    currency: str
    pool: tuple[str, ...]
    bucket: str
    age: int
    open: Decimal
    disputed: Decimal
    taken: Decimal
    base: Decimal
    rule: str
    rate: str | None
    factor: str | None
    points: str | None
    applied: str | None
    reason: str | None


_Row = TypeVar("_Row")


def _rows(kind: type[_Row], held: list[dict[str, Any]]) -> tuple[_Row, ...]:
    """Rows of a dataclass: its money as decimals, its lists as tuples."""
    types = {field.name: str(field.type) for field in fields(kind)}  # type: ignore[arg-type]

    def made(name: str, value: Any) -> Any:
        if value is not None and types[name].startswith("Decimal"):
            return Decimal(value)
        return tuple(value) if isinstance(value, list) else value

    return tuple(kind(**{name: made(name, value) for name, value in row.items()}) for row in held)


@dataclass(frozen=True)
class LossRate:
    """The rate of a bucket, exact as text, or the ``outcome`` that says why there is none."""

    pool: tuple[str, ...]
    currency: str
    bucket: str
    items: int
    reached: Decimal
    lost: Decimal
    rolled: Decimal
    rate: str | None
    outcome: str


@dataclass(frozen=True)
class RollMove:
    """How much went from a bucket to another place from one step to the next: a cell of the roll-rate matrix."""

    pool: tuple[str, ...]
    currency: str
    origin: str
    to: str
    amount: Decimal


@dataclass(frozen=True)
class DerivedMatrix:
    """The rates of a pool of which every bucket has one; :meth:`as_matrix` is what a policy takes."""

    pool: tuple[str, ...]
    currency: str
    rates: tuple[str, ...]

    def as_matrix(self) -> dict[str, Any]:
        """An entry of ``matrices`` of a :class:`ProvisionPolicy` with the same ``pools``."""
        return {"pool": list(self.pool), "currency": self.currency, "rates": list(self.rates)}


@dataclass(frozen=True)
class LossRates:
    """Loss rates with what they were found from: ``rows`` by pool and bucket, ``moves`` as the roll-rate matrix."""

    method: str
    outcome: str
    days: tuple[date, ...]
    labels: tuple[str, ...]
    rows: tuple[LossRate, ...]
    moves: tuple[RollMove, ...]
    matrices: tuple[DerivedMatrix, ...]
    made_by: MadeBy


@dataclass(frozen=True)
class BackTestRow:
    """What was owed and provided for, and what became of it; ``difference`` below zero: too little was provided for."""

    pool: tuple[str, ...]
    customer: str | None
    document: str | None
    currency: str
    bucket: str
    owed: Decimal
    provided: Decimal
    settled: Decimal
    written_off: Decimal
    still_open: Decimal
    lost: Decimal
    expected_rate: str | None
    actual_rate: str | None
    difference: Decimal


@dataclass(frozen=True)
class BackTest:
    """What was provided for ``then`` beside what was lost ``until``."""

    then: date
    until: date
    rows: tuple[BackTestRow, ...]
    totals: tuple[BackTestRow, ...]
    made_by: MadeBy


def loss_rates(text: str) -> LossRates:
    """What the engine answered, as its own class."""
    told = json.loads(text)
    moves = [{**{name: value for name, value in move.items() if name != "from"}, "origin": move["from"]} for move in told["moves"]]
    return LossRates(
        method=told["method"],
        outcome=told["outcome"],
        days=tuple(date.fromisoformat(one) for one in told["days"]),
        labels=tuple(told["labels"]),
        rows=_rows(LossRate, told["rows"]),
        moves=_rows(RollMove, moves),
        matrices=_rows(DerivedMatrix, told["matrices"]),
        made_by=MadeBy(**told["made_by"]),
    )


def back_test(text: str) -> BackTest:
    """What the engine answered, as its own class."""
    told = json.loads(text)
    return BackTest(
        then=date.fromisoformat(told["then"]),
        until=date.fromisoformat(told["until"]),
        rows=_rows(BackTestRow, told["rows"]),
        totals=_rows(BackTestRow, told["totals"]),
        made_by=MadeBy(**told["made_by"]),
    )


class Provision(Answer):
    """What is provided for: :attr:`rows` by pool and bucket, :attr:`pools`, :attr:`specific`, :attr:`totals`, :attr:`journal`.

    >>> from receivables import Ledger
    >>> ledger = Ledger.from_tables(
    ...     customers=[{"id": "C"}],
    ...     documents=[{"id": "INV", "customer": "C", "kind": "invoice", "currency": "EUR", "amount": "1000.00",
    ...                 "document_date": "2026-01-01", "due_date": "2026-01-31"}],
    ... )
    >>> policy = {"aging": {"edges": [0, 30]}, "matrices": [{"rates": ["0.003", "0.016", "0.1"]}]}
    >>> made = ledger.as_of("2026-02-15").provision(policy, before=[{"currency": "EUR", "amount": "20.00"}])
    >>> made.totals[0].provision, made.totals[0].movement
    (Decimal('16.00'), Decimal('-4.00'))
    >>> [(line.account, line.debit, line.credit) for line in made.journal]
    [('loss allowance', Decimal('4.00'), Decimal('0.00')), ('impairment loss', Decimal('0.00'), Decimal('4.00'))]
    >>> made.explain(document="INV")[0].rate
    '0.016'
    """

    __slots__ = ("_held", "journal", "labels", "pools", "rows", "specific", "totals")

    _held: _native.Provision
    labels: tuple[str, ...]
    rows: tuple[ProvisionRow, ...]
    pools: tuple[ProvisionPool, ...]
    specific: tuple[SpecificRow, ...]
    totals: tuple[ProvisionTotal, ...]
    journal: tuple[JournalLine, ...]

    def __init__(self, native: _native.Provision, question: Asked) -> None:
        told = json.loads(native.report())
        self._hold(
            _held=native,
            _question=question,
            labels=tuple(told["labels"]),
            rows=_rows(ProvisionRow, told["rows"]),
            pools=_rows(ProvisionPool, told["pools"]),
            specific=_rows(SpecificRow, told["specific"]),
            totals=_rows(ProvisionTotal, told["totals"]),
            journal=_rows(JournalLine, told["journal"]),
        )

    @property
    def made_by(self) -> MadeBy:
        """The policy and the engine that made it."""
        return self._held.made_by

    def explain(
        self,
        *,
        customer: str | None = None,
        document: str | None = None,
        currency: str | None = None,
        pool: list[str] | tuple[str, ...] | None = None,
        bucket: str | None = None,
    ) -> tuple[ProvisionItem, ...]:
        """The items asked for, each with its part of the base and its rate; those of a pool's bucket add up to its row."""
        asked = {"customer": customer, "document": document, "currency": currency, "bucket": bucket}
        question: dict[str, Any] = {name: _checks.text(value, name, optional=True) for name, value in asked.items()}
        question["pool"] = None if pool is None else _checks.texts(pool, "pool")
        return _rows(ProvisionItem, json.loads(self._held.explain(json.dumps(question))))

    def __repr__(self) -> str:
        sums = ", ".join(f"{total.provision:,} {total.currency}" for total in self.totals)
        return f"<Provision of {sums or 'nothing'}>"
