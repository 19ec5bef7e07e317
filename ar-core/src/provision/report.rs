//! What is provided for: by pool and bucket, what is judged by itself, the totals, and the journal.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::Serialize;

use super::journal::{self, JournalLine, ProvidedBefore};
use super::policy::{ProvisionCredits, ProvisionDisputed, ProvisionPolicy, SpecificProvision};
use super::rate::{self, BucketRate};
use super::share::{self, Apart, Share};
use crate::aging::{AgingReport, age};
use crate::ledger::View;
use crate::ledger::layers::place;
use crate::made_by::MadeBy;
use crate::money::{Exact, MoneyError, Ratio, multiply_divide, ratio_text};
use crate::problem::{Problem, Refused, quoted};

/// A bucket of a pool. `open` = what is owed less `credits`; `base` = `open` − `credits` − `disputed` − `taken`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    pub open: Decimal,
    /// Items below zero.
    pub credits: Decimal,
    /// The disputed parts that have no part in `base`.
    pub disputed: Decimal,
    /// What credits take off.
    pub taken: Decimal,
    /// What the rate is applied to.
    pub base: Decimal,
    /// The rate of the matrix, exactly.
    pub rate: String,
    /// The rate that is used: after the overlay.
    pub applied: String,
    /// What is provided for: `base` at `applied`, and the disputed parts at their own rate, each rounded.
    pub provision: Decimal,
}

/// A pool: the sum of its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProvisionPool {
    /// A value for each key of `pools`.
    pub pool: Vec<String>,
    /// The currency of the amounts.
    pub currency: String,
    /// How many open items.
    pub items: u64,
    /// What is open, credits off.
    pub open: Decimal,
    /// What rates are applied to.
    pub base: Decimal,
    /// The provisions of its rows added up.
    pub provision: Decimal,
    /// The same rounded once, at the end; none where the exact sum outgrows the engine's fractions.
    pub rounded_once: Option<Decimal>,
    /// `provision` ÷ `open`, 4 digits; none when nothing is open.
    pub coverage: Option<String>,
}

/// What is judged by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    pub open: Decimal,
    /// What is owed, less credits where they count.
    pub base: Decimal,
    /// The rate of the entry.
    pub rate: Option<String>,
    /// What is provided for.
    pub provision: Decimal,
    /// `provision.specific_rate`, `provision.specific_amount`, or `provision.specific_capped`: more than is owed was asked for.
    pub rule: String,
    /// Why, as the policy says.
    pub reason: String,
}

/// All of a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProvisionTotal {
    /// The currency.
    pub currency: String,
    /// How many open items.
    pub items: u64,
    /// What is open, credits off: the total of the aging.
    pub open: Decimal,
    /// What of it is judged by itself.
    pub specific_open: Decimal,
    /// What rates of matrices are applied to.
    pub base: Decimal,
    /// Provided for by pools.
    pub pooled: Decimal,
    /// Provided for by specific entries.
    pub specific: Decimal,
    /// Both.
    pub provision: Decimal,
    /// What was provided before.
    pub before: Decimal,
    /// `provision` − `before`: what is booked.
    pub movement: Decimal,
    /// `provision` ÷ `open`, 4 digits; none when nothing is open.
    pub coverage: Option<String>,
}

/// What is provided for, and what is booked.
#[derive(Debug, Clone, Serialize)]
pub struct ProvisionReport {
    /// The labels of the buckets.
    pub labels: Vec<String>,
    /// Each bucket of each pool that has an item, by the values of the pool, then currency, then bucket.
    pub rows: Vec<ProvisionRow>,
    /// The pools.
    pub pools: Vec<ProvisionPool>,
    /// In the order of the policy's entries, then by currency; entries without open items are left out.
    pub specific: Vec<SpecificRow>,
    /// By currency.
    pub totals: Vec<ProvisionTotal>,
    /// Balanced lines, by currency: the debit, then the credit.
    pub journal: Vec<JournalLine>,
    /// The policy and the engine.
    pub made_by: MadeBy,
    #[serde(skip)]
    pub(super) inner: Arc<Inner>,
}

/// What reasons are found from.
#[derive(Debug)]
pub(super) struct Inner {
    pub view: View,
    pub policy: ProvisionPolicy,
    pub aging: AgingReport,
    /// By group: the values of the pool, and the rates of its buckets; none for a group without pooled items.
    pub groups: Vec<(Vec<String>, Option<Vec<BucketRate>>)>,
}

/// The figures of a bucket of a pool, or of a specific entry.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    items: u64,
    debits: i128,
    credits: i128,
    disputed: i128,
    taken: i128,
}

impl Sums {
    fn add(&mut self, share: &Share) {
        self.items = self.items.saturating_add(1);
        self.debits = self.debits.saturating_add(share.debit());
        self.credits = self.credits.saturating_add(share.credit());
        self.disputed = self.disputed.saturating_add(share.disputed);
        self.taken = self.taken.saturating_add(share.taken);
    }

    fn open(&self) -> i128 {
        self.debits.saturating_add(self.credits)
    }

    fn base(&self) -> i128 {
        self.debits.saturating_sub(self.disputed).saturating_sub(self.taken)
    }

    /// Credits lower what stands beside them, down to zero.
    fn net(&mut self) {
        self.taken = self.credits.saturating_neg().min(self.debits.saturating_sub(self.disputed));
    }
}

pub(super) fn provide(
    view: &View,
    policy: &ProvisionPolicy,
    before: &[ProvidedBefore],
) -> Result<ProvisionReport, Refused> {
    policy.check()?;
    let aging = age(view, &policy.aging, &policy.pools, &policy.filter)?;
    let apart = Apart::read(view, policy)?;
    let amounts = specific_amounts(view, policy)?;
    let before = journal::read_before(view, before)?;
    let groups = aging.groups();
    let labels = aging.plain_labels().to_vec();

    let mut buckets = vec![Sums::default(); groups.len().saturating_mul(labels.len())];
    let mut specific: BTreeMap<(usize, String), (u8, Sums)> = BTreeMap::new();
    share::each_share(view, &aging, policy, &apart, |account, share| match share.specific {
        Some(entry) => {
            let (currency, digits) = aging.currency_of(account);
            specific.entry((entry, currency.to_owned())).or_insert_with(|| (digits, Sums::default())).1.add(&share);
        }
        None => {
            let at = place(share.aged.group).saturating_mul(labels.len()).saturating_add(place(share.aged.bucket));
            if let Some(sums) = buckets.get_mut(at) {
                sums.add(&share);
            }
        }
    });

    let mut made =
        Made { policy, before, rows: Vec::new(), pools: Vec::new(), specific: Vec::new(), totals: BTreeMap::new() };
    let mut rated = Vec::with_capacity(groups.len());
    for ((pool, account), sums) in groups.into_iter().zip(buckets.chunks_mut(labels.len().max(1))) {
        let rates = match sums.iter().any(|sums| sums.items > 0) {
            true => Some(made.pool(&pool, aging.currency_of(account), &labels, sums)?),
            false => None,
        };
        rated.push((pool, rates));
    }
    for ((at, currency), (digits, sums)) in specific {
        if let Some(entry) = policy.specific.get(at) {
            let amount = amounts.get(at).copied().flatten();
            made.specific(entry, (&currency, digits), sums, amount)?;
        }
    }
    let (totals, journal) = made.close();
    let inner = Inner { view: view.clone(), policy: policy.clone(), aging, groups: rated };
    Ok(ProvisionReport {
        labels,
        rows: made.rows,
        pools: made.pools,
        specific: made.specific,
        totals,
        journal,
        made_by: MadeBy::policy(&policy.id, policy),
        inner: Arc::new(inner),
    })
}

/// The amounts of the specific entries in minor units.
fn specific_amounts(view: &View, policy: &ProvisionPolicy) -> Result<Vec<Option<i128>>, Refused> {
    let known = view.store.settings.known_currencies();
    let read = |(at, entry): (usize, &SpecificProvision)| -> Result<Option<i128>, Refused> {
        let path = |field: &str| format!("specific[{at}].{field}");
        let Some(code) = &entry.currency else { return Ok(None) };
        let currency = known.find(code).map_err(|error| Refused::from(error).at(None, None, &path("currency")))?;
        let minor = |amount: Exact| amount.to_minor(currency.exponent).map(i128::from);
        entry.amount.map(minor).transpose().map_err(|error| Refused::from(error).at(None, None, &path("amount")))
    };
    policy.specific.iter().enumerate().map(read).collect()
}

/// A report as it is made.
struct Made<'a> {
    policy: &'a ProvisionPolicy,
    before: BTreeMap<String, (u8, i128)>,
    rows: Vec<ProvisionRow>,
    pools: Vec<ProvisionPool>,
    specific: Vec<SpecificRow>,
    totals: BTreeMap<String, Total>,
}

/// The sums of a currency.
#[derive(Debug, Clone, Copy, Default)]
struct Total {
    digits: u8,
    items: u64,
    open: i128,
    specific_open: i128,
    base: i128,
    pooled: i128,
    specific: i128,
}

impl Made<'_> {
    /// The rows of a pool, and their sum.
    fn pool(
        &mut self,
        pool: &[String],
        (currency, digits): (&str, u8),
        labels: &[String],
        buckets: &mut [Sums],
    ) -> Result<Vec<BucketRate>, Refused> {
        let matrix = rate::matrix_of(self.policy, pool, currency).ok_or_else(|| {
            let values: Vec<String> = pool.iter().map(|value| quoted(value)).collect();
            let reason = format!("expected a matrix for the pool [{}] in {currency}, got none", values.join(", "));
            Problem::new("loss_rate_missing", reason).field("matrices")
        })?;
        let rates = rate::rates_of(matrix)?;
        let money = |minor: i128| decimal(minor, digits);
        let (mut items, mut open, mut base, mut provided) = (0_u64, 0_i128, 0_i128, 0_i128);
        let mut exact = Some(Ratio::ZERO);
        let of_disputed = match self.policy.disputed {
            ProvisionDisputed::OwnRate => self.policy.disputed_rate.unwrap_or(Ratio::ZERO),
            _ => Ratio::ZERO,
        };
        for ((label, sums), rate) in labels.iter().zip(buckets).zip(&rates) {
            if self.policy.credits == ProvisionCredits::InBucket {
                sums.net();
            }
            let parts = [(sums.base(), rate.applied), (sums.disputed, of_disputed)];
            let mut of_row = 0_i128;
            for (amount, at) in parts {
                let part = multiply_divide(amount, at.numerator(), at.denominator(), self.policy.rounding);
                of_row = of_row.saturating_add(part.ok_or(MoneyError::TooLarge)?);
                exact = exact.and_then(|sum| sum.plus(Ratio::new(amount, 1).ok()?.times(at).ok()?).ok());
            }
            items = items.saturating_add(sums.items);
            open = open.saturating_add(sums.open());
            base = base.saturating_add(sums.base());
            provided = provided.saturating_add(of_row);
            self.rows.push(ProvisionRow {
                pool: pool.to_vec(),
                currency: currency.to_owned(),
                bucket: label.clone(),
                items: sums.items,
                open: money(sums.open())?,
                credits: money(sums.credits)?,
                disputed: money(sums.disputed)?,
                taken: money(sums.taken)?,
                base: money(sums.base())?,
                rate: rate.rate.to_string(),
                applied: rate.applied.to_string(),
                provision: money(of_row)?,
            });
        }
        let once = exact.and_then(|sum| multiply_divide(sum.numerator(), 1, sum.denominator(), self.policy.rounding));
        self.pools.push(ProvisionPool {
            pool: pool.to_vec(),
            currency: currency.to_owned(),
            items,
            open: money(open)?,
            base: money(base)?,
            provision: money(provided)?,
            rounded_once: once.map(money).transpose()?,
            coverage: ratio_text(provided, open, 4),
        });
        let total = self.totals.entry(currency.to_owned()).or_default();
        total.digits = digits;
        total.items = total.items.saturating_add(items);
        total.open = total.open.saturating_add(open);
        total.base = total.base.saturating_add(base);
        total.pooled = total.pooled.saturating_add(provided);
        Ok(rates)
    }

    /// What is judged by itself; never more than is owed.
    fn specific(
        &mut self,
        entry: &SpecificProvision,
        (currency, digits): (&str, u8),
        mut sums: Sums,
        amount: Option<i128>,
    ) -> Result<(), Refused> {
        if self.policy.credits != ProvisionCredits::Excluded {
            sums.net();
        }
        let (provision, rule) = match (entry.rate, amount) {
            (Some(rate), _) => {
                let part = multiply_divide(sums.base(), rate.numerator(), rate.denominator(), self.policy.rounding);
                (part.ok_or(MoneyError::TooLarge)?, "provision.specific_rate")
            }
            (None, Some(amount)) if amount <= sums.base() => (amount, "provision.specific_amount"),
            (None, _) => (sums.base(), "provision.specific_capped"),
        };
        let money = |minor: i128| decimal(minor, digits);
        self.specific.push(SpecificRow {
            customer: entry.customer.clone(),
            document: entry.document.clone(),
            currency: currency.to_owned(),
            items: sums.items,
            open: money(sums.open())?,
            base: money(sums.base())?,
            rate: entry.rate.map(|rate| rate.to_string()),
            provision: money(provision)?,
            rule: rule.to_owned(),
            reason: entry.reason.clone(),
        });
        let total = self.totals.entry(currency.to_owned()).or_default();
        total.digits = digits;
        total.items = total.items.saturating_add(sums.items);
        total.open = total.open.saturating_add(sums.open());
        total.specific_open = total.specific_open.saturating_add(sums.open());
        total.specific = total.specific.saturating_add(provision);
        Ok(())
    }

    /// The totals, and what is booked. A currency in which nothing is open any more gives back what was provided before.
    fn close(&mut self) -> (Vec<ProvisionTotal>, Vec<JournalLine>) {
        for (currency, (digits, _)) in &self.before {
            self.totals.entry(currency.clone()).or_default().digits = *digits;
        }
        let mut totals = Vec::with_capacity(self.totals.len());
        let mut lines = Vec::new();
        for (currency, total) in &self.totals {
            let money = |minor: i128| decimal(minor, total.digits).unwrap_or_default();
            let before = self.before.get(currency).map_or(0, |(_, minor)| *minor);
            let provision = total.pooled.saturating_add(total.specific);
            let movement = provision.saturating_sub(before);
            lines.extend(journal::lines(&self.policy.journal, currency, money(movement)));
            totals.push(ProvisionTotal {
                currency: currency.clone(),
                items: total.items,
                open: money(total.open),
                specific_open: money(total.specific_open),
                base: money(total.base),
                pooled: money(total.pooled),
                specific: money(total.specific),
                provision: money(provision),
                before: money(before),
                movement: money(movement),
                coverage: ratio_text(provision, total.open, 4),
            });
        }
        (totals, lines)
    }
}

/// A sum as a decimal.
pub(super) fn decimal(minor: i128, digits: u8) -> Result<Decimal, MoneyError> {
    Decimal::try_from_i128_with_scale(minor, u32::from(digits)).map_err(|_| MoneyError::TooLarge)
}
