//! When does a customer pay many invoices at once? In the runs that are sure (`habits.rs`), or every so many days.

use super::book::{Book, Settled};
use super::calendar::weekday;
use super::habits::{Pattern, evened, latest_days, recent, usual_day};
use super::reasons::median;

/// The fewest days with payments from which anything is foretold.
const LEAST_RUNS: usize = 3;
/// Steps from run to run that are looked at: more than ten years of weeks.
const STEPS: i32 = 600;
/// Days before a day on which a run may be that moved past it, and after it on which runs are foretold.
const BEFORE: i32 = 40;
const AFTER: i32 = 1_400;

/// How the payment runs of a customer lie.
#[derive(Debug, Clone)]
pub(crate) struct Runs {
    /// The latest days with payments, rising.
    pub(crate) days: Vec<i32>,
    /// Whether half of the payments on them share a day.
    pub(crate) share_days: bool,
    /// The median of the days from one to the next.
    gap: i32,
    /// The day of the week of most payments (Monday is 0), and of 100 payments how many come on it.
    pub(crate) usual: Option<(usize, u32)>,
    /// The runs that are sure.
    pub(crate) sure: Option<Pattern>,
}

impl Runs {
    /// Those of all payments that are known, oldest first.
    pub(crate) fn of(book: &Book, paid: &[Settled]) -> Self {
        let latest = latest_days(paid);
        let runs = recent(&latest);
        let payments: u32 = runs.iter().map(|(_, payments)| payments).sum();
        let days: Vec<i32> = runs.iter().map(|(day, _)| *day).collect();
        let mut gaps: Vec<i32> = days.iter().zip(days.iter().skip(1)).map(|(one, next)| next - one).collect();
        Self {
            gap: median(&mut gaps),
            share_days: days.len() * 2 <= payments as usize,
            days,
            usual: usual_day(&evened(runs)),
            sure: Pattern::of(book, &latest),
        }
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
        if let Some(sure) = &self.sure {
            return Box::new(sure.days(book, day - BEFORE, day + AFTER).into_iter().filter(move |run| *run > day));
        }
        let rolled = |nominal: i32| book.banking.day(book.banking.place(nominal));
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
