"""What the engine says when it refuses.

Every refusal is a :class:`ReceivablesError`, which is a :class:`ValueError`. Branch on ``code``, which is
stable; show ``reason`` to a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["InputTypeError", "Problem", "ReceivablesError"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where."""

    code: str
    reason: str
    table: str | None = None
    index: int | None = None
    field: str | None = None


class ReceivablesError(ValueError):
    """The engine refused its input.

    ``code``, ``reason``, ``table``, ``index`` and ``field`` are those of the first problem. ``problems`` has them
    all up to a cap; ``total`` counts them without the cap.
    """

    def __init__(self, problems: Sequence[Problem], total: int | None = None) -> None:
        first = problems[0]
        super().__init__(_sentence(first))
        self.code = first.code
        self.reason = first.reason
        self.table = first.table
        self.index = first.index
        self.field = first.field
        self.problems = tuple(problems)
        self.total = len(self.problems) if total is None else total

    def __reduce__(self) -> tuple[type[ReceivablesError], tuple[tuple[Problem, ...], int]]:
        return type(self), (self.problems, self.total)


class InputTypeError(ReceivablesError, TypeError):
    """A value of a type that cannot be exact, such as a float for money or a datetime for a day."""


_TYPE_CODES = frozenset({"datetime_refused", "float_refused", "wrong_type"})


def refused(problems: Sequence[Problem], total: int) -> ReceivablesError:
    """The exception for a refusal: the engine calls this."""
    kind = InputTypeError if problems[0].code in _TYPE_CODES else ReceivablesError
    return kind(problems, total)


def _sentence(problem: Problem) -> str:
    row = None if problem.index is None else f"row {problem.index}"
    where = " ".join(part for part in (problem.table, row, problem.field) if part)
    return f"{problem.code}: {problem.reason}" + (f" ({where})" if where else "")
