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
mod customer;
pub(crate) mod layers;
pub(crate) mod schedule;
mod settle;
pub(crate) mod store;
pub(crate) mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::fact::Tables;
use self::layers::Layers;
use self::settings::Settings;
use self::store::Store;
use crate::calendar::Day;
use crate::money::Currencies;
use crate::problem::{Problem, Refused};

pub use self::store::DocumentKind;
pub use self::view::View;

/// A ledger of receivables: facts of customers, documents and what settles them.
#[derive(Debug, Clone)]
pub struct Ledger {
    store: Arc<Store>,
    known_currencies: Arc<Currencies>,
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
        let own: Vec<(&str, u8)> = settings.currencies.iter().map(|(code, digits)| (code.as_str(), *digits)).collect();
        let refused = |code: &str, reason: String, field: &str| Refused::from(Problem::new(code, reason).field(field));
        let known = Currencies::iso()
            .with_own(&own)
            .map_err(|error| refused(error.code(), error.to_string(), "settings.currencies"))?;
        let bases =
            settings.companies.values().map(|company| &company.base_currency).chain(settings.base_currency.as_ref());
        for code in bases {
            known.find(code).map_err(|error| refused(error.code(), error.to_string(), "settings.base_currency"))?;
        }
        let mut terms = BTreeMap::new();
        for (code, definition) in &settings.terms {
            let compiled = definition.compile().map_err(|error| {
                refused(error.code(), error.to_string(), &format!("settings.terms.{code}.{}", error.field()))
            })?;
            terms.insert(code.clone(), compiled);
        }
        let empty = Store {
            settings: Arc::new(settings),
            terms: Arc::new(terms),
            last_recorded: None,
            batches: 0,
            currencies: Arc::default(),
            texts: Layers::default(),
            dimension_names: Layers::default(),
            customer_ids: Layers::default(),
            customers: Layers::default(),
            customer_rank: Arc::default(),
            changes: Layers::default(),
            accounts: Arc::default(),
            account_index: Layers::default(),
            account_order: Arc::default(),
            account_rank: Arc::default(),
            document_ids: Layers::default(),
            documents: Layers::default(),
            lines: Layers::default(),
            instalments: Layers::default(),
            allocation_ids: Layers::default(),
            allocations: Layers::default(),
            reversals: Layers::default(),
            cancellations: Layers::default(),
            legs: Layers::default(),
            matter_ids: Layers::default(),
            disputes: Layers::default(),
            customer_holds: Layers::default(),
            document_holds: Layers::default(),
            promises: Layers::default(),
            plans: Layers::default(),
            notice_ids: Layers::default(),
            notices: Layers::default(),
            commitments: Layers::default(),
            requirements: Layers::default(),
            closings: Layers::default(),
            rates: Layers::default(),
        };
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
        let store = admit::admit(&self.store, tables, Some(recorded), &self.known_currencies)?;
        Ok(Self { store: Arc::new(store), known_currencies: Arc::clone(&self.known_currencies) })
    }

    /// What was owed as of a day, with all that is known now.
    #[must_use]
    pub fn as_of(&self, day: Day) -> View {
        view::as_of(Arc::clone(&self.store), day, None)
    }

    /// What was owed as of a day, as it was known on another.
    #[must_use]
    pub fn as_of_known(&self, day: Day, known_on: Day) -> View {
        view::as_of(Arc::clone(&self.store), day, Some(known_on))
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
