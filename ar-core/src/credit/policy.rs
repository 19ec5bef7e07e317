//! What is asked before an order ships, and what follows when it fails. A policy is data, proved well-formed before it is used.

use serde::{Deserialize, Serialize};

use super::alert::AlertRule;
use super::part::{CappedPart, ExposurePart};
use super::propose::LimitProposalPolicy;
use crate::dunning::MoneyLimit;
use crate::ledger::store::Attribute;
use crate::money::Exact;
use crate::problem::Problem;
use crate::words::words;

/// How credit is checked; see `docs/specification.md`, section 12. What is left out has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CreditPolicy {
    /// Version of the policy format.
    #[cfg_attr(feature = "schema", schemars(extend("const" = 1)))]
    pub version: u32,
    /// What the user calls it.
    pub id: String,
    /// The parts of an exposure that count.
    pub parts: Vec<ExposurePart>,
    /// Whether amounts of all currencies count, converted.
    pub currencies: Currencies,
    /// Whether companies are looked at together.
    pub companies: Companies,
    /// Whether commitments and the document count with their tax.
    pub amounts: Amounts,
    /// Whether a document of nothing or less is checked.
    pub reductions: Reductions,
    /// What is asked, in order.
    pub checks: Vec<CheckRule>,
    /// Who may let through what is blocked.
    pub release: Vec<ReleaseRule>,
    /// For how many days a release holds; none: for good.
    pub release_days: Option<u32>,
    /// By how many percent an order may be above what was released.
    pub release_percent: Exact,
    /// Which checks a release passes over.
    pub release_covers: ReleaseCovers,
    /// What is told when a line is crossed.
    pub alerts: Vec<AlertRule>,
    /// How a limit is proposed.
    pub proposal: Option<LimitProposalPolicy>,
}

impl Default for CreditPolicy {
    fn default() -> Self {
        let limit = |check| CheckRule { check, ..CheckRule::default() };
        Self {
            version: 1,
            id: String::new(),
            parts: ExposurePart::ALL.iter().copied().filter(|part| *part != ExposurePart::Drafts).collect(),
            currencies: Currencies::default(),
            companies: Companies::default(),
            amounts: Amounts::default(),
            reductions: Reductions::default(),
            checks: vec![limit(CheckKind::Limit), limit(CheckKind::FamilyLimit)],
            release: Vec::new(),
            release_days: None,
            release_percent: Exact::ZERO,
            release_covers: ReleaseCovers::default(),
            alerts: Vec::new(),
            proposal: None,
        }
    }
}

/// One question, and what follows when its answer is no. Each kind has the fields that the specification names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckRule {
    /// What is asked.
    pub check: CheckKind,
    /// What follows when it fails.
    #[serde(default)]
    pub reaction: Reaction,
    /// Orders expected later than in so many days do not count.
    #[serde(default)]
    pub horizon_days: Option<u32>,
    /// Whether a figure equal to the limit passes.
    #[serde(default)]
    pub edge: Option<LimitEdge>,
    /// What a line of 0 means.
    #[serde(default)]
    pub zero: Option<ZeroLine>,
    /// What follows when there is no line, date or score.
    #[serde(default)]
    pub missing: Option<Missing>,
    /// The part that is capped.
    #[serde(default)]
    pub part: Option<CappedPart>,
    /// Days overdue.
    #[serde(default)]
    pub days: Option<u32>,
    /// A share in per cent.
    #[serde(default)]
    pub percent: Option<Exact>,
    /// At most so much.
    #[serde(default)]
    pub maximum: Option<Vec<MoneyLimit>>,
    /// A dunning level.
    #[serde(default)]
    pub level: Option<u32>,
    /// Days after the review date.
    #[serde(default)]
    pub buffer_days: Option<u32>,
    /// Attributes of the customer.
    #[serde(default)]
    pub fields: Option<Vec<String>>,
    /// Changed within so many days.
    #[serde(default)]
    pub within_days: Option<u32>,
    /// At least such a score.
    #[serde(default)]
    pub minimum: Option<Exact>,
    /// The values of `blocked` that block; any when absent.
    #[serde(default)]
    pub blocks: Option<Vec<String>>,
    /// Whether credits that are due are taken off what is overdue; they are not when absent.
    #[serde(default)]
    pub credits: Option<DueCredits>,
}

/// Who may let through what is blocked, and up to how much.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseRule {
    /// The role.
    pub role: String,
    /// The checks that it may pass over; any when absent.
    #[serde(default)]
    pub checks: Option<Vec<CheckKind>>,
    /// By how much a figure may be above its limit; by anything when absent.
    #[serde(default)]
    pub up_to: Option<Vec<MoneyLimit>>,
}

words! {
    /// What is asked.
    CheckKind {
        Limit "limit" /** Whether the exposure of the customer is within its line. */,
        FamilyLimit "family_limit" /** Whether the exposure of a parent and all below it is. */,
        Part "part" /** Whether a part of the exposure is. */,
        DocumentValue "document_value" /** Whether the document is too large. */,
        OverdueShare "overdue_share" /** Whether too large a part of what is open is overdue. */,
        OldestOpen "oldest_open" /** Whether an item is overdue for too long. */,
        DunningLevel "dunning_level" /** Whether an item is dunned at too high a level. */,
        OverdueAmount "overdue_amount" /** Whether too much is overdue. */,
        ReviewDate "review_date" /** Whether the next review is late. */,
        CriticalFields "critical_fields" /** Whether something about the customer changed. */,
        Score "score" /** Whether the score is too low. */,
        Blocked "blocked" /** Whether the customer is blocked. */,
    }
}
words! {
    /// What follows when a check fails.
    Reaction {
        Block "block" /** The order does not ship. */,
        Warn "warn" /** Somebody should know. */,
        Pass "pass" /** Nothing: it is told. */,
    }
}
words! {
    /// Whether a figure equal to the limit passes.
    LimitEdge {
        UpTo "up_to" /** It does. */,
        Below "below" /** It does not. */,
    }
}
words! {
    /// What a line of 0 means.
    ZeroLine {
        Nothing "nothing" /** Nothing is allowed. */,
        Unlimited "unlimited" /** There is no limit. */,
        Inherits "inherits" /** It is as if it were not there, as is one without an amount: the next line is asked. */,
    }
}
words! {
    /// What becomes of credits that are due, where what is overdue is asked.
    DueCredits {
        Apart "apart" /** Nothing: debits are looked at by themselves. */,
        Netted "netted" /** They are taken off, the oldest debit first. */,
    }
}
words! {
    /// What follows when there is nothing to compare with.
    Missing {
        Passes "passes" /** It passes. */,
        Fails "fails" /** It fails. */,
    }
}
words! {
    /// Whether amounts of other currencies count.
    Currencies {
        Converted "converted" /** They do, converted at the latest rate. */,
        Apart "apart" /** Each currency has its own lines. */,
    }
}
words! {
    /// Whether companies are looked at together.
    Companies {
        Together "together" /** A line that names no company is about all of them. */,
        Apart "apart" /** Each company is looked at by itself. */,
    }
}
words! {
    /// Whether commitments and the document count with their tax.
    Amounts {
        Gross "gross" /** They do. */,
        Net "net" /** They count without tax, where that is known. */,
    }
}
words! {
    /// Which checks a release passes over.
    ReleaseCovers {
        WhatFailed "what_failed" /** Those that had not passed when it was given. */,
        Anything "anything" /** All, as long as it holds. */,
    }
}
words! {
    /// Whether a document of nothing or less is checked.
    Reductions {
        Checked "checked" /** It is. */,
        Pass "pass" /** It passes. */,
    }
}

/// More days than this mean nothing.
pub(super) const MOST_DAYS: u32 = 36_525;

impl CreditPolicy {
    /// Proves the policy well-formed: each check has what it needs, amounts and days that can be.
    ///
    /// # Errors
    /// `unsupported_version`, `policy_invalid`, with the path of the field.
    pub fn check(&self) -> Result<(), Problem> {
        if self.version != 1 {
            let reason = format!("expected version 1, got {}", self.version);
            return Err(Problem::new("unsupported_version", reason).field("version"));
        }
        for (at, rule) in self.checks.iter().enumerate() {
            rule.check_fields(&format!("checks[{at}]"))?;
            rule.check_values(&format!("checks[{at}]"))?;
        }
        for (at, rule) in self.release.iter().enumerate() {
            not_below_zero(rule.up_to.as_deref().unwrap_or(&[]), &format!("release[{at}].up_to"))?;
        }
        not_too_many_days(self.release_days, "release_days")?;
        if self.release_percent.units() < 0 {
            return Err(invalid("release_percent", "expected a percentage not below zero"));
        }
        for (at, alert) in self.alerts.iter().enumerate() {
            alert.check(&format!("alerts[{at}]"))?;
            if self.alerts.iter().take(at).any(|before| before.id == alert.id) {
                return Err(invalid(&format!("alerts[{at}].id"), "expected an id of its own"));
            }
        }
        self.proposal.as_ref().map_or(Ok(()), |proposal| proposal.check("proposal"))
    }

    pub(super) fn counts(&self, part: ExposurePart) -> bool {
        self.parts.contains(&part)
    }
}

impl CheckRule {
    /// The fields that it may have beside its kind and reaction, each with whether it has it, and whether it must.
    fn fields_given(&self) -> [(&'static str, bool, bool); 15] {
        use CheckKind::{
            Blocked, CriticalFields, DocumentValue, DunningLevel, FamilyLimit, Limit, OldestOpen, OverdueAmount,
            OverdueShare, Part, ReviewDate, Score,
        };
        let kind = self.check;
        let one_of = |kinds: &[CheckKind]| kinds.contains(&kind);
        let days = one_of(&[OverdueShare, OldestOpen, OverdueAmount]);
        let is_overdue_part = kind == Part && self.part == Some(CappedPart::Overdue);
        let line = one_of(&[Limit, FamilyLimit, Part]);
        let compares = line || one_of(&[DocumentValue, OverdueShare, OldestOpen, DunningLevel, OverdueAmount]);
        let misses = line || one_of(&[ReviewDate, Score]);
        let amounts = one_of(&[DocumentValue, OverdueAmount]);
        let may = |has: bool, may: bool| has && !may;
        [
            ("horizon_days", may(self.horizon_days.is_some(), one_of(&[Limit, FamilyLimit])), false),
            ("edge", may(self.edge.is_some(), compares), false),
            ("zero", may(self.zero.is_some(), line), false),
            ("missing", may(self.missing.is_some(), misses), false),
            ("part", may(self.part.is_some(), kind == Part), kind == Part && self.part.is_none()),
            ("days", may(self.days.is_some(), days || is_overdue_part), days && self.days.is_none()),
            (
                "percent",
                may(self.percent.is_some(), kind == OverdueShare),
                kind == OverdueShare && self.percent.is_none(),
            ),
            ("maximum", may(self.maximum.is_some(), amounts), amounts && self.maximum.is_none()),
            ("level", may(self.level.is_some(), kind == DunningLevel), kind == DunningLevel && self.level.is_none()),
            ("buffer_days", may(self.buffer_days.is_some(), kind == ReviewDate), false),
            (
                "fields",
                may(self.fields.is_some(), kind == CriticalFields),
                kind == CriticalFields && self.fields.is_none(),
            ),
            (
                "within_days",
                may(self.within_days.is_some(), kind == CriticalFields),
                kind == CriticalFields && self.within_days.is_none(),
            ),
            ("minimum", may(self.minimum.is_some(), kind == Score), kind == Score && self.minimum.is_none()),
            ("blocks", may(self.blocks.is_some(), kind == Blocked), false),
            ("credits", may(self.credits.is_some(), one_of(&[OldestOpen, OverdueAmount])), false),
        ]
    }

    fn check_fields(&self, path: &str) -> Result<(), Problem> {
        for (field, is_stray, is_lacking) in self.fields_given() {
            let reason = match (is_stray, is_lacking) {
                (true, _) => "expected no such field of this check",
                (_, true) => "expected this field of this check, got none",
                _ => continue,
            };
            return Err(invalid(&format!("{path}.{field}"), reason));
        }
        Ok(())
    }

    fn check_values(&self, path: &str) -> Result<(), Problem> {
        not_too_many_days(self.horizon_days, &format!("{path}.horizon_days"))?;
        not_too_many_days(self.days, &format!("{path}.days"))?;
        if self.percent.is_some_and(|percent| !is_percentage(percent)) {
            return Err(invalid(&format!("{path}.percent"), "expected a percentage from 0 to 100"));
        }
        not_below_zero(self.maximum.as_deref().unwrap_or(&[]), &format!("{path}.maximum"))?;
        not_too_many_days(self.buffer_days, &format!("{path}.buffer_days"))?;
        if self.fields.iter().flatten().any(|name| Attribute::named(name).is_none()) {
            return Err(invalid(&format!("{path}.fields"), "expected attributes of a customer"));
        }
        not_too_many_days(self.within_days, &format!("{path}.within_days"))
    }

    pub(super) fn passes_up_to(&self) -> bool {
        self.edge.unwrap_or_default() == LimitEdge::UpTo
    }

    pub(super) fn fails_without(&self) -> bool {
        self.missing == Some(Missing::Fails)
    }
}

/// Whether a number is from 0 to 100.
pub(super) fn is_percentage(percent: Exact) -> bool {
    let hundred = 10_i128.checked_pow(u32::from(percent.scale())).and_then(|power| power.checked_mul(100));
    percent.units() >= 0 && hundred.is_some_and(|hundred| percent.units() <= hundred)
}

pub(super) fn not_too_many_days(days: Option<u32>, path: &str) -> Result<(), Problem> {
    if days.is_some_and(|days| days > MOST_DAYS) {
        return Err(invalid(path, "expected at most 36,525 days"));
    }
    Ok(())
}

pub(super) fn not_below_zero(limits: &[MoneyLimit], path: &str) -> Result<(), Problem> {
    match limits.iter().position(|limit| limit.amount.units() < 0) {
        Some(at) => Err(invalid(&format!("{path}[{at}].amount"), "expected an amount not below zero")),
        None => Ok(()),
    }
}

pub(super) fn invalid(field: &str, reason: &str) -> Problem {
    Problem::new("policy_invalid", reason).field(field)
}
