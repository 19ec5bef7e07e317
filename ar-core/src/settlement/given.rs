//! What was let go of a document or of a payment before, and still is: so that a discount is granted once, and a tolerance is not had
//! again.

use super::limit::Spent;
use super::made::Kind;
use super::quote::scaled;
use crate::ledger::View;
use crate::ledger::layers::NONE;
use crate::ledger::store::{AllocationFact, DifferenceFact, DifferenceKind, DocumentKind};
use crate::money::Minor;

/// The allocations and differences of a document that are known and not taken back by the view's day, each once.
pub(super) fn standing(view: &View, document: u32) -> impl Iterator<Item = (u32, &AllocationFact)> {
    known(view, document).filter(|(number, fact)| !view.has_ended(*number, fact))
}

/// The allocations and differences of a document that are known, taken back or not, each once.
pub(super) fn known(view: &View, document: u32) -> impl Iterator<Item = (u32, &AllocationFact)> {
    let store = &view.store;
    let of_it = store.legs.of(document).map(|leg| leg.allocation).filter(|number| *number != NONE);
    let mut numbers: Vec<u32> = of_it.collect();
    numbers.sort_unstable();
    numbers.dedup();
    let facts = numbers.into_iter().filter_map(|number| Some((number, store.allocations.get(number)?)));
    facts.filter(|(_, fact)| fact.recorded <= view.known_on)
}

/// The sum of the differences of some kinds on a document that are known and not taken back by the view's day.
pub(super) fn given(view: &View, document: u32, is_meant: impl Fn(DifferenceKind) -> bool) -> Minor {
    let differences = standing(view, document)
        .filter(|(number, fact)| view.about(*number, fact).is_some_and(|about| is_meant(about.kind)));
    differences.fold(0, |sum, (_, fact)| sum.saturating_add(taken_off(fact)))
}

/// What was paid too much on a document and let go: the differences of a kind on credits, beside what pays it, that are known and not
/// taken back; in its currency.
pub(super) fn given_over(view: &View, document: u32, kind: Kind) -> Minor {
    let over = |(number, paid): (u32, &AllocationFact)| {
        let on_credit = beside(view, number)
            .filter(|(about, fact)| is_tolerance(about.kind, kind) && fact.debit == NONE && fact.credit == paid.credit);
        // By the legs of the allocation.
        let in_its_currency = |amount: Minor| scaled(amount, paid.debit_amount, paid.amount);
        on_credit.fold(0, |sum: Minor, (_, fact)| sum.saturating_add(in_its_currency(taken_off(fact))))
    };
    paying(view, document).map(over).fold(0, Minor::saturating_add)
}

/// The differences beside an allocation that are known and not taken back.
fn beside(view: &View, allocation: u32) -> impl Iterator<Item = (&DifferenceFact, &AllocationFact)> {
    view.store.beside.of(allocation).filter_map(|held| {
        let fact = view.store.allocations.get(held.difference)?;
        let about = view.about(held.difference, fact)?;
        (fact.recorded <= view.known_on && !view.has_ended(held.difference, fact)).then_some((about, fact))
    })
}

/// What a payment has had, by differences beside what it pays that are known and not taken back.
pub(super) fn spent(view: &View, credit: u32, tolerance: Kind) -> Spent {
    let mut spent = Spent::default();
    for (number, _) in paid_by(view, credit) {
        for (about, _) in beside(view, number) {
            spent.tolerance |= is_tolerance(about.kind, tolerance);
            spent.charge |= about.kind == DifferenceKind::BankCharge;
        }
    }
    spent
}

/// What a difference takes off its document; above zero.
pub(super) fn taken_off(difference: &AllocationFact) -> Minor {
    difference.sides().fold(0, |sum, side| sum.saturating_add(side.amount.saturating_abs()))
}

/// The document date of a credit.
pub(super) fn pay_day(view: &View, credit: u32) -> i32 {
    let day = view.store.documents.find(credit).and_then(|(piece, row)| piece.document_date.get(row));
    day.copied().unwrap_or(i32::MIN)
}

/// What a credit pays by allocations that are known and not taken back.
pub(super) fn paid_by(view: &View, credit: u32) -> impl Iterator<Item = (u32, &AllocationFact)> {
    standing(view, credit).filter(move |(_, fact)| !fact.is_difference() && fact.credit == credit)
}

/// The allocations that pay a document, of those that stand.
fn paying(view: &View, document: u32) -> impl Iterator<Item = (u32, &AllocationFact)> {
    standing(view, document).filter(move |(_, fact)| !fact.is_difference() && fact.debit == document)
}

pub(super) fn is_credit_note_for(view: &View, credit: u32, document: u32) -> bool {
    kind_of(view, credit) == Some(DocumentKind::CreditNote) && view.store.related(credit) == Some(document)
}

/// The kind of a document.
pub(super) fn kind_of(view: &View, document: u32) -> Option<DocumentKind> {
    view.store.documents.find(document).and_then(|(piece, row)| piece.kind.get(row)).copied()
}

/// Whether a credit of a kind may have discounts at all.
pub(super) fn has_discounts(kind: DocumentKind) -> bool {
    matches!(kind, DocumentKind::Payment | DocumentKind::Advance | DocumentKind::Journal)
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
