"""Files in, facts out: the verb `import` (docs/import.md)."""

import datetime
import json
import re
from fractions import Fraction

from ledger import SHAPE, TABLES
from terms import ROUNDINGS, rounded
from values import Refused, fail, key

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
FILE = {"name", "batch", "optional", "format", "delimiter", "trim", "repeats", "repeats_on", "date", "decimal_mark", "grouping", "negative", "fact"}
FIELD = {"column", "text", "default", "strip_prefix", "strip_suffix", "map", "otherwise", "date", "decimal_mark", "grouping", "negative", "round", "sign"}


def bad(path):
    fail("mapping_invalid", path)


class Rejected(Exception):
    def __init__(self, code, column=None, table=None, field=None):
        super().__init__(code)
        self.code, self.column, self.table, self.field = code, column, table, field


def answer(mapping, text, digits):
    for name in mapping:
        if name not in ("version", "id", "settings", "file"):
            bad(name)
    if mapping.get("version", 1) != 1:
        fail("unsupported_version", "version")
    files = mapping.get("file", [])
    if len(files) != 1:
        bad("file")
    return File(files[0], "file[0]", digits).read(text)


# --- texts with columns in them ----------------------------------------------------------------------------------------------


def pieces(text, path):
    """A text as a list of constants (str) and columns (1-tuples)."""
    out, i, plain = [], 0, ""
    while i < len(text):
        if text[i : i + 2] in ("{{", "}}"):
            plain, i = plain + text[i], i + 2
        elif text[i] == "{":
            end = text.find("}", i)
            if end < 0 or end == i + 1:
                bad(path)
            out += [plain, (text[i + 1 : end],)]
            plain, i = "", end + 1
        elif text[i] == "}":
            bad(path)
        else:
            plain, i = plain + text[i], i + 1
    return [p for p in [*out, plain] if p != ""]


class Field:
    def __init__(self, raw, path, file, how, columns):
        if not isinstance(raw, dict):
            raw = {"text": raw if isinstance(raw, str) else str(raw)}
        for name in sorted(raw):
            if name not in FIELD:
                bad(f"{path}.{name}")
        if ("column" in raw) == ("text" in raw):
            bad(path)
        self.parts = [(raw["column"],)] if "column" in raw else pieces(raw["text"], path)
        self.columns = [p[0] for p in self.parts if isinstance(p, tuple) and p[0] != "@line"]
        if columns is not None and any(c not in columns for c in self.columns):
            bad(path)
        self.raw, self.file, self.how = raw, file, how
        if "round" in raw and raw["round"].get("rounding") not in ROUNDINGS:
            bad(f"{path}.round.rounding")
        if raw.get("sign") not in (None, "flip", "positive", "negative"):
            bad(f"{path}.sign")
        self.column = self.columns[0] if len(self.columns) == 1 else None

    def value(self, row, line, account):
        """The field's value from a row; None when it is absent."""
        out = ""
        for p in self.parts:
            if not isinstance(p, tuple):
                out += p
            elif p[0] == "@line":
                out += str(line)
            elif isinstance(row.get(p[0]), list):
                raise Refused("wrong_type")
            elif row.get(p[0]) in (None, ""):
                out = None
                break
            else:
                out += row[p[0]]
        if out is None:
            out = self.raw.get("default")
        if out is None:
            return None
        for name, cut in (("strip_prefix", str.removeprefix), ("strip_suffix", str.removesuffix)):
            if name in self.raw:
                out = cut(out, self.raw[name])
        if "map" in self.raw or "otherwise" in self.raw:
            words = self.raw.get("map", {})
            if out not in words and "otherwise" not in self.raw:
                raise Refused("unknown_value")
            out = words.get(out, self.raw.get("otherwise"))
        if self.how == "day":
            return self.day(out)
        if self.how in ("money", "rate"):
            return self.number(out, account)
        if self.how in ("one", "zero"):
            if not re.fullmatch(r"-?[0-9]+", out):
                raise Refused("wrong_type")
            return int(out)
        return out

    def day(self, text):
        pattern = self.raw.get("date", self.file.get("date", "%Y-%m-%d"))
        if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]", text):
            raise Refused("datetime_refused")
        regex, names, i = "", [], 0
        while i < len(pattern):
            if pattern[i] == "%" and i + 1 < len(pattern):
                kind = pattern[i + 1]
                alone = i + 2 >= len(pattern) or pattern[i + 2] != "%"
                alone = alone and (i == 0 or not (i >= 2 and pattern[i - 2] == "%"))
                regex += {"Y": "([0-9]{4})", "b": "([A-Z][a-z]{2})"}.get(kind, "([0-9]{1,2})" if alone else "([0-9]{2})")
                names.append(kind)
                i += 2
            else:
                regex += re.escape(pattern[i])
                i += 1
        found = re.fullmatch(regex, text)
        if not found:
            raise Refused("impossible_date")
        parts = dict(zip(names, found.groups()))
        month = MONTHS.index(parts["b"]) + 1 if parts.get("b") in MONTHS else int(parts.get("m", 0))
        try:
            return datetime.date(int(parts["Y"]), month, int(parts["d"])).isoformat()
        except ValueError:
            raise Refused("impossible_date") from None

    def number(self, text, account):
        get = lambda name, default: self.raw.get(name, self.file.get(name, default))  # noqa: E731
        mark, group, negative = get("decimal_mark", "."), get("grouping", None), get("negative", "leading")
        minus = False
        if negative == "leading" and text.startswith("-"):
            minus, text = True, text[1:]
        elif negative == "trailing" and text.endswith("-"):
            minus, text = True, text[:-1]
        elif negative == "parentheses" and text.startswith("(") and text.endswith(")"):
            minus, text = True, text[1:-1]
        whole = "[0-9]+"
        if group:
            g = re.escape(group)
            whole = rf"(?:[0-9]+|[0-9]{{1,3}}(?:{g}[0-9]{{3}})+|[0-9]{{1,2}}(?:{g}[0-9]{{2}})+{g}[0-9]{{3}})"
        found = re.fullmatch(rf"({whole})(?:{re.escape(mark)}([0-9]+))?", text)
        if not found:
            raise Refused("not_a_number")
        places = found[2] or ""
        number = Fraction(int(re.sub(r"[^0-9]", "", found[1]) + places), 10 ** len(places))
        number = -number if minus else number
        sign = self.raw.get("sign")
        number = {"flip": -number, "positive": abs(number), "negative": -abs(number)}.get(sign, number)
        shown = len(places)
        if "round" in self.raw:
            shown = self.raw["round"]["digits"]
            new = Fraction(round_signed(number * 10**shown, self.raw["round"]["rounding"]), 10**shown)
            if new != number:
                account.append(abs(new - number))
            number = new
            shown = max(shown, 0)
        return decimal(number, shown)


def round_signed(x, how):
    way = -1 if x < 0 else 1
    if x < 0:
        how = {"ceiling": "floor", "floor": "ceiling", "half_ceiling": "half_floor", "half_floor": "half_ceiling"}.get(how, how)
    return way * rounded(abs(x), how)


def decimal(number, places):
    sign = "-" if number < 0 else ""
    whole, rest = divmod(int(abs(number) * 10**places), 10**places)
    return f"{sign}{whole}.{rest:0{places}d}" if places else f"{sign}{whole}"


def shortest(number):
    places = 0
    while (number * 10**places).denominator != 1:
        places += 1
    return decimal(number, places)


# --- a file --------------------------------------------------------------------------------------------------------------------


class File:
    def __init__(self, raw, path, digits):
        for name in sorted(raw):
            if name not in FILE:
                bad(f"{path}.{name}")
        self.raw, self.path, self.digits = raw, path, digits

    def facts(self, columns):
        out = []
        for n, fact in enumerate(self.raw.get("fact", [])):
            path = f"{self.path}.fact[{n}]"
            for name in sorted(fact):
                if name not in ("table", "once", "when", "fields"):
                    bad(f"{path}.{name}")
            table = fact.get("table")
            if table not in SHAPE:
                bad(f"{path}.table")
            how = {name: kind for name, kind, _ in SHAPE[table] if kind != "map"}
            fields = {}
            for name, value in fact.get("fields", {}).items():
                if name not in how and not (name.startswith("dim_") and any(k == "map" for _, k, _ in SHAPE[table])):
                    bad(f"{path}.fields.{name}")
                fields[name] = Field(value, f"{path}.fields.{name}", self.raw, how.get(name, "text"), columns)
            for name, _, required in SHAPE[table]:
                if required and name not in fields:
                    bad(f"{path}.fields.{name}")
            for i, condition in enumerate(fact.get("when", [])):
                if columns is not None and condition.get("column") not in columns:
                    bad(f"{path}.when[{i}].column")
            places = [name for name, _, _ in SHAPE[table]]
            fields = dict(sorted(fields.items(), key=lambda f: (places.index(f[0]) if f[0] in places else len(places), key(f[0]))))
            out.append((table, fact.get("once", False), fact.get("when", []), fields))
        return out

    def read(self, text):
        columns, records = self.json_lines(text) if self.raw.get("format", "csv") == "json_lines" else self.csv(text)
        facts = self.facts(columns)
        report = {"rows": 0, "accepted": 0, "rejected": 0, "repeated": 0, "conflicts": 0}
        rejections, changes, taken, made, seen = [], [], {}, {}, set()
        for line, row in records:
            report["rows"] += 1
            try:
                if isinstance(row, Rejected):
                    raise row
                on = self.raw.get("repeats_on")
                repeat = json.dumps([row.get(c) for c in on] if on else row, sort_keys=True)
                again = repeat in seen
                seen.add(repeat)
                if again and self.raw.get("repeats", "refuse") == "refuse":
                    raise Rejected("duplicate_id")
                if again and self.raw.get("repeats") == "drop":
                    report["repeated"] += 1
                    report["accepted"] += 1
                    continue
                account = []
                new = [fact for fact in (self.make(f, row, line, account) for f in facts) if fact]
            except Rejected as r:
                report["rejected"] += 1
                rejections.append({"file": self.raw.get("name", ""), "line": line, "column": r.column, "table": r.table, "field": r.field, "code": r.code})
                continue
            report["accepted"] += 1
            changes += account
            otherwise = False
            for table, once, fact in new:
                if once:
                    first = made.setdefault((table, fact[SHAPE[table][0][0]]), fact)
                    if first is not fact:
                        otherwise = otherwise or first != fact
                        continue
                taken.setdefault(table, []).append(fact)
            report["conflicts"] += otherwise
        report["files"] = [{"name": self.raw.get("name", ""), **{k: report[k] for k in ("rows", "accepted", "rejected", "repeated")}}]
        report["rejections"] = rejections
        report["tables"] = [{"table": t, "facts": len(taken[t])} for t in TABLES if t in taken]
        report["rounded"] = len(changes)
        report["largest_change"] = shortest(max(changes, default=Fraction(0)))
        report["totals"] = self.totals(taken.get("documents", []))
        return {"facts": {t: [whole_row(t, r) for r in taken[t]] for t in TABLES if t in taken}, "report": report}

    def totals(self, documents):
        sums = {}
        for d in documents:
            count, amount, places = sums.get((d["currency"], d["kind"]), (0, Fraction(0), 0))
            places = max(places, len(d["amount"].partition(".")[2]), self.digits.get(d["currency"], 0))
            sums[(d["currency"], d["kind"])] = (count + 1, amount + Fraction(d["amount"]), places)
        return [
            {"currency": c, "kind": k, "documents": n, "amount": decimal(amount, places)} for (c, k), (n, amount, places) in sorted(sums.items())
        ]

    def make(self, fact, row, line, account):
        table, once, when, fields = fact
        for condition in when:
            cell = row.get(condition["column"])
            cell = "" if cell is None else cell
            if "empty" in condition and (cell == "") != condition["empty"]:
                return None
            if "equals" in condition and cell != condition["equals"]:
                return None
            if "not" in condition and cell == condition["not"]:
                return None
            if "one_of" in condition and cell not in condition["one_of"]:
                return None
        out = {}
        required = {name for name, _, needed in SHAPE[table] if needed}
        for name, field in fields.items():
            try:
                value = field.value(row, line, account)
                if value in (None, "") and name in required:
                    raise Refused("missing_field")
            except Refused as refused:
                raise Rejected(refused.code, field.column, table, name) from None
            if value in (None, ""):
                continue
            if name.startswith("dim_"):
                out.setdefault("dimensions", {})[name[4:]] = value
            else:
                out[name] = value
        return table, once, out

    def csv(self, text):
        text = text.removeprefix("\ufeff")
        mark, trim = self.raw.get("delimiter", ","), self.raw.get("trim", True)
        records, line, i = [], 1, 0
        while i < len(text):
            start, cells = line, []
            while True:
                if text[i : i + 1] == '"':
                    cell, i = "", i + 1
                    while i < len(text) and (text[i] != '"' or text[i + 1 : i + 2] == '"'):
                        line += text[i] == "\n"
                        cell, i = cell + text[i], i + (2 if text[i] == '"' else 1)
                    i += 1
                else:
                    end = i
                    while end < len(text) and text[end] not in (mark, "\n", "\r"):
                        end += 1
                    cell, i = text[i:end], end
                cells.append(cell.strip() if trim else cell)
                if text[i : i + 1] == mark:
                    i += 1
                    continue
                break
            i += text[i : i + 2] == "\r\n" or 0
            i += text[i : i + 1] in ("\n", "\r") and i < len(text)
            line += 1
            if cells != [""]:
                records.append((start, cells))
        header = records[0][1] if records else []
        out = []
        for start, cells in records[1:]:
            if len(cells) != len(header):
                out.append((start, Rejected("missing_field" if len(cells) < len(header) else "unknown_field")))
            else:
                out.append((start, dict(zip(header, cells))))
        return header, out

    def json_lines(self, text):
        out = []
        trim = self.raw.get("trim", True)

        def pairs(found):
            names = [k for k, _ in found]
            if len(set(names)) != len(names):
                raise Rejected("duplicate_id")
            return dict(found)

        def flat(value, prefix, into):
            for name, v in value.items():
                if isinstance(v, dict):
                    flat(v, f"{prefix}{name}.", into)
                elif isinstance(v, bool):
                    into[prefix + name] = "true" if v else "false"
                else:
                    into[prefix + name] = v.strip() if isinstance(v, str) and trim else v
            return into

        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            try:
                value = json.loads(line, parse_float=str, parse_int=str, object_pairs_hook=pairs)
                out.append((number, flat(value, "", {}) if isinstance(value, dict) else Rejected("wrong_type")))
            except json.JSONDecodeError:
                out.append((number, Rejected("wrong_type")))
            except Rejected as rejected:
                out.append((number, rejected))
        return None, out


def whole_row(table, row):
    """A row with every column of its table, absent ones as null."""
    return {**{name: None for name, _, _ in SHAPE[table]}, **row}
