//! Allocation: every ledger of a small world against a plain reading of the specification, and the laws that hold for
//! any ledger.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that goes wrong may panic"
)]

mod given;
mod laws;
mod plain;
mod properties;
mod rules;
mod small_world;
mod worlds;
