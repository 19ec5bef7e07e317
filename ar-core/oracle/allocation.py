"""Which credits would settle which debits (docs/specification.md 6)."""

import re
import string
from fractions import Fraction

from values import key, show
from view import NEVER, account, account_order, due_order, sign


class Proposal:
    def __init__(self, view, policy):
        self.view, self.policy = view, policy
        self.lines, self.unapplied = [], []
        items = []
        for item in view.open_items():
            item["left"] = abs(item["open"]) - item["spoken_for"]
            items.append(item)
        self.together = {}  # what all items of a document together have left
        for item in items:
            way = -1 if item["doc"]["amount"] < 0 else 1
            self.together[item["document"]] = self.together.get(item["document"], 0) + way * item["open"] - item["spoken_for"]
        accounts = sorted({account(i["doc"]) for i in items}, key=account_order)
        for a in accounts:
            self.one_account([i for i in items if account(i["doc"]) == a])

    def digits(self, item):
        return self.view.ledger.digits_of(item["doc"])

    def chosen(self, item, side):
        f, document = self.policy["filter"], item["doc"]
        size = Fraction(abs(item["open"]), 10 ** self.digits(item))
        if f["companies"] and document.get("company", "") not in f["companies"]:
            return False
        if f["customers"] and document["customer"] not in f["customers"]:
            return False
        if f["currencies"] and document["currency"] not in f["currencies"]:
            return False
        if f[side + "s"] and document["id"] not in f[side + "s"]:
            return False
        if f[side + "_min"] is not None and size < f[side + "_min"]:
            return False
        if f[side + "_max"] is not None and size > f[side + "_max"]:
            return False
        if side == "debit" and f["due_until"] is not None and (item["due"] is None or item["due"] > f["due_until"]):
            return False
        if f["disputed"] == "excluded" and item["disputed"] != 0:
            return False
        return not (f["held"] == "excluded" and item["held"] != 0)

    def one_account(self, items):
        credits, debits = [], []
        for item in items:
            if item["left"] <= 0 or sign(item["open"]) != sign(item["doc"]["amount"]):
                continue
            if item["open"] < 0 and item["doc"]["kind"] in self.policy["credit_kinds"] and self.chosen(item, "credit"):
                credits.append(item)
            if item["open"] > 0 and self.chosen(item, "debit"):
                debits.append(item)
        credits.sort(key=lambda i: (key(i["document"]), i["instalment"]))
        credits.sort(key=lambda i: i["doc"]["effective"], reverse=self.policy["credit_order"] == "newest_first")
        for strategy in self.policy["strategies"]:
            for credit in credits:
                self.apply(strategy, credit, debits)
        left = any(self.room(d) > 0 for d in debits)
        for credit in credits:
            if self.room(credit) > 0:
                reason = "no_match" if left else "no_open_debit"
                self.unapplied.append({"credit": credit["document"], "amount": show(self.room(credit), self.digits(credit)), "reason": reason})

    def room(self, item):
        return max(0, min(item["left"], self.together[item["document"]]))

    def apply(self, strategy, credit, debits):
        for debit in self.candidates(strategy, credit, [d for d in debits if self.room(d) > 0]):
            amount = min(self.room(credit), self.room(debit))
            if amount <= 0 or (self.policy["partial"] == "refused" and amount != debit["left"]):
                continue
            digits = self.digits(credit)
            self.lines.append(
                {
                    "credit": credit["document"],
                    "debit": debit["document"],
                    "instalment": debit["instalment"],
                    "amount": show(amount, digits),
                    "strategy": strategy,
                    "credit_left": show(credit["left"], digits),
                    "debit_left": show(debit["left"], digits),
                }
            )
            for item in (credit, debit):
                item["left"] -= amount
                self.together[item["document"]] -= amount

    def here(self, debits):
        """The debits that a reference may mean."""
        return debits

    def names(self, credit, debits):
        """What a credit's reference names: its words, and runs of their parts, that are ids or references."""
        references = {d["doc"].get("reference") for d in self.here(debits) if self.room(d) > 0}
        found = set()
        for word in re.split(r"[\s,;]+", credit["doc"].get("reference", "")):
            if word in self.view.ledger.documents or word in references:
                found.add(word)
                continue
            parts = list(re.finditer(f"[^{re.escape(string.punctuation)}]+", word))
            taken = set()
            for length in range(min(8, len(parts)), 0, -1):
                for first in range(len(parts) - length + 1):
                    run = word[parts[first].start() : parts[first + length - 1].end()]
                    if len(run) >= 4 and not taken & set(range(first, first + length)):
                        if run in self.view.ledger.documents or run in references:
                            taken |= set(range(first, first + length))
                            found.add(run)
        return found

    def called(self, debit):
        """The ids by which a debit may be named: its own, and those of the documents that it is what is left of."""
        ids, document = {debit["document"]}, debit["doc"]
        while self.view.is_residual(document) and document["related"] not in ids:
            document = self.view.ledger.documents[document["related"]]
            ids.add(document["id"])
        return ids

    def candidates(self, strategy, credit, debits):
        """The debits in the order in which this strategy takes them."""
        debits = sorted(debits, key=due_order)
        if strategy == "reference":
            tokens, related = self.names(credit, debits), credit["doc"].get("related")
            return [d for d in debits if d["doc"].get("reference") in tokens or self.called(d) & {*tokens, related}]
        if strategy == "exact_amount":
            wanted = self.room(credit)
            for d in debits:
                if d["left"] == wanted:
                    return [d]
            for first in debits:
                together = [d for d in debits if d["document"] == first["document"]]
                if sum(d["left"] for d in together) == wanted:
                    return together
            return []
        if strategy == "newest_due":
            debits.sort(key=lambda d: (key(d["document"]), d["instalment"]))
            debits.sort(key=lambda d: (d["due"] is None, -(d["due"] or NEVER).toordinal()))
        if strategy in ("oldest_document", "newest_document"):
            debits.sort(key=lambda d: (key(d["document"]), d["instalment"]))
            debits.sort(key=lambda d: d["doc"]["document_date"], reverse=strategy == "newest_document")
        if strategy == "largest_first":
            debits.sort(key=lambda d: -d["left"])
        if strategy == "user_order":
            listed = self.policy["user_order"]
            debits = [d for name in dict.fromkeys(listed) for d in debits if d["document"] == name]
        return debits

    def facts(self, prefix):
        out = []
        for n, line in enumerate(self.lines, 1):
            row = {
                "id": f"{prefix}-{n}",
                "credit": line["credit"],
                "debit": line["debit"],
                "amount": line["amount"],
                "effective": self.view.on.isoformat(),
            }
            if line["instalment"] != 0:
                row["instalment"] = line["instalment"]
            out.append(row)
        return out
