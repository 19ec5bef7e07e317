//! Oldest due first and nothing else, over everything: one pass over sorted items, without a text and without a queue.
//!
//! The general way gives the same list (`tests/allocation/`); this one is for a whole ledger at once. Open items stand
//! in due order already, so an account is a merge of its debits with its credits in credit order.

use std::borrow::Cow;

use super::desk::{Side, sort_credits};
use super::filter::{Filter, at, left_of_item};
use super::policy::{AllocationPolicy, Partial, Strategy};
use super::proposal::{Made, Reason};
use crate::ledger::View;
use crate::ledger::layers::count;
use crate::ledger::settings::InstalmentSign;
use crate::money::Minor;

/// Whether the pass gives what the policy asks for.
pub(super) fn can(view: &View, policy: &AllocationPolicy, filter: &Filter) -> bool {
    policy.strategies.iter().all(|strategy| *strategy == Strategy::OldestDue)
        && policy.partial == Partial::Allowed
        && !filter.looks_at_items()
        && view.store.settings.instalment_sign == InstalmentSign::Same
}

/// The lines and what stays on account.
pub(super) fn made(view: &View, policy: &AllocationPolicy, filter: &Filter) -> Made {
    let mut made = Made::default();
    made.begin(Strategy::OldestDue);
    // Each line exhausts a debit or a credit: never more than there are items.
    made.reserve(view.items.len());
    let left = left_of_items(view);
    let mut sides = Sides::default();
    for (account, items) in view.accounts_in_order() {
        let first = count(items.start);
        sides.part(first, left.get(items).unwrap_or_default());
        if sides.credits == 0 || !filter.lets_in(view.store.account(account)) {
            continue;
        }
        sides.queue_credits(view, policy, &left);
        sides.spend(&left, &mut made);
    }
    made
}

/// By item what it has left, with its sign: what later days need is taken off.
fn left_of_items(view: &View) -> Cow<'_, [Minor]> {
    let open = &view.items.open;
    if view.marks().spoken_for.is_empty() {
        return Cow::Borrowed(open);
    }
    let left = |item: usize, open: Minor| open.signum().saturating_mul(left_of_item(view, item).max(0));
    Cow::Owned(open.iter().enumerate().map(|(item, open)| left(item, *open)).collect())
}

/// The debits and credits of one account; memory that every account uses again.
#[derive(Debug, Default)]
struct Sides {
    /// Items; the first `debits` of them count.
    debit: Vec<u32>,
    debits: usize,
    /// The first `credits` of them count.
    credit: Vec<u32>,
    credits: usize,
    /// The credits that may pay, in their order, each with the day it counts from.
    queue: Vec<(i32, Side)>,
}

impl Sides {
    /// Parts items by sign, without a branch that nothing predicts. What has nothing left is on neither side.
    fn part(&mut self, first: u32, left: &[Minor]) {
        if self.debit.len() < left.len() {
            self.debit.resize(left.len(), 0);
            self.credit.resize(left.len(), 0);
        }
        let (mut debits, mut credits) = (0_usize, 0_usize);
        for (item, left) in (first..u32::MAX).zip(left) {
            if let (Some(debit), Some(credit)) = (self.debit.get_mut(debits), self.credit.get_mut(credits)) {
                (*debit, *credit) = (item, item);
            }
            debits = debits.wrapping_add(usize::from(*left > 0));
            credits = credits.wrapping_add(usize::from(*left < 0));
        }
        (self.debits, self.credits) = (debits, credits);
    }

    /// Puts the credits of kinds that pay into their order.
    fn queue_credits(&mut self, view: &View, policy: &AllocationPolicy, left: &[Minor]) {
        self.queue.clear();
        for item in self.credit.iter().take(self.credits) {
            let found = at(&view.items.document, *item).and_then(|document| {
                let (piece, row) = view.store.documents.find(*document)?;
                Some((*document, *piece.kind.get(row)?, *piece.effective.get(row)?))
            });
            if let (Some((document, kind, effective)), Some(left)) = (found, at(left, *item))
                && policy.credit_kinds.contains(&kind)
            {
                self.queue.push((effective, Side { item: *item, document, left: left.saturating_neg() }));
            }
        }
        if self.queue.len() > 1 {
            sort_credits(view, policy.credit_order, &mut self.queue);
        }
    }

    /// Merges the two queues.
    fn spend(&mut self, left: &[Minor], made: &mut Made) {
        let debits = self.debit.iter().take(self.debits);
        let mut debits = debits.map(|item| (*item, at(left, *item).copied().unwrap_or(0)));
        let mut debit = debits.next();
        for (_, credit) in &mut self.queue {
            while let Some((item, due)) = debit {
                let amount = credit.left.min(due);
                made.line(credit.item, item, amount);
                // Neither wraps: both are at least the amount, which is above zero.
                credit.left = credit.left.wrapping_sub(amount);
                let rest = due.wrapping_sub(amount);
                debit = if rest > 0 { Some((item, rest)) } else { debits.next() };
                if credit.left == 0 {
                    break;
                }
            }
        }
        let reason = if debit.is_some() { Reason::NoMatch } else { Reason::NoOpenDebit };
        for (_, credit) in self.queue.iter().filter(|(_, credit)| credit.left > 0) {
            made.unapplied(credit.item, credit.left, reason);
        }
    }
}
