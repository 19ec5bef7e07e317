"""What an argument must be before the engine sees it: each refusal says where, and nothing is turned into text silently."""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn, SupportsIndex, TypeVar, overload

from receivables.errors import Problem, refused

__all__ = ["bare", "by_where", "bytes_of", "count", "encoded", "function", "is_text", "number_text", "refuse", "rows", "several", "text", "texts", "whole"]

_Told = TypeVar("_Told")
_DEEPEST = 64
_LARGEST = 2**127


def refuse(code: str, reason: str, field: str | None, table: str | None = None, index: int | None = None) -> NoReturn:
    """Raises the exception for one problem."""
    raise refused([Problem(code, reason, table, index, field)], 1)


def _wrong(wanted: str, value: object, field: str | None) -> NoReturn:
    refuse("wrong_type", f"expected {wanted}, got {type(value).__name__}", field)


@overload
def text(value: object, field: str) -> str: ...
@overload
def text(value: object, field: str, *, optional: bool) -> str | None: ...
def text(value: object, field: str, *, optional: bool = False) -> str | None:
    """Text that is Unicode: no lone surrogates."""
    if value is None and optional:
        return None
    if not isinstance(value, str):
        _wrong("text", value, field)
    if not is_text(value):
        refuse("wrong_type", "expected Unicode text, got a lone surrogate", field)
    return str(value)


def is_text(value: object) -> bool:
    """Whether a value is text without lone surrogates."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def texts(value: object, field: str) -> list[str]:
    """Several texts; one text is not taken for its letters."""
    if isinstance(value, (str, bytes, bytearray, Mapping)) or not isinstance(value, Iterable):
        _wrong("a sequence of text", value, field)
    return [text(one, field) for one in value]


def several(value: object, field: str) -> list[Any]:
    """Several values; one text is not taken for its letters."""
    if isinstance(value, (str, bytes, bytearray, Mapping)) or not isinstance(value, Iterable):
        _wrong("a sequence", value, field)
    return list(value)


def function(value: _Told, field: str) -> _Told:
    """What can be called, or nothing."""
    given: Any = value
    if given is not None and not callable(given):
        _wrong("a function", given, field)
    return value


def count(value: object, field: str, largest: int) -> int:
    """A whole number from 0."""
    if not isinstance(value, int) or isinstance(value, bool):
        _wrong("a whole number", value, field)
    if value < 0:
        refuse("wrong_sign", "expected a whole number from 0", field)
    if value > largest:
        refuse("too_large", f"expected a whole number up to {largest}", field)
    return value


def _plain(value: object) -> object:
    """A whole number of NumPy and the like as Python's; anything else as it is."""
    if isinstance(value, int) or type(value).__name__.startswith("bool"):
        return value
    return operator.index(value) if isinstance(value, SupportsIndex) else value


def whole(value: object, field: str) -> int:
    """A whole number; beyond what the engine can read, the nearest that it refuses."""
    value = _plain(value)
    if not isinstance(value, int) or isinstance(value, bool):
        _wrong("a whole number", value, field)
    return max(-(2**62), min(2**62, value))


def number_text(value: object, field: str) -> str:
    """A number as text, exactly."""
    if isinstance(value, float):
        refuse("float_refused", "expected text, a Decimal or a whole number, got float", field)
    if isinstance(value, str):
        return text(value, field)
    value = _plain(value)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        _wrong("text, a Decimal or a whole number", value, field)
    return str(bare(value, field))


def rows(value: object, field: str) -> list[Mapping[str, Any]]:
    """A list of mappings."""
    if isinstance(value, (str, bytes, bytearray, Mapping)) or not isinstance(value, Iterable):
        _wrong("a list of mappings", value, field)
    all_rows = list(value)
    for index, row in enumerate(all_rows):
        if not isinstance(row, Mapping):
            refuse("wrong_type", f"expected a mapping, got {type(row).__name__}", None, field, index)
    return all_rows


def bytes_of(value: object, field: str) -> bytes:
    """Bytes of a file."""
    if not isinstance(value, (bytes, bytearray, memoryview)):
        _wrong("bytes", value, field)
    return bytes(value)


def bare(value: object, path: str, depth: int = 0) -> Any:
    """A value of a policy, of settings or of terms as plain JSON: dates and decimals exactly, other types refused."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(value, path)
    if isinstance(value, int):
        if abs(value) >= _LARGEST:
            refuse("too_large", "expected a smaller whole number", path)
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            refuse("not_a_number", "expected a finite number", path)
        # The engine refuses a fraction where it must be exact; a subclass is printed as what it holds.
        return float(value) if type(value) is float else _wrong("a plain value", value, path)
    if isinstance(value, Decimal):
        if not value.is_finite():
            refuse("not_a_number", "expected a finite number", path)
        return format(value, "f")
    if isinstance(value, datetime):
        refuse("datetime_refused", "expected a date: the day of a datetime depends on a time zone", path)
    if isinstance(value, date):
        return value.isoformat()
    if (plain := _plain(value)) is not value:
        return bare(plain, path, depth)
    return _nested(value, path, depth)


def _nested(value: object, path: str, depth: int) -> Any:
    if depth == _DEEPEST:
        refuse("wrong_type", "expected less deep nesting", path)
    if isinstance(value, Mapping):
        held = {}
        for key, one in value.items():
            name = text(key, path or "key")
            held[name] = bare(one, f"{path}.{name}" if path else name, depth + 1)
        return held
    if isinstance(value, Set):
        return sorted((bare(one, path, depth + 1) for one in value), key=repr)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return [bare(one, f"{path}[{at}]", depth + 1) for at, one in enumerate(value)]
    _wrong("text, a whole number, a list or a mapping", value, path)


def encoded(value: object, argument: str, path: str = "") -> str:
    """A mapping as JSON text; paths in refusals start with ``path``."""
    if not isinstance(value, Mapping):
        _wrong("a mapping", value, argument)
    return json.dumps(bare(value, path))


def by_where(by: object, where: object) -> tuple[list[str], dict[str, list[str]]]:
    """The keys of a report, which have an order, and its filter: key → values that are let in."""
    if isinstance(by, Set):
        refuse("wrong_type", "expected a sequence of text, got a set, which has no order", "by")
    if where is not None and not isinstance(where, Mapping):
        _wrong("a mapping of keys to values", where, "where")
    filters = {text(key, "where"): texts(values, f"where.{key}") for key, values in (where or {}).items()}
    return texts(by, "by"), filters
