#!/usr/bin/env python3
"""Counts the cases of each room by who fixes their figures: somebody else, or only a page of this project.

usage: sources.py DIR (where expand.py wrote). One line a room: `sources ROOM N external, M own`.
"""
import json
import sys
from pathlib import Path


def is_own(source):
    """A case is its own witness when the first thing it names is a page in docs/, or a ledger that was drawn at random."""
    return source.lstrip().startswith(("docs/", "differential"))


def main(folder):
    for file in sorted(Path(folder).glob("*.json")):
        room = json.loads(file.read_text())
        own = sum(is_own(case["source"]) for case in room["cases"])
        print(f"sources {room['room']} {len(room['cases']) - own} external, {own} own")


if __name__ == "__main__":
    main(sys.argv[1])
