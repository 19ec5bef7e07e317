//! Predictions and cash forecasts: models are sent as text and read back, as from one machine to another.

use ar_core::facade::{
    CashForecast, Ledger, PredictionModel, Refused, View, Where, cash_forecast_from_text, cash_policy, prediction_ask,
    prediction_policy, to_json,
};
use serde_json::{Value, json};

use crate::{list, values};

fn part(step: &Value, name: &str) -> String {
    step.get(name).cloned().unwrap_or_else(|| json!({})).to_string()
}

/// The model of a step.
fn model(ledger: &Ledger, step: &Value) -> Result<PredictionModel, Refused> {
    let day = if step.get("trained").is_some() { "trained" } else { "as_of" };
    let policy = prediction_policy(&part(step, "prediction"))?;
    let made = ledger.as_of(values::day_of(step, day)?).train_prediction(&policy, 1, &mut |_, _| true)?;
    PredictionModel::from_text(&made.to_text())
}

fn told<T: serde::Serialize>(made: &T) -> Value {
    serde_json::to_value(made).unwrap_or_default()
}

pub(crate) fn predicted(ledger: &Ledger, view: &View, step: &Value) -> Result<Value, Refused> {
    let model = model(ledger, step)?;
    let items = match step.get("ask") {
        Some(_) => view.predict_asking(&model, &prediction_ask(&part(step, "ask"))?)?,
        None => view.predict(&model)?,
    };
    Ok(json!({ "items": items }))
}

pub(crate) fn at_risk(ledger: &Ledger, view: &View, step: &Value) -> Result<Value, Refused> {
    Ok(json!({ "items": view.cash_at_risk(&model(ledger, step)?, &cash_policy(&part(step, "policy"))?)? }))
}

/// The forecast of a step, kept as text and read back.
pub(crate) fn forecast(ledger: &Ledger, view: &View, step: &Value) -> Result<CashForecast, Refused> {
    let by: Vec<String> = list(step, "by").iter().filter_map(|key| key.as_str().map(str::to_owned)).collect();
    let filter: Where = serde_json::from_str(&part(step, "where"))
        .map_err(|error| Refused::one("policy_invalid", error.to_string()))?;
    let made = view.cash_forecast(&model(ledger, step)?, &cash_policy(&part(step, "policy"))?, &by, &filter)?;
    cash_forecast_from_text(&to_json(&made))
}

pub(crate) fn cash(made: &CashForecast) -> Value {
    told(made)
}

pub(crate) fn accuracy(ledger: &Ledger, step: &Value) -> Result<Value, Refused> {
    let (from, to) = (values::day_of(step, "from")?, values::day_of(step, "to")?);
    let policy = cash_policy(&part(step, "policy"))?;
    Ok(told(&ledger.forecast_accuracy(&model(ledger, step)?, &policy, from, to)?))
}

pub(crate) fn compared(ledger: &Ledger, kept: Option<&CashForecast>) -> Result<Value, Refused> {
    let kept = kept.ok_or_else(|| Refused::one("harness", "no forecast yet"))?;
    Ok(told(&ledger.compare_forecast(kept)?))
}

pub(crate) fn drift(ledger: &Ledger, view: &View, step: &Value) -> Result<Value, Refused> {
    Ok(told(&view.prediction_drift(&model(ledger, step)?)?))
}

pub(crate) fn calibration(ledger: &Ledger, step: &Value) -> Result<Value, Refused> {
    let policy = prediction_policy(&part(step, "prediction"))?;
    let span = step.get("span").and_then(Value::as_u64).and_then(|span| u32::try_from(span).ok()).unwrap_or(0);
    let day = values::day_of(step, "day")?;
    Ok(told(&ledger.prediction_calibration(&policy, day, span, 1, &mut |_, _| true)?))
}
