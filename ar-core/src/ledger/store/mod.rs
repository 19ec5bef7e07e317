//! How a ledger holds its facts: columns, found by number, sorted by account; shared between a ledger and what is
//! appended to it.

mod accounts;
mod documents;
mod facts;
mod kinds;
mod legs;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::commitments::Kept;
use super::layers::{Layers, NONE, Numbered, Sorted, Texts, count, place};
use super::settings::Settings;
use crate::money::{Currency, Minor};
use crate::terms::CompiledTerms;

pub(crate) use self::accounts::{Account, AccountIndex, AccountOrder, AccountPart};
pub(crate) use self::documents::Documents;
pub(crate) use self::facts::{
    AllocationFact, Attribute, BesideFact, CancellationFact, ChangeFact, ChildFact, ClosingFact, CommitmentFact,
    CreditLineFact, CustomerAccount, CustomerFact, Dated, DifferenceFact, DiscountFact, DisputeFact, DocumentRate,
    FollowerFact, HoldFact, InstalmentFact, LineFact, NoticeFact, NoticeLineFact, OwnerFact, PlanFact, PromiseFact,
    RateFact, ReleaseFact, RequirementFact, ResidualFact, ReversalFact, Side,
};
pub use self::kinds::DocumentKind;
pub(crate) use self::kinds::{CommitmentKind, CreditLineKind, DifferenceKind, RequirementState};
pub(crate) use self::legs::{Leg, Legs};

/// No base amount.
pub(crate) const NO_BASE: Minor = i64::MIN;
/// No due date: sorts last.
pub(crate) const NO_DAY: i32 = i32::MAX;

/// What a ledger held when a batch had been taken in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BatchEnd {
    /// The recorded day of an append; none for the first load.
    pub recorded: Option<i32>,
    /// How many rows had been taken in.
    pub rows: u64,
    pub customers: u32,
    /// Ids of documents.
    pub documents: u32,
    pub allocations: u32,
}

/// All that a ledger holds.
#[derive(Clone)]
pub(crate) struct Store {
    pub settings: Arc<Settings>,
    /// The payment terms of the settings, by code.
    pub terms: Arc<BTreeMap<String, CompiledTerms>>,
    pub last_recorded: Option<i32>,
    pub batches: u32,
    /// Where each batch ended.
    pub batch_ends: Layers<Numbered<BatchEnd>>,
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
    pub accounts: Layers<Numbered<Account>>,
    pub account_index: Layers<AccountIndex>,
    pub customer_accounts: Layers<Sorted<CustomerAccount>>,
    /// Accounts in the order of their texts; found when first asked for.
    pub account_order: AccountOrder,
    pub document_ids: Layers<Texts>,
    pub documents: Layers<Documents>,
    pub document_rates: Layers<Sorted<DocumentRate>>,
    pub lines: Layers<Sorted<LineFact>>,
    pub instalments: Layers<Sorted<InstalmentFact>>,
    pub discounts: Layers<Sorted<DiscountFact>>,
    /// Ids of allocations and differences.
    pub allocation_ids: Layers<Texts>,
    pub allocations: Layers<Numbered<AllocationFact>>,
    pub differences: Layers<Sorted<DifferenceFact>>,
    pub beside: Layers<Sorted<BesideFact>>,
    pub residuals: Layers<Sorted<ResidualFact>>,
    pub reversals: Layers<Sorted<ReversalFact>>,
    pub cancellations: Layers<Sorted<CancellationFact>>,
    pub legs: Layers<Legs>,
    /// Ids of disputes, holds, promises, plans, notices, commitments, credit lines and releases.
    pub matter_ids: Layers<Texts>,
    pub disputes: Layers<Sorted<DisputeFact>>,
    pub customer_holds: Layers<Sorted<HoldFact>>,
    pub document_holds: Layers<Sorted<HoldFact>>,
    pub promises: Layers<Sorted<PromiseFact>>,
    pub plans: Layers<Sorted<PlanFact>>,
    pub notices: Layers<Sorted<NoticeFact>>,
    pub notice_lines: Layers<Sorted<NoticeLineFact>>,
    pub commitments: Layers<Sorted<CommitmentFact>>,
    /// Documents and commitments by what they follow.
    pub followers: Layers<Sorted<FollowerFact>>,
    /// Whose each commitment is, by its id.
    pub owners: Layers<Sorted<OwnerFact>>,
    /// What is left of commitments.
    pub kept_commitments: Kept,
    pub credit_lines: Layers<Sorted<CreditLineFact>>,
    /// Texts of the companies that documents, commitments and credit lines name.
    pub companies: Arc<BTreeSet<u32>>,
    pub releases: Layers<Sorted<ReleaseFact>>,
    /// Customers by those they ever had as a parent.
    pub children: Layers<Sorted<ChildFact>>,
    pub requirements: Layers<Sorted<RequirementFact>>,
    pub closings: Layers<Sorted<ClosingFact>>,
    pub rates: Layers<Sorted<RateFact>>,
}

/// A person wants to know which ledger it is, not to read it.
impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Store")
            .field("customers", &self.customers.len())
            .field("documents", &self.documents.len())
            .field("allocations", &self.allocations.len())
            .field("last_recorded", &self.last_recorded)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// By customer the place of its id among all ids, sorted.
    pub(crate) fn customer_rank(&self) -> &[u32] {
        self.customer_rank.get_or_init(|| {
            // Accounts are in the order of their texts, so that customers come in few sorted runs.
            let customers = self.account_order().iter().map(|account| self.account(*account).customer);
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
            batch_ends: Layers::default(),
            rows: 0,
            currencies: Arc::default(),
            texts: Layers::default(),
            dimension_names: Layers::default(),
            customer_ids: Layers::default(),
            customers: Layers::default(),
            customer_rank: Arc::default(),
            changes: Layers::default(),
            accounts: Layers::default(),
            account_index: Layers::default(),
            customer_accounts: Layers::default(),
            account_order: AccountOrder::default(),
            document_ids: Layers::default(),
            documents: Layers::default(),
            document_rates: Layers::default(),
            lines: Layers::default(),
            instalments: Layers::default(),
            discounts: Layers::default(),
            allocation_ids: Layers::default(),
            allocations: Layers::default(),
            differences: Layers::default(),
            beside: Layers::default(),
            residuals: Layers::default(),
            reversals: Layers::default(),
            cancellations: Layers::default(),
            legs: Layers::default(),
            matter_ids: Layers::default(),
            disputes: Layers::default(),
            customer_holds: Layers::default(),
            document_holds: Layers::default(),
            promises: Layers::default(),
            plans: Layers::default(),
            notices: Layers::default(),
            notice_lines: Layers::default(),
            commitments: Layers::default(),
            followers: Layers::default(),
            owners: Layers::default(),
            kept_commitments: Kept::default(),
            credit_lines: Layers::default(),
            companies: Arc::default(),
            releases: Layers::default(),
            children: Layers::default(),
            requirements: Layers::default(),
            closings: Layers::default(),
            rates: Layers::default(),
        }
    }

    /// Notes which companies facts name; `NONE` for one that names none.
    pub(crate) fn add_companies(&mut self, companies: impl Iterator<Item = u32>) {
        for company in companies {
            if company != NONE && !self.companies.contains(&company) {
                Arc::make_mut(&mut self.companies).insert(company);
            }
        }
    }

    /// Whether the ledger has a company: one of its settings, or that a fact names; the empty one always.
    pub(crate) fn has_company(&self, company: &str) -> bool {
        let is_named = || self.texts.find(company).is_some_and(|company| self.companies.contains(&company));
        company.is_empty() || self.settings.companies.contains_key(company) || is_named()
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

    /// Whether any document is of a kind.
    pub(crate) fn has_kind(&self, kind: DocumentKind) -> bool {
        self.documents.iter().any(|piece| piece.kinds.has(kind))
    }

    /// The dimensions of a document that it has itself, by name.
    pub(crate) fn dimensions_of(&self, document: u32) -> BTreeMap<String, String> {
        let Some((piece, row)) = self.documents.find(document) else { return BTreeMap::new() };
        let held = piece.dimensions.iter();
        let held = held.filter_map(|(name, values)| Some((*name, values.get(row).copied().filter(|it| *it != NONE)?)));
        let told = |(name, value)| (self.dimension_names.text(name).to_owned(), self.texts.text(value).to_owned());
        held.map(told).collect()
    }

    pub(crate) fn document_id(&self, document: u32) -> &str {
        self.documents
            .find(document)
            .and_then(|(layer, row)| layer.id.get(row))
            .map_or("", |id| self.document_ids.text(*id))
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
