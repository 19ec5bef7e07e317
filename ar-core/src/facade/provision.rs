//! Questions about provisions from JSON text, as every binding reads them.

use super::json::policy;
use crate::problem::Refused;
use crate::provision::{BackTestQuestion, ProvidedBefore, ProvisionQuestion};

/// What was provided before, by currency, from JSON text: a list of `currency` and `amount`.
///
/// # Errors
/// `policy_invalid` with the path.
pub fn provided_before(text: &str) -> Result<Vec<ProvidedBefore>, Refused> {
    policy(text)
}

/// Which items of a provision to explain, from JSON text.
///
/// # Errors
/// `policy_invalid` with the path.
pub fn provision_question(text: &str) -> Result<ProvisionQuestion, Refused> {
    policy(text)
}

/// What counts as lost in a back-test, from JSON text.
///
/// # Errors
/// `policy_invalid` with the path.
pub fn back_test_question(text: &str) -> Result<BackTestQuestion, Refused> {
    policy(text)
}
