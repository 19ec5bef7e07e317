//! The figures of a view, by group and end of month.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::groups::Groups;
use super::outcome::{Frame, Outcome};
use super::policy::KpiPolicy;
use super::rating::{RatingCheck, rate};
use super::registry::Kpi;
use super::sums::Sums;
use super::window::{Periods, months_before};
use crate::aging::keys::{Key, Values};
use crate::aging::{Dictionary, KeyColumn, Where};
use crate::calendar::Day;
use crate::ledger::View;
use crate::ledger::layers::{count, place};
use crate::made_by::MadeBy;
use crate::money::push_minor;
use crate::problem::Refused;

/// A figure, or why there is none.
///
/// **Unit**: that of the figure's definition. **Rounding**: once, to the digits and by the mode of the policy; money has the digits
/// of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KpiValue {
    /// The figure.
    pub kpi: String,
    /// What it is; none when there is no such value.
    pub value: Option<String>,
    /// The whole number above the line; none without a value.
    pub numerator: Option<String>,
    /// The whole number below it.
    pub denominator: Option<String>,
    /// Why there is no value; see [`NoValue`](super::NoValue).
    pub undefined: Option<String>,
}

/// The figures of a group over a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KpiRow {
    /// One value a key of `by`, the currency apart.
    pub by: Vec<String>,
    /// The currency.
    pub currency: String,
    /// The first day of the window.
    pub from: NaiveDate,
    /// Its last day.
    pub to: NaiveDate,
    /// The figures, in the order of the policy.
    pub values: Vec<KpiValue>,
    /// The rating; none without a rule that fits.
    pub rating: Option<String>,
    /// The conditions that were looked at for it.
    pub checks: Vec<RatingCheck>,
}

/// The figures at one end of a month.
#[derive(Debug)]
pub(super) struct Part {
    pub view: View,
    pub groups: Groups,
    /// The groups that have a row.
    pub shown: Vec<u32>,
    pub sums: Sums,
    pub periods: Periods,
    /// By figure of the policy, what it is rounded to in each row.
    rounded: Vec<KpiFigures>,
}

/// A figure in every row.
#[derive(Debug, Clone, Default)]
pub struct KpiFigures {
    /// In units of the last digit; 0 where there is none.
    pub units: Arc<Vec<i128>>,
    /// Whether there is one.
    pub known: Vec<bool>,
}

/// The figures of a view.
#[derive(Debug)]
pub struct KpiReport {
    policy: KpiPolicy,
    by: Vec<String>,
    filter: Where,
    made_by: MadeBy,
    /// By end of month, the earliest first.
    pub(super) parts: Vec<Part>,
}

impl KpiFigures {
    /// Takes in those of further rows, each with so many digits more, none with any where there is no number; without a copy where
    /// they are the first and stay as they are.
    fn take(&mut self, more: &Self, digits: &[u8]) {
        if self.known.is_empty() && digits.iter().all(|digits| *digits == 0) {
            *self = more.clone();
            return;
        }
        let digits = digits.iter().copied().chain(std::iter::repeat(0));
        let raised = |(units, digits): (&i128, u8)| units.saturating_mul(10_i128.saturating_pow(digits.into()));
        Arc::make_mut(&mut self.units).extend(more.units.iter().zip(digits).map(raised));
        self.known.extend_from_slice(&more.known);
    }
}

impl Part {
    pub(super) fn of(view: View, policy: &KpiPolicy, by: &[String], filter: &Where) -> Result<Self, Refused> {
        let periods = Periods::before(view.day(), policy.periods(), policy.days)?;
        let groups = Groups::new(&view, by, filter, policy.currency)?;
        let sums = Sums::of(&view, policy, &groups, &periods)?;
        let shown: Vec<u32> =
            (0..count(groups.count)).zip(&sums.present).filter(|(_, is)| **is).map(|(at, _)| at).collect();
        let frame = Frame::of(policy, &sums, &periods);
        let column = |kpi: &Kpi| -> Result<KpiFigures, Refused> {
            let (mut units, mut known) = (Vec::with_capacity(shown.len()), Vec::with_capacity(shown.len()));
            for group in &shown {
                let digits = if kpi.is_money() { groups.currency(&view, *group).1 } else { 0 };
                let rounded = frame.outcome(*kpi, place(*group), digits)?.rounded();
                units.push(rounded.unwrap_or(0));
                known.push(rounded.is_some());
            }
            Ok(KpiFigures { units: Arc::new(units), known })
        };
        let rounded = policy.kpis.iter().map(column).collect::<Result<Vec<_>, Refused>>()?;
        Ok(Self { view, groups, shown, sums, periods, rounded })
    }

    /// The first and the last day of the window.
    pub(super) fn window(&self, policy: &KpiPolicy) -> (NaiveDate, NaiveDate) {
        let first = self.periods.end(place(policy.months)).saturating_add(1);
        let first = Day::new(first).map_or_else(|_| self.view.day().to_naive_date(), Day::to_naive_date);
        (first, self.view.day().to_naive_date())
    }

    fn rows(&self, policy: &KpiPolicy) -> Vec<KpiRow> {
        let values = &mut Values::new(&self.view);
        let (from, to) = self.window(policy);
        let frame = Frame::of(policy, &self.sums, &self.periods);
        let row = |group: &u32| {
            let (code, digits) = self.groups.currency(&self.view, *group);
            // None was refused when the report was made.
            let outcome = |kpi: &Kpi| frame.outcome(*kpi, place(*group), digits).ok();
            let outcomes: Vec<Outcome> = policy.kpis.iter().filter_map(outcome).collect();
            let (rating, checks) = rate(policy, &outcomes, digits);
            let shown = policy.kpis.iter().zip(&outcomes);
            KpiRow {
                by: self.groups.texts(&self.view, values, *group),
                currency: code.to_owned(),
                from,
                to,
                values: shown.map(|(kpi, outcome)| value(*kpi, outcome, digits_of(*kpi, policy, digits))).collect(),
                rating,
                checks,
            }
        };
        self.shown.iter().map(row).collect()
    }
}

/// The digits that a figure is shown with.
pub(super) fn digits_of(kpi: Kpi, policy: &KpiPolicy, currency_digits: u8) -> u8 {
    if kpi.is_money() { currency_digits } else { policy.digits }
}

fn value(kpi: Kpi, outcome: &Outcome, digits: u8) -> KpiValue {
    let plain =
        KpiValue { kpi: kpi.name().to_owned(), value: None, numerator: None, denominator: None, undefined: None };
    match outcome {
        Outcome::None(none) => KpiValue { undefined: Some(none.name().to_owned()), ..plain },
        Outcome::Value { numerator, denominator, rounded } => KpiValue {
            value: Some(text(*rounded, digits)),
            numerator: Some(numerator.to_string()),
            denominator: Some(denominator.to_string()),
            ..plain
        },
    }
}

/// A whole number of units of the last digit as text.
pub(super) fn text(rounded: i128, digits: u8) -> String {
    let mut text = String::new();
    push_minor(&mut text, rounded, digits);
    text
}

impl KpiReport {
    pub(super) fn new(view: &View, policy: &KpiPolicy, by: &[String], filter: &Where) -> Result<Self, Refused> {
        policy.check()?;
        let ends = (0..policy.series_months).rev().map(|back| months_before(view.day(), back));
        let part = |end: Result<Day, Refused>| {
            let end = end?;
            let then = if end == view.day() { view.clone() } else { view.on(end) };
            Part::of(then, policy, by, filter)
        };
        let parts = ends.map(part).collect::<Result<Vec<Part>, Refused>>()?;
        let made_by = MadeBy::policy(&policy.id, policy);
        let by = by.iter().filter(|key| *key != "currency").cloned().collect();
        Ok(Self { policy: policy.clone(), by, filter: filter.clone(), made_by, parts })
    }

    /// The policy and the engine.
    #[must_use]
    pub fn made_by(&self) -> &MadeBy {
        &self.made_by
    }

    /// The keys of the groups, without the currency.
    #[must_use]
    pub fn by(&self) -> &[String] {
        &self.by
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &KpiPolicy {
        &self.policy
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.iter().fold(0, |sum, part| sum.saturating_add(part.shown.len()))
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A row for each group that has a counted document, by end of month, then by keys and currency.
    #[must_use]
    pub fn rows(&self) -> Vec<KpiRow> {
        self.parts.iter().flat_map(|part| part.rows(&self.policy)).collect()
    }

    /// The figures of all groups together, by currency. They are made from the facts again, so that they hold for figures that do
    /// not add up too.
    ///
    /// # Errors
    /// `too_large`.
    pub fn totals(&self) -> Result<Self, Refused> {
        let part = |part: &Part| Part::of(part.view.clone(), &self.policy, &[], &self.filter);
        let parts = self.parts.iter().map(part).collect::<Result<Vec<Part>, Refused>>()?;
        Ok(Self {
            policy: self.policy.clone(),
            by: Vec::new(),
            filter: self.filter.clone(),
            made_by: self.made_by.clone(),
            parts,
        })
    }

    /// The rows in columns: keys, currency, window, and each figure in units of its last digit; nothing is made per row but numbers.
    #[must_use]
    pub fn columns(&self) -> KpiColumns {
        let (scale, rows) = (self.scale(), self.len());
        let (mut from, mut to) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
        let mut keys: Vec<Vec<u32>> = vec![Vec::with_capacity(rows); self.by.len()];
        let mut currency = Vec::with_capacity(rows);
        let mut values: Vec<KpiFigures> = vec![KpiFigures::default(); self.policy.kpis.len()];
        for part in &self.parts {
            let found = &mut Values::new(&part.view);
            let first = part.periods.end(place(self.policy.months)).saturating_add(1);
            from.resize(from.len().saturating_add(part.shown.len()), first);
            to.resize(from.len(), part.view.day().number());
            for (column, key) in keys.iter_mut().zip(part.groups.keys()) {
                column.extend(part.shown.iter().map(|group| part.groups.value(&part.view, found, *key, *group)));
            }
            let start = currency.len();
            currency.extend(part.shown.iter().map(|group| part.groups.currency_number(&part.view, *group)));
            let own = currency.get(start..).unwrap_or(&[]);
            for ((kpi, figures), column) in self.policy.kpis.iter().zip(&part.rounded).zip(&mut values) {
                let digits = |number: &u32| {
                    part.view.store.currencies.get(place(*number)).map_or(0, |currency| currency.exponent)
                };
                if kpi.is_money() {
                    let lacking: Vec<u8> = own.iter().map(|number| scale.saturating_sub(digits(number))).collect();
                    column.take(figures, &lacking);
                } else {
                    let lacking = scale.saturating_sub(self.policy.digits);
                    column.take(figures, &if lacking == 0 { Vec::new() } else { vec![lacking; own.len()] });
                }
            }
        }
        let names = self.by.iter().zip(keys).enumerate().filter_map(|(at, (name, value))| {
            let (part, name) = (self.parts.first()?, name.clone());
            let dictionary = Dictionary::of(&part.view.store, *part.groups.keys().get(at)?);
            Some(KeyColumn { name, value, dictionary })
        });
        let keys = names.collect();
        let store = self.parts.first().map(|part| &part.view.store);
        let currency = store.map(|store| KeyColumn {
            name: String::from("currency"),
            value: currency,
            dictionary: Dictionary::of(store, Key::Currency),
        });
        let values = self.policy.kpis.iter().copied().zip(values).collect();
        KpiColumns { keys, currency, from, to, values, scale }
    }

    /// The most digits that a figure has.
    fn scale(&self) -> u8 {
        let has_money = self.policy.kpis.iter().any(|kpi| kpi.is_money());
        let currencies = self.parts.iter().flat_map(|part| part.view.store.currencies.iter());
        let digits = currencies.map(|currency| currency.exponent).max().filter(|_| has_money);
        self.policy.digits.max(digits.unwrap_or(0))
    }
}

/// Rows as columns.
#[derive(Debug, Clone)]
pub struct KpiColumns {
    /// A column for each key of `by` but the currency.
    pub keys: Vec<KeyColumn>,
    /// The currency of each row.
    pub currency: Option<KeyColumn>,
    /// The first day of the window, as a number of days since 1970-01-01.
    pub from: Vec<i32>,
    /// Its last day.
    pub to: Vec<i32>,
    /// Each figure of the policy with its values, in units of the last of `scale` digits.
    pub values: Vec<(Kpi, KpiFigures)>,
    /// Digits behind the point.
    pub scale: u8,
}
