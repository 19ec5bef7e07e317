//! What a run says as plain data: notices with their lines, skipped items, explanations.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A notice to one addressee about what is owed to a company in a currency.
///
/// **Currency**: all amounts in `currency`. **Sign**: what is asked for is above zero, listed credits below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DunningNotice {
    /// The company, empty when the ledger has one.
    pub company: String,
    /// To whom it goes.
    pub customer: String,
    /// The currency of the notice.
    pub currency: String,
    /// By which procedure.
    pub procedure: String,
    /// The highest level of its lines, from 1.
    pub level: u32,
    /// What the level is called.
    pub name: String,
    /// The tone of the letter.
    pub tone: String,
    /// The letter.
    pub template: String,
    /// How it goes.
    pub channel: String,
    /// Whom to write to.
    pub contact: String,
    /// In which language.
    pub language: String,
    /// To whom the claim goes next; empty before the last step.
    pub hand_over: String,
    /// Until when it asks to be paid, inclusive.
    pub due_date: Option<NaiveDate>,
    /// When there would be another one, if nothing happens until then.
    pub next_date: Option<NaiveDate>,
    /// What its lines claim, listed credits taken off.
    pub claims: Decimal,
    /// The fee for it.
    pub fee: Decimal,
    /// The tax on that.
    pub fee_tax: Decimal,
    /// The fees for its lines, with their tax.
    pub line_fees: Decimal,
    /// The interest on its lines.
    pub interest: Decimal,
    /// The fixed sums for its lines.
    pub compensation: Decimal,
    /// All of it.
    pub total: Decimal,
    /// What it is about: the debits, then the credits listed.
    pub lines: Vec<DunningLine>,
}

/// An item on a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DunningLine {
    /// Who owes it.
    pub customer: String,
    /// The document.
    pub document: String,
    /// The instalment; 0 without a schedule.
    pub instalment: u32,
    /// When it fell due.
    pub due_date: Option<NaiveDate>,
    /// The days since the basis date; below zero before it.
    pub days: Option<i32>,
    /// What is open of it.
    pub open: Decimal,
    /// What is asked for: without what is disputed, promised, on its way or covered.
    pub amount: Decimal,
    /// Its level; 0 for a credit listed.
    pub level: u32,
    /// Its level before.
    pub previous: u32,
    /// The fee for it.
    pub line_fee: Decimal,
    /// The tax on that.
    pub line_fee_tax: Decimal,
    /// The interest on it.
    pub interest: Decimal,
    /// The fixed sum for it.
    pub compensation: Decimal,
    /// The last day that interest is charged for.
    pub interest_until: Option<NaiveDate>,
}

/// An item that is on no notice.
///
/// **Currency**: its document's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedItem {
    /// Who owes it.
    pub customer: String,
    /// The document.
    pub document: String,
    /// The instalment; 0 without a schedule.
    pub instalment: u32,
    /// Its currency.
    pub currency: String,
    /// What is open of it.
    pub open: Decimal,
    /// The first predicate that failed.
    pub reason: String,
    /// What stands in the way, by name.
    pub detail: String,
    /// Until when, inclusive.
    pub until: Option<NaiveDate>,
}

/// A question asked of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DunningStep {
    /// The reason that it would be skipped for.
    pub predicate: String,
    /// Whether it passed.
    pub passed: bool,
    /// What was looked at.
    pub operands: String,
}

/// What a run says of one item: each question in its turn, up to the first that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DunningExplanation {
    /// The document.
    pub document: String,
    /// The instalment.
    pub instalment: u32,
    /// Its level on the notice; 0 when it is on none.
    pub level: u32,
    /// Why it is on none; empty when it is on one.
    pub reason: String,
    /// The questions.
    pub steps: Vec<DunningStep>,
}
