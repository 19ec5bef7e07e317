//! What part of a year lies between two days? For interest and for rates per year.

use serde::{Deserialize, Serialize};

use super::Day;
use crate::money::Ratio;

/// How days are counted against a year.
///
/// The first day counts, the last does not, so that periods that follow one another add up. A period that runs
/// backwards is the negative of the one that runs forwards.
///
/// **Source**: ISDA 2006 Definitions, section 4.16; for [`Thirty360Us`](Self::Thirty360Us) and
/// [`Thirty360German`](Self::Thirty360German) the SIFMA and the German savings-bank rules of February.
///
/// ```
/// use ar_core::calendar::{Day, DayCount};
/// let (from, to) = (Day::parse("2024-01-31").unwrap(), Day::parse("2024-03-31").unwrap());
/// assert_eq!(DayCount::Actual365Fixed.days(from, to), 60);
/// assert_eq!(DayCount::Actual360.fraction(from, to).fraction(), "1/6");
/// assert_eq!(DayCount::ThirtyE360.fraction(from, to).fraction(), "1/6");
/// assert_eq!(DayCount::ActualActualIsda.fraction(from, to).fraction(), "10/61");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum DayCount {
    /// Calendar days ÷ 365, leap year or not (section 4.16(d)).
    #[serde(rename = "actual_365_fixed")]
    Actual365Fixed,
    /// Calendar days ÷ 360 (section 4.16(e)).
    #[serde(rename = "actual_360")]
    Actual360,
    /// Days of leap years ÷ 366 plus the other days ÷ 365 (section 4.16(b)).
    #[serde(rename = "actual_actual_isda")]
    ActualActualIsda,
    /// Months of 30 days, bond basis (section 4.16(f)): a first day 31 becomes 30; a last day 31 becomes 30 when the
    /// first is 30 or 31.
    #[serde(rename = "thirty_360_bond")]
    Thirty360Bond,
    /// Bond basis with the rule of February: a first day that ends February becomes 30, and so does a last day that
    /// ends February when the first did.
    #[serde(rename = "thirty_360_us")]
    Thirty360Us,
    /// Months of 30 days, Eurobond basis (section 4.16(g)): either day 31 becomes 30.
    #[serde(rename = "thirty_e_360")]
    ThirtyE360,
    /// Eurobond basis where either day that ends February becomes 30 as well, also the last one.
    #[serde(rename = "thirty_360_german")]
    Thirty360German,
}

impl DayCount {
    /// The days from one day to another as this convention counts them; negative when `to` is before `from`.
    ///
    /// **Unit**: days; calendar days for the `actual` conventions, days of 30-day months for the others.
    #[must_use]
    pub fn days(self, from: Day, to: Day) -> i32 {
        if to < from {
            return self.days(to, from).saturating_neg();
        }
        match self {
            Self::Actual365Fixed | Self::Actual360 | Self::ActualActualIsda => to.days_since(from),
            Self::Thirty360Bond | Self::Thirty360Us | Self::ThirtyE360 | Self::Thirty360German => {
                let (first, last) = self.thirties(from, to);
                // Both indexes are below 120,000, and both days at most 31.
                to.month_index()
                    .saturating_sub(from.month_index())
                    .saturating_mul(30)
                    .saturating_add(last)
                    .saturating_sub(first)
            }
        }
    }

    /// The part of a year from one day to another, exactly.
    ///
    /// **Rounding**: none. **Edges**: one day to itself is 0.
    #[must_use]
    pub fn fraction(self, from: Day, to: Day) -> Ratio {
        let (numerator, denominator) = match self {
            Self::Actual365Fixed => (i128::from(self.days(from, to)), 365),
            Self::ActualActualIsda => {
                let leap = i128::from(leap_days(from, to));
                let other = i128::from(to.days_since(from)).saturating_sub(leap);
                (leap.saturating_mul(365).saturating_add(other.saturating_mul(366)), 365 * 366)
            }
            _ => (i128::from(self.days(from, to)), 360),
        };
        // The denominator is never zero, so that the fallback is never taken.
        Ratio::new(numerator, denominator).unwrap_or(Ratio::ZERO)
    }

    /// The days of the month by the rules of 30-day months.
    fn thirties(self, from: Day, to: Day) -> (i32, i32) {
        let ends_february = |day: Day| day.ymd().1 == 2 && day == day.end_of_month();
        let day_of = |day: Day| day.ymd().2.cast_signed();
        let (mut first, mut last) = (day_of(from), day_of(to));
        match self {
            Self::Thirty360German => {
                first = if ends_february(from) { 30 } else { first.min(30) };
                last = if ends_february(to) { 30 } else { last.min(30) };
            }
            Self::ThirtyE360 => {
                first = first.min(30);
                last = last.min(30);
            }
            _ => {
                if self == Self::Thirty360Us && ends_february(from) {
                    first = 30;
                    if ends_february(to) {
                        last = 30;
                    }
                }
                if first >= 30 {
                    first = 30;
                    last = last.min(30);
                }
            }
        }
        (first, last)
    }
}

/// How many of the days from one day (included) to another (not) lie in leap years; negative when it runs backwards.
fn leap_days(from: Day, to: Day) -> i32 {
    leap_days_until(to).saturating_sub(leap_days_until(from))
}

/// The days in leap years from 0001-01-01 up to a day, the day not included.
fn leap_days_until(day: Day) -> i32 {
    let (year, _, _) = day.ymd();
    let before = year.saturating_sub(1);
    let leap_years = (before / 4).saturating_sub(before / 100).saturating_add(before / 400);
    let this_year = match Day::from_ymd(year, 1, 1) {
        Ok(first) if day.is_leap_year() => day.days_since(first),
        _ => 0,
    };
    leap_years.saturating_mul(366).saturating_add(this_year)
}
