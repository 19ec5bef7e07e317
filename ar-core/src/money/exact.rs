//! What number does the caller mean, to the last digit? For amounts at the border.

use core::cmp::Ordering;
use core::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::{MoneyError, quoted};
use super::format::push_minor;
use super::rounding::{Rounding, divide};
use super::{MAX_EXPONENT, Minor};

/// The most digits a number may have; any 38 digits fit an `i128`.
const MAX_DIGITS: usize = 38;
/// The most of them before the point, so that the 8 digits any currency may have always fit behind.
const MAX_WHOLE_DIGITS: usize = 30;

/// A decimal number as it came over the border: `units ÷ 10^scale`, exactly.
///
/// **Unit**: major units, once a currency is named. Two of them are equal when they mean the same number; trailing
/// zeros after the point are not kept.
///
/// ```
/// use ar_core::money::Exact;
/// let amount = Exact::parse("12.50").unwrap();
/// assert_eq!(amount.to_minor(2), Ok(1250));
/// assert_eq!(amount.to_minor(0).unwrap_err().code(), "too_many_digits");
/// assert_eq!(Exact::parse("NaN").unwrap_err().code(), "not_a_number");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Exact {
    units: i128,
    scale: u8,
}

impl Exact {
    /// Zero.
    pub const ZERO: Self = Self { units: 0, scale: 0 };

    /// Reads plain decimal text: an optional minus, digits, and optionally a point with digits.
    ///
    /// No plus, no exponent, no spaces, no separators, no digit of another script. Zeros that lead or end the digits do
    /// not count. Money whose currency is known is better read by [`parse_minor`](Self::parse_minor).
    ///
    /// **Errors**: `not_a_number` for any other text; `too_large` for more than 30 digits before the point;
    /// `too_many_digits` for more than 38 in all, of which more than 8 stand after the point, as no currency has.
    ///
    /// ```
    /// use ar_core::money::Exact;
    /// assert_eq!(Exact::parse("007.10"), Exact::parse("7.1"));
    /// assert_eq!(Exact::parse("-0.00"), Ok(Exact::ZERO));
    /// for text in ["", "-", "+1", ".5", "5.", "1e3", " 1", "1,000.00", "١", "inf"] {
    ///     assert_eq!(Exact::parse(text).unwrap_err().code(), "not_a_number");
    /// }
    /// ```
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let Digits { negative, whole, fraction } = Digits::of(text)?;
        if whole.len() > MAX_WHOLE_DIGITS {
            return Err(MoneyError::TooLarge);
        }
        if whole.len().saturating_add(fraction.len()) > MAX_DIGITS {
            return Err(MoneyError::TooManyDigits { allowed: MAX_EXPONENT, got: fraction.len() });
        }
        let mut units: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            let digit = i128::from(byte.wrapping_sub(b'0'));
            units = units.checked_mul(10).and_then(|units| units.checked_add(digit)).ok_or(MoneyError::TooLarge)?;
        }
        let units = if negative { units.checked_neg().ok_or(MoneyError::TooLarge)? } else { units };
        let scale = u8::try_from(fraction.len()).map_err(|_| MoneyError::TooLarge)?;
        Ok(Self { units, scale })
    }

    /// Reads the text of an amount in a currency with this many digits, never rounded.
    ///
    /// The same as [`parse`](Self::parse) and [`to_minor`](Self::to_minor), but for text of any length the refusal
    /// that comes first is the same: `not_a_number`, then `too_many_digits`, then `too_large`.
    ///
    /// ```
    /// use ar_core::money::Exact;
    /// assert_eq!(Exact::parse_minor("12.50", 2), Ok(1250));
    /// let long = format!("{}.005", "9".repeat(60));
    /// assert_eq!(Exact::parse_minor(&long, 2).unwrap_err().code(), "too_many_digits");
    /// assert_eq!(Exact::parse_minor(&long, 3).unwrap_err().code(), "too_large");
    /// ```
    pub fn parse_minor(text: &str, exponent: u8) -> Result<Minor, MoneyError> {
        let digits = Digits::of(text)?;
        if digits.fraction.len() > usize::from(exponent) {
            return Err(MoneyError::TooManyDigits { allowed: exponent, got: digits.fraction.len() });
        }
        Self::parse(text)?.to_minor(exponent)
    }

    /// The number a `Decimal` holds, exactly.
    ///
    /// ```
    /// use ar_core::money::Exact;
    /// use rust_decimal::Decimal;
    /// assert_eq!(Exact::from_decimal(Decimal::new(-1250, 2)), Exact::parse("-12.5").unwrap());
    /// ```
    #[must_use]
    pub fn from_decimal(decimal: Decimal) -> Self {
        // Both always fit: a Decimal has 96 bits and at most 28 digits after the point.
        Self::trimmed(decimal.mantissa(), u8::try_from(decimal.scale()).unwrap_or(u8::MAX))
    }

    /// The number `units ÷ 10^scale`, such as a cell of a decimal column.
    ///
    /// ```
    /// use ar_core::money::Exact;
    /// assert_eq!(Exact::new(12_500, 3), Exact::parse("12.5").unwrap());
    /// ```
    #[must_use]
    pub const fn new(units: i128, scale: u8) -> Self {
        Self::trimmed(units, scale)
    }

    /// A whole number of major units.
    ///
    /// ```
    /// use ar_core::money::Exact;
    /// assert_eq!(Exact::from_integer(12).to_minor(3), Ok(12_000));
    /// ```
    #[must_use]
    pub const fn from_integer(major: i128) -> Self {
        Self { units: major, scale: 0 }
    }

    /// An amount of minor units, as a number of major units. An exponent past 38 is read as 38.
    ///
    /// ```
    /// use ar_core::money::Exact;
    /// assert_eq!(Exact::from_minor(1250, 2).to_string(), "12.5");
    /// ```
    #[must_use]
    pub fn from_minor(minor: Minor, exponent: u8) -> Self {
        Self::trimmed(i128::from(minor), exponent.min(38))
    }

    /// The digits as a whole number: the value times `10^scale`.
    #[must_use]
    pub const fn units(self) -> i128 {
        self.units
    }

    /// How many of the digits stand after the point; at most 38.
    #[must_use]
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// The amount in minor units of a currency with this many digits, never rounded.
    ///
    /// **Edges**: trailing zeros do not count; from −9,223,372,036,854,775,807 to +9,223,372,036,854,775,807 minor units,
    /// so that each amount has its opposite. **Errors**: `too_many_digits`, then `too_large`.
    ///
    /// ```
    /// use ar_core::money::Exact;
    /// assert_eq!(Exact::parse("1.500").unwrap().to_minor(1), Ok(15));
    /// assert_eq!(Exact::parse("0.005").unwrap().to_minor(2).unwrap_err().code(), "too_many_digits");
    /// assert_eq!(Exact::parse("92233720368547758.08").unwrap().to_minor(2).unwrap_err().code(), "too_large");
    /// ```
    pub fn to_minor(self, exponent: u8) -> Result<Minor, MoneyError> {
        let missing = exponent
            .checked_sub(self.scale)
            .ok_or(MoneyError::TooManyDigits { allowed: exponent, got: usize::from(self.scale) })?;
        // Zero fits at any exponent, and a factor that does not fit makes any other number too large.
        let minor = if self.units == 0 {
            Some(0)
        } else {
            10_i128.checked_pow(u32::from(missing)).and_then(|factor| self.units.checked_mul(factor))
        };
        symmetric(minor)
    }

    /// A sum in minor units of a currency with this many digits, never rounded: beyond what one amount may be, up to 2⁹⁵, so
    /// that two of them and their difference are decimals.
    pub(crate) fn to_minor_sum(self, exponent: u8) -> Result<i128, MoneyError> {
        let missing = exponent
            .checked_sub(self.scale)
            .ok_or(MoneyError::TooManyDigits { allowed: exponent, got: usize::from(self.scale) })?;
        let minor = 10_i128.checked_pow(u32::from(missing)).and_then(|factor| self.units.checked_mul(factor));
        minor.filter(|minor| minor.unsigned_abs() < 1 << 95).ok_or(MoneyError::TooLarge)
    }

    /// The amount in minor units of a currency with this many digits, rounded once.
    ///
    /// **Rounding**: as named. **Errors**: `too_large`.
    ///
    /// ```
    /// use ar_core::money::{Exact, Rounding};
    /// let amount = Exact::parse("0.125").unwrap();
    /// assert_eq!(amount.rounded_minor(2, Rounding::HalfEven), Ok(12));
    /// assert_eq!(amount.rounded_minor(2, Rounding::HalfAwayFromZero), Ok(13));
    /// ```
    pub fn rounded_minor(self, exponent: u8, rounding: Rounding) -> Result<Minor, MoneyError> {
        match self.scale.checked_sub(exponent) {
            None | Some(0) => self.to_minor(exponent),
            Some(surplus) => {
                let divisor = 10_i128.checked_pow(u32::from(surplus)).ok_or(MoneyError::TooLarge)?;
                symmetric(divide(self.units, divisor, rounding))
            }
        }
    }

    /// How it compares with so many minor units of a currency of `exponent` digits, exactly: for limits.
    ///
    /// ```
    /// use ar_core::money::Exact;
    /// let limit = Exact::parse("12.505").unwrap();
    /// assert!(limit.cmp_minor(1250, 2).is_gt(), "not reached");
    /// assert!(limit.cmp_minor(1251, 2).is_lt(), "passed");
    /// ```
    #[must_use]
    pub fn cmp_minor(self, minor: i128, exponent: u8) -> Ordering {
        compare((self.units, self.scale), (minor, exponent))
    }

    /// The sum; none beyond 38 digits.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let raised = |one: Self| {
            10_i128
                .checked_pow(u32::from(scale.saturating_sub(one.scale)))
                .and_then(|power| one.units.checked_mul(power))
        };
        Some(Self::trimmed(raised(self)?.checked_add(raised(other)?)?, scale))
    }

    /// The difference; none beyond 38 digits.
    pub(crate) fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { units: other.units.checked_neg()?, scale: other.scale })
    }

    /// So much per cent of it; none beyond 38 digits.
    pub(crate) fn percent(self, percent: Self) -> Option<Self> {
        let scale = self.scale.checked_add(percent.scale)?.checked_add(2)?;
        Some(Self::trimmed(self.units.checked_mul(percent.units)?, scale))
    }

    /// The number with the zeros after the point taken off, which makes equal numbers equal values.
    const fn trimmed(mut units: i128, mut scale: u8) -> Self {
        if units == 0 {
            return Self::ZERO;
        }
        while scale > 0 && units % 10 == 0 {
            units /= 10;
            scale = scale.saturating_sub(1);
        }
        Self { units, scale }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    /// By the number that they mean.
    fn cmp(&self, other: &Self) -> Ordering {
        compare((self.units, self.scale), (other.units, other.scale))
    }
}

/// Compares two numbers of `units ÷ 10^scale`. The one of fewer digits is raised; one that does not fit then is further from zero than
/// any that does.
fn compare(a: (i128, u8), b: (i128, u8)) -> Ordering {
    let raised = |(units, scale): (i128, u8), to: u8| {
        10_i128.checked_pow(u32::from(to.saturating_sub(scale))).and_then(|power| units.checked_mul(power))
    };
    let scale = a.1.max(b.1);
    match (raised(a, scale), raised(b, scale)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (None, _) => a.0.cmp(&0),
        (_, None) => 0.cmp(&b.0),
    }
}

/// The parts of plain decimal text, without the zeros that do not count.
struct Digits<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Digits<'a> {
    fn of(text: &'a str) -> Result<Self, MoneyError> {
        let digits = text.strip_prefix('-');
        let negative = digits.is_some();
        let (whole, fraction) = digits.unwrap_or(text).split_once('.').unwrap_or((digits.unwrap_or(text), "0"));
        for part in [whole, fraction] {
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(MoneyError::NotANumber { got: quoted(text) });
            }
        }
        Ok(Self { negative, whole: whole.trim_start_matches('0'), fraction: fraction.trim_end_matches('0') })
    }
}

/// Refuses what has no opposite in an `i64`.
pub(super) fn symmetric(minor: Option<i128>) -> Result<Minor, MoneyError> {
    minor.and_then(|minor| Minor::try_from(minor).ok()).filter(|minor| *minor != Minor::MIN).ok_or(MoneyError::TooLarge)
}

/// Plain decimal text without trailing zeros.
impl fmt::Display for Exact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        push_minor(&mut text, self.units, self.scale);
        formatter.write_str(&text)
    }
}

/// Written as text.
impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Read from text or from a whole number; a float is refused.
impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl serde::de::Visitor<'_> for Reader {
            type Value = Exact;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a decimal number as text, or a whole number")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Exact, E> {
                Exact::parse(text).map_err(E::custom)
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Exact, E> {
                Ok(Exact::from_integer(i128::from(number)))
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Exact, E> {
                Ok(Exact::from_integer(i128::from(number)))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}
