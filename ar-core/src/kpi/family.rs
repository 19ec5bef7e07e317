//! Which sums does a figure need? Passes over the ledger are made for what is asked alone.

use super::policy::{Counted, KpiPolicy};
use super::registry::Kpi;
use crate::ledger::layers::place;

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

/// Which ends of periods are kept of a group: that of the window and the one before it, and those between where they are asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    months: usize,
    pub width: usize,
}

impl Ends {
    /// The place of the end of a period in the sums of a group.
    pub(super) fn at(self, group: usize, period: usize) -> usize {
        let last = self.width.saturating_sub(1);
        let end = if period >= self.months { last } else { period.min(last.saturating_sub(1)) };
        group.wrapping_mul(self.width).wrapping_add(end)
    }
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

    /// Whether sales are asked for period by period.
    pub(super) fn counts_back(&self) -> bool {
        self.kpis.contains(&Kpi::DsoCountback)
    }

    /// How many sums of sales a group has: one a period where they are told apart, else one of the window.
    pub(super) fn sales_width(&self) -> usize {
        if self.counts_back() { place(self.periods()) } else { 1 }
    }

    /// Which ends of periods are kept.
    pub(super) fn ends(&self) -> Ends {
        let months = place(self.months);
        let width = if self.kpis.contains(&Kpi::DsoRolling) { months.saturating_add(1) } else { 2 };
        Ends { months, width }
    }

    /// Over how many periods sales are told apart.
    pub(super) fn periods(&self) -> u32 {
        if self.counts_back() { self.history_months.max(self.months) } else { self.months }
    }
}
