//! What holds of every proposal, whatever the ledger and the policy.

use std::collections::BTreeMap;

use ar_core::allocation::{AllocationPolicy, Partial, Proposal, TakesPart};
use ar_core::item::OpenItem;

use crate::given::{lines, minor, unapplied};

/// Conservation, bounds, and what a policy that refuses parts may not do.
pub fn lawful(rows: &[OpenItem], proposal: &Proposal, policy: &AllocationPolicy) {
    let mut spent: BTreeMap<String, i64> = BTreeMap::new();
    for (credit, _, _, amount, _, credit_left, debit_left) in lines(proposal) {
        assert!(amount > 0 && amount <= credit_left && amount <= debit_left);
        if policy.partial == Partial::Refused {
            assert_eq!(amount, debit_left);
        }
        *spent.entry(credit).or_insert(0) += amount;
    }
    for (credit, amount, _) in unapplied(proposal) {
        assert!(amount > 0);
        *spent.entry(credit).or_insert(0) += amount;
    }
    for (credit, spent) in spent {
        let of_credit = rows.iter().filter(|row| row.document == credit);
        let left: i64 = of_credit.map(|row| minor(row.pending) - minor(row.open)).sum();
        assert_eq!(spent, left, "Σ lines + unapplied = what {credit} has left");
    }
}

/// Under an ordered policy at most one item of an account is cleared in part, and all before it are cleared.
pub fn is_a_prefix(ordered: &[(String, u32)], rows: &[OpenItem], proposal: &Proposal) {
    let mut paid: BTreeMap<(String, u32), i64> = BTreeMap::new();
    for (_, debit, instalment, amount, ..) in lines(proposal) {
        *paid.entry((debit, instalment)).or_insert(0) += amount;
    }
    let mut ended = false;
    for key in ordered {
        let row = rows.iter().find(|row| (&row.document, row.instalment) == (&key.0, key.1)).unwrap();
        let paid = paid.get(key).copied().unwrap_or(0);
        assert!(!ended || paid == 0, "{key:?} is paid after one that is not cleared");
        ended |= paid < minor(row.open);
    }
}

/// Conservation looks at candidates alone: what a filter leaves out is nowhere in the proposal.
pub fn lawful_of(rows: &[OpenItem], proposal: &Proposal, policy: &AllocationPolicy) {
    let items_chosen = policy.filter.credit_max.is_some()
        || policy.filter.disputed == TakesPart::Excluded
        || policy.filter.held == TakesPart::Excluded;
    if !items_chosen {
        lawful(rows, proposal, policy);
    }
}

pub fn settled_as_proposed(before: &[OpenItem], after: &[OpenItem], proposal: &Proposal) {
    let open = |rows: &[OpenItem], id: &str| -> i64 {
        rows.iter().filter(|row| row.document == id).map(|row| minor(row.open)).sum()
    };
    let mut change: BTreeMap<String, i64> = BTreeMap::new();
    for (credit, debit, _, amount, ..) in lines(proposal) {
        *change.entry(credit).or_insert(0) += amount;
        *change.entry(debit).or_insert(0) -= amount;
    }
    for row in before {
        let change = change.get(&row.document).copied().unwrap_or(0);
        assert_eq!(open(after, &row.document), open(before, &row.document) + change);
    }
}

/// Whether the same lines once more would take more of some document than it has.
pub fn takes_more_than_is_left(rows: &[OpenItem], proposal: &Proposal) -> bool {
    let mut taken: BTreeMap<String, i64> = BTreeMap::new();
    for (credit, debit, _, amount, ..) in lines(proposal) {
        *taken.entry(credit).or_insert(0) += amount;
        *taken.entry(debit).or_insert(0) += amount;
    }
    let left = |id: &String| rows.iter().filter(|row| row.document == *id).map(|row| minor(row.open)).sum::<i64>();
    taken.iter().any(|(id, taken)| left(id).abs() < *taken)
}

pub fn amounts(proposal: &Proposal) -> Vec<(String, String, u32, i64)> {
    lines(proposal).into_iter().map(|line| (line.0, line.1, line.2, line.3)).collect()
}
