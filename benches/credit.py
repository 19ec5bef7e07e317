"""How long one credit check takes from Python, and what the exposure of all costs beside Polars.

    python benches/credit.py [--sizes 10000,1000000] [--appends 100000] [--checks 20000] [--chains 0,100,10000]

A check is `desk.check(customer, amount, currency)` on a ledger that is held: *first* of customers not asked about before,
*again* of the same ones. After `--appends` appends of one invoice each the last ledger of the largest size is asked again, by a
desk made anew. With `--chains` one customer has so many orders that were delivered and invoiced, and three that are open: what is asked
first after an append is told, the middle of 200. The exposure is CPU of the process over all threads, the least of five, answers as Arrow tables; Polars has its
columns in memory and sums whole cents by customer and currency.
"""

import argparse
import random
import time
from decimal import Decimal

import generate
import pyarrow as pa
import receivables as ar

DAY = "2026-06-30"
AMOUNT = Decimal("100.00")


def ledger_of(n):
    """A ledger of n open invoices, a limit for every customer, and the ids of the customers."""
    book = generate.book(n)
    items = book.items
    names = [f"C{number}" for number in range(book.customers)]
    ids = pa.array(names).take(items["customer"].combine_chunks())
    day = pa.array([20_000] * len(items), pa.int32()).cast(pa.date32())
    documents = pa.table(
        {
            "id": pa.array([f"I{number}" for number in range(len(items))]),
            "customer": ids,
            "kind": pa.array(["journal"] * len(items)).dictionary_encode(),
            "currency": pa.array(["EUR"] * len(items)).dictionary_encode(),
            "amount_minor": items["open_cents"],
            "document_date": day,
            "due_date": items["due"],
        }
    )
    lines = pa.table(
        {
            "id": pa.array([f"L{number}" for number in range(len(names))]),
            "kind": pa.array(["limit"] * len(names)),
            "customer": names,
            "currency": pa.array(["EUR"] * len(names)),
            "amount": pa.array([Decimal("10000.00")] * len(names)),
            "effective": pa.array([20_000] * len(names), pa.int32()).cast(pa.date32()),
        }
    )
    loaded = ar.Ledger.from_tables(customers=pa.table({"id": names}), documents=documents, credit_lines=lines)
    return loaded, names, documents


def microseconds(desk, customers):
    started = time.perf_counter_ns()
    for customer in customers:
        desk.check(customer, AMOUNT, "EUR")
    return (time.perf_counter_ns() - started) / 1000 / len(customers)


def ask(what, ledger, names, checks):
    rng = random.Random(7)
    chosen = rng.sample(names, min(checks, len(names)))
    desk = ledger.credit(ar.CreditPolicy(), DAY)
    desk.check(chosen[0], AMOUNT, "EUR")  # the sums of balances are made here, once for a ledger
    made = time.perf_counter_ns()
    desk = ledger.credit(ar.CreditPolicy(), DAY)
    made = (time.perf_counter_ns() - made) / 1000
    first, again = microseconds(desk, chosen), microseconds(desk, chosen)
    print(f"check  {what:>28}  desk {made:7.1f} us  first {first:6.2f} us  again {again:6.2f} us")


def ledger_of_chains(chains):
    """One customer with orders that came to their end, and three that did not."""
    whose = {"customer": "C0", "currency": "EUR"}
    orders = [{"id": f"O{at}", "kind": "order", "amount": "10.00", "effective": "2026-01-02"} for at in range(chains + 3)]
    delivered = {"kind": "delivery", "amount": "10.00", "effective": "2026-01-03"}
    deliveries = [{"id": f"D{at}", "order": f"O{at}", **delivered} for at in range(chains)]
    invoiced = {"kind": "invoice", "amount": "10.00", "document_date": "2026-01-04"}
    invoices = [{"id": f"I{at}", "order": f"D{at}", **invoiced} for at in range(chains)]
    limit = {"id": "L", "kind": "limit", "amount": "1000000.00", "effective": "2026-01-01"}
    return ar.Ledger.from_tables(
        customers=[{"id": "C0"}],
        commitments=[{**row, **whose} for row in orders + deliveries],
        documents=[{**row, **whose} for row in invoices],
        credit_lines=[{**limit, **whose}],
    )


def ask_after_appends(chains):
    """What the first check after each of 200 appends takes, of a customer with that many finished orders: the middle one."""
    ledger, taken = ledger_of_chains(chains), []
    policy = ar.CreditPolicy()
    ledger.credit(policy, DAY).check("C0", AMOUNT, "EUR")  # what is left of commitments is looked at here, once for a ledger
    for number in range(200):
        whose = {"customer": "C0", "currency": "EUR", "amount": "1.00"}
        order = {"id": f"N{number}", "kind": "order", "effective": DAY, **whose}
        invoice = {"id": f"NI{number}", "kind": "invoice", "document_date": DAY, "order": f"N{number}", **whose}
        ledger = ledger.append(recorded=DAY, commitments=[order], documents=[invoice])
        desk = ledger.credit(policy, DAY)
        started = time.perf_counter_ns()
        desk.check("C0", AMOUNT, "EUR")
        taken.append((time.perf_counter_ns() - started) / 1000)
    print(f"check  {chains:>12,} finished orders  first after an append {sorted(taken)[100]:6.2f} us")


def least_cpu(call):
    best = None
    for _ in range(5):
        started = time.process_time()
        call()
        spent = time.process_time() - started
        best = spent if best is None else min(best, spent)
    return best * 1000


def compare(n, ledger, documents):
    import polars as pl

    view = ledger.as_of(DAY)
    ours = least_cpu(lambda: view.exposure(ar.CreditPolicy(checks=[])).rows.to_pyarrow())
    bare = least_cpu(lambda: view.exposure(ar.CreditPolicy(checks=[])))
    frame = pl.from_arrow(documents.select(["customer", "currency", "amount_minor"]))
    sums = frame.lazy().group_by("customer", "currency").agg(pl.col("amount_minor").sum()).sort("customer", "currency")
    theirs = least_cpu(lambda: sums.collect().to_arrow())
    print(f"exposure {n:>11,}  ours {ours:8.1f} ms (without rows {bare:6.1f} ms)  Polars {theirs:8.1f} ms")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="10000,1000000")
    parser.add_argument("--appends", type=int, default=100_000)
    parser.add_argument("--checks", type=int, default=20_000)
    parser.add_argument("--chains", default="0,100,10000")
    asked = parser.parse_args()
    for chains in map(int, asked.chains.split(",")):
        ask_after_appends(chains)
    for n in map(int, asked.sizes.split(",")):
        ledger, names, documents = ledger_of(n)
        ask(f"{n:,} items", ledger, names, asked.checks)
        compare(n, ledger, documents)
    rng = random.Random(11)
    for number in range(asked.appends):
        row = {"id": f"N{number}", "customer": rng.choice(names), "kind": "invoice", "currency": "EUR", "amount": "10.00"}
        ledger = ledger.append(recorded="2026-06-30", documents=[{**row, "document_date": "2026-06-30"}])
    if asked.appends:
        ask(f"after {asked.appends:,} appends", ledger, names, asked.checks)


if __name__ == "__main__":
    main()
