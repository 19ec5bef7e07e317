//! What is every customer, or family, exposed to, part by part, and how much of its limit is used?

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::given::Given;
use super::part::{self, Parts};
use super::pass::all_rows;
use super::policy::CreditPolicy;
use super::report::decimal;
use super::rows::{Row, Rows};
#[cfg(feature = "arrow")]
use crate::aging::{Dictionary, KeyColumn, keys::Key};
use crate::ledger::View;
use crate::ledger::layers::place;
use crate::made_by::MadeBy;
use crate::problem::Refused;
use crate::words::words;

words! {
    /// What has a row.
    ExposurePer {
        Customer "customer" /** Each customer. */,
        Family "family" /** A top parent with all below it. */,
    }
}

/// The exposure of a customer, or of a family under its top parent.
///
/// **Currency**: all amounts in `currency`. **Sign**: what is owed is above zero, what lowers it below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposureRow {
    /// The customer, or the top parent.
    pub customer: String,
    /// The currency.
    pub currency: String,
    /// Open invoices, debit notes, charges, refunds and journals.
    pub open_items: Decimal,
    /// Open credit notes.
    pub credit_notes: Decimal,
    /// Payments on account.
    pub unapplied: Decimal,
    /// Advances.
    pub prepayments: Decimal,
    /// Delivered and not invoiced.
    pub deliveries: Decimal,
    /// Ordered and not delivered.
    pub orders: Decimal,
    /// Not yet ordered.
    pub drafts: Decimal,
    /// What others guarantee.
    pub guarantees: Decimal,
    /// What is insured.
    pub insurance: Decimal,
    /// The sum of the parts that count.
    pub exposure: Decimal,
    /// The limit; none when there is none.
    pub limit: Option<Decimal>,
    /// What is left of the limit.
    pub headroom: Option<Decimal>,
    /// How much of the limit is used, in per cent; none without one above zero.
    pub used: Option<String>,
}

/// The sums of a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposureTotal {
    /// The currency.
    pub currency: String,
    /// How many rows.
    pub customers: u64,
    /// As in a row.
    pub open_items: Decimal,
    /// As in a row.
    pub credit_notes: Decimal,
    /// As in a row.
    pub unapplied: Decimal,
    /// As in a row.
    pub prepayments: Decimal,
    /// As in a row.
    pub deliveries: Decimal,
    /// As in a row.
    pub orders: Decimal,
    /// As in a row.
    pub drafts: Decimal,
    /// As in a row.
    pub guarantees: Decimal,
    /// As in a row.
    pub insurance: Decimal,
    /// As in a row.
    pub exposure: Decimal,
}

/// The exposures of all, by numbers until they are asked for.
#[derive(Debug, Clone)]
pub struct ExposureReport {
    rows: Arc<Rows>,
    view: View,
    made_by: MadeBy,
    /// Codes and digits by number.
    coins: FxHashMap<u32, (String, u8)>,
}

/// Amounts of a report's rows, in minor units of each row's currency.
#[cfg(feature = "arrow")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExposureColumn {
    /// The part at a place.
    Part(usize),
    Exposure,
    Limit,
}

/// The amounts of a column, which stay where they are; none where all are 0.
#[cfg(feature = "arrow")]
pub(crate) struct ExposureAmounts(Arc<Rows>, ExposureColumn);

#[cfg(feature = "arrow")]
impl AsRef<[i128]> for ExposureAmounts {
    fn as_ref(&self) -> &[i128] {
        match self.1 {
            ExposureColumn::Part(part) => self.0.parts.get(part).map_or(&[], Vec::as_slice),
            ExposureColumn::Exposure => &self.0.exposure,
            ExposureColumn::Limit => &self.0.limit,
        }
    }
}

#[cfg(feature = "arrow")]
impl ExposureReport {
    pub(crate) fn amounts(&self, column: ExposureColumn) -> ExposureAmounts {
        ExposureAmounts(Arc::clone(&self.rows), column)
    }

    /// The parts of a row with their places, in the order in which they are told.
    pub(crate) const PARTS: [(usize, &str); 9] = [
        (part::OPEN_ITEMS, "open_items"),
        (part::CREDIT_NOTES, "credit_notes"),
        (part::UNAPPLIED, "unapplied"),
        (part::PREPAYMENTS, "prepayments"),
        (part::DELIVERIES, "deliveries"),
        (part::ORDERS, "orders"),
        (part::DRAFTS, "drafts"),
        (part::GUARANTEES, "guarantees"),
        (part::INSURANCE, "insurance"),
    ];

    /// The code and digits of every currency of a row.
    pub(crate) fn coins(&self) -> impl Iterator<Item = (&str, u8)> {
        let mut numbers: Vec<&u32> = self.coins.keys().collect();
        numbers.sort_unstable();
        numbers.into_iter().map(|number| self.coin(*number))
    }

    /// By row whether it has a limit; empty where none has.
    pub(crate) fn is_limited(&self) -> &[bool] {
        &self.rows.is_limited
    }

    /// The customers of the rows.
    pub(crate) fn customers(&self) -> KeyColumn {
        let dictionary = Dictionary::of(&self.view.store, Key::Customer);
        KeyColumn { name: String::from("customer"), value: self.rows.customer.clone(), dictionary }
    }

    /// By row the number of its currency.
    pub(crate) fn currencies(&self) -> &[u32] {
        &self.rows.currency
    }

    /// By row what it has used of its limit, as text.
    pub(crate) fn used(&self) -> Vec<Option<String>> {
        self.rows.iter().map(|row| row.used()).collect()
    }
}

impl ExposureReport {
    /// The policy and the engine.
    #[must_use]
    pub fn made_by(&self) -> &MadeBy {
        &self.made_by
    }

    /// The view's day.
    #[must_use]
    pub fn on(&self) -> crate::calendar::Day {
        self.view.day()
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nobody is exposed to anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.len() == 0
    }

    /// The code and digits of a currency.
    pub(crate) fn coin(&self, currency: u32) -> (&str, u8) {
        self.coins.get(&currency).map_or(("", 0), |(code, digits)| (code.as_str(), *digits))
    }

    /// The rows, by customer, then currency.
    #[must_use]
    pub fn rows(&self) -> Vec<ExposureRow> {
        self.rows.iter().map(|row| self.shown(&row)).collect()
    }

    fn shown(&self, row: &Row) -> ExposureRow {
        let (code, digits) = self.coin(row.currency);
        let money = |amount: i128| decimal(amount, digits);
        let amount = |at: usize| money(part::of(&row.parts, at));
        let limit = row.limit;
        ExposureRow {
            customer: self.view.store.customer_ids.text(row.customer).to_owned(),
            currency: code.to_owned(),
            open_items: amount(part::OPEN_ITEMS),
            credit_notes: amount(part::CREDIT_NOTES),
            unapplied: amount(part::UNAPPLIED),
            prepayments: amount(part::PREPAYMENTS),
            deliveries: amount(part::DELIVERIES),
            orders: amount(part::ORDERS),
            drafts: amount(part::DRAFTS),
            guarantees: amount(part::GUARANTEES),
            insurance: amount(part::INSURANCE),
            exposure: money(row.exposure),
            limit: limit.map(money),
            headroom: limit.map(|limit| money(limit.saturating_sub(row.exposure))),
            used: row.used(),
        }
    }

    /// The sums by currency.
    #[must_use]
    pub fn totals(&self) -> Vec<ExposureTotal> {
        let mut sums: BTreeMap<&str, (u8, u64, Parts, i128)> = BTreeMap::new();
        for row in self.rows.iter() {
            let (code, digits) = self.coin(row.currency);
            let (_, rows, parts, exposure) = sums.entry(code).or_insert((digits, 0, Parts::default(), 0));
            *rows = rows.saturating_add(1);
            *exposure = exposure.saturating_add(row.exposure);
            for (at, amount) in row.parts.iter().enumerate() {
                part::add(parts, at, *amount);
            }
        }
        let total = |(code, (digits, customers, parts, exposure)): (&str, (u8, u64, Parts, i128))| {
            let amount = |at: usize| decimal(part::of(&parts, at), digits);
            ExposureTotal {
                currency: code.to_owned(),
                customers,
                open_items: amount(part::OPEN_ITEMS),
                credit_notes: amount(part::CREDIT_NOTES),
                unapplied: amount(part::UNAPPLIED),
                prepayments: amount(part::PREPAYMENTS),
                deliveries: amount(part::DELIVERIES),
                orders: amount(part::ORDERS),
                drafts: amount(part::DRAFTS),
                guarantees: amount(part::GUARANTEES),
                insurance: amount(part::INSURANCE),
                exposure: decimal(exposure, digits),
            }
        };
        sums.into_iter().map(total).collect()
    }
}

impl View {
    /// The exposure of every customer, or family: in one company, or in all.
    ///
    /// **Unit**: minor units inside, decimals at the scale of a row's currency. **Rounding**: conversions, half away from
    /// zero. **Panics**: never. **Source**: `docs/specification.md`, section 12.
    ///
    /// # Errors
    /// Those of [`CreditPolicy::check`]; `unknown_value`, field `company`; `rate_missing`, `unknown_currency` where amounts of several currencies meet; what is
    /// wrong with an attribute `limit`.
    pub fn exposure(
        &self,
        policy: &CreditPolicy,
        per: ExposurePer,
        company: Option<&str>,
    ) -> Result<ExposureReport, Refused> {
        let given = Given::new(self, policy)?;
        given.knows_company(company.unwrap_or(""), "company")?;
        let rows = all_rows(self, &given, per, company)?;
        let mut seen: Vec<bool> = Vec::new();
        let mut coins = FxHashMap::default();
        for currency in rows.currency.iter().copied() {
            if seen.get(place(currency)) != Some(&true) {
                seen.resize(seen.len().max(place(currency).saturating_add(1)), false);
                seen.get_mut(place(currency)).into_iter().for_each(|seen| *seen = true);
                coins.insert(currency, (given.code(currency), given.digits(currency)));
            }
        }
        Ok(ExposureReport {
            rows: Arc::new(rows),
            view: self.clone(),
            made_by: MadeBy::policy(&policy.id, policy),
            coins,
        })
    }
}
