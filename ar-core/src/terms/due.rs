//! Which day follows from a step? For due dates and their reasons.

use super::error::TermsError;
use super::policy::{CutoffBand, DayOfMonth, DueStep, NextDate};
use crate::calendar::{CompiledCalendar, Day};

/// Ranges of the numbers in steps.
const DAYS: i32 = 36_525;
const BUSINESS_DAYS: i32 = 2_600;
const MONTHS: i32 = 1_200;
const QUARTERS: i32 = 400;
/// The most steps in one list.
const STEPS: usize = 16;

impl DueStep {
    /// The stable id of the rule, for reasons.
    pub(super) const fn rule(&self) -> &'static str {
        match self {
            Self::Days(_) => "terms.days",
            Self::BusinessDays(_) => "terms.business_days",
            Self::Months(_) => "terms.months",
            Self::EndOfMonth(_) => "terms.end_of_month",
            Self::EndOfQuarter(_) => "terms.end_of_quarter",
            Self::DayOfMonth(_) => "terms.day_of_month",
            Self::Cutoff(_) => "terms.cutoff",
            Self::PaymentDays(_) => "terms.payment_days",
            Self::Weekday(_) => "terms.weekday",
            Self::NextDate(_) => "terms.next_date",
            Self::Date(_) => "terms.date",
        }
    }

    /// The day the step leads to; `None` out of years 1 to 9999.
    pub(super) fn apply(&self, day: Day, calendar: &CompiledCalendar) -> Option<Day> {
        match self {
            Self::Days(days) => day.plus_days(*days),
            Self::BusinessDays(count) => calendar.plus_business_days(day, *count),
            Self::Months(months) => day.plus_months(*months),
            Self::EndOfMonth(months) => in_later_month(day, *months, 31),
            Self::EndOfQuarter(quarters) => {
                // Months count from 0 for January, so that 2 is the last of the first quarter.
                let to_end = 2_i32.checked_sub(day.month_index().checked_rem_euclid(3)?)?;
                in_later_month(day, quarters.checked_mul(3)?.checked_add(to_end)?, 31)
            }
            Self::DayOfMonth(rule) => in_later_month(day, rule.months, rule.day),
            Self::Cutoff(bands) => {
                let (_, _, today) = day.ymd();
                let band = bands.iter().find(|band| today <= band.up_to)?;
                in_later_month(day, band.months, band.day)
            }
            Self::PaymentDays(days) => {
                let here = days.iter().filter_map(|number| Day::in_month(day.month_index(), *number));
                let next = days.first().and_then(|number| in_later_month(day, 1, *number));
                here.chain(next).find(|candidate| *candidate >= day)
            }
            Self::Weekday(wanted) => {
                (0..7).filter_map(|days| day.plus_days(days)).find(|candidate| candidate.weekday() == *wanted)
            }
            Self::NextDate(date) => {
                let (year, _, _) = day.ymd();
                [year, year.saturating_add(1)]
                    .into_iter()
                    .filter_map(|year| {
                        Day::in_month(year.saturating_mul(12).saturating_add(date.month_offset()), date.day)
                    })
                    .find(|candidate| *candidate >= day)
            }
            Self::Date(date) => Some(*date),
        }
    }
}

impl NextDate {
    /// 0 for January; proven to be 1 to 12 before.
    const fn month_offset(self) -> i32 {
        self.month.cast_signed().saturating_sub(1)
    }
}

fn in_later_month(day: Day, months: i32, number: u32) -> Option<Day> {
    Day::in_month(day.month_index().checked_add(months)?, number)
}

/// Proves a list of steps well-formed.
pub(super) fn check_steps(steps: &[DueStep], path: &str) -> Result<(), TermsError> {
    if steps.len() > STEPS {
        return Err(TermsError::invalid(path, format!("at most {STEPS} steps"), steps.len()));
    }
    for (index, step) in steps.iter().enumerate() {
        check_step(step, &format!("{path}[{index}]"))?;
    }
    Ok(())
}

fn check_step(step: &DueStep, path: &str) -> Result<(), TermsError> {
    match step {
        DueStep::Days(days) => within(*days, -DAYS, DAYS, || format!("{path}.days")),
        DueStep::BusinessDays(count) => within(*count, 1, BUSINESS_DAYS, || format!("{path}.business_days")),
        DueStep::Months(months) => within(*months, -MONTHS, MONTHS, || format!("{path}.months")),
        DueStep::EndOfMonth(months) => within(*months, -MONTHS, MONTHS, || format!("{path}.end_of_month")),
        DueStep::EndOfQuarter(quarters) => within(*quarters, -QUARTERS, QUARTERS, || format!("{path}.end_of_quarter")),
        DueStep::DayOfMonth(DayOfMonth { day, months }) => {
            within(*day, 1, 31, || format!("{path}.day_of_month.day"))?;
            within(*months, -MONTHS, MONTHS, || format!("{path}.day_of_month.months"))
        }
        DueStep::Cutoff(bands) => check_bands(bands, &format!("{path}.cutoff")),
        DueStep::PaymentDays(days) => {
            let path = format!("{path}.payment_days");
            if days.is_empty() {
                return Err(TermsError::invalid(path, "at least one day of the month", "none"));
            }
            let mut before = 0;
            for day in days {
                within(*day, 1, 31, || path.clone())?;
                if *day <= before {
                    let expected = format!("a day after {before}");
                    return Err(TermsError::invalid(path, expected, day));
                }
                before = *day;
            }
            Ok(())
        }
        DueStep::NextDate(NextDate { month, day }) => {
            within(*month, 1, 12, || format!("{path}.next_date.month"))?;
            let longest = match month {
                2 => 29,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            within(*day, 1, longest, || format!("{path}.next_date.day"))
        }
        DueStep::Weekday(_) | DueStep::Date(_) => Ok(()),
    }
}

/// Bands cover the month, and later days go to later days: from band to band, and from one month's last band to the next
/// month's first.
fn check_bands(bands: &[CutoffBand], path: &str) -> Result<(), TermsError> {
    let mut before: Option<&CutoffBand> = None;
    for (index, band) in bands.iter().enumerate() {
        let here = |field: &str| format!("{path}[{index}].{field}");
        within(band.up_to, 1, 31, || here("up_to"))?;
        within(band.day, 1, 31, || here("day"))?;
        within(band.months, -MONTHS, MONTHS, || here("months"))?;
        if let Some(before) = before {
            if band.up_to <= before.up_to {
                let expected = format!("a band up to a day after {}", before.up_to);
                return Err(TermsError::invalid(path, expected, band.up_to));
            }
            if (band.months, band.day) < (before.months, before.day) {
                let expected = "a date not before that of the band above";
                return Err(TermsError::invalid(path, expected, band.day));
            }
        }
        before = Some(band);
    }
    let (Some(first), Some(last)) = (bands.first(), before) else {
        return Err(TermsError::invalid(path, "at least one band", "none"));
    };
    if last.up_to != 31 {
        return Err(TermsError::invalid(path, "a last band up to 31", last.up_to));
    }
    if (last.months, last.day) > (first.months.saturating_add(1), first.day) {
        return Err(TermsError::invalid(path, "a last band not after the first band of the month to come", last.day));
    }
    Ok(())
}

/// Proves a number to lie between two others, both included.
pub(super) fn within<N: PartialOrd + Copy + core::fmt::Display>(
    number: N,
    least: N,
    most: N,
    path: impl FnOnce() -> String,
) -> Result<(), TermsError> {
    if number < least || number > most {
        return Err(TermsError::invalid(path(), format!("a number from {least} to {most}"), number));
    }
    Ok(())
}
