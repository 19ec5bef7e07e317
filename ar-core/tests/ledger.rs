//! The ledger: what is loaded, what is refused, what was owed as of a day.

use ar_core::calendar::Day;
use ar_core::ledger::Ledger;
use ar_core::ledger::fact::{Allocation, Customer, Document, Facts, Reversal};
use ar_core::ledger::settings::Settings;
use chrono::NaiveDate;
use rust_decimal::Decimal;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn document(id: &str, kind: &str, amount: i64, day: &str, due: Option<&str>) -> Document {
    Document {
        id: id.into(),
        customer: "C".into(),
        kind: kind.into(),
        currency: "EUR".into(),
        amount: Decimal::new(amount, 2),
        document_date: date(day),
        due_date: due.map(date),
        ..Document::default()
    }
}

fn one_paid_invoice() -> Facts {
    Facts {
        customers: vec![Customer { id: "C".into(), ..Customer::default() }],
        documents: vec![
            document("INV", "invoice", 10_000, "2026-01-01", Some("2026-01-31")),
            document("PAY", "payment", -4_000, "2026-01-10", None),
        ],
        allocations: vec![Allocation {
            id: "A".into(),
            credit: "PAY".into(),
            debit: "INV".into(),
            amount: Decimal::new(4_000, 2),
            ..Allocation::default()
        }],
        ..Facts::default()
    }
}

#[test]
fn an_undone_match_restores_the_balance_and_changes_no_earlier_day() {
    let ledger = Ledger::load(Settings::default(), &one_paid_invoice().tables()).unwrap();
    let open = |ledger: &Ledger, day: &str| {
        ledger.as_of(Day::parse(day).unwrap()).open_items().into_iter().map(|item| item.open).collect::<Vec<_>>()
    };
    assert_eq!(open(&ledger, "2026-01-09"), [Decimal::new(10_000, 2)]);
    assert_eq!(open(&ledger, "2026-01-10"), [Decimal::new(6_000, 2)]);
    let undo = Facts {
        reversals: vec![Reversal { allocation: "A".into(), effective: date("2026-01-20"), ..Reversal::default() }],
        ..Facts::default()
    };
    let later = ledger.append(&undo.tables(), Day::parse("2026-01-20").unwrap()).unwrap();
    assert_eq!(open(&later, "2026-01-19"), [Decimal::new(6_000, 2)]);
    assert_eq!(open(&later, "2026-01-20"), [Decimal::new(10_000, 2), Decimal::new(-4_000, 2)]);
    assert_eq!(open(&ledger, "2026-01-20"), [Decimal::new(6_000, 2)]);
}

#[test]
fn every_offending_row_is_listed_and_nothing_is_loaded() {
    let mut facts = one_paid_invoice();
    facts.documents.push(document("INV", "invoice", 1, "2026-01-01", None));
    facts.documents.push(document("X", "invoice", -1, "2026-01-01", None));
    facts.allocations.push(Allocation {
        id: "B".into(),
        credit: "PAY".into(),
        debit: "INV".into(),
        amount: Decimal::new(1, 2),
        ..Allocation::default()
    });
    let refused = Ledger::load(Settings::default(), &facts.tables()).unwrap_err();
    let codes: Vec<&str> = refused.problems.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes, ["duplicate_id", "wrong_sign", "over_allocation"]);
}
