//! Takes in what settles: allocations, differences, reversals and cancellations.
//!
//! An allocation holds from its effective day until the first of: its reversal, the cancellation of its credit, the
//! cancellation of its debit, as far as these are known. A difference is an allocation of one side, which ends with the allocation
//! that it stands beside; a residual ends with the document that the rest moved to. What holds is kept as legs: an amount given on a day, taken back on
//! another, each with the day on which that became known. Whatever is learnt later only adds legs, so what was known on an
//! earlier day never changes.

mod differences;
mod read;
mod room;

use rustc_hash::FxHashMap;

use self::read::{New, NewReversal};
use self::room::Room;
use super::admit::{Admission, day_text};
use super::layers::{Growing, Layers, NONE, Texts, place};
use super::store::{
    AllocationFact, BesideFact, CancellationFact, DifferenceFact, Leg, Legs, NO_BASE, NO_DAY, ResidualFact,
    ReversalFact, Store,
};
use crate::money::Minor;

/// Facts that settle, checked and ready to be stored.
pub(super) struct Settled {
    ids: Layers<Texts>,
    allocations: Vec<AllocationFact>,
    differences: Vec<DifferenceFact>,
    beside: Vec<BesideFact>,
    residuals: Vec<ResidualFact>,
    reversals: Vec<ReversalFact>,
    cancellations: Vec<CancellationFact>,
    legs: Vec<Leg>,
}

impl Settled {
    pub(super) fn into_store(self, next: &mut Store) {
        next.allocation_ids = self.ids;
        next.allocations.add(self.allocations);
        next.differences.add(self.differences);
        next.beside.add(self.beside);
        next.residuals.add(self.residuals);
        next.reversals.add(self.reversals);
        next.cancellations.add(self.cancellations);
        next.legs.push(Legs::new(self.legs));
    }
}

/// What takes an allocation back, or sets a document to zero.
#[derive(Debug, Clone, Copy)]
struct End {
    effective: i32,
    recorded: i32,
    /// Whether it came with this batch.
    is_new: bool,
}

pub(super) struct Settlement<'a, 'b> {
    admission: &'a mut Admission<'b>,
    next: &'a Store,
    ids: Growing,
    /// By number less the start, differences too; a bad row leaves a gap, so that numbers stay those of the ids.
    allocations: Vec<AllocationFact>,
    differences: Vec<DifferenceFact>,
    /// Of this batch: difference → the allocation that it stands beside.
    beside_new: FxHashMap<u32, u32>,
    /// Of this batch: residual → the document that it moved to, and its row; that document → the residual.
    moved_new: FxHashMap<u32, (u32, usize)>,
    residual_new: FxHashMap<u32, u32>,
    reversals: Vec<ReversalFact>,
    cancellations: Vec<CancellationFact>,
    /// Of this batch: allocation → its reversal, document → its cancellation.
    reversed: FxHashMap<u32, End>,
    cancelled: FxHashMap<u32, End>,
    /// Of this batch: cancelled document → the row that says so.
    cancelled_rows: FxHashMap<u32, usize>,
    room: Room,
}

impl<'a, 'b> Settlement<'a, 'b> {
    pub(super) fn of(admission: &'a mut Admission<'b>, next: &'a Store) -> Self {
        let ids = Growing::on(&admission.before.allocation_ids);
        let first = admission.before.documents.len() == 0;
        let room = Room::new(if first { admission.new_documents() } else { 0 });
        Self {
            admission,
            next,
            ids,
            allocations: Vec::new(),
            differences: Vec::new(),
            beside_new: FxHashMap::default(),
            moved_new: FxHashMap::default(),
            residual_new: FxHashMap::default(),
            reversals: Vec::new(),
            cancellations: Vec::new(),
            reversed: FxHashMap::default(),
            cancelled: FxHashMap::default(),
            cancelled_rows: FxHashMap::default(),
            room,
        }
    }

    pub(super) fn run(mut self) -> Settled {
        self.read_cancellations();
        let mut allocations = self.read_allocations();
        self.read_differences(&mut allocations);
        let reversals = self.read_reversals();
        self.take_back();
        allocations.sort_by_key(|new| (new.fact.recorded, new.fact.effective, new.table, new.row));
        for new in &allocations {
            self.allocate(new);
        }
        self.check_reversals(&reversals);
        self.check_residuals(&reversals);
        self.zero_cancelled();
        Settled {
            beside: self.beside_facts(),
            residuals: self.residual_facts(),
            ids: self.ids.finish(),
            allocations: self.allocations,
            differences: self.differences,
            reversals: self.reversals,
            cancellations: self.cancellations,
            legs: self.room.into_legs(),
        }
    }

    fn fact(&self, allocation: u32) -> Option<&AllocationFact> {
        let held = match allocation.checked_sub(self.ids.start()) {
            Some(new) => self.allocations.get(place(new)),
            None => self.next.allocations.get(allocation),
        };
        held.filter(|fact| !fact.is_gap())
    }

    fn cancellation(&self, document: u32) -> Option<End> {
        let before =
            |fact: &CancellationFact| End { effective: fact.effective, recorded: fact.recorded, is_new: false };
        let new = self.cancelled.get(&document).copied();
        new.or_else(|| self.next.cancellations.of(document).map(before).next())
    }

    fn reversal(&self, allocation: u32) -> Option<End> {
        let before = |fact: &ReversalFact| End { effective: fact.effective, recorded: fact.recorded, is_new: false };
        let new = self.reversed.get(&allocation).copied();
        new.or_else(|| self.next.reversals.of(allocation).map(before).next())
    }

    /// What takes an allocation back, by the day on which it became known.
    fn ends(&self, allocation: u32, fact: &AllocationFact) -> Vec<End> {
        let all = [self.reversal(allocation), self.cancellation(fact.credit), self.cancellation(fact.debit)];
        let mut ends: Vec<End> = all.into_iter().flatten().collect();
        if fact.is_difference() {
            let (beside, moved_to) = (self.beside(allocation), self.moved_to(allocation));
            if moved_to != NONE {
                ends.extend(self.cancellation(moved_to));
            } else if let Some(of) = self.fact(beside).filter(|_| beside != NONE) {
                ends.extend(self.ends(beside, of));
            }
        }
        ends.sort_by_key(|end| end.recorded);
        ends
    }

    /// Gives back what reversals and cancellations of this batch take from allocations of earlier ones.
    fn take_back(&mut self) {
        let start = self.ids.start();
        let mut touched: Vec<u32> =
            self.reversals.iter().map(|fact| fact.allocation).filter(|allocation| *allocation < start).collect();
        for fact in &self.cancellations {
            let of_document = self.next.legs.of(fact.document).map(|leg| leg.allocation);
            touched.extend(of_document.filter(|allocation| *allocation != NONE));
            touched.extend(self.next.residuals.of(fact.document).map(|held| held.difference));
        }
        let beside = |allocation: &u32| self.next.beside.of(*allocation).map(|fact| fact.difference);
        touched.extend(touched.iter().flat_map(beside).collect::<Vec<u32>>());
        touched.sort_unstable();
        touched.dedup();
        for allocation in touched {
            let Some(fact) = self.fact(allocation).cloned() else { continue };
            let (new, old): (Vec<End>, Vec<End>) = self.ends(allocation, &fact).into_iter().partition(|end| end.is_new);
            let before = old.iter().map(|end| end.effective).min().unwrap_or(NO_DAY).max(fact.effective);
            self.give_back(allocation, &fact, before, &new);
        }
    }

    /// Moves the end of an allocation forward, as each of these becomes known.
    fn give_back(&mut self, allocation: u32, fact: &AllocationFact, until: i32, ends: &[End]) {
        let mut until = until;
        for end in ends {
            let sooner = end.effective.max(fact.effective);
            if sooner < until {
                let recorded = end.recorded.max(fact.recorded);
                self.legs(allocation, fact, sooner, recorded, -1);
                if until != NO_DAY {
                    self.legs(allocation, fact, until, recorded, 1);
                }
                until = sooner;
            }
        }
    }

    /// Adds the legs of an allocation from a day on; with the sign −1 they are taken back.
    fn legs(&mut self, allocation: u32, fact: &AllocationFact, effective: i32, recorded: i32, sign: Minor) {
        for side in fact.sides() {
            let (document, instalment) = (side.document, side.instalment);
            let amount = side.amount.saturating_mul(sign);
            let base = if side.base == NO_BASE { NO_BASE } else { side.base.saturating_mul(sign) };
            let leg = Leg { document, effective, amount, recorded, instalment, allocation, base };
            self.room.add(self.next, leg);
        }
    }

    /// Takes in one allocation, or notes why not.
    fn allocate(&mut self, new: &New) {
        let fact = &new.fact;
        if fact.is_difference()
            && let Err((code, reason)) = self.check_beside(new)
        {
            self.refuse(new, "allocation", code, &reason);
            return;
        }
        let ends = self.ends(new.number, fact);
        let known = ends.iter().filter(|end| end.recorded <= fact.recorded);
        // Its first day counts even when it is taken back on that day.
        let until = known.map(|end| end.effective).min().unwrap_or(NO_DAY).max(fact.effective.saturating_add(1));
        for side in fact.sides() {
            let (document, amount) = (side.document, side.amount);
            let field = if fact.credit == NONE || document == fact.credit { "amount" } else { "debit_amount" };
            let cancelled = self.cancellation(document);
            if let Some(end) = cancelled.filter(|end| end.recorded <= fact.recorded && end.effective <= fact.effective)
            {
                let day = day_text(end.effective);
                let reason = format!("expected a document that is not cancelled, got one cancelled on {day}");
                self.refuse(new, field, "over_allocation", &reason);
                return;
            }
            let whole = self.admission.amount_of(document).map_or(0, |(whole, _)| whole);
            if let Err(left) = self.room.fits(self.next, document, whole, amount, fact, until) {
                self.refuse(new, field, "over_allocation", &self.too_much(left, amount, document));
                return;
            }
        }
        if let Err((code, reason)) = self.check_instalment(new, until) {
            self.refuse(new, "instalment", code, &reason);
            return;
        }
        let mut fact = fact.clone();
        if fact.base_credit == NO_BASE {
            fact.base_credit = self.base_leg(&fact, fact.credit, fact.amount);
            fact.base_debit = self.base_leg(&fact, fact.debit, fact.debit_amount);
            // A difference is worth what it takes off its document.
            if fact.is_difference() {
                let base = if fact.credit == NONE { fact.base_debit } else { fact.base_credit };
                (fact.base_credit, fact.base_debit) = (base, base);
            }
        }
        self.legs(new.number, &fact, fact.effective, fact.recorded, 1);
        self.give_back(new.number, &fact, NO_DAY, &ends);
        if let Some(slot) = self.allocations.get_mut(place(new.number.wrapping_sub(self.ids.start()))) {
            *slot = fact;
        }
    }

    /// Whether a named instalment is there and takes the amount.
    fn check_instalment(&mut self, new: &New, until: i32) -> Result<(), (&'static str, String)> {
        let Some(number) = new.instalment else { return Ok(()) };
        let fact = &new.fact;
        // That of the debit, or of a difference's only side.
        let Some(side) = fact.sides().last() else { return Ok(()) };
        let schedule = super::schedule::in_force(self.next, side.document, fact.effective, fact.recorded);
        if schedule.is_empty() && number == 0 {
            return Ok(());
        }
        let whole = self.admission.amount_of(side.document).map_or(0, |(whole, _)| whole);
        let Some(named) = schedule.iter().find(|instalment| instalment.number == number) else {
            let reason = format!("expected the number of an instalment in force on that day, got {number}");
            return Err(("unknown_reference", reason));
        };
        let limit = if named.amount.signum() == whole.signum() { named.amount.saturating_abs() } else { 0 };
        let fits = self.room.instalment_fits(self.next, side, fact, limit, until);
        fits.map_err(|left| ("over_allocation", self.too_much(left, side.amount, side.document)))
    }

    fn too_much(&self, left: i128, amount: Minor, document: u32) -> String {
        let shown = |minor| self.admission.shown_of(minor, document);
        format!(
            "expected at most the {} that are left on every day it holds, got {}",
            shown(left),
            shown(amount.into())
        )
    }

    /// The base amount of a leg: its share of what is left on that day, all of it for the last.
    fn base_leg(&mut self, fact: &AllocationFact, document: u32, amount: Minor) -> Minor {
        match self.admission.amount_of(document) {
            Some((whole, base)) if base != NO_BASE => {
                self.room.base_leg(self.next, document, (whole, base), amount, fact)
            }
            _ => NO_BASE,
        }
    }

    /// Leaves a gap in place of a refused allocation.
    fn refuse(&mut self, new: &New, field: &str, code: &str, reason: &str) {
        self.admission.problem(new.table, new.row, field, code, reason);
        if let Some(slot) = self.allocations.get_mut(place(new.number.wrapping_sub(self.ids.start()))) {
            *slot = read::GAP;
        }
    }

    /// A reversal of an allocation that was refused refers to nothing.
    fn check_reversals(&mut self, reversals: &[NewReversal]) {
        for new in reversals {
            if self.fact(new.allocation).is_none() {
                self.admission.unknown(super::fact::Table::reversals, new.row, "allocation", "allocation", &new.id);
            }
        }
    }

    /// A cancelled document is settled whole.
    fn zero_cancelled(&mut self) {
        for at in 0..self.cancellations.len() {
            let Some(fact) = self.cancellations.get(at).cloned() else { continue };
            let Some((amount, base)) = self.admission.amount_of(fact.document) else { continue };
            let leg = Leg {
                document: fact.document,
                effective: fact.effective,
                amount: amount.saturating_abs(),
                recorded: fact.recorded,
                instalment: 0,
                allocation: NONE,
                base: if base == NO_BASE { NO_BASE } else { base.saturating_abs() },
            };
            self.room.add(self.next, leg);
        }
    }
}
