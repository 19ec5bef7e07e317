//! How is it written? Notices, statements of account, invoices and thanks, as plain text or as one HTML page, in English,
//! German, French and Spanish.
//!
//! A [`Letter`] is plain data with finished figures, [`Letters`] a policy whose templates stand before the shipped ones, and
//! a [`LetterBook`] that policy proved well-formed. The letters of a dunning run are made by [`notice_letters`]. Text of a letter is never a template, whatever stands in it. **Source**
//! of dates and amounts: Unicode CLDR (see [`Language`]); of creditor references: ISO 11649.

mod book;
mod check;
mod content;
mod harmless;
mod letter;
mod local;
mod notice;
mod policy;
mod proof;
mod read;
mod reference;
mod shipped;
mod stationery;

pub use book::LetterBook;
pub use check::MOST_LINES;
pub use letter::{
    LabelledAmount, Letter, LetterFormat, LetterInstalment, LetterKind, LetterLine, PaymentDetails, Period, Recipient,
    Rendered, Sender, Tone,
};
pub use local::Language;
pub use notice::notice_letters;
pub use policy::{LetterLayout, Letters};
pub use read::letter;
pub use reference::{CreditorReference, MOST_OWN, checked_creditor_reference, creditor_reference};
pub use stationery::{AddressBookEntry, ReferenceOf, Stationery};

/// The examples of the page about letters run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/letters.md")]
struct Page;
