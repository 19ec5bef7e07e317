//! How is the future asked about? Holidays, the interval, and from when on there is history to learn from.

use serde::{Deserialize, Serialize};

use super::calendar::weekday;
use super::model::Training;
use crate::calendar::Day;
use crate::problem::{Problem, Refused};

/// What a prediction takes from its user. Everything has a default.
///
/// ```
/// use ar_core::prediction::PredictionPolicy;
/// let policy: PredictionPolicy = serde_json::from_str(r#"{ "holidays": ["2024-12-25"] }"#).unwrap();
/// assert_eq!(policy.interval_percent, 80);
/// assert!(policy.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PredictionPolicy {
    /// The version of this shape: 1.
    pub version: u32,
    /// Its name, as its user calls it.
    pub id: String,
    /// Days on which banks are closed, past and future; no more than 366 in a row, weekends between them counted. Days of the week
    /// without payments are learnt.
    pub holidays: Vec<Day>,
    /// Of 100 payments, how many shall fall inside the interval; the rest on either side of it alike.
    pub interval_percent: u8,
    /// Days at the beginning of the ledger that are history alone: who paid late before the ledger begins is not known.
    pub burn_in_days: u16,
    /// Paid invoices below which nothing is trained: answers then come from each customer's own past alone. Those are counted that
    /// are learnt from: posted after `burn_in_days`, and of the sample of `most_invoices`.
    pub least_paid_invoices: u32,
    /// The most invoices that are learnt from; of more, a sample that is the same every time.
    pub most_invoices: u32,
}

impl Default for PredictionPolicy {
    fn default() -> Self {
        Self {
            version: 1,
            id: String::new(),
            holidays: Vec::new(),
            interval_percent: 80,
            burn_in_days: 31,
            least_paid_invoices: 500,
            most_invoices: 60_000,
        }
    }
}

/// The most days in a row of which each is a holiday or a weekend.
const MOST_SHUT: i32 = 366;

/// The most days in a row of which each is a holiday, a Saturday or a Sunday.
fn longest_shut(holidays: &[i32]) -> i32 {
    let mut days = holidays.to_vec();
    days.sort_unstable();
    days.dedup();
    let (mut longest, mut count, mut before) = (0, 0, None);
    for day in days {
        // Between two holidays there may be a weekend.
        let joins = |last: &i32| day - last <= 3 && (last + 1..day).all(|between| weekday(between) > 4);
        count = before.filter(joins).map_or(1, |last| count + day - last);
        longest = longest.max(count);
        before = Some(day);
    }
    longest
}

impl PredictionPolicy {
    /// Whether every value can be used.
    ///
    /// # Errors
    /// `unsupported_version`; `policy_invalid` with the field.
    pub fn check(&self) -> Result<(), Refused> {
        let invalid = |field: &str, reason: &str| Err(Problem::new("policy_invalid", reason).field(field).into());
        if self.version != 1 {
            let reason = format!("expected version 1, got {}", self.version);
            return Err(Problem::new("unsupported_version", reason).field("version").into());
        }
        if !(1..=99).contains(&self.interval_percent) {
            return invalid("interval_percent", "expected a percentage from 1 to 99");
        }
        if longest_shut(&self.holidays()) > MOST_SHUT {
            return invalid("holidays", "expected no more than 366 days in a row that are holidays or weekends");
        }
        if self.most_invoices == 0 {
            return invalid("most_invoices", "expected at least one invoice");
        }
        Ok(())
    }

    pub(crate) fn holidays(&self) -> Vec<i32> {
        self.holidays.iter().map(|day| day.number()).collect()
    }

    pub(crate) fn training(&self, first: i32, until: i32) -> Training {
        let mut training = Training::known_before(until, first.saturating_add(i32::from(self.burn_in_days)));
        training.most = self.most_invoices;
        training.least_paid = usize::try_from(self.least_paid_invoices.max(1)).unwrap_or(usize::MAX);
        training
    }
}
