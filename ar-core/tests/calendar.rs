//! Days: every date of the calendar, against an independent one.
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, reason = "a test that goes wrong may panic")]

use ar_core::calendar::{BusinessCalendar, CompiledCalendar, Day, DayCount, Roll, Weekday};
use chrono::{Datelike as _, NaiveDate};
use proptest::prelude::*;

const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

#[test]
fn every_day_from_year_1_to_9999_round_trips_and_agrees_with_chrono() {
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
    let mut date = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();
    for number in Day::MIN.number()..=Day::MAX.number() {
        let day = Day::new(number).unwrap();
        assert_eq!(day.ymd(), (date.year(), date.month(), date.day()));
        assert_eq!(Day::from_ymd(date.year(), date.month(), date.day()), Ok(day));
        assert_eq!(day.weekday(), WEEK[date.weekday().num_days_from_monday() as usize]);
        assert_eq!(i64::from(number), (date - epoch).num_days());
        date = date.succ_opt().unwrap();
    }
    assert_eq!(date.year(), 10_000);
}

#[test]
fn every_day_of_400_years_is_written_and_read_back() {
    let first = Day::from_ymd(1900, 1, 1).unwrap().number();
    for number in first..first + 146_097 {
        let day = Day::new(number).unwrap();
        let date = day.to_naive_date();
        assert_eq!(day.to_string(), date.to_string());
        assert_eq!(Day::parse(&day.to_string()), Ok(day));
        assert_eq!(Day::try_from(date), Ok(day));
        assert_eq!(day.start_of_month().to_naive_date(), date.with_day(1).unwrap());
        assert_eq!(day.end_of_month().plus_days(1), day.start_of_month().plus_months(1));
        assert_eq!(day.month_index(), date.year() * 12 + date.month0() as i32);
        assert_eq!(day.is_leap_year(), date.leap_year());
    }
}

#[test]
fn months_later_clamp_to_the_end_of_the_month() {
    let first = Day::from_ymd(1999, 12, 1).unwrap().number();
    for number in first..first + 1_500 {
        let day = Day::new(number).unwrap();
        for months in -30_i32..=30 {
            let date = day.to_naive_date();
            let shift = chrono::Months::new(months.unsigned_abs());
            let expected = if months < 0 { date - shift } else { date + shift };
            assert_eq!(day.plus_months(months).map(Day::to_naive_date), Some(expected));
        }
    }
}

#[test]
fn nothing_passes_the_ends_of_the_range() {
    assert_eq!(Day::MIN.to_string(), "0001-01-01");
    assert_eq!(Day::MAX.to_string(), "9999-12-31");
    assert_eq!(Day::MIN.plus_days(-1), None);
    assert_eq!(Day::MAX.plus_days(1), None);
    assert_eq!(Day::MAX.plus_days(i32::MAX), None);
    assert_eq!(Day::MIN.plus_months(-1), None);
    assert_eq!(Day::MAX.plus_months(1), None);
    assert_eq!(Day::MAX.plus_months(i32::MAX), None);
    assert_eq!(Day::MAX.plus_months(i32::MIN), None);
    assert_eq!(Day::MIN.plus_days(Day::MAX.days_since(Day::MIN)), Some(Day::MAX));
    assert!(Day::new(Day::MIN.number() - 1).is_err());
    assert!(Day::new(Day::MAX.number() + 1).is_err());
    assert_eq!(Day::in_month(2024 * 12, 0), None);
}

#[test]
fn text_that_is_no_date_is_refused() {
    for text in [
        "",
        "2024-2-29",
        "2024-02-30",
        "2023-02-29",
        "1900-02-29",
        "2024-13-01",
        "2024-00-01",
        "2024-01-00",
        "0000-01-01",
        "2024-01-01T00:00",
        " 2024-01-01",
        "2024/01/01",
        "-001-01-01",
        "+024-01-01",
        "20240101",
        "２０２４-01-01",
        "10000-01-01",
    ] {
        assert_eq!(Day::parse(text).unwrap_err().code(), "impossible_date", "{text}");
    }
    assert_eq!(Day::from_ymd(2024, u32::MAX, 1).unwrap_err().code(), "impossible_date");
    assert_eq!(Day::from_ymd(i32::MAX, 1, u32::MAX).unwrap_err().code(), "impossible_date");
}

const ROLLS: [Roll; 5] =
    [Roll::None, Roll::Following, Roll::Preceding, Roll::ModifiedFollowing, Roll::ModifiedPreceding];
const COUNTS: [DayCount; 7] = [
    DayCount::Actual365Fixed,
    DayCount::Actual360,
    DayCount::ActualActualIsda,
    DayCount::Thirty360Bond,
    DayCount::Thirty360Us,
    DayCount::ThirtyE360,
    DayCount::Thirty360German,
];

/// Days that lean on month ends, leap days and the turn of years.
fn day() -> impl Strategy<Value = Day> {
    prop_oneof![
        3 => (1996_i32..2030, 0_i32..12, -2_i32..=2)
            .prop_map(|(year, month, off)| Day::in_month(year * 12 + month, 31).unwrap().plus_days(off).unwrap()),
        1 => (9_000_i32..22_000).prop_map(|number| Day::new(number).unwrap()),
        1 => (2_i32..9_998, 0_i32..12, 1_u32..=31).prop_map(|(year, month, day)| Day::in_month(year * 12 + month, day).unwrap()),
    ]
}

fn calendar() -> impl Strategy<Value = CompiledCalendar> {
    let weekend = prop_oneof![
        Just(vec![Weekday::Saturday, Weekday::Sunday]),
        Just(vec![Weekday::Friday, Weekday::Saturday]),
        Just(vec![]),
        Just(vec![
            Weekday::Sunday,
            Weekday::Monday,
            Weekday::Tuesday,
            Weekday::Wednesday,
            Weekday::Thursday,
            Weekday::Friday
        ]),
    ];
    (weekend, prop::collection::vec(day(), 0..40)).prop_map(|(weekend, mut holidays)| {
        // Runs of holidays, some over a month end.
        let runs: Vec<Day> =
            holidays.iter().take(5).flat_map(|day| (1..6).filter_map(|off| day.plus_days(off))).collect();
        holidays.extend(runs);
        BusinessCalendar { weekend, holidays }.compile().unwrap()
    })
}

/// At least so many cases of each property; more by PROPTEST_CASES.
fn depth() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.max(2_000), ..usual }
}

proptest! {
    #![proptest_config(depth())]

    #[test]
    fn a_roll_lands_on_a_business_day_once_and_on_the_side_it_names(calendar in calendar(), day in day()) {
        for roll in ROLLS {
            let Some(rolled) = calendar.roll(day, roll) else { continue };
            if roll == Roll::None {
                prop_assert_eq!(rolled, day);
                continue;
            }
            prop_assert!(calendar.is_business_day(rolled));
            prop_assert_eq!(calendar.roll(rolled, roll), Some(rolled), "a second roll changes nothing");
            let between = (day.min(rolled).number()..day.max(rolled).number()).filter(|number| *number != rolled.number());
            prop_assert!(between.map(|number| Day::new(number).unwrap()).all(|day| !calendar.is_business_day(day)));
            match roll {
                Roll::Following => prop_assert!(rolled >= day),
                Roll::Preceding => prop_assert!(rolled <= day),
                Roll::ModifiedFollowing => prop_assert!(rolled >= day || calendar.roll(day, Roll::Following).unwrap().month_index() != day.month_index()),
                _ => prop_assert!(rolled <= day || calendar.roll(day, Roll::Preceding).unwrap().month_index() != day.month_index()),
            }
        }
    }

    #[test]
    fn business_days_between_two_days_are_the_most_that_lead_no_further(calendar in calendar(), from in day(), apart in -90..90) {
        let Some(other) = from.plus_days(apart) else { return Ok(()) };
        let days = calendar.business_days_since(from, other);
        let reached = calendar.plus_business_days(from, days);
        let next = calendar.plus_business_days(from, days + 1);
        prop_assert!(reached.is_none_or(|reached| reached <= other) && next.is_none_or(|next| next > other));
    }

    #[test]
    fn a_roll_never_turns_the_order_of_days_round(calendar in calendar(), day in day()) {
        let next = day.plus_days(1).unwrap();
        for roll in ROLLS {
            prop_assert!(calendar.roll(day, roll) <= calendar.roll(next, roll), "{roll:?}");
        }
    }

    #[test]
    fn business_days_add_up_and_come_back(calendar in calendar(), day in day(), count in 0_i32..20) {
        let there = calendar.plus_business_days(day, count).unwrap();
        let passed = (day.number() + 1..=there.number()).filter(|number| calendar.is_business_day(Day::new(*number).unwrap()));
        prop_assert_eq!(passed.count(), usize::try_from(count).unwrap());
        if calendar.is_business_day(day) {
            prop_assert_eq!(calendar.plus_business_days(there, -count), Some(day));
        }
    }

    #[test]
    fn days_past_a_day_rise_by_one_each_day(from in day(), later in 0_i32..4_000) {
        let to = from.plus_days(later);
        prop_assume!(to.is_some());
        let to = to.unwrap();
        prop_assert_eq!(to.days_since(from), later);
        prop_assert_eq!(from.days_since(to), -later);
        if let Some(next) = to.plus_days(1) {
            prop_assert_eq!(next.days_since(from), later + 1);
        }
    }

    #[test]
    fn actual_day_counts_do_not_mind_a_shift_and_add_up(a in day(), b in day(), c in day(), shift in -1_000_i32..1_000) {
        for count in [DayCount::Actual365Fixed, DayCount::Actual360] {
            prop_assert_eq!(count.days(a, b) + count.days(b, c), count.days(a, c));
            if let (Some(left), Some(right)) = (a.plus_days(shift), b.plus_days(shift)) {
                prop_assert_eq!(count.fraction(left, right), count.fraction(a, b));
            }
        }
        let isda = |from, to| DayCount::ActualActualIsda.fraction(from, to);
        let over = |ratio: ar_core::money::Ratio| ratio.numerator() * (365 * 366 / ratio.denominator());
        prop_assert_eq!(over(isda(a, b)) + over(isda(b, c)), over(isda(a, c)));
    }

    #[test]
    fn backwards_is_the_negative_of_forwards_and_a_day_to_itself_is_nothing(a in day(), b in day()) {
        for count in COUNTS {
            prop_assert_eq!(count.days(a, b), -count.days(b, a));
            prop_assert_eq!(count.days(a, a), 0);
            prop_assert_eq!(count.fraction(a, a).fraction(), "0/1");
            prop_assert_eq!(count.fraction(a, b).numerator(), -count.fraction(b, a).numerator());
        }
    }
}

#[test]
fn leap_days_are_counted_day_by_day() {
    let first = Day::from_ymd(1899, 12, 1).unwrap();
    let (mut leap, mut other) = (0_i128, 0_i128);
    let mut day = first;
    for _ in 0..40_000 {
        let ratio = DayCount::ActualActualIsda.fraction(first, day);
        assert_eq!(ratio.numerator() * (365 * 366), (leap * 365 + other * 366) * ratio.denominator(), "{day}");
        if day.is_leap_year() {
            leap += 1
        } else {
            other += 1
        }
        day = day.plus_days(1).unwrap();
    }
}

#[test]
fn a_calendar_without_a_business_day_is_refused() {
    let calendar = BusinessCalendar { weekend: WEEK.to_vec(), holidays: vec![] };
    assert_eq!(calendar.compile().unwrap_err().code(), "policy_invalid");
    let last = BusinessCalendar { weekend: vec![], holidays: vec![Day::MAX, Day::MIN] }.compile().unwrap();
    assert_eq!(last.roll(Day::MAX, Roll::Following), None);
    assert_eq!(last.roll(Day::MAX, Roll::ModifiedFollowing), Day::MAX.plus_days(-1));
    assert_eq!(last.roll(Day::MIN, Roll::Preceding), None);
    assert_eq!(last.roll(Day::MIN, Roll::ModifiedPreceding), Day::MIN.plus_days(1));
    assert_eq!(last.plus_business_days(Day::MAX, 1), None);
    assert_eq!(last.plus_business_days(Day::MAX, 0), Some(Day::MAX));
}
