//! Commitments: what is kept of them as facts are appended is what all facts say, on every day.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that goes wrong may panic"
)]

#[allow(dead_code, reason = "other tests ask for more")]
mod common;

use ar_core::credit::{CreditPolicy, CreditRequest, ExposurePer};
use ar_core::facade::credit_policy;
use ar_core::ledger::Ledger;
use ar_core::ledger::fact::{
    Allocation, Cancellation, Closing, Commitment, Customer, Document, Facts, SettlementDifference,
};
use common::{date, day};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// What comes on a day: of the ids of a small world some do not exist yet, and some never will.
#[derive(Debug, Clone)]
enum Step {
    Commit {
        kind: usize,
        cents: i64,
        customer: usize,
        follows: Option<usize>,
        expected: Option<i32>,
        later: i32,
    },
    /// A document that names what it follows, of which kind.
    Post {
        kind: usize,
        cents: i64,
        order: usize,
        later: i32,
    },
    Cancel {
        document: usize,
        later: i32,
    },
    Close {
        commitment: usize,
        later: i32,
    },
    /// An invoice, and what a residual of it will move to, which names an order too.
    Part {
        cents: i64,
        order: usize,
        later: i32,
    },
    /// The payment that leaves a residual.
    Residual {
        of: usize,
    },
    Nothing,
}

const KINDS: [&str; 3] = ["draft", "order", "delivery"];
const POSTED: [(&str, i64); 4] = [("invoice", 1), ("credit_note", -1), ("advance", -1), ("debit_note", 1)];

fn step() -> impl Strategy<Value = Step> {
    let later = prop::sample::select(vec![-9, -3, 0, 0, 0, 2, 15]);
    let expected = prop::option::of(-5..60);
    prop_oneof![
        5 => (0_usize..3, -20_i64..200, 0_usize..2, prop::option::weighted(0.7, 0_usize..10), expected, later.clone())
            .prop_map(|(kind, cents, customer, follows, expected, later)| Step::Commit { kind, cents, customer, follows, expected, later }),
        5 => (0_usize..4, 1_i64..150, 0_usize..10, later.clone()).prop_map(|(kind, cents, order, later)| Step::Post { kind, cents, order, later }),
        2 => (0_usize..12, later.clone()).prop_map(|(document, later)| Step::Cancel { document, later }),
        2 => (0_usize..10, later.clone()).prop_map(|(commitment, later)| Step::Close { commitment, later }),
        2 => (2_i64..90, 0_usize..10, later).prop_map(|(cents, order, later)| Step::Part { cents, order, later }),
        2 => (0_usize..4).prop_map(|of| Step::Residual { of }),
        1 => Just(Step::Nothing),
    ]
}

fn order(at: usize) -> String {
    format!("O{at}")
}

fn document(id: String, kind: &str, cents: i64, on: i32) -> Document {
    Document {
        id,
        customer: String::from("C0"),
        kind: kind.to_owned(),
        currency: String::from("EUR"),
        amount: Decimal::new(cents, 2),
        document_date: date(on),
        ..Document::default()
    }
}

/// How many came so far, and the invoices with what is left of each, and when.
#[derive(Debug, Default)]
struct Made {
    commitments: usize,
    documents: usize,
    parted: Vec<(usize, i64, i32)>,
}

/// The facts of a step on a day; commitments and documents are numbered as they come.
fn facts(step: &Step, now: i32, made: &mut Made) -> Facts {
    let Made { commitments, documents, parted } = made;
    let mut facts = Facts::default();
    match *step {
        Step::Commit { kind, cents, customer, follows, expected, later } => {
            facts.commitments.push(Commitment {
                id: order(*commitments),
                customer: format!("C{customer}"),
                kind: KINDS[kind].to_owned(),
                currency: String::from("EUR"),
                amount: Decimal::new(cents, 2),
                expected_date: expected.map(|expected| date(now + expected)),
                order: follows.map(order),
                effective: date(now + later),
                ..Commitment::default()
            });
            *commitments += 1;
        }
        Step::Post { kind, cents, order: of, later } => {
            let (kind, sign) = POSTED[kind];
            let posted = document(format!("D{documents}"), kind, cents * sign, now + later);
            facts.documents.push(Document { order: Some(order(of)), ..posted });
            *documents += 1;
        }
        Step::Cancel { document, later } => facts.cancellations.push(Cancellation {
            document: format!("D{document}"),
            effective: date(now + later),
            ..Cancellation::default()
        }),
        Step::Close { commitment, later } => {
            facts.closings.push(Closing { of: order(commitment), effective: date(now + later), ..Closing::default() });
        }
        Step::Part { cents, order: of, later } => {
            let (invoice, on) = (format!("I{documents}"), now + later);
            facts.documents.push(document(invoice.clone(), "invoice", cents, on));
            let left = document(format!("A{documents}-r"), "invoice", cents - 1, on);
            facts.documents.push(Document { related: Some(invoice), order: Some(order(of)), ..left });
            parted.push((*documents, cents, on));
            *documents += 1;
        }
        Step::Residual { of } => {
            let Some((number, cents, on)) = (of < parted.len()).then(|| parted.remove(of)) else { return facts };
            let (invoice, payment, allocation) = (format!("I{number}"), format!("P{number}"), format!("A{number}"));
            facts.documents.push(document(payment.clone(), "payment", -1, on));
            facts.allocations.push(Allocation {
                id: allocation.clone(),
                credit: payment,
                debit: invoice.clone(),
                amount: Decimal::new(1, 2),
                effective: Some(date(on)),
                ..Allocation::default()
            });
            facts.differences.push(SettlementDifference {
                id: format!("{allocation}-d"),
                document: invoice,
                kind: String::from("residual"),
                amount: Decimal::new(cents - 1, 2),
                allocation: Some(allocation),
                effective: Some(date(on)),
                ..SettlementDifference::default()
            });
        }
        Step::Nothing => {}
    }
    facts
}

fn policy() -> CreditPolicy {
    credit_policy(
        r#"{ "parts": ["open_items", "credit_notes", "unapplied", "prepayments", "deliveries", "orders", "drafts"],
            "checks": [{ "check": "limit" }, { "check": "limit", "horizon_days": 10 }] }"#,
    )
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_kept_of_commitments_is_what_all_facts_say_on_every_day(
        steps in prop::collection::vec((step(), prop::bool::weighted(0.7)), 1..40),
    ) {
        let customers = ["C0", "C1"].map(|id| Customer { id: id.to_owned(), ..Customer::default() });
        let limit = |id: &str, customer: &str| ar_core::ledger::fact::CreditLine {
            id: id.to_owned(),
            kind: String::from("limit"),
            customer: Some(customer.to_owned()),
            currency: String::from("EUR"),
            amount: Some(Decimal::new(100, 0)),
            effective: date(-40),
            ..Default::default()
        };
        let first = Facts { customers: customers.to_vec(), credit_lines: vec![limit("L0", "C0"), limit("L1", "C1")], ..Facts::default() };
        let mut ledger = Ledger::load(Default::default(), &first.tables()).unwrap();
        let mut made = Made::default();
        let policy = policy();
        for (now, (step, is_asked)) in (0_i32..).zip(&steps) {
            // What names something that is not there yet is refused, and nothing changes.
            let facts = facts(step, now, &mut made);
            if let Ok(next) = ledger.append(&facts.tables(), day(now)) {
                ledger = next;
            }
            // A ledger that is not asked keeps nothing yet.
            let days = if *is_asked { vec![now - 8, now, now + 20] } else { Vec::new() };
            for on in days {
                let exposure = |known: Option<i32>| {
                    let view = known.map_or_else(|| ledger.as_of(day(on)), |known| ledger.as_of_known(day(on), day(known)));
                    view.exposure(&policy, ExposurePer::Customer, None).unwrap().rows()
                };
                prop_assert_eq!(exposure(None), exposure(Some(now)), "on {} at {}", on, now);
                let (kept, all) = (ledger.credit(&policy, day(on), None).unwrap(), ledger.credit(&policy, day(on), Some(day(now))).unwrap());
                for customer in ["C0", "C1"] {
                    let request = CreditRequest::new(customer, Decimal::ONE, "EUR");
                    prop_assert_eq!(kept.explain(&request).unwrap(), all.explain(&request).unwrap(), "on {} at {}", on, now);
                }
            }
        }
    }
}
