//! Provisions as JSON text, which `receivables.provision` makes into its own classes.

use ar_core::facade::{self, Refused, View};
use pyo3::prelude::*;

use crate::errors::raise;
use crate::report::Row;

/// What is provided for. `receivables.Provision` is its face.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct Provision {
    inner: facade::ProvisionReport,
}

#[pymethods]
impl Provision {
    /// The policy and the engine.
    #[getter]
    fn made_by<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.inner.made_by.clone().object(py)
    }

    /// All figures.
    fn report(&self, py: Python<'_>) -> String {
        py.detach(|| facade::to_json(&self.inner))
    }

    /// The items asked for.
    fn explain(&self, py: Python<'_>, question: &str) -> PyResult<String> {
        let asked = py.detach(|| {
            let items = self.inner.explain(&facade::provision_question(question)?)?;
            Ok(facade::to_json(&items))
        });
        asked.map_err(|refusal: Refused| raise(py, refusal))
    }
}

pub(crate) fn provision(view: &View, policy: &str, before: &str) -> Result<Provision, Refused> {
    let policy = facade::provision_policy(policy)?;
    Ok(Provision { inner: view.provision(&policy, &facade::provided_before(before)?)? })
}

/// Loss rates from the ledger's own history, as JSON text.
pub(crate) fn loss_rates(view: &View, policy: &str) -> Result<String, Refused> {
    Ok(facade::to_json(&view.loss_rates(&facade::loss_rate_policy(policy)?)?))
}

/// A matrix as of an earlier view beside what was lost since, as JSON text.
pub(crate) fn back_test(now: &View, then: &View, policy: &str, question: &str) -> Result<String, Refused> {
    let question = facade::back_test_question(question)?;
    Ok(facade::to_json(&now.back_test(then, &facade::provision_policy(policy)?, &question)?))
}
