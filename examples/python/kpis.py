"""How well was collected, month by month: for a controller's desk.

Reads the sample ledger, prints the key figures of the last twelve ends of months by company, what changed DSO in the last of them, and
how many payers are good, average and bad. What it prints is ``kpis.txt``. Needs Python 3.11 for ``tomllib``, and nothing else.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import receivables as ar

EXAMPLES = Path(__file__).resolve().parents[1]
DAY, MONTH_BEFORE = date(2026, 9, 30), date(2026, 8, 31)
SHOWN = {
    "dso_simple": "DSO",
    "dso_countback": "countback",
    "dso_best_possible": "best",
    "average_days_delinquent": "delinquent",
    "cei": "CEI %",
    "percent_past_due": "overdue %",
    "days_late_weighted": "days late",
    "at_risk_cash": "at risk",
}
SERIES = ar.KpiPolicy(id="series", kpis=list(SHOWN), series_months=12, currency="base")
# Five days late are good, thirty are average, weighted by amount; who paid nothing in a year has no rating but the last.
PAYERS = ar.KpiPolicy(
    id="payers",
    kpis=["days_late_weighted"],
    months=12,
    currency="base",
    ratings=[
        {"rating": "good", "conditions": [{"kpi": "days_late_weighted", "at_most": "5"}]},
        {"rating": "average", "conditions": [{"kpi": "days_late_weighted", "at_most": "30"}]},
        {"rating": "bad", "conditions": [{"kpi": "days_late_weighted", "at_least": "30"}]},
        {"rating": "paid nothing"},
    ],
)


def sample() -> ar.Ledger:
    """The books of the sample company."""
    mapping: dict[str, Any] = tomllib.loads((EXAMPLES / "mappings/sample.toml").read_text(encoding="utf-8"))
    rules = [rule for rule in mapping["file"] if not rule.get("batch")]
    files = {rule["name"]: (EXAMPLES / "data" / rule["name"]).read_bytes() for rule in rules}
    return ar.import_files({**mapping, "file": rules}, files)[0]


def shown(value: ar.KpiValue) -> str:
    """A figure, or why there is none."""
    return str(value.undefined).replace("_", " ") if value.value is None else f"{value.value:,}"


def main() -> None:
    ledger = sample()
    view = ledger.as_of(DAY)
    rows = list(view.kpis(SERIES, by=["company"]).rows)
    for company in sorted({row.by[0] for row in rows}):
        own = [row for row in rows if row.by[0] == company]
        print(f"{company} {own[0].currency:<8}" + "".join(f"{head:>12}" for head in SHOWN.values()))
        for row in own:
            print(f"{row.end.isoformat():<13}" + "".join(f"{shown(row[kpi]):>12}" for kpi in SHOWN))
        print()

    change = view.explain_dso(ledger.as_of(MONTH_BEFORE), SERIES, by=["company", "customer"])
    for total in change.totals:
        print(f"DSO {total.currency} went from {total.before} to {total.now}: {total.mix} by the mix of sales, {total.terms} by terms,", end=" ")
        print(f"{total.delay} by delay. Most by")
        own_rows = [row for row in change.rows if row.currency == total.currency and row.change is not None]
        for part in sorted(own_rows, key=lambda row: (-abs(row.change or Decimal(0)), row.by))[:3]:
            print(f"  {' '.join(part.by):<14}{part.change!s:>7} (mix {part.mix}, terms {part.terms}, delay {part.delay})")
    print()

    ratings = Counter(row.rating for row in view.kpis(PAYERS, by=["customer"]).rows)
    print("Payers:", ", ".join(f"{ratings[rule['rating']]} {rule['rating']}" for rule in PAYERS.ratings or ()))


if __name__ == "__main__":
    main()
