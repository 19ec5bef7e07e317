//! Every question of a policy about one request, with its operands, in numbers; and what follows from them.

use super::desk::CreditDesk;
use super::left::Placed;
use super::limit::{self, Beside, Request};
use super::part::{self, CappedPart, CreditRequestKind, DELIVERIES, DOCUMENT, DRAFTS, OPEN_ITEMS, ORDERS, Parts};
use super::policy::{CheckKind, CheckRule, Companies, Currencies, DueCredits, Reaction, Reductions};
use super::standing::{Debit, Line, Standing};
use crate::ledger::layers::NONE;
use crate::ledger::store::{Attribute, CreditLineKind};
use crate::money::{Exact, Rounding, divide};
use crate::problem::Refused;

/// A figure or a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    None,
    /// In the outcome's currency.
    Money(i128),
    Whole(i64),
    Day(i64),
    /// In hundredths of a per cent.
    Percent(i128),
    Number(Exact),
    /// A text of the ledger.
    Text(u32),
    /// The attribute at that place of the rule's fields.
    Field(usize),
}

/// What came of a question.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    /// The place of its rule.
    pub rule: usize,
    pub line: Option<Line>,
    pub customer: u32,
    pub company: Option<u32>,
    pub currency: u32,
    pub figure: Figure,
    pub limit: Figure,
    pub headroom: Option<i128>,
    pub passed: bool,
    pub parts: Option<Parts>,
}

/// Asks the rules of a policy in their order.
pub(super) struct Asker<'a> {
    pub desk: &'a CreditDesk,
    pub standing: &'a Standing,
    pub request: &'a Request,
    pub outcomes: Vec<Outcome>,
    placed: Placed,
}

impl<'a> Asker<'a> {
    pub(super) fn new(desk: &'a CreditDesk, standing: &'a Standing, request: &'a Request) -> Self {
        let given = desk.given();
        let outcomes = Vec::with_capacity(given.policy.checks.len());
        Self { desk, standing, request, outcomes, placed: Placed::of(&given.view, request) }
    }
}

impl Asker<'_> {
    /// The document, and what it changes; where documents do not count, only that it is in the place of a commitment.
    fn beside(&self) -> Beside<'_> {
        let counts = self.desk.given().counts.get(DOCUMENT).copied().unwrap_or(false);
        Beside {
            document: Some((self.request, self.placed.left)),
            followed: if counts { &self.placed.followed } else { &[] },
            is_again: self.placed.is_again,
            ..self.alone()
        }
    }

    /// What stands without the commitment in whose place the document is.
    fn alone(&self) -> Beside<'_> {
        Beside { own: self.placed.own.as_ref(), ..Beside::NOTHING }
    }

    pub(super) fn ask_all(&mut self) -> Result<(), Refused> {
        for (at, rule) in self.desk.given().policy.checks.iter().enumerate() {
            match rule.check {
                CheckKind::Limit => self.limit(at, rule)?,
                CheckKind::FamilyLimit => self.family_limit(at, rule)?,
                CheckKind::Part => self.part(at, rule)?,
                CheckKind::DocumentValue => self.document_value(at, rule)?,
                CheckKind::OverdueShare => self.overdue_share(at, rule)?,
                CheckKind::OldestOpen => self.oldest_open(at, rule)?,
                CheckKind::DunningLevel => self.dunning_level(at, rule),
                CheckKind::OverdueAmount => self.overdue_amount(at, rule)?,
                CheckKind::ReviewDate => self.review_date(at, rule),
                CheckKind::CriticalFields => self.critical_fields(at, rule),
                CheckKind::Score => self.score(at, rule),
                CheckKind::Blocked => self.blocked(at, rule),
            }
        }
        Ok(())
    }

    /// The lines that a rule asks.
    fn asked<'l>(&self, rule: &CheckRule, lines: impl Iterator<Item = &'l Line>) -> [Option<limit::Set<'l>>; 2] {
        let zero = rule.zero.unwrap_or_default();
        let place = (self.request.company, self.request.currency);
        limit::asked(self.desk.given(), place, limit::set(self.desk.given(), zero, lines).into_iter())
    }

    /// An outcome about the customer itself.
    fn push(&mut self, rule: usize, figure: Figure, limit: Figure, passed: bool) {
        let apart = self.desk.given().policy.companies == Companies::Apart;
        self.outcomes.push(Outcome {
            rule,
            line: None,
            customer: self.standing.customer,
            company: apart.then_some(self.request.company),
            currency: self.request.currency,
            figure,
            limit,
            headroom: None,
            passed,
            parts: None,
        });
    }

    fn limit(&mut self, at: usize, rule: &CheckRule) -> Result<(), Refused> {
        let lines = self.standing.asked_lines(self.desk.general(), CreditLineKind::Limit)?;
        let sets = self.asked(rule, lines);
        let none = sets.iter().all(Option::is_none);
        for (company, line) in sets.into_iter().flatten() {
            let pool = &self.standing.pool;
            let horizon = (line.currency, rule.horizon_days);
            let parts = limit::exposure(self.desk.given(), pool, Some(self.beside()), company, horizon)?;
            self.push_exposure(at, rule, self.standing.customer, (company, line), parts);
        }
        if none {
            self.push(at, Figure::None, Figure::None, !rule.fails_without());
        }
        Ok(())
    }

    fn family_limit(&mut self, at: usize, rule: &CheckRule) -> Result<(), Refused> {
        let before = self.outcomes.len();
        let own = [self.standing.customer];
        for head in own.iter().chain(&self.standing.parents) {
            let of_head = self.desk.standing(*head);
            let lines = of_head.lines.iter().filter(|line| line.kind == CreditLineKind::FamilyLimit);
            for (company, line) in self.asked(rule, lines).into_iter().flatten() {
                let pool = self.desk.family(*head);
                let horizon = (line.currency, rule.horizon_days);
                let parts = limit::exposure(self.desk.given(), &pool, Some(self.beside()), company, horizon)?;
                self.push_exposure(at, rule, *head, (company, line), parts);
            }
        }
        if self.outcomes.len() == before && rule.fails_without() {
            self.push(at, Figure::None, Figure::None, false);
        }
        Ok(())
    }

    fn push_exposure(
        &mut self,
        at: usize,
        rule: &CheckRule,
        customer: u32,
        (company, line): limit::Set<'_>,
        parts: Parts,
    ) {
        let given = self.desk.given();
        let figure = limit::counted(given, &parts);
        let before = limit::counted_before(given, &parts);
        self.push_line(at, rule, (customer, company, line), (figure, before), Some(parts));
    }

    /// An outcome of a figure against a line, with and without the document.
    fn push_line(
        &mut self,
        rule_at: usize,
        rule: &CheckRule,
        (customer, company, line): (u32, Option<u32>, &Line),
        (figure, before): (i128, i128),
        parts: Option<Parts>,
    ) {
        let limit = limit::amount_of(rule.zero.unwrap_or_default(), line);
        self.outcomes.push(Outcome {
            rule: rule_at,
            line: Some(*line),
            customer,
            company,
            currency: line.currency,
            figure: Figure::Money(figure),
            limit: limit.map_or(Figure::None, Figure::Money),
            headroom: limit.map(|limit| limit.saturating_sub(before)),
            passed: limit.is_none_or(|limit| within(rule, figure, limit)),
            parts,
        });
    }

    fn part(&mut self, at: usize, rule: &CheckRule) -> Result<(), Refused> {
        let part = rule.part.unwrap_or_default();
        let kind = match part {
            CappedPart::OpenItems => CreditLineKind::OpenItems,
            CappedPart::Overdue => CreditLineKind::Overdue,
            CappedPart::Deliveries => CreditLineKind::Deliveries,
            CappedPart::Orders => CreditLineKind::Orders,
            CappedPart::Drafts => CreditLineKind::Drafts,
        };
        let lines = self.standing.asked_lines(self.desk.general(), kind)?;
        let sets = self.asked(rule, lines);
        let none = sets.iter().all(Option::is_none);
        for (company, line) in sets.into_iter().flatten() {
            let (figure, before) = self.part_figure(rule, part, company, line.currency)?;
            self.push_line(at, rule, (self.standing.customer, company, line), (figure, before), None);
        }
        if none {
            self.push(at, Figure::None, Figure::None, !rule.fails_without());
        }
        Ok(())
    }

    /// A part of the exposure, with and without the document.
    fn part_figure(
        &self,
        rule: &CheckRule,
        part: CappedPart,
        company: Option<u32>,
        currency: u32,
    ) -> Result<(i128, i128), Refused> {
        let given = self.desk.given();
        if part == CappedPart::Overdue {
            let overdue = self.overdue(rule.days.unwrap_or(0), company, currency)?;
            return Ok((overdue, overdue));
        }
        let (place, own) = match part {
            CappedPart::Deliveries => (DELIVERIES, CreditRequestKind::Delivery),
            CappedPart::Orders => (ORDERS, CreditRequestKind::Order),
            CappedPart::Drafts => (DRAFTS, CreditRequestKind::Draft),
            CappedPart::OpenItems | CappedPart::Overdue => (OPEN_ITEMS, CreditRequestKind::Invoice),
        };
        // A part that the document is not in is asked as it stands, so that a larger document passes no sooner.
        let is_in = self.request.kind == own;
        let beside = if is_in { self.beside() } else { self.alone() };
        let parts = limit::exposure(given, &self.standing.pool, Some(beside), company, (currency, None))?;
        let before = part::of(&parts, place);
        let document = if is_in { part::of(&parts, DOCUMENT) } else { 0 };
        Ok((before.saturating_add(document), before))
    }

    fn document_value(&mut self, at: usize, rule: &CheckRule) -> Result<(), Refused> {
        let amount = self.request.counted(self.desk.given().policy.amounts);
        self.push_maximum(at, rule, amount)
    }

    fn overdue_amount(&mut self, at: usize, rule: &CheckRule) -> Result<(), Refused> {
        let company = self.company();
        let mut amount = self.overdue(rule.days.unwrap_or(0), company, self.request.currency)?;
        if rule.credits == Some(DueCredits::Netted) {
            amount = amount.saturating_sub(self.due_credits()?.unwrap_or(0)).max(0);
        }
        self.push_maximum(at, rule, amount)
    }

    /// An outcome of an amount in the request's currency.
    fn push_maximum(&mut self, at: usize, rule: &CheckRule, amount: i128) -> Result<(), Refused> {
        let given = self.desk.given();
        let code = given.code(self.request.currency);
        let entry = rule.maximum.iter().flatten().find(|entry| entry.currency == code);
        let limit = entry.map(|entry| entry.amount.to_minor(given.digits(self.request.currency))).transpose();
        let limit = limit.map_err(|error| Refused::from(error).at(None, None, &format!("checks[{at}].maximum")))?;
        let limit = limit.map(i128::from);
        let passed = limit.is_none_or(|limit| within(rule, amount, limit));
        self.push(at, Figure::Money(amount), limit.map_or(Figure::None, Figure::Money), passed);
        Ok(())
    }

    /// The company whose items are looked at.
    fn company(&self) -> Option<u32> {
        (self.desk.given().policy.companies == Companies::Apart).then_some(self.request.company)
    }

    /// Whether what is open in a company and currency is looked at.
    fn is_looked_at(&self, company: Option<u32>, (held, currency): (u32, u32)) -> bool {
        let is_apart = self.desk.given().policy.currencies == Currencies::Apart;
        company.is_none_or(|company| held == company) && (!is_apart || currency == self.request.currency)
    }

    /// The open debits that are looked at.
    fn debits(&self, company: Option<u32>) -> impl Iterator<Item = &Debit> {
        let debits = self.standing.debits(&self.desk.given().view).iter();
        debits.filter(move |debit| self.is_looked_at(company, (debit.company, debit.currency)))
    }

    /// What is open of credits that are due, without its sign, in the request's currency; none without such credits.
    fn due_credits(&self) -> Result<Option<i128>, Refused> {
        let company = self.company();
        let mut sums: Vec<(u32, i128)> = Vec::new();
        for credit in self.standing.due_credits(&self.desk.given().view) {
            if self.is_looked_at(company, (credit.company, credit.currency)) {
                add_to(&mut sums, credit.currency, i128::from(credit.open).saturating_neg());
            }
        }
        if sums.is_empty() { Ok(None) } else { self.converted(&sums, self.request.currency).map(Some) }
    }

    fn converted(&self, sums: &[(u32, i128)], currency: u32) -> Result<i128, Refused> {
        let mut all = 0_i128;
        for (held, sum) in sums {
            all = all.saturating_add(self.desk.given().convert(*sum, *held, currency)?);
        }
        Ok(all)
    }

    /// What is open of some debits, in a currency.
    fn open(&self, company: Option<u32>, currency: u32, counts: impl Fn(&Debit) -> bool) -> Result<i128, Refused> {
        let mut sums: Vec<(u32, i128)> = Vec::new();
        for debit in self.debits(company).filter(|debit| counts(debit)) {
            add_to(&mut sums, debit.currency, debit.open.into());
        }
        self.converted(&sums, currency)
    }

    fn overdue(&self, days: u32, company: Option<u32>, currency: u32) -> Result<i128, Refused> {
        self.open(company, currency, |debit| debit.days > i64::from(days))
    }

    fn overdue_share(&mut self, at: usize, rule: &CheckRule) -> Result<(), Refused> {
        let (company, currency) = (self.company(), self.request.currency);
        let late = self.overdue(rule.days.unwrap_or(0), company, currency)?;
        let all = self.open(company, currency, |_| true)?;
        let percent = rule.percent.unwrap_or(Exact::ZERO);
        let power = 10_i128.checked_pow(u32::from(percent.scale())).unwrap_or(i128::MAX);
        // late ÷ all × 100 against units ÷ 10^scale.
        let (share, most) = (late.saturating_mul(100).saturating_mul(power), all.saturating_mul(percent.units()));
        let shown = divide(late.saturating_mul(10_000), all, Rounding::HalfAwayFromZero).unwrap_or(0);
        let limit = divide(percent.units().saturating_mul(100), power, Rounding::HalfAwayFromZero).unwrap_or(0);
        let passed = if all == 0 { within(rule, 0, percent.units()) } else { within(rule, share, most) };
        self.push(at, Figure::Percent(shown), Figure::Percent(limit), passed);
        Ok(())
    }

    fn oldest_open(&mut self, at: usize, rule: &CheckRule) -> Result<(), Refused> {
        let oldest = match rule.credits {
            Some(DueCredits::Netted) => self.oldest_left()?,
            _ => self.debits(self.company()).map(|debit| debit.days).max().unwrap_or(0).max(0),
        };
        let most = i64::from(rule.days.unwrap_or(0));
        self.push(at, Figure::Whole(oldest), Figure::Whole(most), within(rule, oldest.into(), most.into()));
        Ok(())
    }

    /// How long the oldest debit is overdue once credits that are due were taken off the oldest.
    fn oldest_left(&self) -> Result<i64, Refused> {
        let mut late: Vec<&Debit> = self.debits(self.company()).filter(|debit| debit.days > 0).collect();
        late.sort_by_key(|debit| std::cmp::Reverse(debit.days));
        let oldest = late.first().map_or(0, |debit| debit.days);
        let Some(credits) = (if late.is_empty() { None } else { self.due_credits()? }) else { return Ok(oldest) };
        let mut sums: Vec<(u32, i128)> = Vec::new();
        for of_a_day in late.chunk_by(|a, b| a.days == b.days) {
            of_a_day.iter().for_each(|debit| add_to(&mut sums, debit.currency, debit.open.into()));
            if self.converted(&sums, self.request.currency)? > credits {
                return Ok(of_a_day.first().map_or(0, |debit| debit.days));
            }
        }
        Ok(0)
    }

    fn dunning_level(&mut self, at: usize, rule: &CheckRule) {
        let highest = i64::from(self.debits(self.company()).map(|debit| debit.level).max().unwrap_or(0));
        let most = i64::from(rule.level.unwrap_or(0));
        self.push(at, Figure::Whole(highest), Figure::Whole(most), within(rule, highest.into(), most.into()));
    }

    fn review_date(&mut self, at: usize, rule: &CheckRule) {
        let Some(review) = self.standing.review else {
            self.push(at, Figure::None, Figure::None, !rule.fails_without());
            return;
        };
        let last = i64::from(review).saturating_add(rule.buffer_days.unwrap_or(0).into());
        let passed = i64::from(self.desk.given().view.day().number()) <= last;
        self.push(at, Figure::Day(review.into()), Figure::Day(last), passed);
    }

    fn critical_fields(&mut self, at: usize, rule: &CheckRule) {
        let view = &self.desk.given().view;
        let store = &view.store;
        let after = i64::from(view.day().number()).saturating_sub(rule.within_days.unwrap_or(0).into());
        let terms = if self.standing.terms == NONE { "" } else { store.texts.text(self.standing.terms) };
        let has_changed = |name: &String| {
            let attribute = Attribute::named(name);
            let changed = store.changes.of(self.standing.customer).any(|change| {
                Some(change.attribute) == attribute
                    && view.counted(change.effective, change.recorded)
                    && i64::from(change.effective) > after
            });
            let other_terms = self.request.terms.as_deref().is_some_and(|own| own != terms);
            changed || (attribute == Some(Attribute::Terms) && other_terms)
        };
        let found = rule.fields.iter().flatten().position(has_changed);
        self.push(at, found.map_or(Figure::None, Figure::Field), Figure::None, found.is_none());
    }

    fn score(&mut self, at: usize, rule: &CheckRule) {
        let least = rule.minimum.unwrap_or(Exact::ZERO);
        let passed = match self.standing.scored {
            Some(score) => is_at_least(score, least),
            None => !rule.fails_without(),
        };
        let figure = if self.standing.score == NONE { Figure::None } else { Figure::Text(self.standing.score) };
        self.push(at, figure, Figure::Number(least), passed);
    }

    fn blocked(&mut self, at: usize, rule: &CheckRule) {
        let blocked = self.standing.blocked;
        let text = if blocked == NONE { "" } else { self.desk.given().view.store.texts.text(blocked) };
        let blocks = rule.blocks.as_ref().is_none_or(|words| words.iter().any(|word| word == text));
        let figure = if text.is_empty() { Figure::None } else { Figure::Text(blocked) };
        self.push(at, figure, Figure::None, text.is_empty() || !blocks);
    }

    /// The worst reaction of what did not pass; a release is looked for by the caller.
    pub(super) fn worst(&self) -> Reaction {
        let policy = &self.desk.given().policy;
        if policy.reductions == Reductions::Pass && self.request.amount <= 0 {
            return Reaction::Pass;
        }
        let mut worst = Reaction::Pass;
        for outcome in self.outcomes.iter().filter(|outcome| !outcome.passed) {
            match self.reaction(outcome) {
                Reaction::Block => return Reaction::Block,
                Reaction::Warn => worst = Reaction::Warn,
                Reaction::Pass => {}
            }
        }
        worst
    }

    pub(super) fn rule(&self, outcome: &Outcome) -> Option<&CheckRule> {
        self.desk.given().policy.checks.get(outcome.rule)
    }

    pub(super) fn reaction(&self, outcome: &Outcome) -> Reaction {
        self.rule(outcome).map_or(Reaction::Pass, |rule| rule.reaction)
    }

    /// The least headroom of lines that warn or block, in the request's currency: the most that is within it once it is converted.
    pub(super) fn headroom(&self) -> Result<Option<i128>, Refused> {
        let mut least: Option<i128> = None;
        for outcome in &self.outcomes {
            let rule = self.rule(outcome).filter(|rule| {
                matches!(rule.check, CheckKind::Limit | CheckKind::FamilyLimit) && rule.reaction != Reaction::Pass
            });
            if let (Some(rule), Some(headroom)) = (rule, outcome.headroom) {
                let most = if rule.passes_up_to() { headroom } else { headroom.saturating_sub(1) };
                let own = self.desk.given().most(most, outcome.currency, self.request.currency)?;
                least = Some(least.map_or(own, |least| least.min(own)));
            }
        }
        Ok(least)
    }
}

/// Adds to the sum of a currency.
fn add_to(sums: &mut Vec<(u32, i128)>, currency: u32, amount: i128) {
    match sums.iter_mut().find(|(held, _)| *held == currency) {
        Some((_, sum)) => *sum = sum.saturating_add(amount),
        None => sums.push((currency, amount)),
    }
}

/// Whether a figure is within a limit.
fn within(rule: &CheckRule, figure: i128, limit: i128) -> bool {
    if rule.passes_up_to() { figure <= limit } else { figure < limit }
}

/// Whether a number is as large as another.
pub(super) fn is_at_least(number: Exact, least: Exact) -> bool {
    let scale = number.scale().max(least.scale());
    let raised = |it: Exact| {
        let power = 10_i128.checked_pow(u32::from(scale.saturating_sub(it.scale())));
        power.and_then(|power| it.units().checked_mul(power))
    };
    match (raised(number), raised(least)) {
        (Some(number), Some(least)) => number >= least,
        (None, _) => number.units() > 0,
        (_, None) => least.units() < 0,
    }
}
