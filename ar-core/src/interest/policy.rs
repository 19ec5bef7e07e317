//! How late-payment interest is charged: a policy is data, proved well-formed before it is used.

use serde::{Deserialize, Serialize};

use crate::calendar::{Day, DayCount};
use crate::ledger::DocumentKind;
use crate::money::{Exact, Rounding};

/// How interest and compensation are charged; see `docs/specification.md`, section 8. It has `rates` or a `reference`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InterestPolicy {
    /// Version of the policy format.
    #[cfg_attr(feature = "schema", schemars(extend("const" = 1)))]
    pub version: u32,
    /// What the user calls it.
    pub id: String,
    /// Where its figures are from, free text.
    pub source: String,
    /// The day on which they were last compared with their source.
    pub checked: Option<Day>,
    /// A contractual rate, by the day from which it holds; at most 1,000 of them, rising.
    pub rates: Vec<DatedRate>,
    /// A reference rate and a margin, in place of `rates`.
    pub reference: Option<ReferenceRate>,
    /// The earliest day for which a rate will be needed; a table that starts later is refused.
    pub first_day: Option<Day>,
    /// What a rate is for.
    pub per: RatePer,
    /// How days are counted.
    pub day_count: DayCount,
    /// Whether interest earns interest.
    pub compounding: Compounding,
    /// What interest is reckoned on.
    pub basis: InterestBasis,
    /// From which day on the balance is lower by what was matched.
    pub paid_from: PaidFrom,
    /// When figures are rounded to the minor unit.
    pub rounded: Rounded,
    /// How they are.
    pub rounding: Rounding,
    /// Days after the due date that cost nothing; 0 to 3,660.
    pub grace_days: u32,
    /// What becomes of these days once they have passed.
    pub grace: Grace,
    /// No interest past so many days, 1 to 36,600; without end when absent.
    pub longest_days: Option<u32>,
    /// Interest below it is not charged, by currency.
    pub minimum: Vec<MinimumInterest>,
    /// What the minimum is for.
    pub minimum_per: MinimumPer,
    /// Codes of currencies of one's own, beside those of ISO 4217.
    pub currencies: Vec<String>,
    /// Kinds of document that bear interest.
    pub kinds: Vec<DocumentKind>,
    /// Whether items that were paid late bear interest for the time before.
    pub closed: InScope,
    /// Whether the disputed part of an item bears interest.
    pub disputed: DisputedPart,
    /// Whether an item is late before what its document requires is there.
    pub requirements: Requirements,
    /// A fixed sum for the costs of recovery; without it none.
    pub compensation: Option<Compensation>,
}

impl Default for InterestPolicy {
    fn default() -> Self {
        Self {
            version: 1,
            id: String::new(),
            source: String::new(),
            checked: None,
            rates: Vec::new(),
            reference: None,
            first_day: None,
            per: RatePer::default(),
            day_count: DayCount::Actual365Fixed,
            compounding: Compounding::default(),
            basis: InterestBasis::default(),
            paid_from: PaidFrom::default(),
            rounded: Rounded::default(),
            rounding: Rounding::default(),
            grace_days: 0,
            grace: Grace::default(),
            longest_days: None,
            minimum: Vec::new(),
            minimum_per: MinimumPer::default(),
            currencies: Vec::new(),
            kinds: vec![DocumentKind::Invoice, DocumentKind::DebitNote],
            closed: InScope::default(),
            disputed: DisputedPart::default(),
            requirements: Requirements::default(),
            compensation: None,
        }
    }
}

/// A rate, and the day from which it holds until the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DatedRate {
    /// The first day on which it holds.
    pub from: Day,
    /// Per cent, with at most 6 digits after the point; 0 to 1,000, a reference rate −1,000 to 1,000.
    pub percent: Exact,
}

/// A published rate and what is added to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReferenceRate {
    /// The published rates, by the day from which each holds; the caller's to give.
    #[serde(default)]
    pub rates: Vec<DatedRate>,
    /// Percentage points added to them, −1,000 to 1,000; a sum below zero is zero.
    pub margin: Exact,
    /// The day that decides.
    #[serde(default)]
    pub rule: ReferenceRule,
    /// From when to when a published rate counts.
    #[serde(default)]
    pub periods: ReferencePeriods,
}

macro_rules! words {
    ($(#[$doc:meta])* $Name:ident { $first:ident $(#[$first_doc:meta])*, $( $word:ident $(#[$word_doc:meta])* ),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $Name { #[default] $(#[$first_doc])* $first, $( $(#[$word_doc])* $word, )* }
    };
}

words! {
    /// Which day's reference rate a debt bears.
    ReferenceRule {
        Floating /** Each day its own. */,
        Locked /** That of the first day of interest, for as long as the debt lasts. */,
        AtPayment /** Each part that is paid that of its payment, for all its days; what is left that of the last day. */,
    }
}
words! {
    /// From when to when a published rate counts.
    ReferencePeriods {
        AsListed /** From its day until the next. */,
        HalfYear /** That of 1 January counts until 30 June, that of 1 July until 31 December. */,
        HalfYearBefore /** That of 31 December counts for the half-year after it, and that of 30 June. */,
    }
}
words! {
    /// Whether interest earns interest.
    Compounding {
        None /** It does not. */,
        Monthly /** After each 30 days, what has accrued is added to the balance. */,
    }
}
words! {
    /// What interest is reckoned on.
    InterestBasis {
        DailyBalance /** What was left at the end of the day before, day by day. */,
        Outstanding /** What is left on the day of the question, for all days. */,
        BalanceDue /** What is left on that day, at the rate as it stands, whatever the days. */,
    }
}
words! {
    /// From which day on the balance is lower by what was matched.
    PaidFrom {
        Credit /** The day of the payment or credit note, whenever it was matched. */,
        Match /** The day on which it was matched. */,
    }
}
words! {
    /// Whether an item is late before what its document requires is there.
    Requirements {
        Respected /** From its due date, or from the later day on which the last thing is there that it lacked then. */,
        Ignored /** From its due date. */,
    }
}
words! {
    /// When figures are rounded to the minor unit.
    Rounded {
        Once /** The interest of an item. */,
        PerSegment /** The interest of each run of days with one balance and one rate. */,
        PerDay /** The interest of each day. */,
    }
}
words! {
    /// What becomes of the days of grace once they have passed.
    Grace {
        Threshold /** They bear interest like the others. */,
        Free /** They never do. */,
    }
}
words! {
    /// What the minimum is for.
    MinimumPer {
        Item /** Each item. */,
        Account /** All items of an account together. */,
    }
}
words! {
    /// Whether items that were paid late bear interest.
    InScope {
        Excluded /** They do not. */,
        Included /** They do, for the days on which they were late. */,
    }
}
words! {
    /// Whether the disputed part of an item bears interest.
    DisputedPart {
        Included /** It does. */,
        Excluded /** What is disputed on the day of the question is taken off the balance of every day. */,
    }
}
words! {
    /// For what a fixed sum is due once.
    CompensationPer {
        Invoice /** Each document. */,
        Claim /** All items of a customer in a company and a currency. */,
    }
}

/// What a rate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum RatePer {
    /// A year, as the day count has it.
    #[default]
    Year,
    /// So many days; 1 to 3,660.
    Days(u32),
}

/// Interest below it is not charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MinimumInterest {
    /// The currency.
    pub currency: String,
    /// The least that is charged.
    pub amount: Exact,
}

/// A fixed sum for the costs of recovery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Compensation {
    /// By currency, rising.
    pub tiers: Vec<CompensationTier>,
    /// For what it is due once.
    #[serde(default)]
    pub per: CompensationPer,
}

/// The sum for debts of an amount or more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompensationTier {
    /// The currency.
    pub currency: String,
    /// The least debt it is for.
    #[serde(default = "zero")]
    pub from: Exact,
    /// The sum.
    pub amount: Exact,
}

const fn zero() -> Exact {
    Exact::ZERO
}
