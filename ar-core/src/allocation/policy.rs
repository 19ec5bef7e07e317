//! How credits are applied to debits: a policy is data, proved well-formed before it is used.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};

use crate::calendar::Day;
use crate::money::Exact;
use crate::problem::Problem;

/// How to propose allocations; see `docs/specification.md`, section 6.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AllocationPolicy {
    /// Version of the policy format.
    #[cfg_attr(feature = "schema", schemars(extend("const" = 1)))]
    pub version: u32,
    /// What the user calls it.
    pub id: String,
    /// Tried one after the other, each over all credits.
    pub strategies: Vec<Strategy>,
    /// Which credits are used up first.
    pub credit_order: CreditOrder,
    /// Kinds of document that pay.
    pub credit_kinds: Vec<crate::ledger::DocumentKind>,
    /// Whether a debit may be cleared in part.
    pub partial: Partial,
    /// Documents in the order of `user_order`.
    pub user_order: Vec<String>,
    /// What takes part.
    pub filter: AllocationFilter,
}

impl Default for AllocationPolicy {
    fn default() -> Self {
        use crate::ledger::DocumentKind::{Advance, CreditNote, Journal, Payment};
        Self {
            version: 1,
            id: String::new(),
            strategies: vec![Strategy::Reference, Strategy::ExactAmount, Strategy::OldestDue],
            credit_order: CreditOrder::default(),
            credit_kinds: vec![Payment, Advance, CreditNote, Journal],
            partial: Partial::default(),
            user_order: Vec::new(),
            filter: AllocationFilter::default(),
        }
    }
}

/// How the debits for a credit are found, and in which order they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Those that the credit names.
    Reference,
    /// One with exactly what is left of the credit.
    ExactAmount,
    /// Earliest due first.
    OldestDue,
    /// Latest due first.
    NewestDue,
    /// Earliest document first.
    OldestDocument,
    /// Latest document first.
    NewestDocument,
    /// Largest first.
    LargestFirst,
    /// As the user lists them.
    UserOrder,
}

impl Strategy {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Reference,
        Self::ExactAmount,
        Self::OldestDue,
        Self::NewestDue,
        Self::OldestDocument,
        Self::NewestDocument,
        Self::LargestFirst,
        Self::UserOrder,
    ];

    /// Its name in data.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::ExactAmount => "exact_amount",
            Self::OldestDue => "oldest_due",
            Self::NewestDue => "newest_due",
            Self::OldestDocument => "oldest_document",
            Self::NewestDocument => "newest_document",
            Self::LargestFirst => "largest_first",
            Self::UserOrder => "user_order",
        }
    }

    /// Its place in [`Strategy::ALL`].
    pub(super) fn place(self) -> u8 {
        match self {
            Self::Reference => 0,
            Self::ExactAmount => 1,
            Self::OldestDue => 2,
            Self::NewestDue => 3,
            Self::OldestDocument => 4,
            Self::NewestDocument => 5,
            Self::LargestFirst => 6,
            Self::UserOrder => 7,
        }
    }
}

/// Which credits are used up first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CreditOrder {
    /// By effective day, earliest first.
    #[default]
    OldestFirst,
    /// By effective day, latest first.
    NewestFirst,
}

impl CreditOrder {
    /// Two credits by their effective days.
    pub(crate) fn compare(self, a: i32, b: i32) -> std::cmp::Ordering {
        match self {
            Self::OldestFirst => a.cmp(&b),
            Self::NewestFirst => b.cmp(&a),
        }
    }
}

/// Whether a debit may be cleared in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Partial {
    /// It may.
    #[default]
    Allowed,
    /// Whole items only.
    Refused,
}

/// Whether disputed or held items take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TakesPart {
    /// They do.
    #[default]
    Included,
    /// They do not.
    Excluded,
}

/// What takes part in a proposal; what is left out lets everything in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AllocationFilter {
    /// Companies.
    pub companies: Option<Vec<String>>,
    /// Customers.
    pub customers: Option<Vec<String>>,
    /// Currencies.
    pub currencies: Option<Vec<String>>,
    /// Documents that pay.
    pub credits: Option<Vec<String>>,
    /// Documents that are paid.
    pub debits: Option<Vec<String>>,
    /// Least open amount of a credit, inclusive, absolute.
    pub credit_min: Option<Exact>,
    /// Most open amount of a credit.
    pub credit_max: Option<Exact>,
    /// Least open amount of a debit.
    pub debit_min: Option<Exact>,
    /// Most open amount of a debit.
    pub debit_max: Option<Exact>,
    /// Debits due until that day, inclusive.
    #[serde(deserialize_with = "day_of_the_calendar")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Day>"))]
    pub due_until: Option<NaiveDate>,
    /// Disputed debits.
    pub disputed: TakesPart,
    /// Held debits.
    pub held: TakesPart,
}

impl AllocationPolicy {
    /// Proves the policy well-formed.
    ///
    /// # Errors
    /// `unsupported_version`, `policy_invalid`, with the path of the field.
    pub fn check(&self) -> Result<(), Problem> {
        if self.version != 1 {
            let reason = format!("expected version 1, got {}", self.version);
            return Err(Problem::new("unsupported_version", reason).field("version"));
        }
        if self.strategies.is_empty() {
            return Err(Problem::new("policy_invalid", "expected at least one strategy").field("strategies"));
        }
        if let Some(Err(error)) = self.filter.due_until.map(Day::try_from) {
            return Err(Problem::new("policy_invalid", error.to_string()).field("filter.due_until"));
        }
        Ok(())
    }
}

/// A day as the ledger reads it: `YYYY-MM-DD` and nothing else.
fn day_of_the_calendar<'de, D: Deserializer<'de>>(source: D) -> Result<Option<NaiveDate>, D::Error> {
    let text: Option<String> = Option::deserialize(source)?;
    let day = text.map(|text| Day::parse(&text).map_err(serde::de::Error::custom)).transpose()?;
    Ok(day.map(Day::to_naive_date))
}
