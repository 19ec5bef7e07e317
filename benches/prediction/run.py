"""The prediction protocol: our model beside LightGBM, on the same rows, each trained with what was known at the cut-off.

    python benches/prediction/run.py --data FOLDER --protocol BINARY --out FILE [--window 2019-07-01:61] [--ledger ibm-ar]

Two tasks per window. `creation`: every invoice posted in the window, asked about on its day of posting. `open`: every
invoice open on each Monday of the first 8 weeks. A question of a day knows payments cleared before it and invoices
posted before it. The difference of the mean absolute errors is drawn again 2,000 times over customers.
"""

import argparse
import hashlib
import json
import pickle
import subprocess
import time
from pathlib import Path

import numpy as np
import pandas as pd

from ledger import ORIGIN, UNIX, BankingDays, day, read
from peer import LEVELS, MATURE, Features, quantiles

WINDOWS = {"C1": ("2019-09-01", 61), "C2": ("2020-01-01", 57), "P": ("2019-11-19", 101)}
LEDGERS = {"hrc-derived": "closed.csv", "ibm-ar": "WA_Fn-UseC_-Accounts-Receivable.csv"}
WEEKS = 8
BURN = 31  # days of history before the first invoice that is trained on
KEY = ["customer", "posted", "due", "cleared", "minor", "day"]


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--data", required=True)
    ask.add_argument("--protocol", required=True)
    ask.add_argument("--out", required=True)
    ask.add_argument("--ledger", default="hrc-derived", choices=LEDGERS)
    ask.add_argument("--window")
    ask.add_argument("--threads", default="2")
    wish = ask.parse_args()
    path = Path(wish.data) / wish.ledger / LEDGERS[wish.ledger]
    windows = WINDOWS
    if wish.window:
        start, _, length = wish.window.partition(":")
        windows = {wish.window: (start, int(length or 61))}
    elif wish.ledger == "ibm-ar":
        windows = {name: (start, 61) for name, start in (("2013-03-01:61", "2013-03-01"), ("2013-07-01:61", "2013-07-01"))}
    world = World(path, wish)
    records = []
    for name, (start, length) in windows.items():
        records += world.window(name, start, length)
    out = Path(wish.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(records, indent=1) + "\n")
    print(f"\nwritten to {out}")


class World:
    def __init__(self, path, wish):
        self.path, self.wish = path, wish
        self.ledger = read(path, wish.ledger)
        every_day = (self.ledger.cleared % 7 >= 5).mean() > 0.1
        self.banking = BankingDays(self.ledger.posted.min(), self.ledger.cleared.max(), every_day)
        self.features = Features(self.ledger, self.banking)
        self.kept = Kept(path, Path(wish.out).parent)
        self.ledger["minor"] = np.floor(self.ledger.amount * 100 + 0.5).astype(int)

    def window(self, name, start, length):
        cut = day(start)
        ours = self.ours(name, start, length)
        records = []
        for task in ("creation", "open"):
            rows, days, test = self.asked(task, cut, length)
            theirs, fit, predict = self.theirs(task, cut, rows, days, test)
            due, cleared = self.ledger.due.to_numpy()[rows[test]], self.ledger.cleared.to_numpy()[rows[test]]
            mine = self.matched(ours[ours.task == task], rows[test], days[test])
            truth, customer = cleared - due, self.ledger.customer.to_numpy()[rows[test]]
            level = [f"q{k}" for k in range(19)]
            found = {
                "receivables": Judged(truth, mine[level].to_numpy(), mine.below.to_numpy(), mine.upto.to_numpy(),
                                      mine.train.iat[0], mine.us.iat[0]),
                "hier_snap": Judged(truth, mine[["s" + q for q in level]].to_numpy(), mine.own_below.to_numpy(),
                                    mine.own_upto.to_numpy(), mine.own_train.iat[0], mine.own_us.iat[0]),
                "lightgbm_snapped": Judged(truth, theirs, *steps(truth, theirs), fit, predict / len(truth) * 1e6),
                "due_date": Judged.point(truth, np.maximum(0, self.banking.following(days[test]) - due)),
            }
            print(f"\n{name}, {task}: {len(truth):,} rows; trained on what was known before {start}")
            print(f"{'model':18}{'mae':>7}{'crps':>7}{'exact':>7}{'in 3':>7}{'pit80':>7}{'train s':>9}{'us/item':>9}  mae less lightgbm_snapped")
            for model, judged in found.items():
                low, high = judged.difference(found["lightgbm_snapped"], customer)
                record = dict(window=name, task=task, model=model, n=len(truth), **judged.figures, mae_diff_lo=low, mae_diff_hi=high)
                records.append(record)
                tell(record)
        return records

    def ours(self, name, start, length):
        out = Path(self.wish.out).parent / "prediction-forecasts.csv"
        subprocess.run([self.wish.protocol, "--data", self.path, "--cut", start, "--days", str(length), "--weeks", str(WEEKS),
                        "--burn", str(BURN), "--threads", self.wish.threads, "--out", out], check=True)
        level = [f"q{k}" for k in range(19)]
        names = ["task", *KEY, "us", "train", "below", "upto", *level, "own_train", "own_us", "own_below", "own_upto", *["s" + q for q in level]]
        found = pd.read_csv(out, names=names)
        for column in ("posted", "due", "cleared", "day"):
            found[column] += UNIX
        return found

    def asked(self, task, cut, length):
        """Rows and days that are asked about, for training and for the test; a mask of the test."""
        posted, cleared = self.ledger.posted.to_numpy(), self.ledger.cleared.to_numpy()
        burnt = posted.min() + BURN
        if task == "creation":
            rows = np.flatnonzero((posted >= burnt) & (posted < cut + length))
            return rows, posted[rows], posted[rows] >= cut
        first = burnt + 28 + (-(burnt + 28)) % 7
        rows, days = [], []
        for monday in range(first, cut + (-cut) % 7 + 7 * WEEKS, 7):
            if cut - 3 <= monday < cut:
                continue
            is_open = np.flatnonzero((posted < monday) & (cleared >= monday))
            rows.append(is_open)
            days.append(np.full(len(is_open), monday))
        rows, days = np.concatenate(rows), np.concatenate(days)
        return rows, days, days >= cut

    def theirs(self, task, cut, rows, days, test):
        table = self.kept.table(self.features, rows, days, task == "open")
        due, cleared = self.ledger.due.to_numpy()[rows], self.ledger.cleared.to_numpy()[rows]
        # Of what is still open at the cut-off only a bound is known.
        target = np.where(cleared < cut, cleared, cut) - due
        mature = ~test & (np.maximum(due, days) < cut - MATURE if task == "open" else due < cut - MATURE)
        found, fit, predict = quantiles(table[mature], target[mature], table[test], 60 if task == "open" else 40)
        found = self.banking.nearest(due[test][:, None] + found) - due[test][:, None]
        if task == "open":
            found = np.maximum(found, (self.banking.following(days) - due)[test][:, None])
        return np.sort(found, axis=1).astype(float), fit, predict

    def matched(self, ours, rows, days):
        """Our forecasts in the order of the peer's rows; those of equal invoices are equal."""
        want = self.ledger.iloc[rows][["customer", "posted", "due", "cleared", "minor"]].assign(day=days)
        want, ours = (f.assign(copy=f.groupby(KEY).cumcount()) for f in (want.reset_index(drop=True), ours))
        found = want.merge(ours, on=[*KEY, "copy"], how="left", validate="one_to_one")
        if len(ours) != len(want) or found.q9.isna().any():
            raise SystemExit(f"the two sides asked about different rows: {len(ours)} and {len(want)}")
        return found


class Kept:
    """The peer's features, kept below the build's folder: they take minutes and are the same in every run."""

    def __init__(self, path, folder):
        code = Path(__file__).with_name("peer.py").read_bytes() + Path(__file__).with_name("ledger.py").read_bytes()
        key = hashlib.sha256(path.read_bytes() + code).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / f"prediction-features-{key}.pickle"
        self.tables = pickle.loads(self.file.read_bytes()) if self.file.exists() else {}

    def table(self, features, rows, days, with_open):
        kept = self.tables.get(with_open)
        want = pd.MultiIndex.from_arrays([rows, days])
        missing = want if kept is None else want.difference(kept.index)
        if len(missing):
            started = time.process_time()
            made = features.table(missing.get_level_values(0), missing.get_level_values(1), with_open).set_index(missing)
            print(f"features of the peer: {len(missing):,} rows in {time.process_time() - started:.0f} s CPU")
            kept = made if kept is None else pd.concat([kept, made])
            self.tables[with_open] = kept
            self.file.write_bytes(pickle.dumps(self.tables))
        return kept.loc[want]


class Judged:
    def __init__(self, truth, found, below, upto, train, us):
        median = np.round(found[:, 9])
        self.error = np.abs(truth - median)
        over = truth[:, None] - found
        crps = (2 * np.maximum(LEVELS * over, (LEVELS - 1) * over)).mean(axis=1)
        # The chance that a place drawn evenly between the two chances lies between 0.1 and 0.9.
        wide = upto - below
        inside = np.clip(np.minimum(upto, 0.9) - np.maximum(below, 0.1), 0, None)
        pit = np.where(wide > 0, inside / np.where(wide > 0, wide, 1), (below >= 0.1) & (below <= 0.9))
        self.figures = dict(mae=self.error.mean(), crps=crps.mean(), exact=(self.error == 0).mean(),
                            within3=(self.error <= 3).mean(), pit80=pit.mean(), train_cpu_s=train, predict_us_per_item=us)
        self.figures = {name: round(float(value), 4) for name, value in self.figures.items()}

    @classmethod
    def point(cls, truth, days):
        found = cls(truth, np.repeat(days[:, None], 19, 1).astype(float), np.zeros(len(truth)), np.zeros(len(truth)), 0, 0)
        found.figures.update(crps=None, pit80=None)
        return found

    def difference(self, other, customer, draws=2000):
        """95 % bounds of the mean difference of the absolute errors, customers drawn with replacement."""
        _, place = np.unique(customer, return_inverse=True)
        sums, counts = np.bincount(place, self.error - other.error), np.bincount(place)
        dice = np.random.default_rng(0)
        drawn = dice.integers(0, len(sums), (draws, len(sums)))
        means = [sums[which].sum() / counts[which].sum() for which in drawn]
        return [round(float(value), 4) for value in np.quantile(means, (0.025, 0.975))]


def steps(truth, found):
    """Chances of payment before the true day and by it, of a forecast that is 19 quantiles: linear in the day between
    neighbours, flat where several fall on one day; 0 and 1 are one step beyond the ends."""
    level = np.concatenate([[0.0], LEVELS, [1.0]])
    ends = np.concatenate([found[:, :1] - 7, found, found[:, -1:] + 14], axis=1)
    below = np.array([np.interp(t - 1, e, level) for t, e in zip(truth, ends)])
    upto = np.array([level[np.searchsorted(e, t, "right") - 1] if (e == t).any() else np.interp(t, e, level) for t, e in zip(truth, ends)])
    return np.minimum(below, upto), upto


def tell(r):
    def shown(value, digits, unit=1):
        return "-" if value is None else f"{value * unit:.{digits}f}"

    print(f"{r['model']:18}{shown(r['mae'], 3):>7}{shown(r['crps'], 3):>7}{shown(r['exact'], 1, 100):>7}{shown(r['within3'], 1, 100):>7}"
          f"{shown(r['pit80'], 3):>7}{shown(r['train_cpu_s'], 2):>9}{shown(r['predict_us_per_item'], 1):>9}"
          f"  {r['mae_diff_lo']:+.3f} to {r['mae_diff_hi']:+.3f}", flush=True)


if __name__ == "__main__":
    main()
