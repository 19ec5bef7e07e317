//! Oldest document first, as ERPNext's first-in-first-out by posting: document date, then document id and instalment.

use super::order::{Debit, by_key};
use crate::ledger::View;

pub(crate) fn order(view: &View, debits: impl Iterator<Item = Debit>) -> Vec<u32> {
    by_key(view, debits, |debit| debit.document_date(view))
}
