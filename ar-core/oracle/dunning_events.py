"""What happened of which somebody wants to be told once (docs/specification.md 9, Triggers)."""

import promises
from dunning_levels import moved, some_later
from terms import is_business
from values import key

KEPT_BACK = (
    "out_of_scope no_procedure quiet_day blocked held requirement_missing disputed in_plan unfounded promised in_flight covered"
).split()


class Events:
    def events(self):
        out = []
        if self.quiet(self.view.on):
            return out
        sent = {row["id"] for row in self.ledger.rows["notices"] if self.view.counted(row)}
        for trigger in self.policy["triggers"]:
            found = []
            for name, customer, document, instalment, day, fact in getattr(self, f"when_{trigger['when']}")(trigger):
                if day is None or day > self.view.on:
                    continue
                known = max(day, fact["effective"], fact["recorded"])
                if self.view.on > self.next_loud(moved(known, trigger["within_days"]) or self.view.on):
                    continue
                if self.leaves_out("blocked") and self.blocked(customer):
                    continue
                row = {"trigger": trigger["id"], "key": f"{trigger['id']}/{name}", "customer": customer, "document": document}
                row |= {"instalment": instalment, "day": day, "action": trigger["action"], "channel": trigger["channel"], "template": trigger["template"]}
                if row["key"] not in sent:
                    found.append(row)
            out += sorted(found, key=lambda row: key(row["key"]))
        return out

    def quiet(self, day):
        return self.policy["quiet_days"] == "skip" and not is_business(day, self.policy["calendar"])

    def next_loud(self, day):
        """A day, or the first after it on which something may be sent."""
        while day < self.view.on and self.quiet(day):
            day = moved(day, 1)
        return day

    def counted_documents(self):
        return [d for d in self.ledger.rows["documents"] if self.view.counted(d) and not self.view.cancelled(d)]

    def when_new_customer(self, trigger):
        first = {}
        for d in self.counted_documents():
            first.setdefault(d["customer"], []).append(d)
        out = []
        for customer, own in first.items():
            known = min(max(d["effective"], d["recorded"]) for d in own)
            out.append((customer, customer, "", 0, min(d["effective"] for d in own), {"effective": known, "recorded": known}))
        return out

    def when_invoice_issued(self, trigger):
        return [(d["id"], d["customer"], d["id"], 0, d["effective"], d) for d in self.counted_documents() if d["kind"] == "invoice"]

    def when_payment_received(self, trigger):
        return [(d["id"], d["customer"], d["id"], 0, d["effective"], d) for d in self.counted_documents() if d["kind"] in ("payment", "advance")]

    def when_days_past_due(self, trigger):
        out = []
        for i in self.items:
            d = i["doc"]
            today = d["kind"] == "charge" and d["document_date"] == self.view.on
            if i["open"] > 0 and i["due"] is not None and not today and self.reasons.get(id(i), ("",))[0] not in KEPT_BACK:
                payable = self.payable(d, i["due"])
                if payable is None:
                    continue
                learnt = self.view.due_learnt(d, i["instalment"], i["due"])
                if payable != i["due"]:
                    learnt = max(learnt, self.view.payable_learnt(d, i["due"], payable))
                known = {"effective": max(d["effective"], learnt), "recorded": d["recorded"]}
                name, day = f"{i['document']}/{i['instalment']}", some_later(trigger["count"], self.policy["calendar"], payable, trigger["days"])
                out.append((name, d["customer"], i["document"], i["instalment"], day, known))
        return out

    def when_promise_broken(self, trigger):
        out = []
        came = promises.settled(self.view, self.policy["promise_tolerance_days"])
        for p in self.ledger.rows["promises"]:
            if not self.view.counted(p) or self.view.closed(p):
                continue
            until = moved(p["promised_date"], self.policy["promise_tolerance_days"])
            if until is not None and until < self.view.on and promises.broken(self.view, {**p, "until": until}, self.items, came):
                out.append((p["id"], p["customer"], p.get("document", ""), 0, moved(until, 1), p))
        return out

    def when_dispute_opened(self, trigger):
        out = []
        for t in self.ledger.rows["disputes"]:
            d = self.ledger.documents[t["document"]]
            if self.view.counted(t) and not self.view.cancelled(d):
                out.append((t["id"], d["customer"], d["id"], 0, t["effective"], t))
        return out
