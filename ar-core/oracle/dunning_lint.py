"""What is well-formed and still odd in a policy (docs/specification.md 9, Lint)."""

from fractions import Fraction

from values import key

CUSTOM = Fraction("2.50")
LEGAL = {"DKK": (100, 3), "SEK": (60, 99)}  # the most for a reminder, and how many may cost


def charges(level, currency):
    """Does a level cost a fee in a currency?"""
    return any(level[fee] is not None and currency in level[fee]["currencies"] for fee in ("notice_fee", "line_fee"))


def tiers_above(fee, entry, most):
    """The tiers with which a fee may come to more than an amount; None is without bound."""
    total, out, tiers = Fraction(0), [], entry["tiers"]
    for k, tier in enumerate(tiers):
        after = tiers[k + 1]["from"] if k + 1 < len(tiers) else None
        own = tier["amount"]
        if tier["percent"]:
            part = None if after is None else after - (tier["from"] if fee["mode"] == "accumulated" else 0)
            own = None if part is None else own + part * tier["percent"] / 100
        if tier["maximum"] is not None:
            own = tier["maximum"] if own is None else min(own, tier["maximum"])
        if own is not None and tier["minimum"] is not None:
            own = max(own, tier["minimum"])
        if fee["mode"] == "accumulated":
            total = None if None in (total, own) else total + own
        else:
            total = own
        if total is None or total > most:
            out.append(k)
    return out


def lasts(procedure, days, name):
    """The calendar days that days of a kind last at least."""
    if procedure[name] == "calendar_days":
        return days
    off = len(procedure["calendar"]["weekend"])
    return days + off * (days // (7 - off))


def is_longer(procedure, term, other, name):
    if procedure["pay_within_count"] == procedure[name]:
        return term > other
    return lasts(procedure, term, "pay_within_count") > lasts(procedure, other, name)


def lint(policy):
    out, seen = [], set()
    for n, one in enumerate(policy["assign"]):
        for k, name in enumerate(one["names"]):
            if (one["list"], name) in seen:
                out.append(("assigned_twice", f"assign[{n}].{one['list']}[{k}]"))
            seen.add((one["list"], name))
    if policy["charges"] == "shown":
        levels = [level for one in policy["procedures"].values() for level in one["levels"]]
        if any(level["notice_fee"] or level["line_fee"] or level["interest"] or level["compensation"] for level in levels):
            out.append(("charges_lost", "charges"))
    for name, procedure in policy["procedures"].items():
        path, levels = f"procedures.{name}", procedure["levels"]
        if policy["procedure"] != name and name not in [one["procedure"] for one in policy["assign"]]:
            out.append(("unused_procedure", path))
        if not policy["calendar"]["weekend"] and not policy["calendar"]["holidays"]:
            out += [("every_day_counts", f"{path}.{n}") for n in ("count", "interval_count", "pay_within_count") if procedure[n] == "business_days"]
        if procedure["escalation"] == "step" and procedure["max_notices"] is not None and procedure["max_notices"] < len(levels):
            out.append(("max_notices_below_levels", f"{path}.max_notices"))
        if procedure["minimum_days"] is not None and all(level["count_from"] == "due_date" for level in levels):
            if procedure["minimum_days"] > levels[-1]["days"]:
                out.append(("minimum_days_above_levels", f"{path}.minimum_days"))
        for i, level in enumerate(levels):
            at, after = f"{path}.levels[{i}]", levels[i + 1] if i + 1 < len(levels) else None
            if after is not None and procedure["escalation"] == "jump":
                if (level["days"], level["count_from"]) == (after["days"], after["count_from"]):
                    out.append(("unreachable_level", at))
            if procedure["escalation"] == "jump" and i > 0 and level["count_from"].startswith("last_notice"):
                out.append(("jump_over_last_notice", at))
            if i == 0 and level["count_from"].startswith("last_notice"):
                out.append(("first_after_notice", at))
            if procedure["grace"] == "threshold" and level["count_from"] == "due_date" and 0 < level["days"] < procedure["grace_days"]:
                out.append(("grace_above_level", f"{at}.days"))
            repeats = level["always"] or (after is None and procedure["after_last"] == "repeat")
            if repeats and procedure["interval_days"] == 0 and (level["count_from"] in ("due_date", "end_of_month") or level["days"] <= 0):
                out.append(("repeats_daily", at))
            if after is not None and procedure["escalation"] == "step" and level["pay_within_days"] is not None:
                if level["count_from"] == after["count_from"] == "due_date" and is_longer(procedure, level["pay_within_days"], after["days"] - level["days"], "count"):
                    out.append(("notice_while_term_runs", f"{at}.pay_within_days"))
                elif after["count_from"] in ("due_date", "end_of_month") and is_longer(procedure, level["pay_within_days"], procedure["interval_days"], "interval_count"):
                    out.append(("interval_below_term", f"{at}.pay_within_days"))
            if i > 0:
                for j, (currency, amount) in enumerate(level["minimum"].items()):
                    if currency in levels[i - 1]["minimum"] and amount < levels[i - 1]["minimum"][currency]:
                        out.append(("minimum_falls", f"{at}.minimum[{j}]"))
            if after is None and not level["hand_over"] and not repeats:
                out.append(("no_final_step", at))
            for fee in ("notice_fee", "line_fee"):
                entries = level[fee]["currencies"] if level[fee] is not None else {}
                for j, (currency, entry) in enumerate(entries.items()):
                    if currency in LEGAL:
                        most, times = LEGAL[currency]
                        if len([one for one in levels[:i] if charges(one, currency)]) >= times:
                            out.append(("legal_limit", f"{at}.{fee}.currencies[{j}]"))
                        out += [("legal_limit", f"{at}.{fee}.currencies[{j}].tiers[{k}]") for k in tiers_above(level[fee], entry, most)]
                    for k in tiers_above(level[fee], entry, CUSTOM):
                        if currency == "EUR":
                            out.append(("fee_above_custom", f"{at}.{fee}.currencies[{j}].tiers[{k}]"))
    return [{"code": code, "path": path} for code, path in sorted(out, key=lambda w: (key(w[1]), key(w[0])))]
