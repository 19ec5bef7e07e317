//! Letters, creditor references, and dates and amounts as a language writes them, as plain data.

use chrono::NaiveDate;

use super::json::{letters_policy, stationery};
use super::terms::currency;
use crate::calendar::Day;
use crate::dunning::DunningRun;
use crate::ledger::settings::Settings;
use crate::letters::{self, CreditorReference, Language, Letter, LetterBook, Rendered};
use crate::money::Exact;
use crate::problem::{Problem, Refused, quoted};

/// A letter written by a policy of letters as JSON text; `{}` is the shipped templates.
///
/// Who writes many compiles once: [`letter_book`].
///
/// # Errors
/// Those of [`letter_book`], and of the letter at its field: see [`LetterBook::render`].
///
/// ```
/// use ar_core::facade::{letter, letter_from_json};
/// let thanks = letter_from_json(r#"{
///     "kind": "thanks", "language": "en", "date": "2026-10-31", "sender": {"name": "Miller Ltd"},
///     "customer": {"id": "C1", "name": "{{ 7*7 }}"}, "currency": "EUR", "total": "1234.56"
/// }"#)?;
/// let written = letter(&thanks, "{}")?;
/// assert_eq!(written.subject, "Thank you for your payment of EUR\u{a0}1,234.56");
/// assert!(written.body.contains("{{ 7*7 }}"));
/// # Ok::<(), ar_core::problem::Refused>(())
/// ```
pub fn letter(letter: &Letter, policy: &str) -> Result<Rendered, Refused> {
    letter_book(policy)?.render(letter)
}

/// A policy of letters as JSON text, proved well-formed, to write many letters by.
///
/// # Errors
/// `policy_invalid` with the path, for a template with its line; `unsupported_version`.
pub fn letter_book(policy: &str) -> Result<LetterBook, Refused> {
    letters_policy(policy)?.compile()
}

/// The letters of a dunning run, one a notice, on a stationery as JSON text.
///
/// # Errors
/// `policy_invalid`, `unsupported_version`, with the path; `unknown_kind` for a tone or language that there is not: see
/// [`letters::notice_letters`].
pub fn notice_letters(run: &DunningRun, on: &str) -> Result<Vec<Letter>, Refused> {
    letters::notice_letters(run, &stationery(on)?)
}

/// A letter from JSON text, read strictly.
///
/// # Errors
/// The codes that facts have, with the path as field: `missing_field`, `unknown_field`, `unknown_kind`, `wrong_type`,
/// `float_refused`, `not_a_number`, `too_many_digits`, `too_large`, `datetime_refused`, `impossible_date`.
pub fn letter_from_json(text: &str) -> Result<Letter, Refused> {
    letters::letter(text)
}

/// The creditor reference (ISO 11649) for one's own letters and digits.
///
/// # Errors
/// `reference_invalid`, field `text`.
pub fn creditor_reference(text: &str) -> Result<CreditorReference, Refused> {
    letters::creditor_reference(text)
}

/// A creditor reference (ISO 11649) as somebody wrote it, checked.
///
/// # Errors
/// `reference_invalid`, field `text`.
pub fn check_creditor_reference(text: &str) -> Result<CreditorReference, Refused> {
    letters::checked_creditor_reference(text)
}

fn language(code: &str) -> Result<Language, Refused> {
    Language::of(code).ok_or_else(|| {
        let known: Vec<&str> = Language::ALL.iter().map(|language| language.code()).collect();
        let reason = format!("expected one of {}, got {}", known.join(", "), quoted(code));
        Problem::new("unknown_kind", reason).field("language").into()
    })
}

/// An amount as letters of a language write it, with the code of its currency.
///
/// # Errors
/// `unknown_kind` for a language, `unknown_currency`, `not_a_number`, `too_many_digits`, `too_large`.
pub fn local_money(text: &str, code: &str, language_code: &str, settings: &Settings) -> Result<String, Refused> {
    let language = language(language_code)?;
    let currency = currency(settings, code)?;
    let minor = Exact::parse(text).and_then(|exact| exact.to_minor(currency.exponent));
    let minor = minor.map_err(|error| Refused::from(error).at(None, None, "value"))?;
    Ok(language.money(i128::from(minor), currency))
}

/// A day as letters of a language write it.
///
/// # Errors
/// `unknown_kind` for a language, `impossible_date`.
pub fn local_date(date: NaiveDate, language_code: &str) -> Result<String, Refused> {
    let language = language(language_code)?;
    let day = Day::try_from(date).map_err(|error| Refused::from(error).at(None, None, "day"))?;
    Ok(language.date(day))
}
