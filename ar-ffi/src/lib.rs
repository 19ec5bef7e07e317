//! The facade for Kotlin, Java, Ruby and Swift, by UniFFI.
//!
//! Nothing is decided here. Records of the facade are mirrored with `uniffi::remote`, so that a field added there
//! breaks the build here. Every exported function can fail: a value that cannot be read is then a typed error in
//! the caller's language and not a panic.

use ar_core::facade::{self, CheckedAmount};

mod errors;
mod values;

pub use errors::{ArError, Problem};
pub use values::{Day, Money};

uniffi::setup_scaffolding!("receivables");

/// An amount that was checked against its currency.
#[uniffi::remote(Record)]
pub struct CheckedAmount {
    pub amount: Money,
    pub on: Day,
}

/// The engine's version.
#[uniffi::export]
pub fn engine_version() -> Result<String, ArError> {
    Ok(facade::engine_version())
}

/// The amount at the scale of its currency, or a refusal.
#[uniffi::export]
pub fn check_amount(amount: Money, currency: String, on: Day) -> Result<CheckedAmount, ArError> {
    Ok(facade::check_amount(amount, &currency, on)?)
}
