//! Which discounts a payment gives up: a customer who pays an item in full did not deduct it, though it was on offer.

use rustc_hash::{FxHashMap, FxHashSet};

use super::clear::{Clearing, Priced, Work};
use super::dearest::{Goal, Off, Score, best_choice, given_up};
use super::policy::{DiscountPolicy, DiscountWhen, SettlementStrategy, ShortPayment};
use super::quote::Quote;
use crate::allocation::filter::at;
use crate::money::Minor;

/// A set of items, some of them in full, and how it is cleared.
pub(super) struct Solution {
    pub items: Vec<Priced>,
    pub how: Clearing,
}

/// Whether an item that has a discount may give it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Full {
    Allowed,
    Refused,
}

/// The items, those in full that give their discount up.
fn apart(set: &[Priced], given_up: &[bool]) -> Vec<Priced> {
    set.iter().zip(given_up).map(|(item, in_full)| if *in_full { item.in_full() } else { *item }).collect()
}

fn all_in_full(set: &[Priced]) -> Vec<Priced> {
    set.iter().map(|item| item.in_full()).collect()
}

/// How good a way is to pay items.
fn score(set: &[Priced], goal: Goal) -> Score {
    set.iter().fold(Score::default(), |sum, item| sum.plus(item.quote.score(goal)))
}

fn price(set: &[Priced]) -> i128 {
    set.iter().map(|item| i128::from(item.quote.price)).sum()
}

impl Work<'_, '_> {
    /// How a credit pays a set exactly, whichever of its items it pays in full.
    pub(super) fn exactly(&self, payer: usize, set: &[Priced]) -> Option<Solution> {
        let purse = i128::from(self.desk.purse(payer));
        let (_, items) = self.best_way(payer, set, (purse, purse), (Goal::Dearest, Full::Allowed))?;
        (!set.is_empty()).then_some(Solution { items, how: Clearing::Exact })
    }

    /// How a credit pays a set exactly of which a search has found that it does, however many choices there are.
    pub(super) fn exactly_found(&self, payer: usize, set: &[Priced]) -> Option<Solution> {
        let purse = i128::from(self.desk.purse(payer));
        self.exactly(payer, set).or_else(|| {
            let exact = Score::range((purse, purse), (0, 0), Goal::Dearest);
            let (_, items) = self.with_other_discounts(payer, set, exact, (Goal::Dearest, Full::Allowed, u64::MAX))?;
            Some(Solution { items, how: Clearing::Exact })
        })
    }

    /// The best way to pay a list that costs at least and at most so much, and what it costs: which of its items give up their discounts,
    /// or have another. Of those that cost the same it is that with the fewest late discounts, then with the least.
    ///
    /// The ways that are looked at hang on the items and the policy alone, so that who pays more never pays less of them.
    fn best_way(
        &self,
        payer: usize,
        set: &[Priced],
        (least, most): (i128, i128),
        (goal, full): (Goal, Full),
    ) -> Option<(i128, Vec<Priced>)> {
        let (own, own_score) = (price(set), score(set, goal));
        let may_give_up = |item: &Priced| {
            let amount = if full == Full::Allowed { item.quote.may_give_up() } else { 0 };
            Off { amount, late: item.quote.is_late() }
        };
        let off: Vec<Off> = set.iter().map(may_give_up).collect();
        let more = (least.saturating_sub(own), most.saturating_sub(own));
        let found = given_up(&off, more, goal, &self.policy.search);
        let found = found.map(|(more, which)| (own_score.plus(more), apart(set, &which)));
        let (low, high) = Score::range((least, most), (0, 0), goal);
        let floor = found.as_ref().map_or(low, |(score, _)| *score);
        let other = if floor == high {
            None
        } else {
            self.with_other_discounts(payer, set, (floor, high), (goal, full, self.policy.search.work))
        };
        other.or(found).map(|(score, items)| (score.cost(goal), items))
    }

    /// The items of a list with other discounts than the largest, so that they are better than the floor and at most so good; none where
    /// there are more choices than may be looked at.
    fn with_other_discounts(
        &self,
        payer: usize,
        set: &[Priced],
        bounds: (Score, Score),
        (goal, full, work): (Goal, Full, u64),
    ) -> Option<(Score, Vec<Priced>)> {
        if !set.iter().any(|item| self.has_several(item)) {
            return None;
        }
        let may_be =
            |item: &Priced, quote: &Quote| full == Full::Allowed || quote.discount > 0 || item.quote.discount == 0;
        let of = |item: &Priced| self.choices(payer, item).into_iter().filter(|quote| may_be(item, quote)).collect();
        let choices: Vec<Vec<Quote>> = set.iter().map(of).collect();
        // With one discount an item all has been tried.
        let is_another =
            |item: &Priced, quote: &Quote| ![item.quote.price, item.quote.left_there].contains(&quote.price);
        let has_another = |(item, of): (&Priced, &Vec<Quote>)| of.iter().any(|quote| is_another(item, quote));
        if !set.iter().zip(&choices).any(has_another) {
            return None;
        }
        let number = |work: u64, of: &Vec<Quote>| work.checked_mul(u64::try_from(of.len()).ok()?);
        choices.iter().try_fold(1, number).filter(|number| *number <= work)?;
        let scores: Vec<Vec<Score>> =
            choices.iter().map(|of| of.iter().map(|quote| quote.score(goal)).collect()).collect();
        let (score, which) = best_choice(&scores, bounds)?;
        let chosen = set.iter().zip(&choices).zip(which);
        let items = chosen.map(|((item, of), at)| of.get(at).map(|quote| Priced { quote: *quote, ..*item }));
        Some((score, items.collect::<Option<Vec<Priced>>>()?))
    }

    /// What an item may cost a credit.
    pub(super) fn choices(&self, payer: usize, item: &Priced) -> Vec<Quote> {
        match (self.desk.payers.get(payer), at(&self.desk.claims, item.claim)) {
            (Some(from), Some(claim)) => self.quoter.choices(self.desk.company, from, claim, item.quote),
            _ => vec![item.quote],
        }
    }

    /// Whether an item has several discounts.
    pub(super) fn has_several(&self, item: &Priced) -> bool {
        at(&self.desk.claims, item.claim).is_some_and(|claim| self.quoter.has_several(claim.item))
    }

    /// How a credit clears a set: exactly; else the way of giving up discounts that is nearer to what it has than what it reaches, if a
    /// little is missing to it that is let go; else with all discounts or with none, that which is nearer first (with all, where a
    /// tolerance adjusts the discount). `charges` says whether a shortage may be bank charges, `over` whether too much within the
    /// limits will do.
    pub(super) fn solution(
        &self,
        payer: usize,
        set: &[Priced],
        strategy: SettlementStrategy,
        (charges, over): (bool, bool),
    ) -> Option<Solution> {
        if let Some(exact) = self.exactly(payer, set) {
            return Some(exact);
        }
        if let Some(nearer) = self.nearer_set(payer, set, strategy, charges) {
            return Some(nearer);
        }
        let mut ways = vec![set.to_vec()];
        if set.iter().any(|item| item.quote.discount > 0) {
            ways.push(all_in_full(set));
        }
        let purse = i128::from(self.desk.purse(payer));
        // Where what is over lowers the discount, a discount is adjusted before a shortage is let go beside none.
        if !self.takes_into_discount() {
            ways.sort_by_key(|items| price(items).abs_diff(purse));
        }
        ways.into_iter().find_map(|items| {
            let how = self.clearing(payer, &items, strategy, charges)?;
            let fits = !matches!(how, Clearing::Over) || (over && self.over_is_within(payer, &items, strategy));
            fits.then_some(Solution { items, how })
        })
    }

    /// A set whose price is above what a credit has by less than the dearest way that it reaches is below it, and that is let go.
    fn nearer_set(
        &self,
        payer: usize,
        set: &[Priced],
        strategy: SettlementStrategy,
        charges: bool,
    ) -> Option<Solution> {
        let purse = self.desk.purse(payer);
        let there = i128::from(purse);
        let missing = self.may_be_missing(purse, payer, set, strategy, charges);
        if missing == 0 || set.iter().all(|item| item.quote.discount == 0) {
            return None;
        }
        // An item without its largest discount may have a smaller one.
        let (cost, _) = self.best_way(payer, set, (0, there), (Goal::Dearest, Full::Allowed))?;
        if self.takes_into_discount() && there.saturating_sub(cost) <= self.over_limit(purse, payer, set, strategy) {
            return None;
        }
        let how = |items: &[Priced]| self.clearing(payer, items, strategy, charges);
        let (items, how) = self.nearer(payer, set, (there, cost), (missing, Full::Allowed), how)?;
        Some(Solution { items, how })
    }

    /// Of the ways to pay items that cost more than is there, but by less than what is left after the dearest that can be paid, the
    /// nearest that is cleared all the same, as so much may be missing at most. As many are tried as sets have items.
    fn nearer<T>(
        &self,
        payer: usize,
        items: &[Priced],
        (there, cost): (i128, i128),
        (missing, full): (i128, Full),
        cleared: impl Fn(&[Priced]) -> Option<T>,
    ) -> Option<(Vec<Priced>, T)> {
        let rest = there.saturating_sub(cost);
        let most = there.saturating_add(missing.min(rest.saturating_sub(1)));
        let mut least = there.saturating_add(1);
        for _ in 0..self.policy.search.items {
            if most < least {
                break;
            }
            let (cost, way) = self.best_way(payer, items, (least, most), (Goal::Cheapest, full))?;
            if let Some(how) = cleared(&way) {
                return Some((way, how));
            }
            least = cost.saturating_add(1);
        }
        None
    }

    /// A credit against debits in their order, until it is used up; whether all of them were cleared.
    pub(super) fn spend(&mut self, payer: usize, order: &[u32], strategy: SettlementStrategy) -> bool {
        if let Some(exact) = self.exactly_in_order(payer, order) {
            for (at, claim) in order.iter().enumerate() {
                if let Ok(found) = exact.binary_search_by_key(&at, |(place, _)| *place) {
                    let item: Vec<Priced> = exact.get(found).map(|(_, item)| *item).into_iter().collect();
                    self.clear(payer, &item, &Clearing::Exact, strategy);
                } else if self.desk.is_mixed(*claim)
                    && let Some(item) = self.priced_least(payer, *claim)
                {
                    self.pay_mixed(payer, &item, strategy);
                }
            }
            return self.desk.purse(payer) == 0;
        }
        let kept = self.discounts_kept(payer, order, strategy);
        let mut cleared = !order.is_empty();
        for (at, claim) in order.iter().enumerate() {
            if self.desk.purse(payer) == 0 {
                return false;
            }
            let Some(item) = self.priced_least(payer, *claim) else {
                cleared = false;
                continue;
            };
            let quote = match &kept {
                Kept::Largest => item.quote,
                Kept::None => item.quote.in_full(),
                Kept::But(these) => match these.binary_search_by_key(&at, |(place, _)| *place) {
                    Ok(found) => these.get(found).map_or(item.quote, |(_, quote)| *quote),
                    Err(_) => item.quote,
                },
            };
            cleared &= self.pay(payer, Priced { quote, ..item }, strategy);
        }
        cleared
    }

    /// Which discounts the debits have that a credit pays, when it goes through them in their order.
    ///
    /// First it clears as many as it can, each with its largest discount. What is left of it then shows who did not deduct, or
    /// deducted less: of all ways to pay them it takes the dearest that it can.
    fn discounts_kept(&mut self, payer: usize, order: &[u32], strategy: SettlementStrategy) -> Kept {
        let Some(when) = self.policy.discount.as_ref().map(|discount| discount.when) else { return Kept::Largest };
        let full = self.full_in_order();
        let Walk { places, items, mut rest, mixed_last, goes_on, .. } = self.walk(payer, order, strategy);
        // Limits in percent are of what a document has left when an item is reached: those before it are cleared.
        let before_last: FxHashSet<u32> = items.iter().rev().skip(1).map(|item| item.claim).collect();
        if rest == 0 || items.iter().all(|item| item.quote.discount == 0) {
            return Kept::Largest;
        }
        let own = price(&items);
        let there = own.saturating_add(rest.into());
        // What pays a part of the next, and has its part of the discount, is not left: only who pays these to the minor unit gives up.
        let least = if goes_on && when == DiscountWhen::Deducted { there } else { own };
        let Some((cost, mut chosen)) = self.best_way(payer, &items, (least, there), (Goal::Dearest, full)) else {
            return Kept::Largest;
        };
        rest = rest.saturating_sub(Minor::try_from(cost.saturating_sub(own)).unwrap_or(0));
        // What is missing is missing of the last.
        if !mixed_last
            && let Some(nearer) = self.nearer_in_order(payer, &items, (there, cost), (full, before_last), strategy)
        {
            (chosen, rest) = (nearer, 0);
        }
        if when == DiscountWhen::Exact && rest > 0 && chosen.iter().any(|item| item.quote.discount > 0) {
            return Kept::None;
        }
        let chosen = places.into_iter().zip(&items).zip(chosen);
        let others = chosen.filter(|((_, own), item)| item.quote.discount != own.quote.discount);
        Kept::But(others.map(|((at, _), item)| (at, item.quote)).collect())
    }

    /// Items that are paid in their order so that a little is missing at the last, which is let go, where that is nearer to what is there
    /// than the dearest way that can be paid.
    fn nearer_in_order(
        &mut self,
        payer: usize,
        items: &[Priced],
        (there, cost): (i128, i128),
        (full, before_last): (Full, FxHashSet<u32>),
        strategy: SettlementStrategy,
    ) -> Option<Vec<Priced>> {
        let (last, others) = items.split_last()?;
        let rest = there.saturating_sub(cost);
        if self.takes_into_discount() && rest <= self.over_limit(self.desk.purse(payer), payer, items, strategy) {
            return None;
        }
        let left_for_last = |others: &[Priced]| Minor::try_from(there.saturating_sub(price(others))).unwrap_or(0);
        let before = self.desk.try_cleared(before_last);
        let missing = self.may_be_missing(left_for_last(others), payer, &[*last], strategy, true);
        let cleared = |way: &[Priced]| {
            let (last, others) = way.split_last()?;
            self.clearing_with(left_for_last(others), payer, &[*last], strategy, true)
        };
        let found = self.nearer(payer, items, (there, cost), (missing, full), cleared);
        self.desk.try_cleared(before);
        found.map(|(way, _)| way)
    }

    /// The debits that a credit clears with their discounts, as it goes through an order. What it pays of documents with items of both
    /// signs, which have none, it has no more.
    fn walk(&mut self, payer: usize, order: &[u32], strategy: SettlementStrategy) -> Walk {
        let walk =
            self.walk_with(payer, order, |work, rest, item| work.clearing_with(rest, payer, &[item], strategy, true));
        self.desk.try_cleared(FxHashSet::default());
        walk
    }

    /// The same, by what tells how so much clears an item.
    fn walk_with(
        &mut self,
        payer: usize,
        order: &[u32],
        cleared: impl Fn(&Self, Minor, Priced) -> Option<Clearing>,
    ) -> Walk {
        let mut walk = Walk { rest: self.desk.purse(payer), ..Walk::default() };
        for (at, claim) in order.iter().enumerate() {
            if walk.rest == 0 {
                break;
            }
            let Some(item) = self.priced_least(payer, *claim) else { continue };
            if self.desk.is_mixed(*claim) {
                if self.walk_over_mixed(payer, &item, &mut walk) {
                    continue;
                }
                break;
            }
            match cleared(self, walk.rest, item) {
                Some(Clearing::Exact | Clearing::Over) => walk.rest = walk.rest.saturating_sub(item.quote.price),
                Some(_) => walk.rest = 0,
                None if self.policy.partial == ShortPayment::Refused => continue,
                None => {
                    walk.goes_on = item.quote.discount > 0
                        && self.policy.discount.as_ref().is_some_and(DiscountPolicy::is_in_proportion);
                    break;
                }
            }
            walk.places.push(at);
            walk.items.push(item);
            walk.mixed_last = false;
            self.desk.try_one_more(*claim);
        }
        walk
    }

    /// Whether items of an order may give up their discounts.
    fn full_in_order(&self) -> Full {
        let when = self.policy.discount.as_ref().map(|discount| discount.when);
        if when == Some(DiscountWhen::Usable) { Full::Refused } else { Full::Allowed }
    }

    /// The items of an order that a credit pays to the minor unit when nothing is rounded, with their places: several of them are paid so
    /// before one is that a rounding of cash would close.
    fn exactly_in_order(&mut self, payer: usize, order: &[u32]) -> Option<Vec<(usize, Priced)>> {
        self.rounds_cash(payer).then_some(())?;
        let reaches = |_: &Self, rest: Minor, item: Priced| (rest >= item.quote.price).then_some(Clearing::Over);
        let walk = self.walk_with(payer, order, reaches);
        self.desk.try_cleared(FxHashSet::default());
        let there = price(&walk.items).saturating_add(walk.rest.into());
        let way = (Goal::Dearest, self.full_in_order());
        let (_, items) = self.best_way(payer, &walk.items, (there, there), way)?;
        (!items.is_empty()).then(|| walk.places.into_iter().zip(items).collect())
    }

    /// An item of a document with items of both signs has what the document still has together; whether the order goes on after it.
    fn walk_over_mixed(&self, payer: usize, item: &Priced, walk: &mut Walk) -> bool {
        let Some(claim) = at(&self.desk.claims, item.claim) else { return true };
        let taken = walk.mixed.entry(claim.document).or_default();
        let Some((room, price)) = self.mixed_price(payer, item, *taken) else { return true };
        let is_whole = room == item.quote.left;
        if self.policy.partial != ShortPayment::Allowed && !(is_whole && price <= walk.rest) {
            return true;
        }
        if walk.rest < price {
            // Where nothing can be paid of it, the next is.
            return self.is_crossed(item) && room < 2;
        }
        (walk.rest, *taken) = (walk.rest.saturating_sub(price), taken.saturating_add(room));
        walk.mixed_last = true;
        true
    }
}

/// What a credit clears of an order.
#[derive(Default)]
struct Walk {
    /// With their places in the order.
    places: Vec<usize>,
    items: Vec<Priced>,
    /// What the credit has left after them.
    rest: Minor,
    /// What was paid of documents with items of both signs, and whether one of these is the last.
    mixed: FxHashMap<u32, Minor>,
    mixed_last: bool,
    /// Whether what is left pays a part of the next, with its part of a discount.
    goes_on: bool,
}

/// Which discounts the debits of an order have when they are paid.
enum Kept {
    /// Each its largest.
    Largest,
    /// None has one.
    None,
    /// Each its largest, but these, by their place in the order.
    But(Vec<(usize, Quote)>),
}
