//! A run: its notices with their lines, what was skipped and why, and what happened.

use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::desk::Walk;
use super::given::{Given, holds_of};
use super::lines::Line;
use super::notice::{Items, Noticed};
use super::plain::PlainNotices;
use super::policy::{ChannelOf, DunningPolicy, Procedure};
use super::reason::Verdict;
use super::restart::Before;
use super::rows::{DunningExplanation, DunningLine, DunningNotice, DunningStep, SkippedItem};
use super::trigger::{self, DunningEvent};
use crate::calendar::{CompiledCalendar, Day};
use crate::ledger::View;
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::store::{Attribute, HoldFact, NO_DAY};
use crate::made_by::MadeBy;
use crate::money::{Currency, Minor, to_decimal};
use crate::problem::{Problem, Refused, quoted};

/// Who is reminded of what, and why the others are not: see [`super::dun`].
#[derive(Debug, Clone)]
pub struct DunningRun {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug, Clone)]
pub(super) struct Inner {
    pub view: View,
    pub policy: DunningPolicy,
    pub calendar: CompiledCalendar,
    /// What was sent before.
    pub before: Before,
    /// Where desks alone decided: what follows is found when it is first asked for.
    pub plain: Option<PlainNotices>,
    pub noticed: OnceLock<Vec<Noticed>>,
    /// What became of each item.
    pub items: OnceLock<Result<Items, Refused>>,
}

impl DunningRun {
    /// The day of the run.
    #[must_use]
    pub fn day(&self) -> Day {
        self.inner.view.day()
    }

    /// The policy and the engine that made it.
    #[must_use]
    pub fn made_by(&self) -> MadeBy {
        MadeBy::policy(&self.inner.policy.id, &self.inner.policy)
    }

    /// How many notices there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.plain.as_ref().map_or_else(|| self.inner.notices().len(), |plain| plain.run.len())
    }

    /// Whether nobody is reminded of anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many items are on a notice, listed credits apart.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.inner.notices().iter().map(|notice| notice.lines().len()).sum()
    }

    /// The notices: by company, addressee, currency, procedure and document.
    ///
    /// # Errors
    /// Those of [`super::dun`] and `too_large`.
    pub fn notices(&self) -> Result<Vec<DunningNotice>, Refused> {
        let inner = &*self.inner;
        inner.items()?;
        let given = Given::new(&inner.view, &inner.policy)?;
        inner.notices().iter().map(|notice| inner.shown(&given, &inner.before, notice)).collect()
    }

    /// The items that are on no notice, in item order, each with the first predicate that failed.
    ///
    /// # Errors
    /// Those of [`super::dun`].
    pub fn skipped(&self) -> Result<Vec<SkippedItem>, Refused> {
        let inner = &*self.inner;
        let given = Given::new(&inner.view, &inner.policy)?;
        let history = &inner.before;
        let (said, mut all) = (inner.items()?, Vec::new());
        for (account, items) in inner.view.accounts_in_order() {
            for item in items {
                match said.verdict.get(item) {
                    Some(Verdict::Noticed) | None => {}
                    Some(verdict) => all.extend(inner.skipped(&given, history, account, item, *verdict)),
                }
            }
        }
        Ok(all)
    }

    /// How many items were skipped for each reason, by its name.
    #[must_use]
    pub fn skipped_counts(&self) -> std::collections::BTreeMap<String, u64> {
        let mut counts = std::collections::BTreeMap::new();
        // What was decided of desks can be decided of their items.
        let verdicts = self.inner.items().map_or(&[][..], |items| &items.verdict);
        for verdict in verdicts.iter().filter(|verdict| **verdict != Verdict::Noticed) {
            let slot: &mut u64 = counts.entry(verdict.name().to_owned()).or_default();
            *slot = slot.saturating_add(1);
        }
        counts
    }

    /// What happened that the policy has a trigger for, by trigger and key.
    ///
    /// # Errors
    /// Those of [`super::dun`].
    pub fn events(&self) -> Result<Vec<DunningEvent>, Refused> {
        let given = Given::new(&self.inner.view, &self.inner.policy)?;
        if given.policy.triggers.is_empty() {
            return Ok(Vec::new());
        }
        Ok(trigger::events(&given, &self.inner.items()?.verdict))
    }

    /// Every question asked of an item, with what was looked at.
    ///
    /// # Errors
    /// `unknown_value`, field `document`, for an item that is not open on the view's day.
    pub fn explain(&self, document: &str, instalment: u32) -> Result<DunningExplanation, Refused> {
        let inner = &*self.inner;
        let view = &inner.view;
        let number = view.store.document_named(document);
        let item = (0..view.items.len())
            .find(|at| view.items.document.get(*at).copied() == number && view.items.instalment(*at) == instalment);
        let (Some(item), Some(_)) = (item, number) else {
            let reason = format!("expected an open item, got {} / {instalment}", quoted(document));
            return Err(Problem::new("unknown_value", reason).field("document").into());
        };
        let given = Given::new(view, &inner.policy)?;
        let history = &inner.before;
        let accounts = given.accounts();
        let mut walk = Walk::new(&given, history, history, Some(count(item)));
        super::walk_desks(&mut walk, &accounts);
        let steps = walk.answers.iter().map(|(verdict, passed, operands)| DunningStep {
            predicate: verdict.name().to_owned(),
            passed: *passed,
            operands: operands.clone(),
        });
        let mut steps: Vec<DunningStep> = steps.collect();
        let said = inner.items()?;
        let verdict = said.verdict.get(item).copied().unwrap_or(Verdict::Noticed);
        // What is decided of notices comes after what is asked of items.
        if steps.last().is_none_or(|step| step.passed) || verdict == Verdict::Refused {
            let predicate = if verdict == Verdict::Noticed { Verdict::BelowMinimum } else { verdict };
            steps.push(DunningStep {
                predicate: predicate.name().to_owned(),
                passed: verdict == Verdict::Noticed,
                operands: String::new(),
            });
        }
        let line = said.lines.iter().find(|line| place(line.item) == item);
        Ok(DunningExplanation {
            document: document.to_owned(),
            instalment,
            level: line.map_or(0, |line| line.level),
            reason: verdict.name().to_owned(),
            steps,
        })
    }

    /// The run without some of its notices, by their number from 0: their items are skipped with the reason `refused`.
    ///
    /// # Errors
    /// `unknown_value`, field `notices`, for a number of no notice.
    pub fn without(&self, notices: &[usize]) -> Result<Self, Refused> {
        let mut inner = Inner::clone(&self.inner);
        let mut said = inner.items()?.clone();
        if let Some(unknown) = notices.iter().find(|number| **number >= inner.notices().len()) {
            let reason = format!("expected the number of a notice, got {unknown}");
            return Err(Problem::new("unknown_value", reason).field("notices").into());
        }
        let mut lines = said.lines.others(said.lines.len());
        let mut kept = Vec::new();
        inner.plain = None;
        for (at, mut notice) in inner.notices().to_vec().into_iter().enumerate() {
            let own = said.lines.range(notice.lines());
            if notices.contains(&at) {
                let items = own.map(|line| line.item).chain(notice.more().listed.iter().map(|(item, _)| *item));
                for item in items {
                    if let Some(slot) = said.verdict.get_mut(place(item)) {
                        *slot = Verdict::Refused;
                    }
                }
                continue;
            }
            let start = lines.len();
            lines.extend(own);
            notice.put_lines(start..lines.len());
            kept.push(notice);
        }
        said.lines = lines;
        inner.items = OnceLock::from(Ok(said));
        inner.noticed = OnceLock::from(kept);
        Ok(Self { inner: Arc::new(inner) })
    }
}

impl Inner {
    pub(super) fn text(&self, number: u32) -> String {
        if number == NONE { String::new() } else { self.view.store.texts.text(number).to_owned() }
    }

    /// The notices, in their order.
    pub(super) fn notices(&self) -> &[Noticed] {
        self.noticed.get_or_init(|| self.plain.as_ref().map_or_else(Vec::new, |plain| plain.noticed(&self.view)))
    }

    /// What became of each item.
    pub(super) fn items(&self) -> Result<&Items, Refused> {
        let find = || Ok(super::made(&Given::new(&self.view, &self.policy)?, &self.before, &self.before)?.items);
        self.items.get_or_init(find).as_ref().map_err(Clone::clone)
    }

    /// The lines of a notice; none before it is known that items can be looked at.
    pub(super) fn lines_of(&self, notice: &Noticed) -> impl Iterator<Item = Line> + Clone + '_ {
        let range = notice.lines();
        self.items().into_iter().flat_map(move |items| items.lines.range(range.clone()))
    }

    pub(super) fn currency(&self, number: u32) -> Result<Currency, Refused> {
        let missing = || Problem::new("unknown_currency", "expected a currency of the ledger").into();
        self.view.store.currency(number).ok_or_else(missing)
    }

    /// Until when a notice asks to be paid; `NO_DAY` when it does not say.
    pub(super) fn due_of(&self, notice: &Noticed) -> i32 {
        let procedure = self.policy.procedures.values().nth(place(notice.procedure));
        let within = procedure.and_then(|rules| rules.level(notice.level)).and_then(|level| level.pay_within_days);
        let days = within.and_then(|days| i32::try_from(days).ok());
        let count = procedure.map(|rules| rules.pay_within_count).unwrap_or_default();
        let due = days.and_then(|days| count.later(&self.calendar, self.view.day(), days));
        due.map_or(NO_DAY, Day::number)
    }

    fn shown(&self, given: &Given<'_>, history: &Before, notice: &Noticed) -> Result<DunningNotice, Refused> {
        let store = &self.view.store;
        let currency = self.currency(notice.currency)?;
        let money = |minor: Minor| to_decimal(minor, currency.exponent);
        let wide = |minor: i128| -> Result<Decimal, Refused> {
            let minor = Minor::try_from(minor);
            minor
                .map(money)
                .map_err(|_| Problem::new("too_large", "expected a notice within the range of money").into())
        };
        let more = notice.more();
        let level = given.rules(notice.procedure).and_then(|rules| rules.level(notice.level));
        let level = level.cloned().unwrap_or_default();
        let of_customer = |attribute| self.text(given.attribute(notice.customer, attribute));
        let due = self.due_of(notice);
        let mut lines = Vec::with_capacity(notice.lines().len().saturating_add(more.listed.len()));
        for (at, line) in self.lines_of(notice).enumerate() {
            let charge = more.charges.get(at).copied().unwrap_or_default();
            let item = place(line.item);
            let open = notice.shown(&self.view, line.item, self.view.items.open.get(item).copied().unwrap_or(0))?;
            lines.push(DunningLine {
                open: money(open),
                amount: money(notice.shown(&self.view, line.item, line.amount)?),
                level: line.level,
                previous: history.previous(&self.view, self.policy.unit, line.item),
                line_fee: money(charge.fee),
                line_fee_tax: money(charge.fee_tax),
                interest: money(charge.interest),
                compensation: money(charge.compensation),
                interest_until: date(charge.interest_until),
                ..self.bare_line(item, currency)
            });
        }
        for (item, amount) in &more.listed {
            let amount = money(*amount);
            lines.push(DunningLine { open: amount, amount, ..self.bare_line(place(*item), currency) });
        }
        Ok(DunningNotice {
            company: self.text(notice.company),
            customer: store.customer_ids.text(notice.customer).to_owned(),
            currency: currency.code.as_str().to_owned(),
            procedure: given.procedure_name(notice.procedure).to_owned(),
            level: notice.level,
            name: level.name,
            tone: level.tone,
            template: level.template,
            channel: match of_customer(Attribute::Channel) {
                own if level.channel.is_empty()
                    || (self.policy.channel_of == ChannelOf::Customer && !own.is_empty()) =>
                {
                    own
                }
                _ => level.channel,
            },
            contact: of_customer(Attribute::Contact),
            language: of_customer(Attribute::Language),
            hand_over: level.hand_over,
            due_date: date(due),
            next_date: self.next_date(given, history, notice, due),
            claims: wide(notice.claims)?,
            fee: money(more.fee),
            fee_tax: money(more.fee_tax),
            line_fees: wide(more.line_fees)?,
            interest: wide(more.interest)?,
            compensation: wide(more.compensation)?,
            total: wide(notice.total())?,
            lines,
        })
    }

    /// What a line says of its item, all amounts zero.
    fn bare_line(&self, item: usize, currency: Currency) -> DunningLine {
        let (view, store) = (&self.view, &self.view.store);
        let document = view.items.document.get(item).copied().unwrap_or(NONE);
        let account = store.account(view.items.account.get(item).copied().unwrap_or(NONE));
        let basis = self.basis(item);
        let zero = to_decimal(0, currency.exponent);
        DunningLine {
            customer: store.customer_ids.text(account.customer).to_owned(),
            document: store.document_id(document).to_owned(),
            instalment: view.items.instalment(item),
            due_date: view.due_day(item).map(Day::to_naive_date),
            days: (basis != NO_DAY).then(|| view.day().number().saturating_sub(basis)),
            open: zero,
            amount: zero,
            level: 0,
            previous: 0,
            line_fee: zero,
            line_fee_tax: zero,
            interest: zero,
            compensation: zero,
            interest_until: None,
        }
    }

    /// The day from which the days of an item are counted.
    pub(super) fn basis(&self, item: usize) -> i32 {
        self.policy.basis_of(&self.view, item)
    }

    fn skipped(
        &self,
        given: &Given<'_>,
        history: &Before,
        account: u32,
        item: usize,
        verdict: Verdict,
    ) -> Option<SkippedItem> {
        let (view, store) = (&self.view, &self.view.store);
        let parts = store.account(account);
        let currency = store.currency(parts.currency)?;
        let document = *view.items.document.get(item)?;
        // A charge is left out as the item that it follows.
        let said = self.items().ok();
        let asked = said.and_then(|items| items.follows.get(&count(item))).map_or(item, |followed| place(*followed));
        let about = *view.items.document.get(asked)?;
        let (detail, until) = match verdict {
            Verdict::Blocked => {
                let (day, known_on) = (view.day().number(), view.known_on);
                let who = given.blocked(parts.customer).map_or(parts.customer, |(who, _)| who);
                let block = store.last_change(who, Attribute::Blocked, day, known_on);
                block.map_or((String::new(), NO_DAY), |change| (self.text(change.value), change.until))
            }
            Verdict::Held => self.hold(given, about, parts.customer),
            Verdict::RequirementMissing => {
                (given.lacking.get(&about).map_or_else(String::new, |text| self.text(*text)), NO_DAY)
            }
            Verdict::Disputed => (self.dispute(about), NO_DAY),
            Verdict::InPlan => {
                let plan = given.in_plan.get(&about).map(|plan| store.matter_ids.text(*plan).to_owned());
                (plan.unwrap_or_default(), NO_DAY)
            }
            Verdict::Unfounded => {
                (store.related(about).map_or_else(String::new, |of| store.document_id(of).to_owned()), NO_DAY)
            }
            Verdict::Promised => {
                let id = said.and_then(|items| items.promise_of.get(&count(asked)).copied()).unwrap_or(NONE);
                let promises = given.promises.get(&parts.customer).map_or(&[][..], Vec::as_slice);
                let date = promises.iter().find(|promise| promise.id == id).map_or(NO_DAY, |promise| promise.date);
                (if id == NONE { String::new() } else { store.matter_ids.text(id).to_owned() }, date)
            }
            Verdict::Interval => {
                let parts = store.account(view.items.account.get(asked).copied().unwrap_or(account));
                let desk = (parts.company, parts.customer, parts.currency);
                let rules = given.procedure(parts.customer, parts.company).and_then(|at| given.procedures.get(at));
                let from = |rules: &&Procedure| history.interval_from(rules, desk, history.of_desk(desk));
                let rules = rules.map(|(_, rules)| *rules);
                let until =
                    rules.and_then(|rules| Some(rules.hinders_until(from(&rules)?, &self.calendar))).unwrap_or(NO_DAY);
                (String::new(), until)
            }
            _ => (String::new(), NO_DAY),
        };
        Some(SkippedItem {
            customer: store.customer_ids.text(parts.customer).to_owned(),
            document: store.document_id(document).to_owned(),
            instalment: view.items.instalment(item),
            currency: currency.code.as_str().to_owned(),
            open: to_decimal(view.items.open.get(item).copied().unwrap_or(0), currency.exponent),
            reason: verdict.name().to_owned(),
            detail,
            until: date(until),
        })
    }

    /// The holds on a document, on what it is left of, on its customer, or to whom the customer's notices go.
    pub(super) fn holds<'s>(
        &'s self,
        given: &Given<'_>,
        document: u32,
        customer: u32,
    ) -> impl Iterator<Item = &'s HoldFact> + use<'s> {
        let (view, store) = (&self.view, &self.view.store);
        let all = self.before.left_of(document, 0).flat_map(|(document, _)| store.document_holds.of(document));
        let own = all.filter(|fact| view.stands(fact));
        let addressee = Some(given.addressee(customer)).filter(|addressee| *addressee != customer);
        own.chain(holds_of(view, customer)).chain(addressee.into_iter().flat_map(|who| holds_of(view, who)))
    }

    /// The hold that lasts longest: its reason and its last day.
    fn hold(&self, given: &Given<'_>, document: u32, customer: u32) -> (String, i32) {
        let id = |number: u32| self.view.store.matter_ids.text(number);
        let longest = self
            .holds(given, document, customer)
            .min_by(|a, b| b.until.cmp(&a.until).then_with(|| id(a.id).cmp(id(b.id))));
        longest.map_or((String::new(), NO_DAY), |fact| (self.text(fact.reason), fact.until))
    }

    /// The reason of the first dispute of a document; of a charge that has none, that of what it was charged for.
    fn dispute(&self, document: u32) -> String {
        let (view, store) = (&self.view, &self.view.store);
        let first_of = |document: u32| {
            let all = self.before.left_of(document, 0).flat_map(|(document, _)| store.disputes.of(document));
            let counted = all.filter(|fact| view.counted(fact.effective, fact.recorded) && !view.is_closed(fact.id));
            counted.min_by_key(|fact| store.matter_ids.text(fact.id))
        };
        let first = first_of(document).or_else(|| first_of(store.related(document)?));
        first.map_or_else(String::new, |fact| self.text(fact.reason))
    }
}

/// A day as plain data; none for `NO_DAY`.
pub(super) fn date(day: i32) -> Option<NaiveDate> {
    (day != NO_DAY).then(|| Day::new(day).ok()).flatten().map(Day::to_naive_date)
}
