//! Do the model's chances hold? Asked again on past Mondays with what was known then; and do customers still pay as they did?

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::book::{Invoice, Settled};
use super::calendar::weekday;
use super::history::{book, invoices, paid_since};
use super::learner::Progress;
use super::math::ln;
use super::policy::PredictionPolicy;
use super::predict::{PredictionModel, ratio, too_far};
use crate::calendar::Day;
use crate::ledger::{Ledger, View};
use crate::problem::{Problem, Refused};

/// Answers below which nothing is said.
const LEAST: u32 = 50;
/// How many bins the chances are counted in.
const BINS: usize = 10;
/// The longest span that is looked back on.
const MOST_DAYS: u32 = 366;

/// Whether there was enough to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationOutcome {
    /// The figures were measured.
    Measured,
    /// Fewer than 50 of the items asked about were paid: no figure is given.
    NotEnoughHistory,
}

/// How the chances of a model trained before a span held in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calibration {
    /// Whether there was enough to measure.
    pub outcome: CalibrationOutcome,
    /// The last day that was known when it was trained.
    pub trained_on: NaiveDate,
    /// The last day of the span, or the last recorded day when that is earlier.
    pub until: NaiveDate,
    /// Whether trees were trained; if not, the answers came from each customer's own past.
    pub is_trained: bool,
    /// How often an open item or instalment was asked about: on each Monday of the span. One that was paid by the Monday, as is
    /// known since, is none.
    pub questions: u32,
    /// How many of those were paid by the end.
    pub paid: u32,
    /// Of 1, the share of truths in each tenth of the stated chances: 0.1 each when all chances hold. An item still open is
    /// spread over the chances from then on. **Unit**: ratios with 4 digits.
    pub tenths: Vec<Decimal>,
    /// The share of truths inside the interval.
    pub inside: Option<Decimal>,
    /// The share that was stated.
    pub stated: Decimal,
    /// The mean of the days between the day named and the day of payment, of those paid. **Unit**: days with 2 digits.
    pub mean_error: Option<Decimal>,
    /// The mean of the day named less the day of payment: above zero when too late a day was named.
    pub mean_bias: Option<Decimal>,
}

/// What became of customers' payments since the training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftOutcome {
    /// The index is below 0.1.
    Stable,
    /// The index is below 0.25: look closer.
    Shifted,
    /// Customers pay otherwise than they did: train again.
    Drifted,
    /// Fewer than 50 payments on either side: no index is given.
    NotEnoughHistory,
}

/// How payments since the training differ from those of the year before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// What follows.
    pub outcome: DriftOutcome,
    /// The last day that was known when the model was trained.
    pub trained_on: NaiveDate,
    /// The view's day.
    pub until: NaiveDate,
    /// Payments of the year before.
    pub payments_before: u32,
    /// Payments since.
    pub payments_since: u32,
    /// The median of days after the due day before.
    pub median_before: Option<i32>,
    /// The same since.
    pub median_since: Option<i32>,
    /// The share paid after the due day before. **Unit**: ratios with 4 digits.
    pub late_before: Option<Decimal>,
    /// The same since.
    pub late_since: Option<Decimal>,
    /// The population stability index of the days after the due day, over eight classes.
    pub index: Option<Decimal>,
}

impl Ledger {
    /// How a model trained `days` before a day, with what was known then, would have held since.
    ///
    /// On each Monday of the span every open item is asked about, with what was known that Monday; the truth is what is
    /// known on `day`: what was paid by a Monday and recorded later is not asked about. Days after the last recorded day are left out: what came on them is not known. Nothing is said from
    /// fewer than 50 paid items.
    ///
    /// # Errors
    /// `policy_invalid` with the field (also `days`: from 7 to 366); `impossible_date`; `cancelled` when `progress` said so.
    pub fn prediction_calibration(
        &self,
        policy: &PredictionPolicy,
        day: Day,
        days: u32,
        threads: usize,
        progress: Progress<'_>,
    ) -> Result<Calibration, Refused> {
        policy.check()?;
        if !(7..=MOST_DAYS).contains(&days) {
            return Err(Problem::new("policy_invalid", "expected a number of days from 7 to 366").field("days").into());
        }
        let cut = Day::new(day.number().saturating_sub(days.cast_signed())).map_err(|_| too_far("day"))?;
        if !Invoice::is_day(day.number()) {
            return Err(too_far("day"));
        }
        let day = self.last_recorded().map_or(cut, |known| known.clamp(cut, day));
        let model = self.as_of_known(cut, cut).train_prediction(policy, threads, progress)?;
        let truth = self.as_of(day);
        let half = (100.0 - f64::from(policy.interval_percent)) / 200.0;
        let mut sums = Measured::default();
        for number in (cut.number()..day.number()).filter(|number| weekday(*number) == 0) {
            let monday = Day::new(number)?;
            let view = self.as_of_known(monday, monday);
            view.each_forecast(&model, |asked| {
                let Some(paid) = paid_since(&truth, &view, &asked.invoice) else { return Ok(()) };
                // An answer is about what is open at the end of the Monday; what was paid by then and not yet recorded was not.
                if paid.is_some_and(|paid| paid <= number) {
                    return Ok(());
                }
                let by = |day: i32| asked.forecast.paid_by(asked.book, day);
                let (low, high) = paid.map_or((by(day.number()), 1.0), |paid| (by(paid - 1), by(paid)));
                sums.add(low, high, half);
                if let Some(paid) = paid {
                    sums.paid += 1;
                    let bias = i64::from(asked.forecast.median(asked.book) - paid);
                    sums.bias += bias;
                    sums.error += bias.abs();
                }
                Ok(())
            })?;
        }
        let enough = sums.paid >= LEAST;
        let share = |sum: f64| ratio(sum / f64::from(sums.questions.max(1)));
        let mean = |sum: i64| enough.then(|| Decimal::new(rounded(sum * 100, i64::from(sums.paid.max(1))), 2));
        Ok(Calibration {
            outcome: if enough { CalibrationOutcome::Measured } else { CalibrationOutcome::NotEnoughHistory },
            trained_on: model.trained_on().to_naive_date(),
            until: day.to_naive_date(),
            is_trained: model.is_trained(),
            questions: sums.questions,
            paid: sums.paid,
            tenths: if enough { sums.tenths.iter().map(|sum| share(*sum)).collect() } else { Vec::new() },
            inside: enough.then(|| share(sums.inside)),
            stated: Decimal::new(policy.interval_percent.into(), 2),
            mean_error: mean(sums.error),
            mean_bias: mean(sums.bias),
        })
    }
}

/// Half away from zero.
fn rounded(up: i64, down: i64) -> i64 {
    let half = crate::money::Rounding::HalfAwayFromZero;
    let whole = crate::money::divide(up.into(), down.into(), half).unwrap_or(0);
    i64::try_from(whole).unwrap_or(0)
}

#[derive(Default)]
struct Measured {
    questions: u32,
    paid: u32,
    tenths: [f64; BINS],
    inside: f64,
    error: i64,
    bias: i64,
}

impl Measured {
    /// A truth between two chances: each part of it counts where it lies.
    fn add(&mut self, low: f64, high: f64, half: f64) {
        self.questions += 1;
        let (low, high) = (low.clamp(0.0, 1.0), high.clamp(0.0, 1.0));
        let within = |from: f64, to: f64| {
            if high - low > 1e-12 {
                (high.min(to) - low.max(from)).max(0.0) / (high - low)
            } else {
                f64::from(u8::from(low >= from && (low < to || to >= 1.0)))
            }
        };
        for (bin, sum) in (0_u8..).zip(&mut self.tenths) {
            *sum += within(f64::from(bin) / 10.0, f64::from(bin + 1) / 10.0);
        }
        self.inside += within(half, 1.0 - half);
    }
}

impl View {
    /// Whether customers pay otherwise since a model was trained: payments known on the view's day since then beside those
    /// of the year before.
    ///
    /// # Errors
    /// `impossible_date` for a day outside 1900 to 2199; `model_knows_later`, field `model`, for one that
    /// knows more than the view does.
    pub fn prediction_drift(&self, model: &PredictionModel) -> Result<Drift, Refused> {
        let trained = model.trained_on().number();
        let today = self.day().number();
        if !Invoice::is_day(today) {
            return Err(too_far("day"));
        }
        model.must_know_no_more_than(self)?;
        let book = book(self, &invoices(self), &model.policy);
        let before = Class::of(book.paid_between(trained - 364, trained + 1));
        let since = Class::of(book.paid_between(trained + 1, today + 1));
        let enough = before.count >= LEAST && since.count >= LEAST;
        let index = before.apart(&since);
        let outcome = match index {
            _ if !enough => DriftOutcome::NotEnoughHistory,
            index if index < 0.1 => DriftOutcome::Stable,
            index if index < 0.25 => DriftOutcome::Shifted,
            _ => DriftOutcome::Drifted,
        };
        Ok(Drift {
            outcome,
            trained_on: model.trained_on().to_naive_date(),
            until: self.day().to_naive_date(),
            payments_before: before.count,
            payments_since: since.count,
            median_before: before.median,
            median_since: since.median,
            late_before: before.late(),
            late_since: since.late(),
            index: enough.then(|| Decimal::new((index * 10_000.0 + 0.5) as i64, 4)),
        })
    }
}

/// Payments by their days after the due day.
struct Class {
    count: u32,
    late: u32,
    median: Option<i32>,
    shares: [u32; 8],
}

/// The last day after the due day of each class but the last.
const ENDS: [i32; 7] = [-8, -1, 0, 7, 14, 30, 60];

impl Class {
    fn of(paid: &[Settled]) -> Self {
        let mut delays: Vec<i32> = paid.iter().map(|one| one.delay).collect();
        delays.sort_unstable();
        let mut shares = [0_u32; 8];
        for delay in &delays {
            if let Some(share) = shares.get_mut(ENDS.partition_point(|end| end < delay)) {
                *share += 1;
            }
        }
        Self {
            count: crate::ledger::layers::count(delays.len()),
            late: crate::ledger::layers::count(delays.iter().filter(|delay| **delay > 0).count()),
            median: delays.get(delays.len().saturating_sub(1) / 2).copied(),
            shares,
        }
    }

    fn late(&self) -> Option<Decimal> {
        (self.count > 0).then(|| ratio(f64::from(self.late) / f64::from(self.count)))
    }

    /// Σ (q − p) ln(q / p) over the classes, half a payment added to each.
    ///
    /// **Source**: the population stability index of credit scoring; 0.1 and 0.25 are its customary limits.
    fn apart(&self, other: &Self) -> f64 {
        let share = |own: &Self, count: u32| (f64::from(count) + 0.5) / (f64::from(own.count) + 4.0);
        let terms = self.shares.iter().zip(&other.shares).map(|(before, since)| {
            let (before, since) = (share(self, *before), share(other, *since));
            (since - before) * ln(since / before)
        });
        terms.sum::<f64>().max(0.0)
    }
}
