#!/usr/bin/env python3
"""Turns the readable cases (IN_DIR/<room>/*.toml) into plain JSON (OUT_DIR/<room>.json). See README.md beside this file.

usage: expand.py IN_DIR OUT_DIR
"""
import copy
import datetime
import json
import re
import sys
import tomllib
from pathlib import Path

# Columns of each table: name -> (type, required). Types: text, money, day, int, decimal, kind words.
DOCUMENT_KINDS = "invoice debit_note charge refund credit_note payment advance journal".split()


def columns(text):
    out = {}
    for part in text.split():
        name, _, kind = part.partition(":")
        out[name.rstrip("?")] = (kind or "text", not name.endswith("?"))
    return out


WHEN = " effective:day recorded?:day"
TABLES = {
    "customers": columns("id name? parent? group? terms? dimensions?:map"),
    "customer_changes": columns("customer attribute value? until?:day" + WHEN),
    "documents": columns(
        "id customer kind:document_kind currency amount:money document_date:day posting_date?:day due_date?:day terms? company? control_account?"
        " reference? related? order? net?:money tax?:money base_amount?:money rate?:decimal dimensions?:map recorded?:day"
    ),
    "document_lines": columns("document kind:line_kind code? amount:money"),
    "instalments": columns("document number:int due_date:day amount:money plan? effective?:day recorded?:day"),
    "discounts": columns("document until:day percent?:decimal amount?:money basis?:money effective?:day recorded?:day"),
    "allocations": columns(
        "id credit debit amount:money debit_amount?:money instalment?:int base_credit?:money base_debit?:money effective?:day recorded?:day"
    ),
    "differences": columns(
        "id document kind:difference_kind amount:money allocation? instalment?:int reason? base_amount?:money base_document?:money"
        " effective?:day recorded?:day"
    ),
    "reversals": columns("allocation effective:day reason? recorded?:day"),
    "cancellations": columns("document effective:day reason? recorded?:day"),
    "disputes": columns("id document reason amount?:money" + WHEN),
    "holds": columns("id customer? document? reason until?:day" + WHEN),
    "promises": columns("id customer document? currency amount:money promised_date:day" + WHEN),
    "plans": columns("id customer reason?" + WHEN),
    "notices": columns("id customer document? level:int channel? procedure? company? currency? due_date?:day" + WHEN),
    "notice_lines": columns("notice document instalment?:int level:int interest_until?:day"),
    "commitments": columns("id customer kind:commitment_kind company? currency amount:money expected_date?:day net?:money order?" + WHEN),
    "credit_lines": columns("id kind:credit_line_kind customer? group? company? currency amount?:money until?:day" + WHEN),
    "releases": columns("id customer order currency amount:money by? reason? until?:day" + WHEN),
    "requirements": columns("document requirement state:state" + WHEN),
    "closings": columns("of outcome?" + WHEN),
    "rates": columns("currency base rate:decimal" + WHEN),
}
WORDS = {
    "document_kind": DOCUMENT_KINDS,
    "line_kind": ["net", "tax"],
    "commitment_kind": ["draft", "order", "delivery"],
    "credit_line_kind": "limit family_limit guarantee insurance open_items overdue deliveries orders drafts".split(),
    "difference_kind": ["discount", "discount_tax", "tolerance", "write_off", "bank_charge", "cash_rounding", "residual", "other"],
    "state": ["missing", "fulfilled", "waived"],
}
SPELLED = {"float", "int", "bool", "datetime", "nan", "null", "list"}
INT_KEYS = {"line", "repetition", "number", "instalment", "level", "index", "age", "items", "days"}
# Whole numbers of settlement, interest, dunning, and terms.
INT_KEYS |= {"grace_days", "work"}
INT_KEYS |= {"place", "rank", "months", "top", "invoices"}
INT_KEYS |= {"interval_days", "minimum_days", "minimum_count", "max_notices", "pay_within_days", "within_days", "promise_tolerance_days", "plan_tolerance_days", "tolerance_days"}
INT_KEYS |= {"previous", "lines", "notices", "customers", "notices_a", "notices_b", "level_a", "level_b", "other_level", "sent", "expected"}
INT_KEYS |= {"span", "horizon_days", "draws", "at_risk_days", "notice_banking_days", "accuracy_days", "forecasts", "questions"}
INT_KEYS |= {"longest_days", "discount_days", "net_days"}
INT_KEYS |= {"version", "history_months", "series_months", "at_risk_days", "top", "digits"}
INT_KEYS |= {"months", "end_of_month", "end_of_quarter", "business_days", "day", "month", "up_to", "weight", "repeat"}
BOOL_KEYS = {"always", "drop", "interest", "compensation", "passed", "counts"}
LIST_KEYS = {"buckets", "columns", "labels", "edges", "by", "strategies", "credit_kinds", "balance_credits", "user_order", "parts", "weights", "column_labels", "kpis"}
LIST_KEYS |= {"pool", "pools", "rates", "loss_kinds"}
INT_KEYS |= {"step_days", "minimum_items", "digits"}
CASE_KEYS = {"name", "source", "use", "settings", "profile", "steps", "step", "facts", "table", "raw"}
# A source that a stranger cannot open: notes with no folder or repository.
PRIVATE = re.compile(r"(?<![\w/-])\w+\.md\b|\bDESIGN\b")
PRESETS = Path(__file__).resolve().parent.parent / "presets" / "interest"
VIEW = {"as_of", "known_on"}
POLICY = {"policy", "profile"}
INTEREST = {"policy", "preset", "published"}
REQUEST = {"customer", "amount", "currency", "kind", "company", "order", "follows", "expected_date", "net", "terms"}
DUE = {"terms", "document_date", "currency", "amount", "base_currency", "base_amount"}
MODEL = {"prediction", "trained"}
VERBS = {
    "load": set(),
    "append": {"recorded"},
    "open_items": VIEW,
    "pending": VIEW,
    "matches": VIEW,
    "aging": VIEW | POLICY | {"by", "where"},
    "aging_items": VIEW | POLICY | {"where"},
    "explain_aging": VIEW | POLICY | {"where", "customer", "document", "instalment", "bucket"},
    "reconcile": VIEW | {"balances"},
    "propose": VIEW | POLICY,
    "explain_proposal": {"credit", "debit"},
    "post": {"id_prefix", "recorded"},
    "settle": VIEW | POLICY,
    "settle_without": {"lines"},
    "settle_edit": {"edits"},
    "post_settlement": {"id_prefix", "recorded"},
    "undo": VIEW | {"ids", "recorded"},
    "dun": VIEW | POLICY,
    "dun_without": {"notices"},
    "post_dunning": {"id_prefix", "recorded"},
    "simulate_dunning": POLICY | {"from", "to"},
    "compare_dunning": POLICY | {"other", "other_profile", "from", "to"},
    "audit_dunning": POLICY | {"from", "to", "tolerance_days"},
    "lint_dunning": POLICY,
    "exposure": VIEW | POLICY | {"per", "company"},
    "picture": VIEW | {"policy"},
    "credit_check": VIEW | POLICY | REQUEST,
    "credit_alerts": VIEW | POLICY | {"before", "before_known_on", "recorded"},
    "predict": VIEW | MODEL | {"ask"},
    "cash_forecast": VIEW | MODEL | {"policy", "by", "where"},
    "cash_at_risk": VIEW | MODEL | {"policy"},
    "forecast_accuracy": MODEL | {"policy", "from", "to"},
    "compare_forecast": set(),
    "prediction_drift": VIEW | MODEL,
    "prediction_calibration": {"prediction", "day", "span"},
    "propose_limit": VIEW | POLICY | {"customer", "currency", "monthly_volume", "score"},
    "kpis": VIEW | POLICY | {"by", "where"},
    "kpi_registry": set(),
    "explain_dso": VIEW | POLICY | {"before", "before_known_on", "by", "where"},
    "provision": VIEW | POLICY | {"before"},
    "explain_provision": VIEW | POLICY | {"customer", "document", "currency", "pool", "bucket"},
    "loss_rates": VIEW | POLICY,
    "back_test": VIEW | POLICY | {"then", "then_known_on", "loss_kinds", "still_open"},
    "revaluation": VIEW,
    "interest": VIEW | INTEREST | {"question"},
    "explain_interest": VIEW | INTEREST | {"question"},
    "debt_interest": INTEREST | {"currency", "amount", "due_date", "until", "payments", "charged_until"},
    "money": {"currency", "value"},
    "split": {"currency", "amount", "weights"},
    "due_dates": DUE,
    "explain_due_dates": DUE,
    "day_count": {"convention", "from", "to"},
    "discount_rates": {"percent", "discount_days", "net_days"},
    "business_day": {"day", "roll", "calendar"},
    "import": {"mapping", "text"},
    "creditor_reference": {"text"},
    "check_creditor_reference": {"text"},
    "local_money": {"currency", "value", "language"},
    "local_date": {"day", "language"},
    "letter": {"letter", "letters", "find"},
    "notice_letters": {"stationery"},
}
# Arguments that are handed over as they stand: a name in a letter may have several lines.
AS_IT_IS = {"value", "letter", "letters", "find", "stationery"}
FACT_VERBS = {"load", "append"}


class Mistake(Exception):
    pass


def plain(value):
    """TOML dates become ISO text; everything else stays."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, float):
        raise Mistake(f"{value}: write decimals as text, or a wrong value as {{ float = \"{value}\" }}")
    return value


def cell(text):
    if text in ("", "null"):
        return None
    if text == '""':
        return ""
    if text.startswith("!"):
        kind, _, rest = text[1:].partition(" ")
        if kind not in SPELLED:
            raise Mistake(f"unknown spelling {text}")
        if kind in ("nan", "null", "list"):
            return {kind: True}
        if kind == "int":
            return {kind: int(rest)}
        if kind == "bool":
            return {kind: rest == "true"}
        return {kind: rest.strip()}
    return text


def text_table(text):
    lines = [line for line in text.strip().splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        return []
    names = [part.strip() for part in lines[0].split("|")]
    if len(set(names)) != len(names):
        raise Mistake(f"a column stands twice in: {lines[0]}")
    rows = []
    for line in lines[1:]:
        cells = [cell(part.strip()) for part in line.split("|")]
        if len(cells) != len(names):
            raise Mistake(f"{len(cells)} cells for {len(names)} columns: {line.strip()}")
        rows.append(dict(zip(names, cells)))
    return rows


def as_int(value):
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d+", value) else value


def as_list(key, value):
    if not isinstance(value, str):
        return value
    parts = [p.strip() for p in value.split(";")] if key in ("labels", "column_labels") else value.split()
    return [as_int(p) for p in parts] if key in ("edges", "weights") else parts


def tidy(value, key=None):
    """Shorthands inside arguments and expectations: text tables, lists in one text, whole numbers."""
    if isinstance(value, dict) and key == "values":
        return [figure(kpi, text) for kpi, text in value.items()]
    if isinstance(value, dict):
        return {k: tidy(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [tidy(v) for v in value]
    if isinstance(value, str) and key == "text":
        return value
    if value == "null":
        return None
    if isinstance(value, str) and "\n" in value:
        return [tidy(row) for row in text_table(value)]
    if key in LIST_KEYS:
        return as_list(key, value)
    if key in INT_KEYS:
        return as_int(value)
    if key in BOOL_KEYS and value in ("true", "false"):
        return value == "true"
    return value


def figure(kpi, text):
    """A key figure: its value, or after `?` why it has none."""
    if text.startswith("?"):
        return {"kpi": kpi, "value": None, "undefined": text[1:]}
    return {"kpi": kpi, "value": text, "undefined": None}


def rows_of(table, value):
    """The rows of one facts table: absent keys left out, dimensions gathered."""
    if isinstance(value, str):
        value = text_table(value)
    if not isinstance(value, list):
        raise Mistake(f"{table}: rows are a list or a text table")
    out = []
    known = TABLES.get(table, {})
    for row in value:
        if isinstance(row, str):
            if table != "customers":
                raise Mistake(f"{table}: a row is a table, not text")
            row = {"id": row}
        new = {}
        for name, v in row.items():
            if v is None:
                continue
            if name.startswith("dim_"):
                new.setdefault("dimensions", {})[name[4:]] = v
                continue
            if known.get(name, ("", 0))[0] == "int":
                v = as_int(v)
            new[name] = v
        out.append(new)
    return out


def is_day(text):
    try:
        datetime.date.fromisoformat(text)
    except (TypeError, ValueError):
        return False
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text))


def typed(kind, value):
    """Can a typed row of any language hold this value?"""
    if isinstance(value, dict) and kind != "map":
        return False
    if kind in ("money", "decimal"):
        return bool(isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) and len(re.sub(r"\D", "", value)) <= 28)
    if kind == "day":
        return isinstance(value, str) and is_day(value)
    if kind == "int":
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
    if kind == "map":
        return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
    if kind in WORDS:
        return value in WORDS[kind]
    return isinstance(value, str)


def needs_json(facts):
    for table, rows in facts.items():
        if table not in TABLES:
            return True
        for row in rows:
            for name, (kind, required) in TABLES[table].items():
                if name in row:
                    if not typed(kind, row[name]):
                        return True
                elif required:
                    return True
            if set(row) - set(TABLES[table]):
                return True
    return False


def json_text(facts):
    """The facts as JSON text, wrong values spelled out as JSON has them."""
    numbers = {}

    def loose(value, inside_map=False):
        if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in SPELLED and not inside_map:
            (kind, v), = value.items()
            if kind == "float":
                token = f"\x00{len(numbers)}\x00"
                numbers[json.dumps(token)] = v
                return token
            return {"nan": "NaN", "null": None, "list": []}.get(kind, v)
        if isinstance(value, dict):
            return {k: loose(v) for k, v in value.items()}
        if isinstance(value, list):
            return [loose(v) for v in value]
        return value

    text = json.dumps({t: [{n: loose(v) for n, v in row.items()} for row in rows] for t, rows in facts.items()}, ensure_ascii=False)
    for token, number in numbers.items():
        text = text.replace(token, number)
    return text


def facts_in(source):
    """The facts tables of a case, fixture or step: by name beside the other keys, or under `facts`."""
    found = {t: rows_of(t, source[t]) for t in TABLES if t in source}
    for table, value in source.get("facts", {}).items():
        found.setdefault(table, []).extend(rows_of(table, value))
    return {t: found[t] for t in [*TABLES, *found] if t in found}


def merged(settings, more):
    out = copy.deepcopy(settings)
    for key, value in more.items():
        out[key] = {**out[key], **value} if isinstance(value, dict) and isinstance(out.get(key), dict) else value
    return out


def fact_step(step, facts, force):
    step["facts"] = facts
    if force or needs_json(facts):
        step["raw"] = True
        step["json"] = json_text(facts)


def expand_step(number, raw, case, facts):
    verb = raw.get("do")
    if verb not in VERBS:
        raise Mistake(f"step {number}: unknown verb {verb!r}")
    tables = (set(TABLES) | {"facts"}) - VERBS[verb]
    step = {k: v for k, v in raw.items() if k not in tables}
    try:
        extra = set(step) - VERBS[verb] - {"do", "expect", "expect_error", "raw"}
        if verb not in FACT_VERBS:
            extra |= set(raw) & tables
        if extra:
            raise Mistake(f"{verb} takes no {', '.join(sorted(extra))}")
        if "expect" in step and "expect_error" in step:
            raise Mistake("expect or expect_error, not both")
        for day in ("as_of", "known_on"):
            if day in step and not is_day(step[day]):
                raise Mistake(f"{day} = {step[day]!r} is no day")
        if "as_of" in VERBS[verb] and "as_of" not in step:
            raise Mistake(f"{verb} needs as_of")
        force = step.pop("raw", False)
        step = {k: (v if k in AS_IT_IS else tidy(v, k)) for k, v in step.items()}
        if "policy" in VERBS[verb] and "policy" not in step and "profile" not in step and case.get("profile"):
            step["profile"] = case["profile"]
        if "preset" in step:
            step["policy"] = preset(step.pop("preset"), step.pop("published", []))
        if verb == "load":
            fact_step(step, merged_facts([facts, facts_in(raw)]), force or case.get("raw", False))
        if verb == "append":
            if "recorded" not in step:
                raise Mistake("append needs recorded")
            fact_step(step, facts_in(raw), force)
    except Mistake as e:
        raise Mistake(f"step {number} ({verb}): {e}") from None
    return step


def preset(name, rates):
    """A statute's policy with the published rates of the case."""
    file = PRESETS / f"{name}.json"
    if not file.is_file():
        raise Mistake(f"no preset named {name!r}")
    policy = json.loads(file.read_text(encoding="utf-8"))
    if "reference" in policy:
        policy["reference"]["rates"] = rates
    return policy


def merged_facts(parts):
    names = [*TABLES, *[t for p in parts for t in p if t not in TABLES]]
    out = {}
    for t in names:
        rows = [row for p in parts for row in p.get(t, [])]
        if rows or any(t in p for p in parts):
            out[t] = copy.deepcopy(rows)
    return out


def expand_case(case, fixtures, file):
    unknown = set(case) - CASE_KEYS - set(TABLES)
    if unknown:
        raise Mistake(f"unknown key {', '.join(sorted(unknown))}")
    for key in ("name", "source"):
        if not isinstance(case.get(key), str) or not case[key].strip():
            raise Mistake(f"{key} is missing")
    if found := PRIVATE.search(case["source"]):
        raise Mistake(f"source {found.group()}: name what anybody can open, such as docs/specification.md or owner/repository#1")
    if "step" in case and "steps" in case:
        raise Mistake("steps or [[case.step]], not both")
    steps = case.get("steps", case.get("step"))
    if not steps:
        raise Mistake("a case needs a step")
    use = case.get("use", [])
    parts, settings = [], {}
    for name in [use] if isinstance(use, str) else use:
        if name not in fixtures:
            raise Mistake(f"no fixture named {name!r}")
        parts.append(facts_in(fixtures[name]))
        settings = merged(settings, fixtures[name].get("settings", {}))
    facts = merged_facts(parts + [facts_in(case)])
    settings = merged(settings, case.get("settings", {}))
    out = [expand_step(n, step, case, facts) for n, step in enumerate(steps, 1)]
    if not any(step["do"] == "load" for step in out) and (facts or settings):
        load = {"do": "load"}
        fact_step(load, facts, case.get("raw", False))
        out.insert(0, load)
    return {"name": case["name"], "source": case["source"], "file": file, "settings": settings, "steps": out}


DROP = object()


def fill(value, row):
    if isinstance(value, dict):
        new = {fill(k, row): fill(v, row) for k, v in value.items()}
        return {k: v for k, v in new.items() if k is not DROP and v is not DROP}
    if isinstance(value, list):
        filled = [(v, fill(v, row)) for v in value]
        return [new for old, new in filled if new is not DROP and not (new == {} and old != {})]
    if not isinstance(value, str):
        return value
    alone = re.fullmatch(r"\{(\w+)\}", value)
    if alone and alone[1] in row:
        found = row[alone[1]]
        return DROP if found is None else found

    def put(match):
        found = row.get(match[1], match[0])
        return "" if found is None else str(found)

    return re.sub(r"\{(\w+)\}", put, value)


def cases_in(data):
    """Every case of a file, in order; rows of [[cases]] tables become cases."""
    for case in data.get("case", []):
        yield case
    for group in data.get("cases", []):
        body = {k: v for k, v in group.items() if k != "table"}
        body.setdefault("name", "{name}")
        if not isinstance(group.get("table"), str):
            raise Mistake(f"[[cases]] {group.get('name', '')}: table is missing")
        for row in text_table(group["table"]):
            if "source" in row and "source" not in group:
                body["source"] = "{source}"
            yield fill(copy.deepcopy(body), row)


def expand_file(path, room):
    name = f"{room}/{path.name}"
    try:
        data = plain(tomllib.loads(path.read_text(encoding="utf-8")))
        unknown = set(data) - {"fixture", "case", "cases"}
        if unknown:
            raise Mistake(f"unknown key {', '.join(sorted(unknown))}")
        out = []
        for case in cases_in(data):
            try:
                out.append(expand_case(case, data.get("fixture", {}), name))
            except Mistake as e:
                raise Mistake(f"case {case.get('name', '(no name)')!r}: {e}") from None
        return out
    except (Mistake, tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise Mistake(f"{name}: {e}") from None


def main(arguments):
    if len(arguments) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    source, target = map(Path, arguments)
    mistakes, rooms = [], {}
    for folder in sorted(p for p in source.iterdir() if p.is_dir()):
        cases, seen = [], {}
        for path in sorted(folder.glob("*.toml")):
            try:
                found = expand_file(path, folder.name)
            except Mistake as e:
                mistakes.append(str(e))
                continue
            for case in found:
                if case["name"] in seen:
                    mistakes.append(f"{case['file']}: case {case['name']!r}: that name stands in {seen[case['name']]} already")
                seen.setdefault(case["name"], case["file"])
                cases.append(case)
        if cases:
            rooms[folder.name] = cases
    if mistakes:
        print("\n".join(mistakes), file=sys.stderr)
        return 1
    if not rooms:
        print(f"{source}: no cases", file=sys.stderr)
        return 1
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.json"):
        old.unlink()
    for room, cases in rooms.items():
        text = json.dumps({"room": room, "cases": cases}, ensure_ascii=False, indent=1)
        (target / f"{room}.json").write_text(text + "\n", encoding="utf-8")
        print(f"{room}: {len(cases)} cases")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
