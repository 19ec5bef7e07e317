//! Payment terms, money, day counts, business days: questions that need no ledger.

use ar_core::facade::{self, DebtPayment, DebtQuestion, Kind, Table, TermsQuestion};
use napi::Result;
use napi::bindgen_prelude::BigInt;
use napi_derive::napi;

use crate::errors::raise;
use crate::json::camel_json;
use crate::values::{Day, Money, MoneyText};

/// The engine's version.
#[napi(catch_unwind)]
pub fn engine_version() -> Result<String> {
    Ok(facade::engine_version())
}

/// A table and its columns.
#[napi(object, object_from_js = false)]
pub struct TableSpec {
    /// Its name.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<ColumnSpec>,
}

/// A column.
#[napi(object, object_from_js = false)]
pub struct ColumnSpec {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: String,
    /// Whether a row must have it.
    pub required: bool,
}

/// The tables of facts.
#[napi(catch_unwind)]
pub fn tables() -> Result<Vec<TableSpec>> {
    let column = |spec: &facade::ColumnSpec| {
        let kind = match spec.kind {
            Kind::Text => "text",
            Kind::Day => "day",
            Kind::Money => "money",
            Kind::Number => "number",
            Kind::Integer => "integer",
            Kind::Dimensions => "dimensions",
        };
        ColumnSpec { name: spec.name.to_owned(), kind: kind.to_owned(), required: spec.required }
    };
    let table = |table: &Table| TableSpec {
        name: table.name().to_owned(),
        columns: table.columns().iter().map(column).collect(),
    };
    Ok(Table::ALL.iter().map(table).collect())
}

/// Money in its two faces.
#[napi(object, object_from_js = false)]
pub struct MoneyOut {
    /// As it is printed.
    pub money: String,
    /// In minor units.
    pub minor: BigInt,
}

/// Money as it is printed, and in minor units.
#[napi(catch_unwind)]
pub fn money(value: MoneyText, currency: String, settings: String) -> Result<MoneyOut> {
    let text = value.read("value")?;
    let settings = facade::settings(&settings).map_err(raise)?;
    let (money, minor) = facade::money(&text, &currency, &settings).map_err(raise)?;
    Ok(MoneyOut { money, minor: BigInt::from(minor) })
}

/// Minor units as money is printed.
#[napi(catch_unwind)]
pub fn from_minor(minor: BigInt, currency: String, settings: String) -> Result<String> {
    let (minor, whole) = minor.get_i64();
    if !whole {
        let range = facade::Problem::new("too_large", "expected minor units within 64 bits").field("minor");
        return Err(raise(range.into()));
    }
    let settings = facade::settings(&settings).map_err(raise)?;
    facade::money_from_minor(minor, &currency, &settings).map_err(raise)
}

/// An amount divided by weights.
#[napi(catch_unwind)]
pub fn split(amount: Money, currency: String, weights: Vec<BigInt>, settings: String) -> Result<Vec<String>> {
    let amount = amount.read("amount")?;
    let mut whole = Vec::with_capacity(weights.len());
    for weight in weights {
        let (negative, weight, exact) = weight.get_u64();
        if negative || !exact {
            let range = facade::Problem::new("policy_invalid", "expected weights from 0 to 2^64 - 1").field("weights");
            return Err(raise(range.into()));
        }
        whole.push(weight);
    }
    let settings = facade::settings(&settings).map_err(raise)?;
    let parts = facade::split(amount, &currency, &whole, &settings).map_err(raise)?;
    Ok(parts.iter().map(ToString::to_string).collect())
}

/// A question about due dates.
#[napi(object, object_to_js = false)]
pub struct DueIn {
    /// Payment terms as JSON text.
    pub terms: String,
    /// The date on the document.
    pub document_date: Day,
    /// Its currency.
    pub currency: String,
    /// Its amount.
    pub amount: Money,
    /// The currency of its base amount.
    pub base_currency: Option<String>,
    /// Its base amount.
    pub base_amount: Option<Money>,
}

/// The instalments under payment terms, explained or not.
#[napi(catch_unwind)]
pub fn due_dates(due: DueIn, settings: String, explained: bool) -> Result<String> {
    let question = TermsQuestion {
        terms: &due.terms,
        document_date: due.document_date.read("document_date")?,
        currency: &due.currency,
        amount: due.amount.read("amount")?,
        base_amount: due.base_amount.map(|amount| amount.read("base_amount")).transpose()?,
        base_currency: due.base_currency.as_deref(),
    };
    let settings = facade::settings(&settings).map_err(raise)?;
    if explained {
        camel_json(&facade::explain_due_dates(&question, &settings).map_err(raise)?)
    } else {
        camel_json(&facade::due_dates(&question, &settings).map_err(raise)?)
    }
}

/// A question about the interest of one debt.
#[napi(object, object_to_js = false)]
pub struct DebtIn {
    /// The policy as JSON text.
    pub policy: String,
    /// The currency of the debt.
    pub currency: String,
    /// What was owed.
    pub amount: Money,
    /// When it fell due.
    pub due_date: Day,
    /// The last day of interest.
    pub until: Day,
    /// What was paid on it.
    pub payments: Option<Vec<DebtPaymentIn>>,
    /// The last day that is charged already.
    pub charged_until: Option<Day>,
}

/// A payment on a debt.
#[napi(object, object_to_js = false)]
pub struct DebtPaymentIn {
    /// The day.
    pub date: Day,
    /// The amount.
    pub amount: Money,
}

/// The interest and compensation of one debt.
#[napi(catch_unwind)]
pub fn debt_interest(debt: DebtIn, settings: String) -> Result<String> {
    let mut payments = Vec::new();
    for (index, payment) in (0..).zip(debt.payments.unwrap_or_default()) {
        let date = payment.date.read_in("payments", index, "date")?;
        payments.push(DebtPayment { date, amount: payment.amount.read_in("payments", index, "amount")? });
    }
    let question = DebtQuestion {
        policy: &debt.policy,
        currency: &debt.currency,
        amount: debt.amount.read("amount")?,
        due_date: debt.due_date.read("due_date")?,
        until: debt.until.read("until")?,
        payments: &payments,
        charged_until: debt.charged_until.map(|day| day.read("charged_until")).transpose()?,
    };
    let settings = facade::settings(&settings).map_err(raise)?;
    camel_json(&facade::debt_interest(&question, &settings).map_err(raise)?)
}

/// The part of a year between two days.
#[napi(catch_unwind)]
pub fn day_count(convention: String, from: Day, to: Day) -> Result<String> {
    let counted = facade::day_count(&convention, from.read("from")?, to.read("to")?).map_err(raise)?;
    camel_json(&counted)
}

/// What a discount for early payment is worth in a year.
#[napi(catch_unwind)]
pub fn discount_rates(percent: String, discount_days: i64, net_days: i64) -> Result<String> {
    camel_json(&facade::discount_rates(&percent, discount_days, net_days).map_err(raise)?)
}

/// The business day for a day.
#[napi(catch_unwind)]
pub fn business_day(day: Day, roll: String, calendar: String) -> Result<String> {
    let rolled = facade::business_day(day.read("day")?, &roll, &calendar).map_err(raise)?;
    Ok(rolled.to_string())
}

/// A policy that gives what a known system gives, as JSON text.
#[napi(catch_unwind)]
pub fn profile(room: String, name: String) -> Result<String> {
    Ok(facade::profile(&room, &name).map_err(raise)?.to_owned())
}

/// The names of a room's profiles.
#[napi(catch_unwind)]
pub fn profiles(room: String) -> Result<Vec<String>> {
    let names = facade::profiles(&room).map_err(raise)?;
    Ok(names.into_iter().map(str::to_owned).collect())
}

/// The JSON Schema of a policy, of settings, of terms or of a mapping, as JSON text.
#[napi(catch_unwind)]
pub fn schema(name: String) -> Result<String> {
    Ok(facade::schema(&name).map_err(raise)?.to_owned())
}

/// The names of the schemas.
#[napi(catch_unwind)]
pub fn schemas() -> Result<Vec<String>> {
    Ok(facade::schemas().into_iter().map(str::to_owned).collect())
}

/// Panics, so that a test can see that Node lives on. Not exported by `index.js`.
#[cfg(feature = "panic-for-the-test")]
#[napi(catch_unwind)]
pub fn panic_for_the_test() -> Result<String> {
    #[expect(clippy::panic, reason = "the one way to prove that a panic is caught at the border")]
    {
        panic!("on purpose")
    }
}

/// Panics on another thread, so that a test can see that Node lives on. Not exported by `index.js`.
#[cfg(feature = "panic-for-the-test")]
#[napi(catch_unwind)]
pub fn panic_for_the_test_async() -> Result<napi::bindgen_prelude::AsyncTask<crate::task::Work<u32>>> {
    #[expect(clippy::panic, reason = "the one way to prove that a panic is caught at the border")]
    let work = crate::task::Work::new(|| panic!("on purpose"));
    Ok(napi::bindgen_prelude::AsyncTask::new(work))
}
