"""The gallery of errors through the public Python API: every input of docs/errors.md is refused as shown there.

usage: run_gallery.py FOLDER (ar-core/tests/gallery). Prints each failure, then one line.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

import receivables as ar

Json = Any

KINDS = {name: {column[0]: column[1] for column in ar._native.table_columns(name)} for name in ar._native.tables()}


def native(kind: str | None, value: Json) -> Json:
    """A value as Python has it: decimals, not a number, days and times are what they are, not text."""
    if kind in ("money", "number") and isinstance(value, str):
        return Decimal(value) if re.fullmatch(r"-?\d+(\.\d+)?|NaN", value) else value
    if kind == "day" and isinstance(value, str):
        try:
            return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        except ValueError:
            return value
    return value


def tables(facts: Mapping[str, Json]) -> dict[str, Json]:
    def table(name: str, rows: Json) -> Json:
        kinds = KINDS.get(name, {})
        if isinstance(rows, str):
            return rows
        return [{key: native(kinds.get(key), value) for key, value in row.items()} for row in rows]

    return {name: table(name, rows) for name, rows in facts.items()}


def load(settings: Json, facts: Mapping[str, Json]) -> ar.Ledger:
    return ar.Ledger.from_tables(settings=settings, **tables(facts))


def ask_credit(view: ar.View, one: Json) -> None:
    """Whether a document may go, or for a limit."""
    desk = view.credit(one["credit_policy"])
    if "check" in one:
        desk.check(one["check"]["customer"], Decimal(one["check"]["amount"]), one["check"]["currency"])
    if "propose_limit" in one:
        asked = one["propose_limit"]
        volume = asked.get("monthly_volume")
        known = {"customer": asked.get("customer"), "score": asked.get("score")}
        desk.propose_limit(asked["currency"], monthly_volume=None if volume is None else Decimal(volume), **known)


def train(view: ar.View, one: Json) -> ar.PredictionModel:
    """A model; an input that is stopped stops after the first tree."""
    return view.train_prediction(one["prediction_policy"], progress=lambda done, of: not one.get("stopped"))


def run(given: Json, one: Json) -> None:
    """Does what an input asks for; it is meant to be refused."""
    if "load" in one:
        load(one.get("settings", {}), one["load"])
    elif "settings" in one:
        load(one["settings"], {})
    elif "mapping" in one:
        ar.import_text(json.dumps(one["mapping"]), "")
    elif "rows" in one:
        # A column of nothing has as many rows as one likes, and no bytes.
        ar.Ledger.from_tables(documents=pa.table({"id": pa.nulls(one["rows"])}))
    elif "allocation_policy" in one:
        load({}, {}).as_of(date(2026, 2, 1)).propose(one["allocation_policy"])
    elif "interest_policy" in one:
        load({}, {}).as_of(date(2026, 2, 1)).interest(one["interest_policy"])
    elif "creditor_reference" in one:
        ar.creditor_reference(one["creditor_reference"])
    elif "letter" in one:
        ar.letter(one["letter"], one.get("letters"))
    elif "append" in one:
        recorded = date.fromisoformat(one["recorded"])
        ledger = load(given["settings"], given["facts"]).append(recorded=recorded, **tables(one["append"]))
        if "undo" in one:
            ledger.as_of(recorded).undo(one["undo"])
        if "prediction_policy" in one:
            train(ledger.as_of(recorded), one)
        if "dunning_policy" in one:
            ledger.as_of(recorded).dun(one["dunning_policy"])
        if "credit_policy" in one:
            ask_credit(ledger.as_of(recorded), one)
    elif "credit_policy" in one:
        ask_credit(load(given["settings"], given["facts"]).as_of(date.fromisoformat(one["as_of"])), one)
    elif "provision_policy" in one:
        ledger = load(given["settings"], given["facts"])
        view = ledger.as_of(date.fromisoformat(one["as_of"]))
        if "then" in one:
            view.back_test(ledger.as_of(date.fromisoformat(one["then"])), one["provision_policy"])
        view.provision(one["provision_policy"], before=one.get("before", ()))
    elif "loss_rate_policy" in one:
        load(given["settings"], given["facts"]).as_of(date.fromisoformat(one["as_of"])).loss_rates(one["loss_rate_policy"])
    elif "prediction_policy" in one:
        ledger = load(given["settings"], given["facts"])
        ledger.as_of(one["as_of"]).prediction_drift(train(ledger.as_of(one["trained"]), one))
    elif "dunning_policy" in one:
        view = load(given["settings"], given["facts"]).as_of(date.fromisoformat(one["as_of"]))
        view.dun(one["dunning_policy"])
    elif "settle" in one:
        view = load(given["settings"], given["facts"]).as_of(date.fromisoformat(one["as_of"]))
        view.settle(one["settle"]).edit(one["edit"])
    else:
        view = load(given["settings"], given["facts"]).as_of(date.fromisoformat(one["as_of"]))
        list(view.aging(one["aging_policy"], by=one.get("by", ()), where=one.get("where")).rows)


def wrong(given: Json, one: Json, shown: Json) -> str | None:
    try:
        run(given, one)
    except ar.ReceivablesError as error:
        problems = [[p.code, p.table, p.index, p.field] for p in error.problems]
        got = {"problems": problems, "total": error.total}
        return None if got == shown else f"expected {shown}, got {got}"
    return "was not refused"


def answers(case: Json) -> str | None:
    view = load({}, case["load"]).as_of(date.fromisoformat(case["as_of"]))
    aging, proposal = view.aging(case["aging_policy"]), view.propose()
    counts = {"open_items": len(view.open_items()), "rows": len(aging.rows), "totals": len(aging.totals)}
    counts |= {"items": len(aging.items), "lines": len(proposal.lines), "unapplied": len(proposal.unapplied)}
    return None if counts == case["answer"] else f"expected {case['answer']}, got {counts}"


def main(folder: Path) -> int:
    read = {name: json.loads((folder / f"{name}.json").read_text()) for name in ("given", "errors", "refusals", "answers")}
    inputs = [(entry["code"], one) for entry in read["errors"] for one in entry["inputs"]]
    told = [(code, one, wrong(read["given"], one, shown)) for (code, one), shown in zip(inputs, read["refusals"], strict=True)]
    told += [(case["name"], case, answers(case)) for case in read["answers"]]
    failed = [(name, one, said) for name, one, said in told if said is not None]
    for name, one, said in failed:
        print(f"FAILED {name}: {json.dumps(one)}: {said}")
    print(f"gallery python {len(told) - len(failed)} as shown, 0 not made, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
