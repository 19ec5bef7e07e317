//! What is a number of any length, and what is it divided many times over? For interest on interest, which stays exact.

use super::rounding::Rounding;

/// A whole number that is not below zero, of any length: its digits to the base 2^64, the lowest first, without leading zeros.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Long(Vec<u64>);

impl Long {
    /// A number of one digit.
    pub(crate) fn of(number: u64) -> Self {
        if number == 0 { Self::default() } else { Self(vec![number]) }
    }

    /// The product with a number of one digit.
    #[must_use]
    pub(crate) fn times(&self, factor: u64) -> Self {
        let mut digits = Vec::with_capacity(self.0.len().saturating_add(1));
        let mut carried: u128 = 0;
        for digit in &self.0 {
            // At most (2^64 − 1)² + 2^64 − 1, which is below 2^128.
            let product = u128::from(*digit).wrapping_mul(u128::from(factor)).wrapping_add(carried);
            digits.push(low(product));
            carried = product >> 64;
        }
        digits.push(low(carried));
        Self(digits).trimmed()
    }

    /// The sum.
    #[must_use]
    pub(crate) fn plus(&self, other: &Self) -> Self {
        let length = self.0.len().max(other.0.len());
        let mut digits = Vec::with_capacity(length.saturating_add(1));
        let mut carried: u128 = 0;
        for at in 0..length {
            let digit = |number: &Self| u128::from(number.0.get(at).copied().unwrap_or(0));
            let sum = digit(self).wrapping_add(digit(other)).wrapping_add(carried);
            digits.push(low(sum));
            carried = sum >> 64;
        }
        digits.push(low(carried));
        Self(digits).trimmed()
    }

    /// The number divided by `divisor` so many times over, rounded once.
    ///
    /// **Edges**: the divisor is even, so that what is cut off by the last division says which half it lies in. **Errors**:
    /// `None` when it is odd or the answer does not fit.
    ///
    /// ```text
    /// 7 ÷ 2² = 1.75: rounded down 1, to the nearest 2
    /// ```
    pub(crate) fn divided(mut self, divisor: u64, times: u32, rounding: Rounding) -> Option<i128> {
        if divisor == 0 || divisor & 1 == 1 {
            return None;
        }
        let mut last = 0;
        let mut cut_before = false;
        for _ in 0..times {
            cut_before |= last != 0;
            last = self.divide(divisor);
        }
        let whole = self.narrow()?;
        // The rest as four quarters of a unit: nothing, below, at or above a half.
        let half = divisor >> 1;
        let quarters: i128 = match (last, cut_before) {
            (0, false) => 0,
            (rest, _) if rest < half => 1,
            (rest, false) if rest == half => 2,
            _ => 3,
        };
        super::divide(whole.checked_mul(4)?.checked_add(quarters)?, 4, rounding)
    }

    /// Divides in place; the remainder.
    fn divide(&mut self, divisor: u64) -> u64 {
        let mut rest: u128 = 0;
        for digit in self.0.iter_mut().rev() {
            let number = (rest << 64) | u128::from(*digit);
            // The divisor is not zero, and what is left is below it.
            *digit = low(number.checked_div(u128::from(divisor)).unwrap_or(0));
            rest = number.checked_rem(u128::from(divisor)).unwrap_or(0);
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        low(rest)
    }

    fn narrow(&self) -> Option<i128> {
        match self.0.as_slice() {
            [] => Some(0),
            [low] => Some(i128::from(*low)),
            [low, high] => i128::try_from((u128::from(*high) << 64) | u128::from(*low)).ok(),
            _ => None,
        }
    }

    fn trimmed(mut self) -> Self {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }
}

/// The lower 64 bits.
#[expect(clippy::cast_possible_truncation, reason = "the upper bits are carried by the caller")]
fn low(number: u128) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests {
    use super::Long;
    use crate::money::Rounding;

    #[test]
    fn powers_divide_back_to_what_they_were() {
        let mut number = Long::of(12_345);
        for _ in 0..60 {
            number = number.times(36_000_000_000);
        }
        assert_eq!(number.clone().divided(36_000_000_000, 60, Rounding::Down), Some(12_345));
        assert_eq!(number.plus(&Long::of(1)).divided(36_000_000_000, 60, Rounding::Up), Some(12_346));
    }

    #[test]
    fn what_is_cut_off_early_tells_a_half_from_more_than_a_half() {
        // 150 ÷ 10² = 1.5, 151 ÷ 10² = 1.51, 149 ÷ 10² = 1.49.
        for (number, mode, expected) in [
            (150, Rounding::HalfTowardZero, 1),
            (151, Rounding::HalfTowardZero, 2),
            (149, Rounding::HalfAwayFromZero, 1),
            (150, Rounding::HalfAwayFromZero, 2),
            (101, Rounding::Up, 2),
            (100, Rounding::Up, 1),
            (199, Rounding::Down, 1),
        ] {
            assert_eq!(Long::of(number).divided(10, 2, mode), Some(expected), "{number} {mode:?}");
        }
        assert_eq!(Long::of(5).divided(3, 1, Rounding::Down), None);
        assert_eq!(Long::of(u64::MAX).times(u64::MAX).times(4).divided(2, 0, Rounding::Down), None);
    }
}
