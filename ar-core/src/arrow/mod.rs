//! Arrow in and out: record batches as tables of facts, reports as record batches. One adapter for every front end that
//! speaks Arrow; the rules know nothing of it.

mod cells;
mod columns;
mod dunned;
mod exposed;
mod figures;
mod in_place;
mod input;
mod ipc;
mod output;
mod settled;

pub use cells::{Dictionaries, aging_cells, dunning_claims, dunning_levels, proposal_table};
pub use columns::{age_dense, allocate_dense};
pub use dunned::{
    audit_rows, compared_customers, dunning_events, dunning_lines, dunning_notices, lint_warnings, paid_already,
    simulated_days, simulated_lines, simulated_notices, simulated_totals, skipped_items,
};
pub use exposed::{exposure_rows, exposure_totals};
pub use figures::{dso_changes, kpi_table, kpi_values};
pub use input::ArrowFacts;
pub use ipc::{from_ipc, to_ipc};
pub use output::{aging_items, aging_rows, differences, open_items, proposal_lines, unapplied};
pub use settled::{
    exchange_totals, interest_items, interest_totals, line_differences, proof_rows, questions, revaluation_totals,
    revalued_items, settlement_lines,
};

pub use arrow_array::RecordBatch;

use crate::problem::Refused;

/// Batches as one: a single batch as it is, several copied together.
///
/// # Errors
/// `missing_field` for no batch at all, `wrong_type` for batches of different columns.
pub fn concatenated(batches: &[RecordBatch]) -> Result<RecordBatch, Refused> {
    match batches {
        [] => Err(Refused::one("missing_field", "expected at least one batch")),
        [one] => Ok(one.clone()),
        [first, ..] => arrow_select::concat::concat_batches(&first.schema(), batches)
            .map_err(|error| Refused::one("wrong_type", error.to_string())),
    }
}
