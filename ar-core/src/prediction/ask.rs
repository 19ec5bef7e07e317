//! What else may be asked about each open item: the days by which it is paid with some chance, and the chances that it is paid by
//! some day.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::book::Invoice;
use super::cash_policy::are_percentages;
use super::predict::too_far;
use crate::calendar::Day;
use crate::problem::{Problem, Refused};

/// What [`View::predict_asking`](crate::ledger::View::predict_asking) answers beside the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PredictionAsk {
    /// For each of these percentages the day by which an item is paid with that chance. **Shape**: rising, from 1 to 99, at most 99.
    pub quantiles: Vec<u8>,
    /// For each of these days the chance that an item is paid by it, the day itself included. **Shape**: days from 1900 to 2199, in
    /// any order.
    pub paid_by: Vec<NaiveDate>,
}

impl PredictionAsk {
    /// Whether all of it can be answered.
    ///
    /// # Errors
    /// `policy_invalid`, field `quantiles`; `impossible_date`, field `paid_by`.
    pub fn check(&self) -> Result<(), Refused> {
        if !are_percentages(&self.quantiles) {
            let reason = "expected rising percentages from 1 to 99";
            return Err(Problem::new("policy_invalid", reason).field("quantiles").into());
        }
        let is_far = |day: &NaiveDate| !Day::try_from(*day).is_ok_and(|day| Invoice::is_day(day.number()));
        match self.paid_by.iter().position(is_far) {
            Some(at) => Err(too_far(&format!("paid_by[{at}]"))),
            None => Ok(()),
        }
    }
}
