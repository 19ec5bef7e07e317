//! How a table is read, whatever it is made of: rows, columns, JSON or another language's objects give cells; what a cell
//! must be for a field is decided here, once.

use std::borrow::Cow;

use crate::calendar::Day;
use crate::money::{Exact, Minor, MoneyError};
use crate::problem::{Problem, quoted};

/// One value as its source has it.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Missing,
    /// Text; where money or a day is meant it is read as such.
    Text(Cow<'a, str>),
    /// A whole number; where money is meant, of major units.
    Integer(i128),
    /// An exact decimal.
    Number(Exact),
    /// Money already in minor units of the row's currency.
    Minor(Minor),
    /// A civil date.
    Day(Day),
    /// A date with a time, which is refused where a date is meant.
    DateTime,
    /// A binary float, which is refused where money is meant.
    Float,
    /// NaN or an infinity.
    NotANumber,
    /// A truth value, which no field takes.
    Bool,
    /// Anything else, named.
    Other(&'static str),
}

impl Cell<'_> {
    /// What stands in a column of minor units, where a whole number is one of them and not of major units. Whole is what has no
    /// fraction, whatever its type; text is not read as a number there.
    #[must_use]
    pub fn in_minor_units(self) -> Self {
        match self {
            Self::Integer(minor) => Self::Minor(Minor::try_from(minor).unwrap_or(Minor::MIN)),
            Self::Number(exact) => match exact.to_minor(0) {
                Ok(minor) => Self::Minor(minor),
                Err(MoneyError::TooManyDigits { .. }) => Self::Other("a part of a minor unit"),
                Err(_) => Self::Minor(Minor::MIN),
            },
            Self::Text(_) => Self::Other("text where minor units are meant"),
            other => other,
        }
    }
}

/// Rows of one table, field by field: the trait that every source of facts meets.
pub trait Source {
    /// How many rows.
    fn rows(&self) -> usize;
    /// The cell of a field (its place in the table's list of columns) in a row.
    fn cell(&self, field: usize, row: usize) -> Cell<'_>;
    /// The dimensions of a row: name and value.
    fn dimensions(&self, _row: usize) -> Vec<(&str, Cell<'_>)> {
        Vec::new()
    }
    /// What stands in place of a row that is none, such as `text`; a row with it is refused and not read.
    fn misfit(&self, _row: usize) -> Option<&'static str> {
        None
    }
    /// Fields of a row that the table does not have.
    fn unknown_fields(&self, _row: usize) -> Vec<&str> {
        Vec::new()
    }
}

/// Money as a source gave it: exact, its currency not yet looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// A decimal of major units.
    Exact(Exact),
    /// Minor units.
    Minor(Minor),
    /// A number with more digits than any currency takes.
    Long {
        /// Whether it is below zero.
        negative: bool,
        /// Whether it has more than 30 digits before the point.
        huge: bool,
        /// Digits after the point, trailing zeros not counted.
        fraction: usize,
    },
}

impl Amount {
    /// Minor units of a currency with that exponent.
    ///
    /// # Errors
    /// `too_many_digits`, `too_large`.
    pub fn to_minor(self, exponent: u8) -> Result<Minor, MoneyError> {
        match self {
            Self::Exact(exact) => exact.to_minor(exponent),
            Self::Minor(Minor::MIN) => Err(MoneyError::TooLarge),
            Self::Minor(minor) => Ok(minor),
            Self::Long { fraction, huge: false, .. } if fraction > usize::from(exponent) => {
                Err(MoneyError::TooManyDigits { allowed: exponent, got: fraction })
            }
            Self::Long { .. } => Err(MoneyError::TooLarge),
        }
    }
}

type Read<T> = Result<Option<T>, Problem>;

fn wrong<T>(expected: &str, cell: &Cell<'_>) -> Read<T> {
    let came = match cell {
        Cell::Missing => "nothing",
        Cell::Text(_) => "text",
        Cell::Integer(_) => "a whole number",
        Cell::Number(_) => "a decimal",
        Cell::Minor(_) => "minor units",
        Cell::Day(_) => "a date",
        Cell::DateTime => "a date with a time",
        Cell::Float => "a float",
        Cell::NotANumber => "NaN or an infinity",
        Cell::Bool => "a truth value",
        Cell::Other(name) => name,
    };
    Err(Problem::new("wrong_type", format!("expected {expected}, got {came}")))
}

/// Reads text: an id, a name, a code. Empty text is no value.
pub fn text(cell: Cell<'_>) -> Read<Cow<'_, str>> {
    match cell {
        Cell::Missing => Ok(None),
        Cell::Text(text) if text.is_empty() => Ok(None),
        Cell::Text(text) => Ok(Some(text)),
        other => wrong("text", &other),
    }
}

/// Reads a civil date.
pub fn day(cell: Cell<'_>) -> Read<Day> {
    match cell {
        Cell::Missing => Ok(None),
        Cell::Day(day) => Ok(Some(day)),
        Cell::Text(text) if text.is_empty() => Ok(None),
        Cell::Text(text) => match Day::parse(&text) {
            Ok(day) => Ok(Some(day)),
            Err(_) if has_time(&text) => datetime(),
            Err(_) => {
                Err(Problem::new("impossible_date", format!("expected a date as YYYY-MM-DD, got {}", quoted(&text))))
            }
        },
        Cell::DateTime => datetime(),
        other => wrong("a date", &other),
    }
}

fn has_time(text: &str) -> bool {
    text.get(..10).is_some_and(|head| Day::parse(head).is_ok())
        && text.get(10..).is_some_and(|rest| rest.starts_with(['T', ' ']))
}

fn datetime<T>() -> Read<T> {
    Err(Problem::new("datetime_refused", "expected a date, got a date with a time"))
}

/// Reads money exactly. Whether it has too many digits or is too large is known only with its currency.
pub fn money(cell: Cell<'_>) -> Read<Amount> {
    match cell {
        Cell::Missing => Ok(None),
        Cell::Minor(minor) => Ok(Some(Amount::Minor(minor))),
        Cell::Number(exact) => Ok(Some(Amount::Exact(exact))),
        Cell::Integer(units) => Ok(Some(Amount::Exact(Exact::from_integer(units)))),
        Cell::Text(text) if text.is_empty() => Ok(None),
        Cell::Text(text) => match Exact::parse(&text) {
            Ok(exact) => Ok(Some(Amount::Exact(exact))),
            Err(error @ (MoneyError::TooLarge | MoneyError::TooManyDigits { .. })) => {
                let huge = error == MoneyError::TooLarge;
                let fraction = text.split_once('.').map_or(0, |(_, digits)| digits.trim_end_matches('0').len());
                Ok(Some(Amount::Long { negative: text.starts_with('-'), huge, fraction }))
            }
            Err(error) => Err(Problem::new(error.code(), error.to_string())),
        },
        Cell::Float => {
            Err(Problem::new("float_refused", "expected an exact decimal (a decimal, or its text), got a float"))
        }
        Cell::NotANumber => Err(Problem::new("not_a_number", "expected an exact decimal, got NaN or an infinity")),
        other => wrong("an exact decimal", &other),
    }
}

/// Digits that a rate may have after the point.
const RATE_DIGITS: u8 = 12;
/// What a rate must be below.
const RATE_BOUND: i128 = 1_000_000_000;

/// Reads a rate: above zero, with at most 12 digits after the point and below 1,000,000,000.
pub fn rate(cell: Cell<'_>) -> Read<Exact> {
    let Some(amount) = (match cell {
        Cell::Minor(_) => return wrong("an exact decimal", &cell),
        other => money(other)?,
    }) else {
        return Ok(None);
    };
    let (exact, negative, fraction) = match amount {
        Amount::Exact(exact) => (Some(exact), exact.units() <= 0, usize::from(exact.scale())),
        Amount::Long { negative, fraction, .. } => (None, negative, fraction),
        Amount::Minor(_) => (None, false, 0),
    };
    if fraction > usize::from(RATE_DIGITS) {
        let error = MoneyError::TooManyDigits { allowed: RATE_DIGITS, got: fraction };
        return Err(Problem::new(error.code(), error.to_string()));
    }
    if negative {
        return Err(Problem::new("wrong_sign", "expected a rate above zero"));
    }
    let bound = |exact: &Exact| 10_i128.checked_pow(u32::from(exact.scale())).and_then(|by| RATE_BOUND.checked_mul(by));
    match exact.filter(|exact| bound(exact).is_some_and(|bound| exact.units() < bound)) {
        Some(exact) => Ok(Some(exact)),
        None => Err(Problem::new("too_large", "expected a rate below 1,000,000,000")),
    }
}

/// Reads a whole number from 0 up, such as a level.
pub fn whole_from_0(cell: Cell<'_>) -> Read<u32> {
    whole(cell, 0)
}

/// Reads a whole number from 1 up, such as the number of an instalment.
pub fn whole_from_1(cell: Cell<'_>) -> Read<u32> {
    whole(cell, 1)
}

fn whole(cell: Cell<'_>, least: i128) -> Read<u32> {
    let number = match cell {
        Cell::Missing => return Ok(None),
        Cell::Text(text) if text.is_empty() => return Ok(None),
        Cell::Integer(number) => number,
        Cell::Float => return Err(Problem::new("float_refused", "expected a whole number, got a float")),
        other => return wrong("a whole number", &other),
    };
    match i32::try_from(number).ok().filter(|_| number >= least).and_then(|number| u32::try_from(number).ok()) {
        Some(number) => Ok(Some(number)),
        None => {
            let reason = format!("expected a whole number from {least} to {}, got {number}", i32::MAX);
            Err(Problem::new("wrong_type", reason))
        }
    }
}
