//! Which picture, of what. A policy is data, proved well-formed before it is used.

use serde::{Deserialize, Serialize};

use crate::aging::{AgingPolicy, Credits};
use crate::credit::{CreditPolicy, ExposurePer};
use crate::kpi::KpiPolicy;
use crate::problem::Problem;
use crate::words::words;

words! {
    /// What is drawn.
    PictureKind {
        AgingOverTime "aging_over_time" /** What was open at each month's end and on the view's day, by days past due. */,
        Concentration "concentration" /** How large a share of what is owed the largest customers have. */,
        Exposure "exposure" /** The largest exposures beside their limits. */,
        Dso "dso" /** Days sales outstanding on the view's day and on that day of each month before, beside the best possible. */,
        RollRates "roll_rates" /** What became of what was open, from month to month. */,
        DaysToPay "days_to_pay" /** How many days invoices took to be paid. */,
    }
}

words! {
    /// With what was known when a past day is drawn.
    PictureKnown {
        Now "now" /** All that the view knows. */,
        Then "then" /** What was known on the day itself. */,
    }
}

/// How a picture is drawn; see `docs/pictures.md`. What is left out has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PicturePolicy {
    /// Version of the policy format.
    pub version: u32,
    /// What the user calls it.
    pub id: String,
    /// What is drawn.
    pub picture: PictureKind,
    /// The one currency that is drawn; none: a panel for each.
    pub currency: Option<String>,
    /// Over time: how many points, the view's day the last of them; of roll rates, how many months.
    pub months: u32,
    /// Over time: with what was known.
    pub known: PictureKnown,
    /// Of customers: how many, the largest first.
    pub top: u32,
    /// How what is open is cut.
    pub aging: AgingPolicy,
    /// How an exposure is made up.
    pub credit: CreditPolicy,
    /// Whose exposure it is.
    pub per: ExposurePer,
    /// The conventions of days sales outstanding, and the window of days to pay.
    pub kpi: KpiPolicy,
}

impl Default for PicturePolicy {
    fn default() -> Self {
        Self {
            version: 1,
            id: String::new(),
            picture: PictureKind::default(),
            currency: None,
            months: 13,
            known: PictureKnown::default(),
            top: 20,
            aging: AgingPolicy { credits: Credits::Apart, ..AgingPolicy::with_edges(&[0, 30, 60, 90]) },
            credit: CreditPolicy::default(),
            per: ExposurePer::default(),
            kpi: KpiPolicy::default(),
        }
    }
}

/// A picture is for the eye: more points than this are not told apart.
const MOST: u32 = 200;

impl PicturePolicy {
    /// The default policy of a picture.
    #[must_use]
    pub fn of(picture: PictureKind) -> Self {
        Self { picture, ..Self::default() }
    }

    /// Proves the policy well-formed.
    ///
    /// # Errors
    /// `unsupported_version`, `policy_invalid`, with the path of the field.
    pub fn check(&self) -> Result<(), Problem> {
        if self.version != 1 {
            let reason = format!("expected version 1, got {}", self.version);
            return Err(Problem::new("unsupported_version", reason).field("version"));
        }
        for (name, count) in [("months", self.months), ("top", self.top)] {
            if count == 0 || count > MOST {
                let reason = format!("expected a number from 1 to {MOST}, got {count}");
                return Err(Problem::new("policy_invalid", reason).field(name));
            }
        }
        let within = |part: &str, problem: Problem| {
            let path = problem.field.as_deref().map_or_else(|| part.to_owned(), |field| format!("{part}.{field}"));
            problem.field(&path)
        };
        self.aging.check().map_err(|problem| within("aging", problem))?;
        self.credit.check().map_err(|problem| within("credit", problem))?;
        self.kpi.check().map_err(|problem| within("kpi", problem))
    }
}
