//! What an aging says: groups by bucket, their totals, and every item with the rule that put it there.
//!
//! Amounts are decimals at the scale of the row's currency, ratios are text with their stated digits.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::fold::AgingFold;
use super::group::Groups;
use super::keys::{self, Filter, Key, Values};
use super::place::Placing;
use super::policy::BucketColumn;
use crate::ledger::layers::{count, place};
use crate::made_by::MadeBy;
use crate::money::ratio_text;

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

/// An aging: held in columns, given out as rows when asked. Cheap to clone.
///
/// Figures beside the buckets (disputed, held, unapplied, average age) are found when they are first asked for.
#[derive(Debug, Clone)]
pub struct AgingReport {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub placing: Placing,
    /// Names and keys of `by`, without the currency.
    pub by: Vec<String>,
    pub keys: Vec<Key>,
    pub groups: Groups,
    table: OnceLock<AgingFold>,
    pub filter: Filter,
    /// Whether groups are made of whole accounts.
    pub whole_accounts: bool,
    details: OnceLock<Vec<Detail>>,
    receipts: OnceLock<Vec<(u32, i128)>>,
}

/// What stands beside the buckets of a group.
#[derive(Debug, Clone, Copy, Default)]
struct Detail {
    disputed: i128,
    held: i128,
    unapplied: i128,
    /// Σ open × age.
    aged: i128,
    pending: i128,
}

/// The figures of a group or of all groups of a currency.
#[derive(Debug, Clone, Default)]
struct Sum {
    buckets: Vec<i128>,
    items: u64,
    detail: Detail,
}

impl Inner {
    /// The amounts by group and bucket: one pass over the items, made when first asked for.
    pub(super) fn table(&self) -> &AgingFold {
        self.table.get_or_init(|| super::fill(&self.placing, &self.groups))
    }
}

impl Sum {
    fn total(&self) -> i128 {
        self.buckets.iter().fold(0, |sum: i128, bucket| sum.saturating_add(*bucket))
    }

    fn add(&mut self, other: &Self) {
        self.buckets.resize(self.buckets.len().max(other.buckets.len()), 0);
        for (sum, more) in self.buckets.iter_mut().zip(&other.buckets) {
            *sum = sum.saturating_add(*more);
        }
        self.items = self.items.saturating_add(other.items);
        self.detail.add(&other.detail);
    }
}

impl Detail {
    fn add(&mut self, other: &Self) {
        self.disputed = self.disputed.saturating_add(other.disputed);
        self.held = self.held.saturating_add(other.held);
        self.unapplied = self.unapplied.saturating_add(other.unapplied);
        self.aged = self.aged.saturating_add(other.aged);
        self.pending = self.pending.saturating_add(other.pending);
    }
}

impl AgingReport {
    pub(super) fn new(placing: Placing, by: Vec<String>, keys: Vec<Key>, groups: Groups, filter: Filter) -> Self {
        let whole_accounts = !filter.is_finer() && !keys.iter().any(|key| key.is_finer());
        let (table, details, receipts) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { inner: Arc::new(Inner { placing, by, keys, groups, table, filter, whole_accounts, details, receipts }) }
    }

    /// The policy and the engine that made this report.
    #[must_use]
    pub fn made_by(&self) -> MadeBy {
        let policy = &self.inner.placing.policy;
        MadeBy::policy(&policy.id, policy)
    }

    /// The keys of `by`, without the currency.
    #[must_use]
    pub fn by(&self) -> &[String] {
        &self.inner.by
    }

    /// The labels of the buckets, special ones first.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        self.inner.placing.cut.labels.clone()
    }

    /// The labels of the policy's columns; none when it has none.
    #[must_use]
    pub fn column_labels(&self) -> Option<Vec<String>> {
        let columns = &self.inner.placing.policy.columns;
        (!columns.is_empty()).then(|| columns.iter().map(|column| column.label.clone()).collect())
    }

    /// The groups that have an open item, sorted by the values of `by`, then by currency.
    ///
    /// **Currency**: that of the row. **Edges**: see [`AgingPolicy`](super::AgingPolicy). **Rounding**: only `share` and
    /// `average_age`, half away from zero.
    #[must_use]
    pub fn rows(&self) -> Vec<AgingRow> {
        let inner = &self.inner;
        let totals = inner.totals();
        let values = &mut Values::new(&inner.placing.view);
        let mut rows = Vec::new();
        for (group, sum) in inner.sums() {
            let account = inner.groups.account(&inner.placing.view, group);
            let currency = inner.placing.currency(account);
            let of_currency = totals.get(currency.0).map_or(0, |(_, total)| total.total());
            let by = inner
                .keys
                .iter()
                .map(|key| {
                    let value = inner.groups.value(&inner.placing.view, values, *key, group);
                    keys::text(&inner.placing.view.store, *key, value).to_owned()
                })
                .collect();
            rows.push(inner.row(by, currency, &sum, of_currency));
        }
        rows
    }

    /// The totals per currency, sorted. A currency that has only receipts to come has its total too.
    #[must_use]
    pub fn totals(&self) -> Vec<AgingRow> {
        let inner = &self.inner;
        let totals = inner.totals();
        let row = |(code, (digits, sum)): (&&str, &(u8, Sum))| inner.row(Vec::new(), (code, *digits), sum, sum.total());
        totals.iter().map(row).collect()
    }
}

impl Inner {
    /// The figures of each group that has an item.
    fn sums(&self) -> impl Iterator<Item = (u32, Sum)> + '_ {
        let details = self.details();
        let buckets = count(self.table().buckets());
        (0..count(self.table().groups())).filter_map(move |group| {
            let items = (0..buckets)
                .fold(0, |sum: u64, bucket| sum.saturating_add(u64::from(self.table().count(group, bucket))));
            let sum = || Sum {
                buckets: (0..buckets).map(|bucket| self.table().sum(group, bucket)).collect(),
                items,
                detail: details.get(place(group)).copied().unwrap_or_default(),
            };
            (items > 0).then(|| (group, sum()))
        })
    }

    /// By currency code: its digits and its figures, with all receipts to come that are let in.
    fn totals(&self) -> BTreeMap<&str, (u8, Sum)> {
        let mut totals: BTreeMap<&str, (u8, Sum)> = BTreeMap::new();
        for (group, mut sum) in self.sums() {
            let (code, digits) = self.placing.currency(self.groups.account(&self.placing.view, group));
            sum.detail.pending = 0;
            totals.entry(code).or_insert_with(|| (digits, Sum::default())).1.add(&sum);
        }
        for (account, figure) in self.receipts() {
            let (code, digits) = self.placing.currency(*account);
            let total = &mut totals.entry(code).or_insert_with(|| (digits, Sum::default())).1;
            total.buckets.resize(self.table().buckets(), 0);
            total.detail.pending = total.detail.pending.saturating_add(*figure);
        }
        totals
    }

    /// Receipts to come of the accounts that the filter leaves; none when it looks at single documents.
    fn receipts(&self) -> &[(u32, i128)] {
        self.receipts.get_or_init(|| {
            if self.filter.is_finer() {
                return Vec::new();
            }
            let values = &mut Values::new(&self.placing.view);
            let mut receipts = self.placing.figures.receipts(&self.placing.view);
            receipts.retain(|(account, _)| self.filter.lets_account_in(values, *account));
            receipts
        })
    }

    fn details(&self) -> &[Detail] {
        self.details.get_or_init(|| {
            let mut details = vec![Detail::default(); self.table().groups()];
            let placing = &self.placing;
            let marks = placing.view.marks();
            let open = placing.figures.open(&placing.view);
            for (item, (account, figure)) in placing.view.items.account.iter().zip(open).enumerate() {
                let group = self.groups.of_item(item, *account);
                let Some(detail) = details.get_mut(place(group)) else { continue };
                let wide = i128::from(*figure);
                if let Some(part) = marks.disputed.get(&count(item)) {
                    let part = placing.figures.part(&placing.view, item, *part);
                    detail.disputed = detail.disputed.saturating_add(i128::from(part));
                }
                if marks.held.contains(&count(item)) {
                    detail.held = detail.held.saturating_add(wide);
                }
                if placing.is_receipt(item) {
                    detail.unapplied = detail.unapplied.saturating_add(wide);
                }
                let age = i128::from(placing.age(placing.basis(item)));
                detail.aged = detail.aged.saturating_add(wide.saturating_mul(age));
            }
            if self.whole_accounts {
                for (account, figure) in self.receipts() {
                    let group = self.groups.of_account(*account);
                    if let Some(detail) = details.get_mut(place(group)) {
                        detail.pending = detail.pending.saturating_add(*figure);
                    }
                }
            }
            details
        })
    }

    fn row(&self, by: Vec<String>, currency: (&str, u8), sum: &Sum, of_currency: i128) -> AgingRow {
        let (code, digits) = currency;
        let money = |minor: i128| wide_decimal(minor, digits);
        let total = sum.total();
        let plain = sum.buckets.get(place(self.placing.cut.special)..).unwrap_or(&[]);
        let union = |column: &BucketColumn| {
            let buckets = plain.get(place(column.from)..=place(column.to)).unwrap_or(&[]);
            money(buckets.iter().fold(0, |sum: i128, bucket| sum.saturating_add(*bucket)))
        };
        let columns = &self.placing.policy.columns;
        AgingRow {
            by,
            currency: code.to_owned(),
            buckets: sum.buckets.iter().map(|bucket| money(*bucket)).collect(),
            columns: (!columns.is_empty()).then(|| columns.iter().map(union).collect()),
            total: money(total),
            disputed: money(sum.detail.disputed),
            held: money(sum.detail.held),
            unapplied: money(sum.detail.unapplied),
            pending: money(sum.detail.pending),
            items: sum.items,
            share: ratio_text(total, of_currency, 4),
            average_age: ratio_text(sum.detail.aged, total, 2),
        }
    }
}

/// A sum as a decimal. Fewer than 2^32 amounts of less than 2^63 each fit the 96 bits of a decimal.
pub(super) fn wide_decimal(minor: i128, digits: u8) -> Decimal {
    Decimal::try_from_i128_with_scale(minor, u32::from(digits)).unwrap_or_default()
}
