//! Settlement: what was let go stays let go, whatever is offered later.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that goes wrong may panic"
)]

#[allow(dead_code, reason = "other tests ask for a world")]
mod common;

use ar_core::ledger::Ledger;
use ar_core::ledger::fact::{Customer, Discount, Document, Facts, Instalment};
use ar_core::ledger::settings::Settings;
use ar_core::money::Exact;
use ar_core::settlement::{
    DiscountPolicy, LimitPer, PartPayments, SettlementPolicy, SettlementStrategy, ToleranceFirst, ToleranceLimit,
    TolerancePolicy,
};
use common::{date, day};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// An offer of an invoice: its tenths of a percent, and the day from which it holds.
type Offer = Option<(i64, i32)>;

fn offer() -> impl Strategy<Value = Offer> {
    prop::option::weighted(0.8, (1_i64..80, 0_i32..12))
}

/// Instalments of 1,000.00, and the day from which they hold.
fn schedule() -> impl Strategy<Value = (Vec<i64>, i32)> {
    let cuts = prop::collection::vec(prop_oneof![Just(500_i64), 1_i64..1_000], 0..3);
    let parts = cuts.prop_map(|mut cuts| {
        cuts.extend([0, 1_000]);
        cuts.sort_unstable();
        cuts.dedup();
        cuts.windows(2).map(|pair| pair[1] - pair[0]).collect()
    });
    (parts, 0_i32..12)
}

fn offered(offer: Offer) -> Vec<Discount> {
    let row = |(tenths, from)| Discount {
        document: "I".to_owned(),
        until: date(20),
        percent: Some(Decimal::new(tenths, 1)),
        effective: Some(date(from)),
        ..Discount::default()
    };
    offer.map(row).into_iter().collect()
}

fn scheduled((parts, from): &(Vec<i64>, i32)) -> Vec<Instalment> {
    let row = |(at, amount): (usize, &i64)| Instalment {
        document: "I".to_owned(),
        number: i64::try_from(at + 1).unwrap(),
        due_date: date(i32::try_from(at).unwrap()),
        amount: Decimal::from(*amount),
        effective: Some(date(*from)),
        ..Instalment::default()
    };
    parts.iter().enumerate().map(row).collect()
}

fn document(id: &str, kind: &str, cents: i64, on: i32) -> Document {
    let (customer, currency) = ("C".to_owned(), "EUR".to_owned());
    let (id, kind, amount) = (id.to_owned(), kind.to_owned(), Decimal::new(cents, 2));
    Document { id, customer, kind, currency, amount, document_date: date(on), ..Document::default() }
}

fn policy(strategy: SettlementStrategy, part_payments: PartPayments, per: LimitPer) -> SettlementPolicy {
    let limit = ToleranceLimit {
        currency: Some("EUR".to_owned()),
        amount: Some(Exact::new(500, 2)),
        ..ToleranceLimit::default()
    };
    let first = ToleranceFirst::Discount;
    SettlementPolicy {
        strategies: vec![strategy],
        discount: Some(DiscountPolicy { part_payments, ..DiscountPolicy::default() }),
        tolerance: Some(TolerancePolicy { limits: vec![limit], first, per, ..TolerancePolicy::default() }),
        ..SettlementPolicy::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// What is left of the limit of a document, when nothing is offered any more, and a cent is missing to all that is owed.
    #[test]
    fn what_was_let_go_is_not_changed_by_what_is_offered_or_scheduled_later(
        first in offer(), parts in schedule(), short in prop::collection::vec(0_i64..400, 1..3),
        proportional in any::<bool>(), later in prop::collection::vec((offer(), prop::option::of(schedule())), 1..3),
    ) {
        let part_payments = if proportional { PartPayments::Proportional } else { PartPayments::WhenCleared };
        let mut facts = Facts {
            customers: vec![Customer { id: "C".to_owned(), ..Customer::default() }],
            documents: vec![document("I", "invoice", 100_000, 0)],
            discounts: offered(first.map(|(tenths, _)| (tenths, 0))),
            instalments: scheduled(&(parts.0.clone(), 0)),
            ..Facts::default()
        };
        for (at, (part, short)) in parts.0.iter().zip(&short).enumerate() {
            let tenths = first.map_or(0, |(tenths, _)| tenths);
            let cents = (part * 100 - part * tenths / 10 - short).max(1);
            facts.documents.push(document(&format!("P{at}"), "payment", -cents, 5));
        }
        let mut ledger = Ledger::load(Settings::default(), &facts.tables()).unwrap();
        let pays = policy(SettlementStrategy::OldestDue, part_payments, LimitPer::Document);
        let posted = ledger.as_of(day(5)).settle(&pays).unwrap().facts("s");
        ledger = ledger.append(&posted.tables(), day(6)).unwrap();
        let mut changed = ledger.clone();
        for (at, (offer, schedule)) in later.iter().enumerate() {
            let instalments = schedule.as_ref().map(scheduled).unwrap_or_default();
            let facts = Facts { discounts: offered(*offer), instalments, ..Facts::default() };
            changed = changed.append(&facts.tables(), day(6 + i32::try_from(at).unwrap())).unwrap();
        }
        let left_of_limit = |ledger: &Ledger| {
            let items = ledger.as_of(day(30)).open_items();
            let owed: Decimal = items.iter().map(|item| item.open.max(Decimal::ZERO)).sum();
            let last = document("L", "payment", 1 - i64::try_from(owed.mantissa()).unwrap(), 30);
            if last.amount >= Decimal::ZERO {
                return None;
            }
            let facts = Facts { documents: vec![last], ..Facts::default() };
            let ledger = ledger.append(&facts.tables(), day(30)).unwrap();
            let settlement = ledger.as_of(day(30)).settle(&policy(SettlementStrategy::WholeBalance, part_payments, LimitPer::Document));
            settlement.unwrap().differences().first().map(|held| (held.rule.clone(), held.limit))
        };
        prop_assert_eq!(left_of_limit(&changed), left_of_limit(&ledger));
    }
}
