//! Arrow in and out: record batches as tables of facts, reports as record batches. One adapter for every front end that
//! speaks Arrow; the rules know nothing of it.

mod input;
mod ipc;
mod output;

pub use input::ArrowFacts;
pub use ipc::{from_ipc, to_ipc};
pub use output::{aging_items, aging_rows, differences, open_items, proposal_lines, unapplied};

pub use arrow_array::RecordBatch;
