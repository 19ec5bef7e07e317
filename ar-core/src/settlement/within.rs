//! What was let go within discounts that were granted before: what each match took beyond the discount that was to be had with it.

use std::collections::BTreeMap;

use super::given::{is_credit_note_for, is_discount, pay_day, standing, taken_off};
use crate::ledger::View;
use crate::ledger::known::Known;
use crate::ledger::layers::NONE;
use crate::ledger::store::AllocationFact;
use crate::money::Minor;

/// What a match granted on an item of a document, and how the item stood before it.
pub(super) struct Granted {
    /// The allocation that it stands beside; none when it stands alone.
    pub allocation: u32,
    /// The credit that pays by that.
    pub credit: u32,
    /// The instalment that it names, or none (0).
    pub item: u32,
    pub amount: Minor,
    /// When it was granted, the last part of it.
    pub then: Known,
    pub before: Before,
}

/// What earlier matches did to an item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before {
    pub granted: Minor,
    /// What was settled beside discounts, with these.
    pub with_discount: Minor,
    /// What was settled at all, and by credit notes for the document.
    pub settled: Minor,
    pub credited: Minor,
    /// The latest document date of what paid it.
    pub paid_on: i32,
}

impl Default for Before {
    fn default() -> Self {
        Self { granted: 0, with_discount: 0, settled: 0, credited: 0, paid_on: i32::MIN }
    }
}

/// An allocation on a document with the differences beside it, or a difference that stands alone.
#[derive(Default)]
struct Match<'a> {
    allocation: Option<(u32, &'a AllocationFact)>,
    differences: Vec<(u32, &'a AllocationFact)>,
}

/// The discounts of a document that stand, match by match, as they were recorded.
pub(super) fn granted(view: &View, document: u32) -> Vec<Granted> {
    let (mut all, mut before) = (Vec::new(), BTreeMap::new());
    for one in matches(view, document) {
        let mut discounts: BTreeMap<u32, (Minor, Known)> = BTreeMap::new();
        for (number, fact) in &one.differences {
            if view.about(*number, fact).is_some_and(|about| is_discount(about.kind)) {
                let then = Known::with(&view.store, *number, fact);
                let (sum, latest) = discounts.entry(fact.instalment).or_insert((0, then));
                (*sum, *latest) = (sum.saturating_add(taken_off(fact)), latest.or_later(then));
            }
        }
        let (allocation, credit) = one.allocation.map_or((NONE, NONE), |(number, fact)| (number, fact.credit));
        for (item, (amount, then)) in &discounts {
            let (item, amount, then) = (*item, *amount, *then);
            all.push(Granted { allocation, credit, item, amount, then, before: of_item(&before, item) });
        }
        add(view, document, &one, &discounts, &mut before);
    }
    all
}

/// The matches of a document that stand: by the day on which they were recorded, differences that stand alone after the others.
fn matches(view: &View, document: u32) -> Vec<Match<'_>> {
    let mut all: BTreeMap<(i32, bool, u32), Match<'_>> = BTreeMap::new();
    for (number, fact) in standing(view, document).filter(|(_, fact)| fact.debit == document) {
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

/// What became of an item by what names it, or names none.
fn of_item(before: &BTreeMap<u32, Before>, item: u32) -> Before {
    let own = before.get(&item).copied().unwrap_or_default();
    let others = before.iter().filter(|(named, _)| **named != item && (**named == 0 || item == 0));
    others.fold(own, |sum, (_, held)| Before {
        granted: sum.granted.saturating_add(held.granted),
        with_discount: sum.with_discount.saturating_add(held.with_discount),
        paid_on: sum.paid_on.max(held.paid_on),
        ..sum
    })
}

fn add(
    view: &View,
    document: u32,
    one: &Match<'_>,
    discounts: &BTreeMap<u32, (Minor, Known)>,
    before: &mut BTreeMap<u32, Before>,
) {
    for (_, fact) in &one.differences {
        let slot = before.entry(fact.instalment).or_default();
        slot.settled = slot.settled.saturating_add(taken_off(fact));
    }
    let paid = one.allocation.map_or(0, |(_, fact)| fact.debit_amount);
    for (item, (amount, _)) in discounts {
        let slot = before.entry(*item).or_default();
        slot.granted = slot.granted.saturating_add(*amount);
        slot.with_discount = slot.with_discount.saturating_add(*amount).saturating_add(paid);
    }
    let Some((_, fact)) = one.allocation else { return };
    let slot = before.entry(fact.instalment).or_default();
    slot.settled = slot.settled.saturating_add(fact.debit_amount);
    slot.paid_on = slot.paid_on.max(pay_day(view, fact.credit));
    if is_credit_note_for(view, fact.credit, document) {
        slot.credited = slot.credited.saturating_add(fact.debit_amount);
    }
}
