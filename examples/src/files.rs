//! A ledger from its files by a mapping, for whichever example: the sample without further words.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ar_core::import::{self, File, ImportReport, Mapping};
use ar_core::ledger::Ledger;
use ar_core::problem::Refused;

/// Files by name.
pub type Bytes = Vec<(String, Vec<u8>)>;

/// A ledger and what it was read from.
pub struct Opened {
    /// The ledger.
    pub ledger: Ledger,
    /// What the ledger was read from, for a heading.
    pub source: String,
    /// What became of every row.
    pub report: ImportReport,
    /// Names of customers, where the ledger has them.
    pub names: BTreeMap<String, String>,
    /// How it was read.
    pub mapping: Mapping,
    /// Where its files lie, when it has several.
    pub folder: Option<PathBuf>,
}

/// A file whole.
///
/// # Errors
/// In words, with the path.
pub fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The examples folder: where it was when this was built, else below the current one.
#[must_use]
pub fn examples() -> PathBuf {
    let built = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    if built.join("data").is_dir() { built } else { PathBuf::from("examples") }
}

/// Files as an import takes them.
#[must_use]
pub fn files(bytes: &Bytes) -> Vec<File<'_>> {
    bytes.iter().map(|(name, bytes)| File { name, bytes }).collect()
}

/// The files of a mapping that lie in a folder.
///
/// # Errors
/// In words: one that must be there and is not.
pub fn in_folder(mapping: &Mapping, folder: &Path) -> Result<Bytes, String> {
    let mut bytes = Bytes::new();
    for (name, optional) in mapping.files() {
        let path = folder.join(name);
        if path.is_file() || !optional {
            bytes.push((name.to_owned(), read(&path)?));
        }
    }
    Ok(bytes)
}

/// Opens a ledger, a file or a folder; the sample when none is named.
///
/// # Errors
/// In words: files that are not there, a mapping that is refused.
pub fn open(ledger: Option<&Path>, mapping: Option<&Path>) -> Result<Opened, String> {
    let source = match (ledger, ledger.and_then(Path::file_name)) {
        (None, _) => String::from("examples/data"),
        (Some(_), Some(name)) => name.to_string_lossy().into_owned(),
        (Some(_), None) => String::from("ledger"),
    };
    let ledger = ledger.map_or_else(|| examples().join("data"), Path::to_path_buf);
    let mapping = mapping.map_or_else(|| examples().join("mappings/sample.toml"), Path::to_path_buf);
    let text = String::from_utf8(read(&mapping)?).map_err(|_| format!("{}: not UTF-8", mapping.display()))?;
    let mapping = Mapping::parse(&text).map_err(|error| format!("{}: {error}", mapping.display()))?;
    let mut first = mapping.batch("");
    let folder = ledger.is_dir().then(|| ledger.clone());
    let bytes = match &folder {
        Some(folder) => in_folder(&first, folder)?,
        None => match first.file.as_mut_slice() {
            // A lone file may be called what it likes; reports call it that too.
            [file] => {
                file.name.clone_from(&source);
                vec![(source.clone(), read(&ledger)?)]
            }
            _ => return Err(String::from("the mapping has several files: --ledger must name their folder")),
        },
    };
    let told = |error: Refused| error.to_string();
    let has_names = first.file.iter().flat_map(|file| &file.fact).any(|fact| fact.fields.contains_key("name"));
    let names = if has_names {
        let facts = import::read_files(&first, &files(&bytes)).map_err(told)?.facts;
        facts.customers.into_iter().filter_map(|row| Some((row.id, row.name?))).collect()
    } else {
        BTreeMap::new()
    };
    let (ledger, report) = import::load_files(&first, &files(&bytes), &mapping.settings).map_err(told)?;
    Ok(Opened { ledger, source, report, names, mapping, folder })
}
