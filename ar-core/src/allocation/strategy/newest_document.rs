//! Newest document first: document date falling, then document id and instalment, rising.

use std::cmp::Reverse;

use super::order::{Debit, by_key};
use crate::ledger::View;

pub(crate) fn order(view: &View, debits: impl Iterator<Item = Debit>) -> Vec<u32> {
    by_key(view, debits, |debit| Reverse(debit.document_date(view)))
}
