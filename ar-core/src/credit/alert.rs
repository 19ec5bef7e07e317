//! What should somebody hear of, once, when it happens?

use serde::{Deserialize, Serialize};

use super::policy::{invalid, is_percentage, not_too_many_days};
use crate::money::Exact;
use crate::problem::Problem;
use crate::words::words;

/// What is told when it becomes true. Each has the field that its `when` needs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlertRule {
    /// What the user calls it; keys begin with it.
    pub id: String,
    /// What is watched.
    pub when: AlertWhen,
    /// Of `score_below`: the score.
    #[serde(default)]
    pub minimum: Option<Exact>,
    /// Of `limit_used` and `concentration`: the share.
    #[serde(default)]
    pub percent: Option<Exact>,
    /// Of `overdue` and `promise_broken`: how many days late.
    #[serde(default)]
    pub days: Option<u32>,
}

words! {
    /// What is watched.
    AlertWhen {
        ScoreBelow "score_below" /** The score of a customer is below a number. */,
        LimitUsed "limit_used" /** The exposure of a customer is above a share of its limit. */,
        Overdue "overdue" /** A customer has an item that is overdue for more than so many days. */,
        DisputeOpened "dispute_opened" /** A dispute is open. */,
        PromiseBroken "promise_broken" /** A promise is not kept. */,
        Concentration "concentration" /** A customer has more than a share of all exposure. */,
    }
}

impl AlertRule {
    pub(super) fn check(&self, path: &str) -> Result<(), Problem> {
        let percent = matches!(self.when, AlertWhen::LimitUsed | AlertWhen::Concentration);
        let days = matches!(self.when, AlertWhen::Overdue | AlertWhen::PromiseBroken);
        let fields = [
            ("minimum", self.minimum.is_some(), self.when == AlertWhen::ScoreBelow, true),
            ("percent", self.percent.is_some(), percent, true),
            ("days", self.days.is_some(), days, self.when == AlertWhen::Overdue),
        ];
        for (field, has, may, must) in fields {
            if has && !may {
                return Err(invalid(&format!("{path}.{field}"), "expected no such field of this alert"));
            }
            if may && must && !has {
                return Err(invalid(&format!("{path}.{field}"), "expected this field of this alert, got none"));
            }
        }
        if self.percent.is_some_and(|percent| !is_percentage(percent)) {
            return Err(invalid(&format!("{path}.percent"), "expected a percentage from 0 to 100"));
        }
        not_too_many_days(self.days, &format!("{path}.days"))
    }
}
