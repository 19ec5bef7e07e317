"""The task `settle`: payments over open items with references, discounts and tolerance, in one call.

Beside it stands DuckDB with a statement that does a part of this: it joins a payment to the invoice that its reference
names, where the amount is all that is open. What both do is compared: each of DuckDB's pairs is one of our lines, with
that amount. Our lines by reference are also those that the generator meant, discount and tolerance beside them.
"""

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import generate
from ours import NotYet, named, padded, repeated
from peers import canonical, date_of

SETTLE_DAY = generate.REPORT_DAY
# A payment may be short by so much of the invoice, in hundredths of a percent.
TOLERANCE = 50
EXACT, DISCOUNT, SHORT, UNNAMED, NOTHING = range(5)


class Remittances:
    """`invoices`, all open in full; `offers` of a discount on a third of them; `payments`, one for five invoices.

    Half of the payments name an invoice and pay all of it; the others name one and take the discount in time, or are
    short within tolerance, or pay all of one without naming it, or fit nothing. `meant` is what each that names one is to
    settle: payment, invoice, amount, and what is let go beside it.
    """

    def __init__(self, n: int, seed: int = 1_494):
        rng = np.random.Generator(np.random.PCG64([seed, n]))
        self.n, self.customers = n, max(n // 20, 1)
        people = generate._People(rng, self.customers)
        customer, currency = people.draw(rng, n)
        issued = SETTLE_DAY - rng.integers(45, 120, n, dtype=np.int32)
        due = issued + rng.choice(generate.TERMS, n, p=[0.2, 0.5, 0.2, 0.1])
        cents = generate._cents(rng, n)
        percent = np.where(rng.random(n) < 1 / 3, rng.choice([2, 3], n), 0)
        until = np.where(percent > 0, issued + rng.choice([10, 14], n), issued)
        m = max(n // 5, 1)
        about = rng.choice(n, m, replace=False)
        way = rng.choice(5, m, p=[0.35, 0.3, 0.1, 0.15, 0.1])
        way[(way == DISCOUNT) & (percent[about] == 0)] = EXACT
        allowed = cents[about] * TOLERANCE // 10_000
        way[(way == SHORT) & (allowed == 0)] = EXACT
        discount = (cents[about] * percent[about] + 50) // 100
        short = rng.integers(1, np.maximum(allowed, 1), endpoint=True)
        let_go = np.select([way == DISCOUNT, way == SHORT], [discount, short], 0)
        paid = np.where(way == NOTHING, generate._cents(rng, m), cents[about] - let_go)
        in_time = issued[about] + rng.integers(0, 10, m)
        day = np.where(way == DISCOUNT, in_time, until[about] + rng.integers(1, 30, m)).astype(np.int32)
        names = way <= SHORT
        # What fits nothing names nothing, or a document that nobody knows.
        strange = (way == NOTHING) & (rng.random(m) < 0.5)
        reference = pc.if_else(
            pa.array(names), padded("I-", pa.array(about)), pc.if_else(pa.array(strange), padded("X-", pa.array(about)), None)
        )
        self.invoices = pa.table(
            {
                "id": padded("I-", pa.array(np.arange(n))),
                "customer": padded("C-", pa.array(customer)),
                "currency": pa.array(currency),
                "issued": generate._date(issued),
                "due": generate._date(due),
                "open": pa.array(cents),
            }
        )
        offered = np.flatnonzero(percent)
        self.offers = pa.table(
            {
                "document": padded("I-", pa.array(offered)),
                "until": generate._date(until[offered]),
                "percent": pc.cast(pa.array(percent[offered]), pa.decimal128(20, 0)),
            }
        )
        self.payments = pa.table(
            {
                "id": padded("P-", pa.array(np.arange(m))),
                "customer": padded("C-", pa.array(customer[about])),
                "currency": pa.array(currency[about]),
                "day": generate._date(day),
                "reference": reference,
                "amount": pa.array(paid),
            }
        )
        which = np.flatnonzero(names)
        self.meant = pa.table(
            {
                "payment": pa.array(which),
                "item": pa.array(about[which]),
                "let_go": pa.array(let_go[which]),
                "amount": pa.array(paid[which]),
            }
        )


class Ours:
    name = "receivables"

    def __init__(self, world):
        try:
            import receivables as api
        except ImportError as missing:
            raise NotYet("the package receivables is not installed") from missing
        if not hasattr(api, "SettlementPolicy"):
            raise NotYet("receivables has no SettlementPolicy")
        self.policy = api.SettlementPolicy(
            strategies=["reference", "exact_amount"],
            discount=api.DiscountPolicy(late="refused"),
            tolerance=api.TolerancePolicy(limits=[api.ToleranceLimit(side="under", percent=f"0.{TOLERANCE}")]),
        )

        def documents(table, kind, amount, issued, due, reference):
            return pa.table(
                {
                    "id": table["id"],
                    "customer": table["customer"],
                    "kind": repeated(kind, len(table)),
                    "currency": named(table["currency"]),
                    "amount_minor": amount,
                    "document_date": table[issued],
                    "due_date": table[due],
                    "reference": reference,
                }
            )

        invoices, payments = world.invoices, world.payments
        nothing = pa.nulls(len(invoices), pa.string())
        ledger = api.Ledger.from_tables(
            customers=pa.table({"id": padded("C-", pa.array(np.arange(world.customers)))}),
            documents=pa.concat_tables(
                [
                    documents(invoices, "invoice", invoices["open"], "issued", "due", nothing),
                    documents(payments, "payment", pc.negate(payments["amount"]), "day", "day", payments["reference"]),
                ]
            ),
            discounts=world.offers,
        )
        self.view = ledger.as_of(date_of(SETTLE_DAY))

    def settle(self):
        settlement = self.view.settle(self.policy)
        return pa.table(settlement.table("lines")), pa.table(settlement.table("differences"))

    def lines(self, answer):
        """Payment, item, what is let go beside the line, amount in cents, and the strategy. Outside the timing."""
        lines, differences = answer
        let_go = np.zeros(len(lines), np.int64)
        np.add.at(let_go, numbers(differences["line"]), numbers(cents(differences["amount"])))
        return pa.table(
            {
                "payment": number(lines["credit"]),
                "item": number(lines["debit"]),
                "let_go": pa.array(let_go),
                "amount": cents(lines["amount"]),
                "strategy": pc.cast(lines["strategy"], pa.string()),
            }
        )


class DuckDB:
    """The reference and the whole amount; neither discount, tolerance, exact amounts without reference nor what is left."""

    name = "duckdb"

    def __init__(self, world, form):
        self.form = form
        self.db = duckdb.connect()
        self.db.execute("set preserve_insertion_order = false")
        for name, money in (("invoices", "open"), ("payments", "amount")):
            self.db.register("source", getattr(world, name))
            kept = money if form == "cents" else f"cast(cast({money} as decimal(18, 2)) / 100 as decimal(18, 2))"
            self.db.execute(f"create table {name} as select * exclude ({money}), {kept} as {money} from source")
            self.db.unregister("source")

    def settle(self):
        return self.db.sql(
            """
            select p.id as payment, i.id as item, p.amount
            from payments p join invoices i on i.id = p.reference and i.open = p.amount
            """
        ).to_arrow_table()

    def lines(self, answer):
        amount = answer["amount"]
        return pa.table(
            {
                "payment": number(answer["payment"]),
                "item": number(answer["item"]),
                "amount": amount if self.form == "cents" else cents(amount),
            }
        )


def runs(n, run, bad):
    """Everyone's run of the task, after one untimed answer of each that was compared."""
    world = Remittances(n)
    duck = {form: DuckDB(world, form) for form in ("decimal", "cents")}
    try:
        ours = Ours(world)
    except NotYet as missing:
        print(f"{'settle':16}ours is not measured: {missing}")
        ours = None
    everyone = {} if ours is None else {run(ours.name, "", False, lambda turn: ours.settle(), ours.lines): ours}
    for form, peer in duck.items():
        everyone[run(peer.name, form, False, lambda turn, peer=peer: peer.settle(), peer.lines)] = peer
    full = world.meant.filter(pc.equal(world.meant["let_go"], 0)).drop_columns(["let_go"])
    held = None
    for one, engine in everyone.items():
        found = engine.lines(one.first())
        if engine is ours:
            held = found
            named = held.filter(pc.equal(held["strategy"], "reference")).drop_columns(["strategy"])
            if not canonical(named).equals(canonical(world.meant)):
                bad.append(("unequal", f"settle, {n:,}: lines by reference and what was meant"))
            if set(held["strategy"].unique().to_pylist()) != {"reference", "exact_amount"}:
                bad.append(("unequal", f"settle, {n:,}: strategies"))
            continue
        if not canonical(found).equals(canonical(full)):
            bad.append(("unequal", f"settle, {n:,}: {one.title} and what was meant"))
        if held is not None:
            keys = ["payment", "item", "amount"]
            both = found.join(held.select(keys), keys, join_type="inner")
            if len(both) != len(found):
                bad.append(("unequal", f"settle, {n:,}: {len(found) - len(both)} pairs of {one.title} are no lines of ours"))
    return list(everyone)


def number(column):
    return pc.cast(pc.utf8_slice_codeunits(pc.cast(column, pa.string()), 2), pa.int64())


def cents(column):
    return pc.cast(pc.multiply(pc.cast(column, pa.decimal128(28, 2)), pa.scalar(100, pa.decimal128(3, 0))), pa.int64())


def numbers(column):
    return np.asarray(column.to_numpy(), np.int64)
