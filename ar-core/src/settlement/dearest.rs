//! Of a fixed family of ways to pay a list the best: the dearest that can be paid, so that a cent more never pays less, or the nearest
//! above what there is.

use super::policy::SearchPolicy;
use super::search::sets;
use crate::ledger::layers::{count, place};
use crate::money::Minor;

/// Which of the ways that cost at least and at most so much is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    Dearest,
    Cheapest,
}

/// How good a way is, the best being the highest: by what it costs, then the fewer late discounts it has, then the less they are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Score {
    cost: i128,
    late: i128,
    worth: i128,
}

/// More than any way has late discounts, or they are worth.
const ALL: i128 = i128::MAX >> 8_u32;

impl Score {
    /// Of a cost, with late discounts (as many, and what they are worth) on it.
    pub(super) fn of(cost: i128, (late, worth): (i128, i128), goal: Goal) -> Self {
        let cost = if goal == Goal::Dearest { cost } else { cost.saturating_neg() };
        Self { cost, late: late.saturating_neg(), worth: worth.saturating_neg() }
    }

    pub(super) fn cost(self, goal: Goal) -> i128 {
        if goal == Goal::Dearest { self.cost } else { self.cost.saturating_neg() }
    }

    /// What a score must be above, and may be at most, to cost at least and at most so much; with no late discount at all, or without
    /// any of so many.
    pub(super) fn range((least, most): (i128, i128), (late, worth): (i128, i128), goal: Goal) -> (Self, Self) {
        let (low, high) = match goal {
            Goal::Dearest => (least, most),
            Goal::Cheapest => (most.saturating_neg(), least.saturating_neg()),
        };
        (Self { cost: low, late: ALL.saturating_neg(), worth: 0 }, Self { cost: high, late, worth })
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            cost: self.cost.saturating_add(other.cost),
            late: self.late.saturating_add(other.late),
            worth: self.worth.saturating_add(other.worth),
        }
    }

    fn minus(self, other: Self) -> Self {
        self.plus(other.negated())
    }

    fn negated(self) -> Self {
        Self { cost: self.cost.saturating_neg(), late: self.late.saturating_neg(), worth: self.worth.saturating_neg() }
    }

    fn times(self, number: u32) -> Self {
        let times = |of: i128| of.saturating_mul(number.into());
        Self { cost: times(self.cost), late: times(self.late), worth: times(self.worth) }
    }

    fn just_below(self) -> Self {
        Self { worth: self.worth.saturating_sub(1), ..self }
    }
}

/// What an item costs more when it gives up its discount, nothing where it has none to give up, and whether that is late.
#[derive(Debug, Clone, Copy)]
pub(super) struct Off {
    pub amount: Minor,
    pub late: bool,
}

impl Off {
    /// By how much a way is better, or worse, in which it is given up.
    fn score(&self, goal: Goal) -> Score {
        let late = if self.late { (-1, i128::from(self.amount).saturating_neg()) } else { (0, 0) };
        Score::of(self.amount.into(), late, goal)
    }
}

/// Which of the discounts of a list are given up, so that they make at least and at most so much more: of all ways that are looked at
/// the best, and how much better it is than none.
///
/// None of them, all of them, one given up, one kept, two given up, …: as far as the search may go; and one after the other
/// as long as they fit, so that a long list gives up too.
pub(super) fn given_up(
    off: &[Off],
    (least, most): (i128, i128),
    goal: Goal,
    policy: &SearchPolicy,
) -> Option<(Score, Vec<bool>)> {
    let places: Vec<u32> =
        (0..count(off.len())).filter(|at| off.get(place(*at)).is_some_and(|off| off.amount > 0)).collect();
    let scores: Vec<Score> = places.iter().filter_map(|at| off.get(place(*at))).map(|off| off.score(goal)).collect();
    let all = scores.iter().fold(Score::default(), |sum, score| sum.plus(*score));
    let chosen = |set: &[u32], given_up: bool| {
        let mut which: Vec<bool> = off.iter().map(|off| off.amount > 0 && !given_up).collect();
        for at in set.iter().filter_map(|at| places.get(place(*at))) {
            if let Some(which) = which.get_mut(place(*at)) {
                *which = given_up;
            }
        }
        which
    };
    if most < 0 || all.cost(goal) < least {
        return None;
    }
    let (low, high) = Score::range((least, most), (all.late, all.worth), goal);
    let is_within = |score: Score| low < score && score <= high;
    let (in_turn, these) = in_turn(off, most, goal);
    let (mut best, mut floor) = (None, if is_within(in_turn) { in_turn.just_below() } else { low });
    for (score, which) in [(Score::default(), chosen(&[], true)), (all, chosen(&[], false))] {
        if floor < score && score <= high {
            (best, floor) = (Some((score, which)), score);
        }
    }
    let kept: Vec<Score> = scores.iter().map(|score| score.negated()).collect();
    let (of, mut work) = (count(scores.len()), 0_u64);
    for size in 1..=policy.items.min(of.wrapping_div(2)) {
        work = work.saturating_add(sets(of, size));
        if work > policy.work || floor == high {
            break;
        }
        if let Some((score, set)) = best_set(&scores, (floor, high), size) {
            (best, floor) = (Some((score, chosen(&set, true))), score);
        }
        if let Some((score, set)) = best_set(&kept, (floor.minus(all), high.minus(all)), size) {
            let score = all.plus(score);
            (best, floor) = (Some((score, chosen(&set, false))), score);
        }
    }
    best.or_else(|| is_within(in_turn).then_some((in_turn, these)))
}

/// What is given up by those of a list that still fit, one after the other.
fn in_turn(off: &[Off], most: i128, goal: Goal) -> (Score, Vec<bool>) {
    let (mut sum, mut score) = (0_i128, Score::default());
    let fits = |off: &Off| {
        let with = sum.saturating_add(off.amount.into());
        let fits = off.amount > 0 && with <= most;
        if fits {
            (sum, score) = (with, score.plus(off.score(goal)));
        }
        fits
    };
    let which = off.iter().map(fits).collect();
    (score, which)
}

/// The best set of a size that is better than the floor and at most so good, the first of several, and how good it is.
fn best_set(scores: &[Score], (floor, most): (Score, Score), size: u32) -> Option<(Score, Vec<u32>)> {
    let mut search = Best::new(scores, floor, most);
    search.look(0, size, Score::default());
    search.found.map(|set| (search.floor, set))
}

struct Best<'a> {
    scores: &'a [Score],
    /// (score, place), sorted: the last of a set is looked up.
    by_score: Vec<(Score, u32)>,
    /// The least and the most from a place on.
    bounds: Vec<(Score, Score)>,
    taken: Vec<u32>,
    /// Only what is better counts: it rises with what is found.
    floor: Score,
    most: Score,
    found: Option<Vec<u32>>,
}

impl<'a> Best<'a> {
    fn new(scores: &'a [Score], floor: Score, most: Score) -> Self {
        let mut by_score: Vec<(Score, u32)> = scores.iter().copied().zip(0..).collect();
        by_score.sort_unstable();
        let mut bounds: Vec<(Score, Score)> = Vec::with_capacity(scores.len());
        for score in scores.iter().rev() {
            let (least, most) = bounds.last().copied().unwrap_or((*score, *score));
            bounds.push((least.min(*score), most.max(*score)));
        }
        bounds.reverse();
        Self { scores, by_score, bounds, taken: Vec::new(), floor, most, found: None }
    }

    /// Looks for so many from a place on, beside those that are taken, which make so much.
    fn look(&mut self, from: u32, size: u32, sum: Score) {
        if size == 1 {
            self.look_up(from, sum);
            return;
        }
        let last = count(self.scores.len()).saturating_sub(size);
        for at in from..=last {
            let Some((least, most)) = self.bounds.get(place(at)) else { return };
            // No set from here on is low or high enough, or none can be better than what is found.
            if sum.plus(least.times(size)) > self.most || sum.plus(most.times(size)) <= self.floor {
                return;
            }
            let Some(score) = self.scores.get(place(at)).copied() else { return };
            self.taken.push(at);
            self.look(at.saturating_add(1), size.saturating_sub(1), sum.plus(score));
            self.taken.pop();
        }
    }

    /// The best from a place on that still fits.
    fn look_up(&mut self, from: u32, sum: Score) {
        let rest = self.most.minus(sum);
        let mut end = self.by_score.partition_point(|held| *held <= (rest, u32::MAX));
        while let Some((score, _)) = end.checked_sub(1).and_then(|at| self.by_score.get(at)).copied() {
            let with = sum.plus(score);
            if with <= self.floor {
                return;
            }
            let first = self.by_score.partition_point(|held| *held < (score, from));
            if let Some((_, last)) = self.by_score.get(first).filter(|held| held.0 == score) {
                let mut set = self.taken.clone();
                set.push(*last);
                (self.floor, self.found) = (with, Some(set));
                return;
            }
            end = self.by_score.partition_point(|held| *held < (score, 0));
        }
    }
}

/// The best choice of one of each list that is better than the floor and at most so good, and how good it is: of several the first, by
/// the first list, then the second, and so on.
pub(super) fn best_choice(lists: &[Vec<Score>], (floor, most): (Score, Score)) -> Option<(Score, Vec<usize>)> {
    // Where there is nothing to choose the sum alone counts, so that the search goes no deeper than there are choices.
    let (open, one): (Vec<usize>, Vec<usize>) =
        (0..lists.len()).partition(|at| lists.get(*at).is_some_and(|of| of.len() > 1));
    let scores = |at: &usize| lists.get(*at).map_or(&[][..], Vec::as_slice);
    let fixed = one.iter().flat_map(scores).fold(Score::default(), |sum, score| sum.plus(*score));
    let open_lists: Vec<&[Score]> = open.iter().map(scores).collect();
    let mut bounds = vec![(Score::default(), Score::default())];
    for list in open_lists.iter().rev() {
        let (least, most) = bounds.last().copied().unwrap_or_default();
        let low = list.iter().min().copied().unwrap_or_default();
        let high = list.iter().max().copied().unwrap_or_default();
        bounds.push((least.plus(low), most.plus(high)));
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
    lists: &'a [&'a [Score]],
    /// What the lists add up to at least and at most, from each on.
    bounds: Vec<(Score, Score)>,
    taken: Vec<usize>,
    floor: Score,
    most: Score,
    found: Option<Vec<usize>>,
}

impl Choice<'_> {
    /// Takes one of each list from the place on that is reached, beside those that are taken, which make so much.
    fn choose(&mut self, sum: Score) {
        let Some((least, most)) = self.bounds.get(self.taken.len()).copied() else { return };
        if sum.plus(least) > self.most || sum.plus(most) <= self.floor {
            return;
        }
        let Some(list) = self.lists.get(self.taken.len()).copied() else {
            (self.floor, self.found) = (sum, Some(self.taken.clone()));
            return;
        };
        for (at, score) in list.iter().enumerate() {
            self.taken.push(at);
            self.choose(sum.plus(*score));
            self.taken.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Goal, Off, Score, SearchPolicy, best_choice, best_set, given_up};

    fn policy(items: u32, work: u64) -> SearchPolicy {
        SearchPolicy { items, work, ..SearchPolicy::default() }
    }

    fn plain(cost: i64) -> Score {
        Score::of(cost.into(), (0, 0), Goal::Dearest)
    }

    #[test]
    fn the_first_of_the_best_sets_is_found() {
        let scores = [4, 6, 5, 6].map(plain);
        let best = |floor: i64, most: i64| best_set(&scores, (plain(floor), plain(most)), 2);
        assert_eq!(best(0, 10), Some((plain(10), vec![0, 1])));
        assert_eq!(best(0, 9), Some((plain(9), vec![0, 2])));
        assert_eq!(best(9, 9), None);
        assert_eq!(best(0, 8), None);
        let cheap = scores.map(Score::negated);
        let cheapest = |least: i64, ceiling: i64| best_set(&cheap, (plain(-ceiling), plain(-least)), 2);
        assert_eq!(cheapest(10, 99), Some((plain(-10), vec![0, 1])));
        assert_eq!(cheapest(12, 99), Some((plain(-12), vec![1, 3])));
        assert_eq!(cheapest(12, 12), None);
    }

    #[test]
    fn the_best_choice_is_found() {
        let lists = [vec![97, 98, 100], vec![50], vec![97, 98, 100]]
            .map(|list| list.into_iter().map(plain).collect::<Vec<Score>>());
        let best = |most| best_choice(&lists, (plain(0), plain(most)));
        assert_eq!(best(245), Some((plain(245), vec![0, 0, 1])));
        assert_eq!(best(249), Some((plain(248), vec![1, 0, 2])));
        assert_eq!(best(999), Some((plain(250), vec![2, 0, 2])));
        assert_eq!(best(243), None);
        assert_eq!(best_choice(&[], (plain(-1), plain(0))), Some((plain(0), vec![])));
        assert_eq!(best_choice(&[vec![plain(5)]], (plain(4), plain(4))), None);
    }

    /// 300.00 and 600.00 with 3 % that are late and 2 % in time: 882.00 is 2 % of both, or 3 % of the second alone.
    #[test]
    fn of_equal_ways_that_with_fewer_late_discounts_is_found() {
        let late = |cost: i128, worth| Score::of(cost, (1, worth), Goal::Dearest);
        let lists = [vec![late(291, 9), plain(294), plain(300)], vec![late(582, 18), plain(588), plain(600)]];
        let (floor, most) = Score::range((0, 882), (0, 0), Goal::Dearest);
        assert_eq!(best_choice(&lists, (floor, most)), Some((plain(882), vec![1, 1])));
        // A late one and one in time are worth the same: the late one is given up.
        let off = [Off { amount: 5, late: false }, Off { amount: 5, late: true }, Off { amount: 7, late: true }];
        for goal in [Goal::Dearest, Goal::Cheapest] {
            let (score, which) = given_up(&off, (5, 5), goal, &policy(6, 100)).unwrap_or_default();
            assert_eq!((score.cost(goal), which), (5, vec![false, true, false]));
        }
    }

    fn offs(amounts: &[i64]) -> Vec<Off> {
        amounts.iter().map(|amount| Off { amount: *amount, late: false }).collect()
    }

    #[test]
    fn a_list_that_is_too_long_for_the_search_gives_up_in_turn() {
        let more = |most, work| {
            let found = given_up(&offs(&[4, 6]), (0, most), Goal::Dearest, &policy(6, work));
            found.map(|(score, which)| (score.cost(Goal::Dearest), which))
        };
        assert_eq!(more(7, 2), Some((6, vec![false, true])));
        assert_eq!(more(7, 1), Some((4, vec![true, false])));
        assert_eq!(more(3, 1), Some((0, vec![false, false])));
        assert_eq!(more(11, 1), Some((10, vec![true, true])));
        assert_eq!(given_up(&offs(&[4, 6]), (7, 7), Goal::Dearest, &policy(6, 2)), None);
    }

    /// More is never less, and it is what looking at every way by hand finds; so is the nearest above.
    #[test]
    fn what_is_given_up_rises_with_what_there_is() {
        for seed in 0_i64..200 {
            let off: Vec<i64> = (1_i64..7).map(|at| (seed.wrapping_mul(31).wrapping_add(at * at * 17)) % 23).collect();
            let every = |most: i128| {
                let every = (0_u32..64).map(|set| {
                    let of = |at: usize| if (set >> at) & 1 == 1 { off[at] } else { 0 };
                    i128::from((0..6).map(of).sum::<i64>())
                });
                let (below, above): (Vec<i128>, Vec<i128>) = every.partition(|sum| *sum <= most);
                (below.into_iter().max(), above.into_iter().min())
            };
            for (items, work) in [(6, 1_000_000), (1, 1_000), (6, 5)] {
                let mut before = -1;
                for most in 0_i128..140 {
                    let found = given_up(&offs(&off), (0, most), Goal::Dearest, &policy(items, work));
                    let (sum, which) = found.map(|(sum, which)| (sum.cost(Goal::Dearest), which)).unwrap_or_default();
                    let made: i64 = off.iter().zip(&which).filter(|(_, up)| **up).map(|(off, _)| *off).sum();
                    assert!(i128::from(made) == sum && sum <= most && sum >= before, "{off:?} {most}");
                    before = sum;
                    if work == 1_000_000 {
                        let above = given_up(&offs(&off), (most + 1, 999), Goal::Cheapest, &policy(items, work));
                        let above = above.map(|(sum, _)| sum.cost(Goal::Cheapest));
                        assert_eq!((Some(sum), above), every(most), "{off:?} {most}");
                    }
                }
            }
        }
    }
}
