"""A month's receipts settled: what closed which invoice, with which differences, what stays on account and why.

Reads the sample ledger beside it (``examples/data``), takes in the bank's file, settles, posts, and shows that nothing was
lost on the way. What it prints is ``settle_month.txt``. Needs Python 3.11 for ``tomllib``, and nothing else.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import receivables as ar

EXAMPLES = Path(__file__).resolve().parents[1]
TODAY = date(2026, 10, 31)

# A discount of 2 percent within 10 days; up to a week later somebody is asked. A payment that is short by no more than 3
# percent and 50.00 closes the invoice all the same, and what is missing is written off.
POLICY = ar.SettlementPolicy(
    id="month end",
    scope="customer",
    strategies=["reference", "exact_amount", "subset"],
    discount=ar.DiscountPolicy(late="asked", grace_days=7),
    tolerance=ar.TolerancePolicy(
        limits=[
            ar.ToleranceLimit(side="under", currency=currency, amount=Decimal("50.00"), percent=Decimal(3))
            for currency in ("EUR", "GBP", "USD")
        ],
        kind="write_off",
        reason="short payment",
    ),
)

WHY = {
    "no_open_debit": "nothing of this customer is open",
    "no_match": "no open invoice is left that it names or that has the amount",
    "ambiguous": "several sets of invoices have the amount",
    "not_searched_further": "there were too many sets of invoices to look at",
    "discount_asked": "it fits with a late discount, which somebody has to decide about",
    "rate_missing": "there is no rate into the currency of what is open",
    "edited": "somebody took a line out",
}


def sample() -> tuple[ar.Ledger, ar.ImportReport]:
    """The books of the month with the bank's file, and what became of the rows of that file."""
    mapping = (EXAMPLES / "mappings/sample.toml").read_text(encoding="utf-8")
    files = {
        rule["name"]: (EXAMPLES / "data" / rule["name"]).read_bytes() for rule in tomllib.loads(mapping)["file"]
    }
    cash = {"bank.csv": files.pop("bank.csv")}
    books, _ = ar.import_files(mapping, files)
    return ar.append_files(books, mapping, cash, recorded=TODAY)


def with_discounts(ledger: ar.Ledger) -> ar.Ledger:
    """The ledger with 2 percent within 10 days on every open invoice."""
    invoices = {item.document: item.document_date for item in ledger.as_of(TODAY).open_items() if item.kind == "invoice"}
    offers = [
        {"document": invoice, "until": dated + timedelta(days=10), "percent": 2} for invoice, dated in invoices.items()
    ]
    return ledger.append(recorded=TODAY, discounts=offers)


def owed(view: ar.View) -> dict[str, Decimal]:
    """What is open, by currency."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for item in view.open_items():
        sums[item.currency] += item.open
    return sums


def line(*cells: object) -> str:
    """Money to the right, names to the left."""
    shown = (f"{cell:>12,}" if isinstance(cell, Decimal) else f"{cell!s:<18}" for cell in cells)
    return "  " + "  ".join(shown).rstrip()


def part(item: ar.OpenItem, settlement: ar.Settlement) -> str:
    """What is left of an invoice, and what came: a line tells what was left before it."""
    came = (f"{made.amount:,} of {made.debit_left:,} by {made.credit}" for made in settlement.explain(debit=item.document).lines)
    return line(item.document, item.open, item.currency, "after " + ", ".join(came))


def section(title: str, lines: Iterable[str]) -> None:
    """A part of the report."""
    print(f"\n{title}")
    for one in lines:
        print(one)


def main() -> None:
    """Settles and reports."""
    ledger, bank = sample()
    ledger = with_discounts(ledger)
    view = ledger.as_of(TODAY)
    settlement = view.settle(POLICY)

    print(f"As of {TODAY}: {bank.accepted} receipts of {bank.rows} taken from the bank's file.")
    section("Not taken", (f"  line {row.line} of {row.file}: {row.reason}" for row in bank.rejections))

    by_strategy: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for made in settlement.lines:
        by_strategy[made.currency, made.strategy].append(made.amount)
    section(
        f"Settled: {len(settlement.lines)} lines",
        (line(*key, sum(amounts, Decimal(0)), f"lines: {len(amounts)}") for key, amounts in sorted(by_strategy.items())),
    )
    section(
        "With these differences",
        (line(held.kind, held.document, held.amount, held.currency, held.rule) for held in settlement.differences),
    )
    section("Exchange gained", (line(total.currency, total.amount) for total in settlement.exchange if total.amount))
    section(
        "Stays on account",
        (line(left.credit, left.amount, left.currency, WHY[left.reason]) for left in settlement.unapplied),
    )
    section(
        "To be decided",
        (
            line(asked.credit, asked.document, asked.amount, "discount a few days late")
            if asked.amount is not None
            else line(asked.credit or asked.document, f"{asked.total} sets", asked.choices)
            for asked in settlement.questions
        ),
    )

    posted = ledger.append(recorded=TODAY, **settlement.facts("october"))
    after = posted.as_of(TODAY)
    paid = {(made.debit, made.instalment) for made in settlement.lines}
    section("Paid in part", (part(item, settlement) for item in after.open_items() if (item.document, item.instalment) in paid))

    for row in settlement.proof:
        let_go = row.discount + row.discount_tax + row.tolerance + row.write_off + row.bank_charge + row.cash_rounding
        assert row.received == row.applied + row.closed + row.unapplied
        assert row.claims == row.paid + let_go + row.residual + row.open
        assert owed(after)[row.currency] == owed(view)[row.currency] - let_go + row.closed
    section(
        "Nothing is lost: received = applied + unapplied",
        (line(row.currency, row.received, row.applied, row.unapplied) for row in settlement.proof),
    )
    section(
        "and what these customers owed = paid + discounts + write-offs + open",
        (line(row.currency, row.claims, row.paid, row.discount, row.write_off, row.open) for row in settlement.proof),
    )
    section(
        "Receivables before and after posting",
        (line(row.currency, owed(view)[row.currency], owed(after)[row.currency]) for row in settlement.proof),
    )

    # Taking it all back is as quick, and every balance is what it was.
    back = posted.append(recorded=TODAY, **after.undo([f"october-{at + 1}" for at in range(len(settlement.lines))]))
    assert back.as_of(TODAY).open_items() == view.open_items()
    print("\nTaken back, every balance is what it was.")


if __name__ == "__main__":
    main()
