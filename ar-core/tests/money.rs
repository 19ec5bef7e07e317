//! Money: nothing is made or lost at the border, by rounding, in a split or by a rate.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that goes wrong may panic"
)]

use ar_core::money::{
    Currencies, Exact, Ratio, Rounding, divide, format_minor, multiply_divide, ratio_text, split, to_decimal,
};
use proptest::prelude::*;
use rust_decimal::Decimal;

const MODES: [Rounding; 9] = [
    Rounding::HalfAwayFromZero,
    Rounding::HalfTowardZero,
    Rounding::HalfEven,
    Rounding::HalfCeiling,
    Rounding::HalfFloor,
    Rounding::Up,
    Rounding::Down,
    Rounding::Ceiling,
    Rounding::Floor,
];
/// Those that go to the nearest, and of these those that treat both signs alike.
const NEAREST: usize = 5;
const ODD: [Rounding; 5] =
    [Rounding::HalfAwayFromZero, Rounding::HalfTowardZero, Rounding::HalfEven, Rounding::Up, Rounding::Down];

/// Amounts that lean on the edges: around zero, around powers of two, the ends of the range.
fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => -12_i64..=12,
        3 => any::<i64>().prop_map(|amount| amount.max(-i64::MAX)),
        3 => (0_u32..63, -1_i64..=1, any::<bool>()).prop_map(|(power, off, negative)| {
            let amount = (1_i64 << power) + off;
            if negative { -amount } else { amount }
        }),
        2 => -1_000_000_i64..=1_000_000,
        1 => prop_oneof![Just(i64::MAX), Just(-i64::MAX)],
    ]
}

fn weight() -> impl Strategy<Value = u64> {
    prop_oneof![
        2 => Just(0_u64),
        4 => 1_u64..=4,
        2 => 1_u64..=1_000_000,
        1 => any::<u64>(),
        1 => Just(u64::MAX),
    ]
}

fn mode() -> impl Strategy<Value = Rounding> {
    (0..MODES.len()).prop_map(|index| MODES[index])
}

fn sum(parts: &[i64]) -> i128 {
    parts.iter().map(|part| i128::from(*part)).sum()
}

/// At least so many cases of each property; more by PROPTEST_CASES.
fn depth() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.max(2_000), ..usual }
}

proptest! {
    #![proptest_config(depth())]

    #[test]
    fn an_amount_is_read_back_as_it_was_written(minor in amount(), exponent in 0_u8..=8) {
        let text = format_minor(i128::from(minor), exponent);
        prop_assert_eq!(Exact::parse(&text).unwrap().to_minor(exponent), Ok(minor));
        let decimal = to_decimal(minor, exponent);
        prop_assert_eq!(decimal.to_string(), text);
        prop_assert_eq!(Exact::from_decimal(decimal).to_minor(exponent), Ok(minor));
        prop_assert_eq!(Exact::from_minor(minor, exponent).to_minor(exponent), Ok(minor));
    }

    #[test]
    fn a_digit_the_currency_has_not_is_refused_and_zeros_are_not(
        minor in amount(), exponent in 0_u8..8, digit in 1_u8..=9, zeros in 0_usize..6,
    ) {
        let mut text = format_minor(i128::from(minor), exponent);
        if exponent == 0 {
            text.push('.');
        }
        let padded = format!("{text}{}", "0".repeat(zeros + 1));
        prop_assert_eq!(Exact::parse(&padded).unwrap().to_minor(exponent), Ok(minor));
        let longer = format!("{text}{digit}");
        let refused = Exact::parse(&longer).unwrap().to_minor(exponent).unwrap_err();
        prop_assert_eq!(refused.code(), "too_many_digits");
    }

    #[test]
    fn any_text_is_read_or_refused_in_one_line(text in "\\PC{0,80}") {
        if let Err(error) = Exact::parse(&text) {
            let message = error.to_string();
            prop_assert!(!message.contains('\n'));
            prop_assert!(message.len() < 64 + 80);
        }
        let _ = Ratio::parse(&text);
        let _ = Currencies::iso().find(&text);
    }

    #[test]
    fn digits_and_points_are_read_exactly_or_refused_as_the_rule_says(text in "-?[0-9]{1,45}(\\.[0-9]{1,45})?", exponent in 0_u8..=8) {
        let (whole, fraction) = text.trim_start_matches('-').split_once('.').unwrap_or((&text, ""));
        let whole = whole.trim_start_matches('-').trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let answer = Exact::parse_minor(&text, exponent);
        // By the digits alone: too many after the point, else whether the number with them is at most i64::MAX.
        if fraction.len() > usize::from(exponent) {
            prop_assert_eq!(answer.unwrap_err().code(), "too_many_digits");
        } else {
            let digits = format!("{whole}{fraction}{}", "0".repeat(usize::from(exponent) - fraction.len()));
            let digits = digits.trim_start_matches('0');
            let largest = i64::MAX.to_string();
            if digits.len() > largest.len() || (digits.len() == largest.len() && digits > largest.as_str()) {
                prop_assert_eq!(answer.unwrap_err().code(), "too_large");
            } else {
                let magnitude: i64 = if digits.is_empty() { 0 } else { digits.parse().unwrap() };
                prop_assert_eq!(answer, Ok(if text.starts_with('-') { -magnitude } else { magnitude }));
            }
        }
    }

    #[test]
    fn every_decimal_passes_the_border_unchanged(mantissa in any::<i64>(), high in 0_i32..4, scale in 0_u32..=28) {
        let mantissa = i128::from(mantissa) * (1_i128 << (high * 8));
        let decimal = Decimal::from_i128_with_scale(mantissa, scale);
        prop_assert_eq!(Exact::parse(&decimal.to_string()), Ok(Exact::from_decimal(decimal)));
    }

    #[test]
    fn a_split_adds_up_and_each_part_is_within_one_unit_of_its_share(
        total in amount(), weights in prop::collection::vec(weight(), 0..12),
    ) {
        let all: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
        let Some(parts) = split(total, &weights) else {
            prop_assert_eq!(all, 0);
            return Ok(());
        };
        prop_assert!(all > 0);
        prop_assert_eq!(parts.len(), weights.len());
        prop_assert_eq!(sum(&parts), i128::from(total));
        for (part, weight) in parts.iter().zip(&weights) {
            prop_assert!(part.signum() * total.signum() >= 0, "no part has the opposite sign");
            prop_assert!(*weight > 0 || *part == 0, "zero weight gets zero");
            let whole = multiply_divide(i128::from(total).abs(), i128::from(*weight), i128::try_from(all).unwrap(), Rounding::Down).unwrap();
            let out = i128::from(*part).abs() - whole;
            prop_assert!(out == 0 || out == 1, "{part} of {total}");
            for (other, its) in parts.iter().zip(&weights) {
                prop_assert!(weight != its || part.abs_diff(*other) <= 1, "equal weights differ by at most one");
            }
        }
    }

    #[test]
    fn a_split_by_hand_outs_of_single_units_is_the_same(total in 0_i64..400, weights in prop::collection::vec(0_u64..6, 1..6)) {
        // Another way to the largest remainder: unit by unit, to whom its exact share is furthest ahead.
        let all: u64 = weights.iter().sum();
        prop_assume!(all > 0);
        let mut parts: Vec<i64> = weights.iter().map(|weight| total * *weight as i64 / all as i64).collect();
        let mut waiting: Vec<usize> = (0..weights.len()).collect();
        while parts.iter().sum::<i64>() < total {
            let ahead = |place: &usize| total * weights[*place] as i64 % all as i64;
            let best = waiting.iter().copied().max_by(|a, b| ahead(a).cmp(&ahead(b)).then(b.cmp(a))).unwrap();
            parts[best] += 1;
            waiting.retain(|place| *place != best);
        }
        prop_assert_eq!(split(total, &weights), Some(parts));
    }

    #[test]
    fn rounding_stays_within_half_a_unit_or_one_and_keeps_order_and_sign(
        a in any::<i64>(), b in any::<i64>(), divisor in prop_oneof![1_i64..=12, 1_i64..=i64::MAX], mode in mode(),
    ) {
        let nearest = MODES.iter().position(|other| *other == mode).unwrap() < NEAREST;
        let (a, b, divisor) = (i128::from(a), i128::from(b), i128::from(divisor));
        let round = |number: i128| divide(number, divisor, mode).unwrap();
        let off = (round(a) * divisor - a).abs();
        prop_assert!(off < divisor && (!nearest || off * 2 <= divisor));
        prop_assert_eq!(divide(round(a), 1, mode), Some(round(a)), "what is whole stays");
        prop_assert_eq!(divide(round(a) * divisor, divisor, mode), Some(round(a)), "what is rounded stays");
        prop_assert!(a > b || round(a) <= round(b), "order is kept");
        if ODD.contains(&mode) {
            prop_assert_eq!(round(-a), -round(a));
        }
        prop_assert_eq!(divide(-a, -divisor, mode), Some(round(a)));
    }

    #[test]
    fn a_wide_product_divides_as_a_narrow_one(amount in any::<i64>(), numerator in any::<i32>(), denominator in 1_i64.., shift in 64_u32..90, mode in mode()) {
        let narrow = divide(i128::from(amount) * i128::from(numerator), i128::from(denominator), mode);
        // The same ratio with both sides so wide that the product leaves 128 bits.
        let factor = 1_i128 << (shift - 30);
        prop_assume!(i128::from(denominator).checked_mul(factor).is_some());
        let wide = multiply_divide(i128::from(amount), i128::from(numerator) * factor, i128::from(denominator) * factor, mode);
        prop_assert_eq!(wide, narrow);
    }

    #[test]
    fn the_sum_of_many_amounts_is_exact_in_any_order(amounts in prop::collection::vec(amount(), 0..200)) {
        let forward: i128 = amounts.iter().map(|amount| i128::from(*amount)).sum();
        let backward: i128 = amounts.iter().rev().map(|amount| i128::from(*amount)).sum();
        prop_assert_eq!(forward, backward);
        let texts = amounts.iter().map(|amount| Exact::parse(&format_minor(i128::from(*amount), 2)).unwrap().to_minor(2).unwrap());
        prop_assert_eq!(texts.map(i128::from).sum::<i128>(), forward);
    }

    #[test]
    fn rate_one_is_the_identity_and_any_rate_is_at_most_half_a_unit_off(
        minor in amount(), from in 0_u8..=8, to in 0_u8..=8, units in 1_i64..10_000_000, scale in 0_u32..=12,
    ) {
        prop_assert_eq!(Ratio::ONE.apply(minor, from, from, Rounding::HalfAwayFromZero), Ok(minor));
        let minor = minor % 1_000_000_000_000;
        let rate = Ratio::new(i128::from(units), 10_i128.pow(scale)).unwrap();
        let converted = i128::from(rate.apply(minor, from, to, Rounding::HalfEven).unwrap_or(0));
        prop_assume!(converted != 0 || minor == 0);
        // converted ÷ 10^to against minor ÷ 10^from × units ÷ 10^scale, brought to one denominator.
        let left = converted * 10_i128.pow(scale) * 10_i128.pow(u32::from(from));
        let right = i128::from(minor) * i128::from(units) * 10_i128.pow(u32::from(to));
        let unit = 10_i128.pow(scale) * 10_i128.pow(u32::from(from));
        prop_assert!((left - right).abs() * 2 <= unit);
    }

    #[test]
    fn ratios_are_read_back_as_they_are_written(numerator in any::<i64>(), denominator in 1_i64..) {
        let ratio = Ratio::new(i128::from(numerator), i128::from(denominator)).unwrap();
        prop_assert_eq!(Ratio::parse(&ratio.to_string()), Ok(ratio));
        prop_assert_eq!(Ratio::parse(&ratio.fraction()), Ok(ratio));
        let json = serde_json::to_string(&ratio).unwrap();
        prop_assert_eq!(serde_json::from_str::<Ratio>(&json).unwrap(), ratio);
    }

    #[test]
    fn ratio_text_is_within_half_of_its_last_digit(numerator in -1_000_000_i128..1_000_000, denominator in 1_i128..1_000, digits in 0_u8..8) {
        let text = ratio_text(numerator, denominator, digits).unwrap();
        let read = Exact::parse(&text).unwrap();
        let scaled = read.units() * 10_i128.pow(u32::from(digits - read.scale()));
        let off = (scaled * denominator - numerator * 10_i128.pow(u32::from(digits))).abs();
        prop_assert!(off * 2 <= denominator);
        let minus_zero = format!("-{}", ratio_text(0, 1, digits).unwrap());
        prop_assert_ne!(text, minus_zero);
    }
}

#[test]
fn floats_and_other_kinds_are_no_numbers() {
    for json in ["1.5", "true", "null", "[]", "{}", "\"1e3\"", "\" 1\""] {
        assert!(serde_json::from_str::<Exact>(json).is_err(), "{json}");
        assert!(serde_json::from_str::<Ratio>(json).is_err(), "{json}");
    }
    assert_eq!(serde_json::from_str::<Exact>("12").unwrap(), Exact::from_integer(12));
    assert_eq!(serde_json::from_str::<Exact>("-12").unwrap(), Exact::from_integer(-12));
    assert_eq!(serde_json::from_str::<Ratio>("7").unwrap(), Ratio::new(7, 1).unwrap());
    assert_eq!(serde_json::to_string(&Exact::parse("-1.50").unwrap()).unwrap(), "\"-1.5\"");
}

#[test]
fn the_largest_amount_has_its_opposite_and_nothing_lies_beyond() {
    let largest = "9223372036854775807";
    assert_eq!(Exact::parse(largest).unwrap().to_minor(0), Ok(i64::MAX));
    assert_eq!(Exact::parse(&format!("-{largest}")).unwrap().to_minor(0), Ok(-i64::MAX));
    for text in ["9223372036854775808", "-9223372036854775808"] {
        assert_eq!(Exact::parse(text).unwrap().to_minor(0).unwrap_err().code(), "too_large");
    }
    assert_eq!(Exact::from_integer(i128::MAX).to_minor(8).unwrap_err().code(), "too_large");
    assert_eq!(Exact::from_integer(0).to_minor(u8::MAX), Ok(0));
    assert_eq!(Exact::from_integer(1).rounded_minor(u8::MAX, Rounding::Up).unwrap_err().code(), "too_large");
}

#[test]
fn exact_numbers_are_in_order_however_many_digits_they_have() {
    let parse = |text: &str| Exact::parse(text).unwrap();
    let largest = Exact::from_integer(i128::MAX);
    let smallest = Exact::from_integer(-i128::MAX);
    let rising = [smallest, parse("-12.51"), parse("-12.5"), Exact::ZERO, parse("0.00000001"), parse("12.5"), largest];
    for (place, number) in rising.iter().enumerate() {
        for (other, theirs) in rising.iter().enumerate() {
            assert_eq!(number.cmp(theirs), place.cmp(&other), "{number} and {theirs}");
        }
    }
    assert!(largest.cmp_minor(1, 8).is_gt() && smallest.cmp_minor(-1, 8).is_lt());
    assert!(
        parse("0.00000001").cmp_minor(i128::MAX, 0).is_lt() && parse("0.00000001").cmp_minor(-i128::MAX, 0).is_gt()
    );
}

proptest! {
    #[test]
    fn an_exact_number_compares_with_minor_units_as_their_amounts_do(a in amount(), b in amount(), from in 0_u8..=4, to in 0_u8..=4) {
        let (mine, theirs) = (Exact::from_minor(a, from), Exact::from_minor(b, to));
        let raise = |minor: i64, digits: u8| i128::from(minor) * 10_i128.pow(u32::from(8 - digits));
        let expected = raise(a, from).cmp(&raise(b, to));
        prop_assert_eq!(mine.cmp_minor(b.into(), to), expected);
        prop_assert_eq!(mine.cmp(&theirs), expected);
    }
}
