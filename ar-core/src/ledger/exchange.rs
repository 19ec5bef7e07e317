//! What is an amount in another currency, by the latest rate of a view?

use super::View;
use super::store::NO_BASE;
use crate::money::{Exact, Minor, MoneyError, Ratio, Rounding, divide, multiply_divide};
use crate::problem::Problem;

/// From one currency to another: `units ÷ 10^scale`, and the digits of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    units: i128,
    scale: u8,
    from: u8,
    to: u8,
}

impl View {
    /// The latest counted rate from a currency to a base currency; 1 between a currency and itself.
    pub(crate) fn exchange(&self, from: u32, to: u32) -> Result<Rate, Problem> {
        self.exchange_on(from, to, self.day.number())
    }

    /// The same of those effective until a day.
    pub(crate) fn exchange_on(&self, from: u32, to: u32, day: i32) -> Result<Rate, Problem> {
        let store = &self.store;
        let rate = if from == to { Some((1, 0)) } else { self.rate_until(from, to, day) };
        if let (Some(from), Some(to), Some((units, scale))) = (store.currency(from), store.currency(to), rate) {
            return Ok(Rate { units, scale, from: from.exponent, to: to.exponent });
        }
        let code = |number: u32| store.currency(number).map_or_else(|| String::from("none"), |c| c.code.to_string());
        let reason = format!("expected a rate from {} to the base currency ({})", code(from), code(to));
        Err(Problem::new("rate_missing", reason))
    }
}

impl Rate {
    /// An amount in the base currency, half away from zero.
    pub(crate) fn apply(self, minor: Minor) -> Result<Minor, MoneyError> {
        self.apply_rounded(minor, Rounding::HalfAwayFromZero)
    }

    pub(crate) fn apply_rounded(self, minor: Minor, rounding: Rounding) -> Result<Minor, MoneyError> {
        let raise = 10_i128.checked_pow(u32::from(self.to.saturating_sub(self.from)));
        let lower = u32::from(self.scale).saturating_add(u32::from(self.from.saturating_sub(self.to)));
        let product = raise.and_then(|raise| i128::from(minor).checked_mul(self.units)?.checked_mul(raise));
        if let (Some(product), Some(lower)) = (product, 10_i128.checked_pow(lower)) {
            let figure = divide(product, lower, rounding).and_then(|it| Minor::try_from(it).ok());
            return figure.filter(|figure| *figure != NO_BASE).ok_or(MoneyError::TooLarge);
        }
        let ratio = Ratio::from_exact(Exact::new(self.units, self.scale))?;
        ratio.apply(minor, self.from, self.to, rounding)
    }

    /// An amount of the base currency in the other one, half away from zero.
    pub(crate) fn back(self, minor: Minor) -> Result<Minor, MoneyError> {
        self.back_rounded(minor, Rounding::HalfAwayFromZero)
    }

    pub(crate) fn back_rounded(self, minor: Minor, rounding: Rounding) -> Result<Minor, MoneyError> {
        let power = |digits: u32| 10_i128.checked_pow(digits);
        let numerator = power(u32::from(self.scale).saturating_add(u32::from(self.from)));
        let denominator = power(u32::from(self.to)).and_then(|power| power.checked_mul(self.units));
        let figure =
            numerator.zip(denominator).and_then(|(up, down)| multiply_divide(minor.into(), up, down, rounding));
        figure.and_then(|figure| Minor::try_from(figure).ok()).ok_or(MoneyError::TooLarge)
    }
}
