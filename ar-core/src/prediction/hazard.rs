//! If it is still open that morning, how likely is it paid that day? Learnt from every invoice, also those not yet paid.
//!
//! Each question (an invoice, and a day on which somebody could have asked) becomes one row for every banking day from then
//! until it was paid, or until the training ends: an invoice still open says on every one of its days that it was not paid
//! that day, and no more. So nothing has to be left out and nothing has to be guessed.

use super::book::{Book, Invoice, Question};
use super::calendar::{BankingDays, weekday};
use super::dealings::{DEALT, DEALT_DAILY, Dealt};
use super::features::{DAILY, FIXED, Known};
use super::forest::Forest;
use super::hier_snap::{Delays, HierSnap};
use super::learner::{Edges, Growth, Lookup, Progress, Rows, Tree, grow};
use super::math::{Dice, log_odds};

/// Days after the due day up to which a question has rows.
const LATE: i32 = 120;
/// A day on which the customer's own past says less than this is dull: of such days without a payment only one in
/// [`DULL_DAYS`] is learnt from, with their weight.
const DULL: f32 = 0.01;
const DULL_DAYS: u32 = 4;

/// A day on which somebody could have asked for an invoice, and what came of it by the end of the training.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) question: Question,
    /// The day of payment, or the last day before the training ends.
    pub(crate) until: i32,
    pub(crate) paid: bool,
    pub(crate) weight: f32,
}

/// What was learnt.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Hazard {
    pub(crate) fixed: Vec<Edges>,
    pub(crate) daily: Vec<Edges>,
    /// Which numbers of dealings follow those, by their places among all names.
    pub(crate) dealt: Vec<usize>,
    pub(crate) dealt_daily: Vec<usize>,
    pub(crate) trees: Vec<Tree>,
    /// How much of the log-odds of the customer's own distribution each answer starts from.
    pub(crate) own_share: f32,
    pub(crate) base: f32,
}

/// The log-odds of a chance of the customer's own distribution.
pub(crate) fn start(own_hazard: f32) -> f32 {
    log_odds(f64::from(own_hazard.clamp(2e-4, 0.98))) as f32
}

impl Hazard {
    /// Learns from samples. None when the caller stopped it.
    pub(crate) fn learn(
        book: &Book,
        snap: &HierSnap,
        samples: &[Sample],
        growths: &[(Growth, bool)],
        threads: usize,
        progress: Progress<'_>,
    ) -> Option<Self> {
        // So that it can be stopped before the first tree, too.
        let rounds = growths.first().map_or(0, |(growth, _)| growth.rounds);
        if !progress(0, rounds) {
            return None;
        }
        let described = describe(book, snap, samples, threads);
        let mut hazard = Self::default();
        for number in 0..FIXED.len() {
            let values = described.iter().filter_map(|one| one.fixed.get(number).copied());
            hazard.fixed.push(Edges::of(&mut values.collect()));
        }
        let all: usize = described.iter().map(|one| one.daily.len()).sum();
        let every = (all / 200_000).max(1);
        for number in 0..DAILY.len() {
            let values = described.iter().flat_map(|one| &one.daily).step_by(every);
            hazard.daily.push(Edges::of(&mut values.filter_map(|row| row.get(number).copied()).collect()));
        }
        hazard.learn_dealings(&described);
        let widths = (hazard.fixed.len(), hazard.daily.len());
        let mut rows = Rows { widths, ..Rows::default() };
        rows.fixed.reserve_exact(described.len() * widths.0);
        for one in &described {
            rows.fixed.extend(one.fixed.iter().zip(&hazard.fixed).map(|(value, edges)| edges.bin(*value)));
            rows.fixed.extend(one.dealt.iter().flat_map(|dealt| hazard.dealt_bins(&dealt.fixed)));
        }
        let lookups = hazard.lookups();
        rows.daily.reserve_exact(all * widths.1);
        for one in &described {
            let mut dealt = one.dealt_daily.iter();
            for row in &one.daily {
                let bins = row.iter().zip(&hazard.daily).zip(&lookups);
                rows.daily.extend(bins.map(|((value, edges), lookup)| lookup.bin(edges, *value)));
                rows.daily.extend(dealt.next().into_iter().flat_map(|row| hazard.dealt_daily_bins(row)));
            }
        }
        let column = |number: usize| rows.daily.iter().skip(number).step_by(widths.1).copied().collect();
        rows.columns = (0..widths.1).map(column).collect();
        for ((group, one), sample) in (0_u32..).zip(&described).zip(samples) {
            let count = one.daily.len();
            rows.group.extend(core::iter::repeat_n(group, count));
            rows.weight.extend(one.weight.iter().map(|weight| weight * sample.weight));
            rows.event.extend((1..=count).map(|row| row == count && one.event));
        }
        let days = described.iter().flat_map(|one| &one.weight).map(|weight| f64::from(*weight)).sum::<f64>();
        let from_own = growths.iter().any(|(_, from_own)| *from_own);
        let own: Vec<f32> = if from_own {
            described.iter().flat_map(|one| &one.daily).map(|row| start(row[OWN_HAZARD])).collect()
        } else {
            Vec::new()
        };
        drop(described);
        let events = rows.event.iter().filter(|event| **event).count();
        let rate = (events as f64 + 1.0) / (days + 20.0);
        hazard.base = log_odds(rate) as f32;
        let share = 1.0 / growths.len().max(1) as f32;
        for (growth, from_own) in growths {
            if *from_own {
                rows.start.clone_from(&own);
                hazard.own_share += share;
            } else {
                rows.start = vec![hazard.base; rows.event.len()];
            }
            let trees = grow(&rows, growth, threads, progress)?;
            hazard.trees.extend(trees.into_iter().map(|mut tree| {
                tree.leaves.iter_mut().for_each(|leaf| *leaf *= share);
                tree
            }));
        }
        Some(hazard)
    }

    /// The numbers of dealings of which some question knows something; of the others there are none.
    fn learn_dealings(&mut self, described: &[Described]) {
        for number in 0..DEALT.len() {
            let values = described.iter().filter_map(|one| one.dealt.as_ref()?.fixed.get(number).copied());
            let mut values: Vec<f32> = values.filter(|value| !value.is_nan()).collect();
            if !values.is_empty() {
                self.dealt.push(number);
                self.fixed.push(Edges::of(&mut values));
            }
        }
        for number in 0..DEALT_DAILY.len() {
            let rows = described.iter().flat_map(|one| &one.dealt_daily);
            let values = rows.filter_map(|row| row.get(number).copied()).filter(|value| !value.is_nan());
            let all = values.clone().count();
            if all > 0 {
                self.dealt_daily.push(number);
                self.daily.push(Edges::of(&mut values.step_by((all / 200_000).max(1)).collect()));
            }
        }
    }

    /// The bins of the numbers of dealings that it asks about.
    fn dealt_bins<'a>(&'a self, values: &'a [f32]) -> impl Iterator<Item = u8> + 'a {
        self.dealt_of(values).zip(self.fixed.iter().skip(FIXED.len())).map(|(value, edges)| edges.bin(value))
    }

    fn dealt_daily_bins<'a>(&'a self, values: &'a [f32]) -> impl Iterator<Item = u8> + 'a {
        self.dealt_daily_of(values).zip(self.daily.iter().skip(DAILY.len())).map(|(value, edges)| edges.bin(value))
    }

    /// The numbers of dealings that it asks about.
    pub(crate) fn dealt_of<'a>(&'a self, values: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
        self.dealt.iter().map(|number| values.get(*number).copied().unwrap_or(f32::NAN))
    }

    /// The same of the daily ones.
    pub(crate) fn dealt_daily_of<'a>(&'a self, values: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
        self.dealt_daily.iter().map(|number| values.get(*number).copied().unwrap_or(f32::NAN))
    }

    /// Whether it asks about this number of dealings.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.dealt.iter().any(|number| DEALT.get(*number) == Some(&name))
    }

    /// Whether it asks about anything beside payments.
    pub(crate) fn knows_dealings(&self) -> bool {
        !self.dealt.is_empty() || !self.dealt_daily.is_empty()
    }

    /// What [`Forest::ask`] asks.
    pub(crate) fn forest(&self, banking: &BankingDays) -> Forest<'_> {
        Forest::new(self, banking)
    }

    fn lookups(&self) -> Vec<Lookup> {
        self.daily.iter().map(Lookup::of).collect()
    }
}

const OWN_HAZARD: usize = 12;

/// The numbers of a question and of its days; the last of them is that of the payment, if there was one.
struct Described {
    fixed: [f32; FIXED.len()],
    daily: Vec<[f32; DAILY.len()]>,
    /// How many days each of them stands for.
    weight: Vec<f32>,
    event: bool,
    /// The same of dealings, where the ledger has any.
    dealt: Option<Dealt>,
    dealt_daily: Vec<[f32; DEALT_DAILY.len()]>,
}

/// The numbers of every sample, on several threads when there are many.
fn describe(book: &Book, snap: &HierSnap, samples: &[Sample], threads: usize) -> Vec<Described> {
    let one = |samples: &[Sample]| samples.iter().map(|sample| describe_one(book, snap, sample)).collect::<Vec<_>>();
    if threads < 2 || samples.len() < 1_000 {
        return one(samples);
    }
    let share = samples.len().div_ceil(threads);
    std::thread::scope(|scope| {
        let workers: Vec<_> = samples.chunks(share).map(|part| scope.spawn(move || one(part))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    })
}

fn describe_one(book: &Book, snap: &HierSnap, sample: &Sample) -> Described {
    let question = &sample.question;
    let past = book.past(question.customer, question.day);
    let (slow, fast) = snap.delays(book, question, &past);
    let known = Known::new(book, question, &past, &slow);
    let first = book.first_place(question);
    let last = book.banking.place_before(sample.until.min(question.due + LATE));
    let event = sample.paid && sample.until <= question.due + LATE;
    // A payment on a day without banking counts on the banking day before it.
    let last = if event { last.max(first) } else { last };
    let count = usize::try_from(last - first + 1).unwrap_or_default();
    let (own, fast) =
        (hazards(&slow, book, question, first, count, 0.0), hazards(&fast, book, question, first, count, 0.0));
    let dealt = (!book.dealings.is_empty()).then(|| Dealt::new(&book.dealings, &book.banking, question));
    let (fixed, daily, dealt_daily) = (known.fixed, Vec::new(), Vec::new());
    let mut described = Described { fixed, daily, weight: Vec::new(), event, dealt, dealt_daily };
    let mut dice = Dice((i64::from(question.day) << 32 ^ i64::from(question.due) << 12).cast_unsigned() ^ question.key);
    for ((place, left), (own, fast)) in (first..).zip((0..count).rev()).zip(own.iter().zip(&fast)) {
        let is_dull = own.0 < DULL && fast.0 < DULL && !(event && left == 0);
        if !is_dull || dice.falls_below(1, DULL_DAYS.into()) {
            described.daily.push(known.on(book, place, own.0, own.1, fast.0));
            if let Some(dealt) = &described.dealt {
                described.dealt_daily.push(dealt.on(book.banking.day(place), place));
            }
            described.weight.push(if is_dull { DULL_DAYS as f32 } else { 1.0 });
        }
    }
    described
}

/// `floor`: as [`Delays::hazards`] takes it; trees learn from those without, and so are asked.
pub(crate) fn hazards(
    delays: &Delays,
    book: &Book,
    question: &Question,
    first: i32,
    count: usize,
    floor: f32,
) -> Vec<(f32, f32)> {
    let mut out = vec![(0.0, 0.0); count];
    delays.hazards(first - book.banking.place(question.due), floor, &mut out);
    out
}

/// The days on which somebody could have asked: the day of posting, and while it was open Mondays and the days after something
/// became known of it.
pub(crate) fn samples(
    book: &Book,
    invoices: &[Invoice],
    from: i32,
    until: i32,
    mondays_per_1000: u32,
    open_weight: f32,
    most: u32,
) -> Vec<Sample> {
    let mut dice = Dice(7);
    let mut samples = Vec::new();
    let learnt = |one: &&Invoice| one.takes_part() && one.posted >= from && one.posted < until;
    let all = invoices.iter().filter(learnt).count() as u64;
    for invoice in invoices.iter().filter(learnt) {
        if !dice.falls_below(most, all) {
            continue;
        }
        let cleared = invoice.cleared.filter(|day| *day < until);
        let end = cleared.unwrap_or(until - 1);
        let mut push = |day: i32, weight: f32| {
            samples.push(Sample { question: invoice.asked_on(day), until: end, paid: cleared.is_some(), weight });
        };
        push(invoice.posted, 1.0);
        let mut monday = (invoice.posted + 4).div_euclid(7) * 7 + 4;
        while monday <= end && monday <= invoice.due + LATE {
            if dice.falls_below(mondays_per_1000, 1000) {
                push(monday, open_weight);
            }
            monday += 7;
        }
        for day in book.dealings.told_on(invoice) {
            if day > invoice.posted && day <= end && day <= invoice.due + LATE && weekday(day) != 0 {
                push(day, open_weight);
            }
        }
    }
    samples
}
