//! How a binding reads single values strictly: the same refusals, with the same codes, in every language.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::calendar::Day;
use crate::ledger::cell::{self, Cell};
use crate::money::{self, Currencies, Exact, MAX_EXPONENT, MoneyError};
use crate::problem::Refused;

/// A value that a language's own types let through and money or a day does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// A binary fraction where money is meant.
    Float,
    /// A time where a day is meant.
    DateTime,
    /// Anything else.
    Other,
}

impl Misfit {
    /// The refusal: **code** `float_refused`, `datetime_refused` or `wrong_type`.
    pub fn refusal(self, expected: &str, got: &str) -> Refused {
        let code = match self {
            Self::Float => "float_refused",
            Self::DateTime => "datetime_refused",
            Self::Other => "wrong_type",
        };
        Refused::one(code, format!("expected {expected}, got {got}"))
    }
}

/// An amount that was checked against its currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedAmount {
    /// The amount, at the scale of its currency.
    pub amount: Decimal,
    /// The day it counts.
    pub on: NaiveDate,
}

/// The engine's version.
pub fn engine_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Reads an amount from plain decimal text, exactly.
///
/// **Errors**: `not_a_number`, `too_many_digits`, `too_large`.
pub fn amount_from_text(text: &str) -> Result<Decimal, Refused> {
    let exact = Exact::parse(text)?;
    let past = || match exact.scale() {
        scale if scale > MAX_EXPONENT => MoneyError::TooManyDigits { allowed: MAX_EXPONENT, got: usize::from(scale) },
        _ => MoneyError::TooLarge,
    };
    let amount = Decimal::try_from_i128_with_scale(exact.units(), u32::from(exact.scale()));
    amount.map_err(|_| past().into())
}

/// Reads a number from plain decimal text, to its last digit.
///
/// **Errors**: `not_a_number`, `too_many_digits`, `too_large`.
pub fn exact_from_text(text: &str) -> Result<Exact, Refused> {
    Ok(Exact::parse(text)?)
}

/// Reads a day from `YYYY-MM-DD`.
///
/// **Errors**: `impossible_date`; `datetime_refused` when a time follows.
pub fn day_from_text(text: &str) -> Result<NaiveDate, Refused> {
    let read = cell::day(Cell::Text(text.into()))?;
    Ok(read.map_or_else(|| Day::parse(text), Ok)?.to_naive_date())
}

/// The amount at the scale of its currency, on a day of the calendar.
///
/// **Errors**: `unknown_currency`, `too_many_digits`, `too_large`.
pub fn check_amount(amount: Decimal, currency: &str, on: NaiveDate) -> Result<CheckedAmount, Refused> {
    let currency = Currencies::iso().find(currency).map_err(|e| Refused::from(e).at(None, None, "currency"))?;
    let minor = Exact::from_decimal(amount)
        .to_minor(currency.exponent)
        .map_err(|e| Refused::from(e).at(None, None, "amount"))?;
    Ok(CheckedAmount { amount: money::to_decimal(minor, currency.exponent), on })
}
