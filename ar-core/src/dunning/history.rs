//! What was sent already, to whom and about what? Notices of a ledger that count and are not withdrawn, or those of a
//! simulation. Notices of level 0 (thanks, welcomes) remind nobody and are no part of it.

use rustc_hash::FxHashMap;

use super::policy::DunningUnit;
use crate::ledger::View;
use crate::ledger::layers::{NONE, place};
use crate::ledger::store::{NO_DAY, Store};

/// Notices by what they are about.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    documents: FxHashMap<u32, Vec<Sent>>,
    /// Notices that name a customer.
    customers: FxHashMap<u32, Vec<SentTo>>,
    /// Notices about documents of a company, customer and currency.
    desks: FxHashMap<Desk, Vec<SentTo>>,
}

/// Company, customer and currency.
pub(super) type Desk = (u32, u32, u32);

/// A line of a notice that was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    /// Which notice.
    pub notice: u32,
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
    /// Its notice among all of one day.
    pub order: (i32, u64),
}

/// A notice that was sent to a customer.
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
        let mut history = Self::default();
        if store.notices.iter().next().is_none() {
            return history;
        }
        let counts = |effective: i32, recorded: i32| {
            view.counted(effective, recorded) && before.is_none_or(|before| effective < before)
        };
        for fact in store.notice_lines.all() {
            if counts(fact.effective, fact.recorded) && fact.notice_level > 0 && !view.is_closed(fact.notice) {
                let sent = Sent {
                    notice: fact.notice,
                    instalment: fact.instalment,
                    is_header: false,
                    level: fact.level,
                    day: fact.effective,
                    due: fact.due,
                    interest_until: fact.interest_until,
                    order: (fact.recorded, fact.notice_seq),
                };
                history.add(store, fact.document, sent);
            }
        }
        for fact in store.notices.all() {
            if !counts(fact.effective, fact.recorded) || fact.level == 0 || view.is_closed(fact.id) {
                continue;
            }
            let order = (fact.recorded, fact.seq);
            if fact.document != NONE {
                let sent = Sent {
                    notice: fact.id,
                    instalment: NONE,
                    is_header: true,
                    level: fact.level,
                    day: fact.effective,
                    due: fact.due,
                    interest_until: NO_DAY,
                    order,
                };
                history.add(store, fact.document, sent);
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

    pub(super) fn add(&mut self, store: &Store, document: u32, sent: Sent) {
        self.documents.entry(document).or_default().push(sent);
        let account = store.documents.find(document).and_then(|(piece, row)| piece.account.get(row));
        let account = store.account(account.copied().unwrap_or(NONE));
        let about = SentTo {
            notice: sent.notice,
            company: account.company,
            currency: account.currency,
            level: sent.level,
            day: sent.day,
            due: sent.due,
            order: sent.order,
        };
        self.desks.entry((account.company, account.customer, account.currency)).or_default().push(about);
    }

    pub(super) fn add_to(&mut self, customer: u32, sent: SentTo) {
        self.customers.entry(customer).or_default().push(sent);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.customers.is_empty()
    }

    /// The lines about an item, as they were added; a notice's own document where no line of it is.
    pub(super) fn lines(&self, document: u32, instalment: u32) -> impl Iterator<Item = &Sent> {
        let sent = self.documents.get(&document).map_or(&[][..], Vec::as_slice);
        let fits = move |sent: &Sent| sent.instalment == NONE || sent.instalment == instalment;
        let line_of = move |notice: u32| sent.iter().any(|line| !line.is_header && line.notice == notice && fits(line));
        sent.iter().filter(move |sent| fits(sent) && !(sent.is_header && line_of(sent.notice)))
    }

    /// The levels at which notices are about a document.
    pub(super) fn levels_of(&self, document: u32) -> impl Iterator<Item = u32> {
        self.documents.get(&document).map_or(&[][..], Vec::as_slice).iter().map(|sent| sent.level)
    }

    /// Whether a notice of a day is about a document.
    pub(super) fn is_about_on(&self, document: u32, day: i32) -> bool {
        self.documents.get(&document).is_some_and(|sent| sent.iter().any(|sent| sent.day == day))
    }

    /// What was sent about an item.
    pub(super) fn of_item(&self, document: u32, instalment: u32) -> Past {
        let mut past = Past::default();
        let mut latest: Option<(i32, (i32, u64))> = None;
        let mut notices: Vec<u32> = Vec::new();
        for sent in self.lines(document, instalment) {
            if !notices.contains(&sent.notice) {
                notices.push(sent.notice);
                past.count = past.count.saturating_add(1);
            }
            if latest.is_none_or(|latest| latest < (sent.day, sent.order)) {
                latest = Some((sent.day, sent.order));
                past.last = Some(Last { level: sent.level, day: sent.day, due: sent.due });
            }
        }
        past
    }

    /// What was sent about a desk: to its customer, or about its documents.
    pub(super) fn of_desk(&self, (company, customer, currency): Desk) -> Past {
        let own = self.desks.get(&(company, customer, currency)).map_or(&[][..], Vec::as_slice);
        let named = self.customers.get(&customer).map_or(&[][..], Vec::as_slice).iter().filter(|sent| {
            (sent.company == NONE || sent.company == company) && (sent.currency == NONE || sent.currency == currency)
        });
        // What a notice says of the desk's documents goes before what it says of itself.
        let mut notices: Vec<SentTo> = Vec::new();
        for sent in own {
            match notices.iter_mut().find(|held| held.notice == sent.notice) {
                Some(held) => held.level = held.level.max(sent.level),
                None => notices.push(*sent),
            }
        }
        let about = notices.len();
        for sent in named {
            if !notices.iter().take(about).any(|held| held.notice == sent.notice) {
                notices.push(*sent);
            }
        }
        let last = notices.iter().max_by_key(|sent| (sent.day, sent.order));
        Past {
            last: last.map(|last| Last { level: last.level, day: last.day, due: last.due }),
            count: u32::try_from(notices.len()).unwrap_or(u32::MAX),
        }
    }

    /// The level of an item, or of its desk, before a run.
    pub(super) fn previous(&self, view: &View, unit: DunningUnit, item: u32) -> u32 {
        if self.is_empty() {
            return 0;
        }
        let at = place(item);
        match unit {
            DunningUnit::Item => {
                let document = view.items.document.get(at).copied().unwrap_or(NONE);
                self.of_item(document, view.items.instalment(at)).level()
            }
            DunningUnit::Customer => {
                let account = view.store.account(view.items.account.get(at).copied().unwrap_or(NONE));
                self.of_desk((account.company, account.customer, account.currency)).level()
            }
        }
    }

    /// The last day that interest on an item was charged for.
    pub(super) fn interest_until(&self, document: u32, instalment: u32) -> Option<i32> {
        self.lines(document, instalment).map(|sent| sent.interest_until).filter(|day| *day != NO_DAY).max()
    }
}
