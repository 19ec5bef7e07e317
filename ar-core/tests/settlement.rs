//! Settlement: nothing is lost, what is posted can be taken back, and order is kept.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that goes wrong may panic"
)]

#[allow(dead_code, reason = "other tests ask for more of a world")]
mod common;

use std::collections::BTreeMap;

use ar_core::facade::{JsonFacts, settlement_policy};
use ar_core::item::OpenItem;
use ar_core::ledger::fact::{Customer, Discount, Document, Facts};
use ar_core::ledger::settings::{InstalmentSign, Settings};
use ar_core::ledger::{DocumentKind, Ledger};
use ar_core::money::{Exact, Rounding};
use ar_core::settlement::{
    BankCharge, CashRounding, Confidence, CreditNotes, Crossing, DiscountPolicy, DiscountTax, DiscountWhen,
    ExchangeGuard, LateDiscount, LimitPer, MatchAmount, MatchDocument, MatchParty, MatchRule, PartPayments,
    PriorityClass, Scope, Settlement, SettlementEdit, SettlementPolicy, SettlementStrategy, ShortPayment,
    ToleranceFirst, ToleranceLimit, TolerancePolicy,
};
use common::{date, day, world};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// Any mix of the rules that a world of one or two currencies meets.
fn policies() -> impl Strategy<Value = SettlementPolicy> {
    (settling(), extras()).prop_map(|(policy, more)| more.on(policy))
}

/// What changes a policy: the rules of currencies, cash, classes and limits.
#[derive(Debug, Clone)]
struct Extras {
    words: (Crossing, LimitPer, ToleranceFirst, CreditNotes, DiscountWhen, DiscountTax),
    place: Option<i128>,
    charge: Option<i128>,
    kinds: Vec<DocumentKind>,
}

fn extras() -> impl Strategy<Value = Extras> {
    let words = (
        prop::sample::select(Crossing::ALL),
        prop::sample::select(LimitPer::ALL),
        prop::sample::select(ToleranceFirst::ALL),
        prop::sample::select(CreditNotes::ALL),
        prop::sample::select(DiscountWhen::ALL),
        prop::sample::select(DiscountTax::ALL),
    );
    let kinds = [DocumentKind::Invoice, DocumentKind::DebitNote, DocumentKind::Charge];
    let kinds = prop::sample::subsequence(kinds.to_vec(), 0..3);
    let made = (words, prop::option::of(1_i128..20), prop::option::of(1_i128..50), kinds);
    made.prop_map(|(words, place, charge, kinds)| Extras { words, place, charge, kinds })
}

impl Extras {
    fn on(self, policy: SettlementPolicy) -> SettlementPolicy {
        let (cross, per, first, credit_notes, when, tax) = self.words;
        let euro = || "EUR".to_owned();
        let rounding =
            |place| CashRounding { currency: euro(), place: Exact::new(place, 2), rounding: Rounding::HalfEven };
        let charge = |charge| BankCharge { currency: euro(), amount: Exact::new(charge, 1) };
        let class = |kind: &DocumentKind| PriorityClass { kinds: Some(vec![*kind]), ..PriorityClass::default() };
        let bank_charges: Vec<BankCharge> = self.charge.map(charge).into_iter().collect();
        SettlementPolicy {
            cross_currency: if policy.scope == Scope::Account { Crossing::Refused } else { cross },
            credit_notes,
            priority: self.kinds.iter().map(class).collect(),
            cash_rounding: self.place.map(rounding).into_iter().collect(),
            discount: policy.discount.map(|discount| DiscountPolicy { when, tax, ..discount }),
            tolerance: policy.tolerance.map(|held| TolerancePolicy { per, first, bank_charges, ..held }),
            ..policy
        }
    }
}

fn settling() -> impl Strategy<Value = SettlementPolicy> {
    let strategies = prop::collection::vec(prop::sample::select(SettlementStrategy::ALL), 1..4);
    let partial = prop::sample::select(ShortPayment::ALL);
    let scope = prop::sample::select(Scope::ALL);
    let discount =
        prop::option::of((prop::sample::select(LateDiscount::ALL), 0_u32..20, prop::sample::select(PartPayments::ALL)));
    let tolerance = prop::option::of(0_i128..10);
    let match_rules = prop::collection::vec(match_rule(), 1..4);
    (strategies, partial, scope, discount, tolerance, match_rules, any::<bool>()).prop_map(
        |(strategies, partial, scope, discount, tolerance, match_rules, guard)| SettlementPolicy {
            strategies,
            match_rules,
            partial,
            scope,
            discount: discount.map(|(late, grace_days, part_payments)| DiscountPolicy {
                late,
                grace_days,
                part_payments,
                ..DiscountPolicy::default()
            }),
            tolerance: tolerance.map(|percent| TolerancePolicy {
                limits: vec![ToleranceLimit {
                    percent: Some(Exact::from_integer(percent)),
                    ..ToleranceLimit::default()
                }],
                ..TolerancePolicy::default()
            }),
            exchange_guard: if guard { ExchangeGuard::HalfMinorUnit } else { ExchangeGuard::None },
            ..SettlementPolicy::default()
        },
    )
}

fn match_rule() -> impl Strategy<Value = MatchRule> {
    let party = prop::option::of(prop::sample::select(MatchParty::ALL));
    let document = prop::option::of(prop::sample::select(MatchDocument::ALL));
    let amount = prop::option::of(prop::sample::select(MatchAmount::ALL));
    let confidence = prop::sample::select(Confidence::ALL);
    (party, document, amount, confidence, 0_u32..1000).prop_map(|(party, document, amount, confidence, priority)| {
        MatchRule { party, document, amount, confidence, priority }
    })
}

/// What is open of every item.
fn open(items: &[OpenItem]) -> BTreeMap<(String, u32), Decimal> {
    items.iter().map(|item| ((item.document.clone(), item.instalment), item.open)).collect()
}

/// The sums of a settlement as its own lines have them, against its proof.
fn nothing_is_lost(settlement: &Settlement, sign: InstalmentSign) -> Result<(), TestCaseError> {
    let (lines, differences, unapplied) = (settlement.lines(), settlement.differences(), settlement.unapplied());
    for row in settlement.proof() {
        let of = |currency: &str| currency == row.currency;
        let applied: Decimal = lines.iter().filter(|line| of(&line.currency)).map(|line| line.amount).sum();
        let paid: Decimal = lines.iter().filter(|line| of(&line.debit_currency)).map(|line| line.debit_amount).sum();
        let left: Decimal = unapplied.iter().filter(|left| of(&left.currency)).map(|left| left.amount).sum();
        let on_credit = |document: &str, line: u64| lines[usize::try_from(line).unwrap()].credit == document;
        let mut kinds: BTreeMap<&str, Decimal> = BTreeMap::new();
        for difference in differences.iter().filter(|difference| of(&difference.currency)) {
            let kind = if on_credit(&difference.document, difference.line) { "closed" } else { &difference.kind };
            *kinds.entry(kind).or_default() += difference.amount;
        }
        let mut kind = |name: &str| kinds.remove(name).unwrap_or_default();
        prop_assert_eq!((row.applied, row.paid, row.closed), (applied, paid, kind("closed")));
        // Items of both signs in one document count for no more than it has left together.
        prop_assert!(row.unapplied == left || (sign == InstalmentSign::Any && row.unapplied < left));
        prop_assert_eq!((row.discount, row.discount_tax), (kind("discount"), kind("discount_tax")));
        prop_assert_eq!((row.tolerance, row.write_off), (kind("tolerance"), kind("write_off")));
        prop_assert_eq!((row.bank_charge, row.cash_rounding), (kind("bank_charge"), kind("cash_rounding")));
        prop_assert_eq!(row.residual, kind("residual"));
        prop_assert!(kinds.is_empty());
        prop_assert_eq!(row.received, row.applied + row.closed + row.unapplied);
        let gone = row.discount + row.discount_tax + row.tolerance + row.write_off + row.bank_charge;
        prop_assert_eq!(row.claims, row.paid + gone + row.cash_rounding + row.residual + row.open);
    }
    let above_zero = lines.iter().all(|line| line.amount > Decimal::ZERO && line.debit_amount > Decimal::ZERO);
    prop_assert!(above_zero && differences.iter().all(|difference| difference.amount > Decimal::ZERO));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn payment_is_allocated_unapplied_or_a_named_difference(world in world(24), policy in policies(), ahead in 0..20) {
        let view = world.ledger().as_of(day(ahead));
        let settlement = view.settle(&policy).unwrap();
        nothing_is_lost(&settlement, world.settings.instalment_sign)?;
        let dropped: Vec<usize> = (0..settlement.len()).filter(|line| line % 2 == 0).collect();
        match settlement.without(&dropped) {
            Ok(edited) => nothing_is_lost(&edited, world.settings.instalment_sign)?,
            // Of two credits that clear an item together, one alone would pay a part.
            Err(refused) => prop_assert_eq!((&*refused.problems[0].code, policy.partial), ("edit_invalid", ShortPayment::Refused)),
        }
    }

    #[test]
    fn an_edited_settlement_loses_nothing_and_can_be_posted(
        world in world(24), policy in policies(), part in 1_i64..8, which in any::<prop::sample::Index>(),
    ) {
        let last = world.batches.last().unwrap().0;
        let ledger = world.ledger();
        let settlement = ledger.as_of(day(last)).settle(&policy).unwrap();
        if settlement.is_empty() {
            return Ok(());
        }
        let number = which.index(settlement.len());
        let line = &settlement.lines()[number];
        let digits = line.amount.scale();
        let amount = (line.amount * Decimal::from(part) / Decimal::from(8)).round_dp(digits);
        let edit = SettlementEdit {
            line: u64::try_from(number).ok(),
            amount: Some(Exact::from_decimal(amount)),
            reason: Some("AGREED".to_owned()),
            ..SettlementEdit::default()
        };
        match settlement.edit(&[edit]) {
            Ok(edited) => {
                prop_assert_eq!(edited.lines()[number].amount, amount);
                let mut beside = edited.differences();
                beside.retain(|difference| usize::try_from(difference.line) == Ok(number));
                prop_assert!(beside.iter().all(|difference| difference.reason == "AGREED"));
                nothing_is_lost(&edited, world.settings.instalment_sign)?;
                ledger.append(&edited.facts("run").tables(), day(last)).unwrap();
            }
            Err(refused) => prop_assert!(["edit_invalid", "over_allocation"].contains(&&*refused.problems[0].code)),
        }
    }

    #[test]
    fn no_discount_is_granted_twice(
        payments in prop::collection::vec((1_i64..1_200, 0..12_i32), 1..6), policies in prop::collection::vec(policies(), 6),
        undone in prop::collection::vec(any::<prop::sample::Index>(), 6),
    ) {
        let mut ledger = Ledger::load(Settings::default(), &offered().tables()).unwrap();
        for (number, (((amount, on), policy), which)) in payments.iter().zip(&policies).zip(&undone).enumerate() {
            let today = day(20 + i32::try_from(number).unwrap());
            let paid = Document {
                id: format!("P{number}"),
                kind: "payment".to_owned(),
                amount: Decimal::new(-amount * 100, 2),
                document_date: date(*on),
                recorded: Some(today.to_naive_date()),
                ..of_customer()
            };
            ledger = ledger.append(&Facts { documents: vec![paid], ..Facts::default() }.tables(), today).unwrap();
            // A tolerance that is asked first enlarges the discount itself.
            let tolerance = policy.tolerance.clone().filter(|held| held.first != ToleranceFirst::Discount);
            let policy = SettlementPolicy { tolerance, ..policy.clone() };
            let facts = ledger.as_of(today).settle(&policy).unwrap().facts(&format!("s{number}"));
            ledger = ledger.append(&facts.tables(), today).unwrap();
            let view = ledger.as_of(today);
            let live: Decimal = view
                .matches()
                .iter()
                .filter(|held| held.kind.starts_with("discount") && held.debit.as_deref() == Some("I"))
                .filter_map(|held| held.debit_amount)
                .sum();
            prop_assert!(live <= Decimal::new(2_000, 2), "{live}");
            let ids: Vec<String> = facts.differences.iter().map(|row| row.id.clone()).collect();
            if !ids.is_empty()
                && let Ok(back) = view.undo(&[ids[which.index(ids.len())].clone()])
            {
                ledger = ledger.append(&back.tables(), today).unwrap();
            }
        }
    }

    #[test]
    fn posted_and_taken_back_every_balance_is_what_it_was(world in world(24), policy in policies()) {
        let last = world.batches.last().unwrap().0;
        let before = world.ledger();
        let view = before.as_of(day(last));
        let settlement = view.settle(&policy).unwrap();
        let facts = settlement.facts("run");
        let after = before.append(&facts.tables(), day(last)).unwrap();

        let mut expected = open(&view.open_items());
        for line in settlement.lines() {
            *expected.entry((line.debit.clone(), line.instalment)).or_default() -= line.debit_amount;
        }
        let held = after.as_of(day(last)).open_items();
        for difference in settlement.differences() {
            if let Some(left) = expected.get_mut(&(difference.document.clone(), difference.instalment)) {
                let below = left.is_sign_negative();
                *left += if below { difference.amount } else { -difference.amount };
            }
        }
        // Credits spread over their instalments; debits are settled where the line says.
        let one_sign = world.settings.instalment_sign == InstalmentSign::Same;
        for ((document, instalment), left) in expected.iter().filter(|(_, left)| one_sign && **left > Decimal::ZERO) {
            let found = held.iter().find(|item| (&item.document, item.instalment) == (document, *instalment));
            prop_assert_eq!(found.map(|item| item.open), Some(*left), "{} {}", document, instalment);
        }

        let ids: Vec<String> = facts.allocations.iter().map(|row| row.id.clone()).collect();
        let undo = after.as_of(day(last)).undo(&ids).unwrap();
        let undone = after.append(&undo.tables(), day(last + 1)).unwrap();
        for on in [last, last + 3, last + 40] {
            prop_assert_eq!(undone.as_of(day(on)).open_items(), before.as_of(day(on)).open_items());
        }
        let as_known_then = undone.as_of_known(day(last), day(last));
        prop_assert_eq!(as_known_then.open_items(), held);
    }

    #[test]
    fn without_anything_of_its_own_a_settlement_is_a_proposal(world in world(24), which in 0..8_usize) {
        let last = world.batches.last().unwrap().0;
        let view = world.ledger().as_of(day(last));
        let name = SettlementStrategy::ALL[which].name();
        let text = format!(r#"{{ "strategies": ["reference", "{name}", "oldest_due"] }}"#);
        let settlement = view.settle(&settlement_policy(&text).unwrap()).unwrap();
        let proposal = view.propose(&ar_core::facade::allocation_policy(&text).unwrap()).unwrap();
        let lines: Vec<_> = settlement.lines().into_iter().map(|line| {
            (line.credit, line.debit, line.instalment, line.amount, line.strategy, line.credit_left, line.debit_left)
        }).collect();
        let proposed: Vec<_> = proposal.lines().into_iter().map(|line| {
            (line.credit, line.debit, line.instalment, line.amount, line.strategy, line.credit_left, line.debit_left)
        }).collect();
        prop_assert_eq!(lines, proposed);
        prop_assert_eq!(settlement.unapplied(), proposal.unapplied());
    }

    #[test]
    fn one_currency_settled_alone_is_what_it_is_among_others(world in world(24), policy in policies()) {
        // Where currencies are crossed, a receipt that one of them takes is not there for the other.
        let policy = SettlementPolicy { cross_currency: Crossing::Refused, ..policy };
        let last = world.batches.last().unwrap().0;
        let view = world.ledger().as_of(day(last));
        let all = view.settle(&policy).unwrap();
        for currency in ["EUR", "USD"] {
            let mut alone = policy.clone();
            alone.filter.currencies = Some(vec![currency.to_owned()]);
            let alone = view.settle(&alone).unwrap();
            let lines: Vec<_> = all.lines().into_iter().filter(|line| line.currency == currency).collect();
            prop_assert_eq!(alone.lines(), lines);
            let unapplied: Vec<_> = all.unapplied().into_iter().filter(|left| left.currency == currency).collect();
            prop_assert_eq!(alone.unapplied(), unapplied);
        }
    }

    #[test]
    fn two_payments_are_their_sum_and_a_larger_one_pays_no_less(
        debts in prop::collection::vec((1_i64..10_000, 0_i32..30), 1..8), first in 1_i64..20_000, second in 1_i64..20_000
    ) {
        let (one, both) = (settled(&debts, &[first], None), settled(&debts, &[first + second], None));
        let in_turn = settled(&debts, &[first, second], None);
        prop_assert_eq!(&in_turn, &both);
        for (document, paid) in &one {
            prop_assert!(both.get(document) >= Some(paid));
        }
        // At most one is cleared in part, and all before it are cleared.
        let amounts: BTreeMap<String, Decimal> = invoices(&debts).into_iter().map(|row| (row.id, row.amount)).collect();
        let mut order: Vec<(usize, i32)> = debts.iter().map(|debt| debt.1).enumerate().collect();
        order.sort_by_key(|(at, due)| (*due, format!("I{at}")));
        let share: Vec<Decimal> = order.iter().map(|(at, _)| one.get(&format!("I{at}")).copied().unwrap_or_default()).collect();
        let whole: Vec<Decimal> = order.iter().map(|(at, _)| amounts[&format!("I{at}")]).collect();
        let cleared = share.iter().zip(&whole).take_while(|(share, whole)| share == whole).count();
        prop_assert!(share.iter().skip(cleared + 1).all(Decimal::is_zero));
    }

    #[test]
    fn with_a_discount_a_larger_payment_clears_no_less(
        debts in prop::collection::vec((100_i64..10_000, 0_i32..30), 1..8), first in 1_i64..20_000, more in 1_i64..2_000
    ) {
        let (less, most) = (settled(&debts, &[first], Some("2")), settled(&debts, &[first + more], Some("2")));
        prop_assert!(most.values().sum::<Decimal>() >= less.values().sum::<Decimal>());
    }
}

/// A document of the one customer.
fn of_customer() -> Document {
    Document { customer: "C".to_owned(), currency: "EUR".to_owned(), document_date: date(0), ..Document::default() }
}

/// An invoice of 1,000.00 with 2 % on offer, and half a month of grace.
fn offered() -> Facts {
    let invoice =
        Document { id: "I".to_owned(), kind: "invoice".to_owned(), amount: Decimal::new(100_000, 2), ..of_customer() };
    let offer = Discount {
        document: "I".to_owned(),
        until: date(8),
        percent: Some("2".parse().unwrap()),
        ..Discount::default()
    };
    Facts {
        customers: vec![Customer { id: "C".to_owned(), ..Customer::default() }],
        documents: vec![invoice],
        discounts: vec![offer],
        ..Facts::default()
    }
}

fn invoices(debts: &[(i64, i32)]) -> Vec<Document> {
    let invoice = |(at, (cents, due)): (usize, &(i64, i32))| Document {
        id: format!("I{at}"),
        customer: "C".into(),
        kind: "invoice".into(),
        currency: "EUR".into(),
        amount: Decimal::new(*cents, 2),
        document_date: date(0),
        due_date: Some(date(*due)),
        ..Document::default()
    };
    debts.iter().enumerate().map(invoice).collect()
}

/// What oldest due first pays of each invoice, discounts apart.
fn settled(debts: &[(i64, i32)], payments: &[i64], percent: Option<&str>) -> BTreeMap<String, Decimal> {
    let mut facts = Facts {
        customers: vec![Customer { id: "C".into(), ..Customer::default() }],
        documents: invoices(debts),
        ..Facts::default()
    };
    for (at, cents) in payments.iter().enumerate() {
        facts.documents.push(Document {
            id: format!("P{at}"),
            kind: "payment".into(),
            amount: Decimal::new(-cents, 2),
            document_date: date(1),
            due_date: None,
            ..facts.documents[0].clone()
        });
    }
    if let Some(percent) = percent {
        facts.discounts = (0..debts.len())
            .map(|at| Discount {
                document: format!("I{at}"),
                until: date(10),
                percent: Some(percent.parse().unwrap()),
                ..Discount::default()
            })
            .collect();
    }
    let ledger =
        Ledger::load(Settings { instalment_sign: InstalmentSign::Same, ..Settings::default() }, &facts.tables())
            .unwrap();
    let policy = SettlementPolicy {
        strategies: vec![SettlementStrategy::OldestDue],
        discount: percent.map(|_| DiscountPolicy::default()),
        ..SettlementPolicy::default()
    };
    let mut paid = BTreeMap::new();
    for line in ledger.as_of(day(5)).settle(&policy).unwrap().lines() {
        *paid.entry(line.debit).or_default() += line.debit_amount;
    }
    paid
}

#[test]
fn a_rest_that_became_a_document_stands_in_the_way_once_it_is_settled() {
    let facts = JsonFacts::parse(
        r#"{ "customers": [{ "id": "C" }], "documents": [
          { "id": "I", "customer": "C", "kind": "invoice", "currency": "EUR", "amount": "100.00", "document_date": "2026-01-01" },
          { "id": "P", "customer": "C", "kind": "payment", "currency": "EUR", "amount": "-60.00", "document_date": "2026-01-05" }] }"#,
    )
    .unwrap();
    let on = ar_core::calendar::Day::parse("2026-01-05").unwrap();
    let ledger = Ledger::load(Settings::default(), &facts.tables()).unwrap();
    let policy = SettlementPolicy { partial: ShortPayment::Residual, ..SettlementPolicy::default() };
    let posted = ledger.as_of(on).settle(&policy).unwrap().facts("s");
    let after = ledger.append(&posted.tables(), on).unwrap();
    let items = after.as_of(on).open_items();
    assert_eq!(
        items.iter().map(|item| (item.document.as_str(), item.open)).collect::<Vec<_>>(),
        [("s-1-r", Decimal::new(4000, 2))]
    );

    let receipt = JsonFacts::parse(
        r#"{ "documents": [{ "id": "Q", "customer": "C", "kind": "payment", "currency": "EUR", "amount": "-40.00", "document_date": "2026-01-06" }] }"#,
    )
    .unwrap();
    let later = ar_core::calendar::Day::parse("2026-01-06").unwrap();
    let paid = after.append(&receipt.tables(), later).unwrap();
    let second = paid.as_of(later).settle(&policy).unwrap().facts("t");
    let paid = paid.append(&second.tables(), later).unwrap();
    let refused = paid.as_of(later).undo(&["s-1".to_owned()]).unwrap_err();
    assert_eq!((refused.code(), refused.problems[0].index), ("in_the_way", Some(0)));

    // Both in one call, or the later one first.
    let both = paid.as_of(later).undo(&["s-1".to_owned(), "t-1".to_owned()]).unwrap();
    let back = paid.append(&both.tables(), later).unwrap();
    let plain = ledger.append(&receipt.tables(), later).unwrap();
    assert_eq!(back.as_of(later).open_items(), plain.as_of(later).open_items());
    let undone = paid.append(&paid.as_of(later).undo(&["t-1".to_owned()]).unwrap().tables(), later).unwrap();
    let undone = undone.append(&undone.as_of(later).undo(&["s-1".to_owned()]).unwrap().tables(), later).unwrap();
    let open: Vec<_> = undone.as_of(later).open_items().iter().map(|item| (item.document.clone(), item.open)).collect();
    assert_eq!(
        open,
        [
            ("I".into(), Decimal::new(10000, 2)),
            ("P".into(), Decimal::new(-6000, 2)),
            ("Q".into(), Decimal::new(-4000, 2))
        ]
    );
}
