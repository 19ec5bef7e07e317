//! Exact amount (Oracle's "match payment with invoice", iDempiere's matching amount): the first debit in due order with
//! exactly what is left of the credit; failing that, the first document whose items together have exactly that.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::Finder;
use crate::allocation::desk::Desk;
use crate::allocation::filter::at;
use crate::money::Minor;

/// Debits, and documents of several debits, by what they have left.
pub(in crate::allocation) struct Equal {
    debits: BTreeSet<(Minor, u32)>,
    /// Sum, first debit, document.
    documents: BTreeSet<(i128, u32, u32)>,
    /// The debits of each document that has several.
    several: FxHashMap<u32, Several>,
    found: Vec<u32>,
}

struct Several {
    debits: Vec<u32>,
    /// What they have together, and the first that has anything.
    sum: Option<(i128, u32)>,
}

impl Equal {
    pub(in crate::allocation) fn new(desk: &Desk<'_>) -> Self {
        let mut all = Self {
            debits: desk.live().map(|(debit, side)| (side.left, debit)).collect(),
            documents: BTreeSet::new(),
            several: FxHashMap::default(),
            found: Vec::new(),
        };
        if desk.view.items.instalment.is_empty() {
            return all;
        }
        let mut by_document: Vec<(u32, u32)> = desk.live().map(|(debit, side)| (side.document, debit)).collect();
        by_document.sort_unstable();
        for run in by_document.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
            let Some((document, _)) = run.first() else { continue };
            let debits: Vec<u32> = run.iter().map(|(_, debit)| *debit).collect();
            all.several.insert(*document, Several { debits, sum: None });
            all.sum_up(desk, *document);
        }
        all
    }

    fn sum_up(&mut self, desk: &Desk<'_>, document: u32) {
        let Some(several) = self.several.get_mut(&document) else { return };
        if let Some((sum, first)) = several.sum.take() {
            self.documents.remove(&(sum, first, document));
        }
        for debit in several.debits.iter().filter(|debit| desk.room_of_debit(**debit) > 0) {
            let left = at(&desk.debits, *debit).map_or(0, |side| i128::from(side.left));
            let (sum, first) = several.sum.unwrap_or((0, *debit));
            several.sum = Some((sum.saturating_add(left), first));
        }
        if let Some((sum, first)) = several.sum {
            self.documents.insert((sum, first, document));
        }
    }
}

impl Finder for Equal {
    fn begin(&mut self, desk: &Desk<'_>, credit: usize) {
        let wanted = desk.room_of_credit(credit);
        self.found.clear();
        if let Some((_, debit)) = self.debits.range((wanted, 0)..=(wanted, u32::MAX)).next() {
            self.found.push(*debit);
            return;
        }
        let wanted = i128::from(wanted);
        let document = self.documents.range((wanted, 0, 0)..=(wanted, u32::MAX, u32::MAX)).next();
        if let Some(several) = document.and_then(|(_, _, document)| self.several.get(document)) {
            self.found.extend(several.debits.iter().rev().filter(|debit| desk.room_of_debit(**debit) > 0));
        }
    }

    fn next(&mut self, _desk: &Desk<'_>, _wanted: Minor) -> Option<u32> {
        self.found.pop()
    }

    fn changed(&mut self, desk: &Desk<'_>, debit: u32, before: Minor) {
        let Some(side) = at(&desk.debits, debit) else { return };
        self.debits.remove(&(before, debit));
        if desk.room(side) > 0 {
            self.debits.insert((side.left, debit));
        }
        self.sum_up(desk, side.document);
    }
}
