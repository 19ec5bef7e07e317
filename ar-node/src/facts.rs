//! Tables of facts from JavaScript, packed by `lib/pack.js`: one buffer for all texts of a column, typed arrays as they stand.
//!
//! Everything is copied once on the main thread, so that a ledger can be loaded on another and JavaScript may go on to
//! write into its arrays.

use std::borrow::Cow;

use ar_core::facade::arrow::{ArrowFacts, from_ipc};
use ar_core::facade::{Cell, Column, Columns, JsonFacts, Problem, Refused, Source, Table, Tables};
use napi::bindgen_prelude::{BigInt64Array, Int32Array, Uint8Array, Uint32Array};
use napi_derive::napi;

/// Facts of a load or an append, in one of three forms.
#[napi(object, object_to_js = false)]
pub struct FactsIn {
    /// Tables packed by `lib/pack.js`.
    pub tables: Option<Vec<TableIn>>,
    /// JSON text.
    pub json: Option<String>,
    /// Arrow IPC bytes.
    pub arrow: Option<Vec<ArrowIn>>,
}

/// A table as Arrow IPC bytes.
#[napi(object, object_to_js = false)]
pub struct ArrowIn {
    /// Its name.
    pub table: String,
    /// A stream or a file.
    pub bytes: Uint8Array,
}

/// A table as columns, and what it has that is no column.
#[napi(object, object_to_js = false)]
pub struct TableIn {
    /// Its name.
    pub table: String,
    /// Its columns.
    pub columns: Vec<ColumnIn>,
    /// Rows that are no objects, rising.
    pub misfits: Vec<u32>,
    /// Fields of rows that the table does not have, by rising row.
    pub unknown: Vec<UnknownIn>,
    /// What is wrong with the table itself.
    pub problems: Vec<ProblemIn>,
}

/// A field of a row that the table does not have.
#[napi(object, object_to_js = false)]
pub struct UnknownIn {
    /// The row.
    pub row: u32,
    /// The field.
    pub field: String,
}

/// What is wrong with a table, or with a column of it.
#[napi(object, object_to_js = false)]
pub struct ProblemIn {
    /// The column, when it is one.
    pub field: Option<String>,
    /// Stable code.
    pub code: String,
    /// What was expected.
    pub reason: String,
}

/// A column: cells, or one of the arrays.
#[napi(object, object_to_js = false)]
pub struct ColumnIn {
    /// Its name.
    pub name: String,
    /// What each cell is; see [`Cells`].
    pub tags: Option<Uint8Array>,
    /// How many bytes of `text` each cell has; of a dictionary, each value.
    pub lengths: Option<Uint32Array>,
    /// The texts, one after the other.
    pub text: Option<Uint8Array>,
    /// Days since 1970-01-01.
    pub days: Option<Int32Array>,
    /// Whole numbers.
    pub integers: Option<BigInt64Array>,
    /// Minor units.
    pub minor: Option<BigInt64Array>,
    /// Places in the values that `lengths` and `text` hold.
    pub keys: Option<Uint32Array>,
    /// By row, whether it has a value.
    pub present: Option<Uint8Array>,
}

/// Facts that no longer need JavaScript.
pub(crate) enum Facts {
    Packed(Vec<Packed>),
    Json(String),
    Arrow(Vec<(String, Vec<u8>)>),
}

/// A table that no longer needs JavaScript.
pub(crate) struct Packed {
    table: String,
    columns: Vec<(String, Held)>,
    misfits: Vec<u32>,
    unknown: Vec<(u32, String)>,
    problems: Vec<Problem>,
}

enum Held {
    Cells(Cells),
    Days(Vec<i32>),
    Integers(Vec<i64>),
    Minor(Vec<i64>),
    Dictionary(Vec<u32>, Texts),
    Optional(Box<Held>, Vec<bool>),
}

/// Values of any kind; each has a tag and, as far as the tag needs it, a text.
pub(crate) struct Cells {
    tags: Vec<u8>,
    texts: Texts,
}

/// Texts, one after the other.
struct Texts {
    all: String,
    ends: Vec<usize>,
}

impl Texts {
    fn new(lengths: Option<Uint32Array>, text: Option<Uint8Array>) -> Result<Self, Refused> {
        let all = String::from_utf8(text.map(|text| text.to_vec()).unwrap_or_default());
        let all = all.map_err(|_| Refused::one("wrong_type", "expected text in UTF-8"))?;
        let mut end = 0_usize;
        let lengths = lengths.map(|lengths| lengths.to_vec()).unwrap_or_default();
        let ends = lengths.into_iter().map(|length| {
            end = end.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
            end
        });
        Ok(Self { ends: ends.collect(), all })
    }

    fn get(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let range = start.zip(self.ends.get(at).copied());
        range.and_then(|(start, end)| self.all.get(start..end)).unwrap_or("")
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|at| self.get(at))
    }
}

impl Cells {
    const MISSING: u8 = 0;
    const TEXT: u8 = 1;

    fn get(&self, row: usize) -> Cell<'_> {
        let text = self.texts.get(row);
        match self.tags.get(row).copied().unwrap_or(Self::MISSING) {
            Self::MISSING => Cell::Missing,
            Self::TEXT => Cell::Text(Cow::Borrowed(text)),
            2 => Cell::Integer(text.parse().unwrap_or(i128::MAX)),
            3 => Cell::Float,
            4 => Cell::NotANumber,
            5 => Cell::Bool,
            6 => Cell::DateTime,
            7 => Cell::Minor(text.parse().unwrap_or(i64::MIN)),
            8 => Cell::Other("a list"),
            9 => Cell::Other("text with half a character"),
            10 => Cell::Other("an object"),
            _ => Cell::Other("text where minor units are meant"),
        }
    }

    fn column(&self) -> Column<'_> {
        let most = self.tags.iter().copied().max().unwrap_or(Self::TEXT);
        let least = self.tags.iter().copied().min().unwrap_or(Self::TEXT);
        match (least, most) {
            (Self::TEXT, Self::TEXT) => Column::Texts(self.texts.iter().collect()),
            (_, Self::MISSING | Self::TEXT) => {
                let some = |(tag, text): (&u8, _)| (*tag == Self::TEXT).then_some(text);
                Column::OptionalTexts(self.tags.iter().zip(self.texts.iter()).map(some).collect())
            }
            _ => Column::Cells((0..self.tags.len()).map(|row| self.get(row)).collect()),
        }
    }
}

impl ColumnIn {
    fn held(self) -> Result<Held, Refused> {
        let held = match (self.days, self.integers, self.minor, self.keys) {
            (Some(days), ..) => Held::Days(days.to_vec()),
            (_, Some(integers), ..) => Held::Integers(integers.to_vec()),
            (_, _, Some(minor), _) => Held::Minor(minor.to_vec()),
            (.., Some(keys)) => Held::Dictionary(keys.to_vec(), Texts::new(self.lengths, self.text)?),
            _ => {
                let tags = self.tags.map(|tags| tags.to_vec()).unwrap_or_default();
                Held::Cells(Cells { tags, texts: Texts::new(self.lengths, self.text)? })
            }
        };
        Ok(match self.present {
            None => held,
            Some(present) => Held::Optional(Box::new(held), present.iter().map(|present| *present != 0).collect()),
        })
    }
}

impl Held {
    fn column(&self) -> Column<'_> {
        match self {
            Self::Cells(cells) => cells.column(),
            Self::Days(days) => Column::Days(days),
            Self::Integers(integers) => Column::Integers(integers),
            Self::Minor(minor) => Column::Minor(minor),
            Self::Dictionary(keys, values) => Column::Dictionary { keys, values: values.iter().collect() },
            Self::Optional(held, present) => Column::Optional { column: Box::new(held.column()), present },
        }
    }
}

impl TableIn {
    fn packed(self) -> Result<Packed, Refused> {
        let mut columns = Vec::with_capacity(self.columns.len());
        for column in self.columns {
            let name = column.name.clone();
            let held = column.held().map_err(|refusal| refusal.at(Some(&self.table), None, &name))?;
            columns.push((name, held));
        }
        let problem = |problem: ProblemIn| Problem {
            code: problem.code,
            reason: problem.reason,
            table: Some(self.table.clone()),
            index: None,
            field: problem.field,
        };
        let problems = self.problems.into_iter().map(problem).collect();
        let mut unknown: Vec<(u32, String)> = self.unknown.into_iter().map(|one| (one.row, one.field)).collect();
        unknown.sort();
        Ok(Packed { table: self.table, columns, misfits: self.misfits, unknown, problems })
    }
}

impl Packed {
    fn misfit(&self, row: usize) -> Option<&'static str> {
        let row = u32::try_from(row).ok()?;
        self.misfits.binary_search(&row).is_ok().then_some("another value")
    }

    fn unknown_fields(&self, row: usize) -> Vec<&str> {
        let Ok(row) = u32::try_from(row) else { return Vec::new() };
        let from = self.unknown.partition_point(|(at, _)| *at < row);
        let own = self.unknown.get(from..).unwrap_or_default();
        own.iter().take_while(|(at, _)| *at == row).map(|(_, field)| field.as_str()).collect()
    }
}

/// Rows of a table of facts as columns, with what the columns cannot hold.
struct Loose<'a> {
    columns: Columns<'a>,
    packed: &'a Packed,
}

impl Source for Loose<'_> {
    fn rows(&self) -> usize {
        self.columns.rows()
    }

    fn cell(&self, field: usize, row: usize) -> Cell<'_> {
        self.columns.cell(field, row)
    }

    fn dimensions(&self, row: usize) -> Vec<(&str, Cell<'_>)> {
        self.columns.dimensions(row)
    }

    fn misfit(&self, row: usize) -> Option<&'static str> {
        self.packed.misfit(row)
    }

    fn unknown_fields(&self, row: usize) -> Vec<&str> {
        self.packed.unknown_fields(row)
    }
}

impl FactsIn {
    /// The facts without JavaScript.
    pub(crate) fn facts(self) -> Result<Facts, Refused> {
        if let Some(text) = self.json {
            return Ok(Facts::Json(text));
        }
        if let Some(arrow) = self.arrow {
            return Ok(Facts::Arrow(arrow.into_iter().map(|one| (one.table, one.bytes.to_vec())).collect()));
        }
        let tables = self.tables.unwrap_or_default();
        Ok(Facts::Packed(tables.into_iter().map(TableIn::packed).collect::<Result<_, _>>()?))
    }
}

fn unknown_table(name: &str) -> Problem {
    let mut problem = Problem::new("unknown_field", "expected the name of a table");
    problem.table = Some(name.to_owned());
    problem
}

impl Facts {
    /// Gives the facts as tables to a question.
    pub(crate) fn ask<T>(&self, ask: impl FnOnce(&Tables<'_>) -> Result<T, Refused>) -> Result<T, Refused> {
        match self {
            Self::Json(text) => ask(&JsonFacts::parse(text)?.tables()),
            Self::Arrow(tables) => {
                let mut facts = ArrowFacts::new();
                for (name, bytes) in tables {
                    let table = Table::named(name).ok_or_else(|| Refused::from(unknown_table(name)))?;
                    let named = |mut refusal: Refused| {
                        for problem in &mut refusal.problems {
                            problem.table = Some(name.clone());
                        }
                        refusal
                    };
                    for batch in from_ipc(bytes).map_err(named)? {
                        facts.push(table, &batch)?;
                    }
                }
                ask(&facts.tables())
            }
            Self::Packed(packed) => {
                let mut tables = Tables::default();
                for one in packed {
                    for problem in &one.problems {
                        tables.refuse(problem.clone());
                    }
                    let Some(table) = Table::named(&one.table) else {
                        tables.refuse(unknown_table(&one.table));
                        continue;
                    };
                    let columns = one.columns.iter().map(|(name, held)| (name.as_str(), held.column())).collect();
                    match Columns::new(table, columns) {
                        Ok(columns) => tables.push(table, Box::new(Loose { columns, packed: one })),
                        Err(refusal) => refusal.problems.into_iter().for_each(|problem| tables.refuse(problem)),
                    }
                }
                ask(&tables)
            }
        }
    }
}

/// Rows of a table that is no table of facts: balances.
pub(crate) struct Rows(Packed);

impl Rows {
    pub(crate) fn new(table: TableIn) -> Result<Self, Refused> {
        Ok(Self(table.packed()?))
    }
}

impl Source for Rows {
    fn rows(&self) -> usize {
        self.0.columns.first().map_or(0, |(_, held)| match held {
            Held::Cells(cells) => cells.tags.len(),
            _ => 0,
        })
    }

    fn cell(&self, field: usize, row: usize) -> Cell<'_> {
        match self.0.columns.get(field) {
            Some((_, Held::Cells(cells))) => cells.get(row),
            _ => Cell::Missing,
        }
    }

    fn misfit(&self, row: usize) -> Option<&'static str> {
        self.0.misfit(row)
    }

    fn unknown_fields(&self, row: usize) -> Vec<&str> {
        self.0.unknown_fields(row)
    }
}
