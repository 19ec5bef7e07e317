//! Key figures, asked as a Rust user asks them.

use ar_core::facade::{KpiPolicy, Refused, View, Where, kpi_policy, kpi_registry};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{list, values};

fn policy(step: &Value) -> Result<KpiPolicy, Refused> {
    match (step.get("profile").and_then(Value::as_str), step.get("policy")) {
        (Some(name), _) => values::profile("kpi", name, kpi_policy),
        (None, Some(policy)) => kpi_policy(&policy.to_string()),
        (None, None) => Ok(KpiPolicy::default()),
    }
}

fn keys(step: &Value) -> Result<(Vec<String>, Where), Refused> {
    let by = list(step, "by").iter().filter_map(|key| key.as_str().map(str::to_owned)).collect();
    let filter = serde_json::from_value(step.get("where").cloned().unwrap_or_else(|| json!({})));
    Ok((by, filter.map_err(|error| Refused::one("policy_invalid", error.to_string()))?))
}

/// Rows whose keys stand by name.
fn named<T: Serialize>(rows: &[T], by: &[String]) -> Vec<Value> {
    let row = |row: &T| {
        let mut all: Map<String, Value> = json!(row).as_object().cloned().unwrap_or_default();
        let texts = all.remove("by").unwrap_or_default();
        all.extend(
            by.iter().zip(texts.as_array().into_iter().flatten()).map(|(key, text)| (key.clone(), text.clone())),
        );
        Value::Object(all)
    };
    rows.iter().map(row).collect()
}

pub(crate) fn figures(view: &View, step: &Value) -> Result<Value, Refused> {
    let (by, filter) = keys(step)?;
    let report = view.kpis(&policy(step)?, &by, &filter)?;
    Ok(json!({ "rows": named(&report.rows(), report.by()), "totals": named(&report.totals()?.rows(), &[]) }))
}

pub(crate) fn change(view: &View, before: &View, step: &Value) -> Result<Value, Refused> {
    let (mut by, filter) = keys(step)?;
    let change = view.explain_dso(before, &policy(step)?, &by, &filter)?;
    by.retain(|key| key != "currency");
    Ok(json!({ "rows": named(&change.rows, &by), "totals": named(&change.totals, &[]) }))
}

pub(crate) fn registry() -> Value {
    json!({ "kpis": kpi_registry() })
}
