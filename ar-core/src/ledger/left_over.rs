//! What residuals left of documents: a part of the same claim, so that what stands of a document stands of them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::View;
use super::layers::NONE;
use super::store::AllocationFact;

/// By document the documents that its residuals moved to, of its account, in order of id. No document is left of itself.
#[derive(Debug, Default)]
pub(crate) struct LeftOvers {
    of: FxHashMap<u32, Vec<u32>>,
    /// The document that each is left of, and its instalment; 0: none is named.
    whole: FxHashMap<u32, (u32, u32)>,
}

/// A document whose disputes are being placed.
struct Placing {
    document: u32,
    handed: Disputed,
    left: Disputed,
    next: usize,
}

/// What is disputed of a document: all of it, or an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disputed {
    Whole,
    Part(i128),
}

impl Default for Disputed {
    fn default() -> Self {
        Self::Part(0)
    }
}

impl Disputed {
    /// Both together.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Part(one), Self::Part(other)) => Self::Part(one.saturating_add(other)),
            _ => Self::Whole,
        }
    }

    /// Takes as much of it as finds place.
    pub(crate) fn take(&mut self, place: i128) -> i128 {
        match self {
            Self::Whole => place,
            Self::Part(left) => {
                let part = place.min(*left);
                *left = left.saturating_sub(part);
                part
            }
        }
    }

    fn at_most(self, most: Self) -> Self {
        match (self, most) {
            (Self::Part(one), Self::Part(most)) => Self::Part(one.min(most)),
            (one, Self::Whole) => one,
            (Self::Whole, most) => most,
        }
    }
}

impl LeftOvers {
    pub(crate) fn is_empty(&self) -> bool {
        self.whole.is_empty()
    }

    /// By document the one that it is left of, and its instalment.
    pub(crate) fn into_whole(self) -> FxHashMap<u32, (u32, u32)> {
        self.whole
    }

    /// All documents that are left of others or that others are left of.
    pub(crate) fn documents(&self) -> impl Iterator<Item = u32> + '_ {
        self.whole.iter().flat_map(|(left, (whole, _))| [*left, *whole])
    }

    /// A document, and all that is left of it.
    pub(crate) fn claim(&self, document: u32) -> Vec<u32> {
        let mut all = vec![document];
        let mut at = 0;
        while let Some(document) = all.get(at).copied() {
            all.extend_from_slice(self.parts(document));
            at = at.saturating_add(1);
        }
        all
    }

    /// The document that one is left of in the end; itself, where it is left of none.
    pub(crate) fn first(&self, document: u32) -> u32 {
        with_those_above(&self.whole, (document, 0)).last().map_or(document, |(first, _)| first)
    }

    /// Whether one document is the other, or is left of it.
    pub(crate) fn is_of(&self, document: u32, whole: u32) -> bool {
        document == whole || with_those_above(&self.whole, (document, 0)).any(|(above, _)| above == whole)
    }

    /// All documents that are left of others.
    pub(crate) fn all(&self) -> impl Iterator<Item = u32> + '_ {
        self.whole.keys().copied()
    }

    fn parts(&self, document: u32) -> &[u32] {
        self.of.get(&document).map_or(&[], Vec::as_slice)
    }

    /// Adds to some documents all that is left of them.
    pub(crate) fn hand_down(&self, documents: &mut FxHashSet<u32>) {
        if self.is_empty() {
            return;
        }
        let mut waiting: Vec<u32> = documents.iter().copied().collect();
        while let Some(document) = waiting.pop() {
            waiting.extend(self.parts(document).iter().filter(|part| documents.insert(**part)));
        }
    }

    /// Places disputes: first on what is open of their own documents, then on what is left of these.
    pub(crate) fn place(&self, own: &mut FxHashMap<u32, Disputed>, open: &FxHashMap<u32, i128>) {
        // Each has its own, so that their order does not matter.
        let mut firsts: Vec<u32> =
            self.whole.values().map(|(whole, _)| *whole).filter(|it| !self.whole.contains_key(it)).collect();
        firsts.sort_unstable();
        firsts.dedup();
        for first in firsts {
            let mut stack = vec![self.placed(first, Disputed::default(), own, open)];
            while let Some(top) = stack.last_mut() {
                if let Some(part) = self.parts(top.document).get(top.next).copied() {
                    top.next = top.next.saturating_add(1);
                    let handed = top.left;
                    stack.push(self.placed(part, handed, own, open));
                    continue;
                }
                // What found no place goes back, but for what was of its own.
                let back = top.left.at_most(top.handed);
                stack.pop();
                if let Some(above) = stack.last_mut() {
                    above.left = back;
                }
            }
        }
    }

    /// A document with what it takes of its own disputes and of those handed to it.
    fn placed(
        &self,
        document: u32,
        handed: Disputed,
        own: &mut FxHashMap<u32, Disputed>,
        open: &FxHashMap<u32, i128>,
    ) -> Placing {
        let mut left = own.get(&document).copied().unwrap_or_default().and(handed);
        let taken = left.take(open.get(&document).copied().unwrap_or(0));
        own.insert(document, Disputed::Part(taken));
        Placing { document, handed, left, next: 0 }
    }
}

impl View {
    /// What residuals left of documents.
    pub(crate) fn left_overs(&self) -> LeftOvers {
        let store = &self.store;
        let mut whole: FxHashMap<u32, (u32, u32)> = FxHashMap::default();
        if self.scope.is_some() {
            for mut document in self.documents() {
                while !whole.contains_key(&document)
                    && let Some(above) = self.left_over_of(document)
                {
                    whole.insert(document, above);
                    document = above.0;
                }
            }
        } else {
            let moved = store.residuals.all().map(|moved| moved.document);
            whole.extend(moved.filter_map(|document| Some((document, self.left_over_of(document)?))));
        }
        for document in circles(&whole) {
            whole.remove(&document);
        }
        let mut pairs: Vec<(u32, u32)> = whole.iter().map(|(document, (above, _))| (*document, *above)).collect();
        pairs.sort_by(|a, b| store.document_id(a.0).cmp(store.document_id(b.0)));
        let mut of: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (document, above) in pairs {
            of.entry(above).or_default().push(document);
        }
        LeftOvers { of, whole }
    }

    /// The document, and its instalment, that a counted residual took off what it moved to this one.
    pub(crate) fn moved_from(&self, document: u32) -> Option<(u32, u32)> {
        let fact = self.residual_of(document)?;
        Some((if fact.debit == NONE { fact.credit } else { fact.debit }, fact.instalment))
    }

    /// The day from which on a counted residual left a document.
    pub(crate) fn left_on_day(&self, document: u32) -> Option<i32> {
        self.residual_of(document).map(|fact| fact.effective)
    }

    fn residual_of(&self, document: u32) -> Option<&AllocationFact> {
        let mut facts =
            self.store.residuals.of(document).filter_map(|moved| self.store.allocations.get(moved.difference));
        facts.find(|fact| self.counted(fact.effective, fact.recorded))
    }

    /// A document and those that it is left of, the nearest first. What comes back to itself is left of nothing.
    pub(super) fn with_what_it_is_left_of(&self, document: u32) -> Vec<u32> {
        let mut chain = vec![document];
        while let Some((above, _)) = chain.last().and_then(|last| self.left_over_of(*last)) {
            if let Some(circle) = chain.iter().position(|held| *held == above) {
                chain.truncate(circle.saturating_add(1));
                break;
            }
            chain.push(above);
        }
        chain
    }

    /// The same, where it is of the same account.
    fn left_over_of(&self, document: u32) -> Option<(u32, u32)> {
        let account = |document| {
            let (piece, row) = self.store.documents.find(document)?;
            piece.account.get(row)
        };
        self.moved_from(document).filter(|(above, _)| *above != document && account(*above) == account(document))
    }
}

/// An item, and those that it is left of by [`LeftOvers::into_whole`], the nearest first.
pub(crate) fn with_those_above(
    whole: &FxHashMap<u32, (u32, u32)>,
    item: (u32, u32),
) -> impl Iterator<Item = (u32, u32)> + Clone {
    std::iter::successors(Some(item), |(document, _)| whole.get(document).copied())
}

/// Those that are left of themselves by way of others.
fn circles(whole: &FxHashMap<u32, (u32, u32)>) -> Vec<u32> {
    let mut passed: FxHashMap<u32, u32> = FxHashMap::default();
    let mut found = Vec::new();
    for (start, name) in whole.keys().zip(0_u32..) {
        let mut at = *start;
        while let std::collections::hash_map::Entry::Vacant(free) = passed.entry(at) {
            free.insert(name);
            match whole.get(&at) {
                Some((above, _)) => at = *above,
                None => break,
            }
        }
        // Met on this very way, and not at its top: a circle not met before.
        if passed.get(&at) == Some(&name) && whole.contains_key(&at) {
            let first = at;
            loop {
                found.push(at);
                match whole.get(&at) {
                    Some((above, _)) if *above != first => at = *above,
                    _ => break,
                }
            }
        }
    }
    found
}
