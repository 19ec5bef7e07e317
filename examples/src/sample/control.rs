//! The control accounts of the general ledger: plain sums, made without the engine.
//!
//! A balance is what documents say, less what was cancelled, and moved where an allocation crosses two accounts.

use std::collections::BTreeMap;

use ar_core::calendar::Day;

use super::books::{Books, money};
use super::{day, today};

type Balances = BTreeMap<(&'static str, &'static str, &'static str), i64>;

/// Three sets: today after the day's cash; the last month end with all that is known now, and as it was known then.
pub fn accounts(books: &Books) -> String {
    let month_end = day(2026, 9, 30);
    let mut text = String::from("day,known_on,company,control_account,currency,balance\n");
    for (on, known_on) in [(today(), None), (month_end, None), (month_end, Some(month_end))] {
        let mut balances = balances(books, on, known_on);
        if on == today() {
            for line in books.bank.iter().filter(|line| line.known) {
                *balances.entry((line.place.company, line.place.control, line.place.currency)).or_default() -=
                    line.amount;
            }
        }
        for ((company, control, currency), balance) in balances {
            let known_on = known_on.map(|day| day.to_string()).unwrap_or_default();
            text.push_str(&format!("{on},{known_on},{company},{control},{currency},{}\n", money(balance)));
        }
    }
    text
}

fn balances(books: &Books, on: Day, known_on: Option<Day>) -> Balances {
    let counts = |effective: Day, known: Day| effective <= on && known_on.is_none_or(|limit| known <= limit);
    let cancelled = |id: &str| {
        books
            .cancellations
            .iter()
            .any(|row| row.of == id && counts(row.effective, row.recorded.unwrap_or(row.effective)))
    };
    let reversed = |id: &str| {
        books.reversals.iter().any(|row| row.of == id && counts(row.effective, row.recorded.unwrap_or(row.effective)))
    };
    let mut sums = Balances::new();
    for document in &books.documents {
        let place = document.place;
        let sum = sums.entry((place.company, place.control, place.currency)).or_default();
        if counts(document.effective(), document.known()) && !cancelled(&document.id) {
            *sum += document.amount;
        }
    }
    for row in &books.allocations {
        let (credit, debit) = (&books.documents[row.credit], &books.documents[row.debit]);
        if credit.place == debit.place {
            continue;
        }
        let effective = row.effective.unwrap_or(credit.effective().max(debit.effective()));
        let known = row.recorded.unwrap_or(effective.max(credit.known()).max(debit.known()));
        if !counts(effective, known) || reversed(&row.id) || cancelled(&credit.id) || cancelled(&debit.id) {
            continue;
        }
        let leg = |place: super::people::Place| (place.company, place.control, place.currency);
        *sums.entry(leg(credit.place)).or_default() += row.amount;
        *sums.entry(leg(debit.place)).or_default() -= row.debit_amount.unwrap_or(row.amount);
    }
    sums
}
