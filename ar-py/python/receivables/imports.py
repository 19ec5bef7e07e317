"""Somebody's old files as facts, by a mapping: see ``docs/import.md``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from receivables import _checks, _native
from receivables._facts import rows_of
from receivables.ledger import Ledger
from receivables.policies import Settings, to_json

__all__ = [
    "ControlTotal",
    "FileCount",
    "ImportReport",
    "Rejection",
    "TableCount",
    "append_files",
    "import_files",
    "import_text",
]


@dataclass(frozen=True)
class FileCount:
    """What became of the rows of one file."""

    file: str
    rows: int
    accepted: int
    rejected: int
    repeated: int


@dataclass(frozen=True)
class Rejection:
    """A row that was rejected with all its facts: where it stands, and the first thing that was wrong."""

    file: str
    line: int
    column: str | None
    table: str | None
    field: str | None
    code: str
    reason: str


@dataclass(frozen=True)
class TableCount:
    """How many facts a table got."""

    table: str
    facts: int


@dataclass(frozen=True)
class ControlTotal:
    """The documents of one kind in one currency: count and sum, to tie against the source."""

    currency: str
    kind: str
    documents: int
    amount: Decimal


@dataclass(frozen=True)
class ImportReport:
    """What became of every row: ``rows`` is ``accepted`` plus ``rejected``."""

    rows: int
    accepted: int
    rejected: int
    repeated: int
    files: tuple[FileCount, ...]
    rejections: tuple[Rejection, ...]
    tables: tuple[TableCount, ...]
    conflicts: int
    rounded: int
    largest_change: Decimal | None
    totals: tuple[ControlTotal, ...]


def _report(text: str) -> ImportReport:
    told = json.loads(text)
    change = told["largest_change"]
    return ImportReport(
        rows=told["rows"],
        accepted=told["accepted"],
        rejected=told["rejected"],
        repeated=told["repeated"],
        files=tuple(FileCount(**one) for one in told["files"]),
        rejections=tuple(Rejection(**one) for one in told["rejections"]),
        tables=tuple(TableCount(**one) for one in told["tables"]),
        conflicts=told["conflicts"],
        rounded=told["rounded"],
        largest_change=None if change is None else Decimal(change),
        totals=tuple(ControlTotal(**{**one, "amount": Decimal(one["amount"])}) for one in told["totals"]),
    )


def _mapping(mapping: str | Mapping[str, Any]) -> str:
    return _checks.text(mapping, "mapping") if isinstance(mapping, str) else _checks.encoded(mapping, "mapping")


def _files(files: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    if not isinstance(files, Mapping):
        _checks.refuse("wrong_type", f"expected names with bytes, got {type(files).__name__}", "files")
    return [(_checks.text(name, "files"), _checks.bytes_of(data, f"files.{name}")) for name, data in files.items()]


def import_text(mapping: str | Mapping[str, Any], data: str | bytes) -> tuple[dict[str, Any], ImportReport]:
    """Reads one CSV or JSON-lines file by a mapping (TOML text, or the same as a dict): facts, and what became of every row.

    The facts go to :meth:`Ledger.from_tables` as they are: ``Ledger.from_tables(**facts)``.
    """
    given = _checks.text(data, "data").encode() if isinstance(data, str) else _checks.bytes_of(data, "data")
    facts, report = _native.import_text(_mapping(mapping), given)
    return rows_of(facts), _report(report)


def import_files(
    mapping: str | Mapping[str, Any],
    files: Mapping[str, bytes],
    *,
    settings: Settings | Mapping[str, Any] | None = None,
) -> tuple[Ledger, ImportReport]:
    """Loads a ledger from files by a mapping. Rows that the ledger would refuse are rejected too, each with its reason."""
    text = None if settings is None else to_json(settings, "settings")
    ledger, report = _native.import_ledger(_mapping(mapping), _files(files), text)
    return Ledger(ledger), _report(report)


def append_files(
    ledger: Ledger, mapping: str | Mapping[str, Any], files: Mapping[str, bytes], *, recorded: date | str
) -> tuple[Ledger, ImportReport]:
    """The ledger with the facts of more files, all recorded on one day. Rows that it would refuse are rejected, with reasons."""
    if not isinstance(ledger, Ledger):
        _checks.refuse("wrong_type", f"expected a ledger, got {type(ledger).__name__}", "ledger")
    grown, report = ledger._held.append_files(_mapping(mapping), _files(files), recorded)
    return Ledger(grown), _report(report)
