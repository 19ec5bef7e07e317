//! Credit: the desk that answers about one customer, and the exposure of all, as classes that hold the facade's values.

use std::sync::Arc;

use ar_core::facade::arrow as batches;
use ar_core::facade::{self, CreditRequest, Day, ExposureRow, ExposureTotal, LimitQuestion, Refused};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::errors::raise;
use crate::ledger::{engine_day, table};
use crate::report::{Row, class, objects};
use crate::table::Table;
use crate::values::{At, money, text, to_decimal};

/// Answers about one customer at a time. `receivables.CreditDesk` is its face.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct CreditDesk {
    pub(crate) inner: facade::CreditDesk,
}

/// What is asked beside customer, amount and currency; none for what was not said.
type More<'a> = (
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<Bound<'a, PyAny>>,
    Option<Bound<'a, PyAny>>,
    Option<&'a str>,
);

fn request<'a>(
    customer: &'a str,
    amount: &Bound<'_, PyAny>,
    currency: &'a str,
    more: Option<More<'a>>,
) -> PyResult<CreditRequest<'a>> {
    let py = amount.py();
    let mut asked = CreditRequest::new(customer, money(amount, At::field("amount"))?, currency);
    if let Some((kind, company, order, follows, expected, net, terms)) = more {
        asked.kind = facade::credit_request_kind(kind).map_err(|refusal| raise(py, refusal))?;
        asked.company = company.unwrap_or_default();
        asked.order = order;
        asked.follows = follows;
        asked.expected_date = expected.map(|day| engine_day(&day, "expected_date")).transpose()?;
        asked.net = net.map(|net| money(&net, At::field("net"))).transpose()?;
        asked.terms = terms;
    }
    Ok(asked)
}

#[pymethods]
impl CreditDesk {
    /// The day that it is about.
    #[getter]
    fn day(&self) -> chrono::NaiveDate {
        Day::to_naive_date(self.inner.day())
    }

    /// The policy and the engine that made it.
    #[getter]
    fn made_by<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.inner.made_by().object(py)
    }

    /// Whether a document may go, and how much more could.
    #[pyo3(signature = (customer, amount, currency, more=None))]
    fn check<'py>(
        &self,
        py: Python<'py>,
        customer: &Bound<'py, PyAny>,
        amount: &Bound<'py, PyAny>,
        currency: &Bound<'py, PyAny>,
        more: Option<More<'_>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let customer = text(customer, At::field("customer"))?;
        let asked = request(customer, amount, text(currency, At::field("currency"))?, more)?;
        let answer = self.inner.check(&asked).map_err(|refusal| raise(py, refusal))?;
        static CLASS: pyo3::sync::PyOnceLock<Py<PyAny>> = pyo3::sync::PyOnceLock::new();
        let class = CLASS.import(py, "receivables.credit", "CreditDecision")?;
        let headroom = answer.headroom.map(|headroom| to_decimal(py, headroom)).transpose()?;
        class.call1((PyString::intern(py, answer.decision.name()), headroom, answer.release))
    }

    /// A limit with its reasons, as JSON text.
    fn propose_limit(
        &self,
        py: Python<'_>,
        currency: &str,
        customer: Option<&str>,
        monthly_volume: Option<&Bound<'_, PyAny>>,
        score: Option<&str>,
    ) -> PyResult<String> {
        let monthly_volume = monthly_volume.map(|it| money(it, At::field("monthly_volume"))).transpose()?;
        let question = LimitQuestion { customer, currency, monthly_volume, score };
        let answer = self.inner.propose_limit(&question).map_err(|refusal| raise(py, refusal))?;
        Ok(facade::to_json(&answer))
    }

    /// The same with every reason, as JSON text.
    #[pyo3(signature = (customer, amount, currency, more=None))]
    fn explain(
        &self,
        py: Python<'_>,
        customer: &Bound<'_, PyAny>,
        amount: &Bound<'_, PyAny>,
        currency: &Bound<'_, PyAny>,
        more: Option<More<'_>>,
    ) -> PyResult<String> {
        let customer = text(customer, At::field("customer"))?;
        let asked = request(customer, amount, text(currency, At::field("currency"))?, more)?;
        let answer = self.inner.explain(&asked).map_err(|refusal| raise(py, refusal))?;
        Ok(facade::to_json(&answer))
    }
}

/// What became true between two views, and the facts that say it was told, as JSON text.
pub(crate) fn alerts(now: &facade::View, before: &facade::View, policy: &str) -> Result<(String, String), Refused> {
    let alerts = now.credit_alerts(before, &facade::credit_policy(policy)?)?;
    let facts = facade::alert_facts(&alerts, now.day());
    Ok((facade::to_json(&alerts), facade::to_json(&facts)))
}

/// What all customers are exposed to. `receivables.Exposure` is its face.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct Exposure {
    pub(crate) inner: facade::ExposureReport,
    pub(crate) texts: Arc<batches::Dictionaries>,
}

#[pymethods]
impl Exposure {
    /// The view's day.
    #[getter]
    fn on(&self) -> chrono::NaiveDate {
        Day::to_naive_date(self.inner.on())
    }

    /// The policy and the engine that made it.
    #[getter]
    fn made_by<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.inner.made_by().clone().object(py)
    }

    /// The rows.
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.rows()))
    }

    /// The sums by currency.
    fn totals<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.totals()))
    }

    /// The rows as a table.
    fn rows_table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::exposure_rows(&self.inner, &self.texts)))
    }

    /// The totals as a table.
    fn totals_table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::exposure_totals(&self.inner.totals())))
    }
}

impl Row for ExposureRow {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let optional = |amount: Option<_>| -> PyResult<Bound<'py, PyAny>> {
            let amount = amount.map(|amount| to_decimal(py, amount)).transpose()?;
            Ok(amount.into_pyobject(py)?.into_any())
        };
        let used = self.used.map(|used| crate::report::to_number(py, &used)).transpose()?;
        let args: [Bound<'py, PyAny>; 15] = [
            self.customer.into_pyobject(py)?.into_any(),
            self.currency.into_pyobject(py)?.into_any(),
            to_decimal(py, self.open_items)?,
            to_decimal(py, self.credit_notes)?,
            to_decimal(py, self.unapplied)?,
            to_decimal(py, self.prepayments)?,
            to_decimal(py, self.deliveries)?,
            to_decimal(py, self.orders)?,
            to_decimal(py, self.drafts)?,
            to_decimal(py, self.guarantees)?,
            to_decimal(py, self.insurance)?,
            to_decimal(py, self.exposure)?,
            optional(self.limit)?,
            optional(self.headroom)?,
            used.into_pyobject(py)?.into_any(),
        ];
        class!(py, "ExposureRow").call1(PyTuple::new(py, args)?)
    }
}

impl Row for ExposureTotal {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let args: [Bound<'py, PyAny>; 12] = [
            self.currency.into_pyobject(py)?.into_any(),
            self.customers.into_pyobject(py)?.into_any(),
            to_decimal(py, self.open_items)?,
            to_decimal(py, self.credit_notes)?,
            to_decimal(py, self.unapplied)?,
            to_decimal(py, self.prepayments)?,
            to_decimal(py, self.deliveries)?,
            to_decimal(py, self.orders)?,
            to_decimal(py, self.drafts)?,
            to_decimal(py, self.guarantees)?,
            to_decimal(py, self.insurance)?,
            to_decimal(py, self.exposure)?,
        ];
        class!(py, "ExposureTotal").call1(PyTuple::new(py, args)?)
    }
}
