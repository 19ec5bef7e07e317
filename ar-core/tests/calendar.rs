//! Days: every date of the calendar, against an independent one.

use ar_core::calendar::{Day, Weekday};
use chrono::{Datelike as _, NaiveDate};

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
        assert_eq!(
            Day::from_ymd(date.year(), date.month(), date.day()),
            Ok(day)
        );
        assert_eq!(
            day.weekday(),
            WEEK[date.weekday().num_days_from_monday() as usize]
        );
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
        assert_eq!(
            day.start_of_month().to_naive_date(),
            date.with_day(1).unwrap()
        );
        assert_eq!(
            day.end_of_month().plus_days(1),
            day.start_of_month().plus_months(1)
        );
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
            let expected = if months < 0 {
                date - shift
            } else {
                date + shift
            };
            assert_eq!(
                day.plus_months(months).map(Day::to_naive_date),
                Some(expected)
            );
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
    assert_eq!(
        Day::MIN.plus_days(Day::MAX.days_since(Day::MIN)),
        Some(Day::MAX)
    );
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
        assert_eq!(
            Day::parse(text).unwrap_err().code(),
            "impossible_date",
            "{text}"
        );
    }
    assert_eq!(
        Day::from_ymd(2024, u32::MAX, 1).unwrap_err().code(),
        "impossible_date"
    );
    assert_eq!(
        Day::from_ymd(i32::MAX, 1, u32::MAX).unwrap_err().code(),
        "impossible_date"
    );
}
