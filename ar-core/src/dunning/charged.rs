//! What have notices charged already, also those that were withdrawn: fees once, interest up to a day.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::history::{History, Sent};
use super::policy::ChargedInterest;
use super::restart::Before;
use crate::calendar::Day;
use crate::interest::balance::{ChargedDays, ChargedSum, Known, OverdueItem};
use crate::ledger::exchange::Rate;
use crate::ledger::layers::{NONE, count};
use crate::ledger::store::{NO_DAY, NoticeLineFact};
use crate::ledger::{DocumentKind, View};

/// What a withdrawn notice has charged about an item (`NONE`: each of the document) and is still owed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    instalment: u32,
    /// That of its line, and of the notice.
    level: u32,
    notice_level: u32,
    /// Day and order of the notice.
    when: (i32, (i32, u64)),
    pub notice_fee: bool,
    pub line_fee: bool,
    /// `NO_DAY`: no interest.
    interest_until: i32,
    notice: u32,
    interest: Interest,
}

/// Interest that a notice of level 0 has charged on an instalment (`NONE`: each): the day of the notice, and up to which.
#[derive(Debug, Clone, Copy)]
pub(super) struct Charged {
    pub notice: u32,
    pub instalment: u32,
    pub day: i32,
    pub until: i32,
}

/// How much interest a line has charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interest {
    /// Nobody knows.
    Unknown,
    /// So much.
    Amount(ChargedSum),
    /// What the charge of the so-maniest line of its notice says; 0 of a notice that closes interest.
    Charge(u32),
}

/// A line of a notice that has charged interest on an instalment (`NONE`: each), and up to which day.
#[derive(Debug, Clone, Copy)]
struct Asked {
    notice: u32,
    instalment: u32,
    day: i32,
    until: i32,
    interest: Interest,
    /// Whether its notice closes interest.
    closes: bool,
}

impl Asked {
    /// What a line of a notice of some level has charged.
    fn noticed(sent: &Sent) -> Self {
        let (notice, instalment, day) = (sent.notice, sent.instalment, sent.day);
        Self { notice, instalment, day, until: sent.interest_until, interest: sent.interest, closes: false }
    }
}

/// A line of a notice that has charged something, the so-maniest of it; 0 of one that closes interest.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChargedLine {
    pub notice: u32,
    pub number: u32,
    pub document: u32,
    /// `NONE`: each of the document.
    pub instalment: u32,
    pub day: i32,
}

impl History {
    /// The lines of all notices that have charges in the ledger, also of those that were withdrawn.
    pub(super) fn charged_lines(&self) -> Vec<ChargedLine> {
        let sent = self.all_lines().filter_map(|sent| match sent.interest {
            Interest::Charge(number) if number > 0 => Some(ChargedLine {
                notice: sent.notice,
                number,
                document: sent.document,
                instalment: sent.instalment,
                day: sent.day,
            }),
            _ => None,
        });
        let kept = self.kept.iter().flat_map(|(document, all)| all.iter().map(|kept| (*document, kept)));
        let kept = kept.filter_map(|(document, kept)| match kept.interest {
            Interest::Charge(number) => Some(ChargedLine {
                notice: kept.notice,
                number,
                document,
                instalment: kept.instalment,
                day: kept.when.0,
            }),
            _ => None,
        });
        let closed = self.charged.iter().flat_map(|(document, all)| all.iter().map(|one| (*document, one)));
        let closed = closed.map(|(document, one)| ChargedLine {
            notice: one.notice,
            number: 0,
            document,
            instalment: one.instalment,
            day: one.day,
        });
        sent.chain(kept).chain(closed).collect()
    }

    /// Remembers what a line of a withdrawn notice, the so-maniest, has charged: the charges that a run has named so, as far as
    /// they are not cancelled.
    pub(super) fn keep(&mut self, view: &View, line: &NoticeLineFact, number: u32) {
        let store = &view.store;
        let notice = store.matter_ids.text(line.notice);
        let lives = |end: &str| is_charge(view, &format!("{notice}{end}"));
        let of_line = |end: &str| lives(&format!("-{number}-{end}"));
        let is_closing = line.notice_level == 0;
        let has_interest = line.interest_until != NO_DAY && if is_closing { lives("-i") } else { of_line("i") };
        let kept = Kept {
            instalment: line.instalment,
            level: line.level,
            notice_level: line.notice_level,
            when: (line.effective, (line.recorded, line.notice_seq)),
            notice_fee: !is_closing && lives("-f"),
            line_fee: !is_closing && of_line("f"),
            interest_until: if has_interest { line.interest_until } else { NO_DAY },
            notice: line.notice,
            interest: Interest::Charge(if is_closing { 0 } else { number }),
        };
        if kept.notice_fee || kept.line_fee || has_interest {
            self.terms.note(store, line.document, line.effective, line.instalment);
            self.kept.entry(line.document).or_default().push(kept);
        }
    }

    /// What withdrawn notices have charged about a document.
    fn kept_of(&self, document: u32) -> &[Kept] {
        self.kept.get(&document).map_or(&[][..], Vec::as_slice)
    }

    /// The same about an item.
    fn kept_of_item(&self, document: u32, instalment: u32) -> impl Iterator<Item = &Kept> {
        let all = self.left_of(document, instalment);
        all.flat_map(move |(document, instalment)| {
            let fits = move |kept: &&Kept| self.terms.is_about((document, kept.instalment, kept.when.0), instalment);
            self.kept_of(document).iter().filter(fits)
        })
    }

    pub(super) fn charged_on(&self, document: u32) -> impl Iterator<Item = &Charged> {
        self.charged.get(&document).map_or(&[][..], Vec::as_slice).iter()
    }

    /// The last day that interest on an item was charged for.
    pub(super) fn interest_until(&self, document: u32, instalment: u32) -> Option<i32> {
        let sum = self.sum_of(document).filter(|(_, last)| last.instalment == NONE || last.instalment == instalment);
        let lines = sum.is_none().then(|| self.lines(document, instalment)).into_iter().flatten();
        let of_notices = lines.map(|sent| sent.interest_until).chain(sum.map(|(so_far, _)| so_far.interest_until));
        let of_notices = of_notices.filter(|day| *day != NO_DAY);
        let others = self.left_of(document, instalment).flat_map(|(document, instalment)| {
            self.charged_with(document, instalment, self.terms.today()).map(|line| line.until)
        });
        of_notices.chain(others).max()
    }

    /// What was charged with days of an instalment of the schedule in force on a day: as far as its lines have to be looked at, with
    /// notices; with those that close interest, and those that were withdrawn.
    fn charged_with(&self, document: u32, instalment: u32, terms_on: i32) -> impl Iterator<Item = Asked> + '_ {
        let sent = self.terms.have_changed(document).then(|| self.about(document));
        let sent = sent.into_iter().flatten().map(Asked::noticed);
        let closed = self.charged_on(document).map(|one| Asked {
            notice: one.notice,
            instalment: one.instalment,
            day: one.day,
            until: one.until,
            interest: Interest::Charge(0),
            closes: true,
        });
        let kept = self.kept_of(document).iter().map(|kept| Asked {
            notice: kept.notice,
            instalment: kept.instalment,
            day: kept.when.0,
            until: kept.interest_until,
            interest: kept.interest,
            closes: kept.notice_level == 0,
        });
        sent.chain(closed).chain(kept).filter(move |line| {
            let named = (document, line.instalment, line.day);
            line.until != NO_DAY && self.terms.is_charged_with(named, instalment, terms_on)
        })
    }

    /// Notes on an item what was charged for it, where that is looked at again.
    pub(super) fn put_charged_on(&self, view: &View, charged_interest: ChargedInterest, item: &mut OverdueItem) {
        if charged_interest != ChargedInterest::Final {
            item.charged = self.interest_charged(view, (item.document, item.instalment), item.terms_on);
            item.raises = charged_interest == ChargedInterest::Corrected;
        }
    }

    /// The days up to which interest on an item of the schedule in force on a day was charged, rising, and how much.
    fn interest_charged(&self, view: &View, (document, instalment): (u32, u32), terms_on: i32) -> Vec<ChargedDays> {
        let terms = &self.terms;
        let is_own = |named: u32| named == NONE || named == instalment;
        let mut seen: FxHashSet<u32> = FxHashSet::default();
        let mut own: Vec<Asked> = Vec::new();
        // What was charged about what the item is left of was charged on that, not on it.
        for sent in self.about(document).filter(|sent| is_own(sent.instalment) && !sent.is_header) {
            // The first line of a notice that names the item.
            if seen.insert(sent.notice) && sent.interest_until != NO_DAY {
                own.push(Asked::noticed(sent));
            }
        }
        let is_told = |line: &Asked| is_own(line.instalment) && seen.contains(&line.notice);
        own.extend(self.charged_with(document, instalment, terms_on).filter(|line| !is_told(line)));
        own.sort_by_key(|line| (line.until, line.day));
        let part = terms.part(document, instalment, terms_on);
        let known = |line: &Asked| {
            if !is_own(line.instalment) || terms.part(document, instalment, line.day) != part {
                return Known::Elsewhere;
            }
            let names_it = line.instalment == instalment || instalment == 0;
            let amount = match line.interest {
                Interest::Amount(amount) => Some(amount),
                Interest::Charge(number) => charge_of(view, line, number, document),
                Interest::Unknown => None,
            };
            amount.filter(|_| names_it).map_or(Known::Unknown, Known::Sum)
        };
        let mut last = NO_DAY;
        let days = own.iter().filter_map(|line| {
            // What was closed up to a day that another had charged already has no days of its own.
            let is_first = std::mem::replace(&mut last, line.until) != line.until;
            let known = known(line);
            Some(ChargedDays {
                until: Day::new(line.until).ok()?,
                as_of: Day::new(if line.closes { line.until.max(line.day) } else { line.until }).ok()?,
                terms_on: terms.day_of(document, line.day),
                known,
                is_beside: line.closes && !is_first && matches!(known, Known::Sum(_)),
                is_forgiven: line.closes && !is_charge(view, &charge_id(view, line.notice, 0)),
            })
        });
        days.collect()
    }
}

/// By line the number that its charges are named by. It is that of the charges that say what they are for, where its notice has one
/// line about the document; else its own among those of its notice, in the order in which they came, from 1. Only where there are
/// charges; nobody asks elsewhere.
pub(super) fn numbers_of_lines(view: &View) -> FxHashMap<u64, u32> {
    let lines = || view.store.notice_lines.all();
    if !view.store.has_kind(DocumentKind::Charge) {
        return FxHashMap::default();
    }
    let named = numbers_named(view);
    // The store has them by document.
    let mut order: Vec<(u32, u64, u32)> = lines().map(|fact| (fact.notice, fact.seq, fact.document)).collect();
    order.sort_unstable();
    let mut numbers = FxHashMap::default();
    for own in order.chunk_by(|a, b| a.0 == b.0) {
        for ((notice, seq, document), number) in own.iter().zip(1_u32..) {
            let of_charges = named.get(&(*notice, *document)).filter(|of| !of.contains(&number));
            let is_only = || own.iter().filter(|(_, _, other)| other == document).count() == 1;
            let found = of_charges.filter(|_| is_only()).and_then(|of| of.first().copied());
            numbers.insert(*seq, found.unwrap_or(number));
        }
    }
    numbers
}

/// By notice and document the numbers in the ids of its charges for that.
fn numbers_named(view: &View) -> FxHashMap<(u32, u32), BTreeSet<u32>> {
    let store = &view.store;
    let mut named: FxHashMap<(u32, u32), BTreeSet<u32>> = FxHashMap::default();
    for piece in store.documents.iter() {
        for (row, _) in piece.kind.iter().enumerate().filter(|(_, kind)| **kind == DocumentKind::Charge) {
            let id = piece.id.get(row).map_or("", |id| store.document_ids.text(*id));
            let Some((notice, number)) = line_of(id) else { continue };
            let document = store.related(piece.start.saturating_add(count(row)));
            if let (Some(notice), Some(document)) = (store.matter_ids.find(notice), document) {
                named.entry((notice, document)).or_default().insert(number);
            }
        }
    }
    named
}

/// The notice and the number of the line whose charge has an id.
fn line_of(id: &str) -> Option<(&str, u32)> {
    let (line, _) = id.rsplit_once('-').filter(|(_, mark)| ["f", "i", "c"].contains(mark))?;
    let (notice, number) = line.rsplit_once('-')?;
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    number.parse().ok().filter(|_| is_plain).map(|number| (notice, number))
}

/// The id of the charge of interest of the so-maniest line of a notice; 0 of the one that it closes.
fn charge_id(view: &View, notice: u32, number: u32) -> String {
    let notice = view.store.matter_ids.text(notice);
    if number == 0 { format!("{notice}-i") } else { format!("{notice}-{number}-i") }
}

/// What a notice has charged as interest on its so-maniest line, or on the one that it closes: its charge, as far as that counts
/// and belongs to the document; in another currency at the latest rate of the notice's day. What is closed was asked for, also
/// when it was forgiven since.
fn charge_of(view: &View, line: &Asked, number: u32, document: u32) -> Option<ChargedSum> {
    let store = &view.store;
    let id = charge_id(view, line.notice, number);
    let counts = if line.closes { was_charged(view, &id).is_some() } else { is_charge(view, &id) };
    let charge = store.document_named(&id).filter(|_| counts)?;
    let (piece, row) = store.documents.find(charge)?;
    let amount = piece.amount.get(row).copied().filter(|_| store.related(charge) == Some(document))?;
    Some(ChargedSum { amount, rate: rate_between(view, document, charge, line.day)? })
}

/// The latest rate of a day from the currency of a document to that of its charge; none of them where it is the same.
pub(super) fn rate_between(view: &View, document: u32, charge: u32, day: i32) -> Option<Option<Rate>> {
    let store = &view.store;
    let currency_of = |document: u32| {
        let (piece, row) = store.documents.find(document)?;
        Some(store.account(*piece.account.get(row)?).currency)
    };
    let (from, to) = (currency_of(document)?, currency_of(charge)?);
    if from == to { Some(None) } else { view.exchange_on(from, to, day).ok().map(Some) }
}

impl Before {
    /// Whether a withdrawn notice has charged a fee about an item at a level that is still owed: after the last notice about the
    /// item, or ever.
    pub(super) fn keeps_fee(&self, (document, instalment): (u32, u32), ever: bool, is: impl Fn(&Kept) -> bool) -> bool {
        let mut kept = self.kept_of_item(document, instalment).filter(|kept| is(kept)).peekable();
        if kept.peek().is_none() {
            return false;
        }
        let last = self.lines_in_time(document, instalment).map(|sent| (sent.day, sent.order)).max();
        kept.any(|kept| ever || last.is_none_or(|last| last < kept.when))
    }
}

impl Kept {
    /// Whether it is a fee of a notice at a level.
    pub(super) fn is_notice_fee(&self, level: u32) -> bool {
        self.notice_fee && self.notice_level == level
    }

    /// Whether it is a fee of a line at a level.
    pub(super) fn is_line_fee(&self, level: u32) -> bool {
        self.line_fee && self.level == level
    }
}

/// Whether a document is a charge that counts and is not cancelled.
fn is_charge(view: &View, id: &str) -> bool {
    was_charged(view, id).is_some_and(|charge| !view.is_cancelled(charge))
}

/// The charge that has an id and counts, also when it is cancelled.
fn was_charged(view: &View, id: &str) -> Option<u32> {
    let document = view.store.document_named(id)?;
    let (piece, row) = view.store.documents.find(document)?;
    let (effective, recorded) = (piece.effective.get(row)?, piece.recorded.get(row)?);
    let is_charge = piece.kind.get(row) == Some(&DocumentKind::Charge) && view.counted(*effective, *recorded);
    is_charge.then_some(document)
}
