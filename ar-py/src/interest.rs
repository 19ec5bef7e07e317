//! Interest and compensation, as classes that hold the facade's values.

use ar_core::facade::arrow as batches;
use ar_core::facade::{self, DebtPayment, DebtQuestion, InterestItem, InterestSegment, InterestTotal};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::errors::raise;
use crate::ledger::table;
use crate::report::{Row, class, objects};
use crate::table::Table;
use crate::values::{At, day, money, to_decimal};

/// What overdue items bear. `receivables.Interest` is its face.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct Interest {
    pub(crate) inner: facade::InterestReport,
}

#[pymethods]
impl Interest {
    /// The last day of interest.
    #[getter]
    fn on(&self) -> chrono::NaiveDate {
        self.inner.on
    }

    /// The policy and the engine that made it.
    #[getter]
    fn made_by<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.inner.made_by.clone().object(py)
    }

    /// The items.
    fn items<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, self.inner.items.clone())
    }

    /// The sums by currency.
    fn totals<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, self.inner.totals.clone())
    }

    /// The items as a table.
    fn items_table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::interest_items(&self.inner.items)))
    }

    /// The totals as a table.
    fn totals_table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::interest_totals(&self.inner.totals)))
    }
}

/// The interest of one debt: `receivables.DebtInterest`.
#[pyfunction]
#[pyo3(signature = (settings, policy, currency, amount, due_date, until, payments, charged_until=None))]
#[expect(clippy::too_many_arguments, reason = "the question has so many parts")]
pub(crate) fn debt_interest<'py>(
    py: Python<'py>,
    settings: &str,
    policy: &str,
    currency: &str,
    amount: &Bound<'py, PyAny>,
    due_date: &Bound<'py, PyAny>,
    until: &Bound<'py, PyAny>,
    payments: Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    charged_until: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let mut paid = Vec::with_capacity(payments.len());
    for (index, (date, amount)) in (0..).zip(&payments) {
        let at = |field| At { table: Some("payments"), index: Some(index), field };
        paid.push(DebtPayment { date: day(date, at("date"))?, amount: money(amount, at("amount"))? });
    }
    let question = DebtQuestion {
        policy,
        currency,
        amount: money(amount, At::field("amount"))?,
        due_date: day(due_date, At::field("due_date"))?,
        until: day(until, At::field("until"))?,
        payments: &paid,
        charged_until: charged_until.map(|on| day(on, At::field("charged_until"))).transpose()?,
    };
    let answer = facade::settings(settings).and_then(|settings| facade::debt_interest(&question, &settings));
    let answer = answer.map_err(|refusal| raise(py, refusal))?;
    class!(py, "DebtInterest").call1((
        to_decimal(py, answer.open)?,
        to_decimal(py, answer.accrued)?,
        to_decimal(py, answer.interest)?,
        to_decimal(py, answer.compensation)?,
        answer.rule,
        PyTuple::new(py, objects(py, answer.segments)?)?,
    ))
}

impl Row for InterestItem {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let args: [Bound<'py, PyAny>; 14] = [
            self.document.into_pyobject(py)?.into_any(),
            self.instalment.into_pyobject(py)?.into_any(),
            self.customer.into_pyobject(py)?.into_any(),
            self.currency.into_pyobject(py)?.into_any(),
            self.due_date.into_pyobject(py)?.into_any(),
            self.days.into_pyobject(py)?.into_any(),
            to_decimal(py, self.open)?,
            self.from.into_pyobject(py)?.into_any(),
            self.until.into_pyobject(py)?.into_any(),
            to_decimal(py, self.accrued)?,
            to_decimal(py, self.interest)?,
            to_decimal(py, self.compensation)?,
            self.rule.into_pyobject(py)?.into_any(),
            PyTuple::new(py, objects(py, self.segments)?)?.into_any(),
        ];
        class!(py, "InterestItem").call1(PyTuple::new(py, args)?)
    }
}

impl Row for InterestSegment {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        class!(py, "InterestSegment").call1((
            self.from,
            self.until,
            self.days,
            to_decimal(py, self.balance)?,
            to_decimal(py, self.compounded)?,
            to_decimal(py, self.percent)?,
            self.part,
            to_decimal(py, self.interest)?,
        ))
    }
}

impl Row for InterestTotal {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        class!(py, "InterestTotal").call1((
            self.currency,
            self.items,
            to_decimal(py, self.open)?,
            to_decimal(py, self.interest)?,
            to_decimal(py, self.compensation)?,
        ))
    }
}
