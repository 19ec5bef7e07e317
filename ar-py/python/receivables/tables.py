"""Reports as rows and as columns: a listing is a sequence of rows that any data frame library takes as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from receivables import _native

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

__all__ = ["Listing"]

T = TypeVar("T")
SHOWN = 20


class Listing(Generic[T]):
    """Rows of a report, made when they are asked for, and the same as an Arrow table.

    Hand it to ``polars.DataFrame``, ``pyarrow.table`` or a DuckDB query, or call :meth:`to_polars`, :meth:`to_pandas`,
    :meth:`to_pyarrow`. Money columns are exact decimals there.
    """

    def __init__(self, rows: Callable[[], list[T]], table: Callable[[], _native.Table]) -> None:
        self._make_rows = rows
        self._make_table = table
        self._rows: list[T] | None = None
        self._table: _native.Table | None = None

    def _all(self) -> list[T]:
        if self._rows is None:
            self._rows = self._make_rows()
        return self._rows

    def _columns(self) -> _native.Table:
        if self._table is None:
            self._table = self._make_table()
        return self._table

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[T]:
        return iter(self._all())

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._all()[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (Listing, Sequence)) and list(self) == list(other)

    def __reduce__(self) -> tuple[Callable[..., Listing[T]], tuple[list[T], _native.Table]]:
        return _listing, (self._all(), self._columns())

    __hash__ = None  # type: ignore[assignment]

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._columns().__arrow_c_stream__(requested_schema)

    @property
    def column_names(self) -> list[str]:
        """The names of the columns of the table."""
        return self._columns().column_names

    def to_polars(self) -> pl.DataFrame:
        """The rows as a Polars data frame."""
        import polars as pl

        return pl.DataFrame(self._columns())

    def to_pyarrow(self) -> pa.Table:
        """The rows as a PyArrow table."""
        import pyarrow as pa

        return pa.table(self._columns())

    def to_pandas(self) -> pd.DataFrame:
        """The rows as a pandas data frame of Arrow types, so that decimals stay decimals."""
        import pandas as pd

        frame: pd.DataFrame = self.to_pyarrow().to_pandas(types_mapper=pd.ArrowDtype)
        return frame

    def __repr__(self) -> str:
        return as_text(*self._cells())

    def _repr_html_(self) -> str:
        return as_html(*self._cells())

    def _cells(self) -> tuple[list[str], list[list[object]], int]:
        rows = self._all()
        first = rows[0] if rows else None
        names = [f.name for f in fields(first)] if is_dataclass(first) else []
        cells = [[getattr(row, name) for name in names] for row in rows[:SHOWN]]
        return names, cells, len(rows)


def _listing(rows: list[T], table: _native.Table) -> Listing[T]:
    """What was pickled."""
    return Listing(lambda: rows, lambda: table)


class Framed:
    """A report that data frame libraries take as they take its main listing: ``rows``, or what ``_FRAME`` names."""

    __slots__ = ()

    _FRAME = "rows"

    def _framed(self) -> Listing[Any]:
        listing: Listing[Any] = getattr(self, self._FRAME)
        return listing

    def to_polars(self) -> pl.DataFrame:
        """As a Polars data frame."""
        return self._framed().to_polars()

    def to_pandas(self) -> pd.DataFrame:
        """As a pandas data frame of Arrow types."""
        return self._framed().to_pandas()

    def to_pyarrow(self) -> pa.Table:
        """As a PyArrow table."""
        return self._framed().to_pyarrow()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._framed().__arrow_c_stream__(requested_schema)


def shown(value: object) -> str:
    """A cell as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:,f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        between = " | " if any(isinstance(one, tuple) for one in value) else " "
        return between.join(shown(one) for one in value)
    return str(value)


def _is_figure(value: object) -> bool:
    return isinstance(value, (Decimal, int)) and not isinstance(value, bool)


def as_text(names: list[str], rows: list[list[object]], total: int) -> str:
    """A table for the terminal: figures to the right."""
    if not rows:
        return "(no rows)"
    cells = [[shown(value) for value in row] for row in rows]
    widths = [max(len(name), *(len(row[at]) for row in cells)) for at, name in enumerate(names)]
    right = [_is_figure(value) for value in rows[0]]

    def line(texts: list[str]) -> str:
        padded = (text.rjust(w) if r else text.ljust(w) for text, w, r in zip(texts, widths, right, strict=True))
        return "  ".join(padded).rstrip()

    lines = [line(names), line(["-" * width for width in widths]), *(line(row) for row in cells)]
    if total > len(rows):
        lines.append(f"… {total - len(rows):,} more")
    return "\n".join(lines)


_STYLE = (
    "<style scoped>.ar{border-collapse:collapse;font-variant-numeric:tabular-nums}.ar th{text-align:left;"
    "border-bottom:1px solid #888;padding:2px 10px;font-weight:600}.ar td{padding:2px 10px;text-align:left}"
    ".ar .n{text-align:right}.ar tfoot td{border-top:1px solid #888;font-weight:600}</style>"
)


def as_html(names: list[str], rows: list[list[object]], total: int, foot: list[list[object]] | None = None) -> str:
    """A table for a notebook: figures to the right, totals below."""

    def row_of(tag: str, values: list[object]) -> str:
        marks = (f"<{tag}{' class=n' if _is_figure(v) else ''}>{escape(shown(v))}</{tag}>" for v in values)
        return "<tr>" + "".join(marks) + "</tr>"

    head = "".join(
        f"<th{' class=n' if rows and _is_figure(rows[0][at]) else ''}>{escape(name)}</th>" for at, name in enumerate(names)
    )
    body = "".join(row_of("td", row) for row in rows)
    more = f"<caption style='caption-side:bottom'>{total - len(rows):,} more rows</caption>" if total > len(rows) else ""
    tail = "<tfoot>" + "".join(row_of("td", row) for row in foot) + "</tfoot>" if foot else ""
    return f"{_STYLE}<table class=ar>{more}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>{tail}</table>"
