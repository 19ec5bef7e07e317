//! Files as facts or as a ledger, by a mapping as text.

use std::sync::Arc;

use ar_core::facade::{self, File};
pub use ar_core::facade::{ControlTotal, FileCount, ImportReport, Rejection, TableCount};

use crate::facts::Facts;
use crate::ledger::Ledger;
use crate::values::{GivenDay, Money};

type Result<T> = std::result::Result<T, crate::ReceivablesError>;

/// Facts read from a file, and what became of every row.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Imported {
    /// The facts of the accepted rows.
    pub facts: Facts,
    /// What became of every row.
    pub report: ImportReport,
}

/// A ledger made from files, and what became of every row.
#[derive(Debug, Clone, uniffi::Record)]
pub struct ImportedLedger {
    /// The ledger.
    pub ledger: Arc<Ledger>,
    /// What became of every row.
    pub report: ImportReport,
}

impl From<facade::LoadedImport> for ImportedLedger {
    fn from(loaded: facade::LoadedImport) -> Self {
        let facade::LoadedImport { ledger, report } = loaded;
        Self { ledger: Arc::new(Ledger { inner: ledger }), report }
    }
}

/// A file: its name as the mapping has it, and its bytes.
#[derive(Debug, Clone, uniffi::Record)]
pub struct ImportFile {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

fn files(all: &[ImportFile]) -> Vec<File<'_>> {
    all.iter().map(|file| File { name: &file.name, bytes: &file.bytes }).collect()
}

/// Reads one file by a mapping (TOML or JSON text). A bad row is no error: it is in the report.
#[uniffi::export]
pub fn import_text(mapping: String, bytes: Vec<u8>) -> Result<Imported> {
    let facade::Imported { facts, report } = facade::import_text(&mapping, &bytes)?;
    Ok(Imported { facts: facts.into(), report })
}

/// Loads a ledger from the files of a mapping; without settings, with those of the mapping.
#[uniffi::export(default(settings = None))]
pub fn import_ledger(mapping: String, files: Vec<ImportFile>, settings: Option<String>) -> Result<ImportedLedger> {
    let settings = settings.as_deref().map(facade::settings).transpose()?;
    Ok(facade::import_ledger(&mapping, &self::files(&files), settings)?.into())
}

#[uniffi::export]
impl Ledger {
    /// The ledger with the files of a mapping, all recorded on one day.
    pub fn import_append(&self, mapping: String, files: Vec<ImportFile>, recorded: GivenDay) -> Result<ImportedLedger> {
        let recorded = recorded.day("recorded")?;
        Ok(facade::import_append(&self.inner, &mapping, &self::files(&files), recorded)?.into())
    }
}

/// What became of the rows of an import. `rows` = `accepted` + `rejected`.
#[uniffi::remote(Record)]
pub struct ImportReport {
    /// Rows that the files have.
    pub rows: u64,
    /// Rows taken in, repeats that add nothing included.
    pub accepted: u64,
    /// Rows none of whose facts were taken in.
    pub rejected: u64,
    /// Of the accepted, those that repeat an earlier row and so made no facts.
    pub repeated: u64,
    /// The same, file by file.
    pub files: Vec<FileCount>,
    /// Each rejected row with its reason, in order of file and line.
    pub rejections: Vec<Rejection>,
    /// How many facts each table got; tables that got none are not listed.
    pub tables: Vec<TableCount>,
    /// Rows that say otherwise than the first of a fact that is made once, or than the ledger to which they are appended.
    pub conflicts: u64,
    /// Amounts that were rounded as the mapping says.
    pub rounded: u64,
    /// The most by which one of them changed; none when none was.
    pub largest_change: Option<Money>,
    /// Sums of the documents taken in, by currency and kind.
    pub totals: Vec<ControlTotal>,
}

/// What became of the rows of one file.
#[uniffi::remote(Record)]
pub struct FileCount {
    /// Its name.
    pub file: String,
    /// Its rows.
    pub rows: u64,
    /// Those taken in.
    pub accepted: u64,
    /// Those rejected.
    pub rejected: u64,
    /// Of the accepted, repeats.
    pub repeated: u64,
}

/// A row that was rejected: with all its facts, for this reason.
#[uniffi::remote(Record)]
pub struct Rejection {
    /// The file.
    pub file: String,
    /// The line of the file on which the row begins, counted from 1.
    pub line: u64,
    /// The column that was wrong, when it was one.
    pub column: Option<String>,
    /// The table of the fact it would have made.
    pub table: Option<String>,
    /// The field.
    pub field: Option<String>,
    /// Stable code.
    pub code: String,
    /// What was expected and what came.
    pub reason: String,
}

/// How many facts a table got.
#[uniffi::remote(Record)]
pub struct TableCount {
    /// The table.
    pub table: String,
    /// Its new rows.
    pub facts: u64,
}

/// The documents of one kind in one currency.
#[uniffi::remote(Record)]
pub struct ControlTotal {
    /// The currency.
    pub currency: String,
    /// The kind of document.
    pub kind: String,
    /// How many.
    pub documents: u64,
    /// Their sum.
    pub amount: Money,
}
