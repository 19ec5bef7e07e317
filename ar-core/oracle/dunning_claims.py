"""What charges belong to, and what becomes of them with that (docs/specification.md 9, Charges)."""

import re

from view import due_order

# Why charges are left out with what they belong to.
SHARED = "held requirement_missing disputed in_plan promised in_flight covered".split()


class Claims:
    def claim_of(self, item):
        """The open debit items that a charge belongs to, by due date; nothing of what is no such charge."""
        claim, document, passed = [], item["doc"], set()
        while document["kind"] == "charge" and document["id"] not in passed:
            passed.add(document["id"])
            related = self.ledger.documents.get(document.get("related"))
            if related is None or related is document or related["customer"] != document["customer"]:
                break
            about = self.charged_for(document, related["id"])
            claim = self.open_of(about, item) or claim
            if any(name != related["id"] for name, _ in about):
                break
            document = related
        return claim

    def late_claim_of(self, item):
        """The same but for what is not late, where something is."""
        claim = self.claim_of(item)
        return [i for i in claim if self.basis(i) is not None and self.basis(i) < self.view.on] or claim

    def charged_for(self, charge, related):
        """(document, instalment or None) of what a charge is for."""
        for notice in self.ledger.rows["notices"]:
            if not charge["id"].startswith(notice["id"] + "-") or notice["level"] <= 0 or not self.view.counted(notice):
                continue
            lines = [line for line in self.ledger.rows["notice_lines"] if line["notice"] == notice["id"]]
            own = [(n, line) for n, line in enumerate(lines, 1) if line["document"] == related]
            end = charge["id"][len(notice["id"]) + 1 :]
            if not own:
                continue
            if end == "f":
                bearing = [line for line in lines if self.ledger.documents[line["document"]]["kind"] != "charge"]
                return [(line["document"], line.get("instalment")) for line in bearing] or [(related, None)]
            number = re.fullmatch("([1-9][0-9]*)-[fic]", end)
            if number and int(number[1]) < 2**32:
                named = own if len(own) == 1 else [(n, line) for n, line in own if n == int(number[1])]
                return [(related, line.get("instalment")) for _, line in named] or [(related, None)]
        return [(related, None)]

    def open_of(self, about, but):
        """What is open of these, and of what is left of them; where nothing is, of their documents."""
        exact, all_of = [], []
        for i in self.items:
            if i["open"] > 0 and i is not but:
                parts = self.view.with_those_above(i["doc"], i["instalment"])
                if any(name == document for name, _ in parts for document, _ in about):
                    all_of.append(i)
                if any(name == document and (number is None or n in (0, number)) for name, n in parts for document, number in about):
                    exact.append(i)
        return sorted(exact or all_of, key=due_order)

    def charges_follow(self, why):
        """A charge is left out with what it belongs to, when nothing of that came so far and the first is left out for that."""
        if self.policy["related_charges"] == "apart":
            return
        so_far = dict(self.reasons)
        for item in self.here():
            others = self.late_claim_of(item)
            if others and all(id(i) in so_far for i in others) and so_far[id(others[0])][0] in why:
                self.skip(item, *so_far[id(others[0])])

    def charges_wait(self, lines):
        """The lines less charges whose claim has its own notice another day, or none any more; where the claim stays, they are nothing new."""
        if self.policy["related_charges"] == "apart":
            return lines
        never, later = ["last_level", "max_notices", "rate_missing"], ["noticed_today", "interval", "in_grace", "waiting"]
        while True:
            here, left = {id(line["item"]): line["new"] for line in lines}, []
            for line in lines:
                others = self.claim_of(line["item"])
                levels = [here[id(i)] for i in others if id(i) in here]
                first = None
                for i in reversed(others):
                    parted = self.policy["unit"] == "item" or self.desk(i) != self.desk(line["item"])
                    if self.reasons.get(id(i), ("",))[0] in never + (later if parted else []):
                        first = i
                if levels and not any(levels):
                    line["new"] = False
                if levels or first is None:
                    left.append(line)
                else:
                    self.skip(line["item"], *self.reasons[id(first)])
            if len(left) == len(lines):
                return lines
            lines = left
