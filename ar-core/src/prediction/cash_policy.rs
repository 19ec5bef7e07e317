//! How is the coming cash told? How far ahead, by day or by week, with which quantiles; and what a promise and a discount mean.

use serde::{Deserialize, Serialize};

use crate::problem::{Problem, Refused};

/// What a cash forecast and what is made of it take from their user. Everything has a default.
///
/// ```
/// use ar_core::prediction::CashPolicy;
/// let policy: CashPolicy = serde_json::from_str(r#"{ "period": "week", "horizon_days": 28 }"#).unwrap();
/// assert_eq!(policy.quantiles, [10, 50, 90]);
/// assert!(policy.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CashPolicy {
    /// The version of this shape: 1.
    pub version: u32,
    /// Its name, as its user calls it.
    pub id: String,
    /// How many days after the view's day are told.
    pub horizon_days: u16,
    /// By what the days are told.
    pub period: CashPeriod,
    /// Of 100 outcomes, below how many; rising.
    pub quantiles: Vec<u8>,
    /// How many outcomes the quantiles are counted from.
    pub draws: u16,
    /// Whether what is promised is expected on the day that it is promised for.
    pub promises: PromiseRule,
    /// Whether what is paid early is paid less the discount that is offered.
    pub discounts: DiscountRule,
    /// Cash is at risk that is still open so many days after the view's day.
    pub at_risk_days: u16,
    /// How many banking days before a payment run a call must come to change it.
    pub notice_banking_days: u8,
    /// Of `forecast_accuracy`: how many days after each day are compared with what came.
    pub accuracy_days: u16,
}

/// By what the days of a forecast are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum CashPeriod {
    /// Each day.
    #[default]
    Day,
    /// Weeks from Monday to Sunday; the first and the last may be shorter.
    Week,
}

/// What a promise means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PromiseRule {
    /// It is kept as often as the customer has kept its promises; else payment comes later.
    #[default]
    KeptRate,
    /// Nothing.
    Ignored,
}

/// What an offer of a discount means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum DiscountRule {
    /// Who pays in time takes it.
    #[default]
    Taken,
    /// Nothing.
    Ignored,
}

impl Default for CashPolicy {
    fn default() -> Self {
        Self {
            version: 1,
            id: String::new(),
            horizon_days: 91,
            period: CashPeriod::default(),
            quantiles: vec![10, 50, 90],
            draws: 1_000,
            promises: PromiseRule::default(),
            discounts: DiscountRule::default(),
            at_risk_days: 30,
            notice_banking_days: 2,
            accuracy_days: 1,
        }
    }
}

/// Whether numbers rise, from 1 to 99.
pub(super) fn are_percentages(quantiles: &[u8]) -> bool {
    let rising = quantiles.iter().zip(quantiles.iter().skip(1)).all(|(one, next)| one < next);
    rising && quantiles.iter().all(|one| (1..=99).contains(one))
}

impl CashPolicy {
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
        if !(1..=366).contains(&self.horizon_days) {
            return invalid("horizon_days", "expected a number of days from 1 to 366");
        }
        if self.quantiles.len() > 9 || !are_percentages(&self.quantiles) {
            return invalid("quantiles", "expected at most 9 rising percentages from 1 to 99");
        }
        if !(1..=10_000).contains(&self.draws) {
            return invalid("draws", "expected a number of outcomes from 1 to 10000");
        }
        if !(1..=366).contains(&self.at_risk_days) {
            return invalid("at_risk_days", "expected a number of days from 1 to 366");
        }
        if self.notice_banking_days > 60 {
            return invalid("notice_banking_days", "expected at most 60 banking days");
        }
        if !(1..=92).contains(&self.accuracy_days) {
            return invalid("accuracy_days", "expected a number of days from 1 to 92");
        }
        Ok(())
    }
}
