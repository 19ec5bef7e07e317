//! What will become receivable, and what is left of it once what follows it is taken off.

mod gone;
mod kept;

use super::View;
use super::layers::NONE;
use super::store::{CommitmentFact, Store};

pub(crate) use self::gone::{Billing, Follower, Gone, LAST, Newcomer, left, place_of};
pub(crate) use self::kept::{Kept, left_of_customer};

/// Whether a commitment counts.
pub(crate) fn is_counted(view: &View, fact: &CommitmentFact) -> bool {
    view.counted(fact.effective, fact.recorded)
}

/// The counted commitment of an id, in whose place a document of that id is asked.
pub(crate) fn posted(view: &View, id: Option<u32>) -> Option<&CommitmentFact> {
    id.and_then(|id| named(&view.store, id)).filter(|fact| is_counted(view, fact))
}

/// The commitment of an id.
pub(crate) fn named(store: &Store, id: u32) -> Option<&CommitmentFact> {
    let owner = store.owners.of(id).next()?;
    store.commitments.search(owner.customer, |fact| fact.seq.cmp(&owner.seq))
}

/// Whether a commitment, by its id, follows what has an id of that text, itself or what it follows in turn. What names itself follows
/// nothing.
pub(crate) fn leads_to(store: &Store, id: u32, text: u32) -> bool {
    let mut at = id;
    while let Some(fact) = named(store, at).filter(|fact| fact.order != NONE) {
        let above = store.matter_ids.find(store.texts.text(fact.order)).unwrap_or(NONE);
        if above == at {
            return false;
        }
        if fact.order == text {
            return true;
        }
        at = above;
    }
    false
}

/// The id of what a commitment follows, when something has it; else `NONE`.
pub(crate) fn above(view: &View, fact: &CommitmentFact) -> u32 {
    if fact.order == NONE {
        return NONE;
    }
    let store = &view.store;
    store.matter_ids.find(store.texts.text(fact.order)).unwrap_or(NONE)
}
