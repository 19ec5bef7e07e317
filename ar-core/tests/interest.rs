//! Interest: periods add up, days and balances only raise it, and every figure re-adds from its segments.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that goes wrong may panic"
)]

#[allow(dead_code, reason = "other tests ask for more of a world")]
mod common;

use ar_core::calendar::{Day, DayCount};
use ar_core::interest::{
    Accrued, CompiledInterest, Compounding, DatedRate, Debt, Grace, InScope, InterestBasis, InterestPolicy,
    InterestQuestion, MinimumPer, Outcome, RatePer, ReferencePeriods, ReferenceRate, ReferenceRule, Rounded,
};
use ar_core::ledger::DocumentKind;
use ar_core::money::{Exact, Minor, Rounding};
use common::{day, world};
use proptest::prelude::*;
use rust_decimal::Decimal;

const COUNTS: [DayCount; 7] = [
    DayCount::Actual365Fixed,
    DayCount::Actual360,
    DayCount::ActualActualIsda,
    DayCount::Thirty360Bond,
    DayCount::Thirty360Us,
    DayCount::ThirtyE360,
    DayCount::Thirty360German,
];

fn rates() -> impl Strategy<Value = Vec<DatedRate>> {
    (prop::collection::vec((1_i32..200, 0_i128..20_000_000), 0..4), 0_i128..20_000_000).prop_map(|(more, first)| {
        let mut at = -4_000;
        let mut all = vec![DatedRate { from: day(at), percent: Exact::new(first, 6) }];
        for (later, percent) in more {
            at = if at < -300 { later - 100 } else { at + later };
            all.push(DatedRate { from: day(at), percent: Exact::new(percent, 6) });
        }
        all
    })
}

/// Any policy on the daily balance.
fn policies() -> impl Strategy<Value = InterestPolicy> {
    let rules = vec![ReferenceRule::Floating, ReferenceRule::Locked];
    let periods = vec![ReferencePeriods::AsListed, ReferencePeriods::HalfYear, ReferencePeriods::HalfYearBefore];
    let rounded = vec![Rounded::Once, Rounded::PerSegment, Rounded::PerDay];
    let reference = prop::option::of((prop::sample::select(rules), prop::sample::select(periods)));
    let how = (prop::sample::select(rounded), any::<bool>(), prop::option::of(1_u32..60));
    let grace = (0_u32..40, prop::sample::select(vec![Grace::Threshold, Grace::Free]));
    (rates(), reference, prop::sample::select(&COUNTS[..]), how, grace).prop_map(
        |(rates, reference, day_count, (rounded, compounds, days), (grace_days, grace))| {
            let reference = reference.map(|(rule, periods)| ReferenceRate {
                rates: rates.clone(),
                margin: Exact::from_integer(2),
                rule,
                periods,
            });
            let compounds = compounds && matches!(day_count, DayCount::Actual360 | DayCount::Actual365Fixed);
            InterestPolicy {
                rates: if reference.is_some() { Vec::new() } else { rates },
                reference,
                day_count,
                per: days.map_or(RatePer::Year, RatePer::Days),
                rounded: if compounds { Rounded::Once } else { rounded },
                compounding: if compounds { Compounding::Monthly } else { Compounding::None },
                grace_days,
                grace,
                ..InterestPolicy::default()
            }
        },
    )
}

/// Balances that only fall, by day.
fn falling() -> impl Strategy<Value = Vec<(Day, Minor)>> {
    (1_i64..100_000_000, prop::collection::vec((0_i32..90, 0_i64..1_000), 0..5)).prop_map(|(first, more)| {
        let (mut at, mut left) = (-20, first);
        let mut all = vec![(day(at), left)];
        for (later, permille) in more {
            at += later + 1;
            left = left * permille / 1_000;
            all.push((day(at), left));
        }
        all
    })
}

fn accrue(policy: &CompiledInterest, balances: &[(Day, Minor)], charged: Option<i32>, until: i32) -> Accrued {
    let debt = Debt { due: day(0), balances, charged_until: charged.map(day), until: day(until) };
    policy.accrue(debt).unwrap()
}

proptest! {
    #[test]
    fn segments_re_add_follow_one_another_and_lie_within_the_days_of_interest(
        policy in policies(), balances in falling(), until in -5_i32..400, charged in prop::option::of(-5_i32..400),
    ) {
        let found = accrue(&policy.compile().unwrap(), &balances, charged, until);
        let sum: i64 = found.segments.iter().map(|segment| segment.amount).sum();
        prop_assert_eq!(sum, found.amount);
        prop_assert!(found.amount >= 0);
        for segment in &found.segments {
            prop_assert!(segment.from > day(charged.unwrap_or(0).max(0)) && segment.until <= day(until));
            prop_assert!(segment.from <= segment.until && segment.balance > 0);
        }
        for pair in found.segments.windows(2) {
            prop_assert!(pair[0].until < pair[1].from);
            let alike = pair[0].balance == pair[1].balance && pair[0].percent == pair[1].percent;
            prop_assert!(!alike || policy.compounding == Compounding::Monthly || pair[0].until.plus_days(1) != Some(pair[1].from));
        }
    }

    #[test]
    fn another_day_never_lowers_interest_and_an_earlier_payment_never_raises_it(
        policy in policies(), balances in falling(), until in -5_i32..400, which in 0_usize..5, earlier in 1_i32..30,
    ) {
        let compiled = policy.compile().unwrap();
        let found = accrue(&compiled, &balances, None, until);
        prop_assert!(accrue(&compiled, &balances, None, until + 1).amount >= found.amount);
        if let Some((paid, before)) = (which < balances.len() && which > 0).then(|| (balances[which], balances[which - 1])) {
            let sooner = Day::new(paid.0.number() - earlier).unwrap().max(before.0.plus_days(1).unwrap());
            let mut moved = balances.clone();
            moved[which].0 = sooner;
            // Where each segment is rounded, another cut of the days may round another way.
            let slack = if policy.rounded == Rounded::PerSegment { 2 } else { 0 };
            prop_assert!(accrue(&compiled, &moved, None, until).amount <= found.amount + slack);
        }
    }

    #[test]
    fn periods_that_follow_one_another_add_up_where_nothing_is_rounded(
        percents in prop::collection::vec(0_i128..30, 1..4), amounts in prop::collection::vec(0_i64..1_000, 1..4),
        until in 0_i32..400, cut in 0_i32..400,
    ) {
        // Whole per cents of multiples of 365.00 bear whole cents a day.
        let rates = percents.iter().zip(0..).map(|(percent, at)| DatedRate {
            from: day(if at == 0 { -4_000 } else { at * 70 }),
            percent: Exact::from_integer(*percent),
        });
        let policy = InterestPolicy { rates: rates.collect(), ..InterestPolicy::default() }.compile().unwrap();
        let balances: Vec<(Day, Minor)> =
            amounts.iter().zip(0..).map(|(amount, at)| (day(at * 55 - 10), amount * 36_500)).collect();
        let whole = accrue(&policy, &balances, None, until);
        let (first, second) = (accrue(&policy, &balances, None, cut.min(until)), accrue(&policy, &balances, Some(cut), until));
        prop_assert_eq!(first.amount + second.amount, whole.amount);
    }

    #[test]
    fn what_is_never_owed_bears_nothing(policy in policies(), until in -5_i32..400) {
        let found = accrue(&policy.compile().unwrap(), &[(day(-30), 0), (day(40), -5)], None, until);
        prop_assert_eq!((found.amount, found.outcome), (0, Outcome::NotLate));
        prop_assert_eq!(accrue(&policy.compile().unwrap(), &[], None, until).debt, 0);
    }

    #[test]
    fn grace_that_has_passed_costs_all_days_or_those_after_it(
        policy in policies(), balances in falling(), until in 0_i32..400,
    ) {
        let of = |grace_days, grace| {
            let policy = InterestPolicy { grace_days, grace, rounded: Rounded::Once, ..policy.clone() };
            accrue(&policy.compile().unwrap(), &balances, None, until)
        };
        let (none, passed, free) = (of(0, Grace::Threshold), of(10, Grace::Threshold), of(10, Grace::Free));
        if passed.outcome == Outcome::Accrued {
            prop_assert_eq!(passed.amount, none.amount);
        } else {
            prop_assert_eq!((passed.amount, free.amount), (0, 0));
        }
        prop_assert_eq!(of(0, Grace::Free), none);
    }

    #[test]
    fn interest_on_interest_is_never_less_and_the_same_for_thirty_days(
        rates in rates(), balances in falling(), until in 0_i32..400,
    ) {
        let of = |compounding| {
            let rounding = Rounding::Down;
            let policy =
                InterestPolicy { rates: rates.clone(), compounding, rounding, day_count: DayCount::Actual360, ..InterestPolicy::default() };
            accrue(&policy.compile().unwrap(), &balances, None, until)
        };
        let (simple, compound) = (of(Compounding::None), of(Compounding::Monthly));
        prop_assert!(compound.amount >= simple.amount);
        if until <= 30 {
            prop_assert_eq!(compound, simple);
        }
    }

    #[test]
    fn of_a_ledger_every_overdue_item_is_there_once_and_totals_re_add(
        world in world(14), closed in any::<bool>(), at in 0_i32..40, basis in 0_u8..3,
    ) {
        let policy = InterestPolicy {
            rates: vec![DatedRate { from: day(-4_000), percent: Exact::from_integer(9) }],
            basis: [InterestBasis::DailyBalance, InterestBasis::Outstanding, InterestBasis::BalanceDue][usize::from(basis)],
            closed: if closed { InScope::Included } else { InScope::Excluded },
            minimum_per: MinimumPer::Account,
            kinds: DocumentKind::ALL.to_vec(),
            ..InterestPolicy::default()
        }
        .compile()
        .unwrap();
        let on = day(at);
        let view = world.ledger().as_of(on);
        let report = view.explain_interest(&policy, &InterestQuestion::default()).unwrap();
        let overdue: Vec<(String, u32, Decimal)> = view
            .open_items()
            .into_iter()
            .filter(|item| item.open > Decimal::ZERO && item.due_date.is_some_and(|due| due < on.to_naive_date()))
            // An item above zero of a document below zero is a part of what that one leaves.
            .filter(|item| !["payment", "credit_note", "advance"].contains(&item.kind.as_str()))
            .map(|item| (item.document, item.instalment, item.open))
            .collect();
        let listed: Vec<(String, u32, Decimal)> = report
            .items
            .iter()
            .filter(|item| !item.open.is_zero())
            .map(|item| (item.document.clone(), item.instalment, item.open))
            .collect();
        prop_assert_eq!(listed, overdue);
        prop_assert!(closed || report.items.iter().all(|item| !item.open.is_zero()));
        for item in &report.items {
            let sum: Decimal = item.segments.iter().map(|segment| segment.interest).sum();
            prop_assert_eq!(sum, item.accrued);
            if basis == 0 && item.rule == "interest.accrued" && !item.open.is_zero() {
                prop_assert_eq!(item.until, Some(on.to_naive_date()));
            }
        }
        for total in &report.totals {
            let of = |item: &&ar_core::interest::InterestItem| item.currency == total.currency;
            let sum: Decimal = report.items.iter().filter(of).map(|item| item.interest).sum();
            prop_assert_eq!(sum, total.interest);
        }
    }
}
