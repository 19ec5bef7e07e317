//! Cash forecasts, how good they were and what is at risk, and their rows as mirrors of the facade's.

use std::collections::HashMap;
use std::sync::Arc;

use ar_core::facade;
pub use ar_core::facade::{AccuracyRow, AccuracyTotal, CashRow, CashSum, ForecastAccuracy};

use crate::ledger::{Ledger, View};
use crate::prediction::{PredictionModel, PredictionReason, basis, reasons};
use crate::reports::MadeBy;
use crate::values::{Day, GivenDay, Money};

type Result<T> = std::result::Result<T, crate::ReceivablesError>;

/// The cash that is expected of what is open, by key, currency and period.
#[derive(Debug, uniffi::Object)]
pub struct CashForecast {
    inner: facade::CashForecast,
}

#[uniffi::export]
impl CashForecast {
    /// The forecast that `to_text` wrote.
    #[uniffi::constructor]
    pub fn from_text(text: String) -> Result<Self> {
        Ok(Self { inner: facade::cash_forecast_from_text(&text)? })
    }

    /// The forecast as JSON text.
    pub fn to_text(&self) -> Result<String> {
        Ok(facade::to_json(&self.inner))
    }

    /// The view's day; the first day of the forecast is the next.
    pub fn day(&self) -> Result<Day> {
        Ok(self.inner.day)
    }

    /// The day up to which facts were known; none when all were.
    pub fn known_on(&self) -> Result<Option<Day>> {
        Ok(self.inner.known_on)
    }

    /// The last day.
    pub fn last_day(&self) -> Result<Day> {
        Ok(self.inner.last_day)
    }

    /// The keys of the rows.
    pub fn by(&self) -> Result<Vec<String>> {
        Ok(self.inner.by.clone())
    }

    /// Of 100 outcomes, below how many.
    pub fn quantiles(&self) -> Result<Vec<u32>> {
        Ok(self.inner.quantiles.iter().map(|percent| u32::from(*percent)).collect())
    }

    /// By key, currency and period; periods without any cash are left out.
    pub fn rows(&self) -> Result<Vec<CashRow>> {
        Ok(self.inner.rows.clone())
    }

    /// By currency and period, every period.
    pub fn totals(&self) -> Result<Vec<CashRow>> {
        Ok(self.inner.totals.clone())
    }

    /// What becomes of what is open, by key and currency.
    pub fn sums(&self) -> Result<Vec<CashSum>> {
        Ok(self.inner.sums.clone())
    }

    /// The same by currency.
    pub fn total_sums(&self) -> Result<Vec<CashSum>> {
        Ok(self.inner.total_sums.clone())
    }

    /// The last day that was known when the model was trained.
    pub fn trained_on(&self) -> Result<Day> {
        Ok(self.inner.trained_on)
    }

    /// The policy and the engine.
    pub fn made_by(&self) -> Result<MadeBy> {
        Ok(self.inner.made_by.clone())
    }
}

/// Cash of a period.
#[uniffi::remote(Record)]
pub struct CashRow {
    /// The values of the keys; empty in totals.
    pub by: Vec<String>,
    /// The currency.
    pub currency: String,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// What is expected, less discounts.
    pub expected: Money,
    /// Below it lie so many of 100 outcomes.
    pub quantiles: Vec<Money>,
    /// From the first day of the forecast to the last of the period.
    pub cumulative: Money,
    /// Its quantiles.
    pub cumulative_quantiles: Vec<Money>,
}

/// What becomes of what is open: `open` is the sum of all amounts that follow it.
#[uniffi::remote(Record)]
pub struct CashSum {
    /// The values of the keys; empty in totals.
    pub by: Vec<String>,
    /// The currency.
    pub currency: String,
    /// How many open items.
    pub items: u32,
    /// What of it is spread over days by the forecast alone, without enough history to say when it comes.
    pub not_enough_history: Money,
    /// What is open of debts.
    pub open: Money,
    /// Expected to the last day, less discounts.
    pub expected: Money,
    /// Discounts on that.
    pub discount: Money,
    /// Expected after the last day.
    pub later: Money,
    /// Disputed: not forecast.
    pub disputed: Money,
    /// Settled without cash: by open credits, or by what is known for a later day.
    pub covered: Money,
    /// Of items that cannot be asked about.
    pub unforeseen: Money,
}

/// Forecasts beside what came.
#[uniffi::remote(Record)]
pub struct ForecastAccuracy {
    /// By day, then currency.
    pub rows: Vec<AccuracyRow>,
    /// By currency.
    pub totals: Vec<AccuracyTotal>,
    /// The policy and the engine.
    pub made_by: MadeBy,
}

/// A forecast of some days beside what came on them.
#[uniffi::remote(Record)]
pub struct AccuracyRow {
    /// The day on which it was made.
    pub day: Day,
    /// The first day that it is about.
    pub from: Day,
    /// The last.
    pub to: Day,
    /// The currency.
    pub currency: String,
    /// What was expected.
    pub expected: Money,
    /// The lowest quantile.
    pub low: Option<Money>,
    /// The highest.
    pub high: Option<Money>,
    /// What came for the items that were open on the day.
    pub actual: Money,
    /// What would have come by the due dates.
    pub by_due_date: Money,
}

/// What the rows of a currency come to.
#[uniffi::remote(Record)]
pub struct AccuracyTotal {
    /// The currency.
    pub currency: String,
    /// How many forecasts.
    pub forecasts: u32,
    /// What was expected.
    pub expected: Money,
    /// What came.
    pub actual: Money,
    /// What would have come by the due dates.
    pub by_due_date: Money,
    /// Above zero when too much was expected.
    pub bias: Money,
    /// The sum of the differences without their signs.
    pub error: Money,
    /// The bias of the forecast by due dates.
    pub due_date_bias: Money,
    /// The error of the forecast by due dates.
    pub due_date_error: Money,
    /// The share of forecasts whose quantiles held.
    pub coverage: Option<Money>,
}

/// Cash that may not come, and when to call.
#[derive(Debug, Clone, uniffi::Record)]
pub struct CashAtRisk {
    /// The document.
    pub document: String,
    /// Its instalment, 0 without a schedule.
    pub instalment: u32,
    /// Who owes.
    pub customer: String,
    /// The currency.
    pub currency: String,
    /// What is open.
    pub open: Money,
    /// When it is due; a call may come before it.
    pub due_date: Day,
    /// What of it is expected to be open still.
    pub at_risk: Money,
    /// The next payment run that a call can change.
    pub next_run: Option<Day>,
    /// The last day on which a call can change it.
    pub best_contact_day: Option<Day>,
    /// The share that is expected to be paid, or covered, by that run anyway.
    pub paid_by_run: Option<Money>,
    /// `model`, `few_payments`, `own_past`, `not_enough_history`.
    pub basis: String,
    /// Why.
    pub reasons: Vec<PredictionReason>,
}

impl From<facade::CashAtRisk> for CashAtRisk {
    fn from(made: facade::CashAtRisk) -> Self {
        let facade::CashAtRisk { document, instalment, customer, currency, open, due_date, at_risk, .. } = made;
        let facade::CashAtRisk { next_run, best_contact_day, paid_by_run, .. } = made;
        let (basis, reasons) = (basis(made.basis), reasons(made.reasons));
        Self {
            document,
            instalment,
            customer,
            currency,
            open,
            due_date,
            at_risk,
            next_run,
            best_contact_day,
            paid_by_run,
            basis,
            reasons,
        }
    }
}

#[uniffi::export]
impl View {
    /// The cash that is expected, by a policy as JSON text; grouped by keys, and only of items whose keys have a listed value.
    #[uniffi::method(default(policy = "{}", by = [], r#where))]
    pub fn cash_forecast(
        &self,
        model: Arc<PredictionModel>,
        policy: String,
        by: Vec<String>,
        r#where: HashMap<String, Vec<String>>,
    ) -> Result<CashForecast> {
        let (policy, filter) = (facade::cash_policy(&policy)?, r#where.into_iter().collect());
        Ok(CashForecast { inner: self.inner.cash_forecast(&model.inner, &policy, &by, &filter)? })
    }

    /// What of each open item may not come, and until when a call can change the payer's next run.
    #[uniffi::method(default(policy = "{}"))]
    pub fn cash_at_risk(&self, model: Arc<PredictionModel>, policy: String) -> Result<Vec<CashAtRisk>> {
        let found = self.inner.cash_at_risk(&model.inner, &facade::cash_policy(&policy)?)?;
        Ok(found.into_iter().map(CashAtRisk::from).collect())
    }
}

#[uniffi::export]
impl Ledger {
    /// The forecast of each day of a span, made from what was known that day, beside what came.
    #[uniffi::method(default(policy = "{}"))]
    pub fn forecast_accuracy(
        &self,
        model: Arc<PredictionModel>,
        from: GivenDay,
        to: GivenDay,
        policy: String,
    ) -> Result<ForecastAccuracy> {
        let (from, to) = (from.day("from")?, to.day("to")?);
        Ok(self.inner.forecast_accuracy(&model.inner, &facade::cash_policy(&policy)?, from, to)?)
    }

    /// A forecast that was kept, beside what came: a row for each of its periods that is over.
    pub fn compare_forecast(&self, forecast: Arc<CashForecast>) -> Result<ForecastAccuracy> {
        Ok(self.inner.compare_forecast(&forecast.inner)?)
    }
}
