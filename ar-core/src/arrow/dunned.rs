//! Dunning runs, simulations, comparisons and audits as record batches; money, days and texts as in [`output`](super::output).
//!
//! A notice has its number, from 0, under `notice`: its lines have the same one.

use std::sync::Arc;

use arrow_array::builder::{Decimal128Builder, ListBuilder, StringBuilder, StructBuilder};
use arrow_array::{ArrayRef, Int32Array, RecordBatch};
use arrow_schema::{DataType, Field, Fields};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::output::{days, scale_of};
use super::settled::Rows;
use crate::dunning::{
    AuditRow, ChargeTotal, ComparedCustomer, DunningEvent, DunningLine, DunningNotice, PaidAlready, SimulatedDay,
    SimulatedNotice, SimulatedTotal, SkippedItem, Warning,
};
use crate::problem::{Problem, Refused};

/// A notice, its number, and its day where there are several.
struct Numbered<'a> {
    number: u32,
    day: Option<NaiveDate>,
    notice: &'a DunningNotice,
}

/// A line of a notice.
struct NumberedLine<'a> {
    of: &'a Numbered<'a>,
    line: &'a DunningLine,
}

fn numbered<'a>(
    notices: impl Iterator<Item = (Option<NaiveDate>, &'a DunningNotice)>,
) -> Result<Vec<Numbered<'a>>, Refused> {
    let number = |at: usize| {
        u32::try_from(at).map_err(|_| Problem::new("limit_exceeded", "expected fewer notices in one table"))
    };
    let all = notices.enumerate().map(|(at, (day, notice))| Ok(Numbered { number: number(at)?, day, notice }));
    all.collect()
}

/// The notices of a run, without their lines.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn dunning_notices(notices: &[DunningNotice]) -> Result<RecordBatch, Refused> {
    let all = numbered(notices.iter().map(|notice| (None, notice)))?;
    rest_of_notices(Rows::of(&all).number("notice", |row| row.number), &all)
}

/// The notices of a simulation, without their lines.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn simulated_notices(notices: &[SimulatedNotice]) -> Result<RecordBatch, Refused> {
    let all = numbered(notices.iter().map(|row| (Some(row.day), &row.notice)))?;
    let rows = Rows::of(&all).number("notice", |row| row.number);
    rest_of_notices(rows.add("day", days(all.iter().map(|row| row.day))), &all)
}

fn rest_of_notices<'a>(rows: Rows<'a, Numbered<'a>>, all: &'a [Numbered<'a>]) -> Result<RecordBatch, Refused> {
    rows.word("company", |row| &row.notice.company)
        .text("customer", |row| &row.notice.customer)
        .word("currency", |row| &row.notice.currency)
        .word("procedure", |row| &row.notice.procedure)
        .number("level", |row| row.notice.level)
        .word("name", |row| &row.notice.name)
        .word("tone", |row| &row.notice.tone)
        .word("template", |row| &row.notice.template)
        .word("channel", |row| &row.notice.channel)
        .text("contact", |row| &row.notice.contact)
        .word("language", |row| &row.notice.language)
        .word("hand_over", |row| &row.notice.hand_over)
        .add("due_date", days(all.iter().map(|row| row.notice.due_date)))
        .add("next_date", days(all.iter().map(|row| row.notice.next_date)))
        .amount("claims", |row| Some(&row.notice.claims))?
        .amount("fee", |row| Some(&row.notice.fee))?
        .amount("fee_tax", |row| Some(&row.notice.fee_tax))?
        .amount("line_fees", |row| Some(&row.notice.line_fees))?
        .amount("interest", |row| Some(&row.notice.interest))?
        .amount("compensation", |row| Some(&row.notice.compensation))?
        .amount("total", |row| Some(&row.notice.total))?
        .batch()
}

/// The lines of the notices of a run, in the currency of their notice, which has its own column.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn dunning_lines(notices: &[DunningNotice]) -> Result<RecordBatch, Refused> {
    let all = numbered(notices.iter().map(|notice| (None, notice)))?;
    let lines = lines_of(&all);
    rest_of_lines(Rows::of(&lines).number("notice", |row| row.of.number), &lines)
}

/// The lines of the notices of a simulation.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn simulated_lines(notices: &[SimulatedNotice]) -> Result<RecordBatch, Refused> {
    let all = numbered(notices.iter().map(|row| (Some(row.day), &row.notice)))?;
    let lines = lines_of(&all);
    let rows = Rows::of(&lines).number("notice", |row| row.of.number);
    rest_of_lines(rows.add("day", days(lines.iter().map(|row| row.of.day))), &lines)
}

fn lines_of<'a>(all: &'a [Numbered<'a>]) -> Vec<NumberedLine<'a>> {
    all.iter().flat_map(|of| of.notice.lines.iter().map(move |line| NumberedLine { of, line })).collect()
}

fn rest_of_lines<'a>(rows: Rows<'a, NumberedLine<'a>>, lines: &'a [NumberedLine<'a>]) -> Result<RecordBatch, Refused> {
    let late: ArrayRef = Arc::new(lines.iter().map(|row| row.line.days).collect::<Int32Array>());
    rows.word("currency", |row| &row.of.notice.currency)
        .text("customer", |row| &row.line.customer)
        .text("document", |row| &row.line.document)
        .number("instalment", |row| row.line.instalment)
        .add("due_date", days(lines.iter().map(|row| row.line.due_date)))
        .add("days", late)
        .amount("open", |row| Some(&row.line.open))?
        .amount("amount", |row| Some(&row.line.amount))?
        .number("level", |row| row.line.level)
        .number("previous", |row| row.line.previous)
        .amount("line_fee", |row| Some(&row.line.line_fee))?
        .amount("line_fee_tax", |row| Some(&row.line.line_fee_tax))?
        .amount("interest", |row| Some(&row.line.interest))?
        .amount("compensation", |row| Some(&row.line.compensation))?
        .add("interest_until", days(lines.iter().map(|row| row.line.interest_until)))
        .batch()
}

/// What a run skipped.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn skipped_items(items: &[SkippedItem]) -> Result<RecordBatch, Refused> {
    Rows::of(items)
        .text("customer", |item| &item.customer)
        .text("document", |item| &item.document)
        .number("instalment", |item| item.instalment)
        .word("currency", |item| &item.currency)
        .amount("open", |item| Some(&item.open))?
        .word("reason", |item| &item.reason)
        .text("detail", |item| &item.detail)
        .add("until", days(items.iter().map(|item| item.until)))
        .batch()
}

/// What happened that a policy has a trigger for.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn dunning_events(events: &[DunningEvent]) -> Result<RecordBatch, Refused> {
    Rows::of(events)
        .word("trigger", |event| &event.trigger)
        .text("key", |event| &event.key)
        .text("customer", |event| &event.customer)
        .text("document", |event| &event.document)
        .number("instalment", |event| event.instalment)
        .add("day", days(events.iter().map(|event| Some(event.day))))
        .word("action", |event| &event.action)
        .word("channel", |event| &event.channel)
        .word("template", |event| &event.template)
        .batch()
}

/// The days of a simulation on which something was sent.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn simulated_days(rows: &[SimulatedDay]) -> Result<RecordBatch, Refused> {
    Rows::of(rows)
        .add("day", days(rows.iter().map(|row| Some(row.day))))
        .count("notices", |row| row.notices)
        .count("lines", |row| row.lines)
        .batch()
}

/// The sums of a simulation.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn simulated_totals(totals: &[SimulatedTotal]) -> Result<RecordBatch, Refused> {
    Rows::of(totals)
        .word("currency", |row| &row.currency)
        .count("notices", |row| row.notices)
        .amount("claims", |row| Some(&row.claims))?
        .amount("fees", |row| Some(&row.fees))?
        .amount("interest", |row| Some(&row.interest))?
        .amount("compensation", |row| Some(&row.compensation))?
        .batch()
}

/// Lines of a simulation about what was paid already.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn paid_already(rows: &[PaidAlready]) -> Result<RecordBatch, Refused> {
    Rows::of(rows)
        .add("day", days(rows.iter().map(|row| Some(row.day))))
        .text("customer", |row| &row.customer)
        .text("document", |row| &row.document)
        .number("instalment", |row| row.instalment)
        .number("level", |row| row.level)
        .amount("amount", |row| Some(&row.amount))?
        .batch()
}

/// Customers whom two policies treat differently; charges are lists of `currency` and `amount`.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn compared_customers(rows: &[ComparedCustomer]) -> Result<RecordBatch, Refused> {
    let (charges_a, charges_b) =
        (charges(rows.iter().map(|row| &row.charges_a))?, charges(rows.iter().map(|row| &row.charges_b))?);
    Rows::of(rows)
        .text("customer", |row| &row.customer)
        .count("notices_a", |row| row.notices_a)
        .count("notices_b", |row| row.notices_b)
        .number("level_a", |row| row.level_a)
        .number("level_b", |row| row.level_b)
        .add("charges_a", charges_a)
        .add("charges_b", charges_b)
        .add("day", days(rows.iter().map(|row| Some(row.day))))
        .text("document", |row| &row.document)
        .number("instalment", |row| row.instalment)
        .word("within", |row| &row.within)
        .number("level", |row| row.level)
        .number("other_level", |row| row.other_level)
        .word("other_reason", |row| &row.other_reason)
        .batch()
}

fn charges<'a>(rows: impl Iterator<Item = &'a Vec<ChargeTotal>> + Clone) -> Result<ArrayRef, Refused> {
    let scale = scale_of(rows.clone().flatten().map(|charge| &charge.amount));
    let kind = DataType::Decimal128(38, i8::try_from(scale).unwrap_or(2));
    let fields =
        Fields::from(vec![Field::new("currency", DataType::Utf8, false), Field::new("amount", kind.clone(), false)]);
    let amounts = Decimal128Builder::new().with_data_type(kind);
    let entry = StructBuilder::new(fields, vec![Box::new(StringBuilder::new()), Box::new(amounts)]);
    let mut lists = ListBuilder::new(entry);
    let other = || Refused::one("limit_exceeded", "expected the columns of a charge");
    for row in rows {
        for charge in row {
            let entry = lists.values();
            let currency = entry.field_builder::<StringBuilder>(0).ok_or_else(other)?;
            currency.append_value(&charge.currency);
            let amount = entry.field_builder::<Decimal128Builder>(1).ok_or_else(other)?;
            amount.append_value(units(&charge.amount, scale));
            entry.append(true);
        }
        lists.append(true);
    }
    Ok(Arc::new(lists.finish()))
}

fn units(amount: &Decimal, scale: u32) -> i128 {
    let missing = scale.saturating_sub(amount.scale());
    amount.mantissa().saturating_mul(10_i128.saturating_pow(missing))
}

/// What was sent and should not have been so, or the other way round.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn audit_rows(rows: &[AuditRow]) -> Result<RecordBatch, Refused> {
    Rows::of(rows)
        .add("day", days(rows.iter().map(|row| Some(row.day))))
        .text("notice", |row| &row.notice)
        .text("customer", |row| &row.customer)
        .text("document", |row| &row.document)
        .number("instalment", |row| row.instalment)
        .word("kind", |row| &row.kind)
        .number("sent", |row| row.sent)
        .number("expected", |row| row.expected)
        .word("reason", |row| &row.reason)
        .batch()
}

/// Doubts about a policy.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn lint_warnings(rows: &[Warning]) -> Result<RecordBatch, Refused> {
    Rows::of(rows)
        .word("code", |row| &row.code)
        .text("path", |row| &row.path)
        .text("reason", |row| &row.reason)
        .text("source", |row| &row.source)
        .batch()
}
