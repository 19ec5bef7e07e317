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
}

/// Money as a source gave it: exact, its currency not yet looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// A decimal of major units.
    Exact(Exact),
    /// Minor units.
    Minor(Minor),
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
        Cell::Integer(number) => Ok(Some(Cow::Owned(number.to_string()))),
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
            Err(_) if text.get(..10).is_some_and(|head| Day::parse(head).is_ok()) => datetime(),
            Err(_) => {
                Err(Problem::new("impossible_date", format!("expected a date as YYYY-MM-DD, got {}", quoted(&text))))
            }
        },
        Cell::DateTime => datetime(),
        other => wrong("a date", &other),
    }
}

fn datetime<T>() -> Read<T> {
    Err(Problem::new("datetime_refused", "expected a date, got a date with a time"))
}

/// Reads money exactly.
pub fn money(cell: Cell<'_>) -> Read<Amount> {
    match cell {
        Cell::Minor(minor) => Ok(Some(Amount::Minor(minor))),
        other => Ok(number(other)?.map(Amount::Exact)),
    }
}

/// Reads an exact decimal, such as a rate.
pub fn number(cell: Cell<'_>) -> Read<Exact> {
    match cell {
        Cell::Missing => Ok(None),
        Cell::Number(exact) => Ok(Some(exact)),
        Cell::Integer(units) => Ok(Some(Exact::from_integer(units))),
        Cell::Text(text) if text.is_empty() => Ok(None),
        Cell::Text(text) => match Exact::parse(&text) {
            Ok(exact) => Ok(Some(exact)),
            Err(error) => Err(Problem::new(error.code(), error.to_string())),
        },
        Cell::Float => {
            Err(Problem::new("float_refused", "expected an exact decimal (a decimal, or its text), got a float"))
        }
        Cell::NotANumber => Err(Problem::new("not_a_number", "expected an exact decimal, got NaN or an infinity")),
        other => wrong("an exact decimal", &other),
    }
}

/// Reads a whole number, such as an instalment's.
pub fn integer(cell: Cell<'_>) -> Read<i64> {
    let units = match cell {
        Cell::Missing => return Ok(None),
        Cell::Text(text) if text.is_empty() => return Ok(None),
        Cell::Integer(units) => Some(units),
        Cell::Text(ref text) => text.parse::<i128>().ok(),
        Cell::Number(exact) if exact.scale() == 0 => Some(exact.units()),
        Cell::Float => return Err(Problem::new("float_refused", "expected a whole number, got a float")),
        Cell::NotANumber => return Err(Problem::new("not_a_number", "expected a whole number, got NaN")),
        other => return wrong("a whole number", &other),
    };
    match units.and_then(|units| i64::try_from(units).ok()) {
        Some(number) => Ok(Some(number)),
        None => Err(Problem::new("wrong_type", "expected a whole number")),
    }
}
