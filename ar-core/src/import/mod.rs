//! Files in, facts out: CSV and JSON lines read by a mapping, with an account of every row.
//!
//! A row gives all of its facts or none. What is rejected is listed with its line, column, code and reason; the rest is
//! taken in. Nothing here opens a file: bytes in, facts out. The mapping is described in `docs/import.md`.
//!
//! ```
//! use ar_core::import::{self, Mapping};
//! let mapping = Mapping::parse(r#"
//!     [[file]]
//!     [[file.fact]]
//!     table = "customers"
//!     once = true
//!     fields = { id = "{customer}" }
//!     [[file.fact]]
//!     table = "documents"
//!     [file.fact.fields]
//!     id = "{customer}-{invoice}"
//!     customer = "{customer}"
//!     kind = "invoice"
//!     currency = "EUR"
//!     amount = { column = "amount", decimal_mark = "," }
//!     document_date = { column = "date", date = "%d.%m.%Y" }
//! "#).unwrap();
//! let read = import::read(&mapping, b"customer,invoice,amount,date\nC,1,\"12,50\",31.1.2026\nC,2,\"7,00\",30.2.2026\n").unwrap();
//! assert_eq!(read.facts.documents.len(), 1);
//! assert_eq!((read.report.rows, read.report.accepted, read.report.rejected), (2, 1, 1));
//! let rejected = &read.report.rejections[0];
//! assert_eq!((rejected.line, rejected.column.as_deref(), rejected.code.as_str()), (3, Some("date"), "impossible_date"));
//! ```

mod draft;
mod fact;
mod mapping;
mod plan;
mod report;
mod source;
mod value;

pub use mapping::{Condition, FactMapping, Field, FileMapping, Format, Mapping, Negative, Repeats, Round, Sign};
pub use report::{ControlTotal, FileCount, ImportReport, Rejection, TableCount};

use self::draft::Draft;
use self::plan::FilePlan;
use crate::calendar::Day;
use crate::ledger::Ledger;
use crate::ledger::fact::Facts;
use crate::ledger::settings::Settings;
use crate::problem::{Problem, Refused};

/// Facts read from files, and what became of every row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The facts of the accepted rows.
    pub facts: Facts,
    /// What became of every row.
    pub report: ImportReport,
}

/// A file: its name as the mapping has it, and its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
}

/// Reads the one file of a mapping.
///
/// # Errors
/// `mapping_invalid`, `unsupported_version`, with the path in the mapping; also when a column is not in the file. A bad
/// row is no error: it is in the report.
pub fn read(mapping: &Mapping, bytes: &[u8]) -> Result<Imported, Refused> {
    read_files(mapping, &[one_file(mapping, bytes)?])
}

/// Reads the files of a mapping, in its order.
///
/// # Errors
/// As [`read`]; also for a file that is not in the mapping, and for one that is absent and not `optional` while another of
/// its batch is there.
pub fn read_files(mapping: &Mapping, files: &[File<'_>]) -> Result<Imported, Refused> {
    let plans = plan::compile(mapping)?;
    drafted(&plans, files)?.finish()
}

/// Loads a ledger from the one file of a mapping. Rows whose facts the ledger refuses are rejected like unreadable ones,
/// and the rest is loaded.
///
/// # Errors
/// As [`read`]; also when the settings are refused.
pub fn load(mapping: &Mapping, bytes: &[u8], settings: &Settings) -> Result<(Ledger, ImportReport), Refused> {
    load_files(mapping, &[one_file(mapping, bytes)?], settings)
}

/// Loads a ledger from the files of a mapping; see [`load`].
///
/// # Errors
/// As [`read_files`]; also when the settings are refused.
pub fn load_files(
    mapping: &Mapping,
    files: &[File<'_>],
    settings: &Settings,
) -> Result<(Ledger, ImportReport), Refused> {
    let plans = plan::compile(mapping)?;
    settled(drafted(&plans, files)?, |facts| Ledger::load_listing_all(settings.clone(), &facts.tables()))
}

/// Appends the files of a mapping to a ledger, all recorded on one day; see [`load`].
///
/// A customer that is mapped `once` and that the ledger has already is left as it is; a row that says otherwise about it is
/// counted in `conflicts`.
///
/// # Errors
/// As [`read_files`]; also `recorded_backwards`.
pub fn append_files(
    ledger: &Ledger,
    mapping: &Mapping,
    files: &[File<'_>],
    recorded: Day,
) -> Result<(Ledger, ImportReport), Refused> {
    let plans = plan::compile(mapping)?;
    let mut draft = drafted(&plans, files)?;
    draft.leave_out_customers_of(ledger);
    settled(draft, |facts| ledger.append_listing_all(&facts.tables(), recorded))
}

fn one_file<'a>(mapping: &'a Mapping, bytes: &'a [u8]) -> Result<File<'a>, Refused> {
    match mapping.file.as_slice() {
        [file] => Ok(File { name: &file.name, bytes }),
        _ => Err(Problem::new("mapping_invalid", "expected one file, since one was given").field("file").into()),
    }
}

fn drafted<'a>(plans: &'a [FilePlan<'a>], files: &[File<'_>]) -> Result<Draft<'a>, Refused> {
    for (at, file) in files.iter().enumerate() {
        let unknown = !plans.iter().any(|plan| plan.mapping.name == file.name);
        if unknown || files.iter().take(at).any(|other| other.name == file.name) {
            let reason = if unknown { "expected a file of the mapping" } else { "expected each file once" };
            return Err(Problem::new("mapping_invalid", reason).field("file").into());
        }
    }
    // A batch is begun by the first of its files; a load of none is one of the batch without a name.
    let begun = |batch: &str| {
        plans.iter().any(|plan| plan.mapping.batch == batch && files.iter().any(|file| file.name == plan.mapping.name))
    };
    let is_expected = |batch: &str| begun(batch) || (batch.is_empty() && files.is_empty());
    let mut draft = Draft::new(plans);
    for (at, plan) in plans.iter().enumerate() {
        match files.iter().find(|file| file.name == plan.mapping.name) {
            Some(file) => draft.read(at, file.bytes)?,
            None if plan.mapping.optional || !is_expected(&plan.mapping.batch) => {}
            None => {
                let reason = format!("expected the file {}", crate::problem::quoted(&plan.mapping.name));
                return Err(Problem::new("mapping_invalid", reason).field(&format!("file[{at}].name")).into());
            }
        }
    }
    Ok(draft)
}

/// Rejects rows until what is left is taken.
fn settled(
    mut draft: Draft<'_>,
    take: impl Fn(&Facts) -> Result<Ledger, Refused>,
) -> Result<(Ledger, ImportReport), Refused> {
    loop {
        match take(&draft.facts) {
            Ok(ledger) => return Ok((ledger, draft.finish()?.report)),
            // Each round rejects a row at least, so there is an end.
            Err(refused) => draft.reject_refused(refused.problems)?,
        }
    }
}

/// The examples of the page on import run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/import.md")]
struct Page;
