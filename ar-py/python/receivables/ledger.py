"""The ledger: dated facts, what was owed as of any day, how old it is, and what a payment clears."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import date
from typing import Any, Literal

from receivables import _checks, _native
from receivables._facts import rows_of
from receivables._frozen import Answer, Frozen, Asked
from receivables.cash import (
    Calibration,
    CashAtRisk,
    CashForecast,
    Drift,
    ForecastAccuracy,
    accuracy,
    at_risk,
    calibration,
    drift,
)
from receivables.credit import CreditAlerts, CreditDesk, Exposure, _alerts
from receivables.credit_policy import CreditPolicy
from receivables.dunning import DunningRun, DunningSimulation
from receivables.dunning_policy import DunningPolicy
from receivables.dunning_reports import AuditRow, ComparedCustomer
from receivables.pictures import Picture, PicturePolicy
from receivables.kpi import DsoChange, Kpis
from receivables.kpi_policy import KpiPolicy
from receivables.policies import AgingPolicy, AllocationPolicy, Settings, to_json
from receivables.reports import (
    AgingItem,
    AgingRow,
    Difference,
    MadeBy,
    Match,
    OpenItem,
    PendingFact,
    PendingReceipts,
    ProposalLine,
    UnappliedCredit,
)
from receivables.interest import Interest, question
from receivables.interest_policy import InterestPolicy
from receivables.prediction import Prediction, PredictionModel, held_model, predictions, thread_count
from receivables.provision import BackTest, LossRates, Provision, back_test, loss_rates
from receivables.provision_policy import ProvisionPolicy
from receivables.settlement import Revaluation, Settlement
from receivables.settlement_policy import SettlementPolicy
from receivables.tables import Framed, Listing, as_html, as_text

__all__ = ["Aging", "Ledger", "Proposal", "View"]

Rows = Any
"""A table of facts: Arrow data (Polars, pandas, PyArrow, DuckDB), a list of dicts or dataclasses, or a dict of columns."""


def _settings(settings: Settings | Mapping[str, Any] | None) -> str:
    return "{}" if settings is None else to_json(settings, "settings")


_BALANCE = ("company", "control_account", "currency", "balance")


def _unpacked(data: bytes) -> Ledger:
    return Ledger(_native.Ledger.from_text(zlib.decompress(data).decode()))


class Ledger(Frozen):
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

    __slots__ = ("_held",)

    _held: _native.Ledger

    def __init__(self, native: _native.Ledger) -> None:
        self._hold(_held=native)

    def __reduce__(self) -> tuple[Callable[[bytes], Ledger], tuple[bytes]]:
        # Settings and every batch: history is the same, as of any day and as known on any other.
        return _unpacked, (zlib.compress(self._held.text().encode(), 1),)

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
        discounts: Rows | None = None,
        allocations: Rows | None = None,
        differences: Rows | None = None,
        reversals: Rows | None = None,
        cancellations: Rows | None = None,
        disputes: Rows | None = None,
        holds: Rows | None = None,
        promises: Rows | None = None,
        plans: Rows | None = None,
        notices: Rows | None = None,
        notice_lines: Rows | None = None,
        commitments: Rows | None = None,
        credit_lines: Rows | None = None,
        releases: Rows | None = None,
        requirements: Rows | None = None,
        closings: Rows | None = None,
        rates: Rows | None = None,
        **others: Rows,
    ) -> Ledger:
        """Loads a ledger; the columns of each table are in the specification, section 2.

        Money is ``Decimal``, decimal text, a whole ``int`` of major units, or an Arrow decimal; a column named
        ``amount_minor`` holds minor units. A float is refused, and so is a ``datetime`` where a date is meant. Columns
        called ``dim_<name>`` are dimensions.

        Raises :class:`ReceivablesError` with all offending rows; nothing is loaded then. A table of another name is refused.
        """
        tables = {name: value for name, value in locals().items() if name not in ("cls", "settings", "others")} | others
        return cls(_native.Ledger.load(_settings(settings), tables))

    @classmethod
    def from_json(cls, facts: str, *, settings: Settings | Mapping[str, Any] | None = None) -> Ledger:
        """Loads a ledger from JSON text: an object of tables, each a list of rows. Money and dates are text."""
        return cls(_native.Ledger.from_json(_settings(settings), _checks.text(facts, "facts")))

    def append(self, *, recorded: date | str, **tables: Rows) -> Ledger:
        """The ledger with more facts, all recorded on one day not before the last recorded; this one is unchanged."""
        return Ledger(self._held.append(tables, recorded))

    def append_json(self, facts: str, *, recorded: date | str) -> Ledger:
        """:meth:`append` with the facts as JSON text."""
        return Ledger(self._held.append_json(_checks.text(facts, "facts"), recorded))

    def as_of(self, day: date | str, *, known_on: date | str | None = None) -> View:
        """What was owed as of a day (inclusive): with all that is known now, or as it was known on another day."""
        held = self._held.as_of(day, known_on)
        return View(held, (self, "as_of", {"day": held.day, "known_on": held.known_on}))

    def customer_as_of(self, customer: str, day: date | str, *, known_on: date | str | None = None) -> View:
        """:meth:`as_of` for one customer alone, in time that depends on the customer's documents, not on the ledger.

        :meth:`View.pending` and :meth:`View.facts` stay those of the whole ledger.
        """
        held = self._held.customer_as_of(_checks.text(customer, "customer"), day, known_on)
        days = {"day": held.day, "known_on": held.known_on}
        return View(held, (self, "customer_as_of", {"customer": customer, **days}))

    def credit(
        self, policy: CreditPolicy | Mapping[str, Any] | None, day: date | str, *, known_on: date | str | None = None
    ) -> CreditDesk:
        """A desk that answers about one customer at a time, made without a look at the documents."""
        text = to_json(policy if policy is not None else CreditPolicy())
        asked = {"policy": json.loads(text), "day": day, "known_on": known_on}
        return CreditDesk(self._held.credit(text, day, known_on), (self, "credit", asked))

    def simulate_dunning(
        self, policy: DunningPolicy | Mapping[str, Any], start: date | str, end: date | str
    ) -> DunningSimulation:
        """What a policy would have sent from ``start`` to ``end``, both inclusive, each day knowing what was known on it.

        Its notices of earlier days are remembered; those that the ledger holds are not.
        """
        text = to_json(policy)
        asked = {"policy": json.loads(text), "start": start, "end": end}
        return DunningSimulation(self._held.simulate_dunning(text, start, end), (self, "simulate_dunning", asked))

    def forecast_accuracy(
        self, model: PredictionModel, start: date | str, end: date | str, policy: Mapping[str, Any] | None = None
    ) -> ForecastAccuracy:
        """The forecast of each day from ``start`` to ``end``, made from what was known that day, beside what came.

        ``accuracy_days`` of the policy says how many days each is about. The model must not know what came after ``start``.
        """
        return accuracy(self._held.forecast_accuracy(held_model(model), to_json({} if policy is None else policy), start, end))

    def compare_forecast(self, forecast: CashForecast) -> ForecastAccuracy:
        """A forecast that was kept, beside what came: a row for each of its periods that is over."""
        if not isinstance(forecast, CashForecast):
            _checks.refuse("wrong_type", f"expected a CashForecast, got {type(forecast).__name__}", "forecast")
        return accuracy(self._held.compare_forecast(forecast._held))

    def prediction_calibration(
        self,
        day: date | str,
        policy: Mapping[str, Any] | None = None,
        *,
        days: int = 61,
        threads: int = 1,
        progress: Callable[[int, int], object] | None = None,
    ) -> Calibration:
        """How a model trained ``days`` before a day, with what was known then, would have held since."""
        asked = (to_json({} if policy is None else policy), day, _checks.count(days, "days", 2**32 - 1), thread_count(threads), _checks.function(progress, "progress"))
        return calibration(self._held.prediction_calibration(*asked))

    def compare_dunning(
        self,
        policy: DunningPolicy | Mapping[str, Any],
        other: DunningPolicy | Mapping[str, Any],
        start: date | str,
        end: date | str,
    ) -> Listing[ComparedCustomer]:
        """The customers whom two policies would have treated differently, with the first line that only one of them has."""
        held = self._held.compare_dunning(to_json(policy), to_json(other, "other"), start, end)
        return Listing(held.rows, held.table)

    def audit_dunning(
        self,
        policy: DunningPolicy | Mapping[str, Any],
        start: date | str,
        end: date | str,
        *,
        tolerance_days: int = 0,
    ) -> Listing[AuditRow]:
        """Where the notices of the ledger are not what a policy says: missed, early, at a wrong level, twice, to the protected.

        A notice may be ``tolerance_days`` late.
        """
        days = _checks.count(tolerance_days, "tolerance_days", 2**32 - 1)
        held = self._held.audit_dunning(to_json(policy), start, end, days)
        return Listing(held.rows, held.table)

    @property
    def last_recorded(self) -> date | None:
        """The last day on which a fact was recorded."""
        return self._held.last_recorded

    @property
    def documents(self) -> int:
        """How many documents the ledger holds."""
        return self._held.documents

    def __repr__(self) -> str:
        return f"<Ledger of {self.documents:,} documents, last recorded {self.last_recorded}>"


class View(Answer):
    """What was owed on a day. It carries its day: balances and ages are always of the same one."""

    __slots__ = ("_held",)

    _held: _native.View

    def __init__(self, native: _native.View, question: Asked) -> None:
        self._hold(_held=native, _question=question)

    @property
    def day(self) -> date:
        """The day."""
        return self._held.day

    @property
    def known_on(self) -> date | None:
        """The day up to which facts are known; None when all are."""
        return self._held.known_on

    def open_items(self) -> Listing[OpenItem]:
        """What is open, by account, due date (none last), document and instalment."""
        return Listing(self._held.open_items, self._held.open_items_table)

    def matches(self) -> list[Match]:
        """The allocations and differences that hold on the day: allocations first, each by id."""
        return self._held.matches()

    def pending(self) -> list[PendingFact]:
        """Facts that are known and count later, such as post-dated receipts."""
        return self._held.pending()

    def pending_receipts(self) -> list[PendingReceipts]:
        """Receipts that are known and count later, by account."""
        return self._held.pending_receipts()

    def facts(self) -> dict[str, Any]:
        """The facts that count on the day, as rows by table: ``Ledger.from_tables(**view.facts())`` owes the same on it.

        Pass the ledger's settings along when it has any.
        """
        return rows_of(self._held.facts())

    def carried_to(self, day: date | str) -> View:
        """The same items as they will stand on a later day if nothing happens until then."""
        held = self._held.carried_to(day)
        return View(held, (self, "carried_to", {"day": held.day}))

    def aging(
        self,
        policy: AgingPolicy | Mapping[str, Any],
        *,
        by: Sequence[str] = (),
        where: Mapping[str, Sequence[str] | Set[str]] | None = None,
    ) -> Aging:
        """Ages the open items.

        ``by``: ``company``, ``control_account``, ``customer``, ``parent``, ``top_parent``, ``group``, ``kind``, ``document``,
        ``dim_<name>``; rows are always split by ``currency`` too. ``where``: key → values that are let in. Amounts are decimals at
        the scale of the row's currency, and add up to the open items. Raises :class:`ReceivablesError`: those of the policy,
        ``unknown_dimension``, ``unknown_value``, and where it asks for base currency ``base_amount_missing`` and ``rate_missing``.
        """
        keys, filters = _checks.by_where(by, where)
        text = to_json(policy)
        held = self._held.aging(text, keys, _checks.encoded(filters, "where", "where"))
        return Aging(held, (self, "aging", {"policy": json.loads(text), "by": keys, "where": filters}))

    def reconcile(self, balances: Iterable[Mapping[str, Any]]) -> list[Difference]:
        """Where Σ open items and the control accounts differ; empty when all tie.

        Each balance is a mapping with ``currency``, ``balance`` and optionally ``company`` and ``control_account``.
        """
        rows = _checks.rows(balances, "balances")
        for index, row in enumerate(rows):
            for name, value in row.items():
                if name not in _BALANCE:
                    _checks.refuse("unknown_field", f"expected one of {', '.join(_BALANCE)}", str(name), "balances", index)
                if name != "balance" and value is not None and not _checks.is_text(value):
                    _checks.refuse("wrong_type", "expected Unicode text", name, "balances", index)
        return self._held.reconcile([dict(row) for row in rows])

    def propose(self, policy: AllocationPolicy | Mapping[str, Any] | None = None) -> Proposal:
        """Proposes which open debits the open credits clear. Nothing is posted; see :meth:`Proposal.facts`."""
        text = to_json(policy if policy is not None else AllocationPolicy())
        return Proposal(self._held.propose(text), (self, "propose", {"policy": json.loads(text)}))

    def settle(self, policy: SettlementPolicy | Mapping[str, Any] | None = None) -> Settlement:
        """Settles the open credits, with discounts, tolerances and exchange as the policy has them.

        Nothing is posted; see :meth:`Settlement.facts`. Amounts are decimals in the currency of their document; the last day of a
        discount and of its grace, and the limit of a tolerance, count in. Discounts are rounded as the policy says, all else half away
        from zero. Raises :class:`ReceivablesError` (``policy_invalid`` with the path of the field, and those of the policy's JSON).
        """
        text = to_json(policy if policy is not None else SettlementPolicy())
        return Settlement(self._held.settle(text), (self, "settle", {"policy": json.loads(text)}))

    def dun(self, policy: DunningPolicy | Mapping[str, Any]) -> DunningRun:
        """Whom to remind, of what, at which level, and why not the others. Nothing is posted; see :meth:`DunningRun.facts`.

        Amounts are decimals in the currency of their notice; the view's day counts. Each conversion, percentage and interest is rounded
        once, half away from zero. Raises :class:`ReceivablesError`: those of the policy, ``unknown_dimension`` and ``unknown_value`` of
        its ``where``, ``rate_missing`` where a notice is in base currency or interest has no rate for a day, ``too_large``.
        """
        text = to_json(policy)
        return DunningRun(self._held.dun(text), (self, "dun", {"policy": json.loads(text)}))

    def credit(self, policy: CreditPolicy | Mapping[str, Any] | None = None) -> CreditDesk:
        """A desk of this day that answers about one customer at a time; :meth:`Ledger.credit` needs no view."""
        text = to_json(policy if policy is not None else CreditPolicy())
        return CreditDesk(self._held.credit(text), (self, "credit", {"policy": json.loads(text)}))

    def credit_alerts(self, before: View, policy: CreditPolicy | Mapping[str, Any]) -> CreditAlerts:
        """What is true here and was not in an earlier view of the same ledger, each crossing once.

        Its ``facts`` are notices of level 0: appended, nothing of it is ever told again.
        """
        if not isinstance(before, View):
            _checks.refuse("wrong_type", f"expected a view, got {type(before).__name__}", "before")
        return _alerts(self._held.credit_alerts(before._held, to_json(policy)))

    def exposure(
        self,
        policy: CreditPolicy | Mapping[str, Any] | None = None,
        *,
        per: Literal["customer", "family"] = "customer",
        company: str | None = None,
    ) -> Exposure:
        """What every customer, or family under its top parent, is exposed to, part by part, with its limit."""
        text = to_json(policy if policy is not None else CreditPolicy())
        asked = {"per": _checks.text(per, "per"), "company": _checks.text(company, "company", optional=True)}
        held = self._held.exposure(text, asked["per"], asked["company"])
        return Exposure(held, (self, "exposure", {"policy": json.loads(text), **asked}))

    def picture(
        self, policy: PicturePolicy | Mapping[str, Any] | Literal["aging_over_time", "concentration", "exposure", "dso", "roll_rates", "days_to_pay"]
    ) -> Picture:
        """A chart of what the view shows, as a Vega-Lite specification; a notebook shows it as a picture.

        >>> ledger.as_of("2026-10-31").picture("concentration").save("concentration.svg")  # doctest: +SKIP
        """
        if isinstance(policy, PicturePolicy):
            return Picture(self._held.picture(policy.to_json()))
        return Picture(self._held.picture(to_json({"picture": policy} if isinstance(policy, str) else policy)))

    def provision(
        self,
        policy: ProvisionPolicy | Mapping[str, Any],
        *,
        before: Iterable[Mapping[str, Any]] = (),
    ) -> Provision:
        """What is to be provided for of what is owed, by pool and bucket, and what is booked.

        ``before`` are rows of what was provided before: ``currency`` and ``amount``.
        """
        texts = to_json(policy), json.dumps(_checks.bare(list(before), "before"))
        asked = {"policy": json.loads(texts[0]), "before": json.loads(texts[1])}
        return Provision(self._held.provision(*texts), (self, "provision", asked))

    def loss_rates(self, policy: Mapping[str, Any]) -> LossRates:
        """The loss rates of the ledger's own history until this day, by cohort or by roll rates; none where it is too short.

        ``policy`` has ``aging`` and ``from``; see the specification, section 13, and ``schema("loss_rates")``.
        """
        return loss_rates(self._held.loss_rates(to_json(policy)))

    def back_test(
        self,
        then: View,
        policy: ProvisionPolicy | Mapping[str, Any],
        *,
        loss_kinds: Iterable[str] = ("write_off",),
        still_open: Literal["lost", "not_lost"] = "lost",
    ) -> BackTest:
        """What a policy would have provided for in an earlier view of the same ledger, beside what was lost until this day."""
        if not isinstance(then, View):
            _checks.refuse("wrong_type", f"expected a view, got {type(then).__name__}", "then")
        asked = {"loss_kinds": _checks.texts(loss_kinds, "loss_kinds"), "still_open": _checks.text(still_open, "still_open")}
        return back_test(self._held.back_test(then._held, to_json(policy), json.dumps(asked)))

    def kpis(
        self,
        policy: KpiPolicy | Mapping[str, Any] | None = None,
        *,
        by: Sequence[str] = (),
        where: Mapping[str, Sequence[str] | Set[str]] | None = None,
    ) -> Kpis:
        """Key figures: by the keys of :meth:`aging`, always by ``currency`` too, at this day or at ends of months up to it."""
        keys, filters = _checks.by_where(by, where)
        text = to_json(policy if policy is not None else KpiPolicy())
        held = self._held.kpis(text, keys, _checks.encoded(filters, "where", "where"))
        return Kpis(held, (self, "kpis", {"policy": json.loads(text), "by": keys, "where": filters}))

    def explain_dso(
        self,
        before: View,
        policy: KpiPolicy | Mapping[str, Any] | None = None,
        *,
        by: Sequence[str] = (),
        where: Mapping[str, Sequence[str] | Set[str]] | None = None,
    ) -> DsoChange:
        """Why ``dso_simple`` changed since an earlier view of the same ledger: sales mix, terms and delay, which add up to it."""
        if not isinstance(before, View):
            _checks.refuse("wrong_type", f"expected a view, got {type(before).__name__}", "before")
        keys, filters = _checks.by_where(by, where)
        text = to_json(policy if policy is not None else KpiPolicy())
        held = self._held.explain_dso(before._held, text, keys, _checks.encoded(filters, "where", "where"))
        asked = {"before": before, "policy": json.loads(text), "by": keys, "where": filters}
        return DsoChange(held, (self, "explain_dso", asked))

    def undo(self, ids: Iterable[str]) -> dict[str, Any]:
        """The rows that take back allocations and differences, named by id, with what stands beside them.

        They count from the view's day: ``ledger.append(recorded=day, **view.undo(["run-1"]))``. History stays.
        """
        return rows_of(self._held.undo(_checks.texts(ids, "ids")))

    def revaluation(self) -> Revaluation:
        """What open items in foreign currency are worth at the latest rates, and what that differs by. Nothing is posted."""
        return Revaluation(self._held.revaluation(), (self, "revaluation", {}))

    def interest(
        self,
        policy: InterestPolicy | Mapping[str, Any],
        *,
        charged: Iterable[Mapping[str, Any]] = (),
        compensated: Iterable[str] = (),
        customers: Iterable[str] = (),
        documents: Iterable[str] = (),
    ) -> Interest:
        """What every overdue item bears, interest and compensation, up to the view's day. Nothing is posted.

        ``charged`` says what was charged before: mappings of ``document``, perhaps ``instalment``, and ``until``, the last day;
        ``compensated`` are documents whose fixed sum was. ``customers`` and ``documents`` limit the question.
        """
        return self._interest("interest", policy, question(charged, compensated, customers, documents))

    def explain_interest(
        self,
        policy: InterestPolicy | Mapping[str, Any],
        *,
        charged: Iterable[Mapping[str, Any]] = (),
        compensated: Iterable[str] = (),
        customers: Iterable[str] = (),
        documents: Iterable[str] = (),
    ) -> Interest:
        """:meth:`interest`, each item with the segments that it re-adds from."""
        return self._interest("explain_interest", policy, question(charged, compensated, customers, documents))

    def train_prediction(
        self,
        policy: Mapping[str, Any] | None = None,
        *,
        threads: int = 1,
        progress: Callable[[int, int], object] | None = None,
    ) -> PredictionModel:
        """Learns how customers pay, from all that this view knows. The model is the same with any number of threads.

        ``policy`` may name ``holidays``, ``interval_percent`` and more. ``progress`` is told before the first tree and after each
        how many there are, of how many; when it returns ``False`` the training is refused as ``cancelled``, and what it raises
        ends it too.
        """
        text, told = to_json({} if policy is None else policy), _checks.function(progress, "progress")
        return PredictionModel(self._held.train_prediction(text, thread_count(threads), told))

    def predict(
        self,
        model: PredictionModel,
        *,
        quantiles: Iterable[int] = (),
        paid_by: Iterable[date | str] = (),
    ) -> list[Prediction]:
        """When each open item that a customer owes will be paid, how sure that is, and why.

        For each percentage of ``quantiles``, rising from 1 to 99, a row has the day by which the item is paid with that chance, and
        for each day of ``paid_by`` the chance that it is paid by then.
        """
        ask = to_json({"quantiles": _checks.several(quantiles, "quantiles"), "paid_by": _checks.several(paid_by, "paid_by")})
        return predictions(self._held.predict(held_model(model), ask))

    def cash_forecast(
        self,
        model: PredictionModel,
        policy: Mapping[str, Any] | None = None,
        *,
        by: Sequence[str] = (),
        where: Mapping[str, Sequence[str] | Set[str]] | None = None,
    ) -> CashForecast:
        """The cash that is expected of what is open, by day or week, by the keys of :meth:`aging` and by currency.

        ``policy`` may name ``horizon_days``, ``period`` (``day``, ``week``), ``quantiles`` and more: ``schema("cash")``.
        """
        keys, filters = _checks.by_where(by, where)
        text = to_json({} if policy is None else policy)
        return CashForecast(self._held.cash_forecast(held_model(model), text, keys, _checks.encoded(filters, "where", "where")))

    def cash_at_risk(self, model: PredictionModel, policy: Mapping[str, Any] | None = None) -> list[CashAtRisk]:
        """What of each open item may not come, and until when a call can change the payer's next run."""
        return at_risk(self._held.cash_at_risk(held_model(model), to_json({} if policy is None else policy)))

    def prediction_drift(self, model: PredictionModel) -> Drift:
        """Whether customers pay otherwise since a model was trained."""
        return drift(self._held.prediction_drift(held_model(model)))

    def _interest(self, name: str, policy: InterestPolicy | Mapping[str, Any], asked: dict[str, Any]) -> Interest:
        text, about = to_json(policy), _checks.encoded(asked, "question")
        held = self._held.interest(text, about, name == "explain_interest")
        return Interest(held, (self, name, {"policy": json.loads(text), **json.loads(about)}))

    def __repr__(self) -> str:
        known = "" if self.known_on is None else f", as known on {self.known_on}"
        return f"<View as of {self.day}{known}>"


class Aging(Framed, Answer):
    """An aging: :attr:`rows` by group, :attr:`totals` by currency, :attr:`items` with their rules.

    In a notebook it shows as a table. Data frame libraries take it as they take :attr:`rows`.
    """

    __slots__ = ("_held", "items", "rows", "totals")

    _held: _native.Aging
    rows: Listing[AgingRow]
    totals: Listing[AgingRow]
    items: Listing[AgingItem]

    def __init__(self, native: _native.Aging, question: Asked) -> None:
        self._hold(
            _held=native,
            _question=question,
            rows=Listing(native.rows, native.rows_table),
            totals=Listing(native.totals, native.totals_table),
            items=Listing(native.items, native.items_table),
        )

    @property
    def by(self) -> list[str]:
        """The keys of the groups, without the currency: those of :attr:`AgingRow.by`."""
        return self._held.by

    @property
    def made_by(self) -> MadeBy:
        """The policy and the engine that made it."""
        return self._held.made_by

    @property
    def labels(self) -> list[str]:
        """The labels of the buckets."""
        return self._held.labels

    @property
    def column_labels(self) -> list[str] | None:
        """The labels of the policy's columns; None when it has none."""
        return self._held.column_labels

    def explain(
        self,
        *,
        customer: str | None = None,
        document: str | None = None,
        instalment: int | None = None,
        bucket: str | None = None,
    ) -> Listing[AgingItem]:
        """The items asked for, each with its bucket, the rule and its operands."""
        asked = (
            _checks.text(customer, "customer", optional=True),
            _checks.text(document, "document", optional=True),
            None if instalment is None else _checks.count(instalment, "instalment", 2**32 - 1),
            _checks.text(bucket, "bucket", optional=True),
        )
        return Listing(lambda: self._held.explain(*asked), lambda: self._held.explain_table(*asked))

    def cells(self) -> _native.Table:
        """The cells that hold something, as Arrow data: the fastest way out, for pivots and charts.

        A dictionary column per key and for ``currency``, ``bucket`` (its place in :attr:`labels`), ``open_minor`` (minor units of
        the row's currency) and ``items``.
        """
        return self._held.cells()

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


class Proposal(Answer):
    """Proposed allocations: :attr:`lines` with their reasons, :attr:`unapplied` credits. A value; nothing is posted."""

    __slots__ = ("_held", "lines", "unapplied")

    _held: _native.Proposal
    lines: Listing[ProposalLine]
    unapplied: Listing[UnappliedCredit]

    def __init__(self, native: _native.Proposal, question: Asked) -> None:
        self._hold(
            _held=native,
            _question=question,
            lines=Listing(native.lines, native.lines_table),
            unapplied=Listing(native.unapplied, native.unapplied_table),
        )

    @property
    def made_by(self) -> MadeBy:
        """The policy and the engine that made it."""
        return self._held.made_by

    def explain(
        self, *, credit: str | None = None, debit: str | None = None
    ) -> tuple[list[ProposalLine], list[UnappliedCredit]]:
        """The lines and unapplied credits about a credit or debit."""
        return self._held.explain(
            _checks.text(credit, "credit", optional=True), _checks.text(debit, "debit", optional=True)
        )

    def table(self) -> _native.Table:
        """The lines as Arrow data, the fastest way out: ``credit``, ``debit``, ``instalment``, ``currency``,
        ``amount_minor`` (minor units of the currency), ``strategy``.

        What was left before each line is in :attr:`lines`.
        """
        return self._held.table()

    def facts(self, id_prefix: str) -> list[dict[str, Any]]:
        """The rows of ``allocations`` to append: ``ledger.append(allocations=proposal.facts("run-1"), recorded=day)``."""
        return self._held.facts(_checks.text(id_prefix, "id_prefix"))

    def __repr__(self) -> str:
        return f"<Proposal of {len(self.lines):,} allocations, {len(self.unapplied):,} credits with a rest>"
