//! Record batches over the Arrow PyCapsule interface, in and out without a copy.

use std::fmt::Display;
use std::sync::Arc;

use ar_core::facade::arrow::RecordBatch;
use ar_core::facade::{Problem, Refused};
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{Array, RecordBatchIterator, RecordBatchReader};
use arrow_schema::{ArrowError, DataType, Schema};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods, PyDict, PyString};

use crate::errors::raise;

const STREAM: &std::ffi::CStr = c"arrow_array_stream";

/// The batches of an object that has `__arrow_c_stream__`, an empty one when it has none; nothing for any other object. `at` says
/// of a refusal where it stands.
pub(crate) fn batches(value: &Bound<'_, PyAny>, at: impl Fn(Problem) -> Problem) -> PyResult<Option<Vec<RecordBatch>>> {
    let py = value.py();
    let refused = |error: &dyn Display| {
        raise(py, Refused::from(at(Problem::new("wrong_type", format!("expected Arrow data: {error}")))))
    };
    let Some(reader) = reader(value, &refused)? else { return Ok(None) };
    let reader = match typed(value, &reader.schema())? {
        None => reader,
        Some(typed) => self::reader(&typed, &refused)?.unwrap_or(reader),
    };
    let schema = reader.schema();
    let mut all = Vec::new();
    for batch in reader {
        let batch = batch.map_err(|error| refused(&error))?;
        for column in batch.columns().iter().filter(|column| holds_places(column.data_type())) {
            column.to_data().validate_full().map_err(|error| refused(&error))?;
        }
        all.push(batch);
    }
    if all.is_empty() {
        all.push(RecordBatch::new_empty(schema));
    }
    let without = |batch| without_row_numbers(batch).map_err(|error| refused(&error));
    all.into_iter().map(without).collect::<PyResult<_>>().map(Some)
}

/// Whether a column says where in other memory its values stand, or holds text: a wrong one would be read beyond its end.
fn holds_places(kind: &DataType) -> bool {
    !(kind.is_primitive() || matches!(kind, DataType::Boolean | DataType::Null))
}

/// A Polars frame whose columns without a type have one: its export of such a column is not one that can be read. Nothing for what
/// has none.
fn typed<'py>(value: &Bound<'py, PyAny>, schema: &Schema) -> PyResult<Option<Bound<'py, PyAny>>> {
    let untyped: Vec<&str> =
        schema.fields().iter().filter(|f| f.data_type() == &DataType::Null).map(|f| f.name().as_str()).collect();
    let py = value.py();
    let is_polars = || value.get_type().module().is_ok_and(|module| module.to_string().starts_with("polars."));
    if untyped.is_empty() || !is_polars() {
        return Ok(None);
    }
    let types = PyDict::new(py);
    for name in untyped {
        types.set_item(name, py.get_type::<PyString>())?;
    }
    value.call_method1("cast", (types,)).map(Some)
}

/// The stream of an object that has one.
fn reader(
    value: &Bound<'_, PyAny>,
    refused: &impl Fn(&dyn Display) -> PyErr,
) -> PyResult<Option<RecordBatchStreamReader>> {
    let py = value.py();
    let Some(export) = value.getattr_opt("__arrow_c_stream__")? else { return Ok(None) };
    let exported = export.call0().and_then(|capsule| Ok(capsule.cast_into::<PyCapsule>()?));
    let pointed = exported.and_then(|capsule| Ok((capsule.pointer_checked(Some(STREAM))?, capsule)));
    let (pointer, _capsule) = match pointed {
        Ok(pointed) => pointed,
        Err(error) if error.is_instance_of::<PyException>(py) => {
            let refusal = refused(&error.value(py));
            refusal.set_cause(py, Some(error));
            return Err(refusal);
        }
        Err(stop) => return Err(stop),
    };
    // SAFETY: the capsule's name says that it holds a stream, and the capsule outlives this call; `from_raw` moves the
    // stream out and leaves a released one behind, as the interface asks.
    let reader = unsafe { RecordBatchStreamReader::from_raw(pointer.as_ptr().cast()) };
    reader.map(Some).map_err(|error| refused(&error))
}

/// The batch without the index of a pandas frame that has no name: it says where a row stood, and is no column of the table.
fn without_row_numbers(batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
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
    batch.project(&kept)
}

/// A stream of one batch as a capsule.
pub(crate) fn capsule<'py>(py: Python<'py>, batch: &RecordBatch) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = batch.schema();
    let reader: Box<dyn RecordBatchReader + Send> =
        Box::new(RecordBatchIterator::new(vec![Ok(batch.clone())], Arc::clone(&schema)));
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), STREAM)
}
