//! Which discounts a payment gives up: a customer who pays an item in full did not deduct it, though it was on offer.

use super::clear::{Clearing, Priced, Work};
use super::policy::{DiscountWhen, SearchPolicy, SettlementStrategy, ShortPayment};
use super::quote::Quote;
use super::search::{first_choice, first_set, sets};
use crate::allocation::filter::at;
use crate::ledger::layers::{count, place};
use crate::money::Minor;

/// A set of items, some of them in full, and how it is cleared.
pub(super) struct Solution {
    pub items: Vec<Priced>,
    pub how: Clearing,
}

/// Which of the discounts of a set are given up, so that it costs so much more; none when no few of them make that.
///
/// None of them, all of them, one given up, one kept, two given up, …: as far as the search may go.
fn given_up(off: &[Minor], more: i128, policy: &SearchPolicy) -> Option<Vec<bool>> {
    if more == 0 {
        return Some(vec![false; off.len()]);
    }
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
    if more == all {
        return Some(chosen(&[], false));
    }
    if more < 0 || more > all {
        return None;
    }
    let (of, mut work) = (count(amounts.len()), 0_u64);
    for size in 1..=policy.items.min(of.wrapping_div(2)) {
        work = work.saturating_add(sets(of, size));
        if work > policy.work {
            return None;
        }
        if let Some(set) = first_set(&amounts, more, size) {
            return Some(chosen(&set, true));
        }
        if let Some(set) = first_set(&amounts, all.saturating_sub(more), size) {
            return Some(chosen(&set, false));
        }
    }
    None
}

/// The items, those in full that give their discount up.
fn apart(set: &[Priced], given_up: &[bool]) -> Vec<Priced> {
    set.iter().zip(given_up).map(|(item, in_full)| if *in_full { item.in_full() } else { *item }).collect()
}

fn all_in_full(set: &[Priced]) -> Vec<Priced> {
    set.iter().map(|item| item.in_full()).collect()
}

fn price(set: &[Priced]) -> i128 {
    set.iter().map(|item| i128::from(item.quote.price)).sum()
}

impl Work<'_, '_> {
    /// How a credit pays a set exactly, whichever of its items it pays in full.
    pub(super) fn exactly(&self, payer: usize, set: &[Priced]) -> Option<Solution> {
        let more = i128::from(self.desk.purse(payer)).saturating_sub(price(set));
        let off: Vec<Minor> = set.iter().map(|item| item.quote.off()).collect();
        let items = match given_up(&off, more, &self.policy.search) {
            Some(which) => apart(set, &which),
            None => self.with_other_discounts(payer, set)?,
        };
        (!set.is_empty()).then_some(Solution { items, how: Clearing::Exact })
    }

    /// The items of a set with other discounts than those that they would have by themselves, so that a credit pays it exactly.
    fn with_other_discounts(&self, payer: usize, set: &[Priced]) -> Option<Vec<Priced>> {
        let item_of = |item: &Priced| at(&self.desk.claims, item.claim).map(|claim| claim.item);
        if !set.iter().filter_map(item_of).any(|item| self.quoter.has_several(item)) {
            return None;
        }
        let from = self.desk.payers.get(payer)?;
        let choices = |item: &Priced| match at(&self.desk.claims, item.claim) {
            Some(claim) => self.quoter.choices(self.desk.company, from, claim, item.quote),
            None => vec![item.quote],
        };
        let choices: Vec<Vec<Quote>> = set.iter().map(choices).collect();
        // With one discount an item all has been tried.
        let has_another =
            |(item, of): (&Priced, &Vec<Quote>)| of.len() > 1_usize.saturating_add((item.quote.off() > 0).into());
        if !set.iter().zip(&choices).any(has_another) {
            return None;
        }
        let number = |work: u64, of: &Vec<Quote>| work.checked_mul(u64::try_from(of.len()).ok()?);
        choices.iter().try_fold(1, number).filter(|work| *work <= self.policy.search.work)?;
        let prices: Vec<Vec<Minor>> = choices.iter().map(|of| of.iter().map(|quote| quote.price).collect()).collect();
        let which = first_choice(&prices, self.desk.purse(payer).into())?;
        let chosen = set.iter().zip(&choices).zip(which);
        chosen.map(|((item, of), at)| of.get(at).map(|quote| Priced { quote: *quote, ..*item })).collect()
    }

    /// How a credit clears a set: exactly; else with all discounts or with none, that which is nearer first (with all, where a
    /// tolerance adjusts the discount). `charges` says
    /// whether a shortage may be bank charges, `over` whether too much within the limits will do.
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

    /// A credit against debits in their order, until it is used up; whether all of them were cleared.
    pub(super) fn spend(&mut self, payer: usize, order: &[u32], strategy: SettlementStrategy) -> bool {
        let given_up = self.discounts_given_up(payer, order, strategy);
        let mut cleared = !order.is_empty();
        for (at, claim) in order.iter().enumerate() {
            if self.desk.purse(payer) == 0 {
                return false;
            }
            let in_full = match &given_up {
                GivenUp::None => false,
                GivenUp::All => true,
                GivenUp::These(places) => places.contains(&at),
            };
            cleared &= self.pay(payer, *claim, strategy, in_full);
        }
        cleared
    }

    /// Which debits a credit pays in full, when it goes through them in their order.
    ///
    /// First it clears as many as it can, each with its discount. What is left of it then shows who did not deduct: it pays
    /// as many of the discounts back as it can.
    fn discounts_given_up(&mut self, payer: usize, order: &[u32], strategy: SettlementStrategy) -> GivenUp {
        let Some(when) = self.policy.discount.as_ref().map(|discount| discount.when) else { return GivenUp::None };
        if when == DiscountWhen::Usable {
            return GivenUp::None;
        }
        let (items, mut rest) = self.walk(payer, order, strategy);
        if items.iter().all(|(_, item)| item.quote.discount == 0) {
            return GivenUp::None;
        }
        let off: Vec<Minor> = items.iter().map(|(_, item)| item.quote.off()).collect();
        let mut which = given_up(&off, rest.into(), &self.policy.search).inspect(|_| rest = 0).unwrap_or_default();
        if which.is_empty() {
            for off in &off {
                let back = *off > 0 && *off <= rest;
                rest = if back { rest.saturating_sub(*off) } else { rest };
                which.push(back);
            }
        }
        // The last may be nearer to its full price, though a little is missing.
        if let (Some((_, last)), Some(in_full)) = (items.last(), which.last_mut().filter(|in_full| !**in_full)) {
            let (purse, off) = (last.quote.price.saturating_add(rest), last.quote.off());
            let short = self.clearing_with(purse, payer, &[last.in_full()], strategy, true);
            let adjusted = self.takes_into_discount() && self.may_be_over(payer, &items, rest, strategy);
            if rest > 0 && off.saturating_sub(rest) < rest && short.is_some() && !adjusted {
                (*in_full, rest) = (true, 0);
            }
        }
        let kept = items.iter().zip(&which).any(|((_, item), in_full)| item.quote.discount > 0 && !in_full);
        if when == DiscountWhen::Exact && kept && rest > 0 {
            return GivenUp::All;
        }
        GivenUp::These(items.iter().zip(which).filter(|(_, in_full)| *in_full).map(|((at, _), _)| *at).collect())
    }

    /// Whether so much may be paid too much on items.
    fn may_be_over(&self, payer: usize, items: &[(usize, Priced)], over: Minor, strategy: SettlementStrategy) -> bool {
        let set: Vec<Priced> = items.iter().map(|(_, item)| *item).collect();
        self.over_limit(self.desk.purse(payer), payer, &set, strategy) >= over.into()
    }

    /// The debits that a credit clears with their discounts, by their place in the order, and what it has left after them.
    fn walk(&mut self, payer: usize, order: &[u32], strategy: SettlementStrategy) -> (Vec<(usize, Priced)>, Minor) {
        let (mut items, mut rest) = (Vec::new(), self.desk.purse(payer));
        for (at, claim) in order.iter().enumerate() {
            if rest == 0 {
                break;
            }
            let Some(item) = self.priced(payer, *claim).filter(|_| !self.desk.is_mixed(*claim)) else { continue };
            match self.clearing_with(rest, payer, &[item], strategy, true) {
                Some(Clearing::Exact | Clearing::Over) => rest = rest.saturating_sub(item.quote.price),
                Some(_) => rest = 0,
                None if self.policy.partial == ShortPayment::Refused => continue,
                None => break,
            }
            items.push((at, item));
        }
        (items, rest)
    }
}

/// Which debits of an order are paid in full though they have a discount.
enum GivenUp {
    None,
    All,
    These(Vec<usize>),
}
