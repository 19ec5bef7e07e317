//! The user's own order, such as the debtor's word which debt he pays (section 366 of the German civil code): documents
//! as listed, their instalments in due order. What is not listed is left alone; a second mention does nothing.

use rustc_hash::FxHashMap;

use super::order::Debit;
use crate::ledger::View;
use crate::ledger::layers::{count, place};

/// The place of each listed document.
pub(crate) fn ranks(view: &View, listed: &[String]) -> FxHashMap<u32, u32> {
    let mut ranks = FxHashMap::default();
    for (rank, id) in listed.iter().enumerate() {
        let number = view.store.document_ids.find(id).and_then(|id| view.store.documents.of_id(id));
        if let Some(document) = number {
            ranks.entry(document).or_insert(count(rank));
        }
    }
    ranks
}

/// Whatever their class.
pub(crate) fn order(view: &View, debits: impl Iterator<Item = Debit>, ranks: &FxHashMap<u32, u32>) -> Vec<u32> {
    let listed = debits.filter_map(|debit| ranks.get(&debit.document).map(|rank| (*rank, debit)));
    let instalment = |debit: &Debit| view.items.instalment(place(debit.item));
    let mut order: Vec<(u32, i32, u32, u32)> =
        listed.map(|(rank, debit)| (rank, debit.due_day(view), instalment(&debit), debit.number)).collect();
    order.sort_unstable();
    order.into_iter().map(|(.., debit)| debit).collect()
}
