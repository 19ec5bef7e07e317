//! Accounts receivable as a library.
#![forbid(unsafe_code)]

pub mod aging;
pub mod allocation;
#[cfg(feature = "arrow")]
pub mod arrow;
pub mod calendar;
pub mod credit;
pub mod dunning;
pub mod facade;
#[cfg(feature = "import")]
pub mod import;
pub mod interest;
pub mod item;
pub mod kpi;
pub mod ledger;
#[cfg(feature = "letters")]
pub mod letters;
pub mod made_by;
pub mod money;
pub mod picture;
pub mod prediction;
pub mod problem;
pub mod profiles;
pub mod provision;
pub mod settlement;
pub mod terms;
mod words;

/// The examples of the front page run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct FrontPage;

/// And those of the page on interest.
#[cfg(doctest)]
#[doc = include_str!("../../docs/interest.md")]
struct InterestPage;

/// And those of the page on provisions.
#[cfg(doctest)]
#[doc = include_str!("../../docs/provision.md")]
struct ProvisionPage;
