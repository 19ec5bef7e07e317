//! Key figures as record batches: a column for each figure, or a row for each; and what changed days sales outstanding.

use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, RecordBatch};
use arrow_buffer::{BooleanBuffer, NullBuffer};

use super::cells::Dictionaries;
use super::in_place::{decimals, in_place};
use super::output::{Answer, days, dictionary, optional_texts};
use crate::kpi::{DsoChangeRow, KpiFigures, KpiReport, KpiRow};
use crate::problem::Refused;

/// The rows: a column for each key of `by`, `currency`, `from`, `to`, and for each figure its value, `decimal128(38, s)`, s the most
/// digits of a figure; null without a value. `dictionaries` are those of the ledger.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn kpi_table(report: &KpiReport, dictionaries: &Dictionaries) -> Result<RecordBatch, Refused> {
    let columns = report.columns();
    let mut answer = Answer::default();
    for key in columns.keys {
        let name = key.name.clone();
        answer = answer.column(&name, dictionaries.column(key)?);
    }
    if let Some(currency) = columns.currency {
        answer = answer.column("currency", dictionaries.column(currency)?);
    }
    answer = answer.column("from", Arc::new(Date32Array::from(columns.from)));
    answer = answer.column("to", Arc::new(Date32Array::from(columns.to)));
    for (kpi, figures) in columns.values {
        answer = answer.column(kpi.name(), column_of(figures, columns.scale)?);
    }
    answer.batch()
}

/// The figures of a column, without a copy.
fn column_of(figures: KpiFigures, scale: u8) -> Result<ArrayRef, Refused> {
    struct Units(Arc<Vec<i128>>);
    impl AsRef<[i128]> for Units {
        fn as_ref(&self) -> &[i128] {
            &self.0
        }
    }
    let known = |at: usize| figures.known.get(at) == Some(&true);
    let nulls = NullBuffer::new(BooleanBuffer::collect_bool(figures.known.len(), known));
    decimals(in_place(Units(figures.units)), Some(nulls).filter(|nulls| nulls.null_count() > 0), scale)
}

/// A row for each group and figure: the keys, `currency`, `from`, `to`, `kpi`, `value`, `numerator`, `denominator` (texts), `undefined`.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn kpi_values(rows: &[KpiRow], by: &[String]) -> Result<RecordBatch, Refused> {
    let all = || rows.iter().flat_map(|row| row.values.iter().map(move |value| (row, value)));
    let mut answer = Answer::default();
    for (at, key) in by.iter().enumerate() {
        answer = answer.column(key, dictionary(all().map(|(row, _)| row.by.get(at).map_or("", String::as_str))));
    }
    answer
        .column("currency", dictionary(all().map(|(row, _)| row.currency.as_str())))
        .column("from", days(all().map(|(row, _)| Some(row.from))))
        .column("to", days(all().map(|(row, _)| Some(row.to))))
        .column("kpi", dictionary(all().map(|(_, value)| value.kpi.as_str())))
        .column("value", optional_texts(all().map(|(_, value)| value.value.as_deref())))
        .column("numerator", optional_texts(all().map(|(_, value)| value.numerator.as_deref())))
        .column("denominator", optional_texts(all().map(|(_, value)| value.denominator.as_deref())))
        .column("undefined", optional_texts(all().map(|(_, value)| value.undefined.as_deref())))
        .batch()
}

/// What changed days sales outstanding: the keys, `currency`, and the texts of a row.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn dso_changes(rows: &[DsoChangeRow], by: &[String]) -> Result<RecordBatch, Refused> {
    type Text = fn(&DsoChangeRow) -> Option<&str>;
    let columns: [(&str, Text); 10] = [
        ("before", |row| row.before.as_deref()),
        ("now", |row| row.now.as_deref()),
        ("change", |row| row.change.as_deref()),
        ("mix", |row| row.mix.as_deref()),
        ("terms", |row| row.terms.as_deref()),
        ("delay", |row| row.delay.as_deref()),
        ("mix_numerator", |row| row.mix_numerator.as_deref()),
        ("terms_numerator", |row| row.terms_numerator.as_deref()),
        ("delay_numerator", |row| row.delay_numerator.as_deref()),
        ("denominator", |row| row.denominator.as_deref()),
    ];
    let mut answer = Answer::default();
    for (at, key) in by.iter().enumerate() {
        answer = answer.column(key, dictionary(rows.iter().map(|row| row.by.get(at).map_or("", String::as_str))));
    }
    answer = answer.column("currency", dictionary(rows.iter().map(|row| row.currency.as_str())));
    for (name, text) in columns {
        answer = answer.column(name, optional_texts(rows.iter().map(text)));
    }
    answer.batch()
}
