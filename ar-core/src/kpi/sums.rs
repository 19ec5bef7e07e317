//! The sums that figures are made from, by group: exact whole numbers of minor units, days and counts, which add up.

use super::cleared;
use super::family::{Ends, Family};
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
    /// By group and period, as [`KpiPolicy::sales_width`] has them.
    pub sales: Vec<i128>,
    /// The day of the first sale; `i32::MAX` for none.
    pub first_sale: Vec<i32>,
    /// Receivables at ends of periods, as [`Ends`] has them, by group.
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
    /// Documents that a residual moved to by the day: sold, and told of, with their invoice.
    pub residuals: FxHashSet<u32>,
    /// Periods of the window.
    pub months: usize,
    /// Whether what was owed at the ends of periods is told from what is open, by taking back what moved since.
    takes_back: bool,
    sales_width: usize,
    ends: Ends,
}

pub(super) fn base_missing() -> Refused {
    Problem::new("base_amount_missing", "expected a base amount of every document that a figure is made from").into()
}

pub(super) fn add(sums: &mut [i128], group: u32, amount: i128) {
    add_at(sums, group as usize, amount);
}

impl<'a> Pass<'a> {
    pub(super) fn of(view: &'a View, policy: &'a KpiPolicy, groups: &'a Groups, periods: &'a Periods) -> Self {
        let ended = view.store.cancellations.all().filter(|end| view.counted(end.effective, end.recorded));
        let cancelled = ended.map(|end| end.document).collect();
        let moved = view.store.residuals.all().map(|moved| moved.document);
        let residuals = moved.filter(|document| view.is_residual(*document)).collect();
        let months = place(policy.months);
        // What is left out of figures, and what has no base amount, is known of movements alone.
        let takes_back = groups.are_accounts()
            && policy.needs(Family::Items)
            && policy.currency == KpiCurrency::Document
            && policy.unapplied == Counted::Included
            && policy.disputed == Counted::Included;
        let (sales_width, ends) = (policy.sales_width(), policy.ends());
        Self { view, policy, groups, periods, cancelled, residuals, months, takes_back, sales_width, ends }
    }
}

impl Sums {
    /// Everything that the policy asks for.
    pub(super) fn of(view: &View, policy: &KpiPolicy, groups: &Groups, periods: &Periods) -> Result<Self, Refused> {
        let pass = Pass::of(view, policy, groups, periods);
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

/// Rows that are picked at a time.
const BLOCK: usize = 1024;

/// Up to so many items one look at each is quicker than a search for the day.
const FEW: usize = 24;

/// What is asked of documents.
struct Wants {
    sales: bool,
    moves: bool,
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

    /// Whether a document is neither cancelled nor a part of another.
    pub(super) fn is_new(&self, document: u32) -> bool {
        (self.cancelled.is_empty() || !self.cancelled.contains(&document))
            && (self.residuals.is_empty() || !self.residuals.contains(&document))
    }

    /// Whether a document's movements are part of receivables.
    fn moves(&self, kind: DocumentKind) -> bool {
        self.policy.unapplied == Counted::Included || !kind.is_receipt()
    }

    /// One pass over the documents: who is there, sales and what moved receivables.
    #[inline(never)]
    fn documents(&self, sums: &mut Sums) -> Result<(), Refused> {
        let groups = self.groups.count;
        let counts_back = self.policy.counts_back();
        let wants = Wants { sales: self.policy.needs(Family::Sales), moves: self.policy.needs(Family::Moves) };
        if wants.sales {
            sums.sales = vec![0; groups.saturating_mul(self.sales_width)];
            sums.first_sale = vec![i32::MAX; if counts_back { groups } else { 0 }];
        }
        if wants.moves {
            sums.ends = vec![0; groups.saturating_mul(self.ends.width)];
        }
        self.mark_present(sums);
        if !wants.sales && !wants.moves {
            return Ok(());
        }
        // Of what counted before, only the first sale is asked for, or what it moved.
        let from = if counts_back || (wants.moves && !self.takes_back) {
            i32::MIN
        } else {
            self.periods.end(self.periods.count()).saturating_add(1)
        };
        for piece in self.view.store.documents.iter() {
            let mut lookup = self.groups.lookup();
            self.each_counted((&piece.effective, &piece.recorded), from, |row| {
                let Some(account) = piece.account.get(row) else { return Ok(()) };
                match lookup.of(piece.start.wrapping_add(count(row)), *account) {
                    NO_GROUP => Ok(()),
                    group => self.take_document(sums, &wants, (piece, row), group),
                }
            })?;
        }
        Ok(())
    }

    /// Marks the groups that have a document that counts.
    fn mark_present(&self, sums: &mut Sums) {
        let mut mark = |group: u32| {
            if let Some(present) = sums.present.get_mut(group as usize) {
                *present = true;
            }
        };
        let (view, groups) = (self.view, self.groups);
        if groups.are_accounts() && view.known_on == i32::MAX {
            let accounts = view.store.accounts_with_documents(view.stood_on());
            accounts.for_each(|account| mark(groups.of(NONE, account)));
            return;
        }
        for piece in view.store.documents.iter() {
            let columns = piece.account.iter().zip(&piece.effective).zip(&piece.recorded);
            for (document, ((account, effective), recorded)) in (piece.start..).zip(columns) {
                if view.counted(*effective, *recorded) {
                    mark(groups.of(document, *account));
                }
            }
        }
    }

    /// Each row that counts and is effective from a day on, in order. They are picked first, a block at a time, as no processor
    /// foresees which they are.
    fn each_counted(
        &self,
        (effective, recorded): (&[i32], &[i32]),
        from: i32,
        mut take: impl FnMut(usize) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        let (until, known_on) = (self.view.stood_on(), self.view.known_on);
        let recorded = if known_on == i32::MAX { &[] } else { recorded };
        let mut rows = [0_usize; BLOCK];
        for (start, block) in (0..).step_by(BLOCK).zip(effective.chunks(BLOCK)) {
            let mut found = 0_usize;
            for (row, day) in (start..).zip(block) {
                let is_known = recorded.get(row).is_none_or(|recorded| *recorded <= known_on);
                if let Some(slot) = rows.get_mut(found) {
                    *slot = row;
                }
                found = found.wrapping_add(usize::from((*day >= from) & (*day <= until) & is_known));
            }
            rows.iter().take(found).try_for_each(|row| take(*row))?;
        }
        Ok(())
    }

    /// What a document sold and moved.
    fn take_document(
        &self,
        sums: &mut Sums,
        wants: &Wants,
        (piece, row): (&Documents, usize),
        group: u32,
    ) -> Result<(), Refused> {
        let (Some(kind), Some(effective)) = (piece.kind.get(row), piece.effective.get(row)) else { return Ok(()) };
        let period = self.periods.of(*effective).unwrap_or(0);
        if wants.sales && is_sale(*kind, self.policy) && self.is_new(piece.start.wrapping_add(count(row))) {
            if let Some(first) = sums.first_sale.get_mut(group as usize) {
                *first = (*first).min(*effective);
            }
            if period < self.periods.count() {
                let at = period.min(self.sales_width.saturating_sub(1));
                let at = (group as usize).wrapping_mul(self.sales_width).wrapping_add(at);
                add_at(&mut sums.sales, at, self.sold(piece, row)?);
            }
        }
        if wants.moves && self.moves(*kind) {
            let amount = self.amount(piece, row)?.into();
            add_at(&mut sums.ends, self.ends.at(group as usize, period), amount);
        }
        Ok(())
    }

    /// One pass over what settles, which lies as the documents do: receivables at the ends of the window's periods.
    #[inline(never)]
    fn legs(&self, sums: &mut Sums) -> Result<(), Refused> {
        let width = self.ends.width;
        let Sums { ends, receivables, .. } = sums;
        let from = if self.takes_back { self.periods.end(self.months).saturating_add(1) } else { i32::MIN };
        let documents = &self.view.store.documents;
        for legs in self.view.store.legs.iter() {
            let amounts = if self.in_base() { &legs.base } else { &legs.amount };
            let mut lookup = self.groups.lookup();
            let mut held: Option<&Documents> = None;
            self.each_counted((&legs.effective, &legs.recorded), from, |at| {
                let (Some(document), Some(amount), Some(effective)) =
                    (legs.document.get(at), amounts.get(at).filter(|it| **it != NO_BASE), legs.effective.get(at))
                else {
                    return Ok(());
                };
                let row = |piece: &Documents| {
                    Some(place(document.checked_sub(piece.start)?)).filter(|row| *row < piece.len())
                };
                held = held.filter(|piece| row(piece).is_some()).or_else(|| Some(documents.find(*document)?.0));
                let Some((piece, row)) = held.and_then(|piece| Some((piece, row(piece)?))) else { return Ok(()) };
                let (Some(account), Some(kind), Some(whole)) =
                    (piece.account.get(row), piece.kind.get(row), piece.amount.get(row))
                else {
                    return Ok(());
                };
                let group = lookup.of(*document, *account);
                if group == NO_GROUP || !self.moves(*kind) {
                    return Ok(());
                }
                let negative = if self.in_base() { is_below(piece, row) } else { *whole < 0 };
                let amount = i128::from(*amount);
                let moved = if negative { amount } else { amount.wrapping_neg() };
                let period = self.periods.of(*effective).unwrap_or(0);
                add_at(ends, self.ends.at(group as usize, period), moved);
                Ok(())
            })?;
        }
        if self.takes_back {
            // What is open less what moved in a period is what there was at the end of the one before.
            for (ends, open) in ends.chunks_exact_mut(width).zip(receivables.iter()) {
                let mut held = *open;
                for slot in ends.iter_mut() {
                    let moved = std::mem::replace(slot, held);
                    held = held.wrapping_sub(moved);
                }
            }
            return Ok(());
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
        let width = self.ends.width;
        // The end of the window, those between where they are kept, and that before it.
        for period in (0..width.saturating_sub(1)).chain([self.months]) {
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
                    add_at(&mut sums.ends, self.ends.at(group as usize, period), i128::from(part).wrapping_neg());
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
    #[inline(never)]
    fn items(&self, sums: &mut Sums) -> Result<(), Refused> {
        let groups = self.groups.count;
        let wants_risk = self.policy.kpis.contains(&Kpi::AtRiskCash);
        sums.receivables = vec![0; groups];
        sums.overdue = vec![0; groups];
        sums.at_risk = vec![0; if wants_risk { groups } else { 0 }];
        if self.policy.needs(Family::Credits) {
            sums.debits = vec![0; groups];
            sums.unapplied = vec![0; groups];
        }
        if self.policy.needs(Family::Disputed) {
            sums.disputed = vec![0; groups];
        }
        let day = self.view.day().number();
        let risky = i64::from(day).saturating_sub(i64::from(self.policy.at_risk_days));
        let risky = i32::try_from(risky).unwrap_or(i32::MIN);
        let base = if self.in_base() { self.view.base_open() } else { Vec::new() };
        let items = &self.view.items;
        let runs = items.runs();
        let amounts: &[Minor] = if self.in_base() { &base } else { &items.open };
        let narrow = !self.in_base() && items.bits < 31;
        for at in 0..runs.len() {
            let Some((account, range)) = runs.get(at) else { continue };
            let first = range.start;
            let (Some(dues), Some(opens)) = (items.due.get(range.clone()), amounts.get(range)) else { continue };
            match self.groups.of_account(account) {
                Some(NO_GROUP) => {}
                Some(group) if narrow && !wants_risk && dues.len() <= FEW => {
                    let (mut open, mut overdue) = (0_i64, 0_i64);
                    for (due, minor) in dues.iter().zip(opens) {
                        open = open.wrapping_add(*minor);
                        overdue = overdue.wrapping_add(if *due < day { *minor } else { 0 });
                    }
                    add(&mut sums.overdue, group, overdue.into());
                    add(&mut sums.receivables, group, open.into());
                }
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
        for (item, (((account, document), open), amount)) in columns.enumerate() {
            if *open <= 0 {
                continue;
            }
            let group = self.groups.of(*document, *account);
            add(&mut sums.debits, group, (*amount).into());
            // A payment may have an instalment of the other sign.
            if self.policy.unapplied == Counted::LeftOut && group != NO_GROUP && self.is_receipt(item) {
                let due = items.due.get(item).copied().unwrap_or(i32::MAX);
                self.count_item(sums, group, due, i128::from(*amount).wrapping_neg(), risky);
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

    fn is_receipt(&self, item: usize) -> bool {
        let kind = self.view.document_row(item).and_then(|(piece, row)| piece.kind.get(row).copied());
        kind.is_some_and(DocumentKind::is_receipt)
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

fn add_at(sums: &mut [i128], at: usize, amount: i128) {
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
