"""How well do we collect: key figures with their definitions, and why days sales outstanding changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from receivables import _native
from receivables._frozen import Answer, Asked
from receivables.reports import MadeBy
from receivables.tables import SHOWN, Framed, Listing, as_html, as_text

__all__ = ["DsoChange", "DsoChangeRow", "KpiDefinition", "KpiRow", "KpiValue", "Kpis", "RatingCheck", "kpi_registry"]


@dataclass(frozen=True)
class KpiDefinition:
    """What a key figure means: no value comes without it."""

    id: str
    formula: str
    window: str
    convention: str
    unit: Literal["days", "percent", "times", "money", "points"]
    additive: Literal["value", "ratio", "no"]
    source: str


def kpi_registry() -> list[KpiDefinition]:
    """Every key figure with its formula, window, convention, unit and source.

    >>> kpi_registry()[0].formula
    'receivables × days ÷ sales'
    """
    return [KpiDefinition(**one) for one in json.loads(_native.kpi_registry())]


@dataclass(frozen=True)
class KpiValue:
    """A key figure: exactly ``numerator / denominator``, and ``value`` rounded once; or, in ``undefined``, why there is none."""

    kpi: str
    value: Decimal | None
    numerator: int | None
    denominator: int | None
    undefined: str | None


@dataclass(frozen=True)
class RatingCheck:
    """A condition of a rating that was looked at, with its operands."""

    rating: str
    kpi: str
    value: Decimal | None
    at_least: Decimal | None
    at_most: Decimal | None
    passed: bool


@dataclass(frozen=True)
class KpiRow:
    """The key figures of a group over the window from ``start`` to ``end``. ``by`` has one value a key of the report.

    ``row["dso_simple"]`` is a figure by its id.
    """

    by: tuple[str, ...]
    currency: str
    start: date
    end: date
    values: tuple[KpiValue, ...]
    rating: str | None
    checks: tuple[RatingCheck, ...]

    def __getitem__(self, kpi: str) -> KpiValue:
        return next(value for value in self.values if value.kpi == kpi)


@dataclass(frozen=True)
class DsoChangeRow:
    """What changed days sales outstanding: of a group its part in it. ``mix``, ``terms`` and ``delay`` add up to ``change``.

    Exactly, each is its numerator over ``denominator``.
    """

    by: tuple[str, ...]
    currency: str
    before: Decimal | None
    now: Decimal | None
    change: Decimal | None
    mix: Decimal | None
    terms: Decimal | None
    delay: Decimal | None
    mix_numerator: int | None
    terms_numerator: int | None
    delay_numerator: int | None
    denominator: int | None


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text)


def _value(held: dict[str, Any]) -> KpiValue:
    counts = _whole(held["numerator"]), _whole(held["denominator"])
    return KpiValue(held["kpi"], _decimal(held["value"]), *counts, held["undefined"])


def _check(held: dict[str, Any]) -> RatingCheck:
    return RatingCheck(**{**held, **{name: _decimal(held[name]) for name in ("value", "at_least", "at_most")}})


def _rows(text: str) -> list[KpiRow]:
    return [
        KpiRow(
            tuple(one["by"]),
            one["currency"],
            date.fromisoformat(one["from"]),
            date.fromisoformat(one["to"]),
            tuple(_value(value) for value in one["values"]),
            one["rating"],
            tuple(_check(check) for check in one["checks"]),
        )
        for one in json.loads(text)
    ]


def _change(held: dict[str, Any]) -> DsoChangeRow:
    values: dict[str, Any] = {"by": tuple(held["by"]), "currency": held["currency"]}
    values |= {name: _decimal(held[name]) for name in ("before", "now", "change", "mix", "terms", "delay")}
    values |= {name: _whole(held[name]) for name in ("mix_numerator", "terms_numerator", "delay_numerator", "denominator")}
    return DsoChangeRow(**values)


class Kpis(Framed, Answer):
    """Key figures: :attr:`rows` by group and end of month, :attr:`totals` by currency.

    Data frame libraries take it as they take :attr:`rows`: a column for each figure, null where there is no value; :meth:`values` says
    why, and what each is made from.

    >>> from receivables import KpiPolicy, Ledger
    >>> ledger = Ledger.from_tables(
    ...     customers=[{"id": "C"}],
    ...     documents=[{"id": "INV", "customer": "C", "kind": "invoice", "currency": "EUR", "amount": "100.00",
    ...                 "document_date": "2026-03-10"}],
    ... )
    >>> kpis = ledger.as_of("2026-03-31").kpis(KpiPolicy(kpis=["dso_simple", "cei"]), by=["customer"])
    >>> kpis.rows[0]["dso_simple"]
    KpiValue(kpi='dso_simple', value=Decimal('90.00'), numerator=900000, denominator=10000, undefined=None)
    >>> kpis.rows[0]["cei"].undefined
    'nothing_to_collect'
    """

    __slots__ = ("_held", "rows", "totals")

    _held: _native.Kpis
    rows: Listing[KpiRow]
    totals: Listing[KpiRow]

    def __init__(self, native: _native.Kpis, question: Asked) -> None:
        self._hold(
            _held=native,
            _question=question,
            rows=Listing(lambda: _rows(native.rows()), native.rows_table),
            totals=Listing(lambda: _rows(native.totals().rows()), lambda: native.totals().rows_table()),
        )

    @property
    def by(self) -> list[str]:
        """The keys of the groups, without the currency: those of :attr:`KpiRow.by`."""
        return self._held.by

    @property
    def made_by(self) -> MadeBy:
        """The policy and the engine that made it."""
        return self._held.made_by

    def table(self) -> _native.Table:
        """The rows as Arrow data, the fastest way out: keys, ``currency``, ``from``, ``to``, a decimal column for each figure."""
        return self._held.rows_table()

    def values(self) -> _native.Table:
        """A row for each group and figure: ``kpi``, ``value``, ``numerator``, ``denominator`` and ``undefined``, as texts."""
        return self._held.values_table()

    def __repr__(self) -> str:
        return as_text(*self._cells())

    def _repr_html_(self) -> str:
        return as_html(*self._cells())

    def _cells(self) -> tuple[list[str], list[list[object]], int]:
        """A column for each figure: its value, or why there is none."""
        rows = list(self.rows)
        names = [*self.by, "currency", "from", "to", *(value.kpi for value in rows[0].values)] if rows else []
        figures = [[value.undefined if value.value is None else value.value for value in row.values] for row in rows]
        cells: list[list[object]] = [[*row.by, row.currency, row.start, row.end, *own] for row, own in zip(rows, figures)]
        return names, cells[:SHOWN], len(rows)


class DsoChange(Answer):
    """Why days sales outstanding changed between two views: sales mix, terms and delay, by group and in all."""

    __slots__ = ("_held", "rows", "totals")

    _held: _native.DsoChange
    rows: Listing[DsoChangeRow]
    totals: Listing[DsoChangeRow]

    def __init__(self, native: _native.DsoChange, question: Asked) -> None:
        self._hold(
            _held=native,
            _question=question,
            rows=Listing(lambda: [_change(one) for one in json.loads(native.rows())], native.rows_table),
            totals=Listing(lambda: [_change(one) for one in json.loads(native.totals())], native.totals_table),
        )

    @property
    def made_by(self) -> MadeBy:
        """The policy and the engine that made it."""
        return self._held.made_by

    def __repr__(self) -> str:
        return as_text(*self._cells())

    def _repr_html_(self) -> str:
        return as_html(*self._cells())

    def _cells(self) -> tuple[list[str], list[list[object]], int]:
        """The groups, and all of a currency at the end; what each figure is made from is in the rows."""
        groups, totals = list(self.rows), list(self.totals)
        width = len(groups[0].by) if groups else 0
        names = ["group", "currency", "before", "now", "change", "mix", "terms", "delay"]
        cells: list[list[object]] = [
            [" ".join(row.by) if len(row.by) == width and width else "all", *(getattr(row, name) for name in names[1:])]
            for row in [*groups[:SHOWN], *totals]
        ]
        return names, cells, len(cells)
