//! When is a document due, and in which parts? For invoices as they are written and for every rule that ages them.
//!
//! [`Terms`] are data: steps that lead from the document date to the due date, and lines that divide the amount.
//! [`Terms::compile`] proves them well-formed, [`schedule`] gives the instalments, [`explain`] gives each of them with the
//! steps and operands it came from. The meaning is set out in `docs/terms.md`.
//!
//! ```
//! use ar_core::calendar::Day;
//! use ar_core::money::{Currencies, Exact};
//! use ar_core::terms::{Terms, schedule};
//!
//! // A third at once, the rest by the end of next month.
//! let terms = Terms::from_json(
//!     r#"{ "instalments": [
//!         { "share": { "percent": "100/3" } },
//!         { "share": "remainder", "due": [{ "end_of_month": 1 }] }
//!     ] }"#,
//! )
//! .unwrap();
//! let euro = Currencies::iso().find("EUR").unwrap();
//! let day = Day::parse("2026-01-31").unwrap();
//! let parts = schedule(&terms, day, Exact::parse("100.00").unwrap(), euro, None).unwrap();
//! assert_eq!(parts[0].amount, 3333);
//! assert_eq!((parts[1].number, parts[1].amount), (2, 6667));
//! assert_eq!(parts[1].due_date.to_string(), "2026-02-28");
//! ```

mod allot;
mod compile;
mod dates;
mod discount_rate;
mod due;
mod error;
mod policy;
mod schedule;

pub use compile::CompiledTerms;
pub use dates::DateReason;
pub use discount_rate::{DiscountRates, discount_rates};
pub use error::TermsError;
pub use policy::{
    BaseSplit, CutoffBand, DayOfMonth, DiscountTier, DueStep, Every, InstalmentRule, NextDate, Residue, Share, Start,
    Terms,
};
pub use schedule::{AmountReason, Instalment, InstalmentReason, explain, schedule};
