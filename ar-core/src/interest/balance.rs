//! What was left of an overdue item, day by day? From the legs of the ledger, as the view knows them.

use std::collections::BTreeMap;

use super::policy::{InScope, InterestPolicy, PaidFrom, Requirements};
use crate::calendar::Day;
use crate::ledger::View;
use crate::ledger::exchange::Rate;
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::schedule;
use crate::ledger::store::{AllocationFact, DifferenceKind, Documents, Leg, NO_DAY};
use crate::ledger::view::left_of;
use crate::money::Minor;

/// An item above zero that is past its due date on the view's day, whether anything is left of it or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OverdueItem {
    pub account: u32,
    pub document: u32,
    /// 0 without a schedule.
    pub instalment: u32,
    pub due: Day,
    /// The day after which it is late: its due date, or a later one from which on it lacks nothing; the view's day while it does.
    pub payable: Day,
    /// The day whose schedule has the instalment.
    pub terms_on: i32,
    /// What is left on the view's day.
    pub open: Minor,
    /// The part of it that is disputed.
    pub disputed: Minor,
    /// Parts that money not matched yet covers, each from the end of a day on.
    pub covered: Vec<(Day, Minor)>,
    /// What was charged for it already, by rising day up to which it was.
    pub charged: Vec<ChargedDays>,
    /// Whether what was charged too little is charged now; what was too much comes off always.
    pub raises: bool,
}

/// Interest that was charged for the days of an item, after those that were charged before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChargedDays {
    pub until: Day,
    /// The day on which it was reckoned: where it was closed that of the notice, else the last of its own.
    pub as_of: Day,
    /// The day whose schedule it was charged by.
    pub terms_on: i32,
    pub known: Known,
    /// Whether it was closed when its days had been charged, and was for what others had been charged too little.
    pub is_beside: bool,
    /// Whether it was closed, and forgiven since.
    pub is_forgiven: bool,
}

/// What is known of interest that was charged for the days of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Sum(ChargedSum),
    /// Nobody knows how much.
    Unknown,
    /// It was charged for what another schedule had in its place.
    Elsewhere,
}

/// How much interest was charged, in the currency that it was charged in, and the rate from the item's to that one, where it is
/// another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChargedSum {
    pub amount: Minor,
    pub rate: Option<Rate>,
}

impl ChargedSum {
    /// What it is in the currency of the item.
    pub(crate) fn own(self) -> Option<Minor> {
        self.rate.map_or(Some(self.amount), |rate| rate.back(self.amount).ok())
    }

    /// Whether it is what an amount in the currency of the item comes to.
    pub(super) fn is(self, own: Minor) -> bool {
        self.rate.is_some_and(|rate| rate.apply(own).ok() == Some(self.amount))
    }
}

/// What is left from day to day after what is covered.
pub(super) fn less_covered(balances: &[(Day, Minor)], covered: &[(Day, Minor)]) -> Vec<(Day, Minor)> {
    let Some((first, _)) = balances.first() else { return Vec::new() };
    let begins = covered.iter().map(|(day, _)| *day).filter(|day| day > first);
    let mut days: Vec<Day> = balances.iter().map(|(day, _)| *day).chain(begins).collect();
    days.sort_unstable();
    days.dedup();
    let left = |on: Day| {
        let balance = balances.iter().rev().find(|(day, _)| *day <= on).map_or(0, |(_, balance)| *balance);
        let there = covered.iter().filter(|(day, _)| *day <= on);
        there.fold(balance, |left, (_, part)| left.saturating_sub(*part))
    };
    days.into_iter().map(|day| (day, left(day))).collect()
}

impl View {
    /// The items of the policy's kinds that are past their due date, in the order of open items: those with something left,
    /// and where the policy includes them those that were closed.
    pub(crate) fn overdue_items(&self, policy: &InterestPolicy) -> Vec<OverdueItem> {
        // An item above zero of a document below zero is a part of what that one leaves.
        let in_scope = |document: u32| {
            self.store.documents.find(document).is_some_and(|(piece, row)| {
                piece.kind.get(row).is_some_and(|kind| policy.kinds.contains(kind))
                    && piece.amount.get(row).is_some_and(|amount| *amount > 0)
            })
        };
        if policy.closed == InScope::Included {
            return self.overdue_documents(policy);
        }
        let marks = self.marks();
        let mut all = Vec::new();
        for (account, range) in self.accounts_in_order() {
            for at in range {
                let (Some(open), Some(document)) = (self.items.open.get(at), self.items.document.get(at)) else {
                    continue;
                };
                let Some(due) = self.due_day(at).filter(|due| *due < self.day) else { continue };
                if *open > 0 && in_scope(*document) {
                    all.push(OverdueItem {
                        account,
                        document: *document,
                        instalment: self.items.instalment(at),
                        due,
                        payable: self.payable(policy, *document, due),
                        terms_on: self.stood_on(),
                        open: *open,
                        disputed: marks.disputed.get(&count(at)).copied().unwrap_or(0),
                        covered: Vec::new(),
                        charged: Vec::new(),
                        raises: false,
                    });
                }
            }
        }
        all
    }

    /// The day after which what is due on a day is late.
    fn payable(&self, policy: &InterestPolicy, document: u32, due: Day) -> Day {
        if policy.requirements == Requirements::Ignored {
            return due;
        }
        let found = self.payable_from(document, due.number());
        found.and_then(|day| Day::new(day).ok()).map_or(self.day, |day| day.min(self.day))
    }

    fn overdue_documents(&self, policy: &InterestPolicy) -> Vec<OverdueItem> {
        let mut all = Vec::new();
        for piece in self.store.documents.iter() {
            let rows: Box<dyn Iterator<Item = u32> + '_> = match &self.scope {
                None => Box::new(0..count(piece.len())),
                Some(scope) => Box::new(scope.accounts.iter().flat_map(|account| piece.rows_of(*account))),
            };
            for row in rows {
                self.overdue_parts(policy, (piece, row), self.stood_on(), &mut all);
            }
        }
        self.sort_overdue(&mut all);
        self.mark_disputed(&mut all);
        all
    }

    /// Sorts items in the order of open items.
    pub(crate) fn sort_overdue(&self, all: &mut [OverdueItem]) {
        let store = &self.store;
        all.sort_by(|a, b| {
            (a.due, store.document_id(a.document), a.instalment).cmp(&(
                b.due,
                store.document_id(b.document),
                b.instalment,
            ))
        });
        store.sort_accounts(all, |item| item.account);
    }

    /// The overdue items of a document, closed or not.
    pub(crate) fn overdue_items_of(&self, policy: &InterestPolicy, document: u32, into: &mut Vec<OverdueItem>) {
        self.overdue_by_terms(policy, document, self.stood_on(), into);
    }

    /// The same by the schedule that was in force on a day.
    pub(crate) fn overdue_by_terms(
        &self,
        policy: &InterestPolicy,
        document: u32,
        terms_on: i32,
        into: &mut Vec<OverdueItem>,
    ) {
        if let Some((piece, row)) = self.store.documents.find(document) {
            self.overdue_parts(policy, (piece, count(row)), terms_on, into);
        }
    }

    /// The overdue items of a document by the schedule in force on a day, closed or not.
    fn overdue_parts(
        &self,
        policy: &InterestPolicy,
        (piece, row): (&Documents, u32),
        terms_on: i32,
        into: &mut Vec<OverdueItem>,
    ) {
        let (at, document) = (place(row), piece.start.saturating_add(row));
        let (Some(kind), Some(effective), Some(recorded), Some(account), Some(amount), Some(due)) = (
            piece.kind.get(at),
            piece.effective.get(at),
            piece.recorded.get(at),
            piece.account.get(at),
            piece.amount.get(at),
            piece.due.get(at),
        ) else {
            return;
        };
        if *amount <= 0
            || !policy.kinds.contains(kind)
            || !self.counted(*effective, *recorded)
            || self.is_cancelled(document)
        {
            return;
        }
        let mut push = |instalment: u32, due: i32| {
            let Ok(due) = Day::new(due) else { return };
            if due < self.day {
                let balances = self.balances_by_terms((document, instalment), PaidFrom::Match, terms_on);
                let open = balances.last().map_or(0, |(_, left)| *left);
                let item = OverdueItem {
                    account: *account,
                    document,
                    instalment,
                    due,
                    payable: self.payable(policy, document, due),
                    terms_on,
                    open,
                    disputed: 0,
                    covered: Vec::new(),
                    charged: Vec::new(),
                    raises: false,
                };
                into.push(item);
            }
        };
        let schedule = schedule::in_force(&self.store, document, terms_on, self.known_on);
        if schedule.is_empty() {
            if *due != NO_DAY {
                push(0, *due);
            }
            return;
        }
        for part in schedule.iter().filter(|part| part.amount > 0) {
            push(part.number, part.due);
        }
    }

    /// Writes down what is disputed of the items that are open.
    pub(crate) fn mark_disputed(&self, items: &mut [OverdueItem]) {
        let marks = self.marks();
        if marks.disputed.is_empty() {
            return;
        }
        for item in items {
            let own = |at: &usize| {
                self.items.document.get(*at) == Some(&item.document) && self.items.instalment(*at) == item.instalment
            };
            let found = self.items.of_account(item.account).find(own);
            item.disputed = found.and_then(|at| marks.disputed.get(&count(at))).copied().unwrap_or(0);
        }
    }

    /// What was left of an item at the end of each day on which it changed and of those after it, by rising day; nothing
    /// before the document counts.
    ///
    /// The instalments are those of the schedule in force on the view's day, on every day.
    pub(crate) fn balances(&self, document: u32, instalment: u32, from: PaidFrom) -> Vec<(Day, Minor)> {
        self.balances_by_terms((document, instalment), from, self.stood_on())
    }

    /// The same by the schedule that was in force on a day.
    pub(crate) fn balances_by_terms(
        &self,
        (document, instalment): (u32, u32),
        from: PaidFrom,
        terms_on: i32,
    ) -> Vec<(Day, Minor)> {
        let store = &self.store;
        let Some((piece, row)) = store.documents.find(document) else { return Vec::new() };
        let (Some(effective), Some(amount)) = (piece.effective.get(row), piece.amount.get(row)) else {
            return Vec::new();
        };
        let mut legs = self.counted_legs(document);
        if from == PaidFrom::Credit {
            self.count_from_credits(&mut legs);
        }
        legs.sort_by_key(|leg| leg.effective);
        let schedule = schedule::in_force(store, document, terms_on, self.known_on);
        let mut standing = Standing { amount: *amount, named: Vec::new(), unnamed: 0 };
        let left = |standing: &Standing| match schedule.iter().position(|part| part.number == instalment) {
            Some(at) => schedule::left(&schedule, standing.amount, &standing.named, standing.unnamed)
                .get(at)
                .and_then(|left| Minor::try_from(*left).ok())
                .unwrap_or(0),
            None => left_of(standing.amount, standing.settled()),
        };
        let mut balances: Vec<(Day, Minor)> = Vec::new();
        if let Ok(day) = Day::new(*effective) {
            balances.push((day, left(&standing)));
        }
        for of_day in legs.chunk_by(|a, b| a.effective == b.effective) {
            for leg in of_day {
                standing.add(if leg.allocation == NONE { 0 } else { leg.instalment }, leg.amount);
            }
            let Some(day) = of_day.first().and_then(|leg| Day::new(leg.effective).ok()) else { continue };
            match balances.last_mut() {
                Some((held, balance)) if *held >= day => *balance = left(&standing),
                _ => balances.push((day, left(&standing))),
            }
        }
        balances
    }

    fn counted_legs(&self, document: u32) -> Vec<Leg> {
        self.store.legs.of(document).filter(|leg| self.counted(leg.effective, leg.recorded)).collect()
    }

    /// Puts what still holds of a document's legs on the day from which the money for it was there.
    fn count_from_credits(&self, legs: &mut [Leg]) {
        let mut held: BTreeMap<u32, i128> = BTreeMap::new();
        for leg in legs.iter() {
            let sum = held.entry(leg.allocation).or_default();
            *sum = sum.saturating_add(leg.amount.into());
        }
        for leg in legs.iter_mut().filter(|leg| held.get(&leg.allocation).is_some_and(|sum| *sum > 0)) {
            if let Some(day) = self.there_from(leg.allocation) {
                leg.effective = leg.effective.min(day);
            }
        }
    }

    /// The day from which the money of an allocation was there, or of that which a difference of the same day stands beside:
    /// that of its credit, or the last on which something else of this credit was taken back.
    fn there_from(&self, number: u32) -> Option<i32> {
        let (number, fact) = self.allocation_beside(number)?;
        let credit = self.credit_day(fact)?;
        let back = self.taken_back_of(fact.credit, number).into_iter().filter(|day| *day <= fact.effective);
        Some(back.max().unwrap_or(credit).max(credit))
    }

    /// The day of the credit by which an allocation, or that which a difference of the same day stands beside, settles.
    pub(crate) fn received_on(&self, number: u32) -> Option<i32> {
        self.allocation_beside(number).and_then(|(_, fact)| self.credit_day(fact))
    }

    fn credit_day(&self, fact: &AllocationFact) -> Option<i32> {
        let (piece, row) = self.store.documents.find(fact.credit)?;
        piece.effective.get(row).copied()
    }

    /// An allocation, or that which a difference of the same day stands beside; none of what a residual carries on.
    fn allocation_beside(&self, number: u32) -> Option<(u32, &AllocationFact)> {
        let store = &self.store;
        let fact = store.allocations.get(number)?;
        if !fact.is_difference() {
            return Some((number, fact));
        }
        let about = store.differences.of(number).next()?;
        let beside = store.allocations.get(about.beside)?;
        let is_beside = about.kind != DifferenceKind::Residual && beside.effective == fact.effective;
        is_beside.then_some((about.beside, beside))
    }

    /// The days on which allocations of a document, but for one, are taken back. One that was taken back later, before that was
    /// known, has come again on that later day.
    fn taken_back_of(&self, document: u32, except: u32) -> Vec<i32> {
        let mut changes: BTreeMap<(u32, i32), i64> = BTreeMap::new();
        for leg in self.counted_legs(document).into_iter().filter(|leg| leg.allocation != except) {
            let change = changes.entry((leg.allocation, leg.effective)).or_default();
            *change = change.saturating_add(leg.amount.signum());
        }
        let begins = |number: u32, day: i32| {
            let fact = self.store.allocations.get(number);
            i64::from(fact.is_some_and(|fact| fact.effective == day))
        };
        let ends = changes.into_iter().filter(|((number, day), change)| *change < begins(*number, *day));
        ends.map(|((_, day), _)| day).collect()
    }
}

/// What is settled of a document so far: by the instalment that is named, and the rest.
struct Standing {
    amount: Minor,
    named: Vec<(u32, i128)>,
    unnamed: i128,
}

impl Standing {
    fn add(&mut self, instalment: u32, amount: Minor) {
        let amount = i128::from(amount);
        match self.named.iter_mut().find(|(number, _)| *number == instalment) {
            _ if instalment == 0 => self.unnamed = self.unnamed.saturating_add(amount),
            Some((_, sum)) => *sum = sum.saturating_add(amount),
            None => self.named.push((instalment, amount)),
        }
    }

    fn settled(&self) -> Minor {
        let named = self.named.iter().fold(self.unnamed, |sum, (_, amount)| sum.saturating_add(*amount));
        Minor::try_from(named).unwrap_or(Minor::MAX)
    }
}
