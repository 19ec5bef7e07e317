//! What would be applied to what, and why: a proposal is a value, nothing is posted by it.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ledger::View;
use crate::ledger::fact::Facts;

/// One proposed allocation, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalLine {
    /// The document that pays.
    pub credit: String,
    /// The document that is paid.
    pub debit: String,
    /// Its instalment, 0 without a schedule.
    pub instalment: u32,
    /// The currency of the amounts.
    pub currency: String,
    /// How much, above zero.
    pub amount: Decimal,
    /// The strategy that matched them.
    pub strategy: String,
    /// What was left of the credit before.
    pub credit_left: Decimal,
    /// What was left of the debit item before.
    pub debit_left: Decimal,
}

/// What stays on account of a credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnappliedCredit {
    /// The credit.
    pub credit: String,
    /// Its currency.
    pub currency: String,
    /// How much is left, above zero.
    pub amount: Decimal,
    /// `no_open_debit` or `no_match`.
    pub reason: String,
}

/// Proposed allocations of the credits of a view.
#[derive(Debug, Clone)]
pub struct Proposal {
    pub(super) view: View,
}

impl Proposal {
    /// The lines: account by account, as they were made.
    #[must_use]
    pub fn lines(&self) -> Vec<ProposalLine> {
        Vec::new()
    }

    /// What stays on account, in the same order.
    #[must_use]
    pub fn unapplied(&self) -> Vec<UnappliedCredit> {
        Vec::new()
    }

    /// The allocations to append, with ids `<prefix>-1`, `<prefix>-2`, …, effective on the view's day.
    #[must_use]
    pub fn facts(&self, _id_prefix: &str) -> Facts {
        let _ = self.view.day();
        Facts::default()
    }
}
