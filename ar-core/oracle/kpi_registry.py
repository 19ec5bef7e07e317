"""What the registry of key figures says of each that can be compared (docs/specification.md 13)."""

from kpi_policy import KPIS

PERCENT = """cei cei_monthly_average percent_current percent_past_due bad_debt_ratio unapplied_share concentration_top promise_kept_rate
    promise_partly_kept_rate promise_kept_share discount_earned_share auto_match_rate""".split()
UNITS = {"ar_turnover": "times", "at_risk_cash": "money", "discount_taken": "money", "concentration_herfindahl": "points"}
APART = "dso_countback extended_dso concentration_top concentration_herfindahl auto_match_rate".split()


def registry():
    out = []
    for name in KPIS:
        unit = "percent" if name in PERCENT else UNITS.get(name, "days")
        additive = "value" if unit == "money" else "no" if name in APART else "ratio"
        out.append({"id": name, "unit": unit, "additive": additive})
    return out
