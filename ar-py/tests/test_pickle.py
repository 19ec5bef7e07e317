"""What pickles: ledgers with all their history, and what they answered."""

import json
import os
import pickle
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import receivables as ar
from run_cases import Harness, failure


def again(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


def grown() -> ar.Ledger:
    """Two appends, one of them on the same day as what it takes back, and a schedule that replaced another."""
    invoice = {"customer": "C", "kind": "invoice", "currency": "EUR", "document_date": "2026-01-05"}
    ledger = ar.Ledger.from_tables(
        settings=ar.Settings(base_currency="EUR", terms={"NET30": {"due": [{"days": 30}]}}),
        customers=[{"id": "C", "terms": "NET30", "dimensions": {"region": "north"}}],
        documents=[
            {**invoice, "id": "I1", "amount": "100.00"},
            {**invoice, "id": "I2", "amount": "50.00", "due_date": "2026-01-10"},
            {**invoice, "id": "P", "kind": "payment", "amount": "-70.00", "document_date": "2026-01-20", "recorded": "2026-01-25"},
        ],
    )
    ledger = ledger.append(
        recorded="2026-02-01",
        allocations=[{"id": "A", "credit": "P", "debit": "I1", "amount": "70.00"}],
        disputes=[{"id": "D", "document": "I2", "reason": "price", "effective": "2026-01-15"}],
        instalments=[
            {"document": "I1", "number": 1, "due_date": "2026-02-10", "amount": "60.00"},
            {"document": "I1", "number": 2, "due_date": "2026-03-10", "amount": "40.00"},
        ],
    )
    return ledger.append(
        recorded="2026-02-01",
        reversals=[{"allocation": "A", "effective": "2026-01-28"}],
        instalments=[{"document": "I1", "number": 1, "due_date": "2026-04-01", "amount": "100.00"}],
    )


def test_a_ledger_is_the_same_on_every_day_as_known_on_every_day() -> None:
    ledger = grown()
    copy = again(ledger)
    assert (repr(copy), copy.last_recorded) == (repr(ledger), ledger.last_recorded)
    days = [date(2026, 1, 1) + timedelta(days=days) for days in range(0, 100, 2)]
    for known_on in [None, *days[::4]]:
        for day in days:
            held, made = ledger.as_of(day, known_on=known_on), copy.as_of(day, known_on=known_on)
            assert list(made.open_items()) == list(held.open_items())
            assert (made.facts(), made.pending()) == (held.facts(), held.pending())
    more = {"customers": [{"id": "D"}]}
    assert again(copy.append(recorded="2026-02-02", **more)).last_recorded == date(2026, 2, 2)
    with pytest.raises(ar.ReceivablesError):
        copy.append(recorded="2026-01-31", **more)


def test_answers_pickle_as_their_questions() -> None:
    view = grown().as_of("2026-02-15", known_on="2026-02-01")
    for one in (view, view.carried_to("2026-03-01"), grown().customer_as_of("C", "2026-02-15")):
        copy = again(one)
        assert (repr(copy), list(copy.open_items())) == (repr(one), list(one.open_items()))
    aging = view.aging(ar.AgingPolicy(edges=[0, 30], id="x"), by=["dim_region"], where={"kind": {"invoice"}})
    assert list(again(aging).rows) == list(aging.rows)
    assert again(aging).made_by == aging.made_by
    proposal = view.propose({"strategies": ["newest_due"]})
    assert list(again(proposal).lines) == list(proposal.lines)
    held, made = again((view, aging))
    assert made._question[0] is held


def test_text_that_is_no_ledger_is_refused() -> None:
    with pytest.raises(ar.ReceivablesError) as refused:
        ar._native.Ledger.from_text("{}")
    assert refused.value.code == "wrong_type"
    with pytest.raises(ar.ReceivablesError) as refused:
        ar._native.Ledger.from_text('{"version": 2, "settings": {}, "batches": []}')
    assert (refused.value.code, refused.value.field) == ("unsupported_version", "version")


class Pickled(Harness):
    """Every step meets a ledger that was pickled and read back."""

    def run(self, step: Mapping[str, Any]) -> Any:
        if self.ledger is not None:
            self.ledger = again(self.ledger)
        return super().run(step)


@pytest.mark.skipif("AR_CASES_JSON" not in os.environ, reason="the cases are expanded by make")
def test_every_case_passes_on_a_ledger_that_was_pickled() -> None:
    wrong = []
    for path in sorted(Path(os.environ["AR_CASES_JSON"]).glob("*.json")):
        for case in json.loads(path.read_text())["cases"]:
            said = failure(case, Pickled)
            if said is not None:
                wrong.append(f"{case['name']}: {said}")
    assert not wrong, "\n".join(wrong)


def test_listings_pickle_as_what_they_hold() -> None:
    view = grown().as_of("2026-02-15")
    listing = view.open_items()
    copy = again(listing)
    assert list(copy) == list(listing)
    assert copy.to_pyarrow() == listing.to_pyarrow()
    assert copy.column_names == listing.column_names
