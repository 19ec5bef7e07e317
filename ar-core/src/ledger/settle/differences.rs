//! The rows of differences: what closes a part of a document without another document.

use super::Settlement;
use super::read::{GAP, New, NewReversal, above_zero, base_leg, both_or_neither, days, new_id};
use crate::ledger::admit::day_text;
use crate::ledger::fact::{SettlementDifferenceRead, Table};
use crate::ledger::layers::{NONE, place};
use crate::ledger::store::{AllocationFact, BesideFact, DifferenceFact, DifferenceKind, ResidualFact};
use crate::problem::quoted;

const TABLE: Table = Table::differences;

/// The allocation that a row stands beside.
#[derive(Clone, Copy)]
struct Beside<'a> {
    number: u32,
    fact: &'a AllocationFact,
}

impl Settlement<'_, '_> {
    /// Reads the differences; `all` are the allocations of this batch, to which they are added.
    pub(super) fn read_differences(&mut self, all: &mut Vec<New>) {
        let (ids, facts, next) = (&mut self.ids, &mut self.allocations, self.next);
        let (differences, beside_new) = (&mut self.differences, &mut self.beside_new);
        let (moved_new, residual_new) = (&mut self.moved_new, &mut self.residual_new);
        self.admission.each(|admission, row, read: SettlementDifferenceRead<'_>| {
            let index = row.index;
            let number = new_id(admission, TABLE, index, read.id.as_deref(), ids, facts);
            let document =
                read.document.as_deref().and_then(|id| admission.known_document(TABLE, index, "document", id));
            let kind = read.kind.as_deref().and_then(|word| {
                let kind = DifferenceKind::named(word);
                if kind.is_none() {
                    admission.no_word(TABLE, index, "kind", "a kind of difference", word);
                }
                kind
            });
            let currency = document.and_then(|document| admission.currency_of(document));
            let amount = admission.minor(TABLE, index, "amount", read.amount, currency);
            let amount = above_zero(admission, TABLE, index, "amount", amount, currency);
            let beside = read.allocation.given().map(|id| {
                let found = ids.find(id).and_then(|number| {
                    let held = match number.checked_sub(ids.start()) {
                        Some(new) => facts.get(place(new)),
                        None => next.allocations.get(number),
                    };
                    let fact = held.filter(|fact| !fact.is_gap() && !fact.is_difference())?;
                    Some(Beside { number, fact })
                });
                if found.is_none() {
                    admission.unknown(TABLE, index, "allocation", "allocation", id);
                }
                found
            });
            if let (Some(document), Some(Some(beside))) = (document, beside)
                && beside.fact.credit != document
                && beside.fact.debit != document
            {
                let reason = "expected one of the two documents of its allocation, got another";
                admission.problem(TABLE, index, "document", "allocation_sides", reason);
            }
            let worth = base_leg(admission, TABLE, index, "base_amount", &read.base_amount, (document, amount));
            let own = base_leg(admission, TABLE, index, "base_document", &read.base_document, (document, amount));
            let given =
                [("base_amount", read.base_amount.is_absent()), ("base_document", read.base_document.is_absent())];
            both_or_neither(admission, TABLE, index, given);
            // When the document and what it stands beside count and became known; nothing when one of them is not there.
            let first = document.and_then(|document| admission.days_of(document)).and_then(|own| match beside {
                None => Some(own),
                Some(beside) => {
                    let beside = beside?.fact;
                    Some((own.0.max(beside.effective), own.1.max(beside.recorded)))
                }
            });
            let (effective, recorded) = days(admission, TABLE, index, (read.effective, read.recorded), first);
            let reason = admission.intern(&read.reason);
            let instalment = read.instalment.given().copied();
            if let (Some(number), Some(document), Some(kind), Some(amount), Some(worth), Some(own), true) =
                (number, document, kind, amount, worth, own, admission.row_is_good())
                && let (Some(effective), Some(recorded)) = (effective, recorded)
            {
                let negative = admission.amount_of(document).is_some_and(|(amount, _)| amount < 0);
                let beside = beside.flatten().map_or(NONE, |beside| beside.number);
                let instalment_named = instalment.unwrap_or(0);
                let one = AllocationFact { instalment: instalment_named, effective, recorded, ..GAP };
                let fact = if negative {
                    AllocationFact { credit: document, amount, base_credit: own, base_debit: worth, ..one }
                } else {
                    AllocationFact { debit: document, debit_amount: amount, base_debit: own, base_credit: worth, ..one }
                };
                if let Some(slot) = facts.last_mut() {
                    *slot = fact.clone();
                }
                // What a document stands for already, no other difference moved to it.
                let moved_to = (kind == DifferenceKind::Residual && beside != NONE)
                    .then(|| admission.moved_to(ids.text(beside), document, amount, (effective, recorded)))
                    .flatten()
                    .filter(|to| next.residuals.of(*to).next().is_none() && !residual_new.contains_key(to));
                if let Some(to) = moved_to {
                    residual_new.insert(to, number);
                    moved_new.insert(number, (to, index));
                }
                differences.push(DifferenceFact { number, kind, reason, beside, moved_to: moved_to.unwrap_or(NONE) });
                if beside != NONE {
                    beside_new.insert(number, beside);
                }
                all.push(New { table: TABLE, row: index, number, instalment, fact });
            }
        });
    }

    /// The allocation that a difference stands beside, or `NONE`.
    pub(super) fn beside(&self, difference: u32) -> u32 {
        if difference >= self.ids.start() {
            return self.beside_new.get(&difference).copied().unwrap_or(NONE);
        }
        self.next.differences.of(difference).next().map_or(NONE, |fact| fact.beside)
    }

    /// The document that what a difference takes off moved to, or `NONE`.
    pub(super) fn moved_to(&self, difference: u32) -> u32 {
        if difference >= self.ids.start() {
            return self.moved_new.get(&difference).map_or(NONE, |(document, _)| *document);
        }
        self.next.differences.of(difference).next().map_or(NONE, |fact| fact.moved_to)
    }

    /// By document, the residuals of this batch that moved to it.
    pub(super) fn residual_facts(&self) -> Vec<ResidualFact> {
        let moved = self.residual_new.iter();
        moved.map(|(document, difference)| ResidualFact { document: *document, difference: *difference }).collect()
    }

    /// Nothing is owed twice: while the document counts that a residual moved to, the residual is not taken back by itself, nor with
    /// the document it was taken off.
    pub(super) fn check_residuals(&mut self, reversals: &[NewReversal]) {
        let of_new = self.moved_new.iter();
        let mut pairs: Vec<(u32, u32)> = of_new.map(|(difference, (document, _))| (*difference, *document)).collect();
        let held = |difference: u32| {
            let mut about = self.next.differences.of(difference);
            about.next().filter(|fact| fact.moved_to != NONE).map(|fact| (difference, fact.moved_to))
        };
        pairs.extend(reversals.iter().filter_map(|new| held(new.allocation)));
        for fact in &self.cancellations {
            let legs = self.next.legs.of(fact.document).map(|leg| leg.allocation);
            pairs.extend(legs.filter(|number| *number != NONE).filter_map(held));
        }
        pairs.sort_unstable();
        pairs.dedup();
        for (difference, document) in pairs {
            let Some(fact) = self.fact(difference).cloned() else { continue };
            let from = if fact.debit == NONE { fact.credit } else { fact.debit };
            let reversal = self.reversal(difference).map(|end| (end, Table::reversals));
            let cancellation = self.cancellation(from).map(|end| (end, Table::cancellations));
            for (end, table) in [reversal, cancellation].into_iter().flatten() {
                let known = end.recorded.max(fact.recorded);
                let by = end.effective.max(fact.effective);
                let goes = self.cancellation(document).is_some_and(|end| end.recorded <= known && end.effective <= by);
                if goes {
                    continue;
                }
                let named = quoted(self.admission.id_of(document));
                let reason =
                    format!("expected {named}, which the rest became, to be cancelled by then, got it still owed");
                let row = match table {
                    _ if !end.is_new => None,
                    Table::reversals => {
                        let new = reversals.iter().find(|new| new.is_good && new.allocation == difference);
                        new.map(|new| (table, new.row, "allocation"))
                    }
                    _ => self.cancelled_rows.get(&from).map(|row| (table, *row, "document")),
                };
                let own = || self.moved_new.get(&difference).map(|(_, row)| (TABLE, *row, "document"));
                if let Some((table, row, field)) = row.or_else(own) {
                    self.admission.problem(table, row, field, "in_the_way", reason);
                }
            }
        }
    }

    /// By allocation, the differences of this batch.
    pub(super) fn beside_facts(&self) -> Vec<BesideFact> {
        let beside = self.differences.iter().filter(|fact| fact.beside != NONE);
        beside.map(|fact| BesideFact { allocation: fact.beside, difference: fact.number }).collect()
    }

    /// Whether what a difference stands beside is there and still holds.
    pub(super) fn check_beside(&self, new: &New) -> Result<(), (&'static str, String)> {
        let beside = self.beside(new.number);
        if beside == NONE {
            return Ok(());
        }
        let Some(of) = self.fact(beside) else {
            let reason = format!("expected the id of an allocation, got {}", quoted(self.ids.text(beside)));
            return Err(("unknown_reference", reason));
        };
        let mut ends = self.ends(beside, of).into_iter();
        match ends.find(|end| end.recorded <= new.fact.recorded && end.effective <= new.fact.effective) {
            None => Ok(()),
            Some(end) => {
                let day = day_text(end.effective);
                Err((
                    "already_reversed",
                    format!("expected an allocation that still holds, got one taken back on {day}"),
                ))
            }
        }
    }
}
