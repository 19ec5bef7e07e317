"""Facts as rows: what the engine tells as JSON text, with money and days as Python has them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from receivables import _native

__all__ = ["rows_of"]

_READ: dict[str, Callable[[str], object]] = {"money": Decimal, "number": Decimal, "day": date.fromisoformat}


def rows_of(text: str) -> dict[str, Any]:
    """Tables of rows; those without a row are left out."""
    facts: dict[str, Any] = {}
    for table, rows in json.loads(text).items():
        kinds = {name: kind for name, kind, _ in _native.table_columns(table)}
        if rows:
            facts[table] = [
                {
                    name: _READ[kinds[name]](value) if value is not None and kinds.get(name) in _READ else value
                    for name, value in row.items()
                }
                for row in rows
            ]
    return facts
