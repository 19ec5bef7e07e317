//! How much does each account owe in each age bucket, straight from columns?
//!
//! The two forms of one rule, for callers that hold dense columns: [`age_columns`] takes them in any order and scatters
//! into a table of cells, a cache-sized block of accounts at a time; [`age_sorted_columns`] takes them sorted by
//! account and needs one pass. Both return the same rows. The bucket of an item is the number of thresholds its due
//! day lies before, so a policy's edges have become days by the time they come here: for edges `[0, 30, 60]` inclusive
//! on day `d`, the thresholds are `[d, d − 30, d − 60]`; for edges taken from inclusive, each is one day later.

use crate::item::columns::{Accounts, ColumnError, Columns, SortedColumns};

/// The days that part the buckets, newest first: an item due before threshold `k` has passed edge `k`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thresholds {
    groups: Vec<[i32; GROUP]>,
    buckets: usize,
}

/// Thresholds compared in one sweep; a group is filled up with a day that nothing is due before.
pub(super) const GROUP: usize = 6;

impl Thresholds {
    /// Takes strictly falling days, at most 255 of them. None is allowed: all items share one bucket.
    ///
    /// # Errors
    /// [`ColumnError::Thresholds`] with the first day at fault.
    pub fn new(days: &[i32]) -> Result<Self, ColumnError> {
        if days.len() > usize::from(u8::MAX) {
            return Err(ColumnError::Thresholds { index: usize::from(u8::MAX) });
        }
        match days.iter().zip(days.iter().skip(1)).position(|(newer, older)| newer <= older) {
            Some(index) => Err(ColumnError::Thresholds { index: index.saturating_add(1) }),
            None => Ok(Self {
                groups: days
                    .chunks(GROUP)
                    .map(|chunk| {
                        let mut group = [i32::MIN; GROUP];
                        group.iter_mut().zip(chunk).for_each(|(to, day)| *to = *day);
                        group
                    })
                    .collect(),
                buckets: days.len().saturating_add(1),
            }),
        }
    }

    /// How many buckets the thresholds part: one more than there are thresholds.
    #[must_use]
    pub fn buckets(&self) -> usize {
        self.buckets
    }

    /// The thresholds, newest first, in groups.
    pub(super) fn groups(&self) -> &[[i32; GROUP]] {
        &self.groups
    }

    // A few fixed thresholds over a short run of days, which the compiler turns into vector compares.
    pub(super) fn fill(&self, days: &[i32], out: &mut [u32]) {
        out.fill(0);
        for group in &self.groups {
            for (bucket, day) in out.iter_mut().zip(days) {
                let passed = group.iter().fold(0_u32, |n, threshold| n.wrapping_add(u32::from(day < threshold)));
                *bucket = bucket.wrapping_add(passed);
            }
        }
    }
}

/// Sums in minor units: 64 bits when the input proves that they suffice, 128 otherwise. Exact either way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sums {
    /// Each sum fits `i64`, whatever the grouping.
    Narrow(Vec<i64>),
    /// Some sum might not.
    Wide(Vec<i128>),
}

impl Sums {
    /// The sum of one row, if there is such a row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<i128> {
        match self {
            Self::Narrow(sums) => sums.get(row).copied().map(i128::from),
            Self::Wide(sums) => sums.get(row).copied(),
        }
    }
}

/// One row for each account and bucket that holds an item, ascending by account, and the oldest bucket first: the
/// order in which items sorted by due day meet their buckets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgingRows {
    /// The account of each row.
    pub account: Vec<u32>,
    /// The bucket of each row: 0 has passed no edge.
    pub bucket: Vec<u8>,
    /// The sum of each row, in minor units. A row whose items cancel is kept, with 0.
    pub sum: Sums,
    /// How many items each row sums.
    pub count: Vec<u32>,
}

impl AgingRows {
    /// The sum of each bucket over all rows: a control total, which mixes currencies if the accounts do.
    #[must_use]
    pub fn totals(&self, thresholds: &Thresholds) -> Vec<i128> {
        let mut totals = vec![0_i128; thresholds.buckets()];
        for (row, bucket) in self.bucket.iter().enumerate() {
            if let Some(total) = totals.get_mut(usize::from(*bucket)) {
                // Fewer than 2^32 rows, each the sum of fewer than 2^32 amounts below 2^63.
                *total = total.wrapping_add(self.sum.get(row).unwrap_or_default());
            }
        }
        totals
    }
}

/// Sums open amounts by account and bucket, from columns in any order.
///
/// **Unit**: minor units. **Rounding**: none. **Panics**: never. Memory beyond the rows: a table of cells for all
/// accounts while that fits a cache, else 16 bytes for each item and one cache-sized table.
#[must_use]
pub fn age_columns(items: &Columns<'_>, thresholds: &Thresholds) -> AgingRows {
    if items.sums_fit() { age_unsorted::<i64>(items, thresholds) } else { age_unsorted::<i128>(items, thresholds) }
}

/// Sums open amounts by account and bucket, in one pass over columns sorted by account.
///
/// **Unit**: minor units. **Rounding**: none. **Panics**: never.
#[must_use]
pub fn age_sorted_columns(items: &SortedColumns<'_>, thresholds: &Thresholds) -> AgingRows {
    if items.sums_fit() { age_sorted::<i64>(items, thresholds) } else { age_sorted::<i128>(items, thresholds) }
}

/// Items handled between two changes of loop: short enough that their buckets stay in the first-level cache.
pub(super) const RUN: usize = 1024;
/// A block has at most two to this many cells: their table stays in the second-level cache.
const CELL_BITS: u32 = 16;
/// Cells up to which one table for all accounts beats partitioning the items first.
const DIRECT_CELLS: usize = 1 << 18;

/// An accumulator as wide as the input needs.
pub(super) trait Width: Copy + Default + PartialEq {
    fn plus(self, minor: i64) -> Self;
    fn less(self, other: Self) -> Self;
    fn column(sums: Vec<Self>) -> Sums;
}

impl Width for i64 {
    // Wrapping is never reached: this width is chosen only when every subset of the input fits.
    fn plus(self, minor: i64) -> Self {
        self.wrapping_add(minor)
    }
    fn less(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }
    fn column(sums: Vec<Self>) -> Sums {
        Sums::Narrow(sums)
    }
}

impl Width for i128 {
    // Fewer than 2^32 items of less than 2^64 each.
    fn plus(self, minor: i64) -> Self {
        self.wrapping_add(Self::from(minor))
    }
    fn less(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }
    fn column(sums: Vec<Self>) -> Sums {
        Sums::Wide(sums)
    }
}

#[derive(Clone, Copy, Default)]
struct Cell<W> {
    sum: W,
    count: u32,
}

impl<W: Width> Cell<W> {
    fn add(&mut self, minor: i64) {
        self.sum = self.sum.plus(minor);
        self.count = self.count.wrapping_add(1);
    }
}

struct Rows<W> {
    account: Vec<u32>,
    bucket: Vec<u8>,
    sum: Vec<W>,
    count: Vec<u32>,
}

impl<W: Width> Rows<W> {
    fn with_capacity(most: usize) -> Self {
        Self {
            account: Vec::with_capacity(most),
            bucket: Vec::with_capacity(most),
            sum: Vec::with_capacity(most),
            count: Vec::with_capacity(most),
        }
    }

    fn finish(self) -> AgingRows {
        AgingRows { account: self.account, bucket: self.bucket, sum: W::column(self.sum), count: self.count }
    }
}

/// Rows from a table of cells: written always, kept when a cell holds items, so that no branch has to be guessed.
struct FromCells<W> {
    account: [u32; RUN],
    bucket: [u8; RUN],
    sum: [W; RUN],
    count: [u32; RUN],
    filled: usize,
}

impl<W: Width> FromCells<W> {
    fn new() -> Box<Self> {
        Box::new(Self { account: [0; RUN], bucket: [0; RUN], sum: [W::default(); RUN], count: [0; RUN], filled: 0 })
    }

    /// Emits the cells of consecutive accounts and empties them.
    fn emit(&mut self, first: u32, cells: &mut [Cell<W>], buckets: usize, out: &mut Rows<W>) {
        for (account, cells) in (first..u32::MAX).zip(cells.chunks_exact_mut(buckets)) {
            // A policy has at most 256 buckets, so that one account always fits an emptied run.
            if self.filled.saturating_add(buckets) > RUN {
                self.flush(out);
            }
            let mut at = self.filled;
            for (bucket, cell) in cells.iter_mut().enumerate().rev() {
                put(&mut self.account, at, account);
                put(&mut self.bucket, at, bucket as u8);
                put(&mut self.sum, at, cell.sum);
                put(&mut self.count, at, cell.count);
                at = at.wrapping_add(usize::from(cell.count != 0));
                *cell = Cell::default();
            }
            self.filled = at;
        }
    }

    fn flush(&mut self, out: &mut Rows<W>) {
        out.account.extend_from_slice(self.account.get(..self.filled).unwrap_or_default());
        out.bucket.extend_from_slice(self.bucket.get(..self.filled).unwrap_or_default());
        out.sum.extend_from_slice(self.sum.get(..self.filled).unwrap_or_default());
        out.count.extend_from_slice(self.count.get(..self.filled).unwrap_or_default());
        self.filled = 0;
    }
}

fn put<T>(column: &mut [T], at: usize, value: T) {
    if let Some(to) = column.get_mut(at) {
        *to = value;
    }
}

// Inside an account days rise, so buckets fall and the rows come out in order. A row ends where the next item differs
// in account or bucket; its sum is the difference of two running totals. Nothing in the pass has to be guessed.
fn age_sorted<W: Width>(items: &SortedColumns<'_>, thresholds: &Thresholds) -> AgingRows {
    let most = items.len().min(items.accounts().saturating_mul(thresholds.buckets()));
    let mut rows = Rows::<W>::with_capacity(most);
    let mut bucket = [0_u32; RUN + 1];
    let mut ends = [0_u32; RUN];
    let mut run_ends = [0_u32; RUN];
    let mut running = [W::default(); RUN];
    let (mut total, mut total_closed, mut start, mut closed) = (W::default(), W::default(), 0_u32, 0_u32);
    for minor in items.minor().chunks(RUN) {
        let account = items.account().get(start as usize..).unwrap_or_default();
        let day = items.day().get(start as usize..).unwrap_or_default();
        thresholds.fill(day, &mut bucket);
        mark_ends(account, &bucket, &mut ends);
        if let Some(last) = ends.get_mut(account.len().wrapping_sub(1)) {
            *last = 1;
        }
        let mut found = 0_usize;
        for (((place, minor), running), end) in (0_u32..RUN as u32).zip(minor).zip(&mut running).zip(&ends) {
            total = total.plus(*minor);
            *running = total;
            put(&mut run_ends, found, place);
            found = found.wrapping_add(*end as usize);
        }
        let run_ends = run_ends.get(..found).unwrap_or_default();
        rows.account.extend(run_ends.iter().map(|end| at(account, *end)));
        rows.bucket.extend(run_ends.iter().map(|end| at(&bucket, *end) as u8));
        rows.sum.extend(run_ends.iter().map(|end| {
            let before = total_closed;
            total_closed = at(&running, *end);
            total_closed.less(before)
        }));
        rows.count.extend(run_ends.iter().map(|end| {
            let before = closed;
            closed = start.wrapping_add(*end).wrapping_add(1);
            closed.wrapping_sub(before)
        }));
        start = start.wrapping_add(minor.len() as u32);
    }
    rows.finish()
}

fn mark_ends(account: &[u32], bucket: &[u32], ends: &mut [u32]) {
    let accounts = account.iter().zip(account.iter().skip(1));
    let buckets = bucket.iter().zip(bucket.iter().skip(1));
    for ((end, (a, b)), (c, d)) in ends.iter_mut().zip(accounts).zip(buckets) {
        *end = u32::from(a != b) | u32::from(c != d);
    }
}

// The default is never taken: places come from the column they are looked up in.
pub(super) fn at<T: Copy + Default>(column: &[T], place: u32) -> T {
    column.get(place as usize).copied().unwrap_or_default()
}

/// A cell of a block and an amount for it.
trait Posting: Copy + Default {
    fn new(cell: u32, minor: i64) -> Self;
    fn cell(self) -> usize;
    fn minor(self) -> i64;
}

impl Posting for (u32, i64) {
    fn new(cell: u32, minor: i64) -> Self {
        (cell, minor)
    }
    fn cell(self) -> usize {
        self.0 as usize
    }
    fn minor(self) -> i64 {
        self.1
    }
}

/// Half the memory: the amount in the high bits, the cell in the low ones.
#[derive(Clone, Copy, Default)]
struct Packed(i64);

impl Posting for Packed {
    fn new(cell: u32, minor: i64) -> Self {
        Self((minor << CELL_BITS) | i64::from(cell))
    }
    fn cell(self) -> usize {
        (self.0.cast_unsigned() & u64::from(u16::MAX)) as usize
    }
    fn minor(self) -> i64 {
        self.0 >> CELL_BITS
    }
}

fn age_unsorted<W: Width>(items: &Columns<'_>, thresholds: &Thresholds) -> AgingRows {
    if items.accounts().count().saturating_mul(thresholds.buckets()) <= DIRECT_CELLS {
        age_in_one_table::<W>(items, thresholds)
    } else if items.minor_bits().saturating_add(CELL_BITS) < i64::BITS {
        age_in_blocks::<W, Packed>(items, thresholds)
    } else {
        age_in_blocks::<W, (u32, i64)>(items, thresholds)
    }
}

fn age_in_one_table<W: Width>(items: &Columns<'_>, thresholds: &Thresholds) -> AgingRows {
    let buckets = thresholds.buckets();
    let all_cells = items.accounts().count().saturating_mul(buckets);
    let mut cells = vec![Cell::<W>::default(); all_cells];
    each_run(items, thresholds, |account, bucket, minor| {
        for ((account, bucket), minor) in account.iter().zip(bucket).zip(minor) {
            if let Some(cell) = cells.get_mut(account.wrapping_mul(buckets as u32).wrapping_add(*bucket) as usize) {
                cell.add(*minor);
            }
        }
    });
    let mut out = Rows::<W>::with_capacity(items.len().min(all_cells));
    let mut rows = FromCells::<W>::new();
    rows.emit(0, &mut cells, buckets, &mut out);
    rows.flush(&mut out);
    out.finish()
}

// Items are parted by block of accounts first (accounts that share their high bits), so that the cells they are added
// to stay in cache; one table serves every block.
fn age_in_blocks<W: Width, P: Posting>(items: &Columns<'_>, thresholds: &Thresholds) -> AgingRows {
    let buckets = thresholds.buckets();
    let accounts = items.accounts().count();
    let per_block = (1_usize << CELL_BITS).checked_div(buckets).unwrap_or_default().max(1);
    let shift = per_block.ilog2();
    let low = (1_u32 << shift).wrapping_sub(1);
    let ends = block_ends(items.accounts(), shift, (accounts >> shift).saturating_add(1));
    let mut cursor: Vec<u32> = std::iter::once(0).chain(ends.iter().copied()).collect();
    let mut postings = vec![P::default(); items.len()];
    each_run(items, thresholds, |account, bucket, minor| {
        for ((account, bucket), minor) in account.iter().zip(bucket).zip(minor) {
            if let Some(next) = cursor.get_mut((account >> shift) as usize) {
                let cell = (account & low).wrapping_mul(buckets as u32).wrapping_add(*bucket);
                put(&mut postings, *next as usize, P::new(cell, *minor));
                *next = next.wrapping_add(1);
            }
        }
    });
    let mut out = Rows::<W>::with_capacity(items.len().min(accounts.saturating_mul(buckets)));
    let mut rows = FromCells::<W>::new();
    let mut cells = vec![Cell::<W>::default(); (1_usize << shift).saturating_mul(buckets)];
    let mut start = 0;
    for (block, end) in ends.iter().enumerate() {
        for posting in postings.get(start as usize..*end as usize).unwrap_or_default() {
            if let Some(cell) = cells.get_mut(posting.cell()) {
                cell.add(posting.minor());
            }
        }
        if start != *end {
            rows.emit((block as u32) << shift, &mut cells, buckets, &mut out);
        }
        start = *end;
    }
    rows.flush(&mut out);
    out.finish()
}

fn each_run(items: &Columns<'_>, thresholds: &Thresholds, mut run: impl FnMut(&[u32], &[u32], &[i64])) {
    let mut account = [0_u32; RUN];
    let mut bucket = [0_u32; RUN];
    for (i, (day, minor)) in items.day().chunks(RUN).zip(items.minor().chunks(RUN)).enumerate() {
        items.accounts().fill(i.saturating_mul(RUN), &mut account);
        thresholds.fill(day, &mut bucket);
        run(&account, &bucket, minor);
    }
}

fn block_ends(accounts: &Accounts<'_>, shift: u32, blocks: usize) -> Vec<u32> {
    let mut sizes = vec![0_u32; blocks];
    let mut account = [0_u32; RUN];
    let mut start = 0_usize;
    while start < accounts.len() {
        accounts.fill(start, &mut account);
        let left = accounts.len().saturating_sub(start);
        for account in account.iter().take(left) {
            if let Some(size) = sizes.get_mut((account >> shift) as usize) {
                *size = size.wrapping_add(1);
            }
        }
        start = start.saturating_add(RUN);
    }
    sizes
        .iter()
        .scan(0_u32, |end, size| {
            *end = end.wrapping_add(*size);
            Some(*end)
        })
        .collect()
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "an overflow here fails the test, as it should")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Item = (u32, i32, i64);

    fn columns(items: &[Item]) -> (Vec<u32>, Vec<i32>, Vec<i64>) {
        (items.iter().map(|i| i.0).collect(), items.iter().map(|i| i.1).collect(), items.iter().map(|i| i.2).collect())
    }

    /// The definition: for each item its account and the number of thresholds its day lies before.
    fn naive(items: &[Item], days: &[i32]) -> Vec<(u32, u8, i128, u32)> {
        let mut cells = BTreeMap::new();
        for (account, due, open) in items {
            let bucket = days.iter().filter(|t| due < *t).count();
            let cell = cells.entry((*account, std::cmp::Reverse(bucket))).or_insert((0_i128, 0_u32));
            *cell = (cell.0 + i128::from(*open), cell.1 + 1);
        }
        cells.into_iter().map(|((a, b), (sum, count))| (a, b.0 as u8, sum, count)).collect()
    }

    fn rows(report: &AgingRows) -> Vec<(u32, u8, i128, u32)> {
        (0..report.account.len())
            .map(|k| (report.account[k], report.bucket[k], report.sum.get(k).unwrap(), report.count[k]))
            .collect()
    }

    fn agree(items: &[Item], accounts: usize, days: &[i32]) {
        let thresholds = Thresholds::new(days).unwrap();
        let expected = naive(items, days);
        let (account, due, open) = columns(items);
        let dense = Columns::new(Accounts::Dense { account: &account, accounts }, &due, &open).unwrap();
        let unsorted = age_columns(&dense, &thresholds);
        assert_eq!(rows(&unsorted), expected);
        let mut sorted = items.to_vec();
        sorted.sort_by_key(|(account, due, _)| (*account, *due));
        let (account, due, open) = columns(&sorted);
        let sorted = SortedColumns::new(&account, accounts, &due, &open).unwrap();
        assert_eq!(age_sorted_columns(&sorted, &thresholds), unsorted);
        let totals = unsorted.totals(&thresholds);
        assert_eq!(totals.len(), thresholds.buckets());
        assert_eq!(totals.iter().sum::<i128>(), items.iter().map(|i| i128::from(i.2)).sum::<i128>());
    }

    fn day() -> impl Strategy<Value = i32> {
        prop_oneof![8 => -40..40_i32, 1 => Just(i32::MIN), 1 => Just(i32::MAX)]
    }

    fn amount() -> impl Strategy<Value = i64> {
        prop_oneof![8 => -1000..1000_i64, 1 => Just(i64::MAX), 1 => Just(-i64::MAX), 1 => Just(0)]
    }

    proptest! {
        #[test]
        fn both_forms_agree_with_the_definition(
            items in prop::collection::vec((0..40_u32, day(), amount()), 0..3000),
            days in prop::collection::btree_set(day(), 0..15),
        ) {
            let days: Vec<i32> = days.into_iter().rev().collect();
            agree(&items, 40, &days);
        }

        #[test]
        fn small_amounts_sum_in_64_bits_and_agree(
            items in prop::collection::vec((0..9_u32, -40..40_i32, -1000..1000_i64), 0..3000),
        ) {
            agree(&items, 9, &[30, 0, -30]);
        }

        #[test]
        fn many_accounts_are_parted_into_blocks_and_agree(
            items in prop::collection::vec((0..100_000_u32, -40..40_i32, -1000..1000_i64), 0..2000),
        ) {
            agree(&items, 100_000, &[0, -7, -14]);
        }

        #[test]
        fn a_customer_and_a_currency_make_the_account_they_name(
            items in prop::collection::vec((0..50_u32, 0..3_u8, -40..40_i32, -1000..1000_i64), 0..2000),
        ) {
            let customer: Vec<u32> = items.iter().map(|i| i.0).collect();
            let currency: Vec<u8> = items.iter().map(|i| i.1).collect();
            let account: Vec<u32> = items.iter().map(|i| i.0 * 3 + u32::from(i.1)).collect();
            let due: Vec<i32> = items.iter().map(|i| i.2).collect();
            let open: Vec<i64> = items.iter().map(|i| i.3).collect();
            let thresholds = Thresholds::new(&[10, 0, -10]).unwrap();
            let pair = Accounts::Pair { customer: &customer, currency: &currency, customers: 50, currencies: 3 };
            let dense = Accounts::Dense { account: &account, accounts: 150 };
            prop_assert_eq!(
                age_columns(&Columns::new(pair, &due, &open).unwrap(), &thresholds),
                age_columns(&Columns::new(dense, &due, &open).unwrap(), &thresholds)
            );
        }
    }

    #[test]
    fn an_item_due_on_a_threshold_has_not_passed_it() {
        let report = naive(&[(0, 30, 5), (0, 29, 7)], &[30]);
        assert_eq!(report, vec![(0, 1, 7, 1), (0, 0, 5, 1)]);
        agree(&[(0, 30, 5), (0, 29, 7)], 1, &[30]);
    }

    #[test]
    fn a_bucket_whose_items_cancel_is_kept_with_zero() {
        let (account, due, open) = columns(&[(0, 1, 5), (0, 1, -5)]);
        let items = SortedColumns::new(&account, 1, &due, &open).unwrap();
        let report = age_sorted_columns(&items, &Thresholds::new(&[]).unwrap());
        assert_eq!(rows(&report), vec![(0, 0, 0, 2)]);
    }

    #[test]
    fn sums_past_64_bits_are_exact() {
        agree(&[(0, 0, i64::MAX), (0, 0, i64::MAX), (0, 0, i64::MAX)], 1, &[0]);
    }

    #[test]
    fn nothing_ages_to_nothing() {
        agree(&[], 0, &[0, -30]);
        agree(&[], 5, &[]);
    }

    #[test]
    fn as_many_thresholds_as_a_byte_can_count_are_taken_and_no_more() {
        let days: Vec<i32> = (0..255).rev().collect();
        let items: Vec<Item> = (0..2000).map(|k| (k as u32 % 3, (k * 7) % 300, i64::from(k))).collect();
        agree(&items, 3, &days);
        let days: Vec<i32> = (0..256).rev().collect();
        assert_eq!(Thresholds::new(&days), Err(ColumnError::Thresholds { index: 255 }));
        assert_eq!(Thresholds::new(&[3, 3]), Err(ColumnError::Thresholds { index: 1 }));
    }
}
