//! How much cash comes on each day or in each week, at least, most likely and at most? For whoever plans liquidity.
//!
//! The expected cash is exact: every part of an item is parted over its days in whole minor units, so days add up to weeks,
//! and rows to totals, to the minor unit. The quantiles are counted from outcomes: in each, one number below one belongs to
//! each customer and says of all its items where between their earliest and their latest day they are paid. So invoices
//! that a customer pays in one run come together or not at all, customers differ from each other, and each item alone is
//! paid on each day as often as its forecast says.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::calendar::weekday;
use super::cash_policy::{CashPeriod, CashPolicy};
use super::coming::{Item, Part, coming};
use super::curve::outcomes;
use super::predict::PredictionModel;
use crate::aging::Where;
use crate::aging::keys::{Filter, Key, Values, text};
use crate::calendar::Day;
use crate::ledger::View;
use crate::made_by::MadeBy;
use crate::money::{Minor, Rounding, multiply_divide};
use crate::problem::{Problem, Refused};

/// The cash that is expected of what is open, as known on a day.
///
/// **Currency**: each row has its own; nothing is converted. **Rounding**: each part of an item is parted over its days by
/// the largest remainder, discounts on it half away from zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashForecast {
    /// The day of the view; the first day of the forecast is the next.
    pub day: NaiveDate,
    /// The day up to which facts were known; none when all were.
    pub known_on: Option<NaiveDate>,
    /// The last day of the forecast.
    pub last_day: NaiveDate,
    /// The keys of its rows.
    pub by: Vec<String>,
    /// Of 100 outcomes, below how many.
    pub quantiles: Vec<u8>,
    /// By key, currency and period; periods without any cash are left out.
    pub rows: Vec<CashRow>,
    /// By currency and period, every period.
    pub totals: Vec<CashRow>,
    /// What becomes of what is open, by key and currency.
    pub sums: Vec<CashSum>,
    /// The same by currency.
    pub total_sums: Vec<CashSum>,
    /// The last day that was known when the model was trained.
    pub trained_on: NaiveDate,
    /// The day by which what the model learnt from was recorded; none for a model that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_known_on: Option<NaiveDate>,
    /// Only items whose keys have one of these values; all of them when it is empty.
    #[serde(default, rename = "where", skip_serializing_if = "Where::is_empty")]
    pub filter: Where,
    /// The customers that its view was about; none when it was about all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customers: Option<Vec<String>>,
    /// The holidays of the model, on which nothing falls due.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<NaiveDate>,
    /// The policy and the engine.
    pub made_by: MadeBy,
}

/// Cash of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashRow {
    /// The values of the keys, in their order; empty in totals.
    pub by: Vec<String>,
    /// The currency.
    pub currency: String,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// What is expected, less discounts.
    pub expected: Decimal,
    /// Below it lie so many of 100 outcomes, in the order of the policy's quantiles.
    pub quantiles: Vec<Decimal>,
    /// What is expected from the first day of the forecast to the last of the period.
    pub cumulative: Decimal,
    /// Its quantiles.
    pub cumulative_quantiles: Vec<Decimal>,
}

/// What becomes of what is open: `open` is the sum of all that follows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashSum {
    /// The values of the keys, in their order; empty in totals.
    pub by: Vec<String>,
    /// The currency.
    pub currency: String,
    /// How many open items.
    pub items: u32,
    /// What of `expected`, `discount` and `later` is spread over days by the forecast alone though there is not enough history to say
    /// when it comes: a guess.
    #[serde(default)]
    pub not_enough_history: Decimal,
    /// What is open of debts.
    pub open: Decimal,
    /// Expected to the last day, less discounts.
    pub expected: Decimal,
    /// Discounts on that.
    pub discount: Decimal,
    /// Expected after the last day.
    pub later: Decimal,
    /// Disputed: not forecast.
    pub disputed: Decimal,
    /// Settled without cash: by open credits, or by what is known for a later day.
    pub covered: Decimal,
    /// Of items that cannot be asked about: refunds, days out of range.
    pub unforeseen: Decimal,
}

impl View {
    /// The cash that is expected of what is open, by day or week, by keys of accounts and documents, and currency.
    ///
    /// **Edges**: the view's day is over; the first day is the next. Promises, discounts, instalments, disputes and receipts
    /// known for a later day enter as `docs/prediction.md` says.
    ///
    /// # Errors
    /// `policy_invalid`, `unsupported_version` with the field; `unknown_dimension`, `unknown_value` for a key or value that
    /// the ledger does not have; `impossible_date` for a day outside 1900 to 2199; `model_knows_later`, field `model`, for one
    /// that knows more than the view does.
    pub fn cash_forecast(
        &self,
        model: &PredictionModel,
        policy: &CashPolicy,
        by: &[String],
        filter: &Where,
    ) -> Result<CashForecast, Refused> {
        policy.check()?;
        let mut keys = by.iter().map(|name| Key::named(&self.store, name)).collect::<Result<Vec<Key>, Problem>>()?;
        keys.retain(|key| *key != Key::Currency);
        let by: Vec<String> = by.iter().filter(|name| *name != "currency").cloned().collect();
        let (kept, filter) = (filter, Filter::read(self, filter)?);
        let (mut items, _) = coming(self, model, policy)?;
        let values = &mut Values::new(self);
        items.retain(|item| filter.lets_account_in(values, item.account) && filter.lets_item_in(values, item.at));
        let mut groups: BTreeMap<(Vec<String>, String), Vec<&Item>> = BTreeMap::new();
        let mut totals: BTreeMap<(Vec<String>, String), Vec<&Item>> = BTreeMap::new();
        for item in &items {
            let its = keys.iter().map(|key| text(&self.store, *key, values.of_item(*key, item.at)).to_owned());
            let currency = text(&self.store, Key::Currency, item.currency).to_owned();
            groups.entry((its.collect(), currency.clone())).or_default().push(item);
            totals.entry((Vec::new(), currency)).or_default().push(item);
        }
        let span = Span::new(self.day().number(), policy)?;
        let date = |day: i32| Day::new(day).map(Day::to_naive_date);
        let mut made = CashForecast {
            day: self.day().to_naive_date(),
            known_on: self.known_on().map(Day::to_naive_date),
            last_day: date(span.last())?,
            by,
            quantiles: policy.quantiles.clone(),
            rows: Vec::new(),
            totals: Vec::new(),
            sums: Vec::new(),
            total_sums: Vec::new(),
            trained_on: model.trained_on().to_naive_date(),
            model_known_on: model.known_on().map(Day::to_naive_date),
            filter: kept.clone(),
            customers: self.customers_in_scope(),
            holidays: model.policy.holidays.iter().map(|day| day.to_naive_date()).collect(),
            made_by: MadeBy::policy(&policy.id, policy),
        };
        for ((by, currency), items) in totals {
            let told = self.told(&span, policy, &items)?;
            made.totals.extend(told.rows(self, &span, &by, &currency)?);
            made.total_sums.push(told.sum(self, by, currency, &items));
        }
        for ((by, currency), items) in groups {
            let told = self.told(&span, policy, &items)?;
            made.rows.extend(told.rows(self, &span, &by, &currency)?.filter(CashRow::is_something));
            made.sums.push(told.sum(self, by, currency, &items));
        }
        Ok(made)
    }

    /// The figures of items of one currency.
    pub(crate) fn told(&self, span: &Span, policy: &CashPolicy, items: &[&Item]) -> Result<Told, Refused> {
        let mut told = Told { expected: vec![0; span.count()], ..Told::default() };
        for item in items {
            for part in &item.parts {
                told.add(span, part);
            }
        }
        let count = span.count();
        let mut outcome = vec![0_i128; count * usize::from(policy.draws)];
        if !policy.quantiles.is_empty() {
            let mut by_customer: BTreeMap<u32, Vec<&Part>> = BTreeMap::new();
            for item in items {
                by_customer.entry(item.customer).or_default().extend(&item.parts);
            }
            for (customer, parts) in by_customer {
                draw(span, self.store.customer_ids.text(customer), policy.draws, &parts, &mut outcome);
            }
        }
        let at = |percent: &u8| (usize::from(*percent) * usize::from(policy.draws)).div_ceil(100).saturating_sub(1);
        let mut sums = vec![0_i128; usize::from(policy.draws)];
        for period in 0..count {
            let mut own: Vec<i128> = outcome.iter().skip(period).step_by(count).copied().collect();
            sums.iter_mut().zip(&own).for_each(|(sum, own)| *sum += own);
            let mut upto = sums.clone();
            let quantiles = |values: &mut Vec<i128>| -> Vec<i128> {
                policy.quantiles.iter().map(|percent| *values.select_nth_unstable(at(percent)).1).collect()
            };
            told.quantiles.push(quantiles(&mut own));
            told.cumulative.push(quantiles(&mut upto));
        }
        Ok(told)
    }
}

/// The periods of a forecast.
#[derive(Debug)]
pub(crate) struct Span {
    first: i32,
    /// By day: its period.
    period: Vec<usize>,
    /// By period: its first and last day.
    ends: Vec<(i32, i32)>,
}

impl Span {
    /// The periods after a day.
    pub(crate) fn new(day: i32, policy: &CashPolicy) -> Result<Self, Refused> {
        Self::days(day, i32::from(policy.horizon_days), policy.period)
    }

    /// So many days after a day.
    pub(crate) fn days(day: i32, days: i32, by: CashPeriod) -> Result<Self, Refused> {
        let first = day + 1;
        Day::new(first + days)?;
        let (mut period, mut ends): (Vec<usize>, Vec<(i32, i32)>) = (Vec::new(), Vec::new());
        for day in first..first + days {
            match ends.last_mut() {
                Some(last) if by == CashPeriod::Week && weekday(day) != 0 => last.1 = day,
                _ => ends.push((day, day)),
            }
            period.push(ends.len() - 1);
        }
        Ok(Self { first, period, ends })
    }

    /// All days as one period.
    pub(crate) fn whole(day: i32, days: i32) -> Self {
        Self { first: day + 1, period: vec![0; days.unsigned_abs() as usize], ends: vec![(day + 1, day + days)] }
    }

    fn count(&self) -> usize {
        self.ends.len()
    }

    fn last(&self) -> i32 {
        self.ends.last().map_or(self.first, |ends| ends.1)
    }

    /// The period of a day; none after the last.
    fn period(&self, day: i32) -> Option<usize> {
        self.period.get(usize::try_from(day - self.first).ok()?).copied()
    }
}

/// The figures of a row, in minor units.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) expected: Vec<i128>,
    pub(crate) quantiles: Vec<Vec<i128>>,
    cumulative: Vec<Vec<i128>>,
    discount: i128,
    later: i128,
}

impl Told {
    /// A part, parted over its days.
    fn add(&mut self, span: &Span, part: &Part) {
        for ((day, _), amount) in part.curve.0.iter().zip(part.curve.parts(part.amount)) {
            let Some(expected) = span.period(*day).and_then(|period| self.expected.get_mut(period)) else {
                self.later += i128::from(amount);
                continue;
            };
            let whole = i128::from(part.discount(*day));
            let half = Rounding::HalfAwayFromZero;
            let discount = multiply_divide(whole, amount.into(), part.amount.into(), half).unwrap_or(0);
            *expected += i128::from(amount) - discount;
            self.discount += discount;
        }
    }

    fn rows<'a>(
        &'a self,
        view: &'a View,
        span: &'a Span,
        by: &'a [String],
        currency: &'a str,
    ) -> Result<impl Iterator<Item = CashRow> + 'a, Refused> {
        let exponent = exponent(view, currency);
        let mut sum = 0_i128;
        let mut rows = Vec::with_capacity(span.count());
        let figures = self.expected.iter().zip(&self.quantiles).zip(&self.cumulative).zip(&span.ends);
        for (((expected, quantiles), cumulative), (from, to)) in figures {
            sum += expected;
            rows.push(CashRow {
                by: by.to_vec(),
                currency: currency.to_owned(),
                from: Day::new(*from)?.to_naive_date(),
                to: Day::new(*to)?.to_naive_date(),
                expected: decimal(*expected, exponent),
                quantiles: quantiles.iter().map(|minor| decimal(*minor, exponent)).collect(),
                cumulative: decimal(sum, exponent),
                cumulative_quantiles: cumulative.iter().map(|minor| decimal(*minor, exponent)).collect(),
            });
        }
        Ok(rows.into_iter())
    }

    fn sum(&self, view: &View, by: Vec<String>, currency: String, items: &[&Item]) -> CashSum {
        let exponent = exponent(view, &currency);
        let all = |of: fn(&Item) -> Minor| decimal(items.iter().map(|item| i128::from(of(item))).sum(), exponent);
        CashSum {
            by,
            items: crate::ledger::layers::count(items.len()),
            not_enough_history: all(|item| item.guessed),
            open: all(|item| item.open),
            expected: decimal(self.expected.iter().sum(), exponent),
            discount: decimal(self.discount, exponent),
            later: decimal(self.later, exponent),
            disputed: all(|item| item.disputed),
            covered: all(|item| item.covered),
            unforeseen: all(|item| item.unforeseen),
            currency,
        }
    }
}

impl CashForecast {
    /// Whether a forecast that was read could have been made: days that there are, and as many rising quantiles as it names.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let wrong = |reason: &str| Problem::new("wrong_type", format!("expected a cash forecast, got one {reason}"));
        let own = [("day", self.day), ("last_day", self.last_day), ("trained_on", self.trained_on)];
        let more = self.holidays.iter().map(|day| ("holidays", *day));
        let days = own.into_iter().chain(self.known_on.map(|day| ("known_on", day))).chain(more);
        for (field, day) in days {
            if !is_day(day) {
                return Err(wrong(NO_DAY).field(field));
            }
        }
        if !self.quantiles.is_sorted_by(|one, next| one < next) {
            return Err(wrong("with quantiles that do not rise").field("quantiles"));
        }
        for (table, rows) in [("rows", &self.rows), ("totals", &self.totals)] {
            for (index, row) in rows.iter().enumerate() {
                row.check(self).map_err(|(field, reason)| wrong(reason).field(field).row(table, index))?;
            }
        }
        Ok(())
    }
}

const NO_DAY: &str = "with a day outside the years 1 to 9999";

fn is_day(day: NaiveDate) -> bool {
    Day::try_from(day).is_ok()
}

impl CashRow {
    /// Whether it could be one of a forecast; else the field and what is wrong with it.
    fn check(&self, of: &CashForecast) -> Result<(), (&'static str, &'static str)> {
        for (field, day) in [("from", self.from), ("to", self.to)] {
            if !is_day(day) {
                return Err((field, NO_DAY));
            }
        }
        const OUTSIDE: &str = "with a period outside its days";
        if self.from <= of.day || self.from > self.to {
            return Err(("from", OUTSIDE));
        }
        if self.to > of.last_day {
            return Err(("to", OUTSIDE));
        }
        let both = [("quantiles", &self.quantiles), ("cumulative_quantiles", &self.cumulative_quantiles)];
        for (field, amounts) in both {
            if amounts.len() != of.quantiles.len() || !amounts.is_sorted() {
                return Err((field, "with a row whose quantiles are not as many, or do not rise"));
            }
        }
        Ok(())
    }

    fn is_something(&self) -> bool {
        !self.expected.is_zero() || self.quantiles.iter().any(|minor| !minor.is_zero())
    }
}

/// Adds what the parts of a customer bring in each outcome.
fn draw(span: &Span, customer: &str, draws: u16, parts: &[&Part], outcome: &mut [i128]) {
    let mut numbers: Vec<(u64, usize)> = outcomes(customer, draws).into_iter().zip(0..).collect();
    numbers.sort_unstable();
    for part in parts {
        let mut days = part.curve.0.iter();
        let (mut upto, mut period, mut cash) = (0_u64, None, 0_i128);
        for (number, at) in &numbers {
            while *number >= upto {
                let Some((day, chance)) = days.next() else { break };
                upto += chance;
                period = span.period(*day);
                cash = i128::from(part.amount) - i128::from(part.discount(*day));
            }
            let place = period.map(|period| at * span.count() + period);
            if let Some(sum) = place.and_then(|place| outcome.get_mut(place)) {
                *sum += cash;
            }
        }
    }
}

pub(crate) fn exponent(view: &View, currency: &str) -> u8 {
    let number = view.store.currency_number(currency);
    number.and_then(|number| view.store.currency(number)).map_or(0, |currency| currency.exponent)
}

/// A sum as it is told; sums of amounts that a ledger can hold fit.
pub(crate) fn decimal(minor: i128, exponent: u8) -> Decimal {
    Decimal::try_from_i128_with_scale(minor, exponent.into()).unwrap_or(if minor < 0 {
        Decimal::MIN
    } else {
        Decimal::MAX
    })
}
