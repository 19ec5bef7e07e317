//! Reports as columns: typed arrays for figures and days, JSON lists for texts.

use std::collections::HashMap;

use ar_core::facade::{
    AgingItem, AgingReport, AgingRow, DunningLine, DunningNotice, KeyColumn, LineDifference, OpenItem, Problem,
    ProposalLine, Refused, SettlementLine, SkippedItem, Sums, UnappliedCredit,
};
use chrono::NaiveDate;
use napi::bindgen_prelude::{BigInt64Array, Int32Array, Uint8Array, Uint32Array};
use napi_derive::napi;
use rust_decimal::Decimal;

use crate::json::camel;

type Columns = Result<Vec<ColumnOut>, Refused>;

/// A column of a report: one of the arrays.
#[napi(object, object_from_js = false)]
pub struct ColumnOut {
    /// Its name.
    pub name: String,
    /// Whether it is one of a list of columns with this name, as buckets are.
    pub listed: bool,
    /// A JSON list of texts.
    pub texts: Option<String>,
    /// For each row which of the texts it has; none when there is one a row.
    pub keys: Option<Uint32Array>,
    /// Minor units.
    pub minor: Option<BigInt64Array>,
    /// Days since 1970-01-01.
    pub days: Option<Int32Array>,
    /// Whole numbers from 0 on.
    pub counts: Option<Uint32Array>,
    /// Whole numbers.
    pub numbers: Option<Int32Array>,
    /// By row, whether there is a value; none when there is one in each.
    pub present: Option<Uint8Array>,
}

fn column(name: &str) -> ColumnOut {
    ColumnOut {
        name: camel(name),
        listed: false,
        texts: None,
        keys: None,
        minor: None,
        days: None,
        counts: None,
        numbers: None,
        present: None,
    }
}

fn texts<'a>(name: &str, texts: impl Iterator<Item = Option<&'a str>>) -> Result<ColumnOut, Refused> {
    let json = serde_json::to_string(&texts.collect::<Vec<_>>());
    let json = json.map_err(|error| Problem::new("limit_exceeded", error.to_string()))?;
    Ok(ColumnOut { texts: Some(json), ..column(name) })
}

/// Minor units: an amount stands at the scale of its currency.
fn minor(name: &str, amounts: impl Iterator<Item = Decimal>) -> Result<ColumnOut, Refused> {
    let name = format!("{name}_minor");
    let mut all = Vec::new();
    for (row, amount) in amounts.enumerate() {
        let fits = i64::try_from(amount.mantissa()).map_err(|_| {
            let mut problem = Problem::new("too_large", "expected a sum within 64 bits: ask for rows");
            problem.index = u64::try_from(row).ok();
            problem.field(&camel(&name))
        });
        all.push(fits?);
    }
    Ok(ColumnOut { minor: Some(all.into()), ..column(&name) })
}

fn optional_minor(name: &str, amounts: impl Iterator<Item = Option<Decimal>> + Clone) -> Result<ColumnOut, Refused> {
    let present: Vec<u8> = amounts.clone().map(|amount| u8::from(amount.is_some())).collect();
    Ok(ColumnOut { present: Some(present.into()), ..minor(name, amounts.map(Option::unwrap_or_default))? })
}

fn days(name: &str, dates: impl Iterator<Item = NaiveDate>) -> ColumnOut {
    let count = |date: NaiveDate| date.signed_duration_since(NaiveDate::default()).num_days();
    let all: Vec<i32> = dates.map(|date| i32::try_from(count(date)).unwrap_or_default()).collect();
    ColumnOut { days: Some(all.into()), ..column(name) }
}

fn optional_days(name: &str, dates: impl Iterator<Item = Option<NaiveDate>> + Clone) -> ColumnOut {
    let present: Vec<u8> = dates.clone().map(|date| u8::from(date.is_some())).collect();
    ColumnOut { present: Some(present.into()), ..days(name, dates.map(Option::unwrap_or_default)) }
}

fn counts(name: &str, counts: impl Iterator<Item = u32>) -> ColumnOut {
    ColumnOut { counts: Some(counts.collect::<Vec<_>>().into()), ..column(name) }
}

fn numbers(name: &str, numbers: impl Iterator<Item = i32>) -> ColumnOut {
    ColumnOut { numbers: Some(numbers.collect::<Vec<_>>().into()), ..column(name) }
}

/// Texts that repeat: those that occur, each once, and which of them a row has.
fn repeated(key: &KeyColumn) -> Result<ColumnOut, Refused> {
    let mut found: HashMap<&str, u32> = HashMap::new();
    let mut words: Vec<Option<&str>> = Vec::new();
    // By number of the engine's dictionary, so that a text is looked up once.
    let mut places: HashMap<u32, u32> = HashMap::new();
    let mut keys = Vec::with_capacity(key.value.len());
    for number in &key.value {
        let place = *places.entry(*number).or_insert_with(|| {
            let word = key.dictionary.text(*number);
            *found.entry(word).or_insert_with(|| {
                words.push(Some(word));
                u32::try_from(words.len()).unwrap_or(u32::MAX).saturating_sub(1)
            })
        });
        keys.push(place);
    }
    Ok(ColumnOut { keys: Some(keys.into()), ..texts(&key.name, words.into_iter())? })
}

/// Sums in minor units, taken as they are.
fn sums(name: &str, sums: Sums) -> Result<ColumnOut, Refused> {
    match sums {
        Sums::Narrow(sums) => Ok(ColumnOut { minor: Some(sums.into()), ..column(name) }),
        Sums::Wide(sums) => {
            let fitting: Result<Vec<i64>, _> = sums.into_iter().map(i64::try_from).collect();
            let wide = |_| Problem::new("too_large", "expected a sum within 64 bits: ask for rows").field(&camel(name));
            Ok(ColumnOut { minor: Some(fitting.map_err(wide)?.into()), ..column(name) })
        }
    }
}

/// The cells of an aging that hold something, without a row between.
pub(crate) fn aging_cells(report: &AgingReport) -> Columns {
    let cells = report.long();
    let mut all = cells.keys.iter().map(repeated).collect::<Result<Vec<_>, _>>()?;
    all.push(repeated(&cells.currency)?);
    all.push(counts("bucket", cells.bucket.into_iter().map(u32::from)));
    all.push(sums("open_minor", cells.amount)?);
    all.push(counts("items", cells.count.into_iter()));
    Ok(all)
}

/// The groups of an aging by bucket, without a row between.
pub(crate) fn aging_buckets(report: &AgingReport) -> Columns {
    let groups = report.wide();
    let mut all = groups.keys.iter().map(repeated).collect::<Result<Vec<_>, _>>()?;
    all.push(repeated(&groups.currency)?);
    for bucket in groups.buckets {
        all.push(ColumnOut { listed: true, ..sums("buckets_minor", bucket)? });
    }
    all.push(counts("items", groups.count.into_iter()));
    Ok(all)
}

pub(crate) fn open_items(items: &[OpenItem]) -> Columns {
    Ok(vec![
        texts("company", items.iter().map(|item| Some(item.company.as_str())))?,
        texts("control_account", items.iter().map(|item| Some(item.control_account.as_str())))?,
        texts("customer", items.iter().map(|item| Some(item.customer.as_str())))?,
        texts("currency", items.iter().map(|item| Some(item.currency.as_str())))?,
        texts("document", items.iter().map(|item| Some(item.document.as_str())))?,
        counts("instalment", items.iter().map(|item| item.instalment)),
        texts("kind", items.iter().map(|item| Some(item.kind.as_str())))?,
        days("document_date", items.iter().map(|item| item.document_date)),
        optional_days("due_date", items.iter().map(|item| item.due_date)),
        minor("open", items.iter().map(|item| item.open))?,
        optional_minor("base_open", items.iter().map(|item| item.base_open))?,
        minor("disputed", items.iter().map(|item| item.disputed))?,
        minor("held", items.iter().map(|item| item.held))?,
        minor("pending", items.iter().map(|item| item.pending))?,
    ])
}

/// Groups, or totals: those have no value of `by`.
pub(crate) fn aging_rows(report: &AgingReport, rows: &[AgingRow], by: &[String]) -> Columns {
    let mut all = Vec::new();
    for (at, key) in by.iter().enumerate() {
        all.push(texts(key, rows.iter().map(|row| row.by.get(at).map(String::as_str)))?);
    }
    all.push(texts("currency", rows.iter().map(|row| Some(row.currency.as_str())))?);
    for at in 0..report.labels().len() {
        let amounts = rows.iter().map(|row| row.buckets.get(at).copied().unwrap_or_default());
        all.push(ColumnOut { listed: true, ..minor("buckets", amounts)? });
    }
    for at in 0..report.column_labels().map_or(0, |labels| labels.len()) {
        let amount = |row: &AgingRow| row.columns.as_ref().and_then(|columns| columns.get(at)).copied();
        let amounts = rows.iter().map(|row| amount(row).unwrap_or_default());
        all.push(ColumnOut { listed: true, ..minor("columns", amounts)? });
    }
    all.push(minor("total", rows.iter().map(|row| row.total))?);
    all.push(minor("disputed", rows.iter().map(|row| row.disputed))?);
    all.push(minor("held", rows.iter().map(|row| row.held))?);
    all.push(minor("unapplied", rows.iter().map(|row| row.unapplied))?);
    all.push(minor("pending", rows.iter().map(|row| row.pending))?);
    all.push(counts("items", rows.iter().map(|row| u32::try_from(row.items).unwrap_or(u32::MAX))));
    all.push(texts("share", rows.iter().map(|row| row.share.as_deref()))?);
    all.push(texts("average_age", rows.iter().map(|row| row.average_age.as_deref()))?);
    Ok(all)
}

pub(crate) fn aging_items(items: &[AgingItem]) -> Columns {
    Ok(vec![
        texts("document", items.iter().map(|item| Some(item.document.as_str())))?,
        counts("instalment", items.iter().map(|item| item.instalment)),
        texts("customer", items.iter().map(|item| Some(item.customer.as_str())))?,
        texts("currency", items.iter().map(|item| Some(item.currency.as_str())))?,
        optional_days("due_date", items.iter().map(|item| item.due_date)),
        optional_days("basis_date", items.iter().map(|item| item.basis_date)),
        numbers("age", items.iter().map(|item| item.age)),
        minor("open", items.iter().map(|item| item.open))?,
        texts("bucket", items.iter().map(|item| Some(item.bucket.as_str())))?,
        minor("disputed", items.iter().map(|item| item.disputed))?,
        minor("held", items.iter().map(|item| item.held))?,
        minor("pending", items.iter().map(|item| item.pending))?,
        minor("would_settle", items.iter().map(|item| item.would_settle))?,
        texts("rule", items.iter().map(|item| Some(item.rule.as_str())))?,
    ])
}

pub(crate) fn proposal_lines(lines: &[ProposalLine]) -> Columns {
    Ok(vec![
        texts("credit", lines.iter().map(|line| Some(line.credit.as_str())))?,
        texts("debit", lines.iter().map(|line| Some(line.debit.as_str())))?,
        counts("instalment", lines.iter().map(|line| line.instalment)),
        texts("currency", lines.iter().map(|line| Some(line.currency.as_str())))?,
        minor("amount", lines.iter().map(|line| line.amount))?,
        texts("strategy", lines.iter().map(|line| Some(line.strategy.as_str())))?,
        minor("credit_left", lines.iter().map(|line| line.credit_left))?,
        minor("debit_left", lines.iter().map(|line| line.debit_left))?,
    ])
}

pub(crate) fn unapplied(credits: &[UnappliedCredit]) -> Columns {
    Ok(vec![
        texts("credit", credits.iter().map(|credit| Some(credit.credit.as_str())))?,
        texts("currency", credits.iter().map(|credit| Some(credit.currency.as_str())))?,
        minor("amount", credits.iter().map(|credit| credit.amount))?,
        texts("reason", credits.iter().map(|credit| Some(credit.reason.as_str())))?,
    ])
}

pub(crate) fn settlement_lines(lines: &[SettlementLine]) -> Columns {
    Ok(vec![
        texts("credit", lines.iter().map(|line| Some(line.credit.as_str())))?,
        texts("debit", lines.iter().map(|line| Some(line.debit.as_str())))?,
        counts("instalment", lines.iter().map(|line| line.instalment)),
        texts("currency", lines.iter().map(|line| Some(line.currency.as_str())))?,
        minor("amount", lines.iter().map(|line| line.amount))?,
        texts("debit_currency", lines.iter().map(|line| Some(line.debit_currency.as_str())))?,
        minor("debit_amount", lines.iter().map(|line| line.debit_amount))?,
        texts("strategy", lines.iter().map(|line| Some(line.strategy.as_str())))?,
        counts("score", lines.iter().map(|line| line.score)),
        minor("credit_left", lines.iter().map(|line| line.credit_left))?,
        minor("debit_left", lines.iter().map(|line| line.debit_left))?,
        optional_minor("base_credit", lines.iter().map(|line| line.base_credit))?,
        optional_minor("base_debit", lines.iter().map(|line| line.base_debit))?,
        optional_minor("exchange", lines.iter().map(|line| line.exchange))?,
    ])
}

pub(crate) fn line_differences(rows: &[LineDifference]) -> Columns {
    Ok(vec![
        texts("document", rows.iter().map(|row| Some(row.document.as_str())))?,
        counts("instalment", rows.iter().map(|row| row.instalment)),
        texts("currency", rows.iter().map(|row| Some(row.currency.as_str())))?,
        texts("kind", rows.iter().map(|row| Some(row.kind.as_str())))?,
        minor("amount", rows.iter().map(|row| row.amount))?,
        counts("line", rows.iter().map(|row| u32::try_from(row.line).unwrap_or(u32::MAX))),
        texts("reason", rows.iter().map(|row| Some(row.reason.as_str())))?,
        texts("rule", rows.iter().map(|row| Some(row.rule.as_str())))?,
        optional_minor("limit", rows.iter().map(|row| row.limit))?,
        optional_days("until", rows.iter().map(|row| row.until)),
        optional_minor("base_amount", rows.iter().map(|row| row.base_amount))?,
        optional_minor("base_document", rows.iter().map(|row| row.base_document))?,
        optional_minor("exchange", rows.iter().map(|row| row.exchange))?,
    ])
}

fn optional_numbers(name: &str, numbers_of: impl Iterator<Item = Option<i32>> + Clone) -> ColumnOut {
    let present: Vec<u8> = numbers_of.clone().map(|number| u8::from(number.is_some())).collect();
    ColumnOut { present: Some(present.into()), ..numbers(name, numbers_of.map(Option::unwrap_or_default)) }
}

/// Notices without their lines.
pub(crate) fn dunning_notices(rows: &[DunningNotice]) -> Columns {
    Ok(vec![
        counts("notice", (0..).zip(rows).map(|(number, _)| number)),
        texts("company", rows.iter().map(|row| Some(row.company.as_str())))?,
        texts("customer", rows.iter().map(|row| Some(row.customer.as_str())))?,
        texts("currency", rows.iter().map(|row| Some(row.currency.as_str())))?,
        texts("procedure", rows.iter().map(|row| Some(row.procedure.as_str())))?,
        counts("level", rows.iter().map(|row| row.level)),
        optional_days("due_date", rows.iter().map(|row| row.due_date)),
        optional_days("next_date", rows.iter().map(|row| row.next_date)),
        minor("claims", rows.iter().map(|row| row.claims))?,
        minor("fee", rows.iter().map(|row| row.fee))?,
        minor("fee_tax", rows.iter().map(|row| row.fee_tax))?,
        minor("line_fees", rows.iter().map(|row| row.line_fees))?,
        minor("interest", rows.iter().map(|row| row.interest))?,
        minor("compensation", rows.iter().map(|row| row.compensation))?,
        minor("total", rows.iter().map(|row| row.total))?,
    ])
}

/// The lines of notices, each with the number of its notice.
pub(crate) fn dunning_lines(notices: &[DunningNotice]) -> Columns {
    let numbered = (0_u32..).zip(notices);
    let lines: Vec<(u32, &str, &DunningLine)> = numbered
        .flat_map(|(number, notice)| {
            let currency = notice.currency.as_str();
            notice.lines.iter().map(move |line| (number, currency, line))
        })
        .collect();
    let rows = || lines.iter().map(|(_, _, line)| *line);
    Ok(vec![
        counts("notice", lines.iter().map(|(number, _, _)| *number)),
        texts("currency", lines.iter().map(|(_, currency, _)| Some(*currency)))?,
        texts("customer", rows().map(|line| Some(line.customer.as_str())))?,
        texts("document", rows().map(|line| Some(line.document.as_str())))?,
        counts("instalment", rows().map(|line| line.instalment)),
        optional_days("due_date", rows().map(|line| line.due_date)),
        optional_numbers("days", rows().map(|line| line.days)),
        minor("open", rows().map(|line| line.open))?,
        minor("amount", rows().map(|line| line.amount))?,
        counts("level", rows().map(|line| line.level)),
        counts("previous", rows().map(|line| line.previous)),
        minor("line_fee", rows().map(|line| line.line_fee))?,
        minor("line_fee_tax", rows().map(|line| line.line_fee_tax))?,
        minor("interest", rows().map(|line| line.interest))?,
        minor("compensation", rows().map(|line| line.compensation))?,
        optional_days("interest_until", rows().map(|line| line.interest_until)),
    ])
}

/// Items that are on no notice.
pub(crate) fn skipped_items(rows: &[SkippedItem]) -> Columns {
    Ok(vec![
        texts("customer", rows.iter().map(|row| Some(row.customer.as_str())))?,
        texts("document", rows.iter().map(|row| Some(row.document.as_str())))?,
        counts("instalment", rows.iter().map(|row| row.instalment)),
        texts("currency", rows.iter().map(|row| Some(row.currency.as_str())))?,
        minor("open", rows.iter().map(|row| row.open))?,
        texts("reason", rows.iter().map(|row| Some(row.reason.as_str())))?,
        texts("detail", rows.iter().map(|row| Some(row.detail.as_str())))?,
        optional_days("until", rows.iter().map(|row| row.until)),
    ])
}
