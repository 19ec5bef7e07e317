//! One case, step by step: each verb builds the library's own types, calls it, and renders what it says.

use ar_core::aging::{age, reconcile};
use ar_core::allocation::propose;
use ar_core::facade::{
    AgingPolicy, AgingQuestion, AgingReport, AllocationPolicy, CashForecast, ControlBalance, DunningRun, Ledger,
    Problem, Proposal, Refused, Settings, Settlement, SettlementPolicy, View, Where, aging_policy, alert_facts,
    allocation_policy, picture_policy, settings, settlement_edits, settlement_policy,
};
use ar_core::money::Currencies;
use serde_json::{Value, json};

use crate::facts::{Front, with_tables};
use crate::{answer, charges, credit, dunned, kpi, letters, list, predicted, provided, settled, text, values};

/// What a case has come to: the ledger so far, and the last proposal.
pub(crate) struct Engine {
    front: Front,
    settings: Value,
    ledger: Result<Ledger, Refused>,
    proposal: Option<Proposal>,
    settlement: Option<Settlement>,
    dunning: Option<DunningRun>,
    forecast: Option<CashForecast>,
}

impl Engine {
    pub(crate) fn new(front: Front, case: &Value) -> Self {
        let settings = case.get("settings").cloned().unwrap_or_else(|| json!({}));
        let ledger = Ledger::load(Settings::default(), &ar_core::facade::Tables::default());
        Self { front, settings, ledger, proposal: None, settlement: None, dunning: None, forecast: None }
    }

    /// The answer of a step, or `{"error": …}`.
    pub(crate) fn step(&mut self, step: &Value) -> Value {
        self.answer(step).unwrap_or_else(|error| answer::refused(&error))
    }

    fn answer(&mut self, step: &Value) -> Result<Value, Refused> {
        match text(step, "do") {
            "load" => self.load(step),
            "append" => self.append(step),
            "open_items" => Ok(answer::open_items(&self.view(step)?.open_items())),
            "pending" => Ok(answer::pending(&self.view(step)?)),
            "matches" => Ok(answer::matches(&self.view(step)?.matches())),
            "aging" => Ok(answer::aging(&self.aged(step)?)),
            "aging_items" => Ok(answer::aging_items(&self.aged(step)?.items())),
            "explain_aging" => Ok(answer::aging_items(&self.aged(step)?.explain(&question(step)))),
            "reconcile" => self.reconcile(step),
            "propose" => self.propose(step),
            "explain_proposal" => self.explain_proposal(step),
            "post" => self.post(step),
            "settle" => self.settle(step),
            "settle_without" => self.settle_without(step),
            "settle_edit" => self.settle_edit(step),
            "post_settlement" => self.post_settlement(step),
            "undo" => self.undo(step),
            "dun" => self.dun(step),
            "dun_without" => self.dun_without(step),
            "post_dunning" => self.post_dunning(step),
            "simulate_dunning" => dunned::simulated(&self.ledger.clone()?, step),
            "compare_dunning" => dunned::compared(&self.ledger.clone()?, step),
            "audit_dunning" => dunned::audited(&self.ledger.clone()?, step),
            "lint_dunning" => dunned::linted(step),
            "predict" => predicted::predicted(&self.ledger.clone()?, &self.view(step)?, step),
            "cash_forecast" => {
                let made = predicted::forecast(&self.ledger.clone()?, &self.view(step)?, step)?;
                Ok(predicted::cash(self.forecast.insert(made)))
            }
            "cash_at_risk" => predicted::at_risk(&self.ledger.clone()?, &self.view(step)?, step),
            "forecast_accuracy" => predicted::accuracy(&self.ledger.clone()?, step),
            "compare_forecast" => predicted::compared(&self.ledger.clone()?, self.forecast.as_ref()),
            "prediction_drift" => predicted::drift(&self.ledger.clone()?, &self.view(step)?, step),
            "prediction_calibration" => predicted::calibration(&self.ledger.clone()?, step),
            "exposure" => credit::exposure(&self.view(step)?, step),
            "credit_alerts" => self.credit_alerts(step),
            "propose_limit" => credit::proposed(&self.view(step)?, step),
            "credit_check" => {
                let desk = self.ledger.clone()?.credit(
                    &credit::policy(step)?,
                    values::day_of(step, "as_of")?,
                    step.get("known_on").map(|_| values::day_of(step, "known_on")).transpose()?,
                )?;
                credit::check(&self.view(step)?, &desk, step)
            }
            "picture" => {
                let policy = step.get("policy").cloned().unwrap_or_else(|| json!({})).to_string();
                answer::picture(&self.view(step)?.picture(&picture_policy(&policy)?)?)
            }
            "kpis" => kpi::figures(&self.view(step)?, step),
            "kpi_registry" => Ok(kpi::registry()),
            "explain_dso" => kpi::change(&self.view(step)?, &self.view_on(step, "before", "before_known_on")?, step),
            "provision" => provided::provision(&self.view(step)?, step),
            "explain_provision" => provided::explained(&self.view(step)?, step),
            "loss_rates" => provided::loss_rates(&self.view(step)?, step),
            "back_test" => {
                provided::back_tested(&self.view(step)?, &self.view_on(step, "then", "then_known_on")?, step)
            }
            "revaluation" => Ok(settled::revaluation(&self.view(step)?.revaluation()?)),
            "interest" => {
                Ok(charges::report(&self.view(step)?.interest(&charges::policy(step)?, &charges::question(step)?)?))
            }
            "explain_interest" => {
                let (policy, question) = (charges::policy(step)?, charges::question(step)?);
                Ok(charges::report(&self.view(step)?.explain_interest(&policy, &question)?))
            }
            "debt_interest" => charges::debt(&self.settings, step),
            "money" => values::money(&self.currencies(), step),
            "split" => values::split(&self.currencies(), step),
            "due_dates" => values::due_dates(&self.settings, &self.currencies(), step),
            "explain_due_dates" => values::explain_due_dates(&self.settings, &self.currencies(), step),
            "day_count" => values::day_count(step),
            "discount_rates" => values::discount_rates(step),
            "business_day" => values::business_day(step),
            "import" => values::import(step),
            "creditor_reference" => letters::creditor_reference(step),
            "check_creditor_reference" => letters::check_creditor_reference(step),
            "local_money" => letters::local_money(&self.currencies(), step),
            "local_date" => letters::local_date(step),
            "letter" => letters::letter(step),
            "notice_letters" => letters::of_run(self.last_run()?, step),
            other => Err(Refused::one("harness", format!("no verb {other}"))),
        }
    }

    fn load(&mut self, step: &Value) -> Result<Value, Refused> {
        let settings = settings(&self.settings.to_string())?;
        let currencies = self.currencies();
        let digits = |code: &str| currencies.find(code).ok().map(|currency| currency.exponent);
        let loaded = with_tables(self.front, step, &digits, |tables| Ledger::load(settings, tables));
        self.ledger = loaded;
        self.ledger.clone().map(|_| json!({}))
    }

    fn append(&mut self, step: &Value) -> Result<Value, Refused> {
        let recorded = values::day_of(step, "recorded")?;
        let ledger = self.ledger.clone()?;
        let currencies = self.currencies();
        let digits = |code: &str| currencies.find(code).ok().map(|currency| currency.exponent);
        self.ledger = Ok(with_tables(self.front, step, &digits, |tables| ledger.append(tables, recorded))?);
        Ok(json!({}))
    }

    /// The currencies of the settings; ISO's alone where the settings are refused.
    fn currencies(&self) -> Currencies {
        let own: Vec<(String, u8)> =
            self.settings.get("currencies").and_then(Value::as_object).map_or_else(Vec::new, |own| {
                own.iter()
                    .map(|(code, digits)| {
                        (code.clone(), digits.as_u64().and_then(|n| u8::try_from(n).ok()).unwrap_or(0))
                    })
                    .collect()
            });
        Currencies::iso().with_own(&own).unwrap_or_else(|_| Currencies::iso())
    }

    fn view(&self, step: &Value) -> Result<View, Refused> {
        self.view_on(step, "as_of", "known_on")
    }

    /// The view of the days that a step gives by these names.
    fn view_on(&self, step: &Value, day: &str, known_on: &str) -> Result<View, Refused> {
        let (ledger, day) = (self.ledger.clone()?, values::day_of(step, day)?);
        match step.get(known_on).and_then(Value::as_str) {
            None => Ok(ledger.as_of(day)),
            Some(_) => Ok(ledger.as_of_known(day, values::day_of(step, known_on)?)),
        }
    }

    fn aged(&self, step: &Value) -> Result<AgingReport, Refused> {
        let policy: AgingPolicy = match step.get("profile").and_then(Value::as_str) {
            Some(name) => values::profile("aging", name, aging_policy)?,
            None => aging_policy(&step.get("policy").cloned().unwrap_or_else(|| json!({})).to_string())?,
        };
        let by: Vec<String> = list(step, "by").iter().filter_map(|key| key.as_str().map(str::to_owned)).collect();
        let filter: Where = serde_json::from_value(step.get("where").cloned().unwrap_or_else(|| json!({})))
            .map_err(|error| Refused::one("policy_invalid", error.to_string()))?;
        age(&self.view(step)?, &policy, &by, &filter)
    }

    fn reconcile(&self, step: &Value) -> Result<Value, Refused> {
        let mut balances = Vec::new();
        for (index, row) in list(step, "balances").iter().enumerate() {
            // A decimal that the type does not hold is refused where it is read.
            let wrong = |error: serde_json::Error| {
                Refused::from(Problem::new("not_a_number", error.to_string()).field("balance").row("balances", index))
            };
            balances.push(serde_json::from_value::<ControlBalance>(row.clone()).map_err(wrong)?);
        }
        let differences = reconcile(&self.view(step)?, &balances)?;
        let row = |place: &ar_core::facade::Difference| {
            json!({
                "company": place.company, "control_account": place.control_account, "currency": place.currency,
                "ledger": place.ledger.to_string(), "control": place.control.to_string(),
                "difference": place.difference.to_string(),
            })
        };
        Ok(json!({ "differences": differences.iter().map(row).collect::<Vec<_>>() }))
    }

    fn propose(&mut self, step: &Value) -> Result<Value, Refused> {
        let policy: AllocationPolicy = match (step.get("profile").and_then(Value::as_str), step.get("policy")) {
            (Some(name), _) => values::profile("allocation", name, allocation_policy)?,
            (None, Some(policy)) => allocation_policy(&policy.to_string())?,
            (None, None) => AllocationPolicy::default(),
        };
        let made = propose(&self.view(step)?, &policy)?;
        let said = answer::proposal(&made, None, None);
        self.proposal = Some(made);
        Ok(said)
    }

    fn settle(&mut self, step: &Value) -> Result<Value, Refused> {
        let policy = match (step.get("profile").and_then(Value::as_str), step.get("policy")) {
            (Some(name), _) => values::profile("settlement", name, settlement_policy)?,
            (None, Some(policy)) => settlement_policy(&policy.to_string())?,
            (None, None) => SettlementPolicy::default(),
        };
        let made = self.view(step)?.settle(&policy)?;
        let said = settled::settlement(&made);
        self.settlement = Some(made);
        Ok(said)
    }

    fn last_settlement(&self) -> Result<&Settlement, Refused> {
        self.settlement.as_ref().ok_or_else(|| Refused::one("harness", "no settlement yet"))
    }

    fn settle_without(&mut self, step: &Value) -> Result<Value, Refused> {
        let numbers = step.get("lines").and_then(Value::as_array).cloned().unwrap_or_default();
        let lines: Vec<usize> =
            numbers.iter().filter_map(|line| line.as_u64().and_then(|line| usize::try_from(line).ok())).collect();
        let made = self.last_settlement()?.without(&lines)?;
        let said = settled::settlement(&made);
        self.settlement = Some(made);
        Ok(said)
    }

    fn settle_edit(&mut self, step: &Value) -> Result<Value, Refused> {
        let edits = settlement_edits(&Value::Array(list(step, "edits").to_vec()).to_string())?;
        let made = self.last_settlement()?.edit(&edits)?;
        let said = settled::settlement(&made);
        self.settlement = Some(made);
        Ok(said)
    }

    fn post_settlement(&mut self, step: &Value) -> Result<Value, Refused> {
        let facts = self.last_settlement()?.facts(text(step, "id_prefix"));
        let ledger = self.ledger.clone()?.append(&facts.tables(), values::day_of(step, "recorded")?)?;
        self.ledger = Ok(ledger);
        Ok(settled::settlement_facts(&facts))
    }

    fn undo(&mut self, step: &Value) -> Result<Value, Refused> {
        let ids: Vec<String> = list(step, "ids").iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let facts = self.view(step)?.undo(&ids)?;
        if step.get("recorded").is_some_and(|day| !day.is_null()) {
            self.ledger = Ok(self.ledger.clone()?.append(&facts.tables(), values::day_of(step, "recorded")?)?);
        }
        Ok(settled::undone(&facts))
    }

    fn dun(&mut self, step: &Value) -> Result<Value, Refused> {
        let made = self.view(step)?.dun(&dunned::policy(step, "profile", "policy")?)?;
        let said = dunned::run(&made)?;
        self.dunning = Some(made);
        Ok(said)
    }

    fn credit_alerts(&mut self, step: &Value) -> Result<Value, Refused> {
        let ledger = self.ledger.clone()?;
        let (now, before) = (self.view(step)?, self.view_on(step, "before", "before_known_on")?);
        let alerts = credit::alerts(&now, &before, step)?;
        if step.get("recorded").is_some() {
            let facts = alert_facts(&alerts, now.day());
            self.ledger = Ok(ledger.append(&facts.tables(), values::day_of(step, "recorded")?)?);
        }
        Ok(json!({ "alerts": alerts }))
    }

    fn last_run(&self) -> Result<&DunningRun, Refused> {
        self.dunning.as_ref().ok_or_else(|| Refused::one("harness", "no run yet"))
    }

    fn dun_without(&mut self, step: &Value) -> Result<Value, Refused> {
        let made = self.last_run()?.without(&dunned::left_out(step))?;
        let said = dunned::run(&made)?;
        self.dunning = Some(made);
        Ok(said)
    }

    fn post_dunning(&mut self, step: &Value) -> Result<Value, Refused> {
        let facts = self.last_run()?.facts(dunned::prefix(step))?;
        if step.get("recorded").is_some_and(|day| !day.is_null()) {
            self.ledger = Ok(self.ledger.clone()?.append(&facts.tables(), values::day_of(step, "recorded")?)?);
        }
        Ok(dunned::facts(&facts))
    }

    fn last_proposal(&self) -> Result<&Proposal, Refused> {
        self.proposal.as_ref().ok_or_else(|| Refused::one("harness", "no proposal yet"))
    }

    fn explain_proposal(&self, step: &Value) -> Result<Value, Refused> {
        let of = |key| step.get(key).and_then(Value::as_str);
        Ok(answer::proposal(self.last_proposal()?, of("credit"), of("debit")))
    }

    fn post(&mut self, step: &Value) -> Result<Value, Refused> {
        let facts = self.last_proposal()?.facts(text(step, "id_prefix"));
        let ledger = self.ledger.clone()?.append(&facts.tables(), values::day_of(step, "recorded")?)?;
        self.ledger = Ok(ledger);
        let rows: Vec<Value> = facts
            .allocations
            .iter()
            .map(|row| {
                json!({
                    "id": row.id, "credit": row.credit, "debit": row.debit, "amount": row.amount.to_string(),
                    "instalment": row.instalment, "effective": row.effective.map(|day| day.to_string()),
                })
            })
            .collect();
        Ok(json!({ "allocations": rows }))
    }
}

fn question(step: &Value) -> AgingQuestion {
    let of = |key| step.get(key).and_then(Value::as_str).map(str::to_owned);
    AgingQuestion {
        customer: of("customer"),
        document: of("document"),
        instalment: step.get("instalment").and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok()),
        bucket: of("bucket"),
    }
}
