//! The day's cash for a spreadsheet and for a machine.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{header, table, text};
use crate::cash::{Cash, Settled};
use crate::day::CollectionsDay;
use crate::words::{beside, differences, question, why, why_unapplied};

pub fn csv(cash: &Cash) -> Result<Vec<u8>, String> {
    let names =
        ["credit", "customer", "text", "currency", "received", "what", "document", "instalment", "amount", "because"];
    let mut rows = Vec::new();
    for credit in &cash.credits {
        let mut row = |what: &str, document: &str, instalment: Option<u32>, amount: Option<Decimal>, because: &str| {
            rows.push(vec![
                text(&credit.document),
                text(&credit.customer),
                text(&credit.text),
                credit.currency.clone(),
                credit.amount.to_string(),
                what.to_owned(),
                text(document),
                instalment.map(|number| number.to_string()).unwrap_or_default(),
                amount.map(|amount| amount.to_string()).unwrap_or_default(),
                text(because),
            ]);
        };
        for paid in &credit.lines {
            row("paid", &paid.line.debit, Some(paid.line.instalment), Some(paid.line.amount), &why(paid));
            for held in &paid.differences {
                row(&held.kind, &held.document, Some(held.instalment), Some(held.amount), &beside(held));
            }
        }
        for left in &credit.unapplied {
            row("on_account", "", None, Some(left.amount), why_unapplied(left));
        }
        for asked in &credit.questions {
            row("question", &asked.document, None, asked.amount, &question(asked));
        }
    }
    table(&header(&names, &[], &[]), rows)
}

pub fn proof_csv(cash: &Cash) -> Result<Vec<u8>, String> {
    let came = ["currency", "received", "applied", "closed", "unapplied"];
    let owed = ["claims", "paid", "differences", "open"];
    let rows = cash.settlement.proof().into_iter().map(|row| {
        let sums = [row.received, row.applied, row.closed, row.unapplied, row.claims, row.paid];
        let sums = sums.into_iter().chain([differences(&row), row.open]);
        std::iter::once(row.currency.clone()).chain(sums.map(|sum| sum.to_string())).collect()
    });
    table(&header(&came, &[], &owed), rows.collect())
}

pub fn json(day: &CollectionsDay) -> Value {
    let cash = match &day.cash {
        Settled::Nothing(why) => return json!({ "settled": false, "why": why }),
        Settled::Posted(cash) => cash,
    };
    let credits = cash.credits.iter().map(|credit| {
        json!({
            "credit": credit.document,
            "customer": credit.customer,
            "currency": credit.currency,
            "amount": credit.amount,
            "text": credit.text,
            "of_today": credit.of_today,
            "lines": credit.lines.iter().map(|paid| &paid.line).collect::<Vec<_>>(),
            "differences": credit.lines.iter().flat_map(|paid| &paid.differences).collect::<Vec<_>>(),
            "on_account": credit.unapplied,
        })
    });
    let by_kind = cash.by_kind().into_iter().map(|((currency, kind), (number, amount))| {
        json!({ "currency": currency, "kind": kind, "number": number, "amount": amount })
    });
    let postings = cash.postings.iter().map(|posting| {
        let (company, control_account, currency) = &posting.place;
        json!({
            "company": company,
            "control_account": control_account,
            "currency": currency,
            "kind": posting.kind,
            "amount": posting.amount,
        })
    });
    json!({
        "settled": true,
        "made_by": cash.settlement.made_by(),
        "lines": cash.settlement.len(),
        "credits": credits.collect::<Vec<_>>(),
        "differences_by_kind": by_kind.collect::<Vec<_>>(),
        "questions": cash.settlement.questions(),
        "exchange": cash.settlement.exchange(),
        "proof": cash.settlement.proof(),
        "to_book": postings.collect::<Vec<_>>(),
    })
}
