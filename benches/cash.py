"""How well cash forecasts hold on real invoices: every day's forecast beside what came, and beside the due dates.

    python benches/cash.py [--data FOLDER] [--out FILE]

Reads `hrc-derived` (40,000 invoices of a food company) from the folder, by default that in `AR_DATA_DIR`, else `../shared/data`
beside the checkout. In each window of `make bench-prediction` a model is trained with what was known before it; on every day from
then on the cash of the next 1, 7 and 28 days is forecast from what was known that day (`ledger.forecast_accuracy`). Days on which
banks are closed are known. Told by window and days ahead, in US dollars: `forecasts`; `bias`, `error` and the same by due dates, in
percent of the cash that came; `inside`, the part of the forecasts whose quantiles of 10 and 90 percent hold what came, stated 0.80;
`below` and `above`, the parts in which less came, or more.
"""

import argparse
import json
import os
import sys
import tomllib
from datetime import date, timedelta
from pathlib import Path

import receivables as ar

ROOT = Path(__file__).resolve().parents[1]
WINDOWS = {"C1": (date(2019, 9, 1), 61), "C2": (date(2020, 1, 1), 57), "P": (date(2019, 11, 19), 101)}
AHEAD = (1, 7, 28)
CURRENCY = "USD"


def bank_holidays(first, last):
    """Of the United States, by rule; one that falls on a Sunday is kept on the Monday."""
    def nth(year, month, weekday, count):
        start = date(year, month, 1)
        return start + timedelta((weekday - start.weekday()) % 7 + 7 * (count - 1))

    days = set()
    for year in range(first, last + 1):
        for month, of_month in ((1, 1), (7, 4), (11, 11), (12, 25)):
            day = date(year, month, of_month)
            days.add(day + timedelta(1) if day.weekday() == 6 else day)
        days |= {nth(year, 1, 0, 3), nth(year, 2, 0, 3), nth(year, 9, 0, 1), nth(year, 10, 0, 2), nth(year, 11, 3, 4)}
        days.add(date(year, 5, 31) - timedelta(date(year, 5, 31).weekday()))
    return sorted(days)


def measured(ledger, model, start, days, ahead):
    end = start + timedelta(days - 1 - ahead)
    found = ledger.forecast_accuracy(model, start, end, {"accuracy_days": ahead, "quantiles": [10, 90]})
    total = next(one for one in found.totals if one.currency == CURRENCY)
    rows = [one for one in found.rows if one.currency == CURRENCY]
    percent = lambda amount: round(float(100 * amount / total.actual), 1)
    below, above = sum(one.actual < one.low for one in rows), sum(one.actual > one.high for one in rows)
    return {
        "ahead": ahead, "forecasts": total.forecasts,
        "bias": percent(total.bias), "error": percent(total.error),
        "due_bias": percent(total.due_date_bias), "due_error": percent(total.due_date_error),
        "inside": round(float(total.coverage), 3), "below": round(below / len(rows), 3), "above": round(above / len(rows), 3),
    }


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--data", default=os.environ.get("AR_DATA_DIR", ROOT.parent / "shared" / "data"))
    ask.add_argument("--out")
    wish = ask.parse_args()
    path = Path(wish.data) / "hrc-derived" / "closed.csv"
    if not path.exists():
        sys.exit(f"no data at {path}: AR_DATA_DIR names the folder that has hrc-derived (research use, not shipped)")
    mapping = tomllib.loads((ROOT / "examples/mappings/hrc-derived.toml").read_text(encoding="utf-8"))
    ledger, _ = ar.import_files(mapping, {"closed.csv": path.read_bytes()})
    records = []
    for name, (start, days) in WINDOWS.items():
        day = start - timedelta(1)
        model = ledger.as_of(day, known_on=day).train_prediction({"holidays": bank_holidays(2018, 2021)}, threads=2)
        for ahead in AHEAD:
            records.append({"window": name, **measured(ledger, model, start, days, ahead)})
            if len(records) == 1:
                print(" ".join(f"{column:>9}" for column in records[0]))
            print(" ".join(f"{value:>9}" for value in records[-1].values()), flush=True)
    if wish.out:
        Path(wish.out).write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
