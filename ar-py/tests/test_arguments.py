"""What an argument must be: whatever is refused says its code and its place, and nothing else leaves."""

import copy
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

import receivables as ar
from receivables import InputTypeError, Ledger, ReceivablesError

CUSTOMERS = [{"id": "A"}, {"id": "B"}, {"id": "AB"}]
DOCUMENTS: list[dict[str, Any]] = [
    {
        "id": f"INV-{name}",
        "customer": name,
        "kind": "invoice",
        "currency": "EUR",
        "amount": Decimal("10.00"),
        "document_date": date(2026, 1, 1),
        "due_date": date(2026, 1, 31),
    }
    for name in ("A", "B", "AB")
]
LEDGER = Ledger.from_tables(customers=CUSTOMERS, documents=DOCUMENTS)
VIEW = LEDGER.as_of("2026-03-01")
POLICY = ar.AgingPolicy(edges=[0, 30])
AGING = VIEW.aging(POLICY)
LONE = "\ud800"
BALANCE = {"currency": "EUR", "balance": 30}
loose: Any = ar
view: Any = VIEW
aging: Any = AGING
ledger: Any = LEDGER


def documents(**fields: Any) -> Callable[[], object]:
    return lambda: Ledger.from_tables(customers=CUSTOMERS, documents=[{**DOCUMENTS[0], **fields}])


REFUSED: dict[str, tuple[Callable[[], object], str, str | None]] = {
    "policy of text": (lambda: view.aging("x"), "wrong_type", "policy"),
    "no policy": (lambda: view.aging(None), "wrong_type", "policy"),
    "by as text": (lambda: view.aging(POLICY, by="customer"), "wrong_type", "by"),
    "no by": (lambda: view.aging(POLICY, by=None), "wrong_type", "by"),
    "by of numbers": (lambda: view.aging(POLICY, by=[1]), "wrong_type", "by"),
    "by as a set": (lambda: view.aging(POLICY, by={"customer"}), "wrong_type", "by"),
    "by of no Unicode": (lambda: view.aging(POLICY, by=[LONE]), "wrong_type", "by"),
    "where value as text": (lambda: view.aging(POLICY, where={"customer": "AB"}), "wrong_type", "where.customer"),
    "where value as number": (lambda: view.aging(POLICY, where={"customer": 5}), "wrong_type", "where.customer"),
    "where of numbers": (lambda: view.aging(POLICY, where={"customer": [5]}), "wrong_type", "where.customer"),
    "where as a list": (lambda: view.aging(POLICY, where=["customer"]), "wrong_type", "where"),
    "where as text": (lambda: view.aging(POLICY, where="customer"), "wrong_type", "where"),
    "where of number keys": (lambda: view.aging(POLICY, where={1: ["A"]}), "wrong_type", "where"),
    "a numpy float as an edge": (lambda: view.aging({"edges": [np.float32(0)]}), "wrong_type", "edges[0]"),
    "a numpy truth as an edge": (lambda: view.aging({"edges": [np.bool_(True)]}), "wrong_type", "edges[0]"),
    "a numpy float as money": (documents(amount=np.float32(10)), "float_refused", "amount"),
    "a numpy truth as money": (documents(amount=np.bool_(True)), "wrong_type", "amount"),
    "an amount twice": (documents(amount_minor=1000), "duplicate_id", "amount_minor"),
    "a column twice": (
        lambda: Ledger.from_tables(customers={"id": ["A"]}, documents={"amount": ["1.00"], "amount_minor": [100]}),
        "duplicate_id",
        "amount_minor",
    ),
    "a dimension twice": (documents(dimensions={"r": "N"}, dim_r="S"), "duplicate_id", "dimensions"),
    "an object in a policy": (lambda: view.aging({"edges": [0], "id": object()}), "wrong_type", "id"),
    "a datetime in a policy": (lambda: view.aging({"edges": [0], "id": datetime(2026, 1, 1)}), "datetime_refused", "id"),
    "a huge edge": (lambda: view.aging({"edges": [10**5000]}), "too_large", "edges[0]"),
    "not a number in a policy": (lambda: view.aging({"edges": [float("nan")]}), "not_a_number", "edges[0]"),
    "allocation policy of text": (lambda: view.propose("x"), "wrong_type", "policy"),
    "settings of text": (lambda: Ledger.from_json("{}", settings="EUR"), "wrong_type", "settings"),  # type: ignore[arg-type]
    "facts of bytes": (lambda: Ledger.from_json(b"{}"), "wrong_type", "facts"),  # type: ignore[arg-type]
    "a table that is a number": (lambda: Ledger.from_tables(documents=7), "wrong_type", None),
    "a table of text": (lambda: Ledger.from_tables(documents="ab"), "wrong_type", None),
    "a column of text": (lambda: Ledger.from_tables(customers={"id": "AB"}), "wrong_type", "id"),
    "a column that is a number": (lambda: Ledger.from_tables(customers={"id": 5}), "wrong_type", "id"),
    "a number as a name": (lambda: Ledger.from_tables(customers=[{1: "A"}]), "wrong_type", None),
    "a number as a column": (lambda: Ledger.from_tables(customers={1: ["A"]}), "wrong_type", None),
    "an unknown table": (lambda: Ledger.from_tables(invoices=DOCUMENTS), "unknown_field", None),
    "an unknown table to append": (lambda: LEDGER.append(recorded="2026-04-01", invoices=[]), "unknown_field", None),
    "dimensions of text": (lambda: Ledger.from_tables(customers=[{"id": "A", "dimensions": "x"}]), "wrong_type", "dimensions"),
    "no Unicode in a row": (documents(reference=LONE), "wrong_type", "reference"),
    "no Unicode as money": (documents(amount=LONE), "wrong_type", "amount"),
    "no Unicode as a day": (lambda: LEDGER.as_of(LONE), "wrong_type", "day"),
    "explain a number": (lambda: aging.explain(customer=5), "wrong_type", "customer"),
    "explain below zero": (lambda: aging.explain(instalment=-1), "wrong_sign", "instalment"),
    "explain a text": (lambda: aging.explain(instalment="1"), "wrong_type", "instalment"),
    "explain a proposal": (lambda: view.propose().explain(credit=5), "wrong_type", "credit"),
    "prefix of facts": (lambda: view.propose().facts(5), "wrong_type", "id_prefix"),
    "settlement policy of text": (lambda: view.settle("x"), "wrong_type", "policy"),
    "an object in a settlement policy": (
        lambda: view.settle(loose.SettlementPolicy(tolerance=loose.TolerancePolicy(limits=[loose.ToleranceLimit(percent=object())]))),
        "wrong_type",
        "tolerance.limits[0].percent",
    ),
    "a discount of text": (lambda: view.settle(loose.SettlementPolicy(discount="all")), "policy_invalid", "discount"),
    "explain a settlement": (lambda: view.settle().explain(debit=5), "wrong_type", "debit"),
    "a part of a settlement": (lambda: view.settle().table("sums"), "unknown_value", "part"),
    "a part as number": (lambda: view.settle().table(1), "wrong_type", "part"),
    "lines of text": (lambda: view.settle().without("12"), "wrong_type", "lines"),
    "lines of floats": (lambda: view.settle().without([1.5]), "wrong_type", "lines[0]"),
    "lines below zero": (lambda: view.settle().without([0, -1]), "wrong_sign", "lines[1]"),
    "lines that are not there": (lambda: view.settle().without([7]), "unknown_value", "lines"),
    "prefix of a settlement": (lambda: view.settle().facts(5), "wrong_type", "id_prefix"),
    "undo a text": (lambda: view.undo("run-1"), "wrong_type", "ids"),
    "undo a number": (lambda: view.undo([1]), "wrong_type", "ids"),
    "balances of text": (lambda: view.reconcile("ab"), "wrong_type", "balances"),
    "a balance of text": (lambda: view.reconcile(["ab"]), "wrong_type", None),
    "a balance misspelt": (lambda: view.reconcile([{**BALANCE, "controll_account": "X"}]), "unknown_field", "controll_account"),
    "a balance of a number": (lambda: view.reconcile([{**BALANCE, "company": 5}]), "wrong_type", "company"),
    "an unknown customer": (lambda: LEDGER.customer_as_of("X", "2026-03-01"), "unknown_value", "customer"),
    "a customer as number": (lambda: ledger.customer_as_of(5, "2026-03-01"), "wrong_type", "customer"),
    "weights below zero": (lambda: ar.split(10, "EUR", [1, -1]), "wrong_sign", "weights[1]"),
    "weights of text": (lambda: loose.split(10, "EUR", "12"), "wrong_type", "weights"),
    "weights of floats": (lambda: loose.split(10, "EUR", [1.5]), "wrong_type", "weights[0]"),
    "currency as number": (lambda: loose.money(10, 978), "wrong_type", "currency"),
    "terms of text": (lambda: loose.due_dates("net30", document_date="2026-01-01", currency="EUR", amount=1), "wrong_type", "terms"),
    "calendar of datetimes": (
        lambda: ar.business_day("2026-01-01", "following", {"holidays": [datetime(2026, 1, 1)]}),
        "datetime_refused",
        "calendar.holidays[0]",
    ),
    "convention as number": (lambda: loose.day_count(360, "2026-01-01", "2026-01-02"), "wrong_type", "convention"),
    "a discount as float": (lambda: loose.discount_rates(2.5, discount_days=10, net_days=30), "float_refused", "percent"),
    "a discount as bool": (lambda: loose.discount_rates(True, discount_days=10, net_days=30), "wrong_type", "percent"),
    "days as text": (lambda: loose.discount_rates(2, discount_days="10", net_days=30), "wrong_type", "discount_days"),
    "days past counting": (lambda: ar.discount_rates(2, discount_days=10, net_days=10**30), "policy_invalid", "net_days"),
    "profile of a number": (lambda: loose.profile("aging", 1), "wrong_type", "name"),
    "files as a list": (lambda: loose.import_files("", ["a"]), "wrong_type", "files"),
    "a file of text": (lambda: loose.import_files("", {"a": "x"}), "wrong_type", "files.a"),
    "mapping as a number": (lambda: loose.import_text(5, ""), "wrong_type", "mapping"),
    "append to no ledger": (lambda: loose.append_files(None, "", {}, recorded="2026-01-01"), "wrong_type", "ledger"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_meant_is_refused_with_its_place(name: str) -> None:
    call, code, field = REFUSED[name]
    with pytest.raises(ReceivablesError) as caught:
        call()
    assert (caught.value.code, caught.value.field) == (code, field)
    assert isinstance(caught.value, InputTypeError) is (code in ("wrong_type", "datetime_refused", "float_refused"))


def test_one_customer_is_let_in_not_those_of_its_letters() -> None:
    aged = VIEW.aging(POLICY, by=("customer",), where={"customer": {"AB"}})
    assert [row.by for row in aged.rows] == [("AB",)]


@pytest.mark.parametrize("edges", [range(0, 60, 30), (0, 30), [0, 30]])
def test_edges_may_be_any_sequence_of_whole_numbers(edges: Any) -> None:
    assert VIEW.aging({"edges": edges}).labels == AGING.labels
    assert VIEW.aging(ar.AgingPolicy(edges=edges)).labels == AGING.labels


def test_a_holiday_may_be_a_date() -> None:
    calendar = {"weekend": ["saturday", "sunday"], "holidays": [date(2026, 1, 1)]}
    assert ar.business_day("2026-01-01", "following", calendar) == date(2026, 1, 2)


def test_whole_numbers_of_numpy_are_whole_numbers() -> None:
    rows = [{**DOCUMENTS[0], "amount": np.int64(10)}]
    held = Ledger.from_tables(customers=CUSTOMERS, documents=rows).as_of("2026-03-01")
    assert [item.open for item in held.open_items()] == [Decimal("10.00")]
    policies: list[Any] = [ar.AgingPolicy(edges=[0, 1]), ar.AgingPolicy(edges=list(np.arange(2))), {"edges": [np.int8(0), np.uint64(1)]}]
    first, *others = [held.aging(policy).rows for policy in policies]
    assert all(list(rows) == list(first) for rows in others)


@pytest.mark.parametrize("missing", [None, pd.NaT, pd.NA])
def test_a_missing_value_of_pandas_is_missing(missing: Any) -> None:
    held = Ledger.from_tables(customers=CUSTOMERS, documents=[{**DOCUMENTS[0], "due_date": missing, "reference": missing}])
    (item,) = held.as_of("2026-03-01").open_items()
    assert item.due_date is None


def test_the_facts_of_a_view_load_as_a_ledger_that_owes_the_same() -> None:
    facts = VIEW.facts()
    assert set(facts) == {"customers", "documents"}
    assert facts["documents"][0]["amount"] == Decimal("10.00")
    assert facts["documents"][0]["due_date"] == date(2026, 1, 31)
    assert Ledger.from_tables(**facts).as_of("2026-03-01").open_items() == VIEW.open_items()


def test_a_view_of_one_customer_holds_the_items_of_that_customer() -> None:
    alone = LEDGER.customer_as_of("AB", "2026-03-01").open_items()
    assert list(alone) == [item for item in VIEW.open_items() if item.customer == "AB"]


def test_files_are_appended_by_a_mapping() -> None:
    mapping = {"id": "customers", "file": [{"name": "c.csv", "fact": [{"table": "customers", "fields": {"id": "{id}"}}]}]}
    grown, report = ar.append_files(LEDGER, mapping, {"c.csv": b"id\nC\n"}, recorded="2026-04-01")
    assert (report.accepted, grown.last_recorded) == (1, date(2026, 4, 1))


@pytest.mark.parametrize(
    "held",
    [LEDGER, VIEW, AGING, VIEW.propose(), VIEW.settle(), VIEW.revaluation()],
    ids=["ledger", "view", "aging", "proposal", "settlement", "revaluation"],
)
def test_what_the_engine_answers_does_not_change(held: Any) -> None:
    with pytest.raises(AttributeError):
        held._held = None
    with pytest.raises(AttributeError):
        held.colour = "red"
    with pytest.raises(AttributeError):
        del held._held
    assert copy.copy(held) is held and copy.deepcopy(held) is held
