"""What closes an item beyond the money that came (docs/specification.md 7): desks, candidates, strategies one after the other."""

from allocation import Proposal
from settlement_clear import Clearing
from settlement_edit import Editing
from settlement_forgo import Forgoing
from settlement_price import Desk
from settlement_report import Report
from settlement_search import Search
from values import key
from view import account, due_order, sign

ORDERED = "oldest_due newest_due oldest_document newest_document largest_first user_order".split()


class Settlement(Clearing, Editing, Forgoing, Search, Report, Proposal):
    """`made`: lines with what stands beside them, in minor units; Report turns them into answers and facts."""

    def __init__(self, view, policy, decided=None):
        self.view, self.policy, self.edited = view, policy, False
        self.made, self.asked, self.marks, self.wondered = [], [], {}, []
        self.desks, self.reasons, self.touched = [], {}, set()
        self.items = view.open_items()
        self.open_all()
        self.prices = Desk(view, policy, self.items)
        self.prices.decided, self.prices.room = decided or {}, self.room
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
        credits, debits, helpers = [], [], []
        for item in items:
            if item["left"] <= 0 or sign(item["open"]) != sign(item["doc"]["amount"]):
                continue
            if item["open"] < 0 and item["doc"]["kind"] in self.policy["credit_kinds"] and self.chosen(item, "credit"):
                credits.append(item)
            elif item["open"] < 0 and item["doc"]["kind"] in self.policy["balance_credits"] and self.chosen(item, "credit"):
                helpers.append(item)
            if item["open"] > 0 and self.chosen(item, "debit"):
                debits.append(item)
        if not credits:
            return
        everybody = self.turns(credits + helpers)
        credits = [c for c in everybody if not any(c is h for h in helpers)]
        self.in_balances = [c for c in everybody if c["doc"]["kind"] in self.policy["balance_credits"]]
        self.desks.append((credits, debits))
        self.prices.debits = debits
        first = len(self.made)
        for strategy in self.policy["strategies"]:
            if strategy == "many_to_one":
                self.many_to_one(credits, debits)
            elif strategy == "scored":
                self.scored(credits, debits)
            elif strategy == "best_match":
                self.best_match(credits, debits)
            else:
                for credit in credits:
                    if self.room(credit) > 0:
                        self.one_credit(strategy, credit, debits)
        # Those that pay in balances alone are told of when they did.
        credits[:] = [c for c in everybody if any(c is one for one in credits) or any(line["credit"] is c for line in self.made)]
        self.leave_residuals(self.made[first:])
        for credit in credits:
            self.close_at_the_end(credit)
        for credit in credits:
            if self.room(credit) > 0:
                self.reasons[id(credit)] = self.reason(credit, debits)

    def turns(self, credits):
        """Credits in the order of the policy."""
        credits = sorted(credits, key=lambda i: (key(i["document"]), i["instalment"]))
        credits.sort(key=lambda i: i["doc"]["effective"], reverse=self.policy["credit_order"] == "newest_first")
        if self.policy["credit_notes"] != "by_date":
            note = self.policy["credit_notes"] == "last"
            credits.sort(key=lambda i: (i["doc"]["kind"] == "credit_note") == note)
        return credits

    def here(self, debits):
        return self.prices.debits

    def reason(self, credit, debits):
        marks = self.marks.get(id(credit), set())
        open_debits = [d for d in debits if self.room(d) > 0]
        for word in ("ambiguous", "not_searched_further"):
            if word in marks:
                return word
        if any(c is credit and not self.is_cleared(d) for c, d, _ in self.wondered):
            return "discount_asked"
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
            self.spend(credit, self.ordered(strategy, quotes), strategy)
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
        self.pay_named(credit, [q for n in named for q in quotes if q["item"] is n], "reference")

    def pay_named(self, credit, quotes, strategy):
        """What is named, as a set if it can be cleared so, else one after the other."""
        quotes = self.with_largest(credit, quotes)
        if not quotes:
            return
        named = [q["item"] for q in quotes]
        before, first = self.room(credit), len(self.made)
        plan, ways = None, ("exact", "rounded", "short", "charged")
        if not any(self.prices.blocked(n) for n in named):
            if self.takes("usable"):
                plan = self.plan(credit, before, quotes, strategy, ways)
            else:
                plan = self.solution(credit, quotes, strategy, ways)
            rest = before - sum(q["price"] for q in quotes)
            if plan is None:
                self.wonder(credit, quotes)
            elif self.adjusts() and rest > 0 and any(plan["shares"]) and rest <= self.prices.limits("over", credit, quotes, before, strategy)[1]:
                plan = None  # what is over lowers the discounts
        if plan is not None:
            self.carry_out(credit, plan, strategy)
            return
        self.spend(credit, quotes, strategy)
        lines = self.made[first:]
        if all(line["clears"] for line in lines) and {id(line["debit"]) for line in lines} == {id(n) for n in named}:
            self.close(credit, lines, before)

    def exact_amount(self, credit, quotes):
        alone = [[q] for q in quotes]
        together = {}
        for q in quotes:
            together.setdefault(q["item"]["document"], []).append(q)
        documents = [some for some in together.values() if len(some) > 1]
        for sets in (alone, documents):
            if self.one_of(credit, sets):
                return
        for sets in (alone, documents):
            for some in sets:
                if any(q["more"] for q in some) and sum(self.prices.with_late(q)["price"] for q in some) == self.room(credit):
                    self.wonder_each(credit, some)
                    return

    def one_of(self, credit, sets):
        """The first of these that costs what the credit has, less a discount or in full; one of each is ambiguous."""
        wanted = self.room(credit)
        less = next((some for some in sets if any(q["d"] for q in some) and sum(q["price"] for q in some) == wanted), None)
        full = next(([self.prices.in_full(q) for q in some] for some in sets if not any(q["kept"] for q in some) and sum(q["gross"] for q in some) == wanted), None)
        found = less or full
        if less and full and [q["item"]["document"] for q in less] + [q["item"]["instalment"] for q in less] != [q["item"]["document"] for q in full] + [q["item"]["instalment"] for q in full]:
            if self.ambiguous([[q["item"] for q in some] for some in (less, full)], credit=credit) is None:
                self.mark(credit, "ambiguous")
                return True
        if found is None:
            return False
        if any(self.prices.blocked(q["item"]) for q in found):
            for q in found:
                self.one_item("exact_amount", credit, q["item"])
        else:
            self.carry_out(credit, self.plan(credit, wanted, found, "exact_amount", ("exact",)), "exact_amount")
        return True

    def one_item(self, strategy, credit, item, chosen=None):
        """An item as a set of one, with the largest of its discounts or as it was chosen: cleared if it can be, else paid in part."""
        c = self.room(credit)
        if c <= 0 or self.room(item) <= 0:
            return
        q = self.prices.quote(credit, item, largest=True)
        if q is None:
            return
        if self.prices.blocked(item):
            self.one_blocked(strategy, credit, c, q)
            return
        q = chosen or q
        plan = self.plan(credit, c, [q], strategy, ("exact", "rounded", "short", "charged", "above"))
        if plan is not None:
            self.carry_out(credit, plan, strategy)
        elif c < q["price"] and self.policy["partial"] != "refused":
            self.in_part(strategy, credit, c, q)
