//! What is an account owed, by kind, on a day? A look-up in sums that are kept layer by layer as facts come, so that the
//! answer for one customer does not cost more in a large ledger than in a small one.
//!
//! From the last day of a layer on the answer is one sum an account, side by side in memory; for a day before, the sums of
//! that layer are also kept by day, once somebody asks.

use std::sync::OnceLock;

use super::layers::place;
use super::store::{DocumentKind, Documents, Legs, Store};

/// How many kinds of balance an account has.
pub(crate) const KINDS: usize = 4;

/// Balances by kind: debits with journals, credit notes, payments, advances.
pub(crate) type Balances = [i128; KINDS];

/// The kind of balance that a document is part of.
pub(crate) fn kind_of(kind: DocumentKind) -> usize {
    match kind {
        DocumentKind::CreditNote => 1,
        DocumentKind::Payment => 2,
        DocumentKind::Advance => 3,
        DocumentKind::Invoice
        | DocumentKind::DebitNote
        | DocumentKind::Charge
        | DocumentKind::Refund
        | DocumentKind::Journal => 0,
    }
}

/// A change of a balance.
#[derive(Debug, Clone, Copy)]
struct Move {
    account: u32,
    kind: u8,
    effective: i32,
    amount: i64,
}

/// Sums of the moves of one layer: by account and kind, in the order of days.
#[derive(Debug, Default)]
pub(crate) struct Running {
    /// Accounts, sorted, and where the sums of each begin.
    accounts: Vec<u32>,
    starts: Vec<u32>,
    /// Kind and day, sorted within an account.
    keys: Vec<(u8, i32)>,
    /// Of the kind, up to and with the day.
    sums: Vec<i128>,
}

/// What each account has of one layer once all of it counts.
#[derive(Debug, Default)]
struct Closing {
    /// Sorted.
    accounts: Vec<u32>,
    balances: Vec<Balances>,
    /// By account the day from which some of it counts.
    firsts: Vec<i32>,
    /// The day from which all of it counts.
    last: i32,
}

/// Sums that a layer makes when they are first asked for.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    closing: OnceLock<Closing>,
    running: OnceLock<Running>,
}

impl Kept {
    fn closing<M: Iterator<Item = Move>>(&self, moves: impl Fn() -> M) -> &Closing {
        self.closing.get_or_init(|| Closing::of(moves()))
    }

    fn keep<M: Iterator<Item = Move>>(&self, moves: impl Fn() -> M, by_day: bool) {
        self.closing(&moves);
        if by_day {
            self.running.get_or_init(|| Running::of(moves().collect()));
        }
    }

    /// Adds what an account has on a day.
    fn add<M: Iterator<Item = Move>>(&self, account: u32, day: i32, moves: impl Fn() -> M, into: &mut Balances) {
        let closing = self.closing(&moves);
        if closing.last <= day {
            closing.add(account, into);
        } else {
            self.running.get_or_init(|| Running::of(moves().collect())).add(account, day, into);
        }
    }
}

impl Closing {
    fn of(moves: impl Iterator<Item = Move>) -> Self {
        let mut all = Self { last: i32::MIN, ..Self::default() };
        for it in moves {
            if all.accounts.last() != Some(&it.account) {
                all.accounts.push(it.account);
                all.balances.push(Balances::default());
                all.firsts.push(it.effective);
            }
            if let Some(first) = all.firsts.last_mut() {
                *first = (*first).min(it.effective);
            }
            let held = all.balances.last_mut().and_then(|held| held.get_mut(usize::from(it.kind)));
            if let Some(slot) = held {
                *slot = slot.saturating_add(it.amount.into());
            }
            all.last = all.last.max(it.effective);
        }
        if all.accounts.is_sorted() { all } else { all.sorted() }
    }

    /// Facts that were put together from several loads do not come account by account.
    fn sorted(self) -> Self {
        let held = self.accounts.into_iter().zip(self.balances).zip(self.firsts);
        let mut held: Vec<((u32, Balances), i32)> = held.collect();
        held.sort_by_key(|((account, _), _)| *account);
        let mut all = Self { last: self.last, ..Self::default() };
        for ((account, balances), first) in held {
            if all.accounts.last() == Some(&account)
                && let (Some(held), Some(held_first)) = (all.balances.last_mut(), all.firsts.last_mut())
            {
                plus(held, &balances);
                *held_first = first.min(*held_first);
            } else {
                all.accounts.push(account);
                all.balances.push(balances);
                all.firsts.push(first);
            }
        }
        all
    }

    /// Adds what an account has.
    fn add(&self, account: u32, into: &mut Balances) {
        if let Some(held) = self.held(account) {
            plus(into, held);
        }
    }

    /// What an account has.
    fn held(&self, account: u32) -> Option<&Balances> {
        // Accounts of one load lie side by side, so that the first place looked at is mostly the right one.
        let guess = self.accounts.first().and_then(|first| account.checked_sub(*first)).map_or(usize::MAX, place);
        let at = match self.accounts.get(guess) {
            Some(held) if *held == account => Some(guess),
            _ => self.accounts.binary_search(&account).ok(),
        };
        at.and_then(|at| self.balances.get(at))
    }
}

/// The sums of all layers once all that is known counts.
#[derive(Debug)]
pub(crate) struct Closings<'a>(Vec<&'a Closing>);

impl Closings<'_> {
    /// What an account is owed.
    pub(crate) fn of(&self, account: u32) -> Balances {
        let mut sum = Balances::default();
        self.0.iter().filter_map(|closing| closing.held(account)).for_each(|held| plus(&mut sum, held));
        sum
    }

    /// What some accounts are owed, layer by layer.
    pub(crate) fn of_some(&self, accounts: &[u32], into: &mut Vec<Balances>) {
        into.clear();
        into.resize(accounts.len(), Balances::default());
        for closing in &self.0 {
            for (account, sum) in accounts.iter().zip(into.iter_mut()) {
                if let Some(held) = closing.held(*account) {
                    plus(sum, held);
                }
            }
        }
    }
}

/// Sums of fewer than 2^32 amounts of 64 bits: none of 128 bits ever overflows.
fn plus(into: &mut Balances, more: &Balances) {
    for (slot, amount) in into.iter_mut().zip(more) {
        *slot = slot.wrapping_add(*amount);
    }
}

impl Running {
    fn of(mut moves: Vec<Move>) -> Self {
        moves.sort_unstable_by_key(|it| (it.account, it.kind, it.effective));
        let mut all = Self::default();
        let mut before: Option<(u32, u8, i32)> = None;
        for it in moves {
            if all.accounts.last() != Some(&it.account) {
                all.accounts.push(it.account);
                all.starts.push(super::layers::count(all.keys.len()));
            }
            let amount = i128::from(it.amount);
            match (before, all.sums.last().copied()) {
                (Some((account, kind, day)), Some(sum)) if (account, kind) == (it.account, it.kind) => {
                    if day == it.effective {
                        if let Some(last) = all.sums.last_mut() {
                            *last = last.saturating_add(amount);
                        }
                    } else {
                        all.keys.push((it.kind, it.effective));
                        all.sums.push(sum.saturating_add(amount));
                    }
                }
                _ => {
                    all.keys.push((it.kind, it.effective));
                    all.sums.push(amount);
                }
            }
            before = Some((it.account, it.kind, it.effective));
        }
        all.starts.push(super::layers::count(all.keys.len()));
        all
    }

    /// Adds what an account has on a day.
    fn add(&self, account: u32, day: i32, into: &mut Balances) {
        let Ok(at) = self.accounts.binary_search(&account) else { return };
        let start = |at: usize| self.starts.get(at).copied().map_or(0, place);
        let range = start(at)..start(at.saturating_add(1));
        let (Some(keys), Some(sums)) = (self.keys.get(range.clone()), self.sums.get(range)) else { return };
        for (kind, slot) in (0_u8..).zip(into.iter_mut()) {
            let until = keys.partition_point(|key| *key <= (kind, day));
            let last = until.checked_sub(1).filter(|last| keys.get(*last).is_some_and(|(held, _)| *held == kind));
            if let Some(sum) = last.and_then(|last| sums.get(last)) {
                *slot = slot.saturating_add(*sum);
            }
        }
    }
}

impl Store {
    /// The balances of an account on a day, with all that is known.
    pub(crate) fn balances(&self, account: u32, day: i32) -> Balances {
        let mut all = Balances::default();
        for piece in self.documents.iter() {
            piece.running.add(account, day, || of_documents(piece), &mut all);
        }
        for legs in self.legs.iter() {
            legs.running.add(account, day, || self.of_legs(legs), &mut all);
        }
        all
    }

    /// The sums by account of all layers; none when some of what is known counts after that day only.
    pub(crate) fn closings(&self, day: i32) -> Option<Closings<'_>> {
        let of_documents = self.documents.iter().map(|piece| piece.running.closing(|| of_documents(piece)));
        let of_legs = self.legs.iter().map(|legs| legs.running.closing(|| self.of_legs(legs)));
        let all: Vec<&Closing> = of_documents.chain(of_legs).collect();
        all.iter().all(|closing| closing.last <= day).then_some(Closings(all))
    }

    /// The accounts that have a document on a day, with all that is known; more than once where several layers have them.
    pub(crate) fn accounts_with_documents(&self, day: i32) -> impl Iterator<Item = u32> + '_ {
        self.documents.iter().flat_map(move |piece| {
            let closing = piece.running.closing(|| of_documents(piece));
            closing
                .accounts
                .iter()
                .zip(&closing.firsts)
                .filter(move |(_, first)| **first <= day)
                .map(|(account, _)| *account)
        })
    }

    /// Makes the balances that an earlier ledger kept of all layers that have none yet: an append pays for what it merged, and no
    /// question does.
    pub(crate) fn keep_balances_of(&self, earlier: &Self) {
        let kept = || {
            let of_documents = earlier.documents.iter().map(|piece| &piece.running);
            of_documents.chain(earlier.legs.iter().map(|legs| &legs.running))
        };
        if kept().all(|held| held.closing.get().is_none()) {
            return;
        }
        let by_day = kept().any(|held| held.running.get().is_some());
        for piece in self.documents.iter() {
            piece.running.keep(|| of_documents(piece), by_day);
        }
        for legs in self.legs.iter() {
            legs.running.keep(|| self.of_legs(legs), by_day);
        }
    }

    /// What settles moves the balance of its document's account.
    fn of_legs<'a>(&'a self, legs: &'a Legs) -> impl Iterator<Item = Move> + 'a {
        let columns = legs.document.iter().zip(&legs.effective).zip(&legs.amount);
        columns.filter_map(|((document, effective), amount)| {
            let (piece, row) = self.documents.find(*document)?;
            let below = *piece.amount.get(row)? < 0;
            Some(Move {
                account: *piece.account.get(row)?,
                kind: number(*piece.kind.get(row)?),
                effective: *effective,
                amount: if below { *amount } else { amount.saturating_neg() },
            })
        })
    }
}

fn of_documents(piece: &Documents) -> impl Iterator<Item = Move> + '_ {
    let columns = piece.account.iter().zip(&piece.kind).zip(&piece.effective).zip(&piece.amount);
    columns.map(|(((account, kind), effective), amount)| Move {
        account: *account,
        kind: number(*kind),
        effective: *effective,
        amount: *amount,
    })
}

fn number(kind: DocumentKind) -> u8 {
    u8::try_from(kind_of(kind)).unwrap_or(0)
}
