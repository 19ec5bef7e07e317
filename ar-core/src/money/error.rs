//! Why was an amount, a rate or a currency refused? For callers and the facade.

use core::fmt::Write as _;

/// Why an amount, a rate or a currency was refused.
///
/// [`MoneyError::code`] is stable; the sentence is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The text is no plain decimal number.
    #[error("expected a decimal number such as `12.50`, got `{got}`")]
    NotANumber {
        /// The text, cut to 64 bytes.
        got: String,
    },
    /// The denominator of a ratio is zero.
    #[error("expected a denominator other than 0, got 0")]
    ZeroDenominator,
    /// There are more digits after the point than can be kept.
    #[error("expected at most {allowed} digits after the point, got {got}")]
    TooManyDigits {
        /// How many digits are allowed.
        allowed: u8,
        /// How many came, trailing zeros not counted.
        got: usize,
    },
    /// The number does not fit.
    #[error("expected an amount within ±9223372036854775807 minor units, got a larger one")]
    TooLarge,
    /// The currency is neither in ISO 4217 nor among the user's own.
    #[error("expected a currency code of iso 4217 or of settings, got `{got}`")]
    UnknownCurrency {
        /// The code, cut to 64 bytes.
        got: String,
    },
    /// A user's own currency code has another shape than 1 to 12 letters, digits, `_`, `-`, `.`.
    #[error("expected a currency code of 1 to 12 letters, digits, `_`, `-` or `.`, got `{got}`")]
    InvalidCode {
        /// The code, cut to 64 bytes.
        got: String,
    },
    /// A user's own currency has more than 8 digits.
    #[error("expected a currency exponent from 0 to 8, got {got}")]
    InvalidExponent {
        /// The exponent that came.
        got: u8,
    },
    /// A user's own currency is listed twice.
    #[error("expected each currency code once, got `{got}` again")]
    DuplicateCurrency {
        /// The code.
        got: String,
    },
}

impl MoneyError {
    /// The stable code of the error.
    ///
    /// ```
    /// use ar_core::money::Exact;
    /// assert_eq!(Exact::parse("1e3").unwrap_err().code(), "not_a_number");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotANumber { .. } | Self::ZeroDenominator => "not_a_number",
            Self::TooManyDigits { .. } => "too_many_digits",
            Self::TooLarge => "too_large",
            Self::UnknownCurrency { .. } => "unknown_currency",
            Self::InvalidCode { .. } | Self::InvalidExponent { .. } => "policy_invalid",
            Self::DuplicateCurrency { .. } => "duplicate_id",
        }
    }
}

/// The text as an error may quote it: on one line, escaped, and at most 64 bytes long.
pub(crate) fn quoted(text: &str) -> String {
    const LIMIT: usize = 64;
    const MARK: &str = "…";
    let mut quote = String::new();
    let mut cut = 0;
    for character in text.chars() {
        let _ = write!(quote, "{}", character.escape_debug());
        if quote.len() <= LIMIT.saturating_sub(MARK.len()) {
            cut = quote.len();
        }
        if quote.len() > LIMIT {
            quote.truncate(cut);
            quote.push_str(MARK);
            break;
        }
    }
    quote
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_quote_is_one_line_of_at_most_64_bytes() {
        assert_eq!(quoted("a\nb"), "a\\nb");
        let exact = "x".repeat(64);
        assert_eq!(quoted(&exact), exact);
        for length in 60..70 {
            assert!(quoted(&"é".repeat(length)).len() <= 64);
            assert!(quoted(&"\u{7}".repeat(length)).len() <= 64);
        }
        assert_eq!(quoted(&"x".repeat(65)), format!("{}…", "x".repeat(61)));
    }
}
