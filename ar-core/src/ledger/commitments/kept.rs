//! What is left of a customer's commitments once all that is known counts: kept as facts are appended, so that a question about
//! one customer does not cost more with every order that was ever finished.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashSet;

use super::gone::{Gone, last_closed};
use super::{is_counted, named};
use crate::calendar::Day;
use crate::ledger::View;
use crate::ledger::layers::{Layer, Layers, NONE, count, place};
use crate::ledger::store::{CommitmentFact, CommitmentKind, Store};
use crate::ledger::view::bare;
use crate::money::Minor;

/// A commitment by its place among all rows, and what is left of it from a day on.
#[derive(Debug, Clone, Copy)]
struct Held {
    customer: u32,
    seq: u64,
    from: i32,
    left: Minor,
}

/// The commitments of some customers of which something is left: in the newest layer that has a customer, all of its.
#[derive(Debug, Default)]
struct Open {
    /// Sorted.
    customers: Vec<u32>,
    /// Where those of each begin, and where the last end.
    starts: Vec<u32>,
    /// By customer, as they came.
    held: Vec<Held>,
}

impl Open {
    /// Of customers, sorted, with what they have: by customer.
    fn of(customers: Vec<u32>, held: Vec<Held>) -> Self {
        let mut starts = Vec::with_capacity(customers.len().saturating_add(1));
        let mut at = 0_usize;
        for customer in &customers {
            starts.push(count(at));
            let of_customer = held.get(at..).unwrap_or(&[]).iter().take_while(|it| it.customer == *customer).count();
            at = at.saturating_add(of_customer);
        }
        starts.push(count(at));
        Self { customers, starts, held }
    }

    fn of_customer(&self, customer: u32) -> Option<&[Held]> {
        let at = self.customers.binary_search(&customer).ok()?;
        let (from, to) = (*self.starts.get(at)?, *self.starts.get(at.saturating_add(1))?);
        self.held.get(place(from)..place(to))
    }
}

impl Layer for Open {
    fn size(&self) -> usize {
        self.customers.len().saturating_add(self.held.len())
    }

    fn merged(&self, next: &Self) -> Self {
        let mut customers: Vec<u32> = self.customers.iter().chain(&next.customers).copied().collect();
        customers.sort_unstable();
        customers.dedup();
        let latest = |customer: &u32| next.of_customer(*customer).or_else(|| self.of_customer(*customer));
        let held = customers.iter().filter_map(latest).flatten().copied().collect();
        Self::of(customers, held)
    }
}

/// Commitments of which nothing is left from a day on: by customer and day.
#[derive(Debug, Default)]
struct Finished(Vec<(u32, i32, u64)>);

impl Finished {
    /// Of those of a customer of which something may be left on a day.
    fn after(&self, customer: u32, day: i32) -> impl Iterator<Item = u64> {
        let from = self.0.partition_point(|(held, last, _)| (*held, *last) <= (customer, day));
        let later = self.0.get(from..).unwrap_or(&[]).iter();
        later.take_while(move |(held, ..)| *held == customer).map(|(.., seq)| *seq)
    }
}

impl Layer for Finished {
    fn size(&self) -> usize {
        self.0.len()
    }

    fn merged(&self, next: &Self) -> Self {
        let mut all: Vec<_> = self.0.iter().chain(&next.0).copied().collect();
        all.sort_unstable();
        all.dedup();
        Self(all)
    }
}

/// What is left of all commitments once all that is known counts; made when first asked for, and kept from then on.
#[derive(Debug, Default, Clone)]
pub(crate) struct Kept(OnceLock<Arc<Lefts>>);

#[derive(Debug, Default, Clone)]
struct Lefts {
    open: Layers<Open>,
    finished: Layers<Finished>,
}

impl Lefts {
    fn of(store: &Arc<Store>) -> Self {
        let mut all = Self::default();
        all.take_in(store, store.commitments.all().collect());
        all
    }

    /// Looks anew at commitments; what is known of others stays.
    fn take_in(&mut self, store: &Arc<Store>, mut facts: Vec<&CommitmentFact>) {
        facts.sort_unstable_by_key(|fact| (fact.customer, fact.seq));
        let seen: FxHashSet<u64> = facts.iter().map(|fact| fact.seq).collect();
        let view = bare(Arc::clone(store), Day::MAX, i32::MAX);
        let mut gone = Gone::of(&view);
        let (mut customers, mut open, mut finished) = (Vec::new(), Vec::new(), Vec::new());
        for of_customer in facts.chunk_by(|a, b| a.customer == b.customer) {
            let Some(customer) = of_customer.first().map(|fact| fact.customer) else { continue };
            customers.push(customer);
            let from = open.len();
            open.extend(self.open_of(customer).iter().filter(|held| !seen.contains(&held.seq)));
            for fact in of_customer {
                let held = held(&view, &mut gone, fact);
                if held.left == 0 {
                    finished.push((customer, held.from, held.seq));
                } else {
                    open.push(held);
                }
            }
            open.get_mut(from..).into_iter().for_each(|own| own.sort_unstable_by_key(|held| held.seq));
        }
        finished.sort_unstable();
        self.open.push(Open::of(customers, open));
        self.finished.push(Finished(finished));
    }

    fn open_of(&self, customer: u32) -> &[Held] {
        self.open.iter().rev().find_map(|layer| layer.of_customer(customer)).unwrap_or(&[])
    }
}

fn held(view: &View, gone: &mut Gone<'_>, fact: &CommitmentFact) -> Held {
    let (left, last) = gone.left_and_last(fact);
    let left = if view.is_closed(fact.id) { 0 } else { Minor::try_from(left).unwrap_or(0) };
    let from = last.max(last_closed(view, fact.id));
    Held { customer: fact.customer, seq: fact.seq, from, left }
}

impl Kept {
    fn lefts(&self, store: &Arc<Store>) -> &Lefts {
        self.0.get_or_init(|| Arc::new(Lefts::of(store)))
    }
}

impl Store {
    /// Looks anew at the commitments of which an append may have changed what is left, where an earlier ledger kept it: an append
    /// pays for what it changed, and no question does.
    pub(crate) fn keep_commitments_of(self: &Arc<Self>, earlier: &Self) {
        let Some(lefts) = earlier.kept_commitments.0.get() else { return };
        let facts = changed(self, earlier);
        let kept = &self.kept_commitments.0;
        if facts.is_empty() {
            kept.get_or_init(|| Arc::clone(lefts));
            return;
        }
        kept.get_or_init(|| {
            let mut lefts = Lefts::clone(lefts);
            lefts.take_in(self, facts);
            Arc::new(lefts)
        });
    }
}

/// The commitments of which a ledger may have another rest than an earlier one: those that are new, or that something new closes, follows,
/// invoices or cancels what follows; and what these follow in turn.
fn changed<'a>(store: &'a Store, earlier: &Store) -> Vec<&'a CommitmentFact> {
    let mut changed = Changed { store, seen: FxHashSet::default(), next: Vec::new(), facts: Vec::new() };
    let is_new = |seq: u64| seq >= earlier.rows;
    for fact in store.commitments.since(&earlier.commitments).flat_map(|layer| layer.all()) {
        if is_new(fact.seq) {
            changed.take_commitment(fact);
        }
    }
    for fact in store.closings.since(&earlier.closings).flat_map(|layer| layer.all()) {
        if is_new(fact.seq) {
            named(store, fact.of).into_iter().for_each(|fact| changed.take_commitment(fact));
        }
    }
    for fact in store.followers.since(&earlier.followers).flat_map(|layer| layer.all()) {
        if fact.document != NONE && fact.document >= earlier.documents.len() {
            changed.next.push(fact.order);
        }
    }
    let cancelled = store.cancellations.since(&earlier.cancellations).flat_map(|layer| layer.all());
    let cancelled = cancelled.filter(|fact| is_new(fact.seq)).map(|fact| fact.document);
    let residuals = store.residuals.since(&earlier.residuals).flat_map(|layer| layer.all());
    let residuals = residuals.filter(|fact| fact.difference >= earlier.allocations.len()).map(|fact| fact.document);
    for document in cancelled.chain(residuals) {
        let order = store.documents.find(document).and_then(|(piece, row)| piece.order_reference.get(row));
        changed.next.extend(order.filter(|order| **order != NONE));
    }
    changed.facts()
}

/// Commitments that changed, found from the ids of what is followed.
struct Changed<'a> {
    store: &'a Store,
    seen: FxHashSet<u32>,
    /// Texts of ids.
    next: Vec<u32>,
    facts: Vec<&'a CommitmentFact>,
}

impl<'a> Changed<'a> {
    /// Takes a commitment, and what it follows next.
    fn take_commitment(&mut self, fact: &'a CommitmentFact) {
        self.facts.push(fact);
        if fact.order != NONE {
            self.next.push(fact.order);
        }
    }

    fn facts(mut self) -> Vec<&'a CommitmentFact> {
        let store = self.store;
        while let Some(order) = self.next.pop() {
            if !self.seen.insert(order) {
                continue;
            }
            let followers = || store.followers.of(order);
            if followers().any(|follower| follower.document != NONE) {
                // What is billed of one delivery is not billed of another.
                let deliveries = followers().filter_map(|follower| named(store, follower.commitment));
                self.facts.extend(deliveries.filter(|fact| fact.kind == CommitmentKind::Delivery));
            }
            let own = store.matter_ids.find(store.texts.text(order)).and_then(|id| named(store, id));
            own.into_iter().for_each(|fact| self.take_commitment(fact));
        }
        self.facts.sort_unstable_by_key(|fact| fact.seq);
        self.facts.dedup_by_key(|fact| fact.seq);
        self.facts
    }
}

/// What is left of the commitments of a customer, as they came: of those that count and of which something is left.
pub(crate) fn left_of_customer(view: &View, customer: u32) -> Vec<(&CommitmentFact, i128)> {
    let store = &view.store;
    let mut gone = Gone::of(view);
    let mut now = |fact: &CommitmentFact| {
        let stands = is_counted(view, fact) && !view.is_closed(fact.id);
        if stands { gone.left_of(fact) } else { 0 }
    };
    let mut of_customer = store.commitments.of(customer).peekable();
    if view.known_on != i32::MAX || of_customer.peek().is_none() {
        return of_customer.map(|fact| (fact, now(fact))).filter(|(_, left)| *left != 0).collect();
    }
    let lefts = store.kept_commitments.lefts(store);
    let day = view.stood_on();
    let fact = |seq: u64| store.commitments.search(customer, |fact| fact.seq.cmp(&seq));
    let open = lefts.open_of(customer);
    let mut all: Vec<(&CommitmentFact, i128)> = Vec::with_capacity(open.len());
    for held in open {
        let Some(fact) = fact(held.seq) else { continue };
        all.push((fact, if held.from <= day { held.left.into() } else { now(fact) }));
    }
    let is_open = |seq: u64| open.binary_search_by_key(&seq, |held| held.seq).is_ok();
    for seq in lefts.finished.iter().flat_map(|layer| layer.after(customer, day)).filter(|seq| !is_open(*seq)) {
        all.extend(fact(seq).map(|fact| (fact, now(fact))));
    }
    all.retain(|(_, left)| *left != 0);
    all.sort_unstable_by_key(|(fact, _)| fact.seq);
    all.dedup_by_key(|(fact, _)| fact.seq);
    all
}
