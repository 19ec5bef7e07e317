"""Two dunning policies tried on eighteen months of real invoices: who would have been reminded, how often, and where they differ.

Reads ``hrc-derived`` (40,000 invoices of a food company) from the folder in ``AR_DATA_DIR``, by default ``../shared/data`` beside
the checkout, and says so loudly when it is not there. Writes ``compare_dunning.vl.json``, a Vega-Lite chart, into the current
folder, and ``compare_dunning.png`` where vl-convert is installed (``pip install 'receivables[notebook]'``).
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tomllib
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import receivables as ar

EXAMPLES = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("AR_DATA_DIR", EXAMPLES.parents[1] / "shared" / "data")) / "hrc-derived"
START, END = date(2019, 1, 1), date(2020, 6, 30)

# As it is now: two reminders, a week apart at the earliest, and the hand-over.
PROMPT: dict[str, Any] = {
    "id": "prompt",
    "quiet_days": "skip",
    "in_flight": "ignored",
    "procedures": {
        "standard": {
            "interval_days": 7,
            "levels": [
                {"name": "first reminder", "days": 3},
                {"name": "last reminder", "days": 17},
                {"name": "hand-over", "days": 45, "hand_over": "collection agency"},
            ],
        }
    },
}
# As somebody proposes: ten days of grace, two weeks between letters, nothing below 500.
PATIENT: dict[str, Any] = {
    "id": "patient",
    "quiet_days": "skip",
    "in_flight": "ignored",
    "minimum_item": [{"currency": currency, "amount": "500.00"} for currency in ("USD", "CAD")],
    "procedures": {
        "standard": {
            "interval_days": 14,
            "grace_days": 10,
            "levels": [
                {"name": "first reminder", "days": 11},
                {"name": "last reminder", "days": 30},
                {"name": "hand-over", "days": 60, "hand_over": "collection agency"},
            ],
        }
    },
}

WHY = {
    "": "reminded too, at another level",
    "not_open": "paid by then",
    "not_due": "not due yet",
    "in_grace": "within the days of grace",
    "waiting": "next level not reached",
    "interval": "written to a short while ago",
    "out_of_scope": "too small",
    "last_level": "the last level was sent",
    "noticed_today": "reminded that day already",
}
COLOURS = {"prompt": "#1f4e79", "patient": "#e79d3c"}


def books() -> ar.Ledger:
    """The invoices and what paid them."""
    mapping = tomllib.loads((EXAMPLES / "mappings/hrc-derived.toml").read_text(encoding="utf-8"))
    ledger, report = ar.import_files(mapping, {"closed.csv": (DATA / "closed.csv").read_bytes()})
    print(f"{report.rows:,} rows: {report.accepted:,} taken, {report.repeated:,} repeat another, {report.rejected:,} rejected")
    return ledger


def by_month(name: str, simulation: ar.DunningSimulation) -> list[dict[str, Any]]:
    """Notices a month and level."""
    counts = Counter((sent.day.replace(day=1), sent.level, sent.name) for sent in simulation.notices)
    return [
        {"policy": name, "month": month.isoformat(), "level": level, "name": f"{level} {called}", "notices": count}
        for (month, level, called), count in sorted(counts.items())
    ]


def chart(months: list[dict[str, Any]], reasons: list[dict[str, Any]], headline: str) -> dict[str, Any]:
    """Above what each policy sends a month, below why the other was silent where they part."""
    policies = {"domain": list(COLOURS), "range": list(COLOURS.values())}
    colour = {"field": "policy", "type": "nominal", "scale": policies, "legend": {"title": "policy", "orient": "top"}}
    above = {
        "title": "Notices a month",
        "width": 640,
        "height": 220,
        "data": {"values": months},
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "x": {"field": "month", "type": "temporal", "timeUnit": "yearmonth", "title": None, "axis": {"format": "%b %y"}},
            "xOffset": {"field": "policy", "type": "nominal", "sort": list(COLOURS)},
            "y": {"aggregate": "sum", "field": "notices", "type": "quantitative", "title": "notices"},
            "color": colour,
        },
    }
    below = {
        "title": "Where they first part, customer by customer: why the other policy had no such line",
        "width": 640,
        "height": {"step": 22},
        "data": {"values": reasons},
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "y": {"field": "why", "type": "nominal", "sort": "-x", "title": None, "axis": {"labelLimit": 260}},
            "x": {"aggregate": "sum", "field": "customers", "type": "quantitative", "title": "customers"},
            "color": colour,
        },
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": {"text": "Two dunning policies on the same invoices", "subtitle": headline, "anchor": "start"},
        "background": "white",
        "vconcat": [above, below],
        "config": {"view": {"stroke": None}, "font": "sans-serif"},
    }


def write(spec: dict[str, Any]) -> None:
    """The chart as JSON, and as a picture where something can draw it."""
    Path("compare_dunning.vl.json").write_text(json.dumps(spec, indent=1) + "\n", encoding="utf-8")
    print("\nWritten: compare_dunning.vl.json")
    try:
        vl_convert = importlib.import_module("vl_convert")
    except ImportError:
        print("No picture: pip install 'receivables[notebook]'")
        return
    Path("compare_dunning.png").write_bytes(vl_convert.vegalite_to_png(spec, scale=2))
    print("Written: compare_dunning.png")


def main() -> int:
    """Replays, compares, draws."""
    if not (DATA / "closed.csv").is_file():
        print(f"SKIPPED: {DATA / 'closed.csv'} is not there; AR_DATA_DIR names the folder that has hrc-derived", file=sys.stderr)
        return 0
    ledger = books()
    months: list[dict[str, Any]] = []
    print(f"\nFrom {START} to {END}")
    sent: dict[str, int] = {}
    for policy in (PROMPT, PATIENT):
        simulation = ledger.simulate_dunning(policy, START, END)
        months += by_month(policy["id"], simulation)
        sent[policy["id"]] = len(simulation.notices)
        claims = {total.currency: total.claims for total in simulation.totals}
        claimed = ", ".join(f"{currency} {amount:,}" for currency, amount in claims.items())
        print(f"  {policy['id']:8} {sent[policy['id']]:>7,} notices, claims {claimed}")

    differing = ledger.compare_dunning(PROMPT, PATIENT, START, END)
    names = {"a": "prompt", "b": "patient"}
    counts = Counter((names[row.within], WHY.get(row.other_reason, row.other_reason)) for row in differing)
    reasons: list[dict[str, Any]] = [
        {"policy": policy, "why": why, "customers": count} for (policy, why), count in sorted(counts.items())
    ]
    print(f"\n{len(differing):,} customers are treated differently. The first line that only one policy has:")
    for entry in sorted(reasons, key=lambda entry: -entry["customers"]):
        print(f"  {entry['customers']:>5,}  by {entry['policy']:8} the other: {entry['why']}")
    spared = Decimal(sent["prompt"] - sent["patient"]) / Decimal(sent["prompt"]) * 100 if sent["prompt"] else Decimal(0)
    headline = f"{sent['prompt']:,} notices or {sent['patient']:,} ({spared:.0f} % fewer), {len(differing):,} customers differ"
    write(chart(months, reasons, headline))
    return 0


if __name__ == "__main__":
    sys.exit(main())
