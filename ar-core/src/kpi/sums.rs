//! The sums that figures are made from, by group: exact whole numbers of minor units, days and counts, which add up.

use super::cleared;
use super::family::Family;
use super::groups::{Groups, NO_GROUP};
use super::matters;
use super::policy::{Counted, CreditNotes, KpiCurrency, KpiPolicy, SalesAmount};
use super::registry::Kpi;
use super::window::Periods;
use crate::ledger::View;
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::store::{DocumentKind, Documents, NO_BASE};
use crate::money::{Minor, Rounding, multiply_divide};
use crate::problem::{Problem, Refused};
use rustc_hash::FxHashSet;

/// Sums by group; empty where the policy does not ask.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// Whether it has a document that counts.
    pub present: Vec<bool>,
    pub receivables: Vec<i128>,
    pub overdue: Vec<i128>,
    pub at_risk: Vec<i128>,
    /// Open items above zero.
    pub debits: Vec<i128>,
    /// Open payments and advances, above zero.
    pub unapplied: Vec<i128>,
    /// Disputed parts of open items above zero.
    pub disputed: Vec<i128>,
    /// By group and period, as [`Periods::width`] has them.
    pub sales: Vec<i128>,
    /// The day of the first sale; `i32::MAX` for none.
    pub first_sale: Vec<i32>,
    /// Receivables at the end of each period of the window and before it, by group.
    pub ends: Vec<i128>,
    pub invoiced: Vec<cleared::Invoiced>,
    pub cleared: Vec<cleared::Cleared>,
    pub written_off: Vec<i128>,
    pub discounts: Vec<i128>,
    pub discounts_earned: Vec<i128>,
    pub promises: Vec<matters::Promises>,
    pub disputes: Vec<matters::Disputes>,
    pub customers: Vec<matters::Customers>,
}

/// What every pass is about.
pub(super) struct Pass<'a> {
    pub view: &'a View,
    pub policy: &'a KpiPolicy,
    pub groups: &'a Groups,
    pub periods: &'a Periods,
    /// Documents cancelled by the day.
    pub cancelled: FxHashSet<u32>,
    /// Periods of the window.
    pub months: usize,
}

pub(super) fn base_missing() -> Refused {
    Problem::new("base_amount_missing", "expected a base amount of every document that a figure is made from").into()
}

pub(super) fn add(sums: &mut [i128], group: u32, amount: i128) {
    if let Some(slot) = sums.get_mut(group as usize) {
        // Fewer than 2^32 amounts of less than 2^63 each.
        *slot = slot.wrapping_add(amount);
    }
}

impl Sums {
    /// Everything that the policy asks for.
    pub(super) fn of(view: &View, policy: &KpiPolicy, groups: &Groups, periods: &Periods) -> Result<Self, Refused> {
        let ended = view.store.cancellations.all().filter(|end| view.counted(end.effective, end.recorded));
        let cancelled = ended.map(|end| end.document).collect();
        let months = place(policy.months);
        let pass = Pass { view, policy, groups, periods, cancelled, months };
        let mut sums = Self { present: vec![false; groups.count], ..Self::default() };
        pass.documents(&mut sums)?;
        if policy.needs(Family::Items) || policy.needs(Family::Disputed) {
            pass.items(&mut sums)?;
        }
        if policy.needs(Family::Moves) {
            pass.legs(&mut sums)?;
        }
        if policy.needs(Family::Customers) {
            sums.customers = matters::customers(&pass)?;
        }
        if policy.needs(Family::Invoiced) || policy.needs(Family::Cleared) {
            cleared::sum(&pass, &mut sums)?;
        }
        if policy.needs(Family::Differences) {
            matters::differences(&pass, &mut sums)?;
        }
        if policy.needs(Family::Promises) {
            sums.promises = matters::promises(&pass)?;
        }
        if policy.needs(Family::Disputes) {
            sums.disputes = matters::disputes(&pass)?;
        }
        Ok(sums)
    }
}

/// Whether a document of such a kind is a sale.
fn is_sale(kind: DocumentKind, policy: &KpiPolicy) -> bool {
    match kind {
        DocumentKind::Invoice | DocumentKind::DebitNote => true,
        DocumentKind::CreditNote => policy.credit_notes == CreditNotes::Lower,
        _ => false,
    }
}

impl Pass<'_> {
    pub(super) fn in_base(&self) -> bool {
        self.policy.currency == KpiCurrency::Base
    }

    /// A document's amount in the currency of the figures.
    pub(super) fn amount(&self, piece: &Documents, row: usize) -> Result<Minor, Refused> {
        let column = if self.in_base() { &piece.base } else { &piece.amount };
        let amount = column.get(row).copied().unwrap_or(0);
        if self.in_base() && amount == NO_BASE { Err(base_missing()) } else { Ok(amount) }
    }

    /// What a document sells for.
    fn sold(&self, piece: &Documents, row: usize) -> Result<i128, Refused> {
        let own = self.amount(piece, row)?;
        let net = piece.net.get(row).copied().unwrap_or(NO_BASE);
        if self.policy.sales == SalesAmount::Gross || net == NO_BASE {
            return Ok(own.into());
        }
        let whole = piece.amount.get(row).copied().unwrap_or(0);
        if !self.in_base() || whole == 0 {
            return Ok(net.into());
        }
        let net = multiply_divide(own.into(), net.into(), whole.into(), Rounding::HalfAwayFromZero);
        net.ok_or_else(too_large)
    }

    fn is_cancelled(&self, document: u32) -> bool {
        !self.cancelled.is_empty() && self.cancelled.contains(&document)
    }

    /// Whether a document's movements are part of receivables.
    fn moves(&self, kind: DocumentKind) -> bool {
        self.policy.unapplied == Counted::Included || !kind.is_receipt()
    }

    /// One pass over the documents: who is there, sales and what moved receivables. They lie account by account, so that the group
    /// is looked up once an account.
    fn documents(&self, sums: &mut Sums) -> Result<(), Refused> {
        let (view, width, groups) = (self.view, self.periods.width(), self.groups.count);
        let wants_sales = self.policy.needs(Family::Sales);
        let wants_moves = self.policy.needs(Family::Moves);
        let ends_width = self.months.saturating_add(1);
        if wants_sales {
            sums.sales = vec![0; groups.saturating_mul(width)];
            sums.first_sale = vec![i32::MAX; groups];
        }
        if wants_moves {
            sums.ends = vec![0; groups.saturating_mul(ends_width)];
        }
        let Sums { present, sales, first_sale, ends, .. } = sums;
        for piece in view.store.documents.iter() {
            let mut lookup = self.groups.lookup();
            let columns = piece.account.iter().zip(&piece.effective).zip(&piece.recorded).zip(&piece.kind);
            for (row, (((account, effective), recorded), kind)) in columns.enumerate() {
                let document = piece.start.wrapping_add(count(row));
                let group = lookup.of(document, *account);
                if group == NO_GROUP || !view.counted(*effective, *recorded) {
                    continue;
                }
                if let Some(present) = present.get_mut(group as usize) {
                    *present = true;
                }
                let period = self.periods.of(*effective).unwrap_or(0);
                if wants_sales && is_sale(*kind, self.policy) && !self.is_cancelled(document) {
                    if let Some(first) = first_sale.get_mut(group as usize) {
                        *first = (*first).min(*effective);
                    }
                    if period < self.periods.count() {
                        add_at(sales, width, group, period, self.sold(piece, row)?);
                    }
                }
                if wants_moves && self.moves(*kind) {
                    add_at(ends, ends_width, group, period, self.amount(piece, row)?.into());
                }
            }
        }
        Ok(())
    }

    /// One pass over what settles, which lies as the documents do: receivables at the ends of the window's periods.
    fn legs(&self, sums: &mut Sums) -> Result<(), Refused> {
        let (view, width) = (self.view, self.months.saturating_add(1));
        let documents = &view.store.documents;
        let ends = &mut sums.ends;
        for legs in view.store.legs.iter() {
            let amounts = if self.in_base() { &legs.base } else { &legs.amount };
            let columns = legs.document.iter().zip(&legs.effective).zip(&legs.recorded).zip(amounts);
            let mut lookup = self.groups.lookup();
            let mut held: Option<&Documents> = None;
            for (((document, effective), recorded), amount) in columns {
                if !view.counted(*effective, *recorded) || *amount == NO_BASE {
                    continue;
                }
                let row = |piece: &Documents| {
                    Some(place(document.checked_sub(piece.start)?)).filter(|row| *row < piece.len())
                };
                let piece = held.filter(|piece| row(piece).is_some()).or_else(|| Some(documents.find(*document)?.0));
                held = piece;
                let Some((piece, row)) = piece.and_then(|piece| Some((piece, row(piece)?))) else { continue };
                let (Some(account), Some(kind), Some(whole)) =
                    (piece.account.get(row), piece.kind.get(row), piece.amount.get(row))
                else {
                    continue;
                };
                let group = lookup.of(*document, *account);
                if group == NO_GROUP || !self.moves(*kind) {
                    continue;
                }
                let negative = if self.in_base() { is_below(piece, row) } else { *whole < 0 };
                let amount = i128::from(*amount);
                let moved = if negative { amount } else { amount.wrapping_neg() };
                add_at(ends, width, group, self.periods.of(*effective).unwrap_or(0), moved);
            }
        }
        // What moved in a period and before it is what there was at its end.
        for ends in ends.chunks_exact_mut(width) {
            let mut held = 0_i128;
            for slot in ends.iter_mut().rev() {
                held = held.wrapping_add(*slot);
                *slot = held;
            }
        }
        if self.policy.disputed == Counted::LeftOut {
            self.take_disputed_off_ends(sums)?;
        }
        Ok(())
    }

    fn take_disputed_off_ends(&self, sums: &mut Sums) -> Result<(), Refused> {
        let width = self.months.saturating_add(1);
        for period in 0..width {
            let day = crate::calendar::Day::new(self.periods.end(period)).unwrap_or(self.view.day);
            let then = self.view.on(day);
            let base = if self.in_base() { then.base_open() } else { Vec::new() };
            for (item, part) in then.marks().disputed.iter().map(|(item, part)| (place(*item), *part)) {
                let (Some(document), Some(account)) = (then.items.document.get(item), then.items.account.get(item))
                else {
                    continue;
                };
                let group = self.groups.of(*document, *account);
                let kind = then.document_row(item).and_then(|(piece, row)| piece.kind.get(row).copied());
                if group != NO_GROUP && kind.is_none_or(|kind| self.moves(kind)) {
                    let part = self.part(&then, &base, item, part)?;
                    add_at(&mut sums.ends, width, group, period, i128::from(part).wrapping_neg());
                }
            }
        }
        Ok(())
    }

    /// A part of an item in the currency of the figures.
    pub(super) fn part(&self, view: &View, base: &[Minor], item: usize, part: Minor) -> Result<Minor, Refused> {
        if !self.in_base() {
            return Ok(part);
        }
        let figure = base.get(item).copied().unwrap_or(NO_BASE);
        if figure == NO_BASE {
            return Err(base_missing());
        }
        let open = view.items.open.get(item).copied().unwrap_or(0);
        multiply_divide(figure.into(), part.into(), open.into(), Rounding::HalfAwayFromZero)
            .and_then(|part| Minor::try_from(part).ok())
            .ok_or_else(too_large)
    }

    /// One pass over the open items.
    fn items(&self, sums: &mut Sums) -> Result<(), Refused> {
        let groups = self.groups.count;
        sums.receivables = vec![0; groups];
        sums.overdue = vec![0; groups];
        sums.at_risk = vec![0; groups];
        sums.debits = vec![0; groups];
        sums.unapplied = vec![0; groups];
        sums.disputed = vec![0; groups];
        let day = self.view.day().number();
        let risky = i64::from(day).saturating_sub(i64::from(self.policy.at_risk_days));
        let risky = i32::try_from(risky).unwrap_or(i32::MIN);
        let base = if self.in_base() { self.view.base_open() } else { Vec::new() };
        let items = &self.view.items;
        let runs = items.runs();
        let amounts: &[Minor] = if self.in_base() { &base } else { &items.open };
        let narrow = !self.in_base() && items.bits < 31;
        let wants_risk = self.policy.kpis.contains(&Kpi::AtRiskCash);
        for at in 0..runs.len() {
            let Some((account, range)) = runs.get(at) else { continue };
            let first = range.start;
            let (Some(dues), Some(opens)) = (items.due.get(range.clone()), amounts.get(range)) else { continue };
            match self.groups.of_account(account) {
                Some(NO_GROUP) => {}
                Some(group) if !self.in_base() => {
                    let late = dues.partition_point(|due| *due < day);
                    let very = if wants_risk { dues.partition_point(|due| *due < risky) } else { 0 };
                    let sum = |opens: &[Minor]| sum_of(opens, narrow);
                    let (very_late, others) = opens.split_at(very.min(opens.len()));
                    let (just_late, current) = others.split_at(late.saturating_sub(very).min(others.len()));
                    let at_risk = sum(very_late);
                    let overdue = at_risk.wrapping_add(sum(just_late));
                    if wants_risk {
                        add(&mut sums.at_risk, group, at_risk);
                    }
                    add(&mut sums.overdue, group, overdue);
                    add(&mut sums.receivables, group, overdue.wrapping_add(sum(current)));
                }
                _ => {
                    for (item, (due, open)) in (first..).zip(dues.iter().zip(opens)) {
                        let document = items.document.get(item).copied().unwrap_or(NONE);
                        let group = self.groups.of(document, account);
                        if group == NO_GROUP {
                            continue;
                        }
                        if *open == NO_BASE {
                            return Err(base_missing());
                        }
                        self.count_item(sums, group, *due, (*open).into(), risky);
                    }
                }
            }
        }
        if self.policy.needs(Family::Credits) {
            self.credits(sums, amounts, risky);
        }
        if self.policy.needs(Family::Disputed) {
            self.disputed(sums, &base, risky)?;
        }
        Ok(())
    }

    fn count_item(&self, sums: &mut Sums, group: u32, due: i32, open: i128, risky: i32) {
        add(&mut sums.receivables, group, open);
        if due < self.view.day().number() {
            add(&mut sums.overdue, group, open);
        }
        if due < risky {
            add(&mut sums.at_risk, group, open);
        }
    }

    /// Money on account, and what is above zero.
    fn credits(&self, sums: &mut Sums, amounts: &[Minor], risky: i32) {
        let items = &self.view.items;
        let columns = items.account.iter().zip(&items.document).zip(&items.open).zip(amounts);
        for (((account, document), open), amount) in columns {
            if *open > 0 {
                add(&mut sums.debits, self.groups.of(*document, *account), (*amount).into());
            }
        }
        for credit in &self.view.credits().all {
            let item = place(credit.item);
            let (Some(open), Some(account)) = (amounts.get(item), items.account.get(item)) else { continue };
            let group = self.groups.of(credit.document, *account);
            if !credit.kind.is_receipt() || group == NO_GROUP {
                continue;
            }
            let below = i128::from(*open).wrapping_neg();
            add(&mut sums.unapplied, group, below);
            if self.policy.unapplied == Counted::LeftOut {
                let due = items.due.get(item).copied().unwrap_or(i32::MAX);
                self.count_item(sums, group, due, below, risky);
            }
        }
    }

    /// What is disputed of open items.
    fn disputed(&self, sums: &mut Sums, base: &[Minor], risky: i32) -> Result<(), Refused> {
        let items = &self.view.items;
        for (item, part) in self.view.marks().disputed.iter().map(|(item, part)| (place(*item), *part)) {
            let (Some(document), Some(account)) = (items.document.get(item), items.account.get(item)) else { continue };
            let group = self.groups.of(*document, *account);
            if group == NO_GROUP {
                continue;
            }
            let part = i128::from(self.part(self.view, base, item, part)?);
            if part > 0 {
                add(&mut sums.disputed, group, part);
            }
            let kind = self.view.document_row(item).and_then(|(piece, row)| piece.kind.get(row).copied());
            if self.policy.disputed == Counted::LeftOut && kind.is_none_or(|kind| self.moves(kind)) {
                let due = items.due.get(item).copied().unwrap_or(i32::MAX);
                self.count_item(sums, group, due, part.wrapping_neg(), risky);
            }
        }
        Ok(())
    }
}

/// Whether a document lowers receivables in base currency.
fn is_below(piece: &Documents, row: usize) -> bool {
    let (base, amount) = (piece.base.get(row).copied().unwrap_or(0), piece.amount.get(row).copied().unwrap_or(0));
    base < 0 || (base == 0 && amount < 0)
}

/// Adds to what a group has in a period; in the last when it has not so many.
fn add_at(sums: &mut [i128], width: usize, group: u32, period: usize, amount: i128) {
    let at = (group as usize).wrapping_mul(width).wrapping_add(period.min(width.saturating_sub(1)));
    if let Some(slot) = sums.get_mut(at) {
        // Fewer than 2^32 amounts of less than 2^63 each.
        *slot = slot.wrapping_add(amount);
    }
}

/// The sum of amounts; `narrow` when no sum of fewer than 2^32 of them leaves 64 bits.
fn sum_of(amounts: &[Minor], narrow: bool) -> i128 {
    if narrow {
        amounts.iter().fold(0_i64, |sum, minor| sum.wrapping_add(*minor)).into()
    } else {
        amounts.iter().fold(0_i128, |sum, minor| sum.wrapping_add(i128::from(*minor)))
    }
}

pub(super) fn too_large() -> Refused {
    Problem::new("too_large", "expected figures within the range of the engine").field("kpis").into()
}
