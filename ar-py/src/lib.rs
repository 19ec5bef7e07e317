//! The Python module `receivables._native`: the facade in Python's own types.
//!
//! Nothing is decided here. Values come in through [`values`] and [`facts`], the facade answers, reports leave through
//! [`report`] and [`table`], and refusals through [`errors`].

use pyo3::prelude::*;

mod arrow;
mod credit;
mod dunning;
mod errors;
mod facts;
mod interest;
mod kpi;
mod ledger;
mod letters;
mod prediction;
mod provision;
mod report;
mod settlement;
mod table;
mod tools;
mod values;

/// Answers are large columns that come and go: an allocator that keeps their pages spares clearing them again each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Memory goes back to the system in whole huge pages: one that was given back in part comes again as small pages, each
/// cleared by a fault of its own, which cost a large answer as much as a fifth of its time.
fn give_back_whole_huge_pages() {
    /// `mi_option_minimal_purge_size`, in KiB; the crate has no name for it.
    const MINIMAL_PURGE_SIZE: libmimalloc_sys::mi_option_t = 44;
    // SAFETY: a setting of the allocator, stored atomically; it takes any whole number.
    unsafe { libmimalloc_sys::mi_option_set(MINIMAL_PURGE_SIZE, 2048) };
}

/// Loaded as `receivables._native`; people import `receivables`.
#[pymodule(gil_used = false)]
mod _native {
    use ar_core::facade;
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::credit::{CreditDesk, Exposure};
    #[pymodule_export]
    use crate::dunning::{DunningAudit, DunningComparison, DunningRun, DunningSimulation, lint_dunning};
    #[pymodule_export]
    use crate::interest::{Interest, debt_interest};
    #[pymodule_export]
    use crate::kpi::{DsoChange, Kpis, kpi_registry};
    #[pymodule_export]
    use crate::ledger::{Aging, Ledger, Proposal, View};
    #[pymodule_export]
    use crate::letters::{
        check_creditor_reference, creditor_reference, letter, local_date, local_money, notice_letters,
    };
    #[pymodule_export]
    use crate::prediction::{CashForecast, PredictionModel};
    #[pymodule_export]
    use crate::provision::Provision;
    #[pymodule_export]
    use crate::settlement::{Revaluation, Settlement};
    #[pymodule_export]
    use crate::table::Table;
    #[pymodule_export]
    use crate::tools::{
        age_dense, allocate_dense, business_day, checked_money, day_count, discount_rates, explain_due_dates,
        import_ledger, import_text, profile, profiles, schema, schemas, split, table_columns, tables,
    };

    #[pymodule_init]
    fn init(_module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::give_back_whole_huge_pages();
        Ok(())
    }

    /// The engine's version.
    #[pyfunction]
    fn engine_version() -> String {
        facade::engine_version()
    }
}
