//! The Node addon: the facade in JavaScript's own types.
//!
//! Nothing is decided here. Money and days come in as text through [`values`], the facade answers, and a refusal
//! leaves through [`errors`]; `index.js` gives it its class.

use ar_core::facade;
use napi::Result;
use napi_derive::napi;

mod errors;
mod values;

use errors::raise;
use values::{At, Day, Money};

/// The engine's version.
#[napi(catch_unwind)]
pub fn engine_version() -> Result<String> {
    Ok(facade::engine_version())
}

/// The amount at the scale of its currency, or a refusal.
#[napi(catch_unwind)]
pub fn check_amount(amount: Money, currency: String, on: Day) -> Result<String> {
    let amount = amount.read(At::field("amount"))?;
    let on = on.read(At::field("on"))?;
    let checked = facade::check_amount(amount, &currency, on).map_err(raise)?;
    Ok(checked.amount.to_string())
}

/// Panics, so that a test can see that Node lives on. Not exported by `index.js`.
#[cfg(debug_assertions)]
#[napi(catch_unwind)]
pub fn panic_for_the_test() -> Result<String> {
    #[expect(
        clippy::panic,
        reason = "the one way to prove that a panic is caught at the border"
    )]
    {
        panic!("on purpose")
    }
}
