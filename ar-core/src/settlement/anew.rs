//! Instalments that are cut anew: what of a discount is left over for one that was paid up by another schedule is had with the others.

use super::carried::{Before, Key, Slot, key_of};
use super::policy::{CreditedDiscount, DiscountPolicy, PartPayments};
use super::tiers::counts_all;
use crate::ledger::View;
use crate::ledger::known::Known;
use crate::ledger::layers::NONE;
use crate::ledger::schedule::in_force_then;
use crate::money::Minor;

/// Which instalments other schedules paid up, and how much of a discount each other has room for.
pub(super) struct Anew<'a> {
    policy: &'a DiscountPolicy,
    paid_up: Vec<bool>,
    rooms: Vec<Minor>,
    /// The latest day of what paid those up.
    paid_on: i32,
}

impl<'a> Anew<'a> {
    /// `most` is the share of the largest discount that an instalment has without so much of it.
    pub(super) fn of(
        policy: &'a DiscountPolicy,
        schedule: &[Slot],
        all: &[Before],
        most: impl Fn(&Slot, Minor) -> Minor,
    ) -> Self {
        let counts_when_cleared = policy.part_payments == PartPayments::WhenCleared;
        let mut held = Self { policy, paid_up: Vec::new(), rooms: Vec::new(), paid_on: i32::MIN };
        for (slot, before) in schedule.iter().zip(all) {
            let left = slot.amount.saturating_sub(before.elsewhere).max(0);
            let had = before.granted.saturating_sub(before.own_granted);
            let lowers = counts_when_cleared && policy.credited == CreditedDiscount::Lowered;
            let most = most(slot, if lowers { before.credited_elsewhere } else { 0 });
            let rest = most.saturating_sub(had).max(0);
            let paid_up =
                before.elsewhere > 0 && if counts_when_cleared { rest > 0 && rest >= left } else { left == 0 };
            let room = if paid_up { 0 } else { left.saturating_sub(rest).saturating_sub(1).max(0) };
            if paid_up {
                held.paid_on = held.paid_on.max(before.paid_elsewhere_on);
            }
            held.paid_up.push(paid_up);
            held.rooms.push(room);
        }
        held
    }

    pub(super) fn is_paid_up(&self, at: usize) -> bool {
        self.paid_up.get(at).copied().unwrap_or(false)
    }

    /// What of a discount, of which each instalment has such a share, goes to which instalment: all of it, or nothing. `late`: what came
    /// within the days of grace counts.
    pub(super) fn moved(&self, (until, late): (i32, bool), shares: &[Minor], all: &[Before]) -> Vec<Minor> {
        let grace = if late { self.policy.grace_days } else { 0 };
        let last = until.saturating_add(i32::try_from(grace).unwrap_or(0));
        let in_time = !counts_all(self.policy) || self.paid_on <= last;
        let mut rest: Minor = 0;
        for ((share, before), paid_up) in shares.iter().zip(all).zip(&self.paid_up) {
            if *paid_up && in_time {
                rest = rest.saturating_add(share.saturating_sub(before.granted).max(0));
            }
        }
        if rest > self.rooms.iter().fold(0, |sum: Minor, room| sum.saturating_add(*room)) {
            rest = 0;
        }
        let mut take = |room: &Minor| {
            let taken = rest.min(*room);
            rest = rest.saturating_sub(taken);
            taken
        };
        self.rooms.iter().map(&mut take).collect()
    }

    /// What one was granted beyond its share and what went to it comes off the others. `most` went to each at most.
    pub(super) fn takes_off(&self, schedule: &[Slot], most: &[Minor], all: &mut [Before]) {
        let mut over: Minor = 0;
        for ((slot, moved), before) in schedule.iter().zip(most).zip(all.iter()) {
            over = over.saturating_add(before.granted.saturating_sub(slot.most).saturating_sub(*moved).max(0));
        }
        for ((slot, before), paid_up) in schedule.iter().zip(all).zip(&self.paid_up) {
            let share = over.min(slot.most.saturating_sub(before.granted)).max(0);
            if !paid_up {
                before.granted = before.granted.saturating_add(share);
                over = over.saturating_sub(share);
            }
        }
    }
}

/// Whether something was settled of a document by another schedule than this, taken back or not, as known then.
pub(super) fn is_cut_anew(view: &View, document: u32, then: Known, key: Option<Key>) -> bool {
    let store = &view.store;
    let mut numbers = store.legs.of(document).map(|leg| leg.allocation).filter(|number| *number != NONE);
    numbers.any(|number| {
        store.allocations.get(number).is_some_and(|fact| {
            let with = Known::with(store, number, fact);
            fact.debit == document
                && with.recorded <= then.recorded
                && key_of(&in_force_then(store, document, with)) != key
        })
    })
}
