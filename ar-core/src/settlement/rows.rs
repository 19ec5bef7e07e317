//! What a settlement tells, as plain rows.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::allocation::UnappliedCredit;

/// One line: what a credit pays of a debit.
///
/// **Unit**: major units. **Currency**: `amount` and `credit_left` in `currency`, `debit_amount` and `debit_left` in
/// `debit_currency`, base amounts in the company's base currency. **Sign**: above zero, but `exchange`: what was received
/// less what it clears, a gain above zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementLine {
    /// The document that pays.
    pub credit: String,
    /// The document that is paid.
    pub debit: String,
    /// Its instalment, 0 without a schedule.
    pub instalment: u32,
    /// The credit's currency.
    pub currency: String,
    /// What is taken from the credit.
    pub amount: Decimal,
    /// The debit's currency.
    pub debit_currency: String,
    /// What it pays of the debit.
    pub debit_amount: Decimal,
    /// The strategy that matched them.
    pub strategy: String,
    /// How sure the match is, of `scored`: 1 to 4000, 3001 and above is high; 0 of other strategies.
    #[serde(default)]
    pub score: u32,
    /// What was left of the credit before.
    pub credit_left: Decimal,
    /// What was left of the debit item before.
    pub debit_left: Decimal,
    /// What the amount is worth in base currency.
    pub base_credit: Option<Decimal>,
    /// What it takes off the debit in base currency.
    pub base_debit: Option<Decimal>,
    /// The exchange difference.
    pub exchange: Option<Decimal>,
}

/// A difference beside a line: what closes a document beyond the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineDifference {
    /// The document that it closes a part of.
    pub document: String,
    /// Its instalment, 0 without a schedule, or on a credit.
    pub instalment: u32,
    /// The document's currency.
    pub currency: String,
    /// `discount`, `discount_tax`, `tolerance`, `write_off`, `bank_charge`, `cash_rounding`, `residual`.
    pub kind: String,
    /// How much, above zero.
    pub amount: Decimal,
    /// The number of the line that it stands beside, from 0.
    pub line: u64,
    /// The reason it is booked with.
    pub reason: String,
    /// The rule that let it go.
    pub rule: String,
    /// What was allowed at most.
    pub limit: Option<Decimal>,
    /// The last day of the discount.
    pub until: Option<NaiveDate>,
    /// What it is worth in base currency, when that is not what it takes off the document.
    pub base_amount: Option<Decimal>,
    /// What it takes off the document in base currency, then.
    pub base_document: Option<Decimal>,
    /// The exchange difference between the two: a gain above zero.
    pub exchange: Option<Decimal>,
}

/// What somebody has to decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// `late_discount` or `ambiguous`.
    pub kind: String,
    /// The credit, when it is about one.
    pub credit: String,
    /// The debit, when it is about one.
    pub document: String,
    /// Its instalment.
    pub instalment: u32,
    /// How much more a late discount would be worth.
    pub amount: Option<Decimal>,
    /// The sets of documents, as `document` or `document/instalment`; at most 20.
    pub choices: Vec<Vec<String>>,
    /// How many sets there are.
    pub total: u64,
}

/// That nothing was lost, for one currency: `received` = `applied` + `closed` + `unapplied`, and `claims` = `paid` + every kind of
/// difference + `open`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofRow {
    /// The currency.
    pub currency: String,
    /// What the credits had.
    pub received: Decimal,
    /// What lines take from them.
    pub applied: Decimal,
    /// Differences on credits.
    pub closed: Decimal,
    /// What stays on account.
    pub unapplied: Decimal,
    /// What the debits had open.
    pub claims: Decimal,
    /// What lines pay of them.
    pub paid: Decimal,
    /// Differences on debits, by kind.
    pub discount: Decimal,
    /// The tax in discounts.
    pub discount_tax: Decimal,
    /// Payment tolerance.
    pub tolerance: Decimal,
    /// Write-offs.
    pub write_off: Decimal,
    /// Bank charges.
    pub bank_charge: Decimal,
    /// Rounding of cash.
    pub cash_rounding: Decimal,
    /// What became a new document.
    pub residual: Decimal,
    /// What stays open.
    pub open: Decimal,
    /// Of what the credits had, what lines and differences on credits take up, in per cent with two digits; none where they had
    /// nothing.
    ///
    /// Of a settlement as it was proposed, before anybody changed it, this is the auto-match rate: a ledger does not keep who
    /// matched, so that only the settlement can tell.
    pub matched_share: Option<String>,
}

/// The exchange differences in one base currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeTotal {
    /// The base currency.
    pub currency: String,
    /// Gains less losses.
    pub amount: Decimal,
}

/// The part of a settlement that is about one credit or debit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SettlementExplanation {
    /// The lines, in their order.
    pub lines: Vec<SettlementLine>,
    /// The differences beside them; `line` is the number among all lines.
    pub differences: Vec<LineDifference>,
    /// What stays on account of the credit asked for.
    pub unapplied: Vec<UnappliedCredit>,
}
