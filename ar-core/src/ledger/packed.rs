//! Open items again, in the few bytes that a pass over a whole ledger reads for every day that is asked about: where
//! accounts end, when each item falls due, and how much it is.
//!
//! Due days are kept as distances from one day between the first and the last of them, which 16 bits hold for any ledger of
//! less than 179 years; amounts in 32 bits, block by block, where all of a block fit.

use std::ops::Range;

use super::layers::place;
use crate::money::Minor;

/// Accounts that have items, ascending, each with where its items end.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    pub account: Vec<u32>,
    pub end: Vec<u32>,
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

    /// An account by its place here, and its items.
    pub(crate) fn get(&self, at: usize) -> Option<(u32, Range<usize>)> {
        let start = at.checked_sub(1).and_then(|before| self.end.get(before)).copied().unwrap_or(0);
        Some((*self.account.get(at)?, place(start)..place(*self.end.get(at)?)))
    }
}

/// Items that share one answer to whether their amounts fit 32 bits.
pub(crate) const BLOCK: usize = 1024;
/// Items whose ends are in one word.
pub(crate) const WORD: usize = 64;

/// Due days, ends of accounts and amounts of items that are ascending by account and then by due day.
#[derive(Debug)]
pub(crate) struct Packed {
    /// By item a bit, the lowest first: whether it is the last of its account.
    ends: Vec<u64>,
    /// The day that distances are counted from.
    from: i32,
    /// By item the days from `from` to its due day; never `i16::MAX`, so that a day after all of them has a distance.
    due: Vec<i16>,
    /// By item its amount, cut to 32 bits; whether that is the amount is the same for all items of a block.
    amount: Vec<i32>,
    whole: Vec<bool>,
}

/// Amounts in the width that they are kept in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Amounts<'a> {
    Narrow(&'a [i32]),
    Wide(&'a [Minor]),
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
            amount: open.iter().map(|open| *open as i32).collect(),
            whole: open.chunks(BLOCK).map(|open| open.iter().all(|open| i32::try_from(*open).is_ok())).collect(),
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

    /// The amounts of a block, `open` being those of all items.
    pub(crate) fn amounts<'a>(&'a self, block: usize, open: &'a [Minor]) -> Amounts<'a> {
        let start = block.saturating_mul(BLOCK);
        let items = start..start.saturating_add(BLOCK).min(open.len());
        match self.amount.get(items.clone()) {
            Some(narrow) if self.whole.get(block) == Some(&true) => Amounts::Narrow(narrow),
            _ => Amounts::Wide(open.get(items).unwrap_or_default()),
        }
    }

    /// A day such that the same items are due before it: the day itself, or the nearest one that is told apart.
    pub(crate) fn distance(&self, day: i32) -> i16 {
        let distance = i64::from(day).saturating_sub(i64::from(self.from));
        distance.clamp(i16::MIN.into(), i16::MAX.into()) as i16
    }
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
        assert!(matches!(packed([0, 0]).unwrap().amounts(0, &[1, i64::MAX]), Amounts::Wide(&[1, i64::MAX])));
    }
}
