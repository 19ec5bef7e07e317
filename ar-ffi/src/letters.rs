//! Letters, creditor references, dates and amounts as a language writes them.

use ar_core::facade;
pub use ar_core::facade::CreditorReference;

use crate::dunning::DunningRun;
use crate::values::{GivenDay, GivenMoney};

type Result<T> = std::result::Result<T, crate::ReceivablesError>;

/// A letter as it goes out.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Rendered {
    /// Its subject: one line of plain text in either format.
    pub subject: String,
    /// The letter.
    pub body: String,
    /// What the body is: `text` or `html`.
    pub format: String,
    /// Its language: `en`, `de`, `fr` or `es`.
    pub language: String,
    /// The key of the template that spoke, such as `de/notice/firm`.
    pub template: String,
}

/// Writes a letter. The letter and the policy of letters are JSON text; `schema("letter")` and `schema("letters")` say
/// what may stand in them. Own templates are proved before they are used.
#[uniffi::export(default(letters = "{}"))]
pub fn letter(given: String, letters: String) -> Result<Rendered> {
    let written = facade::letter(&facade::letter_from_json(&given)?, &letters)?;
    let facade::Rendered { subject, body, format, language, template } = written;
    Ok(Rendered { subject, body, format: format.name().to_owned(), language: language.code().to_owned(), template })
}

/// The letters of a dunning run, one a notice, in their order, each as the JSON text that `letter` takes. The stationery is JSON
/// text; `schema("stationery")` says what may stand in it.
#[uniffi::export]
pub fn notice_letters(run: &DunningRun, stationery: String) -> Result<Vec<String>> {
    Ok(facade::notice_letters(&run.inner, &stationery)?.iter().map(facade::to_json).collect())
}

/// The creditor reference (ISO 11649) for one's own 1 to 21 letters and digits.
#[uniffi::export]
pub fn creditor_reference(text: String) -> Result<CreditorReference> {
    Ok(facade::creditor_reference(&text)?)
}

/// A creditor reference as somebody wrote it, refused when its check digits do not belong to the rest.
#[uniffi::export]
pub fn check_creditor_reference(text: String) -> Result<CreditorReference> {
    Ok(facade::check_creditor_reference(&text)?)
}

/// An amount as letters of a language write it. Settings, as JSON text, may name own currencies.
#[uniffi::export(default(settings = "{}"))]
pub fn local_money(value: GivenMoney, currency: String, language: String, settings: String) -> Result<String> {
    Ok(facade::local_money(&value.text("value")?, &currency, &language, &facade::settings(&settings)?)?)
}

/// A day as letters of a language write it.
#[uniffi::export]
pub fn local_date(day: GivenDay, language: String) -> Result<String> {
    Ok(facade::local_date(day.date("day")?, &language)?)
}

/// A creditor reference of ISO 11649.
#[uniffi::remote(Record)]
pub struct CreditorReference {
    /// As it is sent to a bank: `RF18539007547034`.
    pub reference: String,
    /// As it is printed, in groups of four: `RF18 5390 0754 7034`.
    pub printed: String,
}
