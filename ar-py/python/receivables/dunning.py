"""Whom to remind, of what, how, and why not the others: values to show, to edit, to post and to explain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

from receivables import _checks, _native
from receivables._facts import rows_of
from receivables._frozen import Answer, Asked
from receivables.dunning_policy import DunningPolicy
from receivables.dunning_reports import (
    DunningEvent,
    DunningExplanation,
    DunningNotice,
    PaidAlready,
    PolicyWarning,
    SimulatedDay,
    SimulatedNotice,
    SimulatedTotal,
    SkippedItem,
)
from receivables.policies import to_json
from receivables.reports import MadeBy
from receivables.tables import SHOWN, Listing, as_html, as_text

__all__ = ["DunningRun", "DunningSimulation", "lint_dunning"]

_NAMES = ["company", "customer", "currency", "procedure", "level", "name", "due_date", "next_date", "lines"]
_SUMS = ["claims", "fees", "interest", "compensation", "total"]


def _cells(rows: Iterable[tuple[object, DunningNotice]]) -> list[list[object]]:
    def cells(first: object, notice: DunningNotice) -> list[object]:
        held: list[object] = [getattr(notice, name) for name in _NAMES[:-1]]
        fees = notice.fee + notice.fee_tax + notice.line_fees
        sums = [notice.claims, fees, notice.interest, notice.compensation, notice.total]
        return [first, *held, len(notice.lines), *sums]

    return [cells(first, notice) for first, notice in rows]


class DunningRun(Answer):
    """Whom to remind of what: :attr:`notices` with their lines, :attr:`skipped` items with the reason, :attr:`events`.

    A value; nothing is posted. In a notebook it shows as tables.
    """

    __slots__ = ("_held", "events", "notices", "skipped")

    _held: _native.DunningRun
    notices: Listing[DunningNotice]
    skipped: Listing[SkippedItem]
    events: Listing[DunningEvent]

    def __init__(self, native: _native.DunningRun, question: Asked) -> None:
        self._hold(
            _held=native,
            _question=question,
            notices=Listing(native.notices, lambda: native.table("notices")),
            skipped=Listing(native.skipped, lambda: native.table("skipped")),
            events=Listing(native.events, lambda: native.table("events")),
        )

    @property
    def day(self) -> date:
        """The view's day."""
        return self._held.day

    @property
    def made_by(self) -> MadeBy:
        """The policy and the engine that made it."""
        return self._held.made_by

    @property
    def skipped_counts(self) -> dict[str, int]:
        """How many items were skipped for each reason; those of notices are in no count."""
        return self._held.skipped_counts()

    def explain(self, document: str, instalment: int = 0) -> DunningExplanation:
        """Every question asked of an open item, with what was looked at, up to the first that failed."""
        return self._held.explain(
            _checks.text(document, "document"), _checks.count(instalment, "instalment", 2**32 - 1)
        )

    def without(self, notices: Iterable[int]) -> DunningRun:
        """The run without some of its notices, by number from 0: their items are skipped with the reason ``refused``."""
        if isinstance(notices, (str, bytes, bytearray, Mapping)) or not isinstance(notices, Iterable):
            _checks.refuse("wrong_type", f"expected whole numbers, got {type(notices).__name__}", "notices")
        numbers = [_checks.count(number, f"notices[{at}]", 2**64 - 1) for at, number in enumerate(notices)]
        return DunningRun(self._held.without(numbers), (self, "without", {"notices": numbers}))

    def table(self, part: Literal["notices", "lines", "claims", "levels", "skipped", "events"] = "notices") -> _native.Table:
        """A part of it as Arrow data; ``notice`` is the number of a notice, from 0, and its lines have the same.

        ``claims`` and ``levels`` are the short forms of ``notices`` and ``lines``, straight from the engine's columns: whom, at
        which level, how many lines, how much; and document, instalment, level.
        """
        return self._held.table(_checks.text(part, "part"))

    def facts(self, id_prefix: str) -> dict[str, Any]:
        """The rows to append, by table: ``ledger.append(recorded=day, **run.facts("dun-1"))``.

        Notices ``dun-1-1``, ``dun-1-2``, … with their lines, what they charge as documents, and a notice of level 0 for
        each event.
        """
        return rows_of(self._held.facts(_checks.text(id_prefix, "id_prefix")))

    def _sentence(self) -> str:
        skipped = sum(self.skipped_counts.values())
        counts = f"{len(self._held):,} notices with {self._held.line_count:,} lines, {skipped:,} items skipped"
        return f"Dunning on {self.day}: {counts}, {len(self.events):,} events"

    def _parts(self) -> tuple[list[str], list[list[object]], list[list[object]]]:
        counts: list[list[object]] = [[reason, count] for reason, count in self.skipped_counts.items()]
        return ["notice", *_NAMES, *_SUMS], _cells(enumerate(self.notices[:SHOWN])), counts

    def __repr__(self) -> str:
        names, notices, skipped = self._parts()
        text = f"{self._sentence()}\n\n{as_text(names, notices, len(self._held))}"
        return f"{text}\n\n{as_text(['skipped', 'items'], skipped, len(skipped))}"

    def _repr_html_(self) -> str:
        names, notices, skipped = self._parts()
        html = f"<p>{self._sentence()}</p>{as_html(names, notices, len(self._held))}"
        return f"{html}<p>Not reminded:</p>{as_html(['skipped', 'items'], skipped, len(skipped))}"


class DunningSimulation(Answer):
    """What a policy would have sent, day by day, over the recorded past: :attr:`notices`, :attr:`days`, :attr:`totals`.

    :attr:`paid_already` has the lines about items of which, as is known now, nothing was open on the day.
    """

    __slots__ = ("_held", "days", "notices", "paid_already", "totals")

    _held: _native.DunningSimulation
    notices: Listing[SimulatedNotice]
    days: Listing[SimulatedDay]
    totals: Listing[SimulatedTotal]
    paid_already: Listing[PaidAlready]

    def __init__(self, native: _native.DunningSimulation, question: Asked) -> None:
        self._hold(
            _held=native,
            _question=question,
            notices=Listing(native.notices, lambda: native.table("notices")),
            days=Listing(native.days, lambda: native.table("days")),
            totals=Listing(native.totals, lambda: native.table("totals")),
            paid_already=Listing(native.paid_already, lambda: native.table("paid_already")),
        )

    @property
    def customers(self) -> int:
        """How many addressees were touched."""
        return self._held.customers

    @property
    def made_by(self) -> MadeBy:
        """The policy and the engine that made it."""
        return self._held.made_by

    def table(self, part: Literal["notices", "lines", "days", "totals", "paid_already"] = "notices") -> _native.Table:
        """A part of it as Arrow data; ``notice`` is the number of a notice, from 0, and its lines have the same."""
        return self._held.table(_checks.text(part, "part"))

    def _sentence(self) -> str:
        paid = f"{len(self.paid_already):,} lines about what was paid already"
        return f"Simulation of {len(self.notices):,} notices to {self.customers:,} customers, {paid}"

    def _shown(self) -> tuple[list[str], list[list[object]]]:
        return ["day", *_NAMES, *_SUMS], _cells((notice.day, notice) for notice in self.notices[:SHOWN])

    def __repr__(self) -> str:
        names, notices = self._shown()
        return f"{self._sentence()}\n\n{as_text(names, notices, len(self.notices))}\n\n{self.totals!r}"

    def _repr_html_(self) -> str:
        names, notices = self._shown()
        return f"<p>{self._sentence()}</p>{as_html(names, notices, len(self.notices))}{self.totals._repr_html_()}"


def lint_dunning(policy: DunningPolicy | Mapping[str, Any]) -> list[PolicyWarning]:
    """Doubts about a dunning policy that is well-formed, by path and code.

    >>> [(doubt.code, doubt.path) for doubt in lint_dunning({"procedures": {"standard": {"levels": [{"days": 3}]}}})]
    [('no_final_step', 'procedures.standard.levels[0]')]
    """
    return _native.lint_dunning(to_json(policy))
