//! Is an answer the one expected? As canonical bytes, on the keys that the expectation states.

use serde_json::{Map, Value, json};

/// What is different, for a person; nothing when the step was answered as expected.
pub(crate) fn difference(step: &Value, answer: &Value) -> Option<String> {
    let failed = answer.get("error");
    let (got, expect) = match (failed, step.get("expect_error"), step.get("expect")) {
        (Some(error), Some(expect), _) => (error, expect.clone()),
        (None, None, expect) => (answer, expect.cloned().unwrap_or(json!({}))),
        _ => return Some(format!("answered {answer}")),
    };
    let ours = stated(got, &expect).to_string();
    let theirs = expect.to_string();
    (ours != theirs).then(|| format!("\n  expected {theirs}\n  answered {ours}"))
}

/// The part of an answer that an expectation is about. Keys are sorted and no spaces are written.
fn stated(answer: &Value, expect: &Value) -> Value {
    match (answer, expect) {
        (Value::Object(answer), Value::Object(expect)) => {
            let both = expect.iter().filter_map(|(key, part)| Some((key.clone(), stated(answer.get(key)?, part))));
            Value::Object(both.collect::<Map<_, _>>())
        }
        (Value::Array(answer), Value::Array(expect)) if answer.len() == expect.len() => {
            Value::Array(answer.iter().zip(expect).map(|(answer, expect)| stated(answer, expect)).collect())
        }
        _ => answer.clone(),
    }
}
