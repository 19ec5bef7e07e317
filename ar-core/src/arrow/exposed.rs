//! Exposures as record batches; money and texts as in [`output`](super::output), percentages as text.

use arrow_array::RecordBatch;

use super::output::optional_texts;
use super::settled::Rows;
use crate::credit::{ExposureRow, ExposureTotal};
use crate::problem::Refused;

/// The rows of an exposure report.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn exposure_rows(rows: &[ExposureRow]) -> Result<RecordBatch, Refused> {
    Rows::of(rows)
        .word("customer", |row| &row.customer)
        .word("currency", |row| &row.currency)
        .amount("open_items", |row| Some(&row.open_items))?
        .amount("credit_notes", |row| Some(&row.credit_notes))?
        .amount("unapplied", |row| Some(&row.unapplied))?
        .amount("prepayments", |row| Some(&row.prepayments))?
        .amount("deliveries", |row| Some(&row.deliveries))?
        .amount("orders", |row| Some(&row.orders))?
        .amount("drafts", |row| Some(&row.drafts))?
        .amount("guarantees", |row| Some(&row.guarantees))?
        .amount("insurance", |row| Some(&row.insurance))?
        .amount("exposure", |row| Some(&row.exposure))?
        .amount("limit", |row| row.limit.as_ref())?
        .amount("headroom", |row| row.headroom.as_ref())?
        .add("used", optional_texts(rows.iter().map(|row| row.used.as_deref())))
        .batch()
}

/// The totals of an exposure report.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn exposure_totals(totals: &[ExposureTotal]) -> Result<RecordBatch, Refused> {
    Rows::of(totals)
        .word("currency", |total| &total.currency)
        .count("customers", |total| total.customers)
        .amount("open_items", |total| Some(&total.open_items))?
        .amount("credit_notes", |total| Some(&total.credit_notes))?
        .amount("unapplied", |total| Some(&total.unapplied))?
        .amount("prepayments", |total| Some(&total.prepayments))?
        .amount("deliveries", |total| Some(&total.deliveries))?
        .amount("orders", |total| Some(&total.orders))?
        .amount("drafts", |total| Some(&total.drafts))?
        .amount("guarantees", |total| Some(&total.guarantees))?
        .amount("insurance", |total| Some(&total.insurance))?
        .amount("exposure", |total| Some(&total.exposure))?
        .batch()
}
