//! How much credit should a customer have, and why?

use serde::{Deserialize, Serialize};

use super::policy::{invalid, not_below_zero, not_too_many_days};
use crate::dunning::MoneyLimit;
use crate::money::Exact;
use crate::problem::Problem;

/// How a limit is proposed: so many days of sales, less for a low score, for paying late and for being new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LimitProposalPolicy {
    /// How many days of sales a limit covers.
    pub volume_days: u32,
    /// How many days of history are looked at.
    pub history_days: u32,
    /// By score: the entry with the highest `from` that the score reaches.
    pub score: Vec<ProposalTier>,
    /// By average days late, likewise.
    pub late: Vec<ProposalTier>,
    /// For a customer that has paid nothing in the history.
    pub new_percent: Exact,
    /// Rounded down to a multiple of this.
    pub step: Vec<MoneyLimit>,
    /// Not less than this, when there is anything.
    pub minimum: Vec<MoneyLimit>,
    /// Not more than this.
    pub maximum: Vec<MoneyLimit>,
}

/// From a number on, such a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProposalTier {
    /// From this number on.
    pub from: Exact,
    /// So many per cent.
    pub percent: Exact,
}

impl Default for LimitProposalPolicy {
    fn default() -> Self {
        Self {
            volume_days: 60,
            history_days: 365,
            score: Vec::new(),
            late: Vec::new(),
            new_percent: Exact::from_minor(100, 0),
            step: Vec::new(),
            minimum: Vec::new(),
            maximum: Vec::new(),
        }
    }
}

impl LimitProposalPolicy {
    pub(super) fn check(&self, path: &str) -> Result<(), Problem> {
        not_too_many_days(Some(self.volume_days), &format!("{path}.volume_days"))?;
        not_too_many_days(Some(self.history_days), &format!("{path}.history_days"))?;
        if self.history_days == 0 {
            return Err(invalid(&format!("{path}.history_days"), "expected at least a day"));
        }
        for (name, tiers) in [("score", &self.score), ("late", &self.late)] {
            let mut before: Option<Exact> = None;
            for (at, tier) in tiers.iter().enumerate() {
                if before.is_some_and(|before| super::check::is_at_least(before, tier.from)) {
                    return Err(invalid(
                        &format!("{path}.{name}[{at}].from"),
                        "expected a number above the one before",
                    ));
                }
                if tier.percent.units() < 0 {
                    return Err(invalid(
                        &format!("{path}.{name}[{at}].percent"),
                        "expected a percentage not below zero",
                    ));
                }
                before = Some(tier.from);
            }
        }
        if self.new_percent.units() < 0 {
            return Err(invalid(&format!("{path}.new_percent"), "expected a percentage not below zero"));
        }
        for (name, limits) in [("step", &self.step), ("minimum", &self.minimum), ("maximum", &self.maximum)] {
            not_below_zero(limits, &format!("{path}.{name}"))?;
        }
        Ok(())
    }
}
