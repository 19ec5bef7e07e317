"""A receivables ledger that looks like a real one, the same bytes every time, for any number of items.

Two forms of the same kind of book:

* the open form, for `aging` and `fifo`: open items as they stand on REPORT_DAY, and the payments to spend on them;
* the facts form, for `as_of_aging`: documents with their full amounts, and dated allocations, so that what was open on
  a past day is a document's amount less what had been allocated to it by then.

Customers follow a long tail (a few have thousands of items, half have fewer than ten), mostly keep to one currency,
pay partly, late, and sometimes are owed money. Money is made as whole cents and given twice: as decimal(18, 2) and as
64-bit cents. Everything is an Arrow table in memory; nothing touches the disk.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

REPORT_DAY = 20453  # 2025-12-31, in days since 1970-01-01
PAST_DAY = 20361  # 2025-09-30
CURRENCIES = ("EUR", "USD", "GBP")
TERMS = np.array([14, 30, 45, 60], np.int32)


@dataclass(frozen=True)
class Book:
    """`items`, `payments`, `documents`, `allocations`: Arrow tables. `customers`: how many there are."""

    n: int
    customers: int
    items: pa.Table
    payments: pa.Table
    documents: pa.Table
    allocations: pa.Table


def book(n: int, seed: int = 7_041_776) -> Book:
    rng = np.random.Generator(np.random.PCG64([seed, n]))
    customers = max(n // 20, 1)
    people = _People(rng, customers)
    items, payments = _open_form(rng, people, n)
    documents, allocations = _facts_form(rng, people, n)
    return Book(n, customers, items, payments, documents, allocations)


class _People:
    """Who the customers are: how busy each is, and the currency it usually pays in."""

    def __init__(self, rng, count):
        weight = (np.arange(count) + 10.0) ** -0.8
        self.cumulative = np.cumsum(weight) / weight.sum()
        self.shuffled = rng.permutation(count).astype(np.int32)
        self.home = rng.choice(len(CURRENCIES), count, p=[0.7, 0.2, 0.1]).astype(np.int8)
        self.count = count

    def draw(self, rng, n):
        rank = np.searchsorted(self.cumulative, rng.random(n))
        customer = self.shuffled[np.minimum(rank, self.count - 1)]
        currency = self.home[customer]
        abroad = rng.random(n) < 0.1
        currency[abroad] = rng.integers(0, len(CURRENCIES), int(abroad.sum()))
        return customer, currency


def _cents(rng, n):
    return np.maximum(100, np.exp(rng.normal(6.0, 1.2, n)) * 100).astype(np.int64)


def _open_form(rng, people, n):
    customer, currency = people.draw(rng, n)
    issued = np.sort(REPORT_DAY - np.minimum(rng.exponential(60, n), 720).astype(np.int32)).astype(np.int32)
    due = issued + rng.choice(TERMS, n, p=[0.2, 0.5, 0.2, 0.1])
    cents = _cents(rng, n)
    partly = rng.random(n) < 0.1
    cents[partly] = np.maximum(1, cents[partly] * rng.random(int(partly.sum()))).astype(np.int64)
    cents[rng.random(n) < 0.05] *= -1
    items = pa.table(
        {
            "item": pa.array(np.arange(n, dtype=np.int32)),
            "customer": pa.array(customer),
            "currency": pa.array(currency),
            "due": _date(due),
            "open": _money(cents),
            "open_cents": pa.array(cents),
        }
    )
    m = max(n // 5, 1)
    about = np.sort(rng.integers(0, n, m))
    day = np.minimum(REPORT_DAY, due[about] + rng.integers(-10, 40, m)).astype(np.int32)
    paid = (_cents(rng, m) * 2.3).astype(np.int64)
    payments = pa.table(
        {
            "payment": pa.array(np.arange(m, dtype=np.int32)),
            "customer": pa.array(customer[about]),
            "currency": pa.array(currency[about]),
            "day": _date(day),
            "amount": _money(paid),
            "amount_cents": pa.array(paid),
        }
    )
    return items, payments


def _facts_form(rng, people, n):
    """Invoices (80 %), credit notes (5 %) and payments (15 %), and the allocations of credits to invoices of the same
    customer and currency. A payment is dated when it was received; an allocation on or after both its documents."""
    payments = n * 15 // 100
    notes = n * 5 // 100
    invoices = n - payments - notes
    customer, currency = people.draw(rng, invoices)
    issued = REPORT_DAY - rng.integers(0, 548, invoices, dtype=np.int32)
    due = issued + rng.choice(TERMS, invoices, p=[0.2, 0.5, 0.2, 0.1])
    cents = _cents(rng, invoices)
    # A credit answers some invoice, so that it shares its account; about one in six covers a second one's remainder.
    credits = payments + notes
    answered = rng.choice(invoices, credits, replace=credits > invoices)
    lateness = np.maximum(0, rng.normal(6, 18, credits)).astype(np.int32)
    received = np.maximum(issued[answered], due[answered] + lateness - 10).astype(np.int32)
    share = np.where(rng.random(credits) < 0.8, 1.0, rng.random(credits))
    applied = np.maximum(1, (cents[answered] * share)).astype(np.int64)
    surplus = np.where(rng.random(credits) < 0.05, _cents(rng, credits), 0)
    documents = pa.table(
        {
            "document": pa.array(np.arange(n, dtype=np.int32)),
            "customer": pa.array(np.concatenate([customer, customer[answered]])),
            "currency": pa.array(np.concatenate([currency, currency[answered]])),
            "kind": pa.array(
                np.repeat(np.array([0, 1, 2], np.int8), [invoices, notes, payments])
            ),  # invoice, credit note, payment
            "issued": _date(np.concatenate([issued, received])),
            "due": _date(np.concatenate([due, received])),
            "amount": _money(np.concatenate([cents, -(applied + surplus)])),
            "amount_cents": pa.array(np.concatenate([cents, -(applied + surplus)])),
        }
    )
    # Some credits are matched days after they came in; a twentieth wait on account and are never matched. Two thirds
    # of the matched ones are matched in two steps.
    waits = rng.random(credits) < 0.05
    credit = np.flatnonzero(~waits).astype(np.int32)
    first = np.where(rng.random(len(credit)) < 1 / 3, applied[credit], (applied[credit] + 1) // 2)
    rest = applied[credit] - first
    on = received[credit] + (rng.random(len(credit)) < 0.2) * rng.integers(1, 40, len(credit))
    again = rest > 0
    day = np.concatenate([on, on[again] + rng.integers(0, 30, int(again.sum()))]).astype(np.int32)
    link = np.concatenate([credit, credit[again]])
    amount = np.concatenate([first, rest[again]])
    order = np.argsort(day, kind="stable")
    allocations = pa.table(
        {
            "credit": pa.array((link + invoices).astype(np.int32)[order]),
            "debit": pa.array(answered[link].astype(np.int32)[order]),
            "day": _date(day[order]),
            "amount": _money(amount[order]),
            "amount_cents": pa.array(amount[order]),
        }
    )
    return documents, allocations


def _date(days):
    return pa.array(np.ascontiguousarray(days, np.int32)).cast(pa.date32())


def _money(cents):
    words = np.empty((len(cents), 2), "<i8")
    words[:, 0] = cents
    words[:, 1] = cents >> 63
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), [None, pa.py_buffer(words)])
