//! Which invoice a payment clears.

pub mod columns;
mod policy;
mod proposal;

pub use policy::{AllocationFilter, AllocationPolicy, CreditOrder, Partial, Strategy, TakesPart};
pub use proposal::{Proposal, ProposalLine, UnappliedCredit};

use crate::ledger::View;
use crate::problem::Refused;

/// Proposes allocations of the open credits of a view.
///
/// # Errors
/// Those of [`AllocationPolicy::check`].
pub fn propose(view: &View, policy: &AllocationPolicy) -> Result<Proposal, Refused> {
    policy.check()?;
    Ok(Proposal { view: view.clone() })
}
