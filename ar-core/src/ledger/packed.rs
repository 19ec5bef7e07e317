//! Open items again, in the few bytes that a pass over a whole ledger reads for every day that is asked about: where
//! accounts end, when each item falls due, and what is open up to it.
//!
//! Due days are kept as distances from one day between the first and the last of them, which 16 bits hold for any ledger of
//! less than 179 years. Amounts are kept as a running balance: what is open between two items of an account is the
//! difference of two balances, for whatever day and by whatever edges. 32 bits of it are enough where an account's amounts
//! together fit 31, whichever of them are taken; blocks with another account are marked, and their amounts added up.

use std::ops::Range;
use std::sync::OnceLock;

use super::layers::{Layers, NONE, Numbered, place};
use super::store::{Account, AccountPart};
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

/// Items that share one answer to whether the amounts of their accounts fit 31 bits.
pub(crate) const BLOCK: usize = 1024;
/// Items whose ends are in one word.
pub(crate) const WORD: usize = 64;

/// Due days, ends of accounts and running balances of items that are ascending by account and then by due day.
#[derive(Debug)]
pub(crate) struct Packed {
    /// By item a bit, the lowest first: whether it is the last of its account.
    ends: Vec<u64>,
    /// The day that distances are counted from.
    from: i32,
    /// By item the days from `from` to its due day; never `i16::MAX`, so that a day after all of them has a distance.
    due: Vec<i16>,
    /// By item the sum of all amounts up to it, the low 32 bits.
    balance: Vec<u32>,
    /// By block whether a difference of two balances inside an account is what lies between them.
    narrow: Vec<bool>,
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
        let mut ends = vec![0_u64; due.len().div_ceil(WORD)];
        for end in &runs.end {
            let last = end.wrapping_sub(1);
            if let Some(word) = ends.get_mut(place(last) / WORD) {
                *word |= 1_u64.wrapping_shl(last);
            }
        }
        Some(Self {
            ends,
            from,
            // In range by the check above.
            due: due.iter().map(|day| day.wrapping_sub(from) as i16).collect(),
            balance: running(open),
            narrow: narrow_blocks(runs, open),
        })
    }

    /// By item a bit: whether it is the last of its account.
    pub(crate) fn ends(&self) -> &[u64] {
        &self.ends
    }

    /// By item its due day, as [`Packed::distance`] gives it.
    pub(crate) fn due(&self) -> &[i16] {
        &self.due
    }

    /// The balance after each item of a block; none when their differences may be too large for it.
    pub(crate) fn balances(&self, block: usize) -> Option<&[u32]> {
        let start = block.saturating_mul(BLOCK);
        let narrow = self.narrow.get(block) == Some(&true);
        self.balance.get(start..start.saturating_add(BLOCK).min(self.balance.len())).filter(|_| narrow)
    }

    /// The balance before an item.
    pub(crate) fn balance_before(&self, item: u32) -> u32 {
        item.checked_sub(1).and_then(|last| self.balance.get(place(last))).copied().unwrap_or(0)
    }

    /// A day such that the same items are due before it: the day itself, or the nearest one that is told apart.
    pub(crate) fn distance(&self, day: i32) -> i16 {
        let distance = i64::from(day).saturating_sub(i64::from(self.from));
        distance.clamp(i16::MIN.into(), i16::MAX.into()) as i16
    }
}

/// The sums of all amounts up to each, low bits alone.
fn running(open: &[Minor]) -> Vec<u32> {
    open.iter()
        .scan(0_u32, |balance, open| {
            *balance = balance.wrapping_add(*open as u32);
            Some(*balance)
        })
        .collect()
}

/// By block: whether the amounts of every account in it, signs apart, add up to no more than 31 bits hold.
fn narrow_blocks(runs: &Runs, open: &[Minor]) -> Vec<bool> {
    let mut narrow = vec![true; open.len().div_ceil(BLOCK)];
    for (_, items) in (0..runs.len()).filter_map(|at| runs.get(at)) {
        let blocks = items.start / BLOCK..items.end.div_ceil(BLOCK);
        let amounts = open.get(items).unwrap_or_default();
        let most = amounts.iter().fold(0_u64, |sum, open| sum.saturating_add(open.unsigned_abs()));
        if i32::try_from(most).is_err() {
            narrow.get_mut(blocks).unwrap_or_default().fill(false);
        }
    }
    narrow
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_the_accounts_with_their_items() {
        let runs = Runs::of(&[0, 0, 3, 7, 7]);
        let all: Vec<_> = (0..runs.len()).filter_map(|at| runs.get(at)).collect();
        assert_eq!(all, [(0, 0..2), (3, 2..3), (7, 3..5)]);
        assert_eq!(Runs::of(&[]).len(), 0);
    }

    #[test]
    fn days_keep_their_order_and_those_too_far_apart_are_not_packed() {
        let runs = Runs::of(&[0, 0]);
        let packed = |due: [i32; 2]| Packed::of(&runs, &due, &[1, i64::MAX]);
        for due in [[0, 65_534], [i32::MIN, i32::MIN + 65_534], [i32::MAX - 40_000, i32::MAX - 1]] {
            let packed = packed(due).unwrap();
            for day in [due[0], due[0] + 1, due[1] - 1, due[1], due[1] + 1] {
                let before: Vec<bool> = packed.due().iter().map(|own| *own < packed.distance(day)).collect();
                assert_eq!(before, due.map(|own| own < day));
            }
        }
        assert!(packed([0, 65_535]).is_none());
        assert!(packed([0, i32::MAX]).is_none());
    }

    #[test]
    fn balances_are_kept_where_no_difference_inside_an_account_can_pass_31_bits() {
        let half = i64::from(i32::MAX / 2);
        let packed = |open: [i64; 3]| Packed::of(&Runs::of(&[0, 0, 1]), &[0; 3], &open).unwrap();
        // Each account for itself: the third amount is another's.
        let held = packed([half, -half - 1, i64::from(i32::MAX)]);
        assert_eq!(held.balances(0), Some(&[half as u32, u32::MAX, i32::MAX as u32 - 1][..]));
        assert_eq!((held.balance_before(0), held.balance_before(1)), (0, half as u32));
        for open in [[half, half + 2, 0], [half, -half - 2, 0], [i64::MIN, i64::MIN, 0], [0, 0, 1 << 31]] {
            assert_eq!(packed(open).balances(0), None);
        }
    }
}
