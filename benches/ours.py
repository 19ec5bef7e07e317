"""Our side of the benchmark: the public Python package, and nothing but it.

Everything the runner knows of us is in this class, so that a change of the package is a change here alone. A task the
package cannot do yet raises `NotYet`, and the runner says so in the table instead of inventing a number.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from generate import CURRENCIES
from peers import EDGES, LEVELS, NO_VALUE, date_of

KINDS = ("invoice", "credit_note", "payment")
# Before every date of the book: an open item counts from the beginning.
LONG_AGO = 10_000


class NotYet(Exception):
    """The installed package has no such question."""


class Ours:
    name = "receivables"

    def __init__(self, book):
        try:
            import receivables
        except ImportError as missing:
            raise NotYet("the package receivables is not installed") from missing
        self.api = receivables
        self.book = book
        self.policy = receivables.AgingPolicy(edges=EDGES)
        self.items = pa.table(
            {name: book.items[name] for name in ("customer", "currency", "due")} | {"open_minor": book.items["open_cents"]}
        )
        self.payments = pa.table(
            {name: book.payments[name] for name in ("customer", "currency", "day")}
            | {"amount_minor": book.payments["amount_cents"]}
        )

    def check(self, task):
        """Refuses a task that the installed package has no question for."""
        if task in ("aging", "fifo") and not hasattr(self.api, "columns"):
            raise NotYet("receivables has no columns")
        if task not in ("aging", "fifo") and not hasattr(self.api, "Ledger"):
            raise NotYet("receivables has no Ledger")

    # From columns in any order: nothing is kept between two calls.

    def aging(self, day):
        return pa.table(self.api.columns.age(self.items, date_of(day), self.policy))

    def fifo(self):
        return pa.table(self.api.columns.allocate(self.items, self.payments))

    # From a view that is held: its items are sorted once, before the timing, and no answer is kept.

    def hold(self, with_payments):
        """Builds what the resident tasks stand on. Outside the timing."""
        items, payments = self.book.items, self.book.payments
        documents = [
            pa.table(
                {
                    "id": padded("I", items["item"]),
                    "customer": items["customer"],
                    "kind": repeated("journal", len(items)),
                    "currency": named(items["currency"]),
                    "amount_minor": items["open_cents"],
                    "document_date": pa.array(np.full(len(items), LONG_AGO, np.int32)).cast(pa.date32()),
                    "due_date": items["due"],
                }
            )
        ]
        if with_payments:
            documents.append(
                pa.table(
                    {
                        "id": padded("P", payments["payment"]),
                        "customer": payments["customer"],
                        "kind": repeated("payment", len(payments)),
                        "currency": named(payments["currency"]),
                        "amount_minor": pc.negate(payments["amount_cents"]),
                        "document_date": payments["day"],
                        "due_date": payments["day"],
                    }
                )
            )
        ledger = self.api.Ledger.from_tables(customers=self._customers(), documents=pa.concat_tables(documents))
        return ledger

    def _customers(self):
        return pa.table({"id": pa.array(np.arange(self.book.customers, dtype=np.int32))})

    def hold_aging(self, first_day):
        self.held = self.hold(False).as_of(date_of(first_day))
        self.held.carried_to(date_of(first_day + 1)).aging(self.policy, by=["customer", "currency"]).cells()

    def aging_resident(self, day):
        return pa.table(self.held.carried_to(date_of(day)).aging(self.policy, by=["customer", "currency"]).cells())

    def hold_dunning(self, first_day):
        self.held = self.hold(False).as_of(date_of(first_day))
        # The levels alone are what the peers select, so credits cover nothing here.
        levels = [{"days": days} for days in LEVELS]
        procedure = {"escalation": "jump", "levels": levels}
        apart = {"credit_notes": "ignored", "unapplied": "ignored"}
        self.levels = self.api.DunningPolicy(procedures={"standard": procedure}, **apart)
        self.held.carried_to(date_of(first_day + 1)).dun(self.levels).table("levels")

    def dunning(self, day):
        """A run: whom it reminds, at which level, of how many lines and how much. Lines and reasons wait until asked for."""
        return pa.table(self.held.carried_to(date_of(day)).dun(self.levels).table("claims"))

    def dunning_lines(self, day):
        """The same run with what it says of every single item."""
        return pa.table(self.held.carried_to(date_of(day)).dun(self.levels).table("levels"))

    def hold_fifo(self, day):
        self.held = self.hold(True).as_of(date_of(day))
        self.oldest_first = self.api.AllocationPolicy(strategies=["oldest_due"], credit_kinds=["payment"])
        self.held.propose(self.oldest_first).table()

    def fifo_resident(self):
        return pa.table(self.held.propose(self.oldest_first).table())

    # From facts: what was open on a past day, as documents less the allocations dated by then.

    def hold_facts(self):
        """Loads the ledger. Outside the timing."""
        self.ledger = self.load(self.book.documents)

    def as_of_aging(self, day):
        return pa.table(self.ledger.as_of(date_of(day)).aging(self.policy, by=["customer", "currency"]).cells())

    def hold_kpi(self, day):
        self.hold_facts()
        self.view = self.ledger.as_of(date_of(day))
        self.figures = self.api.KpiPolicy(kpis=["dso_simple", "average_days_delinquent", "cei"])

    def kpi(self, day):
        return pa.table(self.view.kpis(self.figures, by=["customer"]).table())

    def hold_exposure(self, day):
        self.held = self.hold(False).as_of(date_of(day))
        self.apart = self.api.CreditPolicy(currencies="apart", checks=[])
        self.held.exposure(self.apart)

    def exposure(self, day):
        """What every customer is exposed to in each currency, part by part: from the balances that the ledger keeps."""
        return pa.table(self.held.exposure(self.apart).rows)

    def _documents(self, documents):
        return pa.table(
            {
                "id": documents["document"],
                "customer": documents["customer"],
                "kind": pa.chunked_array(
                    [pa.DictionaryArray.from_arrays(chunk, list(KINDS)) for chunk in documents["kind"].chunks]
                ),
                "currency": documents["currency"]
                if pa.types.is_string(documents["currency"].type)
                else named(documents["currency"]),
                "amount_minor": documents["amount_cents"],
                "document_date": documents["issued"],
                "due_date": documents["due"],
            }
        )

    def load(self, documents):
        allocations = self.book.allocations
        text = pa.types.is_string(documents["document"].type)
        known = len(documents)
        if known < self.book.n:
            held = pc.and_(pc.less(allocations["credit"], known), pc.less(allocations["debit"], known))
            allocations = allocations.filter(held)
        link = (lambda column: padded("D-", column)) if text else (lambda column: column)
        customers = self._customers()
        if text:
            customers = pa.table({"id": padded("C-", customers["id"])})
        return self.api.Ledger.from_tables(
            customers=customers,
            documents=self._documents(documents),
            allocations=pa.table(
                {
                    "id": pa.array(np.arange(len(allocations), dtype=np.int32)),
                    "credit": link(allocations["credit"]),
                    "debit": link(allocations["debit"]),
                    "amount_minor": allocations["amount_cents"],
                    "effective": allocations["day"],
                }
            ),
        )

    def append(self, loaded, more):
        return loaded.append(recorded=date_of(40_000), documents=self._documents(more))

    def to_cents(self, table):
        """The answer in integers, columns named as the peers name them. Outside the timing."""
        if "dso_simple" in table.column_names:
            cents = lambda name: [NO_VALUE if value is None else int(value * 100) for value in table[name].to_pylist()]
            return pa.table(
                {
                    "customer": pc.cast(plain(table["customer"]), pa.int64()),
                    "currency": pc.index_in(plain(table["currency"]), pa.array(CURRENCIES)),
                    "dso": cents("dso_simple"),
                    "delinquent": cents("average_days_delinquent"),
                    "cei": cents("cei"),
                }
            )
        if "exposure" in table.column_names:
            return pa.table(
                {
                    "customer": pc.cast(plain(table["customer"]), pa.int64()),
                    "currency": pc.index_in(plain(table["currency"]), pa.array(CURRENCIES)),
                    "exposure": [int(value * 100) for value in table["exposure"].to_pylist()],
                }
            )
        if "claims_minor" in table.column_names:
            table = table.select(["customer", "currency", "level"])
        elif "level" in table.column_names:
            item = pc.cast(pc.utf8_slice_codeunits(plain(table["document"]), 1), pa.int64())
            return pa.table({"item": item, "level": table["level"]})
        if "credit" in table.column_names:
            number = lambda name: pc.cast(pc.utf8_slice_codeunits(plain(table[name]), 1), pa.int64())
            return pa.table({"payment": number("credit"), "item": number("debit"), "amount": table["amount_minor"]})
        columns = {"open_minor": "open", "amount_minor": "amount"}
        table = table.rename_columns([columns.get(name, name) for name in table.column_names])
        if pa.types.is_dictionary(table["currency"].type) if "currency" in table.column_names else False:
            currency = pc.index_in(plain(table["currency"]), pa.array(CURRENCIES))
            table = table.set_column(table.column_names.index("currency"), "currency", currency)
            customer = pc.cast(plain(table["customer"]), pa.int64())
            table = table.set_column(table.column_names.index("customer"), "customer", customer)
        return table.drop_columns([name for name in ("items",) if name in table.column_names])


def plain(column):
    return pc.cast(column, pa.string())


def repeated(text, count):
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int8)), [text])


def padded(letter, column):
    return pc.binary_join_element_wise(letter, pc.utf8_lpad(pc.cast(column, pa.string()), 9, "0"), "")


def named(column):
    combined = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return pa.DictionaryArray.from_arrays(combined, list(CURRENCIES))
