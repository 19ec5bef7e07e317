"""Letters as Python writes them: dates and decimals as they are, refusals at their paths."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

import receivables as ar

NOTICE: ar.Letter = {
    "kind": "notice",
    "tone": "firm",
    "language": "fr",
    "date": date(2026, 10, 31),
    "due_date": date(2026, 11, 14),
    "sender": {"name": "Nordwind"},
    "customer": {"id": "C", "name": "{{ 7*7 }}"},
    "currency": "EUR",
    "total": Decimal("1239.56"),
    "fees": 5,
    "lines": [{"document": "F-1", "document_date": date(2026, 9, 1), "due_date": "2026-10-01", "amount": Decimal("1234.56")}],
}


def test_a_letter_is_written() -> None:
    written = ar.letter(NOTICE)
    assert written.subject == "Relance pour retard de règlement\xa0: 1\u202f239,56\xa0EUR"
    assert (written.format, written.language, written.template) == ("text", "fr", "fr/notice/firm")
    assert "{{ 7*7 }}" in written.body and "14/11/2026" in written.body


def test_an_own_template_is_proved_before_it_is_used() -> None:
    own: ar.Letters = {"templates": {"fr/notice/firm": "Pour {{ customer.nme }}\n---\n---\n"}}
    with pytest.raises(ar.ReceivablesError) as refused:
        ar.letter(NOTICE, own)
    assert (refused.value.code, refused.value.field) == ("policy_invalid", "templates.fr/notice/firm:1")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("total", 1.5, "float_refused"), ("date", datetime(2026, 1, 1), "datetime_refused"), ("total", Decimal("1"), "does_not_add_up")],
)
def test_what_is_wrong_is_told_at_its_path(field: str, value: object, code: str) -> None:
    with pytest.raises(ar.ReceivablesError) as refused:
        ar.letter({**NOTICE, field: value})
    assert (refused.value.code, refused.value.field) == (code, field)


def test_references_and_local_values() -> None:
    assert ar.creditor_reference("539007547034").printed == "RF18 5390 0754 7034"
    assert ar.check_creditor_reference("rf18 5390 0754 7034").reference == "RF18539007547034"
    assert ar.local_date(date(2026, 2, 1), "es") == "1/2/2026"
    assert ar.local_money(Decimal("-1234.5"), "KWD", "de") == "-1.234,500\xa0KWD"
    with pytest.raises(ar.ReceivablesError, match="letters A to Z"):
        ar.creditor_reference("INV-1")


def test_a_dunning_run_becomes_letters() -> None:
    invoice = {"id": "INV-7", "customer": "C", "kind": "invoice", "currency": "EUR", "amount": Decimal("1234.56")}
    ledger = ar.Ledger.from_tables(
        customers=[{"id": "C"}],
        documents=[{**invoice, "document_date": date(2026, 9, 1), "due_date": date(2026, 10, 1)}],
    )
    policy = ar.DunningPolicy({"standard": ar.DunningProcedure([ar.DunningLevel(5, pay_within_days=14)])})
    run = ledger.as_of(date(2026, 10, 10)).dun(policy)
    own: ar.Stationery = {
        "sender": {"name": "Nordwind"},
        "language": "de",
        "customers": {"C": {"name": "Brückner"}},
        "link": "https://pay.example/{customer}",
        "id_prefix": "run",
    }
    one = ar.notice_letters(run, own)[0]
    assert (one["total"], one["date"], one["due_date"]) == (Decimal("1234.56"), date(2026, 10, 10), date(2026, 10, 24))
    assert one["lines"][0]["due_date"] == date(2026, 10, 1)
    written = ar.letter({**one, "message": "Danke"})
    assert written.template == "de/notice/friendly" and "RF79 INV7" in written.body and "Danke" in written.body
    with pytest.raises(ar.ReceivablesError) as refused:
        ar.notice_letters(run, {"sender": {"name": "N"}, "link": "javascript:alert(1)"})
    assert (refused.value.code, refused.value.field) == ("policy_invalid", "link")
    with pytest.raises(ar.InputTypeError):
        ar.notice_letters("run", own)  # type: ignore[arg-type]
