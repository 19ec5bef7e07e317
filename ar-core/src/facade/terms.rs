//! Payment terms, splits, day counts and business days as plain data.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::json::policy;
use crate::calendar::{BusinessCalendar, Day, DayCount, Roll};
use crate::ledger::settings::Settings;
use crate::money::{self, Currencies, Currency, Exact, Ratio, format_minor, to_decimal};
use crate::problem::{Problem, Refused, quoted};
use crate::terms::{InstalmentReason, Terms, TermsError};

/// A part of a document, and when it is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueInstalment {
    /// From 1 on; 0 when the whole is due at once.
    pub number: u32,
    /// The day by which it is to be paid, included.
    pub due_date: NaiveDate,
    /// In the document's currency.
    pub amount: Decimal,
    /// In base currency, when a base amount was given.
    pub base_amount: Option<Decimal>,
}

/// A part of a document with the steps that gave its date and amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedInstalment {
    /// From 1 on; 0 when the whole is due at once.
    pub number: u32,
    /// The day by which it is to be paid, included.
    pub due_date: NaiveDate,
    /// In the document's currency.
    pub amount: Decimal,
    /// In base currency, when a base amount was given.
    pub base_amount: Option<Decimal>,
    /// The line of the terms, from 1 on; 0 without lines.
    pub line: u32,
    /// The repetition of the line, from 1 on; 0 without lines.
    pub repetition: u32,
    /// The steps to the due date.
    pub dates: Vec<DateStep>,
    /// The rule of the amount, such as `terms.percent`.
    pub rule: String,
    /// The amount that was shared.
    pub of: Decimal,
    /// The exact share of it, such as `3/10`; none when it was taken as it stands.
    pub share: Option<String>,
}

/// One step on the way to a due date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateStep {
    /// The rule, such as `terms.end_of_month`.
    pub rule: String,
    /// The day before.
    pub from: NaiveDate,
    /// The day after.
    pub to: NaiveDate,
}

/// A fraction of a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearFraction {
    /// Days as the convention counts them.
    pub days: i32,
    /// The fraction of a year in lowest terms, such as `31/365`.
    pub fraction: String,
}

/// A discount for early payment as a rate for a year: percent with two digits, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscountRates {
    /// The days by which the payment comes earlier.
    pub days: u32,
    /// The discount as a part of what is paid, in lowest terms, such as `1/49`.
    pub cost: String,
    /// Simple, over a year of 360 days.
    pub simple_360: String,
    /// Simple, over a year of 365 days.
    pub simple_365: String,
    /// Compounded, over a year of 360 days; none from 10^12 percent on.
    pub compounded_360: Option<String>,
    /// Compounded, over a year of 365 days; none from 10^12 percent on.
    pub compounded_365: Option<String>,
}

/// What a document is, for its terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsQuestion<'a> {
    /// Payment terms as JSON text, or a code of the terms in the settings.
    pub terms: &'a str,
    /// The date on the document.
    pub document_date: NaiveDate,
    /// Its currency.
    pub currency: &'a str,
    /// Its amount.
    pub amount: Decimal,
    /// Its amount in another currency, when that is to be divided alongside.
    pub base_amount: Option<Decimal>,
    /// The currency of `base_amount`; both or neither.
    pub base_currency: Option<&'a str>,
}

fn currencies(settings: &Settings) -> Result<Currencies, Refused> {
    let own: Vec<(&str, u8)> = settings.currencies.iter().map(|(code, digits)| (code.as_str(), *digits)).collect();
    Currencies::iso().with_own(&own).map_err(|error| Refused::from(error).at(None, None, "settings.currencies"))
}

pub(super) fn currency(settings: &Settings, code: &str) -> Result<Currency, Refused> {
    currencies(settings)?.find(code).map_err(|error| Refused::from(error).at(None, None, "currency"))
}

fn refused(error: TermsError) -> Refused {
    Problem::new(error.code(), error.to_string()).field(error.field()).into()
}

/// The terms of a question: JSON text of an object, anything else is a code.
fn terms_of(question: &TermsQuestion<'_>, settings: &Settings) -> Result<Terms, Refused> {
    if question.terms.trim_start().starts_with('{') {
        return policy(question.terms);
    }
    settings.terms.get(question.terms).cloned().ok_or_else(|| {
        let reason = format!("expected terms as JSON text or a code of the settings, got {}", quoted(question.terms));
        Problem::new("unknown_reference", reason).field("terms").into()
    })
}

fn reasons(
    question: &TermsQuestion<'_>,
    settings: &Settings,
) -> Result<(Vec<InstalmentReason>, Currency, u8), Refused> {
    let terms = terms_of(question, settings)?;
    let day = Day::try_from(question.document_date).map_err(|e| Refused::from(e).at(None, None, "document_date"))?;
    let own = currency(settings, question.currency)?;
    let missing = |field: &str| {
        let reason = "expected base_amount and base_currency together, got one of them";
        Err(Problem::new("missing_field", reason).field(field).into())
    };
    let base = match (question.base_amount, question.base_currency) {
        (None, None) => None,
        (None, Some(_)) => return missing("base_amount"),
        (Some(_), None) => return missing("base_currency"),
        (Some(amount), Some(code)) => {
            let currency = currencies(settings)?.find(code);
            let currency = currency.map_err(|error| Refused::from(error).at(None, None, "base_currency"))?;
            Some((Exact::from_decimal(amount), currency))
        }
    };
    let amount = Exact::from_decimal(question.amount);
    let all = crate::terms::explain(&terms, day, amount, own, base).map_err(refused)?;
    Ok((all, own, base.map_or(0, |(_, currency)| currency.exponent)))
}

/// The instalments of a document under payment terms.
///
/// # Errors
/// `unknown_reference` for a code that is not in the settings, `policy_invalid` with the path, `unsupported_version`,
/// `unknown_currency`, `missing_field` for one of `base_amount` and `base_currency` without the other,
/// `too_many_digits`, `too_large`, `impossible_date`.
pub fn due_dates(question: &TermsQuestion<'_>, settings: &Settings) -> Result<Vec<DueInstalment>, Refused> {
    let all = explain_due_dates(question, settings)?;
    let plain = |one: ExplainedInstalment| DueInstalment {
        number: one.number,
        due_date: one.due_date,
        amount: one.amount,
        base_amount: one.base_amount,
    };
    Ok(all.into_iter().map(plain).collect())
}

/// The instalments of a document under payment terms, with their reasons.
///
/// # Errors
/// Those of [`due_dates`].
pub fn explain_due_dates(
    question: &TermsQuestion<'_>,
    settings: &Settings,
) -> Result<Vec<ExplainedInstalment>, Refused> {
    let (all, own, base_exponent) = reasons(question, settings)?;
    let explained = |reason: InstalmentReason| ExplainedInstalment {
        number: reason.instalment.number,
        due_date: reason.instalment.due_date.to_naive_date(),
        amount: to_decimal(reason.instalment.amount, own.exponent),
        base_amount: reason.instalment.base_amount.map(|base| to_decimal(base, base_exponent)),
        line: reason.line,
        repetition: reason.repetition,
        dates: reason
            .dates
            .iter()
            .map(|step| DateStep {
                rule: step.rule.to_string(),
                from: step.from.to_naive_date(),
                to: step.to.to_naive_date(),
            })
            .collect(),
        rule: reason.amount.rule.to_owned(),
        of: to_decimal(reason.amount.of, own.exponent),
        share: reason.amount.share.map(fraction),
    };
    Ok(all.into_iter().map(explained).collect())
}

fn fraction(ratio: Ratio) -> String {
    format!("{}/{}", ratio.numerator(), ratio.denominator())
}

/// An amount divided by weights, to the minor unit, by the largest remainder.
///
/// # Errors
/// `unknown_currency`, `too_many_digits`, `too_large`; `policy_invalid` when the weights add up to zero.
pub fn split(amount: Decimal, code: &str, weights: &[u64], settings: &Settings) -> Result<Vec<Decimal>, Refused> {
    let currency = currency(settings, code)?;
    let minor = Exact::from_decimal(amount).to_minor(currency.exponent);
    let minor = minor.map_err(|error| Refused::from(error).at(None, None, "amount"))?;
    let parts = money::split(minor, weights).ok_or_else(|| {
        Refused::from(Problem::new("policy_invalid", "expected weights that add up to more than zero").field("weights"))
    })?;
    Ok(parts.into_iter().map(|part| to_decimal(part, currency.exponent)).collect())
}

/// Money as it is printed, and in minor units: the two faces of one amount.
///
/// # Errors
/// `not_a_number`, `too_many_digits`, `too_large`, `unknown_currency`.
pub fn money(text: &str, code: &str, settings: &Settings) -> Result<(String, i64), Refused> {
    let currency = currency(settings, code)?;
    let minor = Exact::parse(text).and_then(|exact| exact.to_minor(currency.exponent));
    let minor = minor.map_err(|error| Refused::from(error).at(None, None, "value"))?;
    Ok((format_minor(i128::from(minor), currency.exponent), minor))
}

/// Minor units as money is printed.
///
/// # Errors
/// `unknown_currency`.
pub fn money_from_minor(minor: i64, code: &str, settings: &Settings) -> Result<String, Refused> {
    let currency = currency(settings, code)?;
    Ok(format_minor(i128::from(minor), currency.exponent))
}

fn word<T: serde::de::DeserializeOwned>(field: &str, text: &str) -> Result<T, Refused> {
    serde_json::from_value(serde_json::Value::from(text))
        .map_err(|error| Problem::new("policy_invalid", error.to_string()).field(field).into())
}

pub(super) fn day(field: &str, date: NaiveDate) -> Result<Day, Refused> {
    Day::try_from(date).map_err(|error| Refused::from(error).at(None, None, field))
}

/// The fraction of a year between two days, by the name of a day-count convention.
///
/// # Errors
/// `policy_invalid` for an unknown convention; `impossible_date`.
pub fn day_count(convention: &str, from: NaiveDate, to: NaiveDate) -> Result<YearFraction, Refused> {
    let convention: DayCount = word("convention", convention)?;
    let (from, to) = (day("from", from)?, day("to", to)?);
    Ok(YearFraction { days: convention.days(from, to), fraction: fraction(convention.fraction(from, to)) })
}

/// What a discount for early payment is worth in a year: `percent` (decimal text, or a fraction such as `100/3`) within `discount_days`,
/// the whole within `net_days`.
///
/// # Errors
/// `policy_invalid`, fields `percent`, `discount_days`, `net_days`; see [`crate::terms::discount_rates`].
pub fn discount_rates(percent: &str, discount_days: i64, net_days: i64) -> Result<DiscountRates, Refused> {
    let ratio = Ratio::parse(percent).map_err(|_| {
        let reason = format!("expected a percentage as text such as `2.5` or `100/3`, got {}", quoted(percent));
        Problem::new("policy_invalid", reason).field("percent")
    })?;
    let rates = crate::terms::discount_rates(ratio, discount_days, net_days).map_err(refused)?;
    Ok(DiscountRates {
        days: rates.days,
        cost: fraction(rates.cost),
        simple_360: rates.simple_360,
        simple_365: rates.simple_365,
        compounded_360: rates.compounded_360,
        compounded_365: rates.compounded_365,
    })
}

/// The business day for a day, by the name of a roll and a calendar as JSON text (`{}`: Saturdays and Sundays off).
///
/// # Errors
/// `policy_invalid`, `impossible_date`.
pub fn business_day(date: NaiveDate, roll: &str, calendar: &str) -> Result<NaiveDate, Refused> {
    let roll: Roll = word("roll", roll)?;
    let calendar: BusinessCalendar = policy(calendar)?;
    let calendar = calendar.compile().map_err(|error| Refused::from(error).at(None, None, "calendar.weekend"))?;
    let rolled = calendar.roll(day("day", date)?, roll);
    rolled.map(Day::to_naive_date).ok_or_else(|| {
        Problem::new("impossible_date", "expected a business day within the calendar").field("day").into()
    })
}
