"""Payment terms, splits, day counts and business days: exact answers that need no ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from receivables import _checks, _native
from receivables.policies import Settings, to_json
from receivables.reports import DateStep, DiscountRates, DueInstalment, ExplainedInstalment, YearFraction

__all__ = ["business_day", "day_count", "discount_rates", "due_dates", "explain_due_dates", "money", "split"]

Money = Decimal | int | str


def _settings(settings: Settings | Mapping[str, Any] | None) -> str:
    return "{}" if settings is None else to_json(settings, "settings")


def due_dates(
    terms: Mapping[str, Any],
    *,
    document_date: date | str,
    currency: str,
    amount: Money,
    base_currency: str | None = None,
    base_amount: Money | None = None,
    settings: Settings | Mapping[str, Any] | None = None,
) -> list[DueInstalment]:
    """The instalments of a document under payment terms; the terms are described in ``docs/terms.md``.

    A base amount comes with its currency and is divided alongside; one without the other is ``missing_field``.
    """
    base = base_currency, base_amount
    return [DueInstalment(*row[:4]) for row in _explained(settings, terms, document_date, currency, amount, *base)]


def explain_due_dates(
    terms: Mapping[str, Any],
    *,
    document_date: date | str,
    currency: str,
    amount: Money,
    base_currency: str | None = None,
    base_amount: Money | None = None,
    settings: Settings | Mapping[str, Any] | None = None,
) -> list[ExplainedInstalment]:
    """:func:`due_dates`, each instalment with the steps that gave its date and its amount."""
    base = base_currency, base_amount
    rows = _explained(settings, terms, document_date, currency, amount, *base)
    for row in rows:
        row[6] = tuple(DateStep(*step) for step in row[6])
    return [ExplainedInstalment(*row) for row in rows]


def _explained(
    settings: Any, terms: Any, document_date: Any, currency: Any, amount: Any, base: Any, of: Any
) -> list[list[Any]]:
    known = _checks.text(currency, "currency"), _checks.text(base, "base_currency", optional=True)
    terms = _checks.encoded(terms, "terms")
    asked = (document_date, known[0], amount, known[1], of)
    return [list(row) for row in _native.explain_due_dates(_settings(settings), terms, *asked)]


def split(
    amount: Money, currency: str, weights: Sequence[int], *, settings: Settings | Mapping[str, Any] | None = None
) -> list[Decimal]:
    """An amount divided by weights to the minor unit, by the largest remainder (ties: first come)."""
    if isinstance(weights, (str, bytes, Mapping)) or not isinstance(weights, Iterable):
        _checks.refuse("wrong_type", f"expected whole numbers, got {type(weights).__name__}", "weights")
    shares = [_checks.count(weight, f"weights[{at}]", 2**64 - 1) for at, weight in enumerate(weights)]
    return _native.split(_settings(settings), amount, _checks.text(currency, "currency"), shares)


def money(
    value: Money, currency: str, *, settings: Settings | Mapping[str, Any] | None = None
) -> tuple[Decimal, int]:
    """An amount at its currency's scale, and the same in minor units. A float is refused."""
    return _native.checked_money(_settings(settings), value, _checks.text(currency, "currency"))


def day_count(convention: str, start: date | str, end: date | str) -> YearFraction:
    """The fraction of a year between two days, such as ``day_count("actual_360", a, b)``."""
    return YearFraction(*_native.day_count(_checks.text(convention, "convention"), start, end))


def discount_rates(percent: Money, *, discount_days: int, net_days: int) -> DiscountRates:
    """What a discount for early payment is worth in a year: so many percent off within ``discount_days``, the whole within
    ``net_days``. A percentage may be a fraction, ``"100/3"``."""
    days = [_checks.whole(discount_days, "discount_days"), _checks.whole(net_days, "net_days")]
    asked = _checks.number_text(percent, "percent")
    saved, cost, simple_360, simple_365, *compounded = _native.discount_rates(asked, *days)
    rates = [None if rate is None else Decimal(rate) for rate in compounded]
    return DiscountRates(saved, cost, Decimal(simple_360), Decimal(simple_365), rates[0], rates[1])


def business_day(
    day: date | str,
    roll: Literal["none", "following", "preceding", "modified_following", "modified_preceding"],
    calendar: Mapping[str, Any] | None = None,
) -> date:
    """The business day for a day; ``calendar`` may name ``weekend`` days and ``holidays``."""
    free = _checks.encoded({} if calendar is None else calendar, "calendar", "calendar")
    return _native.business_day(day, _checks.text(roll, "roll"), free)
