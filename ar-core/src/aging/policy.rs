//! How an aging is cut: a policy is data, proved well-formed before it is used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// How to age open items. All but `edges` have defaults; see the table in `docs/specification.md`, section 5.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AgingPolicy {
    /// Version of the policy format.
    #[serde(default = "one")]
    #[cfg_attr(feature = "schema", schemars(extend("const" = 1)))]
    pub version: u32,
    /// What the user calls it.
    #[serde(default)]
    pub id: String,
    /// Which date ages an item.
    #[serde(default)]
    pub basis: Basis,
    /// What ages an item that has no due date.
    #[serde(default)]
    pub missing_due_date: MissingDueDate,
    /// What the edges count.
    #[serde(default)]
    pub unit: Unit,
    /// Rising; n edges make n + 1 buckets. Those below 0 part what is not yet due.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub edges: Vec<i32>,
    /// On which side of an edge the edge itself falls.
    #[serde(default)]
    pub edge_rule: EdgeRule,
    /// Where items below zero go.
    #[serde(default)]
    pub credits: Credits,
    /// Whether disputed amounts stay in their bucket.
    #[serde(default)]
    pub disputed: Shown,
    /// Whether held items stay in their bucket.
    #[serde(default)]
    pub held: Shown,
    /// In which currency amounts are given.
    #[serde(default)]
    pub currency: AgingCurrency,
    /// Unions of buckets, which may overlap.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<BucketColumn>,
    /// Labels of the buckets; made from the edges when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

fn one() -> u32 {
    1
}

impl AgingPolicy {
    /// The default policy with these edges.
    #[must_use]
    pub fn with_edges(edges: &[i32]) -> Self {
        Self {
            version: 1,
            id: String::new(),
            basis: Basis::default(),
            missing_due_date: MissingDueDate::default(),
            unit: Unit::default(),
            edges: edges.to_vec(),
            edge_rule: EdgeRule::default(),
            credits: Credits::default(),
            disputed: Shown::default(),
            held: Shown::default(),
            currency: AgingCurrency::default(),
            columns: Vec::new(),
            labels: Vec::new(),
        }
    }
}

/// Which date ages an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// When it falls due.
    #[default]
    DueDate,
    /// The date on the document.
    DocumentDate,
    /// The day it was posted.
    PostingDate,
}

/// What ages an item that has no due date, when the due date is the basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MissingDueDate {
    /// Its document date.
    #[default]
    DocumentDate,
    /// Nothing: it is never late.
    NotDue,
}

/// What the edges of an aging count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Days.
    #[default]
    Days,
    /// Weeks of seven days.
    Weeks,
    /// Months back from the view's day, clamped to the end of the month.
    Months,
    /// Calendar months: from the month of the date to the month of the view's day.
    CalendarMonths,
}

/// On which side of an edge the edge itself falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EdgeRule {
    /// Day 30 is the last of 1–30.
    #[default]
    UpToInclusive,
    /// Day 30 is the first of 30–59.
    FromInclusive,
}

/// Where items below zero go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Credits {
    /// Into the bucket of their own date.
    #[default]
    OwnDate,
    /// Into the bucket of the document they relate to.
    OnInvoice,
    /// Into a bucket of their own, listed first.
    Apart,
}

/// Whether a part of an item stays in its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// In its bucket, and named beside it.
    #[default]
    Included,
    /// In a bucket of its own.
    Apart,
}

/// In which currency amounts are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AgingCurrency {
    /// Each document's own.
    #[default]
    Document,
    /// The company's base currency, at the rates of the documents.
    Base,
    /// The company's base currency, at the latest rate.
    Revalued,
}

/// A union of buckets, shown as one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BucketColumn {
    /// What it is called.
    pub label: String,
    /// First bucket, from 0; special buckets do not count.
    pub from: u32,
    /// Last bucket.
    pub to: u32,
}

/// Which items to age: key → the values that are let in. Keys as in `by`, and `currency`.
pub type Where = BTreeMap<String, Vec<String>>;

impl AgingPolicy {
    /// Proves the policy well-formed: edges rise, labels and columns fit the buckets.
    ///
    /// # Errors
    /// `unsupported_version`, `policy_invalid`, with the path of the field.
    ///
    /// ```
    /// use ar_core::aging::AgingPolicy;
    /// assert!(AgingPolicy::with_edges(&[-30, -1, 0, 30]).check().is_ok());
    /// assert_eq!(AgingPolicy::with_edges(&[30, 0]).check().unwrap_err().field.as_deref(), Some("edges[1]"));
    /// ```
    pub fn check(&self) -> Result<(), Problem> {
        let invalid = |field: &str, reason: String| Err(Problem::new("policy_invalid", reason).field(field));
        if self.version != 1 {
            let reason = format!("expected version 1, got {}", self.version);
            return Err(Problem::new("unsupported_version", reason).field("version"));
        }
        if self.edges.is_empty() || self.edges.len() > 64 {
            return invalid("edges", format!("expected 1 to 64 edges, got {}", self.edges.len()));
        }
        for (at, pair) in self.edges.windows(2).enumerate() {
            if let [before, after] = pair
                && before >= after
            {
                return invalid(&format!("edges[{}]", at.saturating_add(1)), String::from("expected rising edges"));
            }
        }
        let buckets = self.edges.len().saturating_add(1);
        if !self.labels.is_empty() && self.labels.len() != buckets {
            return invalid("labels", format!("expected {buckets} labels, one a bucket, got {}", self.labels.len()));
        }
        for (at, column) in self.columns.iter().enumerate() {
            let last = usize::try_from(column.to).unwrap_or(usize::MAX);
            if column.from > column.to || last >= buckets {
                return invalid(
                    &format!("columns[{at}]"),
                    format!("expected buckets from 0 to {}", buckets.saturating_sub(1)),
                );
            }
        }
        Ok(())
    }
}
