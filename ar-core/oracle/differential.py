#!/usr/bin/env python3
"""Small random ledgers and questions, answered by the oracle and by an engine under test, compared byte by byte; what
predictions make from chances as worlds/paying.py says.

usage: differential.py --engine CMD [--count 2000] [--first 0] [--seed 1] [--jobs 1] [--only N] [--keep 3] [--clean] [--verbs open_items,propose] [--rooms dunning,interest]

CMD reads one case a line (the expanded form of ar-core/cases/README.md, without expectations) and writes one line a
case: the list of its steps' answers, an error as {"error": {code, table, index, field, total, problems}}. Both sides are
compared as canonical bytes. A disagreement is made as small as it will go and printed as a case that can be kept.

The same seed and number give the same case whatever the jobs. The run fails when a class of cases that matters is rarer
than one in a hundred.
"""
import argparse
import collections
import datetime
import json
import multiprocessing
import random
import shlex
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cases"))
import expand  # noqa: E402
from ledger import SHAPE, TABLES  # noqa: E402
from policy import STRATEGIES  # noqa: E402
from engine import Engine as Oracle  # noqa: E402
from run_cases import answer_of, answers_of, canonical  # noqa: E402
from worlds import charging, crediting, dunning, measuring, paying, providing, settling  # noqa: E402

START = datetime.date(2026, 1, 15)
# A class of cases that fewer than one in four hundred of its room is: too rare to be tested by this.
RARE = 0.0025
# Rooms with worlds of their own, and which part of the cases is about them.
ROOMS = {"settlement": (settling, 0.22), "interest": (charging, 0.08), "dunning": (dunning, 0.18), "credit": (crediting, 0.08), "provision": (providing, 0.06), "kpi": (measuring, 0.08), "prediction": (paying, 0.06)}


# --- making a case -----------------------------------------------------------------------------------------------------------


class World:
    """A random ledger: rows by table, mostly good; `later` are batches to append."""

    def __init__(self, rng):
        self.rng = rng
        self.days = sorted(rng.sample(range(-40, 80), rng.randint(2, 7)))
        self.facts = {table: [] for table in TABLES}
        self.batches = []
        self.settings = {}
        self.now = None  # recorded day of the batch under way; None for the first load
        self.ids = collections.Counter()
        self.build()

    # small choices

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, values):
        return self.rng.choice(list(values))

    def day(self, least=None):
        n = self.pick(self.days) + self.pick([0, 0, 0, 0, -1, 1, 30, 31])
        if least is not None and n < least:
            n = least + self.pick([0, 0, 1, 5])
        return n

    def text(self, n):
        return (START + datetime.timedelta(days=n)).isoformat()

    def name(self, prefix):
        self.ids[prefix] += 1
        return f"{prefix}{self.ids[prefix]}"

    def digits(self, currency):
        return {"JPY": 0, "KWD": 3, "PTS": 4}.get(currency, 2)

    def money(self, minor, currency):
        n = self.digits(currency)
        sign, whole = ("-" if minor < 0 else ""), abs(minor)
        return f"{sign}{whole // 10**n}.{whole % 10**n:0{n}d}" if n else f"{sign}{whole}"

    def size(self):
        return self.pick([0, 1, 2, 3, 100, 333, 1000, 1000, 5000, 9999, 10000, 10000, 12345, self.rng.randint(1, 20000)])

    def add(self, table, row, **more):
        row = {k: v for k, v in {**row, **more}.items() if v is not None}
        self.facts[table].append(row)
        return row

    def when(self, row, day, chance=0.25):
        """Effective, and sometimes recorded on another day (in the first load only)."""
        row["effective"] = self.text(day)
        if self.now is None and self.chance(chance):
            row["recorded"] = self.text(day + self.pick([-3, 0, 1, 5, 20]))
        return row

    # the ledger

    def build(self):
        rng = self.rng
        if self.chance(0.6):
            self.settings["base_currency"] = self.pick(["EUR", "EUR", "JPY"])
        if self.chance(0.3):
            self.settings["companies"] = {"X": {"base_currency": "USD"}}
        if self.chance(0.15):
            self.settings["instalment_sign"] = "any"
        if self.chance(0.4):
            self.settings["terms"] = {
                "N10": {"due": [{"days": 10}]},
                "EOM": {"due": [{"end_of_month": 0}], "discounts": [{"percent": "2", "due": [{"days": 8}]}, {"percent": "100/3", "due": [{"months": 1}]}]},
                "HALF": {"instalments": [{"share": {"percent": "50"}, "repeat": 2, "every": {"months": 1}}]},
                "REST": {"due": [{"days": 5}], "instalments": [{"share": {"percent": "100/3"}}, {"share": "remainder", "due": [{"months": 1}]}]},
            }
        if self.chance(0.3):
            self.settings["hierarchies"] = {"area": {"north": "all", "south": "all", "tip": "south"}}
        self.one = self.chance(0.5)  # all in one account, so that much can be settled
        self.currencies = self.pick([["EUR"], ["USD"], ["JPY"]] if self.one else [["EUR"], ["EUR", "USD"], ["EUR", "JPY", "KWD"]])
        for _ in range(1 if self.one else rng.randint(1, 4)):
            self.customer()
        for _ in range(rng.randint(0, 3)):
            self.change()
        for _ in range(rng.randint(1, 9)):
            self.document()
        self.rates()
        self.settle(rng.randint(0, 5))
        self.extras()
        self.batches.append((None, self.facts))
        last = max(self.days) + self.pick([2, 60, 120, 120])
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            self.facts = {table: [] for table in TABLES}
            self.now = last = last + self.pick([0, 1, 30])
            for kind in rng.sample(["document", "settle", "undo", "differ", "discount", "reschedule", "cancel", "extras", "change", "customer"], rng.randint(1, 3)):
                {
                    "document": self.document,
                    "settle": lambda: self.settle(2),
                    "undo": self.undo,
                    "differ": self.differ,
                    "discount": self.discount,
                    "reschedule": self.reschedule,
                    "cancel": self.cancel,
                    "extras": self.extras,
                    "change": self.change,
                    "customer": self.customer,
                }[kind]()
            self.batches.append((self.text(self.now), self.facts))

    def everything(self, table):
        return [row for _, facts in self.batches for row in facts[table]] + self.facts[table]

    def customer(self):
        row = {"id": self.name("C")}
        others = self.everything("customers")
        if others and self.chance(0.4):
            row["parent"] = self.pick(others)["id"]
        if self.chance(0.4):
            row["group"] = self.pick(["g1", "g2"])
        if self.chance(0.3) and "terms" in self.settings:
            row["terms"] = self.pick(self.settings["terms"])
        if self.chance(0.4):
            row["dimensions"] = {"area": self.pick(["north", "south", "tip"])}
        self.add("customers", row)

    def change(self):
        customers = self.everything("customers")
        row = {"customer": self.pick(customers)["id"], "attribute": self.pick(["group", "parent", "parent", "dim_area", "terms", "name"])}
        if row["attribute"] == "parent":
            row["value"] = self.pick([c["id"] for c in customers] + [None])
        elif self.chance(0.8):
            row["value"] = self.pick({"group": ["g1", "g3"], "dim_area": ["north", "east"], "terms": [*self.settings.get("terms", ["N10"])] * 2 + ["?"], "name": ["N"]}[row["attribute"]])
        self.add("customer_changes", self.when(row, self.day()))

    def document(self):
        kind = self.pick(["invoice", "invoice", "invoice", "payment", "payment", "credit_note", "advance", "journal", "debit_note", "charge", "refund"])
        currency = self.pick(self.currencies)
        minor = self.size() * (10 if currency == "KWD" else 1)
        same = [d for d in self.everything("documents") if d["currency"] == currency]
        if same and self.chance(0.35):
            minor = abs(self.minor_of(self.pick(same)))
        if kind in ("payment", "credit_note", "advance") or (kind == "journal" and self.chance(0.5)):
            minor = -minor
        day = self.day()
        row = {"id": self.name(kind[0].upper()), "customer": self.pick(self.everything("customers"))["id"], "kind": kind, "currency": currency}
        row["amount"] = self.money(minor, currency)
        row["document_date"] = self.text(day)
        if self.chance(0.15):
            row["posting_date"] = self.text(day + self.pick([-5, 1, 10]))
        if self.chance(0.6 if minor >= 0 else 0.15):
            row["due_date"] = self.text(day + self.pick([-1, 0, 0, 10, 10, 30, 31]))
        if self.chance(0.25) and "terms" in self.settings:
            row["terms"] = self.pick(self.settings["terms"])
        if self.chance(0.3) and not self.one:
            row["company"] = self.pick(["X", "Y"])
        if self.chance(0.2) and not self.one:
            row["control_account"] = self.pick(["1200", "1210"])
        if self.chance(0.25):
            row["reference"] = self.pick(["R1", "R2", "I1", "I2, I3", "see I1;R2", "x"])
        if self.chance(0.25) and self.everything("documents"):
            row["related"] = self.pick(self.everything("documents"))["id"]
        if self.chance(0.3):
            row["dimensions"] = {"area": self.pick(["north", "south"])}
        if self.chance(0.1):
            net = minor * 100 // 119
            row["net"], row["tax"] = self.money(net, currency), self.money(minor - net, currency)
        base = self.base_of(row)
        if base is not None and base != currency:
            if self.chance(0.6):
                row["rate"] = self.pick(["0.9", "1.1", "80", "0.333333333333", "150.5", "1"])
            elif self.chance(0.6):
                row["base_amount"] = self.money(minor * self.pick([0, 1, 2, 7]) // 3, base)
        if self.now is None and self.chance(0.2):
            row["recorded"] = self.text(day + self.pick([-3, 1, 15]))
        self.add("documents", row)
        if self.chance(0.1):
            part = minor // 3
            self.add("document_lines", {"document": row["id"], "kind": "net", "amount": self.money(minor - part, currency)})
            self.add("document_lines", {"document": row["id"], "kind": "tax", "code": "S", "amount": self.money(part, currency)})
        if self.chance(0.25):
            self.schedule(row)

    def base_of(self, row):
        return self.settings.get("companies", {}).get(row.get("company"), {}).get("base_currency") or self.settings.get("base_currency")

    def minor_of(self, document):
        return int(document["amount"].replace(".", ""))

    def effective(self, document):
        return (datetime.date.fromisoformat(document.get("posting_date", document["document_date"])) - START).days

    def schedule(self, document, day=None):
        minor = self.minor_of(document)
        count = self.rng.randint(1, 3)
        numbers = self.rng.sample(range(1, 5), count)
        cuts = sorted(self.rng.choice([0, abs(minor), self.rng.randint(0, abs(minor))]) for _ in range(count - 1))
        parts = [b - a for a, b in zip([0, *cuts], [*cuts, abs(minor)])]
        if self.settings.get("instalment_sign") == "any" and count > 1 and self.chance(0.5):
            parts[0] += 500
            parts[1] -= 500
        same = self.pick([0, 10, 30])
        base = self.effective(document)
        for number, part in zip(numbers, parts):
            due = base + (same if self.chance(0.5) else self.pick([0, 10, 20, 30, 60]))
            row = {"document": document["id"], "number": number, "due_date": self.text(due), "amount": self.money(part if minor >= 0 else -part, document["currency"])}
            if day is not None:
                row["effective"] = self.text(day)
            self.add("instalments", row)

    def reschedule(self):
        documents = self.everything("documents")
        if documents:
            document = self.pick(documents)
            self.schedule(document, self.pick([self.effective(document), self.day(self.effective(document)), self.now or 0]))

    def settle(self, count):
        documents = self.everything("documents")
        credits = [d for d in documents if self.minor_of(d) < 0]
        debits = [d for d in documents if self.minor_of(d) > 0]
        for _ in range(count if credits and debits else 0):
            c, d = self.pick(credits), self.pick(debits)
            amount = self.pick([abs(self.minor_of(c)), abs(self.minor_of(c)) // 2, self.size() // 10 + 1, 1])
            row = {"id": self.name("a"), "credit": c["id"], "debit": d["id"]}
            if c["currency"] == d["currency"]:
                amount = min(amount, self.minor_of(d))
                if self.chance(0.1):
                    row["debit_amount"] = self.money(amount, d["currency"])
            else:
                row["debit_amount"] = self.money(self.pick([self.minor_of(d), self.minor_of(d) // 2 or 1]), d["currency"])
            row["amount"] = self.money(amount, c["currency"])
            first = max(self.effective(c), self.effective(d))
            if self.chance(0.7):
                row["effective"] = self.text(first + self.pick([0, 0, 1, 10, 40]))
            if self.now is None and self.chance(0.2):
                row["recorded"] = self.text(first + self.pick([0, 5, 50]))
            if self.chance(0.25):
                parts = [r["number"] for r in self.everything("instalments") if r["document"] == d["id"]]
                row["instalment"] = self.pick(parts or [0])
            if self.chance(0.1) and self.base_of(c) and self.base_of(d):
                row["base_credit"] = self.money(self.size() // 10, self.base_of(c))
                row["base_debit"] = self.money(self.size() // 10, self.base_of(d))
            self.add("allocations", row)
        while self.chance(0.45):
            self.differ()
        if self.chance(0.2):
            self.discount()
        if self.chance(0.4):
            self.undo()
        if self.chance(0.2):
            self.cancel()

    def differ(self):
        """A difference, mostly beside an allocation; now and then one that is refused."""
        names = {d["id"]: d for d in self.everything("documents") if self.minor_of(d)}
        done = [a for a in self.everything("allocations") if a["credit"] in names and a["debit"] in names]
        beside = self.pick(done) if done and self.chance(0.7) else None
        if not names:
            return
        document = self.pick(names.values()) if beside is None or self.chance(0.02) else names[self.pick([beside["credit"], beside["debit"], beside["debit"]])]
        minor = abs(self.minor_of(document))
        row = {"id": self.name("d"), "document": document["id"], "kind": self.pick(["discount", "tolerance", "write_off", "residual", "other"])}
        row["amount"] = self.money(min(minor, self.pick([1, 1, 2, minor, minor // 2 or 1, minor // 10 or 1])), document["currency"])
        first = self.effective(document)
        if beside is not None:
            row["allocation"] = beside["id"]
            first = max(self.effective(names[beside["credit"]]), self.effective(names[beside["debit"]]))
            if "effective" in beside:
                first = max(first, (datetime.date.fromisoformat(beside["effective"]) - START).days)
        others = self.everything("differences")
        if others and self.chance(0.02):
            row["allocation"] = self.pick(others)["id"]
        if self.chance(0.5):
            row["effective"] = self.text(first + self.pick([0, 0, 1, 10, 40]))
        if self.now is None and self.chance(0.15):
            row["recorded"] = self.text(first + self.pick([0, 5, 50]))
        if self.chance(0.2):
            parts = [r["number"] for r in self.everything("instalments") if r["document"] == document["id"]]
            row["instalment"] = self.pick(parts or [0])
        if self.chance(0.15) and self.base_of(document):
            row["base_amount"] = self.money(self.size() // 10, self.base_of(document))
            row["base_document"] = self.money(self.size() // 10, self.base_of(document))
        if self.chance(0.2):
            row["reason"] = self.pick(["PRICE", "small"])
        if beside is not None and row["kind"] == "residual" and self.chance(0.7):
            self.move(row, document, first)
        self.add("differences", row)

    def move(self, row, document, day):
        """The document that a residual moves to; now and then one that does not fit."""
        row["effective"] = row.get("effective", self.text(day))
        minor = self.minor_of(document)
        rest = {"id": f"{row['allocation']}-r", "customer": document["customer"], "currency": document["currency"], "related": document["id"]}
        rest |= {"kind": "debit_note" if minor > 0 else "credit_note", "amount": row["amount"] if minor > 0 else f"-{row['amount']}"}
        rest["document_date"] = row["effective"]
        if self.chance(0.15):
            rest |= self.pick([{"amount": "0"}, {"document_date": self.text(day - 1)}, {"related": self.pick(self.everything("documents"))["id"]}])
        if self.now is None and self.chance(0.15):
            rest["recorded"] = self.text(day + self.pick([0, 5, 50]))
        if company := document.get("company"):
            rest["company"] = company
        if self.chance(0.9) and "control_account" in document:
            rest["control_account"] = document["control_account"]
        self.add("documents", rest)
        # What stands of a document stands of what is left of it.
        for about in (document, rest):
            if self.chance(0.3):
                disputed = {"id": self.name("D"), "document": about["id"], "effective": self.text(day + self.pick([0, 0, 5, 30]))}
                if self.chance(0.7):
                    disputed["amount"] = self.money(self.pick([1, abs(minor), abs(minor) // 2 or 1, abs(minor) // 10 or 1]), document["currency"])
                self.add("disputes", disputed)
            if self.chance(0.1):
                self.add("holds", {"id": self.name("H"), "document": about["id"], "effective": self.text(day + self.pick([0, 5]))})
        ends = [("cancellations", "document", rest["id"]), ("cancellations", "document", document["id"]), ("reversals", "allocation", row["id"]), ("reversals", "allocation", row["allocation"])]
        for table, column, name in ends:
            if self.chance(0.25):
                self.add(table, self.when({column: name}, day + self.pick([0, 0, 1, 10, 60])))

    def discount(self):
        """Tiers of a discount; now and then one that is refused."""
        documents = [d for d in self.everything("documents") if self.minor_of(d)]
        if not documents:
            return
        document = self.pick(documents)
        minor = abs(self.minor_of(document))
        day = self.pick([None, None, self.effective(document), self.day()])
        for n in range(self.pick([1, 1, 2, 3])):
            row = {"document": document["id"], "until": self.text(self.effective(document) + self.pick([0, 8, 10, 30]))}
            if self.chance(0.6):
                row["percent"] = self.pick(["2", "3.5", "10", "100", "0.000000000001"])
                if self.chance(0.3):
                    row["basis"] = self.money(minor // 2 or 1, document["currency"])
            else:
                row["amount"] = self.money(self.pick([1, minor, minor // 3 or 1]), document["currency"])
            if self.chance(0.04):
                row |= self.pick([{"percent": "100.01"}, {"amount": "1", "percent": "2"}, {"basis": "1"}, {"basis": self.money(minor + 1, document["currency"])}, {"amount": "0"}])
            if self.chance(0.02):
                row.pop("percent", None)
            if day is not None:
                row["effective"] = self.text(day)
            self.add("discounts", row)

    def undo(self):
        done = self.everything("allocations") + self.everything("differences")
        beside = {d["allocation"] for d in self.everything("differences") if "allocation" in d}
        done = [row for row in done if row["id"] in beside and self.chance(0.7)] or done
        if done:
            row = self.pick(done)
            names = {d["id"]: d for d in self.everything("documents")}
            first = max((self.effective(names[row[side]]) for side in ("credit", "debit", "document") if row.get(side) in names), default=0)
            if "effective" in row:
                first = max(first, (datetime.date.fromisoformat(row["effective"]) - START).days)
            self.add("reversals", self.when({"allocation": row["id"]}, first + self.pick([0, 0, 1, 5, 30])))

    def cancel(self):
        documents = self.everything("documents")
        if documents:
            document = self.pick(documents)
            self.add("cancellations", self.when({"document": document["id"]}, self.effective(document) + self.pick([0, 1, 10, 30])))

    def rates(self):
        for _ in range(self.rng.randint(0, 4)):
            row = {"currency": self.pick(["EUR", "USD", "JPY", "KWD"]), "base": self.pick(["EUR", "USD", "JPY"]), "rate": self.pick(["0.9", "1.25", "160", "0.0062"])}
            self.add("rates", self.when(row, self.day()))

    def extras(self):
        documents, customers = self.everything("documents"), self.everything("customers")
        things = []
        if documents and self.chance(0.5):
            for _ in range(self.rng.randint(1, 2)):
                document = self.pick(documents)
                row = {"id": self.name("t"), "document": document["id"], "reason": "PRICE"}
                if self.chance(0.7):
                    row["amount"] = self.money(self.pick([0, 1, abs(self.minor_of(document)), self.size()]), document["currency"])
                things.append(self.add("disputes", self.when(row, self.day())))
        if self.chance(0.55):
            row = {"id": self.name("t"), "reason": "legal"}
            if documents and self.chance(0.5):
                row["document"] = self.pick(documents)["id"]
            if "document" not in row or self.chance(0.3):
                row["customer"] = self.pick(customers)["id"]
            day = self.day()
            if self.chance(0.5):
                row["until"] = self.text(day + self.pick([0, 1, 10, 30] if self.chance(0.95) else [-1]))
            things.append(self.add("holds", self.when(row, day)))
        if self.chance(0.15):
            row = {"id": self.name("t"), "customer": self.pick(customers)["id"], "currency": "EUR", "amount": "5.00", "promised_date": self.text(self.day())}
            things.append(self.add("promises", self.when(row, self.day())))
        if self.chance(0.15):
            things.append(self.add("plans", self.when({"id": self.name("t"), "customer": self.pick(customers)["id"]}, self.day())))
        if self.chance(0.1):
            self.add("notices", self.when({"id": self.name("n"), "customer": self.pick(customers)["id"], "level": self.rng.randint(0, 3)}, self.day()))
        if self.chance(0.1):
            row = {"id": self.name("t"), "customer": self.pick(customers)["id"], "kind": self.pick(["draft", "order"]), "currency": "EUR", "amount": "-7.5"}
            things.append(self.add("commitments", self.when(row, self.day())))
        if documents and self.chance(0.1):
            proof = {"document": self.pick(documents)["id"], "requirement": "POD"}
            self.add("requirements", self.when({**proof, "state": "missing"}, self.day()))
            if self.chance(0.5):
                self.add("requirements", self.when({**proof, "state": self.pick(["fulfilled", "waived"])}, self.day()))
        if documents and self.chance(0.15):
            d = self.pick(documents)
            proof = {"document": d["id"], "requirement": self.pick(["POD", "PO"])}
            first = (datetime.date.fromisoformat(d.get("posting_date", d["document_date"])) - START).days
            self.add("requirements", self.when({**proof, "state": "missing"}, first))
            self.add("requirements", self.when({**proof, "state": "fulfilled"}, first + self.pick([0, 5, 20, 40])))
        for thing in things:
            if self.chance(0.35):
                first = (datetime.date.fromisoformat(thing["effective"]) - START).days
                self.add("closings", self.when({"of": thing["id"]}, first + self.pick([0, 1, 10, 30])))


BAD = {
    "text": ["", {"int": 7}, {"float": "1.5"}, {"list": True}, {"bool": True}, "nobody", {"null": True}],
    "money": ["", "1.2345678", {"float": "1.5"}, {"nan": True}, "1,5", "99999999999999999999", "-1", "1", {"bool": True}, "0", {"int": 3}, "1e2", "+1"],
    "rate": ["0", "-1", "0.1234567890123", "1000000000", {"float": "1.1"}, "x"],
    "day": ["", "2026-02-30", {"datetime": "2026-01-01T00:00:00"}, {"int": 20260101}, "0000-01-01", "2026-1-1", "2025-01-01", "2027-12-31", {"datetime": "2026-01-01 "}],
    "one": [0, -1, {"float": "1.0"}, "1", 99, 2147483648],
    "zero": [-1, {"float": "1.0"}, 7, {"bool": False}],
    "map": ["x", {"area": {"int": 1}}, {"list": True}],
}


def spoil(rng, facts):
    """Makes one row of the facts wrong, somehow."""
    tables = [t for t in TABLES if facts.get(t)]
    if not tables:
        facts["documents"] = [{"id": "LONELY", "customer": "NOBODY", "kind": "invoice"}]
        return
    table = rng.choice(tables)
    rows = facts[table]
    at = rng.randrange(len(rows))
    how = rng.choice(["twice", "column", "table", "date", "again", "leg", "sum", "word", "currency", "recorded", *BAD, "text"])
    targeted = {
        "again": [(t, r) for t in ("reversals", "cancellations") for r in facts.get(t, [])],
        "leg": [(t, r) for t in ("allocations", "differences") for r in facts.get(t, [])],
        "sum": [(t, r) for t in ("document_lines", "instalments") for r in facts.get(t, [])] + [("documents", r) for r in facts.get("documents", [])],
        "word": [(t, r) for t, name in (("documents", "kind"), ("customer_changes", "attribute"), ("document_lines", "kind"), ("differences", "kind")) for r in facts.get(t, [])],
        "currency": [(t, r) for t in ("documents", "rates", "promises", "commitments") for r in facts.get(t, [])],
        "recorded": [(t, r) for t in tables for r in facts[t] if any(n == "recorded" for n, _, _ in SHAPE[t])],
    }
    if how in targeted:
        if targeted[how]:
            table, row = rng.choice(targeted[how])
            if how == "again":
                facts[table].append(dict(row))
            elif how == "leg":
                row[rng.choice(["base_amount", "base_document"] if table == "differences" else ["base_debit", "base_credit"])] = "1"
                row.pop("debit_amount", None)
            elif how == "sum" and table == "documents":
                row["net"], row["tax"] = "1", "0"
            elif how == "sum":
                row["amount"] = "1"
            elif how == "word":
                row["attribute" if table == "customer_changes" else "kind"] = "gift" if table == "differences" else "other"
            elif how == "currency":
                row["currency"] = rng.choice(["EURO", "eur", "XXX"])
            else:
                row["recorded"] = "2025-01-01"
    elif how == "twice":
        rows.append(dict(rows[at]))
    elif how == "column":
        rows[at][rng.choice(["colour", "Amount", "dim_area"])] = "x"
    elif how == "table":
        facts["invoices"] = [{"id": "1"}]
    elif how == "date" and facts.get("allocations"):
        rng.choice(facts["allocations"])["effective"] = "2025-11-30"
    else:
        places = [(t, i, n) for t in tables for i in range(len(facts[t])) for n, kind, _ in SHAPE[t] if (kind if kind in BAD else "text") == how]
        if places:
            table, at, name = rng.choice(places)
            facts[table][at] = {**facts[table][at], name: rng.choice(BAD[how])}


def question(rng, world):
    day = rng.choice(world.days[len(world.days) // 2 :]) + rng.choice([0, 0, 1, 10, 29, 30, 31, 60])
    step = {"as_of": world.text(day)}
    if rng.random() < 0.3:
        step["known_on"] = world.text(rng.choice(world.days) + rng.choice([-1, 0, 5, 20, 40]))
    kind = rng.choice(["open_items", "open_items", "aging", "aging", "aging", "aging_items", "explain_aging", "reconcile", "pending", "matches", "matches", "propose", "propose", "propose", "propose", "propose"])
    step["do"] = kind
    if kind in ("aging", "aging_items", "explain_aging"):
        step["policy"] = aging_policy(rng, world, day)
        if rng.random() < 0.4:
            step["where"] = where(rng, world)
    if kind == "aging":
        keys = ["company", "control_account", "customer", "parent", "top_parent", "group", "kind", "document", "dim_area", "currency"]
        if rng.random() < 0.1:
            keys += ["dim_nothing", "colour"]
        step["by"] = rng.sample(keys, rng.choice([0, 1, 1, 2, 3]))
    if kind == "explain_aging":
        name = rng.choice(["customer", "document", "instalment", "bucket"])
        step[name] = {"customer": "C1", "document": "I1", "instalment": 0, "bucket": "not due"}[name]
    if kind == "reconcile":
        step["balances"] = [
            {k: v for k, v in place.items() if v is not None}
            for place in (
                {"company": rng.choice([None, "X", "Y"]), "control_account": rng.choice([None, "1200"]), "currency": rng.choice(world.currencies), "balance": rng.choice(["0", "100", "-50.0", "12"])}
                for _ in range(rng.randint(0, 3))
            )
        ]
    if kind != "propose":
        return [step]
    if rng.random() < 0.8:
        step["policy"] = allocation_policy(rng, world)
    steps = [step]
    if rng.random() < 0.5:
        steps.append({"do": "post", "id_prefix": rng.choice(["p", "a"]), "recorded": world.text((world.now or max(world.days) + 60) + 60)})
        world.now = (world.now or max(world.days) + 60) + 60
        steps.append({"do": "open_items", "as_of": step["as_of"]})
    elif rng.random() < 0.3:
        steps.append({"do": "explain_proposal", rng.choice(["credit", "debit"]): rng.choice(["P1", "I1", "C1"])})
    return steps


def where(rng, world):
    out = {}
    documents, customers = world.everything("documents"), world.everything("customers")
    for name in rng.sample(["customer", "company", "kind", "currency", "group", "dim_area", "document", "parent", "top_parent"], rng.choice([1, 1, 2])):
        values = {
            "customer": [c["id"] for c in customers],
            "parent": [c["id"] for c in customers],
            "top_parent": [c["id"] for c in customers],
            "company": [d.get("company", "") for d in documents],
            "kind": [d["kind"] for d in documents],
            "currency": [d["currency"] for d in documents],
            "document": [d["id"] for d in documents],
            "group": [c.get("group", "") for c in customers],
            "dim_area": ["north", "south", "all", ""],
        }[name]
        values = sorted({v for v in values if isinstance(v, str)}) or [""]
        out[name] = rng.sample(values, min(len(values), rng.choice([0, 1, 1, 1, 2])))
        if rng.random() < 0.05:
            out[name] = ["nowhere"]
    return out


def aging_policy(rng, world, day):
    unit = rng.choice(["days", "days", "days", "weeks", "months", "calendar_months"])
    top = {"days": 90, "weeks": 8, "months": 3, "calendar_months": 3}[unit]
    ages = {day - d + e for d in world.days for e in (-1, 0, 1)} if unit == "days" else set(range(-top, top))
    edges = sorted(rng.sample(sorted(ages | {0}), min(len(ages), rng.randint(1, 4))))
    if rng.random() < 0.4:
        edges = sorted({0, *[e for e in edges if e > 0]})
    policy = {"edges": edges}
    for name, values in {
        "unit": [unit],
        "basis": ["due_date", "document_date", "posting_date"],
        "missing_due_date": ["document_date", "not_due"],
        "edge_rule": ["up_to_inclusive", "from_inclusive"],
        "credits": ["own_date", "on_invoice", "apart"],
        "disputed": ["apart", "apart", "included"],
        "held": ["apart", "apart", "included"],
        "currency": ["document", "document", "document", "base", "revalued"],
    }.items():
        if rng.random() < 0.6 or name == "unit":
            policy[name] = rng.choice(values)
    if rng.random() < 0.2:
        a = rng.randint(0, len(edges))
        policy["columns"] = [{"label": "late", "from": a, "to": rng.randint(a, len(edges))}, {"label": "all", "from": 0, "to": len(edges)}]
    if rng.random() < 0.1:
        policy["labels"] = [f"b{i}" for i in range(len(edges) + 1)]
    if rng.random() < 0.06:
        key, value = rng.choice(
            [("edges", []), ("edges", [5, 5]), ("edges", [0, -2]), ("edges", "0"), ("labels", ["x"] * 9), ("columns", [{"label": "x", "from": 1, "to": 0}]), ("basis", "today"), ("version", 2), ("colour", "blue")]
        )
        policy[key] = value
    return policy


def allocation_policy(rng, world):
    policy = {}
    if rng.random() < 0.9:
        policy["strategies"] = rng.sample(STRATEGIES, rng.randint(1, 4))
        if rng.random() < 0.7:  # who comes first finds most
            policy["strategies"].insert(0, rng.choice([*STRATEGIES[:2], *STRATEGIES, *STRATEGIES[4:]]))
            policy["strategies"] = list(dict.fromkeys(policy["strategies"]))
    if "user_order" in policy.get("strategies", []) or rng.random() < 0.05:
        ids = [d["id"] for d in world.everything("documents")] + ["NONE"]
        policy["user_order"] = rng.sample(ids, min(len(ids), 5))
    if rng.random() < 0.4:
        policy["credit_order"] = rng.choice(["oldest_first", "newest_first"])
    if rng.random() < 0.5:
        policy["partial"] = rng.choice(["allowed", "refused"])
    if rng.random() < 0.2:
        policy["credit_kinds"] = rng.sample(["payment", "advance", "credit_note", "journal"], rng.randint(1, 3))
    if rng.random() < 0.25:
        f = {}
        for name, value in {
            "customers": ["C1", "C2"],
            "currencies": [rng.choice(world.currencies)],
            "credits": ["P1", "P2", "C1"],
            "debits": ["I1", "I2"],
            "credit_min": "1.00",
            "credit_max": "100",
            "debit_min": "0.02",
            "debit_max": "99.99",
            "due_until": world.text(world.day()),
            "disputed": rng.choice(["included", "excluded"]),
            "held": rng.choice(["included", "excluded"]),
        }.items():
            if rng.random() < 0.2:
                f[name] = value
        policy["filter"] = f
    if rng.random() < 0.04:
        key, value = rng.choice([("strategies", []), ("strategies", ["fifo"]), ("partial", "no"), ("version", 3), ("filter", {"colour": "blue"}), ("filter", {"due_until": "2026-02-30"})])
        policy[key] = value
    return policy


def fact_step(verb, facts, recorded=None):
    step = {"do": verb}
    if recorded is not None:
        step["recorded"] = recorded
    facts = {t: rows for t, rows in facts.items() if rows}
    expand.fact_step(step, facts, False)
    return step


def without(facts, problems):
    """The facts less the rows named by problems."""
    bad = {(p["table"], p["index"]) for p in problems}
    return {t: [r for i, r in enumerate(rows) if (t, i) not in bad] for t, rows in facts.items() if (t, None) not in bad}


def next_of(asking, answer):
    """The next question of a generator that is told the answer to its last; None at the end."""
    try:
        return asking.send(answer)
    except StopIteration:
        return None


def room_for(rng, verbs, rooms):
    """The room that a case is about; None when it is about ledgers, agings and proposals."""
    if rooms:
        return ROOMS[rng.choice(rooms)][0]
    if verbs:
        return next((room for room, _ in ROOMS.values() if room.VERBS & set(verbs)), None)
    at = rng.random()
    for room, part in ROOMS.values():
        if at < part:
            return room
        at -= part
    return None


def make(seed, number, clean=False, verbs=(), rooms=()):
    """Case number `number` of a seed, and the oracle's answers."""
    rng = random.Random(f"{seed}:{number}")
    room = room_for(rng, verbs, rooms)
    world = (World if room is None else room.world(World))(rng)
    case = {"name": f"seed {seed} case {number}", "settings": world.settings, "steps": []}
    engine, answers, loaded = Oracle(world.settings), [], False

    def keep(step, answer):
        case["steps"].append(step)
        answers.append(answer)

    spoilt = rng.choice(range(len(world.batches))) if rng.random() < (0.3 if room is None else 0.05) and not clean else None
    for at, (recorded, facts) in enumerate(world.batches):
        verb = "load" if at == 0 else "append"
        if at == spoilt:
            wrong = json.loads(json.dumps(facts))
            for _ in range(rng.choice([1, 1, 1, 3])):
                spoil(rng, wrong)
            step = fact_step(verb, wrong, recorded)
            answer = answer_of(engine, step)
            keep(step, answer)
            if answer == {}:
                loaded = True
                continue
            if verb == "load" or rng.random() < 0.6:
                break  # stop at the refusal, or ask on without what was refused
        while True:
            step = fact_step(verb, facts, recorded)
            answer = answer_of(engine, step)
            if answer == {} or (verb == "append" and rng.random() < 0.1 and not clean):
                keep(step, answer)
            if answer == {}:
                loaded = True
                break
            if verb == "load" and rng.random() < 0.05 and not clean:
                keep(step, answer)
                break
            if answer["error"]["table"] is None:
                break  # recorded before the ledger's last recorded day: no row is to blame
            facts = without(facts, answer["error"]["problems"])
        if not loaded:
            break
    if loaded and room is not None:
        for _ in range(rng.choice([1, 1, 2])):
            asking, answer = room.ask(rng, world), None
            while (step := next_of(asking, answer)) is not None:
                answer = answer_of(engine, step)
                if not (clean and "error" in answer):
                    keep(step, answer)
    case["notes"] = getattr(world, "notes", set())
    proposed = False
    for _ in range(rng.randint(1, 4) if loaded and room is None else 0):
        for step in question(rng, world):
            if step["do"] in ("post", "explain_proposal") and not proposed:
                continue
            if verbs and step["do"] not in verbs:
                continue
            answer = answer_of(engine, step)
            if step["do"] == "propose":
                proposed = "error" not in answer
            if not (clean and "error" in answer):
                keep(step, answer)
    return case, answers


# --- what a case is about ------------------------------------------------------------------------------------------------------

MATTERS = (
    "step load|step append|step open_items|step aging|step aging_items|step explain_aging|step reconcile|step pending|step matches|step propose|step post"
    "|error|error duplicate_id|error unknown_reference|error over_allocation|error wrong_type|error impossible_date|error missing_field|error wrong_sign"
    "|error cyclic_parent|error policy_invalid|error unknown_field|error unknown_value|error rate_missing|error base_amount_missing|error recorded_backwards"
    "|difference|difference on a credit|difference beside|difference taken back|difference with base amounts|discount|exchange difference"
    "|error in differences|error in discounts|error already_reversed"
    "|reversal|cancellation|schedule|replaced schedule|dispute|hold|recorded apart|appended|across currencies|base amount|zero amount|equal due dates"
    "|named instalment|known_on|item part paid|item pending|item disputed|item held|item credit|item without due date|item of an instalment|pending receipts"
    "|age on an edge|age next to an edge|bucket credits|bucket disputed|bucket on hold|figures in base|figures revalued|finer key|where"
    "|lines reference|lines exact_amount|lines oldest_due|lines newest_due|lines oldest_document|lines newest_document|lines largest_first|lines user_order"
    "|unapplied no_match|unapplied no_open_debit|partial refused|posted"
).split("|")


def classes(case, answers):
    asked = {step["do"] for step in case["steps"]}
    about = next((f"{name} " for name, (room, _) in ROOMS.items() if room.VERBS & asked), "")
    found = {f"{about}world"} | case["notes"]
    last = {}
    for step, answer in zip(case["steps"], answers):
        verb = step["do"]
        found.add(f"step {verb}")
        if "error" in answer:
            found.add("error")
            found |= {f"error {p['code']}" for p in answer["error"]["problems"]}
            found |= {f"error in {p['table']}" for p in answer["error"]["problems"]}
            continue
        if "known_on" in step:
            found.add("known_on")
        if verb in ("load", "append"):
            facts = step["facts"]
            found |= {word for word, t in {"reversal": "reversals", "cancellation": "cancellations", "schedule": "instalments", "dispute": "disputes", "hold": "holds"}.items() if facts.get(t)}
            found |= {word for word, t in {"difference": "differences", "discount": "discounts"}.items() if facts.get(t)}
            if verb == "append":
                found.add("appended")
            beside = last.setdefault("beside", set())
            beside |= {row["allocation"] for row in facts.get("differences", []) if isinstance(row.get("allocation"), str)}
            if beside:
                found.add("difference beside")
            if any(isinstance(row.get("allocation"), str) and row["allocation"] in beside for row in facts.get("reversals", [])):
                found.add("difference taken back")
            dues = collections.Counter()
            for row in facts.get("documents", []):
                if float(row["amount"] if isinstance(row["amount"], str) else 1) == 0:
                    found.add("zero amount")
                if "base_amount" in row or "rate" in row:
                    found.add("base amount")
                if "due_date" in row:
                    dues[(row["customer"], row["due_date"])] += 1
            if any(n > 1 for n in dues.values()):
                found.add("equal due dates")
            seen = last.setdefault("schedules", set())
            for row in facts.get("instalments", []):
                if any(d == row["document"] and e != row.get("effective") for d, e in seen):
                    found.add("replaced schedule")
            seen |= {(r["document"], r.get("effective")) for r in facts.get("instalments", [])}
            for row in facts.get("allocations", []):
                if "instalment" in row:
                    found.add("named instalment")
                if "debit_amount" in row:
                    found.add("across currencies")
            if verb == "load" and any("recorded" in row for rows in facts.values() for row in rows):
                found.add("recorded apart")
        if verb == "open_items":
            for item in answer["items"]:
                for word, name in (("item pending", "pending"), ("item disputed", "disputed"), ("item held", "held")):
                    if float(item[name]) != 0:
                        found.add(word)
                if item["open"].startswith("-"):
                    found.add("item credit")
                if item["due_date"] is None:
                    found.add("item without due date")
                if item["instalment"]:
                    found.add("item of an instalment")
                whole = [r for s in case["steps"] if "facts" in s for r in s["facts"].get("documents", []) if r.get("id") == item["document"]]
                if whole and not item["instalment"] and isinstance(whole[0].get("amount"), str) and item["open"] != whole[0]["amount"]:
                    found.add("item part paid")
        if verb == "matches":
            for match in answer["matches"]:
                if match["exchange"] is not None and float(match["exchange"]) != 0:
                    found.add("exchange difference")
                if match["kind"] != "allocation" and match["credit"]:
                    found.add("difference on a credit")
                if match["kind"] != "allocation" and match["base_debit"]:
                    found.add("difference with base amounts")
        if verb == "pending" and answer["receipts"]:
            found.add("pending receipts")
        if verb in ("aging", "aging_items", "explain_aging"):
            if step.get("where"):
                found.add("where")
            found |= {f"figures {w}" for w in ("in base", "revalued") if step["policy"].get("currency") == w.split()[-1]}
        if verb == "aging":
            if any(k in ("kind", "document", "dim_area") for k in step.get("by", [])):
                found.add("finer key")
            for total in answer["totals"]:
                for label, cell in zip(answer["labels"], total["buckets"]):
                    if label in ("credits", "disputed", "on hold") and float(cell) != 0:
                        found.add(f"bucket {label}")
        if verb == "aging_items" and step["policy"].get("unit") == "days":
            for item in answer["items"]:
                if item["age"] in step["policy"]["edges"]:
                    found.add("age on an edge")
                if {item["age"] - 1, item["age"] + 1} & set(step["policy"]["edges"]):
                    found.add("age next to an edge")
        if verb == "propose":
            found |= {f"lines {line['strategy']}" for line in answer["lines"]}
            found |= {f"unapplied {u['reason']}" for u in answer["unapplied"]}
            if step.get("policy", {}).get("partial") == "refused" and answer["lines"]:
                found.add("partial refused")
        if verb == "post" and answer["allocations"]:
            found.add("posted")
        found |= settling.classes(step, answer) | charging.classes(step, answer) | dunning.classes(step, answer) | measuring.classes(step, answer)
        found |= crediting.classes(step, answer) | providing.classes(step, answer) | paying.classes(step, answer)
    return found


# --- the engine under test -----------------------------------------------------------------------------------------------------


class Engine:
    def __init__(self, command):
        self.command, self.process = shlex.split(command), None

    def ask(self, case):
        """The engine's answer as canonical text; what it did instead when it gives none."""
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        try:
            self.process.stdin.write(json.dumps(case, ensure_ascii=False) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.process.wait()
            return [f"the engine ended with status {self.process.returncode}"]
        try:
            return json.loads(line)
        except json.JSONDecodeError:
            return [f"no JSON: {line[:200]}"]


def plainly(case):
    return {"settings": case["settings"], "steps": case["steps"]}


def disagree(case, engine):
    """The oracle's and the engine's answers when they differ, else None."""
    try:
        ours = answers_of(case)
    except AttributeError:
        return None  # a step that lost its proposal while shrinking
    theirs = engine.ask(plainly(case))
    return None if agree(case, ours, theirs) else (ours, theirs)


def agree(case, ours, theirs):
    if canonical(ours) == canonical(theirs):
        return True
    return len(ours) == len(theirs) and first_difference(case, ours, theirs) == len(ours)


def is_same(case, number, ours, theirs):
    """Byte for byte; what is made from floats as its room says."""
    if canonical(ours) == canonical(theirs):
        return True
    near = case["steps"][number]["do"] in paying.VERBS and isinstance(theirs, dict)
    return near and paying.near(case, number, ours, theirs)


def first_difference(case, ours, theirs):
    for n, (a, b) in enumerate(zip(ours, theirs)):
        if not is_same(case, n, a, b):
            return n
    return min(len(ours), len(theirs))


def rebuilt(case):
    """The case with the JSON of its raw steps made anew."""
    steps = []
    for step in case["steps"]:
        if "facts" in step:
            step = fact_step(step["do"], step["facts"], step.get("recorded"))
        steps.append(step)
    return {**case, "steps": steps}


def smaller(case):
    """Every case that is this one with one thing less."""
    steps = case["steps"]
    for n in range(len(steps) - 1, -1, -1):
        if len(steps) > 1:
            yield {**case, "steps": steps[:n] + steps[n + 1 :]}
    for key in case["settings"]:
        yield {**case, "settings": {k: v for k, v in case["settings"].items() if k != key}}
    for n, step in enumerate(steps):

        def put(new):
            return {**case, "steps": steps[:n] + [new] + steps[n + 1 :]}

        for table, rows in step.get("facts", {}).items():
            yield put({**step, "facts": {t: r for t, r in step["facts"].items() if t != table}})
            for i in range(len(rows)):
                if len(rows) > 1:
                    yield put({**step, "facts": {**step["facts"], table: rows[:i] + rows[i + 1 :]}})
            for i, row in enumerate(rows):
                for name in row if isinstance(row, dict) else []:
                    less = {k: v for k, v in row.items() if k != name}
                    yield put({**step, "facts": {**step["facts"], table: rows[:i] + [less] + rows[i + 1 :]}})
        for name in ("known_on", "where", "by", "policy", "question", "payments", "charged_until"):
            if name in step:
                yield put({k: v for k, v in step.items() if k != name})
        for name in ("policy", "other", "where", "question"):
            for less in lesser(step.get(name)):
                yield put({**step, name: less})
        for name in ("by", "balances", "ids", "lines", "payments", "notices"):
            for i in range(len(step.get(name, []))):
                yield put({**step, name: step[name][:i] + step[name][i + 1 :]})


def lesser(value):
    """A table with one key less, however deep, or a list in it with one member less."""
    if not isinstance(value, dict):
        return
    for key, inside in value.items():
        yield {k: v for k, v in value.items() if k != key}
        for less in lesser(inside):
            yield {**value, key: less}
        if isinstance(inside, list):
            for i, one in enumerate(inside):
                if len(inside) > 1:
                    yield {**value, key: inside[:i] + inside[i + 1 :]}
                for less in lesser(one):
                    yield {**value, key: [*inside[:i], less, *inside[i + 1 :]]}


def kind_of(case, difference):
    """What a disagreement is about, so that shrinking stays with it."""
    ours, theirs = difference
    n = first_difference(case, ours, theirs)

    def word(answers):
        a = answers[n] if n < len(answers) else None
        return a["error"].get("code") if isinstance(a, dict) and "error" in a else "text" if isinstance(a, str) else "answer"

    return word(ours), word(theirs)


def shape_of(case):
    """Two small cases of one shape are most likely one disagreement."""
    out = []
    for step in case["steps"]:
        columns = {(t, name) for t, rows in step.get("facts", {}).items() for row in rows if isinstance(row, dict) for name in row}
        out.append((step["do"], tuple(sorted(columns)), tuple(sorted(step.get("policy") or ()))))
    return tuple(out)


def shrink(case, engine):
    # Some thousand tries for a small ledger, fewer where each takes longer.
    budget = 300_000 // (100 + sum(len(rows) for step in case["steps"] for rows in step.get("facts", {}).values()))
    kind = kind_of(case, disagree(case, engine))
    again = True
    while again and budget > 0:
        again = False
        for candidate in smaller(case):
            budget -= 1
            candidate = rebuilt(candidate)
            difference = disagree(candidate, engine)
            if difference is not None and kind_of(candidate, difference) == kind:
                case, again = candidate, True
                break
            if budget <= 0:
                break
    return case


# --- writing a case down ---------------------------------------------------------------------------------------------------------


def cell(value):
    if isinstance(value, dict):
        (kind, v), = value.items()
        return f"!{kind}" if v is True and kind != "bool" else f"!{kind} {str(v).lower() if kind == 'bool' else v}"
    return '""' if value == "" else str(value)


def inline(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k if k.isidentifier() else json.dumps(k)} = {inline(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(inline(v) for v in value) + "]"
    if value is None:
        return '"null"'
    return json.dumps(value, ensure_ascii=False)


def table_text(rows):
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names] + [[("null" if row[n] is None else cell(row[n])) if n in row else "" for n in names] for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(names))]
    return "\n".join(" | ".join(c.ljust(w) for c, w in zip(line, widths)).rstrip() for line in lines)


def flat(row):
    row = dict(row)
    dimensions = row.pop("dimensions", {})
    return {**row, **{f"dim_{k}": v for k, v in dimensions.items()}}


def fact_lines(facts):
    out = []
    for table, rows in facts.items():
        if all(isinstance(r, dict) and r and not isinstance(r.get("dimensions", {}), str) for r in rows) and rows and table in TABLES:
            simple = all(not isinstance(v, dict) or next(iter(v)) in expand.SPELLED for r in rows for k, v in flat(r).items())
            if simple and not any(set(r.get("dimensions", {})) & expand.SPELLED for r in rows):
                out.append(f'{table} = """\n{table_text([flat(r) for r in rows])}\n"""')
                continue
        where = table if table in TABLES else f"facts.{table}"
        out.append(f"{where} = {inline(rows)}")
    return out


def toml(case, answers):
    out = ["[[case]]", f"name = {json.dumps(case['name'])}", f"source = {json.dumps('differential, ' + case['name'])}"]
    if case["settings"]:
        out.append(f"settings = {inline(case['settings'])}")
    for step, answer in zip(case["steps"], answers):
        out += ["[[case.step]]"]
        for name, value in step.items():
            if name not in ("facts", "raw", "json"):
                out.append(f"{name} = {inline(value)}")
        out += fact_lines(step.get("facts", {}))
        if "error" in answer:
            shown = {k: v for k, v in answer["error"].items() if k != "problems" or len(v) > 1}
            out.append(f"expect_error = {inline(shown)}")
        elif answer:
            out.append(f"expect = {inline(answer)}")
    return "\n".join(out)


# --- running -----------------------------------------------------------------------------------------------------------------------


def work(arguments):
    command, seed, first, last, keep, clean, verbs, rooms = arguments
    engine = Engine(command) if command else None
    counts, found, wrong, alike, tries = collections.Counter(), [], 0, set(), 0
    for number in range(first, last):
        case, ours = make(seed, number, clean, verbs, rooms)
        for word in classes(case, ours):
            counts[word] += 1
        if engine is None:
            continue
        theirs = engine.ask(plainly(case))
        if agree(case, ours, theirs):
            continue
        wrong += 1
        if len(found) < keep and tries < 5 * keep:
            tries += 1
            small = shrink(case, engine)
            ours, theirs = disagree(small, engine) or (answers_of(small), [])
            if shape_of(small) in alike:
                continue
            alike.add(shape_of(small))
            n = first_difference(small, ours, theirs)
            found.append((toml(small, ours), n, ours[n] if n < len(ours) else None, theirs[n] if n < len(theirs) else None))
    return counts, found, wrong


def too_rare(counts, verbs, rooms):
    """Classes rarer than one in a hundred among the cases that are about such things."""
    asked = [(name, room) for name, (room, _) in ROOMS.items() if name in rooms or not rooms]
    out = [(word, counts[f"{name} world"]) for name, room in asked for word in room.MATTERS]
    out += [] if verbs or rooms else [(word, counts["world"]) for word in MATTERS]
    return [(word, of) for word, of in out if counts[word] < RARE * of]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default="", help="program under test; without it only the classes are counted")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first case")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", type=int, help="one case by its number")
    parser.add_argument("--keep", type=int, default=3, help="disagreements to shrink and print, per job")
    parser.add_argument("--classes", action="store_true", help="print how often each class came")
    parser.add_argument("--clean", action="store_true", help="nothing that is refused: good facts and good questions alone")
    parser.add_argument("--verbs", default="", help="only these questions, parted by commas")
    parser.add_argument("--rooms", default="", help="only cases about these rooms, parted by commas: settlement, interest, dunning, credit, provision, kpi, prediction")
    a = parser.parse_args()
    rooms = tuple(r for r in a.rooms.split(",") if r)
    verbs = tuple(v for v in a.verbs.split(",") if v)
    if a.only is not None:
        jobs = [(a.engine, a.seed, a.only, a.only + 1, 1, a.clean, verbs, rooms)]
    else:
        cuts = [a.first + a.count * i // a.jobs for i in range(a.jobs + 1)]
        jobs = [(a.engine, a.seed, lo, hi, a.keep, a.clean, verbs, rooms) for lo, hi in zip(cuts, cuts[1:])]
    if len(jobs) == 1:
        results = [work(jobs[0])]
    else:
        with multiprocessing.Pool(len(jobs)) as pool:
            results = pool.map(work, jobs, chunksize=1)
    counts, wrong = collections.Counter(), 0
    for c, found, w in results:
        counts += c
        wrong += w
        for text, n, ours, theirs in found:
            print(f"{text}\n# step {n + 1}: the oracle says  {canonical(ours)}\n# step {n + 1}: the engine says  {canonical(theirs)}\n")
    total = sum(hi - lo for _, _, lo, hi, *_ in jobs)
    if a.classes:
        for word, n in sorted(counts.items(), key=lambda x: -x[1]):
            print(f"{n:8d}  {100 * n / total:5.1f} %  {word}")
    rare = [] if total < 2000 or a.clean or (verbs and not set().union(*(room.VERBS for room, _ in ROOMS.values())) <= set(verbs)) else too_rare(counts, verbs, rooms)
    for word, of in rare:
        print(f"too rare: {word}: {counts[word]} of {of}")
    print(f"differential {total - wrong} agreed, {wrong} differ")
    return 1 if wrong or rare else 0


if __name__ == "__main__":
    sys.exit(main())
