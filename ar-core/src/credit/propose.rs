//! How much credit should a customer have, and why?

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::check::is_at_least;
use super::desk::CreditDesk;
use super::given::Given;
use super::policy::{invalid, not_below_zero, not_too_many_days};
use super::report::decimal;
use super::standing::debits;
use crate::dunning::MoneyLimit;
use crate::ledger::layers::{NONE, place};
use crate::ledger::schedule;
use crate::ledger::store::{Attribute, NO_DAY};
use crate::ledger::{DocumentKind, View};
use crate::money::{Exact, Rounding, divide, format_minor};
use crate::problem::{Problem, Refused, quoted};

/// How a limit is proposed: so many days of sales, less for a low score, for paying late and for being new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LimitProposalPolicy {
    /// How many days of sales a limit covers.
    pub volume_days: u32,
    /// How many days of history are looked at.
    pub history_days: u32,
    /// By score: the entry with the highest `from` that the score reaches.
    pub score: Vec<ProposalTier>,
    /// By average days late of what was paid and of what is overdue, likewise.
    pub late: Vec<ProposalTier>,
    /// For a customer that has paid nothing in the history and is late with nothing.
    pub new_percent: Exact,
    /// Rounded down to a multiple of this; up where that would be below the minimum.
    pub step: Vec<MoneyLimit>,
    /// Not less than this, when there is anything.
    pub minimum: Vec<MoneyLimit>,
    /// Not more than this.
    pub maximum: Vec<MoneyLimit>,
    /// The values of `blocked` with which there is no limit above nothing; any when absent.
    pub blocks: Option<Vec<String>>,
}

/// From a number on, such a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProposalTier {
    /// From this number on.
    pub from: Exact,
    /// So many per cent.
    pub percent: Exact,
}

impl Default for LimitProposalPolicy {
    fn default() -> Self {
        Self {
            volume_days: 60,
            history_days: 365,
            score: Vec::new(),
            late: Vec::new(),
            new_percent: Exact::from_minor(100, 0),
            step: Vec::new(),
            minimum: Vec::new(),
            maximum: Vec::new(),
            blocks: None,
        }
    }
}

impl LimitProposalPolicy {
    pub(super) fn check(&self, path: &str) -> Result<(), Problem> {
        not_too_many_days(Some(self.volume_days), &format!("{path}.volume_days"))?;
        not_too_many_days(Some(self.history_days), &format!("{path}.history_days"))?;
        if self.history_days == 0 {
            return Err(invalid(&format!("{path}.history_days"), "expected at least a day"));
        }
        for (name, tiers) in [("score", &self.score), ("late", &self.late)] {
            let mut before: Option<Exact> = None;
            for (at, tier) in tiers.iter().enumerate() {
                if before.is_some_and(|before| is_at_least(before, tier.from)) {
                    return Err(invalid(
                        &format!("{path}.{name}[{at}].from"),
                        "expected a number above the one before",
                    ));
                }
                if tier.percent.units() < 0 {
                    return Err(invalid(
                        &format!("{path}.{name}[{at}].percent"),
                        "expected a percentage not below zero",
                    ));
                }
                before = Some(tier.from);
            }
        }
        if self.new_percent.units() < 0 {
            return Err(invalid(&format!("{path}.new_percent"), "expected a percentage not below zero"));
        }
        for (name, limits) in [("step", &self.step), ("minimum", &self.minimum), ("maximum", &self.maximum)] {
            not_below_zero(limits, &format!("{path}.{name}"))?;
        }
        Ok(())
    }
}

/// What a limit is proposed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitQuestion<'a> {
    /// For whom; none for somebody new.
    pub customer: Option<&'a str>,
    /// In which currency.
    pub currency: &'a str,
    /// What is to be sold in a month; from the customer's own sales when absent.
    pub monthly_volume: Option<Decimal>,
    /// An external score; the customer's own when absent.
    pub score: Option<&'a str>,
}

/// A limit with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitProposal {
    /// For whom.
    pub customer: Option<String>,
    /// The currency.
    pub currency: String,
    /// How much.
    pub limit: Decimal,
    /// What it came from, step by step.
    pub reasons: Vec<LimitReason>,
}

/// A step on the way to a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitReason {
    /// `volume`, `sales`, `score`, `late`, `new`, `minimum`, `step`, `maximum` or `blocked`.
    pub step: String,
    /// What was looked at.
    pub figure: Option<String>,
    /// Such a part was taken.
    pub percent: Option<String>,
    /// The amount after it.
    pub amount: Decimal,
}

struct Walk<'a> {
    given: &'a Given,
    policy: &'a LimitProposalPolicy,
    currency: u32,
    reasons: Vec<LimitReason>,
}

impl CreditDesk {
    /// How much credit a customer should have, known or new, with the reasons.
    ///
    /// # Errors
    /// `unknown_value`, field `customer`; `unknown_currency`; those of money, field `monthly_volume`; `missing_field` without
    /// customer and volume; `not_a_number`, field `score`; `rate_missing`.
    pub fn propose_limit(&self, question: &LimitQuestion<'_>) -> Result<LimitProposal, Refused> {
        let given = self.given();
        let store = &given.view.store;
        let unknown = |id: &str| {
            let reason = format!("expected the id of a customer, got {}", quoted(id));
            Refused::from(Problem::new("unknown_value", reason).field("customer"))
        };
        let customer =
            question.customer.map(|id| store.customer_ids.find(id).ok_or_else(|| unknown(id))).transpose()?;
        let currency = given.coin(question.currency).map_err(|problem| Refused::from(problem.field("currency")))?;
        let default = LimitProposalPolicy::default();
        let policy = given.policy.proposal.as_ref().unwrap_or(&default);
        let mut walk = Walk { given, policy, currency, reasons: Vec::new() };
        let amount = walk.volume(customer, question.monthly_volume)?;
        let amount = walk.scored(customer, question.score, amount)?;
        let amount = walk.behaved(customer, amount);
        let amount = walk.bounded(amount)?;
        let amount = walk.blocked(customer, amount);
        Ok(LimitProposal {
            customer: question.customer.map(str::to_owned),
            currency: question.currency.to_owned(),
            limit: decimal(amount, given.digits(currency)),
            reasons: walk.reasons,
        })
    }
}

impl Walk<'_> {
    fn say(&mut self, step: &str, figure: Option<String>, percent: Option<Exact>, amount: i128) -> i128 {
        self.reasons.push(LimitReason {
            step: step.to_owned(),
            figure,
            percent: percent.map(|percent| percent.to_string()),
            amount: decimal(amount, self.given.digits(self.currency)),
        });
        amount
    }

    /// The first day of the history is the one after this.
    fn before_history(&self) -> i64 {
        i64::from(self.given.view.day().number()).saturating_sub(self.policy.history_days.into())
    }

    fn volume(&mut self, customer: Option<u32>, monthly: Option<Decimal>) -> Result<i128, Refused> {
        let days = i128::from(self.policy.volume_days);
        if let Some(monthly) = monthly {
            let minor = Exact::from_decimal(monthly).to_minor(self.given.digits(self.currency));
            let minor = minor.map_err(|error| Refused::from(error).at(None, None, "monthly_volume"))?;
            if minor < 0 {
                let reason = "expected a volume not below zero";
                return Err(Problem::new("wrong_sign", reason).field("monthly_volume").into());
            }
            let figure = self.given.shown(minor.into(), self.currency);
            return Ok(self.say("volume", Some(figure), None, part(i128::from(minor), days, 30)));
        }
        let Some(customer) = customer else {
            let reason = "expected a monthly volume for somebody who has none, got none";
            return Err(Problem::new("missing_field", reason).field("monthly_volume").into());
        };
        let mut sales = 0_i128;
        for (currency, sum) in self.sales(customer) {
            sales = sales.saturating_add(self.given.convert(sum, currency, self.currency)?);
        }
        let sales = sales.max(0);
        let figure = self.given.shown(sales, self.currency);
        Ok(self.say("sales", Some(figure), None, part(sales, days, self.policy.history_days.into())))
    }

    /// The documents of a customer that count, each with its account's currency.
    fn documents(&self, customer: u32) -> Vec<(u32, u32)> {
        let view = &self.given.view;
        let store = &view.store;
        let mut all = Vec::new();
        for held in store.customer_accounts.of(customer) {
            let currency = store.account(held.account).currency;
            for piece in store.documents.iter() {
                for row in piece.rows_of(held.account) {
                    let at = place(row);
                    let counted = piece.effective.get(at).zip(piece.recorded.get(at));
                    if counted.is_some_and(|(effective, recorded)| view.counted(*effective, *recorded)) {
                        all.push((piece.start.saturating_add(row), currency));
                    }
                }
            }
        }
        all
    }

    /// What was sold in the history, by currency.
    fn sales(&self, customer: u32) -> Vec<(u32, i128)> {
        use DocumentKind::{CreditNote, DebitNote, Invoice};
        let (view, after) = (&self.given.view, self.before_history());
        let mut sums: Vec<(u32, i128)> = Vec::new();
        for (document, currency) in self.documents(customer) {
            let Some((piece, row)) = view.store.documents.find(document) else { continue };
            let (Some(kind), Some(date), Some(amount)) =
                (piece.kind.get(row), piece.document_date.get(row), piece.amount.get(row))
            else {
                continue;
            };
            if view.is_cancelled(document)
                || view.is_residual(document)
                || !matches!(kind, Invoice | DebitNote | CreditNote)
                || i64::from(*date) <= after
            {
                continue;
            }
            match sums.iter_mut().find(|(held, _)| *held == currency) {
                Some((_, sum)) => *sum = sum.saturating_add((*amount).into()),
                None => sums.push((currency, (*amount).into())),
            }
        }
        sums
    }

    fn scored(&mut self, customer: Option<u32>, asked: Option<&str>, amount: i128) -> Result<i128, Refused> {
        let view = &self.given.view;
        let score = match asked {
            Some(text) => Some(Exact::parse(text).map_err(|error| Refused::from(error).at(None, None, "score"))?),
            None => customer.and_then(|customer| {
                let held = view.store.attribute(customer, Attribute::Score, view.day().number(), view.known_on);
                let text = if held == NONE { "" } else { view.store.texts.text(held) };
                Exact::parse(text).ok()
            }),
        };
        let Some(score) = score.filter(|_| !self.policy.score.is_empty()) else { return Ok(amount) };
        let percent = tier(&self.policy.score, score).unwrap_or(Exact::ZERO);
        Ok(self.say("score", Some(score.to_string()), Some(percent), percent_of(amount, percent)))
    }

    fn behaved(&mut self, customer: Option<u32>, amount: i128) -> i128 {
        let is_asked = !self.policy.late.is_empty();
        let (sum, count) = customer.map_or((0, 0), |customer| self.days_late(customer));
        let Some(mean) = divide(sum.saturating_mul(100), count, Rounding::HalfAwayFromZero) else {
            let percent = self.policy.new_percent;
            let whole = Exact::from_minor(100, 0);
            // Without tiers all of it is no reason.
            if !is_asked && is_at_least(percent, whole) && is_at_least(whole, percent) {
                return amount;
            }
            return self.say("new", None, Some(percent), percent_of(amount, percent));
        };
        if !is_asked {
            return amount;
        }
        let percent = tier(&self.policy.late, Exact::new(mean, 2)).unwrap_or(Exact::from_minor(100, 0));
        self.say("late", Some(format_minor(mean, 2)), Some(percent), percent_of(amount, percent))
    }

    /// The days between due date and allocation, instalment by instalment, and those since the due date of what is overdue, added up; and how many there are.
    fn days_late(&self, customer: u32) -> (i128, i128) {
        let (view, after) = (&self.given.view, self.before_history());
        let store = &view.store;
        let (mut sum, mut count) = (0_i128, 0_i128);
        for (document, _) in self.documents(customer) {
            let Some((piece, row)) = store.documents.find(document) else { continue };
            let is_sale =
                piece.kind.get(row).is_some_and(|kind| matches!(kind, DocumentKind::Invoice | DocumentKind::DebitNote));
            for (effective, due) in if is_sale { paid(view, document) } else { Vec::new() } {
                if i64::from(effective) > after {
                    sum = sum.saturating_add(i128::from(effective).saturating_sub(due.into()));
                    count = count.saturating_add(1);
                }
            }
        }
        for debit in debits(view, customer).iter().filter(|debit| debit.days > 0) {
            let found = store.documents.find(debit.document).and_then(|(piece, row)| piece.kind.get(row));
            if found.is_some_and(|kind| matches!(kind, DocumentKind::Invoice | DocumentKind::DebitNote)) {
                sum = sum.saturating_add(debit.days.into());
                count = count.saturating_add(1);
            }
        }
        (sum, count)
    }

    fn bounded(&mut self, amount: i128) -> Result<i128, Refused> {
        let mut amount = amount;
        let policy = self.policy;
        let step = self.entry(&policy.step, "step")?;
        let least = self.entry(&policy.minimum, "minimum")?.filter(|_| amount > 0);
        if let Some(least) = least.filter(|least| amount < *least) {
            let figure = self.given.shown(least, self.currency);
            amount = self.say("minimum", Some(figure), None, least);
        }
        if let Some(step) = step.filter(|step| *step > 0) {
            let over = amount.checked_rem(step).unwrap_or(0);
            let down = amount.saturating_sub(over);
            let stepped = if least.is_some_and(|least| down < least) { down.saturating_add(step) } else { down };
            if over != 0 {
                let figure = self.given.shown(step, self.currency);
                amount = self.say("step", Some(figure), None, stepped);
            }
        }
        if let Some(most) = self.entry(&policy.maximum, "maximum")?.filter(|most| amount > *most) {
            let figure = self.given.shown(most, self.currency);
            amount = self.say("maximum", Some(figure), None, most);
        }
        Ok(amount)
    }

    /// Nothing for who is blocked.
    fn blocked(&mut self, customer: Option<u32>, amount: i128) -> i128 {
        let view = &self.given.view;
        let blocked = customer.map_or(NONE, |customer| {
            view.store.attribute(customer, Attribute::Blocked, view.day().number(), view.known_on)
        });
        let text = if blocked == NONE { "" } else { view.store.texts.text(blocked) };
        let blocks = self.policy.blocks.as_ref().is_none_or(|words| words.iter().any(|word| word == text));
        if text.is_empty() || !blocks {
            return amount;
        }
        self.say("blocked", Some(text.to_owned()), None, 0)
    }

    /// The first entry of the currency.
    fn entry(&self, limits: &[MoneyLimit], name: &str) -> Result<Option<i128>, Refused> {
        let code = self.given.code(self.currency);
        let entry = limits.iter().find(|entry| entry.currency == code);
        let minor = entry.map(|entry| entry.amount.to_minor(self.given.digits(self.currency))).transpose();
        let minor = minor.map_err(|error| Refused::from(error).at(None, None, &format!("proposal.{name}")))?;
        Ok(minor.map(i128::from))
    }
}

/// What an allocation or difference takes off a document.
struct Taken<'a> {
    effective: i32,
    id: &'a str,
    instalment: u32,
    pays: bool,
    amount: i128,
}

/// What holds that takes something off a document, in the order of days, then ids.
fn taken(view: &View, document: u32) -> Vec<Taken<'_>> {
    let store = &view.store;
    let mut live: Vec<(u32, i128)> = Vec::new();
    for leg in store.legs.of(document) {
        if leg.allocation == NONE || !view.counted(leg.effective, leg.recorded) {
            continue;
        }
        match live.iter_mut().find(|(held, _)| *held == leg.allocation) {
            Some((_, left)) => *left = left.saturating_add(leg.amount.into()),
            None => live.push((leg.allocation, leg.amount.into())),
        }
    }
    let told = live.into_iter().filter(|(_, left)| *left > 0).filter_map(|(number, amount)| {
        let fact = store.allocations.get(number)?;
        let instalment = fact.sides().find(|side| side.document == document)?.instalment;
        let id = store.allocation_ids.text(number);
        Some(Taken { effective: fact.effective, id, instalment, pays: !fact.is_difference(), amount })
    });
    let mut all: Vec<Taken<'_>> = told.collect();
    all.sort_by_key(|one| (one.effective, one.id));
    all
}

/// The instalments of a document that allocations paid something of: the day of each allocation, and the due date. Those that are
/// named first, then the earliest due, as what is open of them is told.
fn paid(view: &View, document: u32) -> Vec<(i32, i32)> {
    let mut taken = taken(view, document);
    let Some((piece, row)) = view.store.documents.find(document).filter(|_| !taken.is_empty()) else {
        return Vec::new();
    };
    let schedule = schedule::in_force(&view.store, document, view.stood_on(), view.known_on);
    let mut open: Vec<(u32, i32, i128)> = schedule.iter().map(|it| (it.number, it.due, it.amount.into())).collect();
    if let (true, Some(due), Some(amount)) = (open.is_empty(), piece.due.get(row), piece.amount.get(row)) {
        open.push((0, *due, (*amount).into()));
    }
    let mut paid: Vec<(usize, usize)> = Vec::new();
    for is_named in [true, false] {
        for (at, one) in taken.iter_mut().enumerate() {
            let fits = |number: u32| !is_named || (one.instalment != NONE && one.instalment == number);
            for (slot, (number, _, left)) in open.iter_mut().enumerate() {
                let part = one.amount.min((*left).max(0));
                if part > 0 && fits(*number) {
                    *left = left.saturating_sub(part);
                    one.amount = one.amount.saturating_sub(part);
                    paid.push((at, slot));
                }
            }
        }
    }
    paid.sort_unstable();
    paid.dedup();
    let told = paid.into_iter().filter_map(|(at, slot)| {
        let (one, (_, due, _)) = (taken.get(at)?, open.get(slot)?);
        (one.pays && *due != NO_DAY).then_some((one.effective, *due))
    });
    told.collect()
}

/// The percent of the last tier that a number reaches.
fn tier(tiers: &[ProposalTier], number: Exact) -> Option<Exact> {
    tiers.iter().rfind(|tier| is_at_least(number, tier.from)).map(|tier| tier.percent)
}

/// A part of an amount that is not below zero, rounded down.
fn part(amount: i128, by: i128, of: i128) -> i128 {
    amount.saturating_mul(by).checked_div(of).unwrap_or(0)
}

fn percent_of(amount: i128, percent: Exact) -> i128 {
    let power = 10_i128.checked_pow(u32::from(percent.scale())).unwrap_or(i128::MAX);
    part(amount, percent.units(), power.saturating_mul(100))
}
