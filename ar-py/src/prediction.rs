//! Predictions: a model as a class that holds the facade's value, answers as JSON that the package turns into its rows.

use ar_core::facade::{self, PredictionModel as Trained};
use pyo3::prelude::*;

use crate::errors::raise;

/// What was learnt. `receivables.PredictionModel` is its face.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct PredictionModel {
    pub(crate) inner: Trained,
}

#[pymethods]
impl PredictionModel {
    /// The model as JSON text.
    fn text(&self, py: Python<'_>) -> String {
        py.detach(|| self.inner.to_text())
    }

    /// The model that `text` wrote.
    #[staticmethod]
    fn from_text(py: Python<'_>, text: &str) -> PyResult<Self> {
        let read = py.detach(|| Trained::from_text(text));
        Ok(Self { inner: read.map_err(|refusal| raise(py, refusal))? })
    }

    /// The last day that was known.
    #[getter]
    fn trained_on(&self) -> chrono::NaiveDate {
        self.inner.trained_on().to_naive_date()
    }

    /// The day by which what it learnt from was recorded; none for a model kept before models said so.
    #[getter]
    fn known_on(&self) -> Option<chrono::NaiveDate> {
        self.inner.known_on().map(facade::Day::to_naive_date)
    }

    /// How many paid invoices it saw.
    #[getter]
    fn paid_invoices(&self) -> u32 {
        self.inner.paid_invoices()
    }

    /// Whether there was enough to learn from.
    #[getter]
    fn is_trained(&self) -> bool {
        self.inner.is_trained()
    }
}

/// A cash forecast. `receivables.CashForecast` is its face.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct CashForecast {
    pub(crate) inner: facade::CashForecast,
}

#[pymethods]
impl CashForecast {
    /// The forecast as JSON text.
    fn text(&self, py: Python<'_>) -> String {
        py.detach(|| facade::to_json(&self.inner))
    }

    /// The forecast that `text` wrote.
    #[staticmethod]
    fn from_text(py: Python<'_>, text: &str) -> PyResult<Self> {
        let read = py.detach(|| facade::cash_forecast_from_text(text));
        Ok(Self { inner: read.map_err(|refusal| raise(py, refusal))? })
    }
}

/// What progress a caller is told, and what it raised.
pub(crate) struct Told {
    progress: Option<Py<PyAny>>,
    raised: Option<PyErr>,
}

impl Told {
    pub(crate) fn new(progress: Option<&Bound<'_, PyAny>>) -> Self {
        Self { progress: progress.map(|progress| progress.clone().unbind()), raised: None }
    }

    /// Whether to go on.
    pub(crate) fn tell(&mut self, done: usize, all: usize) -> bool {
        let said = Python::attach(|py| {
            py.check_signals()?;
            let Some(told) = &self.progress else { return Ok(true) };
            let answer = told.call1(py, (done, all))?;
            // `False` stops; whatever else a function like `print` or a progress bar returns does not.
            Ok(answer.bind(py).extract::<bool>().unwrap_or(true))
        });
        match said {
            Ok(go_on) => go_on,
            Err(raised) => {
                self.raised = Some(raised);
                false
            }
        }
    }

    /// What was raised first, else the refusal.
    pub(crate) fn result<T>(self, py: Python<'_>, made: Result<T, facade::Refused>) -> PyResult<T> {
        match self.raised {
            Some(error) => Err(error),
            None => made.map_err(|refusal| raise(py, refusal)),
        }
    }
}

/// Trains on what a view knows. `progress` is told how many trees there are, of how many.
pub(crate) fn train(
    py: Python<'_>,
    view: &facade::View,
    policy: &str,
    threads: usize,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<PredictionModel> {
    let mut told = Told::new(progress);
    let trained = py.detach(|| {
        let policy = facade::prediction_policy(policy)?;
        view.train_prediction(&policy, threads, &mut |done, all| told.tell(done, all))
    });
    Ok(PredictionModel { inner: told.result(py, trained)? })
}
