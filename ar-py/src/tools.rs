//! Payment terms, splits, day counts, business days: questions that need no ledger.

use ar_core::facade::{self, ExplainedInstalment, TermsQuestion};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::errors::raise;
use crate::values::{At, day, money, to_decimal};

/// The instalments of a document: tuples of number, due date, amount, base amount, line, repetition, the steps of the
/// date, rule, the amount shared and the share.
#[pyfunction]
#[pyo3(signature = (settings, terms, document_date, currency, amount, base_currency=None, base_amount=None))]
#[expect(clippy::too_many_arguments, reason = "the question has so many parts")]
pub(crate) fn explain_due_dates<'py>(
    py: Python<'py>,
    settings: &str,
    terms: &str,
    document_date: &Bound<'py, PyAny>,
    currency: &str,
    amount: &Bound<'py, PyAny>,
    base_currency: Option<&str>,
    base_amount: Option<&Bound<'py, PyAny>>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let question = TermsQuestion {
        terms,
        document_date: day(document_date, At::field("document_date"))?,
        currency,
        amount: money(amount, At::field("amount"))?,
        base_amount: base_amount.map(|amount| money(amount, At::field("base_amount"))).transpose()?,
        base_currency,
    };
    let all = facade::settings(settings).and_then(|settings| facade::explain_due_dates(&question, &settings));
    let object = |one: ExplainedInstalment| -> PyResult<Bound<'py, PyAny>> {
        let base = one.base_amount.map(|base| to_decimal(py, base)).transpose()?;
        let steps: Vec<_> = one.dates.into_iter().map(|step| (step.rule, step.from, step.to)).collect();
        let steps = PyTuple::new(py, steps)?;
        let (amount, of) = (to_decimal(py, one.amount)?, to_decimal(py, one.of)?);
        (one.number, one.due_date, amount, base, one.line, one.repetition, steps, one.rule, of, one.share)
            .into_pyobject(py)
            .map(Bound::into_any)
    };
    all.map_err(|refusal| raise(py, refusal))?.into_iter().map(object).collect()
}

/// An amount divided by weights.
#[pyfunction]
pub(crate) fn split<'py>(
    py: Python<'py>,
    settings: &str,
    amount: &Bound<'py, PyAny>,
    currency: &str,
    weights: Vec<u64>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let amount = money(amount, At::field("amount"))?;
    let parts = facade::settings(settings).and_then(|settings| facade::split(amount, currency, &weights, &settings));
    parts.map_err(|refusal| raise(py, refusal))?.into_iter().map(|part| to_decimal(py, part)).collect()
}

/// An amount at its currency's scale, and in minor units.
#[pyfunction]
pub(crate) fn checked_money<'py>(
    py: Python<'py>,
    settings: &str,
    value: &Bound<'py, PyAny>,
    currency: &str,
) -> PyResult<(Bound<'py, PyAny>, i64)> {
    let text = crate::values::money_text(value, At::field("value"))?;
    let read = facade::settings(settings).and_then(|settings| facade::money(&text, currency, &settings));
    let (printed, minor) = read.map_err(|refusal| raise(py, refusal))?;
    Ok((crate::values::decimal_class(py)?.call1((printed,))?, minor))
}

/// The fraction of a year between two days: days, and the fraction as text.
#[pyfunction]
pub(crate) fn day_count(
    py: Python<'_>,
    convention: &str,
    start: &Bound<'_, PyAny>,
    end: &Bound<'_, PyAny>,
) -> PyResult<(i32, String)> {
    let (start, end) = (day(start, At::field("from"))?, day(end, At::field("to"))?);
    let counted = facade::day_count(convention, start, end).map_err(|refusal| raise(py, refusal))?;
    Ok((counted.days, counted.fraction))
}

/// What a discount for early payment is worth in a year: days, cost, simple over 360 and 365 days, compounded likewise.
#[pyfunction]
#[expect(clippy::type_complexity, reason = "the fields of one row")]
pub(crate) fn discount_rates(
    py: Python<'_>,
    percent: &str,
    discount_days: i64,
    net_days: i64,
) -> PyResult<(u32, String, String, String, Option<String>, Option<String>)> {
    let rates = facade::discount_rates(percent, discount_days, net_days).map_err(|refusal| raise(py, refusal))?;
    let (simple, compounded) = ((rates.simple_360, rates.simple_365), (rates.compounded_360, rates.compounded_365));
    Ok((rates.days, rates.cost, simple.0, simple.1, compounded.0, compounded.1))
}

/// The business day for a day.
#[pyfunction]
pub(crate) fn business_day(
    py: Python<'_>,
    on: &Bound<'_, PyAny>,
    roll: &str,
    calendar: &str,
) -> PyResult<chrono::NaiveDate> {
    facade::business_day(day(on, At::field("day"))?, roll, calendar).map_err(|refusal| raise(py, refusal))
}

/// The policy of a profile as JSON text.
#[pyfunction]
pub(crate) fn profile(py: Python<'_>, room: &str, name: &str) -> PyResult<&'static str> {
    facade::profile(room, name).map_err(|refusal| raise(py, refusal))
}

/// The names of the profiles of a room.
#[pyfunction]
pub(crate) fn profiles(py: Python<'_>, room: &str) -> PyResult<Vec<&'static str>> {
    facade::profiles(room).map_err(|refusal| raise(py, refusal))
}

/// The JSON Schema of a policy, of settings, of terms or of a mapping, as JSON text.
#[pyfunction]
pub(crate) fn schema(py: Python<'_>, name: &str) -> PyResult<&'static str> {
    facade::schema(name).map_err(|refusal| raise(py, refusal))
}

/// The names of the schemas.
#[pyfunction]
pub(crate) fn schemas() -> Vec<&'static str> {
    facade::schemas()
}

/// The columns of a table of facts: name, kind, and whether it is required.
#[pyfunction]
pub(crate) fn table_columns(table: &str) -> Vec<(&'static str, &'static str, bool)> {
    let Some(table) = facade::Table::named(table) else { return Vec::new() };
    let kind = |kind| match kind {
        facade::Kind::Text => "text",
        facade::Kind::Day => "day",
        facade::Kind::Money => "money",
        facade::Kind::Number => "number",
        facade::Kind::Integer => "integer",
        facade::Kind::Dimensions => "dimensions",
    };
    table.columns().iter().map(|column| (column.name, kind(column.kind), column.required)).collect()
}

/// The names of the tables of facts.
#[pyfunction]
pub(crate) fn tables() -> Vec<&'static str> {
    facade::Table::ALL.iter().map(|table| table.name()).collect()
}

fn one_batch(value: &Bound<'_, PyAny>, argument: &str) -> PyResult<facade::arrow::RecordBatch> {
    let py = value.py();
    let wanted = || facade::Problem::new("wrong_type", "expected Arrow data with rows").field(argument);
    let batches =
        crate::arrow::batches(value, |problem| problem.field(argument))?.ok_or_else(|| raise(py, wanted().into()))?;
    facade::arrow::concatenated(&batches).map_err(|refusal| raise(py, refusal.at(None, None, argument)))
}

/// Ages dense columns of Arrow data; see `receivables.columns.age`.
#[pyfunction]
pub(crate) fn age_dense(
    py: Python<'_>,
    items: &Bound<'_, PyAny>,
    on: &Bound<'_, PyAny>,
    policy: &str,
) -> PyResult<crate::table::Table> {
    let items = one_batch(items, "items")?;
    let on = day(on, At::field("day"))?;
    let aged = py.detach(|| facade::arrow::age_dense(&items, facade::day(on)?, &facade::aging_policy(policy)?));
    Ok(crate::table::Table { batch: aged.map_err(|refusal| raise(py, refusal))? })
}

/// Spends payments on open items, both dense columns of Arrow data; see `receivables.columns.allocate`.
#[pyfunction]
pub(crate) fn allocate_dense(
    py: Python<'_>,
    items: &Bound<'_, PyAny>,
    payments: &Bound<'_, PyAny>,
) -> PyResult<crate::table::Table> {
    let (items, payments) = (one_batch(items, "items")?, one_batch(payments, "payments")?);
    let made = py.detach(|| facade::arrow::allocate_dense(&items, &payments));
    Ok(crate::table::Table { batch: made.map_err(|refusal| raise(py, refusal))? })
}

/// Reads one file by a mapping: its facts and its report, both as JSON text.
#[pyfunction]
pub(crate) fn import_text(py: Python<'_>, mapping: &str, data: &[u8]) -> PyResult<(String, String)> {
    let read = py.detach(|| facade::import_text(mapping, data)).map_err(|refusal| raise(py, refusal))?;
    Ok((facade::to_json(&read.facts), facade::to_json(&read.report)))
}

/// Loads a ledger from files by a mapping: the ledger, and its report as JSON text.
#[pyfunction]
#[pyo3(signature = (mapping, files, settings=None))]
pub(crate) fn import_ledger(
    py: Python<'_>,
    mapping: &str,
    files: Vec<(String, Vec<u8>)>,
    settings: Option<&str>,
) -> PyResult<(crate::ledger::Ledger, String)> {
    let files: Vec<facade::File<'_>> = files.iter().map(|(name, bytes)| facade::File { name, bytes }).collect();
    let settings = settings.map(facade::settings).transpose().map_err(|refusal| raise(py, refusal))?;
    let loaded =
        py.detach(|| facade::import_ledger(mapping, &files, settings)).map_err(|refusal| raise(py, refusal))?;
    Ok((crate::ledger::Ledger::new(loaded.ledger), facade::to_json(&loaded.report)))
}
