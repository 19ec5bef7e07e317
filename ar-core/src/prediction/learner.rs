//! Which questions about the numbers of a row tell best how likely its event is? Boosted trees over histograms.
//!
//! Each tree is grown leaf by leaf: of all leaves the one whose best split gains most is split next. Every number is cut
//! into at most 63 bins, bin 0 being "not known"; gradients are whole numbers, so their sums are the same in any order and
//! on any number of threads. A row belongs to a group (the days of one question) whose fixed numbers it shares: for those
//! the sums of a group are added once.
//!
//! **Source**: Friedman, "Greedy function approximation: a gradient boosting machine", 2001; the second-order gain with a
//! ridge penalty as in Chen and Guestrin, "XGBoost", 2016; growth by leaves as in Ke and others, "LightGBM", 2017.

use serde::{Deserialize, Serialize};

use super::math::{Dice, near_chance};

/// Bins of a number, bin 0 for "not known".
pub(crate) const BINS: usize = 64;

/// The upper ends of the bins of one number, rising.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Edges(pub(crate) Vec<f32>);

impl Edges {
    /// Ends such that the bins hold about equally many of these values.
    pub(crate) fn of(values: &mut Vec<f32>) -> Self {
        values.retain(|value| !value.is_nan());
        values.sort_unstable_by(f32::total_cmp);
        let most = BINS - 2;
        let mut distinct = values.clone();
        distinct.dedup();
        let mut edges: Vec<f32> = if distinct.len() <= most {
            distinct
                .windows(2)
                .filter_map(|pair| pair.first().zip(pair.last()))
                .map(|(a, b)| a + (b - a) * 0.5)
                .collect()
        } else {
            (1..=most).filter_map(|cut| values.get(cut * values.len() / (most + 1)).copied()).collect()
        };
        edges.dedup();
        Self(edges)
    }

    /// Finite, rising, and no more than there are bins.
    pub(crate) fn is_sound(&self) -> bool {
        self.0.len() <= BINS - 2
            && self.0.iter().all(|edge| edge.is_finite())
            && self.0.iter().zip(self.0.iter().skip(1)).all(|(one, next)| one < next)
    }

    pub(crate) fn bin(&self, value: f32) -> u8 {
        if value.is_nan() { 0 } else { self.0.partition_point(|edge| *edge < value) as u8 + 1 }
    }
}

/// Bins by look-up, for the whole and half numbers that days are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lookup(Vec<u8>);

/// The lowest number in the table, and how many there are.
const LOOKUP_LOW: f32 = -128.0;
const LOOKUP_SIZE: usize = 1024;

impl Lookup {
    pub(crate) fn of(edges: &Edges) -> Self {
        Self((0..LOOKUP_SIZE).map(|place| edges.bin(place as f32 / 2.0 + LOOKUP_LOW)).collect())
    }

    /// The same as [`Edges::bin`] of [`Lookup::near`].
    #[inline]
    pub(crate) fn bin(&self, edges: &Edges, value: f32) -> u8 {
        let place = (value - LOOKUP_LOW) * 2.0;
        let whole = place as usize;
        match self.0.get(whole) {
            Some(bin) if whole as f32 == place => *bin,
            _ => edges.bin(value),
        }
    }

    /// The number whose bin is that of a value: what is next to nothing away from a whole or half number of the table is that number.
    #[inline]
    pub(crate) fn near(value: f32) -> f32 {
        // Adding and taking away 1.5 · 2²³ rounds to a whole number.
        const ROUND: f32 = 12_582_912.0;
        let place = (value - LOOKUP_LOW) * 2.0;
        let is_in_table = place >= 0.0 && place < LOOKUP_SIZE as f32 && (place + ROUND) - ROUND == place;
        if is_in_table { place * 0.5 + LOOKUP_LOW } else { value }
    }
}

/// How trees are grown. The values were chosen on folds that end before the periods of evaluation begin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    /// How many trees.
    pub rounds: usize,
    /// How much of each tree's step is taken.
    pub rate: f64,
    /// Leaves of a tree.
    pub leaves: usize,
    /// What a leaf holds at least, in units of chance times counter-chance.
    pub least: f64,
    /// The ridge penalty on a leaf's step.
    pub ridge: f64,
    /// Of 1,000 numbers, how many each tree may ask about.
    pub numbers_per_1000: u32,
    /// Of 1,000 groups, how many each tree sees.
    pub groups_per_1000: u32,
    /// Where the dice start.
    pub seed: u64,
}

/// The rows to learn from, numbers as bins, row by row: what one row is asked lies together.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// How many fixed numbers a group has, and how many daily ones a row.
    pub(crate) widths: (usize, usize),
    /// The bins of the fixed numbers, group by group.
    pub(crate) fixed: Vec<u8>,
    /// The bins of the daily numbers, row by row, and number by number.
    pub(crate) daily: Vec<u8>,
    pub(crate) columns: Vec<Vec<u8>>,
    /// The group of every row; the rows of a group follow each other.
    pub(crate) group: Vec<u32>,
    /// The weight of every row, below 64.
    pub(crate) weight: Vec<f32>,
    /// Whether the event came in this row.
    pub(crate) event: Vec<bool>,
    /// The log-odds from which the trees start.
    pub(crate) start: Vec<f32>,
}

/// One question and where each answer leads: an index of a split, or of a leaf when negative (−1 is leaf 0).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Split {
    /// Fixed numbers first, then the daily ones.
    pub(crate) number: u16,
    /// Up to this bin to the left.
    pub(crate) bin: u8,
    pub(crate) left: i16,
    pub(crate) right: i16,
}

/// A tree: split 0 is the root; no split means one leaf.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tree {
    pub(crate) splits: Vec<Split>,
    pub(crate) leaves: Vec<f32>,
}

/// Gradients are kept in units of 2⁻²⁴: a row's is below 2³⁰, those of 2³³ rows together below 2⁶³.
const UNIT: f64 = 16_777_216.0;

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    gradient: i64,
    curvature: i64,
}

impl Sums {
    #[inline]
    fn add(&mut self, other: Self) {
        self.gradient = self.gradient.wrapping_add(other.gradient);
        self.curvature = self.curvature.wrapping_add(other.curvature);
    }

    #[inline]
    fn less(self, other: Self) -> Self {
        Self {
            gradient: self.gradient.wrapping_sub(other.gradient),
            curvature: self.curvature.wrapping_sub(other.curvature),
        }
    }

    fn score(self, ridge: f64) -> f64 {
        let gradient = self.gradient as f64 / UNIT;
        gradient * gradient / (self.curvature as f64 / UNIT + ridge)
    }
}

type Histogram = [Sums; BINS];

/// Rows above which a leaf is worth several threads.
const MANY: usize = 20_000;

/// A leaf that may be split: its rows, its histograms, its best split.
struct Leaf {
    rows: Vec<u32>,
    sums: Sums,
    histograms: Vec<Histogram>,
    best: Option<Best>,
    /// Which split leads here, and whether by its left side.
    parent: Option<(usize, bool)>,
}

#[derive(Debug, Clone, Copy)]
struct Best {
    gain: f64,
    number: usize,
    bin: u8,
}

/// What is reported after each tree: how many there are, of how many. Returning false stops the training.
pub type Progress<'a> = &'a mut dyn FnMut(usize, usize) -> bool;

/// Grows the trees; none when the caller stopped it.
pub(crate) fn grow(rows: &Rows, growth: &Growth, threads: usize, progress: Progress<'_>) -> Option<Vec<Tree>> {
    let mut dice = Dice(growth.seed);
    let mut scores: Vec<f32> = rows.start.clone();
    let mut steps: Vec<(i32, i32)> = vec![(0, 0); scores.len()];
    let groups = rows.group.last().map_or(0, |last| *last as usize + 1);
    let numbers = rows.widths.0 + rows.widths.1;
    let mut trees = Vec::with_capacity(growth.rounds);
    for round in 0..growth.rounds {
        let seen: Vec<bool> = (0..groups).map(|_| dice.falls_below(growth.groups_per_1000, 1000)).collect();
        let asked: Vec<usize> = (0..numbers).filter(|_| dice.falls_below(growth.numbers_per_1000, 1000)).collect();
        in_parts(&scores, &mut steps, threads, |at, scores, steps| rows.steps(at, scores, steps));
        let is_seen = |group: &u32| seen.get(*group as usize).copied().unwrap_or_default();
        let sample = (0_u32..).zip(&rows.group).filter(|(_, group)| is_seen(group)).map(|(row, _)| row).collect();
        let asked_fixed = asked.iter().copied().filter(|number| *number < rows.widths.0).collect();
        let asked_daily = asked.iter().filter_map(|number| number.checked_sub(rows.widths.0)).collect();
        let tree = Grower { rows, growth, asked: &asked, asked_fixed, asked_daily, steps: &steps, threads }
            .tree(sample, &mut scores);
        in_parts(&rows.group, &mut scores, threads, |at, groups, scores| {
            for ((row, group), score) in (at..).zip(groups).zip(scores) {
                if !is_seen(group) {
                    *score += rows.answer(&tree, row, *group as usize);
                }
            }
        });
        trees.push(tree);
        if !progress(round + 1, growth.rounds) {
            return None;
        }
    }
    Some(trees)
}

/// Works through two columns of equal length in as many parts as there are threads.
fn in_parts<A: Sync, B: Send>(from: &[A], into: &mut [B], threads: usize, work: impl Fn(usize, &[A], &mut [B]) + Sync) {
    if threads < 2 || from.len() < MANY {
        work(0, from, into);
        return;
    }
    let share = from.len().div_ceil(threads);
    std::thread::scope(|scope| {
        for (part, (from, into)) in from.chunks(share).zip(into.chunks_mut(share)).enumerate() {
            let work = &work;
            scope.spawn(move || work(part * share, from, into));
        }
    });
}

impl Rows {
    /// Gradients and curvatures of the rows from `at` on.
    fn steps(&self, at: usize, scores: &[f32], steps: &mut [(i32, i32)]) {
        let facts = self.event.get(at..).unwrap_or_default().iter().zip(self.weight.get(at..).unwrap_or_default());
        for ((score, (event, weight)), step) in scores.iter().zip(facts).zip(steps) {
            let chance = near_chance(*score);
            let weight = *weight * UNIT as f32;
            *step =
                (((chance - f32::from(u8::from(*event))) * weight) as i32, (chance * (1.0 - chance) * weight) as i32);
        }
    }

    fn fixed_of(&self, group: usize) -> &[u8] {
        self.fixed.get(group * self.widths.0..(group + 1) * self.widths.0).unwrap_or_default()
    }

    fn daily_of(&self, row: usize) -> &[u8] {
        self.daily.get(row * self.widths.1..(row + 1) * self.widths.1).unwrap_or_default()
    }

    fn answer(&self, tree: &Tree, row: usize, group: usize) -> f32 {
        let (fixed, daily) = (self.fixed_of(group), self.daily_of(row));
        tree.answer(|number| {
            let bin = fixed.get(number).or_else(|| daily.get(number - fixed.len()));
            bin.copied().unwrap_or_default()
        })
    }
}

impl Tree {
    /// The step of the leaf to which these bins lead.
    #[inline]
    pub(crate) fn answer(&self, bin: impl Fn(usize) -> u8) -> f32 {
        let mut at = if self.splits.is_empty() { -1 } else { 0 };
        while let Some(split) = usize::try_from(at).ok().and_then(|at| self.splits.get(at)) {
            at = if bin(split.number as usize) <= split.bin { split.left } else { split.right };
        }
        self.leaves.get((-1 - i32::from(at)) as usize).copied().unwrap_or_default()
    }
}

struct Grower<'a> {
    rows: &'a Rows,
    growth: &'a Growth,
    asked: &'a [usize],
    asked_fixed: Vec<usize>,
    asked_daily: Vec<usize>,
    steps: &'a [(i32, i32)],
    threads: usize,
}

impl Grower<'_> {
    /// One tree over a sample; the scores of the sample take its steps.
    fn tree(&self, sample: Vec<u32>, scores: &mut [f32]) -> Tree {
        let mut tree = Tree::default();
        let mut leaves = vec![self.leaf(sample, None, None)];
        while leaves.len() < self.growth.leaves {
            let best = leaves
                .iter()
                .enumerate()
                .filter_map(|(at, leaf)| leaf.best.map(|best| (at, best)))
                .reduce(|first, next| if next.1.gain > first.1.gain { next } else { first });
            let Some((at, best)) = best else { break };
            let leaf = leaves.swap_remove(at);
            let (left, right) = self.parted(&leaf, best);
            let own = tree.splits.len();
            tree.splits.push(Split { number: best.number as u16, bin: best.bin, left: 0, right: 0 });
            lead(&mut tree, leaf.parent, own as i16);
            let small_left = left.len() <= right.len();
            let (small, large) = if small_left { (left, right) } else { (right, left) };
            let small = self.leaf(small, None, Some((own, small_left)));
            let large = self.leaf(large, Some((leaf, &small)), Some((own, !small_left)));
            leaves.extend([small, large]);
        }
        for leaf in leaves {
            let step = -(leaf.sums.gradient as f64 / UNIT) / (leaf.sums.curvature as f64 / UNIT + self.growth.ridge);
            let step = (step * self.growth.rate) as f32;
            let own = -1 - tree.leaves.len() as i16;
            lead(&mut tree, leaf.parent, own);
            tree.leaves.push(step);
            for row in leaf.rows {
                if let Some(score) = scores.get_mut(row as usize) {
                    *score += step;
                }
            }
        }
        tree
    }

    /// The rows of either side. Each row is written to both and stays on one: there is no branch to guess.
    fn parted(&self, leaf: &Leaf, best: Best) -> (Vec<u32>, Vec<u32>) {
        let mut left = vec![0; leaf.rows.len()];
        let mut right = left.clone();
        let fixed = self.rows.widths.0;
        let mut counts = (0, 0);
        let mut part = |row: u32, bin: Option<&u8>| {
            let is_left = usize::from(bin.copied().unwrap_or_default() <= best.bin);
            if let (Some(left), Some(right)) = (left.get_mut(counts.0), right.get_mut(counts.1)) {
                (*left, *right) = (row, row);
            }
            counts = (counts.0 + is_left, counts.1 + 1 - is_left);
        };
        if best.number < fixed {
            for row in &leaf.rows {
                let group = self.rows.group.get(*row as usize).copied().unwrap_or_default();
                part(*row, self.rows.fixed.get(group as usize * fixed + best.number));
            }
        } else if let Some(column) = self.rows.columns.get(best.number - fixed) {
            for row in &leaf.rows {
                part(*row, column.get(*row as usize));
            }
        }
        left.truncate(counts.0);
        right.truncate(counts.1);
        (left, right)
    }

    /// A leaf of these rows. The histograms of the larger half are those of the whole less those of the smaller.
    fn leaf(&self, rows: Vec<u32>, whole: Option<(Leaf, &Leaf)>, parent: Option<(usize, bool)>) -> Leaf {
        let (sums, histograms) = match whole {
            Some((mut whole, half)) => {
                for (all, part) in whole.histograms.iter_mut().zip(&half.histograms) {
                    for (all, part) in all.iter_mut().zip(part) {
                        *all = all.less(*part);
                    }
                }
                (whole.sums.less(half.sums), whole.histograms)
            }
            None => self.histograms(&rows),
        };
        let best = self.best(sums, &histograms);
        Leaf { rows, sums, histograms, best, parent }
    }

    /// The sums of these rows by the bins of every number asked about.
    fn histograms(&self, rows: &[u32]) -> (Sums, Vec<Histogram>) {
        if self.threads < 2 || rows.len() < MANY {
            return self.filled(rows);
        }
        let share = rows.len().div_ceil(self.threads);
        std::thread::scope(|scope| {
            let workers: Vec<_> = rows.chunks(share).map(|part| scope.spawn(move || self.filled(part))).collect();
            let parts = workers.into_iter().filter_map(|worker| worker.join().ok());
            // Whole numbers: the sums are the same in whatever parts they were made.
            parts.reduce(|(mut all, mut histograms), (sums, part)| {
                all.add(sums);
                for (into, cell) in histograms.as_flattened_mut().iter_mut().zip(part.as_flattened()) {
                    into.add(*cell);
                }
                (all, histograms)
            })
        })
        .unwrap_or_default()
    }

    fn filled(&self, rows: &[u32]) -> (Sums, Vec<Histogram>) {
        let mut histograms = vec![[Sums::default(); BINS]; self.asked.len()];
        let (fixed, daily) = histograms.split_at_mut(self.asked_fixed.len());
        let fill = |histograms: &mut [Histogram], asked: &[usize], bins: &[u8], sums: Sums| {
            for (histogram, number) in histograms.iter_mut().zip(asked) {
                let bin = bins.get(*number).copied().unwrap_or_default();
                if let Some(cell) = histogram.get_mut(usize::from(bin) % BINS) {
                    cell.add(sums);
                }
            }
        };
        let mut all = Sums::default();
        // Once for all rows of a group that are here.
        let mut group = (u32::MAX, Sums::default());
        for row in rows {
            let (gradient, curvature) = self.steps.get(*row as usize).copied().unwrap_or_default();
            let sums = Sums { gradient: i64::from(gradient), curvature: i64::from(curvature) };
            let its = self.rows.group.get(*row as usize).copied().unwrap_or_default();
            if its != group.0 {
                all.add(group.1);
                fill(fixed, &self.asked_fixed, self.rows.fixed_of(group.0 as usize), group.1);
                group = (its, Sums::default());
            }
            group.1.add(sums);
            fill(daily, &self.asked_daily, self.rows.daily_of(*row as usize), sums);
        }
        all.add(group.1);
        fill(fixed, &self.asked_fixed, self.rows.fixed_of(group.0 as usize), group.1);
        (all, histograms)
    }

    /// The split that gains most; of equals the first.
    fn best(&self, all: Sums, histograms: &[Histogram]) -> Option<Best> {
        let least = (self.growth.least * UNIT) as i64;
        if all.curvature < least.saturating_mul(2) {
            return None;
        }
        let whole = all.score(self.growth.ridge);
        let mut best: Option<Best> = None;
        for (number, histogram) in self.asked.iter().zip(histograms) {
            let mut left = Sums::default();
            for (bin, cell) in (0_u8..).zip(histogram) {
                if cell.curvature == 0 && cell.gradient == 0 {
                    continue;
                }
                left.add(*cell);
                let right = all.less(left);
                if left.curvature < least || right.curvature < least {
                    continue;
                }
                let gain = left.score(self.growth.ridge) + right.score(self.growth.ridge) - whole;
                if gain > best.map_or(1e-6, |best| best.gain) {
                    best = Some(Best { gain, number: *number, bin });
                }
            }
        }
        best
    }
}

/// Makes the split above lead here.
fn lead(tree: &mut Tree, parent: Option<(usize, bool)>, to: i16) {
    if let Some((split, by_left)) = parent
        && let Some(split) = tree.splits.get_mut(split)
    {
        if by_left {
            split.left = to;
        } else {
            split.right = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_on_any_number_of_threads_grow_the_same_trees() {
        let groups = MANY as u32 / 4;
        let mut dice = Dice(3);
        let mut rows = Rows { widths: (2, 2), columns: vec![vec![], vec![]], ..Rows::default() };
        for group in 0..groups {
            let fixed = [(dice.next() % 60) as u8, (dice.next() % 7) as u8];
            rows.fixed.extend(fixed);
            for _ in 0..10 {
                let daily = [(dice.next() % 50) as u8, (dice.next() % 3) as u8];
                rows.daily.extend(daily);
                rows.columns.iter_mut().zip(daily).for_each(|(column, bin)| column.push(bin));
                rows.group.push(group);
                rows.weight.push(if daily[1] == 0 { 1.6 } else { 0.4 });
                rows.event.push(dice.falls_below(u32::from(fixed[0]) + u32::from(daily[0]), 300));
                rows.start.push(-2.0);
            }
        }
        let growth = Growth {
            rounds: 4,
            rate: 0.3,
            leaves: 12,
            least: 4.0,
            ridge: 10.0,
            numbers_per_1000: 1000,
            groups_per_1000: 600,
            seed: 5,
        };
        let trees = grow(&rows, &growth, 1, &mut |_, _| true).unwrap();
        assert!(trees.iter().all(|tree| tree.leaves.len() == 12));
        for threads in [2, 3, 7] {
            assert_eq!(grow(&rows, &growth, threads, &mut |_, _| true).unwrap(), trees);
        }
    }
}
