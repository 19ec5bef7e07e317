#!/usr/bin/env python3
"""Runs expanded cases through the oracle.

usage: run_cases.py DIR [--verbose]     DIR holds <room>.json, as written by ar-core/cases/expand.py
       run_cases.py --serve             one expanded case a line in, one list of answers a line out
"""
import json
import sys
from pathlib import Path

from engine import Engine
from values import Failure


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def project(answer, expect):
    """The part of an answer that an expectation is about."""
    if isinstance(expect, dict) and isinstance(answer, dict):
        return {k: project(answer[k], v) for k, v in expect.items() if k in answer}
    if isinstance(expect, list) and isinstance(answer, list) and len(expect) == len(answer):
        return [project(a, e) for a, e in zip(answer, expect)]
    return answer


def answer_of(engine, step):
    try:
        return engine.step(step)
    except Failure as failure:
        return {"error": failure.answer()}


def run(case):
    """What went wrong with a case, or None."""
    engine = Engine(case.get("settings", {}))
    for number, step in enumerate(case["steps"], 1):
        answer = answer_of(engine, step)
        failed = isinstance(answer, dict) and "error" in answer
        where = f"step {number} ({step['do']})"
        if failed != ("expect_error" in step):
            return f"{where}: answered {canonical(answer)}"
        got, expect = (answer["error"], step["expect_error"]) if failed else (answer, step.get("expect", {}))
        ours, theirs = canonical(project(got, expect)), canonical(expect)
        if ours != theirs:
            return f"{where}:\n  expected {theirs}\n  answered {ours}"
    return None


def answers_of(case):
    """The answers to all steps of a case, errors as {"error": ...}."""
    engine = Engine(case.get("settings", {}))
    return [answer_of(engine, step) for step in case["steps"]]


def serve():
    for line in sys.stdin:
        print(canonical(answers_of(json.loads(line))), flush=True)
    return 0


def main(arguments):
    if arguments == ["--serve"]:
        return serve()
    folder = Path(arguments[0])
    passed = failed = 0
    for path in sorted(folder.glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
            try:
                wrong = run(case)
            except Exception as e:  # a broken oracle is a failed case, not the end of the run
                wrong = f"{type(e).__name__}: {e}"
                if "--verbose" in arguments:
                    raise
            if wrong is None:
                passed += 1
            else:
                failed += 1
                print(f"{case['file']}: {case['name']}: {wrong}")
    print(f"cases oracle {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
