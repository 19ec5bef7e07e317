//! How much is in each cell of group × bucket? A fold that takes items in runs and merges exactly with another.
//!
//! Sums are whole numbers of minor units, so the order of items and the way they are parted change nothing. They are
//! kept in 64 bits while the largest amount and the count of items prove that no sum can leave them, else in 128.

use super::columns::Sums;
use crate::item::columns::ColumnError;

/// A table of group × bucket while it is being filled.
///
/// ```
/// use ar_core::aging::AgingFold;
/// let mut all = AgingFold::new(2, 3);
/// all.push(&[0, 0, 1], &[0, 2, 2], &[100, 50, -30]);
/// let mut part = AgingFold::new(2, 3);
/// part.push(&[1], &[2], &[10]);
/// all.merge(&part)?;
/// assert_eq!(all.sum(1, 2), -20);
/// assert_eq!(all.count(1, 2), 2);
/// # Ok::<(), ar_core::item::columns::ColumnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgingFold {
    groups: usize,
    buckets: usize,
    cells: Cells,
    /// Σ over the runs of 2^(bits of the largest amount): no sum is larger.
    bound: u128,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Cells {
    Narrow(Table<i64>),
    Wide(Table<i128>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Table<W> {
    sum: Vec<W>,
    count: Vec<u32>,
}

/// A sum as wide as it needs to be. None wraps: cells are widened before the bound could pass, and fewer than 2^32 items of
/// less than 2^63 each fit 128 bits.
trait Width: Copy + Default + PartialEq {
    fn of(minor: i64) -> Self;
    fn plus(self, other: Self) -> Self;
}

impl Width for i64 {
    fn of(minor: i64) -> Self {
        minor
    }
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
}

impl Width for i128 {
    fn of(minor: i64) -> Self {
        Self::from(minor)
    }
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
}

impl<W: Width> Table<W> {
    fn sum(&self, at: usize) -> W {
        self.sum.get(at).copied().unwrap_or_default()
    }

    fn add_sum(&mut self, at: usize, sum: W) {
        if let Some(slot) = self.sum.get_mut(at) {
            *slot = slot.plus(sum);
        }
    }

    fn merge<V: Copy>(&mut self, other: &Table<V>, widen: impl Fn(V) -> W) {
        for (slot, sum) in self.sum.iter_mut().zip(&other.sum) {
            *slot = slot.plus(widen(*sum));
        }
        for (slot, count) in self.count.iter_mut().zip(&other.count) {
            *slot = slot.saturating_add(*count);
        }
    }

    fn add(&mut self, buckets: usize, group: &[u32], bucket: &[u32], minor: &[i64]) {
        for ((group, bucket), minor) in group.iter().zip(bucket).zip(minor) {
            let at = place_of(buckets, *group, *bucket);
            if let (Some(sum), Some(count)) = (self.sum.get_mut(at), self.count.get_mut(at)) {
                *sum = sum.plus(W::of(*minor));
                *count = count.wrapping_add(1);
            }
        }
    }
}

/// No group: the item is left out.
pub(super) const NO_GROUP: u32 = u32::MAX;

impl AgingFold {
    /// An empty table.
    #[must_use]
    pub fn new(groups: usize, buckets: usize) -> Self {
        let cells = groups.saturating_mul(buckets);
        let table = Table { sum: vec![0; cells], count: vec![0; cells] };
        Self { groups, buckets, cells: Cells::Narrow(table), bound: 0 }
    }

    /// Adds a run of items: their groups, buckets and amounts in minor units. An item whose group is not in the table is
    /// left out.
    pub fn push(&mut self, group: &[u32], bucket: &[u32], minor: &[i64]) {
        // Every |x| is below 2^bits.
        let magnitude = minor.iter().fold(0_i64, |held, minor| held | (minor ^ (minor >> 63)));
        let most = u128::from(magnitude.unsigned_abs()).saturating_add(1);
        let items = u128::try_from(minor.len()).unwrap_or(u128::MAX);
        self.widen_for(most.saturating_mul(items));
        match &mut self.cells {
            Cells::Narrow(cells) => cells.add(self.buckets, group, bucket, minor),
            Cells::Wide(cells) => cells.add(self.buckets, group, bucket, minor),
        }
    }

    /// Adds an amount to a cell without counting an item: the part of an item whose bucket is another.
    pub(super) fn move_part(&mut self, group: u32, from: u32, to: u32, minor: i64) {
        self.widen_for(u128::from(minor.unsigned_abs()).saturating_mul(2));
        for (bucket, minor) in [(from, minor.saturating_neg()), (to, minor)] {
            let at = place_of(self.buckets, group, bucket);
            match &mut self.cells {
                Cells::Narrow(cells) => cells.add_sum(at, minor),
                Cells::Wide(cells) => cells.add_sum(at, i128::from(minor)),
            }
        }
    }

    /// Adds another table over the same groups and buckets. The result is the same whichever way items were parted.
    ///
    /// # Errors
    /// [`ColumnError::AccountsDiffer`] when it has other groups or buckets.
    pub fn merge(&mut self, other: &Self) -> Result<(), ColumnError> {
        if (self.groups, self.buckets) != (other.groups, other.buckets) {
            return Err(ColumnError::AccountsDiffer { expected: self.groups, found: other.groups });
        }
        self.widen_for(other.bound);
        match (&mut self.cells, &other.cells) {
            (Cells::Narrow(cells), Cells::Narrow(others)) => cells.merge(others, |sum| sum),
            (Cells::Wide(cells), Cells::Wide(others)) => cells.merge(others, |sum| sum),
            (Cells::Wide(cells), Cells::Narrow(others)) => cells.merge(others, i128::from),
            // Widened above: the bound of a wide table is past 64 bits.
            (Cells::Narrow(_), Cells::Wide(_)) => {}
        }
        Ok(())
    }

    /// How many groups.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// How many buckets.
    #[must_use]
    pub fn buckets(&self) -> usize {
        self.buckets
    }

    /// Whether all sums fit `i64`.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        matches!(self.cells, Cells::Narrow(_))
    }

    /// The sum of a cell in minor units, 0 outside the table.
    #[must_use]
    pub fn sum(&self, group: u32, bucket: u32) -> i128 {
        let at = place_of(self.buckets, group, bucket);
        match &self.cells {
            Cells::Narrow(cells) => i128::from(cells.sum(at)),
            Cells::Wide(cells) => cells.sum(at),
        }
    }

    /// How many items a cell has, 0 outside the table.
    #[must_use]
    pub fn count(&self, group: u32, bucket: u32) -> u32 {
        let at = place_of(self.buckets, group, bucket);
        self.counts().get(at).copied().unwrap_or(0)
    }

    fn counts(&self) -> &[u32] {
        match &self.cells {
            Cells::Narrow(cells) => &cells.count,
            Cells::Wide(cells) => &cells.count,
        }
    }

    /// Every cell that holds something, by group and bucket; `most` is how many there can be.
    pub(super) fn full_cells(&self, most: usize) -> FullCells {
        match &self.cells {
            Cells::Narrow(cells) => full(cells, self.buckets, most, Sums::Narrow),
            Cells::Wide(cells) => full(cells, self.buckets, most, Sums::Wide),
        }
    }

    /// By bucket the sums of these groups.
    pub(super) fn bucket_sums(&self, groups: &[u32]) -> Vec<Sums> {
        let buckets = 0..u32::try_from(self.buckets).unwrap_or(u32::MAX);
        buckets
            .map(|bucket| {
                let places = groups.iter().map(|group| place_of(self.buckets, *group, bucket));
                match &self.cells {
                    Cells::Narrow(cells) => Sums::Narrow(places.map(|at| cells.sum(at)).collect()),
                    Cells::Wide(cells) => Sums::Wide(places.map(|at| cells.sum(at)).collect()),
                }
            })
            .collect()
    }

    /// The groups that have an item, rising, and how many items each has.
    pub(super) fn full_groups(&self) -> (Vec<u32>, Vec<u32>) {
        let (mut groups, mut counts) = (Vec::new(), Vec::new());
        for (group, cells) in (0_u32..).zip(self.counts().chunks_exact(self.buckets.max(1))) {
            let count = cells.iter().fold(0_u32, |sum, count| sum.saturating_add(*count));
            if count > 0 {
                groups.push(group);
                counts.push(count);
            }
        }
        (groups, counts)
    }

    fn widen_for(&mut self, more: u128) {
        self.bound = self.bound.saturating_add(more);
        if self.bound > u128::from(i64::MAX.unsigned_abs())
            && let Cells::Narrow(cells) = &self.cells
        {
            let sum = cells.sum.iter().map(|sum| i128::from(*sum)).collect();
            self.cells = Cells::Wide(Table { sum, count: cells.count.clone() });
        }
    }
}

/// The place of a cell; past the end for `NO_GROUP`, on any width of `usize`.
fn place_of(buckets: usize, group: u32, bucket: u32) -> usize {
    (group as usize).wrapping_mul(buckets).wrapping_add(bucket as usize)
}

/// The cells of a table that hold something, in columns.
#[derive(Debug)]
pub(super) struct FullCells {
    pub group: Vec<u32>,
    pub bucket: Vec<u8>,
    pub sum: Sums,
    pub count: Vec<u32>,
}

/// Cells written at once before they are copied out.
const RUN: usize = 1024;

// Written always and kept when it holds something, so that no branch has to be guessed.
fn full<W: Width>(table: &Table<W>, buckets: usize, most: usize, column: fn(Vec<W>) -> Sums) -> FullCells {
    let most = most.min(table.sum.len());
    let (mut groups, mut numbers) = (Vec::with_capacity(most), Vec::with_capacity(most));
    let (mut sums, mut counts) = (Vec::with_capacity(most), Vec::with_capacity(most));
    let (mut group_run, mut bucket_run) = ([0_u32; RUN], [0_u8; RUN]);
    let (mut sum_run, mut count_run) = ([W::default(); RUN], [0_u32; RUN]);
    let mut filled = 0_usize;
    let mut flush = |filled: usize, group: &[u32], bucket: &[u8], sum: &[W], count: &[u32]| {
        groups.extend_from_slice(group.get(..filled).unwrap_or(&[]));
        numbers.extend_from_slice(bucket.get(..filled).unwrap_or(&[]));
        sums.extend_from_slice(sum.get(..filled).unwrap_or(&[]));
        counts.extend_from_slice(count.get(..filled).unwrap_or(&[]));
    };
    let cells = table.sum.chunks_exact(buckets.max(1)).zip(table.count.chunks_exact(buckets.max(1)));
    for (group, (sum, count)) in (0_u32..).zip(cells) {
        // A policy has at most 65 buckets and 3 special ones, so that a group always fits an emptied run.
        if filled.saturating_add(sum.len()) > RUN {
            flush(filled, &group_run, &bucket_run, &sum_run, &count_run);
            filled = 0;
        }
        for ((bucket, sum), count) in (0_u8..).zip(sum).zip(count) {
            put(&mut group_run, filled, group);
            put(&mut bucket_run, filled, bucket);
            put(&mut sum_run, filled, *sum);
            put(&mut count_run, filled, *count);
            filled = filled.wrapping_add(usize::from((*count != 0) | (*sum != W::default())));
        }
    }
    flush(filled, &group_run, &bucket_run, &sum_run, &count_run);
    FullCells { group: groups, bucket: numbers, sum: column(sums), count: counts }
}

fn put<T>(column: &mut [T], at: usize, value: T) {
    if let Some(slot) = column.get_mut(at) {
        *slot = value;
    }
}
