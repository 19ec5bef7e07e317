//! Credit: a desk that answers about one customer, and the exposure of all, as classes that `lib/credit.js` wraps.

use ar_core::facade::{self, CreditRequest, LimitQuestion, Problem, Refused, arrow};
use napi::Result;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use serde::Serialize;

use crate::errors::raise;
use crate::json::camel_json;
use crate::ledger::{NativeLedger, NativeView};
use crate::values::{Day, Money};

/// Answers about one customer at a time.
#[napi]
pub struct NativeCreditDesk {
    inner: facade::CreditDesk,
}

/// What is asked beside customer, amount and currency.
#[napi(object, object_to_js = false)]
pub struct CreditMore {
    /// What it is.
    pub kind: Option<String>,
    /// The company that sells.
    pub company: Option<String>,
    /// Its id.
    pub order: Option<String>,
    /// The commitment that it follows.
    pub follows: Option<String>,
    /// When it ships.
    pub expected_date: Option<Day>,
    /// The amount without tax.
    pub net: Option<Money>,
    /// Its payment terms.
    pub terms: Option<String>,
}

/// Whether a document may go, and how much more could.
#[napi(object, object_from_js = false)]
pub struct CreditDecision {
    /// What follows.
    pub decision: String,
    /// How much could be asked for.
    pub headroom: Option<String>,
    /// The release that lets it through.
    pub release: Option<String>,
}

/// A desk of a ledger on a day.
#[napi(catch_unwind)]
pub fn credit_desk(ledger: &NativeLedger, policy: String, day: Day, known_on: Option<Day>) -> Result<NativeCreditDesk> {
    let policy = facade::credit_policy(&policy).map_err(raise)?;
    let day = day.count("day")?;
    let known_on = known_on.map(|day| day.count("knownOn")).transpose()?;
    Ok(NativeCreditDesk { inner: ledger.inner.credit(&policy, day, known_on).map_err(raise)? })
}

/// A desk of a view's day.
#[napi(catch_unwind)]
pub fn credit_desk_of_view(view: &NativeView, policy: String) -> Result<NativeCreditDesk> {
    let policy = facade::credit_policy(&policy).map_err(raise)?;
    Ok(NativeCreditDesk { inner: view.inner.credit(&policy).map_err(raise)? })
}

#[napi]
impl NativeCreditDesk {
    /// The day that it is about.
    #[napi(catch_unwind)]
    pub fn day(&self) -> Result<String> {
        Ok(self.inner.day().to_string())
    }

    /// The policy and the engine.
    #[napi(catch_unwind)]
    pub fn made_by(&self) -> Result<String> {
        camel_json(&self.inner.made_by())
    }

    /// Whether a document may go.
    #[napi(catch_unwind)]
    pub fn check(
        &self,
        customer: String,
        amount: Money,
        currency: String,
        more: Option<CreditMore>,
    ) -> Result<CreditDecision> {
        let amount = amount.read("amount")?;
        let answer = asked(&customer, amount, &currency, more, |request| self.inner.check(request))?;
        Ok(CreditDecision {
            decision: answer.decision.name().to_owned(),
            headroom: answer.headroom.map(|headroom| headroom.to_string()),
            release: answer.release,
        })
    }

    /// A limit with its reasons.
    #[napi(catch_unwind)]
    pub fn propose_limit(
        &self,
        currency: String,
        customer: Option<String>,
        monthly_volume: Option<Money>,
        score: Option<String>,
    ) -> Result<String> {
        let question = LimitQuestion {
            customer: customer.as_deref(),
            currency: &currency,
            monthly_volume: monthly_volume.map(|volume| volume.read("monthlyVolume")).transpose()?,
            score: score.as_deref(),
        };
        camel_json(&self.inner.propose_limit(&question).map_err(raise)?)
    }

    /// The same with every reason.
    #[napi(catch_unwind)]
    pub fn explain(
        &self,
        customer: String,
        amount: Money,
        currency: String,
        more: Option<CreditMore>,
    ) -> Result<String> {
        let amount = amount.read("amount")?;
        camel_json(&asked(&customer, amount, &currency, more, |request| self.inner.explain(request))?)
    }
}

fn asked<T>(
    customer: &str,
    amount: rust_decimal::Decimal,
    currency: &str,
    more: Option<CreditMore>,
    ask: impl FnOnce(&CreditRequest<'_>) -> std::result::Result<T, Refused>,
) -> Result<T> {
    let plain = CreditRequest::new(customer, amount, currency);
    let Some(more) = more else { return ask(&plain).map_err(raise) };
    let request = CreditRequest {
        kind: facade::credit_request_kind(more.kind.as_deref()).map_err(raise)?,
        company: more.company.as_deref().unwrap_or_default(),
        order: more.order.as_deref(),
        follows: more.follows.as_deref(),
        expected_date: more.expected_date.map(|day| day.count("expectedDate")).transpose()?,
        net: more.net.map(|net| net.read("net")).transpose()?,
        terms: more.terms.as_deref(),
        ..plain
    };
    ask(&request).map_err(raise)
}

/// What became true, and the facts that say it was told.
#[derive(Serialize)]
struct Told {
    alerts: Vec<facade::CreditAlert>,
    facts: Notices,
}

#[derive(Serialize)]
struct Notices {
    notices: Vec<facade::Notice>,
}

/// What is true in a view and was not in an earlier one.
#[napi(catch_unwind)]
pub fn credit_alerts(view: &NativeView, before: &NativeView, policy: String) -> Result<String> {
    let policy = facade::credit_policy(&policy).map_err(raise)?;
    let alerts = view.inner.credit_alerts(&before.inner, &policy).map_err(raise)?;
    let notices = facade::alert_facts(&alerts, view.inner.day()).notices;
    camel_json(&Told { alerts, facts: Notices { notices } })
}

/// A picture: a Vega-Lite specification as JSON text.
#[napi(catch_unwind)]
pub fn picture(view: &NativeView, policy: String) -> Result<String> {
    let policy = facade::picture_policy(&policy).map_err(raise)?;
    Ok(view.inner.picture(&policy).map_err(raise)?.spec())
}

/// What all customers are exposed to.
#[napi]
pub struct NativeExposure {
    inner: facade::ExposureReport,
}

/// The exposure of all.
#[napi(catch_unwind)]
pub fn exposure(
    view: &NativeView,
    policy: String,
    per: Option<String>,
    company: Option<String>,
) -> Result<NativeExposure> {
    let policy = facade::credit_policy(&policy).map_err(raise)?;
    let per = facade::exposure_per(per.as_deref()).map_err(raise)?;
    Ok(NativeExposure { inner: view.inner.exposure(&policy, per, company.as_deref()).map_err(raise)? })
}

#[napi]
impl NativeExposure {
    /// The policy and the engine.
    #[napi(catch_unwind)]
    pub fn made_by(&self) -> Result<String> {
        camel_json(self.inner.made_by())
    }

    /// The rows.
    #[napi(catch_unwind)]
    pub fn rows(&self) -> Result<String> {
        camel_json(&self.inner.rows())
    }

    /// The sums by currency.
    #[napi(catch_unwind)]
    pub fn totals(&self) -> Result<String> {
        camel_json(&self.inner.totals())
    }

    /// A part of it as Arrow IPC bytes.
    #[napi(catch_unwind)]
    pub fn arrow(&self, what: String) -> Result<Uint8Array> {
        let batch = match what.as_str() {
            "rows" => arrow::exposure_rows(&self.inner, &arrow::Dictionaries::default()),
            "totals" => arrow::exposure_totals(&self.inner.totals()),
            other => {
                let reason = format!("expected rows or totals, got {other:?}");
                Err(Problem::new("unknown_field", reason).field("what").into())
            }
        };
        batch.and_then(|batch| arrow::to_ipc(&batch)).map(Uint8Array::from).map_err(raise)
    }
}
