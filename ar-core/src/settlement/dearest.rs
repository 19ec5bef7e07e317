//! Of a fixed family of ways to pay a list the dearest that can be paid: so that a cent more never pays less.

use super::policy::SearchPolicy;
use super::search::sets;
use crate::ledger::layers::{count, place};
use crate::money::Minor;

/// Which of the discounts of a list are given up, so that they make at least and at most so much more: of all ways that are looked at
/// the dearest, and what it makes.
///
/// None of them, all of them, one given up, one kept, two given up, …: as far as the search may go; and one after the other
/// as long as they fit, so that a long list gives up too.
pub(super) fn given_up(off: &[Minor], (least, most): (i128, i128), policy: &SearchPolicy) -> Option<(i128, Vec<bool>)> {
    let places: Vec<u32> = (0..count(off.len())).filter(|at| off.get(place(*at)).is_some_and(|off| *off > 0)).collect();
    let amounts: Vec<Minor> = places.iter().filter_map(|at| off.get(place(*at)).copied()).collect();
    let all: i128 = amounts.iter().map(|off| i128::from(*off)).sum();
    let chosen = |set: &[u32], given_up: bool| {
        let mut which: Vec<bool> = off.iter().map(|off| *off > 0 && !given_up).collect();
        for at in set.iter().filter_map(|at| places.get(place(*at))) {
            if let Some(which) = which.get_mut(place(*at)) {
                *which = given_up;
            }
        }
        which
    };
    if most < 0 || all < least {
        return None;
    }
    if all <= most {
        return Some((all, chosen(&[], false)));
    }
    let (in_turn, these) = in_turn(off, most);
    let (mut best, mut floor) = (None, in_turn.max(least).saturating_sub(1));
    if floor < 0 {
        (best, floor) = (Some((0, chosen(&[], true))), 0);
    }
    let (of, mut work) = (count(amounts.len()), 0_u64);
    for size in 1..=policy.items.min(of.wrapping_div(2)) {
        work = work.saturating_add(sets(of, size));
        if work > policy.work || floor == most {
            break;
        }
        if let Some((sum, set)) = dearest_set(&amounts, (floor, most), size) {
            (best, floor) = (Some((sum, chosen(&set, true))), sum);
        }
        let kept = (all.saturating_sub(most), all.saturating_sub(floor));
        if let Some((sum, set)) = cheapest_set(&amounts, kept, size) {
            let sum = all.saturating_sub(sum);
            (best, floor) = (Some((sum, chosen(&set, false))), sum);
        }
    }
    best.or_else(|| (in_turn >= least).then_some((in_turn, these)))
}

/// What is given up by those of a list that still fit, one after the other.
fn in_turn(off: &[Minor], most: i128) -> (i128, Vec<bool>) {
    let mut sum = 0_i128;
    let fits = |off: &Minor| {
        let with = sum.saturating_add((*off).into());
        let fits = *off > 0 && with <= most;
        if fits {
            sum = with;
        }
        fits
    };
    let which = off.iter().map(fits).collect();
    (sum, which)
}

/// The dearest set of a size that costs more than the floor and at most so much, the first of several, and what it costs.
fn dearest_set(amounts: &[Minor], (floor, most): (i128, i128), size: u32) -> Option<(i128, Vec<u32>)> {
    let mut search = Dearest::new(amounts, floor, most);
    search.look(0, size, 0);
    search.found.map(|set| (search.floor, set))
}

/// The cheapest set of a size that costs at least so much and less than the ceiling, the first of several, and what it costs.
fn cheapest_set(amounts: &[Minor], (least, ceiling): (i128, i128), size: u32) -> Option<(i128, Vec<u32>)> {
    // What each costs less than the dearest: the cheapest set is that which costs least together.
    let top = amounts.iter().max().copied().unwrap_or(0);
    let less: Vec<Minor> = amounts.iter().map(|amount| top.saturating_sub(*amount)).collect();
    let whole = i128::from(top).saturating_mul(size.into());
    let (sum, set) = dearest_set(&less, (whole.saturating_sub(ceiling), whole.saturating_sub(least)), size)?;
    Some((whole.saturating_sub(sum), set))
}

struct Dearest<'a> {
    amounts: &'a [Minor],
    /// (amount, place), sorted: the last of a set is looked up.
    by_amount: Vec<(Minor, u32)>,
    /// The least and the most amount from a place on.
    bounds: Vec<(Minor, Minor)>,
    taken: Vec<u32>,
    /// Only what is dearer counts: it rises with what is found.
    floor: i128,
    most: i128,
    found: Option<Vec<u32>>,
}

impl<'a> Dearest<'a> {
    fn new(amounts: &'a [Minor], floor: i128, most: i128) -> Self {
        let mut by_amount: Vec<(Minor, u32)> = amounts.iter().copied().zip(0..).collect();
        by_amount.sort_unstable();
        let mut bounds: Vec<(Minor, Minor)> = Vec::with_capacity(amounts.len());
        for amount in amounts.iter().rev() {
            let (least, most) = bounds.last().copied().unwrap_or((*amount, *amount));
            bounds.push((least.min(*amount), most.max(*amount)));
        }
        bounds.reverse();
        Self { amounts, by_amount, bounds, taken: Vec::new(), floor, most, found: None }
    }

    /// Looks for so many from a place on, beside those that are taken, which cost so much.
    fn look(&mut self, from: u32, size: u32, sum: i128) {
        if size == 1 {
            self.look_up(from, sum);
            return;
        }
        let last = count(self.amounts.len()).saturating_sub(size);
        for at in from..=last {
            let Some((least, most)) = self.bounds.get(place(at)) else { return };
            let with = |amount: &Minor| i128::from(*amount).saturating_mul(size.into()).saturating_add(sum);
            // No set from here on is small or dear enough, or none can be dearer than what is found.
            if with(least) > self.most || with(most) <= self.floor {
                return;
            }
            let Some(amount) = self.amounts.get(place(at)).copied() else { return };
            self.taken.push(at);
            self.look(at.saturating_add(1), size.saturating_sub(1), sum.saturating_add(amount.into()));
            self.taken.pop();
        }
    }

    /// The dearest from a place on that can still be paid.
    fn look_up(&mut self, from: u32, sum: i128) {
        let rest = Minor::try_from(self.most.saturating_sub(sum)).unwrap_or(Minor::MAX);
        let mut end = self.by_amount.partition_point(|held| *held <= (rest, u32::MAX));
        while let Some((amount, _)) = end.checked_sub(1).and_then(|at| self.by_amount.get(at)).copied() {
            let cost = sum.saturating_add(amount.into());
            if cost <= self.floor {
                return;
            }
            let first = self.by_amount.partition_point(|held| *held < (amount, from));
            if let Some((_, last)) = self.by_amount.get(first).filter(|held| held.0 == amount) {
                let mut set = self.taken.clone();
                set.push(*last);
                (self.floor, self.found) = (cost, Some(set));
                return;
            }
            end = self.by_amount.partition_point(|held| *held < (amount, 0));
        }
    }
}

/// The dearest choice of one amount of each list that costs more than the floor and at most so much, and what it costs: of several the
/// first, by the first list, then the second, and so on.
pub(super) fn dearest_choice(lists: &[Vec<Minor>], (floor, most): (i128, i128)) -> Option<(i128, Vec<usize>)> {
    // Where there is nothing to choose the sum alone counts, so that the search goes no deeper than there are choices.
    let (open, one): (Vec<usize>, Vec<usize>) =
        (0..lists.len()).partition(|at| lists.get(*at).is_some_and(|of| of.len() > 1));
    let amounts = |at: &usize| lists.get(*at).map_or(&[][..], Vec::as_slice);
    let fixed: i128 = one.iter().flat_map(amounts).map(|amount| i128::from(*amount)).sum();
    let open_lists: Vec<&[Minor]> = open.iter().map(amounts).collect();
    let mut bounds = vec![(0_i128, 0_i128)];
    for list in open_lists.iter().rev() {
        let (least, most) = bounds.last().copied().unwrap_or_default();
        let low = list.iter().min().copied().unwrap_or(0);
        let high = list.iter().max().copied().unwrap_or(0);
        bounds.push((least.saturating_add(low.into()), most.saturating_add(high.into())));
    }
    bounds.reverse();
    let mut choice = Choice { lists: &open_lists, bounds, taken: Vec::new(), floor, most, found: None };
    choice.choose(fixed);
    let taken = choice.found?;
    let mut all = vec![0; lists.len()];
    for (at, chosen) in open.into_iter().zip(taken) {
        if let Some(slot) = all.get_mut(at) {
            *slot = chosen;
        }
    }
    Some((choice.floor, all))
}

struct Choice<'a> {
    lists: &'a [&'a [Minor]],
    /// What the lists add up to at least and at most, from each on.
    bounds: Vec<(i128, i128)>,
    taken: Vec<usize>,
    floor: i128,
    most: i128,
    found: Option<Vec<usize>>,
}

impl Choice<'_> {
    /// Takes one of each list from the place on that is reached, beside those that are taken, which cost so much.
    fn choose(&mut self, sum: i128) {
        let Some((least, most)) = self.bounds.get(self.taken.len()).copied() else { return };
        if sum.saturating_add(least) > self.most || sum.saturating_add(most) <= self.floor {
            return;
        }
        let Some(list) = self.lists.get(self.taken.len()).copied() else {
            (self.floor, self.found) = (sum, Some(self.taken.clone()));
            return;
        };
        for (at, amount) in list.iter().enumerate() {
            self.taken.push(at);
            self.choose(sum.saturating_add((*amount).into()));
            self.taken.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SearchPolicy, cheapest_set, dearest_choice, dearest_set, given_up};

    fn policy(items: u32, work: u64) -> SearchPolicy {
        SearchPolicy { items, work, ..SearchPolicy::default() }
    }

    #[test]
    fn the_first_of_the_dearest_sets_is_found() {
        assert_eq!(dearest_set(&[4, 6, 5, 6], (0, 10), 2), Some((10, vec![0, 1])));
        assert_eq!(dearest_set(&[4, 6, 5, 6], (0, 9), 2), Some((9, vec![0, 2])));
        assert_eq!(dearest_set(&[4, 6, 5, 6], (9, 9), 2), None);
        assert_eq!(dearest_set(&[4, 6, 5, 6], (0, 8), 2), None);
        assert_eq!(cheapest_set(&[4, 6, 5, 6], (10, 99), 2), Some((10, vec![0, 1])));
        assert_eq!(cheapest_set(&[4, 6, 5, 6], (12, 99), 2), Some((12, vec![1, 3])));
        assert_eq!(cheapest_set(&[4, 6, 5, 6], (12, 12), 2), None);
    }

    #[test]
    fn the_dearest_choice_is_found() {
        let lists = [vec![97, 98, 100], vec![50], vec![97, 98, 100]];
        assert_eq!(dearest_choice(&lists, (0, 245)), Some((245, vec![0, 0, 1])));
        assert_eq!(dearest_choice(&lists, (0, 249)), Some((248, vec![1, 0, 2])));
        assert_eq!(dearest_choice(&lists, (0, 999)), Some((250, vec![2, 0, 2])));
        assert_eq!(dearest_choice(&lists, (0, 243)), None);
        assert_eq!(dearest_choice(&[], (-1, 0)), Some((0, vec![])));
        assert_eq!(dearest_choice(&[vec![5]], (4, 4)), None);
    }

    #[test]
    fn a_list_that_is_too_long_for_the_search_gives_up_in_turn() {
        let more = |most, work| given_up(&[4, 6], (0, most), &policy(6, work));
        assert_eq!(more(7, 2), Some((6, vec![false, true])));
        assert_eq!(more(7, 1), Some((4, vec![true, false])));
        assert_eq!(more(3, 1), Some((0, vec![false, false])));
        assert_eq!(more(11, 1), Some((10, vec![true, true])));
        assert_eq!(given_up(&[4, 6], (7, 7), &policy(6, 2)), None);
    }

    /// More is never less, and it is what looking at every way by hand finds.
    #[test]
    fn what_is_given_up_rises_with_what_there_is() {
        for seed in 0_i64..200 {
            let off: Vec<i64> = (1_i64..7).map(|at| (seed.wrapping_mul(31).wrapping_add(at * at * 17)) % 23).collect();
            for (items, work) in [(6, 1_000_000), (1, 1_000), (6, 5)] {
                let mut before = -1;
                for most in 0_i128..140 {
                    let (sum, which) = given_up(&off, (0, most), &policy(items, work)).unwrap_or_default();
                    let made: i64 = off.iter().zip(&which).filter(|(_, up)| **up).map(|(off, _)| *off).sum();
                    assert!(i128::from(made) == sum && sum <= most && sum >= before, "{off:?} {most}");
                    before = sum;
                    if work == 1_000_000 {
                        let every = (0_u32..64).map(|set| {
                            let of = |at: usize| if (set >> at) & 1 == 1 { off[at] } else { 0 };
                            i128::from((0..6).map(of).sum::<i64>())
                        });
                        assert_eq!(every.filter(|sum| *sum <= most).max(), Some(sum), "{off:?} {most}");
                    }
                }
            }
        }
    }
}
