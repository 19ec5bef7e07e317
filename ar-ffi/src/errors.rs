//! The one error of this package, in the facade's shape.
//!
//! No field is named `message`: Kotlin's exceptions have one of their own.

use ar_core::facade::Refused;

pub use ar_core::facade::Problem;

/// One thing that is wrong, and where.
#[uniffi::remote(Record)]
pub struct Problem {
    pub code: String,
    pub reason: String,
    pub table: Option<String>,
    pub index: Option<u64>,
    pub field: Option<String>,
}

/// The engine refused its input. Branch on `code`, which is stable; show `reason` to a person.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum ArError {
    /// The first problem in the first five fields, then all of them up to a cap, then their number without it.
    #[error("{code}: {reason}")]
    Ar {
        /// Stable code of the refusal.
        code: String,
        /// What was expected and what came.
        reason: String,
        /// Table the input row is in.
        table: Option<String>,
        /// Row in the table, from 0.
        index: Option<u64>,
        /// Field of the row or of the call.
        field: Option<String>,
        /// All problems, up to a cap.
        problems: Vec<Problem>,
        /// How many there are without the cap.
        total: u64,
    },
}

impl From<Refused> for ArError {
    fn from(refusal: Refused) -> Self {
        let Refused { problems, total } = refusal;
        let first = problems.first().cloned();
        let Problem {
            code,
            reason,
            table,
            index,
            field,
        } = first.unwrap_or_else(|| Problem {
            code: "limit_exceeded".to_owned(),
            reason: "refused".to_owned(),
            table: None,
            index: None,
            field: None,
        });
        Self::Ar {
            code,
            reason,
            table,
            index,
            field,
            problems,
            total,
        }
    }
}
