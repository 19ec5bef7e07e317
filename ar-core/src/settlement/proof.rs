//! That nothing was lost: what was received is what was applied, closed and left, and what was owed is what was paid, let go and
//! stays open.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::made::{Before, Kind};
use super::report::Settlement;
use super::rows::{ExchangeTotal, ProofRow};
use crate::money::{Minor, ratio_text};

impl Settlement {
    /// That nothing was lost, currency by currency.
    #[must_use]
    pub fn proof(&self) -> Vec<ProofRow> {
        let mut sums: BTreeMap<u32, Sums> = BTreeMap::new();
        for (currency, before) in &self.made.before {
            sums.entry(*currency).or_default().before = *before;
        }
        for line in &self.made.lines {
            let credit = sums.entry(self.currency_number(line.payer)).or_default();
            add(&mut credit.applied, line.amount);
            add(&mut credit.closed, line.over.map_or(0, |over| over.amount));
            let debit = sums.entry(self.currency_number(line.claim)).or_default();
            add(&mut debit.paid, line.debit_amount);
            for difference in line.on_debit(self.splits_tax()) {
                add(debit.differences.entry(difference.kind).or_default(), difference.amount);
            }
        }
        let mut rows: Vec<ProofRow> =
            sums.iter().filter_map(|(currency, sums)| Some(sums.row(self.view.store.currency(*currency)?))).collect();
        rows.sort_by(|a, b| a.currency.cmp(&b.currency));
        rows
    }

    /// The exchange differences of the lines and of what stands beside them, by base currency.
    #[must_use]
    pub fn exchange(&self) -> Vec<ExchangeTotal> {
        let mut sums: BTreeMap<u32, i128> = BTreeMap::new();
        for (line, legs) in self.made.lines.iter().zip(self.legs()) {
            if let (Some(exchange), Some(base)) = (legs.exchange(), self.base_of(line.payer)) {
                add(sums.entry(base).or_default(), exchange);
            }
            if let (Some(_), Some(base)) = (legs.short.or(legs.over), self.base_of(line.payer)) {
                add(sums.entry(base).or_default(), legs.exchange_beside());
            }
        }
        let total = |(base, sum): (&u32, &i128)| {
            let currency = self.view.store.currency(*base)?;
            Some(ExchangeTotal { currency: currency.code.to_string(), amount: wide(*sum, currency.exponent) })
        };
        let mut all: Vec<ExchangeTotal> = sums.iter().filter_map(total).collect();
        all.sort_by(|a, b| a.currency.cmp(&b.currency));
        all
    }
}

/// The sums of one currency.
#[derive(Debug, Default)]
struct Sums {
    before: Before,
    applied: i128,
    closed: i128,
    paid: i128,
    differences: BTreeMap<Kind, i128>,
}

impl Sums {
    fn row(&self, currency: crate::money::Currency) -> ProofRow {
        let money = |sum: i128| wide(sum, currency.exponent);
        let kind = |kind: Kind| self.differences.get(&kind).copied().unwrap_or(0);
        let gone: i128 = Kind::ALL.into_iter().map(kind).sum();
        ProofRow {
            currency: currency.code.to_string(),
            received: money(self.before.received),
            applied: money(self.applied),
            closed: money(self.closed),
            unapplied: money(self.before.received.saturating_sub(self.applied).saturating_sub(self.closed)),
            claims: money(self.before.claims),
            paid: money(self.paid),
            discount: money(kind(Kind::Discount)),
            discount_tax: money(kind(Kind::DiscountTax)),
            tolerance: money(kind(Kind::Tolerance)),
            write_off: money(kind(Kind::WriteOff)),
            bank_charge: money(kind(Kind::BankCharge)),
            cash_rounding: money(kind(Kind::CashRounding)),
            residual: money(kind(Kind::Residual)),
            open: money(self.before.claims.saturating_sub(self.paid).saturating_sub(gone)),
            matched_share: ratio_text(
                self.applied.saturating_add(self.closed).saturating_mul(100),
                self.before.received,
                2,
            ),
        }
    }
}

fn add(sum: &mut i128, amount: Minor) {
    *sum = sum.saturating_add(amount.into());
}

/// A sum in major units. Fewer than 2^32 amounts of less than 2^63 each fit the 96 bits of a decimal.
fn wide(sum: i128, digits: u8) -> Decimal {
    Decimal::try_from_i128_with_scale(sum, u32::from(digits)).unwrap_or_default()
}
