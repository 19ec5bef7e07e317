//! Runs the case suite through the Rust types: `rust-rows` builds row structs, `rust-columns` builds slices.
//!
//! Nothing here calls into the library with a whole case; each step builds typed facts and policies and calls what a user
//! would call.

mod answer;
mod charges;
mod compare;
mod credit;
mod dunned;
mod engine;
mod facts;
mod kpi;
mod letters;
mod predicted;
mod provided;
mod settled;
mod values;

use serde_json::Value;

use crate::engine::Engine;
pub use crate::facts::Front;

/// The answers of a case's steps, in their order.
#[must_use]
pub fn answers(front: Front, case: &Value) -> Vec<Value> {
    let mut engine = Engine::new(front, case);
    list(case, "steps").iter().map(|step| engine.step(step)).collect()
}

/// What went wrong with a case: nothing, or the first step that was answered in another way.
#[must_use]
pub fn wrong(front: Front, case: &Value) -> Option<String> {
    let mut engine = Engine::new(front, case);
    for (number, step) in list(case, "steps").iter().enumerate() {
        let answer = engine.step(step);
        if let Some(wrong) = compare::difference(step, &answer) {
            return Some(format!("step {} ({}): {wrong}", number.saturating_add(1), text(step, "do")));
        }
    }
    None
}

/// A text of an object, empty when it has none.
#[must_use]
pub fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or("")
}

/// A list of an object, empty when it has none.
#[must_use]
pub fn list<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    object.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
