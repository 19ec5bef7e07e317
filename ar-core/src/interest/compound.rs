//! How does interest earn interest? After each 30 days what has accrued is added to the balance, exactly.
//!
//! A debt that never changes bears P(1 + r/12)^n (1 + r/360 × d) − P with 360 days a year, n times 30 days and d days more.
//! **Source**: 5 CFR 1315.10(a)(3) and 1315.17(c).

use super::accrue::{Run, Segment, minor};
use super::compile::{CompiledInterest, PERCENT_DIGITS};
use super::error::InterestError;
use crate::calendar::Day;
use crate::money::{Exact, Long, Minor, Ratio, Rounding};

/// After so many days, what has accrued is added.
const MONTH: i32 = 30;
/// The most times that it is.
const MOST_MONTHS: u32 = 400;

/// What has accrued, exactly: `compounded ÷ unit^months + fresh ÷ unit^(months + 1)` minor units.
struct Growth {
    unit: u64,
    months: u32,
    /// `unit^months`.
    power: Long,
    compounded: Long,
    fresh: Long,
}

impl Growth {
    fn add(&mut self, balance: Minor, rate: u64) {
        let base = self.power.times(balance.unsigned_abs()).plus(&self.compounded);
        self.fresh = self.fresh.plus(&base.times(rate));
    }

    fn compound(&mut self) -> Result<(), InterestError> {
        self.compounded = self.compounded.times(self.unit).plus(&self.fresh);
        self.fresh = Long::default();
        self.power = self.power.times(self.unit);
        self.months = self.months.saturating_add(1);
        if self.months > MOST_MONTHS { Err(InterestError::TooLarge) } else { Ok(()) }
    }

    fn accrued(&self, rounding: Rounding) -> Option<i128> {
        let sum = self.compounded.times(self.unit).plus(&self.fresh);
        sum.divided(self.unit, self.months.saturating_add(1), rounding)
    }

    fn earlier(&self, rounding: Rounding) -> Option<i128> {
        self.compounded.clone().divided(self.unit, self.months, rounding)
    }
}

/// The segments of interest that compounds from a day on, each within 30 days.
pub(super) fn segments(
    policy: &CompiledInterest,
    runs: &[Run],
    origin: Day,
    begin: Day,
) -> Result<Vec<Segment>, InterestError> {
    let rounding = policy.policy.rounding;
    let period = policy.period();
    let unit =
        period.checked_mul(100_000_000).and_then(|unit| u64::try_from(unit).ok()).ok_or(InterestError::TooLarge)?;
    let mut growth =
        Growth { unit, months: 0, power: Long::of(1), compounded: Long::default(), fresh: Long::default() };
    let count = |day: Day| policy.policy.day_count.days(origin, day);
    let mut month = begin.plus_days(MONTH).unwrap_or(Day::MAX);
    let mut segments = Vec::new();
    let mut before = 0_i128;
    for run in runs {
        let mut after = run.after;
        while after < run.until {
            while month <= after {
                growth.compound()?;
                month = month.plus_days(MONTH).unwrap_or(Day::MAX);
            }
            let until = run.until.min(month);
            let days = count(until).saturating_sub(count(after));
            let rate = u64::try_from(i64::from(days).saturating_mul(run.rate)).unwrap_or(0);
            growth.add(run.balance, rate);
            let accrued = growth.accrued(rounding).ok_or(InterestError::TooLarge)?;
            segments.push(Segment {
                from: after.plus_days(1).unwrap_or(until),
                until,
                days,
                balance: run.balance,
                compounded: minor(growth.earlier(rounding))?,
                percent: Exact::new(i128::from(run.rate), PERCENT_DIGITS),
                part: Ratio::new(i128::from(days), period).unwrap_or(Ratio::ZERO),
                amount: minor(accrued.checked_sub(before))?,
            });
            before = accrued;
            after = until;
        }
    }
    Ok(segments)
}
