//! A refusal of the engine as an exception of `receivables.errors`.

use ar_core::facade::{Problem, Refused};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyList;

/// The exception for a refusal. The classes live in Python, where they can be read and pickled.
pub(crate) fn raise(py: Python<'_>, refusal: Refused) -> PyErr {
    build(py, refusal).map_or_else(|err| err, PyErr::from_value)
}

fn build(py: Python<'_>, refusal: Refused) -> PyResult<Bound<'_, PyAny>> {
    static PROBLEM: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static REFUSED: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let class = PROBLEM.import(py, "receivables.errors", "Problem")?;
    let refused = REFUSED.import(py, "receivables.errors", "refused")?;
    let problem = |p: Problem| class.call1((p.code, p.reason, p.table, p.index, p.field));
    let problems = refusal.problems.into_iter().map(problem).collect::<PyResult<Vec<_>>>()?;
    refused.call1((PyList::new(py, problems)?, refusal.total))
}
