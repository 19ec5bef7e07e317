//! What kind of payer is it? The first rule of the policy whose conditions all hold, and what was looked at.

use serde::{Deserialize, Serialize};

use super::outcome::Outcome;
use super::policy::{KpiPolicy, RatingCondition};
use super::report::{digits_of, text};
use crate::money::Exact;

/// A condition that was looked at, with its operands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatingCheck {
    /// The rating that it is a condition of.
    pub rating: String,
    /// The figure.
    pub kpi: String,
    /// Its value; none when it has none.
    pub value: Option<String>,
    /// At least so much.
    pub at_least: Option<String>,
    /// At most so much.
    pub at_most: Option<String>,
    /// Whether it holds.
    pub passed: bool,
}

/// The rating of a row by its figures, in the order of the policy.
pub(super) fn rate(
    policy: &KpiPolicy,
    outcomes: &[Outcome],
    currency_digits: u8,
) -> (Option<String>, Vec<RatingCheck>) {
    let mut checks = Vec::new();
    for rule in &policy.ratings {
        let mut holds = true;
        for condition in &rule.conditions {
            let found = policy.kpis.iter().zip(outcomes).find(|(kpi, _)| **kpi == condition.kpi);
            let shown = found.and_then(|(kpi, outcome)| {
                let digits = digits_of(*kpi, policy, currency_digits);
                Some((outcome.rounded()?, digits))
            });
            let passed = shown.is_some_and(|(rounded, digits)| lies_between(rounded, digits, condition));
            checks.push(RatingCheck {
                rating: rule.rating.clone(),
                kpi: condition.kpi.name().to_owned(),
                value: shown.map(|(rounded, digits)| text(rounded, digits)),
                at_least: condition.at_least.map(|limit| limit.to_string()),
                at_most: condition.at_most.map(|limit| limit.to_string()),
                passed,
            });
            holds = passed;
            if !passed {
                break;
            }
        }
        if holds {
            return (Some(rule.rating.clone()), checks);
        }
    }
    (None, checks)
}

/// Whether a figure, as it is shown, lies between the thresholds.
fn lies_between(rounded: i128, digits: u8, condition: &RatingCondition) -> bool {
    let order = |limit: Exact| {
        let deep = digits.max(limit.scale());
        let scaled =
            |units: i128, scale: u8| units.saturating_mul(10_i128.saturating_pow(deep.saturating_sub(scale).into()));
        scaled(rounded, digits).cmp(&scaled(limit.units(), limit.scale()))
    };
    condition.at_least.is_none_or(|limit| order(limit).is_ge())
        && condition.at_most.is_none_or(|limit| order(limit).is_le())
}
