//! The ledger, its views and what they answer.

use std::collections::HashMap;

use ar_core::facade::{self, Cell, JsonFacts, Source};
pub use ar_core::facade::{Difference, Match, OpenItem, PendingFact, PendingReceipts};

use crate::facts::{Facts, Value};
use crate::interest::{InterestQuestion, InterestReport};
use crate::reports::{Aging, Proposal};
use crate::settlements::{Revaluation, Settlement};
use crate::values::{Day, GivenDay, GivenMoney, Money};

type Result<T> = std::result::Result<T, crate::ReceivablesError>;

/// A ledger of receivables: dated facts, only ever added to. It never changes; [`append`](Self::append) gives another.
#[derive(Debug, uniffi::Object)]
pub struct Ledger {
    pub(crate) inner: facade::Ledger,
}

#[uniffi::export]
impl Ledger {
    /// Loads a ledger from its first facts, with settings as JSON text.
    ///
    /// Every offending row is reported, and nothing is loaded then.
    #[uniffi::constructor(default(settings = "{}"))]
    pub fn load(facts: Facts, settings: String) -> Result<Self> {
        let inner = facade::Ledger::load(facade::settings(&settings)?, &facts.tables())?;
        Ok(Self { inner })
    }

    /// Loads a ledger from facts as JSON text: an object of tables, each a list of rows.
    #[uniffi::constructor(default(settings = "{}"))]
    pub fn from_json(facts: String, settings: String) -> Result<Self> {
        let settings = facade::settings(&settings)?;
        let inner = facade::Ledger::load(settings, &JsonFacts::parse(&facts)?.tables())?;
        Ok(Self { inner })
    }

    /// The ledger with more facts, all recorded on one day, not before the last recorded day.
    pub fn append(&self, facts: Facts, recorded: GivenDay) -> Result<Self> {
        let inner = self.inner.append(&facts.tables(), recorded.day("recorded")?)?;
        Ok(Self { inner })
    }

    /// The ledger with more facts, as JSON text.
    pub fn append_json(&self, facts: String, recorded: GivenDay) -> Result<Self> {
        let recorded = recorded.day("recorded")?;
        let inner = self.inner.append(&JsonFacts::parse(&facts)?.tables(), recorded)?;
        Ok(Self { inner })
    }

    /// What was owed as of a day: with all that is known now, or as it was known on another day.
    #[uniffi::method(default(known_on = None))]
    pub fn as_of(&self, day: GivenDay, known_on: Option<GivenDay>) -> Result<View> {
        let day = day.day("day")?;
        let inner = match known_on {
            None => self.inner.as_of(day),
            Some(known_on) => self.inner.as_of_known(day, known_on.day("known_on")?),
        };
        Ok(View { inner })
    }

    /// What one customer owed as of a day, in time that depends on the customer's documents, not on the ledger. The facts
    /// of the view, pending or not, stay those of the whole ledger.
    #[uniffi::method(default(known_on = None))]
    pub fn customer_as_of(&self, customer: String, day: GivenDay, known_on: Option<GivenDay>) -> Result<View> {
        let known_on = known_on.map(|known_on| known_on.day("known_on")).transpose()?;
        Ok(View { inner: self.inner.customer_as_of(&customer, day.day("day")?, known_on)? })
    }

    /// The last day on which a fact was recorded; none for an empty ledger.
    pub fn last_recorded(&self) -> Result<Option<Day>> {
        Ok(self.inner.last_recorded().map(facade::Day::to_naive_date))
    }

    /// How many documents it holds.
    pub fn documents(&self) -> Result<u32> {
        Ok(self.inner.documents())
    }
}

/// What was owed on a day, as far as it was known.
#[derive(Debug, uniffi::Object)]
pub struct View {
    pub(crate) inner: facade::View,
}

#[uniffi::export]
impl View {
    /// The day.
    pub fn day(&self) -> Result<Day> {
        Ok(self.inner.day().to_naive_date())
    }

    /// The day up to which facts are known; none when all are.
    pub fn known_on(&self) -> Result<Option<Day>> {
        Ok(self.inner.known_on().map(facade::Day::to_naive_date))
    }

    /// The open items: by company, control account, customer, currency, due date, document and instalment.
    pub fn open_items(&self) -> Result<Vec<OpenItem>> {
        Ok(self.inner.open_items())
    }

    /// The facts that count on the day, as rows that can be loaded again.
    pub fn facts(&self) -> Result<Facts> {
        Ok(self.inner.facts().into())
    }

    /// The allocations and differences that hold on the day: allocations first, each by id.
    pub fn matches(&self) -> Result<Vec<Match>> {
        Ok(self.inner.matches())
    }

    /// Facts known and effective later.
    pub fn pending(&self) -> Result<Vec<PendingFact>> {
        Ok(self.inner.pending())
    }

    /// Receipts known and effective later, by account.
    pub fn pending_receipts(&self) -> Result<Vec<PendingReceipts>> {
        Ok(self.inner.pending_by_account())
    }

    /// The same open items as they will stand on a later day if nothing happens until then.
    pub fn carried_to(&self, day: GivenDay) -> Result<View> {
        Ok(Self { inner: self.inner.carried_to(day.day("day")?)? })
    }

    /// Ages the open items by a policy as JSON text; grouped by keys, and only those whose keys have a listed value.
    #[uniffi::method(default(by = [], r#where))]
    pub fn aging(&self, policy: String, by: Vec<String>, r#where: HashMap<String, Vec<String>>) -> Result<Aging> {
        let filter = r#where.into_iter().collect();
        let inner = self.inner.aging(&facade::aging_policy(&policy)?, &by, &filter)?;
        Ok(Aging { inner })
    }

    /// Every place where the sum of open items and the control account differ; empty when all tie.
    pub fn reconcile(&self, balances: Vec<ControlBalance>) -> Result<Vec<Difference>> {
        Ok(self.inner.reconcile(&facade::control_balances(&Balances(&balances))?)?)
    }

    /// Proposes allocations of the open credits, by a policy as JSON text; nothing is posted.
    #[uniffi::method(default(policy = "{}"))]
    pub fn propose(&self, policy: String) -> Result<Proposal> {
        Ok(Proposal { inner: self.inner.propose(&facade::allocation_policy(&policy)?)? })
    }

    /// Settles the open credits, with discounts, tolerances, currencies and families, by a policy as JSON text; nothing is
    /// posted.
    #[uniffi::method(default(policy = "{}"))]
    pub fn settle(&self, policy: String) -> Result<Settlement> {
        Ok(Settlement { inner: self.inner.settle(&facade::settlement_policy(&policy)?)? })
    }

    /// The facts that take back allocations and differences, effective on the view's day.
    ///
    /// What stands beside an allocation is taken back with it; the document that a residual became is cancelled.
    pub fn undo(&self, ids: Vec<String>) -> Result<Facts> {
        Ok(self.inner.undo(&ids)?.into())
    }

    /// What open items in foreign currency are worth at the latest rates that count; nothing is posted.
    pub fn revaluation(&self) -> Result<Revaluation> {
        Ok(self.inner.revaluation()?)
    }

    /// What every overdue item bears up to the day, interest and compensation, by a policy as JSON text; nothing is posted.
    #[uniffi::method(default(question = None))]
    pub fn interest(&self, policy: String, question: Option<InterestQuestion>) -> Result<InterestReport> {
        Ok(self.inner.interest(&facade::interest_policy(&policy)?, &question.unwrap_or_default().read()?)?)
    }

    /// The same, each item with the segments that its interest re-adds from.
    #[uniffi::method(default(question = None))]
    pub fn explain_interest(&self, policy: String, question: Option<InterestQuestion>) -> Result<InterestReport> {
        Ok(self.inner.explain_interest(&facade::interest_policy(&policy)?, &question.unwrap_or_default().read()?)?)
    }
}

/// A balance of a control account in the general ledger.
#[derive(Debug, Clone, uniffi::Record)]
pub struct ControlBalance {
    /// The currency.
    pub currency: String,
    /// What the general ledger says.
    pub balance: GivenMoney,
    /// The company.
    #[uniffi(default)]
    pub company: Option<String>,
    /// The control account.
    #[uniffi(default)]
    pub control_account: Option<String>,
}

/// Balances as the engine reads them.
struct Balances<'a>(&'a [ControlBalance]);

impl Source for Balances<'_> {
    fn rows(&self) -> usize {
        self.0.len()
    }

    fn cell(&self, field: usize, row: usize) -> Cell<'_> {
        match (facade::BALANCE_FIELDS.get(field), self.0.get(row)) {
            (Some(&"company"), Some(row)) => row.company.cell(),
            (Some(&"control_account"), Some(row)) => row.control_account.cell(),
            (Some(&"currency"), Some(row)) => row.currency.cell(),
            (Some(&"balance"), Some(row)) => row.balance.cell(),
            _ => Cell::Missing,
        }
    }
}

/// What is left of a document, or of one of its instalments.
#[uniffi::remote(Record)]
pub struct OpenItem {
    /// The company, empty when the ledger has one.
    pub company: String,
    /// The control account.
    pub control_account: String,
    /// Who owes.
    pub customer: String,
    /// The document's currency.
    pub currency: String,
    /// The document.
    pub document: String,
    /// The number of the instalment; 0 when the document has no schedule.
    pub instalment: u32,
    /// The kind of document.
    pub kind: String,
    /// The date on the document.
    pub document_date: Day,
    /// When it falls due.
    pub due_date: Option<Day>,
    /// What is left.
    pub open: Money,
    /// What is left in base currency, when the document has a base amount.
    pub base_open: Option<Money>,
    /// The disputed part.
    pub disputed: Money,
    /// All of it when it is held, else zero.
    pub held: Money,
    /// What allocations that are known but count later will take.
    pub pending: Money,
}

/// An allocation or difference that counts on the view's day and is not taken back.
///
/// A difference has the side of its document alone; its other base amount is what it is worth.
#[uniffi::remote(Record)]
pub struct Match {
    /// Its id.
    pub id: String,
    /// `allocation`, or the kind of the difference.
    pub kind: String,
    /// The document with the negative amount.
    pub credit: Option<String>,
    /// The document with the positive amount.
    pub debit: Option<String>,
    /// The instalment that it names; 0 when none.
    pub instalment: u32,
    /// What it takes off the credit; above zero.
    pub amount: Option<Money>,
    /// What it takes off the debit; above zero.
    pub debit_amount: Option<Money>,
    /// The credit's currency.
    pub currency: Option<String>,
    /// The debit's currency.
    pub debit_currency: Option<String>,
    /// In the base currency of the credit's company.
    pub base_credit: Option<Money>,
    /// In the base currency of the debit's company.
    pub base_debit: Option<Money>,
    /// `base_credit` − `base_debit`, in one base currency.
    pub exchange: Option<Money>,
    /// The day it counts from.
    pub effective: Day,
    /// The allocation that a difference stands beside.
    pub beside: Option<String>,
    /// Why, as the difference says.
    pub reason: Option<String>,
}

/// A fact known and effective later than the view's day.
#[uniffi::remote(Record)]
pub struct PendingFact {
    /// Its table.
    pub table: String,
    /// Its id, else the id of what it is about.
    pub id: String,
    /// When it counts.
    pub effective: Day,
    /// When it was recorded.
    pub recorded: Day,
}

/// Receipts of an account known and effective later than the view's day.
#[uniffi::remote(Record)]
pub struct PendingReceipts {
    /// The company.
    pub company: String,
    /// The control account.
    pub control_account: String,
    /// The customer.
    pub customer: String,
    /// The currency.
    pub currency: String,
    /// Their sum, below zero.
    pub amount: Money,
}

/// Where ledger and general ledger differ.
#[uniffi::remote(Record)]
pub struct Difference {
    /// The company.
    pub company: String,
    /// The control account.
    pub control_account: String,
    /// The currency.
    pub currency: String,
    /// Σ open items.
    pub ledger: Money,
    /// The balance given.
    pub control: Money,
    /// `ledger` − `control`.
    pub difference: Money,
}
