"""Settlement through the public API: what it says, every way out, editing, posting, taking back."""

import json
import pickle
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest

import receivables as ar

DAY = date(2026, 1, 20)
SETTINGS = ar.Settings(base_currency="EUR")
CUSTOMERS = [{"id": "ACME"}, {"id": "BOLT"}, {"id": "CORP"}]
RATES = [
    {"currency": "USD", "base": "EUR", "rate": Decimal("0.90"), "effective": date(2026, 1, 1)},
    {"currency": "USD", "base": "EUR", "rate": Decimal("0.85"), "effective": date(2026, 1, 15)},
]
DISCOUNTS = [
    {"document": "INV-1", "until": date(2026, 1, 20), "percent": 2},
    {"document": "INV-2", "until": date(2026, 1, 18), "amount": Decimal("5.00")},
]
POLICY = ar.SettlementPolicy(
    strategies=["reference", "subset"],
    discount=ar.DiscountPolicy(late="asked", grace_days=5),
    tolerance=ar.TolerancePolicy(
        kind="write_off",
        reason="small",
        limits=[ar.ToleranceLimit(side="under", currency="EUR", amount=Decimal("1.00"))],
    ),
)


def document(id: str, customer: str, amount: str, day: date = date(2026, 1, 2), **fields: Any) -> dict[str, Any]:
    kind = "payment" if amount.startswith("-") else "invoice"
    row = {"id": id, "customer": customer, "kind": kind, "currency": "EUR", "amount": Decimal(amount), "document_date": day}
    return {**row, **({"due_date": date(2026, 1, 31)} if kind == "invoice" else {}), **fields}


DOCUMENTS = [
    document("INV-1", "ACME", "100.00"),
    document("INV-2", "ACME", "200.00"),
    document("INV-3", "BOLT", "40.00"),
    document("INV-4", "BOLT", "40.00"),
    document("INV-5", "CORP", "300.00", currency="USD", rate=Decimal("0.90")),
    document("PAY-1", "ACME", "-97.50", DAY, reference="INV-1"),
    document("PAY-2", "ACME", "-200.00", DAY, reference="INV-2"),
    document("PAY-3", "BOLT", "-40.00", DAY),
    document("PAY-4", "CORP", "-100.00", DAY, currency="USD", rate=Decimal("0.85"), reference="INV-5"),
]
LEDGER = ar.Ledger.from_tables(
    settings=SETTINGS, customers=CUSTOMERS, documents=DOCUMENTS, discounts=DISCOUNTS, rates=RATES
)
VIEW = LEDGER.as_of(DAY)
SETTLEMENT = VIEW.settle(POLICY)
PARTS: list[Any] = ["lines", "differences", "unapplied", "questions", "proof", "exchange"]


def test_it_says_what_closes_what_and_what_is_left() -> None:
    lines = [(line.credit, line.debit, line.amount, line.strategy) for line in SETTLEMENT.lines]
    assert lines == [
        ("PAY-1", "INV-1", Decimal("97.50"), "reference"),
        ("PAY-2", "INV-2", Decimal("200.00"), "reference"),
        ("PAY-4", "INV-5", Decimal("100.00"), "reference"),
    ]
    discount, rest = SETTLEMENT.differences
    assert (discount.kind, discount.amount, discount.line, discount.until) == ("discount", Decimal("2.00"), 0, DAY)
    assert (rest.kind, rest.amount, rest.reason, rest.limit) == ("write_off", Decimal("0.50"), "small", Decimal("1.00"))
    late, several = SETTLEMENT.questions
    assert (late.kind, late.document, late.amount) == ("late_discount", "INV-2", Decimal("5.00"))
    assert (several.kind, several.credit, several.total) == ("ambiguous", "PAY-3", 2)
    assert several.choices == (("INV-3",), ("INV-4",))
    assert [(left.credit, left.amount, left.reason) for left in SETTLEMENT.unapplied] == [
        ("PAY-3", Decimal("40.00"), "ambiguous")
    ]


def test_nothing_is_lost_and_exchange_is_told() -> None:
    assert [row.currency for row in SETTLEMENT.proof] == ["EUR", "USD"]
    for row in SETTLEMENT.proof:
        assert row.received == row.applied + row.closed + row.unapplied
        assert row.claims == row.paid + row.discount + row.write_off + row.open
        share = (row.received - row.unapplied) * 100 / row.received
        assert row.matched_share == share.quantize(Decimal("0.01"), ROUND_HALF_UP)
    (exchange,) = SETTLEMENT.exchange
    assert (exchange.currency, exchange.amount) == ("EUR", Decimal("-5.00"))


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_a_table_with_the_columns_and_the_figures_of_its_rows(part: Any) -> None:
    listing = getattr(SETTLEMENT, part)
    table = pa.table(SETTLEMENT.table(part))
    assert table.num_rows == len(listing) > 0
    assert table.column_names == list(vars(listing[0]))
    for row, held in zip(table.to_pylist(), listing, strict=True):
        told = {name: [list(one) for one in value] if name == "choices" else value for name, value in vars(held).items()}
        assert row == told
    assert listing.to_polars().height == listing.to_pandas().shape[0] == table.num_rows
    assert "<table" in listing._repr_html_()


def test_the_lines_are_the_table_unless_another_part_is_named() -> None:
    assert pl.DataFrame(SETTLEMENT.table()).equals(pl.DataFrame(SETTLEMENT.lines))
    assert duckdb.from_arrow(pa.table(SETTLEMENT.differences)).sum("amount").fetchall() == [(Decimal("2.50"),)]


def test_an_empty_settlement_has_tables_too() -> None:
    nothing = ar.Ledger.from_tables().as_of(DAY).settle()
    assert [len(nothing.table(part)) for part in PARTS] == [0] * 6
    assert "0 lines" in repr(nothing) and "<p>" in nothing._repr_html_()


def test_an_explanation_is_the_part_about_a_document() -> None:
    about = SETTLEMENT.explain(credit="PAY-1")
    assert about.lines == [SETTLEMENT.lines[0]]
    assert about.differences == list(SETTLEMENT.differences)
    assert SETTLEMENT.explain(credit="PAY-3").unapplied == list(SETTLEMENT.unapplied)
    assert SETTLEMENT.explain(debit="INV-2").lines == [SETTLEMENT.lines[1]]


def test_it_reads_in_a_terminal_and_in_a_notebook() -> None:
    text = repr(SETTLEMENT)
    assert text.startswith("Settlement of 3 lines, 2 differences, 1 credits with a rest, 2 questions")
    assert "discount 2.00, write_off 0.50" in text and "bank_charge" not in text
    html = SETTLEMENT._repr_html_()
    assert html.count("<table") == 2 and "PAY-1" in html
    assert "INV-3 | INV-4" in repr(SETTLEMENT.questions)


def test_a_line_taken_out_is_on_account_again() -> None:
    edited = SETTLEMENT.without([0])
    assert [line.credit for line in edited.lines] == ["PAY-2", "PAY-4"]
    assert len(edited.differences) == 0
    assert ("PAY-1", "edited") in [(left.credit, left.reason) for left in edited.unapplied]
    assert len(SETTLEMENT.lines) == 3


def test_it_is_posted_and_taken_back_and_history_stays() -> None:
    facts = SETTLEMENT.facts("run")
    assert set(facts) == {"allocations", "differences"}
    assert [row["id"] for row in facts["differences"]] == ["run-1-d1", "run-1-d2"]
    posted = LEDGER.append(recorded=DAY, **facts)
    after = posted.as_of(DAY)
    left = {item.document: item.open for item in after.open_items()}
    assert left == {
        "INV-3": Decimal("40.00"),
        "INV-4": Decimal("40.00"),
        "INV-5": Decimal("200.00"),
        "PAY-3": Decimal("-40.00"),
    }
    rows = after.undo(row["id"] for row in facts["allocations"])
    assert [(row["allocation"], row["effective"]) for row in rows["reversals"]] == [
        ("run-1", DAY),
        ("run-2", DAY),
        ("run-3", DAY),
    ]
    back = posted.append(recorded=DAY, **rows)
    assert back.as_of(DAY).open_items() == VIEW.open_items()
    with pytest.raises(ar.ReceivablesError) as caught:
        back.as_of(DAY).undo(["run-1"])
    assert (caught.value.code, caught.value.table, caught.value.index) == ("unknown_reference", "ids", 0)


def test_a_residual_is_a_new_document() -> None:
    ledger = ar.Ledger.from_tables(
        customers=CUSTOMERS, documents=[DOCUMENTS[0], document("PAY", "ACME", "-60.00", DAY, reference="INV-1")]
    )
    facts = ledger.as_of(DAY).settle(ar.SettlementPolicy(partial="residual")).facts("run")
    assert [(row["id"], row["amount"], row["related"]) for row in facts["documents"]] == [
        ("run-1-r", Decimal("40.00"), "INV-1")
    ]
    posted = ledger.append(recorded=DAY, **facts)
    assert [(item.document, item.open) for item in posted.as_of(DAY).open_items()] == [("run-1-r", Decimal("40.00"))]
    rows = posted.as_of(DAY).undo(["run-1"])
    assert [row["document"] for row in rows["cancellations"]] == ["run-1-r"]


def test_a_revaluation_is_told_and_not_posted() -> None:
    revaluation = VIEW.revaluation()
    assert (revaluation.on, revaluation.reversed_on) == (DAY, date(2026, 1, 21))
    invoice, payment = revaluation.items
    assert (invoice.document, invoice.base_open, invoice.rate) == ("INV-5", Decimal("270.00"), Decimal("0.85"))
    assert (invoice.revalued, invoice.difference) == (Decimal("255.00"), Decimal("-15.00"))
    assert payment.difference == 0
    (total,) = revaluation.totals
    assert (total.currency, total.difference) == ("EUR", Decimal("-15.00"))
    frame = revaluation.to_polars()
    assert frame["difference"].sum() == revaluation.to_pyarrow()["difference"].to_pylist()[0] == Decimal("-15.00")
    assert frame["rate"].to_list() == ["0.85", "0.85"]
    assert pl.DataFrame(revaluation).equals(frame) and len(revaluation.to_pandas()) == 2
    assert "2026-01-21" in repr(revaluation) and "<table" in revaluation._repr_html_()


def test_policies_are_data_that_pickles_and_bad_ones_name_their_path() -> None:
    assert pickle.loads(pickle.dumps(POLICY)) == POLICY
    told = json.loads(POLICY.to_json())
    assert told["tolerance"]["limits"] == [{"side": "under", "currency": "EUR", "amount": "1.00"}]
    assert VIEW.settle(told).lines == SETTLEMENT.lines
    mixed = ar.SettlementPolicy(priority=[ar.PriorityClass(kinds=["charge"]), {"kinds": ["invoice"]}], search={"items": 3})
    assert json.loads(mixed.to_json())["priority"] == [{"kinds": ["charge"]}, {"kinds": ["invoice"]}]
    refused = {
        "tolerance.limits[0].currency": ar.SettlementPolicy(
            tolerance=ar.TolerancePolicy(limits=[ar.ToleranceLimit(amount=1)])
        ),
        "tolerance.bank_charges[0].amount": ar.SettlementPolicy(
            tolerance=ar.TolerancePolicy(bank_charges=[ar.BankCharge("EUR", 0)])
        ),
        "cash_rounding[0].place": ar.SettlementPolicy(cash_rounding=[ar.CashRounding("CHF", 0, "half_even")]),
        "search.items": ar.SettlementPolicy(search=ar.SearchPolicy(items=13, ambiguous="first")),
        "priority[0]": ar.SettlementPolicy(priority=[ar.PriorityClass()]),
        "cross_currency": ar.SettlementPolicy(cross_currency="allowed"),
    }
    for path, policy in refused.items():
        with pytest.raises(ar.ReceivablesError) as caught:
            VIEW.settle(policy)
        assert (caught.value.code, caught.value.field) == ("policy_invalid", path)


@pytest.mark.parametrize("name", ar.profiles("settlement"))
def test_every_profile_settles(name: str) -> None:
    policy = ar.profile("settlement", name)
    for row in VIEW.settle(policy).proof:
        assert row.received == row.applied + row.closed + row.unapplied


def test_the_policy_of_a_profile_is_one_of_the_class() -> None:
    held = ar.profile("settlement", "sap")
    assert json.loads(ar.SettlementPolicy(**held).to_json()) == held
    assert "sap" in ar.profiles("settlement")


def test_a_change_is_a_row_or_a_mapping_and_named_where_it_is_wrong() -> None:
    half = SETTLEMENT.edit([ar.SettlementEdit(line=0, amount=Decimal("1.00"))])
    assert half.lines[0].amount == Decimal("1.00")
    assert half.lines == SETTLEMENT.edit([{"line": 0, "amount": "1.00"}]).lines
    wrong: list[tuple[Any, str, int | None]] = [
        ([{"line": 0, "amount": 0}], "edit_invalid", 0),
        ([{"line": 99, "drop": True}], "unknown_value", 0),
        ([{"line": 0, "colour": "red"}], "edit_invalid", 0),
        ({"line": 0}, "wrong_type", None),
    ]
    for edits, code, index in wrong:
        with pytest.raises(ar.ReceivablesError) as refused:
            SETTLEMENT.edit(edits)
        assert (refused.value.code, refused.value.index) == (code, index)


def test_answers_pickle_as_their_questions() -> None:
    for settlement in (SETTLEMENT, SETTLEMENT.without([1]), SETTLEMENT.edit([ar.SettlementEdit(line=1, reason="agreed")])):
        copy = pickle.loads(pickle.dumps(settlement))
        assert [getattr(copy, part) for part in PARTS] == [getattr(settlement, part) for part in PARTS]
        assert copy.facts("run") == settlement.facts("run")
    revaluation = pickle.loads(pickle.dumps(VIEW.revaluation()))
    assert revaluation.items == VIEW.revaluation().items
