//! Which days does a period have? Calendar months counted back from a day, the end of a month from the end of a month.

use super::policy::MonthDays;
use crate::calendar::Day;
use crate::problem::{Problem, Refused};

/// Periods before a day, the latest first: period k is the days after `ends[k + 1]` up to and with `ends[k]`.
#[derive(Debug, Clone)]
pub(super) struct Periods {
    /// Falling days, the day itself first.
    ends: Vec<i32>,
    /// By day after the last of them its period.
    of_day: Vec<u16>,
    /// The first of those days.
    first: i64,
    days: MonthDays,
}

/// The day so many months before: the end of that month when the day is the end of its own.
pub(super) fn months_before(day: Day, months: u32) -> Result<Day, Refused> {
    let back = i32::try_from(months).ok().and_then(i32::checked_neg).and_then(|back| day.plus_months(back));
    let Some(back) = back else {
        let reason = format!("expected a day with {months} months before it, got {day}");
        return Err(Problem::new("impossible_date", reason).field("months").into());
    };
    Ok(if day == day.end_of_month() { back.end_of_month() } else { back })
}

impl Periods {
    /// So many periods before a day.
    pub(super) fn before(day: Day, months: u32, days: MonthDays) -> Result<Self, Refused> {
        let ends =
            (0..=months).map(|back| Ok(months_before(day, back)?.number())).collect::<Result<Vec<i32>, Refused>>()?;
        let mut of_day = Vec::new();
        for (period, pair) in (0_u16..).zip(ends.windows(2)) {
            if let [last, before] = pair {
                of_day.extend((*before..*last).map(|_| period));
            }
        }
        of_day.reverse();
        let first = ends.last().map_or(0, |end| i64::from(*end).saturating_add(1));
        Ok(Self { ends, of_day, first, days })
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.ends.len().saturating_sub(1)
    }

    /// The period of a day; their count for one before all of them, none for one after.
    pub(super) fn of(&self, day: i32) -> Option<usize> {
        match usize::try_from(i64::from(day).saturating_sub(self.first)) {
            Ok(after) => self.of_day.get(after).copied().map(usize::from),
            Err(_) => Some(self.count()),
        }
    }

    /// The last day of a period; of the one after the last, the day before all of them.
    pub(super) fn end(&self, period: usize) -> i32 {
        self.ends.get(period).or(self.ends.last()).copied().unwrap_or(0)
    }

    /// How many days a period has.
    pub(super) fn days_of(&self, period: usize) -> i128 {
        match self.days {
            MonthDays::Thirty => 30,
            MonthDays::Calendar => {
                i128::from(self.end(period)).saturating_sub(i128::from(self.end(period.saturating_add(1))))
            }
        }
    }

    /// How many days the first so many periods have.
    pub(super) fn days(&self, periods: usize) -> i128 {
        (0..periods).fold(0, |sum: i128, period| sum.saturating_add(self.days_of(period)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_month_stays_the_end_of_a_month() {
        let periods = Periods::before(Day::parse("2026-02-28").unwrap(), 3, MonthDays::Calendar).unwrap();
        let ends: Vec<String> = periods.ends.iter().map(|end| Day::new(*end).unwrap().to_string()).collect();
        assert_eq!(ends, ["2026-02-28", "2026-01-31", "2025-12-31", "2025-11-30"]);
        assert_eq!((periods.days(3), periods.days_of(1)), (90, 31));
        let of = |day: &str| periods.of(Day::parse(day).unwrap().number());
        assert_eq!(
            [of("2026-02-28"), of("2026-02-01"), of("2026-01-31"), of("2025-12-01")],
            [Some(0), Some(0), Some(1), Some(2)]
        );
        assert_eq!([of("2025-11-30"), of("2026-03-01")], [Some(3), None]);
    }

    #[test]
    fn another_day_stays_that_day_or_the_last_of_a_shorter_month() {
        let day = Day::parse("2026-03-30").unwrap();
        assert_eq!(months_before(day, 1).unwrap().to_string(), "2026-02-28");
        assert_eq!(months_before(day, 2).unwrap().to_string(), "2026-01-30");
        assert_eq!(months_before(Day::parse("0001-01-31").unwrap(), 1).unwrap_err().code(), "impossible_date");
    }
}
