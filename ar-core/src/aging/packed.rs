//! How much does each account owe in each age bucket, from items that a view keeps packed? The same rows as
//! [`super::columns::age_sorted_columns`] gives, from less than half the memory and without a guess an item.
//!
//! Inside an account due days rise, so buckets fall. A row ends where an account ends or the next item has another
//! bucket: 64 items answer that in one word, and only its set bits are looked at.

use super::columns::{GROUP, Sums, Thresholds, Width, at};
use crate::ledger::packed::{BLOCK, Packed, WORD};
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
    let mut bucket = [0_u8; BLOCK + 1];
    let mut running = [W::default(); BLOCK];
    let mut row_ends = [0_u32; BLOCK];
    let mut of_account = [0_u32; BLOCK];
    // Items and accounts that are in rows already.
    let (mut closed, mut accounts_before) = (0_u32, 0_usize);
    for (block, words) in items.ends().chunks(BLOCK / WORD).enumerate() {
        let start = block.saturating_mul(BLOCK);
        // One more than the block has, if there is one: a row may go on in the next block.
        let due = items.due().get(start..).unwrap_or_default();
        thresholds.fill(due, &mut bucket);
        let found = ends_of_rows(&bucket, words, due.len(), &mut row_ends);
        let row_ends = row_ends.get(..found).unwrap_or_default();
        buckets.extend(row_ends.iter().map(|end| at(&bucket, *end)));
        if let Some(balances) = items.balances(block) {
            let mut balance = items.balance_before(closed);
            sums.extend(row_ends.iter().map(|end| {
                let before = balance;
                balance = at(balances, *end);
                W::default().plus(i64::from(balance.wrapping_sub(before).cast_signed()))
            }));
        } else {
            let begun = open.get(closed as usize..start).unwrap_or_default();
            let begun = begun.iter().fold(W::default(), |sum, minor| sum.plus(*minor));
            run_up(begun, open.get(start..).unwrap_or_default(), &mut running);
            let mut closed_total = W::default();
            sums.extend(row_ends.iter().map(|end| {
                let before = closed_total;
                closed_total = at(&running, *end);
                closed_total.less(before)
            }));
        }
        counts.extend(row_ends.iter().map(|end| {
            let before = closed;
            closed = (start as u32).wrapping_add(*end).wrapping_add(1);
            closed.wrapping_sub(before)
        }));
        let mut ended = 0_u32;
        for (of_account, end) in of_account.iter_mut().zip(row_ends) {
            *of_account = ended;
            let ends = at(words, end >> WORD.ilog2());
            ended = ended.wrapping_add((ends.wrapping_shr(*end) & 1) as u32);
        }
        let of_account = of_account.get(..found).unwrap_or_default();
        for (values, part) in values.iter_mut().zip(parts) {
            let part = part.get(accounts_before..).unwrap_or_default();
            values.extend(of_account.iter().map(|account| at(part, *account)));
        }
        accounts_before = accounts_before.saturating_add(ended as usize);
    }
    PackedRows { parts: values, bucket: buckets, sum: W::column(sums), count: counts }
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
    fn fill(&self, due: &[i16], out: &mut [u8]) {
        out.fill(0);
        for group in &self.0 {
            for (bucket, due) in out.iter_mut().zip(due) {
                let passed = group.iter().fold(0_u8, |n, threshold| n.wrapping_add(u8::from(due < threshold)));
                *bucket = bucket.wrapping_add(passed);
            }
        }
    }
}

/// Finds which of so many items are the last of their row: how many there are.
fn ends_of_rows(bucket: &[u8; BLOCK + 1], words: &[u64], items: usize, out: &mut [u32; BLOCK]) -> usize {
    let mut found = 0_usize;
    for (first, word) in (0_u32..).step_by(WORD).zip(words) {
        let left = items.saturating_sub(first as usize).min(WORD);
        let held = u64::MAX.wrapping_shr(WORD.saturating_sub(left) as u32);
        let mut bits = (word | changes(bucket.get(first as usize..).unwrap_or_default())) & held;
        while bits != 0 {
            if let Some(end) = out.get_mut(found) {
                *end = first.wrapping_add(bits.trailing_zeros());
            }
            found = found.wrapping_add(1);
            bits &= bits.wrapping_sub(1);
        }
    }
    found
}

/// By item of a word a bit: whether the next one has another bucket.
fn changes(bucket: &[u8]) -> u64 {
    let mut differs = [0_u8; WORD];
    for ((differs, bucket), next) in differs.iter_mut().zip(bucket).zip(bucket.iter().skip(1)) {
        *differs = u8::from(bucket != next);
    }
    // The product moves the lowest bit of each of eight bytes into the highest byte.
    let bits = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080).wrapping_shr(56);
    let (eights, _) = differs.as_chunks::<8>();
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
