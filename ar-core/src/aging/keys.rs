//! By what are items grouped, and which are let in? Keys of accounts, and finer ones of documents.
//!
//! A value is a number: of a customer, a text, a kind, a document or a currency. Texts are looked at only to sort the
//! values of a key, and when rows are asked for.

use rustc_hash::{FxHashMap, FxHashSet};

use super::policy::Where;
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::store::{AccountPart, Attribute, DocumentKind, Store};
use crate::ledger::{DocumentKind as Kind, View};
use crate::problem::{Problem, quoted};

/// A key of `by` or `where`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Company,
    ControlAccount,
    Customer,
    Parent,
    TopParent,
    Group,
    Currency,
    Kind,
    Document,
    Dimension(u32),
}

impl Key {
    pub(crate) fn named(store: &Store, name: &str) -> Result<Self, Problem> {
        let known = match name {
            "company" => Some(Self::Company),
            "control_account" => Some(Self::ControlAccount),
            "customer" => Some(Self::Customer),
            "parent" => Some(Self::Parent),
            "top_parent" => Some(Self::TopParent),
            "group" => Some(Self::Group),
            "currency" => Some(Self::Currency),
            "kind" => Some(Self::Kind),
            "document" => Some(Self::Document),
            other => other.strip_prefix("dim_").and_then(|name| store.dimension_names.find(name)).map(Self::Dimension),
        };
        known.ok_or_else(|| {
            let reason = format!("expected a key of accounts or documents, or a dimension, got {}", quoted(name));
            Problem::new("unknown_dimension", reason).field(name)
        })
    }

    /// The part of an account that it is.
    pub(super) fn part(self) -> Option<AccountPart> {
        match self {
            Self::Company => Some(AccountPart::Company),
            Self::ControlAccount => Some(AccountPart::Control),
            Self::Customer => Some(AccountPart::Customer),
            Self::Currency => Some(AccountPart::Currency),
            _ => None,
        }
    }

    /// Whether items of one account may differ in it.
    pub(crate) fn is_finer(self) -> bool {
        matches!(self, Self::Kind | Self::Document | Self::Dimension(_))
    }
}

/// Looks values up; what a customer is like on the view's day is found once.
pub(crate) struct Values<'a> {
    view: &'a View,
    customers: Vec<(Attribute, Vec<u32>)>,
    tops: Vec<u32>,
}

/// Not looked up yet.
const UNKNOWN: u32 = u32::MAX - 1;

impl<'a> Values<'a> {
    pub(crate) fn new(view: &'a View) -> Self {
        Self { view, customers: Vec::new(), tops: Vec::new() }
    }

    fn attribute(&mut self, customer: u32, attribute: Attribute) -> u32 {
        let store = &self.view.store;
        let at = match self.customers.iter().position(|(held, _)| *held == attribute) {
            Some(at) => at,
            None => {
                self.customers.push((attribute, vec![UNKNOWN; place(store.customers.len())]));
                self.customers.len().saturating_sub(1)
            }
        };
        let Some(slot) = self.customers.get_mut(at).and_then(|(_, held)| held.get_mut(place(customer))) else {
            return NONE;
        };
        if *slot == UNKNOWN {
            *slot = store.attribute(customer, attribute, self.view.day().number(), self.view.known_on);
        }
        *slot
    }

    fn top_parent(&mut self, customer: u32) -> u32 {
        if self.tops.is_empty() {
            self.tops.resize(place(self.view.store.customers.len()), UNKNOWN);
        }
        let mut path = Vec::new();
        let mut at = customer;
        let top = loop {
            match self.tops.get(place(at)) {
                Some(top) if *top != UNKNOWN => break *top,
                _ => {}
            }
            path.push(at);
            match self.attribute(at, Attribute::Parent) {
                // No circle is let in, so the walk ends; the bound only keeps that promise visible.
                NONE => break at,
                _ if path.len() > self.tops.len() => break at,
                parent => at = parent,
            }
        };
        for at in path {
            if let Some(slot) = self.tops.get_mut(place(at)) {
                *slot = top;
            }
        }
        top
    }

    /// The value of a key that all items of an account share.
    pub(crate) fn of_account(&mut self, key: Key, account: u32) -> u32 {
        let parts = self.view.store.account(account);
        match key {
            Key::Company => parts.company,
            Key::ControlAccount => parts.control,
            Key::Customer => parts.customer,
            Key::Parent => match self.attribute(parts.customer, Attribute::Parent) {
                NONE => parts.customer,
                parent => parent,
            },
            Key::TopParent => self.top_parent(parts.customer),
            Key::Group => self.attribute(parts.customer, Attribute::Group),
            Key::Currency => parts.currency,
            Key::Kind | Key::Document | Key::Dimension(_) => NONE,
        }
    }

    /// The value of any key for an item.
    pub(crate) fn of_item(&mut self, key: Key, item: usize) -> u32 {
        let items = &self.view.items;
        let account = items.account.get(item).copied().unwrap_or(NONE);
        self.of_document(key, items.document.get(item).copied().unwrap_or(NONE), account)
    }

    /// The value of any key for a document of an account; for `NONE` that of the account and its customer.
    pub(crate) fn of_document(&mut self, key: Key, document: u32, account: u32) -> u32 {
        let store = &self.view.store;
        let found = || store.documents.find(document).filter(|_| document != NONE);
        match key {
            Key::Document => document,
            Key::Kind => found()
                .and_then(|(piece, row)| piece.kind.get(row))
                .and_then(|kind| Kind::ALL.iter().position(|held| held == kind))
                .map_or(NONE, count),
            Key::Dimension(name) => {
                let own = found().and_then(|(piece, row)| piece.dimension(name)?.get(row).copied()).unwrap_or(NONE);
                if own != NONE {
                    return own;
                }
                let customer = store.account(account).customer;
                self.attribute(customer, Attribute::Dimension(name))
            }
            _ => self.of_account(key, account),
        }
    }
}

/// The text of a value; empty for none.
pub(crate) fn text(store: &Store, key: Key, value: u32) -> &str {
    match key {
        Key::Company | Key::ControlAccount | Key::Group | Key::Dimension(_) => store.texts.text(value),
        Key::Customer | Key::Parent | Key::TopParent => store.customer_ids.text(value),
        Key::Kind => DocumentKind::ALL.get(place(value)).map_or("", |kind| kind.name()),
        Key::Document => store.document_id(value),
        Key::Currency => store.currencies.get(place(value)).map_or("", |currency| currency.code.as_str()),
    }
}

/// Values by their texts: a rank for each value, rising with its text; values of one text share one.
pub(crate) fn ranks(store: &Store, key: Key, values: &[u32]) -> (Vec<u32>, u32) {
    if matches!(key, Key::Customer | Key::Parent | Key::TopParent) {
        let rank = store.customer_rank();
        let of = |value: &u32| rank.get(place(*value)).copied().unwrap_or(0);
        return (values.iter().map(of).collect(), count(rank.len()).max(1));
    }
    if values.iter().all(|value| Some(value) == values.first()) {
        return (vec![0; values.len()], 1);
    }
    let mut distinct: Vec<u32> = values.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let mut sorted = distinct.clone();
    sorted.sort_by(|a, b| text(store, key, *a).cmp(text(store, key, *b)));
    let mut rank_of: FxHashMap<u32, u32> = FxHashMap::default();
    let mut rank = 0_u32;
    let mut before: Option<&str> = None;
    for value in &sorted {
        let own = text(store, key, *value);
        if before.is_some_and(|before| before != own) {
            rank = rank.saturating_add(1);
        }
        before = Some(own);
        rank_of.insert(*value, rank);
    }
    let of = |value: &u32| rank_of.get(value).copied().unwrap_or(0);
    (values.iter().map(of).collect(), rank.saturating_add(1))
}

/// A filter, read: keys with the values that are let in.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    wanted: Vec<(Key, FxHashSet<u32>)>,
}

impl Filter {
    /// Reads the keys, then the values; keys without values filter nothing.
    pub(crate) fn read(view: &View, filter: &Where) -> Result<Self, Problem> {
        let store = &view.store;
        let mut keys = Vec::with_capacity(filter.len());
        for (name, values) in filter {
            keys.push((Key::named(store, name)?, name, values));
        }
        let mut wanted = Vec::new();
        for (key, name, values) in keys {
            if let Some(unknown) = values.iter().find(|value| !is_known(store, key, value)) {
                let reason = format!("expected a value that a customer or document has, got {}", quoted(unknown));
                return Err(Problem::new("unknown_value", reason).field(name));
            }
            if !values.is_empty() {
                wanted.push((key, numbers(store, key, values)));
            }
        }
        Ok(Self { wanted })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Whether it looks at what items of one account may differ in.
    pub(crate) fn is_finer(&self) -> bool {
        self.wanted.iter().any(|(key, _)| key.is_finer())
    }

    /// Whether an account may have items that are let in.
    pub(crate) fn lets_account_in(&self, values: &mut Values<'_>, account: u32) -> bool {
        let mut keys = self.wanted.iter().filter(|(key, _)| !key.is_finer());
        keys.all(|(key, wanted)| wanted.contains(&values.of_account(*key, account)))
    }

    /// Whether an item of such an account is let in.
    pub(crate) fn lets_item_in(&self, values: &mut Values<'_>, item: usize) -> bool {
        let mut keys = self.wanted.iter().filter(|(key, _)| key.is_finer());
        keys.all(|(key, wanted)| wanted.contains(&values.of_item(*key, item)))
    }

    /// Whether a credit that is there for whatever is owed is let in: its kind says nothing of that, nor does a dimension of which it
    /// has no value.
    pub(crate) fn lets_credit_in(&self, values: &mut Values<'_>, document: u32, account: u32) -> bool {
        let mut keys = self.wanted.iter().filter(|(key, _)| matches!(key, Key::Document | Key::Dimension(_)));
        keys.all(|(key, wanted)| {
            let value = values.of_document(*key, document, account);
            value == NONE || wanted.contains(&value)
        })
    }

    /// Whether a document of such an account is let in.
    pub(crate) fn lets_document_in(&self, values: &mut Values<'_>, document: u32, account: u32) -> bool {
        let mut keys = self.wanted.iter().filter(|(key, _)| key.is_finer());
        keys.all(|(key, wanted)| wanted.contains(&values.of_document(*key, document, account)))
    }
}

/// Whether any customer or document has this value, on whatever day.
fn is_known(store: &Store, key: Key, value: &str) -> bool {
    let of_account = |part: fn(&crate::ledger::store::Account) -> u32| {
        store.accounts.all().any(|account| store.texts.text(part(account)) == value)
    };
    let changed = |attribute: Attribute| {
        store.changes.all().any(|change| change.attribute == attribute && store.texts.text(change.value) == value)
    };
    match key {
        Key::Company => of_account(|account| account.company),
        Key::ControlAccount => of_account(|account| account.control),
        Key::Currency => store.accounts.all().any(|account| text(store, Key::Currency, account.currency) == value),
        Key::Customer | Key::Parent | Key::TopParent => {
            store.customer_ids.find(value).is_some_and(|number| store.customers.get(number).is_some())
        }
        Key::Kind => DocumentKind::named(value).is_some_and(|kind| store.has_kind(kind)),
        Key::Document => store.document_ids.find(value).is_some_and(|id| store.documents.of_id(id).is_some()),
        Key::Group => {
            store.customers.all().any(|customer| store.texts.text(customer.group) == value) || changed(Attribute::Group)
        }
        Key::Dimension(name) => {
            let of_customer = |customer: &crate::ledger::store::CustomerFact| {
                let own = customer.dimensions.iter().find(|(held, _)| *held == name).map_or(NONE, |(_, own)| *own);
                store.texts.text(own) == value
            };
            let number = store.texts.find(value);
            let of_document = || {
                number.is_some_and(|number| {
                    let mut held = store.documents.iter().filter_map(|piece| piece.dimension(name));
                    held.any(|values| values.contains(&number))
                })
            };
            let in_tree = || {
                let tree = store.settings.hierarchies.get(store.dimension_names.text(name));
                tree.is_some_and(|tree| tree.contains_key(value) || tree.values().any(|parent| parent == value))
            };
            in_tree() || store.customers.all().any(of_customer) || changed(Attribute::Dimension(name)) || of_document()
        }
    }
}

/// The numbers of wanted texts; in a dimension with a hierarchy those of their descendants too.
fn numbers(store: &Store, key: Key, values: &[String]) -> FxHashSet<u32> {
    let mut wanted: Vec<&str> = values.iter().map(String::as_str).collect();
    if let Key::Dimension(name) = key
        && let Some(tree) = store.settings.hierarchies.get(store.dimension_names.text(name))
    {
        let mut seen: FxHashSet<&str> = wanted.iter().copied().collect();
        let mut at = 0_usize;
        while let Some(parent) = wanted.get(at).copied() {
            for (child, of) in tree {
                if of == parent && seen.insert(child) {
                    wanted.push(child);
                }
            }
            at = at.saturating_add(1);
        }
    }
    let mut numbers: FxHashSet<u32> = FxHashSet::default();
    for value in wanted {
        let number = match key {
            Key::Company | Key::ControlAccount | Key::Group | Key::Dimension(_) => store.texts.find(value),
            Key::Customer | Key::Parent | Key::TopParent => store.customer_ids.find(value),
            Key::Kind => DocumentKind::ALL.iter().position(|kind| kind.name() == value).map(count),
            Key::Document => store.document_ids.find(value).and_then(|id| store.documents.of_id(id)),
            Key::Currency => store.currency_number(value),
        };
        numbers.extend(number);
        if value.is_empty() {
            numbers.insert(NONE);
        }
    }
    numbers
}
