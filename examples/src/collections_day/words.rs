//! The settlement in words: why a line was made, what a difference is, why something stays, what is asked.

use ar_core::allocation::UnappliedCredit;
use ar_core::settlement::{LineDifference, ProofRow, Question};
use rust_decimal::Decimal;

use crate::cash::Paid;
use crate::tell::amount;

/// Why a line was made, and what is left of the item after it and what stands beside it.
pub fn why(paid: &Paid) -> String {
    let line = &paid.line;
    let what = match line.strategy.as_str() {
        "reference" => "the payment names it",
        "exact_amount" => "the amounts are equal",
        "subset" => "the only set of open items that has the amount",
        other => other,
    };
    let here = paid.differences.iter().filter(|held| held.document == line.debit).map(|held| held.amount);
    let rest = line.debit_left - line.debit_amount - here.sum::<Decimal>();
    match (rest.is_zero(), paid.last) {
        (true, _) => what.to_owned(),
        (_, true) => format!("{what}; {} stays open", amount(rest)),
        (_, false) => format!("{what}; {} is left to another credit", amount(rest)),
    }
}

/// A kind of difference.
pub fn kind(kind: &str) -> String {
    match kind {
        "write_off" => String::from("written off"),
        "tolerance" => String::from("let go within tolerance"),
        other => other.replace('_', " "),
    }
}

/// A difference: its kind, its reason, and what allowed it.
pub fn beside(held: &LineDifference) -> String {
    let mut words = kind(&held.kind);
    if !held.reason.is_empty() {
        words.push_str(&format!(": {}", held.reason));
    }
    if let Some(limit) = held.limit {
        words.push_str(&format!(", at most {}", amount(limit)));
    }
    if let Some(until) = held.until {
        words.push_str(&format!(", offered until {until}"));
    }
    words
}

/// Why something stays on account.
pub fn why_unapplied(left: &UnappliedCredit) -> &str {
    match left.reason.as_str() {
        "no_open_debit" => "nothing of this customer is open",
        "no_match" => "no open item is left that it names or that has the amount",
        "ambiguous" => "several sets of open items have the amount",
        "not_searched_further" => "there were too many sets of open items to look at",
        "discount_asked" => "it fits with a late discount, which somebody has to decide about",
        "rate_missing" => "there is no rate into the currency of what is open",
        other => other,
    }
}

/// A question to somebody.
pub fn question(asked: &Question) -> String {
    match asked.amount {
        Some(late) => format!("{} paid late for its discount: allow {} all the same?", asked.document, amount(late)),
        None => {
            let sets: Vec<String> = asked.choices.iter().take(3).map(|set| set.join(" + ")).collect();
            format!("{} sets of items have the amount: which one? {}", asked.total, sets.join(" or "))
        }
    }
}

/// The differences on debits of a row of the proof.
pub fn differences(row: &ProofRow) -> Decimal {
    row.discount + row.discount_tax + row.tolerance + row.write_off + row.bank_charge + row.cash_rounding + row.residual
}

/// Whether both sums of the proof hold.
pub fn holds(row: &ProofRow) -> bool {
    row.received == row.applied + row.closed + row.unapplied && row.claims == row.paid + differences(row) + row.open
}
