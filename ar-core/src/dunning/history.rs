//! What was sent already, to whom and about what? Notices of a ledger that count and are not withdrawn, or those of a
//! simulation. Notices of level 0 (thanks, welcomes) remind nobody and are no part of it.

use rustc_hash::{FxHashMap, FxHashSet};

use super::charged::{Charged, Interest, Kept, numbers_of_lines};
use super::compensated::{Claimed, Compensated};
use super::terms::Terms;
use crate::ledger::View;
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::left_over::with_those_above;
use crate::ledger::store::{NO_DAY, Store};

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
    pub(super) charged: FxHashMap<u32, Vec<Charged>>,
    /// What withdrawn notices have charged and nobody has cancelled, by document.
    pub(super) kept: FxHashMap<u32, Vec<Kept>>,
    /// The fixed sums that were charged.
    pub(super) compensated: Vec<Compensated>,
    /// What a simulation has claimed, where a fixed sum is for a whole claim.
    pub(super) claimed: Vec<Claimed>,
    /// What is left of another document, by that and its instalment.
    pub(super) left_of: FxHashMap<u32, (u32, u32)>,
    /// The schedules by which notices were sent.
    pub(super) terms: Terms,
}

/// What the lines about a document come to, up to one of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct SoFar {
    /// How many notices; 0 where the lines have to be looked at: they are about several instalments, or not in order.
    count: u32,
    /// `NO_DAY`: no interest.
    pub interest_until: i32,
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
    /// What lines come to.
    pub(super) fn of<'s>(lines: impl Iterator<Item = &'s Sent>) -> Self {
        let mut past = Self::default();
        let mut latest: Option<(i32, (i32, u64))> = None;
        let mut notices: FxHashSet<u32> = FxHashSet::default();
        for sent in lines {
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
        history.compensated = Compensated::all(view, counts);
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
                    history.terms.note(store, fact.document, fact.effective, fact.instalment);
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
        history.terms.look(view);
        history
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
        self.terms.note(store, sent.document, sent.day, sent.instalment);
        self.has_headers |= sent.is_header;
        self.lines.push(sent);
    }

    pub(super) fn add_to(&mut self, customer: u32, sent: SentTo) {
        self.of_customer.push(customer);
        self.named.push(sent);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.named.is_empty() && self.charged.is_empty() && self.kept.is_empty()
    }

    /// Whether nothing was ever sent to a desk.
    pub(super) fn is_empty_for(&self, desk: Desk) -> bool {
        self.is_empty() || (!self.desks.contains_key(&desk) && self.to(desk).next().is_none())
    }

    /// An item, and those that it is left of: what was sent about them was sent about what is left.
    pub(super) fn left_of(&self, document: u32, instalment: u32) -> impl Iterator<Item = (u32, u32)> + Clone {
        with_those_above(&self.left_of, (document, instalment))
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

    pub(super) fn about(&self, document: u32) -> impl Iterator<Item = &Sent> + Clone {
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
    pub(super) fn own_lines(&self, document: u32, instalment: u32) -> impl Iterator<Item = &Sent> + Clone {
        let fits = move |sent: &Sent| self.terms.is_about((document, sent.instalment, sent.day), instalment);
        let line_of = move |notice: u32| {
            let mut others = self.about(document);
            self.has_headers && others.any(|line| !line.is_header && line.notice == notice && fits(line))
        };
        self.about(document).filter(move |sent| fits(sent) && !(sent.is_header && line_of(sent.notice)))
    }

    /// Whether a notice of a day is about a document.
    pub(super) fn is_about_on(&self, document: u32, day: i32) -> bool {
        self.about(document).any(|sent| sent.day == day) || self.charged_on(document).any(|charged| charged.day == day)
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
    pub(super) fn sum_of(&self, document: u32) -> Option<(SoFar, &Sent)> {
        if self.left_of.contains_key(&document) || self.terms.have_changed(document) {
            return None;
        }
        let last = self.of_document.last(document)?;
        let so_far = *self.so_far.get(last)?;
        (so_far.count > 0).then_some((so_far, self.lines.get(last)?))
    }

    /// What was sent about an item.
    pub(super) fn of_item(&self, document: u32, instalment: u32) -> Past {
        if let Some((so_far, last)) = self.sum_of(document) {
            let mut past = Past::default();
            if last.instalment == NONE || last.instalment == instalment {
                past.count = so_far.count;
                past.last = Some(Last { level: last.level, day: last.day, due: last.due });
            }
            return past;
        }
        Past::of(self.lines(document, instalment))
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
}
