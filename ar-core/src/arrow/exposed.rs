//! Exposures as record batches; money and texts as in [`output`](super::output), percentages as text.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_buffer::{NullBuffer, ScalarBuffer};

use super::cells::{Dictionaries, repeated};
use super::in_place::{decimals, in_place};
use super::output::{Answer, optional_texts};
use super::settled::Rows;
use crate::credit::{ExposureColumn, ExposureReport, ExposureTotal};
use crate::problem::Refused;

/// The rows of an exposure report: amounts without a copy where all rows have the same digits. `dictionaries` are those of its ledger.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold, or more than 255 currencies.
pub fn exposure_rows(report: &ExposureReport, dictionaries: &Dictionaries) -> Result<RecordBatch, Refused> {
    let shown = Shown::of(report);
    let currency = repeated(report.currencies(), |number| report.coin(number).0.to_owned())?;
    let limited = report.is_limited();
    let is_known = || Some(if limited.is_empty() { NullBuffer::new_null(report.len()) } else { limited.into() });
    let mut answer =
        Answer::default().column("customer", dictionaries.column(report.customers())?).column("currency", currency);
    for (place, name) in ExposureReport::PARTS {
        answer = answer.column(name, shown.column(ExposureColumn::Part(place), None)?);
    }
    let used: ArrayRef = if limited.is_empty() {
        Arc::new(StringArray::new_null(report.len()))
    } else {
        optional_texts(report.used().iter().map(Option::as_deref))
    };
    answer
        .column("exposure", shown.column(ExposureColumn::Exposure, None)?)
        .column("limit", shown.column(ExposureColumn::Limit, is_known())?)
        .column("headroom", shown.headroom(is_known())?)
        .column("used", used)
        .batch()
}

/// The amounts of a report's rows at the scale of their column.
struct Shown<'a> {
    report: &'a ExposureReport,
    /// By row the digits that its currency lacks; empty where none lacks any.
    lacking: Vec<u8>,
    scale: u8,
    /// So many zeros, shared by all columns without an amount.
    zeros: ScalarBuffer<i128>,
}

impl<'a> Shown<'a> {
    fn of(report: &'a ExposureReport) -> Self {
        let digits = |number: &u32| report.coin(*number).1;
        let all = report.currencies();
        let scale = report.coins().map(|(_, digits)| digits).max().unwrap_or(2).clamp(2, 8);
        let lacking = if report.coins().any(|(_, digits)| digits != scale) {
            all.iter().map(|number| scale.saturating_sub(digits(number))).collect()
        } else {
            Vec::new()
        };
        Self { report, lacking, scale, zeros: vec![0_i128; all.len()].into() }
    }

    fn column(&self, column: ExposureColumn, known: Option<NullBuffer>) -> Result<ArrayRef, Refused> {
        let amounts = self.report.amounts(column);
        if amounts.as_ref().is_empty() {
            return self.array(self.zeros.clone(), known);
        }
        if self.lacking.is_empty() {
            return self.array(in_place(amounts), known);
        }
        let raised = self.raised(amounts.as_ref().iter().copied());
        self.array(raised, known)
    }

    /// What is left of each limit.
    fn headroom(&self, known: Option<NullBuffer>) -> Result<ArrayRef, Refused> {
        let (limit, exposure) =
            (self.report.amounts(ExposureColumn::Limit), self.report.amounts(ExposureColumn::Exposure));
        if limit.as_ref().is_empty() {
            return self.array(self.zeros.clone(), known);
        }
        let left = limit.as_ref().iter().zip(exposure.as_ref()).map(|(limit, used)| limit.saturating_sub(*used));
        self.array(self.raised(left), known)
    }

    fn raised(&self, amounts: impl Iterator<Item = i128>) -> ScalarBuffer<i128> {
        let lacking = self.lacking.iter().copied().chain(std::iter::repeat(0));
        let raised = amounts.zip(lacking).map(|(amount, lacking)| match lacking {
            0 => amount,
            lacking => amount.saturating_mul(10_i128.saturating_pow(lacking.into())),
        });
        raised.collect::<Vec<i128>>().into()
    }

    fn array(&self, units: ScalarBuffer<i128>, known: Option<NullBuffer>) -> Result<ArrayRef, Refused> {
        decimals(units, known, self.scale)
    }
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
