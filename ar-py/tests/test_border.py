"""What may cross the border into the engine, and what is refused there."""

import pickle
import threading
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

import receivables
from receivables import InputTypeError, ReceivablesError, check_amount

DAY = date(2026, 1, 31)


def test_the_module_knows_its_version() -> None:
    assert receivables.engine_version() == receivables.__version__


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
    assert str(check_amount(given, "EUR", DAY)) == held


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (10.1, "float_refused"),
        (True, "wrong_type"),
        (None, "wrong_type"),
        (b"10", "wrong_type"),
        (Decimal("NaN"), "not_a_number"),
        (Decimal("Infinity"), "not_a_number"),
        (Decimal("1E+40"), "too_large"),
        (10**60, "too_large"),
        (Decimal("0." + "1" * 32), "too_many_digits"),
        ("1e2", "not_a_number"),
        ("1_000", "not_a_number"),
        (" 10", "not_a_number"),
        ("\u0661", "not_a_number"),
        ("", "not_a_number"),
        ("10.001", "too_many_digits"),
    ],
)
def test_money_that_cannot_be_exact_is_refused(given: Any, code: str) -> None:
    with pytest.raises(ReceivablesError) as caught:
        check_amount(given, "EUR", DAY)
    assert (caught.value.code, caught.value.field) == (code, "amount")
    assert isinstance(caught.value, TypeError) is (code in ("float_refused", "wrong_type"))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (datetime(2026, 1, 31), "datetime_refused"),
        (20260131, "wrong_type"),
        ("31/01/2026", "impossible_date"),
        ("2026-02-30", "impossible_date"),
    ],
)
def test_a_day_is_a_date_and_nothing_else(given: Any, code: str) -> None:
    with pytest.raises(ReceivablesError) as caught:
        check_amount(1, "EUR", given)
    assert (caught.value.code, caught.value.field) == (code, "on")


def test_a_refusal_is_a_value_error_and_pickles() -> None:
    with pytest.raises(ValueError) as caught:
        check_amount("10.001", "EUR", DAY)
    again = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(again, ReceivablesError) and not isinstance(again, InputTypeError)
    assert (again.problems, again.total, str(again)) == (
        caught.value.problems,  # type: ignore[attr-defined]
        1,
        "too_many_digits: expected at most 2 digits after the point, got 3 (amount)",
    )


def test_threads_may_call_at_once() -> None:
    seen: list[Decimal] = []
    threads = [threading.Thread(target=lambda: seen.append(check_amount("1", "EUR", DAY))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [Decimal("1.00")] * 8
