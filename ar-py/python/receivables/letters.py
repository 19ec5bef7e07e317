"""Letters: notices, statements, invoices and thanks as text or HTML; creditor references; local dates and amounts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypedDict, cast

from receivables import _checks, _native
from receivables.dunning import DunningRun
from receivables.policies import Settings, to_json

__all__ = [
    "AddressBookEntry",
    "CreditorReference",
    "LabelledAmount",
    "Letter",
    "LetterInstalment",
    "LetterLayout",
    "LetterLine",
    "Letters",
    "PaymentDetails",
    "Period",
    "Recipient",
    "Rendered",
    "Sender",
    "Stationery",
    "check_creditor_reference",
    "creditor_reference",
    "letter",
    "local_date",
    "local_money",
    "notice_letters",
]

Money = Decimal | int | str
Day = date | str


class _SenderNeeds(TypedDict):
    name: str


class Sender(_SenderNeeds, total=False):
    """Who writes."""

    address: Sequence[str]
    email: str | None
    phone: str | None
    bank: str | None
    iban: str | None
    bic: str | None
    tax_id: str | None
    signatory: str | None


class _RecipientNeeds(TypedDict):
    id: str
    name: str


class Recipient(_RecipientNeeds, total=False):
    """To whom; ``salutation`` is the words that the letter opens with."""

    address: Sequence[str]
    contact: str | None
    salutation: str | None


Period = TypedDict("Period", {"from": Day, "to": Day})


class LabelledAmount(TypedDict):
    """An amount and what it is called."""

    label: str
    amount: Money


class LetterInstalment(TypedDict):
    """A part of an invoice."""

    number: int
    due_date: Day
    amount: Money


class PaymentDetails(TypedDict, total=False):
    """How to pay: a web link, and what to quote."""

    link: str | None
    reference: str | None


class _LineNeeds(TypedDict):
    document: str
    document_date: Day
    amount: Money


class LetterLine(_LineNeeds, total=False):
    """A document or a part of one; what is open of it is all of it unless said."""

    instalment: int | None
    reference: str | None
    due_date: Day | None
    days_past_due: int | None
    open: Money | None
    level: int | None
    disputed: Money | None
    interest: Money | None
    fee: Money | None
    note: str | None


class _LetterNeeds(TypedDict):
    kind: Literal["notice", "statement", "activity", "invoice", "thanks"]
    language: Literal["en", "de", "fr", "es"]
    date: Day
    sender: Sender
    customer: Recipient
    currency: str
    total: Money


class Letter(_LetterNeeds, total=False):
    """A letter to be written; see ``docs/letters.md``. ``total`` must be what the rest adds up to."""

    tone: Literal["friendly", "firm", "urgent", "final"] | None
    template: str | None
    format: Literal["text", "html"]
    document: str | None
    period: Period | None
    lines: Sequence[LetterLine]
    opening_balance: Money | None
    taxes: Sequence[LabelledAmount]
    fees: Money | None
    interest: Money | None
    compensation: Money | None
    due_date: Day | None
    instalments: Sequence[LetterInstalment]
    payment: PaymentDetails
    aging: Sequence[LabelledAmount]
    message: str | None


class LetterLayout(TypedDict, total=False):
    """What the page looks like."""

    accent: str | None
    footer: Sequence[str]


class Letters(TypedDict, total=False):
    """A policy of letters: own templates by key, such as ``de/notice/firm``, own words, the looks of the page."""

    version: int
    id: str
    templates: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    layout: LetterLayout
    currencies: Mapping[str, int]


class AddressBookEntry(TypedDict, total=False):
    """A customer's name and address; without a name the customer's number stands for it."""

    name: str
    address: Sequence[str]
    contact: str | None
    salutation: str | None


class Stationery(TypedDict, total=False):
    """What the letters of a dunning run bear beside its figures; see ``docs/letters.md`` 3."""

    version: int
    id: str
    sender: Sender
    companies: Mapping[str, Sender]
    customers: Mapping[str, AddressBookEntry]
    language: Literal["en", "de", "fr", "es"]
    languages: Mapping[str, Literal["en", "de", "fr", "es"]]
    format: Literal["text", "html"]
    id_prefix: str
    link: str | None
    reference: Literal["document", "customer", "none"]
    aging_days: Sequence[int]


@dataclass(frozen=True)
class Rendered:
    """A letter as it goes out: the subject is one line of plain text in either format."""

    subject: str
    body: str
    format: Literal["text", "html"]
    language: Literal["en", "de", "fr", "es"]
    template: str


@dataclass(frozen=True)
class CreditorReference:
    """A creditor reference (ISO 11649): as it is sent to a bank, and as it is printed, in groups of four."""

    reference: str
    printed: str


def letter(letter: Letter | Mapping[str, Any], letters: Letters | Mapping[str, Any] | None = None) -> Rendered:
    """Writes a letter; ``letters`` may bring own templates, which are proved before they are used.

    >>> thanks = {"kind": "thanks", "language": "de", "date": "2026-10-31", "sender": {"name": "Miller Ltd"},
    ...           "customer": {"id": "C1", "name": "Brückner"}, "currency": "EUR", "total": "1234.56"}
    >>> letter(thanks).subject
    'Vielen Dank für Ihre Zahlung über 1.234,56\xa0EUR'
    """
    policy = "{}" if letters is None else _checks.encoded(letters, "letters")
    subject, body, form, language, template = _native.letter(_checks.encoded(letter, "letter"), policy)
    return Rendered(subject, body, form, language, template)  # type: ignore[arg-type]


def notice_letters(run: DunningRun, stationery: Stationery | Mapping[str, Any]) -> list[Letter]:
    """The letters of a dunning run, one a notice, in their order: :func:`letter` writes each.

    Amounts are :class:`decimal.Decimal`, dates :class:`datetime.date`, and all may be changed before it is written.
    """
    if not isinstance(run, DunningRun):
        _checks.refuse("wrong_type", f"expected a dunning run, got {type(run).__name__}", "run")
    text = _native.notice_letters(run._held, _checks.encoded(stationery, "stationery"))
    return cast("list[Letter]", _typed(json.loads(text), ""))


_AMOUNTS = frozenset("amount open disputed interest fee fees compensation total opening_balance".split())
_DAYS = frozenset("date document_date due_date from to".split())


def _typed(value: object, key: str) -> object:
    """Amounts as decimals, days as dates."""
    if isinstance(value, dict):
        return {name: _typed(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_typed(one, key) for one in value]
    if isinstance(value, str) and key in _AMOUNTS:
        return Decimal(value)
    return date.fromisoformat(value) if isinstance(value, str) and key in _DAYS else value


def creditor_reference(text: str) -> CreditorReference:
    """The creditor reference for one's own 1 to 21 letters and digits.

    >>> creditor_reference("539007547034").printed
    'RF18 5390 0754 7034'
    """
    return CreditorReference(*_native.creditor_reference(_checks.text(text, "text")))


def check_creditor_reference(text: str) -> CreditorReference:
    """A creditor reference as somebody wrote it, refused when its check digits do not belong to the rest."""
    return CreditorReference(*_native.check_creditor_reference(_checks.text(text, "text")))


def local_money(
    value: Money,
    currency: str,
    language: Literal["en", "de", "fr", "es"],
    *,
    settings: Settings | Mapping[str, Any] | None = None,
) -> str:
    """An amount as letters of a language write it, such as ``1.234,56 EUR`` with a no-break space."""
    known = "{}" if settings is None else to_json(settings, "settings")
    asked = _checks.text(currency, "currency"), _checks.text(language, "language")
    return _native.local_money(known, value, *asked)


def local_date(day: Day, language: Literal["en", "de", "fr", "es"]) -> str:
    """A day as letters of a language write it.

    >>> local_date("2026-10-31", "en")
    '31 October 2026'
    """
    return _native.local_date(day, _checks.text(language, "language"))
