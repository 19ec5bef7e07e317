"""Which facts are taken, which are refused with what code, and what is stored (docs/specification.md 2)."""

import copy
import re
from fractions import Fraction

import terms
from values import DIGITS, Refused, exact, fail, Failure, day, half_away, key, money, rate, text, whole

# table -> columns in order: name, how it is read, required?
SHAPE = {}


def shape(table, line):
    SHAPE[table] = [(part.split(":")[0].rstrip("?"), (part.split(":") + ["text"])[1], "?" not in part) for part in line.split()]


WHEN = " effective:day recorded?:day"
shape("customers", "id name? parent? group? terms? dimensions?:map")
shape("customer_changes", "customer attribute:attribute value? until?:day" + WHEN)
shape(
    "documents",
    "id customer kind:kind currency:currency amount:money document_date:day posting_date?:day due_date?:day terms? company? control_account?"
    " reference? related? order? net?:money tax?:money base_amount?:money rate?:rate dimensions?:map recorded?:day",
)
shape("document_lines", "document kind:line code? amount:money")
shape("instalments", "document number:one due_date:day amount:money plan? effective?:day recorded?:day")
shape("discounts", "document until:day percent?:rate amount?:money basis?:money effective?:day recorded?:day")
shape(
    "allocations",
    "id credit debit amount:money debit_amount?:money instalment?:zero base_credit?:money base_debit?:money effective?:day recorded?:day",
)
shape(
    "differences",
    "id document kind:difference amount:money allocation? instalment?:zero reason? base_amount?:money base_document?:money"
    " effective?:day recorded?:day",
)
shape("reversals", "allocation effective:day reason? recorded?:day")
shape("cancellations", "document effective:day reason? recorded?:day")
shape("disputes", "id document reason amount?:money" + WHEN)
shape("holds", "id customer? document? reason until?:day" + WHEN)
shape("promises", "id customer document? currency:currency amount:money promised_date:day" + WHEN)
shape("plans", "id customer reason?" + WHEN)
shape("notices", "id customer document? level:zero channel? procedure? company? currency?:currency due_date?:day" + WHEN)
shape("notice_lines", "notice document instalment?:zero level:zero interest_until?:day")
shape("commitments", "id customer kind:commitment company? currency:currency amount:money expected_date?:day net?:money order?" + WHEN)
shape("credit_lines", "id kind:credit_line customer? group? company? currency:currency amount?:money until?:day" + WHEN)
shape("releases", "id customer order currency:currency amount:money by? reason? until?:day" + WHEN)
shape("requirements", "document requirement state:state" + WHEN)
shape("closings", "of outcome?" + WHEN)
shape("rates", "currency:currency base:currency rate:rate" + WHEN)
TABLES = list(SHAPE)

POSITIVE = {"invoice", "debit_note", "charge", "refund"}
NEGATIVE = {"credit_note", "payment", "advance"}
WORDS = {
    "kind": POSITIVE | NEGATIVE | {"journal"},
    "line": {"net", "tax"},
    "difference": {"discount", "discount_tax", "tolerance", "write_off", "bank_charge", "cash_rounding", "residual", "other"},
    "commitment": {"draft", "order", "delivery"},
    "credit_line": {"limit", "family_limit", "guarantee", "insurance", "open_items", "overdue", "deliveries", "orders", "drafts"},
    "state": {"missing", "fulfilled", "waived"},
    "attribute": {"name", "parent", "group", "terms", "limit", "blocked", "score", "review_date", "contact", "language", "channel"},
}
SPACES = {"differences": "allocations", **dict.fromkeys(("disputes", "holds", "promises", "plans", "notices", "commitments", "credit_lines", "releases"), "things")}


class Row(dict):
    """One parsed row: values by column (absent ones missing); `bad` columns; place in its batch, and which batch that is."""

    def __init__(self, table, index, batch):
        super().__init__()
        self.table, self.index, self.batch, self.bad = table, index, batch, set()

    @property
    def good(self):
        return not self.bad


class Settings:
    def __init__(self, raw):
        self.digits = {**DIGITS, **raw.get("currencies", {})}
        self.base_currency = raw.get("base_currency")
        self.companies = {name: c.get("base_currency") for name, c in raw.get("companies", {}).items()}
        self.terms = raw.get("terms", {})
        self.hierarchies = raw.get("hierarchies", {})
        self.any_sign = raw.get("instalment_sign", "same") == "any"
        self.raw = raw

    def prove(self):
        """Settings are checked first; the first offence is told alone."""
        names = ["base_currency", "companies", "currencies", "terms", "hierarchies", "instalment_sign"]
        for name in sorted(self.raw):
            if name not in names:
                fail("policy_invalid", f"settings.{name}")
        if self.base_currency is not None and self.base_currency not in self.digits:
            fail("unknown_currency", "settings.base_currency")
        for name in sorted(self.companies, key=key):
            if self.companies[name] is not None and self.companies[name] not in self.digits:
                fail("unknown_currency", f"settings.companies.{name}.base_currency")
        for code in sorted(self.raw.get("currencies", {}), key=key):
            if not 0 <= self.raw["currencies"][code] <= 8:
                fail("policy_invalid", f"settings.currencies.{code}")
        for code in sorted(self.terms, key=key):
            try:
                terms.prove(self.terms[code], self.digits)
            except Failure as failure:
                at = failure.problems[0]
                fail(at["code"], f"settings.terms.{code}" + (f".{at['field']}" if at["field"] else ""))
        if self.raw.get("instalment_sign", "same") not in ("same", "any"):
            fail("policy_invalid", "settings.instalment_sign")
        for dimension in sorted(self.hierarchies, key=key):
            for value in sorted(self.hierarchies[dimension], key=key):
                if endless(value, self.hierarchies[dimension]):
                    fail("cyclic_parent", f"settings.hierarchies.{dimension}.{value}")

    def base_of(self, company):
        return self.companies.get(company) or self.base_currency


class Ledger:
    def __init__(self, settings):
        self.settings = Settings(settings)
        self.rows = {table: [] for table in TABLES}  # all good rows, in the order they came
        self.documents = {}
        self.customers = {}
        self.schedules = []
        self.offers = []
        self.allocations = {}
        self.coming = []  # what settles and is being taken up
        self.last_recorded = None
        self.batches = 0

    def append(self, facts, recorded=None):
        """A new ledger with these facts, or Failure. `recorded` is None for the first load only."""
        new = copy.copy(self)
        new.rows = {t: list(rows) for t, rows in self.rows.items()}
        new.schedules, new.offers = list(self.schedules), list(self.offers)
        Batch(new, facts, recorded).run()
        return new

    # --- small questions used by the checks and by views -----------------------------------------------------

    def digits_of(self, document):
        return self.settings.digits[document["currency"]]

    def base_currency_of(self, document):
        return self.settings.base_of(document.get("company", ""))

    def best_schedule(self, document, on, known, batch=None):
        """`batch`: what came later on the day `known` is not known."""
        best = None
        for s in self.schedules:  # in the order they came
            if s["document"] != document["id"] or s["effective"] > on or (known is not None and s["recorded"] > known):
                continue
            if batch is not None and s["recorded"] == known and s["batch"] > batch:
                continue
            if best is None or (s["effective"], s["recorded"]) >= (best["effective"], best["recorded"]):
                best = s
        return best

    @property
    def moved(self):
        """Whether some residual left a document."""
        return any("moved_to" in d for d in self.rows["differences"])

    def schedule_in_force(self, document, on, known, batch=None):
        """Rows (number, due, amount) in force on a day, with what is known (None: all)."""
        best = self.best_schedule(document, on, known, batch)
        if best is not None:
            return best["rows"], True
        if document["generated"]:
            return document["generated"], True
        return [(0, document["due"], document["minor"])], False

    def offer_in_force(self, document, on, known, batch=None):
        """Tiers (until, percent, amount, basis) that a document offers on a day, with what is known."""
        best = None
        for o in self.offers:  # in the order they came
            if o["document"] != document["id"] or o["effective"] > on or (known is not None and o["recorded"] > known):
                continue
            if batch is not None and o["recorded"] == known and o["batch"] > batch:
                continue
            if best is None or (o["effective"], o["recorded"]) >= (best["effective"], best["recorded"]):
                best = o
        if best is not None:
            return [(r["until"], r.get("percent"), r.get("amount"), r.get("basis")) for r in best["rows"]]
        code = self.terms_code(document)
        if code not in self.settings.terms or (document["kind"] == "debit_note" and "related" in document):
            return []
        if document["kind"] == "charge" and self.is_residual(document, on, known):
            return []
        return terms.discounts(terms.prove(self.settings.terms[code], self.settings.digits), document)

    def is_residual(self, document, on, known):
        """Did a residual that counts move to the document?"""
        moved = [d for d in self.rows["differences"] if d.get("moved_to") == document["id"]]
        return any(d["effective"] <= on and (known is None or d["recorded"] <= known) for d in moved)

    def terms_code(self, document):
        """The code of a document's payment terms: its own, else its customer's."""
        code = document.get("terms")
        if code is None and document["kind"] in ("invoice", "debit_note", "charge"):
            code = document["customer_terms"]
        return code

    def settling(self):
        return self.rows["allocations"] + self.rows["differences"]

    def taken_back(self, row, known, batch=None):
        """The first day an allocation or difference is taken back, as known; None when it never is. `batch`: what came later on the day
        `known` is not known."""
        days = []

        def is_known(end):
            later = batch is not None and end["recorded"] == known and end.batch > batch
            return known is None or (end["recorded"] <= known and not later)

        for r in self.rows["reversals"]:
            if r["allocation"] == row["id"] and is_known(r):
                days.append(r["effective"])
        for c in self.rows["cancellations"]:
            if c["document"] in (*names(row), row.get("moved_to")) and is_known(c):
                days.append(c["effective"])
        if "allocation" in row and "moved_to" not in row:
            with_it = self.taken_back(self.find_settling(row["allocation"]), known, batch)
            days += [] if with_it is None else [with_it]
        return min(days, default=None)

    def find_settling(self, name):
        return next(row for row in self.settling() + self.coming if row["id"] == name)

    def live(self, allocation, on, known):
        if allocation["effective"] > on or (known is not None and allocation["recorded"] > known):
            return False
        end = self.taken_back(allocation, known)
        return end is None or end > on

    def attribute(self, customer, name, on, known):
        """A customer's attribute on a day, empty text when it has none."""
        row = self.customers[customer]
        value = row.get("dimensions", {}).get(name[4:], "") if name.startswith("dim_") else row.get(name, "")
        best = None
        for c in self.rows["customer_changes"]:
            if c["customer"] != customer or c["attribute"] != name or c["effective"] > on or (known is not None and c["recorded"] > known):
                continue
            if best is None or (c["effective"], c["recorded"]) >= (best["effective"], best["recorded"]):
                best = c
        if best is None:
            return value
        return "" if "until" in best and best["until"] < on else best.get("value", "")


class Batch:
    def __init__(self, ledger, facts, recorded):
        self.ledger, self.facts, self.recorded = ledger, facts, recorded
        self.problems = {}  # (table, index, field) -> code
        self.new = {table: [] for table in TABLES}
        ledger.batches += 1

    def problem(self, row, field, code):
        self.problems.setdefault((row.table, row.index, field), code)
        row.bad.add(field)

    def run(self):
        self.ledger.settings.prove()
        if self.recorded is not None and self.ledger.last_recorded is not None and self.recorded < self.ledger.last_recorded:
            fail("recorded_backwards", "recorded")
        self.read_all()
        self.claim_ids()
        self.customers()
        self.changes()
        self.documents()
        self.document_lines()
        self.document_terms()
        self.things()
        self.notice_lines()
        self.instalments()
        self.discounts()
        self.cancellations()
        self.allocations()
        self.differences()
        self.reversals()
        self.take_up()
        self.residuals()
        self.closings()
        if self.problems:
            raise Failure(self.listed())
        self.store()

    def listed(self):
        def place(item):
            (table, index, field), _ = item
            known = table in SHAPE
            names = [n for n, _, _ in SHAPE.get(table, [])]
            return (
                TABLES.index(table) if known else len(TABLES),
                key(table),
                -1 if index is None else index,
                -1 if field is None else names.index(field) if field in names else len(names),
                key(field or ""),
            )

        out = []
        for (table, index, field), code in sorted(self.problems.items(), key=place):
            out.append({"code": code, "table": table, "index": index, "field": field})
        return out

    # --- one row by itself --------------------------------------------------------------------------------------

    def read_all(self):
        for table, rows in self.facts.items():
            if table not in SHAPE:
                self.problems[(table, None, None)] = "unknown_field"
            elif not isinstance(rows, list):
                self.problems[(table, None, None)] = "wrong_type"
            else:
                for index, raw in enumerate(rows):
                    self.read(table, index, raw)

    def read(self, table, index, raw):
        row = Row(table, index, self.ledger.batches)
        self.new[table].append(row)
        if not isinstance(raw, dict):
            self.problem(row, None, "wrong_type")
            return
        for name, how, required in SHAPE[table]:
            value = raw.get(name)
            if value is None or value == "":
                if required:
                    self.problem(row, name, "missing_field")
                continue
            try:
                row[name] = self.cell(how, value)
            except Refused as refused:
                self.problem(row, name, refused.code)
        for name in raw:
            if name not in [n for n, _, _ in SHAPE[table]]:
                self.problem(row, name, "unknown_field")

    def cell(self, how, value):
        if how == "money":
            return exact(value)  # to minor units once the currency is known
        if how == "rate":
            return rate(value)
        if how == "day":
            return day(value)
        if how == "one":
            return whole(value, 1)
        if how == "zero":
            return whole(value, 0)
        if how == "map":
            if not isinstance(value, dict) or any(v is not None and not isinstance(v, str) for v in value.values()):
                raise Refused("wrong_type")
            return {k: v for k, v in value.items() if v}
        value = text(value)
        if how == "currency" and value not in self.ledger.settings.digits:
            raise Refused("unknown_currency")
        if how == "attribute" and re.fullmatch(r"dim_.+", value, re.S):
            return value
        if how in WORDS and value not in WORDS[how]:
            raise Refused("unknown_kind")
        return value

    def to_minor(self, row, name, currency):
        """Turns row[name] into minor units. False when there is nothing good to go on with."""
        if name not in row:
            return False
        if currency is None:
            self.problem(row, name, "unknown_currency")
            del row[name]
            return False
        try:
            row[name] = money(row[name], self.ledger.settings.digits[currency])
            return True
        except Refused as refused:
            self.problem(row, name, refused.code)
            del row[name]
            return False

    def when(self, row):
        """Fills the recorded day in."""
        if self.recorded is not None:
            if "recorded" in row and row["recorded"] != self.recorded:
                self.problem(row, "recorded", "recorded_mismatch")
            elif "recorded" not in row.bad:
                row["recorded"] = self.recorded
        elif "recorded" not in row and "recorded" not in row.bad and "effective" in row:
            row["recorded"] = row["effective"]

    # --- ids and references -----------------------------------------------------------------------------------------

    def claim_ids(self):
        """Of the rows with one id, the first has it."""
        self.owner = {}
        for table in TABLES:
            if SHAPE[table][0][0] != "id":
                continue
            space = SPACES.get(table, table)
            for row in self.new[table]:
                if "id" not in row:
                    continue
                there = [t for t in TABLES if SPACES.get(t, t) == space]
                if any(old["id"] == row["id"] for t in there for old in self.ledger.rows[t]) or (space, row["id"]) in self.owner:
                    self.problem(row, "id", "duplicate_id")
                else:
                    self.owner[(space, row["id"])] = row

    def find(self, space, name):
        """The good row of that id, from the ledger or the batch."""
        for table in TABLES:
            if SPACES.get(table, table) == space:
                for old in self.ledger.rows[table]:
                    if old["id"] == name:
                        return old
        row = self.owner.get((space, name))
        return row if row is not None and row.good else None

    def refer(self, row, name, space):
        if name not in row:
            return None
        found = self.find(space, row[name])
        if found is None:
            self.problem(row, name, "unknown_reference")
        return found

    # --- customers and their changes -----------------------------------------------------------------------------------

    def customers(self):
        self.drop_dangling_parents()
        parents = {c["id"]: c.get("parent") for c in self.ledger.rows["customers"]}
        good = [row for row in self.new["customers"] if row.good]
        for row in good:
            parents[row["id"]] = row.get("parent")
        for row in good:
            if endless(row["id"], parents):
                self.problem(row, "parent", "cyclic_parent")
        self.drop_dangling_parents()

    def drop_dangling_parents(self):
        before = -1
        while before != len(self.problems):
            before = len(self.problems)
            for row in self.new["customers"]:
                if "parent" in row and "parent" not in row.bad:
                    self.refer(row, "parent", "customers")

    def changes(self):
        self.all_customers = {c["id"]: c for c in self.ledger.rows["customers"] + self.new["customers"] if "id" in c and getattr(c, "good", True)}
        moves = []
        for row in self.new["customer_changes"]:
            self.when(row)
            self.refer(row, "customer", "customers")
            if "until" in row and "attribute" in row and "attribute" not in row.bad and row["attribute"] != "blocked":
                self.problem(row, "until", "does_not_add_up")
            self.until(row)
            if row.get("attribute") == "review_date" and "value" in row and "value" not in row.bad:
                try:
                    day(row["value"])
                except Refused as refused:
                    self.problem(row, "value", refused.code)
            if row.get("attribute") == "parent" and "attribute" not in row.bad:
                if "value" in row:
                    self.refer(row, "value", "customers")
                if row.good:
                    moves.append(row)
        taken = [c for c in self.ledger.rows["customer_changes"] if c["attribute"] == "parent"]
        for row in sorted(moves, key=lambda r: (r["recorded"], r.index)):
            taken.append(row)
            for on in sorted({c["effective"] for c in taken}):
                if circle(row["customer"], self.parents_on(on, taken)):
                    self.problem(row, "value", "cyclic_parent")
                    taken.remove(row)
                    break

    def parents_on(self, on, moves):
        parents = {}
        for name, customer in self.all_customers.items():
            parents[name] = customer.get("parent")
            best = None
            for m in moves:
                if m["customer"] == name and m["effective"] <= on:
                    if best is None or (m["effective"], m["recorded"]) >= (best["effective"], best["recorded"]):
                        best = m
            if best is not None:
                parents[name] = best.get("value")
        return parents

    # --- documents ----------------------------------------------------------------------------------------------------------

    def documents(self):
        for row in self.new["documents"]:
            customer = self.refer(row, "customer", "customers")
            currency = row.get("currency")
            if currency is not None:
                self.to_minor(row, "net", currency)
                self.to_minor(row, "tax", currency)
                if self.to_minor(row, "amount", currency) and "kind" in row:
                    if row["kind"] in POSITIVE and row["amount"] < 0 or row["kind"] in NEGATIVE and row["amount"] > 0:
                        self.problem(row, "amount", "wrong_sign")
            for one, other in (("net", "tax"), ("tax", "net")):
                if one not in row and one not in row.bad and (other in row or other in row.bad):
                    self.problem(row, one, "missing_field")
            if "net" in row and "tax" in row and "amount" in row and currency is not None and not row.bad & {"net", "tax", "amount"}:
                if row["net"] + row["tax"] != row["amount"]:
                    self.problem(row, "amount", "does_not_add_up")
            if "posting_date" not in row.bad and ("posting_date" in row or "document_date" in row):
                row["effective"] = row.get("posting_date", row.get("document_date"))
            self.when(row)
            row["minor"] = row.get("amount")
            if "company" not in row.bad:
                self.base(row)
            row["customer_terms"] = self.customer_terms(customer, row) if customer and row.good else None
            row["due"], row["generated"] = None, None

    def customer_terms(self, customer, document):
        """The code that the customer had on the document's date, as known when the document was recorded."""
        latest = None
        for c in self.ledger.rows["customer_changes"] + [row for row in self.new["customer_changes"] if row.good]:
            if c["customer"] == customer["id"] and c["attribute"] == "terms" and c["effective"] <= document["document_date"]:
                if c["recorded"] <= document["recorded"] and (latest is None or (c["effective"], c["recorded"]) >= (latest["effective"], latest["recorded"])):
                    latest = c
        return customer.get("terms") if latest is None else latest.get("value")

    def base(self, row):
        currency = self.ledger.base_currency_of(row)
        row["base"] = None
        if "base_amount" in row:
            if self.to_minor(row, "base_amount", currency):
                row["base"] = row["base_amount"]
                if "amount" in row and "amount" not in row.bad and "currency" in row and row["base"] * row["amount"] < 0:
                    self.problem(row, "base_amount", "wrong_sign")
                elif "amount" in row and "amount" not in row.bad and row.get("currency") == currency and row["base"] != row["amount"]:
                    self.problem(row, "base_amount", "does_not_add_up")
        elif "base_amount" in row.bad or currency is None or "currency" not in row or "amount" not in row or "rate" in row.bad:
            pass
        elif row["currency"] == currency:
            row["base"] = row["amount"]
        elif "rate" in row:
            row["base"] = self.convert(row["amount"], row["currency"], row["rate"], currency)
            try:
                money(Fraction(row["base"]), 0)
            except Refused:
                self.problem(row, "rate", "too_large")
        if "rate" in row and "rate" not in row.bad and currency is not None and row.get("currency") == currency and "currency" not in row.bad and row["rate"] != 1:
            self.problem(row, "rate", "does_not_add_up")

    def convert(self, minor, currency, by, base):
        digits = self.ledger.settings.digits
        return half_away(Fraction(minor, 10 ** digits[currency]) * by * 10 ** digits[base])

    def document_lines(self):
        lines = {}
        for row in self.new["document_lines"]:
            document = None
            if "document" in row:
                document = self.owner.get(("documents", row["document"]))
                if document is None or not document.good:
                    self.problem(row, "document", "unknown_reference")
                    document = None
            if document is not None:
                self.to_minor(row, "amount", document["currency"])
                lines.setdefault(document["id"], []).append(row)
        for name, rows in lines.items():
            document = self.owner[("documents", name)]
            if all(r.good for r in rows) and sum(r["amount"] for r in rows) != document["amount"]:
                self.problem(document, "amount", "does_not_add_up")

    def document_terms(self):
        scheduled = {row["document"] for row in self.new["instalments"] if "document" in row}
        for row in self.new["documents"]:
            if not row.good:
                continue
            if "due_date" in row:
                row["due"] = row["due_date"]
                continue
            code = row.get("terms")
            if code is None and row["kind"] in ("invoice", "debit_note", "charge"):
                code = row["customer_terms"]
            if code is None:
                continue
            if code not in self.ledger.settings.terms:
                if row["id"] not in scheduled:
                    self.problem(row, "terms", "unknown_reference")
                continue
            proven = terms.prove(self.ledger.settings.terms[code], self.ledger.settings.digits)
            try:
                row["due"], row["generated"] = terms.of_document(proven, row, self.ledger.digits_of(row))
            except Failure as failure:
                self.problem(row, "terms", failure.problems[0]["code"])

    def instalments(self):
        spoilt, groups = set(), {}
        plans = "things"
        for row in self.new["instalments"]:
            document = self.refer(row, "document", "documents")
            if document is not None:
                self.to_minor(row, "amount", document["currency"])
                if "amount" in row and not self.ledger.settings.any_sign and row["amount"] * document["amount"] <= 0 and row["amount"] != 0:
                    self.problem(row, "amount", "instalment_sign")
                known = document["recorded"]
                if "effective" not in row and "effective" not in row.bad:
                    row["effective"] = document["effective"]
                elif "effective" in row:
                    known = max(known, row["effective"])
                if self.recorded is None and "recorded" not in row and "recorded" not in row.bad:
                    row["recorded"] = known
            self.when(row)
            if "plan" in row:
                found = self.find(plans, row["plan"])
                if found is None or self.table_of(found) != "plans":
                    self.problem(row, "plan", "unknown_reference")
            if document is None:
                continue
            if "effective" in row and "recorded" in row and not row.bad & {"effective", "recorded"}:
                group = groups.setdefault((document["id"], row["effective"], row["recorded"]), [])
                if "number" in row and any(r.get("number") == row["number"] for r in group):
                    self.problem(row, "number", "duplicate_id")
                group.append(row)
            if row.bad:
                spoilt.add(document["id"])
        for (name, effective, recorded), rows in groups.items():
            if name in spoilt:
                continue
            if sum(r["amount"] for r in rows) != self.find("documents", name)["amount"]:
                self.problem(rows[0], "amount", "does_not_add_up")
                continue
            schedule = [(r["number"], r["due_date"], r["amount"]) for r in rows]
            plans = {r["plan"] for r in rows if "plan" in r}
            self.ledger.schedules.append({"document": name, "effective": effective, "recorded": recorded, "rows": schedule, "plans": plans, "batch": self.ledger.batches})

    def discounts(self):
        groups = {}
        for row in self.new["discounts"]:
            document = self.refer(row, "document", "documents")
            if "percent" in row and row["percent"] > 100:
                self.problem(row, "percent", "too_large")
            given = {name for name in ("percent", "amount", "basis") if name in row or name in row.bad}
            if document is not None:
                for name in ("amount", "basis"):
                    if self.to_minor(row, name, document["currency"]):
                        if row[name] <= 0:
                            self.problem(row, name, "wrong_sign")
                        elif row[name] > abs(document["amount"]):
                            self.problem(row, name, "does_not_add_up")
                known = document["recorded"]
                if "effective" not in row and "effective" not in row.bad:
                    row["effective"] = document["effective"]
                elif "effective" in row:
                    known = max(known, row["effective"])
                if self.recorded is None and "recorded" not in row and "recorded" not in row.bad:
                    row["recorded"] = known
            self.when(row)
            if not given & {"percent", "amount"}:
                self.problem(row, "percent", "missing_field")
            if given >= {"percent", "amount"}:
                self.problem(row, "amount", "does_not_add_up")
            if given >= {"amount", "basis"}:
                self.problem(row, "basis", "does_not_add_up")
            if row.good:
                groups.setdefault((document["id"], row["effective"], row["recorded"]), []).append(row)
        for (name, effective, recorded), rows in groups.items():
            self.ledger.offers.append({"document": name, "effective": effective, "recorded": recorded, "rows": rows, "batch": self.ledger.batches})

    def table_of(self, row):
        if isinstance(row, Row):
            return row.table
        return next(t for t in TABLES if any(row is old for old in self.ledger.rows[t]))

    # --- settling and taking back ------------------------------------------------------------------------------------------------

    def cancellations(self):
        for row in self.new["cancellations"]:
            document = self.refer(row, "document", "documents")
            self.not_known_before(row, document)
            self.when(row)
            if document is None:
                continue
            if "effective" in row and row["effective"] < document["effective"]:
                self.problem(row, "effective", "impossible_date")
            others = self.ledger.rows["cancellations"] + self.new["cancellations"][: row.index]
            if any(o.get("document") == row["document"] and getattr(o, "good", True) for o in others):
                self.problem(row, "document", "already_cancelled")
        self.known_cancellations = self.ledger.rows["cancellations"] + [r for r in self.new["cancellations"] if r.good]

    def allocations(self):
        for row in self.new["allocations"]:
            credit = self.refer(row, "credit", "documents")
            debit = self.refer(row, "debit", "documents")
            if credit is not None and credit["amount"] >= 0:
                self.problem(row, "credit", "allocation_sides")
                credit = None
            if debit is not None and debit["amount"] <= 0:
                self.problem(row, "debit", "allocation_sides")
                debit = None
            if credit is not None and self.to_minor(row, "amount", credit["currency"]) and row["amount"] <= 0:
                self.problem(row, "amount", "wrong_sign")
            if debit is not None and self.to_minor(row, "debit_amount", debit["currency"]) and row["debit_amount"] <= 0:
                self.problem(row, "debit_amount", "wrong_sign")
            if credit is not None and debit is not None and "debit_amount" not in row.bad:
                if credit["currency"] != debit["currency"]:
                    if "debit_amount" not in row:
                        self.problem(row, "debit_amount", "missing_leg")
                elif "amount" in row and "amount" not in row.bad:
                    if row.setdefault("debit_amount", row["amount"]) != row["amount"]:
                        self.problem(row, "debit_amount", "does_not_add_up")
            for name, document in (("base_credit", credit), ("base_debit", debit)):
                if document is not None and self.to_minor(row, name, self.ledger.base_currency_of(document)):
                    self.given_leg(row, name, document, {"base_credit": "amount", "base_debit": "debit_amount"}[name])
            for one, other in (("base_credit", "base_debit"), ("base_debit", "base_credit")):
                if one not in row and one not in row.bad and (other in row or other in row.bad):
                    self.problem(row, one, "missing_leg")
            self.allocation_days(row, credit, debit)

    def given_leg(self, row, name, document, leg):
        if row[name] < 0:
            self.problem(row, name, "wrong_sign")
        elif document["currency"] == self.ledger.base_currency_of(document) and leg in row and leg not in row.bad and row[name] != row[leg]:
            self.problem(row, name, "does_not_add_up")

    def differences(self):
        for row in self.new["differences"]:
            document = self.refer(row, "document", "documents")
            if document is not None:
                if self.to_minor(row, "amount", document["currency"]) and row["amount"] <= 0:
                    self.problem(row, "amount", "wrong_sign")
                base = self.ledger.base_currency_of(document)
                for name in ("base_amount", "base_document"):
                    if self.to_minor(row, name, base):
                        self.given_leg(row, name, document, "amount")
            for one, other in (("base_amount", "base_document"), ("base_document", "base_amount")):
                if one not in row and one not in row.bad and (other in row or other in row.bad):
                    self.problem(row, one, "missing_leg")
            others = [document]
            if "allocation" in row.bad:
                others.append(None)
            elif "allocation" in row:
                allocation = self.find("allocations", row["allocation"])
                if allocation is not None and self.table_of(allocation) == "differences":
                    allocation = None
                if allocation is None:
                    self.problem(row, "allocation", "unknown_reference")
                elif document is not None and document["id"] not in names(allocation):
                    self.problem(row, "document", "allocation_sides")
                others.append(allocation)
            self.days_after(row, *others)
            if row.good and row["kind"] == "residual" and "allocation" in row:
                self.move(row, document)

    def move(self, row, document):
        """Notes the document that a residual's amount moved to: `<allocation>-r`, which stands for no other."""
        other = self.find("documents", f"{row['allocation']}-r")
        if other is None or other.get("related") != document["id"] or other["currency"] != document["currency"]:
            return
        if other["amount"] != (row["amount"] if document["amount"] > 0 else -row["amount"] if document["amount"] < 0 else 0):
            return
        if other["effective"] != row["effective"] or other["recorded"] > row["recorded"]:
            return
        if all(d.get("moved_to") != other["id"] for d in self.ledger.rows["differences"] + self.new["differences"]):
            row["moved_to"] = other["id"]

    def residuals(self):
        """While the document counts that a residual moved to, the residual is not taken back alone, nor with its own document."""
        for row in self.ledger.rows["differences"] + [r for r in self.new["differences"] if r.good]:
            if "moved_to" not in row:
                continue
            ends = [(r, "allocation") for r in self.ledger.rows["reversals"] if r["allocation"] == row["id"]]
            ends += [(c, "document") for c in self.known_cancellations if c["document"] == row["document"]]
            for end, field in ends:
                known, by = max(end["recorded"], row["recorded"]), max(end["effective"], row["effective"])
                gone = [c for c in self.known_cancellations if c["document"] == row["moved_to"]]
                if any(c["recorded"] <= known and c["effective"] <= by for c in gone):
                    continue
                if any(end is new for new in self.new["reversals"] + self.new["cancellations"]):
                    self.problem(end, field, "in_the_way")
                elif any(row is new for new in self.new["differences"]):
                    self.problem(row, "document", "in_the_way")

    def allocation_days(self, row, credit, debit):
        self.days_after(row, credit, debit)

    def days_after(self, row, *others):
        """The days of a row are not before those of the rows it refers to."""
        if all(other is not None for other in others):
            first = max(other["effective"] for other in others)
            if "effective" not in row and "effective" not in row.bad:
                row["effective"] = first
            elif "effective" in row and row["effective"] < first:
                self.problem(row, "effective", "impossible_date")
        self.not_known_before(row, *others)
        self.when(row)

    def not_known_before(self, row, *others):
        """A row is not recorded before the rows it refers to; when its recorded day is left out, neither."""
        if any(other is None for other in others):
            return
        first = max(other["recorded"] for other in others)
        if "recorded" in row:
            if row["recorded"] < first:
                self.problem(row, "recorded", "impossible_date")
        elif self.recorded is None and "recorded" not in row.bad and "effective" in row:
            row["recorded"] = max(row["effective"], first)

    def reversals(self):
        for row in self.new["reversals"]:
            allocation = self.refer(row, "allocation", "allocations")
            self.not_known_before(row, allocation)
            self.when(row)
            if allocation is None:
                continue
            if "effective" in row and row["effective"] < allocation["effective"]:
                self.problem(row, "effective", "impossible_date")
            others = self.ledger.rows["reversals"] + self.new["reversals"][: row.index]
            if any(o.get("allocation") == row["allocation"] and getattr(o, "good", True) for o in others):
                self.problem(row, "allocation", "already_reversed")
            # Against a recorded day that is not the batch's, nothing is checked.
            if "effective" in row and "recorded" in row and self.recorded in (None, row["recorded"]):
                ends = self.cancelled(allocation, row["recorded"])
                if "allocation" in allocation and "moved_to" not in allocation:
                    beside = self.find("allocations", allocation["allocation"])
                    ends += self.cancelled(beside, row["recorded"])
                    good = [o for o in others if getattr(o, "good", True) and o["allocation"] == beside["id"]]
                    ends += [o for o in good if o["recorded"] <= row["recorded"]]
                if any(end["effective"] <= row["effective"] for end in ends):
                    self.problem(row, "allocation", "already_reversed")

    def cancelled(self, allocation, known):
        return [c for c in self.known_cancellations if c["document"] in names(allocation) and c["recorded"] <= known]

    def take_up(self):
        """Over-allocation, and base legs, one allocation after the other."""
        work = self.ledger
        work.rows["cancellations"] = list(self.known_cancellations)
        work.rows["reversals"] = work.rows["reversals"] + [r for r in self.new["reversals"] if r.good]
        taken = work.settling()
        candidates = [r for r in self.new["allocations"] + self.new["differences"] if r.good]
        work.coming = candidates
        for row in sorted(candidates, key=lambda r: (r["recorded"], r["effective"], TABLES.index(r.table), r.index)):
            code = self.without_allocation(row) or self.over(row, taken)
            if code is not None:
                self.problem(row, *code)
                continue
            if row.table == "allocations":
                credit, debit = self.find("documents", row["credit"]), self.find("documents", row["debit"])
                given = "base_credit" in row
                row["leg_credit"] = row["base_credit"] if given else self.base_leg(row, credit, taken)
                row["leg_debit"] = row["base_debit"] if given else self.base_leg(row, debit, taken)
            elif "base_document" in row:
                row["leg"], row["worth"] = row["base_document"], row["base_amount"]
            else:
                row["leg"] = row["worth"] = self.base_leg(row, self.find("documents", row["document"]), taken)
            taken.append(row)
        work.coming = []
        for row in self.new["reversals"]:
            if "allocation" in row and "allocation" not in row.bad:
                self.refer(row, "allocation", "allocations")

    def days_of(self, row, taken, known):
        """The days of an allocation's life on which something can change; the first in any case."""
        end = self.ledger.taken_back(row, known)
        days = {row["effective"]} | {t["effective"] for t in taken if t["effective"] > row["effective"]}
        return [d for d in sorted(days) if end is None or d < end or d == row["effective"]]

    def without_allocation(self, row):
        """A difference whose allocation is not there, or known to be taken back."""
        if "allocation" not in row:
            return None
        allocation = self.find("allocations", row["allocation"])
        if allocation is None:
            return "allocation", "unknown_reference"
        end = self.ledger.taken_back(allocation, row["recorded"])
        return ("allocation", "already_reversed") if end is not None and end <= row["effective"] else None

    def over(self, row, taken):
        known = row["recorded"]
        for name, field in zip(names(row), ("amount", "debit_amount")):
            document = self.find("documents", name)
            if any(c["document"] == document["id"] and c["effective"] <= row["effective"] for c in self.cancelled(row, known)):
                return field, "over_allocation"
            for on in self.days_of(row, taken, known):
                legs = leg(row, document) + sum(leg(t, document) for t in taken if self.ledger.live(t, on, known))
                if legs > abs(document["amount"]):
                    return field, "over_allocation"
        if "instalment" in row:
            document = self.find("documents", names(row)[-1])
            rows, _ = self.ledger.schedule_in_force(document, row["effective"], known)
            amounts = {number: amount for number, _, amount in rows}
            if row["instalment"] not in amounts:
                return "instalment", "unknown_reference"
            way = -1 if document["amount"] < 0 else 1
            room = max(0, way * amounts[row["instalment"]])
            naming = [t for t in taken if names(t)[-1] == document["id"] and t.get("instalment") == row["instalment"]]
            for on in self.days_of(row, taken, known):
                if leg(row, document) + sum(leg(t, document) for t in naming if self.ledger.live(t, on, known)) > room:
                    return "instalment", "over_allocation"
        return None

    def base_leg(self, row, document, taken):
        if document["base"] is None:
            return None
        left, base = abs(document["amount"]), abs(document["base"])
        for t in taken:
            if self.ledger.live(t, row["effective"], row["recorded"]):
                left -= leg(t, document)
                base -= base_leg_of(t, document)
        return half_away(Fraction(base * leg(row, document), left))

    # --- everything else -------------------------------------------------------------------------------------------------------

    def things(self):
        for table in ("disputes", "holds", "promises", "plans", "notices", "commitments", "credit_lines", "releases", "requirements", "rates"):
            for row in self.new[table]:
                self.when(row)
                document = self.refer(row, "document", "documents") if "document" in row else None
                if "customer" in row:
                    self.refer(row, "customer", "customers")
                self.until(row)
                if table == "holds" and not {"customer", "document"} & (set(row) | row.bad):
                    self.problem(row, "customer", "missing_field")
                if "amount" in row:
                    currency = row.get("currency") or (document["currency"] if document is not None else None)
                    if currency is not None and self.to_minor(row, "amount", currency):
                        if table in ("disputes", "promises", "credit_lines", "releases") and row["amount"] < 0:
                            self.problem(row, "amount", "wrong_sign")
                if table == "commitments" and "net" in row and "currency" in row:
                    self.to_minor(row, "net", row["currency"])
                if table == "commitments" and row.good and self.follows_itself(row):
                    self.problem(row, "order", "cyclic_parent")
                if table == "credit_lines":
                    self.credit_line(row)

    def follows_itself(self, row):
        """Does what a commitment follows come back to it, by what was there before it? One that names itself follows nothing."""
        held = [*self.ledger.rows["commitments"], *(r for r in self.new["commitments"] if r.good and r.index < row.index)]
        above = {r["id"]: r["order"] for r in held if "order" in r and r["order"] != r["id"]}
        at = row.get("order")
        if at == row["id"]:
            return False
        while at is not None:
            if at == row["id"]:
                return True
            at = above.get(at)
        return False

    def until(self, row):
        if "until" in row and "effective" in row and not row.bad & {"until", "effective"} and row["until"] < row["effective"]:
            self.problem(row, "until", "impossible_date")

    def credit_line(self, row):
        secures = row.get("kind") in ("guarantee", "insurance")
        if (secures or row.get("kind") == "family_limit") and "customer" not in set(row) | row.bad:
            self.problem(row, "customer", "missing_field")
        if secures and "amount" not in set(row) | row.bad:
            self.problem(row, "amount", "missing_field")
        if "customer" in row and "group" in row:
            self.problem(row, "group", "does_not_add_up")

    def notice_lines(self):
        """Lines come with their notice in one batch."""
        for row in self.new["notice_lines"]:
            self.refer(row, "document", "documents")
            if "notice" in row:
                notice = self.owner.get(("things", row["notice"]))
                if notice is None or not notice.good or notice.table != "notices":
                    self.problem(row, "notice", "unknown_reference")

    def closings(self):
        for row in self.new["closings"]:
            self.when(row)
            self.refer(row, "of", "things")

    # --- taking it all in ---------------------------------------------------------------------------------------------------------

    def store(self):
        work = self.ledger
        for table in TABLES:
            if table in ("reversals", "cancellations"):
                continue  # put there by take_up
            work.rows[table] = work.rows[table] + self.new[table]
        work.customers = {c["id"]: c for c in work.rows["customers"]}
        work.documents = {d["id"]: d for d in work.rows["documents"]}
        work.allocations = {a["id"]: a for a in work.rows["allocations"]}
        days = [r["recorded"] for table in TABLES for r in self.new[table] if "recorded" in r]
        days += [self.recorded] if self.recorded is not None else []
        days += [work.last_recorded] if work.last_recorded is not None else []
        work.last_recorded = max(days, default=None)


def endless(start, parents):
    seen, at = set(), start
    while at is not None and at not in seen:
        seen.add(at)
        at = parents.get(at)
    return at is not None


def circle(start, parents):
    seen, at = [], parents.get(start)
    while at is not None:
        if at == start:
            return True
        if at in seen:
            return False
        seen.append(at)
        at = parents.get(at)
    return False


def names(row):
    """The ids of the documents that an allocation or difference settles; the last is the one whose instalment it may name."""
    return (row["document"],) if "document" in row else (row["credit"], row["debit"])


def leg(allocation, document):
    if "document" in allocation:
        return allocation["amount"] if allocation["document"] == document["id"] else 0
    if allocation["credit"] == document["id"]:
        return allocation["amount"]
    if allocation["debit"] == document["id"]:
        return allocation["debit_amount"]
    return 0


def base_leg_of(allocation, document):
    """What an allocation or difference takes from a document's base amount."""
    if "document" in allocation:
        return allocation["leg"] or 0 if allocation["document"] == document["id"] else 0
    if allocation["credit"] == document["id"]:
        return allocation["leg_credit"] or 0
    if allocation["debit"] == document["id"]:
        return allocation["leg_debit"] or 0
    return 0
