//! Which instalments a document has on a day, and how what was allocated spreads over them.

use super::known::Known;
use super::layers::NONE;
use super::store::{InstalmentFact, Store};
use crate::money::Minor;

/// The schedule of a document in force on a day, as known on another: its instalments, by due date and number; empty when
/// the document is due at once.
pub(crate) fn in_force(store: &Store, document: u32, day: i32, known_on: i32) -> Vec<InstalmentFact> {
    in_force_then(store, document, Known::by_end_of(day, known_on))
}

/// The schedule of a document that was in force then.
pub(crate) fn in_force_then(store: &Store, document: u32, then: Known) -> Vec<InstalmentFact> {
    let counted = |fact: &&InstalmentFact| then.counts(fact.effective, fact.recorded, fact.batch);
    let key = |fact: &InstalmentFact| (fact.effective, fact.recorded, fact.batch);
    let latest = store.instalments.of(document).filter(counted).map(key).max();
    let mut schedule: Vec<InstalmentFact> =
        store.instalments.of(document).filter(counted).filter(|fact| Some(key(fact)) == latest).cloned().collect();
    schedule.sort_by_key(|fact| (fact.due, fact.number));
    schedule
}

/// What is left of each instalment, in the order of the schedule, with the sign of the document.
///
/// `named` are settled amounts by instalment number, `unnamed` the rest; all above zero. Allocations that name an
/// instalment go to it as far as its amount goes; the rest goes to the instalments of the document's sign, earliest
/// due first.
pub(crate) fn left(schedule: &[InstalmentFact], amount: Minor, named: &[(u32, i128)], unnamed: i128) -> Vec<i128> {
    // Nothing is open of a document of zero.
    let sign = i128::from(amount.signum());
    let mut left: Vec<i128> = schedule.iter().map(|fact| i128::from(fact.amount).saturating_mul(sign)).collect();
    let mut rest = unnamed;
    for (number, settled) in named {
        let slot =
            schedule.iter().position(|fact| fact.number == *number && *number != NONE).and_then(|at| left.get_mut(at));
        let taken = match &slot {
            Some(open) => (*settled).min((**open).max(0)),
            None => 0,
        };
        if let Some(open) = slot {
            *open = open.saturating_sub(taken);
        }
        rest = rest.saturating_add(settled.saturating_sub(taken));
    }
    for open in left.iter_mut().filter(|open| **open > 0) {
        let taken = rest.min(*open);
        *open = open.saturating_sub(taken);
        rest = rest.saturating_sub(taken);
    }
    left.iter().map(|open| open.saturating_mul(sign)).collect()
}
