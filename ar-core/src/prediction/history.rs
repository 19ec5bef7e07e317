//! Which invoices does a ledger hold, and when was each paid, as known on the day of a view?
//!
//! Only what counts by the view's day, and is known by the day it was narrowed to, is read. An invoice is paid on the day
//! from which nothing of it was open any more, whatever closed it; one that was cancelled says nothing about payment and
//! is left out. One in instalments is asked about by instalment and not learnt from.

use super::book::{Book, Invoice};
use super::dealings::PartPaid;
use super::gather::dealings;
use super::policy::PredictionPolicy;
use crate::ledger::View;
use crate::ledger::layers::NONE;
use crate::ledger::store::{DocumentKind, Leg, NO_DAY};

/// Whether a document of this kind is something that a customer pays.
pub(crate) fn is_paid_for(kind: DocumentKind) -> bool {
    matches!(kind, DocumentKind::Invoice | DocumentKind::DebitNote | DocumentKind::Charge | DocumentKind::Journal)
}

/// The invoices of a view, sorted; the last day that is known is that on which its items stood.
pub(crate) fn invoices(view: &View) -> Vec<Invoice> {
    let (store, stood, known_on) = (&view.store, view.stood_on(), view.known_on);
    let mut invoices = Vec::new();
    for piece in store.documents.iter() {
        let columns = piece.effective.iter().zip(&piece.amount).zip(&piece.account).zip(&piece.due);
        for ((row, columns), (kind, recorded)) in (0_u32..).zip(columns).zip(piece.kind.iter().zip(&piece.recorded)) {
            let (((effective, amount), account), due) = columns;
            let in_scope = view.scope.as_ref().is_none_or(|scope| scope.binary_search(account).is_ok());
            if *effective > stood || *recorded > known_on || *amount <= 0 || !in_scope || !is_paid_for(*kind) {
                continue;
            }
            let document = piece.start.wrapping_add(row);
            if store.instalments.of(document).next().is_some() {
                continue;
            }
            let Some(cleared) = cleared(view, document, *amount) else { continue };
            invoices.push(Invoice {
                customer: store.account(*account).customer,
                posted: *effective,
                due: if *due == NO_DAY { *effective } else { *due },
                cleared: cleared.map(|day| day.max(*effective)),
                amount_minor: *amount,
                document,
                instalment: 0,
            });
        }
    }
    invoices.sort_unstable();
    invoices
}

/// Since when nothing of a document is open, if so; none when it is cancelled.
pub(crate) fn cleared(view: &View, document: u32, amount: i64) -> Option<Option<i32>> {
    let mut legs: Vec<Leg> =
        view.store.legs.of(document).filter(|leg| view.counted(leg.effective, leg.recorded)).collect();
    if legs.iter().any(|leg| leg.allocation == NONE) {
        return None;
    }
    legs.sort_by_key(|leg| leg.effective);
    let mut settled = 0_i64;
    let mut cleared = None;
    for leg in &legs {
        let before = settled;
        settled = settled.wrapping_add(leg.amount);
        if settled < amount {
            cleared = None;
        } else if before < amount {
            cleared = Some(leg.effective);
        }
    }
    Some(cleared)
}

/// The book of a view.
pub(crate) fn book(view: &View, invoices: &[Invoice], policy: &PredictionPolicy) -> Book {
    let mut book = Book::new(invoices, &policy.holidays(), view.stood_on().saturating_add(1));
    book.dealings = dealings(view, &book.banking);
    book.dealings.parts = invoices.iter().flat_map(|one| parts(view, one)).collect();
    book.dealings.sort();
    book
}

/// What was paid of an invoice by each day on which something of it was, when it was ever paid in part.
fn parts(view: &View, invoice: &Invoice) -> Vec<(u32, PartPaid)> {
    let legs = view.store.legs.of(invoice.document).filter(|leg| view.counted(leg.effective, leg.recorded));
    let mut legs: Vec<(i32, i64)> = legs.map(|leg| (leg.effective, leg.amount)).collect();
    legs.sort_unstable();
    let (mut settled, mut parts) = (0_i64, Vec::new());
    for of_day in legs.chunk_by(|one, next| one.0 == next.0) {
        settled = of_day.iter().fold(settled, |sum, (_, amount)| sum.saturating_add(*amount));
        let day = of_day.first().map_or(0, |(day, _)| *day);
        let share = settled as f32 / invoice.amount_minor.max(1) as f32;
        parts.push((invoice.document, PartPaid { day, instalment: invoice.instalment, share }));
    }
    let is_part = |one: &(u32, PartPaid)| one.1.share > 0.0 && one.1.share < 1.0;
    if !parts.iter().any(is_part) {
        parts.clear();
    }
    parts
}

/// Of an open item: its invoice as asked about; none when it is no debt of a kind that is paid for.
pub(crate) fn item(view: &View, at: usize) -> Option<Invoice> {
    let items = &view.items;
    let (account, due, open) = (*items.account.get(at)?, *items.due.get(at)?, *items.open.get(at)?);
    let document = *items.document.get(at)?;
    let (piece, row) = view.store.documents.find(document)?;
    let posted = *piece.effective.get(row)?;
    let kind = *piece.kind.get(row)?;
    let whole = items.instalment(at) == 0;
    let amount = if whole { *piece.amount.get(row)? } else { open };
    (open > 0 && is_paid_for(kind)).then(|| Invoice {
        customer: view.store.account(account).customer,
        posted,
        due: if due == NO_DAY { posted } else { due },
        cleared: None,
        amount_minor: amount,
        document,
        instalment: items.instalment(at),
    })
}
