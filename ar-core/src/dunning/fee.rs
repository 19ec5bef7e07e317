//! What does a notice, or a line of one, cost? Fixed, in per cent, in tiers single or accumulated, with bounds and tax.
//!
//! **Source** of the two ways to read tiers: Business Central's additional fees, single dynamic and accumulated dynamic.

use serde::{Deserialize, Serialize};

use super::known::Known;
use super::policy::{invalid, is_percentage};
use crate::money::{Exact, Minor, Rounding, divide, multiply_divide};
use crate::problem::Problem;
use crate::words::words;

/// A fee by currency.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeePolicy {
    /// What a percentage is taken of.
    #[serde(default)]
    pub of: FeeOf,
    /// How tiers are read.
    #[serde(default)]
    pub mode: FeeMode,
    /// How often it is charged; by default a fee of a line once at a level, a fee of a notice on every notice.
    #[serde(default)]
    pub once: Option<FeeOnce>,
    /// By currency; another is converted from the base currency.
    pub currencies: Vec<FeeInCurrency>,
}

/// A fee in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeeInCurrency {
    /// The currency.
    pub currency: String,
    /// Tax on the fee.
    #[serde(default)]
    pub tax_percent: Option<Exact>,
    /// Rising by `from`.
    pub tiers: Vec<FeeTier>,
}

/// What a fee is from an amount on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeeTier {
    /// From this amount on, inclusive.
    pub from: Exact,
    /// So much.
    pub amount: Exact,
    /// And so much of it.
    pub percent: Exact,
    /// At least.
    pub minimum: Option<Exact>,
    /// At most.
    pub maximum: Option<Exact>,
}

impl Default for FeeTier {
    fn default() -> Self {
        Self { from: Exact::ZERO, amount: Exact::ZERO, percent: Exact::ZERO, minimum: None, maximum: None }
    }
}

words! {
    /// What a percentage is taken of.
    FeeOf {
        Amount "amount" /** What is dunned. */,
        Original "original" /** What was invoiced. */,
    }
}
words! {
    /// How tiers are read.
    FeeMode {
        Single "single" /** The last that is reached counts. */,
        Accumulated "accumulated" /** Each counts for its part, and they are added. */,
    }
}
words! {
    /// How often a fee is charged.
    FeeOnce {
        PerLevel "per_level" /** Once at a level. */,
        PerNotice "per_notice" /** On every notice. */,
    }
}

impl FeePolicy {
    pub(super) fn check(&self, path: &str, known: &Known<'_>) -> Result<(), Problem> {
        for (at, fee) in self.currencies.iter().enumerate() {
            let path = format!("{path}.currencies[{at}]");
            let before = self.currencies.iter().take(at).map(|before| before.currency.as_str());
            known.currency(before, &fee.currency, || format!("{path}.currency"))?;
            if fee.tax_percent.is_some_and(|percent| !is_percentage(percent)) {
                return Err(invalid(&format!("{path}.tax_percent"), "expected a percentage from 0 to 100"));
            }
            let mut before: Option<Exact> = None;
            for (at, tier) in fee.tiers.iter().enumerate() {
                let path = format!("{path}.tiers[{at}]");
                let amounts = [("from", Some(tier.from)), ("amount", Some(tier.amount)), ("minimum", tier.minimum)];
                for (name, amount) in amounts.into_iter().chain([("maximum", tier.maximum)]) {
                    if amount.is_some_and(|amount| amount.units() < 0) {
                        return Err(invalid(&format!("{path}.{name}"), "expected an amount not below zero"));
                    }
                }
                if !is_percentage(tier.percent) {
                    return Err(invalid(&format!("{path}.percent"), "expected a percentage from 0 to 100"));
                }
                if tier.minimum.zip(tier.maximum).is_some_and(|(least, most)| least > most) {
                    return Err(invalid(&format!("{path}.maximum"), "expected it not below the minimum"));
                }
                if before.is_some_and(|before| before >= tier.from) {
                    return Err(invalid(&format!("{path}.from"), "expected rising amounts"));
                }
                before = Some(tier.from);
            }
        }
        Ok(())
    }

    /// The entry of a currency.
    pub(super) fn of_currency(&self, code: &str) -> Option<&FeeInCurrency> {
        self.currencies.iter().find(|fee| fee.currency == code)
    }

    /// What it is for an amount in the currency of the entry, which has so many digits. None beyond the range of money.
    pub(super) fn charge(&self, entry: &FeeInCurrency, base: Minor, digits: u8) -> Option<Minor> {
        let mut fee: Minor = 0;
        for (at, tier) in entry.tiers.iter().enumerate() {
            let next = entry.tiers.get(at.saturating_add(1)).map(|next| next.from);
            let reaches = |from: Exact| from.cmp_minor(base.into(), digits).is_le();
            let part = match self.mode {
                FeeMode::Single if !reaches(tier.from) || next.is_some_and(reaches) => continue,
                FeeMode::Single => Part { base, from: Exact::ZERO, until: None },
                FeeMode::Accumulated if tier.from.cmp_minor(base.into(), digits).is_ge() => continue,
                FeeMode::Accumulated => Part { base, from: tier.from, until: next.filter(|next| reaches(*next)) },
            };
            fee = fee.checked_add(tier.charge(part, digits)?)?;
        }
        Some(fee)
    }
}

/// The part of an amount that a tier is for: from a bound to another, or to the amount itself.
struct Part {
    base: Minor,
    from: Exact,
    until: Option<Exact>,
}

impl FeeTier {
    /// Its amount and its percentage of a part, bounded, in minor units: rounded last.
    fn charge(&self, part: Part, digits: u8) -> Option<Minor> {
        let power = |digits: u8| 10_i128.checked_pow(u32::from(digits));
        let scales = [self.amount.scale(), part.from.scale(), part.until.map_or(0, Exact::scale)];
        let scale = scales.into_iter().max().unwrap_or(0);
        // In minor units, times a power of ten that makes all of them whole.
        let whole = |amount: Exact| {
            amount.units().checked_mul(power(digits)?)?.checked_mul(power(scale.saturating_sub(amount.scale()))?)
        };
        let until = match part.until {
            Some(until) => whole(until)?,
            None => i128::from(part.base).checked_mul(power(scale)?)?,
        };
        let of = until.checked_sub(whole(part.from)?)?;
        let hundred = power(self.percent.scale())?.checked_mul(100)?;
        let numerator = whole(self.amount)?.checked_mul(hundred)?.checked_add(of.checked_mul(self.percent.units())?)?;
        let denominator = hundred.checked_mul(power(scale)?)?;
        let fee = Minor::try_from(divide(numerator, denominator, Rounding::HalfAwayFromZero)?).ok()?;
        // Rounding never turns an order around, so bounds may be rounded by themselves.
        let minor = |amount: Exact| amount.rounded_minor(digits, Rounding::HalfAwayFromZero).ok();
        let most = match self.maximum {
            Some(maximum) => fee.min(minor(maximum)?),
            None => fee,
        };
        Some(match self.minimum {
            Some(minimum) => most.max(minor(minimum)?),
            None => most,
        })
    }
}

/// A percentage of an amount, half away from zero.
pub(super) fn percent_of(amount: Minor, percent: Exact) -> Option<Minor> {
    let hundred = 10_i128.checked_pow(u32::from(percent.scale()))?.checked_mul(100)?;
    let part = multiply_divide(amount.into(), percent.units(), hundred, Rounding::HalfAwayFromZero)?;
    Minor::try_from(part).ok()
}
