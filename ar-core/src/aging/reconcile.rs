//! Does the ledger tie to the general ledger? Where not, by how much.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::report::wide_decimal;
use crate::ledger::View;
use crate::ledger::layers::place;
use crate::money::{Currencies, Exact, MoneyError};
use crate::problem::{Problem, Refused};

/// A balance of a control account in the general ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ControlBalance {
    /// The company.
    pub company: Option<String>,
    /// The control account.
    pub control_account: Option<String>,
    /// The currency.
    pub currency: String,
    /// What the general ledger says.
    pub balance: Decimal,
}

/// Where ledger and general ledger differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The company.
    pub company: String,
    /// The control account.
    pub control_account: String,
    /// The currency.
    pub currency: String,
    /// Σ open items.
    pub ledger: Decimal,
    /// The balance given.
    pub control: Decimal,
    /// `ledger` − `control`.
    pub difference: Decimal,
}

/// Every place where Σ open items and the control account differ, sorted; empty when all tie.
///
/// A place is company × control account × currency. One that only one side has differs by all of it, unless that is zero.
///
/// **Currency**: the documents'. **Sign**: what customers owe is positive on both sides.
///
/// # Errors
/// `unknown_currency`, `too_many_digits`, `too_large` (2⁹⁵ minor units and beyond: a balance is a sum, not an amount),
/// `duplicate_id`, with the row of `balances`.
///
/// ```
/// use ar_core::aging::{ControlBalance, reconcile};
/// use ar_core::calendar::Day;
/// use ar_core::facade::JsonFacts;
/// use ar_core::ledger::{Ledger, settings::Settings};
/// let facts = JsonFacts::parse(r#"{ "customers": [{ "id": "ACME" }], "documents": [{ "id": "INV", "customer": "ACME",
///     "kind": "invoice", "currency": "EUR", "amount": "100.00", "document_date": "2026-01-01" }] }"#)?;
/// let view = Ledger::load(Settings::default(), &facts.tables())?.as_of(Day::parse("2026-01-31")?);
/// let balance = |text: &str| ControlBalance {
///     currency: "EUR".into(),
///     balance: text.parse().unwrap(),
///     ..ControlBalance::default()
/// };
/// assert!(reconcile(&view, &[balance("100.00")])?.is_empty());
/// assert_eq!(reconcile(&view, &[balance("90.00")])?[0].difference.to_string(), "10.00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn reconcile(view: &View, balances: &[ControlBalance]) -> Result<Vec<Difference>, Refused> {
    let store = &view.store;
    let control = read(view, balances)?;
    let mut open: BTreeMap<Place<'_>, (u8, i128)> = BTreeMap::new();
    for (account, items) in view.accounts_in_order() {
        let parts = store.account(account);
        let Some(currency) = store.currencies.get(place(parts.currency)) else { continue };
        let at = (store.texts.text(parts.company), store.texts.text(parts.control), currency.code.as_str());
        let (_, sum) = open.entry(at).or_insert((currency.exponent, 0));
        for minor in view.items.open.get(items).unwrap_or(&[]) {
            *sum = sum.saturating_add(i128::from(*minor));
        }
    }
    let mut places: BTreeMap<Place<'_>, (u8, i128, i128)> = BTreeMap::new();
    for (at, (digits, ledger)) in open {
        places.insert(at, (digits, ledger, 0));
    }
    for (at, (digits, control)) in &control {
        places.entry(*at).or_insert((*digits, 0, 0)).2 = *control;
    }
    let differ = places.into_iter().filter(|(_, (_, ledger, control))| ledger != control);
    Ok(differ
        .map(|((company, control_account, currency), (digits, ledger, control))| Difference {
            company: company.to_owned(),
            control_account: control_account.to_owned(),
            currency: currency.to_owned(),
            ledger: wide_decimal(ledger, digits),
            control: wide_decimal(control, digits),
            difference: wide_decimal(ledger.saturating_sub(control), digits),
        })
        .collect())
}

/// Company, control account, currency.
type Place<'a> = (&'a str, &'a str, &'a str);

/// The balances by place, with the digits of their currency.
fn read<'a>(view: &View, balances: &'a [ControlBalance]) -> Result<BTreeMap<Place<'a>, (u8, i128)>, Refused> {
    let own: Vec<(&str, u8)> =
        view.store.settings.currencies.iter().map(|(code, digits)| (code.as_str(), *digits)).collect();
    let currencies = Currencies::iso().with_own(&own)?;
    let mut control: BTreeMap<Place<'a>, (u8, i128)> = BTreeMap::new();
    let mut problems = Vec::new();
    for (index, row) in balances.iter().enumerate() {
        let mut problem = |code: &str, reason: String, field: &str| {
            problems.push(Problem::new(code, reason).field(field).row("balances", index));
        };
        let digits = match currencies.find(&row.currency) {
            Ok(currency) => currency.exponent,
            Err(error) => {
                problem(error.code(), error.to_string(), "currency");
                continue;
            }
        };
        let company = row.company.as_deref().unwrap_or("");
        let at = (company, row.control_account.as_deref().unwrap_or(""), row.currency.as_str());
        if control.contains_key(&at) {
            problem("duplicate_id", String::from("expected a place once, got it again"), "company");
            continue;
        }
        match Exact::from_decimal(row.balance).to_minor_sum(digits) {
            Ok(minor) => {
                control.insert(at, (digits, minor));
            }
            Err(error @ MoneyError::TooLarge) => {
                problem(
                    error.code(),
                    String::from("expected a balance below 2^95 minor units, got a larger one"),
                    "balance",
                );
            }
            Err(error) => problem(error.code(), error.to_string(), "balance"),
        }
    }
    if problems.is_empty() { Ok(control) } else { Err(Refused::new(problems)) }
}
