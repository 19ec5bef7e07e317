//! Takes in what settles: allocations, reversals and cancellations, day of recording by day of recording.
//!
//! Each allocation holds from its effective day until the first of: its reversal, the cancellation of its credit, the
//! cancellation of its debit. Whatever moves that end adds legs that take the amount back at the new end and give it
//! again at the old one, so what was known on any earlier day is never changed.

use rustc_hash::{FxHashMap, FxHashSet};

use super::admit::Admission;
use super::fact::{AllocationRead, CancellationRead, ReversalRead, Table};
use super::layers::{Growing, Layers, NONE, Texts, count, place};
use super::store::{AllocationFact, CancellationFact, Leg, NO_BASE, NO_DAY, ReversalFact, Store};
use crate::calendar::Day;
use crate::money::{Minor, Rounding, multiply_divide};
use crate::problem::quoted;

/// Facts that settle, checked and ready to be stored.
pub(super) struct Settled {
    ids: Layers<Texts>,
    allocations: Vec<AllocationFact>,
    reversals: Vec<ReversalFact>,
    cancellations: Vec<CancellationFact>,
    legs: Vec<Leg>,
}

impl Settled {
    pub(super) fn into_store(self, next: &mut Store) {
        next.allocation_ids = self.ids;
        next.allocations.add(self.allocations);
        next.reversals.add(self.reversals);
        next.cancellations.add(self.cancellations);
        next.legs.push(super::store::Legs::new(self.legs));
    }
}

/// What is known of a document while facts are taken in.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// All legs that give, whenever they count; never below what is settled on any day.
    given: Minor,
    settled: Minor,
    base_settled: Minor,
    /// The last leg of this batch, as its place plus one.
    last_leg: u32,
    /// Whether the legs from before this batch are summed in.
    ready: bool,
}

struct New {
    row: usize,
    number: u32,
    fact: AllocationFact,
}

pub(super) struct Settlement<'a, 'b> {
    admission: &'a mut Admission<'b>,
    next: &'a Store,
    ids: Growing,
    allocations: Vec<AllocationFact>,
    reversals: Vec<ReversalFact>,
    cancellations: Vec<CancellationFact>,
    legs: Vec<(Leg, u32)>,
    dense: Vec<Known>,
    sparse: FxHashMap<u32, Known>,
    /// Allocation → effective day of its reversal, of this batch.
    reversed: FxHashMap<u32, i32>,
    /// Document → effective day of its cancellation, of this batch.
    cancelled: FxHashMap<u32, i32>,
    /// Allocations of this batch by each document that this batch cancels.
    of_cancelled: FxHashMap<u32, Vec<u32>>,
    /// Allocations of this batch that were refused.
    refused: FxHashSet<u32>,
}

struct NewReversal {
    row: usize,
    fact: ReversalFact,
}

struct NewCancellation {
    row: usize,
    fact: CancellationFact,
}

impl<'a, 'b> Settlement<'a, 'b> {
    pub(super) fn of(admission: &'a mut Admission<'b>, next: &'a Store) -> Self {
        let dense = if admission.before.documents.len() == 0 {
            vec![Known { ready: true, ..Known::default() }; admission.documents.len()]
        } else {
            Vec::new()
        };
        let ids = Growing::on(&admission.before.allocation_ids);
        Self {
            admission,
            next,
            ids,
            allocations: Vec::new(),
            reversals: Vec::new(),
            cancellations: Vec::new(),
            legs: Vec::new(),
            dense,
            sparse: FxHashMap::default(),
            reversed: FxHashMap::default(),
            cancelled: FxHashMap::default(),
            of_cancelled: FxHashMap::default(),
            refused: FxHashSet::default(),
        }
    }

    pub(super) fn run(mut self) -> Settled {
        let mut allocations = self.read_allocations();
        let mut reversals = self.read_reversals();
        let mut cancellations = self.read_cancellations();
        for new in &cancellations {
            self.of_cancelled.insert(new.fact.document, Vec::new());
        }
        for new in &allocations {
            for document in [new.fact.credit, new.fact.debit] {
                if let Some(list) = self.of_cancelled.get_mut(&document) {
                    list.push(new.number);
                }
            }
        }
        let mut days: Vec<i32> = allocations.iter().map(|new| new.fact.recorded).collect();
        days.extend(reversals.iter().map(|new| new.fact.recorded));
        days.extend(cancellations.iter().map(|new| new.fact.recorded));
        days.sort_unstable();
        days.dedup();
        // Later days first, so that the facts of the next day are always at the end.
        allocations.sort_by_key(|new| std::cmp::Reverse((new.fact.recorded, new.fact.effective, new.row)));
        reversals.sort_by_key(|new| std::cmp::Reverse((new.fact.recorded, new.row)));
        cancellations.sort_by_key(|new| std::cmp::Reverse((new.fact.recorded, new.row)));
        for day in days {
            let cancellations = tail(&mut cancellations, |new| new.fact.recorded == day);
            let reversals = tail(&mut reversals, |new| new.fact.recorded == day);
            let allocations = tail(&mut allocations, |new| new.fact.recorded == day);
            self.take_back(day, cancellations, reversals, &allocations);
            for new in allocations {
                self.allocate(&new);
            }
        }
        Settled {
            ids: self.ids.finish(),
            allocations: self.allocations,
            reversals: self.reversals,
            cancellations: self.cancellations,
            legs: self.legs.into_iter().map(|(leg, _)| leg).collect(),
        }
    }

    fn read_allocations(&mut self) -> Vec<New> {
        let mut all: Vec<New> = Vec::new();
        let (ids, facts) = (&mut self.ids, &mut self.allocations);
        self.admission.each(Table::allocations, AllocationRead::read, |admission, row, read: AllocationRead<'_>| {
            let table = Table::allocations;
            let Ok(number) = ids.add(&read.id) else {
                admission.problem(
                    table,
                    row,
                    "id",
                    "duplicate_id",
                    format!("expected a new id, got {} again", quoted(&read.id)),
                );
                return;
            };
            // Refused rows leave a gap, so that numbers stay those of the ids; a refused batch is thrown away.
            let gap = AllocationFact {
                credit: NONE,
                debit: NONE,
                instalment: 0,
                amount: 0,
                debit_amount: 0,
                base_credit: NO_BASE,
                base_debit: NO_BASE,
                effective: NO_DAY,
                recorded: NO_DAY,
            };
            facts.push(gap);
            if let Some(fact) = read_allocation(admission, row, &read)
                && let Some(slot) = facts.last_mut()
            {
                *slot = fact.clone();
                all.push(New { row, number, fact });
            }
        });
        all
    }

    fn read_reversals(&mut self) -> Vec<NewReversal> {
        let mut all = Vec::new();
        let (ids, facts, next) = (&self.ids, &self.allocations, self.next);
        self.admission.each(Table::reversals, ReversalRead::read, |admission, row, read: ReversalRead<'_>| {
            let table = Table::reversals;
            let effective = read.effective.number();
            let Some(allocation) = ids.find(&read.allocation) else {
                admission.unknown(table, row, "allocation", "allocation", &read.allocation);
                return;
            };
            let held = match allocation.checked_sub(ids.start()) {
                Some(new) => facts.get(place(new)),
                None => next.allocations.get(allocation),
            };
            let Some(of) = held.filter(|of| of.credit != NONE) else {
                admission.unknown(table, row, "allocation", "allocation", &read.allocation);
                return;
            };
            let recorded = admission.recorded(table, row, read.recorded, &[effective, of.recorded]);
            if effective < of.effective {
                admission.problem(
                    table,
                    row,
                    "effective",
                    "impossible_date",
                    "expected a day not before the allocation's",
                );
                return;
            }
            let Some(recorded) = recorded else { return };
            if recorded < of.recorded {
                admission.problem(
                    table,
                    row,
                    "recorded",
                    "impossible_date",
                    "expected a day not before the allocation was recorded",
                );
                return;
            }
            let reason = admission.intern(read.reason.as_deref());
            all.push(NewReversal { row, fact: ReversalFact { allocation, effective, recorded, reason } });
        });
        all
    }

    fn read_cancellations(&mut self) -> Vec<NewCancellation> {
        let mut all = Vec::new();
        self.admission.each(
            Table::cancellations,
            CancellationRead::read,
            |admission, row, read: CancellationRead<'_>| {
                let table = Table::cancellations;
                let effective = read.effective.number();
                let Some(document) = admission.document(&read.document) else {
                    admission.unknown(table, row, "document", "document", &read.document);
                    return;
                };
                let Some((effective_of, recorded_of)) = admission.days_of(document) else { return };
                let recorded = admission.recorded(table, row, read.recorded, &[effective, recorded_of]);
                if effective < effective_of {
                    admission.problem(
                        table,
                        row,
                        "effective",
                        "impossible_date",
                        "expected a day not before the document's",
                    );
                    return;
                }
                let Some(recorded) = recorded else { return };
                if recorded < recorded_of {
                    admission.problem(
                        table,
                        row,
                        "recorded",
                        "impossible_date",
                        "expected a day not before the document was recorded",
                    );
                    return;
                }
                let reason = admission.intern(read.reason.as_deref());
                all.push(NewCancellation { row, fact: CancellationFact { document, effective, recorded, reason } });
            },
        );
        all
    }

    fn cancelled_on(&self, document: u32) -> i32 {
        let new = self.cancelled.get(&document).copied();
        new.or_else(|| self.next.cancellations.of(document).map(|fact| fact.effective).next()).unwrap_or(NO_DAY)
    }

    fn reversed_on(&self, allocation: u32) -> i32 {
        let new = self.reversed.get(&allocation).copied();
        new.or_else(|| self.next.reversals.of(allocation).map(|fact| fact.effective).next()).unwrap_or(NO_DAY)
    }

    fn fact(&self, allocation: u32) -> Option<&AllocationFact> {
        match allocation.checked_sub(self.ids.start()) {
            Some(new) => self.allocations.get(place(new)),
            None => self.next.allocations.get(allocation),
        }
    }

    /// The first day on which an allocation holds no more, with what is known so far.
    fn end(&self, allocation: u32, fact: &AllocationFact) -> i32 {
        self.reversed_on(allocation).min(self.cancelled_on(fact.credit)).min(self.cancelled_on(fact.debit))
    }

    /// Takes in the reversals and cancellations of one recorded day.
    fn take_back(&mut self, day: i32, cancellations: Vec<NewCancellation>, reversals: Vec<NewReversal>, new: &[New]) {
        if cancellations.is_empty() && reversals.is_empty() {
            return;
        }
        let of_today: FxHashSet<u32> = new.iter().map(|new| new.number).collect();
        let mut touched: Vec<u32> = reversals.iter().map(|reversal| reversal.fact.allocation).collect();
        for new in &cancellations {
            let document = new.fact.document;
            touched.extend(self.next.legs.of(document).map(|leg| leg.allocation).filter(|a| *a != NONE));
            touched.extend(self.of_cancelled.get(&document).into_iter().flatten());
        }
        touched.sort_unstable();
        touched.dedup();
        let ends: Vec<(u32, i32)> = touched
            .iter()
            .filter(|allocation| !of_today.contains(allocation) && !self.refused.contains(allocation))
            .filter_map(|allocation| {
                let fact = self.fact(*allocation)?;
                (fact.recorded <= day).then(|| (*allocation, self.end(*allocation, fact)))
            })
            .collect();
        for new in cancellations {
            if self.cancelled_on(new.fact.document) != NO_DAY {
                self.admission.problem(
                    Table::cancellations,
                    new.row,
                    "document",
                    "already_cancelled",
                    "expected a document that is not cancelled",
                );
                continue;
            }
            self.cancelled.insert(new.fact.document, new.fact.effective);
            self.cancellations.push(new.fact);
        }
        for new in reversals {
            let Some(fact) = self.fact(new.fact.allocation).cloned() else { continue };
            if self.end(new.fact.allocation, &fact) <= new.fact.effective
                || self.reversed_on(new.fact.allocation) != NO_DAY
            {
                self.admission.problem(
                    Table::reversals,
                    new.row,
                    "allocation",
                    "already_reversed",
                    "expected an allocation that still holds on that day",
                );
                continue;
            }
            self.reversed.insert(new.fact.allocation, new.fact.effective);
            self.reversals.push(new.fact);
        }
        for (allocation, before) in ends {
            let Some(fact) = self.fact(allocation).cloned() else { continue };
            let now = self.end(allocation, &fact);
            if now < before {
                self.move_end(allocation, &fact, before, now, day);
            }
        }
        let today: Vec<(u32, i32)> = self
            .cancellations
            .iter()
            .rev()
            .take_while(|fact| fact.recorded == day)
            .map(|fact| (fact.document, fact.effective))
            .collect();
        for (document, effective) in today {
            let Some((amount, base)) = self.admission.amount_of(document) else { continue };
            let base = if base == NO_BASE { NO_BASE } else { base.saturating_abs() };
            self.leg(Leg {
                document,
                effective,
                amount: amount.saturating_abs(),
                recorded: day,
                instalment: 0,
                allocation: NONE,
                base,
            });
        }
    }

    fn move_end(&mut self, allocation: u32, fact: &AllocationFact, before: i32, now: i32, recorded: i32) {
        for (document, amount, base, instalment) in legs_of(fact) {
            let leg = |effective, amount: Minor, base: Minor| Leg {
                document,
                effective,
                amount,
                recorded,
                instalment,
                allocation,
                base,
            };
            self.leg(leg(now, amount.saturating_neg(), negated(base)));
            if before != NO_DAY {
                self.leg(leg(before, amount, base));
            }
        }
    }

    /// Takes in one allocation, or notes why not.
    fn allocate(&mut self, new: &New) {
        let end = self.end(new.number, &new.fact);
        let sides =
            [(new.fact.credit, new.fact.amount, "amount"), (new.fact.debit, new.fact.debit_amount, "debit_amount")];
        for (document, amount, field) in sides {
            if new.fact.effective >= self.cancelled_on(document)
                || !self.fits(document, amount, new.fact.effective, end)
            {
                // In one currency the row has one amount, which is what does not fit.
                let field = if field == "debit_amount" && !self.own_debit_amount(new) { "amount" } else { field };
                self.refuse(new, field, "over_allocation", "expected no more than what is left");
                return;
            }
        }
        if new.fact.instalment != 0 {
            let in_force = self.instalment_amount(&new.fact);
            let Some(limit) = in_force else {
                self.refuse(new, "instalment", "unknown_reference", "expected the number of an instalment in force");
                return;
            };
            let named: i128 = self
                .legs_known(new.fact.debit)
                .iter()
                .filter(|leg| leg.instalment == new.fact.instalment)
                .map(|leg| i128::from(leg.amount))
                .sum();
            let adds = if end == NO_DAY { i128::from(new.fact.debit_amount) } else { 0 };
            if named.saturating_add(adds) > i128::from(limit) || new.fact.debit_amount > limit {
                self.refuse(new, "instalment", "over_allocation", "expected no more than the instalment");
                return;
            }
        }
        let mut fact = new.fact.clone();
        fact.base_credit = self.base_leg(fact.credit, fact.amount, fact.base_credit);
        fact.base_debit = self.base_leg(fact.debit, fact.debit_amount, fact.base_debit);
        for (document, amount, base, instalment) in legs_of(&fact) {
            let (allocation, recorded) = (new.number, fact.recorded);
            let leg = |effective, amount: Minor, base: Minor| Leg {
                document,
                effective,
                amount,
                recorded,
                instalment,
                allocation,
                base,
            };
            self.leg(leg(fact.effective, amount, base));
            if end != NO_DAY {
                self.leg(leg(end, amount.saturating_neg(), negated(base)));
            }
        }
        let start = self.ids.start();
        if let Some(slot) = self.allocations.get_mut(place(new.number.wrapping_sub(start))) {
            *slot = fact;
        }
    }

    fn own_debit_amount(&self, new: &New) -> bool {
        self.admission.currency_of(new.fact.credit) != self.admission.currency_of(new.fact.debit)
    }

    fn refuse(&mut self, new: &New, field: &str, code: &str, reason: &str) {
        self.refused.insert(new.number);
        self.admission.problem(Table::allocations, new.row, field, code, reason);
    }

    fn known(&mut self, document: u32) -> Known {
        if let Some(known) = self.dense.get(place(document)) {
            return *known;
        }
        let known = self.sparse.entry(document).or_default();
        if !known.ready {
            known.ready = true;
            for leg in self.next.legs.of(document) {
                known.add(&leg);
            }
        }
        *known
    }

    fn remember(&mut self, document: u32, known: Known) {
        match self.dense.get_mut(place(document)) {
            Some(slot) => *slot = known,
            None => {
                self.sparse.insert(document, known);
            }
        }
    }

    fn leg(&mut self, leg: Leg) {
        let mut known = self.known(leg.document);
        known.add(&leg);
        let document = leg.document;
        self.legs.push((leg, known.last_leg));
        known.last_leg = count(self.legs.len());
        self.remember(document, known);
    }

    /// All legs of a document, known before and new.
    fn legs_known(&mut self, document: u32) -> Vec<Leg> {
        let mut all: Vec<Leg> = self.next.legs.of(document).collect();
        let mut last = self.known(document).last_leg;
        while let Some((leg, before)) = last.checked_sub(1).and_then(|at| self.legs.get(place(at))) {
            all.push(leg.clone());
            last = *before;
        }
        all
    }

    /// Whether so much more can be taken from a document, on every day from one to before another.
    fn fits(&mut self, document: u32, amount: Minor, from: i32, to: i32) -> bool {
        let Some((whole, _)) = self.admission.amount_of(document) else { return false };
        let whole = i128::from(whole).saturating_abs();
        let amount = i128::from(amount);
        let known = self.known(document);
        if i128::from(known.given).saturating_add(amount) <= whole {
            return true;
        }
        let mut legs = self.legs_known(document);
        legs.sort_by_key(|leg| leg.effective);
        let mut settled: i128 = 0;
        for day in legs.chunk_by(|a, b| a.effective == b.effective) {
            let today: i128 = day.iter().map(|leg| i128::from(leg.amount)).sum();
            let effective = day.first().map_or(NO_DAY, |leg| leg.effective);
            if effective > from && settled.saturating_add(amount) > whole {
                return false;
            }
            if effective >= to {
                return true;
            }
            settled = settled.saturating_add(today);
        }
        settled.saturating_add(amount) <= whole
    }

    /// The base amount of a leg: as given, else the share of what is left, all of it for the last.
    fn base_leg(&mut self, document: u32, amount: Minor, given: Minor) -> Minor {
        if given != NO_BASE {
            return given;
        }
        let Some((whole, base)) = self.admission.amount_of(document) else { return NO_BASE };
        if base == NO_BASE {
            return NO_BASE;
        }
        let known = self.known(document);
        let left = i128::from(whole.saturating_abs()).saturating_sub(i128::from(known.settled));
        let base_left = i128::from(base.saturating_abs()).saturating_sub(i128::from(known.base_settled));
        multiply_divide(base_left, i128::from(amount), left, Rounding::HalfAwayFromZero)
            .and_then(|minor| Minor::try_from(minor).ok())
            .unwrap_or(0)
    }

    /// The amount of the named instalment in the schedule in force on the allocation's day, as known that far.
    fn instalment_amount(&self, fact: &AllocationFact) -> Option<Minor> {
        let schedule = super::schedule::in_force(self.next, fact.debit, fact.effective, fact.recorded);
        schedule
            .iter()
            .find(|instalment| instalment.number == fact.instalment)
            .map(|instalment| instalment.amount.saturating_abs())
    }
}

impl Known {
    fn add(&mut self, leg: &Leg) {
        self.given = self.given.saturating_add(leg.amount.max(0));
        self.settled = self.settled.saturating_add(leg.amount);
        if leg.base != NO_BASE {
            self.base_settled = self.base_settled.saturating_add(leg.base);
        }
    }
}

fn legs_of(fact: &AllocationFact) -> [(u32, Minor, Minor, u32); 2] {
    [(fact.credit, fact.amount, fact.base_credit, 0), (fact.debit, fact.debit_amount, fact.base_debit, fact.instalment)]
}

fn negated(base: Minor) -> Minor {
    if base == NO_BASE { NO_BASE } else { base.saturating_neg() }
}

fn tail<T>(all: &mut Vec<T>, belongs: impl Fn(&T) -> bool) -> Vec<T> {
    let mut taken = Vec::new();
    while all.last().is_some_and(&belongs) {
        taken.extend(all.pop());
    }
    taken
}

fn read_allocation(admission: &mut Admission<'_>, row: usize, read: &AllocationRead<'_>) -> Option<AllocationFact> {
    let table = Table::allocations;
    let credit = admission.document(&read.credit);
    if credit.is_none() {
        admission.unknown(table, row, "credit", "document", &read.credit);
    }
    let debit = admission.document(&read.debit);
    if debit.is_none() {
        admission.unknown(table, row, "debit", "document", &read.debit);
    }
    let instalment = match read.instalment {
        None => Some(0),
        Some(number) => u32::try_from(number).ok().filter(|number| *number != NONE),
    };
    if instalment.is_none() {
        admission.problem(table, row, "instalment", "unknown_reference", "expected the number of an instalment");
    }
    let (credit, debit, instalment) = (credit?, debit?, instalment?);
    let sides = [(credit, "credit", -1_i64), (debit, "debit", 1)];
    for (document, field, sign) in sides {
        let (amount, _) = admission.amount_of(document)?;
        if amount.signum() != sign {
            let what = if sign < 0 { "below" } else { "above" };
            admission.problem(
                table,
                row,
                field,
                "allocation_sides",
                format!("expected a document with an amount {what} zero"),
            );
            return None;
        }
    }
    let (from, to) = (admission.currency_of(credit)?, admission.currency_of(debit)?);
    let amount = admission.minor(table, row, "amount", read.amount, from);
    let debit_amount = match read.debit_amount {
        Some(given) => admission.minor(table, row, "debit_amount", given, to),
        None if from == to => amount,
        None => {
            admission.problem(
                table,
                row,
                "debit_amount",
                "missing_leg",
                "expected an amount in the debit's currency too",
            );
            None
        }
    };
    let legs = (read.base_credit, read.base_debit);
    let (base_credit, base_debit) = match legs {
        (None, None) => (Some(NO_BASE), Some(NO_BASE)),
        (Some(credit_leg), Some(debit_leg)) => (
            admission.base_minor(table, row, "base_credit", credit_leg, credit),
            admission.base_minor(table, row, "base_debit", debit_leg, debit),
        ),
        (given, _) => {
            let missing = if given.is_none() { "base_credit" } else { "base_debit" };
            admission.problem(table, row, missing, "missing_leg", "expected both base amounts, or neither");
            (None, None)
        }
    };
    let ((credit_day, credit_recorded), (debit_day, debit_recorded)) =
        (admission.days_of(credit)?, admission.days_of(debit)?);
    let earliest = credit_day.max(debit_day);
    let effective = read.effective.map_or(earliest, Day::number);
    let recorded = admission.recorded(table, row, read.recorded, &[effective, credit_recorded, debit_recorded]);
    let mut good = true;
    if amount.is_some_and(|amount| amount <= 0) {
        admission.problem(table, row, "amount", "wrong_sign", "expected an amount above zero");
        good = false;
    }
    if read.debit_amount.is_some() && debit_amount.is_some_and(|amount| amount <= 0) {
        admission.problem(table, row, "debit_amount", "wrong_sign", "expected an amount above zero");
        good = false;
    }
    if good && from == to && debit_amount.is_some() && amount.is_some() && amount != debit_amount {
        admission.problem(
            table,
            row,
            "debit_amount",
            "does_not_add_up",
            "expected the same amount on both sides of one currency",
        );
        good = false;
    }
    for (leg, field) in [(base_credit, "base_credit"), (base_debit, "base_debit")] {
        if leg.is_some_and(|leg| leg < 0 && leg != NO_BASE) {
            admission.problem(table, row, field, "wrong_sign", "expected an amount not below zero");
            good = false;
        }
    }
    if effective < earliest {
        admission.problem(table, row, "effective", "impossible_date", "expected a day not before both documents'");
        good = false;
    }
    if recorded.is_some_and(|recorded| recorded < credit_recorded.max(debit_recorded)) {
        admission.problem(
            table,
            row,
            "recorded",
            "impossible_date",
            "expected a day not before both documents were recorded",
        );
        good = false;
    }
    let (amount, debit_amount, recorded) = (amount?, debit_amount?, recorded?);
    let (base_credit, base_debit) = (base_credit?, base_debit?);
    good.then_some(AllocationFact {
        credit,
        debit,
        instalment,
        amount,
        debit_amount,
        base_credit,
        base_debit,
        effective,
        recorded,
    })
}
