//! To which neighbour does a figure between two minor units go? For every rule that divides.

use core::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::wide::Wide;

/// How a figure that falls between two whole units is rounded.
///
/// Names follow the two questions "which side?" and "what of an exact half?". `half_up` is missing on purpose: half of
/// the systems mean [`HalfAwayFromZero`](Self::HalfAwayFromZero) by it and half mean
/// [`HalfCeiling`](Self::HalfCeiling).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(description = "How a number that falls between two units is rounded."))]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest; a half goes away from zero (2.5 → 3, −2.5 → −3). The engine's default.
    #[default]
    HalfAwayFromZero,
    /// To the nearest; a half goes toward zero (2.5 → 2, −2.5 → −2).
    HalfTowardZero,
    /// To the nearest; a half goes to the even neighbour (2.5 → 2, 3.5 → 4).
    HalfEven,
    /// To the nearest; a half goes toward +∞ (2.5 → 3, −2.5 → −2).
    HalfCeiling,
    /// To the nearest; a half goes toward −∞ (2.5 → 2, −2.5 → −3).
    HalfFloor,
    /// Away from zero (2.1 → 3, −2.1 → −3).
    Up,
    /// Toward zero (2.9 → 2, −2.9 → −2).
    Down,
    /// Toward +∞ (2.1 → 3, −2.9 → −2).
    Ceiling,
    /// Toward −∞ (2.9 → 2, −2.1 → −3).
    Floor,
}

impl Rounding {
    /// Whether a magnitude whose cut-off part is not zero goes one further from zero.
    fn goes_out(self, negative: bool, odd: bool, rest_to_half: Ordering) -> bool {
        let outward_half = match self {
            Self::HalfAwayFromZero => true,
            Self::HalfTowardZero => false,
            Self::HalfEven => odd,
            Self::HalfCeiling => !negative,
            Self::HalfFloor => negative,
            Self::Up => return true,
            Self::Down => return false,
            Self::Ceiling => return !negative,
            Self::Floor => return negative,
        };
        match rest_to_half {
            Ordering::Less => false,
            Ordering::Equal => outward_half,
            Ordering::Greater => true,
        }
    }
}

/// `numerator ÷ denominator`, rounded once.
///
/// **Rounding**: as named. **Errors**: `None` when the denominator is zero or the answer does not fit `i128` (only
/// `i128::MIN ÷ −1`).
///
/// ```
/// use ar_core::money::{Rounding, divide};
/// assert_eq!(divide(5, 2, Rounding::HalfAwayFromZero), Some(3));
/// assert_eq!(divide(-5, 2, Rounding::HalfEven), Some(-2));
/// assert_eq!(divide(5, -2, Rounding::Floor), Some(-3));
/// assert_eq!(divide(1, 0, Rounding::Down), None);
/// ```
#[must_use]
pub fn divide(numerator: i128, denominator: i128, rounding: Rounding) -> Option<i128> {
    let negative = (numerator < 0) != (denominator < 0);
    let divisor = denominator.unsigned_abs();
    let quotient = numerator.unsigned_abs().checked_div(divisor)?;
    let rest = numerator.unsigned_abs().checked_rem(divisor)?;
    let magnitude = if rest == 0 {
        quotient
    } else {
        // rest against divisor − rest is rest against half of the divisor, without doubling.
        let to_half = rest.cmp(&divisor.checked_sub(rest)?);
        let out = rounding.goes_out(negative, quotient & 1 == 1, to_half);
        quotient.checked_add(u128::from(out))?
    };
    signed(magnitude, negative)
}

/// `amount × numerator ÷ denominator`, rounded once; the product may be wider than `i128`.
///
/// **Rounding**: as named. **Errors**: `None` when the denominator is zero or the answer does not fit `i128`.
///
/// ```
/// use ar_core::money::{Rounding, multiply_divide};
/// let tenth_of_all = multiply_divide(i128::MAX, 1_000, 10_000, Rounding::Down);
/// assert_eq!(tenth_of_all, Some(i128::MAX / 10));
/// ```
#[must_use]
pub fn multiply_divide(amount: i128, numerator: i128, denominator: i128, rounding: Rounding) -> Option<i128> {
    match amount.checked_mul(numerator) {
        Some(product) => divide(product, denominator, rounding),
        None => divide_wide(
            Wide::product(amount.unsigned_abs(), numerator.unsigned_abs()),
            Wide::product(denominator.unsigned_abs(), 1),
            ((amount < 0) != (numerator < 0)) != (denominator < 0),
            rounding,
        ),
    }
}

/// The rounded quotient of two magnitudes, with the sign given.
pub(super) fn divide_wide(numerator: Wide, denominator: Wide, negative: bool, rounding: Rounding) -> Option<i128> {
    let (quotient, rest) = numerator.divide(denominator)?;
    let quotient = quotient.narrow()?;
    let out = !rest.is_zero() && rounding.goes_out(negative, quotient & 1 == 1, rest.twice_compared(denominator));
    signed(quotient.checked_add(u128::from(out))?, negative)
}

fn signed(magnitude: u128, negative: bool) -> Option<i128> {
    if negative { 0_i128.checked_sub_unsigned(magnitude) } else { i128::try_from(magnitude).ok() }
}

#[cfg(test)]
mod tests {
    use super::{Rounding, divide, divide_wide, multiply_divide};
    use crate::money::wide::Wide;

    #[test]
    fn each_mode_sends_quarters_of_both_signs_to_their_neighbour() {
        // Columns: −7/4 −6/4 −5/4 −2/4 2/4 5/4 6/4 7/4 10/4
        let inputs = [-7, -6, -5, -2, 2, 5, 6, 7, 10];
        let table = [
            (Rounding::HalfAwayFromZero, [-2, -2, -1, -1, 1, 1, 2, 2, 3]),
            (Rounding::HalfTowardZero, [-2, -1, -1, 0, 0, 1, 1, 2, 2]),
            (Rounding::HalfEven, [-2, -2, -1, 0, 0, 1, 2, 2, 2]),
            (Rounding::HalfCeiling, [-2, -1, -1, 0, 1, 1, 2, 2, 3]),
            (Rounding::HalfFloor, [-2, -2, -1, -1, 0, 1, 1, 2, 2]),
            (Rounding::Up, [-2, -2, -2, -1, 1, 2, 2, 2, 3]),
            (Rounding::Down, [-1, -1, -1, 0, 0, 1, 1, 1, 2]),
            (Rounding::Ceiling, [-1, -1, -1, 0, 1, 2, 2, 2, 3]),
            (Rounding::Floor, [-2, -2, -2, -1, 0, 1, 1, 1, 2]),
        ];
        for (mode, expected) in table {
            for (input, answer) in inputs.into_iter().zip(expected) {
                assert_eq!(divide(input, 4, mode), Some(answer), "{input}/4 {mode:?}");
                assert_eq!(divide(-input, -4, mode), Some(answer), "{input}/4 {mode:?}");
                let wide = divide_wide(
                    Wide::product(input.unsigned_abs(), 1 << 100),
                    Wide::product(4, 1 << 100),
                    input < 0,
                    mode,
                );
                assert_eq!(wide, Some(answer), "{input}/4 {mode:?} wide");
            }
        }
    }

    #[test]
    fn the_ends_of_the_range_divide_without_harm() {
        assert_eq!(divide(i128::MIN, -1, Rounding::Down), None);
        assert_eq!(divide(i128::MIN, 1, Rounding::Down), Some(i128::MIN));
        assert_eq!(divide(i128::MAX, i128::MIN, Rounding::HalfEven), Some(-1));
        assert_eq!(divide(i128::MIN, i128::MAX, Rounding::Floor), Some(-2));
        assert_eq!(multiply_divide(i128::MIN, i128::MIN, i128::MIN, Rounding::Up), Some(i128::MIN));
        assert_eq!(multiply_divide(i128::MAX, 3, 2, Rounding::Up), None);
        assert_eq!(multiply_divide(i128::MAX, i128::MAX, 0, Rounding::Up), None);
    }
}
