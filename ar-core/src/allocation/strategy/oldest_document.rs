//! Oldest document first, as ERPNext's first-in-first-out by posting: document date, then document id and instalment.

use super::{by_key, document_date};
use crate::allocation::desk::Desk;

pub(in crate::allocation) fn order(desk: &Desk<'_>) -> Vec<u32> {
    by_key(desk, |debit| document_date(desk, debit))
}
