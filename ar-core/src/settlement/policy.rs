//! How open items are settled: a policy is data, proved well-formed before it is used.

use serde::{Deserialize, Serialize};

use crate::allocation::{AllocationFilter, AllocationPolicy, CreditOrder};
use crate::ledger::DocumentKind;
use crate::money::{Exact, Rounding};
use crate::problem::Problem;
use crate::words::words;

/// How to settle; see `docs/specification.md`, sections 6 and 7.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SettlementPolicy {
    /// Version of the policy format.
    #[cfg_attr(feature = "schema", schemars(extend("const" = 1)))]
    pub version: u32,
    /// What the user calls it.
    pub id: String,
    /// Tried one after the other, each over all credits.
    pub strategies: Vec<SettlementStrategy>,
    /// Which credits are used up first.
    pub credit_order: CreditOrder,
    /// Whether credit notes pay before or after the other credits.
    pub credit_notes: CreditNotes,
    /// Kinds of document that pay.
    pub credit_kinds: Vec<DocumentKind>,
    /// Kinds of document that count in balances, and pay there: a credit is compared with the debits less these.
    pub balance_credits: Vec<DocumentKind>,
    /// On which day something is past due: for the balances that are.
    pub past_due_on: PastDueOn,
    /// What becomes of an item that is paid in part.
    pub partial: ShortPayment,
    /// Documents in the order of `user_order`.
    pub user_order: Vec<String>,
    /// What takes part.
    pub filter: AllocationFilter,
    /// What is settled together.
    pub scope: Scope,
    /// Whether a credit may pay items in another currency.
    pub cross_currency: Crossing,
    /// Whether exchange differences below half a minor unit of the rate are booked.
    pub exchange_guard: ExchangeGuard,
    /// Classes of debits, the first paid first: costs, interest, principal.
    pub priority: Vec<PriorityClass>,
    /// Early-payment discounts; without it none is taken.
    pub discount: Option<DiscountPolicy>,
    /// Differences that are let go; without it none.
    pub tolerance: Option<TolerancePolicy>,
    /// To which multiple a payment may be rounded, by currency.
    pub cash_rounding: Vec<CashRounding>,
    /// What makes a credit and a debit a match, and how sure it is: for `scored`.
    pub match_rules: Vec<MatchRule>,
    /// How far sets of items are searched.
    pub search: SearchPolicy,
    /// The reasons that differences are booked with, by what they are.
    pub reasons: Reasons,
}

impl Default for SettlementPolicy {
    fn default() -> Self {
        use SettlementStrategy::{ExactAmount, OldestDue, Reference};
        let plain = AllocationPolicy::default();
        Self {
            version: 1,
            id: String::new(),
            strategies: vec![Reference, ExactAmount, OldestDue],
            credit_order: plain.credit_order,
            credit_notes: CreditNotes::default(),
            credit_kinds: plain.credit_kinds,
            balance_credits: Vec::new(),
            past_due_on: PastDueOn::default(),
            partial: ShortPayment::default(),
            user_order: Vec::new(),
            filter: plain.filter,
            scope: Scope::default(),
            cross_currency: Crossing::default(),
            exchange_guard: ExchangeGuard::default(),
            priority: Vec::new(),
            discount: None,
            tolerance: None,
            cash_rounding: Vec::new(),
            match_rules: Vec::new(),
            search: SearchPolicy::default(),
            reasons: Reasons::default(),
        }
    }
}

words! {
    /// How the debits for a credit are found, and in which order they are taken.
    SettlementStrategy {
        Reference "reference" /** Those that the credit names. */,
        ExactAmount "exact_amount" /** One whose price is exactly what is left of the credit. */,
        OldestDue "oldest_due" /** Earliest due first. */,
        NewestDue "newest_due" /** Latest due first. */,
        OldestDocument "oldest_document" /** Earliest document first. */,
        NewestDocument "newest_document" /** Latest document first. */,
        LargestFirst "largest_first" /** Largest first. */,
        UserOrder "user_order" /** As the user lists them. */,
        NearAmount "near_amount" /** The only one whose price is near enough to what is left of the credit. */,
        WholeBalance "whole_balance" /** All of them, when the credit pays just that. */,
        PastDueBalance "past_due_balance" /** All that are late, when the credit pays just that. */,
        PastDueByTerm "past_due_by_term" /** All that are late of one payment term, when the credit pays just that. */,
        Subset "subset" /** The smallest set with exactly the amount. */,
        ManyToOne "many_to_one" /** The smallest set of credits that pays one item. */,
        Scored "scored" /** The best of the matches that the rules find. */,
        BestMatch "best_match" /** The set of lines that is left when the latest of the side in excess is dropped until they agree. */,
    }
}
impl SettlementStrategy {
    /// Whether it lets nothing go, whatever the tolerance: it looks for amounts to the minor unit.
    fn clears_exactly(self) -> bool {
        matches!(self, Self::ExactAmount | Self::Subset | Self::ManyToOne)
    }
}

words! {
    /// What is settled together.
    Scope {
        Account "account" /** Each account by itself. */,
        Customer "customer" /** All accounts of a customer in a company. */,
        Family "family" /** All accounts in a company of the customers with one top parent. */,
    }
}
words! {
    /// Whether credit notes pay before or after the other credits.
    CreditNotes {
        ByDate "by_date" /** In their turn. */,
        First "first" /** Before the others. */,
        Last "last" /** After the others. */,
    }
}
words! {
    /// What becomes of an item that is paid in part.
    ShortPayment {
        Allowed "allowed" /** The rest stays open on it. */,
        Refused "refused" /** The money stays on account. */,
        Residual "residual" /** The item is closed, and the rest is a new one. */,
    }
}
words! {
    /// Whether a credit may pay items in another currency.
    Crossing {
        Refused "refused" /** It may not. */,
        Allowed "allowed" /** It may, at the latest rates of its pay day. */,
    }
}
words! {
    /// Whether exchange differences below half a minor unit of the rate are booked.
    ExchangeGuard {
        None "none" /** All are. */,
        HalfMinorUnit "half_minor_unit" /** Those are not. */,
    }
}
words! {
    /// What becomes of a discount when the payment is late, within the days of grace.
    LateDiscount {
        Refused "refused" /** It is lost. */,
        Asked "asked" /** It is not taken, and told as a question. */,
        Accepted "accepted" /** It is taken. */,
    }
}
words! {
    /// What a part payment does to the discount.
    PartPayments {
        WhenCleared "when_cleared" /** The whole discount comes with the payment that clears the item. */,
        Untouched "untouched" /** Only a payment that clears an item on which nothing was paid has one. */,
        Proportional "proportional" /** Every payment has its part. */,
    }
}
words! {
    /// Which of the payments that pay an item are in time for a discount that comes when it is cleared.
    DiscountInTime {
        All "all" /** Every payment and credit that pays it. */,
        Closing "closing" /** That which clears it, whenever the others came. */,
    }
}
words! {
    /// What a credit note for an invoice does to the discount of the invoice.
    CreditedDiscount {
        Kept "kept" /** Nothing: the discount is that of what was invoiced. */,
        Lowered "lowered" /** It is of what is left when the credit note is taken off. */,
    }
}
words! {
    /// When a payment that could take a discount does.
    DiscountWhen {
        Deducted "deducted" /** When it would otherwise not reach: the customer deducted it. */,
        Exact "exact" /** When it would otherwise not reach, and nothing is left of it then. */,
        Usable "usable" /** Always; what is too much stays on account. */,
    }
}
words! {
    /// What a discount in percent is taken of.
    DiscountOf {
        Gross "gross" /** The document's amount. */,
        Net "net" /** The amount without tax. */,
    }
}
words! {
    /// Whether the tax in a discount is told apart.
    DiscountTax {
        Whole "whole" /** It is not. */,
        Split "split" /** It is a difference of its own. */,
    }
}
words! {
    /// What a limit without an amount or without a percentage allows on that side.
    BlankLimit {
        NoLimit "no_limit" /** Anything. */,
        None "none" /** Nothing. */,
    }
}
words! {
    /// On which day something is past due.
    PastDueOn {
        ViewDay "view_day" /** That of the view. */,
        PayDay "pay_day" /** That on which the credit came. */,
    }
}
words! {
    /// What a limit is for.
    LimitPer {
        Document "document" /** Each document, its instalments together. */,
        Payment "payment" /** Each credit. */,
    }
}
words! {
    /// What a difference within tolerance is called.
    ToleranceKind {
        Tolerance "tolerance" /** Payment tolerance. */,
        WriteOff "write_off" /** A write-off. */,
    }
}
words! {
    /// What a difference within tolerance, or a bank charge, in foreign currency is worth.
    Valued {
        Document "document" /** What it takes off the document in base currency. */,
        DayRate "day_rate" /** Its amount at the rate of the day on which it is booked; the rest is exchange. */,
    }
}
words! {
    /// Where a difference within tolerance goes when the item has a discount.
    ToleranceFirst {
        Tolerance "tolerance" /** It stands beside the discount. */,
        Discount "discount" /** It is taken into the discount. */,
    }
}
words! {
    /// In which currency the amount of a limit is.
    AmountIn {
        Credit "credit" /** That of the payment. */,
        Base "base" /** The company's base currency: a difference is compared by what it is worth at the payment's own rate. */,
    }
}
words! {
    /// Which payments a limit is for.
    Side {
        Both "both" /** Both. */,
        Under "under" /** Those that pay less. */,
        Over "over" /** Those that pay more. */,
    }
}
words! {
    /// Whose debit it is.
    MatchParty {
        Customer "customer" /** The credit's own customer's. */,
        Other "other" /** Another one's of the family. */,
    }
}
words! {
    /// Whether a credit names the debit.
    MatchDocument {
        Several "several" /** It does, and others. */,
        Named "named" /** It does, and no other. */,
        NotNamed "not_named" /** It does not. */,
    }
}
words! {
    /// Whether a credit pays just the debit.
    MatchAmount {
        One "one" /** It does, and of that customer no other. */,
        Several "several" /** It does, and others of that customer. */,
        None "none" /** It does not. */,
    }
}
words! {
    /// How sure a match is.
    Confidence {
        None "none" /** Not at all. */,
        Low "low" /** A guess. */,
        Medium "medium" /** Likely. */,
        High "high" /** As good as certain. */,
    }
}
words! {
    /// What to do when several sets have the amount.
    Ambiguity {
        Refused "refused" /** None is taken; all are told. */,
        First "first" /** The first is taken. */,
    }
}

/// A class of debits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PriorityClass {
    /// Kinds of document.
    pub kinds: Option<Vec<DocumentKind>>,
    /// A dimension, without `dim_`.
    pub dimension: Option<String>,
    /// Its values.
    pub values: Option<Vec<String>>,
}

/// Early-payment discounts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DiscountPolicy {
    /// What becomes of one taken late.
    pub late: LateDiscount,
    /// How many days late it may be.
    pub grace_days: u32,
    /// Whether a payment that pays in full takes it too.
    pub when: DiscountWhen,
    /// What part payments do to it.
    pub part_payments: PartPayments,
    /// Which payments are in time, where part payments leave the whole discount to that which clears the item.
    pub in_time: DiscountInTime,
    /// What credit notes for an invoice do to it.
    pub credited: CreditedDiscount,
    /// What a percentage is taken of, where the offer does not say.
    pub of: DiscountOf,
    /// Whether its tax is told apart.
    pub tax: DiscountTax,
    /// How it is rounded to the minor unit.
    pub rounding: Rounding,
}

impl DiscountPolicy {
    /// Whether every payment has its part of a discount.
    pub(super) fn is_in_proportion(&self) -> bool {
        self.part_payments == PartPayments::Proportional && self.when != DiscountWhen::Exact
    }
}

/// The reasons that differences are booked with, by what they are; an empty one is none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reasons {
    /// Discounts, and the tax in them.
    pub discount: String,
    /// Tolerance and write-off of what is paid too little; that of the tolerance when empty.
    pub under: String,
    /// The same of what is paid too much.
    pub over: String,
    /// Bank charges.
    pub bank_charge: String,
    /// Rounding of cash.
    pub cash_rounding: String,
    /// What becomes a new document.
    pub residual: String,
}

/// Differences that are let go.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TolerancePolicy {
    /// All that apply hold: the lowest wins.
    pub limits: Vec<ToleranceLimit>,
    /// What a blank amount or percentage allows.
    pub blank: BlankLimit,
    /// What a limit is for.
    pub per: LimitPer,
    /// What the difference is called.
    pub kind: ToleranceKind,
    /// The reason it is booked with, where `reasons` has none.
    pub reason: String,
    /// The clerk whose limits hold.
    pub clerk: Option<String>,
    /// What it is worth in base currency.
    pub valued: Valued,
    /// Where it goes when there is a discount.
    pub first: ToleranceFirst,
    /// How much of a shortage may be bank charges, by currency.
    pub bank_charges: Vec<BankCharge>,
    /// Where it holds; everywhere when absent.
    pub strategies: Option<Vec<SettlementStrategy>>,
}

/// A limit of what is let go.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ToleranceLimit {
    /// For which payments.
    pub side: Side,
    /// For which companies; for all when absent or empty.
    pub companies: Option<Vec<String>>,
    /// For which customers; for all when absent or empty.
    pub customers: Option<Vec<String>>,
    /// For which clerk; for all when absent.
    pub clerk: Option<String>,
    /// For which currency of payments (in base currency, for which base currency); for all when absent.
    pub currency: Option<String>,
    /// At most so much.
    pub amount: Option<Exact>,
    /// In which currency the amount is.
    pub amount_in: AmountIn,
    /// At most such a part.
    pub percent: Option<Exact>,
}

/// How much of a shortage may be bank charges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BankCharge {
    /// The currency.
    pub currency: String,
    /// At most so much.
    pub amount: Exact,
}

/// To which multiple a payment may be rounded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CashRounding {
    /// The currency.
    pub currency: String,
    /// A multiple of this.
    pub place: Exact,
    /// How.
    #[serde(default)]
    pub rounding: Rounding,
}

/// What makes a credit and a debit a match, and how sure it is; what is absent may be anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MatchRule {
    /// Whose debit it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<MatchParty>,
    /// Whether the credit names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<MatchDocument>,
    /// Whether the credit pays just it, within what is let go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<MatchAmount>,
    /// How sure a match by this rule is.
    pub confidence: Confidence,
    /// The order of rules that are as sure, 0 to 999: the lowest first.
    pub priority: u32,
}

impl MatchRule {
    /// The score of a match by this rule: (confidence + 1) × 1000 − priority, where `none` is 0 and `high` 3.
    #[must_use]
    pub fn score(&self) -> u32 {
        let confidence = match self.confidence {
            Confidence::None => 0_u32,
            Confidence::Low => 1,
            Confidence::Medium => 2,
            Confidence::High => 3,
        };
        confidence.saturating_add(1).saturating_mul(1000).saturating_sub(self.priority)
    }
}

/// How far sets of items are searched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SearchPolicy {
    /// The most items of a set.
    pub items: u32,
    /// The most sets looked at.
    pub work: u64,
    /// What to do when several sets have the amount.
    pub ambiguous: Ambiguity,
}

impl Default for SearchPolicy {
    fn default() -> Self {
        Self { items: 6, work: 1_000_000, ambiguous: Ambiguity::default() }
    }
}

impl SettlementPolicy {
    /// Proves the policy well-formed.
    ///
    /// # Errors
    /// `unsupported_version`, `policy_invalid`, with the path of the field.
    pub fn check(&self) -> Result<(), Problem> {
        let plain = AllocationPolicy {
            version: self.version,
            strategies: if self.strategies.is_empty() { Vec::new() } else { AllocationPolicy::default().strategies },
            filter: self.filter.clone(),
            ..AllocationPolicy::default()
        };
        plain.check()?;
        if self.cross_currency == Crossing::Allowed && self.scope == Scope::Account {
            return Err(invalid("cross_currency", "expected a scope of several accounts where currencies are crossed"));
        }
        for (index, class) in self.priority.iter().enumerate() {
            let at = |field: &str| format!("priority[{index}]{field}");
            if class.dimension.is_some() != class.values.is_some() {
                let missing = if class.values.is_none() { ".values" } else { ".dimension" };
                return Err(invalid(&at(missing), "expected a dimension and its values, got one of them"));
            }
            if class.dimension.is_none() && class.kinds.is_none() {
                return Err(invalid(&at(""), "expected kinds, or a dimension and its values"));
            }
        }
        if self.discount.as_ref().is_some_and(|discount| discount.grace_days > 366) {
            return Err(invalid("discount.grace_days", "expected at most 366 days"));
        }
        if let Some(tolerance) = &self.tolerance {
            tolerance.check()?;
        }
        for (index, rule) in self.cash_rounding.iter().enumerate() {
            above_zero(rule.place, || format!("cash_rounding[{index}].place"))?;
        }
        once(self.cash_rounding.iter().map(|rule| &rule.currency), "cash_rounding")?;
        if self.match_rules.is_empty() && self.strategies.contains(&SettlementStrategy::Scored) {
            return Err(invalid("match_rules", "expected a rule for the strategy `scored`"));
        }
        if let Some(index) = self.match_rules.iter().position(|rule| rule.priority > 999) {
            return Err(invalid(&format!("match_rules[{index}].priority"), "expected a priority from 0 to 999"));
        }
        if !(1..=12).contains(&self.search.items) {
            return Err(invalid("search.items", "expected 1 to 12 items"));
        }
        if !(1..=100_000_000).contains(&self.search.work) {
            return Err(invalid("search.work", "expected 1 to 100,000,000 sets"));
        }
        Ok(())
    }
}

impl TolerancePolicy {
    fn check(&self) -> Result<(), Problem> {
        for (index, limit) in self.limits.iter().enumerate() {
            let at = |field: &str| format!("tolerance.limits[{index}]{field}");
            if limit.amount.is_none() && limit.percent.is_none() {
                return Err(invalid(&at(""), "expected an amount or a percentage"));
            }
            if limit.amount.is_some_and(|amount| amount.units() < 0) {
                return Err(invalid(&at(".amount"), "expected an amount not below zero"));
            }
            if limit.amount.is_some() && limit.currency.is_none() {
                return Err(invalid(&at(".currency"), "expected the currency of the amount"));
            }
            let hundred = |percent: Exact| Exact::from_integer(100).units().checked_mul(power(percent.scale()));
            if limit.percent.is_some_and(|percent| {
                percent.units() < 0 || hundred(percent).is_none_or(|hundred| percent.units() > hundred)
            }) {
                return Err(invalid(&at(".percent"), "expected a percentage from 0 to 100"));
            }
        }
        // Somebody without limits of its own would have the wider ones of everybody.
        if self.clerk.is_some() && self.limits.iter().all(|limit| limit.clerk != self.clerk) {
            return Err(invalid("tolerance.clerk", "expected a clerk that a limit names"));
        }
        for (index, charge) in self.bank_charges.iter().enumerate() {
            above_zero(charge.amount, || format!("tolerance.bank_charges[{index}].amount"))?;
        }
        once(self.bank_charges.iter().map(|charge| &charge.currency), "tolerance.bank_charges")?;
        match self.strategies.iter().flatten().find(|strategy| strategy.clears_exactly()) {
            Some(exact) => {
                let reason =
                    format!("expected strategies that let something go, got `{}`, which never does", exact.name());
                Err(invalid("tolerance.strategies", &reason))
            }
            None => Ok(()),
        }
    }
}

pub(super) fn power(digits: u8) -> i128 {
    10_i128.saturating_pow(u32::from(digits))
}

/// One entry a currency: of two, one would never be looked at.
fn once<'a>(currencies: impl Iterator<Item = &'a String>, list: &str) -> Result<(), Problem> {
    let mut seen: Vec<&String> = Vec::new();
    for (index, currency) in currencies.enumerate() {
        if seen.contains(&currency) {
            return Err(invalid(&format!("{list}[{index}].currency"), "expected one entry a currency, got a second"));
        }
        seen.push(currency);
    }
    Ok(())
}

fn above_zero(amount: Exact, path: impl Fn() -> String) -> Result<(), Problem> {
    if amount.units() > 0 { Ok(()) } else { Err(invalid(&path(), "expected an amount above zero")) }
}

fn invalid(field: &str, reason: &str) -> Problem {
    Problem::new("policy_invalid", reason).field(field)
}
