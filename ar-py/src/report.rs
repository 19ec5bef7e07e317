//! Plain rows of the facade as the dataclasses of `receivables.reports`.

use ar_core::facade::{
    AgingItem, AgingRow, Difference, MadeBy, Match, OpenItem, PendingFact, PendingReceipts, ProposalLine,
    UnappliedCredit,
};
use pyo3::prelude::*;

use crate::values::to_decimal;

/// A row that has a dataclass.
pub(crate) trait Row {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>>;
}

/// All rows as objects.
pub(crate) fn objects<T: Row>(py: Python<'_>, rows: Vec<T>) -> PyResult<Vec<Bound<'_, PyAny>>> {
    rows.into_iter().map(|row| row.object(py)).collect()
}

macro_rules! class {
    ($py:expr, $name:literal) => {{
        static CLASS: pyo3::sync::PyOnceLock<Py<PyAny>> = pyo3::sync::PyOnceLock::new();
        CLASS.import($py, "receivables.reports", $name)?
    }};
}
pub(crate) use class;

impl Row for OpenItem {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let base = self.base_open.map(|base| to_decimal(py, base)).transpose()?;
        let args: [Bound<'py, PyAny>; 14] = [
            self.company.into_pyobject(py)?.into_any(),
            self.control_account.into_pyobject(py)?.into_any(),
            self.customer.into_pyobject(py)?.into_any(),
            self.currency.into_pyobject(py)?.into_any(),
            self.document.into_pyobject(py)?.into_any(),
            self.instalment.into_pyobject(py)?.into_any(),
            self.kind.into_pyobject(py)?.into_any(),
            self.document_date.into_pyobject(py)?.into_any(),
            self.due_date.into_pyobject(py)?.into_any(),
            to_decimal(py, self.open)?,
            base.into_pyobject(py)?.into_any(),
            to_decimal(py, self.disputed)?,
            to_decimal(py, self.held)?,
            to_decimal(py, self.pending)?,
        ];
        class!(py, "OpenItem").call1(pyo3::types::PyTuple::new(py, args)?)
    }
}

impl Row for MadeBy {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        class!(py, "MadeBy").call1((self.policy, self.policy_hash, self.engine))
    }
}

impl Row for AgingRow {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let all =
            |amounts: Vec<_>| amounts.into_iter().map(|amount| to_decimal(py, amount)).collect::<PyResult<Vec<_>>>();
        let buckets = pyo3::types::PyTuple::new(py, all(self.buckets)?)?;
        let columns = self.columns.map(|columns| pyo3::types::PyTuple::new(py, all(columns)?)).transpose()?;
        let by = pyo3::types::PyTuple::new(py, self.by)?;
        class!(py, "AgingRow").call1((
            by,
            self.currency,
            buckets,
            columns,
            to_decimal(py, self.total)?,
            to_decimal(py, self.disputed)?,
            to_decimal(py, self.held)?,
            to_decimal(py, self.unapplied)?,
            to_decimal(py, self.pending)?,
            self.items,
            self.share.map(|share| to_number(py, &share)).transpose()?,
            self.average_age.map(|age| to_number(py, &age)).transpose()?,
        ))
    }
}

pub(crate) fn to_number<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    crate::values::decimal_class(py)?.call1((text,))
}

impl Row for AgingItem {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let args: [Bound<'py, PyAny>; 16] = [
            self.document.into_pyobject(py)?.into_any(),
            self.instalment.into_pyobject(py)?.into_any(),
            self.customer.into_pyobject(py)?.into_any(),
            self.currency.into_pyobject(py)?.into_any(),
            self.due_date.into_pyobject(py)?.into_any(),
            self.basis_date.into_pyobject(py)?.into_any(),
            self.age.into_pyobject(py)?.into_any(),
            to_decimal(py, self.open)?,
            self.bucket.into_pyobject(py)?.into_any(),
            to_decimal(py, self.disputed)?,
            to_decimal(py, self.held)?,
            to_decimal(py, self.pending)?,
            to_decimal(py, self.would_settle)?,
            self.rule.into_pyobject(py)?.into_any(),
            self.past_edge.into_pyobject(py)?.into_any(),
            self.next_edge.into_pyobject(py)?.into_any(),
        ];
        class!(py, "AgingItem").call1(pyo3::types::PyTuple::new(py, args)?)
    }
}

impl Row for Difference {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let amounts = (to_decimal(py, self.ledger)?, to_decimal(py, self.control)?, to_decimal(py, self.difference)?);
        class!(py, "Difference").call1((
            self.company,
            self.control_account,
            self.currency,
            amounts.0,
            amounts.1,
            amounts.2,
        ))
    }
}

impl Row for ProposalLine {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let (amount, credit_left, debit_left) =
            (to_decimal(py, self.amount)?, to_decimal(py, self.credit_left)?, to_decimal(py, self.debit_left)?);
        class!(py, "ProposalLine").call1((
            self.credit,
            self.debit,
            self.instalment,
            self.currency,
            amount,
            self.strategy,
            credit_left,
            debit_left,
        ))
    }
}

impl Row for UnappliedCredit {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        class!(py, "UnappliedCredit").call1((self.credit, self.currency, to_decimal(py, self.amount)?, self.reason))
    }
}

impl Row for Match {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let money = |amount: Option<_>| amount.map(|amount| to_decimal(py, amount)).transpose();
        let args: [Bound<'py, PyAny>; 15] = [
            self.id.into_pyobject(py)?.into_any(),
            self.kind.into_pyobject(py)?.into_any(),
            self.credit.into_pyobject(py)?.into_any(),
            self.debit.into_pyobject(py)?.into_any(),
            self.instalment.into_pyobject(py)?.into_any(),
            money(self.amount)?.into_pyobject(py)?.into_any(),
            money(self.debit_amount)?.into_pyobject(py)?.into_any(),
            self.currency.into_pyobject(py)?.into_any(),
            self.debit_currency.into_pyobject(py)?.into_any(),
            money(self.base_credit)?.into_pyobject(py)?.into_any(),
            money(self.base_debit)?.into_pyobject(py)?.into_any(),
            money(self.exchange)?.into_pyobject(py)?.into_any(),
            self.effective.into_pyobject(py)?.into_any(),
            self.beside.into_pyobject(py)?.into_any(),
            self.reason.into_pyobject(py)?.into_any(),
        ];
        class!(py, "Match").call1(pyo3::types::PyTuple::new(py, args)?)
    }
}

impl Row for PendingFact {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        class!(py, "PendingFact").call1((self.table, self.id, self.effective, self.recorded))
    }
}

impl Row for PendingReceipts {
    fn object<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        class!(py, "PendingReceipts").call1((
            self.company,
            self.control_account,
            self.customer,
            self.currency,
            to_decimal(py, self.amount)?,
        ))
    }
}
