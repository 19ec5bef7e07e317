//! May this order ship, how much more could, who may let it through, and who needs attention?
//!
//! A [`CreditDesk`] answers about one customer from the ledger's index, so that a check costs the same in a large ledger as
//! in a small one; [`View::exposure`] tells what all customers are exposed to. Exposure comes in named parts, each told apart;
//! a line without amount is no limit and a line of 0 allows nothing; equal to the limit passes unless the policy says otherwise.

mod alert;
mod check;
mod desk;
mod exposure;
mod given;
mod left;
mod limit;
mod part;
mod pass;
mod policy;
mod propose;
mod release;
mod report;
mod rows;
mod standing;

pub use self::alert::{AlertRule, AlertWhen, CreditAlert, alert_facts};
pub use self::desk::{CreditDesk, CreditRequest, credit_desk};
#[cfg(feature = "arrow")]
pub(crate) use self::exposure::ExposureColumn;
pub use self::exposure::{ExposurePer, ExposureReport, ExposureRow, ExposureTotal};
pub use self::part::{CappedPart, CreditRequestKind, ExposurePart};
pub use self::policy::{
    Amounts, CheckKind, CheckRule, Companies, CreditPolicy, Currencies, DueCredits, LimitEdge, Missing, Reaction,
    Reductions, ReleaseCovers, ReleaseRule, ZeroLine,
};
pub use self::propose::{LimitProposal, LimitProposalPolicy, LimitQuestion, LimitReason, ProposalTier};
pub use self::report::{CheckOutcome, CreditChange, CreditCheck, CreditDecision, Decision, ExposureAmount};

use crate::problem::Refused;
use crate::profiles;

#[cfg(doc)]
use crate::ledger::View;

/// The examples of the page about credit run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/credit.md")]
struct Page;

/// The policy that checks credit as another system does; [`profiles::names`] lists them.
///
/// # Errors
/// `unknown_kind`, field `profile`.
pub fn profile(name: &str) -> Result<CreditPolicy, Refused> {
    let policy: CreditPolicy = profiles::read("credit", name)?;
    policy.check()?;
    Ok(policy)
}
