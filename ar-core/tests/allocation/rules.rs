//! Single rules: what undoing leaves alone, and which policies are refused.

use ar_core::allocation::{AllocationPolicy, Strategy as Match};
use ar_core::facade;
use ar_core::ledger::Ledger;
use ar_core::ledger::fact::{Facts, Reversal};
use chrono::NaiveDate;

use crate::given::{customers, date, day, document, load, minor, policy};
use crate::laws::amounts;

#[test]
fn an_undone_proposal_leaves_what_came_after_it_alone() {
    let mut facts = Facts { customers: customers(&["C"]), ..Facts::default() };
    facts.documents.push(document("I1", "invoice", 10_000, 0, Some(5)));
    facts.documents.push(document("I2", "invoice", 7_000, 1, Some(6)));
    facts.documents.push(document("P1", "payment", -12_000, 2, None));
    let ledger = load(&facts);
    let first = ledger.as_of(day(3)).propose(&policy(&[Match::OldestDue])).unwrap();
    let ledger = ledger.append(&first.facts("one").tables(), day(3)).unwrap();
    let later = Facts { documents: vec![document("P2", "payment", -3_000, 4, None)], ..Facts::default() };
    let ledger = ledger.append(&later.tables(), day(4)).unwrap();
    let second = ledger.as_of(day(4)).propose(&policy(&[Match::OldestDue])).unwrap();
    let ledger = ledger.append(&second.facts("two").tables(), day(4)).unwrap();
    let open = |ledger: &Ledger, on: i64| -> Vec<(String, i64)> {
        ledger.as_of(day(on)).open_items().into_iter().map(|row| (row.document, minor(row.open))).collect()
    };
    assert_eq!(open(&ledger, 4), [("I2".into(), 2_000)]);
    let undo = |id: &str| Reversal { allocation: id.into(), effective: date(5), ..Reversal::default() };
    let reversals = Facts { reversals: vec![undo("one-1"), undo("one-2")], ..Facts::default() };
    let undone = ledger.append(&reversals.tables(), day(5)).unwrap();
    assert_eq!(open(&undone, 5), [("I1".into(), 10_000), ("I2".into(), 4_000), ("P1".into(), -12_000)]);
    // The days before it, and what was posted after it, are as they were.
    assert_eq!(open(&undone, 4), open(&ledger, 4));
    let again = undone.as_of(day(5)).propose(&policy(&[Match::OldestDue])).unwrap();
    assert_eq!(amounts(&again).iter().map(|line| line.3).collect::<Vec<_>>(), [10_000, 2_000]);
}

#[test]
fn a_bad_policy_is_refused_with_the_path_of_its_field() {
    let refused = |text: &str| {
        let refused = facade::allocation_policy(text).unwrap_err();
        assert_eq!(refused.total, 1);
        (refused.problems[0].code.clone(), refused.problems[0].field.clone().unwrap_or_default())
    };
    for (text, field) in [
        (r#"{"strategies": ["oldest_due", "fifo"]}"#, "strategies"),
        (r#"{"strategies": []}"#, "strategies"),
        (r#"{"strategies": "oldest_due"}"#, "strategies"),
        (r#"{"credit_kinds": ["cheque"]}"#, "credit_kinds"),
        (r#"{"partial": true}"#, "partial"),
        (r#"{"version": "1"}"#, "version"),
        (r#"{"tolerance": "5.00"}"#, "tolerance"),
        (r#"{"filter": {"credit_min": 5.5}}"#, "filter.credit_min"),
        (r#"{"filter": {"debit_max": "1,000"}}"#, "filter.debit_max"),
        (r#"{"filter": {"due_until": "2026-02-30"}}"#, "filter.due_until"),
        (r#"{"filter": {"due_until": "2026-02-28T00:00:00"}}"#, "filter.due_until"),
        (r#"{"filter": {"disputed": "maybe"}}"#, "filter.disputed"),
        (r#"{"filter": {"customers": [1]}}"#, "filter.customers"),
        (r#"{"filter": {"colour": "red"}}"#, "filter.colour"),
        (r#"{"filter": []}"#, "filter"),
        (r#"{"filter": null}"#, "filter"),
        ("[]", ""),
        ("7", ""),
        ("{", ""),
    ] {
        assert_eq!(refused(text), ("policy_invalid".into(), field.into()), "{text}");
    }
    assert_eq!(refused(r#"{"version": 2, "best_match": true}"#), ("unsupported_version".into(), "version".into()));
    let reason =
        &facade::allocation_policy(r#"{"strategies": ["oldest_due", "fifo"]}"#).unwrap_err().problems[0].reason;
    assert!(reason.starts_with("strategies[1]: "), "{reason}");
    let mut beyond = AllocationPolicy::default();
    beyond.filter.due_until = Some(NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap());
    assert_eq!(beyond.check().unwrap_err().field.as_deref(), Some("filter.due_until"));
}
