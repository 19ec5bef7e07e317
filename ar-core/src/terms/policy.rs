//! What may terms say? For those who write them down.

use serde::{Deserialize, Serialize};

use super::error::TermsError;
use crate::calendar::{BusinessCalendar, Day, Roll, Weekday};
use crate::money::{Exact, Ratio, Rounding, quoted};

/// Payment terms: when a document is due, whole or in parts.
///
/// Every field has a default; the default terms are due on the document date, whole.
///
/// ```
/// use ar_core::terms::Terms;
/// let terms = Terms::from_json(r#"{ "due": [{ "end_of_month": 0 }, { "days": 30 }] }"#).unwrap();
/// assert!(terms.compile().is_ok());
/// assert_eq!(Terms::from_json(r#"{ "dew": [] }"#).unwrap_err().code(), "policy_invalid");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(description = "Payment terms: when a document is due, whole or in parts. Every field has a default.")
)]
#[serde(default, deny_unknown_fields)]
pub struct Terms {
    /// Version of this shape; 1.
    #[cfg_attr(feature = "schema", schemars(extend("const" = 1)))]
    pub version: u32,
    /// Name of these terms, free text.
    pub id: String,
    /// The only currency these terms are for; any when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Steps from the document date to the due date, one after the other; at most 16.
    pub due: Vec<DueStep>,
    /// Where a due date goes that is no business day.
    pub roll: Roll,
    /// Weekend and holidays, for `roll` and `business_days`.
    pub calendar: BusinessCalendar,
    /// The lines that divide the amount; one instalment, the whole, when empty. At most 100.
    pub instalments: Vec<InstalmentRule>,
    /// The day from which the steps of an instalment count.
    pub start: Start,
    /// How a share that falls between two units is rounded.
    pub rounding: Rounding,
    /// The unit instalments are rounded to, in major units (`"0.05"`); the currency's minor unit when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Exact>,
    /// Where the units go that rounding leaves over.
    pub residue: Residue,
    /// How the base amount follows.
    pub base: BaseSplit,
    /// Discounts for early payment; kept for settlement, no part of the schedule.
    pub discounts: Vec<DiscountTier>,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            version: 1,
            id: String::new(),
            currency: None,
            due: Vec::new(),
            roll: Roll::None,
            calendar: BusinessCalendar::default(),
            instalments: Vec::new(),
            start: Start::Document,
            rounding: Rounding::HalfAwayFromZero,
            place: None,
            residue: Residue::LargestRemainder,
            base: BaseSplit::ByAmount,
            discounts: Vec::new(),
        }
    }
}

impl Terms {
    /// Reads terms from JSON text. They are proven only by [`compile`](Self::compile).
    ///
    /// **Errors**: `policy_invalid` for text of another shape and for an unknown field.
    pub fn from_json(text: &str) -> Result<Self, TermsError> {
        serde_json::from_str(text).map_err(|error| TermsError::invalid("", "terms as json", quoted(&error.to_string())))
    }

    /// Terms of so many days after the document date.
    #[must_use]
    pub fn net_days(days: i32) -> Self {
        Self { due: vec![DueStep::Days(days)], ..Self::default() }
    }
}

/// One step from a day to another. No step turns the order of two days round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DueStep {
    /// So many calendar days later; −36,525 to 36,525.
    Days(i32),
    /// The business day this many after the day, which itself does not count; 1 to 2,600.
    BusinessDays(i32),
    /// So many months later, the same day or the last of a shorter month; −1,200 to 1,200.
    Months(i32),
    /// The last day of the month so many months later; −1,200 to 1,200.
    EndOfMonth(i32),
    /// The last day of the calendar quarter so many quarters later; −400 to 400.
    EndOfQuarter(i32),
    /// A day of the month so many months later.
    DayOfMonth(DayOfMonth),
    /// A day of a month that depends on the day of the month one stands on.
    Cutoff(Vec<CutoffBand>),
    /// The first of these days of the month, on or after the day; rising, each 1 to 31.
    PaymentDays(Vec<u32>),
    /// The first such day of the week, on or after the day.
    Weekday(Weekday),
    /// The first day with this month and day of the month, on or after the day.
    NextDate(NextDate),
    /// This very day, whatever the document date.
    Date(Day),
}

/// A day of the month so many months later; the last day of a shorter month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DayOfMonth {
    /// 1 to 31.
    pub day: u32,
    /// 0 for the same month; −1,200 to 1,200.
    #[serde(default)]
    pub months: i32,
}

/// Where the days of a month up to one of them go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CutoffBand {
    /// Last day of the month of this band, included; rising from band to band, 31 in the last.
    #[serde(default = "last_day")]
    pub up_to: u32,
    /// The day of the month they go to, 1 to 31; the last day of a shorter month.
    pub day: u32,
    /// So many months later; −1,200 to 1,200.
    #[serde(default)]
    pub months: i32,
}

const fn last_day() -> u32 {
    31
}

/// A date of each year; 29 February is 28 February in other years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NextDate {
    /// 1 to 12.
    pub month: u32,
    /// A day this month can have.
    pub day: u32,
}

/// A line of terms that divide the amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InstalmentRule {
    /// Its part of the amount.
    pub share: Share,
    /// Steps to its due date, after those of the terms; at most 16.
    #[serde(default)]
    pub due: Vec<DueStep>,
    /// How often the line stands; 1 to 1,200.
    #[serde(default = "once")]
    pub repeat: u32,
    /// What lies between two repetitions; needed when there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Every>,
}

const fn once() -> u32 {
    1
}

/// A part of the amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Share {
    /// Per cent of the whole amount, above 0 up to 100: `"30"`, `"33.33"`, `"100/3"`.
    Percent(Ratio),
    /// Per cent of what the lines before left over.
    PercentOfRest(Ratio),
    /// So much, in major units of the document's currency, as far as it is still there.
    Fixed(Exact),
    /// A part, by weight, of what the other lines leave over; 1 or more.
    Weight(u32),
    /// All that the other lines leave over.
    Remainder,
}

/// What lies between two repetitions of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// So many months, counted from the start, so that the day of the month stays; 1 to 120.
    Months(i32),
    /// So many days; 1 to 3,660.
    Days(i32),
}

/// The day from which the steps of an instalment count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// The document date, after the steps of the terms.
    #[default]
    Document,
    /// The due date of the instalment before; for the first as `document`.
    Previous,
}

/// Where the units go that rounding leaves over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Residue {
    /// One each to the largest cut-off remainders, the earlier line first on a tie.
    #[default]
    LargestRemainder,
    /// All to the last line: the others are rounded, and the last takes what is left.
    Last,
}

/// How the base amount of a document is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BaseSplit {
    /// In proportion to the instalments' amounts.
    #[default]
    ByAmount,
    /// By the lines' own shares, as if the base amount were the document's.
    ByShare,
}

/// A discount for payment within some days; the place for the settlement rules, of which the schedule knows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DiscountTier {
    /// Per cent of the amount, above 0 up to 100.
    pub percent: Ratio,
    /// Steps from the document date to the last day on which it holds; at most 16.
    #[serde(default)]
    pub due: Vec<DueStep>,
}
