//! Which instalments did a document have on the day of a notice, and are they those of today? A schedule that is agreed later neither
//! takes back what was charged by the one before, nor makes what is owed another debt.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::ledger::layers::NONE;
use crate::ledger::store::{NO_DAY, Store};
use crate::ledger::{View, schedule};
use crate::money::Minor;

/// An instalment: its number (0 without a schedule), its due date, and its amount.
pub(super) type Part = (u32, i32, Minor);

/// The schedules by which notices were sent, where they are not those of today.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    /// Of documents that ever have instalments, what lines of notices name: document, day of the notice, instalment.
    named: Vec<(u32, i32, u32)>,
    /// By document what is in force, where something else was on the day of a notice, or had not what its line names.
    now: FxHashMap<u32, Vec<Part>>,
    /// What was then, of these documents.
    then: FxHashMap<(u32, i32), Vec<Part>>,
    today: i32,
}

impl Terms {
    /// Notes what a line of a notice names.
    pub(super) fn note(&mut self, store: &Store, document: u32, day: i32, instalment: u32) {
        if store.instalments.of(document).next().is_some() {
            self.named.push((document, day, instalment));
        }
    }

    /// Looks at the schedules of what was noted, as a view knows them.
    pub(super) fn look(&mut self, view: &View) {
        self.today = view.stood_on();
        self.now.clear();
        self.then.clear();
        let mut changed: FxHashSet<u32> = FxHashSet::default();
        for (document, day, named) in self.named.iter().copied() {
            let then = self.then.entry((document, day)).or_insert_with(|| parts_on(view, document, day));
            let now = self.now.entry(document).or_insert_with(|| parts_on(view, document, self.today));
            if then != now || (named != NONE && then.iter().all(|(number, ..)| *number != named)) {
                changed.insert(document);
            }
        }
        self.now.retain(|document, _| changed.contains(document));
        self.then.retain(|(document, _), _| changed.contains(document));
    }

    /// Whether some notice was about a document by another schedule.
    pub(super) fn have_changed(&self, document: u32) -> bool {
        self.now.contains_key(&document)
    }

    pub(super) fn today(&self) -> i32 {
        self.today
    }

    /// An instalment of the schedule in force on the day of a notice, or today; none where it has no such, and where nothing has
    /// changed since.
    pub(super) fn part(&self, document: u32, instalment: u32, day: i32) -> Option<Part> {
        let parts = self.then.get(&(document, day)).or_else(|| self.now.get(&document))?;
        parts.iter().find(|(number, ..)| *number == instalment).copied()
    }

    /// The day itself; today, where the schedule in force on it still is.
    pub(super) fn day_of(&self, document: u32, day: i32) -> i32 {
        let then = self.then.get(&(document, day));
        if then.is_none() || then == self.now.get(&document) { self.today } else { day }
    }

    /// Whether a line of a day is about an instalment of today: it names it, or none; or one that is no more, where this one was not
    /// yet.
    pub(super) fn is_about(&self, (document, named, day): (u32, u32, i32), instalment: u32) -> bool {
        named == NONE
            || named == instalment
            || (self.have_changed(document)
                && self.part(document, instalment, day).is_none()
                && self.part(document, named, self.today).is_none())
    }

    /// Whether days for which a line of a day has charged interest are charged for an instalment of another day: also when it names
    /// another, and this one was not, was due otherwise or of another amount then. Nobody can say what became of which.
    pub(super) fn is_charged_with(
        &self,
        (document, named, day): (u32, u32, i32),
        instalment: u32,
        terms_on: i32,
    ) -> bool {
        named == NONE
            || named == instalment
            || (self.have_changed(document)
                && (self.part(document, instalment, day) != self.part(document, instalment, terms_on)
                    || self.part(document, named, day).is_none()))
    }
}

fn parts_on(view: &View, document: u32, day: i32) -> Vec<Part> {
    let store = &view.store;
    let Some((piece, row)) = store.documents.find(document) else { return Vec::new() };
    let begin = piece.effective.get(row).copied().unwrap_or(day);
    let schedule = schedule::in_force(store, document, day.max(begin), view.known_on);
    if schedule.is_empty() {
        let (due, amount) = (piece.due.get(row).copied(), piece.amount.get(row).copied());
        return vec![(0, due.unwrap_or(NO_DAY), amount.unwrap_or(0))];
    }
    schedule.into_iter().map(|part| (part.number, part.due, part.amount)).collect()
}
