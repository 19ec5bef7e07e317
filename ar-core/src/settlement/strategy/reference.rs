//! Reference (remittance): the debits that a credit names, first as one set, then one after the other.

use crate::allocation::filter::at;
use crate::allocation::strategy::reference::Index;
use crate::settlement::clear::{Clearing, Priced, Work};
use crate::settlement::forgo::Solution;
use crate::settlement::policy::SettlementStrategy::{self, Reference};

pub(super) fn pass(work: &mut Work<'_, '_>) {
    let mut names = Names::default();
    super::each(work, |work, payer| {
        let named = names.of(work, payer);
        pay_named(work, payer, named, Reference);
    });
}

/// The debits of a desk by what a credit may name; made when the first credit names anything.
#[derive(Default)]
pub(super) struct Names {
    index: Option<Index>,
    named: Vec<u32>,
}

impl Names {
    /// The debits that a credit names, in due order.
    pub(super) fn of(&mut self, work: &Work<'_, '_>, payer: usize) -> &[u32] {
        self.named.clear();
        let Some(document) = work.desk.payers.get(payer).map(|payer| payer.document) else { return &self.named };
        if !Index::names_any(work.view, document) {
            return &self.named;
        }
        let index = self.index.get_or_insert_with(|| {
            let document = |claim: u32| at(&work.desk.claims, claim).map(|held| (claim, held.document));
            Index::new(work.view, work.desk.live().filter_map(document))
        });
        index.named_by(work.view, document, |claim| work.desk.room(claim) > 0, &mut self.named);
        // In due order whatever their class.
        if !work.policy.priority.is_empty() {
            let held = |claim: u32| at(&work.desk.claims, claim);
            self.named.sort_by(|a, b| match (held(*a), held(*b)) {
                (Some(a), Some(b)) => a.due.cmp(&b.due).then_with(|| a.by_id(work.view, b)),
                _ => std::cmp::Ordering::Equal,
            });
        }
        &self.named
    }
}

/// A credit pays what is named: as one set, else one after the other.
pub(super) fn pay_named(work: &mut Work<'_, '_>, payer: usize, named: &[u32], strategy: SettlementStrategy) {
    let (first, base) = (work.made.lines.len(), work.desk.purse(payer));
    let set: Vec<Priced> = named.iter().filter_map(|claim| work.priced_least(payer, *claim)).collect();
    let mixed = named.iter().any(|claim| work.desk.is_mixed(*claim));
    let adjusts =
        |held: &Solution| matches!(held.how, Clearing::Short { .. }) && adjusts_discounts(work, payer, &set, strategy);
    if let Some(solution) = as_a_set(work, payer, &set, strategy).filter(|held| !mixed && !adjusts(held)) {
        work.clear(payer, &solution.items, &solution.how, strategy);
        return;
    }
    if !mixed {
        work.ask(payer, &set);
    }
    let order: Vec<u32> = set.iter().map(|item| item.claim).collect();
    if work.spend(payer, &order, strategy) {
        work.close_over(payer, first, base, strategy);
    }
}

/// How a credit clears all that it names; by a policy that always takes discounts, with all of them.
fn as_a_set(work: &Work<'_, '_>, payer: usize, set: &[Priced], strategy: SettlementStrategy) -> Option<Solution> {
    if !work.takes_whatever_is_usable() {
        return work.solution(payer, set, strategy, (true, false));
    }
    let how = work.clearing(payer, set, strategy, true).filter(|how| !matches!(how, Clearing::Over))?;
    Some(Solution { items: set.to_vec(), how })
}

/// Whether a credit has something over with all discounts of a set, which lowers them.
fn adjusts_discounts(work: &Work<'_, '_>, payer: usize, set: &[Priced], strategy: SettlementStrategy) -> bool {
    let price: i128 = set.iter().map(|item| i128::from(item.quote.price)).sum();
    work.takes_into_discount()
        && price < i128::from(work.desk.purse(payer))
        && work.over_is_within(payer, set, strategy)
}
