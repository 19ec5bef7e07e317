//! Policies, settings and facts as JSON text: what crosses where a language has no type of its own for them.

use std::borrow::Cow;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::aging::{AgingPolicy, Where};
use crate::allocation::AllocationPolicy;
use crate::credit::CreditPolicy;
use crate::dunning::DunningPolicy;
use crate::interest::{CompiledInterest, InterestPolicy, InterestQuestion};
use crate::kpi::KpiPolicy;
use crate::ledger::cell::{Cell, Source};
use crate::ledger::fact::{Kind, Table, Tables};
use crate::ledger::settings::Settings;
use crate::picture::PicturePolicy;
use crate::problem::{Problem, Refused, quoted};
use crate::settlement::{SettlementEdit, SettlementPolicy};

pub(super) fn policy<T: DeserializeOwned>(text: &str) -> Result<T, Refused> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let problem = Problem::new("policy_invalid", in_plain_words(&error.inner().to_string()));
        if path == "." { problem } else { problem.field(&path) }
    })?;
    reader.end().map_err(|error| Problem::new("policy_invalid", error.to_string()))?;
    Ok(value)
}

/// The reader's own message without the names of types.
fn in_plain_words(message: &str) -> String {
    let mut plain = message.to_owned();
    for bits in ["8", "16", "32", "64", "128", "size"] {
        for name in ["i", "u"] {
            plain = plain.replace(&format!("expected {name}{bits}"), "expected a whole number");
        }
    }
    for (name, word) in [("expected struct ", "expected an object of "), ("expected a sequence", "expected a list")] {
        plain = plain.replace(name, word);
    }
    plain
}

/// A policy in its versioned envelope. A later version is refused before its fields are: they may be new ones. A fault
/// inside a list is a fault of the list, and the message says which entry.
fn enveloped<T: DeserializeOwned>(text: &str, parts: &[&str]) -> Result<T, Refused> {
    versioned(text, parts, |path, _| list_of(path))
}

fn list_of(path: &str) -> &str {
    path.split('[').next().unwrap_or(path)
}

/// A policy in its versioned envelope, with what to call a fault by its path.
fn versioned<T: DeserializeOwned>(
    text: &str,
    parts: &[&str],
    field: impl for<'a> Fn(&'a str, &str) -> &'a str,
) -> Result<T, Refused> {
    let value: Value = serde_json::from_str(text).map_err(|error| Problem::new("policy_invalid", error.to_string()))?;
    let version = value.get("version").filter(|version| version.is_i64() || version.is_u64());
    if let Some(version) = version.filter(|version| version.as_u64() != Some(1)) {
        let reason = format!("expected version 1, got {version}");
        return Err(Problem::new("unsupported_version", reason).field("version").into());
    }
    // A list would be read as the fields in their order.
    let object = || Problem::new("policy_invalid", "expected an object, got a list");
    if value.is_array() {
        return Err(object().into());
    }
    if let Some(part) = parts.iter().find(|part| value.get(**part).is_some_and(Value::is_array)) {
        return Err(object().field(part).into());
    }
    policy(text).map_err(|mut refused| {
        for problem in &mut refused.problems {
            if let Some(path) = problem.field.take() {
                let list = field(&path, &problem.reason).to_owned();
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
    let read: AgingPolicy = enveloped(text, &[])?;
    read.check()?;
    Ok(read)
}

/// An allocation policy from JSON text, proved well-formed.
///
/// # Errors
/// `policy_invalid`, `unsupported_version`, with the path.
pub fn allocation_policy(text: &str) -> Result<AllocationPolicy, Refused> {
    let read: AllocationPolicy = enveloped(text, &["filter"])?;
    read.check()?;
    Ok(read)
}

/// A policy of a picture from JSON text, proved well-formed; what is left out has its default.
///
/// # Errors
/// `policy_invalid`, `unsupported_version`, with the path.
pub fn picture_policy(text: &str) -> Result<PicturePolicy, Refused> {
    let read: PicturePolicy = versioned(text, &["aging", "credit", "kpi"], value_or_list)?;
    read.check()?;
    Ok(read)
}

/// A settlement policy from JSON text; what is left out has its default.
///
/// # Errors
/// `policy_invalid`, `unsupported_version`, with the path.
pub fn settlement_policy(text: &str) -> Result<SettlementPolicy, Refused> {
    let read: SettlementPolicy =
        versioned(text, &["filter", "discount", "tolerance", "search", "reasons"], value_or_list)?;
    read.check()?;
    Ok(read)
}

/// Changes of a settlement from JSON text: a list of them.
///
/// # Errors
/// `edit_invalid`, table `edits`, with the place and the path.
pub fn settlement_edits(text: &str) -> Result<Vec<SettlementEdit>, Refused> {
    let invalid = |reason: String| Problem::new("edit_invalid", reason);
    let rows: Vec<Value> = serde_json::from_str(text).map_err(|_| invalid("expected a list of changes".to_owned()))?;
    let mut edits = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        if !row.is_object() {
            return Err(invalid("expected an object".to_owned()).row("edits", index).into());
        }
        let read: Result<SettlementEdit, Refused> = policy(&row.to_string());
        edits.push(read.map_err(|mut refused| {
            for problem in &mut refused.problems {
                "edit_invalid".clone_into(&mut problem.code);
                (problem.table, problem.index) = (Some("edits".to_owned()), u64::try_from(index).ok());
            }
            refused
        })?);
    }
    Ok(edits)
}

/// A dunning policy from JSON text, proved well-formed; what is left out has its default.
///
/// # Errors
/// `policy_invalid`, `unsupported_version`, with the path.
pub fn dunning_policy(text: &str) -> Result<DunningPolicy, Refused> {
    // A policy without procedures is none, whatever else it says.
    let value: Option<Value> = serde_json::from_str(text).ok().filter(Value::is_object);
    let lacks = |value: &Value| {
        let is_first = value.get("version").is_none_or(|version| version.as_u64() == Some(1));
        is_first && value.get("procedures").and_then(Value::as_object).is_none_or(serde_json::Map::is_empty)
    };
    if value.as_ref().is_some_and(lacks) {
        return Err(Problem::new("policy_invalid", "expected an object of procedures").field("procedures").into());
    }
    let read: DunningPolicy =
        versioned(text, &["procedures", "where", "interest"], value_or_own_list).map_err(at_what_is_missing)?;
    read.check()?;
    Ok(read)
}

/// A credit policy from JSON text, proved well-formed; what is left out has its default.
///
/// # Errors
/// `policy_invalid`, `unsupported_version`, with the path.
pub fn credit_policy(text: &str) -> Result<CreditPolicy, Refused> {
    let read: CreditPolicy = enveloped(text, &["proposal"])?;
    read.check()?;
    Ok(read)
}

/// A policy of figures from JSON text, proved well-formed; what is left out has its default.
///
/// # Errors
/// `policy_invalid`, `unsupported_version`, with the path.
pub fn kpi_policy(text: &str) -> Result<KpiPolicy, Refused> {
    let read: KpiPolicy = versioned(text, &[], value_or_own_list)?;
    read.check()?;
    Ok(read)
}

/// What lacks a field and stands in no list is told by the field.
fn at_what_is_missing(mut refused: Refused) -> Refused {
    for problem in &mut refused.problems {
        let missing = problem.reason.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
        if let (Some((missing, _)), Some(path)) = (missing, &problem.field) {
            problem.field = Some(format!("{path}.{missing}"));
        }
    }
    refused
}

/// A wrong value in a member names itself; a wrong member, or a field of it that there is not, the list that it is in.
fn value_or_own_list<'a>(path: &'a str, reason: &str) -> &'a str {
    let Some((list, within)) = path.rsplit_once('[') else { return path };
    let deeper = within.split_once(']').map_or("", |(_, deeper)| deeper);
    let field_of_member = deeper.strip_prefix('.').is_some_and(|field| !field.contains('.'));
    if deeper.is_empty() || (field_of_member && reason.starts_with("unknown field")) { list } else { path }
}

/// A wrong value in a member names itself; a wrong member, or a field that there is not, the list.
fn value_or_list<'a>(path: &'a str, reason: &str) -> &'a str {
    let whole = path.ends_with(']') || reason.starts_with("unknown field");
    if whole { list_of(path) } else { path }
}

/// A policy of interest and compensation from JSON text, proved well-formed; what is left out has its default.
///
/// # Errors
/// `policy_invalid`, `unsupported_version`, with the path.
pub fn interest_policy(text: &str) -> Result<CompiledInterest, Refused> {
    let read: InterestPolicy = versioned(text, &["reference", "compensation"], value_or_list)?;
    Ok(read.compile()?)
}

/// What is asked about interest beside a day, from JSON text: what is charged already, and about whom.
///
/// # Errors
/// `policy_invalid` with the path.
pub fn interest_question(text: &str) -> Result<InterestQuestion, Refused> {
    policy(text)
}

/// A policy of predictions from JSON text; what is left out has its default.
///
/// # Errors
/// `policy_invalid`, `unsupported_version`, with the path.
pub fn prediction_policy(text: &str) -> Result<crate::prediction::PredictionPolicy, Refused> {
    let read: crate::prediction::PredictionPolicy = versioned(text, &[], |path, _| path)?;
    read.check()?;
    Ok(read)
}

/// What else is asked about each item beside its day, from JSON text; what is left out is not asked.
///
/// # Errors
/// `policy_invalid` with the path; `impossible_date`, field `paid_by[n]`.
pub fn prediction_ask(text: &str) -> Result<crate::prediction::PredictionAsk, Refused> {
    let read: crate::prediction::PredictionAsk = policy(text)?;
    read.check()?;
    Ok(read)
}

/// A policy of provisions from JSON text, proved well-formed; what is left out has its default.
///
/// # Errors
/// `policy_invalid`, `unsupported_version`, with the path.
pub fn provision_policy(text: &str) -> Result<crate::provision::ProvisionPolicy, Refused> {
    let read: crate::provision::ProvisionPolicy = versioned(text, &["aging", "where", "journal"], |path, _| path)?;
    read.check()?;
    Ok(read)
}

/// A policy of loss rates from JSON text, proved well-formed; what is left out has its default.
///
/// # Errors
/// `policy_invalid`, `unsupported_version`, with the path.
pub fn loss_rate_policy(text: &str) -> Result<crate::provision::LossRatePolicy, Refused> {
    let read: crate::provision::LossRatePolicy = versioned(text, &["aging", "where"], |path, _| path)?;
    read.check()?;
    Ok(read)
}

/// A policy of cash forecasts from JSON text; what is left out has its default.
///
/// # Errors
/// `policy_invalid`, `unsupported_version`, with the path.
pub fn cash_policy(text: &str) -> Result<crate::prediction::CashPolicy, Refused> {
    let read: crate::prediction::CashPolicy = versioned(text, &[], |path, _| path)?;
    read.check()?;
    Ok(read)
}

/// A cash forecast that [`to_json`] wrote.
///
/// # Errors
/// `wrong_type` for other text.
pub fn cash_forecast_from_text(text: &str) -> Result<crate::prediction::CashForecast, Refused> {
    let wrong = |reason: &str| {
        let reason = format!("expected a cash forecast, got text that is none: {}", in_plain_words(reason));
        Problem::new("wrong_type", reason)
    };
    let mut reader = serde_json::Deserializer::from_str(text);
    let read: crate::prediction::CashForecast = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let (problem, path) = (wrong(&error.inner().to_string()), error.path().to_string());
        // Of text that ends too soon there is no path.
        in_row(problem, if path == "." || path.contains('?') { "forecast" } else { &path })
    })?;
    reader.end().map_err(|error| wrong(&error.to_string()).field("forecast"))?;
    read.check()?;
    Ok(read)
}

/// A problem at a path such as `totals[3].expected`, told as of a row of a table.
fn in_row(problem: Problem, path: &str) -> Problem {
    let parts = path.split_once('[').and_then(|(table, rest)| {
        let (index, field) = rest.split_once("].")?;
        Some((table, index.parse::<usize>().ok()?, field))
    });
    match parts {
        Some((table, index, field)) => problem.field(field).row(table, index),
        None => problem.field(path),
    }
}

/// A policy of letters from JSON text; what is left out is shipped.
#[cfg(feature = "letters")]
pub(super) fn letters_policy(text: &str) -> Result<crate::letters::Letters, Refused> {
    versioned(text, &["templates", "words", "layout", "currencies"], |path, _| path)
}

/// The stationery of a run's letters from JSON text; what is left out has its default.
#[cfg(feature = "letters")]
pub(super) fn stationery(text: &str) -> Result<crate::letters::Stationery, Refused> {
    versioned(text, &["sender", "companies", "customers", "languages"], |path, _| path)
}

/// Settings of a ledger from JSON text.
///
/// # Errors
/// `policy_invalid` with the path.
pub fn settings(text: &str) -> Result<Settings, Refused> {
    policy(text).map_err(|mut refused| {
        for problem in &mut refused.problems {
            problem.field =
                Some(problem.field.take().map_or_else(|| String::from("settings"), |f| format!("settings.{f}")));
        }
        refused
    })
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
    tables: Vec<JsonTable>,
    problems: Vec<Problem>,
}

#[derive(Debug)]
struct JsonTable {
    table: Table,
    rows: Vec<Value>,
}

/// JSON in which no object has a name twice: of two values one would be lost without a word.
struct Once(Value);

const TWICE: &str = "expected each name once in an object, got";

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnceVisitor)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Once;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("json")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Once, E> {
        Ok(Once(Value::from(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Once, E> {
        Ok(Once(Value::from(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Once, E> {
        Ok(Once(Value::from(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Once, E> {
        Ok(Once(Value::from(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Once, E> {
        Ok(Once(Value::from(value)))
    }

    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Once, A::Error> {
        let mut all = Vec::new();
        while let Some(Once(value)) = list.next_element()? {
            all.push(value);
        }
        Ok(Once(Value::Array(all)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Once, A::Error> {
        let mut all = serde_json::Map::new();
        while let Some((name, Once(value))) = object.next_entry::<String, Once>()? {
            if all.contains_key(&name) {
                return Err(serde::de::Error::custom(format!("{TWICE} {}", quoted(&name))));
            }
            all.insert(name, value);
        }
        Ok(Once(Value::Object(all)))
    }
}

impl JsonFacts {
    /// Reads the text. What is wrong with a table or a row is told when the facts are taken in, with all the rest.
    ///
    /// # Errors
    /// `wrong_type` when it is no JSON object; `duplicate_id` when an object in it has a name twice.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let Once(value) = serde_json::from_str(text).map_err(|error| match error.to_string() {
            twice if twice.starts_with(TWICE) => Problem::new("duplicate_id", twice),
            other => Problem::new("wrong_type", format!("expected json, got text that is none: {other}")),
        })?;
        let Value::Object(object) = value else {
            return Err(
                Problem::new("wrong_type", format!("expected an object of tables, got {}", name_of(&value))).into()
            );
        };
        let mut read = Self { tables: Vec::new(), problems: Vec::new() };
        for (name, rows) in object {
            let problem = match (Table::named(&name), rows) {
                (None, _) => {
                    Problem::new("unknown_field", format!("expected the name of a table, got {}", quoted(&name)))
                }
                (Some(table), Value::Array(rows)) => {
                    read.tables.push(JsonTable { table, rows });
                    continue;
                }
                (Some(_), other) => {
                    Problem::new("wrong_type", format!("expected a list of rows, got {}", name_of(&other)))
                }
            };
            read.problems.push(Problem { table: Some(name), ..problem });
        }
        Ok(read)
    }

    /// The tables to load.
    #[must_use]
    pub fn tables(&self) -> Tables<'_> {
        let mut all = Tables::default();
        for table in &self.tables {
            all.push(table.table, Box::new(table));
        }
        for problem in &self.problems {
            all.refuse(problem.clone());
        }
        all
    }
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// What JSON gives beyond 64 bits comes as a float: whole or not, it is too large for any figure, and is refused as such.
fn number_cell(number: &serde_json::Number) -> Cell<'static> {
    let whole = number.as_i64().map(i128::from).or(number.as_u64().map(i128::from));
    let beyond = |float: f64| {
        if float >= TWO_TO_THE_64 { Some(i128::MAX) } else { (float <= MINUS_TWO_TO_THE_64).then_some(i128::MIN) }
    };
    whole.or_else(|| number.as_f64().and_then(beyond)).map_or(Cell::Float, Cell::Integer)
}

const TWO_TO_THE_64: f64 = 18_446_744_073_709_551_616.0;
const MINUS_TWO_TO_THE_64: f64 = -18_446_744_073_709_551_616.0;

fn cell(value: Option<&Value>) -> Cell<'_> {
    match value {
        None | Some(Value::Null) => Cell::Missing,
        Some(Value::Bool(_)) => Cell::Bool,
        Some(Value::Number(number)) => number_cell(number),
        Some(Value::String(text)) => Cell::Text(Cow::Borrowed(text)),
        Some(other) => Cell::Other(name_of(other)),
    }
}

impl Source for &JsonTable {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn cell(&self, field: usize, row: usize) -> Cell<'_> {
        let Some(spec) = self.table.columns().get(field) else { return Cell::Missing };
        match self.rows.get(row).and_then(|row| row.get(spec.name)) {
            // Read by `dimensions`.
            Some(Value::Object(_)) if spec.kind == Kind::Dimensions => Cell::Missing,
            value => cell(value),
        }
    }

    fn dimensions(&self, row: usize) -> Vec<(&str, Cell<'_>)> {
        let named = self.table.columns().iter().find(|spec| spec.kind == Kind::Dimensions);
        match named.and_then(|spec| self.rows.get(row).and_then(|row| row.get(spec.name))) {
            Some(Value::Object(map)) => map.iter().map(|(name, value)| (name.as_str(), cell(Some(value)))).collect(),
            _ => Vec::new(),
        }
    }

    fn misfit(&self, row: usize) -> Option<&'static str> {
        self.rows.get(row).filter(|row| !row.is_object()).map(name_of)
    }

    fn unknown_fields(&self, row: usize) -> Vec<&str> {
        let Some(Value::Object(row)) = self.rows.get(row) else { return Vec::new() };
        let known = |field: &str| self.table.columns().iter().any(|spec| spec.name == field);
        row.keys().map(String::as_str).filter(|field| !known(field)).collect()
    }
}
