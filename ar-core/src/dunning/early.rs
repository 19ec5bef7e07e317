//! Which notices were for nothing, because what they were about was not payable yet? One that was sent before it became known that a
//! delivery or a document was missing that day tells nothing of a level: the item begins with that which it has once it is payable.

use rustc_hash::{FxHashMap, FxHashSet};

use super::given::Given;
use super::history::{History, Past, Sent};
use super::policy::DunningBasis;
use super::restart::Before;
use crate::ledger::layers::NONE;
use crate::ledger::schedule;
use crate::ledger::store::NO_DAY;

/// Notices that were sent about something while that was not payable, by document.
#[derive(Debug, Clone, Default)]
pub(super) struct Early {
    by_document: FxHashMap<u32, Vec<TooEarly>>,
}

/// A notice about a document: of which instalments it was too early, and whether of those that its schedule had not.
#[derive(Debug, Clone)]
struct TooEarly {
    notice: u32,
    instalments: Vec<(u32, bool)>,
    others: bool,
}

impl Early {
    /// Looks at the notices to customers of whom something was ever missing.
    pub(super) fn of(given: &Given<'_>, sent: &History) -> Self {
        let mut early = Self::default();
        if !given.has_lacked() {
            return early;
        }
        let mut seen: FxHashSet<(u32, u32)> = FxHashSet::default();
        for line in sent.all_lines().filter(|line| given.ever_lacked(given.account_of(line.document).customer)) {
            if seen.insert((line.document, line.notice)) {
                let found = TooEarly::of(given, line);
                if found.others || found.instalments.iter().any(|(_, is_early)| *is_early) {
                    early.by_document.entry(line.document).or_default().push(found);
                }
            }
        }
        early
    }

    fn is_empty_for(&self, sent: &History, document: u32) -> bool {
        self.by_document.is_empty() || sent.left_of(document, 0).all(|(at, _)| !self.by_document.contains_key(&at))
    }

    /// Whether a line was too early for an instalment of its document.
    fn has(&self, line: &Sent, instalment: u32) -> bool {
        let number = if line.instalment == NONE { instalment } else { line.instalment };
        let all = self.by_document.get(&line.document).map_or(&[][..], Vec::as_slice);
        let own = all.iter().find(|early| early.notice == line.notice);
        own.is_some_and(|early| {
            let named = early.instalments.iter().find(|(held, _)| *held == number);
            named.map_or(early.others, |(_, is_early)| *is_early)
        })
    }
}

impl TooEarly {
    fn of(given: &Given<'_>, line: &Sent) -> Self {
        let (view, store) = (given.view, &given.view.store);
        let found = store.documents.find(line.document);
        let date = found.and_then(|(piece, row)| piece.document_date.get(row).copied()).unwrap_or(NO_DAY);
        let due = found.and_then(|(piece, row)| piece.due.get(row).copied()).unwrap_or(NO_DAY);
        let is_early = |due: i32| {
            let basis = if given.policy.basis == DunningBasis::DocumentDate { date } else { due };
            basis < line.day && given.policy.payable_from(view, line.document, basis) > line.day
        };
        let schedule = schedule::in_force(store, line.document, line.day, view.known_on);
        let instalments = schedule.iter().map(|part| (part.number, is_early(part.due))).collect();
        Self { notice: line.notice, instalments, others: is_early(due) }
    }
}

impl Before {
    /// The lines about an item that were not too early.
    pub(super) fn lines_in_time(&self, document: u32, instalment: u32) -> impl Iterator<Item = &Sent> + Clone {
        let is_none = self.early.is_empty_for(self, document);
        let number = move |line: &Sent| {
            let mut chain = self.left_of(document, instalment);
            chain.find(|(at, _)| *at == line.document).map_or(instalment, |(_, number)| number)
        };
        self.lines(document, instalment).filter(move |line| is_none || !self.early.has(line, number(line)))
    }

    /// What was sent about an item, and not too early.
    pub(super) fn of_item(&self, document: u32, instalment: u32) -> Past {
        if self.early.is_empty_for(self, document) {
            return History::of_item(self, document, instalment);
        }
        Past::of(self.lines_in_time(document, instalment))
    }
}
