"""What is well-formed and still odd in a policy (docs/specification.md 9, Lint)."""

from fractions import Fraction

from values import key

CUSTOM = Fraction("2.50")


def lint(policy):
    out = []
    for name, procedure in policy["procedures"].items():
        path, levels = f"procedures.{name}", procedure["levels"]
        for i, level in enumerate(levels):
            at, after = f"{path}.levels[{i}]", levels[i + 1] if i + 1 < len(levels) else None
            if after is not None and procedure["escalation"] == "jump":
                if (level["days"], level["count_from"]) == (after["days"], after["count_from"]):
                    out.append(("unreachable_level", at))
            repeats = level["always"] or (after is None and procedure["after_last"] == "repeat")
            if repeats and procedure["interval_days"] == 0 and (level["count_from"] in ("due_date", "end_of_month") or level["days"] <= 0):
                out.append(("repeats_daily", at))
            if after is not None and procedure["escalation"] == "step" and level["pay_within_days"] is not None:
                if level["count_from"] == after["count_from"] == "due_date" and level["pay_within_days"] > after["days"] - level["days"]:
                    out.append(("notice_while_term_runs", f"{at}.pay_within_days"))
            if i > 0:
                for j, (currency, amount) in enumerate(level["minimum"].items()):
                    if currency in levels[i - 1]["minimum"] and amount < levels[i - 1]["minimum"][currency]:
                        out.append(("minimum_falls", f"{at}.minimum[{j}]"))
            if after is None and not level["hand_over"] and not repeats:
                out.append(("no_final_step", at))
            for fee in ("notice_fee", "line_fee"):
                entries = level[fee]["currencies"] if level[fee] is not None else {}
                for j, (currency, entry) in enumerate(entries.items()):
                    for k, tier in enumerate(entry["tiers"]):
                        if currency == "EUR" and tier["amount"] > CUSTOM:
                            out.append(("fee_above_custom", f"{at}.{fee}.currencies[{j}].tiers[{k}]"))
    return [{"code": code, "path": path} for code, path in sorted(out, key=lambda w: (key(w[1]), key(w[0])))]
