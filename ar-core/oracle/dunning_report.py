"""What a dunning run answers, and the facts that post it (docs/specification.md 9, Shapes and Facts)."""

from values import show

NOTICE = "company customer currency procedure level name tone template channel contact language hand_over".split()
SUMS = "claims fee fee_tax line_fees interest compensation total".split()
LINE_SUMS = "open amount line_fee line_fee_tax interest compensation".split()


def iso(day):
    return None if day is None else day.isoformat()


class Report:
    def answer(self):
        return {"notices": self.notice_rows(), "skipped": self.skipped_rows(), "events": [{**e, "day": iso(e["day"])} for e in self.events()]}

    def notice_rows(self):
        out = []
        for n in self.notices:
            digits = self.digits(n["currency"])
            row = {name: n[name] for name in NOTICE} | {"due_date": iso(n["due_date"]), "next_date": iso(n["next_date"])}
            assert n["claims"] == sum(line["amount"] for line in n["lines"]), "a notice does not add up"
            row |= {name: show(n[name], digits) for name in SUMS}
            row["lines"] = [self.line_row(line, digits) for line in n["lines"]]
            out.append(row)
        return out

    def line_row(self, line, digits):
        item = line["item"]
        row = {"customer": item["doc"]["customer"], "document": item["document"], "instalment": item["instalment"], "due_date": iso(item["due"])}
        row |= {"days": self.age(item), "level": line["level"], "previous": line["previous"], "interest_until": iso(line["interest_until"])}
        return row | {name: show(line[name], digits) for name in LINE_SUMS}

    def skipped_rows(self):
        out = []
        for item in self.items:
            if id(item) in self.reasons:
                why, detail, until = self.reasons[id(item)]
                row = {"customer": item["doc"]["customer"], "document": item["document"], "instalment": item["instalment"]}
                row |= {"currency": item["doc"]["currency"], "open": show(item["open"], self.digits(item["doc"]["currency"]))}
                out.append({**row, "reason": why, "detail": detail, "until": iso(until)})
        return out

    # --- facts -----------------------------------------------------------------------------------------------------------------

    def facts(self, prefix):
        out = {"notices": [], "notice_lines": [], "documents": []}
        on = iso(self.view.on)
        for n, notice in enumerate(self.notices, 1):
            name = f"{prefix}-{n}"
            row = {"id": name, "customer": notice["customer"], "level": notice["level"]}
            row |= {column: notice[column] for column in ("channel", "procedure", "company", "currency") if notice[column]}
            if notice["due_date"] is not None:
                row["due_date"] = iso(notice["due_date"])
            out["notices"].append({**row, "effective": on})
            debits = [line for line in notice["lines"] if line["item"]["open"] > 0]
            bearing = [line for line in debits if line["item"]["doc"]["kind"] != "charge"]
            self.charge(out, f"{name}-f", notice, (bearing or debits)[0], notice["fee"], notice["fee_tax"])
            for m, line in enumerate(debits, 1):
                item = line["item"]
                row = {"notice": name, "document": item["document"], "level": line["level"]}
                if item["instalment"]:
                    row["instalment"] = item["instalment"]
                if line["interest_until"] is not None:
                    row["interest_until"] = iso(line["interest_until"])
                out["notice_lines"].append(row)
                self.charge(out, f"{name}-{m}-f", notice, line, line["line_fee"], line["line_fee_tax"])
                self.charge(out, f"{name}-{m}-i", notice, line, line["interest"], 0)
                self.charge(out, f"{name}-{m}-c", notice, line, line["compensation"], 0)
        for n, (item, amount, until) in enumerate(self.closing_interest(), 1):
            name, document = f"{prefix}-p{n}", item["doc"]
            row = {"id": name, "customer": document["customer"], "level": 0, "currency": document["currency"], "effective": on}
            line = {"notice": name, "document": document["id"], "level": 0, "interest_until": iso(until)}
            if item["instalment"]:
                line["instalment"] = item["instalment"]
            out["notices"].append({**row, **({"company": document["company"]} if document.get("company") else {})})
            out["notice_lines"].append(line)
            place = {"company": document.get("company"), "currency": document["currency"], "due_date": None}
            self.charge(out, f"{name}-i", place, {"item": item}, amount, 0)
        for event in self.events():
            row = {"id": event["key"], "customer": event["customer"], "level": 0}
            row |= {column: event[column] for column in ("document", "channel") if event[column]}
            out["notices"].append({**row, "effective": on})
        return out

    def charge(self, out, name, notice, line, amount, tax):
        if amount + tax == 0 or self.policy["charges"] == "shown":
            return
        document, digits = line["item"]["doc"], self.digits(notice["currency"])
        row = {"id": name, "customer": document["customer"], "kind": "charge", "currency": notice["currency"], "amount": show(amount + tax, digits)}
        if tax:
            row |= {"net": show(amount, digits), "tax": show(tax, digits)}
        row |= {"document_date": iso(self.view.on), "due_date": iso(notice["due_date"] or self.view.on)}
        for column, value in (("company", notice["company"]), ("control_account", document.get("control_account"))):
            if value:
                row[column] = value
        if document.get("dimensions"):
            row["dimensions"] = document["dimensions"]
        out["documents"].append({**row, "related": document["id"]})
