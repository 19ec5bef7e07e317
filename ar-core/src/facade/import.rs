//! Files as facts or as a ledger, by the text of a mapping.

use crate::import::{self, File, ImportReport, Imported, Mapping};
use crate::problem::Refused;

use super::{Day, Ledger, Settings};

/// A ledger made from files, and what became of every row.
#[derive(Debug, Clone)]
pub struct LoadedImport {
    /// The ledger.
    pub ledger: Ledger,
    /// What became of every row.
    pub report: ImportReport,
}

/// A mapping from TOML or JSON text, proved well-formed.
///
/// # Errors
/// `mapping_invalid`, `unsupported_version`, with the path.
pub fn mapping(text: &str) -> Result<Mapping, Refused> {
    Mapping::parse(text)
}

/// Reads one file by the text of a mapping: facts, and what became of every row.
///
/// # Errors
/// `mapping_invalid`, `unsupported_version`, with the path.
pub fn import_text(mapping: &str, bytes: &[u8]) -> Result<Imported, Refused> {
    import::read(&Mapping::parse(mapping)?, bytes)
}

/// Loads a ledger from files by the text of a mapping; without settings, with those of the mapping.
///
/// # Errors
/// As [`import_text`]; also when the settings are refused.
pub fn import_ledger(mapping: &str, files: &[File<'_>], settings: Option<Settings>) -> Result<LoadedImport, Refused> {
    let mapping = Mapping::parse(mapping)?;
    let settings = settings.unwrap_or_else(|| mapping.settings.clone());
    let (ledger, report) = import::load_files(&mapping, files, &settings)?;
    Ok(LoadedImport { ledger, report })
}

/// Appends files to a ledger by the text of a mapping, all recorded on one day.
///
/// # Errors
/// As [`import_text`]; also `recorded_backwards`.
pub fn import_append(
    ledger: &Ledger,
    mapping: &str,
    files: &[File<'_>],
    recorded: Day,
) -> Result<LoadedImport, Refused> {
    let (ledger, report) = import::append_files(ledger, &Mapping::parse(mapping)?, files, recorded)?;
    Ok(LoadedImport { ledger, report })
}
