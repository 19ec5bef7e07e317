//! A report as an Arrow table: what Polars, pandas, PyArrow and DuckDB take as it is.

use ar_core::facade::arrow::RecordBatch;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::arrow;

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
}
