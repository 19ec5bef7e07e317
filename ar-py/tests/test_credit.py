"""Credit from Python: a desk, its reasons, the exposure of all, alerts and a proposed limit."""

import pickle
from datetime import date
from decimal import Decimal

import pytest

import receivables as ar


def ledger() -> ar.Ledger:
    invoice = {"customer": "C", "kind": "invoice", "currency": "EUR", "document_date": "2026-01-01", "due_date": "2026-01-31"}
    return ar.Ledger.from_tables(
        customers=[{"id": "C"}, {"id": "D", "parent": "C"}],
        documents=[{**invoice, "id": "I", "amount": "700.00"}, {**invoice, "id": "J", "customer": "D", "amount": "50.00"}],
        commitments=[{"id": "O", "customer": "C", "kind": "order", "currency": "EUR", "amount": "100.00", "effective": "2026-01-05"}],
        credit_lines=[
            {"id": "L", "kind": "limit", "customer": "C", "currency": "EUR", "amount": "1000.00", "effective": "2026-01-01"},
        ],
    )


def test_a_check_is_short_and_its_reasons_are_long() -> None:
    desk = ledger().credit(ar.CreditPolicy(release=[{"role": "head"}]), "2026-02-01")
    assert desk.check("C", Decimal("200.00"), "EUR") == ("pass", Decimal("200.00"), None)
    assert desk.check("C", 200, "EUR", kind="delivery", follows="O").headroom == Decimal("300.00")
    told = desk.explain("C", "200.01", "EUR")
    assert (told.decision, told.may_release, told.checks[0].figure) == ("block", ("head",), "1000.01")
    assert {part.part: part.amount for part in told.checks[0].parts}["orders"] == Decimal("100.00")
    assert (desk.day, desk.made_by.policy) == (date(2026, 2, 1), "")
    again = pickle.loads(pickle.dumps((desk, told, desk.check("C", 1, "EUR"))))
    assert again[1] == told and again[0].check("C", 1, "EUR") == again[2]


def test_what_a_check_does_not_take_is_refused_where_it_stands() -> None:
    desk = ledger().as_of("2026-02-01").credit()
    for asked, code, field in [
        (("X", "1.00", "EUR"), "unknown_value", "customer"),
        (("C", 1.0, "EUR"), "float_refused", "amount"),
        (("C", "1.001", "EUR"), "too_many_digits", "amount"),
        (("C", "1.00", "XXQ"), "unknown_currency", "currency"),
        ((7, "1.00", "EUR"), "wrong_type", "customer"),
        (("C", "1.00", None), "wrong_type", "currency"),
        (("\ud800", "1.00", "EUR"), "wrong_type", "customer"),
    ]:
        with pytest.raises(ar.ReceivablesError) as raised:
            desk.check(*asked)  # type: ignore[arg-type]
        assert (raised.value.code, raised.value.field) == (code, field)
    with pytest.raises(ar.ReceivablesError) as raised:
        desk.check("C", 1, "EUR", kind="gift")  # type: ignore[arg-type]
    assert (raised.value.code, raised.value.field) == ("unknown_kind", "kind")


def test_the_exposure_of_all_is_a_table_too() -> None:
    exposure = ledger().as_of("2026-02-01").exposure(per="family")
    assert [(row.customer, row.exposure) for row in exposure.rows] == [("C", Decimal("850.00"))]
    customers = ledger().as_of("2026-02-01").exposure()
    assert [row.used for row in customers.rows] == [Decimal("80.00"), None]
    assert customers.to_polars()["exposure"].sum() == customers.totals[0].exposure == Decimal("850.00")
    assert pickle.loads(pickle.dumps(customers)).rows == customers.rows
    assert "850.00" in repr(customers) and "<table" in customers._repr_html_()


@pytest.mark.parametrize("limits", [(), ("C",), ("C", "E")])
def test_the_columns_of_an_exposure_are_its_rows(limits: tuple[str, ...]) -> None:
    documents = [
        {"id": f"{customer}{kind}{currency}", "customer": customer, "kind": kind, "currency": currency, "amount": amount, "document_date": "2026-01-01"}
        for customer in ("B", "A", "C")
        for kind, currency, amount in (
            ("invoice", "EUR", "700.10"),
            ("invoice", "JPY", "8000"),
            ("credit_note", "EUR", "-0.10"),
            ("payment", "BHD", "-1.125"),
        )
    ]
    lines = [{"id": f"L{who}", "kind": "limit", "customer": who, "currency": "EUR", "amount": "1000.00", "effective": "2026-01-01"} for who in limits]
    customers = [{"id": who} for who in ("C", "B", "A", "E")]
    held = ar.Ledger.from_tables(customers=customers, documents=documents, credit_lines=lines)
    for ledger in (held, held.append(recorded="2026-01-02", documents=[{**documents[0], "id": "more"}])):
        rows = ledger.as_of("2026-01-31").exposure(ar.CreditPolicy(currencies="apart")).rows
        assert len(rows) == 9 + limits.count("E")
        columns = rows.to_pyarrow().to_pydict()
        for name in columns:
            told = [getattr(row, name) for row in rows]
            shown = [Decimal(value) if name == "used" and value is not None else value for value in columns[name]]
            assert shown == told, name


def test_alerts_are_told_once_and_limits_are_proposed() -> None:
    policy = ar.CreditPolicy(alerts=[{"id": "late", "when": "overdue", "days": 0}])
    held = ledger()
    told = held.as_of("2026-02-02").credit_alerts(held.as_of("2026-01-31"), policy)
    assert [(alert.key, alert.day) for alert in told.alerts][0] == ("late/C/2026-02-01", date(2026, 2, 1))
    posted = held.append(recorded="2026-02-02", **told.facts)
    assert posted.as_of("2026-02-02").credit_alerts(posted.as_of("2026-01-31"), policy).alerts == ()
    proposal = held.credit(None, "2026-02-01").propose_limit("EUR", monthly_volume=1000)
    assert (proposal.limit, proposal.reasons[0].step) == (Decimal("2000.00"), "volume")
