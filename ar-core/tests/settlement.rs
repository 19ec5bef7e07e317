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

use std::collections::{BTreeMap, BTreeSet};

use ar_core::allocation::CreditOrder;
use ar_core::calendar::Day;
use ar_core::facade::{JsonFacts, settlement_policy};
use ar_core::item::OpenItem;
use ar_core::ledger::fact::{Cancellation, Customer, Discount, Document, Facts, Reversal, SettlementDifference};
use ar_core::ledger::settings::{InstalmentSign, Settings};
use ar_core::ledger::{DocumentKind, Ledger};
use ar_core::money::{Exact, Rounding};
use ar_core::settlement::{
    Ambiguity, AmountIn, BankCharge, BlankLimit, CashRounding, Confidence, CreditNotes, CreditedDiscount, Crossing,
    DiscountInTime, DiscountOf, DiscountPolicy, DiscountTax, DiscountWhen, ExchangeGuard, LateDiscount, LimitPer,
    MatchAmount, MatchDocument, MatchParty, MatchRule, PartPayments, PriorityClass, Scope, SearchPolicy, Settlement,
    SettlementEdit, SettlementPolicy, SettlementStrategy, ShortPayment, Side, ToleranceFirst, ToleranceKind,
    ToleranceLimit, TolerancePolicy, Valued,
};
use common::{date, day, settling_world};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// Any mix of the rules that a world of two currencies meets.
fn policies() -> impl Strategy<Value = SettlementPolicy> {
    (finding(), discounts(), tolerances(), extras())
        .prop_map(|(policy, discount, tolerance, more)| more.on(SettlementPolicy { discount, tolerance, ..policy }))
}

/// How debits are found, and in which order they are paid.
fn finding() -> impl Strategy<Value = SettlementPolicy> {
    let strategies = prop::collection::vec(prop::sample::select(SettlementStrategy::ALL), 1..5);
    let words = (
        prop::sample::select(ShortPayment::ALL),
        prop::sample::select(Scope::ALL),
        prop::sample::select(&[CreditOrder::OldestFirst, CreditOrder::NewestFirst][..]),
        prop::sample::select(Ambiguity::ALL),
    );
    let search = (1_u32..7, prop_oneof![3 => Just(100_000_u64), 1 => 1_u64..500]);
    let listed = prop::collection::vec(1_i32..50, 0..6);
    let rules = prop::collection::vec(rule(), 1..4);
    (strategies, words, search, listed, rules).prop_map(
        |(strategies, (partial, scope, credit_order, ambiguous), (items, work), listed, match_rules)| {
            SettlementPolicy {
                strategies,
                partial,
                scope,
                credit_order,
                search: SearchPolicy { items, work, ambiguous },
                user_order: listed.iter().map(|number| format!("I{number}")).collect(),
                match_rules,
                ..SettlementPolicy::default()
            }
        },
    )
}

fn rule() -> impl Strategy<Value = MatchRule> {
    let party = prop::option::of(prop::sample::select(MatchParty::ALL));
    let document = prop::option::of(prop::sample::select(MatchDocument::ALL));
    let amount = prop::option::of(prop::sample::select(MatchAmount::ALL));
    (party, document, amount, prop::sample::select(Confidence::ALL), 0_u32..1_000).prop_map(
        |(party, document, amount, confidence, priority)| MatchRule { party, document, amount, confidence, priority },
    )
}

const ROUNDINGS: [Rounding; 3] = [Rounding::HalfAwayFromZero, Rounding::HalfEven, Rounding::Down];

fn discounts() -> impl Strategy<Value = Option<DiscountPolicy>> {
    let discount = (
        prop::sample::select(LateDiscount::ALL),
        0_u32..20,
        prop::sample::select(DiscountWhen::ALL),
        prop::sample::select(PartPayments::ALL),
        prop::sample::select(DiscountOf::ALL),
        prop::sample::select(DiscountTax::ALL),
        prop::sample::select(&ROUNDINGS[..]),
    );
    prop::option::weighted(
        0.7,
        discount.prop_map(|(late, grace_days, when, part_payments, of, tax, rounding)| DiscountPolicy {
            late,
            grace_days,
            when,
            part_payments,
            in_time: DiscountInTime::default(),
            credited: CreditedDiscount::default(),
            of,
            tax,
            rounding,
        }),
    )
}

fn limit() -> impl Strategy<Value = ToleranceLimit> {
    let some = |texts: &[&str]| {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        prop::option::weighted(0.3, prop::sample::select(texts))
    };
    let amount = prop::option::of((prop::sample::select(vec!["EUR", "USD"]), 0_i128..500));
    let percent = prop::option::of(0_i128..1_200);
    let words = (prop::sample::select(Side::ALL), prop::sample::select(AmountIn::ALL));
    (words, some(&["C0", "C1"]), some(&["ADAM", "EVE"]), amount, percent).prop_map(
        |((side, amount_in), customer, clerk, amount, percent)| ToleranceLimit {
            side,
            amount_in,
            companies: None,
            customers: customer.map(|customer| vec![customer]),
            clerk,
            currency: amount.map(|(currency, _)| currency.to_owned()),
            amount: amount.map(|(_, cents)| Exact::new(cents, 2)),
            percent: percent.or(Some(300).filter(|_| amount.is_none())).map(|percent| Exact::new(percent, 2)),
        },
    )
}

fn tolerances() -> impl Strategy<Value = Option<TolerancePolicy>> {
    let words = (
        prop::sample::select(BlankLimit::ALL),
        prop::sample::select(LimitPer::ALL),
        prop::sample::select(ToleranceKind::ALL),
        prop::sample::select(Valued::ALL),
        prop::sample::select(ToleranceFirst::ALL),
    );
    let clerk = prop::option::of(Just("EVE".to_owned()));
    let charge = prop::option::of(1_i128..50);
    // Those that look for an amount to the minor unit let nothing go.
    let exact = [SettlementStrategy::ExactAmount, SettlementStrategy::Subset, SettlementStrategy::ManyToOne];
    let that_let_go: Vec<SettlementStrategy> =
        SettlementStrategy::ALL.iter().copied().filter(|strategy| !exact.contains(strategy)).collect();
    let strategies = prop::collection::vec(prop::sample::select(that_let_go), 1..9);
    let all = (prop::collection::vec(limit(), 1..4), words, clerk, charge, prop::option::weighted(0.2, strategies));
    let policy = all.prop_map(|(limits, (blank, per, kind, valued, first), clerk, bank_charge, strategies)| {
        let charge = |charge| BankCharge { currency: "EUR".to_owned(), amount: Exact::new(charge, 1) };
        // Only a clerk whom a limit names may be named.
        let clerk = clerk.filter(|own| limits.iter().any(|limit| limit.clerk.as_ref() == Some(own)));
        TolerancePolicy {
            limits,
            blank,
            per,
            kind,
            reason: String::new(),
            clerk,
            valued,
            first,
            bank_charges: bank_charge.map(charge).into_iter().collect(),
            strategies,
        }
    });
    prop::option::weighted(0.7, policy)
}

/// What changes a policy besides: currencies, cash, classes, kinds that pay.
#[derive(Debug, Clone)]
struct Extras {
    words: (Crossing, CreditNotes, bool, bool),
    place: Option<i128>,
    kinds: Vec<DocumentKind>,
    balance_credits: Vec<DocumentKind>,
}

fn extras() -> impl Strategy<Value = Extras> {
    let words = (
        prop::sample::select(Crossing::ALL),
        prop::sample::select(CreditNotes::ALL),
        any::<bool>(),
        prop::bool::weighted(0.8),
    );
    let kinds = [DocumentKind::Invoice, DocumentKind::DebitNote, DocumentKind::Charge];
    let kinds = prop::sample::subsequence(kinds.to_vec(), 0..3);
    let credits = [DocumentKind::CreditNote, DocumentKind::Payment, DocumentKind::Advance, DocumentKind::Journal];
    let credits = prop::sample::subsequence(credits.to_vec(), 0..5);
    (words, prop::option::of(1_i128..20), kinds, credits).prop_map(|(words, place, kinds, balance_credits)| Extras {
        words,
        place,
        kinds,
        balance_credits,
    })
}

impl Extras {
    fn on(self, policy: SettlementPolicy) -> SettlementPolicy {
        let (cross, credit_notes, guard, all_pay) = self.words;
        let rounding = |place| CashRounding {
            currency: "EUR".to_owned(),
            place: Exact::new(place, 2),
            rounding: Rounding::HalfEven,
        };
        let class = |kind: &DocumentKind| PriorityClass { kinds: Some(vec![*kind]), ..PriorityClass::default() };
        let credit_kinds = match all_pay {
            true => policy.credit_kinds,
            false => vec![DocumentKind::Payment, DocumentKind::CreditNote],
        };
        SettlementPolicy {
            cross_currency: if policy.scope == Scope::Account { Crossing::Refused } else { cross },
            credit_notes,
            balance_credits: self.balance_credits.clone(),
            credit_kinds,
            priority: self.kinds.iter().map(class).collect(),
            cash_rounding: self.place.map(rounding).into_iter().collect(),
            exchange_guard: if guard { ExchangeGuard::HalfMinorUnit } else { ExchangeGuard::None },
            ..policy
        }
    }
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
    // Every amount is whole minor units: both currencies have two digits.
    let amounts = lines.iter().flat_map(|line| [line.amount, line.debit_amount, line.credit_left, line.debit_left]);
    let base = lines.iter().flat_map(|line| [line.base_credit, line.base_debit, line.exchange]).flatten();
    let beside =
        differences.iter().flat_map(|held| [Some(held.amount), held.base_amount, held.base_document]).flatten();
    let left = unapplied.iter().map(|left| left.amount);
    prop_assert!(amounts.chain(base).chain(beside).chain(left).all(|amount| amount.scale() <= 2));
    let above_zero = lines.iter().all(|line| line.amount > Decimal::ZERO && line.debit_amount > Decimal::ZERO);
    prop_assert!(above_zero && differences.iter().all(|difference| difference.amount > Decimal::ZERO));
    Ok(())
}

/// A document that these lines alone settle whole has nothing left in base currency.
fn nothing_is_left_in_base(after: &Ledger, before: &Ledger, on: Day) -> Result<(), TestCaseError> {
    let (view, settled_before) = (after.as_of(on), before.as_of(on).facts());
    let touched = |id: &String| {
        let by = |row: &ar_core::ledger::fact::Allocation| row.credit == *id || row.debit == *id;
        settled_before.allocations.iter().any(by) || settled_before.differences.iter().any(|row| row.document == *id)
    };
    let mut taken: BTreeMap<String, Decimal> = BTreeMap::new();
    for held in view.matches() {
        let sides = [(&held.credit, &held.base_credit), (&held.debit, &held.base_debit)];
        for (document, base) in sides.into_iter().filter_map(|(document, base)| document.clone().zip(*base)) {
            *taken.entry(document).or_default() += base;
        }
    }
    let open: BTreeSet<String> = view.open_items().into_iter().map(|item| item.document).collect();
    for document in view.facts().documents.iter().filter(|row| !open.contains(&row.id) && !touched(&row.id)) {
        if let (Some(taken), Some(base)) = (taken.get(&document.id), document.base_amount) {
            prop_assert_eq!(*taken, base.abs(), "{} in base currency", document.id);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn payment_is_allocated_unapplied_or_a_named_difference(world in settling_world(24), policy in policies(), ahead in 0..20) {
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
        world in settling_world(24), policy in policies(), part in 1_i64..8, which in any::<prop::sample::Index>(),
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
    fn posted_and_taken_back_every_balance_is_what_it_was(world in settling_world(24), policy in policies()) {
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
        for ((document, instalment), left) in expected.iter().filter(|(_, left)| one_sign && **left >= Decimal::ZERO) {
            let found = held.iter().find(|item| (&item.document, item.instalment) == (document, *instalment));
            prop_assert_eq!(found.map_or(Decimal::ZERO, |item| item.open), *left, "{} {}", document, instalment);
        }
        nothing_is_left_in_base(&after, before, day(last))?;

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
    fn each_step_taken_back_by_itself_leaves_what_the_others_made(
        world in settling_world(24), policy in policies(), order in prop::collection::vec(any::<prop::sample::Index>(), 1..12)
    ) {
        let last = world.batches.last().unwrap().0;
        let before = world.ledger();
        let mut left = before.as_of(day(last)).settle(&policy).unwrap().facts("run");
        let mut ledger = before.append(&left.tables(), day(last)).unwrap();
        for which in order {
            let ids = left.allocations.iter().map(|row| &row.id).chain(left.differences.iter().map(|row| &row.id));
            let ids: Vec<String> = ids.cloned().collect();
            if ids.is_empty() {
                break;
            }
            let id = ids[which.index(ids.len())].clone();
            let back = ledger.as_of(day(last)).undo(std::slice::from_ref(&id)).unwrap();
            ledger = ledger.append(&back.tables(), day(last)).unwrap();
            let goes = |row: &SettlementDifference| row.id == id || row.allocation.as_ref() == Some(&id);
            let moved = left.differences.iter().filter(|row| goes(row) && row.kind == "residual");
            let moved: Vec<String> = moved.filter_map(|row| Some(format!("{}-r", row.allocation.as_ref()?))).collect();
            left.documents.retain(|row| !moved.contains(&row.id));
            left.differences.retain(|row| !goes(row));
            left.allocations.retain(|row| row.id != id);
            let others = before.append(&left.tables(), day(last)).unwrap();
            for on in [last, last + 3, last + 40] {
                prop_assert_eq!(open(&ledger.as_of(day(on)).open_items()), open(&others.as_of(day(on)).open_items()), "{}", id);
            }
        }
        let rest: Vec<String> = left.allocations.iter().map(|row| row.id.clone()).collect();
        let ledger = ledger.append(&ledger.as_of(day(last)).undo(&rest).unwrap().tables(), day(last)).unwrap();
        for on in [last, last + 3, last + 40] {
            prop_assert_eq!(ledger.as_of(day(on)).open_items(), before.as_of(day(on)).open_items());
        }
    }

    #[test]
    fn a_payment_beside_a_rest_ends_and_nothing_is_owed_twice(
        debts in prop::collection::vec((1_i64..10_000, 0_i32..30), 1..4), cents in 1_i64..20_000, rest_paid in 0_i64..3, by_hand: bool,
    ) {
        let before = ledger_of(&debts, &[cents]);
        let policy = SettlementPolicy { partial: ShortPayment::Residual, ..SettlementPolicy::default() };
        let facts = before.as_of(day(5)).settle(&policy).unwrap().facts("s");
        let mut ledger = before.append(&facts.tables(), day(5)).unwrap();
        let owed: i64 = debts.iter().map(|debt| debt.0).sum();
        let mut came = cents;
        if let (Some(rest), 1..) = (facts.documents.first(), rest_paid) {
            let part = i64::try_from(rest.amount.mantissa()).unwrap() / rest_paid;
            came += part;
            let paid = Document { id: "Q".into(), kind: "payment".into(), amount: Decimal::new(-part, 2), document_date: date(6), ..of_customer() };
            ledger = ledger.append(&Facts { documents: vec![paid], ..Facts::default() }.tables(), day(6)).unwrap();
            let next = ledger.as_of(day(6)).settle(&policy).unwrap().facts("t");
            ledger = ledger.append(&next.tables(), day(6)).unwrap();
        }
        let total = |ledger: &Ledger, on| ledger.as_of(day(on)).open_items().iter().map(|item| item.open).sum::<Decimal>();
        prop_assert_eq!(total(&ledger, 6), Decimal::new(owed - came, 2));
        let effective = date(7);
        let ends = match by_hand {
            true => Facts {
                reversals: facts.allocations.iter().map(|row| Reversal { allocation: row.id.clone(), effective, ..Reversal::default() }).collect(),
                ..Facts::default()
            },
            false => Facts { cancellations: vec![Cancellation { document: "P0".into(), effective, ..Cancellation::default() }], ..Facts::default() },
        };
        let ended = ledger.append(&ends.tables(), day(7)).unwrap();
        prop_assert_eq!(total(&ended, 6), Decimal::new(owed - came, 2));
        prop_assert_eq!(total(&ended, 7), Decimal::new(if by_hand { owed - came } else { owed - came + cents }, 2));
        // The rest can still be taken back, with what came for it.
        let ids = ended.as_of(day(7)).matches().into_iter().filter(|held| held.beside.is_none() || held.kind == "residual").map(|held| held.id);
        let back = ended.as_of(day(7)).undo(&ids.collect::<Vec<_>>()).unwrap();
        let back = ended.append(&back.tables(), day(7)).unwrap();
        prop_assert_eq!(total(&back, 7), total(&ended, 7));
        prop_assert!(back.as_of(day(7)).open_items().iter().all(|item| !item.document.ends_with("-r")));
    }

    #[test]
    fn a_rest_is_what_all_payments_leave(
        debts in prop::collection::vec((1_i64..10_000, 0_i32..30), 1..6), first in 1_i64..20_000, second in 1_i64..20_000
    ) {
        let policy = SettlementPolicy { partial: ShortPayment::Residual, ..SettlementPolicy::default() };
        let settled = |payments: &[i64]| {
            let before = ledger_of(&debts, payments);
            let settlement = before.as_of(day(5)).settle(&policy).unwrap();
            let after = before.append(&settlement.facts("s").tables(), day(5)).unwrap();
            (after, settlement.proof().first().map(|row| (row.paid, row.residual, row.open, row.unapplied)))
        };
        let ((in_turn, one), (_, other)) = (settled(&[first, second]), settled(&[first + second]));
        prop_assert_eq!(one, other);
        // The same call once more does nothing, and no money lies beside a debt.
        prop_assert!(in_turn.as_of(day(5)).settle(&policy).unwrap().is_empty());
        let items = in_turn.as_of(day(5)).open_items();
        prop_assert!(items.iter().all(|item| item.open > Decimal::ZERO) || items.iter().all(|item| item.open < Decimal::ZERO));
    }

    #[test]
    fn without_anything_of_its_own_a_settlement_is_a_proposal(world in settling_world(24), which in 0..8_usize) {
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
    fn one_currency_settled_alone_is_what_it_is_among_others(world in settling_world(24), policy in policies()) {
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

    /// Three instalments are paid a little too little or too much: one settlement after the other lets go what one of all does, and
    /// never more than the limit of their document on a side, beside discounts or within them.
    #[test]
    fn a_limit_of_a_document_is_one_over_all_settlements(
        payments in prop::collection::vec(9_300_i64..10_700, 1..4), within in any::<bool>()
    ) {
        let limit = ToleranceLimit {
            // A discount that is lowered by what is over is a smaller discount, and leaves no trace.
            side: if within { Side::Under } else { Side::Both },
            currency: Some("EUR".to_owned()),
            amount: Some(Exact::new(500, 2)),
            ..ToleranceLimit::default()
        };
        let first = if within { ToleranceFirst::Discount } else { ToleranceFirst::Tolerance };
        let policy = SettlementPolicy {
            strategies: vec![SettlementStrategy::NearAmount],
            search: SearchPolicy { ambiguous: Ambiguity::First, ..SearchPolicy::default() },
            discount: Some(DiscountPolicy { when: DiscountWhen::Usable, ..DiscountPolicy::default() }),
            tolerance: Some(TolerancePolicy { limits: vec![limit], first, ..TolerancePolicy::default() }),
            ..SettlementPolicy::default()
        };
        let facts = JsonFacts::parse(
            r#"{ "customers": [{ "id": "C" }], "documents": [
              { "id": "I", "customer": "C", "kind": "invoice", "currency": "EUR", "amount": "300.00", "document_date": "2026-01-01" }],
            "instalments": [
              { "document": "I", "number": 1, "due_date": "2026-01-10", "amount": "100.00" },
              { "document": "I", "number": 2, "due_date": "2026-01-11", "amount": "100.00" },
              { "document": "I", "number": 3, "due_date": "2026-01-12", "amount": "100.00" }],
            "discounts": [
              { "document": "I", "until": "2026-01-05", "amount": "9.00" }, { "document": "I", "until": "2026-01-31", "amount": "3.00" }] }"#,
        )
        .unwrap();
        let on = Day::parse("2026-01-20").unwrap();
        let payment = |(at, cents): (usize, &i64)| Document {
            id: format!("P{at}"),
            kind: "payment".into(),
            amount: Decimal::new(-cents, 2),
            document_date: on.to_naive_date(),
            ..of_customer()
        };
        let all: Vec<Document> = payments.iter().enumerate().map(payment).collect();
        let start = Ledger::load(Settings::default(), &facts.tables()).unwrap();
        let with = |ledger: &Ledger, documents: Vec<Document>| {
            ledger.append(&Facts { documents, ..Facts::default() }.tables(), on).unwrap()
        };
        let told = |settlement: &Settlement| {
            let beside = settlement.differences().into_iter().map(|held| (held.rule.clone(), held.instalment, held.amount));
            let lines = settlement.lines().into_iter().map(|line| (line.credit, line.instalment, line.amount));
            (lines.collect::<Vec<_>>(), beside.collect::<Vec<_>>())
        };
        let together = told(&with(&start, all.clone()).as_of(on).settle(&policy).unwrap());
        let (mut ledger, mut in_turn) = (start, (Vec::new(), Vec::new()));
        for (at, document) in all.into_iter().enumerate() {
            ledger = with(&ledger, vec![document]);
            let settlement = ledger.as_of(on).settle(&policy).unwrap();
            let (lines, beside) = told(&settlement);
            in_turn.0.extend(lines);
            in_turn.1.extend(beside);
            ledger = ledger.append(&settlement.facts(&format!("s{at}")).tables(), on).unwrap();
        }
        prop_assert_eq!(&in_turn, &together);
        let offered = Decimal::new(100, 2);
        for rule in ["tolerance.under", "tolerance.over", "discount.in_time"] {
            let of_rule = together.1.iter().filter(|(held, ..)| held == rule);
            let let_go: Decimal = of_rule.map(|(.., amount)| if rule == "discount.in_time" { *amount - offered } else { *amount }).sum();
            prop_assert!(let_go <= Decimal::new(500, 2), "{} of {}", let_go, rule);
        }
    }

    #[test]
    fn two_payments_are_their_sum_and_a_larger_one_pays_no_less(
        debts in prop::collection::vec((1_i64..10_000, 0_i32..30), 1..8), first in 1_i64..20_000, second in 1_i64..20_000
    ) {
        let (one, both) = (settled(&debts, &[first]), settled(&debts, &[first + second]));
        let in_turn = settled(&debts, &[first, second]);
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

    /// Of the money of a larger payment no less is used: by what it names, then by an order (unless what is over lowers a discount, and
    /// counts as paid). It may clear less: who pays more did not deduct, or less, so that discounts are given up, unless
    /// `discount.when` is `usable` and each invoice has one discount. And where a shortage is let go, a larger payment leaves more
    /// of it to the next item.
    #[test]
    fn a_larger_payment_pays_no_less_and_clears_no_less_where_no_discount_is_given_up(
        debts in prop::collection::vec((100_i64..10_000, 0_i32..30), 1..8), offers in prop::collection::vec(offers(), 8), paid in paid(),
        more in prop_oneof![1_i64..5, 1_i64..2_000], named in prop::option::of(prop::collection::vec(prop::bool::weighted(0.7), 8)),
        order in prop::option::weighted(0.8, prop::sample::select(&ORDERED[..])), discount in discounts(), tolerance in tolerances(),
        partial in prop::sample::select(ShortPayment::ALL), (items, work) in (1_u32..7, prop_oneof![Just(100_000_u64), 1_u64..40]),
    ) {
        // Where a discount is for exact payments alone and nothing is paid in part, a cent more pays nothing.
        let exact = discount.as_ref().is_some_and(|discount| discount.when == DiscountWhen::Exact);
        let partial = if exact && partial == ShortPayment::Refused { ShortPayment::Allowed } else { partial };
        let strategies = match (&named, order) {
            (None, order) => vec![order.unwrap_or(SettlementStrategy::OldestDue)],
            (Some(_), order) => [Some(SettlementStrategy::Reference), order].into_iter().flatten().collect(),
        };
        let search = SearchPolicy { items, work, ..SearchPolicy::default() };
        let policy = SettlementPolicy { strategies, discount, tolerance, partial, search, ..SettlementPolicy::default() };
        let is_named = |at: usize| named.as_ref().is_none_or(|named| named[at]);
        let meant: Vec<usize> = (0..debts.len()).filter(|at| is_named(*at)).collect();
        let first = paid.cents(&debts, &offers, &meant);
        let cleared = |cents: i64| {
            let mut facts = facts_of(&debts, &[cents], &offers);
            if named.is_some() {
                let names: Vec<String> = meant.iter().map(|at| format!("I{at}")).collect();
                facts.documents.last_mut().unwrap().reference = Some(names.join(" "));
            }
            let ledger = Ledger::load(Settings::default(), &facts.tables()).unwrap();
            let proof = ledger.as_of(day(5)).settle(&policy).unwrap().proof().remove(0);
            (proof.applied, proof.claims - proof.open - proof.residual, proof.discount + proof.discount_tax)
        };
        let ((paid, gone, taken), (paid_more, gone_more, _)) = (cleared(first), cleared(first + more));
        let within = policy.tolerance.as_ref().is_some_and(|held| held.first == ToleranceFirst::Discount);
        if !within {
            prop_assert!(paid_more >= paid, "{} after {} by {}", paid_more, paid, first);
        }
        if policy.tolerance.is_none() {
            prop_assert!(gone_more + taken >= gone, "{} and {} after {} by {}", gone_more, taken, gone, first);
        }
        let single = offers.iter().all(|of| of.len() < 2);
        if policy.discount.as_ref().is_none_or(|discount| single && discount.when == DiscountWhen::Usable) {
            prop_assert!(gone_more >= gone, "{} after {} by {}", gone_more, gone, first);
        }
    }
}

/// Discounts that are offered on an invoice, in tenths of a percent.
fn offers() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(prop_oneof![1_i64..100, Just(20), Just(30)], 0..3)
}

/// What a payment is made of: any amount, or what invoices cost, each in full or less one of its discounts, and a little more.
#[derive(Debug, Clone)]
struct Paid {
    any: Option<i64>,
    which: Vec<usize>,
    more: i64,
}

fn paid() -> impl Strategy<Value = Paid> {
    let parts = (prop::option::weighted(0.2, 1_i64..20_000), prop::collection::vec(0_usize..4, 8), 0_i64..2);
    parts.prop_map(|(any, which, more)| Paid { any, which, more })
}

impl Paid {
    fn cents(&self, debts: &[(i64, i32)], offers: &[Vec<i64>], meant: &[usize]) -> i64 {
        let price = |at: &usize| {
            let (cents, _) = debts[*at];
            let offer = offers[*at].get(self.which[*at]).copied().unwrap_or(0);
            cents - (cents * offer + 500) / 1_000
        };
        self.any.unwrap_or_else(|| meant.iter().map(price).sum::<i64>() + self.more).max(1)
    }
}

const ORDERED: [SettlementStrategy; 5] = [
    SettlementStrategy::OldestDue,
    SettlementStrategy::NewestDue,
    SettlementStrategy::OldestDocument,
    SettlementStrategy::NewestDocument,
    SettlementStrategy::LargestFirst,
];

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

#[test]
fn the_share_that_is_matched_is_what_the_proof_says_of_what_was_received() {
    let share = |debts: &[(i64, i32)], payments: &[i64]| {
        let policy = SettlementPolicy::default();
        let proof = ledger_of(debts, payments).as_of(day(40)).settle(&policy).unwrap().proof();
        proof.first().and_then(|row| row.matched_share.clone())
    };
    assert_eq!(share(&[(10_000, 0)], &[10_000, 2_000]).as_deref(), Some("83.33"));
    assert_eq!(share(&[(10_000, 0), (2_000, 0)], &[10_000, 2_000]).as_deref(), Some("100.00"));
    assert_eq!(share(&[(10_000, 0)], &[]), None);
}

/// A ledger of these invoices, and payments of the next day.
fn ledger_of(debts: &[(i64, i32)], payments: &[i64]) -> Ledger {
    Ledger::load(Settings::default(), &facts_of(debts, payments, &[]).tables()).unwrap()
}

/// The same as facts, with discounts of each invoice, in tenths of a percent.
fn facts_of(debts: &[(i64, i32)], payments: &[i64], offers: &[Vec<i64>]) -> Facts {
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
            ..of_customer()
        });
    }
    for (at, tenths) in
        offers.iter().enumerate().take(debts.len()).flat_map(|(at, of)| of.iter().map(move |of| (at, *of)))
    {
        let percent = Some(Decimal::new(tenths, 1));
        facts.discounts.push(Discount { document: format!("I{at}"), until: date(10), percent, ..Discount::default() });
    }
    facts
}

/// What oldest due first pays of each invoice.
fn settled(debts: &[(i64, i32)], payments: &[i64]) -> BTreeMap<String, Decimal> {
    let policy = SettlementPolicy { strategies: vec![SettlementStrategy::OldestDue], ..SettlementPolicy::default() };
    let mut paid = BTreeMap::new();
    for line in ledger_of(debts, payments).as_of(day(5)).settle(&policy).unwrap().lines() {
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
