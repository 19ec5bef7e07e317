//! How well do we collect? Days sales outstanding in its forms, collection effectiveness, days to pay, promises, disputes, and more.
//!
//! Every figure stands in a registry with its formula, window, convention, unit and source ([`kpi_registry`]). A value is an exact
//! ratio of whole numbers, rounded once; where there is none, the answer says why, and no number is made up.

mod change;
mod cleared;
mod family;
mod groups;
mod matters;
mod outcome;
mod policy;
mod rating;
mod registry;
mod report;
mod sums;
mod window;

pub use self::change::{DsoChange, DsoChangeRow};
pub use self::outcome::NoValue;
pub use self::policy::{
    Counted, CreditNotes, Early, KpiCurrency, KpiPolicy, MonthDays, RatingCondition, RatingRule, SalesAmount,
};
pub use self::rating::RatingCheck;
pub use self::registry::{Additive, Kpi, KpiDefinition, KpiUnit, kpi_registry};
pub use self::report::{KpiColumns, KpiFigures, KpiReport, KpiRow, KpiValue};

use std::collections::BTreeMap;

use crate::aging::Where;
use crate::ledger::View;
use crate::problem::Refused;
use crate::profiles;

/// The examples of the page about key figures run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/kpi.md")]
struct Page;

/// The policy that reckons as another system does; [`profiles::names`] lists them.
///
/// # Errors
/// `unknown_kind`, field `profile`.
pub fn profile(name: &str) -> Result<KpiPolicy, Refused> {
    let policy: KpiPolicy = profiles::read("kpi", name)?;
    policy.check()?;
    Ok(policy)
}

impl View {
    /// The figures of a policy, by the keys of an aging and by currency, at the view's day or at several ends of months up to it.
    ///
    /// **Unit**: each figure's own. **Currency**: the policy's. **Rounding**: once, as the policy names it. **Panics**: never.
    /// **Source**: `docs/specification.md`, section 13.
    ///
    /// # Errors
    /// Those of [`KpiPolicy::check`]; `unknown_dimension` (keys of `by`, then of `filter`), `unknown_value`; `impossible_date` when a
    /// window leaves the calendar; `base_amount_missing`, `too_large`.
    pub fn kpis(&self, policy: &KpiPolicy, by: &[String], filter: &Where) -> Result<KpiReport, Refused> {
        KpiReport::new(self, policy, by, filter)
    }

    /// By currency and days from a document's date to the day on which it was cleared: how many invoices and debit notes were,
    /// of those cleared with money in the window.
    pub(crate) fn days_to_pay(
        &self,
        policy: &KpiPolicy,
        filter: &Where,
    ) -> Result<BTreeMap<(String, i128), u64>, Refused> {
        let policy = KpiPolicy { kpis: vec![Kpi::DaysToPay], currency: KpiCurrency::Document, ..policy.clone() };
        let periods = window::Periods::before(self.day(), policy.periods(), policy.days)?;
        let groups = groups::Groups::new(self, &[], filter, policy.currency)?;
        let found = cleared::days_to_pay(&sums::Pass::of(self, &policy, &groups, &periods))?;
        let named = |((group, days), many)| ((groups.currency(self, group).0.to_owned(), days), many);
        Ok(found.into_iter().map(named).collect())
    }

    /// What changed days sales outstanding (`dso_simple`) since an earlier view of the same ledger: sales mix, terms and delay.
    ///
    /// # Errors
    /// Those of [`View::kpis`].
    pub fn explain_dso(
        &self,
        before: &View,
        policy: &KpiPolicy,
        by: &[String],
        filter: &Where,
    ) -> Result<DsoChange, Refused> {
        DsoChange::new(self, before, policy, by, filter)
    }
}
