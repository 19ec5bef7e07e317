//! The credits and debits of one account while a proposal is made: who may pay, who may be paid, what each has left.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::filter::{Filter, document_amount, left_of_item};
use super::policy::{AllocationPolicy, CreditOrder};
use super::proposal::{Made, Reason};
use super::strategy::order::by_id;
use crate::ledger::View;
use crate::ledger::layers::{count, place};
use crate::ledger::settings::InstalmentSign;
use crate::money::Minor;

/// An open item that may pay or be paid, and what it has left. Amounts are above zero on both sides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side {
    pub item: u32,
    pub document: u32,
    pub left: Minor,
}

/// The candidates of one account at a time. Debits stand in due order (none last), then document id, then instalment: the order of
/// open items. Credits stand in the policy's credit order.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    pub view: &'a View,
    /// Each with the day it counts from.
    pub credits: Vec<(i32, Side)>,
    pub debits: Vec<Side>,
    /// Documents with items of both signs: what all of their items together have left.
    together: FxHashMap<u32, Minor>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(view: &'a View) -> Self {
        Self { view, credits: Vec::new(), debits: Vec::new(), together: FxHashMap::default() }
    }

    /// Lays out an account; false when it has no credit to apply.
    pub(super) fn lay_out(
        &mut self,
        policy: &AllocationPolicy,
        filter: &Filter,
        account: u32,
        items: Range<usize>,
    ) -> bool {
        self.credits.clear();
        self.debits.clear();
        self.together.clear();
        let view = self.view;
        let (Some(open), Some(documents)) =
            (view.items.open.get(items.clone()), view.items.document.get(items.clone()))
        else {
            return false;
        };
        let parts = view.store.account(account);
        let Some(currency) = view.store.currency(parts.currency) else { return false };
        if open.iter().all(|open| *open > 0) || !filter.lets_in(parts) {
            return false;
        }
        let limits = filter.limits(currency.exponent);
        let both_signs = view.store.settings.instalment_sign == InstalmentSign::Any;
        if both_signs {
            self.together = together(view, items.clone());
        }
        for ((item, open), document) in items.zip(open).zip(documents) {
            let side = Side { item: count(item), document: *document, left: left_of_item(view, item) };
            if side.left <= 0 || (both_signs && document_amount(view, *document).signum() != open.signum()) {
                continue;
            }
            if *open > 0 {
                if filter.takes_debit(view, item, limits) {
                    self.debits.push(side);
                }
            } else if filter.takes_credit(view, item, limits)
                && let Some((piece, row)) = view.store.documents.find(*document)
                && let (Some(kind), Some(effective)) = (piece.kind.get(row), piece.effective.get(row))
                && policy.credit_kinds.contains(kind)
            {
                self.credits.push((*effective, side));
            }
        }
        sort_credits(view, policy.credit_order, &mut self.credits);
        !self.credits.is_empty()
    }

    /// What a side may still give or take.
    pub(super) fn room(&self, side: &Side) -> Minor {
        if self.together.is_empty() {
            return side.left;
        }
        self.together.get(&side.document).map_or(side.left, |together| side.left.min(*together)).max(0)
    }

    pub(super) fn room_of_debit(&self, debit: u32) -> Minor {
        self.debits.get(place(debit)).map_or(0, |side| self.room(side))
    }

    pub(super) fn room_of_credit(&self, credit: usize) -> Minor {
        self.credits.get(credit).map_or(0, |(_, side)| self.room(side))
    }

    /// The debits that still have room, in due order.
    pub(super) fn live(&self) -> impl Iterator<Item = (u32, &Side)> {
        (0_u32..).zip(&self.debits).filter(|(_, side)| self.room(side) > 0)
    }

    /// Writes a line.
    pub(super) fn take(&mut self, credit: usize, debit: u32, amount: Minor, made: &mut Made) {
        let (Some((_, payer)), Some(paid)) = (self.credits.get_mut(credit), self.debits.get_mut(place(debit))) else {
            return;
        };
        made.line(payer.item, paid.item, amount);
        for side in [payer, paid] {
            side.left = side.left.saturating_sub(amount);
            if let Some(together) = self.together.get_mut(&side.document) {
                *together = together.saturating_sub(amount);
            }
        }
    }

    /// The other debits that a line on this one has closed: those of a document that has nothing left as a whole.
    pub(super) fn closed_with(&self, debit: u32) -> Vec<u32> {
        if self.together.is_empty() {
            return Vec::new();
        }
        let Some(document) = self.debits.get(place(debit)).map(|side| side.document) else { return Vec::new() };
        if self.together.get(&document).is_none_or(|together| *together > 0) {
            return Vec::new();
        }
        let others = (0_u32..).zip(&self.debits).filter(|(at, side)| *at != debit && side.document == document);
        others.map(|(at, _)| at).collect()
    }

    /// Whether no further line is possible.
    pub(super) fn is_done(&self) -> bool {
        self.credits.iter().all(|(_, credit)| self.room(credit) == 0) || self.live().next().is_none()
    }

    /// Writes down what stays on account, and why.
    pub(super) fn finish(&self, made: &mut Made) {
        let reason = if self.live().next().is_some() { Reason::NoMatch } else { Reason::NoOpenDebit };
        for (_, credit) in &self.credits {
            let left = self.room(credit);
            if left > 0 {
                made.unapplied(credit.item, left, reason);
            }
        }
    }
}

/// What all items of each document together have left.
pub(crate) fn together(view: &View, items: Range<usize>) -> FxHashMap<u32, Minor> {
    let mut sums: FxHashMap<u32, i128> = FxHashMap::default();
    let mut mixed: Vec<u32> = Vec::new();
    for item in items {
        let (Some(open), Some(document)) = (view.items.open.get(item), view.items.document.get(item)) else { continue };
        let left = i128::from(left_of_item(view, item));
        let own = document_amount(view, *document).signum() == open.signum();
        let sum = sums.entry(*document).or_insert(0);
        *sum = if own { sum.saturating_add(left) } else { sum.saturating_sub(left) };
        if !own {
            mixed.push(*document);
        }
    }
    let sum_of = |document: u32| sums.get(&document).map_or(0, |sum| Minor::try_from(*sum).unwrap_or(Minor::MAX));
    mixed.into_iter().map(|document| (document, sum_of(document))).collect()
}

/// By effective day, then document id and instalment, rising in both.
pub(super) fn sort_credits(view: &View, order: CreditOrder, credits: &mut [(i32, Side)]) {
    let ids = |side: &Side| (side.document, side.item);
    credits.sort_unstable_by(|a, b| order.compare(a.0, b.0).then_with(|| by_id(view, ids(&a.1), ids(&b.1))));
}
