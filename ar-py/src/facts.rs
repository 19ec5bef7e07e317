//! Facts from Python: Arrow data as it stands, rows as dicts or dataclasses, columns as a dict of lists.

use std::borrow::Cow;

use ar_core::facade::arrow::ArrowFacts;
use ar_core::facade::{Cell, Day, Exact, Kind, Problem, Refused, Source, Table, Tables};
use chrono::NaiveDate;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDate, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyString};

use crate::arrow;
use crate::errors::raise;
use crate::values::{decimal_class, type_name};

/// Tables of facts as they came from Python.
#[derive(Default)]
pub(crate) struct Facts {
    arrow: ArrowFacts,
    cells: Vec<(Table, Cells)>,
}

struct Cells {
    rows: usize,
    fields: Vec<Vec<Cell<'static>>>,
    dimensions: Vec<Vec<(String, Cell<'static>)>>,
}

impl Cells {
    fn new(table: Table) -> Self {
        Self { rows: 0, fields: vec![Vec::new(); table.columns().len()], dimensions: Vec::new() }
    }

    fn set(&mut self, field: usize, row: usize, cell: Cell<'static>) {
        if let Some(column) = self.fields.get_mut(field) {
            column.resize(row, Cell::Missing);
            column.push(cell);
        }
    }

    /// Whether a row has a value of a field already: `amount` and `amount_minor` are one.
    fn has(&self, meaning: &Meaning, row: usize) -> bool {
        let field = match meaning {
            Meaning::Field(field) | Meaning::Minor(field) => *field,
            Meaning::Dimensions | Meaning::Dimension(_) | Meaning::Unknown => return false,
        };
        self.fields.get(field).is_some_and(|column| column.len() > row)
    }

    fn dimension(&mut self, row: usize, name: String, cell: Cell<'static>) {
        if self.dimensions.len() <= row {
            self.dimensions.resize(row + 1, Vec::new());
        }
        if let Some(all) = self.dimensions.get_mut(row) {
            all.push((name, cell));
        }
    }
}

impl Source for &Cells {
    fn rows(&self) -> usize {
        self.rows
    }

    fn cell(&self, field: usize, row: usize) -> Cell<'_> {
        self.fields.get(field).and_then(|column| column.get(row)).map_or(Cell::Missing, borrowed)
    }

    fn dimensions(&self, row: usize) -> Vec<(&str, Cell<'_>)> {
        let all = self.dimensions.get(row).map_or(&[][..], Vec::as_slice);
        all.iter().map(|(name, cell)| (name.as_str(), borrowed(cell))).collect()
    }
}

fn borrowed<'a>(cell: &'a Cell<'static>) -> Cell<'a> {
    match cell {
        Cell::Text(text) => Cell::Text(Cow::Borrowed(text.as_ref())),
        other => other.clone(),
    }
}

impl Facts {
    /// Reads the tables of a call's keyword arguments; those that are `None` are left out.
    pub(crate) fn read(tables: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut facts = Self::default();
        for (name, value) in tables.iter() {
            if value.is_none() {
                continue;
            }
            let name = key(&name).unwrap_or_default();
            let Some(table) = Table::named(&name) else {
                let mut problem = Problem::new("unknown_field", "expected the name of a table");
                problem.table = Some(name);
                return Err(raise(tables.py(), problem.into()));
            };
            facts.table(table, &value)?;
        }
        Ok(facts)
    }

    fn table(&mut self, table: Table, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = value.py();
        let named = |mut problem: Problem| {
            problem.table = Some(table.name().to_owned());
            problem
        };
        if let Some(batches) = arrow::batches(value, named)? {
            for batch in batches {
                self.arrow.push(table, &batch).map_err(|refusal| raise(py, refusal))?;
            }
            return Ok(());
        }
        let mut problems = Vec::new();
        let cells = match value.cast::<PyDict>() {
            Ok(columns) => columns_of(table, columns, &mut problems)?,
            Err(_) => rows_of(table, value, &mut problems)?,
        };
        if !problems.is_empty() {
            return Err(raise(py, Refused::new(problems)));
        }
        self.cells.push((table, cells));
        Ok(())
    }

    pub(crate) fn tables(&self) -> Tables<'_> {
        let mut all = self.arrow.tables();
        for (table, cells) in &self.cells {
            all.push(*table, Box::new(cells));
        }
        all
    }
}

/// What a name means in a table.
enum Meaning {
    Field(usize),
    Minor(usize),
    Dimensions,
    Dimension(String),
    Unknown,
}

fn meaning(table: Table, name: &str) -> Meaning {
    let place = |name: &str| table.columns().iter().position(|column| column.name == name);
    match place(name) {
        Some(_) if name == "dimensions" => Meaning::Dimensions,
        Some(field) => Meaning::Field(field),
        None => match (name.strip_prefix("dim_"), name.strip_suffix("_minor").and_then(place)) {
            (Some(dimension), _) if table.takes_dimensions() => Meaning::Dimension(dimension.to_owned()),
            (_, Some(field)) if table.columns().get(field).is_some_and(|column| column.kind == Kind::Money) => {
                Meaning::Minor(field)
            }
            _ => Meaning::Unknown,
        },
    }
}

/// A name as text; nothing for what is no text.
fn key(name: &Bound<'_, PyAny>) -> Option<String> {
    name.cast::<PyString>().ok()?.to_str().ok().map(str::to_owned)
}

fn put(cells: &mut Cells, row: usize, meaning: &Meaning, value: &Bound<'_, PyAny>) -> PyResult<()> {
    match meaning {
        Meaning::Field(field) => cells.set(*field, row, cell(value)?),
        Meaning::Minor(field) => {
            cells.set(*field, row, cell(value)?.in_minor_units());
        }
        Meaning::Dimension(name) => cells.dimension(row, name.clone(), cell(value)?),
        Meaning::Dimensions => {
            if let Ok(map) = value.cast::<PyDict>() {
                for (name, value) in map.iter() {
                    let wrong = Cell::Other("a name that is no text");
                    match key(&name) {
                        Some(name) => cells.dimension(row, name, cell(&value)?),
                        None => cells.dimension(row, name.to_string(), wrong),
                    }
                }
            } else if !value.is_none() {
                cells.dimension(row, String::from("dimensions"), Cell::Other("no dict of dimensions"));
            }
        }
        Meaning::Unknown => {}
    }
    Ok(())
}

fn unknown(table: Table, name: &str, row: Option<usize>) -> Problem {
    about("unknown_field", "expected a column of the table", table, row).field(name)
}

fn again(table: Table, name: &str, row: Option<usize>) -> Problem {
    about("duplicate_id", "expected a column once", table, row).field(name)
}

fn about(code: &str, reason: &str, table: Table, row: Option<usize>) -> Problem {
    let mut problem = Problem::new(code, reason);
    problem.table = Some(table.name().to_owned());
    problem.index = row.and_then(|row| u64::try_from(row).ok());
    problem
}

fn columns_of(table: Table, columns: &Bound<'_, PyDict>, problems: &mut Vec<Problem>) -> PyResult<Cells> {
    let mut cells = Cells::new(table);
    let mut rows: Option<usize> = None;
    for (name, column) in columns.iter() {
        let Some(name) = key(&name) else {
            problems.push(not_rows(table, None, "expected names of columns as text"));
            continue;
        };
        let meaning = meaning(table, &name);
        if matches!(meaning, Meaning::Unknown) {
            problems.push(unknown(table, &name, None));
            continue;
        }
        if cells.has(&meaning, 0) {
            problems.push(again(table, &name, None));
            continue;
        }
        let mut length = 0_usize;
        let values = match column.is_instance_of::<PyString>() {
            true => None,
            false => column.try_iter().ok(),
        };
        let Some(values) = values else {
            problems.push(not_rows(table, None, "expected a column of values").field(&name));
            continue;
        };
        for value in values {
            put(&mut cells, length, &meaning, &value?)?;
            length += 1;
        }
        if *rows.get_or_insert(length) != length {
            let mut problem = Problem::new("wrong_type", "expected columns of one length").field(&name);
            problem.table = Some(table.name().to_owned());
            problems.push(problem);
        }
    }
    cells.rows = rows.unwrap_or(0);
    Ok(cells)
}

fn rows_of(table: Table, rows: &Bound<'_, PyAny>, problems: &mut Vec<Problem>) -> PyResult<Cells> {
    let mut cells = Cells::new(table);
    if rows.is_instance_of::<PyString>() {
        problems.push(not_rows(table, None, "expected rows, columns or Arrow data, got text"));
        return Ok(cells);
    }
    // What is not made to be gone through, such as a query that has not run, is no list of rows.
    let all = if rows.hasattr("__iter__")? { rows.try_iter().ok() } else { None };
    let Some(all) = all else {
        let reason = format!("expected rows, columns or Arrow data, got {}", type_name(rows));
        problems.push(not_rows(table, None, &reason));
        return Ok(cells);
    };
    for (row, value) in all.enumerate() {
        let value = value?;
        cells.rows = row + 1;
        let fields = match value.cast::<PyDict>() {
            Ok(fields) => Some(fields.clone()),
            Err(_) => value.getattr_opt("__dict__")?.and_then(|fields| fields.cast_into::<PyDict>().ok()),
        };
        let Some(fields) = fields else {
            problems.push(not_rows(table, Some(row), "expected a dict or a dataclass"));
            continue;
        };
        for (name, value) in fields.iter() {
            let Some(name) = key(&name) else {
                problems.push(not_rows(table, Some(row), "expected names of columns as text"));
                continue;
            };
            match meaning(table, &name) {
                Meaning::Unknown => problems.push(unknown(table, &name, Some(row))),
                meaning if cells.has(&meaning, row) => problems.push(again(table, &name, Some(row))),
                meaning => put(&mut cells, row, &meaning, &value)?,
            }
        }
    }
    Ok(cells)
}

fn not_rows(table: Table, row: Option<usize>, reason: &str) -> Problem {
    about("wrong_type", reason, table, row)
}

/// A Python value as a cell.
pub(crate) fn cell(value: &Bound<'_, PyAny>) -> PyResult<Cell<'static>> {
    let py = value.py();
    if value.is_none() {
        return Ok(Cell::Missing);
    }
    if let Ok(text) = value.cast::<PyString>() {
        // A lone surrogate is in no Unicode text.
        return Ok(text
            .to_str()
            .map_or(Cell::Other("text that is not Unicode"), |text| Cell::Text(Cow::Owned(text.to_owned()))));
    }
    if value.is_instance_of::<PyBool>() {
        return Ok(Cell::Bool);
    }
    if value.is_instance_of::<PyInt>() {
        let beyond = || Cell::Number(Exact::from_integer(i128::MAX));
        return Ok(value.extract::<i128>().map_or_else(|_| beyond(), Cell::Integer));
    }
    if value.is_instance_of::<PyFloat>() {
        let finite = value.extract::<f64>()?.is_finite();
        return Ok(if finite { Cell::Float } else { Cell::NotANumber });
    }
    if value.is_instance_of::<PyDateTime>() {
        // The datetime of pandas that is no time differs from itself.
        return Ok(if value.ne(value)? { Cell::Missing } else { Cell::DateTime });
    }
    if value.is_instance_of::<PyDate>() {
        let date: NaiveDate = value.extract()?;
        return Ok(Day::try_from(date).map_or_else(|_| Cell::Text(Cow::Owned(date.to_string())), Cell::Day));
    }
    if value.is_instance(decimal_class(py)?)? {
        if !value.call_method0("is_finite")?.extract::<bool>()? {
            return Ok(Cell::NotANumber);
        }
        let text = value.call_method1("__format__", ("f",))?.extract::<String>()?;
        // What has too many digits to be read keeps its text, which is refused with the reason where it stands.
        return Ok(Exact::parse(&text).map_or_else(|_| Cell::Text(Cow::Owned(text)), Cell::Number));
    }
    let kind = value.get_type().name()?.to_string();
    // Whole numbers of NumPy and the like say so by `__index__`; its truth values do too.
    if kind.starts_with("bool") {
        return Ok(Cell::Bool);
    }
    if let Ok(whole) = value.call_method0("__index__") {
        return cell(&whole);
    }
    Ok(match () {
        () if kind == "NAType" => Cell::Missing,
        () if kind.starts_with("float") => Cell::Float,
        () if value.is_instance_of::<PyList>() => Cell::Other("a list"),
        () if value.is_instance_of::<PyDict>() => Cell::Other("a dict"),
        () => Cell::Other("a value of another type"),
    })
}
