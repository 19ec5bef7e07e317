//! The Python module `receivables._native`: the facade in Python's own types.
//!
//! Nothing is decided here. Values come in through [`values`] and [`facts`], the facade answers, reports leave through
//! [`report`] and [`table`], and refusals through [`errors`].

use pyo3::prelude::*;

mod arrow;
mod errors;
mod facts;
mod ledger;
mod report;
mod table;
mod tools;
mod values;

/// Answers are large columns that come and go: an allocator that keeps their pages spares clearing them again each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Loaded as `receivables._native`; people import `receivables`.
#[pymodule(gil_used = false)]
mod _native {
    use ar_core::facade;
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::ledger::{Aging, Ledger, Proposal, View};
    #[pymodule_export]
    use crate::table::Table;
    #[pymodule_export]
    use crate::tools::{
        age_dense, allocate_dense, business_day, checked_money, day_count, explain_due_dates, import_ledger,
        import_text, profile, profiles, schema, schemas, split, table_columns, tables,
    };

    /// The engine's version.
    #[pyfunction]
    fn engine_version() -> String {
        facade::engine_version()
    }
}
