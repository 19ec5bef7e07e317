//! The ledger from its files, and what lies beside them: names, the bank's file, the control accounts.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ar_core::aging::ControlBalance;
use ar_core::calendar::Day;
use ar_core::import::{self, ImportReport, Mapping};
use ar_core::ledger::Ledger;
use ar_examples::files::{self, Bytes, Opened, in_folder, read};
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

pub fn open(asked: &Asked) -> Result<Books, String> {
    let Opened { ledger, source, report, names, mapping, folder } =
        files::open(asked.ledger.as_deref(), asked.mapping.as_deref())?;
    Ok(Books { ledger, source, report, names, mapping, folder })
}

impl Books {
    /// The name of a customer, where the ledger has one, with its id.
    pub fn named(&self, id: &str) -> String {
        self.names.get(id).map_or_else(|| id.to_owned(), |name| format!("{name} ({id})"))
    }

    /// A customer in so many signs: a long name is cut, its id is not.
    pub fn named_within(&self, id: &str, width: usize) -> String {
        let named = self.named(id);
        if named.chars().count() <= width {
            return named;
        }
        let Some(name) = self.names.get(id) else { return named };
        let room = width.saturating_sub(id.chars().count().saturating_add(4));
        format!("{}… ({id})", name.chars().take(room).collect::<String>().trim_end())
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
        let facts = import::read_files(&mapping, &files::files(&bytes)).ok()?.facts;
        facts.documents.iter().filter_map(|row| Day::try_from(row.document_date).ok()).max()
    }

    /// The ledger with the day's cash in it.
    pub fn with_cash(&self, day: Day) -> Result<Option<(Ledger, ImportReport, Vec<String>)>, String> {
        let Some((mapping, bytes)) = self.cash() else { return Ok(None) };
        let told = |error: ar_core::problem::Refused| error.to_string();
        let read = import::read_files(&mapping, &files::files(&bytes)).map_err(told)?;
        let (ledger, report) =
            import::append_files(&self.ledger, &mapping, &files::files(&bytes), day).map_err(told)?;
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
