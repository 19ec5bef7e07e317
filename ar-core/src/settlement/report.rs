//! What a settlement would post, and why: a value to show, to edit, to explain and to refuse.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::base::{Legs, legs};
use super::made::{Before, Kind, LetGo, Line, Made, Reason};
use super::policy::{DiscountTax, ExchangeGuard, SettlementPolicy};
use crate::allocation::UnappliedCredit;
use crate::allocation::filter::{at, left_of_item};
use crate::calendar::Day;
use crate::ledger::View;
use crate::ledger::fact::{Allocation, Document, Facts, SettlementDifference};
use crate::ledger::layers::place;
use crate::made_by::MadeBy;
use crate::money::{Minor, to_decimal};
use crate::problem::{Problem, Refused};

/// One line: what a credit pays of a debit.
///
/// **Unit**: major units. **Currency**: `amount` and `credit_left` in `currency`, `debit_amount` and `debit_left` in
/// `debit_currency`, base amounts in the company's base currency. **Sign**: above zero, but `exchange`: what was received
/// less what it clears, a gain above zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementLine {
    /// The document that pays.
    pub credit: String,
    /// The document that is paid.
    pub debit: String,
    /// Its instalment, 0 without a schedule.
    pub instalment: u32,
    /// The credit's currency.
    pub currency: String,
    /// What is taken from the credit.
    pub amount: Decimal,
    /// The debit's currency.
    pub debit_currency: String,
    /// What it pays of the debit.
    pub debit_amount: Decimal,
    /// The strategy that matched them.
    pub strategy: String,
    /// What was left of the credit before.
    pub credit_left: Decimal,
    /// What was left of the debit item before.
    pub debit_left: Decimal,
    /// What the amount is worth in base currency.
    pub base_credit: Option<Decimal>,
    /// What it takes off the debit in base currency.
    pub base_debit: Option<Decimal>,
    /// The exchange difference.
    pub exchange: Option<Decimal>,
}

/// A difference beside a line: what closes a document beyond the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineDifference {
    /// The document that it closes a part of.
    pub document: String,
    /// Its instalment, 0 without a schedule, or on a credit.
    pub instalment: u32,
    /// The document's currency.
    pub currency: String,
    /// `discount`, `discount_tax`, `tolerance`, `write_off`, `bank_charge`, `cash_rounding`, `residual`.
    pub kind: String,
    /// How much, above zero.
    pub amount: Decimal,
    /// The number of the line that it stands beside, from 0.
    pub line: u64,
    /// The reason it is booked with.
    pub reason: String,
    /// The rule that let it go.
    pub rule: String,
    /// What was allowed at most.
    pub limit: Option<Decimal>,
    /// The last day of the discount.
    pub until: Option<NaiveDate>,
}

/// What somebody has to decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// `late_discount` or `ambiguous`.
    pub kind: String,
    /// The credit, when it is about one.
    pub credit: String,
    /// The debit, when it is about one.
    pub document: String,
    /// Its instalment.
    pub instalment: u32,
    /// How much more a late discount would be worth.
    pub amount: Option<Decimal>,
    /// The sets of documents, as `document` or `document/instalment`; at most 20.
    pub choices: Vec<Vec<String>>,
    /// How many sets there are.
    pub total: u64,
}

/// That nothing was lost, for one currency: `received` = `applied` + `closed` + `unapplied`, and `claims` = `paid` + every kind of
/// difference + `open`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofRow {
    /// The currency.
    pub currency: String,
    /// What the credits had.
    pub received: Decimal,
    /// What lines take from them.
    pub applied: Decimal,
    /// Differences on credits.
    pub closed: Decimal,
    /// What stays on account.
    pub unapplied: Decimal,
    /// What the debits had open.
    pub claims: Decimal,
    /// What lines pay of them.
    pub paid: Decimal,
    /// Differences on debits, by kind.
    pub discount: Decimal,
    /// The tax in discounts.
    pub discount_tax: Decimal,
    /// Payment tolerance.
    pub tolerance: Decimal,
    /// Write-offs.
    pub write_off: Decimal,
    /// Bank charges.
    pub bank_charge: Decimal,
    /// Rounding of cash.
    pub cash_rounding: Decimal,
    /// What became a new document.
    pub residual: Decimal,
    /// What stays open.
    pub open: Decimal,
}

/// The exchange differences in one base currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeTotal {
    /// The base currency.
    pub currency: String,
    /// Gains less losses.
    pub amount: Decimal,
}

/// The part of a settlement that is about one credit or debit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SettlementExplanation {
    /// The lines, in their order.
    pub lines: Vec<SettlementLine>,
    /// The differences beside them; `line` is the number among all lines.
    pub differences: Vec<LineDifference>,
    /// What stays on account of the credit asked for.
    pub unapplied: Vec<UnappliedCredit>,
}

/// What the credits of a view settle. Cheap to clone; posts nothing.
#[derive(Debug, Clone)]
pub struct Settlement {
    view: View,
    policy: Arc<SettlementPolicy>,
    made: Arc<Made>,
    legs: Arc<OnceLock<Vec<Legs>>>,
}

impl Settlement {
    pub(super) fn new(view: View, policy: Arc<SettlementPolicy>, made: Made) -> Self {
        Self { view, policy, made: Arc::new(made), legs: Arc::default() }
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
        let late = self.made.lines.iter().filter(|line| line.asked > 0).map(|line| Question {
            kind: "late_discount".to_owned(),
            credit: self.document_id(line.payer).to_owned(),
            document: self.document_id(line.claim).to_owned(),
            instalment: self.instalment(line.claim),
            amount: Some(self.money(line.claim, line.asked)),
            choices: Vec::new(),
            total: 0,
        });
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

    /// That nothing was lost, currency by currency.
    #[must_use]
    pub fn proof(&self) -> Vec<ProofRow> {
        let mut sums: BTreeMap<u32, Sums> = BTreeMap::new();
        for (currency, before) in &self.made.before {
            sums.entry(*currency).or_default().before = *before;
        }
        for line in &self.made.lines {
            let credit = sums.entry(self.currency_number(line.payer)).or_default();
            add(&mut credit.applied, line.amount);
            add(&mut credit.closed, line.over.map_or(0, |over| over.amount));
            let debit = sums.entry(self.currency_number(line.claim)).or_default();
            add(&mut debit.paid, line.debit_amount);
            for difference in line.on_debit(self.splits_tax()) {
                add(debit.differences.entry(difference.kind).or_default(), difference.amount);
            }
        }
        let mut rows: Vec<ProofRow> =
            sums.iter().filter_map(|(currency, sums)| Some(sums.row(self.view.store.currency(*currency)?))).collect();
        rows.sort_by(|a, b| a.currency.cmp(&b.currency));
        rows
    }

    /// The exchange differences of the lines, by base currency.
    #[must_use]
    pub fn exchange(&self) -> Vec<ExchangeTotal> {
        let mut sums: BTreeMap<u32, i128> = BTreeMap::new();
        for (line, legs) in self.made.lines.iter().zip(self.legs()) {
            if let (Some(exchange), Some(base)) = (legs.exchange(), self.base_of(line.payer)) {
                add(sums.entry(base).or_default(), exchange);
            }
        }
        let total = |(base, sum): (&u32, &i128)| {
            let currency = self.view.store.currency(*base)?;
            Some(ExchangeTotal { currency: currency.code.to_string(), amount: wide(*sum, currency.exponent) })
        };
        let mut all: Vec<ExchangeTotal> = sums.iter().filter_map(total).collect();
        all.sort_by(|a, b| a.currency.cmp(&b.currency));
        all
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

    /// The settlement without some of its lines, by number from 0, and without what stands beside them. What they paid stays on
    /// account, with the reason `edited`.
    ///
    /// # Errors
    /// `unknown_value`, field `lines`, for a number that no line has.
    pub fn without(&self, lines: &[usize]) -> Result<Self, Refused> {
        if let Some(unknown) = lines.iter().find(|line| **line >= self.len()) {
            let reason = format!("expected the number of a line, below {}, got {unknown}", self.len());
            return Err(Problem::new("unknown_value", reason).field("lines").into());
        }
        let dropped: FxHashSet<usize> = lines.iter().copied().collect();
        // By credit: what it has more than before, now that lines of it are gone.
        let mut more: FxHashMap<u32, Minor> = FxHashMap::default();
        let mut made = Made { lines: Vec::new(), ..(*self.made).clone() };
        for (number, line) in self.made.lines.iter().enumerate() {
            if dropped.contains(&number) {
                let over = line.over.map_or(0, |over| over.amount);
                let slot = more.entry(line.payer).or_insert(0);
                *slot = slot.saturating_add(line.amount).saturating_add(over);
            } else {
                made.lines.push(line.clone());
            }
        }
        for (item, left, reason) in &mut made.payers {
            if let Some(more) = more.get(item) {
                (*left, *reason) = (left.saturating_add(*more), Reason::Edited);
            }
        }
        Ok(Self::new(self.view.clone(), Arc::clone(&self.policy), made))
    }

    /// The rows that post it: allocations `<prefix>-1`, `<prefix>-2`, …, effective on the view's day; beside the n-th the differences
    /// `<prefix>-<n>-d1`, …; and a debit note `<prefix>-<n>-r` for a residual.
    ///
    /// The ledger takes them when nothing was appended since.
    #[must_use]
    pub fn facts(&self, id_prefix: &str) -> Facts {
        let day = self.view.day().to_naive_date();
        let mut facts = Facts::default();
        for (index, (line, legs)) in self.made.lines.iter().zip(self.legs()).enumerate() {
            let id = format!("{id_prefix}-{}", index.saturating_add(1));
            let crossed = self.currency_number(line.payer) != self.currency_number(line.claim);
            let stated = (crossed || self.policy.exchange_guard != ExchangeGuard::None)
                .then_some(legs)
                .and_then(|legs| legs.both())
                .filter(|(credit, debit)| *credit >= 0 && *debit >= 0);
            facts.allocations.push(Allocation {
                id: id.clone(),
                credit: self.document_id(line.payer).to_owned(),
                debit: self.document_id(line.claim).to_owned(),
                amount: self.money(line.payer, line.amount),
                debit_amount: crossed.then(|| self.money(line.claim, line.debit_amount)),
                instalment: Some(i64::from(self.instalment(line.claim))).filter(|number| *number != 0),
                base_credit: stated.map(|(credit, _)| self.base_money(line.payer, credit)),
                base_debit: stated.map(|(_, debit)| self.base_money(line.claim, debit)),
                effective: Some(day),
                ..Allocation::default()
            });
            for (number, told) in self.beside(index, line).into_iter().enumerate() {
                facts.differences.push(SettlementDifference {
                    id: format!("{id}-d{}", number.saturating_add(1)),
                    document: told.document,
                    kind: told.kind,
                    amount: told.amount,
                    allocation: Some(id.clone()),
                    instalment: Some(i64::from(told.instalment)).filter(|number| *number != 0),
                    reason: Some(told.reason).filter(|reason| !reason.is_empty()),
                    effective: Some(day),
                    ..SettlementDifference::default()
                });
            }
            if line.residual > 0 {
                facts.documents.push(self.residual(format!("{id}-r"), line, legs, day));
            }
        }
        facts
    }

    /// The new document for what is left of an item.
    fn residual(&self, id: String, line: &Line, legs: &Legs, day: NaiveDate) -> Document {
        let store = &self.view.store;
        let account = at(&self.view.items.account, line.claim).map(|account| store.account(*account));
        let text = |number: u32| Some(store.texts.text(number).to_owned()).filter(|text| !text.is_empty());
        Document {
            id,
            customer: account.map_or(String::new(), |account| store.customer_ids.text(account.customer).to_owned()),
            kind: "debit_note".to_owned(),
            currency: self.code(line.claim),
            amount: self.money(line.claim, line.residual),
            document_date: day,
            due_date: Some(self.view.due_day(place(line.claim)).map_or(day, Day::to_naive_date)),
            company: account.and_then(|account| text(account.company)),
            control_account: account.and_then(|account| text(account.control)),
            related: Some(self.document_id(line.claim).to_owned()),
            base_amount: legs.residual.map(|base| self.base_money(line.claim, base.max(0))),
            ..Document::default()
        }
    }

    fn legs(&self) -> &[Legs] {
        self.legs.get_or_init(|| legs(&self.view, &self.made.lines, self.policy.exchange_guard, self.splits_tax()))
    }

    fn splits_tax(&self) -> bool {
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
    fn beside(&self, number: usize, line: &Line) -> Vec<LineDifference> {
        let reason = self.policy.tolerance.as_ref().map_or("", |tolerance| tolerance.reason.as_str());
        let told = |item: u32, let_go: LetGo, on_debit: bool| {
            let tier = line.tier.filter(|_| matches!(let_go.kind, Kind::Discount | Kind::DiscountTax));
            let tolerated = matches!(let_go.kind, Kind::Tolerance | Kind::WriteOff);
            LineDifference {
                document: self.document_id(item).to_owned(),
                instalment: if on_debit { self.instalment(item) } else { 0 },
                currency: self.code(item),
                kind: let_go.kind.name().to_owned(),
                amount: self.money(item, let_go.amount),
                line: u64::try_from(number).unwrap_or(u64::MAX),
                reason: if tolerated { reason.to_owned() } else { String::new() },
                rule: rule(let_go.kind, tier.is_some_and(|tier| tier.late), on_debit).to_owned(),
                limit: let_go.limit.map(|limit| self.money(line.payer, limit)),
                until: tier.and_then(|tier| Day::new(tier.until).ok()).map(Day::to_naive_date),
            }
        };
        let on_debit = line.on_debit(self.splits_tax()).map(|let_go| told(line.claim, let_go, true));
        on_debit.chain(line.over.map(|let_go| told(line.payer, let_go, false))).collect()
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

    fn document_id(&self, item: u32) -> &str {
        at(&self.view.items.document, item).map_or("", |document| self.view.store.document_id(*document))
    }

    fn instalment(&self, item: u32) -> u32 {
        self.view.items.instalment(place(item))
    }

    fn item_name(&self, item: u32) -> String {
        match self.instalment(item) {
            0 => self.document_id(item).to_owned(),
            number => format!("{}/{number}", self.document_id(item)),
        }
    }

    fn account(&self, item: u32) -> u32 {
        at(&self.view.items.account, item).copied().unwrap_or(u32::MAX)
    }

    fn currency_number(&self, item: u32) -> u32 {
        self.view.store.account(self.account(item)).currency
    }

    fn base_of(&self, item: u32) -> Option<u32> {
        self.view.store.base_currency(self.view.store.account(self.account(item)).company)
    }

    fn code(&self, item: u32) -> String {
        self.view.store.currency(self.currency_number(item)).map_or(String::new(), |held| held.code.to_string())
    }

    fn money(&self, item: u32, minor: Minor) -> Decimal {
        let digits = self.view.store.currency(self.currency_number(item)).map_or(0, |held| held.exponent);
        to_decimal(minor, digits)
    }

    fn base_money(&self, item: u32, minor: Minor) -> Decimal {
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

/// The sums of one currency.
#[derive(Debug, Default)]
struct Sums {
    before: Before,
    applied: i128,
    closed: i128,
    paid: i128,
    differences: BTreeMap<Kind, i128>,
}

impl Sums {
    fn row(&self, currency: crate::money::Currency) -> ProofRow {
        let money = |sum: i128| wide(sum, currency.exponent);
        let kind = |kind: Kind| self.differences.get(&kind).copied().unwrap_or(0);
        let gone: i128 = Kind::ALL.into_iter().map(kind).sum();
        ProofRow {
            currency: currency.code.to_string(),
            received: money(self.before.received),
            applied: money(self.applied),
            closed: money(self.closed),
            unapplied: money(self.before.received.saturating_sub(self.applied).saturating_sub(self.closed)),
            claims: money(self.before.claims),
            paid: money(self.paid),
            discount: money(kind(Kind::Discount)),
            discount_tax: money(kind(Kind::DiscountTax)),
            tolerance: money(kind(Kind::Tolerance)),
            write_off: money(kind(Kind::WriteOff)),
            bank_charge: money(kind(Kind::BankCharge)),
            cash_rounding: money(kind(Kind::CashRounding)),
            residual: money(kind(Kind::Residual)),
            open: money(self.before.claims.saturating_sub(self.paid).saturating_sub(gone)),
        }
    }
}

fn add(sum: &mut i128, amount: Minor) {
    *sum = sum.saturating_add(amount.into());
}

/// A sum in major units. Fewer than 2^32 amounts of less than 2^63 each fit the 96 bits of a decimal.
fn wide(sum: i128, digits: u8) -> Decimal {
    Decimal::try_from_i128_with_scale(sum, u32::from(digits)).unwrap_or_default()
}
