//! The facts a ledger is made of: one plain row type per table, and the list of tables with their columns.
//!
//! A new kind of fact is one more `fact!` here and one more arm where the ledger takes facts in.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::cell::{self, Amount, Cell, Source};
use super::row::{Field, Readable, RowReader};
use crate::calendar::Day;
use crate::money::Exact;
use crate::problem::Problem;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text: an id, a name, a code.
    Text,
    /// A civil date.
    Day,
    /// Money in the row's currency.
    Money,
    /// An exact decimal.
    Number,
    /// A whole number.
    Integer,
    /// Name and value pairs, one column `dim_<name>` each.
    Dimensions,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnSpec {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether a row without it is refused.
    pub required: bool,
}

macro_rules! row_type {
    (text) => { String };
    (opt_text) => { Option<String> };
    (day) => { NaiveDate };
    (opt_day) => { Option<NaiveDate> };
    (money) => { Decimal };
    (opt_money) => { Option<Decimal> };
    (number) => { Decimal };
    (opt_number) => { Option<Decimal> };
    (one) => { i64 };
    (zero) => { i64 };
    (opt_zero) => { Option<i64> };
    (dimensions) => { BTreeMap<String, String> };
}
macro_rules! read_type {
    ($a:lifetime text) => { Option<Cow<$a, str>> };
    ($a:lifetime opt_text) => { Field<Cow<$a, str>> };
    ($a:lifetime day) => { Option<Day> };
    ($a:lifetime opt_day) => { Field<Day> };
    ($a:lifetime money) => { Option<Amount> };
    ($a:lifetime opt_money) => { Field<Amount> };
    ($a:lifetime number) => { Option<Exact> };
    ($a:lifetime opt_number) => { Field<Exact> };
    ($a:lifetime one) => { Option<u32> };
    ($a:lifetime zero) => { Option<u32> };
    ($a:lifetime opt_zero) => { Field<u32> };
    ($a:lifetime dimensions) => { Vec<(Cow<$a, str>, Cow<$a, str>)> };
}
macro_rules! spec {
    ($field:ident text) => { spec!(@ $field Text true) };
    ($field:ident opt_text) => { spec!(@ $field Text false) };
    ($field:ident day) => { spec!(@ $field Day true) };
    ($field:ident opt_day) => { spec!(@ $field Day false) };
    ($field:ident money) => { spec!(@ $field Money true) };
    ($field:ident opt_money) => { spec!(@ $field Money false) };
    ($field:ident number) => { spec!(@ $field Number true) };
    ($field:ident opt_number) => { spec!(@ $field Number false) };
    ($field:ident one) => { spec!(@ $field Integer true) };
    ($field:ident zero) => { spec!(@ $field Integer true) };
    ($field:ident opt_zero) => { spec!(@ $field Integer false) };
    ($field:ident dimensions) => { spec!(@ $field Dimensions false) };
    (@ $field:ident $kind:ident $required:literal) => {
        ColumnSpec { name: stringify!($field), kind: Kind::$kind, required: $required }
    };
}
/// A field of a row that is read from text: what a row must have has no default.
macro_rules! taken {
    (opt_text $sent:expr, $name:expr) => {
        $sent.flatten()
    };
    (opt_day $sent:expr, $name:expr) => {
        $sent.flatten()
    };
    (opt_money $sent:expr, $name:expr) => {
        $sent.flatten()
    };
    (opt_number $sent:expr, $name:expr) => {
        $sent.flatten()
    };
    (opt_zero $sent:expr, $name:expr) => {
        $sent.flatten()
    };
    (dimensions $sent:expr, $name:expr) => {
        $sent.unwrap_or_default()
    };
    ($kind:ident $sent:expr, $name:expr) => {
        $sent.ok_or_else(|| D::Error::missing_field($name))?
    };
}
macro_rules! to_cell {
    (text $value:expr) => {
        Cell::Text(Cow::Borrowed($value.as_str()))
    };
    (opt_text $value:expr) => {
        $value.as_deref().map_or(Cell::Missing, |v| Cell::Text(Cow::Borrowed(v)))
    };
    (day $value:expr) => {
        day_cell($value)
    };
    (opt_day $value:expr) => {
        $value.map_or(Cell::Missing, day_cell)
    };
    (money $value:expr) => {
        Cell::Number(Exact::from_decimal($value))
    };
    (opt_money $value:expr) => {
        $value.map_or(Cell::Missing, |v| Cell::Number(Exact::from_decimal(v)))
    };
    (number $value:expr) => {
        Cell::Number(Exact::from_decimal($value))
    };
    (opt_number $value:expr) => {
        $value.map_or(Cell::Missing, |v| Cell::Number(Exact::from_decimal(v)))
    };
    (one $value:expr) => {
        Cell::Integer(i128::from($value))
    };
    (zero $value:expr) => {
        Cell::Integer(i128::from($value))
    };
    (opt_zero $value:expr) => {
        $value.map_or(Cell::Missing, |v| Cell::Integer(i128::from(v)))
    };
    (dimensions $value:expr) => {
        Cell::Missing
    };
}
macro_rules! dimension_cells {
    (dimensions $value:expr) => {
        Some(&$value)
    };
    ($kind:ident $value:expr) => {
        None::<&BTreeMap<String, String>>
    };
}
macro_rules! read {
    (text $r:ident) => {
        $r.required(cell::text)
    };
    (opt_text $r:ident) => {
        $r.optional(cell::text)
    };
    (day $r:ident) => {
        $r.required(cell::day)
    };
    (opt_day $r:ident) => {
        $r.optional(cell::day)
    };
    (money $r:ident) => {
        $r.required(cell::money)
    };
    (opt_money $r:ident) => {
        $r.optional(cell::money)
    };
    (number $r:ident) => {
        $r.required(cell::rate)
    };
    (opt_number $r:ident) => {
        $r.optional(cell::rate)
    };
    (one $r:ident) => {
        $r.required(cell::whole_from_1)
    };
    (zero $r:ident) => {
        $r.required(cell::whole_from_0)
    };
    (opt_zero $r:ident) => {
        $r.optional(cell::whole_from_0)
    };
    (dimensions $r:ident) => {
        $r.dimensions()
    };
}

macro_rules! facts {
    ($( $(#[$doc:meta])* $Row:ident, $Read:ident, $table:ident {
        $( $(#[$field_doc:meta])* $field:ident: $kind:ident ),* $(,)?
    } )*) => {
        /// The tables, in the order in which problems are reported.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(non_camel_case_types, reason = "a table is called as in data")]
        pub enum Table { $( $(#[$doc])* $table, )* }

        impl Table {
            /// All tables.
            pub const ALL: &'static [Table] = &[$( Table::$table, )*];

            /// Its name in data.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $( Table::$table => stringify!($table), )* }
            }

            /// The table of that name.
            #[must_use]
            pub fn named(name: &str) -> Option<Table> {
                Self::ALL.iter().copied().find(|table| table.name() == name)
            }

            /// Whether its rows have dimensions.
            #[must_use]
            pub fn takes_dimensions(self) -> bool {
                self.columns().iter().any(|column| column.kind == Kind::Dimensions)
            }

            /// Its columns, in order.
            #[must_use]
            pub fn columns(self) -> &'static [ColumnSpec] {
                match self { $( Table::$table => &[$( spec!($field $kind), )*], )* }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
            #[allow(missing_docs, reason = "the table in docs/specification.md describes every column; here what it does not say")]
            pub struct $Row { $( $(#[$field_doc])* pub $field: row_type!($kind), )* }

            impl<'de> Deserialize<'de> for $Row {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    #[derive(Default, Deserialize)]
                    #[serde(rename = "row", deny_unknown_fields, default)]
                    struct Sent { $( $field: Option<row_type!($kind)>, )* }
                    let sent = Sent::deserialize(deserializer)?;
                    Ok(Self { $( $field: taken!($kind sent.$field, stringify!($field)), )* })
                }
            }

            impl Source for [$Row] {
                fn rows(&self) -> usize { self.len() }
                fn cell(&self, field: usize, row: usize) -> Cell<'_> {
                    let Some(row) = self.get(row) else { return Cell::Missing };
                    let mut place = 0_usize;
                    $(
                        if place == field { return to_cell!($kind row.$field); }
                        place = place.wrapping_add(1);
                    )*
                    let _ = place;
                    Cell::Missing
                }
                fn dimensions(&self, row: usize) -> Vec<(&str, Cell<'_>)> {
                    let mut all = Vec::new();
                    if let Some(row) = self.get(row) {
                        $( if let Some(map) = dimension_cells!($kind row.$field) {
                            all.extend(map.iter().map(|(name, value)| {
                                (name.as_str(), Cell::Text(Cow::Borrowed(value.as_str())))
                            }));
                        } )*
                        let _ = row;
                    }
                    all
                }
            }

            /// A row of the table as read from any source, each field of the right kind.
            #[derive(Debug)]
            pub(crate) struct $Read<'a> { $( pub $field: read_type!('a $kind), )* }

            impl<'a> Readable<'a> for $Read<'a> {
                const TABLE: Table = Table::$table;

                fn read(reader: &mut RowReader<'a, '_>) -> Self {
                    $( let $field = read!($kind reader); )*
                    Self { $( $field, )* }
                }
            }
        )*

        /// Facts as rows: what a user fills in.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Facts { $( $(#[$doc])* pub $table: Vec<$Row>, )* }

        impl Facts {
            /// The rows as tables to load.
            #[must_use]
            pub fn tables(&self) -> Tables<'_> {
                let mut tables = Tables::default();
                $( if !self.$table.is_empty() {
                    tables.sources.push((Table::$table, Box::new(RowSource(self.$table.as_slice()))));
                } )*
                tables
            }
        }
    };
}

facts! {
    /// A customer: who owes. One row each; what changes later goes into `customer_changes`.
    Customer, CustomerRead, customers {
        /// Unique among customers.
        id: text, name: opt_text,
        /// The customer it belongs to.
        parent: opt_text, group: opt_text,
        /// Code of the payment terms its documents have unless they name others.
        terms: opt_text, dimensions: dimensions,
    }
    /// A dated value of one attribute of a customer.
    CustomerChange, CustomerChangeRead, customer_changes {
        customer: text,
        /// `name`, `parent`, `group`, `terms`, `limit`, `blocked`, `score`, `review_date`, `contact`, `channel`, `language` or `dim_<name>`.
        attribute: text,
        /// None clears the attribute.
        value: opt_text,
        /// The last day it holds; of `blocked` alone.
        until: opt_day, effective: day, recorded: opt_day,
    }
    /// A document: positive is what the customer owes, negative lowers it.
    Document, DocumentRead, documents {
        /// Unique among documents.
        id: text, customer: text,
        /// `invoice`, `debit_note`, `charge`, `refund`, `credit_note`, `payment`, `advance` or `journal`.
        kind: text, currency: text,
        /// Gross, signed, in `currency`.
        amount: money, document_date: day,
        /// The day it counts from; `document_date` if none.
        posting_date: opt_day, due_date: opt_day,
        /// Code of its payment terms in the settings.
        terms: opt_text, company: opt_text, control_account: opt_text,
        /// What the other side calls it; on a payment, what it says it pays.
        reference: opt_text,
        /// The document that a credit note corrects or a charge belongs to.
        related: opt_text, order: opt_text, net: opt_money, tax: opt_money,
        /// In the company's base currency.
        base_amount: opt_money,
        /// Units of base currency for one unit of `currency`.
        rate: opt_number, dimensions: dimensions, recorded: opt_day,
    }
    /// A net or tax line of a document.
    DocumentLine, DocumentLineRead, document_lines {
        document: text,
        /// `net` or `tax`.
        kind: text, code: opt_text, amount: money,
    }
    /// One instalment of a schedule of a document.
    Instalment, InstalmentRead, instalments {
        document: text,
        /// From 1, unique in its schedule.
        number: one, due_date: day, amount: money,
        /// The plan that this schedule belongs to.
        plan: opt_text, effective: opt_day, recorded: opt_day,
    }
    /// A tier of a discount offered on a document.
    Discount, DiscountRead, discounts {
        document: text,
        /// The last day on which it may be taken.
        until: day,
        /// Per cent of `basis`, or of the document's amount; or else `amount`.
        percent: opt_number, amount: opt_money, basis: opt_money, effective: opt_day, recorded: opt_day,
    }
    /// A credit applied to a debit.
    Allocation, AllocationRead, allocations {
        id: text,
        /// The document with the negative amount.
        credit: text,
        /// The document with the positive amount.
        debit: text,
        /// Above zero, in the credit's currency.
        amount: money,
        /// In the debit's currency; needed when it is another.
        debit_amount: opt_money, instalment: opt_zero, base_credit: opt_money, base_debit: opt_money,
        effective: opt_day, recorded: opt_day,
    }
    /// A part of a document that no other document pays.
    SettlementDifference, SettlementDifferenceRead, differences {
        /// Unique among allocations and differences.
        id: text, document: text,
        /// `discount`, `discount_tax`, `tolerance`, `write_off`, `bank_charge`, `cash_rounding`, `residual` or `other`.
        kind: text,
        /// Above zero, in the document's currency: it lowers what is open in absolute terms.
        amount: money,
        /// The allocation that it stands beside and is taken back with, but for a residual that moved to a document of its own.
        allocation: opt_text, instalment: opt_zero, reason: opt_text,
        /// What it is worth in base currency, and what it takes off the document's base amount.
        base_amount: opt_money, base_document: opt_money, effective: opt_day, recorded: opt_day,
    }
    /// An allocation taken back.
    Reversal, ReversalRead, reversals {
        allocation: text, effective: day, reason: opt_text, recorded: opt_day,
    }
    /// A document that counts no more: a bounced receipt, a voided invoice.
    Cancellation, CancellationRead, cancellations {
        document: text, effective: day, reason: opt_text, recorded: opt_day,
    }
    /// A disputed document, or part of it.
    Dispute, DisputeRead, disputes {
        id: text, document: text, reason: text,
        /// None: the whole of what is open.
        amount: opt_money, effective: day, recorded: opt_day,
    }
    /// A document or customer kept out of dunning and collection.
    Hold, HoldRead, holds {
        id: text, customer: opt_text, document: opt_text, reason: text,
        /// The last day it holds.
        until: opt_day, effective: day, recorded: opt_day,
    }
    /// A promise to pay.
    Promise, PromiseRead, promises {
        id: text, customer: text, document: opt_text, currency: text, amount: money, promised_date: day,
        effective: day, recorded: opt_day,
    }
    /// A payment plan, to which schedules of instalments belong.
    Plan, PlanRead, plans {
        id: text, customer: text, reason: opt_text, effective: day, recorded: opt_day,
    }
    /// A notice sent to a customer.
    Notice, NoticeRead, notices {
        /// Unique among notices, disputes, holds, promises, plans, commitments, credit lines and releases.
        id: text, customer: text,
        /// The document that it is about, when it is about one and has no lines.
        document: opt_text, level: zero, channel: opt_text,
        /// The dunning procedure, company and currency that it was made for.
        procedure: opt_text, company: opt_text, currency: opt_text,
        /// The day until which it asks to be paid.
        due_date: opt_day,
        /// The day it was sent.
        effective: day, recorded: opt_day,
    }
    /// A line of a notice: what it is about, at which level.
    NoticeLine, NoticeLineRead, notice_lines {
        notice: text, document: text,
        /// None: each instalment of the document.
        instalment: opt_zero, level: zero,
        /// The last day that it charges interest for.
        interest_until: opt_day,
    }
    /// What will become receivable: a draft, an order, a delivery not yet invoiced.
    Commitment, CommitmentRead, commitments {
        id: text, customer: text,
        /// `draft`, `order` or `delivery`.
        kind: text, company: opt_text, currency: text, amount: money, expected_date: opt_day,
        /// Without tax, when `amount` is with it.
        net: opt_money,
        /// The id of the commitment that it follows, and lowers.
        order: opt_text, effective: day, recorded: opt_day,
    }
    /// How much credit there is: a limit, a cap on a part of the exposure, or what secures it.
    CreditLine, CreditLineRead, credit_lines {
        id: text,
        /// `limit`, `family_limit`, `guarantee`, `insurance`, or the part of an exposure that it caps: `open_items`, `overdue`,
        /// `deliveries`, `orders` or `drafts`.
        kind: text,
        /// Whose it is; a limit or cap without customer and group is everybody's.
        customer: opt_text, group: opt_text,
        /// None: of all companies.
        company: opt_text, currency: text,
        /// None: no limit.
        amount: opt_money,
        /// The last day that it holds.
        until: opt_day, effective: day, recorded: opt_day,
    }
    /// An order that was let through although its check failed.
    Release, ReleaseRead, releases {
        id: text, customer: text,
        /// What was released.
        order: text, currency: text,
        /// Up to how much.
        amount: money,
        /// Who released it; the role, where the policy of credit names roles.
        by: opt_text, reason: opt_text,
        /// The last day that it holds.
        until: opt_day, effective: day, recorded: opt_day,
    }
    /// The state of a delivery or of a document that the customer requires.
    Requirement, RequirementRead, requirements {
        document: text, requirement: text,
        /// `missing`, `fulfilled` or `waived`.
        state: text, effective: day, recorded: opt_day,
    }
    /// The end of a dispute, hold, promise, plan, commitment, credit line or release; a notice withdrawn.
    Closing, ClosingRead, closings {
        /// The id of what ends.
        of: text, outcome: opt_text, effective: day, recorded: opt_day,
    }
    /// A rate of exchange.
    Rate, RateRead, rates {
        currency: text, base: text,
        /// Units of `base` for one unit of `currency`.
        rate: number, effective: day, recorded: opt_day,
    }
}

fn day_cell<'a>(date: NaiveDate) -> Cell<'a> {
    match Day::try_from(date) {
        Ok(day) => Cell::Day(day),
        Err(_) => Cell::Text(Cow::Owned(date.to_string())),
    }
}

/// Tables to load, of any source.
#[derive(Default)]
pub struct Tables<'a> {
    pub(crate) sources: Vec<(Table, Box<dyn Source + 'a>)>,
    pub(crate) problems: Vec<Problem>,
}

impl<'a> Tables<'a> {
    /// The same tables and one more; a table given twice is read as one after the other.
    #[must_use]
    pub fn with(mut self, table: Table, source: impl Source + 'a) -> Self {
        self.sources.push((table, Box::new(source)));
        self
    }

    /// Adds a table.
    pub fn push(&mut self, table: Table, source: Box<dyn Source + 'a>) {
        self.sources.push((table, source));
    }

    /// Notes what is wrong with the tables themselves, such as one that there is not; they are refused with it.
    pub fn refuse(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(crate) fn of(&self, table: Table) -> impl Iterator<Item = &(dyn Source + 'a)> {
        self.sources.iter().filter(move |(t, _)| *t == table).map(|(_, source)| source.as_ref())
    }
}

struct RowSource<'a, T>(&'a [T]);

impl<T> Source for RowSource<'_, T>
where
    [T]: Source,
{
    fn rows(&self) -> usize {
        self.0.rows()
    }
    fn cell(&self, field: usize, row: usize) -> Cell<'_> {
        self.0.cell(field, row)
    }
    fn dimensions(&self, row: usize) -> Vec<(&str, Cell<'_>)> {
        self.0.dimensions(row)
    }
}
