//! When does the level of a customer begin anew? When it has paid what it was reminded of: from what the ledger has of each
//! day, so that it is the same whether or not anybody ran on that day.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::given::Given;
use super::history::{Desk, History, Last, Past, SentTo};
use super::level::{Standing, takes_part};
use super::policy::{DunningBasis, DunningUnit, IntervalPer, Procedure};
use crate::aging::keys::Values;
use crate::ledger::layers::{NONE, place};
use crate::ledger::store::NO_DAY;
use crate::ledger::{View, schedule};

/// What was sent before a run, and what of it still counts for desks that have a level of their own.
#[derive(Debug, Clone, Default)]
pub(super) struct Before {
    sent: Arc<History>,
    /// Desks of which paying made a difference.
    fallen: FxHashMap<Desk, Past>,
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
        let mut before = Self { sent: Arc::clone(sent), fallen: FxHashMap::default() };
        if given.policy.unit == DunningUnit::Item || sent.is_empty() {
            return before;
        }
        let store = &given.view.store;
        let mut values = Values::new(given.view);
        for (account, _) in given.view.accounts_in_order() {
            let parts = store.account(account);
            let desk = (parts.company, parts.customer, parts.currency);
            let procedure = given.procedure(parts.customer, parts.company).and_then(|at| given.procedures.get(at));
            let Some((_, rules)) = procedure.filter(|_| !before.fallen.contains_key(&desk)) else { continue };
            let notices = before.sent.notices_of_desk(desk);
            let Some(first) = notices.first().map(|first| first.day) else { continue };
            let oldest = given.oldest_of(desk, first, &mut values);
            let past = before.past_of(given, rules, desk, &notices, &oldest);
            before.fallen.insert(desk, past);
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
                self.sent.of_item(document, view.items.instalment(at)).level()
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
                level = level.min(if basis == NO_DAY { 0 } else { rules.level_without_notice(basis, from) });
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
    fn level_without_notice(&self, basis: i32, day: i32) -> u32 {
        let levels = u32::try_from(self.levels.len()).unwrap_or(u32::MAX);
        let reached =
            |number: &u32| self.level(*number).is_some_and(|level| self.is_reached(level, Standing::first(basis), day));
        (1..=levels).rev().find(reached).unwrap_or(0)
    }
}

impl Given<'_> {
    /// The instalments of a document with their basis dates, in the schedule in force; 0 without a schedule.
    fn bases_of(&self, document: u32) -> Vec<(u32, i32)> {
        let (view, store) = (self.view, &self.view.store);
        let Some((piece, row)) = store.documents.find(document) else { return Vec::new() };
        let date = piece.document_date.get(row).copied().unwrap_or(NO_DAY);
        let own = |due: i32| if self.policy.basis == DunningBasis::DocumentDate { date } else { due };
        let schedule = schedule::in_force(store, document, view.stood_on(), view.known_on);
        if schedule.is_empty() {
            return vec![(0, own(piece.due.get(row).copied().unwrap_or(NO_DAY)))];
        }
        schedule.iter().filter(|part| part.amount > 0).map(|part| (part.number, own(part.due))).collect()
    }

    /// What was oldest of a desk from day to day, from one on.
    fn oldest_of(&self, (company, customer, currency): Desk, first: i32, values: &mut Values<'_>) -> Oldest {
        let store = &self.view.store;
        // Day, basis date, and whether there is one more of it or one less.
        let mut changes: Vec<(i32, i32, bool)> = Vec::new();
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
                    if !self.was_settled_before(document, first) && self.owes(values, document) {
                        self.changes_of(document, held.account, &mut changes);
                    }
                }
            }
        }
        changes.sort_unstable();
        let mut late: BTreeMap<i32, u32> = BTreeMap::new();
        let mut oldest: Oldest = Vec::new();
        for of_day in changes.chunk_by(|(a, ..), (b, ..)| a == b) {
            // What begins is counted before what ends, so that nothing falls below zero.
            for (_, basis, _) in of_day.iter().filter(|(.., begins)| *begins) {
                let number = late.entry(*basis).or_default();
                *number = number.saturating_add(1);
            }
            for (_, basis, _) in of_day.iter().filter(|(.., begins)| !*begins) {
                if let Some(number) = late.get_mut(basis) {
                    *number = number.saturating_sub(1);
                }
            }
            late.retain(|_, number| *number > 0);
            let day = of_day.first().map_or(NO_DAY, |(day, ..)| *day);
            oldest.push((day, late.keys().next().copied().unwrap_or(NO_DAY)));
        }
        oldest
    }

    /// Whether nothing was left of a document before a day, and nothing has come back since.
    fn was_settled_before(&self, document: u32, first: i32) -> bool {
        let (view, store) = (self.view, &self.view.store);
        let whole = store.documents.find(document).and_then(|(piece, row)| piece.amount.get(row)).copied().unwrap_or(0);
        let mut left = i128::from(whole);
        for leg in store.legs.of(document).filter(|leg| view.counted(leg.effective, leg.recorded)) {
            if leg.effective >= first {
                return false;
            }
            left = left.saturating_sub(leg.amount.into());
        }
        left == 0
    }

    /// Whether a document is one that may be owed: of the kinds and let in, counted and not cancelled.
    fn owes(&self, values: &mut Values<'_>, document: u32) -> bool {
        let view = self.view;
        let Some((piece, row)) = view.store.documents.find(document) else { return false };
        let (Some(effective), Some(recorded)) = (piece.effective.get(row), piece.recorded.get(row)) else {
            return false;
        };
        let cancelled = || view.store.cancellations.of(document).any(|end| view.counted(end.effective, end.recorded));
        piece.amount.get(row).is_some_and(|amount| *amount > 0)
            && piece.kind.get(row).is_some_and(|kind| self.policy.kinds.contains(kind))
            && view.counted(*effective, *recorded)
            && !cancelled()
            && self.filter.lets_document_in(values, document, piece.account.get(row).copied().unwrap_or(NONE))
    }

    /// When the parts of a document begin and cease to be late and open.
    fn changes_of(&self, document: u32, account: u32, into: &mut Vec<(i32, i32, bool)>) {
        for (instalment, basis) in self.bases_of(document) {
            if basis == NO_DAY {
                continue;
            }
            let balances = self.view.balances(document, instalment);
            let mut was = false;
            for (at, (day, left)) in balances.iter().enumerate() {
                let end = balances.get(at.saturating_add(1)).map_or(i32::MAX, |(next, _)| next.number());
                // The first day of this balance on which it is late.
                let from = day.number().max(basis.saturating_add(1));
                if from >= end {
                    continue;
                }
                let is = *left > 0 && takes_part(basis, from) && self.is_large(account, *left);
                if is != was {
                    into.push((from, basis, is));
                    was = is;
                }
            }
        }
    }
}
