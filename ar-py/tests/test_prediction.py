"""Predictions: a model learns from a view, is kept and sent, says why; what cannot be used is refused."""

import hashlib
import json
import pickle
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from receivables import CashForecast, Ledger, PredictionModel, ReceivablesError, View, engine_version

START = date(2023, 1, 2)
TODAY = START + timedelta(weeks=40)


def ledger(until: date = TODAY) -> Ledger:
    """Eight customers who pay on the first Friday some days after the due day; what is paid later is not in it."""
    documents: list[dict[str, Any]] = []
    allocations: list[dict[str, Any]] = []
    for customer in range(8):
        for turn in range(90):
            posted = START + timedelta(days=turn * 7 // 2)
            if posted > until:
                continue
            due = posted + timedelta(days=14)
            paid = due + timedelta(days=customer)
            paid += timedelta(days=(4 - paid.weekday()) % 7)
            name, amount = f"{customer}-{turn}", Decimal(100 + 7 * turn)
            row = {"customer": f"C{customer}", "currency": "EUR"}
            documents.append({**row, "id": f"I{name}", "kind": "invoice", "amount": amount, "document_date": posted, "due_date": due})
            if paid <= until:
                documents.append({**row, "id": f"P{name}", "kind": "payment", "amount": -amount, "document_date": paid})
                allocations.append({"id": f"A{name}", "credit": f"P{name}", "debit": f"I{name}", "amount": amount, "effective": paid})
    return Ledger.from_tables(customers=[{"id": f"C{n}"} for n in range(8)], documents=documents, allocations=allocations)


@pytest.fixture(scope="module")
def view() -> View:
    return ledger().as_of(TODAY)


@pytest.fixture(scope="module")
def model(view: View) -> PredictionModel:
    return view.train_prediction({"least_paid_invoices": 100})


def test_open_items_are_predicted_with_reasons(view: View, model: PredictionModel) -> None:
    assert model.is_trained
    assert model.trained_on == model.known_on == TODAY
    found = view.predict(model)
    asked = view.predict(model, quantiles=[10, 50, 90], paid_by=[view.day, "2199-12-31"])
    assert [one.quantiles for one in asked] == [(one.earliest, one.expected, one.latest) for one in found]
    assert {one.paid_by for one in asked} == {(Decimal("0.0000"), Decimal("1.0000"))}
    assert all(one.quantiles == one.paid_by == () for one in found)
    assert {one.document for one in found} == {item.document for item in view.open_items()}
    fridays = sum(one.expected.weekday() == 4 for one in found)
    assert fridays >= 0.9 * len(found)
    for one in found:
        assert TODAY < one.earliest <= one.expected <= one.latest
        assert 0 <= one.late <= 1
        assert 0 <= one.open_after_90 <= one.open_after_60 <= one.open_after_30 <= 1
        assert any(reason["rule"] == "prediction.pays_on" and reason["weekday"] == "friday" for reason in one.reasons)


def test_a_model_is_the_same_from_text_from_a_pickle_and_from_two_threads(view: View, model: PredictionModel) -> None:
    text = model.to_text()
    assert PredictionModel.from_text(text).to_text() == text
    assert PredictionModel.from_text(text) == model == pickle.loads(pickle.dumps(model))
    assert pickle.loads(pickle.dumps(model)).to_text() == text
    assert view.train_prediction({"least_paid_invoices": 100}, threads=2).to_text() == text
    assert view.predict(PredictionModel.from_text(text)) == view.predict(model)


def test_a_view_is_blind_to_what_comes_after_its_day(view: View, model: PredictionModel) -> None:
    later = ledger(TODAY + timedelta(weeks=12)).as_of(TODAY)
    assert later.train_prediction({"least_paid_invoices": 100}).to_text() == model.to_text()
    assert later.predict(model) == view.predict(model)


def test_too_little_history_says_so(view: View) -> None:
    model = view.train_prediction({"least_paid_invoices": 1_000_000})
    assert not model.is_trained
    assert {one.basis for one in view.predict(model)} == {"own_past"}


def test_progress_is_told_and_what_it_raises_ends_the_training(view: View) -> None:
    told: list[tuple[int, int]] = []
    view.train_prediction({"least_paid_invoices": 100}, progress=lambda done, of: told.append((done, of)))
    assert told[0] == (0, told[-1][1])
    assert told[-1][0] == told[-1][1] == len(told) - 1

    def stop(done: int, of: int) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError):
        view.train_prediction({"least_paid_invoices": 100}, progress=stop)


def test_what_cannot_be_used_is_refused(view: View, model: PredictionModel) -> None:
    def code(call: Callable[[], object]) -> str:
        with pytest.raises(ReceivablesError) as refused:
            call()
        return refused.value.code

    assert code(lambda: view.train_prediction({"interval_percent": 100})) == "policy_invalid"
    shut = [date(2026, 1, 1) + timedelta(days=n) for n in range(367)]
    assert code(lambda: view.train_prediction({"holidays": shut})) == "policy_invalid"
    view.train_prediction({"holidays": shut[1:], "least_paid_invoices": 10_000})
    assert code(lambda: view.train_prediction({"version": 2})) == "unsupported_version"
    assert code(lambda: view.train_prediction({"trees": 3})) == "policy_invalid"
    nothing: tuple[Any, ...] = ([], "", 0, False)
    for wrong in nothing:
        assert code(lambda given=wrong: view.cash_forecast(model, given)) == "wrong_type"  # type: ignore[misc]
        assert code(lambda given=wrong: view.train_prediction(given)) == "wrong_type"  # type: ignore[misc]
    assert code(lambda: PredictionModel.from_text("{}")) == "wrong_type"
    broken = json.loads(model.to_text())
    broken["trees"][0]["leaves"] = []
    assert code(lambda: PredictionModel.from_text(json.dumps(broken))) == "wrong_type"
    assert code(lambda: view.predict("model")) == "wrong_type"  # type: ignore[arg-type]
    assert code(lambda: view.predict(model, quantiles=[50, 40])) == "policy_invalid"
    assert code(lambda: view.predict(model, paid_by=["soon"])) == "policy_invalid"
    for wrong in (5, "50", {"a": 1}):
        assert code(lambda given=wrong: view.predict(model, quantiles=given)) == "wrong_type"  # type: ignore[misc]
        assert code(lambda given=wrong: view.predict(model, paid_by=given)) == "wrong_type"  # type: ignore[misc]
    assert code(lambda: view.train_prediction(progress="x")) == "wrong_type"  # type: ignore[arg-type]


def test_a_fixed_ledger_trains_the_model_that_every_front_end_trains() -> None:
    documents: list[dict[str, Any]] = []
    allocations: list[dict[str, Any]] = []
    for customer in range(4):
        for turn in range(40):
            posted = START + timedelta(days=7 * turn + customer)
            due = posted + timedelta(days=14)
            paid = due + timedelta(days=2 * customer + (7 if turn % 5 == 0 else 0))
            paid += timedelta(days=(4 - paid.weekday()) % 7)
            name, amount = f"{customer}-{turn}", f"{100 + 7 * turn}.00"
            row = {"customer": f"C{customer}", "currency": "EUR"}
            documents.append({**row, "id": f"I{name}", "kind": "invoice", "amount": amount, "document_date": posted, "due_date": due})
            documents.append({**row, "id": f"P{name}", "kind": "payment", "amount": f"-{amount}", "document_date": paid})
            allocations.append({"id": f"A{name}", "credit": f"P{name}", "debit": f"I{name}", "amount": amount, "effective": paid})
    made = Ledger.from_tables(customers=[{"id": f"C{n}"} for n in range(4)], documents=documents, allocations=allocations)
    view = made.as_of("2023-09-29", known_on="2023-09-29")
    model = view.train_prediction({"least_paid_invoices": 100})
    assert model.is_trained
    text = model.to_text().replace(f'"engine":"{engine_version()}"', '"engine":""')
    assert hashlib.sha256(text.encode()).hexdigest() == SAME_MODEL
    cash = view.cash_forecast(model, {"horizon_days": 28, "period": "week"})
    assert [str(row.expected) for row in cash.totals] == SAME_CASH


SAME_MODEL = "9e7365b53c2b9e5c16d79e7cd6eecff042ded19b69d86e9648b69f006be27281"
SAME_CASH = ["0.00", "1780.98", "1401.15", "977.36", "132.37"]


def test_cash_re_adds_is_kept_and_compared(view: View, model: PredictionModel) -> None:
    made = view.cash_forecast(model, {"horizon_days": 28}, by=["customer"], where={"customer": {"C1", "C2"}})
    assert {row.by for row in made.sums} == {("C1",), ("C2",)}
    for one in made.total_sums + made.sums:
        assert one.open == one.expected + one.discount + one.later + one.disputed + one.covered + one.unforeseen
    for day_ in made.totals:
        assert sum(row.expected for row in made.rows if row.start == day_.start) == day_.expected
    assert CashForecast.from_text(made.to_text()) == made == pickle.loads(pickle.dumps(made))
    assert made.last_day == TODAY + timedelta(days=28)
    later = ledger(TODAY + timedelta(weeks=8))
    compared = later.compare_forecast(made)
    assert len(compared.rows) == 28
    assert compared.totals[0].actual > 0


def test_yesterdays_forecasts_calls_calibration_and_drift(view: View, model: PredictionModel) -> None:
    later = ledger(TODAY + timedelta(weeks=8))
    told = later.forecast_accuracy(model, TODAY, TODAY + timedelta(days=13), {"accuracy_days": 7})
    assert len(told.rows) == 14
    total = told.totals[0]
    assert total.error < total.due_date_error
    calls = view.cash_at_risk(model)
    assert {(one.document, one.due_date) for one in calls} <= {(one.document, one.due_date) for one in view.predict(model)}
    assert {one.basis for one in calls} <= {"model", "few_payments"} and calls
    assert all(one.not_enough_history == 0 for one in view.cash_forecast(model).sums)
    assert all(one.best_contact_day is not None and TODAY < one.best_contact_day < (one.next_run or TODAY) for one in calls)
    measured = later.prediction_calibration(TODAY, {"least_paid_invoices": 1_000_000}, days=56)
    assert measured.outcome == "measured"
    assert abs(sum(measured.tenths, Decimal(0)) - 1) < Decimal("0.001")
    assert later.as_of(TODAY + timedelta(weeks=8)).prediction_drift(model).outcome in ("stable", "shifted", "drifted")
    assert view.prediction_drift(model).outcome == "not_enough_history"


def test_false_from_progress_cancels(view: View) -> None:
    with pytest.raises(ReceivablesError) as refused:
        view.train_prediction({"least_paid_invoices": 100}, progress=lambda done, of: done < 3)
    assert refused.value.code == "cancelled"


def test_the_example_of_the_page_runs() -> None:
    page = (Path(__file__).parents[2] / "docs/prediction.md").read_text(encoding="utf-8")
    said: dict[str, object] = {}
    for block in page.split("```python\n")[1:]:
        exec(compile(block.split("```")[0], "docs/prediction.md", "exec"), said)
    assert isinstance(said["model"], PredictionModel) and said["model"].is_trained
