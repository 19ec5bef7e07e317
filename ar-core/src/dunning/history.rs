//! What was sent already, to whom and about what? Notices of a ledger that count and are not withdrawn, or those of a
//! simulation. Notices of level 0 (thanks, welcomes) remind nobody and are no part of it.

use rustc_hash::{FxHashMap, FxHashSet};

use super::policy::ChargedInterest;
use crate::calendar::Day;
use crate::interest::balance::OverdueItem;
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::store::{NO_DAY, NoticeLineFact, Store};
use crate::ledger::{DocumentKind, View};
use crate::money::Minor;

/// Notices by what they are about.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    lines: Vec<Sent>,
    /// By line what it and those before it about its document come to.
    so_far: Vec<SoFar>,
    of_document: Chains,
    /// Whether some notice has a document itself, so that its lines say more.
    has_headers: bool,
    /// Notices that name a customer.
    named: Vec<SentTo>,
    of_customer: Chains,
    /// Lines about documents of a company, customer and currency.
    desks: FxHashMap<Desk, Vec<u32>>,
    /// The last day of a line about a document of a company and customer.
    last_days: FxHashMap<(u32, u32), i32>,
    /// Interest that notices of level 0 have charged, by document.
    charged: FxHashMap<u32, Vec<Charged>>,
    /// What withdrawn notices have charged and nobody has cancelled, by document.
    kept: FxHashMap<u32, Vec<Kept>>,
    /// What is left of another document, by that and its instalment.
    pub(super) left_of: FxHashMap<u32, (u32, u32)>,
}

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
    pub compensation: bool,
    /// `NO_DAY`: no interest.
    interest_until: i32,
    notice: u32,
    interest: Interest,
}

/// Interest that a notice of level 0 has charged on an instalment (`NONE`: each): the day of the notice, and up to which.
#[derive(Debug, Clone, Copy)]
struct Charged {
    notice: u32,
    instalment: u32,
    day: i32,
    until: i32,
}

/// What the lines about a document come to, up to one of them.
#[derive(Debug, Clone, Copy)]
struct SoFar {
    /// How many notices; 0 where the lines have to be looked at: they are about several instalments, or not in order.
    count: u32,
    /// `NO_DAY`: no interest.
    interest_until: i32,
}

impl SoFar {
    const UNKNOWN: Self = Self { count: 0, interest_until: NO_DAY };

    fn with(before: Option<(Self, &Sent)>, sent: &Sent) -> Self {
        let later = |until: i32| match (until, sent.interest_until) {
            (NO_DAY, own) => own,
            (held, NO_DAY) => held,
            (held, own) => held.max(own),
        };
        match before {
            _ if sent.is_header => Self::UNKNOWN,
            None => Self { count: 1, interest_until: sent.interest_until },
            Some((held, last))
                if held.count > 0
                    && last.instalment == sent.instalment
                    && (last.day, last.order) < (sent.day, sent.order) =>
            {
                Self { count: held.count.saturating_add(1), interest_until: later(held.interest_until) }
            }
            Some(_) => Self::UNKNOWN,
        }
    }
}

/// Entries of a list by what they are about, each told by a number: the first, the last, and what follows each.
///
/// Numbers are from 1 inside, so that untouched room is zero and costs nothing.
#[derive(Debug, Clone, Default)]
struct Chains {
    ends: Vec<(u32, u32)>,
    next: Vec<u32>,
}

impl Chains {
    /// Notes that the next entry of the list is about a thing.
    fn push(&mut self, about: u32) {
        self.next.push(0);
        let entry = count(self.next.len());
        let at = place(about);
        if at >= self.ends.len() {
            let room = at.saturating_add(1).next_power_of_two();
            self.ends.resize(room, (0, 0));
        }
        let Some(ends) = self.ends.get_mut(at) else { return };
        let slot = match ends.1 {
            0 => Some(&mut ends.0),
            last => self.next.get_mut(place(last.saturating_sub(1))),
        };
        slot.into_iter().for_each(|slot| *slot = entry);
        ends.1 = entry;
    }

    /// Makes room for so many things at once.
    fn reserve(&mut self, things: u32) {
        if self.ends.is_empty() {
            self.ends = vec![(0, 0); place(things)];
        }
    }

    /// The place of the last entry about a thing.
    fn last(&self, about: u32) -> Option<usize> {
        let last = self.ends.get(place(about)).map_or(0, |ends| ends.1);
        last.checked_sub(1).map(place)
    }

    /// The places of the entries about a thing, in the order they came.
    fn of(&self, about: u32) -> impl Iterator<Item = usize> + Clone + '_ {
        let first = self.ends.get(place(about)).map_or(0, |ends| ends.0);
        let after = |entry: u32| self.next.get(place(entry.saturating_sub(1))).copied();
        let entries = std::iter::successors(Some(first), move |entry| after(*entry)).take_while(|entry| *entry > 0);
        entries.map(|entry| place(entry.saturating_sub(1)))
    }
}

/// How much interest a line has charged, in the currency of its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interest {
    /// Nobody knows.
    Unknown,
    /// So much.
    Amount(Minor),
    /// What the charge of the so-maniest line of its notice says; 0 of a notice that closes interest.
    Charge(u32),
}

/// Company, customer and currency.
pub(super) type Desk = (u32, u32, u32);

/// A line of a notice that was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    /// Which notice.
    pub notice: u32,
    pub document: u32,
    /// `NONE`: each of the document.
    pub instalment: u32,
    /// Whether the notice has it as its document, so that its lines say more.
    pub is_header: bool,
    pub level: u32,
    pub day: i32,
    /// `NO_DAY`: none.
    pub due: i32,
    /// `NO_DAY`: no interest.
    pub interest_until: i32,
    /// How much interest it has charged.
    pub interest: Interest,
    /// Its notice among all of one day.
    pub order: (i32, u64),
}

/// A notice that was sent to a customer, or what it says of a desk.
#[derive(Debug, Clone, Copy)]
pub(super) struct SentTo {
    pub notice: u32,
    /// `NONE`: of any.
    pub company: u32,
    pub currency: u32,
    pub level: u32,
    pub day: i32,
    pub due: i32,
    pub order: (i32, u64),
}

/// The last notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Last {
    pub level: u32,
    pub day: i32,
    pub due: i32,
}

/// How often, and how last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Past {
    pub last: Option<Last>,
    pub count: u32,
}

impl Past {
    pub(super) fn level(&self) -> u32 {
        self.last.map_or(0, |last| last.level)
    }
}

impl History {
    /// The notices that a view counts and that are not withdrawn; of those before a day, if one is given.
    pub(super) fn of(view: &View, before: Option<i32>) -> Self {
        let store = &view.store;
        let mut history = Self { left_of: view.left_overs().into_whole(), ..Self::default() };
        if store.notices.iter().next().is_none() {
            return history;
        }
        let counts = |effective: i32, recorded: i32| {
            view.counted(effective, recorded) && before.is_none_or(|before| effective < before)
        };
        history.of_document.reserve(store.documents.len());
        history.of_customer.reserve(store.customers.len());
        let numbers = numbers_of_lines(view);
        for fact in store.notice_lines.all() {
            if !counts(fact.effective, fact.recorded) {
                continue;
            }
            let number = numbers.get(&fact.seq).copied().unwrap_or(0);
            if view.is_closed(fact.notice) {
                history.keep(view, fact, number);
                continue;
            }
            if fact.notice_level == 0 {
                if fact.interest_until != NO_DAY {
                    let charged = Charged {
                        notice: fact.notice,
                        instalment: fact.instalment,
                        day: fact.effective,
                        until: fact.interest_until,
                    };
                    history.charged.entry(fact.document).or_default().push(charged);
                }
                continue;
            }
            let sent = Sent {
                notice: fact.notice,
                document: fact.document,
                instalment: fact.instalment,
                is_header: false,
                level: fact.level,
                day: fact.effective,
                due: fact.due,
                interest_until: fact.interest_until,
                interest: Interest::Charge(number),
                order: (fact.recorded, fact.notice_seq),
            };
            history.add(store, sent);
        }
        for fact in store.notices.all() {
            if !counts(fact.effective, fact.recorded) || fact.level == 0 || view.is_closed(fact.id) {
                continue;
            }
            let order = (fact.recorded, fact.seq);
            if fact.document != NONE {
                let sent = Sent {
                    notice: fact.id,
                    document: fact.document,
                    instalment: NONE,
                    is_header: true,
                    level: fact.level,
                    day: fact.effective,
                    due: fact.due,
                    interest_until: NO_DAY,
                    interest: Interest::Unknown,
                    order,
                };
                history.add(store, sent);
            }
            history.add_to(
                fact.customer,
                SentTo {
                    notice: fact.id,
                    company: fact.company,
                    currency: fact.currency,
                    level: fact.level,
                    day: fact.effective,
                    due: fact.due,
                    order,
                },
            );
        }
        history
    }

    /// Remembers what a line of a withdrawn notice, the so-maniest, has charged: the charges that a run has named so, as far as
    /// they are not cancelled.
    fn keep(&mut self, view: &View, line: &NoticeLineFact, number: u32) {
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
            compensation: !is_closing && of_line("c"),
            interest_until: if has_interest { line.interest_until } else { NO_DAY },
            notice: line.notice,
            interest: Interest::Charge(if is_closing { 0 } else { number }),
        };
        if kept.notice_fee || kept.line_fee || kept.compensation || has_interest {
            self.kept.entry(line.document).or_default().push(kept);
        }
    }

    /// What withdrawn notices have charged about a document.
    pub(super) fn kept(&self, document: u32) -> impl Iterator<Item = &Kept> {
        self.left_of(document, 0).flat_map(|(document, _)| self.kept_of(document))
    }

    fn kept_of(&self, document: u32) -> &[Kept] {
        self.kept.get(&document).map_or(&[][..], Vec::as_slice)
    }

    /// The same about an item.
    fn kept_of_item(&self, document: u32, instalment: u32) -> impl Iterator<Item = &Kept> {
        let all = self.left_of(document, instalment);
        all.flat_map(|(document, instalment)| self.kept_of(document).iter().filter(move |kept| kept.fits(instalment)))
    }

    /// Whether a withdrawn notice has charged a fee about an item at a level that is still owed: after the last notice about the
    /// item, or ever.
    pub(super) fn keeps_fee(&self, (document, instalment): (u32, u32), ever: bool, is: impl Fn(&Kept) -> bool) -> bool {
        let mut kept = self.kept_of_item(document, instalment).filter(|kept| is(kept)).peekable();
        if kept.peek().is_none() {
            return false;
        }
        let last = self.lines(document, instalment).map(|sent| (sent.day, sent.order)).max();
        kept.any(|kept| ever || last.is_none_or(|last| last < kept.when))
    }

    pub(super) fn add(&mut self, store: &Store, sent: Sent) {
        let account = store.documents.find(sent.document).and_then(|(piece, row)| piece.account.get(row));
        let account = store.account(account.copied().unwrap_or(NONE));
        let line = count(self.lines.len());
        self.desks.entry((account.company, account.customer, account.currency)).or_default().push(line);
        let last = self.last_days.entry((account.company, account.customer)).or_insert(sent.day);
        *last = sent.day.max(*last);
        let before = self.of_document.last(sent.document);
        let before = before.and_then(|at| Some((*self.so_far.get(at)?, self.lines.get(at)?)));
        self.so_far.push(SoFar::with(before, &sent));
        self.of_document.push(sent.document);
        self.has_headers |= sent.is_header;
        self.lines.push(sent);
    }

    pub(super) fn add_to(&mut self, customer: u32, sent: SentTo) {
        self.of_customer.push(customer);
        self.named.push(sent);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.named.is_empty() && self.charged.is_empty()
    }

    /// Whether nothing was ever sent to a desk.
    pub(super) fn is_empty_for(&self, desk: Desk) -> bool {
        self.is_empty() || (!self.desks.contains_key(&desk) && self.to(desk).next().is_none())
    }

    /// An item, and those that it is left of: what was sent about them was sent about what is left.
    pub(super) fn left_of(&self, document: u32, instalment: u32) -> impl Iterator<Item = (u32, u32)> + Clone {
        std::iter::successors(Some((document, instalment)), |(document, _)| self.left_of.get(document).copied())
    }

    /// What is left of some documents, or of what is left of them.
    pub(super) fn left_of_these(&self, documents: &[u32]) -> Vec<u32> {
        if self.left_of.is_empty() {
            return Vec::new();
        }
        let these: FxHashSet<u32> = documents.iter().copied().collect();
        let is_left = |document: &&u32| self.left_of(**document, 0).any(|(above, _)| these.contains(&above));
        self.left_of.keys().filter(is_left).copied().collect()
    }

    /// The items of which some documents are left that a notice is about.
    pub(super) fn above_these(&self, documents: &[u32]) -> FxHashSet<(u32, u32)> {
        let of_left = documents.iter().filter(|document| self.left_of.contains_key(document));
        let noticed = of_left.filter(|document| self.lines(**document, 0).next().is_some());
        noticed.flat_map(|document| self.left_of(*document, 0).skip(1)).collect()
    }

    fn about(&self, document: u32) -> impl Iterator<Item = &Sent> + Clone {
        self.of_document.of(document).filter_map(|at| self.lines.get(at))
    }

    /// The lines about an item, as they were added, then those about what it is left of of other notices.
    pub(super) fn lines(&self, document: u32, instalment: u32) -> impl Iterator<Item = &Sent> + Clone {
        let all = self.left_of(document, instalment);
        let before = all.clone();
        all.enumerate().flat_map(move |(at, (document, instalment))| {
            let before = before.clone().take(at);
            let is_told = move |sent: &Sent| {
                before.clone().any(|(below, its)| self.own_lines(below, its).any(|own| own.notice == sent.notice))
            };
            self.own_lines(document, instalment).filter(move |sent| !is_told(sent))
        })
    }

    /// The lines about an item itself; a notice's own document where no line of it is.
    fn own_lines(&self, document: u32, instalment: u32) -> impl Iterator<Item = &Sent> + Clone {
        let fits = move |sent: &Sent| sent.instalment == NONE || sent.instalment == instalment;
        let line_of = move |notice: u32| {
            let mut others = self.about(document);
            self.has_headers && others.any(|line| !line.is_header && line.notice == notice && fits(line))
        };
        self.about(document).filter(move |sent| fits(sent) && !(sent.is_header && line_of(sent.notice)))
    }

    /// The levels at which notices are about a document.
    pub(super) fn levels_of(&self, document: u32) -> impl Iterator<Item = u32> {
        self.left_of(document, 0).flat_map(|(document, _)| self.about(document)).map(|sent| sent.level)
    }

    /// Whether a notice of a day is about a document.
    pub(super) fn is_about_on(&self, document: u32, day: i32) -> bool {
        self.about(document).any(|sent| sent.day == day) || self.charged_on(document).any(|charged| charged.day == day)
    }

    fn charged_on(&self, document: u32) -> impl Iterator<Item = &Charged> {
        self.charged.get(&document).map_or(&[][..], Vec::as_slice).iter()
    }

    /// All lines of notices.
    pub(super) fn all_lines(&self) -> impl Iterator<Item = &Sent> {
        self.lines.iter()
    }

    /// Whether a notice of a day or later is about an item.
    pub(super) fn is_about_since(&self, document: u32, instalment: u32, day: i32) -> bool {
        self.lines(document, instalment).any(|sent| sent.day >= day)
    }

    /// The last line about a document, and what all of them come to, where they are about one item, each later than the one before.
    fn sum_of(&self, document: u32) -> Option<(SoFar, &Sent)> {
        if self.left_of.contains_key(&document) {
            return None;
        }
        let last = self.of_document.last(document)?;
        let so_far = *self.so_far.get(last)?;
        (so_far.count > 0).then_some((so_far, self.lines.get(last)?))
    }

    /// What was sent about an item.
    pub(super) fn of_item(&self, document: u32, instalment: u32) -> Past {
        let mut past = Past::default();
        if let Some((so_far, last)) = self.sum_of(document) {
            if last.instalment == NONE || last.instalment == instalment {
                past.count = so_far.count;
                past.last = Some(Last { level: last.level, day: last.day, due: last.due });
            }
            return past;
        }
        let mut latest: Option<(i32, (i32, u64))> = None;
        let mut notices: FxHashSet<u32> = FxHashSet::default();
        for sent in self.lines(document, instalment) {
            if notices.insert(sent.notice) {
                past.count = past.count.saturating_add(1);
            }
            if latest.is_none_or(|latest| latest < (sent.day, sent.order)) {
                latest = Some((sent.day, sent.order));
                past.last = Some(Last { level: sent.level, day: sent.day, due: sent.due });
            }
        }
        past
    }

    /// The notices that name the customer of a desk, and its company and currency or none.
    fn to(&self, (company, customer, currency): Desk) -> impl Iterator<Item = &SentTo> {
        self.of_customer.of(customer).filter_map(|at| self.named.get(at)).filter(move |sent| {
            (sent.company == NONE || sent.company == company) && (sent.currency == NONE || sent.currency == currency)
        })
    }

    /// The lines about documents of a desk.
    pub(super) fn lines_of_desk(&self, desk: Desk) -> impl Iterator<Item = &Sent> {
        let own = self.desks.get(&desk).map_or(&[][..], Vec::as_slice);
        own.iter().filter_map(|at| self.lines.get(place(*at)))
    }

    /// The notices of a desk, to its customer or about its documents, from the first to the last. What a notice says of the desk's
    /// documents goes before what it says of itself.
    pub(super) fn notices_of_desk(&self, desk: Desk) -> Vec<SentTo> {
        let (company, _, currency) = desk;
        let about = self.lines_of_desk(desk).map(|sent| SentTo {
            notice: sent.notice,
            company,
            currency,
            level: sent.level,
            day: sent.day,
            due: sent.due,
            order: sent.order,
        });
        let mut notices: Vec<(bool, SentTo)> =
            about.map(|sent| (false, sent)).chain(self.to(desk).map(|sent| (true, *sent))).collect();
        notices.sort_by_key(|(is_named, sent)| (sent.day, sent.order, sent.notice, *is_named));
        notices.dedup_by(|(is_named, next), (_, held)| {
            let same = next.notice == held.notice;
            if same && !*is_named {
                held.level = held.level.max(next.level);
            }
            same
        });
        notices.into_iter().map(|(_, sent)| sent).collect()
    }

    /// What was sent about a desk.
    pub(super) fn of_desk(&self, desk: Desk) -> Past {
        let notices = if self.is_empty_for(desk) { Vec::new() } else { self.notices_of_desk(desk) };
        let last = notices.last();
        Past {
            last: last.map(|last| Last { level: last.level, day: last.day, due: last.due }),
            count: count(notices.len()),
        }
    }

    /// The last notice of a desk, without its level.
    pub(super) fn last_of_desk(&self, desk: Desk) -> Option<Last> {
        let own = self.lines_of_desk(desk).map(|sent| sent.day);
        let day = own.chain(self.to(desk).map(|sent| sent.day)).max()?;
        Some(Last { level: 0, day, due: NO_DAY })
    }

    /// The day of the last notice to a customer, or about its documents, in a company, whatever the currency.
    pub(super) fn last_day_of_customer(&self, company: u32, customer: u32) -> Option<i32> {
        let named = self.of_customer.of(customer).filter_map(|at| self.named.get(at));
        let named = named.filter(|sent| sent.company == NONE || sent.company == company).map(|sent| sent.day);
        named.chain(self.last_days.get(&(company, customer)).copied()).max()
    }

    /// The last day that interest on an item was charged for.
    pub(super) fn interest_until(&self, document: u32, instalment: u32) -> Option<i32> {
        let sum = self.sum_of(document).filter(|(_, last)| last.instalment == NONE || last.instalment == instalment);
        let lines = sum.is_none().then(|| self.lines(document, instalment)).into_iter().flatten();
        let of_notices = lines.map(|sent| sent.interest_until).chain(sum.map(|(so_far, _)| so_far.interest_until));
        let of_notices = of_notices.filter(|day| *day != NO_DAY);
        let kept = self.kept_of_item(document, instalment).map(|kept| kept.interest_until);
        let kept = kept.filter(|day| *day != NO_DAY);
        let charged = self.left_of(document, instalment).flat_map(|(document, instalment)| {
            let fits = move |own: &&Charged| own.instalment == NONE || own.instalment == instalment;
            self.charged_on(document).filter(fits).map(|charged| charged.until)
        });
        of_notices.chain(charged).chain(kept).max()
    }
}

/// By line its number among those of its notice, in the order in which they came, from 1: charges are named by it. Only where some notice
/// has charged interest or is withdrawn; nobody asks elsewhere.
fn numbers_of_lines(view: &View) -> FxHashMap<u64, u32> {
    let lines = || view.store.notice_lines.all();
    if !lines().any(|fact| fact.interest_until != NO_DAY || view.is_closed(fact.notice)) {
        return FxHashMap::default();
    }
    // The store has them by document.
    let mut order: Vec<(u32, u64)> = lines().map(|fact| (fact.notice, fact.seq)).collect();
    order.sort_unstable();
    let notices = order.chunk_by(|a, b| a.0 == b.0);
    notices.flat_map(|lines| lines.iter().zip(1_u32..).map(|((_, seq), number)| (*seq, number))).collect()
}

impl History {
    /// Notes on an item what was charged for it, where that is looked at again.
    pub(super) fn put_charged_on(&self, view: &View, charged_interest: ChargedInterest, item: &mut OverdueItem) {
        if charged_interest != ChargedInterest::Final {
            item.charged = self.interest_charged(view, item.document, item.instalment);
            item.raises = charged_interest == ChargedInterest::Corrected;
        }
    }

    /// The days up to which interest on an item was charged, rising, and how much; none where nobody knows.
    fn interest_charged(&self, view: &View, document: u32, instalment: u32) -> Vec<(Day, Option<Minor>)> {
        let mut seen: FxHashSet<u32> = FxHashSet::default();
        let mut own: Vec<(u32, u32, i32, Interest)> = Vec::new();
        // What was charged about what the item is left of was charged on that, not on it.
        for sent in self.own_lines(document, instalment) {
            // The first line of a notice that names the item.
            if seen.insert(sent.notice) {
                own.push((sent.notice, sent.instalment, sent.interest_until, sent.interest));
            }
        }
        own.extend(
            self.charged_on(document)
                .filter(|charged| charged.instalment == NONE || charged.instalment == instalment)
                .map(|charged| (charged.notice, charged.instalment, charged.until, Interest::Charge(0))),
        );
        let kept = self.kept_of(document).iter().filter(|kept| kept.fits(instalment));
        own.extend(kept.map(|kept| (kept.notice, kept.instalment, kept.interest_until, kept.interest)));
        let mut all: Vec<(Day, Option<Minor>)> = Vec::new();
        for (notice, named, until, interest) in own.into_iter().filter(|(_, _, until, _)| *until != NO_DAY) {
            let Ok(until) = Day::new(until) else { continue };
            let names_it = named == instalment || (named == NONE && instalment == 0);
            let amount = match interest {
                Interest::Amount(amount) => Some(amount),
                Interest::Charge(line) => charge_of(view, notice, line, document),
                Interest::Unknown => None,
            };
            all.push((until, amount.filter(|_| names_it)));
        }
        all.sort_by_key(|(until, _)| *until);
        all
    }
}

/// What a notice has charged as interest on a line, or on the one that it closes: its charge, as far as that counts, belongs to the
/// document and is in its currency.
fn charge_of(view: &View, notice: u32, line: u32, document: u32) -> Option<Minor> {
    let store = &view.store;
    let notice = store.matter_ids.text(notice);
    let id = if line == 0 { format!("{notice}-i") } else { format!("{notice}-{line}-i") };
    let charge = store.document_named(&id).filter(|_| is_charge(view, &id))?;
    let currency_of = |document: u32| {
        let (piece, row) = store.documents.find(document)?;
        Some(store.account(*piece.account.get(row)?).currency)
    };
    let (piece, row) = store.documents.find(charge)?;
    let is_own = store.related(charge) == Some(document) && currency_of(charge) == currency_of(document);
    piece.amount.get(row).copied().filter(|_| is_own)
}

impl Kept {
    fn fits(&self, instalment: u32) -> bool {
        self.instalment == NONE || self.instalment == instalment
    }

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
    let store = &view.store;
    let Some((document, (piece, row))) = store.document_named(id).and_then(|at| Some((at, store.documents.find(at)?)))
    else {
        return false;
    };
    let known = piece.effective.get(row).zip(piece.recorded.get(row));
    piece.kind.get(row) == Some(&DocumentKind::Charge)
        && known.is_some_and(|(effective, recorded)| view.counted(*effective, *recorded))
        && !store.cancellations.of(document).any(|end| view.counted(end.effective, end.recorded))
}
