//! What interest and compensation do the overdue items of a view bear? Item by item, with the segments when asked for.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::accrue::{Accrued, Debt, Outcome, Segment};
use super::balance::{ChargedDays, ChargedSum, Known, OverdueItem, less_covered};
use super::compile::CompiledInterest;
use super::error::InterestError;
use super::policy::{CompensationPer, DisputedPart, MinimumPer};
use crate::calendar::Day;
use crate::ledger::{DocumentKind, View};
use crate::made_by::MadeBy;
use crate::money::{Currency, Minor, to_decimal};
use crate::problem::{Problem, Refused, quoted};

/// What is asked about the items of a view beside its day.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InterestQuestion {
    /// What is charged already.
    pub charged: Vec<Charged>,
    /// Documents whose compensation is charged already.
    pub compensated: Vec<String>,
    /// About these customers alone; about all when empty.
    pub customers: Vec<String>,
    /// About these documents alone; about all when empty.
    pub documents: Vec<String>,
}

/// Up to which day the interest of an item is charged already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charged {
    /// The document.
    pub document: String,
    /// Its instalment; all of them when absent.
    #[serde(default)]
    pub instalment: Option<u32>,
    /// The last day that is charged.
    pub until: Day,
}

/// The interest of an overdue item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterestItem {
    /// The document.
    pub document: String,
    /// Its instalment, 0 without a schedule.
    pub instalment: u32,
    /// Who owes.
    pub customer: String,
    /// Its currency.
    pub currency: String,
    /// When it fell due.
    pub due_date: NaiveDate,
    /// Days since it is late on the view's day: since it fell due, or was payable where that is later.
    pub days: i32,
    /// What is left on the view's day.
    pub open: Decimal,
    /// The first day of interest that is charged; none without one.
    pub from: Option<NaiveDate>,
    /// The last.
    pub until: Option<NaiveDate>,
    /// What accrued on these days.
    pub accrued: Decimal,
    /// What is charged: `accrued`, or nothing when that is below the minimum.
    pub interest: Decimal,
    /// The fixed sum for the costs of recovery.
    pub compensation: Decimal,
    /// The rule, such as `interest.accrued`.
    pub rule: String,
    /// What `accrued` re-adds from; empty unless reasons were asked for.
    pub segments: Vec<InterestSegment>,
}

/// Days of an item with one balance and one rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterestSegment {
    /// The first day of interest.
    pub from: NaiveDate,
    /// The last.
    pub until: NaiveDate,
    /// How many they are, as the day count has it.
    pub days: i32,
    /// What was left.
    pub balance: Decimal,
    /// Earlier interest that earns interest.
    pub compounded: Decimal,
    /// Per cent, without trailing zeros.
    pub percent: Decimal,
    /// The part of the rate's year or period, such as `31/365`.
    pub part: String,
    /// The interest.
    pub interest: Decimal,
}

/// The sums of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterestTotal {
    /// The currency.
    pub currency: String,
    /// How many items there are.
    pub items: u64,
    /// What is left of them.
    pub open: Decimal,
    /// What is charged.
    pub interest: Decimal,
    /// The fixed sums.
    pub compensation: Decimal,
}

/// The interest of a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterestReport {
    /// The view's day, the last day of interest.
    pub on: NaiveDate,
    /// The overdue items, in the order of open items.
    pub items: Vec<InterestItem>,
    /// The sums, sorted by currency.
    pub totals: Vec<InterestTotal>,
    /// The policy and the engine.
    pub made_by: MadeBy,
}

/// Whether segments are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reasons {
    Told,
    LeftOut,
}

/// An item with its interest and compensation.
pub(crate) struct Reckoned {
    pub item: OverdueItem,
    pub currency: Currency,
    pub accrued: Accrued,
    pub interest: Minor,
    pub compensation: Minor,
    pub rule: &'static str,
}

impl View {
    /// The interest and compensation of every overdue item, up to the view's day.
    ///
    /// **Currency**: each item's own. **Rounding**: the policy's. **Edges**: an item is overdue from the day after its due date.
    /// Nothing is posted. **Source**: `docs/specification.md`, section 8.
    ///
    /// # Errors
    /// `unknown_reference` for a document in `charged` or `compensated` that the ledger does not have; `rate_missing`,
    /// `too_large` of the first item that has it.
    pub fn interest(&self, policy: &CompiledInterest, question: &InterestQuestion) -> Result<InterestReport, Refused> {
        self.reckon(policy, question, Reasons::LeftOut)
    }

    /// [`View::interest`], each item with the segments that its interest re-adds from.
    ///
    /// # Errors
    /// Those of [`View::interest`].
    pub fn explain_interest(
        &self,
        policy: &CompiledInterest,
        question: &InterestQuestion,
    ) -> Result<InterestReport, Refused> {
        self.reckon(policy, question, Reasons::Told)
    }

    /// The interest of one item from the day after `charged_until` on.
    fn accrued_on(
        &self,
        policy: &CompiledInterest,
        item: &OverdueItem,
        charged_until: Option<Day>,
    ) -> Result<Accrued, InterestError> {
        let balances = self.bearing_balances(policy, item, item.terms_on);
        policy.accrue(Debt { due: item.payable, balances: &balances, charged_until, until: self.day })
    }

    /// What of an item bears interest, from each day on, by the schedule that was in force on a day.
    fn bearing_balances(&self, policy: &CompiledInterest, item: &OverdueItem, terms_on: i32) -> Vec<(Day, Minor)> {
        let of = (item.document, item.instalment);
        let mut balances = self.balances_by_terms(of, policy.policy.paid_from, terms_on);
        if policy.policy.disputed == DisputedPart::Excluded && item.disputed != 0 {
            for (_, balance) in &mut balances {
                *balance = balance.saturating_sub(item.disputed);
            }
        }
        if item.covered.is_empty() { balances } else { less_covered(&balances, &item.covered) }
    }

    /// What the days that were charged bear by what is known now and the schedules by which they were, less what was charged for them.
    fn correction(&self, policy: &CompiledInterest, item: &OverdueItem) -> i128 {
        let (mut charged_until, mut correction) = (None, 0_i128);
        let mut held: Option<(i32, Vec<(Day, Minor)>)> = None;
        for of_day in item.charged.chunk_by(|a, b| a.until == b.until) {
            let Some(until) = of_day.first().map(|first| first.until) else { continue };
            let own = of_day.iter().filter(|charged| charged.known != Known::Elsewhere && !charged.is_beside);
            // What nobody knows, and what has no rate any more, was right.
            let is_known = own.clone().all(|charged| charged.known != Known::Unknown);
            if let Some(first) = own.clone().next().filter(|_| is_known) {
                let balances = match held.take().filter(|(by, _)| *by == first.terms_on) {
                    Some((_, balances)) => balances,
                    None => self.bearing_balances(policy, item, first.terms_on),
                };
                let debt = Debt { due: item.payable, balances: &balances, charged_until, until: first.as_of };
                let right = policy.accrue_days(debt, until);
                let change = right.ok().and_then(|right| change_of(right.amount, own.clone().filter_map(sum_of)));
                correction = with_change(correction, change.unwrap_or(0), own.clone().any(|one| one.is_forgiven));
                held = Some((first.terms_on, balances));
            }
            for beside in of_day.iter().filter(|charged| charged.is_beside) {
                let sum = sum_of(beside).and_then(ChargedSum::own).unwrap_or(0);
                correction = with_change(correction, i128::from(sum).saturating_neg(), beside.is_forgiven);
            }
            charged_until = Some(until);
        }
        if item.raises { correction } else { correction.min(0) }
    }

    /// What was charged too much for an item by what is known now, and what it bore since does not make up for (an item of a schedule
    /// that is in force no more bears nothing); nothing where some rate is missing.
    pub(crate) fn charged_too_much(
        &self,
        policy: &CompiledInterest,
        item: &OverdueItem,
        charged_until: Option<Day>,
    ) -> Minor {
        let Ok(since) = self.accrued_on(policy, item, charged_until) else { return 0 };
        let bears = since.outcome == Outcome::Accrued && item.terms_on == self.stood_on();
        let since = if bears { since.amount } else { 0 };
        let over = self.correction(policy, item).saturating_add(since.into()).saturating_neg();
        Minor::try_from(over.max(0)).unwrap_or(Minor::MAX)
    }

    /// What an item bore up to a day; nothing where some rate is missing.
    pub(crate) fn borne_by(&self, policy: &CompiledInterest, item: &OverdueItem, until: Day) -> Minor {
        let balances = self.bearing_balances(policy, item, item.terms_on);
        let borne = policy.accrue(Debt { due: item.payable, balances: &balances, charged_until: None, until });
        borne.map_or(0, |borne| if borne.outcome == Outcome::Accrued { borne.amount } else { 0 })
    }

    /// Whether nothing was left of an item when it fell due.
    pub(crate) fn was_in_time(&self, policy: &CompiledInterest, item: &OverdueItem) -> bool {
        matches!(self.accrued_on(policy, item, None), Ok(Accrued { outcome: Outcome::NotLate, .. }))
    }

    /// Whether the interest of an item cannot be reckoned for lack of a rate.
    pub(crate) fn lacks_rate(&self, policy: &CompiledInterest, item: &OverdueItem, charged_until: Option<Day>) -> bool {
        // A table that has the first day of interest has all of them.
        let first = item.payable.plus_days(1).unwrap_or(item.payable);
        policy.rate_on(first).is_err()
            && matches!(self.accrued_on(policy, item, charged_until), Err(InterestError::RateMissing { .. }))
    }

    fn reckon(
        &self,
        policy: &CompiledInterest,
        question: &InterestQuestion,
        reasons: Reasons,
    ) -> Result<InterestReport, Refused> {
        let charged = self.charged(&question.charged)?;
        let compensated = self.compensated(&question.compensated)?;
        let mut items = self.overdue_items(&policy.policy);
        items.retain(|item| self.is_asked(question, item));
        let until = |item: &OverdueItem| {
            let numbers = [Some(item.instalment), None].into_iter();
            numbers.filter_map(|number| charged.get(&(item.document, number))).max().copied()
        };
        let all = self.reckoned(policy, items, until, &compensated)?;
        let totals = totals(&all);
        let items = all.iter().map(|one| self.shown_interest(one, reasons)).collect();
        Ok(InterestReport { on: self.day.to_naive_date(), items, totals, made_by: policy.made_by().clone() })
    }

    /// What overdue items bear from the day after `charged_until` on, and the fixed sums of documents that had none yet.
    pub(crate) fn reckoned(
        &self,
        policy: &CompiledInterest,
        items: Vec<OverdueItem>,
        charged_until: impl Fn(&OverdueItem) -> Option<Day>,
        compensated: &BTreeSet<u32>,
    ) -> Result<Vec<Reckoned>, Refused> {
        let mut all = Vec::with_capacity(items.len());
        for item in items {
            let Some(currency) = self.store.currency(self.store.account(item.account).currency) else { continue };
            let accrued = self.accrued_on(policy, &item, charged_until(&item)).map_err(|error| {
                let reason = format!("{error}, for {}", quoted(self.store.document_id(item.document)));
                Refused::from(Problem::new(error.code(), reason).field(error.field()))
            })?;
            let mut rule = match accrued.outcome {
                Outcome::Accrued => "interest.accrued",
                Outcome::NotLate => "interest.not_late",
                Outcome::InGrace => "interest.in_grace",
                Outcome::Charged => "interest.charged",
            };
            let mut interest = accrued.amount;
            let correction = self.correction(policy, &item);
            if correction != 0 && matches!(accrued.outcome, Outcome::Accrued | Outcome::Charged) {
                let sum = Minor::try_from(correction.saturating_add(interest.into()).max(0));
                interest = sum.map_err(|_| Problem::new("too_large", "expected interest within the range of money"))?;
                rule = if interest > 0 { "interest.accrued" } else { "interest.charged" };
            }
            all.push(Reckoned { item, currency, accrued, interest, compensation: 0, rule });
        }
        apply_minimum(policy, &mut all);
        self.compensate(policy, compensated, &mut all);
        Ok(all)
    }

    fn is_asked(&self, question: &InterestQuestion, item: &OverdueItem) -> bool {
        let lists = |list: &[String], id: &str| list.is_empty() || list.iter().any(|listed| listed == id);
        let customer = self.store.account(item.account).customer;
        lists(&question.documents, self.store.document_id(item.document))
            && lists(&question.customers, self.store.customer_ids.text(customer))
    }

    /// The last day that is charged, by document and instalment; `None`: all of them.
    fn charged(&self, rows: &[Charged]) -> Result<FxHashMap<(u32, Option<u32>), Day>, Refused> {
        let mut charged: FxHashMap<(u32, Option<u32>), Day> = FxHashMap::default();
        for (index, row) in rows.iter().enumerate() {
            let document = self.document_of("charged", index, &row.document)?;
            let until = charged.entry((document, row.instalment)).or_insert(row.until);
            *until = row.until.max(*until);
        }
        Ok(charged)
    }

    fn compensated(&self, ids: &[String]) -> Result<BTreeSet<u32>, Refused> {
        ids.iter().enumerate().map(|(index, id)| self.document_of("compensated", index, id)).collect()
    }

    fn document_of(&self, table: &str, index: usize, id: &str) -> Result<u32, Refused> {
        self.store.document_named(id).ok_or_else(|| {
            let reason = format!("expected the id of a document, got {}", quoted(id));
            Problem::new("unknown_reference", reason).field("document").row(table, index).into()
        })
    }

    /// Gives the fixed sums: to the first item of each document, or of each claim, that bears interest.
    fn compensate(&self, policy: &CompiledInterest, compensated: &BTreeSet<u32>, all: &mut [Reckoned]) {
        let Some(per) = policy.policy.compensation.as_ref().map(|compensation| compensation.per) else { return };
        // Company, customer and currency of a claim; the document of an invoice.
        let key = |item: &OverdueItem| match per {
            CompensationPer::Invoice => (0, 0, item.document),
            CompensationPer::Claim => {
                let account = self.store.account(item.account);
                (account.company, account.customer, account.currency)
            }
        };
        // What is charged for late payment is no debt for which a fixed sum is due again.
        let bears = |one: &Reckoned| {
            let found = self.store.documents.find(one.item.document);
            found.and_then(|(piece, row)| piece.kind.get(row)) != Some(&DocumentKind::Charge)
        };
        let mut debts: BTreeMap<(u32, u32, u32), (i128, bool)> = BTreeMap::new();
        for one in all.iter().filter(|one| bears(one)) {
            let (debt, paid) = debts.entry(key(&one.item)).or_default();
            *debt = debt.saturating_add(i128::from(one.accrued.debt));
            *paid |= compensated.contains(&one.item.document);
        }
        for one in all.iter_mut().filter(|one| one.accrued.debt > 0 && bears(one)) {
            if let Some((debt, paid)) = debts.get_mut(&key(&one.item)) {
                if !*paid {
                    one.compensation = policy.compensation(one.currency, *debt);
                }
                *paid = true;
            }
        }
    }

    fn shown_interest(&self, one: &Reckoned, reasons: Reasons) -> InterestItem {
        let digits = one.currency.exponent;
        let account = self.store.account(one.item.account);
        let segments = &one.accrued.segments;
        InterestItem {
            document: self.store.document_id(one.item.document).to_owned(),
            instalment: one.item.instalment,
            customer: self.store.customer_ids.text(account.customer).to_owned(),
            currency: one.currency.code.to_string(),
            due_date: one.item.due.to_naive_date(),
            days: self.day.days_since(one.item.payable),
            open: to_decimal(one.item.open, digits),
            from: segments.first().map(|segment| segment.from.to_naive_date()),
            until: segments.iter().map(|segment| segment.until).max().map(Day::to_naive_date),
            accrued: to_decimal(one.accrued.amount, digits),
            interest: to_decimal(one.interest, digits),
            compensation: to_decimal(one.compensation, digits),
            rule: one.rule.to_owned(),
            segments: match reasons {
                Reasons::Told => segments.iter().map(|segment| InterestSegment::shown(segment, digits)).collect(),
                Reasons::LeftOut => Vec::new(),
            },
        }
    }
}

impl InterestSegment {
    /// A segment of a currency of so many digits, as plain data.
    pub(crate) fn shown(segment: &Segment, digits: u8) -> Self {
        let percent = Decimal::try_from_i128_with_scale(segment.percent.units(), u32::from(segment.percent.scale()));
        Self {
            from: segment.from.to_naive_date(),
            until: segment.until.to_naive_date(),
            days: segment.days,
            balance: to_decimal(segment.balance, digits),
            compounded: to_decimal(segment.compounded, digits),
            percent: percent.unwrap_or_default(),
            part: segment.part.fraction(),
            interest: to_decimal(segment.amount, digits),
        }
    }
}

/// How much was charged, where that is known.
fn sum_of(charged: &ChargedDays) -> Option<ChargedSum> {
    match charged.known {
        Known::Sum(sum) => Some(sum),
        Known::Unknown | Known::Elsewhere => None,
    }
}

/// What changes come to with one more; that of what was forgiven makes up for those before it, and no more.
fn with_change(so_far: i128, change: i128, is_forgiven: bool) -> i128 {
    let sum = so_far.saturating_add(change);
    if is_forgiven { sum.clamp(so_far.min(0), so_far.max(0)) } else { sum }
}

/// What is right, less what was charged; none where that is beyond the range of money. Where it was converted, and comes to what is
/// right by the same rate, nothing changes.
fn change_of(right: Minor, charged: impl Iterator<Item = ChargedSum> + Clone) -> Option<i128> {
    let mut all = charged.clone();
    if let (Some(only), None) = (all.next(), all.next())
        && only.is(right)
    {
        return Some(0);
    }
    let mut change = i128::from(right);
    for sum in charged {
        change = change.saturating_sub(sum.own()?.into());
    }
    Some(change)
}

/// Lets go what is below the minimum, item by item or account by account; items of one account stand together.
fn apply_minimum(policy: &CompiledInterest, all: &mut [Reckoned]) {
    let together = |a: &Reckoned, b: &Reckoned| {
        policy.policy.minimum_per == MinimumPer::Account && a.item.account == b.item.account
    };
    for group in all.chunk_by_mut(together) {
        let sum = group.iter().map(|one| i128::from(one.interest)).sum();
        let Some(currency) = group.first().map(|one| one.currency) else { continue };
        if policy.is_below_minimum(currency, sum) {
            for one in group.iter_mut().filter(|one| one.interest != 0) {
                one.interest = 0;
                one.rule = "interest.below_minimum";
            }
        }
    }
}

fn totals(all: &[Reckoned]) -> Vec<InterestTotal> {
    let mut sums: BTreeMap<Currency, (u64, [i128; 3])> = BTreeMap::new();
    for one in all {
        let (items, sum) = sums.entry(one.currency).or_default();
        *items = items.saturating_add(1);
        for (slot, minor) in sum.iter_mut().zip([one.item.open, one.interest, one.compensation]) {
            *slot = slot.saturating_add(i128::from(minor));
        }
    }
    let wide = |sum, digits: u8| Decimal::try_from_i128_with_scale(sum, u32::from(digits)).unwrap_or_default();
    sums.into_iter()
        .map(|(currency, (items, [open, interest, compensation]))| InterestTotal {
            currency: currency.code.to_string(),
            items,
            open: wide(open, currency.exponent),
            interest: wide(interest, currency.exponent),
            compensation: wide(compensation, currency.exponent),
        })
        .collect()
}
