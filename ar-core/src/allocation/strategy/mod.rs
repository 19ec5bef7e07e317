//! How each strategy finds debits for a credit: one file each, under its trade name.
//!
//! A strategy is a [`Finder`]: it says which debit a credit tries next. Those that only order debits share [`Queue`].
//! None of them looks at all debits for every credit, so that an account of any size takes n log n.

pub(super) mod exact_amount;
pub(super) mod largest_first;
pub(super) mod newest_document;
pub(super) mod newest_due;
pub(super) mod oldest_document;
pub(super) mod oldest_due;
mod queue;
pub(crate) mod reference;
pub(crate) mod user_order;

use rustc_hash::FxHashMap;

use self::queue::Queue;
use super::desk::Desk;
use super::filter::at;
use super::policy::{Partial, Strategy};
use super::proposal::Made;
use crate::ledger::layers::place;
use crate::money::Minor;

/// Finds debits for one credit after the other. A debit is its place among those of the desk.
pub(super) trait Finder {
    /// The turn of a credit begins.
    fn begin(&mut self, desk: &Desk<'_>, credit: usize);

    /// The next debit for it that still has room; `wanted` is what the credit has left.
    fn next(&mut self, desk: &Desk<'_>, wanted: Minor) -> Option<u32>;

    /// What a debit has left was `before` and has changed, or its document has nothing left as a whole.
    fn changed(&mut self, _desk: &Desk<'_>, _debit: u32, _before: Minor) {}
}

/// One strategy over all credits of an account, in credit order.
pub(super) fn pass(
    strategy: Strategy,
    desk: &mut Desk<'_>,
    partial: Partial,
    listed: &FxHashMap<u32, u32>,
    made: &mut Made,
) {
    made.begin(strategy);
    match strategy {
        Strategy::Reference => spend(reference::Named::default(), desk, partial, made),
        Strategy::ExactAmount => spend(exact_amount::Equal::new(desk), desk, partial, made),
        Strategy::LargestFirst => spend(largest_first::Falling::new(desk, partial), desk, partial, made),
        Strategy::OldestDue => ordered(oldest_due::order(desk), desk, partial, made),
        Strategy::NewestDue => ordered(newest_due::order(desk), desk, partial, made),
        Strategy::OldestDocument => ordered(oldest_document::order(desk), desk, partial, made),
        Strategy::NewestDocument => ordered(newest_document::order(desk), desk, partial, made),
        Strategy::UserOrder => ordered(user_order::order(desk, listed), desk, partial, made),
    }
}

fn ordered(order: Vec<u32>, desk: &mut Desk<'_>, partial: Partial, made: &mut Made) {
    spend(Queue::new(order, desk, partial), desk, partial, made);
}

fn spend(mut finder: impl Finder, desk: &mut Desk<'_>, partial: Partial, made: &mut Made) {
    for credit in 0..desk.credits.len() {
        let mut wanted = desk.room_of_credit(credit);
        if wanted == 0 {
            continue;
        }
        finder.begin(desk, credit);
        while wanted > 0
            && let Some(debit) = finder.next(desk, wanted)
        {
            let before = at(&desk.debits, debit).map_or(0, |side| side.left);
            let amount = wanted.min(desk.room_of_debit(debit));
            if amount == 0 || (partial == Partial::Refused && amount != before) {
                continue;
            }
            desk.take(credit, debit, amount, made);
            finder.changed(desk, debit, before);
            for other in desk.closed_with(debit) {
                let before = at(&desk.debits, other).map_or(0, |side| side.left);
                finder.changed(desk, other, before);
            }
            wanted = desk.room_of_credit(credit);
        }
    }
}

/// The date on the document of a debit.
fn document_date(desk: &Desk<'_>, debit: u32) -> i32 {
    at(&desk.debits, debit)
        .and_then(|side| desk.view.store.documents.find(side.document))
        .and_then(|(piece, row)| piece.document_date.get(row))
        .copied()
        .unwrap_or(0)
}

/// When a debit falls due; the latest day of all when it has none.
fn due_day(desk: &Desk<'_>, debit: u32) -> i32 {
    at(&desk.debits, debit)
        .and_then(|side| desk.view.items.due.get(place(side.item)))
        .copied()
        .unwrap_or(crate::ledger::store::NO_DAY)
}

/// Debits by a key, then document id and instalment.
fn by_key<K: Ord>(desk: &Desk<'_>, key: impl Fn(u32) -> K) -> Vec<u32> {
    let mut order: Vec<(K, u32)> = desk.live().map(|(debit, _)| (key(debit), debit)).collect();
    order.sort_by(|(a, left), (b, right)| {
        a.cmp(b).then_with(|| match (at(&desk.debits, *left), at(&desk.debits, *right)) {
            (Some(left), Some(right)) => super::desk::by_id(desk.view, left, right),
            _ => std::cmp::Ordering::Equal,
        })
    });
    order.into_iter().map(|(_, debit)| debit).collect()
}
