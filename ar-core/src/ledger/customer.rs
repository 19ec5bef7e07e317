//! What a customer was like on a day: its own row, then the dated changes, the latest counted one first.

use rustc_hash::FxHashSet;

use super::layers::NONE;
use super::store::{Attribute, Store};

impl Store {
    /// The value of an attribute of a customer on a day, as known on another: the number of a text (of a customer for the
    /// parent), or `NONE`.
    pub(crate) fn attribute(&self, customer: u32, attribute: Attribute, day: i32, known_on: i32) -> u32 {
        let mut latest: Option<(i32, i32, u32)> = None;
        for change in self.changes.of(customer) {
            let counts = change.attribute == attribute && change.effective <= day && change.recorded <= known_on;
            if counts
                && latest
                    .is_none_or(|(effective, recorded, _)| (effective, recorded) <= (change.effective, change.recorded))
            {
                latest = Some((change.effective, change.recorded, change.value));
            }
        }
        if let Some((_, _, value)) = latest {
            return value;
        }
        let Some(own) = self.customers.get(customer) else { return NONE };
        match attribute {
            Attribute::Name => own.name,
            Attribute::Parent => own.parent,
            Attribute::Group => own.group,
            Attribute::Terms => own.terms,
            Attribute::Dimension(name) => {
                own.dimensions.iter().find(|(held, _)| *held == name).map_or(NONE, |(_, value)| *value)
            }
            Attribute::Limit | Attribute::Blocked | Attribute::Score | Attribute::Contact | Attribute::Language => NONE,
        }
    }

    /// The customer itself, or the farthest of its ancestors on that day.
    pub(crate) fn top_parent(&self, customer: u32, day: i32, known_on: i32) -> u32 {
        let mut at = customer;
        // No circle was let in, so the walk ends; the bound only keeps that promise visible.
        for _ in 0..=self.customers.len() {
            match self.attribute(at, Attribute::Parent, day, known_on) {
                NONE => break,
                parent => at = parent,
            }
        }
        at
    }
}

/// The customers of the first circle of parents, sorted; none when there is no circle on any day.
pub(super) fn circle(store: &Store) -> Vec<u32> {
    let mut good: FxHashSet<u32> = FxHashSet::default();
    for customer in 0..store.customers.len() {
        let own = |at: u32| store.customers.get(at).map_or(NONE, |fact| fact.parent);
        if let Some(found) = walk(customer, own, &mut good) {
            return found;
        }
    }
    let mut days: Vec<(i32, u32)> = store
        .changes
        .all()
        .filter(|change| change.attribute == Attribute::Parent && change.value != NONE)
        .map(|change| (change.effective, change.customer))
        .collect();
    days.sort_unstable();
    for (day, customer) in days {
        let parent = |at: u32| store.attribute(at, Attribute::Parent, day, i32::MAX);
        if let Some(found) = walk(customer, parent, &mut FxHashSet::default()) {
            return found;
        }
    }
    Vec::new()
}

/// Walks up from a customer; gives the circle it runs into.
fn walk(from: u32, parent: impl Fn(u32) -> u32, good: &mut FxHashSet<u32>) -> Option<Vec<u32>> {
    let mut path: Vec<u32> = Vec::new();
    let mut seen: FxHashSet<u32> = FxHashSet::default();
    let mut at = from;
    while at != NONE && !good.contains(&at) {
        if !seen.insert(at) {
            let start = path.iter().position(|held| *held == at).unwrap_or(0);
            let mut found = path.split_off(start);
            found.sort_unstable();
            return Some(found);
        }
        path.push(at);
        at = parent(at);
    }
    good.extend(path);
    None
}
