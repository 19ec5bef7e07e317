//! What is known already and counts later.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::View;

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
    /// All facts known and effective later, by effective day, then table, then id.
    #[must_use]
    pub fn pending(&self) -> Vec<PendingFact> {
        Vec::new()
    }

    /// Receipts known and effective later, by account.
    #[must_use]
    pub fn pending_by_account(&self) -> Vec<PendingReceipts> {
        Vec::new()
    }
}
