//! How is a letter read from JSON text? Strictly, with the codes that facts have and the path of what is wrong.

use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::de::{Deserializer, Visitor};

use super::Letter;
use crate::ledger::cell::{self, Amount, Cell};
use crate::money::MAX_EXPONENT;
use crate::problem::{Problem, Refused};

/// Parts the code from the reason in a message of the reader's.
const MARK: char = '\u{1}';

/// A letter from JSON text.
///
/// # Errors
/// `missing_field`, `unknown_field`, `unknown_kind`, `wrong_type`, `float_refused`, `not_a_number`, `too_many_digits`,
/// `too_large`, `datetime_refused`, `impossible_date`, each with its path as field.
pub fn letter(text: &str) -> Result<Letter, Refused> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        told(&error.inner().to_string(), if path == "." { "" } else { &path })
    })?;
    reader.end().map_err(|error| told(&error.to_string(), ""))?;
    Ok(read)
}

/// The problem that a message of the reader's tells of.
fn told(message: &str, path: &str) -> Problem {
    let message = message.split(" at line ").next().unwrap_or(message);
    if let Some((code, reason)) = message.split_once(MARK) {
        return Problem::new(code, reason).field(path);
    }
    let named = message.split('`').nth(1).unwrap_or_default();
    let (code, reason) = if message.starts_with("missing field") {
        ("missing_field", format!("expected a value for `{named}`, got none"))
    } else if message.starts_with("unknown field") {
        ("unknown_field", format!("expected a field of letters, got `{named}`"))
    } else if message.starts_with("unknown variant") {
        let known = message.split_once("expected").map_or("another word", |(_, known)| known.trim());
        ("unknown_kind", format!("expected {}, got `{named}`", known.trim_start_matches("one of ")))
    } else {
        ("wrong_type", format!("expected a letter as json: {message}"))
    };
    let problem = Problem::new(code, reason);
    match (path, code) {
        // The path ends at the object that lacks a field.
        ("", "missing_field") => problem.field(named),
        (_, "missing_field") => problem.field(&format!("{path}.{named}")),
        ("", _) => problem,
        _ => problem.field(path),
    }
}

struct Value<T>(fn(Cell<'_>) -> Result<Option<T>, Problem>);

fn failed<E: serde::de::Error>(problem: &Problem) -> E {
    E::custom(format!("{}{MARK}{}", problem.code, problem.reason))
}

impl<'de, T> Visitor<'de> for Value<T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a decimal or a date, as text")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Option<T>, E> {
        (self.0)(Cell::Text(text.into())).map_err(|problem| failed(&problem))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Option<T>, E> {
        (self.0)(Cell::Integer(number.into())).map_err(|problem| failed(&problem))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Option<T>, E> {
        (self.0)(Cell::Integer(number.into())).map_err(|problem| failed(&problem))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Option<T>, E> {
        (self.0)(Cell::Float).map_err(|problem| failed(&problem))
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Option<T>, E> {
        (self.0)(Cell::Bool).map_err(|problem| failed(&problem))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

fn decimal(cell: Cell<'_>) -> Result<Option<Decimal>, Problem> {
    let too_many = |got: usize| {
        Problem::new("too_many_digits", format!("expected at most {MAX_EXPONENT} digits after the point, got {got}"))
    };
    let too_large = || Problem::new("too_large", "expected an amount within 64 bits of minor units");
    match cell::money(cell)? {
        None => Ok(None),
        Some(Amount::Exact(exact)) => Decimal::try_from_i128_with_scale(exact.units(), u32::from(exact.scale()))
            .map(Some)
            .map_err(|_| if exact.scale() > MAX_EXPONENT { too_many(exact.scale().into()) } else { too_large() }),
        Some(Amount::Long { fraction, huge: false, .. }) if fraction > usize::from(MAX_EXPONENT) => {
            Err(too_many(fraction))
        }
        Some(Amount::Long { .. } | Amount::Minor(_)) => Err(too_large()),
    }
}

fn date(cell: Cell<'_>) -> Result<Option<NaiveDate>, Problem> {
    Ok(cell::day(cell)?.map(|day| day.to_naive_date()))
}

fn given<T, E: serde::de::Error>(value: Option<T>) -> Result<T, E> {
    value.ok_or_else(|| failed(&Problem::new("missing_field", "expected a value, got none")))
}

pub(super) fn amounts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    deserializer.deserialize_any(Value(decimal))
}

pub(super) fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    given(deserializer.deserialize_any(Value(decimal))?)
}

pub(super) fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    deserializer.deserialize_any(Value(date))
}

pub(super) fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    given(deserializer.deserialize_any(Value(date))?)
}
