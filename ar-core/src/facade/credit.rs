//! Words of questions about credit, as every binding reads them.

use crate::credit::{CreditRequestKind, ExposurePer};
use crate::problem::{Problem, Refused, quoted};

fn unknown(field: &str, expected: &str, got: &str) -> Refused {
    Problem::new("unknown_kind", format!("expected {expected}, got {}", quoted(got))).field(field).into()
}

/// What a request is about; none without a word.
///
/// # Errors
/// `unknown_kind`, field `kind`.
pub fn credit_request_kind(word: Option<&str>) -> Result<Option<CreditRequestKind>, Refused> {
    let Some(word) = word else { return Ok(None) };
    let found = CreditRequestKind::ALL.iter().copied().find(|kind| kind.name() == word);
    found.map(Some).ok_or_else(|| unknown("kind", "order, draft, delivery or invoice", word))
}

/// What has a row of an exposure report; each customer without a word.
///
/// # Errors
/// `unknown_kind`, field `per`.
pub fn exposure_per(word: Option<&str>) -> Result<ExposurePer, Refused> {
    let Some(word) = word else { return Ok(ExposurePer::Customer) };
    let found = ExposurePer::ALL.iter().copied().find(|per| per.name() == word);
    found.ok_or_else(|| unknown("per", "customer or family", word))
}
