//! Provisions: what will not be paid of what is owed, as mirrors of the facade's rows.

use std::sync::Arc;

use ar_core::facade;
pub use ar_core::facade::{
    BackTest, BackTestRow, DerivedMatrix, JournalLine, LossRate, LossRates, ProvisionItem, ProvisionPool, ProvisionRow,
    ProvisionTotal, RollMove, SpecificRow,
};

use crate::ledger::View;
use crate::reports::MadeBy;
use crate::values::{Day, GivenMoney, Money};

type Result<T> = std::result::Result<T, crate::ReceivablesError>;

/// What was provided before, in a currency.
#[derive(Debug, Clone, uniffi::Record)]
pub struct ProvidedBefore {
    /// The currency.
    pub currency: String,
    /// How much; not below zero.
    pub amount: GivenMoney,
}

/// Which items to explain; what is left out lets everything in.
#[derive(Debug, Clone, uniffi::Record)]
pub struct ProvisionQuestion {
    /// Only this customer's.
    #[uniffi(default)]
    pub customer: Option<String>,
    /// Only this document's.
    #[uniffi(default)]
    pub document: Option<String>,
    /// Only this currency's.
    #[uniffi(default)]
    pub currency: Option<String>,
    /// Only those of the pool with these values.
    #[uniffi(default)]
    pub pool: Option<Vec<String>>,
    /// Only those in the bucket of this label.
    #[uniffi(default)]
    pub bucket: Option<String>,
}

/// What is provided for, and what is booked.
#[derive(Debug, uniffi::Object)]
pub struct Provision {
    inner: facade::ProvisionReport,
}

#[uniffi::export]
impl View {
    /// What is to be provided for of what is owed, by a policy as JSON text, and what is booked after what was provided before.
    #[uniffi::method(default(before = []))]
    pub fn provision(&self, policy: String, before: Vec<ProvidedBefore>) -> Result<Arc<Provision>> {
        let read = |row: ProvidedBefore| -> Result<facade::ProvidedBefore> {
            let amount = facade::Exact::from_decimal(row.amount.read("amount")?);
            Ok(facade::ProvidedBefore { currency: row.currency, amount })
        };
        let before = before.into_iter().map(read).collect::<Result<Vec<_>>>()?;
        Ok(Arc::new(Provision { inner: self.inner.provision(&facade::provision_policy(&policy)?, &before)? }))
    }
}

#[uniffi::export]
impl View {
    /// The loss rates of the ledger's own history until this day, by a policy as JSON text.
    pub fn loss_rates(&self, policy: String) -> Result<LossRates> {
        Ok(self.inner.loss_rates(&facade::loss_rate_policy(&policy)?)?)
    }

    /// What a policy would have provided for in an earlier view of the same ledger, beside what was lost until this day.
    /// `question` is JSON text: `loss_kinds`, `still_open`.
    #[uniffi::method(default(question = "{}"))]
    pub fn back_test(&self, then: Arc<View>, policy: String, question: String) -> Result<BackTest> {
        let question = facade::back_test_question(&question)?;
        Ok(self.inner.back_test(&then.inner, &facade::provision_policy(&policy)?, &question)?)
    }
}

#[uniffi::export]
impl Provision {
    /// The labels of the buckets.
    pub fn labels(&self) -> Result<Vec<String>> {
        Ok(self.inner.labels.clone())
    }

    /// Each bucket of each pool that has an item.
    pub fn rows(&self) -> Result<Vec<ProvisionRow>> {
        Ok(self.inner.rows.clone())
    }

    /// The pools.
    pub fn pools(&self) -> Result<Vec<ProvisionPool>> {
        Ok(self.inner.pools.clone())
    }

    /// What is judged by itself.
    pub fn specific(&self) -> Result<Vec<SpecificRow>> {
        Ok(self.inner.specific.clone())
    }

    /// By currency.
    pub fn totals(&self) -> Result<Vec<ProvisionTotal>> {
        Ok(self.inner.totals.clone())
    }

    /// Balanced lines, by currency: the debit, then the credit.
    pub fn journal(&self) -> Result<Vec<JournalLine>> {
        Ok(self.inner.journal.clone())
    }

    /// The policy and the engine.
    pub fn made_by(&self) -> Result<MadeBy> {
        Ok(self.inner.made_by.clone())
    }

    /// The items asked for; those of a pool's bucket add up to its row.
    pub fn explain(&self, question: ProvisionQuestion) -> Result<Vec<ProvisionItem>> {
        let ProvisionQuestion { customer, document, currency, pool, bucket } = question;
        Ok(self.inner.explain(&facade::ProvisionQuestion { customer, document, currency, pool, bucket })?)
    }
}

/// A bucket of a pool: `base` at the rate `applied`.
#[uniffi::remote(Record)]
pub struct ProvisionRow {
    /// A value for each key of `pools`.
    pub pool: Vec<String>,
    /// The currency of the amounts.
    pub currency: String,
    /// The label of the bucket.
    pub bucket: String,
    /// How many open items.
    pub items: u64,
    /// What is open, credits off.
    pub open: Money,
    /// Items below zero.
    pub credits: Money,
    /// The disputed parts that have no part in `base`.
    pub disputed: Money,
    /// What credits take off.
    pub taken: Money,
    /// What the rate is applied to.
    pub base: Money,
    /// The rate of the matrix, exactly.
    pub rate: String,
    /// The rate that is used.
    pub applied: String,
    /// What is provided for.
    pub provision: Money,
}

/// A pool: the sum of its rows.
#[uniffi::remote(Record)]
pub struct ProvisionPool {
    /// A value for each key of `pools`.
    pub pool: Vec<String>,
    /// The currency of the amounts.
    pub currency: String,
    /// How many open items.
    pub items: u64,
    /// What is open, credits off.
    pub open: Money,
    /// What rates are applied to.
    pub base: Money,
    /// The provisions of its rows added up.
    pub provision: Money,
    /// The same rounded once, at the end.
    pub rounded_once: Option<Money>,
    /// `provision` ÷ `open`.
    pub coverage: Option<String>,
}

/// What is judged by itself.
#[uniffi::remote(Record)]
pub struct SpecificRow {
    /// The customer of the entry.
    pub customer: Option<String>,
    /// The document of the entry.
    pub document: Option<String>,
    /// The currency of the amounts.
    pub currency: String,
    /// How many open items.
    pub items: u64,
    /// What is open, credits off.
    pub open: Money,
    /// What is owed, less credits where they count.
    pub base: Money,
    /// The rate of the entry.
    pub rate: Option<String>,
    /// What is provided for.
    pub provision: Money,
    /// The rule.
    pub rule: String,
    /// Why, as the policy says.
    pub reason: String,
}

/// All of a currency.
#[uniffi::remote(Record)]
pub struct ProvisionTotal {
    /// The currency.
    pub currency: String,
    /// How many open items.
    pub items: u64,
    /// What is open, credits off.
    pub open: Money,
    /// What of it is judged by itself.
    pub specific_open: Money,
    /// What rates of matrices are applied to.
    pub base: Money,
    /// Provided for by pools.
    pub pooled: Money,
    /// Provided for by specific entries.
    pub specific: Money,
    /// Both.
    pub provision: Money,
    /// What was provided before.
    pub before: Money,
    /// What is booked.
    pub movement: Money,
    /// `provision` ÷ `open`.
    pub coverage: Option<String>,
}

/// A line of the journal.
#[uniffi::remote(Record)]
pub struct JournalLine {
    /// The currency.
    pub currency: String,
    /// The account, as the policy calls it.
    pub account: String,
    /// What is debited.
    pub debit: Money,
    /// What is credited.
    pub credit: Money,
}

/// An item, and what of it is provided for.
#[uniffi::remote(Record)]
pub struct ProvisionItem {
    /// The document.
    pub document: String,
    /// The instalment, 0 without a schedule.
    pub instalment: u32,
    /// Who owes.
    pub customer: String,
    /// The currency of the amounts.
    pub currency: String,
    /// The values of its pool.
    pub pool: Vec<String>,
    /// The label of its bucket.
    pub bucket: String,
    /// Days from the date that ages it to the view's day.
    pub age: i32,
    /// What is open.
    pub open: Money,
    /// The disputed part that has no part in `base`.
    pub disputed: Money,
    /// What credits of the account take off it.
    pub taken: Money,
    /// What it adds to the base of its bucket.
    pub base: Money,
    /// The rule.
    pub rule: String,
    /// The rate of the matrix, or of the specific entry.
    pub rate: Option<String>,
    /// What the overlay multiplies it by.
    pub factor: Option<String>,
    /// What the overlay adds.
    pub points: Option<String>,
    /// The rate that is used.
    pub applied: Option<String>,
    /// Why it is judged by itself.
    pub reason: Option<String>,
}

/// The rate of a bucket, or why there is none.
#[uniffi::remote(Record)]
pub struct LossRate {
    /// A value for each key of `pools`.
    pub pool: Vec<String>,
    /// The currency of the amounts.
    pub currency: String,
    /// The label of the bucket.
    pub bucket: String,
    /// How many documents reached it, or parts of documents stood in it.
    pub items: u64,
    /// How much reached it, or stood in it.
    pub reached: Money,
    /// How much of that was lost.
    pub lost: Money,
    /// How much moved to an older bucket at the next step.
    pub rolled: Money,
    /// The rate, exactly.
    pub rate: Option<String>,
    /// `derived`, `given`, `nothing_reached`, `too_few_items` or `not_enough_history`.
    pub outcome: String,
}

/// How much went from a bucket to another place from one step to the next.
#[uniffi::remote(Record)]
pub struct RollMove {
    /// A value for each key of `pools`.
    pub pool: Vec<String>,
    /// The currency of the amounts.
    pub currency: String,
    /// The label of the bucket.
    pub from: String,
    /// A label, `settled` or `written_off`.
    pub to: String,
    /// How much.
    pub amount: Money,
}

/// A matrix that a provision takes.
#[uniffi::remote(Record)]
pub struct DerivedMatrix {
    /// A value for each key of `pools`.
    pub pool: Vec<String>,
    /// The currency.
    pub currency: String,
    /// One a bucket.
    pub rates: Vec<String>,
}

/// Loss rates with what they were found from.
#[uniffi::remote(Record)]
pub struct LossRates {
    /// `cohort` or `roll_rates`.
    pub method: String,
    /// `derived` or `not_enough_history`.
    pub outcome: String,
    /// The days that were looked at.
    pub days: Vec<Day>,
    /// The labels of the buckets.
    pub labels: Vec<String>,
    /// Each bucket of each pool.
    pub rows: Vec<LossRate>,
    /// Each way out of each bucket of each pool.
    pub moves: Vec<RollMove>,
    /// The pools of which every bucket has a rate.
    pub matrices: Vec<DerivedMatrix>,
    /// The policy and the engine.
    pub made_by: MadeBy,
}

/// What was owed and provided for, and what became of it.
#[uniffi::remote(Record)]
pub struct BackTestRow {
    /// A value for each key of `pools`; empty for a specific entry.
    pub pool: Vec<String>,
    /// The customer of a specific entry.
    pub customer: Option<String>,
    /// The document of a specific entry.
    pub document: Option<String>,
    /// The currency of the amounts.
    pub currency: String,
    /// The label of the bucket; empty for a specific entry.
    pub bucket: String,
    /// What was owed then.
    pub owed: Money,
    /// What was provided for then.
    pub provided: Money,
    /// What was settled since.
    pub settled: Money,
    /// What was written off since.
    pub written_off: Money,
    /// What is still open.
    pub still_open: Money,
    /// What counts as lost.
    pub lost: Money,
    /// `provided` ÷ `owed`.
    pub expected_rate: Option<String>,
    /// `lost` ÷ `owed`.
    pub actual_rate: Option<String>,
    /// `provided` − `lost`.
    pub difference: Money,
}

/// What was provided for beside what was lost.
#[uniffi::remote(Record)]
pub struct BackTest {
    /// The day of the matrix.
    pub then: Day,
    /// The day until which is known what became of it.
    pub until: Day,
    /// The rows of the provision, then its specific entries.
    pub rows: Vec<BackTestRow>,
    /// By currency.
    pub totals: Vec<BackTestRow>,
    /// The policy and the engine.
    pub made_by: MadeBy,
}
