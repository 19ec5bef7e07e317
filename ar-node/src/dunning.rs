//! Dunning runs and what is tried with policies, as classes and functions that `lib/dunning.js` wraps.

use ar_core::facade::{self, Problem, Refused, arrow};
use napi::Result;
use napi::bindgen_prelude::{AsyncTask, Uint8Array};
use napi_derive::napi;
use serde::Serialize;

use crate::columns::{self, ColumnOut};
use crate::errors::raise;
use crate::json::camel_json;
use crate::ledger::{NativeLedger, NativeView};
use crate::task::Work;
use crate::values::Day;

type Asked<T> = std::result::Result<T, Refused>;

fn ipc(batch: Asked<arrow::RecordBatch>) -> Result<Uint8Array> {
    batch.and_then(|batch| arrow::to_ipc(&batch)).map(Uint8Array::from).map_err(raise)
}

fn unknown_part(what: &str, expected: &str) -> Refused {
    let reason = format!("expected {expected}, got {what:?}");
    Problem::new("unknown_field", reason).field("what").into()
}

/// Rows as JSON text, on whatever thread.
fn told<T: Serialize + ?Sized>(rows: &T) -> Asked<String> {
    camel_json(rows).map_err(|error| Problem::new("limit_exceeded", format!("expected less: {error}")).into())
}

/// A dunning run.
#[napi]
pub struct NativeDunningRun {
    inner: facade::DunningRun,
}

fn run(view: &facade::View, policy: &str) -> Asked<NativeDunningRun> {
    Ok(NativeDunningRun { inner: view.dun(&facade::dunning_policy(policy)?)? })
}

/// Whom to remind.
#[napi(catch_unwind)]
pub fn dun(view: &NativeView, policy: String) -> Result<NativeDunningRun> {
    run(&view.inner, &policy).map_err(raise)
}

/// Whom to remind, on another thread.
#[napi(catch_unwind)]
pub fn dun_async(view: &NativeView, policy: String) -> Result<AsyncTask<Work<NativeDunningRun>>> {
    let view = view.inner.clone();
    Ok(AsyncTask::new(Work::new(move || run(&view, &policy))))
}

#[napi]
impl NativeDunningRun {
    /// The policy and the engine that made it.
    #[napi(catch_unwind)]
    pub fn made_by(&self) -> Result<String> {
        camel_json(&self.inner.made_by())
    }

    /// Its day.
    #[napi(catch_unwind)]
    pub fn day(&self) -> Result<String> {
        Ok(self.inner.day().to_string())
    }

    /// How many notices and how many lines there are.
    #[napi(catch_unwind)]
    pub fn counts(&self) -> Result<Vec<u32>> {
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        Ok(vec![count(self.inner.len()), count(self.inner.line_count())])
    }

    /// The notices with their lines.
    #[napi(catch_unwind)]
    pub fn notices(&self) -> Result<String> {
        camel_json(&self.inner.notices().map_err(raise)?)
    }

    /// The items that are on no notice.
    #[napi(catch_unwind)]
    pub fn skipped(&self) -> Result<String> {
        camel_json(&self.inner.skipped().map_err(raise)?)
    }

    /// How many items were skipped for each reason; reasons are words, and stay as they are.
    #[napi(catch_unwind)]
    pub fn skipped_counts(&self) -> Result<String> {
        Ok(facade::to_json(&self.inner.skipped_counts()))
    }

    /// What happened.
    #[napi(catch_unwind)]
    pub fn events(&self) -> Result<String> {
        camel_json(&self.inner.events().map_err(raise)?)
    }

    /// Every question asked of an item.
    #[napi(catch_unwind)]
    pub fn explain(&self, document: String, instalment: u32) -> Result<String> {
        camel_json(&self.inner.explain(&document, instalment).map_err(raise)?)
    }

    /// The run without some notices.
    #[napi(catch_unwind)]
    pub fn without(&self, notices: Vec<u32>) -> Result<NativeDunningRun> {
        let notices: Vec<usize> =
            notices.into_iter().map(|number| usize::try_from(number).unwrap_or(usize::MAX)).collect();
        Ok(NativeDunningRun { inner: self.inner.without(&notices).map_err(raise)? })
    }

    /// The rows to append.
    #[napi(catch_unwind)]
    pub fn facts(&self, id_prefix: String) -> Result<String> {
        let facade::Facts { notices, notice_lines, documents, .. } = self.inner.facts(&id_prefix).map_err(raise)?;
        camel_json(&Posted { documents, notices, notice_lines })
    }

    /// A part of it as columns.
    #[napi(catch_unwind)]
    pub fn columns(&self, what: String) -> Result<Vec<ColumnOut>> {
        let columns = match what.as_str() {
            "notices" => self.inner.notices().and_then(|notices| columns::dunning_notices(&notices)),
            "lines" => self.inner.notices().and_then(|notices| columns::dunning_lines(&notices)),
            "skipped" => self.inner.skipped().and_then(|skipped| columns::skipped_items(&skipped)),
            other => Err(unknown_part(other, "notices, lines or skipped")),
        };
        columns.map_err(raise)
    }

    /// A part of it as Arrow IPC bytes.
    #[napi(catch_unwind)]
    pub fn arrow(&self, what: String) -> Result<Uint8Array> {
        ipc(match what.as_str() {
            "notices" => self.inner.notices().and_then(|notices| arrow::dunning_notices(&notices)),
            "lines" => self.inner.notices().and_then(|notices| arrow::dunning_lines(&notices)),
            "claims" => arrow::dunning_claims(&self.inner, &arrow::Dictionaries::default()),
            "levels" => arrow::dunning_levels(&self.inner, &arrow::Dictionaries::default()),
            "skipped" => self.inner.skipped().and_then(|skipped| arrow::skipped_items(&skipped)),
            "events" => self.inner.events().and_then(|events| arrow::dunning_events(&events)),
            other => Err(unknown_part(other, "notices, lines, claims, levels, skipped or events")),
        })
    }
}

/// The tables that post a run.
#[derive(Serialize)]
struct Posted {
    documents: Vec<facade::Document>,
    notices: Vec<facade::Notice>,
    notice_lines: Vec<facade::NoticeLine>,
}

/// What a policy would have sent.
#[napi]
pub struct NativeSimulation {
    inner: facade::Simulation,
}

#[napi]
impl NativeSimulation {
    /// The policy and the engine that made it.
    #[napi(catch_unwind)]
    pub fn made_by(&self) -> Result<String> {
        camel_json(&self.inner.made_by)
    }

    /// How many addressees were touched.
    #[napi(catch_unwind)]
    pub fn customers(&self) -> Result<u32> {
        Ok(u32::try_from(self.inner.customers).unwrap_or(u32::MAX))
    }

    /// Every notice, by day.
    #[napi(catch_unwind)]
    pub fn notices(&self) -> Result<String> {
        camel_json(&self.inner.notices)
    }

    /// The days with notices.
    #[napi(catch_unwind)]
    pub fn days(&self) -> Result<String> {
        camel_json(&self.inner.days)
    }

    /// The sums by currency.
    #[napi(catch_unwind)]
    pub fn totals(&self) -> Result<String> {
        camel_json(&self.inner.totals)
    }

    /// Lines about what was paid already.
    #[napi(catch_unwind)]
    pub fn paid_already(&self) -> Result<String> {
        camel_json(&self.inner.paid_already)
    }

    /// A part of it as Arrow IPC bytes.
    #[napi(catch_unwind)]
    pub fn arrow(&self, what: String) -> Result<Uint8Array> {
        let made = &self.inner;
        ipc(match what.as_str() {
            "notices" => arrow::simulated_notices(&made.notices),
            "lines" => arrow::simulated_lines(&made.notices),
            "days" => arrow::simulated_days(&made.days),
            "totals" => arrow::simulated_totals(&made.totals),
            "paidAlready" => arrow::paid_already(&made.paid_already),
            other => Err(unknown_part(other, "notices, lines, days, totals or paidAlready")),
        })
    }
}

/// The first and the last day of a trial.
fn period(from: Day, to: Day) -> Result<(facade::Day, facade::Day)> {
    Ok((from.count("from")?, to.count("to")?))
}

fn simulate(ledger: &facade::Ledger, policy: &str, from: facade::Day, to: facade::Day) -> Asked<NativeSimulation> {
    Ok(NativeSimulation { inner: ledger.simulate_dunning(&facade::dunning_policy(policy)?, from, to)? })
}

/// What a policy would have sent.
#[napi(catch_unwind)]
pub fn simulate_dunning(ledger: &NativeLedger, policy: String, from: Day, to: Day) -> Result<NativeSimulation> {
    let (from, to) = period(from, to)?;
    simulate(&ledger.inner, &policy, from, to).map_err(raise)
}

/// What a policy would have sent, on another thread.
#[napi(catch_unwind)]
pub fn simulate_dunning_async(
    ledger: &NativeLedger,
    policy: String,
    from: Day,
    to: Day,
) -> Result<AsyncTask<Work<NativeSimulation>>> {
    let (from, to) = period(from, to)?;
    let ledger = ledger.inner.clone();
    Ok(AsyncTask::new(Work::new(move || simulate(&ledger, &policy, from, to))))
}

fn compare(ledger: &facade::Ledger, a: &str, b: &str, from: facade::Day, to: facade::Day) -> Asked<String> {
    let (a, b) = (facade::dunning_policy(a)?, facade::dunning_policy(b)?);
    told(&ledger.compare_dunning(&a, &b, from, to)?)
}

/// Whom two policies treat differently.
#[napi(catch_unwind)]
pub fn compare_dunning(ledger: &NativeLedger, policy: String, other: String, from: Day, to: Day) -> Result<String> {
    let (from, to) = period(from, to)?;
    compare(&ledger.inner, &policy, &other, from, to).map_err(raise)
}

/// Whom two policies treat differently, on another thread.
#[napi(catch_unwind)]
pub fn compare_dunning_async(
    ledger: &NativeLedger,
    policy: String,
    other: String,
    from: Day,
    to: Day,
) -> Result<AsyncTask<Work<String>>> {
    let (from, to) = period(from, to)?;
    let ledger = ledger.inner.clone();
    Ok(AsyncTask::new(Work::new(move || compare(&ledger, &policy, &other, from, to))))
}

fn audit(ledger: &facade::Ledger, policy: &str, from: facade::Day, to: facade::Day, tolerance: u32) -> Asked<String> {
    told(&ledger.audit_dunning(&facade::dunning_policy(policy)?, from, to, tolerance)?)
}

/// What was sent otherwise than a policy says.
#[napi(catch_unwind)]
pub fn audit_dunning(ledger: &NativeLedger, policy: String, from: Day, to: Day, tolerance_days: u32) -> Result<String> {
    let (from, to) = period(from, to)?;
    audit(&ledger.inner, &policy, from, to, tolerance_days).map_err(raise)
}

/// What was sent otherwise than a policy says, on another thread.
#[napi(catch_unwind)]
pub fn audit_dunning_async(
    ledger: &NativeLedger,
    policy: String,
    from: Day,
    to: Day,
    tolerance_days: u32,
) -> Result<AsyncTask<Work<String>>> {
    let (from, to) = period(from, to)?;
    let ledger = ledger.inner.clone();
    Ok(AsyncTask::new(Work::new(move || audit(&ledger, &policy, from, to, tolerance_days))))
}

/// Doubts about a policy.
#[napi(catch_unwind)]
pub fn lint_dunning(policy: String) -> Result<String> {
    let doubts = facade::dunning_policy(&policy).and_then(|policy| facade::lint(&policy)).map_err(raise)?;
    camel_json(&doubts)
}
