//! Oldest due first and nothing else, over everything: one pass over sorted items, without a text and without a queue.
//!
//! The general way gives the same list (`tests/allocation/`); this one is for a whole ledger at once. Open items stand
//! in due order already, so an account is a merge of its debits with its credits in credit order.

use std::borrow::Cow;
use std::hint::select_unpredictable;

use super::desk::{Side, sort_credits};
use super::filter::{Filter, at, left_of_item};
use super::policy::{AllocationPolicy, CreditOrder, Partial, Strategy};
use super::proposal::{Made, Reason};
use crate::ledger::View;
use crate::ledger::layers::{count, place};
use crate::ledger::packed::Credit;
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
    let mut lines = Lines::with_room(view.items.len());
    let left = left_of_items(view);
    let accounts = view.store.accounts.in_one();
    let mut sides = Sides::default();
    let (runs, credits) = (view.items.runs(), view.credits());
    for run in view.runs_in_order() {
        let credits = credits.of_run(place(*run));
        let Some((account, items)) = runs.get(place(*run)).filter(|_| !credits.is_empty()) else { continue };
        let Some(parts) = at(&accounts, account).copied() else { continue };
        if !filter.lets_in(parts) {
            continue;
        }
        sides.queue_credits(view, policy, credits, &left);
        if sides.queue.is_empty() {
            continue;
        }
        let first = count(items.start);
        sides.take_debits(first, left.get(items).unwrap_or_default());
        made.pay_in(lines.count, parts.currency);
        sides.spend(&mut lines, &mut made);
    }
    made.take(lines.credit, lines.debit, lines.amount, lines.count);
    made
}

/// Lines in columns that are as long as is written next: the first `count` of them are made.
#[derive(Debug)]
struct Lines {
    credit: Vec<u32>,
    debit: Vec<u32>,
    amount: Vec<Minor>,
    count: usize,
}

impl Lines {
    fn with_room(most: usize) -> Self {
        let (credit, debit, amount) = (Vec::with_capacity(most), Vec::with_capacity(most), Vec::with_capacity(most));
        Self { credit, debit, amount, count: 0 }
    }

    /// Where the next lines are written, so many at most.
    fn next(&mut self, most: usize) -> impl Iterator<Item = ((&mut u32, &mut u32), &mut Minor)> {
        /// Lines that are laid out at once, so that accounts of few lines do not each lay out their own.
        const AHEAD: usize = 2048;
        let (from, to) = (self.count, self.count.saturating_add(most));
        if self.amount.len() < to {
            let length = to.saturating_add(AHEAD).min(self.amount.capacity().max(to));
            self.credit.resize(length, 0);
            self.debit.resize(length, 0);
            self.amount.resize(length, 0);
        }
        let credit = self.credit.get_mut(from..to).unwrap_or_default();
        let debit = self.debit.get_mut(from..to).unwrap_or_default();
        let amount = self.amount.get_mut(from..to).unwrap_or_default();
        credit.iter_mut().zip(debit).zip(amount)
    }
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
    /// Items and what they have left; the first `debits` of them count, and one of nothing follows.
    debit: Vec<(u32, Minor)>,
    debits: usize,
    /// The credits that may pay, in their order, each with the day it counts from.
    queue: Vec<(i32, Side)>,
}

impl Sides {
    /// Takes the items above zero, without a branch that nothing predicts.
    fn take_debits(&mut self, first: u32, left: &[Minor]) {
        let room = left.len().saturating_add(1);
        if self.debit.len() < room {
            self.debit.resize(room, (0, 0));
        }
        let debit = self.debit.get_mut(..room).unwrap_or_default();
        let mut debits = 0_usize;
        for (item, left) in (first..u32::MAX).zip(left) {
            if let Some(debit) = debit.get_mut(debits) {
                *debit = (item, *left);
            }
            debits = debits.wrapping_add(usize::from(*left > 0));
        }
        if let Some(end) = debit.get_mut(debits) {
            *end = (0, 0);
        }
        self.debits = debits;
    }

    /// Puts the credits of kinds that pay into their order. What has nothing left pays nothing.
    fn queue_credits(&mut self, view: &View, policy: &AllocationPolicy, credits: &[Credit], left: &[Minor]) {
        self.queue.clear();
        // Payments are due when they count, so that due order often is credit order already.
        let mut in_order = policy.credit_order == CreditOrder::OldestFirst;
        let mut last = (i32::MIN, i32::MIN);
        for credit in credits {
            let Credit { item, document, effective, kind } = *credit;
            if let (Some(left), Some(due)) = (at(left, item), at(&view.items.due, item))
                && *left < 0
                && policy.credit_kinds.contains(&kind)
            {
                // Of one day and one due date, items stand in the order of their ids.
                in_order &= effective > last.0 || (effective, *due) == last;
                last = (effective, *due);
                self.queue.push((effective, Side { item, document, left: left.saturating_neg() }));
            }
        }
        if !in_order {
            sort_credits(view, policy.credit_order, &mut self.queue);
        }
    }

    /// Merges the two queues: the smaller of what both heads have left is a line, and who has nothing left steps back. Which
    /// of them nothing predicts, so that there is no branch on it.
    fn spend(&mut self, lines: &mut Lines, made: &mut Made) {
        // A credit of nothing ends the queue, as a debit of nothing ends the debits.
        let credits = self.queue.len();
        self.queue.push((0, Side { item: 0, document: 0, left: 0 }));
        let debits = self.debit.get(..=self.debits).unwrap_or_default();
        let (mut debit, mut credit, mut written) = (0_usize, 0_usize, 0_usize);
        let mut due = debits.first().map_or(0, |(_, due)| *due);
        let mut money = self.queue.first().map_or(0, |(_, payer)| payer.left);
        for ((to_credit, to_debit), to_amount) in lines.next(self.debits.saturating_add(credits)) {
            let (Some([(item, _), (_, next_due)]), Some([(_, payer), (_, next_payer)])) =
                (two(debits, debit), two(&self.queue, credit))
            else {
                break;
            };
            let amount = money.min(due);
            (*to_credit, *to_debit, *to_amount) = (payer.item, *item, amount);
            written = written.wrapping_add(1);
            // Neither wraps: both are at least the amount, which is above zero.
            let (rest_due, rest_money) = (due.wrapping_sub(amount), money.wrapping_sub(amount));
            due = select_unpredictable(rest_due == 0, *next_due, rest_due);
            money = select_unpredictable(rest_money == 0, next_payer.left, rest_money);
            debit = debit.wrapping_add(usize::from(rest_due == 0));
            credit = credit.wrapping_add(usize::from(rest_money == 0));
        }
        lines.count = lines.count.saturating_add(written);
        // Money is left only when no debit is: of the credit at the head what it did not spend, of the others all.
        let unspent = self.queue.get(credit..credits).unwrap_or_default();
        for (at, (_, payer)) in unspent.iter().enumerate() {
            made.unapplied(payer.item, if at == 0 { money } else { payer.left }, Reason::NoOpenDebit);
        }
    }
}

/// The value at a place and the one after it; nothing at the last.
fn two<T>(values: &[T], at: usize) -> Option<&[T; 2]> {
    values.get(at..).and_then(<[T]>::first_chunk)
}
