//! On which days does a part of an item come, in whole parts of 10^9? From here on everything is whole numbers.
//!
//! The chances of a forecast are floats. A cash forecast is money, which re-adds to the minor unit: so a chance becomes a
//! whole number of billionths, once, and amounts are parted by them with the largest remainder.

use super::book::Book;
use super::forecast::Forecast;
use crate::money::{Minor, split};

/// All chances together.
pub(crate) const WHOLE: u64 = 1_000_000_000;

/// Days, rising, with their chances; together [`WHOLE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Curve(pub(crate) Vec<(i32, u64)>);

impl Curve {
    /// A day that is certain.
    pub(crate) fn on(day: i32) -> Self {
        Self(vec![(day, WHOLE)])
    }

    /// The chances of a forecast: their running sum is rounded, so that they add up.
    pub(crate) fn of(forecast: &Forecast, book: &Book) -> Self {
        let (mut sum, mut told) = (0.0_f64, 0_u64);
        let mut days: Vec<(i32, u64)> = Vec::new();
        let mut push = |day: i32, chance: u64| match days.last_mut() {
            _ if chance == 0 => {}
            Some(last) if last.0 >= day => last.1 += chance,
            _ => days.push((day, chance)),
        };
        let mut last = 0;
        for (day, chance) in forecast.days(book) {
            sum += chance;
            let upto = ((sum.clamp(0.0, 1.0) * WHOLE as f64 + 0.5) as u64).clamp(told, WHOLE);
            push(day, upto - told);
            (told, last) = (upto, day);
        }
        push(last, WHOLE - told);
        Self(days)
    }

    /// The chance of payment by a day.
    pub(crate) fn paid_by(&self, day: i32) -> u64 {
        self.0.iter().take_while(|(on, _)| *on <= day).map(|(_, chance)| chance).sum()
    }

    /// Paid on a day with a chance; else as before, but after it.
    pub(crate) fn promised(&self, day: i32, kept: u64) -> Self {
        let later: Vec<(i32, u64)> = self.0.iter().filter(|(on, _)| *on > day).copied().collect();
        let weights: Vec<u64> = later.iter().map(|(_, chance)| *chance).collect();
        let broken = WHOLE.saturating_sub(kept);
        let parts = Minor::try_from(broken).ok().and_then(|broken| split(broken, &weights));
        let Some(parts) = parts else { return Self::on(day) };
        let mut days = vec![(day, WHOLE - broken)];
        days.extend(later.iter().zip(parts).map(|((on, _), part)| (*on, part.unsigned_abs())));
        days.retain(|(_, chance)| *chance > 0);
        Self(days)
    }

    /// An amount parted over the days.
    pub(crate) fn parts(&self, amount: Minor) -> Vec<Minor> {
        let weights: Vec<u64> = self.0.iter().map(|(_, chance)| *chance).collect();
        split(amount, &weights).unwrap_or_default()
    }
}

/// The numbers of a customer's outcomes, each below [`WHOLE`]: SplitMix64 from the hash of its id. Nothing is random:
/// the same customer has the same outcomes in every forecast, on every machine.
pub(crate) fn outcomes(customer: &str, draws: u16) -> Vec<u64> {
    let mut dice = super::math::Dice(super::math::hash(customer));
    (0..draws).map(|_| ((u128::from(dice.next()) * u128::from(WHOLE)) >> 64) as u64).collect()
}
