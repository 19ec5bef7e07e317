//! Letters, creditor references, dates and amounts as a language writes them.

use ar_core::facade;
use napi::Result;
use napi_derive::napi;

use crate::dunning::NativeDunningRun;
use crate::errors::raise;
use crate::json::camel_json;
use crate::values::{Day, MoneyText};

/// A letter, and the policy it is written by, both as JSON text.
#[napi(catch_unwind)]
pub fn letter(letter: String, letters: String) -> Result<String> {
    let letter = facade::letter_from_json(&letter).map_err(raise)?;
    camel_json(&facade::letter(&letter, &letters).map_err(raise)?)
}

/// The letters of a run, on a stationery as JSON text.
#[napi(catch_unwind)]
pub fn notice_letters(run: &NativeDunningRun, stationery: String) -> Result<String> {
    camel_json(&facade::notice_letters(&run.inner, &stationery).map_err(raise)?)
}

/// The creditor reference for one's own letters and digits.
#[napi(catch_unwind)]
pub fn creditor_reference(text: String) -> Result<String> {
    camel_json(&facade::creditor_reference(&text).map_err(raise)?)
}

/// A creditor reference as somebody wrote it, checked.
#[napi(catch_unwind)]
pub fn check_creditor_reference(text: String) -> Result<String> {
    camel_json(&facade::check_creditor_reference(&text).map_err(raise)?)
}

/// An amount as letters of a language write it.
#[napi(catch_unwind)]
pub fn local_money(value: MoneyText, currency: String, language: String, settings: String) -> Result<String> {
    let text = value.read("value")?;
    let settings = facade::settings(&settings).map_err(raise)?;
    facade::local_money(&text, &currency, &language, &settings).map_err(raise)
}

/// A day as letters of a language write it.
#[napi(catch_unwind)]
pub fn local_date(day: Day, language: String) -> Result<String> {
    facade::local_date(day.read("day")?, &language).map_err(raise)
}
