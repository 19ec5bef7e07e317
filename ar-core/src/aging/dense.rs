//! What does a policy ask of columns that hold nothing but a due date and an amount?

use super::columns::Thresholds;
use super::cut::Cut;
use super::policy::{AgingCurrency, AgingPolicy, Basis, Credits, Shown};
use crate::calendar::Day;
use crate::problem::{Problem, Refused};

impl AgingPolicy {
    /// The thresholds of a policy that needs no more than due dates and amounts.
    ///
    /// # Errors
    /// Those of [`AgingPolicy::check`]; `policy_invalid` for a policy that needs more.
    pub(crate) fn plain_thresholds(&self, day: Day) -> Result<Thresholds, Refused> {
        self.check()?;
        let more = [
            ("basis", self.basis != Basis::DueDate),
            ("credits", self.credits != Credits::OwnDate),
            ("disputed", self.disputed != Shown::Included),
            ("held", self.held != Shown::Included),
            ("currency", self.currency != AgingCurrency::Document),
        ];
        if let Some((field, _)) = more.iter().find(|(_, asked)| *asked) {
            let reason = "expected the default: dense columns hold due dates and amounts alone";
            return Err(Problem::new("policy_invalid", reason).field(field).into());
        }
        let cut =
            Cut::new(self, day).map_err(|error| Problem::new("policy_invalid", error.to_string()).field("edges"))?;
        Ok(cut.thresholds)
    }
}
