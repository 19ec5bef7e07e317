//! What is known already and counts later.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::View;
use super::fact::Table;
use super::layers::count;
use crate::calendar::Day;

/// A fact known and effective later than the view's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingFact {
    /// Its table.
    pub table: String,
    /// Its id, else the id of what it is about.
    pub id: String,
    /// When it counts.
    pub effective: NaiveDate,
    /// When it was recorded.
    pub recorded: NaiveDate,
}

/// Receipts of an account known and effective later than the view's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingReceipts {
    /// The company.
    pub company: String,
    /// The control account.
    pub control_account: String,
    /// The customer.
    pub customer: String,
    /// The currency.
    pub currency: String,
    /// Their sum, below zero.
    pub amount: Decimal,
}

impl View {
    /// All facts known and effective later: by effective day, then table, then id (of what it is about when it has none),
    /// then recorded day.
    #[must_use]
    pub fn pending(&self) -> Vec<PendingFact> {
        let mut found = Found { day: self.day.number(), known_on: self.known_on, facts: Vec::new() };
        let store = &self.store;
        let customer = |number: u32| store.customer_ids.text(number).to_owned();
        let document = |number: u32| store.document_id(number).to_owned();
        let matter = |number: u32| store.matter_ids.text(number).to_owned();
        let allocation = |number: u32| store.allocation_ids.text(number).to_owned();
        for fact in store.changes.all() {
            found.take(Table::customer_changes, fact.effective, fact.recorded, || customer(fact.customer));
        }
        for piece in store.documents.iter() {
            for (row, (effective, recorded)) in piece.effective.iter().zip(&piece.recorded).enumerate() {
                let number = piece.start.saturating_add(count(row));
                found.take(Table::documents, *effective, *recorded, || document(number));
            }
        }
        for fact in store.instalments.all() {
            found.take(Table::instalments, fact.effective, fact.recorded, || document(fact.document));
        }
        for fact in store.discounts.all() {
            found.take(Table::discounts, fact.effective, fact.recorded, || document(fact.document));
        }
        for (number, fact) in (0..).zip(store.allocations.all()) {
            let table = if fact.is_difference() { Table::differences } else { Table::allocations };
            found.take(table, fact.effective, fact.recorded, || allocation(number));
        }
        for fact in store.reversals.all() {
            found.take(Table::reversals, fact.effective, fact.recorded, || allocation(fact.allocation));
        }
        for fact in store.cancellations.all() {
            found.take(Table::cancellations, fact.effective, fact.recorded, || document(fact.document));
        }
        for fact in store.disputes.all() {
            found.take(Table::disputes, fact.effective, fact.recorded, || matter(fact.id));
        }
        for fact in store.customer_holds.all().chain(store.document_holds.all()) {
            found.take(Table::holds, fact.effective, fact.recorded, || matter(fact.id));
        }
        for fact in store.promises.all() {
            found.take(Table::promises, fact.effective, fact.recorded, || matter(fact.id));
        }
        for fact in store.plans.all() {
            found.take(Table::plans, fact.effective, fact.recorded, || matter(fact.id));
        }
        for fact in store.notices.all() {
            found.take(Table::notices, fact.effective, fact.recorded, || matter(fact.id));
        }
        for fact in store.commitments.all() {
            found.take(Table::commitments, fact.effective, fact.recorded, || matter(fact.id));
        }
        for fact in store.credit_lines.all() {
            found.take(Table::credit_lines, fact.effective, fact.recorded, || matter(fact.id));
        }
        for fact in store.releases.all() {
            found.take(Table::releases, fact.effective, fact.recorded, || matter(fact.id));
        }
        for fact in store.requirements.all() {
            found.take(Table::requirements, fact.effective, fact.recorded, || document(fact.document));
        }
        for fact in store.closings.all() {
            found.take(Table::closings, fact.effective, fact.recorded, || matter(fact.of));
        }
        for fact in store.rates.all() {
            let currency = store.currency(fact.currency);
            found.take(Table::rates, fact.effective, fact.recorded, || {
                currency.map_or_else(String::new, |currency| currency.code.to_string())
            });
        }
        found.sorted()
    }

    /// Payments and advances known and effective later, by account in their order.
    ///
    /// **Sign**: below zero. **Currency**: that of the account. Those known to be cancelled are left out.
    #[must_use]
    pub fn pending_by_account(&self) -> Vec<PendingReceipts> {
        let store = &self.store;
        self.pending_receipts()
            .into_iter()
            .map(|(account, sum)| {
                let parts = store.account(account);
                let currency = store.currency(parts.currency);
                let digits = currency.map_or(0, |currency| u32::from(currency.exponent));
                PendingReceipts {
                    company: store.texts.text(parts.company).to_owned(),
                    control_account: store.texts.text(parts.control).to_owned(),
                    customer: store.customer_ids.text(parts.customer).to_owned(),
                    currency: currency.map_or_else(String::new, |currency| currency.code.to_string()),
                    // Fewer than 2^32 amounts of less than 2^63 each fit the 96 bits of a decimal.
                    amount: Decimal::try_from_i128_with_scale(sum, digits).unwrap_or_default(),
                }
            })
            .collect()
    }
}

/// Facts that are known and count later, as they are found.
struct Found {
    day: i32,
    known_on: i32,
    facts: Vec<(Table, PendingFact)>,
}

impl Found {
    fn take(&mut self, table: Table, effective: i32, recorded: i32, id: impl FnOnce() -> String) {
        if effective <= self.day || recorded > self.known_on {
            return;
        }
        if let (Ok(effective), Ok(recorded)) = (Day::new(effective), Day::new(recorded)) {
            let (effective, recorded) = (effective.to_naive_date(), recorded.to_naive_date());
            self.facts.push((table, PendingFact { table: table.name().to_owned(), id: id(), effective, recorded }));
        }
    }

    fn sorted(mut self) -> Vec<PendingFact> {
        self.facts.sort_by(|(a_table, a), (b_table, b)| {
            (a.effective, a_table, &a.id, a.recorded).cmp(&(b.effective, b_table, &b.id, b.recorded))
        });
        self.facts.into_iter().map(|(_, fact)| fact).collect()
    }
}
