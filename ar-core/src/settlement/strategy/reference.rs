//! Reference (remittance): the debits that a credit names, first as one set, then one after the other.

use crate::allocation::filter::at;
use crate::allocation::strategy::reference::Index;
use crate::settlement::clear::{Clearing, Priced, Work};
use crate::settlement::forgo::Solution;
use crate::settlement::policy::SettlementStrategy::Reference;

pub(super) fn pass(work: &mut Work<'_, '_>) {
    let (mut index, mut named): (Option<Index>, Vec<u32>) = (None, Vec::new());
    let classed = !work.policy.priority.is_empty();
    super::each(work, |work, payer| {
        let Some(document) = work.desk.payers.get(payer).map(|payer| payer.document) else { return };
        if !Index::names_any(work.view, document) {
            return;
        }
        let index = index.get_or_insert_with(|| {
            let document = |claim: u32| at(&work.desk.claims, claim).map(|held| (claim, held.document));
            Index::new(work.view, work.desk.live().filter_map(document))
        });
        index.named_by(work.view, document, |claim| work.desk.room(claim) > 0, &mut named);
        // In due order whatever their class.
        if classed {
            let held = |claim: u32| at(&work.desk.claims, claim);
            named.sort_by(|a, b| match (held(*a), held(*b)) {
                (Some(a), Some(b)) => a.due.cmp(&b.due).then_with(|| a.by_id(work.view, b)),
                _ => std::cmp::Ordering::Equal,
            });
        }
        one(work, payer, &named);
    });
}

fn one(work: &mut Work<'_, '_>, payer: usize, named: &[u32]) {
    let (first, base) = (work.made.lines.len(), work.desk.purse(payer));
    let set = work.priced_of(payer, named);
    let mixed = named.iter().any(|claim| work.desk.is_mixed(*claim));
    if let Some(solution) = as_a_set(work, payer, &set).filter(|_| !mixed) {
        work.clear(payer, &solution.items, &solution.how, Reference);
        return;
    }
    if !mixed {
        work.ask(payer, &set);
    }
    let order: Vec<u32> = set.iter().map(|item| item.claim).collect();
    if work.spend(payer, &order, Reference) {
        work.close_over(payer, first, base, Reference);
    }
}

/// How a credit clears all that it names; by a policy that always takes discounts, with all of them.
fn as_a_set(work: &Work<'_, '_>, payer: usize, set: &[Priced]) -> Option<Solution> {
    if !work.takes_whatever_is_usable() {
        return work.solution(payer, set, Reference, (true, false));
    }
    let how = work.clearing(payer, set, Reference, true).filter(|how| !matches!(how, Clearing::Over))?;
    Some(Solution { items: set.to_vec(), how })
}
