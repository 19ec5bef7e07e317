//! The rows of `hrc-derived` and `ibm-ar` as the engine takes them.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use ar_core::calendar::Day;
use ar_core::prediction::Invoice;

pub fn day_of(text: &str) -> Result<i32, Box<dyn Error>> {
    // 2019-02-28, or 2/28/2013.
    let parts: Vec<&str> = text.split(['-', '/']).collect();
    let number = |at: usize| parts.get(at).and_then(|part| part.parse::<u32>().ok()).ok_or("no date");
    let day = if text.contains('/') {
        Day::from_ymd(number(2)? as i32, number(0)?, number(1)?)
    } else {
        Day::from_ymd(number(0)? as i32, number(1)?, number(2)?)
    };
    Ok(day.map_err(|error| error.to_string())?.number())
}

/// Every invoice, repeats on customer, due day, day of clearing and amount dropped.
pub fn read(path: &str) -> Result<Vec<Invoice>, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path)?;
    let headers = reader.headers()?.clone();
    let hrc = headers.iter().any(|name| name == "cust_number");
    let names = if hrc {
        [
            "cust_number",
            "business_code_inferred",
            "cust_payment_terms_inferred",
            "posting_date_inferred",
            "due_in_date",
            "clear_date",
            "total_open_amount",
        ]
    } else {
        ["customerID", "countryCode", "PaperlessBill", "InvoiceDate", "DueDate", "SettledDate", "InvoiceAmount"]
    };
    let places = names.map(|name| headers.iter().position(|header| header == name).unwrap_or_default());
    let mut rows: Vec<[String; 7]> = Vec::new();
    let mut seen = BTreeSet::new();
    for record in reader.records() {
        let record = record?;
        let row = places.map(|place| record.get(place).unwrap_or_default().to_owned());
        let key = [&row[0], &row[4], &row[5], &row[6]].map(String::clone);
        if !hrc || seen.insert(key) {
            rows.push(row);
        }
    }
    let numbers = |column: usize| -> BTreeMap<String, u32> {
        let names: BTreeSet<String> = rows.iter().map(|row| row[column].clone()).collect();
        names.into_iter().zip(0..).collect()
    };
    let customers = numbers(0);
    let mut invoices = Vec::new();
    for row in &rows {
        let cleared = day_of(&row[5])?;
        let amount: f64 = row[6].parse()?;
        invoices.push(Invoice {
            key: u64::from(customers[&row[0]]),
            customer: customers[&row[0]],
            posted: day_of(&row[3])?.min(cleared),
            due: day_of(&row[4])?,
            cleared: Some(cleared),
            amount_minor: (amount * 100.0).round() as i64,
            document: 0,
            instalment: 0,
            known: None,
        });
    }
    Ok(invoices)
}

/// US federal bank holidays by rule: on a Sunday they are kept on the Monday.
pub fn us_bank_holidays() -> Vec<i32> {
    let mut days = Vec::new();
    for year in 2011..=2023 {
        let mut fixed = |month, of_month| {
            if let Ok(day) = Day::from_ymd(year, month, of_month) {
                let number = day.number();
                days.push(if (number + 3).rem_euclid(7) == 6 { number + 1 } else { number });
            }
        };
        fixed(1, 1);
        fixed(7, 4);
        fixed(11, 11);
        fixed(12, 25);
        let mut nth = |month, weekday: i32, count: i32| {
            if let Ok(day) = Day::from_ymd(year, month, 1) {
                let first = day.number();
                days.push(first + (weekday - (first + 3)).rem_euclid(7) + 7 * (count - 1));
            }
        };
        nth(1, 0, 3);
        nth(2, 0, 3);
        nth(9, 0, 1);
        nth(10, 0, 2);
        nth(11, 3, 4);
        if let Ok(day) = Day::from_ymd(year, 5, 31) {
            days.push(day.number() - (day.number() + 3).rem_euclid(7));
        }
    }
    days
}

/// A ledger of this many invoices over two years, the same every time: one customer to every hundred, each paying on a day
/// of the week of its own, some of them late, one invoice in fifty very late.
pub fn generated(count: u32) -> Vec<Invoice> {
    let mut state = 42_u64;
    let mut below = |limit: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % limit) as i32
    };
    let customers = (count / 100).max(1);
    let first = 17_532; // 2018-01-01, a Monday
    (0..count)
        .map(|at| {
            let customer = at % customers;
            let posted = first + below(730);
            let due = posted + [14, 30, 45, 60][customer as usize % 4];
            let habit = (customer % 9) as i32 - 3 + below(4) + if below(50) == 0 { 20 + below(60) } else { 0 };
            let run = (due + habit).max(posted + 1);
            let cleared = run + ((customer % 5) as i32 - run + 4).rem_euclid(7);
            Invoice {
                key: u64::from(customer),
                customer,
                posted,
                due,
                cleared: Some(cleared),
                amount_minor: 1_000 + i64::from(below(900_000)),
                document: 0,
                instalment: 0,
                known: None,
            }
        })
        .collect()
}
