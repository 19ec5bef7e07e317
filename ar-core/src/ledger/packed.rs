//! Open items again, in the few bytes that a pass over a whole ledger reads for every day that is asked about: where
//! accounts end, when each item falls due, and what is open up to it.
//!
//! Due days are kept as distances from one day between the first and the last of them, which 16 bits hold for any ledger of
//! less than 179 years. Amounts are kept as a running balance: what is open between two items of an account is the
//! difference of two balances, for whatever day and by whatever edges. 32 bits of it are enough where an account's amounts
//! together fit 31, whichever of them are taken; blocks with another account are marked, and their amounts added up.

use std::ops::Range;
use std::sync::OnceLock;

use super::layers::{Layers, NONE, Numbered, count, place};
use super::store::{Account, AccountPart, DocumentKind};
use crate::money::Minor;

/// Accounts that have items, ascending, each with where its items end.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    pub account: Vec<u32>,
    pub end: Vec<u32>,
    /// By account here each of its parts, found when first asked for.
    parts: [OnceLock<Vec<u32>>; AccountPart::ALL.len()],
}

impl Runs {
    /// From the account of each item, ascending.
    pub(super) fn of(items: &[u32]) -> Self {
        let mut runs = Self::default();
        for (at, (own, next)) in (1_u32..).zip(items.iter().zip(items.iter().skip(1).map(Some).chain([None]))) {
            if next != Some(own) {
                runs.account.push(*own);
                runs.end.push(at);
            }
        }
        runs
    }

    pub(crate) fn len(&self) -> usize {
        self.account.len()
    }

    /// How many items the account with most of them has.
    pub(crate) fn longest(&self) -> usize {
        let starts = [0].into_iter().chain(self.end.iter().copied());
        place(self.end.iter().zip(starts).map(|(end, start)| end.wrapping_sub(start)).fold(0, u32::max))
    }

    /// A part of each account here, `accounts` being all there are.
    pub(crate) fn part(&self, part: AccountPart, accounts: &Layers<Numbered<Account>>) -> &[u32] {
        let found = AccountPart::ALL.iter().zip(&self.parts).find(|(held, _)| **held == part);
        let of = |account: &u32| accounts.get(*account).map_or(NONE, |account| part.of(account));
        found.map_or(&[], |(_, held)| held.get_or_init(|| self.account.iter().map(of).collect()))
    }

    /// An account by its place here, and its items.
    pub(crate) fn get(&self, at: usize) -> Option<(u32, Range<usize>)> {
        let start = at.checked_sub(1).and_then(|before| self.end.get(before)).copied().unwrap_or(0);
        Some((*self.account.get(at)?, place(start)..place(*self.end.get(at)?)))
    }
}

/// The items below zero, ascending, with what is asked of credits before they are spent: as they lie in memory, accounts side
/// by side, where their documents lie anywhere.
#[derive(Debug, Default)]
pub(crate) struct Credits {
    /// By run of items the end of its credits.
    end: Vec<u32>,
    pub all: Vec<Credit>,
}

/// An item below zero.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Credit {
    pub item: u32,
    pub document: u32,
    /// The day from which it counts.
    pub effective: i32,
    pub kind: DocumentKind,
}

impl Credits {
    pub(super) fn of(runs: &Runs, open: &[Minor], credit: impl Fn(usize) -> Option<Credit>) -> Self {
        let mut found = Self::default();
        for (_, items) in (0..runs.len()).filter_map(|at| runs.get(at)) {
            let first = items.start;
            let below = open.get(items).unwrap_or_default().iter().enumerate().filter(|(_, open)| **open < 0);
            found.all.extend(below.filter_map(|(at, _)| credit(first.saturating_add(at))));
            found.end.push(count(found.all.len()));
        }
        found
    }

    /// Those of a run of items.
    pub(crate) fn of_run(&self, run: usize) -> &[Credit] {
        let start = run.checked_sub(1).and_then(|before| self.end.get(before)).copied().unwrap_or(0);
        let end = self.end.get(run).copied().unwrap_or(0);
        self.all.get(place(start)..place(end)).unwrap_or_default()
    }
}

/// Items that are packed together.
pub(crate) const BLOCK: usize = 1024;
/// Items whose ends are in one word.
pub(crate) const WORD: usize = 64;

/// Due days, ends of accounts and running balances of items that are ascending by account and then by due day.
#[derive(Debug)]
pub(crate) struct Packed {
    /// The day that distances are counted from.
    from: i32,
    pub blocks: Vec<Block>,
}

/// So many items that lie side by side; the last block is filled up.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// By item a bit, the lowest first: whether it is the last of its account.
    pub ends: [u64; BLOCK / WORD],
    /// By item the days from `from` to its due day; never `i16::MAX`, so that a day after all of them has a distance.
    /// What fills a block up is due then.
    pub due: [i16; BLOCK],
    /// By item the sum of all amounts up to it, from the first block on: the low 32 bits.
    pub balance: [u32; BLOCK],
    /// Whether a difference of two balances inside an account is what lies between them.
    pub narrow: bool,
}

impl Packed {
    /// None when the due days lie too far apart.
    pub(super) fn of(runs: &Runs, due: &[i32], open: &[Minor]) -> Option<Self> {
        let first = due.iter().copied().fold(i32::MAX, i32::min);
        let last = due.iter().copied().fold(i32::MIN, i32::max);
        let from = first.checked_sub(i32::from(i16::MIN)).unwrap_or(0);
        if !due.is_empty() && last.checked_sub(from)? >= i32::from(i16::MAX) {
            return None;
        }
        let mut total = 0_u32;
        let mut blocks = Vec::with_capacity(due.len().div_ceil(BLOCK));
        for (due, open) in due.chunks(BLOCK).zip(open.chunks(BLOCK)) {
            let mut block =
                Block { ends: [0; BLOCK / WORD], due: [i16::MAX; BLOCK], balance: [0; BLOCK], narrow: true };
            // In range by the check above.
            block.due.iter_mut().zip(due).for_each(|(to, day)| *to = day.wrapping_sub(from) as i16);
            for (balance, open) in block.balance.iter_mut().zip(open) {
                total = total.wrapping_add(*open as u32);
                *balance = total;
            }
            blocks.push(block);
        }
        for (_, items) in (0..runs.len()).filter_map(|at| runs.get(at)) {
            let last = items.end.saturating_sub(1);
            let held = blocks.get_mut(items.start / BLOCK..=last / BLOCK).unwrap_or_default();
            if !fits_half(open.get(items).unwrap_or_default()) {
                held.iter_mut().for_each(|block| block.narrow = false);
            }
            if let Some(word) = held.last_mut().and_then(|block| block.ends.get_mut(last % BLOCK / WORD)) {
                *word |= 1_u64.wrapping_shl((last % WORD) as u32);
            }
        }
        Some(Self { from, blocks })
    }

    /// A day such that the same items are due before it: the day itself, or the nearest one that is told apart.
    pub(crate) fn distance(&self, day: i32) -> i16 {
        let distance = i64::from(day).saturating_sub(i64::from(self.from));
        distance.clamp(i16::MIN.into(), i16::MAX.into()) as i16
    }
}

/// Whether amounts, their signs apart, add up to no more than 31 bits hold.
fn fits_half(amounts: &[Minor]) -> bool {
    i32::try_from(amounts.iter().fold(0_u64, |sum, minor| sum.saturating_add(minor.unsigned_abs()))).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_the_accounts_with_their_items() {
        let runs = Runs::of(&[0, 0, 3, 7, 7]);
        let all: Vec<_> = (0..runs.len()).filter_map(|at| runs.get(at)).collect();
        assert_eq!(all, [(0, 0..2), (3, 2..3), (7, 3..5)]);
        assert_eq!((Runs::of(&[]).len(), Runs::of(&[]).longest(), runs.longest()), (0, 0, 2));
    }

    #[test]
    fn days_keep_their_order_and_those_too_far_apart_are_not_packed() {
        let runs = Runs::of(&[0, 0]);
        let packed = |due: [i32; 2]| Packed::of(&runs, &due, &[1, i64::MAX]);
        for due in [[0, 65_534], [i32::MIN, i32::MIN + 65_534], [i32::MAX - 40_000, i32::MAX - 1]] {
            let packed = packed(due).unwrap();
            for day in [due[0], due[0] + 1, due[1] - 1, due[1], due[1] + 1] {
                let before: Vec<bool> =
                    packed.blocks[0].due[..2].iter().map(|own| *own < packed.distance(day)).collect();
                assert_eq!(before, due.map(|own| own < day));
            }
        }
        assert!(packed([0, 65_535]).is_none());
        assert!(packed([0, i32::MAX]).is_none());
    }

    #[test]
    fn balances_say_what_lies_between_where_no_account_can_pass_31_bits() {
        let half = i64::from(i32::MAX / 2);
        let packed = |open: [i64; 3]| Packed::of(&Runs::of(&[0, 0, 1]), &[0; 3], &open).unwrap();
        // Each account for itself: the third amount is another's.
        let held = &packed([half, -half - 1, i64::from(i32::MAX)]).blocks[0];
        assert_eq!((held.narrow, held.ends[0]), (true, 0b110));
        assert_eq!(held.balance[..4], [half as u32, u32::MAX, i32::MAX as u32 - 1, 0]);
        for open in [[half, half + 2, 0], [half, -half - 2, 0], [i64::MIN, i64::MIN, 0], [0, 0, 1 << 31]] {
            assert!(!packed(open).blocks[0].narrow);
        }
    }

    #[test]
    fn an_account_that_is_large_widens_every_block_it_is_in() {
        let account: Vec<u32> = (0..3 * BLOCK).map(|item| u32::from(item >= 500) + u32::from(item > BLOCK)).collect();
        let mut open = vec![1; account.len()];
        open[500] = 1 << 40;
        let packed = Packed::of(&Runs::of(&account), &vec![0; open.len()], &open).unwrap();
        assert_eq!(packed.blocks.iter().map(|block| block.narrow).collect::<Vec<_>>(), [false, false, true]);
        let ends: Vec<u32> =
            packed.blocks.iter().map(|block| block.ends.iter().map(|word| word.count_ones()).sum()).collect();
        assert_eq!(ends, [1, 1, 1]);
    }
}
