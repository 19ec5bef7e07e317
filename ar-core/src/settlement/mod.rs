//! Settlement: discounts for early payment, tolerances, bank charges, currencies, families; what closes an item beyond the
//! money that came.
//!
//! A [`Settlement`] is a value: [`settle`] looks at a view and a policy and posts nothing. It can be shown line by line with
//! the differences beside each, asked why, edited ([`Settlement::without`]) and refused. [`Settlement::facts`] are the rows that post
//! it, [`Settlement::proof`] shows that nothing was lost: what was received is what was applied, closed and left, per
//! currency. [`undo`] takes any of it back.
//!
//! ```
//! use ar_core::calendar::Day;
//! use ar_core::facade::JsonFacts;
//! use ar_core::ledger::{Ledger, settings::Settings};
//! use ar_core::settlement::{DiscountPolicy, SettlementPolicy};
//!
//! let facts = JsonFacts::parse(
//!     r#"{
//!     "customers": [{ "id": "ACME" }],
//!     "documents": [
//!       { "id": "I1", "customer": "ACME", "kind": "invoice", "currency": "EUR", "amount": "1000.00",
//!         "document_date": "2026-01-01", "due_date": "2026-01-31" },
//!       { "id": "P1", "customer": "ACME", "kind": "payment", "currency": "EUR", "amount": "-980.00",
//!         "document_date": "2026-01-10", "reference": "invoice I1" }],
//!     "discounts": [{ "document": "I1", "until": "2026-01-15", "percent": "2" }] }"#,
//! )?;
//! let ledger = Ledger::load(Settings::default(), &facts.tables())?;
//! let today = Day::parse("2026-01-10").unwrap();
//! let policy = SettlementPolicy { discount: Some(DiscountPolicy::default()), ..SettlementPolicy::default() };
//!
//! let settlement = ledger.as_of(today).settle(&policy)?;
//! let difference = &settlement.differences()[0];
//! assert_eq!((difference.kind.as_str(), difference.amount.to_string().as_str()), ("discount", "20.00"));
//!
//! let after = ledger.append(&settlement.facts("run-1").tables(), today)?;
//! assert!(after.as_of(today).open_items().is_empty());
//! # Ok::<(), ar_core::problem::Refused>(())
//! ```

mod allow;
mod anew;
mod ask;
mod base;
mod carried;
mod clear;
mod dearest;
mod decided;
mod desk;
mod edit;
mod forgo;
mod given;
mod had;
mod limit;
mod made;
mod policy;
mod post;
mod proof;
mod quote;
mod report;
mod residual;
mod revaluation;
mod rows;
mod search;
mod spread;
mod strategy;
mod tiers;
mod undo;
mod within;

use std::sync::Arc;

pub use edit::{DiscountDecision, SettlementEdit};
pub use policy::{
    Ambiguity, AmountIn, BankCharge, BlankLimit, CashRounding, Confidence, CreditNotes, CreditedDiscount, Crossing,
    DiscountInTime, DiscountOf, DiscountPolicy, DiscountTax, DiscountWhen, ExchangeGuard, LateDiscount, LimitPer,
    MatchAmount, MatchDocument, MatchParty, MatchRule, PartPayments, PastDueOn, PriorityClass, Reasons, Scope,
    SearchPolicy, SettlementPolicy, SettlementStrategy, ShortPayment, Side, ToleranceFirst, ToleranceKind,
    ToleranceLimit, TolerancePolicy, Valued,
};
pub use report::Settlement;
pub use revaluation::{Revaluation, RevaluationTotal, RevaluedItem};
pub use rows::{ExchangeTotal, LineDifference, ProofRow, Question, SettlementExplanation, SettlementLine};
pub use undo::undo;

use crate::allocation::filter::Filter;
use crate::allocation::strategy::user_order;
use crate::ledger::View;
use crate::problem::Refused;
use crate::profiles;
use clear::Work;
use decided::Decided;
use desk::{Classes, Desk};
use limit::Limits;
use made::{Made, Reason};
use quote::Quoter;

/// Settles the open credits of a view, desk by desk.
///
/// Strategy by strategy as the policy lists them, all credits of a desk in credit order. Nothing is posted.
///
/// **Currency**: lines and differences are in the currency of their document. **Rounding**: half away from zero to the minor
/// unit, discounts as the policy says. **Edges**: days of discount and grace, limits of tolerance are inclusive.
/// **Panics**: never.
///
/// # Errors
/// Those of [`SettlementPolicy::check`].
///
/// **Source**: `docs/specification.md`, section 7; payment discount and payment tolerance after Business Central's tables,
/// limits after SAP's tolerance groups, sets after Oracle's AutoCash rules and Tryton's best match.
pub fn settle(view: &View, policy: &SettlementPolicy) -> Result<Settlement, Refused> {
    policy.check()?;
    Ok(Settlement::made_of(view, &Arc::new(policy.clone()), Decided::default()))
}

impl Settlement {
    /// What the open credits of a view settle, with what was said about discounts.
    fn made_of(view: &View, policy: &Arc<SettlementPolicy>, decided: Decided) -> Self {
        let made = settled(view, policy, &decided);
        Self::new(view.clone(), Arc::clone(policy), made, decided)
    }
}

fn settled(view: &View, policy: &SettlementPolicy, decided: &Decided) -> Made {
    let filter = Filter::new(&policy.filter, view);
    let limits = Limits::new(view, policy.tolerance.as_ref());
    let classes = Classes::new(view, &policy.priority);
    let listed = user_order::ranks(view, &policy.user_order);
    let mut quoter = Quoter::new(view, policy, decided.clone());
    let mut made = Made::default();
    for accounts in desk::desks(view, policy) {
        let Some(desk) = Desk::laid_out(view, policy, &filter, &classes, &accounts) else { continue };
        let begin = made.lines.len();
        let mut work = Work { view, policy, limits: &limits, quoter: &mut quoter, desk, made: &mut made, begin };
        work.count_before();
        for strategy in &policy.strategies {
            if work.desk.solvent().next().is_none() || work.desk.live().next().is_none() {
                break;
            }
            strategy::pass(*strategy, &mut work, &listed);
        }
        work.leave_residuals();
        work.close_all_over();
        work.finish();
        quoter.forget();
    }
    made
}

/// The policy that settles as another system does; [`profiles::names`] lists them.
///
/// # Errors
/// `unknown_kind`, field `profile`.
pub fn profile(name: &str) -> Result<SettlementPolicy, Refused> {
    let policy: SettlementPolicy = profiles::read("settlement", name)?;
    policy.check()?;
    Ok(policy)
}

impl View {
    /// Settles the open credits: see [`settle`].
    ///
    /// # Errors
    /// Those of [`SettlementPolicy::check`].
    pub fn settle(&self, policy: &SettlementPolicy) -> Result<Settlement, Refused> {
        settle(self, policy)
    }
}

impl Work<'_, '_> {
    /// Writes down what the desk has, so that it can be shown that nothing was lost.
    fn count_before(&mut self) {
        let payers = self.desk.payers.iter().filter(|payer| payer.takes_part());
        let payers = payers.map(|payer| (payer.document, payer.currency, payer.left));
        for (currency, left) in self.desk.capped(payers) {
            let before = self.made.before.entry(currency).or_default();
            before.received = before.received.saturating_add(left.into());
        }
        let claims = self.desk.claims.iter().map(|claim| (claim.document, claim.currency, claim.left));
        for (currency, left) in self.desk.capped(claims) {
            let before = self.made.before.entry(currency).or_default();
            before.claims = before.claims.saturating_add(left.into());
        }
    }

    /// Writes down what stays on account, and why.
    fn finish(&mut self) {
        let owed = self.currencies_owed();
        for at in 0..self.desk.payers.len() {
            let Some(payer) = self.desk.payers.get(at) else { return };
            if !payer.takes_part() {
                continue;
            }
            let (item, notes) = (payer.item, payer.notes);
            let reason = match notes {
                notes if notes.ambiguous => Reason::Ambiguous,
                notes if notes.not_searched => Reason::NotSearchedFurther,
                notes if notes.asked && self.still_asks(item) => Reason::DiscountAsked,
                _ if owed.is_empty() => Reason::NoOpenDebit,
                _ if self.desk.purse(at) > 0 && !self.has_rates(at, &owed) => Reason::RateMissing,
                _ => Reason::NoMatch,
            };
            self.made.payers.push((item, self.desk.purse(at), reason));
        }
    }
}

/// The examples of the page about settlement run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/settlement.md")]
struct Page;
