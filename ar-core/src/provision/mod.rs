//! What will not be paid of what is owed, and what is booked for it?
//!
//! A provision is a view, aged by the policy's own edges, times a matrix of loss rates: the simplified approach of IFRS 9
//! (5.5.15, B5.5.35) and the aging-schedule method of CECL (ASC 326-20-55-37). The items of a bucket share a rate, but those
//! that are judged by themselves. Rates are given, or found in the ledger's own history; an overlay that looks forward is
//! stated beside them. Every figure is exact until it is rounded, once a bucket.

mod back_test;
mod cohort;
mod explain;
mod history;
mod journal;
mod loss_rate;
mod policy;
mod rate;
mod report;
mod roll;
mod share;

pub use self::back_test::{BackTest, BackTestQuestion, BackTestRow};
pub use self::explain::{ProvisionItem, ProvisionQuestion};
pub use self::journal::{JournalAccounts, JournalLine, ProvidedBefore};
pub use self::loss_rate::{
    DerivedMatrix, HistoryStep, LossMethod, LossRate, LossRatePolicy, LossRates, RollMove, StillOpen,
};
pub use self::policy::{
    AboveOne, LossMatrix, Overlay, ProvisionCredits, ProvisionDisputed, ProvisionPolicy, SpecificProvision,
};
pub use self::report::{ProvisionPool, ProvisionReport, ProvisionRow, ProvisionTotal, SpecificRow};

use crate::ledger::View;
use crate::problem::Refused;

impl View {
    /// What is to be provided for on this view's day, and what is booked after what was provided `before`.
    ///
    /// The open items are aged by the policy's edges and pooled by its keys. What is judged by itself is taken out; the rest
    /// of a bucket is provided for at its rate.
    ///
    /// **Unit**: money at the scale of its currency; rates as text, exact. **Currency**: that of the policy's aging, never
    /// added across. **Rounding**: once per bucket and specific entry, as the policy says. **Edges**: those of the aging;
    /// what it shows apart is placed by its age here. **Panics**: never. **Source**: `docs/specification.md`, section 14.
    ///
    /// # Errors
    /// In this order: `policy_invalid`; those of [`age`](crate::aging::age); `unknown_reference` for a customer or document of
    /// a specific entry; `unknown_currency`, `too_many_digits`, `too_large` for amounts of the policy, then of `before`;
    /// `duplicate_id` and `wrong_sign` in `before`; `loss_rate_missing` where no matrix is meant for a pool.
    ///
    /// ```
    /// use ar_core::calendar::Day;
    /// use ar_core::facade::{JsonFacts, provision_policy};
    /// use ar_core::ledger::{Ledger, settings::Settings};
    /// let facts = JsonFacts::parse(r#"{ "customers": [{ "id": "ACME" }], "documents": [
    ///     { "id": "1", "customer": "ACME", "kind": "invoice", "currency": "EUR", "amount": "15000.00",
    ///       "document_date": "2026-01-01", "due_date": "2026-03-31" },
    ///     { "id": "2", "customer": "ACME", "kind": "invoice", "currency": "EUR", "amount": "7500.00",
    ///       "document_date": "2026-01-01", "due_date": "2026-02-10" }] }"#)?;
    /// let ledger = Ledger::load(Settings::default(), &facts.tables())?;
    /// let policy = provision_policy(r#"{ "aging": { "edges": [0, 30] },
    ///     "matrices": [{ "rates": ["0.003", "0.016", "0.036"] }] }"#)?;
    ///
    /// let report = ledger.as_of(Day::parse("2026-02-28")?).provision(&policy, &[])?;
    /// let provided: Vec<String> = report.rows.iter().map(|row| row.provision.to_string()).collect();
    /// assert_eq!(provided, ["45.00", "120.00", "0.00"]);
    /// assert_eq!(report.journal[0].debit.to_string(), "165.00");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn provision(&self, policy: &ProvisionPolicy, before: &[ProvidedBefore]) -> Result<ProvisionReport, Refused> {
        report::provide(self, policy, before)
    }

    /// The loss rates of the ledger's own history until this view's day, as it is known in this view.
    ///
    /// By cohort: the documents of a time, followed to their end. By roll rates: what is open, from step to step. A bucket
    /// that history is too short for has no rate, and says why.
    ///
    /// **Unit**: amounts at the scale of their currency; rates as text. **Rounding**: as the policy says; a cohort's rates are
    /// exact without. **Panics**: never. **Source**: `docs/specification.md`, section 14.
    ///
    /// # Errors
    /// `policy_invalid`; `unknown_dimension`, `unknown_value`; `too_large`.
    pub fn loss_rates(&self, policy: &LossRatePolicy) -> Result<LossRates, Refused> {
        loss_rate::find(self, policy)
    }

    /// What a policy would have provided for in an earlier view of the same ledger, beside what was lost until this one.
    ///
    /// # Errors
    /// `policy_invalid`; those of [`View::provision`]; `impossible_date`, field `then`, for a view that is not earlier.
    pub fn back_test(
        &self,
        then: &Self,
        policy: &ProvisionPolicy,
        question: &BackTestQuestion,
    ) -> Result<BackTest, Refused> {
        back_test::back_test(self, then, policy, question)
    }
}
