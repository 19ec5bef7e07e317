//! The ledger from its files, and what lies beside them: names, the bank's file, the control accounts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ar_core::aging::ControlBalance;
use ar_core::calendar::Day;
use ar_core::import::{self, File, ImportReport, Mapping};
use ar_core::ledger::Ledger;
use rust_decimal::Decimal;

use crate::ask::Asked;

/// The batch of a mapping that holds the day's cash.
pub const CASH: &str = "cash";

pub struct Books {
    pub ledger: Ledger,
    /// What the ledger was read from, for a heading.
    pub source: String,
    pub report: ImportReport,
    pub names: BTreeMap<String, String>,
    pub mapping: Mapping,
    folder: Option<PathBuf>,
}

/// A control account's balance: on which day, as known on which day.
pub struct Control {
    pub day: Day,
    pub known_on: Option<Day>,
    pub balance: ControlBalance,
}

type Bytes = Vec<(String, Vec<u8>)>;

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The examples folder: where it was when this was built, else below the current one.
fn examples() -> PathBuf {
    let built = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    if built.join("data").is_dir() { built } else { PathBuf::from("examples") }
}

fn files(bytes: &Bytes) -> Vec<File<'_>> {
    bytes.iter().map(|(name, bytes)| File { name, bytes }).collect()
}

pub fn open(asked: &Asked) -> Result<Books, String> {
    let ledger = asked.ledger.clone().unwrap_or_else(|| examples().join("data"));
    let mapping = asked.mapping.clone().unwrap_or_else(|| examples().join("mappings/sample.toml"));
    let text = String::from_utf8(read(&mapping)?).map_err(|_| format!("{}: not UTF-8", mapping.display()))?;
    let mapping = Mapping::parse(&text).map_err(|error| format!("{}: {error}", mapping.display()))?;
    let mut first = mapping.batch("");
    let source = match (&asked.ledger, ledger.file_name()) {
        (None, _) => String::from("examples/data"),
        (Some(_), Some(name)) => name.to_string_lossy().into_owned(),
        (Some(_), None) => String::from("ledger"),
    };
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
    let told = |error: ar_core::problem::Refused| error.to_string();
    let has_names = first.file.iter().flat_map(|file| &file.fact).any(|fact| fact.fields.contains_key("name"));
    let names = if has_names {
        let facts = import::read_files(&first, &files(&bytes)).map_err(told)?.facts;
        facts.customers.into_iter().filter_map(|row| Some((row.id, row.name?))).collect()
    } else {
        BTreeMap::new()
    };
    let (ledger, report) = import::load_files(&first, &files(&bytes), &mapping.settings).map_err(told)?;
    Ok(Books { ledger, source, report, names, mapping, folder })
}

fn in_folder(mapping: &Mapping, folder: &Path) -> Result<Bytes, String> {
    let mut bytes = Bytes::new();
    for (name, optional) in mapping.files() {
        let path = folder.join(name);
        if path.is_file() || !optional {
            bytes.push((name.to_owned(), read(&path)?));
        }
    }
    Ok(bytes)
}

impl Books {
    /// The name of a customer, where the ledger has one, with its id.
    pub fn named(&self, id: &str) -> String {
        self.names.get(id).map_or_else(|| id.to_owned(), |name| format!("{name} ({id})"))
    }

    /// The day's cash, not yet in the ledger; none when there is no such file.
    pub fn cash(&self) -> Option<(Mapping, Bytes)> {
        let batch = self.mapping.batch(CASH);
        let folder = self.folder.as_ref()?;
        if batch.file.is_empty() {
            return None;
        }
        let bytes = in_folder(&batch, folder).ok()?;
        Some((batch, bytes))
    }

    /// The latest day on which the day's cash counts.
    pub fn day_of_cash(&self) -> Option<Day> {
        let (mapping, bytes) = self.cash()?;
        let facts = import::read_files(&mapping, &files(&bytes)).ok()?.facts;
        facts.documents.iter().filter_map(|row| Day::try_from(row.document_date).ok()).max()
    }

    /// The ledger with the day's cash in it.
    pub fn with_cash(&self, day: Day) -> Result<Option<(Ledger, ImportReport, Vec<String>)>, String> {
        let Some((mapping, bytes)) = self.cash() else { return Ok(None) };
        let told = |error: ar_core::problem::Refused| error.to_string();
        let read = import::read_files(&mapping, &files(&bytes)).map_err(told)?;
        let (ledger, report) = import::append_files(&self.ledger, &mapping, &files(&bytes), day).map_err(told)?;
        let credits = read.facts.documents.into_iter().map(|row| row.id).collect();
        Ok(Some((ledger, report, credits)))
    }

    /// The balances of `control_accounts.csv` beside the ledger.
    pub fn control(&self) -> Result<Vec<Control>, String> {
        let Some(path) = self.folder.as_ref().map(|folder| folder.join("control_accounts.csv")) else {
            return Ok(Vec::new());
        };
        if !path.is_file() {
            return Ok(Vec::new());
        }
        let mut all = Vec::new();
        let bytes = read(&path)?;
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        for (row, line) in reader.deserialize::<ControlRow>().zip(2..) {
            let row = row.map_err(|error| format!("control_accounts.csv: {error}"))?;
            let at = |error: String| format!("control_accounts.csv line {line}: {error}");
            let day = |text: &str| Day::parse(text).map_err(|error| at(error.to_string()));
            let balance: Decimal = row.balance.parse().map_err(|_| at(String::from("expected a balance")))?;
            all.push(Control {
                day: day(&row.day)?,
                known_on: row.known_on.as_deref().filter(|text| !text.is_empty()).map(day).transpose()?,
                balance: ControlBalance {
                    company: row.company,
                    control_account: row.control_account,
                    currency: row.currency,
                    balance,
                },
            });
        }
        Ok(all)
    }
}

#[derive(serde::Deserialize)]
struct ControlRow {
    day: String,
    known_on: Option<String>,
    company: Option<String>,
    control_account: Option<String>,
    currency: String,
    balance: String,
}
