//! An aging as cells: a row for each group and bucket that holds something. What a pivot or a chart takes.
//!
//! **Answer**: a dictionary column for each key of `by` and for `currency`, `bucket` (its place among the labels), `open_minor`
//! (`int64` minor units of the row's currency; `decimal128` beyond its range), `items`. Ordered as the rows of the report.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use arrow_array::types::UInt32Type;
use arrow_array::{ArrayRef, Decimal128Array, DictionaryArray, Int64Array, RecordBatch, StringArray, UInt32Array};

use crate::aging::columns::Sums;
use crate::aging::{AgingReport, KeyColumn};
use crate::problem::{Problem, Refused};

/// The texts of a ledger's ids as Arrow arrays, made when first asked for and shared by all answers about it.
#[derive(Debug, Default)]
pub struct Dictionaries {
    by_key: Mutex<BTreeMap<String, Arc<StringArray>>>,
}

impl Dictionaries {
    /// The texts of a key; `make` gives them by number.
    fn texts(&self, column: &KeyColumn) -> Arc<StringArray> {
        let make = || {
            let texts = column.dictionary.iter().chain(std::iter::once(""));
            Arc::new(StringArray::from_iter_values(texts))
        };
        // A thread that broke while it held the lock left no half-made array behind: at worst one is made again.
        let Ok(mut held) = self.by_key.lock() else { return make() };
        Arc::clone(held.entry(column.name.clone()).or_insert_with(make))
    }

    fn column(&self, column: KeyColumn) -> Result<ArrayRef, Refused> {
        let texts = self.texts(&column);
        // One place beyond the texts stands for the empty text.
        let none = u32::try_from(column.dictionary.len()).unwrap_or(u32::MAX);
        let keys: UInt32Array = if column.value.contains(&u32::MAX) {
            column.value.iter().map(|value| (*value).min(none)).collect::<Vec<u32>>().into()
        } else {
            column.value.into()
        };
        let array = DictionaryArray::<UInt32Type>::try_new(keys, texts);
        array.map(|array| Arc::new(array) as ArrayRef).map_err(|error| too_many(&error.to_string()))
    }
}

fn too_many(reason: &str) -> Refused {
    Problem::new("limit_exceeded", reason).into()
}

/// The cells of an aging. `dictionaries` are those of its ledger.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn aging_cells(report: &AgingReport, dictionaries: &Dictionaries) -> Result<RecordBatch, Refused> {
    let cells = report.long();
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    for key in cells.keys {
        columns.push((key.name.clone(), dictionaries.column(key)?));
    }
    columns.push((String::from("currency"), dictionaries.column(cells.currency)?));
    columns.push((String::from("bucket"), Arc::new(UInt32Array::from(cells.bucket))));
    let sums: ArrayRef = match cells.amount {
        Sums::Narrow(sums) => Arc::new(Int64Array::from(sums)),
        Sums::Wide(sums) => Arc::new(Decimal128Array::from(sums)),
    };
    columns.push((String::from("open_minor"), sums));
    columns.push((String::from("items"), Arc::new(UInt32Array::from(cells.count))));
    RecordBatch::try_from_iter(columns).map_err(|error| too_many(&error.to_string()))
}
