//! Which invoice a payment clears.
//!
//! A [`Proposal`] is a value: [`propose`] looks at a view and a policy, posts nothing, and says of every line what was
//! left on both sides before it. [`Proposal::facts`] are the rows that post it. Undoing is a row of `reversals`: every
//! balance is what it was, and the match stays in history.
//!
//! One file per strategy, under its trade name, in `strategy/`: remittance reference, exact amount, oldest due (FIFO),
//! newest due, oldest and newest document, largest first, the user's own order. Existing systems are policy files in
//! `profiles/allocation/`; no rule reads their names.
//!
//! A line moves one amount from one credit to one debit item, so that Σ lines + unapplied = Σ credits. What may close an
//! item beyond the money that came (a discount taken, a write-off within tolerance, an exchange difference, a bank fee)
//! is never hidden in a line's amount: it has its place as a list of typed differences beside the lines, each naming its
//! line by number, as the ledger keeps both legs of an allocation beside it.
//!
//! ```
//! use ar_core::allocation::{AllocationPolicy, propose};
//! use ar_core::calendar::Day;
//! use ar_core::facade::JsonFacts;
//! use ar_core::ledger::{Ledger, settings::Settings};
//!
//! let facts = JsonFacts::parse(
//!     r#"{
//!     "customers": [{ "id": "ACME" }],
//!     "documents": [
//!       { "id": "I1", "customer": "ACME", "kind": "invoice", "currency": "EUR", "amount": "100.00",
//!         "document_date": "2026-01-01", "due_date": "2026-01-31" },
//!       { "id": "I2", "customer": "ACME", "kind": "invoice", "currency": "EUR", "amount": "70.00",
//!         "document_date": "2026-01-05", "due_date": "2026-02-04" },
//!       { "id": "P1", "customer": "ACME", "kind": "payment", "currency": "EUR", "amount": "-120.00",
//!         "document_date": "2026-02-10", "reference": "your invoice I2" }] }"#,
//! )?;
//! let ledger = Ledger::load(Settings::default(), &facts.tables())?;
//! let today = Day::parse("2026-02-10").unwrap();
//!
//! let proposal = propose(&ledger.as_of(today), &AllocationPolicy::default())?;
//! let lines = proposal.lines();
//! assert_eq!((lines[0].debit.as_str(), lines[0].strategy.as_str()), ("I2", "reference"));
//! assert_eq!((lines[1].debit.as_str(), lines[1].amount.to_string().as_str()), ("I1", "50.00"));
//!
//! let after = ledger.append(&proposal.facts("run-1").tables(), today)?;
//! assert_eq!(after.as_of(today).open_items().len(), 1);
//! # Ok::<(), ar_core::problem::Refused>(())
//! ```

pub mod columns;

pub(crate) mod desk;
pub(crate) mod filter;
mod merge;
mod policy;
mod proposal;
pub(crate) mod strategy;

pub use policy::{AllocationFilter, AllocationPolicy, CreditOrder, Partial, Strategy, TakesPart};
pub use proposal::{Explanation, Proposal, ProposalColumns, ProposalLine, UnappliedCredit};

use std::sync::Arc;

use crate::ledger::View;
use crate::problem::Refused;
use crate::profiles;
use desk::Desk;
use filter::Filter;
use proposal::Made;

/// Proposes allocations of the open credits of a view, account by account.
///
/// Strategy by strategy as the policy lists them, all credits of an account in credit order, each against the debits in
/// the strategy's order until one side is exhausted. Nothing is posted.
///
/// **Currency**: a credit pays debits of its own account alone, so never of another currency. **Rounding**: none.
/// **Edges**: a filter's limits and `due_until` are inclusive. **Panics**: never.
///
/// # Errors
/// Those of [`AllocationPolicy::check`].
///
/// **Source**: `docs/specification.md`, section 6; the chain is that of Oracle's AutoCash rule sets and of iDempiere's
/// automatic allocation.
pub fn propose(view: &View, policy: &AllocationPolicy) -> Result<Proposal, Refused> {
    policy.check()?;
    let filter = Filter::new(&policy.filter, view);
    let made = if merge::can(view, policy, &filter) {
        merge::made(view, policy, &filter)
    } else {
        chained(view, policy, &filter)
    };
    Ok(Proposal { view: view.clone(), policy: Arc::new(policy.clone()), made: Arc::new(made) })
}

/// The policy that proposes what another system proposes; [`profiles::names`] lists them.
///
/// # Errors
/// `unknown_kind`, field `profile`.
///
/// ```
/// use ar_core::allocation::{Strategy, profile};
/// let policy = profile("oracle-autocash")?;
/// assert_eq!(policy.strategies, [Strategy::ExactAmount, Strategy::OldestDue]);
/// assert_eq!(profile("mainframe").unwrap_err().code(), "unknown_kind");
/// # Ok::<(), ar_core::problem::Refused>(())
/// ```
pub fn profile(name: &str) -> Result<AllocationPolicy, Refused> {
    let policy: AllocationPolicy = profiles::read("allocation", name)?;
    policy.check()?;
    Ok(policy)
}

impl View {
    /// Proposes allocations of the open credits: see [`propose`].
    ///
    /// # Errors
    /// Those of [`AllocationPolicy::check`].
    pub fn propose(&self, policy: &AllocationPolicy) -> Result<Proposal, Refused> {
        propose(self, policy)
    }
}

/// The chain of strategies, account by account.
fn chained(view: &View, policy: &AllocationPolicy, filter: &Filter) -> Made {
    let listed = strategy::user_order::ranks(view, &policy.user_order);
    let mut made = Made::default();
    let mut desk = Desk::new(view);
    for (account, items) in view.accounts_in_order() {
        if !desk.lay_out(policy, filter, account, items) {
            continue;
        }
        made.pay_in(made.len(), view.store.account(account).currency);
        for strategy in &policy.strategies {
            if desk.is_done() {
                break;
            }
            strategy::pass(*strategy, &mut desk, policy.partial, &listed, &mut made);
        }
        desk.finish(&mut made);
    }
    made
}
