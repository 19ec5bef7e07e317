//! Why were terms refused, or had no answer? For policy authors and the facade.

use crate::calendar::Day;
use crate::money::MoneyError;

/// Why terms were refused, or could not be applied to a document.
///
/// [`TermsError::code`] is stable; the sentence is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// The terms are not well-formed.
    #[error("expected {expected} at `{path}`, got {got}")]
    PolicyInvalid {
        /// Where in the terms, such as `instalments[1].share.percent`.
        path: String,
        /// What is expected there.
        expected: String,
        /// What came.
        got: String,
    },
    /// The terms are of a version this engine does not know.
    #[error("expected terms of version 1, got version {got}")]
    UnsupportedVersion {
        /// The version that came.
        got: u32,
    },
    /// A step leads out of years 1 to 9999.
    #[error("expected a due date within years 1 to 9999, got a step beyond from {from}")]
    OutOfCalendar {
        /// The last day before the step.
        from: Day,
    },
    /// An amount of the terms or of the document does not fit the currency.
    #[error("{error} at `{path}`")]
    Amount {
        /// Where: a place in the terms, `amount` or `base_amount`.
        path: String,
        /// Why.
        error: MoneyError,
    },
}

impl TermsError {
    /// The stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::PolicyInvalid { .. } => "policy_invalid",
            Self::UnsupportedVersion { .. } => "unsupported_version",
            Self::OutOfCalendar { .. } => "impossible_date",
            Self::Amount { error, .. } => error.code(),
        }
    }

    /// The place the error is about: a path in the terms, or an argument.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::PolicyInvalid { path, .. } | Self::Amount { path, .. } => path,
            Self::UnsupportedVersion { .. } => "version",
            Self::OutOfCalendar { .. } => "document_date",
        }
    }

    pub(super) fn invalid(path: impl Into<String>, expected: impl Into<String>, got: impl ToString) -> Self {
        Self::PolicyInvalid { path: path.into(), expected: expected.into(), got: got.to_string() }
    }
}
