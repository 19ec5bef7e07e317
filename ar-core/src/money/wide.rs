//! Does a product of two wide numbers, divided by a third, stay exact? For rates of many digits times large amounts.

/// An unsigned number of 256 bits: `high × 2^128 + low`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wide {
    high: u128,
    low: u128,
}

impl Wide {
    const ZERO: Self = Self { high: 0, low: 0 };

    /// The product, which always fits.
    pub(super) fn product(left: u128, right: u128) -> Self {
        const MASK: u128 = u64::MAX as u128;
        let (left_high, left_low) = (left >> 64, left & MASK);
        let (right_high, right_low) = (right >> 64, right & MASK);
        // Each factor is below 2^64, so no product of two passes 2^128, and each sum below has room for its carries.
        let lowest = left_low.wrapping_mul(right_low);
        let cross = left_high.wrapping_mul(right_low).wrapping_add(lowest >> 64);
        let crossed = left_low.wrapping_mul(right_high).wrapping_add(cross & MASK);
        let highest = left_high.wrapping_mul(right_high);
        Self {
            high: highest.wrapping_add(cross >> 64).wrapping_add(crossed >> 64),
            low: (crossed << 64) | (lowest & MASK),
        }
    }

    /// Quotient and remainder by long division, bit by bit; `None` when the divisor is zero.
    pub(super) fn divide(self, divisor: Self) -> Option<(Self, Self)> {
        if divisor == Self::ZERO {
            return None;
        }
        let mut quotient = Self::ZERO;
        let mut remainder = Self::ZERO;
        for position in (0..256_u32).rev() {
            let carried = remainder.high >> 127 == 1;
            remainder = remainder.doubled(self.bit(position));
            quotient = quotient.doubled(false);
            // A bit carried out of the top means that the remainder is past any divisor.
            if carried || remainder >= divisor {
                remainder = remainder.less(divisor);
                quotient.low |= 1;
            }
        }
        Some((quotient, remainder))
    }

    /// How twice this number compares with the other.
    pub(super) fn twice_compared(self, other: Self) -> core::cmp::Ordering {
        if self.high >> 127 == 1 {
            return core::cmp::Ordering::Greater;
        }
        self.doubled(false).cmp(&other)
    }

    pub(super) fn is_zero(self) -> bool {
        self == Self::ZERO
    }

    pub(super) fn narrow(self) -> Option<u128> {
        (self.high == 0).then_some(self.low)
    }

    fn bit(self, position: u32) -> bool {
        let half = if position >= 128 { self.high } else { self.low };
        half.wrapping_shr(position) & 1 == 1
    }

    fn doubled(self, lowest: bool) -> Self {
        Self { high: (self.high << 1) | (self.low >> 127), low: (self.low << 1) | u128::from(lowest) }
    }

    fn less(self, other: Self) -> Self {
        let (low, borrowed) = self.low.overflowing_sub(other.low);
        Self { high: self.high.wrapping_sub(other.high).wrapping_sub(u128::from(borrowed)), low }
    }
}

#[cfg(test)]
mod tests {
    use super::Wide;

    #[test]
    fn the_square_of_the_largest_number_has_its_known_halves() {
        let square = Wide::product(u128::MAX, u128::MAX);
        assert_eq!(square, Wide { high: u128::MAX - 1, low: 1 });
        assert_eq!(square.divide(Wide::product(u128::MAX, 1)), Some((Wide { high: 0, low: u128::MAX }, Wide::ZERO)));
    }

    #[test]
    fn quotient_times_divisor_plus_remainder_is_the_number() {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            u128::from(seed) << (seed % 64) | u128::from(seed >> 3)
        };
        for _ in 0..2_000 {
            let (a, b, d) = (next(), next(), next() | 1);
            let (quotient, remainder) = Wide::product(a, b).divide(Wide::product(d, 1)).unwrap();
            let rest = remainder.narrow().unwrap();
            assert!(rest < d);
            // Checked modulo 2^128 and modulo 2^61 − 1, two independent moduli.
            let low = quotient.low.wrapping_mul(d).wrapping_add(rest);
            assert_eq!(low, a.wrapping_mul(b));
            let modulus = (1_u128 << 61) - 1;
            let two128 = (1_u128 << 127) % modulus * 2 % modulus;
            let left = (a % modulus) * (b % modulus) % modulus;
            let q = ((quotient.high % modulus) * two128 + quotient.low % modulus) % modulus;
            assert_eq!((q * (d % modulus) + rest % modulus) % modulus, left);
        }
    }

    #[test]
    fn a_divisor_wider_than_half_divides_too() {
        let divisor = Wide { high: 1 << 127, low: 3 };
        let number = Wide { high: u128::MAX, low: u128::MAX };
        let (quotient, remainder) = number.divide(divisor).unwrap();
        assert_eq!(quotient, Wide { high: 0, low: 1 });
        assert_eq!(remainder, Wide { high: (1 << 127) - 1, low: u128::MAX - 3 });
        assert_eq!(number.divide(Wide::ZERO), None);
    }
}
