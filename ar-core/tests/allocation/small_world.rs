//! Every ledger of a small world.

use ar_core::allocation::{AllocationPolicy, Partial, Strategy as Match};
use ar_core::ledger::fact::Facts;

use crate::given::{customers, day, document, lines, load, policy, unapplied};
use crate::laws::lawful;
use crate::plain::plainly;

#[test]
fn every_ledger_of_a_small_world_is_allocated_as_the_specification_reads() {
    let due = [Some(20), Some(10), None, Some(10)];
    let dated = [3, 1, 2, 2];
    let mut proposals = 0_u32;
    for items in 0..=4_u32 {
        for code in 0..4_u32.pow(items) {
            let amounts: Vec<i64> = (0..items).map(|at| i64::from(code / 4_u32.pow(at) % 4)).collect();
            for paid in 0..=6 {
                let mut facts = Facts { customers: customers(&["C"]), ..Facts::default() };
                for (at, amount) in amounts.iter().enumerate() {
                    let id = ["D", "B", "A", "C"][at];
                    facts.documents.push(document(id, "invoice", *amount, dated[at], due[at]));
                }
                // One receipt, or two with the same money.
                let receipts = if paid % 2 == 0 { vec![paid] } else { vec![paid / 2, paid - paid / 2] };
                for (at, amount) in receipts.into_iter().enumerate() {
                    let mut receipt = document(["P", "Q"][at], "payment", -amount, 30, None);
                    receipt.reference = Some("A, x".into());
                    facts.documents.push(receipt);
                }
                let view = load(&facts).as_of(day(40));
                let rows = view.open_items();
                for strategies in chains() {
                    for partial in [Partial::Allowed, Partial::Refused] {
                        let policy = AllocationPolicy {
                            partial,
                            user_order: vec!["C".into(), "A".into()],
                            ..policy(&strategies)
                        };
                        let proposal = view.propose(&policy).unwrap();
                        let plain = plainly(&rows, &facts, &policy);
                        assert_eq!(lines(&proposal), plain.lines, "{amounts:?} {paid} {strategies:?} {partial:?}");
                        assert_eq!(unapplied(&proposal), plain.unapplied, "{amounts:?} {paid} {strategies:?}");
                        lawful(&rows, &proposal, &policy);
                        proposals += 1;
                    }
                }
            }
        }
    }
    assert_eq!(proposals, 341 * 7 * 10 * 2);
}

fn chains() -> Vec<Vec<Match>> {
    let mut all: Vec<Vec<Match>> = Match::ALL.iter().map(|strategy| vec![*strategy]).collect();
    all.push(AllocationPolicy::default().strategies);
    all.push(vec![Match::UserOrder, Match::LargestFirst, Match::ExactAmount]);
    all
}
