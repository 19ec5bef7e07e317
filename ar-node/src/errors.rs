//! A refusal on its way to JavaScript.
//!
//! An error of an asynchronous task can carry text alone, so every refusal travels as text: a mark and its JSON.
//! `lib/errors.js` takes it apart and throws a `ReceivablesError`.

use ar_core::facade::Refused;
use napi::{Error, Status};

/// Starts the text of every refusal. `lib/errors.js` looks for it.
const MARK: &str = "receivables-refusal ";

/// The refusal as an error that `lib/errors.js` understands.
pub(crate) fn raise(refusal: Refused) -> Error {
    match serde_json::to_string(&refusal) {
        Ok(json) => Error::new(Status::GenericFailure, format!("{MARK}{json}")),
        Err(err) => Error::new(Status::GenericFailure, err.to_string()),
    }
}
