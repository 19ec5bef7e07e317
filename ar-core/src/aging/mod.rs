//! How old is what is owed: aged balances by bucket, and whether they tie to the general ledger.

pub mod columns;
mod policy;
mod reconcile;
mod report;

pub use policy::{
    AgingCurrency, AgingPolicy, Basis, BucketColumn, Credits, EdgeRule, MissingDueDate, Shown, Unit, Where,
};
pub use reconcile::{ControlBalance, Difference, reconcile};
pub use report::{AgingItem, AgingQuestion, AgingReport, AgingRow};

use crate::ledger::View;
use crate::problem::Refused;

/// Ages the open items of a view.
///
/// # Errors
/// Those of [`AgingPolicy::check`]; `unknown_dimension`, `unknown_value`, `base_amount_missing`, `rate_missing`.
pub fn age(view: &View, policy: &AgingPolicy, by: &[String], filter: &Where) -> Result<AgingReport, Refused> {
    policy.check()?;
    Ok(AgingReport { view: view.clone(), policy: policy.clone(), by: by.to_vec(), filter: filter.clone() })
}
