//! Was a blocked order let through, who may do so, and what is no longer as it was then?

use super::check::{Asker, Figure, Outcome};
use super::desk::CreditDesk;
use super::given::Given;
use super::limit::{self, Request};
use super::part::{self, AT, DOCUMENT, LATER, Parts};
use super::policy::{CheckKind, Companies, Reaction, ReleaseCovers, ReleaseRule};
use super::report::CreditChange;
use super::standing::{Line, Standing, id_of, in_force};
use crate::calendar::Day;
use crate::ledger::View;
use crate::ledger::layers::NONE;
use crate::ledger::store::{Attribute, CreditLineKind, NO_BASE, ReleaseFact};
use crate::ledger::view::bare;
use crate::problem::Refused;

/// The releases of a customer that count and are not taken back.
fn counted(view: &View, customer: u32) -> impl Iterator<Item = &ReleaseFact> {
    let counts = |fact: &&ReleaseFact| view.counted(fact.effective, fact.recorded) && !view.is_closed(fact.id);
    view.store.releases.of(customer).filter(counts)
}

fn latest<'a>(releases: impl Iterator<Item = &'a ReleaseFact>) -> Option<&'a ReleaseFact> {
    releases.max_by_key(|fact| (fact.effective, fact.recorded, fact.seq))
}

/// The release that lets the order through, if there is one.
pub(super) fn of_order(asker: &Asker<'_>) -> Option<u32> {
    let given = asker.desk.given();
    let order = asker.request.order_text?;
    let day = given.view.day().number();
    let blocking = blocking(asker);
    let by_role = may_release(asker);
    let holds = |fact: &&ReleaseFact| {
        let age = i64::from(day).saturating_sub(fact.effective.into());
        fact.order == order
            && fact.until >= day
            && fact.currency == asker.request.currency
            && given.policy.release_days.is_none_or(|days| age <= i64::from(days))
            && covers(asker, fact)
            && (given.policy.release.is_empty() || by_role.iter().any(|role| *role == by(asker, fact)))
            && had_failed(asker, fact, &blocking)
    };
    latest(counted(&given.view, asker.standing.customer).filter(holds)).map(|fact| fact.id)
}

/// Whether the amount is no more than what was released, with what it may be above that.
fn covers(asker: &Asker<'_>, fact: &ReleaseFact) -> bool {
    let percent = asker.desk.given().policy.release_percent;
    let power = 10_i128.checked_pow(u32::from(percent.scale())).unwrap_or(i128::MAX);
    let hundred = power.saturating_mul(100);
    let most = hundred.saturating_add(percent.units()).saturating_mul(fact.amount.into());
    i128::from(asker.request.amount).saturating_mul(hundred) <= most
}

/// Who let it through; empty where that is not told.
fn by<'a>(asker: &Asker<'a>, fact: &ReleaseFact) -> &'a str {
    if fact.by == NONE { "" } else { asker.desk.given().view.store.texts.text(fact.by) }
}

/// Whether nothing blocks that had passed when a release was given: on its day, as it was known then, for what was released.
/// Of a check with several lines each stands for itself, by whose limit it is and of which company.
fn had_failed(asker: &Asker<'_>, fact: &ReleaseFact, blocking: &[&Outcome]) -> bool {
    let given = asker.desk.given();
    if given.policy.release_covers == ReleaseCovers::Anything {
        return true;
    }
    let Ok(day) = Day::new(fact.effective) else { return false };
    let desk = CreditDesk::of(given.at(bare(given.view.store.clone(), day, fact.recorded)));
    let standing = desk.standing(asker.standing.customer);
    let request = Request { amount: fact.amount, net: None, ..asker.request.clone() };
    let mut then = Asker::new(&desk, &standing, &request);
    // What could not be told then was not released.
    if then.ask_all().is_err() {
        return false;
    }
    let about = |outcome: &Outcome| (outcome.rule, outcome.customer, outcome.company, outcome.line.is_some());
    let had_failed = |outcome: &&Outcome| then.outcomes.iter().any(|it| about(it) == about(outcome) && !it.passed);
    blocking.iter().all(had_failed)
}

/// What blocks.
fn blocking<'a>(asker: &'a Asker<'_>) -> Vec<&'a Outcome> {
    asker.outcomes.iter().filter(|outcome| !outcome.passed && asker.reaction(outcome) == Reaction::Block).collect()
}

/// The roles that may pass over everything that blocks.
pub(super) fn may_release(asker: &Asker<'_>) -> Vec<String> {
    let blocking = blocking(asker);
    let may = |rule: &&ReleaseRule| blocking.iter().all(|outcome| may_pass_over(asker, rule, outcome));
    asker.desk.given().policy.release.iter().filter(may).map(|rule| rule.role.clone()).collect()
}

fn may_pass_over(asker: &Asker<'_>, rule: &ReleaseRule, outcome: &Outcome) -> bool {
    let Some(kind) = asker.rule(outcome).map(|rule| rule.check) else { return false };
    if rule.checks.as_ref().is_some_and(|checks| !checks.contains(&kind)) {
        return false;
    }
    let Some(limits) = &rule.up_to else { return true };
    if !matches!(kind, CheckKind::Limit | CheckKind::FamilyLimit | CheckKind::Part) {
        return true;
    }
    let given = asker.desk.given();
    let (Figure::Money(figure), Figure::Money(limit)) = (outcome.figure, outcome.limit) else { return false };
    let code = given.code(outcome.currency);
    let Some(entry) = limits.iter().find(|entry| entry.currency == code) else { return false };
    let most = entry.amount.to_minor(given.digits(outcome.currency));
    most.is_ok_and(|most| figure.saturating_sub(limit) <= most.into())
}

/// What differs from what was known when the order, or the customer, was last released.
pub(super) fn changed(asker: &Asker<'_>) -> Result<Vec<CreditChange>, Refused> {
    let given = asker.desk.given();
    let customer = asker.standing.customer;
    let of_order = asker
        .request
        .order_text
        .and_then(|order| latest(counted(&given.view, customer).filter(|fact| fact.order == order)));
    let Some(last) = of_order.or_else(|| latest(counted(&given.view, customer))) else { return Ok(Vec::new()) };
    let day = Day::new(last.effective)?;
    let then = given.at(bare(given.view.store.clone(), day, last.recorded));
    let before = Standing::of(&then, customer);
    let general: Vec<Line> = in_force(&then.view, NONE).map(Line::of).collect();
    let mut changes = Changes { given, all: Vec::new() };
    changes.of_parts(asker, &before, asker.standing);
    changes.of_limits(asker, (&then, &before, &general))?;
    changes.of_attributes(&then, customer);
    Ok(changes.all)
}

struct Changes<'a> {
    given: &'a Given,
    all: Vec<CreditChange>,
}

impl Changes<'_> {
    fn add(&mut self, what: String, before: String, now: String) {
        if before != now {
            self.all.push(CreditChange { what, before, now });
        }
    }

    fn of_parts(&mut self, asker: &Asker<'_>, before: &Standing, now: &Standing) {
        let apart = self.given.policy.companies == Companies::Apart;
        let company = apart.then_some(asker.request.company);
        let (before, now) = (by_currency(before, company), by_currency(now, company));
        let mut currencies: Vec<(String, u32)> =
            before.iter().chain(&now).map(|(currency, _)| (self.given.code(*currency), *currency)).collect();
        currencies.sort();
        currencies.dedup();
        for place in (0..AT.len()).filter(|place| *place != LATER && *place != DOCUMENT) {
            for (code, currency) in &currencies {
                let of = |all: &[(u32, Parts)]| {
                    all.iter().find(|(held, _)| held == currency).map_or(0, |(_, parts)| part::of(parts, place))
                };
                let shown = |amount: i128| self.given.shown(amount, *currency);
                let (then, now) = (shown(of(&before)), shown(of(&now)));
                self.add(format!("{} {code}", part::name_at(place)), then, now);
            }
        }
    }

    fn of_limits(
        &mut self,
        asker: &Asker<'_>,
        (then, before, general): (&Given, &Standing, &[Line]),
    ) -> Result<(), Refused> {
        let place = (asker.request.company, asker.request.currency);
        let zero = self.given.zero_limit;
        let old = before.asked_lines(general, CreditLineKind::Limit)?;
        let old = limit::asked(then, place, limit::set(then, zero, old).into_iter());
        let lines = asker.standing.asked_lines(asker.desk.general(), CreditLineKind::Limit)?;
        let new = limit::asked(self.given, place, limit::set(self.given, zero, lines).into_iter());
        let shown = |set: &Option<limit::Set<'_>>| match set {
            None => String::new(),
            Some((_, line)) if line.amount == NO_BASE => String::from("none"),
            Some((_, line)) => {
                format!("{} {}", self.given.shown(line.amount.into(), line.currency), self.given.code(line.currency))
            }
        };
        let company = self.given.view.store.texts.text(asker.request.company);
        let rows: Vec<(String, String, String)> = ["limit".to_owned(), format!("limit {company}")]
            .into_iter()
            .zip(old.iter().zip(&new))
            .map(|(what, (old, new))| (what, shown(old), shown(new)))
            .collect();
        for (what, then, now) in rows {
            self.add(what, then, now);
        }
        Ok(())
    }

    fn of_attributes(&mut self, then: &Given, customer: u32) {
        use Attribute::{Blocked, Group, Parent, ReviewDate, Score, Terms};
        for attribute in [Blocked, Score, ReviewDate, Terms, Group, Parent] {
            let text = |view: &View| {
                let value = view.store.attribute(customer, attribute, view.day().number(), view.known_on);
                match attribute {
                    _ if value == NONE => String::new(),
                    Parent => id_of(view, value).to_owned(),
                    _ => view.store.texts.text(value).to_owned(),
                }
            };
            let name = attribute.name().unwrap_or_default().to_owned();
            self.add(name, text(&then.view), text(&self.given.view));
        }
    }
}

/// The amounts of a customer by currency, in a company or all.
fn by_currency(standing: &Standing, company: Option<u32>) -> Vec<(u32, Parts)> {
    let mut all: Vec<(u32, Parts)> = Vec::new();
    for sum in &standing.pool.sums {
        if company.is_some_and(|company| sum.company != company && sum.company != NONE) {
            continue;
        }
        match all.iter_mut().find(|(held, _)| *held == sum.currency) {
            Some((_, parts)) => {
                for (at, amount) in sum.parts.iter().enumerate() {
                    part::add(parts, at, *amount);
                }
            }
            None => all.push((sum.currency, sum.parts)),
        }
    }
    all
}
