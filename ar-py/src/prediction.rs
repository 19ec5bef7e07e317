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

/// Trains on what a view knows. `progress` is told how many trees there are, of how many.
pub(crate) fn train(
    py: Python<'_>,
    view: &facade::View,
    policy: &str,
    threads: usize,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<PredictionModel> {
    let told = progress.map(|progress| progress.clone().unbind());
    let mut raised: Option<PyErr> = None;
    let trained = py.detach(|| {
        let policy = facade::prediction_policy(policy)?;
        view.train_prediction(&policy, threads, &mut |done, all| {
            let said = Python::attach(|py| {
                py.check_signals()?;
                told.as_ref().map_or(Ok(()), |told| told.call1(py, (done, all)).map(drop))
            });
            raised = said.err();
            raised.is_none()
        })
    });
    if let Some(error) = raised {
        return Err(error);
    }
    Ok(PredictionModel { inner: trained.map_err(|refusal| raise(py, refusal))? })
}
