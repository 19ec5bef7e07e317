//! One row as it is read: every field by itself, so that each thing wrong with a row is told, once.

use std::borrow::Cow;

use super::cell::{self, Cell, Source};
use super::fact::{ColumnSpec, Table};
use crate::problem::Problem;

/// An optional field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field<T> {
    /// The row has none.
    Absent,
    /// It is no such value, which is noted.
    Bad,
    /// The value.
    Given(T),
}

impl<T> Field<T> {
    /// The value when there is a good one.
    pub(crate) fn given(&self) -> Option<&T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Absent | Self::Bad => None,
        }
    }

    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The value, or what it defaults to; nothing when it is bad.
    pub(crate) fn or(self, default: Option<T>) -> Option<T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Absent => default,
            Self::Bad => None,
        }
    }
}

/// A row of a table, read.
pub(crate) trait Readable<'a> {
    const TABLE: Table;

    fn read(reader: &mut RowReader<'a, '_>) -> Self;
}

/// Reads the fields of a row in their order and notes what is wrong.
pub(crate) struct RowReader<'a, 'p> {
    source: &'a dyn Source,
    columns: &'static [ColumnSpec],
    table: Table,
    /// The row in its source, and in its table.
    row: usize,
    index: usize,
    problems: &'p mut Vec<Problem>,
    place: usize,
}

impl<'a, 'p> RowReader<'a, 'p> {
    /// Reads a row; nothing when it is none.
    pub(crate) fn row<R: Readable<'a>>(
        source: &'a dyn Source,
        row: usize,
        index: usize,
        problems: &'p mut Vec<Problem>,
    ) -> Option<R> {
        let mut reader =
            RowReader { source, columns: R::TABLE.columns(), table: R::TABLE, row, index, problems, place: 0 };
        if let Some(came) = source.misfit(row) {
            let problem = Problem::new("wrong_type", format!("expected a row with named fields, got {came}"));
            reader.problems.push(problem.row(R::TABLE.name(), index));
            return None;
        }
        let read = R::read(&mut reader);
        for field in source.unknown_fields(row) {
            reader.note(Problem::new("unknown_field", "expected a field of the table"), field);
        }
        Some(read)
    }

    fn note(&mut self, problem: Problem, field: &str) {
        self.problems.push(problem.field(field).row(self.table.name(), self.index));
    }

    /// An optional field, the next in order.
    pub(crate) fn optional<T>(&mut self, read: fn(Cell<'a>) -> Result<Option<T>, Problem>) -> Field<T> {
        let place = self.place;
        self.place = place.saturating_add(1);
        match read(self.source.cell(place, self.row)) {
            Ok(Some(value)) => Field::Given(value),
            Ok(None) => Field::Absent,
            Err(problem) => {
                self.note(problem, self.columns.get(place).map_or("", |column| column.name));
                Field::Bad
            }
        }
    }

    /// A required field, the next in order.
    pub(crate) fn required<T>(&mut self, read: fn(Cell<'a>) -> Result<Option<T>, Problem>) -> Option<T> {
        let name = self.columns.get(self.place).map_or("", |column| column.name);
        match self.optional(read) {
            Field::Given(value) => Some(value),
            Field::Bad => None,
            Field::Absent => {
                self.note(Problem::new("missing_field", "expected a value, got none"), name);
                None
            }
        }
    }

    /// The dimensions that have a value.
    pub(crate) fn dimensions(&mut self) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
        let place = self.place;
        self.place = place.saturating_add(1);
        let name = self.columns.get(place).map_or("", |column| column.name);
        let whole = self.source.cell(place, self.row);
        if whole != Cell::Missing {
            self.note(Problem::new("wrong_type", "expected a map of names to texts"), name);
            return Vec::new();
        }
        let mut all: Vec<(Cow<'a, str>, Cow<'a, str>)> = Vec::new();
        for (dimension, cell) in self.source.dimensions(self.row) {
            match cell::text(cell) {
                Ok(Some(value)) => all.push((Cow::Borrowed(dimension), value)),
                Ok(None) => {}
                Err(problem) => self.note(problem, name),
            }
        }
        // A row may come with `dimensions` and with `dim_<name>` beside it.
        if (1..all.len()).any(|at| all.iter().take(at).any(|(held, _)| Some(held) == all.get(at).map(|(own, _)| own))) {
            self.note(Problem::new("duplicate_id", "expected each dimension once"), name);
        }
        all
    }
}
