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

/// What one of a set may count with, above zero.
#[derive(Debug, Clone, Default)]
pub(super) struct Amounts {
    low: Minor,
    high: Minor,
    /// Others than these two.
    between: Vec<Minor>,
}

impl Amounts {
    pub(super) fn one(amount: Minor) -> Self {
        Self::two(amount, amount)
    }

    pub(super) fn two(low: Minor, high: Minor) -> Self {
        Self { low, high, between: Vec::new() }
    }

    /// Any of a list.
    pub(super) fn any(list: &[Minor]) -> Self {
        let low = list.iter().min().copied().unwrap_or(0);
        let high = list.iter().max().copied().unwrap_or(0);
        let between = list.iter().copied().filter(|amount| *amount != low && *amount != high);
        Self { low, high, between: between.collect() }
    }

    fn each(&self) -> impl Iterator<Item = Minor> + '_ {
        let high = (self.high != self.low).then_some(self.high);
        std::iter::once(self.low).chain(high).chain(self.between.iter().copied())
    }
}

/// The smallest sets that add up to the target, of at least so many; each is counted by one of its amounts. A set is so much work as its
/// amounts make choices: with m amounts of some item at most, each of its members m − 1, at least one.
pub(super) fn smallest_sets(amounts: &[Amounts], target: Minor, least: u32, policy: &SearchPolicy) -> Found {
    let of = count(amounts.len());
    let mut search = Search::new(amounts);
    let most = amounts.iter().map(|one| one.each().count()).max().unwrap_or(0);
    let choices = u64::try_from(most.saturating_sub(1).max(1)).unwrap_or(u64::MAX);
    let mut work: u64 = 0;
    for size in 1..=policy.items.min(of) {
        work = work.saturating_add(sets(of, size).saturating_mul(choices.saturating_pow(size)));
        if size < least {
            continue;
        }
        if work > policy.work {
            return Found::Stopped;
        }
        search.look_for(target.into(), size);
        if search.total > 0 {
            return Found::Sets(search.told, search.total);
        }
    }
    Found::Nothing
}

/// How many sets of a size there are.
pub(super) fn sets(of: u32, size: u32) -> u64 {
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
    /// Often of one amount.
    amounts: &'a [Amounts],
    /// (amount, place), sorted: the last of a set is looked up.
    by_amount: Vec<(Minor, u32)>,
    /// The least and the most amount from a place on.
    bounds: Vec<(Minor, Minor)>,
    taken: Vec<u32>,
    /// What may be left to make up, by depth: several where one that is taken has several amounts.
    rests: Vec<i128>,
    told: Vec<Vec<u32>>,
    total: u64,
}

impl<'a> Search<'a> {
    fn new(amounts: &'a [Amounts]) -> Self {
        let each = |(of, at): (&'a Amounts, u32)| of.each().map(move |amount| (amount, at));
        let mut by_amount: Vec<(Minor, u32)> = amounts.iter().zip(0..).flat_map(each).collect();
        by_amount.sort_unstable();
        by_amount.dedup();
        let mut bounds: Vec<(Minor, Minor)> = Vec::with_capacity(amounts.len());
        for Amounts { low, high, .. } in amounts.iter().rev() {
            let (least, most) = bounds.last().copied().unwrap_or((*low, *high));
            bounds.push((least.min(*low), most.max(*high)));
        }
        bounds.reverse();
        let (taken, rests, told) = (Vec::new(), Vec::new(), Vec::new());
        Self { amounts, by_amount, bounds, taken, rests, told, total: 0 }
    }

    fn look_for(&mut self, target: i128, size: u32) {
        self.rests.push(target);
        self.look(0, size, 0);
        self.rests.clear();
    }

    /// Looks for so many from a place on that add up to one of the rests, those from a place in their list on.
    fn look(&mut self, from: u32, size: u32, rests: usize) {
        if size == 1 {
            self.look_up(from, rests);
            return;
        }
        let open = self.rests.get(rests..).unwrap_or_default();
        let (lowest, highest) = (open.iter().min().copied().unwrap_or(0), open.iter().max().copied().unwrap_or(0));
        let last = count(self.amounts.len()).saturating_sub(size);
        let end = self.rests.len();
        for at in from..=last {
            let Some((least, most)) = self.bounds.get(place(at)) else { return };
            let of = |amount: &Minor| i128::from(*amount).saturating_mul(size.into());
            // No set from here on is small or large enough.
            if highest < of(least) || lowest > of(most) {
                return;
            }
            let Some(amounts) = self.amounts.get(place(at)) else { return };
            for number in rests..end {
                let rest = self.rests.get(number).copied().unwrap_or(0);
                self.rests.extend(amounts.each().map(|amount| rest.saturating_sub(amount.into())));
            }
            self.taken.push(at);
            self.look(at.saturating_add(1), size.saturating_sub(1), end);
            self.taken.pop();
            self.rests.truncate(end);
        }
    }

    /// Those from a place on that are one of the rests.
    fn look_up(&mut self, from: u32, rests: usize) {
        let open = self.rests.get(rests..).unwrap_or_default();
        if let [rest] = open {
            let Ok(rest) = Minor::try_from(*rest) else { return };
            let start = self.by_amount.partition_point(|held| *held < (rest, from));
            let equal = self.by_amount.iter().skip(start).take_while(|(amount, _)| *amount == rest);
            for (_, last) in equal {
                tell(&mut self.told, &mut self.total, &self.taken, *last);
            }
            return;
        }
        let mut found: Vec<u32> = Vec::new();
        for rest in open.iter().filter_map(|rest| Minor::try_from(*rest).ok()) {
            let start = self.by_amount.partition_point(|held| *held < (rest, from));
            found.extend(self.by_amount.iter().skip(start).take_while(|held| held.0 == rest).map(|held| held.1));
        }
        // One set may add up in several ways.
        found.sort_unstable();
        found.dedup();
        for last in found {
            tell(&mut self.told, &mut self.total, &self.taken, last);
        }
    }
}

fn tell(told: &mut Vec<Vec<u32>>, total: &mut u64, taken: &[u32], last: u32) {
    *total = total.saturating_add(1);
    if told.len() < TOLD {
        let mut set = taken.to_vec();
        set.push(last);
        told.push(set);
    }
}

#[cfg(test)]
mod tests {
    use super::{Amounts, Found, SearchPolicy, smallest_sets};

    fn policy(items: u32, work: u64) -> SearchPolicy {
        SearchPolicy { items, work, ..SearchPolicy::default() }
    }

    fn smallest(amounts: &[i64], target: i64, least: u32, policy: &SearchPolicy) -> Found {
        let each: Vec<Amounts> = amounts.iter().map(|amount| Amounts::one(*amount)).collect();
        smallest_sets(&each, target, least, policy)
    }

    #[test]
    fn a_set_is_found_once_however_it_adds_up() {
        // 9 or 10, 18 or 20, 29: 29 alone; 28 by 10 and 18; 29 by 9 and 20 too.
        let amounts = [Amounts::two(9, 10), Amounts::two(18, 20), Amounts::one(29)];
        assert_eq!(smallest_sets(&amounts, 29, 1, &policy(6, 1_000)), Found::Sets(vec![vec![2]], 1));
        assert_eq!(smallest_sets(&amounts, 29, 2, &policy(6, 1_000)), Found::Sets(vec![vec![0, 1]], 1));
        assert_eq!(smallest_sets(&amounts, 28, 1, &policy(6, 1_000)), Found::Sets(vec![vec![0, 1]], 1));
        // 19 by either giving up its discount.
        assert_eq!(
            smallest_sets(&[Amounts::two(9, 10), Amounts::two(9, 10)], 19, 1, &policy(6, 1_000)),
            Found::Sets(vec![vec![0, 1]], 1)
        );
        // 94 and 95 of an amount between.
        let tiers = [Amounts::any(&[93, 94, 100]), Amounts::any(&[95, 96, 100])];
        assert_eq!(smallest_sets(&tiers, 190, 1, &policy(6, 1_000)), Found::Sets(vec![vec![0, 1]], 1));
        assert_eq!(smallest_sets(&tiers, 191, 1, &policy(6, 1_000)), Found::Nothing);
    }

    #[test]
    fn the_smallest_size_with_a_solution_ends_the_search() {
        let amounts = [1, 2, 3, 4, 6];
        assert_eq!(smallest(&amounts, 6, 1, &policy(6, 1_000)), Found::Sets(vec![vec![4]], 1));
        assert_eq!(smallest(&amounts, 6, 2, &policy(6, 1_000)), Found::Sets(vec![vec![1, 3]], 1));
        assert_eq!(smallest(&amounts, 7, 1, &policy(6, 1_000)), Found::Sets(vec![vec![0, 4], vec![2, 3]], 2));
        assert_eq!(smallest(&amounts, 17, 1, &policy(6, 1_000)), Found::Nothing);
    }

    #[test]
    fn a_size_that_is_too_much_work_is_not_begun() {
        let amounts = [1, 2, 3, 4, 6];
        // 5 sets of one, 10 of two, 10 of three.
        assert_eq!(smallest(&amounts, 12, 1, &policy(6, 24)), Found::Stopped);
        assert_eq!(smallest(&amounts, 12, 1, &policy(6, 25)), Found::Sets(vec![vec![1, 3, 4]], 1));
        assert_eq!(smallest(&amounts, 12, 1, &policy(2, 24)), Found::Nothing);
        assert_eq!(smallest(&[], 12, 1, &policy(2, 24)), Found::Nothing);
    }

    #[test]
    fn all_solutions_are_counted_and_twenty_told() {
        let Found::Sets(told, total) = smallest(&[1; 10], 2, 1, &policy(6, 1_000)) else { panic!("no sets") };
        assert_eq!((told.len(), total), (20, 45));
        assert_eq!(told[..2], [vec![0, 1], vec![0, 2]]);
    }
}
