//! When will each open item be paid, how sure is that, and why? For whoever plans cash or calls customers.
//!
//! [`View::train_prediction`] learns from what the view knows; [`View::predict`] answers for its open items. A view carries
//! its day: what happens later, or is learnt later than it was narrowed to, takes no part in either.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ask::PredictionAsk;
use super::book::{Book, Invoice};
use super::forecast::Forecast;
use super::history::{book, invoices, item};
use super::learner::Progress;
use super::model::Model;
use super::policy::PredictionPolicy;
use super::reasons::{PredictionReason, reasons};
use crate::calendar::Day;
use crate::ledger::View;
use crate::money::to_decimal;
use crate::problem::{Problem, Refused};

/// What was learnt from a ledger, to be asked about any day of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictionModel {
    pub(crate) policy: PredictionPolicy,
    pub(crate) model: Model,
    /// The last day that was known.
    pub(crate) trained_on: Day,
    /// The day by which what it learnt from was recorded; none when that is not known.
    pub(crate) known_on: Option<Day>,
    pub(crate) paid_invoices: u32,
}

/// What an answer rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PredictionBasis {
    /// The trained model, and at least five payments of this customer.
    Model,
    /// The trained model; of this customer fewer than five payments are known.
    FewPayments,
    /// The customer's own past, shrunk to that of all customers: nothing is trained.
    OwnPast,
    /// Not enough history: no payment of this customer is known and nothing is trained.
    NotEnoughHistory,
}

/// When an open item will be paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prediction {
    /// The document.
    pub document: String,
    /// Its instalment, 0 without a schedule.
    pub instalment: u32,
    /// Who owes.
    pub customer: String,
    /// Its currency.
    pub currency: String,
    /// What is open.
    pub open: Decimal,
    /// When it is due; the day it was posted for one without a due date.
    pub due_date: NaiveDate,
    /// The day by which it is paid as likely as not.
    pub expected: NaiveDate,
    /// The beginning of the interval.
    pub earliest: NaiveDate,
    /// The end of the interval.
    pub latest: NaiveDate,
    /// The chance that it is paid after its due day; 1 once that is past. **Unit**: a ratio with 4 digits.
    pub late: Decimal,
    /// The chance that it is still open 30 days after the view's day.
    pub open_after_30: Decimal,
    /// The same after 60 days.
    pub open_after_60: Decimal,
    /// The same after 90 days.
    pub open_after_90: Decimal,
    /// What the answer rests on.
    pub basis: PredictionBasis,
    /// Why that day, in the customer's terms; the strongest first.
    pub reasons: Vec<PredictionReason>,
    /// Of each percentage that was asked for, in its order, the day by which it is paid with that chance.
    pub quantiles: Vec<NaiveDate>,
    /// Of each day that was asked for, in its order, the chance that it is paid by then; 0 up to the view's day.
    pub paid_by: Vec<Decimal>,
}

/// A chance in ten-thousandths, as a ratio.
pub(crate) fn ratio(chance: f64) -> Decimal {
    Decimal::new((chance.clamp(0.0, 1.0) * 10_000.0 + 0.5) as i64, 4)
}

pub(crate) fn knows_later(day: Day, knows: Day, field: &str) -> Refused {
    let reason = format!("expected a model trained by {day}, got one that knows {knows}");
    Problem::new("model_knows_later", reason).field(field).into()
}

pub(crate) fn too_far(field: &str) -> Refused {
    Problem::new("impossible_date", "expected a day from 1900-01-01 to 2199-12-31").field(field).into()
}

impl PredictionModel {
    /// The last day that was known when it was trained.
    #[must_use]
    pub fn trained_on(&self) -> Day {
        self.trained_on
    }

    /// The day by which what it learnt from was recorded: that of its view, or the one that the view was narrowed to. None for
    /// a model kept before models said so: it may know whatever the ledger did.
    #[must_use]
    pub fn known_on(&self) -> Option<Day> {
        self.known_on
    }

    /// What an answer about a customer of whom so many payments are known rests on.
    pub(crate) fn basis(&self, payments: usize) -> PredictionBasis {
        match (self.is_trained(), payments) {
            (true, 5..) => PredictionBasis::Model,
            (true, _) => PredictionBasis::FewPayments,
            (false, 1..) => PredictionBasis::OwnPast,
            (false, 0) => PredictionBasis::NotEnoughHistory,
        }
    }

    /// Refuses a model that learnt from a later day than one.
    pub(crate) fn must_be_trained_by(&self, day: Day) -> Result<(), Refused> {
        if self.trained_on <= day {
            return Ok(());
        }
        Err(knows_later(day, self.trained_on, "model"))
    }

    /// Refuses a model that learnt from what was recorded after a day, or may have.
    pub(crate) fn must_know_nothing_after(&self, day: Day) -> Result<(), Refused> {
        self.must_be_trained_by(day)?;
        self.must_be_recorded_by(day)
    }

    /// Refuses a model that knows what a view does not: of a later day, or, where the view was narrowed to what was known on a day,
    /// recorded after that. A view that was not knows all.
    pub(crate) fn must_know_no_more_than(&self, view: &View) -> Result<(), Refused> {
        self.must_be_trained_by(view.day())?;
        view.known_on().map_or(Ok(()), |day| self.must_be_recorded_by(day))
    }

    fn must_be_recorded_by(&self, day: Day) -> Result<(), Refused> {
        match self.known_on {
            Some(known_on) if known_on <= day => Ok(()),
            Some(known_on) => Err(knows_later(day, known_on, "model")),
            None => {
                let reason = format!("expected a model that knows nothing later than {day}, got one that does not say");
                Err(Problem::new("model_knows_later", reason).field("model").into())
            }
        }
    }

    /// How many paid invoices it saw.
    #[must_use]
    pub fn paid_invoices(&self) -> u32 {
        self.paid_invoices
    }

    /// Whether there was enough to learn from; if not, answers come from each customer's own past.
    #[must_use]
    pub fn is_trained(&self) -> bool {
        self.model.is_trained()
    }
}

impl View {
    /// Learns how customers pay, from all that this view knows; of a view that knows all, from what was recorded by its day, so
    /// that the model may be asked about the days after it.
    ///
    /// The model is the same with any number of `threads`. `progress` is told before the first tree (0) and after each how many there are, of
    /// how many; when it returns false the training ends.
    ///
    /// # Errors
    /// `policy_invalid` with the field; `impossible_date` for a day outside 1900 to 2199; `cancelled` when `progress` said so.
    pub fn train_prediction(
        &self,
        policy: &PredictionPolicy,
        threads: usize,
        progress: Progress<'_>,
    ) -> Result<PredictionModel, Refused> {
        policy.check()?;
        // Of days after the last that is known nothing is told: that nobody paid on them is not.
        let trained_on = Day::new(self.stood_on().min(self.known_on))?;
        if !Invoice::is_day(trained_on.number()) {
            return Err(too_far("day"));
        }
        let view = if self.known_on().is_some() { self.clone() } else { self.as_known_then() };
        let known_on = view.known_on();
        let invoices: Vec<Invoice> = invoices(&view).into_iter().filter(Invoice::takes_part).collect();
        let paid = invoices.iter().filter(|one| one.cleared.is_some()).count();
        let book = book(&view, &invoices, policy);
        let first = invoices.iter().map(|one| one.posted).min().unwrap_or_default();
        let mut training = policy.training(first, trained_on.number() + 1);
        training.threads = threads.clamp(1, 64);
        let model = Model::train(&book, &invoices, &training, progress)
            .ok_or_else(|| Refused::one("cancelled", "expected to train to the end, was stopped"))?;
        let paid_invoices = u32::try_from(paid).unwrap_or(u32::MAX);
        Ok(PredictionModel { policy: policy.clone(), model, trained_on, known_on, paid_invoices })
    }

    /// When each open item that a customer owes will be paid, in the order of the view's items. What is owed to customers
    /// is left out, and so is what is due outside 1900 to 2199 or more than ten years from its posting.
    ///
    /// # Errors
    /// `impossible_date` for a day outside 1900 to 2199; `model_knows_later`, field `model`, for one trained after the view's
    /// day, or that learnt from what was recorded after the day that the view was narrowed to (or does not say).
    pub fn predict(&self, model: &PredictionModel) -> Result<Vec<Prediction>, Refused> {
        self.predict_asking(model, &PredictionAsk::default())
    }

    /// The same, and of each item the days of some chances and the chances of some days.
    ///
    /// # Errors
    /// The same; `policy_invalid`, field `quantiles`, for what is not rising from 1 to 99; `impossible_date`, field `paid_by[n]`, for a
    /// day outside 1900 to 2199.
    pub fn predict_asking(&self, model: &PredictionModel, ask: &PredictionAsk) -> Result<Vec<Prediction>, Refused> {
        ask.check()?;
        let mut found = Vec::new();
        self.each_forecast(model, |asked| {
            let Asked { at, invoice, book, forecast, .. } = &asked;
            let half = (100.0 - f64::from(model.policy.interval_percent)) / 200.0;
            let date = |number: i32| Day::new(number).map(Day::to_naive_date);
            let by_chance = |percent: u8| date(forecast.quantile(book, f64::from(percent) / 100.0));
            let chance_by =
                |by: NaiveDate| Ok::<_, Refused>(ratio(forecast.paid_by(book, Day::try_from(by)?.number())));
            let open_after = |days: i32| ratio(1.0 - forecast.paid_by(book, self.day.number() + days));
            let account = self.store.account(self.items.account.get(*at).copied().unwrap_or_default());
            let currency = self.store.currency(account.currency);
            let open = self.items.open.get(*at).copied().unwrap_or_default();
            let document = self.items.document.get(*at).copied().unwrap_or_default();
            let expected = (forecast.median(book), forecast.by_runs);
            let (few, reasons) = reasons(book, &model.model, &asked.question(), expected);
            found.push(Prediction {
                document: self.store.document_id(document).to_owned(),
                instalment: self.items.instalment(*at),
                customer: self.store.customer_ids.text(account.customer).to_owned(),
                currency: currency.map(|currency| currency.code.as_str().to_owned()).unwrap_or_default(),
                open: to_decimal(open, currency.map_or(0, |currency| currency.exponent)),
                due_date: date(invoice.due)?,
                expected: date(forecast.median(book))?,
                earliest: date(forecast.quantile(book, half))?,
                latest: date(forecast.quantile(book, 1.0 - half))?,
                late: ratio(1.0 - forecast.paid_by(book, invoice.due)),
                open_after_30: open_after(30),
                open_after_60: open_after(60),
                open_after_90: open_after(90),
                basis: model.basis(few),
                reasons,
                quantiles: ask.quantiles.iter().map(|percent| by_chance(*percent)).collect::<Result<_, _>>()?,
                paid_by: ask.paid_by.iter().map(|day| chance_by(*day)).collect::<Result<_, _>>()?,
            });
            Ok(())
        })?;
        Ok(found)
    }

    /// Asks the model about each open item that can be asked about.
    pub(crate) fn each_forecast(
        &self,
        model: &PredictionModel,
        mut take: impl FnMut(Asked<'_>) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        if !Invoice::is_day(self.day.number()) {
            return Err(too_far("day"));
        }
        model.must_know_no_more_than(self)?;
        let invoices = invoices(self);
        let book = book(self, &invoices, &model.policy);
        // The day of the view is over: the next one is the first on which anything can be paid.
        let day = self.day.number() + 1;
        let desk = model.model.desk(&book, [day].into_iter());
        for at in 0..self.items.len() {
            let Some(invoice) = item(self, at).filter(Invoice::takes_part) else { continue };
            let question = invoice.asked_on(day);
            let forecast = if model.is_trained() { desk.forecast(&question) } else { desk.own(&question) };
            take(Asked { at, invoice, book: &book, forecast, day })?;
        }
        Ok(())
    }
}

/// An open item and its forecast.
pub(crate) struct Asked<'a> {
    pub(crate) at: usize,
    pub(crate) invoice: Invoice,
    pub(crate) book: &'a Book,
    pub(crate) forecast: Forecast,
    pub(crate) day: i32,
}

impl Asked<'_> {
    pub(crate) fn question(&self) -> super::book::Question {
        self.invoice.asked_on(self.day)
    }

    /// How many payments of the customer are known.
    pub(crate) fn payments(&self) -> usize {
        self.book.past(self.invoice.customer, self.day).paid.len()
    }
}
