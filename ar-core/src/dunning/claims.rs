//! When is somebody reminded of charges? With the claim that they belong to: no letter is for charges alone while that is still to have
//! one of its own, which a letter for a fee would put off by the interval.

use rustc_hash::FxHashSet;

use super::desk::{Halfway, Walk};
use super::history::Desk;
use super::policy::DunningUnit;
use super::reason::Verdict;
use crate::ledger::View;
use crate::ledger::layers::{NONE, count};

/// The items that have a level: those that rise or are told again, and those that stay.
#[derive(Default)]
struct Levelled {
    rising: FxHashSet<usize>,
    staying: FxHashSet<usize>,
}

/// The company, customer and currency of an item.
fn desk_of(view: &View, item: usize) -> Desk {
    let parts = view.store.account(view.items.account.get(item).copied().unwrap_or(NONE));
    (parts.company, parts.customer, parts.currency)
}

impl Walk<'_> {
    /// Leaves out the charges of which nothing that they belong to rises, where that is to come, or will never; where it stays at its
    /// level beside what is new, so do they.
    pub(super) fn charges_wait(&mut self, halves: &mut [Halfway<'_>]) {
        if !self.given.charges_follow() {
            return;
        }
        let of_item = self.given.policy.unit == DunningUnit::Item;
        let given = self.given;
        let waits = |verdict: Verdict| verdict.ends_claims() || verdict.comes_later();
        // What is on one desk has its notice together.
        let parted = |charge: usize, other: usize| of_item || desk_of(given.view, charge) != desk_of(given.view, other);
        loop {
            let levelled = self.levelled(halves);
            let mut left_out = false;
            for half in halves.iter_mut() {
                half.debits.retain(|candidate| {
                    let Some(others) = self.given.belongs.all(candidate.item) else { return true };
                    if others.iter().any(|other| levelled.rising.contains(other)) {
                        return true;
                    }
                    if others.iter().any(|other| levelled.staying.contains(other)) {
                        self.beside.insert(count(candidate.item));
                        return true;
                    }
                    let is_waiting = |other: &&usize| {
                        let verdict = self.verdict.get(**other).copied().unwrap_or(Verdict::NotDue);
                        verdict.ends_claims() || (verdict.comes_later() && parted(candidate.item, **other))
                    };
                    let first = others.iter().find(is_waiting).copied();
                    let follows = first
                        .is_some_and(|first| self.follows_first(candidate.item, std::slice::from_ref(&first), waits));
                    left_out |= follows;
                    !follows
                });
            }
            if !left_out {
                return;
            }
        }
    }

    fn levelled(&self, halves: &[Halfway<'_>]) -> Levelled {
        let mut levelled = Levelled::default();
        for half in halves {
            let Some((_, rules)) = self.given.procedures.get(half.procedure) else { continue };
            for candidate in &half.debits {
                let previous = candidate.past.level();
                let rises = candidate.level > previous || rules.repeats(previous);
                match rises && !self.beside.contains(&count(candidate.item)) {
                    true => levelled.rising.insert(candidate.item),
                    false => levelled.staying.insert(candidate.item),
                };
            }
        }
        levelled
    }
}
