"""What it costs to pay late: interest and compensation of the overdue items of a view, and of one debt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from receivables import _checks, _native
from receivables._frozen import Answer, Asked
from receivables.interest_policy import InterestPolicy
from receivables.policies import Settings, to_json
from receivables.reports import DebtInterest, InterestItem, InterestTotal, MadeBy
from receivables.tables import Framed, Listing

__all__ = ["Interest", "debt_interest", "question"]


class Interest(Framed, Answer):
    """What every overdue item bears up to day :attr:`on`: :attr:`items`, and :attr:`totals` by currency. Nothing is posted.

    Data frame libraries take it as they take :attr:`items`.
    """

    __slots__ = ("_held", "items", "totals")
    _FRAME = "items"

    _held: _native.Interest
    items: Listing[InterestItem]
    totals: Listing[InterestTotal]

    def __init__(self, native: _native.Interest, question: Asked) -> None:
        self._hold(
            _held=native,
            _question=question,
            items=Listing(native.items, native.items_table),
            totals=Listing(native.totals, native.totals_table),
        )

    @property
    def on(self) -> date:
        """The view's day, the last day of interest."""
        return self._held.on

    @property
    def made_by(self) -> MadeBy:
        """The policy and the engine that made it."""
        return self._held.made_by

    def __repr__(self) -> str:
        return f"{self._sentence()}\n\n{self.items!r}\n\n{self.totals!r}"

    def _repr_html_(self) -> str:
        return f"<p>{self._sentence()}</p>{self.items._repr_html_()}{self.totals._repr_html_()}"

    def _sentence(self) -> str:
        return f"Interest until {self.on}"


def question(
    charged: Iterable[Mapping[str, Any]], compensated: Iterable[str], customers: Iterable[str], documents: Iterable[str]
) -> dict[str, Any]:
    """What is asked beside the day, as the engine reads it."""
    return {
        "charged": [dict(row) for row in _checks.rows(charged, "charged")],
        "compensated": _checks.texts(compensated, "compensated"),
        "customers": _checks.texts(customers, "customers"),
        "documents": _checks.texts(documents, "documents"),
    }


def debt_interest(
    policy: InterestPolicy | Mapping[str, Any],
    *,
    currency: str,
    amount: Decimal | int | str,
    due_date: date | str,
    until: date | str,
    payments: Iterable[tuple[date | str, Decimal | int | str]] = (),
    charged_until: date | str | None = None,
    settings: Settings | Mapping[str, Any] | None = None,
) -> DebtInterest:
    """The interest and compensation of one debt, with the segments that it re-adds from.

    ``payments`` are pairs of a day and an amount; one below zero takes an earlier one back.

    >>> policy = InterestPolicy(rates=[{"from": "2024-01-01", "percent": "12.25"}])
    >>> asked = {"currency": "GBP", "amount": "5000.00", "due_date": "2024-07-01", "until": "2024-10-10"}
    >>> debt_interest(policy, **asked).interest
    Decimal('169.49')
    """
    if isinstance(payments, (str, bytes, bytearray, Mapping)) or not isinstance(payments, Iterable):
        _checks.refuse("wrong_type", f"expected pairs of a day and an amount, got {type(payments).__name__}", "payments")
    paid = []
    for index, pair in enumerate(payments):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            _checks.refuse("wrong_type", "expected a day and an amount", None, "payments", index)
        paid.append((pair[0], pair[1]))
    known = "{}" if settings is None else to_json(settings, "settings")
    asked = (_checks.text(currency, "currency"), amount, due_date, until, paid, charged_until)
    return _native.debt_interest(known, to_json(policy), *asked)
