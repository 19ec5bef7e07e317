//! The verbs about interest and compensation.

use ar_core::facade::{
    Charged, CompiledInterest, Day, DebtPayment, DebtQuestion, InterestItem, InterestQuestion, InterestReport,
    InterestSegment, InterestTotal, Problem, Refused, debt_interest, interest_policy, settings,
};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::answer::{day, money};
use crate::values::day_of;
use crate::{list, text};

pub(crate) fn policy(step: &Value) -> Result<CompiledInterest, Refused> {
    interest_policy(&policy_text(step))
}

fn policy_text(step: &Value) -> String {
    step.get("policy").cloned().unwrap_or_else(|| json!({})).to_string()
}

/// What is asked beside the day.
pub(crate) fn question(step: &Value) -> Result<InterestQuestion, Refused> {
    let asked = step.get("question").cloned().unwrap_or_else(|| json!({}));
    let texts = |key: &str| list(&asked, key).iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let mut charged = Vec::new();
    for row in list(&asked, "charged") {
        let instalment = row.get("instalment").and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok());
        charged.push(Charged { document: text(row, "document").to_owned(), instalment, until: day_of(row, "until")? });
    }
    Ok(InterestQuestion {
        charged,
        compensated: texts("compensated"),
        customers: texts("customers"),
        documents: texts("documents"),
    })
}

fn segments(all: &[InterestSegment]) -> Vec<Value> {
    let segment = |one: &InterestSegment| {
        json!({
            "from": one.from.to_string(), "until": one.until.to_string(), "days": one.days,
            "balance": money(one.balance), "compounded": money(one.compounded), "percent": one.percent.to_string(),
            "part": one.part, "interest": money(one.interest),
        })
    };
    all.iter().map(segment).collect()
}

pub(crate) fn report(report: &InterestReport) -> Value {
    let item = |one: &InterestItem| {
        json!({
            "document": one.document, "instalment": one.instalment, "customer": one.customer,
            "currency": one.currency, "due_date": one.due_date.to_string(), "days": one.days, "open": money(one.open),
            "from": day(one.from), "until": day(one.until), "accrued": money(one.accrued),
            "interest": money(one.interest), "compensation": money(one.compensation), "rule": one.rule,
            "segments": segments(&one.segments),
        })
    };
    let total = |one: &InterestTotal| {
        json!({
            "currency": one.currency, "items": one.items, "open": money(one.open), "interest": money(one.interest),
            "compensation": money(one.compensation),
        })
    };
    json!({
        "items": report.items.iter().map(item).collect::<Vec<_>>(),
        "totals": report.totals.iter().map(total).collect::<Vec<_>>(),
    })
}

pub(crate) fn debt(setting: &Value, step: &Value) -> Result<Value, Refused> {
    let setting = settings(&setting.to_string())?;
    let date = |of: &Value, field: &str| -> Result<NaiveDate, Refused> { Ok(Day::to_naive_date(day_of(of, field)?)) };
    let amount = |of: &Value| -> Result<Decimal, Refused> {
        let wrong = |_| Refused::from(Problem::new("not_a_number", "expected a decimal").field("amount"));
        text(of, "amount").parse().map_err(wrong)
    };
    let mut payments = Vec::new();
    for row in list(step, "payments") {
        payments.push(DebtPayment { date: date(row, "date")?, amount: amount(row)? });
    }
    let charged_until = match step.get("charged_until") {
        None | Some(Value::Null) => None,
        Some(_) => Some(date(step, "charged_until")?),
    };
    let policy = policy_text(step);
    let question = DebtQuestion {
        policy: &policy,
        currency: text(step, "currency"),
        amount: amount(step)?,
        due_date: date(step, "due_date")?,
        until: date(step, "until")?,
        payments: &payments,
        charged_until,
    };
    let answer = debt_interest(&question, &setting)?;
    Ok(json!({
        "open": money(answer.open), "accrued": money(answer.accrued), "interest": money(answer.interest),
        "compensation": money(answer.compensation), "rule": answer.rule, "segments": segments(&answer.segments),
    }))
}
