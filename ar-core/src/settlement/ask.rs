//! What somebody has to decide: late discounts that a payment would fit with, and amounts that several sets have.

use super::clear::{Clearing, Priced, Work};
use super::made::{Ambiguous, Asked};
use super::policy::{DiscountWhen, LateDiscount, SettlementStrategy};
use crate::allocation::filter::at;

impl Work<'_, '_> {
    /// Whether late discounts are asked about.
    pub(super) fn asks_about_late(&self) -> bool {
        self.policy.discount.as_ref().is_some_and(|discount| discount.late == LateDiscount::Asked)
    }

    /// Whether a payment takes every discount that it could.
    pub(super) fn takes_whatever_is_usable(&self) -> bool {
        self.policy.discount.as_ref().is_some_and(|discount| discount.when == DiscountWhen::Usable)
    }

    /// Asks about the late discounts of a set when a credit would pay it exactly with them.
    pub(super) fn ask(&mut self, payer: usize, set: &[Priced]) {
        let price: i128 = set.iter().map(|item| i128::from(item.as_asked().quote.price)).sum();
        if self.asks_about_late() && price == i128::from(self.desk.purse(payer)) {
            self.ask_each(payer, set);
        }
    }

    /// Asks about the late discount of each that has one.
    pub(super) fn ask_each(&mut self, payer: usize, items: &[Priced]) {
        let Some(held) = self.desk.payers.get_mut(payer) else { return };
        for item in items.iter().filter(|item| item.quote.more() > 0) {
            let claim = at(&self.desk.claims, item.claim).map_or(0, |claim| claim.item);
            held.notes.asked = true;
            self.made.asked.push(Asked { payer: held.item, claim, amount: item.quote.more() });
        }
    }

    /// Whether a credit would clear an item with its late discount, and have nothing left.
    pub(super) fn is_cleared_as_asked(&self, payer: usize, item: Priced, strategy: SettlementStrategy) -> bool {
        let how = self.clearing(payer, &[item.as_asked()], strategy, true);
        how.is_some_and(|how| !matches!(how, Clearing::Over))
    }

    /// Whether an item is not cleared about which a credit was asked.
    pub(super) fn still_asks(&self, payer: u32) -> bool {
        let is_cleared = |claim: u32| self.made.lines.iter().any(|line| line.cleared && line.claim == claim);
        self.made.asked.iter().any(|asked| asked.payer == payer && !is_cleared(asked.claim))
    }

    /// Tells of several sets that a credit could pay, and pays none.
    pub(super) fn tell_ambiguous(&mut self, payer: usize, choices: &[Vec<Priced>], total: u64) {
        let item = |held: &Priced| at(&self.desk.claims, held.claim).map_or(0, |claim| claim.item);
        let choices: Vec<Vec<u32>> = choices.iter().map(|set| set.iter().map(item).collect()).collect();
        let Some(held) = self.desk.payers.get_mut(payer) else { return };
        held.notes.ambiguous = true;
        self.made.ambiguous.push(Ambiguous { payer: Some(held.item), claim: None, choices, total });
    }
}
