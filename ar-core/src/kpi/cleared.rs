//! How long do invoices take? What was invoiced in the window, and what was cleared in it, document by document.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::family::Family;
use super::groups::NO_GROUP;
use super::policy::Early;
use super::registry::Kpi;
use super::sums::{Pass, Sums};
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::schedule;
use crate::ledger::store::{DocumentKind, NO_BASE, NO_DAY};
use crate::money::Minor;
use crate::problem::Refused;

/// What was invoiced.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Invoiced {
    pub amount: i128,
    /// Amounts times the days that they were, or are, open.
    pub open_days: i128,
    /// Of those with a due date.
    pub due_amount: i128,
    pub terms_days: i128,
}

/// What was cleared.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cleared {
    pub count: i128,
    pub days: i128,
    pub amount: i128,
    pub amount_days: i128,
    /// Of those that count in days late.
    pub late_count: i128,
    pub late_days: i128,
    pub late_amount: i128,
    pub late_amount_days: i128,
}

/// What settled a document until the day.
#[derive(Debug, Clone, Copy)]
struct Settled {
    amount: i128,
    /// In the currency of the figures.
    figure: i128,
    /// That times the day on which it was settled.
    figure_days: i128,
    last: i32,
}

const NOTHING: Settled = Settled { amount: 0, figure: 0, figure_days: 0, last: i32::MIN };

/// Sums up both.
pub(super) fn sum(pass: &Pass<'_>, sums: &mut Sums) -> Result<(), Refused> {
    sums.invoiced = vec![Invoiced::default(); pass.groups.count];
    sums.cleared = vec![Cleared::default(); pass.groups.count];
    each(pass, |group, facts, is_new, cleared_on| {
        if is_new && let Some(slot) = sums.invoiced.get_mut(place(group)) {
            facts.add_invoiced(slot, pass.view.day().number());
        }
        if let (Some(day), Some(slot)) = (cleared_on, sums.cleared.get_mut(place(group))) {
            facts.add_cleared(slot, day, pass.policy.early);
        }
    })
}

/// By group and days from the document's date to the day on which it was cleared: how many were, in order.
pub(super) fn days_to_pay(pass: &Pass<'_>) -> Result<BTreeMap<(u32, i128), u64>, Refused> {
    let mut found = BTreeMap::new();
    each(pass, |group, facts, _, cleared_on| {
        if let Some(day) = cleared_on {
            let many: &mut u64 = found.entry((group, between(facts.issued, day))).or_default();
            *many = many.saturating_add(1);
        }
    })?;
    Ok(found)
}

/// Each document that was invoiced in the window, or cleared in it: its group, whether it is new, and when it was cleared.
fn each(pass: &Pass<'_>, mut take: impl FnMut(u32, &Facts, bool, Option<i32>)) -> Result<(), Refused> {
    let mut settled = settled(pass);
    let left_of = with_left_overs(pass, &mut settled);
    let view = pass.view;
    let (invoiced, cleared) = (pass.policy.needs(Family::Invoiced), pass.policy.needs(Family::Cleared));
    for piece in view.store.documents.iter() {
        let columns = piece.account.iter().zip(&piece.effective).zip(&piece.recorded).zip(&piece.kind);
        for (row, (((account, effective), recorded), kind)) in columns.enumerate() {
            let document = piece.start.wrapping_add(count(row));
            if !matches!(kind, DocumentKind::Invoice | DocumentKind::DebitNote)
                || !view.counted(*effective, *recorded)
                || !pass.is_new(document)
            {
                continue;
            }
            let group = pass.groups.of(document, *account);
            let is_in_window = |day: i32| pass.periods.of(day).is_some_and(|period| period < pass.months);
            let own = settled.get(place(document)).copied().unwrap_or(NOTHING);
            let whole = piece.amount.get(row).copied().unwrap_or(0);
            let is_new = invoiced && is_in_window(*effective);
            // The last leg is never before the last change.
            let is_settled = cleared && whole > 0 && own.amount == i128::from(whole);
            let first = pass.periods.end(pass.months);
            let parts = || std::iter::once(&document).chain(left_of.get(&document).into_iter().flatten());
            let last_of_all = || parts().filter_map(|part| last_change(pass, *part)).max();
            let cleared_on = (is_settled && own.last > first).then(last_of_all).flatten();
            let is_paid = || parts().any(|part| is_paid_with_money(pass, *part));
            let cleared_on = cleared_on.filter(|day| is_in_window(*day) && is_paid());
            if group == NO_GROUP || !(is_new || cleared_on.is_some()) {
                continue;
            }
            let mut facts = Facts {
                amount: 0,
                issued: piece.document_date.get(row).copied().unwrap_or(0),
                due: due_of(pass, document, piece.due.get(row).copied().unwrap_or(NO_DAY)),
                settled: own,
            };
            // What no figure is made from needs no base amount.
            if !pass.in_base() || facts.are_weighed(pass, is_new, cleared_on) {
                facts.amount = pass.amount(piece, row)?;
            }
            take(group, &facts, is_new, cleared_on);
        }
    }
    Ok(())
}

/// By document what settled it until the day.
fn settled(pass: &Pass<'_>) -> Vec<Settled> {
    let view = pass.view;
    let mut settled = vec![NOTHING; place(view.store.documents.len())];
    for legs in view.store.legs.iter() {
        let figures = if pass.in_base() { &legs.base } else { &legs.amount };
        let columns = legs.document.iter().zip(&legs.effective).zip(&legs.recorded).zip(&legs.amount).zip(figures);
        for ((((document, effective), recorded), amount), figure) in columns {
            if !view.counted(*effective, *recorded) {
                continue;
            }
            if let Some(slot) = settled.get_mut(place(*document)) {
                let figure = if *figure == NO_BASE { 0 } else { i128::from(*figure) };
                slot.amount = slot.amount.wrapping_add((*amount).into());
                slot.figure = slot.figure.wrapping_add(figure);
                slot.figure_days = slot.figure_days.wrapping_add(figure.wrapping_mul((*effective).into()));
                slot.last = slot.last.max(*effective);
            }
        }
    }
    settled
}

/// What residuals left of a document is a part of it: it is settled when that is, and by what settles that. By document all that
/// is left of it.
fn with_left_overs(pass: &Pass<'_>, settled: &mut [Settled]) -> FxHashMap<u32, Vec<u32>> {
    let (view, store) = (pass.view, &pass.view.store);
    let mut parts: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    let whole = view.left_overs().into_whole();
    let mut left: Vec<(u32, u32)> = whole.iter().map(|(document, (above, _))| (*document, *above)).collect();
    left.sort_unstable();
    for (document, above) in left {
        let moved = store.residuals.of(document).next().map(|moved| moved.difference);
        let Some((number, fact)) = moved.and_then(|number| Some((number, store.allocations.get(number)?))) else {
            continue;
        };
        let Some(side) = fact.sides().find(|side| side.document == above) else { continue };
        if !view.holds(number, fact) {
            continue;
        }
        let mut first = above;
        while let Some((above, _)) = whole.get(&first) {
            first = *above;
        }
        let own = settled.get(place(document)).copied().unwrap_or(NOTHING);
        let figure = if pass.in_base() { side.base } else { side.amount };
        let figure = if figure == NO_BASE { 0 } else { i128::from(figure) };
        if let Some(slot) = settled.get_mut(place(first)) {
            slot.amount = slot.amount.wrapping_add(own.amount).wrapping_sub(side.amount.into());
            slot.figure = slot.figure.wrapping_add(own.figure).wrapping_sub(figure);
            let moved = figure.wrapping_mul(fact.effective.into());
            slot.figure_days = slot.figure_days.wrapping_add(own.figure_days).wrapping_sub(moved);
            slot.last = slot.last.max(own.last);
        }
        parts.entry(first).or_default().push(document);
    }
    parts
}

/// The last day on which what is settled of a document changed.
fn last_change(pass: &Pass<'_>, document: u32) -> Option<i32> {
    let legs = pass.view.store.legs.of(document).filter(|leg| pass.view.counted(leg.effective, leg.recorded));
    let mut moves: Vec<(i32, i128)> = legs.map(|leg| (leg.effective, leg.amount.into())).collect();
    moves.sort_unstable_by_key(|(day, _)| *day);
    let days = moves.chunk_by(|a, b| a.0 == b.0).rev();
    // An end that was moved leaves legs that cancel each other.
    let changed = |day: &&[(i32, i128)]| day.iter().fold(0_i128, |sum, (_, amount)| sum.wrapping_add(*amount)) != 0;
    days.into_iter().find(changed).and_then(|day| day.first()).map(|(day, _)| *day)
}

/// Whether a payment or an advance is allocated to it.
fn is_paid_with_money(pass: &Pass<'_>, document: u32) -> bool {
    let store = &pass.view.store;
    let is_money = |credit: u32| {
        let kind = store.documents.find(credit).and_then(|(piece, row)| piece.kind.get(row));
        credit != NONE && kind.is_some_and(|kind| kind.is_receipt())
    };
    store.legs.of(document).filter(|leg| leg.allocation != NONE).any(|leg| {
        let allocation = store.allocations.get(leg.allocation);
        allocation.is_some_and(|fact| is_money(fact.credit) && pass.view.holds(leg.allocation, fact))
    })
}

/// When a document falls due: the last day of a schedule in force, else its own.
fn due_of(pass: &Pass<'_>, document: u32, own: i32) -> i32 {
    let view = pass.view;
    let schedule = schedule::in_force(&view.store, document, view.stood_on(), view.known_on);
    schedule.iter().map(|one| one.due).max().unwrap_or(own)
}

/// What is asked of a document.
struct Facts {
    amount: Minor,
    issued: i32,
    due: i32,
    settled: Settled,
}

fn between(from: i32, to: i32) -> i128 {
    i128::from(to).wrapping_sub(i128::from(from))
}

impl Facts {
    /// Whether a figure that is asked for is made from the document's amount.
    fn are_weighed(&self, pass: &Pass<'_>, is_new: bool, cleared_on: Option<i32>) -> bool {
        let asks = |kpi: Kpi| pass.policy.kpis.contains(&kpi);
        let is_due = self.due != NO_DAY;
        let counts = |day: i32| is_due && (pass.policy.early != Early::LeftOut || day > self.due);
        (is_new && (asks(Kpi::DsoTrue) || (is_due && (asks(Kpi::PaymentTermsDays) || asks(Kpi::ExtendedDso)))))
            || (cleared_on.is_some() && asks(Kpi::DaysToPayWeighted))
            || (cleared_on.is_some_and(counts) && asks(Kpi::DaysLateWeighted))
    }

    // Amounts are below 2^63 and days below 2^23, so that no sum of fewer than 2^32 products leaves 128 bits.
    fn add_invoiced(&self, into: &mut Invoiced, day: i32) {
        let amount = i128::from(self.amount);
        into.amount = into.amount.wrapping_add(amount);
        let settled = self.settled.figure_days.wrapping_sub(self.settled.figure.wrapping_mul(self.issued.into()));
        let open = amount.wrapping_sub(self.settled.figure).wrapping_mul(between(self.issued, day));
        into.open_days = into.open_days.wrapping_add(settled).wrapping_add(open);
        if self.due != NO_DAY {
            into.due_amount = into.due_amount.wrapping_add(amount);
            into.terms_days = into.terms_days.wrapping_add(amount.wrapping_mul(between(self.issued, self.due)));
        }
    }

    fn add_cleared(&self, into: &mut Cleared, day: i32, early: Early) {
        let amount = i128::from(self.amount);
        let days = between(self.issued, day);
        into.count = into.count.wrapping_add(1);
        into.days = into.days.wrapping_add(days);
        into.amount = into.amount.wrapping_add(amount);
        into.amount_days = into.amount_days.wrapping_add(amount.wrapping_mul(days));
        if self.due == NO_DAY {
            return;
        }
        let late = match (early, between(self.due, day)) {
            (Early::Negative, late) => late,
            (Early::Zero, late) => late.max(0),
            (Early::LeftOut, late) if late <= 0 => return,
            (Early::LeftOut, late) => late,
        };
        into.late_count = into.late_count.wrapping_add(1);
        into.late_days = into.late_days.wrapping_add(late);
        into.late_amount = into.late_amount.wrapping_add(amount);
        into.late_amount_days = into.late_amount_days.wrapping_add(amount.wrapping_mul(late));
    }
}
