"""The ledger: dated facts, what was owed as of any day, how old it is, and what a payment clears."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from receivables import _native
from receivables.policies import AgingPolicy, AllocationPolicy, Settings, to_json
from receivables.reports import (
    AgingItem,
    AgingRow,
    Difference,
    OpenItem,
    PendingFact,
    PendingReceipts,
    ProposalLine,
    UnappliedCredit,
)
from receivables.tables import Listing, as_html, as_text

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

__all__ = ["Aging", "Ledger", "Proposal", "View"]

Rows = Any
"""A table of facts: Arrow data (Polars, pandas, PyArrow, DuckDB), a list of dicts or dataclasses, or a dict of columns."""


def _settings(settings: Settings | Mapping[str, Any] | None) -> str:
    return "{}" if settings is None else to_json(settings)


class Ledger:
    """An immutable ledger. Every load and append checks all rows first, and refuses the whole when one is wrong.

    >>> ledger = Ledger.from_tables(
    ...     customers=[{"id": "C"}],
    ...     documents=[{"id": "INV", "customer": "C", "kind": "invoice", "currency": "EUR", "amount": Decimal("100.00"),
    ...                 "document_date": date(2026, 1, 1), "due_date": date(2026, 1, 31)}],
    ... )
    >>> aging = ledger.as_of("2026-03-02").aging(AgingPolicy(edges=[0, 30, 60]), by=["customer"])
    >>> aging.labels, aging.rows[0].buckets
    (['not due', '1-30', '31-60', 'over 60'], (Decimal('0.00'), Decimal('100.00'), Decimal('0.00'), Decimal('0.00')))
    """

    __slots__ = ("_native",)

    def __init__(self, native: _native.Ledger) -> None:
        self._native = native

    @classmethod
    def from_tables(
        cls,
        *,
        settings: Settings | Mapping[str, Any] | None = None,
        customers: Rows | None = None,
        customer_changes: Rows | None = None,
        documents: Rows | None = None,
        document_lines: Rows | None = None,
        instalments: Rows | None = None,
        allocations: Rows | None = None,
        reversals: Rows | None = None,
        cancellations: Rows | None = None,
        disputes: Rows | None = None,
        holds: Rows | None = None,
        promises: Rows | None = None,
        plans: Rows | None = None,
        notices: Rows | None = None,
        commitments: Rows | None = None,
        requirements: Rows | None = None,
        closings: Rows | None = None,
        rates: Rows | None = None,
    ) -> Ledger:
        """Loads a ledger; the columns of each table are in the specification, section 2.

        Money is ``Decimal``, decimal text, a whole ``int`` of major units, or an Arrow decimal; a column named
        ``amount_minor`` holds minor units. A float is refused, and so is a ``datetime`` where a date is meant. Columns
        called ``dim_<name>`` are dimensions.

        Raises :class:`ReceivablesError` with all offending rows; nothing is loaded then.
        """
        tables = {name: value for name, value in locals().items() if name not in ("cls", "settings")}
        return cls(_native.Ledger.load(_settings(settings), tables))

    @classmethod
    def from_json(cls, facts: str, *, settings: Settings | Mapping[str, Any] | None = None) -> Ledger:
        """Loads a ledger from JSON text: an object of tables, each a list of rows. Money and dates are text."""
        return cls(_native.Ledger.from_json(_settings(settings), facts))

    def append(self, *, recorded: date | str, **tables: Rows) -> Ledger:
        """The ledger with more facts, all recorded on one day not before the last recorded; this one is unchanged."""
        return Ledger(self._native.append(tables, recorded))

    def append_json(self, facts: str, *, recorded: date | str) -> Ledger:
        """:meth:`append` with the facts as JSON text."""
        return Ledger(self._native.append_json(facts, recorded))

    def as_of(self, day: date | str, *, known_on: date | str | None = None) -> View:
        """What was owed as of a day (inclusive): with all that is known now, or as it was known on another day."""
        return View(self._native.as_of(day, known_on))

    @property
    def last_recorded(self) -> date | None:
        """The last day on which a fact was recorded."""
        return self._native.last_recorded

    @property
    def documents(self) -> int:
        """How many documents the ledger holds."""
        return self._native.documents

    def __repr__(self) -> str:
        return f"<Ledger of {self.documents:,} documents, last recorded {self.last_recorded}>"


class View:
    """What was owed on a day. It carries its day: balances and ages are always of the same one."""

    __slots__ = ("_native",)

    def __init__(self, native: _native.View) -> None:
        self._native = native

    @property
    def day(self) -> date:
        """The day."""
        return self._native.day

    @property
    def known_on(self) -> date | None:
        """The day up to which facts are known; None when all are."""
        return self._native.known_on

    def open_items(self) -> Listing[OpenItem]:
        """What is open, by account, due date (none last), document and instalment."""
        return Listing(self._native.open_items, self._native.open_items_table)

    def pending(self) -> list[PendingFact]:
        """Facts that are known and count later, such as post-dated receipts."""
        return self._native.pending()

    def pending_receipts(self) -> list[PendingReceipts]:
        """Receipts that are known and count later, by account."""
        return self._native.pending_receipts()

    def carried_to(self, day: date | str) -> View:
        """The same items as they will stand on a later day if nothing happens until then."""
        return View(self._native.carried_to(day))

    def aging(
        self,
        policy: AgingPolicy | Mapping[str, Any],
        *,
        by: Sequence[str] = (),
        where: Mapping[str, Sequence[str]] | None = None,
    ) -> Aging:
        """Ages the open items.

        ``by``: ``company``, ``control_account``, ``customer``, ``parent``, ``top_parent``, ``group``, ``kind``, ``document``,
        ``dim_<name>``; rows are always split by ``currency`` too. ``where``: key → values that are let in.
        """
        filters = {key: list(values) for key, values in (where or {}).items()}
        return Aging(self._native.aging(to_json(policy), list(by), json.dumps(filters)), list(by))

    def reconcile(self, balances: Iterable[Mapping[str, Any]]) -> list[Difference]:
        """Where Σ open items and the control accounts differ; empty when all tie.

        Each balance is a mapping with ``currency``, ``balance`` and optionally ``company`` and ``control_account``.
        """
        return self._native.reconcile([dict(balance) for balance in balances])

    def propose(self, policy: AllocationPolicy | Mapping[str, Any] | None = None) -> Proposal:
        """Proposes which open debits the open credits clear. Nothing is posted; see :meth:`Proposal.facts`."""
        return Proposal(self._native.propose(to_json(policy if policy is not None else AllocationPolicy())))

    def __repr__(self) -> str:
        known = "" if self.known_on is None else f", as known on {self.known_on}"
        return f"<View as of {self.day}{known}>"


class Aging:
    """An aging: :attr:`rows` by group, :attr:`totals` by currency, :attr:`items` with their rules.

    In a notebook it shows as a table. Data frame libraries take it as they take :attr:`rows`.
    """

    __slots__ = ("_by", "_native", "items", "rows", "totals")

    def __init__(self, native: _native.Aging, by: list[str]) -> None:
        self._native = native
        self._by = by if "currency" in by else [*by, "currency"]
        self.rows: Listing[AgingRow] = Listing(native.rows, native.rows_table)
        self.totals: Listing[AgingRow] = Listing(native.totals, native.totals_table)
        self.items: Listing[AgingItem] = Listing(native.items, native.items_table)

    @property
    def by(self) -> list[str]:
        """The keys of the groups, without the currency: those of :attr:`AgingRow.by`."""
        return self._native.by

    @property
    def labels(self) -> list[str]:
        """The labels of the buckets."""
        return self._native.labels

    @property
    def column_labels(self) -> list[str] | None:
        """The labels of the policy's columns; None when it has none."""
        return self._native.column_labels

    def explain(
        self,
        *,
        customer: str | None = None,
        document: str | None = None,
        instalment: int | None = None,
        bucket: str | None = None,
    ) -> Listing[AgingItem]:
        """The items asked for, each with its bucket, the rule and its operands."""
        asked = (customer, document, instalment, bucket)
        return Listing(lambda: self._native.explain(*asked), lambda: self._native.explain_table(*asked))

    def cells(self) -> _native.Table:
        """The cells that hold something, as Arrow data: the fastest way out, for pivots and charts.

        A dictionary column per key and for ``currency``, ``bucket`` (its place in :attr:`labels`), ``open_minor`` (minor units of
        the row's currency) and ``items``.
        """
        return self._native.cells()

    def to_polars(self) -> pl.DataFrame:
        """The groups as a Polars data frame."""
        return self.rows.to_polars()

    def to_pandas(self) -> pd.DataFrame:
        """The groups as a pandas data frame of Arrow types."""
        return self.rows.to_pandas()

    def to_pyarrow(self) -> pa.Table:
        """The groups as a PyArrow table."""
        return self.rows.to_pyarrow()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.rows.__arrow_c_stream__(requested_schema)

    def _cells(self, rows: Iterable[AgingRow], keys: list[str]) -> list[list[object]]:
        return [
            [*row.by, *([""] * (len(keys) - len(row.by))), row.currency, *row.buckets, *(row.columns or ()), row.total]
            for row in rows
        ]

    def _names(self) -> list[str]:
        return [*self.by, "currency", *self.labels, *(self.column_labels or ()), "total"]

    def __repr__(self) -> str:
        rows = self.rows[:20]
        return as_text(self._names(), self._cells(rows, self.by), len(self.rows))

    def _repr_html_(self) -> str:
        rows = self.rows[:20]
        foot = self._cells(self.totals, self.by)
        return as_html(self._names(), self._cells(rows, self.by), len(self.rows), foot)


class Proposal:
    """Proposed allocations: :attr:`lines` with their reasons, :attr:`unapplied` credits. A value; nothing is posted."""

    __slots__ = ("_native", "lines", "unapplied")

    def __init__(self, native: _native.Proposal) -> None:
        self._native = native
        self.lines: Listing[ProposalLine] = Listing(native.lines, native.lines_table)
        self.unapplied: Listing[UnappliedCredit] = Listing(native.unapplied, native.unapplied_table)

    def explain(
        self, *, credit: str | None = None, debit: str | None = None
    ) -> tuple[list[ProposalLine], list[UnappliedCredit]]:
        """The lines and unapplied credits about a credit or debit."""
        return self._native.explain(credit, debit)

    def table(self) -> _native.Table:
        """The lines as Arrow data, the fastest way out: ``credit``, ``debit``, ``instalment``, ``currency``,
        ``amount_minor`` (minor units of the currency), ``strategy``.

        What was left before each line is in :attr:`lines`.
        """
        return self._native.table()

    def facts(self, id_prefix: str) -> list[dict[str, Any]]:
        """The rows of ``allocations`` to append: ``ledger.append(allocations=proposal.facts("run-1"), recorded=day)``."""
        return self._native.facts(id_prefix)

    def __repr__(self) -> str:
        return f"<Proposal of {len(self.lines):,} allocations, {len(self.unapplied):,} credits with a rest>"

