//! Questions that need no ledger: payment terms, splits, money, day counts, business days.

use ar_core::facade::{self, TermsQuestion};
pub use ar_core::facade::{DateStep, DiscountRates, DueInstalment, ExplainedInstalment, YearFraction};

use crate::values::{Day, GivenDay, GivenMoney, Money};

type Result<T> = std::result::Result<T, crate::ReceivablesError>;

/// The engine's version.
#[uniffi::export]
pub fn engine_version() -> Result<String> {
    Ok(facade::engine_version())
}

/// The names of the profiles of a room (`aging`, `allocation`, …), sorted: policies that reproduce documented systems.
#[uniffi::export]
pub fn profiles(room: String) -> Result<Vec<String>> {
    Ok(facade::profiles(&room)?.into_iter().map(str::to_owned).collect())
}

/// A profile as JSON text: a policy to use as it stands or to start from.
#[uniffi::export]
pub fn profile(room: String, name: String) -> Result<String> {
    Ok(facade::profile(&room, &name)?.to_owned())
}

/// The names of the schemas, sorted: `aging`, `allocation`, `interest`, `kpi`, `letter`, `letters`, `mapping`, `settings`, `settlement`, `stationery`, `terms`.
#[uniffi::export]
pub fn schemas() -> Result<Vec<String>> {
    Ok(facade::schemas().into_iter().map(str::to_owned).collect())
}

/// The JSON Schema of what crosses as JSON text: a policy of a room, a mapping of files, settings, terms.
#[uniffi::export]
pub fn schema(name: String) -> Result<String> {
    Ok(facade::schema(&name)?.to_owned())
}

/// An amount at the scale of its currency, as text and in minor units.
#[derive(Debug, Clone, uniffi::Record)]
pub struct PrintedMoney {
    /// The text, such as `12.50`.
    pub text: String,
    /// In minor units.
    pub minor: i64,
}

/// An amount at the scale of its currency, or a refusal. Settings, as JSON text, may name own currencies.
#[uniffi::export(default(settings = "{}"))]
pub fn money(value: GivenMoney, currency: String, settings: String) -> Result<PrintedMoney> {
    money_from_text(value.text("value")?, currency, settings)
}

/// The same from text as it was typed: an optional minus, digits, optionally a point and digits, nothing else.
#[uniffi::export(default(settings = "{}"))]
pub fn money_from_text(value: String, currency: String, settings: String) -> Result<PrintedMoney> {
    let (text, minor) = facade::money(&value, &currency, &facade::settings(&settings)?)?;
    Ok(PrintedMoney { text, minor })
}

/// An amount divided by weights, to the minor unit, by the largest remainder.
#[uniffi::export(default(settings = "{}"))]
pub fn split(amount: GivenMoney, currency: String, weights: Vec<u64>, settings: String) -> Result<Vec<Money>> {
    let settings = facade::settings(&settings)?;
    Ok(facade::split(amount.read("amount")?, &currency, &weights, &settings)?)
}

/// What a document is, for its terms.
#[derive(Debug, Clone, uniffi::Record)]
pub struct TermsDocument {
    /// The date on the document.
    pub document_date: GivenDay,
    /// Its currency.
    pub currency: String,
    /// Its amount.
    pub amount: GivenMoney,
    /// The currency of `base_amount`; both or neither.
    #[uniffi(default)]
    pub base_currency: Option<String>,
    /// Its amount in another currency, when that is to be divided alongside.
    #[uniffi(default)]
    pub base_amount: Option<GivenMoney>,
}

impl TermsDocument {
    /// The question of these terms about the document.
    fn question<'a>(&'a self, terms: &'a str) -> Result<TermsQuestion<'a>> {
        Ok(TermsQuestion {
            terms,
            document_date: self.document_date.date("document_date")?,
            currency: &self.currency,
            amount: self.amount.read("amount")?,
            base_amount: self.base_amount.as_ref().map(|amount| amount.read("base_amount")).transpose()?,
            base_currency: self.base_currency.as_deref(),
        })
    }
}

/// The instalments of a document under payment terms: JSON text, or a code of the settings.
#[uniffi::export(default(settings = "{}"))]
pub fn due_dates(terms: String, document: TermsDocument, settings: String) -> Result<Vec<DueInstalment>> {
    Ok(facade::due_dates(&document.question(&terms)?, &facade::settings(&settings)?)?)
}

/// The instalments of a document under payment terms, with their reasons.
#[uniffi::export(default(settings = "{}"))]
pub fn explain_due_dates(terms: String, document: TermsDocument, settings: String) -> Result<Vec<ExplainedInstalment>> {
    Ok(facade::explain_due_dates(&document.question(&terms)?, &facade::settings(&settings)?)?)
}

/// The fraction of a year between two days, by the name of a day-count convention.
#[uniffi::export]
pub fn day_count(convention: String, from: GivenDay, to: GivenDay) -> Result<YearFraction> {
    Ok(facade::day_count(&convention, from.date("from")?, to.date("to")?)?)
}

/// What a discount for early payment is worth in a year: so many percent (text such as `2.5` or `100/3`) off within the days of the
/// discount, the whole within the net days.
#[uniffi::export]
pub fn discount_rates(percent: String, discount_days: i64, net_days: i64) -> Result<DiscountRates> {
    Ok(facade::discount_rates(&percent, discount_days, net_days)?)
}

/// The business day for a day, by the name of a roll and a calendar as JSON text; by default Saturdays and Sundays off.
#[uniffi::export(default(calendar = "{}"))]
pub fn business_day(day: GivenDay, roll: String, calendar: String) -> Result<Day> {
    Ok(facade::business_day(day.date("day")?, &roll, &calendar)?)
}

/// A discount for early payment as a rate for a year: percent with two digits, as text.
#[uniffi::remote(Record)]
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

/// A part of a document, and when it is due.
#[uniffi::remote(Record)]
pub struct DueInstalment {
    /// From 1 on; 0 when the whole is due at once.
    pub number: u32,
    /// The day by which it is to be paid, included.
    pub due_date: Day,
    /// In the document's currency.
    pub amount: Money,
    /// In base currency, when a base amount was given.
    pub base_amount: Option<Money>,
}

/// A part of a document with the steps that gave its date and amount.
#[uniffi::remote(Record)]
pub struct ExplainedInstalment {
    /// From 1 on; 0 when the whole is due at once.
    pub number: u32,
    /// The day by which it is to be paid, included.
    pub due_date: Day,
    /// In the document's currency.
    pub amount: Money,
    /// In base currency, when a base amount was given.
    pub base_amount: Option<Money>,
    /// The line of the terms, from 1 on; 0 without lines.
    pub line: u32,
    /// The repetition of the line, from 1 on; 0 without lines.
    pub repetition: u32,
    /// The steps to the due date.
    pub dates: Vec<DateStep>,
    /// The rule of the amount, such as `terms.percent`.
    pub rule: String,
    /// The amount that was shared.
    pub of: Money,
    /// The exact share of it, such as `3/10`; none when it was taken as it stands.
    pub share: Option<String>,
}

/// One step on the way to a due date.
#[uniffi::remote(Record)]
pub struct DateStep {
    /// The rule, such as `terms.end_of_month`.
    pub rule: String,
    /// The day before.
    pub from: Day,
    /// The day after.
    pub to: Day,
}

/// A fraction of a year.
#[uniffi::remote(Record)]
pub struct YearFraction {
    /// Days as the convention counts them.
    pub days: i32,
    /// The fraction of a year in lowest terms, such as `31/365`.
    pub fraction: String,
}
