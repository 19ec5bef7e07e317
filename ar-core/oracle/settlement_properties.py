#!/usr/bin/env python3
"""What must hold of every settlement, asked of the oracle alone on random worlds.

usage: settlement_properties.py [COUNT] [SEED]

That credits and debits add up is asserted with every proof. Here besides: a settlement can always be posted, and lowers open items by
what its lines and differences say; taking everything back restores them exactly; lines are left out without harm; and
without the fields of section 7 a settlement is the proposal.
"""
import collections
import random
import sys

import allocation
import policy
import settlement_policy
from differential import World, fact_step, without
from engine import Engine
from run_cases import answer_of, canonical
from settlement import Settlement
from undo import undo
from values import Failure, day
from view import View
from worlds import settling


def loaded(world):
    engine = Engine(world.settings)
    for at, (recorded, facts) in enumerate(world.batches):
        while True:
            answer = answer_of(engine, fact_step("load" if at == 0 else "append", facts, recorded))
            if answer == {}:
                break
            if answer["error"]["table"] is None:
                return None
            facts = without(facts, answer["error"]["problems"])
    return engine


def balances(ledger, on):
    return [(i["document"], i["instalment"], i["open"], i["base"]) for i in View(ledger, on).open_items()]


def together(items, prefix):
    """What is open by document, but for residual documents."""
    sums, bases = collections.Counter(), collections.Counter()
    for name, _, open_, base in items:
        if not name.startswith(prefix):
            sums[name] += open_
            bases[name] += base or 0
    return {n: (v, bases[n]) for n, v in sums.items()}


def check(seed, number, counts):
    rng = random.Random(f"{seed}:{number}")
    world = settling.world(World)(rng)
    engine = loaded(world)
    if engine is None:
        return
    on = day(world.text(max(world.days) + rng.choice([0, 16, 40, 60])))
    view = View(engine.ledger, on)
    raw = settling.policy(rng, world)
    try:
        found = Settlement(view, settlement_policy.settlement(raw))
    except Exception as e:
        if type(e).__name__ == "Failure":
            return
        raise
    answer = found.answer()
    counts["settled"] += bool(answer["lines"])
    is_the_proposal(view, raw, counts)
    if rng.random() < 0.3 and answer["lines"]:
        try:
            if rng.random() < 0.5:
                found = found.without([n for n in range(len(answer["lines"])) if rng.random() < 0.3])
            else:
                found = found.edit(settling.edits(rng, answer))
            found.answer()
            counts["edited"] += 1
        except Failure as failure:
            assert failure.problems[0]["code"] in ("edit_invalid", "over_allocation", "unknown_value"), failure.problems
            counts["edits refused"] += 1
    posts_and_comes_back(engine.ledger, found, on, world, counts)


def is_the_proposal(view, raw, counts):
    plain = {k: v for k, v in raw.items() if k in policy.ALLOCATION and v != "residual"}
    plain["strategies"] = [s for s in raw.get("strategies", ["reference", "exact_amount", "oldest_due"]) if s in policy.STRATEGIES] or ["oldest_due"]
    proposal = allocation.Proposal(view, policy.allocation(plain))
    answer = Settlement(view, settlement_policy.settlement(plain)).answer()
    lines = [{name: line[name] for name in proposal.lines[0]} for line in answer["lines"]] if proposal.lines else answer["lines"]
    assert canonical(lines) == canonical(proposal.lines), (lines, proposal.lines)
    assert canonical(answer["unapplied"]) == canonical(proposal.unapplied), (answer["unapplied"], proposal.unapplied)
    counts["as proposed"] += bool(lines)


def posts_and_comes_back(ledger, found, on, world, counts):
    recorded = max(day(world.text((world.now or max(world.days) + 60) + 60)), ledger.last_recorded)
    facts = found.facts("s")
    before = balances(ledger, on)
    posted = ledger.append(facts, recorded)
    after, want = together(balances(posted, on), "s-"), together(before, "s-")
    taken = collections.Counter()
    for line in found.made:
        taken[line["credit"]["document"]] -= line["amount"]
        taken[line["debit"]["document"]] += line["debit_amount"]
        for one in found.beside(line):
            taken[line[one["side"]]["document"]] += one["amount"] if one["side"] == "debit" else -one["amount"]
    for name, (open_, _) in want.items():
        assert after.get(name, (0, 0))[0] == open_ - taken[name], name
    still = {(i["document"], i["instalment"]) for i in View(posted, on).open_items() if abs(i["open"]) != i["spoken_for"]}
    for line in found.made:
        name = line["debit"]["document"], line["debit"]["instalment"]
        assert not line["clears"] or name not in still or found.touched, f"{name} is not cleared"
    counts["posted"] += bool(facts["allocations"])
    counts["with differences"] += bool(facts["differences"])
    legs = {a["id"]: (a["leg_credit"], a["leg_debit"]) for a in posted.rows["allocations"]}
    for n, (bc, bd) in enumerate(found.legs()["lines"], 1):
        assert legs[f"s-{n}"] == (bc, bd) or found.policy["exchange_guard"] != "none" or (bc or 0) < 0 or (bd or 0) < 0, (legs[f"s-{n}"], bc, bd)
    residuals(posted, facts, counts)
    if any(c["effective"] > on for c in ledger.rows["cancellations"]):
        return  # known to be taken back already
    ids = [row["id"] for table in ("allocations", "differences") for row in facts[table]]
    back = posted.append(undo(View(posted, on), ids), recorded)
    assert balances(back, on) == before, "undo does not restore"
    counts["undone"] += bool(ids)


def residuals(posted, facts, counts):
    rows = {d["id"]: d for d in posted.rows["differences"]}
    for row in facts["documents"]:
        counts["residuals"] += 1
        other = next(d for d in rows.values() if d["kind"] == "residual" and f"{d.get('allocation')}-r" == row["id"])
        document = posted.documents[row["id"]]
        assert document["amount"] == other["amount"] and (other["leg"] is None or document["base"] == max(0, other["leg"]))


def main(arguments):
    count, seed = int((arguments + ["2000"])[0]), (arguments + ["1", "1"])[1]
    counts = collections.Counter()
    for number in range(count):
        try:
            check(seed, number, counts)
        except Exception:
            print(f"seed {seed} number {number}")
            raise
    print(", ".join(f"{n} {word}" for word, n in sorted(counts.items())))
    print(f"settlement properties hold in {count} worlds")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
