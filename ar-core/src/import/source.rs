//! Rows out of bytes: CSV below a header, or one JSON object a line; the cells that a mapping names, as text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::mapping::Format;
use super::plan::FilePlan;
use crate::problem::{Problem, Refused, quoted};

/// A row as it stands in the file.
#[derive(Debug)]
pub(super) struct Row<'r> {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// The cells of the columns that the plan names, in their order; empty where there is none.
    pub cells: &'r [Cow<'r, str>],
    /// All of the row, by which a repeat is known.
    pub whole: &'r [u8],
}

/// What is wrong with a whole row.
#[derive(Debug)]
pub(super) struct BadRow {
    pub line: u64,
    pub column: Option<String>,
    pub code: &'static str,
    pub reason: String,
}

/// Gives each row, good or bad, to `take`.
pub(super) fn each_row(
    plan: &FilePlan<'_>,
    bytes: &[u8],
    take: impl FnMut(Result<Row<'_>, BadRow>),
) -> Result<(), Refused> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match plan.mapping.format {
        Format::Csv => csv_rows(plan, bytes, take),
        Format::JsonLines => {
            json_rows(plan, bytes, take);
            Ok(())
        }
    }
}

fn csv_rows(plan: &FilePlan<'_>, bytes: &[u8], mut take: impl FnMut(Result<Row<'_>, BadRow>)) -> Result<(), Refused> {
    let delimiter = u8::try_from(plan.mapping.delimiter).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(bytes);
    let unreadable = |path: &str| Refused::from(Problem::new("mapping_invalid", "expected a header").field(path));
    let header = reader.byte_headers().map_err(|_| unreadable("file"))?.clone();
    let width = header.len();
    let names: Vec<Cow<'_, str>> = header.iter().map(|cell| String::from_utf8_lossy(cell.trim_ascii())).collect();
    let mut places = Vec::with_capacity(plan.columns.len());
    for (column, path) in &plan.columns {
        let mut found = names.iter().enumerate().filter(|(_, name)| *name == column);
        let reason = match (found.next(), found.next()) {
            (Some((place, _)), None) => {
                places.push(place);
                continue;
            }
            (None, _) => format!("expected a column of the file, got {}", quoted(column)),
            (Some(_), Some(_)) => format!("expected a column that the file has once, got {}", quoted(column)),
        };
        return Err(Problem::new("mapping_invalid", reason).field(path).into());
    }
    let mut record = csv::ByteRecord::new();
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(_) => return Err(Problem::new("mapping_invalid", "expected bytes that can be read").into()),
        }
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != width {
            take(Err(wrong_width(&record, width, line, reader.position().line())));
            continue;
        }
        let mut cells = Vec::with_capacity(places.len());
        let mut bad = None;
        for (place, (column, _)) in places.iter().zip(&plan.columns) {
            match std::str::from_utf8(record.get(*place).unwrap_or_default()) {
                Ok(cell) => cells.push(Cow::Borrowed(if plan.mapping.trim { cell.trim() } else { cell })),
                Err(_) => {
                    bad.get_or_insert(BadRow {
                        line,
                        column: Some(column.clone()),
                        code: "wrong_type",
                        reason: String::from("expected text in UTF-8"),
                    });
                }
            }
        }
        match bad {
            Some(bad) => take(Err(bad)),
            None => {
                let whole = whole_record(&record);
                take(Ok(Row { line, cells: &cells, whole: &whole }));
            }
        }
    }
}

/// All cells with their lengths, so that two records are equal when their cells are.
fn whole_record(record: &csv::ByteRecord) -> Vec<u8> {
    let mut whole = Vec::with_capacity(record.as_slice().len().saturating_add(record.len().saturating_mul(4)));
    for cell in record {
        whole.extend_from_slice(&u32::try_from(cell.len()).unwrap_or(u32::MAX).to_le_bytes());
        whole.extend_from_slice(cell);
    }
    whole
}

fn wrong_width(record: &csv::ByteRecord, width: usize, line: u64, next: u64) -> BadRow {
    let code = if record.len() < width { "missing_field" } else { "unknown_field" };
    let last = next.saturating_sub(1).max(line);
    let mut reason = format!("expected {width} cells, as the header has, got {}", record.len());
    if last > line {
        reason.push_str(&format!("; the row goes on to line {last}, is a quote not closed?"));
    }
    BadRow { line, column: None, code, reason }
}

fn json_rows(plan: &FilePlan<'_>, bytes: &[u8], mut take: impl FnMut(Result<Row<'_>, BadRow>)) {
    for (line, text) in (1_u64..).zip(bytes.split(|byte| *byte == b'\n')) {
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let bad = |column: Option<String>, code, reason: String| BadRow { line, column, code, reason };
        let mut found = Vec::new();
        let read = std::str::from_utf8(text)
            .map_err(|_| bad(None, "wrong_type", String::from("expected text in UTF-8")))
            .and_then(|text| read_object(text, "", 1, &mut found).map_err(|reason| bad(None, "wrong_type", reason)));
        if let Err(bad) = read {
            take(Err(bad));
            continue;
        }
        let mut cells = Vec::with_capacity(plan.columns.len());
        let mut problem = None;
        for (column, _) in &plan.columns {
            let mut values = found.iter().filter(|(name, _)| name == column);
            match (values.next(), values.next()) {
                (None, _) => cells.push(Cow::Borrowed("")),
                (Some((_, Ok(value))), None) => {
                    let value = if plan.mapping.trim { value.trim() } else { value };
                    cells.push(Cow::Borrowed(value));
                }
                (Some((_, Err(what))), None) => {
                    let reason = format!("expected a value, got {what}");
                    problem.get_or_insert(bad(Some(column.clone()), "wrong_type", reason));
                }
                (Some(_), Some(_)) => {
                    let reason = String::from("expected the key once");
                    problem.get_or_insert(bad(Some(column.clone()), "duplicate_id", reason));
                }
            }
        }
        match problem {
            Some(problem) => take(Err(problem)),
            None => take(Ok(Row { line, cells: &cells, whole: text })),
        }
    }
}

/// Keys of an object, those of objects in it behind `key.`; numbers are kept as they are written.
type Found = Vec<(String, Result<String, &'static str>)>;

/// How deep objects may stand in objects.
const MOST_DEEP: usize = 8;

fn read_object(text: &str, prefix: &str, depth: usize, found: &mut Found) -> Result<(), String> {
    if depth > MOST_DEEP {
        return Err(format!("expected objects in objects at most {MOST_DEEP} deep"));
    }
    struct Pairs;
    impl<'de> Visitor<'de> for Pairs {
        type Value = Vec<(String, &'de RawValue)>;
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                pairs.push(pair);
            }
            Ok(pairs)
        }
    }
    let wrong = |error: serde_json::Error| format!("expected a JSON object: {}", describe(&error));
    let mut reader = serde_json::Deserializer::from_str(text);
    let pairs = reader.deserialize_map(Pairs).map_err(wrong)?;
    reader.end().map_err(wrong)?;
    for (key, value) in pairs {
        let name = format!("{prefix}{key}");
        let value = value.get();
        match value.as_bytes().first() {
            Some(b'{') => read_object(value, &format!("{name}."), depth.saturating_add(1), found)?,
            Some(b'[') => found.push((name, Err("a list"))),
            Some(b'"') => found.push((name, Ok(serde_json::from_str(value).map_err(wrong)?))),
            Some(b'n') => found.push((name, Ok(String::new()))),
            _ => found.push((name, Ok(value.to_owned()))),
        }
    }
    Ok(())
}

/// What kind of mistake it was and where, without quoting the input.
fn describe(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Data => "it is something else",
        _ => "its syntax is wrong",
    };
    format!("{kind}, at byte {}", error.column())
}
