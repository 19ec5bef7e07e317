//! Which group does an item belong to? Groups are numbered in the order of their rows.
//!
//! Accounts are numbered in the order of their texts as they are loaded, so keys that follow that order need no sorting:
//! the group is the account.

use super::fold::NO_GROUP;
use super::keys::{Filter, Key, Values, ranks};
use crate::ledger::View;
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::store::AccountPart;

/// Items by group.
#[derive(Debug)]
pub(super) struct Groups {
    by: Of,
    /// How many numbers of groups there are; some may have no item.
    pub count: usize,
    /// An account or item of each group, when groups are not accounts.
    first: Vec<u32>,
}

#[derive(Debug)]
enum Of {
    /// Each account is a group of that number.
    Same,
    /// By account.
    Account(Vec<u32>),
    /// By item.
    Item(Vec<u32>),
}

impl Groups {
    /// Groups items by keys, which hold the currency of the figures (by account) as `Key::Currency`.
    pub(super) fn new(view: &View, keys: &[Key], filter: &Filter, currency: &[u32]) -> Self {
        let accounts = view.store.accounts.len();
        if filter.is_empty() && currency.is_empty() && follow_accounts(view, keys) {
            return Self { by: Of::Same, count: place(accounts), first: Vec::new() };
        }
        let values = &mut Values::new(view);
        let let_in: Vec<bool> = (0..accounts).map(|account| filter.lets_account_in(values, account)).collect();
        let currency_of = |account: u32| match currency.get(place(account)) {
            Some(currency) => *currency,
            None => view.store.account(account).currency,
        };
        if keys.iter().any(|key| key.is_finer()) || filter.is_finer() {
            let account_of = |item: usize| view.items.account.get(item).copied().unwrap_or(NONE);
            let columns = |key: Key, values: &mut Values<'_>| -> Vec<u32> {
                (0..view.items.len())
                    .map(|item| match key {
                        Key::Currency => currency_of(account_of(item)),
                        _ => values.of_item(key, item),
                    })
                    .collect()
            };
            let (mut group, count, first) = numbered(view, keys, view.items.len(), values, columns);
            for (item, group) in group.iter_mut().enumerate() {
                let account = let_in.get(place(account_of(item))).copied().unwrap_or(false);
                if !account || !filter.lets_item_in(values, item) {
                    *group = NO_GROUP;
                }
            }
            return Self { by: Of::Item(group), count, first };
        }
        let columns = |key: Key, values: &mut Values<'_>| -> Vec<u32> {
            (0..accounts)
                .map(|account| match key {
                    Key::Currency => currency_of(account),
                    _ => values.of_account(key, account),
                })
                .collect()
        };
        let (mut group, count, first) = numbered(view, keys, place(accounts), values, columns);
        for (group, let_in) in group.iter_mut().zip(&let_in) {
            if !let_in {
                *group = NO_GROUP;
            }
        }
        Self { by: Of::Account(group), count, first }
    }

    /// Whether groups are accounts, in their order.
    pub(super) fn follow_accounts(&self) -> bool {
        matches!(self.by, Of::Same)
    }

    /// The group of an item; `NO_GROUP` when it is not let in.
    pub(super) fn of_item(&self, item: usize, account: u32) -> u32 {
        match &self.by {
            Of::Same => account,
            Of::Account(group) => group.get(place(account)).copied().unwrap_or(NO_GROUP),
            Of::Item(group) => group.get(item).copied().unwrap_or(NO_GROUP),
        }
    }

    /// The group of an account, when all its items share one.
    pub(super) fn of_account(&self, account: u32) -> u32 {
        match &self.by {
            Of::Item(_) => NO_GROUP,
            _ => self.of_item(usize::MAX, account),
        }
    }

    /// The groups of items from `start` on: the column itself, or written into `out`.
    pub(super) fn column<'a>(&'a self, start: usize, accounts: &'a [u32], out: &'a mut [u32]) -> &'a [u32] {
        match &self.by {
            Of::Same => accounts,
            Of::Account(group) => {
                for (to, account) in out.iter_mut().zip(accounts) {
                    *to = group.get(*account as usize).copied().unwrap_or(NO_GROUP);
                }
                out.get(..accounts.len()).unwrap_or(&[])
            }
            Of::Item(group) => group.get(start..start.saturating_add(accounts.len())).unwrap_or(&[]),
        }
    }

    /// The value of a key for a group, by its first account or item.
    pub(super) fn value(&self, view: &View, values: &mut Values<'_>, key: Key, group: u32) -> u32 {
        match &self.by {
            Of::Same => values.of_account(key, group),
            Of::Account(_) => values.of_account(key, self.first_of(group)),
            Of::Item(_) => {
                let item = place(self.first_of(group));
                if key.is_finer() {
                    values.of_item(key, item)
                } else {
                    values.of_account(key, view.items.account.get(item).copied().unwrap_or(NONE))
                }
            }
        }
    }

    /// An account of the group.
    pub(super) fn account(&self, view: &View, group: u32) -> u32 {
        match &self.by {
            Of::Same => group,
            Of::Account(_) => self.first_of(group),
            Of::Item(_) => view.items.account.get(place(self.first_of(group))).copied().unwrap_or(NONE),
        }
    }

    fn first_of(&self, group: u32) -> u32 {
        self.first.get(place(group)).copied().unwrap_or(NONE)
    }
}

/// Whether rows by these keys are the accounts in their order: a part that all accounts share may be left out.
pub(crate) fn follow_accounts(view: &View, keys: &[Key]) -> bool {
    let Some(differing) = view.store.differing_parts() else { return false };
    let mut keys = keys.iter().peekable();
    for part in AccountPart::ALL {
        if keys.peek().and_then(|key| key.part()) == Some(part) {
            keys.next();
        } else if differing.contains(&part) {
            return false;
        }
    }
    keys.next().is_none()
}

/// Numbers things (accounts or items) by the texts of their keys: the group of each, how many, and one of each.
pub(crate) fn numbered(
    view: &View,
    keys: &[Key],
    things: usize,
    values: &mut Values<'_>,
    column: impl Fn(Key, &mut Values<'_>) -> Vec<u32>,
) -> (Vec<u32>, usize, Vec<u32>) {
    let mut combined: Vec<u64> = vec![0; things];
    let mut size: u64 = 1;
    for key in keys {
        let (rank, ranks) = ranks(&view.store, *key, &column(*key, values));
        if ranks <= 1 {
            continue;
        }
        if size.checked_mul(u64::from(ranks)).is_none() {
            let (group, groups) = dense(&combined, size);
            combined = group.into_iter().map(u64::from).collect();
            size = u64::from(groups);
        }
        size = size.saturating_mul(u64::from(ranks));
        for (combined, rank) in combined.iter_mut().zip(&rank) {
            // Below `size`, so that it cannot wrap.
            *combined = combined.wrapping_mul(u64::from(ranks)).wrapping_add(u64::from(*rank));
        }
    }
    let (group, groups) = dense(&combined, size);
    let mut first = vec![NONE; place(groups)];
    for (thing, group) in group.iter().enumerate().rev() {
        if let Some(slot) = first.get_mut(place(*group)) {
            *slot = count(thing);
        }
    }
    (group, place(groups), first)
}

/// Numbers below `size` as their places among those that occur.
fn dense(combined: &[u64], size: u64) -> (Vec<u32>, u32) {
    let mut group = Vec::with_capacity(combined.len());
    if combined.is_sorted() {
        let mut number = 0_u32;
        let mut before = combined.first().copied().unwrap_or(0);
        for value in combined {
            number = number.saturating_add(u32::from(*value != before));
            before = *value;
            group.push(number);
        }
        return (group, if combined.is_empty() { 0 } else { number.saturating_add(1) });
    }
    if let Ok(size) = usize::try_from(size)
        && size <= combined.len().saturating_mul(4).saturating_add(4096)
    {
        let mut numbers = vec![0_u32; size];
        for value in combined {
            if let Some(slot) = numbers.get_mut(*value as usize) {
                *slot = 1;
            }
        }
        let mut next = 0_u32;
        for slot in &mut numbers {
            let occurs = *slot;
            *slot = next;
            next = next.saturating_add(occurs);
        }
        group.extend(combined.iter().map(|value| numbers.get(*value as usize).copied().unwrap_or(0)));
        return (group, next);
    }
    let mut distinct = combined.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    group.extend(combined.iter().map(|value| count(distinct.partition_point(|held| held < value))));
    (group, count(distinct.len()))
}
