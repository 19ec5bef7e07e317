//! From which day on is a document payable? From its due date, or from the day on which the last thing is there that it lacked then:
//! not payable yet is not late.

use super::store::{RequirementFact, RequirementState};
use super::{View, schedule};

impl View {
    /// The first day from another on, on which a document lacks nothing that it, or one that it is left of, requires; none where it
    /// lacks something on all of them.
    pub(crate) fn payable_from(&self, document: u32, day: i32) -> Option<i32> {
        if self.store.requirements.iter().next().is_none() {
            return Some(day);
        }
        payable_by(&self.requirements_of(document), day)
    }

    /// The day since when it is known of a document that it is payable from a later day than another: that later day itself, or
    /// the one on which the last fact was recorded that made it so.
    pub(crate) fn payable_learnt(&self, document: u32, day: i32) -> Option<i32> {
        let mut facts = self.requirements_of(document);
        let payable = payable_by(&facts, day)?;
        let mut learnt = payable;
        while payable != day && payable_by(&facts, day) == Some(payable) {
            let last = facts.iter().map(|fact| fact.recorded).max()?;
            learnt = last.max(payable);
            facts.retain(|fact| fact.recorded < last);
        }
        Some(learnt)
    }

    /// The day since when it is known that an instalment of a document is due when it is; none without a schedule.
    pub(crate) fn due_learnt(&self, document: u32, number: u32, due: i32) -> Option<i32> {
        let facts = || self.store.instalments.of(document);
        let counted = facts().filter(|fact| self.counted(fact.effective, fact.recorded));
        let mut days: Vec<i32> = counted.map(|fact| fact.effective.max(fact.recorded)).collect();
        days.sort_unstable();
        days.dedup();
        let is_so = |day: i32| {
            let schedule = schedule::in_force(&self.store, document, day, day);
            schedule.iter().any(|fact| fact.number == number && fact.due == due)
        };
        // What one schedule alone says was known with it.
        let last = *days.last()?;
        Some(days.into_iter().rev().take_while(|day| *day == last || is_so(*day)).last().unwrap_or(last))
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

/// The first day from another on, on which nothing is missing by some facts.
fn payable_by(facts: &[&RequirementFact], day: i32) -> Option<i32> {
    let later = facts.iter().map(|fact| fact.effective).filter(|effective| *effective > day);
    let mut days: Vec<i32> = later.chain([day]).collect();
    days.sort_unstable();
    days.into_iter().find(|on| !lacks_something(facts, *on))
}

/// Whether the latest state of some requirement on a day is that it is missing.
fn lacks_something(facts: &[&RequirementFact], on: i32) -> bool {
    let mut of_each = facts.chunk_by(|a, b| (a.document, a.requirement) == (b.document, b.requirement));
    of_each.any(|states| {
        let latest = states.iter().rfind(|fact| fact.effective <= on);
        latest.is_some_and(|fact| fact.state == RequirementState::Missing)
    })
}
