//! What the examples share: the sample ledger and how it is made.

pub mod sample;
