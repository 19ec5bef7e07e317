//! When does a customer pay many invoices at once? In certain weeks of the month, or every so many days.

use chrono::Datelike;

use super::book::{Book, Settled};
use super::calendar::weekday;
use super::reasons::median;
use crate::calendar::Day;

/// The fewest days with payments from which anything is foretold.
const LEAST_RUNS: usize = 3;
/// The fewest from which weeks of the month are told.
const LEAST_OF_WEEKS: usize = 6;
/// The latest of them that are looked at for weeks of the month.
const LATEST_OF_WEEKS: usize = 12;
/// Steps from run to run that are looked at: more than ten years of weeks.
const STEPS: i32 = 600;

/// How the payment runs of a customer lie.
#[derive(Debug, Clone)]
pub(crate) struct Runs {
    /// The days with payments that are known, rising.
    pub(crate) days: Vec<i32>,
    /// The median of the days from one to the next.
    gap: i32,
    /// The day of the week of most payments (Monday is 0), and of 100 payments how many come on it.
    pub(crate) usual: Option<(usize, u32)>,
    /// The weeks of the month in which they fall, and of 100 of the latest runs how many do: 1 to 4, 5 is the last.
    pub(crate) weeks: Option<(Vec<u32>, u32)>,
}

/// Year and month as one number, the week of the month, and whether a week later is another month.
fn place_in_month(day: i32) -> (i32, u32, bool) {
    let Ok(day) = Day::new(day) else { return (0, 0, false) };
    let (date, later) = (day.to_naive_date(), day.plus_days(7).map(Day::to_naive_date));
    let month = date.year() * 12 + date.month0() as i32;
    (month, date.day0() / 7 + 1, later.is_none_or(|later| later.month() != date.month()))
}

impl Runs {
    pub(crate) fn of(paid: &[Settled]) -> Self {
        let mut days: Vec<i32> = paid.iter().map(|one| one.cleared).collect();
        days.dedup();
        let mut gaps: Vec<i32> = days.iter().zip(days.iter().skip(1)).map(|(one, next)| next - one).collect();
        let usual = (0..7).find_map(|day| {
            let count = paid.iter().filter(|one| weekday(one.cleared) == day).count();
            (paid.len() >= 5 && count * 2 > paid.len()).then(|| (day, (count * 100 / paid.len()) as u32))
        });
        let weeks = usual.and_then(|(usual, _)| weeks_of(&days, usual));
        Self { gap: median(&mut gaps), days, usual, weeks }
    }

    /// Whether runs can be foretold.
    pub(crate) fn are_known(&self) -> bool {
        self.days.len() >= LEAST_RUNS && self.gap >= 1
    }

    /// The runs that are foretold after a day, rising.
    pub(crate) fn after<'a>(&'a self, book: &'a Book, day: i32) -> Box<dyn Iterator<Item = i32> + 'a> {
        let Some(last) = self.days.last().copied().filter(|_| self.are_known()) else {
            return Box::new(std::iter::empty());
        };
        let rolled = |nominal: i32| book.banking.day(book.banking.place(nominal));
        if let (Some((usual, _)), Some((weeks, _))) = (self.usual, &self.weeks) {
            // What falls on a holiday may be moved past the day.
            let first = day - 31;
            let on_day = move |at: i32| first + (usual as i32 - weekday(first) as i32).rem_euclid(7) + 7 * at;
            let counts = move |nominal: &i32| {
                let (_, week, is_last) = place_in_month(*nominal);
                weeks.contains(&week) || (is_last && weeks.contains(&5))
            };
            return Box::new((0..STEPS).map(on_day).filter(counts).map(rolled).filter(move |run| *run > day));
        }
        // The first whole number of gaps after the latest run that leads past the day.
        let first = (day - last).div_euclid(self.gap) + 1;
        let nominal = move |at: i32| last + (first + at) * self.gap;
        let usual = move |nominal: i32| match self.usual {
            // The nearest such day of the week, the earlier of two.
            Some((usual, _)) => {
                let later = (usual as i32 - weekday(nominal) as i32).rem_euclid(7);
                nominal + if later > 3 { later - 7 } else { later }
            }
            None => nominal,
        };
        Box::new((0..STEPS).map(nominal).map(usual).map(rolled).filter(move |run| *run > day))
    }
}

/// The weeks of the month in which the latest runs fall on a day of the week: each in two of three months at least, one or two weeks
/// in all, and four of five runs in them.
fn weeks_of(days: &[i32], usual: usize) -> Option<(Vec<u32>, u32)> {
    let runs = days.get(days.len().saturating_sub(LATEST_OF_WEEKS)..)?;
    if runs.len() < LEAST_OF_WEEKS {
        return None;
    }
    let places: Vec<(i32, u32, bool)> =
        runs.iter().filter(|run| weekday(**run) == usual).map(|run| place_in_month(*run)).collect();
    let months = place_in_month(*runs.last()?).0 - place_in_month(*runs.first()?).0 + 1;
    let is_usual = |hits: usize| hits as i32 * 3 >= months * 2;
    let mut weeks: Vec<u32> =
        (1..=4).filter(|week| is_usual(places.iter().filter(|(_, of, _)| of == week).count())).collect();
    let lasts = places.iter().filter(|(.., is_last)| *is_last).count();
    if is_usual(lasts) && !weeks.contains(&4) {
        weeks.push(5);
    }
    let inside = |(_, week, is_last): &&(i32, u32, bool)| weeks.contains(week) || (*is_last && weeks.contains(&5));
    let hits = places.iter().filter(inside).count();
    let is_told = (1..=2).contains(&weeks.len()) && hits * 5 >= runs.len() * 4;
    is_told.then(|| (weeks, (hits * 100 / runs.len()) as u32))
}
