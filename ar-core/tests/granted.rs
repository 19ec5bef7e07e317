//! Settlement: what was let go stays let go, whatever is offered later; a cent more pays no less, though discounts come in tiers and
//! late, and a little is let go.
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
    BankCharge, DiscountDecision, DiscountPolicy, DiscountWhen, LateDiscount, LimitPer, PartPayments, Settlement,
    SettlementEdit, SettlementPolicy, SettlementStrategy, ToleranceFirst, ToleranceLimit, TolerancePolicy,
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

    /// Late discounts that are asked about and answered one by one: what is accepted is had where the invoice is cleared, and a larger payment
    /// pays no less.
    #[test]
    fn an_accepted_late_discount_is_had_and_a_larger_payment_pays_no_less(
        invoices in prop::collection::vec((1_000_i64..20_000, prop::sample::select(vec![10_i64, 20, 35]), any::<bool>()), 1..4),
        less in -3_i64..110, more in prop_oneof![1_i64..4, 1_i64..200], named in any::<bool>(),
    ) {
        let strategy = if named { SettlementStrategy::Reference } else { SettlementStrategy::OldestDue };
        let policy = SettlementPolicy {
            strategies: vec![strategy],
            discount: Some(DiscountPolicy { late: LateDiscount::Asked, grace_days: 7, ..DiscountPolicy::default() }),
            ..SettlementPolicy::default()
        };
        let price = |(cents, tenths, _): &(i64, i64, bool)| cents - (cents * tenths + 500) / 1_000;
        let first = (invoices.iter().map(price).sum::<i64>() - less).max(1);
        let asked = |cents: i64| {
            let names: Vec<String> = (0..invoices.len()).map(|at| format!("I{at}")).collect();
            let payment = Document { reference: Some(names.join(" ")), ..document("P", "payment", -cents, 15) };
            let mut facts = Facts {
                customers: vec![Customer { id: "C".to_owned(), ..Customer::default() }],
                documents: vec![payment],
                ..Facts::default()
            };
            for (id, (cents, tenths, _)) in names.iter().zip(&invoices) {
                let percent = Some(Decimal::new(*tenths, 1));
                facts.discounts.push(Discount { document: id.clone(), until: date(10), percent, ..Discount::default() });
                facts.documents.push(document(id, "invoice", *cents, 0));
            }
            let ledger = Ledger::load(Settings::default(), &facts.tables()).unwrap();
            ledger.as_of(day(20)).settle(&policy).unwrap()
        };
        let (before, larger) = (asked(first), asked(first + more));
        let asks = |held: &Settlement, id: &str| held.questions().iter().any(|question| question.document == id);
        let said = |(at, (.., accepted)): (usize, &(i64, i64, bool))| {
            let (document, discount) = (format!("I{at}"), if *accepted { DiscountDecision::Accepted } else { DiscountDecision::Refused });
            let edit = SettlementEdit { document: Some(document.clone()), discount: Some(discount), ..SettlementEdit::default() };
            (asks(&before, &document) && asks(&larger, &document)).then_some(edit)
        };
        let edits: Vec<SettlementEdit> = invoices.iter().enumerate().filter_map(said).collect();
        let [before, larger] = [before, larger].map(|held| held.edit(&edits).unwrap());
        let applied = |held: &Settlement| held.proof().remove(0).applied;
        prop_assert!(applied(&larger) >= applied(&before), "{} after {} by {}", applied(&larger), applied(&before), first);
        for held in [&before, &larger] {
            for (number, line) in held.lines().iter().enumerate() {
                let accepted = edits.iter().any(|edit| edit.document.as_ref() == Some(&line.debit) && edit.discount == Some(DiscountDecision::Accepted));
                let has = held.differences().iter().any(|one| usize::try_from(one.line) == Ok(number) && one.rule == "discount.late");
                let in_full = line.amount == line.debit_left;
                prop_assert!(!(accepted && in_full && !has), "{} has no discount", line.debit);
            }
        }
    }

    /// 3 % of 1,000.00 are 30.00, however often the instalments are cut anew between payments, with other numbers or with the same.
    #[test]
    fn a_schedule_cut_anew_grants_no_discount_twice(
        paid in prop::collection::vec((prop_oneof![1_i64..60_000, Just(48_500_i64)], schedule(), any::<bool>()), 1..5),
        proportional in any::<bool>(), usable in any::<bool>(),
    ) {
        let part_payments = if proportional { PartPayments::Proportional } else { PartPayments::WhenCleared };
        let when = if usable { DiscountWhen::Usable } else { DiscountWhen::Deducted };
        let pays = SettlementPolicy {
            discount: Some(DiscountPolicy { when, part_payments, ..DiscountPolicy::default() }),
            strategies: vec![SettlementStrategy::OldestDue],
            ..SettlementPolicy::default()
        };
        let facts = Facts {
            customers: vec![Customer { id: "C".to_owned(), ..Customer::default() }],
            documents: vec![document("I", "invoice", 100_000, 0)],
            discounts: offered(Some((30, 0))),
            ..Facts::default()
        };
        let mut ledger = Ledger::load(Settings::default(), &facts.tables()).unwrap();
        // The last pays all that is left.
        let last = (200_000, (vec![1_000], 0), false);
        for (at, (cents, (parts, _), other)) in paid.iter().chain([&last]).enumerate() {
            let first = if *other { i64::try_from(at).unwrap() * 10 } else { 0 };
            let mut instalments = scheduled(&(parts.clone(), 0));
            for row in &mut instalments {
                (row.number, row.effective) = (row.number + first, None);
            }
            let documents = vec![document(&format!("P{at}"), "payment", -cents, 5)];
            let today = day(6 + i32::try_from(at).unwrap());
            let facts = Facts { documents, instalments, ..Facts::default() };
            ledger = ledger.append(&facts.tables(), today).unwrap();
            let posted = ledger.as_of(day(5)).settle(&pays).unwrap().facts(&format!("s{at}"));
            ledger = ledger.append(&posted.tables(), today).unwrap();
        }
        let had: Decimal = ledger.as_of(day(5)).matches().iter().filter(|held| held.kind == "discount").filter_map(|held| held.debit_amount).sum();
        prop_assert!(had <= Decimal::new(3_000, 2), "{had} were had");
        // Where each part has its own, it is had to the cent.
        prop_assert!(!(proportional && usable) || had == Decimal::new(3_000, 2), "{had} were had");
    }

    /// Of invoices with discounts in tiers, late ones accepted, a larger payment pays no less, by what it names and by an order.
    #[test]
    fn a_larger_payment_pays_no_less_of_what_has_tiers_late_ones_too(
        invoices in prop::collection::vec((1_000_i64..20_000, tiers()), 1..5), meant in prop::collection::vec(0_usize..4, 4),
        less in -3_i64..110, more in prop_oneof![1_i64..4, 1_i64..200], named in any::<bool>(), usable in prop::bool::weighted(0.2),
        (limit, percent) in (prop_oneof![Just(1_i64), 1_i64..120], prop::option::weighted(0.3, 1_i64..20)),
        charge in prop::option::weighted(0.3, 1_i64..150), per in prop::sample::select(LimitPer::ALL),
    ) {
        let strategy = if named { SettlementStrategy::Reference } else { SettlementStrategy::OldestDue };
        let limit = ToleranceLimit {
            currency: Some("EUR".to_owned()),
            amount: Some(Exact::new(limit.into(), 2)),
            percent: percent.map(|tenths| Exact::new(tenths.into(), 1)),
            ..ToleranceLimit::default()
        };
        let charges = charge.map(|charge| BankCharge { currency: "EUR".to_owned(), amount: Exact::new(charge.into(), 2) });
        let when = if usable { DiscountWhen::Usable } else { DiscountWhen::Deducted };
        let policy = SettlementPolicy {
            strategies: vec![strategy],
            discount: Some(DiscountPolicy { when, late: LateDiscount::Accepted, grace_days: 7, ..DiscountPolicy::default() }),
            tolerance: Some(TolerancePolicy {
                limits: vec![limit],
                bank_charges: charges.into_iter().collect(),
                per,
                ..TolerancePolicy::default()
            }),
            ..SettlementPolicy::default()
        };
        // What they cost by the discounts that he means, or a little less.
        let price = |((cents, tiers), which): (&Invoice, &usize)| {
            cents - tiers.get(*which).map_or(0, |(tenths, _)| (cents * tenths + 500) / 1_000)
        };
        let first = (invoices.iter().zip(&meant).map(price).sum::<i64>() - less).max(1);
        let paid = |cents: i64| {
            let mut facts =
                Facts { customers: vec![Customer { id: "C".to_owned(), ..Customer::default() }], ..Facts::default() };
            for (at, (cents, tiers)) in invoices.iter().enumerate() {
                let id = format!("I{at}");
                for (tenths, until) in tiers {
                    let percent = Some(Decimal::new(*tenths, 1));
                    facts.discounts.push(Discount { document: id.clone(), until: date(*until), percent, ..Discount::default() });
                }
                facts.documents.push(document(&id, "invoice", *cents, 0));
            }
            let names: Vec<String> = (0..invoices.len()).map(|at| format!("I{at}")).collect();
            let payment = Document { reference: Some(names.join(" ")), ..document("P", "payment", -cents, 15) };
            facts.documents.push(payment);
            let ledger = Ledger::load(Settings::default(), &facts.tables()).unwrap();
            ledger.as_of(day(20)).settle(&policy).unwrap().proof().remove(0).applied
        };
        let (less, more) = (paid(first), paid(first + more));
        prop_assert!(more >= less, "{} after {} by {}", more, less, first);
    }
}

/// What it costs, and the tiers of its discount.
type Invoice = (i64, Vec<(i64, i32)>);

/// Tenths of a percent, and the last day: some in time on the 15th, some late, some too late.
fn tiers() -> impl Strategy<Value = Vec<(i64, i32)>> {
    let until = prop::sample::select(vec![5_i32, 10, 14, 15, 20]);
    prop::collection::vec((prop_oneof![Just(20_i64), Just(30), 1_i64..60], until), 0..4)
}
