//! How old is each item by the edges alone? For rules that build on an aging, whatever it shows apart.

use std::ops::Range;

use super::fold::NO_GROUP;
use super::keys;
use super::report::AgingReport;
use crate::ledger::layers::{NONE, count};
use crate::ledger::store::NO_DAY;
use crate::money::Minor;

/// An item that was aged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AgedItem {
    /// Its place among the open items of the view.
    pub item: usize,
    pub document: u32,
    /// The row of the report that it belongs to.
    pub group: u32,
    /// How many edges it is past: its bucket among the plain ones.
    pub bucket: u32,
    pub age: i32,
    /// In the currency of the report.
    pub open: Minor,
    pub disputed: Minor,
}

impl AgingReport {
    /// The accounts with items, in the order of open items.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = (u32, Range<usize>)> + '_ {
        self.inner.placing.view.accounts_in_order()
    }

    /// The items of an account that are let in, in the order of open items.
    pub(crate) fn aged(&self, account: u32, items: Range<usize>) -> impl Iterator<Item = AgedItem> + '_ {
        let placing = &self.inner.placing;
        let view = &placing.view;
        let open = placing.figures.open(view);
        items.filter_map(move |item| {
            let group = self.inner.groups.of_item(item, account);
            if group == NO_GROUP {
                return None;
            }
            let basis = placing.basis(item);
            let disputed = view.marks().disputed.get(&count(item)).copied().unwrap_or(0);
            Some(AgedItem {
                item,
                document: view.items.document.get(item).copied().unwrap_or(NONE),
                group,
                bucket: if basis == NO_DAY { 0 } else { placing.cut.edges_past(basis) },
                age: placing.age(basis),
                open: open.get(item).copied().unwrap_or(0),
                disputed: if disputed == 0 { 0 } else { placing.figures.part(view, item, disputed) },
            })
        })
    }

    /// The values of `by` of each row, and an account of it; rows without items too.
    pub(crate) fn groups(&self) -> Vec<(Vec<String>, u32)> {
        let inner = &self.inner;
        let view = &inner.placing.view;
        let values = &mut keys::Values::new(view);
        (0..count(inner.groups.count))
            .map(|group| {
                let by = inner.keys.iter().map(|key| {
                    let value = inner.groups.value(view, values, *key, group);
                    keys::text(&view.store, *key, value).to_owned()
                });
                (by.collect(), inner.groups.account(view, group))
            })
            .collect()
    }

    /// The code and the digits of the currency of the figures of an account.
    pub(crate) fn currency_of(&self, account: u32) -> (&str, u8) {
        self.inner.placing.currency(account)
    }

    /// The labels of the plain buckets.
    pub(crate) fn plain_labels(&self) -> &[String] {
        let cut = &self.inner.placing.cut;
        cut.labels.get(crate::ledger::layers::place(cut.special)..).unwrap_or(&[])
    }
}
