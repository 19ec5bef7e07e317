//! From which day on is a document payable? From its due date, or from the day on which the last thing is there that it lacked then:
//! not payable yet is not late.

use super::View;
use super::store::{RequirementFact, RequirementState};

impl View {
    /// The first day from another on, on which a document lacks nothing that it, or one that it is left of, requires; none where it
    /// lacks something on all of them.
    pub(crate) fn payable_from(&self, document: u32, day: i32) -> Option<i32> {
        if self.store.requirements.iter().next().is_none() {
            return Some(day);
        }
        let facts = self.requirements_of(document);
        let later = facts.iter().map(|fact| fact.effective).filter(|effective| *effective > day);
        let mut days: Vec<i32> = later.chain([day]).collect();
        days.sort_unstable();
        days.into_iter().find(|on| !lacks_something(&facts, *on))
    }

    /// The day on which the last fact was learnt of what a document requires.
    pub(crate) fn requirements_learnt(&self, document: u32) -> Option<i32> {
        self.requirements_of(document).iter().map(|fact| fact.effective.max(fact.recorded)).max()
    }

    /// The counted facts about what a document, or one that it is left of, requires: each requirement by rising order.
    fn requirements_of(&self, document: u32) -> Vec<&RequirementFact> {
        let chain = self.with_what_it_is_left_of(document);
        let mut facts: Vec<&RequirementFact> = chain
            .iter()
            .flat_map(|document| self.store.requirements.of(*document))
            .filter(|fact| self.counted(fact.effective, fact.recorded))
            .collect();
        facts.sort_unstable_by_key(|fact| (fact.document, fact.requirement, fact.effective, fact.recorded, fact.seq));
        facts
    }
}

/// Whether the latest state of some requirement on a day is that it is missing.
fn lacks_something(facts: &[&RequirementFact], on: i32) -> bool {
    let mut of_each = facts.chunk_by(|a, b| (a.document, a.requirement) == (b.document, b.requirement));
    of_each.any(|states| {
        let latest = states.iter().rfind(|fact| fact.effective <= on);
        latest.is_some_and(|fact| fact.state == RequirementState::Missing)
    })
}
