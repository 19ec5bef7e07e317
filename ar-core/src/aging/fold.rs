//! How much is in each cell of group × bucket? A fold that takes items in runs and merges exactly with another.
//!
//! Sums are whole numbers of minor units, so the order of items and the way they are parted change nothing. They are
//! kept in 64 bits while the largest amount and the count of items prove that no sum can leave them, else in 128.

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
    Narrow(Vec<Cell<i64>>),
    Wide(Vec<Cell<i128>>),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cell<W> {
    sum: W,
    count: u32,
}

/// A sum as wide as it needs to be.
trait Width: Copy + Default {
    fn plus(self, minor: i64) -> Self;
}

impl Width for i64 {
    // Never wraps: cells are widened before the bound could pass.
    fn plus(self, minor: i64) -> Self {
        self.wrapping_add(minor)
    }
}

impl Width for i128 {
    // Fewer than 2^32 items of less than 2^63 each.
    fn plus(self, minor: i64) -> Self {
        self.wrapping_add(i128::from(minor))
    }
}

/// No group: the item is left out.
pub(super) const NO_GROUP: u32 = u32::MAX;

impl AgingFold {
    /// An empty table.
    #[must_use]
    pub fn new(groups: usize, buckets: usize) -> Self {
        let cells = vec![Cell::default(); groups.saturating_mul(buckets)];
        Self { groups, buckets, cells: Cells::Narrow(cells), bound: 0 }
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
            Cells::Narrow(cells) => add(cells, self.buckets, group, bucket, minor),
            Cells::Wide(cells) => add(cells, self.buckets, group, bucket, minor),
        }
    }

    /// Adds an amount to a cell without counting an item: the part of an item whose bucket is another.
    pub(super) fn move_part(&mut self, group: u32, from: u32, to: u32, minor: i64) {
        self.widen_for(u128::from(minor.unsigned_abs()).saturating_mul(2));
        for (bucket, minor) in [(from, i128::from(minor).saturating_neg()), (to, i128::from(minor))] {
            let at = place_of(self.buckets, group, bucket);
            match &mut self.cells {
                Cells::Narrow(cells) => {
                    if let (Some(cell), Ok(minor)) = (cells.get_mut(at), i64::try_from(minor)) {
                        cell.sum = cell.sum.wrapping_add(minor);
                    }
                }
                Cells::Wide(cells) => {
                    if let Some(cell) = cells.get_mut(at) {
                        cell.sum = cell.sum.wrapping_add(minor);
                    }
                }
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
            (Cells::Narrow(cells), Cells::Narrow(others)) => {
                for (cell, other) in cells.iter_mut().zip(others) {
                    cell.sum = cell.sum.wrapping_add(other.sum);
                    cell.count = cell.count.saturating_add(other.count);
                }
            }
            (Cells::Wide(cells), Cells::Wide(others)) => {
                for (cell, other) in cells.iter_mut().zip(others) {
                    cell.sum = cell.sum.wrapping_add(other.sum);
                    cell.count = cell.count.saturating_add(other.count);
                }
            }
            (Cells::Wide(cells), Cells::Narrow(others)) => {
                for (cell, other) in cells.iter_mut().zip(others) {
                    cell.sum = cell.sum.wrapping_add(i128::from(other.sum));
                    cell.count = cell.count.saturating_add(other.count);
                }
            }
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
            Cells::Narrow(cells) => cells.get(at).map_or(0, |cell| i128::from(cell.sum)),
            Cells::Wide(cells) => cells.get(at).map_or(0, |cell| cell.sum),
        }
    }

    /// How many items a cell has, 0 outside the table.
    #[must_use]
    pub fn count(&self, group: u32, bucket: u32) -> u32 {
        let at = place_of(self.buckets, group, bucket);
        match &self.cells {
            Cells::Narrow(cells) => cells.get(at).map_or(0, |cell| cell.count),
            Cells::Wide(cells) => cells.get(at).map_or(0, |cell| cell.count),
        }
    }

    fn widen_for(&mut self, more: u128) {
        self.bound = self.bound.saturating_add(more);
        if self.bound > u128::from(i64::MAX.unsigned_abs())
            && let Cells::Narrow(cells) = &self.cells
        {
            let wide = cells.iter().map(|cell| Cell { sum: i128::from(cell.sum), count: cell.count }).collect();
            self.cells = Cells::Wide(wide);
        }
    }
}

/// The place of a cell; past the end for `NO_GROUP`, on any width of `usize`.
fn place_of(buckets: usize, group: u32, bucket: u32) -> usize {
    (group as usize).wrapping_mul(buckets).wrapping_add(bucket as usize)
}

fn add<W: Width>(cells: &mut [Cell<W>], buckets: usize, group: &[u32], bucket: &[u32], minor: &[i64]) {
    for ((group, bucket), minor) in group.iter().zip(bucket).zip(minor) {
        if let Some(cell) = cells.get_mut(place_of(buckets, *group, *bucket)) {
            cell.sum = cell.sum.plus(*minor);
            cell.count = cell.count.wrapping_add(1);
        }
    }
}
