//! Reference (remittance): the debits that a credit names, by their id or their own reference as one of its words, or as
//! the document it relates to; in due order.

use super::Finder;
use crate::allocation::desk::Desk;
use crate::allocation::filter::at;
use crate::ledger::View;
use crate::ledger::layers::NONE;
use crate::money::Minor;

/// Debits by document and by reference; made when the first credit names anything.
#[derive(Default)]
pub(in crate::allocation) struct Named {
    index: Option<Index>,
    found: Vec<u32>,
}

/// Debits, each by its place, found by what a credit may name.
pub(crate) struct Index {
    /// (document, debit), sorted.
    by_document: Vec<(u32, u32)>,
    /// (text, debit), sorted.
    by_reference: Vec<(u32, u32)>,
}

impl Index {
    /// An index of debits with their documents.
    pub(crate) fn new(view: &View, debits: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut by_document: Vec<(u32, u32)> = debits.map(|(debit, document)| (document, debit)).collect();
        let texts = by_document.iter().map(|(document, debit)| (reference(view, *document), *debit));
        let mut by_reference: Vec<(u32, u32)> = texts.filter(|(text, _)| *text != NONE).collect();
        by_document.sort_unstable();
        by_reference.sort_unstable();
        Self { by_document, by_reference }
    }

    /// Whether a credit names anything.
    pub(crate) fn names_any(view: &View, credit: u32) -> bool {
        reference(view, credit) != NONE || view.store.related(credit).unwrap_or(NONE) != NONE
    }

    /// The debits that a credit names, by their places, rising.
    pub(crate) fn named_by(&self, view: &View, credit: u32, found: &mut Vec<u32>) {
        let store = &view.store;
        found.clear();
        if let Some(related) = store.related(credit).filter(|related| *related != NONE) {
            found.extend(of(&self.by_document, related));
        }
        let reference = reference(view, credit);
        for token in tokens(if reference == NONE { "" } else { store.texts.text(reference) }) {
            if let Some(named) = store.document_ids.find(token).and_then(|id| store.documents.of_id(id)) {
                found.extend(of(&self.by_document, named));
            }
            if let Some(text) = store.texts.find(token) {
                found.extend(of(&self.by_reference, text));
            }
        }
        found.sort_unstable();
        found.dedup();
    }
}

/// The text of a document's own reference.
fn reference(view: &View, document: u32) -> u32 {
    let found = view.store.documents.find(document);
    found.and_then(|(piece, row)| piece.reference.get(row)).copied().unwrap_or(NONE)
}

fn of(pairs: &[(u32, u32)], key: u32) -> impl Iterator<Item = u32> {
    let from = pairs.partition_point(|pair| pair.0 < key);
    pairs.iter().skip(from).take_while(move |pair| pair.0 == key).map(|pair| pair.1)
}

/// The words of a reference.
fn tokens(reference: &str) -> impl Iterator<Item = &str> {
    reference.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|token| !token.is_empty())
}

impl Finder for Named {
    fn begin(&mut self, desk: &Desk<'_>, credit: usize) {
        self.found.clear();
        let Some(document) = desk.credits.get(credit).map(|(_, side)| side.document) else { return };
        if !Index::names_any(desk.view, document) {
            return;
        }
        let debits = desk.live().map(|(debit, side)| (debit, side.document));
        let index = self.index.get_or_insert_with(|| Index::new(desk.view, debits));
        index.named_by(desk.view, document, &mut self.found);
        self.found.retain(|debit| at(&desk.debits, *debit).is_some_and(|side| desk.room(side) > 0));
        // Taken from the end.
        self.found.reverse();
    }

    fn next(&mut self, _desk: &Desk<'_>, _wanted: Minor) -> Option<u32> {
        self.found.pop()
    }
}
