//! What made a report: which policy, exactly, and which engine.
//!
//! Figures are kept for years; who finds an old table can tell from this whether the same policy and the same engine
//! give it again.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The policy and the engine that made a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeBy {
    /// The `id` of the policy, as its user calls it; may be empty.
    pub policy: String,
    /// SHA-256 of the policy as the engine uses it, in lower-case hexadecimal: its JSON with every default spelled out,
    /// keys sorted, no spaces. Two ways to write one policy have one hash.
    pub policy_hash: String,
    /// The version of the engine.
    pub engine: String,
}

impl MadeBy {
    /// What a report of this policy is made by.
    pub(crate) fn policy<P: Serialize>(id: &str, policy: &P) -> Self {
        // Plain data of text, numbers and lists: nothing in it can fail to be written.
        let value = serde_json::to_value(policy).unwrap_or_default();
        let mut text = String::new();
        push_canonical(&value, &mut text);
        let digest = hmac_sha256::Hash::hash(text.as_bytes());
        let policy_hash = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { policy: id.to_owned(), policy_hash, engine: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

/// JSON with keys sorted, whatever order a map of this build keeps.
fn push_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                push_canonical(item, text);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (at, (name, value)) in fields.into_iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                push_canonical(value, text);
            }
            text.push('}');
        }
        plain => text.push_str(&plain.to_string()),
    }
}
