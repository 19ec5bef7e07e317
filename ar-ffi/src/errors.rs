//! The one error of this package, in the facade's shape.
//!
//! No field is named `message`: Kotlin's exceptions have one of their own.

use ar_core::facade::Refused;

pub use ar_core::facade::Problem;

/// One thing that is wrong, and where.
#[uniffi::remote(Record)]
pub struct Problem {
    /// Stable code.
    pub code: String,
    /// What was expected and what came.
    pub reason: String,
    /// Table the input row is in.
    pub table: Option<String>,
    /// Row in the table, from 0.
    pub index: Option<u64>,
    /// Field of the row, argument of the call, or path in a policy.
    pub field: Option<String>,
}

/// The engine refused its input. Branch on `code`, which is stable; show `reason` to a person.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum ReceivablesError {
    /// The first problem in the first five fields, then all of them up to a cap, then their number without it.
    #[error("{code}: {reason}")]
    Refused {
        /// Stable code of the refusal.
        code: String,
        /// What was expected and what came.
        reason: String,
        /// Table the input row is in.
        table: Option<String>,
        /// Row in the table, from 0.
        index: Option<u64>,
        /// Field of the row, argument of the call, or path in a policy.
        field: Option<String>,
        /// All problems, up to a cap.
        problems: Vec<Problem>,
        /// How many there are without the cap.
        total: u64,
    },
}

impl From<Refused> for ReceivablesError {
    fn from(refusal: Refused) -> Self {
        let Refused { problems, total } = refusal;
        let first = problems.first().cloned().unwrap_or_else(|| Problem::new("limit_exceeded", "refused"));
        let Problem { code, reason, table, index, field } = first;
        Self::Refused { code, reason, table, index, field, problems, total }
    }
}
