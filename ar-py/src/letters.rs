//! Letters, creditor references, dates and amounts as a language writes them.

use ar_core::facade;
use pyo3::prelude::*;

use crate::dunning::DunningRun;
use crate::errors::raise;
use crate::values::{At, day, money_text};

/// A letter, and the policy it is written by, both as JSON text: subject, body, format, language, template.
#[pyfunction]
pub(crate) fn letter(
    py: Python<'_>,
    letter: &str,
    letters: &str,
) -> PyResult<(String, String, &'static str, &'static str, String)> {
    let written = py.detach(|| facade::letter(&facade::letter_from_json(letter)?, letters));
    let facade::Rendered { subject, body, format, language, template } =
        written.map_err(|refusal| raise(py, refusal))?;
    Ok((subject, body, format.name(), language.code(), template))
}

/// The letters of a run on a stationery, both as JSON text.
#[pyfunction]
pub(crate) fn notice_letters(py: Python<'_>, run: &DunningRun, stationery: &str) -> PyResult<String> {
    let letters = py.detach(|| Ok(facade::to_json(&facade::notice_letters(&run.inner, stationery)?)));
    letters.map_err(|refusal| raise(py, refusal))
}

/// The creditor reference for one's own letters and digits: as it is sent, and as it is printed.
#[pyfunction]
pub(crate) fn creditor_reference(py: Python<'_>, text: &str) -> PyResult<(String, String)> {
    let made = facade::creditor_reference(text).map_err(|refusal| raise(py, refusal))?;
    Ok((made.reference, made.printed))
}

/// A creditor reference as somebody wrote it, checked.
#[pyfunction]
pub(crate) fn check_creditor_reference(py: Python<'_>, text: &str) -> PyResult<(String, String)> {
    let good = facade::check_creditor_reference(text).map_err(|refusal| raise(py, refusal))?;
    Ok((good.reference, good.printed))
}

/// An amount as letters of a language write it.
#[pyfunction]
pub(crate) fn local_money(
    py: Python<'_>,
    settings: &str,
    value: &Bound<'_, PyAny>,
    currency: &str,
    language: &str,
) -> PyResult<String> {
    let text = money_text(value, At::field("value"))?;
    let settings = facade::settings(settings).map_err(|refusal| raise(py, refusal))?;
    facade::local_money(&text, currency, language, &settings).map_err(|refusal| raise(py, refusal))
}

/// A day as letters of a language write it.
#[pyfunction]
pub(crate) fn local_date(py: Python<'_>, on: &Bound<'_, PyAny>, language: &str) -> PyResult<String> {
    facade::local_date(day(on, At::field("day"))?, language).map_err(|refusal| raise(py, refusal))
}
