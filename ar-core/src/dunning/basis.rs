//! From which day on are the days of an item counted? From its due date, or its document's date; not before it lacks nothing any more.

use super::policy::{DunningBasis, DunningPolicy, Respect};
use crate::ledger::View;
use crate::ledger::layers::NONE;
use crate::ledger::store::NO_DAY;

impl DunningPolicy {
    /// The day from which the days of an item are counted; `NO_DAY` without one.
    pub(super) fn basis_of(&self, view: &View, item: usize) -> i32 {
        let document = view.items.document.get(item).copied().unwrap_or(NONE);
        let amount = view.document_row(item).and_then(|(piece, row)| piece.amount.get(row).copied());
        match self.bare_basis_of(view, item) {
            // Credits are not asked for.
            day if amount.is_some_and(|amount| amount < 0) => day,
            day => self.payable_from(view, document, day),
        }
    }

    /// The same of what never lacked anything.
    pub(super) fn bare_basis_of(&self, view: &View, item: usize) -> i32 {
        let basis = match self.basis {
            DunningBasis::DueDate => view.items.due.get(item).copied(),
            DunningBasis::DocumentDate => {
                view.document_row(item).and_then(|(piece, row)| piece.document_date.get(row).copied())
            }
        };
        basis.unwrap_or(NO_DAY)
    }

    /// The day from which on a document lacks nothing any more, not before another; `NO_DAY` while it does.
    pub(super) fn payable_from(&self, view: &View, document: u32, day: i32) -> i32 {
        if day == NO_DAY || self.requirements == Respect::Dunned {
            return day;
        }
        view.payable_from(document, day).unwrap_or(NO_DAY)
    }
}
