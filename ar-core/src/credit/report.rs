//! Answers as plain data: a decision, or every check with its operands.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::check::{Asker, Figure, Outcome};
use super::desk::CreditRequest;
use super::part::{self, AT, CappedPart};
use super::policy::CheckKind;
use super::release;
use super::standing::id_of;
use crate::calendar::Day;
use crate::ledger::layers::NONE;
use crate::money::{format_minor, to_decimal};
use crate::problem::Refused;
use crate::words::words;

words! {
    /// What follows from a check.
    Decision {
        Pass "pass" /** It may go. */,
        Warn "warn" /** It may go, and somebody should know. */,
        Block "block" /** It may not go. */,
        Released "released" /** It was blocked and let through. */,
    }
}

/// Whether a document may go, and how much more could.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditDecision {
    /// What follows.
    pub decision: Decision,
    /// How much could be asked for without a limit being passed, in the request's currency; none without a limit.
    pub headroom: Option<Decimal>,
    /// The release that lets it through.
    pub release: Option<String>,
}

/// An answer with its reasons.
///
/// **Currency**: `amount` and `headroom` are in `currency`, each check's figures in its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditCheck {
    /// Who would owe it.
    pub customer: String,
    /// The company that sells.
    pub company: String,
    /// What it is: `order`, `draft`, `delivery` or `invoice`.
    pub kind: String,
    /// The currency.
    pub currency: String,
    /// How much.
    pub amount: Decimal,
    /// Its id.
    pub order: Option<String>,
    /// `pass`, `warn`, `block` or `released`.
    pub decision: String,
    /// How much could be asked for; none without a limit.
    pub headroom: Option<Decimal>,
    /// The release that lets it through.
    pub release: Option<String>,
    /// The roles that may release it, when it is blocked.
    pub may_release: Vec<String>,
    /// Every check, in the order of the policy.
    pub checks: Vec<CheckOutcome>,
    /// What differs from when the order, or the customer, was last released.
    pub changed: Vec<CreditChange>,
}

/// A check with its operands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckOutcome {
    /// What was asked.
    pub check: String,
    /// Of which part; empty where it is not about one.
    pub part: String,
    /// The credit line; empty where there is none.
    pub line: String,
    /// Whose figure it is.
    pub customer: String,
    /// In which company; none: in all.
    pub company: Option<String>,
    /// The currency of its amounts.
    pub currency: String,
    /// The figure: an amount, a number, a day, a percentage, a text.
    pub figure: Option<String>,
    /// What it was compared with.
    pub limit: Option<String>,
    /// What is left of a line without the document.
    pub headroom: Option<Decimal>,
    /// Whether it passed.
    pub passed: bool,
    /// What follows when it does not: `block`, `warn` or `pass`.
    pub reaction: String,
    /// The parts of an exposure.
    pub parts: Vec<ExposureAmount>,
}

/// A part of an exposure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposureAmount {
    /// Its name.
    pub part: String,
    /// How much.
    pub amount: Decimal,
    /// Whether the policy counts it.
    pub counts: bool,
}

/// Something that is no longer as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditChange {
    /// What.
    pub what: String,
    /// As it was.
    pub before: String,
    /// As it is.
    pub now: String,
}

/// An amount as a decimal at the scale of its currency.
pub(super) fn decimal(amount: i128, digits: u8) -> Decimal {
    match i64::try_from(amount) {
        Ok(minor) => to_decimal(minor, digits),
        Err(_) => Decimal::try_from_i128_with_scale(amount, digits.into()).unwrap_or_default(),
    }
}

pub(super) fn answer(
    asker: &Asker<'_>,
    request: &CreditRequest<'_>,
    decision: Decision,
    found: Option<u32>,
) -> Result<CreditCheck, Refused> {
    let given = asker.desk.given();
    let digits = given.digits(asker.request.currency);
    let checks = asker.outcomes.iter().filter_map(|outcome| shown(asker, request, outcome)).collect();
    Ok(CreditCheck {
        customer: request.customer.to_owned(),
        company: company_name(asker, request),
        kind: asker.request.kind.name().to_owned(),
        currency: request.currency.to_owned(),
        amount: to_decimal(asker.request.amount, digits),
        order: request.order.map(str::to_owned),
        decision: decision.name().to_owned(),
        headroom: asker.headroom()?.map(|amount| decimal(amount, digits)),
        release: found.map(|id| given.view.store.matter_ids.text(id).to_owned()),
        may_release: if decision == Decision::Block { release::may_release(asker) } else { Vec::new() },
        checks,
        changed: release::changed(asker)?,
    })
}

/// The company that it is asked of: where none is told, that of the commitment in whose place the document is.
fn company_name(asker: &Asker<'_>, request: &CreditRequest<'_>) -> String {
    let of_posted = || asker.desk.given().company_name(asker.request.company);
    if request.company.is_empty() { of_posted() } else { request.company.to_owned() }
}

fn shown(asker: &Asker<'_>, request: &CreditRequest<'_>, outcome: &Outcome) -> Option<CheckOutcome> {
    let given = asker.desk.given();
    let store = &given.view.store;
    let rule = asker.rule(outcome)?;
    let digits = given.digits(outcome.currency);
    let text = |figure: Figure| match figure {
        Figure::None => None,
        Figure::Money(amount) => Some(given.shown(amount, outcome.currency)),
        Figure::Whole(number) => Some(number.to_string()),
        Figure::Day(number) => {
            i32::try_from(number).ok().and_then(|number| Day::new(number).ok()).map(|day| day.to_string())
        }
        Figure::Percent(hundredths) => Some(format_minor(hundredths, 2)),
        Figure::Number(number) => Some(number.to_string()),
        Figure::Text(number) => Some(store.texts.text(number).to_owned()),
        Figure::Field(at) => rule.fields.as_ref()?.get(at).cloned(),
    };
    let amounts = |parts: &part::Parts| {
        let of = |(place, amount): (usize, &i128)| ExposureAmount {
            part: part::name_at(place).to_owned(),
            amount: decimal(*amount, digits),
            counts: AT.get(place).copied().flatten().is_some_and(|part| given.policy.counts(part)),
        };
        parts.iter().enumerate().map(of).collect::<Vec<_>>()
    };
    let is_part = rule.check == CheckKind::Part;
    let line = outcome.line.map_or(NONE, |line| line.id);
    Some(CheckOutcome {
        check: rule.check.name().to_owned(),
        part: if is_part { rule.part.map_or("", CappedPart::name).to_owned() } else { String::new() },
        line: if line == NONE { String::new() } else { store.matter_ids.text(line).to_owned() },
        customer: id_of(&given.view, outcome.customer).to_owned(),
        company: outcome.company.map(|_| company_name(asker, request)),
        currency: given.code(outcome.currency),
        figure: text(outcome.figure),
        limit: text(outcome.limit),
        headroom: outcome.headroom.map(|amount| decimal(amount, digits)),
        passed: outcome.passed,
        reaction: rule.reaction.name().to_owned(),
        parts: outcome.parts.as_ref().map(amounts).unwrap_or_default(),
    })
}
