//! Provisions and what they are found from, asked as a Rust user asks them.

use ar_core::facade::{
    ProvidedBefore, ProvisionQuestion, Refused, View, back_test_question, loss_rate_policy, provided_before,
    provision_policy,
};
use serde_json::{Value, json};

fn before(step: &Value) -> Result<Vec<ProvidedBefore>, Refused> {
    step.get("before").map_or_else(|| Ok(Vec::new()), |rows| provided_before(&rows.to_string()))
}

/// A report without what made it.
fn figures(mut report: Value) -> Value {
    if let Some(fields) = report.as_object_mut() {
        fields.remove("made_by");
    }
    report
}

fn policy(step: &Value) -> String {
    step.get("policy").map_or_else(|| String::from("{}"), Value::to_string)
}

pub(crate) fn provision(view: &View, step: &Value) -> Result<Value, Refused> {
    Ok(figures(json!(view.provision(&provision_policy(&policy(step))?, &before(step)?)?)))
}

pub(crate) fn explained(view: &View, step: &Value) -> Result<Value, Refused> {
    let of = |key| step.get(key).and_then(Value::as_str).map(str::to_owned);
    let texts = |values: &Vec<Value>| values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let question = ProvisionQuestion {
        customer: of("customer"),
        document: of("document"),
        currency: of("currency"),
        pool: step.get("pool").and_then(Value::as_array).map(texts),
        bucket: of("bucket"),
    };
    let report = view.provision(&provision_policy(&policy(step))?, &before(step)?)?;
    Ok(json!({ "items": report.explain(&question)? }))
}

pub(crate) fn loss_rates(view: &View, step: &Value) -> Result<Value, Refused> {
    Ok(figures(json!(view.loss_rates(&loss_rate_policy(&policy(step))?)?)))
}

pub(crate) fn back_tested(now: &View, then: &View, step: &Value) -> Result<Value, Refused> {
    let mut question = json!({});
    for name in ["loss_kinds", "still_open"] {
        if let (Some(value), Some(fields)) = (step.get(name), question.as_object_mut()) {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    let question = back_test_question(&question.to_string())?;
    Ok(figures(json!(now.back_test(then, &provision_policy(&policy(step))?, &question)?)))
}
