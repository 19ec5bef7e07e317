//! Which invoices does a ledger hold, and when was each paid, as known on the day of a view?
//!
//! Only what counts by the view's day, and is known by the day it was narrowed to, is read. An invoice is paid on the day
//! on which the last credit came that closes it, also where that was matched later; that it is paid is known from the match on. One
//! that was cancelled says nothing about payment and is left out. One in instalments is as many invoices as the schedule in force has instalments, posted when that came into
//! force; an instalment that was settled before then is none.

use std::collections::BTreeMap;

use super::book::{Book, Invoice};
use super::dealings::{PartPaid, Scheduled};
use super::gather::dealings;
use super::math::hash;
use super::policy::PredictionPolicy;
use crate::ledger::View;
use crate::ledger::layers::NONE;
use crate::ledger::schedule::{in_force, left};
use crate::ledger::store::{DocumentKind, InstalmentFact, Leg, NO_DAY};

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
            let in_scope = view.scope.as_ref().is_none_or(|scope| scope.accounts.binary_search(account).is_ok());
            if *effective > stood || *recorded > known_on || *amount <= 0 || !in_scope || !is_paid_for(*kind) {
                continue;
            }
            let document = piece.start.wrapping_add(row);
            if store.instalments.of(document).next().is_some() {
                let schedule = in_force(store, document, stood, known_on);
                if !schedule.is_empty() {
                    let whole = Invoice {
                        key: key(view, *account),
                        customer: store.account(*account).customer,
                        posted: *effective,
                        due: *effective,
                        cleared: None,
                        amount_minor: *amount,
                        document,
                        instalment: 0,
                        known: None,
                    };
                    invoices.extend(instalments(view, &whole, &schedule));
                    continue;
                }
            }
            let Some(legs) = holding(view, document, *effective) else { continue };
            let cleared = cleared(&legs, *amount);
            let known = cleared.map(|day| known(view, &legs, *recorded, day));
            invoices.push(Invoice {
                key: key(view, *account),
                customer: store.account(*account).customer,
                posted: *effective,
                due: if *due == NO_DAY { *effective } else { *due },
                cleared: cleared.map(|day| day.max(*effective)),
                amount_minor: *amount,
                document,
                instalment: 0,
                known,
            });
        }
    }
    invoices.sort_unstable();
    invoices
}

/// What stands for the customer of an account, whatever number it has in this ledger.
fn key(view: &View, account: u32) -> u64 {
    hash(view.store.customer_ids.text(view.store.account(account).customer))
}

/// The instalments of a document, each as an invoice; none when the document is cancelled.
fn instalments(view: &View, whole: &Invoice, schedule: &[InstalmentFact]) -> Vec<Invoice> {
    let posted = since(view, whole.posted, schedule);
    let Some(legs) = holding(view, whole.document, posted) else { return Vec::new() };
    let days = left_by_day(&legs, whole.amount_minor, schedule);
    let recorded = recorded(view, whole.document);
    let mut found = Vec::new();
    for (at, fact) in schedule.iter().enumerate() {
        let cleared = nothing_left(&days, at);
        if fact.amount > 0 && cleared.is_none_or(|day| day >= posted) {
            let (due, amount_minor, instalment) = (fact.due, fact.amount, fact.number);
            let known = cleared.map(|day| known(view, &legs, recorded, day));
            found.push(Invoice { posted, due, cleared, amount_minor, instalment, known, ..*whole });
        }
    }
    found
}

/// The day on which a document was recorded.
pub(super) fn recorded(view: &View, document: u32) -> i32 {
    let found = view.store.documents.find(document).and_then(|(piece, row)| piece.recorded.get(row).copied());
    found.unwrap_or(i32::MAX)
}

/// From when on a leg of a document is known that was recorded on a day.
pub(super) fn leg_known(view: &View, leg: &Leg, recorded: i32) -> i32 {
    if leg.recorded > recorded { leg.effective.max(leg.recorded.min(view.stood_on())) } else { leg.effective }
}

/// From when on it is known what was settled by a day: once all of it was matched and recorded. What was recorded no later than the
/// document itself, as history that is taken in with it is, counts from its own day.
fn known(view: &View, legs: &[(i32, Leg)], recorded: i32, day: i32) -> i32 {
    let settles = legs.iter().filter(|(on, leg)| leg.amount > 0 && *on <= day);
    settles.map(|(_, leg)| leg_known(view, leg, recorded)).fold(day, i32::max)
}

/// What settles a document, each with its day, rising.
fn counted(view: &View, document: u32) -> Vec<(i32, Leg)> {
    let legs = view.store.legs.of(document).filter(|leg| view.counted(leg.effective, leg.recorded));
    let mut legs: Vec<(i32, Leg)> = legs.map(|leg| (leg.effective, leg)).collect();
    legs.sort_by_key(|(day, _)| *day);
    legs
}

/// What settles a document and is not taken back, each with the day on which its credit came where that is before the match, but not
/// before `posted`; rising. None for a cancelled document.
fn holding(view: &View, document: u32, posted: i32) -> Option<Vec<(i32, Leg)>> {
    let mut legs = counted(view, document);
    if legs.iter().any(|(_, leg)| leg.allocation == NONE) {
        return None;
    }
    // Nearly always nothing was ever taken back.
    if legs.iter().any(|(_, leg)| leg.amount < 0) {
        let mut held: BTreeMap<u32, i128> = BTreeMap::new();
        for (_, leg) in &legs {
            let sum = held.entry(leg.allocation).or_default();
            *sum = sum.saturating_add(leg.amount.into());
        }
        legs.retain(|(_, leg)| held.get(&leg.allocation).is_some_and(|sum| *sum > 0));
    }
    as_received(view, &mut legs, posted);
    Some(legs)
}

/// Moves each leg to the day on which its credit came, where that is before the match, but not before `posted`.
fn as_received(view: &View, legs: &mut [(i32, Leg)], posted: i32) {
    for (day, leg) in legs.iter_mut().filter(|(_, leg)| leg.amount > 0) {
        let received = view.received_on(leg.allocation).unwrap_or(*day);
        *day = (*day).min(received.max(posted));
    }
    legs.sort_by_key(|(day, _)| *day);
}

/// The day from which a schedule is in force as far as was known, not before the document was posted.
fn since(view: &View, posted: i32, schedule: &[InstalmentFact]) -> i32 {
    let known = schedule.iter().map(|fact| fact.effective.max(fact.recorded.min(view.stood_on()))).max();
    known.unwrap_or(posted).max(posted)
}

/// What is left of each instalment of a document of an amount after each day on which something was settled.
fn left_by_day(legs: &[(i32, Leg)], amount: i64, schedule: &[InstalmentFact]) -> Vec<(i32, Vec<i128>)> {
    let (mut named, mut unnamed): (Vec<(u32, i128)>, i128) = (Vec::new(), 0);
    let mut days = Vec::new();
    for of_day in legs.chunk_by(|(one, _), (next, _)| one == next) {
        for (_, leg) in of_day {
            let amount = i128::from(leg.amount);
            match named.iter_mut().find(|(number, _)| *number == leg.instalment) {
                _ if leg.instalment == 0 => unnamed = unnamed.saturating_add(amount),
                Some((_, sum)) => *sum = sum.saturating_add(amount),
                None => named.push((leg.instalment, amount)),
            }
        }
        let day = of_day.first().map_or(0, |(day, _)| *day);
        days.push((day, left(schedule, amount, &named, unnamed)));
    }
    days
}

/// Since when nothing is left of an instalment, if so.
fn nothing_left(days: &[(i32, Vec<i128>)], at: usize) -> Option<i32> {
    let mut cleared = None;
    for (day, left) in days {
        cleared = if left.get(at).is_some_and(|left| *left == 0) { cleared.or(Some(*day)) } else { None };
    }
    cleared
}

/// Since when nothing of an invoice that a view asked about is open, if so, by all that another knows; none when it is cancelled.
/// An instalment is taken as the view had it, whatever schedule is in force since.
pub(crate) fn paid_since(truth: &View, view: &View, invoice: &Invoice) -> Option<Option<i32>> {
    let document = invoice.document;
    let legs = holding(truth, document, invoice.posted)?;
    if invoice.instalment == 0 {
        return Some(cleared(&legs, invoice.amount_minor));
    }
    let (piece, row) = view.store.documents.find(document)?;
    let schedule = in_force(&view.store, document, view.stood_on(), view.known_on);
    let days = left_by_day(&legs, *piece.amount.get(row)?, &schedule);
    let at = schedule.iter().position(|fact| fact.number == invoice.instalment)?;
    Some(nothing_left(&days, at))
}

/// Since when nothing of a document of an amount is open, if so.
fn cleared(legs: &[(i32, Leg)], amount: i64) -> Option<i32> {
    let mut settled = 0_i64;
    let mut cleared = None;
    for (day, leg) in legs {
        let before = settled;
        settled = settled.wrapping_add(leg.amount);
        if settled < amount {
            cleared = None;
        } else if before < amount {
            cleared = Some(*day);
        }
    }
    cleared
}

/// The book of a view.
pub(crate) fn book(view: &View, invoices: &[Invoice], policy: &PredictionPolicy) -> Book {
    let mut book = Book::new(invoices, &policy.holidays(), view.stood_on().saturating_add(1));
    book.dealings = dealings(view, &book.banking);
    book.dealings.parts = invoices.iter().filter(|one| one.instalment == 0).flat_map(|one| parts(view, one)).collect();
    schedules(view, invoices, &mut book);
    book.dealings.sort();
    book
}

/// What was paid of an invoice by each day on which something of it came, when it was ever paid in part.
fn parts(view: &View, invoice: &Invoice) -> Vec<(u32, PartPaid)> {
    let mut legs = counted(view, invoice.document);
    // Most invoices are paid at once.
    if legs.len() < 2 && legs.iter().all(|(_, leg)| leg.amount >= invoice.amount_minor) {
        return Vec::new();
    }
    as_received(view, &mut legs, invoice.posted);
    let recorded = recorded(view, invoice.document);
    let (mut settled, mut parts) = (0_i64, Vec::new());
    for of_day in legs.chunk_by(|one, next| one.0 == next.0) {
        settled = of_day.iter().fold(settled, |sum, (_, leg)| sum.saturating_add(leg.amount));
        let day = of_day.first().map_or(0, |(day, _)| *day);
        let share = settled as f32 / invoice.amount_minor.max(1) as f32;
        let known = known(view, &legs, recorded, day);
        parts.push((invoice.document, PartPaid { known, day, instalment: invoice.instalment, share }));
    }
    if parts.iter().any(|(_, one)| one.is_part()) { parts } else { Vec::new() }
}

/// The schedules in force, and what was paid of their instalments in part.
fn schedules(view: &View, invoices: &[Invoice], book: &mut Book) {
    let mut wholes: Vec<Invoice> = invoices.iter().filter(|one| one.instalment != 0).copied().collect();
    wholes.sort_by_key(|one| one.document);
    wholes.dedup_by_key(|one| one.document);
    for mut whole in wholes {
        let document = whole.document;
        let found = view.store.documents.find(document).and_then(|(piece, row)| piece.amount.get(row).copied());
        whole.amount_minor = found.unwrap_or_default();
        let schedule = in_force(&view.store, document, view.stood_on(), view.known_on);
        let is_plan = schedule.iter().any(|fact| fact.plan != NONE);
        book.dealings.schedules.push((document, Scheduled { instalments: schedule.len(), is_plan }));
        let mut legs = counted(view, document);
        as_received(view, &mut legs, whole.posted);
        let days = left_by_day(&legs, whole.amount_minor, &schedule);
        let recorded = recorded(view, document);
        for (at, fact) in schedule.iter().enumerate() {
            let parts = days.iter().map(|(day, left)| {
                let paid = i128::from(fact.amount).saturating_sub(left.get(at).copied().unwrap_or_default());
                let share = paid as f32 / fact.amount.max(1) as f32;
                let known = known(view, &legs, recorded, *day);
                (document, PartPaid { known, day: *day, instalment: fact.number, share })
            });
            let parts: Vec<(u32, PartPaid)> = parts.collect();
            if parts.iter().any(|(_, one)| one.is_part()) {
                book.dealings.parts.extend(parts);
            }
        }
    }
}

/// Of an open item: its invoice as asked about; none when it is no debt of a kind that is paid for.
pub(crate) fn item(view: &View, at: usize) -> Option<Invoice> {
    let items = &view.items;
    let (account, due, open) = (*items.account.get(at)?, *items.due.get(at)?, *items.open.get(at)?);
    let document = *items.document.get(at)?;
    let (piece, row) = view.store.documents.find(document)?;
    let posted = *piece.effective.get(row)?;
    let kind = *piece.kind.get(row)?;
    let instalment = items.instalment(at);
    let (mut posted, mut amount) = (posted, *piece.amount.get(row)?);
    if instalment != 0 {
        let schedule = in_force(&view.store, document, view.stood_on(), view.known_on);
        posted = since(view, posted, &schedule);
        amount = schedule.iter().find(|fact| fact.number == instalment).map_or(open, |fact| fact.amount);
    }
    (open > 0 && is_paid_for(kind)).then(|| Invoice {
        key: key(view, account),
        customer: view.store.account(account).customer,
        posted,
        due: if due == NO_DAY { posted } else { due },
        cleared: None,
        amount_minor: amount,
        document,
        instalment,
        known: None,
    })
}
