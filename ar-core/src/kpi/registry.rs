//! Which figures are there, and what does each mean? An id, a formula, a window, a convention, a unit and a source; no value comes
//! without them.

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// A figure.
    Kpi {
        DsoSimple "dso_simple" /** Days sales outstanding. */,
        DsoCountback "dso_countback" /** The same, counted back month by month. */,
        DsoBestPossible "dso_best_possible" /** What it would be if everybody paid in time. */,
        DsoTrue "dso_true" /** Weighted by invoice. */,
        DsoRolling "dso_rolling" /** From the mean of the ends of months. */,
        AverageDaysDelinquent "average_days_delinquent" /** What paying late adds. */,
        DaysCreditGranted "days_credit_granted" /** Days of sales that are not yet due. */,
        PaymentTermsDays "payment_terms_days" /** Days from document to due date. */,
        ExtendedDso "extended_dso" /** Credit granted beyond the terms. */,
        Cei "cei" /** Collection effectiveness, sales of the window. */,
        CeiMonthlyAverage "cei_monthly_average" /** Collection effectiveness, sales of the mean month. */,
        ArTurnover "ar_turnover" /** How often receivables turn over. */,
        DaysToPay "days_to_pay" /** From document to payment. */,
        DaysToPayWeighted "days_to_pay_weighted" /** The same, weighted by amount. */,
        DaysLate "days_late" /** From due date to payment. */,
        DaysLateWeighted "days_late_weighted" /** The same, weighted by amount. */,
        PercentCurrent "percent_current" /** What is not overdue. */,
        PercentPastDue "percent_past_due" /** What is. */,
        AtRiskCash "at_risk_cash" /** What is overdue for long. */,
        BadDebtRatio "bad_debt_ratio" /** What was written off. */,
        UnappliedShare "unapplied_share" /** Money on account. */,
        ConcentrationTop "concentration_top" /** The share of the largest customers. */,
        ConcentrationHerfindahl "concentration_herfindahl" /** The Herfindahl index of customers. */,
        PromiseKeptRate "promise_kept_rate" /** Promises kept, by count. */,
        PromisePartlyKeptRate "promise_partly_kept_rate" /** Promises kept in part, by count. */,
        PromiseKeptShare "promise_kept_share" /** Promises kept, by amount. */,
        DisputeCycleDays "dispute_cycle_days" /** How long a dispute lasts. */,
        DaysDeductionsOutstanding "days_deductions_outstanding" /** Days of deductions that are open. */,
        DiscountTaken "discount_taken" /** Cash discounts taken. */,
        DiscountEarnedShare "discount_earned_share" /** Those taken in time. */,
        AutoMatchRate "auto_match_rate" /** Receipts matched by themselves. */,
    }
}

words! {
    /// What a value counts.
    KpiUnit {
        Days "days" /** Days. */,
        Percent "percent" /** Of hundred. */,
        Times "times" /** Times. */,
        Money "money" /** Money of the row's currency. */,
        Points "points" /** 0 to 10,000. */,
    }
}

words! {
    /// Whether the figure of a whole comes from the figures of its parts.
    Additive {
        Value "value" /** Values add up. */,
        Ratio "ratio" /** Numerators add up, and so do denominators. */,
        No "no" /** It has to be made from the facts again. */,
    }
}

/// What a figure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KpiDefinition {
    /// Its id.
    pub id: &'static str,
    /// How it is reckoned.
    pub formula: &'static str,
    /// Over which days.
    pub window: &'static str,
    /// Which convention it follows, and which options of the policy move it.
    pub convention: &'static str,
    /// What a value counts: `days`, `percent`, `times`, `money`, `points`.
    pub unit: &'static str,
    /// `value`, `ratio` or `no`.
    pub additive: &'static str,
    /// Who says so.
    pub source: &'static str,
}

/// Every figure, in the order of [`Kpi::ALL`].
///
/// ```
/// use ar_core::kpi::{Kpi, kpi_registry};
/// let all = kpi_registry();
/// assert_eq!(all.len(), Kpi::ALL.len());
/// assert_eq!((all[0].id, all[0].unit, all[0].additive), ("dso_simple", "days", "ratio"));
/// assert!(all.iter().all(|one| !one.formula.is_empty() && !one.window.is_empty() && !one.source.is_empty()));
/// ```
#[must_use]
pub fn kpi_registry() -> Vec<KpiDefinition> {
    Kpi::ALL.iter().map(|kpi| kpi.definition()).collect()
}

const WINDOW: &str = "`months` calendar months up to the day";
const DAY: &str = "the day";
const JDE: &str = "Oracle JD Edwards, Credit and Collections Management, statistics of days sales outstanding";
const CREDITGURU: &str = "creditguru.com, DSO, BPDSO, ADD and collection effectiveness index";

impl Kpi {
    /// What it counts.
    #[must_use]
    pub fn unit(self) -> KpiUnit {
        match self {
            Self::Cei
            | Self::CeiMonthlyAverage
            | Self::PercentCurrent
            | Self::PercentPastDue
            | Self::BadDebtRatio
            | Self::UnappliedShare
            | Self::ConcentrationTop
            | Self::PromiseKeptRate
            | Self::PromisePartlyKeptRate
            | Self::PromiseKeptShare
            | Self::DiscountEarnedShare
            | Self::AutoMatchRate => KpiUnit::Percent,
            Self::ArTurnover => KpiUnit::Times,
            Self::AtRiskCash | Self::DiscountTaken => KpiUnit::Money,
            Self::ConcentrationHerfindahl => KpiUnit::Points,
            _ => KpiUnit::Days,
        }
    }

    /// Whether it is an amount, with the digits of its currency.
    pub(super) fn is_money(self) -> bool {
        self.unit() == KpiUnit::Money
    }

    /// Whether the figure of a whole comes from the figures of its parts.
    #[must_use]
    pub fn additive(self) -> Additive {
        match self {
            Self::AtRiskCash | Self::DiscountTaken => Additive::Value,
            Self::DsoCountback
            | Self::ExtendedDso
            | Self::ConcentrationTop
            | Self::ConcentrationHerfindahl
            | Self::AutoMatchRate => Additive::No,
            _ => Additive::Ratio,
        }
    }

    /// Its definition.
    #[must_use]
    pub fn definition(self) -> KpiDefinition {
        let (formula, window, convention, source) = self.texts();
        let (unit, additive) = (self.unit().name(), self.additive().name());
        KpiDefinition { id: self.name(), formula, window, convention, unit, additive, source }
    }

    /// Formula, window, convention, source.
    #[expect(clippy::too_many_lines, reason = "a table, one line a figure")]
    fn texts(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::DsoSimple => (
                "receivables × days ÷ sales",
                WINDOW,
                "all receivables over the sales of the window; `days`, `sales`, `credit_notes`, `unapplied`, `disputed`",
                JDE,
            ),
            Self::DsoCountback => (
                "days of the months whose sales the receivables cover, the last in part",
                "months back from the day, at most `history_months`",
                "no value when a month has no sales or history ends before the receivables are covered; `days`",
                "Oracle Receivables, collection indicators (exhaustion method); benjipays.com, countback method",
            ),
            Self::DsoBestPossible => {
                ("current receivables × days ÷ sales", WINDOW, "current: not overdue on the day", CREDITGURU)
            }
            Self::DsoTrue => (
                "Σ (settled part × days until it was settled + open part × days until the day) ÷ Σ amount",
                "invoices and debit notes posted in the window",
                "days count from the document date",
                "docs/kpi.md, invoice-weighted DSO",
            ),
            Self::DsoRolling => (
                "mean receivables at the ends of the months × days ÷ sales",
                WINDOW,
                "as many ends as the window has months, the day among them",
                "docs/kpi.md, rolling DSO",
            ),
            Self::AverageDaysDelinquent => {
                ("overdue receivables × days ÷ sales", WINDOW, "simple less best possible DSO, exactly", CREDITGURU)
            }
            Self::DaysCreditGranted => {
                ("current receivables × days ÷ sales", WINDOW, "best possible DSO by its other name", JDE)
            }
            Self::PaymentTermsDays => (
                "Σ amount × (due date − document date) ÷ Σ amount",
                "invoices and debit notes posted in the window that have a due date",
                "the last due date of a schedule",
                JDE,
            ),
            Self::ExtendedDso => {
                ("days credit granted − payment terms", WINDOW, "below zero when less is used than was granted", JDE)
            }
            Self::Cei => (
                "100 × (begin + sales − end) ÷ (begin + sales − current at the end)",
                WINDOW,
                "sales of the whole window",
                "creditguru.com, collection effectiveness index; Gaviti, collection effectiveness index",
            ),
            Self::CeiMonthlyAverage => (
                "100 × (begin + sales ÷ months − end) ÷ (begin + sales ÷ months − current at the end)",
                WINDOW,
                "sales of the mean month, as some print it",
                "creditguru.com, collection effectiveness index",
            ),
            Self::ArTurnover => (
                "2 × sales ÷ (begin + end)",
                WINDOW,
                "of the window, not of a year",
                "docs/kpi.md, receivables turnover",
            ),
            Self::DaysToPay => (
                "Σ (day cleared − document date) ÷ invoices",
                "invoices and debit notes cleared in the window",
                "cleared with at least one payment or advance; the day of the last movement",
                "docs/kpi.md, days to pay",
            ),
            Self::DaysToPayWeighted => (
                "Σ amount × (day cleared − document date) ÷ Σ amount",
                "invoices and debit notes cleared in the window",
                "as `days_to_pay`",
                "docs/kpi.md, days to pay",
            ),
            Self::DaysLate => (
                "Σ (day cleared − due date) ÷ invoices",
                "invoices and debit notes cleared in the window that have a due date",
                "what is early is negative, zero or left out; `early`",
                "docs/kpi.md, days late",
            ),
            Self::DaysLateWeighted => (
                "Σ amount × (day cleared − due date) ÷ Σ amount",
                "invoices and debit notes cleared in the window that have a due date",
                "what is early is negative, zero or left out; `early`",
                "docs/kpi.md, days late",
            ),
            Self::PercentCurrent => {
                ("100 × current receivables ÷ receivables", DAY, "`unapplied`, `disputed`", "docs/kpi.md, shares")
            }
            Self::PercentPastDue => {
                ("100 × overdue receivables ÷ receivables", DAY, "`unapplied`, `disputed`", "docs/kpi.md, shares")
            }
            Self::AtRiskCash => (
                "Σ receivables overdue by more than `at_risk_days`",
                DAY,
                "credits with such a due date lower it",
                "docs/kpi.md, cash at risk",
            ),
            Self::BadDebtRatio => (
                "100 × written off ÷ sales",
                WINDOW,
                "write-offs of debits less those of credits, not taken back",
                "docs/kpi.md, bad debt ratio",
            ),
            Self::UnappliedShare => (
                "100 × open payments and advances ÷ open debits",
                DAY,
                "both in absolute terms",
                "docs/kpi.md, unapplied cash",
            ),
            Self::ConcentrationTop => (
                "100 × Σ the `top` largest customers ÷ Σ all above zero",
                DAY,
                "a customer's balance is net; those not above zero are left out",
                "docs/kpi.md, concentration",
            ),
            Self::ConcentrationHerfindahl => (
                "10,000 × Σ balance² ÷ (Σ balance)²",
                DAY,
                "a customer's balance is net; those not above zero are left out",
                "U.S. Department of Justice, Herfindahl-Hirschman index",
            ),
            Self::PromiseKeptRate => (
                "100 × promises kept ÷ promises due",
                "promises whose day and tolerance passed in the window",
                "kept: all of it settled in time; `tolerance_days`",
                "SAP Collections Management, promises to pay",
            ),
            Self::PromisePartlyKeptRate => (
                "100 × promises kept in part ÷ promises due",
                "promises whose day and tolerance passed in the window",
                "something, but not all of it, settled in time; `tolerance_days`",
                "SAP Collections Management, promises to pay",
            ),
            Self::PromiseKeptShare => (
                "100 × Σ settled in time, at most what was promised ÷ Σ promised",
                "promises whose day and tolerance passed in the window",
                "`tolerance_days`",
                "docs/kpi.md, promises",
            ),
            Self::DisputeCycleDays => (
                "Σ (day closed − day raised) ÷ disputes",
                "disputes closed in the window",
                "of all disputes, whatever their outcome",
                "docs/kpi.md, disputes",
            ),
            Self::DaysDeductionsOutstanding => (
                "open disputed amounts × days ÷ amounts disputed in the window",
                WINDOW,
                "of debits; a dispute without an amount is about all of its document",
                "docs/kpi.md, disputes",
            ),
            Self::DiscountTaken => (
                "Σ discounts with their tax",
                WINDOW,
                "differences of the kinds `discount` and `discount_tax`, not taken back",
                "docs/kpi.md, discounts",
            ),
            Self::DiscountEarnedShare => (
                "100 × Σ discounts taken in time ÷ Σ discounts taken",
                WINDOW,
                "in time: not after the last day of the document's offer",
                "docs/kpi.md, discounts",
            ),
            Self::AutoMatchRate => (
                "100 × receipts matched without a person ÷ receipts",
                WINDOW,
                "a ledger does not say who matched, so that there is no value: the proof of a settlement as it was proposed tells it",
                "docs/kpi.md, what a ledger cannot tell",
            ),
        }
    }
}
