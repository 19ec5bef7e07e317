//! Money and days from Python, exactly or not at all.
//!
//! The stock converters take `10.1`, `True` and a `datetime`, and round past 28 digits. These refuse by type and
//! read the digits as text, and they know the place of the value, so that the exception can name it.

use ar_core::facade::{self, Misfit, Problem, Refused};
use chrono::NaiveDate;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDate, PyDateTime, PyFloat, PyInt, PyString};
use rust_decimal::Decimal;

use crate::errors::raise;

/// Where a value stands in the input.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) table: Option<&'a str>,
    pub(crate) index: Option<u64>,
    pub(crate) field: &'a str,
}

impl<'a> At<'a> {
    /// An argument of the call.
    pub(crate) fn field(field: &'a str) -> Self {
        Self { table: None, index: None, field }
    }

    fn refuse(self, py: Python<'_>, refusal: Refused) -> PyErr {
        raise(py, refusal.at(self.table, self.index, self.field))
    }
}

pub(crate) fn decimal_class(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static DECIMAL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    DECIMAL.import(py, "decimal", "Decimal")
}

pub(crate) fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "another type".to_owned(), |name| name.to_string())
}

/// Text as it stands; what holds a lone surrogate is no Unicode text and is refused.
fn unicode(text: &Bound<'_, PyString>, at: At<'_>) -> PyResult<String> {
    let wrong = || Problem::new("wrong_type", "expected Unicode text, got a lone surrogate");
    text.to_str().map(str::to_owned).map_err(|_| at.refuse(text.py(), wrong().into()))
}

/// Text that is Unicode, without a copy.
pub(crate) fn text<'a>(value: &'a Bound<'_, PyAny>, at: At<'_>) -> PyResult<&'a str> {
    let Ok(held) = value.cast::<PyString>() else {
        return Err(at.refuse(value.py(), Misfit::Other.refusal("text", &type_name(value))));
    };
    let wrong = || Problem::new("wrong_type", "expected Unicode text, got a lone surrogate");
    held.to_str().map_err(|_| at.refuse(value.py(), wrong().into()))
}

/// An amount from a `Decimal`, an `int` or decimal text. A float, a bool, NaN and Infinity are refused.
pub(crate) fn money(value: &Bound<'_, PyAny>, at: At<'_>) -> PyResult<Decimal> {
    let text = money_text(value, at)?;
    facade::amount_from_text(&text).map_err(|refusal| at.refuse(value.py(), refusal))
}

/// The digits of an amount, as text that is yet to be read.
pub(crate) fn money_text(value: &Bound<'_, PyAny>, at: At<'_>) -> PyResult<String> {
    let py = value.py();
    if value.is_instance(decimal_class(py)?)? {
        // Format "f" writes the digits out: 1E+2 is 100.
        return value.call_method1("__format__", ("f",))?.extract();
    }
    if let Ok(text) = value.cast::<PyString>() {
        return unicode(text, at);
    }
    if value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>() {
        // The text of any int is short enough once it fits i128; a larger one is out of range by far.
        return Ok(value.extract::<i128>().map_or_else(|_| "9".repeat(40), |whole| whole.to_string()));
    }
    if value.is_instance_of::<PyFloat>() && !value.extract::<f64>()?.is_finite() {
        return Ok(String::from("NaN"));
    }
    let misfit = if value.is_instance_of::<PyFloat>() { Misfit::Float } else { Misfit::Other };
    let refusal = misfit.refusal("a Decimal, an int or decimal text", &type_name(value));
    Err(at.refuse(py, refusal))
}

/// A day from a `date` or `YYYY-MM-DD`. A `datetime` is refused: its day depends on a time zone.
pub(crate) fn day(value: &Bound<'_, PyAny>, at: At<'_>) -> PyResult<NaiveDate> {
    let py = value.py();
    if let Ok(text) = value.cast::<PyString>() {
        return facade::day_from_text(&unicode(text, at)?).map_err(|refusal| at.refuse(py, refusal));
    }
    let misfit = if value.is_instance_of::<PyDateTime>() {
        Misfit::DateTime
    } else if value.is_instance_of::<PyDate>() {
        return value.extract();
    } else {
        Misfit::Other
    };
    Err(at.refuse(py, misfit.refusal("a date", &type_name(value))))
}

/// The amount as a `decimal.Decimal`, its scale kept.
pub(crate) fn to_decimal(py: Python<'_>, amount: Decimal) -> PyResult<Bound<'_, PyAny>> {
    decimal_class(py)?.call1((amount.to_string(),))
}
