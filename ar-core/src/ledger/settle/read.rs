//! The rows of allocations, reversals and cancellations, each by itself and against what it refers to.

use super::{End, Settlement};
use crate::calendar::Day;
use crate::ledger::admit::{Admission, day_text};
use crate::ledger::cell::Amount;
use crate::ledger::fact::{AllocationRead, CancellationRead, ReversalRead, Table};
use crate::ledger::layers::{Growing, NONE};
use crate::ledger::row::Field;
use crate::ledger::store::{AllocationFact, CancellationFact, NO_BASE, NO_DAY, ReversalFact};
use crate::money::Minor;
use crate::problem::quoted;

/// A good allocation or difference of this batch.
pub(super) struct New {
    pub(super) table: Table,
    pub(super) row: usize,
    pub(super) number: u32,
    /// The instalment as the row names it; 0 in the fact when it names none.
    pub(super) instalment: Option<u32>,
    pub(super) fact: AllocationFact,
}

/// A reversal of this batch whose allocation was known when it was read.
pub(super) struct NewReversal {
    pub(super) row: usize,
    pub(super) allocation: u32,
    pub(super) id: String,
    /// Whether nothing is wrong with the row, so that it is the one that takes back.
    pub(super) is_good: bool,
}

/// What stands in place of an allocation that was refused; a refused batch is thrown away.
pub(super) const GAP: AllocationFact = AllocationFact {
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

impl Settlement<'_, '_> {
    pub(super) fn read_cancellations(&mut self) {
        let table = Table::cancellations;
        let (held, all, cancelled) = (&self.next.cancellations, &mut self.cancellations, &mut self.cancelled);
        let rows = &mut self.cancelled_rows;
        self.admission.each(|admission, row, read: CancellationRead<'_>| {
            let index = row.index;
            let document = read.document.and_then(|id| admission.known_document(table, index, "document", &id));
            let effective = read.effective.map(Day::number);
            let reason = admission.intern(&read.reason);
            let Some((document, (from, known))) =
                document.and_then(|document| Some((document, admission.days_of(document)?)))
            else {
                admission.recorded(table, index, read.recorded, effective);
                return;
            };
            let recorded = admission.recorded_after(table, index, read.recorded, effective, known);
            if let Some(got) = effective.filter(|effective| *effective < from) {
                let reason = too_early(from, "the document's", got);
                admission.problem(table, index, "effective", "impossible_date", reason);
            }
            let before = held.of(document).map(|fact| fact.effective).next();
            if let Some(day) = cancelled.get(&document).map(|end| end.effective).or(before) {
                let reason =
                    format!("expected a document that is not cancelled, got one cancelled on {}", day_text(day));
                admission.problem(table, index, "document", "already_cancelled", reason);
            }
            if let (Some(effective), Some(recorded), true) = (effective, recorded, admission.row_is_good()) {
                cancelled.insert(document, End { effective, recorded, is_new: true });
                rows.insert(document, index);
                all.push(CancellationFact { seq: row.seq, document, effective, recorded, reason });
            }
        });
    }

    pub(super) fn read_allocations(&mut self) -> Vec<New> {
        let table = Table::allocations;
        let mut all: Vec<New> = Vec::new();
        let (ids, facts) = (&mut self.ids, &mut self.allocations);
        self.admission.each(|admission, row, read: AllocationRead<'_>| {
            let index = row.index;
            let number = new_id(admission, table, index, read.id.as_deref(), ids, facts);
            let instalment = read.instalment.given().copied();
            let fact = read_allocation(admission, index, read);
            if let (Some(number), Some(fact), true) = (number, fact, admission.row_is_good()) {
                if let Some(slot) = facts.last_mut() {
                    *slot = fact.clone();
                }
                all.push(New { table, row: index, number, instalment, fact });
            }
        });
        all
    }

    pub(super) fn read_reversals(&mut self) -> Vec<NewReversal> {
        let table = Table::reversals;
        let mut all = Vec::new();
        let (ids, allocations, next) = (&self.ids, &self.allocations, self.next);
        let (beside_new, moved_new) = (&self.beside_new, &self.moved_new);
        let (reversed, cancelled, reversals) = (&mut self.reversed, &self.cancelled, &mut self.reversals);
        self.admission.each(|admission, row, read: ReversalRead<'_>| {
            let index = row.index;
            let effective = read.effective.map(Day::number);
            let reason = admission.intern(&read.reason);
            let Some(id) = read.allocation else {
                admission.recorded(table, index, read.recorded, effective);
                return;
            };
            let number = ids.find(&id);
            let held = |number: u32| match number.checked_sub(ids.start()) {
                Some(new) => allocations.get(super::place(new)),
                None => next.allocations.get(number),
            };
            let (Some(allocation), Some(of)) = (number, number.and_then(held).filter(|of| !of.is_gap())) else {
                admission.unknown(table, index, "allocation", "allocation", &id);
                admission.recorded(table, index, read.recorded, effective);
                return;
            };
            let recorded = admission.recorded_after(table, index, read.recorded, effective, of.recorded);
            let mut new = NewReversal { row: index, allocation, id: id.into_owned(), is_good: false };
            if let Some(got) = effective.filter(|effective| *effective < of.effective) {
                let reason = too_early(of.effective, "the allocation's", got);
                admission.problem(table, index, "effective", "impossible_date", reason);
            }
            let ended = |document: u32| {
                let held = next.cancellations.of(document).map(|fact| (fact.effective, fact.recorded)).next();
                let (end, known) = cancelled.get(&document).map(|end| (end.effective, end.recorded)).or(held)?;
                (known <= recorded? && end <= effective?).then_some(end)
            };
            let before = next.reversals.of(allocation).map(|fact| fact.effective).next();
            let twice = reversed.get(&allocation).map(|end| end.effective).or(before);
            // A difference is taken back with the allocation that it stands beside, but for a rest that moved to a document.
            let with_beside = || {
                let moved = next.differences.of(allocation).any(|fact| fact.moved_to != NONE);
                if moved || moved_new.contains_key(&allocation) {
                    return None;
                }
                let held_before = || next.differences.of(allocation).map(|fact| fact.beside).next();
                let beside = beside_new.get(&allocation).copied().or_else(held_before)?;
                let of = held(beside).filter(|_| beside != NONE)?;
                let before = next.reversals.of(beside).map(|fact| (fact.effective, fact.recorded)).next();
                let taken_back = reversed.get(&beside).map(|end| (end.effective, end.recorded)).or(before);
                let known = taken_back.filter(|(day, known)| Some(*known) <= recorded && Some(*day) <= effective);
                known.map(|(day, _)| day).or_else(|| ended(of.credit)).or_else(|| ended(of.debit))
            };
            let taken_back = twice.or_else(|| ended(of.credit)).or_else(|| ended(of.debit)).or_else(|| match of {
                of if of.is_difference() => with_beside(),
                _ => None,
            });
            if let Some(day) = taken_back {
                let reason =
                    format!("expected an allocation that still holds, got one taken back on {}", day_text(day));
                admission.problem(table, index, "allocation", "already_reversed", reason);
            }
            if let (Some(effective), Some(recorded), true) = (effective, recorded, admission.row_is_good()) {
                reversed.insert(allocation, End { effective, recorded, is_new: true });
                reversals.push(ReversalFact { seq: row.seq, allocation, effective, recorded, reason });
                new.is_good = true;
            }
            all.push(new);
        });
        all
    }
}

const TABLE: Table = Table::allocations;

/// The number of the id of a row, for which a gap is left.
pub(super) fn new_id(
    admission: &mut Admission<'_>,
    table: Table,
    row: usize,
    id: Option<&str>,
    ids: &mut Growing,
    facts: &mut Vec<AllocationFact>,
) -> Option<u32> {
    let id = id?;
    match ids.add(id) {
        Ok(number) => {
            facts.push(GAP);
            Some(number)
        }
        Err(_) => {
            let reason = format!("expected a new id, got {} again", quoted(id));
            admission.problem(table, row, "id", "duplicate_id", reason);
            None
        }
    }
}

fn too_early(first: i32, whose: &str, got: i32) -> String {
    format!("expected a day not before {}, {whose}, got {}", day_text(first), day_text(got))
}

fn read_allocation(admission: &mut Admission<'_>, row: usize, read: AllocationRead<'_>) -> Option<AllocationFact> {
    let credit = read.credit.and_then(|id| side(admission, row, "credit", &id, -1));
    let debit = read.debit.and_then(|id| side(admission, row, "debit", &id, 1));
    let (from, to) = (credit.and_then(|c| admission.currency_of(c)), debit.and_then(|d| admission.currency_of(d)));
    let amount = admission.minor(TABLE, row, "amount", read.amount, from);
    let amount = above_zero(admission, TABLE, row, "amount", amount, from);
    let given = admission.minor(TABLE, row, "debit_amount", read.debit_amount.given().copied(), to);
    let given = above_zero(admission, TABLE, row, "debit_amount", given, to);
    let debit_amount = match (from.zip(to), &read.debit_amount) {
        (Some((from, to)), Field::Absent) if from != to => {
            let reason = "expected an amount in the debit's currency too, got none";
            admission.problem(TABLE, row, "debit_amount", "missing_leg", reason);
            None
        }
        (Some(_), Field::Absent) => amount,
        (Some((from, to)), Field::Given(_)) if from == to => {
            let differs = amount.zip(given).filter(|(one, other)| one != other);
            if let Some((one, other)) = differs {
                let (one, other) = (admission.shown(one.into(), from), admission.shown(other.into(), from));
                let reason = format!("expected the same amount on both sides of one currency, {one}, got {other}");
                admission.problem(TABLE, row, "debit_amount", "does_not_add_up", reason);
            }
            // Nothing is checked against a bad one.
            given.filter(|_| differs.is_none())
        }
        _ => given,
    };
    let base_credit = base_leg(admission, TABLE, row, "base_credit", &read.base_credit, (credit, amount));
    let base_debit = base_leg(admission, TABLE, row, "base_debit", &read.base_debit, (debit, debit_amount));
    let given = [("base_credit", read.base_credit.is_absent()), ("base_debit", read.base_debit.is_absent())];
    both_or_neither(admission, TABLE, row, given);
    let of = |document: Option<u32>| document.and_then(|document| admission.days_of(document));
    let first = of(credit).zip(of(debit)).map(|(credit, debit)| (credit.0.max(debit.0), credit.1.max(debit.1)));
    let (effective, recorded) = days(admission, TABLE, row, (read.effective, read.recorded), first);
    Some(AllocationFact {
        credit: credit?,
        debit: debit?,
        instalment: read.instalment.given().copied().unwrap_or(0),
        amount: amount?,
        debit_amount: debit_amount?,
        base_credit: base_credit?,
        base_debit: base_debit?,
        effective: effective?,
        recorded: recorded?,
    })
}

/// A document on one side: nothing is checked against one that stands on the wrong side.
fn side(admission: &mut Admission<'_>, row: usize, field: &str, id: &str, sign: Minor) -> Option<u32> {
    let document = admission.known_document(TABLE, row, field, id)?;
    let (amount, _) = admission.amount_of(document)?;
    if amount.signum() != sign {
        let what = if sign < 0 { "below" } else { "above" };
        let got = admission.shown_of(amount.into(), document);
        let reason = format!("expected a document with an amount {what} zero, got one of {got}");
        admission.problem(TABLE, row, field, "allocation_sides", reason);
        return None;
    }
    Some(document)
}

pub(super) fn above_zero(
    admission: &mut Admission<'_>,
    table: Table,
    row: usize,
    field: &str,
    amount: Option<Minor>,
    currency: Option<u32>,
) -> Option<Minor> {
    let (amount, currency) = (amount?, currency?);
    if amount <= 0 {
        let reason = format!("expected an amount above zero, got {}", admission.shown(amount.into(), currency));
        admission.problem(table, row, field, "wrong_sign", reason);
        return None;
    }
    Some(amount)
}

/// A base leg as given, `NO_BASE` when it is to be computed. That of a document in base currency is the leg itself.
pub(super) fn base_leg(
    admission: &mut Admission<'_>,
    table: Table,
    row: usize,
    field: &str,
    given: &Field<Amount>,
    (document, leg): (Option<u32>, Option<Minor>),
) -> Option<Minor> {
    let amount = match given {
        Field::Absent => return Some(NO_BASE),
        Field::Bad => return None,
        Field::Given(amount) => *amount,
    };
    let minor = admission.base_minor(table, row, field, amount, document?)?;
    if minor < 0 {
        admission.problem(table, row, field, "wrong_sign", "expected an amount not below zero, got one below");
        return None;
    }
    if let Some(leg) = leg.filter(|leg| *leg != minor)
        && let Some(base) = document.and_then(|document| admission.own_base(document))
    {
        let (wanted, got) = (admission.shown(leg.into(), base), admission.shown(minor.into(), base));
        let reason = format!("expected the amount itself in the base currency, {wanted}, got {got}");
        admission.problem(table, row, field, "does_not_add_up", reason);
    }
    Some(minor)
}

/// Notes base legs of which one alone is given.
pub(super) fn both_or_neither(admission: &mut Admission<'_>, table: Table, row: usize, absent: [(&str, bool); 2]) {
    if absent.iter().filter(|(_, absent)| *absent).count() == 1 {
        for (field, _) in absent.into_iter().filter(|(_, absent)| *absent) {
            let reason = "expected both base amounts, or neither, got one";
            admission.problem(table, row, field, "missing_leg", reason);
        }
    }
}

/// The effective and recorded day: not before the first ones, the latest of what the row refers to, to which they default;
/// none when that is not there.
pub(super) fn days(
    admission: &mut Admission<'_>,
    table: Table,
    row: usize,
    (effective, recorded): (Field<Day>, Field<Day>),
    first: Option<(i32, i32)>,
) -> (Option<i32>, Option<i32>) {
    let Some((earliest, known)) = first else {
        let effective = effective.or(None).map(Day::number);
        return (effective, admission.recorded(table, row, recorded, effective));
    };
    let effective = match effective {
        Field::Given(day) => Some(day.number()),
        Field::Absent => Some(earliest),
        Field::Bad => None,
    };
    if let Some(got) = effective.filter(|effective| *effective < earliest) {
        let reason = too_early(earliest, "the latest of what it refers to", got);
        admission.problem(table, row, "effective", "impossible_date", reason);
    }
    (effective, admission.recorded_after(table, row, recorded, effective, known))
}
