//! What would be applied to what, and why: a proposal is a value, nothing is posted by it.

use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::filter::{at, left_of_item};
use super::policy::{AllocationPolicy, Strategy};
use crate::ledger::View;
use crate::ledger::fact::{Allocation, Facts};
#[cfg(feature = "arrow")]
use crate::ledger::layers::NONE;
use crate::ledger::layers::{count, place};
use crate::made_by::MadeBy;
use crate::money::{Minor, to_decimal};

/// One proposed allocation, and why.
///
/// **Unit**: major units of `currency`, at its scale. **Sign**: every amount is above zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalLine {
    /// The document that pays.
    pub credit: String,
    /// The document that is paid.
    pub debit: String,
    /// Its instalment, 0 without a schedule.
    pub instalment: u32,
    /// The currency of the amounts.
    pub currency: String,
    /// How much, above zero.
    pub amount: Decimal,
    /// The strategy that matched them.
    pub strategy: String,
    /// What was left of the credit before.
    pub credit_left: Decimal,
    /// What was left of the debit item before.
    pub debit_left: Decimal,
}

/// What stays on account of a credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnappliedCredit {
    /// The credit.
    pub credit: String,
    /// Its currency.
    pub currency: String,
    /// How much is left, above zero.
    pub amount: Decimal,
    /// `no_open_debit`: no debit of the account that the filter leaves has anything left; else `no_match`.
    pub reason: String,
}

/// The part of a proposal that is about one credit or debit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Explanation {
    /// The lines, in their order.
    pub lines: Vec<ProposalLine>,
    /// What stays on account of the credit asked for; nothing when a debit was asked for.
    pub unapplied: Vec<UnappliedCredit>,
}

/// The lines of a proposal as columns, one entry a line.
///
/// **Unit**: minor units of the line's currency. Texts stand once, in the dictionaries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProposalColumns {
    /// The ids of the documents that occur, one after the other.
    pub document_bytes: String,
    /// Where each of them begins in `document_bytes`, and where the last ends: one more than there are documents.
    pub document_offsets: Vec<u64>,
    /// The document that pays, as a place among the documents.
    pub credit: Vec<u32>,
    /// The document that is paid, as a place among the documents.
    pub debit: Vec<u32>,
    /// Its instalment, 0 without a schedule.
    pub instalment: Vec<u32>,
    /// Codes of the currencies.
    pub currencies: Vec<String>,
    /// Digits after the point of each of them.
    pub digits: Vec<u8>,
    /// The currency, as a place among the currencies.
    pub currency: Vec<u32>,
    /// How much, above zero.
    pub amount: Vec<Minor>,
    /// Names of the strategies.
    pub strategies: Vec<&'static str>,
    /// The strategy, as a place among the strategies.
    pub strategy: Vec<u8>,
}

impl ProposalColumns {
    /// The id of a document by its place.
    #[must_use]
    pub fn document(&self, at: u32) -> &str {
        let end = |place: usize| self.document_offsets.get(place).and_then(|end| usize::try_from(*end).ok());
        match (end(place(at)), end(place(at).saturating_add(1))) {
            (Some(from), Some(to)) => self.document_bytes.get(from..to).unwrap_or(""),
            _ => "",
        }
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.amount.len()
    }

    /// Whether there is no line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.amount.is_empty()
    }
}

/// Why something stays on account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    NoOpenDebit,
    NoMatch,
}

impl Reason {
    fn name(self) -> &'static str {
        match self {
            Self::NoOpenDebit => "no_open_debit",
            Self::NoMatch => "no_match",
        }
    }
}

/// Lines as they were made, by open item of the view. What was left on both sides before a line follows from those before
/// it, so it is found when asked for. Typed differences would stand here beside them, each naming its line by number.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// By line the open items that pay and are paid, and how much.
    credit: Vec<u32>,
    debit: Vec<u32>,
    amount: Vec<Minor>,
    /// From which line on each strategy made them.
    strategies: Vec<(usize, Strategy)>,
    /// From which line on they are in each currency.
    currencies: Vec<(usize, u32)>,
    unapplied: Vec<(u32, Minor, Reason)>,
}

/// The lines by the numbers that the ledger gives its documents and currencies.
#[cfg(feature = "arrow")]
pub(crate) struct LineNumbers {
    pub credit: Vec<u32>,
    pub debit: Vec<u32>,
    /// Empty when no item is one of several instalments.
    pub instalment: Vec<u32>,
    /// A ledger of more currencies than that is read by its lines.
    pub currency: Vec<u8>,
    pub amount: LineAmounts,
}

/// The amounts of a proposal's lines, which stay where they are.
#[cfg(feature = "arrow")]
pub(crate) struct LineAmounts(Arc<Made>);

#[cfg(feature = "arrow")]
impl AsRef<[Minor]> for LineAmounts {
    fn as_ref(&self) -> &[Minor] {
        &self.0.amount
    }
}

#[cfg(feature = "arrow")]
impl Proposal {
    pub(crate) fn numbers(&self) -> LineNumbers {
        /// Lines whose items are still near when the second side is looked up.
        const NEAR: usize = 4096;
        let (items, made) = (&self.view.items, &self.made);
        let document = |item: &u32| at(&items.document, *item).copied().unwrap_or(NONE);
        let (mut credit, mut debit) = (Vec::with_capacity(self.len()), Vec::with_capacity(self.len()));
        for (payers, paid) in made.credit.chunks(NEAR).zip(made.debit.chunks(NEAR)) {
            credit.extend(payers.iter().map(document));
            debit.extend(paid.iter().map(document));
        }
        LineNumbers {
            credit,
            debit,
            instalment: match items.instalment.is_empty() {
                true => Vec::new(),
                false => made.debit.iter().map(|debit| self.instalment(*debit)).collect(),
            },
            currency: spread(&made.currencies, self.len(), |currency| u8::try_from(currency).unwrap_or(u8::MAX)),
            amount: LineAmounts(Arc::clone(made)),
        }
    }

    /// Strategies in the order of the lines, each with how many it made in a row.
    pub(crate) fn strategy_runs(&self) -> impl Iterator<Item = (Strategy, usize)> {
        runs_of(&self.made.strategies, self.len()).map(|(strategy, lines)| (strategy, lines.len()))
    }

    pub(crate) fn store(&self) -> &crate::ledger::store::Store {
        &self.view.store
    }
}

/// One line, by open item.
#[derive(Debug, Clone, Copy)]
struct Row {
    credit: u32,
    debit: u32,
    amount: Minor,
}

impl Made {
    /// Takes lines that were made elsewhere, the first so many of the columns.
    pub(super) fn take(&mut self, credit: Vec<u32>, debit: Vec<u32>, amount: Vec<Minor>, lines: usize) {
        (self.credit, self.debit, self.amount) = (credit, debit, amount);
        self.credit.truncate(lines);
        self.debit.truncate(lines);
        self.amount.truncate(lines);
    }

    /// The lines from this one on are in that currency.
    pub(super) fn pay_in(&mut self, from: usize, currency: u32) {
        match self.currencies.last_mut() {
            Some((_, last)) if *last == currency => {}
            Some((start, last)) if *start == from => *last = currency,
            _ => self.currencies.push((from, currency)),
        }
    }

    /// How many lines there are.
    pub(super) fn len(&self) -> usize {
        self.amount.len()
    }

    /// The lines that follow are made by this strategy.
    pub(super) fn begin(&mut self, strategy: Strategy) {
        let from = self.amount.len();
        match self.strategies.last_mut() {
            Some((_, last)) if *last == strategy => {}
            Some((start, last)) if *start == from => *last = strategy,
            _ => self.strategies.push((from, strategy)),
        }
    }

    pub(super) fn line(&mut self, credit: u32, debit: u32, amount: Minor) {
        self.credit.push(credit);
        self.debit.push(debit);
        self.amount.push(amount);
    }

    fn rows(&self) -> impl Iterator<Item = Row> {
        let sides = self.credit.iter().zip(&self.debit);
        sides.zip(&self.amount).map(|((credit, debit), amount)| Row { credit: *credit, debit: *debit, amount: *amount })
    }

    /// By line the place of the strategy that made it.
    fn strategies(&self) -> Vec<u8> {
        spread(&self.strategies, self.amount.len(), |strategy| strategy.place())
    }

    pub(super) fn unapplied(&mut self, credit: u32, amount: Minor, reason: Reason) {
        self.unapplied.push((credit, amount, reason));
    }
}

/// What stands from a line on, with the lines it stands for.
fn runs_of<T: Copy>(starts: &[(usize, T)], lines: usize) -> impl Iterator<Item = (T, Range<usize>)> {
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([lines]);
    starts.iter().zip(ends).map(|((start, value), end)| (*value, *start..end))
}

/// By line what stands for it.
fn spread<T: Copy, U: Copy>(starts: &[(usize, T)], lines: usize, of: impl Fn(T) -> U) -> Vec<U> {
    let mut all = Vec::with_capacity(lines);
    for (value, lines) in runs_of(starts, lines) {
        all.resize(lines.end, of(value));
    }
    all
}

/// Proposed allocations of the credits of a view. Cheap to clone; posts nothing.
#[derive(Debug, Clone)]
pub struct Proposal {
    pub(super) view: View,
    pub(super) policy: Arc<AllocationPolicy>,
    pub(super) made: Arc<Made>,
}

impl Proposal {
    /// The policy and the engine that made this proposal.
    #[must_use]
    pub fn made_by(&self) -> MadeBy {
        MadeBy::policy(&self.policy.id, &*self.policy)
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.made.amount.len()
    }

    /// Whether there is no line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.made.amount.is_empty()
    }

    /// The lines: account by account, as they were made.
    #[must_use]
    pub fn lines(&self) -> Vec<ProposalLine> {
        self.lines_where(None, None)
    }

    /// What stays on account, account by account in credit order.
    #[must_use]
    pub fn unapplied(&self) -> Vec<UnappliedCredit> {
        self.unapplied_where(None)
    }

    /// The lines and what stays on account of one credit, or the lines on one debit, or those between the two; all of
    /// them when neither is named. An id that is not in the proposal has none.
    #[must_use]
    pub fn explain(&self, credit: Option<&str>, debit: Option<&str>) -> Explanation {
        let document = |id: &str| {
            let store = &self.view.store;
            store.document_ids.find(id).and_then(|number| store.documents.of_id(number))
        };
        let (payer, paid) = (credit.map(document), debit.map(document));
        let unapplied = if debit.is_none() { self.unapplied_where(payer) } else { Vec::new() };
        Explanation { lines: self.lines_where(payer, paid), unapplied }
    }

    /// The allocations to append, with ids `<prefix>-1`, `<prefix>-2`, …, effective on the view's day.
    ///
    /// The ledger takes them when nothing was appended since; posted a second time they are refused (`duplicate_id`, or
    /// `over_allocation` under another prefix).
    #[must_use]
    pub fn facts(&self, id_prefix: &str) -> Facts {
        let effective: NaiveDate = self.view.day().to_naive_date();
        let mut number: u64 = 0;
        let mut allocations = Vec::with_capacity(self.len());
        self.each(|line| {
            number = number.saturating_add(1);
            allocations.push(Allocation {
                id: format!("{id_prefix}-{number}"),
                credit: self.document_id(line.credit).to_owned(),
                debit: self.document_id(line.debit).to_owned(),
                amount: to_decimal(line.amount, self.currency(line.credit).1),
                instalment: Some(i64::from(self.instalment(line.debit))).filter(|number| *number != 0),
                effective: Some(effective),
                ..Allocation::default()
            });
        });
        Facts { allocations, ..Facts::default() }
    }

    /// The lines as columns, texts in dictionaries.
    #[must_use]
    pub fn columns(&self) -> ProposalColumns {
        let made = &self.made;
        let mut columns = ProposalColumns {
            document_offsets: vec![0],
            instalment: made.debit.iter().map(|debit| self.instalment(*debit)).collect(),
            amount: made.amount.clone(),
            strategies: Strategy::ALL.iter().map(|strategy| strategy.name()).collect(),
            strategy: made.strategies(),
            ..ProposalColumns::default()
        };
        // By document: its place in the dictionary and one more; 0 when it has none yet.
        let mut places: Vec<u32> = vec![0; place(self.view.store.documents.len())];
        columns.credit = made.credit.iter().map(|item| self.put(*item, &mut places, &mut columns)).collect();
        columns.debit = made.debit.iter().map(|item| self.put(*item, &mut places, &mut columns)).collect();
        self.put_currencies(&mut columns);
        columns
    }

    /// The place of an item's document in the dictionary.
    fn put(&self, item: u32, places: &mut [u32], columns: &mut ProposalColumns) -> u32 {
        let document = at(&self.view.items.document, item).copied().unwrap_or(0);
        let Some(slot) = places.get_mut(place(document)) else { return 0 };
        if *slot == 0 {
            *slot = count(columns.document_offsets.len());
            columns.document_bytes.push_str(self.view.store.document_id(document));
            columns.document_offsets.push(u64::try_from(columns.document_bytes.len()).unwrap_or(u64::MAX));
        }
        slot.saturating_sub(1)
    }

    /// The currency of every line: looked up once a run of lines.
    fn put_currencies(&self, columns: &mut ProposalColumns) {
        let mut numbers: Vec<u32> = Vec::new();
        for (number, lines) in runs_of(&self.made.currencies, self.len()).filter(|(_, lines)| !lines.is_empty()) {
            let held = numbers.iter().position(|other| *other == number);
            let currency = held.unwrap_or_else(|| {
                let currency = self.view.store.currency(number);
                columns.currencies.push(currency.map_or_else(String::new, |held| held.code.as_str().to_owned()));
                columns.digits.push(currency.map_or(0, |held| held.exponent));
                numbers.push(number);
                numbers.len().saturating_sub(1)
            });
            columns.currency.resize(lines.end, count(currency));
        }
    }

    /// `Some(None)` is a document that is not in the ledger.
    fn lines_where(&self, credit: Option<Option<u32>>, debit: Option<Option<u32>>) -> Vec<ProposalLine> {
        let asked = |wanted: Option<Option<u32>>, item: u32| {
            wanted.is_none_or(|wanted| wanted.is_some() && wanted == at(&self.view.items.document, item).copied())
        };
        let mut lines = Vec::new();
        self.each(|line| {
            if !asked(credit, line.credit) || !asked(debit, line.debit) {
                return;
            }
            let (currency, digits) = self.currency(line.credit);
            lines.push(ProposalLine {
                credit: self.document_id(line.credit).to_owned(),
                debit: self.document_id(line.debit).to_owned(),
                instalment: self.instalment(line.debit),
                currency,
                amount: to_decimal(line.amount, digits),
                strategy: line.strategy.name().to_owned(),
                credit_left: to_decimal(line.credit_left, digits),
                debit_left: to_decimal(line.debit_left, digits),
            });
        });
        lines
    }

    fn unapplied_where(&self, credit: Option<Option<u32>>) -> Vec<UnappliedCredit> {
        let document = |item: u32| at(&self.view.items.document, item).copied();
        let asked = |item: u32| credit.is_none_or(|wanted| wanted.is_some() && wanted == document(item));
        let all = self.made.unapplied.iter().filter(|(item, ..)| asked(*item));
        all.map(|(item, amount, reason)| {
            let (currency, digits) = self.currency(*item);
            UnappliedCredit {
                credit: self.document_id(*item).to_owned(),
                currency,
                amount: to_decimal(*amount, digits),
                reason: reason.name().to_owned(),
            }
        })
        .collect()
    }

    /// Every line with what was left before it, by making them again.
    fn each(&self, mut line: impl FnMut(&Line)) {
        let mut left: FxHashMap<u32, Minor> = FxHashMap::default();
        let mut take = |item: u32, amount: Minor| {
            let slot = left.entry(item).or_insert_with(|| left_of_item(&self.view, place(item)));
            let before = *slot;
            *slot = slot.saturating_sub(amount);
            before
        };
        for (Row { credit, debit, amount }, strategy) in self.made.rows().zip(self.made.strategies()) {
            let Some(strategy) = Strategy::ALL.get(usize::from(strategy)).copied() else { continue };
            let (credit_left, debit_left) = (take(credit, amount), take(debit, amount));
            line(&Line { credit, debit, amount, strategy, credit_left, debit_left });
        }
    }

    fn document_id(&self, item: u32) -> &str {
        at(&self.view.items.document, item).map_or("", |document| self.view.store.document_id(*document))
    }

    fn instalment(&self, item: u32) -> u32 {
        self.view.items.instalment(place(item))
    }

    fn currency(&self, item: u32) -> (String, u8) {
        at(&self.view.items.account, item)
            .and_then(|account| self.view.store.currency(self.view.store.account(*account).currency))
            .map_or((String::new(), 0), |currency| (currency.code.as_str().to_owned(), currency.exponent))
    }
}

/// One line with its reasons.
struct Line {
    credit: u32,
    debit: u32,
    amount: Minor,
    strategy: Strategy,
    credit_left: Minor,
    debit_left: Minor,
}
