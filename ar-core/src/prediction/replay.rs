//! In which run would this customer pay, if it paid in the runs in which it has paid before? For who pays in runs that are sure.
//!
//! Each earlier payment is replayed as so many runs from the first on or after its due day, and the runs about the due day of the
//! invoice turn that into days. So a payer of the second and fourth Thursday is expected on such a Thursday, where the same number of
//! banking days would lead between two.

use super::book::{Book, Question, Settled};
use super::hier_snap::{WIDTH, at};
use super::reasons::LATEST;
use super::runs::Pattern;

/// Runs, counted from the first on or after the due day, that are looked at.
const EARLIEST: i32 = -6;
const COUNT: usize = 24;
/// A payment that stands for what is not known: this share of what is left of it at a run is left after it too.
const LEFT: f32 = 1.0 / 3.0;
/// Due days that lie as long before a run, give or take so many days, are alike, and count more: who pays what is due in three days
/// with this run does so the next time.
const NEAR: u32 = 1;
const ALIKE: f32 = 20.0;
/// Runs are replayed where the number of them that weighs most is so much heavier than the number of banking days that weighs most.
const CLEARER: f32 = 1.25;
/// Days before the first due day and after the last on which there are runs enough: 6 and 18 of a month.
const BEFORE: i32 = 220;
const AFTER: i32 = 640;

/// The runs in which a payer may pay.
pub(crate) struct Replay {
    /// The days of all runs that are looked at, rising.
    days: Vec<i32>,
    /// Days of them with their chances; together 1.
    pub(crate) chances: Vec<(i32, f32)>,
    /// The part of an answer that is by them: the share of the payments that were in runs, half a payment added to either side.
    pub(crate) share: f32,
}

impl Replay {
    /// `paid`: oldest first; `falling`: what a payment weighs by its age in days. None where no runs are sure.
    pub(crate) fn of(book: &Book, question: &Question, paid: &[Settled], falling: &[f32]) -> Option<Self> {
        let pattern = Pattern::of(paid.get(paid.len().saturating_sub(LATEST)..)?)?;
        let first = paid.iter().map(|one| one.due.min(one.cleared)).min()?.min(question.due);
        let days = pattern.days(book, first - BEFORE, question.due + AFTER);
        let following = |due: i32| days.partition_point(|run| *run < due);
        let wait = |due: i32, next: usize| days.get(next).map_or(0, |run| run - due);
        let own = following(question.due);
        let own_wait = wait(question.due, own);
        let (mut sums, mut inside, mut all) = ([0.0_f32; COUNT], 0.0_f32, 0.0_f32);
        let (mut by_runs, mut by_steps) = ([0.0_f32; COUNT], [0.0_f32; WIDTH]);
        for payment in paid {
            let age = (question.day - payment.cleared).clamp(0, 1199) as usize;
            let weight = falling.get(age).copied().unwrap_or_default();
            all += weight;
            if let Some(sum) = by_steps.get_mut(at(payment.steps)) {
                *sum += weight;
            }
            let Ok(run) = days.binary_search(&payment.cleared) else { continue };
            let next = following(payment.due);
            // What was paid earlier or later than is looked at counts at the end.
            let place = (run as i32 - next as i32 - EARLIEST).clamp(0, COUNT as i32 - 1);
            if let (Some(sum), Some(plain)) = (sums.get_mut(place as usize), by_runs.get_mut(place as usize)) {
                *plain += weight;
                let is_alike = wait(payment.due, next).abs_diff(own_wait) <= NEAR;
                *sum += weight * if is_alike { ALIKE } else { 1.0 };
                inside += weight;
            }
        }
        // Who pays the same number of days after the due day may do so on days that look like runs, as they were due so.
        let most = |sums: &[f32]| sums.iter().fold(0.0_f32, |most, sum| most.max(*sum));
        if most(&by_runs) <= CLEARER * most(&by_steps) {
            return None;
        }
        let (sum, mut left) = (sums.iter().sum::<f32>(), 1.0);
        let mut chances = Vec::with_capacity(COUNT);
        for (sum_of, from_due) in sums.iter().zip(EARLIEST..) {
            let unknown = if from_due < 0 { 0.0 } else { left * (1.0 - LEFT) };
            left -= unknown;
            let run = usize::try_from(own as i32 + from_due).ok().and_then(|at| days.get(at));
            let chance = if sum > 0.0 { inside * sum_of / sum + unknown } else { unknown };
            chances.extend(run.map(|run| (*run, chance)));
        }
        let whole: f32 = chances.iter().map(|(_, chance)| chance).sum();
        if whole <= 0.0 {
            return None;
        }
        chances.iter_mut().for_each(|(_, chance)| *chance /= whole);
        Some(Self { days, chances, share: (inside + 0.5) / (all + 1.0) })
    }

    /// Whether a payment of a day was one in a run.
    pub(crate) fn has(&self, day: i32) -> bool {
        self.days.binary_search(&day).is_ok()
    }
}
