//! What is left of documents while allocations are taken in: is there room for one more, and what is its base amount?

use rustc_hash::FxHashMap;

use crate::ledger::layers::{count, place};
use crate::ledger::store::{AllocationFact, Leg, NO_BASE, NO_DAY, Side, Store};
use crate::money::{Minor, Rounding, multiply_divide};

/// What is known of a document without looking at each of its legs.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// No day has more settled than this.
    most: i128,
    /// All legs, when none counts or was recorded after these days.
    settled: i128,
    base_settled: i128,
    effective: i32,
    recorded: i32,
    /// The last leg of this batch, as its place plus one.
    last_leg: u32,
}

impl Known {
    const NOTHING: Self =
        Self { most: 0, settled: 0, base_settled: 0, effective: i32::MIN, recorded: i32::MIN, last_leg: 0 };

    fn add(&mut self, leg: &Leg) {
        let amount = i128::from(leg.amount);
        self.most = self.most.saturating_add(amount.max(0));
        self.settled = self.settled.saturating_add(amount);
        if leg.base != NO_BASE {
            self.base_settled = self.base_settled.saturating_add(i128::from(leg.base));
        }
        self.effective = self.effective.max(leg.effective);
        self.recorded = self.recorded.max(leg.recorded);
    }
}

/// The legs of this batch, on top of those of the ledger.
pub(super) struct Room {
    legs: Vec<(Leg, u32)>,
    /// By document, in the first load.
    dense: Vec<Known>,
    sparse: FxHashMap<u32, Known>,
}

impl Room {
    /// Room of the documents of a first load; of any others, with 0.
    pub(super) fn new(documents: usize) -> Self {
        Self { legs: Vec::new(), dense: vec![Known::NOTHING; documents], sparse: FxHashMap::default() }
    }

    pub(super) fn into_legs(self) -> Vec<Leg> {
        self.legs.into_iter().map(|(leg, _)| leg).collect()
    }

    fn known(&mut self, store: &Store, document: u32) -> &mut Known {
        if let Some(known) = self.dense.get_mut(place(document)) {
            return known;
        }
        self.sparse.entry(document).or_insert_with(|| {
            let mut known = Known::NOTHING;
            store.legs.of(document).for_each(|leg| known.add(&leg));
            known
        })
    }

    pub(super) fn add(&mut self, store: &Store, leg: Leg) {
        let last = count(self.legs.len()).saturating_add(1);
        let known = self.known(store, leg.document);
        known.add(&leg);
        let before = std::mem::replace(&mut known.last_leg, last);
        self.legs.push((leg, before));
    }

    /// The legs of a document known on a day, by effective day.
    fn legs_known(&mut self, store: &Store, document: u32, known_on: i32) -> Vec<Leg> {
        let mut all: Vec<Leg> = store.legs.of(document).collect();
        let mut last = self.known(store, document).last_leg;
        while let Some((leg, before)) = last.checked_sub(1).and_then(|at| self.legs.get(place(at))) {
            all.push(leg.clone());
            last = *before;
        }
        all.retain(|leg| leg.recorded <= known_on);
        all.sort_by_key(|leg| leg.effective);
        all
    }

    /// Whether so much more can be taken from a document on every day from the allocation's until before another; if not, what
    /// is left.
    pub(super) fn fits(
        &mut self,
        store: &Store,
        document: u32,
        whole: Minor,
        amount: Minor,
        fact: &AllocationFact,
        until: i32,
    ) -> Result<(), i128> {
        let (whole, amount) = (i128::from(whole).saturating_abs(), i128::from(amount));
        if self.known(store, document).most <= whole.saturating_sub(amount) {
            return Ok(());
        }
        let legs = self.legs_known(store, document, fact.recorded);
        // Later allocations find the true most: what becomes known after this day only gives back.
        let most = most_on(&legs, i32::MIN, NO_DAY);
        self.known(store, document).most = most;
        room(whole, most_on(&legs, fact.effective, until), amount)
    }

    /// Whether a named instalment has room for the allocation on every day that it holds; if not, what is left.
    pub(super) fn instalment_fits(
        &mut self,
        store: &Store,
        side: Side,
        fact: &AllocationFact,
        limit: Minor,
        until: i32,
    ) -> Result<(), i128> {
        let mut legs = self.legs_known(store, side.document, fact.recorded);
        legs.retain(|leg| leg.instalment == side.instalment);
        room(limit.into(), most_on(&legs, fact.effective, until), side.amount.into())
    }

    /// The base amount of a leg: what is left in base on that day × leg ÷ what is left.
    pub(super) fn base_leg(
        &mut self,
        store: &Store,
        document: u32,
        (whole, base): (Minor, Minor),
        amount: Minor,
        fact: &AllocationFact,
    ) -> Minor {
        let known = *self.known(store, document);
        let (settled, base_settled) = if known.effective <= fact.effective && known.recorded <= fact.recorded {
            (known.settled, known.base_settled)
        } else {
            let mut then = Known::NOTHING;
            let legs = self.legs_known(store, document, fact.recorded);
            legs.iter().filter(|leg| leg.effective <= fact.effective).for_each(|leg| then.add(leg));
            (then.settled, then.base_settled)
        };
        let left = i128::from(whole).saturating_abs().saturating_sub(settled);
        let base_left = i128::from(base).saturating_abs().saturating_sub(base_settled);
        // There was room for it on that day, so that something is left.
        multiply_divide(base_left, i128::from(amount), left, Rounding::HalfAwayFromZero)
            .and_then(|minor| Minor::try_from(minor).ok())
            .filter(|minor| *minor != NO_BASE)
            .unwrap_or(0)
    }
}

fn room(whole: i128, settled: i128, amount: i128) -> Result<(), i128> {
    let left = whole.saturating_sub(settled);
    if amount <= left { Ok(()) } else { Err(left) }
}

/// The most that is settled on a day from one until before another; legs are sorted by effective day.
fn most_on(legs: &[Leg], from: i32, until: i32) -> i128 {
    let mut settled: i128 = 0;
    let mut most: Option<i128> = None;
    for day in legs.chunk_by(|a, b| a.effective == b.effective) {
        let effective = day.first().map_or(NO_DAY, |leg| leg.effective);
        if effective > from {
            most = Some(most.map_or(settled, |most| most.max(settled)));
        }
        if effective >= until {
            return most.unwrap_or(settled);
        }
        settled = settled.saturating_add(day.iter().map(|leg| i128::from(leg.amount)).sum());
    }
    most.map_or(settled, |most| most.max(settled))
}
