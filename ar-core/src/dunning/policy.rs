//! How to dun: procedures with their levels, what is left out and why. A policy is data, proved well-formed before it is used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fee::FeePolicy;
use super::known::Known;
use super::trigger::Trigger;
use crate::aging::Where;
use crate::calendar::{BusinessCalendar, Day, Weekday};
use crate::interest::{CompiledInterest, DisputedPart, InterestPolicy, Requirements};
use crate::ledger::DocumentKind;
use crate::money::Exact;
use crate::problem::Problem;
use crate::words::words;

/// How to dun; see `docs/specification.md`, section 9. What is left out has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DunningPolicy {
    /// Version of the policy format.
    #[cfg_attr(feature = "schema", schemars(extend("const" = 1)))]
    pub version: u32,
    /// What the user calls it.
    pub id: String,
    /// Procedures by name.
    pub procedures: BTreeMap<String, Procedure>,
    /// The procedure of customers that nothing assigns; the only one, if there is one alone.
    pub procedure: Option<String>,
    /// Which customers have which procedure: by customer, else by group, else by company.
    pub assign: Vec<Assignment>,
    /// What has a level: each item, or the customer.
    pub unit: DunningUnit,
    /// What makes a notice.
    pub notice_per: NoticePer,
    /// In which currency a notice is.
    pub currency: NoticeCurrency,
    /// From which date days are counted.
    pub basis: DunningBasis,
    /// Kinds of the debits that are dunned.
    pub kinds: Vec<DocumentKind>,
    /// Which items are in scope, by keys as in an aging.
    #[serde(rename = "where")]
    pub filter: Where,
    /// Debits below this are out of scope.
    pub minimum_item: Vec<MoneyLimit>,
    /// What credit notes do.
    pub credit_notes: CreditUse,
    /// What unapplied payments and advances do.
    pub unapplied: CreditUse,
    /// What payments that are known and count later do.
    pub in_flight: InFlight,
    /// Whether disputed amounts are dunned.
    pub disputed: Respect,
    /// Whether held items are.
    pub held: Respect,
    /// Whether blocked customers are.
    pub blocked: Respect,
    /// Whether invoices that lack a delivery or a document are.
    pub requirements: Respect,
    /// Whether what is promised is.
    pub promises: Respect,
    /// Whether plans in good standing are.
    pub plans: Respect,
    /// Whether charges are that turn out to be for nothing.
    pub unfounded: Respect,
    /// The values of `blocked` that block; any when absent.
    pub blocks: Option<Vec<String>>,
    /// How many days after its date a promise still protects.
    pub promise_tolerance_days: u32,
    /// How many days an instalment of a plan may be late.
    pub plan_tolerance_days: u32,
    /// Whether anything is sent on a quiet day.
    pub quiet_days: QuietDays,
    /// The quiet days of the week.
    pub weekend: Vec<Weekday>,
    /// Other quiet days.
    pub holidays: Vec<Day>,
    /// Codes of currencies of one's own, beside those of ISO 4217.
    pub currencies: Vec<String>,
    /// Names of templates of one's own, beside those that are shipped.
    pub templates: Vec<String>,
    /// Tones of one's own, beside those that letters have.
    pub tones: Vec<String>,
    /// What interest and compensation are, at the levels that charge them.
    pub interest: Option<InterestPolicy>,
    /// What becomes of interest between the last notice of an item and its payment.
    pub paid_interest: PaidInterest,
    /// What becomes of interest that was charged, when facts learnt later show that it was too much or too little.
    pub charged_interest: ChargedInterest,
    /// Whether fees, interest and compensation become open items.
    pub charges: ChargeUse,
    /// Whose channel a notice takes first.
    pub channel_of: ChannelOf,
    /// What becomes of charges whose document is left out.
    pub related_charges: RelatedCharges,
    /// What happens at events.
    pub triggers: Vec<Trigger>,
}

impl Default for DunningPolicy {
    fn default() -> Self {
        use DocumentKind::{Charge, DebitNote, Invoice, Journal};
        Self {
            version: 1,
            id: String::new(),
            procedures: BTreeMap::new(),
            procedure: None,
            assign: Vec::new(),
            unit: DunningUnit::default(),
            notice_per: NoticePer::default(),
            currency: NoticeCurrency::default(),
            basis: DunningBasis::default(),
            kinds: vec![Invoice, DebitNote, Charge, Journal],
            filter: Where::new(),
            minimum_item: Vec::new(),
            credit_notes: CreditUse::default(),
            unapplied: CreditUse::default(),
            in_flight: InFlight::default(),
            disputed: Respect::default(),
            held: Respect::default(),
            blocked: Respect::default(),
            requirements: Respect::default(),
            promises: Respect::default(),
            plans: Respect::default(),
            unfounded: Respect::default(),
            blocks: None,
            promise_tolerance_days: 0,
            plan_tolerance_days: 0,
            quiet_days: QuietDays::default(),
            weekend: BusinessCalendar::default().weekend,
            holidays: Vec::new(),
            currencies: Vec::new(),
            templates: Vec::new(),
            tones: Vec::new(),
            interest: None,
            paid_interest: PaidInterest::default(),
            charged_interest: ChargedInterest::default(),
            charges: ChargeUse::default(),
            channel_of: ChannelOf::default(),
            related_charges: RelatedCharges::default(),
            triggers: Vec::new(),
        }
    }
}

/// Levels, and when an item rises from one to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Procedure {
    /// The first is level 1.
    pub levels: Vec<Level>,
    /// Days after the due date on which nothing happens.
    #[serde(default)]
    pub grace_days: u32,
    /// What the days of grace do.
    #[serde(default)]
    pub grace: Grace,
    /// Which days those of levels and of grace are, and the least that a customer is late.
    #[serde(default)]
    pub count: CountedDays,
    /// Whether a level counts on its day or after it.
    #[serde(default)]
    pub edge: DunningEdge,
    /// How levels rise.
    #[serde(default)]
    pub escalation: Escalation,
    /// What follows the last level.
    #[serde(default)]
    pub after_last: AfterLast,
    /// What becomes of an item that stays at its level.
    #[serde(default)]
    pub unchanged: Unchanged,
    /// Days between two notices to a customer.
    #[serde(default)]
    pub interval_days: u32,
    /// Which days those of the interval are.
    #[serde(default)]
    pub interval_count: CountedDays,
    /// Whether the interval is over on its last day or after it.
    #[serde(default)]
    pub interval_edge: DunningEdge,
    /// Between which notices the interval is.
    #[serde(default)]
    pub interval_per: IntervalPer,
    /// Which days those are that a notice gives to pay.
    #[serde(default)]
    pub pay_within_count: CountedDays,
    /// A customer is dunned only when some item is so many days late.
    #[serde(default)]
    pub minimum_days: Option<i32>,
    /// An item is dunned at most so often.
    #[serde(default)]
    pub max_notices: Option<u32>,
    /// A notice is for at least so much.
    #[serde(default)]
    pub minimum: Vec<MoneyLimit>,
    /// Which lines the minimum of a level is for.
    #[serde(default)]
    pub minimum_of: MinimumOf,
    /// What credits do to the minimum of a level.
    #[serde(default)]
    pub minimum_credits: MinimumCredits,
}

/// A level of a procedure.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Level {
    /// When it is reached.
    pub days: i32,
    /// What it is called.
    #[serde(default)]
    pub name: String,
    /// From when its days are counted.
    #[serde(default)]
    pub count_from: CountFrom,
    /// At least so much at this level, or it falls to the level below.
    #[serde(default)]
    pub minimum: Vec<MoneyLimit>,
    /// At least such a part of all that is open, likewise.
    #[serde(default)]
    pub minimum_percent: Option<Exact>,
    /// At least so many items, likewise.
    #[serde(default)]
    pub minimum_count: Option<u32>,
    /// Whether it is repeated while nothing is new.
    #[serde(default)]
    pub always: bool,
    /// Days that the notice gives to pay.
    #[serde(default)]
    pub pay_within_days: Option<u32>,
    /// A fee for the notice.
    #[serde(default)]
    pub notice_fee: Option<FeePolicy>,
    /// A fee for each line.
    #[serde(default)]
    pub line_fee: Option<FeePolicy>,
    /// Whether interest is charged.
    #[serde(default)]
    pub interest: bool,
    /// Whether compensation is charged.
    #[serde(default)]
    pub compensation: bool,
    /// The tone of the letter.
    #[serde(default)]
    pub tone: String,
    /// The letter.
    #[serde(default)]
    pub template: String,
    /// The channel; the customer's own when empty, or where the policy prefers that.
    #[serde(default)]
    pub channel: String,
    /// To whom the claim goes: a collection agency, a lawyer.
    #[serde(default)]
    pub hand_over: String,
}

/// Which customers have a procedure. One of the three lists is given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Assignment {
    /// Customers.
    pub customers: Option<Vec<String>>,
    /// Groups of customers.
    pub groups: Option<Vec<String>>,
    /// Companies that they owe.
    pub companies: Option<Vec<String>>,
    /// None: they are not dunned.
    pub procedure: Option<String>,
}

/// An amount in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MoneyLimit {
    /// The currency.
    pub currency: String,
    /// So much.
    pub amount: Exact,
}

words! {
    /// What has a level.
    DunningUnit {
        Item "item" /** Each open item. */,
        Customer "customer" /** All that a customer owes a company in a currency. */,
    }
}
words! {
    /// What makes a notice.
    NoticePer {
        Customer "customer" /** All that a customer owes a company in a currency. */,
        Family "family" /** All that the customers with one top parent do. */,
        Document "document" /** Each document. */,
    }
}
words! {
    /// In which currency a notice is.
    NoticeCurrency {
        Document "document" /** That of its documents. */,
        Base "base" /** The company's base currency, at the latest rate. */,
        Single "single" /** That of its documents, when the addressee has open items in no other; else the base currency. */,
    }
}
words! {
    /// From which date days are counted.
    DunningBasis {
        DueDate "due_date" /** When it falls due. */,
        DocumentDate "document_date" /** The date on the document. */,
    }
}
words! {
    /// What credits do.
    CreditUse {
        Covers "covers" /** They cover the oldest debits, which then are not dunned. */,
        Listed "listed" /** They stand on the notice and lower its total. */,
        ListedWhenDue "listed_when_due" /** Likewise, once they would have reached the first level themselves. */,
        Ignored "ignored" /** Nothing. */,
    }
}
words! {
    /// What payments do that are known and count later.
    InFlight {
        Covers "covers" /** They cover what they will pay. */,
        Ignored "ignored" /** Nothing. */,
    }
}
words! {
    /// Whether something is dunned all the same.
    Respect {
        LeftOut "left_out" /** It is not. */,
        Dunned "dunned" /** It is. */,
    }
}
words! {
    /// Whether anything is sent on a quiet day.
    QuietDays {
        Send "send" /** It is. */,
        Skip "skip" /** It is not. */,
    }
}
words! {
    /// What becomes of interest between the last notice of an item and its payment.
    PaidInterest {
        Charged "charged" /** The next run makes a charge of it. */,
        Dropped "dropped" /** Nothing. */,
    }
}
words! {
    /// Whether what a notice charges becomes an open item.
    ChargeUse {
        Posted "posted" /** It does, and is not charged again. */,
        Shown "shown" /** It stands on the notice alone; the next begins anew. */,
    }
}
words! {
    /// Whose channel a notice takes first.
    ChannelOf {
        Level "level" /** That of the level, else the customer's. */,
        Customer "customer" /** That of the customer, else the level's. */,
    }
}
words! {
    /// What becomes of interest that was charged, when facts learnt later show that it was too much or too little.
    ChargedInterest {
        Lowered "lowered" /** What was too much comes off the next interest of the item, which is not below zero. */,
        Corrected "corrected" /** Likewise, and what was too little is added to it. */,
        Final "final" /** It stays as it is. */,
    }
}
words! {
    /// What becomes of charges whose document is left out: held, lacking something, disputed, in a plan, promised, paid for.
    RelatedCharges {
        WithItem "with_item" /** They are left out with it. */,
        Apart "apart" /** They stand for themselves. */,
    }
}
words! {
    /// Between which notices the interval is.
    IntervalPer {
        Desk "desk" /** Those of a customer in a company and a currency. */,
        Customer "customer" /** Those of a customer in a company. */,
    }
}
words! {
    /// Which lines the minimum of a level is for.
    MinimumOf {
        LevelAndAbove "level_and_above" /** Those of the level and of the levels above. */,
        Level "level" /** Those of the level alone. */,
    }
}
words! {
    /// What credits do to the minimum of a level.
    MinimumCredits {
        Apart "apart" /** Nothing: debits are compared with debits. */,
        Deducted "deducted" /** Those listed come off the lines, and all of them off what they are a part of. */,
    }
}
words! {
    /// What the days of grace do.
    Grace {
        Threshold "threshold" /** Nothing happens until they are over; days count from the due date all the same. */,
        Free "free" /** Days count from their end. */,
    }
}
words! {
    /// Whether a limit of days counts on its day or after it.
    DunningEdge {
        Reached "reached" /** On its day. */,
        Passed "passed" /** The day after. */,
    }
}
words! {
    /// Which days are counted.
    CountedDays {
        CalendarDays "calendar_days" /** All of them. */,
        BusinessDays "business_days" /** Those that are neither of the weekend nor holidays. */,
    }
}
words! {
    /// How levels rise.
    Escalation {
        Step "step" /** One by one. */,
        Jump "jump" /** To the highest that is reached. */,
    }
}
words! {
    /// What follows the last level.
    AfterLast {
        Stop "stop" /** Nothing. */,
        Repeat "repeat" /** The last level again. */,
    }
}
words! {
    /// What becomes of an item that stays at its level.
    Unchanged {
        LeftOut "left_out" /** It is on no notice until it rises. */,
        WithNew "with_new" /** It is on the notice of others that are new. */,
    }
}
words! {
    /// From when the days of a level are counted.
    CountFrom {
        DueDate "due_date" /** The basis date. */,
        EndOfMonth "end_of_month" /** The level is reached at the end of the month in which they are over. */,
        LastNotice "last_notice" /** The day of the last notice. */,
        LastNoticeDue "last_notice_due" /** The day until which the last notice asks to be paid. */,
    }
}

impl CountFrom {
    fn is_of_the_item(self) -> bool {
        matches!(self, Self::DueDate | Self::EndOfMonth)
    }
}

impl DunningPolicy {
    /// Its interest as runs ask it: of what is not disputed.
    pub(super) fn undisputed_interest(&self) -> Result<Option<CompiledInterest>, Problem> {
        let undisputed = self.interest.clone().map(|it| {
            let asked = if self.requirements == Respect::Dunned { Requirements::Ignored } else { it.requirements };
            InterestPolicy { disputed: DisputedPart::Excluded, requirements: asked, ..it }
        });
        undisputed.map(|it| it.compile_with(&self.currencies).map_err(below_interest)).transpose()
    }

    /// The name of the procedure of customers that nothing assigns.
    pub(super) fn default_procedure(&self) -> Option<&str> {
        let only = (self.procedures.len() == 1).then(|| self.procedures.keys().next()).flatten();
        self.procedure.as_ref().or(only).map(String::as_str)
    }

    /// Proves the policy well-formed: procedures that there are, levels that rise, amounts that can be.
    ///
    /// # Errors
    /// `unsupported_version`, `policy_invalid`, with the path of the field.
    pub fn check(&self) -> Result<(), Problem> {
        if self.version != 1 {
            let reason = format!("expected version 1, got {}", self.version);
            return Err(Problem::new("unsupported_version", reason).field("version"));
        }
        if self.procedures.is_empty() {
            return Err(invalid("procedures", "expected a procedure"));
        }
        let known = Known::of(self)?;
        if let Some(interest) = &self.interest {
            interest.compile_with(&self.currencies).map_err(below_interest)?;
        }
        for (name, procedure) in &self.procedures {
            procedure.check(&format!("procedures.{name}"), &known)?;
        }
        let is_procedure = |name: &Option<String>| name.as_ref().is_none_or(|name| self.procedures.contains_key(name));
        if !is_procedure(&self.procedure) {
            return Err(invalid("procedure", "expected the name of a procedure"));
        }
        for (at, assignment) in self.assign.iter().enumerate() {
            let lists = [&assignment.customers, &assignment.groups, &assignment.companies];
            if lists.into_iter().flatten().count() != 1 {
                return Err(invalid(&format!("assign[{at}]"), "expected one of customers, groups and companies"));
            }
            if !is_procedure(&assignment.procedure) {
                return Err(invalid(&format!("assign[{at}].procedure"), "expected the name of a procedure"));
            }
        }
        if self.kinds.is_empty() {
            return Err(invalid("kinds", "expected at least one kind"));
        }
        known.limits(&self.minimum_item, "minimum_item")?;
        not_too_many_days(self.promise_tolerance_days.into(), || String::from("promise_tolerance_days"))?;
        not_too_many_days(self.plan_tolerance_days.into(), || String::from("plan_tolerance_days"))?;
        let calendar = BusinessCalendar { weekend: self.weekend.clone(), holidays: self.holidays.clone() };
        if let Err(error) = calendar.compile() {
            return Err(invalid("weekend", &error.to_string()));
        }
        for (at, trigger) in self.triggers.iter().enumerate() {
            trigger.check(&format!("triggers[{at}]"))?;
            known.template(&trigger.template, || format!("triggers[{at}].template"))?;
            if self.triggers.iter().take(at).any(|before| before.id == trigger.id) {
                return Err(invalid(&format!("triggers[{at}].id"), "expected an id of its own"));
            }
        }
        for (name, procedure) in &self.procedures {
            let early = |level: &Level| level.days < 0 && self.unit == DunningUnit::Customer;
            if let Some(at) = procedure.levels.iter().position(early) {
                let path = format!("procedures.{name}.levels[{at}].days");
                return Err(invalid(&path, "expected days not below zero where customers have the level"));
            }
        }
        Ok(())
    }
}

impl Procedure {
    fn check(&self, path: &str, known: &Known<'_>) -> Result<(), Problem> {
        if self.levels.is_empty() || self.levels.len() > 99 {
            return Err(invalid(&format!("{path}.levels"), "expected 1 to 99 levels"));
        }
        not_too_many_days(self.grace_days.into(), || format!("{path}.grace_days"))?;
        not_too_many_days(self.interval_days.into(), || format!("{path}.interval_days"))?;
        not_too_many_days(self.minimum_days.unwrap_or(0).into(), || format!("{path}.minimum_days"))?;
        if self.minimum_days.is_some_and(|days| days < 0) {
            return Err(invalid(&format!("{path}.minimum_days"), "expected days not below zero"));
        }
        known.limits(&self.minimum, &format!("{path}.minimum"))?;
        for (at, level) in self.levels.iter().enumerate() {
            let path = format!("{path}.levels[{at}]");
            if level.count_from != CountFrom::DueDate && level.days < 0 {
                return Err(invalid(&format!("{path}.days"), "expected days not below zero"));
            }
            let mut before = self.levels.iter().take(at).rev();
            let last = before.find(|before| before.count_from == level.count_from);
            let falls = level.count_from.is_of_the_item() && last.is_some_and(|last| last.days > level.days);
            if falls {
                return Err(invalid(&format!("{path}.days"), "expected days not below those of the level before"));
            }
            level.check(&path, known)?;
            if !level.hand_over.is_empty() && at.saturating_add(1) < self.levels.len() {
                return Err(invalid(&format!("{path}.hand_over"), "expected it at the last level alone"));
            }
        }
        Ok(())
    }
}

impl Level {
    fn check(&self, path: &str, known: &Known<'_>) -> Result<(), Problem> {
        not_too_many_days(i64::from(self.days).saturating_abs(), || format!("{path}.days"))?;
        not_too_many_days(self.pay_within_days.unwrap_or(0).into(), || format!("{path}.pay_within_days"))?;
        known.limits(&self.minimum, &format!("{path}.minimum"))?;
        if self.minimum_percent.is_some_and(|percent| !is_percentage(percent)) {
            return Err(invalid(&format!("{path}.minimum_percent"), "expected a percentage from 0 to 100"));
        }
        for (fee, name) in [(&self.notice_fee, "notice_fee"), (&self.line_fee, "line_fee")] {
            if let Some(fee) = fee {
                fee.check(&format!("{path}.{name}"), known)?;
            }
        }
        for (asks, name) in [(self.interest, "interest"), (self.compensation, "compensation")] {
            if asks && !known.has_interest {
                return Err(invalid(&format!("{path}.{name}"), "expected an interest policy for it"));
            }
        }
        known.tone(&self.tone, || format!("{path}.tone"))?;
        known.notice_template(&self.template, || format!("{path}.template"))
    }
}

/// A hundred years.
pub(super) const MOST_DAYS: i64 = 36_525;

fn not_too_many_days(days: i64, path: impl Fn() -> String) -> Result<(), Problem> {
    if days > MOST_DAYS { Err(invalid(&path(), "expected at most 36,525 days")) } else { Ok(()) }
}

/// Whether a number is from 0 to 100.
pub(super) fn is_percentage(percent: Exact) -> bool {
    let hundred = 10_i128.checked_pow(u32::from(percent.scale())).and_then(|power| power.checked_mul(100));
    percent.units() >= 0 && hundred.is_some_and(|hundred| percent.units() <= hundred)
}

pub(super) fn invalid(field: &str, reason: &str) -> Problem {
    Problem::new("policy_invalid", reason).field(field)
}

/// What is wrong with the interest policy, at its place in the dunning policy.
fn below_interest(problem: Problem) -> Problem {
    let field = match &problem.field {
        Some(field) => format!("interest.{field}"),
        None => String::from("interest"),
    };
    problem.field(&field)
}
