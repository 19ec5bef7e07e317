//! Which column of a file is which field of which fact? A mapping is data, proved well-formed before it is used.
//!
//! The convention of every key is in `docs/import.md`.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::ledger::settings::Settings;
use crate::money::Rounding;
use crate::problem::{Problem, Refused};

/// How files become facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Version of the mapping format.
    #[serde(default = "one")]
    #[cfg_attr(feature = "schema", schemars(extend("const" = 1)))]
    pub version: u32,
    /// What the user calls it.
    #[serde(default)]
    pub id: String,
    /// Settings of the ledger that these files make, for a caller that has no others.
    #[serde(default)]
    pub settings: Settings,
    /// The files, in the order in which their facts are loaded.
    pub file: Vec<FileMapping>,
}

fn one() -> u32 {
    1
}

/// One file: its format, and the facts that a row of it makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FileMapping {
    /// Its name in its folder; may be left out when the mapping has one file.
    #[serde(default)]
    pub name: String,
    /// Which batch it belongs to; the first load is the one without a name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub batch: String,
    /// Whether it may be absent.
    #[serde(default)]
    pub optional: bool,
    /// How its rows are written.
    #[serde(default)]
    pub format: Format,
    /// What parts the cells of a CSV row.
    #[serde(default = "comma")]
    pub delimiter: char,
    /// Whether white space around a cell is taken off.
    #[serde(default = "yes")]
    pub trim: bool,
    /// What to do with a row that repeats an earlier one.
    #[serde(default)]
    pub repeats: Repeats,
    /// The columns in which a repeat repeats; all when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repeats_on: Vec<String>,
    /// How dates are written, unless a field says otherwise.
    #[serde(default = "iso_date")]
    pub date: String,
    /// The mark between the whole part and the digits after it, unless a field says otherwise.
    #[serde(default = "point")]
    pub decimal_mark: char,
    /// The mark between groups of digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grouping: Option<char>,
    /// How a number below zero is written.
    #[serde(default)]
    pub negative: Negative,
    /// The facts that each row makes.
    pub fact: Vec<FactMapping>,
}

fn comma() -> char {
    ','
}
fn point() -> char {
    '.'
}
fn yes() -> bool {
    true
}
fn iso_date() -> String {
    String::from("%Y-%m-%d")
}

/// How the rows of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Separated cells below a header (RFC 4180).
    #[default]
    Csv,
    /// One JSON object a line.
    JsonLines,
}

/// What to do with a row that repeats an earlier one of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Repeats {
    /// Reject it.
    #[default]
    Refuse,
    /// Leave it out, and count it.
    Drop,
    /// Take it as a row of its own.
    Keep,
}

/// How a number below zero is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Negative {
    /// `-12.50`
    #[default]
    Leading,
    /// `12.50-`
    Trailing,
    /// `(12.50)`
    Parentheses,
}

/// One fact that a row makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FactMapping {
    /// The table it goes into.
    pub table: String,
    /// Whether the first row of an id makes it, and later rows of that id nothing.
    #[serde(default)]
    pub once: bool,
    /// The row makes it only when all of these hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Condition>,
    /// Field → where it comes from.
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, Written>"))]
    pub fields: BTreeMap<String, Field>,
}

/// Something that must hold of a row: exactly one of the tests.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Condition {
    /// The column it looks at.
    pub column: String,
    /// It is empty, or it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub empty: Option<bool>,
    /// It is this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    /// It is not this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not: Option<String>,
    /// It is one of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<String>>,
}

/// Where the value of a field comes from, and how it is written there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Field {
    /// Text in which `{column}` stands for a cell of the row and `{@line}` for its line; `{{` and `}}` are braces.
    pub text: String,
    /// What stands for an empty cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Taken off the start, where it stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strip_prefix: Option<String>,
    /// Taken off the end, where it stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strip_suffix: Option<String>,
    /// Their word → ours.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub map: BTreeMap<String, String>,
    /// Our word for all that `map` does not name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// How a date is written: `%Y`, `%m`, `%d`, `%b` and what stands between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The mark before the digits after the point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal_mark: Option<char>,
    /// The mark between groups of digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grouping: Option<char>,
    /// How a number below zero is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative: Option<Negative>,
    /// Rounds a noisy amount; without it, digits that the currency has not are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round: Option<Round>,
    /// What becomes of the sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign: Option<Sign>,
}

/// To how many digits, and how, a noisy amount is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// Digits after the point, 0 to 12.
    pub digits: u8,
    /// What becomes of a half, and of the rest.
    pub rounding: Rounding,
}

/// What becomes of the sign of an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// The other one.
    Flip,
    /// Above zero, whatever it was.
    Positive,
    /// Below zero, whatever it was.
    Negative,
}

/// A field as a table: one of `column` and `text`, and how the value is written there.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FieldTable"))]
#[serde(deny_unknown_fields, default)]
struct Spelled {
    /// The column whose cell it is.
    column: Option<String>,
    /// Text in which `{column}` stands for a cell of the row and `{@line}` for its line; `{{` and `}}` are braces.
    text: Option<String>,
    /// What stands for an empty cell.
    default: Option<String>,
    /// Taken off the start, where it stands there.
    strip_prefix: Option<String>,
    /// Taken off the end, where it stands there.
    strip_suffix: Option<String>,
    /// Their word → ours.
    map: BTreeMap<String, String>,
    /// Our word for all that `map` does not name.
    otherwise: Option<String>,
    /// How a date is written: `%Y`, `%m`, `%d`, `%b` and what stands between them.
    date: Option<String>,
    /// The mark before the digits after the point.
    decimal_mark: Option<char>,
    /// The mark between groups of digits.
    grouping: Option<char>,
    /// How a number below zero is written.
    negative: Option<Negative>,
    /// Rounds a noisy amount; without it, digits that the currency has not are refused.
    round: Option<Round>,
    /// What becomes of the sign.
    sign: Option<Sign>,
}

/// Where the value of a field comes from: text, a whole number, or a table with `column` or `text`.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[schemars(rename = "Field")]
#[serde(untagged)]
#[expect(dead_code, reason = "only its shape is asked for")]
enum Written {
    /// The text itself, with `{column}` for a cell.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A table with `column` or `text`.
    Table(Box<Spelled>),
}

/// Text that stands for itself: braces doubled.
fn literal(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

impl<'de> Deserialize<'de> for Field {
    /// From text, from a whole number, or from a table with `column` or `text`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Field;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("text such as \"{column}\", a whole number, or a table with `column` or `text`")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Field, E> {
                Ok(Field { text: text.to_owned(), ..Field::default() })
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Field, E> {
                self.visit_str(&number.to_string())
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Field, E> {
                self.visit_str(&number.to_string())
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Field, A::Error> {
                let spelled = Spelled::deserialize(de::value::MapAccessDeserializer::new(map))?;
                let text = match (spelled.column, spelled.text) {
                    (Some(column), None) => format!("{{{}}}", literal(&column)),
                    (None, Some(text)) => text,
                    _ => return Err(de::Error::custom("expected `column` or `text`")),
                };
                Ok(Field {
                    text,
                    default: spelled.default,
                    strip_prefix: spelled.strip_prefix,
                    strip_suffix: spelled.strip_suffix,
                    map: spelled.map,
                    otherwise: spelled.otherwise,
                    date: spelled.date,
                    decimal_mark: spelled.decimal_mark,
                    grouping: spelled.grouping,
                    negative: spelled.negative,
                    round: spelled.round,
                    sign: spelled.sign,
                })
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl Mapping {
    /// Reads a mapping from TOML, or from JSON (text that begins with `{`), and proves it well-formed.
    ///
    /// # Errors
    /// `mapping_invalid`, `unsupported_version`, with the path: `file[0].fact[1].fields.amount`.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let invalid = |path: String, reason: &str| {
            let problem = Problem::new("mapping_invalid", reason.replace('\n', " "));
            Refused::from(if path == "." { problem } else { problem.field(&path) })
        };
        let mapping: Self = if text.trim_start().starts_with('{') {
            let mut reader = serde_json::Deserializer::from_str(text);
            let mapping = serde_path_to_error::deserialize(&mut reader)
                .map_err(|error| invalid(error.path().to_string(), &error.inner().to_string()))?;
            reader.end().map_err(|error| invalid(String::from("."), &error.to_string()))?;
            mapping
        } else {
            let reader =
                toml::Deserializer::parse(text).map_err(|error| invalid(String::from("."), error.message()))?;
            serde_path_to_error::deserialize(reader)
                .map_err(|error| invalid(error.path().to_string(), error.inner().message()))?
        };
        mapping.check()?;
        Ok(mapping)
    }

    /// Proves the mapping well-formed.
    ///
    /// # Errors
    /// `mapping_invalid`, `unsupported_version`, with the path.
    pub fn check(&self) -> Result<(), Problem> {
        super::plan::compile(self).map(|_| ())
    }

    /// The mapping of the files of one batch; the first load is the batch without a name.
    #[must_use]
    pub fn batch(&self, name: &str) -> Self {
        let file = self.file.iter().filter(|file| file.batch == name).cloned().collect();
        Self { file, ..self.clone() }
    }

    /// The names of its files, and whether each may be absent.
    pub fn files(&self) -> impl Iterator<Item = (&str, bool)> {
        self.file.iter().map(|file| (file.name.as_str(), file.optional))
    }
}
