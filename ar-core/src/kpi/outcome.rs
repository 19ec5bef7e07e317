//! What is a figure of a group, exactly? A numerator over a denominator, or why there is none.

use super::family::Ends;
use super::policy::{KpiCurrency, KpiPolicy};
use super::registry::Kpi;
use super::sums::{Sums, too_large};
use super::window::Periods;
use crate::ledger::layers::place;
use crate::money::{Rounding, divide, multiply_divide};
use crate::problem::Refused;
use crate::words::words;

words! {
    /// Why a figure has no value.
    NoValue {
        NoSales "no_sales" /** Nothing was sold, or less than was credited. */,
        NoReceivables "no_receivables" /** Nothing is owed. */,
        NegativeReceivables "negative_receivables" /** More is on account than is owed. */,
        TruncatedNoSales "truncated_no_sales" /** A month without sales ends the count back. */,
        TruncatedHistory "truncated_history" /** History ends before the receivables are covered. */,
        NothingToCollect "nothing_to_collect" /** There was nothing to collect. */,
        NothingInvoiced "nothing_invoiced" /** Nothing was invoiced. */,
        NothingCleared "nothing_cleared" /** Nothing was cleared. */,
        NoPromises "no_promises" /** No promise fell due. */,
        NoDisputes "no_disputes" /** No dispute was closed, or none was raised. */,
        NoDiscounts "no_discounts" /** No discount was taken. */,
        NotInLedger "not_in_ledger" /** The ledger does not say. */,
    }
}

/// A figure of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A ratio, and what it is rounded to: units of the last digit.
    Value {
        numerator: i128,
        denominator: i128,
        rounded: i128,
    },
    None(NoValue),
}

impl Outcome {
    pub(super) fn rounded(&self) -> Option<i128> {
        match self {
            Self::Value { rounded, .. } => Some(*rounded),
            Self::None(_) => None,
        }
    }
}

/// An exact ratio, or why there is none.
type Exactly = Result<(i128, i128), NoValue>;

/// What figures are made from, group by group.
pub(super) struct Frame<'a> {
    pub policy: &'a KpiPolicy,
    pub sums: &'a Sums,
    pub periods: &'a Periods,
    /// Days of the window.
    pub days: i128,
    sales_width: usize,
    ends: Ends,
    /// Units of the last digit of a figure that is no money; none beyond the range.
    power: Option<i128>,
}

fn at<T: Copy + Default>(column: &[T], place: usize) -> T {
    column.get(place).copied().unwrap_or_default()
}

/// A product within 128 bits.
fn times(left: i128, right: i128) -> Result<i128, Refused> {
    product(left, right).ok_or_else(too_large)
}

fn product(left: i128, right: i128) -> Option<i128> {
    // Most factors fit half of the bits, and then their product fits all.
    if let (Ok(left), Ok(right)) = (i64::try_from(left), i64::try_from(right)) {
        return Some(i128::from(left).wrapping_mul(right.into()));
    }
    left.checked_mul(right)
}

fn over(numerator: i128, denominator: i128, otherwise: NoValue) -> Exactly {
    if denominator > 0 { Ok((numerator, denominator)) } else { Err(otherwise) }
}

impl<'a> Frame<'a> {
    pub(super) fn of(policy: &'a KpiPolicy, sums: &'a Sums, periods: &'a Periods) -> Self {
        let days = periods.days(place(policy.months));
        let power = power(policy.digits);
        Self { policy, sums, periods, days, sales_width: policy.sales_width(), ends: policy.ends(), power }
    }

    /// A figure of a group whose currency has so many digits.
    pub(super) fn outcome(&self, kpi: Kpi, group: usize, currency_digits: u8) -> Result<Outcome, Refused> {
        let (numerator, denominator) = match self.exactly(kpi, group)? {
            Ok(ratio) => ratio,
            Err(none) => return Ok(Outcome::None(none)),
        };
        let rounded = match kpi.unit() {
            // Minor units already.
            super::registry::KpiUnit::Money => Some(numerator),
            _ => self.power.and_then(|power| rounded_in(numerator, denominator, power, self.policy.rounding)),
        };
        let rounded = rounded.ok_or_else(too_large)?;
        let denominator = match kpi.unit() {
            super::registry::KpiUnit::Money => 10_i128.saturating_pow(currency_digits.into()),
            _ => denominator,
        };
        Ok(Outcome::Value { numerator, denominator, rounded })
    }

    /// Sales of the window.
    pub(super) fn sales(&self, group: usize) -> i128 {
        let start = group.saturating_mul(self.sales_width);
        if self.sales_width == 1 {
            return at(&self.sums.sales, start);
        }
        let of_window = start..start.saturating_add(self.months().min(self.sales_width));
        let of_window = self.sums.sales.get(of_window).unwrap_or(&[]);
        of_window.iter().fold(0, |sum: i128, sales| sum.saturating_add(*sales))
    }

    fn months(&self) -> usize {
        place(self.policy.months)
    }

    /// Receivables at the end of a period; of the one after the window, before it.
    fn end(&self, group: usize, period: usize) -> i128 {
        at(&self.sums.ends, self.ends.at(group, period))
    }

    pub(super) fn current(&self, group: usize) -> i128 {
        at(&self.sums.receivables, group).saturating_sub(at(&self.sums.overdue, group))
    }

    fn exactly(&self, kpi: Kpi, group: usize) -> Result<Exactly, Refused> {
        let (sums, days) = (self.sums, self.days);
        let hundred = |part: i128| times(part, 100);
        let receivables = at(&sums.receivables, group);
        Ok(match kpi {
            Kpi::DsoSimple => over(times(receivables, days)?, self.sales(group), NoValue::NoSales),
            Kpi::DsoCountback => self.countback(group)?,
            Kpi::DsoBestPossible | Kpi::DaysCreditGranted => {
                over(times(self.current(group), days)?, self.sales(group), NoValue::NoSales)
            }
            Kpi::AverageDaysDelinquent => {
                over(times(at(&sums.overdue, group), days)?, self.sales(group), NoValue::NoSales)
            }
            Kpi::DsoRolling => {
                let ends = (0..self.months()).fold(0, |sum: i128, period| sum.saturating_add(self.end(group, period)));
                let months = i128::from(self.policy.months);
                over(times(ends, days)?, times(self.sales(group), months)?, NoValue::NoSales)
            }
            Kpi::DsoTrue => {
                let own = at(&sums.invoiced, group);
                over(own.open_days, own.amount, NoValue::NothingInvoiced)
            }
            Kpi::PaymentTermsDays => {
                let own = at(&sums.invoiced, group);
                over(own.terms_days, own.due_amount, NoValue::NothingInvoiced)
            }
            Kpi::ExtendedDso => self.extended(group)?,
            Kpi::Cei => self.cei(group, 1)?,
            Kpi::CeiMonthlyAverage => self.cei(group, i128::from(self.policy.months))?,
            Kpi::ArTurnover => {
                let both = self.end(group, self.months()).saturating_add(receivables);
                over(times(self.sales(group), 2)?, both, NoValue::NoReceivables)
            }
            Kpi::DaysToPay | Kpi::DaysToPayWeighted | Kpi::DaysLate | Kpi::DaysLateWeighted => {
                let own = at(&sums.cleared, group);
                let (part, whole) = match kpi {
                    Kpi::DaysToPay => (own.days, own.count),
                    Kpi::DaysToPayWeighted => (own.amount_days, own.amount),
                    Kpi::DaysLate => (own.late_days, own.late_count),
                    _ => (own.late_amount_days, own.late_amount),
                };
                over(part, whole, NoValue::NothingCleared)
            }
            Kpi::PercentCurrent => over(hundred(self.current(group))?, receivables, NoValue::NoReceivables),
            Kpi::PercentPastDue => over(hundred(at(&sums.overdue, group))?, receivables, NoValue::NoReceivables),
            Kpi::AtRiskCash => Ok((at(&sums.at_risk, group), 1)),
            Kpi::BadDebtRatio => over(hundred(at(&sums.written_off, group))?, self.sales(group), NoValue::NoSales),
            Kpi::UnappliedShare => {
                over(hundred(at(&sums.unapplied, group))?, at(&sums.debits, group), NoValue::NoReceivables)
            }
            Kpi::ConcentrationTop => {
                let own = at(&sums.customers, group);
                over(hundred(own.top)?, own.sum, NoValue::NoReceivables)
            }
            Kpi::ConcentrationHerfindahl => {
                let own = at(&sums.customers, group);
                over(times(own.squares, 10_000)?, times(own.sum, own.sum)?, NoValue::NoReceivables)
            }
            Kpi::PromiseKeptRate | Kpi::PromisePartlyKeptRate | Kpi::PromiseKeptShare => self.promises(kpi, group)?,
            Kpi::DisputeCycleDays => {
                let own = at(&sums.disputes, group);
                over(own.days, own.closed, NoValue::NoDisputes)
            }
            Kpi::DaysDeductionsOutstanding => {
                let open = at(&sums.disputed, group);
                over(times(open, days)?, at(&sums.disputes, group).raised, NoValue::NoDisputes)
            }
            Kpi::DiscountTaken => Ok((at(&sums.discounts, group), 1)),
            Kpi::DiscountEarnedShare => {
                over(hundred(at(&sums.discounts_earned, group))?, at(&sums.discounts, group), NoValue::NoDiscounts)
            }
            Kpi::AutoMatchRate => Err(NoValue::NotInLedger),
        })
    }

    /// Months whose sales the receivables cover, from the latest back.
    fn countback(&self, group: usize) -> Result<Exactly, Refused> {
        let mut left = at(&self.sums.receivables, group);
        if left < 0 {
            return Ok(Err(NoValue::NegativeReceivables));
        }
        let mut whole_days = 0_i128;
        let first_sale = self.sums.first_sale.get(group).copied().unwrap_or(i32::MAX);
        let start = group.saturating_mul(self.sales_width);
        for period in 0..place(self.policy.history_months) {
            if left == 0 {
                return Ok(Ok((whole_days, 1)));
            }
            let sales = at(&self.sums.sales, start.saturating_add(period));
            let days = self.periods.days_of(period);
            if self.periods.end(period) < first_sale {
                return Ok(Err(NoValue::TruncatedHistory));
            }
            if sales <= 0 {
                return Ok(Err(NoValue::TruncatedNoSales));
            }
            if left < sales {
                return Ok(Ok((times(whole_days, sales)?.saturating_add(times(left, days)?), sales)));
            }
            left = left.saturating_sub(sales);
            whole_days = whole_days.saturating_add(days);
        }
        Ok(if left == 0 { Ok((whole_days, 1)) } else { Err(NoValue::TruncatedHistory) })
    }

    /// 100 × (months × begin + sales − months × end) ÷ (months × begin + sales − months × current).
    fn cei(&self, group: usize, months: i128) -> Result<Exactly, Refused> {
        let begin = self.end(group, self.months());
        let receivables = at(&self.sums.receivables, group);
        let open = times(begin, months)?.saturating_add(self.sales(group));
        let collected = open.saturating_sub(times(receivables, months)?);
        let collectable = open.saturating_sub(times(self.current(group), months)?);
        Ok(over(times(collected, 100)?, collectable, NoValue::NothingToCollect))
    }

    fn extended(&self, group: usize) -> Result<Exactly, Refused> {
        let (sales, own) = (self.sales(group), at(&self.sums.invoiced, group));
        if sales <= 0 {
            return Ok(Err(NoValue::NoSales));
        }
        if own.due_amount <= 0 {
            return Ok(Err(NoValue::NothingInvoiced));
        }
        let granted = times(times(self.current(group), self.days)?, own.due_amount)?;
        let terms = times(own.terms_days, sales)?;
        Ok(Ok((granted.saturating_sub(terms), times(sales, own.due_amount)?)))
    }

    fn promises(&self, kpi: Kpi, group: usize) -> Result<Exactly, Refused> {
        let own = at(&self.sums.promises, group);
        let (part, whole) = match kpi {
            Kpi::PromiseKeptRate => (own.kept, own.due),
            Kpi::PromisePartlyKeptRate => (own.partly, own.due),
            // Promises have no base amount.
            _ if self.policy.currency == KpiCurrency::Base => return Ok(Err(NoValue::NotInLedger)),
            _ => (own.settled, own.amount),
        };
        Ok(over(times(part, 100)?, whole, NoValue::NoPromises))
    }
}

/// A ratio in units of its last digit.
pub(super) fn rounded(numerator: i128, denominator: i128, digits: u8, rounding: Rounding) -> Option<i128> {
    rounded_in(numerator, denominator, power(digits)?, rounding)
}

fn power(digits: u8) -> Option<i128> {
    10_i128.checked_pow(digits.into())
}

fn rounded_in(numerator: i128, denominator: i128, power: i128, rounding: Rounding) -> Option<i128> {
    let scaled = product(numerator, power);
    // Most figures fit half of the bits, where a division costs a tenth.
    if let (Rounding::HalfAwayFromZero, Some(scaled)) = (rounding, scaled)
        && let (Ok(size), Ok(denominator)) = (u64::try_from(scaled.unsigned_abs()), u64::try_from(denominator))
    {
        let (quotient, rest) = (size.checked_div(denominator)?, size.checked_rem(denominator)?);
        let rounded = i128::from(quotient.saturating_add(u64::from(rest >= denominator.saturating_sub(rest))));
        return Some(if scaled < 0 { rounded.wrapping_neg() } else { rounded });
    }
    match scaled {
        Some(scaled) => divide(scaled, denominator, rounding),
        None => multiply_divide(numerator, power, denominator, rounding),
    }
}
