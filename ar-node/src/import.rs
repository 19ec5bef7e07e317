//! Files as facts or as a ledger, by the text of a mapping. Bytes are read in place: nothing of this runs on another thread.

use ar_core::facade::{self, File};
use napi::Result;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::errors::raise;
use crate::json::camel_json;
use crate::ledger::NativeLedger;
use crate::values::Day;

/// A file.
#[napi(object, object_to_js = false)]
pub struct FileIn {
    /// Its name in the mapping.
    pub name: String,
    /// What it holds.
    pub bytes: Uint8Array,
}

fn files(all: &[FileIn]) -> Vec<File<'_>> {
    all.iter().map(|file| File { name: &file.name, bytes: &file.bytes }).collect()
}

/// Facts, and what became of every row, as JSON text.
#[napi(object, object_from_js = false)]
pub struct ImportOut {
    /// The facts.
    pub facts: String,
    /// What became of every row.
    pub report: String,
}

/// Reads one file.
#[napi(catch_unwind)]
pub fn import_text(mapping: String, bytes: Uint8Array) -> Result<ImportOut> {
    let read = facade::import_text(&mapping, &bytes).map_err(raise)?;
    Ok(ImportOut { facts: camel_json(&read.facts)?, report: camel_json(&read.report)? })
}

/// A ledger made from files, and what became of every row.
#[napi]
pub struct NativeImport {
    inner: facade::LoadedImport,
}

#[napi]
impl NativeImport {
    /// The ledger.
    #[napi(catch_unwind)]
    pub fn ledger(&self) -> Result<NativeLedger> {
        Ok(NativeLedger { inner: self.inner.ledger.clone() })
    }

    /// What became of every row.
    #[napi(catch_unwind)]
    pub fn report(&self) -> Result<String> {
        camel_json(&self.inner.report)
    }
}

/// Loads a ledger from files.
#[napi(catch_unwind)]
pub fn import_ledger(mapping: String, all: Vec<FileIn>, settings: Option<String>) -> Result<NativeImport> {
    let settings = settings.map(|text| facade::settings(&text)).transpose().map_err(raise)?;
    Ok(NativeImport { inner: facade::import_ledger(&mapping, &files(&all), settings).map_err(raise)? })
}

/// Appends files to a ledger.
#[napi(catch_unwind)]
pub fn import_append(ledger: &NativeLedger, mapping: String, all: Vec<FileIn>, recorded: Day) -> Result<NativeImport> {
    let recorded = recorded.count("recorded")?;
    Ok(NativeImport { inner: facade::import_append(&ledger.inner, &mapping, &files(&all), recorded).map_err(raise)? })
}
