//! What day is it, and which day is so many days or months later? For every room that meets a date.
//!
//! A [`Day`] is a civil date without a time or a zone, kept as a whole number of days. The Gregorian calendar runs
//! backwards to year 1 (proleptic), as ISO 8601 has it.

mod day;

pub use day::{CalendarError, Day, Weekday};
