//! Taking a settlement back: reversals for its allocations and differences, and the end of the documents that it made.

use rustc_hash::FxHashSet;

use crate::ledger::View;
use crate::ledger::fact::{Cancellation, Facts, Reversal};
use crate::ledger::layers::NONE;
use crate::ledger::store::AllocationFact;
use crate::problem::{Problem, Refused, quoted};

/// The facts that take back allocations and differences, effective on the view's day.
///
/// What stands beside an allocation is taken back with it. The debit note that a residual became is cancelled, and stands in the
/// way while something settles it that is not taken back in the same call. A residual stays when its allocation alone has ended, as with a
/// payment that bounced: it is taken back by its own id or by that of the allocation. Every balance is then what it was, to the
/// minor unit, whatever came after; both the match and its end stay in history.
///
/// # Errors
/// `unknown_reference` for an id of nothing that holds on the view's day, `in_the_way` for a residual's document that something
/// settles or that is known to be cancelled later; the first is told, table `ids`, with its place.
pub fn undo(view: &View, ids: &[String]) -> Result<Facts, Refused> {
    let store = &view.store;
    let numbers: Vec<Option<u32>> = ids.iter().map(|id| store.allocation_ids.find(id)).collect();
    let all: FxHashSet<u32> = numbers.iter().copied().flatten().collect();
    let (mut done, mut cancelled) = (FxHashSet::default(), FxHashSet::default());
    let mut facts = Facts::default();
    let effective = view.day().to_naive_date();
    let mut taken_back: Vec<(&String, u32, &AllocationFact)> = Vec::with_capacity(ids.len());
    for (index, (id, number)) in ids.iter().zip(&numbers).enumerate() {
        let held = number.and_then(|number| Some((number, holding(view, number)?)));
        let rests = number.map_or_else(Vec::new, |number| residuals(view, number));
        let Some(number) = number.filter(|_| held.is_some() || !rests.is_empty()) else {
            let reason = format!("expected an allocation or difference that holds on {effective}, got {}", quoted(id));
            return Err(Problem::new("unknown_reference", reason).row("ids", index).into());
        };
        if !done.insert(number) {
            continue;
        }
        taken_back.extend(held.map(|(number, fact)| (id, number, fact)));
        for document in rests {
            let named = store.document_id(document);
            if store.cancellations.of(document).any(|end| end.recorded <= view.known_on) {
                let reason =
                    format!("expected {}, which the rest became, not to be cancelled on a later day", quoted(named));
                return Err(Problem::new("in_the_way", reason).row("ids", index).into());
            }
            if is_settled(view, document, &all) {
                let reason =
                    format!("expected what settles {}, which the rest became, to be taken back too", quoted(named));
                return Err(Problem::new("in_the_way", reason).row("ids", index).into());
            }
            if cancelled.insert(document) {
                let document = named.to_owned();
                facts.cancellations.push(Cancellation { document, effective, ..Cancellation::default() });
            }
        }
    }
    for (id, number, fact) in taken_back {
        // What settles a document ends with it, and what stands beside an allocation with that.
        let goes = fact.sides().any(|side| cancelled.contains(&side.document));
        if !goes && !all.contains(&beside(view, number, fact)) {
            facts.reversals.push(Reversal { allocation: id.clone(), effective, ..Reversal::default() });
        }
    }
    Ok(facts)
}

impl View {
    /// The facts that take back allocations and differences: see [`undo`].
    ///
    /// # Errors
    /// `unknown_reference`, `in_the_way`.
    pub fn undo(&self, ids: &[String]) -> Result<Facts, Refused> {
        undo(self, ids)
    }
}

/// What counts on the view's day and can be taken back on it: it has not ended, and no reversal of a later day is known.
///
/// A cancellation of a later day leaves it until then, so it can be taken back before.
fn holding(view: &View, number: u32) -> Option<&AllocationFact> {
    let fact = view.store.allocations.get(number).filter(|fact| !fact.is_gap())?;
    (view.holds(number, fact) && !view.is_known_to_be_reversed(number, fact)).then_some(fact)
}

/// The allocation that a difference stands beside, or `NONE`.
fn beside(view: &View, number: u32, fact: &AllocationFact) -> u32 {
    let about = fact.is_difference().then(|| view.store.differences.of(number).next()).flatten();
    about.map_or(NONE, |about| about.beside)
}

/// The documents that the rest moved to of a difference, or of one made beside an allocation, that holds on the view's day.
///
/// Of an allocation that is to end later there are none: it cannot be taken back.
fn residuals(view: &View, number: u32) -> Vec<u32> {
    let store = &view.store;
    let Some(fact) = store.allocations.get(number).filter(|fact| !fact.is_gap()) else { return Vec::new() };
    let differences: Vec<u32> = match fact.is_difference() {
        true => vec![number],
        false if holding(view, number).is_some() || view.has_ended(number, fact) => {
            store.beside.of(number).map(|held| held.difference).collect()
        }
        false => Vec::new(),
    };
    let document = |difference: u32| {
        let fact = holding(view, difference)?;
        view.about(difference, fact).map(|about| about.moved_to).filter(|document| *document != NONE)
    };
    differences.into_iter().filter_map(document).collect()
}

/// Whether anything is known that settles a document on the view's day or later, and is not taken back here.
fn is_settled(view: &View, document: u32, taken_back: &FxHashSet<u32>) -> bool {
    let store = &view.store;
    let legs = store.legs.of(document).filter(|leg| leg.allocation != NONE && leg.recorded <= view.known_on);
    let mut facts = legs.filter_map(|leg| Some((leg.allocation, store.allocations.get(leg.allocation)?)));
    facts.any(|(number, fact)| {
        let goes = taken_back.contains(&number) || taken_back.contains(&beside(view, number, fact));
        !goes && !view.has_ended(number, fact)
    })
}
