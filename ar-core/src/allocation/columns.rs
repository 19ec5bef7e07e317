//! Which payment settles which item, oldest due first, straight from columns?
//!
//! For callers that hold dense columns of open debits and of credits. Inside an account the debits queue by due day,
//! the credits by date, ties in the order they come in; each credit is spent on the head of the queue until one of the
//! two is exhausted. [`allocate_sorted_columns`] takes both sets already in that order and merges them in one pass;
//! [`allocate_columns`] takes them in any order, parts them into cache-sized blocks of accounts and sorts each block
//! by counting. Both return the same list. Entries of 0 or below are never queued: credits among the items stay in
//! sight as open items unless the caller passes them as credits.

use crate::item::columns::{ColumnError, Columns, SortedColumns};

/// What was settled: payment `payment[k]` pays `amount[k]` minor units of item `item[k]`, ascending by account, then
/// in the order in which it happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allocations {
    /// The entry among the payments.
    pub payment: Vec<u32>,
    /// The entry among the items.
    pub item: Vec<u32>,
    /// Minor units, above 0.
    pub amount: Vec<i64>,
}

/// Spends payments on open items, oldest due first, from columns in any order.
///
/// **Unit**: minor units. **Rounding**: none. **Panics**: never.
///
/// # Errors
/// [`ColumnError::AccountsDiffer`] if the two sets do not range over the same accounts.
pub fn allocate_columns(items: &Columns<'_>, payments: &Columns<'_>) -> Result<Allocations, ColumnError> {
    let accounts = items.accounts().count();
    same_accounts(accounts, payments.accounts().count())?;
    let mut out = Allocations::with_capacity(items.len(), payments.len());
    let Some(blocks) = Blocks::new(accounts, items, payments) else {
        compare_and_spend(items, payments, &mut out);
        return Ok(out);
    };
    let items = Parted::new(items, &blocks, &Wanted::paid(accounts, payments));
    let payments = Parted::new(payments, &blocks, &Wanted::all());
    let (mut debits, mut credits) = (Sorter::default(), Sorter::default());
    for block in 0..blocks.count {
        let (debit, credit) = (items.block(block), payments.block(block));
        if !debit.is_empty() && !credit.is_empty() {
            let debit_order = debits.sort(debit, blocks.key_bits());
            let credit_order = credits.sort(credit, blocks.key_bits());
            out.spend(queue(debit_order, debit, &blocks), queue(credit_order, credit, &blocks));
        }
    }
    Ok(out)
}

/// Spends payments on open items, oldest due first, in one pass over columns sorted by account and day.
///
/// **Unit**: minor units. **Rounding**: none. **Panics**: never.
///
/// # Errors
/// [`ColumnError::AccountsDiffer`] if the two sets do not range over the same accounts.
pub fn allocate_sorted_columns(
    items: &SortedColumns<'_>,
    payments: &SortedColumns<'_>,
) -> Result<Allocations, ColumnError> {
    same_accounts(items.accounts(), payments.accounts())?;
    let mut out = Allocations::with_capacity(items.len(), payments.len());
    let positive = |e: &Entry| e.minor > 0;
    out.spend(entries(items).filter(positive), entries(payments).filter(positive));
    Ok(out)
}

/// Spends the credits among the open items (amounts below 0) on the debits among them, in one pass over columns
/// sorted by account and day. Both indexes of the list are then entries of `items`.
///
/// **Unit**: minor units. **Rounding**: none. **Panics**: never.
#[must_use]
pub fn allocate_within_sorted_columns(items: &SortedColumns<'_>) -> Allocations {
    let mut out = Allocations::with_capacity(items.len(), items.len());
    // The columns refuse the one amount whose opposite would not fit.
    let credits = entries(items).filter(|e| e.minor < 0).map(|e| Entry { minor: e.minor.wrapping_neg(), ..e });
    out.spend(entries(items).filter(|e| e.minor > 0), credits);
    out
}

#[derive(Clone, Copy)]
struct Entry {
    account: u32,
    index: u32,
    minor: i64,
}

impl Allocations {
    // Each step exhausts a debit or a credit, so the list is never longer than both together.
    fn with_capacity(items: usize, payments: usize) -> Self {
        let most = items.saturating_add(payments);
        Self { payment: Vec::with_capacity(most), item: Vec::with_capacity(most), amount: Vec::with_capacity(most) }
    }

    /// Merges two queues in ascending account; every amount is above 0.
    fn spend(&mut self, mut debits: impl Iterator<Item = Entry>, credits: impl Iterator<Item = Entry>) {
        let Some(mut debit) = debits.next() else {
            return;
        };
        for credit in credits {
            let mut left = credit.minor;
            while debit.account < credit.account {
                match debits.next() {
                    Some(next) => debit = next,
                    None => return,
                }
            }
            while debit.account == credit.account {
                let amount = left.min(debit.minor);
                self.payment.push(credit.index);
                self.item.push(debit.index);
                self.amount.push(amount);
                // Neither wraps: both are at least the amount, which is above 0.
                left = left.wrapping_sub(amount);
                debit.minor = debit.minor.wrapping_sub(amount);
                if debit.minor == 0 {
                    match debits.next() {
                        Some(next) => debit = next,
                        None => return,
                    }
                }
                if left == 0 {
                    break;
                }
            }
        }
    }
}

fn entries<'a>(columns: &SortedColumns<'a>) -> impl Iterator<Item = Entry> + use<'a> {
    (0_u32..u32::MAX).zip(columns.account()).zip(columns.minor()).map(|((index, account), minor)| Entry {
        account: *account,
        index,
        minor: *minor,
    })
}

fn same_accounts(expected: usize, found: usize) -> Result<(), ColumnError> {
    if expected == found { Ok(()) } else { Err(ColumnError::AccountsDiffer { expected, found }) }
}

/// Entries handled between two changes of loop.
const RUN: usize = 1024;
/// Entries of a block, on average: records and sort keys stay in the second-level cache.
const BLOCK_ENTRIES: usize = 1 << 15;
/// Days are counted while they span fewer bits than this; a wider span, which no ledger has, is sorted by comparing.
const DAY_BITS: u32 = 20;
/// The widest digit one counting pass takes.
const DIGIT_BITS: u32 = 12;
/// Below this, comparing is quicker than counting.
const FEW: usize = 256;

/// How accounts are parted and days counted: a block is the accounts that share their high bits, and inside it a key
/// is the low bits of the account followed by the day since the first.
struct Blocks {
    shift: u32,
    count: usize,
    first_day: i32,
    day_bits: u32,
}

impl Blocks {
    /// None if the days span too much for counting.
    fn new(accounts: usize, items: &Columns<'_>, payments: &Columns<'_>) -> Option<Self> {
        let days = || items.day().iter().chain(payments.day());
        let first_day = days().fold(i32::MAX, |m, d| m.min(*d));
        let last_day = days().fold(i32::MIN, |m, d| m.max(*d));
        let day_bits = width(last_day.wrapping_sub(first_day).cast_unsigned());
        if day_bits > DAY_BITS {
            return None;
        }
        let wanted = items.len().max(payments.len()).checked_div(BLOCK_ENTRIES).unwrap_or_default().max(1);
        let per_block = u32::try_from(accounts.checked_div(wanted).unwrap_or_default()).unwrap_or(u32::MAX);
        let shift = width(per_block).min(u32::BITS.saturating_sub(DAY_BITS));
        Some(Self { shift, count: (accounts >> shift).saturating_add(1), first_day, day_bits })
    }

    fn block_of(&self, account: u32) -> usize {
        (account >> self.shift) as usize
    }

    fn key(&self, account: u32, day: i32) -> u32 {
        let low = account & (1_u32 << self.shift).wrapping_sub(1);
        (low << self.day_bits) | day.wrapping_sub(self.first_day).cast_unsigned()
    }

    fn account(&self, key: u32) -> u32 {
        key >> self.day_bits
    }

    fn key_bits(&self) -> u32 {
        self.shift.saturating_add(self.day_bits)
    }
}

#[derive(Clone, Copy, Default)]
struct Record {
    key: u32,
    index: u32,
    minor: i64,
}

/// Entries above 0, block after block, in the order they came in.
struct Parted {
    records: Vec<Record>,
    ends: Vec<u32>,
}

impl Parted {
    fn new(columns: &Columns<'_>, blocks: &Blocks, wanted: &Wanted) -> Self {
        let mut next = vec![0_u32; blocks.count.saturating_add(1)];
        let takes = |account: u32, minor: i64| minor > 0 && wanted.contains(account);
        each_run(columns, |_, account, _, minor| {
            for (account, minor) in account.iter().zip(minor) {
                if let Some(size) = next.get_mut(blocks.block_of(*account).wrapping_add(1)) {
                    *size = size.wrapping_add(u32::from(takes(*account, *minor)));
                }
            }
        });
        let mut end = 0_u32;
        for size in &mut next {
            end = end.wrapping_add(*size);
            *size = end;
        }
        let mut records = vec![Record::default(); end as usize];
        each_run(columns, |start, account, day, minor| {
            for (((index, account), day), minor) in (start..u32::MAX).zip(account).zip(day).zip(minor) {
                if !takes(*account, *minor) {
                    continue;
                }
                if let Some(next) = next.get_mut(blocks.block_of(*account)) {
                    if let Some(to) = records.get_mut(*next as usize) {
                        *to = Record { key: blocks.key(*account, *day), index, minor: *minor };
                    }
                    *next = next.wrapping_add(1);
                }
            }
        });
        // Each start has moved to the end of its block.
        Self { records, ends: next }
    }

    fn block(&self, block: usize) -> &[Record] {
        let start = block.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        let end = self.ends.get(block).copied().unwrap_or_default();
        self.records.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// The accounts that have a payment: others need no order, and a day's receipts touch few of them.
struct Wanted(Vec<u64>);

impl Wanted {
    fn all() -> Self {
        Self(Vec::new())
    }

    fn paid(accounts: usize, payments: &Columns<'_>) -> Self {
        let mut bits = vec![0_u64; (accounts >> 6).saturating_add(1)];
        each_run(payments, |_, account, _, _| {
            for account in account {
                if let Some(word) = bits.get_mut((account >> 6) as usize) {
                    *word |= 1 << (account & 63);
                }
            }
        });
        Self(bits)
    }

    fn contains(&self, account: u32) -> bool {
        self.0.is_empty() || self.0.get((account >> 6) as usize).is_some_and(|word| (word >> (account & 63)) & 1 == 1)
    }
}

/// Sorts a block by key, stably, and keeps its memory for the next one. A word is a key and a place in the block.
#[derive(Default)]
struct Sorter {
    words: Vec<u64>,
    spare: Vec<u64>,
}

impl Sorter {
    fn sort(&mut self, records: &[Record], bits: u32) -> &[u64] {
        self.words.clear();
        self.words.extend((0_u64..).zip(records).map(|(place, r)| (u64::from(r.key) << 32) | place));
        let passes = bits.div_ceil(DIGIT_BITS).max(1);
        let digit = bits.div_ceil(passes);
        if self.words.len() < FEW {
            self.words.sort_unstable();
            return &self.words;
        }
        self.spare.resize(self.words.len(), 0);
        let mask = (1_u64 << digit).wrapping_sub(1);
        let mut next = vec![0_u32; (1_usize << digit).saturating_add(1)];
        for pass in 0..passes {
            let low = u32::BITS.wrapping_add(pass.wrapping_mul(digit));
            let digit_of = |word: u64| (word.wrapping_shr(low) & mask) as usize;
            next.fill(0);
            for word in &self.words {
                if let Some(size) = next.get_mut(digit_of(*word).wrapping_add(1)) {
                    *size = size.wrapping_add(1);
                }
            }
            let mut end = 0_u32;
            for size in &mut next {
                end = end.wrapping_add(*size);
                *size = end;
            }
            for word in &self.words {
                if let Some(next) = next.get_mut(digit_of(*word)) {
                    if let Some(to) = self.spare.get_mut(*next as usize) {
                        *to = *word;
                    }
                    *next = next.wrapping_add(1);
                }
            }
            std::mem::swap(&mut self.words, &mut self.spare);
        }
        &self.words
    }
}

fn queue<'a>(order: &'a [u64], records: &'a [Record], blocks: &'a Blocks) -> impl Iterator<Item = Entry> + 'a {
    order.iter().filter_map(|word| records.get((word & u64::from(u32::MAX)) as usize)).map(|r| Entry {
        account: blocks.account(r.key),
        index: r.index,
        minor: r.minor,
    })
}

/// The same answer for days too far apart to count.
fn compare_and_spend(items: &Columns<'_>, payments: &Columns<'_>, out: &mut Allocations) {
    let ordered = |columns: &Columns<'_>| {
        let mut entries = Vec::new();
        each_run(columns, |start, account, day, minor| {
            for (((index, account), day), minor) in (start..u32::MAX).zip(account).zip(day).zip(minor) {
                if *minor > 0 {
                    entries.push((*day, Entry { account: *account, index, minor: *minor }));
                }
            }
        });
        entries.sort_unstable_by_key(|(day, e)| (e.account, *day, e.index));
        entries.into_iter().map(|(_, e)| e)
    };
    out.spend(ordered(items), ordered(payments));
}

fn each_run(columns: &Columns<'_>, mut run: impl FnMut(u32, &[u32], &[i32], &[i64])) {
    let mut account = [0_u32; RUN];
    for ((start, day), minor) in
        (0_usize..).step_by(RUN).zip(columns.day().chunks(RUN)).zip(columns.minor().chunks(RUN))
    {
        columns.accounts().fill(start, &mut account);
        run(start as u32, account.get(..day.len()).unwrap_or_default(), day, minor);
    }
}

fn width(x: u32) -> u32 {
    u32::BITS.saturating_sub(x.leading_zeros())
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "an overflow here fails the test, as it should")]
mod tests {
    use super::*;
    use crate::item::columns::Accounts;
    use proptest::prelude::*;

    type Line = (u32, i32, i64);

    fn columns(lines: &[Line]) -> (Vec<u32>, Vec<i32>, Vec<i64>) {
        (lines.iter().map(|i| i.0).collect(), lines.iter().map(|i| i.1).collect(), lines.iter().map(|i| i.2).collect())
    }

    fn list(out: &Allocations) -> Vec<(u32, u32, i64)> {
        (0..out.amount.len()).map(|k| (out.payment[k], out.item[k], out.amount[k])).collect()
    }

    fn order(lines: &[Line]) -> Vec<u32> {
        let mut order: Vec<u32> = (0..lines.len() as u32).collect();
        order.sort_by_key(|k| (lines[*k as usize].0, lines[*k as usize].1, *k));
        order
    }

    /// The definition: each payment in turn looks for the first item of its account that is still open.
    fn naive(items: &[Line], payments: &[Line]) -> Vec<(u32, u32, i64)> {
        let mut open: Vec<i64> = items.iter().map(|i| i.2).collect();
        let queue = order(items);
        let mut list = Vec::new();
        for payment in order(payments) {
            let (account, _, mut left) = payments[payment as usize];
            for item in queue.iter().filter(|k| items[**k as usize].0 == account) {
                let rest = &mut open[*item as usize];
                if left > 0 && *rest > 0 {
                    let amount = left.min(*rest);
                    list.push((payment, *item, amount));
                    *rest -= amount;
                    left -= amount;
                }
            }
        }
        list
    }

    fn agree(items: &[Line], payments: &[Line], accounts: usize) {
        let expected = naive(items, payments);
        let (ia, id, im) = columns(items);
        let (pa, pd, pm) = columns(payments);
        let i = Columns::new(Accounts::Dense { account: &ia, accounts }, &id, &im).unwrap();
        let p = Columns::new(Accounts::Dense { account: &pa, accounts }, &pd, &pm).unwrap();
        assert_eq!(list(&allocate_columns(&i, &p).unwrap()), expected);
        let (io, po) = (order(items), order(payments));
        let (ia, id, im) = columns(&io.iter().map(|k| items[*k as usize]).collect::<Vec<_>>());
        let (pa, pd, pm) = columns(&po.iter().map(|k| payments[*k as usize]).collect::<Vec<_>>());
        let i = SortedColumns::new(&ia, accounts, &id, &im).unwrap();
        let p = SortedColumns::new(&pa, accounts, &pd, &pm).unwrap();
        let sorted: Vec<_> = list(&allocate_sorted_columns(&i, &p).unwrap())
            .into_iter()
            .map(|(p, i, amount)| (po[p as usize], io[i as usize], amount))
            .collect();
        assert_eq!(sorted, expected);
    }

    fn day() -> impl Strategy<Value = i32> {
        prop_oneof![200 => -400..400_i32, 1 => Just(i32::MIN), 1 => Just(i32::MAX)]
    }

    fn amount() -> impl Strategy<Value = i64> {
        prop_oneof![20 => -100..1000_i64, 1 => Just(i64::MAX), 1 => Just(-i64::MAX)]
    }

    proptest! {
        #[test]
        fn both_forms_agree_with_the_definition(
            items in prop::collection::vec((0..12_u32, day(), amount()), 0..300),
            payments in prop::collection::vec((0..12_u32, day(), amount()), 0..60),
        ) {
            agree(&items, &payments, 12);
        }

        #[test]
        fn days_that_can_be_counted_agree(
            items in prop::collection::vec((0..70_000_u32, 0..5_i32, 1..100_i64), 0..400),
            at in prop::collection::vec((any::<prop::sample::Index>(), 0..9_i32, 1..300_i64), 0..60),
        ) {
            prop_assume!(!items.is_empty());
            let payments: Vec<Line> = at.iter().map(|(k, day, amount)| (k.get(&items).0, *day, *amount)).collect();
            agree(&items, &payments, 70_000);
        }

        #[test]
        fn credits_among_the_items_are_spent_like_payments(
            items in prop::collection::vec((0..12_u32, -400..400_i32, amount()), 0..300),
        ) {
            let order = order(&items);
            let sorted: Vec<Line> = order.iter().map(|k| items[*k as usize]).collect();
            let credits: Vec<Line> = sorted.iter().map(|(a, d, m)| (*a, *d, -m)).collect();
            let (account, day, minor) = columns(&sorted);
            let columns = SortedColumns::new(&account, 12, &day, &minor).unwrap();
            prop_assert_eq!(list(&allocate_within_sorted_columns(&columns)), naive(&sorted, &credits));
        }
    }

    #[test]
    fn blocks_past_the_first_are_sorted_by_counting_and_agree() {
        // A block holds 32,768 entries on average, so three blocks, counted digit by digit.
        let mut x = 9_u64;
        let mut draw = |n: u64| {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (x >> 33) % n
        };
        let items: Vec<Line> =
            (0..100_000).map(|_| (draw(5000) as u32, draw(700) as i32, draw(900) as i64 - 50)).collect();
        let payments: Vec<Line> =
            (0..20_000).map(|_| (draw(5000) as u32, draw(700) as i32, draw(2000) as i64)).collect();
        let (ia, id, im) = columns(&items);
        let (pa, pd, pm) = columns(&payments);
        let i = Columns::new(Accounts::Dense { account: &ia, accounts: 5000 }, &id, &im).unwrap();
        let p = Columns::new(Accounts::Dense { account: &pa, accounts: 5000 }, &pd, &pm).unwrap();
        let counted = allocate_columns(&i, &p).unwrap();
        let mut compared = Allocations::default();
        compare_and_spend(&i, &p, &mut compared);
        assert_eq!(counted, compared);
    }

    #[test]
    fn the_oldest_due_is_paid_first_and_ties_keep_their_order() {
        let items = [(0, 20, 10), (0, 10, 10), (0, 10, 10)];
        agree(&items, &[(0, 5, 25)], 1);
        assert_eq!(naive(&items, &[(0, 5, 25)]), vec![(0, 1, 10), (0, 2, 10), (0, 0, 5)]);
    }

    #[test]
    fn sets_over_different_accounts_are_refused() {
        let (account, day, minor) = columns(&[(0, 0, 1)]);
        let one = SortedColumns::new(&account, 1, &day, &minor).unwrap();
        let two = SortedColumns::new(&account, 2, &day, &minor).unwrap();
        assert_eq!(allocate_sorted_columns(&one, &two), Err(ColumnError::AccountsDiffer { expected: 1, found: 2 }));
    }
}
