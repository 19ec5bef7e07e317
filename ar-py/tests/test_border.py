"""What may cross the border into the engine, and what is refused there."""

import pickle
import threading
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

import receivables as ar
from receivables import InputTypeError, Ledger, ReceivablesError

DAY = date(2026, 1, 31)
CUSTOMERS = [{"id": "C"}]


def invoice(**fields: Any) -> dict[str, Any]:
    row = {
        "id": "INV",
        "customer": "C",
        "kind": "invoice",
        "currency": "EUR",
        "amount": Decimal("100.00"),
        "document_date": date(2026, 1, 1),
    }
    return {**row, **fields}


def refusal(call: Callable[[], object]) -> ReceivablesError:
    with pytest.raises(ReceivablesError) as caught:
        call()
    return caught.value


def test_the_module_knows_its_version() -> None:
    assert ar.engine_version() == ar.__version__


@pytest.mark.parametrize(
    ("given", "held"),
    [
        (Decimal("10.1"), "10.10"),
        (Decimal("1E+2"), "100.00"),
        (Decimal("-0.05"), "-0.05"),
        (7, "7.00"),
        ("10.25", "10.25"),
    ],
)
def test_exact_money_keeps_every_digit(given: Decimal | int | str, held: str) -> None:
    assert str(ar.money(given, "EUR")[0]) == held


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (10.1, "float_refused"),
        (float("nan"), "not_a_number"),
        (True, "wrong_type"),
        (b"10", "wrong_type"),
        (Decimal("NaN"), "not_a_number"),
        (Decimal("Infinity"), "not_a_number"),
        (Decimal("1E+40"), "too_large"),
        (10**60, "too_large"),
        ("9" * 40, "too_large"),
        (Decimal("0." + "1" * 32), "too_many_digits"),
        ("1e2", "not_a_number"),
        ("1_000", "not_a_number"),
        (" 10", "not_a_number"),
        ("\u0661", "not_a_number"),
        ("10.001", "too_many_digits"),
    ],
)
def test_money_that_cannot_be_exact_is_refused_alone_and_in_a_row(given: Any, code: str) -> None:
    alone = refusal(lambda: ar.money(given, "EUR"))
    assert (alone.code, alone.field) == (code, "value")
    row = refusal(lambda: Ledger.from_tables(customers=CUSTOMERS, documents=[invoice(), invoice(id="B", amount=given)]))
    assert (row.code, row.table, row.index, row.field) == (code, "documents", 1, "amount")
    assert isinstance(row, TypeError) is (code in ("float_refused", "wrong_type"))


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"document_date": datetime(2026, 1, 1, 12)}, "datetime_refused", "document_date"),
        ({"document_date": "2026-01-01T12:00:00"}, "datetime_refused", "document_date"),
        ({"document_date": "2026-02-30"}, "impossible_date", "document_date"),
        ({"document_date": None}, "missing_field", "document_date"),
        ({"customer": "X"}, "unknown_reference", "customer"),
        ({"kind": "bill"}, "unknown_kind", "kind"),
        ({"currency": "EURO"}, "unknown_currency", "currency"),
        ({"amount": Decimal("-1")}, "wrong_sign", "amount"),
        ({"colour": "red"}, "unknown_field", "colour"),
    ],
)
def test_a_bad_row_is_refused_with_its_place(fields: dict[str, Any], code: str, field: str) -> None:
    error = refusal(lambda: Ledger.from_tables(customers=CUSTOMERS, documents=[invoice(**fields)]))
    assert (error.code, error.table, error.index, error.field) == (code, "documents", 0, field)
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.code, copy.problems, copy.total) == (error.code, error.problems, error.total)


def test_a_datetime_is_refused_as_the_day_of_a_view() -> None:
    ledger = Ledger.from_tables()
    error = refusal(lambda: ledger.as_of(datetime(2026, 1, 31)))
    assert isinstance(error, InputTypeError)
    assert (error.code, error.field) == ("datetime_refused", "day")


def test_a_duplicate_id_and_a_circle_of_parents_are_refused() -> None:
    twice = refusal(lambda: Ledger.from_tables(customers=CUSTOMERS, documents=[invoice(), invoice()]))
    assert (twice.code, twice.index, twice.field) == ("duplicate_id", 1, "id")
    circle = refusal(lambda: Ledger.from_tables(customers=[{"id": "A", "parent": "B"}, {"id": "B", "parent": "A"}]))
    assert (circle.code, circle.table) == ("cyclic_parent", "customers")


def test_an_empty_ledger_gives_empty_reports() -> None:
    view = Ledger.from_tables().as_of(DAY)
    aging = view.aging(ar.AgingPolicy(edges=[0, 30]), by=["customer"])
    assert (len(aging.rows), len(aging.totals), len(view.open_items())) == (0, 0, 0)
    assert (view.pending(), view.reconcile([]), list(view.propose().lines)) == ([], [], [])


def test_policies_pickle_and_bad_ones_name_their_path() -> None:
    policy = ar.AgingPolicy(edges=[0, 30], credits="apart")
    assert pickle.loads(pickle.dumps(policy)) == policy
    view = Ledger.from_tables().as_of(DAY)
    error = refusal(lambda: view.aging(ar.AgingPolicy(edges=[30, 0])))
    assert (error.code, error.field) == ("policy_invalid", "edges[1]")
    error = refusal(lambda: view.aging({"edges": [0], "colour": "red"}))
    assert error.code == "policy_invalid"


def test_a_view_can_be_asked_from_many_threads() -> None:
    ledger = Ledger.from_tables(customers=CUSTOMERS, documents=[invoice(id=str(n)) for n in range(200)])
    answers: list[int] = []

    def ask() -> None:
        for _ in range(50):
            aging = ledger.as_of(DAY).aging(ar.AgingPolicy(edges=[0, 30]), by=["customer"])
            answers.append(aging.rows[0].items)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 400
