//! Which sums does a figure need? Passes over the ledger are made for what is asked alone.

use super::policy::{Counted, KpiPolicy};
use super::registry::Kpi;

/// What is summed up in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Sales by period.
    Sales,
    /// What moved receivables, by period.
    Moves,
    /// Open items.
    Items,
    /// Open items below zero.
    Credits,
    /// Disputed parts of open items.
    Disputed,
    /// Balances of customers.
    Customers,
    /// What was invoiced in the window, document by document.
    Invoiced,
    /// What was cleared in the window, document by document.
    Cleared,
    /// Write-offs and discounts.
    Differences,
    /// Promises.
    Promises,
    /// Disputes that were raised or closed.
    Disputes,
}

impl Kpi {
    fn families(self) -> &'static [Family] {
        use Family::{
            Cleared, Credits, Customers, Differences, Disputed, Disputes, Invoiced, Items, Moves, Promises, Sales,
        };
        match self {
            Self::DsoSimple
            | Self::DsoCountback
            | Self::DsoBestPossible
            | Self::AverageDaysDelinquent
            | Self::DaysCreditGranted => &[Sales, Items],
            Self::DsoRolling | Self::Cei | Self::CeiMonthlyAverage | Self::ArTurnover => &[Sales, Items, Moves],
            Self::DsoTrue | Self::PaymentTermsDays => &[Invoiced],
            Self::ExtendedDso => &[Sales, Items, Invoiced],
            Self::DaysToPay | Self::DaysToPayWeighted | Self::DaysLate | Self::DaysLateWeighted => &[Cleared],
            Self::PercentCurrent | Self::PercentPastDue | Self::AtRiskCash => &[Items],
            Self::BadDebtRatio => &[Sales, Differences],
            Self::UnappliedShare => &[Items, Credits],
            Self::ConcentrationTop | Self::ConcentrationHerfindahl => &[Customers],
            Self::PromiseKeptRate | Self::PromisePartlyKeptRate | Self::PromiseKeptShare => &[Promises],
            Self::DisputeCycleDays => &[Disputes],
            Self::DaysDeductionsOutstanding => &[Disputes, Disputed],
            Self::DiscountTaken | Self::DiscountEarnedShare => &[Differences],
            Self::AutoMatchRate => &[],
        }
    }
}

impl KpiPolicy {
    /// Whether its figures need such sums.
    pub(super) fn needs(&self, family: Family) -> bool {
        let items = || self.kpis.iter().any(|kpi| kpi.families().contains(&Family::Items));
        match family {
            Family::Credits if self.unapplied == Counted::LeftOut && items() => true,
            Family::Disputed if self.disputed == Counted::LeftOut && items() => true,
            _ => self.kpis.iter().any(|kpi| kpi.families().contains(&family)),
        }
    }

    /// Over how many periods sales are told apart.
    pub(super) fn periods(&self) -> u32 {
        let counts_back = self.kpis.contains(&Kpi::DsoCountback);
        if counts_back { self.history_months.max(self.months) } else { self.months }
    }
}
