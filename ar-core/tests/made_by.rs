//! What made a report: the same policy has the same hash however it is written, and another has another.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that goes wrong may panic")]

use std::collections::BTreeSet;

use ar_core::aging::Where;
use ar_core::calendar::Day;
use ar_core::facade::{JsonFacts, MadeBy, View, aging_policy, allocation_policy, engine_version};
use ar_core::ledger::{Ledger, settings::Settings};

fn view() -> View {
    let ledger = Ledger::load(Settings::default(), &JsonFacts::parse("{}").unwrap().tables()).unwrap();
    ledger.as_of(Day::parse("2026-01-31").unwrap())
}

fn aged(policy: &str) -> MadeBy {
    view().aging(&aging_policy(policy).unwrap(), &[], &Where::new()).unwrap().made_by()
}

fn proposed(policy: &str) -> MadeBy {
    view().propose(&allocation_policy(policy).unwrap()).unwrap().made_by()
}

#[test]
fn a_report_names_its_policy_and_its_engine() {
    let made = aged(r#"{"id": "month-end", "edges": [0, 30]}"#);
    assert_eq!((made.policy.as_str(), &made.engine), ("month-end", &engine_version()));
    assert_eq!(proposed("{}").policy, "");
}

#[test]
fn the_hash_is_that_of_the_text_that_the_specification_gives() {
    // sha256sum of the canonical text of each policy.
    assert_eq!(aged(r#"{"edges": [0, 30]}"#).policy_hash, AGED);
    assert_eq!(proposed("{}").policy_hash, PROPOSED);
}

/// `{"basis":"due_date","credits":"own_date","currency":"document","disputed":"included","edge_rule":"up_to_inclusive",`
/// `"edges":[0,30],"held":"included","id":"","missing_due_date":"document_date","unit":"days","version":1}`
const AGED: &str = "7b7de67795c24c8d5e6e2ef6fd20e923b5644f4a8776140b7266cde4347ab295";
const PROPOSED: &str = "c7a2319b244b10a30e5521f884305887ce7c36fe992bb6b1fd5a93c94ec036da";

#[test]
fn one_policy_in_two_spellings_has_one_hash() {
    let plain = aged(r#"{"edges": [0, 30]}"#);
    assert_eq!(aged(r#"{"unit":"days","labels":[],"edges":[0,30],"version":1,"basis":"due_date"}"#), plain);
    assert_eq!(
        proposed(r#"{"filter": {"credit_min": "1.50"}}"#),
        proposed(r#"{"filter": {"credit_min": "1.5"}, "partial": "allowed"}"#)
    );
}

#[test]
fn another_policy_has_another_hash() {
    let policies = [
        r#"{"edges": [0, 30]}"#,
        r#"{"edges": [0, 31]}"#,
        r#"{"edges": [0, 30], "id": "x"}"#,
        r#"{"edges": [0, 30], "edge_rule": "from_inclusive"}"#,
        r#"{"edges": [0, 30], "labels": ["a", "b", "c"]}"#,
    ];
    let hashes: BTreeSet<String> = policies.iter().map(|policy| aged(policy).policy_hash).collect();
    assert_eq!(hashes.len(), policies.len());
}
