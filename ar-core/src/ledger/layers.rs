//! Append-only storage that shares what it had: layers of sizes that at least halve from one to the next.
//!
//! An append adds a small layer and merges small ones, so adding n facts one by one costs n log n in all and the large
//! base is never copied for a small delta. Every handle on an earlier state stays valid.

use std::borrow::Cow;
use std::sync::Arc;

use hashbrown::HashTable;
use std::hash::BuildHasher;

/// A piece of storage that can take in its successor.
pub(crate) trait Layer: Sized {
    fn size(&self) -> usize;
    fn merged(&self, next: &Self) -> Self;
}

/// Layers, oldest and largest first.
#[derive(Debug)]
pub(crate) struct Layers<L> {
    layers: Vec<Arc<L>>,
}

impl<L> Clone for Layers<L> {
    fn clone(&self) -> Self {
        Self { layers: self.layers.clone() }
    }
}

impl<L> Default for Layers<L> {
    fn default() -> Self {
        Self { layers: Vec::new() }
    }
}

impl<L: Layer> Layers<L> {
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &L> {
        self.layers.iter().map(Arc::as_ref)
    }

    /// The layers that an earlier state did not have.
    pub(crate) fn since<'a>(&'a self, earlier: &Self) -> impl Iterator<Item = &'a L> {
        let both = self.layers.iter().zip(&earlier.layers);
        let shared = both.take_while(|(own, other)| Arc::ptr_eq(own, other)).count();
        self.layers.iter().skip(shared).map(Arc::as_ref)
    }

    pub(crate) fn push(&mut self, layer: L) {
        if layer.size() == 0 {
            return;
        }
        let mut last = layer;
        while let Some(before) = self.layers.last() {
            if before.size() / 2 >= last.size() {
                break;
            }
            last = before.merged(&last);
            self.layers.pop();
        }
        self.layers.push(Arc::new(last));
    }
}

/// Facts that have a key (the document, customer or allocation they are about), sorted by it, then as they came.
#[derive(Debug)]
pub(crate) struct Sorted<T> {
    facts: Vec<T>,
    /// By key less that of the first fact where its facts begin; empty where keys lie far apart.
    starts: Vec<u32>,
}

/// A fact about something that has a number.
pub(crate) trait Keyed: Clone {
    fn key(&self) -> u32;
}

/// From so many facts on a look-up by key is worth its memory.
const LOOKED_UP: usize = 64;

impl<T: Keyed> Sorted<T> {
    pub(crate) fn new(mut facts: Vec<T>) -> Self {
        facts.sort_by_key(Keyed::key);
        let starts = starts(&facts);
        Self { facts, starts }
    }

    /// All facts, by key.
    pub(crate) fn all(&self) -> &[T] {
        &self.facts
    }

    fn of(&self, key: u32) -> &[T] {
        let (Some(first), Some(last)) = (self.facts.first().map(Keyed::key), self.facts.last().map(Keyed::key)) else {
            return &[];
        };
        if key < first || key > last {
            return &[];
        }
        let at = place(key.wrapping_sub(first));
        if let (Some(from), Some(to)) = (self.starts.get(at), self.starts.get(at.saturating_add(1))) {
            return self.facts.get(place(*from)..place(*to)).unwrap_or(&[]);
        }
        let from = self.facts.partition_point(|fact| fact.key() < key);
        let tail = self.facts.get(from..).unwrap_or(&[]);
        let to = tail.partition_point(|fact| fact.key() == key);
        tail.get(..to).unwrap_or(&[])
    }
}

/// Where the facts of each key begin, and where the last end; facts about nothing in particular come last and are left out.
fn starts<T: Keyed>(facts: &[T]) -> Vec<u32> {
    let about = facts.partition_point(|fact| fact.key() != NONE);
    let held = facts.get(..about).unwrap_or(&[]);
    let (Some(first), Some(last)) = (held.first().map(Keyed::key), held.last().map(Keyed::key)) else {
        return Vec::new();
    };
    let keys = place(last.wrapping_sub(first)).saturating_add(1);
    if held.len() < LOOKED_UP || keys / 4 > held.len() {
        return Vec::new();
    }
    let mut starts = Vec::with_capacity(keys.saturating_add(1));
    for (at, fact) in held.iter().enumerate() {
        let key = place(fact.key().wrapping_sub(first)).saturating_add(1);
        if starts.len() < key {
            starts.resize(key, count(at));
        }
    }
    starts.push(count(about));
    starts
}

impl<T: Keyed> Layer for Sorted<T> {
    fn size(&self) -> usize {
        self.facts.len()
    }
    fn merged(&self, next: &Self) -> Self {
        Self::new(self.facts.iter().chain(&next.facts).cloned().collect())
    }
}

impl<T: Keyed> Layers<Sorted<T>> {
    /// The facts about one thing, in the order they came.
    pub(crate) fn of(&self, key: u32) -> impl Iterator<Item = &T> {
        self.iter().flat_map(move |layer| layer.of(key))
    }

    /// Of the facts about one thing, which stand in the order they came, the one that an order by that finds.
    pub(crate) fn search(&self, key: u32, order: impl Fn(&T) -> std::cmp::Ordering) -> Option<&T> {
        self.iter().find_map(|layer| {
            let held = layer.of(key);
            held.binary_search_by(&order).ok().and_then(|at| held.get(at))
        })
    }

    /// All facts: by layer, and in each by key.
    pub(crate) fn all(&self) -> impl Iterator<Item = &T> {
        self.iter().flat_map(|layer| &layer.facts)
    }

    pub(crate) fn add(&mut self, facts: Vec<T>) {
        self.push(Sorted::new(facts));
    }
}

/// Facts that are found by their own number: the n-th fact ever added.
#[derive(Debug)]
pub(crate) struct Numbered<T> {
    start: u32,
    facts: Vec<T>,
}

impl<T: Clone> Layer for Numbered<T> {
    fn size(&self) -> usize {
        self.facts.len()
    }
    fn merged(&self, next: &Self) -> Self {
        Self { start: self.start, facts: self.facts.iter().chain(&next.facts).cloned().collect() }
    }
}

impl<T: Clone> Layers<Numbered<T>> {
    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        self.layers
            .iter()
            .rev()
            .find(|layer| layer.start <= number)
            .and_then(|layer| layer.facts.get(place(number.wrapping_sub(layer.start))))
    }

    pub(crate) fn len(&self) -> u32 {
        self.layers.last().map_or(0, |layer| layer.start.saturating_add(count(layer.facts.len())))
    }

    pub(crate) fn add(&mut self, facts: Vec<T>) {
        let start = self.len();
        self.push(Numbered { start, facts });
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &T> {
        self.iter().flat_map(|layer| &layer.facts)
    }

    /// All facts by number, copied only when they lie in several layers.
    pub(crate) fn in_one(&self) -> Cow<'_, [T]> {
        match self.layers.as_slice() {
            [] => Cow::Borrowed(&[]),
            [only] => Cow::Borrowed(&only.facts),
            _ => Cow::Owned(self.all().cloned().collect()),
        }
    }
}

/// A number as a place in a slice.
pub(crate) fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A length as a number; storage never holds more than `u32::MAX - 1` of anything.
pub(crate) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// No number.
pub(crate) const NONE: u32 = u32::MAX;

/// Texts, each once, numbered as they came.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    start: u32,
    bytes: String,
    ends: Vec<usize>,
    index: HashTable<u32>,
}

fn hash(text: &str) -> u64 {
    foldhash::quality::FixedState::with_seed(0x5bd1_e995).hash_one(text)
}

impl Texts {
    fn local(&self, place: usize) -> &str {
        let from = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(place).and_then(|to| self.bytes.get(from..*to)).unwrap_or("")
    }

    fn find(&self, text: &str, hash: u64) -> Option<u32> {
        self.index.find(hash, |number| self.local(place(number.wrapping_sub(self.start))) == text).copied()
    }

    fn insert(&mut self, text: &str, hashed: u64) -> u32 {
        let number = self.start.saturating_add(count(self.ends.len()));
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
        let Self { start, bytes, ends, index } = self;
        index.insert_unique(hashed, number, |n| {
            let at = place(n.wrapping_sub(*start));
            let from = at.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
            hash(ends.get(at).and_then(|to| bytes.get(from..*to)).unwrap_or(""))
        });
        number
    }
}

impl Layer for Texts {
    fn size(&self) -> usize {
        self.ends.len()
    }
    fn merged(&self, next: &Self) -> Self {
        let mut all = Texts { start: self.start, ..Texts::default() };
        for layer in [self, next] {
            for at in 0..layer.ends.len() {
                let text = layer.local(at);
                all.insert(text, hash(text));
            }
        }
        all
    }
}

impl Layers<Texts> {
    /// The number of a text that is held.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        let hashed = hash(text);
        self.iter().find_map(|layer| layer.find(text, hashed))
    }

    /// The text of a number.
    pub(crate) fn text(&self, number: u32) -> &str {
        self.layers
            .iter()
            .rev()
            .find(|layer| layer.start <= number)
            .map_or("", |layer| layer.local(place(number.wrapping_sub(layer.start))))
    }

    pub(crate) fn len(&self) -> u32 {
        self.layers.last().map_or(0, |layer| layer.start.saturating_add(count(layer.ends.len())))
    }
}

/// Texts being added to those that a ledger holds.
#[derive(Debug)]
pub(crate) struct Growing {
    held: Layers<Texts>,
    added: Texts,
}

impl Growing {
    pub(crate) fn on(held: &Layers<Texts>) -> Self {
        Self { held: held.clone(), added: Texts { start: held.len(), ..Texts::default() } }
    }

    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        let hashed = hash(text);
        self.added.find(text, hashed).or_else(|| self.held.iter().find_map(|layer| layer.find(text, hashed)))
    }

    /// The number of a text, new or not.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        self.add(text).unwrap_or_else(|number| number)
    }

    /// The number of a text that is new, or as the error the one it has.
    pub(crate) fn add(&mut self, text: &str) -> Result<u32, u32> {
        let hashed = hash(text);
        if let Some(number) =
            self.added.find(text, hashed).or_else(|| self.held.iter().find_map(|layer| layer.find(text, hashed)))
        {
            return Err(number);
        }
        Ok(self.added.insert(text, hashed))
    }

    pub(crate) fn text(&self, number: u32) -> &str {
        if number >= self.added.start {
            self.added.local(place(number.wrapping_sub(self.added.start)))
        } else {
            self.held.text(number)
        }
    }

    /// How many are held from before.
    pub(crate) fn start(&self) -> u32 {
        self.added.start
    }

    pub(crate) fn len(&self) -> u32 {
        self.added.start.saturating_add(count(self.added.ends.len()))
    }

    pub(crate) fn finish(self) -> Layers<Texts> {
        let mut all = self.held;
        all.push(self.added);
        all
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "an overflow here fails the test, as it should")]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    struct About(u32, usize);

    impl Keyed for About {
        fn key(&self) -> u32 {
            self.0
        }
    }

    #[test]
    fn facts_are_found_by_key_however_far_apart_keys_lie() {
        for (step, few) in [(1, 10), (1, 300), (3, 300), (50, 300)] {
            let facts: Vec<About> =
                (0..few).map(|at| About(7 + u32::try_from(at * 31 % few / 2).unwrap() * step, at)).collect();
            let general = [About(NONE, few), About(NONE, few + 1)];
            for facts in [facts.clone(), facts.iter().chain(&general).cloned().collect(), general.to_vec()] {
                let sorted = Sorted::new(facts.clone());
                for key in (0..8 + u32::try_from(few).unwrap() * step).chain([NONE - 1, NONE]) {
                    let expected: Vec<About> = facts.iter().filter(|fact| fact.0 == key).cloned().collect();
                    assert_eq!(sorted.of(key), expected, "{key} of {few} by {step}");
                }
            }
        }
    }

    /// So many facts, and how many were copied to put them together.
    #[derive(Debug)]
    struct Weighed {
        facts: usize,
        copied: usize,
    }

    impl Layer for Weighed {
        fn size(&self) -> usize {
            self.facts
        }

        fn merged(&self, next: &Self) -> Self {
            let facts = self.facts + next.facts;
            Self { facts, copied: self.copied + next.copied + facts }
        }
    }

    #[test]
    fn facts_added_one_by_one_are_copied_no_more_than_a_few_times_the_logarithm_each() {
        let mut layers: Layers<Weighed> = Layers::default();
        for n in 1..=10_000_usize {
            layers.push(Weighed { facts: 1, copied: 0 });
            let held: usize = layers.iter().map(|layer| layer.facts).sum();
            let copied: usize = layers.iter().map(|layer| layer.copied).sum();
            let doublings = usize::try_from(n.ilog2()).unwrap() + 1;
            assert_eq!(held, n);
            assert!(copied <= 3 * n * doublings, "{copied} copied for {n}");
            assert!(layers.iter().count() <= doublings + 1);
        }
    }
}
