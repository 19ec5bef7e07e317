//! Facts as a Rust user hands them over: row structs, or columns over slices.

use std::collections::{BTreeMap, BTreeSet};

use ar_core::facade::{Column, ColumnSpec, Columns, Day, Exact, Facts, JsonFacts, Kind, Refused, Table, Tables};
use chrono::NaiveDate;
use serde_json::Value;

/// Which of the library's doors a run goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Front {
    /// Row structs.
    Rows,
    /// Columns over slices.
    Columns,
}

impl Front {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::Rows, Self::Columns];

    /// As the case suite's lines call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rows => "rust-rows",
            Self::Columns => "rust-columns",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|front| front.name() == name)
    }
}

/// Builds the tables of a step and gives them to a question. `digits` are those of each currency.
pub(crate) fn with_tables<T>(
    front: Front,
    step: &Value,
    digits: &dyn Fn(&str) -> Option<u8>,
    ask: impl FnOnce(&Tables<'_>) -> Result<T, Refused>,
) -> Result<T, Refused> {
    if step.get("raw").is_some() {
        return ask(&JsonFacts::parse(crate::text(step, "json"))?.tables());
    }
    let facts = step.get("facts").cloned().unwrap_or_default();
    match front {
        Front::Rows => {
            let facts: Facts = serde_json::from_value(facts)
                .map_err(|error| Refused::one("harness", format!("expected typed rows: {error}")))?;
            ask(&facts.tables())
        }
        Front::Columns => {
            let held: Vec<(Table, Vec<Held>)> = Table::ALL
                .iter()
                .map(|table| (*table, crate::list(&facts, table.name())))
                .filter(|(_, rows)| !rows.is_empty())
                .map(|(table, rows)| (table, held_columns(table, rows, digits)))
                .collect();
            if let Some(field) = Table::ALL.iter().find_map(|table| untyped(*table, crate::list(&facts, table.name())))
            {
                return Err(Refused::one("harness", format!("expected typed columns, not so: {field}")));
            }
            let mut tables = Tables::default();
            for (table, columns) in &held {
                let columns = columns.iter().map(|held| (held.name.as_str(), held.column())).collect();
                tables.push(*table, Box::new(Columns::new(*table, columns)?));
            }
            ask(&tables)
        }
    }
}

/// What a column borrows from.
struct Held {
    name: String,
    present: Vec<bool>,
    cells: Cells,
}

enum Cells {
    Texts(Vec<String>),
    Dictionary(Vec<u32>, Vec<String>),
    Days(Vec<i32>),
    Minor(Vec<i64>),
    Decimals(Vec<i128>, u8),
    Integers(Vec<i64>),
}

impl Held {
    fn column(&self) -> Column<'_> {
        let column = match &self.cells {
            Cells::Texts(texts) => Column::Texts(texts.iter().map(String::as_str).collect()),
            Cells::Dictionary(keys, values) => {
                Column::Dictionary { keys, values: values.iter().map(String::as_str).collect() }
            }
            Cells::Days(days) => Column::Days(days),
            Cells::Minor(minor) => Column::Minor(minor),
            Cells::Decimals(units, scale) => Column::Decimals { units, scale: *scale },
            Cells::Integers(numbers) => Column::Integers(numbers),
        };
        if self.present.iter().all(|present| *present) {
            column
        } else {
            Column::Optional { column: Box::new(column), present: &self.present }
        }
    }
}

/// A field that no typed column holds as it is spelled.
fn untyped(table: Table, rows: &[Value]) -> Option<String> {
    let fits = |spec: &ColumnSpec, value: &Value| match spec.kind {
        _ if value.is_null() => true,
        Kind::Text => value.is_string(),
        Kind::Day => value.as_str().is_some_and(|text| Day::parse(text).is_ok()),
        Kind::Money | Kind::Number => value.as_str().is_some_and(|text| Exact::parse(text).is_ok()),
        Kind::Integer => value.is_i64(),
        Kind::Dimensions => value.as_object().is_some_and(|map| map.values().all(Value::is_string)),
    };
    let spec_of = |name: &str| table.columns().iter().find(|spec| spec.name == name);
    let mut fields = rows.iter().filter_map(Value::as_object).flatten();
    let odd = fields.find(|(name, value)| !spec_of(name).is_some_and(|spec| fits(spec, value)));
    let not_rows = rows.iter().any(|row| !row.is_object());
    odd.map(|(name, _)| name.clone()).or_else(|| not_rows.then(|| table.name().to_owned()))
}

fn held_columns(table: Table, rows: &[Value], digits: &dyn Fn(&str) -> Option<u8>) -> Vec<Held> {
    let mut all = Vec::new();
    for spec in table.columns() {
        if spec.kind == Kind::Dimensions {
            let names: BTreeSet<&String> =
                rows.iter().filter_map(|row| row.get(spec.name)?.as_object()).flat_map(|map| map.keys()).collect();
            for name in names {
                let cell = |row: &Value| row.get(spec.name)?.get(name)?.as_str().map(str::to_owned);
                let texts: Vec<Option<String>> = rows.iter().map(cell).collect();
                all.push(Held {
                    name: format!("dim_{name}"),
                    present: texts.iter().map(Option::is_some).collect(),
                    cells: Cells::Texts(texts.into_iter().map(Option::unwrap_or_default).collect()),
                });
            }
            continue;
        }
        if !rows.iter().all(|row| row.get(spec.name).is_none()) {
            all.push(held_column(spec, rows, digits));
        }
    }
    all
}

fn held_column(spec: &ColumnSpec, rows: &[Value], digits: &dyn Fn(&str) -> Option<u8>) -> Held {
    let texts: Vec<&str> = rows.iter().map(|row| crate::text(row, spec.name)).collect();
    let mut name = spec.name.to_owned();
    let cells = match spec.kind {
        Kind::Day => Cells::Days(texts.iter().map(|text| days_since_1970(text)).collect()),
        Kind::Money | Kind::Number => {
            let exact: Vec<Exact> = texts.iter().map(|text| Exact::parse(text).unwrap_or(Exact::ZERO)).collect();
            match minor_units(spec, rows, &exact, digits) {
                Some(minor) => {
                    name.push_str("_minor");
                    Cells::Minor(minor)
                }
                None => decimals(&exact),
            }
        }
        Kind::Integer => {
            Cells::Integers(rows.iter().map(|row| row.get(spec.name).and_then(Value::as_i64).unwrap_or(0)).collect())
        }
        _ if matches!(spec.name, "customer" | "currency" | "kind") => dictionary(&texts),
        _ => Cells::Texts(texts.iter().map(|text| (*text).to_owned()).collect()),
    };
    Held { name, present: rows.iter().map(|row| row.get(spec.name).is_some()).collect(), cells }
}

/// Amounts in the currency of their own row, when all of them are whole minor units of it.
fn minor_units(
    spec: &ColumnSpec,
    rows: &[Value],
    exact: &[Exact],
    digits: &dyn Fn(&str) -> Option<u8>,
) -> Option<Vec<i64>> {
    if !matches!(spec.name, "amount" | "net" | "tax") {
        return None;
    }
    let minor = |(row, exact): (&Value, &Exact)| exact.to_minor(digits(row.get("currency")?.as_str()?)?).ok();
    rows.iter().zip(exact).map(minor).collect()
}

/// One scale for the column, as Arrow has it.
fn decimals(exact: &[Exact]) -> Cells {
    let scale = exact.iter().map(|exact| exact.scale()).max().unwrap_or(0);
    let raised = |exact: &Exact| {
        let more = u32::from(scale.saturating_sub(exact.scale()));
        10_i128.checked_pow(more).and_then(|by| exact.units().checked_mul(by)).unwrap_or(i128::MAX)
    };
    Cells::Decimals(exact.iter().map(raised).collect(), scale)
}

fn dictionary(texts: &[&str]) -> Cells {
    let mut values: Vec<String> = Vec::new();
    let mut places: BTreeMap<&str, u32> = BTreeMap::new();
    let mut keys = Vec::with_capacity(texts.len());
    for text in texts {
        let next = u32::try_from(values.len()).unwrap_or(u32::MAX);
        keys.push(*places.entry(text).or_insert_with(|| {
            values.push((*text).to_owned());
            next
        }));
    }
    Cells::Dictionary(keys, values)
}

fn days_since_1970(text: &str) -> i32 {
    let date: NaiveDate = text.parse().unwrap_or_default();
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).unwrap_or(i32::MAX)
}
