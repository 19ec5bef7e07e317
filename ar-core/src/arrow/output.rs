//! Reports as record batches.
//!
//! **Money** is `decimal128(38, s)`, s the largest number of digits among the currencies of the answer, at least 2. **Days**
//! are `date32`. **Ratios** are text with their stated digits, as in rows. Texts that repeat are dictionaries.

use std::sync::Arc;

use arrow_array::builder::{Date32Builder, Decimal128Builder, StringBuilder, StringDictionaryBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, Int32Array, RecordBatch, StringArray, UInt32Array, UInt64Array};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::aging::{AgingItem, AgingReport, AgingRow, Difference};
use crate::allocation::{ProposalLine, UnappliedCredit};
use crate::calendar::Day;
use crate::item::OpenItem;
use crate::problem::{Problem, Refused};

fn batch(columns: Vec<(String, ArrayRef)>) -> Result<RecordBatch, Refused> {
    RecordBatch::try_from_iter(columns).map_err(|error| Problem::new("limit_exceeded", error.to_string()).into())
}

fn scale_of<'a>(amounts: impl Iterator<Item = &'a Decimal>) -> u32 {
    amounts.map(Decimal::scale).max().unwrap_or(2).clamp(2, 8)
}

fn money<'a>(amounts: impl Iterator<Item = Option<&'a Decimal>>, scale: u32) -> Result<ArrayRef, Refused> {
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

fn dictionary<'a>(texts: impl Iterator<Item = &'a str>) -> ArrayRef {
    let mut builder: StringDictionaryBuilder<Int32Type> = StringDictionaryBuilder::new();
    for text in texts {
        builder.append_value(text);
    }
    Arc::new(builder.finish())
}

fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(texts))
}

fn optional_texts<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    let mut builder = StringBuilder::new();
    for text in texts {
        builder.append_option(text);
    }
    Arc::new(builder.finish())
}

fn days(days: impl Iterator<Item = Option<NaiveDate>>) -> ArrayRef {
    let mut builder = Date32Builder::new();
    for day in days {
        builder.append_option(day.and_then(|day| Day::try_from(day).ok()).map(Day::number));
    }
    Arc::new(builder.finish())
}

macro_rules! column {
    ($columns:ident, $name:expr, $array:expr) => {
        $columns.push((($name).to_owned(), $array));
    };
}

/// Open items.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn open_items(items: &[OpenItem]) -> Result<RecordBatch, Refused> {
    let scale = scale_of(items.iter().map(|item| &item.open));
    let base = scale_of(items.iter().filter_map(|item| item.base_open.as_ref()));
    let mut columns = Vec::new();
    column!(columns, "company", dictionary(items.iter().map(|item| item.company.as_str())));
    column!(columns, "control_account", dictionary(items.iter().map(|item| item.control_account.as_str())));
    column!(columns, "customer", dictionary(items.iter().map(|item| item.customer.as_str())));
    column!(columns, "currency", dictionary(items.iter().map(|item| item.currency.as_str())));
    column!(columns, "document", texts(items.iter().map(|item| item.document.as_str())));
    column!(columns, "instalment", Arc::new(UInt32Array::from_iter_values(items.iter().map(|item| item.instalment))));
    column!(columns, "kind", dictionary(items.iter().map(|item| item.kind.as_str())));
    column!(columns, "document_date", days(items.iter().map(|item| Some(item.document_date))));
    column!(columns, "due_date", days(items.iter().map(|item| item.due_date)));
    column!(columns, "open", money(items.iter().map(|item| Some(&item.open)), scale)?);
    column!(columns, "base_open", money(items.iter().map(|item| item.base_open.as_ref()), base)?);
    column!(columns, "disputed", money(items.iter().map(|item| Some(&item.disputed)), scale)?);
    column!(columns, "held", money(items.iter().map(|item| Some(&item.held)), scale)?);
    column!(columns, "pending", money(items.iter().map(|item| Some(&item.pending)), scale)?);
    batch(columns)
}

/// The groups of an aging, or its totals: a column per key, per bucket and per column of the policy.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn aging_rows(report: &AgingReport, rows: &[AgingRow]) -> Result<RecordBatch, Refused> {
    let scale = scale_of(rows.iter().map(|row| &row.total));
    let mut columns = Vec::new();
    for (at, key) in report.by().iter().enumerate() {
        if rows.first().is_none_or(|row| row.by.len() == report.by().len()) {
            column!(columns, key, dictionary(rows.iter().map(|row| row.by.get(at).map_or("", String::as_str))));
        }
    }
    column!(columns, "currency", dictionary(rows.iter().map(|row| row.currency.as_str())));
    for (at, label) in report.labels().iter().enumerate() {
        column!(columns, label, money(rows.iter().map(|row| row.buckets.get(at)), scale)?);
    }
    for (at, label) in report.column_labels().unwrap_or_default().iter().enumerate() {
        let amounts = rows.iter().map(|row| row.columns.as_ref().and_then(|columns| columns.get(at)));
        column!(columns, label, money(amounts, scale)?);
    }
    column!(columns, "total", money(rows.iter().map(|row| Some(&row.total)), scale)?);
    column!(columns, "disputed", money(rows.iter().map(|row| Some(&row.disputed)), scale)?);
    column!(columns, "held", money(rows.iter().map(|row| Some(&row.held)), scale)?);
    column!(columns, "unapplied", money(rows.iter().map(|row| Some(&row.unapplied)), scale)?);
    column!(columns, "pending", money(rows.iter().map(|row| Some(&row.pending)), scale)?);
    column!(columns, "items", Arc::new(UInt64Array::from_iter_values(rows.iter().map(|row| row.items))));
    column!(columns, "share", optional_texts(rows.iter().map(|row| row.share.as_deref())));
    column!(columns, "average_age", optional_texts(rows.iter().map(|row| row.average_age.as_deref())));
    batch(columns)
}

/// The items of an aging, each with its bucket and rule.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn aging_items(items: &[AgingItem]) -> Result<RecordBatch, Refused> {
    let scale = scale_of(items.iter().map(|item| &item.open));
    let mut columns = Vec::new();
    column!(columns, "document", texts(items.iter().map(|item| item.document.as_str())));
    column!(columns, "instalment", Arc::new(UInt32Array::from_iter_values(items.iter().map(|item| item.instalment))));
    column!(columns, "customer", dictionary(items.iter().map(|item| item.customer.as_str())));
    column!(columns, "currency", dictionary(items.iter().map(|item| item.currency.as_str())));
    column!(columns, "due_date", days(items.iter().map(|item| item.due_date)));
    column!(columns, "basis_date", days(items.iter().map(|item| item.basis_date)));
    column!(columns, "age", Arc::new(Int32Array::from_iter_values(items.iter().map(|item| item.age))));
    column!(columns, "open", money(items.iter().map(|item| Some(&item.open)), scale)?);
    column!(columns, "bucket", dictionary(items.iter().map(|item| item.bucket.as_str())));
    column!(columns, "disputed", money(items.iter().map(|item| Some(&item.disputed)), scale)?);
    column!(columns, "held", money(items.iter().map(|item| Some(&item.held)), scale)?);
    column!(columns, "pending", money(items.iter().map(|item| Some(&item.pending)), scale)?);
    column!(columns, "would_settle", money(items.iter().map(|item| Some(&item.would_settle)), scale)?);
    column!(columns, "rule", dictionary(items.iter().map(|item| item.rule.as_str())));
    column!(columns, "past_edge", Arc::new(Int32Array::from_iter(items.iter().map(|item| item.past_edge))));
    column!(columns, "next_edge", Arc::new(Int32Array::from_iter(items.iter().map(|item| item.next_edge))));
    batch(columns)
}

/// The lines of a proposal.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn proposal_lines(lines: &[ProposalLine]) -> Result<RecordBatch, Refused> {
    let scale = scale_of(lines.iter().map(|line| &line.amount));
    let mut columns = Vec::new();
    column!(columns, "credit", texts(lines.iter().map(|line| line.credit.as_str())));
    column!(columns, "debit", texts(lines.iter().map(|line| line.debit.as_str())));
    column!(columns, "instalment", Arc::new(UInt32Array::from_iter_values(lines.iter().map(|line| line.instalment))));
    column!(columns, "currency", dictionary(lines.iter().map(|line| line.currency.as_str())));
    column!(columns, "amount", money(lines.iter().map(|line| Some(&line.amount)), scale)?);
    column!(columns, "strategy", dictionary(lines.iter().map(|line| line.strategy.as_str())));
    column!(columns, "credit_left", money(lines.iter().map(|line| Some(&line.credit_left)), scale)?);
    column!(columns, "debit_left", money(lines.iter().map(|line| Some(&line.debit_left)), scale)?);
    batch(columns)
}

/// What stays on account.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn unapplied(credits: &[UnappliedCredit]) -> Result<RecordBatch, Refused> {
    let scale = scale_of(credits.iter().map(|credit| &credit.amount));
    let mut columns = Vec::new();
    column!(columns, "credit", texts(credits.iter().map(|credit| credit.credit.as_str())));
    column!(columns, "currency", dictionary(credits.iter().map(|credit| credit.currency.as_str())));
    column!(columns, "amount", money(credits.iter().map(|credit| Some(&credit.amount)), scale)?);
    column!(columns, "reason", dictionary(credits.iter().map(|credit| credit.reason.as_str())));
    batch(columns)
}

/// Where ledger and general ledger differ.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn differences(rows: &[Difference]) -> Result<RecordBatch, Refused> {
    let scale = scale_of(rows.iter().map(|row| &row.difference));
    let mut columns = Vec::new();
    column!(columns, "company", dictionary(rows.iter().map(|row| row.company.as_str())));
    column!(columns, "control_account", dictionary(rows.iter().map(|row| row.control_account.as_str())));
    column!(columns, "currency", dictionary(rows.iter().map(|row| row.currency.as_str())));
    column!(columns, "ledger", money(rows.iter().map(|row| Some(&row.ledger)), scale)?);
    column!(columns, "control", money(rows.iter().map(|row| Some(&row.control)), scale)?);
    column!(columns, "difference", money(rows.iter().map(|row| Some(&row.difference)), scale)?);
    batch(columns)
}
