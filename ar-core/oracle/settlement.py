"""What closes an item beyond the money that came (docs/specification.md 7): desks, candidates, strategies one after the other."""

import copy
from allocation import Proposal
from settlement_clear import Clearing
from settlement_price import Desk
from settlement_report import Report
from settlement_search import Search
from values import fail, key
from view import account, due_order, sign

ORDERED = "oldest_due newest_due oldest_document newest_document largest_first user_order".split()


class Settlement(Clearing, Search, Report, Proposal):
    """`made`: lines with what stands beside them, in minor units; Report turns them into answers and facts."""

    def __init__(self, view, policy):
        self.view, self.policy = view, policy
        self.made, self.asked, self.marks = [], [], {}
        self.desks, self.reasons, self.touched = [], {}, set()
        self.items = view.open_items()
        self.open_all()
        self.prices = Desk(view, policy, self.items)
        for name in dict.fromkeys(self.desk_of(i) for i in self.items):
            self.one_desk([i for i in self.items if self.desk_of(i) == name])

    # --- who is settled together --------------------------------------------------------------------------------------------

    def desk_of(self, item):
        company, control, customer, currency = account(item["doc"])
        if self.policy["scope"] == "account":
            return company, control, customer, currency
        if self.policy["scope"] == "family":
            customer = self.top_parent(customer)
        return (company, customer) if self.policy["cross_currency"] == "allowed" else (company, customer, currency)

    def top_parent(self, customer):
        while self.view.attribute(customer, "parent"):
            customer = self.view.attribute(customer, "parent")
        return customer

    def one_desk(self, items):
        credits, debits = [], []
        for item in items:
            if item["left"] <= 0 or sign(item["open"]) != sign(item["doc"]["amount"]):
                continue
            if item["open"] < 0 and item["doc"]["kind"] in self.policy["credit_kinds"] and self.chosen(item, "credit"):
                credits.append(item)
            if item["open"] > 0 and self.chosen(item, "debit"):
                debits.append(item)
        if not credits:
            return
        credits.sort(key=lambda i: (key(i["document"]), i["instalment"]))
        credits.sort(key=lambda i: i["doc"]["effective"], reverse=self.policy["credit_order"] == "newest_first")
        if self.policy["credit_notes"] != "by_date":
            note = self.policy["credit_notes"] == "last"
            credits.sort(key=lambda i: (i["doc"]["kind"] == "credit_note") == note)
        self.desks.append((credits, debits))
        for strategy in self.policy["strategies"]:
            if strategy == "many_to_one":
                self.many_to_one(credits, debits)
            elif strategy == "best_match":
                self.best_match(credits, debits)
            else:
                for credit in credits:
                    if self.room(credit) > 0:
                        self.one_credit(strategy, credit, debits)
        for credit in credits:
            self.close_at_the_end(credit)
        for credit in credits:
            if self.room(credit) > 0:
                self.reasons[id(credit)] = self.reason(credit, debits)

    def reason(self, credit, debits):
        marks = self.marks.get(id(credit), set())
        open_debits = [d for d in debits if self.room(d) > 0]
        for word in ("ambiguous", "not_searched_further"):
            if word in marks:
                return word
        if not open_debits:
            return "no_open_debit"
        if any(self.prices.factor(credit, d) is None for d in open_debits):
            return "rate_missing"
        return "no_match"

    # --- classes of debits --------------------------------------------------------------------------------------------------

    def class_of(self, debit):
        document = debit["doc"]
        for n, entry in enumerate(self.policy["priority"]):
            if "kinds" in entry and document["kind"] not in entry["kinds"]:
                continue
            if "dimension" in entry:
                name = entry["dimension"]
                value = document.get("dimensions", {}).get(name) or self.view.attribute(document["customer"], f"dim_{name}")
                if value not in entry["values"]:
                    continue
            return n
        return len(self.policy["priority"])

    def in_order(self, debits):
        """Debits by class, then in the order of due dates."""
        return sorted(sorted(debits, key=due_order), key=self.class_of)

    # --- one credit, one strategy ------------------------------------------------------------------------------------------

    def quotes(self, credit, debits):
        """The debits that have something left and a price, in their order."""
        found = [self.prices.quote(credit, d) for d in self.in_order(debits) if self.room(d) > 0]
        return [q for q in found if q is not None]

    def one_credit(self, strategy, credit, debits):
        quotes = self.quotes(credit, debits)
        if strategy == "reference":
            self.reference(credit, quotes)
        elif strategy == "exact_amount":
            self.exact_amount(credit, quotes)
        elif strategy in ORDERED:
            for q in self.ordered(strategy, quotes):
                self.one_item(strategy, credit, q["item"])
        else:
            getattr(self, strategy)(credit, [q for q in quotes if not self.prices.blocked(q["item"])])

    def ordered(self, strategy, quotes):
        by_item = {id(q["item"]): q for q in quotes}
        items = [q["item"] for q in quotes]
        if strategy == "largest_first":
            items.sort(key=due_order)
            items.sort(key=lambda i: -by_item[id(i)]["gross"])
        else:
            items = self.candidates(strategy, None, items)
        if strategy != "user_order":
            items.sort(key=self.class_of)
        return [by_item[id(i)] for i in items]

    def reference(self, credit, quotes):
        named = self.candidates("reference", credit, [q["item"] for q in quotes])
        quotes = [q for n in named for q in quotes if q["item"] is n]
        if not quotes:
            return
        before, first = self.room(credit), len(self.made)
        plan = None
        if not any(self.prices.blocked(n) for n in named):
            plan = self.plan(credit, before, quotes, "reference", ("exact", "rounded", "short", "charged"))
        if plan is not None:
            self.carry_out(credit, plan, "reference")
            return
        for q in quotes:
            self.one_item("reference", credit, q["item"])
        lines = self.made[first:]
        if all(line["clears"] for line in lines) and {id(line["debit"]) for line in lines} == {id(n) for n in named}:
            self.close(credit, lines, before)

    def exact_amount(self, credit, quotes):
        wanted = self.room(credit)
        found = next(([q] for q in quotes if q["price"] == wanted), None)
        if found is None:
            together = {}
            for q in quotes:
                together.setdefault(q["item"]["document"], []).append(q)
            found = next((some for some in together.values() if sum(q["price"] for q in some) == wanted), None)
        if found is None:
            return
        if any(self.prices.blocked(q["item"]) for q in found):
            for q in found:
                self.one_item("exact_amount", credit, q["item"])
        else:
            self.carry_out(credit, self.plan(credit, wanted, found, "exact_amount", ("exact",)), "exact_amount")

    def one_item(self, strategy, credit, item):
        """An item as a set of one: cleared if it can be, else paid in part."""
        c = self.room(credit)
        if c <= 0 or self.room(item) <= 0:
            return
        q = self.prices.quote(credit, item)
        if q is None:
            return
        if self.prices.blocked(item):
            self.one_blocked(strategy, credit, c, q)
            return
        plan = self.plan(credit, c, [q], strategy, ("exact", "rounded", "short", "charged", "above"))
        if plan is not None:
            self.carry_out(credit, plan, strategy)
        elif c < q["price"] and self.policy["partial"] != "refused":
            self.in_part(strategy, credit, c, q)

    # --- without some lines --------------------------------------------------------------------------------------------------

    def without(self, numbers):
        if any(not 0 <= n < len(self.made) for n in numbers):
            fail("unknown_value", "lines")
        new = copy.copy(self)
        gone = [line for n, line in enumerate(self.made) if n in numbers]
        new.made = [line for n, line in enumerate(self.made) if n not in numbers]
        new.asked = [q for q in self.asked if not any(q.get("at") is line for line in gone)]
        new.touched = self.touched | {id(line["credit"]) for line in gone}
        return new

