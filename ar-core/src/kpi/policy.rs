//! Which figures are asked for, over which window, by which conventions. A policy is data, proved well-formed before it is used.

use serde::{Deserialize, Serialize};

use super::registry::Kpi;
use crate::money::{Exact, Rounding};
use crate::problem::Problem;
use crate::words::words;

/// How well do we collect: the figures and their conventions; see `docs/specification.md`, section 13. What is left out has its
/// default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KpiPolicy {
    /// Version of the policy format.
    pub version: u32,
    /// What the user calls it.
    pub id: String,
    /// The figures, in order.
    pub kpis: Vec<Kpi>,
    /// How many calendar months the window has.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 120)))]
    pub months: u32,
    /// How many months countback looks back.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 120)))]
    pub history_months: u32,
    /// For how many ends of months the figures are given, the view's day being the last.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 120)))]
    pub series_months: u32,
    /// How many days a month has.
    pub days: MonthDays,
    /// In which currency amounts are taken.
    pub currency: KpiCurrency,
    /// Whether sales count with their tax.
    pub sales: SalesAmount,
    /// Whether credit notes lower sales.
    pub credit_notes: CreditNotes,
    /// Whether payments on account lower receivables.
    pub unapplied: Counted,
    /// Whether disputed amounts are part of receivables.
    pub disputed: Counted,
    /// What paying early counts as, in the days late.
    pub early: Early,
    /// From how many days overdue on cash is at risk.
    pub at_risk_days: u32,
    /// How many customers the largest are.
    pub top: u32,
    /// How many days after the promised one a promise may still be kept.
    pub tolerance_days: u32,
    /// Digits behind the point.
    #[cfg_attr(feature = "schema", schemars(range(max = 8)))]
    pub digits: u8,
    /// How a figure is rounded to them.
    pub rounding: Rounding,
    /// Ratings of payers, the best first.
    pub ratings: Vec<RatingRule>,
}

impl Default for KpiPolicy {
    fn default() -> Self {
        Self {
            version: 1,
            id: String::new(),
            kpis: Kpi::ALL.to_vec(),
            months: 3,
            history_months: 24,
            series_months: 1,
            days: MonthDays::default(),
            currency: KpiCurrency::default(),
            sales: SalesAmount::default(),
            credit_notes: CreditNotes::default(),
            unapplied: Counted::default(),
            disputed: Counted::default(),
            early: Early::default(),
            at_risk_days: 90,
            top: 5,
            tolerance_days: 0,
            digits: 2,
            rounding: Rounding::default(),
            ratings: Vec::new(),
        }
    }
}

words! {
    /// How many days a month has.
    MonthDays {
        Calendar "calendar" /** Those of the calendar. */,
        Thirty "thirty" /** Thirty. */,
    }
}
words! {
    /// In which currency amounts are taken.
    KpiCurrency {
        Document "document" /** Each document's own. */,
        Base "base" /** The company's base currency, at the rates of the documents. */,
    }
}
words! {
    /// Whether sales count with their tax.
    SalesAmount {
        Gross "gross" /** They do. */,
        Net "net" /** They do not, where a document has a net amount. */,
    }
}
words! {
    /// Whether credit notes lower sales.
    CreditNotes {
        Lower "lower" /** They do. */,
        LeftOut "left_out" /** They do not. */,
    }
}
words! {
    /// Whether something is part of receivables.
    Counted {
        Included "included" /** It is. */,
        LeftOut "left_out" /** It is not. */,
    }
}
words! {
    /// What paying early counts as, in the days late.
    Early {
        Negative "negative" /** Days below zero. */,
        Zero "zero" /** No days. */,
        LeftOut "left_out" /** Nothing: what was paid early or in time is left out. */,
    }
}

/// A rating and what it takes: each condition holds. The first such rule rates.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RatingRule {
    /// The rating.
    pub rating: String,
    /// What it takes; anything when empty.
    #[serde(default)]
    pub conditions: Vec<RatingCondition>,
}

/// A figure between two thresholds, both inclusive. What has no value fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RatingCondition {
    /// The figure; it must be one of the policy's.
    pub kpi: Kpi,
    /// At least so much.
    #[serde(default)]
    pub at_least: Option<Exact>,
    /// At most so much.
    #[serde(default)]
    pub at_most: Option<Exact>,
}

fn invalid(field: &str, reason: &str) -> Problem {
    Problem::new("policy_invalid", reason).field(field)
}

impl KpiPolicy {
    /// Proves the policy well-formed.
    ///
    /// # Errors
    /// `unsupported_version`, `policy_invalid`, with the path of the field.
    ///
    /// ```
    /// use ar_core::kpi::KpiPolicy;
    /// assert!(KpiPolicy::default().check().is_ok());
    /// let none = KpiPolicy { months: 0, ..KpiPolicy::default() };
    /// assert_eq!(none.check().unwrap_err().field.as_deref(), Some("months"));
    /// ```
    pub fn check(&self) -> Result<(), Problem> {
        if self.version != 1 {
            let reason = format!("expected version 1, got {}", self.version);
            return Err(Problem::new("unsupported_version", reason).field("version"));
        }
        if self.kpis.is_empty() {
            return Err(invalid("kpis", "expected at least one figure"));
        }
        for (at, kpi) in self.kpis.iter().enumerate() {
            if self.kpis.iter().take(at).any(|before| before == kpi) {
                return Err(invalid(&format!("kpis[{at}]"), "expected a figure once"));
            }
        }
        let months =
            [("months", self.months), ("history_months", self.history_months), ("series_months", self.series_months)];
        for (field, months) in months {
            if !(1..=120).contains(&months) {
                return Err(invalid(field, "expected 1 to 120 months"));
            }
        }
        for (field, days) in [("at_risk_days", self.at_risk_days), ("tolerance_days", self.tolerance_days)] {
            if days > 36_525 {
                return Err(invalid(field, "expected at most 36525 days"));
            }
        }
        if self.top == 0 {
            return Err(invalid("top", "expected at least 1"));
        }
        if self.digits > 8 {
            return Err(invalid("digits", "expected at most 8 digits"));
        }
        self.check_ratings()
    }

    fn check_ratings(&self) -> Result<(), Problem> {
        for (at, rule) in self.ratings.iter().enumerate() {
            if rule.rating.is_empty() {
                return Err(invalid(&format!("ratings[{at}].rating"), "expected a rating"));
            }
            for (place, condition) in rule.conditions.iter().enumerate() {
                let path = format!("ratings[{at}].conditions[{place}]");
                if !self.kpis.contains(&condition.kpi) {
                    return Err(invalid(&format!("{path}.kpi"), "expected one of the figures of the policy"));
                }
                if condition.at_least.is_none() && condition.at_most.is_none() {
                    return Err(invalid(&path, "expected at_least or at_most"));
                }
            }
        }
        Ok(())
    }
}
