//! Oldest due first and nothing else, over everything: one pass over sorted items, without a text and without a queue.
//!
//! The general way gives the same list (`tests/allocation/`); this one is for a whole ledger at once. Open items stand
//! in due order already, so an account is a merge of its debits with its credits in credit order.

use super::desk::{Side, sort_credits};
use super::filter::{Filter, at, left_of_item};
use super::policy::{AllocationPolicy, CreditOrder, Partial, Strategy};
use super::proposal::{Made, Reason};
use crate::ledger::View;
use crate::ledger::layers::{count, place};
use crate::ledger::settings::InstalmentSign;
use crate::ledger::store::DocumentKind;
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
    let spoken_for = !view.marks().spoken_for.is_empty();
    let all_pay = DocumentKind::ALL.iter().filter(|kind| kind.takes(-1)).all(|kind| policy.credit_kinds.contains(kind));
    let mut sides = Sides::default();
    for (account, items) in view.accounts_in_order() {
        let Some(open) = view.items.open.get(items.clone()) else { continue };
        let first = count(items.start);
        sides.part(first, open);
        if sides.credits == 0 || !filter.lets_in(view.store.account(account)) {
            continue;
        }
        if !all_pay {
            sides.keep_paying(view, &policy.credit_kinds);
        }
        if spoken_for {
            sides.take_off_spoken_for(view);
        }
        sides.sort_credits(view, policy.credit_order);
        sides.spend(&mut made);
    }
    made
}

/// The debits and credits of one account; memory that every account uses again.
#[derive(Debug, Default)]
struct Sides {
    /// Item, and what it has left; the first `debits` of them count.
    debit: Vec<(u32, Minor)>,
    debits: usize,
    /// The first `credits` of them count.
    credit: Vec<(u32, Minor)>,
    credits: usize,
    sorted: Vec<(i32, Side)>,
}

impl Sides {
    /// Parts items by sign, without a branch that nothing predicts.
    fn part(&mut self, first: u32, open: &[Minor]) {
        if self.debit.len() < open.len() {
            self.debit.resize(open.len(), (0, 0));
            self.credit.resize(open.len(), (0, 0));
        }
        (self.debits, self.credits) = (0, 0);
        for (item, open) in (first..u32::MAX).zip(open) {
            if let (Some(debit), Some(credit)) = (self.debit.get_mut(self.debits), self.credit.get_mut(self.credits)) {
                *debit = (item, *open);
                *credit = (item, open.saturating_neg());
            }
            self.debits = self.debits.wrapping_add(usize::from(*open > 0));
            self.credits = self.credits.wrapping_add(usize::from(*open < 0));
        }
    }

    /// Leaves only the credits of these kinds.
    fn keep_paying(&mut self, view: &View, kinds: &[DocumentKind]) {
        let mut kept = 0_usize;
        for from in 0..self.credits {
            let Some((item, left)) = self.credit.get(from).copied() else { break };
            let kind = view.document_row(place(item)).and_then(|(piece, row)| piece.kind.get(row));
            if kind.is_some_and(|kind| kinds.contains(kind))
                && let Some(slot) = self.credit.get_mut(kept)
            {
                *slot = (item, left);
                kept = kept.saturating_add(1);
            }
        }
        self.credits = kept;
    }

    /// Takes off what later days need; an item with nothing left is none.
    fn take_off_spoken_for(&mut self, view: &View) {
        self.debits = off_spoken_for(view, &mut self.debit, self.debits);
        self.credits = off_spoken_for(view, &mut self.credit, self.credits);
    }

    fn sort_credits(&mut self, view: &View, order: CreditOrder) {
        self.sorted.clear();
        for (item, left) in self.credit.iter().take(self.credits) {
            let Some(document) = at(&view.items.document, *item).copied() else { continue };
            let effective = view.store.documents.find(document).and_then(|(piece, row)| piece.effective.get(row));
            self.sorted.push((effective.copied().unwrap_or(0), Side { item: *item, document, left: *left }));
        }
        if self.sorted.len() > 1 {
            sort_credits(view, order, &mut self.sorted);
        }
    }

    /// Merges the two queues.
    fn spend(&mut self, made: &mut Made) {
        let mut debits = self.debit.iter().take(self.debits).copied();
        let mut debit = debits.next();
        for (_, credit) in &mut self.sorted {
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
        for (_, credit) in self.sorted.iter().filter(|(_, credit)| credit.left > 0) {
            made.unapplied(credit.item, credit.left, reason);
        }
    }
}

/// Lowers the first sides by what later days need and moves those with anything left to the front: how many they are.
fn off_spoken_for(view: &View, sides: &mut [(u32, Minor)], many: usize) -> usize {
    let mut kept = 0_usize;
    for from in 0..many {
        let Some((item, _)) = sides.get(from).copied() else { break };
        let left = left_of_item(view, place(item));
        if let Some(slot) = sides.get_mut(kept) {
            *slot = (item, left);
        }
        kept = kept.wrapping_add(usize::from(left > 0));
    }
    kept
}
