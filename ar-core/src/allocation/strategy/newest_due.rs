//! Newest due first (LIFO): due date falling, none last, then document id and instalment, rising.

use std::cmp::Reverse;

use super::order::{Debit, by_key};
use crate::ledger::View;
use crate::ledger::store::NO_DAY;

pub(crate) fn order(view: &View, debits: impl Iterator<Item = Debit>) -> Vec<u32> {
    by_key(view, debits, |debit| {
        let due = debit.due_day(view);
        (due == NO_DAY, Reverse(due))
    })
}
