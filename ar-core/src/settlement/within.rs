//! What was let go within discounts that were granted before: what each match took beyond the discount that was to be had with it.

use std::collections::BTreeMap;

use super::carried::{Part, is_discount_of, known_matches};
use super::given::taken_off;
use crate::ledger::View;
use crate::ledger::known::Known;
use crate::ledger::layers::NONE;
use crate::ledger::store::AllocationFact;
use crate::money::Minor;

/// What a match granted on an item of a document, and what was settled of the document before it.
pub(super) struct Granted {
    /// The allocation that it stands beside; none when it stands alone.
    pub allocation: u32,
    /// The credit that pays by that.
    pub credit: u32,
    /// The instalment that it names, or none (0).
    pub item: u32,
    pub amount: Minor,
    /// When it was granted, the last part of it.
    pub then: Known,
    pub before: Vec<Part>,
}

/// The discounts of a document that stand, match by match, as they were recorded. Before each are those that stood then, whatever
/// became of them since.
pub(super) fn granted(view: &View, document: u32) -> Vec<Granted> {
    let matches = known_matches(view, document);
    let mut all = Vec::new();
    for (at, one) in matches.iter().enumerate() {
        let Some(one) = one.standing(|number, fact| !view.has_ended(number, fact)) else { continue };
        let number = one.number(view);
        let mut discounts: BTreeMap<u32, (Minor, Known)> = BTreeMap::new();
        for held in one.differences.iter().filter(|held| is_discount_of(view, **held)) {
            let (of, fact) = *held;
            let then = Known::with(&view.store, of, fact);
            let named = if fact.instalment == 0 { number } else { fact.instalment };
            let (sum, latest) = discounts.entry(named).or_insert((0, then));
            (*sum, *latest) = (sum.saturating_add(taken_off(fact)), latest.or_later(then));
        }
        let (allocation, credit) = one.allocation.map_or((NONE, NONE), |(number, fact)| (number, fact.credit));
        for (item, (amount, then)) in discounts {
            let stood = |number: u32, fact: &AllocationFact| !view.had_ended(number, fact, then);
            let earlier = matches.iter().take(at).filter_map(|one| one.standing(stood));
            let before = earlier.flat_map(|one| one.parts(view, document)).collect();
            all.push(Granted { allocation, credit, item, amount, then, before });
        }
    }
    all
}
