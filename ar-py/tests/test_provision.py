"""Provision from Python: its rows are data with their types, its rates come from the ledger, and last year's figure is tested."""

import pickle
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import receivables as ar
from receivables import Ledger, ReceivablesError


def invoice(name: str, customer: str, amount: str, due: str, dated: str = "2026-01-01") -> dict[str, Any]:
    return {"id": name, "customer": customer, "kind": "invoice", "currency": "EUR", "amount": amount, "document_date": dated, "due_date": due}


LEDGER = Ledger.from_tables(
    customers=[{"id": "A"}, {"id": "B", "dimensions": {"industry": "retail"}}],
    documents=[
        invoice("I1", "A", "15000.00", "2026-05-31"),
        invoice("I2", "A", "7500.00", "2026-04-15"),
        invoice("I3", "B", "900.00", "2026-04-15"),
        {**invoice("P1", "A", "-7500.00", ""), "kind": "payment", "due_date": None, "document_date": "2026-06-10"},
    ],
    allocations=[{"id": "X", "credit": "P1", "debit": "I2", "amount": "7500.00", "effective": "2026-06-10"}],
    differences=[{"id": "W", "document": "I3", "kind": "write_off", "amount": "300.00", "effective": "2026-07-01"}],
)
VIEW = LEDGER.as_of("2026-04-30")
POLICY = ar.ProvisionPolicy(
    aging=ar.AgingPolicy(edges=[0, 30]),
    matrices=[{"rates": ["0.003", "0.016", "0.1"]}],
    specific=[{"customer": "B", "rate": "2/3", "reason": "insolvent"}],
)


def test_figures_are_exact_and_tie_to_their_items() -> None:
    made = VIEW.provision(POLICY, before=[{"currency": "EUR", "amount": Decimal("1000.00")}])
    assert [(row.bucket, row.base, row.provision) for row in made.rows] == [
        ("not due", Decimal("15000.00"), Decimal("45.00")),
        ("1-30", Decimal("7500.00"), Decimal("120.00")),
        ("over 30", Decimal("0.00"), Decimal("0.00")),
    ]
    (total,) = made.totals
    assert (total.provision, total.movement) == (Decimal("765.00"), Decimal("-235.00"))
    assert sum(line.debit - line.credit for line in made.journal) == 0
    (item,) = made.explain(customer="B")
    assert (item.document, item.rule, item.applied) == ("I3", "provision.specific", "2/3")
    assert sum(row.base for row in made.rows) == sum(item.open for item in VIEW.open_items() if item.customer == "A")


def test_a_policy_pickles_and_the_answer_as_its_question() -> None:
    assert pickle.loads(pickle.dumps(POLICY)) == POLICY
    made = VIEW.provision(POLICY)
    copy = pickle.loads(pickle.dumps(made))
    assert (copy.totals, copy.made_by) == (made.totals, made.made_by)


def test_last_years_figure_beside_what_became_of_it() -> None:
    tested = LEDGER.as_of("2026-12-31").back_test(VIEW, POLICY)
    assert (tested.then, tested.until) == (date(2026, 4, 30), date(2026, 12, 31))
    (total,) = tested.totals
    assert (total.owed, total.settled, total.written_off) == (Decimal("23400.00"), Decimal("7500.00"), Decimal("300.00"))
    assert total.owed == total.settled + total.written_off + total.still_open


def test_rates_come_from_the_ledgers_own_history() -> None:
    found = LEDGER.as_of("2026-12-31").loss_rates({"aging": {"edges": [0, 30]}, "method": "roll_rates", "from": "2026-03-01"})
    assert found.method == "roll_rates" and found.labels == ("not due", "1-30", "over 30")
    assert [rate.bucket for rate in found.rows] == ["not due", "1-30", "over 30"]


@pytest.mark.parametrize(
    ("policy", "code", "field"),
    [
        ({}, "policy_invalid", None),
        ({"aging": {"edges": [30, 0]}, "matrices": []}, "policy_invalid", "aging.edges[1]"),
        ({"aging": {"edges": [0]}, "matrices": []}, "policy_invalid", "matrices"),
        ({"aging": {"edges": [0]}, "matrices": [{"rates": [0.1, "1"]}]}, None, None),
    ],
)
def test_a_bad_policy_is_refused_with_its_path(policy: dict[str, Any], code: str | None, field: str | None) -> None:
    with pytest.raises(ReceivablesError) as caught:
        VIEW.provision(policy)
    if code is not None:
        assert caught.value.code == code
    if field is not None:
        assert caught.value.field == field
