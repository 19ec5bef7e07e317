//! What are the figures of an aging in columns, without a text per row? For exports and for further reckoning.
//!
//! Values of keys are numbers; their texts are in a [`Dictionary`] that is shared with the ledger and never copied.

use std::sync::Arc;

use super::columns::{Sums, age_sorted_columns};
use super::fold::FullCells;
use super::keys::{self, Key, Values};
use super::packed::age_packed;
use super::report::AgingReport;
use crate::ledger::layers::{NONE, place};
use crate::ledger::store::{Account, DocumentKind, Store};

/// The cells of an aging that hold something: a row for each group and bucket, by group, the buckets of one in no stated order.
///
/// **Unit**: minor units of the row's currency. **Edges**: a bucket whose items cancel is kept, with 0.
#[derive(Debug, Clone)]
pub struct LongColumns {
    /// A column for each key of `by` but the currency.
    pub keys: Vec<KeyColumn>,
    /// The currency of each row.
    pub currency: KeyColumn,
    /// Digits of a currency after the point, by its number in the column `currency`.
    pub digits: Vec<u8>,
    /// The bucket of each row: its place among the labels of the report.
    pub bucket: Vec<u8>,
    /// What is open there.
    pub amount: Sums,
    /// How many items have it as their bucket; 0 where there are only disputed parts of items of other buckets.
    pub count: Vec<u32>,
}

/// The rows of an aging: a row for each group, a column for each bucket.
///
/// **Unit**: minor units of the row's currency.
#[derive(Debug, Clone)]
pub struct WideColumns {
    /// A column for each key of `by` but the currency.
    pub keys: Vec<KeyColumn>,
    /// The currency of each row.
    pub currency: KeyColumn,
    /// Digits of a currency after the point, by its number in the column `currency`.
    pub digits: Vec<u8>,
    /// A column for each label of the report.
    pub buckets: Vec<Sums>,
    /// How many items each row has.
    pub count: Vec<u32>,
}

/// The values of a key, as numbers into a dictionary of texts.
#[derive(Debug, Clone)]
pub struct KeyColumn {
    /// The key as in `by`.
    pub name: String,
    /// The value of each row; `u32::MAX` is the empty text.
    pub value: Vec<u32>,
    /// The texts.
    pub dictionary: Dictionary,
}

/// Texts by number, shared with the ledger. A text may have more than one number.
#[derive(Debug, Clone)]
pub struct Dictionary {
    store: Arc<Store>,
    key: Key,
}

impl Dictionary {
    /// How many numbers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.key {
            Key::Company | Key::ControlAccount | Key::Group | Key::Dimension(_) => place(self.store.texts.len()),
            Key::Customer | Key::Parent | Key::TopParent => place(self.store.customer_ids.len()),
            Key::Currency => self.store.currencies.len(),
            Key::Kind => DocumentKind::ALL.len(),
            Key::Document => place(self.store.documents.len()),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text of a number; empty for one that there is not.
    #[must_use]
    pub fn text(&self, number: u32) -> &str {
        keys::text(&self.store, self.key, number)
    }

    /// All texts by number.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..).zip(0..self.len()).map(|(number, _): (u32, usize)| self.text(number))
    }
}

impl AgingReport {
    /// The cells that hold something, in columns; nothing is made per row but numbers.
    ///
    /// ```
    /// # use ar_core::facade::{JsonFacts, Ledger, Settings, Where, day};
    /// # let facts = JsonFacts::parse(r#"{ "customers": [{ "id": "ACME" }], "documents": [{ "id": "1", "customer": "ACME",
    /// #     "kind": "invoice", "currency": "EUR", "amount": "100.00", "document_date": "2026-01-01" }] }"#)?;
    /// # let ledger = Ledger::load(Settings::default(), &facts.tables())?;
    /// # let view = ledger.as_of(day("2026-01-31".parse()?)?);
    /// let report = view.aging(&ar_core::aging::AgingPolicy::with_edges(&[0]), &["customer".into()], &Where::new())?;
    /// let cells = report.long();
    /// assert_eq!(cells.keys[0].dictionary.text(cells.keys[0].value[0]), "ACME");
    /// assert_eq!((cells.bucket[0], cells.amount.get(0), cells.count[0]), (1, Some(100_00), 1));
    /// assert_eq!(report.labels()[1], "over 0");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn long(&self) -> LongColumns {
        // An item is in one bucket, or in two when a part of it is disputed apart.
        let most = self.inner.placing.view.items.len().saturating_mul(2);
        let cells = self.sorted_cells().unwrap_or_else(|| self.inner.table().full_cells(most));
        let (keys, currency) = self.key_columns(&cells.group);
        LongColumns {
            keys,
            currency,
            digits: self.digits(),
            bucket: cells.bucket,
            amount: cells.sum,
            count: cells.count,
        }
    }

    /// The groups that have an item, in columns; nothing is made per row but numbers.
    #[must_use]
    pub fn wide(&self) -> WideColumns {
        let (groups, count) = self.inner.table().full_groups();
        let (keys, currency) = self.key_columns(&groups);
        WideColumns { keys, currency, digits: self.digits(), buckets: self.inner.table().bucket_sums(&groups), count }
    }

    /// The cells in one pass over items that lie in the order of the groups, without a table between.
    fn sorted_cells(&self) -> Option<FullCells> {
        let placing = &self.inner.placing;
        let items = &placing.view.items;
        let plain = placing.ages_by_due_date_alone() && !items.undated && self.inner.groups.follow_accounts();
        if !plain {
            return None;
        }
        let thresholds = &placing.cut.thresholds;
        let rows = age_packed(items, thresholds)
            .unwrap_or_else(|| age_sorted_columns(&items.columns(self.inner.groups.count), thresholds));
        Some(FullCells { group: rows.account, bucket: rows.bucket, sum: rows.sum, count: rows.count })
    }

    /// The values of a key that is a part of an account, where groups are accounts: one look-up a row.
    fn parts_of_accounts(&self, key: Key, groups: &[u32]) -> Option<Vec<u32>> {
        let placing = &self.inner.placing;
        if !self.inner.groups.follow_accounts() || !placing.ages_by_due_date_alone() {
            return None;
        }
        let accounts = placing.view.store.accounts.in_one();
        match key {
            Key::Company => Some(looked_up(&accounts, groups, |account| account.company)),
            Key::ControlAccount => Some(looked_up(&accounts, groups, |account| account.control)),
            Key::Customer => Some(looked_up(&accounts, groups, |account| account.customer)),
            Key::Currency => Some(looked_up(&accounts, groups, |account| account.currency)),
            _ => None,
        }
    }

    fn digits(&self) -> Vec<u8> {
        self.inner.placing.view.store.currencies.iter().map(|currency| currency.exponent).collect()
    }

    /// The values of the keys for rising groups.
    fn key_columns(&self, groups: &[u32]) -> (Vec<KeyColumn>, KeyColumn) {
        let view = &self.inner.placing.view;
        let column = |name: &str, key: Key, find: &mut dyn FnMut(u32) -> u32| {
            if let Some(value) = self.parts_of_accounts(key, groups) {
                let dictionary = Dictionary { store: Arc::clone(&view.store), key };
                return KeyColumn { name: name.to_owned(), value, dictionary };
            }
            let mut value = Vec::with_capacity(groups.len());
            let mut held = (NONE, NONE);
            for group in groups {
                if *group != held.0 {
                    held = (*group, find(*group));
                }
                value.push(held.1);
            }
            KeyColumn { name: name.to_owned(), value, dictionary: Dictionary { store: Arc::clone(&view.store), key } }
        };
        let values = &mut Values::new(view);
        let keys = self
            .inner
            .by
            .iter()
            .zip(&self.inner.keys)
            .map(|(name, key)| column(name, *key, &mut |group| self.inner.groups.value(view, values, *key, group)));
        let keys = keys.collect();
        let currency = column("currency", Key::Currency, &mut |group| {
            self.inner.placing.figures.currency_of(view, self.inner.groups.account(view, group))
        });
        (keys, currency)
    }
}

/// A part of the account of each group.
fn looked_up(accounts: &[Account], groups: &[u32], part: impl Fn(&Account) -> u32) -> Vec<u32> {
    groups.iter().map(|group| accounts.get(*group as usize).map_or(NONE, &part)).collect()
}
