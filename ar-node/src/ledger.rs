//! The ledger and what is asked of it, as classes that `lib/ledger.js` wraps. Rows leave as JSON text, columns as typed
//! arrays, and neither is made before it is asked for.

use ar_core::facade::{self, AgingQuestion, Problem, Refused, arrow};
use napi::Result;
use napi::bindgen_prelude::{AsyncTask, Uint8Array};
use napi_derive::napi;
use serde::Serialize;

use crate::columns::{self, ColumnOut};
use crate::errors::raise;
use crate::facts::{Facts, FactsIn, Rows, TableIn};
use crate::json::camel_json;
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

/// A ledger.
#[napi]
pub struct NativeLedger {
    pub(crate) inner: facade::Ledger,
}

fn load(facts: &Facts, settings: &str) -> Asked<NativeLedger> {
    let settings = facade::settings(settings)?;
    let inner = facts.ask(|tables| facade::Ledger::load(settings, tables))?;
    Ok(NativeLedger { inner })
}

/// Loads a ledger.
#[napi(catch_unwind)]
pub fn load_ledger(facts: FactsIn, settings: String) -> Result<NativeLedger> {
    facts.facts().and_then(|facts| load(&facts, &settings)).map_err(raise)
}

/// Loads a ledger on another thread.
#[napi(catch_unwind)]
pub fn load_ledger_async(facts: FactsIn, settings: String) -> Result<AsyncTask<Work<NativeLedger>>> {
    let facts = facts.facts().map_err(raise)?;
    Ok(AsyncTask::new(Work::new(move || load(&facts, &settings))))
}

fn append(ledger: &facade::Ledger, facts: &Facts, recorded: facade::Day) -> Asked<NativeLedger> {
    Ok(NativeLedger { inner: facts.ask(|tables| ledger.append(tables, recorded))? })
}

#[napi]
impl NativeLedger {
    /// The ledger with more facts.
    #[napi(catch_unwind)]
    pub fn append(&self, facts: FactsIn, recorded: Day) -> Result<NativeLedger> {
        let recorded = recorded.count("recorded")?;
        facts.facts().and_then(|facts| append(&self.inner, &facts, recorded)).map_err(raise)
    }

    /// The ledger with more facts, on another thread.
    #[napi(catch_unwind)]
    pub fn append_async(&self, facts: FactsIn, recorded: Day) -> Result<AsyncTask<Work<NativeLedger>>> {
        let recorded = recorded.count("recorded")?;
        let facts = facts.facts().map_err(raise)?;
        let ledger = self.inner.clone();
        Ok(AsyncTask::new(Work::new(move || append(&ledger, &facts, recorded))))
    }

    /// What was owed as of a day.
    #[napi(catch_unwind)]
    pub fn as_of(&self, day: Day, known_on: Option<Day>) -> Result<NativeView> {
        let day = day.count("day")?;
        let inner = match known_on {
            None => self.inner.as_of(day),
            Some(known_on) => self.inner.as_of_known(day, known_on.count("knownOn")?),
        };
        Ok(NativeView { inner })
    }

    /// What one customer owed as of a day.
    #[napi(catch_unwind)]
    pub fn customer_as_of(&self, customer: String, day: Day, known_on: Option<Day>) -> Result<NativeView> {
        let day = day.count("day")?;
        let known_on = known_on.map(|known_on| known_on.count("knownOn")).transpose()?;
        let inner = self.inner.customer_as_of(&customer, day, known_on).map_err(raise)?;
        Ok(NativeView { inner })
    }

    /// The last recorded day.
    #[napi(catch_unwind)]
    pub fn last_recorded(&self) -> Result<Option<String>> {
        Ok(self.inner.last_recorded().map(|day| day.to_string()))
    }

    /// How many documents it holds.
    #[napi(catch_unwind)]
    pub fn documents(&self) -> Result<u32> {
        Ok(self.inner.documents())
    }
}

/// A view.
#[napi]
pub struct NativeView {
    pub(crate) inner: facade::View,
}

fn age(view: &facade::View, policy: &str, by: &[String], filter: &str) -> Asked<NativeAging> {
    let policy = facade::aging_policy(policy)?;
    let filter = facade::where_filter(filter)?;
    Ok(NativeAging { inner: view.aging(&policy, by, &filter)? })
}

fn propose(view: &facade::View, policy: &str) -> Asked<NativeProposal> {
    Ok(NativeProposal { inner: view.propose(&facade::allocation_policy(policy)?)? })
}

fn settle(view: &facade::View, policy: &str) -> Asked<NativeSettlement> {
    Ok(NativeSettlement { inner: view.settle(&facade::settlement_policy(policy)?)? })
}

#[napi]
impl NativeView {
    /// Its day.
    #[napi(catch_unwind)]
    pub fn day(&self) -> Result<String> {
        Ok(self.inner.day().to_string())
    }

    /// The day up to which facts are known.
    #[napi(catch_unwind)]
    pub fn known_on(&self) -> Result<Option<String>> {
        Ok(self.inner.known_on().map(|day| day.to_string()))
    }

    /// The same open items on a later day.
    #[napi(catch_unwind)]
    pub fn carried_to(&self, day: Day) -> Result<NativeView> {
        let day = day.count("day")?;
        Ok(NativeView { inner: self.inner.carried_to(day).map_err(raise)? })
    }

    /// The open items.
    #[napi(catch_unwind)]
    pub fn open_items(&self) -> Result<String> {
        camel_json(&self.inner.open_items())
    }

    /// The open items as columns.
    #[napi(catch_unwind)]
    pub fn columns(&self) -> Result<Vec<ColumnOut>> {
        columns::open_items(&self.inner.open_items()).map_err(raise)
    }

    /// The open items as Arrow IPC bytes.
    #[napi(catch_unwind)]
    pub fn arrow(&self) -> Result<Uint8Array> {
        ipc(arrow::open_items(&self.inner.open_items()))
    }

    /// The facts that count.
    #[napi(catch_unwind)]
    pub fn facts(&self) -> Result<String> {
        camel_json(&self.inner.facts())
    }

    /// What settles on the day.
    #[napi(catch_unwind)]
    pub fn matches(&self) -> Result<String> {
        camel_json(&self.inner.matches())
    }

    /// What is known and counts later.
    #[napi(catch_unwind)]
    pub fn pending(&self) -> Result<String> {
        camel_json(&self.inner.pending())
    }

    /// Receipts known for later days.
    #[napi(catch_unwind)]
    pub fn pending_receipts(&self) -> Result<String> {
        camel_json(&self.inner.pending_by_account())
    }

    /// An aging.
    #[napi(catch_unwind)]
    pub fn aging(&self, policy: String, by: Vec<String>, filter: String) -> Result<NativeAging> {
        age(&self.inner, &policy, &by, &filter).map_err(raise)
    }

    /// An aging, on another thread.
    #[napi(catch_unwind)]
    pub fn aging_async(&self, policy: String, by: Vec<String>, filter: String) -> Result<AsyncTask<Work<NativeAging>>> {
        let view = self.inner.clone();
        Ok(AsyncTask::new(Work::new(move || age(&view, &policy, &by, &filter))))
    }

    /// Where ledger and general ledger differ.
    #[napi(catch_unwind)]
    pub fn reconcile(&self, balances: TableIn) -> Result<String> {
        let balances = Rows::new(balances).and_then(|rows| facade::control_balances(&rows));
        let differences = balances.and_then(|balances| self.inner.reconcile(&balances)).map_err(raise)?;
        camel_json(&differences)
    }

    /// A proposal.
    #[napi(catch_unwind)]
    pub fn propose(&self, policy: String) -> Result<NativeProposal> {
        propose(&self.inner, &policy).map_err(raise)
    }

    /// A proposal, on another thread.
    #[napi(catch_unwind)]
    pub fn propose_async(&self, policy: String) -> Result<AsyncTask<Work<NativeProposal>>> {
        let view = self.inner.clone();
        Ok(AsyncTask::new(Work::new(move || propose(&view, &policy))))
    }

    /// A settlement.
    #[napi(catch_unwind)]
    pub fn settle(&self, policy: String) -> Result<NativeSettlement> {
        settle(&self.inner, &policy).map_err(raise)
    }

    /// A settlement, on another thread.
    #[napi(catch_unwind)]
    pub fn settle_async(&self, policy: String) -> Result<AsyncTask<Work<NativeSettlement>>> {
        let view = self.inner.clone();
        Ok(AsyncTask::new(Work::new(move || settle(&view, &policy))))
    }

    /// The facts that take back allocations and differences.
    #[napi(catch_unwind)]
    pub fn undo(&self, ids: Vec<String>) -> Result<String> {
        let facade::Facts { reversals, cancellations, .. } = self.inner.undo(&ids).map_err(raise)?;
        camel_json(&Undone { reversals, cancellations })
    }

    /// What items in foreign currency are worth.
    #[napi(catch_unwind)]
    pub fn revaluation(&self) -> Result<String> {
        camel_json(&self.inner.revaluation().map_err(raise)?)
    }

    /// What overdue items bear, explained or not.
    #[napi(catch_unwind)]
    pub fn interest(&self, policy: String, question: String, explained: bool) -> Result<String> {
        let policy = facade::interest_policy(&policy).map_err(raise)?;
        let question = facade::interest_question(&question).map_err(raise)?;
        let reckoned = if explained {
            self.inner.explain_interest(&policy, &question)
        } else {
            self.inner.interest(&policy, &question)
        };
        camel_json(&reckoned.map_err(raise)?)
    }
}

/// An aging.
#[napi]
pub struct NativeAging {
    inner: facade::AgingReport,
}

const PARTS_OF_AGING: &str = "rows, totals, items, cells or buckets";

#[napi]
impl NativeAging {
    /// The keys of the groups.
    #[napi(catch_unwind)]
    pub fn by(&self) -> Result<Vec<String>> {
        Ok(self.inner.by().to_vec())
    }

    /// The policy and the engine that made it.
    #[napi(catch_unwind)]
    pub fn made_by(&self) -> Result<String> {
        camel_json(&self.inner.made_by())
    }

    /// The labels of the buckets.
    #[napi(catch_unwind)]
    pub fn labels(&self) -> Result<Vec<String>> {
        Ok(self.inner.labels())
    }

    /// The labels of the columns.
    #[napi(catch_unwind)]
    pub fn column_labels(&self) -> Result<Option<Vec<String>>> {
        Ok(self.inner.column_labels())
    }

    /// The groups.
    #[napi(catch_unwind)]
    pub fn rows(&self) -> Result<String> {
        camel_json(&self.inner.rows())
    }

    /// The totals.
    #[napi(catch_unwind)]
    pub fn totals(&self) -> Result<String> {
        camel_json(&self.inner.totals())
    }

    /// The items.
    #[napi(catch_unwind)]
    pub fn items(&self) -> Result<String> {
        camel_json(&self.inner.items())
    }

    /// The items that a question is about.
    #[napi(catch_unwind)]
    pub fn explain(
        &self,
        customer: Option<String>,
        document: Option<String>,
        instalment: Option<u32>,
        bucket: Option<String>,
    ) -> Result<String> {
        camel_json(&self.inner.explain(&AgingQuestion { customer, document, instalment, bucket }))
    }

    /// Rows, totals or items as columns.
    #[napi(catch_unwind)]
    pub fn columns(&self, what: String) -> Result<Vec<ColumnOut>> {
        let aged = &self.inner;
        let columns = match what.as_str() {
            "rows" => columns::aging_rows(aged, &aged.rows(), aged.by()),
            "totals" => columns::aging_rows(aged, &aged.totals(), &[]),
            "items" => columns::aging_items(&aged.items()),
            "cells" => columns::aging_cells(aged),
            "buckets" => columns::aging_buckets(aged),
            other => Err(unknown_part(other, PARTS_OF_AGING)),
        };
        columns.map_err(raise)
    }

    /// Rows, totals or items as Arrow IPC bytes.
    #[napi(catch_unwind)]
    pub fn arrow(&self, what: String) -> Result<Uint8Array> {
        let aged = &self.inner;
        ipc(match what.as_str() {
            "rows" => arrow::aging_rows(aged, &aged.rows()),
            "totals" => arrow::aging_rows(aged, &aged.totals()),
            "items" => arrow::aging_items(&aged.items()),
            "cells" => arrow::aging_cells(aged, &arrow::Dictionaries::default()),
            other => Err(unknown_part(other, PARTS_OF_AGING)),
        })
    }
}

/// A proposal.
#[napi]
pub struct NativeProposal {
    inner: facade::Proposal,
}

const PARTS_OF_PROPOSAL: &str = "lines or unapplied";

#[napi]
impl NativeProposal {
    /// The policy and the engine that made it.
    #[napi(catch_unwind)]
    pub fn made_by(&self) -> Result<String> {
        camel_json(&self.inner.made_by())
    }

    /// The lines.
    #[napi(catch_unwind)]
    pub fn lines(&self) -> Result<String> {
        camel_json(&self.inner.lines())
    }

    /// What stays on account.
    #[napi(catch_unwind)]
    pub fn unapplied(&self) -> Result<String> {
        camel_json(&self.inner.unapplied())
    }

    /// The part about a credit or a debit.
    #[napi(catch_unwind)]
    pub fn explain(&self, credit: Option<String>, debit: Option<String>) -> Result<String> {
        camel_json(&self.inner.explain(credit.as_deref(), debit.as_deref()))
    }

    /// The allocations to append.
    #[napi(catch_unwind)]
    pub fn facts(&self, id_prefix: String) -> Result<String> {
        camel_json(&self.inner.facts(&id_prefix).allocations)
    }

    /// Lines or unapplied credits as columns.
    #[napi(catch_unwind)]
    pub fn columns(&self, what: String) -> Result<Vec<ColumnOut>> {
        let columns = match what.as_str() {
            "lines" => columns::proposal_lines(&self.inner.lines()),
            "unapplied" => columns::unapplied(&self.inner.unapplied()),
            other => Err(unknown_part(other, PARTS_OF_PROPOSAL)),
        };
        columns.map_err(raise)
    }

    /// Lines or unapplied credits as Arrow IPC bytes.
    #[napi(catch_unwind)]
    pub fn arrow(&self, what: String) -> Result<Uint8Array> {
        ipc(match what.as_str() {
            "lines" => arrow::proposal_lines(&self.inner.lines()),
            "unapplied" => arrow::unapplied(&self.inner.unapplied()),
            other => Err(unknown_part(other, PARTS_OF_PROPOSAL)),
        })
    }
}

/// The tables of an undoing.
#[derive(Serialize)]
struct Undone {
    reversals: Vec<facade::Reversal>,
    cancellations: Vec<facade::Cancellation>,
}

/// The tables that post a settlement.
#[derive(Serialize)]
struct Posted {
    allocations: Vec<facade::Allocation>,
    differences: Vec<facade::SettlementDifference>,
    documents: Vec<facade::Document>,
}

/// A settlement.
#[napi]
pub struct NativeSettlement {
    inner: facade::Settlement,
}

#[napi]
impl NativeSettlement {
    /// The policy and the engine that made it.
    #[napi(catch_unwind)]
    pub fn made_by(&self) -> Result<String> {
        camel_json(&self.inner.made_by())
    }

    /// The lines.
    #[napi(catch_unwind)]
    pub fn lines(&self) -> Result<String> {
        camel_json(&self.inner.lines())
    }

    /// The differences beside them.
    #[napi(catch_unwind)]
    pub fn differences(&self) -> Result<String> {
        camel_json(&self.inner.differences())
    }

    /// What stays on account.
    #[napi(catch_unwind)]
    pub fn unapplied(&self) -> Result<String> {
        camel_json(&self.inner.unapplied())
    }

    /// What somebody has to decide.
    #[napi(catch_unwind)]
    pub fn questions(&self) -> Result<String> {
        camel_json(&self.inner.questions())
    }

    /// That nothing was lost.
    #[napi(catch_unwind)]
    pub fn proof(&self) -> Result<String> {
        camel_json(&self.inner.proof())
    }

    /// The exchange differences.
    #[napi(catch_unwind)]
    pub fn exchange(&self) -> Result<String> {
        camel_json(&self.inner.exchange())
    }

    /// The part about a credit or a debit.
    #[napi(catch_unwind)]
    pub fn explain(&self, credit: Option<String>, debit: Option<String>) -> Result<String> {
        camel_json(&self.inner.explain(credit.as_deref(), debit.as_deref()))
    }

    /// The settlement with changes, a list of them as JSON text.
    #[napi(catch_unwind)]
    pub fn edit(&self, edits: String) -> Result<NativeSettlement> {
        let edits = facade::settlement_edits(&edits).map_err(raise)?;
        Ok(NativeSettlement { inner: self.inner.edit(&edits).map_err(raise)? })
    }

    /// The settlement without some lines.
    #[napi(catch_unwind)]
    pub fn without(&self, lines: Vec<u32>) -> Result<NativeSettlement> {
        let lines: Vec<usize> = lines.into_iter().map(|line| usize::try_from(line).unwrap_or(usize::MAX)).collect();
        Ok(NativeSettlement { inner: self.inner.without(&lines).map_err(raise)? })
    }

    /// The rows to append.
    #[napi(catch_unwind)]
    pub fn facts(&self, id_prefix: String) -> Result<String> {
        let facade::Facts { allocations, differences, documents, .. } = self.inner.facts(&id_prefix);
        camel_json(&Posted { allocations, differences, documents })
    }

    /// Lines, differences or unapplied credits as columns.
    #[napi(catch_unwind)]
    pub fn columns(&self, what: String) -> Result<Vec<ColumnOut>> {
        let columns = match what.as_str() {
            "lines" => columns::settlement_lines(&self.inner.lines()),
            "differences" => columns::line_differences(&self.inner.differences()),
            "unapplied" => columns::unapplied(&self.inner.unapplied()),
            other => Err(unknown_part(other, "lines, differences or unapplied")),
        };
        columns.map_err(raise)
    }

    /// A part of it as Arrow IPC bytes.
    #[napi(catch_unwind)]
    pub fn arrow(&self, what: String) -> Result<Uint8Array> {
        ipc(match what.as_str() {
            "lines" => arrow::settlement_lines(&self.inner.lines()),
            "differences" => arrow::line_differences(&self.inner.differences()),
            "unapplied" => arrow::unapplied(&self.inner.unapplied()),
            "questions" => arrow::questions(&self.inner.questions()),
            "proof" => arrow::proof_rows(&self.inner.proof()),
            "exchange" => arrow::exchange_totals(&self.inner.exchange()),
            other => Err(unknown_part(other, "lines, differences, unapplied, questions, proof or exchange")),
        })
    }
}
