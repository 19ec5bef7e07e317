//! What is a rate, exactly, and what is an amount at that rate? For exchange rates, percentages and shares.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Minor;
use super::error::{MoneyError, quoted};
use super::exact::{Exact, symmetric};
use super::format::push_minor;
use super::rounding::{Rounding, divide_wide, multiply_divide};
use super::wide::Wide;

/// An exact ratio of two whole numbers: an exchange rate, a percentage, an interest rate.
///
/// The denominator is always above zero, and the ratio is in lowest terms.
///
/// ```
/// use ar_core::money::{Ratio, Rounding};
/// // 1 USD costs 0.92 EUR: 100.00 USD are 92.00 EUR.
/// let rate = Ratio::parse("0.92").unwrap();
/// assert_eq!(rate.apply(10_000, 2, 2, Rounding::HalfAwayFromZero), Ok(9_200));
/// // One yen has no minor unit: 100 JPY at 1/160 USD.
/// let rate = Ratio::parse("1/160").unwrap();
/// assert_eq!(rate.apply(100, 0, 2, Rounding::HalfAwayFromZero), Ok(63));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl Ratio {
    /// Nothing.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };
    /// One for one.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// The ratio of two whole numbers.
    ///
    /// **Errors**: `not_a_number` when the denominator is zero; `too_large` for the one number without an opposite.
    ///
    /// ```
    /// use ar_core::money::Ratio;
    /// let half = Ratio::new(-3, -6).unwrap();
    /// assert_eq!((half.numerator(), half.denominator()), (1, 2));
    /// ```
    pub fn new(numerator: i128, denominator: i128) -> Result<Self, MoneyError> {
        if denominator == 0 {
            return Err(MoneyError::ZeroDenominator);
        }
        let divisor = common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs());
        let reduced = |number: i128| -> Option<i128> {
            let magnitude = i128::try_from(number.unsigned_abs().checked_div(divisor)?).ok()?;
            if (number < 0) == (denominator < 0) { Some(magnitude) } else { magnitude.checked_neg() }
        };
        let (Some(numerator), Some(denominator)) = (reduced(numerator), reduced(denominator)) else {
            return Err(MoneyError::TooLarge);
        };
        Ok(Self { numerator, denominator })
    }

    /// Reads decimal text (`"1.1139"`) or a fraction of two whole numbers (`"1/3"`).
    ///
    /// **Errors**: those of [`Exact::parse`]; `not_a_number` when the denominator is zero or either side of `/` is no
    /// whole number.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let Some((numerator, denominator)) = text.split_once('/') else {
            return Self::from_exact(Exact::parse(text)?);
        };
        let whole = |side: &str| -> Result<i128, MoneyError> {
            let number = Exact::parse(side).map_err(|error| match error {
                MoneyError::NotANumber { .. } => MoneyError::NotANumber { got: quoted(text) },
                other => other,
            })?;
            if number.scale() > 0 || side.contains('.') {
                return Err(MoneyError::NotANumber { got: quoted(text) });
            }
            Ok(number.units())
        };
        Self::new(whole(numerator)?, whole(denominator)?)
    }

    /// A decimal number as a ratio, exactly.
    ///
    /// **Errors**: none for a number that was parsed or came from a `Decimal`.
    pub fn from_exact(number: Exact) -> Result<Self, MoneyError> {
        let denominator = 10_i128.checked_pow(u32::from(number.scale())).ok_or(MoneyError::TooLarge)?;
        Self::new(number.units(), denominator)
    }

    /// The number above the line, with the sign.
    #[must_use]
    pub const fn numerator(self) -> i128 {
        self.numerator
    }

    /// The number below the line, above zero.
    #[must_use]
    pub const fn denominator(self) -> i128 {
        self.denominator
    }

    /// Both numbers with `/` between them, also when the ratio is whole.
    ///
    /// ```
    /// use ar_core::money::Ratio;
    /// assert_eq!(Ratio::parse("0.5").unwrap().fraction(), "1/2");
    /// assert_eq!(Ratio::ZERO.fraction(), "0/1");
    /// ```
    #[must_use]
    pub fn fraction(self) -> String {
        format!("{}/{}", self.numerator, self.denominator)
    }

    /// The product of two ratios, exactly.
    ///
    /// **Errors**: `too_large` when it outgrows whole numbers of 127 bits.
    ///
    /// ```
    /// use ar_core::money::Ratio;
    /// let uplifted = Ratio::parse("0.016").unwrap().times(Ratio::parse("1.25").unwrap()).unwrap();
    /// assert_eq!(uplifted.to_string(), "0.02");
    /// ```
    pub fn times(self, other: Self) -> Result<Self, MoneyError> {
        let across = Self::new(self.numerator, other.denominator)?;
        let back = Self::new(other.numerator, self.denominator)?;
        match (across.numerator.checked_mul(back.numerator), across.denominator.checked_mul(back.denominator)) {
            (Some(numerator), Some(denominator)) => Self::new(numerator, denominator),
            _ => Err(MoneyError::TooLarge),
        }
    }

    /// The sum of two ratios, exactly.
    ///
    /// **Errors**: `too_large` when it outgrows whole numbers of 127 bits.
    ///
    /// ```
    /// use ar_core::money::Ratio;
    /// let sum = Ratio::parse("1/3").unwrap().plus(Ratio::parse("1/6").unwrap()).unwrap();
    /// assert_eq!(sum.to_string(), "0.5");
    /// ```
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        let divisor = common_divisor(self.denominator.unsigned_abs(), other.denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).map_err(|_| MoneyError::TooLarge)?;
        let scaled =
            |ratio: Self, by: i128| by.checked_div(divisor).and_then(|factor| ratio.numerator.checked_mul(factor));
        let numerator = scaled(self, other.denominator)
            .zip(scaled(other, self.denominator))
            .and_then(|(own, more)| own.checked_add(more));
        let denominator = self.denominator.checked_div(divisor).and_then(|rest| rest.checked_mul(other.denominator));
        match (numerator, denominator) {
            (Some(numerator), Some(denominator)) => Self::new(numerator, denominator),
            _ => Err(MoneyError::TooLarge),
        }
    }

    /// Whether it is above another: never wrong, however large the two are.
    #[must_use]
    pub fn is_above(self, other: Self) -> bool {
        let left = Wide::product(self.numerator.unsigned_abs(), other.denominator.unsigned_abs());
        let right = Wide::product(other.numerator.unsigned_abs(), self.denominator.unsigned_abs());
        match (self.numerator < 0, other.numerator < 0) {
            (false, true) => true,
            (true, false) => false,
            (false, false) => left > right,
            (true, true) => right > left,
        }
    }

    /// An amount at this rate: `amount × rate`, both in major units, rounded once to the minor unit of the target.
    ///
    /// **Unit**: `amount` in minor units of a currency with `from_exponent` digits; the answer in minor units of one with
    /// `to_exponent` digits. The rate is what one major unit of the first is worth in major units of the second.
    /// **Rounding**: as named. **Errors**: `too_large`.
    ///
    /// ```
    /// use ar_core::money::{Ratio, Rounding};
    /// let rate = Ratio::parse("3.25").unwrap(); // KWD (3 digits) in USD (2 digits)
    /// assert_eq!(rate.apply(1_001, 3, 2, Rounding::HalfAwayFromZero), Ok(325));
    /// assert_eq!(Ratio::ONE.apply(125, 2, 2, Rounding::Floor), Ok(125));
    /// ```
    pub fn apply(
        self,
        amount: Minor,
        from_exponent: u8,
        to_exponent: u8,
        rounding: Rounding,
    ) -> Result<Minor, MoneyError> {
        let power = |digits: u8| 10_u128.checked_pow(u32::from(digits)).ok_or(MoneyError::TooLarge);
        let raised = u128::from(amount.unsigned_abs())
            .checked_mul(power(to_exponent.saturating_sub(from_exponent))?)
            .ok_or(MoneyError::TooLarge)?;
        let lowered = power(from_exponent.saturating_sub(to_exponent))?;
        let numerator = self.numerator.unsigned_abs();
        let denominator = self.denominator.unsigned_abs();
        let negative = (amount < 0) != (self.numerator < 0);
        symmetric(divide_wide(
            Wide::product(raised, numerator),
            Wide::product(denominator, lowered),
            negative,
            rounding,
        ))
    }
}

/// `numerator ÷ denominator` as text with this many digits, rounded half away from zero.
///
/// **Edges**: zero has no sign, also when it was rounded to it. **Errors**: `None` when the denominator is zero or the
/// digits do not fit an `i128`.
///
/// ```
/// use ar_core::money::ratio_text;
/// assert_eq!(ratio_text(1, 3, 4).as_deref(), Some("0.3333"));
/// assert_eq!(ratio_text(-5, 1000, 2).as_deref(), Some("-0.01"));
/// assert_eq!(ratio_text(-4, 1000, 2).as_deref(), Some("0.00"));
/// assert_eq!(ratio_text(1, 0, 4), None);
/// ```
#[must_use]
pub fn ratio_text(numerator: i128, denominator: i128, digits: u8) -> Option<String> {
    let power = 10_i128.checked_pow(u32::from(digits))?;
    let scaled = multiply_divide(numerator, power, denominator, Rounding::HalfAwayFromZero)?;
    let mut text = String::new();
    push_minor(&mut text, scaled, digits);
    Some(text)
}

/// Euclid's greatest common divisor; the other number when one is zero.
fn common_divisor(mut left: u128, mut right: u128) -> u128 {
    while let Some(rest) = left.checked_rem(right) {
        left = right;
        right = rest;
    }
    left
}

/// Written as decimal text when that is exact within 30 digits, else as a fraction `a/b`.
impl core::fmt::Display for Ratio {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut power: i128 = 1;
        for digits in 0..=30_u8 {
            if power.checked_rem(self.denominator) == Some(0) {
                let units = power.checked_div(self.denominator).and_then(|factor| self.numerator.checked_mul(factor));
                if let Some(units) = units {
                    let mut text = String::new();
                    push_minor(&mut text, units, digits);
                    return formatter.write_str(&text);
                }
            }
            power = power.saturating_mul(10);
        }
        write!(formatter, "{}/{}", self.numerator, self.denominator)
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Read from text (decimal or `a/b`) or from a whole number; a float is refused.
impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl serde::de::Visitor<'_> for Reader {
            type Value = Ratio;
            fn expecting(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                formatter.write_str("a number as text such as `2.5` or `1/3`, or a whole number")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Ratio, E> {
                Ratio::parse(text).map_err(E::custom)
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Ratio, E> {
                Ratio::new(i128::from(number), 1).map_err(E::custom)
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Ratio, E> {
                Ratio::new(i128::from(number), 1).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::{Ratio, ratio_text};
    use crate::money::Rounding;

    #[test]
    fn a_rate_of_28_digits_times_the_largest_amount_is_exact() {
        let rate = Ratio::parse("0.9174311926605504587155963303").unwrap();
        assert_eq!(rate.apply(i64::MAX, 2, 2, Rounding::HalfAwayFromZero), Ok(8_461_809_208_123_647_529));
        let tiny = Ratio::parse("0.00006666666666666666666666666667").unwrap();
        assert_eq!(tiny.apply(150_000_000, 2, 2, Rounding::HalfAwayFromZero), Ok(10_000));
        assert_eq!(tiny.apply(1_500_000_000_000, 8, 0, Rounding::HalfAwayFromZero), Ok(1));
        assert_eq!(Ratio::parse("10").unwrap().apply(i64::MAX, 2, 2, Rounding::Down).unwrap_err().code(), "too_large");
    }

    #[test]
    fn ratios_print_as_they_are_read() {
        for text in ["0", "1", "-1", "0.5", "-2.125", "1/3", "-22/7", "0.0001"] {
            assert_eq!(Ratio::parse(text).unwrap().to_string(), text);
        }
        for text in ["1/0", "1.0/2", "1/2/3", "/2", "1/", "1 /2"] {
            assert_eq!(Ratio::parse(text).unwrap_err().code(), "not_a_number", "{text}");
        }
        assert_eq!(Ratio::new(i128::MIN, -1).unwrap_err().code(), "too_large");
        assert_eq!(Ratio::new(i128::MIN, 2).unwrap().numerator(), i128::MIN / 2);
    }

    #[test]
    fn ratio_text_survives_wide_operands() {
        assert_eq!(ratio_text(i128::MAX, i128::MAX, 8).as_deref(), Some("1.00000000"));
        assert_eq!(ratio_text(i128::MAX, 1, 2), None);
        assert_eq!(ratio_text(1, -8, 2).as_deref(), Some("-0.13"));
    }
}
