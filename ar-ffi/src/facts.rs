//! The rows of a ledger as records: one per table of the facade, optional fields with defaults.
//!
//! They are not mirrors of the facade's rows but sources beside them, because an amount or a day that cannot be
//! read must be refused where it stands. That none of the facade's fields is missing the compiler checks all the
//! same: its rows are taken apart here, field by field.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use ar_core::facade::{self, Cell, Source, Table, Tables};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::values::{GivenDay, GivenMoney};

macro_rules! required {
    (text) => {
        String
    };
    (money) => {
        GivenMoney
    };
    (day) => {
        GivenDay
    };
    (integer) => {
        i64
    };
}
macro_rules! optional {
    (dimensions) => { HashMap<String, String> };
    ($kind:ident) => { Option<required!($kind)> };
}

macro_rules! rows {
    ($(
        $(#[doc = $doc:literal])*
        $Row:ident, $table:ident {
            $( $(#[doc = $must_doc:literal])* $must:ident: $must_kind:ident ),* ;
            $( $(#[doc = $may_doc:literal])* $may:ident: $may_kind:ident ),* $(,)?
        }
    )*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Debug, Clone, uniffi::Record)]
            #[allow(missing_docs, reason = "the specification describes every column; here what its name does not say")]
            pub struct $Row {
                $( $(#[doc = $must_doc])* pub $must: required!($must_kind), )*
                $( $(#[doc = $may_doc])* #[uniffi(default)] pub $may: optional!($may_kind), )*
            }

            impl Row for $Row {
                const TABLE: Table = Table::$table;

                fn cell(&self, name: &str) -> Cell<'_> {
                    match name {
                        $( stringify!($must) => self.$must.cell(), )*
                        $( stringify!($may) => self.$may.cell(), )*
                        _ => Cell::Missing,
                    }
                }

                fn dimensions(&self) -> Vec<(&str, Cell<'_>)> {
                    let mut all = Vec::new();
                    $( self.$may.dimensions(&mut all); )*
                    all
                }
            }

            impl From<facade::$Row> for $Row {
                fn from(row: facade::$Row) -> Self {
                    let facade::$Row { $( $must, )* $( $may, )* } = row;
                    Self { $( $must: Given::given($must), )* $( $may: Given::given($may), )* }
                }
            }
        )*

        /// Facts to load or append, table by table.
        #[derive(Debug, Clone, uniffi::Record)]
        pub struct Facts {
            $( $(#[doc = $doc])* #[uniffi(default)] pub $table: Vec<$Row>, )*
        }

        impl Facts {
            /// The tables that have rows.
            pub(crate) fn tables(&self) -> Tables<'_> {
                let mut all = Tables::default();
                $( if !self.$table.is_empty() {
                    all.push(Table::$table, Box::new(Rows(self.$table.as_slice())));
                } )*
                all
            }
        }

        impl From<facade::Facts> for Facts {
            fn from(facts: facade::Facts) -> Self {
                let facade::Facts { $( $table, )* } = facts;
                Self { $( $table: $table.into_iter().map($Row::from).collect(), )* }
            }
        }
    };
}

rows! {
    /// A customer: who owes. One row each; what changes later goes into `customer_changes`.
    Customer, customers {
        /// Unique among customers.
        id: text;
        name: text,
        /// The customer it belongs to.
        parent: text,
        group: text,
        /// Code of the payment terms its documents have unless they name others.
        terms: text,
        dimensions: dimensions,
    }
    /// A dated value of one attribute of a customer.
    CustomerChange, customer_changes {
        customer: text,
        /// `name`, `parent`, `group`, `terms`, `limit`, `blocked`, `score`, `contact`, `language`, `channel` or
        /// `dim_<name>`.
        attribute: text,
        effective: day;
        /// None clears the attribute.
        value: text,
        /// The last day it holds; of `blocked` alone.
        until: day,
        recorded: day,
    }
    /// A document: positive is what the customer owes, negative lowers it.
    Document, documents {
        /// Unique among documents.
        id: text,
        customer: text,
        /// `invoice`, `debit_note`, `charge`, `refund`, `credit_note`, `payment`, `advance` or `journal`.
        kind: text,
        currency: text,
        /// Gross, signed, in `currency`.
        amount: money,
        document_date: day;
        /// The day it counts from; the document date if none.
        posting_date: day,
        due_date: day,
        /// Code of its payment terms in the settings.
        terms: text,
        company: text,
        control_account: text,
        /// What the other side calls it; on a payment, what it says it pays.
        reference: text,
        /// The document that a credit note corrects or a charge belongs to.
        related: text,
        order: text,
        net: money,
        tax: money,
        /// In the company's base currency.
        base_amount: money,
        /// Units of base currency for one unit of `currency`.
        rate: money,
        dimensions: dimensions,
        recorded: day,
    }
    /// A net or tax line of a document.
    DocumentLine, document_lines {
        document: text,
        /// `net` or `tax`.
        kind: text,
        amount: money;
        code: text,
    }
    /// One instalment of a schedule of a document.
    Instalment, instalments {
        document: text,
        /// From 1, unique in its schedule.
        number: integer,
        due_date: day,
        amount: money;
        /// The plan that this schedule belongs to.
        plan: text,
        effective: day,
        recorded: day,
    }
    /// A tier of a discount offered on a document.
    Discount, discounts {
        document: text,
        /// The last day on which it may be taken.
        until: day;
        /// Per cent of `basis`, or of the document's amount; or else `amount`.
        percent: money,
        amount: money,
        basis: money,
        effective: day,
        recorded: day,
    }
    /// A credit applied to a debit.
    Allocation, allocations {
        id: text,
        /// The document with the negative amount.
        credit: text,
        /// The document with the positive amount.
        debit: text,
        /// Above zero, in the credit's currency.
        amount: money;
        /// In the debit's currency; needed when it is another.
        debit_amount: money,
        instalment: integer,
        base_credit: money,
        base_debit: money,
        effective: day,
        recorded: day,
    }
    /// A part of a document that no other document pays.
    SettlementDifference, differences {
        /// Unique among allocations and differences.
        id: text,
        document: text,
        /// `discount`, `discount_tax`, `tolerance`, `write_off`, `bank_charge`, `cash_rounding`, `residual` or `other`.
        kind: text,
        /// Above zero, in the document's currency: it lowers what is open in absolute terms.
        amount: money;
        /// The allocation that it stands beside and is taken back with.
        allocation: text,
        instalment: integer,
        reason: text,
        /// What it is worth in base currency.
        base_amount: money,
        /// What it takes off the document's base amount.
        base_document: money,
        effective: day,
        recorded: day,
    }
    /// An allocation taken back.
    Reversal, reversals {
        allocation: text,
        effective: day;
        reason: text,
        recorded: day,
    }
    /// A document that counts no more: a bounced receipt, a voided invoice.
    Cancellation, cancellations {
        document: text,
        effective: day;
        reason: text,
        recorded: day,
    }
    /// A disputed document, or part of it.
    Dispute, disputes {
        id: text,
        document: text,
        reason: text,
        effective: day;
        /// None: the whole of what is open.
        amount: money,
        recorded: day,
    }
    /// A document or customer kept out of dunning and collection.
    Hold, holds {
        id: text,
        reason: text,
        effective: day;
        customer: text,
        document: text,
        /// The last day it holds.
        until: day,
        recorded: day,
    }
    /// A promise to pay.
    Promise, promises {
        id: text,
        customer: text,
        currency: text,
        amount: money,
        promised_date: day,
        effective: day;
        document: text,
        recorded: day,
    }
    /// A payment plan, to which schedules of instalments belong.
    Plan, plans {
        id: text,
        customer: text,
        effective: day;
        reason: text,
        recorded: day,
    }
    /// A notice sent to a customer.
    Notice, notices {
        id: text,
        customer: text,
        level: integer,
        /// The day it was sent.
        effective: day;
        /// The one document it is about, when it has no lines.
        document: text,
        channel: text,
        /// The dunning procedure.
        procedure: text,
        company: text,
        currency: text,
        /// Until when it asks to be paid.
        due_date: day,
        recorded: day,
    }
    /// A line of a notice of the same batch: an item, and its level.
    NoticeLine, notice_lines {
        notice: text,
        document: text,
        level: integer;
        /// None: each instalment of the document.
        instalment: integer,
        /// The last day that interest is charged for.
        interest_until: day,
    }
    /// What will become receivable: a draft, an order, a delivery not yet invoiced.
    Commitment, commitments {
        id: text,
        customer: text,
        /// `draft`, `order` or `delivery`.
        kind: text,
        currency: text,
        amount: money,
        effective: day;
        company: text,
        expected_date: day,
        /// Without tax.
        net: money,
        /// The id of the commitment that it follows, and lowers.
        order: text,
        recorded: day,
    }
    /// How much credit there is: a limit, a cap on a part of the exposure, or what secures it.
    CreditLine, credit_lines {
        id: text,
        /// `limit`, `family_limit`, `guarantee`, `insurance`, `open_items`, `overdue`, `deliveries`, `orders` or `drafts`.
        kind: text,
        currency: text,
        effective: day;
        /// Whose it is; a limit or cap without customer and group is everybody's.
        customer: text,
        group: text,
        /// None: of all companies.
        company: text,
        /// None: no limit.
        amount: money,
        /// The last day that it holds.
        until: day,
        recorded: day,
    }
    /// An order that was let through although its check failed.
    Release, releases {
        id: text,
        customer: text,
        /// What was released.
        order: text,
        currency: text,
        /// Up to how much.
        amount: money,
        effective: day;
        /// Who released it.
        by: text,
        reason: text,
        /// The last day that it holds.
        until: day,
        recorded: day,
    }
    /// The state of a delivery or of a document that the customer requires.
    Requirement, requirements {
        document: text,
        requirement: text,
        /// `missing`, `fulfilled` or `waived`.
        state: text,
        effective: day;
        recorded: day,
    }
    /// The end of a dispute, hold, promise, plan, notice, commitment, credit line or release.
    Closing, closings {
        /// The id of what ends.
        of: text,
        effective: day;
        outcome: text,
        recorded: day,
    }
    /// A rate of exchange.
    Rate, rates {
        currency: text,
        base: text,
        /// Units of `base` for one unit of `currency`.
        rate: money,
        effective: day;
        recorded: day,
    }
}

/// A row of a table, its fields by their names.
trait Row {
    const TABLE: Table;
    fn cell(&self, name: &str) -> Cell<'_>;
    fn dimensions(&self) -> Vec<(&str, Cell<'_>)>;
}

/// Rows as the engine reads them.
struct Rows<'a, T>(&'a [T]);

impl<T: Row> Source for Rows<'_, T> {
    fn rows(&self) -> usize {
        self.0.len()
    }

    fn cell(&self, field: usize, row: usize) -> Cell<'_> {
        match (T::TABLE.columns().get(field), self.0.get(row)) {
            (Some(column), Some(row)) => row.cell(column.name),
            _ => Cell::Missing,
        }
    }

    fn dimensions(&self, row: usize) -> Vec<(&str, Cell<'_>)> {
        self.0.get(row).map(Row::dimensions).unwrap_or_default()
    }
}

/// A value in a field as the engine reads it.
pub(crate) trait Value {
    fn cell(&self) -> Cell<'_>;
    /// Adds name and value pairs, where it is such.
    fn dimensions<'a>(&'a self, _all: &mut Vec<(&'a str, Cell<'a>)>) {}
}

impl Value for String {
    fn cell(&self) -> Cell<'_> {
        Cell::Text(Cow::Borrowed(self))
    }
}

impl Value for i64 {
    fn cell(&self) -> Cell<'_> {
        Cell::Integer(i128::from(*self))
    }
}

impl Value for GivenMoney {
    fn cell(&self) -> Cell<'_> {
        Self::cell(self)
    }
}

impl Value for GivenDay {
    fn cell(&self) -> Cell<'_> {
        Self::cell(self)
    }
}

impl<T: Value> Value for Option<T> {
    fn cell(&self) -> Cell<'_> {
        self.as_ref().map_or(Cell::Missing, Value::cell)
    }
}

impl Value for HashMap<String, String> {
    fn cell(&self) -> Cell<'_> {
        Cell::Missing
    }

    fn dimensions<'a>(&'a self, all: &mut Vec<(&'a str, Cell<'a>)>) {
        all.extend(self.iter().map(|(name, value)| (name.as_str(), value.cell())));
        all.sort_unstable_by_key(|(name, _)| *name);
    }
}

/// A value of the facade as a caller would give it.
trait Given<T> {
    fn given(value: T) -> Self;
}

impl Given<String> for String {
    fn given(value: String) -> Self {
        value
    }
}

impl Given<i64> for i64 {
    fn given(value: i64) -> Self {
        value
    }
}

impl Given<Decimal> for GivenMoney {
    fn given(value: Decimal) -> Self {
        Self::from(value)
    }
}

impl Given<NaiveDate> for GivenDay {
    fn given(value: NaiveDate) -> Self {
        Self::from(value)
    }
}

impl<T, U: Given<T>> Given<Option<T>> for Option<U> {
    fn given(value: Option<T>) -> Self {
        value.map(U::given)
    }
}

impl Given<BTreeMap<String, String>> for HashMap<String, String> {
    fn given(value: BTreeMap<String, String>) -> Self {
        value.into_iter().collect()
    }
}
