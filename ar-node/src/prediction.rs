//! Predictions: a model and a cash forecast as classes, answers as JSON text that `lib/prediction.js` makes rows of.

use ar_core::facade;
use napi::Result;
use napi::bindgen_prelude::{AsyncTask, FnArgs, Function};
use napi_derive::napi;

use crate::errors::raise;
use crate::json::camel_json;
use crate::ledger::{NativeLedger, NativeView};
use crate::task::Work;
use crate::values::Day;

/// What was learnt.
#[napi]
pub struct NativePredictionModel {
    inner: facade::PredictionModel,
}

/// A cash forecast.
#[napi]
pub struct NativeCashForecast {
    inner: facade::CashForecast,
}

type Progress<'a> = Function<'a, FnArgs<(u32, u32)>, bool>;

/// Whether to go on, by what the caller says; what it throws ends the work and is thrown again.
struct Told<'a> {
    progress: Option<Progress<'a>>,
    thrown: Option<napi::Error>,
}

impl Told<'_> {
    fn tell(&mut self, done: usize, all: usize) -> bool {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let Some(progress) = &self.progress else { return true };
        match progress.call(FnArgs { data: (number(done), number(all)) }) {
            Ok(said) => said,
            Err(thrown) => {
                self.thrown = Some(thrown);
                false
            }
        }
    }

    fn result<T>(self, made: std::result::Result<T, facade::Refused>) -> Result<T> {
        self.thrown.map_or_else(|| made.map_err(raise), Err)
    }
}

/// Learns how customers pay.
#[napi(catch_unwind)]
pub fn train_prediction(
    view: &NativeView,
    policy: String,
    threads: u32,
    progress: Option<Progress<'_>>,
) -> Result<NativePredictionModel> {
    let policy = facade::prediction_policy(&policy).map_err(raise)?;
    let mut told = Told { progress, thrown: None };
    let made = view.inner.train_prediction(&policy, threads as usize, &mut |done, all| told.tell(done, all));
    Ok(NativePredictionModel { inner: told.result(made)? })
}

/// The same on another thread.
#[napi(catch_unwind)]
pub fn train_prediction_async(
    view: &NativeView,
    policy: String,
    threads: u32,
) -> Result<AsyncTask<Work<NativePredictionModel>>> {
    let policy = facade::prediction_policy(&policy).map_err(raise)?;
    let view = view.inner.clone();
    Ok(AsyncTask::new(Work::new(move || {
        let inner = view.train_prediction(&policy, threads as usize, &mut |_, _| true)?;
        Ok(NativePredictionModel { inner })
    })))
}

/// The model that `text` wrote.
#[napi(catch_unwind)]
pub fn prediction_model_from_text(text: String) -> Result<NativePredictionModel> {
    Ok(NativePredictionModel { inner: facade::PredictionModel::from_text(&text).map_err(raise)? })
}

#[napi]
impl NativePredictionModel {
    /// The model as JSON text.
    #[napi(catch_unwind)]
    pub fn text(&self) -> Result<String> {
        Ok(self.inner.to_text())
    }

    /// The last day that was known.
    #[napi(catch_unwind)]
    pub fn trained_on(&self) -> Result<String> {
        Ok(self.inner.trained_on().to_string())
    }

    /// The day by which what it learnt from was recorded; none for a model kept before models said so.
    #[napi(catch_unwind)]
    pub fn known_on(&self) -> Result<Option<String>> {
        Ok(self.inner.known_on().map(|day| day.to_string()))
    }

    /// How many paid invoices it saw.
    #[napi(catch_unwind)]
    pub fn paid_invoices(&self) -> Result<u32> {
        Ok(self.inner.paid_invoices())
    }

    /// Whether there was enough to learn from.
    #[napi(catch_unwind)]
    pub fn is_trained(&self) -> Result<bool> {
        Ok(self.inner.is_trained())
    }

    /// When each open item will be paid.
    #[napi(catch_unwind)]
    pub fn predict(&self, view: &NativeView, ask: String) -> Result<String> {
        let ask = facade::prediction_ask(&ask).map_err(raise)?;
        camel_json(&view.inner.predict_asking(&self.inner, &ask).map_err(raise)?)
    }

    /// The cash that is expected.
    #[napi(catch_unwind)]
    pub fn cash_forecast(
        &self,
        view: &NativeView,
        policy: String,
        by: Vec<String>,
        filter: String,
    ) -> Result<NativeCashForecast> {
        let policy = facade::cash_policy(&policy).map_err(raise)?;
        let filter = facade::where_filter(&filter).map_err(raise)?;
        let inner = view.inner.cash_forecast(&self.inner, &policy, &by, &filter).map_err(raise)?;
        Ok(NativeCashForecast { inner })
    }

    /// What is at risk and when to call.
    #[napi(catch_unwind)]
    pub fn cash_at_risk(&self, view: &NativeView, policy: String) -> Result<String> {
        let policy = facade::cash_policy(&policy).map_err(raise)?;
        camel_json(&view.inner.cash_at_risk(&self.inner, &policy).map_err(raise)?)
    }

    /// Whether customers pay otherwise since it was trained.
    #[napi(catch_unwind)]
    pub fn drift(&self, view: &NativeView) -> Result<String> {
        camel_json(&view.inner.prediction_drift(&self.inner).map_err(raise)?)
    }

    /// Each day's forecast beside what came.
    #[napi(catch_unwind)]
    pub fn accuracy(&self, ledger: &NativeLedger, policy: String, from: Day, to: Day) -> Result<String> {
        let policy = facade::cash_policy(&policy).map_err(raise)?;
        let (from, to) = (from.count("from")?, to.count("to")?);
        camel_json(&ledger.inner.forecast_accuracy(&self.inner, &policy, from, to).map_err(raise)?)
    }
}

/// The forecast that `text` wrote.
#[napi(catch_unwind)]
pub fn cash_forecast_from_text(text: String) -> Result<NativeCashForecast> {
    Ok(NativeCashForecast { inner: facade::cash_forecast_from_text(&text).map_err(raise)? })
}

#[napi]
impl NativeCashForecast {
    /// The forecast as JSON text, to keep.
    #[napi(catch_unwind)]
    pub fn text(&self) -> Result<String> {
        Ok(facade::to_json(&self.inner))
    }

    /// The forecast as an object's JSON text.
    #[napi(catch_unwind)]
    pub fn told(&self) -> Result<String> {
        camel_json(&self.inner)
    }

    /// The forecast beside what came.
    #[napi(catch_unwind)]
    pub fn compare(&self, ledger: &NativeLedger) -> Result<String> {
        camel_json(&ledger.inner.compare_forecast(&self.inner).map_err(raise)?)
    }
}

/// How a model trained some days before a day would have held since.
#[napi(catch_unwind)]
pub fn prediction_calibration(
    ledger: &NativeLedger,
    policy: String,
    day: Day,
    days: u32,
    threads: u32,
    progress: Option<Progress<'_>>,
) -> Result<String> {
    let policy = facade::prediction_policy(&policy).map_err(raise)?;
    let day = day.count("day")?;
    let mut told = Told { progress, thrown: None };
    let tell = &mut |done, all| told.tell(done, all);
    let made = ledger.inner.prediction_calibration(&policy, day, days, threads as usize, tell);
    camel_json(&told.result(made)?)
}
