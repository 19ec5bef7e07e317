//! Key figures and what changed them, as classes and functions that `lib/kpi.js` wraps.

use ar_core::facade::{self, Problem, arrow};
use napi::Result;
use napi::bindgen_prelude::{AsyncTask, Uint8Array};
use napi_derive::napi;

use crate::errors::raise;
use crate::json::camel_json;
use crate::ledger::NativeView;
use crate::task::Work;

type Asked<T> = std::result::Result<T, facade::Refused>;

/// The figures of a view.
#[napi]
pub struct NativeKpis {
    inner: facade::KpiReport,
}

fn figures(view: &facade::View, policy: &str, by: &[String], filter: &str) -> Asked<NativeKpis> {
    let policy = facade::kpi_policy(policy)?;
    Ok(NativeKpis { inner: view.kpis(&policy, by, &facade::where_filter(filter)?)? })
}

/// Key figures.
#[napi(catch_unwind)]
pub fn kpis(view: &NativeView, policy: String, by: Vec<String>, filter: String) -> Result<NativeKpis> {
    figures(&view.inner, &policy, &by, &filter).map_err(raise)
}

/// Key figures, on another thread.
#[napi(catch_unwind)]
pub fn kpis_async(
    view: &NativeView,
    policy: String,
    by: Vec<String>,
    filter: String,
) -> Result<AsyncTask<Work<NativeKpis>>> {
    let view = view.inner.clone();
    Ok(AsyncTask::new(Work::new(move || figures(&view, &policy, &by, &filter))))
}

/// What changed days sales outstanding since an earlier view.
#[napi(catch_unwind)]
pub fn explain_dso(
    view: &NativeView,
    before: &NativeView,
    policy: String,
    by: Vec<String>,
    filter: String,
) -> Result<String> {
    let policy = facade::kpi_policy(&policy).map_err(raise)?;
    let filter = facade::where_filter(&filter).map_err(raise)?;
    camel_json(&view.inner.explain_dso(&before.inner, &policy, &by, &filter).map_err(raise)?)
}

/// Every figure with its definition.
#[napi(catch_unwind)]
pub fn kpi_registry() -> Result<String> {
    camel_json(&facade::kpi_registry())
}

#[napi]
impl NativeKpis {
    /// The policy and the engine.
    #[napi(catch_unwind)]
    pub fn made_by(&self) -> Result<String> {
        camel_json(self.inner.made_by())
    }

    /// The keys of the groups.
    #[napi(catch_unwind)]
    pub fn by(&self) -> Result<Vec<String>> {
        Ok(self.inner.by().to_vec())
    }

    /// The rows.
    #[napi(catch_unwind)]
    pub fn rows(&self) -> Result<String> {
        camel_json(&self.inner.rows())
    }

    /// All groups together.
    #[napi(catch_unwind)]
    pub fn totals(&self) -> Result<String> {
        camel_json(&self.inner.totals().map_err(raise)?.rows())
    }

    /// A part of it as Arrow IPC bytes.
    #[napi(catch_unwind)]
    pub fn arrow(&self, what: String) -> Result<Uint8Array> {
        let texts = arrow::Dictionaries::default();
        let batch = match what.as_str() {
            "rows" => arrow::kpi_table(&self.inner, &texts),
            "totals" => self.inner.totals().and_then(|totals| arrow::kpi_table(&totals, &texts)),
            "values" => arrow::kpi_values(&self.inner.rows(), self.inner.by()),
            other => {
                let reason = format!("expected rows, totals or values, got {other:?}");
                Err(Problem::new("unknown_field", reason).field("what").into())
            }
        };
        batch.and_then(|batch| arrow::to_ipc(&batch)).map(Uint8Array::from).map_err(raise)
    }
}
