"""What a settlement would post and what open items in foreign currency are worth: values to show, to edit and to explain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

from receivables import _checks, _native
from receivables._facts import rows_of
from receivables._frozen import Answer, Asked
from receivables.reports import (
    ExchangeTotal,
    LineDifference,
    ProofRow,
    Question,
    RevaluationTotal,
    RevaluedItem,
    SettlementExplanation,
    SettlementLine,
    UnappliedCredit,
)
from receivables.settlement_policy import SettlementEdit
from receivables.tables import SHOWN, Framed, Listing, as_html, as_text, shown

__all__ = ["Revaluation", "Settlement"]

_COLUMNS = ["line", "credit", "debit", "instalment", "currency", "amount", "strategy", "differences"]
_SUMS = ["received", "applied", "closed", "unapplied", "claims", "paid"]
_KINDS = ["discount", "discount_tax", "tolerance", "write_off", "bank_charge", "cash_rounding", "residual"]


class Settlement(Answer):
    """What closes which item: :attr:`lines`, the :attr:`differences` beside them, :attr:`unapplied` credits, and
    :attr:`questions` for somebody to decide. A value; nothing is posted.

    :attr:`proof` shows for each currency that nothing was lost, :attr:`exchange` what exchange made. In a notebook it shows
    as tables.
    """

    __slots__ = ("_held", "differences", "exchange", "lines", "proof", "questions", "unapplied")

    _held: _native.Settlement
    lines: Listing[SettlementLine]
    differences: Listing[LineDifference]
    unapplied: Listing[UnappliedCredit]
    questions: Listing[Question]
    proof: Listing[ProofRow]
    exchange: Listing[ExchangeTotal]

    def __init__(self, native: _native.Settlement, question: Asked) -> None:
        self._hold(
            _held=native,
            _question=question,
            lines=Listing(native.lines, lambda: native.table("lines")),
            differences=Listing(native.differences, lambda: native.table("differences")),
            unapplied=Listing(native.unapplied, lambda: native.table("unapplied")),
            questions=Listing(native.questions, lambda: native.table("questions")),
            proof=Listing(native.proof, lambda: native.table("proof")),
            exchange=Listing(native.exchange, lambda: native.table("exchange")),
        )

    def explain(self, *, credit: str | None = None, debit: str | None = None) -> SettlementExplanation:
        """The lines, differences and what stays on account of a credit, those on a debit, or those between the two."""
        return self._held.explain(
            _checks.text(credit, "credit", optional=True), _checks.text(debit, "debit", optional=True)
        )

    def without(self, lines: Iterable[int]) -> Settlement:
        """The settlement without some of its lines, by number from 0, and without what stands beside them.

        What they paid stays on account, with the reason ``edited``.
        """
        if isinstance(lines, (str, bytes, bytearray, Mapping)) or not isinstance(lines, Iterable):
            _checks.refuse("wrong_type", f"expected whole numbers, got {type(lines).__name__}", "lines")
        numbers = [_checks.count(line, f"lines[{at}]", 2**64 - 1) for at, line in enumerate(lines)]
        return Settlement(self._held.without(numbers), (self, "without", {"lines": numbers}))

    def edit(self, edits: Iterable[SettlementEdit | Mapping[str, Any]]) -> Settlement:
        """The settlement with changes: amounts, lines left out, discounts accepted or refused, reasons.

        Each is proved like a fresh proposal. What a credit has more than before stays on account, with the reason ``edited``.
        """
        if isinstance(edits, (str, bytes, bytearray, Mapping)) or not isinstance(edits, Iterable):
            _checks.refuse("wrong_type", f"expected changes, got {type(edits).__name__}", "edits")
        rows = [edit.to_dict() if isinstance(edit, SettlementEdit) else edit for edit in edits]
        texts = [_checks.encoded(row, f"edits[{at}]") for at, row in enumerate(rows)]
        return Settlement(self._held.edit(f"[{', '.join(texts)}]"), (self, "edit", {"edits": rows}))

    def table(
        self, part: Literal["lines", "differences", "unapplied", "questions", "proof", "exchange"] = "lines"
    ) -> _native.Table:
        """A part of it as Arrow data, with the columns that its rows have. Money columns are exact decimals."""
        return self._held.table(_checks.text(part, "part"))

    def facts(self, id_prefix: str) -> dict[str, Any]:
        """The rows to append, by table: ``ledger.append(recorded=day, **settlement.facts("run-1"))``.

        Allocations ``run-1-1``, ``run-1-2``, …; beside the first the differences ``run-1-1-d1``, …; and a debit note
        ``run-1-1-r`` for a residual.
        """
        return rows_of(self._held.facts(_checks.text(id_prefix, "id_prefix")))

    def _rows(self) -> list[list[object]]:
        beside: dict[int, list[str]] = {}
        for held in self.differences:
            if held.line < SHOWN:
                beside.setdefault(held.line, []).append(f"{held.kind} {shown(held.amount)}")
        return [
            [at, line.credit, line.debit, line.instalment, line.currency, line.amount, line.strategy, ", ".join(beside.get(at, []))]
            for at, line in enumerate(self.lines[:SHOWN])
        ]

    def _proof(self) -> tuple[list[str], list[list[object]]]:
        # A kind of difference that no currency has is left out.
        kinds = [kind for kind in _KINDS if any(getattr(row, kind) for row in self.proof)]
        names = ["currency", *_SUMS, *kinds, "open"]
        return names, [[getattr(row, name) for name in names] for row in self.proof]

    def _sentence(self) -> str:
        counts = (
            f"{len(self._held):,} lines",
            f"{len(self.differences):,} differences",
            f"{len(self.unapplied):,} credits with a rest",
            f"{len(self.questions):,} questions",
        )
        return "Settlement of " + ", ".join(counts)

    def __repr__(self) -> str:
        names, proof = self._proof()
        lines = as_text(_COLUMNS, self._rows(), len(self._held))
        return f"{self._sentence()}\n\n{lines}\n\n{as_text(names, proof, len(proof))}"

    def _repr_html_(self) -> str:
        names, proof = self._proof()
        lines = as_html(_COLUMNS, self._rows(), len(self._held))
        return f"<p>{self._sentence()}</p>{lines}<p>Nothing is lost:</p>{as_html(names, proof, len(proof))}"


class Revaluation(Framed, Answer):
    """What open items in foreign currency are worth on a day, and what they were booked at.

    It is an entry of the general ledger for day :attr:`on`, taken back on :attr:`reversed_on`: nothing is posted here. Data
    frame libraries take it as they take :attr:`items`.
    """

    __slots__ = ("_held", "items", "totals")
    _FRAME = "items"

    _held: _native.Revaluation
    items: Listing[RevaluedItem]
    totals: Listing[RevaluationTotal]

    def __init__(self, native: _native.Revaluation, question: Asked) -> None:
        self._hold(
            _held=native,
            _question=question,
            items=Listing(native.items, native.items_table),
            totals=Listing(native.totals, native.totals_table),
        )

    @property
    def on(self) -> date:
        """The view's day."""
        return self._held.on

    @property
    def reversed_on(self) -> date | None:
        """The day on which it is taken back; None after the last day of the calendar."""
        return self._held.reversed_on

    def __repr__(self) -> str:
        return f"{self._sentence()}\n\n{self.items!r}\n\n{self.totals!r}"

    def _repr_html_(self) -> str:
        return f"<p>{self._sentence()}</p>{self.items._repr_html_()}{self.totals._repr_html_()}"

    def _sentence(self) -> str:
        return f"Revaluation on {self.on}, taken back on {self.reversed_on}"
