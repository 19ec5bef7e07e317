//! Answers as the case format has them: plain JSON, money as text at its currency's scale, days as ISO text.

use ar_core::facade::{AgingItem, AgingReport, AgingRow, Match, OpenItem, Picture, Problem, Proposal, Refused, View};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

pub(crate) fn money(amount: Decimal) -> String {
    amount.to_string()
}

fn moneys(amounts: &[Decimal]) -> Vec<String> {
    amounts.iter().map(|amount| money(*amount)).collect()
}

pub(crate) fn day(date: Option<NaiveDate>) -> Value {
    date.map_or(Value::Null, |date| json!(date.to_string()))
}

pub(crate) fn refused(error: &Refused) -> Value {
    let place = |problem: &Problem| json!({"code": problem.code, "table": problem.table, "index": problem.index, "field": problem.field});
    let mut all = error.problems.first().map_or(json!({}), place);
    if let Value::Object(all) = &mut all {
        all.insert(String::from("total"), json!(error.total));
        all.insert(String::from("problems"), error.problems.iter().map(place).collect());
    }
    json!({ "error": all })
}

pub(crate) fn open_items(items: &[OpenItem]) -> Value {
    let row = |item: &OpenItem| {
        json!({
            "company": item.company, "control_account": item.control_account, "customer": item.customer,
            "currency": item.currency, "document": item.document, "instalment": item.instalment, "kind": item.kind,
            "document_date": item.document_date.to_string(), "due_date": day(item.due_date), "open": money(item.open),
            "base_open": item.base_open.map(money), "disputed": money(item.disputed), "held": money(item.held),
            "pending": money(item.pending),
        })
    };
    json!({ "items": items.iter().map(row).collect::<Vec<_>>() })
}

pub(crate) fn matches(all: &[Match]) -> Value {
    let row = |one: &Match| {
        json!({
            "id": one.id, "kind": one.kind, "credit": one.credit, "debit": one.debit, "instalment": one.instalment,
            "amount": one.amount.map(money), "debit_amount": one.debit_amount.map(money), "currency": one.currency,
            "debit_currency": one.debit_currency, "base_credit": one.base_credit.map(money),
            "base_debit": one.base_debit.map(money), "exchange": one.exchange.map(money),
            "effective": one.effective.to_string(), "beside": one.beside, "reason": one.reason,
        })
    };
    json!({ "matches": all.iter().map(row).collect::<Vec<_>>() })
}

pub(crate) fn pending(view: &View) -> Value {
    let facts: Vec<Value> = view
        .pending()
        .iter()
        .map(|fact| {
            json!({
                "table": fact.table, "id": fact.id, "effective": fact.effective.to_string(),
                "recorded": fact.recorded.to_string(),
            })
        })
        .collect();
    let receipts: Vec<Value> = view
        .pending_by_account()
        .iter()
        .map(|sum| {
            json!({
                "company": sum.company, "control_account": sum.control_account, "customer": sum.customer,
                "currency": sum.currency, "amount": money(sum.amount),
            })
        })
        .collect();
    json!({ "facts": facts, "receipts": receipts })
}

pub(crate) fn aging(report: &AgingReport) -> Value {
    let row = |row: &AgingRow| {
        let mut all: Map<String, Value> =
            report.by().iter().zip(&row.by).map(|(key, value)| (key.clone(), json!(value))).collect();
        let figures = json!({
            "currency": row.currency, "buckets": moneys(&row.buckets), "columns": row.columns.as_deref().map(moneys),
            "total": money(row.total), "disputed": money(row.disputed), "held": money(row.held),
            "unapplied": money(row.unapplied), "pending": money(row.pending), "items": row.items, "share": row.share,
            "average_age": row.average_age,
        });
        if let Value::Object(figures) = figures {
            all.extend(figures);
        }
        Value::Object(all)
    };
    json!({
        "labels": report.labels(), "column_labels": report.column_labels(),
        "rows": report.rows().iter().map(row).collect::<Vec<_>>(),
        "totals": report.totals().iter().map(row).collect::<Vec<_>>(),
    })
}

pub(crate) fn aging_items(items: &[AgingItem]) -> Value {
    let row = |item: &AgingItem| {
        json!({
            "document": item.document, "instalment": item.instalment, "customer": item.customer,
            "currency": item.currency, "due_date": day(item.due_date), "basis_date": day(item.basis_date),
            "age": item.age, "open": money(item.open), "bucket": item.bucket, "disputed": money(item.disputed),
            "held": money(item.held), "pending": money(item.pending), "would_settle": money(item.would_settle),
            "rule": item.rule,
        })
    };
    json!({ "items": items.iter().map(row).collect::<Vec<_>>() })
}

/// The lines and unapplied credits of a proposal that a question is about; all of them without one.
pub(crate) fn proposal(proposal: &Proposal, credit: Option<&str>, debit: Option<&str>) -> Value {
    let asked = |wanted: Option<&str>, held: &str| wanted.is_none_or(|wanted| wanted == held);
    let lines: Vec<Value> = proposal
        .lines()
        .iter()
        .filter(|line| asked(credit, &line.credit) && asked(debit, &line.debit))
        .map(|line| {
            json!({
                "credit": line.credit, "debit": line.debit, "instalment": line.instalment, "amount": money(line.amount),
                "strategy": line.strategy, "credit_left": money(line.credit_left), "debit_left": money(line.debit_left),
            })
        })
        .collect();
    let unapplied: Vec<Value> = proposal
        .unapplied()
        .iter()
        .filter(|left| debit.is_none() && asked(credit, &left.credit))
        .map(|left| json!({ "credit": left.credit, "amount": money(left.amount), "reason": left.reason }))
        .collect();
    json!({ "lines": lines, "unapplied": unapplied })
}

/// What is drawn: the rows, what is written over them, and the colours in their order.
pub(crate) fn picture(picture: &Picture) -> Result<Value, Refused> {
    let spec: Value =
        serde_json::from_str(&picture.spec()).map_err(|error| Refused::one("harness", error.to_string()))?;
    let at = |pointer: &str| spec.pointer(pointer).cloned().unwrap_or_default();
    if at("/data/values") != json!(picture.values()) {
        return Err(Refused::one("harness", "the specification has other rows"));
    }
    Ok(json!({
        "title": at("/title/text"),
        "subtitle": at("/title/subtitle"),
        "values": at("/data/values"),
        "colours": at("/spec/encoding/color/scale/range"),
    }))
}
