"""Our side of the benchmark: the public Python package, and nothing but it.

Everything the runner knows of us is in this class, so that a change of the package is a change here alone. A task the
package cannot do yet raises `NotYet`, and the runner says so in the table instead of inventing a number.
"""

import pyarrow as pa

from generate import CURRENCIES
from peers import EDGES, date_of


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
        self.items = self._open_items(book)
        self.payments = book.payments.select(["customer", "currency", "day", "amount_cents"])

    @staticmethod
    def _open_items(book):
        return book.items.select(["customer", "currency", "due", "open_cents"])

    def check(self, task):
        """Refuses a task that the installed package has no question for."""
        name = {"aging": "age_columns", "fifo": "allocate_columns"}.get(task)
        name = name or ("OpenItems" if task.endswith("_resident") else "Ledger")
        if not hasattr(self.api, name):
            raise NotYet(f"receivables has no {name}")

    # From columns in any order: nothing is kept between two calls.

    def aging(self, day):
        return pa.table(self.api.age_columns(self.items, on=date_of(day), edges=EDGES, currencies=CURRENCIES))

    def fifo(self):
        return pa.table(self.api.allocate_columns(self.items, self.payments, currencies=CURRENCIES))

    # From a view that is held: its items are sorted once, before the timing, and no answer is kept.

    def hold(self):
        """Builds what the resident tasks stand on. Outside the timing."""
        self.held = self.api.OpenItems.from_arrow(self.items, payments=self.payments, currencies=CURRENCIES)

    def aging_resident(self, day):
        return pa.table(self.held.age(on=date_of(day), edges=EDGES))

    def fifo_resident(self):
        return pa.table(self.held.allocate())

    # From facts: what was open on a past day, as documents less the allocations dated by then.

    def hold_facts(self):
        """Loads the ledger. Outside the timing."""
        self.ledger = self.load(self.book.documents)

    def as_of_aging(self, day):
        return pa.table(self.ledger.as_of(date_of(day)).age(edges=EDGES))

    def load(self, documents):
        return self.api.Ledger.from_arrow(documents=documents, allocations=self.book.allocations, currencies=CURRENCIES)

    def append(self, loaded, more):
        return loaded.append(documents=more)

    def to_cents(self, table):
        """The answer in integers, columns named as the peers name them. Outside the timing."""
        return table.rename_columns([{"open_cents": "open", "amount_cents": "amount"}.get(c, c) for c in table.column_names])
