//! An open item as a user sees it: what is left of a document, or of one of its instalments, on a day.

pub mod columns;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use self::columns::SortedColumns;
use crate::calendar::Day;
use crate::ledger::View;
use crate::ledger::layers::{count, place};
use crate::ledger::store::{NO_BASE, NO_DAY};
use crate::ledger::view::OpenItems;
use crate::money::to_decimal;

/// What is left of a document, or of one of its instalments.
///
/// **Currency**: amounts in `currency`, but `base_open` in the base currency of the company. **Sign**: that of the
/// document; `disputed`, `held` and `pending` are parts of `open` with its sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenItem {
    /// The company, empty when the ledger has one.
    pub company: String,
    /// The control account.
    pub control_account: String,
    /// Who owes.
    pub customer: String,
    /// The document's currency.
    pub currency: String,
    /// The document.
    pub document: String,
    /// The number of the instalment; 0 when the document has no schedule.
    pub instalment: u32,
    /// The kind of document.
    pub kind: String,
    /// The date on the document.
    pub document_date: NaiveDate,
    /// When it falls due.
    pub due_date: Option<NaiveDate>,
    /// What is left.
    pub open: Decimal,
    /// What is left in base currency, when the document has a base amount.
    pub base_open: Option<Decimal>,
    /// The disputed part.
    pub disputed: Decimal,
    /// All of it when it is held, else zero.
    pub held: Decimal,
    /// What allocations that are known but count later will take.
    pub pending: Decimal,
}

impl OpenItems {
    /// The columns of a rule that needs accounts, due dates and amounts alone.
    pub(crate) fn columns(&self, accounts: usize) -> SortedColumns<'_> {
        SortedColumns::kept(&self.account, accounts, &self.due, &self.open, self.bits)
    }
}

impl View {
    /// The open items: by company, control account, customer, currency, due date (none last), document and instalment.
    #[must_use]
    pub fn open_items(&self) -> Vec<OpenItem> {
        let base = self.base_open();
        let marks = self.marks();
        let mut all = Vec::with_capacity(self.items.len());
        for (account, items) in self.accounts_in_order() {
            let parts = self.store.account(account);
            let Some(currency) = self.store.currency(parts.currency) else { continue };
            let base_exponent = self
                .store
                .base_currency(parts.company)
                .and_then(|base| self.store.currency(base))
                .map_or(0, |base| base.exponent);
            for at in items {
                let (Some(open), Some(document)) = (self.items.open.get(at), self.items.document.get(at)) else {
                    continue;
                };
                let Some((piece, row)) = self.store.documents.find(*document) else { continue };
                let (Some(kind), Some(document_date)) = (piece.kind.get(row), piece.document_date.get(row)) else {
                    continue;
                };
                let Ok(document_date) = Day::new(*document_date) else { continue };
                let money = |minor| to_decimal(minor, currency.exponent);
                let item = count(at);
                all.push(OpenItem {
                    company: self.store.texts.text(parts.company).to_owned(),
                    control_account: self.store.texts.text(parts.control).to_owned(),
                    customer: self.store.customer_ids.text(parts.customer).to_owned(),
                    currency: currency.code.as_str().to_owned(),
                    document: self.store.document_id(*document).to_owned(),
                    instalment: self.items.instalment(at),
                    kind: kind.name().to_owned(),
                    document_date: document_date.to_naive_date(),
                    due_date: self.due_day(at).map(Day::to_naive_date),
                    open: money(*open),
                    base_open: base
                        .get(at)
                        .filter(|base| **base != NO_BASE)
                        .map(|base| to_decimal(*base, base_exponent)),
                    disputed: money(marks.disputed.get(&item).copied().unwrap_or(0)),
                    held: money(if marks.held.contains(&item) { *open } else { 0 }),
                    pending: money(marks.pending.get(&item).copied().unwrap_or(0)),
                });
            }
        }
        all
    }

    /// When an item falls due.
    pub(crate) fn due_day(&self, item: usize) -> Option<Day> {
        self.items.due.get(item).filter(|due| **due != NO_DAY).and_then(|due| Day::new(*due).ok())
    }

    /// The row of a document's own columns.
    pub(crate) fn document_row(&self, item: usize) -> Option<(&crate::ledger::store::Documents, usize)> {
        self.items
            .document
            .get(item)
            .and_then(|document| self.store.documents.find(*document))
            .filter(|(piece, row)| place(count(*row)) < piece.len())
    }
}
