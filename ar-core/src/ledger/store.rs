//! How a ledger holds its facts: columns, found by number, sorted by account; shared between a ledger and what is
//! appended to it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::layers::{Keyed, Layer, Layers, NONE, Numbered, Sorted, Texts, count, place};
use super::settings::Settings;
use crate::money::{Currency, Exact, Minor};
use crate::terms::CompiledTerms;

/// No base amount.
pub(crate) const NO_BASE: Minor = i64::MIN;
/// No due date: sorts last.
pub(crate) const NO_DAY: i32 = i32::MAX;

/// What kind of document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Goods or services invoiced.
    Invoice,
    /// A debit note.
    DebitNote,
    /// A fee or interest, with its parent item in `related`.
    Charge,
    /// Money paid back.
    Refund,
    /// A credit note.
    CreditNote,
    /// Money received.
    Payment,
    /// Money received before there is an invoice.
    Advance,
    /// Anything else, of either sign.
    Journal,
}

impl DocumentKind {
    /// All kinds.
    pub const ALL: &'static [Self] = &[
        Self::Invoice,
        Self::DebitNote,
        Self::Charge,
        Self::Refund,
        Self::CreditNote,
        Self::Payment,
        Self::Advance,
        Self::Journal,
    ];

    /// Its name in data.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::DebitNote => "debit_note",
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::CreditNote => "credit_note",
            Self::Payment => "payment",
            Self::Advance => "advance",
            Self::Journal => "journal",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Whether an amount of that sign may stand on it.
    #[must_use]
    pub fn takes(self, amount: Minor) -> bool {
        match self {
            Self::Invoice | Self::DebitNote | Self::Charge | Self::Refund => amount >= 0,
            Self::CreditNote | Self::Payment | Self::Advance => amount <= 0,
            Self::Journal => true,
        }
    }

    /// Whether it is money received: unapplied cash while it is open.
    #[must_use]
    pub fn is_receipt(self) -> bool {
        matches!(self, Self::Payment | Self::Advance)
    }
}

/// Company × control account × customer × currency, each by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Account {
    pub company: u32,
    pub control: u32,
    pub customer: u32,
    pub currency: u32,
}

/// Numbers of accounts by what they are.
#[derive(Debug, Default)]
pub(crate) struct AccountIndex(pub FxHashMap<Account, u32>);

impl Layer for AccountIndex {
    fn size(&self) -> usize {
        self.0.len()
    }
    fn merged(&self, next: &Self) -> Self {
        let mut all = self.0.clone();
        all.extend(next.0.iter().map(|(account, number)| (*account, *number)));
        Self(all)
    }
}

impl Layers<AccountIndex> {
    pub(crate) fn find(&self, account: &Account) -> Option<u32> {
        self.iter().find_map(|layer| layer.0.get(account)).copied()
    }
}

/// A customer as its own row has it.
#[derive(Debug, Clone)]
pub(crate) struct CustomerFact {
    pub name: u32,
    pub parent: u32,
    pub group: u32,
    pub terms: u32,
    /// (dimension, value), sorted.
    pub dimensions: Box<[(u32, u32)]>,
}

/// Which attribute of a customer a dated value is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Attribute {
    Name,
    Parent,
    Group,
    Terms,
    Limit,
    Blocked,
    Score,
    Contact,
    Language,
    Dimension(u32),
}

#[derive(Debug, Clone)]
pub(crate) struct ChangeFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub customer: u32,
    pub attribute: Attribute,
    /// A text, or the parent's customer number; `NONE` clears.
    pub value: u32,
    pub effective: i32,
    pub recorded: i32,
}

#[derive(Debug, Clone)]
pub(crate) struct LineFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub document: u32,
    pub tax: bool,
    pub code: u32,
    pub amount: Minor,
}

/// One instalment of one schedule.
#[derive(Debug, Clone)]
pub(crate) struct InstalmentFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub document: u32,
    pub effective: i32,
    pub recorded: i32,
    /// Which batch it came with: tells two schedules of one day apart. 0: made by the document's terms, for the days on
    /// which no other schedule counts.
    pub batch: u32,
    pub number: u32,
    pub due: i32,
    pub amount: Minor,
    pub plan: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct AllocationFact {
    pub credit: u32,
    pub debit: u32,
    pub instalment: u32,
    pub amount: Minor,
    pub debit_amount: Minor,
    pub base_credit: Minor,
    pub base_debit: Minor,
    pub effective: i32,
    pub recorded: i32,
}

/// An allocation taken back by a reversal.
#[derive(Debug, Clone)]
pub(crate) struct ReversalFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub allocation: u32,
    pub effective: i32,
    pub recorded: i32,
    pub reason: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct CancellationFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub document: u32,
    pub effective: i32,
    pub recorded: i32,
    pub reason: u32,
}

/// A change of what is settled of a document: an allocation's leg, its being taken back (negative), or a cancellation.
#[derive(Debug, Clone)]
pub(crate) struct Leg {
    pub document: u32,
    pub effective: i32,
    /// In the document's currency; positive lowers what is open in absolute terms.
    pub amount: Minor,
    pub recorded: i32,
    /// 0: none named.
    pub instalment: u32,
    /// `NONE` for a cancellation.
    pub allocation: u32,
    pub base: Minor,
}

#[derive(Debug, Clone)]
pub(crate) struct DisputeFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub id: u32,
    pub document: u32,
    pub reason: u32,
    /// `NO_BASE`: the whole.
    pub amount: Minor,
    pub effective: i32,
    pub recorded: i32,
}

#[derive(Debug, Clone)]
pub(crate) struct HoldFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub id: u32,
    /// A customer's or a document's number.
    pub of: u32,
    /// The customer that the row names, or `NONE`.
    pub about: u32,
    pub reason: u32,
    pub until: i32,
    pub effective: i32,
    pub recorded: i32,
}

#[derive(Debug, Clone)]
pub(crate) struct ClosingFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub of: u32,
    pub outcome: u32,
    pub effective: i32,
    pub recorded: i32,
}

#[derive(Debug, Clone)]
pub(crate) struct PromiseFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub id: u32,
    pub customer: u32,
    pub document: u32,
    pub currency: u32,
    pub amount: Minor,
    pub promised: i32,
    pub effective: i32,
    pub recorded: i32,
}

#[derive(Debug, Clone)]
pub(crate) struct PlanFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub id: u32,
    pub customer: u32,
    pub reason: u32,
    pub effective: i32,
    pub recorded: i32,
}

#[derive(Debug, Clone)]
pub(crate) struct NoticeFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub id: u32,
    pub customer: u32,
    pub document: u32,
    pub level: u32,
    pub channel: u32,
    pub effective: i32,
    pub recorded: i32,
}

/// What will become receivable.
#[derive(Debug, Clone)]
pub(crate) struct CommitmentFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub id: u32,
    pub customer: u32,
    pub kind: CommitmentKind,
    pub company: u32,
    pub currency: u32,
    pub amount: Minor,
    pub expected: i32,
    pub effective: i32,
    pub recorded: i32,
}

/// How far a commitment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommitmentKind {
    Draft,
    Order,
    Delivery,
}

impl CommitmentKind {
    const ALL: &'static [Self] = &[Self::Draft, Self::Order, Self::Delivery];

    /// Its name in data.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Order => "order",
            Self::Delivery => "delivery",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct RequirementFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub document: u32,
    pub requirement: u32,
    pub state: RequirementState,
    pub effective: i32,
    pub recorded: i32,
}

/// The state of a delivery or required document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequirementState {
    Missing,
    Fulfilled,
    Waived,
}

/// The rate that a document names.
#[derive(Debug, Clone)]
pub(crate) struct DocumentRate {
    pub document: u32,
    pub rate: Exact,
}

impl RequirementState {
    const ALL: &'static [Self] = &[Self::Missing, Self::Fulfilled, Self::Waived];

    /// Its name in data.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Fulfilled => "fulfilled",
            Self::Waived => "waived",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.name() == name)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct RateFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub currency: u32,
    pub base: u32,
    pub units: i128,
    pub scale: u8,
    pub effective: i32,
    pub recorded: i32,
}

macro_rules! keyed {
    ($($fact:ident: $key:ident),* $(,)?) => {
        $( impl Keyed for $fact { fn key(&self) -> u32 { self.$key } } )*
    };
}
keyed! {
    ChangeFact: customer, LineFact: document, InstalmentFact: document, ReversalFact: allocation,
    CancellationFact: document, DisputeFact: document, HoldFact: of, ClosingFact: of, PromiseFact: customer,
    PlanFact: id, NoticeFact: customer, CommitmentFact: customer, RequirementFact: document, RateFact: currency,
    DocumentRate: document,
}

/// Documents, physically sorted by account, due date and id within what was loaded together.
///
/// A document's number is its place: `start` plus its row here. Merging keeps numbers and remembers the sorted order.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    pub start: u32,
    /// Sorted order of the rows, when it is not their own.
    pub order: Option<Vec<u32>>,
    pub account: Vec<u32>,
    pub due: Vec<i32>,
    pub effective: Vec<i32>,
    pub amount: Vec<Minor>,
    pub recorded: Vec<i32>,
    pub base: Vec<Minor>,
    pub document_date: Vec<i32>,
    pub kind: Vec<DocumentKind>,
    /// Number of the id, by row; and the row, by number of the id less `start`.
    pub id: Vec<u32>,
    pub row_of_id: Vec<u32>,
    pub reference: Vec<u32>,
    /// Text of the id that it names; see [`Store::related`].
    pub related_id: Vec<u32>,
    pub order_reference: Vec<u32>,
    /// Text of the code of its payment terms: its own, else its customer's.
    pub terms: Vec<u32>,
    /// Net of tax, or `NO_BASE`.
    pub net: Vec<Minor>,
    /// By dimension: a value a row, or `NONE`.
    pub dimensions: Vec<(u32, Vec<u32>)>,
}

impl Documents {
    pub(crate) fn len(&self) -> usize {
        self.account.len()
    }

    pub(crate) fn dimension(&self, dimension: u32) -> Option<&[u32]> {
        self.dimensions.iter().find(|(name, _)| *name == dimension).map(|(_, values)| values.as_slice())
    }
}

fn joined<T: Copy>(a: &[T], b: &[T]) -> Vec<T> {
    let mut all = Vec::with_capacity(a.len().saturating_add(b.len()));
    all.extend_from_slice(a);
    all.extend_from_slice(b);
    all
}

impl Documents {
    /// This piece and the next, without their common sorted order.
    fn concatenated(&self, next: &Self) -> Self {
        let offset = count(self.len());
        let mut names: Vec<u32> = self.dimensions.iter().chain(&next.dimensions).map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        let dimensions = names
            .into_iter()
            .map(|name| {
                let mut values = Vec::with_capacity(self.len().saturating_add(next.len()));
                for piece in [self, next] {
                    match piece.dimension(name) {
                        Some(held) => values.extend_from_slice(held),
                        None => values.resize(values.len().saturating_add(piece.len()), NONE),
                    }
                }
                (name, values)
            })
            .collect();
        Self {
            start: self.start,
            order: None,
            account: joined(&self.account, &next.account),
            due: joined(&self.due, &next.due),
            effective: joined(&self.effective, &next.effective),
            amount: joined(&self.amount, &next.amount),
            recorded: joined(&self.recorded, &next.recorded),
            base: joined(&self.base, &next.base),
            document_date: joined(&self.document_date, &next.document_date),
            kind: joined(&self.kind, &next.kind),
            id: joined(&self.id, &next.id),
            row_of_id: self
                .row_of_id
                .iter()
                .copied()
                .chain(next.row_of_id.iter().map(|row| row.saturating_add(offset)))
                .collect(),
            reference: joined(&self.reference, &next.reference),
            related_id: joined(&self.related_id, &next.related_id),
            order_reference: joined(&self.order_reference, &next.order_reference),
            terms: joined(&self.terms, &next.terms),
            net: joined(&self.net, &next.net),
            dimensions,
        }
    }

    fn sorted_rows(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        match &self.order {
            Some(order) => Box::new(order.iter().copied()),
            None => Box::new(0..count(self.len())),
        }
    }

    fn sort_key(&self, row: u32) -> (u32, i32) {
        let at = place(row);
        (self.account.get(at).copied().unwrap_or(NONE), self.due.get(at).copied().unwrap_or(NO_DAY))
    }
}

impl Layer for Documents {
    fn size(&self) -> usize {
        self.len()
    }
    fn merged(&self, next: &Self) -> Self {
        let mut all = self.concatenated(next);
        let offset = count(self.len());
        let mut order = Vec::with_capacity(all.len());
        let mut left = self.sorted_rows().peekable();
        let mut right = next.sorted_rows().map(|row| row.saturating_add(offset)).peekable();
        // Rows of one account and due date stay by piece; whoever needs the order of ids among them looks at the ids.
        loop {
            let from_left = match (left.peek(), right.peek()) {
                (Some(a), Some(b)) => all.sort_key(*a) <= all.sort_key(*b),
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            order.extend(if from_left { left.next() } else { right.next() });
        }
        drop((left, right));
        all.order = Some(order);
        all
    }
}

impl Layers<Documents> {
    pub(crate) fn len(&self) -> u32 {
        self.iter().next_back().map_or(0, |layer| layer.start.saturating_add(count(layer.len())))
    }

    /// The piece that holds a document, and its row there.
    pub(crate) fn find(&self, document: u32) -> Option<(&Documents, usize)> {
        let layer = self.iter().rev().find(|layer| layer.start <= document)?;
        Some((layer, place(document.wrapping_sub(layer.start))))
    }

    /// The number of the document whose id has that number.
    pub(crate) fn of_id(&self, id: u32) -> Option<u32> {
        let layer = self.iter().rev().find(|layer| layer.start <= id)?;
        layer
            .row_of_id
            .get(place(id.wrapping_sub(layer.start)))
            .filter(|row| **row != NONE)
            .map(|row| layer.start.saturating_add(*row))
    }
}

/// Legs sorted by document, the columns that every as-of reads apart from the rest.
#[derive(Debug, Default)]
pub(crate) struct Legs {
    pub document: Vec<u32>,
    pub effective: Vec<i32>,
    pub amount: Vec<Minor>,
    pub recorded: Vec<i32>,
    pub instalment: Vec<u32>,
    pub allocation: Vec<u32>,
    pub base: Vec<Minor>,
}

impl Legs {
    /// Legs in the order they came.
    pub(crate) fn new(mut legs: Vec<Leg>) -> Self {
        legs.sort_by_key(|leg| leg.document);
        let mut all = Self::default();
        for leg in legs {
            all.document.push(leg.document);
            all.effective.push(leg.effective);
            all.amount.push(leg.amount);
            all.recorded.push(leg.recorded);
            all.instalment.push(leg.instalment);
            all.allocation.push(leg.allocation);
            all.base.push(leg.base);
        }
        all
    }

    fn row(&self, at: usize) -> Option<Leg> {
        Some(Leg {
            document: *self.document.get(at)?,
            effective: *self.effective.get(at)?,
            amount: *self.amount.get(at)?,
            recorded: *self.recorded.get(at)?,
            instalment: *self.instalment.get(at)?,
            allocation: *self.allocation.get(at)?,
            base: *self.base.get(at)?,
        })
    }

    fn of(&self, document: u32) -> impl Iterator<Item = Leg> + '_ {
        let from = self.document.partition_point(|d| *d < document);
        (from..self.document.len())
            .take_while(move |at| self.document.get(*at) == Some(&document))
            .filter_map(|at| self.row(at))
    }
}

impl Layer for Legs {
    fn size(&self) -> usize {
        self.document.len()
    }
    fn merged(&self, next: &Self) -> Self {
        let rows = |legs: &Self| (0..legs.document.len()).filter_map(|at| legs.row(at)).collect::<Vec<_>>();
        let mut all = rows(self);
        all.extend(rows(next));
        Self::new(all)
    }
}

impl Layers<Legs> {
    /// The legs of one document, in the order they came.
    pub(crate) fn of(&self, document: u32) -> impl Iterator<Item = Leg> + '_ {
        self.iter().flat_map(move |layer| layer.of(document))
    }
}

/// All that a ledger holds.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub settings: Arc<Settings>,
    /// The payment terms of the settings, by code.
    pub terms: Arc<BTreeMap<String, CompiledTerms>>,
    pub last_recorded: Option<i32>,
    pub batches: u32,
    /// How many rows were ever taken in.
    pub rows: u64,
    pub currencies: Arc<Vec<Currency>>,
    /// Names, references, codes, values.
    pub texts: Layers<Texts>,
    pub dimension_names: Layers<Texts>,
    pub customer_ids: Layers<Texts>,
    pub customers: Layers<Numbered<CustomerFact>>,
    /// By customer the place of its id among all, sorted; found when first asked for.
    pub customer_rank: Arc<OnceLock<Vec<u32>>>,
    pub changes: Layers<Sorted<ChangeFact>>,
    pub accounts: Arc<Vec<Account>>,
    pub account_index: Layers<AccountIndex>,
    /// Accounts in the order of their texts: by place the account, by account the place.
    pub account_order: Arc<Vec<u32>>,
    pub account_rank: Arc<Vec<u32>>,
    pub document_ids: Layers<Texts>,
    pub documents: Layers<Documents>,
    pub document_rates: Layers<Sorted<DocumentRate>>,
    pub lines: Layers<Sorted<LineFact>>,
    pub instalments: Layers<Sorted<InstalmentFact>>,
    pub allocation_ids: Layers<Texts>,
    pub allocations: Layers<Numbered<AllocationFact>>,
    pub reversals: Layers<Sorted<ReversalFact>>,
    pub cancellations: Layers<Sorted<CancellationFact>>,
    pub legs: Layers<Legs>,
    /// Ids of disputes, holds, promises, plans and commitments.
    pub matter_ids: Layers<Texts>,
    pub disputes: Layers<Sorted<DisputeFact>>,
    pub customer_holds: Layers<Sorted<HoldFact>>,
    pub document_holds: Layers<Sorted<HoldFact>>,
    pub promises: Layers<Sorted<PromiseFact>>,
    pub plans: Layers<Sorted<PlanFact>>,
    pub notice_ids: Layers<Texts>,
    pub notices: Layers<Sorted<NoticeFact>>,
    pub commitments: Layers<Sorted<CommitmentFact>>,
    pub requirements: Layers<Sorted<RequirementFact>>,
    pub closings: Layers<Sorted<ClosingFact>>,
    pub rates: Layers<Sorted<RateFact>>,
}

impl Store {
    /// By customer the place of its id among all ids, sorted.
    pub(crate) fn customer_rank(&self) -> &[u32] {
        self.customer_rank.get_or_init(|| {
            // Accounts are in the order of their texts, so that customers come in few sorted runs.
            let customers = self.account_order.iter().map(|account| self.account(*account).customer);
            let mut seen = vec![false; place(self.customers.len())];
            let mut order: Vec<u32> = Vec::with_capacity(seen.len());
            for customer in customers.chain(0..self.customers.len()) {
                if let Some(seen) = seen.get_mut(place(customer))
                    && !*seen
                {
                    *seen = true;
                    order.push(customer);
                }
            }
            order.sort_by(|a, b| self.customer_ids.text(*a).cmp(self.customer_ids.text(*b)));
            let mut rank = vec![0_u32; order.len()];
            for (at, customer) in order.iter().enumerate() {
                if let Some(slot) = rank.get_mut(place(*customer)) {
                    *slot = count(at);
                }
            }
            rank
        })
    }

    /// A ledger without facts.
    pub(crate) fn new(settings: Settings, terms: BTreeMap<String, CompiledTerms>) -> Self {
        Self {
            settings: Arc::new(settings),
            terms: Arc::new(terms),
            last_recorded: None,
            batches: 0,
            rows: 0,
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
            document_rates: Layers::default(),
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
        }
    }

    /// The document of that id.
    pub(crate) fn document_named(&self, id: &str) -> Option<u32> {
        self.document_ids.find(id).and_then(|id| self.documents.of_id(id))
    }

    /// The document that a document names as the one it belongs to; none when the ledger does not have it.
    pub(crate) fn related(&self, document: u32) -> Option<u32> {
        let (piece, row) = self.documents.find(document)?;
        let id = piece.related_id.get(row).copied().filter(|id| *id != NONE)?;
        self.document_named(self.texts.text(id))
    }

    pub(crate) fn document_id(&self, document: u32) -> &str {
        self.documents
            .find(document)
            .and_then(|(layer, row)| layer.id.get(row))
            .map_or("", |id| self.document_ids.text(*id))
    }

    pub(crate) fn account(&self, account: u32) -> Account {
        self.accounts.get(place(account)).copied().unwrap_or(Account {
            company: NONE,
            control: NONE,
            customer: NONE,
            currency: NONE,
        })
    }

    pub(crate) fn currency(&self, currency: u32) -> Option<Currency> {
        self.currencies.get(place(currency)).copied()
    }

    pub(crate) fn currency_number(&self, code: &str) -> Option<u32> {
        self.currencies.iter().position(|currency| currency.code.as_str() == code).map(count)
    }

    /// The base currency of a company, by its number among the texts.
    pub(crate) fn base_currency(&self, company: u32) -> Option<u32> {
        let company = self.texts.text(company);
        let code = self.settings.base_currency_of(company)?;
        self.currency_number(code)
    }
}
