//! What became of the items of a document: what was settled of it is carried to the instalments of a schedule, and what was let off as
//! a discount with it, so that a schedule with other numbers grants no discount twice and denies none.

use std::collections::BTreeMap;

use super::given::{has_discounts, is_credit_note_for, is_discount, kind_of, known, pay_day, taken_off};
use super::quote::scaled;
use crate::ledger::View;
use crate::ledger::known::Known;
use crate::ledger::layers::NONE;
use crate::ledger::schedule::in_force_then;
use crate::ledger::store::{AllocationFact, InstalmentFact};
use crate::money::Minor;

/// What was settled of an item before.
#[derive(Debug, Clone)]
pub(super) struct Before {
    pub granted: Minor,
    /// What was settled beside discounts, with these.
    pub with_discount: Minor,
    /// What was settled at all, and by credit notes for the document.
    pub settled: Minor,
    pub credited: Minor,
    /// The latest document date of what paid it.
    pub paid_on: i32,
    /// The discounts in what was settled by this schedule.
    pub own_granted: Minor,
    /// What was settled by other schedules, by credit notes in that, and the latest day of what paid that.
    pub elsewhere: Minor,
    pub credited_elsewhere: Minor,
    pub paid_elsewhere_on: i32,
    /// What payments without a discount settled.
    pub plain: Vec<Plain>,
}

/// What a payment settled without a discount.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain {
    /// When it came.
    pub paid_on: i32,
    /// All that it settled, and how much of that is of the item.
    pub whole: Minor,
    pub amount: Minor,
}

impl Default for Before {
    fn default() -> Self {
        Self {
            granted: 0,
            with_discount: 0,
            settled: 0,
            credited: 0,
            paid_on: i32::MIN,
            own_granted: 0,
            elsewhere: 0,
            credited_elsewhere: 0,
            paid_elsewhere_on: i32::MIN,
            plain: Vec::new(),
        }
    }
}

impl Before {
    fn add(&mut self, part: &Part, amount: Minor, discount: Minor) {
        self.settled = self.settled.saturating_add(amount);
        self.granted = self.granted.saturating_add(discount);
        if part.has_discount() {
            self.with_discount = self.with_discount.saturating_add(amount);
        } else if part.is_payment && amount > 0 {
            self.plain.push(Plain { paid_on: part.paid_on, whole: part.amount, amount });
        }
        if part.is_credit_note {
            self.credited = self.credited.saturating_add(amount.saturating_sub(discount));
        }
        self.paid_on = self.paid_on.max(part.paid_on);
    }

    /// The same, of an instalment of a schedule.
    fn add_by(&mut self, part: &Part, amount: Minor, discount: Minor, key: Option<Key>) {
        let credited = self.credited;
        self.add(part, amount, discount);
        if part.by == key {
            self.own_granted = self.own_granted.saturating_add(discount);
        } else {
            self.elsewhere = self.elsewhere.saturating_add(amount);
            let more = self.credited.saturating_sub(credited);
            self.credited_elsewhere = self.credited_elsewhere.saturating_add(more);
            self.paid_elsewhere_on = self.paid_elsewhere_on.max(part.paid_on);
        }
    }
}

/// An instalment of a schedule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub number: u32,
    /// Its amount; nothing where it has not the sign of the document.
    pub amount: Minor,
    /// Its share of the largest discount of the document.
    pub most: Minor,
}

/// What a match settled by one number: its allocation with its discounts, or something else by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// The instalment that it names, or none (0).
    pub number: u32,
    /// What it settled, and how much of that was a discount.
    pub amount: Minor,
    pub discount: Minor,
    is_credit_note: bool,
    /// Whether what paid it is of a kind that may have discounts.
    is_payment: bool,
    /// The document date of what paid it; before all days when nothing did.
    paid_on: i32,
    /// The schedule by which its discount was granted, or without one, by which it was settled.
    by: Option<Key>,
}

/// Which schedule of a document one is; none where it has none.
pub(super) type Key = (i32, i32, u32);

/// Which schedule some instalments are.
pub(super) fn key_of(schedule: &[InstalmentFact]) -> Option<Key> {
    schedule.first().map(|fact| (fact.effective, fact.recorded, fact.batch))
}

impl Part {
    pub(super) fn has_discount(&self) -> bool {
        self.discount > 0
    }
}

/// An allocation on a document with the differences beside it, or a difference that stands alone.
#[derive(Default)]
pub(super) struct Match<'a> {
    pub allocation: Option<(u32, &'a AllocationFact)>,
    pub differences: Vec<(u32, &'a AllocationFact)>,
}

impl<'a> Match<'a> {
    /// What of it stands, as is told of each part; none when nothing does.
    pub(super) fn standing(&self, stands: impl Fn(u32, &AllocationFact) -> bool) -> Option<Self> {
        let is_meant = |held: &(u32, &'a AllocationFact)| stands(held.0, held.1);
        let allocation = self.allocation.filter(is_meant);
        let differences: Vec<_> = self.differences.iter().copied().filter(is_meant).collect();
        (allocation.is_some() || !differences.is_empty()).then_some(Self { allocation, differences })
    }

    /// The number by which it settles: that of its allocation, or else of its discounts.
    pub(super) fn number(&self, view: &View) -> u32 {
        let own = self.allocation.map_or(0, |(_, fact)| fact.instalment);
        if own != 0 {
            return own;
        }
        let discounts = self.differences.iter().filter(|held| is_discount_of(view, **held));
        discounts.map(|(_, fact)| fact.instalment).filter(|number| *number != 0).min().unwrap_or(0)
    }

    /// What it settled, by number.
    pub(super) fn parts(&self, view: &View, document: u32) -> Vec<Part> {
        let number = self.number(view);
        let by = |then| key_of(&in_force_then(&view.store, document, then));
        let when = |(number, fact): (u32, &AllocationFact)| Known::with(&view.store, number, fact);
        let plain = |number, amount, by| Part {
            number,
            amount,
            discount: 0,
            is_credit_note: false,
            is_payment: false,
            paid_on: i32::MIN,
            by,
        };
        let mut with: BTreeMap<u32, Part> = BTreeMap::new();
        let mut granted: BTreeMap<u32, Known> = BTreeMap::new();
        let mut others = Vec::new();
        if let Some(paid) = self.allocation {
            let fact = paid.1;
            with.insert(
                number,
                Part {
                    is_credit_note: is_credit_note_for(view, fact.credit, document),
                    is_payment: kind_of(view, fact.credit).is_some_and(has_discounts),
                    paid_on: pay_day(view, fact.credit),
                    ..plain(number, fact.debit_amount, by(when(paid)))
                },
            );
        }
        for held in &self.differences {
            let (off, named) = (taken_off(held.1), held.1.instalment);
            if !is_discount_of(view, *held) {
                others.push(plain(named, off, by(when(*held))));
                continue;
            }
            let named = if named == 0 { number } else { named };
            let part = with.entry(named).or_insert(plain(named, 0, None));
            let then = when(*held);
            let then = granted.entry(named).or_insert(then).or_later(then);
            granted.insert(named, then);
            part.amount = part.amount.saturating_add(off);
            part.discount = part.discount.saturating_add(off);
        }
        for (named, then) in granted {
            if let Some(part) = with.get_mut(&named) {
                part.by = by(then);
            }
        }
        with.into_values().chain(others).collect()
    }
}

/// Whether a difference is a discount.
pub(super) fn is_discount_of(view: &View, (number, fact): (u32, &AllocationFact)) -> bool {
    view.about(number, fact).is_some_and(|about| is_discount(about.kind))
}

/// The matches of a document that stand: by the day on which they were recorded, differences that stand alone after the others.
pub(super) fn matches(view: &View, document: u32) -> Vec<Match<'_>> {
    let all = known_matches(view, document);
    all.iter().filter_map(|one| one.standing(|number, fact| !view.has_ended(number, fact))).collect()
}

/// The same, with those that were taken back.
pub(super) fn known_matches(view: &View, document: u32) -> Vec<Match<'_>> {
    let mut all: BTreeMap<(i32, bool, u32), Match<'_>> = BTreeMap::new();
    for (number, fact) in known(view, document).filter(|(_, fact)| fact.debit == document) {
        let beside = view.about(number, fact).map_or(NONE, |about| about.beside);
        match view.store.allocations.get(beside).filter(|_| beside != NONE) {
            Some(paid) => all.entry((paid.recorded, false, beside)).or_default().differences.push((number, fact)),
            None if fact.is_difference() => {
                all.entry((fact.recorded, true, number)).or_default().differences.push((number, fact));
            }
            None => all.entry((fact.recorded, false, number)).or_default().allocation = Some((number, fact)),
        }
    }
    all.into_values().collect()
}

/// What became of a document.
pub(super) fn together(parts: &[Part]) -> Before {
    let mut all = Before::default();
    parts.iter().for_each(|part| all.add(part, part.amount, part.discount));
    all
}

/// What became of the instalments of a schedule.
///
/// Each part goes to the instalment that it names, as far as that goes, and what is over to all in their order: what was settled with a
/// discount first. The discount goes with it, but no more than the share of an instalment, unless it was granted by this schedule.
pub(super) fn carried(parts: &[Part], schedule: &[Slot], key: Option<Key>) -> Vec<Before> {
    let mut carrying = Carrying { schedule, key, before: vec![Before::default(); schedule.len()], over: 0 };
    let (with, without): (Vec<&Part>, Vec<&Part>) = parts.iter().partition(|part| part.has_discount());
    let mut moving: Vec<Moving<'_>> = with.into_iter().chain(without).map(|part| Moving { part, gone: 0 }).collect();
    for one in &mut moving {
        let number = one.part.number;
        if let Some(own) = schedule.iter().position(|slot| slot.number == number && number != 0) {
            carrying.take(one, own, Own::Named);
        }
    }
    for one in &mut moving {
        (0..schedule.len()).for_each(|slot| carrying.take(one, slot, Own::Other));
    }
    carrying.place_over(&moving);
    carrying.before
}

/// A part, and how much of it has gone to instalments.
struct Moving<'a> {
    part: &'a Part,
    gone: Minor,
}

impl Moving<'_> {
    /// The discount in the next so much, so that the parts add up.
    fn discount_in(&self, amount: Minor) -> Minor {
        let until = |gone: Minor| scaled(self.part.discount, gone, self.part.amount);
        until(self.gone.saturating_add(amount)).saturating_sub(until(self.gone))
    }
}

/// Whether a part names the instalment that it goes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Own {
    Named,
    Other,
}

struct Carrying<'a> {
    schedule: &'a [Slot],
    key: Option<Key>,
    before: Vec<Before>,
    /// The discounts for which an instalment had no share.
    over: Minor,
}

impl Carrying<'_> {
    /// As much of a part as an instalment has room for goes to it.
    fn take(&mut self, one: &mut Moving<'_>, at: usize, own: Own) {
        let (Some(slot), Some(held)) = (self.schedule.get(at), self.before.get_mut(at)) else { return };
        let rest = one.part.amount.saturating_sub(one.gone);
        let amount = rest.min(slot.amount.saturating_sub(held.settled)).max(0);
        if amount == 0 {
            return;
        }
        let whole = one.discount_in(amount);
        let most = slot.most.saturating_sub(held.granted).max(0);
        let discount = if own == Own::Named && one.part.by == self.key { whole } else { whole.min(most) };
        self.over = self.over.saturating_add(whole.saturating_sub(discount));
        held.add_by(one.part, amount, discount, self.key);
        one.gone = one.gone.saturating_add(amount);
    }

    /// What no instalment has room for is of the last of them; discounts for which one had no share go to the others in their order.
    fn place_over(&mut self, moving: &[Moving<'_>]) {
        let last = self.schedule.iter().rposition(|slot| slot.amount > 0).unwrap_or(0);
        for one in moving {
            let rest = one.part.amount.saturating_sub(one.gone);
            let discount = one.discount_in(rest);
            self.over = self.over.saturating_add(discount);
            if let Some(held) = self.before.get_mut(last).filter(|_| rest > 0) {
                held.add_by(one.part, rest, 0, self.key);
            }
        }
        for (slot, held) in self.schedule.iter().zip(&mut self.before) {
            let share = self.over.min(slot.most.saturating_sub(held.granted)).max(0);
            held.granted = held.granted.saturating_add(share);
            self.over = self.over.saturating_sub(share);
        }
    }
}
