//! Record batches over the Arrow PyCapsule interface, in and out without a copy.

use std::sync::Arc;

use ar_core::facade::arrow::RecordBatch;
use ar_core::facade::{Problem, Refused};
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{RecordBatchIterator, RecordBatchReader};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods};

use crate::errors::raise;

const STREAM: &std::ffi::CStr = c"arrow_array_stream";

fn arrow_error(py: Python<'_>, error: impl std::fmt::Display) -> PyErr {
    raise(py, Refused::from(Problem::new("wrong_type", format!("expected Arrow data: {error}"))))
}

/// The batches of an object that has `__arrow_c_stream__`; nothing for any other object.
pub(crate) fn batches(value: &Bound<'_, PyAny>) -> PyResult<Option<Vec<RecordBatch>>> {
    let py = value.py();
    let Some(export) = value.getattr_opt("__arrow_c_stream__")? else { return Ok(None) };
    let capsule = export.call0()?.cast_into::<PyCapsule>()?;
    let pointer = capsule.pointer_checked(Some(STREAM))?;
    // SAFETY: the capsule's name says that it holds a stream, and the capsule outlives this call; `from_raw` moves the
    // stream out and leaves a released one behind, as the interface asks.
    let reader =
        unsafe { RecordBatchStreamReader::from_raw(pointer.as_ptr().cast()) }.map_err(|e| arrow_error(py, e))?;
    let mut all = Vec::new();
    for batch in reader {
        all.push(batch.map_err(|e| arrow_error(py, e))?);
    }
    Ok(Some(all))
}

/// A stream of one batch as a capsule.
pub(crate) fn capsule<'py>(py: Python<'py>, batch: &RecordBatch) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = batch.schema();
    let reader: Box<dyn RecordBatchReader + Send> =
        Box::new(RecordBatchIterator::new(vec![Ok(batch.clone())], Arc::clone(&schema)));
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), STREAM)
}
