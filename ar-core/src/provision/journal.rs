//! What is booked: the movement from what was provided before to what is provided now.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::policy::invalid;
use crate::ledger::View;
use crate::money::Exact;
use crate::problem::{Problem, Refused};

/// The names of the accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JournalAccounts {
    /// Debited when more is provided for than before.
    pub expense: String,
    /// Stands against receivables: credited when more is provided for, debited when less.
    pub allowance: String,
    /// Credited when less is provided for; the expense account when absent.
    pub release: Option<String>,
}

impl Default for JournalAccounts {
    fn default() -> Self {
        Self { expense: String::from("impairment loss"), allowance: String::from("loss allowance"), release: None }
    }
}

impl JournalAccounts {
    pub(super) fn check(&self) -> Result<(), Problem> {
        let release = self.release.as_deref().unwrap_or(&self.expense);
        for (name, account) in
            [("expense", self.expense.as_str()), ("allowance", &self.allowance), ("release", release)]
        {
            if account.is_empty() {
                return Err(invalid(&format!("journal.{name}"), "expected the name of an account, got nothing"));
            }
            if name != "allowance" && account == self.allowance {
                return Err(invalid(&format!("journal.{name}"), "expected another account than the allowance"));
            }
        }
        Ok(())
    }
}

/// What was provided before, in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvidedBefore {
    /// The currency.
    pub currency: String,
    /// How much; not below zero.
    pub amount: Exact,
}

/// A line of the journal; one of `debit` and `credit` is zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalLine {
    /// The currency.
    pub currency: String,
    /// The account, as the policy calls it.
    pub account: String,
    /// What is debited.
    pub debit: Decimal,
    /// What is credited.
    pub credit: Decimal,
}

/// What was provided before, by currency: its digits, and minor units.
pub(super) fn read_before(view: &View, before: &[ProvidedBefore]) -> Result<BTreeMap<String, (u8, i128)>, Refused> {
    let known = view.store.settings.known_currencies();
    let mut read = BTreeMap::new();
    for (at, row) in before.iter().enumerate() {
        let index = u64::try_from(at).ok();
        let refuse =
            |error: crate::money::MoneyError, field: &str| Refused::from(error).at(Some("before"), index, field);
        let currency = known.find(&row.currency).map_err(|error| refuse(error, "currency"))?;
        let minor = row.amount.to_minor(currency.exponent).map_err(|error| refuse(error, "amount"))?;
        if minor < 0 {
            let reason = "expected an amount not below zero";
            return Err(Problem::new("wrong_sign", reason).row("before", at).field("amount").into());
        }
        if read.insert(row.currency.clone(), (currency.exponent, i128::from(minor))).is_some() {
            let reason = "expected each currency once";
            return Err(Problem::new("duplicate_id", reason).row("before", at).field("currency").into());
        }
    }
    Ok(read)
}

/// The two lines of a movement; none when there is nothing to book.
pub(super) fn lines(accounts: &JournalAccounts, currency: &str, movement: Decimal) -> Vec<JournalLine> {
    let amount = movement.abs();
    let nothing = Decimal::new(0, movement.scale());
    if amount.is_zero() {
        return Vec::new();
    }
    let release = accounts.release.as_ref().unwrap_or(&accounts.expense);
    let (debited, credited) = match movement.is_sign_negative() {
        true => (&accounts.allowance, release),
        false => (&accounts.expense, &accounts.allowance),
    };
    let line = |account: &String, debit: Decimal, credit: Decimal| JournalLine {
        currency: currency.to_owned(),
        account: account.clone(),
        debit,
        credit,
    };
    vec![line(debited, amount, nothing), line(credited, nothing, amount)]
}
