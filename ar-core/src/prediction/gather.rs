//! Which disputes, promises, notices, part payments and limits does a view know, and since when?

use rustc_hash::FxHashSet;

use super::calendar::BankingDays;
use super::dealings::{Covered, Dealings, Disputed, Limit, Noticed, Outcome, Owed};
use super::history::{is_paid_for, leg_known, recorded};
use super::promises::{came_of_promises, last_day};
use crate::ledger::View;
use crate::ledger::layers::{NONE, place};
use crate::ledger::promises::Settled;
use crate::ledger::store::{Attribute, CreditLineKind, Leg, NO_BASE, NO_DAY, PromiseFact};
use crate::money::Exact;

/// A day after all others.
const NEVER: i32 = i32::MAX;

/// From when on a fact is known that the view counts; all of them on its last day.
fn known(view: &View, effective: i32, recorded: i32) -> i32 {
    effective.max(recorded.min(view.stood_on()))
}

/// When it was known that a matter is closed; never while it is open.
fn closed(view: &View, matter: u32) -> i32 {
    let closings = view.store.closings.of(matter).filter(|fact| view.counted(fact.effective, fact.recorded));
    closings.map(|fact| known(view, fact.effective, fact.recorded)).min().unwrap_or(NEVER)
}

fn share(part: i64, whole: i64) -> f32 {
    (part as f32 / whole.max(1) as f32).clamp(0.0, 1.0)
}

fn amount(view: &View, document: u32) -> i64 {
    let found = view.store.documents.find(document).and_then(|(piece, row)| piece.amount.get(row).copied());
    found.unwrap_or_default()
}

/// All that is known beside payments; part payments are told by the pass over invoices.
pub(super) fn dealings(view: &View, banking: &BankingDays) -> Dealings {
    let store = &view.store;
    let mut found = Dealings::default();
    for fact in store.disputes.all().filter(|fact| view.counted(fact.effective, fact.recorded)) {
        let share = if fact.amount == NO_BASE { 1.0 } else { share(fact.amount, amount(view, fact.document)) };
        let known = known(view, fact.effective, fact.recorded);
        let (since, closed) = (fact.effective, closed(view, fact.id));
        found.disputes.push((fact.document, Disputed { known, since, share, closed }));
    }
    let mut came: Option<Settled> = None;
    for fact in store.promises.all().filter(|fact| view.counted(fact.effective, fact.recorded)) {
        let came =
            came.get_or_insert_with(|| came_of_promises(view, banking, |fact| closed(view, fact.id) < fact.promised));
        promise(view, last_day(banking, fact), came, fact, &mut found);
    }
    notices(view, &mut found);
    limits(view, &mut found);
    found
}

fn promise(view: &View, last: i32, came: &Settled, fact: &PromiseFact, found: &mut Dealings) {
    let store = &view.store;
    let closed = closed(view, fact.id);
    // One that was taken back before its day was neither kept nor broken.
    let withdrawn = closed < fact.promised;
    let is_kept = last <= view.stood_on() && came.kept(fact);
    let kept = if is_kept { kept_on(view, last, came, fact) } else { NEVER };
    if !withdrawn && last <= view.stood_on() {
        found.outcomes.push((fact.customer, Outcome { last, kept }));
    }
    let mut promise = Covered {
        known: known(view, fact.effective, fact.recorded),
        promised: fact.promised,
        last: if withdrawn { NEVER } else { last },
        share: share(fact.amount, amount(view, fact.document)),
        closed,
        kept,
    };
    if fact.document != NONE {
        found.promises.push((fact.document, promise));
        return;
    }
    // Of no document in particular: what was open then, earliest due first.
    let mut open: Vec<(i32, u32, i64, i64)> = Vec::new();
    for held in store.customer_accounts.of(fact.customer) {
        if store.account(held.account).currency == fact.currency {
            each_debt(view, held.account, |document, due, amount| {
                let legs = store.legs.of(document).filter(|leg| view.counted(leg.effective, leg.recorded));
                let recorded = recorded(view, document);
                let known = legs.filter(|leg| leg_known(view, leg, recorded) <= promise.known);
                let settled = known.map(|leg| leg.amount);
                let left = settled.fold(amount, i64::saturating_sub);
                let posted = store.documents.find(document).and_then(|(piece, row)| piece.effective.get(row).copied());
                if left > 0 && posted.is_some_and(|day| day <= promise.known) {
                    open.push((due, document, left, amount));
                }
            });
        }
    }
    open.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| store.document_id(a.1).cmp(store.document_id(b.1))));
    let mut rest = fact.amount;
    for (_, document, left, amount) in open {
        let part = left.min(rest);
        if part <= 0 {
            break;
        }
        rest = rest.saturating_sub(part);
        promise.share = share(part, amount);
        found.promises.push((document, promise.clone()));
    }
}

/// The day on which it was known that a promise was kept, at the latest: once all was recorded that came in its time, of what it is about.
fn kept_on(view: &View, last: i32, came: &Settled, fact: &PromiseFact) -> i32 {
    let (store, within) = (&view.store, fact.effective..=last);
    let mut kept = last;
    let mut settle = |document: u32| {
        let recorded = recorded(view, document);
        let legs = store.legs.of(document).filter(|leg| view.counted(leg.effective, leg.recorded));
        let legs = legs.filter(|leg| within.contains(&leg.effective) && leg.amount > 0);
        kept = legs.map(|leg| leg_known(view, &leg, recorded)).fold(kept, i32::max);
    };
    came.about(fact.document).into_iter().for_each(&mut settle);
    let named = store.documents.find(fact.document).and_then(|(piece, row)| piece.account.get(row).copied());
    let mut accounts: Vec<u32> = named.into_iter().collect();
    if fact.document == NONE {
        accounts = store.customer_accounts.of(fact.customer).map(|held| held.account).collect();
        accounts.retain(|account| store.account(*account).currency == fact.currency);
        accounts.iter().for_each(|account| each_debt(view, *account, |document, _, _| settle(document)));
    }
    // Money on account keeps a promise too.
    for account in accounts {
        for piece in store.documents.iter() {
            for at in piece.rows_of(account).map(place) {
                let columns = (piece.kind.get(at), piece.effective.get(at), piece.recorded.get(at));
                let (Some(kind), Some(day), Some(recorded)) = columns else { continue };
                let is_new = view.counted(*day, *recorded) && *recorded > fact.recorded;
                if kind.is_receipt() && within.contains(day) && is_new {
                    kept = kept.max((*recorded).min(view.stood_on()));
                }
            }
        }
    }
    kept
}

/// Each document of an account that is something to be paid: its number, its due day and its amount.
fn each_debt(view: &View, account: u32, mut take: impl FnMut(u32, i32, i64)) {
    for piece in view.store.documents.iter() {
        for row in piece.rows_of(account) {
            let at = place(row);
            let columns = (piece.amount.get(at), piece.kind.get(at), piece.effective.get(at), piece.recorded.get(at));
            let (Some(amount), Some(kind), Some(posted), Some(recorded)) = columns else { continue };
            if *amount > 0 && is_paid_for(*kind) && view.counted(*posted, *recorded) {
                let due = piece.due.get(at).copied().filter(|due| *due != NO_DAY).unwrap_or(*posted);
                take(piece.start.wrapping_add(row), due, *amount);
            }
        }
    }
}

fn notices(view: &View, found: &mut Dealings) {
    let store = &view.store;
    let mut with_lines: FxHashSet<u32> = FxHashSet::default();
    for line in store.notice_lines.all() {
        with_lines.insert(line.notice);
        // A notice of level 0 tells a clerk, not the customer.
        if line.notice_level > 0 && view.counted(line.effective, line.recorded) {
            let notice = Noticed {
                known: known(view, line.effective, line.recorded),
                sent: line.effective,
                level: line.level,
                instalment: (line.instalment != NONE).then_some(line.instalment),
                closed: closed(view, line.notice),
            };
            found.notices.push((line.document, notice));
        }
    }
    let plain = store.notices.all().filter(|fact| fact.level > 0 && !with_lines.contains(&fact.id));
    for fact in plain.filter(|fact| view.counted(fact.effective, fact.recorded)) {
        let notice = Noticed {
            known: known(view, fact.effective, fact.recorded),
            sent: fact.effective,
            level: fact.level,
            instalment: None,
            closed: closed(view, fact.id),
        };
        if fact.document == NONE {
            found.customer_notices.push((fact.customer, notice));
        } else {
            found.notices.push((fact.document, notice));
        }
    }
}

/// Limits of customers by attribute and by credit line of all companies, and what those customers owed.
fn limits(view: &View, found: &mut Dealings) {
    let store = &view.store;
    let attributes = store.changes.all().filter(|change| change.attribute == Attribute::Limit);
    for change in attributes.filter(|change| view.counted(change.effective, change.recorded)) {
        let told = if change.value == NONE { None } else { limit_of(view, store.texts.text(change.value)) };
        let limit = Limit {
            known: known(view, change.effective, change.recorded),
            until: change.until,
            closed: NEVER,
            currency: told.map_or(NONE, |(currency, _)| currency),
            amount: told.map(|(_, amount)| amount),
            replaced: true,
        };
        found.limits.push((change.customer, limit));
    }
    let lines = store.credit_lines.all().filter(|fact| fact.kind == CreditLineKind::Limit && fact.customer != NONE);
    for fact in lines.filter(|fact| fact.company == NONE && view.counted(fact.effective, fact.recorded)) {
        let limit = Limit {
            known: known(view, fact.effective, fact.recorded),
            until: fact.until,
            closed: closed(view, fact.id),
            currency: fact.currency,
            amount: (fact.amount != NO_BASE).then_some(fact.amount),
            replaced: false,
        };
        found.limits.push((fact.customer, limit));
    }
    let mut customers: Vec<u32> = found.limits.iter().map(|(customer, _)| *customer).collect();
    customers.sort_unstable();
    customers.dedup();
    for customer in customers {
        let mut moves: Vec<(u32, i32, i64)> = Vec::new();
        for held in store.customer_accounts.of(customer) {
            let currency = store.account(held.account).currency;
            each_debt(view, held.account, |document, _, amount| {
                let posted = store.documents.find(document).and_then(|(piece, row)| piece.effective.get(row).copied());
                moves.extend(posted.map(|day| (currency, day, amount)));
                let legs = store.legs.of(document).filter(|leg| view.counted(leg.effective, leg.recorded));
                let recorded = recorded(view, document);
                let moved = |leg: Leg| (currency, leg_known(view, &leg, recorded), leg.amount.saturating_neg());
                moves.extend(legs.map(moved));
            });
        }
        moves.sort_unstable();
        for of_currency in moves.chunk_by(|one, next| one.0 == next.0) {
            let mut sum = 0_i64;
            for of_day in of_currency.chunk_by(|one, next| one.1 == next.1) {
                sum = of_day.iter().fold(sum, |sum, (_, _, amount)| sum.saturating_add(*amount));
                let day = of_day.first().map(|(currency, day, _)| (*currency, *day));
                found.owed.extend(day.map(|(currency, day)| (customer, Owed { currency, day, amount: sum })));
            }
        }
    }
}

/// A limit as an attribute writes it: an amount, and its currency where it is not the ledger's base currency.
fn limit_of(view: &View, text: &str) -> Option<(u32, i64)> {
    let store = &view.store;
    let (amount, code) = match text.split_once(' ') {
        Some((amount, code)) => (amount, Some(code)),
        None => (text, store.settings.base_currency.as_deref()),
    };
    let number = store.currency_number(code?)?;
    let exponent = store.currency(number)?.exponent;
    Some((number, Exact::parse(amount).ok()?.to_minor(exponent).ok()?))
}
