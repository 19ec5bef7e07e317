//! What of each open item is still to come, and on which days? The item parted by what is known of it beside its forecast.
//!
//! In this order a part of what is open is taken out: what is disputed; what known later allocations take, which comes on
//! their day; what receipts known for a later day and open credits of the account cover, earliest due first; what is promised.
//! What is left comes as the model says.

use rustc_hash::FxHashMap;

use super::book::Book;
use super::cash_policy::{CashPolicy, DiscountRule, PromiseRule};
use super::curve::Curve;
use super::history::is_paid_for;
use super::predict::PredictionModel;
use super::promises::{Promised, came_of_promises, is_withdrawn, kept_share, live_promises};
use crate::ledger::View;
use crate::ledger::layers::{NONE, count, place};
use crate::money::{Minor, Rounding, multiply_divide};
use crate::problem::Refused;

/// An open item and its parts; they add up to what is open.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// Its place among the view's items.
    pub(crate) at: usize,
    pub(crate) account: u32,
    pub(crate) customer: u32,
    pub(crate) currency: u32,
    pub(crate) document: u32,
    pub(crate) due: i32,
    pub(crate) open: Minor,
    pub(crate) disputed: Minor,
    /// Covered by open credits: no cash will come for it.
    pub(crate) covered: Minor,
    /// What cannot be asked about.
    pub(crate) unforeseen: Minor,
    /// What is still to come, by how it comes.
    pub(crate) parts: Vec<Part>,
    /// The forecast of the item, before promises; none where it cannot be asked about.
    pub(crate) curve: Option<Curve>,
}

/// An amount that comes on some day, whole.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) amount: Minor,
    pub(crate) curve: Curve,
    /// Days up to which a discount may be taken, rising, with the discount.
    pub(crate) tiers: Vec<(i32, Minor)>,
}

impl Part {
    /// What is taken off when it is paid on a day.
    pub(crate) fn discount(&self, day: i32) -> Minor {
        self.tiers.iter().find(|(until, _)| *until >= day).map_or(0, |(_, discount)| *discount)
    }
}

/// The items of a view that are debts, in its order, with the book that they were asked about in.
pub(crate) fn coming(
    view: &View,
    model: &PredictionModel,
    policy: &CashPolicy,
) -> Result<(Vec<Item>, Option<Book>), Refused> {
    let mut curves: FxHashMap<usize, Curve> = FxHashMap::default();
    let mut asked_in = None;
    view.each_forecast(model, |asked| {
        curves.insert(asked.at, Curve::of(&asked.forecast, asked.book));
        Ok(())
    })?;
    if !curves.is_empty() {
        asked_in = Some(super::history::book(view, &super::history::invoices(view), &model.policy));
    }
    let mut items = debts(view, &mut curves);
    let Some(book) = &asked_in else { return Ok((items, None)) };
    take_known(view, &mut items);
    take_covers(view, &mut items);
    if policy.promises == PromiseRule::KeptRate {
        take_promised(view, book, &mut items);
    }
    for item in &mut items {
        if let (Some(curve), true) = (&item.curve, item.unforeseen > 0) {
            let (amount, curve) = (item.unforeseen, curve.clone());
            item.parts.push(Part { amount, curve, tiers: Vec::new() });
            item.unforeseen = 0;
        }
        if policy.discounts == DiscountRule::Taken {
            offer(view, item);
        }
    }
    Ok((items, asked_in))
}

/// The debts of a view, of which nothing is told yet but what is disputed.
pub(crate) fn debts(view: &View, curves: &mut FxHashMap<usize, Curve>) -> Vec<Item> {
    let marks = view.marks();
    let mut items = Vec::new();
    for at in 0..view.items.len() {
        let columns = (view.items.account.get(at), view.items.open.get(at), view.items.document.get(at));
        let (Some(account), Some(open), Some(document)) = columns else { continue };
        if *open <= 0 {
            continue;
        }
        let parts = view.store.account(*account);
        let curve = curves.remove(&at);
        let disputed = marks.disputed.get(&count(at)).copied().unwrap_or(0).clamp(0, *open);
        let due = view.due_day(at).map_or(i32::MAX, crate::calendar::Day::number);
        let (customer, currency) = (parts.customer, parts.currency);
        let (account, open, document) = (*account, *open, *document);
        let (covered, unforeseen, parts) = (0, open - disputed, Vec::new());
        items.push(Item {
            at,
            account,
            customer,
            currency,
            document,
            due,
            open,
            disputed,
            covered,
            unforeseen,
            parts,
            curve,
        });
    }
    items
}

/// The first day on which anything can come.
fn first_day(view: &View) -> i32 {
    view.day().number() + 1
}

impl Item {
    /// Takes a part out of what is not yet told, and says how much it took.
    fn take(&mut self, amount: Minor, curve: Curve) -> Minor {
        let amount = amount.min(self.unforeseen).max(0);
        if amount > 0 {
            self.unforeseen -= amount;
            self.parts.push(Part { amount, curve, tiers: Vec::new() });
        }
        amount
    }
}

/// What known later allocations take, on the last of their days.
fn take_known(view: &View, items: &mut [Item]) {
    for item in items.iter_mut() {
        let Some(pending) = view.marks().pending.get(&count(item.at)) else { continue };
        let later = |leg: &crate::ledger::store::Leg| leg.effective > view.stood_on() && leg.recorded <= view.known_on;
        let day = view.store.legs.of(item.document).filter(later).map(|leg| leg.effective).max();
        let day = day.unwrap_or_default().max(first_day(view));
        item.take(*pending, Curve::on(day));
    }
}

/// What receipts of a later day and open credits of the account cover, earliest due first: receipts before credits.
fn take_covers(view: &View, items: &mut [Item]) {
    // By account: the receipts, by day, and what credits hold.
    let mut receipts: Vec<(u32, i32, Minor)> = Vec::new();
    for receipt in view.pending_receipt_documents() {
        let known = view.store.legs.of(receipt.document).filter(|leg| leg.recorded <= view.known_on);
        let taken = known.fold(0_i64, |sum, leg| sum.saturating_add(leg.amount));
        let left = receipt.amount.saturating_abs().saturating_sub(taken);
        let day =
            view.store.documents.find(receipt.document).and_then(|(piece, row)| piece.effective.get(row).copied());
        receipts.push((receipt.account, day.unwrap_or_default().max(first_day(view)), left));
    }
    receipts.sort_unstable();
    let mut credits: FxHashMap<u32, Minor> = FxHashMap::default();
    for at in 0..view.items.len() {
        if let (Some(account), Some(open)) = (view.items.account.get(at), view.items.open.get(at))
            && *open < 0
        {
            let pending = view.marks().pending.get(&count(at)).copied().unwrap_or(0);
            let left = open.saturating_sub(pending).saturating_neg().max(0);
            let sum = credits.entry(*account).or_default();
            *sum = sum.saturating_add(left);
        }
    }
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|place| items.get(*place).map(|item| (item.account, item.due)));
    for (account, day, left) in receipts {
        let mut left = left;
        for item in order.iter().copied() {
            if let Some(item) = items.get_mut(item).filter(|item| item.account == account) {
                left -= item.take(left, Curve::on(day));
            }
        }
    }
    for item in order {
        if let Some(item) = items.get_mut(item)
            && let Some(left) = credits.get_mut(&item.account)
        {
            let part = (*left).min(item.unforeseen).max(0);
            *left -= part;
            item.unforeseen -= part;
            item.covered += part;
        }
    }
}

/// What is promised, in the order of promises, earliest due first: kept as often as the customer keeps its promises.
fn take_promised(view: &View, book: &Book, items: &mut [Item]) {
    let promises = live_promises(view);
    if promises.is_empty() {
        return;
    }
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|a, b| {
        let (Some(a), Some(b)) = (items.get(*a), items.get(*b)) else { return core::cmp::Ordering::Equal };
        let id = |item: &Item| view.store.document_id(item.document);
        a.due.cmp(&b.due).then_with(|| id(a).cmp(id(b))).then(a.at.cmp(&b.at))
    });
    let came = came_of_promises(view, &book.banking, |fact| is_withdrawn(view, fact));
    let mut shares: FxHashMap<u32, u64> = FxHashMap::default();
    for Promised { customer, currency, document, amount, day } in promises {
        let day = book.banking.day(book.banking.place(day.max(first_day(view))));
        let kept = *shares.entry(customer).or_insert_with(|| kept_share(view, &came, customer));
        let mut left = amount;
        for at in &order {
            let Some(item) = items.get_mut(*at) else { continue };
            let about = item.currency == currency
                && (item.document == document || (document == NONE && item.customer == customer));
            if let (Some(curve), true) = (&item.curve, about && left > 0) {
                let curve = curve.promised(day, kept);
                left -= item.take(left, curve);
            }
        }
    }
}

/// What may be taken off each part: its share of the discount that the document offers.
fn offer(view: &View, item: &mut Item) {
    let Some((piece, row)) = view.store.documents.find(item.document) else { return };
    let (Some(amount), Some(kind)) = (piece.amount.get(row).copied(), piece.kind.get(row)) else { return };
    if amount <= 0 || !is_paid_for(*kind) {
        return;
    }
    let first = first_day(view);
    for tier in view.offers(item.document).iter().filter(|tier| tier.until >= first) {
        let half = Rounding::HalfAwayFromZero;
        let of_percent = tier.percent.and_then(|percent| {
            let (up, down) = (percent.numerator(), percent.denominator().checked_mul(100)?);
            multiply_divide(tier.basis.unwrap_or(amount).into(), up, down, half)
        });
        let whole = of_percent.or(tier.amount.map(i128::from)).unwrap_or(0).clamp(0, amount.into());
        for part in &mut item.parts {
            let its = multiply_divide(whole, part.amount.into(), amount.into(), half).unwrap_or(0);
            let its = Minor::try_from(its).unwrap_or(0).clamp(0, part.amount);
            part.tiers.push((tier.until, its));
        }
    }
}

/// Of each document that an item of these stands for: what of it was paid by receipts after a day and by another, in the
/// order of documents; no more than was open of it, and not below zero.
pub(crate) fn paid_between(items: &[Item], view: &View, from: i32, to: i32) -> Vec<(u32, Minor)> {
    let store = &view.store;
    let mut open: Vec<(u32, Minor)> = items.iter().map(|item| (item.document, item.open)).collect();
    open.sort_unstable();
    open.dedup_by(|next, held| {
        let same = next.0 == held.0;
        if same {
            held.1 = held.1.saturating_add(next.1);
        }
        same
    });
    let is_cash = |allocation: u32| {
        let credit = store.allocations.get(allocation).map_or(NONE, |fact| fact.credit);
        let kind = store.documents.find(credit).and_then(|(piece, row)| piece.kind.get(place(count(row))));
        kind.is_some_and(|kind| kind.is_receipt())
    };
    for (document, open) in &mut open {
        let legs = store.legs.of(*document).filter(|leg| leg.recorded <= view.known_on);
        let within = legs.filter(|leg| leg.effective > from && leg.effective <= to && is_cash(leg.allocation));
        *open = within.fold(0_i64, |sum, leg| sum.saturating_add(leg.amount)).clamp(0, *open);
    }
    open
}
