"""The ledger through the public API: every way in, every way out, the same figures."""

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import receivables as ar

CUSTOMERS = [{"id": "ACME", "dimensions": {"territory": "North"}}, {"id": "BOLT", "parent": "ACME"}]
DOCUMENTS: list[dict[str, Any]] = [
    {
        "id": f"INV-{n}",
        "customer": "ACME" if n % 2 else "BOLT",
        "kind": "invoice",
        "currency": "EUR",
        "amount": Decimal(n) * 10 + Decimal("0.05"),
        "document_date": date(2026, 1, n),
        "due_date": date(2026, 2, n),
    }
    for n in range(1, 11)
]
PAYMENT = {
    "id": "PAY",
    "customer": "ACME",
    "kind": "payment",
    "currency": "EUR",
    "amount": Decimal("-25.00"),
    "document_date": date(2026, 2, 20),
    "reference": "INV-3",
}
POLICY = ar.AgingPolicy(edges=[0, 30, 60, 90])


def rows(ledger: ar.Ledger) -> list[ar.AgingRow]:
    return list(ledger.as_of("2026-03-15").aging(POLICY, by=["customer", "currency"]).rows)


def columns() -> dict[str, list[Any]]:
    return {name: [row[name] for row in DOCUMENTS] for name in DOCUMENTS[0]}


def arrow() -> pa.Table:
    return pa.Table.from_pylist(DOCUMENTS).set_column(
        4, "amount", pa.array([row["amount"] for row in DOCUMENTS], pa.decimal128(18, 2))
    )


def plain() -> list[ar.AgingRow]:
    return rows(ar.Ledger.from_tables(customers=CUSTOMERS, documents=DOCUMENTS))


@pytest.mark.parametrize(
    "documents",
    [
        columns(),
        arrow(),
        arrow().set_column(4, "amount_minor", pa.array([int(row["amount"] * 100) for row in DOCUMENTS])).drop_columns([]),
        pl.DataFrame(arrow()),
        pl.DataFrame(arrow()).with_columns(pl.col("customer").cast(pl.Categorical)),
        arrow().to_pandas(types_mapper=pd.ArrowDtype),
        duckdb.from_arrow(arrow()),
    ],
    ids=["columns", "pyarrow", "minor units", "polars", "categorical", "pandas", "duckdb"],
)
def test_every_source_gives_the_same_ledger(documents: Any) -> None:
    assert rows(ar.Ledger.from_tables(customers=CUSTOMERS, documents=documents)) == plain()


@pytest.mark.parametrize(
    "frame",
    [
        lambda frame: frame[frame["amount"] > 0],
        lambda frame: frame.iloc[::-1],
        lambda frame: frame.sample(frac=1, random_state=7),
        lambda frame: pd.concat([frame[:3], frame[3:]]),
        lambda frame: frame.set_index("id"),
    ],
    ids=["filtered", "turned", "shuffled", "joined", "indexed by id"],
)
def test_rows_of_pandas_may_stand_anywhere(frame: Any) -> None:
    documents = frame(arrow().to_pandas(types_mapper=pd.ArrowDtype))
    found = rows(ar.Ledger.from_tables(customers=CUSTOMERS, documents=documents))
    assert sum(row.total for row in found) == sum(documents["amount"])


class Broken:
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        raise OSError("the file is gone")


@pytest.mark.parametrize("source", [pl.LazyFrame({"id": ["C"]}), Broken(), 5, object()])
def test_what_holds_no_rows_is_refused(source: Any) -> None:
    with pytest.raises(ar.ReceivablesError) as caught:
        ar.Ledger.from_tables(customers=source)
    assert caught.value.code == "wrong_type"


def test_every_column_of_an_aging_has_its_own_name() -> None:
    ledger = ar.Ledger.from_tables(customers=CUSTOMERS, documents=DOCUMENTS)
    apart = ar.AgingPolicy(edges=[0], labels=["total", "total"], disputed="apart", held="apart", credits="apart")
    frame = ledger.as_of("2026-03-15").aging(apart, by=["customer", "customer"]).to_polars()
    assert frame.columns[:7] == ["customer", "currency", "credits", "bucket disputed", "on hold", "bucket total", "bucket bucket total"]
    assert frame["share"].dtype == pl.Decimal(38, 4) and frame["average_age"].dtype == pl.Decimal(38, 2)


def test_a_float_column_is_refused_where_it_stands() -> None:
    frame = pd.DataFrame(DOCUMENTS).assign(amount=1.5)
    with pytest.raises(ar.InputTypeError) as caught:
        ar.Ledger.from_tables(customers=CUSTOMERS, documents=frame)
    assert (caught.value.code, caught.value.field, caught.value.total) == ("float_refused", "amount", 10)


def test_an_aging_goes_to_every_data_frame_with_exact_decimals() -> None:
    ledger = ar.Ledger.from_tables(customers=CUSTOMERS, documents=DOCUMENTS)
    aging = ledger.as_of(date(2026, 3, 15)).aging(POLICY, by=["customer", "currency"])
    total = sum((row.total for row in aging.rows), Decimal(0))
    assert total == sum(row["amount"] for row in DOCUMENTS)
    assert aging.to_polars()["total"].sum() == total
    assert pc.sum(aging.to_pyarrow()["total"]).as_py() == total
    assert sum(aging.to_pandas()["total"]) == total
    assert duckdb.from_arrow(pa.table(aging)).sum("total").fetchall() == [(total,)]
    assert aging.to_polars().columns[:3] == ["customer", "currency", "not due"]
    assert "<table" in aging._repr_html_()
    assert "ACME" in repr(aging)


def test_an_explanation_names_the_rule_and_its_operands() -> None:
    ledger = ar.Ledger.from_tables(customers=CUSTOMERS, documents=DOCUMENTS)
    aging = ledger.as_of("2026-03-15").aging(POLICY, by=["customer"])
    (item,) = aging.explain(document="INV-1")
    assert (item.rule, item.age, item.past_edge, item.next_edge) == ("aging.past_edge", 42, 30, 60)
    assert [row.customer for row in aging.explain(customer="BOLT")] == ["BOLT"] * 5
    assert aging.explain(customer="BOLT").to_polars().height == 5


def test_a_payment_is_proposed_posted_and_undone_and_history_stays() -> None:
    ledger = ar.Ledger.from_tables(customers=CUSTOMERS, documents=[*DOCUMENTS, PAYMENT])
    proposal = ledger.as_of("2026-02-20").propose()
    assert [(line.debit, line.amount, line.strategy) for line in proposal.lines] == [("INV-3", Decimal("25.00"), "reference")]
    posted = ledger.append(recorded="2026-02-20", allocations=proposal.facts("run"))
    undone = posted.append(recorded="2026-02-25", reversals=[{"allocation": "run-1", "effective": date(2026, 2, 25)}])

    def left(of: ar.Ledger, day: str) -> dict[str, Decimal]:
        return {item.document: item.open for item in of.as_of(day).open_items() if item.document in ("INV-3", "PAY")}

    assert left(posted, "2026-02-20") == {"INV-3": Decimal("5.05")}
    assert left(undone, "2026-02-24") == {"INV-3": Decimal("5.05")}
    assert left(undone, "2026-02-25") == {"INV-3": Decimal("30.05"), "PAY": Decimal("-25.00")}
    assert left(ledger, "2026-02-25") == left(undone, "2026-02-25")


def test_the_ledger_ties_to_its_control_account_or_says_by_how_much() -> None:
    view = ar.Ledger.from_tables(customers=CUSTOMERS, documents=DOCUMENTS).as_of("2026-03-15")
    assert view.reconcile([{"currency": "EUR", "balance": Decimal("550.50")}]) == []
    (row,) = view.reconcile([{"currency": "EUR", "balance": Decimal("550.00")}])
    assert (row.ledger, row.control, row.difference) == (Decimal("550.50"), Decimal("550.00"), Decimal("0.50"))


def test_terms_split_and_profiles_answer_without_a_ledger() -> None:
    assert ar.split(Decimal("100.00"), "EUR", [1, 1, 1]) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert "sap" in ar.profiles("aging")
    assert ar.profile("aging", "erpnext")["edges"]


def test_a_report_says_what_made_it() -> None:
    view = ar.Ledger.from_tables(customers=CUSTOMERS, documents=DOCUMENTS).as_of("2026-03-15")
    aged = view.aging({"edges": [0, 30]}).made_by
    # The same in every language: SHA-256 of the policy with its defaults.
    assert aged == ar.MadeBy("", "7b7de67795c24c8d5e6e2ef6fd20e923b5644f4a8776140b7266cde4347ab295", ar.engine_version())
    named = view.aging(ar.AgingPolicy(edges=[0, 30], id="month-end")).made_by
    assert named.policy == "month-end" and named.policy_hash != aged.policy_hash
    assert view.propose().made_by == view.propose(ar.AllocationPolicy(partial="allowed")).made_by


def test_what_a_policy_may_say_is_published_as_a_schema() -> None:
    assert ar.schemas() == ["aging", "allocation", "cash", "credit", "dunning", "interest", "kpi", "letter", "letters", "loss_rates", "mapping", "picture", "prediction", "provision", "settings", "settlement", "stationery", "terms"]
    for name in ("credit_order", "filter"):
        assert name in ar.schema("allocation")["properties"]
    fields = set(ar.schema("settings")["properties"])
    assert fields == set(ar.Settings.__dataclass_fields__)
    with pytest.raises(ar.ReceivablesError) as refused:
        ar.schema("none")  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.field) == ("unknown_kind", "schema")
