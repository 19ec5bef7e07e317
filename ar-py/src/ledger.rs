//! The ledger, its views and what they answer, as classes that hold the facade's handles.

use std::sync::Arc;

use ar_core::facade::arrow as batches;
use ar_core::facade::{self, AgingQuestion, ControlBalance, JsonFacts, Refused};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::credit::{CreditDesk, Exposure};
use crate::dunning::{DunningAudit, DunningComparison, DunningRun, DunningSimulation};
use crate::errors::raise;
use crate::facts::Facts;
use crate::interest::Interest;
use crate::kpi::{DsoChange, Kpis};
use crate::prediction::{self, CashForecast, PredictionModel, Told};
use crate::report::{Row, objects};
use crate::settlement::{Revaluation, Settlement};
use crate::table::Table;
use crate::values::{At, day, money};

pub(crate) fn engine_day(value: &Bound<'_, PyAny>, field: &str) -> PyResult<facade::Day> {
    let date = day(value, At::field(field))?;
    facade::day(date).map_err(|refusal| raise(value.py(), refusal.at(None, None, field)))
}

pub(crate) fn table(py: Python<'_>, batch: Result<batches::RecordBatch, Refused>) -> PyResult<Table> {
    Ok(Table { batch: batch.map_err(|refusal| raise(py, refusal))? })
}

/// A ledger. `receivables.Ledger` is its face.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct Ledger {
    pub(crate) inner: facade::Ledger,
    texts: Arc<batches::Dictionaries>,
}

impl Ledger {
    pub(crate) fn new(inner: facade::Ledger) -> Self {
        Self { inner, texts: Arc::default() }
    }
}

#[pymethods]
impl Ledger {
    /// Loads tables of facts: Arrow data, rows or columns by table name.
    #[staticmethod]
    fn load(py: Python<'_>, settings: &str, tables: &Bound<'_, PyDict>) -> PyResult<Self> {
        let facts = Facts::read(tables)?;
        let loaded = py.detach(|| facade::Ledger::load(facade::settings(settings)?, &facts.tables()));
        Ok(Self::new(loaded.map_err(|refusal| raise(py, refusal))?))
    }

    /// Loads facts from JSON text.
    #[staticmethod]
    fn from_json(py: Python<'_>, settings: &str, facts: &str) -> PyResult<Self> {
        let loaded =
            py.detach(|| facade::Ledger::load(facade::settings(settings)?, &JsonFacts::parse(facts)?.tables()));
        Ok(Self::new(loaded.map_err(|refusal| raise(py, refusal))?))
    }

    /// The ledger with more facts.
    fn append(&self, py: Python<'_>, tables: &Bound<'_, PyDict>, recorded: &Bound<'_, PyAny>) -> PyResult<Self> {
        let facts = Facts::read(tables)?;
        let recorded = engine_day(recorded, "recorded")?;
        let next = py.detach(|| self.inner.append(&facts.tables(), recorded));
        Ok(Self::new(next.map_err(|refusal| raise(py, refusal))?))
    }

    /// The ledger with more facts, from JSON text.
    fn append_json(&self, py: Python<'_>, facts: &str, recorded: &Bound<'_, PyAny>) -> PyResult<Self> {
        let recorded = engine_day(recorded, "recorded")?;
        let next = py.detach(|| self.inner.append(&JsonFacts::parse(facts)?.tables(), recorded));
        Ok(Self::new(next.map_err(|refusal| raise(py, refusal))?))
    }

    /// All it was given, as text.
    fn text(&self, py: Python<'_>) -> String {
        py.detach(|| facade::ledger_text(&self.inner))
    }

    /// The ledger of such a text.
    #[staticmethod]
    fn from_text(py: Python<'_>, text: &str) -> PyResult<Self> {
        Ok(Self::new(py.detach(|| facade::ledger_from_text(text)).map_err(|refusal| raise(py, refusal))?))
    }

    /// What was owed as of a day.
    fn as_of(&self, py: Python<'_>, on: &Bound<'_, PyAny>, known_on: Option<&Bound<'_, PyAny>>) -> PyResult<View> {
        let on = engine_day(on, "day")?;
        let known_on = known_on.map(|known_on| engine_day(known_on, "known_on")).transpose()?;
        Ok(View {
            texts: Arc::clone(&self.texts),
            inner: py.detach(|| match known_on {
                None => self.inner.as_of(on),
                Some(known_on) => self.inner.as_of_known(on, known_on),
            }),
        })
    }

    /// A desk that answers about one customer at a time, by a policy as JSON text.
    fn credit(
        &self,
        py: Python<'_>,
        policy: &str,
        on: &Bound<'_, PyAny>,
        known_on: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<CreditDesk> {
        let on = engine_day(on, "day")?;
        let known_on = known_on.map(|on| engine_day(on, "known_on")).transpose()?;
        let made = py.detach(|| self.inner.credit(&facade::credit_policy(policy)?, on, known_on));
        Ok(CreditDesk { inner: made.map_err(|refusal| raise(py, refusal))? })
    }

    /// What one customer owed as of a day.
    fn customer_as_of(
        &self,
        py: Python<'_>,
        customer: &str,
        on: &Bound<'_, PyAny>,
        known_on: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<View> {
        let on = engine_day(on, "day")?;
        let known_on = known_on.map(|known_on| engine_day(known_on, "known_on")).transpose()?;
        let inner = py.detach(|| self.inner.customer_as_of(customer, on, known_on));
        Ok(View { texts: Arc::clone(&self.texts), inner: inner.map_err(|refusal| raise(py, refusal))? })
    }

    /// The ledger with the facts of files by a mapping, and the report as JSON text.
    fn append_files(
        &self,
        py: Python<'_>,
        mapping: &str,
        files: Vec<(String, Vec<u8>)>,
        recorded: &Bound<'_, PyAny>,
    ) -> PyResult<(Self, String)> {
        let recorded = engine_day(recorded, "recorded")?;
        let files: Vec<facade::File<'_>> = files.iter().map(|(name, bytes)| facade::File { name, bytes }).collect();
        let next = py.detach(|| facade::import_append(&self.inner, mapping, &files, recorded));
        let next = next.map_err(|refusal| raise(py, refusal))?;
        Ok((Self::new(next.ledger), facade::to_json(&next.report)))
    }

    /// Replays a dunning policy, JSON text, over the recorded past.
    fn simulate_dunning(
        &self,
        py: Python<'_>,
        policy: &str,
        start: &Bound<'_, PyAny>,
        end: &Bound<'_, PyAny>,
    ) -> PyResult<DunningSimulation> {
        let (from, to) = (engine_day(start, "from")?, engine_day(end, "to")?);
        let made = py.detach(|| self.inner.simulate_dunning(&facade::dunning_policy(policy)?, from, to));
        Ok(DunningSimulation { inner: made.map_err(|refusal| raise(py, refusal))? })
    }

    /// Each day's forecast beside what came, as JSON text.
    fn forecast_accuracy(
        &self,
        py: Python<'_>,
        model: &PredictionModel,
        policy: &str,
        start: &Bound<'_, PyAny>,
        end: &Bound<'_, PyAny>,
    ) -> PyResult<String> {
        let (from, to) = (engine_day(start, "from")?, engine_day(end, "to")?);
        let made = py.detach(|| {
            let policy = facade::cash_policy(policy)?;
            Ok(facade::to_json(&self.inner.forecast_accuracy(&model.inner, &policy, from, to)?))
        });
        made.map_err(|refusal| raise(py, refusal))
    }

    /// A kept forecast beside what came, as JSON text.
    fn compare_forecast(&self, py: Python<'_>, forecast: &CashForecast) -> PyResult<String> {
        let made = py.detach(|| Ok(facade::to_json(&self.inner.compare_forecast(&forecast.inner)?)));
        made.map_err(|refusal| raise(py, refusal))
    }

    /// How a model trained some days before a day would have held, as JSON text.
    #[pyo3(signature = (policy, day, days, threads, progress=None))]
    fn prediction_calibration(
        &self,
        py: Python<'_>,
        policy: &str,
        day: &Bound<'_, PyAny>,
        days: u32,
        threads: usize,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let day = engine_day(day, "day")?;
        let mut told = Told::new(progress);
        let made = py.detach(|| {
            let policy = facade::prediction_policy(policy)?;
            let tell = &mut |done, all| told.tell(done, all);
            Ok(facade::to_json(&self.inner.prediction_calibration(&policy, day, days, threads, tell)?))
        });
        told.result(py, made)
    }

    /// Compares two dunning policies over the recorded past.
    fn compare_dunning(
        &self,
        py: Python<'_>,
        policy: &str,
        other: &str,
        start: &Bound<'_, PyAny>,
        end: &Bound<'_, PyAny>,
    ) -> PyResult<DunningComparison> {
        let (from, to) = (engine_day(start, "from")?, engine_day(end, "to")?);
        let rows = py.detach(|| {
            let (a, b) = (facade::dunning_policy(policy)?, facade::dunning_policy(other)?);
            self.inner.compare_dunning(&a, &b, from, to)
        });
        Ok(DunningComparison { inner: rows.map_err(|refusal| raise(py, refusal))? })
    }

    /// Compares what was sent with what a dunning policy says.
    fn audit_dunning(
        &self,
        py: Python<'_>,
        policy: &str,
        start: &Bound<'_, PyAny>,
        end: &Bound<'_, PyAny>,
        tolerance_days: u32,
    ) -> PyResult<DunningAudit> {
        let (from, to) = (engine_day(start, "from")?, engine_day(end, "to")?);
        let rows = py.detach(|| self.inner.audit_dunning(&facade::dunning_policy(policy)?, from, to, tolerance_days));
        Ok(DunningAudit { inner: rows.map_err(|refusal| raise(py, refusal))? })
    }

    /// The last day on which a fact was recorded.
    #[getter]
    fn last_recorded(&self) -> Option<chrono::NaiveDate> {
        self.inner.last_recorded().map(facade::Day::to_naive_date)
    }

    /// How many documents there are.
    #[getter]
    fn documents(&self) -> u32 {
        self.inner.documents()
    }
}

/// What was owed on a day. `receivables.View` is its face.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct View {
    inner: facade::View,
    texts: Arc<batches::Dictionaries>,
}

#[pymethods]
impl View {
    /// The day.
    #[getter]
    fn day(&self) -> chrono::NaiveDate {
        self.inner.day().to_naive_date()
    }

    /// The day up to which facts are known.
    #[getter]
    fn known_on(&self) -> Option<chrono::NaiveDate> {
        self.inner.known_on().map(facade::Day::to_naive_date)
    }

    /// The open items as dataclasses.
    fn open_items<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.open_items()))
    }

    /// The open items as a table.
    fn open_items_table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::open_items(&self.inner.open_items())))
    }

    /// What settles on the day.
    fn matches<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.matches()))
    }

    /// Facts known and effective later.
    fn pending<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.pending()))
    }

    /// Receipts known and effective later, by account.
    fn pending_receipts<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.pending_by_account()))
    }

    /// The facts that count on the day, as JSON text.
    fn facts(&self, py: Python<'_>) -> String {
        py.detach(|| facade::to_json(&self.inner.facts()))
    }

    /// The same items on a later day.
    fn carried_to(&self, py: Python<'_>, on: &Bound<'_, PyAny>) -> PyResult<Self> {
        let on = engine_day(on, "day")?;
        let inner = self.inner.carried_to(on).map_err(|refusal| raise(py, refusal))?;
        Ok(Self { inner, texts: Arc::clone(&self.texts) })
    }

    /// Ages the open items by a policy as JSON text.
    fn aging(&self, py: Python<'_>, policy: &str, by: Vec<String>, filter: &str) -> PyResult<Aging> {
        let aged = py.detach(|| self.inner.aging(&facade::aging_policy(policy)?, &by, &facade::where_filter(filter)?));
        Ok(Aging { inner: aged.map_err(|refusal| raise(py, refusal))?, texts: Arc::clone(&self.texts) })
    }

    /// Where the ledger and the general ledger differ.
    fn reconcile<'py>(&self, py: Python<'py>, balances: Vec<Bound<'py, PyDict>>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let mut read = Vec::with_capacity(balances.len());
        for (index, row) in balances.iter().enumerate() {
            let text = |key: &str| -> PyResult<Option<String>> {
                row.get_item(key)?.filter(|value| !value.is_none()).map(|value| value.extract()).transpose()
            };
            let at = At { table: Some("balances"), index: u64::try_from(index).ok(), field: "balance" };
            let balance = row.get_item("balance")?;
            let missing = || facade::Problem::new("missing_field", "expected a value, got none");
            let Some(balance) = balance else {
                return Err(raise(py, missing().field("balance").row("balances", index).into()));
            };
            read.push(ControlBalance {
                company: text("company")?,
                control_account: text("control_account")?,
                currency: text("currency")?.unwrap_or_default(),
                balance: money(&balance, at)?,
            });
        }
        let differences = py.detach(|| self.inner.reconcile(&read));
        objects(py, differences.map_err(|refusal| raise(py, refusal))?)
    }

    /// Proposes allocations by a policy as JSON text.
    fn propose(&self, py: Python<'_>, policy: &str) -> PyResult<Proposal> {
        let proposed = py.detach(|| self.inner.propose(&facade::allocation_policy(policy)?));
        Ok(Proposal { inner: proposed.map_err(|refusal| raise(py, refusal))?, texts: Arc::clone(&self.texts) })
    }

    /// Settles by a policy as JSON text.
    fn settle(&self, py: Python<'_>, policy: &str) -> PyResult<Settlement> {
        let settled = py.detach(|| self.inner.settle(&facade::settlement_policy(policy)?));
        Ok(Settlement { inner: settled.map_err(|refusal| raise(py, refusal))? })
    }

    /// Duns by a policy as JSON text.
    fn dun(&self, py: Python<'_>, policy: &str) -> PyResult<DunningRun> {
        let made = py.detach(|| self.inner.dun(&facade::dunning_policy(policy)?));
        Ok(DunningRun { inner: made.map_err(|refusal| raise(py, refusal))?, texts: Arc::clone(&self.texts) })
    }

    /// A desk of the view's day, by a policy as JSON text.
    fn credit(&self, py: Python<'_>, policy: &str) -> PyResult<CreditDesk> {
        let made = py.detach(|| self.inner.credit(&facade::credit_policy(policy)?));
        Ok(CreditDesk { inner: made.map_err(|refusal| raise(py, refusal))? })
    }

    /// What is true here and was not in an earlier view, by a policy as JSON text: alerts and facts.
    fn credit_alerts(&self, py: Python<'_>, before: &Self, policy: &str) -> PyResult<(String, String)> {
        let told = py.detach(|| crate::credit::alerts(&self.inner, &before.inner, policy));
        told.map_err(|refusal| raise(py, refusal))
    }

    /// What all customers are exposed to, by a policy as JSON text.
    fn exposure(&self, py: Python<'_>, policy: &str, per: Option<&str>, company: Option<&str>) -> PyResult<Exposure> {
        let made = py.detach(|| {
            let per = facade::exposure_per(per)?;
            self.inner.exposure(&facade::credit_policy(policy)?, per, company)
        });
        let inner = made.map_err(|refusal| raise(py, refusal))?;
        Ok(Exposure { inner, texts: Arc::clone(&self.texts) })
    }

    /// A picture by a policy as JSON text: a Vega-Lite specification as JSON text.
    fn picture(&self, py: Python<'_>, policy: &str) -> PyResult<String> {
        let drawn = py.detach(|| Ok(self.inner.picture(&facade::picture_policy(policy)?)?.spec()));
        drawn.map_err(|refusal| raise(py, refusal))
    }

    /// What is to be provided for, by a policy and what was provided before as JSON text.
    fn provision(&self, py: Python<'_>, policy: &str, before: &str) -> PyResult<crate::provision::Provision> {
        let made = py.detach(|| crate::provision::provision(&self.inner, policy, before));
        made.map_err(|refusal| raise(py, refusal))
    }

    /// Loss rates from the ledger's own history, by a policy as JSON text.
    fn loss_rates(&self, py: Python<'_>, policy: &str) -> PyResult<String> {
        py.detach(|| crate::provision::loss_rates(&self.inner, policy)).map_err(|refusal| raise(py, refusal))
    }

    /// A matrix as of an earlier view beside what was lost since, by a policy and a question as JSON text.
    fn back_test(&self, py: Python<'_>, then: &Self, policy: &str, question: &str) -> PyResult<String> {
        let told = py.detach(|| crate::provision::back_test(&self.inner, &then.inner, policy, question));
        told.map_err(|refusal| raise(py, refusal))
    }

    /// Key figures by a policy as JSON text.
    fn kpis(&self, py: Python<'_>, policy: &str, by: Vec<String>, filter: &str) -> PyResult<Kpis> {
        let made = py.detach(|| self.inner.kpis(&facade::kpi_policy(policy)?, &by, &facade::where_filter(filter)?));
        Ok(Kpis::new(made.map_err(|refusal| raise(py, refusal))?, Arc::clone(&self.texts)))
    }

    /// What changed days sales outstanding since an earlier view, by a policy as JSON text.
    fn explain_dso(
        &self,
        py: Python<'_>,
        before: &Self,
        policy: &str,
        by: Vec<String>,
        filter: &str,
    ) -> PyResult<DsoChange> {
        let told = py.detach(|| DsoChange::between(&self.inner, &before.inner, policy, by, filter));
        told.map_err(|refusal| raise(py, refusal))
    }

    /// The facts that take allocations and differences back, as JSON text.
    fn undo(&self, py: Python<'_>, ids: Vec<String>) -> PyResult<String> {
        let facts = py.detach(|| Ok(facade::to_json(&self.inner.undo(&ids)?)));
        facts.map_err(|refusal| raise(py, refusal))
    }

    /// What open items in foreign currency are worth.
    fn revaluation(&self, py: Python<'_>) -> PyResult<Revaluation> {
        let revalued = py.detach(|| self.inner.revaluation());
        Ok(Revaluation { inner: revalued.map_err(|refusal| raise(py, refusal))? })
    }

    /// What overdue items bear, by a policy and a question as JSON text; with reasons when they are asked for.
    fn interest(&self, py: Python<'_>, policy: &str, question: &str, explained: bool) -> PyResult<Interest> {
        let reckoned = py.detach(|| {
            let (policy, question) = (facade::interest_policy(policy)?, facade::interest_question(question)?);
            if explained {
                self.inner.explain_interest(&policy, &question)
            } else {
                self.inner.interest(&policy, &question)
            }
        });
        Ok(Interest { inner: reckoned.map_err(|refusal| raise(py, refusal))? })
    }

    /// Learns how customers pay, by a policy as JSON text.
    #[pyo3(signature = (policy, threads, progress=None))]
    fn train_prediction(
        &self,
        py: Python<'_>,
        policy: &str,
        threads: usize,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PredictionModel> {
        prediction::train(py, &self.inner, policy, threads, progress)
    }

    /// When each open item will be paid, as JSON text.
    fn predict(&self, py: Python<'_>, model: &PredictionModel, ask: &str) -> PyResult<String> {
        let found = py.detach(|| {
            let ask = facade::prediction_ask(ask)?;
            Ok(facade::to_json(&self.inner.predict_asking(&model.inner, &ask)?))
        });
        found.map_err(|refusal| raise(py, refusal))
    }

    /// The cash that is expected, by a policy as JSON text.
    fn cash_forecast(
        &self,
        py: Python<'_>,
        model: &PredictionModel,
        policy: &str,
        by: Vec<String>,
        filter: &str,
    ) -> PyResult<CashForecast> {
        let made = py.detach(|| {
            let (policy, filter) = (facade::cash_policy(policy)?, facade::where_filter(filter)?);
            self.inner.cash_forecast(&model.inner, &policy, &by, &filter)
        });
        Ok(CashForecast { inner: made.map_err(|refusal| raise(py, refusal))? })
    }

    /// What is at risk and when to call, as JSON text.
    fn cash_at_risk(&self, py: Python<'_>, model: &PredictionModel, policy: &str) -> PyResult<String> {
        let found = py.detach(|| {
            let policy = facade::cash_policy(policy)?;
            Ok(facade::to_json(&self.inner.cash_at_risk(&model.inner, &policy)?))
        });
        found.map_err(|refusal| raise(py, refusal))
    }

    /// Whether customers pay otherwise since a model was trained, as JSON text.
    fn prediction_drift(&self, py: Python<'_>, model: &PredictionModel) -> PyResult<String> {
        let found = py.detach(|| Ok(facade::to_json(&self.inner.prediction_drift(&model.inner)?)));
        found.map_err(|refusal| raise(py, refusal))
    }
}

/// An aging. `receivables.Aging` is its face.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct Aging {
    inner: facade::AgingReport,
    texts: Arc<batches::Dictionaries>,
}

#[pymethods]
impl Aging {
    /// The keys of the groups, without the currency.
    #[getter]
    fn by(&self) -> Vec<String> {
        self.inner.by().to_vec()
    }

    /// The policy and the engine that made it.
    #[getter]
    fn made_by<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.inner.made_by().object(py)
    }

    /// The labels of the buckets.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.inner.labels()
    }

    /// The labels of the policy's columns.
    #[getter]
    fn column_labels(&self) -> Option<Vec<String>> {
        self.inner.column_labels()
    }

    /// The groups.
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.rows()))
    }

    /// The totals by currency.
    fn totals<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.totals()))
    }

    /// Every item with its bucket and rule.
    fn items<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.items()))
    }

    /// The items asked for.
    #[pyo3(signature = (customer=None, document=None, instalment=None, bucket=None))]
    fn explain<'py>(
        &self,
        py: Python<'py>,
        customer: Option<String>,
        document: Option<String>,
        instalment: Option<u32>,
        bucket: Option<String>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let question = AgingQuestion { customer, document, instalment, bucket };
        objects(py, py.detach(|| self.inner.explain(&question)))
    }

    /// The items asked for, as a table.
    #[pyo3(signature = (customer=None, document=None, instalment=None, bucket=None))]
    fn explain_table(
        &self,
        py: Python<'_>,
        customer: Option<String>,
        document: Option<String>,
        instalment: Option<u32>,
        bucket: Option<String>,
    ) -> PyResult<Table> {
        let question = AgingQuestion { customer, document, instalment, bucket };
        table(py, py.detach(|| batches::aging_items(&self.inner.explain(&question))))
    }

    /// The cells that hold something, as a table.
    fn cells(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::aging_cells(&self.inner, &self.texts)))
    }

    /// The groups as a table.
    fn rows_table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::aging_rows(&self.inner, &self.inner.rows())))
    }

    /// The totals as a table.
    fn totals_table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::aging_rows(&self.inner, &self.inner.totals())))
    }

    /// The items as a table.
    fn items_table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::aging_items(&self.inner.items())))
    }
}

/// Proposed allocations. `receivables.Proposal` is its face.
#[pyclass(frozen, module = "receivables._native")]
pub(crate) struct Proposal {
    inner: facade::Proposal,
    texts: Arc<batches::Dictionaries>,
}

#[pymethods]
impl Proposal {
    /// The policy and the engine that made it.
    #[getter]
    fn made_by<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.inner.made_by().object(py)
    }

    /// The lines.
    fn lines<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.lines()))
    }

    /// What stays on account.
    fn unapplied<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        objects(py, py.detach(|| self.inner.unapplied()))
    }

    /// The lines and unapplied credits about a credit or debit.
    #[pyo3(signature = (credit=None, debit=None))]
    #[expect(clippy::type_complexity, reason = "a pair of lists of objects")]
    fn explain<'py>(
        &self,
        py: Python<'py>,
        credit: Option<&str>,
        debit: Option<&str>,
    ) -> PyResult<(Vec<Bound<'py, PyAny>>, Vec<Bound<'py, PyAny>>)> {
        let about = py.detach(|| self.inner.explain(credit, debit));
        Ok((objects(py, about.lines)?, objects(py, about.unapplied)?))
    }

    /// The lines without their operands, straight from the engine's columns.
    fn table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::proposal_table(&self.inner, &self.texts)))
    }

    /// The lines as a table.
    fn lines_table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::proposal_lines(&self.inner.lines())))
    }

    /// What stays on account as a table.
    fn unapplied_table(&self, py: Python<'_>) -> PyResult<Table> {
        table(py, py.detach(|| batches::unapplied(&self.inner.unapplied())))
    }

    /// The allocations to append, as rows of `allocations`.
    fn facts<'py>(&self, py: Python<'py>, id_prefix: &str) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let facts = py.detach(|| self.inner.facts(id_prefix));
        let row = |allocation: facade::Allocation| -> PyResult<Bound<'py, PyDict>> {
            let dict = PyDict::new(py);
            dict.set_item("id", allocation.id)?;
            dict.set_item("credit", allocation.credit)?;
            dict.set_item("debit", allocation.debit)?;
            dict.set_item("amount", crate::values::to_decimal(py, allocation.amount)?)?;
            dict.set_item("instalment", allocation.instalment)?;
            dict.set_item("effective", allocation.effective)?;
            Ok(dict)
        };
        facts.allocations.into_iter().map(row).collect()
    }
}
