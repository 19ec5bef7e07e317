//! Oldest due first (FIFO, apply to oldest, Oracle's "apply to the oldest invoice first"): due date, none last, then
//! document id and instalment, which is the order of open items.

use crate::allocation::desk::Desk;

pub(in crate::allocation) fn order(desk: &Desk<'_>) -> Vec<u32> {
    desk.live().map(|(debit, _)| debit).collect()
}
