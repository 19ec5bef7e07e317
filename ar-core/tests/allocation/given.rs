//! Documents, ledgers and policies by short names, and proposals as numbers.

use ar_core::allocation::{AllocationPolicy, Proposal, Strategy as Match};
use ar_core::calendar::Day;
use ar_core::ledger::Ledger;
use ar_core::ledger::fact::{Customer, Document, Facts};
use ar_core::ledger::settings::Settings;
use chrono::NaiveDate;
use rust_decimal::Decimal;

pub const ORDERED: [Match; 4] = [Match::OldestDue, Match::NewestDue, Match::OldestDocument, Match::NewestDocument];

pub fn date(day: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Duration::days(day)
}

pub fn day(number: i64) -> Day {
    Day::try_from(date(number)).unwrap()
}

pub fn money(minor: i64) -> Decimal {
    Decimal::new(minor, 2)
}

pub fn minor(amount: Decimal) -> i64 {
    assert_eq!(amount.scale(), 2);
    i64::try_from(amount.mantissa()).unwrap()
}

pub fn document(id: &str, kind: &str, amount: i64, on: i64, due: Option<i64>) -> Document {
    Document {
        id: id.into(),
        customer: "C".into(),
        kind: kind.into(),
        currency: "EUR".into(),
        amount: money(amount),
        document_date: date(on),
        due_date: due.map(date),
        ..Document::default()
    }
}

pub fn customers(ids: &[&str]) -> Vec<Customer> {
    ids.iter().map(|id| Customer { id: (*id).into(), ..Customer::default() }).collect()
}

pub fn load(facts: &Facts) -> Ledger {
    Ledger::load(Settings::default(), &facts.tables()).unwrap()
}

pub fn policy(strategies: &[Match]) -> AllocationPolicy {
    AllocationPolicy { strategies: strategies.to_vec(), ..AllocationPolicy::default() }
}

/// A line as numbers: credit, debit, instalment, amount, strategy, left of the credit, left of the debit.
pub type Line = (String, String, u32, i64, String, i64, i64);

pub fn lines(proposal: &Proposal) -> Vec<Line> {
    let line = |line: ar_core::allocation::ProposalLine| {
        let (amount, credit, debit) = (minor(line.amount), minor(line.credit_left), minor(line.debit_left));
        (line.credit, line.debit, line.instalment, amount, line.strategy, credit, debit)
    };
    proposal.lines().into_iter().map(line).collect()
}

pub fn unapplied(proposal: &Proposal) -> Vec<(String, i64, String)> {
    proposal.unapplied().into_iter().map(|rest| (rest.credit, minor(rest.amount), rest.reason)).collect()
}
