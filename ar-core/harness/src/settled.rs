//! Answers about settlements, as the case format has them.

use ar_core::facade::{
    Allocation, Cancellation, Document, ExchangeTotal, Facts, LineDifference, ProofRow, Question, Revaluation,
    RevaluationTotal, RevaluedItem, Reversal, Settlement, SettlementDifference, SettlementLine, UnappliedCredit,
};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::answer::{day, money};

fn amount(value: Option<Decimal>) -> Value {
    value.map_or(Value::Null, |value| json!(money(value)))
}

pub(crate) fn settlement(settlement: &Settlement) -> Value {
    let line = |line: &SettlementLine| {
        json!({
            "credit": line.credit, "debit": line.debit, "instalment": line.instalment, "currency": line.currency,
            "amount": money(line.amount), "debit_currency": line.debit_currency, "debit_amount": money(line.debit_amount),
            "strategy": line.strategy, "score": line.score, "credit_left": money(line.credit_left), "debit_left": money(line.debit_left),
            "base_credit": amount(line.base_credit), "base_debit": amount(line.base_debit),
            "exchange": amount(line.exchange),
        })
    };
    let difference = |held: &LineDifference| {
        json!({
            "document": held.document, "instalment": held.instalment, "currency": held.currency, "kind": held.kind,
            "amount": money(held.amount), "line": held.line, "reason": held.reason, "rule": held.rule,
            "limit": amount(held.limit), "until": day(held.until), "base_amount": amount(held.base_amount),
            "base_document": amount(held.base_document), "exchange": amount(held.exchange),
        })
    };
    let question = |held: &Question| {
        json!({
            "kind": held.kind, "credit": held.credit, "document": held.document, "instalment": held.instalment,
            "amount": amount(held.amount), "choices": held.choices, "total": held.total,
        })
    };
    let proof = |row: &ProofRow| {
        json!({
            "currency": row.currency, "received": money(row.received), "applied": money(row.applied),
            "closed": money(row.closed), "unapplied": money(row.unapplied), "claims": money(row.claims),
            "paid": money(row.paid), "discount": money(row.discount), "discount_tax": money(row.discount_tax),
            "tolerance": money(row.tolerance), "write_off": money(row.write_off), "bank_charge": money(row.bank_charge),
            "cash_rounding": money(row.cash_rounding), "residual": money(row.residual), "open": money(row.open),
            "matched_share": row.matched_share,
        })
    };
    let unapplied =
        |left: &UnappliedCredit| json!({ "credit": left.credit, "amount": money(left.amount), "reason": left.reason });
    let exchange = |total: &ExchangeTotal| json!({ "currency": total.currency, "amount": money(total.amount) });
    json!({
        "lines": settlement.lines().iter().map(line).collect::<Vec<_>>(),
        "differences": settlement.differences().iter().map(difference).collect::<Vec<_>>(),
        "unapplied": settlement.unapplied().iter().map(unapplied).collect::<Vec<_>>(),
        "questions": settlement.questions().iter().map(question).collect::<Vec<_>>(),
        "proof": settlement.proof().iter().map(proof).collect::<Vec<_>>(),
        "exchange": settlement.exchange().iter().map(exchange).collect::<Vec<_>>(),
    })
}

pub(crate) fn settlement_facts(facts: &Facts) -> Value {
    let allocation = |row: &Allocation| {
        json!({
            "id": row.id, "credit": row.credit, "debit": row.debit, "amount": money(row.amount),
            "debit_amount": amount(row.debit_amount), "instalment": row.instalment,
            "base_credit": amount(row.base_credit), "base_debit": amount(row.base_debit), "effective": day(row.effective),
        })
    };
    let difference = |row: &SettlementDifference| {
        json!({
            "id": row.id, "document": row.document, "kind": row.kind, "amount": money(row.amount),
            "allocation": row.allocation, "instalment": row.instalment, "reason": row.reason,
            "base_amount": amount(row.base_amount), "base_document": amount(row.base_document),
            "effective": day(row.effective),
        })
    };
    let document = |row: &Document| {
        json!({
            "id": row.id, "customer": row.customer, "kind": row.kind, "currency": row.currency,
            "amount": money(row.amount), "document_date": day(Some(row.document_date)), "due_date": day(row.due_date),
            "posting_date": day(row.posting_date), "company": row.company, "control_account": row.control_account,
            "reference": row.reference, "related": row.related, "order": row.order,
            "base_amount": amount(row.base_amount),
            "dimensions": Some(&row.dimensions).filter(|held| !held.is_empty()),
        })
    };
    json!({
        "allocations": facts.allocations.iter().map(allocation).collect::<Vec<_>>(),
        "differences": facts.differences.iter().map(difference).collect::<Vec<_>>(),
        "documents": facts.documents.iter().map(document).collect::<Vec<_>>(),
    })
}

pub(crate) fn undone(facts: &Facts) -> Value {
    let reversal = |row: &Reversal| json!({ "allocation": row.allocation, "effective": day(Some(row.effective)) });
    let cancellation = |row: &Cancellation| json!({ "document": row.document, "effective": day(Some(row.effective)) });
    json!({
        "reversals": facts.reversals.iter().map(reversal).collect::<Vec<_>>(),
        "cancellations": facts.cancellations.iter().map(cancellation).collect::<Vec<_>>(),
    })
}

pub(crate) fn revaluation(revaluation: &Revaluation) -> Value {
    let item = |row: &RevaluedItem| {
        json!({
            "document": row.document, "instalment": row.instalment, "customer": row.customer, "currency": row.currency,
            "open": money(row.open), "base_currency": row.base_currency, "base_open": money(row.base_open),
            "rate": row.rate.to_string(), "revalued": money(row.revalued), "difference": money(row.difference),
        })
    };
    let total = |row: &RevaluationTotal| {
        json!({
            "currency": row.currency, "base_open": money(row.base_open), "revalued": money(row.revalued),
            "difference": money(row.difference),
        })
    };
    json!({
        "items": revaluation.items.iter().map(item).collect::<Vec<_>>(),
        "totals": revaluation.totals.iter().map(total).collect::<Vec<_>>(),
    })
}
