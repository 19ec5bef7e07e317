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

use super::math::{Dice, chance};

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

    /// The same as [`Edges::bin`].
    #[inline]
    pub(crate) fn bin(&self, edges: &Edges, value: f32) -> u8 {
        let place = (value - LOOKUP_LOW) * 2.0;
        let whole = place as usize;
        match self.0.get(whole) {
            Some(bin) if whole as f32 == place => *bin,
            _ => edges.bin(value),
        }
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

/// The rows to learn from, numbers as bins, column by column.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// Of each fixed number: its bin for every group.
    pub(crate) fixed: Vec<Vec<u8>>,
    /// Of each daily number: its bin for every row.
    pub(crate) daily: Vec<Vec<u8>>,
    /// The group of every row; the rows of a group follow each other.
    pub(crate) group: Vec<u32>,
    /// The weight of every row.
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
    let mut scores: Vec<f64> = rows.start.iter().map(|start| f64::from(*start)).collect();
    let mut steps: Vec<(i32, i32)> = vec![(0, 0); scores.len()];
    let groups = rows.group.last().map_or(0, |last| *last as usize + 1);
    let numbers = rows.fixed.len() + rows.daily.len();
    let mut trees = Vec::with_capacity(growth.rounds);
    for round in 0..growth.rounds {
        let seen: Vec<bool> = (0..groups).map(|_| dice.falls_below(growth.groups_per_1000, 1000)).collect();
        let asked: Vec<usize> = (0..numbers).filter(|_| dice.falls_below(growth.numbers_per_1000, 1000)).collect();
        let mut sample = Vec::with_capacity(scores.len());
        let facts = scores.iter().zip(&rows.event).zip(&rows.weight).zip(&rows.group);
        for ((((score, event), weight), group), (row, step)) in facts.zip((0..).zip(&mut steps)) {
            if !seen.get(*group as usize).copied().unwrap_or_default() {
                continue;
            }
            let chance = chance(*score);
            let weight = f64::from(*weight) * UNIT;
            *step =
                (((chance - f64::from(u8::from(*event))) * weight) as i32, (chance * (1.0 - chance) * weight) as i32);
            sample.push(row);
        }
        let tree = Grower { rows, growth, asked: &asked, steps: &steps, threads }.tree(sample, &mut scores);
        for (row, (score, group)) in (0_u32..).zip(scores.iter_mut().zip(&rows.group)) {
            if !seen.get(*group as usize).copied().unwrap_or_default() {
                *score += f64::from(tree.answer(|number| rows.bin(number, row, *group)));
            }
        }
        trees.push(tree);
        if !progress(round + 1, growth.rounds) {
            return None;
        }
    }
    Some(trees)
}

impl Rows {
    #[inline]
    fn bin(&self, number: usize, row: u32, group: u32) -> u8 {
        let column = match self.fixed.get(number) {
            Some(column) => column.get(group as usize),
            None => self.daily.get(number - self.fixed.len()).and_then(|column| column.get(row as usize)),
        };
        column.copied().unwrap_or_default()
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
    steps: &'a [(i32, i32)],
    threads: usize,
}

impl Grower<'_> {
    /// One tree over a sample; the scores of the sample take its steps.
    fn tree(&self, sample: Vec<u32>, scores: &mut [f64]) -> Tree {
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
                    *score += f64::from(step);
                }
            }
        }
        tree
    }

    fn parted(&self, leaf: &Leaf, best: Best) -> (Vec<u32>, Vec<u32>) {
        let mut left = Vec::with_capacity(leaf.rows.len());
        let mut right = Vec::with_capacity(leaf.rows.len());
        let mut part = |row: u32, bin: u8| if bin <= best.bin { left.push(row) } else { right.push(row) };
        if let Some(column) = self.rows.fixed.get(best.number) {
            for row in &leaf.rows {
                let group = self.rows.group.get(*row as usize).copied().unwrap_or_default();
                part(*row, column.get(group as usize).copied().unwrap_or_default());
            }
        } else if let Some(column) = self.rows.daily.get(best.number - self.rows.fixed.len()) {
            for row in &leaf.rows {
                part(*row, column.get(*row as usize).copied().unwrap_or_default());
            }
        }
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

    fn histograms(&self, rows: &[u32]) -> (Sums, Vec<Histogram>) {
        // Each row's gradient once, in order; and once for all rows of a group that are here.
        let mut own: Vec<Sums> = Vec::with_capacity(rows.len());
        let mut groups: Vec<(u32, Sums)> = Vec::new();
        let mut all = Sums::default();
        for row in rows {
            let (gradient, curvature) = self.steps.get(*row as usize).copied().unwrap_or_default();
            let sums = Sums { gradient: i64::from(gradient), curvature: i64::from(curvature) };
            let group = self.rows.group.get(*row as usize).copied().unwrap_or_default();
            all.add(sums);
            own.push(sums);
            match groups.last_mut() {
                Some((last, its)) if *last == group => its.add(sums),
                _ => groups.push((group, sums)),
            }
        }
        let mut histograms = vec![[Sums::default(); BINS]; self.asked.len()];
        let fill = |number: usize, histogram: &mut Histogram| {
            if let Some(column) = self.rows.fixed.get(number) {
                for (group, sums) in &groups {
                    let bin = column.get(*group as usize).copied().unwrap_or_default();
                    if let Some(cell) = histogram.get_mut(usize::from(bin) % BINS) {
                        cell.add(*sums);
                    }
                }
            } else if let Some(column) = self.rows.daily.get(number - self.rows.fixed.len()) {
                for (row, sums) in rows.iter().zip(&own) {
                    let bin = column.get(*row as usize).copied().unwrap_or_default();
                    if let Some(cell) = histogram.get_mut(usize::from(bin) % BINS) {
                        cell.add(*sums);
                    }
                }
            }
        };
        if self.threads > 1 && rows.len() > 20_000 {
            let share = self.asked.len().div_ceil(self.threads).max(1);
            std::thread::scope(|scope| {
                for (asked, histograms) in self.asked.chunks(share).zip(histograms.chunks_mut(share)) {
                    let fill = &fill;
                    scope.spawn(move || {
                        for (number, histogram) in asked.iter().zip(histograms) {
                            fill(*number, histogram);
                        }
                    });
                }
            });
        } else {
            for (number, histogram) in self.asked.iter().zip(&mut histograms) {
                fill(*number, histogram);
            }
        }
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
