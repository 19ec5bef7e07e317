//! Which row does a document count in? Groups are numbered in the order of their rows.

use crate::aging::figures::currency_by_account;
use crate::aging::group::{follow_accounts, numbered};
use crate::aging::keys::{self, Filter, Key, Values};
use crate::aging::{AgingCurrency, Where};
use crate::kpi::policy::KpiCurrency;
use crate::ledger::View;
use crate::ledger::layers::{NONE, place};
use crate::problem::{Problem, Refused};

/// No group: it is left out.
pub(super) const NO_GROUP: u32 = u32::MAX;

/// Documents by group.
#[derive(Debug)]
pub(super) struct Groups {
    of: Of,
    /// How many there are; some may have nothing.
    pub count: usize,
    /// One of each group's accounts, or things.
    first: Vec<u32>,
    documents: u32,
    /// The currency of the figures by account; empty when it is the account's own.
    currency: Vec<u32>,
    keys: Vec<Key>,
}

#[derive(Debug)]
enum Of {
    /// Each account is a group of that number.
    Same,
    /// By account.
    Account(Vec<u32>),
    /// By document, then by account what has no document.
    Thing(Vec<u32>),
}

impl Groups {
    /// Groups by keys and currency what a filter and the view's scope let in.
    pub(super) fn new(view: &View, by: &[String], filter: &Where, currency: KpiCurrency) -> Result<Self, Refused> {
        let store = &view.store;
        let keys = by.iter().map(|name| Key::named(store, name)).collect::<Result<Vec<Key>, Problem>>()?;
        let filter = Filter::read(view, filter)?;
        let currency = match currency {
            KpiCurrency::Document => Vec::new(),
            KpiCurrency::Base => currency_by_account(view, AgingCurrency::Base),
        };
        let (accounts, documents) = (store.accounts.len(), store.documents.len());
        let mut all = keys.clone();
        if !all.contains(&Key::Currency) {
            all.push(Key::Currency);
        }
        if filter.is_empty() && currency.is_empty() && view.scope.is_none() && follow_accounts(view, &all) {
            let keys = keys.into_iter().filter(|key| *key != Key::Currency).collect();
            return Ok(Self { of: Of::Same, count: place(accounts), first: Vec::new(), documents, currency, keys });
        }
        let values = &mut Values::new(view);
        let in_scope =
            |account: u32| view.scope.as_ref().is_none_or(|scope| scope.accounts.binary_search(&account).is_ok());
        let let_in: Vec<bool> =
            (0..accounts).map(|account| in_scope(account) && filter.lets_account_in(values, account)).collect();
        let currency_of = |account: u32| match currency.get(place(account)) {
            Some(currency) => *currency,
            None => store.account(account).currency,
        };
        let (of, groups, first) = if all.iter().any(|key| key.is_finer()) || filter.is_finer() {
            let things: Vec<(u32, u32)> = things(view).collect();
            let column = |key: Key, values: &mut Values<'_>| -> Vec<u32> {
                let value = |(document, account): &(u32, u32)| match key {
                    Key::Currency => currency_of(*account),
                    _ => values.of_document(key, *document, *account),
                };
                things.iter().map(value).collect()
            };
            let (mut group, groups, first) = numbered(view, &all, things.len(), values, column);
            for ((document, account), group) in things.iter().zip(group.iter_mut()) {
                let account_is_in = let_in.get(place(*account)).copied().unwrap_or(false);
                if !account_is_in || !filter.lets_document_in(values, *document, *account) {
                    *group = NO_GROUP;
                }
            }
            (Of::Thing(group), groups, first)
        } else {
            let column = |key: Key, values: &mut Values<'_>| -> Vec<u32> {
                let value = |account: u32| match key {
                    Key::Currency => currency_of(account),
                    _ => values.of_account(key, account),
                };
                (0..accounts).map(value).collect()
            };
            let (mut group, groups, first) = numbered(view, &all, place(accounts), values, column);
            for (group, let_in) in group.iter_mut().zip(&let_in) {
                if !let_in {
                    *group = NO_GROUP;
                }
            }
            (Of::Account(group), groups, first)
        };
        let keys = keys.into_iter().filter(|key| *key != Key::Currency).collect();
        Ok(Self { of, count: groups, first, documents, currency, keys })
    }

    /// The group of a document, or of what an account has without a document (`NONE`).
    pub(super) fn of(&self, document: u32, account: u32) -> u32 {
        let found = match &self.of {
            Of::Same => return account,
            Of::Account(group) => group.get(place(account)),
            Of::Thing(group) if document != NONE => group.get(place(document)),
            Of::Thing(group) => group.get(place(self.documents.saturating_add(account))),
        };
        found.copied().unwrap_or(NO_GROUP)
    }

    /// Whether all of an account is in one group.
    pub(super) fn are_accounts(&self) -> bool {
        !matches!(self.of, Of::Thing(_))
    }

    /// Groups of documents that come account by account.
    pub(super) fn lookup(&self) -> Lookup<'_> {
        Lookup { groups: self, held: None }
    }

    /// The group of an account, when all its documents share one.
    pub(super) fn of_account(&self, account: u32) -> Option<u32> {
        match &self.of {
            Of::Same => Some(account),
            Of::Account(group) => Some(group.get(place(account)).copied().unwrap_or(NO_GROUP)),
            Of::Thing(_) => None,
        }
    }

    /// Document and account of one of a group.
    fn one(&self, view: &View, group: u32) -> (u32, u32) {
        let first = self.first.get(place(group)).copied().unwrap_or(NONE);
        match &self.of {
            Of::Same => (NONE, group),
            Of::Account(_) => (NONE, first),
            Of::Thing(_) if first >= self.documents => (NONE, first.saturating_sub(self.documents)),
            Of::Thing(_) => (first, account_of(view, first)),
        }
    }

    /// The keys, the currency apart.
    pub(super) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The value of a key for a group.
    pub(super) fn value(&self, view: &View, values: &mut Values<'_>, key: Key, group: u32) -> u32 {
        let (document, account) = self.one(view, group);
        values.of_document(key, document, account)
    }

    /// The texts of the keys of a group, its currency apart.
    pub(super) fn texts(&self, view: &View, values: &mut Values<'_>, group: u32) -> Vec<String> {
        let text = |key: &Key| keys::text(&view.store, *key, self.value(view, values, *key, group)).to_owned();
        self.keys.iter().map(text).collect()
    }

    /// The number of the currency of a group.
    pub(super) fn currency_number(&self, view: &View, group: u32) -> u32 {
        let (_, account) = self.one(view, group);
        match self.currency.get(place(account)) {
            Some(currency) => *currency,
            None => view.store.account(account).currency,
        }
    }

    /// The currency of a group: its code and digits.
    pub(super) fn currency<'a>(&self, view: &'a View, group: u32) -> (&'a str, u8) {
        let own = self.currency_number(view, group);
        view.store.currencies.get(place(own)).map_or(("", 0), |held| (held.code.as_str(), held.exponent))
    }
}

/// Looks up an account's group once for all that come of it side by side.
pub(super) struct Lookup<'a> {
    groups: &'a Groups,
    /// The account that was asked about last, and its group.
    held: Option<(u32, u32)>,
}

impl Lookup<'_> {
    /// The group of a document.
    #[inline]
    pub(super) fn of(&mut self, document: u32, account: u32) -> u32 {
        match self.held {
            Some((held, group)) if held == account => group,
            _ => {
                let group = self.groups.of(document, account);
                self.held = self.groups.of_account(account).map(|group| (account, group));
                group
            }
        }
    }
}

/// Every document with its account, then every account without a document.
fn things(view: &View) -> impl Iterator<Item = (u32, u32)> + '_ {
    let documents = view
        .store
        .documents
        .iter()
        .flat_map(|piece| (piece.start..).zip(&piece.account).map(|(document, account)| (document, *account)));
    documents.chain((0..view.store.accounts.len()).map(|account| (NONE, account)))
}

/// The account of a document.
pub(super) fn account_of(view: &View, document: u32) -> u32 {
    let found = view.store.documents.find(document).and_then(|(piece, row)| piece.account.get(row));
    found.copied().unwrap_or(NONE)
}
