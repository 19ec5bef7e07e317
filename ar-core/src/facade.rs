//! What a binding may call: plain data in, plain data out, one error shape.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::calendar::{CalendarError, Day};
use crate::money::{self, Currencies, Exact, MAX_EXPONENT, MoneyError};

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable code of the refusal, such as `money_digits`.
    pub code: String,
    /// What was expected and what came, in lower case on one line.
    pub reason: String,
    /// Table the input row is in.
    pub table: Option<String>,
    /// Row in the table, from 0.
    pub index: Option<u64>,
    /// Field of the row or of the call.
    pub field: Option<String>,
}

/// Why a call was refused: at least one problem, listed up to a cap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", self.problems.first().map_or("refused", |first| &first.reason))]
pub struct Refused {
    /// The problems, ordered by table, row and field.
    pub problems: Vec<Problem>,
    /// How many there are without the cap.
    pub total: u64,
}

impl Refused {
    /// A refusal with one problem, its place not yet known.
    pub fn one(code: &str, reason: String) -> Self {
        let problem = Problem {
            code: code.to_owned(),
            reason,
            table: None,
            index: None,
            field: None,
        };
        Self {
            problems: vec![problem],
            total: 1,
        }
    }

    /// The same refusal of a value that stands here.
    #[must_use]
    pub fn at(mut self, table: Option<&str>, index: Option<u64>, field: &str) -> Self {
        for problem in &mut self.problems {
            problem.table = table.map(str::to_owned);
            problem.index = index;
            problem.field = Some(field.to_owned());
        }
        self
    }
}

impl From<MoneyError> for Refused {
    fn from(error: MoneyError) -> Self {
        Self::one(error.code(), error.to_string())
    }
}

impl From<CalendarError> for Refused {
    fn from(error: CalendarError) -> Self {
        Self::one(error.code(), error.to_string())
    }
}

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
        scale if scale > MAX_EXPONENT => MoneyError::TooManyDigits {
            allowed: MAX_EXPONENT,
            got: usize::from(scale),
        },
        _ => MoneyError::TooLarge,
    };
    let amount = Decimal::try_from_i128_with_scale(exact.units(), u32::from(exact.scale()));
    amount.map_err(|_| past().into())
}

/// Reads a day from `YYYY-MM-DD`.
///
/// **Errors**: `impossible_date`.
pub fn day_from_text(text: &str) -> Result<NaiveDate, Refused> {
    Ok(Day::parse(text)?.to_naive_date())
}

/// The amount at the scale of its currency, on a day of the calendar.
///
/// **Errors**: `unknown_currency`, `too_many_digits`, `too_large`.
pub fn check_amount(
    amount: Decimal,
    currency: &str,
    on: NaiveDate,
) -> Result<CheckedAmount, Refused> {
    let currency = Currencies::iso()
        .find(currency)
        .map_err(|e| Refused::from(e).at(None, None, "currency"))?;
    let minor = Exact::from_decimal(amount)
        .to_minor(currency.exponent)
        .map_err(|e| Refused::from(e).at(None, None, "amount"))?;
    Ok(CheckedAmount {
        amount: money::to_decimal(minor, currency.exponent),
        on,
    })
}
