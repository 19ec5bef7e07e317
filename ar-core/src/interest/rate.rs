//! Which rate does a debt bear on a day? Contractual rates float with their table; a reference rate is locked, floats, or is
//! that of each payment.
//!
//! **Source**: Directive 2011/7/EU, article 2(7) (the rate of 1 January and 1 July); SI 2002/1675, article 4 (that of 31
//! December and 30 June); 5 CFR 1315.10(a)(4) (that of the day after the due date).

use super::compile::CompiledInterest;
use super::error::InterestError;
use super::policy::{ReferencePeriods, ReferenceRule};
use crate::calendar::Day;

impl CompiledInterest {
    /// The rate that holds on a day, margin included and never below zero, in millionths of a per cent.
    ///
    /// **Edges**: a rate holds from its own day on. **Errors**: `rate_missing` before the first.
    pub(crate) fn rate_on(&self, day: Day) -> Result<i64, InterestError> {
        let decisive = self.decisive(day);
        let known = self.rates.partition_point(|(from, _)| *from <= decisive);
        match known.checked_sub(1).and_then(|at| self.rates.get(at)) {
            Some((_, percent)) => Ok(percent.saturating_add(self.margin).max(0)),
            None => Err(InterestError::RateMissing {
                field: self.field,
                day: decisive,
                first: self.rates.first().map_or(decisive, |(from, _)| *from),
            }),
        }
    }

    /// The day whose published rate counts on a day.
    fn decisive(&self, day: Day) -> Day {
        let (year, month, _) = day.ymd();
        let half_year = Day::from_ymd(year, if month < 7 { 1 } else { 7 }, 1).unwrap_or(day);
        match self.periods {
            ReferencePeriods::AsListed => day,
            ReferencePeriods::HalfYear => half_year,
            // Before the first day of the calendar there is no rate either.
            ReferencePeriods::HalfYearBefore => half_year.plus_days(-1).unwrap_or(half_year),
        }
    }

    /// The days of interest after one day up to another, in runs of one rate: the last day of each run, and its rate.
    ///
    /// `first` is the first day of interest of the debt, `last` the last.
    pub(super) fn rate_runs(
        &self,
        after: Day,
        until: Day,
        first: Day,
        last: Day,
    ) -> Result<Vec<(Day, i64)>, InterestError> {
        match self.rule {
            ReferenceRule::Locked => Ok(vec![(until, self.rate_on(first)?)]),
            ReferenceRule::AtPayment => Ok(vec![(until, self.rate_on(last)?)]),
            ReferenceRule::Floating => {
                let mut runs: Vec<(Day, i64)> = Vec::new();
                let mut begin = after.plus_days(1).unwrap_or(until);
                while begin <= until {
                    let rate = self.rate_on(begin)?;
                    let end =
                        self.change_after(begin).and_then(|day| day.plus_days(-1)).map_or(until, |day| day.min(until));
                    match runs.last_mut() {
                        Some((held, same)) if *same == rate => *held = end,
                        _ => runs.push((end, rate)),
                    }
                    match end.plus_days(1) {
                        Some(next) => begin = next,
                        None => break,
                    }
                }
                Ok(runs)
            }
        }
    }

    /// The first day after a day on which another published rate may count.
    fn change_after(&self, day: Day) -> Option<Day> {
        if self.periods == ReferencePeriods::AsListed {
            let next = self.rates.partition_point(|(from, _)| *from <= day);
            return self.rates.get(next).map(|(from, _)| *from);
        }
        // Past the last rate there is nothing more to change.
        let (last, _) = self.rates.last()?;
        if self.decisive(day) >= *last {
            return None;
        }
        let (year, month, _) = day.ymd();
        let (year, month) = if month < 7 { (year, 7) } else { (year.saturating_add(1), 1) };
        Day::from_ymd(year, month, 1).ok()
    }
}
