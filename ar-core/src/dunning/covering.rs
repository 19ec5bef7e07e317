//! Cash and credits that nobody has matched yet: what of a desk's debits do they cover, in which order, and from which day on?

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::desk::{Candidate, Halfway, Walk, in_order_of_due};
use super::history::Desk;
use super::level::Standing;
use super::policy::{CreditUse, DunningBasis, InFlight, NoticePer, Procedure};
use super::reason::Verdict;
use crate::ledger::layers::{NONE, count};
use crate::ledger::store::{NO_DAY, Store};
use crate::money::Minor;

/// What covers debits of a desk: a credit, or what comes later (`NO_DAY`).
#[derive(Debug, Clone, Copy)]
pub(super) struct Covering {
    day: i32,
    credit: u32,
    part: u32,
    /// The document that it names.
    own: Option<u32>,
    left: i128,
}

impl Covering {
    /// What comes later.
    fn later(left: i128) -> Self {
        Self { day: NO_DAY, credit: NONE, part: 0, own: None, left }
    }
}

impl Walk<'_> {
    /// Covers what desks have, those of a family together.
    pub(super) fn cover_all<'d>(&mut self, mut halves: Vec<Halfway<'d>>) -> Vec<Halfway<'d>> {
        if self.given.policy.notice_per == NoticePer::Family {
            halves = self.cover_families(halves);
        } else {
            halves.iter_mut().for_each(|half| self.cover(std::slice::from_mut(half), 0));
        }
        self.follow(&mut halves, Verdict::is_shared_by_charges);
        halves
    }

    /// Covers what the desks of each family have, and gives them back in their order.
    fn cover_families<'d>(&mut self, halves: Vec<Halfway<'d>>) -> Vec<Halfway<'d>> {
        let given = self.given;
        let family = |(company, customer, currency): Desk| (company, given.addressee(customer), currency);
        // Of desks with nothing open, what will come is for the others too.
        let mut to_come: BTreeMap<Desk, i128> = BTreeMap::new();
        let with_items: FxHashSet<Desk> = halves.iter().map(|half| half.desk).collect();
        for (desk, sum) in given.receipts.iter().filter(|(desk, _)| !with_items.contains(*desk)) {
            let slot = to_come.entry(family(*desk)).or_default();
            *slot = slot.saturating_add(*sum);
        }
        let mut families: BTreeMap<Desk, (Vec<usize>, Vec<Halfway<'d>>)> = BTreeMap::new();
        for (at, half) in halves.into_iter().enumerate() {
            let (places, own) = families.entry(family(half.desk)).or_default();
            places.push(at);
            own.push(half);
        }
        let mut all = Vec::new();
        for (family, (places, mut own)) in families {
            self.cover(&mut own, to_come.get(&family).copied().unwrap_or(0));
            all.extend(places.into_iter().zip(own));
        }
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, half)| half).collect()
    }

    /// What covers debits, credits by their day and receipts to come at last; and the credits that are listed.
    pub(super) fn credits(&mut self, rules: &Procedure, desk: Desk, credits: &[usize]) -> (Vec<Covering>, Vec<u32>) {
        let (given, view) = (self.given, self.given.view);
        let (mut covering, mut listed) = (Vec::new(), Vec::new());
        for item in credits.iter().copied() {
            let credit_use = given.use_of_credit(item);
            match credit_use {
                CreditUse::Ignored => {}
                CreditUse::Covers => {
                    let open = view.items.open.get(item).copied().unwrap_or(0);
                    let pending = match given.policy.in_flight {
                        InFlight::Covers => view.marks().pending.get(&count(item)).copied().unwrap_or(0),
                        InFlight::Ignored => 0,
                    };
                    let left = i128::from(open).saturating_abs().saturating_sub(i128::from(pending).saturating_abs());
                    let document = view.items.document.get(item).copied().unwrap_or(NONE);
                    let found = view.document_row(item);
                    let day = found.and_then(|(piece, row)| piece.effective.get(row)).copied().unwrap_or(NO_DAY);
                    let own = view.store.related(document);
                    covering.push(Covering { day, credit: document, part: view.items.instalment(item), own, left });
                }
                CreditUse::ListedWhenDue if !self.is_due_credit(rules, item) => {
                    self.fails(item, Verdict::CreditWaits, true, String::new);
                    continue;
                }
                CreditUse::Listed | CreditUse::ListedWhenDue => listed.push(count(item)),
            }
            self.fails(item, credit_use.verdict(), true, String::new);
        }
        let to_come = given.receipts.get(&desk).copied().unwrap_or(0);
        covering.push(Covering::later(to_come));
        (covering, listed)
    }

    /// Whether a credit would have reached the first level: by its due date, else its document's date.
    fn is_due_credit(&self, rules: &Procedure, item: usize) -> bool {
        let view = self.given.view;
        let date = || view.document_row(item).and_then(|(piece, row)| piece.document_date.get(row).copied());
        let due = view.items.due.get(item).copied().filter(|due| *due != NO_DAY);
        let basis = match self.given.policy.basis {
            DunningBasis::DueDate => due.or_else(date),
            DunningBasis::DocumentDate => date(),
        };
        let calendar = &self.given.calendar;
        let reached = |basis| {
            let is_reached = |level| rules.is_reached(level, Standing::first(basis), self.day(), calendar);
            rules.level(1).is_some_and(is_reached)
        };
        basis.is_some_and(reached)
    }

    /// A credit that names a document is for that document, as far as something is open of it; the rest covers the oldest debits
    /// of its desk, and what is left then, with what will come from elsewhere, those of all desks that share a notice.
    pub(super) fn cover(&mut self, desks: &mut [Halfway<'_>], to_come: i128) {
        let store = &self.given.view.store;
        let mut credits: Vec<(usize, Covering)> = vec![(usize::MAX, Covering::later(to_come))];
        for (at, desk) in desks.iter_mut().enumerate() {
            credits.extend(std::mem::take(&mut desk.covering).into_iter().map(|one| (at, one)));
        }
        credits.retain(|(_, one)| one.left > 0);
        if !credits.is_empty() {
            for desk in desks.iter_mut() {
                desk.debits.sort_by(|a, b| in_order_of_due(store, a, b));
            }
        }
        credits.sort_by(|(_, a), (_, b)| in_order_of_covering(store, a, b));
        let mut room: FxHashMap<u32, i128> = FxHashMap::default();
        for (_, one) in &mut credits {
            let Some(document) = one.own else { continue };
            let open = room.entry(document).or_insert_with(|| self.open_of(desks, document));
            let mut own = one.left.min(*open);
            *open = open.saturating_sub(own);
            one.left = one.left.saturating_sub(own);
            let debits = desks.iter_mut().flat_map(|desk| &mut desk.debits);
            for candidate in debits.filter(|candidate| candidate.document == document) {
                self.take_cover(candidate, one.day, &mut own);
            }
        }
        for (at, desk) in desks.iter_mut().enumerate() {
            let own = credits.iter_mut().filter(|(of, _)| *of == at).map(|(_, one)| one);
            self.take_pool(own, desk.debits.iter_mut());
        }
        if desks.len() > 1 || to_come > 0 {
            let mut all: Vec<&mut Candidate> = desks.iter_mut().flat_map(|desk| &mut desk.debits).collect();
            all.sort_by(|a, b| in_order_of_due(store, a, b));
            self.take_pool(credits.iter_mut().map(|(_, one)| one), all.into_iter());
        }
        for desk in desks {
            self.leave_those_of_nothing(&mut desk.debits, Verdict::Covered);
        }
    }

    /// Covers debits with credits, both in their order.
    fn take_pool<'c>(
        &mut self,
        credits: impl Iterator<Item = &'c mut Covering>,
        debits: impl Iterator<Item = &'c mut Candidate>,
    ) {
        let mut rest = credits.filter(|one| one.left > 0);
        let mut next = rest.next();
        for candidate in debits {
            while let Some(one) = next.as_deref_mut().filter(|_| candidate.amount > 0) {
                self.take_cover(candidate, one.day, &mut one.left);
                if one.left <= 0 {
                    next = rest.next();
                }
            }
        }
    }

    /// Takes off an item what is there to cover it.
    fn take_cover(&mut self, candidate: &mut Candidate, day: i32, left: &mut i128) {
        let part = Minor::try_from((*left).min(candidate.amount.into())).unwrap_or(0);
        *left = left.saturating_sub(part.into());
        candidate.amount = candidate.amount.saturating_sub(part);
        if part > 0 && day != NO_DAY && self.given.policy.interest.is_some() {
            self.covered.entry(count(candidate.item)).or_default().push((day, part));
        }
    }

    /// What is open above zero of a document on some desks.
    fn open_of(&self, desks: &[Halfway<'_>], document: u32) -> i128 {
        let items = &self.given.view.items;
        let of_desks = desks.iter().flat_map(|desk| desk.accounts.iter()).flat_map(|(_, own)| own.clone());
        let own = of_desks.filter(|item| items.document.get(*item) == Some(&document));
        let open = own.filter_map(|item| items.open.get(item)).filter(|open| **open > 0);
        open.fold(0, |sum, open| sum.saturating_add((*open).into()))
    }
}

/// The order in which credits cover: by their day, document and instalment, what comes later last.
fn in_order_of_covering(store: &Store, a: &Covering, b: &Covering) -> std::cmp::Ordering {
    let text = |credit| if credit == NONE { "" } else { store.document_id(credit) };
    (a.day.cmp(&b.day)).then_with(|| text(a.credit).cmp(text(b.credit))).then(a.part.cmp(&b.part))
}
