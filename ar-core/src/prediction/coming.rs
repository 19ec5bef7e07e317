//! What of each open item is still to come, and on which days? The item parted by what is known of it beside its forecast.
//!
//! In this order a part of what is open is taken out: what is disputed; what is known to be settled later, as cash only where a
//! receipt of a later day pays it; what receipts known for a later day and open credits of the account cover, earliest due
//! first; what is promised. What is left comes as the model says. What happens later is known when it was recorded by the
//! view's day.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::book::Book;
use super::cash_policy::{CashPolicy, DiscountRule, PromiseRule};
use super::curve::Curve;
use super::history::is_paid_for;
use super::predict::{PredictionBasis, PredictionModel};
use super::promises::{Promised, came_so_far, kept_share, live_promises};
use crate::ledger::View;
use crate::ledger::layers::{NONE, count};
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
    /// Settled without cash, by open credits or by what is known for a later day.
    pub(crate) covered: Minor,
    /// What cannot be asked about.
    pub(crate) unforeseen: Minor,
    /// What is still to come, by how it comes.
    pub(crate) parts: Vec<Part>,
    /// The forecast of the item, before promises; none where it cannot be asked about.
    pub(crate) curve: Option<Curve>,
    /// What the forecast rests on.
    pub(crate) basis: Option<PredictionBasis>,
    /// The day by which it is paid as likely as not, by the forecast.
    pub(crate) expected: i32,
    /// What comes by the forecast alone though there is not enough history to say when.
    pub(crate) guessed: Minor,
}

/// What a forecast says of an item: its curve, what it rests on, and the median day.
pub(crate) type Foretold = (Curve, PredictionBasis, i32);

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
    let mut curves: FxHashMap<usize, Foretold> = FxHashMap::default();
    let mut asked_in = None;
    view.each_forecast(model, |asked| {
        let basis = model.basis(asked.payments());
        let expected = asked.forecast.median(asked.book);
        let curve = Curve::of(&asked.forecast, asked.book);
        curves.insert(asked.at, (curve, basis, expected));
        Ok(())
    })?;
    if !curves.is_empty() {
        asked_in = Some(super::history::book(view, &super::history::invoices(view), &model.policy));
    }
    let mut items = debts(view, &mut curves);
    let later = view.as_known_then();
    take_known(&later, &mut items);
    take_covers(&later, &mut items);
    if let (Some(book), PromiseRule::KeptRate) = (&asked_in, policy.promises) {
        take_promised(view, book, &mut items);
    }
    for item in &mut items {
        if let (Some(curve), true) = (&item.curve, item.unforeseen > 0) {
            let (amount, curve) = (item.unforeseen, curve.clone());
            item.guessed = if item.basis == Some(PredictionBasis::NotEnoughHistory) { amount } else { 0 };
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
pub(crate) fn debts(view: &View, curves: &mut FxHashMap<usize, Foretold>) -> Vec<Item> {
    let marks = view.marks();
    let mut items = Vec::new();
    for at in 0..view.items.len() {
        let columns = (view.items.account.get(at), view.items.open.get(at), view.items.document.get(at));
        let (Some(account), Some(open), Some(document)) = columns else { continue };
        if *open <= 0 {
            continue;
        }
        let parts = view.store.account(*account);
        let asked = curves.remove(&at);
        let expected = asked.as_ref().map_or(i32::MAX, |(_, _, day)| *day);
        let (curve, basis) = asked.map(|(curve, basis, ..)| (curve, basis)).unzip();
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
            basis,
            expected,
            guessed: 0,
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

    /// Takes a part out for which no cash comes, and says how much it took.
    fn cover(&mut self, amount: Minor) -> Minor {
        let amount = amount.min(self.unforeseen).max(0);
        self.unforeseen -= amount;
        self.covered += amount;
        amount
    }

    /// Takes a part out that is settled later: by cash on a day, or without.
    fn settle(&mut self, amount: Minor, cash: Option<i32>) -> Minor {
        match cash {
            Some(day) => self.take(amount, Curve::on(day)),
            None => self.cover(amount),
        }
    }
}

/// What is known to be settled later: cash where a receipt of a later day pays it, on the day of that receipt. What is
/// known to be cancelled brings nothing.
fn take_known(view: &View, items: &mut [Item]) {
    // By document that something later settles: its items, by due day and instalment.
    let mut settled: BTreeMap<u32, Vec<(i32, u32, usize)>> = BTreeMap::new();
    for item in items.iter_mut() {
        if is_cancelled_later(view, item.document) {
            item.cover(item.unforeseen);
        } else if view.marks().pending.contains_key(&count(item.at)) {
            settled.entry(item.document).or_default();
        }
    }
    for (place, item) in items.iter().enumerate() {
        if let Some(places) = settled.get_mut(&item.document) {
            places.push((item.due, view.items.instalment(item.at), place));
        }
    }
    for (document, mut places) in settled {
        places.sort_unstable();
        let mut unnamed: BTreeMap<Option<i32>, Minor> = BTreeMap::new();
        for ((cash, number), amount) in settled_later(view, document) {
            let own = places.iter().find(|(_, own, _)| number != 0 && *own == number);
            let took = own.and_then(|(_, _, place)| items.get_mut(*place)).map_or(0, |item| item.settle(amount, cash));
            *unnamed.entry(cash).or_default() += amount - took;
        }
        for (cash, mut left) in unnamed {
            for (_, _, place) in &places {
                left -= items.get_mut(*place).map_or(0, |item| item.settle(left, cash));
            }
        }
    }
}

/// What later allocations and differences take of a document that are not taken back as far as is known, by the day on
/// which cash comes for it (none without) and the instalment that they name.
fn settled_later(view: &View, document: u32) -> BTreeMap<(Option<i32>, u32), Minor> {
    let store = &view.store;
    let mut sums: BTreeMap<(Option<i32>, u32), Minor> = BTreeMap::new();
    for leg in store.legs.of(document).filter(|leg| leg.effective > view.stood_on() && leg.recorded <= view.known_on) {
        let fact = store.allocations.get(leg.allocation).filter(|fact| fact.effective > view.stood_on());
        let Some(fact) = fact else { continue };
        let cash = if fact.is_difference() { None } else { receipt_day(view, fact.credit) };
        let cash = cash.filter(|day| *day > view.stood_on()).map(|day| day.max(first_day(view)));
        let sum = sums.entry((cash, leg.instalment)).or_default();
        *sum = sum.saturating_add(leg.amount);
    }
    sums
}

/// The day of a document that is a payment or an advance; none of another.
fn receipt_day(view: &View, document: u32) -> Option<i32> {
    let (piece, row) = view.store.documents.find(document)?;
    piece.kind.get(row).filter(|kind| kind.is_receipt())?;
    piece.effective.get(row).copied()
}

/// Whether a document is known to be cancelled on a later day.
fn is_cancelled_later(view: &View, document: u32) -> bool {
    let mut ends = view.store.cancellations.of(document);
    ends.any(|end| end.effective > view.stood_on() && end.recorded <= view.known_on)
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
        let columns = (view.items.account.get(at), view.items.open.get(at), view.items.document.get(at));
        if let (Some(account), Some(open), Some(document)) = columns
            && *open < 0
            && !is_cancelled_later(view, *document)
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
            *left -= item.cover(*left);
        }
    }
}

/// What is promised, in the order of promises, earliest due first: kept as often as the customer keeps its promises.
fn take_promised(view: &View, book: &Book, items: &mut [Item]) {
    if view.store.promises.iter().next().is_none() {
        return;
    }
    let came = came_so_far(view, &book.banking);
    let promises = live_promises(view, &book.banking, &came);
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|a, b| {
        let (Some(a), Some(b)) = (items.get(*a), items.get(*b)) else { return core::cmp::Ordering::Equal };
        let id = |item: &Item| view.store.document_id(item.document);
        a.due.cmp(&b.due).then_with(|| id(a).cmp(id(b))).then(a.at.cmp(&b.at))
    });
    let mut shares: FxHashMap<u32, u64> = FxHashMap::default();
    for Promised { customer, currency, document, amount, day } in promises {
        let day = book.banking.day(book.banking.place(day.max(first_day(view))));
        let kept = *shares.entry(customer).or_insert_with(|| kept_share(view, &book.banking, &came, customer));
        let (mut left, documents) = (amount, came.about(document));
        for at in &order {
            let Some(item) = items.get_mut(*at) else { continue };
            let is_about =
                if document == NONE { item.customer == customer } else { documents.contains(&item.document) };
            let about = item.currency == currency && is_about;
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

/// Of each document that an item of these stands for: what of it receipts paid that are of a day after one and by another,
/// whenever they were matched, in the order of documents; no more than was open of it, and not below zero.
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
        let fact = store.allocations.get(allocation).filter(|fact| !fact.is_difference());
        fact.and_then(|fact| receipt_day(view, fact.credit)).is_some_and(|day| day > from && day <= to)
    };
    for (document, open) in &mut open {
        let legs = store.legs.of(*document).filter(|leg| leg.recorded <= view.known_on);
        let within = legs.filter(|leg| is_cash(leg.allocation));
        *open = within.fold(0_i64, |sum, leg| sum.saturating_add(leg.amount)).clamp(0, *open);
    }
    open
}
