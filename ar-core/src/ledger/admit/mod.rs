//! Takes facts in: reads every row, checks it by itself and against the rest, and either makes the next state of the
//! ledger or lists all that is wrong. Nothing is half-done.
//!
//! A bad row does not exist for the others, so tables are taken in by what they refer to: customers and their changes, documents with their
//! lines and terms, what is about them, schedules, and last what settles.

mod customers;
mod discounts;
mod documents;
mod lines;
mod matters;
mod parents;
mod place;
mod schedules;

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::cell::{Amount, Source};
use super::commitments::Kept;
use super::fact::{Table, Tables};
use super::layers::{Growing, Layers, NONE, Numbered, count, place as at};
use super::row::{Field, Readable, RowReader};
use super::settle::Settlement;
use super::store::{Account, BatchEnd, CustomerFact, Documents, Store};
use crate::calendar::Day;
use crate::money::{Currencies, Currency, Minor, MoneyError, format_minor};
use crate::problem::{Problem, Refused, quoted};

/// How many rows a table may ever hold: each gets a number of 32 bits, and an allocation leaves up to eight legs.
pub const MOST_ROWS: u32 = u32::MAX / 8;

/// A batch of facts on its way into a ledger.
pub(super) struct Admission<'a> {
    pub(super) before: &'a Store,
    tables: &'a Tables<'a>,
    /// The recorded day of an append; none in the first load.
    batch: Option<i32>,
    pub(super) problems: Vec<Problem>,
    /// How many problems there were before the row that is being taken in.
    problems_before: usize,
    /// How many rows were taken in before this batch, and in it so far.
    rows: u64,
    known_currencies: &'a Currencies,
    currencies: Vec<Currency>,
    texts: Growing,
    dimension_names: Growing,
    customer_ids: Growing,
    document_ids: Growing,
    matter_ids: Growing,
    new_customers: Vec<CustomerFact>,
    /// Customers and matters of this batch whose row is bad.
    bad_customers: FxHashSet<u32>,
    bad_matters: FxHashSet<u32>,
    /// Good documents of this batch, sorted; by number less the start.
    documents: Documents,
    last_recorded: i32,
    accounts: Layers<Numbered<Account>>,
}

/// The next state of the ledger.
pub(super) fn admit(
    before: &Store,
    tables: &Tables<'_>,
    batch: Option<Day>,
    known_currencies: &Currencies,
) -> Result<Store, Refused> {
    check_limits(before, tables)?;
    let batch = batch.map(Day::number);
    if let (Some(day), Some(last)) = (batch, before.last_recorded)
        && day < last
    {
        let reason = format!("expected a day not before {}, the last recorded, got {}", day_text(last), day_text(day));
        return Err(Problem::new("recorded_backwards", reason).field("recorded").into());
    }
    let mut admission = Admission {
        before,
        tables,
        batch,
        problems: tables.problems.clone(),
        problems_before: 0,
        rows: before.rows,
        known_currencies,
        currencies: before.currencies.as_ref().clone(),
        texts: Growing::on(&before.texts),
        dimension_names: Growing::on(&before.dimension_names),
        customer_ids: Growing::on(&before.customer_ids),
        document_ids: Growing::on(&before.document_ids),
        matter_ids: Growing::on(&before.matter_ids),
        new_customers: Vec::new(),
        bad_customers: FxHashSet::default(),
        bad_matters: FxHashSet::default(),
        documents: Documents { start: before.documents.len(), ..Documents::default() },
        last_recorded: before.last_recorded.unwrap_or(i32::MIN).max(batch.unwrap_or(i32::MIN)),
        accounts: before.accounts.clone(),
    };
    let mut next = before.clone();
    next.batches = before.batches.saturating_add(1);
    admission.customers();
    let changes = admission.customer_changes();
    admission.documents(&mut next, &changes);
    next.children.add(admission.children(&changes));
    next.changes.add(changes);
    admission.matters(&mut next);
    admission.instalments(&mut next);
    admission.discounts(&mut next);
    Settlement::of(&mut admission, &next).run().into_store(&mut next);
    admission.closings(&mut next);
    admission.finish(next)
}

fn check_limits(before: &Store, tables: &Tables<'_>) -> Result<(), Refused> {
    for table in Table::ALL {
        let held = match table {
            Table::customers => before.customers.len(),
            Table::documents => before.documents.len(),
            Table::allocations | Table::differences => before.allocations.len(),
            _ => 0,
        };
        let of = |table: Table| tables.of(table).fold(0_usize, |sum, source| sum.saturating_add(source.rows()));
        // Differences are numbered with the allocations.
        let beside = if *table == Table::differences { of(Table::allocations) } else { 0 };
        let rows = at(held).saturating_add(of(*table)).saturating_add(beside);
        if rows > at(MOST_ROWS) {
            let mut problem = Problem::new("limit_exceeded", format!("expected at most {MOST_ROWS} rows, got {rows}"));
            problem.table = Some(table.name().to_owned());
            return Err(problem.into());
        }
    }
    Ok(())
}

/// Where a problem stands in the list: by table, row, field; what is unknown after what is known.
fn order_of(problem: &Problem) -> (usize, String, Option<u64>, usize, String) {
    let table = problem.table.as_deref().and_then(Table::named);
    let table_place = Table::ALL.iter().position(|known| Some(*known) == table).unwrap_or(Table::ALL.len());
    let columns = table.map_or(&[][..], Table::columns);
    let field = match problem.field.as_deref() {
        None => 0,
        Some(field) => {
            columns.iter().position(|column| column.name == field).unwrap_or(columns.len()).saturating_add(1)
        }
    };
    let unknown = |place: usize, length: usize, name: &Option<String>| {
        if place >= length { name.clone().unwrap_or_default() } else { String::new() }
    };
    let table_name = unknown(table_place, Table::ALL.len(), &problem.table);
    let field_name = unknown(field, columns.len().saturating_add(1), &problem.field);
    (table_place, table_name, problem.index, field, field_name)
}

impl<'a> Admission<'a> {
    fn finish(self, mut next: Store) -> Result<Store, Refused> {
        if !self.problems.is_empty() {
            let mut problems = self.problems;
            // What was found first about a field is what is told about it.
            problems.sort_by_cached_key(order_of);
            problems.dedup_by(|later, first| {
                (&later.table, later.index, &later.field) == (&first.table, first.index, &first.field)
            });
            return Err(Refused::listing_all(problems));
        }
        if self.texts.len() == NONE {
            return Err(Problem::new("limit_exceeded", format!("expected fewer than {NONE} different texts")).into());
        }
        next.rows = self.rows;
        next.texts = self.texts.finish();
        next.dimension_names = self.dimension_names.finish();
        next.customer_ids = self.customer_ids.finish();
        if !self.new_customers.is_empty() {
            next.customer_rank = Arc::default();
        }
        next.kept_commitments = Kept::default();
        next.customers.add(self.new_customers);
        next.document_ids = self.document_ids.finish();
        next.matter_ids = self.matter_ids.finish();
        next.currencies = Arc::new(self.currencies);
        next.documents.push(self.documents);
        next.batch_ends.add(vec![BatchEnd {
            recorded: self.batch,
            rows: next.rows,
            customers: next.customers.len(),
            documents: next.document_ids.len(),
            allocations: next.allocations.len(),
        }]);
        next.last_recorded = (self.last_recorded > i32::MIN).then_some(self.last_recorded);
        Ok(next)
    }

    pub(super) fn problem(&mut self, table: Table, row: usize, field: &str, code: &str, reason: impl Into<String>) {
        self.problems.push(Problem::new(code, reason).field(field).row(table.name(), row));
    }

    /// Whether nothing is wrong so far with the row that is being taken in.
    pub(super) fn row_is_good(&self) -> bool {
        self.problems.len() == self.problems_before
    }

    /// The rows of a table, numbered through all its sources.
    fn rows_of(&self, table: Table) -> impl Iterator<Item = (usize, &'a dyn Source, usize)> + use<'a> {
        let tables = self.tables;
        tables
            .of(table)
            .flat_map(|source| (0..source.rows()).map(move |row| (source, row)))
            .enumerate()
            .map(|(index, (source, row))| (index, source, row))
    }

    /// Reads each row of a table. `seq` numbers rows through all batches.
    pub(super) fn each<R: Readable<'a>>(&mut self, mut take: impl FnMut(&mut Self, Row, R)) {
        let mut index = 0_usize;
        let tables = self.tables;
        for source in tables.of(R::TABLE) {
            for row in 0..source.rows() {
                self.problems_before = self.problems.len();
                let seq = self.rows;
                self.rows = seq.saturating_add(1);
                if let Some(read) = RowReader::row::<R>(source, row, index, &mut self.problems) {
                    take(self, Row { index, seq }, read);
                }
                index = index.saturating_add(1);
            }
        }
    }

    /// The recorded day of a row: that of the batch, else its own, else what it defaults to.
    pub(super) fn recorded(&mut self, table: Table, row: usize, own: Field<Day>, default: Option<i32>) -> Option<i32> {
        let own = match own {
            Field::Bad => return None,
            Field::Absent => None,
            Field::Given(day) => Some(day.number()),
        };
        if let (Some(batch), Some(own)) = (self.batch, own)
            && own != batch
        {
            let reason = format!("expected {}, the recorded day of the append, got {}", day_text(batch), day_text(own));
            self.problem(table, row, "recorded", "recorded_mismatch", reason);
            return None;
        }
        let recorded = self.batch.or(own).or(default)?;
        self.last_recorded = self.last_recorded.max(recorded);
        Some(recorded)
    }

    /// The recorded day of a row that refers to what became known on `first`: not before that, and when it is left out the
    /// later of both.
    pub(super) fn recorded_after(
        &mut self,
        table: Table,
        row: usize,
        own: Field<Day>,
        effective: Option<i32>,
        first: i32,
    ) -> Option<i32> {
        if let Some(own) = own.given().filter(|own| own.number() < first) {
            let reason = format!(
                "expected a day not before {}, when what it refers to was recorded, got {own}",
                day_text(first)
            );
            self.problem(table, row, "recorded", "impossible_date", reason);
        }
        self.recorded(table, row, own, effective.map(|effective| effective.max(first)))
    }

    /// The number of a currency.
    pub(super) fn currency(&mut self, table: Table, row: usize, field: &str, code: &str) -> Option<u32> {
        match self.known_currencies.find(code) {
            Ok(currency) => {
                let held = self.currencies.iter().position(|held| *held == currency);
                Some(count(held.unwrap_or_else(|| {
                    self.currencies.push(currency);
                    self.currencies.len().saturating_sub(1)
                })))
            }
            Err(error) => {
                self.problem(table, row, field, error.code(), error.to_string());
                None
            }
        }
    }

    fn exponent(&self, currency: u32) -> u8 {
        self.currencies.get(at(currency)).map_or(0, |currency| currency.exponent)
    }

    /// An amount in minor units of a currency; nothing when either is absent or bad.
    pub(super) fn minor(
        &mut self,
        table: Table,
        row: usize,
        field: &str,
        amount: Option<Amount>,
        currency: Option<u32>,
    ) -> Option<Minor> {
        let (amount, currency) = (amount?, currency?);
        match amount.to_minor(self.exponent(currency)) {
            Ok(minor) => Some(minor),
            Err(error) => {
                self.note_money(table, row, field, &error);
                None
            }
        }
    }

    /// An amount as it is printed.
    pub(super) fn shown(&self, minor: i128, currency: u32) -> String {
        format_minor(minor, self.exponent(currency))
    }

    /// An amount of a document as it is printed.
    pub(super) fn shown_of(&self, minor: i128, document: u32) -> String {
        self.shown(minor, self.currency_of(document).unwrap_or(NONE))
    }

    fn note_money(&mut self, table: Table, row: usize, field: &str, error: &MoneyError) {
        self.problem(table, row, field, error.code(), error.to_string());
    }

    /// The number of a text, `NONE` when there is none.
    pub(super) fn intern(&mut self, text: &Field<Cow<'_, str>>) -> u32 {
        text.given().map_or(NONE, |text| self.texts.intern(text))
    }

    /// Notes that an id refers to nothing.
    pub(super) fn unknown(&mut self, table: Table, row: usize, field: &str, what: &str, id: &str) {
        let reason = format!("expected the id of a {what}, got {}", quoted(id));
        self.problem(table, row, field, "unknown_reference", reason);
    }

    fn taken(&mut self, table: Table, row: usize, id: &str) {
        self.problem(table, row, "id", "duplicate_id", format!("expected a new id, got {} again", quoted(id)));
    }

    /// Notes a word outside its list.
    pub(super) fn no_word(&mut self, table: Table, row: usize, field: &str, expected: &str, got: &str) {
        self.problem(table, row, field, "unknown_kind", format!("expected {expected}, got {}", quoted(got)));
    }

    fn known_customer(&mut self, table: Table, row: usize, field: &str, id: &str) -> Option<u32> {
        let found = self.customer_ids.find(id).filter(|number| !self.bad_customers.contains(number));
        if found.is_none() {
            self.unknown(table, row, field, "customer", id);
        }
        found
    }

    /// The number of a good document by its id.
    fn document(&self, id: &str) -> Option<u32> {
        let number = self.document_ids.find(id)?;
        let start = self.documents.start;
        if number >= start {
            let row = self.documents.row_of_id.get(at(number.wrapping_sub(start)))?;
            (*row != NONE).then(|| start.saturating_add(*row))
        } else {
            self.before.documents.of_id(number)
        }
    }

    pub(super) fn known_document(&mut self, table: Table, row: usize, field: &str, id: &str) -> Option<u32> {
        let found = self.document(id);
        if found.is_none() {
            self.unknown(table, row, field, "document", id);
        }
        found
    }

    /// The piece and row that hold a document, of this batch or before.
    fn held(&self, document: u32) -> Option<(&Documents, usize)> {
        if document >= self.documents.start {
            Some((&self.documents, at(document.wrapping_sub(self.documents.start))))
        } else {
            self.before.documents.find(document)
        }
    }

    /// How many documents of this batch are good.
    pub(super) fn new_documents(&self) -> usize {
        self.documents.len()
    }

    /// A document's amount and base amount.
    pub(super) fn amount_of(&self, document: u32) -> Option<(Minor, Minor)> {
        let (piece, row) = self.held(document)?;
        Some((*piece.amount.get(row)?, *piece.base.get(row)?))
    }

    /// A document's effective and recorded day.
    pub(super) fn days_of(&self, document: u32) -> Option<(i32, i32)> {
        let (piece, row) = self.held(document)?;
        Some((*piece.effective.get(row)?, *piece.recorded.get(row)?))
    }

    /// The document that stands for what a residual took off another: `<allocation>-r`, related to it, with that amount in its
    /// currency, effective on that day and known by then.
    pub(super) fn moved_to(
        &self,
        allocation: &str,
        of: u32,
        amount: Minor,
        (effective, recorded): (i32, i32),
    ) -> Option<u32> {
        let document = self.document(&format!("{allocation}-r"))?;
        let (piece, row) = self.held(document)?;
        let related = piece.related_id.get(row).copied().filter(|id| *id != NONE)?;
        let (own, known) = self.days_of(document)?;
        let sign = self.amount_of(of)?.0.signum();
        let fits = self.document(self.texts.text(related)) == Some(of)
            && piece.amount.get(row) == Some(&amount.saturating_mul(sign))
            && self.currency_of(document) == self.currency_of(of)
            && (own == effective && known <= recorded);
        fits.then_some(document)
    }

    /// A document's id.
    pub(super) fn id_of(&self, document: u32) -> &str {
        let id = self.held(document).and_then(|(piece, row)| piece.id.get(row));
        id.map_or("", |id| self.document_ids.text(*id))
    }

    fn account_of(&self, document: u32) -> Option<Account> {
        let account = self.held(document).and_then(|(piece, row)| piece.account.get(row)).copied()?;
        self.accounts.get(account).copied()
    }

    /// A document's currency.
    pub(super) fn currency_of(&self, document: u32) -> Option<u32> {
        self.account_of(document).map(|account| account.currency)
    }

    /// Money in the base currency of a document's company.
    pub(super) fn base_minor(
        &mut self,
        table: Table,
        row: usize,
        field: &str,
        amount: Amount,
        document: u32,
    ) -> Option<Minor> {
        let company = self.account_of(document)?.company;
        let currency = self.base_currency(table, row, field, company)?;
        self.minor(table, row, field, Some(amount), Some(currency))
    }

    /// The currency of a document that is in the base currency of its company.
    pub(super) fn own_base(&self, document: u32) -> Option<u32> {
        let account = self.account_of(document)?;
        let code = self.before.settings.base_currency_of(self.texts.text(account.company))?;
        let own = self.currencies.get(at(account.currency))?;
        (own.code.as_str() == code).then_some(account.currency)
    }

    /// The base currency of a company; noted when it has none.
    fn base_currency(&mut self, table: Table, row: usize, field: &str, company: u32) -> Option<u32> {
        let settings = Arc::clone(&self.before.settings);
        match settings.base_currency_of(self.texts.text(company)) {
            Some(code) => self.currency(table, row, field, code),
            None => {
                self.problem(table, row, field, "unknown_currency", "expected a base currency in the settings");
                None
            }
        }
    }
}

/// A day as it is printed.
pub(super) fn day_text(day: i32) -> String {
    Day::new(day).map_or_else(|_| String::from("no day"), |day| day.to_string())
}

/// Which row is being taken in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// Its place in its table, in this batch.
    pub index: usize,
    /// Its place among all rows ever taken in.
    pub seq: u64,
}
