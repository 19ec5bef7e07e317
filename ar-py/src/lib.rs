//! The Python module `receivables._native`: the facade in Python's own types.
//!
//! Nothing is decided here. A value comes in through [`values`], the facade answers, and a refusal
//! leaves through [`errors`].

use pyo3::prelude::*;

mod errors;
mod values;

/// Loaded as `receivables._native`; people import `receivables`.
#[pymodule(gil_used = false)]
mod _native {
    use ar_core::facade;
    use pyo3::prelude::*;

    use crate::errors::raise;
    use crate::values::{At, day, money, to_decimal};

    /// The engine's version.
    #[pyfunction]
    fn engine_version() -> String {
        facade::engine_version()
    }

    /// The amount at the scale of its currency, or a refusal.
    #[pyfunction]
    fn check_amount<'py>(
        py: Python<'py>,
        amount: &Bound<'py, PyAny>,
        currency: &str,
        on: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let amount = money(amount, At::field("amount"))?;
        let on = day(on, At::field("on"))?;
        let checked = py
            .detach(|| facade::check_amount(amount, currency, on))
            .map_err(|r| raise(py, r))?;
        to_decimal(py, checked.amount)
    }
}
