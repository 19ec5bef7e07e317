//! What an aging says: groups by bucket, their totals, and every item with the rule that put it there.
//!
//! Amounts are decimals at the scale of the row's currency, ratios are text with their stated digits.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// One group of an aging; a total has no `by` values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgingRow {
    /// A value per key of `by` that is not the currency, in their order.
    pub by: Vec<String>,
    /// The currency of all amounts here.
    pub currency: String,
    /// An amount per bucket; they add up to `total`.
    pub buckets: Vec<Decimal>,
    /// An amount per column of the policy; none when it has no columns.
    pub columns: Option<Vec<Decimal>>,
    /// All that is open.
    pub total: Decimal,
    /// The disputed part.
    pub disputed: Decimal,
    /// The held part.
    pub held: Decimal,
    /// Open payments and advances, below zero.
    pub unapplied: Decimal,
    /// Receipts known for later days, below zero.
    pub pending: Decimal,
    /// How many open items.
    pub items: u64,
    /// `total` ÷ total of the currency, 4 digits; none when that is zero.
    pub share: Option<String>,
    /// Average age in days weighted by what is open, 2 digits; none when `total` is zero.
    pub average_age: Option<String>,
}

/// One open item of an aging: its bucket, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgingItem {
    /// The document.
    pub document: String,
    /// The instalment, 0 without a schedule.
    pub instalment: u32,
    /// Who owes.
    pub customer: String,
    /// The currency of the amounts: that of the report.
    pub currency: String,
    /// When it falls due.
    pub due_date: Option<NaiveDate>,
    /// The date that ages it; none when it is never late.
    pub basis_date: Option<NaiveDate>,
    /// Days from the basis date to the view's day.
    pub age: i32,
    /// What is open.
    pub open: Decimal,
    /// The label of its bucket.
    pub bucket: String,
    /// The disputed part.
    pub disputed: Decimal,
    /// The held part.
    pub held: Decimal,
    /// What known allocations will take later.
    pub pending: Decimal,
    /// What unapplied cash of the account would settle of it, oldest due first.
    pub would_settle: Decimal,
    /// The rule that put it into its bucket.
    pub rule: String,
    /// The edge it is past, when the rule compared it with edges: the highest such, none for the first bucket.
    pub past_edge: Option<i32>,
    /// The next edge, which it is not past.
    pub next_edge: Option<i32>,
}

/// Which item lines to explain; what is left out lets everything in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AgingQuestion {
    /// Only this customer's.
    pub customer: Option<String>,
    /// Only this document's.
    pub document: Option<String>,
    /// Only this instalment.
    pub instalment: Option<u32>,
    /// Only those in the bucket of this label.
    pub bucket: Option<String>,
}

/// An aging: held in columns, given out as rows when asked.
#[derive(Debug, Clone)]
pub struct AgingReport {
    pub(super) view: crate::ledger::View,
    pub(super) policy: super::AgingPolicy,
    pub(super) by: Vec<String>,
    pub(super) filter: super::Where,
}

impl AgingReport {
    /// The keys of `by`, without the currency.
    #[must_use]
    pub fn by(&self) -> &[String] {
        &self.by
    }

    /// The labels of the buckets, special ones first.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        Vec::new()
    }

    /// The labels of the policy's columns; none when it has none.
    #[must_use]
    pub fn column_labels(&self) -> Option<Vec<String>> {
        None
    }

    /// The groups, sorted.
    #[must_use]
    pub fn rows(&self) -> Vec<AgingRow> {
        Vec::new()
    }

    /// The totals per currency, sorted.
    #[must_use]
    pub fn totals(&self) -> Vec<AgingRow> {
        Vec::new()
    }

    /// Every item with its bucket and the rule, in the order of open items.
    #[must_use]
    pub fn items(&self) -> Vec<AgingItem> {
        Vec::new()
    }

    /// The lines of the items asked for.
    #[must_use]
    pub fn explain(&self, _question: &AgingQuestion) -> Vec<AgingItem> {
        Vec::new()
    }
}
