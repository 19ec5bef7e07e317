//! Facts as columns: slices that a host already has, checked once for their lengths and names.

use std::borrow::Cow;

use super::cell::{Cell, Source};
use super::fact::Table;
use crate::calendar::Day;
use crate::money::{Exact, Minor};
use crate::problem::{Problem, Refused};

/// One column.
#[derive(Debug, Clone)]
pub enum Column<'a> {
    /// Texts.
    Texts(Vec<&'a str>),
    /// Texts, some absent.
    OptionalTexts(Vec<Option<&'a str>>),
    /// Each row the place of its text; a place beyond the values is an absent text.
    Dictionary {
        /// Places in `values`.
        keys: &'a [u32],
        /// The texts, each once.
        values: Vec<&'a str>,
    },
    /// Whole numbers: ids, numbers of instalments; where money is meant, major units.
    Integers(&'a [i64]),
    /// Days since 1970-01-01.
    Days(&'a [i32]),
    /// Money in minor units of the row's currency.
    Minor(&'a [Minor]),
    /// Decimals with one number of digits after the point.
    Decimals {
        /// Without the point.
        units: &'a [i128],
        /// Digits after the point.
        scale: u8,
    },
    /// Any cells.
    Cells(Vec<Cell<'a>>),
    /// A column with absent rows: those where `present` is false.
    Optional {
        /// The column.
        column: Box<Column<'a>>,
        /// By row, whether it has a value.
        present: &'a [bool],
    },
}

impl Column<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Texts(all) => all.len(),
            Self::OptionalTexts(all) => all.len(),
            Self::Dictionary { keys, .. } => keys.len(),
            Self::Integers(all) => all.len(),
            Self::Days(all) => all.len(),
            Self::Minor(all) => all.len(),
            Self::Decimals { units, .. } => units.len(),
            Self::Cells(all) => all.len(),
            Self::Optional { column, present } => column.len().min(present.len()),
        }
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        let cell = match self {
            Self::Texts(all) => all.get(row).map(|text| Cell::Text(Cow::Borrowed(*text))),
            Self::OptionalTexts(all) => all.get(row).copied().flatten().map(|text| Cell::Text(Cow::Borrowed(text))),
            Self::Dictionary { keys, values } => keys.get(row).map(|key| {
                let text = values.get(super::layers::place(*key));
                text.map_or(Cell::Other("a key beyond the values"), |text| Cell::Text(Cow::Borrowed(*text)))
            }),
            Self::Integers(all) => all.get(row).map(|number| Cell::Integer(i128::from(*number))),
            Self::Days(all) => all.get(row).map(|number| match Day::new(*number) {
                Ok(day) => Cell::Day(day),
                Err(_) => Cell::Text(Cow::Borrowed("out of range")),
            }),
            Self::Minor(all) => all.get(row).map(|minor| Cell::Minor(*minor)),
            Self::Decimals { units, scale } => units.get(row).map(|units| Cell::Number(Exact::new(*units, *scale))),
            Self::Cells(all) => all.get(row).cloned(),
            Self::Optional { column, present } => present.get(row).copied().unwrap_or(false).then(|| column.cell(row)),
        };
        cell.unwrap_or(Cell::Missing)
    }
}

/// A table as columns.
#[derive(Debug)]
pub struct Columns<'a> {
    rows: usize,
    fields: Vec<Option<Column<'a>>>,
    dimensions: Vec<(String, Column<'a>)>,
}

impl<'a> Columns<'a> {
    /// Columns by name. A money column may be called `<name>_minor` when it holds minor units; a dimension `dim_<name>`.
    ///
    /// # Errors
    /// `unknown_field` for a name the table has not, `duplicate_id` for one given twice, `wrong_type` for another length
    /// than the first column's.
    pub fn new(table: Table, columns: Vec<(&str, Column<'a>)>) -> Result<Self, Refused> {
        let rows = columns.first().map_or(0, |(_, column)| column.len());
        let mut all = Self { rows, fields: vec![None; table.columns().len()], dimensions: Vec::new() };
        let mut problems = Vec::new();
        for (name, column) in columns {
            let mut problem = |code: &str, reason: String| {
                let mut problem = Problem::new(code, reason).field(name);
                problem.table = Some(table.name().to_owned());
                problems.push(problem);
            };
            if column.len() != rows {
                problem("wrong_type", format!("expected {rows} rows as in the first column, got {}", column.len()));
                continue;
            }
            if let Some(dimension) = name.strip_prefix("dim_").filter(|_| table.takes_dimensions()) {
                if all.dimensions.iter().any(|(held, _)| held == dimension) {
                    problem("duplicate_id", String::from("expected a column once"));
                    continue;
                }
                all.dimensions.push((dimension.to_owned(), column));
                continue;
            }
            let plain = name
                .strip_suffix("_minor")
                .filter(|_| matches!(column, Column::Minor(_) | Column::Optional { .. }))
                .unwrap_or(name);
            let place = table.columns().iter().position(|spec| spec.name == plain);
            match place.and_then(|place| all.fields.get_mut(place)) {
                None => problem("unknown_field", String::from("expected a column of the table")),
                Some(Some(_)) => problem("duplicate_id", String::from("expected a column once")),
                Some(slot) => *slot = Some(column),
            }
        }
        if problems.is_empty() { Ok(all) } else { Err(Refused::new(problems)) }
    }
}

impl Source for Columns<'_> {
    fn rows(&self) -> usize {
        self.rows
    }

    fn cell(&self, field: usize, row: usize) -> Cell<'_> {
        self.fields.get(field).and_then(Option::as_ref).map_or(Cell::Missing, |column| column.cell(row))
    }

    fn dimensions(&self, row: usize) -> Vec<(&str, Cell<'_>)> {
        self.dimensions.iter().map(|(name, column)| (name.as_str(), column.cell(row))).collect()
    }
}
