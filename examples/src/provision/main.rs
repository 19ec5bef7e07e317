//! `provision`: the month-end of a controller. Loss rates from the ledger's own history, a matrix with what is expected beyond it,
//! what is provided for, what is booked, and how last year's matrix would have fared.
//!
//! ```text
//! cargo run -p ar-examples --example provision
//! ```

use std::process::ExitCode;

use ar_core::calendar::Day;
use ar_core::facade::{loss_rate_policy, provided_before, provision_policy};
use ar_core::ledger::View;
use ar_core::provision::{BackTest, BackTestQuestion, LossRates, ProvisionReport};
use ar_examples::files;
use serde_json::json;

/// The buckets of this company.
const EDGES: [i32; 4] = [0, 30, 60, 90];

/// What history says: what is open from month's end to month's end. What is over ninety days is lost by a half.
fn history(view: &View, from: Day) -> Result<LossRates, String> {
    let policy = json!({
        "aging": { "edges": EDGES }, "method": "roll_rates", "from": from, "last_rate": "0.5", "digits": 6,
    });
    let policy = loss_rate_policy(&policy.to_string()).map_err(|error| error.to_string())?;
    view.loss_rates(&policy).map_err(|error| error.to_string())
}

/// A matrix for each currency of which history knows every rate; the house's own for the others.
fn matrices(rates: &LossRates) -> serde_json::Value {
    let overlay = json!({ "factors": ["1.1"], "reason": "insolvencies are expected to rise by a tenth" });
    let mut all = vec![json!({ "rates": ["0.003", "0.016", "0.036", "0.066", "0.5"], "overlay": overlay })];
    all.extend(
        rates
            .matrices
            .iter()
            .map(|found| json!({ "currency": found.currency, "rates": found.rates, "overlay": overlay })),
    );
    json!(all)
}

fn policy(rates: &LossRates, judged: &[&str]) -> String {
    let specific: Vec<_> =
        judged.iter().map(|customer| json!({ "customer": customer, "rate": "0.8", "reason": "insolvent" })).collect();
    json!({
        "id": "month-end", "aging": { "edges": EDGES }, "matrices": matrices(rates), "specific": specific,
        "disputed": "excluded", "credits": "against_oldest",
        "journal": { "expense": "6920 impairment loss", "allowance": "1248 loss allowance", "release": "4923 release" },
    })
    .to_string()
}

/// What a run has found.
struct MonthEnd {
    rates: LossRates,
    report: ProvisionReport,
    back_test: BackTest,
}

fn month_end(judged: &[&str]) -> Result<MonthEnd, String> {
    let opened = files::open(None, None)?;
    let today = opened.ledger.last_recorded().ok_or("a ledger of nothing")?;
    let view = opened.ledger.as_of(today);
    let year_ago = today.plus_months(-12).ok_or("no day a year ago")?;
    let rates = history(&view, year_ago)?;
    let policy = provision_policy(&policy(&rates, judged)).map_err(|error| error.to_string())?;
    let before =
        provided_before(r#"[{ "currency": "EUR", "amount": "20000.00" }]"#).map_err(|error| error.to_string())?;
    let report = view.provision(&policy, &before).map_err(|error| error.to_string())?;
    let then = opened.ledger.as_of(today.plus_months(-6).ok_or("no day half a year ago")?);
    let back_test = view.back_test(&then, &policy, &BackTestQuestion::default()).map_err(|error| error.to_string())?;
    Ok(MonthEnd { rates, report, back_test })
}

fn show(found: &MonthEnd) {
    println!("Loss rates from {} month ends: {}", found.rates.days.len(), found.rates.outcome);
    for row in &found.rates.rows {
        let rate = row.rate.as_deref().unwrap_or(&row.outcome);
        println!("  {} {:8} {:>14} stood, {:>12} rolled on: {rate}", row.currency, row.bucket, row.reached, row.rolled);
    }
    println!("\nProvision");
    for row in &found.report.rows {
        println!("  {} {:8} {:>14} at {:9} = {:>12}", row.currency, row.bucket, row.base, row.applied, row.provision);
    }
    for row in &found.report.specific {
        let whom = row.customer.as_deref().or(row.document.as_deref()).unwrap_or_default();
        println!(
            "  {} {whom:8} {:>14} judged by itself ({}) = {:>12}",
            row.currency, row.base, row.reason, row.provision
        );
    }
    println!("\nJournal");
    for line in &found.report.journal {
        println!("  {} {:22} {:>12} {:>12}", line.currency, line.account, line.debit, line.credit);
    }
    println!("\nThe matrix as of {} until {}", found.back_test.then, found.back_test.until);
    for row in &found.back_test.totals {
        println!(
            "  {} provided {:>12}, lost or still open {:>12}: {:>12}",
            row.currency, row.provided, row.lost, row.difference
        );
    }
}

fn main() -> ExitCode {
    match month_end(&["C-0034", "C-0072"]) {
        Ok(found) => {
            show(&found);
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("provision: {reason}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::month_end;
    use rust_decimal::Decimal;

    #[test]
    fn the_month_end_of_the_sample_ledger_adds_up_and_is_booked() {
        let found = month_end(&["C-0034", "C-0072"]).unwrap();
        assert!(found.rates.days.len() >= 12 && !found.rates.matrices.is_empty(), "{:?}", found.rates.rows);
        assert!(!found.report.specific.is_empty());
        for total in &found.report.totals {
            let of = |currency: &str| currency == total.currency;
            let pooled: Decimal =
                found.report.rows.iter().filter(|row| of(&row.currency)).map(|row| row.provision).sum();
            let judged: Decimal =
                found.report.specific.iter().filter(|row| of(&row.currency)).map(|row| row.provision).sum();
            assert_eq!(total.provision, pooled + judged);
            assert_eq!(total.movement, total.provision - total.before);
        }
        let sides =
            found.report.journal.iter().fold((Decimal::ZERO, Decimal::ZERO), |(debit, credit), line| {
                (debit + line.debit, credit + line.credit)
            });
        assert_eq!(sides.0, sides.1);
        for row in &found.back_test.rows {
            assert_eq!(row.owed, row.settled + row.written_off + row.still_open);
        }
    }
}
