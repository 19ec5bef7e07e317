//! Oldest due first (FIFO, apply to oldest, Oracle's "apply to the oldest invoice first"): due date, none last, then
//! document id and instalment, which is the order of open items.

use super::order::Debit;

pub(crate) fn order(debits: impl Iterator<Item = Debit>) -> Vec<u32> {
    debits.map(|debit| debit.number).collect()
}
