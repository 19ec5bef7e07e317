//! Which of two products of powers is larger? For roots that must be rounded right, where neither has a last digit.

use core::cmp::Ordering;

/// A whole number of any size, its lowest 64 bits first; the last word is never zero.
#[derive(Debug, PartialEq, Eq)]
struct Tall(Vec<u64>);

impl Tall {
    fn product(powers: &[(u64, u32)]) -> Self {
        let mut tall = Self(vec![1]);
        for (base, exponent) in powers {
            // As many factors at once as a word holds.
            let (mut word, mut left) = (1_u64, *exponent);
            while left > 0 {
                match word.checked_mul(*base) {
                    Some(larger) => {
                        word = larger;
                        left = left.saturating_sub(1);
                    }
                    None => tall.times(core::mem::replace(&mut word, 1)),
                }
            }
            tall.times(word);
        }
        tall
    }

    fn times(&mut self, word: u64) {
        let mut carry: u64 = 0;
        for held in &mut self.0 {
            // A product of two words and a carry fits two words.
            let product = u128::from(*held).wrapping_mul(word.into()).wrapping_add(carry.into());
            (carry, *held) = halves(product);
        }
        if carry > 0 {
            self.0.push(carry);
        }
        if word == 0 {
            self.0.clear();
        }
    }
}

/// The high and the low word.
#[expect(clippy::cast_possible_truncation, clippy::as_conversions, reason = "each half is a word by itself")]
fn halves(product: u128) -> (u64, u64) {
    ((product >> 64) as u64, product as u64)
}

/// How one product of powers (base, exponent) compares with another, exactly.
///
/// ```
/// use ar_core::money::compare_powers;
/// use core::cmp::Ordering::{Equal, Less};
/// // Is the seventh root of ten below 1.39?
/// assert_eq!(compare_powers(&[(10, 1), (100, 7)], &[(139, 7)]), Less);
/// assert_eq!(compare_powers(&[(6, 40)], &[(2, 40), (3, 40)]), Equal);
/// ```
#[must_use]
pub fn compare_powers(left: &[(u64, u32)], right: &[(u64, u32)]) -> Ordering {
    let (left, right) = (Tall::product(left), Tall::product(right));
    left.0.len().cmp(&right.0.len()).then_with(|| left.0.iter().rev().cmp(right.0.iter().rev()))
}

#[cfg(test)]
mod tests {
    use super::{Ordering, compare_powers};

    #[test]
    fn neighbours_of_a_power_are_told_apart() {
        // (n − 1)(n + 1) is one less than n².
        let n = 3_000_000_019_u64;
        assert_eq!(compare_powers(&[(n - 1, 1), (n + 1, 1)], &[(n, 2)]), Ordering::Less);
        assert_eq!(compare_powers(&[(u64::MAX, 900)], &[(u64::MAX, 899), (u64::MAX, 1)]), Ordering::Equal);
        assert_eq!(compare_powers(&[(2, 4_000)], &[(4, 1_999), (3, 1)]), Ordering::Greater);
    }

    #[test]
    fn nothing_and_one_are_numbers_too() {
        assert_eq!(compare_powers(&[(0, 3), (7, 2)], &[(0, 1)]), Ordering::Equal);
        assert_eq!(compare_powers(&[(0, 0)], &[(1, 90)]), Ordering::Equal);
        assert_eq!(compare_powers(&[], &[(9, 0)]), Ordering::Equal);
        assert_eq!(compare_powers(&[(0, 2)], &[]), Ordering::Less);
    }
}
