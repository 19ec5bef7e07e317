#!/usr/bin/env python3
"""Writes what the fuzzers begin with: usage: seeds.py CASES CORPUS, with CASES as expand.py wrote it.

A case a file, without what must come out; two small files to import; Arrow bytes when PyArrow is there.
"""
import json
import sys
from pathlib import Path


def main(cases, corpus):
    folders = {name: Path(corpus) / name for name in ("cases", "import", "tables")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    number = 0
    for room in sorted(Path(cases).glob("*.json")):
        for case in json.loads(room.read_text(encoding="utf-8"))["cases"]:
            steps = [{k: v for k, v in step.items() if k not in ("expect", "expect_error")} for step in case["steps"]]
            seed = {"settings": case.get("settings", {}), "steps": steps}
            (folders["cases"] / f"seed-{number:05}").write_text(json.dumps(seed, ensure_ascii=False), encoding="utf-8")
            number += 1
    (folders["import"] / "table").write_text('customer,invoice,amount,date\nC,1,"12,50",31.1.2026\nC,2,"7,00",30.2.2026\n')
    (folders["import"] / "lines").write_text('{"customer":"C","invoice":"1","amount":"12,50","date":"31.1.2026"}\n')
    try:
        import pyarrow as pa
    except ImportError:
        return
    for place, table in enumerate(({"id": ["A", "B"]}, {"customer": ["A"], "attribute": ["terms"], "effective": ["2026-01-01"]})):
        batch = pa.record_batch(table)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as writer:
            writer.write_batch(batch)
        # The first byte says which table it is.
        (folders["tables"] / f"seed-{place}").write_bytes(bytes([place]) + sink.getvalue().to_pybytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
