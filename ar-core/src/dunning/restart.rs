//! When does the level of a customer begin anew? When it has paid what it was reminded of: from what the ledger has of each
//! day, so that it is the same whether or not anybody ran on that day.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::early::Early;
use super::given::Given;
use super::history::{Desk, History, Last, Past, SentTo};
use super::level::{Standing, takes_part};
use super::policy::{CreditUse, DunningBasis, DunningUnit, IntervalPer, Procedure};
use super::unfounded::{NotAsked, not_asked};
use crate::aging::keys::Values;
use crate::calendar::CompiledCalendar;
use crate::interest::PaidFrom;
use crate::ledger::layers::{NONE, place};
use crate::ledger::store::{Documents, NO_DAY};
use crate::ledger::{View, schedule};
use crate::money::Minor;

/// What was sent before a run, and what of it still counts for desks that have a level of their own.
#[derive(Debug, Clone, Default)]
pub(super) struct Before {
    sent: Arc<History>,
    /// Desks of which paying made a difference.
    fallen: FxHashMap<Desk, Past>,
    /// What is not asked for of charges.
    pub(super) not_asked: NotAsked,
    /// Notices about what was not payable yet.
    pub(super) early: Early,
}

impl Deref for Before {
    type Target = History;

    fn deref(&self) -> &History {
        &self.sent
    }
}

/// What a desk owed day by day: from each day on, the earliest basis date of what is late; `NO_DAY`: nothing is.
type Oldest = Vec<(i32, i32)>;

impl Before {
    pub(super) fn new(given: &Given<'_>, sent: &Arc<History>) -> Self {
        let not_asked = not_asked(given, sent);
        let early = Early::of(given, sent);
        let mut before = Self { sent: Arc::clone(sent), fallen: FxHashMap::default(), not_asked, early };
        if given.policy.unit == DunningUnit::Item || sent.is_empty() {
            return before;
        }
        let mut values = Values::new(given.view);
        for family in given.families() {
            let noticed = |desk: &Desk| before.sent.notices_of_desk(*desk).first().map(|first| first.day);
            let Some(first) = family.iter().filter_map(|(desk, _)| noticed(desk)).min() else { continue };
            let desks: Vec<Desk> = family.iter().map(|(desk, _)| *desk).collect();
            let owed = Owed::with(given.view, &before.not_asked.unfounded);
            let oldest = given.oldest_of(&desks, first, &mut values, owed);
            for ((desk, rules), oldest) in family.into_iter().zip(oldest) {
                let notices = before.sent.notices_of_desk(desk);
                if !notices.is_empty() {
                    let past = before.past_of(given, rules, desk, &notices, &oldest);
                    before.fallen.insert(desk, past);
                }
            }
        }
        before
    }

    /// What was sent about a desk and still counts.
    pub(super) fn of_desk(&self, desk: Desk) -> Past {
        self.fallen.get(&desk).copied().unwrap_or_else(|| self.sent.of_desk(desk))
    }

    /// The day from which the interval of a desk is counted.
    pub(super) fn interval_from(&self, rules: &Procedure, desk: Desk, past: Past) -> Option<i32> {
        match rules.interval_per {
            IntervalPer::Desk => past.last.map(|last| last.day),
            IntervalPer::Customer if rules.interval_days == 0 => None,
            IntervalPer::Customer => self.sent.last_day_of_customer(desk.0, desk.1),
        }
    }

    /// The level of an item, or of its desk, before a run.
    pub(super) fn previous(&self, view: &View, unit: DunningUnit, item: u32) -> u32 {
        if self.sent.is_empty() {
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

    /// Goes through the notices of a desk, and forgets those after which it was clear.
    fn past_of(
        &self,
        given: &Given<'_>,
        rules: &Procedure,
        desk: Desk,
        notices: &[SentTo],
        oldest: &[(i32, i32)],
    ) -> Past {
        let today = given.view.day().number();
        let mut past = Past::default();
        let bases = self.bases_of_notices(given, desk);
        for (at, notice) in notices.iter().enumerate() {
            let end = notices.get(at.saturating_add(1)).map_or(today, |next| next.day);
            past.count = past.count.saturating_add(1);
            let about = bases.get(&notice.notice).copied().unwrap_or_else(|| notice.day.saturating_sub(1));
            let mut level = notice.level;
            for (from, basis) in days_between(oldest, notice.day, end) {
                if basis != NO_DAY && basis <= about {
                    continue;
                }
                level = level.min(if basis == NO_DAY {
                    0
                } else {
                    rules.level_without_notice(basis, from, &given.calendar)
                });
            }
            past.last = Some(Last { level, day: notice.day, due: notice.due });
            if level == 0 && notice.level > 0 {
                past = Past::default();
            }
        }
        past
    }

    /// By notice the earliest basis date of what it is about on a desk; none where it names nothing of it.
    fn bases_of_notices(&self, given: &Given<'_>, desk: Desk) -> FxHashMap<u32, i32> {
        let mut parts_of: FxHashMap<u32, Vec<(u32, i32)>> = FxHashMap::default();
        let mut bases: FxHashMap<u32, i32> = FxHashMap::default();
        for line in self.sent.lines_of_desk(desk) {
            let parts = parts_of.entry(line.document).or_insert_with(|| given.bases_of(line.document));
            let is_named = parts.iter().any(|(number, _)| *number == line.instalment);
            let own = parts.iter().filter(|(number, _)| !is_named || *number == line.instalment);
            if let Some(basis) = own.map(|(_, basis)| *basis).filter(|basis| *basis != NO_DAY).min() {
                let held = bases.entry(line.notice).or_insert(basis);
                *held = basis.min(*held);
            }
        }
        bases
    }
}

/// The parts of a time, from a day to the day before another, with what is oldest in them.
fn days_between(oldest: &[(i32, i32)], from: i32, to: i32) -> impl Iterator<Item = (i32, i32)> + '_ {
    let next = |at: usize| oldest.get(at.saturating_add(1)).map_or(i32::MAX, |(day, _)| *day);
    let begins = oldest.first().map_or(i32::MAX, |(day, _)| *day);
    let before = std::iter::once((from, NO_DAY)).filter(move |_| from < to && from < begins);
    let first = oldest.partition_point(|(day, _)| *day <= from).saturating_sub(1);
    let parts = oldest.iter().enumerate().skip(first);
    let parts = parts.take_while(move |(_, (day, _))| *day < to).filter(move |(at, _)| next(*at) > from && from < to);
    before.chain(parts.map(move |(_, (day, basis))| ((*day).max(from), *basis)))
}

impl Procedure {
    /// The highest level that something without a notice has reached on a day; 0 for none.
    fn level_without_notice(&self, basis: i32, day: i32, calendar: &CompiledCalendar) -> u32 {
        let levels = u32::try_from(self.levels.len()).unwrap_or(u32::MAX);
        let is_reached = |level| self.is_reached(level, Standing::first(basis), day, calendar);
        let reached = |number: &u32| self.level(*number).is_some_and(is_reached);
        (1..=levels).rev().find(reached).unwrap_or(0)
    }
}

impl Given<'_> {
    /// The instalments of a document with their basis dates, in the schedule in force; 0 without a schedule.
    fn bases_of(&self, document: u32) -> Vec<(u32, i32)> {
        self.parts_of(document).into_iter().map(|(number, _, basis)| (number, basis)).collect()
    }

    /// Likewise with their due dates before.
    fn parts_of(&self, document: u32) -> Vec<(u32, i32, i32)> {
        let (view, store) = (self.view, &self.view.store);
        let Some((piece, row)) = store.documents.find(document) else { return Vec::new() };
        let date = piece.document_date.get(row).copied().unwrap_or(NO_DAY);
        let payable = |day: i32| self.policy.payable_from(view, document, day);
        let own = |due: i32| payable(if self.policy.basis == DunningBasis::DocumentDate { date } else { due });
        let schedule = schedule::in_force(store, document, view.stood_on(), view.known_on);
        if schedule.is_empty() {
            let due = piece.due.get(row).copied().unwrap_or(NO_DAY);
            return vec![(0, payable(due), own(due))];
        }
        schedule
            .iter()
            .filter(|part| part.amount > 0)
            .map(|part| (part.number, payable(part.due), own(part.due)))
            .collect()
    }

    /// The desks with a procedure that share what covers them: those of one company, addressee and currency.
    fn families(&self) -> Vec<Vec<(Desk, &'_ Procedure)>> {
        let store = &self.view.store;
        let mut families: BTreeMap<Desk, Vec<(Desk, &Procedure)>> = BTreeMap::new();
        for (account, _) in self.view.accounts_in_order() {
            let parts = store.account(account);
            let procedure = self.procedure(parts.customer, parts.company).and_then(|at| self.procedures.get(at));
            let Some((_, rules)) = procedure else { continue };
            let desk = (parts.company, parts.customer, parts.currency);
            let own = families.entry((parts.company, self.addressee(parts.customer), parts.currency)).or_default();
            if own.iter().all(|(held, _)| *held != desk) {
                own.push((desk, rules));
            }
        }
        families.into_values().collect()
    }

    /// What was oldest of each of some desks from day to day, from one on, after what credits cover of all of them.
    fn oldest_of(&self, desks: &[Desk], first: i32, values: &mut Values<'_>, mut owed: Owed) -> Vec<Oldest> {
        for (number, desk) in desks.iter().enumerate() {
            self.owed_by(*desk, number, first, values, &mut owed);
        }
        owed.sort(self.view);
        let mut days = owed.days(first);
        days.retain(|day| *day <= self.view.day().number());
        let mut all: Vec<Oldest> = vec![Oldest::new(); desks.len()];
        for day in days {
            for (oldest, basis) in all.iter_mut().zip(owed.oldest_on(day, desks.len())) {
                if oldest.last().is_none_or(|(_, held)| *held != basis) {
                    oldest.push((day, basis));
                }
            }
        }
        all
    }

    /// Adds what a desk may have owed from a day on, and what its credits may cover.
    fn owed_by(
        &self,
        (company, customer, currency): Desk,
        desk: usize,
        first: i32,
        values: &mut Values<'_>,
        owed: &mut Owed,
    ) {
        let store = &self.view.store;
        for held in store.customer_accounts.of(customer) {
            let parts = store.account(held.account);
            if (parts.company, parts.currency) != (company, currency)
                || !self.filter.lets_account_in(values, held.account)
            {
                continue;
            }
            for piece in store.documents.iter() {
                for row in piece.rows_of(held.account) {
                    let document = piece.start.saturating_add(row);
                    if self.was_settled_before(document, first) || !self.counts(values, document) {
                        continue;
                    }
                    let amount = piece.amount.get(place(row)).copied().unwrap_or(0);
                    let Some(kind) = piece.kind.get(place(row)).copied() else { continue };
                    if amount > 0 && self.policy.kinds.contains(&kind) {
                        for (instalment, due, basis) in self.parts_of(document) {
                            let large = |left: Minor| left > 0 && self.is_large(held.account, left);
                            let left = self.view.balances(document, instalment, PaidFrom::Match).into_iter();
                            let nothing = owed.nothing.get(&document).copied().unwrap_or(0);
                            let left = left.map(|(day, left)| (day.number(), left.saturating_sub(nothing)));
                            let left = left.map(|(day, left)| (day, left.max(0), large(left))).collect();
                            owed.parts.push(Part { desk, document, instalment, due, basis, left });
                        }
                    } else if amount < 0 && self.use_of_kind(kind) == CreditUse::Covers {
                        let left = self.view.balances(document, NONE, PaidFrom::Match).into_iter();
                        let left = left.map(|(day, left)| (day.number(), left.min(0).saturating_neg())).collect();
                        owed.credits.push(Credit { desk, own: store.related(document), left });
                    }
                }
            }
        }
    }

    /// Whether nothing was left of a document before a day, and nothing has come back since.
    fn was_settled_before(&self, document: u32, first: i32) -> bool {
        let (view, store) = (self.view, &self.view.store);
        let whole = store.documents.find(document).and_then(|(piece, row)| piece.amount.get(row)).copied().unwrap_or(0);
        let mut left = i128::from(whole).saturating_abs();
        for leg in store.legs.of(document).filter(|leg| view.counted(leg.effective, leg.recorded)) {
            if leg.effective >= first {
                return false;
            }
            left = left.saturating_sub(leg.amount.into());
        }
        left == 0
    }

    /// Whether a document is a credit that covers what is owed.
    fn may_cover(&self, piece: &Documents, row: usize) -> bool {
        let kind = piece.kind.get(row).filter(|_| piece.amount.get(row).is_some_and(|amount| *amount < 0));
        kind.is_some_and(|kind| self.use_of_kind(*kind) == CreditUse::Covers)
    }

    /// Whether a document is let in, counted and not cancelled.
    fn counts(&self, values: &mut Values<'_>, document: u32) -> bool {
        let view = self.view;
        let Some((piece, row)) = view.store.documents.find(document) else { return false };
        let (Some(effective), Some(recorded)) = (piece.effective.get(row), piece.recorded.get(row)) else {
            return false;
        };
        view.counted(*effective, *recorded)
            && !view.is_cancelled(document)
            && self.lets_in(
                values,
                document,
                piece.account.get(row).copied().unwrap_or(NONE),
                self.may_cover(piece, row),
            )
    }
}

/// What desks may have owed, and what may have covered it.
#[derive(Debug, Default)]
struct Owed {
    /// By charge what of it is for nothing.
    nothing: FxHashMap<u32, Minor>,
    /// By due date, document and instalment.
    parts: Vec<Part>,
    credits: Vec<Credit>,
}

/// An item of a desk with what was left of it: from each day on, and whether that is large enough to be dunned.
#[derive(Debug)]
struct Part {
    desk: usize,
    document: u32,
    instalment: u32,
    due: i32,
    basis: i32,
    left: Vec<(i32, Minor, bool)>,
}

/// A credit of a desk with what was left of it, from each day on.
#[derive(Debug)]
struct Credit {
    desk: usize,
    /// The document that it names.
    own: Option<u32>,
    left: Vec<(i32, Minor)>,
}

impl Owed {
    /// Nothing yet; by item what of charges is for nothing.
    fn with(view: &View, unfounded: &FxHashMap<u32, Minor>) -> Self {
        let documents = unfounded.iter();
        let of = |(item, part): (&u32, &Minor)| Some((*view.items.document.get(place(*item))?, *part));
        Self { nothing: documents.filter_map(of).collect(), ..Self::default() }
    }

    fn sort(&mut self, view: &View) {
        let id = |part: &Part| view.store.document_id(part.document);
        self.parts
            .sort_by(|a, b| (a.due.cmp(&b.due)).then_with(|| id(a).cmp(id(b))).then(a.instalment.cmp(&b.instalment)));
    }

    /// The days, from one on, on which something may be other than before.
    fn days(&self, first: i32) -> BTreeSet<i32> {
        let of_parts = self.parts.iter().flat_map(|part| {
            let late = (part.basis != NO_DAY).then(|| part.basis.saturating_add(1));
            part.left.iter().map(|(day, ..)| *day).chain(late)
        });
        let of_credits = self.credits.iter().flat_map(|credit| credit.left.iter().map(|(day, _)| *day));
        of_parts.chain(of_credits).map(|day| day.max(first)).collect()
    }

    /// By desk the earliest basis date of what is late on a day and not covered; `NO_DAY`: nothing is.
    fn oldest_on(&self, day: i32, desks: usize) -> Vec<i32> {
        // What is left of each part, and whether it takes cover.
        let mut left: Vec<(i128, bool)> = self.parts.iter().map(|part| part.on(day)).collect();
        let mut credits: Vec<i128> = self.credits.iter().map(|credit| credit.on(day).into()).collect();
        if credits.iter().any(|credit| *credit > 0) {
            self.cover(&mut left, &mut credits, desks);
        }
        let mut oldest = vec![NO_DAY; desks];
        for (part, (left, is_large)) in self.parts.iter().zip(left) {
            if is_large
                && left > 0
                && part.basis != NO_DAY
                && takes_part(part.basis, day)
                && let Some(slot) = oldest.get_mut(part.desk)
            {
                *slot = part.basis.min(*slot);
            }
        }
        oldest
    }

    /// Takes off parts what credits cover: of the document that a credit names, then of its desk, then of all desks.
    fn cover(&self, left: &mut [(i128, bool)], credits: &mut [i128], desks: usize) {
        let mut room: FxHashMap<u32, i128> = FxHashMap::default();
        for (part, (open, _)) in self.parts.iter().zip(left.iter()) {
            let slot = room.entry(part.document).or_default();
            *slot = slot.saturating_add(*open);
        }
        for (credit, amount) in self.credits.iter().zip(credits.iter_mut()) {
            let Some((document, room)) = credit.own.and_then(|own| Some((own, room.get_mut(&own)?))) else { continue };
            let mut own = (*amount).min(*room);
            *room = room.saturating_sub(own);
            *amount = amount.saturating_sub(own);
            self.take(left, &mut own, |part| part.document == document);
        }
        let mut over = 0_i128;
        for desk in 0..desks {
            let own = self.credits.iter().zip(credits.iter()).filter(|(credit, _)| credit.desk == desk);
            let mut rest = own.fold(0_i128, |sum, (_, amount)| sum.saturating_add(*amount));
            self.take(left, &mut rest, |part| part.desk == desk);
            over = over.saturating_add(rest);
        }
        self.take(left, &mut over, |_| true);
    }

    fn take(&self, left: &mut [(i128, bool)], pool: &mut i128, is: impl Fn(&Part) -> bool) {
        for (_, (open, _)) in self.parts.iter().zip(left).filter(|(part, (_, is_large))| *is_large && is(part)) {
            let part = (*pool).min(*open).max(0);
            *open = open.saturating_sub(part);
            *pool = pool.saturating_sub(part);
        }
    }
}

impl Part {
    /// What was left of it at the end of a day, and whether that is large enough to be dunned.
    fn on(&self, day: i32) -> (i128, bool) {
        let held = self.left.iter().take_while(|(from, ..)| *from <= day).last();
        held.map_or((0, false), |(_, left, is_large)| (i128::from(*left), *is_large))
    }
}

impl Credit {
    fn on(&self, day: i32) -> Minor {
        self.left.iter().take_while(|(from, _)| *from <= day).last().map_or(0, |(_, left)| *left)
    }
}
