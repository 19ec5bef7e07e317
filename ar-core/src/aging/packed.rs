//! How much does each account owe in each age bucket, from items that a view keeps packed? The same rows as
//! [`super::columns::age_sorted_columns`] gives, from less than half the memory and without a guess an item.
//!
//! Inside an account due days rise, so buckets fall. A row ends where an account ends or the next item has another
//! bucket: 64 items answer that in one word, and only its set bits are looked at.

use super::columns::{AgingRows, GROUP, Rows, Thresholds, Width, at};
use crate::ledger::packed::{Amounts, BLOCK, Packed, Runs, WORD};
use crate::ledger::view::OpenItems;

/// Sums open amounts by account and bucket; none when the items cannot be packed.
pub(super) fn age_packed(items: &OpenItems, thresholds: &Thresholds) -> Option<AgingRows> {
    let (runs, packed) = (items.runs(), items.packed()?);
    Some(match items.columns(runs.len()).sums_fit() {
        true => rows_of::<i64>(runs, packed, &items.open, thresholds),
        false => rows_of::<i128>(runs, packed, &items.open, thresholds),
    })
}

fn rows_of<W: Width>(runs: &Runs, items: &Packed, open: &[i64], thresholds: &Thresholds) -> AgingRows {
    let most = open.len().min(runs.len().saturating_mul(thresholds.buckets()));
    let mut rows = Rows::<W>::with_capacity(most);
    let thresholds = Distances::of(thresholds, items);
    let mut bucket = [0_u8; BLOCK + 1];
    let mut running = [W::default(); BLOCK];
    let mut row_ends = [0_u32; BLOCK];
    let mut accounts = runs.account.as_slice();
    let (mut total, mut closed_total, mut closed) = (W::default(), W::default(), 0_u32);
    for (block, words) in items.ends().chunks(BLOCK / WORD).enumerate() {
        let start = block.saturating_mul(BLOCK);
        let amounts = items.amounts(block, open);
        total = match amounts {
            Amounts::Narrow(amounts) => run_up(total, amounts, &mut running),
            Amounts::Wide(amounts) => run_up(total, amounts, &mut running),
        };
        // One more than the block has, if there is one: a row may go on in the next block.
        let due = items.due().get(start..).unwrap_or_default();
        thresholds.fill(due, &mut bucket);
        let found = ends_of_rows(&bucket, words, due.len(), &mut row_ends);
        let row_ends = row_ends.get(..found).unwrap_or_default();
        rows.bucket.extend(row_ends.iter().map(|end| at(&bucket, *end)));
        rows.sum.extend(row_ends.iter().map(|end| {
            let before = closed_total;
            closed_total = at(&running, *end);
            closed_total.less(before)
        }));
        rows.count.extend(row_ends.iter().map(|end| {
            let before = closed;
            closed = (start as u32).wrapping_add(*end).wrapping_add(1);
            closed.wrapping_sub(before)
        }));
        let mut ended = 0_u32;
        rows.account.extend(row_ends.iter().map(|end| {
            let account = at(accounts, ended);
            let ends = at(words, end >> WORD.ilog2());
            ended = ended.wrapping_add((ends.wrapping_shr(*end) & 1) as u32);
            account
        }));
        accounts = accounts.get(ended as usize..).unwrap_or_default();
    }
    rows.finish()
}

/// The totals up to each amount, from a total on; the last of them.
fn run_up<W: Width, A: Copy + Into<i64>>(from: W, amounts: &[A], running: &mut [W]) -> W {
    let mut total = from;
    for (running, amount) in running.iter_mut().zip(amounts) {
        total = total.plus((*amount).into());
        *running = total;
    }
    total
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
            wide in prop::collection::vec((any::<usize>(), prop_oneof![Just(i64::MAX), Just(1 << 32), Just(-1 << 40)]), 0..3),
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
            prop_assert_eq!(age_packed(&items, &thresholds), Some(expected));
        }
    }
}
