//! What does it cost to pay late? Interest by day, balance and rate, and the fixed sum for the costs of recovery.
//!
//! [`InterestPolicy`] is data: a contractual rate or a reference rate with a margin, how days are counted, when figures are
//! rounded, what grace there is. [`InterestPolicy::compile`] proves it well-formed, [`CompiledInterest::accrue`] reckons one
//! debt, [`View::interest`](crate::ledger::View::interest) every overdue item of a ledger. Nothing is posted: charges are
//! facts that the caller, or a dunning run, adds. The meaning is in `docs/specification.md`, section 8.

mod accrue;
pub(crate) mod balance;
mod compile;
mod compound;
mod error;
mod policy;
mod rate;
pub(crate) mod report;

pub use accrue::{Accrued, Debt, Outcome, Segment};
pub use compile::CompiledInterest;
pub use error::InterestError;
pub use policy::{
    Compensation, CompensationPer, CompensationTier, Compounding, DatedRate, DisputedPart, Grace, InScope,
    InterestBasis, InterestPolicy, MinimumInterest, MinimumPer, PaidFrom, RatePer, ReferencePeriods, ReferenceRate,
    ReferenceRule, Requirements, Rounded,
};
pub use report::{Charged, InterestItem, InterestQuestion, InterestReport, InterestSegment, InterestTotal};
