"""Aging and allocation straight from dense columns, in any order: no ledger, nothing kept.

For a host that has numbered its customers and currencies itself and needs only due dates and amounts. Any Arrow data will do:
Polars, PyArrow, DuckDB, pandas. Columns of 32-bit numbers, ``date32`` and ``int64`` are borrowed, not copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from receivables import _native
from receivables.policies import AgingPolicy, to_json

__all__ = ["age", "allocate"]

Table = _native.Table


def age(items: object, day: date | str, policy: AgingPolicy | Mapping[str, Any]) -> Table:
    """Ages open items: a row for each customer, currency and bucket that holds one.

    ``items`` has the columns ``customer`` and ``currency`` (whole numbers from 0), ``due`` (``date32``) and ``open_minor``
    (``int64``, minor units). The answer has ``customer``, ``currency``, ``bucket`` (how many edges are passed), ``open_minor``,
    ``items``; it is ordered by customer and currency.
    """
    return _native.age_dense(items, day, to_json(policy))


def allocate(items: object, payments: object) -> Table:
    """Spends payments on open items of the same customer and currency, oldest due first (ties by row).

    ``items`` as for :func:`age`; ``payments`` has ``customer``, ``currency``, ``day`` and ``amount_minor``. Entries that are not
    above zero take no part. The answer has ``payment`` and ``item`` (row numbers), ``amount_minor``.
    """
    return _native.allocate_dense(items, payments)
