"""Our engine beside Polars and DuckDB: the same data, one process, answers equal to the cent.

    python benches/run.py [--sizes 100000,1000000,10000000] [--repeat 5] [--tasks aging,fifo] [--out FILE]

Repetitions are interleaved, so that a noisy minute falls on everyone. CPU is the process's, over all threads; the peers
use as many threads as they like. Each peer is asked in exact decimals and in whole cents, and stands on whichever took
less CPU. One round before the timing compares every answer in full, row by row, in cents; above two million items only
the quickest form of each peer goes on from there. Beside `settle` stands a part of it, see settle.py; above two million
items it is left out. Memory is the peak over what was resident before the call.

Leaves with 1 when an answer differs, and, unless `--no-floors`, when a ratio is below its floor.
"""

import argparse
import gc
import json
import statistics
import sys
import time
from pathlib import Path

import generate
import peers
import rules
import settle
from ours import NotYet, Ours

# CPU of the quicker peer over ours, at least this.
FLOORS = {
    ("aging", 1_000_000): 3,
    ("fifo", 1_000_000): 10,
    ("aging_resident", 1_000_000): 15,
    ("fifo_resident", 1_000_000): 30,
    ("as_of_aging", 1_000_000): 1,
    ("dunning", 1_000_000): 6,
    ("kpi", 1_000_000): 10,
    ("exposure", 1_000_000): 10,
    ("aging", 10_000_000): 3,
    ("fifo", 10_000_000): 12,
}
TASKS = ("aging", "fifo", "aging_resident", "fifo_resident", "as_of_aging", "dunning", "dunning_lines", "kpi", "exposure", "load_integer", "load_string", "append", "settle")
# Beside `dunning_lines` stands a rule engine that evaluates the same decision table, item by item, on so many of them.
ONE_BY_ONE = 20_000
MANY = 2_000_000


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--sizes", default="100000,1000000,10000000")
    ask.add_argument("--repeat", type=int, default=5)
    ask.add_argument("--tasks", default=",".join(TASKS))
    ask.add_argument("--out", default="target/bench/performance.json")
    ask.add_argument("--no-floors", action="store_true")
    wish = ask.parse_args()
    records, details, bad = [], [], []
    for n in map(int, wish.sizes.split(",")):
        world = World(n)
        print(f"\n{n:,} items, {world.book.customers:,} customers; CPU in ns per item, wall in ms, peak memory in MB")
        print(f"{'task':16}{'engine':34}{'cpu':>10}{'wall':>10}{'memory':>10}  ratio")
        for task in wish.tasks.split(","):
            if task == "settle" and n > MANY:
                continue
            found = world.measure(task, max(wish.repeat, 5), bad)
            record = tell(task, n, found, bad)
            records.append(record)
            if task == "dunning_lines":
                rules.tell(world.book, ONE_BY_ONE, record["ours_cpu_ns_per_item"], bad)
            details.extend({"task": task, "n": n, **line} for line in found)
        del world
        gc.collect()
    out = Path(wish.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(records, indent=1) + "\n")
    out.with_name(out.stem + "-forms.json").write_text(json.dumps(details, indent=1) + "\n")
    unequal = [what for kind, what in bad if kind == "unequal"]
    below = [what for kind, what in bad if kind == "below"]
    print()
    print("\n".join(f"NOT EQUAL: {what}" for what in unequal) or "every answer is equal to the cent")
    print("\n".join(f"BELOW ITS FLOOR: {what}" for what in below) or (
        "no ratio below its floor" if any(r["ours_cpu_ns_per_item"] for r in records) else "we were not measured"
    ))
    sys.exit(bool(unequal or (below and not wish.no_floors)))


class World:
    """One size of ledger and everybody who is asked about it."""

    def __init__(self, n):
        self.n = n
        self.book = generate.book(n)
        self.peers = [
            (kind.name, form, ordered, kind(self.book, form, ordered))
            for kind in (peers.Polars, peers.DuckDB)
            for form in ("decimal", "cents")
            for ordered in (False, True)
        ]
        try:
            self.ours = Ours(self.book)
        except NotYet as missing:
            print(f"ours is not measured: {missing}")
            self.ours = None

    def measure(self, task, repeat, bad):
        """Asks everyone `repeat` times in turn. One line of figures for each form of each engine."""
        runs = settle.runs(self.n, Run, bad) if task == "settle" else self.runs(task)
        if task.startswith(("aging", "fifo", "as_of", "dunning", "kpi", "exposure")):
            runs = self.compare(task, runs, bad)
        for turn in range(repeat):
            for run in runs:
                run.take(turn)
        return [run.line(self.n) for run in runs]

    def runs(self, task):
        question = task.removesuffix("_resident")
        day = {"as_of_aging": generate.PAST_DAY}.get(task, generate.REPORT_DAY)
        # The resident view is asked about another day each time, and so are the peers.
        moves = task in ("aging_resident", "dunning", "dunning_lines")
        days = (lambda turn: day + 7 * turn) if moves else (lambda turn: day)
        runs = []
        if self.ours is not None:
            try:
                runs.append(self.our_run(task, days))
            except NotYet as missing:
                print(f"{task:16}ours is not measured: {missing}")
        if task.startswith("load") or task == "append":
            return runs + [self.loading(task, name, peer) for name, form, ordered, peer in self.peers if form == "cents" and not ordered]
        for name, form, ordered, peer in self.peers:
            if ordered and question in ("as_of_aging", "kpi"):
                continue
            if question == "kpi":
                peer.hold_kpi(day)
            ways = [question] + (["fifo_marks"] if question == "fifo" and name == "duckdb" else [])
            ways += ["dunning_by_line"] if question == "dunning" else []
            for way in ways:
                ask = getattr(peer, way)
                call = (lambda turn, ask=ask: ask()) if question == "fifo" else (lambda turn, ask=ask: ask(days(turn)))
                label = form + {"fifo_marks": " marks", "dunning_by_line": " by line"}.get(way, "")
                runs.append(Run(name, label, ordered, call, peer.to_cents))
        return runs

    def our_run(self, task, days):
        ours = self.ours
        ours.check(task)
        if task.startswith("load") or task == "append":
            return self.loading(task, ours.name, ours)
        if task == "aging_resident":
            ours.hold_aging(days(-1))
        if task.startswith("dunning"):
            ours.hold_dunning(days(-1))
        if task == "fifo_resident":
            ours.hold_fifo(days(0))
        if task == "kpi":
            ours.hold_kpi(days(0))
        if task == "exposure":
            ours.hold_exposure(days(0))
        if task == "as_of_aging":
            ours.hold_facts()
        ask = getattr(ours, task)
        call = (lambda turn: ask()) if task.startswith("fifo") else (lambda turn: ask(days(turn)))
        return Run(ours.name, "", False, call, ours.to_cents)

    def loading(self, task, name, engine):
        documents = self.book.documents.drop_columns(["amount"])
        if task == "load_string":
            documents = named(documents)
        if task != "append":
            return Run(name, "", False, lambda turn: engine.load(documents), None)
        held = documents.slice(0, self.n - self.n // 100)
        more = documents.slice(self.n - self.n // 100)
        return Run(name, "1 % more", False, lambda loaded: engine.append(loaded, more), None, lambda: engine.load(held))

    def compare(self, task, runs, bad):
        """One untimed answer of everyone, in full, against the first one's."""
        truth, cost = None, {}
        for run in runs:
            before = time.process_time()
            answer = run.first()
            cost[run] = time.process_time() - before
            answer = run.to_cents(answer)
            if truth is None:
                truth = peers.canonical(answer)
            elif not peers.canonical(answer.select(truth.column_names)).equals(truth):
                bad.append(("unequal", f"{task}, {self.n:,}: {runs[0].title} and {run.title}"))
        if self.n <= MANY:
            return runs
        best = {}
        for run in runs:
            key = (run.engine, run.ordered)
            best[key] = min(best.get(key, run), run, key=cost.__getitem__)
        return [run for run in runs if best[run.engine, run.ordered] is run]


class Run:
    """One form of one engine on one task."""

    def __init__(self, engine, form, ordered, call, to_cents, prepare=None):
        self.engine, self.form, self.ordered = engine, form, ordered
        self.call, self.to_cents, self.prepare = call, to_cents, prepare
        self.title = " ".join(filter(None, [engine, form, "on sorted tables" if ordered else ""]))
        self.cpu, self.wall, self.memory = [], [], []

    def first(self):
        """An untimed answer. It shows the memory best: later calls find freed memory to use again."""
        resident = mark_memory()
        answer = self.call(1)
        self.memory.append(peak_since(resident))
        return answer

    def take(self, turn):
        if self.prepare is not None:
            turn = self.prepare()
        gc.collect()
        resident = mark_memory()
        cpu, wall = time.process_time(), time.perf_counter()
        answer = self.call(turn)
        self.wall.append(time.perf_counter() - wall)
        self.cpu.append(time.process_time() - cpu)
        self.memory.append(peak_since(resident))
        del answer

    def line(self, n):
        memory = [m for m in self.memory if m is not None]
        return {
            "engine": self.engine,
            "form": self.form,
            "sorted": self.ordered,
            "cpu_ns_per_item": round(statistics.median(self.cpu) / n * 1e9, 2),
            "wall_ms": round(statistics.median(self.wall) * 1e3, 3),
            "peak_mb": round(max(memory) / 1e6, 1) if memory else None,
        }


def tell(task, n, lines, bad):
    """Prints the lines of one task and returns its record."""

    def best(engine, ordered=False):
        mine = [line for line in lines if line["engine"] == engine and line["sorted"] is ordered]
        return min(mine, key=lambda line: line["cpu_ns_per_item"], default=None)

    ours = best(Ours.name)
    stands = {name: best(name) for name in ("polars", "duckdb")}
    for line in lines:
        ratio = ""
        if ours is not None and line is not ours:
            ratio = f"{line['cpu_ns_per_item'] / max(ours['cpu_ns_per_item'], 0.01):7.1f}"
            ratio += " *" if line in stands.values() else ""
        title = " ".join(filter(None, [line["engine"], line["form"], "sorted" if line["sorted"] else ""]))
        memory = "" if line["peak_mb"] is None else f"{line['peak_mb']:.1f}"
        print(f"{task:16}{title:34}{line['cpu_ns_per_item']:10.2f}{line['wall_ms']:10.2f}{memory:>10}  {ratio}")
    floor = FLOORS.get((task, n))
    if floor is not None and ours is not None:
        ratio = min(p["cpu_ns_per_item"] for p in stands.values()) / max(ours["cpu_ns_per_item"], 0.01)
        print(f"{task:16}{ratio:.1f} times the quicker peer; the floor is {floor}")
        if ratio < floor:
            bad.append(("below", f"{task}, {n:,}: {ratio:.1f} of {floor}"))
    record = {"task": task, "n": n}
    sides = {"ours": ours, **stands}
    record |= {f"{side}_cpu_ns_per_item": line and line["cpu_ns_per_item"] for side, line in sides.items()}
    record |= {f"{side}_wall_ms": line and line["wall_ms"] for side, line in sides.items()}
    return record


def named(documents):
    """The same documents with text for ids."""
    import pyarrow.compute as pc
    import pyarrow as pa

    def text(name, letter):
        digits = pc.utf8_lpad(documents[name].cast(pa.string()), 9, "0")
        return pc.binary_join_element_wise(letter, digits, "-")

    for name, letter in (("document", "D"), ("customer", "C")):
        at = documents.column_names.index(name)
        documents = documents.set_column(at, name, text(name, letter))
    return documents.combine_chunks()


def mark_memory():
    """Resets the kernel's high-water mark; the resident bytes now, or None where there is no such mark."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
        return status("VmRSS")
    except OSError:
        return None


def peak_since(resident):
    return None if resident is None else max(0, status("VmHWM") - resident)


def status(name):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise OSError(name)


if __name__ == "__main__":
    main()
