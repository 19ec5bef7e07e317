//! Agings and proposals, and their rows as mirrors of the facade's.

use ar_core::facade;
pub use ar_core::facade::{AgingItem, AgingQuestion, AgingRow, Explanation, MadeBy, ProposalLine, UnappliedCredit};

use crate::facts::Facts;
use crate::values::{Day, Money};

type Result<T> = std::result::Result<T, crate::ReceivablesError>;

/// An aging: groups by bucket, their totals, and every item with the rule that put it there.
#[derive(Debug, uniffi::Object)]
pub struct Aging {
    pub(crate) inner: facade::AgingReport,
}

#[uniffi::export]
impl Aging {
    /// The policy and the engine that made it.
    pub fn made_by(&self) -> Result<MadeBy> {
        Ok(self.inner.made_by())
    }

    /// The keys of the groups, without the currency.
    pub fn by(&self) -> Result<Vec<String>> {
        Ok(self.inner.by().to_vec())
    }

    /// The labels of the buckets, special ones first.
    pub fn labels(&self) -> Result<Vec<String>> {
        Ok(self.inner.labels())
    }

    /// The labels of the policy's columns; none when it has none.
    pub fn column_labels(&self) -> Result<Option<Vec<String>>> {
        Ok(self.inner.column_labels())
    }

    /// The groups, sorted.
    pub fn rows(&self) -> Result<Vec<AgingRow>> {
        Ok(self.inner.rows())
    }

    /// The totals per currency, sorted.
    pub fn totals(&self) -> Result<Vec<AgingRow>> {
        Ok(self.inner.totals())
    }

    /// Every item with its bucket and the rule, in the order of open items.
    pub fn items(&self) -> Result<Vec<AgingItem>> {
        Ok(self.inner.items())
    }

    /// The lines of the items asked for.
    pub fn explain(&self, question: AgingQuestion) -> Result<Vec<AgingItem>> {
        Ok(self.inner.explain(&question))
    }
}

/// Proposed allocations of the credits of a view. Nothing is posted by it.
#[derive(Debug, uniffi::Object)]
pub struct Proposal {
    pub(crate) inner: facade::Proposal,
}

#[uniffi::export]
impl Proposal {
    /// The policy and the engine that made it.
    pub fn made_by(&self) -> Result<MadeBy> {
        Ok(self.inner.made_by())
    }

    /// The lines: account by account, as they were made.
    pub fn lines(&self) -> Result<Vec<ProposalLine>> {
        Ok(self.inner.lines())
    }

    /// What stays on account, account by account in credit order.
    pub fn unapplied(&self) -> Result<Vec<UnappliedCredit>> {
        Ok(self.inner.unapplied())
    }

    /// The part that is about one credit, one debit, or the two together.
    #[uniffi::method(default(credit = None, debit = None))]
    pub fn explain(&self, credit: Option<String>, debit: Option<String>) -> Result<Explanation> {
        Ok(self.inner.explain(credit.as_deref(), debit.as_deref()))
    }

    /// The allocations to append, with ids `<prefix>-1`, `<prefix>-2`, …, effective on the view's day.
    pub fn facts(&self, id_prefix: String) -> Result<Facts> {
        Ok(self.inner.facts(&id_prefix).into())
    }
}

/// The policy and the engine that made a report.
#[uniffi::remote(Record)]
pub struct MadeBy {
    /// The `id` of the policy, as its user calls it; may be empty.
    pub policy: String,
    /// SHA-256 of the policy with its defaults, in hexadecimal; the same in every language.
    pub policy_hash: String,
    /// The version of the engine.
    pub engine: String,
}

/// One group of an aging; a total has no `by` values.
#[uniffi::remote(Record)]
pub struct AgingRow {
    /// A value per key of `by` that is not the currency, in their order.
    pub by: Vec<String>,
    /// The currency of all amounts here.
    pub currency: String,
    /// An amount per bucket; they add up to `total`.
    pub buckets: Vec<Money>,
    /// An amount per column of the policy; none when it has no columns.
    pub columns: Option<Vec<Money>>,
    /// All that is open.
    pub total: Money,
    /// The disputed part.
    pub disputed: Money,
    /// The held part.
    pub held: Money,
    /// Open payments and advances, below zero.
    pub unapplied: Money,
    /// Receipts known for later days, below zero.
    pub pending: Money,
    /// How many open items.
    pub items: u64,
    /// `total` ÷ total of the currency, 4 digits; none when that is zero.
    pub share: Option<String>,
    /// Average age in days weighted by what is open, 2 digits; none when `total` is zero.
    pub average_age: Option<String>,
}

/// One open item of an aging: its bucket, and why.
#[uniffi::remote(Record)]
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
    pub due_date: Option<Day>,
    /// The date that ages it; none when it is never late.
    pub basis_date: Option<Day>,
    /// Days from the basis date to the view's day.
    pub age: i32,
    /// What is open.
    pub open: Money,
    /// The label of its bucket.
    pub bucket: String,
    /// The disputed part.
    pub disputed: Money,
    /// The held part.
    pub held: Money,
    /// What known allocations will take later.
    pub pending: Money,
    /// What unapplied cash of the account would settle of it, oldest due first.
    pub would_settle: Money,
    /// The rule that put it into its bucket.
    pub rule: String,
    /// The edge it is past, when the rule compared it with edges: the highest such, none for the first bucket.
    pub past_edge: Option<i32>,
    /// The next edge, which it is not past.
    pub next_edge: Option<i32>,
}

/// Which item lines to explain; what is left out lets everything in.
#[uniffi::remote(Record)]
pub struct AgingQuestion {
    /// Only this customer's.
    #[uniffi(default)]
    pub customer: Option<String>,
    /// Only this document's.
    #[uniffi(default)]
    pub document: Option<String>,
    /// Only this instalment.
    #[uniffi(default)]
    pub instalment: Option<u32>,
    /// Only those in the bucket of this label.
    #[uniffi(default)]
    pub bucket: Option<String>,
}

/// One proposed allocation, and why.
#[uniffi::remote(Record)]
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
    pub amount: Money,
    /// The strategy that matched them.
    pub strategy: String,
    /// What was left of the credit before.
    pub credit_left: Money,
    /// What was left of the debit item before.
    pub debit_left: Money,
}

/// What stays on account of a credit.
#[uniffi::remote(Record)]
pub struct UnappliedCredit {
    /// The credit.
    pub credit: String,
    /// Its currency.
    pub currency: String,
    /// How much is left, above zero.
    pub amount: Money,
    /// `no_open_debit` or `no_match`; of a settlement also `ambiguous`, `not_searched_further`, `discount_asked`, `rate_missing`, `edited`.
    pub reason: String,
}

/// The part of a proposal that is about one credit or debit.
#[uniffi::remote(Record)]
pub struct Explanation {
    /// The lines, in their order.
    pub lines: Vec<ProposalLine>,
    /// What stays on account of the credit asked for; nothing when a debit was asked for.
    pub unapplied: Vec<UnappliedCredit>,
}
