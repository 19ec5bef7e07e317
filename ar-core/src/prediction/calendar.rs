//! On which days can this ledger's customers pay, and how many such days lie between two dates?
//!
//! A **banking day** is a day of the week on which this ledger's customers pay at all, and no holiday. The holidays are
//! an input; the days of the week may be learnt from the payments known so far.

/// Days a book may span; a fact outside them takes no part.
///
/// From 1900-01-01 to 2199-12-31, as days since 1970-01-01.
pub(crate) const FIRST_DAY: i32 = -25_567;
pub(crate) const LAST_DAY: i32 = 84_005;
/// How far the tables go beyond the first and last date of a book.
const MARGIN: i32 = 1_500;

/// Banking days, counted, over the span of a book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankingDays {
    low: i32,
    /// Of each day of the span: how many banking days there are up to and including it.
    ordinal: Vec<i32>,
    days: Vec<i32>,
    day_of_month: Vec<u8>,
    to_month_end: Vec<u8>,
}

/// Monday is 0.
pub(crate) fn weekday(day: i32) -> usize {
    day.saturating_add(3).rem_euclid(7) as usize
}

impl BankingDays {
    /// `open_weekdays`: Monday first. A week without any is a week of seven.
    #[must_use]
    pub fn new(first: i32, last: i32, open_weekdays: [bool; 7], holidays: &[i32]) -> Self {
        let low = first.clamp(FIRST_DAY, LAST_DAY).saturating_sub(MARGIN);
        let high = last.clamp(FIRST_DAY, LAST_DAY).saturating_add(MARGIN);
        let open_weekdays = if open_weekdays.contains(&true) { open_weekdays } else { [true; 7] };
        let mut holidays = holidays.to_vec();
        holidays.sort_unstable();
        let (mut ordinal, mut days, mut day_of_month, mut to_month_end) = (vec![], vec![], vec![], vec![]);
        for day in low..=high {
            let open = open_weekdays.get(weekday(day)).copied().unwrap_or(true);
            if open && holidays.binary_search(&day).is_err() {
                days.push(day);
            }
            ordinal.push(days.len() as i32);
            let (of_month, left) = crate::calendar::Day::new(day)
                .map_or((1, 0), |day| (day.ymd().2 as u8, day.end_of_month().days_since(day) as u8));
            day_of_month.push(of_month);
            to_month_end.push(left);
        }
        if days.is_empty() {
            days.push(high);
        }
        Self { low, ordinal, days, day_of_month, to_month_end }
    }

    #[inline]
    fn at<T: Copy + Default>(&self, table: &[T], day: i32) -> T {
        let place = day.saturating_sub(self.low).clamp(0, table.len().saturating_sub(1) as i32);
        table.get(place as usize).copied().unwrap_or_default()
    }

    /// The place of the banking day that is this day, or the next one after it.
    #[must_use]
    pub fn place(&self, day: i32) -> i32 {
        self.at(&self.ordinal, day.saturating_sub(1))
    }

    /// The place of the banking day that is this day, or the last one before it.
    #[must_use]
    pub fn place_before(&self, day: i32) -> i32 {
        self.at(&self.ordinal, day).saturating_sub(1).max(0)
    }

    /// The first place whose day is after this one; none is after the last day.
    #[inline]
    pub(crate) fn place_after(&self, day: i32) -> i32 {
        if self.days.last().is_some_and(|last| *last <= day) { i32::MAX } else { self.at(&self.ordinal, day) }
    }

    /// How many places there are.
    pub(crate) fn places(&self) -> usize {
        self.days.len()
    }

    /// The banking day at a place.
    #[must_use]
    pub fn day(&self, place: i32) -> i32 {
        let place = place.clamp(0, self.days.len().saturating_sub(1) as i32);
        self.days.get(place as usize).copied().unwrap_or_default()
    }

    /// Banking days from the due day to the day of payment, both rolled forward: negative when paid early.
    #[must_use]
    pub fn steps(&self, due: i32, cleared: i32) -> i32 {
        self.place(cleared).saturating_sub(self.place(due))
    }

    pub(crate) fn day_of_month(&self, day: i32) -> u8 {
        self.at(&self.day_of_month, day)
    }

    pub(crate) fn to_month_end(&self, day: i32) -> u8 {
        self.at(&self.to_month_end, day)
    }
}

/// The days of the week of at least 1 in 50 of these days, on which a customer paid; those from Monday to Friday before there are fifty.
#[must_use]
pub fn open_weekdays(cleared: impl Iterator<Item = i32>) -> [bool; 7] {
    let mut counts = [0_u64; 7];
    for day in cleared {
        if let Some(count) = counts.get_mut(weekday(day)) {
            *count = count.saturating_add(1);
        }
    }
    let all: u64 = counts.iter().sum();
    if all < 50 {
        return [true, true, true, true, true, false, false];
    }
    counts.map(|count| count.saturating_mul(50) >= all)
}
