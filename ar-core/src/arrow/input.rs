//! Record batches as tables of facts, read in place: no column is copied.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, BooleanArray, DictionaryArray, PrimitiveArray, RecordBatch, StringArray};
use arrow_array::{LargeStringArray, StringViewArray};
use arrow_schema::DataType;

use crate::calendar::Day;
use crate::ledger::cell::{Cell, Source};
use crate::ledger::fact::{Kind, Table, Tables};
use crate::money::Exact;
use crate::problem::{Problem, Refused};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Tables of facts as record batches.
#[derive(Debug, Default)]
pub struct ArrowFacts {
    batches: Vec<(Table, ArrowTable)>,
}

#[derive(Debug)]
struct ArrowTable {
    rows: usize,
    fields: Vec<Option<Column>>,
    dimensions: Vec<(String, Column)>,
}

#[derive(Debug)]
enum Column {
    Text(StringArray),
    LargeText(LargeStringArray),
    TextView(StringViewArray),
    Dictionary {
        keys: Keys,
        values: Box<Column>,
    },
    Int(Keys),
    /// Whole numbers where text is meant: ids that a database numbers.
    Numbered(Keys),
    /// Minor units, by the name of their column.
    Minor(Box<Column>),
    Days(PrimitiveArray<Date32Type>),
    Moments(PrimitiveArray<Date64Type>),
    Decimal32(PrimitiveArray<Decimal32Type>, u8),
    Decimal64(PrimitiveArray<Decimal64Type>, u8),
    Decimal128(PrimitiveArray<Decimal128Type>, u8),
    Decimal256(PrimitiveArray<Decimal256Type>, u8),
    Float16(PrimitiveArray<Float16Type>),
    Float32(PrimitiveArray<Float32Type>),
    Float64(PrimitiveArray<Float64Type>),
    Bool(BooleanArray),
    /// A date with a time.
    Timestamp(ArrayRef),
    Null,
    Other(ArrayRef),
}

#[derive(Debug)]
enum Keys {
    I8(PrimitiveArray<Int8Type>),
    I16(PrimitiveArray<Int16Type>),
    I32(PrimitiveArray<Int32Type>),
    I64(PrimitiveArray<Int64Type>),
    U8(PrimitiveArray<UInt8Type>),
    U16(PrimitiveArray<UInt16Type>),
    U32(PrimitiveArray<UInt32Type>),
    U64(PrimitiveArray<UInt64Type>),
}

impl Keys {
    fn of(array: &ArrayRef) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Int8 => Self::I8(array.as_primitive().clone()),
            DataType::Int16 => Self::I16(array.as_primitive().clone()),
            DataType::Int32 => Self::I32(array.as_primitive().clone()),
            DataType::Int64 => Self::I64(array.as_primitive().clone()),
            DataType::UInt8 => Self::U8(array.as_primitive().clone()),
            DataType::UInt16 => Self::U16(array.as_primitive().clone()),
            DataType::UInt32 => Self::U32(array.as_primitive().clone()),
            DataType::UInt64 => Self::U64(array.as_primitive().clone()),
            _ => return None,
        })
    }

    fn get(&self, row: usize) -> Option<i128> {
        macro_rules! value {
            ($array:expr) => {
                ($array.is_valid(row)).then(|| i128::from($array.value(row)))
            };
        }
        match self {
            Self::I8(array) => value!(array),
            Self::I16(array) => value!(array),
            Self::I32(array) => value!(array),
            Self::I64(array) => value!(array),
            Self::U8(array) => value!(array),
            Self::U16(array) => value!(array),
            Self::U32(array) => value!(array),
            Self::U64(array) => value!(array),
        }
    }
}

fn dictionary<K: ArrowDictionaryKeyType>(array: &ArrayRef) -> Option<Column> {
    let dictionary: &DictionaryArray<K> = array.as_dictionary_opt::<K>()?;
    let keys: ArrayRef = std::sync::Arc::new(dictionary.keys().clone());
    let values = Column::of(dictionary.values());
    Some(Column::Dictionary { keys: Keys::of(&keys)?, values: Box::new(values) })
}

fn scale(scale: i8) -> Option<u8> {
    u8::try_from(scale).ok()
}

impl Column {
    fn of(array: &ArrayRef) -> Self {
        let other = || Self::Other(array.clone());
        match array.data_type() {
            DataType::Null => Self::Null,
            DataType::Utf8 => Self::Text(array.as_string().clone()),
            DataType::LargeUtf8 => Self::LargeText(array.as_string().clone()),
            DataType::Utf8View => Self::TextView(array.as_string_view().clone()),
            DataType::Boolean => Self::Bool(array.as_boolean().clone()),
            DataType::Date32 => Self::Days(array.as_primitive().clone()),
            DataType::Date64 => Self::Moments(array.as_primitive().clone()),
            DataType::Timestamp(_, _) => Self::Timestamp(array.clone()),
            DataType::Float16 => Self::Float16(array.as_primitive().clone()),
            DataType::Float32 => Self::Float32(array.as_primitive().clone()),
            DataType::Float64 => Self::Float64(array.as_primitive().clone()),
            DataType::Decimal32(_, s) => {
                scale(*s).map_or_else(other, |s| Self::Decimal32(array.as_primitive().clone(), s))
            }
            DataType::Decimal64(_, s) => {
                scale(*s).map_or_else(other, |s| Self::Decimal64(array.as_primitive().clone(), s))
            }
            DataType::Decimal128(_, s) => {
                scale(*s).map_or_else(other, |s| Self::Decimal128(array.as_primitive().clone(), s))
            }
            DataType::Decimal256(_, s) => {
                scale(*s).map_or_else(other, |s| Self::Decimal256(array.as_primitive().clone(), s))
            }
            DataType::Dictionary(key, _) => match key.as_ref() {
                DataType::Int8 => dictionary::<Int8Type>(array),
                DataType::Int16 => dictionary::<Int16Type>(array),
                DataType::Int32 => dictionary::<Int32Type>(array),
                DataType::Int64 => dictionary::<Int64Type>(array),
                DataType::UInt8 => dictionary::<UInt8Type>(array),
                DataType::UInt16 => dictionary::<UInt16Type>(array),
                DataType::UInt32 => dictionary::<UInt32Type>(array),
                DataType::UInt64 => dictionary::<UInt64Type>(array),
                _ => None,
            }
            .unwrap_or_else(other),
            _ => Keys::of(array).map_or_else(other, Self::Int),
        }
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        let float = |finite: bool| if finite { Cell::Float } else { Cell::NotANumber };
        match self {
            Self::Text(array) if array.is_valid(row) => Cell::Text(Cow::Borrowed(array.value(row))),
            Self::LargeText(array) if array.is_valid(row) => Cell::Text(Cow::Borrowed(array.value(row))),
            Self::TextView(array) if array.is_valid(row) => Cell::Text(Cow::Borrowed(array.value(row))),
            Self::Dictionary { keys, values } => {
                keys.get(row).and_then(|key| usize::try_from(key).ok()).map_or(Cell::Missing, |key| values.cell(key))
            }
            Self::Int(keys) => keys.get(row).map_or(Cell::Missing, Cell::Integer),
            Self::Numbered(keys) => {
                keys.get(row).map_or(Cell::Missing, |number| Cell::Text(Cow::Owned(number.to_string())))
            }
            Self::Minor(column) => column.cell(row).in_minor_units(),
            Self::Days(array) if array.is_valid(row) => match Day::new(array.value(row)) {
                Ok(day) => Cell::Day(day),
                Err(_) => Cell::Text(Cow::Borrowed("a day beyond the calendar")),
            },
            Self::Moments(array) if array.is_valid(row) => {
                let moment = array.value(row);
                let day = i32::try_from(moment.div_euclid(DAY_MS)).ok().and_then(|day| Day::new(day).ok());
                match day {
                    Some(day) if moment.rem_euclid(DAY_MS) == 0 => Cell::Day(day),
                    Some(_) => Cell::DateTime,
                    None => Cell::Text(Cow::Borrowed("a day beyond the calendar")),
                }
            }
            Self::Decimal32(array, scale) if array.is_valid(row) => {
                Cell::Number(Exact::new(i128::from(array.value(row)), *scale))
            }
            Self::Decimal64(array, scale) if array.is_valid(row) => {
                Cell::Number(Exact::new(i128::from(array.value(row)), *scale))
            }
            Self::Decimal128(array, scale) if array.is_valid(row) => Cell::Number(Exact::new(array.value(row), *scale)),
            Self::Decimal256(array, scale) if array.is_valid(row) => match array.value(row).to_i128() {
                Some(units) => Cell::Number(Exact::new(units, *scale)),
                None => Cell::Minor(i64::MIN),
            },
            Self::Float16(array) if array.is_valid(row) => float(array.value(row).is_finite()),
            Self::Float32(array) if array.is_valid(row) => float(array.value(row).is_finite()),
            Self::Float64(array) if array.is_valid(row) => float(array.value(row).is_finite()),
            Self::Bool(array) if array.is_valid(row) => Cell::Bool,
            Self::Timestamp(array) if array.is_valid(row) => Cell::DateTime,
            Self::Other(array) if array.is_valid(row) => Cell::Other("a value of another type"),
            _ => Cell::Missing,
        }
    }

    /// Whole numbers as their text; anything else as it is.
    fn into_text(self) -> Self {
        match self {
            Self::Int(keys) => Self::Numbered(keys),
            other => other,
        }
    }
}

impl ArrowFacts {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the rows of a batch to a table. Whole numbers in a column of ids are read as their text. A money column may be called `<name>_minor` when it holds minor units; a
    /// dimension `dim_<name>`.
    ///
    /// # Errors
    /// `unknown_field` for a column the table has not, `duplicate_id` for one given twice.
    pub fn push(&mut self, table: Table, batch: &RecordBatch) -> Result<(), Refused> {
        let mut fields: Vec<Option<Column>> = Vec::new();
        fields.resize_with(table.columns().len(), || None);
        let mut dimensions = Vec::new();
        let mut problems = Vec::new();
        let schema = batch.schema();
        for (field, array) in schema.fields().iter().zip(batch.columns()) {
            let name = field.name().as_str();
            if let Some(dimension) = name.strip_prefix("dim_").filter(|_| table.takes_dimensions()) {
                dimensions.push((dimension.to_owned(), Column::of(array).into_text()));
                continue;
            }
            let (plain, minor) = match name.strip_suffix("_minor") {
                Some(plain) => (plain, true),
                None => (name, false),
            };
            let mut problem = |code: &str, reason: &str| {
                let mut problem = Problem::new(code, reason).field(name);
                problem.table = Some(table.name().to_owned());
                problems.push(problem);
            };
            let place = table.columns().iter().position(|spec| spec.name == plain);
            let kind = |place: usize| table.columns().get(place).map(|spec| spec.kind);
            let place = place.filter(|place| !minor || kind(*place) == Some(Kind::Money));
            match place.and_then(|place| fields.get_mut(place)) {
                None => problem("unknown_field", "expected a column of the table"),
                Some(Some(_)) => problem("duplicate_id", "expected a column once"),
                Some(slot) => {
                    let column = Column::of(array);
                    let is_text = place.and_then(kind) == Some(Kind::Text);
                    *slot = Some(match (minor, is_text) {
                        (true, _) => Column::Minor(Box::new(column)),
                        (false, true) => column.into_text(),
                        (false, false) => column,
                    });
                }
            }
        }
        if !problems.is_empty() {
            return Err(Refused::new(problems));
        }
        self.batches.push((table, ArrowTable { rows: batch.num_rows(), fields, dimensions }));
        Ok(())
    }

    /// The tables to load.
    #[must_use]
    pub fn tables(&self) -> Tables<'_> {
        let mut all = Tables::default();
        for (table, batch) in &self.batches {
            all.push(*table, Box::new(batch));
        }
        all
    }
}

impl Source for &ArrowTable {
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
