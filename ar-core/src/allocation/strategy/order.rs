//! In which order debits are taken: what proposals and settlements share of every ordering strategy.

use std::cmp::Ordering;

use crate::ledger::View;
use crate::ledger::layers::place;
use crate::ledger::store::NO_DAY;

/// A debit as the ordering rules see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Debit {
    /// Its number where the order is asked for; numbers rise by class, then in due order.
    pub number: u32,
    /// The classes stand one after the other; without classes it is 0.
    pub class: u32,
    pub item: u32,
    pub document: u32,
}

impl Debit {
    /// The date on its document.
    pub(super) fn document_date(&self, view: &View) -> i32 {
        let found = view.store.documents.find(self.document);
        found.and_then(|(piece, row)| piece.document_date.get(row)).copied().unwrap_or(0)
    }

    /// When it falls due; the latest day of all when it does not.
    pub(super) fn due_day(&self, view: &View) -> i32 {
        view.items.due.get(place(self.item)).copied().unwrap_or(NO_DAY)
    }
}

/// The numbers of debits by a key within their class, then document id and instalment.
pub(super) fn by_key<K: Ord>(view: &View, debits: impl Iterator<Item = Debit>, key: impl Fn(&Debit) -> K) -> Vec<u32> {
    let mut order: Vec<((u32, K), Debit)> = debits.map(|debit| ((debit.class, key(&debit)), debit)).collect();
    order.sort_by(|(a, left), (b, right)| {
        a.cmp(b).then_with(|| by_id(view, (left.document, left.item), (right.document, right.item)))
    });
    order.into_iter().map(|(_, debit)| debit.number).collect()
}

/// Two items, each with its document, by document id, then instalment.
pub(crate) fn by_id(view: &View, (a, a_item): (u32, u32), (b, b_item): (u32, u32)) -> Ordering {
    let place_of = |item: u32| (view.items.account.get(place(item)), view.items.due.get(place(item)));
    // Items of one account and due date already stand in that order.
    if place_of(a_item) == place_of(b_item) {
        return a_item.cmp(&b_item);
    }
    let instalment = |item: u32| view.items.instalment(place(item));
    let ids = || view.store.document_id(a).cmp(view.store.document_id(b));
    ids().then_with(|| instalment(a_item).cmp(&instalment(b_item)))
}
