//! Does a parent close a circle? For customers as they are taken in.

use rustc_hash::FxHashMap;

use super::{Row, at};
use crate::ledger::layers::{NONE, count};
use crate::ledger::store::{Attribute, ChangeFact, CustomerFact, Store};

pub(super) const EXPECTED: &str = "expected parents that do not lead in a circle";

/// Which of these lead into a circle, or are on one, each known by its place and having the place of its parent, if it has one.
pub(super) fn endless(parents: &[Option<u32>]) -> Vec<bool> {
    let mut endless = vec![false; parents.len()];
    // The walk in which a place was first come by; 0 for none.
    let mut walks = vec![0_usize; parents.len()];
    let parent = |here: u32| parents.get(at(here)).copied().flatten();
    for (walk, start) in (1_usize..).zip(0..count(parents.len())) {
        let (mut here, mut way) = (Some(start), Vec::new());
        while let Some(place) = here
            && let Some(seen) = walks.get_mut(at(place)).filter(|seen| **seen == 0)
        {
            *seen = walk;
            way.push(place);
            here = parent(place);
        }
        // Where a walk comes to itself, or to one that did, so do all on the way.
        let ends_never =
            |place: u32| walks.get(at(place)) == Some(&walk) || endless.get(at(place)).is_some_and(|endless| *endless);
        if here.is_some_and(ends_never) {
            for place in way {
                if let Some(slot) = endless.get_mut(at(place)) {
                    *slot = true;
                }
            }
        }
    }
    endless
}

/// The rows whose change of parent closes a circle on some day, with what was known when each was recorded; a row that does
/// is left out for those after it.
pub(super) fn circles<'c>(
    before: &Store,
    new_customers: &[CustomerFact],
    moves: impl Iterator<Item = &'c (Row, ChangeFact)>,
) -> Vec<usize> {
    let mut moves: Vec<&(Row, ChangeFact)> = moves.collect();
    moves.sort_by_key(|(row, change)| (change.recorded, row.index));
    let mut known = Known { before, new_customers, taken: FxHashMap::default() };
    let mut rows = Vec::new();
    for (row, change) in moves {
        known.taken.entry(change.customer).or_default().push(change.clone());
        if change.value != NONE && known.circle(change) {
            rows.push(row.index);
            if let Some(taken) = known.taken.get_mut(&change.customer) {
                taken.pop();
            }
        }
    }
    rows
}

struct Known<'a> {
    before: &'a Store,
    new_customers: &'a [CustomerFact],
    /// Changes of parent of this batch, by customer, as they were taken in.
    taken: FxHashMap<u32, Vec<ChangeFact>>,
}

impl Known<'_> {
    /// Whether a customer is above itself on a day from the change on.
    fn circle(&self, change: &ChangeFact) -> bool {
        let mut day = change.effective;
        loop {
            // The day on which a parent on the way up changes next.
            let mut next = i32::MAX;
            let mut at = change.customer;
            for step in 0_u32.. {
                let (parent, until) = self.parent(at, day);
                next = next.min(until);
                if parent == change.customer {
                    return true;
                }
                // Without this change there is no circle, so the way up ends; the bound only keeps that in sight.
                if parent == NONE || step > self.before.customers.len().saturating_add(count(self.new_customers.len()))
                {
                    break;
                }
                at = parent;
            }
            if next == i32::MAX {
                return false;
            }
            day = next;
        }
    }

    /// The parent of a customer on a day, and the next day on which it may be another.
    fn parent(&self, customer: u32, day: i32) -> (u32, i32) {
        let start = self.before.customers.len();
        let own = match customer.checked_sub(start) {
            Some(new) => self.new_customers.get(at(new)),
            None => self.before.customers.get(customer),
        };
        let mut parent = own.map_or(NONE, |fact| fact.parent);
        let mut until = i32::MAX;
        let mut latest = (i32::MIN, i32::MIN);
        let held = self.before.changes.of(customer).filter(|change| change.attribute == Attribute::Parent);
        for change in held.chain(self.taken.get(&customer).into_iter().flatten()) {
            if change.effective > day {
                until = until.min(change.effective);
            } else if (change.effective, change.recorded) >= latest {
                latest = (change.effective, change.recorded);
                parent = change.value;
            }
        }
        (parent, until)
    }
}
