//! A report as an Arrow table: what Polars, pandas, PyArrow and DuckDB take as it is.

use ar_core::facade::Problem;
use ar_core::facade::arrow::{RecordBatch, from_ipc, to_ipc};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule};

use crate::arrow;
use crate::errors::raise;

/// Columns of a report, by the Arrow PyCapsule interface.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct Table {
    pub(crate) batch: RecordBatch,
}

#[pymethods]
impl Table {
    /// The names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.batch.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// How many rows there are.
    fn __len__(&self) -> usize {
        self.batch.num_rows()
    }

    /// The table as an Arrow stream.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        arrow::capsule(py, &self.batch)
    }

    /// The table of Arrow IPC bytes, as it pickles.
    #[staticmethod]
    fn from_ipc(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        let batches = from_ipc(bytes).map_err(|refusal| raise(py, refusal))?;
        let batch = batches.into_iter().next();
        let none = || raise(py, Problem::new("wrong_type", "expected a table, got none").into());
        batch.map(|batch| Self { batch }).ok_or_else(none)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let bytes = to_ipc(&self.batch).map_err(|refusal| raise(py, refusal))?;
        Ok((py.get_type::<Self>().getattr("from_ipc")?, (PyBytes::new(py, &bytes),)))
    }
}
