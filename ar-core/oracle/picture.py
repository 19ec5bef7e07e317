"""The rows that are drawn, and in which colours (docs/specification.md 16)."""

import datetime
from fractions import Fraction

import aging
import credit
import credit_policy
import kpi
import kpi_policy
import policy as policies
import provision_history
import provision_policy
from policy import bad, is_whole
from values import Failure, add_months, fail, key, ratio, show
from view import View

KINDS = ["aging_over_time", "concentration", "exposure", "dso", "roll_rates", "days_to_pay"]
DSO = {"dso_simple": "days sales outstanding", "dso_best_possible": "best possible"}
DEFAULT_AGING = {"edges": [0, 30, 60, 90], "credits": "apart"}
APART = {"credits": "#9aa7b1", "disputed": "#7b5ea7", "on hold": "#4f5b66"}
NOT_DUE = ["d3e2ee", "8fb3cf"]
LATE = ["f3d27a", "e79d3c", "c1571a", "6f1d0b"]


def within(part, read):
    """A part's own fault, by its path in the whole."""
    try:
        return read()
    except Failure as failure:
        for problem in failure.problems:
            problem["field"] = part if problem["field"] is None else f"{part}.{problem['field']}"
        raise


def policy(raw):
    fields = {"version": 1, "id": "", "picture": KINDS, "known": ["now", "then"], "per": ["customer", "family"]}
    names = [*fields, "currency", "months", "top", "aging", "credit", "kpi"]
    p = policies.envelope(raw, {**{n: None for n in names}, **fields})
    for name, default in (("months", 13), ("top", 20)):
        p[name] = raw.get(name, default)
        if not is_whole(p[name]) or not 0 <= p[name] < 2**32:
            bad(name)
    if p["currency"] is not None and not isinstance(p["currency"], str):
        bad("currency")
    for name in ("months", "top"):
        if not 1 <= p[name] <= 200:
            bad(name)
    p["aging"] = within("aging", lambda: policies.aging(raw.get("aging", DEFAULT_AGING)))
    p["credit"] = within("credit", lambda: credit_policy.credit(raw.get("credit", {})))
    p["kpi"] = within("kpi", lambda: kpi_policy.kpi(raw.get("kpi", {})))
    # A policy of loss rates is read from what stood there.
    p["buckets"] = {**raw.get("aging", DEFAULT_AGING), "currency": "document"}
    return p


def picture(view, p):
    return globals()[p["picture"]](view, p)


def where(p):
    return {} if p["currency"] is None else {"currency": [p["currency"]]}


def aged(view, p, by=()):
    return aging.Aging(view, p["aging"], by, where(p)).report()


def days(last, months):
    first = last.replace(day=1)
    ends = [add_months(first, 1 - back) for back in range(months - 1, 0, -1)]
    return [end - datetime.timedelta(days=1) for end in ends if end is not None and end > datetime.date.min] + [last]


def aging_over_time(view, p):
    seen = []
    for on in days(view.on, p["months"]):
        known = view.known if p["known"] == "now" else on if view.known is None else min(on, view.known)
        seen.append((on, aged(View(view.ledger, on, known), p)))
    labels = seen[-1][1]["labels"]
    values = []
    for currency in sorted({row["currency"] for _, report in seen for row in report["totals"]}, key=key):
        for on, report in seen:
            total = [row for row in report["totals"] if row["currency"] == currency]
            for place, label in enumerate(labels):
                open_ = total[0]["buckets"][place] if total else show(0, view.ledger.settings.digits[currency])
                values.append({"day": on.isoformat(), "currency": currency, "bucket": label, "place": place, "open": open_})
    told = "as known on it" if p["known"] == "then" else "with all that is known" if view.known is None else f"as known on {view.known}"
    return {"title": "Open receivables by age", "subtitle": f"as of each day, {told}", "values": values, "colours": colours(p["aging"], labels)}


def colours(policy, labels):
    plain = len(policy["edges"]) + 1
    apart = len(labels) - plain
    early = max(1, sum(edge <= 0 for edge in policy["edges"]))
    out = [APART[label] for label in labels[:apart]]
    for at in range(plain):
        if at >= early:
            out.append(between(LATE, at - early, plain - early))
        else:
            # One alone has the darker end.
            out.append(between(NOT_DUE, at if early > 1 else 1, max(2, early)))
    return out


def between(stops, at, count):
    steps = max(1, count - 1)
    before, part = divmod(at * (len(stops) - 1), steps)
    low, high = (stops[min(place, len(stops) - 1)] for place in (before, before + 1))
    channels = ((int(low[i : i + 2], 16), int(high[i : i + 2], 16)) for i in (0, 2, 4))
    return "#" + "".join(f"{(a * (steps - part) + b * part) // steps:02x}" for a, b in channels)


def minor(text):
    return int(text.replace(".", ""))


def concentration(view, p):
    rows = [row for row in aged(view, p, ["customer"])["rows"] if minor(row["total"]) > 0]
    rows.sort(key=lambda row: (key(row["currency"]), -minor(row["total"]), key(row["customer"])))
    values = []
    for currency in sorted({row["currency"] for row in rows}, key=key):
        panel = [row for row in rows if row["currency"] == currency]
        whole = sum(minor(row["total"]) for row in panel)
        so_far = 0
        for rank, row in enumerate(panel, 1):
            so_far += minor(row["total"])
            if rank <= p["top"] or rank == len(panel):
                values.append({"currency": currency, "rank": rank, "customer": row["customer"], "open": row["total"], "share": ratio(Fraction(so_far, whole), 4)})
    subtitle = f"{len({row['customer'] for row in rows})} that owe, as of {view.on}: how much the largest of them owe together"
    return {"title": "Concentration", "subtitle": subtitle, "values": values}


def exposure(view, p):
    aged(view, p)
    rows = credit.Credit(view, p["credit"]).all(p["per"], None)["rows"]
    rows = [row for row in rows if p["currency"] in (None, row["currency"])]
    rows.sort(key=lambda row: (key(row["currency"]), -minor(row["exposure"]), key(row["customer"])))
    values = []
    for currency in sorted({row["currency"] for row in rows}, key=key):
        panel = [row for row in rows if row["currency"] == currency]
        for place, row in enumerate(panel[: p["top"]]):
            above = row["limit"] is not None and minor(row["exposure"]) > minor(row["limit"])
            standing = "without a limit" if row["limit"] is None else "above its limit" if above else "within its limit"
            values.append({"currency": currency, "place": place, "customer": row["customer"], "exposure": row["exposure"], "limit": row["limit"], "standing": standing})
    whose = "customers" if p["per"] == "customer" else "families"
    return {"title": "Exposure against limit", "subtitle": f"the largest {whose}, as of {view.on}", "values": values}


def dso(view, p):
    asked = {**p["kpi"], "kpis": list(DSO), "series_months": p["months"], "ratings": []}
    rows = kpi.report(view, asked, (), where(p))["rows"]
    rows.sort(key=lambda row: (key(row["currency"]), row["to"]))
    values = []
    for row in rows:
        for name, value in zip(DSO.values(), row["values"]):
            values.append({"day": row["to"], "currency": row["currency"], "figure": name, "days": value["value"], "undefined": value["undefined"]})
    months = p["kpi"]["months"]
    window = "the month" if months == 1 else f"the {months} months"
    subtitle = f"by the sales of {window} until each day; between the lines lies what is overdue"
    return {"title": "Days sales outstanding", "subtitle": subtitle, "values": values}


def days_to_pay(view, p):
    asked = {**p["kpi"], "kpis": ["days_to_pay"], "currency": "document"}
    kpis = kpi.Kpis(view, asked, (), where(p))
    counts = {}
    for documents in kpis.groups.values():
        for document, cleared in kpis.cleared(documents):
            place = (document["currency"], (cleared - document["document_date"]).days)
            counts[place] = counts.get(place, 0) + 1
    values = []
    for currency, days in sorted(counts, key=lambda place: (key(place[0]), place[1])):
        own = {d: n for (c, d), n in counts.items() if c == currency}
        so_far = sum(n for d, n in own.items() if d <= days)
        values.append({"currency": currency, "days": days, "invoices": own[days], "share_so_far": ratio(Fraction(so_far, sum(own.values())), 4)})
    months = p["kpi"]["months"]
    window = "the month" if months == 1 else f"the {months} months"
    subtitle = f"invoices cleared with money in {window} until {view.on}, from their date to that day"
    return {"title": "Days to pay", "subtitle": subtitle, "values": values}


def roll_rates(view, p):
    start = add_months(view.on.replace(day=1), 1 - p["months"])
    if start is None:
        fail("impossible_date", "months")
    raw = {"aging": p["buckets"], "method": "roll_rates", "from": start.isoformat(), "where": where(p)}
    moves = provision_history.LossRates(view, provision_policy.loss_rates(raw)).answer()["moves"]
    values = []
    for move in moves:
        same = [one for one in moves if (one["currency"], one["from"]) == (move["currency"], move["from"])]
        whole = sum(minor(one["amount"]) for one in same)
        share = None if whole == 0 else ratio(Fraction(minor(move["amount"]), whole), 4)
        values.append({"currency": move["currency"], "from": move["from"], "to": move["to"], "amount": move["amount"], "share": share})
    subtitle = f"what was open at each month's end since {start}, and where it was a month later"
    return {"title": "Roll rates", "subtitle": subtitle, "values": values}
