//! Largest first: by what is left when a credit's turn comes, then due date, document id and instalment.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Bound;

use super::Finder;
use crate::allocation::desk::Desk;
use crate::allocation::filter::at;
use crate::allocation::policy::Partial;
use crate::money::Minor;

/// What debits are ordered by: class, what is left, number.
pub(crate) type Key = (u32, Reverse<Minor>, u32);

/// The key of a debit that has so much left.
pub(crate) fn key(class: u32, left: Minor, number: u32) -> Key {
    (class, Reverse(left), number)
}

/// Debits by what they have left, falling.
pub(in crate::allocation) struct Falling {
    debits: BTreeSet<Key>,
    last: Option<Key>,
    partial: Partial,
}

impl Falling {
    pub(in crate::allocation) fn new(desk: &Desk<'_>, partial: Partial) -> Self {
        let debits = desk.live().map(|(debit, side)| key(0, side.left, debit)).collect();
        Self { debits, last: None, partial }
    }
}

impl Finder for Falling {
    fn begin(&mut self, _desk: &Desk<'_>, _credit: usize) {
        self.last = None;
    }

    fn next(&mut self, _desk: &Desk<'_>, wanted: Minor) -> Option<u32> {
        // Where items are cleared whole, one larger than the credit is never tried.
        let whole = (self.partial == Partial::Refused).then_some(key(0, wanted, 0));
        let from = match (self.last, whole) {
            (Some(last), Some(whole)) if whole > last => Bound::Included(whole),
            (Some(last), _) => Bound::Excluded(last),
            (None, Some(whole)) => Bound::Included(whole),
            (None, None) => Bound::Unbounded,
        };
        self.last = self.debits.range((from, Bound::Unbounded)).next().copied();
        self.last.map(|(.., debit)| debit)
    }

    fn changed(&mut self, desk: &Desk<'_>, debit: u32, before: Minor) {
        self.debits.remove(&key(0, before, debit));
        if desk.room_of_debit(debit) > 0
            && let Some(side) = at(&desk.debits, debit)
        {
            self.debits.insert(key(0, side.left, debit));
        }
    }
}
