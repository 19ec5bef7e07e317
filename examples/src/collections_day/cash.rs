//! The day's incoming cash: taken in, settled with all that stands on account, posted, and every step explained.

use std::collections::{BTreeMap, BTreeSet};

use ar_core::allocation::UnappliedCredit;
use ar_core::calendar::Day;
use ar_core::import::{self, File, ImportReport};
use ar_core::ledger::{Ledger, View};
use ar_core::settlement::{LineDifference, Question, Settlement, SettlementLine};
use rust_decimal::Decimal;

use crate::books::Books;
use crate::journal::{self, Posting};
use crate::policy::{SAMPLE, offers, policy};

/// What became of the day's cash.
pub struct Cash {
    /// The ledger with the receipts and what they settle.
    pub ledger: Ledger,
    pub report: ImportReport,
    pub settlement: Settlement,
    /// Receipts of the day first, then what stood on account before.
    pub credits: Vec<Credit>,
    /// What the settlement changes on control accounts, beyond the cash itself.
    pub postings: Vec<Posting>,
}

/// One receipt or credit note: what it paid, with which differences, what is left of it and why.
pub struct Credit {
    pub document: String,
    pub customer: String,
    pub currency: String,
    pub amount: Decimal,
    pub text: String,
    /// Whether it is in the day's bank file.
    pub of_today: bool,
    pub lines: Vec<Paid>,
    pub unapplied: Vec<UnappliedCredit>,
    pub questions: Vec<Question>,
}

/// A line and the differences beside it.
pub struct Paid {
    pub line: SettlementLine,
    pub differences: Vec<LineDifference>,
    /// Whether no later line pays the same item.
    pub last: bool,
}

/// Why there is no cash to settle.
pub enum Settled {
    Posted(Box<Cash>),
    Nothing(String),
}

impl Cash {
    /// The receipts of the day.
    pub fn receipts(&self) -> usize {
        self.credits.iter().filter(|credit| credit.of_today).count()
    }

    /// Differences by currency and kind: how many and how much.
    pub fn by_kind(&self) -> BTreeMap<(String, String), (usize, Decimal)> {
        let mut sums: BTreeMap<_, (usize, Decimal)> = BTreeMap::new();
        for held in self.settlement.differences() {
            let sum = sums.entry((held.currency, held.kind)).or_default();
            *sum = (sum.0 + 1, sum.1 + held.amount);
        }
        sums
    }
}

pub fn settle(books: &Books, as_of: Day) -> Result<Settled, String> {
    if books.cash().is_none() {
        return Ok(Settled::Nothing(String::from(
            "No bank file lies beside this ledger, so there is no cash to settle.",
        )));
    }
    if let Some(last) = books.ledger.last_recorded().filter(|last| *last > as_of) {
        return Ok(Settled::Nothing(format!(
            "The ledger was last written on {last}, after {as_of}: cash is not settled in hindsight."
        )));
    }
    let Some((mut taken, report, receipts)) = books.with_cash(as_of)? else {
        return Ok(Settled::Nothing(String::from("The bank file cannot be read.")));
    };
    let told = |error: ar_core::problem::Refused| error.to_string();
    if books.mapping.id == SAMPLE {
        taken = taken.append(&offers(&taken.as_of(as_of)).tables(), as_of).map_err(told)?;
    }
    let view = taken.as_of(as_of);
    let settlement = view.settle(&policy()).map_err(told)?;
    let facts = settlement.facts(&format!("CASH-{as_of}"));
    let ledger = taken.append(&facts.tables(), as_of).map_err(told)?;
    let credits = credits(&view, &settlement, &receipts.into_iter().collect(), &texts(books));
    let postings = journal::postings(&view, &facts);
    Ok(Settled::Posted(Box::new(Cash { ledger, report, settlement, credits, postings })))
}

/// The parts of the settlement, credit by credit.
fn credits(
    view: &View,
    settlement: &Settlement,
    today: &BTreeSet<String>,
    texts: &BTreeMap<String, String>,
) -> Vec<Credit> {
    let mut beside: BTreeMap<u64, Vec<LineDifference>> = BTreeMap::new();
    for held in settlement.differences() {
        beside.entry(held.line).or_default().push(held);
    }
    let mut all: Vec<Credit> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for item in view.open_items().into_iter().filter(|item| item.open < Decimal::ZERO) {
        let place = *places.entry(item.document.clone()).or_insert(all.len());
        if let Some(credit) = all.get_mut(place) {
            credit.amount -= item.open;
            continue;
        }
        all.push(Credit {
            of_today: today.contains(&item.document),
            text: texts.get(&item.document).cloned().unwrap_or_default(),
            document: item.document,
            customer: item.customer,
            currency: item.currency,
            amount: -item.open,
            lines: Vec::new(),
            unapplied: Vec::new(),
            questions: Vec::new(),
        });
    }
    let lines = settlement.lines();
    let item = |line: &SettlementLine| (line.debit.clone(), line.instalment);
    let last: BTreeMap<_, u64> = lines.iter().map(item).zip(0..).collect();
    for (number, line) in (0..).zip(lines) {
        let last = last.get(&item(&line)) == Some(&number);
        if let Some(credit) = places.get(&line.credit).and_then(|place| all.get_mut(*place)) {
            credit.lines.push(Paid { line, differences: beside.remove(&number).unwrap_or_default(), last });
        }
    }
    for left in settlement.unapplied() {
        if let Some(credit) = places.get(&left.credit).and_then(|place| all.get_mut(*place)) {
            credit.unapplied.push(left);
        }
    }
    for question in settlement.questions() {
        if let Some(credit) = places.get(&question.credit).and_then(|place| all.get_mut(*place)) {
            credit.questions.push(question);
        }
    }
    all.sort_by_key(|credit| !credit.of_today);
    all
}

/// What each receipt says it pays.
fn texts(books: &Books) -> BTreeMap<String, String> {
    let Some((mapping, bytes)) = books.cash() else { return BTreeMap::new() };
    let files: Vec<File<'_>> = bytes.iter().map(|(name, bytes)| File { name, bytes }).collect();
    let read = import::read_files(&mapping, &files).map(|read| read.facts.documents).unwrap_or_default();
    read.into_iter().map(|row| (row.id, row.reference.unwrap_or_default())).collect()
}
