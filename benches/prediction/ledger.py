"""The invoices of the two data folders as plain arrays, and the days on which banks are open."""

import datetime as dt

import numpy as np
import pandas as pd

ORIGIN = dt.date(2018, 1, 1)  # a Monday, so that day % 7 is 0 on Mondays
UNIX = (dt.date(1970, 1, 1) - ORIGIN).days


def day(text):
    return (dt.date.fromisoformat(text) - ORIGIN).days


def read(path, kind):
    """One row per invoice: customer, company, terms, posted, due, cleared (days), amount. Repeats are dropped."""
    raw = pd.read_csv(path, dtype=str)
    if kind == "hrc-derived":
        raw = raw.drop_duplicates(["cust_number", "due_in_date", "clear_date", "total_open_amount"])
        names = dict(customer="cust_number", company="business_code_inferred", terms="cust_payment_terms_inferred",
                     posted="posting_date_inferred", due="due_in_date", cleared="clear_date", amount="total_open_amount")
    else:
        names = dict(customer="customerID", company="countryCode", terms="PaperlessBill", posted="InvoiceDate",
                     due="DueDate", cleared="SettledDate", amount="InvoiceAmount")
    out = pd.DataFrame({name: raw[column] for name, column in names.items()})
    for column in ("posted", "due", "cleared"):
        out[column] = (pd.to_datetime(out[column]) - pd.Timestamp(ORIGIN)).dt.days
    for column in ("customer", "company", "terms"):
        out[column] = out[column].astype("category").cat.codes
    out["amount"] = out["amount"].astype(float)
    out["posted"] = np.minimum(out.posted, out.cleared)
    return out.sort_values(["posted", "due", "customer", "amount"], kind="stable").reset_index(drop=True)


def us_bank_holidays(first, last):
    """By rule; one that falls on a Sunday is kept on the Monday."""
    def nth(year, month, weekday, count):
        start = dt.date(year, month, 1)
        return start + dt.timedelta((weekday - start.weekday()) % 7 + 7 * (count - 1))

    days = set()
    for year in range(first, last + 1):
        for month, of_month in ((1, 1), (7, 4), (11, 11), (12, 25)):
            date = dt.date(year, month, of_month)
            days.add(date + dt.timedelta(1) if date.weekday() == 6 else date)
        days |= {nth(year, 1, 0, 3), nth(year, 2, 0, 3), nth(year, 9, 0, 1), nth(year, 10, 0, 2), nth(year, 11, 3, 4)}
        end_of_may = dt.date(year, 5, 31)
        days.add(end_of_may - dt.timedelta(end_of_may.weekday()))
    return {(date - ORIGIN).days for date in days}


class BankingDays:
    def __init__(self, first, last, every_day=False):
        self.low = first - 800
        days = np.arange(self.low, last + 800)
        closed = us_bank_holidays(2010, 2024)
        is_open = np.array([every_day or (d % 7 < 5 and d not in closed) for d in days])
        self.days = days[is_open]
        self.upto = np.cumsum(is_open)

    def place(self, d):
        """Of the banking day that is d or the next after it."""
        return self.upto[np.asarray(d) - self.low - 1]

    def day(self, place):
        return self.days[np.clip(place, 0, len(self.days) - 1)]

    def following(self, d):
        return self.day(self.place(d))

    def preceding(self, d):
        return self.day(self.upto[np.asarray(d) - self.low] - 1)

    def nearest(self, when):
        """The banking day nearest to a moment; of two equally near the later."""
        whole = np.round(when).astype(int)
        after, before = self.following(whole), self.preceding(whole)
        return np.where(np.abs(after - when) <= np.abs(when - before), after, before)
