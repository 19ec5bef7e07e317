//! What the examples share: the sample ledger and how it is made, files and how they are read, figures, words of dunning.

pub mod dunning;
pub mod figures;
pub mod files;
pub mod sample;
