//! Credit: a desk that answers about one customer, the exposure of all, and their rows as mirrors of the facade's.

use ar_core::facade;
pub use ar_core::facade::{
    CheckOutcome, CreditAlert, CreditChange, CreditCheck, ExposureAmount, ExposureRow, ExposureTotal, LimitProposal,
    LimitReason,
};

use crate::facts::Facts;
use crate::ledger::{Ledger, View};
use crate::reports::MadeBy;
use crate::values::{Day, GivenDay, GivenMoney, Money};

type Result<T> = std::result::Result<T, crate::ReceivablesError>;

/// What is asked: may so much ship to this customer?
#[derive(Debug, Clone, uniffi::Record)]
pub struct CreditRequest {
    /// Who would owe it.
    pub customer: String,
    /// How much.
    pub amount: GivenMoney,
    /// The currency.
    pub currency: String,
    /// That of the commitment in whose place it stands, else `order`, when absent; `draft`, `delivery` or `invoice`.
    #[uniffi(default)]
    pub kind: Option<String>,
    /// The company that sells.
    #[uniffi(default)]
    pub company: Option<String>,
    /// Its id: it stands in the place of the commitment of that id, and a release may name it. What is not told of it is as it was posted.
    #[uniffi(default)]
    pub order: Option<String>,
    /// The id of the commitment that it follows and lowers; when absent, what that commitment follows.
    #[uniffi(default)]
    pub follows: Option<String>,
    /// When it ships.
    #[uniffi(default)]
    pub expected_date: Option<GivenDay>,
    /// The amount without tax.
    #[uniffi(default)]
    pub net: Option<GivenMoney>,
    /// Its payment terms.
    #[uniffi(default)]
    pub terms: Option<String>,
}

impl CreditRequest {
    fn read(&self) -> Result<facade::CreditRequest<'_>> {
        let amount = self.amount.read("amount")?;
        Ok(facade::CreditRequest {
            kind: facade::credit_request_kind(self.kind.as_deref())?,
            company: self.company.as_deref().unwrap_or_default(),
            order: self.order.as_deref(),
            follows: self.follows.as_deref(),
            expected_date: self.expected_date.as_ref().map(|day| day.day("expected_date")).transpose()?,
            net: self.net.as_ref().map(|net| net.read("net")).transpose()?,
            terms: self.terms.as_deref(),
            ..facade::CreditRequest::new(&self.customer, amount, &self.currency)
        })
    }
}

/// Whether a document may go, and how much more could.
#[derive(Debug, Clone, uniffi::Record)]
pub struct CreditDecision {
    /// `pass`, `warn`, `block` or `released`.
    pub decision: String,
    /// How much could be asked for; none without a limit.
    pub headroom: Option<Money>,
    /// The release that lets it through.
    pub release: Option<String>,
}

/// Answers about one customer at a time from the ledger's index. It is about one ledger on one day.
#[derive(Debug, uniffi::Object)]
pub struct CreditDesk {
    inner: facade::CreditDesk,
}

#[uniffi::export]
impl CreditDesk {
    /// Whether a document may go, and how much more could.
    pub fn check(&self, request: CreditRequest) -> Result<CreditDecision> {
        let answer = self.inner.check(&request.read()?)?;
        let decision = answer.decision.name().to_owned();
        Ok(CreditDecision { decision, headroom: answer.headroom, release: answer.release })
    }

    /// The same with every check, who may release it and what changed since the last release.
    pub fn explain(&self, request: CreditRequest) -> Result<CreditCheck> {
        Ok(self.inner.explain(&request.read()?)?)
    }

    /// How much credit a customer should have, known or new, with the reasons.
    #[uniffi::method(default(customer = None, monthly_volume = None, score = None))]
    pub fn propose_limit(
        &self,
        currency: String,
        customer: Option<String>,
        monthly_volume: Option<GivenMoney>,
        score: Option<String>,
    ) -> Result<LimitProposal> {
        Ok(self.inner.propose_limit(&facade::LimitQuestion {
            customer: customer.as_deref(),
            currency: &currency,
            monthly_volume: monthly_volume.map(|volume| volume.read("monthly_volume")).transpose()?,
            score: score.as_deref(),
        })?)
    }

    /// The day that it is about.
    pub fn day(&self) -> Result<Day> {
        Ok(facade::Day::to_naive_date(self.inner.day()))
    }

    /// The policy and the engine.
    pub fn made_by(&self) -> Result<MadeBy> {
        Ok(self.inner.made_by())
    }
}

#[uniffi::export]
impl Ledger {
    /// A desk that answers about one customer at a time, by a policy as JSON text.
    #[uniffi::method(default(known_on = None))]
    pub fn credit(&self, policy: String, day: GivenDay, known_on: Option<GivenDay>) -> Result<CreditDesk> {
        let known_on = known_on.map(|day| day.day("known_on")).transpose()?;
        let inner = self.inner.credit(&facade::credit_policy(&policy)?, day.day("day")?, known_on)?;
        Ok(CreditDesk { inner })
    }
}

/// What became true between two views, and the facts to append so that it is never told again.
#[derive(Debug, Clone, uniffi::Record)]
pub struct CreditAlerts {
    /// Each crossing once.
    pub alerts: Vec<CreditAlert>,
    /// Notices of level 0.
    pub facts: Facts,
}

/// Something that became true.
#[uniffi::remote(Record)]
pub struct CreditAlert {
    /// The rule.
    pub rule: String,
    /// What it watches.
    pub when: String,
    /// What tells this crossing from every other.
    pub key: String,
    /// Whom it is about.
    pub customer: String,
    /// The document; empty where it is not about one.
    pub document: String,
    /// Since when it is true.
    pub day: Day,
    /// The figure.
    pub figure: Option<String>,
    /// What it crossed.
    pub limit: Option<String>,
}

/// A limit with its reasons.
#[uniffi::remote(Record)]
pub struct LimitProposal {
    /// For whom.
    pub customer: Option<String>,
    /// The currency.
    pub currency: String,
    /// How much.
    pub limit: Money,
    /// What it came from, step by step.
    pub reasons: Vec<LimitReason>,
}

/// A step on the way to a limit.
#[uniffi::remote(Record)]
pub struct LimitReason {
    /// `volume`, `sales`, `score`, `late`, `new`, `step`, `minimum` or `maximum`.
    pub step: String,
    /// What was looked at.
    pub figure: Option<String>,
    /// Such a part was taken.
    pub percent: Option<String>,
    /// The amount after it.
    pub amount: Money,
}

/// What all customers are exposed to.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Exposure {
    /// The view's day.
    pub on: Day,
    /// The rows, by customer, then currency.
    pub rows: Vec<ExposureRow>,
    /// The sums by currency.
    pub totals: Vec<ExposureTotal>,
    /// The policy and the engine.
    pub made_by: MadeBy,
}

#[uniffi::export]
impl View {
    /// What is true here and was not in an earlier view of the same ledger, by a policy as JSON text.
    pub fn credit_alerts(&self, before: std::sync::Arc<View>, policy: String) -> Result<CreditAlerts> {
        let alerts = self.inner.credit_alerts(&before.inner, &facade::credit_policy(&policy)?)?;
        let facts = Facts::from(facade::alert_facts(&alerts, self.inner.day()));
        Ok(CreditAlerts { alerts, facts })
    }

    /// A chart of what the view shows, by a policy as JSON text: a Vega-Lite specification as JSON text.
    pub fn picture(&self, policy: String) -> Result<String> {
        Ok(self.inner.picture(&facade::picture_policy(&policy)?)?.spec())
    }

    /// What every customer, or `family` under its top parent, is exposed to, by a policy as JSON text.
    #[uniffi::method(default(per = "customer", company = None))]
    pub fn exposure(&self, policy: String, per: String, company: Option<String>) -> Result<Exposure> {
        let per = facade::exposure_per(Some(&per))?;
        let made = self.inner.exposure(&facade::credit_policy(&policy)?, per, company.as_deref())?;
        Ok(Exposure {
            on: facade::Day::to_naive_date(made.on()),
            rows: made.rows(),
            totals: made.totals(),
            made_by: made.made_by().clone(),
        })
    }
}

/// A part of an exposure.
#[uniffi::remote(Record)]
pub struct ExposureAmount {
    /// Its name.
    pub part: String,
    /// How much.
    pub amount: Money,
    /// Whether the policy counts it.
    pub counts: bool,
}

/// A check with its operands.
#[uniffi::remote(Record)]
pub struct CheckOutcome {
    /// What was asked.
    pub check: String,
    /// Of which part; empty where it is not about one.
    pub part: String,
    /// The credit line; empty where there is none.
    pub line: String,
    /// Whose figure it is.
    pub customer: String,
    /// In which company; none: in all.
    pub company: Option<String>,
    /// The currency of its amounts.
    pub currency: String,
    /// The figure: an amount, a number, a day, a percentage, a text.
    pub figure: Option<String>,
    /// What it was compared with.
    pub limit: Option<String>,
    /// What is left of a line without the document.
    pub headroom: Option<Money>,
    /// Whether it passed.
    pub passed: bool,
    /// What follows when it does not: `block`, `warn` or `pass`.
    pub reaction: String,
    /// The parts of an exposure.
    pub parts: Vec<ExposureAmount>,
}

/// Something that is no longer as it was.
#[uniffi::remote(Record)]
pub struct CreditChange {
    /// What.
    pub what: String,
    /// As it was.
    pub before: String,
    /// As it is.
    pub now: String,
}

/// A decision with its reasons.
#[uniffi::remote(Record)]
pub struct CreditCheck {
    /// Who would owe it.
    pub customer: String,
    /// The company that sells.
    pub company: String,
    /// What it is: `order`, `draft`, `delivery` or `invoice`.
    pub kind: String,
    /// The currency.
    pub currency: String,
    /// How much.
    pub amount: Money,
    /// Its id.
    pub order: Option<String>,
    /// `pass`, `warn`, `block` or `released`.
    pub decision: String,
    /// How much could be asked for; none without a limit.
    pub headroom: Option<Money>,
    /// The release that lets it through.
    pub release: Option<String>,
    /// The roles that may release it, when it is blocked.
    pub may_release: Vec<String>,
    /// Every check, in the order of the policy.
    pub checks: Vec<CheckOutcome>,
    /// What differs from when the order, or the customer, was last released.
    pub changed: Vec<CreditChange>,
}

/// The exposure of a customer, or of a family under its top parent.
#[uniffi::remote(Record)]
pub struct ExposureRow {
    /// The customer, or the top parent.
    pub customer: String,
    /// The currency.
    pub currency: String,
    /// Open invoices, debit notes, charges, refunds and journals.
    pub open_items: Money,
    /// Open credit notes.
    pub credit_notes: Money,
    /// Payments on account.
    pub unapplied: Money,
    /// Advances.
    pub prepayments: Money,
    /// Delivered and not invoiced.
    pub deliveries: Money,
    /// Ordered and not delivered.
    pub orders: Money,
    /// Not yet ordered.
    pub drafts: Money,
    /// What others guarantee.
    pub guarantees: Money,
    /// What is insured.
    pub insurance: Money,
    /// The sum of the parts that count.
    pub exposure: Money,
    /// The limit; none when there is none.
    pub limit: Option<Money>,
    /// What is left of the limit.
    pub headroom: Option<Money>,
    /// How much of the limit is used, in per cent.
    pub used: Option<String>,
}

/// The sums of a currency.
#[uniffi::remote(Record)]
pub struct ExposureTotal {
    /// The currency.
    pub currency: String,
    /// How many rows.
    pub customers: u64,
    /// As in a row.
    pub open_items: Money,
    /// As in a row.
    pub credit_notes: Money,
    /// As in a row.
    pub unapplied: Money,
    /// As in a row.
    pub prepayments: Money,
    /// As in a row.
    pub deliveries: Money,
    /// As in a row.
    pub orders: Money,
    /// As in a row.
    pub drafts: Money,
    /// As in a row.
    pub guarantees: Money,
    /// As in a row.
    pub insurance: Money,
    /// As in a row.
    pub exposure: Money,
}
