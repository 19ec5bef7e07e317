"""A rule engine beside `dunning_lines`: ZEN evaluates the decision table of the levels for one item after the other.

It is what a team reaches for that wants its levels as data; it knows nothing of items, customers, notices or history. Compiled
once, asked from Python with one dictionary an item. Its answers are compared with the level that the days alone give.
"""

import json
import time

import numpy as np
import zen

from generate import REPORT_DAY
from peers import LEVELS


def decision():
    """Days late to a level, the first rule that holds."""
    steps = [{"_id": str(level), "days": f">= {days}", "level": str(level)} for level, days in enumerate(LEVELS, 1)]
    table = {
        "hitPolicy": "first",
        "inputs": [{"id": "days", "name": "days", "type": "expression", "field": "days"}],
        "outputs": [{"id": "level", "name": "level", "type": "expression", "field": "level"}],
        "rules": [*reversed(steps), {"_id": "0", "days": "", "level": "0"}],
    }
    nodes = [("in", "inputNode", None), ("levels", "decisionTableNode", table), ("out", "outputNode", None)]
    content = {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": name, "name": name, "type": kind, "position": {"x": 0, "y": 0}} | ({"content": held} if held else {})
            for name, kind, held in nodes
        ],
        "edges": [
            {"id": f"{one}-{next}", "sourceId": one, "targetId": next, "type": "edge"}
            for one, next in (("in", "levels"), ("levels", "out"))
        ],
    }
    return zen.ZenEngine().create_decision(json.dumps(content))


def tell(book, items, ours, bad):
    """Prints what the engine takes for each of the first items."""
    late = (REPORT_DAY - np.asarray(book.items["due"].slice(0, items).cast("int32"))).tolist()
    table = decision()
    before = time.process_time()
    levels = [table.evaluate({"days": days})["result"]["level"] for days in late]
    spent = (time.process_time() - before) / max(len(late), 1) * 1e9
    ratio = f"{spent / ours:7.0f}" if ours else ""
    title = f"zen-engine, {len(late):,} items one by one"
    print(f"{'dunning_lines':16}{title:34}{spent:10.0f}{'':10}{'':10}  {ratio}")
    if levels != [sum(days >= step for step in LEVELS) for days in late]:
        bad.append(("unequal", f"dunning_lines, {book.n:,}: levels by days and zen-engine"))
