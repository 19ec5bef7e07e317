//! Newest document first: document date falling, then document id and instalment, rising.

use std::cmp::Reverse;

use super::{by_key, document_date};
use crate::allocation::desk::Desk;

pub(in crate::allocation) fn order(desk: &Desk<'_>) -> Vec<u32> {
    by_key(desk, |debit| Reverse(document_date(desk, debit)))
}
