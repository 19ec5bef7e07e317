//! The smallest sets of amounts that add up to one: all of them, within a stated amount of work.

use super::policy::SearchPolicy;
use crate::ledger::layers::{count, place};
use crate::money::Minor;

/// How many sets are told.
const TOLD: usize = 20;

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// Larger sets were not looked at.
    Stopped,
    /// The first sets of the smallest size, in lexicographic order of places, and how many there are.
    Sets(Vec<Vec<u32>>, u64),
}

/// The smallest sets of amounts, of at least so many, that add up to the target. Amounts are above zero.
pub(super) fn smallest_sets(amounts: &[Minor], target: Minor, least: u32, policy: &SearchPolicy) -> Found {
    let of = count(amounts.len());
    let mut search = Search::new(amounts);
    let mut work: u64 = 0;
    for size in 1..=policy.items.min(of) {
        work = work.saturating_add(sets(of, size));
        if size < least {
            continue;
        }
        if work > policy.work {
            return Found::Stopped;
        }
        search.look(0, size, i128::from(target));
        if search.total > 0 {
            return Found::Sets(search.told, search.total);
        }
    }
    Found::Nothing
}

/// How many sets of a size there are.
fn sets(of: u32, size: u32) -> u64 {
    let mut number: u128 = 1;
    for step in 0..size {
        let (more, fewer) = (u128::from(of.saturating_sub(step)), u128::from(step.saturating_add(1)));
        number = number.saturating_mul(more).checked_div(fewer).unwrap_or(0);
        if number > u128::from(u64::MAX) {
            return u64::MAX;
        }
    }
    u64::try_from(number).unwrap_or(u64::MAX)
}

struct Search<'a> {
    amounts: &'a [Minor],
    /// (amount, place), sorted: the last of a set is looked up.
    by_amount: Vec<(Minor, u32)>,
    /// The least and the most amount from a place on.
    bounds: Vec<(Minor, Minor)>,
    taken: Vec<u32>,
    told: Vec<Vec<u32>>,
    total: u64,
}

impl<'a> Search<'a> {
    fn new(amounts: &'a [Minor]) -> Self {
        let mut by_amount: Vec<(Minor, u32)> = amounts.iter().copied().zip(0..).collect();
        by_amount.sort_unstable();
        let mut bounds: Vec<(Minor, Minor)> = Vec::with_capacity(amounts.len());
        for amount in amounts.iter().rev() {
            let (least, most) = bounds.last().copied().unwrap_or((*amount, *amount));
            bounds.push((least.min(*amount), most.max(*amount)));
        }
        bounds.reverse();
        Self { amounts, by_amount, bounds, taken: Vec::new(), told: Vec::new(), total: 0 }
    }

    /// Looks for so many amounts from a place on that add up to the rest.
    fn look(&mut self, from: u32, size: u32, rest: i128) {
        if size == 1 {
            self.look_up(from, rest);
            return;
        }
        let last = count(self.amounts.len()).saturating_sub(size);
        for at in from..=last {
            let Some((least, most)) = self.bounds.get(place(at)) else { return };
            let of = |amount: &Minor| i128::from(*amount).saturating_mul(size.into());
            // No set from here on is small or large enough.
            if rest < of(least) || rest > of(most) {
                return;
            }
            let Some(amount) = self.amounts.get(place(at)) else { return };
            self.taken.push(at);
            self.look(at.saturating_add(1), size.saturating_sub(1), rest.saturating_sub((*amount).into()));
            self.taken.pop();
        }
    }

    /// The amounts from a place on that are the rest.
    fn look_up(&mut self, from: u32, rest: i128) {
        let Ok(rest) = Minor::try_from(rest) else { return };
        let start = self.by_amount.partition_point(|held| *held < (rest, from));
        let equal = self.by_amount.iter().skip(start).take_while(|(amount, _)| *amount == rest);
        for (_, last) in equal {
            self.total = self.total.saturating_add(1);
            if self.told.len() < TOLD {
                let mut set = self.taken.clone();
                set.push(*last);
                self.told.push(set);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, SearchPolicy, smallest_sets};

    fn policy(items: u32, work: u64) -> SearchPolicy {
        SearchPolicy { items, work, ..SearchPolicy::default() }
    }

    #[test]
    fn the_smallest_size_with_a_solution_ends_the_search() {
        let amounts = [1, 2, 3, 4, 6];
        assert_eq!(smallest_sets(&amounts, 6, 1, &policy(6, 1_000)), Found::Sets(vec![vec![4]], 1));
        assert_eq!(smallest_sets(&amounts, 6, 2, &policy(6, 1_000)), Found::Sets(vec![vec![1, 3]], 1));
        assert_eq!(smallest_sets(&amounts, 7, 1, &policy(6, 1_000)), Found::Sets(vec![vec![0, 4], vec![2, 3]], 2));
        assert_eq!(smallest_sets(&amounts, 17, 1, &policy(6, 1_000)), Found::Nothing);
    }

    #[test]
    fn a_size_that_is_too_much_work_is_not_begun() {
        let amounts = [1, 2, 3, 4, 6];
        // 5 sets of one, 10 of two, 10 of three.
        assert_eq!(smallest_sets(&amounts, 12, 1, &policy(6, 24)), Found::Stopped);
        assert_eq!(smallest_sets(&amounts, 12, 1, &policy(6, 25)), Found::Sets(vec![vec![1, 3, 4]], 1));
        assert_eq!(smallest_sets(&amounts, 12, 1, &policy(2, 24)), Found::Nothing);
        assert_eq!(smallest_sets(&[], 12, 1, &policy(2, 24)), Found::Nothing);
    }

    #[test]
    fn all_solutions_are_counted_and_twenty_told() {
        let Found::Sets(told, total) = smallest_sets(&[1; 10], 2, 1, &policy(6, 1_000)) else { panic!("no sets") };
        assert_eq!((told.len(), total), (20, 45));
        assert_eq!(told[..2], [vec![0, 1], vec![0, 2]]);
    }
}
