//! The published schemas are those of the types.
//!
//! `AR_WRITE=1 cargo test -p ar-core --features schema,letters --test schemas` writes them anew after a change.
#![cfg(feature = "schema")]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test that goes wrong may panic")]

use std::path::PathBuf;

use ar_core::facade::{schema, schema_of_types, schemas};
use serde_json::Value;

#[test]
#[expect(clippy::disallowed_methods, reason = "a test is told by its environment whether to write")]
fn every_published_schema_is_that_of_its_type() {
    for name in schemas() {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{name}.json"));
        let text = serde_json::to_string_pretty(&schema_of_types(name).unwrap()).unwrap() + "\n";
        if std::env::var("AR_WRITE").is_ok() {
            std::fs::write(&file, &text).unwrap();
        }
        let held = std::fs::read_to_string(&file).unwrap();
        assert!(held == text, "schemas/{name}.json is not that of its type: run with AR_WRITE=1");
    }
}

/// Where a value has a field that its schema does not know; a small part of what a validator does.
fn unknown(whole: &Value, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        return unknown(whole, &whole["$defs"][name.trim_start_matches("#/$defs/")], value, path, found);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        // An optional value: the other choice is null.
        return choices.iter().take(1).for_each(|of| unknown(whole, of, value, path, found));
    }
    if let (Value::Object(fields), Some(of @ Value::Object(_))) = (value, schema.get("additionalProperties")) {
        return fields.iter().for_each(|(name, value)| unknown(whole, of, value, &format!("{path}.{name}"), found));
    }
    if let (Value::Array(items), Some(of)) = (value, schema.get("items")) {
        items.iter().for_each(|item| unknown(whole, of, item, path, found));
    }
    let (Value::Object(fields), Some(known)) = (value, schema["properties"].as_object()) else { return };
    assert_eq!(schema["additionalProperties"], false, "{path}");
    for (name, value) in fields {
        match known.get(name) {
            Some(of) => unknown(whole, of, value, &format!("{path}.{name}"), found),
            None => found.push(format!("{path}.{name}")),
        }
    }
}

#[test]
fn the_schemas_of_policies_know_every_field_of_the_profiles() {
    for room in ["aging", "allocation", "credit", "dunning"] {
        let whole: Value = serde_json::from_str(schema(room).unwrap()).unwrap();
        for name in ar_core::profiles::names(room).unwrap() {
            let policy: Value = serde_json::from_str(ar_core::profiles::text(room, name).unwrap()).unwrap();
            let mut found = Vec::new();
            unknown(&whole, &whole, &policy, name, &mut found);
            assert!(found.is_empty(), "{room}: {found:?}");
            let mut wrong = policy.clone();
            wrong["colour"] = "red".into();
            unknown(&whole, &whole, &wrong, name, &mut found);
            assert_eq!(found, [format!("{name}.colour")]);
        }
    }
}

#[test]
fn the_schema_of_mappings_knows_every_field_of_the_examples() {
    let whole: Value = serde_json::from_str(schema("mapping").unwrap()).unwrap();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/mappings");
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        let mapping: Value = toml::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let mut found = Vec::new();
        unknown(&whole, &whole, &mapping, &file.display().to_string(), &mut found);
        assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn a_schema_that_there_is_not_is_refused_with_those_there_are() {
    let refused = schema("kitchen").unwrap_err().problems.remove(0);
    assert_eq!((refused.code.as_str(), refused.field.as_deref()), ("unknown_kind", Some("schema")));
    assert!(refused.reason.starts_with("expected one of aging, allocation"), "{}", refused.reason);
}
