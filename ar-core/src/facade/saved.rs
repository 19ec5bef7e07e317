//! A ledger as text and back: its settings and every batch it was given, so that its history is the same.

use serde::{Deserialize, Serialize};

use super::{Batch, Ledger, Settings};
use crate::problem::{Problem, Refused};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    version: u32,
    settings: Settings,
    batches: Vec<Batch>,
}

/// The ledger as JSON text, for [`ledger_from_text`].
#[must_use]
pub fn ledger_text(ledger: &Ledger) -> String {
    super::to_json(&Saved { version: 1, settings: ledger.settings().clone(), batches: ledger.batches() })
}

/// The ledger that [`ledger_text`] wrote; every row is checked again.
///
/// # Errors
/// `wrong_type` for other text, `unsupported_version`, and those of [`Ledger::from_batches`].
///
/// ```
/// use ar_core::facade::{JsonFacts, Ledger, ledger_from_text, ledger_text};
/// let ledger = Ledger::load(Default::default(), &JsonFacts::parse(r#"{ "customers": [{ "id": "C" }] }"#)?.tables())?;
/// assert_eq!(ledger_from_text(&ledger_text(&ledger))?.batches(), ledger.batches());
/// assert_eq!(ledger_from_text("{}").unwrap_err().code(), "wrong_type");
/// # Ok::<(), ar_core::problem::Refused>(())
/// ```
pub fn ledger_from_text(text: &str) -> Result<Ledger, Refused> {
    let saved: Saved = serde_json::from_str(text).map_err(|error| {
        Problem::new("wrong_type", format!("expected a saved ledger, got text that is none: {error}"))
    })?;
    if saved.version != 1 {
        let reason = format!("expected version 1, got {}", saved.version);
        return Err(Problem::new("unsupported_version", reason).field("version").into());
    }
    Ledger::from_batches(saved.settings, &saved.batches)
}
