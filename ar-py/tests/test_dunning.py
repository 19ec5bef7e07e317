"""Dunning through the public API: what it says, every way out, editing, posting, trying policies on the past."""

import json
import pickle
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

import receivables as ar

DAY = date(2026, 2, 10)
FEE = ar.FeePolicy([ar.FeeInCurrency("EUR", [ar.FeeTier(amount=Decimal("2.50")), ar.FeeTier(start=100, percent=1)], tax_percent=19)])
POLICY = ar.DunningPolicy(
    {
        "standard": ar.DunningProcedure(
            [
                ar.DunningLevel(3, name="reminder", pay_within_days=7),
                ar.DunningLevel(14, name="second", notice_fee=FEE, pay_within_days=7, hand_over="agency"),
            ],
            grace_days=2,
            interval_days=7,
        ),
    },
    triggers=[ar.DunningTrigger("hello", "new_customer", "welcome", within_days=31)],
    id="ours",
)


def document(id: str, customer: str, amount: str, due: date | None, day: date = date(2026, 1, 1)) -> dict[str, Any]:
    kind = "payment" if amount.startswith("-") else "invoice"
    row = {"id": id, "customer": customer, "kind": kind, "currency": "EUR", "amount": Decimal(amount), "document_date": day}
    return {**row, "due_date": due}


LEDGER = ar.Ledger.from_tables(
    settings=ar.Settings(base_currency="EUR"),
    customers=[{"id": "ACME"}, {"id": "BOLT"}, {"id": "CORP"}],
    customer_changes=[{"customer": "BOLT", "attribute": "channel", "value": "letter", "effective": date(2026, 1, 1)}],
    documents=[
        document("A1", "ACME", "100.00", date(2026, 1, 31)),
        document("A2", "ACME", "50.00", date(2026, 3, 1)),
        document("B1", "BOLT", "200.00", date(2026, 1, 20)),
        document("C1", "CORP", "30.00", date(2026, 1, 20)),
    ],
    disputes=[{"id": "D", "document": "C1", "reason": "price", "effective": date(2026, 2, 1)}],
    notices=[{"id": "N", "customer": "BOLT", "level": 1, "effective": date(2026, 1, 25)}],
    notice_lines=[{"notice": "N", "document": "B1", "level": 1}],
)
VIEW = LEDGER.as_of(DAY)
RUN = VIEW.dun(POLICY)
PARTS: list[Any] = ["notices", "skipped", "events"]
PERIOD = (date(2026, 1, 20), date(2026, 2, 28))


def test_it_says_whom_to_remind_of_what_and_why_not_the_others() -> None:
    first, second = RUN.notices
    assert (first.customer, first.name, first.total, first.due_date) == ("ACME", "reminder", Decimal("100.00"), date(2026, 2, 17))
    assert (second.customer, second.level, second.channel, second.hand_over) == ("BOLT", 2, "letter", "agency")
    assert (second.claims, second.fee, second.fee_tax, second.total) == (
        Decimal("200.00"),
        Decimal("2.00"),
        Decimal("0.38"),
        Decimal("202.38"),
    )
    (line,) = second.lines
    assert (line.document, line.days, line.level, line.previous, str(line)) == ("B1", 21, 2, 1, "B1")
    assert [(item.document, item.reason, item.detail) for item in RUN.skipped] == [
        ("A2", "not_due", ""),
        ("C1", "disputed", "price"),
    ]
    assert RUN.skipped_counts == {"disputed": 1, "not_due": 1}
    assert [(event.key, event.action, event.day) for event in RUN.events] == []
    assert RUN.day == DAY and RUN.made_by.policy == "ours"


def test_a_level_charges_interest_by_a_policy_of_its_own_type() -> None:
    interest = ar.InterestPolicy(rates=[{"from": date(2026, 1, 1), "percent": Decimal("9")}], id="ours")
    levels = [ar.DunningLevel(3, interest=True)]
    typed = ar.DunningPolicy({"standard": ar.DunningProcedure(levels)}, interest=interest)
    plain = ar.DunningPolicy({"standard": ar.DunningProcedure(levels)}, interest={"rates": [{"from": "2026-01-01", "percent": "9"}]})
    run = VIEW.dun(typed)
    assert [notice.interest for notice in run.notices] == [Decimal("0.25")]
    assert run.notices[:] == VIEW.dun(plain).notices[:]


def test_an_explanation_asks_every_question_in_its_turn() -> None:
    about = RUN.explain("C1")
    assert (about.reason, about.level, about.steps[-1].predicate, about.steps[-1].passed) == ("disputed", 0, "disputed", False)
    assert all(step.passed for step in about.steps[:-1])
    assert RUN.explain("B1").level == 2
    with pytest.raises(ar.ReceivablesError) as caught:
        RUN.explain("A1", 7)
    assert (caught.value.code, caught.value.field) == ("unknown_value", "document")


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_a_table_with_the_figures_of_its_rows(part: Any) -> None:
    listing = getattr(LEDGER.as_of("2026-01-10").dun(POLICY) if part == "events" else RUN, part)
    table = pa.table(listing)
    assert table.num_rows == len(listing) > 0
    rows = [{name: value for name, value in asdict(row).items() if name != "lines"} for row in listing]
    told = [{name: value for name, value in row.items() if name != "notice"} for row in table.to_pylist()]
    assert told == rows
    assert listing.to_polars().height == listing.to_pandas().shape[0] == table.num_rows
    assert "<table" in listing._repr_html_()


def test_lines_join_their_notices_by_number() -> None:
    notices, lines = pl.DataFrame(RUN.table()), pl.DataFrame(RUN.table("lines"))
    joined = lines.join(notices, on="notice", suffix="_of_notice")
    assert joined["name"].cast(pl.String).to_list() == ["reminder", "second"]
    assert lines["amount"].to_list() == [Decimal("100.00"), Decimal("200.00")]
    assert lines["previous"].to_list() == [0, 1]
    wanted: Any = "proof"
    with pytest.raises(ar.ReceivablesError) as caught:
        RUN.table(wanted)
    assert (caught.value.code, caught.value.field) == ("unknown_value", "part")


def test_the_short_tables_say_what_the_long_ones_say() -> None:
    claims, levels = pa.table(RUN.table("claims")).to_pylist(), pa.table(RUN.table("levels")).to_pylist()
    assert [(row["customer"], row["currency"], row["level"], row["lines"], row["claims_minor"]) for row in claims] == [
        (notice.customer, notice.currency, notice.level, len(notice.lines), int(notice.claims * 100)) for notice in RUN.notices
    ]
    lines = [line for notice in RUN.notices for line in notice.lines]
    assert [tuple(row.values()) for row in levels] == [(line.document, line.instalment, line.level) for line in lines]


def test_it_reads_in_a_terminal_and_in_a_notebook() -> None:
    text = repr(RUN)
    assert text.startswith("Dunning on 2026-02-10: 2 notices with 2 lines, 2 items skipped, 0 events")
    assert "reminder" in text and "202.38" in text and "not_due" in text
    html = RUN._repr_html_()
    assert html.count("<table") == 2 and "ACME" in html
    assert "B1" in repr(RUN.notices)
    nothing = ar.Ledger.from_tables().as_of(DAY).dun(POLICY)
    assert "0 notices" in repr(nothing) and "<p>" in nothing._repr_html_()
    assert [len(nothing.table(part)) for part in ("notices", "lines", "claims", "levels", "skipped", "events")] == [0] * 6


def test_a_notice_taken_out_is_refused() -> None:
    edited = RUN.without([1])
    assert [notice.customer for notice in edited.notices] == ["ACME"]
    assert ("B1", "refused") in [(item.document, item.reason) for item in edited.skipped]
    assert len(RUN.notices) == 2
    with pytest.raises(ar.ReceivablesError) as caught:
        RUN.without([2])
    assert (caught.value.code, caught.value.field) == ("unknown_value", "notices")
    loose: Any = RUN
    for wrong, field in (("12", "notices"), ([True], "notices[0]"), (3, "notices")):
        with pytest.raises(ar.ReceivablesError) as caught:
            loose.without(wrong)
        assert (caught.value.code, caught.value.field) == ("wrong_type", field)


def test_posted_it_says_nothing_a_second_time_until_the_next_date() -> None:
    facts = RUN.facts("dun")
    assert set(facts) == {"documents", "notices", "notice_lines"}
    assert [(row["id"], row["level"], row["due_date"]) for row in facts["notices"]] == [
        ("dun-1", 1, date(2026, 2, 17)),
        ("dun-2", 2, date(2026, 2, 17)),
    ]
    (fee,) = facts["documents"]
    assert (fee["id"], fee["kind"], fee["amount"], fee["tax"], fee["related"]) == (
        "dun-2-f",
        "charge",
        Decimal("2.38"),
        Decimal("0.38"),
        "B1",
    )
    posted = LEDGER.append(recorded=DAY, **facts)
    assert len(posted.as_of(DAY).dun(POLICY).notices) == 0
    again = RUN.notices[0].next_date
    assert again is not None
    assert [notice.customer for notice in posted.as_of(again).dun(POLICY).notices][:1] == ["ACME"]
    assert posted.as_of(DAY).facts()["notice_lines"][-1]["document"] == "B1"


def test_events_happen_once() -> None:
    early = LEDGER.as_of("2026-01-10")
    run = early.dun(POLICY)
    assert [event.key for event in run.events] == ["hello/ACME", "hello/BOLT", "hello/CORP"]
    rows = run.facts("x")["notices"]
    assert [(row["id"], row["level"]) for row in rows] == [(event.key, 0) for event in run.events]


def test_a_policy_is_tried_on_the_recorded_past() -> None:
    made = LEDGER.simulate_dunning(POLICY, *PERIOD)
    assert made.customers == len({notice.customer for notice in made.notices})
    assert made.notices[0].day in [row.day for row in made.days]
    assert sum(row.notices for row in made.days) == len(made.notices)
    (total,) = made.totals
    assert total.claims == sum(notice.claims for notice in made.notices)
    assert list(made.paid_already) == []
    assert len(pl.DataFrame(made.table("lines"))) == sum(len(notice.lines) for notice in made.notices)
    assert pl.DataFrame(made.notices)["day"].to_list() == [notice.day for notice in made.notices]
    assert repr(made).startswith(f"Simulation of {len(made.notices)} notices") and "<table" in made._repr_html_()
    assert made.made_by == RUN.made_by

    later: dict[str, Any] = {"procedures": {"standard": {"levels": [{"days": 10}], "interval_days": 30}}}
    rows = LEDGER.compare_dunning(POLICY, later, *PERIOD)
    assert {row.customer for row in rows} == {notice.customer for notice in made.notices}
    charged = next(row for row in rows if row.charges_a)
    assert str(charged.charges_a[0]).endswith(" EUR") and charged.within in ("a", "b")
    told = rows.to_pyarrow().to_pylist()
    assert [row["charges_a"] for row in told] == [[asdict(one) for one in row.charges_a] for row in rows]
    assert list(LEDGER.compare_dunning(POLICY, POLICY, *PERIOD)) == []

    audited = LEDGER.audit_dunning(POLICY, *PERIOD)
    assert "missed" in {row.kind for row in audited}
    assert audited.to_polars()["kind"].cast(pl.String).to_list() == [row.kind for row in audited]
    assert len(LEDGER.audit_dunning(POLICY, *PERIOD, tolerance_days=400)) <= len(audited)


def test_what_cannot_be_tried_is_refused_with_its_place() -> None:
    loose: Any = LEDGER
    cases: dict[str, tuple[Any, str, str]] = {
        "backwards": (lambda: LEDGER.simulate_dunning(POLICY, "2026-02-01", "2026-01-01"), "impossible_date", "to"),
        "too long": (lambda: LEDGER.compare_dunning(POLICY, POLICY, "2000-01-01", "2026-01-01"), "limit_exceeded", "to"),
        "no day": (lambda: LEDGER.audit_dunning(POLICY, "soon", "2026-01-01"), "impossible_date", "from"),
        "below zero": (lambda: LEDGER.audit_dunning(POLICY, *PERIOD, tolerance_days=-1), "wrong_sign", "tolerance_days"),
        "no policy": (lambda: loose.simulate_dunning(None, *PERIOD), "wrong_type", "policy"),
        "no other": (lambda: loose.compare_dunning(POLICY, 3, *PERIOD), "wrong_type", "other"),
        "no procedures": (lambda: VIEW.dun({}), "policy_invalid", "procedures"),
        "days fall": (
            lambda: VIEW.dun({"procedures": {"x": {"levels": [{"days": 9}, {"days": 3}]}}}),
            "policy_invalid",
            "procedures.x.levels[1].days",
        ),
        "a strange field": (
            lambda: VIEW.dun({"procedures": {"x": {"levels": [{"days": 9, "colour": "red"}]}}}),
            "policy_invalid",
            "procedures.x.levels",
        ),
    }
    for name, (call, code, field) in cases.items():
        with pytest.raises(ar.ReceivablesError) as caught:
            call()
        assert (caught.value.code, caught.value.field) == (code, field), name


def test_policies_are_data_that_pickles_and_doubts_are_told() -> None:
    assert pickle.loads(pickle.dumps(POLICY)) == POLICY
    told = json.loads(POLICY.to_json())
    tiers = told["procedures"]["standard"]["levels"][1]["notice_fee"]["currencies"][0]["tiers"]
    assert tiers == [{"amount": "2.50"}, {"from": 100, "percent": 1}]
    assert VIEW.dun(told).notices == RUN.notices
    doubts = ar.lint_dunning({"procedures": {"standard": {"levels": [{"days": 3}]}}})
    assert [(doubt.code, doubt.path) for doubt in doubts] == [("no_final_step", "procedures.standard.levels[0]")]
    assert [doubt.path for doubt in ar.lint_dunning(POLICY)] == ["procedures.standard.levels[1].notice_fee.currencies[0].tiers[1]"]


@pytest.mark.parametrize("name", ar.profiles("dunning"))
def test_every_profile_duns_and_is_a_policy_of_the_class(name: str) -> None:
    held = ar.profile("dunning", name)
    assert json.loads(ar.DunningPolicy(**held).to_json()) == held
    run = VIEW.dun(held)
    assert sum(run.skipped_counts.values()) + len(run.table("lines")) == len(VIEW.open_items())


def test_the_schema_of_the_policy_is_published() -> None:
    assert "dunning" in ar.schemas()
    assert "procedures" in ar.schema("dunning")["properties"]


def test_answers_pickle_as_their_questions() -> None:
    for run in (RUN, RUN.without([0])):
        copy = pickle.loads(pickle.dumps(run))
        assert [getattr(copy, part) for part in PARTS] == [getattr(run, part) for part in PARTS]
        assert copy.facts("run") == run.facts("run")
    made = LEDGER.simulate_dunning(POLICY, *PERIOD)
    assert pickle.loads(pickle.dumps(made)).notices == made.notices
