//! Which part of what reaches a bucket is lost? Found in the ledger's own history, by cohort or by roll rates.
//!
//! A rate that history is too short for is none, with the reason: no figure is made up.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::cohort;
use super::history::{self, Flow, Pools, To, WriteOffs};
use super::policy::{check_pools, invalid, is_part};
use super::report::decimal;
use super::roll;
use crate::aging::{AgingCurrency, AgingPolicy, Where, age};
use crate::calendar::Day;
use crate::ledger::View;
use crate::ledger::layers::place;
use crate::made_by::MadeBy;
use crate::money::{MoneyError, Ratio, Rounding, multiply_divide};
use crate::problem::{Problem, Refused};
use crate::words::words;

/// The most days on which a history is looked at.
const MOST_STEPS: usize = 1_000;
/// The most digits that a rate is rounded to.
const MOST_DIGITS: u8 = 12;

/// How loss rates are found; see `docs/specification.md`, section 14. `aging` and `from` have no default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LossRatePolicy {
    /// Version of the policy format.
    #[serde(default = "one")]
    pub version: u32,
    /// What the user calls it.
    #[serde(default)]
    pub id: String,
    /// The buckets; in document currency.
    pub aging: AgingPolicy,
    /// Only documents with these values of keys.
    #[serde(default, rename = "where", skip_serializing_if = "Where::is_empty")]
    pub filter: Where,
    /// The keys whose values share a risk.
    #[serde(default)]
    pub pools: Vec<String>,
    /// What is followed.
    #[serde(default)]
    pub method: LossMethod,
    /// The first document date of the cohort, or the first day looked at.
    pub from: Day,
    /// The last document date of the cohort; the view's day when absent.
    #[serde(default)]
    pub to: Option<Day>,
    /// The days on which it is looked at.
    #[serde(default)]
    pub step: HistoryStep,
    /// Every so many days, with the step `days`.
    #[serde(default)]
    pub step_days: Option<u32>,
    /// The kinds of differences that are losses.
    #[serde(default = "write_off")]
    pub loss_kinds: Vec<String>,
    /// What a cohort's documents are that are still open in the last bucket.
    #[serde(default)]
    pub still_open: StillOpen,
    /// The rate of the last bucket, with roll rates.
    #[serde(default = "whole")]
    pub last_rate: Ratio,
    /// A bucket that fewer items reached has no rate.
    #[serde(default = "one")]
    pub minimum_items: u32,
    /// Digits that rates are rounded to; none: exact by cohort, 12 with roll rates.
    #[serde(default)]
    pub digits: Option<u8>,
    /// How.
    #[serde(default)]
    pub rounding: Rounding,
}

fn one() -> u32 {
    1
}

fn whole() -> Ratio {
    Ratio::ONE
}

pub(super) fn write_off() -> Vec<String> {
    vec![String::from("write_off")]
}

words! {
    /// What is followed to find a loss rate.
    LossMethod {
        Cohort "cohort" /** The documents of a time, to their end. */,
        RollRates "roll_rates" /** What is open, from step to step. */,
    }
}

words! {
    /// The days on which a history is looked at.
    HistoryStep {
        MonthEnds "month_ends" /** Each last day of a month. */,
        Days "days" /** Every so many days. */,
    }
}

words! {
    /// What is still open at the end of a history.
    StillOpen {
        Lost "lost" /** As good as lost. */,
        NotLost "not_lost" /** Not lost yet. */,
    }
}

/// The rate of a bucket, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossRate {
    /// A value for each key of `pools`.
    pub pool: Vec<String>,
    /// The currency of the amounts.
    pub currency: String,
    /// The label of the bucket.
    pub bucket: String,
    /// How many documents reached it (cohort), or parts of documents stood in it (roll rates).
    pub items: u64,
    /// How much reached it, or stood in it.
    pub reached: Decimal,
    /// How much of that was lost: written off, and with a cohort what is still open as the policy says.
    pub lost: Decimal,
    /// How much moved to an older bucket at the next step; zero with a cohort.
    pub rolled: Decimal,
    /// The rate, exactly; none where there is none.
    pub rate: Option<String>,
    /// `derived`, `given` (the policy's `last_rate`), `nothing_reached`, `too_few_items` or `not_enough_history`.
    pub outcome: String,
}

/// How much went from a bucket to another place from one step to the next, all steps together: a cell of the matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    pub amount: Decimal,
}

/// A matrix that a provision takes: a pool of which every bucket has a rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DerivedMatrix {
    /// A value for each key of `pools`.
    pub pool: Vec<String>,
    /// The currency.
    pub currency: String,
    /// One a bucket.
    pub rates: Vec<String>,
}

/// Loss rates with what they were found from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossRates {
    /// `cohort` or `roll_rates`.
    pub method: String,
    /// `derived` when there is a rate, and every bucket has one; else `not_enough_history`.
    pub outcome: String,
    /// The days that were looked at.
    pub days: Vec<NaiveDate>,
    /// The labels of the buckets.
    pub labels: Vec<String>,
    /// Each bucket of each pool, by the values of the pool, then currency.
    pub rows: Vec<LossRate>,
    /// Each way out of each bucket of each pool: the roll-rate matrix.
    pub moves: Vec<RollMove>,
    /// The pools of which every bucket has a rate.
    pub matrices: Vec<DerivedMatrix>,
    /// The policy and the engine.
    pub made_by: MadeBy,
}

/// What happened to a pool, in minor units.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    pub buckets: Vec<Bucket>,
    /// By bucket left, then place gone to: the buckets, settled, written off.
    pub moves: Vec<Vec<i128>>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bucket {
    pub items: u64,
    pub reached: i128,
    pub lost: i128,
    pub rolled: i128,
    pub rate: Option<Ratio>,
    pub outcome: &'static str,
}

impl LossRatePolicy {
    /// The default policy of an aging and a first day.
    #[must_use]
    pub fn of(aging: AgingPolicy, from: Day) -> Self {
        Self {
            version: one(),
            id: String::new(),
            aging,
            filter: Where::new(),
            pools: Vec::new(),
            method: LossMethod::default(),
            from,
            to: None,
            step: HistoryStep::default(),
            step_days: None,
            loss_kinds: write_off(),
            still_open: StillOpen::default(),
            last_rate: whole(),
            minimum_items: one(),
            digits: None,
            rounding: Rounding::default(),
        }
    }

    /// Proves the policy well-formed.
    ///
    /// # Errors
    /// `policy_invalid`, `unsupported_version`, with the path.
    pub fn check(&self) -> Result<(), Problem> {
        if self.version != 1 {
            let reason = format!("expected version 1, got {}", self.version);
            return Err(Problem::new("unsupported_version", reason).field("version"));
        }
        super::policy::check_aging(&self.aging)?;
        if self.aging.currency != AgingCurrency::Document {
            return Err(invalid("aging.currency", "expected document: history has no other rates"));
        }
        check_pools(&self.pools)?;
        if self.to.is_some_and(|to| to < self.from) {
            return Err(invalid("to", "expected a day that is not before from"));
        }
        let by_days = self.step == HistoryStep::Days;
        if self.step_days.is_some() != by_days || self.step_days == Some(0) {
            return Err(invalid("step_days", "expected a number of days with the step days, and none without"));
        }
        history::loss_kinds(&self.loss_kinds)?;
        if !is_part(self.last_rate) {
            return Err(invalid("last_rate", "expected a rate from 0 to 1"));
        }
        if self.minimum_items == 0 {
            return Err(invalid("minimum_items", "expected at least one item"));
        }
        if self.digits.is_some_and(|digits| digits > MOST_DIGITS) {
            return Err(invalid("digits", "expected at most 12 digits"));
        }
        Ok(())
    }

    /// The days until a day; a cohort is looked at on that day too.
    fn days(&self, until: Day) -> Result<Vec<Day>, Problem> {
        let mut days = Vec::new();
        let mut next = match self.step {
            HistoryStep::MonthEnds => Some(self.from.end_of_month()),
            HistoryStep::Days => Some(self.from),
        };
        while let Some(day) = next.filter(|day| *day <= until) {
            if days.len() >= MOST_STEPS {
                return Err(invalid("from", "expected at most 1,000 days to look at"));
            }
            days.push(day);
            next = match self.step {
                HistoryStep::MonthEnds => day.plus_days(1).map(Day::end_of_month),
                HistoryStep::Days => day.plus_days(i32::try_from(self.step_days.unwrap_or(1)).unwrap_or(i32::MAX)),
            };
        }
        if self.method == LossMethod::Cohort && days.last().is_none_or(|last| *last < until) {
            days.push(until);
        }
        Ok(days)
    }

    /// A ratio as a whole number of units of so many digits, rounded as the policy says.
    pub(super) fn units(&self, ratio: Ratio, digits: u8) -> Option<i128> {
        let scale = 10_i128.checked_pow(u32::from(digits))?;
        multiply_divide(ratio.numerator(), scale, ratio.denominator(), self.rounding)
    }

    /// A ratio rounded as the policy says.
    pub(super) fn rounded(&self, ratio: Ratio, digits: u8) -> Result<Ratio, MoneyError> {
        let scale = 10_i128.checked_pow(u32::from(digits)).ok_or(MoneyError::TooLarge)?;
        Ratio::new(self.units(ratio, digits).ok_or(MoneyError::TooLarge)?, scale)
    }

    /// Whether so few items give no rate.
    pub(super) fn is_too_few(&self, items: u64) -> bool {
        items < u64::from(self.minimum_items)
    }
}

/// Finds the loss rates of a ledger's history until a view's day.
pub(super) fn find(view: &View, policy: &LossRatePolicy) -> Result<LossRates, Refused> {
    policy.check()?;
    let kinds = history::loss_kinds(&policy.loss_kinds)?;
    let days = policy.days(view.day())?;
    let (from, to) = (policy.from.number(), policy.to.unwrap_or(view.day()).number());
    let of_cohort = |day: i32| policy.method != LossMethod::Cohort || (from..=to).contains(&day);
    let pools = Pools::of(view, &policy.pools, &policy.filter, of_cohort)?;
    let labels = age(view, &policy.aging, &[], &Where::new())?.plain_labels().to_vec();
    let write_offs = WriteOffs::of(view, &kinds);

    let empty = Tally {
        buckets: vec![Bucket::default(); labels.len()],
        moves: vec![vec![0; labels.len().saturating_add(2)]; labels.len()],
    };
    let mut tallies = vec![empty; pools.names.len()];
    let mut seen = match policy.method {
        LossMethod::Cohort => cohort::Cohort::start(view, &pools, &write_offs, &mut tallies),
        LossMethod::RollRates => cohort::Cohort::default(),
    };
    let mut before: (Vec<history::Part>, i32) = (Vec::new(), i32::MIN);
    for (at, day) in days.iter().enumerate() {
        let then = view.on(*day);
        let mut parts = history::parts(&then, &policy.aging)?;
        parts.retain(|part| pools.pool(part.document).is_some());
        let take = |flow: Flow| {
            let Some(pool) = pools.pool(flow.document) else { return };
            let Some(tally) = tallies.get_mut(pool) else { return };
            tally.take(&flow);
            match policy.method {
                LossMethod::Cohort => seen.take(tally, &flow),
                LossMethod::RollRates if at > 0 => roll::take(tally, &flow),
                LossMethod::RollRates => {}
            }
        };
        history::follow((&before.0, before.1), (&parts, day.number()), &write_offs, take);
        if policy.method == LossMethod::RollRates && at.saturating_add(1) < days.len() {
            for part in &parts {
                if let Some(tally) = pools.pool(part.document).and_then(|pool| tallies.get_mut(pool)) {
                    roll::stand(tally, part);
                }
            }
        }
        before = (parts, day.number());
    }
    for (pool, tally) in tallies.iter_mut().enumerate() {
        match policy.method {
            LossMethod::Cohort => {
                let open = before.0.iter().filter(|part| pools.pool(part.document) == Some(pool));
                cohort::rate(policy, tally, open)?;
            }
            LossMethod::RollRates => {
                let started = days.first().is_some_and(|first| has_begun(view, &pools, pool, first.number()));
                roll::rate(policy, tally, started && days.len() > 1)?;
            }
        }
    }
    Ok(told(policy, &days, labels, &pools, &tallies)?)
}

/// Whether a document of the pool counted on a day.
fn has_begun(view: &View, pools: &Pools, pool: usize, day: i32) -> bool {
    view.store.documents.iter().any(|piece| {
        let mut rows = (0_u32..).zip(&piece.effective);
        rows.any(|(row, effective)| *effective <= day && pools.pool(piece.start.saturating_add(row)) == Some(pool))
    })
}

impl Tally {
    fn take(&mut self, flow: &Flow) {
        let Some(part) = flow.from else { return };
        let buckets = self.buckets.len();
        let to = match flow.to {
            To::Bucket(bucket) => place(bucket),
            To::Settled => buckets,
            To::WrittenOff => buckets.saturating_add(1),
        };
        if let Some(cell) = self.moves.get_mut(place(part.bucket)).and_then(|row| row.get_mut(to)) {
            *cell = cell.saturating_add(flow.amount);
        }
    }
}

fn told(
    policy: &LossRatePolicy,
    days: &[Day],
    labels: Vec<String>,
    pools: &Pools,
    tallies: &[Tally],
) -> Result<LossRates, MoneyError> {
    let (mut rows, mut moves, mut matrices) = (Vec::new(), Vec::new(), Vec::new());
    for ((pool, currency, digits), tally) in pools.names.iter().zip(tallies) {
        let money = |minor: i128| decimal(minor, *digits);
        let mut rates = Vec::new();
        for (label, bucket) in labels.iter().zip(&tally.buckets) {
            rates.extend(bucket.rate.map(|rate| rate.to_string()));
            rows.push(LossRate {
                pool: pool.clone(),
                currency: currency.clone(),
                bucket: label.clone(),
                items: bucket.items,
                reached: money(bucket.reached)?,
                lost: money(bucket.lost)?,
                rolled: money(bucket.rolled)?,
                rate: bucket.rate.map(|rate| rate.to_string()),
                outcome: bucket.outcome.to_owned(),
            });
        }
        for (from, row) in labels.iter().zip(&tally.moves) {
            let places = labels.iter().map(String::as_str).chain(["settled", "written_off"]);
            for (to, amount) in places.zip(row) {
                moves.push(RollMove {
                    pool: pool.clone(),
                    currency: currency.clone(),
                    from: from.clone(),
                    to: to.to_owned(),
                    amount: money(*amount)?,
                });
            }
        }
        if rates.len() == labels.len() {
            matrices.push(DerivedMatrix { pool: pool.clone(), currency: currency.clone(), rates });
        }
    }
    let is_whole = !rows.is_empty() && matrices.len() == pools.names.len();
    Ok(LossRates {
        method: policy.method.name().to_owned(),
        outcome: String::from(if is_whole { "derived" } else { "not_enough_history" }),
        days: days.iter().map(|day| day.to_naive_date()).collect(),
        labels,
        rows,
        moves,
        matrices,
        made_by: MadeBy::policy(&policy.id, policy),
    })
}
