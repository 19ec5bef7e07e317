"""What a settlement answers: lines, what is unapplied, differences, questions, the proof, and the facts that post it."""

from fractions import Fraction

from settlement_price import UNLIMITED
from undo import latest
from values import Refused, half_away, key, money, show

KINDS = "discount discount_tax tolerance write_off bank_charge cash_rounding residual".split()


class Report:
    # --- what is left --------------------------------------------------------------------------------------------------------

    def open_all(self):
        """What every item has left, and every document together, before anything is settled."""
        self.together = {}
        for item in self.items:
            item["left"], item["discounted"], item["paid_here"], item["credited_here"] = abs(item["open"]) - item["spoken_for"], 0, [], 0
            item["with_discount_here"], item["plain_here"] = 0, []
            way = -1 if item["doc"]["amount"] < 0 else 1
            self.together[item["document"]] = self.together.get(item["document"], 0) + way * item["open"] - item["spoken_for"]
        self.starts = {id(item): self.room(item) for item in self.items}

    def minor(self, amount, item):
        return show(amount, self.ledger.digits_of(item["doc"]))

    @property
    def ledger(self):
        return self.view.ledger

    def answer(self):
        """Everything, walking once more from the start."""
        self.open_all()
        before = self.sums()
        lines, differences = [], []
        legs = self.legs()
        for n, line in enumerate(self.made):
            lines.append(self.line(line, *legs["lines"][n]))
            offs = iter(legs["differences"][n])
            self.take(line["credit"], line["amount"])
            self.take(line["debit"], line["debit_amount"])
            for one in self.beside(line):
                value = self.value(line, one, next(offs))
                differences.append(self.difference(n, line, one, line[one["side"]]) | self.stated(line, one, value))
                if one["side"] == "debit":
                    self.take(line["debit"], one["amount"])
        for line in self.made:  # what is over is closed when all lines are made
            self.take(line["credit"], sum(one["amount"] for one in line["beside"] if one["side"] == "credit"))
        unapplied = []
        for credits, _ in self.desks:
            for credit in credits:
                if self.room(credit) > 0:
                    unapplied.append({"credit": credit["document"], "amount": self.minor(self.room(credit), credit), "reason": self.reason_of(credit)})
        proof, exchange = self.proof(before, self.sums(), legs)
        return {
            "lines": lines,
            "unapplied": unapplied,
            "differences": differences,
            "questions": self.questions(),
            "proof": proof,
            "exchange": exchange,
        }

    def reason_of(self, credit):
        return "edited" if id(credit) in self.touched else self.reasons.get(id(credit), "edited")

    def line(self, line, base_credit, base_debit):
        credit, debit = line["credit"], line["debit"]
        digits = self.base_digits(credit)
        exchange = None if base_credit is None or base_debit is None else base_credit - base_debit

        def base(amount):
            return None if amount is None else show(amount, digits)

        return {
            "credit": credit["document"],
            "debit": debit["document"],
            "instalment": debit["instalment"],
            "currency": credit["doc"]["currency"],
            "amount": self.minor(line["amount"], credit),
            "strategy": line["strategy"],
            "score": line.get("score", 0),
            "credit_left": self.minor(credit["left"], credit),
            "debit_left": self.minor(debit["left"], debit),
            "debit_currency": debit["doc"]["currency"],
            "debit_amount": self.minor(line["debit_amount"], debit),
            "base_credit": base(base_credit if exchange is not None else None),
            "base_debit": base(base_debit if exchange is not None else None),
            "exchange": base(exchange),
        }

    # --- differences -----------------------------------------------------------------------------------------------------------

    def beside(self, line):
        """The differences of a line in their order, the discount cut into its parts."""
        out = []
        if line["discount"]:
            tax = self.tax_of(line)
            rule = "discount.late" if line["tier"]["late"] else "discount.in_time"
            for kind, amount in (("discount", line["discount"] - tax), ("discount_tax", tax)):
                if amount:
                    out.append({"side": "debit", "amount": amount, "kind": kind, "rule": rule, "limit": None, "until": line["tier"]["until"]})
        return out + [one for side in ("debit", "credit") for one in line["beside"] if one["side"] == side]

    def tax_of(self, line):
        p, document, tier = self.policy["discount"], line["debit"]["doc"], line["tier"]
        if p["tax"] == "whole" or (p["of"] == "net" and "basis" not in tier):
            return 0
        basis, net = self.prices.basis(document, tier), self.prices.net(document)
        if basis <= net:
            return 0
        return min(line["discount"], half_away(Fraction(line["discount"] * (basis - net), basis)))

    def reason_text(self, one, line):
        if line.get("reason") is not None:
            return line["reason"]
        reasons = self.policy["reasons"]
        if one["kind"] in ("tolerance", "write_off"):
            return reasons["under" if one["side"] == "debit" else "over"] or self.policy["tolerance"]["reason"]
        return reasons["discount" if one["kind"] == "discount_tax" else one["kind"]]

    def difference(self, n, line, one, item):
        limit = one["limit"]
        return {
            "document": item["document"],
            "instalment": item["instalment"] if one["side"] == "debit" else 0,
            "currency": item["doc"]["currency"],
            "kind": one["kind"],
            "amount": self.minor(one["amount"], item),
            "line": n,
            "reason": self.reason_text(one, line),
            "rule": one["rule"],
            "limit": None if limit is None or limit >= UNLIMITED else self.minor(limit, line["credit"]),
            "until": one["until"].isoformat() if "until" in one else None,
        }

    def value(self, line, one, off):
        """(what it is worth at the rate of the day, what it takes off), where the policy says so and there is a rate."""
        p, document = self.policy["tolerance"], line[one["side"]]["doc"]
        if p is None or p["valued"] != "day_rate" or one["kind"] not in ("tolerance", "write_off", "bank_charge"):
            return None
        base, own = self.ledger.base_currency_of(document), document["currency"]
        rate = None if base in (None, own) else latest(self.view, own, base)
        if rate is None or off is None or off < 0:
            return None
        digits = self.ledger.settings.digits
        try:
            return money(Fraction(half_away(Fraction(one["amount"], 10 ** digits[own]) * rate * 10 ** digits[base])), 0), off
        except Refused:
            return None

    def gain(self, one, value):
        worth, off = value
        return worth - off if one["side"] == "debit" else off - worth

    def stated(self, line, one, value):
        if value is None:
            return dict.fromkeys(("base_amount", "base_document", "exchange"))
        digits = self.base_digits(line[one["side"]])
        parts = zip(("base_amount", "base_document", "exchange"), (*value, self.gain(one, value)))
        return {name: show(part, digits) for name, part in parts}

    def questions(self):
        out = []
        for q in sorted((q for q in self.asked if "at" in q), key=lambda q: self.number(q["at"])):
            line = q["at"]
            row = {"kind": q["kind"], "credit": line["credit"]["document"], "document": line["debit"]["document"]}
            row |= {"instalment": line["debit"]["instalment"], "amount": self.minor(q["amount"], line["debit"]), "choices": [], "total": 0}
            out.append(row)
        asked = {(id(q["at"]["credit"]), id(q["at"]["debit"])) for q in self.asked if "at" in q}
        for credit, debit, more in self.wondered:
            if (id(credit), id(debit)) not in asked and not self.is_cleared(debit):
                asked.add((id(credit), id(debit)))
                row = {"kind": "late_discount", "credit": credit["document"], "document": debit["document"], "instalment": debit["instalment"]}
                out.append({**row, "amount": self.minor(more, debit), "choices": [], "total": 0})
        for q in self.asked:
            if "at" not in q:
                row = {"kind": q["kind"], "credit": q["credit"]["document"] if "credit" in q else ""}
                row |= {"document": q["debit"]["document"] if "debit" in q else "", "instalment": q["debit"]["instalment"] if "debit" in q else 0}
                out.append({**row, "amount": None, "choices": q["choices"], "total": q["total"]})
        return out

    def is_cleared(self, debit):
        return any(line["clears"] and line["debit"] is debit for line in self.made)

    def number(self, line):
        return next(n for n, one in enumerate(self.made) if one is line)

    # --- base amounts ------------------------------------------------------------------------------------------------------------

    def base_digits(self, item):
        base = self.ledger.base_currency_of(item["doc"])
        return None if base is None else self.ledger.settings.digits[base]

    def legs(self):
        """What the ledger would compute: first for all lines, then for all differences; with the guard, what replaces it."""
        left, base = {}, {}
        for item in self.items:
            document = item["doc"]
            way = -1 if document["amount"] < 0 else 1
            left[item["document"]] = left.get(item["document"], 0) + way * item["open"]
            if document["base"] is not None:
                base[item["document"]] = base.get(item["document"], 0) + way * item["base"]

        def leg(name, amount):
            return None if name not in base else half_away(Fraction(base[name]) * amount / left[name])

        def off(name, amount, part):
            left[name] -= amount
            if name in base:
                base[name] -= part

        lines, differences = [], []
        for line in self.made:
            c, d = line["credit"]["document"], line["debit"]["document"]
            bc, bd = leg(c, line["amount"]), leg(d, line["debit_amount"])
            if self.policy["exchange_guard"] == "half_minor_unit" and bc is not None and bd is not None:
                # Each leg is what the other document's amount, half a minor unit more or less, may be worth.
                ends = [] if self.in_base(line["debit"]) else [(d, line["debit_amount"], bc)]
                ends += [] if self.in_base(line["credit"]) else [(c, line["amount"], bd)]
                half = Fraction(1, 2)
                if bc != bd and all(leg(name, amount - half) <= worth <= leg(name, amount + half) for name, amount, worth in ends):
                    if left[d] != line["debit_amount"] and not self.in_base(line["debit"]):
                        bd = min(bc, base[d])
                    elif left[c] != line["amount"] and not self.in_base(line["credit"]):
                        bc = min(bd, base[c])
            off(c, line["amount"], bc)
            off(d, line["debit_amount"], bd)
            lines.append((bc, bd))
        for line in self.made:
            some = []
            for one in self.beside(line):
                name = line[one["side"]]["document"]
                some.append(leg(name, one["amount"]))
                off(name, one["amount"], some[-1])
            differences.append(some)
        return {"lines": lines, "differences": differences}

    def in_base(self, item):
        return item["doc"]["currency"] == self.view.ledger.base_currency_of(item["doc"])

    # --- the proof -------------------------------------------------------------------------------------------------------------------

    def sums(self):
        """What credits and debits of the desks have left, by currency. A document's items have no more than it has together."""
        out = ({}, {})
        for side in (0, 1):
            parts = {}
            for desk in self.desks:
                for item in desk[side]:
                    parts.setdefault(item["document"], []).append(item)
            for name, items in parts.items():
                currency = items[0]["doc"]["currency"]
                out[side][currency] = out[side].get(currency, 0) + min(self.together[name], sum(i["left"] for i in items))
        return out

    def proof(self, before, after, legs):
        rows, exchange = {}, {}
        for currency in sorted({*before[0], *before[1]}, key=key):
            row = {"received": before[0].get(currency, 0), "applied": 0, "closed": 0, "unapplied": after[0].get(currency, 0)}
            rows[currency] = {**row, "claims": before[1].get(currency, 0), "paid": 0, **{kind: 0 for kind in KINDS}, "open": after[1].get(currency, 0)}
        for line, (bc, bd), offs in zip(self.made, legs["lines"], legs["differences"]):
            credit, debit = line["credit"], line["debit"]
            rows[credit["doc"]["currency"]]["applied"] += line["amount"]
            rows[debit["doc"]["currency"]]["paid"] += line["debit_amount"]
            for one in self.beside(line):
                row = rows[line[one["side"]]["doc"]["currency"]]
                row["closed" if one["side"] == "credit" else one["kind"]] += one["amount"]
            if bc is not None and bd is not None:
                base = self.ledger.base_currency_of(credit["doc"])
                exchange[base] = exchange.get(base, 0) + bc - bd
            for one, off in zip(self.beside(line), offs):
                if (value := self.value(line, one, off)) is not None:
                    base = self.ledger.base_currency_of(credit["doc"])
                    exchange[base] = exchange.get(base, 0) + self.gain(one, value)
        digits = self.ledger.settings.digits
        for row in rows.values():
            assert row["received"] == row["applied"] + row["closed"] + row["unapplied"], "credits do not add up"
            assert row["claims"] == row["paid"] + sum(row[kind] for kind in KINDS) + row["open"], "debits do not add up"
        proof = [{"currency": currency, **{name: show(n, digits[currency]) for name, n in row.items()}} for currency, row in rows.items()]
        for told, row in zip(proof, rows.values()):
            share = Fraction(100 * (row["received"] - row["unapplied"]), row["received"]) if row["received"] else None
            told["matched_share"] = None if share is None else show(half_away(share * 100), 2)
        return proof, [{"currency": c, "amount": show(exchange[c], digits[c])} for c in sorted(exchange, key=key)]

    # --- facts ----------------------------------------------------------------------------------------------------------------------

    def facts(self, prefix):
        out = {"allocations": [], "differences": [], "documents": []}
        legs, on = self.legs(), self.view.on.isoformat()
        for n, line in enumerate(self.made, 1):
            credit, debit, name = line["credit"], line["debit"], f"{prefix}-{n}"
            row = {"id": name, "credit": credit["document"], "debit": debit["document"], "amount": self.minor(line["amount"], credit)}
            across = credit["doc"]["currency"] != debit["doc"]["currency"]
            if across:
                row["debit_amount"] = self.minor(line["debit_amount"], debit)
            if debit["instalment"]:
                row["instalment"] = debit["instalment"]
            bc, bd = legs["lines"][n - 1]
            if (across or self.policy["exchange_guard"] != "none") and None not in (bc, bd) and bc >= 0 and bd >= 0:
                row["base_credit"], row["base_debit"] = (show(part, self.base_digits(credit)) for part in (bc, bd))
            out["allocations"].append({**row, "effective": on})
            for m, one in enumerate(self.beside(line), 1):
                item = line[one["side"]]
                row = {"id": f"{name}-d{m}", "document": item["document"], "kind": one["kind"], "amount": self.minor(one["amount"], item), "allocation": name}
                if one["side"] == "debit" and item["instalment"]:
                    row["instalment"] = item["instalment"]
                if self.reason_text(one, line):
                    row["reason"] = self.reason_text(one, line)
                if (value := self.value(line, one, legs["differences"][n - 1][m - 1])) is not None:
                    row["base_amount"], row["base_document"] = (show(part, self.base_digits(item)) for part in value)
                out["differences"].append({**row, "effective": on})
                if one["kind"] == "residual":
                    out["documents"].append(self.residual(f"{name}-r", item, one["amount"], legs["differences"][n - 1][m - 1]))
        return out

    def residual(self, name, item, amount, base):
        document = item["doc"]
        kind = "charge" if document["kind"] == "charge" else "debit_note"
        row = {"id": name, "customer": document["customer"], "kind": kind, "currency": document["currency"], "amount": self.minor(amount, item)}
        row |= {"document_date": document["document_date"].isoformat(), "posting_date": self.view.on.isoformat(), "due_date": (item["due"] or self.view.on).isoformat()}
        for column in ("company", "control_account", "reference", "order", "dimensions"):
            if document.get(column):
                row[column] = document[column]
        row["related"] = document["id"]
        if base is not None:
            row["base_amount"] = show(max(0, base), self.base_digits(item))
        return row
