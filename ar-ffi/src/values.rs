//! Money and days as the caller's own types, by way of text.
//!
//! `uniffi.toml` says what each language makes of the text: `BigDecimal` and `LocalDate` on the JVM, `BigDecimal`
//! and `Date` in Ruby. Text that cannot be read exactly is an [`ArError`], which UniFFI hands to the caller as
//! such because every exported function fails with that type.

use ar_core::facade::{self, Misfit, Refused};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::ArError;

/// An amount. The alias is the name that the other languages see.
pub type Money = Decimal;
/// A day, likewise.
pub type Day = NaiveDate;

uniffi::custom_type!(Money, String, {
    remote,
    try_lift: |text| Ok(read(&text, "a decimal amount", facade::amount_from_text)?),
    lower: |amount| amount.to_string(),
});

uniffi::custom_type!(Day, String, {
    remote,
    try_lift: |text| Ok(read(&text, "a date", facade::day_from_text)?),
    lower: |day| day.to_string(),
});

/// Reads the text, or says which class came instead where a language without types sent its name.
fn read<T>(
    text: &str,
    expected: &str,
    parse: fn(&str) -> Result<T, Refused>,
) -> Result<T, ArError> {
    let value = match text.strip_prefix("class ") {
        Some(class @ "Float") => Err(Misfit::Float.refusal(expected, class)),
        Some(class @ ("DateTime" | "Time")) => Err(Misfit::DateTime.refusal(expected, class)),
        Some(class) => Err(Misfit::Other.refusal(expected, class)),
        None => parse(text),
    };
    value.map_err(ArError::from)
}
