//! What is an exposure made of? Named parts, each told apart, and which of them a policy counts.

use crate::ledger::running::Balances;
use crate::ledger::store::CommitmentKind;
use crate::words::words;

words! {
    /// A part of an exposure that may count.
    ExposurePart {
        OpenItems "open_items" /** What is open of invoices, debit notes, charges, refunds and journals. */,
        CreditNotes "credit_notes" /** What is open of credit notes; below zero. */,
        Unapplied "unapplied" /** Payments on account; below zero. */,
        Prepayments "prepayments" /** Advances; below zero. */,
        Deliveries "deliveries" /** Delivered and not yet invoiced. */,
        Orders "orders" /** Ordered and not yet delivered. */,
        Drafts "drafts" /** Not yet ordered. */,
        Document "document" /** The document that is asked about. */,
        Guarantees "guarantees" /** What others guarantee; below zero. */,
        Insurance "insurance" /** What is insured; below zero. */,
    }
}
words! {
    /// A part of an exposure that may have a line of its own.
    CappedPart {
        OpenItems "open_items" /** What is open of invoices and the like. */,
        Overdue "overdue" /** What of it is overdue. */,
        Deliveries "deliveries" /** Delivered and not yet invoiced. */,
        Orders "orders" /** Ordered and not yet delivered. */,
        Drafts "drafts" /** Not yet ordered. */,
    }
}
words! {
    /// What is asked about.
    CreditRequestKind {
        Order "order" /** An order. */,
        Draft "draft" /** What is not yet ordered. */,
        Delivery "delivery" /** A delivery. */,
        Invoice "invoice" /** An invoice. */,
    }
}

impl From<CommitmentKind> for CreditRequestKind {
    fn from(kind: CommitmentKind) -> Self {
        match kind {
            CommitmentKind::Draft => Self::Draft,
            CommitmentKind::Order => Self::Order,
            CommitmentKind::Delivery => Self::Delivery,
        }
    }
}

/// How many parts an exposure has, with what is expected too late to count.
pub(super) const PARTS: usize = 11;

/// The places of parts in [`Parts`], in the order in which they are told.
pub(super) const OPEN_ITEMS: usize = 0;
pub(super) const CREDIT_NOTES: usize = 1;
pub(super) const UNAPPLIED: usize = 2;
pub(super) const PREPAYMENTS: usize = 3;
pub(super) const DELIVERIES: usize = 4;
pub(super) const ORDERS: usize = 5;
pub(super) const LATER: usize = 6;
pub(super) const DRAFTS: usize = 7;
pub(super) const DOCUMENT: usize = 8;
pub(super) const GUARANTEES: usize = 9;
pub(super) const INSURANCE: usize = 10;

/// Amounts by part.
pub(super) type Parts = [i128; PARTS];

/// The part at each place; none for what never counts.
pub(super) const AT: [Option<ExposurePart>; PARTS] = [
    Some(ExposurePart::OpenItems),
    Some(ExposurePart::CreditNotes),
    Some(ExposurePart::Unapplied),
    Some(ExposurePart::Prepayments),
    Some(ExposurePart::Deliveries),
    Some(ExposurePart::Orders),
    None,
    Some(ExposurePart::Drafts),
    Some(ExposurePart::Document),
    Some(ExposurePart::Guarantees),
    Some(ExposurePart::Insurance),
];

/// The name of the part at a place.
pub(super) fn name_at(place: usize) -> &'static str {
    AT.get(place).copied().flatten().map_or("later", ExposurePart::name)
}

/// Balances of an account as parts; they stand first, in the same order.
pub(super) fn of_balances(balances: &Balances) -> Parts {
    let mut parts = Parts::default();
    for (slot, amount) in parts.iter_mut().zip(balances) {
        *slot = *amount;
    }
    parts
}

/// Adds to a part.
pub(super) fn add(parts: &mut Parts, place: usize, amount: i128) {
    if let Some(slot) = parts.get_mut(place) {
        *slot = slot.saturating_add(amount);
    }
}

/// The amount of a part.
pub(super) fn of(parts: &Parts, place: usize) -> i128 {
    parts.get(place).copied().unwrap_or(0)
}
