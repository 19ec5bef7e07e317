//! Terms: a later document is never due earlier, and the parts of a document are the document.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that goes wrong may panic"
)]

use ar_core::calendar::{BusinessCalendar, Day, Roll, Weekday};
use ar_core::money::{Currencies, Currency, Exact, Ratio, Rounding};
use ar_core::terms::{
    BaseSplit, CompiledTerms, CutoffBand, DayOfMonth, DiscountTier, DueStep, Every, InstalmentRule, NextDate, Residue,
    Share, Start, Terms, explain, schedule,
};
use proptest::prelude::*;

fn currency(code: &str) -> Currency {
    Currencies::iso().find(code).unwrap()
}

/// Days that lean on month ends and leap days.
fn day() -> impl Strategy<Value = Day> {
    prop_oneof![
        3 => (2019_i32..2030, 0_i32..12, -2_i32..=2)
            .prop_map(|(year, month, off)| Day::in_month(year * 12 + month, 31).unwrap().plus_days(off).unwrap()),
        2 => (17_500_i32..22_000).prop_map(|number| Day::new(number).unwrap()),
    ]
}

fn of_month() -> impl Strategy<Value = u32> {
    prop_oneof![1_u32..=31, 28_u32..=31]
}

/// Bands that are well-formed: rising, and the last not past the first of a month later.
fn bands() -> impl Strategy<Value = Vec<CutoffBand>> {
    (
        prop::collection::btree_set(1_u32..31, 0..3),
        prop::collection::vec((0_i32..31, 0_u32..10), 4),
        -1_i32..3,
        of_month(),
    )
        .prop_map(|(cuts, moves, months, first)| {
            let mut position = months * 31 + first.cast_signed() - 1;
            let most = position + 31;
            let mut bands = Vec::new();
            for (up_to, (by, _)) in cuts.into_iter().chain([31]).zip(moves) {
                bands.push(CutoffBand {
                    up_to,
                    day: position.rem_euclid(31).cast_unsigned() + 1,
                    months: position.div_euclid(31),
                });
                position = (position + by).min(most);
            }
            bands
        })
}

fn step() -> impl Strategy<Value = DueStep> {
    prop_oneof![
        (-40_i32..100).prop_map(DueStep::Days),
        (1_i32..15).prop_map(DueStep::BusinessDays),
        (-3_i32..14).prop_map(DueStep::Months),
        (-1_i32..4).prop_map(DueStep::EndOfMonth),
        (-1_i32..3).prop_map(DueStep::EndOfQuarter),
        (of_month(), -1_i32..4).prop_map(|(day, months)| DueStep::DayOfMonth(DayOfMonth { day, months })),
        bands().prop_map(DueStep::Cutoff),
        prop::collection::btree_set(of_month(), 1..4).prop_map(|days| DueStep::PaymentDays(days.into_iter().collect())),
        prop_oneof![Just(Weekday::Monday), Just(Weekday::Friday), Just(Weekday::Sunday)].prop_map(DueStep::Weekday),
        (1_u32..=12, 1_u32..=28).prop_map(|(month, day)| DueStep::NextDate(NextDate { month, day })),
        Just(DueStep::NextDate(NextDate { month: 2, day: 29 })),
        day().prop_map(DueStep::Date),
    ]
}

fn steps() -> impl Strategy<Value = Vec<DueStep>> {
    prop::collection::vec(step(), 0..4)
}

fn roll() -> impl Strategy<Value = Roll> {
    prop_oneof![
        2 => Just(Roll::None),
        1 => Just(Roll::Following),
        1 => Just(Roll::Preceding),
        1 => Just(Roll::ModifiedFollowing),
        1 => Just(Roll::ModifiedPreceding),
    ]
}

fn rounding() -> impl Strategy<Value = Rounding> {
    prop_oneof![
        Just(Rounding::HalfAwayFromZero),
        Just(Rounding::HalfTowardZero),
        Just(Rounding::HalfEven),
        Just(Rounding::HalfCeiling),
        Just(Rounding::HalfFloor),
        Just(Rounding::Up),
        Just(Rounding::Down),
        Just(Rounding::Ceiling),
        Just(Rounding::Floor),
    ]
}

fn line(share: Share) -> InstalmentRule {
    InstalmentRule { share, due: Vec::new(), repeat: 1, every: None }
}

/// Lines that close: percentages of a hundred, weights, or anything with a remainder.
fn lines() -> impl Strategy<Value = Vec<InstalmentRule>> {
    let percents = prop::collection::btree_set(1_i128..10_000, 0..5).prop_map(|cuts| {
        let ends: Vec<i128> = cuts.into_iter().chain([10_000]).collect();
        let starts = [0].into_iter().chain(ends.clone());
        starts.zip(ends.clone()).map(|(from, to)| line(Share::Percent(Ratio::new(to - from, 100).unwrap()))).collect()
    });
    let equal = (2_u32..13, 1_i32..4).prop_map(|(count, months)| {
        let share = Share::Percent(Ratio::new(100, i128::from(count)).unwrap());
        vec![InstalmentRule { repeat: count, every: Some(Every::Months(months)), ..line(share) }]
    });
    let percent = prop_oneof![
        (1_i128..=10_000).prop_map(|units| Ratio::new(units, 100).unwrap()),
        Just(Ratio::new(100, 3).unwrap())
    ];
    let share = prop_oneof![
        percent.clone().prop_map(Share::Percent),
        percent.prop_map(Share::PercentOfRest),
        (1_i64..100_000).prop_map(|minor| Share::Fixed(Exact::from_minor(minor, 2))),
    ];
    let weight = prop_oneof![1_u32..5, any::<u32>().prop_map(|weight| weight.max(1))];
    let closing = prop_oneof![
        Just(vec![line(Share::Remainder)]),
        prop::collection::vec(weight.prop_map(|weight| line(Share::Weight(weight))), 1..4),
    ];
    let mixed = (prop::collection::vec(share.prop_map(line), 0..4), closing, any::<bool>()).prop_map(
        |(mut first, mut last, turned)| {
            if turned {
                last.append(&mut first);
                return last;
            }
            first.append(&mut last);
            first
        },
    );
    prop_oneof![percents, equal, mixed]
}

prop_compose! {
    fn terms()(
        due in steps(), roll in roll(), holidays in prop::collection::vec(day(), 0..20), lines in prop_oneof![1 => Just(vec![]), 4 => lines()],
        own in prop::collection::vec(steps(), 12), previous in any::<bool>(), rounding in rounding(), last in any::<bool>(),
        place in prop_oneof![4 => Just(None), 1 => Just(Some("0.05")), 1 => Just(Some("1")), 1 => Just(Some("0.001"))], by_share in any::<bool>(),
    ) -> Terms {
        let repeated = lines.iter().any(|line| line.repeat > 1);
        Terms {
            due,
            roll,
            calendar: BusinessCalendar { holidays, ..BusinessCalendar::default() },
            instalments: lines.into_iter().zip(own).map(|(line, due)| InstalmentRule { due, ..line }).collect(),
            start: if previous && !repeated { Start::Previous } else { Start::Document },
            rounding,
            place: place.map(|place| Exact::parse(place).unwrap()),
            residue: if last { Residue::Last } else { Residue::LargestRemainder },
            base: if by_share { BaseSplit::ByShare } else { BaseSplit::ByAmount },
            ..Terms::default()
        }
    }
}

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => -20_i64..=20,
        1 => Just(0),
        3 => -1_000_000_i64..=1_000_000,
        1 => any::<i64>().prop_map(|amount| amount.max(-i64::MAX)),
        1 => Just(i64::MAX),
        1 => Just(-i64::MAX),
    ]
}

fn compiled(terms: &Terms) -> CompiledTerms {
    terms.compile().unwrap()
}

/// At least so many cases of each property; more by PROPTEST_CASES.
fn depth() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.max(1_000), ..usual }
}

proptest! {
    #![proptest_config(depth())]

    #[test]
    fn a_later_document_is_never_due_earlier(terms in terms(), day in day(), later in 0_i32..70) {
        let terms = compiled(&terms);
        let next = day.plus_days(later).unwrap();
        prop_assert!(terms.due_date(day).unwrap() <= terms.due_date(next).unwrap());
        // With amounts that leave no line out, line by line.
        let euro = currency("EUR");
        let dues = |day| -> Vec<Day> {
            terms.schedule(day, i64::MAX, euro, None).unwrap().iter().map(|part| part.due_date).collect()
        };
        for (first, second) in dues(day).into_iter().zip(dues(next)) {
            prop_assert!(first <= second);
        }
    }

    #[test]
    fn each_step_alone_keeps_the_order_of_days(step in step(), day in day()) {
        let terms = compiled(&Terms { due: vec![step.clone()], ..Terms::default() });
        prop_assert!(terms.due_date(day).unwrap() <= terms.due_date(day.plus_days(1).unwrap()).unwrap(), "{step:?}");
    }

    #[test]
    fn month_ends_land_on_month_ends(day in day(), months in -20_i32..20) {
        let due = compiled(&Terms { due: vec![DueStep::EndOfMonth(months)], ..Terms::default() }).due_date(day).unwrap();
        prop_assert_eq!(due, due.end_of_month());
        prop_assert_eq!(due.month_index(), day.month_index() + months);
        let quarter = compiled(&Terms { due: vec![DueStep::EndOfQuarter(0)], ..Terms::default() }).due_date(day).unwrap();
        prop_assert_eq!(quarter, quarter.end_of_month());
        prop_assert!(quarter >= day && quarter.month_index() - day.month_index() < 3 && quarter.ymd().1.is_multiple_of(3));
    }

    #[test]
    fn months_after_months_are_the_months_of_both(day in day(), first in -5_i32..20, second in -5_i32..20) {
        let both = Terms { due: vec![DueStep::Months(first), DueStep::Months(second)], ..Terms::default() };
        prop_assert_eq!(compiled(&both).due_date(day).ok(), day.plus_months(first + second));
    }

    #[test]
    fn days_alone_do_not_mind_a_shift(days in -400_i32..400, day in day(), shift in -400_i32..400) {
        let terms = compiled(&Terms::net_days(days));
        let shifted = terms.due_date(day.plus_days(shift).unwrap()).unwrap();
        prop_assert_eq!(Some(shifted), terms.due_date(day).unwrap().plus_days(shift));
    }

    #[test]
    fn a_due_date_that_rolls_is_a_business_day(terms in terms(), day in day()) {
        let calendar = terms.calendar.compile().unwrap();
        let due = compiled(&terms).due_date(day).unwrap();
        prop_assert!(terms.roll == Roll::None || calendar.is_business_day(due));
    }

    #[test]
    fn the_parts_add_up_to_the_document_in_both_currencies(terms in terms(), day in day(), amount in amount(), base in amount()) {
        let base = if (base < 0) == (amount < 0) { base } else { -base };
        let parts = compiled(&terms).schedule(day, amount, currency("USD"), Some(base)).unwrap();
        prop_assert!(!parts.is_empty());
        let sum: i128 = parts.iter().map(|part| i128::from(part.amount)).sum();
        let base_sum: i128 = parts.iter().map(|part| i128::from(part.base_amount.unwrap())).sum();
        prop_assert_eq!(sum, i128::from(amount));
        prop_assert_eq!(base_sum, i128::from(base));
        for (index, part) in parts.iter().enumerate() {
            prop_assert!(part.amount.signum() * amount.signum() >= 0);
            prop_assert!(part.base_amount.unwrap().signum() * base.signum() >= 0);
            prop_assert!(parts.len() == 1 || part.amount != 0 || part.base_amount != Some(0));
            let number = if terms.instalments.is_empty() { 0 } else { index + 1 };
            prop_assert_eq!(part.number as usize, number);
        }
    }

    #[test]
    fn a_credit_note_is_divided_as_its_invoice(terms in terms(), day in day(), amount in 0_i64..=i64::MAX) {
        let terms = compiled(&terms);
        let euro = currency("EUR");
        let invoice = terms.schedule(day, amount, euro, None).unwrap();
        let credit = terms.schedule(day, -amount, euro, None).unwrap();
        prop_assert_eq!(invoice.len(), credit.len());
        for (left, right) in invoice.iter().zip(&credit) {
            prop_assert_eq!((left.due_date, left.amount), (right.due_date, -right.amount));
        }
    }

    #[test]
    fn with_the_largest_remainder_each_share_is_within_one_unit(lines in lines(), day in day(), amount in 0_i64..1_000_000_000) {
        let terms = Terms { instalments: lines, ..Terms::default() };
        let reasons = compiled(&terms).explain(day, amount, currency("EUR"), None).unwrap();
        for reason in reasons {
            let Some(share) = reason.amount.share else { continue };
            let exact = i128::from(reason.amount.of) * share.numerator();
            let off = (i128::from(reason.instalment.amount) * share.denominator() - exact).abs();
            // A percentage that found less than its part left is cut, never raised.
            let cut = i128::from(reason.instalment.amount) * share.denominator() < exact;
            prop_assert!(off < share.denominator() || cut);
        }
    }

    #[test]
    fn reasons_are_told_of_the_same_figures_and_their_steps_join(terms in terms(), day in day(), amount in amount()) {
        let (terms, euro) = (compiled(&terms), currency("EUR"));
        let parts = terms.schedule(day, amount, euro, Some(amount)).unwrap();
        let reasons = terms.explain(day, amount, euro, Some(amount)).unwrap();
        prop_assert_eq!(parts.len(), reasons.len());
        for (part, reason) in parts.iter().zip(&reasons) {
            prop_assert_eq!(*part, reason.instalment);
            for pair in reason.dates.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
            }
            if let Some(last) = reason.dates.last() {
                prop_assert_eq!(last.to, part.due_date);
            }
            if terms.terms().start == Start::Document {
                prop_assert_eq!(reason.dates.first().map_or(part.due_date, |first| first.from), day);
            }
        }
    }

    #[test]
    fn terms_are_read_back_as_they_were_written(terms in terms()) {
        let json = serde_json::to_string(&terms).unwrap();
        prop_assert_eq!(Terms::from_json(&json).unwrap(), terms);
    }

    #[test]
    fn compiled_terms_of_any_shape_answer_or_refuse(terms in terms(), number in Day::MIN.number()..=Day::MAX.number(), amount in any::<i64>(), base in any::<i64>()) {
        let day = Day::new(number).unwrap();
        let _ = compiled(&terms).explain(day, amount, currency("CLF"), Some(base));
        let _ = compiled(&terms).due_date(day);
    }

    #[test]
    fn any_json_is_terms_or_refused(text in "\\PC{0,60}", key in "(due|instalments|roll|place|version|calendar|x)", value in "(1|\"2\"|null|\\[\\]|\\{\\}|-5|1.5|\\[\\{\"days\":1\\}\\])") {
        let _ = Terms::from_json(&text).map(|terms| terms.compile());
        let _ = Terms::from_json(&format!("{{\"{key}\":{value}}}")).map(|terms| terms.compile());
    }
}

/// A single wrong field, and the path that must be told.
#[test]
fn each_wrong_field_is_told_by_its_path() {
    let invalid = |terms: Terms| {
        let error = terms.compile().unwrap_err();
        assert_eq!(error.code(), "policy_invalid", "{error}");
        assert!(!error.to_string().contains('\n'));
        error.field().to_owned()
    };
    let due = |step: DueStep| Terms { due: vec![DueStep::Days(0), step], ..Terms::default() };
    let with = |line: InstalmentRule| Terms { instalments: vec![line], ..Terms::default() };
    let band = |up_to, day, months| CutoffBand { up_to, day, months };
    let ratio = |numerator, denominator| Ratio::new(numerator, denominator).unwrap();
    for (terms, path) in [
        (Terms { currency: Some("no currency".to_owned()), ..Terms::default() }, "currency"),
        (Terms { due: vec![DueStep::Days(1); 17], ..Terms::default() }, "due"),
        (due(DueStep::Days(-36_526)), "due[1].days"),
        (due(DueStep::BusinessDays(0)), "due[1].business_days"),
        (due(DueStep::BusinessDays(2_601)), "due[1].business_days"),
        (due(DueStep::Months(1_201)), "due[1].months"),
        (due(DueStep::EndOfMonth(-1_201)), "due[1].end_of_month"),
        (due(DueStep::EndOfQuarter(401)), "due[1].end_of_quarter"),
        (due(DueStep::DayOfMonth(DayOfMonth { day: 0, months: 0 })), "due[1].day_of_month.day"),
        (due(DueStep::DayOfMonth(DayOfMonth { day: 1, months: 1_201 })), "due[1].day_of_month.months"),
        (due(DueStep::PaymentDays(vec![])), "due[1].payment_days"),
        (due(DueStep::PaymentDays(vec![5, 5])), "due[1].payment_days"),
        (due(DueStep::PaymentDays(vec![32])), "due[1].payment_days"),
        (due(DueStep::NextDate(NextDate { month: 13, day: 1 })), "due[1].next_date.month"),
        (due(DueStep::NextDate(NextDate { month: 4, day: 31 })), "due[1].next_date.day"),
        (due(DueStep::Cutoff(vec![])), "due[1].cutoff"),
        (due(DueStep::Cutoff(vec![band(30, 1, 0)])), "due[1].cutoff"),
        (due(DueStep::Cutoff(vec![band(0, 1, 0)])), "due[1].cutoff[0].up_to"),
        (due(DueStep::Cutoff(vec![band(31, 32, 0)])), "due[1].cutoff[0].day"),
        (due(DueStep::Cutoff(vec![band(31, 1, 1_201)])), "due[1].cutoff[0].months"),
        (due(DueStep::Cutoff(vec![band(31, 1, 0), band(31, 1, 1)])), "due[1].cutoff"),
        (due(DueStep::Cutoff(vec![band(10, 2, 1), band(31, 1, 1)])), "due[1].cutoff"),
        (due(DueStep::Cutoff(vec![band(10, 5, 0), band(31, 6, 1)])), "due[1].cutoff"),
        (with(line(Share::Percent(ratio(101, 1)))), "instalments[0].share.percent"),
        (with(line(Share::Percent(ratio(-1, 1)))), "instalments[0].share.percent"),
        (with(line(Share::Percent(ratio(1, 1_000_000_000_000_001)))), "instalments[0].share.percent"),
        (with(line(Share::PercentOfRest(ratio(0, 1)))), "instalments[0].share.percent_of_rest"),
        (with(line(Share::Fixed(Exact::from_integer(-1)))), "instalments[0].share.fixed"),
        (with(line(Share::Weight(0))), "instalments[0].share.weight"),
        (with(line(Share::Fixed(Exact::from_integer(1)))), "instalments"),
        (with(line(Share::Percent(ratio(50, 1)))), "instalments"),
        (
            with(InstalmentRule { due: vec![DueStep::Months(9_999)], ..line(Share::Remainder) }),
            "instalments[0].due[0].months",
        ),
        (with(InstalmentRule { repeat: 0, ..line(Share::Weight(1)) }), "instalments[0].repeat"),
        (with(InstalmentRule { repeat: 1_201, ..line(Share::Weight(1)) }), "instalments[0].repeat"),
        (with(InstalmentRule { repeat: 2, ..line(Share::Weight(1)) }), "instalments[0].every"),
        (
            with(InstalmentRule { repeat: 2, every: Some(Every::Months(121)), ..line(Share::Weight(1)) }),
            "instalments[0].every",
        ),
        (
            with(InstalmentRule { repeat: 2, every: Some(Every::Days(0)), ..line(Share::Weight(1)) }),
            "instalments[0].every",
        ),
        (with(InstalmentRule { repeat: 2, every: Some(Every::Days(1)), ..line(Share::Remainder) }), "instalments"),
        (Terms { instalments: vec![line(Share::Remainder); 101], ..Terms::default() }, "instalments"),
        (
            Terms {
                instalments: vec![
                    InstalmentRule {
                        repeat: 1_200,
                        every: Some(Every::Days(1)),
                        ..line(Share::Weight(1))
                    };
                    2
                ],
                ..Terms::default()
            },
            "instalments",
        ),
        (Terms { place: Some(Exact::ZERO), ..Terms::default() }, "place"),
        (
            Terms { discounts: vec![DiscountTier { percent: ratio(0, 1), due: vec![] }], ..Terms::default() },
            "discounts[0].percent",
        ),
        (
            Terms {
                discounts: vec![DiscountTier { percent: ratio(2, 1), due: vec![DueStep::BusinessDays(0)] }],
                ..Terms::default()
            },
            "discounts[0].due[0].business_days",
        ),
    ] {
        assert_eq!(invalid(terms), path);
    }
    assert_eq!(Terms { version: 0, ..Terms::default() }.compile().unwrap_err().code(), "unsupported_version");
}

#[test]
fn the_largest_repetition_and_the_longest_list_are_taken() {
    let line = InstalmentRule { repeat: 1_200, every: Some(Every::Months(1)), ..line(Share::Weight(u32::MAX)) };
    let terms = compiled(&Terms { due: vec![DueStep::Days(1); 16], instalments: vec![line], ..Terms::default() });
    let parts = terms.schedule(Day::from_ymd(2024, 1, 15).unwrap(), i64::MAX, currency("JPY"), None).unwrap();
    assert_eq!(parts.len(), 1_200);
    assert_eq!(parts[1_199].due_date.to_string(), "2123-12-31");
    assert_eq!(parts.iter().map(|part| i128::from(part.amount)).sum::<i128>(), i128::from(i64::MAX));
}

#[test]
fn a_document_that_does_not_fit_is_refused_by_name() {
    let (euro, yen) = (currency("EUR"), currency("JPY"));
    let day = Day::from_ymd(2024, 1, 31).unwrap();
    let refused = |terms: &Terms, amount: &str, currency, base: Option<(&str, Currency)>| {
        let base = base.map(|(text, currency)| (Exact::parse(text).unwrap(), currency));
        let error = schedule(terms, day, Exact::parse(amount).unwrap(), currency, base).unwrap_err();
        assert_eq!(explain(terms, day, Exact::parse(amount).unwrap(), currency, base).unwrap_err(), error);
        (error.code(), error.field().to_owned())
    };
    let plain = Terms::default();
    assert_eq!(refused(&plain, "0.001", euro, None), ("too_many_digits", "amount".to_owned()));
    assert_eq!(refused(&plain, "9223372036854775808", yen, None), ("too_large", "amount".to_owned()));
    assert_eq!(refused(&plain, "0.001", euro, Some(("0.5", yen))), ("too_many_digits", "base_amount".to_owned()));
    let dollars = Terms { currency: Some("USD".to_owned()), ..Terms::default() };
    assert_eq!(refused(&dollars, "1", euro, None), ("policy_invalid", "currency".to_owned()));
    let fixed = Terms {
        instalments: vec![line(Share::Fixed(Exact::parse("0.5").unwrap())), line(Share::Remainder)],
        ..Terms::default()
    };
    assert_eq!(refused(&fixed, "1", yen, None), ("too_many_digits", "instalments[0].share.fixed".to_owned()));
    let place = Terms {
        place: Some(Exact::parse("2.5").unwrap()),
        instalments: vec![line(Share::Remainder)],
        ..Terms::default()
    };
    assert_eq!(refused(&place, "1", yen, None), ("too_many_digits", "place".to_owned()));
    let late = Terms { due: vec![DueStep::Date(Day::MAX), DueStep::Days(1)], ..Terms::default() };
    assert_eq!(refused(&late, "1", euro, None), ("impossible_date", "document_date".to_owned()));
    assert_eq!(compiled(&plain).schedule(day, i64::MIN, euro, None).map(|parts| parts[0].amount), Ok(i64::MIN));
    let halves = Terms { instalments: vec![line(Share::Weight(1)), line(Share::Weight(1))], ..Terms::default() };
    assert_eq!(compiled(&halves).schedule(day, i64::MIN, euro, None).unwrap_err().code(), "too_large");
}

#[test]
fn the_generators_reach_every_kind_often_enough() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeMap::<&str, u32>::new();
    let strategy = (terms(), amount());
    for _ in 0..1_000 {
        let (terms, amount) = strategy.new_tree(&mut runner).unwrap().current();
        let mut kinds = std::collections::BTreeSet::new();
        for step in terms.due.iter().chain(terms.instalments.iter().flat_map(|line| &line.due)) {
            kinds.insert(match step {
                DueStep::Days(_) => "days",
                DueStep::BusinessDays(_) => "business days",
                DueStep::Months(_) => "months",
                DueStep::EndOfMonth(_) => "end of month",
                DueStep::EndOfQuarter(_) => "end of quarter",
                DueStep::DayOfMonth(_) => "day of month",
                DueStep::Cutoff(bands) if bands.len() > 1 => "several bands",
                DueStep::Cutoff(_) => "one band",
                DueStep::PaymentDays(_) => "payment days",
                DueStep::Weekday(_) => "weekday",
                DueStep::NextDate(_) => "next date",
                DueStep::Date(_) => "date",
            });
        }
        for line in &terms.instalments {
            kinds.insert(match line.share {
                Share::Percent(_) => "percent",
                Share::PercentOfRest(_) => "percent of rest",
                Share::Fixed(_) => "fixed",
                Share::Weight(_) => "weight",
                Share::Remainder => "remainder",
            });
            if line.repeat > 1 {
                kinds.insert("repeated");
            }
        }
        kinds.insert(if terms.instalments.is_empty() { "whole" } else { "divided" });
        kinds.insert(match amount {
            0 => "nothing",
            i64::MAX | -9_223_372_036_854_775_807 => "the largest",
            1.. => "invoice",
            _ => "credit",
        });
        if terms.start == Start::Previous {
            kinds.insert("from the previous");
        }
        if terms.place.is_some() {
            kinds.insert("place");
        }
        for kind in kinds {
            *seen.entry(kind).or_default() += 1;
        }
    }
    assert_eq!(seen.len(), 26, "{seen:?}");
    assert!(seen.values().all(|count| *count >= 10), "{seen:?}");
}
