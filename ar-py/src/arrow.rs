//! Record batches over the Arrow PyCapsule interface, in and out without a copy.

use std::sync::Arc;

use ar_core::facade::arrow::RecordBatch;
use ar_core::facade::{Problem, Refused};
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{RecordBatchIterator, RecordBatchReader};
use pyo3::exceptions::PyException;
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
    let exported = export.call0().and_then(|capsule| Ok(capsule.cast_into::<PyCapsule>()?));
    let pointed = exported.and_then(|capsule| Ok((capsule.pointer_checked(Some(STREAM))?, capsule)));
    let (pointer, _capsule) = match pointed {
        Ok(pointed) => pointed,
        Err(error) if error.is_instance_of::<PyException>(py) => {
            let refused = arrow_error(py, error.value(py));
            refused.set_cause(py, Some(error));
            return Err(refused);
        }
        Err(stop) => return Err(stop),
    };
    // SAFETY: the capsule's name says that it holds a stream, and the capsule outlives this call; `from_raw` moves the
    // stream out and leaves a released one behind, as the interface asks.
    let reader =
        unsafe { RecordBatchStreamReader::from_raw(pointer.as_ptr().cast()) }.map_err(|e| arrow_error(py, e))?;
    let mut all = Vec::new();
    for batch in reader {
        let batch = batch.map_err(|e| arrow_error(py, e))?;
        all.push(without_row_numbers(py, batch)?);
    }
    Ok(Some(all))
}

/// The batch without the index of a pandas frame that has no name: it says where a row stood, and is no column of the table.
fn without_row_numbers(py: Python<'_>, batch: RecordBatch) -> PyResult<RecordBatch> {
    let is_index = |name: &str| {
        let number = name.strip_prefix("__index_level_").and_then(|rest| rest.strip_suffix("__"));
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()))
    };
    let schema = batch.schema();
    let kept: Vec<usize> =
        (0..schema.fields().len()).filter(|at| !schema.fields().get(*at).is_some_and(|f| is_index(f.name()))).collect();
    if kept.len() == schema.fields().len() {
        return Ok(batch);
    }
    batch.project(&kept).map_err(|error| arrow_error(py, error))
}

/// A stream of one batch as a capsule.
pub(crate) fn capsule<'py>(py: Python<'py>, batch: &RecordBatch) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = batch.schema();
    let reader: Box<dyn RecordBatchReader + Send> =
        Box::new(RecordBatchIterator::new(vec![Ok(batch.clone())], Arc::clone(&schema)));
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), STREAM)
}
