//! Exposures and checks, asked as a Rust user asks them.

use ar_core::credit::{CreditDesk, Decision};
use ar_core::facade::{
    CreditAlert, CreditPolicy, CreditRequest, CreditRequestKind, Day, ExposurePer, LimitQuestion, Problem, Refused,
    View, credit_policy,
};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::{text, values};

pub(crate) fn policy(step: &Value) -> Result<CreditPolicy, Refused> {
    match (step.get("profile").and_then(Value::as_str), step.get("policy")) {
        (Some(name), _) => values::profile("credit", name, credit_policy),
        (None, Some(policy)) => credit_policy(&policy.to_string()),
        (None, None) => Ok(CreditPolicy::default()),
    }
}

pub(crate) fn exposure(view: &View, step: &Value) -> Result<Value, Refused> {
    let per = step.get("per").and_then(Value::as_str).unwrap_or("customer");
    let per = ExposurePer::ALL.iter().copied().find(|it| it.name() == per);
    let per = per.ok_or_else(|| Problem::new("unknown_kind", "expected customer or family").field("per"))?;
    let made = view.exposure(&policy(step)?, per, step.get("company").and_then(Value::as_str))?;
    Ok(json!({ "rows": made.rows(), "totals": made.totals() }))
}

pub(crate) fn alerts(now: &View, before: &View, step: &Value) -> Result<Vec<CreditAlert>, Refused> {
    now.credit_alerts(before, &policy(step)?)
}

pub(crate) fn proposed(view: &View, step: &Value) -> Result<Value, Refused> {
    let of = |key| step.get(key).and_then(Value::as_str);
    let volume = of("monthly_volume").map(|text| {
        ar_core::facade::amount_from_text(text).map_err(|refused| refused.at(None, None, "monthly_volume"))
    });
    let question = LimitQuestion {
        customer: of("customer"),
        currency: text(step, "currency"),
        monthly_volume: volume.transpose()?,
        score: of("score"),
    };
    Ok(json!(view.credit(&policy(step)?)?.propose_limit(&question)?))
}

/// A desk of the view and one of the ledger say the same, and the short answer what the long one says.
pub(crate) fn check(view: &View, other: &CreditDesk, step: &Value) -> Result<Value, Refused> {
    let desk = view.credit(&policy(step)?)?;
    let of = |key| step.get(key).and_then(Value::as_str);
    let amount = |key: &str| -> Result<Decimal, Refused> {
        ar_core::facade::amount_from_text(text(step, key)).map_err(|refused| refused.at(None, None, key))
    };
    let named = |word: &str| CreditRequestKind::ALL.iter().copied().find(|it| it.name() == word);
    let no_kind = || Problem::new("unknown_kind", "expected a kind of document").field("kind");
    let request = CreditRequest {
        kind: of("kind").map(|word| named(word).ok_or_else(no_kind)).transpose()?,
        company: of("company").unwrap_or_default(),
        order: of("order"),
        follows: of("follows"),
        expected_date: of("expected_date").map(Day::parse).transpose()?,
        net: step.get("net").map(|_| amount("net")).transpose()?,
        terms: of("terms"),
        ..CreditRequest::new(text(step, "customer"), amount("amount")?, text(step, "currency"))
    };
    let told = desk.explain(&request)?;
    let short = other.check(&request)?;
    let decision = Decision::ALL.iter().find(|it| it.name() == told.decision);
    if decision != Some(&short.decision) || short.headroom != told.headroom || short.release != told.release {
        return Err(Refused::one("harness", format!("the short answer is another: {short:?}")));
    }
    Ok(json!(told))
}
