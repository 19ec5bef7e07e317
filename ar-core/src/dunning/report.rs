//! A run as plain data: notices with their lines, what was skipped and why, and what happened.

use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::desk::Walk;
use super::given::Given;
use super::history::{Desk, History, Last, Past};
use super::level::{Standing, takes_part};
use super::lines::Line;
use super::notice::{Items, Noticed};
use super::plain::PlainNotices;
use super::policy::{DunningBasis, DunningPolicy, DunningUnit, QuietDays};
use super::reason::Verdict;
use super::trigger::{self, DunningEvent};
use crate::calendar::Day;
use crate::ledger::View;
use crate::ledger::layers::{NONE, count, place};
#[cfg(feature = "arrow")]
use crate::ledger::store::AccountPart;
use crate::ledger::store::{Attribute, NO_DAY};
use crate::made_by::MadeBy;
use crate::money::{Currency, Minor, to_decimal};
use crate::problem::{Problem, Refused, quoted};

/// A notice to one addressee about what is owed to a company in a currency.
///
/// **Currency**: all amounts in `currency`. **Sign**: what is asked for is above zero, listed credits below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DunningNotice {
    /// The company, empty when the ledger has one.
    pub company: String,
    /// To whom it goes.
    pub customer: String,
    /// The currency of the notice.
    pub currency: String,
    /// By which procedure.
    pub procedure: String,
    /// The highest level of its lines, from 1.
    pub level: u32,
    /// What the level is called.
    pub name: String,
    /// The tone of the letter.
    pub tone: String,
    /// The letter.
    pub template: String,
    /// How it goes.
    pub channel: String,
    /// Whom to write to.
    pub contact: String,
    /// In which language.
    pub language: String,
    /// To whom the claim goes next; empty before the last step.
    pub hand_over: String,
    /// Until when it asks to be paid, inclusive.
    pub due_date: Option<NaiveDate>,
    /// When there would be another one, if nothing happens until then.
    pub next_date: Option<NaiveDate>,
    /// What its lines claim, listed credits taken off.
    pub claims: Decimal,
    /// The fee for it.
    pub fee: Decimal,
    /// The tax on that.
    pub fee_tax: Decimal,
    /// The fees for its lines, with their tax.
    pub line_fees: Decimal,
    /// The interest on its lines.
    pub interest: Decimal,
    /// The fixed sums for its lines.
    pub compensation: Decimal,
    /// All of it.
    pub total: Decimal,
    /// What it is about: the debits, then the credits listed.
    pub lines: Vec<DunningLine>,
}

/// An item on a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DunningLine {
    /// Who owes it.
    pub customer: String,
    /// The document.
    pub document: String,
    /// The instalment; 0 without a schedule.
    pub instalment: u32,
    /// When it fell due.
    pub due_date: Option<NaiveDate>,
    /// The days since the basis date; below zero before it.
    pub days: Option<i32>,
    /// What is open of it.
    pub open: Decimal,
    /// What is asked for: without what is disputed, promised, on its way or covered.
    pub amount: Decimal,
    /// Its level; 0 for a credit listed.
    pub level: u32,
    /// Its level before.
    pub previous: u32,
    /// The fee for it.
    pub line_fee: Decimal,
    /// The tax on that.
    pub line_fee_tax: Decimal,
    /// The interest on it.
    pub interest: Decimal,
    /// The fixed sum for it.
    pub compensation: Decimal,
    /// The last day that interest is charged for.
    pub interest_until: Option<NaiveDate>,
}

/// An item that is on no notice.
///
/// **Currency**: its document's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedItem {
    /// Who owes it.
    pub customer: String,
    /// The document.
    pub document: String,
    /// The instalment; 0 without a schedule.
    pub instalment: u32,
    /// Its currency.
    pub currency: String,
    /// What is open of it.
    pub open: Decimal,
    /// The first predicate that failed.
    pub reason: String,
    /// What stands in the way, by name.
    pub detail: String,
    /// Until when, inclusive.
    pub until: Option<NaiveDate>,
}

/// A question asked of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DunningStep {
    /// The reason that it would be skipped for.
    pub predicate: String,
    /// Whether it passed.
    pub passed: bool,
    /// What was looked at.
    pub operands: String,
}

/// What a run says of one item: each question in its turn, up to the first that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DunningExplanation {
    /// The document.
    pub document: String,
    /// The instalment.
    pub instalment: u32,
    /// Its level on the notice; 0 when it is on none.
    pub level: u32,
    /// Why it is on none; empty when it is on one.
    pub reason: String,
    /// The questions.
    pub steps: Vec<DunningStep>,
}

/// Lines of notices by number of their document.
#[cfg(feature = "arrow")]
pub(crate) struct LineNumbers {
    pub document: Vec<u32>,
    pub instalment: Vec<u32>,
    pub level: Vec<u8>,
}

/// Notices by the numbers that the ledger gives what they name.
#[cfg(feature = "arrow")]
pub(crate) struct ClaimNumbers {
    pub company: Vec<u32>,
    pub customer: Vec<u32>,
    pub currency: Vec<u32>,
    pub procedure: Vec<u32>,
    pub level: Vec<u8>,
    pub lines: Vec<u32>,
    pub claims: Claims,
}

/// Minor units, as wide as they must be.
#[cfg(feature = "arrow")]
pub(crate) enum Claims {
    Narrow(Vec<Minor>),
    Wide(Vec<i128>),
}

#[cfg(feature = "arrow")]
impl ClaimNumbers {
    fn with_room(notices: usize) -> Self {
        let room = || Vec::with_capacity(notices);
        Self {
            company: room(),
            customer: room(),
            currency: room(),
            procedure: room(),
            level: Vec::with_capacity(notices),
            lines: room(),
            claims: Claims::Narrow(Vec::new()),
        }
    }
}

/// Who is reminded of what, and why the others are not: see [`super::dun`].
#[derive(Debug, Clone)]
pub struct DunningRun {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug, Clone)]
pub(super) struct Inner {
    pub view: View,
    pub policy: DunningPolicy,
    /// What was sent before.
    pub history: Arc<History>,
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

    /// The lines by the numbers that the ledger gives its documents.
    #[cfg(feature = "arrow")]
    pub(crate) fn level_numbers(&self) -> Result<LineNumbers, Refused> {
        let items = &self.inner.view.items;
        let (of_lines, levels) = self.inner.items()?.lines.columns();
        let document = of_lines.iter().map(|item| items.document.get(place(*item)).copied().unwrap_or(NONE));
        let instalments = match items.instalment.is_empty() {
            true => vec![0; of_lines.len()],
            false => of_lines.iter().map(|item| items.instalment(place(*item))).collect(),
        };
        Ok(LineNumbers { document: document.collect(), instalment: instalments, level: levels.collect() })
    }

    /// By notice what it is about and what it claims.
    #[cfg(feature = "arrow")]
    pub(crate) fn claim_numbers(&self) -> ClaimNumbers {
        let inner = &*self.inner;
        let mut numbers = ClaimNumbers::with_room(self.len());
        if let Some(plain) = &inner.plain {
            let runs = inner.view.items.runs();
            let part = |part: AccountPart| {
                let of_runs = runs.part(part, &inner.view.store.accounts);
                plain.run.iter().map(|run| of_runs.get(place(*run)).copied().unwrap_or(NONE)).collect()
            };
            numbers.company = part(AccountPart::Company);
            numbers.customer = part(AccountPart::Customer);
            numbers.currency = part(AccountPart::Currency);
            numbers.procedure = plain.procedures();
            (numbers.level, numbers.lines) = (plain.level.clone(), plain.lines.clone());
            numbers.claims = Claims::Narrow(plain.claims.clone());
            return numbers;
        }
        let mut claims = Vec::with_capacity(self.len());
        for notice in inner.notices() {
            numbers.company.push(notice.company);
            numbers.customer.push(notice.customer);
            numbers.currency.push(notice.currency);
            numbers.procedure.push(notice.procedure);
            numbers.level.push(u8::try_from(notice.level).unwrap_or(u8::MAX));
            numbers.lines.push(count(notice.lines().len()));
            claims.push(notice.claims);
        }
        let narrow: Option<Vec<Minor>> = claims.iter().map(|claims| Minor::try_from(*claims).ok()).collect();
        numbers.claims = narrow.map_or(Claims::Wide(claims), Claims::Narrow);
        numbers
    }

    /// The names of procedures, by number.
    #[cfg(feature = "arrow")]
    pub(crate) fn procedures(&self) -> Vec<&str> {
        self.inner.policy.procedures.keys().map(String::as_str).collect()
    }

    #[cfg(feature = "arrow")]
    pub(crate) fn store(&self) -> &crate::ledger::store::Store {
        &self.inner.view.store
    }

    /// The notices: by company, addressee, currency, procedure and document.
    ///
    /// # Errors
    /// Those of [`super::dun`] and `too_large`.
    pub fn notices(&self) -> Result<Vec<DunningNotice>, Refused> {
        let inner = &*self.inner;
        inner.items()?;
        let given = Given::new(&inner.view, &inner.policy)?;
        inner.notices().iter().map(|notice| inner.shown(&given, &inner.history, notice)).collect()
    }

    /// The items that are on no notice, in item order, each with the first predicate that failed.
    ///
    /// # Errors
    /// Those of [`super::dun`].
    pub fn skipped(&self) -> Result<Vec<SkippedItem>, Refused> {
        let inner = &*self.inner;
        let given = Given::new(&inner.view, &inner.policy)?;
        let history = &*inner.history;
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
        Ok(trigger::events(&given))
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
        let history = &*inner.history;
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
        if matches!(verdict, Verdict::BelowMinimum | Verdict::NothingToClaim | Verdict::Refused)
            || (verdict == Verdict::Noticed && steps.last().is_none_or(|step| step.passed))
        {
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
        let find = || Ok(super::made(&Given::new(&self.view, &self.policy)?, &self.history, &self.history)?.items);
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
        let due = days.and_then(|days| self.view.day().plus_days(days));
        due.map_or(NO_DAY, Day::number)
    }

    fn shown(&self, given: &Given<'_>, history: &History, notice: &Noticed) -> Result<DunningNotice, Refused> {
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
            channel: if level.channel.is_empty() { of_customer(Attribute::Channel) } else { level.channel },
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
        match self.policy.basis {
            DunningBasis::DueDate => self.view.items.due.get(item).copied().unwrap_or(NO_DAY),
            DunningBasis::DocumentDate => {
                let found = self.view.document_row(item);
                found.and_then(|(piece, row)| piece.document_date.get(row).copied()).unwrap_or(NO_DAY)
            }
        }
    }

    /// The first day after this notice on which one of its lines, or of the desks it is about, would be due again.
    fn next_date(&self, given: &Given<'_>, history: &History, notice: &Noticed, due: i32) -> Option<NaiveDate> {
        let rules = given.rules(notice.procedure)?;
        let today = self.view.day().number();
        let mut groups: Vec<Again> = Vec::new();
        for line in self.lines_of(notice) {
            let item = place(line.item);
            let account = self.view.store.account(self.view.items.account.get(item).copied().unwrap_or(NONE));
            let desk = (account.company, account.customer, account.currency);
            let of_item = self.policy.unit == DunningUnit::Item;
            let held = groups.iter_mut().find(|group| !of_item && group.desk == desk);
            let basis = self.basis(item);
            if let Some(group) = held {
                group.level = group.level.max(line.level);
                group.bases.push(basis);
                continue;
            }
            let document = self.view.items.document.get(item).copied().unwrap_or(NONE);
            let past = match of_item {
                true => history.of_item(document, self.view.items.instalment(item)),
                false => history.of_desk(desk),
            };
            let count = past.count.saturating_add(1);
            if rules.max_notices.is_none_or(|most| count < most) || !of_item {
                groups.push(Again { desk, level: line.level, bases: vec![basis], count });
            }
        }
        groups.retain(|group| rules.max_notices.is_none_or(|most| group.count < most));
        if self.policy.unit == DunningUnit::Item {
            groups.sort_by(|a, b| (&a.bases, a.level).cmp(&(&b.bases, b.level)));
            groups.dedup_by(|a, b| (&a.bases, a.level) == (&b.bases, b.level));
        }
        let is_due = |group: &Again, day: i32| {
            let past = Past { last: Some(Last { level: group.level, day: today, due }), count: group.count };
            let standing = |basis: i32| Standing { basis, past };
            let oldest = group.bases.iter().copied().min().unwrap_or(NO_DAY);
            rules.due_for(standing(oldest), day).level().is_some()
                && (self.policy.unit == DunningUnit::Item || takes_part(oldest, day))
        };
        // What is due on a day is due on every later one.
        let due_after = |days: i32| {
            let day = today.saturating_add(days);
            rules.is_interval_over(today, day) && groups.iter().any(|group| is_due(group, day))
        };
        let (mut before, mut after) = (0, FURTHEST);
        if !due_after(after) {
            return None;
        }
        while after.saturating_sub(before) > 1 {
            let middle = before.saturating_add(after) / 2;
            if due_after(middle) { after = middle } else { before = middle }
        }
        let is_quiet = |day: Day| self.policy.quiet_days == QuietDays::Skip && !given.calendar.is_business_day(day);
        let found = (after..=FURTHEST).map_while(|days| self.view.day().plus_days(days)).find(|day| !is_quiet(*day));
        found.map(Day::to_naive_date)
    }

    fn skipped(
        &self,
        given: &Given<'_>,
        history: &History,
        account: u32,
        item: usize,
        verdict: Verdict,
    ) -> Option<SkippedItem> {
        let (view, store) = (&self.view, &self.view.store);
        let parts = store.account(account);
        let currency = store.currency(parts.currency)?;
        let document = *view.items.document.get(item)?;
        let (detail, until) = match verdict {
            Verdict::Blocked => {
                (given.block(parts.customer).map_or_else(String::new, |value| self.text(value)), NO_DAY)
            }
            Verdict::Held => self.hold(document, parts.customer),
            Verdict::RequirementMissing => {
                (given.lacking.get(&document).map_or_else(String::new, |text| self.text(*text)), NO_DAY)
            }
            Verdict::Disputed => (self.dispute(document), NO_DAY),
            Verdict::InPlan => {
                let plan = given.in_plan.get(&document).map(|plan| store.matter_ids.text(*plan).to_owned());
                (plan.unwrap_or_default(), NO_DAY)
            }
            Verdict::Promised => {
                let id =
                    self.items().ok().and_then(|items| items.promise_of.get(&count(item)).copied()).unwrap_or(NONE);
                let promises = given.promises.get(&parts.customer).map_or(&[][..], Vec::as_slice);
                let date = promises.iter().find(|promise| promise.id == id).map_or(NO_DAY, |promise| promise.date);
                (if id == NONE { String::new() } else { store.matter_ids.text(id).to_owned() }, date)
            }
            Verdict::Interval => {
                let last = history.of_desk((parts.company, parts.customer, parts.currency)).last;
                let rules = given.procedure(parts.customer, parts.company).and_then(|at| given.procedures.get(at));
                let until = last.zip(rules).map_or(NO_DAY, |(last, (_, rules))| rules.hinders_until(last.day));
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

    /// The hold that lasts longest: its reason and its last day.
    fn hold(&self, document: u32, customer: u32) -> (String, i32) {
        let (view, store) = (&self.view, &self.view.store);
        let holds = store.document_holds.of(document).chain(store.customer_holds.of(customer));
        let counted = holds.filter(|fact| {
            view.counted(fact.effective, fact.recorded) && fact.until >= view.stood_on() && !view.is_closed(fact.id)
        });
        let id = |number: u32| store.matter_ids.text(number);
        let longest = counted.min_by(|a, b| b.until.cmp(&a.until).then_with(|| id(a.id).cmp(id(b.id))));
        longest.map_or((String::new(), NO_DAY), |fact| (self.text(fact.reason), fact.until))
    }

    fn dispute(&self, document: u32) -> String {
        let (view, store) = (&self.view, &self.view.store);
        let counted = store
            .disputes
            .of(document)
            .filter(|fact| view.counted(fact.effective, fact.recorded) && !view.is_closed(fact.id));
        let first = counted.min_by_key(|fact| store.matter_ids.text(fact.id));
        first.map_or_else(String::new, |fact| self.text(fact.reason))
    }
}

/// How many days ahead the next notice is looked for.
const FURTHEST: i32 = 3_660;

/// What may be told again after a notice: a line, or what a desk has on it.
struct Again {
    desk: Desk,
    level: u32,
    bases: Vec<i32>,
    count: u32,
}

/// A day as plain data; none for `NO_DAY`.
pub(super) fn date(day: i32) -> Option<NaiveDate> {
    (day != NO_DAY).then(|| Day::new(day).ok()).flatten().map(Day::to_naive_date)
}
