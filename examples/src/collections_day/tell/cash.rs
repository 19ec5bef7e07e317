//! The day's cash in words and columns.

use rust_decimal::Decimal;

use super::{amount, line};
use crate::cash::{Cash, Credit, Settled};
use crate::day::CollectionsDay;
use crate::words::{beside, differences, holds, kind, question, why, why_unapplied};

pub fn print(day: &CollectionsDay) {
    let cash = match &day.cash {
        Settled::Nothing(why) => return println!("CASH  {why}\n"),
        Settled::Posted(cash) => cash,
    };
    println!(
        "CASH  {} receipts posted, {} rejected; settled with all that stood on account in {} lines",
        cash.receipts(),
        cash.report.rejected,
        cash.settlement.len()
    );
    for rejection in &cash.report.rejections {
        println!("  not posted: {} line {}: {}", rejection.file, rejection.line, rejection.reason);
    }
    for credit in &cash.credits {
        of_credit(day, credit);
    }
    println!();
    let by_kind = cash.by_kind();
    if !by_kind.is_empty() {
        println!("DIFFERENCES by kind");
        for ((currency, held), (number, sum)) in by_kind {
            println!("  {currency} {:>13}  {} ({number})", amount(sum), kind(&held));
        }
        println!();
    }
    questions(cash);
    proof(cash);
}

fn of_credit(day: &CollectionsDay, credit: &Credit) {
    let said =
        if credit.of_today { format!("\"{}\"", credit.text) } else { format!("{}, before today", credit.document) };
    println!("  {} {:>13}  {:34} {said}", credit.currency, amount(credit.amount), day.books.named(&credit.customer));
    for paid in &credit.lines {
        println!("    {:>13} to {:10} {}", amount(paid.line.amount), paid.line.debit, why(paid));
        for held in &paid.differences {
            println!("    {:>13} on {:10} {}", amount(held.amount), held.document, beside(held));
        }
    }
    for left in &credit.unapplied {
        println!("    {:>13} on account    {}", amount(left.amount), why_unapplied(left));
    }
}

fn questions(cash: &Cash) {
    let asked = cash.settlement.questions();
    if asked.is_empty() {
        return;
    }
    println!("TO BE DECIDED");
    for one in asked {
        let about = if one.credit.is_empty() { &one.document } else { &one.credit };
        println!("  {about}: {}", question(&one));
    }
    println!();
}

fn proof(cash: &Cash) {
    println!("NOTHING IS LOST");
    let cells = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let sums = |amounts: &[Decimal]| amounts.iter().map(|sum| amount(*sum)).collect::<Vec<_>>();
    let all = cash.settlement.proof();
    line("what came", &cells(&["received", "= applied", "+ closed", "+ unapplied"]));
    for row in &all {
        line(&row.currency, &sums(&[row.received, row.applied, row.closed, row.unapplied]));
    }
    line("what they owed", &cells(&["claims", "= paid", "+ differences", "+ open"]));
    for row in &all {
        line(&row.currency, &sums(&[row.claims, row.paid, differences(row), row.open]));
    }
    if !all.iter().all(holds) {
        println!("  The proof does not add up.");
    }
    println!();
}
