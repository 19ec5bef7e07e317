//! Accounts: found by what they are, and sorted by their texts.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::Store;
use crate::ledger::layers::{Layer, Layers, NONE, place};
use crate::money::CurrencyCode;

/// Company × control account × customer × currency, each by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Account {
    pub company: u32,
    pub control: u32,
    pub customer: u32,
    pub currency: u32,
}

/// One of the four things that an account is told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccountPart {
    Company,
    Control,
    Customer,
    Currency,
}

impl AccountPart {
    /// In the order that accounts are sorted by.
    pub(crate) const ALL: [Self; 4] = [Self::Company, Self::Control, Self::Customer, Self::Currency];

    pub(crate) fn of(self, account: &Account) -> u32 {
        match self {
            Self::Company => account.company,
            Self::Control => account.control,
            Self::Customer => account.customer,
            Self::Currency => account.currency,
        }
    }
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

/// Accounts in the order of their texts, found when first asked for, from what was found before the last were added.
#[derive(Debug, Clone, Default)]
pub(crate) struct AccountOrder {
    now: Arc<OnceLock<Sorting>>,
    before: Arc<OnceLock<Sorting>>,
    /// The parts that accounts differ in, when their numbers follow their texts.
    differing: Arc<OnceLock<Option<Vec<AccountPart>>>>,
}

/// By place the account, and by account the place.
#[derive(Debug, Default)]
struct Sorting {
    order: Vec<u32>,
    rank: Vec<u32>,
}

impl AccountOrder {
    /// The order when accounts were added to so many; the first come in their order.
    pub(crate) fn with_more(&self, held: u32, all: u32) -> Self {
        if held == 0 {
            let order: Vec<u32> = (0..all).collect();
            let now = Arc::new(Sorting { rank: order.clone(), order }.into());
            return Self { now, ..Self::default() };
        }
        let before = if self.now.get().is_some() { &self.now } else { &self.before };
        Self { before: Arc::clone(before), ..Self::default() }
    }
}

impl Store {
    pub(crate) fn account(&self, account: u32) -> Account {
        self.accounts.get(account).copied().unwrap_or(Account {
            company: NONE,
            control: NONE,
            customer: NONE,
            currency: NONE,
        })
    }

    /// What accounts are sorted by.
    fn account_key(&self, account: u32) -> (&str, &str, &str, Option<CurrencyCode>) {
        let parts = self.account(account);
        (
            self.texts.text(parts.company),
            self.texts.text(parts.control),
            self.customer_ids.text(parts.customer),
            self.currency(parts.currency).map(|currency| currency.code),
        )
    }

    fn accounts_sorted(&self) -> &Sorting {
        self.account_order.now.get_or_init(|| {
            let before = self.account_order.before.get().map_or(&[][..], |before| before.order.as_slice());
            let mut added: Vec<u32> = (0..self.accounts.len()).skip(before.len()).collect();
            added.sort_by(|a, b| self.account_key(*a).cmp(&self.account_key(*b)));
            let mut order = Vec::with_capacity(place(self.accounts.len()));
            let mut rest = before;
            for account in added {
                let key = self.account_key(account);
                let (first, later) = rest.split_at(rest.partition_point(|held| self.account_key(*held) < key));
                order.extend_from_slice(first);
                order.push(account);
                rest = later;
            }
            order.extend_from_slice(rest);
            let mut rank = vec![0_u32; order.len()];
            for (at, account) in (0..).zip(&order) {
                if let Some(slot) = rank.get_mut(place(*account)) {
                    *slot = at;
                }
            }
            Sorting { order, rank }
        })
    }

    /// All accounts, in the order of their texts.
    pub(crate) fn account_order(&self) -> &[u32] {
        &self.accounts_sorted().order
    }

    /// The parts that not all accounts share, in their order; none when accounts are not numbered in the order of their texts.
    pub(crate) fn differing_parts(&self) -> Option<&[AccountPart]> {
        let found = self.account_order.differing.get_or_init(|| {
            let numbered = self.account_order().iter().zip(0..).all(|(account, at): (_, u32)| *account == at);
            let differs = |part: &AccountPart| {
                let mut values = self.accounts.all().map(|account| part.of(account));
                let first = values.next();
                values.any(|value| Some(value) != first)
            };
            numbered.then(|| AccountPart::ALL.into_iter().filter(differs).collect())
        });
        found.as_deref()
    }

    /// Sorts accounts, or what stands for them; a few without a look at the others.
    pub(crate) fn sort_accounts<T>(&self, all: &mut [T], account: impl Fn(&T) -> u32) {
        /// From so many on it is cheaper to have all in order.
        const MANY: usize = 64;
        if all.len() < MANY {
            all.sort_by(|a, b| self.account_key(account(a)).cmp(&self.account_key(account(b))));
            return;
        }
        let rank = &self.accounts_sorted().rank;
        let place_of = |held: &T| rank.get(place(account(held))).copied().unwrap_or(NONE);
        if !all.is_sorted_by_key(place_of) {
            all.sort_by_key(place_of);
        }
    }
}
