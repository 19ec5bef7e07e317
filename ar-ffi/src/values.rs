//! Money and days as the caller's own types, by way of text.
//!
//! `uniffi.toml` says what each language makes of the text: `BigDecimal` and `LocalDate` on the JVM, `BigDecimal`
//! and `Date` in Ruby. What the engine answers is [`Money`] and [`Day`]. What a caller gives is [`GivenMoney`] and
//! [`GivenDay`], which keep the text until it is known where it stands: so a bad amount among a thousand rows is
//! refused with its table, row and field, and not as a call that could not be made.

use std::borrow::Cow;

use ar_core::facade::{self, Cell, Misfit, Refused};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::ReceivablesError;

/// An amount in an answer. The alias is the name that the other languages see.
pub type Money = Decimal;
/// A day in an answer, likewise.
pub type Day = NaiveDate;

/// An amount as the caller gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenMoney(String);

/// A day as the caller gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenDay(String);

uniffi::custom_type!(Money, String, {
    remote,
    try_lift: |text| Ok(facade::amount_from_text(&text).map_err(ReceivablesError::from)?),
    lower: |amount| amount.to_string(),
});

uniffi::custom_type!(Day, String, {
    remote,
    try_lift: |text| Ok(facade::day_from_text(&text).map_err(ReceivablesError::from)?),
    lower: |day| day.to_string(),
});

uniffi::custom_type!(GivenMoney, String, {
    try_lift: |text| Ok(GivenMoney(text)),
    lower: |money| money.0,
});

uniffi::custom_type!(GivenDay, String, {
    try_lift: |text| Ok(GivenDay(text)),
    lower: |day| day.0,
});

/// What came where a language without types sent the name of a class in place of a value.
fn stranger(text: &str) -> Option<Cell<'static>> {
    Some(match text.strip_prefix("class ")? {
        "NilClass" => Cell::Missing,
        "Float" => Cell::Float,
        "DateTime" | "Time" => Cell::DateTime,
        "TrueClass" | "FalseClass" => Cell::Bool,
        _ => Cell::Other("a value of another class"),
    })
}

/// The cell of a text that a caller gave.
pub(crate) fn given(text: &str) -> Cell<'_> {
    stranger(text).unwrap_or(Cell::Text(Cow::Borrowed(text)))
}

/// Reads the text of an argument, or says which class came instead.
fn read<T>(text: &str, expected: &str, field: &str, parse: fn(&str) -> Result<T, Refused>) -> Result<T, Refused> {
    let value = match text.strip_prefix("class ") {
        Some(class @ "Float") => Err(Misfit::Float.refusal(expected, class)),
        Some(class @ ("DateTime" | "Time")) => Err(Misfit::DateTime.refusal(expected, class)),
        Some(class) => Err(Misfit::Other.refusal(expected, class)),
        None => parse(text),
    };
    value.map_err(|refusal| refusal.at(None, None, field))
}

impl GivenMoney {
    pub(crate) fn cell(&self) -> Cell<'_> {
        given(&self.0)
    }

    /// The amount of the argument called `field`.
    pub(crate) fn read(&self, field: &str) -> Result<Decimal, Refused> {
        read(&self.0, "a decimal amount", field, facade::amount_from_text)
    }

    /// The text of the argument called `field`, for what reads it more exactly than a decimal holds it.
    pub(crate) fn text(&self, field: &str) -> Result<String, Refused> {
        read(&self.0, "a decimal amount", field, |text| Ok(text.to_owned()))
    }
}

impl GivenDay {
    pub(crate) fn cell(&self) -> Cell<'_> {
        given(&self.0)
    }

    /// The date of the argument called `field`.
    pub(crate) fn date(&self, field: &str) -> Result<NaiveDate, Refused> {
        read(&self.0, "a date", field, facade::day_from_text)
    }

    /// The same as the engine counts days.
    pub(crate) fn day(&self, field: &str) -> Result<facade::Day, Refused> {
        facade::day(self.date(field)?).map_err(|refusal| refusal.at(None, None, field))
    }
}

impl From<Decimal> for GivenMoney {
    fn from(amount: Decimal) -> Self {
        Self(amount.to_string())
    }
}

impl From<NaiveDate> for GivenDay {
    fn from(date: NaiveDate) -> Self {
        Self(date.to_string())
    }
}
