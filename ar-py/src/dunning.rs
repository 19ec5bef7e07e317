//! Dunning runs, simulations, comparisons and audits, as classes that hold the facade's values.

use std::sync::Arc;

use ar_core::facade::arrow as batches;
use ar_core::facade::{
    self, AuditRow, ChargeTotal, ComparedCustomer, DunningEvent, DunningExplanation, DunningLine, DunningNotice,
    PaidAlready, Problem, Refused, SimulatedDay, SimulatedNotice, SimulatedTotal, SkippedItem, Warning,
};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::errors::raise;
use crate::ledger::table;
use crate::report::{Row, objects};
use crate::table::Table;
use crate::values::to_decimal;

macro_rules! class {
    ($py:expr, $name:literal) => {{
        static CLASS: pyo3::sync::PyOnceLock<Py<PyAny>> = pyo3::sync::PyOnceLock::new();
        CLASS.import($py, "receivables.dunning_reports", $name)?
    }};
}

fn rows<T: Row>(py: Python<'_>, asked: Result<Vec<T>, Refused>) -> PyResult<Vec<Bound<'_, PyAny>>> {
    objects(py, asked.map_err(|refusal| raise(py, refusal))?)
}

fn unknown_part(what: &str, part: &str) -> Refused {
    Problem::new("unknown_value", format!("expected a part of a {what}, got {part:?}")).field("part").into()
}

/// Whom a run reminds. `receivables.DunningRun` is its face.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct DunningRun {
    pub(crate) inner: facade::DunningRun,
    pub(crate) texts: Arc<batches::Dictionaries>,
}

#[pymethods]
impl DunningRun {
    /// How many notices there are.
    fn __len__(&self) -> usize {
        self.inner.len()
    }

    /// How many items are on a notice.
    #[getter]
    fn line_count(&self) -> usize {
        self.inner.line_count()
    }

    /// The day of the run.
    #[getter]
    fn day(&self) -> chrono::NaiveDate {
        self.inner.day().to_naive_date()
    }

    /// The policy and the engine that made it.
    #[getter]
    fn made_by<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.inner.made_by().object(py)
    }

    /// The notices with their lines.
    fn notices<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        rows(py, py.detach(|| self.inner.notices()))
    }

    /// The items that are on no notice.
    fn skipped<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        rows(py, py.detach(|| self.inner.skipped()))
    }

    /// How many items were skipped for each reason.
    fn skipped_counts(&self, py: Python<'_>) -> std::collections::BTreeMap<String, u64> {
        py.detach(|| self.inner.skipped_counts())
    }

    /// What happened.
    fn events<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        rows(py, py.detach(|| self.inner.events()))
    }

    /// A part of it as a table.
    fn table(&self, py: Python<'_>, part: &str) -> PyResult<Table> {
        let batch = py.detach(|| match part {
            "notices" => batches::dunning_notices(&self.inner.notices()?),
            "lines" => batches::dunning_lines(&self.inner.notices()?),
            "claims" => batches::dunning_claims(&self.inner, &self.texts),
            "levels" => batches::dunning_levels(&self.inner, &self.texts),
            "skipped" => batches::skipped_items(&self.inner.skipped()?),
            "events" => batches::dunning_events(&self.inner.events()?),
            _ => Err(unknown_part("dunning run", part)),
        });
        table(py, batch)
    }

    /// Every question asked of an item.
    fn explain<'py>(&self, py: Python<'py>, document: &str, instalment: u32) -> PyResult<Bound<'py, PyAny>> {
        let explained = py.detach(|| self.inner.explain(document, instalment));
        explained.map_err(|refusal| raise(py, refusal))?.object(py)
    }

    /// The run without some of its notices.
    fn without(&self, py: Python<'_>, notices: Vec<usize>) -> PyResult<Self> {
        let inner = py.detach(|| self.inner.without(&notices));
        Ok(Self { inner: inner.map_err(|refusal| raise(py, refusal))?, texts: Arc::clone(&self.texts) })
    }

    /// The rows to append, as JSON text.
    fn facts(&self, py: Python<'_>, id_prefix: &str) -> PyResult<String> {
        let facts = py.detach(|| Ok(facade::to_json(&self.inner.facts(id_prefix)?)));
        facts.map_err(|refusal| raise(py, refusal))
    }
}

/// What a policy would have sent. `receivables.DunningSimulation` is its face.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct DunningSimulation {
    pub(crate) inner: facade::Simulation,
}

#[pymethods]
impl DunningSimulation {
    /// How many addressees were touched.
    #[getter]
    fn customers(&self) -> u64 {
        self.inner.customers
    }

    /// The policy and the engine that made it.
    #[getter]
    fn made_by<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.inner.made_by.clone().object(py)
    }

    /// Every notice, by day.
    fn notices<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, self.inner.notices.clone())
    }

    /// The days with notices.
    fn days<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, self.inner.days.clone())
    }

    /// The sums by currency.
    fn totals<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, self.inner.totals.clone())
    }

    /// Lines about what was paid already.
    fn paid_already<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, self.inner.paid_already.clone())
    }

    /// A part of it as a table.
    fn table(&self, py: Python<'_>, part: &str) -> PyResult<Table> {
        let made = &self.inner;
        let batch = py.detach(|| match part {
            "notices" => batches::simulated_notices(&made.notices),
            "lines" => batches::simulated_lines(&made.notices),
            "days" => batches::simulated_days(&made.days),
            "totals" => batches::simulated_totals(&made.totals),
            "paid_already" => batches::paid_already(&made.paid_already),
            _ => Err(unknown_part("simulation", part)),
        });
        table(py, batch)
    }
}

/// Whom two policies treat differently.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct DunningComparison {
    pub(crate) inner: Vec<ComparedCustomer>,
}

#[pymethods]
impl DunningComparison {
    /// A row for each customer.
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, self.inner.clone())
    }

    /// The rows as a table.
    fn table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::compared_customers(&self.inner)))
    }
}

/// What was sent otherwise than a policy says.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct DunningAudit {
    pub(crate) inner: Vec<AuditRow>,
}

#[pymethods]
impl DunningAudit {
    /// A row for each deviation.
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, self.inner.clone())
    }

    /// The rows as a table.
    fn table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::audit_rows(&self.inner)))
    }
}

/// Doubts about a policy as JSON text.
#[pyfunction]
pub(crate) fn lint_dunning<'py>(py: Python<'py>, policy: &str) -> PyResult<Vec<Bound<'py, PyAny>>> {
    rows(py, py.detach(|| facade::lint(&facade::dunning_policy(policy)?)))
}

/// The arguments of a notice, in the order of its fields.
fn notice_fields<'py>(py: Python<'py>, notice: DunningNotice) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let lines = PyTuple::new(py, objects(py, notice.lines)?)?;
    Ok(vec![
        notice.company.into_pyobject(py)?.into_any(),
        notice.customer.into_pyobject(py)?.into_any(),
        notice.currency.into_pyobject(py)?.into_any(),
        notice.procedure.into_pyobject(py)?.into_any(),
        notice.level.into_pyobject(py)?.into_any(),
        notice.name.into_pyobject(py)?.into_any(),
        notice.tone.into_pyobject(py)?.into_any(),
        notice.template.into_pyobject(py)?.into_any(),
        notice.channel.into_pyobject(py)?.into_any(),
        notice.contact.into_pyobject(py)?.into_any(),
        notice.language.into_pyobject(py)?.into_any(),
        notice.hand_over.into_pyobject(py)?.into_any(),
        notice.due_date.into_pyobject(py)?.into_any(),
        notice.next_date.into_pyobject(py)?.into_any(),
        to_decimal(py, notice.claims)?,
        to_decimal(py, notice.fee)?,
        to_decimal(py, notice.fee_tax)?,
        to_decimal(py, notice.line_fees)?,
        to_decimal(py, notice.interest)?,
        to_decimal(py, notice.compensation)?,
        to_decimal(py, notice.total)?,
        lines.into_any(),
    ])
}

impl Row for DunningNotice {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        class!(py, "DunningNotice").call1(PyTuple::new(py, notice_fields(py, self)?)?)
    }
}

impl Row for SimulatedNotice {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let mut fields = notice_fields(py, self.notice)?;
        fields.push(self.day.into_pyobject(py)?.into_any());
        class!(py, "SimulatedNotice").call1(PyTuple::new(py, fields)?)
    }
}

impl Row for DunningLine {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let args: [Bound<'py, PyAny>; 14] = [
            self.customer.into_pyobject(py)?.into_any(),
            self.document.into_pyobject(py)?.into_any(),
            self.instalment.into_pyobject(py)?.into_any(),
            self.due_date.into_pyobject(py)?.into_any(),
            self.days.into_pyobject(py)?.into_any(),
            to_decimal(py, self.open)?,
            to_decimal(py, self.amount)?,
            self.level.into_pyobject(py)?.into_any(),
            self.previous.into_pyobject(py)?.into_any(),
            to_decimal(py, self.line_fee)?,
            to_decimal(py, self.line_fee_tax)?,
            to_decimal(py, self.interest)?,
            to_decimal(py, self.compensation)?,
            self.interest_until.into_pyobject(py)?.into_any(),
        ];
        class!(py, "DunningLine").call1(PyTuple::new(py, args)?)
    }
}

impl Row for SkippedItem {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let open = to_decimal(py, self.open)?;
        class!(py, "SkippedItem").call1((
            self.customer,
            self.document,
            self.instalment,
            self.currency,
            open,
            self.reason,
            self.detail,
            self.until,
        ))
    }
}

impl Row for DunningEvent {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        class!(py, "DunningEvent").call1((
            self.trigger,
            self.key,
            self.customer,
            self.document,
            self.instalment,
            self.day,
            self.action,
            self.channel,
            self.template,
        ))
    }
}

impl Row for DunningExplanation {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let mut steps = Vec::with_capacity(self.steps.len());
        for step in self.steps {
            steps.push(class!(py, "DunningStep").call1((step.predicate, step.passed, step.operands))?);
        }
        let steps = PyTuple::new(py, steps)?;
        class!(py, "DunningExplanation").call1((self.document, self.instalment, self.level, self.reason, steps))
    }
}

impl Row for SimulatedDay {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        class!(py, "SimulatedDay").call1((self.day, self.notices, self.lines))
    }
}

impl Row for SimulatedTotal {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        class!(py, "SimulatedTotal").call1((
            self.currency,
            self.notices,
            to_decimal(py, self.claims)?,
            to_decimal(py, self.fees)?,
            to_decimal(py, self.interest)?,
            to_decimal(py, self.compensation)?,
        ))
    }
}

impl Row for PaidAlready {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let amount = to_decimal(py, self.amount)?;
        class!(py, "PaidAlready").call1((self.day, self.customer, self.document, self.instalment, self.level, amount))
    }
}

fn charges(py: Python<'_>, charges: Vec<ChargeTotal>) -> PyResult<Bound<'_, PyTuple>> {
    let charge =
        |charge: ChargeTotal| class!(py, "ChargeTotal").call1((charge.currency, to_decimal(py, charge.amount)?));
    PyTuple::new(py, charges.into_iter().map(charge).collect::<PyResult<Vec<_>>>()?)
}

impl Row for ComparedCustomer {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let args: [Bound<'py, PyAny>; 14] = [
            self.customer.into_pyobject(py)?.into_any(),
            self.notices_a.into_pyobject(py)?.into_any(),
            self.notices_b.into_pyobject(py)?.into_any(),
            self.level_a.into_pyobject(py)?.into_any(),
            self.level_b.into_pyobject(py)?.into_any(),
            charges(py, self.charges_a)?.into_any(),
            charges(py, self.charges_b)?.into_any(),
            self.day.into_pyobject(py)?.into_any(),
            self.document.into_pyobject(py)?.into_any(),
            self.instalment.into_pyobject(py)?.into_any(),
            self.within.into_pyobject(py)?.into_any(),
            self.level.into_pyobject(py)?.into_any(),
            self.other_level.into_pyobject(py)?.into_any(),
            self.other_reason.into_pyobject(py)?.into_any(),
        ];
        class!(py, "ComparedCustomer").call1(PyTuple::new(py, args)?)
    }
}

impl Row for AuditRow {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        class!(py, "AuditRow").call1((
            self.day,
            self.notice,
            self.customer,
            self.document,
            self.instalment,
            self.kind,
            self.sent,
            self.expected,
            self.reason,
        ))
    }
}

impl Row for Warning {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        class!(py, "PolicyWarning").call1((self.code, self.path, self.reason, self.source))
    }
}
