//! Settlements and revaluations, as classes that hold the facade's values.

use ar_core::facade::arrow as batches;
use ar_core::facade::{
    self, ExchangeTotal, LineDifference, Problem, ProofRow, Question, RevaluationTotal, RevaluedItem, SettlementLine,
};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use rust_decimal::Decimal;

use crate::errors::raise;
use crate::ledger::table;
use crate::report::{Row, class, objects};
use crate::table::Table;
use crate::values::to_decimal;

/// What a settlement would post. `receivables.Settlement` is its face.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct Settlement {
    pub(crate) inner: facade::Settlement,
}

#[pymethods]
impl Settlement {
    /// How many lines there are.
    fn __len__(&self) -> usize {
        self.inner.len()
    }

    /// The lines.
    fn lines<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.lines()))
    }

    /// The differences beside them.
    fn differences<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.differences()))
    }

    /// What stays on account.
    fn unapplied<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.unapplied()))
    }

    /// What somebody has to decide.
    fn questions<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.questions()))
    }

    /// That nothing was lost.
    fn proof<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.proof()))
    }

    /// The exchange differences by base currency.
    fn exchange<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.exchange()))
    }

    /// A part of it as a table.
    fn table(&self, py: Python<'_>, part: &str) -> PyResult<Table> {
        let batch = py.detach(|| match part {
            "lines" => batches::settlement_lines(&self.inner.lines()),
            "differences" => batches::line_differences(&self.inner.differences()),
            "unapplied" => batches::unapplied(&self.inner.unapplied()),
            "questions" => batches::questions(&self.inner.questions()),
            "proof" => batches::proof_rows(&self.inner.proof()),
            "exchange" => batches::exchange_totals(&self.inner.exchange()),
            _ => Err(Problem::new("unknown_value", format!("expected a part of a settlement, got {part:?}"))
                .field("part")
                .into()),
        });
        table(py, batch)
    }

    /// Lines, differences and what stays on account, about a credit or debit.
    #[pyo3(signature = (credit=None, debit=None))]
    fn explain<'py>(&self, py: Python<'py>, credit: Option<&str>, debit: Option<&str>) -> PyResult<Bound<'py, PyAny>> {
        let about = py.detach(|| self.inner.explain(credit, debit));
        let all = (objects(py, about.lines)?, objects(py, about.differences)?, objects(py, about.unapplied)?);
        class!(py, "SettlementExplanation").call1(all)
    }

    /// The settlement without some of its lines.
    fn without(&self, py: Python<'_>, lines: Vec<usize>) -> PyResult<Self> {
        let inner = py.detach(|| self.inner.without(&lines));
        Ok(Self { inner: inner.map_err(|refusal| raise(py, refusal))? })
    }

    /// The settlement with changes, a list of them as JSON text.
    fn edit(&self, py: Python<'_>, edits: &str) -> PyResult<Self> {
        let inner = py.detach(|| self.inner.edit(&facade::settlement_edits(edits)?));
        Ok(Self { inner: inner.map_err(|refusal| raise(py, refusal))? })
    }

    /// The rows to append, as JSON text.
    fn facts(&self, py: Python<'_>, id_prefix: &str) -> String {
        py.detach(|| facade::to_json(&self.inner.facts(id_prefix)))
    }
}

/// What open items in foreign currency are worth. `receivables.Revaluation` is its face.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct Revaluation {
    pub(crate) inner: facade::Revaluation,
}

#[pymethods]
impl Revaluation {
    /// The day.
    #[getter]
    fn on(&self) -> chrono::NaiveDate {
        self.inner.on
    }

    /// The day on which it is taken back.
    #[getter]
    fn reversed_on(&self) -> Option<chrono::NaiveDate> {
        self.inner.reversed_on
    }

    /// The items.
    fn items<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, self.inner.items.clone())
    }

    /// The sums by base currency.
    fn totals<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, self.inner.totals.clone())
    }

    /// The items as a table.
    fn items_table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::revalued_items(&self.inner.items)))
    }

    /// The totals as a table.
    fn totals_table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::revaluation_totals(&self.inner.totals)))
    }
}

fn optional(py: Python<'_>, amount: Option<Decimal>) -> PyResult<Option<Bound<'_, PyAny>>> {
    amount.map(|amount| to_decimal(py, amount)).transpose()
}

impl Row for SettlementLine {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let args: [Bound<'py, PyAny>; 14] = [
            self.credit.into_pyobject(py)?.into_any(),
            self.debit.into_pyobject(py)?.into_any(),
            self.instalment.into_pyobject(py)?.into_any(),
            self.currency.into_pyobject(py)?.into_any(),
            to_decimal(py, self.amount)?,
            self.debit_currency.into_pyobject(py)?.into_any(),
            to_decimal(py, self.debit_amount)?,
            self.strategy.into_pyobject(py)?.into_any(),
            self.score.into_pyobject(py)?.into_any(),
            to_decimal(py, self.credit_left)?,
            to_decimal(py, self.debit_left)?,
            optional(py, self.base_credit)?.into_pyobject(py)?.into_any(),
            optional(py, self.base_debit)?.into_pyobject(py)?.into_any(),
            optional(py, self.exchange)?.into_pyobject(py)?.into_any(),
        ];
        class!(py, "SettlementLine").call1(PyTuple::new(py, args)?)
    }
}

impl Row for LineDifference {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let args: [Bound<'py, PyAny>; 13] = [
            self.document.into_pyobject(py)?.into_any(),
            self.instalment.into_pyobject(py)?.into_any(),
            self.currency.into_pyobject(py)?.into_any(),
            self.kind.into_pyobject(py)?.into_any(),
            to_decimal(py, self.amount)?,
            self.line.into_pyobject(py)?.into_any(),
            self.reason.into_pyobject(py)?.into_any(),
            self.rule.into_pyobject(py)?.into_any(),
            optional(py, self.limit)?.into_pyobject(py)?.into_any(),
            self.until.into_pyobject(py)?.into_any(),
            optional(py, self.base_amount)?.into_pyobject(py)?.into_any(),
            optional(py, self.base_document)?.into_pyobject(py)?.into_any(),
            optional(py, self.exchange)?.into_pyobject(py)?.into_any(),
        ];
        class!(py, "LineDifference").call1(PyTuple::new(py, args)?)
    }
}

impl Row for Question {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let sets = self.choices.into_iter().map(|set| PyTuple::new(py, set)).collect::<PyResult<Vec<_>>>()?;
        class!(py, "Question").call1((
            self.kind,
            self.credit,
            self.document,
            self.instalment,
            optional(py, self.amount)?,
            PyTuple::new(py, sets)?,
            self.total,
        ))
    }
}

impl Row for ProofRow {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let amounts = [
            self.received,
            self.applied,
            self.closed,
            self.unapplied,
            self.claims,
            self.paid,
            self.discount,
            self.discount_tax,
            self.tolerance,
            self.write_off,
            self.bank_charge,
            self.cash_rounding,
            self.residual,
            self.open,
        ];
        let mut args = vec![self.currency.into_pyobject(py)?.into_any()];
        for amount in amounts {
            args.push(to_decimal(py, amount)?);
        }
        let share = self.matched_share.map(|share| crate::report::to_number(py, &share)).transpose()?;
        args.push(share.into_pyobject(py)?.into_any());
        class!(py, "ProofRow").call1(PyTuple::new(py, args)?)
    }
}

impl Row for ExchangeTotal {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        class!(py, "ExchangeTotal").call1((self.currency, to_decimal(py, self.amount)?))
    }
}

impl Row for RevaluedItem {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let (open, base_open) = (to_decimal(py, self.open)?, to_decimal(py, self.base_open)?);
        class!(py, "RevaluedItem").call1((
            self.document,
            self.instalment,
            self.customer,
            self.currency,
            open,
            self.base_currency,
            base_open,
            to_decimal(py, self.rate)?,
            to_decimal(py, self.revalued)?,
            to_decimal(py, self.difference)?,
        ))
    }
}

impl Row for RevaluationTotal {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        class!(py, "RevaluationTotal").call1((
            self.currency,
            to_decimal(py, self.base_open)?,
            to_decimal(py, self.revalued)?,
            to_decimal(py, self.difference)?,
        ))
    }
}
