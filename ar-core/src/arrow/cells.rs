//! Answers without a text per row: an aging as cells, a row for each group and bucket that holds something, and the lines
//! of a proposal. What a pivot, a chart or a posting run takes.
//!
//! **Answer**: a dictionary column for each key of `by` and for `currency`, `bucket` (its place among the labels), `open_minor`
//! (`int64` minor units of the row's currency; `decimal128` beyond its range), `items`. Ordered as the rows of the report.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use arrow_array::builder::LargeStringDictionaryBuilder;
use arrow_array::types::{UInt8Type, UInt32Type};
use arrow_array::{ArrayRef, DictionaryArray, Int64Array, LargeStringArray, RecordBatch, UInt8Array, UInt32Array};
use rustc_hash::FxHashMap;

use super::in_place::in_place;
use super::output::{Answer, whole_numbers};
use crate::aging::columns::Sums;
use crate::aging::{AgingReport, KeyColumn};
use crate::allocation::{Proposal, Strategy};
use crate::dunning::{Claims, DunningRun};
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::store::Store;
use crate::problem::{Problem, Refused};

/// The texts of a ledger's ids as Arrow arrays, made when first asked for and shared by all answers about it.
#[derive(Debug, Default)]
pub struct Dictionaries {
    by_key: Mutex<BTreeMap<String, ArrayRef>>,
    /// What `instalment` says where no item is one of several.
    none: Mutex<Option<UInt32Array>>,
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

    /// Numbers of instalments: none of so many lines has one where `of_lines` is empty.
    fn instalments(&self, of_lines: Vec<u32>, lines: usize) -> ArrayRef {
        if !of_lines.is_empty() {
            return Arc::new(UInt32Array::from(of_lines));
        }
        let make = || UInt32Array::from(vec![0; lines]);
        let Ok(mut held) = self.none.lock() else { return Arc::new(make()) };
        let long = held.take().filter(|long| long.len() >= lines).unwrap_or_else(make);
        Arc::new(held.insert(long).slice(0, lines))
    }

    fn documents(&self, store: &Store) -> ArrayRef {
        self.texts("the id of every document", || {
            LargeStringArray::from_iter_values((0..store.documents.len()).map(|number| store.document_id(number)))
        })
    }

    pub(super) fn column(&self, column: KeyColumn) -> Result<ArrayRef, Refused> {
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
        Sums::Wide(sums) => whole_numbers(sums),
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
        .column("instalment", dictionaries.instalments(lines.instalment, proposal.len()))
        .column("currency", few(lines.currency, currencies)?)
        .column("amount_minor", Arc::new(Int64Array::new(in_place(lines.amount), None)))
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
        .column("instalment", dictionaries.instalments(lines.instalment, run.line_count()))
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
        Claims::Wide(claims) => whole_numbers(claims),
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
pub(super) fn repeated(numbers: &[u32], text: impl Fn(u32) -> String) -> Result<ArrayRef, Refused> {
    let mut known: Vec<u32> = numbers.first().copied().into_iter().collect();
    let texts = |known: &[u32]| LargeStringArray::from_iter_values(known.iter().map(|number| text(*number)));
    if numbers.iter().fold(true, |same, number| same & (known.first() == Some(number))) {
        return few(vec![0; numbers.len()], texts(&known));
    }
    known.clear();
    let mut places: FxHashMap<u32, u8> = FxHashMap::default();
    let mut by_number = [0_u8; 256];
    for number in numbers {
        // The numbers of currencies are small, so that the map is asked about few.
        let slot = usize::try_from(*number).ok().and_then(|at| by_number.get_mut(at));
        if slot.as_ref().is_some_and(|slot| **slot > 0) || (slot.is_none() && places.contains_key(number)) {
            continue;
        }
        known.push(*number);
        let Ok(place) = u8::try_from(known.len()) else {
            return numbered_anew(numbers, text);
        };
        match slot {
            Some(slot) => *slot = place,
            None => _ = places.insert(*number, place),
        }
    }
    let place_of = |number: &u32| {
        let small = usize::try_from(*number).ok().and_then(|at| by_number.get(at));
        small.or_else(|| places.get(number)).map_or(0, |place| place.wrapping_sub(1))
    };
    few(numbers.iter().map(place_of).collect(), texts(&known))
}

/// Numbers of which many are different.
fn numbered_anew(numbers: &[u32], text: impl Fn(u32) -> String) -> Result<ArrayRef, Refused> {
    let mut known: Vec<u32> = numbers.to_vec();
    known.sort_unstable();
    known.dedup();
    let texts = LargeStringArray::from_iter_values(known.iter().map(|number| text(*number)));
    let places = numbers.iter().map(|number| count(known.partition_point(|held| held < number)));
    numbered(places.collect(), Arc::new(texts))
}
