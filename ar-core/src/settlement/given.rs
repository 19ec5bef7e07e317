//! What was let go of a document before, and still is: so that a discount is granted once, and a tolerance is not had again.

use super::made::Kind;
use crate::ledger::View;
use crate::ledger::layers::NONE;
use crate::ledger::store::{AllocationFact, DifferenceKind, DocumentKind};
use crate::money::Minor;

/// The sum of the differences of some kinds on a document that are known and not taken back by the view's day; for an item, those
/// that name its instalment and those that name none.
pub(super) fn given(view: &View, document: u32, item: Option<u32>, is_meant: impl Fn(DifferenceKind) -> bool) -> Minor {
    let store = &view.store;
    let known = store.legs.of(document).filter(|leg| leg.allocation != NONE && leg.recorded <= view.known_on);
    let mut numbers: Vec<u32> = known.map(|leg| leg.allocation).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let amount = |number: u32| {
        let about = store.differences.of(number).next().filter(|about| is_meant(about.kind))?;
        let fact = store.allocations.get(about.number)?;
        let side = fact.sides().find(|side| side.document == document)?;
        let of_item = side.instalment == 0 || item.is_none_or(|item| item == side.instalment);
        (of_item && !view.has_ended(number, fact)).then_some(side.amount.saturating_abs())
    };
    numbers.into_iter().filter_map(amount).fold(0, Minor::saturating_add)
}

/// The latest document date of what pays an item by allocations that are known and not taken back; before all days when nothing does.
pub(super) fn paid_on(view: &View, document: u32, item: u32) -> i32 {
    let store = &view.store;
    let is_known = |number: u32, fact: &AllocationFact| fact.recorded <= view.known_on && !view.has_ended(number, fact);
    let day = |number: u32| {
        let fact = store.allocations.get(number).filter(|fact| !fact.is_difference() && fact.debit == document)?;
        let of_item = fact.instalment == 0 || item == 0 || fact.instalment == item;
        let (piece, row) = store.documents.find(fact.credit).filter(|_| of_item && is_known(number, fact))?;
        piece.document_date.get(row).copied()
    };
    let numbers = store.legs.of(document).map(|leg| leg.allocation).filter(|number| *number != NONE);
    numbers.filter_map(day).max().unwrap_or(i32::MIN)
}

/// What credit notes for a document paid of an item of it by allocations that hold: those that name the item where there are several.
pub(super) fn credited(view: &View, document: u32, item: u32) -> Minor {
    let store = &view.store;
    let amount = |number: u32| {
        let fact = store.allocations.get(number).filter(|fact| !fact.is_difference() && fact.debit == document)?;
        let is_meant = fact.instalment == item && is_credit_note_for(view, fact.credit, document);
        (is_meant && view.holds(number, fact)).then_some(fact.debit_amount)
    };
    let mut numbers: Vec<u32> =
        store.legs.of(document).map(|leg| leg.allocation).filter(|number| *number != NONE).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.into_iter().filter_map(amount).fold(0, Minor::saturating_add)
}

/// What was settled of an item beside discounts that are known and not taken back, with these: each allocation once.
pub(super) fn with_discount(view: &View, document: u32, item: u32) -> Minor {
    let store = &view.store;
    let known = store.legs.of(document).filter(|leg| leg.allocation != NONE && leg.recorded <= view.known_on);
    let mut numbers: Vec<u32> = known.map(|leg| leg.allocation).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let (mut sum, mut beside): (Minor, Vec<u32>) = (0, Vec::new());
    for number in numbers {
        let about = store.differences.of(number).next().filter(|about| is_discount(about.kind));
        let Some((about, fact)) = about.and_then(|about| Some((about, store.allocations.get(number)?))) else {
            continue;
        };
        let Some(side) = fact.sides().find(|side| side.document == document) else { continue };
        if view.has_ended(number, fact) || !(side.instalment == 0 || item == 0 || side.instalment == item) {
            continue;
        }
        sum = sum.saturating_add(side.amount.saturating_abs());
        if about.beside != NONE && !beside.contains(&about.beside) {
            beside.push(about.beside);
            sum = sum.saturating_add(store.allocations.get(about.beside).map_or(0, |fact| fact.debit_amount));
        }
    }
    sum
}

fn is_credit_note_for(view: &View, credit: u32, document: u32) -> bool {
    let kind = view.store.documents.find(credit).and_then(|(piece, row)| piece.kind.get(row));
    kind == Some(&DocumentKind::CreditNote) && view.store.related(credit) == Some(document)
}

/// Whether a difference is a discount, or the tax in one.
pub(super) fn is_discount(kind: DifferenceKind) -> bool {
    matches!(kind, DifferenceKind::Discount | DifferenceKind::DiscountTax)
}

/// Whether a difference is of a kind that a tolerance has.
pub(super) fn is_tolerance(kind: DifferenceKind, tolerance: Kind) -> bool {
    match tolerance {
        Kind::Tolerance => kind == DifferenceKind::Tolerance,
        Kind::WriteOff => kind == DifferenceKind::WriteOff,
        _ => false,
    }
}
