//! What day is it, and which day is so many days or months later? For every room that meets a date.
//!
//! A [`Day`] is a civil date without a time or a zone, kept as a whole number of days. The Gregorian calendar runs
//! backwards to year 1 (proleptic), as ISO 8601 has it. Weekends and holidays are inputs ([`BusinessCalendar`]), and
//! a part of a year is an exact ratio ([`DayCount`]).

mod business;
mod day;
mod day_count;

pub use business::{BusinessCalendar, CompiledCalendar, Roll};
pub use day::{CalendarError, Day, Weekday};
pub use day_count::DayCount;
