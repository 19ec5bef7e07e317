"""Whom to remind, of what, how (docs/specification.md 9): predicate after predicate, then levels, then notices."""

import copy

import aging
import policy as policies
import promises
from dunning_claims import SHARED, Claims
from dunning_events import Events
from dunning_history import History, last
from dunning_levels import apart, level_on, reached, reason, stays, takes_part, too_soon
from dunning_notices import Notices
from dunning_report import Report
from dunning_restart import Restarts
from dunning_unfounded import Unfounding
from ledger import leg
from terms import is_business
from values import fail, key
from view import due_order, order


class Run(Notices, Claims, Events, Report, Restarts, Unfounding):
    """`reasons`: id of a skipped item -> (reason, detail, until); `notices`: what is sent."""

    def __init__(self, view, policy, history=None, today=None):
        """`history` is what was sent before; `today`, where charges of the day are looked for, is the same but in an audit."""
        self.view, self.policy, self.ledger = view, policy, view.ledger
        self.history = history if history is not None else History.of(view)
        self.today = today if today is not None else self.history
        self.items = view.open_items()
        self.has_rates()
        self.scope = aging.Aging(view, policies.aging({"edges": [0]}), (), policy["where"])
        self.what_is_left()
        self.sent_before()
        lines = self.item_levels() if policy["unit"] == "item" else self.desk_levels()
        lines = self.counted_enough(lines)
        self.make_notices(lines)
        assert all((id(i) in self.reasons) != any(line["item"] is i for n in self.notices for line in n["lines"]) for i in self.items)

    def what_is_left(self):
        """The predicates up to those of credits."""
        self.reasons, self.left, self.pool, self.listed, self.stills, self.cash = {}, {}, {}, [], {}, {}
        self.for_nothing = self.unfounded()
        self.one_by_one()
        if self.policy["promises"] == "left_out":
            self.promised()
        if self.policy["in_flight"] == "covers":
            self.in_flight()
        self.covered()
        self.charges_follow(SHARED)

    # --- small questions -------------------------------------------------------------------------------------------------------

    def skip(self, item, why, detail="", until=None):
        assert id(item) not in self.reasons
        self.reasons[id(item)] = (why, detail, until)

    def here(self):
        """The debits that came so far, in the order in which they are covered."""
        return sorted((i for i in self.items if id(i) in self.left and id(i) not in self.reasons), key=lambda i: due_order({**i, "due": self.payable(i["doc"], i["due"])}))

    def leaves_out(self, name):
        return self.policy[name] == "left_out"

    def desk(self, item):
        document = item["doc"]
        return document.get("company", ""), document["customer"], document["currency"]

    def basis(self, item):
        day = item["doc"]["document_date"] if self.policy["basis"] == "document_date" else item["due"]
        return day if item["doc"]["amount"] < 0 else self.payable(item["doc"], day)

    def payable(self, document, day):
        """The day from which days are counted, once nothing is missing."""
        return self.view.payable_from(document, day) if day is not None and self.leaves_out("requirements") else day

    def procedure_of(self, company, customer):
        """An assignment of the customer by name comes first; for the rest, who gets the letter decides."""
        who = self.addressee(customer)
        group = self.view.attribute(who, "group")
        for kind, value in (("customers", customer), ("customers", who), ("groups", group), ("companies", company)):
            for one in self.policy["assign"]:
                if one["list"] == kind and value in one["names"]:
                    return one["procedure"]
        return self.policy["procedure"]

    def procedure(self, item):
        return self.policy["procedures"][self.procedure_of(*self.desk(item)[:2])]

    def blocked(self, customer):
        """(who, value) of the block that keeps a customer's items off a letter: its own, or that of whom the letter goes to."""
        for who in (customer, self.addressee(customer)):
            value = self.view.attribute(who, "blocked")
            if value and (self.policy["blocks"] is None or value in self.policy["blocks"]):
                return who, value
        return None

    def blocked_until(self, customer):
        rows = [c for c in self.ledger.rows["customer_changes"] if c["customer"] == customer and c["attribute"] == "blocked" and self.view.counted(c)]
        return max(rows, key=lambda c: (c["effective"], c["recorded"], rows.index(c))).get("until")

    # --- what is asked of each item by itself ---------------------------------------------------------------------------------

    def one_by_one(self):
        for item in self.items:
            found = self.first_of_item(item)
            if found is not None:
                self.skip(item, *found)
            elif item["open"] < 0:
                self.credit(item)
            else:
                self.left[id(item)] = item["open"]
                if self.leaves_out("disputed"):
                    self.left[id(item)] -= item["disputed"] + self.disputed_with.get(id(item), 0)
                found = self.first_of_debit(item)
                if found is not None:
                    self.skip(item, *found)
        self.charges_follow(SHARED)

    def first_of_item(self, item):
        document = item["doc"]
        if not self.lets_in(document, item["open"]):
            return ("out_of_scope",)
        if item["open"] > 0:
            if document["kind"] not in self.policy["kinds"] or not self.is_large(document, item["open"]):
                return ("out_of_scope",)
        if self.procedure_of(*self.desk(item)[:2]) is None:
            return ("no_procedure",)
        if self.policy["quiet_days"] == "skip" and not is_business(self.view.on, self.policy["calendar"]):
            return ("quiet_day",)
        if self.leaves_out("blocked") and self.blocked(document["customer"]):
            who, value = self.blocked(document["customer"])
            return "blocked", value, self.blocked_until(who)
        if self.leaves_out("held") and self.holds_on(document):
            return "held", *self.hold(document)
        return None

    def lets_in(self, document, minor):
        """Does `where` let a document in? One that covers whatever is owed, whatever its kind and the dimensions that it lacks."""
        name = "unapplied" if document["kind"] in ("payment", "advance") else "credit_notes"
        if minor > 0 or self.policy[name] != "covers":
            return self.scope.matches(document)
        lacks = lambda k: k == "kind" or (k.startswith("dim_") and not self.scope.value(document, k))
        where = {k: v for k, v in self.policy["where"].items() if not lacks(k)}
        return aging.Aging(self.view, policies.aging({"edges": [0]}), (), where).matches(document)

    def is_large(self, document, minor):
        return self.enough(self.policy["minimum_item"], minor, document.get("company", ""), document["currency"])

    def hold(self, document):
        holds = self.holds_on(document)
        holds.sort(key=lambda h: key(h["id"]))
        holds.sort(key=lambda h: (0, 0) if "until" not in h else (1, -h["until"].toordinal()))
        return holds[0]["reason"], holds[0].get("until")

    def left_of(self, document):
        """The ids of a document and of those that it is left of."""
        return [name for name, _ in self.view.with_those_above(document)]

    def holds_on(self, document):
        holds = []
        for h in self.ledger.rows["holds"]:
            who = document["customer"], self.addressee(document["customer"])
            about = h["document"] in self.left_of(document) if "document" in h else h["customer"] in who
            if about and self.view.counted(h) and not self.view.closed(h) and ("until" not in h or h["until"] >= self.view.on):
                holds.append(h)
        return holds

    def first_of_debit(self, item):
        document = item["doc"]
        if self.today.is_charge_of(document, self.view.on):
            return ("noticed_today",)
        if self.leaves_out("requirements"):
            missing = self.missing(document)
            if missing:
                return "requirement_missing", missing[0]
        beside = self.for_nothing.get(id(item), 0) if self.disputed_with.get(id(item)) else 0
        if self.leaves_out("disputed") and self.left[id(item)] <= beside:
            return "disputed", self.first_dispute(document)
        if self.leaves_out("plans"):
            plan = self.plan(document)
            if plan is not None:
                return "in_plan", plan
        part = self.for_nothing.get(id(item), 0)
        self.left[id(item)] -= part
        if part and self.left[id(item)] <= 0:
            return "unfounded", document.get("related", "")
        return None

    def first_dispute(self, document):
        """Its reason; of a charge that is not disputed itself that of what it was charged for."""
        about = self.left_of(document)
        disputes = [d for d in self.ledger.rows["disputes"] if d["document"] in about and self.view.counted(d) and not self.view.closed(d)]
        if disputes:
            return min(disputes, key=lambda d: key(d["id"]))["reason"]
        return self.first_dispute(self.ledger.documents[document["related"]])

    def missing(self, document):
        """What a document lacks, or one that it is left of."""
        states, about = {}, self.left_of(document)
        for r in self.ledger.rows["requirements"]:  # in the order they came
            if r["document"] in about and self.view.counted(r):
                one = r["document"], r["requirement"]
                old = states.get(one)
                if old is None or (r["effective"], r["recorded"]) >= (old["effective"], old["recorded"]):
                    states[one] = r
        return sorted((name for (_, name), r in states.items() if r["state"] == "missing"), key=key)

    def plan(self, document):
        """The first plan in good standing that a document's schedule belongs to."""
        counted = {p["id"] for p in self.ledger.rows["plans"] if self.view.counted(p) and not self.view.closed(p)}
        for name in sorted(self.plans_of(document) & counted, key=key):
            late = [
                i
                for i in self.items
                if i["open"] > 0
                and self.payable(i["doc"], i["due"]) is not None
                and (self.view.on - self.payable(i["doc"], i["due"])).days > self.policy["plan_tolerance_days"]
                and name in self.plans_of(i["doc"])
            ]
            if not late:
                return name
        return None

    def plans_of(self, document):
        """The plans of its schedule; without one those of what it is left of, if it is since that schedule was made."""
        best, above = self.ledger.best_schedule(document, self.view.on, self.view.known), self.view.left_over_of(document)
        while best is None and above is not None:
            (moved,) = [d for d in self.ledger.rows["differences"] if d.get("moved_to") == document["id"]]
            best = self.ledger.best_schedule(above, self.view.on, self.view.known)
            if best is not None and moved["effective"] < best["effective"]:
                return set()
            document, above = above, self.view.left_over_of(above)
        return set() if best is None else best["plans"]

    # --- what is taken off ----------------------------------------------------------------------------------------------------

    def credit(self, item):
        name = "unapplied" if item["doc"]["kind"] in ("payment", "advance") else "credit_notes"
        if self.policy[name] == "listed_when_due":
            basis = self.basis(item) or item["doc"]["document_date"]
            if not reached(self.procedure(item), 1, self.view.on, basis, None):
                self.skip(item, "credit_waits")
                return
        if self.policy[name].startswith("listed"):
            self.listed.append(item)
            return
        self.skip(item, f"credit_{self.policy[name]}")
        if self.policy[name] == "covers":
            pending = item["pending"] if self.policy["in_flight"] == "covers" else 0
            document = item["doc"]
            place = (document["effective"], key(item["document"]), item["instalment"])
            self.fill(self.desk(item), abs(item["open"]) - abs(pending), place, document.get("related"))

    def fill(self, desk, amount, place=None, related=None):
        """Credits by their day; `place` is none of what comes later."""
        self.pool.setdefault(desk, []).append({"left": amount, "place": place, "related": related})

    def take(self, item, part, why, detail="", until=None):
        self.left[id(item)] -= part
        if self.left[id(item)] == 0:
            self.skip(item, why, detail, until)

    def promised(self):
        came = promises.settled(self.view, self.policy["promise_tolerance_days"], so_far=True)
        for promise in sorted(self.ledger.rows["promises"], key=lambda p: (p["promised_date"], key(p["id"]))):
            if not self.view.counted(promise) or self.view.closed(promise):
                continue
            if (self.view.on - promise["promised_date"]).days > self.policy["promise_tolerance_days"]:
                continue
            rest = promise["amount"] - came.get(promise["id"], 0)
            for item in self.here():
                if item["doc"]["currency"] == promise["currency"] and promises.is_about(self.view, promise, item["doc"]):
                    part = min(rest, self.left[id(item)])
                    rest -= part
                    if part > 0:
                        self.take(item, part, "promised", promise["id"], promise["promised_date"])

    def in_flight(self):
        for item in self.here():
            self.take(item, min(abs(item["pending"]), self.left[id(item)]), "in_flight")
        for receipt in self.view.pending_receipts():
            legs = sum(self.leg(row, receipt) for row in self.ledger.settling())
            self.fill(self.desk({"doc": receipt}), abs(receipt["amount"]) - legs)

    def leg(self, row, document):
        """What a known allocation or difference, not known to be taken back, takes of a document."""
        return leg(row, document) if self.view.is_known(row) and self.ledger.taken_back(row, self.view.known) is None else 0

    def covered(self):
        items = self.here()
        families = {}
        for desk in self.pool:
            families.setdefault((desk[0], self.addressee(desk[1]), desk[2]), []).append(desk)
        for family, desks in families.items():
            mine = [i for i in items if self.family(i) == family]
            pool = sorted(((desk, one) for desk in desks for one in self.pool[desk]), key=lambda one: (one[1]["place"] is None, one[1]["place"] or ()))
            room = {}
            for _, one in pool:  # a credit that names a document is for it, as far as something is open of it
                name = one["related"]
                if name is not None and name not in room:
                    room[name] = sum(i["open"] for i in self.items if i["document"] == name and i["open"] > 0 and self.family(i) == family)
                if name is not None and one["left"] > 0:
                    own = min(one["left"], room[name])
                    room[name] -= own
                    one["left"] -= own
                    for item in mine:
                        if item["document"] == name:
                            own -= self.cover(item, own, one)
            for item in mine:  # then it is for its own desk
                for desk, one in pool:
                    if desk == self.desk(item):
                        one["left"] -= self.cover(item, one["left"], one)
            for item in mine:  # and the rest for all that the letter is about
                for _, one in pool:
                    one["left"] -= self.cover(item, one["left"], one)

    def family(self, item):
        """Company, who gets the letter, and currency."""
        company, customer, currency = self.desk(item)
        return company, self.addressee(customer), currency

    def cover(self, item, most, credit):
        part = min(most, self.left[id(item)])
        if part <= 0:
            return 0
        self.take(item, part, "covered")
        if credit["place"] is not None:
            self.cash.setdefault(id(item), []).append((credit["place"][0], part))
        return part

    # --- what was sent before --------------------------------------------------------------------------------------------------

    def about(self, item):
        """(notice, line) of the notices about an item, but those that were for nothing."""
        return self.in_time(item["document"], item["instalment"])

    def in_time(self, document, instalment):
        found = self.history.about(document, instalment)
        if not self.leaves_out("requirements") or not self.ledger.rows["requirements"]:
            return found
        numbers = dict(reversed(self.history.left_of(document, instalment)))
        return [(notice, line) for notice, line in found if not self.was_early(notice, line, numbers)]

    def was_early(self, notice, line, numbers):
        """Was what a line is about past its basis date on the notice's day, and something of it missing then and since?"""
        d, sent = self.ledger.documents[line["document"]], notice["effective"]
        dues = {n: due for n, due, _ in self.ledger.schedule_in_force(d, sent, self.view.known)[0]}
        basis = dues.get(line.get("instalment", numbers[d["id"]]), d["due"])
        if self.policy["basis"] == "document_date":
            basis = d["document_date"]
        if basis is None or basis >= sent:
            return False
        payable = self.payable(d, basis)
        return payable is None or payable > sent

    def sent_before(self):
        on = self.view.on
        for item in self.here():
            desk = self.still(self.desk(item))[0]
            own = desk
            if self.policy["unit"] == "item":
                own = None if last(self.about(item)) is None else last(self.about(item))[0]
            since = None if desk is None else desk["effective"]
            if self.procedure(item)["interval_per"] == "customer":
                since = self.history.last_day_of_customer(*self.desk(item)[:2])
            until = too_soon(self.procedure(item), on, None if since is None else (since, None))
            if own is not None and own["effective"] == on:
                self.skip(item, "noticed_today")
            elif until is not None:
                self.skip(item, "interval", "", until)
            elif self.basis(item) is None:
                self.skip(item, "no_due_date")

    # --- levels ------------------------------------------------------------------------------------------------------------------

    def item_levels(self):
        lines = []
        for item in self.here():
            found = self.about(item)
            own = last(found)
            previous = 0 if own is None else own[1]["level"]
            sent = None if own is None else (own[0]["effective"], own[0].get("due_date"))
            where = self.procedure(item), self.view.on, self.basis(item), previous, sent
            level, beside = level_on(*where), stays(*where)
            if level is None and beside is None:
                self.skip(item, reason(*where))
            else:
                line = {"item": item, "level": beside if level is None else level, "previous": previous, "count": len(found)}
                lines.append({**line, "new": level is not None, "why": reason(*where)})
        return lines

    def desk_levels(self):
        lines, on = [], self.view.on
        desks = {}
        for item in self.here():
            desks.setdefault(self.desk(item), []).append(item)
        for desk, items in desks.items():
            own, previous, count = self.still(desk)
            sent = None if own is None else (own["effective"], own.get("due_date"))
            procedure = self.procedure(items[0])
            where = procedure, on, min(self.basis(i) for i in items), previous, sent
            level, beside = level_on(*where), stays(*where)
            for item in items:
                if level is None and beside is None:
                    self.skip(item, reason(*where))
                elif takes_part(on, self.basis(item)):
                    line = {"item": item, "level": beside if level is None else level, "previous": previous, "count": count}
                    lines.append({**line, "new": level is not None, "why": reason(*where)})
                else:
                    self.skip(item, "not_due")
        return lines

    def counted_enough(self, lines):
        kept, latest = [], {}
        for line in lines:
            most = self.procedure(line["item"])["max_notices"]
            if most is not None and line["count"] >= most:
                self.skip(line["item"], "max_notices")
        for line in lines:
            if id(line["item"]) not in self.reasons and self.lacks_rate(line):
                self.skip(line["item"], "rate_missing")
        for line in self.charges_wait([line for line in lines if id(line["item"]) not in self.reasons]):
            kept.append(line)
            desk = self.desk(line["item"])
            latest[desk] = max(latest.get(desk, -(10**9)), self.counted_age(line["item"]))
        out = []
        for line in kept:
            least = self.procedure(line["item"])["minimum_days"]
            if least is not None and latest[self.desk(line["item"])] < least:
                self.skip(line["item"], "minimum_days")
            else:
                out.append(line)
        return sorted(out, key=lambda line: order(line["item"]))

    def counted_age(self, item):
        procedure = self.procedure(item)
        return apart(procedure["count"], procedure["calendar"], self.basis(item), self.view.on)

    def age(self, item):
        basis = self.basis(item)
        return None if basis is None else (self.view.on - basis).days

    # --- without some notices ----------------------------------------------------------------------------------------------------

    def without(self, numbers):
        if any(not 0 <= n < len(self.notices) for n in numbers):
            fail("unknown_value", "notices")
        new = copy.copy(self)
        new.reasons = dict(self.reasons)
        for n, notice in enumerate(self.notices):
            if n in numbers:
                for line in notice["lines"]:
                    new.skip(line["item"], "refused")
        new.notices = [notice for n, notice in enumerate(self.notices) if n not in numbers]
        return new
