//! How long does a dunning run take that knows what was sent before? And an audit, and the broken promises? On a ledger that is made up.
//!
//! ```sh
//! cargo run --release -p ar-examples --example dunning_timing -- 1000000 50000 100000
//! ```

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::float_arithmetic,
    reason = "this measures; the engine has no clock and no float"
)]

use std::error::Error;
use std::time::Instant;

use ar_core::calendar::Day;
use ar_core::dunning::DunningPolicy;
use ar_core::facade::dunning_policy;
use ar_core::ledger::Ledger;
use ar_core::ledger::fact::{Customer, Document, Facts, Notice, NoticeLine, Promise};
use ar_core::ledger::settings::Settings;
use rust_decimal::Decimal;

/// How often each figure is taken; the least is told.
const TIMES: u32 = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u32>());
    let mut next = |otherwise| numbers.next().unwrap_or(Ok(otherwise));
    let (items, customers, notices) = (next(1_000_000)?, next(50_000)?, next(100_000)?);
    let first = Day::parse("2026-01-01")?;
    let today = first.plus_days(100).ok_or("a day of the calendar")?;
    let ledger = Ledger::load(Settings::default(), &made_up(items, customers, notices, first)?.tables())?;
    println!("{items} items, {customers} customers, {notices} notices with {} lines", u64::from(notices) * 5);
    let policy = dunning_policy(
        r#"{ "procedures": { "standard": { "escalation": "step", "interval_days": 7, "levels": [
            { "days": 5 }, { "days": 20 }, { "days": 40 }, { "days": 60, "hand_over": "agency" }] } },
            "triggers": [{ "id": "broken", "when": "promise_broken", "within_days": 30, "action": "call" }] }"#,
    )?;
    let view = ledger.as_of(today);
    let one = |policy: &DunningPolicy| -> Result<usize, Box<dyn Error>> { Ok(view.dun(policy)?.len()) };
    per_item("a run that knows them", items, || one(&policy))?;
    let by_customer = DunningPolicy { unit: ar_core::dunning::DunningUnit::Customer, ..policy.clone() };
    per_item("with the customer as unit", items, || one(&by_customer))?;
    let run = view.dun(&policy)?;
    per_item("its events", items, || Ok(run.events()?.len()))?;
    let started = Instant::now();
    let rows = ledger.audit_dunning(&policy, today.plus_days(-4).ok_or("a day")?, today, 2)?;
    println!("an audit of 5 days: {} deviations, {:.2} s", rows.len(), started.elapsed().as_secs_f64());
    Ok(())
}

fn per_item(
    name: &str,
    items: u32,
    mut work: impl FnMut() -> Result<usize, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let mut least = f64::INFINITY;
    let mut found = 0;
    for _ in 0..TIMES {
        let started = Instant::now();
        found = work()?;
        least = least.min(started.elapsed().as_secs_f64());
    }
    println!("{name}: {found}, {:.0} ns an item", least * 1e9 / f64::from(items));
    Ok(())
}

/// Items of customers in turn, due in a hundred days around; each notice names five items of one customer.
fn made_up(items: u32, customers: u32, notices: u32, first: Day) -> Result<Facts, Box<dyn Error>> {
    let date = |days: u32| -> Result<_, Box<dyn Error>> {
        Ok(first.plus_days(i32::try_from(days)?).ok_or("a day of the calendar")?.to_naive_date())
    };
    let mut facts = Facts::default();
    for number in 0..customers {
        facts.customers.push(Customer { id: format!("C{number}"), ..Customer::default() });
    }
    for number in 0..items {
        facts.documents.push(Document {
            id: format!("D{number}"),
            customer: format!("C{}", number % customers),
            kind: String::from("invoice"),
            currency: String::from("EUR"),
            amount: Decimal::new(i64::from(number % 9_973) + 100, 2),
            document_date: date(0)?,
            due_date: Some(date(number.wrapping_mul(2_654_435_761) % 110)?),
            ..Document::default()
        });
    }
    for number in 0..notices {
        let (id, customer) = (format!("N{number}"), number % customers);
        facts.notices.push(Notice {
            id: id.clone(),
            customer: format!("C{customer}"),
            level: 1,
            currency: Some(String::from("EUR")),
            effective: date(60 + number % 39)?,
            ..Notice::default()
        });
        let round = number / customers * 5;
        for item in (round..round + 5).map(|nth| customer + nth * customers).filter(|item| *item < items) {
            facts.notice_lines.push(NoticeLine {
                notice: id.clone(),
                document: format!("D{item}"),
                level: 1,
                ..NoticeLine::default()
            });
        }
    }
    for number in (0..customers).step_by(5) {
        facts.promises.push(Promise {
            id: format!("P{number}"),
            customer: format!("C{number}"),
            currency: String::from("EUR"),
            amount: Decimal::new(100, 2),
            promised_date: date(80 + number % 15)?,
            effective: date(50)?,
            ..Promise::default()
        });
    }
    Ok(facts)
}
