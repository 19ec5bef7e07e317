"""Key figures as a Python user meets them: rows, tables, reasons, the registry, what changed DSO."""

import pickle
from datetime import date
from decimal import Decimal

import pytest

import receivables as ar


def document(name: str, customer: str, kind: str, amount: str, on: str, due: str | None = None) -> dict[str, str]:
    row = {"id": name, "customer": customer, "kind": kind, "currency": "EUR", "amount": amount, "document_date": on}
    return row if due is None else {**row, "due_date": due}


@pytest.fixture
def ledger() -> ar.Ledger:
    return ar.Ledger.from_tables(
        customers=[{"id": "C", "dimensions": {"territory": "north"}}, {"id": "D"}],
        documents=[
            document("A", "C", "invoice", "700.00", "2026-04-10", "2026-05-10"),
            document("B", "C", "invoice", "800.00", "2026-05-10", "2026-06-09"),
            document("E", "C", "invoice", "1000.00", "2026-06-10", "2026-07-10"),
            document("F", "D", "invoice", "900.00", "2025-11-10", "2025-12-10"),
            document("P", "C", "payment", "-380.00", "2026-05-25"),
        ],
        allocations=[{"id": "a", "credit": "P", "debit": "A", "amount": "380.00"}],
    )


def test_figures_have_values_or_reasons(ledger: ar.Ledger) -> None:
    policy = ar.KpiPolicy(kpis=["dso_countback", "dso_simple"], days="thirty")
    kpis = ledger.as_of("2026-06-30").kpis(policy, by=["customer"])
    ours, theirs = kpis.rows
    assert (ours.by, ours.start, ours.end) == (("C",), date(2026, 4, 1), date(2026, 6, 30))
    assert ours["dso_countback"] == ar.KpiValue("dso_countback", Decimal("73.71"), 5_160_000, 70_000, None)
    assert (theirs["dso_countback"].value, theirs["dso_countback"].undefined) == (None, "truncated_no_sales")
    assert [row["dso_simple"].value for row in kpis.totals] == [Decimal("108.72")]
    assert kpis.by == ["customer"]
    assert kpis.made_by.engine == ar.engine_version()


def test_tables_say_what_the_rows_say(ledger: ar.Ledger) -> None:
    policy = {"kpis": ["dso_simple", "at_risk_cash"], "series_months": 2}
    kpis = ledger.as_of("2026-06-30").kpis(policy, by=["dim_territory"])
    frame = kpis.to_polars()
    assert frame.columns == ["dim_territory", "currency", "from", "to", "dso_simple", "at_risk_cash"]
    assert frame["dso_simple"].to_list() == [row["dso_simple"].value for row in kpis.rows]
    assert frame["to"].to_list() == [row.end for row in kpis.rows]
    assert frame["dim_territory"].cast(str).to_list() == [row.by[0] for row in kpis.rows]
    import polars as pl

    values = pl.DataFrame(kpis.values())
    assert values["value"].null_count() == values.height - values["numerator"].drop_nulls().len()
    assert len(values) == 2 * len(kpis.rows)
    assert values["undefined"].drop_nulls().unique().to_list() == ["no_sales"]


def test_the_registry_has_no_figure_without_a_definition() -> None:
    registry = ar.kpi_registry()
    assert len({one.id for one in registry}) == len(registry) == 31
    assert all(one.formula and one.window and one.convention and one.source for one in registry)
    assert {one.id for one in registry if one.additive == "value"} == {"at_risk_cash", "discount_taken"}


def test_a_change_adds_up(ledger: ar.Ledger) -> None:
    now, before = ledger.as_of("2026-06-30"), ledger.as_of("2026-05-31")
    change = now.explain_dso(before, ar.KpiPolicy(months=1), by=["customer"])
    total = change.totals[0]
    assert None not in (total.change, total.mix, total.terms, total.delay)
    assert total.change == total.mix + total.terms + total.delay  # type: ignore[operator]
    assert total.mix_numerator == sum(row.mix_numerator or 0 for row in change.rows)
    assert len(change.rows.to_polars()) == len(change.rows)


def test_answers_pickle_as_their_questions(ledger: ar.Ledger) -> None:
    now = ledger.as_of("2026-06-30")
    kpis = now.kpis(by=["customer"], where={"customer": ["C"]})
    assert pickle.loads(pickle.dumps(kpis)).rows == kpis.rows
    change = now.explain_dso(ledger.as_of("2026-05-31"))
    assert pickle.loads(pickle.dumps(change)).totals == change.totals


def test_what_is_wrong_is_told(ledger: ar.Ledger) -> None:
    view = ledger.as_of("2026-06-30")
    with pytest.raises(ar.ReceivablesError) as refused:
        view.kpis(ar.KpiPolicy(months=0))
    assert (refused.value.code, refused.value.field) == ("policy_invalid", "months")
    with pytest.raises(ar.ReceivablesError) as refused:
        view.kpis(by={"customer"})  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.field) == ("wrong_type", "by")
    with pytest.raises(ar.ReceivablesError) as refused:
        view.explain_dso(ledger)  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.field) == ("wrong_type", "before")
