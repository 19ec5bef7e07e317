//! How is an amount written? For reports, cases and letters.

use rust_decimal::Decimal;

use super::Minor;

/// An amount as text at the scale of its currency.
///
/// **Unit**: minor units in, major units out. **Edges**: zero has no sign; there is always a digit before the point.
///
/// ```
/// use ar_core::money::format_minor;
/// assert_eq!(format_minor(1250, 2), "12.50");
/// assert_eq!(format_minor(-5, 2), "-0.05");
/// assert_eq!(format_minor(0, 3), "0.000");
/// assert_eq!(format_minor(12, 0), "12");
/// ```
#[must_use]
pub fn format_minor(minor: i128, exponent: u8) -> String {
    let mut text = String::new();
    push_minor(&mut text, minor, exponent);
    text
}

/// Appends what [`format_minor`] gives, without a string of its own.
pub fn push_minor(text: &mut String, minor: i128, exponent: u8) {
    // At most 39 digits, or the exponent and a leading zero when that is longer.
    let exponent = usize::from(exponent);
    let mut digits = Vec::with_capacity(40);
    let mut rest = minor.unsigned_abs();
    while rest > 0 || digits.len() <= exponent {
        let digit = u8::try_from(rest % 10).unwrap_or(0);
        digits.push(char::from(b'0'.wrapping_add(digit)));
        rest /= 10;
    }
    if minor < 0 {
        text.push('-');
    }
    for (remaining, digit) in (0..digits.len()).rev().zip(digits.iter().rev()) {
        text.push(*digit);
        if remaining == exponent && exponent > 0 {
            text.push('.');
        }
    }
}

/// An amount as a `Decimal` at the scale of its currency, exactly.
///
/// **Edges**: exponents up to 28, as any [`Currency`](super::Currency) has; a larger one is read as 28.
///
/// ```
/// use ar_core::money::to_decimal;
/// assert_eq!(to_decimal(-1250, 2).to_string(), "-12.50");
/// ```
#[must_use]
pub fn to_decimal(minor: Minor, exponent: u8) -> Decimal {
    // Any i64 fits the 96 bits, so that the fallback is never taken.
    Decimal::try_from_i128_with_scale(i128::from(minor), u32::from(exponent.min(28))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{format_minor, to_decimal};

    #[test]
    fn the_ends_of_the_range_are_written_in_full() {
        assert_eq!(format_minor(i128::MIN, 0), i128::MIN.to_string());
        assert_eq!(format_minor(i128::MAX, 0), i128::MAX.to_string());
        assert_eq!(format_minor(7, 40), format!("0.{}7", "0".repeat(39)));
        assert_eq!(to_decimal(i64::MIN, 8).to_string(), "-92233720368.54775808");
    }
}
