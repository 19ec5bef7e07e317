//! Which cash may not come, and until when can a call still change that? For whoever calls customers.
//!
//! A customer that pays in runs decides some banking days before a run what it pays. The next run is foretold from the last
//! ones: by their weeks of the month, else the usual gap after the latest, moved to the usual day of the week and to a banking day.
//! The last day to call is so many banking days before it; when that is over, the run after it counts.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::book::Book;
use super::cash::{decimal, exponent};
use super::cash_policy::CashPolicy;
use super::coming::{Item, coming};
use super::curve::WHOLE;
use super::history::item;
use super::predict::{PredictionBasis, PredictionModel};
use super::reasons::{PredictionReason, reasons};
use super::runs::Runs;
use crate::aging::keys::{Key, text};
use crate::calendar::Day;
use crate::ledger::View;
use crate::ledger::layers::count;
use crate::money::{Rounding, multiply_divide};
use crate::problem::Refused;

/// Cash that may not come, and when to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashAtRisk {
    /// The document.
    pub document: String,
    /// Its instalment, 0 without a schedule.
    pub instalment: u32,
    /// Who owes.
    pub customer: String,
    /// The currency.
    pub currency: String,
    /// What is open.
    pub open: Decimal,
    /// When it is due; the day it was posted for one without a due date. A call may come before it.
    pub due_date: NaiveDate,
    /// What of it is expected to be open still `at_risk_days` after the view's day; all that is disputed is. What credits
    /// cover is not at risk.
    pub at_risk: Decimal,
    /// The customer's next payment run that a call can change; none when it pays in no runs.
    pub next_run: Option<NaiveDate>,
    /// The last day on which a call can change it.
    pub best_contact_day: Option<NaiveDate>,
    /// The share of it that is expected to be paid, or covered, by that run anyway: of what is disputed nothing, of what is promised as a
    /// cash forecast has it. **Unit**: a ratio with 4 digits.
    pub paid_by_run: Option<Decimal>,
    /// What the chances rest on.
    pub basis: PredictionBasis,
    /// Why, in the customer's terms.
    pub reasons: Vec<PredictionReason>,
}

impl View {
    /// Of each open item that can be asked about, in the order of the view's items: what of it is at risk, and until when a
    /// call can change the payer's next run.
    ///
    /// # Errors
    /// `policy_invalid`, `unsupported_version` with the field; `impossible_date` for a day outside 1900 to 2199;
    /// `model_knows_later`, field `model`, for one that knows more than the view does.
    pub fn cash_at_risk(&self, model: &PredictionModel, policy: &CashPolicy) -> Result<Vec<CashAtRisk>, Refused> {
        policy.check()?;
        let (items, book) = coming(self, model, policy)?;
        let Some(book) = book else { return Ok(Vec::new()) };
        let today = self.day().number();
        let until = today + i32::from(policy.at_risk_days);
        let date = |day: i32| Day::new(day).map(Day::to_naive_date);
        let mut found = Vec::new();
        for one in &items {
            let (Some(basis), Some(invoice)) = (one.basis, item(self, one.at)) else { continue };
            let open_then = one.parts.iter().map(|part| {
                let left = WHOLE - part.curve.paid_by(until);
                let half = Rounding::HalfAwayFromZero;
                multiply_divide(part.amount.into(), left.into(), WHOLE.into(), half).unwrap_or(0)
            });
            let at_risk = open_then.sum::<i128>() + i128::from(one.disputed);
            let question = invoice.asked_on(today + 1);
            // Sure runs are told whatever the forecast goes by: the next run is one of them.
            let (_, mut reasons) = reasons(&book, &model.model, &question, (one.expected, true));
            let called = next_call(&book, invoice.customer, today, i32::from(policy.notice_banking_days));
            if let Err(runs) = called {
                reasons.push(PredictionReason::NoRuns { runs });
            }
            let currency = text(&self.store, Key::Currency, one.currency);
            let digits = exponent(self, currency);
            found.push(CashAtRisk {
                document: self.store.document_id(one.document).to_owned(),
                instalment: self.items.instalment(one.at),
                customer: self.store.customer_ids.text(one.customer).to_owned(),
                currency: currency.to_owned(),
                open: decimal(one.open.into(), digits),
                due_date: date(invoice.due)?,
                at_risk: decimal(at_risk, digits),
                next_run: called.ok().map(|(run, _)| date(run)).transpose()?,
                best_contact_day: called.ok().map(|(_, call)| date(call)).transpose()?,
                paid_by_run: called.ok().map(|(run, _)| settled_by(one, run)),
                basis,
                reasons,
            });
        }
        Ok(found)
    }
}

/// The share of an item that is paid or covered by a day, as far as is expected: of what is disputed nothing is.
fn settled_by(item: &Item, day: i32) -> Decimal {
    let covered = i128::from(item.covered) * i128::from(WHOLE);
    let paid = item.parts.iter().map(|part| i128::from(part.amount) * i128::from(part.curve.paid_by(day)));
    let whole = i128::from(item.open.max(1)) * i128::from(WHOLE);
    let share = multiply_divide(covered + paid.sum::<i128>(), 10_000, whole, Rounding::HalfAwayFromZero);
    decimal(share.unwrap_or(0), 4)
}

/// The next run that a call can change and the last day to call; or how few runs are known.
fn next_call(book: &Book, customer: u32, today: i32, notice: i32) -> Result<(i32, i32), u32> {
    let runs = Runs::of(book, &book.past(customer, today + 1).paid);
    let call = |on: i32| (on, book.banking.day(book.banking.place(on) - notice));
    runs.after(book, today).map(call).find(|(_, call)| *call > today).ok_or(count(runs.days.len()))
}
