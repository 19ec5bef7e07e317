//! What is an amount, how is it read and printed, and where is it rounded? For every room of the engine.
//!
//! Inside the engine money is [`Minor`]: an exact whole number of minor units of one currency. Text, decimals and whole
//! numbers of major units pass the border as [`Exact`] and convert exactly or are refused. Only this room rounds, with
//! a [`Rounding`] named by its caller. Source of the exponents: ISO 4217.

mod currency;
mod error;
mod exact;
mod format;
mod long;
mod power;
mod ratio;
mod rounding;
mod split;
mod wide;

pub use currency::{Currencies, Currency, CurrencyCode, MAX_EXPONENT};
pub use error::MoneyError;
pub use exact::Exact;
pub use format::{format_minor, push_minor, to_decimal};
pub use power::compare_powers;
pub use ratio::{Ratio, ratio_text};
pub use rounding::{Rounding, divide, multiply_divide};
pub use split::split;

pub(crate) use currency::is_iso;
pub(crate) use error::quoted;
pub(crate) use long::Long;

/// An exact count of minor units (cents, fils, whole yen) of one currency.
///
/// **Unit**: the minor unit of the currency that travels beside it. Sums are made in `i128`.
pub type Minor = i64;

/// How many bits hold the largest of the amounts, its sign apart: each is at most 2^bits either way.
pub(crate) fn bits_of_largest(amounts: &[Minor]) -> u32 {
    // For x below zero, !x = −x − 1.
    let magnitude = amounts.iter().fold(0_i64, |held, amount| held | (amount ^ (amount >> 63)));
    i64::BITS.saturating_sub(magnitude.leading_zeros())
}
