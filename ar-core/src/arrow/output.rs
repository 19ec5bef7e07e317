//! Reports as record batches.
//!
//! **Money** is `decimal128(38, s)`, s the largest number of digits among the currencies of the answer, at least 2. **Days**
//! are `date32`. **Ratios** are `decimal128(38, s)` with their stated digits. Texts that repeat are dictionaries.

use std::sync::Arc;

use arrow_array::builder::{Date32Builder, Decimal128Builder, StringBuilder, StringDictionaryBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, Decimal128Array, Int32Array, RecordBatch, StringArray, UInt32Array, UInt64Array};
use arrow_schema::DataType;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::aging::{AgingItem, AgingReport, AgingRow, Difference};
use crate::allocation::{ProposalLine, UnappliedCredit};
use crate::calendar::Day;
use crate::item::OpenItem;
use crate::problem::{Problem, Refused};

/// Sums beyond 64 bits, in minor units like those within: whole numbers, of no digits after the point.
pub(super) fn whole_numbers(sums: Vec<i128>) -> ArrayRef {
    Arc::new(Decimal128Array::from(sums).with_data_type(DataType::Decimal128(38, 0)))
}

/// Columns of an answer, by name.
#[derive(Default)]
pub(super) struct Answer {
    columns: Vec<(String, ArrayRef)>,
}

impl Answer {
    pub(super) fn column(mut self, name: &str, array: ArrayRef) -> Self {
        self.columns.push((name.to_owned(), array));
        self
    }

    fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|(taken, _)| taken == name)
    }

    /// A name for a column that the user called `label`: with a word before it where another column has that name.
    fn free(&self, label: &str, word: &str, reserved: &[&str]) -> String {
        let mut name = label.to_owned();
        while self.has(&name) || reserved.contains(&name.as_str()) {
            name = format!("{word} {name}");
        }
        name
    }

    pub(super) fn batch(self) -> Result<RecordBatch, Refused> {
        let batch = RecordBatch::try_from_iter(self.columns);
        batch.map_err(|error| Problem::new("limit_exceeded", error.to_string()).into())
    }
}

pub(super) fn scale_of<'a>(amounts: impl Iterator<Item = &'a Decimal>) -> u32 {
    amounts.map(Decimal::scale).max().unwrap_or(2).clamp(2, 8)
}

pub(super) fn money<'a>(amounts: impl Iterator<Item = Option<&'a Decimal>>, scale: u32) -> Result<ArrayRef, Refused> {
    let mut builder = Decimal128Builder::new();
    for amount in amounts {
        builder.append_option(amount.map(|amount| {
            let missing = scale.saturating_sub(amount.scale());
            amount.mantissa().saturating_mul(10_i128.saturating_pow(missing))
        }));
    }
    let scale = i8::try_from(scale).unwrap_or(2);
    let array = builder.finish().with_precision_and_scale(38, scale);
    let array = array.map_err(|error| Problem::new("too_large", error.to_string()))?;
    Ok(Arc::new(array))
}

/// Ratios as they are written in rows, each with so many digits.
pub(super) fn ratios<'a>(texts: impl Iterator<Item = Option<&'a str>>, digits: u32) -> Result<ArrayRef, Refused> {
    let ratios: Vec<Option<Decimal>> = texts.map(|text| text.and_then(|text| text.parse().ok())).collect();
    money(ratios.iter().map(Option::as_ref), digits)
}

pub(super) fn dictionary<'a>(texts: impl Iterator<Item = &'a str>) -> ArrayRef {
    let mut builder: StringDictionaryBuilder<Int32Type> = StringDictionaryBuilder::new();
    for text in texts {
        builder.append_value(text);
    }
    Arc::new(builder.finish())
}

pub(super) fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(texts))
}

pub(super) fn optional_texts<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    let mut builder = StringBuilder::new();
    for text in texts {
        builder.append_option(text);
    }
    Arc::new(builder.finish())
}

pub(super) fn days(days: impl Iterator<Item = Option<NaiveDate>>) -> ArrayRef {
    let mut builder = Date32Builder::new();
    for day in days {
        builder.append_option(day.and_then(|day| Day::try_from(day).ok()).map(Day::number));
    }
    Arc::new(builder.finish())
}

/// Open items.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn open_items(items: &[OpenItem]) -> Result<RecordBatch, Refused> {
    let scale = scale_of(items.iter().map(|item| &item.open));
    let base = scale_of(items.iter().filter_map(|item| item.base_open.as_ref()));
    let mut answer = Answer::default();
    answer = answer.column("company", dictionary(items.iter().map(|item| item.company.as_str())));
    answer = answer.column("control_account", dictionary(items.iter().map(|item| item.control_account.as_str())));
    answer = answer.column("customer", dictionary(items.iter().map(|item| item.customer.as_str())));
    answer = answer.column("currency", dictionary(items.iter().map(|item| item.currency.as_str())));
    answer = answer.column("document", texts(items.iter().map(|item| item.document.as_str())));
    answer =
        answer.column("instalment", Arc::new(UInt32Array::from_iter_values(items.iter().map(|item| item.instalment))));
    answer = answer.column("kind", dictionary(items.iter().map(|item| item.kind.as_str())));
    answer = answer.column("document_date", days(items.iter().map(|item| Some(item.document_date))));
    answer = answer.column("due_date", days(items.iter().map(|item| item.due_date)));
    answer = answer.column("open", money(items.iter().map(|item| Some(&item.open)), scale)?);
    answer = answer.column("base_open", money(items.iter().map(|item| item.base_open.as_ref()), base)?);
    answer = answer.column("disputed", money(items.iter().map(|item| Some(&item.disputed)), scale)?);
    answer = answer.column("held", money(items.iter().map(|item| Some(&item.held)), scale)?);
    answer = answer.column("pending", money(items.iter().map(|item| Some(&item.pending)), scale)?);
    answer.batch()
}

/// The groups of an aging, or its totals: a column per key, per bucket and per column of the policy.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn aging_rows(report: &AgingReport, rows: &[AgingRow]) -> Result<RecordBatch, Refused> {
    let scale = scale_of(rows.iter().map(|row| &row.total));
    let mut answer = Answer::default();
    for (at, key) in report.by().iter().enumerate() {
        let is_grouped = rows.first().is_none_or(|row| row.by.len() == report.by().len());
        if is_grouped && !answer.has(key) {
            answer = answer.column(key, dictionary(rows.iter().map(|row| row.by.get(at).map_or("", String::as_str))));
        }
    }
    answer = answer.column("currency", dictionary(rows.iter().map(|row| row.currency.as_str())));
    for (at, label) in report.labels().iter().enumerate() {
        let name = answer.free(label, "bucket", AGING_FIGURES);
        answer = answer.column(&name, money(rows.iter().map(|row| row.buckets.get(at)), scale)?);
    }
    for (at, label) in report.column_labels().unwrap_or_default().iter().enumerate() {
        let name = answer.free(label, "column", AGING_FIGURES);
        let amounts = rows.iter().map(|row| row.columns.as_ref().and_then(|columns| columns.get(at)));
        answer = answer.column(&name, money(amounts, scale)?);
    }
    answer = answer.column("total", money(rows.iter().map(|row| Some(&row.total)), scale)?);
    answer = answer.column("disputed", money(rows.iter().map(|row| Some(&row.disputed)), scale)?);
    answer = answer.column("held", money(rows.iter().map(|row| Some(&row.held)), scale)?);
    answer = answer.column("unapplied", money(rows.iter().map(|row| Some(&row.unapplied)), scale)?);
    answer = answer.column("pending", money(rows.iter().map(|row| Some(&row.pending)), scale)?);
    answer = answer.column("items", Arc::new(UInt64Array::from_iter_values(rows.iter().map(|row| row.items))));
    answer = answer.column("share", ratios(rows.iter().map(|row| row.share.as_deref()), 4)?);
    answer = answer.column("average_age", ratios(rows.iter().map(|row| row.average_age.as_deref()), 2)?);
    answer.batch()
}

/// What stands beside the buckets of an aging.
const AGING_FIGURES: &[&str] = &["total", "disputed", "held", "unapplied", "pending", "items", "share", "average_age"];

/// The items of an aging, each with its bucket and rule.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn aging_items(items: &[AgingItem]) -> Result<RecordBatch, Refused> {
    let scale = scale_of(items.iter().map(|item| &item.open));
    let mut answer = Answer::default();
    answer = answer.column("document", texts(items.iter().map(|item| item.document.as_str())));
    answer =
        answer.column("instalment", Arc::new(UInt32Array::from_iter_values(items.iter().map(|item| item.instalment))));
    answer = answer.column("customer", dictionary(items.iter().map(|item| item.customer.as_str())));
    answer = answer.column("currency", dictionary(items.iter().map(|item| item.currency.as_str())));
    answer = answer.column("due_date", days(items.iter().map(|item| item.due_date)));
    answer = answer.column("basis_date", days(items.iter().map(|item| item.basis_date)));
    answer = answer.column("age", Arc::new(Int32Array::from_iter_values(items.iter().map(|item| item.age))));
    answer = answer.column("open", money(items.iter().map(|item| Some(&item.open)), scale)?);
    answer = answer.column("bucket", dictionary(items.iter().map(|item| item.bucket.as_str())));
    answer = answer.column("disputed", money(items.iter().map(|item| Some(&item.disputed)), scale)?);
    answer = answer.column("held", money(items.iter().map(|item| Some(&item.held)), scale)?);
    answer = answer.column("pending", money(items.iter().map(|item| Some(&item.pending)), scale)?);
    answer = answer.column("would_settle", money(items.iter().map(|item| Some(&item.would_settle)), scale)?);
    answer = answer.column("rule", dictionary(items.iter().map(|item| item.rule.as_str())));
    answer = answer.column("past_edge", Arc::new(Int32Array::from_iter(items.iter().map(|item| item.past_edge))));
    answer = answer.column("next_edge", Arc::new(Int32Array::from_iter(items.iter().map(|item| item.next_edge))));
    answer.batch()
}

/// The lines of a proposal, with what was left before each.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn proposal_lines(lines: &[ProposalLine]) -> Result<RecordBatch, Refused> {
    let scale = scale_of(lines.iter().map(|line| &line.amount));
    let mut answer = Answer::default();
    answer = answer.column("credit", texts(lines.iter().map(|line| line.credit.as_str())));
    answer = answer.column("debit", texts(lines.iter().map(|line| line.debit.as_str())));
    answer =
        answer.column("instalment", Arc::new(UInt32Array::from_iter_values(lines.iter().map(|line| line.instalment))));
    answer = answer.column("currency", dictionary(lines.iter().map(|line| line.currency.as_str())));
    answer = answer.column("amount", money(lines.iter().map(|line| Some(&line.amount)), scale)?);
    answer = answer.column("strategy", dictionary(lines.iter().map(|line| line.strategy.as_str())));
    answer = answer.column("credit_left", money(lines.iter().map(|line| Some(&line.credit_left)), scale)?);
    answer = answer.column("debit_left", money(lines.iter().map(|line| Some(&line.debit_left)), scale)?);
    answer.batch()
}

/// What stays on account.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn unapplied(credits: &[UnappliedCredit]) -> Result<RecordBatch, Refused> {
    let scale = scale_of(credits.iter().map(|credit| &credit.amount));
    let mut answer = Answer::default();
    answer = answer.column("credit", texts(credits.iter().map(|credit| credit.credit.as_str())));
    answer = answer.column("currency", dictionary(credits.iter().map(|credit| credit.currency.as_str())));
    answer = answer.column("amount", money(credits.iter().map(|credit| Some(&credit.amount)), scale)?);
    answer = answer.column("reason", dictionary(credits.iter().map(|credit| credit.reason.as_str())));
    answer.batch()
}

/// Where ledger and general ledger differ.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn differences(rows: &[Difference]) -> Result<RecordBatch, Refused> {
    let scale = scale_of(rows.iter().map(|row| &row.difference));
    let mut answer = Answer::default();
    answer = answer.column("company", dictionary(rows.iter().map(|row| row.company.as_str())));
    answer = answer.column("control_account", dictionary(rows.iter().map(|row| row.control_account.as_str())));
    answer = answer.column("currency", dictionary(rows.iter().map(|row| row.currency.as_str())));
    answer = answer.column("ledger", money(rows.iter().map(|row| Some(&row.ledger)), scale)?);
    answer = answer.column("control", money(rows.iter().map(|row| Some(&row.control)), scale)?);
    answer = answer.column("difference", money(rows.iter().map(|row| Some(&row.difference)), scale)?);
    answer.batch()
}
