//! Where documents stand: accounts in the order of their texts, documents by account, due date and id.

use rustc_hash::FxHashMap;

use super::documents::Draft;
use super::{Admission, at};
use crate::ledger::layers::{NONE, count};
use crate::ledger::store::{Account, AccountIndex, CustomerAccount, Documents, Store};

impl Admission<'_> {
    /// Gives documents their accounts, and new accounts their numbers; in the first load in the order of their texts.
    pub(super) fn number_accounts(&mut self, next: &mut Store, drafts: &mut [Draft]) {
        let mut new: Vec<Account> = Vec::new();
        let mut places: FxHashMap<Account, u32> = FxHashMap::default();
        let start = next.accounts.len();
        for draft in drafts.iter_mut() {
            draft.account = next.account_index.find(&draft.parts).unwrap_or_else(|| {
                *places.entry(draft.parts).or_insert_with(|| {
                    new.push(draft.parts);
                    start.saturating_add(count(new.len())).saturating_sub(1)
                })
            });
        }
        if new.is_empty() {
            return;
        }
        let key = |account: &Account| {
            (
                self.texts.text(account.company),
                self.texts.text(account.control),
                self.customer_ids.text(account.customer),
                self.currencies.get(at(account.currency)).map(|currency| currency.code),
            )
        };
        let mut sorted: Vec<(u32, &Account)> = (0..).zip(&new).collect();
        sorted.sort_by(|(_, a), (_, b)| key(a).cmp(&key(b)));
        let mut numbers = vec![0_u32; new.len()];
        let mut index = FxHashMap::default();
        let mut of_customers = Vec::with_capacity(new.len());
        let mut accounts = Vec::with_capacity(new.len());
        for (number, (old, account)) in (start..).zip(sorted) {
            if let Some(slot) = numbers.get_mut(at(old)) {
                *slot = number;
            }
            accounts.push(*account);
            index.insert(*account, number);
            of_customers.push(CustomerAccount { customer: account.customer, account: number });
        }
        for draft in drafts.iter_mut().filter(|draft| draft.account >= start) {
            draft.account = numbers.get(at(draft.account.wrapping_sub(start))).copied().unwrap_or(NONE);
        }
        next.add_companies(accounts.iter().map(|account| account.company));
        next.accounts.add(accounts);
        next.account_order = next.account_order.with_more(start, next.accounts.len());
        next.customer_accounts.add(of_customers);
        next.account_index.push(AccountIndex(index));
        self.accounts = next.accounts.clone();
    }

    /// Lays the documents out by account, due date and id; gives the number of each draft. `of_id` is the place of the draft
    /// by number of the id, `NONE` for a bad row.
    pub(super) fn place_documents(&mut self, drafts: Vec<Draft>, of_id: &[u32]) -> Vec<u32> {
        let mut sorted: Vec<(u32, &Draft)> = (0..).zip(&drafts).collect();
        let ids = &self.document_ids;
        sorted.sort_by(|(_, a), (_, b)| {
            (a.account, a.due).cmp(&(b.account, b.due)).then_with(|| ids.text(a.id).cmp(ids.text(b.id)))
        });
        let start = self.documents.start;
        let mut to = Documents { start, ..Documents::default() };
        let mut names: Vec<u32> =
            drafts.iter().flat_map(|draft| draft.dimensions.iter().map(|(name, _)| *name)).collect();
        names.sort_unstable();
        names.dedup();
        to.dimensions = names.iter().map(|name| (*name, vec![NONE; drafts.len()])).collect();
        let mut rows = vec![NONE; drafts.len()];
        for (row, (place, draft)) in (0..).zip(sorted) {
            if let Some(slot) = rows.get_mut(at(place)) {
                *slot = row;
            }
            to.account.push(draft.account);
            to.due.push(draft.due);
            to.effective.push(draft.effective);
            to.amount.push(draft.amount);
            to.recorded.push(draft.recorded);
            to.base.push(draft.base);
            to.document_date.push(draft.document_date);
            to.kind.push(draft.kind);
            to.kinds.add(draft.kind);
            to.id.push(draft.id);
            to.reference.push(draft.reference);
            to.related_id.push(draft.related);
            to.order_reference.push(draft.order);
            to.terms.push(draft.terms);
            to.net.push(draft.net);
            for (name, value) in &draft.dimensions {
                if let Ok(found) = to.dimensions.binary_search_by_key(name, |(held, _)| *held)
                    && let Some((_, values)) = to.dimensions.get_mut(found)
                    && let Some(slot) = values.get_mut(at(row))
                {
                    *slot = *value;
                }
            }
        }
        to.row_of_id = of_id.iter().map(|draft| rows.get(at(*draft)).copied().unwrap_or(NONE)).collect();
        self.documents = to;
        rows.into_iter().map(|row| start.saturating_add(row)).collect()
    }
}
