//! Why could interest not be reckoned? For callers and the facade.

use crate::calendar::Day;
use crate::problem::{Problem, Refused};

/// Why the interest of an item could not be reckoned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InterestError {
    /// The table of rates starts after a day for which a rate is needed.
    #[error("expected a rate for {day}, got a table that starts on {first}")]
    RateMissing {
        /// `rates` or `reference.rates`.
        field: &'static str,
        /// The day whose rate is needed.
        day: Day,
        /// The first day of the table.
        first: Day,
    },
    /// The interest is beyond the range of money, or compounds more than 400 times.
    #[error("expected interest within ±9223372036854775807 minor units, compounded at most 400 times, got more")]
    TooLarge,
}

impl InterestError {
    /// The stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::RateMissing { .. } => "rate_missing",
            Self::TooLarge => "too_large",
        }
    }

    /// The field of the policy, or `amount`.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::RateMissing { field, .. } => field,
            Self::TooLarge => "amount",
        }
    }
}

impl From<InterestError> for Refused {
    fn from(error: InterestError) -> Self {
        Problem::new(error.code(), error.to_string()).field(error.field()).into()
    }
}
