//! What should somebody hear of, once, when it happens?

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::check::is_at_least;
use super::exposure::ExposurePer;
use super::given::Given;
use super::pass::{all_rows, rows_below_the_top, rows_of};
use super::policy::{CreditPolicy, Currencies, invalid, is_percentage, not_too_many_days};
use super::rows::{Row, Rows};
use super::standing::{Debit, debits};
use crate::calendar::Day;
use crate::ledger::View;
use crate::ledger::fact::{Facts, Notice};
use crate::ledger::layers::NONE;
use crate::ledger::promises::Settled;
use crate::ledger::store::{Attribute, DisputeFact, NO_DAY, PromiseFact};
use crate::ledger::view::bare;
use crate::money::{Exact, ratio_text};
use crate::problem::{Problem, Refused};
use crate::words::words;

/// What is told when it becomes true. Each has the field that its `when` needs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlertRule {
    /// What the user calls it, without a `/`; keys begin with it.
    pub id: String,
    /// What is watched.
    pub when: AlertWhen,
    /// Of `score_below`: the score.
    #[serde(default)]
    pub minimum: Option<Exact>,
    /// Of `limit_used` and `concentration`: the share.
    #[serde(default)]
    pub percent: Option<Exact>,
    /// Of `overdue` and `promise_broken`: how many days late.
    #[serde(default)]
    pub days: Option<u32>,
    /// Of `limit_used`: whose limit, each customer's (when absent) or each family's; of `concentration`: whose share.
    #[serde(default)]
    pub per: Option<ExposurePer>,
    /// Of `limit_used`: the company whose limit is looked at, and what is owed there; none for the limit of all companies.
    #[serde(default)]
    pub company: Option<String>,
}

words! {
    /// What is watched.
    AlertWhen {
        ScoreBelow "score_below" /** The score of a customer is below a number. */,
        LimitUsed "limit_used" /** The exposure of a customer is above a share of its limit. */,
        Overdue "overdue" /** A customer has an item that is overdue for more than so many days. */,
        DisputeOpened "dispute_opened" /** A dispute is open. */,
        PromiseBroken "promise_broken" /** A promise is not kept. */,
        Concentration "concentration" /** A customer has more than a share of all exposure. */,
    }
}

impl AlertRule {
    /// Whether all customers are looked at together, because the index of one does not tell it.
    fn is_about_all(&self) -> bool {
        let of_own = self.per.unwrap_or_default() == ExposurePer::Customer && self.company.is_none();
        self.when == AlertWhen::Concentration || (self.when == AlertWhen::LimitUsed && !of_own)
    }

    pub(super) fn check(&self, path: &str) -> Result<(), Problem> {
        let percent = matches!(self.when, AlertWhen::LimitUsed | AlertWhen::Concentration);
        let days = matches!(self.when, AlertWhen::Overdue | AlertWhen::PromiseBroken);
        let fields = [
            ("minimum", self.minimum.is_some(), self.when == AlertWhen::ScoreBelow, true),
            ("percent", self.percent.is_some(), percent, true),
            ("days", self.days.is_some(), days, self.when == AlertWhen::Overdue),
            ("per", self.per.is_some(), percent, false),
            ("company", self.company.is_some(), self.when == AlertWhen::LimitUsed, false),
        ];
        // The first slash of a key ends the id, and what comes behind the customer has none: so no two alerts have a key in common.
        if self.id.is_empty() || self.id.contains('/') {
            return Err(invalid(&format!("{path}.id"), "expected an id without a slash, with which keys begin"));
        }
        for (field, has, may, must) in fields {
            if has && !may {
                return Err(invalid(&format!("{path}.{field}"), "expected no such field of this alert"));
            }
            if may && must && !has {
                return Err(invalid(&format!("{path}.{field}"), "expected this field of this alert, got none"));
            }
        }
        if self.percent.is_some_and(|percent| !is_percentage(percent)) {
            return Err(invalid(&format!("{path}.percent"), "expected a percentage from 0 to 100"));
        }
        not_too_many_days(self.days, &format!("{path}.days"))
    }
}

/// Something that became true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditAlert {
    /// The rule.
    pub rule: String,
    /// What it watches.
    pub when: String,
    /// What tells this crossing from every other: posted as the id of a notice, it is never told again.
    pub key: String,
    /// Whom it is about.
    pub customer: String,
    /// The document; empty where it is not about one.
    pub document: String,
    /// Since when it is true.
    pub day: NaiveDate,
    /// The figure.
    pub figure: Option<String>,
    /// What it crossed.
    pub limit: Option<String>,
}

/// What is true of somebody, before it is known since when.
struct Found {
    /// What the key says after the rule; the day on which it began comes behind it where there is none here.
    subject: String,
    /// The day, where the thing itself has one.
    day: Option<i32>,
    customer: u32,
    currency: u32,
    document: u32,
    figure: Option<String>,
    limit: Option<String>,
}

impl View {
    /// What is true in this view and was not in another of the same ledger, each crossing once.
    ///
    /// **Source**: `docs/specification.md`, section 12.
    ///
    /// # Errors
    /// Those of [`CreditPolicy::check`] and of [`View::exposure`]; `unknown_value`, field `alerts[0].company`.
    pub fn credit_alerts(&self, before: &View, policy: &CreditPolicy) -> Result<Vec<CreditAlert>, Refused> {
        let sent = self.store.notices.all().filter(|fact| self.counted(fact.effective, fact.recorded));
        let sent = sent.map(|fact| (self.store.matter_ids.text(fact.id), fact.effective)).collect();
        let (now, before_given) = (Given::new(self, policy)?, Given::new(before, policy)?);
        for (at, rule) in policy.alerts.iter().enumerate() {
            now.knows_company(rule.company.as_deref().unwrap_or(""), &format!("alerts[{at}].company"))?;
        }
        let watch = Watch { now, before: before_given, view: self, then: before, sent };
        let mut alerts = Vec::new();
        for rule in &policy.alerts {
            let mut told = watch.rule(rule)?;
            told.sort_by(|a, b| a.key.cmp(&b.key));
            alerts.append(&mut told);
        }
        Ok(alerts)
    }
}

/// The facts that say that alerts were told: notices of level 0 on a day.
#[must_use]
pub fn alert_facts(alerts: &[CreditAlert], on: Day) -> Facts {
    let notice = |alert: &CreditAlert| Notice {
        id: alert.key.clone(),
        customer: alert.customer.clone(),
        document: (!alert.document.is_empty()).then(|| alert.document.clone()),
        effective: on.to_naive_date(),
        ..Notice::default()
    };
    Facts { notices: alerts.iter().map(notice).collect(), ..Facts::default() }
}

struct Watch<'a> {
    now: Given,
    before: Given,
    view: &'a View,
    then: &'a View,
    /// The ids of the notices that count, with their days.
    sent: BTreeMap<&'a str, i32>,
}

impl Watch<'_> {
    fn rule(&self, rule: &AlertRule) -> Result<Vec<CreditAlert>, Refused> {
        let found = match rule.when {
            AlertWhen::ScoreBelow => self.scores(rule),
            AlertWhen::LimitUsed => limits_used(self.view, &self.now, rule)?,
            AlertWhen::Overdue => self.overdue(rule),
            AlertWhen::DisputeOpened => self.disputes(),
            AlertWhen::PromiseBroken => self.promises(rule),
            AlertWhen::Concentration => concentrated(self.view, &self.now, rule)?,
        };
        let old: Option<FxHashSet<String>> = match rule.when {
            _ if rule.is_about_all() && !found.is_empty() => {
                let old = true_of_all(self.then, &self.before, rule)?;
                Some(old.into_iter().map(|found| found.subject).collect())
            }
            _ => None,
        };
        let mut new = Vec::new();
        let kept = OnceCell::new();
        for found in found {
            let was = match &old {
                Some(old) => old.contains(&found.subject),
                None => self.holds(&self.before, rule, &found, &kept)?,
            };
            if !was {
                new.push(found);
            }
        }
        let began = if rule.is_about_all() { self.all_since(rule, &new) } else { Vec::new() };
        let mut told = Vec::new();
        for (at, found) in new.into_iter().enumerate() {
            let began = began.get(at).copied();
            told.extend(self.told(rule, found, began)?);
        }
        Ok(told)
    }

    /// The alert; none when a notice has told of it.
    fn told(&self, rule: &AlertRule, found: Found, began: Option<Day>) -> Result<Option<CreditAlert>, Refused> {
        let store = &self.view.store;
        let named = format!("{}/{}", rule.id, found.subject);
        let (day, key) = match found.day {
            Some(day) => (Day::new(day)?, named),
            None => {
                let day = began.unwrap_or_else(|| self.since(rule, &found));
                if self.was_told(&named, day) {
                    return Ok(None);
                }
                (day, format!("{named}/{day}"))
            }
        };
        if self.sent.contains_key(key.as_str()) {
            return Ok(None);
        }
        Ok(Some(CreditAlert {
            rule: rule.id.clone(),
            when: rule.when.name().to_owned(),
            key,
            customer: store.customer_ids.text(found.customer).to_owned(),
            document: if found.document == NONE { String::new() } else { store.document_id(found.document).to_owned() },
            day: day.to_naive_date(),
            figure: found.figure,
            limit: found.limit,
        }))
    }

    /// Whether what began on a day was told already, as having begun on another: later than is known now, or earlier, but told on a day
    /// on which it was true as is known now.
    fn was_told(&self, named: &str, day: Day) -> bool {
        let (first, last) = (format!("{named}/"), format!("{named}/{}", self.view.day()));
        self.sent.range(first.as_str()..=last.as_str()).any(|(id, told)| {
            let began = id.get(first.len()..).and_then(|on| Day::parse(on).ok());
            began.is_some_and(|began| began >= day || *told >= day.number())
        })
    }

    /// The first day since which, with what is known now, it has been true on each day. A day on which it cannot be told, for
    /// want of a rate, is none of them.
    fn since(&self, rule: &AlertRule, found: &Found) -> Day {
        let mut on = self.view.day();
        let kept = OnceCell::new();
        while let Some(earlier) = on.plus_days(-1) {
            let given = self.now.at(bare(Arc::clone(&self.view.store), earlier, self.view.known_on));
            if !matches!(self.holds(&given, rule, found, &kept), Ok(true)) {
                break;
            }
            on = earlier;
        }
        on
    }

    /// The same of what is true of customers beside others: each day is looked at once for all of them.
    fn all_since(&self, rule: &AlertRule, found: &[Found]) -> Vec<Day> {
        let mut began = vec![self.view.day(); found.len()];
        let mut going: Vec<usize> = (0..found.len()).collect();
        let mut on = self.view.day();
        while let (false, Some(earlier)) = (going.is_empty(), on.plus_days(-1)) {
            let view = self.view.on(earlier);
            let Ok(all) = true_of_all(&view, &self.now.at(view.emptied()), rule) else { break };
            let all: FxHashSet<String> = all.into_iter().map(|found| found.subject).collect();
            going.retain(|at| found.get(*at).is_some_and(|found| all.contains(&found.subject)));
            for at in &going {
                began.get_mut(*at).into_iter().for_each(|day| *day = earlier);
            }
            on = earlier;
        }
        began
    }

    /// Whether it is true of the same subject on another day; `came` is what came of promises by then.
    fn holds(&self, given: &Given, rule: &AlertRule, found: &Found, came: &OnceCell<Settled>) -> Result<bool, Refused> {
        let view = &given.view;
        match rule.when {
            AlertWhen::ScoreBelow => Ok(is_low(view, found.customer, rule).is_some()),
            AlertWhen::LimitUsed => {
                let rows = rows_of(given, found.customer)?;
                let is_apart = given.policy.currencies == Currencies::Apart;
                Ok(rows.iter().any(|row| (!is_apart || row.currency == found.currency) && is_used(&row, rule)))
            }
            AlertWhen::Overdue => {
                let days = i64::from(rule.days.unwrap_or(0));
                Ok(debits(view, found.customer).iter().any(|debit| debit.days > days))
            }
            AlertWhen::DisputeOpened => {
                let id = view.store.matter_ids.find(&found.subject);
                let of_document = view.store.disputes.of(found.document);
                Ok(of_document
                    .filter(|fact| Some(fact.id) == id)
                    .any(|fact| is_live(view, fact.effective, fact.recorded, fact.id)))
            }
            AlertWhen::PromiseBroken => {
                let id = view.store.matter_ids.find(&found.subject);
                let of_customer = view.store.promises.of(found.customer);
                let came = came.get_or_init(|| view.settled_promises(rule.days.unwrap_or(0)));
                Ok(of_customer.filter(|fact| Some(fact.id) == id).any(|fact| is_broken(view, fact, rule, came)))
            }
            AlertWhen::Concentration => Ok(false),
        }
    }

    fn scores(&self, rule: &AlertRule) -> Vec<Found> {
        let store = &self.view.store;
        let scored = store.changes.all().filter(|change| change.attribute == Attribute::Score);
        let mut customers: Vec<u32> = scored.map(|change| change.customer).collect();
        customers.sort_unstable();
        customers.dedup();
        let low = |customer: u32| {
            let score = is_low(&self.now.view, customer, rule)?;
            let limit = rule.minimum.map(|minimum| minimum.to_string());
            Some(Found { figure: Some(score), limit, ..Found::of(self.view, customer) })
        };
        customers.into_iter().filter_map(low).collect()
    }

    /// By customer the item that is overdue for longest.
    fn overdue(&self, rule: &AlertRule) -> Vec<Found> {
        let items = &self.view.items;
        let store = &self.view.store;
        let least = i64::from(rule.days.unwrap_or(0));
        let mut worst: FxHashMap<u32, (i64, usize)> = FxHashMap::default();
        for (account, range) in self.view.accounts_in_order() {
            let customer = store.account(account).customer;
            for at in range {
                let (Some(due), Some(open)) = (items.due.get(at), items.open.get(at)) else { continue };
                let late =
                    if *due == NO_DAY { 0 } else { i64::from(self.view.day().number()).saturating_sub((*due).into()) };
                if *open > 0 && late > least && worst.get(&customer).is_none_or(|(held, _)| late > *held) {
                    worst.insert(customer, (late, at));
                }
            }
        }
        let mut found: Vec<(u32, (i64, usize))> = worst.into_iter().collect();
        found.sort_unstable();
        let told = |(customer, (late, at)): (u32, (i64, usize))| Found {
            document: items.document.get(at).copied().unwrap_or(NONE),
            figure: Some(late.to_string()),
            limit: Some(least.to_string()),
            ..Found::of(self.view, customer)
        };
        found.into_iter().map(told).collect()
    }

    fn disputes(&self) -> Vec<Found> {
        let view = self.view;
        let live = view.store.disputes.all().filter(|fact| is_live(view, fact.effective, fact.recorded, fact.id));
        let found = |fact: &DisputeFact| {
            let (piece, row) = view.store.documents.find(fact.document)?;
            let account = view.store.account(*piece.account.get(row)?);
            Some(Found {
                subject: view.store.matter_ids.text(fact.id).to_owned(),
                day: Some(fact.effective),
                document: fact.document,
                ..Found::of(view, account.customer)
            })
        };
        live.filter_map(found).collect()
    }

    fn promises(&self, rule: &AlertRule) -> Vec<Found> {
        let view = self.view;
        let days = i32::try_from(rule.days.unwrap_or(0)).unwrap_or(0);
        let came = view.settled_promises(rule.days.unwrap_or(0));
        let broken = view.store.promises.all().filter(|fact| is_broken(view, fact, rule, &came));
        let found = |fact: &PromiseFact| Found {
            subject: view.store.matter_ids.text(fact.id).to_owned(),
            day: Some(fact.promised.saturating_add(days).saturating_add(1)),
            document: fact.document,
            ..Found::of(view, fact.customer)
        };
        broken.map(found).collect()
    }
}

impl Found {
    fn of(view: &View, customer: u32) -> Self {
        let subject = view.store.customer_ids.text(customer).to_owned();
        Self { subject, day: None, customer, currency: NONE, document: NONE, figure: None, limit: None }
    }
}

fn is_live(view: &View, effective: i32, recorded: i32, id: u32) -> bool {
    view.counted(effective, recorded) && !view.is_closed(id)
}

/// The score of a customer, when it is a number that is too low.
fn is_low(view: &View, customer: u32, rule: &AlertRule) -> Option<String> {
    let score = view.store.attribute(customer, Attribute::Score, view.day().number(), view.known_on);
    let text = if score == NONE { "" } else { view.store.texts.text(score) };
    let number = Exact::parse(text).ok()?;
    let least = rule.minimum.unwrap_or(Exact::ZERO);
    (!is_at_least(number, least)).then(|| text.to_owned())
}

/// Whether a promise is past and something is open of what it is about.
fn is_broken(view: &View, fact: &PromiseFact, rule: &AlertRule, came: &Settled) -> bool {
    let last = i64::from(fact.promised).saturating_add(rule.days.unwrap_or(0).into());
    if !is_live(view, fact.effective, fact.recorded, fact.id) || last >= i64::from(view.day().number()) {
        return false;
    }
    let customer = match fact.document {
        NONE => fact.customer,
        document => {
            let found = view.store.documents.find(document).and_then(|(piece, row)| piece.account.get(row));
            view.store.account(found.copied().unwrap_or(NONE)).customer
        }
    };
    let documents = came.about(fact.document);
    let about = |debit: &&Debit| match fact.document {
        NONE => debit.currency == fact.currency,
        _ => documents.contains(&debit.document),
    };
    let until = i32::try_from(last).unwrap_or(i32::MAX);
    let debits = debits(view, customer);
    view.is_broken(fact, until, came, debits.iter().filter(|debit| about(debit)).map(|debit| debit.document))
}

/// A percentage as it is printed.
fn percentage(percent: Exact) -> String {
    let power = 10_i128.checked_pow(u32::from(percent.scale())).unwrap_or(i128::MAX);
    ratio_text(percent.units(), power, 2).unwrap_or_default()
}

/// Whether an amount is more than a share of another.
fn is_more(amount: i128, percent: Exact, of: i128) -> bool {
    let power = 10_i128.checked_pow(u32::from(percent.scale())).unwrap_or(i128::MAX);
    amount.saturating_mul(100).saturating_mul(power) > of.saturating_mul(percent.units())
}

fn is_used(row: &Row, rule: &AlertRule) -> bool {
    let percent = rule.percent.unwrap_or(Exact::ZERO);
    row.limit.is_some_and(|limit| is_more(row.exposure, percent, limit))
}

/// What is true on a day of a rule that is [about all](AlertRule::is_about_all).
fn true_of_all(view: &View, given: &Given, rule: &AlertRule) -> Result<Vec<Found>, Refused> {
    match rule.when {
        AlertWhen::LimitUsed => limits_used(view, given, rule),
        _ => concentrated(view, given, rule),
    }
}

fn limits_used(view: &View, given: &Given, rule: &AlertRule) -> Result<Vec<Found>, Refused> {
    let is_apart = given.policy.currencies == Currencies::Apart;
    let (per, company) = (rule.per.unwrap_or_default(), rule.company.as_deref());
    let rows = all_rows(view, given, per, company)?;
    // A family in the middle of another has its own limit.
    let within = match per {
        ExposurePer::Family => rows_below_the_top(view, given, company)?,
        ExposurePer::Customer => Rows::default(),
    };
    let used = rows.iter().chain(within.iter()).filter(|row| is_used(row, rule)).map(|row| {
        let mut found = Found { currency: row.currency, ..Found::of(view, row.customer) };
        if is_apart {
            found.subject = format!("{}/{}", found.subject, given.code(row.currency));
        }
        let limit = row.limit.filter(|limit| *limit > 0);
        found.figure = limit.and_then(|limit| ratio_text(row.exposure.saturating_mul(100), limit, 2));
        found.limit = rule.percent.map(percentage);
        found
    });
    Ok(used.collect())
}

fn concentrated(view: &View, given: &Given, rule: &AlertRule) -> Result<Vec<Found>, Refused> {
    let rows = all_rows(view, given, rule.per.unwrap_or_default(), None)?;
    let percent = rule.percent.unwrap_or(Exact::ZERO);
    let base = match (view.store.settings.base_currency.as_deref(), rows.iter().next()) {
        (Some(base), _) => given.coin(base)?,
        (None, None) => return Ok(Vec::new()),
        (None, Some(first)) => {
            if rows.iter().any(|row| row.currency != first.currency) {
                let reason = "expected a base currency for amounts of several currencies";
                return Err(Problem::new("unknown_currency", reason).into());
            }
            first.currency
        }
    };
    let mut sums: Vec<(u32, i128)> = Vec::new();
    for row in rows.iter() {
        let amount = given.convert(row.exposure, row.currency, base)?;
        match sums.last_mut() {
            Some((customer, sum)) if *customer == row.customer => *sum = sum.saturating_add(amount),
            _ => sums.push((row.customer, amount)),
        }
    }
    let whole = sums.iter().filter(|(_, sum)| *sum > 0).fold(0_i128, |all, (_, sum)| all.saturating_add(*sum));
    let large = sums.into_iter().filter(|(_, sum)| is_more(*sum, percent, whole));
    let found = |(customer, sum): (u32, i128)| Found {
        figure: ratio_text(sum.saturating_mul(100), whole, 2),
        limit: Some(percentage(percent)),
        ..Found::of(view, customer)
    };
    Ok(large.map(found).collect())
}
