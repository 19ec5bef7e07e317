//! Reference (remittance): the debits that a credit names, by their id or their own reference as one of its words, or as
//! the document it relates to; in due order.

use super::Finder;
use crate::allocation::desk::Desk;
use crate::allocation::filter::at;
use crate::ledger::layers::NONE;
use crate::money::Minor;

/// Debits by document and by reference; made when the first credit names anything.
#[derive(Default)]
pub(in crate::allocation) struct Named {
    index: Option<Index>,
    found: Vec<u32>,
}

struct Index {
    /// (document, debit), sorted.
    by_document: Vec<(u32, u32)>,
    /// (text, debit), sorted.
    by_reference: Vec<(u32, u32)>,
}

impl Index {
    fn new(desk: &Desk<'_>) -> Self {
        let mut by_document: Vec<(u32, u32)> = desk.live().map(|(debit, side)| (side.document, debit)).collect();
        let texts = desk.live().map(|(debit, side)| (reference(desk, side.document), debit));
        let mut by_reference: Vec<(u32, u32)> = texts.filter(|(text, _)| *text != NONE).collect();
        by_document.sort_unstable();
        by_reference.sort_unstable();
        Self { by_document, by_reference }
    }
}

/// The text of a document's own reference.
fn reference(desk: &Desk<'_>, document: u32) -> u32 {
    let found = desk.view.store.documents.find(document);
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
        let related = desk.view.store.related(document).unwrap_or(NONE);
        let reference = reference(desk, document);
        if reference == NONE && related == NONE {
            return;
        }
        let index = self.index.get_or_insert_with(|| Index::new(desk));
        let store = &desk.view.store;
        if related != NONE {
            self.found.extend(of(&index.by_document, related));
        }
        for token in tokens(if reference == NONE { "" } else { store.texts.text(reference) }) {
            if let Some(named) = store.document_ids.find(token).and_then(|id| store.documents.of_id(id)) {
                self.found.extend(of(&index.by_document, named));
            }
            if let Some(text) = store.texts.find(token) {
                self.found.extend(of(&index.by_reference, text));
            }
        }
        self.found.retain(|debit| at(&desk.debits, *debit).is_some_and(|side| desk.room(side) > 0));
        // Taken from the end.
        self.found.sort_unstable_by(|a, b| b.cmp(a));
        self.found.dedup();
    }

    fn next(&mut self, _desk: &Desk<'_>, _wanted: Minor) -> Option<u32> {
        self.found.pop()
    }
}
