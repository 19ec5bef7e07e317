//! What is an account owed, by kind, on a day? A look-up in sums that are kept layer by layer as facts come, so that the
//! answer for one customer does not cost more in a large ledger than in a small one.

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

/// Sums that a layer makes when they are first asked for.
#[derive(Debug, Default)]
pub(crate) struct Kept(OnceLock<Running>);

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
            piece.running.0.get_or_init(|| of_documents(piece)).add(account, day, &mut all);
        }
        for legs in self.legs.iter() {
            legs.running.0.get_or_init(|| self.of_legs(legs)).add(account, day, &mut all);
        }
        all
    }

    /// Whether somebody asked for balances.
    pub(crate) fn keeps_balances(&self) -> bool {
        self.documents.iter().any(|piece| piece.running.0.get().is_some())
    }

    /// Makes the sums of all layers that have none yet: an append pays for what it merged, and no question does.
    pub(crate) fn keep_balances(&self) {
        for piece in self.documents.iter() {
            piece.running.0.get_or_init(|| of_documents(piece));
        }
        for legs in self.legs.iter() {
            legs.running.0.get_or_init(|| self.of_legs(legs));
        }
    }

    /// What settles moves the balance of its document's account.
    fn of_legs(&self, legs: &Legs) -> Running {
        let columns = legs.document.iter().zip(&legs.effective).zip(&legs.amount);
        let moved = columns.filter_map(|((document, effective), amount)| {
            let (piece, row) = self.documents.find(*document)?;
            let below = *piece.amount.get(row)? < 0;
            Some(Move {
                account: *piece.account.get(row)?,
                kind: number(*piece.kind.get(row)?),
                effective: *effective,
                amount: if below { *amount } else { amount.saturating_neg() },
            })
        });
        Running::of(moved.collect())
    }
}

fn of_documents(piece: &Documents) -> Running {
    let columns = piece.account.iter().zip(&piece.kind).zip(&piece.effective).zip(&piece.amount);
    let moved = columns.map(|(((account, kind), effective), amount)| Move {
        account: *account,
        kind: number(*kind),
        effective: *effective,
        amount: *amount,
    });
    Running::of(moved.collect())
}

fn number(kind: DocumentKind) -> u8 {
    u8::try_from(kind_of(kind)).unwrap_or(0)
}
