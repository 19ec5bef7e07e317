//! The user's own order, such as the debtor's word which debt he pays (section 366 of the German civil code): documents
//! as listed, their instalments in due order. What is not listed is left alone; a second mention does nothing.

use rustc_hash::FxHashMap;

use crate::allocation::desk::Desk;
use crate::ledger::View;
use crate::ledger::layers::count;

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

pub(in crate::allocation) fn order(desk: &Desk<'_>, ranks: &FxHashMap<u32, u32>) -> Vec<u32> {
    let listed = desk.live().filter_map(|(debit, side)| ranks.get(&side.document).map(|rank| (*rank, debit)));
    let mut order: Vec<(u32, u32)> = listed.collect();
    order.sort_unstable();
    order.into_iter().map(|(_, debit)| debit).collect()
}
