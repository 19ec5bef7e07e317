//! Why is so much provided for? Each item with its part of the base, its rate and the rule.
//!
//! A line is made by running the rule again on the same view, so a report stores no reasons and they always agree.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::policy::ProvisionCredits;
use super::report::{ProvisionReport, decimal};
use super::share::{self, Apart};
use crate::ledger::layers::place;
use crate::problem::Refused;

/// Which items to explain; what is left out lets everything in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProvisionQuestion {
    /// Only this customer's.
    pub customer: Option<String>,
    /// Only this document's.
    pub document: Option<String>,
    /// Only this currency's.
    pub currency: Option<String>,
    /// Only those of the pool with these values.
    pub pool: Option<Vec<String>>,
    /// Only those in the bucket of this label.
    pub bucket: Option<String>,
}

/// An item, and what of it is provided for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionItem {
    /// The document.
    pub document: String,
    /// The instalment, 0 without a schedule.
    pub instalment: u32,
    /// Who owes.
    pub customer: String,
    /// The currency of the amounts.
    pub currency: String,
    /// The values of its pool.
    pub pool: Vec<String>,
    /// The label of its bucket.
    pub bucket: String,
    /// Days from the date that ages it to the view's day.
    pub age: i32,
    /// What is open.
    pub open: Decimal,
    /// The disputed part that has no part in `base`.
    pub disputed: Decimal,
    /// What credits of the account take off it.
    pub taken: Decimal,
    /// What it adds to the base of its bucket; below zero for a credit that counts in its bucket.
    pub base: Decimal,
    /// `provision.matrix`, `provision.specific`, or `provision.credit`: below zero, and nothing is lost by it.
    pub rule: String,
    /// The rate of the matrix, or of the specific entry; none for an amount of its own.
    pub rate: Option<String>,
    /// What the overlay multiplies it by; none without a matrix.
    pub factor: Option<String>,
    /// What the overlay adds; none without a matrix.
    pub points: Option<String>,
    /// The rate that is used.
    pub applied: Option<String>,
    /// Why it is judged by itself.
    pub reason: Option<String>,
}

impl ProvisionReport {
    /// The items asked for, in the order of open items. Those of a pool's bucket add up to its row.
    ///
    /// # Errors
    /// None that the report did not have: a question about what there is not has no items.
    pub fn explain(&self, question: &ProvisionQuestion) -> Result<Vec<ProvisionItem>, Refused> {
        let inner = &*self.inner;
        let (view, policy, aging) = (&inner.view, &inner.policy, &inner.aging);
        let store = &view.store;
        let apart = Apart::read(view, policy)?;
        let wants = |asked: &Option<String>, own: &str| asked.as_deref().is_none_or(|asked| asked == own);
        let mut lines = Vec::new();
        let mut failed = None;
        share::each_share(view, aging, policy, &apart, |account, share| {
            let aged = share.aged;
            let (currency, digits) = aging.currency_of(account);
            let customer = store.customer_ids.text(store.account(account).customer);
            let document = store.document_id(aged.document);
            let Some((pool, rates)) = inner.groups.get(place(aged.group)) else { return };
            let label = self.labels.get(place(aged.bucket)).map_or("", String::as_str);
            let asked_for = wants(&question.customer, customer)
                && wants(&question.document, document)
                && wants(&question.currency, currency)
                && wants(&question.bucket, label)
                && question.pool.as_ref().is_none_or(|asked| asked == pool);
            if !asked_for {
                return;
            }
            let entry = share.specific.and_then(|at| policy.specific.get(at));
            let in_bucket = policy.credits == ProvisionCredits::InBucket || entry.is_some();
            let counts = share.credit() == 0 || (in_bucket && policy.credits != ProvisionCredits::Excluded);
            let base = if counts { share.open() } else { 0 };
            let base = base.saturating_sub(share.disputed).saturating_sub(share.taken);
            let rate = rates.as_ref().and_then(|rates| rates.get(place(aged.bucket)));
            let rule = match (entry, counts) {
                (Some(_), _) => "provision.specific",
                (None, true) => "provision.matrix",
                (None, false) => "provision.credit",
            };
            let of_matrix = rate.filter(|_| rule == "provision.matrix");
            let of_entry = entry.and_then(|entry| entry.rate).map(|rate| rate.to_string());
            let money = |minor: i128| decimal(minor, digits);
            let made = || -> Result<ProvisionItem, Refused> {
                Ok(ProvisionItem {
                    document: document.to_owned(),
                    instalment: view.items.instalment(aged.item),
                    customer: customer.to_owned(),
                    currency: currency.to_owned(),
                    pool: pool.clone(),
                    bucket: label.to_owned(),
                    age: aged.age,
                    open: money(share.open())?,
                    disputed: money(share.disputed)?,
                    taken: money(share.taken)?,
                    base: money(base)?,
                    rule: rule.to_owned(),
                    rate: of_entry.clone().or_else(|| of_matrix.map(|it| it.rate.to_string())),
                    factor: of_matrix.map(|it| it.factor.to_string()),
                    points: of_matrix.map(|it| it.points.to_string()),
                    applied: of_entry.or_else(|| of_matrix.map(|it| it.applied.to_string())),
                    reason: entry.map(|entry| entry.reason.clone()),
                })
            };
            match made() {
                Ok(line) => lines.push(line),
                Err(refused) => failed = Some(refused),
            }
        });
        failed.map_or(Ok(lines), Err)
    }
}
