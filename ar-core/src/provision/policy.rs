//! How losses are provided for. A policy is data, proved well-formed before it is used.

use serde::{Deserialize, Serialize};

use super::journal::JournalAccounts;
use crate::aging::{AgingPolicy, Where};
use crate::money::{Exact, Ratio, Rounding};
use crate::problem::Problem;
use crate::words::words;

/// How losses are provided for; see `docs/specification.md`, section 14. All but `aging` and `matrices` have defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProvisionPolicy {
    /// Version of the policy format.
    #[serde(default = "one")]
    pub version: u32,
    /// What the user calls it.
    #[serde(default)]
    pub id: String,
    /// The buckets: edges, what ages an item, and the currency.
    pub aging: AgingPolicy,
    /// Only items with these values of keys.
    #[serde(default, rename = "where", skip_serializing_if = "Where::is_empty")]
    pub filter: Where,
    /// The keys whose values share a risk: those of an aging, without `currency`.
    #[serde(default)]
    pub pools: Vec<String>,
    /// Rates by pool.
    pub matrices: Vec<LossMatrix>,
    /// What items below zero do.
    #[serde(default)]
    pub credits: ProvisionCredits,
    /// What disputed parts do.
    #[serde(default)]
    pub disputed: ProvisionDisputed,
    /// The rate of disputed parts, with `own_rate`.
    #[serde(default)]
    pub disputed_rate: Option<Ratio>,
    /// What is judged by itself.
    #[serde(default)]
    pub specific: Vec<SpecificProvision>,
    /// How the figure of a bucket is rounded.
    #[serde(default)]
    pub rounding: Rounding,
    /// The accounts of the journal.
    #[serde(default)]
    pub journal: JournalAccounts,
}

fn one() -> u32 {
    1
}

/// A rate for each bucket, for a pool or for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LossMatrix {
    /// A value for each of the policy's `pools`; any pool when absent.
    #[serde(default)]
    pub pool: Option<Vec<String>>,
    /// Only for amounts in this currency.
    #[serde(default)]
    pub currency: Option<String>,
    /// One a bucket, from 0 to 1: `0.016` or `1/64`.
    pub rates: Vec<Ratio>,
    /// What is expected beyond what was seen.
    #[serde(default)]
    pub overlay: Option<Overlay>,
}

/// What looks forward: a rate becomes rate × factor + points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Overlay {
    /// One for all buckets, or one a bucket; 1 when absent.
    #[serde(default)]
    pub factors: Vec<Ratio>,
    /// Added after the factor: one for all buckets, or one a bucket; 0 when absent.
    #[serde(default)]
    pub points: Vec<Ratio>,
    /// What becomes of a rate above 1.
    #[serde(default)]
    pub above_one: AboveOne,
    /// Why. It must be said.
    pub reason: String,
}

/// A customer or document that is judged by itself: its items leave their pools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpecificProvision {
    /// All items of this customer; or
    #[serde(default)]
    pub customer: Option<String>,
    /// those of this document.
    #[serde(default)]
    pub document: Option<String>,
    /// Only amounts in this currency; an `amount` must have one.
    #[serde(default)]
    pub currency: Option<String>,
    /// The part that is lost, from 0 to 1; or
    #[serde(default)]
    pub rate: Option<Ratio>,
    /// how much is lost; never more than is owed.
    #[serde(default)]
    pub amount: Option<Exact>,
    /// Why. It must be said.
    pub reason: String,
}

words! {
    /// What items below zero do to a provision.
    ProvisionCredits {
        Excluded "excluded" /** Nothing: what is owed is provided for in full, a credit is a liability. */,
        InBucket "in_bucket" /** They lower their own bucket, down to zero. */,
        AgainstOldest "against_oldest" /** Those of an account lower its items, oldest due first. */,
    }
}

words! {
    /// What disputed parts do to a provision.
    ProvisionDisputed {
        InBucket "in_bucket" /** Nothing: they have the rate of their bucket. */,
        Excluded "excluded" /** They are not provided for: a price that is argued about is no credit risk. */,
        OwnRate "own_rate" /** They have the policy's `disputed_rate`, whatever their age. */,
    }
}

words! {
    /// What becomes of a rate above 1.
    AboveOne {
        Capped "capped" /** It is 1. */,
        Kept "kept" /** It stays, and more is provided for than is owed. */,
    }
}

impl ProvisionPolicy {
    /// Proves the policy well-formed.
    ///
    /// # Errors
    /// `policy_invalid`, `unsupported_version`, with the path.
    pub fn check(&self) -> Result<(), Problem> {
        if self.version != 1 {
            let reason = format!("expected version 1, got {}", self.version);
            return Err(Problem::new("unsupported_version", reason).field("version"));
        }
        check_aging(&self.aging)?;
        check_pools(&self.pools)?;
        if self.matrices.is_empty() {
            return Err(invalid("matrices", "expected at least one matrix"));
        }
        for (at, matrix) in self.matrices.iter().enumerate() {
            self.check_matrix(matrix, &format!("matrices[{at}]"))?;
            let same = |before: &LossMatrix| before.pool == matrix.pool && before.currency == matrix.currency;
            if self.matrices.iter().take(at).any(same) {
                return Err(invalid(&format!("matrices[{at}]"), "expected one matrix for a pool and currency"));
            }
        }
        if self.disputed_rate.is_some() != (self.disputed == ProvisionDisputed::OwnRate) {
            return Err(invalid("disputed_rate", "expected a rate with own_rate, and none without"));
        }
        if self.disputed_rate.is_some_and(|rate| !is_part(rate)) {
            return Err(invalid("disputed_rate", "expected a rate from 0 to 1"));
        }
        for (at, entry) in self.specific.iter().enumerate() {
            check_specific(entry, &format!("specific[{at}]"))?;
            let whom = |entry: &SpecificProvision| (entry.customer.clone(), entry.document.clone());
            let meets = |before: &SpecificProvision| {
                let apart = before.currency.is_some() && entry.currency.is_some() && before.currency != entry.currency;
                whom(before) == whom(entry) && !apart
            };
            if self.specific.iter().take(at).any(meets) {
                return Err(invalid(&format!("specific[{at}]"), "expected each customer or document once a currency"));
            }
        }
        self.journal.check()
    }

    fn check_matrix(&self, matrix: &LossMatrix, path: &str) -> Result<(), Problem> {
        let buckets = self.aging.edges.len().saturating_add(1);
        if matrix.pool.as_ref().is_some_and(|pool| pool.len() != self.pools.len()) {
            let reason = format!("expected a value for each of the {} pools", self.pools.len());
            return Err(invalid(&format!("{path}.pool"), &reason));
        }
        if matrix.rates.len() != buckets {
            let reason = format!("expected {buckets} rates, one a bucket, got {}", matrix.rates.len());
            return Err(invalid(&format!("{path}.rates"), &reason));
        }
        if let Some(at) = matrix.rates.iter().position(|rate| !is_part(*rate)) {
            return Err(invalid(&format!("{path}.rates[{at}]"), "expected a rate from 0 to 1"));
        }
        let Some(overlay) = &matrix.overlay else { return Ok(()) };
        for (name, list) in [("factors", &overlay.factors), ("points", &overlay.points)] {
            if list.len() > 1 && list.len() != buckets {
                let reason = format!("expected one for all or {buckets}, one a bucket, got {}", list.len());
                return Err(invalid(&format!("{path}.overlay.{name}"), &reason));
            }
        }
        if let Some(at) = overlay.factors.iter().position(|factor| factor.numerator() < 0) {
            return Err(invalid(&format!("{path}.overlay.factors[{at}]"), "expected a factor not below zero"));
        }
        if overlay.reason.is_empty() {
            return Err(invalid(&format!("{path}.overlay.reason"), "expected why, got nothing"));
        }
        Ok(())
    }
}

fn check_specific(entry: &SpecificProvision, path: &str) -> Result<(), Problem> {
    if entry.customer.is_some() == entry.document.is_some() {
        return Err(invalid(path, "expected a customer or a document"));
    }
    if entry.rate.is_some() == entry.amount.is_some() {
        return Err(invalid(path, "expected a rate or an amount"));
    }
    if entry.rate.is_some_and(|rate| !is_part(rate)) {
        return Err(invalid(&format!("{path}.rate"), "expected a rate from 0 to 1"));
    }
    if entry.amount.is_some() && entry.currency.is_none() {
        return Err(invalid(&format!("{path}.currency"), "expected the currency of the amount"));
    }
    if entry.amount.is_some_and(|amount| amount.units() < 0) {
        return Err(invalid(&format!("{path}.amount"), "expected an amount not below zero"));
    }
    if entry.reason.is_empty() {
        return Err(invalid(&format!("{path}.reason"), "expected why, got nothing"));
    }
    Ok(())
}

/// An aging that is part of a policy.
pub(super) fn check_aging(aging: &AgingPolicy) -> Result<(), Problem> {
    aging.check().map_err(|problem| {
        let path = problem.field.as_deref().map_or_else(|| String::from("aging"), |field| format!("aging.{field}"));
        Problem { field: Some(path), ..problem }
    })
}

/// Keys of pools: each once, and never the currency, by which amounts are split in any case.
pub(super) fn check_pools(pools: &[String]) -> Result<(), Problem> {
    for (at, name) in pools.iter().enumerate() {
        if name == "currency" {
            return Err(invalid(&format!("pools[{at}]"), "expected no currency: pools are split by it in any case"));
        }
        if pools.iter().take(at).any(|before| before == name) {
            return Err(invalid(&format!("pools[{at}]"), "expected each key once"));
        }
    }
    Ok(())
}

/// Whether a ratio is from 0 to 1.
pub(super) fn is_part(ratio: Ratio) -> bool {
    ratio.numerator() >= 0 && ratio.numerator() <= ratio.denominator()
}

pub(super) fn invalid(field: &str, reason: &str) -> Problem {
    Problem::new("policy_invalid", reason).field(field)
}
