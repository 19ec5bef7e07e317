//! Key figures and what changed them, as classes that hold the facade's values.

use std::sync::Arc;

use ar_core::facade::arrow::{self as batches, Dictionaries};
use ar_core::facade::{self, DsoChangeRow, KpiReport, Refused};
use pyo3::prelude::*;

use crate::errors::raise;
use crate::ledger::table;
use crate::report::Row;
use crate::table::Table;

/// The figures of a view. `receivables.Kpis` is their face.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct Kpis {
    inner: KpiReport,
    texts: Arc<Dictionaries>,
}

impl Kpis {
    pub(crate) fn new(inner: KpiReport, texts: Arc<Dictionaries>) -> Self {
        Self { inner, texts }
    }
}

#[pymethods]
impl Kpis {
    /// The keys of the groups.
    #[getter]
    fn by(&self) -> Vec<String> {
        self.inner.by().to_vec()
    }

    /// The policy and the engine.
    #[getter]
    fn made_by<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.inner.made_by().clone().object(py)
    }

    /// All groups together.
    fn totals(&self, py: Python<'_>) -> PyResult<Self> {
        let totals = py.detach(|| self.inner.totals()).map_err(|refusal| raise(py, refusal))?;
        Ok(Self { inner: totals, texts: Arc::clone(&self.texts) })
    }

    /// The rows as JSON text.
    fn rows(&self, py: Python<'_>) -> String {
        py.detach(|| facade::to_json(&self.inner.rows()))
    }

    /// The rows as a table, a column for each figure.
    fn rows_table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::kpi_table(&self.inner, &self.texts)))
    }

    /// The rows as a table, a row for each figure.
    fn values_table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::kpi_values(&self.inner.rows(), self.inner.by())))
    }
}

/// Why days sales outstanding changed. `receivables.DsoChange` is its face.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct DsoChange {
    inner: facade::DsoChange,
    by: Vec<String>,
}

impl DsoChange {
    pub(crate) fn between(
        now: &facade::View,
        before: &facade::View,
        policy: &str,
        mut by: Vec<String>,
        filter: &str,
    ) -> Result<Self, Refused> {
        let filter = facade::where_filter(filter)?;
        let inner = now.explain_dso(before, &facade::kpi_policy(policy)?, &by, &filter)?;
        by.retain(|key| key != "currency");
        Ok(Self { inner, by })
    }
}

#[pymethods]
impl DsoChange {
    /// The policy and the engine.
    #[getter]
    fn made_by<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.inner.made_by.clone().object(py)
    }

    /// The rows as JSON text.
    fn rows(&self, py: Python<'_>) -> String {
        py.detach(|| facade::to_json(&self.inner.rows))
    }

    /// The totals as JSON text.
    fn totals(&self, py: Python<'_>) -> String {
        py.detach(|| facade::to_json(&self.inner.totals))
    }

    /// The rows as a table.
    fn rows_table(&self, py: Python<'_>) -> PyResult<Table> {
        shown(py, &self.inner.rows, &self.by)
    }

    /// The totals as a table.
    fn totals_table(&self, py: Python<'_>) -> PyResult<Table> {
        shown(py, &self.inner.totals, &[])
    }
}

fn shown(py: Python<'_>, rows: &[DsoChangeRow], by: &[String]) -> PyResult<Table> {
    table(py, py.detach(|| batches::dso_changes(rows, by)))
}

/// Every figure with its definition, as JSON text.
#[pyfunction]
pub(crate) fn kpi_registry() -> String {
    facade::to_json(&facade::kpi_registry())
}
