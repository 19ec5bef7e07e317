//! The verbs about dunning, as the case format has them.

use ar_core::facade::{
    AuditRow, ChargeTotal, ComparedCustomer, Day, DunningEvent, DunningLine, DunningNotice, DunningPolicy, DunningRun,
    Facts, Ledger, PaidAlready, Refused, SimulatedTotal, SkippedItem, dunning_policy, lint,
};
use serde_json::{Value, json};

use crate::answer::{day, money};
use crate::{text, values};

/// The policy of a step, by one of two pairs of keys.
pub(crate) fn policy(step: &Value, profile: &str, policy: &str) -> Result<DunningPolicy, Refused> {
    match step.get(profile).and_then(Value::as_str) {
        Some(name) => values::profile("dunning", name, dunning_policy),
        None => dunning_policy(&step.get(policy).cloned().unwrap_or_else(|| json!({})).to_string()),
    }
}

pub(crate) fn run(run: &DunningRun) -> Result<Value, Refused> {
    let skipped = |row: &SkippedItem| {
        json!({
            "customer": row.customer, "document": row.document, "instalment": row.instalment,
            "currency": row.currency, "open": money(row.open), "reason": row.reason, "detail": row.detail,
            "until": day(row.until),
        })
    };
    let event = |row: &DunningEvent| {
        json!({
            "trigger": row.trigger, "key": row.key, "customer": row.customer, "document": row.document,
            "instalment": row.instalment, "day": day(Some(row.day)), "action": row.action, "channel": row.channel,
            "template": row.template,
        })
    };
    Ok(json!({
        "notices": run.notices()?.iter().map(notice).collect::<Vec<_>>(),
        "skipped": run.skipped()?.iter().map(skipped).collect::<Vec<_>>(),
        "events": run.events()?.iter().map(event).collect::<Vec<_>>(),
    }))
}

fn notice(row: &DunningNotice) -> Value {
    let line = |row: &DunningLine| {
        json!({
            "customer": row.customer, "document": row.document, "instalment": row.instalment,
            "due_date": day(row.due_date), "days": row.days, "open": money(row.open), "amount": money(row.amount),
            "level": row.level, "previous": row.previous, "line_fee": money(row.line_fee),
            "line_fee_tax": money(row.line_fee_tax), "interest": money(row.interest),
            "compensation": money(row.compensation), "interest_until": day(row.interest_until),
        })
    };
    json!({
        "company": row.company, "customer": row.customer, "currency": row.currency, "procedure": row.procedure,
        "level": row.level, "name": row.name, "tone": row.tone, "template": row.template, "channel": row.channel,
        "contact": row.contact, "language": row.language, "hand_over": row.hand_over, "due_date": day(row.due_date),
        "next_date": day(row.next_date), "claims": money(row.claims), "fee": money(row.fee),
        "fee_tax": money(row.fee_tax), "line_fees": money(row.line_fees), "interest": money(row.interest),
        "compensation": money(row.compensation), "total": money(row.total),
        "lines": row.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

pub(crate) fn facts(facts: &Facts) -> Value {
    let amount = |value: Option<rust_decimal::Decimal>| value.map_or(Value::Null, |value| json!(money(value)));
    let notices = facts.notices.iter().map(|row| {
        json!({
            "id": row.id, "customer": row.customer, "level": row.level, "channel": row.channel,
            "procedure": row.procedure, "company": row.company, "currency": row.currency,
            "due_date": day(row.due_date), "document": row.document, "effective": day(Some(row.effective)),
        })
    });
    let lines = facts.notice_lines.iter().map(|row| {
        json!({
            "notice": row.notice, "document": row.document, "instalment": row.instalment, "level": row.level,
            "interest_until": day(row.interest_until),
        })
    });
    let documents = facts.documents.iter().map(|row| {
        json!({
            "id": row.id, "customer": row.customer, "kind": row.kind, "currency": row.currency,
            "amount": money(row.amount), "net": amount(row.net), "tax": amount(row.tax),
            "document_date": day(Some(row.document_date)), "due_date": day(row.due_date), "company": row.company,
            "control_account": row.control_account, "related": row.related,
        })
    });
    json!({
        "notices": notices.collect::<Vec<_>>(), "notice_lines": lines.collect::<Vec<_>>(),
        "documents": documents.collect::<Vec<_>>(),
    })
}

fn period(step: &Value) -> Result<(Day, Day), Refused> {
    Ok((values::day_of(step, "from")?, values::day_of(step, "to")?))
}

pub(crate) fn simulated(ledger: &Ledger, step: &Value) -> Result<Value, Refused> {
    let (from, to) = period(step)?;
    let made = ledger.simulate_dunning(&policy(step, "profile", "policy")?, from, to)?;
    let notices = made.notices.iter().map(|row| {
        let mut value = notice(&row.notice);
        if let Some(fields) = value.as_object_mut() {
            fields.insert(String::from("day"), day(Some(row.day)));
        }
        value
    });
    let days =
        made.days.iter().map(|row| json!({ "day": day(Some(row.day)), "notices": row.notices, "lines": row.lines }));
    let total = |row: &SimulatedTotal| {
        json!({
            "currency": row.currency, "notices": row.notices, "claims": money(row.claims), "fees": money(row.fees),
            "interest": money(row.interest), "compensation": money(row.compensation),
        })
    };
    let paid = |row: &PaidAlready| {
        json!({
            "day": day(Some(row.day)), "customer": row.customer, "document": row.document,
            "instalment": row.instalment, "level": row.level, "amount": money(row.amount),
        })
    };
    Ok(json!({
        "notices": notices.collect::<Vec<_>>(), "days": days.collect::<Vec<_>>(), "customers": made.customers,
        "totals": made.totals.iter().map(total).collect::<Vec<_>>(),
        "paid_already": made.paid_already.iter().map(paid).collect::<Vec<_>>(),
    }))
}

pub(crate) fn compared(ledger: &Ledger, step: &Value) -> Result<Value, Refused> {
    let (from, to) = period(step)?;
    let (a, b) = (policy(step, "profile", "policy")?, policy(step, "other_profile", "other")?);
    let charges = |rows: &[ChargeTotal]| {
        rows.iter().map(|row| json!({ "currency": row.currency, "amount": money(row.amount) })).collect::<Vec<_>>()
    };
    let row = |row: &ComparedCustomer| {
        json!({
            "customer": row.customer, "notices_a": row.notices_a, "notices_b": row.notices_b, "level_a": row.level_a,
            "level_b": row.level_b, "charges_a": charges(&row.charges_a), "charges_b": charges(&row.charges_b),
            "day": day(Some(row.day)), "document": row.document, "instalment": row.instalment, "in": row.within,
            "level": row.level, "other_level": row.other_level, "other_reason": row.other_reason,
        })
    };
    let rows = ledger.compare_dunning(&a, &b, from, to)?;
    Ok(json!({ "rows": rows.iter().map(row).collect::<Vec<_>>() }))
}

pub(crate) fn audited(ledger: &Ledger, step: &Value) -> Result<Value, Refused> {
    let (from, to) = period(step)?;
    let tolerance = step.get("tolerance_days").and_then(Value::as_u64).and_then(|days| u32::try_from(days).ok());
    let rows = ledger.audit_dunning(&policy(step, "profile", "policy")?, from, to, tolerance.unwrap_or(0))?;
    let row = |row: &AuditRow| {
        json!({
            "day": day(Some(row.day)), "notice": row.notice, "customer": row.customer, "document": row.document,
            "instalment": row.instalment, "kind": row.kind, "sent": row.sent, "expected": row.expected,
            "reason": row.reason,
        })
    };
    Ok(json!({ "deviations": rows.iter().map(row).collect::<Vec<_>>() }))
}

pub(crate) fn linted(step: &Value) -> Result<Value, Refused> {
    let warnings = lint(&policy(step, "profile", "policy")?)?;
    let rows = warnings.iter().map(|row| json!({ "code": row.code, "path": row.path }));
    Ok(json!({ "warnings": rows.collect::<Vec<_>>() }))
}

/// The numbers of notices that a step leaves out.
pub(crate) fn left_out(step: &Value) -> Vec<usize> {
    let numbers = step.get("notices").and_then(Value::as_array).cloned().unwrap_or_default();
    numbers.iter().filter_map(|number| number.as_u64().and_then(|number| usize::try_from(number).ok())).collect()
}

/// Under which prefix the facts of a run go.
pub(crate) fn prefix(step: &Value) -> &str {
    text(step, "id_prefix")
}
