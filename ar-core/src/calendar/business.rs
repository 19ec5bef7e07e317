//! Is this a working day, and to which one does a date roll? For due dates and reply times.

use serde::{Deserialize, Serialize};

use super::{CalendarError, Day, Weekday};

/// The days on which nobody works, as data: no holiday is built in.
///
/// ```
/// use ar_core::calendar::{BusinessCalendar, Day, Roll};
/// let calendar = BusinessCalendar { holidays: vec![Day::parse("2026-04-06").unwrap()], ..Default::default() };
/// let calendar = calendar.compile().unwrap();
/// let saturday = Day::parse("2026-04-04").unwrap();
/// assert_eq!(calendar.roll(saturday, Roll::Following), Day::parse("2026-04-07").ok());
/// assert_eq!(calendar.roll(saturday, Roll::Preceding), Day::parse("2026-04-03").ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(description = "The days on which nobody works, as data: no holiday is built in.")
)]
#[serde(default, deny_unknown_fields)]
pub struct BusinessCalendar {
    /// Days of the week without work; Saturday and Sunday unless stated. May be empty, but not all seven.
    pub weekend: Vec<Weekday>,
    /// Single days without work, in any order.
    pub holidays: Vec<Day>,
}

impl Default for BusinessCalendar {
    fn default() -> Self {
        Self { weekend: vec![Weekday::Saturday, Weekday::Sunday], holidays: Vec::new() }
    }
}

/// Where a date goes that is no business day.
///
/// **Source**: ISDA 2006 Definitions, section 4.12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(description = "Where a date goes that is no business day."))]
#[serde(rename_all = "snake_case")]
pub enum Roll {
    /// It stays.
    #[default]
    None,
    /// To the next business day.
    Following,
    /// To the business day before.
    Preceding,
    /// To the next business day, but to the one before when the next is in another month.
    ModifiedFollowing,
    /// To the business day before, but to the next when the one before is in another month.
    ModifiedPreceding,
}

/// A [`BusinessCalendar`] proven to have business days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompiledCalendar {
    /// Bit 0 is Monday.
    weekend: u8,
    /// Sorted, each once, those on a weekend left out.
    holidays: Vec<Day>,
}

impl BusinessCalendar {
    /// Proves that some day of the week is a business day, and sorts the holidays.
    ///
    /// **Errors**: `policy_invalid` when the weekend has all seven days.
    pub fn compile(&self) -> Result<CompiledCalendar, CalendarError> {
        let weekend = self.weekend.iter().fold(0, |bits, weekday| bits | weekday.bit());
        if weekend == Weekday::ALL {
            return Err(CalendarError::NoBusinessDay);
        }
        let mut holidays = self.holidays.clone();
        // One on a weekend takes no work from anybody.
        holidays.retain(|day| weekend & day.weekday().bit() == 0);
        holidays.sort_unstable();
        holidays.dedup();
        Ok(CompiledCalendar { weekend, holidays })
    }
}

impl Weekday {
    const ALL: u8 = 0b111_1111;

    const fn bit(self) -> u8 {
        match self {
            Self::Monday => 1,
            Self::Tuesday => 1 << 1,
            Self::Wednesday => 1 << 2,
            Self::Thursday => 1 << 3,
            Self::Friday => 1 << 4,
            Self::Saturday => 1 << 5,
            Self::Sunday => 1 << 6,
        }
    }
}

impl CompiledCalendar {
    /// Whether the day is neither weekend nor holiday.
    #[must_use]
    pub fn is_business_day(&self, day: Day) -> bool {
        self.weekend & day.weekday().bit() == 0 && self.holidays.binary_search(&day).is_err()
    }

    /// Where the day goes; a business day stays where it is, under every convention.
    ///
    /// **Errors**: `None` when there is no business day left before year 1 or after year 9999.
    #[must_use]
    pub fn roll(&self, day: Day, roll: Roll) -> Option<Day> {
        match roll {
            Roll::None => Some(day),
            Roll::Following => self.nearest(day, 1),
            Roll::Preceding => self.nearest(day, -1),
            Roll::ModifiedFollowing => self.within_month(day, 1),
            Roll::ModifiedPreceding => self.within_month(day, -1),
        }
    }

    /// The business day this many after the day, which itself does not count; 0 gives the day back, negative counts
    /// go backwards.
    ///
    /// **Errors**: `None` when there are not so many within years 1 to 9999.
    ///
    /// ```
    /// use ar_core::calendar::{BusinessCalendar, Day};
    /// let calendar = BusinessCalendar::default().compile().unwrap();
    /// let friday = Day::parse("2026-05-01").unwrap();
    /// assert_eq!(calendar.plus_business_days(friday, 1), Day::parse("2026-05-04").ok());
    /// assert_eq!(calendar.plus_business_days(friday, -5), Day::parse("2026-04-24").ok());
    /// ```
    #[must_use]
    pub fn plus_business_days(&self, day: Day, count: i32) -> Option<Day> {
        let mut day = day;
        for _ in 0..count.unsigned_abs() {
            day = self.nearest(day.plus_days(count.signum())?, count.signum())?;
        }
        Some(day)
    }

    /// How many business days one day is after another: the most for which [`Self::plus_business_days`] leads no further.
    ///
    /// **Edges**: the day from which is counted does not count, the other does; before it the number is below zero.
    ///
    /// ```
    /// use ar_core::calendar::{BusinessCalendar, Day};
    /// let calendar = BusinessCalendar::default().compile().unwrap();
    /// let days = |day: &str| calendar.business_days_since(Day::parse("2026-05-02").unwrap(), Day::parse(day).unwrap());
    /// // From a Saturday: the Sunday after it, the Monday, and the Friday before.
    /// assert_eq!((days("2026-05-03"), days("2026-05-04"), days("2026-05-01")), (0, 1, -1));
    /// ```
    #[must_use]
    pub fn business_days_since(&self, from: Day, day: Day) -> i32 {
        if day >= from {
            return self.business_days_up_to(from, day);
        }
        let between = from.plus_days(-1).map_or(0, |before| self.business_days_up_to(day, before));
        between.saturating_add(1).saturating_neg()
    }

    /// The business days after a day, up to one that is not before it.
    fn business_days_up_to(&self, after: Day, to: Day) -> i32 {
        let (weeks, rest) = (to.days_since(after).div_euclid(7), to.days_since(after).rem_euclid(7));
        let works = |day: Day| self.weekend & day.weekday().bit() == 0;
        let of_a_week = 7_u32.saturating_sub(self.weekend.count_ones());
        let of_rest = (0..rest).filter(|ago| to.plus_days(ago.saturating_neg()).is_some_and(works)).count();
        let holidays = |last: Day| self.holidays.partition_point(|day| *day <= last);
        let off = holidays(to).saturating_sub(holidays(after));
        let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        let whole = weeks.saturating_mul(i32::try_from(of_a_week).unwrap_or(0));
        whole.saturating_add(number(of_rest)).saturating_sub(number(off))
    }

    fn nearest(&self, mut day: Day, step: i32) -> Option<Day> {
        while !self.is_business_day(day) {
            day = day.plus_days(step)?;
        }
        Some(day)
    }

    fn within_month(&self, day: Day, step: i32) -> Option<Day> {
        match self.nearest(day, step) {
            Some(rolled) if rolled.month_index() == day.month_index() => Some(rolled),
            _ => self.nearest(day, step.checked_neg()?),
        }
    }
}
