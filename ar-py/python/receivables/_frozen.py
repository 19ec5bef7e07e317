"""What the engine answers does not change after it is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Answer", "Frozen", "Asked"]

Asked = tuple[object, str, dict[str, Any]]
"""Of what something was asked, by which method, with which arguments."""


class Frozen:
    """What never changes after it is made."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} does not change: cannot set {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} does not change: cannot delete {name!r}")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def _hold(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)


class Answer(Frozen):
    """What a ledger or a view answered. It pickles as the question, which has the same answer wherever it is asked."""

    __slots__ = ("_question",)

    _question: Asked

    def __reduce__(self) -> tuple[Callable[..., Any], Asked]:
        return _ask_again, self._question


def _ask_again(of: object, name: str, arguments: dict[str, Any]) -> Any:
    return getattr(of, name)(**arguments)
