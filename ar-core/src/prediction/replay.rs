//! In which run would this customer pay, if it paid in the runs in which it has paid before? For who pays in runs that are sure.
//!
//! Each earlier payment is replayed as so many runs from the first on or after its due day, and the runs about the due day of the
//! invoice turn that into days. So a payer of the second and fourth Thursday is expected on such a Thursday, where the same number of
//! banking days would lead between two.

use super::book::{Book, Question, Settled};
use super::calendar::weekday;
use super::habits::{Pattern, latest_days};
use super::hier_snap::{WIDTH, at};

/// Runs, counted from the first on or after the due day, that are looked at.
const EARLIEST: i32 = -6;
const LATEST_RUN: i32 = 17;
const COUNT: usize = 24;
/// A payment that stands for what is not known: these shares of what is left of it at a run are left after it too, at the first two
/// runs from the due day on, and at those after them.
const LEFT: [f32; 2] = [1.0 / 3.0, 0.75];
/// Due days that lie as long before a run, give or take so many days, are alike, and count more: who pays what is due in three days
/// with this run does so the next time.
const NEAR: u32 = 1;
const ALIKE: f32 = 20.0;
/// Runs are replayed where the number of them that weighs most is so much heavier than the number of banking days that weighs most.
const CLEARER: f32 = 1.25;
/// The days from a due day to the first run, of which each is a class of payments; what waits longer is of the last.
const WAITS: usize = 40;
/// Days before the first due day and after the last on which there are runs enough: 6 and 18 of a month.
const BEFORE: i32 = 220;
const AFTER: i32 = 640;

/// The runs in which a payer may pay.
pub(crate) struct Replay {
    /// Places of banking days with their chances; together 1.
    pub(crate) chances: Vec<(i32, f32)>,
    /// The same of what is open on the day that is asked about; together 1.
    pub(crate) coming: Vec<(i32, f32)>,
    /// The part of an answer that is by them: the share of the payments that were in runs, half a payment added to either side.
    pub(crate) share: f32,
    /// Of each payment whether it says nothing of other days: it was in a run, or not in one and is older than the runs that tell that
    /// they are sure.
    pub(crate) is_left_out: Vec<bool>,
}

/// The days of runs, rising, and their places among banking days.
struct Table {
    days: Vec<i32>,
    places: Vec<i32>,
    has_stragglers: bool,
}

impl Table {
    /// The run of what was paid on a place, and whether it came a banking day later; `from`: a run no later than that place, which
    /// is moved up to it.
    fn run(&self, place: i32, from: &mut usize) -> Option<(usize, bool)> {
        while self.places.get(*from + 1).is_some_and(|next| *next <= place) {
            *from += 1;
        }
        match place - self.places.get(*from)? {
            0 => Some((*from, false)),
            1 if self.has_stragglers => Some((*from, true)),
            _ => None,
        }
    }

    /// The first run on or after a day, looked for from one nearby.
    fn following(&self, day: i32, near: usize) -> usize {
        let is_before = |at: usize| self.days.get(at).is_some_and(|run| *run < day);
        let mut at = near;
        while at > 0 && !is_before(at - 1) {
            at -= 1;
        }
        while is_before(at) {
            at += 1;
        }
        at
    }

    fn wait(&self, due: i32, next: usize) -> i32 {
        self.days.get(next).map_or(0, |run| run - due)
    }
}

/// What payments weigh by their number of runs or banking days, each class of payments by itself, and how many they are.
struct Classes<const CLASSES: usize, const NUMBERS: usize>([[(f32, u8); NUMBERS]; CLASSES]);

impl<const CLASSES: usize, const NUMBERS: usize> Classes<CLASSES, NUMBERS> {
    fn new() -> Self {
        Self([[(0.0, 0); NUMBERS]; CLASSES])
    }

    fn add(&mut self, class: usize, number: usize, weight: f32) {
        if let Some((sum, count)) = self.0.get_mut(class).and_then(|of| of.get_mut(number)) {
            *sum += weight;
            *count = count.saturating_add(1);
        }
    }

    /// What the heaviest number of all classes together weighs.
    fn together(&self) -> f32 {
        let mut sums = [0.0; NUMBERS];
        for of in &self.0 {
            sums.iter_mut().zip(of).for_each(|(sum, (weight, _))| *sum += weight);
        }
        sums.into_iter().fold(0.0, f32::max)
    }

    /// What the heaviest numbers of each class weigh, of those that two payments have.
    fn apart(&self) -> f32 {
        let heaviest = |of: &[(f32, u8); NUMBERS]| {
            of.iter().filter(|(_, count)| *count > 1).fold(0.0_f32, |most, one| most.max(one.0))
        };
        self.0.iter().map(heaviest).sum()
    }
}

/// Whether payments tell more by the number of runs, in all or by the days from the due day to the first of them, than by the number of
/// banking days; of what is found easily or is told by those days, than by that of each day of the week due, too.
fn tell_more(by_runs: &Classes<WAITS, COUNT>, by_days: &Classes<7, WIDTH>, is_easy: bool) -> bool {
    let (days, of_weekdays) = (by_days.together(), by_days.apart());
    let most = days.max(of_weekdays);
    by_runs.together() > CLEARER * if is_easy { most } else { days } || by_runs.apart() > CLEARER * most
}

/// What payments weigh by the number of runs.
#[derive(Default)]
struct Weights {
    sums: [f32; COUNT],
    inside: f32,
    late: f32,
    all: f32,
}

impl Replay {
    /// `all`: every payment that is known, oldest first, from which runs are told; `paid`: the latest, which are replayed; `falling`: what
    /// a payment weighs by its age in days. None where no runs are sure.
    pub(crate) fn of(
        book: &Book,
        question: &Question,
        (all, paid): (&[Settled], &[Settled]),
        falling: &[f32],
    ) -> Option<Self> {
        let pattern = Pattern::of(book, &latest_days(all))?;
        let banking = &book.banking;
        let first = paid.iter().map(|one| one.due.min(one.cleared)).min()?.min(question.due);
        let days = pattern.days(book, first - BEFORE, question.due.max(question.day) + AFTER);
        let places = days.iter().map(|day| banking.place(*day)).collect();
        let table = Table { days, places, has_stragglers: pattern.has_stragglers };
        let own = table.days.partition_point(|run| *run < question.due);
        let own_wait = table.wait(question.due, own);
        let mut weights = Weights::default();
        let (mut by_runs, mut by_days) = (Classes::new(), Classes::new());
        let (mut is_left_out, mut from) = (Vec::with_capacity(paid.len()), 0);
        for payment in paid {
            let found = table.run(banking.place(payment.cleared), &mut from);
            is_left_out.push(found.is_some() || payment.cleared < pattern.since);
            if found.is_none() && payment.cleared < pattern.since {
                continue;
            }
            let age = (question.day - payment.cleared).clamp(0, 1199) as usize;
            let weight = falling.get(age).copied().unwrap_or_default();
            weights.all += weight;
            by_days.add(weekday(payment.due), at(payment.steps), weight);
            let Some((run, is_late)) = found else { continue };
            let next = table.following(payment.due, run);
            // What was paid earlier or later than is looked at counts at the end.
            let place = (run as i32 - next as i32 - EARLIEST).clamp(0, COUNT as i32 - 1) as usize;
            let wait = table.wait(payment.due, next);
            by_runs.add(usize::try_from(wait).unwrap_or_default().min(WAITS - 1), place, weight);
            if let Some(sum) = weights.sums.get_mut(place) {
                *sum += weight * if wait.abs_diff(own_wait) <= NEAR { ALIKE } else { 1.0 };
                weights.inside += weight;
                weights.late += if is_late { weight } else { 0.0 };
            }
        }
        // Who pays the same number of days after the due day may do so on days that look like runs, as they were due so.
        if !tell_more(&by_runs, &by_days, pattern.is_easy) {
            return None;
        }
        let share = (weights.inside + 0.5) / (weights.all + 1.0);
        let chances = weights.chances(&table, own, i32::MIN)?;
        let coming = weights.chances(&table, own, book.first_place(question))?;
        Some(Self { chances, coming, share, is_left_out })
    }
}

impl Weights {
    /// The chances of the runs about the first from the due day on, as far as they come on or after a place; of each, the part of the
    /// stragglers is a banking day later.
    fn chances(&self, table: &Table, own: usize, from: i32) -> Option<Vec<(i32, f32)>> {
        let sum = self.sums.iter().sum::<f32>();
        let late = if self.inside > 0.0 { self.late / self.inside } else { 0.0 };
        let next = table.places.partition_point(|place| *place < from) as i32 - own as i32;
        // What has missed all that are looked at is as likely in each to come as what has missed nearly so many.
        let runs = if next > LATEST_RUN { next..=next + LATEST_RUN } else { EARLIEST..=LATEST_RUN + next.max(0) };
        let (mut left, mut chances) = (1.0_f32, Vec::with_capacity(2 * COUNT));
        for from_due in runs {
            let stays = if from_due < 2 { LEFT[0] } else { LEFT[1] };
            let unknown = if from_due < 0 { 0.0 } else { left * (1.0 - stays) };
            left -= unknown;
            let seen = usize::try_from(from_due - EARLIEST).ok().and_then(|at| self.sums.get(at)).copied();
            let seen = if sum > 0.0 { self.inside * seen.unwrap_or_default() / sum } else { 0.0 };
            let run = usize::try_from(own as i32 + from_due).ok().and_then(|at| table.places.get(at));
            let parts = run.into_iter().flat_map(|run| [(*run, 1.0 - late), (*run + 1, late)]);
            let parts = parts.filter(|(place, part)| *place >= from && *part > 0.0);
            chances.extend(parts.map(|(place, part)| (place, (seen + unknown) * part)));
        }
        let whole: f32 = chances.iter().map(|(_, chance)| chance).sum();
        if whole <= 0.0 {
            return None;
        }
        chances.iter_mut().for_each(|(_, chance)| *chance /= whole);
        Some(chances)
    }
}
