//! When does a customer pay many invoices at once? In certain weeks of the month, or every so many days.

use chrono::Datelike;

use super::book::{Book, Settled};
use super::calendar::{BankingDays, weekday};
use super::reasons::median;
use crate::calendar::Day;

/// The fewest days with payments from which anything is foretold.
const LEAST_RUNS: usize = 3;
/// The fewest from which weeks of the month are told.
const LEAST_OF_WEEKS: usize = 6;
/// The latest of them that are looked at for weeks of the month.
const LATEST_OF_WEEKS: usize = 12;
/// The fewest of those with a payment on the day itself, where one that came a banking day later counts as of its run.
const LEAST_ON_TIME: usize = 3;
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
    pub(crate) fn of(book: &Book, paid: &[Settled]) -> Self {
        let mut days: Vec<i32> = paid.iter().map(|one| one.cleared).collect();
        days.dedup();
        let mut gaps: Vec<i32> = days.iter().zip(days.iter().skip(1)).map(|(one, next)| next - one).collect();
        let usual = usual_day(paid);
        let weeks = usual.and_then(|(usual, _)| weeks_of(&runs_on(&book.banking, paid, usual).0, usual));
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

/// The day of the week of more than half of the payments, five at least, and of 100 how many come on it.
fn usual_day(paid: &[Settled]) -> Option<(usize, u32)> {
    let mut counts = [0_usize; 7];
    for one in paid {
        if let Some(count) = counts.get_mut(weekday(one.cleared)) {
            *count += 1;
        }
    }
    let most = counts.iter().enumerate().find(|(_, count)| paid.len() >= 5 && **count * 2 > paid.len());
    most.map(|(day, count)| (day, (*count * 100 / paid.len()) as u32))
}

/// The days with payments as runs on a day of the week, rising, and whether stragglers count: what came a banking day after such a
/// day, where that is no such day itself. It counts as of the run where no more than a quarter of the payments of runs came so. What
/// came on the banking day on which the day of the week falls is of the run, the rest stands on its own day.
fn runs_on(banking: &BankingDays, paid: &[Settled], usual: usize) -> (Vec<i32>, bool) {
    let (mut runs, mut strict, mut on_time) = (Vec::new(), Vec::new(), Vec::new());
    let (mut in_time, mut late) = (0_usize, 0_usize);
    for one in paid {
        let run = one.cleared - (weekday(one.cleared) as i32 - usual as i32).rem_euclid(7);
        match banking.steps(run, one.cleared) {
            0 => {
                in_time += 1;
                on_time.push(run);
                strict.push(run);
                runs.push(run);
            }
            1 => {
                late += 1;
                strict.push(one.cleared);
                runs.push(run);
            }
            _ => {
                strict.push(one.cleared);
                runs.push(one.cleared);
            }
        }
    }
    [&mut runs, &mut strict, &mut on_time].into_iter().for_each(Vec::dedup);
    let since = runs.get(runs.len().saturating_sub(LATEST_OF_WEEKS)).copied().unwrap_or_default();
    let on_time = on_time.iter().filter(|run| **run >= since).count();
    let is_with_late = late > 0 && late * 3 <= in_time && on_time >= LEAST_ON_TIME;
    (if is_with_late { runs } else { strict }, is_with_late)
}

/// Runs that are sure enough to be reckoned with, all on one day of the week.
pub(crate) struct Pattern {
    kind: Kind,
    /// Whether what came a banking day after a run counts as of it.
    pub(crate) has_stragglers: bool,
}

enum Kind {
    /// In these weeks of the month, as in [`Runs`].
    Weeks { usual: usize, weeks: Vec<u32> },
    /// Every so many days from the latest.
    Every { latest: i32, gap: i32 },
}

impl Pattern {
    /// That of the payments of a customer, oldest first.
    pub(crate) fn of(book: &Book, paid: &[Settled]) -> Option<Self> {
        let (usual, _) = usual_day(paid)?;
        let (days, has_stragglers) = runs_on(&book.banking, paid, usual);
        let weeks = weeks_of(&days, usual).map(|(weeks, _)| Kind::Weeks { usual, weeks });
        Some(Self { kind: weeks.or_else(|| every(&days, usual))?, has_stragglers })
    }

    /// The runs from a day to another, rising, each moved to the next banking day.
    pub(crate) fn days(&self, book: &Book, from: i32, to: i32) -> Vec<i32> {
        let banking = &book.banking;
        let (first, step) = match &self.kind {
            Kind::Weeks { usual, .. } => (from + (*usual as i32 - weekday(from) as i32).rem_euclid(7), 7),
            Kind::Every { latest, gap } => (from + (latest - from).rem_euclid(*gap), *gap),
        };
        let counts = |nominal: &i32| match &self.kind {
            Kind::Weeks { weeks, .. } => {
                let week = u32::from(banking.day_of_month(*nominal)).div_ceil(7);
                weeks.contains(&week) || (banking.to_month_end(*nominal) < 7 && weeks.contains(&5))
            }
            Kind::Every { .. } => true,
        };
        let nominal = (first..=to).step_by(step.unsigned_abs() as usize).filter(counts);
        let mut days: Vec<i32> = nominal.map(|nominal| banking.day(banking.place(nominal))).collect();
        days.dedup();
        days
    }
}

/// Whether the latest runs come every two to four weeks: two of three days of such steps back from the latest have one, and four of
/// five of the runs are on them.
fn every(days: &[i32], usual: usize) -> Option<Kind> {
    let runs = days.get(days.len().saturating_sub(LATEST_OF_WEEKS)..)?;
    let (first, latest) = (*runs.first()?, *runs.last()?);
    let mut gaps: Vec<i32> = runs.iter().zip(runs.iter().skip(1)).map(|(one, next)| next - one).collect();
    let gap = median(&mut gaps);
    if runs.len() < LEAST_OF_WEEKS || ![14, 21, 28].contains(&gap) || weekday(latest) != usual {
        return None;
    }
    let hits = runs.iter().filter(|run| (latest - **run) % gap == 0).count() as i32;
    let all = (latest - first) / gap + 1;
    (hits * 3 >= all * 2 && hits * 5 >= runs.len() as i32 * 4).then_some(Kind::Every { latest, gap })
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
    let hits_of = |week: u32| places.iter().filter(|(_, of, _)| *of == week).count();
    let lasts = places.iter().filter(|(.., is_last)| *is_last).count();
    // Of most months the fourth is the last: the one counts on which more runs fall.
    let is_by_last = is_usual(lasts) && (lasts > hits_of(4) || !is_usual(hits_of(4)));
    let mut weeks: Vec<u32> = (1..=4).filter(|week| is_usual(hits_of(*week)) && !(*week == 4 && is_by_last)).collect();
    if is_by_last {
        weeks.push(5);
    }
    let inside = |(_, week, is_last): &&(i32, u32, bool)| weeks.contains(week) || (*is_last && weeks.contains(&5));
    let hits = places.iter().filter(inside).count();
    let is_told = (1..=2).contains(&weeks.len()) && hits * 5 >= runs.len() * 4;
    is_told.then(|| (weeks, (hits * 100 / runs.len()) as u32))
}
