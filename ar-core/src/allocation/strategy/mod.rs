//! How each strategy finds debits for a credit: one file each, under its trade name.
//!
//! A strategy is a [`Finder`]: it says which debit a credit tries next. Those that only order debits share [`Queue`]; their order
//! itself is told to settlements too ([`order::Debit`]).
//! None of them looks at all debits for every credit, so that an account of any size takes n log n.

pub(super) mod exact_amount;
pub(crate) mod largest_first;
pub(crate) mod newest_document;
pub(crate) mod newest_due;
pub(crate) mod oldest_document;
pub(crate) mod oldest_due;
pub(crate) mod order;
mod queue;
pub(crate) mod reference;
pub(crate) mod user_order;

use rustc_hash::FxHashMap;

use self::order::Debit;
use self::queue::Queue;
use super::desk::Desk;
use super::filter::at;
use super::policy::{Partial, Strategy};
use super::proposal::Made;
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
        Strategy::OldestDue => ordered(oldest_due::order(debits(desk)), desk, partial, made),
        Strategy::NewestDue => ordered(newest_due::order(desk.view, debits(desk)), desk, partial, made),
        Strategy::OldestDocument => ordered(oldest_document::order(desk.view, debits(desk)), desk, partial, made),
        Strategy::NewestDocument => ordered(newest_document::order(desk.view, debits(desk)), desk, partial, made),
        Strategy::UserOrder => ordered(user_order::order(desk.view, debits(desk), listed), desk, partial, made),
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

/// The debits that still have room, in due order.
fn debits<'a>(desk: &'a Desk<'_>) -> impl Iterator<Item = Debit> + 'a {
    desk.live().map(|(number, side)| Debit { number, class: 0, item: side.item, document: side.document })
}
