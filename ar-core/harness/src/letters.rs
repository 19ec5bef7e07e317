//! The verbs about letters, creditor references, and local dates and amounts.

use ar_core::facade::{DunningRun, Exact, Problem, Refused, letter_book, letter_from_json, to_json};
use ar_core::letters::{CreditorReference, Language, checked_creditor_reference};
use ar_core::money::Currencies;
use serde_json::{Value, json};

use crate::{list, text, values};

fn shown(reference: &CreditorReference) -> Value {
    json!({ "reference": reference.reference, "printed": reference.printed })
}

pub(crate) fn creditor_reference(step: &Value) -> Result<Value, Refused> {
    Ok(shown(&ar_core::letters::creditor_reference(text(step, "text"))?))
}

pub(crate) fn check_creditor_reference(step: &Value) -> Result<Value, Refused> {
    Ok(shown(&checked_creditor_reference(text(step, "text"))?))
}

fn language(step: &Value) -> Result<Language, Refused> {
    let unknown = || Problem::new("unknown_kind", "expected a language").field("language").into();
    Language::of(text(step, "language")).ok_or_else(unknown)
}

pub(crate) fn local_money(currencies: &Currencies, step: &Value) -> Result<Value, Refused> {
    let language = language(step)?;
    let at = |field: &'static str| move |error: ar_core::money::MoneyError| Refused::from(error).at(None, None, field);
    let currency = currencies.find(text(step, "currency")).map_err(at("currency"))?;
    let minor = Exact::parse(text(step, "value")).and_then(|exact| exact.to_minor(currency.exponent));
    Ok(json!({ "text": language.money(i128::from(minor.map_err(at("value"))?), currency) }))
}

pub(crate) fn local_date(step: &Value) -> Result<Value, Refused> {
    Ok(json!({ "text": language(step)?.date(values::day_of(step, "day")?) }))
}

pub(crate) fn letter(step: &Value) -> Result<Value, Refused> {
    let letter = letter_from_json(&step.get("letter").cloned().unwrap_or_default().to_string())?;
    let policy = step.get("letters").cloned().unwrap_or_else(|| json!({}));
    let written = letter_book(&policy.to_string())?.render(&letter)?;
    let found: Vec<bool> =
        list(step, "find").iter().filter_map(Value::as_str).map(|text| written.body.contains(text)).collect();
    Ok(json!({
        "subject": written.subject, "body": written.body, "format": written.format.name(),
        "language": written.language.code(), "template": written.template, "found": found,
    }))
}

/// The letters of the last run; each is written, too.
pub(crate) fn of_run(run: &DunningRun, step: &Value) -> Result<Value, Refused> {
    let stationery = step.get("stationery").cloned().unwrap_or_else(|| json!({}));
    let letters = ar_core::facade::notice_letters(run, &stationery.to_string())?;
    let book = letter_book("{}")?;
    for letter in &letters {
        book.render(&letter_from_json(&to_json(letter))?)?;
    }
    Ok(json!({ "letters": letters }))
}
