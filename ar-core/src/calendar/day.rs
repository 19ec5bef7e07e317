//! Which civil date is this? For every fact and every view.

use core::fmt;

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::money::quoted;

/// A civil date from 0001-01-01 to 9999-12-31, kept as days since 1970-01-01.
///
/// **Unit**: whole days; the number is the same as Arrow's Date32. **Source**: ISO 8601, proleptic Gregorian.
///
/// ```
/// use ar_core::calendar::Day;
/// let day = Day::parse("2024-01-31").unwrap();
/// assert_eq!(day.plus_months(1).unwrap().to_string(), "2024-02-29");
/// assert_eq!(day.plus_days(30).unwrap().to_string(), "2024-03-01");
/// assert_eq!(Day::parse("2023-02-29").unwrap_err().code(), "impossible_date");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the seven names say all")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// Why a date was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The text is no date of the calendar written `YYYY-MM-DD`.
    #[error("expected a date such as `2024-02-29`, got `{got}`")]
    NotADate {
        /// The text, cut to 64 bytes.
        got: String,
    },
    /// Year, month and day make no date.
    #[error("expected a date of years 1 to 9999, got year {year}, month {month}, day {day}")]
    NoSuchDay {
        /// The year that came.
        year: i32,
        /// The month that came.
        month: u32,
        /// The day that came.
        day: u32,
    },
    /// The number of days is outside years 1 to 9999.
    #[error("expected a day from -719162 (0001-01-01) to 2932896 (9999-12-31), got {got}")]
    OutOfRange {
        /// The number that came.
        got: i32,
    },
    /// Every day of the week is weekend.
    #[error("expected a weekend of at most six days, got all seven")]
    NoBusinessDay,
}

impl CalendarError {
    /// The stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotADate { .. } | Self::NoSuchDay { .. } | Self::OutOfRange { .. } => "impossible_date",
            Self::NoBusinessDay => "policy_invalid",
        }
    }
}

impl Day {
    /// 0001-01-01.
    pub const MIN: Self = Self(-719_162);
    /// 9999-12-31.
    pub const MAX: Self = Self(2_932_896);

    /// The day this many days after 1970-01-01.
    ///
    /// **Errors**: `impossible_date` outside years 1 to 9999.
    pub const fn new(number: i32) -> Result<Self, CalendarError> {
        if number < Self::MIN.0 || number > Self::MAX.0 {
            return Err(CalendarError::OutOfRange { got: number });
        }
        Ok(Self(number))
    }

    /// The day with this year, month and day of the month.
    ///
    /// **Errors**: `impossible_date`.
    ///
    /// ```
    /// use ar_core::calendar::Day;
    /// assert_eq!(Day::from_ymd(2024, 2, 29).unwrap().ymd(), (2024, 2, 29));
    /// assert!(Day::from_ymd(1900, 2, 29).is_err());
    /// ```
    pub const fn from_ymd(year: i32, month: u32, day: u32) -> Result<Self, CalendarError> {
        if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) {
            return Err(CalendarError::NoSuchDay { year, month, day });
        }
        Ok(Self(number_of(year, month, day)))
    }

    /// Reads `YYYY-MM-DD`: four digits, two, two, nothing else.
    ///
    /// **Errors**: `impossible_date`.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        let refused = || CalendarError::NotADate { got: quoted(text) };
        let number = |digits: &[u8]| -> Option<u32> {
            digits.iter().try_fold(0_u32, |number, byte| {
                let digit = byte.checked_sub(b'0').filter(|digit| *digit <= 9)?;
                number.checked_mul(10)?.checked_add(u32::from(digit))
            })
        };
        let &[a, b, c, d, b'-', e, f, b'-', g, h] = text.as_bytes() else {
            return Err(refused());
        };
        let (Some(year), Some(month), Some(day)) = (number(&[a, b, c, d]), number(&[e, f]), number(&[g, h])) else {
            return Err(refused());
        };
        let year = i32::try_from(year).map_err(|_| refused())?;
        Self::from_ymd(year, month, day).map_err(|_| refused())
    }

    /// Days since 1970-01-01, as in Arrow's Date32.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// Year, month from 1 to 12, day of the month from 1 to 31.
    #[must_use]
    pub const fn ymd(self) -> (i32, u32, u32) {
        civil_of(self.0)
    }

    /// So many days later (earlier when negative); `None` outside years 1 to 9999.
    #[must_use]
    pub const fn plus_days(self, days: i32) -> Option<Self> {
        match self.0.checked_add(days) {
            Some(number) if number >= Self::MIN.0 && number <= Self::MAX.0 => Some(Self(number)),
            _ => None,
        }
    }

    /// So many calendar months later (earlier when negative); `None` outside years 1 to 9999.
    ///
    /// **Edges**: the day of the month stays, or becomes the last of a shorter month (31 January + 1 month is
    /// 28 or 29 February).
    #[must_use]
    pub const fn plus_months(self, months: i32) -> Option<Self> {
        let (_, _, day) = self.ymd();
        match self.month_index().checked_add(months) {
            Some(index) => Self::in_month(index, day),
            None => None,
        }
    }

    /// The day of this number in the month of this index (see [`month_index`](Self::month_index)), or its last day when
    /// the month is shorter; `None` outside years 1 to 9999 or when the day is 0.
    #[must_use]
    pub const fn in_month(month_index: i32, day: u32) -> Option<Self> {
        let year = month_index.div_euclid(12);
        let month = month_index.rem_euclid(12).cast_unsigned().saturating_add(1);
        if year < 1 || year > 9999 || day < 1 {
            return None;
        }
        let last = days_in_month(year, month);
        Some(Self(number_of(year, month, if day < last { day } else { last })))
    }

    /// How many days this day is after another: negative when it is before.
    #[must_use]
    pub const fn days_since(self, earlier: Self) -> i32 {
        // Both lie within 3,652,059 days, so that the difference always fits.
        self.0.saturating_sub(earlier.0)
    }

    /// The last day of this month.
    #[must_use]
    pub const fn end_of_month(self) -> Self {
        let (year, month, _) = self.ymd();
        Self(number_of(year, month, days_in_month(year, month)))
    }

    /// The first day of this month.
    #[must_use]
    pub const fn start_of_month(self) -> Self {
        let (year, month, _) = self.ymd();
        Self(number_of(year, month, 1))
    }

    /// The month counted through the years: `year × 12 + month − 1`.
    #[must_use]
    pub const fn month_index(self) -> i32 {
        let (year, month, _) = self.ymd();
        // At most 9999 × 12 + 11.
        year.saturating_mul(12).saturating_add(month.cast_signed()).saturating_sub(1)
    }

    /// The day of the week.
    #[must_use]
    pub const fn weekday(self) -> Weekday {
        // 1970-01-01 was a Thursday, and 1969-12-29 the Monday before.
        match self.0.saturating_add(3).rem_euclid(7) {
            0 => Weekday::Monday,
            1 => Weekday::Tuesday,
            2 => Weekday::Wednesday,
            3 => Weekday::Thursday,
            4 => Weekday::Friday,
            5 => Weekday::Saturday,
            _ => Weekday::Sunday,
        }
    }

    /// Whether the year has 366 days.
    #[must_use]
    pub const fn is_leap_year(self) -> bool {
        leap(self.ymd().0)
    }

    /// The same date in chrono's type.
    #[must_use]
    pub fn to_naive_date(self) -> NaiveDate {
        let (year, month, day) = self.ymd();
        // Chrono's range is wider, so that the fallback is never taken.
        NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
    }
}

const fn leap(year: i32) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

/// Days of a month from 1 to 12; any other number has none.
const fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap(year) => 29,
        2 => 28,
        _ => 0,
    }
}

/// Days from 0000-03-01 to 1970-01-01: years are counted from March, so that the leap day ends a year.
const MARCH_OF_YEAR_ZERO: i32 = 719_468;
/// Days of 400 years, after which the calendar repeats.
const CYCLE: i32 = 146_097;

/// The number of a valid date.
#[expect(clippy::arithmetic_side_effects, reason = "callers prove years 1 to 9999, months 1 to 12 and days 1 to 31")]
const fn number_of(year: i32, month: u32, day: u32) -> i32 {
    let from_march = month.cast_signed() - 3;
    let year = if from_march < 0 { year - 1 } else { year };
    // Months from March have 31, 30, 31, 30, 31 days, twice and once more begun: 153 days each five months.
    let day_of_year = (153 * from_march.rem_euclid(12) + 2) / 5 + day.cast_signed() - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - MARCH_OF_YEAR_ZERO
}

/// Year, month and day of a valid number.
#[expect(clippy::arithmetic_side_effects, reason = "a Day lies within years 1 to 9999, below 2^22 days")]
const fn civil_of(number: i32) -> (i32, u32, u32) {
    let days = number + MARCH_OF_YEAR_ZERO;
    let cycle = days / CYCLE;
    let day_of_cycle = days % CYCLE;
    // Takes out the leap days of the 4, 100 and 400 years gone by; what is left has years of 365 days.
    let year_of_cycle = (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
    let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let (month, carried) = if from_march < 10 { (from_march + 3, 0) } else { (from_march - 9, 1) };
    (cycle * 400 + year_of_cycle + carried, month.cast_unsigned(), day.cast_unsigned())
}

/// ISO 8601: `YYYY-MM-DD`.
impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl core::str::FromStr for Day {
    type Err = CalendarError;
    fn from_str(text: &str) -> Result<Self, CalendarError> {
        Self::parse(text)
    }
}

impl TryFrom<i32> for Day {
    type Error = CalendarError;
    fn try_from(number: i32) -> Result<Self, CalendarError> {
        Self::new(number)
    }
}

impl From<Day> for i32 {
    fn from(day: Day) -> Self {
        day.0
    }
}

impl TryFrom<NaiveDate> for Day {
    type Error = CalendarError;
    fn try_from(date: NaiveDate) -> Result<Self, CalendarError> {
        Self::from_ymd(date.year(), date.month(), date.day())
    }
}

impl From<Day> for NaiveDate {
    fn from(day: Day) -> Self {
        day.to_naive_date()
    }
}

/// Written as ISO text.
impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Read from ISO text; a date with a time is refused.
impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl serde::de::Visitor<'_> for Reader {
            type Value = Day;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a date as text such as `2024-02-29`")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Day, E> {
                Day::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Reader)
    }
}
