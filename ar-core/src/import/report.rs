//! What became of every row: read, left out as a repeat, or rejected and why; and totals to tie against.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What became of the rows of an import. `rows` = `accepted` + `rejected`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    pub largest_change: Option<Decimal>,
    /// Sums of the documents taken in, by currency and kind.
    pub totals: Vec<ControlTotal>,
}

/// What became of the rows of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Stable code; see `docs/errors.md`.
    pub code: String,
    /// One line: what was expected and what came.
    pub reason: String,
}

/// How many facts a table got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCount {
    /// The table.
    pub table: String,
    /// Its new rows.
    pub facts: u64,
}

/// The documents of one kind in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlTotal {
    /// The currency.
    pub currency: String,
    /// The kind of document.
    pub kind: String,
    /// How many.
    pub documents: u64,
    /// Their sum.
    pub amount: Decimal,
}
