//! Was enough provided for? A matrix as of an earlier day beside what was lost of the same items since.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::history::{self, Flow, Part, To, WriteOffs};
use super::loss_rate::{StillOpen, write_off};
use super::policy::{ProvisionPolicy, invalid};
use super::report::decimal;
use super::share::{self, Apart};
use crate::aging::{AgingCurrency, age};
use crate::ledger::View;
use crate::ledger::layers::place;
use crate::made_by::MadeBy;
use crate::money::ratio_text;
use crate::problem::{Problem, Refused};

/// What counts as lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BackTestQuestion {
    /// The kinds of differences that are losses.
    pub loss_kinds: Vec<String>,
    /// What is still open.
    pub still_open: StillOpen,
}

impl Default for BackTestQuestion {
    fn default() -> Self {
        Self { loss_kinds: write_off(), still_open: StillOpen::default() }
    }
}

/// A bucket of a pool, or a specific entry: what was owed and provided for, and what became of it.
///
/// `owed` = `settled` + `written_off` + `still_open`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    pub owed: Decimal,
    /// What was provided for then.
    pub provided: Decimal,
    /// What was settled since.
    pub settled: Decimal,
    /// What was written off since.
    pub written_off: Decimal,
    /// What is still open.
    pub still_open: Decimal,
    /// What counts as lost.
    pub lost: Decimal,
    /// `provided` ÷ `owed`, 6 digits; none when nothing was owed.
    pub expected_rate: Option<String>,
    /// `lost` ÷ `owed`, 6 digits; none when nothing was owed.
    pub actual_rate: Option<String>,
    /// `provided` − `lost`: below zero when too little was provided for.
    pub difference: Decimal,
}

/// What was provided for beside what was lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackTest {
    /// The day of the matrix.
    pub then: NaiveDate,
    /// The day until which is known what became of it.
    pub until: NaiveDate,
    /// The rows of the provision, in its order, then its specific entries.
    pub rows: Vec<BackTestRow>,
    /// By currency: `pool`, `bucket`, `customer` and `document` are empty.
    pub totals: Vec<BackTestRow>,
    /// The policy and the engine.
    pub made_by: MadeBy,
}

#[derive(Debug, Clone, Copy, Default)]
struct Since {
    owed: i128,
    provided: i128,
    settled: i128,
    written_off: i128,
    still_open: i128,
}

impl Since {
    fn add(&mut self, other: &Self) {
        self.owed = self.owed.saturating_add(other.owed);
        self.provided = self.provided.saturating_add(other.provided);
        self.settled = self.settled.saturating_add(other.settled);
        self.written_off = self.written_off.saturating_add(other.written_off);
        self.still_open = self.still_open.saturating_add(other.still_open);
    }
}

pub(super) fn back_test(
    now: &View,
    then: &View,
    policy: &ProvisionPolicy,
    question: &BackTestQuestion,
) -> Result<BackTest, Refused> {
    let kinds = history::loss_kinds(&question.loss_kinds)?;
    let report = then.provision(policy, &[])?;
    if policy.aging.currency != AgingCurrency::Document {
        return Err(invalid("aging.currency", "expected document: losses are in no other").into());
    }
    if then.day() >= now.day() {
        let reason = format!("expected a day before {}, got {}", now.day(), then.day());
        return Err(Problem::new("impossible_date", reason).field("then").into());
    }
    let aging = age(then, &policy.aging, &policy.pools, &policy.filter)?;
    let apart = Apart::read(then, policy)?;
    let minor = |amount: Decimal| amount.mantissa();

    // The rows of the report, then its specific rows, are the units that items belong to.
    let mut row_of: BTreeMap<(&[String], &str, &str), usize> = BTreeMap::new();
    let mut since = Vec::with_capacity(report.rows.len().saturating_add(report.specific.len()));
    for (at, row) in report.rows.iter().enumerate() {
        row_of.insert((&row.pool, &row.currency, &row.bucket), at);
        since.push(Since { provided: minor(row.provision), ..Since::default() });
    }
    let entry_of = |entry: usize, currency: &str| {
        let wanted = policy.specific.get(entry)?;
        let is_own = |row: &super::report::SpecificRow| {
            row.customer == wanted.customer && row.document == wanted.document && row.currency == currency
        };
        report.specific.iter().position(is_own).map(|at| at.saturating_add(report.rows.len()))
    };
    since.extend(report.specific.iter().map(|row| Since { provided: minor(row.provision), ..Since::default() }));

    let groups = aging.groups();
    let mut before: Vec<Part> = Vec::new();
    share::each_share(then, &aging, policy, &apart, |account, share| {
        let (currency, _) = aging.currency_of(account);
        let unit = match share.specific {
            Some(entry) => entry_of(entry, currency),
            None => groups.get(place(share.aged.group)).and_then(|(pool, _)| {
                let bucket = report.labels.get(place(share.aged.bucket))?;
                row_of.get(&(pool.as_slice(), currency, bucket.as_str())).copied()
            }),
        };
        if let Some(unit) = unit.filter(|_| share.aged.open > 0) {
            let (document, bucket) = (share.aged.document, share.aged.bucket);
            before.push(Part { document, bucket, open: share.open(), unit });
        }
    });
    history::sort(&mut before);
    let after = history::parts(now, &policy.aging)?;
    let write_offs = WriteOffs::of(now, &kinds);
    let days = (then.day().number(), now.day().number());
    history::follow((&before, days.0), (&after, days.1), &write_offs, |flow: Flow| {
        let Some(row) = flow.from.and_then(|part| since.get_mut(part.unit)) else { return };
        row.owed = row.owed.saturating_add(flow.amount);
        let slot = match flow.to {
            To::Settled => &mut row.settled,
            To::WrittenOff => &mut row.written_off,
            To::Bucket(_) => &mut row.still_open,
        };
        *slot = slot.saturating_add(flow.amount);
    });

    let mut rows = Vec::with_capacity(since.len());
    let mut totals: BTreeMap<&str, (u32, Since)> = BTreeMap::new();
    let pooled =
        report.rows.iter().map(|row| (row.pool.clone(), None, None, &row.currency, &row.bucket, &row.provision));
    let nowhere = String::new();
    let entries = report
        .specific
        .iter()
        .map(|row| (Vec::new(), row.customer.clone(), row.document.clone(), &row.currency, &nowhere, &row.provision));
    for ((pool, customer, document, currency, bucket, provision), own) in pooled.chain(entries).zip(&since) {
        let total = totals.entry(currency).or_insert_with(|| (provision.scale(), Since::default()));
        total.1.add(own);
        let blank = told(question, own, currency, provision.scale())?;
        rows.push(BackTestRow { pool, customer, document, bucket: bucket.clone(), ..blank });
    }
    let totals = totals.into_iter().map(|(currency, (digits, sum))| told(question, &sum, currency, digits));
    Ok(BackTest {
        then: then.day().to_naive_date(),
        until: now.day().to_naive_date(),
        rows,
        totals: totals.collect::<Result<_, Refused>>()?,
        made_by: report.made_by,
    })
}

fn told(question: &BackTestQuestion, sums: &Since, currency: &str, digits: u32) -> Result<BackTestRow, Refused> {
    let digits = u8::try_from(digits).unwrap_or(0);
    let money = |minor: i128| decimal(minor, digits);
    let lost = match question.still_open {
        StillOpen::Lost => sums.written_off.saturating_add(sums.still_open),
        StillOpen::NotLost => sums.written_off,
    };
    Ok(BackTestRow {
        pool: Vec::new(),
        customer: None,
        document: None,
        currency: currency.to_owned(),
        bucket: String::new(),
        owed: money(sums.owed)?,
        provided: money(sums.provided)?,
        settled: money(sums.settled)?,
        written_off: money(sums.written_off)?,
        still_open: money(sums.still_open)?,
        lost: money(lost)?,
        expected_rate: ratio_text(sums.provided, sums.owed, 6),
        actual_rate: ratio_text(lost, sums.owed, 6),
        difference: money(sums.provided.saturating_sub(lost))?,
    })
}
