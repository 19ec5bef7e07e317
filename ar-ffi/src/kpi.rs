//! Key figures and what changed them, with their rows as mirrors of the facade's.

use std::collections::HashMap;
use std::sync::Arc;

use ar_core::facade;
pub use ar_core::facade::{DsoChange, DsoChangeRow, KpiRow, KpiValue, RatingCheck};

use crate::ledger::View;
use crate::reports::MadeBy;
use crate::values::Day;

type Result<T> = std::result::Result<T, crate::ReceivablesError>;

/// What a key figure means.
#[derive(Debug, Clone, uniffi::Record)]
pub struct KpiDefinition {
    /// Its id.
    pub id: String,
    /// How it is reckoned.
    pub formula: String,
    /// Over which days.
    pub window: String,
    /// Which convention it follows, and which options of the policy move it.
    pub convention: String,
    /// `days`, `percent`, `times`, `money` or `points`.
    pub unit: String,
    /// Whether the figures of parts make that of the whole: `value`, `ratio` or `no`.
    pub additive: String,
    /// Who says so.
    pub source: String,
}

/// Every key figure with its formula, window, convention, unit and source.
#[uniffi::export]
pub fn kpi_registry() -> Result<Vec<KpiDefinition>> {
    let owned = |one: facade::KpiDefinition| {
        let facade::KpiDefinition { id, formula, window, convention, unit, additive, source } = one;
        KpiDefinition {
            id: id.to_owned(),
            formula: formula.to_owned(),
            window: window.to_owned(),
            convention: convention.to_owned(),
            unit: unit.to_owned(),
            additive: additive.to_owned(),
            source: source.to_owned(),
        }
    };
    Ok(facade::kpi_registry().into_iter().map(owned).collect())
}

/// A key figure, or why there is none.
#[uniffi::remote(Record)]
pub struct KpiValue {
    /// The figure.
    pub kpi: String,
    /// What it is, rounded once; none when there is no such value.
    pub value: Option<String>,
    /// The whole number above the line.
    pub numerator: Option<String>,
    /// The whole number below it.
    pub denominator: Option<String>,
    /// Why there is no value.
    pub undefined: Option<String>,
}

/// A condition of a rating that was looked at.
#[uniffi::remote(Record)]
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

/// The key figures of a group over a window.
#[uniffi::remote(Record)]
pub struct KpiRow {
    /// A value for each key of the question, the currency apart.
    pub by: Vec<String>,
    /// The currency.
    pub currency: String,
    /// The first day of the window.
    pub from: Day,
    /// Its last day.
    pub to: Day,
    /// The figures, in the order of the policy.
    pub values: Vec<KpiValue>,
    /// The rating; none without a rule that fits.
    pub rating: Option<String>,
    /// The conditions that were looked at for it.
    pub checks: Vec<RatingCheck>,
}

/// The key figures of a view.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Kpis {
    /// The keys of the groups, without the currency.
    pub by: Vec<String>,
    /// By end of month, then keys, then currency.
    pub rows: Vec<KpiRow>,
    /// All groups together, by end of month, then currency.
    pub totals: Vec<KpiRow>,
    /// The policy and the engine.
    pub made_by: MadeBy,
}

/// What changed days sales outstanding: of a group its part in it, or of a currency the whole.
#[uniffi::remote(Record)]
pub struct DsoChangeRow {
    /// A value for each key; empty in totals.
    pub by: Vec<String>,
    /// The currency.
    pub currency: String,
    /// Days before; none without sales.
    pub before: Option<String>,
    /// Days now.
    pub now: Option<String>,
    /// How much they changed.
    pub change: Option<String>,
    /// What comes from selling more or less, and to others.
    pub mix: Option<String>,
    /// What comes from what is not yet due.
    pub terms: Option<String>,
    /// What comes from what is overdue.
    pub delay: Option<String>,
    /// The exact parts, each a whole number over `denominator`.
    pub mix_numerator: Option<String>,
    /// Of `terms`.
    pub terms_numerator: Option<String>,
    /// Of `delay`.
    pub delay_numerator: Option<String>,
    /// Below each of them.
    pub denominator: Option<String>,
}

/// Why days sales outstanding changed between two views.
#[uniffi::remote(Record)]
pub struct DsoChange {
    /// By group and currency.
    pub rows: Vec<DsoChangeRow>,
    /// By currency.
    pub totals: Vec<DsoChangeRow>,
    /// The policy and the engine.
    pub made_by: MadeBy,
}

#[uniffi::export]
impl View {
    /// Key figures by a policy as JSON text, by the keys of an aging and by currency.
    #[uniffi::method(default(policy = "{}", by = [], r#where))]
    pub fn kpis(&self, policy: String, by: Vec<String>, r#where: HashMap<String, Vec<String>>) -> Result<Kpis> {
        let filter = r#where.into_iter().collect();
        let made = self.inner.kpis(&facade::kpi_policy(&policy)?, &by, &filter)?;
        Ok(Kpis {
            by: made.by().to_vec(),
            rows: made.rows(),
            totals: made.totals()?.rows(),
            made_by: made.made_by().clone(),
        })
    }

    /// Why days sales outstanding changed since an earlier view of the same ledger: sales mix, terms and delay.
    #[uniffi::method(default(policy = "{}", by = [], r#where))]
    pub fn explain_dso(
        &self,
        before: Arc<View>,
        policy: String,
        by: Vec<String>,
        r#where: HashMap<String, Vec<String>>,
    ) -> Result<DsoChange> {
        let filter = r#where.into_iter().collect();
        Ok(self.inner.explain_dso(&before.inner, &facade::kpi_policy(&policy)?, &by, &filter)?)
    }
}
