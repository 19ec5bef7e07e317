"""LightGBM as somebody would set it up who knows the subject: features as of the day of asking, one model per quantile,
trained on invoices old enough that nearly all are paid, each forecast moved to the nearest banking day."""

import time

import lightgbm as lgb
import numpy as np
import pandas as pd

LEVELS = np.round(np.arange(0.05, 0.951, 0.05), 2)
SETTINGS = dict(objective="quantile", learning_rate=0.05, num_leaves=31, feature_fraction=0.5, bagging_fraction=0.7,
                bagging_freq=1, num_threads=1, verbose=-1, seed=1)
MATURE = 30  # days past due before an invoice is trained on
LATEST = 60  # payments of a customer that are looked at


class Features:
    """What is known of an invoice and its customer before a day: payments cleared and invoices posted before it."""

    def __init__(self, ledger, banking):
        self.ledger, self.banking = ledger, banking
        self.posted, self.due, self.cleared = (ledger[c].to_numpy() for c in ("posted", "due", "cleared"))
        self.log_amount = np.log1p(ledger.amount.to_numpy())
        self.amount = ledger.amount.to_numpy()
        self.delay = self.cleared - self.due
        self.steps = banking.place(self.cleared) - banking.place(self.due)
        self.paid, self.known = {}, {}
        for customer, rows in ledger.groupby("customer").indices.items():
            self.paid[customer] = rows[np.argsort(self.cleared[rows], kind="stable")]
            self.known[customer] = rows[np.argsort(self.posted[rows], kind="stable")]
        self.paid_day = {c: self.cleared[rows] for c, rows in self.paid.items()}
        self.known_day = {c: self.posted[rows] for c, rows in self.known.items()}
        self.dates = {}

    def table(self, rows, days, with_open):
        return pd.DataFrame([self.row(i, d, with_open) for i, d in zip(rows, days)]).astype("float32")

    def row(self, i, day, with_open):
        customer, due = self.ledger.customer.iat[i], self.due[i]
        if due not in self.dates:
            date = pd.Timestamp("2018-01-01") + pd.Timedelta(days=int(due))
            self.dates[due] = (date.day, date.days_in_month - date.day)
        of_month, to_end = self.dates[due]
        f = dict(amount=self.log_amount[i], company=self.ledger.company.iat[i], terms=self.ledger.terms.iat[i],
                 days_of_terms=due - self.posted[i], due_weekday=due % 7, posted_weekday=self.posted[i] % 7,
                 due_of_month=of_month, due_to_month_end=to_end, roll=self.banking.following(due) - due,
                 roll_back=due - self.banking.preceding(due), to_due=due - day, age=day - self.posted[i])
        count = np.searchsorted(self.paid_day[customer], day, "left")
        if count:
            self.of_payments(f, i, day, self.paid[customer][max(0, count - LATEST):count])
        if with_open:
            known = self.known[customer][:np.searchsorted(self.known_day[customer], day, "left")][-200:]
            is_open = known[self.cleared[known] >= day]
            f["open"] = len(is_open)
            if len(is_open):
                dues = self.due[is_open]
                f.update(open_amount=np.log1p(self.amount[is_open].sum()), open_oldest=day - dues.min(),
                         open_late=(dues < day).sum(), open_before=(dues < due).sum(), open_same=(dues == due).sum())
        return f

    def of_payments(self, f, i, day, rows):
        due, delay, steps, cleared = self.due[i], self.delay[rows], self.steps[rows], self.cleared[rows]
        weight = 0.5 ** (np.arange(len(rows))[::-1] / 10)
        f["delay_mean"], f["delay_spread"] = delay.mean(), delay.std()
        for level, value in zip((10, 25, 50, 75, 90), np.quantile(delay, (0.1, 0.25, 0.5, 0.75, 0.9))):
            f[f"delay_q{level}"] = value
        for level, value in zip((10, 50, 90), np.quantile(steps, (0.1, 0.5, 0.9))):
            f[f"steps_q{level}"] = value
        f["delay_recent"], f["steps_recent"] = (np.dot(weight, v) / weight.sum() for v in (delay, steps))
        f["delay_last"], f["delay_last_3"] = delay[-1], delay[-3:].mean()
        f["late_share"], f["late_15_share"] = (delay > 0).mean(), (delay > 15).mean()
        f["since_last"] = day - cleared[-1]
        same = delay[self.due[rows] % 7 == due % 7]
        f["same_weekday"] = np.median(same) if len(same) else np.nan
        for weekday, share in enumerate(np.bincount(cleared % 7, minlength=7)[:5] / len(rows)):
            f[f"weekday_{weekday}"] = share
        base = self.banking.place(due)
        f["snap"] = self.banking.day(base + int(np.round(f["steps_q50"]))) - due
        f["snap_recent"] = self.banking.day(base + int(np.round(f["steps_recent"]))) - due
        near = np.argsort(np.abs(self.log_amount[rows] - self.log_amount[i]), kind="stable")[:10]
        f["alike"] = np.median(delay[near])
        f["amount_relative"] = self.log_amount[i] - np.median(self.log_amount[rows])
        f["front"] = self.due[rows[-20:]].max() - cleared[-1]
        runs = len(np.unique(cleared))
        f["runs"], f["run_gap"] = runs / len(rows), (cleared[-1] - cleared[0]) / max(1, runs - 1)
        f["later_due_paid"] = (self.due[rows] > due).sum()
        f["later_posted_paid"] = (self.posted[rows] > self.posted[i]).sum()


def quantiles(train, target, test, least):
    """19 models; the forecasts of each row sorted. Also CPU seconds to fit and to predict."""
    fit = ask = 0.0
    columns = []
    for level in LEVELS:
        started = time.process_time()
        settings = {**SETTINGS, "alpha": level, "min_data_in_leaf": least}
        model = lgb.train(settings, lgb.Dataset(train, target), 200)
        fitted = time.process_time()
        columns.append(model.predict(test))
        fit, ask = fit + fitted - started, ask + time.process_time() - fitted
    return np.sort(np.stack(columns, 1), axis=1), fit, ask
