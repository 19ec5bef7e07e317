//! Accounts receivable as a library.
#![forbid(unsafe_code)]

pub mod calendar;
pub mod item;
pub mod ledger;
pub mod money;
pub mod problem;
pub mod terms;
