//! How much does each account owe in each age bucket, from items that a view keeps packed? The same rows as
//! [`super::columns::age_sorted_columns`] gives, from less than half the memory and without a guess an item.
//!
//! Inside an account due days rise, so buckets fall. A row ends where an account ends or the next item has another
//! bucket: 64 items answer that in one word, and only its set bits are looked at. Its sum is the difference of two balances.

use super::columns::{GROUP, Sums, Thresholds, Width, at};
use crate::ledger::packed::{BLOCK, Block, Packed, WORD};
use crate::ledger::view::OpenItems;

/// The rows of items that lie account by account.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PackedRows {
    /// By part asked for, the part of each row's account.
    pub parts: Vec<Vec<u32>>,
    pub bucket: Vec<u8>,
    pub sum: Sums,
    pub count: Vec<u32>,
}

/// Sums open amounts by account and bucket; none when the items cannot be packed. `parts` are columns of what the rows
/// shall say of their accounts: a value for each account that has items, in their order.
pub(super) fn age_packed(items: &OpenItems, thresholds: &Thresholds, parts: &[&[u32]]) -> Option<PackedRows> {
    let packed = items.packed()?;
    let accounts = items.runs().len();
    Some(match items.columns(accounts).sums_fit() {
        true => rows_of::<i64>(accounts, packed, &items.open, thresholds, parts),
        false => rows_of::<i128>(accounts, packed, &items.open, thresholds, parts),
    })
}

fn rows_of<W: Width>(
    accounts: usize,
    items: &Packed,
    open: &[i64],
    thresholds: &Thresholds,
    parts: &[&[u32]],
) -> PackedRows {
    let most = open.len().min(accounts.saturating_mul(thresholds.buckets()));
    let (mut buckets, mut counts) = (Vec::with_capacity(most), Vec::with_capacity(most));
    let mut sums: Vec<W> = Vec::with_capacity(most);
    let mut values: Vec<Vec<u32>> = parts.iter().map(|_| Vec::with_capacity(most)).collect();
    let thresholds = Distances::of(thresholds, items);
    let mut bucket = [0_u8; BLOCK];
    let mut running = [W::default(); BLOCK];
    let mut part_here = [0_u32; BLOCK];
    let mut rows = Ended::default();
    let mut accounts_before = 0_usize;
    let next_blocks = items.blocks.iter().skip(1).map(Some).chain([None]);
    for ((block, next), start) in items.blocks.iter().zip(next_blocks).zip((0_u32..).step_by(BLOCK)) {
        let begun = rows.closed;
        thresholds.fill(&block.due, &mut bucket);
        let next = next.and_then(|next| next.due.first()).map_or(0, |due| thresholds.bucket(*due));
        let (found, accounts) = rows.find(block, &bucket, next, start);
        let count = rows.count.get(..found).unwrap_or_default();
        if block.narrow {
            let sum = rows.sum.get(..found).unwrap_or_default();
            sums.extend(sum.iter().map(|sum| W::default().plus(i64::from(*sum))));
        } else {
            // From the items before this block that its first row has.
            let before = open.get(begun as usize..start as usize).unwrap_or_default();
            let before = before.iter().fold(W::default(), |sum, minor| sum.plus(*minor));
            run_up(before, open.get(start as usize..).unwrap_or_default(), &mut running);
            let (mut total, mut next) = (W::default(), begun.wrapping_sub(start));
            sums.extend(count.iter().map(|count| {
                let before = total;
                next = next.wrapping_add(*count);
                total = at(&running, next.wrapping_sub(1));
                total.less(before)
            }));
        }
        counts.extend_from_slice(count);
        buckets.extend_from_slice(rows.bucket.get(..found).unwrap_or_default());
        let account = rows.account.get(..found).unwrap_or_default();
        for (values, part) in values.iter_mut().zip(parts) {
            let here = part.get(accounts_before..).unwrap_or_default();
            // The account that goes on too: one more than those that end here.
            part_here.iter_mut().zip(here).take(accounts.saturating_add(1)).for_each(|(to, value)| *to = *value);
            values.extend(account.iter().map(|account| of(&part_here, *account)));
        }
        accounts_before = accounts_before.saturating_add(accounts);
    }
    PackedRows { parts: values, bucket: buckets, sum: W::column(sums), count: counts }
}

/// The rows that end in a block.
struct Ended {
    bucket: [u8; BLOCK],
    /// The difference of two balances, 32 bits of it.
    sum: [i32; BLOCK],
    count: [u32; BLOCK],
    /// How many accounts have ended before in the block.
    account: [u32; BLOCK],
    /// How many items are in rows that have ended, and the balance after the last of them.
    closed: u32,
    balance: u32,
}

impl Default for Ended {
    fn default() -> Self {
        Self { bucket: [0; BLOCK], sum: [0; BLOCK], count: [0; BLOCK], account: [0; BLOCK], closed: 0, balance: 0 }
    }
}

impl Ended {
    /// Finds them, `start` being the first item of the block and `next` the bucket of the first one after it; how many
    /// there are, and how many accounts end.
    fn find(&mut self, block: &Block, bucket: &[u8; BLOCK], next: u8, start: u32) -> (usize, usize) {
        let mut differs = [0_u8; BLOCK];
        for ((differs, bucket), next) in differs.iter_mut().zip(bucket).zip(bucket.iter().skip(1)) {
            *differs = u8::from(bucket != next);
        }
        if let (Some(differs), Some(last)) = (differs.last_mut(), bucket.last()) {
            *differs = u8::from(*last != next);
        }
        let (mut found, mut accounts) = (0_usize, 0_u32);
        let (mut closed, mut balance) = (self.closed, self.balance);
        let (differs, _) = differs.as_chunks::<WORD>();
        // What fills the last block up has no end, and its bucket differs from none but that of the last item.
        for ((first, ends), differs) in (0_u32..).step_by(WORD).zip(&block.ends).zip(differs) {
            let mut bits = ends | bits_of(differs);
            while bits != 0 {
                let place = bits.trailing_zeros();
                let (end, row) = (first.wrapping_add(place), found % BLOCK);
                let (balance_before, closed_before) = (balance, closed);
                balance = of(&block.balance, end);
                closed = start.wrapping_add(end).wrapping_add(1);
                put(&mut self.sum, row, balance.wrapping_sub(balance_before).cast_signed());
                put(&mut self.count, row, closed.wrapping_sub(closed_before));
                put(&mut self.bucket, row, of(bucket, end));
                put(&mut self.account, row, accounts);
                accounts = accounts.wrapping_add((ends.wrapping_shr(place) & 1) as u32);
                found = found.wrapping_add(1);
                bits &= bits.wrapping_sub(1);
            }
        }
        (self.closed, self.balance) = (closed, balance);
        (found, accounts as usize)
    }
}

// Written so that no bound has to be looked at: a place in a block is below its size.
fn of<T: Copy + Default>(column: &[T; BLOCK], place: u32) -> T {
    column.get(place as usize % BLOCK).copied().unwrap_or_default()
}

fn put<T>(column: &mut [T; BLOCK], place: usize, value: T) {
    if let Some(to) = column.get_mut(place % BLOCK) {
        *to = value;
    }
}

/// The totals up to each amount, from a total on.
fn run_up<W: Width>(from: W, amounts: &[i64], running: &mut [W]) {
    let mut total = from;
    for (running, amount) in running.iter_mut().zip(amounts) {
        total = total.plus(*amount);
        *running = total;
    }
}

/// Thresholds as distances.
struct Distances(Vec<[i16; GROUP]>);

impl Distances {
    fn of(thresholds: &Thresholds, items: &Packed) -> Self {
        Self(thresholds.groups().iter().map(|group| group.map(|day| items.distance(day))).collect())
    }

    /// The buckets of items due then.
    fn fill(&self, due: &[i16; BLOCK], out: &mut [u8; BLOCK]) {
        // As wide as the days, so that a vector of answers is added up as it is.
        let mut passed = [0_i16; BLOCK];
        for group in &self.0 {
            for (passed, due) in passed.iter_mut().zip(due) {
                let more = group.iter().fold(0_i16, |n, threshold| n.wrapping_add(i16::from(due < threshold)));
                *passed = passed.wrapping_add(more);
            }
        }
        // A policy has at most 255 thresholds.
        out.iter_mut().zip(&passed).for_each(|(bucket, passed)| *bucket = *passed as u8);
    }

    /// The bucket of one item.
    fn bucket(&self, due: i16) -> u8 {
        self.0.as_flattened().iter().fold(0, |n: u8, threshold| n.wrapping_add(u8::from(due < *threshold)))
    }
}

/// By item of a word a bit, from a byte of 0 or 1.
fn bits_of(flags: &[u8; WORD]) -> u64 {
    // The product moves the lowest bit of each of eight bytes into the highest byte.
    let bits = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080).wrapping_shr(56);
    let (eights, _) = flags.as_chunks::<8>();
    eights.iter().rev().fold(0, |word, eight| word.wrapping_shl(8) | bits(eight))
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "an overflow here fails the test, as it should")]
mod tests {
    use super::*;
    use crate::aging::columns::age_sorted_columns;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, ..ProptestConfig::default() })]

        // Few accounts make rows that go on over a block, many make rows that end with one; some blocks are wide.
        #[test]
        fn packed_items_give_the_rows_of_the_columns(
            accounts in prop_oneof![1..4_u32, 500..4000_u32],
            lines in prop::collection::vec((any::<u32>(), -40..40_i32, -1000..1000_i64), 0..4000),
            wide in prop::collection::vec((any::<usize>(), prop_oneof![Just(i64::MAX), Just(1 << 31), Just(i32::MAX.into()), Just(-1 << 40)]), 0..3),
            days in prop::collection::btree_set(-45..45_i32, 0..9),
        ) {
            let mut lines: Vec<_> = lines.into_iter().map(|(account, due, open)| (account % accounts, due, open)).collect();
            lines.sort_unstable();
            for (at, open) in wide {
                let places = lines.len().max(1);
                if let Some(line) = lines.get_mut(at % places) {
                    line.2 = open;
                }
            }
            let mut items = OpenItems::default();
            items.account.extend(lines.iter().map(|line| line.0));
            items.due.extend(lines.iter().map(|line| line.1));
            items.open.extend(lines.iter().map(|line| line.2));
            items.bits = crate::money::bits_of_largest(&items.open);
            let thresholds = Thresholds::new(&days.into_iter().rev().collect::<Vec<_>>()).unwrap();
            let expected = age_sorted_columns(&items.columns(4000), &thresholds);
            let accounts = items.runs().account.as_slice();
            let halves: Vec<u32> = accounts.iter().map(|account| account / 2).collect();
            let found = age_packed(&items, &thresholds, &[accounts, &halves]).unwrap();
            prop_assert_eq!(&found.parts[1], &expected.account.iter().map(|account| account / 2).collect::<Vec<_>>());
            prop_assert_eq!(&found.parts[0], &expected.account);
            prop_assert_eq!((found.bucket, found.sum, found.count), (expected.bucket, expected.sum, expected.count));
        }
    }
}
