//! Reference (remittance): the debits that a credit names, by their id or their own reference as one of its words or a part of
//! one, or as the document it relates to; in due order.

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

/// Debits, each by its place, found by what a credit may name; what is left of a document also by its name.
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
        for at in 0..by_document.len() {
            let Some((document, debit)) = by_document.get(at).copied() else { break };
            by_document.extend(moved_from(view, document).into_iter().map(|whole| (whole, debit)));
        }
        by_document.sort_unstable();
        by_reference.sort_unstable();
        Self { by_document, by_reference }
    }

    /// Whether a credit names anything.
    pub(crate) fn names_any(view: &View, credit: u32) -> bool {
        reference(view, credit) != NONE || view.store.related(credit).unwrap_or(NONE) != NONE
    }

    /// The debits that a credit names, by their places, rising; `is_open` says which still take something.
    pub(crate) fn named_by(&self, view: &View, credit: u32, is_open: impl Fn(u32) -> bool, found: &mut Vec<u32>) {
        let store = &view.store;
        found.clear();
        if let Some(related) = store.related(credit).filter(|related| *related != NONE) {
            found.extend(of(&self.by_document, related));
        }
        let reference = reference(view, credit);
        let text = if reference == NONE { "" } else { store.texts.text(reference) };
        let mut named = |name: &str| {
            let document = store.document_ids.find(name).and_then(|id| store.documents.of_id(id));
            found.extend(document.into_iter().flat_map(|document| of(&self.by_document, document)));
            let before = found.len();
            if let Some(text) = store.texts.find(name) {
                found.extend(of(&self.by_reference, text).filter(|debit| is_open(*debit)));
            }
            document.is_some() || found.len() > before
        };
        for word in words(text) {
            look_up(word, &mut named);
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|debit| is_open(*debit));
    }
}

/// The shortest name that is found within a longer word: shorter ones are of anything.
const SHORTEST: usize = 4;
/// The most parts of a word that a name within it has.
const MOST_PARTS: usize = 8;

/// What a word names: itself, or the runs of its parts, the longest and of these the first before the others, of which none lies in
/// another. Parts are what stands between marks (ASCII punctuation).
fn look_up(word: &str, named: &mut impl FnMut(&str) -> bool) {
    if named(word) {
        return;
    }
    let mut parts: Vec<(usize, usize)> = Vec::new();
    let mut start = 0_usize;
    for (at, mark) in word.char_indices().filter(|(_, c)| c.is_ascii_punctuation()) {
        parts.push((start, at));
        start = at.saturating_add(mark.len_utf8());
    }
    if parts.is_empty() {
        return;
    }
    parts.push((start, word.len()));
    parts.retain(|(from, to)| from < to);
    let mut taken = vec![false; parts.len()];
    for length in (1..=parts.len().min(MOST_PARTS)).rev() {
        for first in 0..=parts.len().saturating_sub(length) {
            let last = first.saturating_add(length).saturating_sub(1);
            let (Some((from, _)), Some((_, to))) = (parts.get(first), parts.get(last)) else { continue };
            let Some(run) = word.get(*from..*to).filter(|run| *run != word && run.chars().count() >= SHORTEST) else {
                continue;
            };
            let Some(these) = taken.get_mut(first..=last).filter(|these| !these.contains(&true)) else { continue };
            if named(run) {
                these.fill(true);
            }
        }
    }
}

/// The documents that residuals moved a document from, the nearest first.
fn moved_from(view: &View, document: u32) -> Vec<u32> {
    let (mut all, mut last) = (Vec::new(), document);
    while let Some((whole, _)) = view.moved_from(last).filter(|(whole, _)| *whole != document && !all.contains(whole)) {
        all.push(whole);
        last = whole;
    }
    all
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
fn words(reference: &str) -> impl Iterator<Item = &str> {
    reference.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|word| !word.is_empty())
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
        let is_open = |debit| at(&desk.debits, debit).is_some_and(|side| desk.room(side) > 0);
        index.named_by(desk.view, document, is_open, &mut self.found);
        // Taken from the end.
        self.found.reverse();
    }

    fn next(&mut self, _desk: &Desk<'_>, _wanted: Minor) -> Option<u32> {
        self.found.pop()
    }
}
