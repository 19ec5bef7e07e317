//! What open items in foreign currency are worth on a day, and what they were booked at: the unrealised exchange difference.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::calendar::Day;
use crate::ledger::View;
use crate::ledger::store::NO_BASE;
use crate::money::{Exact, Minor, Rounding, multiply_divide, to_decimal};
use crate::problem::{Problem, Refused, quoted};

/// An open item in a currency other than the base currency.
///
/// **Sign**: that of the document; `difference` is `revalued` − `base_open`, a gain above zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevaluedItem {
    /// The document.
    pub document: String,
    /// Its instalment, 0 without a schedule.
    pub instalment: u32,
    /// Who owes.
    pub customer: String,
    /// Its currency.
    pub currency: String,
    /// What is open.
    pub open: Decimal,
    /// The base currency of its company.
    pub base_currency: String,
    /// What is open by the base amounts of the ledger.
    pub base_open: Decimal,
    /// The latest counted rate.
    pub rate: Decimal,
    /// What is open at that rate, half away from zero.
    pub revalued: Decimal,
    /// The unrealised exchange difference.
    pub difference: Decimal,
}

/// The sums of one base currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevaluationTotal {
    /// The base currency.
    pub currency: String,
    /// What is open by the base amounts of the ledger.
    pub base_open: Decimal,
    /// What is open at the rates.
    pub revalued: Decimal,
    /// The unrealised exchange difference.
    pub difference: Decimal,
}

/// A revaluation: it is booked on the view's day, and taken back on the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revaluation {
    /// The view's day.
    pub on: NaiveDate,
    /// The day on which it is taken back; none after the last day of the calendar.
    pub reversed_on: Option<NaiveDate>,
    /// The items, in the order of open items.
    pub items: Vec<RevaluedItem>,
    /// The sums, sorted by base currency.
    pub totals: Vec<RevaluationTotal>,
}

impl View {
    /// What open items in foreign currency are worth at the latest counted rates.
    ///
    /// Nothing is posted: a revaluation is an entry of the general ledger, and is taken back the day after.
    ///
    /// # Errors
    /// `base_amount_missing`, `rate_missing`, `too_large`, table `open_items`, with the place of each item among the open items.
    pub fn revaluation(&self) -> Result<Revaluation, Refused> {
        let base_open = self.base_open();
        let mut items = Vec::new();
        // Left out, an item would leave a wrong balance in the general ledger: all that cannot be revalued are told at once.
        let mut problems: Vec<Problem> = Vec::new();
        let mut place: usize = 0;
        let mut sums: BTreeMap<String, (u8, [i128; 2])> = BTreeMap::new();
        for (account, range) in self.accounts_in_order() {
            let first = place;
            place = place.saturating_add(range.len());
            let parts = self.store.account(account);
            let Some(base) = self.store.base_currency(parts.company).filter(|base| *base != parts.currency) else {
                continue;
            };
            let (Some(currency), Some(base_currency)) =
                (self.store.currency(parts.currency), self.store.currency(base))
            else {
                continue;
            };
            for (index, at) in (first..).zip(range) {
                let mut refuse = |code: &str, field: &str, reason: String| {
                    problems.push(Problem::new(code, reason).row("open_items", index).field(field));
                };
                let (Some(open), Some(document), Some(booked)) =
                    (self.items.open.get(at), self.items.document.get(at), base_open.get(at))
                else {
                    continue;
                };
                let id = self.store.document_id(*document);
                if *booked == NO_BASE {
                    let reason = format!("expected a base amount of {}, got none", quoted(id));
                    refuse("base_amount_missing", "base_open", reason);
                    continue;
                }
                let Some(rate) = DayRate::of(self, parts.currency, base) else {
                    let (from, to) = (currency.code, base_currency.code);
                    refuse(
                        "rate_missing",
                        "rate",
                        format!("expected a rate from {from} to {to} for {}, got none", quoted(id)),
                    );
                    continue;
                };
                let Some(revalued) = rate.worth(*open) else {
                    let reason = format!("expected an amount that fits once revalued, got that of {}", quoted(id));
                    refuse("too_large", "revalued", reason);
                    continue;
                };
                let digits = base_currency.exponent;
                let (_, sum) = sums.entry(base_currency.code.to_string()).or_insert((digits, [0, 0]));
                for (slot, minor) in sum.iter_mut().zip([*booked, revalued]) {
                    *slot = slot.saturating_add(minor.into());
                }
                items.push(RevaluedItem {
                    document: id.to_owned(),
                    instalment: self.items.instalment(at),
                    customer: self.store.customer_ids.text(parts.customer).to_owned(),
                    currency: currency.code.to_string(),
                    open: to_decimal(*open, currency.exponent),
                    base_currency: base_currency.code.to_string(),
                    base_open: to_decimal(*booked, digits),
                    rate: rate.decimal(),
                    revalued: to_decimal(revalued, digits),
                    difference: wide(i128::from(revalued).saturating_sub((*booked).into()), digits),
                });
            }
        }
        if !problems.is_empty() {
            return Err(Refused::new(problems));
        }
        let totals = sums.into_iter().map(|(currency, (digits, [base_open, revalued]))| RevaluationTotal {
            currency,
            base_open: wide(base_open, digits),
            revalued: wide(revalued, digits),
            difference: wide(revalued.saturating_sub(base_open), digits),
        });
        let reversed_on = self.day().plus_days(1).map(Day::to_naive_date);
        Ok(Revaluation { on: self.day().to_naive_date(), reversed_on, items, totals: totals.collect() })
    }
}

/// `units ÷ 10^scale`, from a currency of so many digits to one of so many.
pub(super) struct DayRate {
    units: i128,
    scale: u8,
    from: u8,
    to: u8,
}

impl DayRate {
    /// The latest counted rate from a currency to another.
    pub(super) fn of(view: &View, currency: u32, base: u32) -> Option<Self> {
        let (units, scale) = view.rate(currency, base)?;
        let digits = |number: u32| view.store.currency(number).map(|held| held.exponent);
        Some(Self { units, scale, from: digits(currency)?, to: digits(base)? })
    }

    /// What an amount is worth in the other, half away from zero.
    pub(super) fn worth(&self, open: Minor) -> Option<Minor> {
        let power = |digits: u8| 10_i128.checked_pow(u32::from(digits));
        let numerator = self.units.checked_mul(power(self.to)?)?;
        let denominator = power(self.scale.checked_add(self.from)?)?;
        Minor::try_from(multiply_divide(open.into(), numerator, denominator, Rounding::HalfAwayFromZero)?).ok()
    }

    fn decimal(&self) -> Decimal {
        let exact = Exact::new(self.units, self.scale);
        Decimal::try_from_i128_with_scale(exact.units(), u32::from(exact.scale())).unwrap_or_default().normalize()
    }
}

fn wide(sum: i128, digits: u8) -> Decimal {
    Decimal::try_from_i128_with_scale(sum, u32::from(digits)).unwrap_or_default()
}
