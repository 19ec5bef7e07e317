//! What stands beside documents: write-offs and discounts, promises, disputes; and who owes how much.

use super::groups::{NO_GROUP, account_of};
use super::registry::Kpi;
use super::sums::{Pass, Sums, add, base_missing, too_large};
use crate::ledger::View;
use crate::ledger::layers::{NONE, place};
use crate::ledger::promises::Settled;
use crate::ledger::store::{DifferenceKind, NO_BASE, PromiseFact};
use crate::money::{Minor, Rounding, multiply_divide};
use crate::problem::Refused;

/// Promises whose day passed in the window.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Promises {
    pub due: i128,
    pub kept: i128,
    pub partly: i128,
    pub amount: i128,
    pub settled: i128,
}

/// Disputes of the window.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Disputes {
    pub closed: i128,
    pub days: i128,
    /// What was disputed of debits.
    pub raised: i128,
}

/// The customers of a group.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Customers {
    pub top: i128,
    pub sum: i128,
    pub squares: i128,
}

impl Pass<'_> {
    fn is_in_window(&self, day: i32) -> bool {
        self.periods.of(day).is_some_and(|period| period < self.months)
    }

    /// A part of a document in the currency of the figures.
    fn part_of(&self, document: u32, part: Minor) -> Result<i128, Refused> {
        if !self.in_base() {
            return Ok(part.into());
        }
        let found = self.view.store.documents.find(document);
        let (Some(base), Some(whole)) = (
            found.and_then(|(piece, row)| piece.base.get(row).copied()).filter(|base| *base != NO_BASE),
            found.and_then(|(piece, row)| piece.amount.get(row).copied()),
        ) else {
            return Err(base_missing());
        };
        if whole == 0 {
            return Ok(0);
        }
        let part = multiply_divide(base.into(), part.into(), whole.into(), Rounding::HalfAwayFromZero);
        part.ok_or_else(too_large)
    }
}

/// Write-offs and discounts of the window that are not taken back.
pub(super) fn differences(pass: &Pass<'_>, sums: &mut Sums) -> Result<(), Refused> {
    let (view, store) = (pass.view, &pass.view.store);
    let asks = |kpi: Kpi| pass.policy.kpis.contains(&kpi);
    let (of_write_offs, of_discounts) =
        (asks(Kpi::BadDebtRatio), asks(Kpi::DiscountTaken) || asks(Kpi::DiscountEarnedShare));
    sums.written_off = vec![0; pass.groups.count];
    sums.discounts = vec![0; pass.groups.count];
    sums.discounts_earned = vec![0; pass.groups.count];
    for difference in store.differences.all() {
        let is_discount = matches!(difference.kind, DifferenceKind::Discount | DifferenceKind::DiscountTax);
        // What no figure is made from needs no base amount.
        let is_asked =
            if is_discount { of_discounts } else { of_write_offs && difference.kind == DifferenceKind::WriteOff };
        if !is_asked {
            continue;
        }
        let Some(fact) = store.allocations.get(difference.number) else { continue };
        if !pass.is_in_window(fact.effective) || !view.holds(difference.number, fact) {
            continue;
        }
        for side in fact.sides() {
            let group = pass.groups.of(side.document, account_of(view, side.document));
            if group == NO_GROUP {
                continue;
            }
            let below = side.document == fact.credit;
            let figure = if pass.in_base() { side.base } else { side.amount };
            if figure == NO_BASE {
                return Err(base_missing());
            }
            let figure = if below { i128::from(figure).wrapping_neg() } else { figure.into() };
            if !is_discount {
                add(&mut sums.written_off, group, figure);
                continue;
            }
            add(&mut sums.discounts, group, figure);
            if view.offers(side.document).iter().any(|tier| tier.until >= fact.effective) {
                add(&mut sums.discounts_earned, group, figure);
            }
        }
    }
    Ok(())
}

/// Promises whose day, with the tolerance, passed in the window, and what was settled of them in time.
pub(super) fn promises(pass: &Pass<'_>) -> Result<Vec<Promises>, Refused> {
    let (view, store) = (pass.view, &pass.view.store);
    let mut all = vec![Promises::default(); pass.groups.count];
    let mut came: Option<Settled> = None;
    for fact in store.promises.all() {
        let until = i64::from(fact.promised).saturating_add(pass.policy.tolerance_days.into());
        let until = i32::try_from(until).unwrap_or(i32::MAX);
        if !view.counted(fact.effective, fact.recorded) || !pass.is_in_window(until.saturating_add(1)) {
            continue;
        }
        let ended = |end: &crate::ledger::store::ClosingFact| end.effective <= until && end.recorded <= view.known_on;
        if store.closings.of(fact.id).any(ended) {
            continue;
        }
        let Some(group) = group_of(pass, fact) else { continue };
        let settled = came.get_or_insert_with(|| view.settled_promises(pass.policy.tolerance_days)).of(fact);
        if let Some(slot) = all.get_mut(place(group)) {
            let kept = settled == i128::from(fact.amount);
            slot.due = slot.due.wrapping_add(1);
            slot.kept = slot.kept.wrapping_add(kept.into());
            slot.partly = slot.partly.wrapping_add((!kept && settled > 0).into());
            slot.amount = slot.amount.wrapping_add(fact.amount.into());
            slot.settled = slot.settled.wrapping_add(settled);
        }
    }
    Ok(all)
}

/// The group of a promise: that of its document. Without one it is about the account of the customer's first document in its
/// currency, which nothing later changes. Without a document that counts it counts nowhere: nor has such a group a row.
fn group_of(pass: &Pass<'_>, fact: &PromiseFact) -> Option<u32> {
    let (view, store) = (pass.view, &pass.view.store);
    let group = if fact.document != NONE {
        let (piece, row) = store.documents.find(fact.document)?;
        if !view.counted(*piece.effective.get(row)?, *piece.recorded.get(row)?) {
            return None;
        }
        pass.groups.of(fact.document, account_of(view, fact.document))
    } else {
        pass.groups.of(NONE, first_account(view, fact)?)
    };
    (group != NO_GROUP).then_some(group)
}

/// The account of the customer's first document that counts, in the currency of a promise: by effective day, then by id.
fn first_account(view: &View, fact: &PromiseFact) -> Option<u32> {
    let store = &view.store;
    let mut first: Option<(i32, u32, u32)> = None;
    for held in store.customer_accounts.of(fact.customer) {
        if store.account(held.account).currency != fact.currency {
            continue;
        }
        for piece in store.documents.iter() {
            for row in piece.rows_of(held.account) {
                let at = place(row);
                let Some((day, recorded)) = piece.effective.get(at).zip(piece.recorded.get(at)) else { continue };
                let document = piece.start.wrapping_add(row);
                let is_earlier = |(held, of, _): (i32, u32, u32)| {
                    day.cmp(&held).then_with(|| store.document_id(document).cmp(store.document_id(of))).is_lt()
                };
                if view.counted(*day, *recorded) && first.is_none_or(is_earlier) {
                    first = Some((*day, document, held.account));
                }
            }
        }
    }
    first.map(|(_, _, account)| account)
}

/// Disputes that were closed in the window, and what was disputed in it.
pub(super) fn disputes(pass: &Pass<'_>) -> Result<Vec<Disputes>, Refused> {
    let (view, store) = (pass.view, &pass.view.store);
    let mut all = vec![Disputes::default(); pass.groups.count];
    // What no figure is made from needs no base amount.
    let of_raised = pass.policy.kpis.contains(&Kpi::DaysDeductionsOutstanding);
    for fact in store.disputes.all() {
        if !view.counted(fact.effective, fact.recorded) {
            continue;
        }
        let group = pass.groups.of(fact.document, account_of(view, fact.document));
        if group == NO_GROUP {
            continue;
        }
        let found = store.documents.find(fact.document).and_then(|(piece, row)| {
            let counted = view.counted(*piece.effective.get(row)?, *piece.recorded.get(row)?);
            piece.amount.get(row).copied().filter(|_| counted)
        });
        let Some(whole) = found else { continue };
        let raised = if of_raised && whole > 0 && pass.is_in_window(fact.effective) {
            let part = if fact.amount == NO_BASE { whole } else { fact.amount.min(whole) };
            pass.part_of(fact.document, part)?
        } else {
            0
        };
        let ends = store.closings.of(fact.id).filter(|end| view.counted(end.effective, end.recorded));
        let closed = ends.map(|end| end.effective).min().filter(|day| pass.is_in_window(*day));
        if let Some(slot) = all.get_mut(place(group)) {
            slot.raised = slot.raised.wrapping_add(raised);
            if let Some(day) = closed {
                slot.closed = slot.closed.wrapping_add(1);
                slot.days = slot.days.wrapping_add(i128::from(day).wrapping_sub(fact.effective.into()));
            }
        }
    }
    Ok(all)
}

/// How much the largest customers of each group owe, and how unequal all are.
pub(super) fn customers(pass: &Pass<'_>) -> Result<Vec<Customers>, Refused> {
    let (view, items) = (pass.view, &pass.view.items);
    let base = if pass.in_base() { view.base_open() } else { Vec::new() };
    let amounts: &[Minor] = if pass.in_base() { &base } else { &items.open };
    let mut balances: Vec<(u32, u32, i128)> = Vec::new();
    for ((account, document), open) in items.account.iter().zip(&items.document).zip(amounts) {
        let group = pass.groups.of(*document, *account);
        if group == NO_GROUP {
            continue;
        }
        if *open == NO_BASE {
            return Err(base_missing());
        }
        let customer = view.store.account(*account).customer;
        match balances.last_mut() {
            Some((held, of, sum)) if (*held, *of) == (group, customer) => *sum = sum.wrapping_add((*open).into()),
            _ => balances.push((group, customer, (*open).into())),
        }
    }
    balances.sort_unstable_by_key(|(group, customer, _)| (*group, *customer));
    let mut summed: Vec<(u32, i128)> = Vec::new();
    for one in balances.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let sum = one.iter().fold(0_i128, |sum, (_, _, open)| sum.wrapping_add(*open));
        if let (Some((group, _, _)), true) = (one.first(), sum > 0) {
            summed.push((*group, sum));
        }
    }
    summed.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    let mut all = vec![Customers::default(); pass.groups.count];
    for of_group in summed.chunk_by(|a, b| a.0 == b.0) {
        let Some(slot) = of_group.first().and_then(|(group, _)| all.get_mut(place(*group))) else { continue };
        for (at, (_, balance)) in of_group.iter().enumerate() {
            slot.sum = slot.sum.wrapping_add(*balance);
            if at < place(pass.policy.top) {
                slot.top = slot.top.wrapping_add(*balance);
            }
            let square = balance.checked_mul(*balance).and_then(|square| slot.squares.checked_add(square));
            slot.squares = square.ok_or_else(too_large)?;
        }
    }
    Ok(all)
}
