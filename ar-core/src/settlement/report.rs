//! What a settlement would post, and why: a value to show, to edit, to explain and to refuse.

use std::sync::{Arc, OnceLock};

use rust_decimal::Decimal;
use rustc_hash::{FxHashMap, FxHashSet};

use super::base::{Legs, Pricing, legs};
use super::decided::Decided;
use super::made::{Asked, Kind, LetGo, Line, Made};
use super::policy::{DiscountTax, SettlementPolicy, Valued};
use super::rows::{LineDifference, Question, SettlementExplanation, SettlementLine};
use crate::allocation::UnappliedCredit;
use crate::allocation::filter::{at, left_of_item};
use crate::calendar::Day;
use crate::ledger::View;
use crate::ledger::layers::place;
use crate::made_by::MadeBy;
use crate::money::{Minor, to_decimal};

/// What the credits of a view settle. Cheap to clone; posts nothing.
#[derive(Debug, Clone)]
pub struct Settlement {
    pub(super) view: View,
    pub(super) policy: Arc<SettlementPolicy>,
    pub(super) made: Arc<Made>,
    /// What was said about discounts.
    pub(super) decided: Arc<Decided>,
    /// Whether lines were changed.
    pub(super) edited: bool,
    legs: Arc<OnceLock<Vec<Legs>>>,
}

impl Settlement {
    pub(super) fn new(view: View, policy: Arc<SettlementPolicy>, made: Made, decided: Decided) -> Self {
        let decided = Arc::new(decided);
        Self { view, policy, made: Arc::new(made), decided, edited: false, legs: Arc::default() }
    }

    /// One whose lines were changed.
    pub(super) fn edited(view: View, policy: Arc<SettlementPolicy>, made: Made, decided: Decided) -> Self {
        Self { edited: true, ..Self::new(view, policy, made, decided) }
    }

    /// The policy and the engine that made it.
    #[must_use]
    pub fn made_by(&self) -> MadeBy {
        MadeBy::policy(&self.policy.id, &*self.policy)
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.made.lines.len()
    }

    /// Whether there is no line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.made.lines.is_empty()
    }

    /// The lines: desk by desk, as they were made.
    #[must_use]
    pub fn lines(&self) -> Vec<SettlementLine> {
        self.lines_where(|_| true)
    }

    /// The differences, in the order of their lines, discounts first.
    #[must_use]
    pub fn differences(&self) -> Vec<LineDifference> {
        self.differences_where(|_| true)
    }

    /// What stays on account, desk by desk in credit order.
    #[must_use]
    pub fn unapplied(&self) -> Vec<UnappliedCredit> {
        self.unapplied_where(|_| true)
    }

    /// Late discounts to decide about, in the order of lines; then amounts that several sets have.
    #[must_use]
    pub fn questions(&self) -> Vec<Question> {
        let question = |asked: Asked| Question {
            kind: "late_discount".to_owned(),
            credit: self.document_id(asked.payer).to_owned(),
            document: self.document_id(asked.claim).to_owned(),
            instalment: self.instalment(asked.claim),
            amount: Some(self.money(asked.claim, asked.amount)),
            choices: Vec::new(),
            total: 0,
        };
        let lines = self.made.lines.iter().filter(|line| line.asked > 0);
        let on_lines = lines.map(|line| Asked { payer: line.payer, claim: line.claim, amount: line.asked });
        // Of a credit and an item once: where a line asks, the line does; an item that is cleared is asked about no more.
        let mut told: FxHashSet<(u32, u32)> =
            self.made.lines.iter().filter(|line| line.asked > 0).map(|line| (line.payer, line.claim)).collect();
        told.extend(self.made.lines.iter().filter(|line| line.cleared).map(|line| (u32::MAX, line.claim)));
        let besides: Vec<Asked> = self
            .made
            .asked
            .iter()
            .filter(|asked| !told.contains(&(u32::MAX, asked.claim)) && told.insert((asked.payer, asked.claim)))
            .copied()
            .collect();
        let late = on_lines.chain(besides).map(question);
        let ambiguous = self.made.ambiguous.iter().map(|held| Question {
            kind: "ambiguous".to_owned(),
            credit: held.payer.map_or(String::new(), |item| self.document_id(item).to_owned()),
            document: held.claim.map_or(String::new(), |item| self.document_id(item).to_owned()),
            instalment: held.claim.map_or(0, |item| self.instalment(item)),
            amount: None,
            choices: held.choices.iter().map(|set| set.iter().map(|item| self.item_name(*item)).collect()).collect(),
            total: held.total,
        });
        late.chain(ambiguous).collect()
    }

    /// The lines, differences and what stays on account of one credit, or those on one debit, or between the two; all of them when
    /// neither is named.
    #[must_use]
    pub fn explain(&self, credit: Option<&str>, debit: Option<&str>) -> SettlementExplanation {
        let is = |wanted: Option<&str>, item: u32| wanted.is_none_or(|id| id == self.document_id(item));
        let asked = |line: &Line| is(credit, line.payer) && is(debit, line.claim);
        SettlementExplanation {
            lines: self.lines_where(asked),
            differences: self.differences_where(asked),
            unapplied: if debit.is_none() { self.unapplied_where(|item| is(credit, item)) } else { Vec::new() },
        }
    }

    pub(super) fn legs(&self) -> &[Legs] {
        let pricing =
            Pricing { guard: self.policy.exchange_guard, split_tax: self.splits_tax(), valued: self.valued() };
        self.legs.get_or_init(|| legs(&self.view, &self.made.lines, pricing))
    }

    fn valued(&self) -> Valued {
        self.policy.tolerance.as_ref().map_or_else(Valued::default, |tolerance| tolerance.valued)
    }

    pub(super) fn splits_tax(&self) -> bool {
        self.policy.discount.as_ref().is_some_and(|discount| discount.tax == DiscountTax::Split)
    }

    fn lines_where(&self, asked: impl Fn(&Line) -> bool) -> Vec<SettlementLine> {
        let all = self.made.lines.iter().zip(self.legs()).zip(self.lefts());
        let line = |((line, legs), (credit_left, debit_left)): ((&Line, &Legs), (Minor, Minor))| SettlementLine {
            credit: self.document_id(line.payer).to_owned(),
            debit: self.document_id(line.claim).to_owned(),
            instalment: self.instalment(line.claim),
            currency: self.code(line.payer),
            amount: self.money(line.payer, line.amount),
            debit_currency: self.code(line.claim),
            debit_amount: self.money(line.claim, line.debit_amount),
            strategy: line.strategy.name().to_owned(),
            score: line.score,
            credit_left: self.money(line.payer, credit_left),
            debit_left: self.money(line.claim, debit_left),
            base_credit: legs.both().map(|(credit, _)| self.base_money(line.payer, credit)),
            base_debit: legs.both().map(|(_, debit)| self.base_money(line.claim, debit)),
            exchange: legs.exchange().map(|minor| self.base_money(line.payer, minor)),
        };
        all.filter(|((line, _), _)| asked(line)).map(line).collect()
    }

    /// What was left of the credit and of the debit before each line. What is over is closed when all lines are made.
    fn lefts(&self) -> impl Iterator<Item = (Minor, Minor)> + '_ {
        let mut left: FxHashMap<u32, Minor> = FxHashMap::default();
        let mut take = move |item: u32, amount: Minor| {
            let slot = left.entry(item).or_insert_with(|| left_of_item(&self.view, place(item)));
            let before = *slot;
            *slot = slot.saturating_sub(amount);
            before
        };
        self.made.lines.iter().map(move |line| {
            let beside: Minor = line.on_debit(false).map(|difference| difference.amount).sum();
            (take(line.payer, line.amount), take(line.claim, line.debit_amount.saturating_add(beside)))
        })
    }

    fn differences_where(&self, asked: impl Fn(&Line) -> bool) -> Vec<LineDifference> {
        let all = self.made.lines.iter().enumerate().filter(|(_, line)| asked(line));
        all.flat_map(|(number, line)| self.beside(number, line)).collect()
    }

    /// The differences beside a line.
    pub(super) fn beside(&self, number: usize, line: &Line) -> Vec<LineDifference> {
        let legs = (self.valued() == Valued::DayRate).then(|| self.legs().get(number)).flatten();
        let told = |item: u32, let_go: LetGo, on_debit: bool| {
            let tier = line.tier.filter(|_| matches!(let_go.kind, Kind::Discount | Kind::DiscountTax));
            let value = legs.filter(|_| let_go.kind.is_valued());
            let value = value.and_then(|legs| if on_debit { legs.short } else { legs.over });
            let base = |minor: Minor| self.base_money(item, minor);
            LineDifference {
                document: self.document_id(item).to_owned(),
                instalment: if on_debit { self.instalment(item) } else { 0 },
                currency: self.code(item),
                kind: let_go.kind.name().to_owned(),
                amount: self.money(item, let_go.amount),
                line: u64::try_from(number).unwrap_or(u64::MAX),
                reason: line.reason.as_deref().unwrap_or_else(|| self.reason(let_go.kind, on_debit)).to_owned(),
                rule: rule(let_go.kind, tier.is_some_and(|tier| tier.late), on_debit).to_owned(),
                limit: let_go.limit.map(|limit| self.money(line.payer, limit)),
                until: tier.and_then(|tier| Day::new(tier.until).ok()).map(Day::to_naive_date),
                base_amount: value.map(|value| base(value.worth)),
                base_document: value.map(|value| base(value.document)),
                exchange: value.map(|value| {
                    let gain = value.exchange_on_debit();
                    base(if on_debit { gain } else { gain.saturating_neg() })
                }),
            }
        };
        let on_debit = line.on_debit(self.splits_tax()).map(|let_go| told(line.claim, let_go, true));
        on_debit.chain(line.over.map(|let_go| told(line.payer, let_go, false))).collect()
    }

    /// The reason that a difference is booked with by the policy.
    fn reason(&self, kind: Kind, on_debit: bool) -> &str {
        let reasons = &self.policy.reasons;
        match kind {
            Kind::Discount | Kind::DiscountTax => &reasons.discount,
            Kind::BankCharge => &reasons.bank_charge,
            Kind::CashRounding => &reasons.cash_rounding,
            Kind::Residual => &reasons.residual,
            Kind::Tolerance | Kind::WriteOff => {
                let own = if on_debit { &reasons.under } else { &reasons.over };
                match &self.policy.tolerance {
                    Some(tolerance) if own.is_empty() => &tolerance.reason,
                    _ => own,
                }
            }
        }
    }

    fn unapplied_where(&self, asked: impl Fn(u32) -> bool) -> Vec<UnappliedCredit> {
        let all = self.made.payers.iter().filter(|(item, left, _)| *left > 0 && asked(*item));
        all.map(|(item, amount, reason)| UnappliedCredit {
            credit: self.document_id(*item).to_owned(),
            currency: self.code(*item),
            amount: self.money(*item, *amount),
            reason: reason.name().to_owned(),
        })
        .collect()
    }

    pub(super) fn document_id(&self, item: u32) -> &str {
        at(&self.view.items.document, item).map_or("", |document| self.view.store.document_id(*document))
    }

    pub(super) fn instalment(&self, item: u32) -> u32 {
        self.view.items.instalment(place(item))
    }

    fn item_name(&self, item: u32) -> String {
        match self.instalment(item) {
            0 => self.document_id(item).to_owned(),
            number => format!("{}/{number}", self.document_id(item)),
        }
    }

    pub(super) fn account(&self, item: u32) -> u32 {
        at(&self.view.items.account, item).copied().unwrap_or(u32::MAX)
    }

    pub(super) fn currency_number(&self, item: u32) -> u32 {
        self.view.store.account(self.account(item)).currency
    }

    pub(super) fn base_of(&self, item: u32) -> Option<u32> {
        self.view.store.base_currency(self.view.store.account(self.account(item)).company)
    }

    pub(super) fn code(&self, item: u32) -> String {
        self.view.store.currency(self.currency_number(item)).map_or(String::new(), |held| held.code.to_string())
    }

    pub(super) fn money(&self, item: u32, minor: Minor) -> Decimal {
        to_decimal(minor, self.digits(item))
    }

    /// The digits of the currency of an item.
    pub(super) fn digits(&self, item: u32) -> u8 {
        self.view.store.currency(self.currency_number(item)).map_or(0, |held| held.exponent)
    }

    pub(super) fn base_money(&self, item: u32, minor: Minor) -> Decimal {
        let currency = self.base_of(item).and_then(|base| self.view.store.currency(base));
        to_decimal(minor, currency.map_or(0, |held| held.exponent))
    }
}

fn rule(kind: Kind, late: bool, on_debit: bool) -> &'static str {
    match kind {
        Kind::Discount | Kind::DiscountTax if late => "discount.late",
        Kind::Discount | Kind::DiscountTax => "discount.in_time",
        Kind::Tolerance | Kind::WriteOff if on_debit => "tolerance.under",
        Kind::Tolerance | Kind::WriteOff => "tolerance.over",
        Kind::BankCharge => "tolerance.bank_charge",
        Kind::CashRounding => "tolerance.cash_rounding",
        Kind::Residual => "residual",
    }
}
