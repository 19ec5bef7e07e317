//! The ledger: dated facts, only ever added to, and what was owed as of any day, as known on any day.
//!
//! `Ledger` and [`View`] are handles that are cheap to clone and never change. [`Ledger::append`] gives a new ledger that
//! shares what the old one holds. The meaning of every fact is in `docs/specification.md`.

pub mod cell;
pub mod columns;
pub mod fact;
pub mod pending;
pub mod settings;

mod admit;
mod batches;
pub(crate) mod commitments;
mod counted;
mod customer;
pub(crate) mod exchange;
pub(crate) mod known;
pub(crate) mod layers;
pub(crate) mod left_over;
mod marks;
pub mod matches;
pub(crate) mod offers;
pub(crate) mod packed;
mod payable;
pub(crate) mod promises;
mod row;
pub(crate) mod running;
pub(crate) mod schedule;
mod settle;
pub(crate) mod store;
pub(crate) mod view;

use std::sync::Arc;

use self::fact::Tables;
use self::settings::Settings;
use self::store::Store;
use self::view::Scope;
use crate::calendar::Day;
use crate::money::Currencies;
use crate::problem::{Problem, Refused, quoted};

pub use self::admit::MOST_ROWS;
pub use self::batches::Batch;
pub use self::store::DocumentKind;
pub use self::view::View;

/// A ledger of receivables: facts of customers, documents and what settles them.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) store: Arc<Store>,
    known_currencies: Arc<Currencies>,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Ledger").field(&self.store).finish()
    }
}

impl Ledger {
    /// Loads a ledger from its first facts.
    ///
    /// # Errors
    /// Every offending row, see `docs/errors.md`; nothing is loaded then.
    pub fn load(settings: Settings, tables: &Tables<'_>) -> Result<Self, Refused> {
        Self::load_listing_all(settings, tables).map_err(Refused::capped)
    }

    /// [`Ledger::load`], but a refusal lists every problem.
    pub(crate) fn load_listing_all(settings: Settings, tables: &Tables<'_>) -> Result<Self, Refused> {
        let (known, terms) = settings.prove()?;
        let empty = Store::new(settings, terms);
        let store = admit::admit(&empty, tables, None, &known)?;
        Ok(Self { store: Arc::new(store), known_currencies: Arc::new(known) })
    }

    /// The ledger with more facts, all recorded on one day, not before the last recorded day.
    ///
    /// # Errors
    /// Every offending row; this ledger is unchanged in any case.
    pub fn append(&self, tables: &Tables<'_>, recorded: Day) -> Result<Self, Refused> {
        self.append_listing_all(tables, recorded).map_err(Refused::capped)
    }

    /// [`Ledger::append`], but a refusal lists every problem.
    pub(crate) fn append_listing_all(&self, tables: &Tables<'_>, recorded: Day) -> Result<Self, Refused> {
        let store = Arc::new(admit::admit(&self.store, tables, Some(recorded), &self.known_currencies)?);
        store.keep_balances_of(&self.store);
        store.keep_commitments_of(&self.store);
        Ok(Self { store, known_currencies: Arc::clone(&self.known_currencies) })
    }

    /// What was owed as of a day, with all that is known now.
    #[must_use]
    pub fn as_of(&self, day: Day) -> View {
        view::as_of(Arc::clone(&self.store), day, None, None)
    }

    /// What was owed as of a day, as it was known on another.
    #[must_use]
    pub fn as_of_known(&self, day: Day, known_on: Day) -> View {
        view::as_of(Arc::clone(&self.store), day, Some(known_on), None)
    }

    /// What one customer owed as of a day, as known on another or with all that is known: answered from the index, in time
    /// that depends on the customer's documents, not on the ledger.
    ///
    /// Everything that is asked of open items is about this customer alone: aging, proposals, pending receipts.
    /// [`View::pending`] and [`View::facts`] stay those of the whole ledger.
    ///
    /// # Errors
    /// `unknown_value`, field `customer`, for a customer that the ledger does not have.
    pub fn customer_as_of(&self, customer: &str, day: Day, known_on: Option<Day>) -> Result<View, Refused> {
        let scope = self.scope_of(&[customer], "customer")?;
        Ok(view::as_of(Arc::clone(&self.store), day, known_on, Some(scope)))
    }

    /// What some customers owed as of a day, as it was known on another.
    pub(crate) fn customers_as_of(&self, customers: &[String], day: Day, known_on: Day) -> Result<View, Refused> {
        let customers: Vec<&str> = customers.iter().map(String::as_str).collect();
        let scope = self.scope_of(&customers, "customers")?;
        Ok(view::as_of(Arc::clone(&self.store), day, Some(known_on), Some(scope)))
    }

    /// Customers by their ids.
    fn scope_of(&self, customers: &[&str], field: &str) -> Result<Scope, Refused> {
        let number = |customer: &&str| {
            self.store.customer_ids.find(customer).ok_or_else(|| {
                let reason = format!("expected the id of a customer, got {}", quoted(customer));
                Refused::from(Problem::new("unknown_value", reason).field(field))
            })
        };
        let numbers = customers.iter().map(number).collect::<Result<Vec<u32>, Refused>>()?;
        Ok(Scope::of_customers(&self.store, numbers))
    }

    /// The last day on which a fact was recorded; none for an empty ledger.
    #[must_use]
    pub fn last_recorded(&self) -> Option<Day> {
        self.store.last_recorded.and_then(|day| Day::new(day).ok())
    }

    /// How many documents it holds.
    #[must_use]
    pub fn documents(&self) -> u32 {
        self.store.documents.len()
    }
}
