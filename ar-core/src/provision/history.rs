//! What became of what was owed? The parts of documents on one day beside those on a later one.
//!
//! Between two days a document's parts, oldest bucket first, are followed in this order: what was written off of it, what was
//! settled, and what is still open, oldest bucket first. So every minor unit that was open goes to one place, also where a
//! schedule was replaced in between.

use rustc_hash::FxHashMap;

use super::policy::invalid;
use crate::aging::keys::{Filter, Key, Values, text};
use crate::aging::{AgingPolicy, Where, age};
use crate::ledger::View;
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::store::DifferenceKind;
use crate::money::Minor;
use crate::problem::{Problem, Refused};

/// What was open of a document in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub document: u32,
    pub bucket: u32,
    pub open: i128,
    /// The caller's own: what the part belongs to.
    pub unit: usize,
}

/// Where a part went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum To {
    WrittenOff,
    Settled,
    Bucket(u32),
}

/// What is owed by documents on a view's day, by document, oldest bucket first.
pub(super) fn parts(view: &View, policy: &AgingPolicy) -> Result<Vec<Part>, Refused> {
    let aging = age(view, policy, &[], &Where::new())?;
    let mut parts = Vec::with_capacity(view.items.len());
    for (account, items) in aging.accounts() {
        let owed = aging.aged(account, items).filter(|aged| aged.open > 0);
        parts.extend(owed.map(|aged| Part {
            document: aged.document,
            bucket: aged.bucket,
            open: i128::from(aged.open),
            unit: 0,
        }));
    }
    sort(&mut parts);
    Ok(parts)
}

/// By document, oldest bucket first; parts of one bucket stay in their order.
pub(super) fn sort(parts: &mut [Part]) {
    parts.sort_by_key(|part| (part.document, core::cmp::Reverse(part.bucket)));
}

/// What was written off, by document and day.
pub(super) struct WriteOffs(Vec<(u32, i32, Minor)>);

impl WriteOffs {
    /// The differences of some kinds that count on a view's day and are not taken back.
    pub(super) fn of(view: &View, kinds: &[DifferenceKind]) -> Self {
        let store = &view.store;
        let mut found = Vec::new();
        for (number, fact) in (0..).zip(store.allocations.all()) {
            if !fact.is_difference() || fact.debit == NONE || !view.holds(number, fact) {
                continue;
            }
            if store.differences.of(number).next().is_some_and(|about| kinds.contains(&about.kind)) {
                found.push((fact.debit, fact.effective, fact.debit_amount));
            }
        }
        found.sort_unstable();
        Self(found)
    }

    /// What was written off of a document after one day and until another.
    pub(super) fn between(&self, document: u32, after: i32, until: i32) -> i128 {
        let from = self.0.partition_point(|(held, day, _)| (*held, *day) <= (document, after));
        let own = self.0.iter().skip(from).take_while(|(held, day, _)| *held == document && *day <= until);
        own.fold(0, |sum: i128, (_, _, amount)| sum.saturating_add(i128::from(*amount)))
    }
}

/// The kinds of differences that are losses.
pub(super) fn loss_kinds(names: &[String]) -> Result<Vec<DifferenceKind>, Problem> {
    let named = |(at, name): (usize, &String)| {
        let unknown = || invalid(&format!("loss_kinds[{at}]"), "expected a kind of difference");
        DifferenceKind::named(name).ok_or_else(unknown)
    };
    names.iter().enumerate().map(named).collect()
}

/// A piece of what was open: the part that it came from, none for what was not open before, and where it went.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flow {
    pub document: u32,
    pub from: Option<Part>,
    pub to: To,
    pub amount: i128,
}

/// Follows every document from one day to a later one.
pub(super) fn follow(
    (before, on): (&[Part], i32),
    (after, until): (&[Part], i32),
    write_offs: &WriteOffs,
    mut take: impl FnMut(Flow),
) {
    let (mut before, mut after) = (before, after);
    loop {
        let next = match (before.first(), after.first()) {
            (None, None) => return,
            (Some(part), None) | (None, Some(part)) => part.document,
            (Some(one), Some(other)) => one.document.min(other.document),
        };
        let (sources, rest) = split_off(before, next);
        before = rest;
        let (sinks, rest) = split_off(after, next);
        after = rest;
        let written = write_offs.between(next, on, until);
        follow_document(next, sources, sinks, written, &mut take);
    }
}

fn split_off(parts: &[Part], document: u32) -> (&[Part], &[Part]) {
    parts.split_at(parts.iter().take_while(|part| part.document == document).count())
}

fn follow_document(document: u32, sources: &[Part], sinks: &[Part], written: i128, take: &mut impl FnMut(Flow)) {
    let open = |parts: &[Part]| parts.iter().fold(0_i128, |sum, part| sum.saturating_add(part.open));
    let fell = open(sources).saturating_sub(open(sinks)).max(0);
    let written = written.clamp(0, fell);
    let gone = [(To::WrittenOff, written), (To::Settled, fell.saturating_sub(written))];
    let stays = sinks.iter().map(|part| (To::Bucket(part.bucket), part.open));
    let mut sources = sources.iter().copied();
    let mut from: Option<Part> = sources.next();
    for (to, mut amount) in gone.into_iter().chain(stays) {
        while amount > 0 {
            let Some(part) = from.as_mut() else {
                take(Flow { document, from: None, to, amount });
                break;
            };
            let moved = part.open.min(amount);
            if moved > 0 {
                take(Flow { document, from: Some(*part), to, amount: moved });
            }
            amount = amount.saturating_sub(moved);
            part.open = part.open.saturating_sub(moved);
            if part.open == 0 {
                from = sources.next();
            }
        }
    }
}

/// The pools that documents belong to, as of a view's day: sorted by values, then currency.
pub(super) struct Pools {
    /// By document; `NONE` for one that does not count.
    pub of: Vec<u32>,
    /// Values, currency, digits.
    pub names: Vec<(Vec<String>, String, u8)>,
}

impl Pools {
    /// The pool of every document that is owed, counts on the view's day, is let in and wanted.
    pub(super) fn of(
        view: &View,
        keys: &[String],
        filter: &Where,
        wanted: impl Fn(i32) -> bool,
    ) -> Result<Self, Refused> {
        let store = &view.store;
        let keys = keys.iter().map(|name| Key::named(store, name)).collect::<Result<Vec<Key>, Problem>>()?;
        let filter = Filter::read(view, filter)?;
        let values = &mut Values::new(view);
        let mut of = Vec::new();
        let mut numbers: FxHashMap<(Vec<u32>, u32), u32> = FxHashMap::default();
        let mut names: Vec<(Vec<String>, String, u8)> = Vec::new();
        for piece in store.documents.iter() {
            of.resize(place(piece.start), NONE);
            for (row, (amount, account)) in piece.amount.iter().zip(&piece.account).enumerate() {
                let document = piece.start.saturating_add(count(row));
                let day = |column: &[i32]| column.get(row).copied().unwrap_or(i32::MAX);
                let counts = *amount > 0
                    && wanted(day(&piece.document_date))
                    && view.counted(day(&piece.effective), day(&piece.recorded))
                    && !view.is_cancelled(document)
                    && filter.lets_account_in(values, *account)
                    && filter.lets_document_in(values, document, *account);
                if !counts {
                    of.push(NONE);
                    continue;
                }
                let currency = store.account(*account).currency;
                let own: Vec<u32> = keys.iter().map(|key| values.of_document(*key, document, *account)).collect();
                let number = *numbers.entry((own, currency)).or_insert_with_key(|(own, currency)| {
                    let own = keys.iter().zip(own).map(|(key, value)| text(store, *key, *value).to_owned());
                    let code = store.currency(*currency);
                    names.push((
                        own.collect(),
                        code.map_or_else(String::new, |code| code.code.to_string()),
                        code.map_or(0, |code| code.exponent),
                    ));
                    count(names.len().saturating_sub(1))
                });
                of.push(number);
            }
        }
        Ok(Self::sorted(of, names))
    }

    fn sorted(mut of: Vec<u32>, names: Vec<(Vec<String>, String, u8)>) -> Self {
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by(|a, b| names.get(*a).cmp(&names.get(*b)));
        let mut sorted: Vec<(Vec<String>, String, u8)> = Vec::with_capacity(names.len());
        let mut rank = vec![NONE; names.len()];
        for at in order {
            let Some(name) = names.get(at) else { continue };
            // Nothing and an empty text are one value.
            if sorted.last() != Some(name) {
                sorted.push(name.clone());
            }
            if let Some(slot) = rank.get_mut(at) {
                *slot = count(sorted.len().saturating_sub(1));
            }
        }
        for pool in &mut of {
            *pool = rank.get(place(*pool)).copied().unwrap_or(NONE);
        }
        Self { of, names: sorted }
    }

    pub(super) fn pool(&self, document: u32) -> Option<usize> {
        self.of.get(place(document)).filter(|pool| **pool != NONE).map(|pool| place(*pool))
    }
}
