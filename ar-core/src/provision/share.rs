//! What does each item add to its bucket? What is judged by itself goes apart; credits and disputes as the policy says.

use rustc_hash::FxHashMap;

use super::policy::{ProvisionCredits, ProvisionDisputed, ProvisionPolicy};
use crate::aging::{AgedItem, AgingReport};
use crate::ledger::View;
use crate::problem::{Problem, Refused, quoted};

/// An item, and what of it is provided for at the rate of its bucket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    pub aged: AgedItem,
    /// The specific entry that it belongs to.
    pub specific: Option<usize>,
    /// The disputed part that has no part in the bucket.
    pub disputed: i128,
    /// What credits of the account take off it.
    pub taken: i128,
}

impl Share {
    pub(super) fn open(&self) -> i128 {
        i128::from(self.aged.open)
    }

    /// What is owed by it.
    pub(super) fn debit(&self) -> i128 {
        self.open().max(0)
    }

    /// What it is owed back.
    pub(super) fn credit(&self) -> i128 {
        self.open().min(0)
    }
}

/// The specific entries by what they are about.
pub(super) struct Apart {
    customers: FxHashMap<u32, Vec<(Option<String>, usize)>>,
    documents: FxHashMap<u32, Vec<(Option<String>, usize)>>,
}

impl Apart {
    /// Finds the customers and documents of the entries.
    pub(super) fn read(view: &View, policy: &ProvisionPolicy) -> Result<Self, Refused> {
        let store = &view.store;
        let mut apart = Self { customers: FxHashMap::default(), documents: FxHashMap::default() };
        for (at, entry) in policy.specific.iter().enumerate() {
            let unknown = |what: &str, id: &str| {
                let reason = format!("expected a {what} of the ledger, got {}", quoted(id));
                Problem::new("unknown_reference", reason).field(&format!("specific[{at}].{what}"))
            };
            let held = (entry.currency.clone(), at);
            if let Some(id) = &entry.customer {
                let known = store.customer_ids.find(id).filter(|number| store.customers.get(*number).is_some());
                apart.customers.entry(known.ok_or_else(|| unknown("customer", id))?).or_default().push(held);
            } else if let Some(id) = &entry.document {
                let known = store.document_ids.find(id).and_then(|id| store.documents.of_id(id));
                apart.documents.entry(known.ok_or_else(|| unknown("document", id))?).or_default().push(held);
            }
        }
        Ok(apart)
    }

    /// The entry of a document, else of its customer.
    fn of(&self, document: u32, customer: u32, currency: &str) -> Option<usize> {
        let meant = |entries: Option<&Vec<(Option<String>, usize)>>| {
            let mut entries = entries?.iter();
            entries.find(|(own, _)| own.as_deref().is_none_or(|own| own == currency)).map(|(_, at)| *at)
        };
        meant(self.documents.get(&document)).or_else(|| meant(self.customers.get(&customer)))
    }
}

/// The share of every item, account by account in the order of open items.
pub(super) fn each_share(
    view: &View,
    aging: &AgingReport,
    policy: &ProvisionPolicy,
    apart: &Apart,
    mut take: impl FnMut(u32, Share),
) {
    let mut shares: Vec<Share> = Vec::new();
    for (account, items) in aging.accounts() {
        let customer = view.store.account(account).customer;
        let (currency, _) = aging.currency_of(account);
        shares.clear();
        shares.extend(aging.aged(account, items).map(|aged| {
            let specific = apart.of(aged.document, customer, currency);
            let goes_apart = policy.disputed != ProvisionDisputed::InBucket && specific.is_none() && aged.open > 0;
            let disputed = if goes_apart { i128::from(aged.disputed).clamp(0, i128::from(aged.open)) } else { 0 };
            Share { aged, specific, disputed, taken: 0 }
        }));
        if policy.credits == ProvisionCredits::AgainstOldest {
            take_off_oldest(&mut shares);
        }
        for share in &shares {
            take(account, *share);
        }
    }
}

/// Credits of an account take off its items, oldest due first: of each what is not disputed before what is.
fn take_off_oldest(shares: &mut [Share]) {
    let pooled = |share: &&mut Share| share.specific.is_none();
    let mut credit = shares
        .iter()
        .filter(|share| share.specific.is_none())
        .fold(0_i128, |sum, share| sum.saturating_sub(share.credit()));
    for share in shares.iter_mut().filter(pooled) {
        let taken = share.debit().min(credit);
        credit = credit.saturating_sub(taken);
        let left = share.debit().saturating_sub(taken);
        let disputed = share.disputed.min(left);
        // What is taken of the disputed part is no longer apart.
        share.disputed = disputed;
        share.taken = taken;
    }
}
