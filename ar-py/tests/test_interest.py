"""Interest through the public API: what it says, every way out, and what it refuses."""

import json
import pickle
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

import receivables as ar

DAY = date(2026, 2, 28)
POLICY = ar.InterestPolicy(
    rates=[{"from": date(2026, 1, 1), "percent": Decimal("10")}],
    compensation={"tiers": [{"currency": "EUR", "amount": "40"}]},
    id="house",
)
DOCUMENTS = [
    {"id": "INV", "customer": "ACME", "kind": "invoice", "currency": "EUR", "amount": Decimal("3650.00"), "document_date": date(2026, 1, 1), "due_date": date(2026, 1, 31)},
    {"id": "PAY", "customer": "ACME", "kind": "payment", "currency": "EUR", "amount": Decimal("-1825.00"), "document_date": date(2026, 2, 10)},
]
VIEW = ar.Ledger.from_tables(
    customers=[{"id": "ACME"}], documents=DOCUMENTS, allocations=[{"id": "a", "credit": "PAY", "debit": "INV", "amount": Decimal("1825.00")}]
).as_of(DAY)


def test_a_report_says_what_items_bear_and_explains_it_when_asked() -> None:
    report = VIEW.interest(POLICY)
    (item,) = report.items
    assert (item.interest, item.compensation, item.start, item.until) == (Decimal("19.00"), Decimal("40.00"), date(2026, 2, 1), DAY)
    assert item.segments == () and report.on == DAY and report.made_by.policy == "house"
    (item,) = VIEW.explain_interest(POLICY).items
    assert [(part.days, part.balance, part.part) for part in item.segments] == [(10, Decimal("3650.00"), "2/73"), (18, Decimal("1825.00"), "18/365")]
    assert sum(part.interest for part in item.segments) == item.accrued


def test_what_is_charged_is_left_out() -> None:
    report = VIEW.interest(POLICY, charged=[{"document": "INV", "until": date(2026, 2, 18)}], compensated=["INV"], customers=["ACME"])
    assert [(item.interest, item.compensation) for item in report.items] == [(Decimal("5.00"), Decimal("0.00"))]
    assert len(VIEW.interest(POLICY, documents=["PAY"]).items) == 0


def test_a_report_leaves_as_a_data_frame_pickles_and_shows_itself() -> None:
    report = VIEW.explain_interest(POLICY)
    frame = report.to_polars()
    assert frame["interest"].sum() == Decimal("19.00") and frame["due_date"][0] == date(2026, 1, 31)
    assert pl.DataFrame(report).equals(frame) and len(report.to_pandas()) == len(report.to_pyarrow()) == 1
    assert report.totals.to_polars()["compensation"][0] == Decimal("40.00")
    again = pickle.loads(pickle.dumps(report))
    assert again.items == report.items and again.totals == report.totals
    assert "2026-02-28" in repr(report) and "<table" in report._repr_html_()


def test_a_preset_is_a_policy_once_it_has_the_published_rates() -> None:
    held = ar.profile("interest", "uk-1998-act")
    assert json.loads(ar.InterestPolicy(**held).to_json()) == held
    held["reference"]["rates"] = [{"from": "2023-08-03", "percent": "4.25"}]
    answer = ar.debt_interest(held, currency="GBP", amount=5000, due_date="2024-07-01", until="2024-10-10")
    assert (answer.interest, answer.compensation, answer.rule) == (Decimal("169.49"), Decimal("70.00"), "interest.accrued")
    assert len(ar.profiles("interest")) >= 8 and ar.schema("interest")["additionalProperties"] is False


@pytest.mark.parametrize(
    ("arguments", "code", "place"),
    [
        ({"amount": 1.5}, "float_refused", (None, None, "amount")),
        ({"payments": [("2026-02-01", 1.5)]}, "float_refused", ("payments", 0, "amount")),
        ({"payments": [("2026-02-01", 1), ("2026-02-30", 1)]}, "impossible_date", ("payments", 1, "date")),
        ({"payments": ["2026-02-01"]}, "wrong_type", ("payments", 0, None)),
        ({"payments": [("2026-02-01", 101)]}, "over_allocation", ("payments", 0, "amount")),
        ({"policy": {}}, "policy_invalid", (None, None, "rates")),
        ({"due_date": "2025-12-01"}, "rate_missing", (None, None, "rates")),
        ({"currency": "EUX"}, "unknown_currency", (None, None, "currency")),
    ],
)
def test_a_bad_question_is_refused_with_its_place(arguments: dict[str, object], code: str, place: tuple[object, ...]) -> None:
    asked: dict[str, object] = {"policy": POLICY, "currency": "EUR", "amount": 100, "due_date": "2026-01-31", "until": DAY}
    with pytest.raises(ar.ReceivablesError) as refused:
        ar.debt_interest(**{**asked, **arguments})  # type: ignore[arg-type]
    error = refused.value
    assert (error.code, (error.table, error.index, error.field)) == (code, place)
