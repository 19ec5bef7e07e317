//! The facade for Kotlin, Java, Ruby and Swift, by UniFFI.
//!
//! Nothing is decided here. What the engine answers is mirrored with `uniffi::remote`, and the rows of facts are
//! taken apart field by field, so that a field added to the facade breaks the build here. Every exported function
//! can fail: a value that cannot be read is then a typed error in the caller's language and not a panic.

mod cash;
mod credit;
mod dunning;
mod errors;
mod facts;
mod files;
mod interest;
mod kpi;
mod ledger;
mod letters;
mod prediction;
mod provision;
mod reports;
mod settlements;
mod tools;
mod values;

pub use cash::*;
pub use credit::*;
pub use dunning::*;
pub use errors::{Problem, ReceivablesError};
pub use facts::*;
pub use files::*;
pub use interest::*;
pub use kpi::*;
pub use ledger::*;
pub use letters::*;
pub use prediction::*;
pub use provision::*;
pub use reports::*;
pub use settlements::*;
pub use tools::*;
pub use values::{Day, GivenDay, GivenMoney, Money};

uniffi::setup_scaffolding!("receivables");
