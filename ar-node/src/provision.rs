//! Provisions, as classes that `lib/provision.js` wraps.

use ar_core::facade;
use napi::Result;
use napi_derive::napi;

use crate::errors::raise;
use crate::json::camel_json;
use crate::ledger::NativeView;

/// What is provided for.
#[napi]
pub struct NativeProvision {
    inner: facade::ProvisionReport,
}

/// What is to be provided for, by a policy and what was provided before.
#[napi(catch_unwind)]
pub fn provision(view: &NativeView, policy: String, before: String) -> Result<NativeProvision> {
    let policy = facade::provision_policy(&policy).map_err(raise)?;
    let before = facade::provided_before(&before).map_err(raise)?;
    Ok(NativeProvision { inner: view.inner.provision(&policy, &before).map_err(raise)? })
}

/// Loss rates from the ledger's own history.
#[napi(catch_unwind)]
pub fn loss_rates(view: &NativeView, policy: String) -> Result<String> {
    let policy = facade::loss_rate_policy(&policy).map_err(raise)?;
    camel_json(&view.inner.loss_rates(&policy).map_err(raise)?)
}

/// A matrix as of an earlier view beside what was lost since.
#[napi(catch_unwind)]
pub fn back_test(now: &NativeView, then: &NativeView, policy: String, question: String) -> Result<String> {
    let policy = facade::provision_policy(&policy).map_err(raise)?;
    let question = facade::back_test_question(&question).map_err(raise)?;
    camel_json(&now.inner.back_test(&then.inner, &policy, &question).map_err(raise)?)
}

#[napi]
impl NativeProvision {
    /// All figures.
    #[napi(catch_unwind)]
    pub fn report(&self) -> Result<String> {
        camel_json(&self.inner)
    }

    /// The items asked for.
    #[napi(catch_unwind)]
    pub fn explain(&self, question: String) -> Result<String> {
        let question = facade::provision_question(&question).map_err(raise)?;
        camel_json(&self.inner.explain(&question).map_err(raise)?)
    }
}
