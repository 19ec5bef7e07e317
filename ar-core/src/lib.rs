//! Accounts receivable as a library.
#![forbid(unsafe_code)]

pub mod calendar;
pub mod facade;
pub mod money;
pub mod terms;
