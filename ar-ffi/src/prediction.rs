//! Predictions: models, answers with their reasons, and whether a model holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ar_core::facade::{self, CalibrationOutcome, DriftOutcome, PredictionBasis};

use crate::ledger::{Ledger, View};
use crate::values::{Day, GivenDay, Money};

type Result<T> = std::result::Result<T, crate::ReceivablesError>;

/// What was learnt from a view. It is kept as text, and answers the same on any machine.
#[derive(Debug, uniffi::Object)]
pub struct PredictionModel {
    pub(crate) inner: facade::PredictionModel,
}

#[uniffi::export]
impl PredictionModel {
    /// The model that `to_text` wrote, proved sound.
    #[uniffi::constructor]
    pub fn from_text(text: String) -> Result<Self> {
        Ok(Self { inner: facade::PredictionModel::from_text(&text)? })
    }

    /// The model as JSON text.
    pub fn to_text(&self) -> Result<String> {
        Ok(self.inner.to_text())
    }

    /// The last day that was known.
    pub fn trained_on(&self) -> Result<Day> {
        Ok(self.inner.trained_on().to_naive_date())
    }

    /// The day by which what it learnt from was recorded; none for a model kept before models said so.
    pub fn known_on(&self) -> Result<Option<Day>> {
        Ok(self.inner.known_on().map(facade::Day::to_naive_date))
    }

    /// How many paid invoices it saw.
    pub fn paid_invoices(&self) -> Result<u32> {
        Ok(self.inner.paid_invoices())
    }

    /// Whether there was enough to learn from; if not, answers come from each customer's own past.
    pub fn is_trained(&self) -> Result<bool> {
        Ok(self.inner.is_trained())
    }
}

/// How far a training is, to be watched and stopped from another thread.
#[derive(Debug, uniffi::Object)]
pub struct TrainingWatch {
    done: AtomicU64,
    all: AtomicU64,
    stopped: AtomicBool,
}

#[uniffi::export]
impl TrainingWatch {
    /// A watch for one training.
    #[uniffi::constructor]
    pub fn create() -> Result<Self> {
        Ok(Self { done: AtomicU64::new(0), all: AtomicU64::new(0), stopped: AtomicBool::new(false) })
    }

    /// How many trees there are.
    pub fn done(&self) -> Result<u64> {
        Ok(self.done.load(Ordering::Relaxed))
    }

    /// Of how many; 0 before the first.
    pub fn all(&self) -> Result<u64> {
        Ok(self.all.load(Ordering::Relaxed))
    }

    /// Ends the training after its next tree: it is refused as `cancelled`.
    pub fn stop(&self) -> Result<()> {
        self.stopped.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// Tells a watch, and asks it whether to go on.
fn told(watch: Option<&TrainingWatch>, done: usize, all: usize) -> bool {
    watch.is_none_or(|watch| {
        watch.done.store(u64::try_from(done).unwrap_or(u64::MAX), Ordering::Relaxed);
        watch.all.store(u64::try_from(all).unwrap_or(u64::MAX), Ordering::Relaxed);
        !watch.stopped.load(Ordering::Relaxed)
    })
}

/// When an open item will be paid.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Prediction {
    /// The document.
    pub document: String,
    /// Its instalment, 0 without a schedule.
    pub instalment: u32,
    /// Who owes.
    pub customer: String,
    /// Its currency.
    pub currency: String,
    /// What is open.
    pub open: Money,
    /// When it is due.
    pub due_date: Day,
    /// The day by which it is paid as likely as not.
    pub expected: Day,
    /// The beginning of the interval.
    pub earliest: Day,
    /// The end of the interval.
    pub latest: Day,
    /// The chance that it is paid after its due day.
    pub late: Money,
    /// The chance that it is still open 30 days after the view's day.
    pub open_after_30: Money,
    /// The same after 60 days.
    pub open_after_60: Money,
    /// The same after 90 days.
    pub open_after_90: Money,
    /// What it rests on: `model`, `few_payments`, `own_past` or `not_enough_history`.
    pub basis: String,
    /// Why that day; the strongest first.
    pub reasons: Vec<PredictionReason>,
    /// Of each percentage that was asked for the day by which it is paid with that chance.
    pub quantiles: Vec<Day>,
    /// Of each day that was asked for the chance that it is paid by then.
    pub paid_by: Vec<Money>,
}

/// One thing that is known and bears on the day. What its rule does not look at is absent.
#[derive(Debug, Clone, Default, uniffi::Record)]
pub struct PredictionReason {
    /// The rule, such as `prediction.pays_on`.
    pub rule: String,
    /// Payments looked at.
    pub payments: Option<u32>,
    /// Days after the due day, or past it.
    pub days: Option<i32>,
    /// A day of the week: `monday` and so on.
    pub weekday: Option<String>,
    /// Of 100 payments, of the amount or of the credit limit, so many.
    pub percent: Option<u32>,
    /// Days from one run to the next.
    pub every_days: Option<u32>,
    /// The latest run.
    pub last: Option<Day>,
    /// Payment runs, or days on which it paid.
    pub runs: Option<u32>,
    /// The next day on which somebody pays, or the next payment run.
    pub next: Option<Day>,
    /// The first day of the dispute.
    pub since: Option<Day>,
    /// The promised day, or the day on which the notice was sent.
    pub on: Option<Day>,
    /// The level of the notice.
    pub level: Option<u32>,
    /// Weeks of the month: 1 to 4; 5 is the last.
    pub weeks: Option<Vec<u32>>,
    /// Days of the month: 1 to 30; 31 is the last.
    pub month_days: Option<Vec<u32>>,
    /// The payment run that is missed.
    pub run: Option<Day>,
}

impl From<facade::PredictionReason> for PredictionReason {
    fn from(reason: facade::PredictionReason) -> Self {
        use facade::PredictionReason as Of;
        let of = |rule: &str| Self { rule: format!("prediction.{rule}"), ..Self::default() };
        let word = |weekday| facade::to_json(&weekday).trim_matches('"').to_owned();
        match reason {
            Of::NoPayments => of("no_payments"),
            Of::UsualDelay { payments, days } => {
                Self { payments: Some(payments), days: Some(days), ..of("usual_delay") }
            }
            Of::DueWeekday { weekday, payments, days } => {
                Self { weekday: Some(word(weekday)), payments: Some(payments), days: Some(days), ..of("due_weekday") }
            }
            Of::PaysOn { weekday, percent } => {
                Self { weekday: Some(word(weekday)), percent: Some(percent), ..of("pays_on") }
            }
            Of::PaysInWeeks { weekday, weeks, percent } => {
                Self { weekday: Some(word(weekday)), weeks: Some(weeks), percent: Some(percent), ..of("pays_in_weeks") }
            }
            Of::PaysOnDays { month_days, percent } => {
                Self { month_days: Some(month_days), percent: Some(percent), ..of("pays_on_days") }
            }
            Of::MissesRun { run, next } => Self { run: Some(run), next: Some(next), ..of("misses_run") },
            Of::PaymentRuns { every_days, last } => {
                Self { every_days: Some(every_days), last: Some(last), ..of("payment_runs") }
            }
            Of::LeftOut { runs } => Self { runs: Some(runs), ..of("left_out") },
            Of::Overdue { days } => Self { days: i32::try_from(days).ok(), ..of("overdue") },
            Of::Disputed { since } => Self { since: Some(since), ..of("disputed") },
            Of::Promised { on } => Self { on: Some(on), ..of("promised") },
            Of::PromiseBroken { on } => Self { on: Some(on), ..of("promise_broken") },
            Of::Noticed { level, on } => Self { level: Some(level), on: Some(on), ..of("noticed") },
            Of::PartPaid { percent } => Self { percent: Some(percent), ..of("part_paid") },
            Of::LimitUsed { percent } => Self { percent: Some(percent), ..of("limit_used") },
            Of::NoRuns { runs } => Self { runs: Some(runs), ..of("no_runs") },
            Of::NoBankingDay { next } => Self { next: Some(next), ..of("no_banking_day") },
        }
    }
}

pub(crate) fn reasons(given: Vec<facade::PredictionReason>) -> Vec<PredictionReason> {
    given.into_iter().map(PredictionReason::from).collect()
}

/// What an answer rests on, as it is told.
pub(crate) fn basis(given: PredictionBasis) -> String {
    let word = match given {
        PredictionBasis::Model => "model",
        PredictionBasis::FewPayments => "few_payments",
        PredictionBasis::OwnPast => "own_past",
        PredictionBasis::NotEnoughHistory => "not_enough_history",
    };
    word.to_owned()
}

impl From<facade::Prediction> for Prediction {
    fn from(made: facade::Prediction) -> Self {
        let facade::Prediction { document, instalment, customer, currency, open, due_date, expected, .. } = made;
        Self {
            document,
            instalment,
            customer,
            currency,
            open,
            due_date,
            expected,
            earliest: made.earliest,
            latest: made.latest,
            late: made.late,
            open_after_30: made.open_after_30,
            open_after_60: made.open_after_60,
            open_after_90: made.open_after_90,
            basis: basis(made.basis),
            reasons: reasons(made.reasons),
            quantiles: made.quantiles,
            paid_by: made.paid_by,
        }
    }
}

/// How the chances of a model trained before a span held in it.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Calibration {
    /// `measured` or `not_enough_history`.
    pub outcome: String,
    /// The last day that was known when it was trained.
    pub trained_on: Day,
    /// The last day of the span.
    pub until: Day,
    /// Whether trees were trained.
    pub is_trained: bool,
    /// How often an open item was asked about.
    pub questions: u32,
    /// How many of those were paid.
    pub paid: u32,
    /// The share of truths in each tenth of the stated chances.
    pub tenths: Vec<Money>,
    /// The share of truths inside the interval.
    pub inside: Option<Money>,
    /// The share that was stated.
    pub stated: Money,
    /// The mean of the days between the day named and the day of payment.
    pub mean_error: Option<Money>,
    /// The mean of the day named less the day of payment.
    pub mean_bias: Option<Money>,
}

impl From<facade::Calibration> for Calibration {
    fn from(made: facade::Calibration) -> Self {
        let outcome = match made.outcome {
            CalibrationOutcome::Measured => "measured",
            CalibrationOutcome::NotEnoughHistory => "not_enough_history",
        };
        Self {
            outcome: outcome.to_owned(),
            trained_on: made.trained_on,
            until: made.until,
            is_trained: made.is_trained,
            questions: made.questions,
            paid: made.paid,
            tenths: made.tenths,
            inside: made.inside,
            stated: made.stated,
            mean_error: made.mean_error,
            mean_bias: made.mean_bias,
        }
    }
}

/// How payments since the training differ from those of the year before it.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Drift {
    /// `stable`, `shifted`, `drifted` or `not_enough_history`.
    pub outcome: String,
    /// The last day that was known when the model was trained.
    pub trained_on: Day,
    /// The view's day.
    pub until: Day,
    /// Payments of the year before.
    pub payments_before: u32,
    /// Payments since.
    pub payments_since: u32,
    /// The median of days after the due day before.
    pub median_before: Option<i32>,
    /// The same since.
    pub median_since: Option<i32>,
    /// The share paid after the due day before.
    pub late_before: Option<Money>,
    /// The same since.
    pub late_since: Option<Money>,
    /// The population stability index.
    pub index: Option<Money>,
}

impl From<facade::Drift> for Drift {
    fn from(made: facade::Drift) -> Self {
        let outcome = match made.outcome {
            DriftOutcome::Stable => "stable",
            DriftOutcome::Shifted => "shifted",
            DriftOutcome::Drifted => "drifted",
            DriftOutcome::NotEnoughHistory => "not_enough_history",
        };
        Self {
            outcome: outcome.to_owned(),
            trained_on: made.trained_on,
            until: made.until,
            payments_before: made.payments_before,
            payments_since: made.payments_since,
            median_before: made.median_before,
            median_since: made.median_since,
            late_before: made.late_before,
            late_since: made.late_since,
            index: made.index,
        }
    }
}

#[uniffi::export]
impl View {
    /// Learns how customers pay, by a policy as JSON text. The model is the same with any number of threads.
    #[uniffi::method(default(policy = "{}", threads = 1, watch = None))]
    pub fn train_prediction(
        &self,
        policy: String,
        threads: u32,
        watch: Option<Arc<TrainingWatch>>,
    ) -> Result<PredictionModel> {
        let policy = facade::prediction_policy(&policy)?;
        let threads = usize::try_from(threads).unwrap_or(usize::MAX);
        let tell = &mut |done, all| told(watch.as_deref(), done, all);
        Ok(PredictionModel { inner: self.inner.train_prediction(&policy, threads, tell)? })
    }

    /// When each open item that a customer owes will be paid, how sure that is, and why; of each percentage of `quantiles`, rising
    /// from 1 to 99, the day by which it is paid with that chance, and of each day of `paid_by` the chance that it is by then.
    #[uniffi::method(default(quantiles = [], paid_by = []))]
    pub fn predict(
        &self,
        model: Arc<PredictionModel>,
        quantiles: Vec<u32>,
        paid_by: Vec<GivenDay>,
    ) -> Result<Vec<Prediction>> {
        // What is no byte is no percentage either.
        let quantiles = quantiles.into_iter().map(|one| u8::try_from(one).unwrap_or(u8::MAX)).collect();
        let date = |(at, day): (usize, GivenDay)| day.date(&format!("paid_by[{at}]"));
        let paid_by = paid_by.into_iter().enumerate().map(date).collect::<std::result::Result<_, _>>()?;
        let ask = facade::PredictionAsk { quantiles, paid_by };
        Ok(self.inner.predict_asking(&model.inner, &ask)?.into_iter().map(Prediction::from).collect())
    }

    /// Whether customers pay otherwise since a model was trained.
    pub fn prediction_drift(&self, model: Arc<PredictionModel>) -> Result<Drift> {
        Ok(self.inner.prediction_drift(&model.inner)?.into())
    }
}

#[uniffi::export]
impl Ledger {
    /// How a model trained so many days before a day, with what was known then, would have held since.
    #[uniffi::method(default(policy = "{}", days = 61, threads = 1, watch = None))]
    pub fn prediction_calibration(
        &self,
        day: GivenDay,
        policy: String,
        days: u32,
        threads: u32,
        watch: Option<Arc<TrainingWatch>>,
    ) -> Result<Calibration> {
        let (policy, day) = (facade::prediction_policy(&policy)?, day.day("day")?);
        let threads = usize::try_from(threads).unwrap_or(usize::MAX);
        let tell = &mut |done, all| told(watch.as_deref(), done, all);
        Ok(self.inner.prediction_calibration(&policy, day, days, threads, tell)?.into())
    }
}
