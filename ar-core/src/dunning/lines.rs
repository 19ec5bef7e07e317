//! The lines of all notices of a run, in few bytes each: which item, at which level, and what is asked for where that is less
//! than what is open of it.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::ledger::layers::place;
use crate::ledger::view::OpenItems;
use crate::money::Minor;

/// A line of a notice: an item, its level, and what is dunned of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub item: u32,
    pub level: u32,
    pub amount: Minor,
}

/// Lines of notices, those of one side by side.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    items: Arc<OpenItems>,
    item: Vec<u32>,
    /// A policy has at most 99 levels; the highest bit says that `parts` has the amount.
    level: Vec<u8>,
    /// By item what is asked for, where it is not all that is open.
    parts: FxHashMap<u32, Minor>,
}

const PART: u8 = 0x80;

impl Lines {
    /// No lines, with room for some: room that is not touched costs nothing, growing would copy.
    pub(super) fn with_room(items: &Arc<OpenItems>, room: usize) -> Self {
        Self {
            items: Arc::clone(items),
            item: Vec::with_capacity(room),
            level: Vec::with_capacity(room),
            parts: FxHashMap::default(),
        }
    }

    /// Others about the same items.
    pub(super) fn others(&self, room: usize) -> Self {
        Self::with_room(&self.items, room)
    }

    pub(super) fn len(&self) -> usize {
        self.item.len()
    }

    pub(super) fn push(&mut self, line: Line) {
        self.push_part(line.item, line.level, line.amount, self.open(line.item));
    }

    /// Adds an item of which so much is asked, and so much is open.
    pub(super) fn push_part(&mut self, item: u32, level: u32, amount: Minor, open: Minor) {
        let mut level = u8::try_from(level).unwrap_or(PART.saturating_sub(1));
        if amount != open {
            self.parts.insert(item, amount);
            level |= PART;
        }
        self.item.push(item);
        self.level.push(level);
    }

    pub(super) fn truncate(&mut self, lines: usize) {
        self.item.truncate(lines);
        self.level.truncate(lines);
    }

    /// Writes others over those from a place on.
    pub(super) fn overwrite(&mut self, from: usize, lines: &[Line]) {
        let slots = self.item.iter_mut().zip(&mut self.level).skip(from);
        for ((item, level), line) in slots.zip(lines) {
            *item = line.item;
            *level = u8::try_from(line.level).unwrap_or(PART.saturating_sub(1));
            if self.parts.contains_key(&line.item) {
                *level |= PART;
            }
        }
    }

    pub(super) fn extend(&mut self, lines: impl IntoIterator<Item = Line>) {
        lines.into_iter().for_each(|line| self.push(line));
    }

    pub(super) fn get(&self, at: usize) -> Option<Line> {
        self.range(at..at.saturating_add(1)).next()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Line> + '_ {
        self.range(0..self.len())
    }

    pub(super) fn range(&self, lines: Range<usize>) -> impl ExactSizeIterator<Item = Line> + Clone + '_ {
        let items = self.item.get(lines.clone()).unwrap_or_default();
        let levels = self.level.get(lines).unwrap_or_default();
        items.iter().zip(levels).map(|(item, level)| Line {
            item: *item,
            level: u32::from(*level & !PART),
            amount: if *level & PART == 0 { self.open(*item) } else { self.parts.get(item).copied().unwrap_or(0) },
        })
    }

    /// The items of lines, and the levels they have.
    #[cfg(feature = "arrow")]
    pub(super) fn columns(&self) -> (&[u32], impl ExactSizeIterator<Item = u8> + '_) {
        (&self.item, self.level.iter().map(|level| *level & !PART))
    }

    fn open(&self, item: u32) -> Minor {
        self.items.open.get(place(item)).copied().unwrap_or(0)
    }
}
