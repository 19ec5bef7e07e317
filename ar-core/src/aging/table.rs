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
use crate::ledger::store::{DocumentKind, Store};

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
    /// The texts of a key's values.
    pub(crate) fn of(store: &Arc<Store>, key: Key) -> Self {
        Self { store: Arc::clone(store), key }
    }

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
        if let Some(cells) = self.packed_cells() {
            return cells;
        }
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

    /// Whether items lie in the order of the groups, and by their buckets in each.
    fn in_order(&self) -> bool {
        let placing = &self.inner.placing;
        placing.ages_by_due_date_alone() && !placing.view.items.undated && self.inner.groups.follow_accounts()
    }

    /// The cells with their keys in one pass over items that a view keeps packed.
    fn packed_cells(&self) -> Option<LongColumns> {
        if !self.in_order() {
            return None;
        }
        let placing = &self.inner.placing;
        let store = &placing.view.store;
        let runs = placing.view.items.runs();
        let keys = self.inner.keys.iter().chain([&Key::Currency]);
        let parts: Option<Vec<&[u32]>> =
            keys.map(|key| key.part().map(|part| runs.part(part, &store.accounts))).collect();
        let rows = age_packed(&placing.view.items, &placing.cut.thresholds, &parts?)?;
        let mut values = rows.parts.into_iter();
        let mut column = |name: &str, key: Key| {
            let dictionary = Dictionary { store: Arc::clone(store), key };
            KeyColumn { name: name.to_owned(), value: values.next().unwrap_or_default(), dictionary }
        };
        Some(LongColumns {
            keys: self.inner.by.iter().zip(&self.inner.keys).map(|(name, key)| column(name, *key)).collect(),
            currency: column("currency", Key::Currency),
            digits: self.digits(),
            bucket: rows.bucket,
            amount: rows.sum,
            count: rows.count,
        })
    }

    /// The cells in one pass over items that lie in the order of the groups, without a table between.
    fn sorted_cells(&self) -> Option<FullCells> {
        if !self.in_order() {
            return None;
        }
        let placing = &self.inner.placing;
        let rows = age_sorted_columns(&placing.view.items.columns(self.inner.groups.count), &placing.cut.thresholds);
        Some(FullCells { group: rows.account, bucket: rows.bucket, sum: rows.sum, count: rows.count })
    }

    fn digits(&self) -> Vec<u8> {
        self.inner.placing.view.store.currencies.iter().map(|currency| currency.exponent).collect()
    }

    /// The values of the keys for rising groups.
    fn key_columns(&self, groups: &[u32]) -> (Vec<KeyColumn>, KeyColumn) {
        let view = &self.inner.placing.view;
        let column = |name: &str, key: Key, find: &mut dyn FnMut(u32) -> u32| {
            let dictionary = Dictionary { store: Arc::clone(&view.store), key };
            if let Some(part) = key.part().filter(|_| self.inner.groups.follow_accounts()) {
                let accounts = view.store.accounts.in_one();
                let of = |group: &u32| accounts.get(*group as usize).map_or(NONE, |account| part.of(account));
                return KeyColumn { name: name.to_owned(), value: groups.iter().map(of).collect(), dictionary };
            }
            let mut value = Vec::with_capacity(groups.len());
            let mut held = (NONE, NONE);
            for group in groups {
                if *group != held.0 {
                    held = (*group, find(*group));
                }
                value.push(held.1);
            }
            KeyColumn { name: name.to_owned(), value, dictionary }
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
