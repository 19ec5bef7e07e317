//! Which discounts a payment gives up: a customer who pays an item in full did not deduct it, though it was on offer.

use rustc_hash::FxHashSet;

use super::clear::{Clearing, Priced, Work};
use super::dearest::{dearest_choice, given_up};
use super::policy::{DiscountWhen, SettlementStrategy, ShortPayment};
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

fn price(set: &[Priced]) -> i128 {
    set.iter().map(|item| i128::from(item.quote.price)).sum()
}

impl Work<'_, '_> {
    /// How a credit pays a set exactly, whichever of its items it pays in full.
    pub(super) fn exactly(&self, payer: usize, set: &[Priced]) -> Option<Solution> {
        let purse = i128::from(self.desk.purse(payer));
        let (_, items) = self.dearest(payer, set, (purse, purse), Full::Allowed)?;
        (!set.is_empty()).then_some(Solution { items, how: Clearing::Exact })
    }

    /// How a credit pays a set exactly of which a search has found that it does, however many choices there are.
    pub(super) fn exactly_found(&self, payer: usize, set: &[Priced]) -> Option<Solution> {
        let purse = i128::from(self.desk.purse(payer));
        self.exactly(payer, set).or_else(|| {
            let exact = (purse.saturating_sub(1), purse);
            let (_, items) = self.with_other_discounts(payer, set, exact, (Full::Allowed, u64::MAX))?;
            Some(Solution { items, how: Clearing::Exact })
        })
    }

    /// The dearest way to pay a list that costs at least and at most so much: which of its items give up their discounts, or have another.
    ///
    /// The ways that are looked at hang on the items and the policy alone, so that who pays more never pays less of them.
    fn dearest(
        &self,
        payer: usize,
        set: &[Priced],
        (least, most): (i128, i128),
        full: Full,
    ) -> Option<(i128, Vec<Priced>)> {
        let own = price(set);
        let may_give_up = |item: &Priced| if full == Full::Allowed { item.quote.off() } else { 0 };
        let off: Vec<Minor> = set.iter().map(may_give_up).collect();
        let more = (least.saturating_sub(own), most.saturating_sub(own));
        let found = given_up(&off, more, &self.policy.search);
        let found = found.map(|(more, which)| (own.saturating_add(more), apart(set, &which)));
        let floor = found.as_ref().map_or(least.saturating_sub(1), |(price, _)| *price);
        if floor == most {
            return found;
        }
        self.with_other_discounts(payer, set, (floor, most), (full, self.policy.search.work)).or(found)
    }

    /// The items of a list with other discounts than the largest, so that they cost more than the floor and at most so much; none where
    /// there are more choices than may be looked at.
    fn with_other_discounts(
        &self,
        payer: usize,
        set: &[Priced],
        (floor, most): (i128, i128),
        (full, work): (Full, u64),
    ) -> Option<(i128, Vec<Priced>)> {
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
        let prices: Vec<Vec<Minor>> = choices.iter().map(|of| of.iter().map(|quote| quote.price).collect()).collect();
        let (price, which) = dearest_choice(&prices, (floor, most))?;
        let chosen = set.iter().zip(&choices).zip(which);
        let items = chosen.map(|((item, of), at)| of.get(at).map(|quote| Priced { quote: *quote, ..*item }));
        Some((price, items.collect::<Option<Vec<Priced>>>()?))
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
        let full = if when == DiscountWhen::Usable { Full::Refused } else { Full::Allowed };
        let (places, items, mut rest) = self.walk(payer, order, strategy);
        // Limits in percent are of what a document has left when an item is reached: those before it are cleared.
        let before_last: FxHashSet<u32> = items.iter().rev().skip(1).map(|item| item.claim).collect();
        if rest == 0 || items.iter().all(|item| item.quote.discount == 0) {
            return Kept::Largest;
        }
        let own = price(&items);
        let Some((cost, mut chosen)) = self.dearest(payer, &items, (own, own.saturating_add(rest.into())), full) else {
            return Kept::Largest;
        };
        rest = rest.saturating_sub(Minor::try_from(cost.saturating_sub(own)).unwrap_or(0));
        if full == Full::Allowed && self.last_is_nearer_in_full(payer, (&items, &chosen), (rest, before_last), strategy)
        {
            rest = 0;
            if let Some(last) = chosen.last_mut() {
                *last = last.in_full();
            }
        }
        if when == DiscountWhen::Exact && rest > 0 && chosen.iter().any(|item| item.quote.discount > 0) {
            return Kept::None;
        }
        let chosen = places.into_iter().zip(&items).zip(chosen);
        let others = chosen.filter(|((_, own), item)| item.quote.discount != own.quote.discount);
        Kept::But(others.map(|((at, _), item)| (at, item.quote)).collect())
    }

    /// Whether the last item, which keeps its discount, is nearer to its full price, though a little is missing that is let go.
    fn last_is_nearer_in_full(
        &mut self,
        payer: usize,
        (items, chosen): (&[Priced], &[Priced]),
        (rest, before_last): (Minor, FxHashSet<u32>),
        strategy: SettlementStrategy,
    ) -> bool {
        let Some(last) = chosen.last() else { return false };
        let missing = last.quote.off().saturating_sub(rest);
        if missing <= 0 || missing >= rest {
            return false;
        }
        let purse = last.quote.price.saturating_add(rest);
        let before = self.desk.try_cleared(before_last);
        let is_let_go = self.clearing_with(purse, payer, &[last.in_full()], strategy, true).is_some();
        self.desk.try_cleared(before);
        is_let_go && !(self.takes_into_discount() && self.may_be_over(payer, items, rest, strategy))
    }

    /// Whether so much may be paid too much on items.
    fn may_be_over(&self, payer: usize, items: &[Priced], over: Minor, strategy: SettlementStrategy) -> bool {
        self.over_limit(self.desk.purse(payer), payer, items, strategy) >= over.into()
    }

    /// The debits that a credit clears with their discounts, with their places in the order, and what it has left after them.
    fn walk(&mut self, payer: usize, order: &[u32], strategy: SettlementStrategy) -> (Vec<usize>, Vec<Priced>, Minor) {
        let (mut places, mut items, mut rest) = (Vec::new(), Vec::new(), self.desk.purse(payer));
        for (at, claim) in order.iter().enumerate() {
            if rest == 0 {
                break;
            }
            let Some(item) = self.priced_least(payer, *claim).filter(|_| !self.desk.is_mixed(*claim)) else { continue };
            match self.clearing_with(rest, payer, &[item], strategy, true) {
                Some(Clearing::Exact | Clearing::Over) => rest = rest.saturating_sub(item.quote.price),
                Some(_) => rest = 0,
                None if self.policy.partial == ShortPayment::Refused => continue,
                None => break,
            }
            places.push(at);
            items.push(item);
            self.desk.try_one_more(*claim);
        }
        self.desk.try_cleared(FxHashSet::default());
        (places, items, rest)
    }
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
