//! Typed facts out of named values, table by table.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::value::{Error, MapDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};

use crate::ledger::fact::{
    Allocation, Cancellation, Closing, Commitment, CreditLine, Customer, CustomerChange, Discount, Dispute, Document,
    DocumentLine, Facts, Hold, Instalment, Notice, NoticeLine, Plan, Promise, Rate, Release, Requirement, Reversal,
    SettlementDifference, Table,
};

/// A value of a field, already in the form in which rows are read: exact text, ISO dates, whole numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Whole(i64),
    Dimensions(BTreeMap<String, String>),
}

impl<'de> IntoDeserializer<'de, Error> for Value {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Value {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Text(text) => visitor.visit_string(text),
            Self::Whole(number) => visitor.visit_i64(number),
            Self::Dimensions(map) => visitor.visit_map(MapDeserializer::new(map.into_iter())),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

macro_rules! rows {
    ($( $table:ident: $Row:ident ),* $(,)?) => {
        /// A row of any table.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(super) enum Fact { $( $Row(Box<$Row>), )* }

        impl Fact {
            /// The row that these values make.
            pub fn of(table: Table, values: Vec<(&str, Value)>) -> Result<Self, Error> {
                let values = MapDeserializer::new(values.into_iter());
                match table { $( Table::$table => Ok(Self::$Row(Box::new($Row::deserialize(values)?))), )* }
            }

            pub fn table(&self) -> Table {
                match self { $( Self::$Row(_) => Table::$table, )* }
            }

            pub fn push_to(self, facts: &mut Facts) {
                match self { $( Self::$Row(row) => facts.$table.push(*row), )* }
            }

            /// Puts the row in the place of another.
            pub fn put_into(self, facts: &mut Facts, at: usize) {
                match self { $( Self::$Row(row) => {
                    if let Some(slot) = facts.$table.get_mut(at) { *slot = *row; }
                } )* }
            }
        }

        /// How many rows a table has.
        pub(super) fn rows_in(facts: &Facts, table: Table) -> usize {
            match table { $( Table::$table => facts.$table.len(), )* }
        }

        /// Leaves only the rows of a table whose mark is set.
        pub(super) fn keep_marked(facts: &mut Facts, table: Table, marks: &[bool]) {
            let mut marks = marks.iter().copied();
            match table { $( Table::$table => facts.$table.retain(|_| marks.next().unwrap_or(true)), )* }
        }
    };
}

rows! {
    customers: Customer, customer_changes: CustomerChange, documents: Document, document_lines: DocumentLine,
    instalments: Instalment, discounts: Discount, allocations: Allocation, differences: SettlementDifference, reversals: Reversal,
    cancellations: Cancellation,
    disputes: Dispute, holds: Hold, promises: Promise, plans: Plan, notices: Notice, notice_lines: NoticeLine, commitments: Commitment,
    credit_lines: CreditLine, releases: Release, requirements: Requirement, closings: Closing, rates: Rate,
}
