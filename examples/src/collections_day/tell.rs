//! The day in words and columns, for a terminal.

mod cash;

use std::path::Path;

use ar_core::aging::AgingRow;
use ar_examples::dunning::why;
pub use ar_examples::figures::{amount, count};
use rust_decimal::Decimal;

use crate::day::{CollectionsDay, overdue};

fn line(label: &str, cells: &[String]) {
    let cells: String = cells.iter().map(|cell| format!("{cell:>16}")).collect();
    println!("  {label:26}{cells}");
}

/// Prints the summary.
pub fn print(day: &CollectionsDay, out: &Path) {
    println!("COLLECTIONS DAY  {}, ledger {}\n", day.as_of, day.books.source);
    imported(day);
    cash::print(day);
    who_owes(day);
    remind(day);
    credit(day);
    month_end(day);
    ties(day);
    println!(
        "\nWritten to {}: index.html shows it all; open_items.csv has every item with the rule of its bucket.",
        out.display()
    );
}

fn credit(day: &CollectionsDay) {
    let credit = &day.credit;
    println!(
        "CREDIT  of {} customers and currencies the next order of {} is blocked",
        credit.asked,
        credit.blocked.len()
    );
    let mut told = 0;
    for currency in credit.currencies() {
        for row in credit.blocked.iter().filter(|row| row.currency == currency).take(3) {
            let named = day.books.named_within(&row.customer, 26);
            println!("  {named:26}{:>16} {currency}  {}", amount(row.exposure), row.because.join("; "));
            told += 1;
        }
    }
    if credit.blocked.len() > told {
        println!("  and {} more, see credit.csv", credit.blocked.len() - told);
    }
    println!();
}

fn imported(day: &CollectionsDay) {
    let report = &day.books.report;
    println!(
        "IMPORT  {} rows: {} accepted, {} rejected{}",
        count(report.rows),
        count(report.accepted),
        count(report.rejected),
        if report.repeated > 0 {
            format!("; {} repeat another row and add nothing", count(report.repeated))
        } else {
            String::new()
        }
    );
    for rejection in report.rejections.iter().take(5) {
        let column = rejection.column.as_deref().unwrap_or("row");
        println!("  {} line {}, {column}: {}", rejection.file, rejection.line, rejection.reason);
    }
    println!();
}

fn cells(row: &AgingRow) -> Vec<String> {
    row.buckets.iter().chain([&row.total]).map(|cell| amount(*cell)).collect()
}

fn who_owes(day: &CollectionsDay) {
    println!("WHO OWES on {}, by days past due", day.as_of);
    let rows = day.today.report.rows();
    let mut labels = day.today.report.labels();
    labels.push(String::from("total"));
    for total in &day.today.totals {
        line(&total.currency, &labels);
        let mut late: Vec<&AgingRow> =
            rows.iter().filter(|row| row.currency == total.currency && overdue(row) > Decimal::ZERO).collect();
        late.sort_by_key(|row| std::cmp::Reverse(overdue(row)));
        let rest = late.len().saturating_sub(5);
        for row in late.into_iter().take(5) {
            let id = row.by.first().map(String::as_str).unwrap_or_default();
            line(&day.books.named_within(id, 26), &cells(row));
        }
        if rest > 0 {
            println!("  and {rest} more that are late");
        }
        line("all customers", &cells(total));
        println!(
            "  of it disputed {}, held {}; on account {}; known for later days {}\n",
            amount(total.disputed),
            amount(total.held),
            amount(total.unapplied),
            amount(total.pending)
        );
    }
    if day.today.totals.is_empty() {
        println!("  nothing is open on that day; --as-of DAY asks for an earlier one\n");
    }
}

fn remind(day: &CollectionsDay) {
    let reminded = match &day.reminded {
        Ok(reminded) => reminded,
        Err(why) => return println!("WHOM TO REMIND  nobody: {why}\n"),
    };
    println!(
        "WHOM TO REMIND  {} notices; {} items are on none",
        reminded.notices.len(),
        count(u64::try_from(reminded.skipped.len()).unwrap_or(u64::MAX))
    );
    for ((level, name, currency), sums) in reminded.by_level() {
        println!(
            "  {:<22}{currency} {:>3} {:<8}{:>16} claimed, {:>12} charges",
            format!("{level} {name}"),
            sums.notices,
            if sums.notices == 1 { "notice" } else { "notices" },
            amount(sums.claims),
            amount(sums.charges)
        );
    }
    let reasons = reminded.by_reason();
    for (reason, many) in reasons.iter().take(6) {
        println!("  {many:>5}  {}", why(reason));
    }
    if reasons.len() > 6 {
        let rest: u64 = reasons.iter().skip(6).map(|(_, many)| many).sum();
        println!("  {rest:>5}  for {} other reasons, see dunning.json", reasons.len() - 6);
    }
    println!();
}

fn month_end(day: &CollectionsDay) {
    println!("LAST MONTH END {}", day.month_end);
    for now in &day.month_end_now.totals {
        let then = day.month_end_then.total(&now.currency);
        let known = then.map(|row| row.total).unwrap_or_default();
        let today = day.today.total(&now.currency).map(|row| row.total).unwrap_or_default();
        println!(
            "  {} {:>16} open as known that day, {:>16} with what was booked since, {:>16} open today",
            now.currency,
            amount(known),
            amount(now.total),
            amount(today)
        );
    }
    println!();
}

/// A tie in a sentence.
pub fn tie_sentence(tie: &crate::day::Tie) -> String {
    let known = tie.known_on.map(|day| format!(", as known on {day}")).unwrap_or_default();
    match &tie.differences {
        None => format!("{}{known}: no control account is given for this day", tie.day),
        Some(none) if none.is_empty() => format!("{}{known}: all {} control accounts tie", tie.day, tie.rows.len()),
        Some(one) if one.len() == 1 => format!("{}{known}: one control account differs", tie.day),
        Some(some) => format!("{}{known}: {} control accounts differ", tie.day, some.len()),
    }
}

fn ties(day: &CollectionsDay) {
    println!("DOES IT TIE");
    for tie in &day.ties {
        println!("  {}", tie_sentence(tie));
        for row in tie.rows.iter().filter(|row| tie.differences.is_some() && !row.to_book.is_zero()) {
            println!(
                "    {} {} {}: general ledger {}, {} to book from the settlement",
                row.company,
                row.control_account,
                row.currency,
                amount(row.control.unwrap_or_default()),
                amount(row.to_book)
            );
        }
        for row in tie.differences.iter().flatten() {
            println!(
                "    {} {} {}: ledger {}, control {}, difference {}",
                row.company,
                row.control_account,
                row.currency,
                amount(row.ledger),
                amount(row.control),
                amount(row.difference)
            );
        }
    }
}
