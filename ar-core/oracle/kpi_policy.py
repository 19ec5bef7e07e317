"""The policy of key figures, with every default filled in, or the first offence (docs/specification.md 13)."""

import policy as policies
from policy import bad, is_whole
from values import Refused, exact

UNDEFINED = {
    "dso_simple": "no_sales",
    "dso_countback": None,
    "dso_best_possible": "no_sales",
    "dso_true": "nothing_invoiced",
    "dso_rolling": "no_sales",
    "average_days_delinquent": "no_sales",
    "days_credit_granted": "no_sales",
    "payment_terms_days": "nothing_invoiced",
    "extended_dso": None,
    "cei": "nothing_to_collect",
    "cei_monthly_average": "nothing_to_collect",
    "ar_turnover": "no_receivables",
    "days_to_pay": "nothing_cleared",
    "days_to_pay_weighted": "nothing_cleared",
    "days_late": "nothing_cleared",
    "days_late_weighted": "nothing_cleared",
    "percent_current": "no_receivables",
    "percent_past_due": "no_receivables",
    "at_risk_cash": None,
    "bad_debt_ratio": "no_sales",
    "unapplied_share": "no_receivables",
    "concentration_top": "no_receivables",
    "concentration_herfindahl": "no_receivables",
    "promise_kept_rate": "no_promises",
    "promise_partly_kept_rate": "no_promises",
    "promise_kept_share": "no_promises",
    "dispute_cycle_days": "no_disputes",
    "days_deductions_outstanding": "no_disputes",
    "discount_taken": None,
    "discount_earned_share": "no_discounts",
    "auto_match_rate": "not_in_ledger",
}
KPIS = list(UNDEFINED)
CHOICES = {
    "days": ["calendar", "thirty"],
    "currency": ["document", "base"],
    "sales": ["gross", "net"],
    "credit_notes": ["lower", "left_out"],
    "unapplied": ["included", "left_out"],
    "disputed": ["included", "left_out"],
    "early": ["negative", "zero", "left_out"],
    "rounding": "half_away_from_zero half_toward_zero half_even half_ceiling half_floor up down ceiling floor".split(),
}
NUMBERS = {"months": 3, "history_months": 24, "series_months": 1, "at_risk_days": 90, "top": 5, "tolerance_days": 0, "digits": 2}
LIMITS = [
    ("months", 1, 120),
    ("history_months", 1, 120),
    ("series_months", 1, 120),
    ("at_risk_days", 0, 36_525),
    ("tolerance_days", 0, 36_525),
    ("top", 1, 2**32 - 1),
    ("digits", 0, 8),
]


def kpi(raw):
    p = policies.envelope(raw, {"version": 1, "id": "", **CHOICES, **dict.fromkeys([*NUMBERS, "kpis", "ratings"])})
    # What is wrong with a shape is told before what is wrong with a value.
    p["id"] = raw.get("id", "")
    p["kpis"] = raw.get("kpis", KPIS)
    if not isinstance(p["kpis"], list) or any(not isinstance(name, str) or name not in KPIS for name in p["kpis"]):
        bad("kpis")
    for name, default in NUMBERS.items():
        p[name] = raw.get(name, default)
        if not is_whole(p[name]) or not 0 <= p[name] < (256 if name == "digits" else 2**32):
            bad(name)
    p["ratings"] = [rating(one) for one in members(raw, "ratings", "ratings")]
    if not p["kpis"]:
        bad("kpis")
    for n, name in enumerate(p["kpis"]):
        if name in p["kpis"][:n]:
            bad(f"kpis[{n}]")
    for name, least, most in LIMITS:
        if not least <= p[name] <= most:
            bad(name)
    for n, one in enumerate(p["ratings"]):
        if not one["rating"]:
            bad(f"ratings[{n}].rating")
        for m, condition in enumerate(one["conditions"]):
            if condition["kpi"] not in p["kpis"]:
                bad(f"ratings[{n}].conditions[{m}].kpi")
            if condition["at_least"] is condition["at_most"] is None:
                bad(f"ratings[{n}].conditions[{m}]")
    return p


def members(raw, name, path):
    held = raw.get(name, [])
    if not isinstance(held, list) or any(not isinstance(one, dict) for one in held):
        bad(path)
    return held


def rating(raw):
    if set(raw) - {"rating", "conditions"} or not isinstance(raw.get("rating"), str):
        bad("ratings")
    conditions = [condition(one) for one in members(raw, "conditions", "ratings")]
    return {"rating": raw["rating"], "conditions": conditions}


def condition(raw):
    if set(raw) - {"kpi", "at_least", "at_most"} or raw.get("kpi") not in KPIS:
        bad("ratings")
    out = {"kpi": raw["kpi"]}
    for name in ("at_least", "at_most"):
        try:
            out[name] = None if raw.get(name) is None else exact(raw[name])
        except Refused:
            bad("ratings")
        out[name + "_text"] = raw.get(name)
    return out
