//! How do all trees answer for many days at once? Each question is put once to a block of days, not once a day.
//!
//! A split asks whether a number is at most the end of a bin. The answer for a block is one word, a bit for each day that goes to the
//! left; splits that ask the same share it. Few numbers have to be looked at day by day for that: days from some day only grow, and
//! what depends on the calendar alone is answered once for all questions. The days of a block then go through a tree together.

use super::book::Book;
use super::calendar::BankingDays;
use super::dealings::DEALT_DAILY;
use super::features::{COURSES, Course, DAILY, Known, OF_CALENDAR, of_calendar};
use super::hazard::{Hazard, start};
use super::learner::{Edges, Lookup, Split, Tree as Grown};
use super::math::near_chance;

/// Banking days that one block of a forecast covers: the bits of a word.
pub(crate) const BLOCK: usize = 64;
/// Days whose scores are added to together.
const LANES: usize = 8;
const BITS: [u32; LANES] = [1, 2, 4, 8, 16, 32, 64, 128];

/// All trees with the questions that they ask.
pub(crate) struct Forest<'a> {
    hazard: &'a Hazard,
    /// Of each fixed number the upper ends of the bins that are asked about, rising; then those of the daily numbers.
    asked: Vec<Vec<f32>>,
    /// The ends of the daily numbers, how many half days there are up to them.
    halves: Vec<Vec<i32>>,
    trees: Vec<Tree>,
    /// For every banking day whether it comes in a week no later than Monday, Tuesday and so on.
    weekdays: Windows,
    /// What is asked of each number that depends on the calendar alone.
    calendar: [Windows; OF_CALENDAR],
}

/// Answers that depend on the calendar alone, for every banking day.
#[derive(Default)]
struct Windows {
    /// How many answers there are.
    count: usize,
    /// Those of 64 banking days, then those of the next.
    words: Vec<u64>,
}

/// A tree: its splits, of which the first is the root, and the steps of its leaves.
struct Tree {
    splits: Vec<Ask>,
    leaves: Vec<f32>,
}

/// Which of all answers a split takes, and where it leads to the left and to the right, as [`Split`] tells it: 16 bits each, from the
/// lowest on. One word, so that nothing has to be read anew once the answer is known.
#[derive(Clone, Copy)]
struct Ask(u64);

impl Ask {
    fn new(answer: u16, split: &Split) -> Self {
        let to = |to: i16| u64::from(to.cast_unsigned());
        Self(u64::from(answer) | to(split.left) << 16 | to(split.right) << 32)
    }

    fn answer(self) -> usize {
        usize::from(self.0 as u16)
    }

    fn left(self) -> i16 {
        (self.0 >> 16) as i16
    }

    fn right(self) -> i16 {
        (self.0 >> 32) as i16
    }
}

/// A question's numbers, asked about block by block.
pub(crate) struct Asking<'a> {
    forest: &'a Forest<'a>,
    known: &'a Known,
    /// For each question of the forest the days that go to the left; those about fixed numbers hold for every block.
    answers: Vec<u64>,
}

/// The first so many days of a block.
fn first_days(count: usize) -> u64 {
    1_u64.checked_shl(count as u32).map_or(u64::MAX, |bit| bit - 1)
}

/// The upper end of a bin; only what is not known is in bin 0.
fn end(edges: &Edges, bin: u8) -> f32 {
    let below = usize::from(bin).checked_sub(1);
    below.map_or(f32::NEG_INFINITY, |at| edges.0.get(at).copied().unwrap_or(f32::INFINITY))
}

impl<'a> Forest<'a> {
    /// Every question that the trees ask, once, and the trees with their places.
    pub(crate) fn new(hazard: &'a Hazard, banking: &BankingDays) -> Self {
        let edges = || hazard.fixed.iter().chain(&hazard.daily);
        let mut bins = vec![Vec::new(); edges().count()];
        for split in hazard.trees.iter().flat_map(|tree| &tree.splits) {
            bins.get_mut(usize::from(split.number)).into_iter().for_each(|of: &mut Vec<u8>| of.push(split.bin));
        }
        for of in &mut bins {
            of.sort_unstable();
            of.dedup();
        }
        let asked: Vec<Vec<f32>> =
            edges().zip(&bins).map(|(edges, of)| of.iter().map(|bin| end(edges, *bin)).collect()).collect();
        let daily = asked.iter().skip(hazard.fixed.len());
        let halves = daily.map(|ends| ends.iter().map(|end| half_days(*end)).collect()).collect();
        let mut begins = vec![0_usize];
        for of in &bins {
            begins.push(begins.last().map_or(0, |begin| begin + of.len()));
        }
        let answer = |split: &Split| {
            let number = usize::from(split.number);
            let its = bins.get(number).and_then(|of| of.binary_search(&split.bin).ok());
            (begins.get(number).copied().unwrap_or_default() + its.unwrap_or_default()) as u16
        };
        let ask = |split: &Split| Ask::new(answer(split), split);
        let tree = |tree: &Grown| Tree { splits: tree.splits.iter().map(ask).collect(), leaves: tree.leaves.clone() };
        let mut forest = Self {
            hazard,
            trees: hazard.trees.iter().map(tree).collect(),
            asked,
            halves,
            weekdays: Windows::default(),
            calendar: Default::default(),
        };
        if !hazard.trees.is_empty() {
            forest.answer_calendar(banking);
        }
        forest
    }

    /// Answers what depends on the calendar alone.
    fn answer_calendar(&mut self, banking: &BankingDays) {
        // Beyond the last place all is as on it; a block may begin there.
        let places = 0..(banking.places() + 4 * BLOCK) as i32;
        let numbers: Vec<_> = places.map(|place| of_calendar(banking, place)).collect();
        self.weekdays = Windows::of(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], numbers.iter().map(|of| of[0]));
        let daily = self.asked.iter().skip(self.hazard.fixed.len()).zip(COURSES);
        let asked = daily.filter(|(_, course)| matches!(course, Course::Calendar)).enumerate();
        for ((number, (ends, _)), windows) in asked.zip(&mut self.calendar) {
            *windows = Windows::of(ends, numbers.iter().map(|of| of.get(number).copied().unwrap_or(f32::NAN)));
        }
    }

    /// The ends of the daily numbers.
    fn daily(&self) -> impl Iterator<Item = &Vec<f32>> {
        self.asked.iter().skip(self.hazard.fixed.len())
    }

    /// The share of each day of the week, with such days of the block that begins with a place.
    fn by_weekday(&self, shares: [f32; 7], first: i32) -> impl Iterator<Item = (f32, u64)> {
        let mut before = 0;
        let days = self.weekdays.at(first).map(move |upto| upto & !core::mem::replace(&mut before, upto));
        shares.into_iter().zip(days)
    }

    /// Begins to ask about what is known of a question.
    pub(crate) fn ask(&'a self, known: &'a Known) -> Asking<'a> {
        let mut answers = Vec::with_capacity(self.asked.iter().map(Vec::len).sum());
        let dealt = known.dealt.iter().flat_map(|dealt| self.hazard.dealt_of(&dealt.fixed));
        let mut values = known.fixed.iter().copied().chain(dealt);
        for ends in self.asked.iter().take(self.hazard.fixed.len()) {
            let value = values.next().unwrap_or(f32::NAN);
            answers.extend(ends.iter().map(|end| if value > *end { 0 } else { u64::MAX }));
        }
        Asking { forest: self, known, answers }
    }
}

impl Asking<'_> {
    /// The chances of payment on the banking days from `first` on, each if it is open until then.
    pub(crate) fn chances(
        &mut self,
        book: &Book,
        own: &[(f32, f32)],
        fast: &[(f32, f32)],
        first: i32,
        out: &mut [f32],
    ) {
        let blocks = out.chunks_mut(BLOCK).zip(own.chunks(BLOCK)).zip(fast.chunks(BLOCK));
        for (((out, own), fast), first) in blocks.zip((first..).step_by(BLOCK)) {
            self.answer(book, own, fast, first);
            let mut scores = self.starts(own);
            let forest = self.forest;
            // What waits for its turn has days of its own, so there are never more than 64.
            let mut waiting = [(0_i16, 0_u64); BLOCK];
            for tree in &forest.trees {
                tree.add(&self.answers, first_days(out.len()), &mut waiting, &mut scores, out.len());
            }
            for (out, score) in out.iter_mut().zip(scores) {
                *out = near_chance(score);
            }
        }
    }

    /// What the trees start from.
    fn starts(&self, own: &[(f32, f32)]) -> [f32; BLOCK] {
        let hazard = self.forest.hazard;
        let mut scores = [(1.0 - hazard.own_share) * hazard.base; BLOCK];
        if hazard.own_share > 0.0 {
            for (score, own) in scores.iter_mut().zip(own) {
                *score += hazard.own_share * start(own.0);
            }
        }
        scores
    }

    /// Answers all questions about the daily numbers of a block.
    fn answer(&mut self, book: &Book, own: &[(f32, f32)], fast: &[(f32, f32)], first: i32) {
        let (forest, known, banking) = (self.forest, self.known, &book.banking);
        let fixed = forest.asked.iter().take(forest.hazard.fixed.len());
        self.answers.truncate(fixed.map(Vec::len).sum());
        let answers = &mut self.answers;
        let (mut since, mut calendar) = (known.since().into_iter(), forest.calendar.iter());
        for ((ends, halves), course) in forest.daily().zip(&forest.halves).zip(COURSES) {
            match course {
                Course::Steps => steps(halves, known.base - first, answers),
                Course::Since => days_since(halves, since.next().unwrap_or(f32::NAN), banking, first, answers),
                Course::Calendar => calendar.next().into_iter().for_each(|windows| answers.extend(windows.at(first))),
                Course::Weekday => spread(ends, forest.by_weekday(known.weekday_share, first), answers),
                Course::Own => spread(ends, own.iter().map(|own| own.0).zip(each_day()), answers),
                Course::Left => left(ends, own, answers),
                Course::Fast => spread(ends, fast.iter().map(|fast| fast.0).zip(each_day()), answers),
            }
        }
        self.answer_dealings(banking, own.len(), first);
    }

    /// The same of the daily numbers of dealings, where there are any.
    fn answer_dealings(&mut self, banking: &BankingDays, count: usize, first: i32) {
        let Some(dealt) = &self.known.dealt else { return };
        let mut columns = [[f32::NAN; BLOCK]; DEALT_DAILY.len()];
        for (day, place) in (0..count).zip(first..) {
            let values = dealt.on(banking.day(place), place);
            for (column, value) in columns.iter_mut().zip(self.forest.hazard.dealt_daily_of(&values)) {
                column.get_mut(day).into_iter().for_each(|into| *into = value);
            }
        }
        for (ends, column) in self.forest.daily().skip(DAILY.len()).zip(columns) {
            spread(ends, column.into_iter().zip(each_day()), &mut self.answers);
        }
    }
}

impl Windows {
    /// Whether a number is at most these ends, for its values on all banking days.
    fn of(ends: &[f32], mut values: impl ExactSizeIterator<Item = f32>) -> Self {
        let mut words = Vec::with_capacity(ends.len() * values.len().div_ceil(BLOCK));
        while values.len() > 0 {
            spread(ends, values.by_ref().take(BLOCK).zip(each_day()), &mut words);
        }
        Self { count: ends.len(), words }
    }

    /// The answers of the block that begins with a place.
    fn at(&self, place: i32) -> impl Iterator<Item = u64> {
        let place = place.max(0) as usize;
        let (word, day) = (place / BLOCK * self.count, place % BLOCK);
        let own = self.words.get(word..).unwrap_or_default().iter().take(self.count);
        let next = self.words.get(word + self.count..).unwrap_or_default();
        own.zip(next).map(move |(own, next)| own >> day | next << 1 << (BLOCK - 1 - day))
    }
}

/// Each day of a block.
fn each_day() -> impl Iterator<Item = u64> {
    (0..BLOCK).map(|day| 1 << day)
}

/// Answers for banking days from the due day; `base`: that of the due day, counted from the block's first.
fn steps(halves: &[i32], base: i32, answers: &mut Vec<u64>) {
    answers.extend(halves.iter().map(|half| first_days_upto(base.saturating_add(half >> 1).saturating_add(1))));
}

/// Answers for days from a day, which may be a half one.
fn days_since(halves: &[i32], day: f32, banking: &BankingDays, first: i32, answers: &mut Vec<u64>) {
    if day.is_nan() {
        answers.extend(halves.iter().map(|_| u64::MAX));
        return;
    }
    let day = half_days(day);
    let after = |half: &i32| banking.place_after(day.saturating_add(*half) >> 1);
    answers.extend(halves.iter().map(|half| first_days_upto(after(half).saturating_sub(first))));
}

/// The first so many days of a block, where that may be none or more than all.
fn first_days_upto(count: i32) -> u64 {
    first_days(count.clamp(0, BLOCK as i32) as usize)
}

/// How many half days there are up to so many days.
fn half_days(days: f32) -> i32 {
    let twice = days * 2.0;
    let cut = twice as i32;
    cut.saturating_sub(i32::from(cut as f32 > twice))
}

/// Answers for what is left, which never rises.
fn left(ends: &[f32], own: &[(f32, f32)], answers: &mut Vec<u64>) {
    let mut values = [0.0_f32; BLOCK];
    for (value, own) in values.iter_mut().zip(own) {
        *value = Lookup::near(own.1);
    }
    let values = values.get(..own.len()).unwrap_or_default();
    answers.extend(ends.iter().map(|end| !first_days(values.partition_point(|value| *value > *end))));
}

/// Answers for a number that may take any course: each day goes where its number first is at most the end of a bin, and from there on
/// to the left.
fn spread(ends: &[f32], values: impl Iterator<Item = (f32, u64)>, answers: &mut Vec<u64>) {
    let mut by_bin = [0_u64; BLOCK];
    for (value, days) in values {
        let value = Lookup::near(value);
        let at = ends.partition_point(|end| *end < value);
        by_bin.get_mut(at).into_iter().for_each(|into| *into |= days);
    }
    let mut sum = 0;
    answers.extend(ends.iter().zip(by_bin).map(|(_, days)| {
        sum |= days;
        sum
    }));
}

impl Tree {
    /// Adds the steps of the leaves to the scores of these days.
    fn add(
        &self,
        answers: &[u64],
        all: u64,
        waiting: &mut [(i16, u64); BLOCK],
        scores: &mut [f32; BLOCK],
        count: usize,
    ) {
        let mut depth = 0_usize;
        let (mut at, mut days) = (if self.splits.is_empty() { -1 } else { 0 }, all);
        loop {
            while let Some(ask) = usize::try_from(at).ok().and_then(|at| self.splits.get(at)) {
                let left = days & answers.get(ask.answer()).copied().unwrap_or_default();
                let right = days ^ left;
                if let Some(place) = waiting.get_mut(depth % BLOCK) {
                    *place = (ask.right(), right);
                }
                depth = depth.wrapping_add(usize::from((left != 0) & (right != 0)));
                (at, days) = if left != 0 { (ask.left(), left) } else { (ask.right(), right) };
            }
            let step = self.leaves.get((-1 - at) as usize).copied().unwrap_or_default();
            add(days, step, scores, count);
            let Some(less) = depth.checked_sub(1) else { return };
            depth = less;
            (at, days) = waiting.get(depth % BLOCK).copied().unwrap_or_default();
        }
    }
}

/// Adds a step to the scores of these days.
fn add(days: u64, step: f32, scores: &mut [f32; BLOCK], count: usize) {
    let (chunks, _) = scores.as_chunks_mut::<LANES>();
    let mut days = days;
    for chunk in chunks.iter_mut().take(count.div_ceil(LANES)) {
        let byte = days as u32;
        for (score, bit) in chunk.iter_mut().zip(BITS) {
            *score += if byte & bit == 0 { 0.0 } else { step };
        }
        days >>= LANES;
    }
}

#[cfg(test)]
mod tests {
    use super::super::book::{Book, Invoice};
    use super::super::hazard::hazards;
    use super::super::hier_snap::HierSnap;
    use super::super::model::{Model, Training};
    use super::*;

    /// Of seven customers, who pay on different days, some of them late.
    fn invoices() -> Vec<Invoice> {
        let one = |at: i32| {
            let (posted, customer) = (17_532 + at.wrapping_mul(7_919).rem_euclid(500), at % 7);
            let due = posted + [14, 30, 45][customer as usize % 3];
            let paid = due - 4 + at % 11 + if at % 23 == 0 { 40 } else { 0 };
            let cleared = Some(paid + (customer % 5 - paid + 4).rem_euclid(7)).filter(|day| *day >= posted);
            let (key, amount_minor) = (customer as u64, 1_000 + i64::from(at % 97) * 5_000);
            let customer = customer as u32;
            Invoice { key, customer, posted, due, cleared, amount_minor, document: 0, instalment: 0, known: None }
        };
        (0..700).map(one).collect()
    }

    #[test]
    fn a_block_is_answered_as_each_of_its_days_is() {
        let (invoices, until) = (invoices(), 17_900);
        let book = Book::new(&invoices, &[17_897, 17_920], until);
        let training = Training::known_before(until, 17_532);
        let model =
            Model::train(&book, &invoices, &training, &mut |_, _| true).unwrap_or_else(|| Model::untrained(&training));
        assert!(model.is_trained());
        let (hazard, forest) = (&model.hazard, model.hazard.forest(&book.banking));
        let lookups: Vec<Lookup> = hazard.daily.iter().map(Lookup::of).collect();
        for invoice in invoices.iter().filter(|one| one.posted < until + 60).step_by(3) {
            let question = invoice.asked_on(until.max(invoice.posted));
            let past = book.past(question.customer, question.day);
            let snap = HierSnap::new(&book, model.snap, [question.day].into_iter());
            let (slow, fast) = snap.delays(&book, &question, &past);
            let known = Known::new(&book, &question, &past, &slow);
            let first = book.first_place(&question);
            let own = hazards(&slow, &book, &question, first, 90, 0.0);
            let fast = hazards(&fast, &book, &question, first, 90, 0.0);
            let mut chances = [0.0_f32; 90];
            forest.ask(&known).chances(&book, &own, &fast, first, &mut chances);
            for (((chance, place), own), fast) in chances.iter().zip(first..).zip(&own).zip(&fast) {
                let daily = known.on(&book, place, own.0, own.1, fast.0);
                let bin = |number: usize| match number.checked_sub(known.fixed.len()) {
                    None => hazard.fixed[number].bin(known.fixed[number]),
                    Some(number) => lookups[number].bin(&hazard.daily[number], daily[number]),
                };
                let score = hazard.trees.iter().fold(hazard.base, |score, tree| score + tree.answer(bin));
                assert_eq!(chance.to_bits(), near_chance(score).to_bits(), "{question:?} at {place}");
            }
        }
    }
}
