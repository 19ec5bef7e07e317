//! The day's incoming cash: taken in, matched to what it pays, posted, and every step explained.

use ar_core::allocation::{AllocationFilter, AllocationPolicy, Explanation, ProposalLine, UnappliedCredit, propose};
use ar_core::calendar::Day;
use ar_core::import::ImportReport;
use ar_core::ledger::Ledger;
use rust_decimal::Decimal;

use crate::books::Books;

/// What became of the day's cash.
pub struct Cash {
    /// The ledger with the receipts and what they settle.
    pub ledger: Ledger,
    pub report: ImportReport,
    pub receipts: Vec<Receipt>,
}

/// One receipt: what it paid, and why that.
pub struct Receipt {
    pub document: String,
    pub customer: String,
    pub currency: String,
    pub amount: Decimal,
    pub text: String,
    pub lines: Vec<ProposalLine>,
    pub unapplied: Vec<UnappliedCredit>,
}

/// Why there is no cash to settle.
pub enum Settled {
    Posted(Box<Cash>),
    Nothing(String),
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
    let Some((taken, report, credits)) = books.with_cash(as_of)? else {
        return Ok(Settled::Nothing(String::from("The bank file cannot be read.")));
    };
    // Only the cash of the day; what stood on account before stays there until someone decides.
    let filter = AllocationFilter { credits: Some(credits.clone()), ..AllocationFilter::default() };
    let policy = AllocationPolicy { id: String::from("cash of the day"), filter, ..AllocationPolicy::default() };
    let view = taken.as_of(as_of);
    let proposal = propose(&view, &policy).map_err(|error| error.to_string())?;
    let facts = proposal.facts(&format!("CASH-{as_of}"));
    let ledger = taken.append(&facts.tables(), as_of).map_err(|error| error.to_string())?;
    let texts = texts(books);
    let mut receipts = Vec::new();
    for item in view.open_items() {
        if !credits.contains(&item.document) {
            continue;
        }
        let Explanation { lines, unapplied } = proposal.explain(Some(&item.document), None);
        let text = texts.iter().find(|(id, _)| *id == item.document).map(|(_, text)| text.clone()).unwrap_or_default();
        receipts.push(Receipt {
            document: item.document,
            customer: item.customer,
            currency: item.currency,
            amount: -item.open,
            text,
            lines,
            unapplied,
        });
    }
    Ok(Settled::Posted(Box::new(Cash { ledger, report, receipts })))
}

/// What each receipt says it pays.
fn texts(books: &Books) -> Vec<(String, String)> {
    let Some((mapping, bytes)) = books.cash() else { return Vec::new() };
    let files: Vec<ar_core::import::File<'_>> =
        bytes.iter().map(|(name, bytes)| ar_core::import::File { name, bytes }).collect();
    let read = ar_core::import::read_files(&mapping, &files).map(|read| read.facts.documents).unwrap_or_default();
    read.into_iter().map(|row| (row.id, row.reference.unwrap_or_default())).collect()
}

/// A strategy in words.
pub fn why(line: &ProposalLine) -> String {
    let whole = line.amount == line.debit_left;
    let what = match line.strategy.as_str() {
        "reference" => "the payment names it",
        "exact_amount" => "the amounts are equal",
        "oldest_due" => "no match by name or amount, oldest due first",
        other => other,
    };
    if whole {
        what.to_owned()
    } else {
        format!("{what}; {} stays open", crate::tell::amount(line.debit_left - line.amount))
    }
}

/// Why something stays on account, in words.
pub fn why_unapplied(left: &UnappliedCredit) -> &'static str {
    match left.reason.as_str() {
        "no_open_debit" => "nothing open to pay on this account",
        _ => "no open item matched",
    }
}
