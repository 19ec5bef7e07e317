#!/usr/bin/env python3
"""What must hold of every dunning run, asked of the oracle alone on random worlds.

usage: dunning_properties.py [COUNT] [SEED]

That every open item stands once, on a notice or among the skipped, is asserted with every run, and that a notice's claims are its lines. Here besides:
a notice's total is its parts, and the parts its lines; a second run of the day is empty once the first is posted; one with nothing posted is the same;
the order of the rows does not matter; blocking a debit adds no line; a later day never lowers a level while nothing else happens; no schedule that
is agreed after a notice takes back interest that it has charged; what was simulated is what would have been run day by day; interest of notices and of what was paid since is the interest of all the days.
"""
import collections
import copy
import datetime
import random
import sys

import dunning_policy
import interest
from differential import World, fact_step
from dunning import Run
from dunning_history import History
from dunning_trial import Simulation
from engine import Engine
from run_cases import answer_of
from settlement_properties import loaded
from values import Failure, day
from view import View
from worlds import dunning


def run_of(ledger, on, raw):
    """A run, or None when it is refused."""
    try:
        return Run(View(ledger, on), dunning_policy.dunning(raw))
    except Failure:
        return None


def lines_of(run):
    return {(line["item"]["document"], line["item"]["instalment"]): line["level"] for n in run.notices for line in n["lines"] if line["item"]["open"] > 0}


def check(seed, number, counts):
    rng = random.Random(f"{seed}:{number}")
    world = dunning.world(World)(rng)
    engine = loaded(world)
    if engine is None:
        return
    raw = dunning.policy(rng, world)
    on = day(world.text(world.today + rng.choice([0, 0, 0, 1, 7])))
    run = run_of(engine.ledger, on, raw)
    if run is None:
        return
    counts["noticed"] += bool(run.notices)
    adds_up(run)
    assert run_of(engine.ledger, on, raw).answer() == run.answer(), "not the same twice"
    any_order(rng, world, on, raw, run, counts)
    empty_once_posted(engine.ledger, run, on, raw, counts)
    blocking(engine, on, raw, run, counts)
    later(engine.ledger, on, raw, run, counts)
    replaced(rng, world, engine.ledger, run, on, raw, counts)
    simulated(engine.ledger, on, raw, counts)


def adds_up(run):
    for n in run.notices:
        debits = [line for line in n["lines"] if line["item"]["open"] > 0]
        assert debits and n["level"] == max(line["level"] for line in debits) and n["claims"] > 0
        assert n["total"] == n["claims"] + n["fee"] + n["fee_tax"] + n["line_fees"] + n["interest"] + n["compensation"]
        assert n["line_fees"] == sum(line["line_fee"] + line["line_fee_tax"] for line in debits)
        for name in ("interest", "compensation"):
            assert n[name] == sum(line[name] for line in debits)
        for line in debits:
            assert 0 < line["amount"] <= line["open"] and line["level"] > 0 and line["level"] >= min(line["previous"], line["level"])
        assert n["next_date"] is None or n["next_date"] > run.view.on


def any_order(rng, world, on, raw, run, counts):
    """Rows in another order; two of one day and document are told apart by their order, so such worlds are left out."""
    facts = copy.deepcopy(world.batches[0][1])
    for table in ("customer_changes", "notices", "requirements", "rates", "instalments"):
        rows = facts[table]
        keys = [(r.get("customer"), r.get("attribute"), r.get("document"), r.get("currency"), r.get("base"), r["effective"]) if "effective" in r else None for r in rows]
        if len(set(keys)) < len(keys) or (table == "notices" and len({r["effective"] for r in rows}) < len(rows)):
            return
    if any(n > 1 for n in collections.Counter(r["notice"] for r in facts["notice_lines"]).values()):
        return
    for rows in facts.values():
        rng.shuffle(rows)
    engine = Engine(world.settings)
    if answer_of(engine, fact_step("load", facts)) == {}:
        other = run_of(engine.ledger, on, raw)
        assert other is not None and other.answer() == run.answer(), "the order of the rows matters"
        counts["in another order"] += 1


def empty_once_posted(ledger, run, on, raw, counts):
    recorded = max(ledger.last_recorded, on)
    facts = run.facts("run")
    if not any(facts.values()):
        return
    posted = ledger.append(facts, recorded)
    again = run_of(posted, on, raw)
    assert again is not None and not again.notices, "a second run of the day is not empty"
    assert not again.events(), "events are told twice"
    counts["posted"] += 1


def blocking(engine, on, raw, run, counts):
    levels = [level["days"] for p in run.policy["procedures"].values() for level in p["levels"]]
    if run.policy["held"] == "dunned" or (run.policy["unit"] == "customer" and min(levels) <= 0):
        return  # with one level for a customer, a level before the due date may take up others when the oldest item is blocked
    for name in dict.fromkeys(line["item"]["document"] for n in run.notices for line in n["lines"] if line["item"]["open"] > 0):
        hold = {"id": "block", "document": name, "reason": "claim", "effective": on.isoformat()}
        ledger = engine.ledger.append({"holds": [hold]}, max(engine.ledger.last_recorded, on))
        other = run_of(ledger, on, raw)
        assert other is not None and set(lines_of(other)) <= set(lines_of(run)), "blocking a debit adds a line"
        assert not any(document == name for document, _ in lines_of(other))
        counts["blocked"] += 1


def later(ledger, on, raw, run, counts):
    """Nothing posted and nothing happening: a later day never lowers a level."""
    raw = copy.deepcopy(raw)
    facts = [r for rows in ledger.rows.values() for r in rows if r.get("effective") is not None and r["effective"] > on]
    if facts or any("until" in h for h in ledger.rows["holds"]) or ledger.rows["promises"] or ledger.rows["plans"]:
        return
    for name in ("quiet_days", "interest", "triggers"):
        raw.pop(name, None)
    for p in raw["procedures"].values():
        for level in p["levels"]:
            level.pop("interest", None), level.pop("compensation", None)
    first, then = run_of(ledger, on, raw), run_of(ledger, day("2026-06-30"), raw)
    if first is None or then is None:
        return
    after = lines_of(then)
    for name, level in lines_of(first).items():
        assert name not in after or after[name] >= level, "a later day lowers a level"
        counts["later"] += name in after


def replaced(rng, world, ledger, run, on, raw, counts):
    """Schedules that are agreed after a notice: no interest that it has charged is for nothing, and a later day lowers no level."""
    if any(r.get("effective") is not None and r["effective"] > on for rows in ledger.rows.values() for r in rows):
        return
    recorded, agreed = max(ledger.last_recorded, on), on + datetime.timedelta(rng.choice([1, 5]))
    posted = ledger.append(run.facts("run"), recorded)
    told = sorted({line["item"]["document"] for n in run.notices for line in n["lines"] if line["item"]["open"] > 0 and line["item"]["doc"]["kind"] != "charge"})
    for turn in range(2):
        rows = [row | {"effective": (agreed + datetime.timedelta(turn)).isoformat()} for name in told for row in dunning.agreed_late(rng, world, next(d for d in world.everything("documents") if d["id"] == name))]
        posted = posted.append({"instalments": rows}, recorded) if rows else posted
        for days in (turn, turn + 1, 12, 50):
            then = run_of(posted, agreed + datetime.timedelta(days), raw)
            for charge in then.charges.values() if then is not None and then.leaves_out("unfounded") else []:
                if charge["document"].startswith("run-") and charge["document"].endswith("-i"):
                    assert not then.for_nothing.get(id(charge)), "a schedule takes interest back"
                    counts["charged before a schedule"] += 1
        later(posted, agreed + datetime.timedelta(turn), raw, run, counts)


def simulated(ledger, on, raw, counts):
    """The first day of a simulation is a run without history."""
    try:
        policy = dunning_policy.dunning(raw)
        simulation = Simulation(ledger, policy, on, on)
    except Failure:
        return
    run = Run(View(ledger, on, on), policy, History(View(ledger, on, on), []))
    assert simulation.runs[0][1].notice_rows() == run.notice_rows()
    counts["simulated"] += bool(run.notices)


def closed(seed, number):
    """However often it is dunned and however it is paid: the interest of notices and of what was paid is that of the whole time."""
    rng = random.Random(f"{seed}:closed:{number}")
    start = datetime.date(2026, 1, 31)

    def at(days):
        return (start + datetime.timedelta(days)).isoformat()

    invoice = {"id": "I", "customer": "A", "kind": "invoice", "currency": "EUR", "amount": "1234.56", "document_date": "2026-01-01", "due_date": at(0)}
    parts = sorted(rng.sample(range(1, 60), rng.choice([1, 2, 3])))
    left, payments = 123456, []
    for n, on in enumerate(parts):
        amount = left if n == len(parts) - 1 else rng.randrange(1, left - 5)
        left -= amount
        payments.append((on, f"P{n}", f"{amount // 100}.{amount % 100:02}"))
    engine = Engine({})
    assert answer_of(engine, fact_step("load", {"customers": [{"id": "A"}], "documents": [invoice]})) == {}
    ledger = engine.ledger
    rates = [{"from": "2026-01-01", "percent": "11"}, {"from": at(20), "percent": "7.5"}]
    levels = [{"days": 5, "interest": True, "count_from": "due_date"}]
    raw = {"kinds": ["invoice"], "procedures": {"p": {"after_last": "repeat", "levels": levels}}, "interest": {"rates": rates, "rounded": "per_day"}}
    due, charged, noticed = [*rng.sample(range(5, 60), rng.choice([1, 3, 6])), 61, 70], 0, False
    for n, on in enumerate(sorted(set(due) | set(parts))):
        for day_paid, name, amount in payments:
            if day_paid == on:
                facts = {"documents": [{"id": name, "customer": "A", "kind": "payment", "currency": "EUR", "amount": f"-{amount}", "document_date": at(on)}]}
                facts["allocations"] = [{"id": f"a{name}", "credit": name, "debit": "I", "amount": amount, "effective": at(on)}]
                ledger = ledger.append(facts, day(at(on)))
        if on in due:
            run = run_of(ledger, day(at(on)), raw)
            noticed = noticed or bool(run.notices)
            facts = run.facts(f"r{n}")
            charged += sum(round(float(d["amount"]) * 100) for d in facts["documents"])
            ledger = ledger.append(facts, day(at(on)))
    policy = dunning_policy.dunning(raw)["interest"]
    item = {"doc": ledger.documents["I"], "document": "I", "instalment": 0}
    whole = interest.Accrued(policy, start, interest.balances(View(ledger, day(at(70))), item, policy), day(at(70)))
    assert charged == (whole.accrued if noticed else 0), f"{charged} of {whole.accrued}"
    return noticed


def main(arguments):
    count, seed = int((arguments + ["2000"])[0]), (arguments + ["1", "1"])[1]
    counts = collections.Counter()
    for number in range(count):
        try:
            check(seed, number, counts)
        except Exception:
            print(f"seed {seed} number {number}")
            raise
    counts["interest closed"] = sum(closed(seed, number) for number in range(count // 4))
    print(", ".join(f"{n} {word}" for word, n in sorted(counts.items())))
    print(f"dunning properties hold in {count} worlds")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
