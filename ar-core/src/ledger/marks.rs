//! What stands beside open items: disputes, holds, and what known allocations and receipts will bring later.

use rustc_hash::{FxHashMap, FxHashSet};

use super::View;
use super::layers::{Keyed, Layers, NONE, Sorted, count, place};
use super::left_over::{Disputed, LeftOvers};
use super::store::{AllocationFact, HoldFact, NO_BASE, NO_DAY};
use super::view::ToCome;
use crate::money::Minor;

/// What stands beside some items: their disputed and pending part, and whether they are held.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    pub disputed: FxHashMap<u32, Minor>,
    pub held: FxHashSet<u32>,
    pub pending: FxHashMap<u32, Minor>,
    /// What a later day needs of an item, so that no allocation of the view's day may take it.
    pub spoken_for: FxHashMap<u32, Minor>,
}

/// Amounts by instalment as named; 0: none.
type NamedLegs = Vec<(u32, i128)>;

/// A sum that changes from day to day.
#[derive(Debug, Default)]
struct Rise {
    now: i128,
    /// Never below zero, which it is at first.
    most: i128,
}

impl Rise {
    fn add(&mut self, amount: Minor) {
        self.now = self.now.saturating_add(i128::from(amount));
    }

    fn end_of_day(&mut self) {
        self.most = self.most.max(self.now);
    }
}

/// A payment or advance known and effective later.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PendingReceipt {
    pub document: u32,
    pub account: u32,
    pub amount: Minor,
    /// `NO_BASE`: none.
    pub base: Minor,
}

impl View {
    /// What stands beside the items; found once.
    pub(crate) fn marks(&self) -> &Marks {
        self.marks.get_or_init(|| self.find_marks())
    }

    pub(crate) fn is_closed(&self, matter: u32) -> bool {
        self.store.closings.of(matter).any(|fact| self.counted(fact.effective, fact.recorded))
    }

    /// Whether a document is cancelled by the view's day, as far as that is known.
    pub(crate) fn is_cancelled(&self, document: u32) -> bool {
        self.store.cancellations.of(document).any(|fact| self.counted(fact.effective, fact.recorded))
    }

    /// Whether a hold stands on the view's day.
    pub(crate) fn stands(&self, hold: &HoldFact) -> bool {
        self.counted(hold.effective, hold.recorded) && hold.until >= self.stood_on && !self.is_closed(hold.id)
    }

    fn find_marks(&self) -> Marks {
        let store = &self.store;
        let left_overs = self.left_overs();
        let mut disputed = self.disputes(&left_overs);
        let holds = |fact: &&HoldFact| self.stands(fact);
        let mut held_documents: FxHashSet<u32> =
            self.of_documents(&store.document_holds, &left_overs).filter(holds).map(|fact| fact.of).collect();
        left_overs.hand_down(&mut held_documents);
        let held_customers: FxHashSet<u32> =
            self.of_customers(&store.customer_holds).filter(holds).map(|fact| fact.of).collect();
        let pending = self.pending_legs();
        let spoken_for = self.spoken_for(&pending);
        let mut marks = Marks::default();
        if disputed.is_empty() && held_documents.is_empty() && held_customers.is_empty() && pending.is_empty() {
            return marks;
        }
        let mut pending_items: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        let items = self.items.document.iter().zip(&self.items.account).zip(&self.items.open).enumerate();
        for (item, ((document, account), open)) in items {
            let at = count(item);
            if held_documents.contains(document)
                || (!held_customers.is_empty() && held_customers.contains(&store.account(*account).customer))
            {
                marks.held.insert(at);
            }
            if let Some(left) = disputed.get_mut(document) {
                let part = left.take(i128::from(*open).saturating_abs());
                if let Ok(part) = Minor::try_from(part)
                    && part != 0
                {
                    marks.disputed.insert(at, if *open < 0 { part.saturating_neg() } else { part });
                }
            }
            if pending.contains_key(document) {
                pending_items.entry(*document).or_default().push(at);
            }
        }
        let mut documents: Vec<(u32, Vec<u32>)> = pending_items.into_iter().collect();
        documents.sort_unstable();
        for (document, of_document) in documents {
            if let Some(legs) = pending.get(&document) {
                let whole = legs.iter().map(|(_, amount)| *amount).sum();
                self.spread_pending(&of_document, legs, whole, &mut marks.pending);
            }
            if let Some((named, whole)) = spoken_for.get(&document) {
                self.spread_pending(&of_document, named, *whole, &mut marks.spoken_for);
            }
        }
        marks
    }

    /// What is disputed of documents on the view's day: of their own, and what is handed down to those that are left of others.
    fn disputes(&self, left_overs: &LeftOvers) -> FxHashMap<u32, Disputed> {
        let store = &self.store;
        let mut disputed: FxHashMap<u32, Disputed> = FxHashMap::default();
        let mut add = |fact: &super::store::DisputeFact| {
            if self.counted(fact.effective, fact.recorded) && !self.is_closed(fact.id) {
                let one =
                    if fact.amount == NO_BASE { Disputed::Whole } else { Disputed::Part(i128::from(fact.amount)) };
                let sum = disputed.entry(fact.document).or_default();
                *sum = sum.and(one);
            }
        };
        self.of_documents(&store.disputes, left_overs).for_each(&mut add);
        if left_overs.is_empty() || (self.scope.is_none() && disputed.is_empty()) {
            return disputed;
        }
        let mut open: FxHashMap<u32, i128> = left_overs.documents().map(|document| (document, 0)).collect();
        for (document, amount) in self.items.document.iter().zip(&self.items.open) {
            if let Some(sum) = open.get_mut(document) {
                *sum = sum.saturating_add(i128::from(*amount).saturating_abs());
            }
        }
        left_overs.place(&mut disputed, &open);
        disputed
    }

    /// By document that has later legs: how much more than on the view's day is settled on the day that has the most, of each
    /// instalment as named and in all.
    fn spoken_for(&self, later: &FxHashMap<u32, NamedLegs>) -> FxHashMap<u32, (NamedLegs, i128)> {
        let most = |document: u32| {
            let mut legs: Vec<super::store::Leg> = self.store.legs.of(document).collect();
            // A cancellation ends allocations, of which the legs tell; of its own it needs nothing.
            legs.retain(|leg| leg.effective > self.stood_on && leg.recorded <= self.known_on && leg.allocation != NONE);
            legs.sort_by_key(|leg| leg.effective);
            let (mut named, mut whole): (Vec<(u32, Rise)>, Rise) = (Vec::new(), Rise::default());
            for day in legs.chunk_by(|a, b| a.effective == b.effective) {
                for leg in day {
                    whole.add(leg.amount);
                    match named.iter_mut().find(|(held, _)| *held == leg.instalment) {
                        Some((_, rise)) => rise.add(leg.amount),
                        None => named.push((leg.instalment, Rise { now: i128::from(leg.amount), most: 0 })),
                    }
                }
                whole.end_of_day();
                named.iter_mut().for_each(|(_, rise)| rise.end_of_day());
            }
            named.retain(|(number, rise)| *number != 0 && rise.most > 0);
            (named.into_iter().map(|(number, rise)| (number, rise.most)).collect(), whole.most)
        };
        later.keys().map(|document| (*document, most(*document))).collect()
    }

    /// Legs that will count later, by document: (instalment, amount).
    fn pending_legs(&self) -> FxHashMap<u32, NamedLegs> {
        let mut pending = PendingLegs { day: self.stood_on, view: self, found: FxHashMap::default() };
        if self.scope.is_some() {
            for document in self.documents() {
                for leg in self.store.legs.of(document) {
                    pending.add(document, leg.effective, leg.recorded, leg.allocation, (leg.instalment, leg.amount));
                }
            }
        } else {
            for legs in self.store.legs.iter() {
                let columns = legs.document.iter().zip(&legs.effective).zip(&legs.recorded).zip(&legs.allocation);
                let amounts = legs.instalment.iter().zip(&legs.amount);
                for ((((document, effective), recorded), allocation), (instalment, amount)) in columns.zip(amounts) {
                    pending.add(*document, *effective, *recorded, *allocation, (*instalment, *amount));
                }
            }
        }
        pending.found
    }

    /// Spreads what is pending over the items of a document: named instalments first, then earliest due what is over of the whole.
    fn spread_pending(&self, items: &[u32], legs: &[(u32, i128)], whole: i128, into: &mut FxHashMap<u32, Minor>) {
        let mut ordered: Vec<u32> = items.to_vec();
        ordered.sort_by_key(|item| {
            let at = place(*item);
            (self.items.due.get(at).copied().unwrap_or(NO_DAY), self.items.instalment(at))
        });
        // Items of the opposite sign take no part.
        let way = i128::from(self.sign_of(items));
        let open =
            |item: u32| self.items.open.get(place(item)).map_or(0, |open| i128::from(*open).saturating_mul(way).max(0));
        let mut taken: Vec<i128> = vec![0; ordered.len()];
        let mut rest = whole;
        for (number, amount) in legs {
            let at = ordered.iter().position(|item| *number != 0 && self.items.instalment(place(*item)) == *number);
            let part = at.and_then(|at| ordered.get(at)).map_or(0, |item| open(*item).min(*amount));
            if let Some(slot) = at.and_then(|at| taken.get_mut(at)) {
                *slot = slot.saturating_add(part);
            }
            rest = rest.saturating_sub(part);
        }
        for (item, slot) in ordered.iter().zip(taken.iter_mut()) {
            let part = rest.min(open(*item).saturating_sub(*slot)).max(0);
            *slot = slot.saturating_add(part);
            rest = rest.saturating_sub(part);
            let negative = self.items.open.get(place(*item)).is_some_and(|open| *open < 0);
            if let Ok(part) = Minor::try_from(*slot)
                && part != 0
            {
                into.insert(*item, if negative { part.saturating_neg() } else { part });
            }
        }
    }

    /// The sign of the document of these items.
    fn sign_of(&self, items: &[u32]) -> Minor {
        let document = items.first().and_then(|item| self.items.document.get(place(*item)));
        let found = document.and_then(|document| self.store.documents.find(*document));
        if found.and_then(|(piece, row)| piece.amount.get(row)).is_some_and(|amount| *amount < 0) { -1 } else { 1 }
    }

    /// The documents of the items, each once.
    pub(super) fn documents(&self) -> Vec<u32> {
        let mut documents = self.items.document.clone();
        documents.sort_unstable();
        documents.dedup();
        documents
    }

    /// Facts about documents: all, or by the index those of the accounts that the view is about, and of what their items are left of.
    fn of_documents<'a, T: Keyed>(
        &'a self,
        facts: &'a Layers<Sorted<T>>,
        left_overs: &LeftOvers,
    ) -> Box<dyn Iterator<Item = &'a T> + 'a> {
        if self.scope.is_none() {
            return Box::new(facts.all());
        }
        let mut documents = self.documents();
        documents.extend(left_overs.documents());
        documents.sort_unstable();
        documents.dedup();
        Box::new(documents.into_iter().flat_map(|document| facts.of(document)))
    }

    /// Facts about customers, likewise.
    fn of_customers<'a, T: Keyed>(&'a self, facts: &'a Layers<Sorted<T>>) -> Box<dyn Iterator<Item = &'a T> + 'a> {
        match &self.scope {
            None => Box::new(facts.all()),
            Some(scope) => Box::new(scope.customers.iter().flat_map(|customer| facts.of(*customer))),
        }
    }

    /// Receipts known and effective later, not known to be cancelled.
    pub(crate) fn pending_receipt_documents(&self) -> &[PendingReceipt] {
        self.receipts.get_or_init(|| self.find_pending_receipts())
    }

    fn find_pending_receipts(&self) -> Vec<PendingReceipt> {
        let mut receipts = Vec::new();
        if self.to_come == ToCome::OfCredits {
            return receipts;
        }
        for piece in self.store.documents.iter() {
            // Most pieces hold nothing that counts later.
            if piece.effective.iter().fold(i32::MIN, |last, day| last.max(*day)) <= self.stood_on {
                continue;
            }
            let rows: Box<dyn Iterator<Item = u32> + '_> = match &self.scope {
                None => Box::new(0..count(piece.len())),
                Some(scope) => Box::new(scope.accounts.iter().flat_map(|account| piece.rows_of(*account))),
            };
            for row in rows.map(place) {
                let Some(effective) = piece.effective.get(row) else { continue };
                if *effective <= self.stood_on || !piece.kind.get(row).is_some_and(|kind| kind.is_receipt()) {
                    continue;
                }
                let document = piece.start.saturating_add(count(row));
                if piece.recorded.get(row).is_none_or(|recorded| *recorded > self.known_on)
                    || self.store.cancellations.of(document).any(|fact| fact.recorded <= self.known_on)
                {
                    continue;
                }
                if let (Some(account), Some(amount), Some(base)) =
                    (piece.account.get(row), piece.amount.get(row), piece.base.get(row))
                {
                    receipts.push(PendingReceipt { document, account: *account, amount: *amount, base: *base });
                }
            }
        }
        receipts
    }

    /// Receipts known and effective later, by account in their order; below zero.
    pub(crate) fn pending_receipts(&self) -> Vec<(u32, i128)> {
        let mut sums: FxHashMap<u32, i128> = FxHashMap::default();
        for receipt in self.pending_receipt_documents() {
            let sum = sums.entry(receipt.account).or_insert(0);
            *sum = sum.saturating_add(i128::from(receipt.amount));
        }
        let mut all: Vec<(u32, i128)> = sums.into_iter().collect();
        self.store.sort_accounts(&mut all, |(account, _)| *account);
        all
    }
}

/// Legs that will count later, as they are found.
struct PendingLegs<'a> {
    day: i32,
    view: &'a View,
    found: FxHashMap<u32, NamedLegs>,
}

impl PendingLegs<'_> {
    /// Whether the credit of an allocation, or of that which a difference stands beside, counts already.
    fn is_of_credit(&self, number: u32, fact: &AllocationFact) -> bool {
        let store = &self.view.store;
        let beside = || self.view.about(number, fact).and_then(|about| store.allocations.get(about.beside));
        let credit = if fact.is_difference() { beside().map_or(NONE, |fact| fact.credit) } else { fact.credit };
        let found = store.documents.find(credit).and_then(|(piece, row)| piece.effective.get(row));
        found.is_some_and(|effective| *effective <= self.day)
    }

    fn add(&mut self, document: u32, effective: i32, recorded: i32, allocation: u32, (number, amount): (u32, Minor)) {
        if effective <= self.day || recorded > self.view.known_on {
            return;
        }
        let Some(fact) = self.view.store.allocations.get(allocation).filter(|fact| fact.effective > self.day) else {
            return;
        };
        if self.view.to_come == ToCome::OfCredits && !self.is_of_credit(allocation, fact) {
            return;
        }
        let of_document = self.found.entry(document).or_default();
        match of_document.iter_mut().find(|(held, _)| *held == number) {
            Some((_, sum)) => *sum = sum.saturating_add(i128::from(amount)),
            None => of_document.push((number, i128::from(amount))),
        }
    }
}
