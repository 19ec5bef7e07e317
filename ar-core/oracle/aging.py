"""Which bucket an item falls in, and the figures of groups (docs/specification.md 5)."""

from fractions import Fraction

from values import Refused, add_months, fail, half_away, key, money, ratio, show
from view import account, account_order, due_order

ACCOUNT_KEYS = ["company", "control_account", "customer", "parent", "top_parent", "group", "currency"]
FINER = ["kind", "document"]


def labels_of(policy):
    """Labels of the plain buckets."""
    if policy["labels"] is not None:
        return list(policy["labels"])
    edges = policy["edges"]
    suffix = {"days": "", "weeks": " weeks", "months": " months", "calendar_months": " calendar months"}[policy["unit"]]
    upper = policy["edge_rule"] == "up_to_inclusive"
    out = []

    def parted(edge):
        return policy["unit"] == "calendar_months" and edge == 0

    for i in range(len(edges) + 1):
        if i == 0:
            if edges[0] == 0:
                out.append("not due")
                continue
            label = f"up to {edges[0]}" if upper else f"under {edges[0]}"
        elif i == len(edges):
            label = f"over {edges[-1]}" if upper and not parted(edges[-1]) else f"{edges[-1]} and over"
        else:
            low, high = (edges[i - 1] + 1, edges[i]) if upper else (edges[i - 1], edges[i] - 1)
            low, high = 0 if parted(edges[i - 1]) else low, 0 if parted(edges[i]) else high
            label = f"{low}" if low == high else f"{low} to {high}" if low < 0 else f"{low}-{high}"
        out.append(label + suffix)
    return out


def special_of(policy):
    return [label for name, label in (("credits", "credits"), ("disputed", "disputed"), ("held", "on hold")) if policy[name] == "apart"]


def basis_of(view, policy, item):
    """The day an item is aged from; None for never late."""
    document = item["doc"]
    due = item["due"]
    if policy["credits"] == "on_invoice" and item["open"] < 0 and "related" in document:
        other = view.ledger.documents.get(document["related"])
        if other is not None and view.counted(other) and other["currency"] == document["currency"]:
            document = other
            rows, _ = view.ledger.schedule_in_force(other, view.on, view.known)
            due = min((d for _, d, _ in rows if d is not None), default=None)
    if policy["basis"] == "document_date":
        return document["document_date"]
    if policy["basis"] == "posting_date":
        return document["effective"]
    if due is not None:
        return due
    return document["document_date"] if policy["missing_due_date"] == "document_date" else None


def is_past(view, policy, basis, edge):
    upper = policy["edge_rule"] == "up_to_inclusive"
    if policy["unit"] == "months":
        back = add_months(view.on, -edge)
        if back is None:
            return edge < 0
        return basis < back if upper else basis <= back
    if policy["unit"] == "calendar_months" and edge != 0:
        d = (view.on.year * 12 + view.on.month) - (basis.year * 12 + basis.month)
    else:
        d = (view.on - basis).days
    if policy["unit"] == "weeks":
        edge *= 7
    return d > edge if upper else d >= edge


class Aging:
    def __init__(self, view, policy, by=(), where=None):
        self.view, self.policy, self.ledger = view, policy, view.ledger
        self.by = list(by)
        self.where = {k: v for k, v in (where or {}).items()}
        for name in [*self.by, *sorted(self.where, key=key)]:
            self.check_key(name)
        for name in sorted(self.where, key=key):
            for value in self.where[name]:
                self.check_value(name, value)
        self.plain = labels_of(policy)
        self.special = special_of(policy)
        self.labels = self.special + self.plain
        self.items = [self.line(i) for i in self.all_items() if self.matches(i["doc"])]
        self.receipts = [] if any(self.finer(k) and v for k, v in self.where.items()) else self.all_receipts()

    # --- keys and values ----------------------------------------------------------------------------------------------

    def finer(self, name):
        return name in FINER or name.startswith("dim_")

    def check_key(self, name):
        if name in ACCOUNT_KEYS or name in FINER:
            return
        if name.startswith("dim_"):
            rows = self.ledger.rows["customers"] + self.ledger.rows["documents"]
            if any(name[4:] in r.get("dimensions", {}) for r in rows):
                return
            if any(c["attribute"] == name for c in self.ledger.rows["customer_changes"]):
                return
        fail("unknown_dimension", name)

    def check_value(self, name, value):
        rows = self.ledger.rows
        if name in ("company", "control_account"):
            known = {d.get(name, "") for d in rows["documents"]}
        elif name in ("kind", "currency"):
            known = {d[name] for d in rows["documents"]}
        elif name == "document":
            known = {d["id"] for d in rows["documents"]}
        elif name in ("customer", "parent", "top_parent"):
            known = {c["id"] for c in rows["customers"]}
        else:
            changes = [c.get("value", "") for c in rows["customer_changes"] if c["attribute"] == name]
            if name == "group":
                known = {c.get("group", "") for c in rows["customers"]} | set(changes)
            else:
                known = {c.get("dimensions", {}).get(name[4:], "") for c in rows["customers"]} | set(changes)
                known |= {d["dimensions"][name[4:]] for d in rows["documents"] if name[4:] in d.get("dimensions", {})}
                tree = self.ledger.settings.hierarchies.get(name[4:], {})
                known |= set(tree) | set(tree.values())
        if value not in known:
            fail("unknown_value", name)

    def value(self, document, name):
        """The value of a key for an item of a document (currency: the document's own)."""
        customer = document["customer"]
        if name in ("company", "control_account"):
            return document.get(name, "")
        if name in ("customer", "kind", "currency"):
            return document[name]
        if name == "document":
            return document["id"]
        if name == "parent":
            return self.view.attribute(customer, "parent") or customer
        if name == "top_parent":
            while self.view.attribute(customer, "parent"):
                customer = self.view.attribute(customer, "parent")
            return customer
        if name == "group":
            return self.view.attribute(customer, "group")
        return document.get("dimensions", {}).get(name[4:]) or self.view.attribute(customer, name)

    def matches(self, document):
        for name, wanted in self.where.items():
            if not wanted:
                continue
            value = self.value(document, name)
            if name.startswith("dim_"):
                tree, chain = self.ledger.settings.hierarchies.get(name[4:], {}), [value]
                while chain[-1] in tree and tree[chain[-1]] not in chain:
                    chain.append(tree[chain[-1]])
                if not set(chain) & set(wanted):
                    return False
            elif value not in wanted:
                return False
        return True

    # --- figures ------------------------------------------------------------------------------------------------------------

    def currency(self, document):
        if self.policy["currency"] == "document":
            return document["currency"]
        base = self.ledger.base_currency_of(document)
        if base is None:
            fail("base_amount_missing" if self.policy["currency"] == "base" else "rate_missing")
        return base

    def figure(self, document, minor, base):
        """An amount of a document in the currency of the figures; `base` is the same amount in base, when known."""
        if self.policy["currency"] == "document":
            return minor
        to = self.currency(document)
        if self.policy["currency"] == "base":
            if base is None:
                fail("base_amount_missing")
            return base
        if to == document["currency"]:
            return minor
        best = None
        for r in self.ledger.rows["rates"]:
            if r["currency"] == document["currency"] and r["base"] == to and self.view.counted(r):
                if best is None or (r["effective"], r["recorded"]) >= (best["effective"], best["recorded"]):
                    best = r
        if best is None:
            fail("rate_missing")
        digits = self.ledger.settings.digits
        figure = half_away(Fraction(minor, 10 ** digits[document["currency"]]) * best["rate"] * 10 ** digits[to])
        try:
            money(Fraction(figure), 0)
        except Refused as refused:
            fail(refused.code)
        return figure

    def all_items(self):
        """Open items with what unapplied cash of their account would settle."""
        items = self.view.open_items()
        cash = {}
        for i in items:
            if i["doc"]["kind"] in ("payment", "advance"):
                a = account(i["doc"])
                cash[a] = cash.get(a, 0) - i["open"]
        for i in sorted(items, key=due_order):
            a = account(i["doc"])
            i["would_settle"] = min(i["open"], max(0, cash.get(a, 0))) if i["open"] > 0 else 0
            cash[a] = cash.get(a, 0) - i["would_settle"]
        return items

    def all_receipts(self):
        out = []
        for d in self.view.pending_receipts():
            if self.matches(d):
                out.append({"doc": d, "currency": self.currency(d), "amount": self.figure(d, d["amount"], d["base"])})
        return out

    def line(self, item):
        document, policy = item["doc"], self.policy
        basis = basis_of(self.view, policy, item)
        number = 0 if basis is None else sum(is_past(self.view, policy, basis, e) for e in policy["edges"])
        figure = self.figure(document, item["open"], item["base"])

        def part(name):
            return half_away(Fraction(figure * item[name], item["open"]))

        line = {
            "doc": document,
            "document": item["document"],
            "instalment": item["instalment"],
            "customer": document["customer"],
            "currency": self.currency(document),
            "due_date": item["due"],
            "basis_date": basis,
            "age": 0 if basis is None else (self.view.on - basis).days,
            "open": figure,
            "disputed": part("disputed"),
            "held": part("held"),
            "pending": part("pending"),
            "would_settle": part("would_settle"),
        }
        cells = {}
        if item["open"] < 0 and policy["credits"] == "apart":
            rule, bucket = "aging.credits_apart", "credits"
            cells[bucket] = figure
        elif item["held"] != 0 and policy["held"] == "apart":
            rule, bucket = "aging.on_hold", "on hold"
            cells[bucket] = figure
        else:
            aside = line["disputed"] if policy["disputed"] == "apart" else 0
            if policy["disputed"] == "apart" and item["disputed"] == item["open"]:
                rule, bucket = "aging.disputed", "disputed"
            else:
                rule = "aging.no_due_date" if basis is None else "aging.not_due" if number == 0 else "aging.past_edge"
                bucket = number
            if policy["disputed"] == "apart":
                cells["disputed"] = aside
            if bucket != "disputed":
                cells[number] = figure - aside
        line["rule"] = rule
        line["bucket"] = self.plain[bucket] if isinstance(bucket, int) else bucket
        line["cells"] = [cells.get(s, 0) for s in self.special] + [cells.get(n, 0) for n in range(len(self.plain))]
        return line

    # --- rows and totals ---------------------------------------------------------------------------------------------------------

    def group_of(self, document, currency):
        names = self.by if "currency" in self.by else [*self.by, "currency"]
        return tuple(currency if n == "currency" else self.value(document, n) for n in names)

    def report(self):
        names = self.by if "currency" in self.by else [*self.by, "currency"]
        totals = {}
        for line in self.items:
            totals.setdefault(line["currency"], []).append(line)
        for receipt in self.receipts:
            totals.setdefault(receipt["currency"], [])
        groups = {}
        for line in self.items:
            groups.setdefault(self.group_of(line["doc"], line["currency"]), []).append(line)
        finer = any(self.finer(n) for n in self.by)
        rows = []
        for values, lines in sorted(groups.items(), key=lambda g: account_order(g[0])):
            mine = [] if finer else [r for r in self.receipts if self.group_of(r["doc"], r["currency"]) == values]
            row = dict(zip(names, values))
            row.update(self.figures(lines, mine, lines[0]["currency"], sum(i["open"] for i in totals[lines[0]["currency"]])))
            rows.append(row)
        out = []
        for currency, lines in sorted(totals.items()):
            mine = [r for r in self.receipts if r["currency"] == currency]
            out.append({"currency": currency, **self.figures(lines, mine, currency, sum(i["open"] for i in lines))})
        columns = self.policy["columns"]
        return {
            "labels": self.labels,
            "column_labels": None if not columns else [c["label"] for c in columns],
            "rows": rows,
            "totals": out,
        }

    def figures(self, lines, receipts, currency, whole):
        digits = self.ledger.settings.digits[currency]
        cells = [sum(line["cells"][n] for line in lines) for n in range(len(self.labels))]
        plain = cells[len(self.special) :]
        total = sum(line["open"] for line in lines)
        aged = sum(line["open"] * line["age"] for line in lines)
        columns = self.policy["columns"]

        def money_of(name):
            return show(sum(line[name] for line in lines), digits)

        return {
            "currency": currency,
            "buckets": [show(c, digits) for c in cells],
            "columns": None if not columns else [show(sum(plain[c["from"] : c["to"] + 1]), digits) for c in columns],
            "total": show(total, digits),
            "disputed": money_of("disputed"),
            "held": money_of("held"),
            "unapplied": show(sum(i["open"] for i in lines if i["doc"]["kind"] in ("payment", "advance")), digits),
            "pending": show(sum(r["amount"] for r in receipts), digits),
            "items": len(lines),
            "share": None if whole == 0 else ratio(Fraction(total, whole), 4),
            "average_age": None if total == 0 else ratio(Fraction(aged, total), 2),
        }

    def lines(self):
        out = []
        for line in self.items:
            digits = self.ledger.settings.digits[line["currency"]]
            shown = {k: v for k, v in line.items() if k not in ("doc", "cells")}
            for name in ("due_date", "basis_date"):
                shown[name] = None if shown[name] is None else shown[name].isoformat()
            for name in ("open", "disputed", "held", "pending", "would_settle"):
                shown[name] = show(shown[name], digits)
            out.append(shown)
        return out
