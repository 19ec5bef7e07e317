//! Newest due first (LIFO): due date falling, none last, then document id and instalment, rising.

use std::cmp::Reverse;

use super::{by_key, due_day};
use crate::allocation::desk::Desk;
use crate::ledger::store::NO_DAY;

pub(in crate::allocation) fn order(desk: &Desk<'_>) -> Vec<u32> {
    by_key(desk, |debit| {
        let due = due_day(desk, debit);
        (due == NO_DAY, Reverse(due))
    })
}
