//! When would this customer pay, if it paid as it has paid before? A distribution that needs no training.
//!
//! Every earlier payment of the customer is replayed on this invoice as the same number of banking days from the due day.
//! Its weight halves with age, counts more when it was due on the same day of the week, and more when its amount is alike.
//! What customers in general do with invoices due on that day of the week stands beside it with a small weight, so that a
//! new customer has an answer too. Who pays in runs that are sure is replayed by these as well (`replay.rs`). The banking days turn
//! the distribution into dates: nothing falls on a day on which nobody pays.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::book::{Book, Past, Question};
use super::calendar::weekday;
use super::math::exp;
use super::replay::Replay;

/// Banking days from the due day that the distribution covers; what lies further out counts at its end.
pub(crate) const EARLIEST: i32 = -90;
pub(crate) const LATEST: i32 = 240;
pub(crate) const WIDTH: usize = 331;
/// What is added to each day of what customers in general do.
const FLOOR: f32 = 1e-6;
/// The chance of a banking day of what is open beyond all that was seen.
const EVEN: f64 = 0.05;
/// Of what was ever seen, the part below which what is left of it is nothing.
const NOTHING: f64 = 0.01;

/// How the past is weighed. The values were chosen on folds that end before the periods of evaluation begin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HierSnapSettings {
    /// Days after which a payment counts half.
    pub half_life: f64,
    /// The same for the distribution that follows changes quickly.
    pub fast_half_life: f64,
    /// How much more a payment counts that was due on the same day of the week.
    pub same_weekday: f32,
    /// The weight of what customers in general do, in payments.
    pub general: f32,
    /// How many payments of a customer are looked at.
    pub latest: usize,
    /// Whether payments in runs that are sure are replayed as runs.
    pub by_runs: bool,
}

impl Default for HierSnapSettings {
    fn default() -> Self {
        Self { half_life: 180.0, fast_half_life: 30.0, same_weekday: 8.0, general: 1.0, latest: 240, by_runs: true }
    }
}

/// The distribution over banking days from the due day; the entries sum to 1.
#[derive(Clone)]
pub(crate) struct Delays {
    pub(crate) mass: [f32; WIDTH],
    /// The weight of the own payments that are replayed as banking days.
    pub(crate) evidence: f32,
    /// What each day has of the mass that is added everywhere.
    pub(crate) floor: f32,
    /// Of a payer in runs that are sure, what of it is by them.
    in_runs: Option<Box<InRuns>>,
}

/// A distribution parted into what comes in runs and what does not.
#[derive(Clone)]
struct InRuns {
    /// That of what comes on other days; the entries sum to 1.
    days: [f32; WIDTH],
    /// Banking days from the due day with the chances of runs, together 1, of what is open on the day that is asked about.
    coming: Vec<(i32, f32)>,
    /// The share of runs, however many are over: who pays in runs pays what it has left out in one too.
    share: f64,
}

/// What customers in general do, together 1, and what of each day was added everywhere.
#[derive(Clone)]
struct General {
    mass: [f32; WIDTH],
    floor: f32,
}

/// Tables that many questions share.
pub(crate) struct HierSnap {
    general: BTreeMap<(i32, usize), General>,
    slow: Vec<f32>,
    fast: Vec<f32>,
    alike: Vec<f32>,
    settings: HierSnapSettings,
}

/// Weeks begin on Monday; what customers in general do is brought up to date then.
fn week(day: i32) -> i32 {
    (day + 3).div_euclid(7)
}

pub(super) fn at(steps: i32) -> usize {
    (steps.clamp(EARLIEST, LATEST) - EARLIEST) as usize
}

impl HierSnap {
    /// `days`: the days on which questions will be asked.
    pub(crate) fn new(book: &Book, settings: HierSnapSettings, days: impl Iterator<Item = i32>) -> Self {
        let falling = |half_life: f64| -> Vec<f32> {
            (0..1200).map(|age| exp(-core::f64::consts::LN_2 * f64::from(age) / half_life) as f32).collect()
        };
        // In steps of 1/16 of the logarithm of the amount; alike within a factor of about four.
        let alike = (0..128)
            .map(|step| {
                let apart = f64::from(step) / 16.0 / 1.5;
                (0.1 + 0.9 * exp(-0.5 * apart * apart)) as f32
            })
            .collect();
        let mut weeks: Vec<i32> = days.map(week).collect();
        weeks.sort_unstable();
        weeks.dedup();
        let mut general = BTreeMap::new();
        let mut counts = vec![[0_u32; 7]; book.customer_count()];
        for week in weeks {
            general_of(book, week, &mut counts, &mut general);
        }
        Self { general, slow: falling(settings.half_life), fast: falling(settings.fast_half_life), alike, settings }
    }

    /// The distribution with the long memory, and the one with the short.
    pub(crate) fn delays(&self, book: &Book, question: &Question, past: &Past<'_>) -> (Delays, Delays) {
        let its_weekday = weekday(question.due);
        let flat = || General { mass: [1.0 / WIDTH as f32; WIDTH], floor: 1.0 / WIDTH as f32 };
        let general = self.general.get(&(week(question.day), its_weekday));
        let general = general.map_or_else(|| Cow::Owned(flat()), Cow::Borrowed);
        let weight = self.settings.general;
        let mass = general.mass.map(|mass| mass * weight);
        let mut slow = Delays { mass, evidence: 0.0, floor: general.floor * weight, in_runs: None };
        let mut fast = slow.clone();
        let paid = past.spread(self.settings.latest);
        let replay =
            self.settings.by_runs.then(|| Replay::of(book, question, (&past.paid, &paid), &self.slow)).flatten();
        for (number, payment) in paid.iter().enumerate() {
            let age = (question.day - payment.cleared).clamp(0, 1199) as usize;
            let apart = ((payment.amount - question.amount).abs() * 16.0) as usize;
            let mut weight = self.alike.get(apart.min(127)).copied().unwrap_or_default();
            if (payment.due - question.due) % 7 == 0 {
                weight *= self.settings.same_weekday;
            }
            let place = at(payment.steps);
            let is_left_out = replay.as_ref().is_some_and(|replay| replay.is_left_out.get(number) == Some(&true));
            if !is_left_out {
                slow.add(place, weight * self.slow.get(age).copied().unwrap_or_default());
            }
            fast.add(place, weight * self.fast.get(age).copied().unwrap_or_default());
        }
        for delays in [&mut slow, &mut fast] {
            let all = self.settings.general + delays.evidence;
            delays.mass.iter_mut().for_each(|mass| *mass /= all);
            delays.floor /= all;
        }
        if let Some(replay) = replay {
            let (days, due) = (slow.mass, book.banking.place(question.due));
            let coming = replay.coming.iter().map(|(place, chance)| (place - due, *chance)).collect();
            slow.in_runs = Some(Box::new(InRuns { days, coming, share: f64::from(replay.share) }));
            slow.mass.iter_mut().for_each(|mass| *mass *= 1.0 - replay.share);
            for (place, chance) in &replay.chances {
                if let Some(mass) = slow.mass.get_mut(at(*place - due)) {
                    *mass += replay.share * chance;
                }
            }
        }
        (slow, fast)
    }
}

/// What all customers did with invoices due on each day of the week, in the 120 days before a week; of a customer with
/// many payments each counts less.
fn general_of(book: &Book, week: i32, counts: &mut [[u32; 7]], general: &mut BTreeMap<(i32, usize), General>) {
    let monday = week * 7 - 3;
    let paid = book.known_between(monday - 120, monday);
    let paid = paid.as_ref();
    for payment in paid {
        let count = counts.get_mut(payment.customer as usize).and_then(|of| of.get_mut(weekday(payment.due)));
        if let Some(count) = count {
            *count += 1;
        }
    }
    let mut sums = [[FLOOR; WIDTH]; 7];
    for payment in paid {
        let its = weekday(payment.due);
        let count = counts.get(payment.customer as usize).and_then(|of| of.get(its)).copied().unwrap_or(1).max(1);
        if let Some(mass) = sums.get_mut(its).and_then(|sums| sums.get_mut(at(payment.steps))) {
            *mass += 1.0 / (count as f32).sqrt();
        }
    }
    for payment in paid {
        if let Some(of) = counts.get_mut(payment.customer as usize) {
            *of = [0; 7];
        }
    }
    for (its, sums) in sums.iter().enumerate() {
        let mut smooth = [0.0_f32; WIDTH];
        for (place, mass) in sums.iter().enumerate() {
            for (shift, share) in [0.05_f32, 0.15, 0.6, 0.15, 0.05].iter().enumerate() {
                if let Some(into) = (place + shift).checked_sub(2).and_then(|at| smooth.get_mut(at)) {
                    *into += mass * share;
                }
            }
        }
        let all: f32 = smooth.iter().sum();
        general.insert((week, its), General { mass: smooth.map(|mass| mass / all), floor: FLOOR / all });
    }
}

impl Delays {
    /// Adds a payment of some weight.
    fn add(&mut self, place: usize, weight: f32) {
        self.evidence += weight;
        if let Some(mass) = self.mass.get_mut(place) {
            *mass += weight;
        }
    }

    /// The banking days from the due day by which these shares, rising, are paid.
    pub(crate) fn quantiles<const COUNT: usize>(&self, shares: [f32; COUNT]) -> [f32; COUNT] {
        let (mut days, mut sum) = ((EARLIEST..).zip(&self.mass), 0.0);
        let mut last = EARLIEST;
        shares.map(|share| {
            while sum < share {
                let Some((steps, mass)) = days.next() else { return LATEST as f32 };
                (last, sum) = (steps, sum + mass);
            }
            last as f32
        })
    }

    /// Whether it goes by the payer's runs.
    pub(crate) fn by_runs(&self) -> bool {
        self.in_runs.is_some()
    }

    /// The share paid more than so many banking days after the due day.
    pub(crate) fn over(&self, steps: i32) -> f32 {
        self.mass.get(at(steps) + 1..).unwrap_or_default().iter().sum()
    }

    /// For each banking day from `first` steps on: the chance that it is paid that day if it is open until then, and the
    /// share still open before it. What is open beyond the end goes by the even chance of a month; so it does with `floor`, that of
    /// the distribution, where next to nothing that was ever seen is left.
    pub(crate) fn hazards(&self, first: i32, floor: f32, out: &mut [(f32, f32)]) {
        let Some(in_runs) = &self.in_runs else { return hazards(&self.mass, first, floor, out) };
        hazards(&in_runs.days, first, floor, out);
        let mut open = vec![0.0_f64; out.len()];
        for (steps, chance) in &in_runs.coming {
            if let Some(mass) = usize::try_from(steps - first).ok().and_then(|at| open.get_mut(at)) {
                *mass += in_runs.share * f64::from(*chance);
            }
        }
        let mut before: f64 =
            self.mass.get(at(first)..).unwrap_or_default().iter().rev().map(|mass| f64::from(*mass)).sum();
        let (mut left, mut of_days) = (1.0, 1.0 - in_runs.share);
        for ((steps, out), in_run) in (first..).zip(out).zip(open) {
            let other = of_days * f64::from(out.0);
            let mass = in_run + other;
            let hazard = if left > 1e-9 { (mass / left).clamp(0.0, 1.0) } else { EVEN };
            *out = (hazard as f32, before.max(0.0) as f32);
            left -= mass;
            of_days -= other;
            if (EARLIEST..LATEST).contains(&steps) && before > 1e-7 {
                before -= self.mass.get(at(steps)).copied().map_or(0.0, f64::from);
            }
        }
    }
}

/// See [`Delays::hazards`].
fn hazards(mass: &[f32; WIDTH], first: i32, floor: f32, out: &mut [(f32, f32)]) {
    let tail = mass.get(at(first)..).unwrap_or_default();
    let mut left: f64 = tail.iter().rev().map(|mass| f64::from(*mass)).sum();
    let floor = f64::from(floor);
    let seen = 1.0 - floor * WIDTH as f64;
    for (steps, out) in (first..).zip(out) {
        let inside = (EARLIEST..LATEST).contains(&steps) && left > 1e-7;
        let mass = if inside { mass.get(at(steps)).copied().map_or(0.0, f64::from) } else { 0.0 };
        let added = floor * f64::from(LATEST + 1 - steps);
        let is_added = seen > 0.0 && left <= 2.0 * added && left - added <= NOTHING * seen;
        let hazard = if inside && !is_added { (mass / left).clamp(0.0, 1.0) } else { EVEN };
        *out = (hazard as f32, left.max(0.0) as f32);
        left -= mass;
    }
}
