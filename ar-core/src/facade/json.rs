//! Policies, settings and facts as JSON text: what crosses where a language has no type of its own for them.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::aging::{AgingPolicy, Where};
use crate::allocation::AllocationPolicy;
use crate::ledger::cell::{Cell, Source};
use crate::ledger::fact::{Kind, Table, Tables};
use crate::ledger::settings::Settings;
use crate::problem::{Problem, Refused};

pub(super) fn policy<T: DeserializeOwned>(text: &str) -> Result<T, Refused> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let problem = Problem::new("policy_invalid", error.inner().to_string());
        if path == "." { problem } else { problem.field(&path) }
    })?;
    reader.end().map_err(|error| Problem::new("policy_invalid", error.to_string()))?;
    Ok(value)
}

/// A policy in its versioned envelope. A later version is refused before its fields are: they may be new ones. A fault
/// inside a list is a fault of the list, and the message says which entry.
fn enveloped<T: DeserializeOwned>(text: &str) -> Result<T, Refused> {
    #[derive(Deserialize)]
    struct Envelope {
        version: Option<Value>,
    }
    if let Ok(Envelope { version: Some(version) }) = serde_json::from_str(text)
        && (version.is_i64() || version.is_u64())
        && version.as_u64() != Some(1)
    {
        let reason = format!("expected version 1, got {version}");
        return Err(Problem::new("unsupported_version", reason).field("version").into());
    }
    policy(text).map_err(|mut refused| {
        for problem in &mut refused.problems {
            if let Some(path) = problem.field.take() {
                let list = path.split('[').next().unwrap_or(&path).to_owned();
                if list != path {
                    problem.reason = format!("{path}: {}", problem.reason);
                }
                problem.field = Some(list);
            }
        }
        refused
    })
}

/// An aging policy from JSON text, proved well-formed.
///
/// # Errors
/// `policy_invalid`, `unsupported_version`, with the path.
pub fn aging_policy(text: &str) -> Result<AgingPolicy, Refused> {
    let read: AgingPolicy = enveloped(text)?;
    read.check()?;
    Ok(read)
}

/// An allocation policy from JSON text, proved well-formed.
///
/// # Errors
/// `policy_invalid`, `unsupported_version`, with the path.
pub fn allocation_policy(text: &str) -> Result<AllocationPolicy, Refused> {
    let read: AllocationPolicy = enveloped(text)?;
    read.check()?;
    Ok(read)
}

/// Settings of a ledger from JSON text.
///
/// # Errors
/// `policy_invalid` with the path.
pub fn settings(text: &str) -> Result<Settings, Refused> {
    policy(text)
}

/// A filter of an aging from JSON text: key → list of values.
///
/// # Errors
/// `policy_invalid` with the path.
pub fn where_filter(text: &str) -> Result<Where, Refused> {
    policy(text)
}

/// Plain data as JSON text: facts and reports of an import.
#[must_use]
pub fn to_json<T: serde::Serialize>(data: &T) -> String {
    // Plain structs of text, numbers and lists have no map with a key that is not text, the one thing that fails.
    serde_json::to_string(data).unwrap_or_default()
}

/// Facts as JSON text: an object of tables, each a list of rows. A number with a fraction is a float, and refused.
#[derive(Debug)]
pub struct JsonFacts {
    tables: Vec<(Table, JsonTable)>,
}

#[derive(Debug)]
struct JsonTable {
    table: Table,
    rows: Vec<serde_json::Map<String, Value>>,
}

impl JsonFacts {
    /// Reads the text.
    ///
    /// # Errors
    /// `wrong_type` when it is no such object; `unknown_field` for a table or column that there is not.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| Problem::new("wrong_type", format!("expected JSON: {error}")))?;
        let Value::Object(object) = value else {
            return Err(Problem::new("wrong_type", "expected an object of tables").into());
        };
        let mut tables = Vec::new();
        let mut problems = Vec::new();
        for (name, rows) in object {
            let Some(table) = Table::named(&name) else {
                let mut problem = Problem::new("unknown_field", "expected the name of a table");
                problem.table = Some(name);
                problems.push(problem);
                continue;
            };
            let Value::Array(rows) = rows else {
                let mut problem = Problem::new("wrong_type", "expected a list of rows");
                problem.table = Some(name);
                problems.push(problem);
                continue;
            };
            let mut read = Vec::with_capacity(rows.len());
            for (index, row) in rows.into_iter().enumerate() {
                match row {
                    Value::Object(row) => {
                        for field in row.keys().filter(|field| !table.columns().iter().any(|spec| spec.name == *field))
                        {
                            problems.push(
                                Problem::new("unknown_field", "expected a column of the table")
                                    .field(field)
                                    .row(&name, index),
                            );
                        }
                        read.push(row);
                    }
                    _ => problems.push(Problem::new("wrong_type", "expected an object").row(&name, index)),
                }
            }
            tables.push((table, JsonTable { table, rows: read }));
        }
        if problems.is_empty() { Ok(Self { tables }) } else { Err(Refused::new(problems)) }
    }

    /// The tables to load.
    #[must_use]
    pub fn tables(&self) -> Tables<'_> {
        let mut all = Tables::default();
        for (table, rows) in &self.tables {
            all.push(*table, Box::new(JsonSource(rows)));
        }
        all
    }
}

struct JsonSource<'a>(&'a JsonTable);

fn cell(value: Option<&Value>) -> Cell<'_> {
    match value {
        None | Some(Value::Null) => Cell::Missing,
        Some(Value::Bool(_)) => Cell::Bool,
        Some(Value::Number(number)) => match number.as_i64().map(i128::from).or(number.as_u64().map(i128::from)) {
            Some(whole) => Cell::Integer(whole),
            None => Cell::Float,
        },
        Some(Value::String(text)) => Cell::Text(Cow::Borrowed(text)),
        Some(Value::Array(_)) => Cell::Other("a list"),
        Some(Value::Object(_)) => Cell::Other("an object"),
    }
}

impl Source for JsonSource<'_> {
    fn rows(&self) -> usize {
        self.0.rows.len()
    }

    fn cell(&self, field: usize, row: usize) -> Cell<'_> {
        let Some(spec) = self.0.table.columns().get(field) else { return Cell::Missing };
        cell(self.0.rows.get(row).and_then(|row| row.get(spec.name)))
    }

    fn dimensions(&self, row: usize) -> Vec<(&str, Cell<'_>)> {
        let named = self.0.table.columns().iter().find(|spec| spec.kind == Kind::Dimensions);
        match named.and_then(|spec| self.0.rows.get(row).and_then(|row| row.get(spec.name))) {
            Some(Value::Object(map)) => map.iter().map(|(name, value)| (name.as_str(), cell(Some(value)))).collect(),
            _ => Vec::new(),
        }
    }
}
