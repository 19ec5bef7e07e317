//! Answers without a text per row: an aging as cells, a row for each group and bucket that holds something, and the lines
//! of a proposal. What a pivot, a chart or a posting run takes.
//!
//! **Answer**: a dictionary column for each key of `by` and for `currency`, `bucket` (its place among the labels), `open_minor`
//! (`int64` minor units of the row's currency; `decimal128` beyond its range), `items`. Ordered as the rows of the report.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use arrow_array::builder::LargeStringDictionaryBuilder;
use arrow_array::types::{UInt8Type, UInt32Type};
use arrow_array::{
    ArrayRef, Decimal128Array, DictionaryArray, Int64Array, LargeStringArray, RecordBatch, UInt8Array, UInt32Array,
};
use arrow_buffer::{Buffer, ScalarBuffer, ToByteSlice};
use bytes::Bytes;

use super::output::Answer;
use crate::aging::columns::Sums;
use crate::aging::{AgingReport, KeyColumn};
use crate::allocation::{LineAmounts, Proposal, Strategy};
use crate::dunning::{Claims, DunningRun};
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::store::Store;
use crate::problem::{Problem, Refused};

/// The texts of a ledger's ids as Arrow arrays, made when first asked for and shared by all answers about it.
#[derive(Debug, Default)]
pub struct Dictionaries {
    by_key: Mutex<BTreeMap<String, ArrayRef>>,
}

impl Dictionaries {
    /// The texts of a key, made once.
    fn texts(&self, key: &str, make: impl FnOnce() -> LargeStringArray) -> ArrayRef {
        // A thread that broke while it held the lock left no half-made array behind: at worst one is made again.
        match self.by_key.lock() {
            Ok(mut held) => Arc::clone(held.entry(key.to_owned()).or_insert_with(|| Arc::new(make()))),
            Err(_) => Arc::new(make()),
        }
    }

    fn documents(&self, store: &Store) -> ArrayRef {
        self.texts("the id of every document", || {
            LargeStringArray::from_iter_values((0..store.documents.len()).map(|number| store.document_id(number)))
        })
    }

    fn column(&self, column: KeyColumn) -> Result<ArrayRef, Refused> {
        let texts = self.texts(&column.name, || {
            LargeStringArray::from_iter_values(column.dictionary.iter().chain(std::iter::once("")))
        });
        let keys = UInt32Array::from(column.value);
        if let Ok(array) = DictionaryArray::<UInt32Type>::try_new(keys.clone(), Arc::clone(&texts)) {
            return Ok(Arc::new(array));
        }
        // One place beyond the texts stands for the empty text.
        let none = u32::try_from(column.dictionary.len()).unwrap_or(u32::MAX);
        numbered(keys.values().iter().map(|value| (*value).min(none)).collect(), texts)
    }
}

/// Few numbers with the texts they stand for.
fn few(numbers: Vec<u8>, texts: LargeStringArray) -> Result<ArrayRef, Refused> {
    let array = DictionaryArray::<UInt8Type>::try_new(numbers.into(), Arc::new(texts));
    array.map(|array| Arc::new(array) as ArrayRef).map_err(|error| too_many(&error.to_string()))
}

/// Strategies with their names, written a run of lines at a time.
fn strategies(runs: impl Iterator<Item = (Strategy, usize)>, lines: usize) -> Result<ArrayRef, Refused> {
    let names = LargeStringArray::from_iter_values(Strategy::ALL.iter().map(|strategy| strategy.name()));
    let builder = LargeStringDictionaryBuilder::<UInt8Type>::new_with_dictionary(lines, &names);
    let mut builder = builder.map_err(|error| too_many(&error.to_string()))?;
    for (strategy, lines) in runs {
        builder.append_n(strategy.name(), lines).map_err(|error| too_many(&error.to_string()))?;
    }
    Ok(Arc::new(builder.finish()))
}

/// Numbers with the texts they stand for.
fn numbered(numbers: Vec<u32>, texts: ArrayRef) -> Result<ArrayRef, Refused> {
    let array = DictionaryArray::<UInt32Type>::try_new(numbers.into(), texts);
    array.map(|array| Arc::new(array) as ArrayRef).map_err(|error| too_many(&error.to_string()))
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
    let mut answer = Answer::default();
    for key in cells.keys {
        let name = key.name.clone();
        answer = answer.column(&name, dictionaries.column(key)?);
    }
    let sums: ArrayRef = match cells.amount {
        Sums::Narrow(sums) => Arc::new(Int64Array::from(sums)),
        Sums::Wide(sums) => Arc::new(Decimal128Array::from(sums)),
    };
    answer
        .column("currency", dictionaries.column(cells.currency)?)
        .column("bucket", Arc::new(UInt8Array::from(cells.bucket)))
        .column("open_minor", sums)
        .column("items", Arc::new(UInt32Array::from(cells.count)))
        .batch()
}

/// The lines of a proposal: `credit`, `debit`, `instalment`, `currency`, `amount_minor`, `strategy`. `dictionaries` are those of its
/// ledger.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold, or more than 255 currencies.
pub fn proposal_table(proposal: &Proposal, dictionaries: &Dictionaries) -> Result<RecordBatch, Refused> {
    let lines = proposal.numbers();
    let store = proposal.store();
    let documents = dictionaries.documents(store);
    let currencies = LargeStringArray::from_iter_values(store.currencies.iter().map(|currency| currency.code.as_str()));
    Answer::default()
        .column("credit", numbered(lines.credit, Arc::clone(&documents))?)
        .column("debit", numbered(lines.debit, documents)?)
        .column("instalment", Arc::new(UInt32Array::from(lines.instalment)))
        .column("currency", few(lines.currency, currencies)?)
        .column("amount_minor", Arc::new(in_place(lines.amount)))
        .column("strategy", strategies(proposal.strategy_runs(), proposal.len())?)
        .batch()
}

/// The items of all notices of a run and their levels: `document`, `instalment`, `level`. `dictionaries` are those of its ledger.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn dunning_levels(run: &DunningRun, dictionaries: &Dictionaries) -> Result<RecordBatch, Refused> {
    let lines = run.level_numbers()?;
    Answer::default()
        .column("document", numbered(lines.document, dictionaries.documents(run.store()))?)
        .column("instalment", Arc::new(UInt32Array::from(lines.instalment)))
        .column("level", Arc::new(UInt8Array::from(lines.level)))
        .batch()
}

/// What each notice of a run claims, in their order: `company`, `customer`, `currency`, `procedure`, `level`, `lines`, `claims_minor`
/// (`int64` minor units of the row's currency; `decimal128` beyond its range). `dictionaries` are those of its ledger.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn dunning_claims(run: &DunningRun, dictionaries: &Dictionaries) -> Result<RecordBatch, Refused> {
    let (store, notices) = (run.store(), run.claim_numbers());
    let customers = dictionaries.texts("the id of every customer", || {
        LargeStringArray::from_iter_values((0..store.customers.len()).map(|number| store.customer_ids.text(number)))
    });
    let currency = |number: u32| store.currency(number).map_or_else(String::new, |currency| currency.code.to_string());
    let procedures = run.procedures();
    let procedure = |number: u32| procedures.get(place(number)).map_or_else(String::new, |name| (*name).to_owned());
    let claims: ArrayRef = match notices.claims {
        Claims::Narrow(claims) => Arc::new(Int64Array::from(claims)),
        Claims::Wide(claims) => Arc::new(Decimal128Array::from(claims)),
    };
    Answer::default()
        .column("company", repeated(&notices.company, |number| text_of(store, number))?)
        .column("customer", numbered(notices.customer, customers)?)
        .column("currency", repeated(&notices.currency, currency)?)
        .column("procedure", repeated(&notices.procedure, procedure)?)
        .column("level", Arc::new(UInt8Array::from(notices.level)))
        .column("lines", Arc::new(UInt32Array::from(notices.lines)))
        .column("claims_minor", claims)
        .batch()
}

fn text_of(store: &Store, number: u32) -> String {
    if number == NONE { String::new() } else { store.texts.text(number).to_owned() }
}

/// Numbers of which few are different, with the texts they stand for.
fn repeated(numbers: &[u32], text: impl Fn(u32) -> String) -> Result<ArrayRef, Refused> {
    let mut known: Vec<u32> = numbers.first().copied().into_iter().collect();
    let texts = |known: Vec<u32>| LargeStringArray::from_iter_values(known.into_iter().map(&text));
    if numbers.iter().all(|number| known.first() == Some(number)) {
        return few(vec![0; numbers.len()], texts(known));
    }
    let mut last = (NONE, NONE);
    let mut places = Vec::with_capacity(numbers.len());
    for number in numbers {
        if last.0 != *number || last.1 == NONE {
            let held = known.iter().position(|held| held == number);
            last = (*number, count(held.unwrap_or(known.len())));
            if held.is_none() {
                known.push(*number);
            }
        }
        places.push(last.1);
    }
    match places.iter().map(|place| u8::try_from(*place)).collect::<Result<Vec<u8>, _>>() {
        Ok(places) => few(places, texts(known)),
        Err(_) => numbered(places, Arc::new(texts(known))),
    }
}

/// The amounts without a copy: the array keeps the proposal's lines alive.
fn in_place(amounts: LineAmounts) -> Int64Array {
    struct Held(LineAmounts);
    impl AsRef<[u8]> for Held {
        fn as_ref(&self) -> &[u8] {
            self.0.as_slice().to_byte_slice()
        }
    }
    let lines = amounts.as_slice().len();
    let bytes = Bytes::from_owner(Held(amounts));
    Int64Array::new(ScalarBuffer::new(Buffer::from(bytes), 0, lines), None)
}
